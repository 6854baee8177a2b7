//! What rewriting does, written down where somebody wants a trail of it.
//!
//! Invariants: nothing is decided here, and no name is made; what is written down are equations that rewriting
//! used, each of a part of what it rewrites, from the inside out.

use std::sync::Arc;

use lang::typed::Expr;

use super::Rewriter;
use crate::alpha::{Key, key};
use crate::expr;
use crate::trail::{Move, Rule};

/// The equations used so far.
#[derive(Debug, Default)]
pub(super) struct Log {
    pub(super) moves: Vec<Move>,
    /// For each rule that is being applied: how it has gone on.
    frames: Vec<Option<Tail>>,
    /// What was known at a time, so that moves share it.
    known: Option<(usize, usize, Arc<[Expr]>)>,
}

/// What a rule has turned into something else: by which move, and what became of that in the end.
#[derive(Debug)]
struct Tail {
    at: usize,
    before: Key,
    result: Key,
}

impl Rewriter<'_> {
    /// An equation that is used.
    pub(super) fn note(&self, rule: Rule, before: &Expr, after: &Expr) {
        if self.log.is_some() && key(before) != key(after) {
            let at = self.push(rule, before.clone(), after.clone(), Vec::new());
            self.set_tail(at, key(before), key(after));
        }
    }

    /// Rewrites what the expression becomes by the meaning of its form.
    pub(super) fn becomes(&mut self, before: &Expr, after: &Expr) -> Expr {
        self.becomes_by(Rule::Form, Vec::new(), || before.clone(), after)
    }

    /// Rewrites what something becomes by a rule, for which this was found out.
    pub(super) fn becomes_by(
        &mut self,
        rule: Rule,
        since: Vec<Move>,
        before: impl FnOnce() -> Expr,
        after: &Expr,
    ) -> Expr {
        if self.log.is_none() {
            return self.rewrite(after);
        }
        let before = before();
        let at = self.push(rule, before.clone(), after.clone(), since);
        let result = self.rewrite(after);
        self.set_tail(at, key(&before), key(&result));
        result
    }

    /// Begins with an expression.
    pub(super) fn enter(&self) {
        if let Some(log) = &self.log {
            log.borrow_mut().frames.push(None);
        }
    }

    /// Ends with it.
    pub(super) fn leave(&self) {
        if let Some(log) = &self.log {
            log.borrow_mut().frames.pop();
        }
    }

    /// Finds something out, apart from what is written down.
    pub(super) fn aside<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> (T, Vec<Move>) {
        let mark = self.n_moves();
        let result = work(self);
        (result, self.taken_from(mark))
    }

    /// Applies a rule to an expression. What it asks on its way belongs to it.
    pub(super) fn framed(
        &mut self,
        rule: Rule,
        before: impl FnOnce() -> Expr,
        work: impl FnOnce(&mut Self) -> Expr,
    ) -> Expr {
        let Some(log) = &self.log else { return work(self) };
        log.borrow_mut().frames.push(None);
        let mark = self.n_moves();
        let result = work(self);
        let before = before();
        let (own, found) = (key(&before), key(&result));
        let tail = self.log.as_ref().and_then(|log| log.borrow_mut().frames.pop().flatten());
        match tail {
            _ if own == found => drop(self.taken_from(mark)),
            Some(tail) if tail.result == found && tail.before == own => self.gather(mark, tail.at),
            Some(tail) if tail.result == found && !matches!(result.kind, lang::typed::ExprKind::Bool(_)) => {
                self.gather(mark, tail.at);
                self.lead_to(mark, rule, before);
            }
            Some(_) | None if expr::is_bool(&before, true) || expr::is_bool(&before, false) => {}
            Some(_) | None => {
                let since = self.taken_from(mark);
                self.push(rule, before, result.clone(), since);
            }
        }
        result
    }

    fn n_moves(&self) -> usize {
        self.log.as_ref().map_or(0, |log| log.borrow().moves.len())
    }

    fn taken_from(&self, mark: usize) -> Vec<Move> {
        self.log.as_ref().map(|log| log.borrow_mut().moves.split_off(mark)).unwrap_or_default()
    }

    /// Lets the moves from `mark` up to a later one belong to that.
    fn gather(&self, mark: usize, at: usize) {
        let Some(log) = &self.log else { return };
        let moves = &mut log.borrow_mut().moves;
        let since: Vec<Move> = moves.drain(mark..at).collect();
        if let Some(own) = moves.get_mut(mark) {
            own.since.splice(0..0, since);
        }
    }

    /// Puts a move in front of the one at `mark`, which goes on from it.
    fn lead_to(&self, mark: usize, rule: Rule, before: Expr) {
        let Some(log) = &self.log else { return };
        let moves = &mut log.borrow_mut().moves;
        if let Some(next) = moves.get(mark) {
            let (after, known) = (next.before.clone(), next.known.clone());
            moves.insert(mark, Move { rule, before, after, known, since: Vec::new() });
        }
    }

    fn push(&self, rule: Rule, before: Expr, after: Expr, since: Vec<Move>) -> usize {
        let Some(log) = &self.log else { return 0 };
        let log = &mut *log.borrow_mut();
        let now = (self.version, self.known.formulas().count());
        let known = match &log.known {
            Some((version, n_formulas, known)) if (*version, *n_formulas) == now => known.clone(),
            Some(_) | None => self.known.formulas().cloned().collect(),
        };
        log.known = Some((now.0, now.1, known.clone()));
        log.moves.push(Move { rule, before, after, known, since });
        log.moves.len() - 1
    }

    fn set_tail(&self, at: usize, before: Key, result: Key) {
        let Some(log) = &self.log else { return };
        if let Some(frame) = log.borrow_mut().frames.last_mut() {
            *frame = Some(Tail { at, before, result });
        }
    }
}
