//! Membership and inclusion.
//!
//! Invariant: sets are asked, not written out, wherever how they are made tells the answer.
#![allow(clippy::wildcard_enum_match_arm, reason = "few kinds of sets are special for each question")]

use std::sync::Arc;

use lang::source::Span;

use super::lazy::{Lazy, Val};
use super::tried::all_of;
use super::{Run, Stuck, Why, stuck};
use crate::value::{Infinite, Value};

impl Run<'_> {
    /// Whether a value is in a finite set.
    pub(super) fn is_member_of(&self, a: &Value, items: &[Value], span: Span) -> Result<bool, Stuck> {
        if items.binary_search(a).is_ok() {
            return Ok(true);
        }
        if self.evaluator.is_confusable {
            for item in items {
                if self.equal_values(a, item, span)? {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// Whether a value is in a set.
    pub(super) fn is_member(&mut self, val: &Val, set: &Val, span: Span) -> Result<bool, Stuck> {
        let lazy = match set {
            Val::Open(reason) => return Err(reason.clone()),
            Val::Is(Value::Set(items)) => {
                let value = match val {
                    Val::Is(value) => value.clone(),
                    val => {
                        if items.is_empty() {
                            return Ok(false);
                        }
                        return self
                            .any(items.iter(), |this, item| this.equal(val, &Val::Is(item.clone()), span));
                    }
                };
                return self.is_member_of(&value, items, span);
            }
            Val::Is(Value::Whole(whole)) => {
                return Ok(match (whole, val) {
                    (Infinite::Nat, Val::Is(Value::Int(number))) => *number >= 0,
                    (Infinite::Int, Val::Is(Value::Int(_))) | (Infinite::Str, Val::Is(Value::Str(_))) => true,
                    (_, Val::Open(reason)) => return Err(reason.clone()),
                    _ => false,
                });
            }
            Val::Is(Value::Families(families)) => {
                let value = self.force(val.clone(), span)?;
                return match families.contains(&value) {
                    // Some member may be equal to it though its fields are of other sorts.
                    false if self.evaluator.is_confusable => stuck(Why::Unspecified, span),
                    is_member => Ok(is_member),
                };
            }
            Val::Is(_) => return stuck(Why::Unspecified, span),
            Val::Lazy(lazy) => lazy,
        };
        match &**lazy {
            Lazy::Range(low, high) => match self.force(val.clone(), span)? {
                Value::Int(number) => Ok(*low <= number && number <= *high),
                _ => Ok(false),
            },
            Lazy::Power(base) => self.is_subset(val, base, span),
            Lazy::Functions(domain, range) => self.is_function(val, domain, range, span),
            Lazy::Records(sort, shape, sets) => {
                let value = self.force(val.clone(), span)?;
                self.is_record(&value, (*sort, *shape), sets, span)
            }
            Lazy::Product(sets) => match self.force(val.clone(), span)? {
                Value::Tuple(items) if items.len() == sets.len() => self
                    .all(items.iter().zip(sets), |this, (item, set)| {
                        this.is_member(&Val::Is(item.clone()), set, span)
                    }),
                _ => Ok(false),
            },
            Lazy::Sequences(base) => {
                let value = self.force(val.clone(), span)?;
                match (&value, super::terms::length(&value)) {
                    (Value::Function(entries), Some(_)) => self.all(entries.iter(), |this, (_, item)| {
                        this.is_member(&Val::Is(item.clone()), base, span)
                    }),
                    _ => Ok(false),
                }
            }
            Lazy::Union(a, b) => self.any([a, b].into_iter(), |this, set| this.is_member(val, set, span)),
            Lazy::Intersect(a, b) => self.all([a, b].into_iter(), |this, set| this.is_member(val, set, span)),
            Lazy::Minus(a, b) => self.all([(a, true), (b, false)].into_iter(), |this, (set, wanted)| {
                Ok(this.is_member(val, set, span)? == wanted)
            }),
            Lazy::BigUnion(sets) => {
                let tried = self.tried(sets, span)?;
                let list = all_of(&tried.list);
                if self.any(list.into_iter(), |this, set| this.is_member(val, &Val::Is(set), span))? {
                    return Ok(true);
                }
                self.missing(tried.missing, span).map(|()| false)
            }
            Lazy::Filter(base, closure) => match self.is_member(val, base, span) {
                Ok(false) => Ok(false),
                within => match self.enter(closure, [val.clone()], |this| this.truth(&closure.body)) {
                    Ok(true) => within,
                    Ok(false) => Ok(false),
                    Err(reason) => within.and(Err(reason)),
                },
            },
            Lazy::Map(sets, closure) => {
                let rows = self.product(sets, span)?;
                let found = self.any(all_of(&rows.list).into_iter(), |this, row| {
                    let Value::Tuple(row) = row else { return Ok(false) };
                    this.step(span)?;
                    let image = this
                        .enter(closure, row.iter().cloned().map(Val::Is), |this| this.eval(&closure.body))?;
                    this.equal(val, &image, span)
                })?;
                if found {
                    return Ok(true);
                }
                self.missing(rows.missing, span).map(|()| false)
            }
            Lazy::Function(..) => stuck(Why::Unspecified, span),
        }
    }

    /// That nothing is missing, or does not matter.
    pub(super) fn missing(&mut self, missing: Option<Why>, span: Span) -> Result<(), Stuck> {
        match missing {
            None => Ok(()),
            Some(Why::Infinite) => self.bounded(span),
            Some(why) => stuck(why, span),
        }
    }

    /// Whether all are true: false as soon as one is false.
    pub(super) fn all<T>(
        &mut self,
        mut items: impl Iterator<Item = T>,
        mut check: impl FnMut(&mut Self, T) -> Result<bool, Stuck>,
    ) -> Result<bool, Stuck> {
        Ok(!self.any(&mut items, |this, item| check(this, item).map(|truth| !truth))?)
    }

    /// Whether one is true.
    pub(super) fn any<T>(
        &mut self,
        items: impl Iterator<Item = T>,
        mut check: impl FnMut(&mut Self, T) -> Result<bool, Stuck>,
    ) -> Result<bool, Stuck> {
        let mut open = None;
        for item in items {
            match check(self, item) {
                Ok(true) => return Ok(true),
                Ok(false) => {}
                Err(reason) => {
                    open.get_or_insert(reason);
                }
            }
        }
        open.map_or(Ok(false), Err)
    }

    /// `f \in [S -> T]`
    fn is_function(&mut self, val: &Val, domain: &Val, range: &Val, span: Span) -> Result<bool, Stuck> {
        match val {
            Val::Is(Value::Function(entries)) => {
                let arguments: Value =
                    Value::Set(entries.iter().map(|(argument, _)| argument.clone()).collect());
                let same = self.equal(&Val::Is(arguments), domain, span);
                if same == Ok(false) {
                    return Ok(false);
                }
                let within = self.all(entries.iter(), |this, (_, value)| {
                    this.is_member(&Val::Is(value.clone()), range, span)
                });
                match (same, within) {
                    (_, Ok(false)) => Ok(false),
                    (Err(reason), _) | (_, Err(reason)) => Err(reason),
                    (Ok(same), Ok(within)) => Ok(same && within),
                }
            }
            Val::Is(_) => Ok(false),
            Val::Open(reason) => Err(reason.clone()),
            Val::Lazy(lazy) => {
                let Lazy::Function(own, closure, _) = &**lazy else { return Ok(false) };
                if !self.equal(own, domain, span)? {
                    return Ok(false);
                }
                let tried = self.tried(own, span)?;
                let within = self.all(all_of(&tried.list).into_iter(), |this, argument| {
                    let value = this.enter(closure, [Val::Is(argument)], |this| this.eval(&closure.body))?;
                    this.is_member(&value, range, span)
                })?;
                if !within {
                    return Ok(false);
                }
                self.missing(tried.missing, span).map(|()| true)
            }
        }
    }

    fn is_record(
        &mut self,
        value: &Value,
        (sort, shape): (lang::sort::RecordId, usize),
        sets: &[Val],
        span: Span,
    ) -> Result<bool, Stuck> {
        let Value::Record(own_sort, own_shape, values) = value else { return Ok(false) };
        if *own_sort != sort {
            return Ok(false);
        }
        if *own_shape == shape {
            return self.all(values.iter().zip(sets), |this, (value, set)| {
                this.is_member(&Val::Is(value.clone()), set, span)
            });
        }
        let record = &self.module.sorts.records[sort];
        let (Some(own), Some(fields)) = (record.shapes.get(*own_shape), record.shapes.get(shape)) else {
            return Ok(false);
        };
        let names = |fields: &[usize]| {
            let mut names: Vec<&str> = fields
                .iter()
                .filter_map(|field| record.fields.get(*field))
                .map(|field| field.name.as_str())
                .collect();
            names.sort_unstable();
            names
        };
        if own.len() != fields.len() || names(own) != names(fields) {
            return Ok(false);
        }
        for (field, value) in own.iter().zip(values.iter()) {
            let set = fields.binary_search(field).ok().and_then(|slot| sets.get(slot));
            if let Some(set) = set
                && self.is_member(&Val::Is(value.clone()), set, span) == Ok(false)
            {
                return Ok(false);
            }
        }
        // Some set may be empty; whether values of different sorts are equal is open.
        for set in sets {
            if self.is_empty(set, span) == Ok(true) {
                return Ok(false);
            }
        }
        stuck(Why::Unspecified, span)
    }

    /// `S \subseteq T`
    pub(super) fn is_subset(&mut self, a: &Val, b: &Val, span: Span) -> Result<bool, Stuck> {
        match (a, b) {
            (Val::Open(reason), _) => return Err(reason.clone()),
            (Val::Is(Value::Set(items)), _) => {
                let items = Arc::clone(items);
                return self.all(items.iter(), |this, item| this.is_member(&Val::Is(item.clone()), b, span));
            }
            (Val::Is(Value::Whole(a)), Val::Is(Value::Whole(b))) => {
                return Ok(a == b || (*a == Infinite::Nat && *b == Infinite::Int));
            }
            (Val::Is(Value::Whole(_) | Value::Families(_)), Val::Is(Value::Set(_))) => return Ok(false),
            (Val::Is(Value::Families(own)), Val::Is(Value::Families(others))) => {
                return match own.is_part_of(others) {
                    false if self.evaluator.is_confusable => stuck(Why::Unspecified, span),
                    is_part => Ok(is_part),
                };
            }
            (Val::Lazy(a), Val::Lazy(b)) => {
                if let (Lazy::Power(a), Lazy::Power(b)) = (&**a, &**b) {
                    return self.is_subset(a, b, span);
                }
                if let (Lazy::Sequences(a), Lazy::Sequences(b)) = (&**a, &**b) {
                    return self.is_subset(a, b, span);
                }
            }
            _ => {}
        }
        if let Some(rays) = self.rays_of_both(a, b, span)? {
            return Ok(rays.0.is_part_of(&rays.1));
        }
        let tried = self.tried(a, span)?;
        let within =
            self.all((0..tried.list.len()).filter_map(|position| tried.list.get(position)), |this, item| {
                this.step(span)?;
                this.is_member(&Val::Is(item), b, span)
            })?;
        if !within {
            return Ok(false);
        }
        if tried.missing.is_none() || self.is_subset_by_form(a, b, span)? {
            return Ok(true);
        }
        self.missing(tried.missing, span).map(|()| true)
    }

    /// Whether a set is a part of another one by how both are made.
    fn is_subset_by_form(&mut self, a: &Val, b: &Val, span: Span) -> Result<bool, Stuck> {
        if let (Val::Lazy(a), Val::Lazy(b)) = (a, b) {
            match (&**a, &**b) {
                (Lazy::Functions(domain, range), Lazy::Functions(other, wider)) => {
                    return Ok(self.equal(domain, other, span)? && self.is_subset(range, wider, span)?);
                }
                (Lazy::Records(sort, shape, sets), Lazy::Records(other, other_shape, wider))
                    if (sort, shape) == (other, other_shape) =>
                {
                    return self.all(sets.iter().zip(wider), |this, (a, b)| this.is_subset(a, b, span));
                }
                (Lazy::Product(sets), Lazy::Product(wider)) if sets.len() == wider.len() => {
                    return self.all(sets.iter().zip(wider), |this, (a, b)| this.is_subset(a, b, span));
                }
                _ => {}
            }
        }
        if let Val::Lazy(a) = a {
            match &**a {
                Lazy::Union(first, second) => {
                    return Ok(self.is_subset(first, b, span)? && self.is_subset(second, b, span)?);
                }
                Lazy::Filter(base, _) | Lazy::Minus(base, _) => {
                    return Ok(self.is_subset(base, b, span) == Ok(true));
                }
                Lazy::Intersect(first, second) => {
                    return Ok(self.is_subset(first, b, span) == Ok(true)
                        || self.is_subset(second, b, span) == Ok(true));
                }
                _ => {}
            }
        }
        if let Val::Lazy(b) = b
            && let Lazy::Union(first, second) = &**b
        {
            return Ok(
                self.is_subset(a, first, span) == Ok(true) || self.is_subset(a, second, span) == Ok(true)
            );
        }
        Ok(false)
    }
}
