//! `IsFiniteSet` and `Cardinality`: what a set is made of decides whether it is finite, and elements that
//! are added to a finite set or taken from it count by whether they were in it.
//!
//! Each rule is an equation of set theory. How many elements a set has is said only where rewriting knows
//! the set to be finite: `Cardinality` of an infinite set is some integer, the same for the same set.

use lang::sort::Sort;
use lang::typed::{Arithmetic, Binder, BuiltinSet, Expr, ExprKind, LocalId};

use super::Rewriter;
use crate::alpha::alike;
use crate::expr;

/// An enumeration of at most so many elements is counted where they may be equal.
const MAX_UNDECIDED: usize = 3;

/// A set is taken apart at most so deep.
const MAX_DEPTH: usize = 6;

impl Rewriter<'_> {
    /// `IsFiniteSet(set)`.
    pub(super) fn finite(&mut self, set: &Expr, expr: &Expr) -> Expr {
        use ExprKind as K;
        let span = expr.span;
        let of = |set: &Expr| expr::formula(K::IsFinite(set.clone()), span);
        let known = self.lookup(expr.clone());
        if matches!(known.kind, K::Bool(_)) {
            return known;
        }
        let set = self.apart(set, MAX_DEPTH);
        match &set.kind {
            K::SetEnum(_) | K::Range(..) | K::Builtin(BuiltinSet::Boolean) => expr::bool(true, span),
            K::Builtin(BuiltinSet::Nat | BuiltinSet::Int) => expr::bool(false, span),
            K::Union(left, right) => self.becomes(expr, &expr::and([of(left), of(right)], span)),
            K::If(condition, then, otherwise) => {
                self.rewrite(&expr::formula(K::If(condition.clone(), of(then), of(otherwise)), span))
            }
            // There are as many subsets with one element as there are elements.
            K::Powerset(inner) => self.finite(inner, &of(inner)),
            K::Intersect(left, right) => self.finite_if(&[left], &set, span, |this| this.is_finite(right)),
            K::Minus(left, right) => {
                if self.is_finite(right) {
                    return self.finite(left, &of(left));
                }
                self.finite_if(&[left], &set, span, |_| false)
            }
            K::SetFilter(binder, _) => match &binder.domain {
                Some(domain) => self.finite_if(&[domain], &set, span, |_| false),
                None => self.lookup(of(&set)),
            },
            K::SetMap(_, binders) => {
                let domains: Vec<&Expr> =
                    binders.iter().filter_map(|binder| binder.domain.as_ref()).collect();
                if domains.len() < binders.len() {
                    return self.lookup(of(&set));
                }
                self.finite_if(&domains, &set, span, |_| false)
            }
            K::Product(sets) | K::RecordSet(_, _, sets) => {
                let sets: Vec<&Expr> = sets.iter().collect();
                self.finite_if(&sets, &set, span, |_| false)
            }
            K::FunctionSet(domain, range) => self.finite_if(&[domain, range], &set, span, |_| false),
            K::BigUnion(of_sets) => match &of_sets.kind {
                K::SetEnum(sets) => self.rewrite(&expr::and(sets.iter().map(of), span)),
                _ => self.lookup(of(&set)),
            },
            _ => self.lookup(of(&set)),
        }
    }

    /// A set that is finite if all of `parts` are, or if `otherwise` says so.
    fn finite_if(
        &mut self,
        parts: &[&Expr],
        set: &Expr,
        span: lang::source::Span,
        otherwise: impl FnOnce(&mut Self) -> bool,
    ) -> Expr {
        if parts.iter().all(|part| self.is_finite(part)) || otherwise(self) {
            return expr::bool(true, span);
        }
        self.lookup(expr::formula(ExprKind::IsFinite(set.clone()), span))
    }

    /// Whether the set is known to be finite.
    fn is_finite(&mut self, set: &Expr) -> bool {
        let finite = expr::formula(ExprKind::IsFinite(set.clone()), set.span);
        let finite = self.finite(set, &finite);
        expr::is_bool(&finite, true)
    }

    /// `Cardinality(set)`.
    pub(super) fn cardinality(&mut self, set: &Expr, expr: &Expr) -> Expr {
        use ExprKind as K;
        let span = expr.span;
        let int = |kind| Expr::new(kind, Sort::Int, span);
        let of = |set: &Expr| int(K::Cardinality(set.clone()));
        let set = self.apart(set, MAX_DEPTH);
        match &set.kind {
            K::SetEnum(items) => self.enumerated(items, &set, span),
            K::Builtin(BuiltinSet::Boolean) => int(K::Int(2)),
            K::If(condition, then, otherwise) => {
                self.rewrite(&int(K::If(condition.clone(), of(then), of(otherwise))))
            }
            K::Union(left, right) => match (&left.kind, &right.kind) {
                (_, K::SetEnum(items)) if !items.is_empty() && self.is_finite(left) => {
                    self.with_elements(left, items, Arithmetic::Add, span)
                }
                (K::SetEnum(items), _) if !items.is_empty() && self.is_finite(right) => {
                    self.with_elements(right, items, Arithmetic::Add, span)
                }
                _ => of(&set),
            },
            K::Minus(left, right) => match &right.kind {
                K::SetEnum(items) if !items.is_empty() && self.is_finite(left) => {
                    self.with_elements(left, items, Arithmetic::Subtract, span)
                }
                _ => of(&set),
            },
            _ => of(&set),
        }
    }

    /// The last of the elements that are added to a finite set or taken from it: it counts unless it was in
    /// the set (was not) before.
    fn with_elements(
        &mut self,
        set: &Expr,
        items: &[Expr],
        op: Arithmetic,
        span: lang::source::Span,
    ) -> Expr {
        use ExprKind as K;
        let int = |kind| Expr::new(kind, Sort::Int, span);
        let Some((last, others)) = items.split_last() else {
            return int(K::Cardinality(set.clone()));
        };
        let before = if others.is_empty() {
            set.clone()
        } else {
            let others = Expr::new(K::SetEnum(others.to_vec()), set.sort.clone(), span);
            let kind = match op {
                Arithmetic::Subtract => K::Minus(set.clone(), others),
                _ => K::Union(set.clone(), others),
            };
            Expr::new(kind, set.sort.clone(), span)
        };
        let old = int(K::Cardinality(before.clone()));
        let new = int(K::Arithmetic(op, old.clone(), int(K::Int(1))));
        let (then, otherwise) = if op == Arithmetic::Subtract { (new, old) } else { (old, new) };
        self.rewrite(&int(K::If(expr::is_in(last, &before), then, otherwise)))
    }

    /// How many elements an enumeration has.
    fn enumerated(&mut self, items: &[Expr], set: &Expr, span: lang::source::Span) -> Expr {
        use ExprKind as K;
        let int = |kind| Expr::new(kind, Sort::Int, span);
        let mut kept: Vec<Expr> = Vec::new();
        let mut is_decided = true;
        for item in items {
            let mut same = Vec::new();
            for other in &kept {
                same.push(self.rewrite(&expr::equal(item, other)));
            }
            if same.iter().any(|same| expr::is_bool(same, true)) {
                continue;
            }
            is_decided &= same.iter().all(|same| expr::is_bool(same, false));
            kept.push(item.clone());
        }
        if is_decided {
            return int(K::Int(i128::try_from(kept.len()).unwrap_or(i128::MAX)));
        }
        let enumeration = |items: &[Expr]| Expr::new(K::SetEnum(items.to_vec()), set.sort.clone(), span);
        match kept.split_last() {
            Some((last, others)) if kept.len() <= MAX_UNDECIDED => {
                let others = enumeration(others);
                let old = int(K::Cardinality(others.clone()));
                let new = int(K::Arithmetic(Arithmetic::Add, old.clone(), int(K::Int(1))));
                self.rewrite(&int(K::If(expr::is_in(last, &others), old, new)))
            }
            _ => int(K::Cardinality(enumeration(&kept))),
        }
    }

    /// The same set, with filters and images of unions, enumerations and conditionals taken apart, so that
    /// what a step adds to a set, or changes at one argument, stands by itself.
    fn apart(&mut self, set: &Expr, depth: usize) -> Expr {
        use ExprKind as K;
        let Some(depth) = depth.checked_sub(1) else { return set.clone() };
        let same = |kind| Expr::new(kind, set.sort.clone(), set.span);
        match &set.kind {
            K::Union(left, right) => self.both_apart(K::Union, left, right, set, depth),
            K::Intersect(left, right) => self.both_apart(K::Intersect, left, right, set, depth),
            K::Minus(left, right) => self.both_apart(K::Minus, left, right, set, depth),
            K::If(condition, then, otherwise) => {
                let (then, otherwise) = (self.apart(then, depth), self.apart(otherwise, depth));
                same(K::If(condition.clone(), then, otherwise))
            }
            K::SetFilter(binder, body) => match self.filter_apart(binder, body, set) {
                Some(parts) => self.apart(&parts, depth),
                None => set.clone(),
            },
            K::SetMap(image, binders) => match self.image_apart(image, binders, set, depth) {
                Some(parts) => self.apart(&parts, depth),
                None => set.clone(),
            },
            _ => set.clone(),
        }
    }

    /// Two sets joined by an operator; a conditional operand becomes a conditional set.
    fn both_apart(
        &mut self,
        join: fn(Expr, Expr) -> ExprKind,
        left: &Expr,
        right: &Expr,
        set: &Expr,
        depth: usize,
    ) -> Expr {
        use ExprKind as K;
        let same = |kind| Expr::new(kind, set.sort.clone(), set.span);
        let (left, right) = (self.apart(left, depth), self.apart(right, depth));
        let (condition, then, otherwise) = match (&left.kind, &right.kind) {
            (K::If(condition, then, otherwise), _) => {
                (condition, join(then.clone(), right.clone()), join(otherwise.clone(), right.clone()))
            }
            (_, K::If(condition, then, otherwise)) => {
                (condition, join(left.clone(), then.clone()), join(left.clone(), otherwise.clone()))
            }
            _ => return self.head(&same(join(left, right))),
        };
        let (then, otherwise) = (self.head(&same(then)), self.head(&same(otherwise)));
        self.apart(&same(K::If(condition.clone(), then, otherwise)), depth)
    }

    fn filter_apart(&mut self, binder: &Binder, body: &Expr, set: &Expr) -> Option<Expr> {
        use ExprKind as K;
        let domain = binder.domain.as_ref()?;
        let same = |kind| Expr::new(kind, set.sort.clone(), set.span);
        let over = |this: &Self, domain: &Expr| {
            let (fresh, map) = this.refresh(&[Binder { local: binder.local, domain: Some(domain.clone()) }]);
            let body = expr::substitute(this.program, body, &map);
            Some(same(K::SetFilter(fresh.into_iter().next()?, body)))
        };
        match &domain.kind {
            K::Union(left, right) => {
                let joined = K::Union(over(self, left)?, over(self, right)?);
                Some(self.rewrite(&same(joined)))
            }
            K::Intersect(left, right) => {
                let met = K::Intersect(over(self, left)?, right.clone());
                Some(self.rewrite(&same(met)))
            }
            K::Minus(left, right) => {
                let left_over = K::Minus(over(self, left)?, right.clone());
                Some(self.rewrite(&same(left_over)))
            }
            K::If(condition, then, otherwise) => {
                let chosen = K::If(condition.clone(), over(self, then)?, over(self, otherwise)?);
                Some(self.rewrite(&same(chosen)))
            }
            K::SetEnum(items) => {
                let mut parts = same(K::SetEnum(Vec::new()));
                for item in items {
                    let holds = expr::substitute_one(self.program, body, binder.local, item);
                    let (one, none) = (same(K::SetEnum(vec![item.clone()])), same(K::SetEnum(Vec::new())));
                    parts = same(K::Union(parts, same(K::If(holds, one, none))));
                }
                Some(self.rewrite(&parts))
            }
            K::SetFilter(inner, condition) => {
                let own = expr::local(binder.local, self.program.sort_of(binder.local), set.span);
                let condition = expr::substitute_one(self.program, condition, inner.local, &own);
                let body = expr::and([condition, body.clone()], set.span);
                let binder = Binder { local: binder.local, domain: inner.domain.clone() };
                Some(self.rewrite(&same(K::SetFilter(binder, body))))
            }
            _ => self.at_one_element(binder, domain, body, set),
        }
    }

    /// `{x \in S : P(x)}` where `P` asks whether `x = e`: with `e` or without it, what `P` says of the other
    /// elements.
    fn at_one_element(&mut self, binder: &Binder, domain: &Expr, body: &Expr, set: &Expr) -> Option<Expr> {
        use ExprKind as K;
        let same = |kind| Expr::new(kind, set.sort.clone(), set.span);
        let value = asked_about(body, binder.local)?;
        let own = expr::local(binder.local, self.program.sort_of(binder.local), set.span);
        let known = [expr::is_in(&own, domain), expr::not(&expr::equal(&own, &value))];
        let elsewhere = self.under(&known, |this| this.rewrite(body));
        if asked_about(&elsewhere, binder.local).is_some_and(|again| alike(&again, &value)) {
            return None;
        }
        let others = same(K::SetFilter(binder.clone(), elsewhere));
        let here = expr::substitute_one(self.program, body, binder.local, &value);
        let holds = expr::and([expr::is_in(&value, domain), here], set.span);
        let one = same(K::SetEnum(vec![value]));
        let chosen = K::If(holds, same(K::Union(others.clone(), one.clone())), same(K::Minus(others, one)));
        Some(self.rewrite(&same(chosen)))
    }

    fn image_apart(&mut self, image: &Expr, binders: &[Binder], set: &Expr, depth: usize) -> Option<Expr> {
        use ExprKind as K;
        let [binder] = binders else { return None };
        let domain = binder.domain.as_ref()?;
        if matches!(&image.kind, K::Local(id) if *id == binder.local) {
            return Some(domain.clone());
        }
        let same = |kind| Expr::new(kind, set.sort.clone(), set.span);
        let over = |this: &Self, domain: &Expr| {
            let (fresh, map) = this.refresh(&[Binder { local: binder.local, domain: Some(domain.clone()) }]);
            same(K::SetMap(expr::substitute(this.program, image, &map), fresh))
        };
        match &domain.kind {
            K::Union(left, right) => {
                let joined = K::Union(over(self, left), over(self, right));
                Some(self.rewrite(&same(joined)))
            }
            K::If(condition, then, otherwise) => {
                let chosen = K::If(condition.clone(), over(self, then), over(self, otherwise));
                Some(self.rewrite(&same(chosen)))
            }
            K::SetEnum(items) => {
                let images =
                    items.iter().map(|item| expr::substitute_one(self.program, image, binder.local, item));
                let images = K::SetEnum(images.collect());
                Some(self.rewrite(&same(images)))
            }
            K::SetFilter(..) => {
                let parts = self.apart(domain, depth);
                (!alike(&parts, domain)).then(|| over(self, &parts))
            }
            _ => None,
        }
    }
}

/// The value that a formula compares a name with, if it does, and if the value depends on nothing bound.
fn asked_about(formula: &Expr, local: LocalId) -> Option<Expr> {
    fn search(formula: &Expr, local: LocalId, bound: &mut Vec<LocalId>) -> Option<Expr> {
        if let ExprKind::Equal(left, right) = &formula.kind {
            for (name, value) in [(left, right), (right, left)] {
                let free = expr::free_locals(value);
                if matches!(name.kind, ExprKind::Local(id) if id == local)
                    && !free.contains(&local)
                    && !bound.iter().any(|id| free.contains(id))
                {
                    return Some(value.clone());
                }
            }
        }
        let depth = bound.len();
        bound.extend(formula.binders().iter().map(|binder| binder.local));
        let mut found = None;
        formula.for_each_child(&mut |child| {
            if found.is_none() {
                found = search(child, local, bound);
            }
        });
        bound.truncate(depth);
        found
    }
    search(formula, local, &mut Vec::new())
}
