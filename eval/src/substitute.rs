//! Putting expressions in the place of bound names.
//!
//! Invariant: nothing is captured. Every binder of a module has an id of its own, and what is substituted comes
//! from outside of the definition whose parameters it stands for, so that it never mentions what is bound there.

use std::collections::BTreeMap;

use lang::typed::{Binder, Expr, ExprKind, LocalId};

/// The expression with these names replaced.
pub(crate) fn substitute(expr: &Expr, values: &BTreeMap<LocalId, Expr>) -> Expr {
    use ExprKind as K;
    let one = |part: &Expr| substitute(part, values);
    let all = |parts: &[Expr]| -> Vec<Expr> { parts.iter().map(one).collect() };
    let binder = |binder: &Binder| Binder { local: binder.local, domain: binder.domain.as_ref().map(one) };
    let binders = |all: &[Binder]| -> Vec<Binder> { all.iter().map(binder).collect() };
    let kind = match &expr.kind {
        K::Local(local) => return values.get(local).cloned().unwrap_or_else(|| expr.clone()),
        K::Bool(_) | K::Int(_) | K::Str(_) | K::Constant(_) | K::Variable(..) | K::Builtin(_) => {
            return expr.clone();
        }
        K::ConstantApply(id, items) => K::ConstantApply(*id, all(items)),
        K::Apply(id, items, time) => K::Apply(*id, all(items), *time),
        K::And(items) => K::And(all(items)),
        K::Or(items) => K::Or(all(items)),
        K::SetEnum(items) => K::SetEnum(all(items)),
        K::RecordSet(id, shape, items) => K::RecordSet(*id, *shape, all(items)),
        K::Product(items) => K::Product(all(items)),
        K::Record(id, shape, items) => K::Record(*id, *shape, all(items)),
        K::Tuple(items) => K::Tuple(all(items)),
        K::Sequence(items) => K::Sequence(all(items)),
        K::Temporal(name, items) => K::Temporal(name, all(items)),
        K::Not(a) => K::Not(one(a)),
        K::Powerset(a) => K::Powerset(one(a)),
        K::BigUnion(a) => K::BigUnion(one(a)),
        K::Field(a, field) => K::Field(one(a), *field),
        K::Component(a, position) => K::Component(one(a), *position),
        K::Domain(a) => K::Domain(one(a)),
        K::IsFinite(a) => K::IsFinite(one(a)),
        K::Cardinality(a) => K::Cardinality(one(a)),
        K::Len(a) => K::Len(one(a)),
        K::SequenceSet(a) => K::SequenceSet(one(a)),
        K::IsSequence(a) => K::IsSequence(one(a)),
        K::Negate(a) => K::Negate(one(a)),
        K::Unchanged(a) => K::Unchanged(one(a)),
        K::Always(a) => K::Always(one(a)),
        K::Implies(a, b) => K::Implies(one(a), one(b)),
        K::Iff(a, b) => K::Iff(one(a), one(b)),
        K::Equal(a, b) => K::Equal(one(a), one(b)),
        K::In(a, b) => K::In(one(a), one(b)),
        K::SubsetEq(a, b) => K::SubsetEq(one(a), one(b)),
        K::Union(a, b) => K::Union(one(a), one(b)),
        K::Intersect(a, b) => K::Intersect(one(a), one(b)),
        K::Minus(a, b) => K::Minus(one(a), one(b)),
        K::Range(a, b) => K::Range(one(a), one(b)),
        K::FunctionSet(a, b) => K::FunctionSet(one(a), one(b)),
        K::FieldUpdate(a, field, b) => K::FieldUpdate(one(a), *field, one(b)),
        K::Index(a, b) => K::Index(one(a), one(b)),
        K::Arithmetic(operator, a, b) => K::Arithmetic(*operator, one(a), one(b)),
        K::Compare(operator, a, b) => K::Compare(*operator, one(a), one(b)),
        K::ActionBox(a, b) => K::ActionBox(one(a), one(b)),
        K::If(a, b, c) => K::If(one(a), one(b), one(c)),
        K::Except(a, b, c) => K::Except(one(a), one(b), one(c)),
        K::Quantifier(quantifier, names, body) => K::Quantifier(*quantifier, binders(names), one(body)),
        K::Choose(name, body) => K::Choose(binder(name), one(body)),
        K::SetFilter(name, body) => K::SetFilter(binder(name), one(body)),
        K::Function(name, body) => K::Function(binder(name), one(body)),
        K::SetMap(body, names) => K::SetMap(one(body), binders(names)),
    };
    Expr::new(kind, expr.sort.clone(), expr.span)
}
