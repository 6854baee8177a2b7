//! Vacuity: premises that contradict each other prove everything, so each set of premises is tried for a
//! contradiction. These obligations must NOT be provable.
//!
//! NOTE(instances): an axiom about all sets goes wrong, where it does, at the empty set and at the infinite
//! ones: no maximum, no minimum, no number of elements. No term of the module need mention these, so the axiom
//! is stated at `{}` and at the whole of what the sets are parts of, too. Instances of an assumption follow
//! from it: what contradicts them contradicts the assumption.

use std::collections::BTreeMap;

use lang::sort::Sort;
use lang::source::Span;
use lang::typed::{Binder, Expr, ExprKind, Quantifier, Time};

use super::facts::{Library, definitions};
use super::goal::opened;
use super::output::{Draft, Output};
use crate::action::Branch;
use crate::expr;
use crate::obligation::{Hypothesis, Instance, NodeId, ObligationKind, Source, VacuityCheck, VacuitySubject};
use crate::program::Program;
use crate::rewrite::rewrite_closed;

/// The assumptions, axioms and omitted theorems of the module together.
pub(crate) fn assumptions(program: &Program, out: &mut Output, library: &Library) {
    let mut hypotheses = library.assumed(program);
    let Some(first) = hypotheses.first() else { return };
    let span = first.formula.span;
    let mut instances = Vec::new();
    for assumption in hypotheses.clone() {
        for (instance, formula) in at_extremes(program, &assumption) {
            hypotheses.push(Hypothesis { label: instance.label.clone(), formula, ..assumption.clone() });
            instances.push(instance);
        }
    }
    define(program, &mut hypotheses, span);
    let node = out.root("assumptions", span);
    let obligation = must_fail(out, node, "vacuity", hypotheses, span);
    let subject = VacuitySubject::Assumptions;
    out.tree.vacuity.push(VacuityCheck { subject, obligation, span, instances, branch: None });
}

/// A branch of the next-state action together with the invariant.
pub(crate) fn action(
    program: &Program,
    out: &mut Output,
    theorem: &str,
    branch: &Branch,
    hypotheses: Vec<Hypothesis>,
    node: NodeId,
) {
    let subject = VacuitySubject::Action { theorem: theorem.to_owned(), branch: branch.name.clone() };
    of_branch(program, out, (node, &format!("vacuity.{}", branch.name)), subject, hypotheses, branch);
}

/// The initial predicate.
pub(crate) fn initial(
    program: &Program,
    out: &mut Output,
    theorem: &str,
    hypotheses: Vec<Hypothesis>,
    branch: &Branch,
    node: NodeId,
) {
    let subject = VacuitySubject::Initial { theorem: theorem.to_owned() };
    of_branch(program, out, (node, "vacuity.init"), subject, hypotheses, branch);
}

fn of_branch(
    program: &Program,
    out: &mut Output,
    (node, segments): (NodeId, &str),
    subject: VacuitySubject,
    mut hypotheses: Vec<Hypothesis>,
    branch: &Branch,
) {
    let span = branch.span;
    define(program, &mut hypotheses, span);
    let obligation = must_fail(out, node, segments, hypotheses, span);
    let branch = Some(branch.clone());
    out.tree.vacuity.push(VacuityCheck { subject, obligation, span, instances: Vec::new(), branch });
}

/// Adds the definitions of what hypotheses mention: a contradiction may lie behind an opaque operator.
fn define(program: &Program, hypotheses: &mut Vec<Hypothesis>, span: Span) {
    let formulas = hypotheses.iter().map(|hypothesis| (&hypothesis.formula, 0));
    let defined = definitions(program, None, (&expr::bool(false, span), 0), formulas);
    let is_new = |definition: &Hypothesis| hypotheses.iter().all(|known| known.label != definition.label);
    let new: Vec<Hypothesis> = defined.into_iter().filter(is_new).collect();
    hypotheses.extend(new);
}

/// An obligation whose goal is `FALSE`.
pub(crate) fn must_fail(
    out: &mut Output,
    node: NodeId,
    segments: &str,
    hypotheses: Vec<Hypothesis>,
    span: Span,
) -> crate::obligation::ObligationIdx {
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
    out.obligation(node, segments, "vacuity", draft)
}

/// The conditions and next values of a branch one by one, with nothing substituted: what the user wrote, for
/// telling which of these contradict each other.
pub fn as_written(program: &Program, branch: &Branch) -> Vec<Hypothesis> {
    let guards = branch.guards.iter().flat_map(|guard| {
        let span = guard.span;
        let parts = opened(program, &rewrite_closed(program, guard));
        // What was rewritten to nothing but FALSE still stands where it was written.
        parts
            .into_iter()
            .map(move |part| Expr::new(part.kind.clone(), part.sort.clone(), within(part.span, span)))
    });
    let values = branch.next.iter().map(|(variable, value)| {
        let next = ExprKind::Variable(*variable, Time::Next);
        let next = Expr::new(next, program.module.variables[*variable].sort.clone(), value.span);
        rewrite_closed(program, &expr::equal(&next, value))
    });
    let formulas = guards.chain(values).enumerate();
    formulas
        .map(|(position, formula)| Hypothesis::near(format!("written.{}", position + 1), formula))
        .collect()
}

/// `part` if it lies within `whole`, else `whole`: a span that rewriting took from a definition says less.
fn within(part: Span, whole: Span) -> Span {
    let is_within = part.file == whole.file && part.start >= whole.start && part.end <= whole.end;
    if is_within { part } else { whole }
}

/// The conjuncts `\A S \in D : P(S)` of an assumption, `S` being a set, at `S = {}` and where `S` is the whole
/// of what its members come from: the instances, and what they state, rewritten.
fn at_extremes(program: &Program, hypothesis: &Hypothesis) -> Vec<(Instance, Expr)> {
    let Some(Source::Fact(fact)) = hypothesis.sources.first() else { return Vec::new() };
    let mut universals = Vec::new();
    collect_universals(program, &program.module.facts[*fact].statement, &mut universals);
    let mut found: Vec<(Instance, Expr)> = Vec::new();
    for (binders, body) in &universals {
        for extreme in [empty, whole] {
            let Some((mut instance, formula)) = instance(program, binders, body, extreme) else { continue };
            let values = instance.values.iter().map(|(_, value)| crate::print::formula(program, value));
            let values: Vec<String> = values.collect();
            instance.label = format!("{}({})", hypothesis.label, values.join(", "));
            let n_alike = found.iter().filter(|(other, _)| other.label.starts_with(&instance.label)).count();
            if n_alike > 0 {
                instance.label = format!("{}@{}", instance.label, n_alike + 1);
            }
            found.push((instance, formula));
        }
    }
    found
}

/// The universally quantified conjuncts of a formula, through definitions; quantifiers that follow each other
/// are one.
fn collect_universals(program: &Program, formula: &Expr, into: &mut Vec<(Vec<Binder>, Expr)>) {
    match &formula.kind {
        ExprKind::And(items) => items.iter().for_each(|item| collect_universals(program, item, into)),
        ExprKind::Apply(operator, args, Time::Now) if !program.is_opaque(*operator) => {
            collect_universals(program, &program.unfold(*operator, args, Time::Now), into);
        }
        ExprKind::Quantifier(Quantifier::Forall, binders, body) => {
            let (mut binders, mut body) = (binders.clone(), body.clone());
            while let ExprKind::Quantifier(Quantifier::Forall, more, inner) = &body.kind {
                binders.extend(more.iter().cloned());
                let inner = inner.clone();
                body = inner;
            }
            into.push((binders, body));
        }
        _ => {}
    }
}

/// `\A x \in D : P` with what `extreme` gives for those of the names that are sets; nothing if it gives none.
fn instance(
    program: &Program,
    binders: &[Binder],
    body: &Expr,
    extreme: fn(&Program, &Binder, &Sort) -> Option<Expr>,
) -> Option<(Instance, Expr)> {
    let mut map = BTreeMap::new();
    let mut values = Vec::new();
    let mut guards = Vec::new();
    let mut rest = Vec::new();
    for binder in binders {
        let sort = program.sort_of(binder.local);
        let domain = binder.domain.as_ref().map(|domain| expr::substitute(program, domain, &map));
        match extreme(program, binder, &sort) {
            Some(value) => {
                guards.extend(domain.iter().map(|domain| expr::is_in(&value, domain)));
                values.push((binder.local, value.clone()));
                map.insert(binder.local, value);
            }
            None => rest.push(Binder { local: binder.local, domain }),
        }
    }
    if values.is_empty() {
        return None;
    }
    let body = expr::substitute(program, body, &map);
    let guarded = expr::implies(&expr::and(guards, body.span), &body);
    let stated = rewrite_closed(program, &expr::quantifier(Quantifier::Forall, rest.clone(), guarded));
    let body = expr::quantifier(Quantifier::Forall, rest, body);
    Some((Instance { label: String::new(), values, body }, stated))
}

/// The empty set, for a set.
fn empty(program: &Program, binder: &Binder, sort: &Sort) -> Option<Expr> {
    let span = program.local(binder.local).span;
    matches!(sort, Sort::Set(_)).then(|| Expr::new(ExprKind::SetEnum(Vec::new()), sort.clone(), span))
}

/// `T` for a part of `T`, if that is one and the same set for all values of other bound names.
fn whole(program: &Program, binder: &Binder, _sort: &Sort) -> Option<Expr> {
    let whole = superset(program, binder.domain.as_ref()?)?;
    expr::free_locals(&whole).is_empty().then_some(whole)
}

/// `T`, if all members of a set are parts of `T` by how it is written: `SUBSET T`, or less.
fn superset(program: &Program, domain: &Expr) -> Option<Expr> {
    match &domain.kind {
        ExprKind::Powerset(all) => Some(all.clone()),
        ExprKind::Minus(from, _) => superset(program, from),
        ExprKind::SetFilter(binder, _) => superset(program, binder.domain.as_ref()?),
        ExprKind::Apply(operator, args, Time::Now) if !program.is_opaque(*operator) => {
            superset(program, &program.unfold(*operator, args, Time::Now))
        }
        _ => None,
    }
}
