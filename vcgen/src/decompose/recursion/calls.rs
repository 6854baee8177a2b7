//! The recursive calls in a body, each with what leads to it.
//!
//! A value does not depend on a call in `THEN` where the condition is false, on one in a conjunct where an
//! earlier conjunct is false, or on one below a binder outside the binder's set. So only where all of this
//! holds has the call to be smaller.

use lang::source::Span;
use lang::typed::{Binder, Expr, ExprKind, LocalId, OperatorId, Quantifier};

use crate::expr;

/// One recursive call.
#[derive(Clone, Debug)]
pub(super) struct Call {
    /// Its arguments, or the one argument of a function.
    pub(super) args: Vec<Expr>,
    /// What leads to it, from the outside in.
    path: Vec<Turn>,
    /// Where it stands.
    pub(super) span: Span,
}

/// One thing that leads to a call.
#[derive(Clone, Debug)]
enum Turn {
    /// A name is bound around it.
    Bound(Binder),
    /// This holds.
    Holds(Expr),
}

impl Call {
    /// A claim about the call, under all that leads to it.
    pub(super) fn around(&self, claim: Expr) -> Expr {
        self.path.iter().rev().fold(claim, |inner, turn| match turn {
            Turn::Bound(binder) => expr::quantifier(Quantifier::Forall, vec![binder.clone()], inner),
            Turn::Holds(condition) => expr::implies(condition, &inner),
        })
    }

    /// The conditions that lead to the call.
    pub(super) fn conditions(&self) -> impl Iterator<Item = &Expr> {
        self.path.iter().filter_map(|turn| match turn {
            Turn::Holds(condition) => Some(condition),
            Turn::Bound(_) => None,
        })
    }
}

/// The calls of an operator in its body. For a function, given by its operator's own parameters, `None` if
/// it is mentioned otherwise than applied to an argument.
pub(super) fn calls(body: &Expr, operator: OperatorId, function: Option<&[LocalId]>) -> Option<Vec<Call>> {
    let mut walk = Walk { operator, function, path: Vec::new(), found: Vec::new(), as_a_whole: false };
    walk.visit(body);
    (!walk.as_a_whole).then_some(walk.found)
}

struct Walk<'a> {
    operator: OperatorId,
    function: Option<&'a [LocalId]>,
    path: Vec<Turn>,
    found: Vec<Call>,
    as_a_whole: bool,
}

impl Walk<'_> {
    fn call(&mut self, args: Vec<Expr>, span: Span) {
        self.found.push(Call { args, path: self.path.clone(), span });
    }

    fn under(&mut self, turns: Vec<Turn>, expr: &Expr) {
        let depth = self.path.len();
        self.path.extend(turns);
        self.visit(expr);
        self.path.truncate(depth);
    }

    /// Items each of which counts only where those before it are true (or, for `\/`, false).
    fn in_turn(&mut self, items: &[Expr], conjunction: bool) {
        let depth = self.path.len();
        for item in items {
            self.visit(item);
            let holds = if conjunction { item.clone() } else { expr::not(item) };
            self.path.push(Turn::Holds(holds));
        }
        self.path.truncate(depth);
    }

    fn visit(&mut self, expr: &Expr) {
        use ExprKind as K;
        match &expr.kind {
            K::Apply(operator, args, _) if *operator == self.operator => {
                for arg in args {
                    self.visit(arg);
                }
                if self.function.is_some() {
                    self.as_a_whole = true;
                } else {
                    self.call(args.clone(), expr.span);
                }
            }
            K::Index(function, argument) if self.is_itself(function) => {
                self.visit(argument);
                self.call(vec![argument.clone()], expr.span);
            }
            K::If(condition, then, otherwise) => {
                self.visit(condition);
                self.under(vec![Turn::Holds(condition.clone())], then);
                self.under(vec![Turn::Holds(expr::not(condition))], otherwise);
            }
            K::Implies(premise, conclusion) => {
                self.visit(premise);
                self.under(vec![Turn::Holds(premise.clone())], conclusion);
            }
            K::And(items) => self.in_turn(items, true),
            K::Or(items) => self.in_turn(items, false),
            K::Quantifier(_, binders, body) | K::SetMap(body, binders) => self.bound(binders, body),
            K::Choose(binder, body) | K::SetFilter(binder, body) | K::Function(binder, body) => {
                self.bound(std::slice::from_ref(binder), body);
            }
            _ => expr.for_each_child(&mut |child| self.visit(child)),
        }
    }

    fn bound(&mut self, binders: &[Binder], body: &Expr) {
        binders.iter().filter_map(|binder| binder.domain.as_ref()).for_each(|domain| self.visit(domain));
        self.under(binders.iter().cloned().map(Turn::Bound).collect(), body);
    }

    /// Whether an expression is the function itself, with its own parameters.
    fn is_itself(&self, expr: &Expr) -> bool {
        let (Some(params), ExprKind::Apply(operator, args, _)) = (self.function, &expr.kind) else {
            return false;
        };
        let own = args
            .iter()
            .zip(params)
            .all(|(arg, param)| matches!(arg.kind, ExprKind::Local(id) if id == *param));
        *operator == self.operator && own
    }
}
