//! What rechecks decomposition: each formula that is split into cases, as it was before any rewriting, is an
//! obligation of its own, to be proved from the cases that are left open.
//!
//! Nothing here calls `rewrite`, `Step::forward` or what looks for increments: the formula, the conjuncts of
//! the state before, the guards and the definitions stand as the module has them, with definitions unfolded,
//! primes pushed to the leaves and `\subseteq` and `UNCHANGED` written out; the step is the equations
//! `x' = e` of its branch. A rule that is wrong, a frame that is none, or a split that forgets a case leaves
//! something that does not follow.

mod equations;

use std::collections::{BTreeMap, BTreeSet};

use lang::sort::Sort;
use lang::source::Span;
use lang::typed::{Binder, Expr, ExprKind, LocalId, OperatorId, Quantifier, Time};

use super::facts::definition_label;
use crate::action::{Branch, Templates};
use crate::expr;
use crate::obligation::{
    Hypothesis, NodeId, Obligation, ObligationIdx, ObligationKind, ProofTree, Recheck, Source, Worth,
};
use crate::program::Program;

pub use equations::equation;

/// How the labels of hypotheses begin that say what an operator becomes across a step; the id of the recheck
/// that proves it follows.
pub const ACROSS: &str = "across:";

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
    /// The step, if there is one, and its node.
    pub(crate) branch: Option<(NodeId, Branch)>,
    /// What opaque operators become across the step, as far as decomposition used it.
    pub(crate) templates: Templates,
    /// What holds before it, by label: first what rewriting used, then the rest.
    pub(crate) before: [Vec<(String, Expr)>; 2],
    pub(crate) cases: Cases,
    pub(crate) span: Span,
}

/// The cases that a formula was split into, with what each states.
pub(crate) type Cases = Vec<(ObligationIdx, Expr)>;

/// The obligations that recheck decomposition: first what operators become across steps, then the formulas.
pub(crate) fn rechecks(program: &Program, tree: &ProofTree, wholes: Vec<Whole>) -> Vec<Recheck> {
    let mut across = Across::default();
    let formulas: Vec<Recheck> =
        wholes.into_iter().map(|whole| recheck(program, tree, whole, &mut across)).collect();
    across.claims.into_iter().chain(formulas).collect()
}

/// Claims that an opaque operator becomes this or that across a branch, each a recheck without cases.
#[derive(Default)]
struct Across {
    claims: Vec<Recheck>,
    /// The claim of each, by the path of the branch.
    known: BTreeMap<(String, OperatorId), Hypothesis>,
}

fn recheck(program: &Program, tree: &ProofTree, whole: Whole, across: &mut Across) -> Recheck {
    let Whole { node, name, kind, goal, time, branch, templates, before, cases, span } = whole;
    let goal = plain(program, &goal);
    let goal = match time {
        Time::Now => goal,
        Time::Next => expr::prime(program, &goal),
    };
    let premises = premises(program, branch.as_ref().map(|(_, branch)| branch), before);
    let mut fixed = expr::free_locals(&goal);
    fixed.extend(premises.iter().flat_map(|hypothesis| expr::free_locals(&hypothesis.formula)));
    let cases: Cases =
        cases.into_iter().map(|(case, stated)| (case, for_all_others(program, &stated, &fixed))).collect();
    let mut wanted: BTreeMap<(OperatorId, Time), u8> = BTreeMap::new();
    let stated = cases.iter().map(|(_, stated)| stated);
    for formula in premises.iter().map(|hypothesis| &hypothesis.formula).chain(stated).chain([&goal]) {
        mentioned(formula, tier::NEAR, &mut wanted);
    }
    let step = branch.as_ref().map(|(at, branch)| StepClaims {
        node: *at,
        path: path_of(&tree.nodes[*at].path, branch),
        branch,
        templates: &templates,
        premises: &premises,
        kind: &kind,
    });
    let known = definitions(program, wanted, step.as_ref(), across);
    let action = branch.as_ref().map(|(_, branch)| branch.span);
    let id = format!("{}.{name}", tree.nodes[node].path);
    let hypotheses = premises.into_iter().chain(known).collect();
    let rest = branch
        .as_ref()
        .filter(|_| is_about_old(tree, &id, &cases))
        .map(|(_, branch)| without_new(program, branch, &goal));
    Recheck { cases, whole: obligation(id, node, kind, hypotheses, goal, span, action), rest }
}

/// Whether what decomposition closed is about old elements, and what it left open about new ones.
fn is_about_old(tree: &ProofTree, id: &str, cases: &Cases) -> bool {
    let is_new = |case: &ObligationIdx| {
        let below = tree.obligations[*case].id.strip_prefix(id).unwrap_or_default();
        below.split('.').any(|segment| segment.starts_with("new"))
    };
    cases.iter().all(|(case, _)| is_new(case) == tree.obligations[*case].closed.is_none())
}

/// The formula for all elements but those that the step adds to a set that it quantifies over, as written.
fn without_new(program: &Program, branch: &Branch, goal: &Expr) -> Expr {
    match &goal.kind {
        ExprKind::And(items) => {
            expr::and(items.iter().map(|item| without_new(program, branch, item)), goal.span)
        }
        ExprKind::Implies(premise, conclusion) => {
            expr::implies(premise, &without_new(program, branch, conclusion))
        }
        ExprKind::Quantifier(Quantifier::Forall, binders, body) => {
            let mut old = Vec::new();
            for binder in binders {
                let Some(domain) = &binder.domain else { continue };
                let ExprKind::Variable(id, Time::Next) = domain.kind else { continue };
                let name = program.named(binder.local);
                let mut added = Vec::new();
                for (own, value) in &branch.equations {
                    if *own == id {
                        enumerated(&plain(program, value), &mut added);
                    }
                }
                old.extend(added.iter().map(|item| expr::not(&expr::equal(&name, item))));
            }
            let body = expr::implies(&expr::and(old, goal.span), &without_new(program, branch, body));
            expr::quantifier(Quantifier::Forall, binders.clone(), body)
        }
        _ => goal.clone(),
    }
}

/// The elements that a union enumerates.
fn enumerated(set: &Expr, into: &mut Vec<Expr>) {
    match &set.kind {
        ExprKind::Union(left, right) => {
            enumerated(left, into);
            enumerated(right, into);
        }
        ExprKind::SetEnum(items) => into.extend(items.iter().cloned()),
        _ => {}
    }
}

/// The path of a branch: that of its node, or below it, where all initial branches share one.
fn path_of(path: &str, branch: &Branch) -> String {
    if path.ends_with(&branch.name) { path.to_owned() } else { format!("{path}.{}", branch.name) }
}

fn obligation(
    id: String,
    node: NodeId,
    kind: ObligationKind,
    hypotheses: Vec<Hypothesis>,
    goal: Expr,
    span: Span,
    action: Option<Span>,
) -> Obligation {
    let (rests_on, closed, worth) = (Vec::new(), None, Worth::Decisive);
    let claim = None;
    Obligation { id, node, kind, hypotheses, goal, rests_on, closed, worth, span, action, claim }
}

/// The step and what holds before it, as written.
fn premises(program: &Program, branch: Option<&Branch>, before: [Vec<(String, Expr)>; 2]) -> Vec<Hypothesis> {
    let mut out: Vec<Hypothesis> = branch.iter().flat_map(|branch| step(program, branch)).collect();
    for (before, tier) in before.into_iter().zip([tier::NEAR, tier::FAR]) {
        let held = |(label, formula)| Hypothesis { tier, ..Hypothesis::near(label, formula) };
        out.extend(before.into_iter().map(held));
    }
    for hypothesis in &mut out {
        hypothesis.formula = plain(program, &hypothesis.formula);
    }
    out
}

/// What claims about operators across a step are made from.
struct StepClaims<'a> {
    node: NodeId,
    path: String,
    branch: &'a Branch,
    templates: &'a Templates,
    premises: &'a [Hypothesis],
    kind: &'a ObligationKind,
}

impl StepClaims<'_> {
    /// What decomposition takes the operator to be after the step, if it is not a symbol of its own.
    fn template(&self, program: &Program, operator: OperatorId) -> Option<(Vec<Expr>, Expr)> {
        if program.is_recursive(operator) {
            return None;
        }
        if program.support(operator, Time::Now).iter().all(|id| self.branch.keeps(*id)) {
            return Some((Vec::new(), program.applied(operator, Time::Now)));
        }
        self.templates.get(&operator).cloned()
    }

    /// The claim about an operator as a hypothesis, recorded as something to be proved.
    fn claim(&self, program: &Program, operator: OperatorId, across: &mut Across) -> Option<Hypothesis> {
        if let Some(known) = across.known.get(&(self.path.clone(), operator)) {
            return Some(known.clone());
        }
        let (premises, template) = self.template(program, operator)?;
        let definition = &program.module.operators[operator];
        let binders = definition.params.iter().map(|local| Binder { local: *local, domain: None }).collect();
        let same = expr::equal(&program.applied(operator, Time::Next), &plain(program, &template));
        let premise = expr::and(premises.iter().map(|premise| plain(program, premise)), definition.span);
        let formula = expr::quantifier(Quantifier::Forall, binders, expr::implies(&premise, &same));
        let id = format!("{}.across.{}", self.path, definition_label(program, operator, Time::Next));
        let claim = Hypothesis::near(format!("{ACROSS}{id}"), formula.clone());
        across.known.insert((self.path.clone(), operator), claim.clone());
        // Its own proof starts from its definitions, and from claims about the operators in them.
        let mut hypotheses: Vec<Hypothesis> = self.premises.to_vec();
        let mut wanted: BTreeMap<(OperatorId, Time), u8> = BTreeMap::new();
        for time in [Time::Now, Time::Next] {
            let own = plain(program, &self::definition(program, operator, time));
            mentioned(&own, tier::NEAR, &mut wanted);
            wanted.remove(&(operator, time));
            if time == Time::Now {
                let same = congruences(program, &own).into_iter().enumerate();
                hypotheses.extend(same.map(|(position, formula)| {
                    Hypothesis::near(format!("same:{}.{}", definition.name, position + 1), formula)
                }));
            }
            hypotheses.push(Hypothesis::near(definition_label(program, operator, time), own));
        }
        mentioned(&plain(program, &template), tier::NEAR, &mut wanted);
        wanted.remove(&(operator, Time::Now));
        wanted.remove(&(operator, Time::Next));
        let known = definitions(program, wanted, Some(self), across);
        let labels: BTreeSet<String> = hypotheses.iter().map(|hypothesis| hypothesis.label.clone()).collect();
        hypotheses.extend(known.into_iter().filter(|hypothesis| !labels.contains(&hypothesis.label)));
        let span = definition.span;
        let action = Some(self.branch.span);
        let whole = obligation(id, self.node, self.kind.clone(), hypotheses, formula, span, action);
        across.claims.push(Recheck { cases: Vec::new(), whole, rest: None });
        Some(claim)
    }
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
/// that it need not name. If the next value is a set of such records, it is an element of that or not; if a
/// field is a set or a function, whatever equals `r` is `y`, since sets with the same elements are the same.
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
        if has_contents(&record) {
            let other = program.fresh("r", record.sort.clone(), record.span);
            let another = expr::local(other, record.sort.clone(), record.span);
            let same = expr::implies(&expr::equal(&another, &record), &expr::equal(&another, &name));
            let binder = Binder { local: other, domain: None };
            parts.push(expr::quantifier(Quantifier::Forall, vec![binder], same));
        }
        let bound = bound_within(value, &record);
        let body = expr::and(parts, record.span);
        let there_is = expr::quantifier(Quantifier::Exists, vec![Binder { local, domain: None }], body);
        let all = bound.into_iter().map(|local| Binder { local, domain: None }).collect();
        expr::quantifier(Quantifier::Forall, all, there_is)
    };
    found.into_iter().map(exists).collect()
}

/// Whether a record has fields that are equal if their contents are.
fn has_contents(record: &Expr) -> bool {
    match &record.kind {
        ExprKind::Record(_, _, values) => {
            values.iter().any(|value| matches!(value.sort, Sort::Set(_) | Sort::Function(..)))
        }
        _ => false,
    }
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

/// For each function that is written out and applied in an expression about a state: if it is the same after the
/// step, so are its values outside of its domain. Lowering does not say that by itself.
fn congruences(program: &Program, of_state: &Expr) -> Vec<Expr> {
    let mut functions: Vec<Expr> = Vec::new();
    expr::any(of_state, &mut |node| {
        if let ExprKind::Index(function, _) = &node.kind
            && matches!(function.kind, ExprKind::Function(..) | ExprKind::Except(..))
            && expr::free_locals(function).is_empty()
            && !functions.iter().any(|known| known.same_node(function))
        {
            functions.push(function.clone());
        }
        false
    });
    let same = functions.iter().filter_map(|now| {
        let next = expr::prime(program, now);
        Some(expr::implies(&expr::equal(&next, now), &same_values(program, &next, now)?))
    });
    same.collect()
}

/// The expression with operators unfolded that are not opaque, and `\subseteq`, `\in SUBSET`,
/// `UNCHANGED` and `[A]_v` as TLA+ defines them.
fn plain(program: &Program, expr: &Expr) -> Expr {
    match &expr.kind {
        ExprKind::Apply(operator, args, time) if !program.is_opaque(*operator) => {
            plain(program, &program.unfold(*operator, args, *time))
        }
        ExprKind::SubsetEq(left, right) => included(program, left, right, expr),
        ExprKind::In(left, set) if let ExprKind::Powerset(right) = &set.kind => {
            included(program, left, right, expr)
        }
        _ => match expr::with_primes(program, expr) {
            Some(primed) => plain(program, &primed),
            None => expr::map_children(expr, &mut |child| plain(program, child)),
        },
    }
}

/// `\A x \in S : x \in T`, for the inclusion of `S` in `T`.
fn included(program: &Program, left: &Expr, right: &Expr, whole: &Expr) -> Expr {
    let Sort::Set(element) = &left.sort else { return whole.clone() };
    let local = program.fresh("x", (**element).clone(), whole.span);
    let member = expr::local(local, (**element).clone(), whole.span);
    let binder = Binder { local, domain: Some(plain(program, left)) };
    let body = expr::is_in(&member, &plain(program, right));
    expr::quantifier(Quantifier::Forall, vec![binder], body)
}

/// What is known of opaque operators: their definitions as written, and of those in them, or, nearer than
/// these, what they become across the step.
fn definitions(
    program: &Program,
    mut wanted: BTreeMap<(OperatorId, Time), u8>,
    step: Option<&StepClaims<'_>>,
    across: &mut Across,
) -> Vec<Hypothesis> {
    let mut done: BTreeSet<(OperatorId, Time)> = BTreeSet::new();
    let mut out = Vec::new();
    while let Some((&(operator, time), &near)) = wanted.iter().find(|(at, _)| !done.contains(at)) {
        done.insert((operator, time));
        let claim = match (time, step) {
            (Time::Next, Some(step)) => step.claim(program, operator, across),
            (Time::Next, None) | (Time::Now, _) => None,
        };
        let tier = if claim.is_some() { tier::FAR } else { near };
        if let Some(claim) = claim {
            mentioned(&claim.formula, near, &mut wanted);
            out.push(claim);
        }
        let formula = plain(program, &definition(program, operator, time));
        mentioned(&formula, tier::FAR, &mut wanted);
        let own = definition_label(program, operator, time);
        let label = if program.is_recursive(operator) { format!("kept:{own}") } else { own };
        let sources = vec![Source::Definition(program.module.operators[operator].name.clone())];
        out.push(Hypothesis { label, formula, sources, tier });
    }
    out.retain(|hypothesis| !expr::is_bool(&hypothesis.formula, true));
    out
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
