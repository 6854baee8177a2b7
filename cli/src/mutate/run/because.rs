//! Where the fate of a mutant was seen.

use std::collections::BTreeSet;

use vcgen::obligation::{ProofTree, VacuitySubject};

use super::Fate;
use crate::driver::{Proof, Run};
use crate::report::needed;
use crate::verdict::{ObligationVerdict, Standing, VacuityVerdict};

/// What shows the fate of a mutant.
pub(super) fn because(run: &Run, fate: Fate, first_failed: Option<String>) -> String {
    let (Some(proof), Some(decomposition)) = (&run.proof, &run.front.decomposition) else {
        return String::new();
    };
    match fate {
        Fate::Survives | Fate::NoSpec => String::new(),
        Fate::Disagreement if !proof.verdicts.internal.is_empty() => proof.verdicts.internal.join("; "),
        Fate::Vacuous => contradictory(proof, &decomposition.tree),
        Fate::Refuted | Fate::Disagreement => {
            refuted(proof, &decomposition.tree).or(first_failed).unwrap_or_default()
        }
        Fate::Undecided => first_failed.or_else(|| unproved(proof, &decomposition.tree)).unwrap_or_default(),
    }
}

fn refuted(proof: &Proof, tree: &ProofTree) -> Option<String> {
    let is_refuted = |verdict: &ObligationVerdict| matches!(verdict, ObligationVerdict::Refuted(_));
    let (idx, _) = proof.verdicts.obligations.iter().find(|(_, verdict)| is_refuted(verdict))?;
    Some(tree.obligations[*idx].id.clone())
}

/// The first thing that is not proved: an obligation that is needed, a theorem, or a vacuity check.
fn unproved(proof: &Proof, tree: &ProofTree) -> Option<String> {
    let needed = needed(proof);
    let is_open = |verdict: &ObligationVerdict| match verdict {
        ObligationVerdict::Proved(_) | ObligationVerdict::Blocked { .. } => false,
        ObligationVerdict::Refuted(_)
        | ObligationVerdict::PossibleCounterexample(_)
        | ObligationVerdict::Undecided(_)
        | ObligationVerdict::Failed(_) => true,
    };
    let mut obligations = proof.verdicts.obligations.iter();
    let open = obligations.find(|(idx, verdict)| needed.contains(idx) && is_open(verdict));
    let obligation = open.map(|(idx, _)| tree.obligations[*idx].id.clone());
    let theorem = || {
        let mut theorems = tree.theorems.iter().zip(&proof.verdicts.theorems);
        theorems.find(|(_, verdict)| verdict.standing != Standing::Proved).map(|(plan, _)| plan.name.clone())
    };
    let check = || {
        let mut checks = tree.vacuity.iter().zip(&proof.verdicts.vacuity);
        let is_unchecked = |verdict: &VacuityVerdict| matches!(verdict, VacuityVerdict::NotChecked(_));
        checks
            .find(|(_, verdict)| is_unchecked(verdict))
            .map(|(check, _)| tree.obligations[check.obligation].id.clone())
    };
    obligation.or_else(theorem).or_else(check)
}

/// What the vacuity checks found.
fn contradictory(proof: &Proof, tree: &ProofTree) -> String {
    let found = tree.vacuity.iter().zip(&proof.verdicts.vacuity).filter_map(|(check, verdict)| {
        let VacuityVerdict::Contradictory { .. } = verdict else {
            return None;
        };
        Some(match &check.subject {
            VacuitySubject::Assumptions => "the assumptions contradict each other".to_owned(),
            VacuitySubject::Action { branch, .. } => format!("`{branch}` can never happen"),
            VacuitySubject::Initial { .. } => "there is no initial state".to_owned(),
        })
    });
    let found: BTreeSet<String> = found.collect();
    found.into_iter().collect::<Vec<_>>().join("; ")
}
