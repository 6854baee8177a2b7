//! What is known where an expression is rewritten.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use lang::typed::{Expr, ExprKind, VariableId};

use super::integers::{self, Bound};
use super::patterns::{self, Pattern};
use crate::alpha::Alike;
use crate::expr;

/// Formulas whose truth value is known.
#[derive(Clone, Debug, Default)]
pub struct Known {
    values: IndexMap<Alike, bool>,
    domains: BTreeMap<(VariableId, bool), Expr>,
    bounds: Vec<Bound>,
    patterns: Vec<Pattern>,
    /// What was assumed, in parts: trails tell it, and nothing is decided by it.
    formulas: Vec<Expr>,
}

/// How much was known at a time.
#[derive(Clone, Copy)]
pub(super) struct Mark {
    values: usize,
    bounds: usize,
    patterns: usize,
    formulas: usize,
}

impl Known {
    /// Records that a rewritten formula holds; conjunctions and negations are taken apart.
    pub fn assume(&mut self, formula: &Expr) {
        for part in expr::conjuncts(formula) {
            if let ExprKind::Equal(left, right) = &part.kind
                && let ExprKind::Domain(function) = &left.kind
                && let ExprKind::Variable(id, at) = &function.kind
            {
                self.domains.insert((*id, *at == lang::typed::Time::Next), right.clone());
            }
        }
        self.assume_value(formula);
    }

    /// The same without a look at domains of variables: entries are only added at the end, so that a caller
    /// can take them back.
    fn assume_value(&mut self, formula: &Expr) {
        self.assume_above(None, formula);
    }

    /// The same above what is known already, which it adds nothing to.
    fn assume_above(&mut self, base: Option<&Self>, formula: &Expr) {
        match &formula.kind {
            ExprKind::And(items) => items.iter().for_each(|item| self.assume_above(base, item)),
            ExprKind::Not(inner) => {
                self.formulas.push(formula.clone());
                self.enter(base, inner, false);
                integers::bounds(inner, false, &mut self.bounds);
            }
            _ => {
                self.formulas.push(formula.clone());
                self.enter(base, formula, true);
                integers::bounds(formula, true, &mut self.bounds);
                patterns::collect(formula, &[], &mut self.patterns);
            }
        }
    }

    /// What is entered first stays.
    fn enter(&mut self, base: Option<&Self>, formula: &Expr, value: bool) {
        let formula = Alike(formula.clone());
        if base.is_none_or(|base| !base.values.contains_key(&formula)) {
            self.values.entry(formula).or_insert(value);
        }
    }

    fn mark(&self) -> Mark {
        Mark {
            values: self.values.len(),
            bounds: self.bounds.len(),
            patterns: self.patterns.len(),
            formulas: self.formulas.len(),
        }
    }

    /// Forgets what was learned since.
    fn forget(&mut self, since: Mark) {
        self.values.truncate(since.values);
        self.bounds.truncate(since.bounds);
        self.patterns.truncate(since.patterns);
        self.formulas.truncate(since.formulas);
    }

    /// What was assumed, in parts.
    pub(crate) fn formulas(&self) -> &[Expr] {
        &self.formulas
    }

    /// Whether `FALSE` is known: the premises contradict each other.
    pub fn contradictory(&self) -> bool {
        self.values.get(&Alike(expr::bool(false, placeholder()))) == Some(&true)
    }
}

/// What is known at a place: what was known before, and what was learned on the way there.
pub(super) struct Layers<'k> {
    base: &'k Known,
    own: Known,
}

impl<'k> Layers<'k> {
    pub(super) fn on(base: &'k Known) -> Self {
        Self { base, own: Known::default() }
    }

    /// Records that a rewritten formula holds here.
    pub(super) fn assume(&mut self, formula: &Expr) {
        self.own.assume_above(Some(self.base), formula);
    }

    pub(super) fn mark(&self) -> Mark {
        self.own.mark()
    }

    /// Forgets what was learned since.
    pub(super) fn forget(&mut self, since: Mark) {
        self.own.forget(since);
    }

    /// The truth value of a rewritten formula, if known.
    pub(super) fn value(&self, formula: &Expr) -> Option<bool> {
        match &formula.kind {
            ExprKind::Bool(value) => Some(*value),
            ExprKind::Not(inner) => self.value(inner).map(|value| !value),
            _ if self.base.values.is_empty() && self.own.values.is_empty() => None,
            _ => {
                let formula = Alike(formula.clone());
                self.base.values.get(&formula).or_else(|| self.own.values.get(&formula)).copied()
            }
        }
    }

    /// The known domain of a state variable.
    pub(super) fn domain(&self, variable: VariableId, next: bool) -> Option<&'k Expr> {
        self.base.domains.get(&(variable, next))
    }

    /// What was assumed, in parts.
    pub(super) fn formulas(&self) -> impl Iterator<Item = &Expr> {
        self.base.formulas.iter().chain(&self.own.formulas)
    }

    pub(super) fn bounds(&self) -> impl Iterator<Item = &Bound> {
        self.base.bounds.iter().chain(&self.own.bounds)
    }

    pub(super) fn patterns(&self) -> impl Iterator<Item = &Pattern> {
        self.base.patterns.iter().chain(&self.own.patterns)
    }
}

fn placeholder() -> lang::source::Span {
    lang::source::Span { file: lang::ids::Id::from_index(0), start: 0, end: 0 }
}
