//! The unknown constants and variables, made from what is known of where they lie.
#![allow(clippy::wildcard_enum_match_arm, reason = "few formulas tell where a name lies")]

use lang::typed::{ConstantId, Expr, ExprKind, Module, Time, VariableId};

use crate::builder::Builder;
use crate::circuit::{Lit, Truth};
use crate::value::V;

/// A constant or a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Name {
    Constant(ConstantId),
    Variable(VariableId),
}

/// How a name lies in something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lies {
    Equal,
    Member,
    Subset,
}

/// The conjuncts of formulas, through operators without parameters.
pub(crate) fn conjuncts(module: &Module, formula: &Expr, into: &mut Vec<Expr>) {
    match &formula.kind {
        ExprKind::And(items) => items.iter().for_each(|item| conjuncts(module, item, into)),
        ExprKind::Apply(operator, args, Time::Now)
            if args.is_empty() && !module.operators[*operator].recursive =>
        {
            conjuncts(module, &module.operators[*operator].body, into);
        }
        _ => into.push(formula.clone()),
    }
}

fn name(expr: &Expr) -> Option<Name> {
    match &expr.kind {
        ExprKind::Constant(id) => Some(Name::Constant(*id)),
        ExprKind::Variable(id, Time::Now) => Some(Name::Variable(*id)),
        _ => None,
    }
}

/// `x = e`, `x \in S`, `S \subseteq T`: the name and where it lies.
fn placed(formula: &Expr) -> Vec<(Name, Lies, Expr)> {
    match &formula.kind {
        ExprKind::Equal(left, right) => {
            let there = name(left).map(|name| (name, Lies::Equal, right.clone()));
            let back = name(right).map(|name| (name, Lies::Equal, left.clone()));
            there.into_iter().chain(back).collect()
        }
        ExprKind::In(left, set) => {
            name(left).map(|name| (name, Lies::Member, set.clone())).into_iter().collect()
        }
        ExprKind::SubsetEq(left, set) => {
            name(left).map(|name| (name, Lies::Subset, set.clone())).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

impl Builder<'_> {
    /// Makes all constants and variables, each in the order in which others are told from it. Returns what must
    /// hold of them besides.
    pub(crate) fn make_unknowns(&mut self, assumptions: &[Expr], before: &[Expr]) -> Lit {
        self.is_state = true;
        let mut formulas = Vec::new();
        for formula in assumptions.iter().chain(before) {
            conjuncts(self.module, formula, &mut formulas);
        }
        let mut places: Vec<(Name, Lies, Expr, Expr)> = Vec::new();
        for formula in &formulas {
            for (name, lies, set) in placed(formula) {
                places.push((name, lies, set, formula.clone()));
            }
        }
        // Equations tell most.
        places.sort_by_key(|(_, lies, _, _)| *lies != Lies::Equal);
        let mut required = Vec::new();
        let module = self.module;
        let names = module.constants.ids().map(Name::Constant);
        let mut waiting: Vec<Name> = names.chain(module.variables.ids().map(Name::Variable)).collect();
        while !waiting.is_empty() {
            let n_waiting = waiting.len();
            let mut still = Vec::new();
            for name in waiting {
                match self.place(name, &places) {
                    Some(requirement) => required.push(requirement),
                    None => still.push(name),
                }
            }
            waiting = still;
            if waiting.len() == n_waiting {
                // What is told of the first needs another: it may be anything of its sort.
                let name = waiting.remove(0);
                self.make_any(name);
            }
        }
        self.keep_alive.extend(formulas);
        self.is_state = false;
        self.circuit.and(required)
    }

    /// Makes a name where it is told to lie; nothing if that reads what is not made yet.
    fn place(&mut self, name: Name, places: &[(Name, Lies, Expr, Expr)]) -> Option<Lit> {
        let mut is_told = false;
        for (other, lies, set, formula) in places {
            if *other != name {
                continue;
            }
            is_told = true;
            if !self.is_known(set) {
                continue;
            }
            let set = self.value(set);
            let (value, inside) = match lies {
                Lies::Equal => (set, Truth::TRUE),
                Lies::Member => self.fresh_member(set, 0),
                Lies::Subset => self.fresh_subset(set, 0),
            };
            let defined = self.defined(value);
            let required = self.circuit.both(inside.yes, defined);
            if required != Lit::FALSE {
                self.set_name(name, value);
                self.granted.insert(formula.address());
                return Some(required);
            }
        }
        if is_told {
            return None;
        }
        self.make_any(name);
        Some(Lit::TRUE)
    }

    /// Makes a name of which nothing is told.
    fn make_any(&mut self, name: Name) {
        let module = self.module;
        let sort = match name {
            Name::Constant(id) => &module.constants[id].sort,
            Name::Variable(id) => &module.variables[id].sort,
        };
        let value = self.fresh_of_sort(sort, 0);
        self.set_name(name, value);
    }

    /// Whether all that an expression reads has been made.
    fn is_known(&mut self, expr: &Expr) -> bool {
        let reads = self.reads(expr);
        let variables =
            reads.variables.iter().all(|(id, time)| *time == Time::Now && self.now[*id].is_some());
        reads.locals.is_empty() && variables && reads.constants.iter().all(|id| self.constants[*id].is_some())
    }

    fn set_name(&mut self, name: Name, value: V) {
        match name {
            Name::Constant(id) => self.constants[id] = Some(value),
            Name::Variable(id) => self.now[id] = Some(value),
        }
    }
}
