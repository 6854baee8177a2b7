//! Contradictory premises, explained: a smallest set of them, and an instance that shows why.
//!
//! Soundness: what is named suffices, since the solver said unsat for just that; that it is no smaller set is
//! only as good as the solver's patience.

use std::collections::BTreeMap;

use lang::source::Span;
use lang::typed::{FactKind, Module};
use vcgen::decompose::{Decomposition, as_written};
use vcgen::obligation::{Hypothesis, Means, Obligation, ObligationIdx, Source, VacuityCheck, VacuitySubject};

use super::conjunct_name;
use super::instance::{self, Shown};
use super::solve::{Sufficient, parts, shrink};
use crate::attempt::{Attempt, Finding, Solving};

/// Premises that contradict each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contradiction {
    /// The premises, in the order of the text as far as they have one.
    pub parts: Vec<Part>,
    /// Whether each of them is needed.
    pub is_minimal: bool,
    /// A case that shows it.
    pub instance: Option<Shown>,
}

/// A premise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// What it is.
    pub role: Role,
    /// The name of the fact or conjunct.
    pub name: Option<String>,
    /// Its text.
    pub span: Span,
}

/// What a premise is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// A condition of the action, or of the initial predicate.
    Condition,
    /// A conjunct of the invariant.
    Conjunct,
    /// An assumption, axiom, lemma or earlier invariant.
    Fact,
}

/// Explains each contradiction that was found, and makes its core as small as that.
pub fn explain(
    decomposition: &Decomposition,
    typed: &Module,
    attempts: &mut BTreeMap<ObligationIdx, Attempt>,
    solving: &Solving<'_>,
) -> BTreeMap<ObligationIdx, Contradiction> {
    let mut explained = BTreeMap::new();
    for check in &decomposition.tree.vacuity {
        let Some(attempt) = attempts.get_mut(&check.obligation) else { continue };
        if let Some(contradiction) = by_evaluation(decomposition, typed, check, attempt) {
            explained.insert(check.obligation, contradiction);
            continue;
        }
        let Finding::Proved { core, .. } = &mut attempt.finding else { continue };
        let (contradiction, labels) = one(decomposition, typed, check, core, solving);
        if let Some(labels) = labels {
            *core = labels;
        }
        explained.insert(check.obligation, contradiction);
    }
    explained
}

/// An assumption that the solver did not find to contradict itself, and that the evaluator says is false. As it
/// is about no constant, and chooses nothing, it is false in every instance; so the check has found something.
fn by_evaluation(
    decomposition: &Decomposition,
    typed: &Module,
    check: &VacuityCheck,
    attempt: &mut Attempt,
) -> Option<Contradiction> {
    match (&check.subject, &attempt.finding) {
        (VacuitySubject::Assumptions, Finding::Unknown(_) | Finding::PossibleCounterexample { .. }) => {}
        (VacuitySubject::Assumptions, Finding::Proved { .. } | Finding::Failed(_))
        | (VacuitySubject::Action { .. } | VacuitySubject::Initial { .. }, _) => return None,
    }
    let premises = &decomposition.tree.obligations[check.obligation].hypotheses;
    let (hypothesis, fact_idx, shown) = premises.iter().find_map(|hypothesis| {
        let [Source::Fact(fact_idx)] = hypothesis.sources.as_slice() else { return None };
        let is_assumed = match typed.facts[*fact_idx].kind {
            FactKind::Assumption | FactKind::Axiom => true,
            FactKind::Theorem => false,
        };
        let is_whole = hypothesis.label == typed.facts[*fact_idx].name;
        let may_be_judged = is_assumed && is_whole && !instance::chooses(typed, *fact_idx);
        let shown = may_be_judged.then(|| instance::false_case(typed, *fact_idx)).flatten()?;
        Some((hypothesis, *fact_idx, shown))
    })?;
    attempt.finding = Finding::Proved { means: Means::Rewriting, core: vec![hypothesis.label.clone()] };
    let name = Some(typed.facts[fact_idx].name.clone());
    let part = Part { role: Role::Fact, name, span: hypothesis.formula.span };
    Some(Contradiction { parts: vec![part], is_minimal: true, instance: Some(shown) })
}

/// The explanation of a contradiction, and the labels of its obligation's hypotheses that suffice for it, if
/// those are fewer.
fn one(
    decomposition: &Decomposition,
    typed: &Module,
    check: &VacuityCheck,
    core: &[String],
    solving: &Solving<'_>,
) -> (Contradiction, Option<Vec<String>>) {
    let obligation = &decomposition.tree.obligations[check.obligation];
    if let Some(branch) = &check.branch {
        let written = as_written(&decomposition.program, branch);
        let units = units(obligation, check, |hypothesis| !is_guard(hypothesis), &written);
        if let Some(contradiction) = smallest(decomposition, obligation, check, &units, solving) {
            return (contradiction.0, None);
        }
    }
    let all = units(obligation, check, |_| true, &[]);
    if let Some((contradiction, labels)) = smallest(decomposition, obligation, check, &all, solving) {
        let instance = match check.subject {
            VacuitySubject::Assumptions => instance_of(decomposition, typed, check, &labels),
            VacuitySubject::Action { .. } | VacuitySubject::Initial { .. } => None,
        };
        return (Contradiction { instance, ..contradiction }, Some(labels));
    }
    // The solver found it once, and not in the same premises taken apart: what it named then is true as well.
    let in_core = obligation.hypotheses.iter().filter(|hypothesis| core.contains(&hypothesis.label));
    let parts = in_core.filter_map(|hypothesis| part(decomposition, check, &hypothesis.label, hypothesis));
    (Contradiction { parts: parts.collect(), is_minimal: false, instance: None }, None)
}

/// A hypothesis that may be left out or not, with the label of the one that it is a part of.
struct Unit {
    hypothesis: Hypothesis,
    whole: String,
    is_removable: bool,
}

/// The hypotheses of an obligation, taken apart, and what else is given. What is to be named rather than others
/// comes first: instances, then conditions.
fn units(
    obligation: &Obligation,
    check: &VacuityCheck,
    is_wanted: impl Fn(&Hypothesis) -> bool,
    more: &[Hypothesis],
) -> Vec<Unit> {
    let is_instance =
        |hypothesis: &Hypothesis| check.instances.iter().any(|instance| instance.label == hypothesis.label);
    let mut units: Vec<Unit> = Vec::new();
    let wanted = obligation.hypotheses.iter().filter(|hypothesis| is_wanted(hypothesis));
    for hypothesis in more.iter().chain(wanted) {
        let is_definition = matches!(hypothesis.sources.as_slice(), [Source::Definition(_), ..]);
        let taken_apart = if is_definition || is_instance(hypothesis) {
            vec![hypothesis.clone()]
        } else {
            parts(hypothesis)
        };
        units.extend(taken_apart.into_iter().map(|part| Unit {
            hypothesis: part,
            whole: hypothesis.label.clone(),
            is_removable: !is_definition,
        }));
    }
    units.sort_by_key(|unit| !is_instance(&unit.hypothesis));
    units
}

/// Whether a hypothesis is a condition of the branch, as it stands there after rewriting.
fn is_guard(hypothesis: &Hypothesis) -> bool {
    hypothesis.sources.is_empty() && hypothesis.label.starts_with("guard.")
}

fn smallest(
    decomposition: &Decomposition,
    obligation: &Obligation,
    check: &VacuityCheck,
    units: &[Unit],
    solving: &Solving<'_>,
) -> Option<(Contradiction, Vec<String>)> {
    let hypotheses = units.iter().map(|unit| unit.hypothesis.clone()).collect();
    let removable: Vec<bool> = units.iter().map(|unit| unit.is_removable).collect();
    let question = Obligation { hypotheses, ..obligation.clone() };
    let Sufficient { positions, is_minimal } =
        shrink(&decomposition.program, &question, &removable, solving)?;
    let named = positions.iter().map(|position| &units[*position]);
    let mut parts: Vec<Part> =
        named.clone().filter_map(|unit| part(decomposition, check, &unit.whole, &unit.hypothesis)).collect();
    parts.sort_by_key(|part| (part.span, part.role));
    parts.dedup();
    let mut labels: Vec<String> = Vec::new();
    for unit in named {
        if !labels.contains(&unit.whole) {
            labels.push(unit.whole.clone());
        }
    }
    Some((Contradiction { parts, is_minimal, instance: None }, labels))
}

/// What a hypothesis is to the user; definitions are nothing that could be wrong.
fn part(
    decomposition: &Decomposition,
    check: &VacuityCheck,
    label: &str,
    hypothesis: &Hypothesis,
) -> Option<Part> {
    let theorem = match &check.subject {
        VacuitySubject::Assumptions => None,
        VacuitySubject::Action { theorem, .. } | VacuitySubject::Initial { theorem } => Some(theorem),
    };
    let plans = decomposition.tree.theorems.iter().filter(|plan| Some(&plan.name) == theorem);
    let mut conjuncts =
        plans.flat_map(|plan| &plan.alternatives).flat_map(|alternative| &alternative.conjuncts);
    let instance = check.instances.iter().find(|instance| instance.label == hypothesis.label);
    let span = instance.map_or(hypothesis.formula.span, |instance| instance.body.span);
    match hypothesis.sources.first() {
        Some(Source::Definition(_)) => None,
        Some(Source::Fact(fact_idx)) => {
            let name = decomposition.program.module.facts[*fact_idx].name.clone();
            Some(Part { role: Role::Fact, name: Some(name), span })
        }
        Some(Source::Obligation(_) | Source::Inherited(_)) => {
            Some(Part { role: Role::Fact, name: Some(label.to_owned()), span })
        }
        None => Some(match conjuncts.find(|conjunct| conjunct.name == label) {
            Some(conjunct) if !is_guard(hypothesis) => {
                let name = theorem.map_or_else(|| label.to_owned(), |theorem| conjunct_name(theorem, label));
                Part { role: Role::Conjunct, name: Some(name), span: conjunct.span }
            }
            _ => Part { role: Role::Condition, name: None, span },
        }),
    }
}

/// A case that shows why the assumptions with these labels contradict each other: one that makes a fact false
/// by itself.
fn instance_of(
    decomposition: &Decomposition,
    typed: &Module,
    check: &VacuityCheck,
    labels: &[String],
) -> Option<Shown> {
    let obligation = &decomposition.tree.obligations[check.obligation];
    let in_core = obligation.hypotheses.iter().filter(|hypothesis| labels.contains(&hypothesis.label));
    let mut facts = in_core.flat_map(|hypothesis| &hypothesis.sources).filter_map(|source| match source {
        Source::Fact(fact_idx) => Some(*fact_idx),
        Source::Obligation(_) | Source::Inherited(_) | Source::Definition(_) => None,
    });
    let evaluated = facts.find_map(|fact_idx| instance::false_case(typed, fact_idx));
    evaluated.or_else(|| {
        let named = check.instances.iter().find(|instance| labels.contains(&instance.label))?;
        Some(instance::shown(&decomposition.program, named, labels.len() == 1))
    })
}
