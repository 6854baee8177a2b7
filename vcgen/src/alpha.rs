//! Keys of expressions: two expressions have the same key only if they are equal up to bound names and up
//! to the order of operands of commutative operators. Sorts count: `\A x, y : x = y` is one formula for each
//! sort of `x`, so keys tell the sorts of what has no other: bound names, `{}`, `CHOOSE`.

use lang::ids::Id;
use lang::sort::Sort;
use lang::typed::{Expr, ExprKind, LocalId, Time};

/// The key of an expression.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(Vec<u32>);

/// The key of an expression; free locals count as themselves.
pub fn key(expr: &Expr) -> Key {
    key_with(expr, &[])
}

/// The key of an expression in which the given free locals count by their position only.
pub fn key_with(expr: &Expr, parameters: &[LocalId]) -> Key {
    let mut out = Vec::new();
    write(expr, &mut parameters.to_vec(), &mut out);
    Key(out)
}

fn number(value: usize) -> u32 {
    u32::try_from(value).expect("fewer than 2^32")
}

fn text(value: &str, out: &mut Vec<u32>) {
    out.push(number(value.len()));
    out.extend(value.chars().map(u32::from));
}

fn sort(of: &Sort, out: &mut Vec<u32>) {
    match of {
        Sort::Bool => out.push(1),
        Sort::Int => out.push(2),
        Sort::Str => out.push(3),
        Sort::Uninterpreted(id) => out.extend([4, number(id.index())]),
        Sort::Set(element) => {
            out.push(5);
            sort(element, out);
        }
        Sort::Function(from, to) => {
            out.push(6);
            sort(from, out);
            sort(to, out);
        }
        Sort::Tuple(items) => {
            out.extend([7, number(items.len())]);
            items.iter().for_each(|item| sort(item, out));
        }
        Sort::Record(id) => out.extend([8, number(id.index())]),
    }
}

fn write(expr: &Expr, bound: &mut Vec<LocalId>, out: &mut Vec<u32>) {
    use ExprKind as K;
    let time = |time: Time| u32::from(time == Time::Next);
    match &expr.kind {
        K::Bool(value) => out.extend([1, u32::from(*value)]),
        K::Int(value) => {
            out.push(2);
            text(&value.to_string(), out);
        }
        K::Str(value) => {
            out.push(3);
            text(value, out);
        }
        K::Local(id) => match bound.iter().rposition(|bound| bound == id) {
            Some(position) => {
                out.extend([4, number(position)]);
                sort(&expr.sort, out);
            }
            None => out.extend([5, number(id.index())]),
        },
        K::Constant(id) => out.extend([6, number(id.index())]),
        K::ConstantApply(id, args) => {
            out.extend([7, number(id.index())]);
            ordered(args, bound, out);
        }
        K::Variable(id, at) => out.extend([8, number(id.index()), time(*at)]),
        K::Apply(id, args, at) => {
            out.extend([9, number(id.index()), time(*at)]);
            ordered(args, bound, out);
        }
        K::Not(_) => plain(10, expr, bound, out),
        K::And(items) => unordered(11, items, bound, out),
        K::Or(items) => unordered(12, items, bound, out),
        K::Implies(..) => plain(13, expr, bound, out),
        K::Iff(a, b) => unordered(14, &[a.clone(), b.clone()], bound, out),
        K::Equal(a, b) => unordered(15, &[a.clone(), b.clone()], bound, out),
        K::If(..) => plain(16, expr, bound, out),
        K::Quantifier(q, _, body) => {
            out.extend([17, u32::from(*q == lang::typed::Quantifier::Forall)]);
            scoped(expr, body, bound, out);
        }
        K::Choose(_, body) => {
            out.push(18);
            sort(&expr.sort, out);
            scoped(expr, body, bound, out);
        }
        K::In(..) => plain(19, expr, bound, out),
        K::SubsetEq(..) => plain(20, expr, bound, out),
        K::SetEnum(items) if items.is_empty() => {
            out.extend([21, 0]);
            sort(&expr.sort, out);
        }
        K::SetEnum(items) => unordered(21, items, bound, out),
        K::SetFilter(_, body) => {
            out.push(22);
            scoped(expr, body, bound, out);
        }
        K::SetMap(element, _) => {
            out.push(23);
            scoped(expr, element, bound, out);
        }
        K::Union(a, b) => unordered(24, &[a.clone(), b.clone()], bound, out),
        K::Intersect(a, b) => unordered(25, &[a.clone(), b.clone()], bound, out),
        K::Minus(..) => plain(26, expr, bound, out),
        K::Powerset(_) => plain(27, expr, bound, out),
        K::BigUnion(_) => plain(28, expr, bound, out),
        K::Range(..) => plain(29, expr, bound, out),
        K::Builtin(set) => out.extend([30, *set as u32]),
        K::RecordSet(id, shape, items) => {
            out.extend([31, number(id.index()), number(*shape)]);
            ordered(items, bound, out);
        }
        K::FunctionSet(..) => plain(32, expr, bound, out),
        K::Product(items) => {
            out.push(33);
            ordered(items, bound, out);
        }
        K::Record(id, shape, items) => {
            out.extend([34, number(id.index()), number(*shape)]);
            ordered(items, bound, out);
        }
        K::Field(_, field) => {
            out.extend([35, number(*field)]);
            expr.for_each_child(&mut |child| write(child, bound, out));
        }
        K::FieldUpdate(_, field, _) => {
            out.extend([36, number(*field)]);
            expr.for_each_child(&mut |child| write(child, bound, out));
        }
        K::Tuple(items) => {
            out.push(37);
            ordered(items, bound, out);
        }
        K::Component(_, index) => {
            out.extend([38, number(*index)]);
            expr.for_each_child(&mut |child| write(child, bound, out));
        }
        K::Function(_, body) => {
            out.push(39);
            scoped(expr, body, bound, out);
        }
        K::Index(..) => plain(40, expr, bound, out),
        K::Except(..) => plain(41, expr, bound, out),
        K::Domain(_) => plain(42, expr, bound, out),
        K::IsFinite(_) => plain(48, expr, bound, out),
        K::Cardinality(_) => plain(49, expr, bound, out),
        K::Sequence(items) => {
            out.push(70);
            if items.is_empty() {
                sort(&expr.sort, out);
            }
            ordered(items, bound, out);
        }
        K::Len(_) => plain(71, expr, bound, out),
        K::SequenceSet(_) => plain(72, expr, bound, out),
        K::IsSequence(_) => plain(73, expr, bound, out),
        K::Arithmetic(op, ..) => plain(50 + *op as u32, expr, bound, out),
        K::Negate(_) => plain(43, expr, bound, out),
        K::Compare(op, ..) => plain(60 + *op as u32, expr, bound, out),
        K::Unchanged(_) => plain(44, expr, bound, out),
        K::ActionBox(..) => plain(45, expr, bound, out),
        K::Always(_) => plain(46, expr, bound, out),
        K::Temporal(name, items) => {
            out.push(47);
            text(name, out);
            ordered(items, bound, out);
        }
    }
}

fn plain(tag: u32, expr: &Expr, bound: &mut Vec<LocalId>, out: &mut Vec<u32>) {
    out.push(tag);
    expr.for_each_child(&mut |child| write(child, bound, out));
}

fn ordered(items: &[Expr], bound: &mut Vec<LocalId>, out: &mut Vec<u32>) {
    out.push(number(items.len()));
    for item in items {
        write(item, bound, out);
    }
}

fn unordered(tag: u32, items: &[Expr], bound: &mut Vec<LocalId>, out: &mut Vec<u32>) {
    out.extend([tag, number(items.len())]);
    let mut keys: Vec<Vec<u32>> = items
        .iter()
        .map(|item| {
            let mut key = Vec::new();
            write(item, bound, &mut key);
            key
        })
        .collect();
    keys.sort();
    out.extend(keys.into_iter().flatten());
}

fn scoped(expr: &Expr, body: &Expr, bound: &mut Vec<LocalId>, out: &mut Vec<u32>) {
    let binders = expr.binders();
    out.push(number(binders.len()));
    for binder in binders {
        match &binder.domain {
            Some(domain) => write(domain, bound, out),
            None => out.push(0),
        }
    }
    let depth = bound.len();
    bound.extend(binders.iter().map(|binder| binder.local));
    write(body, bound, out);
    bound.truncate(depth);
}
