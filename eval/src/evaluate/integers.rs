//! Infinite sets of integers.

use lang::source::Span;

use super::lazy::Val;
use super::{Run, Stuck};

/// A set of integers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rays {
    below: bool,
    above: bool,
    within: Vec<i64>,
}

impl Rays {
    pub(super) fn is_finite(&self) -> bool {
        !self.below && !self.above
    }
    pub(super) fn is_empty(&self) -> bool {
        self.is_finite() && self.within.is_empty()
    }
    pub(super) fn is_part_of(&self, other: &Self) -> bool {
        (!self.below || other.below)
            && (!self.above || other.above)
            && self.within.iter().all(|number| other.within.contains(number))
    }
}

impl Run<'_> {
    pub(super) fn rays(&mut self, _set: &Val, _span: Span) -> Result<Option<Rays>, Stuck> {
        Ok(None)
    }
    pub(super) fn rays_of_both(
        &mut self,
        _a: &Val,
        _b: &Val,
        _span: Span,
    ) -> Result<Option<(Rays, Rays)>, Stuck> {
        Ok(None)
    }
}
