//! `CHOOSE`: one of the candidates, or where there are none, some value of the sort.
//!
//! Equal sets of candidates demand equal choices. That is not required beforehand, but checked of each model,
//! and required of the pairs that violate it.

use lang::sort::Sort;
use lang::typed::{Binder, Expr};

use crate::builder::Builder;
use crate::circuit::{Lit, Truth};
use crate::express::Want;
use crate::value::V;

/// A `CHOOSE` as evaluated once.
#[derive(Clone, Debug)]
pub(crate) struct Choice {
    /// The sort of what is chosen.
    pub(crate) sort: Sort,
    /// What may be chosen, and when.
    pub(crate) candidates: Vec<(V, Truth)>,
    /// What is chosen.
    pub(crate) chosen: V,
}

impl Builder<'_> {
    /// `CHOOSE x \in S : body`
    pub(crate) fn choose(&mut self, binder: &Binder, body: &Expr, sort: &Sort) -> V {
        let domain = self.domain_of(binder);
        let (mut items, is_exact) = self.expand(domain).unwrap_or((Vec::new(), false));
        if !is_exact && self.is_composite(domain) {
            let one_more = self.fresh_member(domain, 1);
            items.push(one_more);
        }
        let mut candidates: Vec<(V, Truth)> = Vec::with_capacity(items.len());
        for (item, present) in items {
            let holds = self.with(binder.local, item, |this| this.formula(body, Want::BOTH));
            let holds = self.circuit.meet(present, holds);
            if holds.no != Lit::TRUE {
                candidates.push((item, holds));
            }
        }
        let none = self.circuit.and(candidates.iter().map(|(_, holds)| holds.no));
        let total = candidates.iter().all(|(_, holds)| holds.is_total());
        let guards: Vec<Lit> = if let [(_, only)] = &candidates[..] {
            vec![only.yes]
        } else {
            let guards: Vec<Lit> = candidates.iter().map(|_| self.circuit.input()).collect();
            self.circuit.at_most_one(&guards);
            for (guard, (_, holds)) in guards.iter().zip(&candidates) {
                self.circuit.clauses.push(vec![!*guard, holds.yes]);
            }
            if total {
                self.circuit.clauses.push(guards.iter().copied().chain([none]).collect());
            }
            guards
        };
        let mut cases: Vec<(Lit, V)> =
            guards.into_iter().zip(&candidates).map(|(guard, (value, _))| (guard, *value)).collect();
        if none != Lit::FALSE {
            cases.push((none, self.of_nothing(sort)));
        }
        let chosen = self.select(&cases, total);
        if candidates.len() > 1 {
            self.choices.push(Choice { sort: sort.clone(), candidates, chosen });
        }
        chosen
    }

    /// What a `CHOOSE` of this sort takes where there is nothing to choose from.
    pub(crate) fn of_nothing(&mut self, sort: &Sort) -> V {
        if let Some(known) = self.of_nothing.get(sort) {
            return *known;
        }
        // It is part of the instance, so that small values are preferred.
        let outer = std::mem::replace(&mut self.is_state, true);
        let value = self.fresh_of_sort(sort, 1);
        self.is_state = outer;
        self.of_nothing.insert(sort.clone(), value);
        value
    }

    /// Requires of two choices that equal sets of candidates give equal choices.
    pub(crate) fn make_consistent(&mut self, left: usize, right: usize) -> Vec<Lit> {
        let (left, right) = (self.choices[left].clone(), self.choices[right].clone());
        let left_set = self.listed(left.candidates);
        let right_set = self.listed(right.candidates);
        let same_set = self.equal(left_set, right_set);
        let same = self.equal(left.chosen, right.chosen);
        vec![same_set.no, same.yes]
    }
}
