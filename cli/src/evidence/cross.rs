//! Holds counterexamples against proofs: what is proved must not be false in any state that was found.
//!
//! A claim is refuted by a state, or a step, in which what is known before is true, the branch is true, and the
//! goal is false. If the evaluator says so of a claim all of whose obligations are proved, one of the two is
//! wrong, and nobody should believe either.

use std::collections::BTreeMap;
use std::sync::Arc;

use eval::evaluate::{Bounds, Evaluator, Moment};
use eval::replay::Counterexample;
use lang::typed::{Expr, Module};
use vcgen::decompose::Decomposition;
use vcgen::obligation::{Claim, ObligationKind};

use super::{Evidence, Found};
use crate::verdict::{ObligationVerdict, Verdicts};

/// A claim with the ids of its obligations, all of which are proved.
struct Proved<'a> {
    claim: &'a Claim,
    ids: Vec<&'a str>,
}

/// What is proved and yet false in a counterexample, in words.
pub fn disagreements(decomposition: &Decomposition, verdicts: &Verdicts, evidence: &Evidence) -> Vec<String> {
    let program = &decomposition.program;
    let module = Module { locals: program.all_locals(), ..program.module.clone() };
    let proved = proved_claims(decomposition, verdicts);
    let mut seen: Vec<&Counterexample> = Vec::new();
    let mut found = Vec::new();
    for search in evidence.values() {
        let Found::Refuted(refutation) = &search.found else { continue };
        let counterexample = &refutation.counterexample;
        if seen.contains(&counterexample) {
            continue;
        }
        seen.push(counterexample);
        let evaluator = Evaluator::new(&module, &counterexample.instance, Bounds::Strict);
        for Proved { claim, ids } in &proved {
            let step = claim.branch.as_ref().map(|branch| branch.formula(program));
            let goal = claim.formula(program);
            if is_false_there(&evaluator, counterexample, &claim.before, step.as_ref(), &goal) {
                let ids = ids.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", ");
                found.push(format!("{ids}: proved, but the evaluator finds it false in a state"));
            }
        }
    }
    found
}

/// Claims all of whose obligations are proved, and do not wait for anything else.
fn proved_claims<'a>(decomposition: &'a Decomposition, verdicts: &Verdicts) -> Vec<Proved<'a>> {
    let mut by_claim: BTreeMap<usize, (Proved<'a>, bool)> = BTreeMap::new();
    for (obligation_idx, obligation) in decomposition.tree.obligations.iter_enumerated() {
        let Some(claim) = &obligation.claim else { continue };
        let verdict = verdicts.obligations.get(&obligation_idx);
        let is_proved = matches!(verdict, Some(ObligationVerdict::Proved(_)));
        let fresh = || (Proved { claim, ids: Vec::new() }, true);
        let (known, are_proved) = by_claim.entry(whole_of(&obligation.kind, claim)).or_insert_with(fresh);
        known.ids.push(&obligation.id);
        *are_proved &= is_proved;
    }
    let mut proved: Vec<Proved<'a>> =
        by_claim.into_values().filter(|(_, are_proved)| *are_proved).map(|(proved, _)| proved).collect();
    proved.sort_by(|left, right| left.ids.cmp(&right.ids));
    proved
}

/// What tells the claims apart that are proved by several obligations together. A case of an induction proves
/// nothing by itself: the formula is proved only by all of its cases, which state it as their claim.
fn whole_of(kind: &ObligationKind, claim: &Arc<Claim>) -> usize {
    match kind {
        ObligationKind::Induction => claim.goal.as_written().address(),
        ObligationKind::Initiation
        | ObligationKind::Consecution { .. }
        | ObligationKind::Simulation { .. }
        | ObligationKind::Continuity { .. }
        | ObligationKind::Implication
        | ObligationKind::Termination { .. }
        | ObligationKind::Vacuity => Arc::as_ptr(claim).addr(),
    }
}

/// Whether the states refute the claim, for certain.
fn is_false_there(
    evaluator: &Evaluator<'_>,
    counterexample: &Counterexample,
    before: &[Expr],
    step: Option<&Expr>,
    goal: &Expr,
) -> bool {
    if step.is_some() && counterexample.after.is_none() {
        return false;
    }
    let now = Moment { now: counterexample.before.as_ref(), next: None };
    let both = Moment { now: counterexample.before.as_ref(), next: counterexample.after.as_ref() };
    let is = |formula: &Expr, moment, wanted| evaluator.formula(formula, moment) == Ok(wanted);
    // The goal first: it is true nearly everywhere.
    is(goal, both, false)
        && step.is_none_or(|step| is(step, both, true))
        && before.iter().all(|formula| is(formula, now, true))
}
