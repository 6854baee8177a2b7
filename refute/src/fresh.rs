//! Unknown values: of a sort, or of a set that is known to hold them.
#![allow(clippy::wildcard_enum_match_arm, reason = "sets of the rarer kinds are expanded")]

use indexmap::IndexMap;
use lang::sort::{RecordId, Sort};

use crate::builder::Builder;
use crate::circuit::{Lit, Truth};
use crate::value::{Atom, Node, V};

/// Sets of at most so many composite elements get a presence guard for each, for each slot that they would get.
const LISTED_ONE_BY_ONE: usize = 4;

/// A shape of a record sort, with sets for its fields.
type Shape = (usize, Box<[V]>);

impl Builder<'_> {
    /// The set of all values of a sort, where functions have all arguments.
    pub(crate) fn universe(&mut self, sort: &Sort) -> V {
        let node = match sort {
            Sort::Bool => {
                let items = [false, true].map(|value| self.truth(Truth::constant(value)));
                return self.listed(items.into_iter().map(|item| (item, Truth::TRUE)).collect());
            }
            Sort::Int => Node::Integers,
            Sort::Str => Node::Strings,
            Sort::Uninterpreted(id) => {
                let elements = self.elements(*id);
                let items = self.constants_present(elements);
                return self.listed(items);
            }
            Sort::Set(of) => Node::Powerset(self.universe(of)),
            Sort::Function(from, to) => Node::Functions(self.universe(from), self.universe(to)),
            Sort::Tuple(sorts) => Node::Product(sorts.iter().map(|sort| self.universe(sort)).collect()),
            Sort::Record(id) => {
                let record = self.module.sorts.records[*id].clone();
                let mut all: Option<V> = None;
                for (position, shape) in record.shapes.iter().enumerate() {
                    let sets = shape.iter().map(|field| self.universe(&record.fields[*field].sort)).collect();
                    let set = self.values.intern(Node::Records(*id, position, sets));
                    all = Some(match all {
                        Some(before) => self.union(before, set),
                        None => set,
                    });
                }
                return match all {
                    Some(all) => all,
                    None => self.listed(Vec::new()),
                };
            }
        };
        self.values.intern(node)
    }

    /// An unknown value of a sort; `level` counts how deep inside of other values it is.
    pub(crate) fn fresh_of_sort(&mut self, sort: &Sort, level: usize) -> V {
        match sort {
            Sort::Bool => {
                let input = self.circuit.input();
                self.note_presence(input);
                self.truth(Truth::total(input))
            }
            Sort::Function(from, to) => self.fresh_function(from, to, level),
            Sort::Tuple(sorts) => {
                let items = sorts.iter().map(|sort| self.fresh_of_sort(sort, level)).collect();
                self.values.intern(Node::Tuple(items))
            }
            Sort::Record(_) | Sort::Set(_) | Sort::Int | Sort::Str | Sort::Uninterpreted(_) => {
                let universe = self.universe(sort);
                self.fresh_member(universe, level).0
            }
        }
    }

    /// A function with any domain.
    fn fresh_function(&mut self, from: &Sort, to: &Sort, level: usize) -> V {
        let universe = self.universe(from);
        let is_scalar = matches!(from, Sort::Bool | Sort::Int | Sort::Str | Sort::Uninterpreted(_));
        let keys: Vec<V> = if is_scalar {
            let keys = self.choosing(|this| this.expand(universe)).map_or(Vec::new(), |(items, _)| items);
            keys.into_iter().map(|(key, _)| key).collect()
        } else {
            let n = if level == 0 { self.size.slots } else { self.size.inner_slots };
            (0..n).map(|_| self.fresh_of_sort(from, level + 1)).collect()
        };
        let mut entries: Vec<(V, Truth, V)> = Vec::with_capacity(keys.len());
        for key in keys {
            let present = self.circuit.input();
            self.note_presence(present);
            if !is_scalar {
                for (other, other_present, _) in entries.clone() {
                    let same = self.equal(key, other);
                    self.circuit.clauses.push(vec![!present, other_present.no, same.no]);
                }
            }
            let value = self.fresh_of_sort(to, level + 1);
            entries.push((key, Truth::total(present), value));
        }
        self.values.intern(Node::Function(entries.into()))
    }

    /// Expands sets of numbers only into what free values may be.
    fn choosing<T>(&mut self, body: impl FnOnce(&mut Self) -> T) -> T {
        let outer = std::mem::replace(&mut self.is_choosing, true);
        let result = body(self);
        self.is_choosing = outer;
        result
    }

    /// Remembers a guard of something that smaller counterexamples do without.
    pub(crate) fn note_presence(&mut self, guard: Lit) {
        if self.is_state && guard != Lit::TRUE {
            self.presence.push(guard);
        }
    }

    /// An unknown set of elements of another, and whether it is one.
    pub(crate) fn fresh_subset(&mut self, of: V, level: usize) -> (V, Truth) {
        let n = if level == 0 { self.size.slots } else { self.size.inner_slots };
        let listed = match self.node(of) {
            Node::Listed(items) => Some(items.to_vec()),
            _ => match self.choosing(|this| this.expand(of)) {
                Some((items, is_exact)) => {
                    let is_scalar = !self.is_composite(of);
                    // What is expanded into some of its elements only is not listed one by one.
                    let is_bounded = !self.has_families && self.is_bounded(of);
                    let is_whole = is_exact || is_scalar || is_bounded;
                    (is_whole && (is_scalar || items.len() <= LISTED_ONE_BY_ONE * n)).then_some(items)
                }
                None => None,
            },
        };
        if let Some(items) = listed {
            let mut kept = Vec::with_capacity(items.len());
            for (item, present) in items {
                let chosen = self.circuit.input();
                self.note_presence(chosen);
                kept.push((item, self.circuit.meet(present, Truth::total(chosen))));
            }
            return (self.listed(kept), Truth::TRUE);
        }
        let mut items = Vec::with_capacity(n);
        let mut parts = Vec::with_capacity(n);
        let mut before = Lit::TRUE;
        for _ in 0..n {
            let present = self.circuit.input();
            self.note_presence(present);
            // The first slots are used first.
            self.circuit.clauses.push(vec![!present, before]);
            before = present;
            let (value, inside) = self.fresh_member(of, level + 1);
            parts.push(self.circuit.any(&[Truth::total(!present), inside]));
            items.push((value, Truth::total(present)));
        }
        let mut slots: Vec<(V, Lit)> = items.iter().map(|(value, present)| (*value, present.yes)).collect();
        if self.has_families && self.is_state && level == 0 && n > 0 {
            // The first is no longer like the others.
            let first = slots.remove(0);
            self.with_family(first, of, &mut items, &mut parts);
        }
        self.order_slots(&slots);
        let inside = self.circuit.all(&parts);
        (self.listed(items), inside)
    }

    /// Whether expanding the set gives all that free values may be, though the set is infinite.
    fn is_bounded(&self, set: V) -> bool {
        match self.node(set) {
            Node::Listed(_) | Node::Naturals | Node::Integers | Node::Strings => true,
            Node::Records(_, _, sets) | Node::Product(sets) => sets.iter().all(|set| self.is_bounded(*set)),
            Node::Join(left, right) => self.is_bounded(*left) && self.is_bounded(*right),
            Node::Within(set, _, _) | Node::Filter(set, _) => self.is_bounded(*set),
            _ => false,
        }
    }

    /// One of these, unknown which.
    fn fresh_among(&mut self, items: &[(V, Truth)]) -> (V, Truth) {
        let guards = self.circuit.one_of(items.len());
        if self.is_state {
            for (rank, ((item, _), guard)) in items.iter().zip(&guards).enumerate() {
                let rank = match self.values.constant(*item) {
                    Some(Atom::Int(integer)) => integer.unsigned_abs(),
                    Some(Atom::Element(_, element)) => u64::from(element),
                    Some(Atom::Str(_)) | None => rank as u64,
                };
                if *guard != Lit::TRUE {
                    self.ranks.push((rank, *guard));
                }
            }
        }
        let values: Vec<(Lit, V)> =
            guards.iter().zip(items).map(|(guard, (item, _))| (*guard, *item)).collect();
        let inside: Vec<(Lit, Truth)> =
            guards.iter().zip(items).map(|(guard, (_, present))| (*guard, *present)).collect();
        let value = self.select(&values, true);
        (value, self.circuit.select(&inside, true))
    }

    /// An unknown element of a set, and whether it is one.
    pub(crate) fn fresh_member(&mut self, set: V, level: usize) -> (V, Truth) {
        if self.is_stopped() {
            return (self.undefined(), Truth::UNKNOWN);
        }
        if !self.is_composite(set) {
            let items = self.choosing(|this| this.expand(set)).map_or(Vec::new(), |(items, _)| items);
            let items: Vec<(V, Truth)> =
                items.into_iter().filter(|(_, present)| present.no != Lit::TRUE).collect();
            if items.is_empty() {
                return (self.undefined(), Truth::FALSE);
            }
            return self.fresh_among(&items);
        }
        match self.node(set).clone() {
            Node::Powerset(of) => self.fresh_subset(of, level),
            Node::Functions(from, to) => {
                let keys = self.choosing(|this| this.expand(from)).map_or(Vec::new(), |(items, _)| items);
                let mut entries = Vec::with_capacity(keys.len());
                let mut parts = Vec::with_capacity(keys.len());
                for (key, present) in keys {
                    let (value, inside) = self.fresh_member(to, level + 1);
                    parts.push(self.circuit.any(&[!present, inside]));
                    entries.push((key, present, value));
                }
                let function = self.values.intern(Node::Function(entries.into()));
                (function, self.circuit.all(&parts))
            }
            Node::Product(sets) => {
                let mut items = Vec::with_capacity(sets.len());
                let mut parts = Vec::with_capacity(sets.len());
                for set in sets {
                    let (item, inside) = self.fresh_member(set, level + 1);
                    items.push(item);
                    parts.push(inside);
                }
                let tuple = self.values.intern(Node::Tuple(items.into()));
                (tuple, self.circuit.all(&parts))
            }
            Node::Sequences(of) => {
                let longest = self.size.slots.min(4);
                let lengths = self.circuit.one_of(longest + 1);
                let mut entries = Vec::with_capacity(longest);
                let mut parts = Vec::with_capacity(longest);
                for position in 1..=longest {
                    let present = self.circuit.or(lengths[position..].iter().copied());
                    self.note_presence(present);
                    let (value, inside) = self.fresh_member(of, level + 1);
                    parts.push(self.circuit.any(&[Truth::total(!present), inside]));
                    let key = self.integer(i64::try_from(position).unwrap_or(i64::MAX));
                    entries.push((key, Truth::total(present), value));
                }
                let sequence = self.values.intern(Node::Function(entries.into()));
                (sequence, self.circuit.all(&parts))
            }
            Node::Records(id, shape, sets) => self.fresh_record(id, &[(shape, sets)], level),
            Node::Join(left, right) => {
                let mut alternatives = Vec::new();
                self.alternatives(left, &mut alternatives);
                self.alternatives(right, &mut alternatives);
                let mut records: IndexMap<RecordId, Vec<Shape>> = IndexMap::new();
                let mut others = Vec::new();
                for set in alternatives {
                    match self.node(set) {
                        Node::Records(id, shape, sets) => {
                            records.entry(*id).or_default().push((*shape, sets.clone()));
                        }
                        _ => others.push(set),
                    }
                }
                let mut found = Vec::new();
                for (id, shapes) in records {
                    found.push(self.fresh_record(id, &shapes, level));
                }
                for set in others {
                    found.push(self.fresh_member(set, level));
                }
                if let [only] = found[..] { only } else { self.fresh_among(&found) }
            }
            Node::Within(of, other, is_negated) => {
                let (value, inside) = self.fresh_member(of, level);
                let other = self.member(value, other);
                (value, self.circuit.meet(inside, if is_negated { !other } else { other }))
            }
            Node::Filter(of, closure) => {
                let (value, inside) = self.fresh_member(of, level);
                let holds = self.closure_holds(closure, value);
                (value, self.circuit.meet(inside, holds))
            }
            Node::Cases(cases) => {
                let found: Vec<(Lit, (V, Truth))> =
                    cases.iter().map(|(guard, set)| (*guard, self.fresh_member(*set, level))).collect();
                let values: Vec<(Lit, V)> =
                    found.iter().map(|(guard, (value, _))| (*guard, *value)).collect();
                let inside: Vec<(Lit, Truth)> =
                    found.iter().map(|(guard, (_, inside))| (*guard, *inside)).collect();
                let value = self.select(&values, false);
                (value, self.circuit.select(&inside, false))
            }
            _ => (self.undefined(), Truth::UNKNOWN),
        }
    }

    fn alternatives(&self, set: V, into: &mut Vec<V>) {
        if let Node::Join(left, right) = self.node(set) {
            self.alternatives(*left, into);
            self.alternatives(*right, into);
        } else {
            into.push(set);
        }
    }

    /// A record of one of these sets; fields that range over one set are one unknown for all shapes.
    fn fresh_record(&mut self, id: RecordId, sets: &[Shape], level: usize) -> (V, Truth) {
        let chosen = self.circuit.one_of(sets.len());
        let record = self.module.sorts.records[id].clone();
        let mut known: IndexMap<(usize, V), (V, Truth)> = IndexMap::new();
        let mut by_field: Vec<Vec<(Lit, V)>> = vec![Vec::new(); record.fields.len()];
        let mut parts = Vec::new();
        let mut shapes: IndexMap<usize, Vec<Lit>> = IndexMap::new();
        for (guard, (shape, sets)) in chosen.iter().zip(sets) {
            shapes.entry(*shape).or_default().push(*guard);
            for (field, set) in record.shapes[*shape].iter().zip(sets) {
                let (value, inside) = if let Some(known) = known.get(&(*field, *set)) {
                    *known
                } else {
                    let made = self.fresh_member(*set, level + 1);
                    known.insert((*field, *set), made);
                    made
                };
                parts.push(self.circuit.any(&[Truth::total(!*guard), inside]));
                by_field[*field].push((*guard, value));
            }
        }
        let mut fields = Vec::with_capacity(by_field.len());
        for cases in by_field {
            let field = match &cases[..] {
                [] => None,
                [(_, first), rest @ ..] if rest.iter().all(|(_, value)| value == first) => Some(*first),
                _ => Some(self.select(&cases, true)),
            };
            fields.push(field);
        }
        let shapes = shapes.into_iter().map(|(shape, guards)| (shape, self.circuit.or(guards))).collect();
        let value = self.record(id, shapes, true, fields);
        (value, self.circuit.all(&parts))
    }

    /// `F(args)` for a declared operator: an unknown value for each combination of arguments.
    pub(crate) fn constant_apply(&mut self, id: lang::typed::ConstantId, args: &[V], sort: &Sort) -> V {
        if let Some(known) = self.operators.get(&id).cloned() {
            return self.known_apply(&known, args);
        }
        let mut rows: Vec<(Lit, Vec<V>)> = vec![(Lit::TRUE, Vec::new())];
        let mut total = true;
        for arg in args {
            let cases: Vec<(Lit, V)> = match self.node(*arg).clone() {
                Node::Scalar(cases, is_total) => {
                    total &= is_total;
                    cases.iter().map(|(atom, guard)| (*guard, self.atom(*atom))).collect()
                }
                Node::Truth(truth) => {
                    total &= truth.is_total();
                    let values = [Truth::TRUE, Truth::FALSE].map(|value| self.truth(value));
                    vec![(truth.yes, values[0]), (truth.no, values[1])]
                }
                _ => vec![(Lit::TRUE, *arg)],
            };
            let mut longer = Vec::with_capacity(rows.len() * cases.len());
            for (guard, row) in &rows {
                for (case, value) in &cases {
                    let mut row = row.clone();
                    row.push(*value);
                    longer.push((self.circuit.both(*guard, *case), row));
                }
            }
            rows = longer;
        }
        let mut cases = Vec::with_capacity(rows.len());
        for (guard, row) in rows {
            let key = (id, row);
            let value = if let Some(known) = self.tables.get(&key) {
                *known
            } else {
                let fresh = self.fresh_of_sort(sort, 1);
                self.tables.insert(key, fresh);
                fresh
            };
            cases.push((guard, value));
        }
        self.select(&cases, total)
    }
}
