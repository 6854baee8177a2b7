//! What is asked, what may be spent on it, and what the answer may be.

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use eval::replay::Counterexample;
use lang::typed::{Expr, Module};

use crate::builder::Size;

/// Whether there are an instance and states for which all of this holds except the goal.
#[derive(Clone, Debug)]
pub struct Question<'m> {
    /// Operators, names, constants, variables.
    pub module: &'m Module,
    /// True: formulas about constants.
    pub assumptions: Vec<Expr>,
    /// True in the state before the step, or in the only state.
    pub before: Vec<Expr>,
    /// True of the step.
    pub step: Option<Expr>,
    /// To be false: a formula about constants or the state before, or if there is a step, about the state after.
    pub goal: Expr,
}

/// What may be spent.
#[derive(Clone, Debug)]
pub struct Budget<'a> {
    /// All the time there is: a watchdog.
    pub time: Duration,
    /// Conflicts of the SAT solver for each size.
    pub conflicts: u64,
    /// The sizes to try, in this order.
    pub sizes: Vec<Size>,
    /// Set from outside to end the search.
    pub stop: &'a AtomicBool,
}

impl<'a> Budget<'a> {
    /// The usual sizes, and what they usually take.
    pub fn new(time: Duration, stop: &'a AtomicBool) -> Self {
        Self { time, conflicts: 200_000, sizes: Size::schedule(), stop }
    }
}

/// What came of a search.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// A counterexample that was confirmed, made as small as the budget allowed.
    Found {
        /// It.
        counterexample: Box<Counterexample>,
        /// The size at which it was found.
        size: Size,
    },
    /// There is none at these sizes, as far as the search reads the question.
    NotFound {
        /// The sizes that were searched to the end.
        tried: Vec<Size>,
    },
    /// The search did not come to an end.
    GaveUp {
        /// Why.
        why: Why,
        /// The sizes that were searched to the end.
        tried: Vec<Size>,
    },
}

/// Why a search did not come to an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Time or conflicts were used up, or it was stopped.
    Budget,
    /// There were candidates, but none was confirmed.
    Unconfirmed,
}

impl std::fmt::Display for Why {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Why::Budget => "the budget was used up",
            Why::Unconfirmed => "what looked like a counterexample could not be confirmed",
        })
    }
}

impl std::fmt::Display for Size {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let plural = |n: usize| if n == 1 { "" } else { "s" };
        let Size { elements, highest, slots, few: _, inner_slots: _ } = self;
        write!(f, "up to {elements} element{} of each sort, ", plural(*elements as usize))?;
        write!(f, "integers up to {highest}, sets of up to {slots} composite element{}", plural(*slots))
    }
}

impl Size {
    /// The usual sizes, ascending; each covers the smaller sets and functions too.
    pub fn schedule() -> Vec<Size> {
        [
            (1, 1, 1, 2, 1),
            (2, 2, 1, 3, 1),
            (2, 2, 2, 4, 2),
            (3, 2, 2, 6, 1),
            (3, 2, 2, 8, 2),
            (3, 3, 3, 8, 2),
            (4, 3, 3, 10, 3),
        ]
        .into_iter()
        .map(|(elements, few, highest, slots, inner_slots)| Size {
            elements,
            few,
            highest,
            slots,
            inner_slots,
        })
        .collect()
    }
}
