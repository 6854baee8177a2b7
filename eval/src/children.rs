//! The direct parts of a typed expression.

use lang::typed::{Binder, Expr, ExprKind};

/// Visits each direct part, in the order in which it is written.
pub(crate) fn for_each_child<'a>(expr: &'a Expr, visit: &mut dyn FnMut(&'a Expr)) {
    use ExprKind as K;
    let domains = |binders: &'a [Binder], visit: &mut dyn FnMut(&'a Expr)| {
        binders.iter().filter_map(|binder| binder.domain.as_ref()).for_each(visit);
    };
    match &expr.kind {
        K::Bool(_)
        | K::Int(_)
        | K::Str(_)
        | K::Local(_)
        | K::Constant(_)
        | K::Variable(..)
        | K::Builtin(_) => {}
        K::ConstantApply(_, items)
        | K::Apply(_, items, _)
        | K::And(items)
        | K::Or(items)
        | K::SetEnum(items)
        | K::RecordSet(_, _, items)
        | K::Product(items)
        | K::Record(_, _, items)
        | K::Tuple(items)
        | K::Sequence(items)
        | K::Temporal(_, items) => items.iter().for_each(visit),
        K::Not(a)
        | K::Powerset(a)
        | K::BigUnion(a)
        | K::Field(a, _)
        | K::Component(a, _)
        | K::Domain(a)
        | K::IsFinite(a)
        | K::Cardinality(a)
        | K::Len(a)
        | K::SequenceSet(a)
        | K::IsSequence(a)
        | K::Negate(a)
        | K::Unchanged(a)
        | K::Always(a) => visit(a),
        K::Implies(a, b)
        | K::Iff(a, b)
        | K::Equal(a, b)
        | K::In(a, b)
        | K::SubsetEq(a, b)
        | K::Union(a, b)
        | K::Intersect(a, b)
        | K::Minus(a, b)
        | K::Range(a, b)
        | K::FunctionSet(a, b)
        | K::FieldUpdate(a, _, b)
        | K::Index(a, b)
        | K::Arithmetic(_, a, b)
        | K::Compare(_, a, b)
        | K::ActionBox(a, b) => [a, b].into_iter().for_each(visit),
        K::If(a, b, c) | K::Except(a, b, c) => [a, b, c].into_iter().for_each(visit),
        K::Quantifier(_, binders, body) | K::SetMap(body, binders) => {
            domains(binders, visit);
            visit(body);
        }
        K::Choose(binder, body) | K::SetFilter(binder, body) | K::Function(binder, body) => {
            domains(std::slice::from_ref(binder), visit);
            visit(body);
        }
    }
}
