//! Linear arithmetic: sums in normal form, and comparisons that follow from what is known.
//!
//! A sum is a linear combination of expressions that are no sums themselves, compared by their keys.
//! What is known of numbers is kept as sums that are not negative or not zero. `0 <= s` follows if `s` is
//! one or two sums that are known not to be negative, plus a constant that is not; `s # 0` turns `0 <= s`
//! into `1 <= s`. That is far from all of linear arithmetic, and enough for bounds of sequences: what stays
//! open is the solver's.

use std::collections::BTreeMap;
use std::sync::Arc;

use lang::sort::Sort;
use lang::source::Span;
use lang::typed::{Arithmetic, BuiltinSet, Comparison, Expr, ExprKind};

use super::Rewriter;
use crate::alpha::{Key, alike, key};
use crate::expr;

/// With more than so many known bounds, pairs of them are not tried.
const MAX_BOUNDS: usize = 48;

/// A linear combination plus a constant; no coefficient is 0.
#[derive(Clone, Debug, Default)]
pub(crate) struct Linear {
    /// Each term with its coefficient and the position at which it was met.
    terms: BTreeMap<Key, (i128, usize, Expr)>,
    constant: i128,
}

/// What tells sums apart: terms with their coefficients, and the constant.
pub(super) type Identity = (Vec<(Key, i128)>, i128);

/// What is known of a sum.
#[derive(Clone, Debug)]
pub(super) enum Bound {
    /// It is not negative.
    NotNegative(Arc<Linear>),
    /// It is not zero.
    NotZero(Arc<Linear>),
}

impl Linear {
    /// An integer expression as a sum; `None` if numbers grow too large.
    pub(crate) fn of(expr: &Expr) -> Option<Self> {
        let mut sum = Self::default();
        sum.add(expr, 1)?;
        Some(sum)
    }

    fn add(&mut self, expr: &Expr, factor: i128) -> Option<()> {
        match &expr.kind {
            ExprKind::Int(value) => {
                self.constant = self.constant.checked_add(value.checked_mul(factor)?)?;
                Some(())
            }
            ExprKind::Arithmetic(Arithmetic::Add, a, b) => {
                self.add(a, factor)?;
                self.add(b, factor)
            }
            ExprKind::Arithmetic(Arithmetic::Subtract, a, b) => {
                self.add(a, factor)?;
                self.add(b, factor.checked_neg()?)
            }
            ExprKind::Negate(a) => self.add(a, factor.checked_neg()?),
            ExprKind::Arithmetic(Arithmetic::Multiply, a, b) => match (&a.kind, &b.kind) {
                (ExprKind::Int(value), _) => self.add(b, factor.checked_mul(*value)?),
                (_, ExprKind::Int(value)) => self.add(a, factor.checked_mul(*value)?),
                _ => self.add_term(&key(expr), expr, factor),
            },
            _ => self.add_term(&key(expr), expr, factor),
        }
    }

    fn add_term(&mut self, key: &Key, expr: &Expr, factor: i128) -> Option<()> {
        let position = self.terms.len();
        let entry = self.terms.entry(key.clone()).or_insert_with(|| (0, position, expr.clone()));
        entry.0 = entry.0.checked_add(factor)?;
        if entry.0 == 0 {
            self.terms.remove(key);
        }
        Some(())
    }

    /// `self + factor * other`
    fn plus(&self, other: &Self, factor: i128) -> Option<Self> {
        let mut sum = self.clone();
        for (key, (coefficient, _, expr)) in &other.terms {
            sum.add_term(key, expr, coefficient.checked_mul(factor)?)?;
        }
        sum.constant = sum.constant.checked_add(other.constant.checked_mul(factor)?)?;
        Some(sum)
    }

    /// `self - other`
    pub(crate) fn minus(&self, other: &Self) -> Option<Self> {
        self.plus(other, -1)
    }

    /// `self + constant`
    pub(super) fn plus_constant(&self, constant: i128) -> Option<Self> {
        Some(Self { terms: self.terms.clone(), constant: self.constant.checked_add(constant)? })
    }

    fn negated(&self) -> Option<Self> {
        Self::default().minus(self)
    }

    /// The number that it is, if it is one whatever its terms are.
    pub(crate) fn constant(&self) -> Option<i128> {
        self.terms.is_empty().then_some(self.constant)
    }

    fn identity(&self) -> Identity {
        let terms = self.terms.iter();
        (terms.map(|(key, (coefficient, _, _))| (key.clone(), *coefficient)).collect(), self.constant)
    }

    /// Whether it is the other one plus a constant that is not negative.
    fn is_at_least(&self, other: &Self) -> bool {
        self.constant >= other.constant
            && self.terms.len() == other.terms.len()
            && self
                .terms
                .iter()
                .zip(&other.terms)
                .all(|((key, value), (other_key, other_value))| value.0 == other_value.0 && key == other_key)
    }

    fn mentions_any_of(&self, other: &Self) -> bool {
        self.terms.keys().any(|key| other.terms.contains_key(key))
    }

    /// The sum as an expression: terms in the order in which they were met, positive ones first.
    pub(crate) fn to_expr(&self, span: Span) -> Expr {
        let int = |value: i128| Expr::new(ExprKind::Int(value), Sort::Int, span);
        let binary = |op, a: Expr, b: Expr| Expr::new(ExprKind::Arithmetic(op, a, b), Sort::Int, span);
        let mut terms: Vec<&(i128, usize, Expr)> = self.terms.values().collect();
        terms.sort_by_key(|(coefficient, position, _)| (*coefficient < 0, *position));
        let mut sum: Option<Expr> = None;
        for (coefficient, _, term) in terms {
            let size = coefficient.checked_abs().unwrap_or(*coefficient);
            let term =
                if size == 1 { term.clone() } else { binary(Arithmetic::Multiply, int(size), term.clone()) };
            sum = Some(match sum {
                None if *coefficient < 0 => binary(Arithmetic::Subtract, int(0), term),
                None => term,
                Some(before) if *coefficient < 0 => binary(Arithmetic::Subtract, before, term),
                Some(before) => binary(Arithmetic::Add, before, term),
            });
        }
        match (sum, self.constant) {
            (None, constant) => int(constant),
            (Some(sum), 0) => sum,
            (Some(sum), constant) => match constant.checked_neg() {
                Some(negated) if constant < 0 => binary(Arithmetic::Subtract, sum, int(negated)),
                _ => binary(Arithmetic::Add, sum, int(constant)),
            },
        }
    }
}

/// How many operands a sum has as it is written.
fn operands(expr: &Expr) -> usize {
    match &expr.kind {
        ExprKind::Arithmetic(Arithmetic::Add | Arithmetic::Subtract, a, b) => operands(a) + operands(b),
        _ => 1,
    }
}

/// A sum with fewer operands, if terms cancel or numbers can be added.
pub(super) fn simplified(expr: &Expr) -> Option<Expr> {
    let sum = Linear::of(expr)?;
    let fewer = sum.terms.len() + usize::from(sum.constant != 0) < operands(expr);
    let plain = sum.terms.values().all(|(coefficient, _, _)| *coefficient == 1 || *coefficient == -1);
    (fewer && plain).then(|| sum.to_expr(expr.span))
}

/// The two numbers of which `IF a <= b THEN b ELSE a` is the larger.
fn larger(expr: &Expr) -> Option<(&Expr, &Expr)> {
    let ExprKind::If(condition, then, otherwise) = &expr.kind else { return None };
    let ExprKind::Compare(Comparison::LessEqual, a, b) = &condition.kind else { return None };
    (alike(a, otherwise) && alike(b, then)).then_some((then, otherwise))
}

/// What a formula, or its negation, says of sums.
pub(super) fn bounds(formula: &Expr, holds: bool, into: &mut Vec<Bound>) {
    let difference = |greater: &Expr, less: &Expr, slack: i128| {
        Linear::of(greater)?.minus(&Linear::of(less)?)?.plus_constant(slack)
    };
    let mut at_least = |greater: &Expr, less: &Expr, slack: i128| {
        into.extend(difference(greater, less, slack).map(Arc::new).map(Bound::NotNegative));
    };
    match (&formula.kind, holds) {
        (ExprKind::Compare(Comparison::LessEqual, a, b), true) => at_least(b, a, 0),
        (ExprKind::Compare(Comparison::Less, a, b), true) => at_least(b, a, -1),
        (ExprKind::Compare(Comparison::LessEqual, a, b), false) => at_least(a, b, -1),
        (ExprKind::Compare(Comparison::Less, a, b), false) => at_least(a, b, 0),
        (ExprKind::Equal(a, b), true) if a.sort == Sort::Int => {
            at_least(a, b, 0);
            at_least(b, a, 0);
            if let Some((one, other)) = larger(b) {
                at_least(a, one, 0);
                at_least(a, other, 0);
            }
        }
        (ExprKind::Equal(a, b), false) if a.sort == Sort::Int => {
            into.extend(difference(a, b, 0).map(Arc::new).map(Bound::NotZero));
        }
        (ExprKind::In(a, set), true) => match &set.kind {
            ExprKind::Range(low, high) => {
                at_least(a, low, 0);
                at_least(high, a, 0);
            }
            ExprKind::Builtin(BuiltinSet::Nat) => {
                into.extend(Linear::of(a).map(Arc::new).map(Bound::NotNegative));
            }
            _ => {}
        },
        _ => {}
    }
}

impl Rewriter<'_> {
    /// Whether `low <= high` follows from what is known.
    pub(super) fn at_most(&mut self, low: &Expr, high: &Expr) -> bool {
        let difference = || Linear::of(high)?.minus(&Linear::of(low)?);
        difference().is_some_and(|difference| self.not_negative(&difference))
    }

    /// Whether `low < high` follows from what is known.
    pub(super) fn below(&mut self, low: &Expr, high: &Expr) -> bool {
        let difference = || Linear::of(high)?.minus(&Linear::of(low)?)?.plus_constant(-1);
        difference().is_some_and(|difference| self.not_negative(&difference))
    }

    /// Whether a sum is known not to be negative.
    pub(super) fn not_negative(&mut self, sum: &Linear) -> bool {
        if let Some(constant) = sum.constant() {
            return constant >= 0;
        }
        let question = (self.moment(), sum.identity());
        if let Some(answer) = self.signs.get(&question) {
            return *answer;
        }
        let answer = self.not_negative_by_bounds(sum);
        self.signs.insert(question, answer);
        answer
    }

    fn not_negative_by_bounds(&mut self, sum: &Linear) -> bool {
        let mut known: Vec<Arc<Linear>> = Vec::new();
        let mut not_zero: Vec<Arc<Linear>> = Vec::new();
        for bound in self.known.bounds() {
            match bound {
                Bound::NotNegative(sum) => known.push(Arc::clone(sum)),
                Bound::NotZero(sum) => not_zero.push(Arc::clone(sum)),
            }
        }
        let terms: BTreeMap<Key, Expr> = std::iter::once(sum)
            .chain(not_zero.iter().map(Arc::as_ref))
            .flat_map(|sum| &sum.terms)
            .map(|(key, (_, _, term))| (key.clone(), term.clone()))
            .collect();
        for term in terms.values() {
            let natural = match &term.kind {
                ExprKind::Len(of) => self.is_sequence(of),
                _ => self.is_natural(term),
            };
            if natural {
                known.extend(Linear::of(term).map(Arc::new));
            }
        }
        // A question that a pattern asks is a small one.
        let with_pairs = self.depth == 0;
        for sum in not_zero {
            for signed in [Some(sum.as_ref().clone()), sum.negated()].into_iter().flatten() {
                if follows(&signed, &known, with_pairs) {
                    known.extend(signed.plus_constant(-1).map(Arc::new));
                }
            }
        }
        follows(sum, &known, with_pairs)
    }

    /// The truth value of a comparison, as far as what is known decides it.
    pub(super) fn comparison(&mut self, op: Comparison, left: &Expr, right: &Expr) -> Option<bool> {
        let (holds, fails) = match op {
            Comparison::Less => (self.below(left, right), self.at_most(right, left)),
            Comparison::LessEqual => (self.at_most(left, right), self.below(right, left)),
        };
        if holds {
            return Some(true);
        }
        fails.then_some(false)
    }

    /// Whether two numbers are equal, as far as what is known decides it.
    pub(super) fn equal_numbers(&mut self, left: &Expr, right: &Expr) -> Option<bool> {
        if self.below(left, right) || self.below(right, left) {
            return Some(false);
        }
        (self.at_most(left, right) && self.at_most(right, left)).then_some(true)
    }

    /// Ranges are equal if their bounds are, or if both are empty.
    pub(super) fn equal_ranges(&mut self, left: (&Expr, &Expr), right: (&Expr, &Expr), span: Span) -> Expr {
        let less = |a: &Expr, b: &Expr| {
            expr::formula(ExprKind::Compare(Comparison::Less, a.clone(), b.clone()), span)
        };
        let same = expr::and([expr::equal(left.0, right.0), expr::equal(left.1, right.1)], span);
        let empty = expr::and([less(left.1, left.0), less(right.1, right.0)], span);
        self.rewrite(&expr::or([same, empty], span))
    }
}

/// Whether a sum is one (or two, if pairs are to be tried) of the known ones plus a constant that is not negative.
fn follows(sum: &Linear, known: &[Arc<Linear>], with_pairs: bool) -> bool {
    if let Some(constant) = sum.constant() {
        return constant >= 0;
    }
    let related: Vec<&Linear> =
        known.iter().map(Arc::as_ref).filter(|bound| bound.mentions_any_of(sum)).collect();
    if related.iter().any(|bound| sum.is_at_least(bound)) {
        return true;
    }
    if !with_pairs || known.len() > MAX_BOUNDS {
        return false;
    }
    related
        .iter()
        .any(|first| sum.minus(first).is_some_and(|rest| known.iter().any(|second| rest.is_at_least(second))))
}

/// A bound `e + c` for a small `c`: `e`, and `e + 1` to `e + c`.
pub(crate) fn grown(high: &Expr, by: i128) -> Option<(Expr, Vec<Expr>)> {
    let sum = Linear::of(high)?;
    let base = sum.plus_constant(by.checked_neg()?)?;
    let new: Option<Vec<Expr>> =
        (1..=by).map(|step| Some(base.plus_constant(step)?.to_expr(high.span))).collect();
    Some((base.to_expr(high.span), new?))
}

/// By how much a bound exceeds what it is made of: `c` of `e + c`; nothing for a number.
pub(super) fn excess(high: &Expr) -> Option<i128> {
    let sum = Linear::of(high)?;
    (!sum.terms.is_empty()).then_some(sum.constant)
}
