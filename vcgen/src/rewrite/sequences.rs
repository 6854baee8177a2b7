//! Sequences: functions whose domain is `1..n` for a natural number `n`.
//!
//! `Len(s)` is a number for every function `s`: the `n` with `DOMAIN s = 1..n` if there is one, and else
//! any number, the same for the same function. So `Len([i \in 1..k |-> e])` is `k`, or 0 if `k` is
//! negative; an update keeps the length; and `s` equals a sequence `t` if and only if `s` is a sequence, the
//! lengths are equal, and the values are.

use lang::sort::Sort;
use lang::source::Span;
use lang::typed::{Binder, Comparison, Expr, ExprKind, Quantifier};

use super::Rewriter;
use super::patterns::Fact;
use crate::alpha::alike;
use crate::expr;

impl Rewriter<'_> {
    /// Whether a function in normal form is certainly a sequence.
    pub(super) fn is_sequence(&mut self, function: &Expr) -> bool {
        use ExprKind as K;
        match &function.kind {
            K::Sequence(_) => true,
            K::Function(binder, _) => binder.domain.as_ref().is_some_and(starts_at_one),
            K::Except(base, _, _) => self.is_sequence(base),
            K::If(_, then, otherwise) => self.is_sequence(then) && self.is_sequence(otherwise),
            _ => {
                let stated = expr::formula(K::IsSequence(function.clone()), function.span);
                self.known.value(&stated) == Some(true)
                    || self
                        .stated(function, &mut |fact| matches!(fact, Fact::Sequence).then_some(()))
                        .is_some()
                    || self.is_sequence_field(function)
                    || self.stated_domain(function).as_ref().is_some_and(starts_at_one)
            }
        }
    }

    /// Whether it is a field of a record that is known to be in a set of records with sequences there.
    fn is_sequence_field(&mut self, function: &Expr) -> bool {
        let ExprKind::Field(record, field) = &function.kind else { return false };
        self.is_field_in(record, *field, &|set| matches!(set.kind, ExprKind::SequenceSet(_)))
    }

    /// The domain that something known gives a function which is no constructor, unless it leads back to
    /// the function: `DOMAIN f = {i \in S : i # Cardinality(DOMAIN f)}` would be used for ever.
    pub(super) fn stated_domain(&mut self, function: &Expr) -> Option<Expr> {
        let domain = if let ExprKind::Variable(id, at) = &function.kind
            && let Some(domain) = self.known.domain(*id, *at == lang::typed::Time::Next)
        {
            domain.clone()
        } else {
            self.stated(function, &mut |fact| match fact {
                Fact::Domain(domain) => Some(domain.clone()),
                Fact::Sequence | Fact::In(_) => None,
            })?
        };
        self.known.comes_to_an_end(self.program, &domain).then_some(domain)
    }

    /// `IsSequence(f)`.
    pub(super) fn sequence(&mut self, function: &Expr, expr: &Expr) -> Expr {
        use ExprKind as K;
        if self.is_sequence(function) {
            return expr::bool(true, expr.span);
        }
        let of = |part: &Expr| expr::formula(K::IsSequence(part.clone()), expr.span);
        match &function.kind {
            K::Except(base, _, _) => self.sequence(base, &of(base)),
            K::If(condition, then, otherwise) => {
                let lifted = K::If(condition.clone(), of(then), of(otherwise));
                self.becomes(expr, &expr::formula(lifted, expr.span))
            }
            _ => self.lookup(expr.clone()),
        }
    }

    /// `Len(f)`.
    pub(super) fn length(&mut self, function: &Expr, expr: &Expr) -> Expr {
        use ExprKind as K;
        match &function.kind {
            K::Sequence(items) => {
                let n_items = i128::try_from(items.len()).unwrap_or_default();
                Expr::new(K::Int(n_items), Sort::Int, expr.span)
            }
            K::Function(binder, _) => match &binder.domain {
                Some(domain) => self.count(domain, expr),
                None => expr.clone(),
            },
            K::Except(base, _, _) => self.head(&Expr::new(K::Len(base.clone()), Sort::Int, expr.span)),
            K::If(condition, then, otherwise) => {
                let of = |part: &Expr| Expr::new(K::Len(part.clone()), Sort::Int, expr.span);
                let lifted = K::If(condition.clone(), of(then), of(otherwise));
                self.becomes(expr, &Expr::new(lifted, Sort::Int, expr.span))
            }
            _ => match self.stated_domain(function) {
                Some(domain) if !mentions(&domain, expr) => self.count(&domain, expr),
                _ => expr.clone(),
            },
        }
    }

    /// How many numbers there are in `1..k`, which is the length of a function with this domain.
    fn count(&mut self, domain: &Expr, expr: &Expr) -> Expr {
        if !starts_at_one(domain) {
            return expr.clone();
        }
        let ExprKind::Range(_, high) = &domain.kind else { return expr.clone() };
        let zero = Expr::new(ExprKind::Int(0), Sort::Int, expr.span);
        if self.at_most(&zero, high) {
            return high.clone();
        }
        if self.at_most(high, &zero) {
            return zero;
        }
        let some = ExprKind::Compare(Comparison::LessEqual, zero.clone(), high.clone());
        let some = expr::formula(some, expr.span);
        Expr::new(ExprKind::If(some, high.clone(), zero), Sort::Int, expr.span)
    }

    /// `DOMAIN f = 1..k`: it is a sequence of length `k`, or empty if `k` is negative.
    pub(super) fn domain_up_to(&mut self, domain: &Expr, range: &Expr, span: Span) -> Option<Expr> {
        let ExprKind::Domain(function) = &domain.kind else { return None };
        if !starts_at_one(range) {
            return None;
        }
        let length = Expr::new(ExprKind::Len(function.clone()), Sort::Int, span);
        let count = self.count(range, &length);
        let is_sequence = expr::formula(ExprKind::IsSequence(function.clone()), span);
        Some(self.rewrite(&expr::and([is_sequence, expr::equal(&length, &count)], span)))
    }

    /// The domain of a function that is known to be a sequence.
    pub(super) fn sequence_domain(&mut self, function: &Expr, expr: &Expr) -> Option<Expr> {
        if !self.is_sequence(function) {
            return None;
        }
        let length = Expr::new(ExprKind::Len(function.clone()), Sort::Int, expr.span);
        let length = self.length(function, &length);
        let one = Expr::new(ExprKind::Int(1), Sort::Int, expr.span);
        Some(Expr::new(ExprKind::Range(one, length), expr.sort.clone(), expr.span))
    }

    /// `<<a, b>>[i]`, for an `i` that is known to be in the domain.
    pub(super) fn item(&mut self, items: &[Expr], argument: &Expr, expr: &Expr) -> Expr {
        let numbered = |position: usize| {
            let number = i128::try_from(position + 1).unwrap_or_default();
            Expr::new(ExprKind::Int(number), Sort::Int, expr.span)
        };
        if let ExprKind::Int(value) = argument.kind {
            let position = value.checked_sub(1).and_then(|position| usize::try_from(position).ok());
            return position.and_then(|position| items.get(position)).unwrap_or(expr).clone();
        }
        let Some(((last, rest), first)) = items.split_last().zip(items.first()) else { return expr.clone() };
        if items.iter().all(|item| alike(item, first))
            && self.at_most(&numbered(0), argument)
            && self.at_most(argument, &numbered(rest.len()))
        {
            return first.clone();
        }
        if !(self.at_most(&numbered(0), argument) && self.at_most(argument, &numbered(rest.len()))) {
            return self.lookup(expr.clone());
        }
        let chain = rest.iter().enumerate().rev().fold(last.clone(), |otherwise, (position, item)| {
            let here = expr::equal(argument, &numbered(position));
            Expr::new(ExprKind::If(here, item.clone(), otherwise), expr.sort.clone(), expr.span)
        });
        self.becomes(expr, &chain)
    }

    /// `s \in Seq(S)`: it is a sequence, and its values are in `S`.
    pub(super) fn sequence_membership(&mut self, sequence: &Expr, of: &Expr, span: Span) -> Expr {
        use ExprKind as K;
        let Sort::Function(from, to) = &sequence.sort else { return expr::bool(true, span) };
        let length = Expr::new(K::Len(sequence.clone()), Sort::Int, span);
        let one = Expr::new(K::Int(1), Sort::Int, span);
        let range = Expr::new(K::Range(one, length), Sort::Set(from.clone()), span);
        let local = self.program.fresh("i", (**from).clone(), span);
        let argument = expr::local(local, (**from).clone(), span);
        let value = Expr::new(K::Index(sequence.clone(), argument), (**to).clone(), span);
        let binder = Binder { local, domain: Some(range) };
        let all = expr::quantifier(Quantifier::Forall, vec![binder], expr::is_in(&value, of));
        let is_sequence = expr::formula(K::IsSequence(sequence.clone()), span);
        self.rewrite(&expr::and([is_sequence, all], span))
    }

    /// `s = t`, for a constructed `t` that is certainly a sequence.
    pub(super) fn equal_sequences(&mut self, sequence: &Expr, to: &Expr, span: Span) -> Expr {
        use ExprKind as K;
        let Sort::Function(from, range) = &sequence.sort else { return expr::bool(true, span) };
        let length = |of: &Expr| Expr::new(K::Len(of.clone()), Sort::Int, span);
        let local = self.program.fresh("i", (**from).clone(), span);
        let argument = expr::local(local, (**from).clone(), span);
        let value = |of: &Expr| Expr::new(K::Index(of.clone(), argument.clone()), (**range).clone(), span);
        let domain = Expr::new(K::Domain(to.clone()), Sort::Set(from.clone()), span);
        let binder = Binder { local, domain: Some(domain) };
        let same = expr::equal(&value(sequence), &value(to));
        let all = expr::quantifier(Quantifier::Forall, vec![binder], same);
        let is_sequence = expr::formula(K::IsSequence(sequence.clone()), span);
        let parts = [is_sequence, expr::equal(&length(sequence), &length(to)), all];
        self.rewrite(&expr::and(parts, span))
    }
}

/// Whether a set is written `1..k`.
fn starts_at_one(set: &Expr) -> bool {
    matches!(&set.kind, ExprKind::Range(low, _) if matches!(low.kind, ExprKind::Int(1)))
}

fn mentions(expr: &Expr, what: &Expr) -> bool {
    expr::any(expr, &mut |node| matches!(node.kind, ExprKind::Len(_)) && alike(node, what))
}
