//! What rechecks decomposition: each formula that is split into cases, as it was before any rewriting, is an
//! obligation of its own, to be proved from the cases that are left open.
//!
//! Nothing here calls `rewrite`, `Step::forward` or what looks for increments: the formula, the conjuncts of
//! the state before, the guards and the definitions stand as the module has them, with definitions unfolded,
//! primes pushed to the leaves and `\subseteq` and `UNCHANGED` written out; the step is the equations
//! `x' = e` of its branch. A rule that is wrong, a frame that is none, or a split that forgets a case leaves
//! something that does not follow.

use std::collections::{BTreeMap, BTreeSet};

use lang::sort::Sort;
use lang::source::Span;
use lang::typed::{Binder, Expr, ExprKind, LocalId, OperatorId, Quantifier, Time};

use super::facts::definition_label;
use crate::action::Branch;
use crate::expr;
use crate::obligation::{
    Hypothesis, NodeId, Obligation, ObligationIdx, ObligationKind, ProofTree, Recheck, Source,
};
use crate::program::Program;

/// Tiers of hypotheses of a recheck.
mod tier {
    /// The step, the conjunct before it, the cases, and definitions of what these mention.
    pub(super) const NEAR: u8 = 0;
    /// The other conjuncts before the step, and definitions of what definitions mention.
    pub(super) const FAR: u8 = 1;
}

/// A formula that was split into cases, as written, with what it may be proved from. It is made an obligation
/// when all others are there, so that these do not depend on whether anybody wants a recheck.
pub(crate) struct Whole {
    /// The node above the cases.
    pub(crate) node: NodeId,
    /// Its name below that node.
    pub(crate) name: String,
    pub(crate) kind: ObligationKind,
    /// What is to be proved, and in which state.
    pub(crate) goal: Expr,
    pub(crate) time: Time,
    /// The step, if there is one.
    pub(crate) branch: Option<Branch>,
    /// What holds before it, by label: first what rewriting used, then the rest.
    pub(crate) before: [Vec<(String, Expr)>; 2],
    pub(crate) cases: Cases,
    pub(crate) span: Span,
}

/// The cases that a formula was split into, with what each states.
pub(crate) type Cases = Vec<(ObligationIdx, Expr)>;

/// The obligations that recheck decomposition.
pub(crate) fn rechecks(program: &Program, tree: &ProofTree, wholes: Vec<Whole>) -> Vec<Recheck> {
    wholes.into_iter().map(|whole| recheck(program, tree, whole)).collect()
}

fn recheck(program: &Program, tree: &ProofTree, whole: Whole) -> Recheck {
    let Whole { node, name, kind, goal, time, branch, before, cases, span } = whole;
    let goal = plain(program, &goal);
    let goal = match time {
        Time::Now => goal,
        Time::Next => expr::prime(program, &goal),
    };
    let mut hypotheses: Vec<Hypothesis> = branch.iter().flat_map(|branch| step(program, branch)).collect();
    for (before, tier) in before.into_iter().zip([tier::NEAR, tier::FAR]) {
        let held = |(label, formula)| Hypothesis { tier, ..Hypothesis::near(label, formula) };
        hypotheses.extend(before.into_iter().map(held));
    }
    for hypothesis in &mut hypotheses {
        hypothesis.formula = plain(program, &hypothesis.formula);
    }
    let mut fixed = expr::free_locals(&goal);
    fixed.extend(hypotheses.iter().flat_map(|hypothesis| expr::free_locals(&hypothesis.formula)));
    let cases: Cases =
        cases.into_iter().map(|(case, stated)| (case, for_all_others(program, &stated, &fixed))).collect();
    let formulas =
        hypotheses.iter().map(|hypothesis| &hypothesis.formula).chain(cases.iter().map(|(_, stated)| stated));
    let definitions = definitions(program, formulas.chain([&goal]));
    hypotheses.extend(definitions);
    let whole = Obligation {
        id: format!("{}.{name}", tree.nodes[node].path),
        node,
        kind,
        hypotheses,
        goal,
        rests_on: Vec::new(),
        closed: None,
        tentative: false,
        span,
        action: branch.map(|branch| branch.span),
        claim: None,
    };
    Recheck { cases, whole }
}

/// The formula for all values of the names in it that are not fixed.
fn for_all_others(program: &Program, formula: &Expr, fixed: &BTreeSet<LocalId>) -> Expr {
    let binders: Vec<Binder> = expr::free_locals(formula)
        .difference(fixed)
        .map(|local| Binder { local: *local, domain: None })
        .collect();
    let map = binders
        .iter()
        .map(|binder| (binder.local, program.rigid(binder.local)))
        .collect::<BTreeMap<LocalId, Expr>>();
    let binders = map
        .values()
        .filter_map(|name| match name.kind {
            ExprKind::Local(local) => Some(Binder { local, domain: None }),
            _ => None,
        })
        .collect();
    expr::quantifier(Quantifier::Forall, binders, expr::substitute(program, formula, &map))
}

/// The step of a branch as written: its guards, and an equation for each variable with a next value.
fn step(program: &Program, branch: &Branch) -> Vec<Hypothesis> {
    let guards = branch.guards.iter().enumerate();
    let mut out: Vec<Hypothesis> = guards
        .map(|(position, guard)| Hypothesis::near(format!("guard.{}", position + 1), guard.clone()))
        .collect();
    for (id, value) in &branch.equations {
        let symbol = &program.module.variables[*id];
        let next = Expr::new(ExprKind::Variable(*id, Time::Next), symbol.sort.clone(), value.span);
        let value = plain(program, value);
        let mut parts = vec![expr::equal(&next, &value)];
        parts.extend(same_values(program, &next, &value));
        parts.extend(records(program, &next, &value));
        out.push(Hypothesis::near(format!("next:{}", symbol.name), expr::and(parts, value.span)));
    }
    out
}

/// `\E y : y = r` for each record `r` that a next value is made of: it exists, which lowering says of no record
/// that it need not name. If the next value is a set of such records, it is an element of that or not.
fn records(program: &Program, next: &Expr, value: &Expr) -> Vec<Expr> {
    let mut found = Vec::new();
    let mut visit = |node: &Expr| {
        if matches!(node.kind, ExprKind::Record(..)) {
            found.push(node.clone());
        }
        false
    };
    expr::any(value, &mut visit);
    let of_next = match &next.sort {
        Sort::Set(element) => Some(element.as_ref()),
        _ => None,
    };
    let exists = |record: Expr| {
        let local = program.fresh("r", record.sort.clone(), record.span);
        let name = expr::local(local, record.sort.clone(), record.span);
        let mut parts = vec![expr::equal(&name, &record)];
        if of_next == Some(&record.sort) {
            parts.push(expr::equal(&expr::is_in(&name, next), &expr::is_in(&name, value)));
        }
        let bound = bound_within(value, &record);
        let body = expr::and(parts, record.span);
        let there_is = expr::quantifier(Quantifier::Exists, vec![Binder { local, domain: None }], body);
        let all = bound.into_iter().map(|local| Binder { local, domain: None }).collect();
        expr::quantifier(Quantifier::Forall, all, there_is)
    };
    found.into_iter().map(exists).collect()
}

/// The free names of a part that are bound in the whole.
fn bound_within(whole: &Expr, part: &Expr) -> BTreeSet<LocalId> {
    expr::free_locals(part).difference(&expr::free_locals(whole)).copied().collect()
}

/// `\A i : f[i] = g[i]`, outside of their domain too, for functions: equal functions are equal in any term.
fn same_values(program: &Program, left: &Expr, right: &Expr) -> Option<Expr> {
    let Sort::Function(from, to) = &left.sort else { return None };
    let local = program.fresh("i", (**from).clone(), left.span);
    let argument = expr::local(local, (**from).clone(), left.span);
    let value =
        |of: &Expr| Expr::new(ExprKind::Index(of.clone(), argument.clone()), (**to).clone(), left.span);
    let same = expr::equal(&value(left), &value(right));
    Some(expr::quantifier(Quantifier::Forall, vec![Binder { local, domain: None }], same))
}

/// The expression with operators unfolded that are not opaque, and `\subseteq`, `UNCHANGED` and `[A]_v` as
/// TLA+ defines them.
fn plain(program: &Program, expr: &Expr) -> Expr {
    match &expr.kind {
        ExprKind::Apply(operator, args, time) if !program.is_opaque(*operator) => {
            plain(program, &program.unfold(*operator, args, *time))
        }
        ExprKind::SubsetEq(left, right) => match &left.sort {
            Sort::Set(element) => {
                let local = program.fresh("x", (**element).clone(), expr.span);
                let member = expr::local(local, (**element).clone(), expr.span);
                let binder = Binder { local, domain: Some(plain(program, left)) };
                let body = expr::is_in(&member, &plain(program, right));
                expr::quantifier(Quantifier::Forall, vec![binder], body)
            }
            _ => expr.clone(),
        },
        _ => match expr::with_primes(program, expr) {
            Some(primed) => plain(program, &primed),
            None => expr::map_children(expr, &mut |child| plain(program, child)),
        },
    }
}

/// Definitions, as written, of the opaque operators that formulas mention, and of those that these mention.
fn definitions<'a>(program: &Program, formulas: impl IntoIterator<Item = &'a Expr>) -> Vec<Hypothesis> {
    let mut wanted: BTreeMap<(OperatorId, Time), u8> = BTreeMap::new();
    for formula in formulas {
        mentioned(formula, tier::NEAR, &mut wanted);
    }
    let mut out: BTreeMap<(OperatorId, Time), Hypothesis> = BTreeMap::new();
    while let Some((&(operator, time), &tier)) = wanted.iter().find(|(at, _)| !out.contains_key(at)) {
        let formula = plain(program, &definition(program, operator, time));
        mentioned(&formula, tier::FAR, &mut wanted);
        let own = definition_label(program, operator, time);
        let label = if program.is_recursive(operator) { format!("kept:{own}") } else { own };
        let hypothesis = Hypothesis {
            label,
            formula,
            sources: vec![Source::Definition(program.module.operators[operator].name.clone())],
            tier,
        };
        out.insert((operator, time), hypothesis);
    }
    out.into_values().filter(|hypothesis| !expr::is_bool(&hypothesis.formula, true)).collect()
}

fn mentioned(formula: &Expr, tier: u8, into: &mut BTreeMap<(OperatorId, Time), u8>) {
    expr::any(formula, &mut |node| {
        if let ExprKind::Apply(operator, _, time) = &node.kind {
            into.entry((*operator, *time)).or_insert(tier);
        }
        false
    });
}

/// `\A x : Op(x) = body`. Nothing unfolds a recursive operator, so nothing needs its equations; what it is in
/// the next state is what it was, if the variables that it reads are.
fn definition(program: &Program, operator: OperatorId, time: Time) -> Expr {
    let definition = &program.module.operators[operator];
    let span = definition.span;
    let binders = definition.params.iter().map(|local| Binder { local: *local, domain: None }).collect();
    let own = program.applied(operator, time);
    match (definition.recursive, time) {
        (true, Time::Now) => expr::bool(true, span),
        (true, Time::Next) => {
            let kept = program.support(operator, Time::Now).iter().map(|id| {
                let sort = &program.module.variables[*id].sort;
                let at = |time| Expr::new(ExprKind::Variable(*id, time), sort.clone(), span);
                expr::equal(&at(Time::Next), &at(Time::Now))
            });
            let same = expr::equal(&own, &program.applied(operator, Time::Now));
            expr::implies(&expr::and(kept, span), &expr::quantifier(Quantifier::Forall, binders, same))
        }
        (false, Time::Now) => {
            expr::quantifier(Quantifier::Forall, binders, expr::equal(&own, &definition.body))
        }
        (false, Time::Next) => {
            let body = expr::prime(program, &definition.body);
            expr::quantifier(Quantifier::Forall, binders, expr::equal(&own, &body))
        }
    }
}
