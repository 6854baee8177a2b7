//! Walks a plan, with a partial state.
//!
//! A walk holds what is still to be read (`todo`), what waits for a variable to get its value (`waiting`), and the
//! values given so far. A choice forks the walk. A walk ends with a state when nothing is left to be read.

use std::collections::BTreeSet;
use std::ops::{ControlFlow, RangeInclusive};
use std::sync::Arc;

use lang::ids::{Id, IdVec};
use lang::sort::Sort;
use lang::source::Span;
use lang::typed::{Expr, LocalId, Time, VariableId};

use super::plan::{ActionId, Range, Step, Term};
use super::{Steps, Transition, Trouble};
use crate::env::Env;
use crate::evaluate::{Bounds, Evaluator, MORE_STACK, Moment, RED_ZONE, Stuck, Why};
use crate::instance::Instance;
use crate::value::{Infinite, State, Value};

/// More integers than these are not tried.
const MAX_INTEGERS: i64 = 1 << 16;

/// Steps through a behaviour on an instance.
#[derive(Debug)]
pub struct Stepper<'m> {
    steps: &'m Steps<'m>,
    evaluator: Evaluator<'m>,
}

/// A walk that is under way.
#[derive(Clone)]
pub(super) struct Walk<'p> {
    todo: Vec<(&'p Step, Env)>,
    waiting: Vec<(&'p Step, Env)>,
    pub(super) values: Vec<Option<Value>>,
    action: ActionId,
    at: Env,
    taken: Env,
}

/// What stays the same during a walk, which `B` breaks off.
pub(super) struct Context<'v, B> {
    /// Which variables are assigned.
    pub(super) target: Time,
    /// The whole formula.
    pub(super) span: Span,
    /// The state before the step.
    pub(super) now: Option<&'v State>,
    /// Is given the end of each way through the plan, or why a way has no end.
    pub(super) ending: &'v mut dyn FnMut(Result<Walk<'_>, Stuck>) -> ControlFlow<B>,
}

/// What walks.
#[derive(Clone, Copy)]
pub(super) struct Walker<'w, 'm> {
    /// What evaluates guards and values, and says how infinite sets are read.
    pub(super) evaluator: &'w Evaluator<'m>,
    /// Whether the walk is part of the evaluation of one expression, and counts among its steps.
    pub(super) is_counted: bool,
}

/// Elements of a set, or values of a sort.
struct Items {
    values: Arc<[Value]>,
    /// Whether these are all.
    is_all: bool,
}

/// Ways to bind names.
struct Bindings {
    /// For each way the names in scope, and the names and values of its own.
    ways: Vec<(Env, Vec<(LocalId, Value)>)>,
    /// Whether these are all ways.
    is_all: bool,
}

impl<'m> Stepper<'m> {
    /// Steps through `steps` on `instance`; names that range over `Nat` or `Int` take the instance's integers.
    pub fn new(steps: &'m Steps<'m>, instance: &'m Instance) -> Self {
        Self { steps, evaluator: Evaluator::new(steps.module, instance, Bounds::Bounded) }
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
        self.evaluator.bounded_at().into_iter().collect()
    }

    /// The states that a behaviour may begin in, without duplicates, in the order in which they are found.
    pub fn initial(&self) -> Result<Vec<State>, Trouble> {
        let mut found: indexmap::IndexSet<State> = indexmap::IndexSet::new();
        let mut visit = |transition: Transition| {
            found.insert(transition.state);
        };
        self.walk(&self.steps.init, Time::Now, None, &mut visit)?;
        Ok(found.into_iter().collect())
    }

    /// The steps from a state, in the order in which they are found; one state may be reached in several ways.
    pub fn transitions(&self, state: &State, found: &mut dyn FnMut(Transition)) -> Result<(), Trouble> {
        self.walk(&self.steps.next, Time::Next, Some(state), found)
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

    /// A step from one state to another, if there is one: what a variable becomes is known before the walk.
    pub fn step_to(&self, state: &State, next: &State) -> Option<Transition> {
        let mut ending = |end: Result<Walk<'_>, Stuck>| match end
            .map_err(Trouble::from)
            .and_then(|walk| self.transition(walk, Time::Next))
        {
            Ok(transition) => ControlFlow::Break(transition),
            Err(_) => ControlFlow::Continue(()),
        };
        let mut context =
            Context { target: Time::Next, span: self.steps.next_span, now: Some(state), ending: &mut ending };
        let walker = Walker { evaluator: &self.evaluator, is_counted: false };
        let mut walk = walker.start(&self.steps.next, Env::default());
        walk.values = next.iter().cloned().map(Some).collect();
        walker.walk(walk, &mut context).break_value()
    }

    fn walk(
        &self,
        plan: &Step,
        target: Time,
        now: Option<&State>,
        found: &mut dyn FnMut(Transition),
    ) -> Result<(), Trouble> {
        let mut ending = |end: Result<Walk<'_>, Stuck>| match end
            .map_err(Trouble::from)
            .and_then(|walk| self.transition(walk, target))
        {
            Ok(transition) => {
                found(transition);
                ControlFlow::Continue(())
            }
            Err(trouble) => ControlFlow::Break(trouble),
        };
        let span = match target {
            Time::Now => self.steps.init_span,
            Time::Next => self.steps.next_span,
        };
        let mut context = Context { target, span, now, ending: &mut ending };
        let walker = Walker { evaluator: &self.evaluator, is_counted: false };
        match walker.walk(walker.start(plan, Env::default()), &mut context) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(trouble) => Err(trouble),
        }
    }

    /// The end of a walk as a state, unless a variable has no value.
    fn transition(&self, walk: Walk<'_>, target: Time) -> Result<Transition, Trouble> {
        let missing = walk.values.iter().position(Option::is_none).map(VariableId::from_index);
        if let Some(variable) = missing {
            let within = match target {
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
        Ok(Transition { state: Arc::new(state), action, at, taken })
    }
}

impl Walker<'_, '_> {
    /// A walk at its beginning, where these names are in scope.
    pub(super) fn start<'p>(&self, step: &'p Step, env: Env) -> Walk<'p> {
        Walk {
            todo: vec![(step, env)],
            waiting: Vec::new(),
            values: vec![None; self.evaluator.module().variables.len()],
            action: ActionId::from_index(0),
            at: Env::default(),
            taken: Env::default(),
        }
    }

    /// Goes on with a walk, to all its ends.
    pub(super) fn walk<B>(&self, walk: Walk<'_>, context: &mut Context<'_, B>) -> ControlFlow<B> {
        stacker::maybe_grow(RED_ZONE, MORE_STACK, || self.walk_on(walk, context))
    }

    fn walk_on<B>(&self, mut walk: Walk<'_>, context: &mut Context<'_, B>) -> ControlFlow<B> {
        while let Some((step, env)) = walk.todo.pop() {
            if self.is_counted
                && let Err(stuck) = self.evaluator.charge(context.span)
            {
                return (context.ending)(Err(stuck));
            }
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
                    return ControlFlow::Continue(());
                }
                Step::Guard(term) => match self.formula(&term.expr, term, &env, &walk, context) {
                    Ok(true) => {}
                    Ok(false) => return ControlFlow::Continue(()),
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
                        Ok(false) => return ControlFlow::Continue(()),
                        Err(stuck) => return self.doomed(walk, stuck, context),
                    }
                }
                Step::Member(variable, term, formula) if walk.values[variable.index()].is_some() => {
                    match self.again(*variable, formula, term, &env, &walk, context) {
                        Ok(true) => {}
                        Ok(false) => return ControlFlow::Continue(()),
                        Err(stuck) => return self.doomed(walk, stuck, context),
                    }
                }
                Step::Member(variable, term, _) => {
                    let items = match self.items(term, &env, &walk, context) {
                        Ok(items) if items.is_all => items.values,
                        // Something else may give it a value.
                        Ok(_) => {
                            walk.waiting.push((step, env));
                            continue;
                        }
                        Err(Stuck { why: Why::Infinite | Why::TooLarge, .. }) if self.is_counted => {
                            walk.waiting.push((step, env));
                            continue;
                        }
                        Err(stuck) => return self.doomed(walk, stuck, context),
                    };
                    for item in items.iter() {
                        let mut fork = walk.clone();
                        fork.assign(*variable, item.clone());
                        self.walk(fork, context)?;
                    }
                    return ControlFlow::Continue(());
                }
                Step::Keep(variables) => {
                    for variable in variables {
                        let Some(kept) = context.now.map(|state| state[*variable].clone()) else {
                            let stuck = Stuck { why: Why::NoState, span: context.span };
                            return self.doomed(walk, stuck, context);
                        };
                        let Some(value) = &walk.values[variable.index()] else {
                            walk.assign(*variable, kept);
                            continue;
                        };
                        match self.evaluator.are_equal(value, &kept, context.span) {
                            Ok(true) => {}
                            Ok(false) => return ControlFlow::Continue(()),
                            Err(stuck) => return self.doomed(walk, stuck, context),
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
                    let ways = match self.bindings(ranges, &env, &walk, context) {
                        Ok(Bindings { ways, is_all: true }) => ways,
                        Ok(_) => return self.doomed(walk, endless(ranges, context), context),
                        Err(stuck) => return self.doomed(walk, stuck, context),
                    };
                    walk.todo.extend(ways.into_iter().rev().map(|(env, _)| (&**body, env)));
                }
                Step::Exists(ranges, body) => {
                    let bindings = match self.bindings(ranges, &env, &walk, context) {
                        Ok(bindings) => bindings,
                        Err(stuck) => return self.doomed(walk, stuck, context),
                    };
                    for (env, taken) in bindings.ways {
                        let mut fork = walk.clone();
                        for (local, value) in taken {
                            fork.taken = fork.taken.with(local, value);
                        }
                        fork.todo.push((body, env));
                        self.walk(fork, context)?;
                    }
                    if bindings.is_all {
                        return ControlFlow::Continue(());
                    }
                    return self.doomed(walk, endless(ranges, context), context);
                }
            }
        }
        (context.ending)(Ok(walk))
    }

    /// A part has no value. That matters unless another conjunct is false, for `FALSE /\ p` is false whatever `p`.
    fn doomed<B>(&self, mut walk: Walk<'_>, stuck: Stuck, context: &mut Context<'_, B>) -> ControlFlow<B> {
        while let Some((step, env)) = walk.todo.pop() {
            match step {
                Step::All(items) => walk.todo.extend(items.iter().rev().map(|item| (item, env.clone()))),
                Step::Guard(term) if is_ready(step, &walk.values) => {
                    if self.formula(&term.expr, term, &env, &walk, context) == Ok(false) {
                        return ControlFlow::Continue(());
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
        (context.ending)(Err(stuck))
    }

    /// A variable that has a value is given one again: the formula must hold.
    fn again<B>(
        &self,
        variable: VariableId,
        formula: &Expr,
        term: &Term,
        env: &Env,
        walk: &Walk<'_>,
        context: &Context<'_, B>,
    ) -> Result<bool, Stuck> {
        let mut reads = term.reads.clone();
        reads.push(variable);
        let term = Term { expr: formula.clone(), reads };
        self.formula(formula, &term, env, walk, context)
    }

    fn formula<B>(
        &self,
        formula: &Expr,
        term: &Term,
        env: &Env,
        walk: &Walk<'_>,
        context: &Context<'_, B>,
    ) -> Result<bool, Stuck> {
        let partial = partial(term, walk);
        self.evaluator.formula_with(formula, &env.names(), moment(context, partial.as_ref()))
    }

    fn value<B>(
        &self,
        expr: &Expr,
        term: &Term,
        env: &Env,
        walk: &Walk<'_>,
        context: &Context<'_, B>,
    ) -> Result<Value, Stuck> {
        let partial = partial(term, walk);
        self.evaluator.value_with(expr, &env.names(), moment(context, partial.as_ref()))
    }

    /// The value of an argument, which reads nothing that is to be assigned.
    fn plain<B>(&self, arg: &Expr, env: &Env, context: &Context<'_, B>) -> Result<Value, Stuck> {
        self.evaluator.value_with(arg, &env.names(), moment(context, None))
    }

    /// The elements of a set; of an infinite one those among the instance's integers.
    fn items<B>(
        &self,
        term: &Term,
        env: &Env,
        walk: &Walk<'_>,
        context: &Context<'_, B>,
    ) -> Result<Items, Stuck> {
        let span = term.expr.span;
        let integers = &self.evaluator.instance().integers;
        match self.value(&term.expr, term, env, walk, context)? {
            Value::Set(values) => Ok(Items { values, is_all: true }),
            Value::Whole(Infinite::Nat) => self.integers(span, (*integers.start()).max(0)..=*integers.end()),
            Value::Whole(Infinite::Int) => self.integers(span, integers.clone()),
            Value::Families(set) => {
                let mut values = set.others().to_vec();
                for family in set.families() {
                    // The least is one of them in any case.
                    let least = family.least().max(*integers.start());
                    let numbers = self.integers(span, least..=(*integers.end()).max(least))?;
                    values.extend(numbers.values.iter().map(|number| family.with(number)));
                }
                values.sort_unstable();
                values.dedup();
                Ok(Items { values: values.into(), is_all: false })
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

    fn integers(&self, span: Span, range: RangeInclusive<i64>) -> Result<Items, Stuck> {
        let is_all = self.evaluator.bounded(span).is_ok();
        if range.end().saturating_sub(*range.start()) >= MAX_INTEGERS {
            return Err(Stuck { why: Why::TooLarge, span });
        }
        Ok(Items { values: range.map(Value::Int).collect(), is_all })
    }

    /// The ways to bind these names.
    fn bindings<B>(
        &self,
        ranges: &[Range],
        env: &Env,
        walk: &Walk<'_>,
        context: &Context<'_, B>,
    ) -> Result<Bindings, Stuck> {
        let mut ways = vec![(env.clone(), Vec::new())];
        let mut is_all = true;
        for range in ranges {
            let items = match &range.domain {
                Some(domain) => self.items(domain, env, walk, context)?,
                None => self.sort(range)?,
            };
            is_all &= items.is_all;
            let mut longer = Vec::with_capacity(ways.len() * items.values.len());
            for (env, taken) in ways {
                for item in items.values.iter() {
                    let mut taken = taken.clone();
                    taken.push((range.local, item.clone()));
                    longer.push((env.with(range.local, item.clone()), taken));
                }
            }
            ways = longer;
        }
        Ok(Bindings { ways, is_all })
    }

    /// The elements of the sort of a name without a domain. TLA+ means all values there are.
    fn sort(&self, range: &Range) -> Result<Items, Stuck> {
        let symbol = &self.evaluator.module().locals[range.local];
        let values = match &symbol.sort {
            Sort::Bool => [false, true].map(Value::Bool).into(),
            Sort::Uninterpreted(sort) => {
                let n = self.evaluator.instance().sizes[*sort];
                (0..n).map(|element| Value::Element(*sort, element)).collect()
            }
            Sort::Int => {
                return self.integers(symbol.span, self.evaluator.instance().integers.clone());
            }
            Sort::Str | Sort::Set(_) | Sort::Function(..) | Sort::Tuple(_) | Sort::Record(_) => {
                return Err(Stuck { why: Why::Infinite, span: symbol.span });
            }
        };
        Ok(Items { values, is_all: !self.evaluator.is_strict() })
    }
}

/// That names range over more values than can be tried.
fn endless<B>(ranges: &[Range], context: &Context<'_, B>) -> Stuck {
    let span = ranges.iter().find_map(|range| range.domain.as_ref()).map(|domain| domain.expr.span);
    Stuck { why: Why::Infinite, span: span.unwrap_or(context.span) }
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

fn moment<'s, B>(context: &'s Context<'_, B>, partial: Option<&'s State>) -> Moment<'s> {
    match context.target {
        Time::Now => Moment { now: partial, next: None },
        Time::Next => Moment { now: context.now, next: partial },
    }
}
