//! Measures: what gets smaller with each recursive call, and cannot get smaller for ever.
//!
//! - A whole number `m` that is not negative at the caller, and smaller at the callee. `m` is `n - b` for an
//!   argument `n` that goes down, with the bound `b` that the domain or the conditions before the calls give;
//!   or `b - n` for one that goes up.
//! - Two such numbers in turn: the first one decreases, or it stays and the second one does.
//! - A finite set that loses elements.
//! - A sequence that gets shorter: its length is such a number.
//!
//! Each is a well-founded order. Which one is tried is a guess from how calls are written; the obligations
//! decide whether it was right.

use std::collections::BTreeSet;

use lang::sort::Sort;
use lang::source::Span;
use lang::typed::{Arithmetic, BuiltinSet, Comparison, Expr, ExprKind, LocalId, Quantifier};

use super::calls::Call;
use super::{Definition, argument, is_integer};
use crate::alpha::alike;
use crate::expr;
use crate::program::Program;
use crate::rewrite::rewrite_closed;

/// A measure, over the names that calls give values to.
#[derive(Clone, Debug)]
pub(super) struct Measure {
    order: Order,
    /// Where an operator's equation is to hold.
    pub(super) guards: Vec<Expr>,
}

#[derive(Clone, Debug)]
enum Order {
    /// Whole numbers, the first one that changes decreases.
    Numbers(Vec<Expr>),
    /// A set loses elements; for a function, what says that the set is finite.
    Set(Expr, Option<Expr>),
}

impl Measure {
    /// The guards that a callee has to satisfy. A part of a finite set is finite: that need not be proved.
    pub(super) fn guards_to_keep(&self) -> impl Iterator<Item = &Expr> {
        let needed = matches!(self.order, Order::Numbers(_));
        self.guards.iter().filter(move |_| needed)
    }

    /// The positions of those arguments that it speaks of.
    pub(super) fn positions(&self, arguments: &[LocalId]) -> Vec<usize> {
        let parts: Vec<&Expr> = match &self.order {
            Order::Numbers(numbers) => numbers.iter().collect(),
            Order::Set(set, _) => vec![set],
        };
        let free: BTreeSet<LocalId> = parts.into_iter().flat_map(expr::free_locals).collect();
        (0..arguments.len()).filter(|position| free.contains(&arguments[*position])).collect()
    }

    /// That the measure decreases from the caller to the callee.
    pub(super) fn decrease(&self, program: &Program, call: &Call, at_call: &dyn Fn(&Expr) -> Expr) -> Expr {
        let span = call.span;
        match &self.order {
            Order::Numbers(numbers) => {
                let mut ways = Vec::new();
                let mut same = Vec::new();
                for number in numbers {
                    let after = at_call(number);
                    let falls = [at_least_zero(number, span), less(&after, number, span)];
                    ways.push(expr::and(same.iter().cloned().chain(falls), span));
                    same.push(expr::equal(&after, number));
                }
                expr::or(ways, span)
            }
            Order::Set(set, finite) => {
                let after = at_call(set);
                let Sort::Set(element) = &set.sort else { return expr::bool(false, span) };
                let local = program.fresh("x", (**element).clone(), span);
                let lost = expr::local(local, (**element).clone(), span);
                let binder = lang::typed::Binder { local, domain: Some(set.clone()) };
                let outside = expr::not(&expr::is_in(&lost, &after));
                let loses = expr::quantifier(Quantifier::Exists, vec![binder], outside);
                let part = expr::formula(ExprKind::SubsetEq(after, set.clone()), span);
                expr::and(finite.iter().cloned().chain([part, loses]), span)
            }
        }
    }
}

fn int(value: i128, span: Span) -> Expr {
    Expr::new(ExprKind::Int(value), Sort::Int, span)
}

fn less(left: &Expr, right: &Expr, span: Span) -> Expr {
    expr::formula(ExprKind::Compare(Comparison::Less, left.clone(), right.clone()), span)
}

fn at_least_zero(number: &Expr, span: Span) -> Expr {
    expr::formula(ExprKind::Compare(Comparison::LessEqual, int(0, span), number.clone()), span)
}

fn minus(left: &Expr, right: &Expr) -> Expr {
    if matches!(right.kind, ExprKind::Int(0)) {
        return left.clone();
    }
    let kind = ExprKind::Arithmetic(Arithmetic::Subtract, left.clone(), right.clone());
    Expr::new(kind, Sort::Int, left.span)
}

/// How an argument changes from call to call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    Same,
    Down,
    Up,
    Other,
}

/// A number or a set that calls give a value to: an argument, or a component of one.
struct Slot {
    own: Expr,
    changes: Vec<Change>,
    /// What the domain says of it, for functions.
    domain: Option<Expr>,
}

/// The most promising measure; else what stands in the way.
pub(super) fn measure(program: &Program, definition: &Definition) -> Result<Measure, (Span, &'static str)> {
    if definition.calls.is_empty() {
        return Ok(Measure { order: Order::Numbers(Vec::new()), guards: Vec::new() });
    }
    let slots = slots(program, definition);
    let numbers: Vec<&Slot> = slots.iter().filter(|slot| is_integer(&slot.own)).collect();
    let all = |slot: &Slot, allowed: &[Change]| slot.changes.iter().all(|change| allowed.contains(change));
    for slot in &numbers {
        if all(slot, &[Change::Down]) {
            return Ok(falling(program, definition, slot));
        }
    }
    for slot in &numbers {
        if all(slot, &[Change::Up])
            && let Some(measure) = rising(program, definition, slot)
        {
            return Ok(measure);
        }
    }
    for slot in slots.iter().filter(|slot| matches!(slot.own.sort, Sort::Set(_))) {
        if all(slot, &[Change::Down]) {
            return Ok(shrinking(definition, slot));
        }
    }
    for first in &numbers {
        for second in &numbers {
            let in_turn = first.changes.iter().zip(&second.changes).all(|(first, second)| {
                *first == Change::Down || (*first == Change::Same && *second == Change::Down)
            });
            if in_turn && all(first, &[Change::Same, Change::Down]) {
                let (first, second) =
                    (falling(program, definition, first), falling(program, definition, second));
                if let (Order::Numbers(mut numbers), Order::Numbers(more)) = (first.order, second.order) {
                    numbers.extend(more);
                    let guards = first.guards.into_iter().chain(second.guards).collect();
                    return Ok(Measure { order: Order::Numbers(numbers), guards });
                }
            }
        }
    }
    for slot in &numbers {
        if all(slot, &[Change::Down, Change::Other]) {
            return Ok(falling(program, definition, slot));
        }
    }
    for slot in slots.iter().filter(|slot| matches!(slot.own.sort, Sort::Set(_))) {
        if all(slot, &[Change::Down, Change::Other]) {
            return Ok(shrinking(definition, slot));
        }
    }
    for slot in slots.iter().filter(|slot| is_indexed(&slot.own.sort)) {
        if all(slot, &[Change::Other]) {
            return Ok(shortening(program, definition, slot));
        }
    }
    let guilty =
        |call: &usize| slots.iter().all(|slot| matches!(slot.changes[*call], Change::Same | Change::Up));
    let call = (0..definition.calls.len()).find(guilty).unwrap_or(0);
    let at = definition.calls.get(call).map_or(definition.body.span, |call| call.span);
    Err((at, "no argument of this call visibly gets smaller"))
}

fn slots(program: &Program, definition: &Definition) -> Vec<Slot> {
    let span = definition.body.span;
    let mut slots = Vec::new();
    for (position, local) in definition.arguments.iter().enumerate() {
        let own = argument(program, *local, span);
        let values: Vec<Expr> = definition.calls.iter().map(|call| call.args[position].clone()).collect();
        let domain = definition.domain.as_ref();
        let Sort::Tuple(parts) = &own.sort else {
            slots.push(slot(own, &values, domain.cloned()));
            continue;
        };
        for (index, sort) in parts.iter().enumerate() {
            let part = |of: &Expr| Expr::new(ExprKind::Component(of.clone(), index), sort.clone(), of.span);
            let values: Vec<Expr> =
                values.iter().map(|value| rewrite_closed(program, &part(value))).collect();
            let domain = domain.and_then(|domain| match &domain.kind {
                ExprKind::Product(sets) => sets.get(index).cloned(),
                _ => None,
            });
            slots.push(slot(part(&own), &values, domain));
        }
    }
    slots
}

fn slot(own: Expr, values: &[Expr], domain: Option<Expr>) -> Slot {
    let changes = values.iter().map(|value| change(&own, value)).collect();
    Slot { own, changes, domain }
}

fn change(own: &Expr, value: &Expr) -> Change {
    use Arithmetic as A;
    let is_own = |part: &Expr| alike(part, own);
    if is_own(value) {
        return Change::Same;
    }
    let is_negative = |part: &Expr| match &part.kind {
        ExprKind::Int(value) => *value < 0,
        ExprKind::Negate(_) => true,
        _ => false,
    };
    match &value.kind {
        ExprKind::Arithmetic(A::Subtract, left, right) if is_own(left) => {
            if is_negative(right) {
                Change::Up
            } else {
                Change::Down
            }
        }
        ExprKind::Arithmetic(A::Add, left, right) if is_own(left) => {
            if is_negative(right) {
                Change::Down
            } else {
                Change::Up
            }
        }
        ExprKind::Arithmetic(A::Add, left, right) if is_own(right) => {
            if is_negative(left) {
                Change::Down
            } else {
                Change::Up
            }
        }
        ExprKind::Arithmetic(A::Divide, left, _) if is_own(left) => Change::Down,
        ExprKind::Arithmetic(A::Modulo, _, right) if is_own(right) => Change::Down,
        ExprKind::Minus(left, _) if is_own(left) => Change::Down,
        ExprKind::SetFilter(binder, _) if binder.domain.as_ref().is_some_and(is_own) => Change::Down,
        ExprKind::Intersect(left, right) if is_own(left) || is_own(right) => Change::Down,
        ExprKind::Arithmetic(A::Multiply, ..) | ExprKind::Union(..) => Change::Up,
        _ => Change::Other,
    }
}

/// What the conditions before a call say of a number, and how far it is bound by them.
struct Bounds {
    /// It is at least one of these.
    low: Vec<Expr>,
    /// It is at most one of these.
    high: Vec<Expr>,
    /// It is none of these.
    other: Vec<Expr>,
}

fn bounds(program: &Program, own: &Expr, call: &Call) -> Bounds {
    let mut bounds = Bounds { low: Vec::new(), high: Vec::new(), other: Vec::new() };
    for condition in call.conditions() {
        for part in expr::conjuncts(&rewrite_closed(program, condition)) {
            bound(own, &part, true, &mut bounds);
        }
    }
    bounds
}

fn bound(own: &Expr, condition: &Expr, positive: bool, into: &mut Bounds) {
    let is_own = |part: &Expr| alike(part, own);
    match &condition.kind {
        ExprKind::Not(inner) => bound(own, inner, !positive, into),
        ExprKind::Compare(_, left, right) => {
            if is_own(left) {
                if positive { &mut into.high } else { &mut into.low }.push(right.clone());
            } else if is_own(right) {
                if positive { &mut into.low } else { &mut into.high }.push(left.clone());
            }
        }
        ExprKind::Equal(left, right) if !positive => {
            if is_own(left) {
                into.other.push(right.clone());
            } else if is_own(right) {
                into.other.push(left.clone());
            }
        }
        ExprKind::In(element, set) if positive && is_own(element) => range(set, into),
        _ => {}
    }
}

/// The bounds of the members of a set of numbers.
fn range(set: &Expr, into: &mut Bounds) {
    match &set.kind {
        ExprKind::Builtin(BuiltinSet::Nat) => into.low.push(int(0, set.span)),
        ExprKind::Range(low, high) => {
            into.low.push(low.clone());
            into.high.push(high.clone());
        }
        ExprKind::Minus(from, _) => range(from, into),
        ExprKind::SetFilter(binder, _) => binder.domain.iter().for_each(|from| range(from, into)),
        _ => {}
    }
}

fn literal(expr: &Expr) -> Option<i128> {
    match expr.kind {
        ExprKind::Int(value) => Some(value),
        _ => None,
    }
}

/// One bound for all calls: the least number among them, or else an expression that all of them have.
fn common(program: &Program, definition: &Definition, of_calls: &[Vec<Expr>], least: bool) -> Option<Expr> {
    let literals: Vec<i128> = of_calls.iter().flatten().filter_map(literal).collect();
    let every = |has: &dyn Fn(&Expr) -> bool| of_calls.iter().all(|bounds| bounds.iter().any(has));
    if every(&|bound| literal(bound).is_some()) {
        let value = if least { literals.iter().min() } else { literals.iter().max() };
        return value.map(|value| int(*value, definition.body.span));
    }
    let steady = |bound: &Expr| is_steady(program, definition, bound);
    let first = of_calls.first()?;
    first.iter().find(|bound| steady(bound) && every(&|other| alike(other, bound))).cloned()
}

/// Whether an expression has the same value at all calls as it has at the caller.
fn is_steady(program: &Program, definition: &Definition, bound: &Expr) -> bool {
    let free = expr::free_locals(bound);
    let params = &program.module.operators[definition.operator].params;
    free.iter().all(|local| params.contains(local) || definition.arguments.contains(local))
        && definition.calls.iter().all(|call| {
            let map = definition.arguments.iter().copied().zip(call.args.iter().cloned()).collect();
            alike(&rewrite_closed(program, &expr::substitute(program, bound, &map)), bound)
        })
        && !expr::any(
            bound,
            &mut |node| matches!(node.kind, ExprKind::Apply(own, _, _) if own == definition.operator),
        )
}

/// `n - b`, with the bound that the domain or conditions give; else `n - b` where it is not negative.
fn falling(program: &Program, definition: &Definition, slot: &Slot) -> Measure {
    let found: Vec<Bounds> = definition.calls.iter().map(|call| bounds(program, &slot.own, call)).collect();
    let lows: Vec<Vec<Expr>> = found.iter().map(|bounds| bounds.low.clone()).collect();
    let others: Vec<Vec<Expr>> = found.iter().map(|bounds| bounds.other.clone()).collect();
    let of_domain = slot.domain.as_ref().and_then(|domain| {
        let mut bounds = Bounds { low: Vec::new(), high: Vec::new(), other: Vec::new() };
        range(domain, &mut bounds);
        bounds.low.into_iter().next()
    });
    let known = of_domain.or_else(|| common(program, definition, &lows, true));
    let guarded = known.is_none();
    let base =
        known.or_else(|| common(program, definition, &others, true)).unwrap_or_else(|| int(0, slot.own.span));
    number(minus(&slot.own, &base), guarded)
}

/// `b - n`, with the bound that the domain or the conditions give.
fn rising(program: &Program, definition: &Definition, slot: &Slot) -> Option<Measure> {
    let found: Vec<Bounds> = definition.calls.iter().map(|call| bounds(program, &slot.own, call)).collect();
    let highs: Vec<Vec<Expr>> = found.iter().map(|bounds| bounds.high.clone()).collect();
    let others: Vec<Vec<Expr>> = found.iter().map(|bounds| bounds.other.clone()).collect();
    let of_domain = slot.domain.as_ref().and_then(|domain| {
        let mut bounds = Bounds { low: Vec::new(), high: Vec::new(), other: Vec::new() };
        range(domain, &mut bounds);
        bounds.high.into_iter().next()
    });
    let known = of_domain.or_else(|| common(program, definition, &highs, false));
    let guarded = known.is_none();
    let limit = known.or_else(|| common(program, definition, &others, false))?;
    Some(number(minus(&limit, &slot.own), guarded))
}

fn number(measure: Expr, guarded: bool) -> Measure {
    let guards = if guarded { vec![at_least_zero(&measure, measure.span)] } else { Vec::new() };
    Measure { order: Order::Numbers(vec![measure]), guards }
}

/// Whether values of this sort may be sequences.
fn is_indexed(sort: &Sort) -> bool {
    matches!(sort, Sort::Function(from, _) if **from == Sort::Int)
}

/// The length of a sequence; an operator's equation is to hold for sequences.
fn shortening(program: &Program, definition: &Definition, slot: &Slot) -> Measure {
    let length = Expr::new(ExprKind::Len(slot.own.clone()), Sort::Int, slot.own.span);
    let is_sequence = expr::formula(ExprKind::IsSequence(slot.own.clone()), slot.own.span);
    let length = Slot { own: length, changes: Vec::new(), domain: None };
    let mut measure = falling(program, definition, &length);
    if definition.domain.is_some() {
        measure.guards.clear();
    } else {
        measure.guards.insert(0, is_sequence);
    }
    measure
}

fn shrinking(definition: &Definition, slot: &Slot) -> Measure {
    let span = slot.own.span;
    let finite = |set: &Expr| expr::formula(ExprKind::IsFinite(set.clone()), span);
    if definition.domain.is_none() {
        return Measure { order: Order::Set(slot.own.clone(), None), guards: vec![finite(&slot.own)] };
    }
    // Parts of a finite set are finite.
    let whole = match slot.domain.as_ref().map(|domain| &domain.kind) {
        Some(ExprKind::Powerset(of)) => of,
        _ => &slot.own,
    };
    Measure { order: Order::Set(slot.own.clone(), Some(finite(whole))), guards: Vec::new() }
}
