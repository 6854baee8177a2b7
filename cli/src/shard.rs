//! Shards: a proof spread over machines, each of which looks at a part that depends on names alone.
//!
//! Invariants: every obligation belongs to one shard, the same on every machine; what is decided by how other
//! obligations came out (which alternative of a theorem, which way for a branch) is decided within one shard.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use vcgen::obligation::{Alternative, ObligationIdx, ProofTree, TheoremPlan};

/// The `index`-th of `count` shards, counted from one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Shard {
    index: u32,
    count: u32,
}

impl Shard {
    /// All there is.
    pub const WHOLE: Self = Self { index: 1, count: 1 };

    /// Which, counted from one.
    pub fn index(self) -> u32 {
        self.index
    }

    /// Of how many.
    pub fn count(self) -> u32 {
        self.count
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (index, count) = text.split_once('/').ok_or("expected K/N, such as 2/4")?;
        let number = |text: &str| text.parse::<u32>().map_err(|_| format!("`{text}` is not a number"));
        let (index, count) = (number(index)?, number(count)?);
        if (1..=count).contains(&index) {
            Ok(Self { index, count })
        } else {
            Err(format!("shards are counted from 1, and there is no shard {index} of {count}"))
        }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

impl From<Shard> for String {
    fn from(shard: Shard) -> Self {
        shard.to_string()
    }
}

impl TryFrom<String> for Shard {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

/// Some of so many shards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shards {
    /// How many there are.
    pub count: u32,
    /// Those that are meant, counted from one.
    pub taken: BTreeSet<u32>,
}

impl Shards {
    /// One shard; none if it is all there is.
    pub fn one(shard: Shard) -> Option<Self> {
        (shard.count > 1).then(|| Self { count: shard.count, taken: BTreeSet::from([shard.index]) })
    }

    /// The ids of the obligations, vacuity checks included, that are in one of these shards. Helpers, which stand in
    /// no alternative of a theorem, are in none: they are tried where something uses them.
    pub fn own(&self, tree: &ProofTree) -> BTreeSet<String> {
        self.choose(tree, true)
    }

    /// The ids of those that are in none of these shards.
    pub fn others(&self, tree: &ProofTree) -> BTreeSet<String> {
        self.choose(tree, false)
    }

    fn choose(&self, tree: &ProofTree, is_own: bool) -> BTreeSet<String> {
        let is_wanted = |group: &str| self.taken.contains(&shard_of(group, self.count)) == is_own;
        let wanted = groups(tree).into_iter().filter(|(_, group)| is_wanted(group));
        wanted.map(|(obligation_idx, _)| tree.obligations[obligation_idx].id.clone()).collect()
    }
}

/// The shard of what has this name, counted from one; a name has the same shard for ever.
fn shard_of(name: &str, count: u32) -> u32 {
    let hash = blake3::hash(name.as_bytes());
    let [a, b, c, d, ..] = *hash.as_bytes();
    u32::from_le_bytes([a, b, c, d]) % count + 1
}

/// The name by which each obligation is put into a shard. Obligations of which one is tried only where another failed
/// have the same name.
fn groups(tree: &ProofTree) -> BTreeMap<ObligationIdx, String> {
    let mut groups = BTreeMap::new();
    for plan in &tree.theorems {
        of_theorem(tree, plan, &mut groups);
    }
    for check in &tree.vacuity {
        groups.insert(check.obligation, tree.obligations[check.obligation].id.clone());
    }
    groups
}

fn of_theorem(tree: &ProofTree, plan: &TheoremPlan, groups: &mut BTreeMap<ObligationIdx, String>) {
    let by_itself = |idx: &ObligationIdx| (*idx, tree.obligations[*idx].id.clone());
    let [alternative] = plan.alternatives.as_slice() else {
        let all = plan.alternatives.iter().flat_map(Alternative::all);
        groups.extend(all.map(|idx| (idx, plan.name.clone())));
        return;
    };
    groups.extend(alternative.obligations.iter().map(by_itself));
    for part in &alternative.parts {
        let name = format!("{} {}", plan.name, part.branch);
        let all = part.ways.iter().flat_map(|way| &way.obligations);
        groups.extend(all.map(|idx| (*idx, name.clone())));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shard_is_read_and_written() {
        assert_eq!("2/4".parse::<Shard>().map(|shard| shard.to_string()), Ok("2/4".to_owned()));
        for wrong in ["", "2", "0/4", "5/4", "1/0", "a/2", "-1/2"] {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn names_stay_in_their_shards() {
        // Runs of other versions may be put together with those of this one: a change here is a change of format.
        let shards: Vec<u32> = ["a", "b", "c", "d", "e", "f"].map(|name| shard_of(name, 4)).to_vec();
        assert_eq!(shards, SHARDS);
        let count = |index: u32| (0..1000).filter(|n| shard_of(&n.to_string(), 4) == index).count();
        assert!((1..=4).all(|index| count(index) > 200));
    }

    const SHARDS: [u32; 6] = [4, 1, 3, 2, 4, 3];
}
