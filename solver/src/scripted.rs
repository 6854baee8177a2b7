//! A backend with canned answers, for tests of what surrounds a solver.
//!
//! Invariant: it proves nothing by itself; what the script does not mention is unknown.

use std::collections::VecDeque;
use std::time::Duration;

use vcgen::vc::{Stage, Term, Vc};

use crate::backend::{Answer, Backend, Check, Limits, SolverError, UnknownReason};

/// Whether a rule is meant for a question.
type Guard = Box<dyn Fn(&Vc, &Stage) -> bool + Send>;

/// Canned answers: first those given for certain questions, then those given in order.
#[derive(Default)]
pub struct Scripted {
    rules: Vec<(Guard, Result<Answer, SolverError>)>,
    in_order: VecDeque<Result<Answer, SolverError>>,
}

impl Scripted {
    /// A script that answers as `answers` say, one after the other.
    pub fn in_order(answers: impl IntoIterator<Item = Result<Answer, SolverError>>) -> Self {
        Self { rules: Vec::new(), in_order: answers.into_iter().collect() }
    }

    /// Adds an answer to all questions that `guard` accepts.
    #[must_use]
    pub fn when(
        mut self,
        guard: impl Fn(&Vc, &Stage) -> bool + Send + 'static,
        answer: Result<Answer, SolverError>,
    ) -> Self {
        self.rules.push((Box::new(guard), answer));
        self
    }

    /// Adds an answer to all questions whose stage sees a hypothesis labelled `label`.
    #[must_use]
    pub fn when_labelled(self, label: &str, answer: Answer) -> Self {
        let label = label.to_owned();
        let sees = move |vc: &Vc, stage: &Stage| {
            vc.hypotheses.iter().any(|hypothesis| hypothesis.label == label && hypothesis.tier <= stage.tier)
        };
        self.when(sees, Ok(answer))
    }

    /// Adds an answer to all questions with the goal `goal`.
    #[must_use]
    pub fn when_goal(self, goal: Term, answer: Answer) -> Self {
        self.when(move |vc, _| vc.goal.as_ref() == Some(&goal), Ok(answer))
    }
}

impl Backend for Scripted {
    fn check(&mut self, vc: &Vc, stage: &Stage, _limits: Limits) -> Result<Check, SolverError> {
        let by_rule = self.rules.iter().find(|(guard, _)| guard(vc, stage)).map(|(_, answer)| answer.clone());
        let unscripted = || Ok(Answer::Unknown(UnknownReason::Incomplete("not in the script".to_owned())));
        let answer = by_rule.or_else(|| self.in_order.pop_front()).unwrap_or_else(unscripted)?;
        Ok(Check { answer, rlimit: 1, time: Duration::ZERO })
    }
}
