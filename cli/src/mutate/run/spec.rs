//! What the spec itself, proved and with sorts, tells of its mutants.

use indexmap::IndexMap;
use lang::sort::Sort;
use lang::source::Span;
use lang::typed::{self, ExprKind};
use vcgen::obligation::ObligationKind;

use crate::driver::Run;
use crate::mutate::operators::Sorts;

/// The theorems of the root, by their positions, whose statements nothing rests on and that are not their own
/// induction: what the spec is for.
pub(super) fn ends(run: &Run) -> Vec<usize> {
    let (Some(proof), Some(decomposition)) = (&run.proof, &run.front.decomposition) else {
        return Vec::new();
    };
    let plans = &decomposition.tree.theorems;
    let verdicts = &proof.verdicts.theorems;
    let is_used = |name: &str| verdicts.iter().any(|verdict| verdict.uses.contains(name));
    let roots = plans.iter().zip(verdicts).filter(|(plan, _)| plan.root).enumerate();
    let ends = roots.filter(|(_, (plan, verdict))| {
        let is_induction = verdict.alternative.is_some_and(|idx| {
            plan.alternatives[idx].all().any(|obligation_idx| {
                match &decomposition.tree.obligations[obligation_idx].kind {
                    ObligationKind::Initiation | ObligationKind::Consecution { .. } => true,
                    ObligationKind::Continuity { .. }
                    | ObligationKind::Implication
                    | ObligationKind::Induction
                    | ObligationKind::Simulation { .. }
                    | ObligationKind::Termination { .. }
                    | ObligationKind::Vacuity => false,
                }
            })
        });
        !is_used(&plan.name) && !is_induction
    });
    ends.map(|(theorem_idx, _)| theorem_idx).collect()
}

/// The sorts of all expressions and names of a module, by their spans. Where one span has several sorts, as an
/// operator does that is used at several, it has none here.
pub(super) fn sorts(module: &typed::Module) -> Sorts {
    let mut found: IndexMap<Span, Option<Sort>> = IndexMap::new();
    let mut add = |span: Span, sort: &Sort| {
        let known = found.entry(span).or_insert_with(|| Some(sort.clone()));
        if known.as_ref() != Some(sort) {
            *known = None;
        }
    };
    let bodies = module.operators.iter().map(|operator| &operator.body);
    let mut waiting: Vec<typed::Expr> =
        bodies.chain(module.facts.iter().map(|fact| &fact.statement)).cloned().collect();
    while let Some(expr) = waiting.pop() {
        // What sugar leaves behind has the span of what it came from, and sorts of its own.
        if !matches!(expr.kind, ExprKind::Not(_)) {
            add(expr.span, &expr.sort);
        }
        expr.for_each_child(&mut |child| waiting.push(child.clone()));
    }
    for local in &module.locals {
        add(local.span, &local.sort);
    }
    found.into_iter().filter_map(|(span, sort)| Some((span, sort?))).collect()
}
