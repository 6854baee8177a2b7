//! Whether a behaviour reaches a state in a few steps.

use indexmap::IndexSet;

use super::fingerprint::{ByFingerprint, Fingerprint, fingerprint};
use super::symmetry::Symmetry;
use crate::behaviour::Behaviour;
use crate::instance::Instance;
use crate::successors::{Stepper, Steps, Trouble};
use crate::value::State;
use lang::typed::{Expr, Module};

/// Whether a state is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// It is, in so many steps and not in fewer (as far as `Nat` is read as the instance's integers).
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
    let mut seen: IndexSet<Fingerprint, ByFingerprint> = IndexSet::default();
    let mut frontier = Vec::new();
    let initial = match stepper.initial() {
        Ok(initial) => initial,
        Err(trouble) => return Reach::GaveUp { steps: 0, states: 0, trouble: Some(trouble) },
    };
    for state in initial {
        let fingerprint = fingerprint(&state, &symmetry);
        if fingerprint == wanted {
            return Reach::Reached { steps: 0 };
        }
        if seen.insert(fingerprint) {
            frontier.push(state);
        }
    }
    for steps in 1..=depth {
        let mut next = Vec::new();
        for state in std::mem::take(&mut frontier) {
            let mut is_reached = false;
            let result = stepper.transitions(&state, &mut |transition| {
                let fingerprint = fingerprint(&transition.state, &symmetry);
                is_reached |= fingerprint == wanted;
                if seen.insert(fingerprint) {
                    next.push(transition.state);
                }
            });
            if is_reached {
                return Reach::Reached { steps };
            }
            if let Err(trouble) = result {
                return Reach::GaveUp { steps: steps - 1, states: seen.len(), trouble: Some(trouble) };
            }
            if stop(seen.len()) {
                return Reach::GaveUp { steps: steps - 1, states: seen.len(), trouble: None };
            }
        }
        if next.is_empty() {
            return Reach::NotWithin { steps, states: seen.len(), is_all: true };
        }
        frontier = next;
    }
    Reach::NotWithin { steps: depth, states: seen.len(), is_all: false }
}
