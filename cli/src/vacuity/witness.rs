//! Examples: states and steps of a small instance in which something is true that would be hollow otherwise.
//!
//! Soundness: a witness says that a formula is true in a step that was found by walking from an initial state,
//! as the strict evaluator reads it, on an instance that satisfies the assumptions. So what the formula says can
//! come about, and no finding is suppressed by it that is right. Not to meet a witness says nothing.

use eval::behaviour;
use eval::evaluate::{Bounds, Evaluator, Moment};
use eval::instance::{Instance, Sizes, instances};
use eval::successors::{Stepper, Steps};
use eval::value::State;
use lang::typed::{Expr, Module};
use vcgen::program::Program;

/// How many walks are taken on each instance.
const N_WALKS: usize = 24;
/// How many steps each of them has at most.
const MAX_STEPS: usize = 14;
/// How many instances are looked at.
const MAX_INSTANCES: usize = 2;
/// Numbers that names take which range over infinite sets.
const INTEGERS: std::ops::RangeInclusive<i64> = 0..=2;

/// For each formula about a step, or about a state, whether it is true in one that was met.
pub fn witnessed(program: &Program, formulas: &[Expr], is_stopped: &dyn Fn() -> bool) -> Vec<bool> {
    let module = Module { locals: program.all_locals(), ..program.module.clone() };
    let mut met = vec![false; formulas.len()];
    let Some(behaviour) = behaviour::of_module(&module) else {
        return met;
    };
    let steps = Steps::new(&module, &behaviour);
    let sizes = Sizes::usual(&module, INTEGERS);
    let satisfying = instances(&module, &sizes).filter(|found| found.unsettled.is_empty());
    for found in satisfying.take(MAX_INSTANCES) {
        walk(&steps, &found.instance, formulas, &mut met, is_stopped);
        if met.iter().all(|met| *met) || is_stopped() {
            break;
        }
    }
    met
}

fn walk(
    steps: &Steps<'_>,
    instance: &Instance,
    formulas: &[Expr],
    met: &mut [bool],
    is_stopped: &dyn Fn() -> bool,
) {
    let stepper = Stepper::new(steps, instance);
    let evaluator = Evaluator::new(steps.module(), instance, Bounds::Strict);
    let Ok(initial) = stepper.initial() else { return };
    let mut dice = Dice(1);
    for _ in 0..N_WALKS {
        let Some(start) = dice.pick(&initial) else { return };
        let mut state: State = start.clone();
        for _ in 0..MAX_STEPS {
            let Ok(transitions) = stepper.successors(&state) else { return };
            let Some(step) = dice.pick(&transitions) else { break };
            let moment = Moment { now: Some(&state), next: Some(&step.state) };
            for (formula, met) in formulas.iter().zip(&mut *met) {
                *met = *met || evaluator.formula(formula, moment) == Ok(true);
            }
            state = step.state.clone();
        }
        if met.iter().all(|met| *met) || is_stopped() {
            return;
        }
    }
}

/// Numbers that look random, the same ones each time.
struct Dice(u64);

impl Dice {
    fn pick<'i, T>(&mut self, items: &'i [T]) -> Option<&'i T> {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let count = u64::try_from(items.len()).ok().filter(|count| *count > 0)?;
        items.get(usize::try_from((self.0 >> 33) % count).ok()?)
    }
}
