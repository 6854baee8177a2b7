//! Steps: an action formula read as a program that makes the next state.
//!
//! `x' = e` gives `x'` its value, `\E` picks one of what it ranges over, `\/` and `IF` branch; every other
//! conjunct waits until what it reads is there, and what nothing has fixed in the end may be anything.
#![allow(clippy::wildcard_enum_match_arm, reason = "actions have few forms")]

use lang::ids::IdVec;
use lang::typed::{Expr, ExprKind, LocalId, Quantifier, Time, VariableId};

use crate::builder::Builder;
use crate::circuit::{Lit, Truth};
use crate::express::Want;
use crate::value::V;

/// One way through an action.
#[derive(Clone, Debug)]
struct Branch {
    /// What must hold.
    guards: Vec<Lit>,
    next: IdVec<VariableId, Option<V>>,
    /// Formulas that read what is not there yet.
    waiting: Vec<Waiting>,
}

/// A formula with the values of its names, and whether it is primed.
type Waiting = (Expr, Vec<(LocalId, V)>, bool);

/// Ways through an action that are followed, at most.
const MAX_BRANCHES: usize = 64;

impl Builder<'_> {
    /// Makes the next state; returns what must hold for the step to be one.
    pub(crate) fn step(&mut self, action: &Expr) -> Lit {
        let mut none = IdVec::new();
        for _ in &self.module.variables {
            none.push(None);
        }
        let start = Branch { guards: Vec::new(), next: none.clone(), waiting: Vec::new() };
        let branches = self.run(action, start);
        let mut finished: Vec<(Lit, IdVec<VariableId, Option<V>>)> = Vec::new();
        for branch in branches {
            let (guard, next) = self.finish(branch);
            if guard != Lit::FALSE {
                finished.push((guard, next));
            }
        }
        if finished.is_empty() {
            self.set_next(none);
            return Lit::FALSE;
        }
        let chosen = self.circuit.one_of(finished.len());
        if self.is_state {
            self.ranks.extend(chosen.iter().filter(|guard| **guard != Lit::TRUE).map(|guard| (0, *guard)));
        }
        let mut required = Vec::with_capacity(finished.len());
        for (chosen, (guard, _)) in chosen.iter().zip(&finished) {
            required.push(self.circuit.or([!*chosen, *guard]));
        }
        let mut next = none;
        for variable in self.module.variables.ids() {
            let cases: Vec<(Lit, V)> = chosen
                .iter()
                .zip(&finished)
                .filter_map(|(chosen, (_, next))| Some((*chosen, next[variable]?)))
                .collect();
            next[variable] = Some(self.select(&cases, true));
        }
        self.set_next(next);
        self.circuit.and(required)
    }

    fn reads_next(&mut self, expr: &Expr) -> bool {
        self.is_primed && !self.reads(expr).variables.is_empty() || self.reads(expr).is_primed()
    }

    /// Whether all next values that a formula reads are there.
    fn is_ready(&mut self, expr: &Expr, branch: &Branch) -> bool {
        let is_primed = self.is_primed;
        let reads = self.reads(expr);
        reads.variables.iter().all(|(variable, time)| match (time, is_primed) {
            (Time::Now, false) => true,
            _ => branch.next[*variable].is_some(),
        })
    }

    fn run(&mut self, action: &Expr, mut branch: Branch) -> Vec<Branch> {
        if self.is_stopped() {
            return Vec::new();
        }
        if !self.reads_next(action) {
            let truth = self.formula(action, Want::YES);
            if truth.yes == Lit::FALSE {
                return Vec::new();
            }
            branch.guards.push(truth.yes);
            return vec![branch];
        }
        match &action.kind {
            ExprKind::And(items) => {
                let mut branches = vec![branch];
                for item in items {
                    let mut after = Vec::new();
                    for branch in branches {
                        after.extend(self.run(item, branch));
                    }
                    after.truncate(MAX_BRANCHES);
                    branches = after;
                }
                branches
            }
            ExprKind::Or(items) => {
                let mut branches = Vec::new();
                for item in items {
                    branches.extend(self.run(item, branch.clone()));
                }
                branches.truncate(MAX_BRANCHES);
                branches
            }
            ExprKind::ActionBox(inner, subscript) => {
                let mut branches = self.run(inner, branch.clone());
                self.assign_unchanged(subscript, &mut branch);
                branches.push(branch);
                branches
            }
            ExprKind::If(condition, then, otherwise) if !self.reads_next(condition) => {
                let condition = self.formula(condition, Want::BOTH);
                let mut branches = Vec::new();
                for (guard, part) in [(condition.yes, then), (condition.no, otherwise)] {
                    if guard != Lit::FALSE {
                        let mut branch = branch.clone();
                        branch.guards.push(guard);
                        branches.extend(self.run(part, branch));
                    }
                }
                branches
            }
            ExprKind::Quantifier(Quantifier::Exists, binders, body)
                if binders
                    .iter()
                    .all(|binder| binder.domain.as_ref().is_none_or(|domain| !self.reads_next(domain))) =>
            {
                let domains: Vec<V> = binders.iter().map(|binder| self.domain_of(binder)).collect();
                let mut outer = Vec::with_capacity(binders.len());
                for (binder, domain) in binders.iter().zip(domains) {
                    let (value, inside) = self.fresh_member(domain, 1);
                    branch.guards.push(inside.yes);
                    outer.push((binder.local, self.locals.insert(binder.local, value)));
                }
                let branches =
                    if branch.guards.contains(&Lit::FALSE) { Vec::new() } else { self.run(body, branch) };
                self.restore(outer);
                branches
            }
            ExprKind::Apply(operator, args, time) if !self.module.operators[*operator].recursive => {
                let args: Vec<V> = args.iter().map(|arg| self.value(arg)).collect();
                let definition = &self.module.operators[*operator];
                let outer: Vec<_> = definition
                    .params
                    .iter()
                    .zip(args)
                    .map(|(param, value)| (*param, self.locals.insert(*param, value)))
                    .collect();
                let outer_primed = self.is_primed;
                self.is_primed |= *time == Time::Next;
                let branches = self.run(&definition.body, branch);
                self.is_primed = outer_primed;
                self.restore(outer);
                branches
            }
            ExprKind::Unchanged(inner) => {
                self.assign_unchanged(inner, &mut branch);
                vec![branch]
            }
            ExprKind::Equal(left, right) | ExprKind::Iff(left, right) => {
                for (target, value) in [(left, right), (right, left)] {
                    if let Some(variable) = self.target(target, &branch)
                        && self.is_ready(value, &branch)
                    {
                        self.set_next(branch.next.clone());
                        branch.next[variable] = Some(self.value(value));
                        return vec![branch];
                    }
                }
                self.wait(action, branch)
            }
            ExprKind::In(target, set) => {
                if let Some(variable) = self.target(target, &branch)
                    && self.is_ready(set, &branch)
                {
                    self.set_next(branch.next.clone());
                    let set = self.value(set);
                    let (value, inside) = self.fresh_member(set, 0);
                    branch.guards.push(inside.yes);
                    branch.next[variable] = Some(value);
                    return vec![branch];
                }
                self.wait(action, branch)
            }
            _ => self.wait(action, branch),
        }
    }

    fn restore(&mut self, outer: Vec<(LocalId, Option<V>)>) {
        for (local, value) in outer {
            match value {
                Some(value) => {
                    self.locals.insert(local, value);
                }
                None => {
                    self.locals.swap_remove(&local);
                }
            }
        }
    }

    /// The variable that `x'` is, if it has no value yet.
    fn target(&self, expr: &Expr, branch: &Branch) -> Option<VariableId> {
        match &expr.kind {
            ExprKind::Variable(variable, time)
                if (*time == Time::Next || self.is_primed) && branch.next[*variable].is_none() =>
            {
                Some(*variable)
            }
            _ => None,
        }
    }

    fn assign_unchanged(&mut self, expr: &Expr, branch: &mut Branch) {
        match &expr.kind {
            ExprKind::Variable(variable, Time::Now) => {
                let old = self.now[*variable];
                match branch.next[*variable] {
                    None => branch.next[*variable] = old,
                    Some(new) => {
                        let same = match old {
                            Some(old) => self.equal(old, new),
                            None => Truth::UNKNOWN,
                        };
                        branch.guards.push(same.yes);
                    }
                }
            }
            ExprKind::Tuple(items) => items.iter().for_each(|item| self.assign_unchanged(item, branch)),
            ExprKind::Apply(operator, args, Time::Now) if args.is_empty() => {
                let body = self.module.operators[*operator].body.clone();
                self.assign_unchanged(&body, branch);
            }
            _ => {
                // `UNCHANGED f[a]`: what it reads may change otherwise.
                let unchanged =
                    Expr::new(ExprKind::Unchanged(expr.clone()), lang::sort::Sort::Bool, expr.span);
                let locals = self.captured(&unchanged);
                self.keep_alive.push(unchanged.clone());
                branch.waiting.push((unchanged, locals, self.is_primed));
            }
        }
    }

    fn captured(&mut self, expr: &Expr) -> Vec<(LocalId, V)> {
        let reads = self.reads(expr);
        reads.locals.iter().filter_map(|local| self.locals.get(local).map(|value| (*local, *value))).collect()
    }

    fn wait(&mut self, formula: &Expr, mut branch: Branch) -> Vec<Branch> {
        let locals = self.captured(formula);
        branch.waiting.push((formula.clone(), locals, self.is_primed));
        vec![branch]
    }

    /// Takes assignments that have become ready, gives the rest any value, and reads what was left.
    fn finish(&mut self, mut branch: Branch) -> (Lit, IdVec<VariableId, Option<V>>) {
        loop {
            let n_assigned = branch.next.iter().flatten().count();
            for (formula, locals, is_primed) in std::mem::take(&mut branch.waiting) {
                let outer_locals = std::mem::take(&mut self.locals);
                self.locals.extend(locals.iter().copied());
                let outer_primed = std::mem::replace(&mut self.is_primed, is_primed);
                let is_assignment =
                    matches!(&formula.kind, ExprKind::Equal(..) | ExprKind::Iff(..) | ExprKind::In(..));
                if is_assignment {
                    let mut after = self.run(&formula, branch.clone());
                    if let (Some(only), true) = (after.pop(), after.is_empty()) {
                        branch = only;
                    }
                } else {
                    branch.waiting.push((formula, locals, is_primed));
                }
                self.is_primed = outer_primed;
                self.locals = outer_locals;
            }
            if branch.next.iter().flatten().count() == n_assigned {
                break;
            }
        }
        for variable in self.module.variables.ids() {
            if branch.next[variable].is_none() {
                let sort = &self.module.variables[variable].sort;
                branch.next[variable] = Some(self.fresh_of_sort(sort, 0));
            }
        }
        self.set_next(branch.next.clone());
        let mut guards = branch.guards;
        for (formula, locals, is_primed) in branch.waiting {
            let outer_locals = std::mem::take(&mut self.locals);
            self.locals.extend(locals);
            let outer_primed = std::mem::replace(&mut self.is_primed, is_primed);
            let truth = self.formula(&formula, Want::YES);
            guards.push(truth.yes);
            self.is_primed = outer_primed;
            self.locals = outer_locals;
        }
        for value in branch.next.iter().flatten().copied().collect::<Vec<V>>() {
            guards.push(self.defined(value));
        }
        (self.circuit.and(guards), branch.next)
    }
}
