//! What an expression depends on: its free names, and the variables it reads, through operators.

#![allow(clippy::wildcard_enum_match_arm, reason = "few expressions read something or bind names")]

use std::collections::BTreeSet;
use std::rc::Rc;

use indexmap::IndexMap;
use lang::typed::{Binder, ConstantId, Expr, ExprKind, LocalId, Module, OperatorId, Time, VariableId};

/// What an expression depends on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reads {
    /// Bound names and parameters that are free in it, ascending.
    pub(crate) locals: BTreeSet<LocalId>,
    /// The constants that it reads.
    pub(crate) constants: BTreeSet<ConstantId>,
    /// The variables that it reads, and when.
    pub(crate) variables: BTreeSet<(VariableId, Time)>,
}

impl Reads {
    /// Whether it speaks of the next state.
    pub(crate) fn is_primed(&self) -> bool {
        self.variables.iter().any(|(_, time)| *time == Time::Next)
    }
}

/// Dependencies of the expressions of one module, by address: it lives no longer than they do.
#[derive(Debug, Default)]
pub(crate) struct Dependencies {
    known: IndexMap<usize, Rc<Reads>>,
    operators: IndexMap<OperatorId, Rc<Reads>>,
}

impl Dependencies {
    /// What `expr` depends on.
    pub(crate) fn of(&mut self, module: &Module, expr: &Expr) -> Rc<Reads> {
        if let Some(known) = self.known.get(&expr.address()) {
            return Rc::clone(known);
        }
        let mut reads = Reads::default();
        match &expr.kind {
            ExprKind::Local(local) => {
                reads.locals.insert(*local);
            }
            ExprKind::Constant(constant) | ExprKind::ConstantApply(constant, _) => {
                reads.constants.insert(*constant);
            }
            ExprKind::Variable(variable, time) => {
                reads.variables.insert((*variable, *time));
            }
            ExprKind::Apply(operator, _, time) => {
                let of_body = self.of_operator(module, *operator);
                reads.constants.extend(&of_body.constants);
                reads.variables.extend(of_body.variables.iter().map(|(variable, read)| match time {
                    Time::Now => (*variable, *read),
                    Time::Next => (*variable, Time::Next),
                }));
            }
            _ => {}
        }
        // Binders of one head do not see each other, but no domain mentions them either: ids are unique.
        for child in children(expr) {
            let of_child = self.of(module, child);
            reads.locals.extend(&of_child.locals);
            reads.constants.extend(&of_child.constants);
            reads.variables.extend(&of_child.variables);
        }
        for binder in binders(expr) {
            reads.locals.remove(&binder.local);
        }
        if let ExprKind::Unchanged(inner) = &expr.kind {
            let of_inner = self.of(module, inner);
            reads.variables.extend(of_inner.variables.iter().map(|(variable, _)| (*variable, Time::Next)));
        }
        if let ExprKind::ActionBox(_, subscript) = &expr.kind {
            let of_inner = self.of(module, subscript);
            reads.variables.extend(of_inner.variables.iter().map(|(variable, _)| (*variable, Time::Next)));
        }
        let reads = Rc::new(reads);
        self.known.insert(expr.address(), Rc::clone(&reads));
        reads
    }

    fn of_operator(&mut self, module: &Module, operator: OperatorId) -> Rc<Reads> {
        if let Some(known) = self.operators.get(&operator) {
            return Rc::clone(known);
        }
        // What a recursive operator reads is what the rest of its body reads.
        self.operators.insert(operator, Rc::default());
        let reads = self.of(module, &module.operators[operator].body);
        self.operators.insert(operator, Rc::clone(&reads));
        reads
    }
}

/// The names that an expression binds at its head.
pub(crate) fn binders(expr: &Expr) -> &[Binder] {
    match &expr.kind {
        ExprKind::Quantifier(_, binders, _) | ExprKind::SetMap(_, binders) => binders,
        ExprKind::Choose(binder, _) | ExprKind::SetFilter(binder, _) | ExprKind::Function(binder, _) => {
            std::slice::from_ref(binder)
        }
        _ => &[],
    }
}

/// The expressions directly inside another, with the domains of its binders.
pub(crate) fn children(expr: &Expr) -> Vec<&Expr> {
    use ExprKind as K;
    let mut found: Vec<&Expr> = binders(expr).iter().filter_map(|binder| binder.domain.as_ref()).collect();
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
        | K::Temporal(_, items) => found.extend(items),
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
        | K::Always(a)
        | K::Quantifier(_, _, a)
        | K::SetMap(a, _)
        | K::Choose(_, a)
        | K::SetFilter(_, a)
        | K::Function(_, a) => found.push(a),
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
        | K::ActionBox(a, b) => found.extend([a, b]),
        K::If(a, b, c) | K::Except(a, b, c) => found.extend([a, b, c]),
    }
    found
}
