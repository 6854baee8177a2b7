//! What is proved of an abstract specification holds of those that refine it.
//!
//! If `Spec => V!Spec`, and the module of `V` has the theorem `Spec => []P`, then `Spec => []V!P`: the theorem is
//! true of whatever its constants and variables stand for, as long as what its module assumes is (Lamport,
//! *Specifying Systems*, 2002, chapter 17, on what a module means). So the assumptions become obligations here, and
//! the theorem counts as proved if it is in its own module. Likewise, `Spec => V!Spec` and `V!Spec => V!C!Spec` give
//! `Spec => V!C!Spec`, and so on along a chain. A theorem about `V!Spec` itself needs no refinement: each
//! specification implies itself.

use std::collections::BTreeMap;

use lang::source::Span;
use lang::typed::{FactKind, Inherited, Time};

use super::facts::Library;
use super::implication::by_leaves;
use super::output::{Draft, Output};
use super::{Claim, claim};
use crate::alpha::Key;
use crate::expr;
use crate::obligation::{Alternative, Closed, Means, NodeId, ObligationKind, Source};
use crate::program::Program;

/// The alternative that a refinement follows from others that are known.
pub(crate) fn composed(out: &mut Output, node: NodeId, span: Span, known: &[Source]) -> Alternative {
    let draft = Draft {
        kind: ObligationKind::Implication,
        hypotheses: Vec::new(),
        goal: expr::bool(true, span),
        rests_on: known.to_vec(),
        closed: Some(Closed { means: Means::Rewriting, used: Vec::new() }),
        span,
        action: None,
        claim: None,
    };
    let obligation = out.obligation(node, "composed", "follows from other refinements", draft);
    Alternative::of("composed", node, vec![obligation])
}

/// Adds what follows from the refinement that is the `index`-th fact: invariants and refinements that are theorems
/// of the abstract module, and of those that it refines itself.
pub(crate) fn inherit(
    program: &Program,
    out: &mut Output,
    library: &mut Library,
    index: usize,
    node: NodeId,
    (from, to): (&Key, &Key),
) {
    inherit_by(program, out, library, index, node, (from, to, vec![Source::Fact(index)]));
}

/// Adds what an instance's module proves of this specification, if it is that of an instance: it implies itself,
/// which rests on nothing.
pub(crate) fn inherit_own(
    program: &Program,
    out: &mut Output,
    library: &mut Library,
    index: usize,
    node: NodeId,
    own: &Key,
) {
    let theorems = program.module.inherited.iter().filter(|inherited| inherited.kind == FactKind::Theorem);
    let is_own = |inherited: &Inherited| {
        let claimed = claim(program, &program.unfold(inherited.operator, &[], Time::Now));
        claimed.is_ok_and(|claimed| claimed.specification().is_some_and(|known| known.key == *own))
    };
    if theorems.into_iter().any(is_own) {
        inherit_by(program, out, library, index, node, (own, own, Vec::new()));
    }
}

/// Adds what follows from it that one specification implies another, by whatever that rests on.
fn inherit_by(
    program: &Program,
    out: &mut Output,
    library: &mut Library,
    index: usize,
    node: NodeId,
    (from, to, by): (&Key, &Key, Vec<Source>),
) {
    let mut assumptions: BTreeMap<String, Vec<Source>> = BTreeMap::new();
    let mut pending = vec![(to.clone(), by)];
    while let Some((to, sources)) = pending.pop() {
        if library.refinement(from, &to).is_some() {
            continue;
        }
        library.add_refinement(from.clone(), to.clone(), sources.clone());
        for (position, inherited) in program.module.inherited.iter().enumerate() {
            if inherited.kind != FactKind::Theorem {
                continue;
            }
            let statement = program.unfold(inherited.operator, &[], Time::Now);
            let Ok(claimed) = claim(program, &statement) else { continue };
            if claimed.specification().is_none_or(|specification| specification.key != to) {
                continue;
            }
            let assumed = match assumptions.get(&inherited.prefix) {
                Some(known) => known.clone(),
                None => assumed(program, out, library, index, node, &inherited.prefix),
            };
            assumptions.insert(inherited.prefix.clone(), assumed.clone());
            let rests_on = || {
                let own = [Source::Inherited(position)];
                sources.iter().chain(&own).chain(&assumed).cloned().collect::<Vec<Source>>()
            };
            match &claimed {
                Claim::Invariant { invariant, .. } => {
                    library.inherit_invariant(program, &inherited.name(), rests_on(), from, invariant);
                }
                Claim::Refinement { conclusion: Some(next), .. } => pending.push((next.clone(), rests_on())),
                Claim::Refinement { conclusion: None, .. } | Claim::Formula(_) => {}
            }
        }
    }
}

/// The obligations that what an instance assumes holds here.
fn assumed(
    program: &Program,
    out: &mut Output,
    library: &Library,
    index: usize,
    node: NodeId,
    prefix: &str,
) -> Vec<Source> {
    let own = program.module.inherited.iter().filter(|inherited| inherited.prefix == prefix);
    let mut obligations = Vec::new();
    for assumption in own.filter(|inherited| inherited.kind != FactKind::Theorem) {
        let path = format!("assumptions.{}", assumption.name());
        let below = out.child(node, &path, "what an instance assumes", assumption.span);
        let formula = program.unfold(assumption.operator, &[], Time::Now);
        let (kind, nothing) = (ObligationKind::Implication, [].into());
        obligations.extend(by_leaves(program, out, library, index, below, &formula, &[], &kind, &nothing));
    }
    obligations.into_iter().map(Source::Obligation).collect()
}
