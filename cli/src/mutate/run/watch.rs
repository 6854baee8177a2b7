//! When a mutant need not be looked at any further.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use solver::discharge::Outcome;
use vcgen::decompose::Decomposition;
use vcgen::obligation::{Alternative, ObligationKind};

use crate::attempt::{Done, Progress};

/// Watches for the first obligation that fails and that its theorem cannot do without.
pub(super) struct Watch {
    /// Obligations of the last alternatives of theorems.
    decisive: BTreeSet<String>,
    /// Obligations that were tried. What is tried again may fail then and be proved all the same, by what was found
    /// the first time.
    tried: Mutex<BTreeSet<String>>,
    failed: Mutex<Option<String>>,
    /// Set when nothing more can change the verdict.
    pub(super) is_enough: Arc<AtomicBool>,
    is_exhaustive: bool,
}

impl Watch {
    pub(super) fn new(decomposition: &Decomposition, is_exhaustive: bool) -> Self {
        let tree = &decomposition.tree;
        let last = tree.theorems.iter().filter_map(|plan| plan.alternatives.last());
        let obligations = last.flat_map(Alternative::last).map(|idx| &tree.obligations[idx]);
        let decisive = obligations.filter(|obligation| match obligation.kind {
            ObligationKind::Initiation
            | ObligationKind::Consecution { .. }
            | ObligationKind::Implication
            | ObligationKind::Induction
            | ObligationKind::Simulation { .. } => true,
            // A helper that fails is withdrawn, and what waits for a recursion may be proved in another way.
            ObligationKind::Continuity { .. }
            | ObligationKind::Termination { .. }
            | ObligationKind::Vacuity => false,
        });
        Self {
            decisive: decisive.map(|obligation| obligation.id.clone()).collect(),
            tried: Mutex::default(),
            failed: Mutex::default(),
            is_enough: Arc::default(),
            is_exhaustive,
        }
    }

    pub(super) fn failed(&self) -> Option<String> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Progress for Watch {
    fn expect(&self, _obligations: &[&str]) {}

    fn done(&self, obligation: &str, done: &Done<'_>) {
        let is_first =
            self.tried.lock().unwrap_or_else(PoisonError::into_inner).insert(obligation.to_owned());
        let is_failure = match done.outcome {
            Outcome::Proved { .. } => false,
            Outcome::NotProved(_) => is_first && self.decisive.contains(obligation),
        };
        if is_failure {
            self.failed
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .get_or_insert_with(|| obligation.to_owned());
            if !self.is_exhaustive {
                self.is_enough.store(true, Ordering::Relaxed);
            }
        }
    }
}
