//! Membership, inclusion and equality of sets, records and functions.
//!
//! Each rule is the definition of the constructor: `x \in S \cup T <=> x \in S \/ x \in T`, and so on.
//! Sets are equal if they have the same elements, records if they have the same fields and values,
//! functions if they have the same domain and values. A record is never in a set of records with other
//! field names; where the names agree but the sorts of a field do not, nothing is concluded.

use lang::sort::{RecordId, Sort};
use lang::source::Span;
use lang::typed::{Binder, BuiltinSet, Comparison, Expr, ExprKind, Quantifier};

use super::Rewriter;
use crate::alpha::alike;
use crate::expr;
use crate::trail::Rule;

impl Rewriter<'_> {
    pub(super) fn membership(&mut self, element: &Expr, set: &Expr, expr: &Expr) -> Expr {
        use ExprKind as K;
        let span = expr.span;
        let known = self.lookup(expr.clone());
        if matches!(known.kind, K::Bool(_)) {
            return known;
        }
        match &set.kind {
            K::SetEnum(items) => {
                let items: Vec<Expr> =
                    items.iter().map(|item| self.rewrite(&expr::equal(element, item))).collect();
                self.lookup(expr::or(items, span))
            }
            K::Union(left, right) => {
                let both = [expr::is_in(element, left), expr::is_in(element, right)];
                self.becomes(expr, &expr::or(both, span))
            }
            K::Intersect(left, right) => {
                let both = [expr::is_in(element, left), expr::is_in(element, right)];
                self.becomes(expr, &expr::and(both, span))
            }
            K::Minus(left, right) => {
                let both = [expr::is_in(element, left), expr::not(&expr::is_in(element, right))];
                self.becomes(expr, &expr::and(both, span))
            }
            K::SetFilter(binder, body) => {
                let Some(domain) = &binder.domain else { return expr.clone() };
                let body = expr::substitute_one(self.program, body, binder.local, element);
                self.becomes(expr, &expr::and([expr::is_in(element, domain), body], span))
            }
            K::SetMap(image, binders) => {
                let (binders, map) = self.refresh(binders);
                let image = expr::substitute(self.program, image, &map);
                let body = expr::equal(element, &image);
                self.becomes(expr, &expr::quantifier(Quantifier::Exists, binders, body))
            }
            K::Powerset(of) => self.included(element, of, span),
            K::BigUnion(of) => {
                let Sort::Set(_) = &of.sort else { return expr.clone() };
                let local = self.program.fresh("S", set.sort.clone(), span);
                let member = expr::local(local, set.sort.clone(), span);
                let body = expr::is_in(element, &member);
                let binder = Binder { local, domain: Some(of.clone()) };
                self.becomes(expr, &expr::quantifier(Quantifier::Exists, vec![binder], body))
            }
            K::Range(low, high) => {
                let at_least =
                    expr::formula(K::Compare(Comparison::LessEqual, low.clone(), element.clone()), span);
                let at_most =
                    expr::formula(K::Compare(Comparison::LessEqual, element.clone(), high.clone()), span);
                self.becomes(expr, &expr::and([at_least, at_most], span))
            }
            K::Builtin(BuiltinSet::Int | BuiltinSet::Boolean | BuiltinSet::String) => expr::bool(true, span),
            K::Builtin(BuiltinSet::Nat) => {
                let zero = Expr::new(K::Int(0), Sort::Int, span);
                match self.comparison(Comparison::LessEqual, &zero, element) {
                    Some(value) => expr::bool(value, span),
                    None => expr.clone(),
                }
            }
            K::RecordSet(id, shape, sets) => self.record_membership(element, (*id, *shape, sets), expr),
            K::Product(sets) => match &element.kind {
                K::Tuple(items) => {
                    let parts = items.iter().zip(sets).map(|(item, set)| expr::is_in(item, set));
                    self.becomes(expr, &expr::and(parts, span))
                }
                _ => expr.clone(),
            },
            K::SequenceSet(of) => self.sequence_membership(element, of, span),
            K::FunctionSet(domain, range) => self.function_membership(element, domain, range, span),
            K::Constant(_) if self.is_included(element, set) => expr::bool(true, span),
            K::Constant(_) if matches!(element.kind, K::If(..)) => self.chosen_membership(element, set, expr),
            K::If(condition, then, otherwise) => {
                let then = expr::is_in(element, then);
                let otherwise = expr::is_in(element, otherwise);
                self.becomes(expr, &expr::formula(K::If(condition.clone(), then, otherwise), span))
            }
            _ => expr.clone(),
        }
    }

    fn record_membership(
        &mut self,
        element: &Expr,
        (id, shape, sets): (RecordId, usize, &[Expr]),
        expr: &Expr,
    ) -> Expr {
        let ExprKind::Record(_, own, values) = &element.kind else { return expr.clone() };
        if *own == shape {
            let parts = values.iter().zip(sets).map(|(value, set)| expr::is_in(value, set));
            return self.becomes(expr, &expr::and(parts, expr.span));
        }
        if self.same_field_names(id, *own, shape) { expr.clone() } else { expr::bool(false, expr.span) }
    }

    fn same_field_names(&self, id: RecordId, left: usize, right: usize) -> bool {
        let record = &self.program.module.sorts.records[id];
        let names = |shape: usize| {
            let mut names: Vec<&str> =
                record.shapes[shape].iter().map(|field| record.fields[*field].name.as_str()).collect();
            names.sort_unstable();
            names
        };
        names(left) == names(right)
    }

    fn function_membership(&mut self, function: &Expr, domain: &Expr, range: &Expr, span: Span) -> Expr {
        let Sort::Function(from, to) = &function.sort else {
            return expr::is_in(function, range);
        };
        let own_domain = Expr::new(ExprKind::Domain(function.clone()), domain.sort.clone(), span);
        let local = self.program.fresh("x", (**from).clone(), span);
        let argument = expr::local(local, (**from).clone(), span);
        let value = Expr::new(ExprKind::Index(function.clone(), argument), (**to).clone(), span);
        let body = expr::is_in(&value, range);
        let binder = Binder { local, domain: Some(domain.clone()) };
        let all = expr::quantifier(Quantifier::Forall, vec![binder], body);
        let set = ExprKind::FunctionSet(domain.clone(), range.clone());
        let own = || {
            let sort = Sort::Set(function.sort.clone().into());
            expr::is_in(function, &Expr::new(set, sort, span))
        };
        let stated = expr::and([expr::equal(&own_domain, domain), all], span);
        self.becomes_by(Rule::Form, Vec::new(), own, &stated)
    }

    /// `S \subseteq T`.
    pub(super) fn included(&mut self, left: &Expr, right: &Expr, span: Span) -> Expr {
        let Sort::Set(element) = &left.sort else { return expr::bool(true, span) };
        if alike(left, right) {
            return expr::bool(true, span);
        }
        let local = self.program.fresh("x", (**element).clone(), span);
        let member = expr::local(local, (**element).clone(), span);
        let binder = Binder { local, domain: Some(left.clone()) };
        let all = expr::quantifier(Quantifier::Forall, vec![binder], expr::is_in(&member, right));
        let own = || expr::formula(ExprKind::SubsetEq(left.clone(), right.clone()), span);
        self.becomes_by(Rule::Form, Vec::new(), own, &all)
    }

    /// `S = {} \/ \E v \in T : S = {v}` is `S \subseteq T /\ \A v, w \in S : v = w`: then neither side needs a
    /// witness.
    pub(super) fn at_most_one(&self, items: &[Expr], span: Span) -> Option<Expr> {
        use ExprKind as K;
        let sides = |item: &Expr| match &item.kind {
            K::Equal(left, right) => vec![(left.clone(), right.clone()), (right.clone(), left.clone())],
            _ => Vec::new(),
        };
        let empty = |item: &Expr| {
            let is_empty = |set: &Expr| matches!(&set.kind, K::SetEnum(items) if items.is_empty());
            sides(item).into_iter().find_map(|(set, other)| is_empty(&other).then_some(set))
        };
        let single = |item: &Expr| {
            let K::Quantifier(Quantifier::Exists, binders, body) = &item.kind else { return None };
            let [binder] = binders.as_slice() else { return None };
            let is_own = |element: &Expr| matches!(element.kind, K::Local(id) if id == binder.local);
            let is_single =
                |set: &Expr| matches!(&set.kind, K::SetEnum(items) if items.len() == 1 && is_own(&items[0]));
            let (set, _) = sides(body).into_iter().find(|(_, other)| is_single(other))?;
            (!expr::mentions_free(&set, binder.local)).then(|| (set, binder.clone()))
        };
        for (position, item) in items.iter().enumerate() {
            let Some(set) = empty(item) else { continue };
            for (other, item) in items.iter().enumerate() {
                let Some((same, binder)) = single(item).filter(|(same, _)| alike(same, &set)) else {
                    continue;
                };
                let both: Vec<Binder> = [(); 2]
                    .map(|()| self.program.fresh_like(binder.local))
                    .map(|local| Binder { local, domain: Some(same.clone()) })
                    .to_vec();
                let name =
                    |binder: &Binder| expr::local(binder.local, self.program.sort_of(binder.local), span);
                let equal = expr::equal(&name(&both[0]), &name(&both[1]));
                let mut all = vec![expr::quantifier(Quantifier::Forall, both, equal)];
                if let Some(domain) = &binder.domain {
                    all.insert(0, expr::formula(K::SubsetEq(set.clone(), domain.clone()), span));
                }
                let kept = items.iter().enumerate().filter(|(own, _)| *own != position && *own != other);
                let kept = kept.map(|(_, item)| item.clone());
                return Some(expr::or(kept.chain([expr::and(all, span)]), span));
            }
        }
        None
    }

    /// `(IF c THEN a ELSE b) = e`.
    fn by_cases(&mut self, conditional: &Expr, other: &Expr, expr: &Expr) -> Expr {
        let ExprKind::If(condition, then, otherwise) = &conditional.kind else { return expr.clone() };
        let lifted = ExprKind::If(condition.clone(), expr::equal(then, other), expr::equal(otherwise, other));
        self.becomes(expr, &expr::formula(lifted, expr.span))
    }

    /// `(IF c THEN a ELSE b) = b` is `c => a = b`, and `(IF c THEN a ELSE b) = a` is `c \/ b = a`.
    fn same_but_where(&mut self, conditional: &Expr, other: &Expr, span: Span) -> Option<Expr> {
        let ExprKind::If(condition, then, otherwise) = &conditional.kind else { return None };
        let (condition, value) = if alike(otherwise, other) {
            (condition.clone(), then)
        } else if alike(then, other) {
            (expr::not(condition), otherwise)
        } else {
            return None;
        };
        let same = expr::formula(expr::equal(value, other).kind.clone(), span);
        let own = || expr::equal(conditional, other);
        Some(self.becomes_by(Rule::Form, Vec::new(), own, &expr::implies(&condition, &same)))
    }

    /// `(IF c THEN a ELSE b) \in S`, if either value is known to be in `S`.
    fn chosen_membership(&mut self, element: &Expr, set: &Expr, expr: &Expr) -> Expr {
        let ExprKind::If(condition, then, otherwise) = &element.kind else { return expr.clone() };
        let [then, otherwise] = [then, otherwise].map(|part| expr::is_in(part, set));
        let parts = [expr::implies(condition, &then), expr::implies(&expr::not(condition), &otherwise)];
        let lifted = self.rewrite(&expr::and(parts, expr.span));
        if expr::is_bool(&lifted, true) { lifted } else { expr.clone() }
    }

    /// Whether one of two names is known to be in a set that the other is known not to be in: equal ones are in the
    /// same sets.
    fn is_apart(&self, left: &Expr, right: &Expr) -> bool {
        let is_in = |element: &Expr, set: &Expr| self.known.value(&expr::is_in(element, set)) == Some(true);
        let parts = |absent: &Expr| match &absent.kind {
            ExprKind::In(element, set) => Some((element.clone(), set.clone())),
            _ => None,
        };
        let absent = self.known.formulas().filter_map(|formula| match &formula.kind {
            ExprKind::Not(inner) => parts(inner),
            _ => None,
        });
        absent.into_iter().any(|(element, set)| {
            (alike(&element, left) && is_in(right, &set)) || (alike(&element, right) && is_in(left, &set))
        })
    }

    pub(super) fn equality(&mut self, left: &Expr, right: &Expr, expr: &Expr) -> Expr {
        use ExprKind as K;
        let span = expr.span;
        if alike(left, right) {
            return expr::bool(true, span);
        }
        let known = self.lookup(expr.clone());
        if matches!(known.kind, K::Bool(_)) {
            return known;
        }
        match (&left.kind, &right.kind) {
            (K::Int(a), K::Int(b)) => return expr::bool(a == b, span),
            (K::Range(a, b), K::Range(c, d)) => return self.equal_ranges((a, b), (c, d), span),
            (K::Sequence(a), K::Sequence(b)) => {
                if a.len() != b.len() {
                    return expr::bool(false, span);
                }
                let parts = a.iter().zip(b).map(|(a, b)| expr::equal(a, b));
                return self.becomes(expr, &expr::and(parts, span));
            }
            (K::Str(a), K::Str(b)) => return expr::bool(a == b, span),
            (K::Tuple(a), K::Tuple(b)) => {
                let parts = a.iter().zip(b).map(|(a, b)| expr::equal(a, b));
                return self.becomes(expr, &expr::and(parts, span));
            }
            (K::Record(id, own, a), K::Record(_, other, b)) => {
                if own == other {
                    let parts = a.iter().zip(b).map(|(a, b)| expr::equal(a, b));
                    return self.becomes(expr, &expr::and(parts, span));
                }
                if !self.same_field_names(*id, *own, *other) {
                    return expr::bool(false, span);
                }
                return expr.clone();
            }
            _ => {}
        }
        if self.is_apart(left, right) {
            return expr::bool(false, span);
        }
        if let Some(sequence) = self.domain_up_to(left, right, span) {
            return sequence;
        }
        if let Some(sequence) = self.domain_up_to(right, left, span) {
            return sequence;
        }
        if let Some(same) =
            self.same_but_where(left, right, span).or_else(|| self.same_but_where(right, left, span))
        {
            return same;
        }
        match &left.sort {
            Sort::Int => match self.equal_numbers(left, right) {
                Some(value) => expr::bool(value, span),
                None => expr.clone(),
            },
            Sort::Function(..) if is_function_constructor(left) && self.is_sequence(left) => {
                self.equal_sequences(right, left, span)
            }
            Sort::Function(..) if is_function_constructor(right) && self.is_sequence(right) => {
                self.equal_sequences(left, right, span)
            }
            Sort::Function(..) if is_conditional_constructor(left) => self.by_cases(left, right, expr),
            Sort::Function(..) if is_conditional_constructor(right) => self.by_cases(right, left, expr),
            Sort::Set(_) if is_set_constructor(left) || is_set_constructor(right) => {
                if let Some(equal) = self.equal_by_parts(left, right, span) {
                    return equal;
                }
                let there = self.included(left, right, span);
                let back = self.included(right, left, span);
                self.lookup(expr::and([there, back], span))
            }
            Sort::Function(from, to) if is_function_constructor(left) || is_function_constructor(right) => {
                let set = Sort::Set(from.clone());
                let domain = |of: &Expr| Expr::new(K::Domain(of.clone()), set.clone(), span);
                let local = self.program.fresh("x", (**from).clone(), span);
                let argument = expr::local(local, (**from).clone(), span);
                let value =
                    |of: &Expr| Expr::new(K::Index(of.clone(), argument.clone()), (**to).clone(), span);
                let constructor = if is_function_constructor(left) { left } else { right };
                let binder = Binder { local, domain: Some(domain(constructor)) };
                let mut parts = vec![expr::equal(&domain(left), &domain(right))];
                // Where one function is updated, there it is looked at by itself.
                let updated =
                    [(left, right), (right, left)].into_iter().find_map(|(own, other)| match &own.kind {
                        K::Except(before, at, value) => Some((other, before, at, value)),
                        _ => None,
                    });
                let same = match updated {
                    Some((other, before, at, new)) => {
                        let there = Expr::new(K::Index(other.clone(), at.clone()), (**to).clone(), span);
                        let is_there = expr::is_in(at, &domain(constructor));
                        parts.push(expr::implies(&is_there, &expr::equal(&there, new)));
                        let elsewhere = expr::not(&expr::equal(&argument, at));
                        expr::implies(&elsewhere, &expr::equal(&value(other), &value(before)))
                    }
                    None => expr::equal(&value(left), &value(right)),
                };
                parts.push(expr::quantifier(Quantifier::Forall, vec![binder], same));
                self.becomes(expr, &expr::and(parts, span))
            }
            _ => expr.clone(),
        }
    }
}

/// Whether a conditional yields a constructed function in one case.
fn is_conditional_constructor(expr: &Expr) -> bool {
    let ExprKind::If(_, then, otherwise) = &expr.kind else { return false };
    [then, otherwise].iter().any(|part| is_function_constructor(part) || is_conditional_constructor(part))
}

fn is_set_constructor(expr: &Expr) -> bool {
    use ExprKind as K;
    matches!(
        expr.kind,
        K::SetEnum(_)
            | K::SetFilter(..)
            | K::SetMap(..)
            | K::Union(..)
            | K::Intersect(..)
            | K::Minus(..)
            | K::Powerset(_)
            | K::BigUnion(_)
            | K::Range(..)
            | K::SequenceSet(_)
            | K::RecordSet(..)
            | K::FunctionSet(..)
            | K::Product(_)
    )
}

fn is_function_constructor(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::Function(..) | ExprKind::Except(..) | ExprKind::Sequence(_))
}
