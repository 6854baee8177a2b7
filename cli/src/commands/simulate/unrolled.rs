//! A search by a solver: what it finds is replayed, state by state, before anything is said of it.

use eval::behaviour::Behaviour;
use eval::instance::Choices;
use eval::search::{Confirmation, End, Found, Limit, Task, Trace, confirm};
use eval::successors::{ActionId, Stepper, Transition, formulas};
use refute::{Behaviours, Bound, Ending, Run, Unrolled, unroll};

/// What a solver says of a search.
pub(super) struct Solved {
    /// How far it went, and why no farther.
    pub(super) unrolled: Unrolled,
    /// What `CHOOSE` takes in what was found.
    pub(super) choices: Option<Choices>,
}

/// Looks for a violation in up to so many steps.
pub(super) fn search(task: Task<'_>, behaviour: &Behaviour, bound: &Bound<'_>) -> (Found, Solved) {
    let module = task.steps.module();
    let (init, next) = formulas(module, behaviour);
    let claims = task.predicates.iter().map(|predicate| predicate.formula.clone()).collect();
    let behaviours = Behaviours { module, instance: task.instance, init, next, claims };
    let mut best: Option<Replayed> = None;
    let unrolled = unroll(&behaviours, bound, &mut |run| {
        let Some(replayed) = replayed(task, run) else { return false };
        let own = Task { instance: &run.instance, ..task };
        let answer = confirm(own, behaviour, &replayed.trace, &task.predicates[run.claim]);
        match answer {
            Confirmation::Confirmed => best = Some(replayed),
            Confirmation::Open(_) if best.is_none() => best = Some(replayed),
            Confirmation::Open(_) | Confirmation::Denied(_) => {}
        }
        answer == Confirmation::Confirmed
    });
    let mut found = Found::before(task.steps, 1);
    found.depth = unrolled.searched.unwrap_or(0);
    let (end, choices) = match best {
        Some(Replayed { run, trace, actions }) => {
            found.depth = trace.labels.len();
            found.states = trace.states.len();
            for action in actions {
                found.fired[action] += 1;
                found.transitions += 1;
            }
            (End::Violated { predicate: run.claim, trace }, Some(run.instance.choices))
        }
        None if unrolled.end == Ending::Searched => (End::Limited(Limit::Depth), None),
        None => (End::Limited(Limit::Time), None),
    };
    found.end = end;
    (found, Solved { unrolled, choices })
}

/// What a solver proposes, with what the evaluator says of its steps.
struct Replayed {
    run: Run,
    trace: Trace,
    actions: Vec<ActionId>,
}

/// The states with the steps between them; nothing if one of them is none of the behaviour's.
fn replayed(task: Task<'_>, run: &Run) -> Option<Replayed> {
    let stepper = Stepper::new(task.steps, &run.instance);
    let steps = run.states.windows(2).map(|pair| stepper.step_to(&pair[0], &pair[1]));
    let steps: Vec<Transition> = steps.collect::<Option<_>>()?;
    let labels = steps.iter().map(|step| task.steps.label(step)).collect();
    let trace = Trace { states: run.states.clone(), labels };
    Some(Replayed { run: run.clone(), trace, actions: steps.iter().map(|step| step.action).collect() })
}
