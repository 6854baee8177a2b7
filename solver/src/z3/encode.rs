//! From a condition to Z3's terms.
//!
//! Invariant: sorts, symbols, variables and quantifiers are named by the order in which they are met (`s0`, `f0`,
//! `v0`, `q0`), so the cost of a check depends on the structure of what is asserted and not on anybody's names,
//! nor on declarations that are not used.

use std::collections::BTreeMap;

use vcgen::vc::{ArithOp, Quant, Stage, SymbolId, Term, VarId, Vc, VcSort, VcSortId};
use z3::ast::{Ast, Bool, Dynamic, Int, quantifier_const};
use z3::{FuncDecl, Pattern, Solver, Sort, Symbol};

use crate::backend::SolverError;

/// What a check asserts, and the declarations met on the way.
pub(super) struct Encoded {
    /// The hypotheses of the stage.
    pub(super) hypotheses: Vec<EncodedHypothesis>,
    /// The negated goal.
    negated_goal: Option<Bool>,
    /// Sorts in the order in which they were met.
    pub(super) sorts: Vec<(VcSortId, Sort)>,
    /// Symbols in the order in which they were met.
    pub(super) symbols: Vec<(SymbolId, FuncDecl)>,
}

/// A hypothesis with the literal that stands for it in cores.
pub(super) struct EncodedHypothesis {
    /// Its place in the condition.
    pub(super) index: usize,
    /// Assumed true in the check.
    pub(super) literal: Bool,
    formula: Bool,
}

impl Encoded {
    /// Asserts everything; a hypothesis counts only under its literal.
    pub(super) fn assert_into(&self, solver: &Solver) {
        for hypothesis in &self.hypotheses {
            solver.assert(hypothesis.literal.implies(&hypothesis.formula));
        }
        if let Some(goal) = &self.negated_goal {
            solver.assert(goal);
        }
    }

    /// The literals of all hypotheses, and never none: with assumptions Z3 goes straight to its SMT core, without them
    /// it would first run the tactics that it thinks fit, at twice the cost.
    pub(super) fn assumptions(&self) -> Vec<Bool> {
        let mut literals: Vec<Bool> =
            self.hypotheses.iter().map(|hypothesis| hypothesis.literal.clone()).collect();
        if literals.is_empty() {
            literals.push(Bool::new_const("h"));
        }
        literals
    }
}

/// Encodes what `stage` asserts of a well-formed condition, in this thread's context.
pub(super) fn encode(vc: &Vc, stage: &Stage) -> Result<Encoded, SolverError> {
    let mut encoder = Encoder {
        vc,
        sorts: Table::default(),
        symbols: Table::default(),
        scope: Vec::new(),
        n_vars: 0,
        n_quants: 0,
    };
    let mut hypotheses = Vec::new();
    for (index, hypothesis) in vc.hypotheses.iter().enumerate() {
        if hypothesis.tier <= stage.tier {
            let formula = encoder.formula(&hypothesis.formula)?;
            let literal = Bool::new_const(format!("h{}", hypotheses.len()));
            hypotheses.push(EncodedHypothesis { index, literal, formula });
        }
    }
    let negated_goal = match &vc.goal {
        Some(goal) => Some(encoder.formula(goal)?.not()),
        None => None,
    };
    Ok(Encoded { hypotheses, negated_goal, sorts: encoder.sorts.items, symbols: encoder.symbols.items })
}

/// Declarations by id, in the order in which they were met.
struct Table<I, T> {
    items: Vec<(I, T)>,
    places: BTreeMap<I, usize>,
}

impl<I, T> Default for Table<I, T> {
    fn default() -> Self {
        Self { items: Vec::new(), places: BTreeMap::new() }
    }
}

impl<I: Copy + Ord, T> Table<I, T> {
    fn get(&self, id: I) -> Option<&T> {
        self.places.get(&id).map(|place| &self.items[*place].1)
    }

    fn push(&mut self, id: I, item: T) {
        self.places.insert(id, self.items.len());
        self.items.push((id, item));
    }
}

struct Encoder<'a> {
    vc: &'a Vc,
    sorts: Table<VcSortId, Sort>,
    symbols: Table<SymbolId, FuncDecl>,
    /// Bound variables, innermost last, as the constants that Z3 turns into bound variables.
    scope: Vec<(VarId, Dynamic)>,
    n_vars: usize,
    n_quants: usize,
}

impl Encoder<'_> {
    fn sort(&mut self, sort: VcSort) -> Sort {
        match sort {
            VcSort::Bool => Sort::bool(),
            VcSort::Int => Sort::int(),
            VcSort::Uninterpreted(id) => {
                if let Some(sort) = self.sorts.get(id) {
                    return sort.clone();
                }
                let sort = Sort::uninterpreted(Symbol::String(format!("s{}", self.sorts.items.len())));
                self.sorts.push(id, sort.clone());
                sort
            }
        }
    }

    fn declare(&mut self, id: SymbolId) {
        if self.symbols.get(id).is_some() {
            return;
        }
        let symbol = &self.vc.symbols[id];
        let args: Vec<Sort> = symbol.args.iter().map(|sort| self.sort(*sort)).collect();
        let result = self.sort(symbol.result);
        let args: Vec<&Sort> = args.iter().collect();
        let declaration = FuncDecl::new(format!("f{}", self.symbols.items.len()), &args, &result);
        self.symbols.push(id, declaration);
    }

    fn formula(&mut self, term: &Term) -> Result<Bool, SolverError> {
        self.term(term)?.as_bool().ok_or_else(|| ill_formed("a formula is expected"))
    }

    fn formulas(&mut self, terms: &[Term]) -> Result<Vec<Bool>, SolverError> {
        terms.iter().map(|term| self.formula(term)).collect()
    }

    fn int(&mut self, term: &Term) -> Result<Int, SolverError> {
        self.term(term)?.as_int().ok_or_else(|| ill_formed("an integer is expected"))
    }

    fn term(&mut self, term: &Term) -> Result<Dynamic, SolverError> {
        Ok(match term {
            Term::Bool(value) => Bool::from_bool(*value).into(),
            Term::Int(value) => integer(*value)?.into(),
            Term::Var(var) => self
                .scope
                .iter()
                .rev()
                .find(|(bound, _)| bound == var)
                .map(|(_, constant)| constant.clone())
                .ok_or_else(|| ill_formed("a variable is not bound"))?,
            Term::App(symbol, args) => self.application(*symbol, args)?,
            Term::Not(operand) => self.formula(operand)?.not().into(),
            Term::And(operands) => match operands.as_slice() {
                [] => Bool::from_bool(true).into(),
                [operand] => self.term(operand)?,
                _ => Bool::and(&self.formulas(operands)?).into(),
            },
            Term::Or(operands) => match operands.as_slice() {
                [] => Bool::from_bool(false).into(),
                [operand] => self.term(operand)?,
                _ => Bool::or(&self.formulas(operands)?).into(),
            },
            Term::Implies(left, right) => {
                let left = self.formula(left)?;
                left.implies(&self.formula(right)?).into()
            }
            Term::Eq(left, right) => {
                let left = self.term(left)?;
                let right = self.term(right)?;
                left.safe_eq(right).map_err(|_| ill_formed("an equality joins two sorts"))?.into()
            }
            Term::Distinct(terms) if terms.len() < 2 => Bool::from_bool(true).into(),
            Term::Distinct(terms) => {
                let terms = terms.iter().map(|term| self.term(term)).collect::<Result<Vec<_>, _>>()?;
                Dynamic::distinct(&terms).into()
            }
            Term::Ite(condition, then, otherwise) => {
                let condition = self.formula(condition)?;
                let then = self.term(then)?;
                condition.ite(&then, &self.term(otherwise)?)
            }
            Term::Arith(op, left, right) => {
                let left = self.int(left)?;
                let right = self.int(right)?;
                match op {
                    ArithOp::Add => Int::add(&[left, right]),
                    ArithOp::Sub => Int::sub(&[left, right]),
                    ArithOp::Mul => Int::mul(&[left, right]),
                    ArithOp::Div => left.div(&right),
                    ArithOp::Mod => left.modulo(&right),
                }
                .into()
            }
            Term::Lt(left, right) => {
                let left = self.int(left)?;
                left.lt(&self.int(right)?).into()
            }
            Term::Le(left, right) => {
                let left = self.int(left)?;
                left.le(&self.int(right)?).into()
            }
            Term::Quant(quant) => self.quantifier(quant)?.into(),
        })
    }

    fn application(&mut self, symbol: SymbolId, args: &[Term]) -> Result<Dynamic, SolverError> {
        self.declare(symbol);
        let args = args.iter().map(|arg| self.term(arg)).collect::<Result<Vec<_>, _>>()?;
        let args: Vec<&dyn Ast> = args.iter().map(|arg| -> &dyn Ast { arg }).collect();
        let declaration = self.symbols.get(symbol).ok_or_else(|| ill_formed("a symbol is not declared"))?;
        Ok(declaration.apply(&args))
    }

    fn quantifier(&mut self, quant: &Quant) -> Result<Bool, SolverError> {
        let name = format!("q{}", self.n_quants);
        self.n_quants += 1;
        let n_outer = self.scope.len();
        for (var, sort) in &quant.vars {
            let sort = self.sort(*sort);
            let constant = Dynamic::new_const(format!("v{}", self.n_vars), &sort);
            self.n_vars += 1;
            self.scope.push((*var, constant));
        }
        let body = self.formula(&quant.body)?;
        let mut patterns = Vec::new();
        for trigger in &quant.triggers {
            let terms = trigger.iter().map(|term| self.term(term)).collect::<Result<Vec<_>, _>>()?;
            let terms: Vec<&dyn Ast> = terms.iter().map(|term| -> &dyn Ast { term }).collect();
            patterns.push(Pattern::new(&terms));
        }
        let bound = self.scope.split_off(n_outer);
        let bound: Vec<&dyn Ast> = bound.iter().map(|(_, constant)| -> &dyn Ast { constant }).collect();
        let patterns: Vec<&Pattern> = patterns.iter().collect();
        // The weight is the one that an SMT-LIB text without `:weight` has.
        Ok(quantifier_const(quant.forall, 1, name.clone(), name, &bound, &patterns, &[], &body))
    }
}

fn integer(value: i128) -> Result<Int, SolverError> {
    match i64::try_from(value) {
        Ok(value) => Ok(Int::from_i64(value)),
        Err(_) => value.to_string().parse().map_err(|()| ill_formed("a number is refused")),
    }
}

fn ill_formed(problem: &str) -> SolverError {
    SolverError::IllFormed(problem.to_owned())
}
