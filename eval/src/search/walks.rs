//! Random walks: many behaviours, each some steps long, the same ones for the same seed.

use super::breadth::check;
use super::{End, Found, Limits, Task, Trace};
use crate::evaluate::{Bounds, Evaluator};
use crate::successors::{Stepper, Transition};

/// How many walks, how long, and which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Walks {
    /// How many.
    pub count: u64,
    /// How many steps each takes at most.
    pub depth: usize,
    /// The seed of the choices.
    pub seed: u64,
}

/// Takes random walks until one violates a predicate. States are counted as often as they are visited.
pub fn walk(task: Task<'_>, walks: Walks, limits: Limits<'_>) -> Found {
    let stepper = Stepper::new(task.steps, task.instance);
    let strict = Evaluator::new(task.steps.module(), task.instance, Bounds::Strict);
    let mut found = Found::before(task.steps, 1);
    let initial = match stepper.initial() {
        Ok(initial) => initial,
        Err(trouble) => {
            found.end = End::Failed { trouble, trace: Trace::default() };
            return found;
        }
    };
    for number in 0..walks.count {
        // A walk's dice begin where no other walk's dice come by.
        let mut dice = Dice(Dice(walks.seed).roll() ^ Dice(!number).roll());
        let Some(start) = dice.pick(&initial) else { break };
        let mut trace = Trace { states: vec![start.clone()], labels: Vec::new() };
        if let Some(end) = one(task, &stepper, &strict, walks.depth, &mut dice, &mut trace, &mut found) {
            found.end = end;
            break;
        }
        if let Some(limit) = (limits.stop)() {
            found.end = End::Limited(limit);
            break;
        }
    }
    found.bounded = stepper.bounded_at();
    found
}

/// One walk; how it ends the search, if it does.
fn one(
    task: Task<'_>,
    stepper: &Stepper<'_>,
    strict: &Evaluator<'_>,
    depth: usize,
    dice: &mut Dice,
    trace: &mut Trace,
    found: &mut Found,
) -> Option<End> {
    loop {
        let state = trace.states.last()?.clone();
        found.states += 1;
        let mut unsettled = Vec::new();
        let is_first = trace.labels.is_empty();
        if let Some(predicate) = check(task.predicates, stepper, strict, &state, is_first, &mut unsettled) {
            return Some(End::Violated { predicate, trace: std::mem::take(trace) });
        }
        for (predicate, stuck) in unsettled {
            found.unsettled.entry(predicate).or_insert(stuck);
        }
        if trace.labels.len() >= depth {
            return None;
        }
        let steps: Vec<Transition> = match stepper.successors(&state) {
            Ok(steps) => steps,
            Err(trouble) => return Some(End::Failed { trouble, trace: std::mem::take(trace) }),
        };
        let Some(step) = dice.pick(&steps) else {
            found.deadlock.get_or_insert_with(|| trace.clone());
            return None;
        };
        found.fired[step.action] += 1;
        found.transitions += 1;
        trace.labels.push(task.steps.label(step));
        trace.states.push(step.state.clone());
        found.depth = found.depth.max(trace.labels.len());
    }
}

/// A sequence of numbers that looks random (splitmix64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    }

    fn pick<'i, T>(&mut self, items: &'i [T]) -> Option<&'i T> {
        let count = u64::try_from(items.len()).ok().filter(|count| *count > 0)?;
        items.get(usize::try_from(self.roll() % count).ok()?)
    }
}
