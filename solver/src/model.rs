//! A model as plain data: the elements of each sort and what each symbol means on them.
//!
//! Invariant: elements are numbered from zero within their sort, in the order in which they were met.

use std::fmt;

use serde::{Deserialize, Serialize};
use vcgen::vc::{SymbolId, Vc, VcSortId};

/// An interpretation of those sorts and symbols of a condition that the check used.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Model {
    /// How many elements each uninterpreted sort has.
    pub sorts: Vec<(VcSortId, u32)>,
    /// What each symbol means.
    pub symbols: Vec<(SymbolId, Interpretation)>,
}

/// The meaning of a symbol: a table, and a value for all arguments that the table lacks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interpretation {
    /// Arguments and the value there.
    pub entries: Vec<(Vec<Value>, Value)>,
    /// The value elsewhere; none where the table is complete.
    pub default: Option<Value>,
}

/// An element of a sort.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Value {
    /// A truth value.
    Bool(bool),
    /// An integer.
    Int(i128),
    /// An element of an uninterpreted sort.
    Element {
        /// The sort.
        sort: VcSortId,
        /// Which element.
        index: u32,
    },
    /// Something that is no plain value, in the solver's words.
    Other(String),
}

impl Model {
    /// The model in the vocabulary of `vc`, one line for each sort and each entry.
    pub fn display<'a>(&'a self, vc: &'a Vc) -> impl fmt::Display + 'a {
        DisplayModel { model: self, vc }
    }

    /// The meaning of `symbol`, where the check used it.
    pub fn interpretation(&self, symbol: SymbolId) -> Option<&Interpretation> {
        self.symbols.iter().find(|(id, _)| *id == symbol).map(|(_, interpretation)| interpretation)
    }
}

impl Interpretation {
    /// The value at `args`, where it is known.
    pub fn value(&self, args: &[Value]) -> Option<&Value> {
        self.entries.iter().find(|(at, _)| at == args).map(|(_, value)| value).or(self.default.as_ref())
    }
}

struct DisplayModel<'a> {
    model: &'a Model,
    vc: &'a Vc,
}

impl DisplayModel<'_> {
    fn value(&self, value: &Value) -> String {
        match value {
            Value::Bool(value) => value.to_string(),
            Value::Int(value) => value.to_string(),
            Value::Element { sort, index } => format!("{}!{index}", self.vc.sorts[*sort]),
            Value::Other(text) => text.clone(),
        }
    }
}

impl fmt::Display for DisplayModel<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (sort, n_elements) in &self.model.sorts {
            let name = &self.vc.sorts[*sort];
            let elements: Vec<String> = (0..*n_elements).map(|index| format!("{name}!{index}")).collect();
            writeln!(f, "{name} = {{{}}}", elements.join(", "))?;
        }
        for (symbol, interpretation) in &self.model.symbols {
            let name = &self.vc.symbols[*symbol].name;
            for (args, value) in &interpretation.entries {
                let args: Vec<String> = args.iter().map(|arg| self.value(arg)).collect();
                let args = if args.is_empty() { String::new() } else { format!("({})", args.join(", ")) };
                writeln!(f, "{name}{args} = {}", self.value(value))?;
            }
            if let Some(default) = &interpretation.default {
                writeln!(f, "{name}(else) = {}", self.value(default))?;
            }
        }
        Ok(())
    }
}
