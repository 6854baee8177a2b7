//! What a constant may be: values of a sort over a few elements, the most natural ones first.
//!
//! The order is a matter of taste, not of truth: whole sets before their parts, families of sets that treat all
//! elements alike before others, large numbers before small ones.

use lang::ids::IdVec;
use lang::sort::{Sort, SortId};
use lang::typed::Module;

use crate::value::{Infinite, Value};

/// More candidates than these are not listed.
const MAX: usize = 4096;

/// What candidates are made of.
pub(super) struct Material<'m> {
    pub(super) module: &'m Module,
    /// How many elements sets of constants have at most; a sort may have more (see `Sizes::members`).
    pub(super) members: &'m IdVec<SortId, u32>,
    /// How many elements each sort has.
    pub(super) sizes: &'m IdVec<SortId, u32>,
    pub(super) integers: std::ops::RangeInclusive<i64>,
    /// The strings in the module's text.
    pub(super) strings: Vec<Value>,
}

impl Material<'_> {
    /// Values of a sort. Not all of them, where there are too many.
    pub(super) fn values(&self, sort: &Sort) -> Vec<Value> {
        let mut values = match sort {
            Sort::Bool => vec![Value::Bool(true), Value::Bool(false)],
            Sort::Int => self.integers.clone().rev().take(MAX).map(Value::Int).collect(),
            Sort::Str => self.strings.clone(),
            // Elements that no constant set has come first: what is declared by itself is meant to be apart. Then the last
            // ones, so that the others keep their numbers.
            Sort::Uninterpreted(id) => {
                let members = self.members[*id];
                let elements = (members..self.sizes[*id]).chain((0..members).rev());
                elements.map(|element| Value::Element(*id, element)).collect()
            }
            Sort::Set(element) => match &**element {
                Sort::Set(inner) => self.families(inner),
                Sort::Bool
                | Sort::Int
                | Sort::Str
                | Sort::Uninterpreted(_)
                | Sort::Function(..)
                | Sort::Tuple(_)
                | Sort::Record(_) => self.sets(element),
            },
            Sort::Function(from, to) => functions(&self.members(from), &self.values(to)),
            Sort::Tuple(parts) => {
                let parts: Vec<Vec<Value>> = parts.iter().map(|part| self.values(part)).collect();
                product(&parts).into_iter().map(|items| Value::Tuple(items.into())).collect()
            }
            Sort::Record(id) => {
                let record = &self.module.sorts.records[*id];
                let mut records = Vec::new();
                for (shape, fields) in record.shapes.iter().enumerate() {
                    let sorts = fields.iter().filter_map(|field| record.fields.get(*field));
                    let values: Vec<Vec<Value>> = sorts.map(|field| self.values(&field.sort)).collect();
                    records.extend(
                        product(&values).into_iter().map(|items| Value::Record(*id, shape, items.into())),
                    );
                }
                records
            }
        };
        values.truncate(MAX);
        values
    }

    /// The values that a set of this sort has if it has as many as it can.
    fn members(&self, sort: &Sort) -> Vec<Value> {
        match sort {
            Sort::Uninterpreted(id) => {
                (0..self.members[*id]).map(|element| Value::Element(*id, element)).collect()
            }
            Sort::Int => {
                let low = (*self.integers.start()).max(0);
                (low..=*self.integers.end()).take(MAX).map(Value::Int).collect()
            }
            Sort::Bool | Sort::Str | Sort::Set(_) | Sort::Function(..) | Sort::Tuple(_) | Sort::Record(_) => {
                let mut values = self.values(sort);
                values.sort_unstable();
                values.dedup();
                values
            }
        }
    }

    /// The whole set, then its parts, the larger first; for numbers also `Nat` and `Int`.
    fn sets(&self, element: &Sort) -> Vec<Value> {
        let mut sets = parts(&self.members(element), MAX);
        if matches!(element, Sort::Int) {
            sets.insert(1.min(sets.len()), Value::Whole(Infinite::Nat));
            sets.push(Value::Whole(Infinite::Int));
        }
        sets
    }

    /// Families of sets. First all sets of one size, the smallest size first; then all sets of a size or larger;
    /// then those of several sizes; these treat all elements alike. Then the others, small families first.
    fn families(&self, inner: &Sort) -> Vec<Value> {
        let universe = self.members(inner);
        let n = universe.len();
        if n > 12 {
            return vec![Value::set([Value::set(universe)]), Value::set([])];
        }
        let sets = parts(&universe, 1 << 12);
        let size = |set: &Value| if let Value::Set(items) = set { items.len() } else { 0 };
        let of_sizes = |is_wanted: &dyn Fn(usize) -> bool| {
            Value::set(sets.iter().filter(|set| is_wanted(size(set))).cloned())
        };
        let mut families: Vec<Value> = (1..=n).map(|k| of_sizes(&|size| size == k)).collect();
        families.extend((1..n).map(|k| of_sizes(&|size| size >= k)));
        families.extend((1..1_usize << (n + 1)).map(|sizes| of_sizes(&|size| sizes >> size & 1 == 1)));
        if sets.len() <= 8 {
            let mut others: Vec<Vec<Value>> = (1..1_usize << sets.len())
                .map(|bits| {
                    let chosen = sets.iter().enumerate().filter(|(bit, _)| bits >> bit & 1 == 1);
                    chosen.map(|(_, set)| set.clone()).collect()
                })
                .collect();
            others.sort_by_key(Vec::len);
            families.extend(others.into_iter().map(Value::set));
        } else {
            families.extend(sets.iter().map(|set| Value::set([set.clone()])));
        }
        families.push(Value::set([]));
        let unique: indexmap::IndexSet<Value> = families.into_iter().collect();
        unique.into_iter().take(MAX).collect()
    }
}

/// All subsets of a set, the larger first, not more than `max`.
fn parts(set: &[Value], max: usize) -> Vec<Value> {
    if set.len() > 12 {
        // Too many: the whole, the parts without one, and nothing.
        let without = |left: usize| {
            Value::set(set.iter().enumerate().filter(|(at, _)| *at != left).map(|(_, item)| item.clone()))
        };
        let whole = Value::set(set.iter().cloned());
        return std::iter::once(whole).chain((0..set.len()).map(without)).chain([Value::set([])]).collect();
    }
    let mut parts: Vec<Vec<Value>> = (0..1_usize << set.len())
        .map(|bits| {
            // The first elements are in the first parts.
            let chosen = set.iter().enumerate().filter(|(bit, _)| bits >> bit & 1 == 1);
            chosen.map(|(_, item)| item.clone()).collect()
        })
        .collect();
    parts.sort_by_key(|part| std::cmp::Reverse(part.len()));
    parts.truncate(max);
    parts.into_iter().map(Value::set).collect()
}

/// Functions from a domain to some values: the constant ones, then the others, as far as they are not too many.
fn functions(domain: &[Value], values: &[Value]) -> Vec<Value> {
    let constant = values
        .iter()
        .map(|value| Value::function(domain.iter().map(|argument| (argument.clone(), value.clone()))));
    let columns = vec![values.to_vec(); domain.len()];
    let others = product(&columns)
        .into_iter()
        .map(|row| Value::function(domain.iter().cloned().zip(row).collect::<Vec<_>>()));
    let unique: indexmap::IndexSet<Value> = constant.chain(others).collect();
    unique.into_iter().take(MAX).collect()
}

/// One value out of each column, in all ways, as far as they are not too many.
pub(super) fn product(columns: &[Vec<Value>]) -> Vec<Vec<Value>> {
    let mut rows: Vec<Vec<Value>> = vec![Vec::new()];
    for column in columns {
        rows = rows
            .iter()
            .flat_map(|row| column.iter().map(|value| row.iter().cloned().chain([value.clone()]).collect()))
            .take(MAX)
            .collect();
    }
    rows
}
