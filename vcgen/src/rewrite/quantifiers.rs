//! Quantifiers over set constructors, and elimination of variables that an equation fixes.
//!
//! Bounded quantification over a constructor is quantification over what it is made of:
//! `\A x \in S \cup T : P` is `(\A x \in S : P) /\ (\A x \in T : P)`, over `{a, b}` it is `P(a) /\ P(b)`,
//! over a filter its condition is a premise, over an image it ranges over the arguments, over `1..n + 1`
//! over `1..n` and `n + 1` if `n` is known not to be negative. Equations fix
//! variables: `\E x \in S : x = e /\ P(x)` is `e \in S /\ P(e)`.

use std::collections::BTreeMap;

use lang::source::Span;
use lang::typed::{Binder, BuiltinSet, Expr, ExprKind, LocalId, Quantifier};

use super::Rewriter;
use super::integers::{Linear, excess, grown};
use crate::expr;
use crate::trail::Rule;

/// A range of at most one more than so many numbers is taken apart, or so many numbers are split off.
const MAX_NUMBERS: i128 = 2;

impl Rewriter<'_> {
    /// Fresh names for binders, and the map that renames a body accordingly.
    pub(super) fn refresh(&self, binders: &[Binder]) -> (Vec<Binder>, BTreeMap<LocalId, Expr>) {
        let mut map = BTreeMap::new();
        let fresh = binders
            .iter()
            .map(|binder| {
                let name = self.program.rigid(binder.local);
                let ExprKind::Local(local) = name.kind else { unreachable!("a rigid name is a local") };
                map.insert(binder.local, name);
                Binder { local, domain: binder.domain.clone() }
            })
            .collect();
        (fresh, map)
    }

    fn name(&self, local: LocalId, span: Span) -> Expr {
        expr::local(local, self.program.sort_of(local), span)
    }

    /// The memberships that a binder list states, for the bodies below.
    fn memberships(&self, binders: &[Binder], span: Span) -> Vec<Expr> {
        binders
            .iter()
            .filter_map(|binder| {
                binder.domain.as_ref().map(|domain| expr::is_in(&self.name(binder.local, span), domain))
            })
            .collect()
    }

    /// `CHOOSE`, set filters, images and function literals: children only.
    pub(super) fn binding(&mut self, expr: &Expr) -> Expr {
        use ExprKind as K;
        let mut binders: Vec<Binder> = expr
            .binders()
            .iter()
            .map(|binder| Binder {
                local: binder.local,
                domain: binder.domain.as_ref().map(|domain| self.rewrite(domain)),
            })
            .collect();
        if let K::SetFilter(_, body) = &expr.kind
            && let Some(set) = binders[0].domain.clone()
        {
            let local = binders[0].local;
            let filter = |domain: &Expr| {
                let binder = Binder { local, domain: Some(domain.clone()) };
                Expr::new(K::SetFilter(binder, body.clone()), expr.sort.clone(), expr.span)
            };
            let (rest, _) = self.aside(|this| this.sifted(&set, local, body));
            if !rest.same_node(&set) {
                self.note(Rule::Sifted, &filter(&set), &filter(&rest));
            }
            binders[0].domain = Some(rest);
        }
        let members = self.memberships(&binders, expr.span);
        let kind = match &expr.kind {
            K::Choose(_, body) => {
                K::Choose(binders[0].clone(), self.under(&members, |this| this.rewrite(body)))
            }
            K::SetFilter(_, body) => {
                let body = self.under(&members, |this| this.rewrite(body));
                match (&body.kind, &binders[0].domain) {
                    (K::Bool(true), Some(domain)) => return domain.clone(),
                    (K::Bool(false), _) => K::SetEnum(Vec::new()),
                    _ => K::SetFilter(binders[0].clone(), body),
                }
            }
            K::Function(_, body) => {
                K::Function(binders[0].clone(), self.under(&members, |this| this.rewrite(body)))
            }
            K::SetMap(element, _) => {
                let element = self.under(&members, |this| this.rewrite(element));
                K::SetMap(element, binders)
            }
            _ => return expr.clone(),
        };
        Expr::new(kind, expr.sort.clone(), expr.span)
    }

    /// A set without the added elements that a filter leaves out: `{x \in S \cup {e} : P(x)}` is
    /// `{x \in S : P(x)}` if `P(e)` is false.
    fn sifted(&mut self, set: &Expr, local: LocalId, condition: &Expr) -> Expr {
        let ExprKind::Union(rest, added) = &set.kind else { return set.clone() };
        let ExprKind::SetEnum(items) = &added.kind else { return set.clone() };
        let rest = self.sifted(rest, local, condition);
        let mut kept = items.clone();
        kept.retain(|item| {
            let holds = expr::substitute_one(self.program, condition, local, item);
            !expr::is_bool(&self.rewrite(&holds), false)
        });
        if kept.is_empty() {
            return rest;
        }
        let added = Expr::new(ExprKind::SetEnum(kept), added.sort.clone(), added.span);
        Expr::new(ExprKind::Union(rest, added), set.sort.clone(), set.span)
    }

    pub(super) fn quantifier(&mut self, q: Quantifier, binders: &[Binder], body: &Expr, span: Span) -> Expr {
        let mut kept: Vec<Binder> = Vec::new();
        for (position, binder) in binders.iter().enumerate() {
            let Some(domain) = &binder.domain else {
                kept.push(binder.clone());
                continue;
            };
            let domain = self.rewrite(domain);
            let rest = &binders[position + 1..];
            let (split, since) = self.aside(|this| this.over(q, binder, &domain, rest, body, span));
            if let Some(split) = split {
                let whole = expr::quantifier(q, kept.clone(), split);
                let own = || {
                    let local = binder.local;
                    kept.push(Binder { local, domain: Some(domain) });
                    kept.extend_from_slice(rest);
                    expr::formula(ExprKind::Quantifier(q, kept, body.clone()), span)
                };
                return self.becomes_by(Rule::Form, since, own, &whole);
            }
            kept.push(Binder { local: binder.local, domain: Some(domain) });
        }
        let members = self.memberships(&kept, span);
        let body = self.under(&members, |this| this.rewrite(body));
        match (&body.kind, q) {
            (ExprKind::Bool(true), Quantifier::Forall) | (ExprKind::Bool(false), Quantifier::Exists) => {
                return body;
            }
            _ => {}
        }
        if let Some(reduced) = self.one_point(q, &kept, &body, span) {
            let own = || expr::quantifier(q, kept, body);
            return self.becomes_by(Rule::OnePoint, Vec::new(), own, &reduced);
        }
        // A sort is never empty, so a binder without a set (or over all integers) that is not used can go.
        let free = expr::free_locals(&body);
        let all = kept.clone();
        kept.retain(|binder| {
            let everything = match &binder.domain {
                None => true,
                Some(domain) => matches!(domain.kind, ExprKind::Builtin(BuiltinSet::Int | BuiltinSet::Nat)),
            };
            free.contains(&binder.local) || !everything
        });
        let is_all = kept.len() == all.len();
        let stated = expr::quantifier(q, kept, body.clone());
        if !is_all {
            self.note(Rule::Unused, &expr::quantifier(q, all, body), &stated);
        }
        self.lookup(stated)
    }

    /// One binder over a constructor; `None` if the set stays as it is.
    fn over(
        &mut self,
        q: Quantifier,
        binder: &Binder,
        domain: &Expr,
        rest: &[Binder],
        body: &Expr,
        span: Span,
    ) -> Option<Expr> {
        use ExprKind as K;
        let range = if let K::Range(low, high) = &domain.kind { self.parts(low, high, domain) } else { None };
        let body = &expr::quantifier(q, rest.to_vec(), body.clone());
        let join = |items: Vec<Expr>| match q {
            Quantifier::Forall => expr::and(items, span),
            Quantifier::Exists => expr::or(items, span),
        };
        let guarded = |guard: Expr, body: Expr| match q {
            Quantifier::Forall => expr::implies(&guard, &body),
            Quantifier::Exists => expr::and([guard, body], span),
        };
        let with = |value: &Expr| expr::substitute_one(self.program, body, binder.local, value);
        let over_set = |set: &Expr, guard: Option<Expr>| {
            let (fresh, map) = self.refresh(&[Binder { local: binder.local, domain: Some(set.clone()) }]);
            let renamed = expr::substitute(self.program, body, &map);
            let renamed = match guard {
                Some(guard) => guarded(expr::substitute(self.program, &guard, &map), renamed),
                None => renamed,
            };
            expr::quantifier(q, fresh, renamed)
        };
        let own = self.name(binder.local, span);
        if let Some((rest, items)) = range {
            let parts = rest.iter().map(|rest| over_set(rest, None)).chain(items.iter().map(with));
            return Some(join(parts.collect()));
        }
        match &domain.kind {
            K::Range(low, high) => {
                let K::If(condition, then, otherwise) = &high.kind else { return None };
                let up_to = |high: &Expr| {
                    let range = K::Range(low.clone(), high.clone());
                    over_set(&Expr::new(range, domain.sort.clone(), domain.span), None)
                };
                Some(expr::formula(K::If(condition.clone(), up_to(then), up_to(otherwise)), span))
            }
            K::SetEnum(items) => Some(join(items.iter().map(with).collect())),
            K::Union(left, right) => Some(join(vec![over_set(left, None), over_set(right, None)])),
            K::Minus(left, right) => Some(over_set(left, Some(expr::not(&expr::is_in(&own, right))))),
            K::Intersect(left, right) => Some(over_set(left, Some(expr::is_in(&own, right)))),
            K::SetFilter(inner, condition) => {
                let condition = expr::substitute_one(self.program, condition, inner.local, &own);
                Some(over_set(inner.domain.as_ref()?, Some(condition)))
            }
            K::SetMap(image, inner) => {
                let (fresh, map) = self.refresh(inner);
                let image = expr::substitute(self.program, image, &map);
                Some(expr::quantifier(q, fresh, with(&image)))
            }
            K::BigUnion(of) => {
                let member = self.program.fresh("S", domain.sort.clone(), span);
                let set = expr::local(member, domain.sort.clone(), span);
                let inner = over_set(&set, None);
                Some(expr::quantifier(q, vec![Binder { local: member, domain: Some(of.clone()) }], inner))
            }
            K::RecordSet(id, shape, sets) => {
                let sorts = &self.program.module.sorts.records[*id];
                let fields = &sorts.shapes[*shape];
                let mut fresh = Vec::new();
                let mut values = Vec::new();
                for (field, set) in fields.iter().zip(sets) {
                    let field = &sorts.fields[*field];
                    let local = self.program.fresh(&field.name, field.sort.clone(), span);
                    values.push(expr::local(local, field.sort.clone(), span));
                    fresh.push(Binder { local, domain: Some(set.clone()) });
                }
                let record = Expr::new(K::Record(*id, *shape, values), own.sort.clone(), span);
                Some(expr::quantifier(q, fresh, with(&record)))
            }
            K::Product(sets) => {
                let lang::sort::Sort::Tuple(sorts) = &own.sort else { return None };
                let mut fresh = Vec::new();
                let mut values = Vec::new();
                for (sort, set) in sorts.iter().zip(sets) {
                    let local = self.program.fresh("c", sort.clone(), span);
                    values.push(expr::local(local, sort.clone(), span));
                    fresh.push(Binder { local, domain: Some(set.clone()) });
                }
                let tuple = Expr::new(K::Tuple(values), own.sort.clone(), span);
                Some(expr::quantifier(q, fresh, with(&tuple)))
            }
            K::If(condition, then, otherwise) => {
                let (then, otherwise) = (over_set(then, None), over_set(otherwise, None));
                Some(expr::formula(K::If(condition.clone(), then, otherwise), span))
            }
            _ => None,
        }
    }

    /// What a range is made of: its numbers, if there are few; or a smaller range and the numbers above it,
    /// as in `1..n + 1` for an `n` that is known not to be negative.
    fn parts(&mut self, low: &Expr, high: &Expr, range: &Expr) -> Option<(Option<Expr>, Vec<Expr>)> {
        let sum = Linear::of(low)?;
        let excess = match Linear::of(high)?.minus(&sum)?.constant() {
            Some(excess) if excess > MAX_NUMBERS => return None,
            Some(excess) if excess < 0 => return Some((None, Vec::new())),
            Some(excess) => {
                let number = |step| Some(sum.plus_constant(step)?.to_expr(low.span));
                return Some((None, (0..=excess).map(number).collect::<Option<_>>()?));
            }
            None => excess(high)?,
        };
        if self.below(high, low) {
            return Some((None, Vec::new()));
        }
        if !(1..=MAX_NUMBERS).contains(&excess) {
            return None;
        }
        let (base, numbers) = grown(high, excess)?;
        if !self.at_most(low, numbers.first()?) {
            return None;
        }
        let rest = ExprKind::Range(low.clone(), base);
        Some((Some(Expr::new(rest, range.sort.clone(), range.span)), numbers))
    }

    /// `\E x : x = e /\ P(x)` and `\A x : x = e => P(x)`, `x` not in `e`.
    fn one_point(&mut self, q: Quantifier, binders: &[Binder], body: &Expr, span: Span) -> Option<Expr> {
        let candidates = match (q, &body.kind) {
            (Quantifier::Exists, _) => expr::conjuncts(body),
            (Quantifier::Forall, ExprKind::Implies(premise, _)) => expr::conjuncts(premise),
            (Quantifier::Forall, _) => return None,
        };
        for candidate in &candidates {
            let ExprKind::Equal(left, right) = &candidate.kind else { continue };
            for (name, value) in [(left, right), (right, left)] {
                let ExprKind::Local(local) = name.kind else { continue };
                let Some(position) = binders.iter().position(|binder| binder.local == local) else {
                    continue;
                };
                if expr::mentions_free(value, local) {
                    continue;
                }
                let mut rest = binders.to_vec();
                let binder = rest.remove(position);
                let inner = expr::substitute_one(self.program, body, local, value);
                let inner = match (&binder.domain, q) {
                    (None, _) => inner,
                    (Some(domain), Quantifier::Exists) => {
                        expr::and([expr::is_in(value, domain), inner], span)
                    }
                    (Some(domain), Quantifier::Forall) => expr::implies(&expr::is_in(value, domain), &inner),
                };
                return Some(expr::quantifier(q, rest, inner));
            }
        }
        None
    }
}
