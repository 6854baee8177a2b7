//! Whether some next state makes an action true.
//!
//! Soundness: yes is said of a next state that the evaluator confirms, in the same reading, with the action as it
//! is written. No is said only where a walk through the plan has come to an end on every way because a part that is
//! required is false. A plan is equivalent to its action, and assigns a variable only where the action says what it
//! is; so whatever values a next state has, of whatever sort, some part of the action is false. A way on which a
//! part has no value, or a name ranges over more values than were tried, or a variable that is read gets no value,
//! is not one that has come to an end; it leaves the question open, unless another way leads to a next state.
//! Variables that the action does not read in the next state may be anything, and do not matter.
//!
//! `b' <=> e` is read as `b' = e`, since both are one in the typed tree. That a next value is used as a truth value
//! otherwise does not say what it is.

use std::ops::ControlFlow;
use std::sync::Arc;

use lang::ids::{Id, IdVec};
use lang::sort::Sort;
use lang::typed::{Expr, Module, Time, VariableId};

use super::plan::{Planner, Step};
use super::reads::Reads;
use super::walk::{Context, Walk, Walker};
use crate::env::Env;
use crate::evaluate::{Evaluator, Moment, Stuck, Why};
use crate::value::{State, Value};

/// So many next states are tried where variables get no value.
const MAX_TRIED: usize = 256;

/// An action of which it is asked whether it is enabled.
#[derive(Debug)]
pub(crate) struct Enabling {
    action: Expr,
    plan: Step,
    /// The variables that it reads in the next state.
    next: Vec<VariableId>,
}

impl Enabling {
    /// Prepares an action.
    pub(crate) fn new(module: &Module, reads: &Reads, action: &Expr) -> Self {
        let plan = Planner::new(module, reads, Time::Next, "", action.span).plan_strictly(action);
        let next = reads.of(action, Time::Next).into_iter().collect();
        Self { action: action.clone(), plan, next }
    }

    /// Whether it is enabled in a state, where these names have values.
    pub(crate) fn ask(
        &self,
        evaluator: &Evaluator<'_>,
        names: &Env,
        now: Option<&State>,
    ) -> Result<bool, Stuck> {
        let mut open = None;
        let mut ending = |end: Result<Walk<'_>, Stuck>| {
            let answer = match end {
                Ok(walk) => self.complete(evaluator, names, now, &walk.values),
                Err(stuck) => Err(stuck),
            };
            match answer {
                Ok(()) => return ControlFlow::Break(true),
                Err(stuck) => open.get_or_insert(stuck),
            };
            if evaluator.is_exhausted() { ControlFlow::Break(false) } else { ControlFlow::Continue(()) }
        };
        let mut context = Context { target: Time::Next, span: self.action.span, now, ending: &mut ending };
        let walker = Walker { evaluator, is_counted: true };
        let end = walker.walk(walker.start(&self.plan, names.clone()), &mut context);
        if end == ControlFlow::Break(true) { Ok(true) } else { open.map_or(Ok(false), Err) }
    }

    /// Looks for a next state with these values that makes the action true.
    fn complete(
        &self,
        evaluator: &Evaluator<'_>,
        names: &Env,
        now: Option<&State>,
        values: &[Option<Value>],
    ) -> Result<(), Stuck> {
        let missing: Vec<VariableId> =
            self.next.iter().copied().filter(|variable| values[variable.index()].is_none()).collect();
        let worth: Vec<Vec<Value>> =
            missing.iter().map(|variable| candidates(evaluator, now, *variable)).collect();
        let names = names.names();
        // Other values than those that are tried may do.
        let mut open = Stuck { why: Why::Infinite, span: self.action.span };
        let n_ways = worth.iter().fold(1, |ways: usize, worth| ways.saturating_mul(worth.len()));
        for position in 0..n_ways.min(MAX_TRIED) {
            let mut rest = position;
            let mut taken: Vec<Option<Value>> = values.to_vec();
            for (variable, worth) in missing.iter().zip(&worth) {
                taken[variable.index()] = worth.get(rest % worth.len()).cloned();
                rest /= worth.len();
            }
            let mut state = IdVec::new();
            for value in taken {
                // What has no value is not read.
                state.push(value.unwrap_or(Value::Bool(false)));
            }
            let moment = Moment { now, next: Some(&Arc::new(state)) };
            match evaluator.formula_with(&self.action, &names, moment) {
                Ok(true) => return Ok(()),
                Err(stuck) if missing.is_empty() => open = stuck,
                Ok(false) | Err(_) => {}
            }
        }
        Err(open)
    }
}

/// Next values that are worth trying for a variable that gets none: the one it has, and some others of its sort.
fn candidates(evaluator: &Evaluator<'_>, now: Option<&State>, variable: VariableId) -> Vec<Value> {
    let sort = &evaluator.module().variables[variable].sort;
    let instance = evaluator.instance();
    // In a state that is not complete, a truth value may stand for what is not read.
    let has_sort = |value: &Value| !matches!(value, Value::Bool(_)) || *sort == Sort::Bool;
    let kept = now.map(|state| state[variable].clone()).filter(has_sort);
    let others: Vec<Value> = match sort {
        Sort::Bool => vec![Value::Bool(false), Value::Bool(true)],
        Sort::Int => {
            let near = match kept {
                Some(Value::Int(number)) => [number.checked_add(1), number.checked_sub(1)],
                _ => [None, None],
            };
            let some = instance.integers.clone().take(8);
            near.into_iter().flatten().chain(some).map(Value::Int).collect()
        }
        Sort::Uninterpreted(id) => {
            (0..instance.sizes[*id].min(8)).map(|element| Value::Element(*id, element)).collect()
        }
        Sort::Set(_) => vec![Value::set([])],
        Sort::Function(..) => vec![Value::function([])],
        Sort::Str | Sort::Tuple(_) | Sort::Record(_) => Vec::new(),
    };
    let mut all: Vec<Value> = kept.into_iter().collect();
    for value in others {
        if !all.contains(&value) {
            all.push(value);
        }
    }
    all
}
