//! Checks the invariants of a condition before any solver sees it.
//!
//! Invariant: what passes here is well-sorted and closed, so that encoding and printing cannot go wrong, and a
//! solver never has to be trusted to notice.

use std::collections::BTreeSet;

use lang::ids::Id;
use vcgen::vc::{Quant, Stage, SymbolId, Term, VarId, Vc, VcSort};

use crate::backend::SolverError;

/// Checks what `stage` asserts of `vc`: its hypotheses, the goal and the declarations.
pub(crate) fn check(vc: &Vc, stage: &Stage) -> Result<(), SolverError> {
    let ctx = Ctx { vc };
    let declared = vc.symbols.iter().all(|symbol| {
        symbol.args.iter().chain([&symbol.result]).all(|sort| match sort {
            VcSort::Uninterpreted(id) => id.index() < vc.sorts.len(),
            VcSort::Bool | VcSort::Int => true,
        })
    });
    if !declared {
        return Err(SolverError::IllFormed("a symbol has an undeclared sort".to_owned()));
    }
    let mut labels = BTreeSet::new();
    for hypothesis in &vc.hypotheses {
        if !labels.insert(&hypothesis.label) {
            return Err(SolverError::IllFormed(format!(
                "two hypotheses have the label `{}`",
                hypothesis.label
            )));
        }
    }
    let asserted = vc.hypotheses.iter().filter(|hypothesis| hypothesis.tier <= stage.tier);
    for (formula, place) in asserted
        .map(|hypothesis| (&hypothesis.formula, hypothesis.label.as_str()))
        .chain(vc.goal.iter().map(|goal| (goal, "the goal")))
    {
        ctx.expect(formula, VcSort::Bool, &mut Vec::new())
            .map_err(|problem| SolverError::IllFormed(format!("in `{place}`: {problem}")))?;
    }
    Ok(())
}

struct Ctx<'a> {
    vc: &'a Vc,
}

/// The variables in scope, innermost last.
type Scope = Vec<(VarId, VcSort)>;

impl Ctx<'_> {
    fn expect(&self, term: &Term, sort: VcSort, scope: &mut Scope) -> Result<(), String> {
        let found = self.sort(term, scope)?;
        if found == sort {
            Ok(())
        } else {
            Err(format!("{sort:?} is expected, but a term has sort {found:?}"))
        }
    }

    fn expect_all<'t>(
        &self,
        terms: impl IntoIterator<Item = &'t Term>,
        sort: VcSort,
        scope: &mut Scope,
    ) -> Result<(), String> {
        terms.into_iter().try_for_each(|term| self.expect(term, sort, scope))
    }

    fn sort(&self, term: &Term, scope: &mut Scope) -> Result<VcSort, String> {
        match term {
            Term::Bool(_) => Ok(VcSort::Bool),
            Term::Int(_) => Ok(VcSort::Int),
            Term::Var(var) => scope
                .iter()
                .rev()
                .find(|(bound, _)| bound == var)
                .map(|(_, sort)| *sort)
                .ok_or_else(|| format!("variable {} is not bound", var.index())),
            Term::App(symbol, args) => self.application(*symbol, args, scope),
            Term::Not(operand) => self.expect(operand, VcSort::Bool, scope).map(|()| VcSort::Bool),
            Term::And(operands) | Term::Or(operands) => {
                self.expect_all(operands, VcSort::Bool, scope).map(|()| VcSort::Bool)
            }
            Term::Implies(left, right) => {
                self.expect_all([&**left, &**right], VcSort::Bool, scope).map(|()| VcSort::Bool)
            }
            Term::Eq(left, right) => {
                let sort = self.sort(left, scope)?;
                self.expect(right, sort, scope).map(|()| VcSort::Bool)
            }
            Term::Distinct(terms) => {
                if let Some((first, rest)) = terms.split_first() {
                    let sort = self.sort(first, scope)?;
                    self.expect_all(rest, sort, scope)?;
                }
                Ok(VcSort::Bool)
            }
            Term::Ite(condition, then, otherwise) => {
                self.expect(condition, VcSort::Bool, scope)?;
                let sort = self.sort(then, scope)?;
                self.expect(otherwise, sort, scope).map(|()| sort)
            }
            Term::Arith(_, left, right) => {
                self.expect_all([&**left, &**right], VcSort::Int, scope).map(|()| VcSort::Int)
            }
            Term::Lt(left, right) | Term::Le(left, right) => {
                self.expect_all([&**left, &**right], VcSort::Int, scope).map(|()| VcSort::Bool)
            }
            Term::Quant(quant) => self.quantifier(quant, scope).map(|()| VcSort::Bool),
        }
    }

    fn application(&self, symbol: SymbolId, args: &[Term], scope: &mut Scope) -> Result<VcSort, String> {
        if symbol.index() >= self.vc.symbols.len() {
            return Err(format!("symbol {} is not declared", symbol.index()));
        }
        let declared = &self.vc.symbols[symbol];
        if declared.args.len() != args.len() {
            let (wants, has) = (declared.args.len(), args.len());
            return Err(format!("`{}` wants {wants} arguments, but has {has}", declared.name));
        }
        for (arg, sort) in args.iter().zip(&declared.args) {
            self.expect(arg, *sort, scope)
                .map_err(|problem| format!("under `{}`: {problem}", declared.name))?;
        }
        Ok(declared.result)
    }

    fn quantifier(&self, quant: &Quant, scope: &mut Scope) -> Result<(), String> {
        if quant.vars.is_empty() {
            return Err("a quantifier binds nothing".to_owned());
        }
        for (position, (var, sort)) in quant.vars.iter().enumerate() {
            if quant.vars[..position].iter().any(|(other, _)| other == var) {
                return Err(format!("a quantifier binds variable {} twice", var.index()));
            }
            if let VcSort::Uninterpreted(id) = sort
                && id.index() >= self.vc.sorts.len()
            {
                return Err(format!("variable {} has an undeclared sort", var.index()));
            }
        }
        let n_outer = scope.len();
        scope.extend_from_slice(&quant.vars);
        for trigger in &quant.triggers {
            self.trigger(quant, trigger, scope)?;
        }
        self.expect(&quant.body, VcSort::Bool, scope)?;
        scope.truncate(n_outer);
        Ok(())
    }

    fn trigger(&self, quant: &Quant, trigger: &[Term], scope: &mut Scope) -> Result<(), String> {
        let mut mentioned = BTreeSet::new();
        for term in trigger {
            self.sort(term, scope)?;
            if !matches!(term, Term::App(_, args) if !args.is_empty()) || !matchable(term, &mut mentioned) {
                return Err(format!("a trigger of `{}` is not made of applications", quant.name));
            }
        }
        if quant.vars.iter().all(|(var, _)| mentioned.contains(var)) {
            Ok(())
        } else {
            Err(format!("a trigger of `{}` does not mention every variable", quant.name))
        }
    }
}

/// Whether a solver can match `term`: it has no connective and no quantifier. Gathers its variables.
fn matchable(term: &Term, mentioned: &mut BTreeSet<VarId>) -> bool {
    match term {
        Term::Bool(_) | Term::Int(_) => true,
        Term::Var(var) => {
            mentioned.insert(*var);
            true
        }
        Term::App(_, args) => args.iter().all(|arg| matchable(arg, mentioned)),
        Term::Arith(_, left, right) => matchable(left, mentioned) && matchable(right, mentioned),
        Term::Not(_)
        | Term::And(_)
        | Term::Or(_)
        | Term::Implies(..)
        | Term::Eq(..)
        | Term::Distinct(_)
        | Term::Ite(..)
        | Term::Lt(..)
        | Term::Le(..)
        | Term::Quant(_) => false,
    }
}
