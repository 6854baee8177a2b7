//! Values that are given, and values made smaller: constants of an instance, and states between steps.

use eval::instance::Constant;
use eval::value::{Infinite, Value};
use indexmap::IndexMap;
use lang::typed::ConstantId;

use crate::builder::{Builder, Known};
use crate::circuit::{Lit, Truth};
use crate::value::{Atom, Node, V};

/// A composite element is written as its cases if it has no more than these.
const MAX_CASES: usize = 1024;

impl Builder<'_> {
    /// Gives a constant its value.
    pub(crate) fn fix_constant(&mut self, id: ConstantId, constant: &Constant) {
        match constant {
            Constant::Value(value) => self.constants[id] = Some(self.given(value)),
            Constant::Operator { entries, otherwise } => {
                let entries = entries.iter().map(|(args, value)| {
                    (args.iter().map(|arg| self.given(arg)).collect(), self.given(value))
                });
                let entries = entries.collect();
                let otherwise = self.given(otherwise);
                self.operators.insert(id, Known { entries, otherwise });
            }
        }
    }

    /// A concrete value; what has no form here is undefined.
    fn given(&mut self, value: &Value) -> V {
        match value {
            Value::Bool(value) => self.truth(Truth::constant(*value)),
            Value::Int(value) => self.integer(*value),
            Value::Str(text) => {
                let (position, _) = self.strings.insert_full(text.clone());
                self.atom(Atom::Str(u32::try_from(position).unwrap_or(u32::MAX)))
            }
            Value::Element(sort, element) => self.atom(Atom::Element(*sort, *element)),
            Value::Set(items) => {
                let items: Vec<(V, Truth)> =
                    items.iter().map(|item| (self.given(item), Truth::TRUE)).collect();
                self.listed(items)
            }
            Value::Function(entries) => {
                let entries: Vec<(V, Truth, V)> = entries
                    .iter()
                    .map(|(key, value)| (self.given(key), Truth::TRUE, self.given(value)))
                    .collect();
                self.values.intern(Node::Function(entries.into()))
            }
            Value::Tuple(items) => {
                let items: Vec<V> = items.iter().map(|item| self.given(item)).collect();
                self.values.intern(Node::Tuple(items.into()))
            }
            Value::Record(id, shape, items) => {
                let record = &self.module.sorts.records[*id];
                let mut fields = vec![None; record.fields.len()];
                for (position, item) in record.shapes[*shape].iter().zip(items.iter()) {
                    fields[*position] = Some(self.given(item));
                }
                self.record(*id, vec![(*shape, Lit::TRUE)], true, fields)
            }
            Value::Whole(Infinite::Nat) => self.values.intern(Node::Naturals),
            Value::Whole(Infinite::Int) => self.values.intern(Node::Integers),
            Value::Whole(Infinite::Str) => self.values.intern(Node::Strings),
            Value::Families(_) => self.undefined(),
        }
    }

    /// `F(args)` for a declared operator that is known.
    pub(crate) fn known_apply(&mut self, known: &Known, args: &[V]) -> V {
        let mut cases = Vec::new();
        let mut others = Vec::new();
        let mut total = true;
        for (entry, value) in &known.entries {
            let same: Vec<Truth> = entry.iter().zip(args).map(|(own, arg)| self.equal(*own, *arg)).collect();
            let same = self.circuit.all(&same);
            total &= same.is_total();
            cases.push((same.yes, *value));
            others.push(same.no);
        }
        cases.push((self.circuit.and(others), known.otherwise));
        self.select(&cases, total)
    }

    /// The same value, with sets of composite elements listed by what these may be, so that a set that grows step
    /// after step has no more elements than there are values.
    pub(crate) fn settled(&mut self, value: V) -> V {
        match self.node(value).clone() {
            Node::Listed(items) => {
                let mut all: IndexMap<V, Vec<Truth>> = IndexMap::new();
                for (item, present) in items {
                    for (item, here) in self.cases_of(item) {
                        let here = self.circuit.meet(present, Truth::total(here));
                        all.entry(item).or_default().push(here);
                    }
                }
                let mut settled = Vec::with_capacity(all.len());
                for (item, present) in all {
                    settled.push((item, self.circuit.any(&present)));
                }
                self.listed(settled)
            }
            Node::Function(entries) => {
                let mut settled = Vec::with_capacity(entries.len());
                for (key, present, value) in entries {
                    settled.push((key, present, self.settled(value)));
                }
                self.values.intern(Node::Function(settled.into()))
            }
            Node::Tuple(items) => {
                let items: Vec<V> = items.iter().map(|item| self.settled(*item)).collect();
                self.values.intern(Node::Tuple(items.into()))
            }
            Node::Record(id, shapes, total, fields) => {
                let mut settled = Vec::with_capacity(fields.len());
                for field in fields {
                    settled.push(field.map(|field| self.settled(field)));
                }
                self.values.intern(Node::Record(id, shapes, total, settled.into()))
            }
            Node::Undefined
            | Node::Truth(_)
            | Node::Scalar(..)
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
            | Node::Cases(_) => value,
        }
    }

    /// What a tuple of scalars may be, each with its guard; one of the guards holds. Anything else is itself.
    fn cases_of(&mut self, value: V) -> Vec<(V, Lit)> {
        let Node::Tuple(items) = self.node(value).clone() else { return vec![(value, Lit::TRUE)] };
        let mut rows: Vec<(Vec<V>, Lit)> = vec![(Vec::new(), Lit::TRUE)];
        for item in &items {
            let Node::Scalar(cases, true) = self.node(*item).clone() else { return vec![(value, Lit::TRUE)] };
            if rows.len() * cases.len() > MAX_CASES {
                return vec![(value, Lit::TRUE)];
            }
            let mut longer = Vec::with_capacity(rows.len() * cases.len());
            for (row, guard) in &rows {
                for (atom, case) in &cases {
                    let mut row = row.clone();
                    row.push(self.atom(*atom));
                    longer.push((row, self.circuit.both(*guard, *case)));
                }
            }
            rows = longer;
        }
        rows.into_iter().map(|(row, guard)| (self.values.intern(Node::Tuple(row.into())), guard)).collect()
    }
}
