//! What was found about an obligation that the solver did not prove, by search and replay.

pub mod cross;
pub mod seek;

use std::collections::BTreeMap;

use eval::instance::Instance;
use eval::replay::Counterexample;
use eval::search::Trace;
use lang::source::Span;
use refute::Size;
use vcgen::obligation::ObligationIdx;

/// What was found, for each obligation that was looked at.
pub type Evidence = BTreeMap<ObligationIdx, Search>;

/// A search for a counterexample.
#[derive(Clone, Debug, PartialEq)]
pub struct Search {
    /// What was found.
    pub found: Found,
    /// The largest size of instances that was searched to the end, if any was.
    pub tried: Option<Size>,
    /// Whether the search ended with the last size, rather than with its budget.
    pub is_complete: bool,
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
    /// Whether any behaviour of its instance comes to such a state; none if the claim is not about behaviours.
    pub reach: Option<Reach>,
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

/// The beginning of a behaviour, on an instance.
#[derive(Clone, Debug, PartialEq)]
pub struct Behaviour {
    /// The instance.
    pub instance: Instance,
    /// Whether it is another than that of the counterexample.
    pub is_other: bool,
    /// States and steps.
    pub trace: Trace,
}

/// Whether any behaviour of a counterexample's instance, or of a natural small one, violates what the counterexample does.
#[derive(Clone, Debug, PartialEq)]
pub enum Reach {
    /// One does, confirmed by the evaluator: the protocol itself is wrong.
    Violated(Box<Behaviour>),
    /// The state before the step is reached, in so many steps, confirmed by the evaluator: the protocol itself is
    /// wrong.
    Reached {
        /// How many.
        n_steps: usize,
    },
    /// None does, as far as numbers are read as those of the instance.
    Never {
        /// How many states there are, up to symmetry.
        n_states: usize,
    },
    /// None was met within the budget.
    NotMet {
        /// How many states were seen, up to symmetry.
        n_states: usize,
        /// How many steps from an initial state the farthest of them is.
        depth: usize,
    },
    /// The states could not be found; why.
    Unknown(String),
}
