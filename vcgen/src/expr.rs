//! Building, walking and substituting typed expressions.
//!
//! Invariant: substitution renames every binder that it passes, so that nothing is ever captured;
//! whoever extends the scope of a binder renames it first.

use std::collections::{BTreeMap, BTreeSet};

use lang::sort::Sort;
use lang::source::Span;
use lang::typed::{Binder, Expr, ExprKind, Form, LocalId, Quantifier, Time, VariableId};

use crate::program::Program;

/// `TRUE` or `FALSE`.
pub fn bool(value: bool, span: Span) -> Expr {
    Expr::new(ExprKind::Bool(value), Sort::Bool, span)
}

/// Whether the expression is this truth value.
pub fn is_bool(expr: &Expr, value: bool) -> bool {
    matches!(expr.kind, ExprKind::Bool(found) if found == value)
}

/// A Boolean expression.
pub fn formula(kind: ExprKind, span: Span) -> Expr {
    Expr::new(kind, Sort::Bool, span)
}

/// Conjunction: flattened, without `TRUE`, `FALSE` if one operand is.
pub fn and(items: impl IntoIterator<Item = Expr>, span: Span) -> Expr {
    junction(items, span, true)
}

/// Disjunction: flattened, without `FALSE`, `TRUE` if one operand is.
pub fn or(items: impl IntoIterator<Item = Expr>, span: Span) -> Expr {
    junction(items, span, false)
}

fn junction(items: impl IntoIterator<Item = Expr>, span: Span, conjunction: bool) -> Expr {
    let mut flat: Vec<Expr> = Vec::new();
    for item in items {
        match &item.kind {
            ExprKind::Bool(value) if *value == conjunction => {}
            ExprKind::Bool(_) => return bool(!conjunction, span),
            ExprKind::And(inner) if conjunction => flat.extend(inner.iter().cloned()),
            ExprKind::Or(inner) if !conjunction => flat.extend(inner.iter().cloned()),
            _ => flat.push(item),
        }
    }
    match flat.len() {
        0 => bool(conjunction, span),
        1 => flat.swap_remove(0),
        _ if conjunction => formula(ExprKind::And(flat), span),
        _ => formula(ExprKind::Or(flat), span),
    }
}

/// Negation, without double negation.
pub fn not(expr: &Expr) -> Expr {
    match &expr.kind {
        ExprKind::Bool(value) => bool(!value, expr.span),
        ExprKind::Not(inner) => inner.clone(),
        _ => formula(ExprKind::Not(expr.clone()), expr.span),
    }
}

/// Implication.
pub fn implies(premise: &Expr, conclusion: &Expr) -> Expr {
    if is_bool(premise, true) || is_bool(conclusion, true) {
        return conclusion.clone();
    }
    if is_bool(premise, false) {
        return bool(true, conclusion.span);
    }
    formula(ExprKind::Implies(premise.clone(), conclusion.clone()), conclusion.span)
}

/// Equality, or equivalence of truth values.
pub fn equal(left: &Expr, right: &Expr) -> Expr {
    let kind = if left.sort == Sort::Bool {
        ExprKind::Iff(left.clone(), right.clone())
    } else {
        ExprKind::Equal(left.clone(), right.clone())
    };
    formula(kind, left.span)
}

/// Membership.
pub fn is_in(element: &Expr, set: &Expr) -> Expr {
    formula(ExprKind::In(element.clone(), set.clone()), element.span)
}

/// A quantified formula; its body itself if nothing is bound.
pub fn quantifier(quantifier: Quantifier, binders: Vec<Binder>, body: Expr) -> Expr {
    if binders.is_empty() {
        return body;
    }
    let span = body.span;
    formula(ExprKind::Quantifier(quantifier, binders, body), span)
}

/// `\A x \in S : \A y \in T : P`, where the domain of each name may speak of those before it.
pub fn for_all(binders: &[Binder], body: Expr) -> Expr {
    let nested = |inner, binder: &Binder| quantifier(Quantifier::Forall, vec![binder.clone()], inner);
    binders.iter().rev().fold(body, nested)
}

/// A bound name or rigid constant.
pub fn local(id: LocalId, sort: Sort, span: Span) -> Expr {
    Expr::new(ExprKind::Local(id), sort, span)
}

/// The conjuncts of a formula: itself, if it is no conjunction.
pub fn conjuncts(expr: &Expr) -> Vec<Expr> {
    match &expr.kind {
        ExprKind::And(items) => items.clone(),
        ExprKind::Bool(true) => Vec::new(),
        _ => vec![expr.clone()],
    }
}

/// The same expression with each direct child replaced; binders keep their names.
pub fn map_children(expr: &Expr, map: &mut dyn FnMut(&Expr) -> Expr) -> Expr {
    use ExprKind as K;
    fn binder(binder: &Binder, map: &mut dyn FnMut(&Expr) -> Expr) -> Binder {
        Binder { local: binder.local, domain: binder.domain.as_ref().map(map) }
    }
    fn all(items: &[Expr], map: &mut dyn FnMut(&Expr) -> Expr) -> Vec<Expr> {
        items.iter().map(map).collect()
    }
    let kind = match &expr.kind {
        K::Bool(_)
        | K::Int(_)
        | K::Str(_)
        | K::Local(_)
        | K::Constant(_)
        | K::Variable(..)
        | K::Builtin(_) => {
            return expr.clone();
        }
        K::ConstantApply(id, items) => K::ConstantApply(*id, all(items, map)),
        K::Apply(id, items, time) => K::Apply(*id, all(items, map), *time),
        K::And(items) => K::And(all(items, map)),
        K::Or(items) => K::Or(all(items, map)),
        K::SetEnum(items) => K::SetEnum(all(items, map)),
        K::RecordSet(id, shape, items) => K::RecordSet(*id, *shape, all(items, map)),
        K::Product(items) => K::Product(all(items, map)),
        K::Record(id, shape, items) => K::Record(*id, *shape, all(items, map)),
        K::Tuple(items) => K::Tuple(all(items, map)),
        K::Sequence(items) => K::Sequence(all(items, map)),
        K::Temporal(name, items) => K::Temporal(name, all(items, map)),
        K::Not(a) => K::Not(map(a)),
        K::Powerset(a) => K::Powerset(map(a)),
        K::BigUnion(a) => K::BigUnion(map(a)),
        K::Field(a, field) => K::Field(map(a), *field),
        K::Component(a, index) => K::Component(map(a), *index),
        K::Domain(a) => K::Domain(map(a)),
        K::IsFinite(a) => K::IsFinite(map(a)),
        K::Cardinality(a) => K::Cardinality(map(a)),
        K::Len(a) => K::Len(map(a)),
        K::SequenceSet(a) => K::SequenceSet(map(a)),
        K::IsSequence(a) => K::IsSequence(map(a)),
        K::Negate(a) => K::Negate(map(a)),
        K::Unchanged(a) => K::Unchanged(map(a)),
        K::Always(a) => K::Always(map(a)),
        K::Implies(a, b) => K::Implies(map(a), map(b)),
        K::Iff(a, b) => K::Iff(map(a), map(b)),
        K::Equal(a, b) => K::Equal(map(a), map(b)),
        K::In(a, b) => K::In(map(a), map(b)),
        K::SubsetEq(a, b) => K::SubsetEq(map(a), map(b)),
        K::Union(a, b) => K::Union(map(a), map(b)),
        K::Intersect(a, b) => K::Intersect(map(a), map(b)),
        K::Minus(a, b) => K::Minus(map(a), map(b)),
        K::Range(a, b) => K::Range(map(a), map(b)),
        K::FunctionSet(a, b) => K::FunctionSet(map(a), map(b)),
        K::FieldUpdate(a, field, b) => K::FieldUpdate(map(a), *field, map(b)),
        K::Index(a, b) => K::Index(map(a), map(b)),
        K::Arithmetic(op, a, b) => K::Arithmetic(*op, map(a), map(b)),
        K::Compare(op, a, b) => K::Compare(*op, map(a), map(b)),
        K::ActionBox(a, b) => K::ActionBox(map(a), map(b)),
        K::If(a, b, c) => K::If(map(a), map(b), map(c)),
        K::Except(a, b, c) => K::Except(map(a), map(b), map(c)),
        K::Quantifier(q, binders, body) => {
            K::Quantifier(*q, binders.iter().map(|b| binder(b, map)).collect(), map(body))
        }
        K::SetMap(element, binders) => {
            let binders = binders.iter().map(|b| binder(b, map)).collect();
            K::SetMap(map(element), binders)
        }
        K::Choose(b, body) => K::Choose(binder(b, map), map(body)),
        K::SetFilter(b, body) => K::SetFilter(binder(b, map), map(body)),
        K::Function(b, body) => K::Function(binder(b, map), map(body)),
    };
    Expr::new(kind, expr.sort.clone(), expr.span)
}

/// Replaces free locals; every binder on the way is renamed to a fresh one.
pub fn substitute(program: &Program, expr: &Expr, map: &BTreeMap<LocalId, Expr>) -> Expr {
    replace_locals(program, expr, map, Expr::names(map.keys().copied()))
}

fn replace_locals(program: &Program, expr: &Expr, map: &BTreeMap<LocalId, Expr>, names: u64) -> Expr {
    use ExprKind as K;
    if let K::Local(id) = &expr.kind {
        return map.get(id).cloned().unwrap_or_else(|| expr.clone());
    }
    if !expr.has(Form::Binder) && !expr.may_mention_any(names) {
        return expr.clone();
    }
    let bound = expr.binders();
    if bound.is_empty() {
        return map_children(expr, &mut |child| replace_locals(program, child, map, names));
    }
    let mut inner = map.clone();
    let renamed: Vec<Binder> = bound
        .iter()
        .map(|b| {
            let domain = b.domain.as_ref().map(|domain| replace_locals(program, domain, map, names));
            let fresh = program.fresh_like(b.local);
            inner.insert(b.local, program.named(fresh));
            Binder { local: fresh, domain }
        })
        .collect();
    let within = |body: &Expr| replace_locals(program, body, &inner, Expr::names(inner.keys().copied()));
    let kind = match &expr.kind {
        K::Quantifier(q, _, body) => K::Quantifier(*q, renamed, within(body)),
        K::SetMap(element, _) => K::SetMap(within(element), renamed),
        K::Choose(_, body) => K::Choose(renamed[0].clone(), within(body)),
        K::SetFilter(_, body) => K::SetFilter(renamed[0].clone(), within(body)),
        K::Function(_, body) => K::Function(renamed[0].clone(), within(body)),
        _ => unreachable!("only these bind names"),
    };
    Expr::new(kind, expr.sort.clone(), expr.span)
}

/// [`substitute`] for one local.
pub fn substitute_one(program: &Program, expr: &Expr, id: LocalId, value: &Expr) -> Expr {
    substitute(program, expr, &BTreeMap::from([(id, value.clone())]))
}

/// The free locals of an expression, in ascending order.
pub fn free_locals(expr: &Expr) -> BTreeSet<LocalId> {
    fn walk(expr: &Expr, bound: &mut Vec<LocalId>, free: &mut BTreeSet<LocalId>) {
        if !expr.may_mention_any(u64::MAX) {
            return;
        }
        if let ExprKind::Local(id) = &expr.kind {
            if !bound.contains(id) {
                free.insert(*id);
            }
            return;
        }
        let own = expr.binders();
        for binder in own {
            if let Some(domain) = &binder.domain {
                walk(domain, bound, free);
            }
        }
        let depth = bound.len();
        bound.extend(own.iter().map(|binder| binder.local));
        match &expr.kind {
            ExprKind::Quantifier(_, _, body)
            | ExprKind::SetMap(body, _)
            | ExprKind::Choose(_, body)
            | ExprKind::SetFilter(_, body)
            | ExprKind::Function(_, body) => walk(body, bound, free),
            _ => expr.for_each_child(&mut |child| walk(child, bound, free)),
        }
        bound.truncate(depth);
    }
    let mut free = BTreeSet::new();
    walk(expr, &mut Vec::new(), &mut free);
    free
}

/// Whether a local occurs free in an expression.
pub fn mentions_free(expr: &Expr, local: LocalId) -> bool {
    expr.may_mention(local) && free_locals(expr).contains(&local)
}

/// Whether any node satisfies the predicate.
pub fn any(expr: &Expr, predicate: &mut dyn FnMut(&Expr) -> bool) -> bool {
    if predicate(expr) {
        return true;
    }
    let mut found = false;
    expr.for_each_child(&mut |child| found = found || any(child, predicate));
    found
}

/// State variables that an expression reads at a time, operators included.
pub fn reads(program: &Program, expr: &Expr, time: Time, into: &mut BTreeSet<VariableId>) {
    if !expr.has(Form::State) {
        return;
    }
    match &expr.kind {
        ExprKind::Variable(id, at) if *at == time => {
            into.insert(*id);
        }
        ExprKind::Apply(operator, _, at) => match (*at, time) {
            (Time::Now, Time::Now) | (Time::Next, Time::Next) => {
                into.extend(program.support(*operator, Time::Now));
            }
            (Time::Now, Time::Next) => into.extend(program.support(*operator, Time::Next)),
            (Time::Next, Time::Now) => {}
        },
        _ => {}
    }
    expr.for_each_child(&mut |child| reads(program, child, time, into));
}

/// Whether the expression mentions the state after the step.
pub fn mentions_next(program: &Program, expr: &Expr) -> bool {
    expr.has(Form::State)
        && any(expr, &mut |node| match &node.kind {
            ExprKind::Variable(_, Time::Next)
            | ExprKind::Apply(_, _, Time::Next)
            | ExprKind::Unchanged(_)
            | ExprKind::ActionBox(..) => true,
            ExprKind::Apply(operator, _, Time::Now) => program.is_action(*operator),
            _ => false,
        })
}

/// The expression read in the state after the step; it must not speak of that state already.
pub fn prime(program: &Program, expr: &Expr) -> Expr {
    if !expr.has(Form::State) {
        return expr.clone();
    }
    match &expr.kind {
        ExprKind::Variable(id, _) => {
            Expr::new(ExprKind::Variable(*id, Time::Next), expr.sort.clone(), expr.span)
        }
        ExprKind::Apply(operator, args, _) if !program.support(*operator, Time::Now).is_empty() => {
            let args = args.iter().map(|arg| prime(program, arg)).collect();
            Expr::new(ExprKind::Apply(*operator, args, Time::Next), expr.sort.clone(), expr.span)
        }
        _ => map_children(expr, &mut |child| prime(program, child)),
    }
}

/// What is written without primes and speaks of the next state, with primes: `UNCHANGED e` as equations,
/// and `[A]_v` as `A \/ UNCHANGED v`, which is what TLA+ defines it to be.
pub fn with_primes(program: &Program, expr: &Expr) -> Option<Expr> {
    match &expr.kind {
        ExprKind::Unchanged(of) => Some(unchanged(program, of)),
        ExprKind::ActionBox(action, subscript) => {
            let stutter = unchanged(program, subscript);
            Some(formula(ExprKind::Or(vec![action.clone(), stutter]), expr.span))
        }
        _ => None,
    }
}

/// `UNCHANGED e` as equations; a tuple or sequence is unchanged if its components are.
pub fn unchanged(program: &Program, of: &Expr) -> Expr {
    match &of.kind {
        ExprKind::Tuple(items) | ExprKind::Sequence(items) => {
            and(items.iter().map(|item| unchanged(program, item)), of.span)
        }
        _ => equal(&prime(program, of), of),
    }
}
