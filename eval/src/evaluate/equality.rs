//! Equality.
//!
//! Invariant: values are told apart only if they differ in TLA+, whatever values of different sorts are.
#![allow(clippy::wildcard_enum_match_arm, reason = "few kinds of values and sets are special")]

use std::rc::Rc;

use lang::source::Span;
use lang::typed::Module;

use super::lazy::{Lazy, Val};
use super::{Run, Stuck, Why, stuck};
use crate::value::Value;

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
            // Members of the one may be equal to members of the other though they differ.
            (Value::Families(_), Value::Families(_)) => None,
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
}
