//! What is proved without induction over steps: lemmas, and invariants that follow from earlier ones.
//! A lemma about all naturals is tried by induction, too.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use lang::sort::Sort;
use lang::typed::{Arithmetic, Binder, BuiltinSet, Comparison, Expr, ExprKind, Proof, Quantifier, Time};

use super::Specification;
use super::facts::{Library, at_hand, definition_label, definitions};
use super::goal::{Case, Leaf, cases, conjunct_keys, leaves};
use super::output::{Draft, Output};
use super::recheck::{Cases, Whole};
use super::step::tier;
use crate::expr;
use crate::obligation::{
    Alternative, Claim, Closed, Goal, Hypothesis, Means, NodeId, ObligationIdx, ObligationKind, Source,
};
use crate::program::Program;
use crate::rewrite::{Known, rewrite, rewrite_closed};
use crate::trail::{Move, Rule};

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

/// The cases of a goal that hides a universal in an opaque predicate: of names that occur nowhere else, so that
/// what is said of them is said without a bound name. Where premises speak of the predicate it stays as it is.
fn opened_goal(program: &Program, case: Case) -> Vec<Case> {
    let ExprKind::Apply(operator, args, Time::Now) = &case.goal.kind else { return vec![case] };
    let speaks = |premise: &Expr| {
        expr::any(premise, &mut |node| matches!(node.kind, ExprKind::Apply(own, _, _) if own == *operator))
    };
    if program.is_recursive(*operator) || case.premises.iter().any(speaks) {
        return vec![case];
    }
    let unfolded = program.unfold(*operator, args, Time::Now);
    let (body, trail) = program.recorded(|| rewrite(program, &case.known, &unfolded));
    if !hides_universal(&body) {
        return vec![case];
    }
    let unfolding = Move::new(Rule::Definition(*operator), &case.goal, &unfolded, case.known.formulas());
    let inner = cases(program, &case.known, None, &body);
    let whole = |inner: Case| Case {
        segments: [case.segments.clone(), inner.segments].concat(),
        premises: [case.premises.clone(), inner.premises].concat(),
        trail: [case.trail.clone(), vec![unfolding.clone()], trail.clone(), inner.trail].concat(),
        ..inner
    };
    inner.into_iter().map(whole).flat_map(|case| opened_goal(program, case)).collect()
}

fn hides_universal(formula: &Expr) -> bool {
    match &formula.kind {
        ExprKind::Quantifier(Quantifier::Forall, _, _) => true,
        ExprKind::And(items) => items.iter().any(hides_universal),
        _ => false,
    }
}

/// The premises that say together what a leaf says, each of its conjuncts for itself.
fn held(leaf: &Leaf, premises: &[Hypothesis]) -> Option<Vec<Hypothesis>> {
    let mut used = BTreeSet::new();
    for wanted in conjunct_keys(&leaf.formula) {
        let says = |premise: &Hypothesis| conjunct_keys(&premise.formula).contains(&wanted);
        used.insert(premises.iter().position(says)?);
    }
    Some(used.into_iter().map(|position| premises[position].clone()).collect())
}

/// The obligation of a leaf that repeats what is known.
fn repeated(
    program: &Program,
    out: &mut Output,
    node: NodeId,
    leaf: &Leaf,
    held: Vec<Hypothesis>,
    (kind, before, claim): (&ObligationKind, &Arc<[Expr]>, Arc<Claim>),
) -> ObligationIdx {
    let stated = held.iter().flat_map(|hypothesis| &hypothesis.sources).filter_map(|source| match source {
        Source::Fact(fact) => Some(program.module.facts[*fact].statement.clone()),
        Source::Inherited(_) | Source::Obligation(_) | Source::Definition(_) => None,
    });
    let known = before.iter().cloned().chain(stated.filter(|stated| !super::is_temporal(program, stated)));
    let known: Vec<(String, Expr)> =
        known.enumerate().map(|(at, known)| (format!("known.{}", at + 1), known)).collect();
    let used = held.iter().map(|hypothesis| hypothesis.label.clone()).collect();
    let draft = Draft {
        kind: kind.clone(),
        hypotheses: held,
        goal: leaf.formula.clone(),
        rests_on: Vec::new(),
        closed: Some(Closed { means: Means::Rewriting, used }),
        span: leaf.span,
        action: None,
        claim: Some(claim),
    };
    let own = out.obligation(node, &leaf.name, "conjunct", draft);
    out.tell(program, own, &leaf.raw, [&leaf.trail, &[]]);
    out.record(|| Whole {
        node,
        name: leaf.name.clone(),
        kind: kind.clone(),
        goal: leaf.raw.clone(),
        time: Time::Now,
        branch: None,
        templates: BTreeMap::new(),
        before: [Vec::new(), known],
        cases: vec![(own, leaf.formula.clone())],
        span: leaf.span,
    });
    own
}

#[expect(clippy::too_many_arguments, reason = "context first, then what is to be proved, then from what")]
pub(crate) fn by_leaves(
    program: &Program,
    out: &mut Output,
    library: &Library,
    index: usize,
    node: NodeId,
    formula: &Expr,
    premises: &[Hypothesis],
    kind: &ObligationKind,
    before: &Arc<[Expr]>,
) -> Vec<ObligationIdx> {
    let hints = match &program.module.facts[index].proof {
        Proof::By(hints) => Some(hints),
        Proof::None | Proof::Omitted(_) | Proof::Structured(_) => None,
    };
    let cited = |fact: usize| hints.is_some_and(|hints| hints.facts.contains(&fact));
    let only = hints.is_some_and(|hints| hints.only);
    let unfolded: Vec<String> = hints
        .iter()
        .flat_map(|hints| &hints.defs)
        .map(|operator| definition_label(program, *operator, Time::Now))
        .collect();
    let mut obligations = Vec::new();
    for leaf in leaves(program, formula) {
        // A case of an induction is no claim of its own.
        let goal = if *kind == ObligationKind::Induction {
            program.module.facts[index].statement.clone()
        } else {
            leaf.raw.clone()
        };
        let claim = Arc::new(Claim { before: before.clone(), branch: None, goal: Goal::State(goal) });
        let mut stated = premises.to_vec();
        if !only {
            stated.extend(library.constant_facts(program, |_| tier::FACTS));
        }
        if let Some(held) = held(&leaf, &stated) {
            obligations.push(repeated(program, out, node, &leaf, held, (kind, before, claim)));
            continue;
        }
        let found = cases(program, &Known::default(), None, &leaf.formula);
        let found: Vec<Case> = found.into_iter().flat_map(|case| opened_goal(program, case)).collect();
        let mut made: Cases = Vec::new();
        if found.is_empty() {
            let closed = Some(Closed { means: Means::Rewriting, used: Vec::new() });
            let goal = expr::bool(true, leaf.span);
            let stated = goal.clone();
            let draft = Draft {
                kind: kind.clone(),
                hypotheses: Vec::new(),
                goal,
                rests_on: Vec::new(),
                closed,
                span: leaf.span,
                action: None,
                claim: Some(claim.clone()),
            };
            let own = out.obligation(node, &leaf.name, "conjunct", draft);
            let nothing = [Move::new(Rule::Form, &leaf.formula, &stated, &[])];
            out.tell(program, own, &leaf.raw, [&leaf.trail, &nothing]);
            made.push((own, stated));
        }
        for case in found {
            let mut all = case.premise_hypotheses();
            all.extend(premises.iter().cloned());
            let at_hand = at_hand(&all);
            let near = |fact: usize| if cited(fact) { tier::NEAR } else { tier::FACTS };
            all.extend(library.constant_facts(program, near));
            all.extend(library.state_facts(program, None, &at_hand, near));
            if only {
                all.retain(|hypothesis| {
                    hypothesis.sources.is_empty()
                        || hypothesis
                            .sources
                            .iter()
                            .any(|source| matches!(source, Source::Fact(fact) if cited(*fact)))
                });
            }
            let formulas: Vec<&Expr> = all.iter().map(|hypothesis| &hypothesis.formula).collect();
            // What the premises of a lemma are about is as near as what it claims.
            let whole = case.statement();
            let mut definitions = definitions(program, None, &whole, &formulas, tier::NEAR, tier::FACTS);
            for definition in &mut definitions {
                if unfolded.contains(&definition.label) {
                    definition.tier = tier::NEAR;
                }
            }
            all.extend(definitions);
            let holds = expr::is_bool(&case.goal, true) || case.known.contradictory();
            let closed = holds.then(|| Closed { means: Means::Rewriting, used: Vec::new() });
            let segments: Vec<String> =
                std::iter::once(leaf.name.clone()).chain(case.segments.iter().cloned()).collect();
            let stated = case.statement();
            let draft = Draft {
                kind: kind.clone(),
                hypotheses: all,
                goal: case.goal,
                rests_on: Vec::new(),
                closed,
                span: leaf.span,
                action: None,
                claim: Some(claim.clone()),
            };
            let own = out.obligation(node, &segments.join("."), "case", draft);
            out.tell(program, own, &leaf.raw, [&leaf.trail, &case.trail]);
            made.push((own, stated));
        }
        obligations.extend(made.iter().map(|(case, _)| *case));
        out.record(|| Whole {
            node,
            name: leaf.name.clone(),
            kind: kind.clone(),
            goal: leaf.raw.clone(),
            time: Time::Now,
            branch: None,
            templates: BTreeMap::new(),
            before: Default::default(),
            cases: made,
            span: leaf.span,
        });
    }
    obligations
}
