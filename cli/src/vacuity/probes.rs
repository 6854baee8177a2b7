//! Probes put to the solver, and what is to be said where the answer is yes.
//!
//! Soundness: a finding rests on an unsat for just what it names; an answer of no is never more than "none
//! found". Probes have a budget of their own, so that none of them holds up the others.

use std::collections::BTreeSet;

use lang::diag::{Code, Diagnostic};
use solver::discharge::Job;
use vcgen::decompose::probes::{Probe, Subject, Surrounding, probes};
use vcgen::obligation::{Hypothesis, Obligation, Source};
use vcgen::program::Program;

use super::solve::{Sufficient, holds, shrink};
use super::{Answer, Kind, Row, conjunct_name, not_found, row};
use crate::attempt::{Attempt, Finding, Solving, of_result};
use crate::driver::Run;
use crate::report::listed;
use crate::select::Selection;

/// Resource units of a stage of a probe, if nothing else is asked for.
const BUDGET: u32 = 1_000_000;

/// All probes of a run's module that are selected.
pub fn rows(run: &Run, selection: &Selection, solving: &Solving<'_>) -> Vec<Row> {
    let Some(decomposition) = &run.front.decomposition else {
        return Vec::new();
    };
    let program = &decomposition.program;
    let mut found = probes(program);
    found.retain(|probe| selection.selects(&probe.obligation.id, Some(&probe.theorem)));
    // What says nothing is told as that, and not as what follows from the others.
    found.sort_by_key(|probe| matches!(probe.subject, Subject::Redundant));
    let attempts = attempts(program, &found, solving);
    let mut idle: BTreeSet<(&str, &str)> = BTreeSet::new();
    let mut rows: Vec<Row> = Vec::new();
    for (probe, attempt) in found.iter().zip(&attempts) {
        let answer = match &attempt.finding {
            Finding::Proved { .. } if idle.contains(&(probe.theorem.as_str(), probe.part.as_str())) => {
                Some((Kind::Redundant, Answer::FoundAlready))
            }
            Finding::Proved { .. } => {
                if let Subject::Surroundings { parts: _, of } = &probe.subject {
                    idle.extend(of.iter().map(|name| (probe.theorem.as_str(), name.as_str())));
                }
                told(program, probe, solving, &rows)
            }
            Finding::PossibleCounterexample { .. } | Finding::Unknown(_) | Finding::Failed(_) => {
                Some((kind(probe), not_found(&attempt.finding)))
            }
        };
        if let Some((kind, answer)) = answer {
            let row = row(kind, probe.obligation.id.clone(), answer, Some(attempt));
            rows.push(Row { witness: probe.witness.clone(), question: probe.question.clone(), ..row });
        }
    }
    rows
}

/// What came of each probe.
fn attempts(program: &Program, probes: &[Probe], solving: &Solving<'_>) -> Vec<Attempt> {
    let open = probes.iter().filter(|probe| probe.obligation.closed.is_none());
    let jobs: Vec<Job> = open
        .map(|probe| {
            let mut vc = vcgen::lower::lower(program, &probe.obligation);
            for stage in &mut vc.stages {
                stage.rlimit = solving.rlimit.unwrap_or(BUDGET);
            }
            Job::new(&probe.obligation.id, vc)
        })
        .collect();
    let mut results = jobs.iter().zip(solving.discharge(&jobs));
    probes
        .iter()
        .filter_map(|probe| match &probe.obligation.closed {
            Some(closed) => Some(Attempt::closed(closed)),
            None => results.next().map(|(job, result)| of_result(&job.vc, result)),
        })
        .collect()
}

fn kind(probe: &Probe) -> Kind {
    match &probe.subject {
        Subject::Redundant => Kind::Redundant,
        Subject::Alternative => Kind::Disjunct,
        Subject::Surroundings { parts, of: _ } => match parts.last() {
            Some(part) if part.is_domain => Kind::Domain,
            Some(_) | None => Kind::Antecedent,
        },
    }
}

/// What is to be said of a probe that is answered with yes; nothing if `rows` say it already.
fn told(program: &Program, probe: &Probe, solving: &Solving<'_>, rows: &[Row]) -> Option<(Kind, Answer)> {
    let (kind, finding) = match &probe.subject {
        Subject::Redundant => (Kind::Redundant, redundant(program, probe, solving)),
        Subject::Alternative => (Kind::Disjunct, alternative(program, probe, solving)),
        Subject::Surroundings { parts, of: _ } => {
            let (part, obligation) = outermost(program, &probe.obligation, parts, solving)?;
            let kind = if part.is_domain { Kind::Domain } else { Kind::Antecedent };
            (kind, surrounding(program, probe, part, &obligation, solving))
        }
    };
    let is_told = rows.iter().any(|row| match &row.answer {
        Answer::Found(other) => (other.code, &other.primary) == (finding.code, &finding.primary),
        Answer::Witnessed
        | Answer::Fine
        | Answer::NoneFound
        | Answer::FoundAlready
        | Answer::Unsettled(_) => false,
    });
    Some((kind, if is_told { Answer::FoundAlready } else { Answer::Found(Box::new(finding)) }))
}

fn redundant(program: &Program, probe: &Probe, solving: &Solving<'_>) -> Diagnostic {
    let reasons = reasons(program, &probe.obligation, solving, |hypothesis| !is_definition(hypothesis));
    let names = names(program, &probe.theorem, &reasons);
    let part = conjunct_name(&probe.theorem, &probe.part);
    let message = if names.is_empty() {
        format!("conjunct `{part}` is always true")
    } else {
        format!("conjunct `{part}` follows from {}", listed(&names))
    };
    let finding = Diagnostic::error(Code("redundant-conjunct"), message, probe.span, "this adds nothing");
    because(finding, probe, &reasons)
        .warning()
        .help("leave it out, or state it as a lemma that follows from the invariant")
}

fn alternative(program: &Program, probe: &Probe, solving: &Solving<'_>) -> Diagnostic {
    let reasons = reasons(program, &probe.obligation, solving, |hypothesis| !is_definition(hypothesis));
    let names = names(program, &probe.theorem, &reasons);
    let why = if names.is_empty() {
        "it contradicts the other conditions".to_owned()
    } else {
        format!("it contradicts {}", listed(&names))
    };
    let message = format!("an alternative in the condition of `{}` is never taken: {why}", probe.part);
    let finding = Diagnostic::error(Code("dead-alternative"), message, probe.span, "this is never true here");
    because(finding, probe, &reasons).warning().help("leave it out, or repair what it contradicts")
}

fn surrounding(
    program: &Program,
    probe: &Probe,
    part: &Surrounding,
    obligation: &Obligation,
    solving: &Solving<'_>,
) -> Diagnostic {
    let reasons = reasons(program, obligation, solving, |hypothesis| !is_definition(hypothesis));
    let names = names(program, &probe.theorem, &reasons);
    let why = if names.is_empty() { String::new() } else { format!(", says {}", listed(&names)) };
    let said = conjunct_name(&probe.theorem, &probe.part);
    let (code, message, label, help) = if part.is_domain {
        (
            Code("empty-domain"),
            format!("`{said}` speaks of the members of an empty set{why}"),
            "this is always empty",
            "repair the set, or leave the conjunct out: it says nothing",
        )
    } else {
        (
            Code("dead-antecedent"),
            format!("`{said}` has a premise that is never true{why}"),
            "this is never true here",
            "repair the premise, or leave the conjunct out: it says nothing",
        )
    };
    let finding = Diagnostic::error(code, message, part.span, label);
    because(finding, probe, &reasons).warning().help(help)
}

/// The first of the surroundings that, with those further out, contradicts what is known; and the obligation
/// that says so.
fn outermost<'p>(
    program: &Program,
    obligation: &Obligation,
    parts: &'p [Surrounding],
    solving: &Solving<'_>,
) -> Option<(&'p Surrounding, Obligation)> {
    for (position, part) in parts.iter().enumerate() {
        let further_in: Vec<&String> = parts[position + 1..].iter().flat_map(|part| &part.labels).collect();
        let mut less = obligation.clone();
        less.hypotheses.retain(|hypothesis| !further_in.contains(&&hypothesis.label));
        if further_in.is_empty() || holds(program, &less, solving) {
            return Some((part, less));
        }
    }
    None
}

/// The hypotheses that suffice, a smallest set of them, without those that are not `named`.
fn reasons(
    program: &Program,
    obligation: &Obligation,
    solving: &Solving<'_>,
    is_removable: impl Fn(&Hypothesis) -> bool,
) -> Vec<Hypothesis> {
    if obligation.closed.is_some() {
        return Vec::new();
    }
    let removable: Vec<bool> = obligation.hypotheses.iter().map(is_removable).collect();
    match shrink(program, obligation, &removable, solving) {
        Some(Sufficient { positions, is_minimal: _ }) => {
            positions.into_iter().map(|position| obligation.hypotheses[position].clone()).collect()
        }
        None => Vec::new(),
    }
}

fn is_definition(hypothesis: &Hypothesis) -> bool {
    matches!(hypothesis.sources.as_slice(), [Source::Definition(_), ..])
}

/// Whether a hypothesis is a condition of the probe itself.
fn is_own(hypothesis: &Hypothesis) -> bool {
    let is_numbered = |prefix: &str| {
        hypothesis
            .label
            .strip_prefix(prefix)
            .is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()))
    };
    hypothesis.sources.is_empty() && (is_numbered("around.") || is_numbered("condition."))
}

/// The names of facts and conjuncts.
fn names(program: &Program, theorem: &str, reasons: &[Hypothesis]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for reason in reasons.iter().filter(|reason| !is_own(reason) && !is_definition(reason)) {
        let name = match reason.sources.first() {
            Some(Source::Fact(fact_idx)) if !reason.label.contains('.') => {
                program.module.facts[*fact_idx].name.clone()
            }
            Some(_) => reason.label.clone(),
            None => conjunct_name(theorem, &reason.label),
        };
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// Points to the reasons.
fn because(mut finding: Diagnostic, probe: &Probe, reasons: &[Hypothesis]) -> Diagnostic {
    for reason in reasons.iter().filter(|reason| !is_definition(reason)) {
        let span = reason.formula.span;
        if span == finding.primary.span || finding.secondary.iter().any(|label| label.span == span) {
            continue;
        }
        let label =
            if is_own(reason) { "and this".to_owned() } else { format!("because of `{}`", reason.label) };
        if !(is_own(reason) && matches!(probe.subject, Subject::Surroundings { .. })) {
            finding = finding.because(span, label);
        }
    }
    finding
}
