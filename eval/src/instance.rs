//! An instance: how many elements each sort has, what the constants are, and what is left to choice.
//!
//! Whatever is fixed here is one of the cases that a theorem speaks of, since it speaks of all: the elements of
//! an uninterpreted sort, the constants, and what `CHOOSE` takes where the definition leaves several.

mod candidates;
mod enumerate;

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use lang::ids::IdVec;
use lang::sort::{Sort, SortId};
use lang::typed::ConstantId;

use crate::value::Value;

pub use enumerate::{Found, Sizes, instances};

/// A finite instance of a module.
#[derive(Clone, Debug, PartialEq)]
pub struct Instance {
    /// How many elements each uninterpreted sort has; at least one.
    pub sizes: IdVec<SortId, u32>,
    /// What each constant is.
    pub constants: IdVec<ConstantId, Constant>,
    /// Which integers are tried where an expression ranges over `Nat` or `Int`. It bounds the work, not the meaning.
    pub integers: RangeInclusive<i64>,
    /// What `CHOOSE` takes.
    pub choices: Choices,
}

/// The meaning of a constant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Constant {
    /// `CONSTANT c`.
    Value(Value),
    /// `CONSTANT F(_, _)`: values at arguments, and the value at all others.
    Operator {
        /// Values at arguments.
        entries: BTreeMap<Vec<Value>, Value>,
        /// The value elsewhere.
        otherwise: Value,
    },
}

/// What `CHOOSE x \in S : p` takes, as a function of the set of those `x \in S` with `p`: equal sets, equal
/// choice, as TLA+ demands and no more.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choices {
    /// What is taken from these candidates, which are ascending. A value that is not among its candidates is
    /// never taken.
    pub table: BTreeMap<Vec<Value>, Value>,
    /// How the other sets are chosen from: 0 takes the least candidate, other numbers take some candidate by a
    /// hash of the candidates and this number.
    pub seed: u64,
    /// The value of a `CHOOSE` that has nothing to choose from, by its sort. TLA+ says nothing about it, so that
    /// any value of the sort is a case. A sort that is not here leaves it open: the evaluator is stuck there.
    pub of_nothing: BTreeMap<Sort, Value>,
}
