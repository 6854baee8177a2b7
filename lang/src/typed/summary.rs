//! What an expression is made of, in two words: enough to pass over parts in which there is nothing to look for.

use super::{ExprKind, LocalId};
use crate::ids::Id;

/// Forms of expression that walks look for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// It binds names.
    Binder,
    /// It may read a state: a variable, an operator applied, `UNCHANGED e`, `[A]_v`.
    State,
    /// An operator applied.
    Apply,
    /// It speaks of lengths: `Len(s)`, `IsSequence(s)`, `Seq(S)`.
    Length,
}

/// Which forms occur, and which names may.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Summary {
    /// A bit for each form.
    forms: u8,
    /// A bit for each name, which it shares with others.
    names: u64,
}

impl Summary {
    pub(super) fn of(kind: &ExprKind) -> Self {
        let mut summary = Self { forms: own_forms(kind), names: 0 };
        if let ExprKind::Local(id) = kind {
            summary.names = Self::name(*id);
        }
        kind.for_each_child(&mut |child| {
            summary.forms |= child.summary.forms;
            summary.names |= child.summary.names;
        });
        summary
    }

    pub(super) fn name(local: LocalId) -> u64 {
        1 << (local.index() % 64)
    }

    pub(super) fn may_mention(self, names: u64) -> bool {
        self.names & names != 0
    }

    pub(super) fn has(self, form: Form) -> bool {
        self.forms & bit(form) != 0
    }
}

fn bit(form: Form) -> u8 {
    match form {
        Form::Binder => 1,
        Form::State => 2,
        Form::Apply => 4,
        Form::Length => 8,
    }
}

/// The forms of an expression of this kind, its parts aside.
#[expect(clippy::wildcard_enum_match_arm, reason = "few kinds are of a form that is looked for")]
fn own_forms(kind: &ExprKind) -> u8 {
    match kind {
        ExprKind::Quantifier(..)
        | ExprKind::SetMap(..)
        | ExprKind::Choose(..)
        | ExprKind::SetFilter(..)
        | ExprKind::Function(..) => bit(Form::Binder),
        ExprKind::Apply(..) => bit(Form::Apply) | bit(Form::State),
        ExprKind::Variable(..) | ExprKind::Unchanged(_) | ExprKind::ActionBox(..) => bit(Form::State),
        ExprKind::Len(_) | ExprKind::IsSequence(_) | ExprKind::SequenceSet(_) => bit(Form::Length),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Binder, Expr, Quantifier, Time, VariableId};
    use super::*;
    use crate::ids::Id;
    use crate::sort::Sort;
    use crate::source::Span;

    fn expr(kind: ExprKind) -> Expr {
        let span = Span { file: Id::from_index(0), start: 0, end: 0 };
        Expr::new(kind, Sort::Bool, span)
    }

    #[test]
    fn forms_and_names_of_parts_are_told() {
        let [x, y] = [0, 1].map(LocalId::from_index);
        let variable = expr(ExprKind::Variable(VariableId::from_index(0), Time::Now));
        let body = expr(ExprKind::And(vec![expr(ExprKind::Local(x)), variable]));
        assert!(body.has(Form::State) && !body.has(Form::Binder) && !body.has(Form::Apply));
        let binder = Binder { local: y, domain: Some(expr(ExprKind::Len(expr(ExprKind::Local(y))))) };
        let all = expr(ExprKind::Quantifier(Quantifier::Forall, vec![binder], body));
        assert!(all.has(Form::State) && all.has(Form::Binder) && all.has(Form::Length));
        assert!(all.may_mention(x) && all.may_mention(y) && !all.may_mention(LocalId::from_index(2)));
        assert!(all.may_mention_any(Expr::names([x])) && !all.may_mention_any(Expr::names([])));
    }

    #[test]
    fn a_digest_is_computed_once() {
        let it = expr(ExprKind::Bool(true));
        assert_eq!([it.digest(|| 7), it.digest(|| 8)], [7, 7]);
        assert_ne!(expr(ExprKind::Bool(true)).digest(|| 0), 0);
    }
}
