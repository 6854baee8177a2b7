//! Keys of expressions: two expressions have the same key only if they are equal up to bound names and up
//! to the order of operands of commutative operators. Sorts count: `\A x, y : x = y` is one formula for each
//! sort of `x`, so keys tell the sorts of what has no other: bound names, `{}`, `CHOOSE`.
//!
//! Most questions are whether two expressions are the same, and most answers are no. So each expression also has
//! a *digest*, a number kept with it. Expressions of the same key have the same digest, by how it is computed
//! (both come out of one walk); where digests agree, keys are compared.

use std::hash::{Hash, Hasher};

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

/// Whether two expressions have the same key.
pub fn alike(left: &Expr, right: &Expr) -> bool {
    left.same_node(right) || (digest(left) == digest(right) && key(left) == key(right))
}

/// An expression that stands for all that have its key.
#[derive(Clone, Debug)]
pub struct Alike(pub Expr);

impl PartialEq for Alike {
    fn eq(&self, other: &Self) -> bool {
        alike(&self.0, &other.0)
    }
}

impl Eq for Alike {}

impl Hash for Alike {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(digest(&self.0));
    }
}

fn digest(expr: &Expr) -> u64 {
    expr.digest(|| {
        let mut out = Digest::default();
        write(expr, &mut Vec::new(), &mut out);
        out.0
    })
}

/// What a walk through an expression is written to.
trait Out: Sized {
    fn word(&mut self, word: u32);
    /// A bound name: its position among the `depth` names that are bound around it, outermost first.
    fn bound(&mut self, position: usize, depth: usize);
    /// An operand.
    fn part(&mut self, expr: &Expr, bound: &mut Vec<LocalId>);
    /// Operands in any order.
    fn unordered(&mut self, items: &[&Expr], bound: &mut Vec<LocalId>);

    fn words<const N: usize>(&mut self, words: [u32; N]) {
        for word in words {
            self.word(word);
        }
    }
}

impl Out for Vec<u32> {
    fn word(&mut self, word: u32) {
        self.push(word);
    }

    fn bound(&mut self, position: usize, _depth: usize) {
        self.push(number(position));
    }

    fn part(&mut self, expr: &Expr, bound: &mut Vec<LocalId>) {
        write(expr, bound, self);
    }

    fn unordered(&mut self, items: &[&Expr], bound: &mut Vec<LocalId>) {
        let start = self.len();
        let mut ends = Vec::with_capacity(items.len());
        for item in items {
            write(item, bound, self);
            ends.push(self.len());
        }
        let starts = std::iter::once(start).chain(ends.iter().copied());
        let mut ranges: Vec<(usize, usize)> = starts.zip(ends.iter().copied()).collect();
        let all = &*self;
        if ranges.is_sorted_by_key(|(from, to)| &all[*from..*to]) {
            return;
        }
        ranges.sort_by_key(|(from, to)| &all[*from..*to]);
        let sorted: Vec<u32> = ranges.into_iter().flat_map(|(from, to)| &all[from..to]).copied().collect();
        self.truncate(start);
        self.extend(sorted);
    }
}

/// A digest in the making. It does not depend on what else is bound around, so that parts that mention nothing
/// of that have digests of their own.
#[derive(Clone, Copy, Default)]
struct Digest(u64);

impl Digest {
    fn mix(&mut self, value: u64) {
        const FACTOR: u64 = 0x517c_c1b7_2722_0a95;
        self.0 = (self.0.rotate_left(5) ^ value).wrapping_mul(FACTOR);
    }

    fn of_part(expr: &Expr, bound: &mut Vec<LocalId>) -> u64 {
        // Whether a part is looked up or walked through makes no difference to the result.
        if bound.is_empty() || !expr.may_mention_any(Expr::names(bound.iter().copied())) {
            return digest(expr);
        }
        let mut part = Self::default();
        write(expr, bound, &mut part);
        part.0.max(1)
    }
}

impl Out for Digest {
    fn word(&mut self, word: u32) {
        self.mix(u64::from(word));
    }

    fn bound(&mut self, position: usize, depth: usize) {
        self.mix(u64::from(number(depth - position)));
    }

    fn part(&mut self, expr: &Expr, bound: &mut Vec<LocalId>) {
        let part = Self::of_part(expr, bound);
        self.mix(part);
    }

    fn unordered(&mut self, items: &[&Expr], bound: &mut Vec<LocalId>) {
        let sum = items.iter().fold(0, |sum: u64, item| {
            let mut part = Self::default();
            part.mix(Self::of_part(item, bound));
            sum.wrapping_add(part.0)
        });
        self.mix(sum);
    }
}

fn number(value: usize) -> u32 {
    u32::try_from(value).expect("fewer than 2^32")
}

fn text(value: &str, out: &mut impl Out) {
    out.word(number(value.len()));
    value.chars().for_each(|c| out.word(u32::from(c)));
}

fn sort(of: &Sort, out: &mut impl Out) {
    match of {
        Sort::Bool => out.word(1),
        Sort::Int => out.word(2),
        Sort::Str => out.word(3),
        Sort::Uninterpreted(id) => out.words([4, number(id.index())]),
        Sort::Set(element) => {
            out.word(5);
            sort(element, out);
        }
        Sort::Function(from, to) => {
            out.word(6);
            sort(from, out);
            sort(to, out);
        }
        Sort::Tuple(items) => {
            out.words([7, number(items.len())]);
            items.iter().for_each(|item| sort(item, out));
        }
        Sort::Record(id) => out.words([8, number(id.index())]),
    }
}

fn write(expr: &Expr, bound: &mut Vec<LocalId>, out: &mut impl Out) {
    use ExprKind as K;
    let time = |time: Time| u32::from(time == Time::Next);
    match &expr.kind {
        K::Bool(value) => out.words([1, u32::from(*value)]),
        K::Int(value) => {
            out.word(2);
            text(&value.to_string(), out);
        }
        K::Str(value) => {
            out.word(3);
            text(value, out);
        }
        K::Local(id) => match bound.iter().rposition(|bound| bound == id) {
            Some(position) => {
                out.word(4);
                out.bound(position, bound.len());
                sort(&expr.sort, out);
            }
            None => out.words([5, number(id.index())]),
        },
        K::Constant(id) => out.words([6, number(id.index())]),
        K::ConstantApply(id, args) => {
            out.words([7, number(id.index())]);
            ordered(args, bound, out);
        }
        K::Variable(id, at) => out.words([8, number(id.index()), time(*at)]),
        K::Apply(id, args, at) => {
            out.words([9, number(id.index()), time(*at)]);
            ordered(args, bound, out);
        }
        K::Not(_) => plain(10, expr, bound, out),
        K::And(items) => unordered(11, &each(items), bound, out),
        K::Or(items) => unordered(12, &each(items), bound, out),
        K::Implies(..) => plain(13, expr, bound, out),
        K::Iff(a, b) => unordered(14, &[a, b], bound, out),
        K::Equal(a, b) => unordered(15, &[a, b], bound, out),
        K::If(..) => plain(16, expr, bound, out),
        K::Quantifier(q, _, body) => {
            out.words([17, u32::from(*q == lang::typed::Quantifier::Forall)]);
            scoped(expr, body, bound, out);
        }
        K::Choose(_, body) => {
            out.word(18);
            sort(&expr.sort, out);
            scoped(expr, body, bound, out);
        }
        K::In(..) => plain(19, expr, bound, out),
        K::SubsetEq(..) => plain(20, expr, bound, out),
        K::SetEnum(items) if items.is_empty() => {
            out.words([21, 0]);
            sort(&expr.sort, out);
        }
        K::SetEnum(items) => unordered(21, &each(items), bound, out),
        K::SetFilter(_, body) => {
            out.word(22);
            scoped(expr, body, bound, out);
        }
        K::SetMap(element, _) => {
            out.word(23);
            scoped(expr, element, bound, out);
        }
        K::Union(a, b) => unordered(24, &[a, b], bound, out),
        K::Intersect(a, b) => unordered(25, &[a, b], bound, out),
        K::Minus(..) => plain(26, expr, bound, out),
        K::Powerset(_) => plain(27, expr, bound, out),
        K::BigUnion(_) => plain(28, expr, bound, out),
        K::Range(..) => plain(29, expr, bound, out),
        K::Builtin(set) => out.words([30, *set as u32]),
        K::RecordSet(id, shape, items) => {
            out.words([31, number(id.index()), number(*shape)]);
            ordered(items, bound, out);
        }
        K::FunctionSet(..) => plain(32, expr, bound, out),
        K::Product(items) => {
            out.word(33);
            ordered(items, bound, out);
        }
        K::Record(id, shape, items) => {
            out.words([34, number(id.index()), number(*shape)]);
            ordered(items, bound, out);
        }
        K::Field(_, field) => {
            out.words([35, number(*field)]);
            expr.for_each_child(&mut |child| out.part(child, bound));
        }
        K::FieldUpdate(_, field, _) => {
            out.words([36, number(*field)]);
            expr.for_each_child(&mut |child| out.part(child, bound));
        }
        K::Tuple(items) => {
            out.word(37);
            ordered(items, bound, out);
        }
        K::Component(_, index) => {
            out.words([38, number(*index)]);
            expr.for_each_child(&mut |child| out.part(child, bound));
        }
        K::Function(_, body) => {
            out.word(39);
            scoped(expr, body, bound, out);
        }
        K::Index(..) => plain(40, expr, bound, out),
        K::Except(..) => plain(41, expr, bound, out),
        K::Domain(_) => plain(42, expr, bound, out),
        K::IsFinite(_) => plain(48, expr, bound, out),
        K::Cardinality(_) => plain(49, expr, bound, out),
        K::Sequence(items) => {
            out.word(70);
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
            out.word(47);
            text(name, out);
            ordered(items, bound, out);
        }
    }
}

fn plain(tag: u32, expr: &Expr, bound: &mut Vec<LocalId>, out: &mut impl Out) {
    out.word(tag);
    expr.for_each_child(&mut |child| out.part(child, bound));
}

fn ordered(items: &[Expr], bound: &mut Vec<LocalId>, out: &mut impl Out) {
    out.word(number(items.len()));
    for item in items {
        out.part(item, bound);
    }
}

fn each(items: &[Expr]) -> Vec<&Expr> {
    items.iter().collect()
}

fn unordered(tag: u32, items: &[&Expr], bound: &mut Vec<LocalId>, out: &mut impl Out) {
    out.words([tag, number(items.len())]);
    out.unordered(items, bound);
}

fn scoped(expr: &Expr, body: &Expr, bound: &mut Vec<LocalId>, out: &mut impl Out) {
    let binders = expr.binders();
    out.word(number(binders.len()));
    for binder in binders {
        match &binder.domain {
            Some(domain) => out.part(domain, bound),
            None => out.word(0),
        }
    }
    let depth = bound.len();
    bound.extend(binders.iter().map(|binder| binder.local));
    out.part(body, bound);
    bound.truncate(depth);
}
