//! Which variables an expression reads, in the state before a step and in the state after it.

use std::collections::BTreeSet;

use lang::ids::Id;
use lang::typed::{Expr, ExprKind, Module, Time, VariableId};

/// Variables.
pub(crate) type Variables = BTreeSet<VariableId>;

/// What the operators of a module read.
#[derive(Debug)]
pub(crate) struct Reads {
    /// For each operator what its body reads now, and in the next state.
    operators: Vec<[Variables; 2]>,
}

impl Reads {
    /// Of all operators. A body mentions only operators of smaller id, and itself, which adds nothing.
    pub(crate) fn new(module: &Module) -> Self {
        let mut reads = Self { operators: Vec::with_capacity(module.operators.len()) };
        for operator in &module.operators {
            let both = [Time::Now, Time::Next].map(|time| reads.of(&operator.body, time));
            reads.operators.push(both);
        }
        reads
    }

    /// What an expression reads at this time.
    pub(crate) fn of(&self, expr: &Expr, time: Time) -> Variables {
        let mut found = Variables::new();
        self.collect(expr, time, &mut found);
        found
    }

    fn collect(&self, expr: &Expr, time: Time, into: &mut Variables) {
        if let ExprKind::Variable(variable, when) = &expr.kind
            && *when == time
        {
            into.insert(*variable);
        }
        if let ExprKind::Apply(operator, _, when) = &expr.kind
            && let Some([now, next]) = self.operators.get(operator.index())
        {
            // An operator in the next state reads there what it otherwise reads now.
            match (when, time) {
                (Time::Now, Time::Now) | (Time::Next, Time::Next) => into.extend(now),
                (Time::Now, Time::Next) => into.extend(next),
                (Time::Next, Time::Now) => {}
            }
        }
        // Next values in the action are bound by `ENABLED`.
        if let ExprKind::Temporal("ENABLED", _) = &expr.kind
            && time == Time::Next
        {
            return;
        }
        if time == Time::Next
            && let Some(kept) = kept(expr)
        {
            self.collect(kept, Time::Now, into);
        }
        expr.for_each_child(&mut |child| self.collect(child, time, into));
    }
}

/// What an expression compares with its next value, without a prime.
#[expect(clippy::wildcard_enum_match_arm, reason = "other forms say primes")]
fn kept(expr: &Expr) -> Option<&Expr> {
    match &expr.kind {
        ExprKind::Unchanged(inner) => Some(inner),
        ExprKind::ActionBox(_, subscript) => Some(subscript),
        ExprKind::Temporal("<<A>>_v", operands) => operands.last(),
        _ => None,
    }
}
