//! Infinite sets of tuples and records: finitely many members, and families that have a number in one place.
//!
//! Invariants, which make equal sets equal values. There is at least one family; no two have the same values
//! around the same place. Each family begins as early as it could: the value with the number before its least is
//! not in the set. The other members are ascending, and none is in a family.
//!
//! Why that is so: two families that have a place or something around it different share one value at most, so
//! that what is infinite in the set tells which families there are; the rest is told by the set alone.

use std::sync::Arc;

use super::Value;

/// How many values may leave a family one by one.
const MAX_APART: u64 = 1 << 12;

/// The values with one of the numbers from some on in one place: `{<<a, n>> : n \in Nat}`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Family {
    /// Such a value, with 0 in the place.
    pattern: Value,
    /// The way from the value to the place: positions in tuples and records.
    place: Arc<[usize]>,
    /// The least number.
    least: i64,
}

/// An infinite set: families, and other members.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Families {
    others: Arc<[Value]>,
    families: Arc<[Family]>,
}

impl Family {
    /// The values that differ from `value` by the number at a place, with all numbers from `least` on; nothing, if
    /// the place is the value itself or there is no number.
    pub fn new(value: &Value, place: &[usize], least: i64) -> Option<Self> {
        if place.is_empty() || !matches!(at(value, place)?, Value::Int(_)) {
            return None;
        }
        Some(Self { pattern: with(value, place, &Value::Int(0)), place: place.into(), least })
    }

    /// The value with this number.
    pub fn member(&self, number: i64) -> Value {
        self.with(&Value::Int(number))
    }

    /// The value with something in the place.
    pub(crate) fn with(&self, item: &Value) -> Value {
        with(&self.pattern, &self.place, item)
    }

    /// The number that a value has in the place, if it is like the members but for that.
    fn number(&self, value: &Value) -> Option<i64> {
        let Value::Int(number) = at(value, &self.place)? else { return None };
        (with(value, &self.place, &Value::Int(0)) == self.pattern).then_some(*number)
    }

    /// Whether a value is in it.
    pub fn contains(&self, value: &Value) -> bool {
        self.number(value).is_some_and(|number| number >= self.least)
    }

    /// A value that is like its members.
    pub fn pattern(&self) -> &Value {
        &self.pattern
    }

    /// The way from a member to its number.
    pub fn place(&self) -> &[usize] {
        &self.place
    }

    /// The least number.
    pub fn least(&self) -> i64 {
        self.least
    }

    /// The same with other parts; the number stays where it is.
    pub(crate) fn map(&self, change: impl FnOnce(&Value) -> Value) -> Self {
        Self { pattern: change(&self.pattern), ..self.clone() }
    }
}

impl Families {
    /// The members that are in no family, ascending.
    pub fn others(&self) -> &[Value] {
        &self.others
    }

    /// The families, ascending.
    pub fn families(&self) -> &[Family] {
        &self.families
    }

    /// Whether a value is in the set.
    pub fn contains(&self, value: &Value) -> bool {
        contains(&self.others, &self.families, value)
    }

    /// Whether all members are in another such set. Infinitely many of one family can only be in the same
    /// family there, which begins as early as it can.
    pub fn is_part_of(&self, other: &Self) -> bool {
        let same = |own: &Family, others: &Family| own.pattern == others.pattern && own.place == others.place;
        self.others.iter().all(|value| other.contains(value))
            && self
                .families
                .iter()
                .all(|own| other.families.iter().any(|others| same(own, others) && others.least <= own.least))
    }

    /// The set with more members.
    pub fn and(&self, values: &[Value], families: &[Family]) -> Value {
        let others = self.others.iter().chain(values).cloned();
        of_families(others, self.families.iter().chain(families).cloned())
    }

    /// The set without some values; nothing, if too many would leave their family.
    pub fn without(&self, values: &[Value]) -> Option<Value> {
        let mut others: Vec<Value> = self.others.to_vec();
        let mut families = self.families.to_vec();
        for family in &mut families {
            let gone: Vec<i64> = values.iter().filter_map(|value| family.number(value)).collect();
            let Some(last) = gone.into_iter().filter(|number| *number >= family.least).max() else {
                continue;
            };
            if family.least.abs_diff(last) > MAX_APART {
                return None;
            }
            others.extend((family.least..last).map(|number| family.member(number)));
            family.least = last.checked_add(1)?;
        }
        others.retain(|value| !values.contains(value));
        Some(of_families(others, families))
    }
}

/// The set of these values and of the members of these families.
pub(super) fn of_families(
    others: impl IntoIterator<Item = Value>,
    families: impl IntoIterator<Item = Family>,
) -> Value {
    let mut others: Vec<Value> = others.into_iter().collect();
    let mut families: Vec<Family> = families.into_iter().collect();
    families.sort_unstable();
    // Of the same family with several least numbers the one with the least comes first.
    families.dedup_by(|later, earlier| later.pattern == earlier.pattern && later.place == earlier.place);
    if families.is_empty() {
        return Value::set(others);
    }
    others.sort_unstable();
    others.dedup();
    let before = families.clone();
    for family in &mut families {
        while let Some(earlier) = family.least.checked_sub(1)
            && contains(&others, &before, &family.member(earlier))
        {
            family.least = earlier;
        }
    }
    others.retain(|value| !families.iter().any(|family| family.contains(value)));
    Value::Families(Arc::new(Families { others: others.into(), families: families.into() }))
}

fn contains(others: &[Value], families: &[Family], value: &Value) -> bool {
    others.binary_search(value).is_ok() || families.iter().any(|family| family.contains(value))
}

/// The part of a value at a place.
fn at<'v>(value: &'v Value, place: &[usize]) -> Option<&'v Value> {
    let Some((first, rest)) = place.split_first() else { return Some(value) };
    match value {
        Value::Tuple(items) | Value::Record(_, _, items) => at(items.get(*first)?, rest),
        Value::Bool(_)
        | Value::Int(_)
        | Value::Str(_)
        | Value::Element(..)
        | Value::Set(_)
        | Value::Whole(_)
        | Value::Families(_)
        | Value::Function(_) => None,
    }
}

/// The value with something else at a place that it has.
fn with(value: &Value, place: &[usize], item: &Value) -> Value {
    let Some((first, rest)) = place.split_first() else { return item.clone() };
    let changed = |items: &Arc<[Value]>| -> Arc<[Value]> {
        let parts = items.iter().enumerate();
        parts.map(|(at, part)| if at == *first { with(part, rest, item) } else { part.clone() }).collect()
    };
    match value {
        Value::Tuple(items) => Value::Tuple(changed(items)),
        Value::Record(sort, shape, items) => Value::Record(*sort, *shape, changed(items)),
        Value::Bool(_)
        | Value::Int(_)
        | Value::Str(_)
        | Value::Element(..)
        | Value::Set(_)
        | Value::Whole(_)
        | Value::Families(_)
        | Value::Function(_) => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(a: i64, b: i64) -> Value {
        Value::Tuple([Value::Int(a), Value::Int(b)].into())
    }

    /// `{<<a, n>> : n >= least}`
    fn row(a: i64, least: i64) -> Family {
        Family::new(&pair(a, 9), &[1], least).expect("a number")
    }

    /// `{<<n, b>> : n >= least}`
    fn column(b: i64, least: i64) -> Family {
        Family::new(&pair(9, b), &[0], least).expect("a number")
    }

    fn families(set: &Value) -> &Families {
        let Value::Families(families) = set else { panic!("{set:?} is no such set") };
        families
    }

    #[test]
    fn equal_sets_are_equal_values() {
        let set = |others: &[(i64, i64)], of: &[Family]| {
            of_families(others.iter().map(|(a, b)| pair(*a, *b)), of.iter().cloned())
        };
        let whole = set(&[], &[row(1, 0)]);
        assert_eq!(set(&[(1, 0), (1, 2)], &[row(1, 1), row(1, 5)]), whole);
        assert_eq!(set(&[(1, 1), (1, 0)], &[row(1, 2)]), whole);
        assert_ne!(set(&[(1, 0)], &[row(1, 2)]), whole);
        assert_ne!(set(&[(2, 0)], &[row(1, 0)]), whole);
        // What comes before a family may be in another one.
        assert_eq!(set(&[], &[row(1, 1), column(0, 0)]), set(&[], &[row(1, 0), column(0, 0)]));
        assert_eq!(set(&[], &[row(1, 0), column(0, 2)]), set(&[(1, 0)], &[row(1, 1), column(0, 2)]));
        assert_eq!(set(&[(1, 1)], &[]), Value::set([pair(1, 1)]));
    }

    #[test]
    fn members_come_and_go() {
        let whole = of_families([pair(3, 3)], [row(1, 0)]);
        let set = families(&whole).without(&[pair(1, 2), pair(3, 3), pair(4, 4)]).expect("few");
        assert_eq!(set, of_families([pair(1, 0), pair(1, 1)], [row(1, 3)]));
        assert_eq!(families(&set).and(&[pair(1, 2), pair(3, 3)], &[]), whole);
        assert!(families(&set).is_part_of(families(&whole)));
        assert!(!families(&whole).is_part_of(families(&set)));
        assert!(families(&set).contains(&pair(1, 1000)) && !families(&set).contains(&pair(1, 2)));
        assert_eq!(families(&whole).without(&[pair(1, 1 << 40)]), None);
        // One value in two families.
        let both = of_families([], [row(0, 0), column(0, 0)]);
        let without = families(&both).without(&[pair(0, 0)]).expect("few");
        assert_eq!(without, of_families([], [row(0, 1), column(0, 1)]));
    }

    #[test]
    fn a_place_holds_a_number() {
        assert_eq!(Family::new(&Value::Int(1), &[], 0), None);
        assert_eq!(Family::new(&pair(1, 2), &[2], 0), None);
        assert_eq!(Family::new(&Value::Tuple([Value::Bool(true)].into()), &[0], 0), None);
    }
}
