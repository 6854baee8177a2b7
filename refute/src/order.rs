//! Of the behaviours that differ only in the names of elements, one is enough.
//!
//! Soundness: a permutation within a group of interchangeable elements turns a behaviour into a behaviour, and keeps
//! what it violates. Each element has a history: for each state, and each variable that is a set of such elements or
//! a function from them to scalars, whether it is inside, or its value; values that are elements themselves are left
//! out, so that the permutations of other sorts do not change it. Sorting the elements of a group by their histories
//! is such a permutation. So every behaviour has one like it in which histories descend, and only those are looked
//! for. A variable whose form does not say is left out for all elements alike.
#![allow(clippy::wildcard_enum_match_arm, reason = "few forms of value have a history")]

use lang::sort::{Sort, SortId};
use lang::typed::VariableId;

use crate::builder::Builder;
use crate::circuit::Lit;
use crate::value::{Atom, Node, V};

/// Two elements of a group, of which the history of the first should not be less.
#[derive(Clone, Debug)]
pub(crate) struct Neighbours {
    sort: SortId,
    first: u32,
    second: u32,
    /// That their histories so far are the same.
    same: Lit,
}

/// The neighbours in groups of interchangeable elements.
pub(crate) fn neighbours(groups: &[(SortId, Vec<Vec<u32>>)]) -> Vec<Neighbours> {
    let groups = groups.iter().flat_map(|(sort, groups)| groups.iter().map(move |group| (*sort, group)));
    groups
        .flat_map(|(sort, group)| {
            group.windows(2).map(move |pair| Neighbours {
                sort,
                first: pair[0],
                second: pair[1],
                same: Lit::TRUE,
            })
        })
        .collect()
}

impl Builder<'_> {
    /// Requires that histories descend, with the present state.
    pub(crate) fn order_neighbours(&mut self, order: &mut [Neighbours]) {
        for variable in self.module.variables.ids() {
            for pair in order.iter_mut() {
                let Some((first, second)) = self.histories(variable, pair) else { continue };
                let (same, ascends) = self.compared(&first, &second);
                self.circuit.clauses.push(vec![!pair.same, !ascends]);
                pair.same = self.circuit.both(pair.same, same);
            }
        }
    }

    /// What a variable says of two elements: guards of the same cases, one of which holds, the least first.
    fn histories(&self, variable: VariableId, pair: &Neighbours) -> Option<(Vec<Lit>, Vec<Lit>)> {
        let value = self.now[variable]?;
        let atoms = [pair.first, pair.second].map(|element| Atom::Element(pair.sort, element));
        let element = Sort::Uninterpreted(pair.sort);
        match (&self.module.variables[variable].sort, self.node(value)) {
            (Sort::Set(of), Node::Listed(items)) if **of == element => {
                if items.iter().any(|(_, present)| !present.is_total()) {
                    return None;
                }
                let [first, second] = atoms.map(|atom| {
                    let item = items.iter().find(|(item, _)| self.values.constant(*item) == Some(atom));
                    let present = item.map_or(Lit::FALSE, |(_, present)| present.yes);
                    vec![!present, present]
                });
                Some((first, second))
            }
            (Sort::Function(from, to), Node::Function(entries)) if **from == element => {
                let is_plain = matches!(**to, Sort::Int | Sort::Str | Sort::Bool);
                let is_whole = entries.iter().all(|(key, present, value)| {
                    present.yes == Lit::TRUE
                        && self.values.constant(*key).is_some()
                        && match self.node(*value) {
                            Node::Scalar(_, is_total) => *is_total,
                            Node::Truth(truth) => truth.is_total(),
                            _ => false,
                        }
                });
                if !is_plain || !is_whole {
                    return None;
                }
                let of = |atom: Atom| {
                    let mut entries = entries.iter();
                    entries.find(|(key, _, _)| self.values.constant(*key) == Some(atom)).map(|entry| entry.2)
                };
                let [first, second] = atoms.map(of);
                self.aligned(first?, second?)
            }
            _ => None,
        }
    }

    /// The guards of two scalars, case by case.
    fn aligned(&self, first: V, second: V) -> Option<(Vec<Lit>, Vec<Lit>)> {
        match (self.node(first), self.node(second)) {
            (Node::Truth(first), Node::Truth(second)) => {
                Some((vec![first.no, first.yes], vec![second.no, second.yes]))
            }
            (Node::Scalar(first, _), Node::Scalar(second, _)) => {
                let mut atoms: Vec<Atom> = first.iter().chain(second).map(|(atom, _)| *atom).collect();
                atoms.sort_unstable();
                atoms.dedup();
                let guards = |cases: &[(Atom, Lit)]| {
                    let guard = |atom: &Atom| {
                        let case = cases.iter().find(|(own, _)| own == atom);
                        case.map_or(Lit::FALSE, |(_, guard)| *guard)
                    };
                    atoms.iter().map(guard).collect()
                };
                Some((guards(first), guards(second)))
            }
            _ => None,
        }
    }

    /// Whether two values are the same, and whether the first is less, by the guards of their cases.
    fn compared(&mut self, first: &[Lit], second: &[Lit]) -> (Lit, Lit) {
        let mut same = Vec::with_capacity(first.len());
        let mut less = Vec::with_capacity(first.len());
        for (position, guard) in first.iter().enumerate() {
            same.push(self.circuit.both(*guard, second[position]));
            let above = self.circuit.or(second[position + 1..].iter().copied());
            less.push(self.circuit.both(*guard, above));
        }
        (self.circuit.or(same), self.circuit.or(less))
    }
}
