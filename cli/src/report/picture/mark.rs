//! What became of an obligation in one word and one sign, and of several together.
//!
//! Invariant: several together are as bad as the worst of them, and closed by the dearest means among theirs.

use std::collections::BTreeMap;

use serde::Serialize;
use vcgen::obligation::{Means, ObligationIdx, ProofTree};

use crate::driver::Proof;
use crate::verdict::{ObligationVerdict, VacuityVerdict};

/// What became of an obligation; a later one is dearer, or worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mark {
    /// The action changes nothing that it reads.
    Frame,
    /// It is about old elements of a growing set.
    Increment,
    /// Rewriting made it true.
    Rewriting,
    /// The solver proved it.
    Z3,
    /// A check that found no contradiction, as it should be.
    Consistent,
    /// A check that was not made.
    NotChecked,
    /// Its proof uses something that is not proved.
    Blocked,
    /// Neither a proof nor a counterexample was found.
    Undecided,
    /// The question could not be put to the solver.
    Failed,
    /// A counterexample that nobody confirmed.
    PossibleCounterexample,
    /// A check that found a contradiction.
    Contradictory,
    /// A confirmed counterexample.
    Refuted,
}

impl Mark {
    /// All marks.
    pub const ALL: [Self; 12] = [
        Self::Frame,
        Self::Increment,
        Self::Rewriting,
        Self::Z3,
        Self::Consistent,
        Self::NotChecked,
        Self::Blocked,
        Self::Undecided,
        Self::Failed,
        Self::PossibleCounterexample,
        Self::Contradictory,
        Self::Refuted,
    ];

    /// One character.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Frame => "F",
            Self::Increment => "I",
            Self::Rewriting => "R",
            Self::Z3 => "Z",
            Self::Consistent => "\u{2713}",
            Self::NotChecked => "\u{2013}",
            Self::Blocked => "B",
            Self::Undecided | Self::PossibleCounterexample => "?",
            Self::Failed => "!",
            Self::Contradictory | Self::Refuted => "\u{2717}",
        }
    }

    /// One word, as in other reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Frame => "frame",
            Self::Increment => "increment",
            Self::Rewriting => "rewriting",
            Self::Z3 => "Z3",
            Self::Consistent => "no contradiction found",
            Self::NotChecked => "not checked",
            Self::Blocked => "blocked",
            Self::Undecided => "undecided",
            Self::Failed => "failed",
            Self::PossibleCounterexample => "possible counterexample",
            Self::Contradictory => "contradictory",
            Self::Refuted => "refuted",
        }
    }

    /// What the word means, in a few more.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Frame => "the action changes nothing that the conjunct reads",
            Self::Increment => "about old elements of a growing set, of which the hypothesis speaks",
            Self::Rewriting => "rewriting made it true",
            Self::Z3 => "the solver proved it",
            Self::Consistent => "a check that looked for a contradiction, and found none",
            Self::NotChecked => "a check that was not made",
            Self::Blocked => "its proof uses something that is not proved",
            Self::Undecided => "neither a proof nor a counterexample was found",
            Self::Failed => "the question could not be put to the solver",
            Self::PossibleCounterexample => "a counterexample that nobody has confirmed",
            Self::Contradictory => "a check that found premises which contradict each other",
            Self::Refuted => "a counterexample was confirmed",
        }
    }

    /// `good`, `open` or `bad`.
    pub fn mood(self) -> &'static str {
        match self {
            Self::Frame | Self::Increment | Self::Rewriting | Self::Z3 | Self::Consistent => "good",
            Self::NotChecked
            | Self::Blocked
            | Self::Undecided
            | Self::Failed
            | Self::PossibleCounterexample => "open",
            Self::Contradictory | Self::Refuted => "bad",
        }
    }
}

impl From<Means> for Mark {
    fn from(means: Means) -> Self {
        match means {
            Means::Frame => Self::Frame,
            Means::Increment => Self::Increment,
            Means::Rewriting => Self::Rewriting,
            Means::Z3 => Self::Z3,
        }
    }
}

/// The mark of each obligation that was tried.
pub type Marks = BTreeMap<ObligationIdx, Mark>;

/// The marks of a run.
pub fn marks(tree: &ProofTree, proof: &Proof) -> Marks {
    let verdicts = proof.verdicts.obligations.iter();
    let mut marks: Marks = verdicts.map(|(idx, verdict)| (*idx, of_verdict(verdict))).collect();
    // Of a check, to be proved is the bad end.
    for (check, verdict) in tree.vacuity.iter().zip(&proof.verdicts.vacuity) {
        if let Some(mark) = marks.get_mut(&check.obligation) {
            *mark = of_check(verdict);
        }
    }
    marks
}

fn of_verdict(verdict: &ObligationVerdict) -> Mark {
    match verdict {
        ObligationVerdict::Proved(means) => Mark::from(*means),
        ObligationVerdict::Blocked { .. } => Mark::Blocked,
        ObligationVerdict::Refuted(_) => Mark::Refuted,
        ObligationVerdict::PossibleCounterexample(_) => Mark::PossibleCounterexample,
        ObligationVerdict::Undecided(_) => Mark::Undecided,
        ObligationVerdict::Failed(_) => Mark::Failed,
    }
}

fn of_check(verdict: &VacuityVerdict) -> Mark {
    match verdict {
        VacuityVerdict::NoneFound => Mark::Consistent,
        VacuityVerdict::Contradictory { .. } => Mark::Contradictory,
        VacuityVerdict::NotChecked(_) | VacuityVerdict::NotSelected => Mark::NotChecked,
    }
}
