//! The direct parts of a typed expression, and the names that it binds.

use super::{Binder, Expr, ExprKind};

impl Expr {
    /// The names that the expression binds at its head.
    pub fn binders(&self) -> &[Binder] {
        self.kind.binders()
    }

    /// Visits each direct part, the domains of its binders first.
    pub fn for_each_child<'a>(&'a self, visit: &mut dyn FnMut(&'a Expr)) {
        self.kind.for_each_child(visit);
    }
}

impl ExprKind {
    #[expect(clippy::wildcard_enum_match_arm, reason = "few forms bind names")]
    fn binders(&self) -> &[Binder] {
        match self {
            ExprKind::Quantifier(_, binders, _) | ExprKind::SetMap(_, binders) => binders,
            ExprKind::Choose(binder, _) | ExprKind::SetFilter(binder, _) | ExprKind::Function(binder, _) => {
                std::slice::from_ref(binder)
            }
            _ => &[],
        }
    }

    pub(super) fn for_each_child<'a>(&'a self, visit: &mut dyn FnMut(&'a Expr)) {
        use ExprKind as K;
        self.binders().iter().filter_map(|binder| binder.domain.as_ref()).for_each(&mut *visit);
        match self {
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
            K::Quantifier(_, _, body)
            | K::SetMap(body, _)
            | K::Choose(_, body)
            | K::SetFilter(_, body)
            | K::Function(_, body) => visit(body),
        }
    }
}
