//! Actions as branches: a conjunction of guards and, for each variable, its next value.
//!
//! A next-state action is split at disjunctions, existentials and conditionals that speak of the next
//! state; `x' = e` and `UNCHANGED x` give next values; every other conjunct is a guard. A variable without
//! a next value may change in any way: `x'` then stays as it is, a symbol about which only the guards speak.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use lang::source::Span;
use lang::typed::{Binder, Expr, ExprKind, Form, LocalId, OperatorId, Quantifier, Time, VariableId};

use crate::alpha::{alike, key};
use crate::expr;
use crate::program::Program;
use crate::rewrite::{Known, rewrite};
use crate::trail::{Move, Rule};

/// One way in which an action can happen.
#[derive(Clone, Debug)]
pub struct Branch {
    /// Its name: source names and positions, such as `Phase1b.then`.
    pub name: String,
    /// Parameters: rigid names that stand for the action's existentials.
    pub params: Vec<LocalId>,
    /// Conditions, memberships of parameters included, as written.
    pub guards: Vec<Expr>,
    /// Next values, in terms of the state before.
    pub next: BTreeMap<VariableId, Expr>,
    /// The equations that next values were made of, as written.
    pub equations: Vec<(VariableId, Expr)>,
    /// The action's text.
    pub span: Span,
}

impl Branch {
    /// Whether the branch certainly leaves the variable as it is.
    pub fn keeps(&self, variable: VariableId) -> bool {
        self.next.get(&variable).is_some_and(|value| is_now(value, variable))
    }

    /// The branch as one formula about a step: `\E params : guards /\ x' = e /\ ...`.
    pub fn formula(&self, program: &Program) -> Expr {
        let mut guards = self.guards.clone();
        let mut binders = Vec::new();
        for param in &self.params {
            let symbol = program.local(*param);
            let is_domain = |guard: &Expr| match &guard.kind {
                ExprKind::In(element, set) => {
                    matches!(element.kind, ExprKind::Local(id) if id == *param)
                        && !expr::mentions_free(set, *param)
                }
                _ => false,
            };
            let domain = guards.iter().position(is_domain).map(|position| guards.remove(position));
            let domain = domain.and_then(|guard| match &guard.kind {
                ExprKind::In(_, set) => Some(set.clone()),
                _ => None,
            });
            binders.push((Binder { local: *param, domain }, symbol.span));
        }
        let assigned = self.next.iter().map(|(id, value)| {
            let symbol = &program.module.variables[*id];
            let own = Expr::new(ExprKind::Variable(*id, Time::Next), symbol.sort.clone(), value.span);
            expr::equal(&own, value)
        });
        let body = expr::and(guards.into_iter().chain(assigned), self.span);
        // A parameter's domain may speak of those before it.
        binders.into_iter().rev().fold(body, |body, (binder, span)| {
            expr::formula(ExprKind::Quantifier(Quantifier::Exists, vec![binder], body), span)
        })
    }

    /// The variables that may change.
    pub fn changed(&self, program: &Program) -> BTreeSet<VariableId> {
        program.module.variables.ids().filter(|id| !self.keeps(*id)).collect()
    }
}

fn is_now(value: &Expr, variable: VariableId) -> bool {
    matches!(value.kind, ExprKind::Variable(id, Time::Now) if id == variable)
}

#[derive(Clone)]
struct Partial {
    segments: Vec<String>,
    /// The position of the disjunct that was entered last, as long as nothing has named it.
    pending: Option<String>,
    params: Vec<LocalId>,
    guards: Vec<Expr>,
    assigned: Vec<(VariableId, Expr)>,
    span: Span,
}

/// Splits an action into its branches. Names are unique.
pub fn branches(program: &Program, action: &Expr) -> Vec<Branch> {
    let start = Partial {
        segments: Vec::new(),
        pending: None,
        params: Vec::new(),
        guards: Vec::new(),
        assigned: Vec::new(),
        span: action.span,
    };
    let mut done = Vec::new();
    split(program, start, vec![action.clone()], true, &mut done);
    let mut out: Vec<Branch> = done.into_iter().map(|partial| finish(program, partial)).collect();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for branch in &mut out {
        let count = seen.entry(branch.name.clone()).or_default();
        *count += 1;
        if *count > 1 {
            branch.name = format!("{}#{count}", branch.name);
        }
    }
    out
}

/// `work` is a stack of conjuncts still to be read; `fresh` says that nothing of this disjunct was read yet.
fn split(
    program: &Program,
    mut partial: Partial,
    mut work: Vec<Expr>,
    mut fresh: bool,
    done: &mut Vec<Partial>,
) {
    use ExprKind as K;
    while let Some(item) = work.pop() {
        if !expr::mentions_next(program, &item) {
            partial.guards.push(item);
            fresh = false;
            continue;
        }
        match &item.kind {
            K::And(items) => {
                settle(&mut partial, fresh, items.len() > 1);
                fresh = fresh && items.len() == 1;
                work.extend(items.iter().rev().cloned());
            }
            K::Or(items) => {
                for (position, disjunct) in items.iter().enumerate() {
                    let mut fork = partial.clone();
                    fork.pending = Some((position + 1).to_string());
                    fork.span = disjunct.span;
                    let mut rest = work.clone();
                    rest.push(disjunct.clone());
                    split(program, fork, rest, true, done);
                }
                return;
            }
            K::Quantifier(Quantifier::Exists, binders, body) => {
                let mut map = BTreeMap::new();
                for binder in binders {
                    let name = program.rigid(binder.local);
                    let K::Local(local) = name.kind else { unreachable!("a rigid name is a local") };
                    partial.params.push(local);
                    if let Some(domain) = &binder.domain {
                        partial.guards.push(expr::is_in(&name, domain));
                    }
                    map.insert(binder.local, name);
                }
                work.push(expr::substitute(program, body, &map));
            }
            K::If(condition, then, otherwise) => {
                settle(&mut partial, fresh, true);
                let negated = expr::not(condition);
                for (name, guard, part) in [("then", condition, then), ("else", &negated, otherwise)] {
                    let mut fork = partial.clone();
                    fork.segments.push(name.to_owned());
                    fork.guards.push(guard.clone());
                    let mut rest = work.clone();
                    rest.push(part.clone());
                    split(program, fork, rest, false, done);
                }
                return;
            }
            K::Apply(operator, args, time) if !program.is_opaque(*operator) => {
                if fresh && partial.pending.is_some() {
                    let definition = &program.module.operators[*operator];
                    partial.segments.push(definition.name.clone());
                    partial.pending = None;
                    partial.span = definition.span;
                }
                work.push(program.unfold(*operator, args, *time));
            }
            K::Equal(left, right) | K::Iff(left, right) => {
                fresh = false;
                let assigned = |left: &Expr, right: &Expr| match left.kind {
                    K::Variable(id, Time::Next) if !reads_next(program, right, id) => {
                        Some((id, right.clone()))
                    }
                    _ => None,
                };
                match assigned(left, right).or_else(|| assigned(right, left)) {
                    Some((id, _)) if partial.assigned.iter().any(|(other, _)| *other == id) => {
                        partial.guards.push(item);
                    }
                    Some(assignment) => partial.assigned.push(assignment),
                    None => partial.guards.push(item),
                }
            }
            K::Unchanged(of) => {
                fresh = false;
                unchanged(program, of, &mut partial);
            }
            K::ActionBox(..) => work.extend(expr::with_primes(program, &item)),
            _ => {
                fresh = false;
                partial.guards.push(item);
            }
        }
    }
    settle(&mut partial, true, true);
    done.push(partial);
}

/// A disjunct that turned out to be no operator application is named by its position.
fn settle(partial: &mut Partial, fresh: bool, now: bool) {
    if fresh
        && now
        && let Some(position) = partial.pending.take()
    {
        partial.segments.push(position);
    }
}

fn reads_next(program: &Program, expr: &Expr, variable: VariableId) -> bool {
    let mut next = BTreeSet::new();
    expr::reads(program, expr, Time::Next, &mut next);
    next.contains(&variable)
}

fn unchanged(program: &Program, of: &Expr, partial: &mut Partial) {
    match &of.kind {
        ExprKind::Tuple(items) | ExprKind::Sequence(items) => {
            for item in items {
                unchanged(program, item, partial);
            }
        }
        ExprKind::Variable(id, Time::Now) if partial.assigned.iter().all(|(other, _)| other != id) => {
            partial.assigned.push((*id, of.clone()));
        }
        ExprKind::Apply(operator, args, Time::Now) if !program.is_opaque(*operator) => {
            unchanged(program, &program.unfold(*operator, args, Time::Now), partial);
        }
        _ => partial.guards.push(expr::equal(&expr::prime(program, of), of)),
    }
}

/// Solves the assignments for each other: `x' = y' + 1 /\ y' = 2` gives `x' = 2 + 1`. What cannot be
/// solved, being circular, becomes a guard.
fn finish(program: &Program, mut partial: Partial) -> Branch {
    let mut next: BTreeMap<VariableId, Expr> = BTreeMap::new();
    let equations = std::mem::take(&mut partial.assigned);
    for (id, value) in &equations {
        let id = *id;
        let value = put_next(program, value, &next);
        if reads_next(program, &value, id) {
            let symbol = &program.module.variables[id];
            let own = Expr::new(ExprKind::Variable(id, Time::Next), symbol.sort.clone(), value.span);
            partial.guards.push(expr::equal(&own, &value));
            continue;
        }
        let single = BTreeMap::from([(id, value.clone())]);
        for other in next.values_mut() {
            *other = put_next(program, other, &single);
        }
        next.insert(id, value);
    }
    let name = if partial.segments.is_empty() { "next".to_owned() } else { partial.segments.join(".") };
    Branch { name, params: partial.params, guards: partial.guards, next, equations, span: partial.span }
}

/// Replaces `x'` by its value, unfolding primed operators that read it.
fn put_next(program: &Program, expr: &Expr, next: &BTreeMap<VariableId, Expr>) -> Expr {
    if !expr.has(Form::State) {
        return expr.clone();
    }
    match &expr.kind {
        ExprKind::Variable(id, Time::Next) => next.get(id).cloned().unwrap_or_else(|| expr.clone()),
        ExprKind::Apply(operator, args, Time::Next)
            if !program.is_recursive(*operator)
                && program.support(*operator, Time::Now).iter().any(|id| next.contains_key(id)) =>
        {
            put_next(program, &program.unfold(*operator, args, Time::Next), next)
        }
        _ => expr::map_children(expr, &mut |child| put_next(program, child, next)),
    }
}

/// What an opaque operator becomes across a branch.
#[derive(Clone, Debug)]
pub enum After {
    /// The branch changes nothing that it reads.
    Same,
    /// Its value in the next state, as a template over its parameters; the operator's present value is a
    /// disjunct (or a conjunct) of it.
    Template(Expr),
    /// Neither: `Op'` is a symbol of its own, with this rewritten definition over the parameters.
    /// `premises` are memberships in domains under which the definition could be simplified.
    Opaque {
        /// The rewritten body in the next state.
        body: Expr,
        /// Memberships of parameters in domains of functions, and inclusions in them.
        premises: Vec<Expr>,
        /// Whether the body is a template under these premises, as above.
        is_template: bool,
    },
}

/// What opaque operators become across a branch, and under which premises.
pub(crate) type Templates = BTreeMap<OperatorId, (Vec<Expr>, Expr)>;

/// Reads expressions of the next state in terms of the state before, across one branch.
pub struct Step<'a> {
    /// The program.
    pub program: &'a Program,
    /// The branch.
    pub branch: &'a Branch,
    /// What is known in the state before and of the branch's parameters.
    pub known: &'a Known,
    after: RefCell<BTreeMap<OperatorId, After>>,
}

impl<'a> Step<'a> {
    /// A step across a branch.
    pub fn new(program: &'a Program, branch: &'a Branch, known: &'a Known) -> Self {
        Self { program, branch, known, after: RefCell::default() }
    }

    /// Replaces next values; opaque operators become what they are after the step. Not rewritten.
    pub fn forward(&self, expr: &Expr) -> Expr {
        self.forward_knowing(expr, self.known)
    }

    /// The same where more is known. Of bound names it is known that they are in their sets.
    fn forward_knowing(&self, expr: &Expr, known: &Known) -> Expr {
        if !expr.has(Form::State) && !expr.has(Form::Binder) {
            return expr.clone();
        }
        match &expr.kind {
            ExprKind::Variable(id, Time::Next) => {
                self.branch.next.get(id).cloned().unwrap_or_else(|| expr.clone())
            }
            ExprKind::Apply(operator, args, Time::Next) => {
                let args: Vec<Expr> = args.iter().map(|arg| self.forward_knowing(arg, known)).collect();
                if !self.program.is_opaque(*operator) {
                    return self.forward_knowing(&self.program.unfold(*operator, &args, Time::Next), known);
                }
                let at = |time| {
                    Expr::new(ExprKind::Apply(*operator, args.clone(), time), expr.sort.clone(), expr.span)
                };
                let params = self.program.module.operators[*operator].params.iter().copied();
                let map = params.zip(args.iter().cloned()).collect();
                let of_args = |template: &Expr| expr::substitute(self.program, template, &map);
                let is_known =
                    |premise: &Expr| expr::is_bool(&rewrite(self.program, known, &of_args(premise)), true);
                match self.after(*operator) {
                    After::Same => at(Time::Now),
                    After::Template(template) => of_args(&template),
                    After::Opaque { body, premises, is_template: true } if premises.iter().all(is_known) => {
                        of_args(&body)
                    }
                    After::Opaque { .. } => at(Time::Next),
                }
            }
            // What it says of the next state stands in its body.
            ExprKind::Apply(operator, args, Time::Now) if self.program.is_action(*operator) => {
                self.forward_knowing(&self.program.unfold(*operator, args, Time::Now), known)
            }
            _ => match expr::with_primes(self.program, expr) {
                Some(primed) => self.forward_knowing(&primed, known),
                None if expr.binders().is_empty() => {
                    expr::map_children(expr, &mut |child| self.forward_knowing(child, known))
                }
                None => {
                    let mut within = known.clone();
                    for binder in expr.binders() {
                        let Some(domain) = &binder.domain else { continue };
                        let name = self.program.named(binder.local);
                        let domain = self.forward_knowing(domain, known);
                        within.assume(&expr::is_in(&name, &rewrite(self.program, known, &domain)));
                    }
                    expr::map_children(expr, &mut |child| self.forward_knowing(child, &within))
                }
            },
        }
    }

    /// How a formula became one in terms of the state before, if anybody wants to know: what the action sets the
    /// variables to that it reads, and what opaque operators become.
    pub(crate) fn told(&self, formula: &Expr, forward: &Expr) -> Option<Move> {
        if !self.program.has_trails() {
            return None;
        }
        let mut told = Move::new(Rule::Step, formula, forward, self.known.formulas());
        let mut read = BTreeSet::new();
        expr::reads(self.program, formula, Time::Next, &mut read);
        for id in read.into_iter().filter(|id| !self.branch.keeps(*id)) {
            let symbol = &self.program.module.variables[id];
            let Some(value) = self.branch.next.get(&id) else { continue };
            let next = Expr::new(ExprKind::Variable(id, Time::Next), symbol.sort.clone(), value.span);
            told.since.push(Move::new(Rule::Value(id), &next, value, &[]));
        }
        let mut operators = BTreeSet::new();
        expr::any(formula, &mut |node| {
            if let ExprKind::Apply(operator, _, Time::Next) = node.kind {
                operators.insert(operator);
            }
            false
        });
        let templates = self.templates();
        for operator in operators {
            let Some((premises, template)) = templates.get(&operator) else { continue };
            let next = self.program.applied(operator, Time::Next);
            told.since.push(Move::new(Rule::Template(operator), &next, template, premises));
        }
        Some(told)
    }

    /// What an opaque operator becomes across the branch.
    pub fn after(&self, operator: OperatorId) -> After {
        if let Some(found) = self.after.borrow().get(&operator) {
            return found.clone();
        }
        let computed = self.compute(operator);
        self.after.borrow_mut().insert(operator, computed.clone());
        computed
    }

    /// What has been found so far of opaque operators: those that become themselves, or a template, with the
    /// premises under which they do.
    pub(crate) fn templates(&self) -> Templates {
        let found = self.after.borrow();
        let template = |(operator, after): (&OperatorId, &After)| match after {
            After::Same => Some((*operator, (Vec::new(), self.program.applied(*operator, Time::Now)))),
            After::Template(template) => Some((*operator, (Vec::new(), template.clone()))),
            After::Opaque { body, premises, is_template: true } => {
                Some((*operator, (premises.clone(), body.clone())))
            }
            After::Opaque { .. } => None,
        };
        found.iter().filter_map(template).collect()
    }

    fn compute(&self, operator: OperatorId) -> After {
        let program = self.program;
        if program.support(operator, Time::Now).iter().all(|id| self.branch.keeps(*id)) {
            return After::Same;
        }
        if program.is_recursive(operator) {
            // Its body is not known to be its value: what it becomes is for its equations to say.
            let body = program.applied(operator, Time::Next);
            return After::Opaque { body, premises: Vec::new(), is_template: false };
        }
        let definition = &program.module.operators[operator];
        let now = rewrite(program, self.known, &definition.body);
        let forward = self.forward(&expr::prime(program, &definition.body));
        let next = rewrite(program, self.known, &forward);
        if alike(&now, &next) {
            return After::Same;
        }
        let own = program.applied(operator, Time::Now);
        if let Some(template) = growth(&own, &now, &next) {
            return After::Template(template);
        }
        let premises = self.wanted_domains(&next);
        if premises.is_empty() {
            return After::Opaque { body: next, premises, is_template: false };
        }
        // Under the premises the operator may be itself, or itself and more.
        let mut known = self.known.clone();
        for premise in &premises {
            known.assume(premise);
        }
        let now = rewrite(program, &known, &definition.body);
        let forward = self.forward_knowing(&expr::prime(program, &definition.body), &known);
        let next = rewrite(program, &known, &forward);
        let template = if alike(&now, &next) { Some(own) } else { growth(&own, &now, &next) };
        let is_template = template.is_some();
        After::Opaque { body: template.unwrap_or(next), premises, is_template }
    }

    /// Memberships of parameters in domains, and inclusions of parameters in them, without which rewriting
    /// cannot apply functions: those that are literals or updated here, and those that opaque operators apply.
    fn wanted_domains(&self, body: &Expr) -> Vec<Expr> {
        let mut wanted = Wanted {
            step: self,
            params: expr::free_locals(body),
            around: Vec::new(),
            found: BTreeMap::new(),
        };
        wanted.look(body);
        wanted.found.into_values().collect()
    }
}

/// See [`Step::wanted_domains`].
struct Wanted<'a> {
    step: &'a Step<'a>,
    params: BTreeSet<LocalId>,
    /// The binders around.
    around: Vec<Binder>,
    found: BTreeMap<crate::alpha::Key, Expr>,
}

impl Wanted<'_> {
    fn look(&mut self, node: &Expr) {
        let program = self.step.program;
        match &node.kind {
            ExprKind::Index(function, argument)
                if matches!(function.kind, ExprKind::Except(..) | ExprKind::Function(..)) =>
            {
                let sort = lang::sort::Sort::Set(argument.sort.clone().into());
                let domain = Expr::new(ExprKind::Domain(function.clone()), sort, node.span);
                self.add(&expr::is_in(argument, &domain));
            }
            ExprKind::Apply(operator, args, Time::Next) if program.is_opaque(*operator) => {
                if let After::Opaque { premises, .. } = self.step.after(*operator) {
                    let params = program.module.operators[*operator].params.iter().copied();
                    let map = params.zip(args.iter().cloned()).collect();
                    for premise in &premises {
                        self.add(&expr::substitute(program, premise, &map));
                    }
                }
            }
            _ => {}
        }
        let n_around = self.around.len();
        self.around.extend_from_slice(node.binders());
        node.for_each_child(&mut |child| self.look(child));
        self.around.truncate(n_around);
    }

    /// Adds a membership; of a name that is bound here, that all of the set that it ranges over are members.
    fn add(&mut self, member: &Expr) {
        let program = self.step.program;
        let mut member = rewrite(program, self.step.known, member);
        let binder = match &member.kind {
            ExprKind::In(element, _) => match element.kind {
                ExprKind::Local(id) => self.around.iter().find(|binder| binder.local == id),
                _ => None,
            },
            _ => None,
        };
        if let Some(binder) = binder
            && binder.domain.as_ref().is_some_and(|domain| !expr::free_locals(domain).is_empty())
        {
            let all = expr::quantifier(Quantifier::Forall, vec![binder.clone()], member);
            member = rewrite(program, self.step.known, &all);
        }
        // A domain may depend on names that are bound inside.
        if expr::is_bool(&member, true) || !expr::free_locals(&member).is_subset(&self.params) {
            return;
        }
        self.found.insert(key(&member), member);
    }
}

/// If `next` is `now` with more disjuncts (or more conjuncts): `own` with those.
///
/// `\A x \in S : P /\ Q` is read as `(\A x \in S : P) /\ (\A x \in S : Q)`, and `\E` over `\/` likewise.
fn growth(own: &Expr, now: &Expr, next: &Expr) -> Option<Expr> {
    fn parts(expr: &Expr, disjunction: bool) -> Vec<Expr> {
        match &expr.kind {
            ExprKind::Or(items) if disjunction => items.clone(),
            ExprKind::And(items) if !disjunction => items.clone(),
            ExprKind::Quantifier(q, binders, body) if (*q == Quantifier::Exists) == disjunction => {
                let of = |part| expr::quantifier(*q, binders.clone(), part);
                parts(body, disjunction).into_iter().map(of).collect()
            }
            _ => vec![expr.clone()],
        }
    }
    for disjunction in [true, false] {
        let old: BTreeSet<_> = parts(now, disjunction).iter().map(key).collect();
        let new = parts(next, disjunction);
        let found: BTreeSet<_> = new.iter().map(key).collect();
        if new.len() > old.len() && old.is_subset(&found) {
            let rest = new.into_iter().filter(|part| !old.contains(&key(part)));
            let all = std::iter::once(own.clone()).chain(rest);
            return Some(if disjunction { expr::or(all, next.span) } else { expr::and(all, next.span) });
        }
    }
    None
}
