//! Formulas about behaviours, as far as they speak of the first state alone, or of each step alone.
//!
//! `Init /\ [][A]_v` is true of a behaviour exactly if `Init` is true of its first state and `[A]_v` of each of
//! its steps; and so is `\A x \in S : Init /\ [][A]_v`, for each `x`, if `S` is a constant. So what such a formula
//! says of a first state is found by leaving out what is under `[]`, and what it says of a step by leaving out
//! all else and the `[]`.

use lang::typed::{Binder, Expr, ExprKind, Quantifier, Time};

use super::lazy::Val;
use super::{Evaluator, Moment, Run, Stuck, Why, stuck};
use crate::behaviour::is_temporal;
use crate::value::Value;

/// What of a behaviour is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// Its first state.
    First,
    /// One of its steps.
    Step,
}

impl Evaluator<'_> {
    /// What a formula about behaviours says of the first state, or of a step. What is neither is stuck.
    pub fn seen(&self, formula: &Expr, view: View, moment: Moment<'_>) -> Result<bool, Stuck> {
        self.run(moment, |run| run.seen(formula, view))
    }
}

impl Run<'_> {
    #[expect(clippy::wildcard_enum_match_arm, reason = "few formulas speak of behaviours step by step")]
    fn seen(&mut self, e: &Expr, view: View) -> Result<bool, Stuck> {
        if !is_temporal(self.module, e) {
            return match view {
                View::First => self.truth(e),
                View::Step => Ok(true),
            };
        }
        match &e.kind {
            ExprKind::And(items) => {
                self.all_seen(items.len(), |run, position| run.seen(&items[position], view))
            }
            ExprKind::Quantifier(Quantifier::Forall, binders, body) => self.seen_for_all(binders, body, view),
            ExprKind::Apply(operator, args, Time::Now) => {
                self.apply((*operator, args, Time::Now), e.span, |run, body| run.seen(body, view))
            }
            ExprKind::Always(inner) => match (&inner.kind, view) {
                (ExprKind::ActionBox(..), View::First) => Ok(true),
                (ExprKind::ActionBox(..), View::Step) => self.truth(inner),
                _ => stuck(Why::Temporal, e.span),
            },
            _ => stuck(Why::Temporal, e.span),
        }
    }

    /// The body for all values of the names: their domains are written out.
    fn seen_for_all(&mut self, binders: &[Binder], body: &Expr, view: View) -> Result<bool, Stuck> {
        let [binder, rest @ ..] = binders else { return self.seen(body, view) };
        let Some(domain) = &binder.domain else { return stuck(Why::Infinite, body.span) };
        let Value::Set(values) = self.value(domain)? else { return stuck(Why::Infinite, domain.span) };
        self.all_seen(values.len(), |run, position| {
            run.step(body.span)?;
            let before = run.bind(binder.local, Val::Is(values[position].clone()));
            let result = run.seen_for_all(rest, body, view);
            run.unbind(binder.local, before);
            result
        })
    }

    /// Whether all of so many are true: a false one decides, whatever is stuck.
    fn all_seen(
        &mut self,
        n_items: usize,
        mut item: impl FnMut(&mut Self, usize) -> Result<bool, Stuck>,
    ) -> Result<bool, Stuck> {
        let mut open = None;
        for position in 0..n_items {
            match item(self, position) {
                Ok(true) => {}
                Ok(false) => return Ok(false),
                Err(reason) => {
                    open.get_or_insert(reason);
                }
            }
        }
        open.map_or(Ok(true), Err)
    }
}
