//! The members of a set: all of them, or those that are worth trying.
//!
//! Invariant: what is listed is in the set; a list says whether it is all of it, and why not.
#![allow(clippy::wildcard_enum_match_arm, reason = "rows of products are tuples and nothing else")]

use std::ops::ControlFlow;
use std::sync::Arc;

use lang::sort::Sort;
use lang::source::Span;

use super::lazy::{Lazy, List, Val};
use super::{MAX_ELEMENTS, Run, Stuck, Why, stuck};
use crate::value::{Family, Infinite, Value};

/// Some members of a set.
#[derive(Debug)]
pub(super) struct Tried {
    /// The members.
    pub(super) list: List,
    /// Why these are not all.
    pub(super) missing: Option<Why>,
}

impl Tried {
    fn all(list: Vec<Value>) -> Self {
        Self { list: List::Vec(list), missing: None }
    }
}

/// How many parts of infinite sets, and members of infinite sets of structures, are tried.
const MAX_SAMPLES: usize = 1 << 10;
/// How many integers are tried at most.
const MAX_INTEGERS: i64 = 1 << 12;
/// How long sequences are that are tried.
const MAX_LENGTH: usize = 3;

impl Run<'_> {
    /// All members of a set.
    pub(super) fn members(&mut self, set: &Val, span: Span) -> Result<List, Stuck> {
        let tried = self.tried(set, span)?;
        match tried.missing {
            None => Ok(tried.list),
            Some(why) => stuck(why, span),
        }
    }

    /// Members of a set.
    pub(super) fn tried(&mut self, set: &Val, span: Span) -> Result<Tried, Stuck> {
        let lazy = match set {
            Val::Is(Value::Set(items)) => {
                return Ok(Tried { list: List::Slice(Arc::clone(items)), missing: None });
            }
            Val::Is(Value::Whole(whole)) => {
                let list = match whole {
                    Infinite::Nat => self.integers(0),
                    Infinite::Int => self.integers(i64::MIN),
                    Infinite::Str => List::Vec(self.strings()),
                };
                return Ok(Tried { list, missing: Some(Why::Infinite) });
            }
            Val::Is(Value::Families(set)) => {
                let mut items = set.others().to_vec();
                for family in set.families() {
                    let List::Range(low, high) = self.integers(family.least()) else { continue };
                    items.extend((low..=high.max(low)).map(|number| family.member(number)));
                }
                items.sort_unstable();
                items.dedup();
                return Ok(Tried { list: List::Vec(items), missing: Some(Why::Infinite) });
            }
            Val::Is(_) => return stuck(Why::Unspecified, span),
            Val::Open(reason) => return Err(reason.clone()),
            Val::Lazy(lazy) => lazy,
        };
        if let Some(list) = self.finitely_many(set, span)? {
            return Ok(Tried { list, missing: None });
        }
        match &**lazy {
            Lazy::Range(low, high) => {
                if high.abs_diff(*low) >= u64::try_from(MAX_ELEMENTS).unwrap_or(u64::MAX) && low <= high {
                    let end = low.saturating_add(MAX_INTEGERS).min(*high);
                    return Ok(Tried { list: List::Range(*low, end), missing: Some(Why::TooLarge) });
                }
                Ok(Tried { list: List::Range(*low, *high), missing: None })
            }
            Lazy::Power(base) => {
                let tried = self.tried(base, span)?;
                let n = tried.list.len();
                let max = if tried.missing.is_none() { List::MAX_BITS } else { MAX_SAMPLES.ilog2() as usize };
                let mut items = Vec::new();
                for position in 0..n.min(max) {
                    items.extend(tried.list.get(position));
                }
                items.sort_unstable();
                let parts = List::Power(items.into());
                let missing = tried.missing.or((n > max).then_some(Why::TooLarge));
                let Val::Is(whole @ (Value::Whole(_) | Value::Families(_))) = base else {
                    return Ok(Tried { list: parts, missing });
                };
                let mut list = vec![Value::set([]), whole.clone()];
                list.extend((1..parts.len()).filter_map(|position| parts.get(position)));
                Ok(Tried { list: List::Vec(list), missing })
            }
            Lazy::Functions(domain, range) => self.functions(domain, range, span),
            Lazy::Records(sort, shape, sets) => {
                let Tried { list, missing } = self.product(sets, span)?;
                let rows = (0..list.len()).filter_map(|position| list.get(position));
                let rows = rows.filter_map(|row| match row {
                    Value::Tuple(values) => Some(Value::Record(*sort, *shape, values)),
                    _ => None,
                });
                Ok(Tried { list: List::Vec(rows.collect()), missing })
            }
            Lazy::Product(sets) => self.product(sets, span),
            Lazy::Sequences(base) => {
                let tried = self.tried(base, span)?;
                if tried.list.len() == 0 && tried.missing.is_none() {
                    return Ok(Tried::all(vec![Value::sequence([])]));
                }
                let mut found = vec![Value::sequence([])];
                for length in 1..=MAX_LENGTH {
                    let sets = vec![base.clone(); length];
                    let rows = self.product(&sets, span)?.list;
                    let rows = (0..rows.len()).filter_map(|position| rows.get(position));
                    found.extend(rows.filter_map(|row| match row {
                        Value::Tuple(values) => Some(Value::sequence(values.iter().cloned())),
                        _ => None,
                    }));
                    if found.len() > MAX_SAMPLES {
                        break;
                    }
                }
                Ok(Tried { list: List::Vec(found), missing: Some(Why::Infinite) })
            }
            Lazy::Union(a, b) => {
                let (a, b) = (self.tried(a, span)?, self.tried(b, span)?);
                let mut items = all_of(&a.list);
                items.extend(all_of(&b.list));
                items.sort_unstable();
                items.dedup();
                Ok(Tried { list: List::Vec(items), missing: worse(a.missing, b.missing) })
            }
            Lazy::Intersect(a, b) => {
                let (mut a, mut b) = (a, b);
                if self.is_finite(b, span)? == Some(true) {
                    std::mem::swap(&mut a, &mut b);
                }
                self.sifted(a, span, |this, value| this.is_member(&Val::Is(value.clone()), b, span))
            }
            Lazy::Minus(a, b) => {
                self.sifted(a, span, |this, value| Ok(!this.is_member(&Val::Is(value.clone()), b, span)?))
            }
            Lazy::Filter(base, closure) => self.sifted(base, span, |this, value| {
                this.enter(closure, [Val::Is(value.clone())], |this| this.truth(&closure.body))
            }),
            Lazy::BigUnion(sets) => {
                let outer = self.tried(sets, span)?;
                let (mut missing, mut items) = (outer.missing, Vec::new());
                for set in all_of(&outer.list) {
                    let inner = self.tried(&Val::Is(set), span)?;
                    items.extend(all_of(&inner.list));
                    missing = worse(missing, inner.missing);
                    self.step(span)?;
                    if items.len() > MAX_ELEMENTS {
                        missing = worse(missing, Some(Why::TooLarge));
                        break;
                    }
                }
                items.sort_unstable();
                items.dedup();
                Ok(Tried { list: List::Vec(items), missing })
            }
            Lazy::Map(sets, closure) => {
                let rows = self.product(sets, span)?;
                let mut items = Vec::new();
                for row in all_of(&rows.list) {
                    let Value::Tuple(row) = row else { continue };
                    self.step(span)?;
                    let vals = row.iter().cloned().map(Val::Is);
                    items.push(self.enter(closure, vals, |this| this.value(&closure.body))?);
                }
                items.sort_unstable();
                items.dedup();
                Ok(Tried { list: List::Vec(items), missing: rows.missing })
            }
            Lazy::Function(..) => stuck(Why::Unspecified, span),
        }
    }

    /// The members that pass.
    fn sifted(
        &mut self,
        base: &Val,
        span: Span,
        mut passes: impl FnMut(&mut Self, &Value) -> Result<bool, Stuck>,
    ) -> Result<Tried, Stuck> {
        let Tried { list, missing } = self.tried(base, span)?;
        let mut items = Vec::new();
        for position in 0..list.len() {
            let Some(value) = list.get(position) else { break };
            self.step(span)?;
            if passes(self, &value)? {
                items.push(value);
            }
        }
        Ok(Tried { list: List::Vec(items), missing })
    }

    /// Tuples of members.
    pub(super) fn product(&mut self, sets: &[Val], span: Span) -> Result<Tried, Stuck> {
        let mut missing = None;
        let mut columns = Vec::with_capacity(sets.len());
        for set in sets {
            let tried = self.tried(set, span)?;
            if tried.list.len() == 0 && tried.missing.is_none() {
                return Ok(Tried::all(Vec::new()));
            }
            missing = worse(missing, tried.missing);
            columns.push(all_of(&tried.list));
        }
        let max = if missing.is_none() { MAX_ELEMENTS } else { MAX_SAMPLES };
        let mut rows = Vec::new();
        let mut row = Vec::with_capacity(columns.len());
        if rows_of(&columns, &mut row, &mut rows, max).is_break() {
            missing = worse(missing, Some(Why::TooLarge));
        }
        Ok(Tried { list: List::Vec(rows), missing })
    }

    fn functions(&mut self, domain: &Val, range: &Val, span: Span) -> Result<Tried, Stuck> {
        let arguments = self.tried(domain, span)?;
        if let Some(why) = arguments.missing {
            // None of them can be written out, except for the one without arguments. Into no values there is that one
            // or none, so that it has to be known whether there are arguments.
            return Ok(match self.is_empty(range, span)? {
                false => Tried { list: List::Vec(Vec::new()), missing: Some(why) },
                true if self.is_empty(domain, span)? => Tried::all(vec![Value::function([])]),
                true => Tried::all(Vec::new()),
            });
        }
        let arguments = all_of(&arguments.list);
        let sets = vec![range.clone(); arguments.len()];
        let rows = self.product(&sets, span)?;
        let functions = all_of(&rows.list).into_iter().filter_map(|row| match row {
            Value::Tuple(values) => {
                Some(Value::function(arguments.iter().cloned().zip(values.iter().cloned())))
            }
            _ => None,
        });
        Ok(Tried { list: List::Vec(functions.collect()), missing: rows.missing })
    }

    /// The integers of the instance, from some number on.
    fn integers(&self, least: i64) -> List {
        let integers = &self.instance.integers;
        let low = (*integers.start()).max(least);
        List::Range(low, (*integers.end()).min(low.saturating_add(MAX_INTEGERS)))
    }

    /// Strings that occur in the module's states or as names of fields, and the empty one.
    fn strings(&self) -> Vec<Value> {
        let mut found = vec![Value::Str("".into())];
        let mut values: Vec<&Value> = self.states.iter().flatten().flat_map(|state| state.iter()).collect();
        while let Some(value) = values.pop() {
            match value {
                Value::Str(_) => found.push(value.clone()),
                Value::Set(items) | Value::Tuple(items) | Value::Record(_, _, items) => {
                    values.extend(items.iter());
                }
                Value::Function(entries) => values.extend(entries.iter().flat_map(|(a, b)| [a, b])),
                Value::Families(set) => {
                    values.extend(set.others());
                    values.extend(set.families().iter().map(Family::pattern));
                }
                Value::Bool(_) | Value::Int(_) | Value::Element(..) | Value::Whole(_) => {}
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Values of a sort.
    pub(super) fn of_sort(&mut self, sort: &Sort, span: Span) -> Result<Tried, Stuck> {
        let set = self.sort_set(sort, 4).ok_or(Stuck { why: Why::Infinite, span })?;
        self.tried(&set, span)
    }

    /// The values of a sort as a set, as far as sorts are nested no deeper than `depth`.
    fn sort_set(&self, sort: &Sort, depth: u32) -> Option<Val> {
        let depth = depth.checked_sub(1)?;
        Some(match sort {
            Sort::Bool => Val::Is(Value::set([Value::Bool(false), Value::Bool(true)])),
            Sort::Int => Val::Is(Value::Whole(Infinite::Int)),
            Sort::Str => Val::Is(Value::Whole(Infinite::Str)),
            Sort::Uninterpreted(id) => {
                Val::Is(Value::Set((0..self.instance.sizes[*id]).map(|n| Value::Element(*id, n)).collect()))
            }
            Sort::Set(element) => Val::lazy(Lazy::Power(self.sort_set(element, depth)?)),
            Sort::Function(from, to) => {
                // Functions on any part of the sort; one of them is tried.
                let domain = self.sort_set(from, depth)?;
                Val::lazy(Lazy::Functions(domain, self.sort_set(to, depth)?))
            }
            Sort::Tuple(sorts) => {
                let sets = sorts.iter().map(|sort| self.sort_set(sort, depth)).collect::<Option<_>>()?;
                Val::lazy(Lazy::Product(sets))
            }
            Sort::Record(id) => {
                let record = &self.module.sorts.records[*id];
                let sets = record.shapes.iter().enumerate().filter_map(|(shape, fields)| {
                    let sets = fields
                        .iter()
                        .map(|field| self.sort_set(&record.fields.get(*field)?.sort, depth))
                        .collect::<Option<_>>()?;
                    Some(Val::lazy(Lazy::Records(*id, shape, sets)))
                });
                sets.reduce(|a, b| Val::lazy(Lazy::Union(a, b)))?
            }
        })
    }
}

/// What a list holds.
pub(super) fn all_of(list: &List) -> Vec<Value> {
    (0..list.len()).filter_map(|position| list.get(position)).collect()
}

/// Of two reasons for not listing all, the one that no patience helps against.
fn worse(a: Option<Why>, b: Option<Why>) -> Option<Why> {
    match (a, b) {
        (Some(Why::Infinite), _) | (_, Some(Why::Infinite)) => Some(Why::Infinite),
        (a, b) => a.or(b),
    }
}

fn rows_of(
    columns: &[Vec<Value>],
    row: &mut Vec<Value>,
    rows: &mut Vec<Value>,
    max: usize,
) -> ControlFlow<()> {
    let Some(column) = columns.get(row.len()) else {
        if rows.len() >= max {
            return ControlFlow::Break(());
        }
        rows.push(Value::Tuple(row.as_slice().into()));
        return ControlFlow::Continue(());
    };
    for value in column {
        row.push(value.clone());
        let flow = rows_of(columns, row, rows, max);
        row.pop();
        flow?;
    }
    ControlFlow::Continue(())
}
