//! What an expression depends on: its free names, and the variables it reads, through operators.

#![allow(clippy::wildcard_enum_match_arm, reason = "few expressions read something or bind names")]

use std::collections::BTreeSet;
use std::rc::Rc;

use indexmap::IndexMap;
use lang::typed::{ConstantId, Expr, ExprKind, LocalId, Module, OperatorId, Time, VariableId};

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
        for binder in expr.binders() {
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

/// The expressions directly inside another, with the domains of its binders.
pub(crate) fn children(expr: &Expr) -> Vec<&Expr> {
    let mut found = Vec::new();
    expr.for_each_child(&mut |child| found.push(child));
    found
}
