//! Arithmetic: division and remainder where TLA+ defines them, and powers.
//!
//! A power is an uninterpreted function of base and exponent, of which a few facts are stated that TLA+'s
//! definition implies. `0 ^ 0` and negative exponents are left open.

use lang::sort::Sort;
use lang::typed::{Arithmetic, Expr, ExprKind};

use super::{Lowering, equal, implies, not};
use crate::vc::{ArithOp, Term, VcSort};

/// The symbol of powers.
const POWER: &str = "^";

fn plain(op: ArithOp, left: Term, right: Term) -> Term {
    Term::Arith(op, Box::new(left), Box::new(right))
}

fn at_most(left: Term, right: Term) -> Term {
    Term::Le(Box::new(left), Box::new(right))
}

impl Lowering<'_> {
    /// TLA+ defines `\div` and `%` for positive divisors, where they are those of SMT-LIB.
    pub(super) fn arithmetic(&mut self, op: Arithmetic, left: &Expr, right: &Expr, e: &Expr) -> Term {
        let (a, b) = (self.one(left), self.one(right));
        let smt = match op {
            Arithmetic::Add => return plain(ArithOp::Add, a, b),
            Arithmetic::Subtract => return plain(ArithOp::Sub, a, b),
            Arithmetic::Multiply => return plain(ArithOp::Mul, a, b),
            Arithmetic::Power => {
                self.next_power(left, right);
                return self.power(&a, &b);
            }
            Arithmetic::Divide => ArithOp::Div,
            Arithmetic::Modulo => ArithOp::Mod,
        };
        let defined = Term::Lt(Box::new(Term::Int(0)), Box::new(b.clone()));
        let unspecified = self.unspecified(e).into_iter().next().unwrap_or(Term::Int(0));
        Term::Ite(Box::new(defined), Box::new(plain(smt, a, b)), Box::new(unspecified))
    }

    /// `base ^ exponent`.
    pub(super) fn power(&mut self, base: &Term, exponent: &Term) -> Term {
        if !self.symbols.has(POWER) {
            let fact = self.powers();
            self.axioms.push((format!("definition:{POWER}"), fact));
        }
        let symbol = self.symbol(POWER.to_owned(), vec![VcSort::Int; 2], VcSort::Int);
        Term::App(symbol, vec![base.clone(), exponent.clone()])
    }

    /// `b ^ 0 = 1` unless `b` is 0, `b ^ 1 = b`, and powers of positive numbers are positive.
    fn powers(&mut self) -> Term {
        let symbol = self.symbol(POWER.to_owned(), vec![VcSort::Int; 2], VcSort::Int);
        let mut vars = self.fresh_vars(&Sort::Int);
        vars.extend(self.fresh_vars(&Sort::Int));
        let terms: Vec<Term> = vars.iter().map(|(id, _)| Term::Var(*id)).collect();
        let [base, exponent] = terms.as_slice() else { return Term::Bool(true) };
        let power = Term::App(symbol, terms.clone());
        let is = |term: &Term, number| equal(term.clone(), Term::Int(number));
        let positive = vec![at_most(Term::Int(1), base.clone()), at_most(Term::Int(0), exponent.clone())];
        let facts = vec![
            implies(Term::And(vec![is(exponent, 0), not(is(base, 0))]), is(&power, 1)),
            implies(is(exponent, 1), equal(power.clone(), base.clone())),
            implies(Term::And(positive), at_most(Term::Int(1), power)),
        ];
        Self::quant(true, vars, Term::And(facts))
    }

    /// `b ^ (n + 1) = b * b ^ n` for a natural `n`, where `b` is not 0 or `n` is positive.
    fn next_power(&mut self, base: &Expr, exponent: &Expr) {
        let ExprKind::Arithmetic(Arithmetic::Add, left, right) = &exponent.kind else { return };
        let smaller = match (&left.kind, &right.kind) {
            (_, ExprKind::Int(1)) => left,
            (ExprKind::Int(1), _) => right,
            _ => return,
        };
        let whole = Expr::new(
            ExprKind::Arithmetic(Arithmetic::Power, base.clone(), exponent.clone()),
            Sort::Int,
            base.span,
        );
        let (.., is_new) = self.name_symbols("power!", &whole);
        if !is_new {
            return;
        }
        let parameters = self.parameters(&whole);
        let saved = std::mem::take(&mut self.bound);
        let (vars, fact) = self.binding(&parameters, |this| {
            let (base, next, exponent) = (this.one(base), this.one(exponent), this.one(smaller));
            let (power, next) = (this.power(&base, &exponent), this.power(&base, &next));
            let is_zero = |term: &Term| equal(term.clone(), Term::Int(0));
            let defined = Term::And(vec![
                at_most(Term::Int(0), exponent.clone()),
                Term::Or(vec![not(is_zero(&base)), not(is_zero(&exponent))]),
            ]);
            implies(defined, equal(next, plain(ArithOp::Mul, base, power)))
        });
        self.bound = saved;
        self.axioms.push(("definition:next power".to_owned(), Self::quant(true, vars, fact)));
    }
}
