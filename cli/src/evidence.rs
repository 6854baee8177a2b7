//! What was found about an obligation that the solver did not prove, by search and replay.

use std::collections::BTreeMap;

use eval::replay::Counterexample;
use lang::source::Span;
use vcgen::obligation::ObligationIdx;

/// What was found, for each obligation that was looked at.
pub type Evidence = BTreeMap<ObligationIdx, Search>;

/// A search for a counterexample.
#[derive(Clone, Debug, PartialEq)]
pub struct Search {
    /// What was found.
    pub found: Found,
    /// Where it was looked for, in words: `up to 3 of Acceptors, 2 of Values, ...`; empty if nowhere.
    pub tried: String,
}

/// What a search found.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// States that were replayed.
    Refuted(Box<Refutation>),
    /// States that may be a counterexample; but not all of it could be evaluated.
    Possible {
        /// The states.
        counterexample: Box<Counterexample>,
        /// What could not be evaluated, and why.
        open: Vec<Open>,
    },
    /// Nothing.
    Nothing,
}

/// A counterexample that the evaluator confirmed.
#[derive(Clone, Debug, PartialEq)]
pub struct Refutation {
    /// The states.
    pub counterexample: Counterexample,
    /// Whether the first state can come about at all.
    pub reach: Reach,
}

/// Something that could not be evaluated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    /// What it is to the counterexample.
    pub part: &'static str,
    /// Why.
    pub why: String,
    /// Where.
    pub span: Span,
}

/// Whether the first state of a counterexample can come about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// It needs no history: an initial state, or none at all.
    Immediate,
    /// In so many steps from an initial state: the protocol itself is wrong.
    Reachable {
        /// How many.
        n_steps: usize,
    },
    /// It is none of the states that come about on this instance: the invariant is too weak.
    Unreachable {
        /// How many states there are.
        n_states: usize,
    },
    /// It was not met within the budget.
    NotMet {
        /// How many states were looked at.
        n_states: usize,
        /// How many steps from an initial state all were looked at.
        depth: usize,
    },
    /// Nobody could look; why.
    Unknown(String),
}
