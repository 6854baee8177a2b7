//! Whether a behaviour reaches a state in a few steps.

use lang::typed::{Expr, Module};

use super::Confirmation;
use super::breadth::{Seen, insert, trace};
use super::confirm::ask;
use super::fingerprint::fingerprint;
use super::symmetry::Symmetry;
use crate::behaviour::Behaviour;
use crate::evaluate::{Stuck, Why};
use crate::instance::Instance;
use crate::successors::{Stepper, Steps, Trouble};
use crate::value::State;

/// Whether a state is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// It is, in so many steps; the strict evaluator confirmed each of them. In fewer it is not, as far as `Nat` is
    /// read as the instance's integers.
    Reached {
        /// How many.
        steps: usize,
    },
    /// It is not in so many steps, as far as `Nat` is read as the instance's integers.
    NotWithin {
        /// How many.
        steps: usize,
        /// How many states were seen, up to symmetry.
        states: usize,
        /// Whether no more states exist at all, so that it is not reached in any number of steps.
        is_all: bool,
    },
    /// The budget was used up, or states could not be found; so many steps were looked at.
    GaveUp {
        /// How many.
        steps: usize,
        /// How many states were seen, up to symmetry.
        states: usize,
        /// Why, if states could not be found.
        trouble: Option<Trouble>,
    },
}

/// Looks for a state among those that can be reached in `depth` steps, until `stop` says that it is enough; `stop`
/// is told how many states were seen.
///
/// A state is reached if one is that symmetry makes equal to it: permuting a behaviour gives a behaviour.
pub fn is_reachable(
    module: &Module,
    behaviour: &Behaviour,
    instance: &Instance,
    state: &State,
    depth: usize,
    stop: &dyn Fn(usize) -> bool,
) -> Reach {
    let steps = Steps::new(module, behaviour);
    let stepper = Stepper::new(&steps, instance);
    let actions = behaviour.next.iter().map(|(action, _)| action);
    let formulas: Vec<&Expr> = behaviour.init.iter().chain(actions).collect();
    let symmetry = Symmetry::of(module, instance, &formulas);
    let wanted = fingerprint(state, &symmetry);
    let mut seen = Seen::default();
    let mut frontier = Vec::new();
    let initial = match stepper.initial() {
        Ok(initial) => initial,
        Err(trouble) => return Reach::GaveUp { steps: 0, states: 0, trouble: Some(trouble) },
    };
    for state in initial {
        insert(&mut seen, fingerprint(&state, &symmetry), None, state, &mut frontier);
    }
    for steps in 0..=depth {
        if let Some(idx) = seen.get_index_of(&wanted).and_then(|idx| u32::try_from(idx).ok()) {
            let found = trace(&stepper, &seen, &symmetry, idx);
            let trouble = match ask(module, instance, behaviour, &found, None) {
                Confirmation::Confirmed => return Reach::Reached { steps },
                Confirmation::Open(stuck) => stuck,
                // The step is one only if infinite sets end.
                Confirmation::Denied(span) => Stuck { why: Why::Infinite, span },
            };
            return Reach::GaveUp { steps, states: seen.len(), trouble: Some(trouble.into()) };
        }
        if steps == depth {
            break;
        }
        let mut next = Vec::new();
        for (idx, state) in std::mem::take(&mut frontier) {
            let result = stepper.transitions(&state, &mut |transition| {
                let fingerprint = fingerprint(&transition.state, &symmetry);
                insert(&mut seen, fingerprint, Some(idx), transition.state, &mut next);
            });
            if let Err(trouble) = result {
                return Reach::GaveUp { steps, states: seen.len(), trouble: Some(trouble) };
            }
            if !seen.contains_key(&wanted) && stop(seen.len()) {
                return Reach::GaveUp { steps, states: seen.len(), trouble: None };
            }
            if seen.contains_key(&wanted) {
                break;
            }
        }
        if next.is_empty() {
            return Reach::NotWithin { steps, states: seen.len(), is_all: true };
        }
        frontier = next;
    }
    Reach::NotWithin { steps: depth, states: seen.len(), is_all: false }
}
