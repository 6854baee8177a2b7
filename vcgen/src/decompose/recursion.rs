//! Recursive operators: obligations that each recursive call comes nearer to an end, and the equations that
//! may then be used.
//!
//! `f[x \in S] == e` and `Op(x) == e` say that `f` and `Op` solve an equation, if anything does. What
//! `f[x] = f[x] + 1` says of `f` nothing does, so its equation must not be used: everything would follow from
//! it. Here a *measure* is chosen for each recursive operator, and the obligation of each call `Op(y)` in
//! `Op(x)`, under the conditions that lead to it, is that `y` is smaller than `x` and where the equation is
//! to hold. Then the equation has one solution there, by recursion over a well-founded order; it rests on
//! these obligations.

mod calls;
mod measures;

use std::collections::{BTreeMap, BTreeSet};

use lang::diag::Diagnostic;
use lang::sort::Sort;
use lang::typed::{Binder, Expr, ExprKind, FactKind, LocalId, OperatorId, Quantifier, Time};

use self::calls::{Call, calls};
use self::measures::{Measure, measure};
use super::errors::DecomposeError;
use super::facts::{Library, definitions};
use super::goal::cases;
use super::output::{Draft, Output};
use super::recheck::{Cases, Whole};
use super::step::tier;
use crate::expr;
use crate::obligation::{Closed, Means, ObligationKind, Source};
use crate::program::{Equation, Program, Recursion};
use crate::rewrite::{Known, rewrite_closed};

/// A recursive definition taken apart.
struct Definition {
    operator: OperatorId,
    /// The names that calls give values to: the parameters, or the argument of a function.
    arguments: Vec<LocalId>,
    /// For a function, the set that its argument ranges over.
    domain: Option<Expr>,
    /// What the value is.
    body: Expr,
    /// The recursive calls in the body.
    calls: Vec<Call>,
}

/// Adds the obligations of all recursive operators, and records their equations.
pub(crate) fn terminations(program: &mut Program, out: &mut Output, diagnostics: &mut Vec<Diagnostic>) {
    let recursive: Vec<OperatorId> = program.recursive().collect();
    if recursive.is_empty() {
        return;
    }
    for operator in recursive {
        let assumptions = assumptions(program, operator);
        match termination(program, out, &assumptions, operator) {
            Ok(recursion) => program.set_recursion(operator, recursion),
            Err(because) => {
                let definition = &program.module.operators[operator];
                let (operator, at) = (definition.name.clone(), definition.span);
                diagnostics.push(DecomposeError::NoMeasure { operator, at, because }.into());
            }
        }
    }
}

/// The assumptions that say nothing of the operator. Those that do say it of what the operator is, while the
/// obligations have to hold whatever it is: only then does its equation have a solution.
fn assumptions(program: &Program, operator: OperatorId) -> Library {
    let mut library = Library::default();
    for (index, fact) in program.module.facts.iter().enumerate() {
        match fact.kind {
            FactKind::Assumption | FactKind::Axiom => {
                if !reaches(program, &fact.statement, operator) {
                    library.add_formula(program, index);
                }
            }
            FactKind::Theorem => {}
        }
    }
    library
}

/// Whether an expression mentions an operator, through any number of definitions.
fn reaches(program: &Program, expr: &Expr, target: OperatorId) -> bool {
    fn mark(expr: &Expr, found: &mut BTreeSet<OperatorId>) {
        expr::any(expr, &mut |node| {
            if let ExprKind::Apply(operator, _, _) = node.kind {
                found.insert(operator);
            }
            false
        });
    }
    let mut found = BTreeSet::new();
    mark(expr, &mut found);
    let mut todo: Vec<OperatorId> = found.iter().copied().collect();
    while let Some(operator) = todo.pop() {
        let mut inner = BTreeSet::new();
        mark(&program.module.operators[operator].body, &mut inner);
        todo.extend(inner.into_iter().filter(|inner| found.insert(*inner)));
    }
    found.contains(&target)
}

fn termination(
    program: &Program,
    out: &mut Output,
    assumptions: &Library,
    operator: OperatorId,
) -> Result<Recursion, (lang::source::Span, &'static str)> {
    let definition = take_apart(program, operator)?;
    let measure = measure(program, &definition)?;
    let name = program.module.operators[operator].name.clone();
    let span = program.module.operators[operator].span;
    let root = out.root(&name, span);
    let node = out.child(root, "terminates", "each recursive call comes nearer to an end", span);
    let kind = ObligationKind::Termination { operator: name };
    let mut sources = Vec::new();
    for (position, call) in definition.calls.iter().enumerate() {
        let goal = decreases(program, &definition, &measure, call);
        let number = (position + 1).to_string();
        let draft = |hypotheses, goal, is_closed: bool| Draft {
            kind: kind.clone(),
            hypotheses,
            goal,
            rests_on: Vec::new(),
            closed: is_closed.then(|| Closed { means: Means::Rewriting, used: Vec::new() }),
            span: call.span,
            action: None,
            claim: None,
        };
        let found = cases(program, &Known::default(), None, &goal);
        let mut made: Cases = Vec::new();
        if found.is_empty() {
            let stated = expr::bool(true, call.span);
            let draft = draft(Vec::new(), stated.clone(), true);
            made.push((out.obligation(node, &number, "recursive call", draft), stated));
        }
        for case in found {
            let mut all = case.premise_hypotheses();
            all.extend(assumptions.constant_facts(program, |_| tier::FACTS));
            let formulas = all.iter().map(|hypothesis| (&hypothesis.formula, tier::FACTS));
            // The operator's own equations are not recorded yet, so they are not among these.
            let definitions = definitions(program, None, (&case.goal, tier::NEAR), formulas);
            all.extend(definitions);
            let is_closed = expr::is_bool(&case.goal, true) || case.known.contradictory();
            let segments: Vec<String> =
                std::iter::once(number.clone()).chain(case.segments.iter().cloned()).collect();
            let stated = case.statement();
            let draft = draft(all, case.goal, is_closed);
            let own = out.obligation(node, &segments.join("."), "recursive call", draft);
            out.tell(program, own, &goal, [&case.trail, &[]]);
            made.push((own, stated));
        }
        sources.extend(made.iter().map(|(case, _)| Source::Obligation(*case)));
        out.record(|| Whole {
            node,
            name: number,
            kind: kind.clone(),
            goal,
            time: Time::Now,
            branch: None,
            templates: BTreeMap::new(),
            before: Default::default(),
            cases: made,
            span: call.span,
        });
    }
    Ok(Recursion {
        equations: equations(program, &definition, &measure),
        is_function: definition.domain.is_some(),
        measured: measure.positions(&definition.arguments),
        sources,
    })
}

/// A function whose body mentions its values only, or an operator that applies itself.
fn take_apart(
    program: &Program,
    operator: OperatorId,
) -> Result<Definition, (lang::source::Span, &'static str)> {
    let params = program.module.operators[operator].params.clone();
    let body = program.rewritten_body(operator);
    if let ExprKind::Function(Binder { local, domain: Some(domain) }, inner) = &body.kind
        && let Some(calls) = calls(inner, operator, Some(&params))
        && !expr::any(domain, &mut |node| matches!(node.kind, ExprKind::Apply(own, _, _) if own == operator))
    {
        return Ok(Definition {
            operator,
            arguments: vec![*local],
            domain: Some(domain.clone()),
            body: inner.clone(),
            calls,
        });
    }
    let span = program.module.operators[operator].span;
    let found = calls(&body, operator, None).unwrap_or_default();
    if params.is_empty() {
        return Err((span, "it is used as a whole, not only its values at arguments"));
    }
    Ok(Definition { operator, arguments: params, domain: None, body, calls: found })
}

/// Where the equation is to hold: nowhere else is the operator known.
fn guard(program: &Program, definition: &Definition, measure: &Measure) -> Expr {
    let span = definition.body.span;
    match &definition.domain {
        Some(domain) => {
            let argument = argument(program, definition.arguments[0], span);
            expr::is_in(&argument, domain)
        }
        None => expr::and(measure.guards.iter().cloned(), span),
    }
}

fn argument(program: &Program, local: LocalId, span: lang::source::Span) -> Expr {
    expr::local(local, program.sort_of(local), span)
}

/// In the body of `Op(x)`, with `x` where the equation holds: under the conditions that lead to the call
/// `Op(y)`, `y` is smaller than `x`, and where the equation holds.
fn decreases(program: &Program, definition: &Definition, measure: &Measure, call: &Call) -> Expr {
    let map = definition.arguments.iter().copied().zip(call.args.iter().cloned()).collect();
    let at_call = |part: &Expr| expr::substitute(program, part, &map);
    let smaller = measure.decrease(program, call, &at_call);
    let stays = match &definition.domain {
        Some(_) => at_call(&guard(program, definition, measure)),
        None => expr::and(measure.guards_to_keep().map(at_call), call.span),
    };
    let goal = call.around(expr::and([stays, smaller], call.span));
    let mut binders: Vec<Binder> = program.module.operators[definition.operator]
        .params
        .iter()
        .map(|local| Binder { local: *local, domain: None })
        .collect();
    let goal = match &definition.domain {
        Some(domain) => {
            let own = Binder { local: definition.arguments[0], domain: Some(domain.clone()) };
            expr::quantifier(Quantifier::Forall, vec![own], goal)
        }
        None => expr::implies(&guard(program, definition, measure), &goal),
    };
    binders.retain(|binder| expr::free_locals(&goal).contains(&binder.local));
    expr::quantifier(Quantifier::Forall, binders, goal)
}

fn equations(program: &Program, definition: &Definition, measure: &Measure) -> Vec<Equation> {
    let own = program.applied(definition.operator, Time::Now);
    let params = program.module.operators[definition.operator].params.iter();
    let mut binders: Vec<Binder> = params.map(|local| Binder { local: *local, domain: None }).collect();
    let span = own.span;
    let Some(domain) = &definition.domain else {
        let guard = rewrite_closed(program, &guard(program, definition, measure));
        return vec![Equation { binders, guard, left: own, right: definition.body.clone() }];
    };
    let whole = Expr::new(ExprKind::Domain(own.clone()), domain.sort.clone(), span);
    let everywhere = expr::bool(true, span);
    let of_domain =
        Equation { binders: binders.clone(), guard: everywhere.clone(), left: whole, right: domain.clone() };
    let local = definition.arguments[0];
    binders.push(Binder { local, domain: Some(domain.clone()) });
    let value = ExprKind::Index(own, argument(program, local, span));
    let value = Expr::new(value, definition.body.sort.clone(), span);
    let of_values = Equation { binders, guard: everywhere, left: value, right: definition.body.clone() };
    vec![of_domain, of_values]
}

/// Whether an expression is a whole number.
fn is_integer(expr: &Expr) -> bool {
    expr.sort == Sort::Int
}
