//! A walk through one definition: where it is, and what may be proposed there.

use lang::ast::{Bound, Expr, ExprKind, Name};

use super::Sorts;
use super::forms::bound_names;
use crate::mutate::reach::{Reach, Sign, UnitId};
use crate::mutate::{Effect, Mutant, Place, Role};

/// A walk through one definition.
pub(super) struct Walk<'a> {
    pub(super) reach: &'a Reach<'a>,
    pub(super) sorts: &'a Sorts,
    pub(super) unit: UnitId,
    pub(super) definition: &'a str,
    pub(super) role: Role,
    /// How the definition as a whole stands where it is used.
    pub(super) sign: Sign,
    /// The way from the definition's formula to where the walk is, by positions of operands.
    pub(super) path: Vec<usize>,
    /// The same, as the names of mutants tell it.
    pub(super) way: Vec<String>,
    /// The names that are bound here.
    pub(super) scope: Vec<Name>,
    /// Whether what is here holds whenever the definition does.
    pub(super) is_asserted: bool,
    pub(super) found: Vec<Mutant>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(
        reach: &'a Reach<'a>,
        sorts: &'a Sorts,
        unit: UnitId,
        definition: &'a str,
        role: Role,
        sign: Sign,
    ) -> Self {
        Self {
            reach,
            sorts,
            unit,
            definition,
            role,
            sign,
            path: Vec::new(),
            way: Vec::new(),
            scope: Vec::new(),
            is_asserted: true,
            found: Vec::new(),
        }
    }

    /// Goes from an expression to its operand and back.
    pub(super) fn down(&mut self, parent: &Expr, child: &Expr, visit: impl FnOnce(&mut Self)) {
        let mut position = None;
        let mut n_seen = 0;
        parent.for_each_child(|operand| {
            if std::ptr::eq(operand, child) {
                position = Some(n_seen);
            }
            n_seen += 1;
        });
        if let Some(position) = position {
            self.path.push(position);
            visit(self);
            self.path.pop();
        }
    }

    /// The same, with a word for the names of the mutants there.
    pub(super) fn down_to(
        &mut self,
        parent: &Expr,
        child: &Expr,
        word: impl Into<String>,
        visit: impl FnOnce(&mut Self),
    ) {
        self.way.push(word.into());
        self.down(parent, child, visit);
        self.way.pop();
    }

    /// Proposes that `expr`, which is where the walk is, becomes `replacement`; `after` is its text, if it is
    /// not left out.
    pub(super) fn propose(
        &mut self,
        operator: &str,
        expr: &Expr,
        effect: Effect,
        replacement: Expr,
        after: Option<String>,
    ) {
        let words: Vec<&str> = std::iter::once(self.definition)
            .chain(self.way.iter().map(String::as_str))
            .chain([operator])
            .collect();
        let (module, unit) = self.unit;
        self.found.push(Mutant {
            name: words.join("."),
            definition: self.definition.to_owned(),
            role: self.role,
            effect,
            span: expr.span,
            before: lang::print::expr(expr),
            after,
            place: Place { module, unit, path: self.path.clone() },
            replacement,
        });
    }

    /// Proposes another expression, which is shown as it is.
    pub(super) fn propose_kind(&mut self, operator: &str, expr: &Expr, effect: Effect, kind: ExprKind) {
        let replacement = Expr { kind: Box::new(kind), span: expr.span };
        let after = lang::print::expr(&replacement);
        self.propose(operator, expr, effect, replacement, Some(after));
    }

    /// What a change that makes the formula here hold more often does to what the definition is a part of.
    pub(super) fn weaker(&self, here: Sign) -> Effect {
        match self.sign.times(here) {
            _ if self.role == Role::Common => Effect::Changes,
            Sign::Positive => Effect::Weakens,
            Sign::Negative => Effect::Strengthens,
            Sign::Both => Effect::Changes,
        }
    }

    pub(super) fn stronger(&self, here: Sign) -> Effect {
        self.weaker(here.flipped())
    }

    /// Whether a negation here would say something worth trying.
    pub(super) fn may_negate(&self) -> bool {
        match self.role {
            Role::Assumption | Role::Action => true,
            Role::Common => !self.is_asserted,
            Role::Initial | Role::Invariant | Role::Lemma | Role::Property => {
                !(self.is_asserted && self.sign == Sign::Positive)
            }
        }
    }

    /// Visits what does not hold by itself if the definition does.
    pub(super) fn not_asserted(&mut self, visit: impl FnOnce(&mut Self)) {
        let before = std::mem::replace(&mut self.is_asserted, false);
        visit(self);
        self.is_asserted = before;
    }

    /// Visits the scope of bound names.
    pub(super) fn within(&mut self, bounds: &[Bound], visit: impl FnOnce(&mut Self)) {
        let n_before = self.scope.len();
        self.scope.extend(bound_names(bounds).into_iter().cloned());
        visit(self);
        self.scope.truncate(n_before);
    }
}
