//! Replay: a candidate against the evaluator, which shares no code with the search.

use eval::evaluate::{Bounds, Evaluator, Moment};
use lang::typed::Expr;

use eval::replay::Counterexample;

use crate::question::Question;

/// Whether the candidate makes all formulas of the question true, and its goal false, as TLA+ reads them.
pub fn replay(question: &Question<'_>, candidate: &Counterexample) -> bool {
    failing(question, candidate, Bounds::Strict).is_none()
}

/// What the evaluator does not confirm of a candidate: the formula, and what it says of it.
pub fn failing<'q>(
    question: &'q Question<'_>,
    candidate: &Counterexample,
    bounds: Bounds,
) -> Option<(&'q Expr, String)> {
    let evaluator = Evaluator::new(question.module, &candidate.instance, bounds);
    let now = Moment { now: candidate.before.as_ref(), next: None };
    let step = Moment { now: candidate.before.as_ref(), next: candidate.after.as_ref() };
    let check = |formula: &'q Expr, moment: Moment<'_>, wanted: bool| match evaluator.formula(formula, moment)
    {
        Ok(truth) if truth == wanted => None,
        Ok(truth) => Some((formula, format!("it is {truth}"))),
        Err(stuck) => Some((formula, format!("{}, at {:?}", stuck.why, stuck.span))),
    };
    let failing = question
        .assumptions
        .iter()
        .map(|formula| (formula, Moment::default()))
        .chain(question.before.iter().map(|formula| (formula, now)))
        .chain(question.step.iter().map(|formula| (formula, step)))
        .find_map(|(formula, moment)| check(formula, moment, true));
    failing.or_else(|| check(&question.goal, step, false))
}
