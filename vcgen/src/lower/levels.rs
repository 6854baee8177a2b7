//! How far recursive operators are unfolded.
//!
//! An equation `\A x : Op(x) = ... Op(x - 1) ...` whose trigger is `Op(x)` makes the terms that trigger it, for
//! ever. So it is stated of other names of the same operator, its twins: `Op(x) = ... Op1(x - 1) ...` with
//! `Op(x) = Op1(x)`, and in a later tier `Op1(x) = ... Op0(x - 1) ...` with `Op1(x) = Op0(x)`. What the
//! obligation mentions is unfolded once, then twice, and no more. Hypotheses about all `Op(x)` are stated of
//! the twins too, so that they are met after unfolding. All of this is true where `Op`, `Op1` and `Op0` are the
//! same operator, which a model of the module may take them to be. At literal numbers the equation is applied
//! until nothing is left, or [`MAX_COMPUTED`] times: instances, which follow from it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use lang::ids::Id;
use lang::sort::Sort;
use lang::typed::{Binder, Expr, ExprKind, LocalId, OperatorId, Quantifier, Time};

use crate::alpha::{Key, key};
use crate::decompose::definition_label;
use crate::expr;
use crate::obligation::{Hypothesis, Obligation};
use crate::program::Program;
use crate::rewrite::rewrite_closed;

/// What follows the label of the definition of a recursive operator in that of its twin.
pub(super) const TWINS: [&str; 2] = ["(deeper)", "(deepest)"];

/// At most so many values are computed for an obligation.
const MAX_COMPUTED: usize = 200;
/// Values at sets and functions that come up after more instances than this are not computed.
const MAX_DEPTH: usize = 1;

/// A hypothesis as it is lowered: its label, its tier, and the formula.
pub(super) type Leveled = (String, u8, Expr);

/// The hypotheses of an obligation, in the order of their tiers, with recursive operators unfolded so far.
pub(super) fn leveled(program: &Program, obligation: &Obligation) -> Vec<Leveled> {
    let mut order: Vec<&Hypothesis> = obligation.hypotheses.iter().collect();
    order.sort_by_key(|hypothesis| hypothesis.tier);
    let plain =
        |hypothesis: &Hypothesis| (hypothesis.label.clone(), hypothesis.tier, hypothesis.formula.clone());
    let mut symbols: BTreeMap<String, (OperatorId, Time)> = BTreeMap::new();
    for operator in program.recursive() {
        for time in [Time::Now, Time::Next] {
            symbols.insert(definition_label(program, operator, time), (operator, time));
        }
    }
    if symbols.is_empty() {
        return order.into_iter().map(plain).collect();
    }
    let defined: Vec<(&Hypothesis, OperatorId, Time)> = order
        .iter()
        .filter_map(|hypothesis| {
            symbols.get(&hypothesis.label).map(|(operator, time)| (*hypothesis, *operator, *time))
        })
        .collect();
    let mut computed = computed(program, obligation, &defined);
    let mut out = Vec::new();
    for hypothesis in order {
        if let Some((operator, time)) = symbols.get(&hypothesis.label) {
            let more = computed.remove(&hypothesis.label).unwrap_or_default();
            out.extend(unfolded(program, hypothesis, *operator, *time, more));
        } else {
            let formula = of_twins(program, &hypothesis.formula);
            out.push((hypothesis.label.clone(), hypothesis.tier, formula));
        }
    }
    out.sort_by_key(|(_, tier, _)| *tier);
    out
}

/// The equations of an operator in terms of its twins.
fn unfolded(
    program: &Program,
    hypothesis: &Hypothesis,
    operator: OperatorId,
    time: Time,
    computed: Vec<Expr>,
) -> Vec<Leveled> {
    let Some([first, second]) = program.twins(operator) else { return Vec::new() };
    let levels = [
        (operator, first, String::new(), hypothesis.tier),
        (first, second, TWINS[0].to_owned(), hypothesis.tier.max(1)),
    ];
    let mut more = computed;
    levels
        .into_iter()
        .map(|(own, below, suffix, tier)| {
            let equations = between(&hypothesis.formula, operator, own, below);
            let is_function = program.recursion(operator).is_some_and(|known| known.is_function);
            let same = same_values(program, own, below, time, is_function);
            let parts = [equations, same].into_iter().chain(more.drain(..));
            let formula = expr::and(parts, hypothesis.formula.span);
            (format!("{}{suffix}", hypothesis.label), tier, formula)
        })
        .collect()
}

/// Equations with `own` for the operator on their left, and `below` on their right.
fn between(formula: &Expr, operator: OperatorId, own: OperatorId, below: OperatorId) -> Expr {
    use ExprKind as K;
    let inner = |part: &Expr| between(part, operator, own, below);
    let left = |part: &Expr| renamed(part, &BTreeMap::from([(operator, own)]));
    let right = |part: &Expr| renamed(part, &BTreeMap::from([(operator, below)]));
    let kind = match &formula.kind {
        K::And(items) => K::And(items.iter().map(inner).collect()),
        K::Quantifier(q, binders, body) => K::Quantifier(*q, binders.clone(), inner(body)),
        K::Implies(guard, equation) => K::Implies(guard.clone(), inner(equation)),
        K::Equal(a, b) => K::Equal(left(a), right(b)),
        K::Iff(a, b) => K::Iff(left(a), right(b)),
        _ => return right(formula),
    };
    Expr::new(kind, Sort::Bool, formula.span)
}

/// `\A x : own(x) = below(x)`; of functions, that their values are the same.
fn same_values(program: &Program, own: OperatorId, below: OperatorId, time: Time, is_function: bool) -> Expr {
    let definition = &program.module.operators[own];
    let mut binders: Vec<Binder> =
        definition.params.iter().map(|local| Binder { local: *local, domain: None }).collect();
    let (mut own, mut below) = (program.applied(own, time), program.applied(below, time));
    if let (Sort::Function(from, to), true) = (&definition.body.sort, is_function) {
        let local = program.fresh("x", (**from).clone(), definition.span);
        let argument = expr::local(local, (**from).clone(), definition.span);
        let value = |of: &Expr| {
            Expr::new(ExprKind::Index(of.clone(), argument.clone()), (**to).clone(), definition.span)
        };
        (own, below) = (value(&own), value(&below));
        binders.push(Binder { local, domain: None });
    }
    expr::quantifier(Quantifier::Forall, binders, expr::equal(&own, &below))
}

/// A formula that says something of all values of recursive operators, said of their twins too.
fn of_twins(program: &Program, formula: &Expr) -> Expr {
    let mut found = BTreeSet::new();
    below_binders(program, formula, &mut Vec::new(), &mut found);
    if found.is_empty() {
        return formula.clone();
    }
    let at = |level: usize| {
        let map = found.iter().filter_map(|id| program.twins(*id).map(|twins| (*id, twins[level]))).collect();
        renamed(formula, &map)
    };
    expr::and([formula.clone(), at(0), at(1)], formula.span)
}

/// The recursive operators that are applied to bound names.
fn below_binders(program: &Program, e: &Expr, bound: &mut Vec<LocalId>, found: &mut BTreeSet<OperatorId>) {
    let mentions = |e: &Expr, bound: &[LocalId]| {
        !bound.is_empty() && expr::free_locals(e).iter().any(|local| bound.contains(local))
    };
    match &e.kind {
        ExprKind::Apply(id, _, _) if program.is_recursive(*id) && mentions(e, bound) => {
            found.insert(*id);
        }
        ExprKind::Index(function, argument) => {
            if let ExprKind::Apply(id, _, _) = &function.kind
                && program.is_recursive(*id)
                && mentions(argument, bound)
            {
                found.insert(*id);
            }
        }
        _ => {}
    }
    let depth = bound.len();
    bound.extend(e.binders().iter().map(|binder| binder.local));
    e.for_each_child(&mut |child| below_binders(program, child, bound, found));
    bound.truncate(depth);
}

/// The expression with operators under other names.
fn renamed(e: &Expr, names: &BTreeMap<OperatorId, OperatorId>) -> Expr {
    let mapped = expr::map_children(e, &mut |child| renamed(child, names));
    match &mapped.kind {
        ExprKind::Apply(id, args, time) if names.contains_key(id) => {
            Expr::new(ExprKind::Apply(names[id], args.clone(), *time), mapped.sort.clone(), mapped.span)
        }
        _ => mapped,
    }
}

/// Instances of the equations, by the label of the definition: at literal numbers that the obligation mentions
/// and all that these lead to; at what it mentions else, if sets or functions are among it, and a step further.
/// Rewriting, which knows what sets are made of, then decides more than the solver would.
fn computed(
    program: &Program,
    obligation: &Obligation,
    defined: &[(&Hypothesis, OperatorId, Time)],
) -> BTreeMap<String, Vec<Expr>> {
    let mut todo: VecDeque<Value> = VecDeque::new();
    let mut seen: BTreeSet<Key> = BTreeSet::new();
    let formulas = obligation.hypotheses.iter().map(|hypothesis| &hypothesis.formula);
    for formula in formulas.chain([&obligation.goal]) {
        values(program, formula, 0, &mut seen, &mut todo);
    }
    let mut out: BTreeMap<String, Vec<Expr>> = BTreeMap::new();
    let mut n_computed = 0;
    while let Some(Value { value, depth }) = todo.pop_front() {
        if n_computed >= MAX_COMPUTED {
            break;
        }
        for (hypothesis, operator, time) in defined {
            for equation in expr::conjuncts(&hypothesis.formula) {
                let Some(instance) = instance(program, &equation, &value, *operator, *time) else { continue };
                n_computed += 1;
                values(program, &instance, depth + 1, &mut seen, &mut todo);
                out.entry(hypothesis.label.clone()).or_default().push(instance);
            }
        }
    }
    out
}

/// A value of a recursive operator, and after how many instances it came up.
struct Value {
    value: Expr,
    depth: usize,
}

/// Values of recursive operators that an expression mentions, as far as instances at them are wanted.
fn values(program: &Program, e: &Expr, depth: usize, seen: &mut BTreeSet<Key>, out: &mut VecDeque<Value>) {
    expr::any(e, &mut |node| {
        let args = match &node.kind {
            ExprKind::Apply(id, args, _) if program.is_recursive(*id) => args.as_slice(),
            ExprKind::Index(function, argument) if matches!(function.kind, ExprKind::Apply(id, _, _) if program.is_recursive(id)) => {
                std::slice::from_ref(argument)
            }
            _ => return false,
        };
        let structured = args.iter().any(|arg| matches!(arg.sort, Sort::Set(_) | Sort::Function(..)));
        let wanted = at_literals(program, node, args) || (structured && depth <= MAX_DEPTH);
        if wanted && is_closed(e, node) && seen.insert(key(node)) {
            out.push_back(Value { value: node.clone(), depth });
        }
        false
    });
}

/// Whether the arguments that get smaller with each call are literal numbers.
fn at_literals(program: &Program, value: &Expr, args: &[Expr]) -> bool {
    let operator = match &value.kind {
        ExprKind::Apply(id, _, _) => *id,
        ExprKind::Index(function, _) => match function.kind {
            ExprKind::Apply(id, _, _) => id,
            _ => return false,
        },
        _ => return false,
    };
    let Some(known) = program.recursion(operator) else { return false };
    !known.measured.is_empty()
        && known.measured.iter().all(|position| args.get(*position).is_some_and(is_literal))
}

/// Whether a part of a formula mentions no name that the formula binds.
fn is_closed(whole: &Expr, part: &Expr) -> bool {
    let free = expr::free_locals(whole);
    expr::free_locals(part).iter().all(|local| free.contains(local))
}

fn is_literal(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Int(_) => true,
        ExprKind::Tuple(items) => items.iter().all(is_literal),
        _ => false,
    }
}

/// `\A x : guard => left(x) = right(x)` where `left(x)` is the value.
fn instance(
    program: &Program,
    equation: &Expr,
    value: &Expr,
    operator: OperatorId,
    time: Time,
) -> Option<Expr> {
    let mut binders: Vec<Binder> = Vec::new();
    let mut body = equation.clone();
    while let ExprKind::Quantifier(Quantifier::Forall, more, inner) = &body.kind {
        binders.extend(more.iter().cloned());
        body = inner.clone();
    }
    let left = match &body.kind {
        ExprKind::Implies(_, stated) => sides(stated)?.0.clone(),
        _ => sides(&body)?.0.clone(),
    };
    let mut map = BTreeMap::new();
    let (of_left, of_value) = match (&left.kind, &value.kind) {
        (ExprKind::Index(of_left, name), ExprKind::Index(of_value, argument)) => {
            map.insert(local(name)?, argument.clone());
            (of_left, of_value)
        }
        (ExprKind::Apply(..), ExprKind::Apply(..)) => (&left, value),
        _ => return None,
    };
    let (ExprKind::Apply(_, names, _), ExprKind::Apply(own, args, at)) = (&of_left.kind, &of_value.kind)
    else {
        return None;
    };
    if *own != operator || *at != time {
        return None;
    }
    for (name, arg) in names.iter().zip(args) {
        map.insert(local(name)?, arg.clone());
    }
    let guards = binders.iter().filter_map(|binder| {
        binder.domain.as_ref().map(|domain| expr::is_in(&program.named(binder.local), domain))
    });
    let whole = expr::implies(&expr::and(guards, body.span), &body);
    Some(rewrite_closed(program, &expr::substitute(program, &whole, &map)))
}

fn sides(stated: &Expr) -> Option<(&Expr, &Expr)> {
    match &stated.kind {
        ExprKind::Equal(left, right) | ExprKind::Iff(left, right) => Some((left, right)),
        _ => None,
    }
}

fn local(name: &Expr) -> Option<LocalId> {
    match name.kind {
        ExprKind::Local(id) => Some(id),
        _ => None,
    }
}

/// What is written for a recursive operator's name and number: those of the operator, for its twins too.
pub(super) fn symbol(program: &Program, operator: OperatorId, time: Time) -> String {
    let prime = if time == Time::Next { "'" } else { "" };
    let (own, suffix) = match program.twin_of(operator) {
        Some((own, position)) => (own, TWINS[position]),
        None => (operator, ""),
    };
    let name = &program.module.operators[own].name;
    format!("{name}@{}{prime}{suffix}", own.index())
}
