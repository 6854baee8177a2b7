//! Quantifiers over infinitely many integers, decided by trying finitely many.
//!
//! **The claim.** Let `P(n)` be a formula in which integers are only compared, shifted by what stays the same, and
//! put into and looked up in finite structures (`fragment` says which expressions are such). Let all integers of
//! the states, the constants, the names in scope and the text lie between `L` and `U`, let `T` be the sum of
//! all that is ever added to a number in it, and let quantifiers over integers nest `r` deep in `P`. Then there
//! is a `D` that depends on `T` and `r` only, so that `P` has the same truth value for all `n > U + T + D`, and
//! the same for all `n < L - T - D`. So one number beyond each end stands for all of them.
//!
//! **Why.** Call the integers from `L - T` to `U + T` fixed: what does not depend on a quantified integer is
//! among them. Let `D(0) = 2 T` and `D(i + 1) = 2 D(i) + 1`. Two choices `x` and `y` of values for quantified
//! integers are `i`-alike, if the difference of any two of them, or of one of them and a fixed integer, is the
//! same in both, or is greater than `D(i)` in both, or less than `-D(i)` in both.
//!
//! - *0-alike choices give the same truth value* where no integers are quantified. Each integer in a value is a
//!   chosen or a fixed one plus at most `T`, and evaluation treats both choices alike, step by step: a comparison
//!   of `a + c` with `b + d` depends on where `a - b` lies with respect to `d - c`, which is at most `2 T`. So
//!   equal values stay equal, sets have as many elements, the least candidate of a `CHOOSE` is the least, and
//!   what one choice leaves open the other one does, too.
//! - *Of two `i + 1`-alike choices, each value for one more integer in the first has one in the second so that both are
//!   `i`-alike again.* If the value is within `D(i)` of a chosen or fixed integer, take the same distance from
//!   its fellow. Otherwise it lies in a gap between two neighbours that is longer than `2 D(i) + 1`, or beyond
//!   them all; so is the gap in the second choice, and a number that is more than `D(i)` from both ends will do.
//! - So `r`-alike choices give the same truth value where quantifiers nest `r` deep: one step for each.
//! - Two integers beyond `U + T + D(r)` are `r`-alike as choices, and so are two below `L - T - D(r)`.
//!
//! The integers from `L - T - D(r) - 1` to `U + T + D(r) + 1` are tried. A quantifier inside is decided in the
//! same way, exactly, for each value of those around it, which count among its `L` and `U`; so it is tried over a
//! wider range, and nothing depends on how it is decided.
//!
//! **Families.** Sets may also hold the values that have a number in one place of a tuple or record, for all
//! numbers from some on (`{<<a, n>> : n \in Nat}`). To quantify over such a set is to quantify over the numbers,
//! family by family, and to ask each of the other members: a finite disjunction or conjunction of what the claim
//! is about. What stands around the place is the same for all, and its numbers, the least ones, and those in the
//! other members count among the known ones; whether a member is in the set depends on how its number compares
//! with these. So the members with numbers up to the last that is tried stand for all, as the numbers do.
//!
//! Multiplication, sizes, recursion, sums of two quantified integers, and choices that are not the least candidate
//! are outside of the claim, if they depend on a quantified integer. So are quantified functions and sets.

use std::rc::Rc;

use lang::ids::Id;
use lang::source::Span;
use lang::typed::{Binder, Expr, LocalId};

use super::fragment::{Analysis, Fragment};
use super::lazy::{Lazy, List, Val};
use super::{Endless, Evaluator, Run, Stuck};
use crate::instance::Constant;
use crate::value::{Families, Family, Infinite, Value};

/// The least and the greatest of some integers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Hull {
    ends: Option<(i64, i64)>,
}

impl Hull {
    pub(super) fn add(&mut self, number: i64) {
        let (low, high) = self.ends.unwrap_or((number, number));
        self.ends = Some((low.min(number), high.max(number)));
    }

    fn add_all(&mut self, other: Self) {
        if let Some((low, high)) = other.ends {
            self.add(low);
            self.add(high);
        }
    }

    /// Adds the integers that tell the members of a set.
    pub(super) fn add_families(&mut self, set: &Families) -> bool {
        set.families().iter().for_each(|family| self.add(family.least()));
        let patterns = set.families().iter().map(Family::pattern);
        set.others().iter().chain(patterns).all(|value| self.add_value(value))
    }

    /// Adds the integers in the value of a variable or a constant, which may be a set with families.
    fn add_whole(&mut self, value: &Value) -> bool {
        if let Value::Families(set) = value { self.add_families(set) } else { self.add_value(value) }
    }

    /// Adds the integers in a value; refuses infinite sets.
    pub(super) fn add_value(&mut self, value: &Value) -> bool {
        match value {
            Value::Int(number) => {
                self.add(*number);
                true
            }
            Value::Bool(_) | Value::Str(_) | Value::Element(..) => true,
            Value::Whole(_) | Value::Families(_) => false,
            Value::Set(items) | Value::Tuple(items) | Value::Record(_, _, items) => {
                items.iter().all(|item| self.add_value(item))
            }
            Value::Function(entries) => {
                entries.iter().all(|(argument, value)| self.add_value(argument) && self.add_value(value))
            }
        }
    }
}

/// A set of integers, or of members of families, by those that are tried: the others are like the last ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rays {
    /// Whether there are infinitely many.
    is_endless: bool,
    within: Vec<bool>,
}

/// What may be in a set, as far as it is tried.
struct Candidates {
    /// They.
    items: Vec<Value>,
    /// The positions of those that stand for infinitely many.
    last: Vec<usize>,
}

impl Rays {
    pub(super) fn is_finite(&self) -> bool {
        !self.is_endless
    }

    pub(super) fn is_empty(&self) -> bool {
        !self.within.contains(&true)
    }

    /// Both over the same integers.
    pub(super) fn is_part_of(&self, other: &Self) -> bool {
        self.within.iter().zip(&other.within).all(|(own, others)| !own || *others)
    }
}

/// More integers are not tried.
const MAX_WIDTH: i64 = 1 << 14;

impl Run<'_> {
    /// The integers that decide a quantifier, whose first binder ranges over integers: the first and the last of
    /// them stand for all that are beyond.
    pub(super) fn deciding(&mut self, e: &Expr, binders: &[Binder], body: &Expr) -> Option<(i64, i64)> {
        let key = (e.address(), binders.len());
        // What is known of all states says nothing of one in which variables have families.
        let own = self.has_families();
        let known = if own {
            self.fragments.get(&key).map(|(_, fragment)| fragment.clone())
        } else {
            self.evaluator.fragments.borrow().get(&key).map(|(_, fragment)| fragment.clone())
        };
        let fragment = known.unwrap_or_else(|| {
            let fragment = self.analysis().quantifier(binders, body).map(Rc::new);
            if own {
                self.fragments.insert(key, (e.clone(), fragment.clone()));
            } else {
                self.evaluator.fragments.borrow_mut().insert(key, (e.clone(), fragment.clone()));
            }
            fragment
        })?;
        let is_plain = |local: &LocalId| match self.env.get(local.index()).and_then(Option::as_ref) {
            Some(Val::Is(Value::Whole(_) | Value::Families(_)) | Val::Lazy(_)) => false,
            Some(Val::Is(_) | Val::Open(_)) | None => true,
        };
        if fragment.free.iter().all(is_plain) {
            return self.ends(&fragment);
        }
        // Some names stand for sets that are not written out.
        let mut analysis = self.analysis();
        for local in fragment.free.iter().filter(|local| !is_plain(local)) {
            if let Some(Some(val)) = self.env.get(local.index())
                && analysis.assume(*local, val).is_none()
            {
                return None;
            }
        }
        let fragment = analysis.quantifier(binders, body)?;
        self.ends(&fragment)
    }

    fn analysis(&self) -> Analysis<'_> {
        Analysis::new(self.evaluator, self.states)
    }

    /// Whether some variable is a set with families.
    fn has_families(&mut self) -> bool {
        let states = self.states;
        *self.with_families.get_or_insert_with(|| {
            states.iter().flatten().any(|state| state.iter().any(|value| matches!(value, Value::Families(_))))
        })
    }

    /// The range that the claim asks for.
    fn ends(&mut self, fragment: &Fragment) -> Option<(i64, i64)> {
        let mut hull = self.known_integers()?;
        hull.add_all(fragment.known);
        for local in &fragment.free {
            match self.env.get(local.index()).and_then(Option::as_ref) {
                Some(Val::Is(value)) => {
                    if !hull.add_value(value) {
                        return None;
                    }
                }
                Some(Val::Open(_)) | None => {}
                Some(Val::Lazy(_)) => return None,
            }
        }
        for needed in &fragment.needed {
            match self.value(needed) {
                Ok(value) => {
                    if !hull.add_value(&value) {
                        return None;
                    }
                }
                // Whoever needs it is stuck, whatever the integers are; but sets can be asked for members.
                Err(_) if is_scalar(&needed.sort) => {}
                Err(_) => return None,
            }
        }
        widened(hull, fragment)
    }

    /// The integers of states and constants; nothing, if there are infinite sets inside.
    fn known_integers(&mut self) -> Option<Hull> {
        if let Some(known) = self.hull {
            return known.ok();
        }
        let mut hull = self.evaluator.constants;
        for state in self.states.iter().flatten() {
            for value in *state {
                hull = hull.and_then(|mut hull| hull.add_whole(value).then_some(hull));
            }
        }
        self.hull = Some(hull.ok_or(Endless));
        hull
    }

    /// A set of integers, or of members of families.
    pub(super) fn rays(&mut self, set: &Val, span: Span) -> Result<Option<Rays>, Stuck> {
        let Some((low, high)) = self.range_of(&[set]) else { return Ok(None) };
        let candidates = candidates(set, low, high);
        self.rays_among(&candidates, set, span).map(Some)
    }

    /// A set of integers, or of members of families, and which of what may be in it is in another set.
    pub(super) fn rays_of_both(
        &mut self,
        a: &Val,
        b: &Val,
        span: Span,
    ) -> Result<Option<(Rays, Rays)>, Stuck> {
        let Some((low, high)) = self.range_of(&[a, b]) else { return Ok(None) };
        let candidates = candidates(a, low, high);
        Ok(Some((self.rays_among(&candidates, a, span)?, self.rays_among(&candidates, b, span)?)))
    }

    /// The members of a set of integers, or of members of families, that is finite, though what it is made of is not.
    pub(super) fn finitely_many(&mut self, set: &Val, span: Span) -> Result<Option<List>, Stuck> {
        let Val::Lazy(lazy) = set else { return Ok(None) };
        match &**lazy {
            Lazy::Filter(base, _) | Lazy::Minus(base, _) if is_endless(base) || has_families(base) => {}
            Lazy::Intersect(a, b) if is_endless(a) && is_endless(b) => {}
            Lazy::Intersect(..) if has_families(set) => {}
            Lazy::Filter(..)
            | Lazy::Minus(..)
            | Lazy::Intersect(..)
            | Lazy::Union(..)
            | Lazy::Range(..)
            | Lazy::Power(_)
            | Lazy::Functions(..)
            | Lazy::Records(..)
            | Lazy::Product(_)
            | Lazy::Sequences(_)
            | Lazy::BigUnion(_)
            | Lazy::Map(..)
            | Lazy::Function(..) => return Ok(None),
        }
        let Some((low, high)) = self.range_of(&[set]) else { return Ok(None) };
        let candidates = candidates(set, low, high);
        let rays = self.rays_among(&candidates, set, span)?;
        if !rays.is_finite() {
            return Ok(None);
        }
        let members = candidates.items.into_iter().zip(&rays.within).filter(|(_, is_member)| **is_member);
        Ok(Some(List::Vec(members.map(|(item, _)| item).collect())))
    }

    fn range_of(&mut self, sets: &[&Val]) -> Option<(i64, i64)> {
        let fragment = if sets.iter().any(|set| is_of_integers(set)) {
            self.analysis().sets(sets)?
        } else if let Some((first, others)) = sets.split_first()
            && has_families(first)
        {
            self.analysis().members(first, others)?
        } else {
            return None;
        };
        // Names from outside are those that the sets have captured; they have been looked at.
        if !fragment.free.is_empty() || !fragment.needed.is_empty() {
            return None;
        }
        let mut hull = self.known_integers()?;
        hull.add_all(fragment.known);
        widened(hull, &fragment)
    }

    fn rays_among(&mut self, candidates: &Candidates, set: &Val, span: Span) -> Result<Rays, Stuck> {
        let mut within = Vec::with_capacity(candidates.items.len());
        for item in &candidates.items {
            self.step(span)?;
            within.push(self.is_member(&Val::Is(item.clone()), set, span)?);
        }
        let is_endless = candidates.last.iter().any(|position| within.get(*position) == Some(&true));
        Ok(Rays { is_endless, within })
    }

    /// The members of a set of integers between two numbers, or those of a set of members of families whose numbers
    /// are not beyond the second.
    pub(super) fn between(&mut self, set: &Val, low: i64, high: i64, span: Span) -> Result<List, Stuck> {
        let mut items = Vec::new();
        let is_whole = matches!(set, Val::Is(Value::Families(_)));
        for item in candidates(set, low, high).items {
            if is_whole || self.is_member(&Val::Is(item.clone()), set, span)? {
                items.push(item);
            }
        }
        Ok(List::Vec(items))
    }

    /// The numbers of an infinite set of integers that has a least one, as those below a number and all from that
    /// number on; nothing, if that is not how it is.
    pub(super) fn numbers_from(&mut self, set: &Val, span: Span) -> Result<Option<(Vec<i64>, i64)>, Stuck> {
        if let Val::Is(Value::Whole(Infinite::Nat)) = set {
            return Ok(Some((Vec::new(), 0)));
        }
        if !is_endless(set) {
            return Ok(None);
        }
        let Some((low, high)) = self.range_of(&[set]) else { return Ok(None) };
        let within = self.rays_among(&candidates(set, low, high), set, span)?.within;
        if within.first() != Some(&false) || within.last() != Some(&true) {
            return Ok(None);
        }
        let members = (low..high).zip(&within).filter(|(_, is_member)| **is_member);
        Ok(Some((members.map(|(number, _)| number).collect(), high)))
    }
}

/// All that may be in a set of integers between two numbers, or in a set of members of families as far as the
/// second number.
fn candidates(set: &Val, low: i64, high: i64) -> Candidates {
    let mut others = Vec::new();
    let mut families = Vec::new();
    if !has_families(set) {
        let items: Vec<Value> = (low..=high).map(Value::Int).collect();
        return Candidates { last: vec![0, items.len().saturating_sub(1)], items };
    }
    add_candidates(set, &mut others, &mut families);
    families.sort_unstable();
    families.dedup();
    others.sort_unstable();
    others.dedup();
    let mut found = Candidates { items: others, last: Vec::new() };
    for family in families {
        let numbers = family.least()..=high.max(family.least());
        found.items.extend(numbers.map(|number| family.member(number)));
        found.last.push(found.items.len().saturating_sub(1));
    }
    found
}

/// What a set is a part of: values, and families.
fn add_candidates(set: &Val, others: &mut Vec<Value>, families: &mut Vec<Family>) {
    match set {
        Val::Is(Value::Families(set)) => {
            others.extend(set.others().iter().cloned());
            families.extend(set.families().iter().cloned());
        }
        Val::Is(Value::Set(items)) => others.extend(items.iter().cloned()),
        Val::Is(_) | Val::Open(_) => {}
        Val::Lazy(lazy) => match &**lazy {
            Lazy::Filter(base, _) | Lazy::Minus(base, _) => add_candidates(base, others, families),
            Lazy::Union(a, b) => {
                add_candidates(a, others, families);
                add_candidates(b, others, families);
            }
            Lazy::Intersect(a, b) => add_candidates(if has_families(a) { a } else { b }, others, families),
            Lazy::Range(..)
            | Lazy::Power(_)
            | Lazy::Functions(..)
            | Lazy::Records(..)
            | Lazy::Product(_)
            | Lazy::Sequences(_)
            | Lazy::BigUnion(_)
            | Lazy::Map(..)
            | Lazy::Function(..) => {}
        },
    }
}

/// Whether a set is made of families, and of finitely many other values.
pub(super) fn has_families(set: &Val) -> bool {
    let is_listed = |set: &Val| matches!(set, Val::Is(Value::Set(_))) || has_families(set);
    match set {
        Val::Is(Value::Families(_)) => true,
        Val::Is(_) | Val::Open(_) => false,
        Val::Lazy(lazy) => match &**lazy {
            Lazy::Filter(base, _) | Lazy::Minus(base, _) => has_families(base),
            Lazy::Union(a, b) => (has_families(a) || has_families(b)) && is_listed(a) && is_listed(b),
            Lazy::Intersect(a, b) => has_families(a) || has_families(b),
            Lazy::Range(..)
            | Lazy::Power(_)
            | Lazy::Functions(..)
            | Lazy::Records(..)
            | Lazy::Product(_)
            | Lazy::Sequences(_)
            | Lazy::BigUnion(_)
            | Lazy::Map(..)
            | Lazy::Function(..) => false,
        },
    }
}

/// Whether a set is known to be one of integers.
fn is_of_integers(set: &Val) -> bool {
    matches!(set, Val::Lazy(lazy) if matches!(**lazy, Lazy::Range(..))) || is_endless(set)
}

/// Whether a set is made of an infinite set of integers.
fn is_endless(set: &Val) -> bool {
    match set {
        Val::Is(Value::Whole(Infinite::Nat | Infinite::Int)) => true,
        Val::Is(_) | Val::Open(_) => false,
        Val::Lazy(lazy) => match &**lazy {
            Lazy::Union(a, b) => is_endless(a) || is_endless(b),
            Lazy::Intersect(a, b) => is_endless(a) && is_endless(b),
            Lazy::Minus(a, _) | Lazy::Filter(a, _) => is_endless(a),
            Lazy::Range(..)
            | Lazy::Power(_)
            | Lazy::Functions(..)
            | Lazy::Records(..)
            | Lazy::Product(_)
            | Lazy::Sequences(_)
            | Lazy::BigUnion(_)
            | Lazy::Map(..)
            | Lazy::Function(..) => false,
        },
    }
}

fn is_scalar(sort: &lang::sort::Sort) -> bool {
    use lang::sort::Sort;
    match sort {
        Sort::Bool | Sort::Int | Sort::Str | Sort::Uninterpreted(_) => true,
        Sort::Set(_) | Sort::Function(..) | Sort::Tuple(_) | Sort::Record(_) => false,
    }
}

/// The range from `L - T - D - 1` to `U + T + D + 1`, if it is not too wide.
fn widened(hull: Hull, fragment: &Fragment) -> Option<(i64, i64)> {
    let (low, high) = hull.ends.unwrap_or((0, 0));
    let magnitude = low.unsigned_abs().max(high.unsigned_abs());
    let added = fragment.reach.scaled.checked_mul(magnitude)?.checked_add(fragment.reach.plain)?;
    let mut gap = added.checked_mul(2)?;
    for _ in 0..fragment.rank {
        gap = gap.checked_mul(2)?.checked_add(1)?;
    }
    let width = i64::try_from(added.checked_add(gap)?.checked_add(1)?).ok()?;
    let (low, high) = (low.checked_sub(width)?, high.checked_add(width)?);
    (high.checked_sub(low)? <= MAX_WIDTH).then_some((low, high))
}

/// The integers of all constants, and of what is chosen from nothing.
pub(super) fn of_constants(evaluator: &Evaluator<'_>) -> Option<Hull> {
    let mut hull = Hull::default();
    let mut is_finite = true;
    for constant in &evaluator.instance.constants {
        match constant {
            // Sets with a name are known by it.
            Constant::Value(Value::Whole(_)) => {}
            Constant::Value(value) => is_finite &= hull.add_whole(value),
            Constant::Operator { entries, otherwise } => {
                is_finite &= hull.add_value(otherwise);
                for (arguments, value) in entries {
                    is_finite &= arguments.iter().chain([value]).all(|value| hull.add_value(value));
                }
            }
        }
    }
    for value in evaluator.instance.choices.of_nothing.values() {
        is_finite &= hull.add_value(value);
    }
    for (candidates, value) in &evaluator.instance.choices.table {
        is_finite &= candidates.iter().chain([value]).all(|value| hull.add_value(value));
    }
    is_finite.then_some(hull)
}
