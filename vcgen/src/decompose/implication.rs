//! A formula from what is known, leaf by leaf: facts, premises, definitions.
//!
//! What only repeats something that is known is closed here. So is nothing else: what is left is for the solver.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use lang::typed::{Expr, ExprKind, Proof, Quantifier, Time};

use super::facts::{Library, at_hand, definition_label, definitions};
use super::goal::{Case, Leaf, cases, conjunct_keys, leaves};
use super::output::{Draft, Output};
use super::recheck::{Cases, Whole};
use super::step::tier;
use crate::expr;
use crate::obligation::{
    Claim, Closed, Goal, Hypothesis, Means, NodeId, ObligationIdx, ObligationKind, Source,
};
use crate::program::Program;
use crate::rewrite::{Known, rewrite};
use crate::trail::{Move, Rule};

/// The obligations of a formula, one for each case of each leaf.
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
        let mut found: Vec<Case> = found.into_iter().flat_map(|case| opened_goal(program, case)).collect();
        for case in &mut found {
            open_premises(program, case);
        }
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
            let at_hand = at_hand(program, &all);
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
            let formulas = all.iter().map(|hypothesis| (&hypothesis.formula, tier::FACTS));
            let mut definitions = definitions(program, None, (&case.goal, tier::NEAR), formulas);
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

/// Says beside each premise that is an opaque predicate what it is defined to be, where that is a choice between
/// formulas of which some say that something exists: then the solver need not find out for which names to ask.
fn open_premises(program: &Program, case: &mut Case) {
    let meaning = |premise: &Expr| {
        let ExprKind::Apply(operator, args, Time::Now) = &premise.kind else { return None };
        if program.is_recursive(*operator) {
            return None;
        }
        let unfolded = rewrite(program, &Known::default(), &program.unfold(*operator, args, Time::Now));
        is_choice(&unfolded).then_some(unfolded)
    };
    let meanings: Vec<Expr> = case.premises.iter().filter_map(meaning).collect();
    case.premises.extend(meanings);
}

fn is_choice(formula: &Expr) -> bool {
    let exists = |item: &Expr| matches!(item.kind, ExprKind::Quantifier(Quantifier::Exists, _, _));
    matches!(&formula.kind, ExprKind::Or(items) if items.iter().any(exists))
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
