//! From a model back to concrete values.

use std::collections::BTreeMap;
use std::sync::Arc;

use eval::instance::{Choices, Constant, Instance};
use eval::value::{Infinite, State, Value};
use lang::ids::IdVec;
use lang::typed::{ConstantId, VariableId};

use crate::builder::Builder;
use crate::circuit::Truth;
use crate::sat::Model;
use crate::value::{Atom, Node, V};
use eval::replay::Counterexample;

impl Builder<'_> {
    /// The concrete value in a model; nothing if the model leaves it open.
    pub(crate) fn decode(&mut self, model: &Model, value: V) -> Option<Value> {
        match self.node(value).clone() {
            Node::Undefined => None,
            Node::Truth(truth) => Self::decode_truth(model, truth).map(Value::Bool),
            Node::Scalar(cases, _) => {
                let (atom, _) = cases.iter().find(|(_, guard)| model.holds(*guard))?;
                Some(match atom {
                    Atom::Int(integer) => Value::Int(*integer),
                    Atom::Str(position) => Value::Str(self.strings.get_index(*position as usize)?.clone()),
                    Atom::Element(sort, element) => Value::Element(*sort, *element),
                })
            }
            Node::Tuple(items) => {
                let items: Option<Vec<Value>> = items.iter().map(|item| self.decode(model, *item)).collect();
                Some(Value::Tuple(items?.into()))
            }
            Node::Record(id, shapes, _, fields) => {
                let (shape, _) = shapes.iter().find(|(_, guard)| model.holds(*guard))?;
                let positions = self.module.sorts.records[id].shapes[*shape].clone();
                let values: Option<Vec<Value>> =
                    positions.iter().map(|position| self.decode(model, fields[*position]?)).collect();
                Some(Value::Record(id, *shape, values?.into()))
            }
            Node::Function(entries) => {
                let mut found = Vec::with_capacity(entries.len());
                for (key, present, value) in &entries {
                    if Self::decode_truth(model, *present)? {
                        found.push((self.decode(model, *key)?, self.decode(model, *value)?));
                    }
                }
                Some(Value::function(found))
            }
            Node::Listed(items) => self.decode_items(model, &items),
            Node::Naturals => Some(Value::Whole(Infinite::Nat)),
            Node::Integers => Some(Value::Whole(Infinite::Int)),
            Node::Strings => Some(Value::Whole(Infinite::Str)),
            Node::Powerset(_)
            | Node::Functions(..)
            | Node::Records(..)
            | Node::Product(_)
            | Node::Sequences(_)
            | Node::Join(..)
            | Node::Within(..)
            | Node::Filter(..) => match self.expand(value) {
                Some((items, true)) => self.decode_items(model, &items),
                Some((_, false)) | None => None,
            },
            Node::Cases(cases) => {
                let (_, set) = cases.iter().find(|(guard, _)| model.holds(*guard))?;
                self.decode(model, *set)
            }
        }
    }

    fn decode_truth(model: &Model, truth: Truth) -> Option<bool> {
        if model.holds(truth.yes) { Some(true) } else { model.holds(truth.no).then_some(false) }
    }

    fn decode_items(&mut self, model: &Model, items: &[(V, Truth)]) -> Option<Value> {
        let mut found = Vec::new();
        for (item, present) in items {
            if Self::decode_truth(model, *present)? {
                found.push(self.decode(model, *item)?);
            }
        }
        Some(Value::set(found))
    }

    /// The candidates of a choice, ascending, and what is chosen.
    pub(crate) fn decode_choice(&mut self, model: &Model, choice: usize) -> Option<(Vec<Value>, Value)> {
        let choice = self.choices[choice].clone();
        let mut found = Vec::new();
        for (candidate, holds) in &choice.candidates {
            if Self::decode_truth(model, *holds)? {
                found.push(self.decode(model, *candidate)?);
            }
        }
        found.sort_unstable();
        found.dedup();
        let chosen = self.decode(model, choice.chosen)?;
        Some((found, chosen))
    }

    /// The whole candidate that a model is.
    pub(crate) fn decode_all(
        &mut self,
        model: &Model,
        has_states: bool,
        has_step: bool,
    ) -> Option<Counterexample> {
        let module = self.module;
        let mut sizes = IdVec::new();
        for id in module.sorts.uninterpreted.ids() {
            sizes.push(self.n_elements(id));
        }
        let mut constants: IdVec<ConstantId, Constant> = IdVec::new();
        for id in module.constants.ids() {
            let entries: Vec<(Vec<V>, V)> = self
                .tables
                .iter()
                .filter(|((other, _), _)| *other == id)
                .map(|((_, args), value)| (args.clone(), *value))
                .collect();
            let value = self.constants[id]?;
            if entries.is_empty() {
                constants.push(Constant::Value(self.decode(model, value)?));
                continue;
            }
            let mut table = BTreeMap::new();
            for (args, value) in entries {
                let args: Option<Vec<Value>> = args.iter().map(|arg| self.decode(model, *arg)).collect();
                if let (Some(args), Some(value)) = (args, self.decode(model, value)) {
                    table.insert(args, value);
                }
            }
            let otherwise = table.values().next()?.clone();
            constants.push(Constant::Operator { entries: table, otherwise });
        }
        let mut choices = Choices::default();
        self.decode_choices(model, &mut choices);
        let lowest = self.integers.first().copied().unwrap_or(-1).clamp(-16, -1);
        let highest = self.integers.last().copied().unwrap_or(0).clamp(self.size.highest, 16) + 1;
        let instance = Instance { sizes, constants, integers: lowest..=highest, choices };
        let before = self.now.clone();
        let after = self.next.clone();
        let before = if has_states || has_step { Some(self.decode_state(model, &before)?) } else { None };
        let after = if has_step { Some(self.decode_state(model, &after)?) } else { None };
        let before = before.map(|state| self.lifted(model, state));
        let after = after.map(|state| self.lifted(model, state));
        Some(Counterexample { instance, before, after })
    }

    /// What `CHOOSE` takes in a model.
    pub(crate) fn decode_choices(&mut self, model: &Model, choices: &mut Choices) {
        for choice in 0..self.choices.len() {
            if let Some((candidates, chosen)) = self.decode_choice(model, choice)
                && !candidates.is_empty()
            {
                choices.table.entry(candidates).or_insert(chosen);
            }
        }
        for (sort, value) in self.of_nothing.clone() {
            if let Some(value) = self.decode(model, value) {
                choices.of_nothing.insert(sort, value);
            }
        }
    }

    /// A state in a model.
    pub(crate) fn decode_state(
        &mut self,
        model: &Model,
        values: &IdVec<VariableId, Option<V>>,
    ) -> Option<State> {
        let mut state = IdVec::new();
        for value in values {
            state.push(self.decode(model, (*value)?)?);
        }
        Some(Arc::new(state))
    }
}
