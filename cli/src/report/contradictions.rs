//! What is to be said of premises that contradict each other: which they are, where they stand, and a case that
//! shows it.

use lang::diag::{Code, Diagnostic};
use vcgen::decompose::Decomposition;
use vcgen::obligation::{VacuityCheck, VacuitySubject};

use super::listed;
use crate::driver::Proof;
use crate::vacuity::contradiction::{Contradiction, Part, Role};
use crate::verdict::VacuityVerdict;

/// For each vacuity check, what is to be told of it, if that is not told already: each contradiction once.
pub fn by_check(decomposition: &Decomposition, proof: &Proof) -> Vec<Option<Diagnostic>> {
    let checks = decomposition.tree.vacuity.iter().zip(&proof.verdicts.vacuity);
    let are_assumptions_contradictory = checks.clone().any(|(check, verdict)| {
        check.subject == VacuitySubject::Assumptions
            && matches!(verdict, VacuityVerdict::Contradictory { .. })
    });
    let mut told: Vec<Option<Diagnostic>> = Vec::new();
    for (check, verdict) in checks {
        let finding = match verdict {
            VacuityVerdict::NoneFound | VacuityVerdict::NotSelected => None,
            VacuityVerdict::NotChecked(why) => Some(unchecked(decomposition, check, why)),
            VacuityVerdict::Contradictory { core } => match proof.contradictions.get(&check.obligation) {
                Some(contradiction) => {
                    let is_of_assumptions = are_assumptions_contradictory
                        && check.subject != VacuitySubject::Assumptions
                        && contradiction.parts.iter().all(|part| part.role == Role::Fact);
                    (!is_of_assumptions).then(|| explained(check, contradiction))
                }
                None => Some(unexplained(decomposition, check, core)),
            },
        };
        let is_same = |other: &Diagnostic, finding: &Diagnostic| {
            (other.code, &other.primary, &other.secondary)
                == (finding.code, &finding.primary, &finding.secondary)
        };
        let finding = finding.filter(|finding| !told.iter().flatten().any(|other| is_same(other, finding)));
        told.push(finding);
    }
    told
}

fn explained(check: &VacuityCheck, contradiction: &Contradiction) -> Diagnostic {
    let names = names(&contradiction.parts);
    let are_involved = |role: Role| contradiction.parts.iter().any(|part| part.role == role);
    let (code, message, help) = match &check.subject {
        VacuitySubject::Assumptions => {
            (Code("contradiction"), contradictory(&names), "weaken or repair one of them".to_owned())
        }
        _ if !are_involved(Role::Condition) && !names.is_empty() => {
            let message = format!("no state satisfies the invariant: {}", contradictory(&names));
            (Code("contradiction"), message, "weaken or repair one of them".to_owned())
        }
        VacuitySubject::Initial { theorem } => {
            let message =
                format!("`{theorem}` is about no behaviour, as no state is initial: {}", conditions(&names));
            (Code("no-initial-state"), message, "repair one of the conditions".to_owned())
        }
        VacuitySubject::Action { theorem: _, branch } => {
            let message = format!("`{branch}` can never happen: {}", conditions(&names));
            let help = if are_involved(Role::Conjunct) {
                "ask whether the condition or the invariant is the mistake".to_owned()
            } else {
                "repair one of the conditions, or remove the action".to_owned()
            };
            (Code("dead-action"), message, help)
        }
    };
    let mut parts = contradiction.parts.iter();
    let first = parts.next();
    let span = first.map_or(check.span, |part| part.span);
    let label = match (&contradiction.instance, first) {
        (Some(instance), _) => instance.to_string(),
        (None, Some(part)) => label(part),
        (None, None) => "this".to_owned(),
    };
    let mut finding = Diagnostic::error(code, message, span, label);
    for part in parts {
        finding = finding.because(part.span, label_of_other(part));
    }
    if !contradiction.is_minimal {
        finding = finding.note("fewer of these may do: there was no time to try");
    }
    if check.subject == VacuitySubject::Assumptions {
        finding = finding.note("anything follows from these, so no theorem of the module counts as proved");
    }
    finding.help(case_help(contradiction).unwrap_or(help))
}

/// What to do about an instance that goes wrong.
fn case_help(contradiction: &Contradiction) -> Option<String> {
    let instance = contradiction.instance.as_ref().filter(|instance| instance.is_false)?;
    let of_set = |wanted: &[&str]| {
        instance.values.iter().find(|(_, value)| wanted.contains(&value.as_str())).map(|(name, _)| name)
    };
    if let Some(name) = of_set(&["{}"]) {
        return Some(format!("demand that `{name}` is not empty: `{name} # {{}} => ...`"));
    }
    let name = of_set(&["Nat", "Int"])?;
    Some(format!("demand that `{name}` is finite, or has a bound: `IsFiniteSet({name}) => ...`"))
}

fn contradictory(names: &[String]) -> String {
    match names {
        [] => "the premises contradict each other".to_owned(),
        [one] => format!("`{one}` contradicts itself"),
        _ => format!("{} contradict each other", listed(names)),
    }
}

fn conditions(names: &[String]) -> String {
    if names.is_empty() {
        "its conditions contradict each other".to_owned()
    } else {
        format!("its conditions contradict {}", listed(names))
    }
}

fn names(parts: &[Part]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for name in parts.iter().filter_map(|part| part.name.as_ref()) {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    names
}

fn label(part: &Part) -> String {
    match part.role {
        Role::Condition => "this condition".to_owned(),
        Role::Conjunct | Role::Fact => "this cannot hold".to_owned(),
    }
}

fn label_of_other(part: &Part) -> String {
    match (part.role, &part.name) {
        (Role::Condition, _) | (_, None) => "and this condition".to_owned(),
        (Role::Conjunct | Role::Fact, Some(name)) => format!("together with this, of `{name}`"),
    }
}

fn unexplained(decomposition: &Decomposition, check: &VacuityCheck, core: &[String]) -> Diagnostic {
    let id = &decomposition.tree.obligations[check.obligation].id;
    let message = format!("`{id}`: {} contradict each other", subject_text(&check.subject));
    Diagnostic::error(Code("contradiction"), message, check.span, "anything follows from these")
        .note(format!("the contradiction follows from {}", listed(core)))
        .help("weaken or repair one of them")
}

fn unchecked(decomposition: &Decomposition, check: &VacuityCheck, why: &str) -> Diagnostic {
    let id = &decomposition.tree.obligations[check.obligation].id;
    let message =
        format!("`{id}`: nobody knows whether {} contradict each other", subject_text(&check.subject));
    Diagnostic::error(Code("vacuity-unchecked"), message, check.span, why)
}

/// What a vacuity check looks at, in words, as a plural.
pub fn subject_text(subject: &VacuitySubject) -> String {
    match subject {
        VacuitySubject::Assumptions => "the assumptions".to_owned(),
        VacuitySubject::Action { theorem, branch } => {
            format!("the invariants of `{theorem}` and the guard of `{branch}`")
        }
        VacuitySubject::Initial { theorem } => format!("the initial conditions of `{theorem}`"),
    }
}
