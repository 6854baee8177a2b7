//! Formulas of many obligations, printed so that equal formulas have equal texts and a text need be kept once.
//!
//! Invariants: within an obligation two names that are free in its formulas have two spellings; a bound name has
//! a spelling that nothing else in its formula has. What a formula without free names looks like depends on
//! nothing but the formula.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexSet;
use lang::print_typed;
use lang::typed::{Expr, LocalId, Module};

use super::collect_locals;
use crate::obligation::{Hypothesis, Obligation};
use crate::program::Program;

/// Prints obligations of one program.
#[derive(Debug)]
pub struct SharedPrinter<'a> {
    program: &'a Program,
    module: Module,
}

/// What an obligation says, as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// What is to be proved.
    pub goal: String,
    /// The hypotheses that were asked for, each with its position in the obligation.
    pub hypotheses: Vec<(usize, String)>,
}

impl<'a> SharedPrinter<'a> {
    /// A printer for the obligations of a program.
    pub fn new(program: &'a Program) -> Self {
        Self { program, module: Module { locals: program.all_locals(), ..program.module.clone() } }
    }

    /// The goal of an obligation, and those of its hypotheses that are wanted.
    pub fn statement(
        &mut self,
        obligation: &Obligation,
        is_wanted: impl Fn(&Hypothesis) -> bool,
    ) -> Statement {
        let mut free = Free::default();
        let goal = self.formula(&mut free, &obligation.goal);
        let wanted = obligation.hypotheses.iter().enumerate().filter(|(_, hypothesis)| is_wanted(hypothesis));
        let hypotheses = wanted
            .map(|(position, hypothesis)| (position, self.formula(&mut free, &hypothesis.formula)))
            .collect();
        Statement { goal, hypotheses }
    }

    /// A formula on one line, with spellings for names that are free in what was printed before.
    fn formula(&mut self, free: &mut Free, formula: &Expr) -> String {
        let mut met = IndexSet::new();
        collect_locals(formula, &mut met);
        let mut bound = BTreeSet::new();
        collect_bound(formula, &mut bound);
        let (bound, own_free): (Vec<LocalId>, Vec<LocalId>) =
            met.into_iter().partition(|local| bound.contains(local));
        let mut taken: BTreeSet<String> = BTreeSet::new();
        for local in own_free {
            let spelling = free.spelling(self.program, local);
            self.module.locals[local].name.clone_from(&spelling);
            taken.insert(spelling);
        }
        for local in bound {
            let spelling = unused(&self.program.local(local).name, &taken);
            self.module.locals[local].name.clone_from(&spelling);
            taken.insert(spelling);
        }
        print_typed::expr(&self.module, formula)
    }
}

/// Spellings of the free names of an obligation.
#[derive(Debug, Default)]
struct Free {
    spellings: BTreeMap<LocalId, String>,
    taken: BTreeSet<String>,
}

impl Free {
    fn spelling(&mut self, program: &Program, local: LocalId) -> String {
        if let Some(known) = self.spellings.get(&local) {
            return known.clone();
        }
        let spelling = unused(&program.local(local).name, &self.taken);
        self.taken.insert(spelling.clone());
        self.spellings.insert(local, spelling.clone());
        spelling
    }
}

/// The name itself, or else the first of `name_2`, `name_3`, ... that is not taken.
fn unused(name: &str, taken: &BTreeSet<String>) -> String {
    if !taken.contains(name) {
        return name.to_owned();
    }
    let mut number = 2;
    loop {
        let numbered = format!("{name}_{number}");
        if !taken.contains(&numbered) {
            return numbered;
        }
        number += 1;
    }
}

fn collect_bound(it: &Expr, bound: &mut BTreeSet<LocalId>) {
    bound.extend(it.binders().iter().map(|binder| binder.local));
    it.for_each_child(&mut |child| collect_bound(child, bound));
}
