//! Sets: membership, inclusion, the elements one by one.
#![allow(clippy::wildcard_enum_match_arm, reason = "an operation is about few kinds of value")]

use lang::typed::Expr;

use crate::builder::{Builder, MAX_EXPANSION};
use crate::circuit::{Lit, Truth};
use crate::value::{Atom, Node, V};

/// One element of each of several sets, and what says that they are in them.
type Row = (Vec<V>, Truth);

/// The elements of a set, with what says that they are in it; and whether these are all.
pub(crate) type Elements = Option<(Vec<(V, Truth)>, bool)>;

impl Builder<'_> {
    /// The set of the elements that are present. Scalars are split into their atoms.
    pub(crate) fn listed(&mut self, items: Vec<(V, Truth)>) -> V {
        let mut atoms: std::collections::BTreeMap<Atom, Vec<Truth>> = std::collections::BTreeMap::new();
        let mut truths: [Vec<Truth>; 2] = [Vec::new(), Vec::new()];
        let mut others: indexmap::IndexMap<V, Vec<Truth>> = indexmap::IndexMap::new();
        for (item, present) in items {
            if present.no == Lit::TRUE {
                continue;
            }
            match self.values.get(item) {
                Node::Undefined => {}
                Node::Scalar(cases, total) => {
                    for (atom, guard) in cases {
                        let here = if *total || cases.len() == 1 {
                            Truth::total(*guard)
                        } else {
                            let others = cases.iter().filter(|(other, _)| other != atom);
                            Truth { yes: *guard, no: self.circuit.or(others.map(|(_, guard)| *guard)) }
                        };
                        let here = self.circuit.meet(present, here);
                        atoms.entry(*atom).or_default().push(here);
                    }
                }
                Node::Truth(truth) => {
                    truths[1].push(self.circuit.meet(present, *truth));
                    truths[0].push(self.circuit.meet(present, !*truth));
                }
                _ => others.entry(item).or_default().push(present),
            }
        }
        let mut merged = Vec::new();
        for (atom, present) in atoms {
            let present = self.circuit.any(&present);
            let atom = self.atom(atom);
            merged.push((atom, present));
        }
        for (value, present) in [false, true].into_iter().zip(truths) {
            let present = self.circuit.any(&present);
            let value = self.truth(Truth::constant(value));
            merged.push((value, present));
        }
        for (item, present) in others {
            let present = self.circuit.any(&present);
            merged.push((item, present));
        }
        merged.retain(|(_, present)| present.no != Lit::TRUE);
        self.values.intern(Node::Listed(merged.into()))
    }

    /// `value \in set`.
    pub(crate) fn member(&mut self, value: V, set: V) -> Truth {
        if self.is_stopped() {
            return Truth::UNKNOWN;
        }
        if *self.node(value) == Node::Undefined {
            return Truth::UNKNOWN;
        }
        if let Some(known) = self.member_known.get(&(value, set)) {
            return *known;
        }
        let truth = self.member_of(value, set);
        self.member_known.insert((value, set), truth);
        truth
    }

    fn member_of(&mut self, value: V, set: V) -> Truth {
        match (self.node(value).clone(), self.node(set).clone()) {
            (Node::Scalar(cases, total), Node::Listed(items)) => {
                let mut found = Vec::with_capacity(cases.len());
                for (atom, guard) in &cases {
                    let here = items.iter().find(|(item, _)| self.values.constant(*item) == Some(*atom));
                    found.push((*guard, here.map_or(Truth::FALSE, |(_, present)| *present)));
                }
                self.circuit.select(&found, total)
            }
            (_, Node::Listed(items)) => {
                if let Some((_, present)) = items.iter().find(|(item, _)| *item == value)
                    && *present == Truth::TRUE
                {
                    return Truth::TRUE;
                }
                let mut found = Vec::with_capacity(items.len());
                for (item, present) in &items {
                    let same = self.equal(value, *item);
                    found.push(self.circuit.meet(*present, same));
                }
                self.circuit.any(&found)
            }
            (Node::Scalar(cases, total), Node::Naturals) => {
                let found: Vec<(Lit, Truth)> = cases
                    .iter()
                    .map(|(atom, guard)| {
                        (*guard, Truth::constant(matches!(atom, Atom::Int(integer) if *integer >= 0)))
                    })
                    .collect();
                self.circuit.select(&found, total)
            }
            (_, Node::Integers | Node::Strings) => Truth::TRUE,
            (_, Node::Powerset(of)) => self.subset(value, of),
            (Node::Function(entries), Node::Functions(from, to)) => {
                let domain = self.domain(value);
                let mut parts = vec![self.equal(domain, from)];
                for (_, present, value) in &entries {
                    let inside = self.member(*value, to);
                    parts.push(self.circuit.any(&[!*present, inside]));
                }
                self.circuit.all(&parts)
            }
            (Node::Record(_, shapes, total, fields), Node::Records(id, shape, sets)) => {
                let positions = self.module.sorts.records[id].shapes[shape].clone();
                let cases: Vec<(Lit, Truth)> =
                    shapes.iter().map(|(other, guard)| (*guard, Truth::constant(*other == shape))).collect();
                let mut parts = vec![self.circuit.select(&cases, total)];
                if parts[0] == Truth::FALSE {
                    return Truth::FALSE;
                }
                for (position, set) in positions.iter().zip(&sets) {
                    parts.push(match fields[*position] {
                        Some(field) => self.member(field, *set),
                        None => Truth::UNKNOWN,
                    });
                }
                self.circuit.all(&parts)
            }
            (Node::Tuple(items), Node::Product(sets)) => {
                let parts: Vec<Truth> =
                    items.iter().zip(&sets).map(|(item, set)| self.member(*item, *set)).collect();
                self.circuit.all(&parts)
            }
            (Node::Function(entries), Node::Sequences(of)) => {
                let mut parts = vec![self.is_sequence(value)];
                for (_, present, value) in &entries {
                    let inside = self.member(*value, of);
                    parts.push(self.circuit.any(&[!*present, inside]));
                }
                self.circuit.all(&parts)
            }
            (_, Node::Join(left, right)) => {
                let left = self.member(value, left);
                if left == Truth::TRUE {
                    return left;
                }
                let right = self.member(value, right);
                self.circuit.any(&[left, right])
            }
            (_, Node::Within(set, other, is_negated)) => {
                let inside = self.member(value, set);
                let other = self.member(value, other);
                self.circuit.meet(inside, if is_negated { !other } else { other })
            }
            (_, Node::Filter(set, closure)) => {
                let inside = self.member(value, set);
                let holds = self.closure_holds(closure, value);
                self.circuit.meet(inside, holds)
            }
            (_, Node::Cases(cases)) => {
                let cases: Vec<(Lit, Truth)> =
                    cases.iter().map(|(guard, set)| (*guard, self.member(value, *set))).collect();
                self.circuit.select(&cases, false)
            }
            _ => Truth::UNKNOWN,
        }
    }

    /// `left \subseteq right`.
    pub(crate) fn subset(&mut self, left: V, right: V) -> Truth {
        if left == right {
            return Truth::TRUE;
        }
        match (self.node(left).clone(), self.node(right).clone()) {
            (Node::Listed(items), _) => {
                let mut parts = Vec::with_capacity(items.len());
                for (item, present) in &items {
                    let inside = self.member(*item, right);
                    parts.push(self.circuit.any(&[!*present, inside]));
                }
                self.circuit.all(&parts)
            }
            (Node::Naturals, Node::Integers) => Truth::TRUE,
            (Node::Naturals | Node::Integers | Node::Strings, Node::Listed(_))
            | (Node::Integers, Node::Naturals) => Truth::FALSE,
            (Node::Powerset(left), Node::Powerset(right)) => self.subset(left, right),
            _ => match self.expand(left) {
                Some((items, _)) => {
                    let mut parts = Vec::with_capacity(items.len());
                    for (item, present) in &items {
                        let inside = self.member(*item, right);
                        parts.push(self.circuit.any(&[!*present, inside]));
                    }
                    self.circuit.all(&parts)
                }
                None => Truth::UNKNOWN,
            },
        }
    }

    /// `left \cup right`.
    pub(crate) fn union(&mut self, left: V, right: V) -> V {
        match (self.node(left).clone(), self.node(right).clone()) {
            (Node::Listed(left), Node::Listed(right)) => self.listed(left.into_iter().chain(right).collect()),
            _ if left == right => left,
            _ => self.values.intern(Node::Join(left, right)),
        }
    }

    /// Those of `set` that are in `other`, or those that are not.
    pub(crate) fn within(&mut self, set: V, other: V, is_negated: bool) -> V {
        match (self.node(set).clone(), self.node(other).clone()) {
            (Node::Listed(items), _) => {
                let mut kept = Vec::with_capacity(items.len());
                for (item, present) in items {
                    let inside = self.member(item, other);
                    let inside = if is_negated { !inside } else { inside };
                    kept.push((item, self.circuit.meet(present, inside)));
                }
                self.listed(kept)
            }
            (_, Node::Listed(_)) if !is_negated => self.within(other, set, false),
            (_, Node::Listed(items)) if items.is_empty() => set,
            _ => self.values.intern(Node::Within(set, other, is_negated)),
        }
    }

    /// The elements one by one; not all of them where there are too many.
    pub(crate) fn expand(&mut self, set: V) -> Elements {
        if self.is_stopped() {
            return None;
        }
        match self.node(set).clone() {
            Node::Listed(items) => Some((items.into(), true)),
            Node::Naturals => Some((self.integers_from(0), false)),
            Node::Integers => Some((self.integers_from(-2), false)),
            Node::Strings => {
                let strings: Vec<Atom> = (0..self.strings.len())
                    .filter_map(|position| u32::try_from(position).ok().map(Atom::Str))
                    .collect();
                Some((self.constants_present(strings), false))
            }
            Node::Powerset(of) => self.expand_powerset(of),
            Node::Functions(from, to) => self.expand_functions(from, to),
            Node::Records(id, shape, sets) => {
                let (rows, is_exact) = self.expand_rows(&sets)?;
                let n_fields = self.module.sorts.records[id].fields.len();
                let positions = self.module.sorts.records[id].shapes[shape].clone();
                let mut found = Vec::with_capacity(rows.len());
                for (row, present) in rows {
                    let mut fields = vec![None; n_fields];
                    for (position, value) in positions.iter().zip(row) {
                        fields[*position] = Some(value);
                    }
                    let record = self.record(id, vec![(shape, Lit::TRUE)], true, fields);
                    found.push((record, present));
                }
                Some((found, is_exact))
            }
            Node::Product(sets) => {
                let (rows, is_exact) = self.expand_rows(&sets)?;
                let tuples = rows
                    .into_iter()
                    .map(|(row, present)| (self.values.intern(Node::Tuple(row.into())), present))
                    .collect();
                Some((tuples, is_exact))
            }
            Node::Sequences(of) => {
                let (items, _) = self.expand(of)?;
                let mut found = vec![(Vec::new(), Truth::TRUE)];
                let mut last = found.clone();
                for _ in 0..2 {
                    let mut longer = Vec::new();
                    for (sequence, present) in &last {
                        for (item, inside) in &items {
                            let mut sequence: Vec<V> = sequence.clone();
                            sequence.push(*item);
                            longer.push((sequence, self.circuit.meet(*present, *inside)));
                        }
                    }
                    if found.len() + longer.len() > MAX_EXPANSION {
                        break;
                    }
                    found.extend(longer.iter().cloned());
                    last = longer;
                }
                let found =
                    found.into_iter().map(|(items, present)| (self.sequence(&items), present)).collect();
                Some((found, false))
            }
            Node::Join(left, right) => {
                let (mut items, left_exact) = self.expand(left)?;
                let (more, right_exact) = self.expand(right)?;
                items.extend(more);
                Some((items, left_exact && right_exact))
            }
            Node::Within(set, other, is_negated) => {
                let (items, is_exact) = self.expand(set)?;
                let mut kept = Vec::with_capacity(items.len());
                for (item, present) in items {
                    let inside = self.member(item, other);
                    let inside = if is_negated { !inside } else { inside };
                    kept.push((item, self.circuit.meet(present, inside)));
                }
                Some((kept, is_exact))
            }
            Node::Filter(set, closure) => {
                let (items, is_exact) = self.expand(set)?;
                let mut kept = Vec::with_capacity(items.len());
                for (item, present) in items {
                    let holds = self.closure_holds(closure, item);
                    kept.push((item, self.circuit.meet(present, holds)));
                }
                Some((kept, is_exact))
            }
            Node::Cases(cases) => {
                let mut found = Vec::new();
                let mut is_exact = true;
                for (guard, set) in cases {
                    let (items, exact) = self.expand(set)?;
                    is_exact &= exact;
                    for (item, present) in items {
                        found.push((item, self.circuit.meet(Truth::total(guard), present)));
                    }
                }
                Some((found, is_exact))
            }
            Node::Undefined
            | Node::Truth(_)
            | Node::Scalar(..)
            | Node::Tuple(_)
            | Node::Record(..)
            | Node::Function(_) => None,
        }
    }

    /// Integers that quantifiers range over: one more on each side than free values may be.
    fn integers_from(&mut self, lowest: i64) -> Vec<(V, Truth)> {
        let mut all = self.integers.clone();
        if !self.is_choosing {
            all.extend([self.size.highest + 1, -2]);
        }
        all.retain(|integer| *integer >= lowest);
        all.sort_unstable();
        all.dedup();
        self.constants_present(all.into_iter().map(Atom::Int))
    }

    /// These atoms, all present.
    pub(crate) fn constants_present(&mut self, atoms: impl IntoIterator<Item = Atom>) -> Vec<(V, Truth)> {
        atoms.into_iter().map(|atom| (self.atom(atom), Truth::TRUE)).collect()
    }

    fn expand_powerset(&mut self, of: V) -> Elements {
        let (items, is_exact) = self.expand(of)?;
        if items.len() <= 6 && 1 << items.len() <= MAX_EXPANSION {
            let mut found = Vec::with_capacity(1 << items.len());
            for chosen in 0..1_u32 << items.len() {
                let inside: Vec<(V, Truth)> = items
                    .iter()
                    .enumerate()
                    .filter(|(position, _)| chosen >> position & 1 == 1)
                    .map(|(_, item)| *item)
                    .collect();
                let present: Vec<Truth> = inside.iter().map(|(_, present)| *present).collect();
                let present = self.circuit.all(&present);
                let inside = inside.into_iter().map(|(item, _)| (item, Truth::TRUE)).collect();
                let set = self.listed(inside);
                found.push((set, present));
            }
            return Some((found, is_exact));
        }
        // Too many: the smallest and the largest stand for all.
        let mut found = vec![(self.listed(Vec::new()), Truth::TRUE)];
        for (item, present) in items.iter().take(MAX_EXPANSION / 2) {
            let single = self.listed(vec![(*item, Truth::TRUE)]);
            found.push((single, *present));
        }
        if is_exact {
            found.push((self.listed(items), Truth::TRUE));
        }
        Some((found, false))
    }

    fn expand_functions(&mut self, from: V, to: V) -> Elements {
        let (keys, keys_exact) = self.expand(from)?;
        let (values, values_exact) = self.expand(to)?;
        let count = u32::try_from(keys.len()).ok().and_then(|n| values.len().checked_pow(n));
        let choices: Vec<Vec<(V, Truth)>> = match count {
            Some(count) if count <= MAX_EXPANSION => {
                let mut all: Vec<Vec<(V, Truth)>> = vec![Vec::new()];
                for _ in &keys {
                    all = all
                        .into_iter()
                        .flat_map(|chosen| {
                            values.iter().map(move |value| {
                                let mut longer = chosen.clone();
                                longer.push(*value);
                                longer
                            })
                        })
                        .collect();
                }
                all
            }
            // Too many: those with the same value everywhere stand for all.
            _ => values.iter().take(MAX_EXPANSION).map(|value| vec![*value; keys.len()]).collect(),
        };
        let is_exact = keys_exact && values_exact && count.is_some_and(|count| count <= MAX_EXPANSION);
        let mut found = Vec::with_capacity(choices.len());
        for chosen in choices {
            let mut parts = Vec::with_capacity(keys.len());
            let mut entries = Vec::with_capacity(keys.len());
            for ((key, present), (value, inside)) in keys.iter().zip(chosen) {
                parts.push(self.circuit.any(&[!*present, inside]));
                entries.push((*key, *present, value));
            }
            let inside = self.circuit.all(&parts);
            let function = self.values.intern(Node::Function(entries.into()));
            found.push((function, inside));
        }
        Some((found, is_exact))
    }

    fn expand_rows(&mut self, sets: &[V]) -> Option<(Vec<Row>, bool)> {
        let mut rows: Vec<Row> = vec![(Vec::new(), Truth::TRUE)];
        let mut is_exact = true;
        for set in sets {
            let (items, exact) = self.expand(*set)?;
            is_exact &= exact;
            let mut longer = Vec::new();
            for (row, present) in &rows {
                for (item, inside) in &items {
                    if longer.len() >= MAX_EXPANSION * 4 {
                        is_exact = false;
                        break;
                    }
                    let mut row = row.clone();
                    row.push(*item);
                    longer.push((row, self.circuit.meet(*present, *inside)));
                }
            }
            rows = longer;
        }
        Some((rows, is_exact))
    }

    /// Whether `p` of `{x \in S : p}` holds of a value.
    pub(crate) fn closure_holds(&mut self, closure: usize, value: V) -> Truth {
        let closure = self.closures[closure].clone();
        let outer_locals = std::mem::take(&mut self.locals);
        self.locals.extend(closure.captured);
        self.locals.insert(closure.local, value);
        let outer_primed = std::mem::replace(&mut self.is_primed, closure.is_primed);
        let outer = self.enter(closure.moment);
        let body: Expr = closure.body;
        let truth = self.formula(&body, crate::express::Want::BOTH);
        self.enter(outer);
        self.is_primed = outer_primed;
        self.locals = outer_locals;
        truth
    }

    /// `UNION set`.
    pub(crate) fn big_union(&mut self, set: V) -> V {
        if let Node::Powerset(of) = self.node(set) {
            return *of;
        }
        let Some((sets, _)) = self.expand(set) else { return self.undefined() };
        let mut all = Vec::new();
        let mut lazy = Vec::new();
        for (inner, present) in sets {
            match self.expand(inner) {
                Some((items, true)) => {
                    for (item, inside) in items {
                        all.push((item, self.circuit.meet(present, inside)));
                    }
                }
                Some((_, false)) | None => lazy.push((present, inner)),
            }
        }
        let mut union = self.listed(all);
        let nothing = self.listed(Vec::new());
        for (present, set) in lazy {
            let set = self.if_then_else(present, set, nothing);
            union = self.union(union, set);
        }
        union
    }

    /// How many elements the set has, if it is listed.
    pub(crate) fn cardinality(&mut self, set: V) -> V {
        let Some((items, true)) = self.expand(set) else { return self.undefined() };
        let mut counts: Vec<Lit> = vec![Lit::TRUE];
        let mut total = true;
        for position in 0..items.len() {
            let (item, mut present) = items[position];
            if self.values.constant(item).is_none() {
                for (other, other_present) in &items[..position] {
                    let same = self.equal(item, *other);
                    let repeated = self.circuit.meet(same, *other_present);
                    present = self.circuit.meet(present, !repeated);
                }
            }
            total &= present.is_total();
            let mut longer = Vec::with_capacity(counts.len() + 1);
            for count in 0..=counts.len() {
                let stays = counts.get(count).map_or(Lit::FALSE, |lit| self.circuit.both(*lit, present.no));
                let grows = match count.checked_sub(1) {
                    Some(before) => self.circuit.both(counts[before], present.yes),
                    None => Lit::FALSE,
                };
                longer.push(self.circuit.or([stays, grows]));
            }
            counts = longer;
        }
        let cases = (0..).map(Atom::Int).zip(counts).collect();
        self.scalar(cases, total)
    }

    /// Whether the set is finite.
    pub(crate) fn is_finite(&mut self, set: V) -> Truth {
        match self.node(set).clone() {
            Node::Listed(items) => {
                let is_infinite = self.has_family(&items);
                Truth::total(!is_infinite)
            }
            Node::Naturals | Node::Integers | Node::Strings => Truth::FALSE,
            Node::Powerset(of) => self.is_finite(of),
            _ => match self.expand(set) {
                Some((_, true)) => Truth::TRUE,
                Some((_, false)) | None => Truth::UNKNOWN,
            },
        }
    }
}
