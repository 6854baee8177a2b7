//! What bound names and parameters stand for.

use std::sync::Arc;

use lang::typed::LocalId;

use crate::value::Value;

/// Values of bound names, the innermost first. Cheap to clone; growing a clone leaves the original as it was.
#[derive(Clone, Debug, Default)]
pub struct Env(Option<Arc<Binding>>);

#[derive(Debug)]
struct Binding {
    local: LocalId,
    /// None if what it stands for has no value.
    value: Option<Value>,
    outer: Env,
}

impl Env {
    /// The same with one more name, which hides an earlier value of the same name.
    #[must_use]
    pub fn with(&self, local: LocalId, value: Value) -> Self {
        Self(Some(Arc::new(Binding { local, value: Some(value), outer: self.clone() })))
    }

    /// The same with a name that stands for nothing that has a value.
    #[must_use]
    pub fn without(&self, local: LocalId) -> Self {
        Self(Some(Arc::new(Binding { local, value: None, outer: self.clone() })))
    }

    /// The value of a name.
    pub fn get(&self, local: LocalId) -> Option<&Value> {
        self.bindings().find(|(name, _)| *name == local).and_then(|(_, value)| value)
    }

    /// Names with values, each once.
    pub fn names(&self) -> Vec<(LocalId, Value)> {
        let mut names: Vec<(LocalId, Option<&Value>)> = Vec::new();
        for (local, value) in self.bindings() {
            if !names.iter().any(|(known, _)| *known == local) {
                names.push((local, value));
            }
        }
        names.into_iter().filter_map(|(local, value)| Some((local, value?.clone()))).collect()
    }

    /// Names and values as they were added, the last first.
    pub fn iter(&self) -> impl Iterator<Item = (LocalId, &Value)> {
        self.bindings().filter_map(|(local, value)| Some((local, value?)))
    }

    fn bindings(&self) -> impl Iterator<Item = (LocalId, Option<&Value>)> {
        let mut next = self;
        std::iter::from_fn(move || {
            let binding = next.0.as_ref()?;
            next = &binding.outer;
            Some((binding.local, binding.value.as_ref()))
        })
    }
}
