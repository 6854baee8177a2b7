//! Whether a behaviour makes a step that a formula about steps forbids.

use lang::typed::{Expr, Module};

use super::breadth::{Seen, insert, trace};
use super::confirm::{ask, stepping};
use super::fingerprint::fingerprint;
use super::symmetry::Symmetry;
use super::{Confirmation, Trace};
use crate::behaviour::Refinement;
use crate::evaluate::behaviours::View;
use crate::evaluate::{Bounds, Evaluator, Moment};
use crate::instance::Instance;
use crate::successors::{Stepper, Steps};
use crate::value::State;

/// The shortest behaviour found whose last step is none that the conclusion of a refinement allows, confirmed step
/// by step by the strict evaluator; `stop` is told how many states were seen.
pub fn violating_step(
    module: &Module,
    refinement: &Refinement,
    instance: &Instance,
    stop: &dyn Fn(usize) -> bool,
) -> Option<Trace> {
    let behaviour = &refinement.behaviour;
    let steps = Steps::new(module, behaviour);
    let stepper = Stepper::new(&steps, instance);
    let evaluator = Evaluator::new(module, instance, Bounds::Strict);
    let actions = behaviour.next.iter().map(|(action, _)| action);
    let formulas: Vec<&Expr> =
        behaviour.init.iter().chain(actions).chain(std::iter::once(&refinement.conclusion)).collect();
    let symmetry = Symmetry::of(module, instance, &formulas);
    let violates = |before: &State, after: &State| {
        let moment = Moment { now: Some(before), next: Some(after) };
        evaluator.seen(&refinement.conclusion, View::Step, moment) == Ok(false)
    };
    let mut seen = Seen::default();
    let mut frontier = Vec::new();
    for state in stepper.initial().ok()? {
        insert(&mut seen, fingerprint(&state, &symmetry), None, state, &mut frontier);
    }
    while !frontier.is_empty() {
        let mut next = Vec::new();
        for (idx, state) in std::mem::take(&mut frontier) {
            if stop(seen.len()) {
                return None;
            }
            let mut is_violated = false;
            let mut visit = |after: State| {
                is_violated |= violates(&state, &after);
                insert(&mut seen, fingerprint(&after, &symmetry), Some(idx), after, &mut next);
            };
            stepper.transitions(&state, &mut |transition| visit(transition.state)).ok()?;
            if is_violated {
                let mut found = trace(&stepper, &seen, &symmetry, idx);
                let last = found.states.last()?.clone();
                let transition = stepping(&stepper, &last, |after| violates(&last, after))?;
                found.labels.push(steps.label(&transition));
                found.states.push(transition.state);
                let confirmed = ask(module, instance, behaviour, &found, None) == Confirmation::Confirmed;
                return confirmed.then_some(found);
            }
        }
        frontier = next;
    }
    None
}
