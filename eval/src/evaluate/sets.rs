//! The operators that make sets, and writing sets out.
//!
//! Invariant: a set that is written out is ascending and without duplicates, and no two of its members could be
//! equal in TLA+ without being so here.
#![allow(clippy::wildcard_enum_match_arm, reason = "few kinds of sets are special for each question")]

use std::sync::Arc;

use lang::source::Span;
use lang::typed::{Binder, Expr, ExprKind, LocalId};

use super::lazy::{Closure, Lazy, List, Val};
use super::tried::all_of;
use super::{MAX_ELEMENTS, Run, Stuck, Why, stuck};
use crate::value::{Family, Value};

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

    /// `{x \in S : p}`
    pub(super) fn filter(&mut self, binder: &Binder, body: &Expr, span: Span) -> Result<Val, Stuck> {
        let Some(domain) = &binder.domain else { return stuck(Why::Infinite, span) };
        let base = self.eval(domain)?;
        let Some(list) = small(&base, span)? else {
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

    /// `{e : x \in S, y \in T}`
    pub(super) fn map(&mut self, body: &Expr, binders: &[Binder], span: Span) -> Result<Val, Stuck> {
        let mut sets = Vec::with_capacity(binders.len());
        for binder in binders {
            let Some(domain) = &binder.domain else { return stuck(Why::Infinite, span) };
            sets.push(self.eval(domain)?);
        }
        if let ([binder], [set]) = (binders, &sets[..])
            && let Some(list) = small(set, span)?
        {
            let mut items = Vec::with_capacity(list.len());
            for position in 0..list.len() {
                let Some(item) = list.get(position) else { break };
                self.step(span)?;
                let before = self.bind(binder.local, Val::Is(item));
                let image = self.value(body);
                self.unbind(binder.local, before);
                let Ok(image) = image else {
                    return Ok(Val::lazy(Lazy::Map(sets, self.close(vec![binder.local], body))));
                };
                items.push(image);
            }
            return self.set_of(items, span).map(Val::Is);
        }
        if let ([binder], [set]) = (binders, &sets[..])
            && let Some(families) = self.families(body, binder.local, set, span)?
        {
            return Ok(Val::Is(families));
        }
        let closure = self.close(binders.iter().map(|binder| binder.local).collect(), body);
        Ok(Val::lazy(Lazy::Map(sets, closure)))
    }

    /// `{<<e, n>> : n \in Nat}` as a set with a family: what has the number in one place of a tuple or record, and
    /// is the same for all numbers elsewhere.
    fn families(
        &mut self,
        body: &Expr,
        local: LocalId,
        set: &Val,
        span: Span,
    ) -> Result<Option<Value>, Stuck> {
        let mut place = Vec::new();
        if self.evaluator.is_confusable || !self.finds(body, local, &mut place) || place.is_empty() {
            return Ok(None);
        }
        let Some((numbers, least)) = self.numbers_from(set, span)? else { return Ok(None) };
        let before = self.bind(local, Val::Is(Value::Int(least)));
        let pattern = self.value(body);
        self.unbind(local, before);
        // Other questions about the set may have an answer.
        let Some(family) = pattern.ok().and_then(|pattern| Family::new(&pattern, &place, least)) else {
            return Ok(None);
        };
        let others: Vec<Value> = numbers.into_iter().map(|number| family.member(number)).collect();
        Ok(Some(Value::of_families(others, [family])))
    }

    /// Finds the only place of a name in tuples and records.
    fn finds(&self, e: &Expr, local: LocalId, place: &mut Vec<usize>) -> bool {
        match &e.kind {
            ExprKind::Local(own) => *own == local,
            ExprKind::Tuple(items) | ExprKind::Record(_, _, items) => {
                let mut parts = items.iter().enumerate();
                let mut mentions =
                    parts.by_ref().filter(|(_, item)| self.evaluator.free_locals(item).contains(&local));
                let (Some((at, item)), None) = (mentions.next(), mentions.next()) else { return false };
                place.push(at);
                self.finds(item, local, place)
            }
            _ => false,
        }
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
        if !self.evaluator.is_confusable {
            match (&a, &b) {
                (Val::Is(Value::Families(families)), Val::Is(Value::Set(items)))
                | (Val::Is(Value::Set(items)), Val::Is(Value::Families(families))) => {
                    return Ok(Val::Is(families.and(items, &[])));
                }
                (Val::Is(Value::Families(left)), Val::Is(Value::Families(right))) => {
                    return Ok(Val::Is(left.and(right.others(), right.families())));
                }
                _ => {}
            }
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
            Val::Is(Value::Families(families)) if !self.evaluator.is_confusable => {
                let smaller = match &b {
                    Val::Is(Value::Set(items)) => families.without(items).map(Val::Is),
                    _ => None,
                };
                Ok(smaller.unwrap_or_else(|| Val::lazy(Lazy::Minus(a.clone(), b))))
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

/// The members of a set that is easily written out.
fn small(set: &Val, span: Span) -> Result<Option<List>, Stuck> {
    Ok(match set {
        Val::Is(Value::Set(items)) => Some(List::Slice(Arc::clone(items))),
        Val::Lazy(lazy) => match &**lazy {
            Lazy::Range(low, high) if low > high || high.abs_diff(*low) < 1 << 12 => {
                Some(List::Range(*low, *high))
            }
            _ => None,
        },
        Val::Is(Value::Whole(_) | Value::Families(_)) => None,
        Val::Is(_) => return stuck(Why::Unspecified, span),
        Val::Open(reason) => return Err(reason.clone()),
    })
}
