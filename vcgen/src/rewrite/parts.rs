//! Sets as unions of parts, and their equality part by part.
//!
//! `{x \in S \cup T : p}` is `{x \in S : p} \cup {x \in T : p}`, and `{e : x \in S \cup T}` is
//! `{e : x \in S} \cup {e : x \in T}`; of `{a}`, the first is `{a}` or empty, and the second one element. If `C` is
//! what two unions have in common, then `C \cup S = C \cup T` says that `S \subseteq C \cup T` and
//! `T \subseteq C \cup S`: what a set has had before is not looked at again.

use std::collections::BTreeMap;

use lang::source::Span;
use lang::typed::{Binder, Expr, ExprKind, LocalId};

use super::Rewriter;
use crate::alpha::{Key, alike, key};
use crate::expr;
use crate::trail::Rule;

impl Rewriter<'_> {
    /// The equality of two sets in normal form that have parts in common.
    pub(super) fn equal_by_parts(&mut self, left: &Expr, right: &Expr, span: Span) -> Option<Expr> {
        let (mut own, mut others) = (Vec::new(), Vec::new());
        self.spread(left, &mut own);
        self.spread(right, &mut others);
        let keys = |parts: &[Expr]| parts.iter().map(key).collect::<Vec<Key>>();
        let (own_keys, other_keys) = (keys(&own), keys(&others));
        if !own_keys.iter().any(|key| other_keys.contains(key)) {
            return None;
        }
        let mut required = Vec::new();
        for (parts, known, whole) in [(&own, &other_keys, right), (&others, &own_keys, left)] {
            for part in parts.iter().filter(|part| !known.contains(&key(part))) {
                required.push(self.part_included(part, whole, span));
            }
        }
        let required = expr::and(required, span);
        let own = || expr::equal(left, right);
        Some(self.becomes_by(Rule::Form, Vec::new(), own, &required))
    }

    /// `part \subseteq whole`, not rewritten where the part has elements that are named.
    fn part_included(&mut self, part: &Expr, whole: &Expr, span: Span) -> Expr {
        match &part.kind {
            ExprKind::SetEnum(items) => expr::and(items.iter().map(|item| expr::is_in(item, whole)), span),
            ExprKind::If(condition, then, otherwise) => {
                let [then, otherwise] = [then, otherwise].map(|part| self.part_included(part, whole, span));
                if expr::is_bool(&otherwise, true) {
                    return expr::implies(condition, &then);
                }
                expr::formula(ExprKind::If(condition.clone(), then, otherwise), span)
            }
            _ => self.included(part, whole, span),
        }
    }

    /// The parts that a set in normal form is the union of, in normal form.
    fn spread(&mut self, set: &Expr, into: &mut Vec<Expr>) {
        let like = |kind| Expr::new(kind, set.sort.clone(), set.span);
        match &set.kind {
            ExprKind::Union(left, right) => {
                self.spread(left, into);
                self.spread(right, into);
            }
            ExprKind::SetEnum(items) => {
                into.extend(items.iter().map(|item| like(ExprKind::SetEnum(vec![item.clone()]))));
            }
            ExprKind::SetFilter(binder, body) => {
                let over = |this: &mut Self, part: &Expr| {
                    if let Some(element) = single(part) {
                        let holds = expr::substitute_one(this.program, body, binder.local, &element);
                        let none = like(ExprKind::SetEnum(Vec::new()));
                        return like(ExprKind::If(holds, part.clone(), none));
                    }
                    let (binder, map) = this.over_part(binder, part);
                    like(ExprKind::SetFilter(binder, expr::substitute(this.program, body, &map)))
                };
                self.of_parts(set, binder, over, into);
            }
            ExprKind::SetMap(image, binders) if binders.len() == 1 => {
                let binder = &binders[0];
                let over = |this: &mut Self, part: &Expr| {
                    if let Some(element) = single(part) {
                        let image = expr::substitute_one(this.program, image, binder.local, &element);
                        return like(ExprKind::SetEnum(vec![image]));
                    }
                    let (binder, map) = this.over_part(binder, part);
                    like(ExprKind::SetMap(expr::substitute(this.program, image, &map), vec![binder]))
                };
                self.of_parts(set, binder, over, into);
            }
            _ => into.push(set.clone()),
        }
    }

    /// The parts of a set that is made from the parts of what its binder ranges over.
    fn of_parts(
        &mut self,
        set: &Expr,
        binder: &Binder,
        over: impl Fn(&mut Self, &Expr) -> Expr,
        into: &mut Vec<Expr>,
    ) {
        let Some(domain) = &binder.domain else { return into.push(set.clone()) };
        let mut ranges = Vec::new();
        self.spread(domain, &mut ranges);
        if let [range] = ranges.as_slice()
            && alike(range, domain)
        {
            return into.push(set.clone());
        }
        for range in &ranges {
            let part = self.over_conditional(range, &over);
            let part = self.rewrite(&part);
            match &part.kind {
                ExprKind::SetEnum(items) if items.is_empty() => {}
                _ => into.push(part),
            }
        }
    }

    /// What is made from a part, which may depend on a condition.
    fn over_conditional(&mut self, part: &Expr, over: &impl Fn(&mut Self, &Expr) -> Expr) -> Expr {
        match &part.kind {
            ExprKind::If(condition, then, otherwise) => {
                let [then, otherwise] = [then, otherwise].map(|part| self.over_conditional(part, over));
                Expr::new(
                    ExprKind::If(condition.clone(), then.clone(), otherwise),
                    then.sort.clone(),
                    then.span,
                )
            }
            ExprKind::SetEnum(items) if items.is_empty() => {
                let made = over(self, part);
                Expr::new(ExprKind::SetEnum(Vec::new()), made.sort.clone(), made.span)
            }
            _ => over(self, part),
        }
    }

    /// The binder over a part of its domain, with a new name, and what its name becomes.
    fn over_part(&mut self, binder: &Binder, part: &Expr) -> (Binder, BTreeMap<LocalId, Expr>) {
        let (mut binders, map) = self.refresh(&[Binder { local: binder.local, domain: Some(part.clone()) }]);
        (binders.swap_remove(0), map)
    }
}

/// The element of a set that is written with one.
fn single(set: &Expr) -> Option<Expr> {
    match &set.kind {
        ExprKind::SetEnum(items) => match items.as_slice() {
            [item] => Some(item.clone()),
            _ => None,
        },
        _ => None,
    }
}
