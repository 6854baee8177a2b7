//! A search by a solver: what it finds is replayed, state by state, before anything is said of it.

use eval::behaviour::Behaviour;
use eval::instance::Choices;
use eval::search::{Confirmation, End, Found, Limit, Task, Trace, confirm};
use eval::successors::{Label, Stepper, formulas};
use refute::{Behaviours, Bound, Ending, Run, Unrolled, unroll};

/// What came of a search.
pub(super) struct Solved {
    /// In the form of other searches.
    pub(super) found: Found,
    /// How far it went, and why no farther.
    pub(super) unrolled: Unrolled,
    /// What `CHOOSE` takes in what was found.
    pub(super) choices: Option<Choices>,
}

/// Looks for a violation in up to so many steps.
pub(super) fn search(task: Task<'_>, behaviour: &Behaviour, bound: &Bound<'_>) -> Solved {
    let module = task.steps.module();
    let (init, next) = formulas(module, behaviour);
    let claims = task.predicates.iter().map(|predicate| predicate.formula.clone()).collect();
    let behaviours = Behaviours { module, instance: task.instance, init, next, claims };
    let mut best: Option<(Run, Trace)> = None;
    let unrolled = unroll(&behaviours, bound, &mut |run| {
        let Some(trace) = labelled(task, run) else { return false };
        let own = Task { instance: &run.instance, ..task };
        let answer = confirm(own, behaviour, &trace, &task.predicates[run.claim]);
        match answer {
            Confirmation::Confirmed => best = Some((run.clone(), trace)),
            Confirmation::Open(_) if best.is_none() => best = Some((run.clone(), trace)),
            Confirmation::Open(_) | Confirmation::Denied(_) => {}
        }
        answer == Confirmation::Confirmed
    });
    let mut found = Found::before(task.steps, 1);
    found.depth = unrolled.searched.unwrap_or(0);
    let (end, choices) = match best {
        Some((run, trace)) => {
            found.depth = trace.labels.len();
            found.states = trace.states.len();
            found.transitions = trace.labels.len() as u64;
            (End::Violated { predicate: run.claim, trace }, Some(run.instance.choices))
        }
        None if unrolled.end == Ending::Searched => (End::Limited(Limit::Depth), None),
        None => (End::Limited(Limit::Time), None),
    };
    found.end = end;
    Solved { found, unrolled, choices }
}

/// The states with the steps between them; nothing if one of them is none of the behaviour's.
fn labelled(task: Task<'_>, run: &Run) -> Option<Trace> {
    let stepper = Stepper::new(task.steps, &run.instance);
    let labels: Option<Vec<Label>> = run
        .states
        .windows(2)
        .map(|pair| Some(task.steps.label(&stepper.step_to(&pair[0], &pair[1])?)))
        .collect();
    Some(Trace { states: run.states.clone(), labels: labels? })
}
