//! The door to solvers: what is asked of one, and what it may answer.
//!
//! Everything here is plain data, fit to cross threads and processes; no object of a solver outlives a check.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use vcgen::vc::{Stage, Vc};

use crate::model::Model;

/// Something that can try to refute the negation of a condition's goal.
pub trait Backend {
    /// Checks one stage of `vc`: the hypotheses up to the stage's tier, together with the negated goal.
    ///
    /// A solver that gives up, runs out of something or dies is an [`Answer::Unknown`]. An error means that the
    /// question could not be put, so that asking again is of no use.
    fn check(&mut self, vc: &Vc, stage: &Stage, limits: Limits) -> Result<Check, SolverError>;
}

/// What bounds a check beside the resource units of its [`Stage`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Wall time; a backstop, since it depends on the machine.
    pub timeout: Duration,
    /// Seed of all the solver's random choices.
    pub seed: u32,
    /// Memory of the process that solves, in megabytes; zero means without bound.
    pub memory_mb: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { timeout: Duration::from_secs(30), seed: 0, memory_mb: 2048 }
    }
}

/// An answer with its cost.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Check {
    /// What the solver said.
    pub answer: Answer,
    /// Resource units used by the check; zero where the solver could not tell.
    pub rlimit: u64,
    /// Wall time, from encoding to answer.
    pub time: Duration,
}

/// What a solver said about hypotheses and negated goal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Answer {
    /// They contradict each other, so the condition holds.
    Unsat {
        /// Labels of hypotheses that suffice, in the condition's order; not necessarily a smallest such set.
        core: Vec<String>,
    },
    /// They are satisfied by a model.
    Sat(Model),
    /// Neither was found.
    Unknown(UnknownReason),
}

/// Why a solver found neither a proof nor a model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum UnknownReason {
    /// The stage's resource units were used up.
    ResourceLimit,
    /// The wall time was over.
    Timeout,
    /// The memory was used up.
    Memory,
    /// The solver's method is incomplete here; the text is the solver's own.
    Incomplete(String),
    /// The run was stopped from outside.
    Interrupted,
    /// The process that solved died or spoke nonsense; the text says which.
    SolverDied(String),
}

impl std::fmt::Display for UnknownReason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            UnknownReason::ResourceLimit => f.write_str("the resource limit was reached"),
            UnknownReason::Timeout => f.write_str("the time limit was reached"),
            UnknownReason::Memory => f.write_str("the memory limit was reached"),
            UnknownReason::Incomplete(why) => write!(f, "the solver gave up: {why}"),
            UnknownReason::Interrupted => f.write_str("the run was stopped"),
            UnknownReason::SolverDied(how) => write!(f, "the solver died: {how}"),
        }
    }
}

/// Why a question could not be put to a solver.
#[derive(Clone, Debug, PartialEq, Eq, Error, Serialize, Deserialize)]
pub enum SolverError {
    /// The condition breaks an invariant of `Vc`.
    #[error("the condition is ill-formed: {0}")]
    IllFormed(String),
    /// The library at run time is not the one that was built against.
    #[error("Z3 {expected} is wanted, but the library at run time is {found}")]
    WrongVersion {
        /// The pinned version.
        expected: String,
        /// What the library says of itself.
        found: String,
    },
    /// The process that should solve did not start.
    #[error("cannot start the solver process `{program}`: {problem}")]
    Spawn {
        /// The program that was to run.
        program: String,
        /// What the system said.
        problem: String,
    },
    /// Nothing is to be solved, and no answer was kept.
    #[error("no answer was kept, and none is to be sought (`--cache enforce`)")]
    NotKept,
    /// The solver failed in a way that says nothing about the condition.
    #[error("the solver failed: {0}")]
    Internal(String),
}
