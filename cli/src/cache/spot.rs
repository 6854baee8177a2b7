//! Spot checks: which of the answers that somebody else found are solved again here.
//!
//! Invariant: whoever wrote an answer cannot foresee whether it is chosen. Nothing but the time of a run depends on the
//! choice, unless an answer is found to be wrong, which ends the run as an internal error.

use std::collections::BTreeSet;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicBool, Ordering};

use solver::canonical::Key;

/// How many percent are solved again, unless somebody says otherwise.
pub const SAMPLE: u8 = 2;

/// Where an answer comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A solver that somebody started here.
    Here,
    /// A shared cache, in an earlier run, and nobody has solved the condition since.
    SharedBefore,
    /// A shared cache, in this run.
    SharedNow,
}

/// Chooses answers.
#[derive(Debug)]
pub struct Spot {
    percent: u8,
    chance: RandomState,
    has_chosen: AtomicBool,
}

impl Spot {
    /// Chooses so many percent of what comes from a shared cache, and of what came in this run one at least.
    pub fn new(percent: u8) -> Self {
        Self { percent, chance: RandomState::new(), has_chosen: AtomicBool::new(false) }
    }

    /// The positions of those that are chosen.
    pub fn choose(&self, answers: &[(usize, Key, Origin)]) -> BTreeSet<usize> {
        let lot = |key: &Key| self.chance.hash_one(key);
        let shared = || answers.iter().filter(|(_, _, origin)| *origin != Origin::Here);
        let new = || shared().filter(|(_, _, origin)| *origin == Origin::SharedNow);
        let is_chosen = |key: &Key| lot(key) % 100 < u64::from(self.percent);
        let mut chosen: BTreeSet<usize> =
            shared().filter(|(_, key, _)| is_chosen(key)).map(|(position, _, _)| *position).collect();
        if !self.has_chosen.load(Ordering::Relaxed)
            && !new().any(|(position, _, _)| chosen.contains(position))
        {
            chosen.extend(new().min_by_key(|(_, key, _)| lot(key)).map(|(position, _, _)| *position));
        }
        let has_new = new().any(|(position, _, _)| chosen.contains(position));
        self.has_chosen.fetch_or(has_new, Ordering::Relaxed);
        chosen
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vcgen::vc::Vc;

    fn answers(n: u32, origin: Origin) -> Vec<(usize, Key, Origin)> {
        let key = |seed: u32| Key::of(&Vc::default(), seed);
        (0..n).map(|seed| (seed as usize, key(seed), origin)).collect()
    }

    #[test]
    fn all_or_some_or_one_is_chosen() {
        let new = answers(1000, Origin::SharedNow);
        assert_eq!(Spot::new(100).choose(&new).len(), 1000);
        let some = Spot::new(20).choose(&new).len();
        assert!((100..300).contains(&some), "{some}");
        let rare = Spot::new(0);
        assert_eq!(rare.choose(&new[..5]).len(), 1, "one at least");
        assert_eq!(rare.choose(&new[5..10]).len(), 0, "in the whole run");
    }

    #[test]
    fn what_was_solved_here_is_not_chosen() {
        let spot = Spot::new(100);
        assert!(spot.choose(&answers(50, Origin::Here)).is_empty());
        assert!(spot.choose(&[]).is_empty());
        assert_eq!(Spot::new(0).choose(&answers(50, Origin::SharedBefore)).len(), 0);
        assert_eq!(spot.choose(&answers(50, Origin::SharedBefore)).len(), 50);
        assert_eq!(Spot::new(0).choose(&answers(1, Origin::SharedNow)).len(), 1);
    }

    #[test]
    fn nobody_can_foresee_the_choice() {
        let new = answers(200, Origin::SharedNow);
        let choices: BTreeSet<Vec<usize>> =
            (0..5).map(|_| Spot::new(0).choose(&new).into_iter().collect()).collect();
        assert!(choices.len() > 1, "{choices:?}");
    }
}
