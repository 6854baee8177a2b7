//! A walk over expressions.

use lang::typed::{Binder, Expr, ExprKind, LocalId};

/// Calls `each` with the parts of an expression and the names that it binds in them. Domains of binders come first,
/// without names.
pub(super) fn parts<'x>(e: &'x Expr, each: &mut dyn FnMut(&'x Expr, &'x [Binder])) {
    let domains = |binders: &'x [Binder], each: &mut dyn FnMut(&'x Expr, &'x [Binder])| {
        binders.iter().filter_map(|binder| binder.domain.as_ref()).for_each(|domain| each(domain, &[]));
    };
    match &e.kind {
        ExprKind::Bool(_)
        | ExprKind::Int(_)
        | ExprKind::Str(_)
        | ExprKind::Local(_)
        | ExprKind::Constant(_)
        | ExprKind::Variable(..)
        | ExprKind::Builtin(_) => {}
        ExprKind::ConstantApply(_, items)
        | ExprKind::Apply(_, items, _)
        | ExprKind::And(items)
        | ExprKind::Or(items)
        | ExprKind::SetEnum(items)
        | ExprKind::RecordSet(_, _, items)
        | ExprKind::Product(items)
        | ExprKind::Record(_, _, items)
        | ExprKind::Tuple(items)
        | ExprKind::Sequence(items)
        | ExprKind::Temporal(_, items) => items.iter().for_each(|item| each(item, &[])),
        ExprKind::Not(a)
        | ExprKind::Powerset(a)
        | ExprKind::BigUnion(a)
        | ExprKind::Field(a, _)
        | ExprKind::Component(a, _)
        | ExprKind::Domain(a)
        | ExprKind::IsFinite(a)
        | ExprKind::Cardinality(a)
        | ExprKind::Len(a)
        | ExprKind::SequenceSet(a)
        | ExprKind::IsSequence(a)
        | ExprKind::Negate(a)
        | ExprKind::Unchanged(a)
        | ExprKind::Always(a) => each(a, &[]),
        ExprKind::Implies(a, b)
        | ExprKind::Iff(a, b)
        | ExprKind::Equal(a, b)
        | ExprKind::In(a, b)
        | ExprKind::SubsetEq(a, b)
        | ExprKind::Union(a, b)
        | ExprKind::Intersect(a, b)
        | ExprKind::Minus(a, b)
        | ExprKind::Range(a, b)
        | ExprKind::FunctionSet(a, b)
        | ExprKind::FieldUpdate(a, _, b)
        | ExprKind::Index(a, b)
        | ExprKind::Arithmetic(_, a, b)
        | ExprKind::Compare(_, a, b)
        | ExprKind::ActionBox(a, b) => {
            each(a, &[]);
            each(b, &[]);
        }
        ExprKind::If(a, b, c) | ExprKind::Except(a, b, c) => {
            each(a, &[]);
            each(b, &[]);
            each(c, &[]);
        }
        ExprKind::Quantifier(_, binders, body) | ExprKind::SetMap(body, binders) => {
            domains(binders, each);
            each(body, binders);
        }
        ExprKind::Choose(binder, body)
        | ExprKind::SetFilter(binder, body)
        | ExprKind::Function(binder, body) => {
            let binders = std::slice::from_ref(binder);
            domains(binders, each);
            each(body, binders);
        }
    }
}

/// Collects the names that an expression mentions and does not bind.
pub(super) fn free(e: &Expr, bound: &mut Vec<LocalId>, into: &mut Vec<LocalId>) {
    if let ExprKind::Local(local) = e.kind
        && !bound.contains(&local)
    {
        into.push(local);
    }
    let mut inner: Vec<(&Expr, &[Binder])> = Vec::new();
    parts(e, &mut |part, binders| inner.push((part, binders)));
    for (part, binders) in inner {
        bound.extend(binders.iter().map(|binder| binder.local));
        free(part, bound, into);
        bound.truncate(bound.len() - binders.len());
    }
}
