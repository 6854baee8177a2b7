//! Truth: true, false or stuck.
//!
//! Invariant: a formula is stuck only if its parts that have a truth value leave it open.

use lang::sort::Sort;
use lang::source::Span;
use lang::typed::{Comparison, Expr, ExprKind, Quantifier};

use super::lazy::{Lazy, Val};
use super::{Run, Stuck, Why, stuck};
use crate::value::Value;

impl Run<'_> {
    /// Whether a formula is true.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "what else is a formula has a value like any expression"
    )]
    pub(super) fn truth(&mut self, e: &Expr) -> Result<bool, Stuck> {
        match &e.kind {
            ExprKind::Bool(truth) => Ok(*truth),
            ExprKind::Not(a) => Ok(!self.truth(a)?),
            ExprKind::And(items) => self.junction(items, false),
            ExprKind::Or(items) => self.junction(items, true),
            ExprKind::Implies(a, b) => match self.truth(a) {
                Ok(false) => Ok(true),
                Ok(true) => self.truth(b),
                Err(reason) => {
                    if self.truth(b)? {
                        Ok(true)
                    } else {
                        Err(reason)
                    }
                }
            },
            ExprKind::Iff(a, b) => Ok(self.truth(a)? == self.truth(b)?),
            ExprKind::If(condition, then, otherwise) => match self.truth(condition) {
                Ok(true) => self.truth(then),
                Ok(false) => self.truth(otherwise),
                Err(reason) => {
                    let then = self.truth(then)?;
                    if self.truth(otherwise)? == then { Ok(then) } else { Err(reason) }
                }
            },
            ExprKind::Equal(a, b) => self.are_equal(a, b, e.span),
            ExprKind::In(a, set) => self.is_in(a, set, e.span),
            ExprKind::SubsetEq(a, b) => self.is_part(a, b, e.span),
            ExprKind::Quantifier(quantifier, binders, body) => {
                self.quantifier(e, *quantifier == Quantifier::Exists, binders, body)
            }
            ExprKind::IsFinite(set) => {
                let val = self.eval(set)?;
                match self.is_finite(&val, set.span)? {
                    Some(truth) => Ok(truth),
                    None => stuck(Why::Infinite, e.span),
                }
            }
            ExprKind::IsSequence(a) => {
                let value = self.value(a)?;
                Ok(super::terms::length(&value).is_some())
            }
            ExprKind::Compare(comparison, a, b) => {
                let (a, b) = (self.int(a)?, self.int(b)?);
                Ok(match comparison {
                    Comparison::Less => a < b,
                    Comparison::LessEqual => a <= b,
                })
            }
            ExprKind::Unchanged(a) => self.unchanged(a),
            ExprKind::ActionBox(action, subscript) => match self.truth(action) {
                Ok(true) => Ok(true),
                Ok(false) => self.unchanged(subscript),
                Err(reason) => {
                    if self.unchanged(subscript)? {
                        Ok(true)
                    } else {
                        Err(reason)
                    }
                }
            },
            ExprKind::Apply(operator, args, time) => {
                self.apply((*operator, args, *time), e.span, Self::truth)
            }
            ExprKind::Temporal("ENABLED", operands) => match operands.as_slice() {
                [action] => self.is_enabled(action, e.span),
                _ => stuck(Why::Temporal, e.span),
            },
            ExprKind::Temporal("<<A>>_v", operands) => match operands.as_slice() {
                [action, subscript] => match self.truth(action) {
                    Ok(false) => Ok(false),
                    Ok(true) => Ok(!self.unchanged(subscript)?),
                    Err(reason) => {
                        if self.unchanged(subscript)? {
                            Ok(false)
                        } else {
                            Err(reason)
                        }
                    }
                },
                _ => stuck(Why::Temporal, e.span),
            },
            ExprKind::Always(_) | ExprKind::Temporal(..) => stuck(Why::Temporal, e.span),
            _ => match self.value(e)? {
                Value::Bool(truth) => Ok(truth),
                _ => stuck(Why::Unspecified, e.span),
            },
        }
    }

    /// `a = b`
    fn are_equal(&mut self, a: &Expr, b: &Expr, span: Span) -> Result<bool, Stuck> {
        if a.sort == Sort::Int {
            return Ok(self.int(a)? == self.int(b)?);
        }
        if let (Some(a), ExprKind::Str(b)) = (self.peek(a), &b.kind) {
            return Ok(matches!(a, Value::Str(a) if a == b));
        }
        if let (Some(a), Some(b)) = (self.peek(a), self.peek(b)) {
            return self.equal_values(a, b, span);
        }
        let a = self.eval(a)?;
        let b = self.eval(b)?;
        self.equal(&a, &b, span)
    }

    /// A conjunction, which a false item decides, or a disjunction, which a true one decides.
    fn junction(&mut self, items: &[Expr], deciding: bool) -> Result<bool, Stuck> {
        let mut open = None;
        for item in items {
            match self.truth(item) {
                Ok(truth) if truth == deciding => return Ok(deciding),
                Ok(_) => {}
                Err(reason) => {
                    open.get_or_insert(reason);
                }
            }
        }
        open.map_or(Ok(!deciding), Err)
    }

    /// `UNCHANGED e`
    fn unchanged(&mut self, e: &Expr) -> Result<bool, Stuck> {
        if self.shifted {
            return stuck(Why::NoState, e.span);
        }
        if let ExprKind::Tuple(items) = &e.kind {
            let mut open = None;
            for item in items {
                match self.unchanged(item) {
                    Ok(true) => {}
                    Ok(false) => return Ok(false),
                    Err(reason) => {
                        open.get_or_insert(reason);
                    }
                }
            }
            return open.map_or(Ok(true), Err);
        }
        let before = self.eval(e)?;
        let after = self.shifted(true, |this| this.eval(e))?;
        self.equal(&before, &after, e.span)
    }

    /// `a \in S`
    #[expect(clippy::wildcard_enum_match_arm, reason = "other sets are evaluated")]
    fn is_in(&mut self, a: &Expr, set: &Expr, span: Span) -> Result<bool, Stuck> {
        if let (Some(a), Some(Value::Set(items))) = (self.peek(a), self.peek(set)) {
            return self.is_member_of(a, items, span);
        }
        let set = match self.eval(set) {
            Ok(set) => set,
            Err(reason) => {
                // What is in the parts of the set that have a value is in the set.
                if let ExprKind::SetEnum(_)
                | ExprKind::Union(..)
                | ExprKind::Intersect(..)
                | ExprKind::Minus(..)
                | ExprKind::SetFilter(..) = set.kind
                {
                    let val = self.eval(a)?;
                    return self.is_member_of_parts(&val, set, &reason);
                }
                return Err(reason);
            }
        };
        match self.eval(a) {
            Ok(val) => self.is_member(&val, &set, span),
            Err(_) if self.is_empty(&set, span) == Ok(true) => Ok(false),
            Err(reason) => match &set {
                Val::Lazy(lazy) if matches!(**lazy, Lazy::Range(low, high) if low > high) => Ok(false),
                _ => Err(reason),
            },
        }
    }

    /// Membership in a set that has no value as a whole.
    #[expect(clippy::wildcard_enum_match_arm, reason = "other sets have no parts")]
    fn is_member_of_parts(&mut self, val: &Val, set: &Expr, reason: &Stuck) -> Result<bool, Stuck> {
        match &set.kind {
            ExprKind::SetEnum(items) => {
                let mut open = None;
                for item in items {
                    match self.eval(item).and_then(|item| self.equal(val, &item, set.span)) {
                        Ok(true) => return Ok(true),
                        Ok(false) => {}
                        Err(reason) => {
                            open.get_or_insert(reason);
                        }
                    }
                }
                open.map_or(Ok(false), Err)
            }
            ExprKind::Union(a, b) => match self.is_member_of_parts(val, a, reason) {
                Ok(true) => Ok(true),
                Ok(false) => self.is_member_of_parts(val, b, reason),
                Err(reason) => {
                    if self.is_member_of_parts(val, b, &reason)? {
                        Ok(true)
                    } else {
                        Err(reason)
                    }
                }
            },
            ExprKind::Intersect(a, b) => match self.is_member_of_parts(val, a, reason) {
                Ok(false) => Ok(false),
                Ok(true) => self.is_member_of_parts(val, b, reason),
                Err(reason) => {
                    if self.is_member_of_parts(val, b, &reason)? {
                        Err(reason)
                    } else {
                        Ok(false)
                    }
                }
            },
            ExprKind::Minus(a, b) => match self.is_member_of_parts(val, a, reason) {
                Ok(false) => Ok(false),
                Ok(true) => Ok(!self.is_member_of_parts(val, b, reason)?),
                Err(reason) => {
                    if self.is_member_of_parts(val, b, &reason)? {
                        Ok(false)
                    } else {
                        Err(reason)
                    }
                }
            },
            ExprKind::SetFilter(binder, body) => {
                let Some(domain) = &binder.domain else { return Err(reason.clone()) };
                match self.is_member_of_parts(val, domain, reason) {
                    Ok(false) => Ok(false),
                    within => {
                        let before = self.bind(binder.local, val.clone());
                        let truth = self.truth(body);
                        self.unbind(binder.local, before);
                        match truth {
                            Ok(false) => Ok(false),
                            Ok(true) => within,
                            Err(reason) => within.and(Err(reason)),
                        }
                    }
                }
            }
            _ => {
                let set = self.eval(set)?;
                self.is_member(val, &set, reason.span)
            }
        }
    }

    /// `S \subseteq T`
    fn is_part(&mut self, a: &Expr, b: &Expr, span: Span) -> Result<bool, Stuck> {
        let a = self.eval(a)?;
        match self.eval(b) {
            Ok(b) => self.is_subset(&a, &b, span),
            Err(_) if self.is_empty(&a, span) == Ok(true) => Ok(true),
            Err(reason) => Err(reason),
        }
    }
}
