//! Progress for programs: one JSON object a line. These types are its schema.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;
use solver::discharge::{NotProved, Outcome};

use crate::attempt::Done;
use crate::report::json::millis;

/// A line of `--progress json`.
#[derive(Serialize, JsonSchema)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub(crate) enum Event<'a> {
    /// Something begins that may take long.
    Phase {
        /// What, in words.
        what: &'a str,
    },
    /// So many more conditions are to be solved.
    Expect {
        /// How many.
        conditions: usize,
    },
    /// A condition begins.
    Start {
        /// Whose.
        obligation: &'a str,
    },
    /// A condition that began is not done yet; told now and then.
    Running {
        /// Whose.
        obligation: &'a str,
        /// Milliseconds since it began.
        ms: f64,
    },
    /// A condition is done.
    Done {
        /// Whose.
        obligation: &'a str,
        /// What the solver says of it.
        #[schemars(extend("enum" = OUTCOMES))]
        outcome: &'static str,
        /// Z3's resource units of all stages.
        rlimit: u64,
        /// Milliseconds of all stages.
        ms: f64,
        /// Whether this was known from before.
        cached: bool,
    },
    /// A second solver has been asked.
    Asked {
        /// About which obligation.
        obligation: &'a str,
    },
    /// So many things of another kind are done.
    Count {
        /// How many.
        done: u64,
        /// Of how many.
        all: u64,
        /// The last of them, in words.
        what: &'a str,
    },
}

/// What the solver may say of a condition.
const OUTCOMES: &[&str] = &["proved", "possible-counterexample", "undecided", "failed"];

impl<'a> Event<'a> {
    /// A condition is done.
    pub(crate) fn done(obligation: &'a str, done: &Done<'_>) -> Self {
        let Done { outcome, rlimit, time, is_cached } = done;
        let outcome = match outcome {
            Outcome::Proved { core: _ } => "proved",
            Outcome::NotProved(NotProved::Satisfiable(_)) => "possible-counterexample",
            Outcome::NotProved(NotProved::Unknown(_)) => "undecided",
            Outcome::NotProved(NotProved::Failed(_)) => "failed",
        };
        Self::Done { obligation, outcome, rlimit: *rlimit, ms: millis(*time), cached: *is_cached }
    }

    /// A condition runs.
    pub(crate) fn running(obligation: &'a str, time: Duration) -> Self {
        Self::Running { obligation, ms: millis(time) }
    }

    /// The event as a line.
    pub(crate) fn line(&self) -> String {
        serde_json::to_string(self).unwrap_or_default() + "\n"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_known_is_told_apart() {
        let outcome = Outcome::Proved { core: Vec::new() };
        let done = Done { outcome: &outcome, rlimit: 7, time: Duration::from_millis(12), is_cached: true };
        assert_eq!(
            Event::done("T.1", &done).line(),
            "{\"event\":\"done\",\"obligation\":\"T.1\",\"outcome\":\"proved\",\"rlimit\":7,\"ms\":12.0,\
             \"cached\":true}\n"
        );
    }
}
