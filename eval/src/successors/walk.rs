//! Walks a plan, with a partial state.
//!
//! A walk holds what is still to be read (`todo`), what waits for a variable to get its value (`waiting`), and the
//! values given so far. A choice forks the walk. A walk ends with a state when nothing is left to be read.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::sync::Arc;

use lang::ids::{Id, IdVec};
use lang::sort::Sort;
use lang::source::Span;
use lang::typed::{Expr, Time, VariableId};

use super::plan::{ActionId, Range, Step, Term};
use super::{Steps, Transition, Trouble};
use crate::env::Env;
use crate::evaluate::{Bounds, Evaluator, Moment, Stuck, Why};
use crate::instance::Instance;
use crate::value::{Infinite, State, Value};

/// More integers than these are not tried.
const MAX_INTEGERS: i64 = 1 << 16;

/// Steps through a behaviour on an instance.
#[derive(Debug)]
pub struct Stepper<'m> {
    steps: &'m Steps<'m>,
    instance: &'m Instance,
    evaluator: Evaluator<'m>,
    bounded: RefCell<BTreeSet<Span>>,
}

/// A walk that is under way.
#[derive(Clone)]
struct Walk<'p> {
    todo: Vec<(&'p Step, Env)>,
    waiting: Vec<(&'p Step, Env)>,
    values: Vec<Option<Value>>,
    action: ActionId,
    at: Env,
    taken: Env,
}

/// What stays the same during a walk.
struct Context<'v> {
    /// Which variables are assigned.
    target: Time,
    /// The state before the step.
    now: Option<&'v State>,
    found: &'v mut dyn FnMut(Transition),
}

impl<'m> Stepper<'m> {
    /// Steps through `steps` on `instance`; names that range over `Nat` or `Int` take the instance's integers.
    pub fn new(steps: &'m Steps<'m>, instance: &'m Instance) -> Self {
        let evaluator = Evaluator::new(steps.module, instance, Bounds::Bounded);
        Self { steps, instance, evaluator, bounded: RefCell::default() }
    }

    /// The behaviour.
    pub fn steps(&self) -> &'m Steps<'m> {
        self.steps
    }

    /// What evaluates guards and values.
    pub fn evaluator(&self) -> &Evaluator<'m> {
        &self.evaluator
    }

    /// The places where an infinite set was read as the instance's integers, in order.
    pub fn bounded_at(&self) -> BTreeSet<Span> {
        let mut all = self.bounded.borrow().clone();
        all.extend(self.evaluator.bounded_at());
        all
    }

    /// The states that a behaviour may begin in, without duplicates, in the order in which they are found.
    pub fn initial(&self) -> Result<Vec<State>, Trouble> {
        let mut found: indexmap::IndexSet<State> = indexmap::IndexSet::new();
        let mut visit = |transition: Transition| {
            found.insert(transition.state);
        };
        let mut context = Context { target: Time::Now, now: None, found: &mut visit };
        self.walk(self.start(&self.steps.init), &mut context)?;
        Ok(found.into_iter().collect())
    }

    /// The steps from a state, in the order in which they are found; one state may be reached in several ways.
    pub fn transitions(&self, state: &State, found: &mut dyn FnMut(Transition)) -> Result<(), Trouble> {
        let mut context = Context { target: Time::Next, now: Some(state), found };
        self.walk(self.start(&self.steps.next), &mut context)
    }

    /// The steps from a state, one for each next state.
    pub fn successors(&self, state: &State) -> Result<Vec<Transition>, Trouble> {
        let mut states: indexmap::IndexSet<State> = indexmap::IndexSet::new();
        let mut all = Vec::new();
        self.transitions(state, &mut |transition| {
            if states.insert(transition.state.clone()) {
                all.push(transition);
            }
        })?;
        Ok(all)
    }

    fn start<'p>(&self, step: &'p Step) -> Walk<'p> {
        Walk {
            todo: vec![(step, Env::default())],
            waiting: Vec::new(),
            values: vec![None; self.steps.module.variables.len()],
            action: ActionId::from_index(0),
            at: Env::default(),
            taken: Env::default(),
        }
    }

    fn walk(&self, mut walk: Walk<'_>, context: &mut Context<'_>) -> Result<(), Trouble> {
        while let Some((step, env)) = walk.todo.pop() {
            if !is_ready(step, &walk.values) {
                walk.waiting.push((step, env));
                continue;
            }
            match step {
                Step::All(items) => walk.todo.extend(items.iter().rev().map(|item| (item, env.clone()))),
                Step::Any(items) => {
                    for item in items {
                        let mut fork = walk.clone();
                        fork.todo.push((item, env.clone()));
                        self.walk(fork, context)?;
                    }
                    return Ok(());
                }
                Step::Guard(term) => match self.formula(&term.expr, term, &env, &walk, context) {
                    Ok(true) => {}
                    Ok(false) => return Ok(()),
                    Err(stuck) => return self.doomed(walk, stuck, context),
                },
                Step::Assign(variable, term, formula) => {
                    let outcome = if walk.values[variable.index()].is_none() {
                        self.value(&term.expr, term, &env, &walk, context).map(|value| {
                            walk.assign(*variable, value);
                            true
                        })
                    } else {
                        self.again(*variable, formula, term, &env, &walk, context)
                    };
                    match outcome {
                        Ok(true) => {}
                        Ok(false) => return Ok(()),
                        Err(stuck) => return self.doomed(walk, stuck, context),
                    }
                }
                Step::Member(variable, term, formula) if walk.values[variable.index()].is_some() => {
                    match self.again(*variable, formula, term, &env, &walk, context) {
                        Ok(true) => {}
                        Ok(false) => return Ok(()),
                        Err(stuck) => return self.doomed(walk, stuck, context),
                    }
                }
                Step::Member(variable, term, _) => {
                    let items = match self.items(term, &env, &walk, context) {
                        Ok(items) => items,
                        Err(stuck) => return self.doomed(walk, stuck, context),
                    };
                    for item in items.iter() {
                        let mut fork = walk.clone();
                        fork.assign(*variable, item.clone());
                        self.walk(fork, context)?;
                    }
                    return Ok(());
                }
                Step::Keep(variables) => {
                    for variable in variables {
                        let kept = context.now.map(|state| state[*variable].clone());
                        match (&walk.values[variable.index()], kept) {
                            (None, Some(kept)) => walk.assign(*variable, kept),
                            (Some(value), Some(kept)) if *value == kept => {}
                            (_, _) => return Ok(()),
                        }
                    }
                }
                Step::If(condition, then, otherwise) => {
                    match self.formula(&condition.expr, condition, &env, &walk, context) {
                        Ok(true) => walk.todo.push((then, env)),
                        Ok(false) => walk.todo.push((otherwise, env)),
                        Err(stuck) => return self.doomed(walk, stuck, context),
                    }
                }
                Step::Call(args, body) => {
                    let mut inner = env.clone();
                    for (param, arg) in args {
                        // An argument without a value matters only where the body reads it.
                        inner = match self.plain(arg, &env, context) {
                            Ok(value) => inner.with(*param, value),
                            Err(_) => inner.without(*param),
                        };
                    }
                    walk.todo.push((body, inner));
                }
                Step::Named(action, body) => {
                    walk.action = *action;
                    walk.at = env.clone();
                    walk.todo.push((body, env));
                }
                Step::Forall(ranges, body) => {
                    let envs = match self.all(ranges, &env, &walk, context) {
                        Ok(envs) => envs,
                        Err(stuck) => return self.doomed(walk, stuck, context),
                    };
                    walk.todo.extend(envs.into_iter().rev().map(|(env, _)| (&**body, env)));
                }
                Step::Exists(ranges, body) => {
                    let envs = match self.all(ranges, &env, &walk, context) {
                        Ok(envs) => envs,
                        Err(stuck) => return self.doomed(walk, stuck, context),
                    };
                    for (env, taken) in envs {
                        let mut fork = walk.clone();
                        for (local, value) in taken {
                            fork.taken = fork.taken.with(local, value);
                        }
                        fork.todo.push((body, env));
                        self.walk(fork, context)?;
                    }
                    return Ok(());
                }
            }
        }
        self.finish(walk, context)
    }

    /// Nothing is left to be read: a state, unless a variable has no value.
    fn finish(&self, walk: Walk<'_>, context: &mut Context<'_>) -> Result<(), Trouble> {
        let missing = walk.values.iter().position(Option::is_none).map(VariableId::from_index);
        if let Some(variable) = missing {
            let within = match context.target {
                Time::Now => self.steps.init_span,
                Time::Next if walk.action.index() == 0 => self.steps.next_span,
                Time::Next => self.steps.actions[walk.action].span,
            };
            // What waits for a variable reads one without a value.
            let reader = walk.waiting.first().and_then(|(step, _)| unread(step, &walk.values));
            let (variable, read_at) =
                reader.map_or((variable, None), |(variable, span)| (variable, Some(span)));
            return Err(Trouble::NotAssigned { variable, within, read_at });
        }
        let mut state = IdVec::new();
        for value in walk.values.into_iter().flatten() {
            state.push(value);
        }
        let Walk { action, at, taken, .. } = walk;
        (context.found)(Transition { state: Arc::new(state), action, at, taken });
        Ok(())
    }

    /// A part has no value. That matters unless another conjunct is false, for `FALSE /\ p` is false whatever `p`.
    fn doomed(&self, mut walk: Walk<'_>, stuck: Stuck, context: &Context<'_>) -> Result<(), Trouble> {
        while let Some((step, env)) = walk.todo.pop() {
            match step {
                Step::All(items) => walk.todo.extend(items.iter().rev().map(|item| (item, env.clone()))),
                Step::Guard(term) if is_ready(step, &walk.values) => {
                    if self.formula(&term.expr, term, &env, &walk, context) == Ok(false) {
                        return Ok(());
                    }
                }
                Step::Guard(_)
                | Step::Any(_)
                | Step::Exists(..)
                | Step::Forall(..)
                | Step::Assign(..)
                | Step::Member(..)
                | Step::Keep(_)
                | Step::If(..)
                | Step::Call(..)
                | Step::Named(..) => {}
            }
        }
        Err(stuck.into())
    }

    /// A variable that has a value is given one again: the formula must hold.
    fn again(
        &self,
        variable: VariableId,
        formula: &Expr,
        term: &Term,
        env: &Env,
        walk: &Walk<'_>,
        context: &Context<'_>,
    ) -> Result<bool, Stuck> {
        let mut reads = term.reads.clone();
        reads.push(variable);
        let term = Term { expr: formula.clone(), reads };
        self.formula(formula, &term, env, walk, context)
    }

    fn formula(
        &self,
        formula: &Expr,
        term: &Term,
        env: &Env,
        walk: &Walk<'_>,
        context: &Context<'_>,
    ) -> Result<bool, Stuck> {
        let partial = partial(term, walk);
        self.evaluator.formula_with(formula, &env.names(), moment(context, partial.as_ref()))
    }

    fn value(
        &self,
        expr: &Expr,
        term: &Term,
        env: &Env,
        walk: &Walk<'_>,
        context: &Context<'_>,
    ) -> Result<Value, Stuck> {
        let partial = partial(term, walk);
        self.evaluator.value_with(expr, &env.names(), moment(context, partial.as_ref()))
    }

    /// The value of an argument, which reads nothing that is to be assigned.
    fn plain(&self, arg: &Expr, env: &Env, context: &Context<'_>) -> Result<Value, Stuck> {
        self.evaluator.value_with(arg, &env.names(), moment(context, None))
    }

    /// The elements of a set; of an infinite one those among the instance's integers.
    fn items(
        &self,
        term: &Term,
        env: &Env,
        walk: &Walk<'_>,
        context: &Context<'_>,
    ) -> Result<Arc<[Value]>, Stuck> {
        let span = term.expr.span;
        match self.value(&term.expr, term, env, walk, context)? {
            Value::Set(items) => Ok(items),
            Value::Whole(Infinite::Nat) => {
                self.integers(span, (*self.instance.integers.start()).max(0)..=*self.instance.integers.end())
            }
            Value::Whole(Infinite::Int) => self.integers(span, self.instance.integers.clone()),
            Value::Families(set) => {
                let integers = &self.instance.integers;
                let mut items = set.others().to_vec();
                for family in set.families() {
                    // The least is one of them in any case.
                    let least = family.least().max(*integers.start());
                    let numbers = self.integers(span, least..=(*integers.end()).max(least))?;
                    items.extend(numbers.iter().map(|number| family.with(number)));
                }
                items.sort_unstable();
                items.dedup();
                Ok(items.into())
            }
            Value::Whole(Infinite::Str) => Err(Stuck { why: Why::Infinite, span }),
            Value::Bool(_)
            | Value::Int(_)
            | Value::Str(_)
            | Value::Element(..)
            | Value::Function(_)
            | Value::Tuple(_)
            | Value::Record(..) => Err(Stuck { why: Why::Unspecified, span }),
        }
    }

    fn integers(&self, span: Span, range: RangeInclusive<i64>) -> Result<Arc<[Value]>, Stuck> {
        self.bounded.borrow_mut().insert(span);
        if range.end().saturating_sub(*range.start()) >= MAX_INTEGERS {
            return Err(Stuck { why: Why::TooLarge, span });
        }
        Ok(range.map(Value::Int).collect())
    }

    /// Each way to bind these names, with the names and values of its own.
    #[expect(clippy::type_complexity, reason = "pairs of what is read from and what is shown")]
    fn all(
        &self,
        ranges: &[Range],
        env: &Env,
        walk: &Walk<'_>,
        context: &Context<'_>,
    ) -> Result<Vec<(Env, Vec<(lang::typed::LocalId, Value)>)>, Stuck> {
        let mut envs = vec![(env.clone(), Vec::new())];
        for range in ranges {
            let items = match &range.domain {
                Some(domain) => self.items(domain, env, walk, context)?,
                None => self.sort(range)?,
            };
            let mut longer = Vec::with_capacity(envs.len() * items.len());
            for (env, taken) in envs {
                for item in items.iter() {
                    let mut taken = taken.clone();
                    taken.push((range.local, item.clone()));
                    longer.push((env.with(range.local, item.clone()), taken));
                }
            }
            envs = longer;
        }
        Ok(envs)
    }

    /// The elements of the sort of a name without a domain.
    fn sort(&self, range: &Range) -> Result<Arc<[Value]>, Stuck> {
        let symbol = &self.steps.module.locals[range.local];
        match &symbol.sort {
            Sort::Bool => Ok([false, true].map(Value::Bool).into()),
            Sort::Uninterpreted(sort) => {
                Ok((0..self.instance.sizes[*sort]).map(|element| Value::Element(*sort, element)).collect())
            }
            Sort::Int => self.integers(symbol.span, self.instance.integers.clone()),
            Sort::Str | Sort::Set(_) | Sort::Function(..) | Sort::Tuple(_) | Sort::Record(_) => {
                Err(Stuck { why: Why::Infinite, span: symbol.span })
            }
        }
    }
}

impl Walk<'_> {
    /// Gives a variable its value, and goes back to what waited for it.
    fn assign(&mut self, variable: VariableId, value: Value) {
        self.values[variable.index()] = Some(value);
        if self.waiting.is_empty() {
            return;
        }
        let values = &self.values;
        let (ready, waiting) =
            std::mem::take(&mut self.waiting).into_iter().partition(|(step, _)| is_ready(step, values));
        self.waiting = waiting;
        let ready: Vec<_> = ready;
        self.todo.extend(ready.into_iter().rev());
    }
}

/// The expressions of a step that are read when it is entered.
fn terms(step: &Step) -> Vec<&Term> {
    match step {
        Step::Assign(_, term, _) | Step::Member(_, term, _) | Step::Guard(term) | Step::If(term, _, _) => {
            vec![term]
        }
        Step::Exists(ranges, _) | Step::Forall(ranges, _) => {
            ranges.iter().filter_map(|range| range.domain.as_ref()).collect()
        }
        Step::All(_) | Step::Any(_) | Step::Keep(_) | Step::Call(..) | Step::Named(..) => Vec::new(),
    }
}

/// A variable without a value that a step reads when it is entered, and where.
fn unread(step: &Step, values: &[Option<Value>]) -> Option<(VariableId, Span)> {
    let unread = |term: &&Term| term.reads.iter().find(|id| values[id.index()].is_none()).copied();
    terms(step).iter().find_map(|term| Some((unread(term)?, term.expr.span)))
}

fn is_ready(step: &Step, values: &[Option<Value>]) -> bool {
    match step {
        Step::Guard(term) => term.reads.iter().all(|id| values[id.index()].is_some()),
        Step::All(_) | Step::Any(_) | Step::Keep(_) | Step::Call(..) | Step::Named(..) => true,
        Step::Assign(..) | Step::Member(..) | Step::If(..) | Step::Exists(..) | Step::Forall(..) => {
            unread(step, values).is_none()
        }
    }
}

/// The values so far as a state, where it is read. What has no value yet is not read.
fn partial(term: &Term, walk: &Walk<'_>) -> Option<State> {
    if term.reads.is_empty() {
        return None;
    }
    let mut state = IdVec::new();
    for value in &walk.values {
        state.push(value.clone().unwrap_or(Value::Bool(false)));
    }
    Some(Arc::new(state))
}

fn moment<'s>(context: &'s Context<'_>, partial: Option<&'s State>) -> Moment<'s> {
    match context.target {
        Time::Now => Moment { now: partial, next: None },
        Time::Next => Moment { now: context.now, next: partial },
    }
}
