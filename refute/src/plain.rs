//! Claims about constants on instances that are not made to violate them.
//!
//! The search knows finite sets only. The evaluator may see more: that a claim about all sets of numbers is false
//! for all of `Nat`, say. So where the search finds nothing, a few instances that satisfy the assumptions are
//! offered as they are, with simple values for what is chosen from nothing.

use std::collections::BTreeSet;
use std::time::Instant;

use eval::replay::Counterexample;
use eval::value::Value;
use lang::sort::Sort;
use lang::typed::{Expr, ExprKind, Module};

use crate::builder::{Builder, Literals};
use crate::express::Want;
use crate::question::{Budget, Question};
use crate::reads::children;
use crate::sat::{Answer, Sat, Watch};

/// Offers a few instances; returns the first that is confirmed.
pub(crate) fn offer(
    question: &Question<'_>,
    budget: &Budget<'_>,
    literals: &Literals,
    deadline: Instant,
    confirm: &mut dyn FnMut(&Counterexample) -> bool,
) -> Option<(Counterexample, crate::Size)> {
    let watch = Watch::new(budget.stop, deadline);
    let is_over = || watch.is_over();
    let sorts = chosen(question);
    for size in budget.sizes.iter().take(2) {
        let mut builder = Builder::new(question.module, size.clone(), literals, &is_over);
        let mut sat = Sat::new(Watch::new(budget.stop, deadline));
        let mut required = vec![builder.make_unknowns(&question.assumptions, &[])];
        for formula in &question.assumptions {
            required.push(builder.formula(formula, Want::YES).yes);
        }
        for lit in required {
            sat.require(&builder.circuit, &[lit]);
        }
        if sat.solve(&builder.circuit, &[], budget.conflicts) != Answer::Satisfiable {
            continue;
        }
        let model = sat.model(&builder.circuit);
        let Some(plain) = builder.decode_all(&model, false, false) else { continue };
        for variant in 0..2 {
            let mut candidate = plain.clone();
            for sort in &sorts {
                if let Some(value) = simple(sort, variant) {
                    candidate.instance.choices.of_nothing.entry(sort.clone()).or_insert(value);
                }
            }
            if !is_over() && confirm(&candidate) {
                return Some((candidate, size.clone()));
            }
        }
    }
    None
}

/// A simple value of a sort.
fn simple(sort: &Sort, variant: i64) -> Option<Value> {
    match sort {
        Sort::Bool => Some(Value::Bool(variant != 0)),
        Sort::Int => Some(Value::Int(variant - 1)),
        Sort::Uninterpreted(id) => Some(Value::Element(*id, 0)),
        Sort::Set(_) => Some(Value::set([])),
        Sort::Function(..) => Some(Value::function([])),
        Sort::Tuple(sorts) => {
            let items: Option<Vec<Value>> = sorts.iter().map(|sort| simple(sort, variant)).collect();
            Some(Value::Tuple(items?.into()))
        }
        Sort::Str => Some(Value::Str("other".into())),
        Sort::Record(_) => None,
    }
}

/// The sorts of what the question chooses, through operators.
fn chosen(question: &Question<'_>) -> BTreeSet<Sort> {
    fn visit(module: &Module, expr: &Expr, seen: &mut BTreeSet<usize>, into: &mut BTreeSet<Sort>) {
        if !seen.insert(expr.address()) {
            return;
        }
        if let ExprKind::Choose(..) = &expr.kind {
            into.insert(expr.sort.clone());
        }
        if let ExprKind::Apply(operator, ..) = &expr.kind {
            visit(module, &module.operators[*operator].body, seen, into);
        }
        for child in children(expr) {
            visit(module, child, seen, into);
        }
    }
    let (mut seen, mut sorts) = (BTreeSet::new(), BTreeSet::new());
    for formula in question.assumptions.iter().chain([&question.goal]) {
        visit(question.module, formula, &mut seen, &mut sorts);
    }
    sorts
}
