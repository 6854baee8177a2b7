//! Vacuity: premises that contradict each other prove everything, so each set of premises is tried for a
//! contradiction. These obligations must NOT be provable.

use lang::source::Span;
use lang::typed::{Expr, ExprKind, Quantifier};

use super::facts::{Library, definitions};
use super::output::{Draft, Output};
use crate::expr;
use crate::obligation::{Hypothesis, NodeId, ObligationKind, VacuityCheck, VacuitySubject};
use crate::program::Program;
use crate::rewrite::rewrite_closed;

/// The assumptions, axioms and omitted theorems of the module together.
///
/// An axiom about all sets is tried at the empty set too: that instance is where axioms about maxima and
/// minima go wrong, and no term of the module need mention it.
pub(crate) fn assumptions(program: &Program, out: &mut Output, library: &Library) {
    let mut hypotheses = library.assumed(program);
    let Some(first) = hypotheses.first() else { return };
    let span = first.formula.span;
    let instances: Vec<Hypothesis> = hypotheses
        .iter()
        .filter_map(|hypothesis| {
            let formula = at_empty_set(program, &hypothesis.formula)?;
            Some(Hypothesis { label: format!("{}({{}})", hypothesis.label), formula, ..hypothesis.clone() })
        })
        .collect();
    hypotheses.extend(instances);
    let formulas: Vec<&Expr> = hypotheses.iter().map(|hypothesis| &hypothesis.formula).collect();
    let goal = expr::bool(false, span);
    let definitions = definitions(program, None, &goal, &formulas, 0, 0);
    hypotheses.extend(definitions);
    let node = out.root("assumptions", span);
    check(out, node, "vacuity", VacuitySubject::Assumptions, hypotheses, span);
}

/// `\A S \in SUBSET T : P(S)` at `S = {}`; nothing for other formulas.
fn at_empty_set(program: &Program, formula: &Expr) -> Option<Expr> {
    let ExprKind::Quantifier(Quantifier::Forall, binders, body) = &formula.kind else { return None };
    let mut map = std::collections::BTreeMap::new();
    let mut guards = Vec::new();
    let mut rest = Vec::new();
    for binder in binders {
        let sort = program.local(binder.local).sort;
        if matches!(sort, lang::sort::Sort::Set(_)) {
            let empty = Expr::new(ExprKind::SetEnum(Vec::new()), sort, formula.span);
            guards.extend(binder.domain.iter().map(|domain| expr::is_in(&empty, domain)));
            map.insert(binder.local, empty);
        } else {
            rest.push(binder.clone());
        }
    }
    if map.is_empty() {
        return None;
    }
    let body = expr::substitute(program, body, &map);
    let instance =
        expr::quantifier(Quantifier::Forall, rest, expr::implies(&expr::and(guards, formula.span), &body));
    Some(rewrite_closed(program, &instance))
}

/// A branch of the next-state action together with the invariant.
pub(crate) fn action(
    out: &mut Output,
    theorem: &str,
    branch: &str,
    hypotheses: Vec<Hypothesis>,
    span: Span,
    node: NodeId,
) {
    let subject = VacuitySubject::Action { theorem: theorem.to_owned(), branch: branch.to_owned() };
    check(out, node, &format!("vacuity.{branch}"), subject, hypotheses, span);
}

/// The initial predicate.
pub(crate) fn initial(out: &mut Output, theorem: &str, hypotheses: &[Hypothesis], span: Span, node: NodeId) {
    let subject = VacuitySubject::Initial { theorem: theorem.to_owned() };
    check(out, node, "vacuity.init", subject, hypotheses.to_vec(), span);
}

fn check(
    out: &mut Output,
    node: NodeId,
    segments: &str,
    subject: VacuitySubject,
    hypotheses: Vec<Hypothesis>,
    span: Span,
) {
    let hypotheses = hypotheses.into_iter().map(|hypothesis| Hypothesis { tier: 0, ..hypothesis }).collect();
    let draft = Draft {
        kind: ObligationKind::Vacuity,
        hypotheses,
        goal: expr::bool(false, span),
        rests_on: Vec::new(),
        closed: None,
        span,
        action: None,
        claim: None,
    };
    let obligation = out.obligation(node, segments, "vacuity", draft);
    out.tree.vacuity.push(VacuityCheck { subject, obligation, span });
}
