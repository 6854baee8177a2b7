//! What is proved without induction over steps: lemmas, and invariants that follow from earlier ones.
//! A lemma about all naturals is tried by induction, too.

use lang::sort::Sort;
use lang::typed::{Arithmetic, Binder, BuiltinSet, Comparison, Expr, ExprKind, Proof, Quantifier};

use super::Specification;
use super::facts::Library;
use super::implication::by_leaves;
use super::output::Output;
use super::step::tier;
use crate::expr;
use crate::obligation::{Alternative, Hypothesis, NodeId, ObligationIdx, ObligationKind};
use crate::program::Program;
use crate::rewrite::rewrite_closed;

/// The alternative that derives an invariant from earlier invariants of the same specification.
pub(crate) fn implied(
    program: &Program,
    out: &mut Output,
    library: &Library,
    index: usize,
    node: NodeId,
    specification: &Specification,
    invariant: &Expr,
) -> Alternative {
    let span = program.module.facts[index].span;
    let own = out.child(node, "implied", "follows from earlier invariants", span);
    let invariants = library.invariants_of(specification, tier::ALL);
    let before = library.raw_invariants_of(specification).collect();
    let kind = ObligationKind::Implication;
    let obligations = by_leaves(program, out, library, index, own, invariant, &invariants, &kind, &before);
    Alternative::of("implied", own, obligations)
}

/// The alternatives for a formula about states or steps.
pub(crate) fn alternatives(
    program: &Program,
    out: &mut Output,
    library: &Library,
    index: usize,
    node: NodeId,
    formula: &Expr,
    into: &mut Vec<Alternative>,
) {
    let fact = &program.module.facts[index];
    let demanded = match &fact.proof {
        Proof::By(hints) => {
            let inductions = ["NatInduction", "SetInduction"];
            hints.strategies.iter().any(|strategy| inductions.contains(&strategy.name.as_str()))
        }
        Proof::None | Proof::Omitted(_) | Proof::Structured(_) => false,
    };
    let natural = over_naturals(program, formula);
    let finite = over_finite_sets(program, formula);
    let inductive = natural.is_some() || finite.is_some();
    // What a recursive operator applies itself to need not be one less, nor have one element less.
    let is_recursive = inductive && mentions_recursion(program, formula);
    if !(demanded && inductive) {
        let own = if inductive { out.child(node, "direct", "without induction", fact.span) } else { node };
        let obligations = by_leaves(
            program,
            out,
            library,
            index,
            own,
            formula,
            &[],
            &ObligationKind::Implication,
            &[].into(),
        );
        into.push(Alternative::of("direct", own, obligations));
    }
    if let Some((binder, body)) = natural {
        let own = out.child(node, "induction", "induction over the naturals", fact.span);
        let obligations = natural_induction(program, out, library, index, own, &binder, &body);
        into.push(Alternative::of("natural induction", own, obligations));
        if is_recursive {
            let own = out.child(node, "strong", "strong induction over the naturals", fact.span);
            let obligations = strong_natural_induction(program, out, library, index, own, &binder, &body);
            into.push(Alternative::of("strong induction", own, obligations));
        }
    }
    if let Some((binder, body)) = finite {
        let own = out.child(node, "increments", "induction over finite sets", fact.span);
        let obligations = set_induction(program, out, library, index, own, &binder, &body);
        into.push(Alternative::of("set induction", own, obligations));
        if is_recursive {
            let own = out.child(node, "parts", "strong induction over finite sets", fact.span);
            let obligations = strong_set_induction(program, out, library, index, own, &binder, &body);
            into.push(Alternative::of("strong set induction", own, obligations));
        }
    }
}

/// `\A S \in D : IsFiniteSet(S) /\ R(S) => P(S)`, the first binder taken: the binder, and
/// `S \in D => (R(S) => P(S))`.
fn over_finite_sets(program: &Program, formula: &Expr) -> Option<(Binder, Expr)> {
    let ExprKind::Quantifier(Quantifier::Forall, binders, body) = &formula.kind else { return None };
    let (first, rest) = binders.split_first()?;
    let ExprKind::Implies(premise, conclusion) = &body.kind else { return None };
    let is_finite = |premise: &Expr| match &premise.kind {
        ExprKind::IsFinite(set) => matches!(set.kind, ExprKind::Local(id) if id == first.local),
        _ => false,
    };
    let premises = expr::conjuncts(premise);
    if !premises.iter().any(is_finite) {
        return None;
    }
    let others = expr::and(premises.into_iter().filter(|premise| !is_finite(premise)), premise.span);
    let claim = expr::quantifier(Quantifier::Forall, rest.to_vec(), expr::implies(&others, conclusion));
    let own = program.named(first.local);
    let claim = match &first.domain {
        Some(domain) => expr::implies(&expr::is_in(&own, domain), &claim),
        None => claim,
    };
    Some((first.clone(), claim))
}

/// `P({})`, and `P(S \cup {x})` from `P(S)` for a finite `S` without `x`: every finite set is reached from
/// the empty one by adding elements.
fn set_induction(
    program: &Program,
    out: &mut Output,
    library: &Library,
    index: usize,
    node: NodeId,
    binder: &Binder,
    body: &Expr,
) -> Vec<ObligationIdx> {
    let span = body.span;
    let sort = program.sort_of(binder.local);
    let Sort::Set(element) = &sort else { return Vec::new() };
    let set = |kind| Expr::new(kind, sort.clone(), span);
    let at = |value: &Expr| expr::substitute_one(program, body, binder.local, value);
    let kind = ObligationKind::Induction;
    let base = out.child(node, "base", "the empty set", span);
    let empty = set(ExprKind::SetEnum(Vec::new()));
    let mut obligations = by_leaves(program, out, library, index, base, &at(&empty), &[], &kind, &[].into());
    let smaller = program.rigid(binder.local);
    let added = expr::local(program.fresh("x", (**element).clone(), span), (**element).clone(), span);
    let larger = set(ExprKind::Union(smaller.clone(), set(ExprKind::SetEnum(vec![added.clone()]))));
    let premises = [
        Hypothesis::near("finite", expr::formula(ExprKind::IsFinite(smaller.clone()), span)),
        Hypothesis::near("new element", expr::not(&expr::is_in(&added, &smaller))),
        Hypothesis::near("induction", rewrite_closed(program, &at(&smaller))),
    ];
    let step = out.child(node, "step", "one more element", span);
    obligations.extend(by_leaves(
        program,
        out,
        library,
        index,
        step,
        &at(&larger),
        &premises,
        &kind,
        &[].into(),
    ));
    obligations
}

/// `P(S)` from `P(T)` for all `T` that lack an element of `S`: parts of finite sets are finite, and none has
/// parts without end.
fn strong_set_induction(
    program: &Program,
    out: &mut Output,
    library: &Library,
    index: usize,
    node: NodeId,
    binder: &Binder,
    body: &Expr,
) -> Vec<ObligationIdx> {
    let span = body.span;
    let sort = program.sort_of(binder.local);
    let Sort::Set(element) = &sort else { return Vec::new() };
    let at = |value: &Expr| expr::substitute_one(program, body, binder.local, value);
    let set = program.rigid(binder.local);
    let local = program.fresh_like(binder.local);
    let part = expr::local(local, sort.clone(), span);
    let lost = program.fresh("x", (**element).clone(), span);
    let name = expr::local(lost, (**element).clone(), span);
    let is_lost = expr::not(&expr::is_in(&name, &part));
    let lacks = Binder { local: lost, domain: Some(set.clone()) };
    let smaller = [
        expr::formula(ExprKind::SubsetEq(part.clone(), set.clone()), span),
        expr::quantifier(Quantifier::Exists, vec![lacks], is_lost),
    ];
    let held = expr::implies(&expr::and(smaller, span), &at(&part));
    let held = expr::quantifier(Quantifier::Forall, vec![Binder { local, domain: None }], held);
    let premises = [
        Hypothesis::near("finite", expr::formula(ExprKind::IsFinite(set.clone()), span)),
        Hypothesis::near("induction", flat(&rewrite_closed(program, &held))),
    ];
    by_leaves(
        program,
        out,
        library,
        index,
        node,
        &at(&set),
        &premises,
        &ObligationKind::Induction,
        &[].into(),
    )
}

/// `\A x : P => (\A y \in S : Q => R)` as `\A x, y : P /\ y \in S /\ Q => R`, so that what is claimed, `R`, says
/// when it is of use. No name is bound twice, so none is captured.
fn flat(claim: &Expr) -> Expr {
    let (mut binders, mut premises) = (Vec::new(), Vec::new());
    let mut inner = claim.clone();
    loop {
        inner = match &inner.kind {
            ExprKind::Quantifier(Quantifier::Forall, own, body) => {
                for binder in own {
                    let name = Binder { local: binder.local, domain: None };
                    premises.extend(binder.domain.as_ref().map(|domain| {
                        expr::is_in(&expr::local(binder.local, element(domain), domain.span), domain)
                    }));
                    binders.push(name);
                }
                body.clone()
            }
            ExprKind::Implies(premise, conclusion) => {
                premises.push(premise.clone());
                conclusion.clone()
            }
            _ => break,
        };
    }
    let held = expr::implies(&expr::and(premises, claim.span), &inner);
    expr::quantifier(Quantifier::Forall, binders, held)
}

fn element(set: &Expr) -> Sort {
    match &set.sort {
        Sort::Set(element) => element.as_ref().clone(),
        other => other.clone(),
    }
}

/// Whether a formula mentions a recursive operator, through what is not opaque.
fn mentions_recursion(program: &Program, formula: &Expr) -> bool {
    expr::any(
        &rewrite_closed(program, formula),
        &mut |node| matches!(node.kind, ExprKind::Apply(operator, _, _) if program.is_recursive(operator)),
    )
}

/// `\A n \in Nat : P(n)`, the first binder taken.
fn over_naturals(program: &Program, formula: &Expr) -> Option<(Binder, Expr)> {
    let ExprKind::Quantifier(Quantifier::Forall, binders, body) = &formula.kind else { return None };
    let (first, rest) = binders.split_first()?;
    let domain = rewrite_closed(program, first.domain.as_ref()?);
    if !matches!(domain.kind, ExprKind::Builtin(BuiltinSet::Nat)) {
        return None;
    }
    Some((first.clone(), expr::quantifier(Quantifier::Forall, rest.to_vec(), body.clone())))
}

/// `P(0)`, and `P(n + 1)` from `P(n)` for a natural `n`: the induction axiom of the naturals.
fn natural_induction(
    program: &Program,
    out: &mut Output,
    library: &Library,
    index: usize,
    node: NodeId,
    binder: &Binder,
    body: &Expr,
) -> Vec<ObligationIdx> {
    let span = body.span;
    let int = |value| Expr::new(ExprKind::Int(value), Sort::Int, span);
    let at = |value: &Expr| expr::substitute_one(program, body, binder.local, value);
    let kind = ObligationKind::Induction;
    let base = out.child(node, "base", "0", span);
    let mut obligations = by_leaves(program, out, library, index, base, &at(&int(0)), &[], &kind, &[].into());
    let n = program.rigid(binder.local);
    let next = Expr::new(ExprKind::Arithmetic(Arithmetic::Add, n.clone(), int(1)), Sort::Int, span);
    let natural =
        expr::is_in(&n, &Expr::new(ExprKind::Builtin(BuiltinSet::Nat), Sort::Set(Sort::Int.into()), span));
    let premises = [
        Hypothesis::near("natural", natural),
        Hypothesis::near("induction", rewrite_closed(program, &at(&n))),
    ];
    let step = out.child(node, "step", "from n to n + 1", span);
    obligations.extend(by_leaves(
        program,
        out,
        library,
        index,
        step,
        &at(&next),
        &premises,
        &kind,
        &[].into(),
    ));
    obligations
}

/// `P(n)` from `P(m)` for all naturals `m < n`: the naturals are well-founded.
fn strong_natural_induction(
    program: &Program,
    out: &mut Output,
    library: &Library,
    index: usize,
    node: NodeId,
    binder: &Binder,
    body: &Expr,
) -> Vec<ObligationIdx> {
    let span = body.span;
    let naturals = Expr::new(ExprKind::Builtin(BuiltinSet::Nat), Sort::Set(Sort::Int.into()), span);
    let at = |value: &Expr| expr::substitute_one(program, body, binder.local, value);
    let n = program.rigid(binder.local);
    let local = program.fresh_like(binder.local);
    let m = expr::local(local, Sort::Int, span);
    let less = expr::formula(ExprKind::Compare(Comparison::Less, m.clone(), n.clone()), span);
    let held = expr::implies(&less, &at(&m));
    let below = Binder { local, domain: Some(naturals.clone()) };
    let held = expr::quantifier(Quantifier::Forall, vec![below], held);
    let premises = [
        Hypothesis::near("natural", expr::is_in(&n, &naturals)),
        Hypothesis::near("induction", flat(&rewrite_closed(program, &held))),
    ];
    by_leaves(program, out, library, index, node, &at(&n), &premises, &ObligationKind::Induction, &[].into())
}
