//! Of many states that differ only in names or in the order of slots, one is enough.
//!
//! Invariant: every state has one like it that satisfies what is required here: the slots of a set may be put in
//! any order, and the elements of an uninterpreted sort may be named in any order.

use lang::sort::Sort;

use crate::builder::Builder;
use crate::circuit::{Lit, Truth};
use crate::value::{Node, V};

/// The most slots that are put in order.
const MAX_ORDERED: usize = 4;

impl Builder<'_> {
    /// Requires that slots ascend: `items` are the slots of one set, with their guards of presence, which only
    /// the slots that are used first have.
    ///
    /// It ends a search among few slots sooner, but makes a counterexample of many harder to find.
    pub(crate) fn order_slots(&mut self, items: &[(V, Lit)]) {
        if items.len() > MAX_ORDERED {
            return;
        }
        let keys: Vec<Vec<Vec<Lit>>> = items.iter().map(|(item, _)| self.key_of(*item)).collect();
        for (position, (_, present)) in items.iter().enumerate().skip(1) {
            let (before, after) = (&keys[position - 1], &keys[position]);
            let ascending = self.at_most(before, after);
            self.circuit.clauses.push(vec![!*present, ascending]);
        }
    }

    /// The scalars that a value begins with, each as the guards of its cases.
    fn key_of(&self, value: V) -> Vec<Vec<Lit>> {
        match self.node(value) {
            Node::Record(_, shapes, _, fields) => {
                let mut key = vec![shapes.iter().map(|(_, guard)| *guard).collect()];
                for field in fields.iter().flatten() {
                    if let Node::Scalar(cases, _) = self.node(*field) {
                        key.push(cases.iter().map(|(_, guard)| *guard).collect());
                    }
                }
                key
            }
            Node::Tuple(items) => items.iter().flat_map(|item| self.key_of(*item)).collect(),
            Node::Scalar(cases, _) => vec![cases.iter().map(|(_, guard)| *guard).collect()],
            Node::Listed(items) => items.iter().map(|(_, present)| vec![present.no, present.yes]).collect(),
            Node::Undefined
            | Node::Truth(_)
            | Node::Function(_)
            | Node::Naturals
            | Node::Integers
            | Node::Strings
            | Node::Powerset(_)
            | Node::Functions(..)
            | Node::Records(..)
            | Node::Product(_)
            | Node::Sequences(_)
            | Node::Join(..)
            | Node::Within(..)
            | Node::Filter(..)
            | Node::Cases(_) => Vec::new(),
        }
    }

    /// Whether one key comes before another, or is the same; keys of different form are not compared.
    fn at_most(&mut self, before: &[Vec<Lit>], after: &[Vec<Lit>]) -> Lit {
        let ([left, before @ ..], [right, after @ ..]) = (before, after) else { return Lit::TRUE };
        if left.len() != right.len() {
            return Lit::TRUE;
        }
        let mut less = Vec::new();
        let mut same = Vec::new();
        for (position, guard) in left.iter().enumerate() {
            let above = self.circuit.or(right[position + 1..].iter().copied());
            less.push(self.circuit.both(*guard, above));
            same.push(self.circuit.both(*guard, right[position]));
        }
        let same = self.circuit.or(same);
        let rest = self.at_most(before, after);
        less.push(self.circuit.both(same, rest));
        self.circuit.or(less)
    }

    /// Requires of the first constant that is a set of elements of an uninterpreted sort that it has the first
    /// elements.
    pub(crate) fn order_elements(&mut self, sort: &Sort, value: V) {
        let Sort::Set(of) = sort else { return };
        let Sort::Uninterpreted(id) = **of else { return };
        let Node::Listed(items) = self.node(value) else { return };
        let present: Vec<Truth> = items.iter().map(|(_, present)| *present).collect();
        let is_whole = present.len() == self.n_elements(id) as usize && present.iter().all(|t| t.is_total());
        if !is_whole || !self.ordered.insert(id) {
            return;
        }
        for pair in present.windows(2) {
            self.circuit.clauses.push(vec![!pair[1].yes, pair[0].yes]);
        }
    }
}
