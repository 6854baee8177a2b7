//! Induction over steps: the initial states satisfy each conjunct, and each branch of the next-state
//! action preserves it.
//!
//! Hypotheses of a step are the invariant's conjuncts in the state before, the guards of the branch, earlier
//! facts, continuity lemmas, and the conjuncts that come earlier in the invariant in the state after: those
//! have obligations of their own for the same branch, on which the verdict then rests.

use std::collections::{BTreeMap, BTreeSet};

use lang::typed::{Expr, ExprKind};

use super::Specification;
use super::facts::{Library, at_hand};
use super::goal::{conjunct_keys, leaves};
use super::output::Output;
use super::step::{Ground, StepContext, prepare, tier};
use crate::action::{Branch, Step, branches};
use crate::expr;
use crate::obligation::{Alternative, Conjunct, Hypothesis, NodeId, ObligationIdx, ObligationKind, Source};
use crate::program::Program;
use crate::rewrite::typing;

/// The alternative that proves an invariant by induction over steps.
pub(crate) fn induction(
    program: &Program,
    out: &mut Output,
    library: &Library,
    index: usize,
    node: NodeId,
    specification: &Specification,
    invariant: &Expr,
) -> Alternative {
    let fact = &program.module.facts[index];
    let leaves = leaves(program, invariant);
    let mut own: Vec<Hypothesis> = leaves
        .iter()
        .map(|leaf| Hypothesis {
            label: leaf.name.clone(),
            formula: leaf.formula.clone(),
            sources: Vec::new(),
            tier: tier::FACTS,
        })
        .collect();
    own.extend(library.invariants_of(specification, tier::FACTS));
    let held: Vec<Expr> = own.iter().map(|hypothesis| hypothesis.formula.clone()).collect();
    let mut conjuncts: Vec<Conjunct> = leaves
        .iter()
        .zip(typing(&held))
        .map(|(leaf, is_typing)| Conjunct {
            name: leaf.name.clone(),
            span: leaf.span,
            obligations: Vec::new(),
            supports: Vec::new(),
            is_typing,
        })
        .collect();

    let constants = library.constant_facts(program, |_| tier::FACTS);
    initial(program, out, library, index, node, specification, &mut |out, context, node| {
        for (leaf, conjunct) in leaves.iter().zip(&mut conjuncts) {
            conjunct.obligations.extend(context.leaf(out, node, leaf, &ObligationKind::Initiation));
        }
    });

    let step_node = out.child(node, "step", "consecution", fact.span);
    let own_at_hand = at_hand(program, &own);
    let before =
        leaves.iter().map(|leaf| leaf.raw.clone()).chain(library.raw_invariants_of(specification)).collect();
    let written: BTreeMap<String, Expr> = if out.wholes.is_some() {
        let own = leaves.iter().map(|leaf| (leaf.name.clone(), leaf.raw.clone()));
        own.chain(library.written_invariants_of(specification)).collect()
    } else {
        BTreeMap::new()
    };
    let ground = Ground { own, before, written, constants };
    for (action, subscript) in &specification.next {
        for branch in &steps(program, action, subscript) {
            let branch_node = out.child(step_node, &branch.name, "action", branch.span);
            let (known, guards, typing) = prepare(program, branch, &ground.own);
            let step = Step::new(program, branch, &known);
            let facts = library.state_facts(program, Some(&step), &own_at_hand, |_| tier::FACTS);
            let mut context = StepContext::across(&ground, &step, (guards, typing), facts, branch_node);
            let kind = ObligationKind::Consecution { branch: branch.name.clone() };
            // An invariant proved earlier holds in the next state too.
            let mut at_hand_next = context.add_invariants_after(tier::ALL);
            let mut used_facts = BTreeSet::new();
            for (leaf, conjunct) in leaves.iter().zip(&mut conjuncts) {
                context.add_facts_after(library, &mut at_hand_next, &mut used_facts);
                let these = context.leaf(out, branch_node, leaf, &kind);
                let sources: Vec<Source> = these.iter().copied().map(Source::Obligation).collect();
                for key in conjunct_keys(&leaf.formula) {
                    at_hand_next.insert(key, sources.clone());
                }
                context.add_next(&leaf.name, &leaf.formula, &sources, tier::ALL);
                conjunct.obligations.extend(these);
            }
            if branch.name != STUTTER {
                super::vacuity::action(program, out, &fact.name, branch, context.all_hypotheses(), node);
            }
        }
    }
    let mut obligations: Vec<ObligationIdx> =
        conjuncts.iter().flat_map(|conjunct| conjunct.obligations.iter().copied()).collect();
    obligations.sort_unstable();
    Alternative { conjuncts, ..Alternative::of("induction", node, obligations) }
}

/// Goes through the branches of the initial predicate, each with what is known in it and its node.
pub(super) fn initial(
    program: &Program,
    out: &mut Output,
    library: &Library,
    index: usize,
    node: NodeId,
    specification: &Specification,
    with: &mut dyn FnMut(&mut Output, &StepContext<'_>, NodeId),
) {
    let fact = &program.module.facts[index];
    let init = expr::prime(program, &expr::and(specification.init.iter().cloned(), fact.span));
    let init_node = out.child(node, "init", "initiation", fact.span);
    let ground = Ground {
        own: Vec::new(),
        before: specification.init.clone().into(),
        written: BTreeMap::new(),
        constants: library.constant_facts(program, |_| tier::FACTS),
    };
    for branch in branches(program, &init) {
        let (known, guards, typing) = prepare(program, &branch, &[]);
        let step = Step::new(program, &branch, &known);
        let context = StepContext::initial(&ground, &step, (guards, typing), init_node);
        let branch_node = if branch.name == "next" {
            init_node
        } else {
            out.child(init_node, &branch.name, "initial branch", branch.span)
        };
        with(out, &context, branch_node);
        super::vacuity::initial(program, out, &fact.name, context.all_hypotheses(), &branch, node);
    }
}

/// The name of the branch in which nothing of the subscript changes.
pub(super) const STUTTER: &str = "stutter";

/// The branches of `[action]_subscript`.
pub(super) fn steps(program: &Program, action: &Expr, subscript: &Expr) -> Vec<Branch> {
    let mut all = branches(program, action);
    all.extend(stutter(program, subscript));
    all
}

/// `UNCHANGED vars`: variables that `vars` does not mention may change in any way.
fn stutter(program: &Program, subscript: &Expr) -> Vec<Branch> {
    let unchanged = expr::formula(ExprKind::Unchanged(subscript.clone()), subscript.span);
    let mut branches = branches(program, &unchanged);
    for branch in &mut branches {
        STUTTER.clone_into(&mut branch.name);
    }
    branches
}
