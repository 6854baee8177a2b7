//! One value out of several, each with a guard; and whether two values are equal.
#![allow(clippy::wildcard_enum_match_arm, reason = "an operation is about few kinds of value")]

use indexmap::{IndexMap, IndexSet};

use crate::builder::Builder;
use crate::circuit::{Lit, Truth};
use crate::value::{Atom, Node, V};

impl Builder<'_> {
    /// `IF condition THEN then ELSE otherwise`.
    pub(crate) fn if_then_else(&mut self, condition: Truth, then: V, otherwise: V) -> V {
        self.select(&[(condition.yes, then), (condition.no, otherwise)], condition.is_total())
    }

    /// The value whose guard holds. Guards exclude each other; if `total`, one of them holds.
    pub(crate) fn select(&mut self, cases: &[(Lit, V)], total: bool) -> V {
        if let Some((_, value)) = cases.iter().find(|(guard, _)| *guard == Lit::TRUE) {
            return *value;
        }
        let mut total = total;
        let mut live: Vec<(Lit, V)> = Vec::with_capacity(cases.len());
        for (guard, value) in cases {
            if *guard == Lit::FALSE {
                continue;
            }
            if *self.node(*value) == Node::Undefined {
                total = false;
            } else {
                live.push((*guard, *value));
            }
        }
        let Some((_, first)) = live.first().copied() else { return self.undefined() };
        if total && live.iter().all(|(_, value)| *value == first) {
            return first;
        }
        match self.node(first).clone() {
            Node::Undefined => first,
            Node::Truth(_) => {
                let cases: Vec<(Lit, Truth)> =
                    live.iter().map(|(guard, value)| (*guard, self.as_truth(*value))).collect();
                let truth = self.circuit.select(&cases, total);
                self.truth(truth)
            }
            Node::Scalar(..) => self.select_scalar(&live, total),
            Node::Tuple(items) => {
                let mut selected = Vec::with_capacity(items.len());
                for position in 0..items.len() {
                    let parts = self.parts(&live, |node| match node {
                        Node::Tuple(items) => items.get(position).copied(),
                        _ => None,
                    });
                    selected.push(self.select(&parts, total));
                }
                self.values.intern(Node::Tuple(selected.into()))
            }
            Node::Record(id, ..) => self.select_record(id, &live, total),
            Node::Function(_) => self.select_function(&live, total),
            Node::Listed(_)
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
            | Node::Cases(_) => self.select_set(&live, total),
        }
    }

    fn parts(&self, cases: &[(Lit, V)], part: impl Fn(&Node) -> Option<V>) -> Vec<(Lit, V)> {
        cases.iter().filter_map(|(guard, value)| Some((*guard, part(self.node(*value))?))).collect()
    }

    fn select_scalar(&mut self, cases: &[(Lit, V)], total: bool) -> V {
        let mut total = total;
        let mut atoms = Vec::new();
        for (guard, value) in cases {
            if let Node::Scalar(inner, is_total) = self.values.get(*value) {
                total &= is_total;
                for (atom, inner) in inner {
                    atoms.push((*atom, self.circuit.both(*guard, *inner)));
                }
            }
        }
        self.scalar(atoms, total)
    }

    fn select_record(&mut self, id: lang::sort::RecordId, cases: &[(Lit, V)], total: bool) -> V {
        let mut total = total;
        let mut shapes: IndexMap<usize, Vec<Lit>> = IndexMap::new();
        for (guard, value) in cases {
            if let Node::Record(_, inner, is_total, _) = self.values.get(*value) {
                total &= is_total;
                for (shape, lit) in inner {
                    shapes.entry(*shape).or_default().push(self.circuit.both(*guard, *lit));
                }
            }
        }
        let n_fields = self.module.sorts.records[id].fields.len();
        let mut fields = Vec::with_capacity(n_fields);
        for position in 0..n_fields {
            let parts = self.parts(cases, |node| match node {
                Node::Record(_, _, _, fields) => fields.get(position).copied().flatten(),
                _ => None,
            });
            // Where no part has the field the record's shape has not got it either.
            let field = match &parts[..] {
                [] => None,
                [(_, first), rest @ ..] if rest.iter().all(|(_, value)| value == first) => Some(*first),
                _ => Some(self.select(&parts, true)),
            };
            fields.push(field);
        }
        let shapes = shapes.into_iter().map(|(shape, lits)| (shape, self.circuit.or(lits))).collect();
        self.record(id, shapes, total, fields)
    }

    /// A record; shapes whose guards are false are dropped.
    pub(crate) fn record(
        &mut self,
        id: lang::sort::RecordId,
        mut shapes: Vec<(usize, Lit)>,
        total: bool,
        fields: Vec<Option<V>>,
    ) -> V {
        shapes.retain(|(_, guard)| *guard != Lit::FALSE);
        shapes.sort_unstable();
        self.values.intern(Node::Record(id, shapes.into(), total, fields.into()))
    }

    fn select_function(&mut self, cases: &[(Lit, V)], total: bool) -> V {
        let mut keys: IndexSet<V> = IndexSet::new();
        for (_, value) in cases {
            if let Node::Function(entries) = self.node(*value) {
                keys.extend(entries.iter().map(|(key, _, _)| *key));
            }
        }
        let mut entries = Vec::with_capacity(keys.len());
        for key in keys {
            let mut present = Vec::with_capacity(cases.len());
            let mut parts = Vec::with_capacity(cases.len());
            for (guard, value) in cases {
                let mut here = Truth::FALSE;
                if let Node::Function(entries) = self.values.get(*value)
                    && let Some((_, presence, part)) = entries.iter().find(|(other, _, _)| *other == key)
                {
                    here = *presence;
                    parts.push((*guard, *part));
                }
                present.push((*guard, here));
            }
            let present = self.circuit.select(&present, total);
            let value = self.select(&parts, true);
            if present.no != Lit::TRUE {
                entries.push((key, present, value));
            }
        }
        self.values.intern(Node::Function(entries.into()))
    }

    fn select_set(&mut self, cases: &[(Lit, V)], total: bool) -> V {
        let mut lists: Vec<(Lit, Vec<(V, Truth)>)> = Vec::with_capacity(cases.len());
        for (guard, value) in cases {
            let Node::Listed(items) = self.node(*value) else {
                return self.values.intern(Node::Cases(cases.into()));
            };
            lists.push((*guard, items.to_vec()));
        }
        // What is the same value stays one element; of the rest, the first of each are one element, and so on.
        let mut counts: IndexMap<V, usize> = IndexMap::new();
        for (_, items) in &lists {
            for (item, _) in items {
                *counts.entry(*item).or_default() += 1;
            }
        }
        let is_shared = |this: &Self, item: V| {
            counts.get(&item).is_some_and(|count| *count > 1)
                || !matches!(this.node(item), Node::Record(..) | Node::Tuple(_) | Node::Listed(_))
                || this.values.constant(item).is_some()
        };
        let shared: Vec<V> = counts.keys().copied().filter(|item| is_shared(self, *item)).collect();
        let mut merged: Vec<(V, Truth)> = Vec::new();
        for item in &shared {
            let present: Vec<(Lit, Truth)> = lists
                .iter()
                .map(|(guard, items)| {
                    let found = items.iter().find(|(other, _)| other == item);
                    (*guard, found.map_or(Truth::FALSE, |(_, present)| *present))
                })
                .collect();
            let present = self.circuit.select(&present, total);
            merged.push((*item, present));
        }
        let rests: Vec<(Lit, Vec<(V, Truth)>)> = lists
            .into_iter()
            .map(|(guard, items)| {
                (guard, items.into_iter().filter(|(item, _)| !is_shared(self, *item)).collect())
            })
            .collect();
        let longest = rests.iter().map(|(_, items)| items.len()).max().unwrap_or(0);
        for position in 0..longest {
            let mut parts = Vec::new();
            let mut present = Vec::new();
            for (guard, items) in &rests {
                match items.get(position) {
                    Some((item, presence)) => {
                        parts.push((*guard, *item));
                        present.push((*guard, *presence));
                    }
                    None => present.push((*guard, Truth::FALSE)),
                }
            }
            let present = self.circuit.select(&present, total);
            let item = self.select(&parts, true);
            merged.push((item, present));
        }
        self.listed(merged)
    }

    /// `left = right`.
    pub(crate) fn equal(&mut self, left: V, right: V) -> Truth {
        if self.is_stopped() {
            return Truth::UNKNOWN;
        }
        if *self.node(left) == Node::Undefined || *self.node(right) == Node::Undefined {
            return Truth::UNKNOWN;
        }
        if left == right {
            return Truth::TRUE;
        }
        let key = if left < right { (left, right) } else { (right, left) };
        if let Some(known) = self.equal_known.get(&key) {
            return *known;
        }
        let truth = match (self.node(left).clone(), self.node(right).clone()) {
            (Node::Truth(left), Node::Truth(right)) => self.circuit.iff(left, right),
            (Node::Scalar(left, left_total), Node::Scalar(right, right_total)) => {
                self.equal_scalars(&left, left_total, &right, right_total)
            }
            (Node::Tuple(left), Node::Tuple(right)) => {
                let parts: Vec<Truth> =
                    left.iter().zip(&right).map(|(left, right)| self.equal(*left, *right)).collect();
                self.circuit.all(&parts)
            }
            (Node::Record(id, shapes, total, fields), Node::Record(_, others, other_total, other_fields)) => {
                let mut yes = Vec::new();
                let mut no = Vec::new();
                let mut all_total = total && other_total;
                for (shape, guard) in &shapes {
                    let mut elsewhere = Vec::new();
                    for (other, other_guard) in &others {
                        if shape != other {
                            elsewhere.push(*other_guard);
                            continue;
                        }
                        let both = self.circuit.both(*guard, *other_guard);
                        if both == Lit::FALSE {
                            continue;
                        }
                        let positions = self.module.sorts.records[id].shapes[*shape].clone();
                        let mut parts = Vec::with_capacity(positions.len());
                        for position in positions {
                            parts.push(match (fields[position], other_fields[position]) {
                                (Some(left), Some(right)) => self.equal(left, right),
                                _ => Truth::UNKNOWN,
                            });
                        }
                        let parts = self.circuit.all(&parts);
                        all_total &= parts.is_total();
                        yes.push(self.circuit.both(both, parts.yes));
                        no.push(self.circuit.both(both, parts.no));
                    }
                    let elsewhere = self.circuit.or(elsewhere);
                    no.push(self.circuit.both(*guard, elsewhere));
                }
                let yes = self.circuit.or(yes);
                if all_total { Truth::total(yes) } else { Truth { yes, no: self.circuit.or(no) } }
            }
            (Node::Function(left_entries), Node::Function(_)) => {
                let left_domain = self.domain(left);
                let right_domain = self.domain(right);
                let mut parts = vec![self.equal(left_domain, right_domain)];
                for (key, present, value) in &left_entries {
                    let other = self.index_present(right, *key);
                    let same = self.equal(*value, other);
                    parts.push(self.circuit.any(&[!*present, same]));
                }
                self.circuit.all(&parts)
            }
            (Node::Powerset(left), Node::Powerset(right)) => self.equal(left, right),
            _ => {
                let there = self.subset(left, right);
                if there == Truth::FALSE {
                    return Truth::FALSE;
                }
                let back = self.subset(right, left);
                self.circuit.meet(there, back)
            }
        };
        self.equal_known.insert(key, truth);
        truth
    }

    fn equal_scalars(
        &mut self,
        left: &[(Atom, Lit)],
        left_total: bool,
        right: &[(Atom, Lit)],
        right_total: bool,
    ) -> Truth {
        let mut same = Vec::new();
        for (atom, guard) in left {
            if let Ok(position) = right.binary_search_by_key(atom, |(atom, _)| *atom) {
                same.push(self.circuit.both(*guard, right[position].1));
            }
        }
        let yes = self.circuit.or(same);
        if left_total && right_total {
            return Truth::total(yes);
        }
        let mut differ = Vec::new();
        for (atom, guard) in left {
            let others = right.iter().filter(|(other, _)| other != atom).map(|(_, guard)| *guard);
            let others = self.circuit.or(others);
            differ.push(self.circuit.both(*guard, others));
        }
        Truth { yes, no: self.circuit.or(differ) }
    }

    /// That the value is known entirely.
    pub(crate) fn defined(&mut self, value: V) -> Lit {
        match self.node(value).clone() {
            Node::Undefined => Lit::FALSE,
            Node::Truth(truth) => self.circuit.or([truth.yes, truth.no]),
            Node::Scalar(cases, false) => self.circuit.or(cases.iter().map(|(_, guard)| *guard)),
            Node::Tuple(items) => {
                let parts: Vec<Lit> = items.iter().map(|item| self.defined(*item)).collect();
                self.circuit.and(parts)
            }
            Node::Record(id, shapes, total, fields) => {
                let mut parts = Vec::new();
                if !total {
                    parts.push(self.circuit.or(shapes.iter().map(|(_, guard)| *guard)));
                }
                for (shape, guard) in &shapes {
                    for position in self.module.sorts.records[id].shapes[*shape].clone() {
                        let field = fields[position].map_or(Lit::FALSE, |field| self.defined(field));
                        parts.push(self.circuit.or([!*guard, field]));
                    }
                }
                self.circuit.and(parts)
            }
            Node::Function(entries) => {
                let mut parts = Vec::new();
                for (key, present, value) in &entries {
                    parts.push(self.circuit.or([present.yes, present.no]));
                    let both = [self.defined(*key), self.defined(*value)];
                    let both = self.circuit.and(both);
                    parts.push(self.circuit.or([present.no, both]));
                }
                self.circuit.and(parts)
            }
            Node::Listed(items) => {
                let mut parts = Vec::new();
                for (item, present) in &items {
                    parts.push(self.circuit.or([present.yes, present.no]));
                    let item = self.defined(*item);
                    parts.push(self.circuit.or([present.no, item]));
                }
                self.circuit.and(parts)
            }
            Node::Scalar(_, true) | Node::Naturals | Node::Integers | Node::Strings => Lit::TRUE,
            Node::Powerset(_)
            | Node::Functions(..)
            | Node::Records(..)
            | Node::Product(_)
            | Node::Sequences(_)
            | Node::Join(..)
            | Node::Within(..)
            | Node::Filter(..)
            | Node::Cases(_) => {
                // Such a set is stored in a state only if its elements can be listed.
                match self.expand(value) {
                    Some((items, true)) => {
                        let listed = self.listed(items);
                        self.defined(listed)
                    }
                    Some((_, false)) | None => Lit::FALSE,
                }
            }
        }
    }
}
