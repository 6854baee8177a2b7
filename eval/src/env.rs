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
    value: Value,
    outer: Env,
}

impl Env {
    /// The same with one more name, which hides an earlier value of the same name.
    #[must_use]
    pub fn with(&self, local: LocalId, value: Value) -> Self {
        Self(Some(Arc::new(Binding { local, value, outer: self.clone() })))
    }

    /// The value of a name.
    pub fn get(&self, local: LocalId) -> Option<&Value> {
        self.iter().find(|(name, _)| *name == local).map(|(_, value)| value)
    }

    /// Names and values, the innermost last.
    pub fn names(&self) -> Vec<(LocalId, Value)> {
        let mut names: Vec<(LocalId, Value)> =
            self.iter().map(|(local, value)| (local, value.clone())).collect();
        names.reverse();
        names
    }

    /// Names and values, the innermost first.
    pub fn iter(&self) -> impl Iterator<Item = (LocalId, &Value)> {
        let mut next = self;
        std::iter::from_fn(move || {
            let binding = next.0.as_ref()?;
            next = &binding.outer;
            Some((binding.local, &binding.value))
        })
    }
}
