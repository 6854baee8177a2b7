//! `CHOOSE`.
//!
//! Invariant: what is chosen is a function of the set of candidates and of nothing else, as TLA+ demands.

use std::hash::{Hash, Hasher};

use lang::typed::{Binder, Expr, ExprKind};

use lang::sort::Sort;

use super::lazy::Val;
use super::tried::Tried;
use super::{Run, Stuck, Why, stuck};
use crate::instance::Choices;
use crate::value::Value;

impl Run<'_> {
    /// `CHOOSE x \in S : p`
    pub(super) fn choose(&mut self, e: &Expr, binder: &Binder, body: &Expr) -> Result<Value, Stuck> {
        if let ExprKind::Bool(false) = body.kind {
            return self.taken(&[], e);
        }
        let mut beyond = None;
        let tried = match &binder.domain {
            Some(domain) => {
                let set = self.eval(domain)?;
                let is_infinite = e.sort == Sort::Int && self.is_finite(&set, e.span)? != Some(true);
                match if is_infinite { self.deciding(e, std::slice::from_ref(binder), body) } else { None } {
                    Some((low, high)) => {
                        // Zero is tried, so that the least natural number is among those that are.
                        let (low, high) = (low.min(-1), high.max(0));
                        beyond = Some((low, high));
                        Tried { list: self.between(&set, low, high, e.span)?, missing: None }
                    }
                    None => self.tried(&set, e.span)?,
                }
            }
            None => self.of_sort(&e.sort, e.span)?,
        };
        let mut candidates = Vec::new();
        for position in 0..tried.list.len() {
            let Some(value) = tried.list.get(position) else { break };
            self.step(e.span)?;
            let before = self.bind(binder.local, Val::Is(value.clone()));
            let truth = self.truth(body);
            self.unbind(binder.local, before);
            if truth? {
                candidates.push(value);
            }
        }
        // Without a set, values that the sort does not have may be meant; some element of the sort is as good as
        // they are, if there is one.
        let is_of_elements = binder.domain.is_none() && tried.missing.is_none();
        if candidates.is_empty() && is_of_elements {
            self.bounded(e.span)?;
        } else {
            self.missing(tried.missing, e.span)?;
        }
        candidates.sort_unstable();
        candidates.dedup();
        if let Some((low, high)) = beyond
            && [low, high].iter().any(|end| candidates.contains(&Value::Int(*end)))
        {
            return infinite(&candidates).ok_or(Stuck { why: Why::Unspecified, span: e.span });
        }
        self.taken(&candidates, e)
    }

    /// What is taken from candidates, which are ascending.
    pub(super) fn taken(&self, candidates: &[Value], e: &Expr) -> Result<Value, Stuck> {
        let choices = &self.instance.choices;
        if candidates.is_empty() {
            return match choices.of_nothing.get(&e.sort) {
                Some(value) => Ok(value.clone()),
                None => stuck(Why::Unspecified, e.span),
            };
        }
        pick(choices, candidates).cloned().ok_or(Stuck { why: Why::Unspecified, span: e.span })
    }
}

/// What is taken from infinitely many integers: the least that is not negative, or else the greatest. Those that
/// are given include it.
fn infinite(candidates: &[Value]) -> Option<Value> {
    candidates.iter().find(|value| **value >= Value::Int(0)).or(candidates.last()).cloned()
}

/// What is taken from candidates, which are ascending; nothing, if there are none.
pub(super) fn pick<'v>(choices: &'v Choices, candidates: &'v [Value]) -> Option<&'v Value> {
    if let Some(value) = choices.table.get(candidates)
        && candidates.binary_search(value).is_ok()
    {
        return Some(value);
    }
    let position = if choices.seed == 0 {
        0
    } else {
        let mut hasher = Mixer(choices.seed);
        candidates.hash(&mut hasher);
        let n = u64::try_from(candidates.len()).ok()?;
        usize::try_from(hasher.finish().checked_rem(n)?).ok()?
    };
    candidates.get(position)
}

/// A hash that is the same in every run.
struct Mixer(u64);

impl Hasher for Mixer {
    fn finish(&self) -> u64 {
        let mixed = (self.0 ^ self.0 >> 32).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        mixed ^ mixed >> 29
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3).rotate_left(5);
        }
    }
}
