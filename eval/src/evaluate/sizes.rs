//! How many elements sets have: none, finitely many, this many.
//!
//! Invariant: sets are counted by how they are made where that is possible.
#![allow(clippy::wildcard_enum_match_arm, reason = "few kinds of sets are special for each question")]

use lang::source::Span;

use super::lazy::{Lazy, Val};
use super::tried::all_of;
use super::{Run, Stuck, Why, stuck};
use crate::value::Value;

impl Run<'_> {
    /// Whether a set is finite, if that is known.
    pub(super) fn is_finite(&mut self, set: &Val, span: Span) -> Result<Option<bool>, Stuck> {
        let lazy = match set {
            Val::Is(Value::Set(_)) => return Ok(Some(true)),
            Val::Is(Value::Whole(_) | Value::Families(_)) => return Ok(Some(false)),
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
                match (self.is_finite(domain, span)?, self.is_finite(range, span)?) {
                    (_, Some(false)) => Some(false),
                    (Some(true), range) => range,
                    // One function, if there is one value.
                    (Some(false), Some(true)) => Some(self.count(range, span)? == 1),
                    // There may be one value only, or finitely many arguments.
                    (Some(false), None) | (None, _) => None,
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
            Val::Is(Value::Whole(_) | Value::Families(_)) => return Ok(false),
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
}
