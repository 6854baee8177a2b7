//! The figures of a module's proofs: how much was needed, what proved it, and what it took.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use lang::ids::Id;
use vcgen::obligation::{Means, ObligationIdx};
use vcgen::print;

use super::needed;
use crate::driver::Proof;
use crate::verdict::ObligationVerdict;

/// The figures of a module's proofs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Totals {
    /// The obligations that its theorems need.
    pub needed: BTreeSet<ObligationIdx>,
    /// How many of these are proved, by which means.
    pub by_means: BTreeMap<Means, usize>,
    /// Resource units of all of these.
    pub rlimit: u64,
}

impl Totals {
    /// The figures of these proofs.
    pub fn of(proof: &Proof) -> Self {
        let needed = needed(proof);
        let mut by_means: BTreeMap<Means, usize> = BTreeMap::new();
        let mut rlimit = 0;
        for obligation_idx in &needed {
            if let Some(ObligationVerdict::Proved(means)) = proof.verdicts.obligations.get(obligation_idx) {
                *by_means.entry(*means).or_default() += 1;
            }
            rlimit += proof.attempts.get(obligation_idx).map_or(0, |attempt| attempt.rlimit);
        }
        Self { needed, by_means, rlimit }
    }

    /// How many are proved.
    pub fn n_proved(&self) -> usize {
        self.by_means.values().sum()
    }

    /// The means and how often each was, in words.
    pub fn means(&self) -> String {
        means_counts(&self.by_means)
    }

    /// Those that took most, the dearest first.
    pub fn dearest(&self, proof: &Proof) -> Vec<ObligationIdx> {
        let is_dear = |idx: &ObligationIdx| proof.attempts.get(idx).is_some_and(|it| it.rlimit > 0);
        let mut dearest: Vec<ObligationIdx> = self.needed.iter().copied().filter(is_dear).collect();
        dearest.sort_by_key(|idx| (Reverse(proof.attempts[idx].rlimit), idx.index()));
        dearest
    }
}

/// The means and how often each was, in words.
pub fn means_counts(by_means: &BTreeMap<Means, usize>) -> String {
    if by_means.is_empty() {
        return "none".to_owned();
    }
    by_means.iter().map(|(means, n)| format!("{n} {}", print::means(*means))).collect::<Vec<_>>().join(", ")
}
