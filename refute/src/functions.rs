//! Functions, sequences and numbers.
#![allow(clippy::wildcard_enum_match_arm, reason = "an operation is about few kinds of value")]

use lang::typed::{Arithmetic, Comparison};

use crate::builder::Builder;
use crate::circuit::{Lit, Truth};
use crate::value::{Atom, Node, V};

/// The most cases that a computed number may have.
const MAX_CASES: usize = 96;

impl Builder<'_> {
    /// `DOMAIN f`
    pub(crate) fn domain(&mut self, function: V) -> V {
        let Node::Function(entries) = self.node(function).clone() else { return self.undefined() };
        self.listed(entries.iter().map(|(key, present, _)| (*key, *present)).collect())
    }

    /// `f[argument]`
    pub(crate) fn index(&mut self, function: V, argument: V) -> V {
        let Node::Function(entries) = self.node(function).clone() else { return self.undefined() };
        let mut parts: Vec<(Lit, V)> = Vec::new();
        let mut total = false;
        if let Node::Scalar(cases, is_total) = self.node(argument).clone()
            && entries.iter().all(|(key, _, _)| self.values.constant(*key).is_some())
        {
            total = is_total;
            for (atom, guard) in &cases {
                let entry = entries.iter().find(|(key, _, _)| self.values.constant(*key) == Some(*atom));
                if let Some((_, present, value)) = entry {
                    total &= *present == Truth::TRUE;
                    parts.push((self.circuit.both(*guard, present.yes), *value));
                } else {
                    total = false;
                }
            }
        } else {
            for (key, present, value) in &entries {
                let same = self.equal(*key, argument);
                let here = self.circuit.both(same.yes, present.yes);
                if here == Lit::TRUE {
                    return *value;
                }
                parts.push((here, *value));
            }
        }
        self.select(&parts, total)
    }

    /// `f[argument]` where the argument is known to be in the domain.
    pub(crate) fn index_present(&mut self, function: V, argument: V) -> V {
        if let Node::Function(entries) = self.node(function)
            && let Some((_, _, value)) = entries.iter().find(|(key, _, _)| *key == argument)
        {
            return *value;
        }
        self.index(function, argument)
    }

    /// `[f EXCEPT ![argument] = value]`
    pub(crate) fn except(&mut self, function: V, argument: V, value: V) -> V {
        let Node::Function(entries) = self.node(function).clone() else { return self.undefined() };
        let mut changed = Vec::with_capacity(entries.len());
        for (key, present, old) in &entries {
            let same = self.equal(*key, argument);
            let new = self.if_then_else(same, value, *old);
            changed.push((*key, *present, new));
        }
        self.values.intern(Node::Function(changed.into()))
    }

    /// `<<a, b>>` as a sequence.
    pub(crate) fn sequence(&mut self, items: &[V]) -> V {
        let keys: Vec<V> = (1..).take(items.len()).map(|position| self.integer(position)).collect();
        let entries = keys.into_iter().zip(items).map(|(key, value)| (key, Truth::TRUE, *value)).collect();
        self.values.intern(Node::Function(entries))
    }

    /// For each key of a function of numbers: whether it is in the domain; ascending.
    fn positions(&self, function: V) -> Option<Vec<(i64, Truth)>> {
        let Node::Function(entries) = self.node(function) else { return None };
        let mut found = Vec::with_capacity(entries.len());
        for (key, present, _) in entries {
            let Some(Atom::Int(position)) = self.values.constant(*key) else { return None };
            found.push((position, *present));
        }
        found.sort_by_key(|(position, _)| *position);
        Some(found)
    }

    /// Whether the domain is `1..n`.
    pub(crate) fn is_sequence(&mut self, function: V) -> Truth {
        let Some(positions) = self.positions(function) else { return Truth::UNKNOWN };
        let mut parts = Vec::with_capacity(positions.len());
        let mut before = (0, Truth::TRUE);
        for (position, present) in positions {
            if position == before.0 + 1 {
                parts.push(self.circuit.any(&[!present, before.1]));
                before = (position, present);
            } else {
                parts.push(!present);
            }
        }
        self.circuit.all(&parts)
    }

    /// `Len(s)`
    pub(crate) fn length(&mut self, function: V) -> V {
        let is_sequence = self.is_sequence(function);
        let Some(positions) = self.positions(function) else { return self.undefined() };
        let mut cases = Vec::new();
        let mut so_far = is_sequence.yes;
        let mut total = is_sequence == Truth::TRUE;
        let mut length = 0;
        for (position, present) in positions {
            if position != length + 1 {
                continue;
            }
            total &= present.is_total();
            cases.push((Atom::Int(length), self.circuit.both(so_far, present.no)));
            so_far = self.circuit.both(so_far, present.yes);
            length = position;
        }
        cases.push((Atom::Int(length), so_far));
        self.scalar(cases, total)
    }

    /// `left op right`
    pub(crate) fn arithmetic(&mut self, op: Arithmetic, left: V, right: V) -> V {
        let (Node::Scalar(left, left_total), Node::Scalar(right, right_total)) =
            (self.node(left).clone(), self.node(right).clone())
        else {
            return self.undefined();
        };
        let mut total = left_total && right_total;
        let mut cases = Vec::with_capacity(left.len() * right.len());
        for (left, left_guard) in &left {
            for (right, right_guard) in &right {
                let (Atom::Int(left), Atom::Int(right)) = (left, right) else { continue };
                match compute(op, *left, *right) {
                    Some(result) => {
                        cases.push((Atom::Int(result), self.circuit.both(*left_guard, *right_guard)));
                    }
                    None => total = false,
                }
            }
        }
        let result = self.scalar(cases, total);
        match self.node(result) {
            Node::Scalar(cases, _) if cases.len() > MAX_CASES => self.undefined(),
            _ => result,
        }
    }

    /// `-value`
    pub(crate) fn negate(&mut self, value: V) -> V {
        let zero = self.integer(0);
        self.arithmetic(Arithmetic::Subtract, zero, value)
    }

    /// `left < right` or `left =< right`
    pub(crate) fn compare(&mut self, op: Comparison, left: V, right: V) -> Truth {
        let (Node::Scalar(left, left_total), Node::Scalar(right, right_total)) =
            (self.node(left).clone(), self.node(right).clone())
        else {
            return Truth::UNKNOWN;
        };
        let holds = |left: Atom, right: Atom| match op {
            Comparison::Less => left < right,
            Comparison::LessEqual => left <= right,
        };
        let mut sides = [Lit::FALSE; 2];
        for (side, wanted) in sides.iter_mut().zip([true, false]) {
            let mut parts = Vec::with_capacity(left.len());
            for (atom, guard) in &left {
                let others = right.iter().filter(|(other, _)| holds(*atom, *other) == wanted);
                if right_total && others.clone().count() == right.len() {
                    parts.push(*guard);
                    continue;
                }
                let others = self.circuit.or(others.map(|(_, guard)| *guard));
                parts.push(self.circuit.both(*guard, others));
            }
            if left_total && parts.len() == left.len() && left.iter().zip(&parts).all(|(l, p)| l.1 == *p) {
                return Truth::constant(wanted);
            }
            *side = self.circuit.or(parts);
            if left_total && right_total {
                return Truth::total(*side);
            }
        }
        Truth { yes: sides[0], no: sides[1] }
    }

    /// `low..high`
    pub(crate) fn range(&mut self, low: V, high: V) -> V {
        let bounds = |this: &Self, value: V| match this.node(value) {
            Node::Scalar(cases, _) => {
                let integers = cases.iter().filter_map(|(atom, _)| match atom {
                    Atom::Int(integer) => Some(*integer),
                    Atom::Str(_) | Atom::Element(..) => None,
                });
                let integers: Vec<i64> = integers.collect();
                integers.first().copied().zip(integers.last().copied())
            }
            _ => None,
        };
        let (Some((least, _)), Some((_, greatest))) = (bounds(self, low), bounds(self, high)) else {
            return self.undefined();
        };
        let limit = i64::try_from(MAX_CASES).unwrap_or(i64::MAX);
        if greatest.saturating_sub(least) > limit {
            return self.undefined();
        }
        let mut items = Vec::new();
        for integer in least..=greatest {
            let value = self.integer(integer);
            let above = self.compare(Comparison::LessEqual, low, value);
            let below = self.compare(Comparison::LessEqual, value, high);
            items.push((value, self.circuit.meet(above, below)));
        }
        self.listed(items)
    }
}

/// TLA+'s arithmetic; nothing where it gives no value, or one that is too large.
fn compute(op: Arithmetic, left: i64, right: i64) -> Option<i64> {
    match op {
        Arithmetic::Add => left.checked_add(right),
        Arithmetic::Subtract => left.checked_sub(right),
        Arithmetic::Multiply => left.checked_mul(right),
        Arithmetic::Divide if right > 0 => Some(left.div_euclid(right)),
        Arithmetic::Modulo if right > 0 => Some(left.rem_euclid(right)),
        Arithmetic::Divide | Arithmetic::Modulo => None,
        Arithmetic::Power if left == 0 && right == 0 => None,
        Arithmetic::Power => left.checked_pow(u32::try_from(right).ok()?),
    }
}
