//! Fingerprints of states: 128 bits that are equal for equal states, and for states that symmetry makes equal.
//!
//! A state is hashed as it would be after a permutation of elements, without building that state: the hash of a
//! set does not depend on the order of its members. The least hash under all permutations of a group is the same
//! for all states of an orbit. Two orbits share a fingerprint by accident only: among n of them with odds of about
//! n * n / 2^129, which is one in 10^22 for a hundred million.

use lang::ids::{Id, IdVec};
use lang::typed::VariableId;

use super::symmetry::{Permutation, Symmetry};
use crate::value::{Infinite, Value};

/// What stands for a state, or for its orbit.
pub(crate) type Fingerprint = u128;

/// The fingerprint of a state, up to symmetry.
pub(crate) fn fingerprint(state: &IdVec<VariableId, Value>, symmetry: &Symmetry) -> Fingerprint {
    symmetry.permutations().iter().map(|permutation| of_state(state, permutation)).min().unwrap_or_default()
}

fn of_state(state: &IdVec<VariableId, Value>, permutation: &Permutation) -> Fingerprint {
    let hash = state.iter().fold(Lanes::of(0, 0), |hash, value| hash.then(of(value, permutation)));
    u128::from(hash.0) << 64 | u128::from(hash.1)
}

/// Two hashes side by side.
#[derive(Clone, Copy)]
struct Lanes(u64, u64);

/// Spreads every bit of the input over the output; no two inputs have one output.
fn spread(mut x: u64) -> u64 {
    x ^= x >> 32;
    x = x.wrapping_mul(0xd6e8_feb8_6659_fd93);
    x ^= x >> 32;
    x = x.wrapping_mul(0xd6e8_feb8_6659_fd93);
    x ^ (x >> 32)
}

impl Lanes {
    fn of(kind: u64, content: u64) -> Self {
        let start = content.wrapping_add(kind.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        Self(spread(start), spread(start ^ 0x5851_f42d_4c95_7f2d).rotate_left(29))
    }

    /// This, and then the other: order matters.
    fn then(self, other: Self) -> Self {
        Self(
            spread(self.0.wrapping_mul(0xff51_afd7_ed55_8ccd).wrapping_add(other.0)),
            spread(self.1.wrapping_mul(0xc4ce_b9fe_1a85_ec53).wrapping_add(other.1)),
        )
    }

    /// This and the other: order does not matter. Both are hashes that `then` or `of` spread.
    fn and(self, other: Self) -> Self {
        Self(self.0.wrapping_add(other.0), self.1.wrapping_add(other.1))
    }
}

fn length(items: usize) -> u64 {
    items as u64
}

fn of(value: &Value, permutation: &Permutation) -> Lanes {
    match value {
        Value::Bool(truth) => Lanes::of(1, u64::from(*truth)),
        Value::Int(number) => Lanes::of(2, u64::from_ne_bytes(number.to_ne_bytes())),
        Value::Str(text) => text.bytes().fold(Lanes::of(3, length(text.len())), |hash, byte| {
            hash.then(Lanes(u64::from(byte), u64::from(byte)))
        }),
        Value::Element(sort, element) => {
            Lanes::of(4, (sort.index() as u64) << 32 | u64::from(permutation.apply(*sort, *element)))
        }
        Value::Set(items) => items.iter().fold(Lanes::of(5, length(items.len())), |hash, item| {
            hash.and(Lanes::of(6, 0).then(of(item, permutation)))
        }),
        Value::Whole(Infinite::Nat) => Lanes::of(7, 0),
        Value::Whole(Infinite::Int) => Lanes::of(7, 1),
        Value::Whole(Infinite::Str) => Lanes::of(7, 2),
        Value::Families(set) => {
            let others = set.others().iter().fold(Lanes::of(12, length(set.others().len())), |hash, item| {
                hash.and(Lanes::of(6, 0).then(of(item, permutation)))
            });
            set.families().iter().fold(others, |hash, family| {
                let way = family
                    .place()
                    .iter()
                    .fold(Lanes::of(13, 0), |hash, at| hash.then(Lanes::of(14, *at as u64)));
                let least = Lanes::of(2, u64::from_ne_bytes(family.least().to_ne_bytes()));
                hash.and(way.then(least).then(of(family.pattern(), permutation)))
            })
        }
        Value::Function(entries) => {
            entries.iter().fold(Lanes::of(8, length(entries.len())), |hash, (argument, value)| {
                hash.and(Lanes::of(9, 0).then(of(argument, permutation)).then(of(value, permutation)))
            })
        }
        Value::Tuple(items) => items
            .iter()
            .fold(Lanes::of(10, length(items.len())), |hash, item| hash.then(of(item, permutation))),
        Value::Record(sort, shape, items) => {
            let kind = (sort.index() as u64) << 32 | *shape as u64;
            items.iter().fold(Lanes::of(11, kind), |hash, item| hash.then(of(item, permutation)))
        }
    }
}

/// Tables by fingerprint.
pub(crate) type ByFingerprint = crate::hash::FastHash;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Family;

    #[test]
    fn what_differs_has_different_fingerprints() {
        let symmetry = Symmetry::none();
        let of = |value: Value| {
            let mut state = IdVec::new();
            state.push(value);
            fingerprint(&state, &symmetry)
        };
        let int = Value::Int;
        let family = |place: usize, least: i64, others: &[Value]| {
            let family = Family::new(&Value::Tuple([int(0), int(0)].into()), &[place], least);
            Value::of_families(others.iter().cloned(), family)
        };
        let values = [
            int(0),
            int(1),
            Value::Bool(false),
            Value::set([int(0)]),
            Value::set([int(0), int(1)]),
            Value::set([Value::set([int(0)]), int(1)]),
            Value::set([Value::set([int(1)]), int(0)]),
            Value::set([Value::set([int(0), int(1)])]),
            Value::sequence([int(0), int(1)]),
            Value::sequence([int(1), int(0)]),
            Value::Tuple([int(0), int(1)].into()),
            Value::Tuple([int(1), int(0)].into()),
            Value::Tuple([Value::Tuple([int(0)].into()), int(1)].into()),
            Value::set([]),
            Value::function([]),
            family(0, 0, &[]),
            family(0, 1, &[]),
            family(1, 0, &[]),
            family(0, 0, &[Value::Tuple([int(1), int(1)].into())]),
        ];
        // The empty sequence is the empty function, and nothing else is equal here.
        for (index, one) in values.iter().enumerate() {
            for other in &values[..index] {
                assert_ne!(of(one.clone()), of(other.clone()), "{one:?} {other:?}");
            }
        }
        assert_eq!(of(Value::set([int(2), int(1)])), of(Value::set([int(1), int(2)])));
    }
}
