//! Goals: from a formula to leaves, and from a leaf to the cases that remain after its quantifiers and
//! premises have been taken off.
//!
//! Taking off is sound because each step is one of: `\A x \in S : P` is proved for a name that occurs
//! nowhere else, with `x \in S` as a premise; `P => Q` is proved by proving `Q` with `P` as a premise; a
//! conjunction by each conjunct; `\A x \in S \cup {e} : P` by `P` for an old `x \in S` and `P(e)`; and
//! `\A i \in 1..n + 1 : P`, for an `n` that is known not to be negative, likewise.

use std::collections::BTreeMap;

use lang::source::Span;
use lang::typed::{Binder, Comparison, Expr, ExprKind, Quantifier, Time};

use crate::alpha::{Key, alike, key};
use crate::expr;
use crate::obligation::Hypothesis;
use crate::program::Program;
use crate::rewrite::integers::{Linear, grown};
use crate::rewrite::{Known, rewrite, rewrite_closed};
use crate::trail::{Move, Rule};

/// A range that a step makes longer by at most so much is split into old numbers and new ones.
const MAX_GROWTH: i128 = 2;

/// One conjunct of a formula, closed: its quantifiers and premises are its own.
#[derive(Clone, Debug)]
pub(crate) struct Leaf {
    /// Its name: that of the innermost operator and its position there, `MsgInv1b.3`.
    pub(crate) name: String,
    /// The formula, not rewritten.
    pub(crate) raw: Expr,
    /// The rewritten formula.
    pub(crate) formula: Expr,
    /// The conjunct's own text.
    pub(crate) span: Span,
    /// How the one became the other, if anybody wants to know.
    pub(crate) trail: Vec<Move>,
}

/// Splits a formula into leaves, through definitions, `\A` and `=>`. Names are unique.
pub(crate) fn leaves(program: &Program, formula: &Expr) -> Vec<Leaf> {
    let mut found = Vec::new();
    descend(
        program,
        formula,
        &Place { operator: String::new(), positions: Vec::new() },
        &mut Vec::new(),
        &mut found,
    );
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for leaf in &mut found {
        if leaf.name.is_empty() {
            "1".clone_into(&mut leaf.name);
        }
        let count = seen.entry(leaf.name.clone()).or_default();
        *count += 1;
        if *count > 1 {
            leaf.name = format!("{}#{count}", leaf.name);
        }
    }
    found
}

struct Place {
    operator: String,
    positions: Vec<usize>,
}

impl Place {
    fn name(&self) -> String {
        let mut parts: Vec<String> = Vec::new();
        if !self.operator.is_empty() {
            parts.push(self.operator.clone());
        }
        parts.extend(self.positions.iter().map(ToString::to_string));
        parts.join(".")
    }
}

enum Wrapper {
    Forall(Vec<Binder>),
    Premise(Expr),
}

fn descend(program: &Program, formula: &Expr, place: &Place, around: &mut Vec<Wrapper>, out: &mut Vec<Leaf>) {
    match &formula.kind {
        ExprKind::And(items) => {
            for (position, item) in items.iter().enumerate() {
                let mut positions = place.positions.clone();
                positions.push(position + 1);
                descend(program, item, &Place { operator: place.operator.clone(), positions }, around, out);
            }
        }
        ExprKind::Quantifier(Quantifier::Forall, binders, body) => {
            around.push(Wrapper::Forall(binders.clone()));
            descend(program, body, place, around, out);
            around.pop();
        }
        ExprKind::Implies(premise, conclusion) => {
            around.push(Wrapper::Premise(premise.clone()));
            descend(program, conclusion, place, around, out);
            around.pop();
        }
        ExprKind::Apply(operator, args, Time::Now) if !program.is_opaque(*operator) => {
            let name = program.module.operators[*operator].name.clone();
            let body = program.unfold(*operator, args, Time::Now);
            let first = out.len();
            descend(program, &body, &Place { operator: name, positions: Vec::new() }, around, out);
            // What is one formula is known by the conjunct that it is in, rather than by the last operator there.
            if let ([own], false, false) = (&mut out[first..], around.is_empty(), place.operator.is_empty()) {
                own.name = place.name();
                own.span = formula.span;
            }
        }
        _ => {
            let span = formula.span;
            let wrapped = around.iter().rev().fold(formula.clone(), |inner, wrapper| match wrapper {
                Wrapper::Forall(binders) => expr::quantifier(Quantifier::Forall, binders.clone(), inner),
                Wrapper::Premise(premise) => expr::implies(premise, &inner),
            });
            let (formula, trail) = program.recorded(|| rewrite_closed(program, &wrapped));
            out.push(Leaf { name: place.name(), raw: wrapped, formula, span, trail });
        }
    }
}

/// What is left of a leaf in one case.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    /// `old`, `new`, positions of conjuncts.
    pub(crate) segments: Vec<String>,
    /// Premises, rewritten.
    pub(crate) premises: Vec<Expr>,
    /// The goal, rewritten.
    pub(crate) goal: Expr,
    /// What is known: the caller's knowledge and the premises.
    pub(crate) known: Known,
    /// Whether the case is about old elements only, and the leaf's own hypothesis gives the goal.
    pub(crate) by_hypothesis: bool,
    /// How the goal became this, if anybody wants to know.
    pub(crate) trail: Vec<Move>,
}

impl Case {
    /// What the case states of the names that it introduced.
    pub(crate) fn statement(&self) -> Expr {
        expr::implies(&expr::and(self.premises.iter().cloned(), self.goal.span), &self.goal)
    }

    /// The premises as hypotheses.
    pub(crate) fn premise_hypotheses(&self) -> Vec<Hypothesis> {
        let numbered = self.premises.iter().enumerate();
        numbered
            .map(|(position, premise)| Hypothesis::near(format!("premise.{}", position + 1), premise.clone()))
            .collect()
    }
}

/// Takes the quantifiers and premises off a goal.
///
/// `now` is the same formula in the state before the step, if there is one: where both run in parallel and
/// end in the same goal, the hypothesis closes the case.
pub(crate) fn cases(program: &Program, known: &Known, now: Option<&Expr>, goal: &Expr) -> Vec<Case> {
    let start = State {
        segments: Vec::new(),
        premises: Vec::new(),
        premises_now: Vec::new(),
        known: known.clone(),
        now: now.cloned(),
        trail: Vec::new(),
    };
    let mut out = Vec::new();
    take_off(program, start, goal, &mut out);
    out
}

#[derive(Clone)]
struct State {
    segments: Vec<String>,
    premises: Vec<Expr>,
    premises_now: Vec<Expr>,
    known: Known,
    now: Option<Expr>,
    trail: Vec<Move>,
}

impl State {
    fn assume(&mut self, program: &Program, premise: &Expr) {
        self.known.assume(premise);
        self.premises.extend(opened(program, premise));
    }

    /// Rewrites a part of the goal.
    fn rewritten(&mut self, program: &Program, part: &Expr) -> Expr {
        let (rewritten, moves) = program.recorded(|| rewrite(program, &self.known, part));
        self.trail.extend(moves);
        rewritten
    }

    /// Writes down what the goal becomes, if anybody wants to know.
    fn write(&mut self, program: &Program, rule: Rule, goals: impl FnOnce() -> [Expr; 2]) {
        if program.has_trails() {
            let [before, after] = goals();
            self.trail.push(Move::new(rule, &before, &after, self.known.formulas()));
        }
    }
}

/// A premise in parts: conjuncts one by one, and existentials with a new name for what exists, also where an
/// opaque predicate hides them (which then is a part of its own).
pub(crate) fn opened(program: &Program, premise: &Expr) -> Vec<Expr> {
    let mut out = Vec::new();
    open(program, premise, &mut out);
    out
}

fn open(program: &Program, premise: &Expr, out: &mut Vec<Expr>) {
    match &premise.kind {
        ExprKind::Bool(true) => {}
        ExprKind::And(items) => items.iter().for_each(|item| open(program, item, out)),
        ExprKind::Quantifier(Quantifier::Exists, binders, body) => {
            let mut map = BTreeMap::new();
            for binder in binders {
                let name = program.rigid(binder.local);
                if let Some(domain) = &binder.domain {
                    open(program, &rewrite_closed(program, &expr::is_in(&name, domain)), out);
                }
                map.insert(binder.local, name);
            }
            open(program, &expr::substitute(program, body, &map), out);
        }
        ExprKind::Apply(operator, args, Time::Now)
            if program.is_opaque(*operator) && !program.is_recursive(*operator) =>
        {
            out.push(premise.clone());
            let unfolded = rewrite_closed(program, &program.unfold(*operator, args, Time::Now));
            if hides_existential(&unfolded) {
                open(program, &unfolded, out);
            }
        }
        _ => out.push(premise.clone()),
    }
}

fn hides_existential(formula: &Expr) -> bool {
    match &formula.kind {
        ExprKind::Quantifier(Quantifier::Exists, _, _) => true,
        ExprKind::And(items) => items.iter().any(hides_existential),
        _ => false,
    }
}

fn take_off(program: &Program, mut state: State, goal: &Expr, out: &mut Vec<Case>) {
    match &goal.kind {
        ExprKind::Quantifier(Quantifier::Forall, binders, body) => {
            let now = match state.now.as_ref().map(|now| &now.kind) {
                Some(ExprKind::Quantifier(Quantifier::Forall, own, inner)) if own.len() == binders.len() => {
                    Some((own.clone(), inner.clone()))
                }
                _ => None,
            };
            bind(program, state, binders, body, now, out);
        }
        ExprKind::Implies(premise, conclusion) => {
            let premise = state.rewritten(program, premise);
            state.now = match state.now.as_ref().map(|now| &now.kind) {
                Some(ExprKind::Implies(own, inner)) => {
                    state.premises_now.push(own.clone());
                    Some(inner.clone())
                }
                _ => None,
            };
            let whole = || [expr::implies(&premise, conclusion), conclusion.clone()];
            state.write(program, Rule::Assume, whole);
            state.assume(program, &premise);
            take_off(program, state, conclusion, out);
        }
        ExprKind::And(items) => {
            let now = match state.now.as_ref().map(|now| &now.kind) {
                Some(ExprKind::And(own)) if own.len() == items.len() => Some(own.clone()),
                _ => None,
            };
            for (position, item) in items.iter().enumerate() {
                let mut part = state.clone();
                part.segments.push((position + 1).to_string());
                part.write(program, Rule::Conjunct(position + 1), || [goal.clone(), item.clone()]);
                part.now = now.as_ref().map(|own| own[position].clone());
                take_off(program, part, item, out);
            }
        }
        _ => {
            let rewritten = state.rewritten(program, goal);
            let changed = !alike(&rewritten, goal);
            if changed && opens(&rewritten) {
                state.now = state.now.map(|now| rewrite(program, &state.known, &now));
                return take_off(program, state, &rewritten, out);
            }
            let by_hypothesis = state.now.as_ref().is_some_and(|now| {
                let held = |premise: &Expr| expr::is_bool(&rewrite(program, &state.known, premise), true);
                !expr::is_bool(&rewritten, true)
                    && alike(&rewrite(program, &state.known, now), &rewritten)
                    && state.premises_now.iter().all(held)
            });
            let holds = || [rewritten.clone(), expr::bool(true, goal.span)];
            if by_hypothesis {
                state.write(program, Rule::Hypothesis, holds);
            } else if state.known.contradictory() {
                state.write(program, Rule::Contradiction, holds);
            }
            out.push(Case {
                segments: state.segments,
                premises: state.premises,
                goal: rewritten,
                known: state.known,
                by_hypothesis,
                trail: state.trail,
            });
        }
    }
}

fn opens(goal: &Expr) -> bool {
    matches!(
        goal.kind,
        ExprKind::Quantifier(Quantifier::Forall, _, _) | ExprKind::Implies(..) | ExprKind::And(_)
    )
}

fn bind(
    program: &Program,
    mut state: State,
    binders: &[Binder],
    body: &Expr,
    now: Option<(Vec<Binder>, Expr)>,
    out: &mut Vec<Case>,
) {
    let Some((binder, rest)) = binders.split_first() else {
        state.now = now.map(|(_, inner)| inner);
        return take_off(program, state, body, out);
    };
    let whole = body;
    let own = now.as_ref().map(|(own, inner)| (own[0].clone(), own[1..].to_vec(), inner.clone()));
    let go = |mut state: State,
              (rule, domain): (Rule, Option<&Expr>),
              value: &Expr,
              keep_now: bool,
              out: &mut Vec<Case>| {
        let body = expr::substitute_one(
            program,
            &expr::quantifier(Quantifier::Forall, rest.to_vec(), body.clone()),
            binder.local,
            value,
        );
        let now = own.clone().filter(|_| keep_now).map(|(own, rest, inner)| {
            let inner = expr::quantifier(Quantifier::Forall, rest, inner);
            expr::substitute_one(program, &inner, own.local, value)
        });
        state.now = now;
        state.write(program, rule, || {
            let mut binders = vec![Binder { local: binder.local, domain: domain.cloned() }];
            binders.extend_from_slice(rest);
            [expr::quantifier(Quantifier::Forall, binders, whole.clone()), body.clone()]
        });
        take_off(program, state, &body, out);
    };
    let Some(domain) = &binder.domain else {
        let name = program.rigid(binder.local);
        // The hypothesis may speak of a set where the goal speaks of everything.
        let domain_now = own.as_ref().and_then(|(own, _, _)| own.domain.as_ref());
        state.premises_now.extend(domain_now.map(|domain| expr::is_in(&name, domain)));
        return go(state, (Rule::Let, None), &name, true, out);
    };
    let domain = state.rewritten(program, domain);
    let domain_now = own
        .as_ref()
        .and_then(|(own, _, _)| own.domain.as_ref())
        .map(|domain| rewrite(program, &state.known, domain));
    if let Some((condition, [then, otherwise])) = conditional_range(&domain) {
        let cases = [("then", condition.clone(), &then), ("else", expr::not(condition), &otherwise)];
        for (segment, condition, range) in cases {
            let mut state = state.clone();
            state.segments.push(segment.to_owned());
            let condition = state.rewritten(program, &condition);
            let over = |range: &Expr| {
                let mut binders = vec![Binder { local: binder.local, domain: Some(range.clone()) }];
                binders.extend_from_slice(rest);
                binders
            };
            let rule = if segment == "then" { Rule::Then } else { Rule::Else };
            let stated = |range: &Expr| expr::quantifier(Quantifier::Forall, over(range), body.clone());
            state.write(program, rule, || [stated(&domain), stated(range)]);
            state.assume(program, &condition);
            let binders = over(range);
            bind(program, state, &binders, body, now.clone(), out);
        }
        return;
    }
    let mut parts = Vec::new();
    match domain_now.as_ref().and_then(|now| range_parts(program, &state.known, now, &domain)) {
        Some(ranges) => parts = ranges,
        None => flatten_union(&domain, &mut parts),
    }
    if parts.len() == 1 && !matches!(domain.kind, ExprKind::SetEnum(_)) {
        let name = program.rigid(binder.local);
        if let Some(domain_now) = &domain_now {
            state.premises_now.push(expr::is_in(&name, domain_now));
        }
        let member = state.rewritten(program, &expr::is_in(&name, &domain));
        // The membership as it stands is known too: rewriting looks it up in this form.
        state.known.assume(&expr::is_in(&name, &domain));
        state.assume(program, &member);
        return go(state, (Rule::Let, Some(&domain)), &name, true, out);
    }
    let mut n_new = 0;
    let n_new_total: usize = parts
        .iter()
        .map(|part| match &part.kind {
            ExprKind::SetEnum(items) => items.len(),
            _ => 0,
        })
        .sum();
    for (position, part) in parts.iter().enumerate() {
        if let ExprKind::SetEnum(items) = &part.kind {
            for item in items {
                n_new += 1;
                let mut state = state.clone();
                state.segments.push(if n_new_total > 1 { format!("new{n_new}") } else { "new".to_owned() });
                go(state, (Rule::New, Some(&domain)), item, false, out);
            }
            continue;
        }
        let mut state = state.clone();
        let name = program.rigid(binder.local);
        let is_old = domain_now.as_ref().is_some_and(|domain| alike(domain, part));
        state.segments.push(if is_old { "old".to_owned() } else { format!("part{}", position + 1) });
        let member = state.rewritten(program, &expr::is_in(&name, part));
        state.known.assume(&expr::is_in(&name, part));
        state.assume(program, &member);
        let rule = if is_old { Rule::Old } else { Rule::Part(position + 1) };
        go(state, (rule, Some(&domain)), &name, is_old, out);
    }
}

/// A range with a conditional upper bound: the condition, and the range in either case.
fn conditional_range(set: &Expr) -> Option<(&Expr, [Expr; 2])> {
    let ExprKind::Range(low, high) = &set.kind else { return None };
    let ExprKind::If(condition, then, otherwise) = &high.kind else { return None };
    let up_to =
        |high: &Expr| Expr::new(ExprKind::Range(low.clone(), high.clone()), set.sort.clone(), set.span);
    Some((condition, [up_to(then), up_to(otherwise)]))
}

/// A range that has grown at its end: the range before the step, and the numbers that are new.
///
/// `a..n + 1` is `a..n` and `n + 1` if `a <= n + 1`.
fn range_parts(program: &Program, known: &Known, before: &Expr, after: &Expr) -> Option<Vec<Expr>> {
    let (ExprKind::Range(low, old), ExprKind::Range(own, high)) = (&before.kind, &after.kind) else {
        return None;
    };
    if !alike(low, own) {
        return None;
    }
    let growth = Linear::of(high)?.minus(&Linear::of(old)?)?.constant()?;
    if !(1..=MAX_GROWTH).contains(&growth) {
        return None;
    }
    let (_, numbers) = grown(high, growth)?;
    let first = numbers.first()?.clone();
    let reached = ExprKind::Compare(Comparison::LessEqual, low.clone(), first);
    let reached = rewrite(program, known, &expr::formula(reached, after.span));
    let new = Expr::new(ExprKind::SetEnum(numbers), after.sort.clone(), after.span);
    expr::is_bool(&reached, true).then(|| vec![before.clone(), new])
}

fn flatten_union(set: &Expr, parts: &mut Vec<Expr>) {
    if let ExprKind::Union(left, right) = &set.kind {
        flatten_union(left, parts);
        flatten_union(right, parts);
    } else {
        parts.push(set.clone());
    }
}

/// Keys of the conjuncts of a rewritten formula.
pub(crate) fn conjunct_keys(formula: &Expr) -> Vec<Key> {
    expr::conjuncts(formula).iter().map(key).collect()
}
