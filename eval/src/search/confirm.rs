//! Traces are confirmed by the strict evaluator, state by state, from the module's own formulas.
//!
//! Soundness: a trace is confirmed only if every assumption is true of the instance, the first state satisfies the
//! initial predicate, each step is one of `[Next]_v`, and the predicate is false in the last state, all in the
//! strict reading, in which `Nat` has no end. The evaluator knows nothing of plans and walks.

use lang::typed::{Expr, ExprKind, FactKind, Module};

use super::{Predicate, Task, Trace};
use crate::behaviour::Behaviour;
use crate::evaluate::{Bounds, Evaluator, Moment, Stuck};
use crate::instance::Instance;
use crate::successors::{Stepper, Transition};
use crate::value::State;

/// What the strict evaluator says of a trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Confirmation {
    /// It is a behaviour's beginning that violates the predicate.
    Confirmed,
    /// Nothing speaks against it, but this could not be evaluated.
    Open(Stuck),
    /// It is none: this is false (or true, if it is the predicate).
    Denied(lang::source::Span),
}

/// Asks about a trace that should violate a predicate.
pub fn confirm(task: Task<'_>, behaviour: &Behaviour, trace: &Trace, predicate: &Predicate) -> Confirmation {
    ask(task.steps.module(), task.instance, behaviour, trace, Some(predicate))
}

/// Asks about a trace, and about what should be false in its last state, if anything.
pub(super) fn ask(
    module: &Module,
    instance: &Instance,
    behaviour: &Behaviour,
    trace: &Trace,
    predicate: Option<&Predicate>,
) -> Confirmation {
    let evaluator = Evaluator::new(module, instance, Bounds::Strict);
    let mut questions: Vec<(&Expr, Moment<'_>, bool)> = Vec::new();
    for fact in &module.facts {
        if matches!(fact.kind, FactKind::Assumption | FactKind::Axiom) {
            questions.push((&fact.statement, Moment::default(), true));
        }
    }
    let boxed = behaviour.next.iter().map(|(action, subscript)| {
        let kind = ExprKind::ActionBox(action.clone(), subscript.clone());
        Expr::new(kind, action.sort.clone(), action.span)
    });
    let boxed: Vec<Expr> = boxed.collect();
    if let Some(first) = trace.states.first() {
        questions.extend(behaviour.init.iter().map(|init| (init, at(first), true)));
    }
    for pair in trace.states.windows(2) {
        let moment = Moment { now: pair.first(), next: pair.last() };
        questions.extend(boxed.iter().map(|step| (step, moment, true)));
    }
    if let (Some(last), Some(predicate)) = (trace.states.last(), predicate) {
        questions.push((&predicate.formula, at(last), false));
    }
    let mut open = None;
    for (formula, moment, wanted) in questions {
        match evaluator.formula(formula, moment) {
            Ok(truth) if truth == wanted => {}
            Ok(_) => return Confirmation::Denied(formula.span),
            Err(stuck) => {
                open.get_or_insert(stuck);
            }
        }
    }
    open.map_or(Confirmation::Confirmed, Confirmation::Open)
}

fn at(state: &State) -> Moment<'_> {
    Moment { now: Some(state), next: None }
}

/// The first step from a state whose next state is as wanted.
pub(super) fn stepping(
    stepper: &Stepper<'_>,
    state: &State,
    is_wanted: impl Fn(&State) -> bool,
) -> Option<Transition> {
    let mut first = None;
    // Trouble after the wanted step does not matter; before it, the step was not found in the first place.
    let _ = stepper.transitions(state, &mut |transition| {
        if first.is_none() && is_wanted(&transition.state) {
            first = Some(transition);
        }
    });
    first
}
