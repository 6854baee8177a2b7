//! Sets: membership, inclusion, equality, how many elements; and the operators that make them.
//!
//! Invariant: a set that is written out is ascending and without duplicates, and no two of its members could be
//! equal in TLA+ without being so here.

use std::rc::Rc;
use std::sync::Arc;

use lang::source::Span;
use lang::typed::{Binder, Expr, Module};

use super::lazy::{Closure, Lazy, List, Val};
use super::tried::all_of;
use super::{MAX_ELEMENTS, Run, Stuck, Why, stuck};
use crate::value::{Infinite, Value};

/// Whether some record sort has two shapes with the same field names: such records may be equal in TLA+, since
/// values of different sorts may be.
pub(super) fn is_confusable(module: &Module) -> bool {
    module.sorts.records.iter().any(|record| {
        let names = |shape: &Vec<usize>| -> Vec<&str> {
            let mut names: Vec<&str> = shape
                .iter()
                .filter_map(|field| record.fields.get(*field))
                .map(|field| field.name.as_str())
                .collect();
            names.sort_unstable();
            names
        };
        let mut shapes: Vec<Vec<&str>> = record.shapes.iter().map(names).collect();
        shapes.sort_unstable();
        shapes.windows(2).any(|pair| pair[0] == pair[1])
    })
}

impl Run<'_> {
    /// Writes out.
    pub(super) fn force(&mut self, val: Val, span: Span) -> Result<Value, Stuck> {
        match val {
            Val::Is(value) => Ok(value),
            Val::Open(reason) => Err(reason),
            Val::Lazy(lazy) => {
                if let Lazy::Function(domain, closure, _) = &*lazy {
                    return self.force_function(domain, closure, span);
                }
                let list = self.members(&Val::Lazy(lazy), span)?;
                if list.len() > MAX_ELEMENTS {
                    return stuck(Why::TooLarge, span);
                }
                match list {
                    List::Slice(items) => Ok(Value::Set(items)),
                    List::Vec(items) => self.set_of(items, span),
                    list @ (List::Range(..) | List::Power(_)) => Ok(Value::set(all_of(&list))),
                }
            }
        }
    }

    fn force_function(&mut self, domain: &Val, closure: &Closure, span: Span) -> Result<Value, Stuck> {
        let list = self.members(domain, span)?;
        if list.len() > MAX_ELEMENTS {
            return stuck(Why::TooLarge, span);
        }
        let mut entries = Vec::with_capacity(list.len());
        for argument in all_of(&list) {
            self.step(span)?;
            let value = self.enter(closure, [Val::Is(argument.clone())], |this| this.value(&closure.body))?;
            entries.push((argument, value));
        }
        Ok(Value::function(entries))
    }

    /// The set of these values.
    pub(super) fn set_of(&self, mut items: Vec<Value>, span: Span) -> Result<Value, Stuck> {
        items.sort_unstable();
        items.dedup();
        if self.evaluator.is_confusable {
            for (position, a) in items.iter().enumerate() {
                for b in &items[position + 1..] {
                    self.equal_values(a, b, span)?;
                }
            }
        }
        Ok(Value::Set(items.into()))
    }

    /// Whether two values are equal.
    pub(super) fn equal_values(&self, a: &Value, b: &Value, span: Span) -> Result<bool, Stuck> {
        if a == b {
            return Ok(true);
        }
        if !self.evaluator.is_confusable {
            return Ok(false);
        }
        match self.compare(a, b) {
            Some(truth) => Ok(truth),
            None => stuck(Why::Unspecified, span),
        }
    }

    /// Whether two values that differ are equal in TLA+; unknown where that depends on whether values of different
    /// sorts are.
    fn compare(&self, a: &Value, b: &Value) -> Option<bool> {
        /// All have to be equal.
        fn all(parts: impl Iterator<Item = Option<bool>>) -> Option<bool> {
            let mut result = Some(true);
            for part in parts {
                match part {
                    Some(false) => return Some(false),
                    Some(true) => {}
                    None => result = None,
                }
            }
            result
        }
        match (a, b) {
            _ if a == b => Some(true),
            (Value::Record(sort, shape, values), Value::Record(other, other_shape, others))
                if sort == other =>
            {
                if shape == other_shape {
                    return all(values.iter().zip(others.iter()).map(|(a, b)| self.compare(a, b)));
                }
                let record = &self.module.sorts.records[*sort];
                let (fields, others_fields) = (record.shapes.get(*shape)?, record.shapes.get(*other_shape)?);
                let names = |fields: &[usize]| {
                    let mut names: Vec<&str> =
                        fields.iter().map(|field| record.fields[*field].name.as_str()).collect();
                    names.sort_unstable();
                    names
                };
                if fields.len() != others_fields.len() {
                    return Some(false);
                }
                let differs = fields.iter().zip(values.iter()).any(|(field, value)| {
                    let other = others_fields.binary_search(field).ok().and_then(|slot| others.get(slot));
                    other.is_some_and(|other| self.compare(value, other) == Some(false))
                });
                if differs || names(fields) != names(others_fields) { Some(false) } else { None }
            }
            (Value::Tuple(items), Value::Tuple(others)) => {
                if items.len() != others.len() {
                    return Some(false);
                }
                all(items.iter().zip(others.iter()).map(|(a, b)| self.compare(a, b)))
            }
            (Value::Set(items), Value::Set(others)) => {
                let lacks = |items: &[Value], others: &[Value]| {
                    items.iter().any(|a| others.iter().all(|b| self.compare(a, b) == Some(false)))
                };
                if lacks(items, others) || lacks(others, items) { Some(false) } else { None }
            }
            (Value::Function(entries), Value::Function(others)) => {
                let domain = |entries: &[(Value, Value)]| {
                    Value::Set(entries.iter().map(|(argument, _)| argument.clone()).collect())
                };
                match self.compare(&domain(entries), &domain(others)) {
                    Some(true) => {
                        all(entries.iter().zip(others.iter()).map(|((_, a), (_, b))| self.compare(a, b)))
                    }
                    found => found,
                }
            }
            _ => Some(false),
        }
    }

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
    fn any<T>(
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
            (Val::Is(Value::Whole(_)), Val::Is(Value::Set(_))) => return Ok(false),
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

    /// Whether two things are equal.
    pub(super) fn equal(&mut self, a: &Val, b: &Val, span: Span) -> Result<bool, Stuck> {
        match (a, b) {
            (Val::Open(reason), _) | (_, Val::Open(reason)) => return Err(reason.clone()),
            (Val::Is(a), Val::Is(b)) => return self.equal_values(a, b, span),
            (Val::Lazy(lazy), other) | (other, Val::Lazy(lazy)) => {
                if let Lazy::Function(domain, ..) = &**lazy {
                    return self.equal_functions(&Val::Lazy(Rc::clone(lazy)), domain, other, span);
                }
            }
        }
        match (self.is_finite(a, span)?, self.is_finite(b, span)?) {
            (Some(true), Some(true)) => {
                let a = self.force(a.clone(), span)?;
                let b = self.force(b.clone(), span)?;
                self.equal_values(&a, &b, span)
            }
            (Some(true), Some(false)) | (Some(false), Some(true)) => Ok(false),
            _ => Ok(self.is_subset(a, b, span)? && self.is_subset(b, a, span)?),
        }
    }

    fn equal_functions(&mut self, a: &Val, domain: &Val, b: &Val, span: Span) -> Result<bool, Stuck> {
        let other = match b {
            Val::Is(Value::Function(entries)) => {
                Val::Is(Value::Set(entries.iter().map(|(argument, _)| argument.clone()).collect()))
            }
            Val::Lazy(lazy) => match &**lazy {
                Lazy::Function(domain, ..) => domain.clone(),
                _ => return stuck(Why::Unspecified, span),
            },
            Val::Is(_) => return stuck(Why::Unspecified, span),
            Val::Open(reason) => return Err(reason.clone()),
        };
        if !self.equal(domain, &other, span)? {
            return Ok(false);
        }
        let tried = self.tried(domain, span)?;
        let same = self.all(
            (0..tried.list.len()).filter_map(|position| tried.list.get(position)),
            |this, argument| {
                this.step(span)?;
                let left = this.at(a, Val::Is(argument.clone()), span)?;
                let right = this.at(b, Val::Is(argument), span)?;
                this.equal(&left, &right, span)
            },
        )?;
        if !same {
            return Ok(false);
        }
        self.missing(tried.missing, span).map(|()| true)
    }

    /// Whether a set is finite, if that is known.
    pub(super) fn is_finite(&mut self, set: &Val, span: Span) -> Result<Option<bool>, Stuck> {
        let lazy = match set {
            Val::Is(Value::Set(_)) => return Ok(Some(true)),
            Val::Is(Value::Whole(_)) => return Ok(Some(false)),
            Val::Is(_) => return stuck(Why::Unspecified, span),
            Val::Open(reason) => return Err(reason.clone()),
            Val::Lazy(lazy) => lazy,
        };
        let both = |a: Option<bool>, b: Option<bool>| match (a, b) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            _ => None,
        };
        Ok(match &**lazy {
            Lazy::Range(..) => Some(true),
            Lazy::Power(base) => self.is_finite(base, span)?,
            Lazy::Functions(domain, range) => {
                if self.is_empty(range, span)? || self.is_empty(domain, span)? {
                    return Ok(Some(true));
                }
                let range_is_finite = self.is_finite(range, span)?;
                match self.is_finite(domain, span)? {
                    Some(true) => range_is_finite,
                    // One function, if there is one value.
                    Some(false) if range_is_finite == Some(true) => Some(self.count(range, span)? == 1),
                    domain => both(domain, range_is_finite),
                }
            }
            Lazy::Records(_, _, sets) | Lazy::Product(sets) => {
                let mut result = Some(true);
                for set in sets {
                    if self.is_empty(set, span)? {
                        return Ok(Some(true));
                    }
                    result = both(result, self.is_finite(set, span)?);
                }
                result
            }
            Lazy::Sequences(base) => Some(self.is_empty(base, span)?),
            Lazy::Union(a, b) => both(self.is_finite(a, span)?, self.is_finite(b, span)?),
            Lazy::Intersect(a, b) => match (self.is_finite(a, span)?, self.is_finite(b, span)?) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                _ => self.rays(set, span)?.map(|rays| rays.is_finite()),
            },
            Lazy::Minus(a, b) => match (self.is_finite(a, span)?, self.is_finite(b, span)?) {
                (Some(true), _) => Some(true),
                (Some(false), Some(true)) => Some(false),
                _ => self.rays(set, span)?.map(|rays| rays.is_finite()),
            },
            Lazy::Filter(base, _) => match self.is_finite(base, span)? {
                Some(true) => Some(true),
                _ => self.rays(set, span)?.map(|rays| rays.is_finite()),
            },
            Lazy::Map(sets, _) => {
                let mut result = Some(true);
                for set in sets {
                    result = if self.is_finite(set, span)? == Some(true) { result } else { None };
                }
                result
            }
            Lazy::BigUnion(sets) => match self.is_finite(sets, span)? {
                Some(true) => {
                    let mut result = Some(true);
                    for set in all_of(&self.members(sets, span)?) {
                        result = both(result, self.is_finite(&Val::Is(set), span)?);
                    }
                    result
                }
                _ => None,
            },
            Lazy::Function(..) => return stuck(Why::Unspecified, span),
        })
    }

    /// Whether a set is empty.
    pub(super) fn is_empty(&mut self, set: &Val, span: Span) -> Result<bool, Stuck> {
        let lazy = match set {
            Val::Is(Value::Set(items)) => return Ok(items.is_empty()),
            Val::Is(Value::Whole(_)) => return Ok(false),
            Val::Is(_) => return stuck(Why::Unspecified, span),
            Val::Open(reason) => return Err(reason.clone()),
            Val::Lazy(lazy) => lazy,
        };
        match &**lazy {
            Lazy::Range(low, high) => Ok(low > high),
            Lazy::Power(_) | Lazy::Sequences(_) => Ok(false),
            Lazy::Functions(domain, range) => {
                Ok(self.is_empty(range, span)? && !self.is_empty(domain, span)?)
            }
            Lazy::Records(_, _, sets) | Lazy::Product(sets) => {
                self.any(sets.iter(), |this, set| this.is_empty(set, span))
            }
            Lazy::Union(a, b) => self.all([a, b].into_iter(), |this, set| this.is_empty(set, span)),
            Lazy::Map(sets, _) => self.any(sets.iter(), |this, set| this.is_empty(set, span)),
            Lazy::Intersect(..) | Lazy::Minus(..) | Lazy::Filter(..) | Lazy::BigUnion(_) => {
                if let Some(rays) = self.rays(set, span)? {
                    return Ok(rays.is_empty());
                }
                let tried = self.tried(set, span)?;
                if tried.list.len() > 0 {
                    return Ok(false);
                }
                self.missing(tried.missing, span).map(|()| true)
            }
            Lazy::Function(..) => stuck(Why::Unspecified, span),
        }
    }

    /// How many elements a finite set has; that of an infinite set is unspecified.
    pub(super) fn count(&mut self, set: &Val, span: Span) -> Result<i64, Stuck> {
        let too_large = Stuck { why: Why::TooLarge, span };
        if let Val::Is(Value::Set(items)) = set {
            return i64::try_from(items.len()).map_err(|_| too_large);
        }
        if self.is_finite(set, span)? == Some(false) {
            return stuck(Why::Unspecified, span);
        }
        if let Val::Lazy(lazy) = set {
            match &**lazy {
                Lazy::Range(low, high) if low > high => return Ok(0),
                Lazy::Range(low, high) => {
                    return high.checked_sub(*low).and_then(|n| n.checked_add(1)).ok_or(too_large);
                }
                Lazy::Power(base) => {
                    let n = u32::try_from(self.count(base, span)?).unwrap_or(u32::MAX);
                    return 2_i64.checked_pow(n).ok_or(too_large);
                }
                Lazy::Product(sets) | Lazy::Records(_, _, sets) => {
                    if self.is_empty(set, span)? {
                        return Ok(0);
                    }
                    let mut result = 1_i64;
                    for set in sets {
                        result = result.checked_mul(self.count(set, span)?).ok_or(too_large.clone())?;
                    }
                    return Ok(result);
                }
                Lazy::Functions(domain, range) if self.is_finite(domain, span)? == Some(true) => {
                    let n = self.count(domain, span)?;
                    let m = if n == 0 { 1 } else { self.count(range, span)? };
                    let n = u32::try_from(n).unwrap_or(u32::MAX);
                    return if m < 2 { Ok(m) } else { m.checked_pow(n).ok_or(too_large) };
                }
                _ => {}
            }
        }
        match self.force(set.clone(), span)? {
            Value::Set(items) => i64::try_from(items.len()).map_err(|_| too_large),
            _ => stuck(Why::Unspecified, span),
        }
    }

    /// `{x \in S : p}`
    pub(super) fn filter(&mut self, binder: &Binder, body: &Expr, span: Span) -> Result<Val, Stuck> {
        let Some(domain) = &binder.domain else { return stuck(Why::Infinite, span) };
        let base = self.eval(domain)?;
        let Some(list) = self.small(&base, span)? else {
            return Ok(Val::lazy(Lazy::Filter(base, self.close(vec![binder.local], body))));
        };
        let mut kept = Vec::new();
        for position in 0..list.len() {
            let Some(item) = list.get(position) else { break };
            self.step(span)?;
            let before = self.bind(binder.local, Val::Is(item.clone()));
            let truth = self.truth(body);
            self.unbind(binder.local, before);
            match truth {
                Ok(true) => kept.push(item),
                Ok(false) => {}
                // Other questions about the set may have an answer.
                Err(_) => return Ok(Val::lazy(Lazy::Filter(base, self.close(vec![binder.local], body)))),
            }
        }
        Ok(Val::Is(Value::Set(kept.into())))
    }

    /// The members of a set that is easily written out.
    fn small(&mut self, set: &Val, span: Span) -> Result<Option<List>, Stuck> {
        Ok(match set {
            Val::Is(Value::Set(items)) => Some(List::Slice(Arc::clone(items))),
            Val::Lazy(lazy) => match &**lazy {
                Lazy::Range(low, high) if low > high || high.abs_diff(*low) < 1 << 12 => {
                    Some(List::Range(*low, *high))
                }
                _ => None,
            },
            Val::Is(Value::Whole(_)) => None,
            Val::Is(_) => return stuck(Why::Unspecified, span),
            Val::Open(reason) => return Err(reason.clone()),
        })
    }

    /// `{e : x \in S, y \in T}`
    pub(super) fn map(&mut self, body: &Expr, binders: &[Binder], span: Span) -> Result<Val, Stuck> {
        let mut sets = Vec::with_capacity(binders.len());
        for binder in binders {
            let Some(domain) = &binder.domain else { return stuck(Why::Infinite, span) };
            sets.push(self.eval(domain)?);
        }
        if let ([binder], [set]) = (binders, &sets[..])
            && let Some(list) = self.small(set, span)?
        {
            let mut items = Vec::with_capacity(list.len());
            for position in 0..list.len() {
                let Some(item) = list.get(position) else { break };
                self.step(span)?;
                let before = self.bind(binder.local, Val::Is(item));
                let image = self.value(body);
                self.unbind(binder.local, before);
                match image {
                    Ok(image) => items.push(image),
                    Err(_) => {
                        let closure = self.close(vec![binder.local], body);
                        return Ok(Val::lazy(Lazy::Map(sets, closure)));
                    }
                }
            }
            return self.set_of(items, span).map(Val::Is);
        }
        let closure = self.close(binders.iter().map(|binder| binder.local).collect(), body);
        Ok(Val::lazy(Lazy::Map(sets, closure)))
    }

    pub(super) fn union(&mut self, a: Val, b: Val, span: Span) -> Result<Val, Stuck> {
        if let (Val::Is(Value::Set(left)), Val::Is(Value::Set(right))) = (&a, &b) {
            if left.is_empty() {
                return Ok(b);
            }
            if right.is_empty() {
                return Ok(a);
            }
            let items = left.iter().chain(right.iter()).cloned().collect();
            return self.set_of(items, span).map(Val::Is);
        }
        Ok(Val::lazy(Lazy::Union(a, b)))
    }

    pub(super) fn intersection(&mut self, a: Val, b: Val, span: Span) -> Result<Val, Stuck> {
        let (finite, other) = match (&a, &b) {
            (Val::Is(Value::Set(items)), _) => (Arc::clone(items), &b),
            (_, Val::Is(Value::Set(items))) => (Arc::clone(items), &a),
            _ => return Ok(Val::lazy(Lazy::Intersect(a, b))),
        };
        self.chosen(&finite, other, true, span)
    }

    pub(super) fn difference(&mut self, a: Val, b: Val, span: Span) -> Result<Val, Stuck> {
        match &a {
            Val::Is(Value::Set(items)) => {
                let items = Arc::clone(items);
                self.chosen(&items, &b, false, span)
            }
            _ => Ok(Val::lazy(Lazy::Minus(a, b))),
        }
    }

    fn chosen(&mut self, items: &[Value], set: &Val, wanted: bool, span: Span) -> Result<Val, Stuck> {
        let mut kept = Vec::new();
        for item in items {
            if self.is_member(&Val::Is(item.clone()), set, span)? == wanted {
                kept.push(item.clone());
            }
        }
        Ok(Val::Is(Value::Set(kept.into())))
    }

    /// `UNION S`
    pub(super) fn big_union(&mut self, sets: &Expr, span: Span) -> Result<Val, Stuck> {
        let sets = self.eval(sets)?;
        match &sets {
            Val::Is(Value::Set(items)) if items.iter().all(|item| matches!(item, Value::Set(_))) => {
                let inner = items.iter().filter_map(|item| match item {
                    Value::Set(items) => Some(items.iter().cloned()),
                    _ => None,
                });
                self.set_of(inner.flatten().collect(), span).map(Val::Is)
            }
            // `UNION SUBSET S` is `S`.
            Val::Lazy(lazy) => match &**lazy {
                Lazy::Power(base) => Ok(base.clone()),
                _ => Ok(Val::lazy(Lazy::BigUnion(sets))),
            },
            Val::Is(_) => Ok(Val::lazy(Lazy::BigUnion(sets))),
            Val::Open(reason) => Err(reason.clone()),
        }
    }
}
