//! Infinite sets: the first element of a set may stand for a family, which has all naturals in one place of it.
//!
//! The circuit knows finite sets only. A family is in it with each natural that quantifiers range over, and with one
//! above them all. These are more than the numbers that single elements have; so what is true of all numbers that
//! are tried, such as that a ballot was used, or that there is a larger one, is true of no other set. In the
//! candidate the family has all naturals: whether that is a counterexample is for the evaluator to say, as ever.
#![allow(clippy::wildcard_enum_match_arm, reason = "few kinds of value have a place for a number")]

use std::collections::BTreeSet;
use std::sync::Arc;

use eval::value::{Family, State, Value};
use lang::sort::{Sort, SortTable};
use lang::typed::Module;

use crate::builder::Builder;
use crate::circuit::{Lit, Truth};
use crate::question::Question;
use crate::reads::Dependencies;
use crate::sat::Model;
use crate::value::{Atom, Node, V};

/// A family that may be in a set.
#[derive(Clone, Debug)]
pub(crate) struct Possible {
    /// Whether it is.
    pub(crate) guard: Lit,
    /// What it is like.
    pub(crate) element: V,
    /// The component or the field with the number.
    pub(crate) place: usize,
    /// Its member with the greatest number.
    last: Option<V>,
}

impl Builder<'_> {
    /// Lets an element of a set, present if the literal holds, stand for a family in the set. Adds its members to the
    /// items of the set, and what must hold of them to the parts.
    pub(crate) fn with_family(
        &mut self,
        (element, present): (V, Lit),
        of: V,
        items: &mut Vec<(V, Truth)>,
        parts: &mut Vec<Truth>,
    ) {
        let numbers = self.family_numbers();
        let mut guards = Vec::new();
        for (place, has_place) in self.places(element) {
            let guard = self.circuit.input();
            self.note_presence(guard);
            self.circuit.clauses.push(vec![!guard, present]);
            self.circuit.clauses.push(vec![!guard, has_place]);
            guards.push(guard);
            let mut last = None;
            for number in &numbers {
                let member = self.with_number(element, place, *number);
                let inside = self.member(member, of);
                parts.push(self.circuit.any(&[Truth::total(!guard), inside]));
                items.push((member, Truth::total(guard)));
                last = Some(member);
            }
            self.families.push(Possible { guard, element, place, last });
        }
        self.circuit.at_most_one(&guards);
    }

    /// The naturals that quantifiers range over, and one that is greater, ascending.
    fn family_numbers(&mut self) -> Vec<i64> {
        let naturals = self.values.intern(Node::Naturals);
        let (items, _) = self.expand(naturals).unwrap_or_default();
        let numbers = items.into_iter().filter_map(|(item, _)| match self.values.constant(item) {
            Some(Atom::Int(number)) => Some(number),
            _ => None,
        });
        let mut numbers: Vec<i64> = numbers.collect();
        numbers.sort_unstable();
        numbers.extend(numbers.last().map(|last| last.saturating_add(1)));
        numbers
    }

    /// Whether there are infinitely many among listed items: all of a family.
    pub(crate) fn has_family(&mut self, items: &[(V, Truth)]) -> Lit {
        let last_ones = self.families.iter().filter_map(|family| Some((family.guard, family.last?)));
        let there = last_ones.flat_map(|(guard, last)| {
            items.iter().filter(move |(item, _)| *item == last).map(move |(_, present)| (guard, present.yes))
        });
        let there: Vec<(Lit, Lit)> = there.collect();
        let there: Vec<Lit> = there.into_iter().map(|(guard, yes)| self.circuit.both(guard, yes)).collect();
        self.circuit.or(there)
    }

    /// The components or fields that are numbers, and what says that the value has them.
    fn places(&self, value: V) -> Vec<(usize, Lit)> {
        let is_number = |part: V| match self.node(part) {
            Node::Scalar(cases, _) => matches!(cases.first(), Some((Atom::Int(_), _))),
            _ => false,
        };
        match self.node(value) {
            Node::Tuple(items) => {
                let numbers = items.iter().enumerate().filter(|(_, item)| is_number(**item));
                numbers.map(|(place, _)| (place, Lit::TRUE)).collect()
            }
            Node::Record(id, shapes, _, fields) => {
                let record = &self.module.sorts.records[*id];
                let mut found = Vec::new();
                for (place, field) in fields.iter().enumerate() {
                    let has = |shape: usize| record.shapes[shape].binary_search(&place).is_ok();
                    if field.is_some_and(is_number) {
                        // Of several shapes with the field one is as good as another.
                        let guards = shapes.iter().filter(|(shape, _)| has(*shape));
                        found.extend(guards.map(|(_, guard)| (place, *guard)));
                    }
                }
                found
            }
            _ => Vec::new(),
        }
    }

    fn with_number(&mut self, value: V, place: usize, number: i64) -> V {
        let number = self.integer(number);
        match self.node(value).clone() {
            Node::Tuple(mut items) => {
                items[place] = number;
                self.values.intern(Node::Tuple(items))
            }
            Node::Record(id, shapes, total, mut fields) => {
                fields[place] = Some(number);
                self.values.intern(Node::Record(id, shapes, total, fields))
            }
            _ => self.undefined(),
        }
    }

    /// The state with the families that a model has, where all that was tried of them is in a set.
    pub(crate) fn lifted(&mut self, model: &Model, state: State) -> State {
        let mut families = Vec::new();
        for Possible { guard, element, place, .. } in self.families.clone() {
            if !model.holds(guard) {
                continue;
            }
            let Some(value) = self.decode(model, element) else { continue };
            let place = match &value {
                Value::Record(id, shape, _) => {
                    self.module.sorts.records[*id].shapes[*shape].binary_search(&place).ok()
                }
                _ => Some(place),
            };
            families.extend(place.and_then(|place| Family::new(&value, &[place], 0)));
        }
        if families.is_empty() {
            return state;
        }
        let numbers = self.family_numbers();
        let lift = |value: &Value| match value {
            Value::Set(items) => {
                let is_there = |family: &Family| {
                    numbers.iter().all(|number| items.binary_search(&family.member(*number)).is_ok())
                };
                let there = families.iter().filter(|family| is_there(family)).cloned();
                Value::of_families(items.iter().cloned(), there)
            }
            _ => value.clone(),
        };
        let mut lifted = lang::ids::IdVec::new();
        state.iter().for_each(|value| {
            lifted.push(lift(value));
        });
        Arc::new(lifted)
    }
}

/// Whether a variable that the question reads may hold families: a set of tuples or records with a number.
pub(crate) fn may_matter(question: &Question<'_>) -> bool {
    let module: &Module = question.module;
    let mut dependencies = Dependencies::default();
    let formulas = question.before.iter().chain(&question.step).chain([&question.goal]);
    let mut read = BTreeSet::new();
    for formula in formulas {
        read.extend(dependencies.of(module, formula).variables.iter().map(|(variable, _)| *variable));
    }
    read.into_iter().any(|variable| match &module.variables[variable].sort {
        Sort::Set(element) => has_number(&module.sorts, element),
        _ => false,
    })
}

fn has_number(sorts: &SortTable, element: &Sort) -> bool {
    match element {
        Sort::Tuple(items) => items.contains(&Sort::Int),
        Sort::Record(id) => sorts.records[*id].fields.iter().any(|field| field.sort == Sort::Int),
        _ => false,
    }
}
