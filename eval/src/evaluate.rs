//! The evaluator: a typed expression, an instance, a state or two ↦ a value.
//!
//! Invariant: in the strict mode an answer is that of TLA+ itself; see [`Stuck`] for what has no answer.
//!
//! An expression has a value or is stuck, and a formula is true, false or stuck. Stuck parts spread only as far
//! as they matter: `FALSE /\ p` is false whatever `p` is, `x \in {}` is false whatever `x` is, and a universal
//! quantifier is false as soon as one instance is. Arguments of operators are evaluated first, but a stuck one
//! matters only where the body needs it, since TLA+ puts arguments into the places of parameters.

pub mod behaviours;
mod binders;
mod choice;
mod enabled;
mod equality;
mod formulas;
mod fragment;
mod integers;
mod lazy;
mod members;
mod sets;
mod sizes;
mod terms;
mod tried;
mod walk;

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::BTreeSet;
use std::rc::Rc;

use indexmap::IndexMap;
use lang::ids::{Id, IdVec};
use lang::source::Span;
use lang::typed::{Expr, ExprKind, LocalId, Module, OperatorId, Time, VariableId};

use self::fragment::Fragment;
use self::integers::Hull;
use self::lazy::{Closure, Val};
use crate::hash::FastHash;
use crate::instance::Instance;
use crate::successors::{Enabling, Reads};
use crate::value::{State, Value};

/// How quantifiers over infinite sets are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bounds {
    /// As TLA+ reads them: where the integers that are tried do not settle it, the evaluator is stuck.
    Strict,
    /// As if the instance's integers were all there are; each place where that mattered is noted.
    Bounded,
}

/// The states that an expression is read in.
#[derive(Clone, Copy, Debug, Default)]
pub struct Moment<'s> {
    /// The state before the step; none for expressions about constants.
    pub now: Option<&'s State>,
    /// The state after it.
    pub next: Option<&'s State>,
}

/// Why an expression has no value that the evaluator could tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stuck {
    /// Why.
    pub why: Why,
    /// The expression that is to blame.
    pub span: Span,
}

/// The reasons for being stuck.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Why {
    /// It ranges over infinitely many values, and those that were tried do not settle it.
    #[error("it ranges over infinitely many values")]
    Infinite,
    /// TLA+ gives it no particular value: a function outside its domain, a field that a record lacks, a `CHOOSE`
    /// from nothing.
    #[error("TLA+ does not say what its value is")]
    Unspecified,
    /// It has a value, but it would take too many steps or too much memory to find.
    #[error("it is too large to work out")]
    TooLarge,
    /// It reads a state that is not given.
    #[error("it speaks of a state that is not given")]
    NoState,
    /// It speaks of whole behaviours.
    #[error("it speaks of behaviours, not of states")]
    Temporal,
}

/// What is known of expressions, by their addresses; they are kept so that the addresses stay theirs.
type Known<K, T> = IndexMap<K, (Expr, T)>;

/// What is known of quantifiers, by the number of binders from one on.
type Fragments = Known<(usize, usize), Option<Rc<Fragment>>>;

/// Evaluates the expressions of a module on an instance.
#[derive(Debug)]
pub struct Evaluator<'m> {
    module: &'m Module,
    instance: &'m Instance,
    bounds: Bounds,
    /// Whether some record sort has two shapes with the same field names.
    is_confusable: bool,
    noted: RefCell<BTreeSet<Span>>,
    /// An environment that is not in use, with nothing in it.
    spare: RefCell<Vec<Option<Val>>>,
    /// The names that an expression mentions and does not bind.
    free: RefCell<Known<usize, Rc<[LocalId]>>>,
    /// What is known of quantifiers over integers, by the address and the number of binders from that on.
    fragments: RefCell<Fragments>,
    /// The integers of the constants.
    constants: Option<Hull>,
    /// What operators read, and the actions that `ENABLED` was asked of, by their addresses.
    reads: OnceCell<Reads>,
    actions: RefCell<Known<usize, Rc<Enabling>>>,
    /// How many values have been tried, and operators applied, for the expression that is evaluated.
    n_steps: Cell<u64>,
    /// How many actions are being asked about: one asks about the next state, in which another one may be asked about.
    n_actions: Cell<u32>,
}

impl<'m> Evaluator<'m> {
    /// An evaluator for `module` on `instance`.
    pub fn new(module: &'m Module, instance: &'m Instance, bounds: Bounds) -> Self {
        let mut evaluator = Self {
            module,
            instance,
            bounds,
            is_confusable: equality::is_confusable(module),
            noted: RefCell::default(),
            spare: RefCell::default(),
            free: RefCell::default(),
            fragments: RefCell::default(),
            constants: None,
            reads: OnceCell::new(),
            actions: RefCell::default(),
            n_steps: Cell::new(0),
            n_actions: Cell::new(0),
        };
        evaluator.constants = integers::of_constants(&evaluator);
        evaluator
    }

    /// Whether a formula is true. `FALSE /\ p` is false and `TRUE \/ p` true even where `p` is stuck.
    pub fn formula(&self, formula: &Expr, moment: Moment<'_>) -> Result<bool, Stuck> {
        self.run(moment, |run| run.truth(formula))
    }

    /// The value of an expression. A set that is neither finite nor named nor one with families is stuck.
    pub fn value(&self, expr: &Expr, moment: Moment<'_>) -> Result<Value, Stuck> {
        self.run(moment, |run| run.value(expr))
    }

    /// Like [`Evaluator::formula`], where names of the module have values.
    pub fn formula_with(
        &self,
        formula: &Expr,
        names: &[(LocalId, Value)],
        moment: Moment<'_>,
    ) -> Result<bool, Stuck> {
        self.run(moment, |run| {
            run.bind_all(names);
            run.truth(formula)
        })
    }

    /// Like [`Evaluator::value`], where names of the module have values.
    pub fn value_with(
        &self,
        expr: &Expr,
        names: &[(LocalId, Value)],
        moment: Moment<'_>,
    ) -> Result<Value, Stuck> {
        self.run(moment, |run| {
            run.bind_all(names);
            run.value(expr)
        })
    }

    /// The values of its names that decide a quantifier: a witness of a true `\\E`, a counterwitness of a false `\\A`.
    pub fn witness(
        &self,
        quantifier: &Expr,
        names: &[(LocalId, Value)],
        moment: Moment<'_>,
    ) -> Option<Vec<Value>> {
        self.run(moment, |run| {
            run.bind_all(names);
            run.watched = Some((quantifier.address(), None));
            run.truth(quantifier).ok()?;
            run.watched.take()?.1
        })
    }

    /// The member of `S` that keeps `S \\subseteq T` or `S \\in SUBSET T` from being true.
    pub fn stranger(&self, e: &Expr, names: &[(LocalId, Value)], moment: Moment<'_>) -> Option<Value> {
        self.run(moment, |run| {
            run.bind_all(names);
            run.stranger(e)
        })
    }

    /// The places where [`Bounds::Bounded`] mattered so far, in order, without duplicates.
    pub fn bounded_at(&self) -> Vec<Span> {
        self.noted.borrow().iter().copied().collect()
    }

    /// The module.
    pub(crate) fn module(&self) -> &'m Module {
        self.module
    }

    /// The instance.
    pub(crate) fn instance(&self) -> &'m Instance {
        self.instance
    }

    /// Whether infinite sets are read as TLA+ does.
    pub(crate) fn is_strict(&self) -> bool {
        match self.bounds {
            Bounds::Strict => true,
            Bounds::Bounded => false,
        }
    }

    /// Whether two values are equal.
    pub(crate) fn are_equal(&self, a: &Value, b: &Value, span: Span) -> Result<bool, Stuck> {
        if a == b {
            return Ok(true);
        }
        self.run(Moment::default(), |run| run.equal_values(a, b, span))
    }

    /// What a reading as bounded would need: noted there, and stuck otherwise.
    pub(crate) fn bounded(&self, span: Span) -> Result<(), Stuck> {
        if self.is_strict() {
            return stuck(Why::Infinite, span);
        }
        self.noted.borrow_mut().insert(span);
        Ok(())
    }

    /// Counts a step.
    pub(crate) fn charge(&self, span: Span) -> Result<(), Stuck> {
        self.n_steps.set(self.n_steps.get() + 1);
        if self.is_exhausted() { stuck(Why::TooLarge, span) } else { Ok(()) }
    }

    /// Whether no more steps may be taken for the expression that is evaluated.
    pub(crate) fn is_exhausted(&self) -> bool {
        self.n_steps.get() > MAX_STEPS
    }

    fn run<R>(&self, moment: Moment<'_>, evaluate: impl FnOnce(&mut Run<'_>) -> R) -> R {
        // What is evaluated to find out about an action is a part of the expression that asks.
        if self.n_actions.get() == 0 {
            self.n_steps.set(0);
        }
        let mut env = self.spare.take();
        env.clear();
        env.resize(self.module.locals.len(), None);
        let states = [moment.now.map(|state| &**state), moment.next.map(|state| &**state)];
        let mut run = Run {
            evaluator: self,
            module: self.module,
            instance: self.instance,
            states,
            shifted: false,
            env,
            n_calls: 0,
            memo: IndexMap::new(),
            truths: IndexMap::default(),
            fragments: IndexMap::new(),
            with_families: None,
            hull: None,
            watched: None,
        };
        let result = evaluate(&mut run);
        self.spare.replace(run.env);
        result
    }
}

/// The evaluation of one expression.
struct Run<'e> {
    evaluator: &'e Evaluator<'e>,
    module: &'e Module,
    instance: &'e Instance,
    states: [Option<&'e IdVec<VariableId, Value>>; 2],
    /// Whether the body of a primed operator is read: then the state after is the one that is meant.
    shifted: bool,
    /// What the names in scope stand for.
    env: Vec<Option<Val>>,
    /// How many recursive operators are being applied.
    n_calls: u32,
    /// The values of recursive operators at arguments.
    memo: IndexMap<(OperatorId, bool, Vec<Value>), Result<Val, Stuck>>,
    /// Whether predicates hold of arguments, in the states at hand.
    truths: IndexMap<(OperatorId, bool, Vec<Value>), bool, FastHash>,
    /// What is known of quantifiers where variables are sets with families.
    fragments: Fragments,
    /// Whether there are such variables, once that is known.
    with_families: Option<bool>,
    /// The integers of states and constants, once they are known, if there are finitely many.
    hull: Option<Result<Hull, Endless>>,
    /// The quantifier whose deciding values are asked for, by its address, and these.
    watched: Option<(usize, Option<Vec<Value>>)>,
}

/// Some value of the states or constants has infinite sets in it.
#[derive(Clone, Copy, Debug)]
struct Endless;

/// How deep recursion may go.
const MAX_CALLS: u32 = 5_000;
/// How many values may be tried, and operators applied, for one expression.
const MAX_STEPS: u64 = 20_000_000;
/// How many elements a set may have that is written out.
const MAX_ELEMENTS: usize = 1 << 16;
/// Stack that is kept free, and the stack that is added where that is used up.
pub(crate) const RED_ZONE: usize = 256 * 1024;
pub(crate) const MORE_STACK: usize = 4 * 1024 * 1024;

fn stuck<R>(why: Why, span: Span) -> Result<R, Stuck> {
    Err(Stuck { why, span })
}

impl<'e> Run<'e> {
    /// Lets a name stand for a value; returns what it stood for.
    fn bind(&mut self, local: LocalId, val: Val) -> Option<Val> {
        self.env.get_mut(local.index())?.replace(val)
    }

    /// Lets names stand for values, for good.
    fn bind_all(&mut self, names: &[(LocalId, Value)]) {
        for (local, value) in names {
            self.bind(*local, Val::Is(value.clone()));
        }
    }

    /// Undoes [`Run::bind`].
    fn unbind(&mut self, local: LocalId, before: Option<Val>) {
        if let Some(slot) = self.env.get_mut(local.index()) {
            *slot = before;
        }
    }

    /// Counts a step.
    fn step(&mut self, span: Span) -> Result<(), Stuck> {
        self.evaluator.charge(span)
    }

    /// The values of the variables at a time, seen from where the expression is read.
    fn state(&self, time: Time) -> Option<&'e IdVec<VariableId, Value>> {
        match (time, self.shifted) {
            (Time::Now, false) => self.states[0],
            (Time::Next, false) | (Time::Now, true) => self.states[1],
            (Time::Next, true) => None,
        }
    }

    /// Evaluates in the next state, or not.
    fn shifted<R>(&mut self, shifted: bool, evaluate: impl FnOnce(&mut Self) -> R) -> R {
        let before = std::mem::replace(&mut self.shifted, shifted);
        let result = evaluate(self);
        self.shifted = before;
        result
    }

    /// Evaluates the body of an operator at arguments.
    fn apply<R: Outcome>(
        &mut self,
        (operator, args, time): (OperatorId, &[Expr], Time),
        span: Span,
        evaluate: impl FnOnce(&mut Self, &'e Expr) -> Result<R, Stuck>,
    ) -> Result<R, Stuck> {
        self.step(span)?;
        let definition = &self.module.operators[operator];
        let shifted = self.shifted || time == Time::Next;
        if time == Time::Next && self.shifted {
            return stuck(Why::NoState, span);
        }
        let vals: Vec<Val> = args.iter().map(|arg| self.eval(arg).unwrap_or_else(Val::Open)).collect();
        if definition.recursive {
            return self.recur(operator, vals, shifted, span).and_then(|val| R::from_val(self, val, span));
        }
        let key = self.truth_key(operator, &vals, shifted);
        if let Some(known) = key.as_ref().and_then(|key| self.truths.get(key)) {
            return R::from_val(self, Val::Is(Value::Bool(*known)), span);
        }
        let before: Vec<Option<Val>> =
            definition.params.iter().zip(vals).map(|(param, val)| self.bind(*param, val)).collect();
        let result = stacker::maybe_grow(RED_ZONE, MORE_STACK, || {
            self.shifted(shifted, |this| evaluate(this, &definition.body))
        });
        for (param, before) in definition.params.iter().zip(before) {
            self.unbind(*param, before);
        }
        if let (Some(key), Ok(result)) = (key, &result)
            && let Some(truth) = result.truth()
        {
            self.truths.insert(key, truth);
        }
        result
    }

    /// What the truth of a predicate is remembered by, where that saves work: a quantifier over nothing but values.
    /// While a quantifier is asked for its deciding values, all of it has to be seen.
    fn truth_key(
        &self,
        operator: OperatorId,
        vals: &[Val],
        shifted: bool,
    ) -> Option<(OperatorId, bool, Vec<Value>)> {
        let body = &self.module.operators[operator].body;
        if vals.is_empty() || self.watched.is_some() || !matches!(body.kind, ExprKind::Quantifier(..)) {
            return None;
        }
        let plain: Option<Vec<Value>> = vals
            .iter()
            .map(|val| match val {
                Val::Is(value) => Some(value.clone()),
                Val::Lazy(_) | Val::Open(_) => None,
            })
            .collect();
        Some((operator, shifted, plain?))
    }

    /// The value of a recursive operator.
    fn recur(
        &mut self,
        operator: OperatorId,
        args: Vec<Val>,
        shifted: bool,
        span: Span,
    ) -> Result<Val, Stuck> {
        let definition = &self.module.operators[operator];
        let plain: Option<Vec<Value>> = args
            .iter()
            .map(|arg| match arg {
                Val::Is(value) => Some(value.clone()),
                Val::Lazy(_) | Val::Open(_) => None,
            })
            .collect();
        let key = plain.map(|args| (operator, shifted, args));
        if let Some(known) = key.as_ref().and_then(|key| self.memo.get(key)) {
            return known.clone();
        }
        if self.n_calls >= MAX_CALLS {
            return stuck(Why::TooLarge, span);
        }
        let before: Vec<Option<Val>> =
            definition.params.iter().zip(args).map(|(param, arg)| self.bind(*param, arg)).collect();
        self.n_calls += 1;
        let result = stacker::maybe_grow(RED_ZONE, MORE_STACK, || {
            // A function that is defined by recursion is asked for values that its own values need.
            self.shifted(shifted, |this| this.deferred(&definition.body))
        });
        self.n_calls -= 1;
        for (param, before) in definition.params.iter().zip(before) {
            self.unbind(*param, before);
        }
        if let Some(key) = key {
            self.memo.insert(key, result.clone());
        }
        result
    }

    /// Evaluates an expression that was put off.
    fn enter<R>(
        &mut self,
        closure: &Closure,
        vals: impl IntoIterator<Item = Val>,
        evaluate: impl FnOnce(&mut Self) -> R,
    ) -> R {
        let mut before: Vec<(LocalId, Option<Val>)> = Vec::with_capacity(closure.captured.len() + 1);
        for (local, val) in &closure.captured {
            before.push((*local, self.bind(*local, val.clone())));
        }
        for (local, val) in closure.locals.iter().zip(vals) {
            before.push((*local, self.bind(*local, val)));
        }
        let result = stacker::maybe_grow(RED_ZONE, MORE_STACK, || self.shifted(closure.shifted, evaluate));
        for (local, before) in before.into_iter().rev() {
            self.unbind(local, before);
        }
        result
    }

    /// Puts off the evaluation of an expression.
    fn close(&self, locals: Vec<LocalId>, body: &Expr) -> Closure {
        let free = self.evaluator.free_locals(body);
        let captured = free.iter().filter(|local| !locals.contains(local)).filter_map(|local| {
            self.env.get(local.index()).and_then(Option::as_ref).map(|val| (*local, val.clone()))
        });
        Closure { captured: captured.collect(), body: body.clone(), shifted: self.shifted, locals }
    }

    /// What a reading as bounded would need: noted there, and stuck otherwise.
    fn bounded(&self, span: Span) -> Result<(), Stuck> {
        self.evaluator.bounded(span)
    }
}

/// What evaluation ends with: a truth value or any value.
trait Outcome: Sized {
    /// The outcome that a value is.
    fn from_val(run: &mut Run<'_>, val: Val, span: Span) -> Result<Self, Stuck>;
    /// The truth value that it is, if it is one.
    fn truth(&self) -> Option<bool>;
}

impl Outcome for bool {
    fn from_val(run: &mut Run<'_>, val: Val, span: Span) -> Result<Self, Stuck> {
        if let Value::Bool(truth) = run.force(val, span)? { Ok(truth) } else { stuck(Why::Unspecified, span) }
    }

    fn truth(&self) -> Option<bool> {
        Some(*self)
    }
}

impl Outcome for Val {
    fn from_val(_: &mut Run<'_>, val: Val, _: Span) -> Result<Self, Stuck> {
        Ok(val)
    }

    fn truth(&self) -> Option<bool> {
        if let Self::Is(Value::Bool(truth)) = self { Some(*truth) } else { None }
    }
}
