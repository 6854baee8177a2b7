//! Values: what expressions mean on a finite instance.
//!
//! Invariant: values are canonical, so that two values of one sort are equal in TLA+ exactly if they are
//! equal here: sets and functions are ascending and without duplicates, and no [`Value::Set`] stands for what
//! [`Value::Whole`] can say. `family` has the normal form of [`Value::Families`].

mod family;

use std::sync::Arc;

use lang::ids::IdVec;
use lang::sort::{RecordId, SortId};
use lang::typed::VariableId;

pub use self::family::{Families, Family};

/// A value of some sort.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    /// A truth value.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A string.
    Str(Arc<str>),
    /// An element of an uninterpreted sort, counted from 0.
    Element(SortId, u32),
    /// A finite set, ascending.
    Set(Arc<[Value]>),
    /// An infinite set that has a name.
    Whole(Infinite),
    /// An infinite set of tuples or records that have a number in one place.
    Families(Arc<Families>),
    /// A function with a finite domain: arguments and values, ascending by argument. A sequence is the function
    /// on `1..n`.
    Function(Arc<[(Value, Value)]>),
    /// A tuple.
    Tuple(Arc<[Value]>),
    /// A record: its sort, its shape, and a value for each field of the shape, in order.
    Record(RecordId, usize, Arc<[Value]>),
}

/// Infinite sets that are values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Infinite {
    /// `Nat`
    Nat,
    /// `Int`
    Int,
    /// `STRING`
    Str,
}

/// The values of all variables.
pub type State = Arc<IdVec<VariableId, Value>>;

impl Value {
    /// The set of these values.
    pub fn set(items: impl IntoIterator<Item = Value>) -> Self {
        let mut items: Vec<Value> = items.into_iter().collect();
        items.sort_unstable();
        items.dedup();
        Self::Set(items.into())
    }

    /// The set of these values and of the members of these families.
    pub fn of_families(
        others: impl IntoIterator<Item = Value>,
        families: impl IntoIterator<Item = Family>,
    ) -> Self {
        family::of_families(others, families)
    }

    /// The function with these arguments and values; of two values for one argument the first counts.
    pub fn function(entries: impl IntoIterator<Item = (Value, Value)>) -> Self {
        let mut entries: Vec<(Value, Value)> = entries.into_iter().collect();
        entries.sort_by(|left, right| left.0.cmp(&right.0));
        entries.dedup_by(|later, earlier| later.0 == earlier.0);
        Self::Function(entries.into())
    }

    /// The sequence of these values.
    pub fn sequence(items: impl IntoIterator<Item = Value>) -> Self {
        Self::Function((1..).map(Self::Int).zip(items).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_sets_are_equal_values() {
        let set = |items: [i64; 3]| Value::set(items.map(Value::Int));
        assert_eq!(set([3, 1, 3]), set([1, 1, 3]));
        assert_ne!(set([1, 2, 3]), set([1, 1, 3]));
    }
}
