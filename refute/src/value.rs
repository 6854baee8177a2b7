//! Symbolic values: concrete values with guards.
//!
//! Invariants: values are interned, so that equal ones have equal ids; the guards of the cases of one scalar,
//! and of the shapes of one record, exclude each other. What stands behind a guard (a field of a shape, an
//! element of a slot, a value at a key) has a meaning only where the guard holds.
#![allow(clippy::wildcard_enum_match_arm, reason = "an operation is about few kinds of value")]

use indexmap::IndexSet;
use lang::sort::{RecordId, SortId};

use crate::circuit::{Lit, Truth};

/// A symbolic value, by its position in [`Values`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct V(u32);

/// A concrete scalar that is no truth value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Atom {
    /// An integer.
    Int(i64),
    /// A string, by its position among those known.
    Str(u32),
    /// An element of an uninterpreted sort.
    Element(SortId, u32),
}

/// What a value is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Node {
    /// TLA+ does not say.
    Undefined,
    /// A truth value.
    Truth(Truth),
    /// One of these atoms, ascending; if the flag is set, one of the guards holds.
    Scalar(Box<[(Atom, Lit)]>, bool),
    /// A tuple.
    Tuple(Box<[V]>),
    /// A record: the guards of its shapes, whether one of them holds, and values by position in the sort's fields.
    Record(RecordId, Box<[(usize, Lit)]>, bool, Box<[Option<V>]>),
    /// A function: keys, whether they are in the domain, values. Equal keys that are present have equal values.
    Function(Box<[(V, Truth, V)]>),
    /// The set of the elements that are present; duplicates are allowed, but not among scalars, which are
    /// constants in ascending order.
    Listed(Box<[(V, Truth)]>),
    /// `Nat`
    Naturals,
    /// `Int`
    Integers,
    /// `STRING`
    Strings,
    /// `SUBSET S`
    Powerset(V),
    /// `[S -> T]`
    Functions(V, V),
    /// `[a : S, b : T]`
    Records(RecordId, usize, Box<[V]>),
    /// `S \X T`
    Product(Box<[V]>),
    /// `Seq(S)`
    Sequences(V),
    /// `S \cup T`
    Join(V, V),
    /// Those of the first that are in the second, or if the flag is set, those that are not.
    Within(V, V, bool),
    /// `{x \in S : p}`, with `p` by its position among the closures.
    Filter(V, usize),
    /// The set whose guard holds.
    Cases(Box<[(Lit, V)]>),
}

/// All values made so far.
#[derive(Debug, Default)]
pub(crate) struct Values {
    nodes: IndexSet<Node>,
}

impl Values {
    /// The id of a value.
    pub(crate) fn intern(&mut self, node: Node) -> V {
        let (position, _) = self.nodes.insert_full(node);
        V(u32::try_from(position).unwrap_or(u32::MAX))
    }

    /// What the value is.
    pub(crate) fn get(&self, value: V) -> &Node {
        &self.nodes[value.0 as usize]
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// The only atom that the value can be.
    pub(crate) fn constant(&self, value: V) -> Option<Atom> {
        match self.get(value) {
            Node::Scalar(cases, true) if cases.len() == 1 => Some(cases[0].0),
            _ => None,
        }
    }
}
