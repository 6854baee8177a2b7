//! Explicit-state search: all states that a behaviour reaches on an instance, the nearest first.
//!
//! Invariant: a state that is reported was reached by steps of the behaviour; its trace is found again from the
//! initial states, and [`confirm()`] asks the strict evaluator about each of its steps. What is said of all states
//! holds only if the search was [`End::Exhausted`], and then of this instance, as far as infinite sets are read
//! as its integers.
//!
//! NOTE(real-states): with symmetry, one state stands for all states of its orbit. It is the one that was met
//! first, as it was met, and its successors are its own; so chains of states are behaviours as they stand, and
//! nothing has to be permuted back.

mod breadth;
mod confirm;
mod fingerprint;
mod predicates;
mod reach;
mod refines;
pub mod symmetry;
mod walks;

use std::collections::{BTreeMap, BTreeSet};

use lang::ids::IdVec;
use lang::source::Span;
use lang::typed::Expr;

use crate::evaluate::Stuck;
use crate::instance::Instance;
use crate::successors::{ActionId, Label, Steps, Trouble};
use crate::value::State;

pub use breadth::search;
pub use confirm::{Confirmation, confirm};
pub use predicates::{conjuncts, default_predicates};
pub use reach::{Reach, is_reachable};
pub use refines::violating_step;
pub use walks::{Walks, walk};

/// What is expected to hold in every state.
#[derive(Clone, Debug)]
pub struct Predicate {
    /// Its name: that of an operator, with the position of a conjunct.
    pub name: String,
    /// The formula.
    pub formula: Expr,
    /// Whether it speaks of a state; otherwise one look is enough.
    pub reads_state: bool,
}

/// What is searched.
#[derive(Clone, Copy)]
pub struct Task<'a> {
    /// The behaviour.
    pub steps: &'a Steps<'a>,
    /// The instance.
    pub instance: &'a Instance,
    /// What is checked of each state.
    pub predicates: &'a [Predicate],
}

/// When to give up.
#[derive(Clone, Copy)]
pub struct Limits<'a> {
    /// So many states.
    pub states: usize,
    /// So many steps from an initial state.
    pub depth: usize,
    /// Asked now and then; ends the search.
    pub stop: &'a (dyn Fn() -> Option<Limit> + Sync),
}

/// Which limit ended a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Too many states.
    States,
    /// Too many steps.
    Depth,
    /// Too long.
    Time,
    /// Too much memory.
    Memory,
    /// Somebody interrupted it.
    Interrupted,
}

/// How a search ended.
#[derive(Clone, Debug)]
pub enum End {
    /// Every reachable state was seen.
    Exhausted,
    /// Some were not.
    Limited(Limit),
    /// A predicate is false in the last state.
    Violated {
        /// Which, by its position in the task.
        predicate: usize,
        /// How that state is reached.
        trace: Trace,
    },
    /// The steps from the last state, or the initial states, could not be found.
    Failed {
        /// Why.
        trouble: Trouble,
        /// How that state is reached; without states if it is about the initial states.
        trace: Trace,
    },
}

/// The beginning of a behaviour.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trace {
    /// The states; the first is an initial one.
    pub states: Vec<State>,
    /// The step after each state but the last.
    pub labels: Vec<Label>,
}

/// What came of a search.
#[derive(Clone, Debug)]
pub struct Found {
    /// How it ended.
    pub end: End,
    /// How many states were seen, up to symmetry.
    pub states: usize,
    /// How many steps were taken.
    pub transitions: u64,
    /// How many steps from an initial state the farthest state is.
    pub depth: usize,
    /// How often each action was a step.
    pub fired: IdVec<ActionId, u64>,
    /// A state without steps, if one was met.
    pub deadlock: Option<Trace>,
    /// Predicates that could not be evaluated in some state, with the reason.
    pub unsettled: BTreeMap<usize, Stuck>,
    /// Where infinite sets were read as the instance's integers.
    pub bounded: BTreeSet<Span>,
    /// How many permutations were used.
    pub permutations: usize,
}

impl Found {
    /// What is found before the first state is looked at.
    pub fn before(steps: &Steps<'_>, permutations: usize) -> Self {
        let mut fired = IdVec::new();
        for _ in &steps.actions {
            fired.push(0);
        }
        Self {
            end: End::Exhausted,
            states: 0,
            transitions: 0,
            depth: 0,
            fired,
            deadlock: None,
            unsettled: BTreeMap::new(),
            bounded: BTreeSet::new(),
            permutations,
        }
    }

    /// The actions that were never a step.
    pub fn never_fired(&self, steps: &Steps<'_>) -> Vec<ActionId> {
        let is_silent = |id: &ActionId| self.fired[*id] == 0 && !steps.actions[*id].is_group;
        steps.actions.ids().filter(is_silent).collect()
    }
}
