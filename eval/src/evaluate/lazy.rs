//! What the evaluator works with: values, and sets and functions that are not written out.
//!
//! Invariant: a [`Lazy`] is never part of a [`Value`]; it is written out (`force`) or has no value.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use lang::sort::RecordId;
use lang::typed::{Expr, LocalId};

use super::Stuck;
use crate::value::Value;

/// What a name stands for while an expression is evaluated.
#[derive(Clone, Debug)]
pub(crate) enum Val {
    /// A value.
    Is(Value),
    /// A set or a function that is not written out.
    Lazy(Rc<Lazy>),
    /// An argument without a value: whoever needs it is stuck.
    Open(Stuck),
}

/// Sets and functions that are not written out, since they are infinite, or large, or since asking is cheaper.
#[derive(Debug)]
pub(crate) enum Lazy {
    /// `a..b`
    Range(i64, i64),
    /// `SUBSET S`
    Power(Val),
    /// `[S -> T]`
    Functions(Val, Val),
    /// `[a : S, b : T]`
    Records(RecordId, usize, Vec<Val>),
    /// `S \X T`
    Product(Vec<Val>),
    /// `Seq(S)`
    Sequences(Val),
    /// `S \cup T`
    Union(Val, Val),
    /// `S \cap T`
    Intersect(Val, Val),
    /// `S \ T`
    Minus(Val, Val),
    /// `UNION S`
    BigUnion(Val),
    /// `{x \in S : p}`
    Filter(Val, Closure),
    /// `{e : x \in S, y \in T}`
    Map(Vec<Val>, Closure),
    /// `[x \in S |-> e]`, with the values that have been worked out.
    Function(Val, Closure, RefCell<BTreeMap<Value, Result<Val, Stuck>>>),
}

/// An expression with the names that it mentions.
#[derive(Debug)]
pub(crate) struct Closure {
    /// Its bound names.
    pub(crate) locals: Vec<LocalId>,
    /// The expression.
    pub(crate) body: Expr,
    /// What its other names stand for.
    pub(crate) captured: Vec<(LocalId, Val)>,
    /// Whether it is read in the next state.
    pub(crate) shifted: bool,
}

impl Val {
    /// A set or function that is not written out.
    pub(crate) fn lazy(lazy: Lazy) -> Self {
        Self::Lazy(Rc::new(lazy))
    }

    /// A function that is not written out.
    pub(crate) fn function(domain: Self, closure: Closure) -> Self {
        Self::lazy(Lazy::Function(domain, closure, RefCell::default()))
    }
}

impl From<Value> for Val {
    fn from(value: Value) -> Self {
        Self::Is(value)
    }
}

/// The members of a set, or some of them, by position.
#[derive(Debug)]
pub(crate) enum List {
    /// Those of a set.
    Slice(Arc<[Value]>),
    /// These.
    Vec(Vec<Value>),
    /// The numbers from the first to the second.
    Range(i64, i64),
    /// The parts of a set of at most [`List::MAX_BITS`] elements.
    Power(Arc<[Value]>),
}

impl List {
    /// Sets with more elements have too many parts.
    pub(crate) const MAX_BITS: usize = 16;

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Slice(items) => items.len(),
            Self::Vec(items) => items.len(),
            Self::Range(low, high) if low > high => 0,
            Self::Range(low, high) => usize::try_from(high.abs_diff(*low)).unwrap_or(usize::MAX - 1) + 1,
            Self::Power(items) => 1 << items.len().min(Self::MAX_BITS),
        }
    }

    /// The one at a position.
    pub(crate) fn get(&self, position: usize) -> Option<Value> {
        match self {
            Self::Slice(items) => items.get(position).cloned(),
            Self::Vec(items) => items.get(position).cloned(),
            Self::Range(low, high) => {
                let number = i64::try_from(position).ok().and_then(|position| low.checked_add(position));
                number.filter(|number| number <= high).map(Value::Int)
            }
            Self::Power(items) => (position < self.len()).then(|| {
                let chosen = items.iter().enumerate().filter(|(bit, _)| position >> bit & 1 == 1);
                Value::Set(chosen.map(|(_, item)| item.clone()).collect())
            }),
        }
    }
}
