//! Values as TLA+ text.
//!
//! Invariant: different elements have different names, and none has the name of another constant.

use std::cmp::Ordering;
use std::fmt::Write as _;

use lang::ids::IdVec;
use lang::sort::SortId;
use lang::typed::{LocalId, Module};

use crate::instance::{Constant, Instance};
use crate::value::{Families, Infinite, State, Value};

/// The names of a module's elements on an instance.
#[derive(Clone, Debug)]
pub struct Names<'m> {
    module: &'m Module,
    elements: IdVec<SortId, Vec<String>>,
}

impl<'m> Names<'m> {
    /// An element that is the value of a constant has the constant's name; others have the first letter of their
    /// sort and a number.
    pub fn new(module: &'m Module, instance: &Instance) -> Self {
        let mut taken: Vec<String> = module.constants.iter().map(|symbol| symbol.name.clone()).collect();
        taken.extend(module.variables.iter().map(|symbol| symbol.name.clone()));
        let mut elements: IdVec<SortId, Vec<String>> = IdVec::new();
        for ((sort, (name, _)), size) in module.sorts.uninterpreted.iter_enumerated().zip(&instance.sizes) {
            let constants = module.constants.iter().zip(&instance.constants);
            let named: Vec<(u32, &str)> = constants
                .filter_map(|(symbol, constant)| match constant {
                    Constant::Value(Value::Element(own, element)) if *own == sort => {
                        Some((*element, symbol.name.as_str()))
                    }
                    Constant::Value(_) | Constant::Operator { .. } => None,
                })
                .collect();
            let initial: String = name.chars().take(1).flat_map(char::to_lowercase).collect();
            let plain = |prefix: &str| (0..*size).map(|n| format!("{prefix}{}", n + 1)).collect::<Vec<_>>();
            let whole: String = name.chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect();
            let prefixes = [initial, whole.to_lowercase(), whole].into_iter();
            let mut prefixes = prefixes.chain((2..).map(|n| format!("e{n}_")));
            let numbered = prefixes
                .find_map(|prefix| {
                    let candidates = plain(&prefix);
                    candidates.iter().all(|name| !taken.contains(name)).then_some(candidates)
                })
                .unwrap_or_default();
            let mut next = numbered.into_iter();
            let own = (0..*size).map(|element| {
                let constant = named.iter().find(|(own, _)| *own == element);
                constant.map(|(_, name)| (*name).to_owned()).or_else(|| next.next()).unwrap_or_default()
            });
            let own: Vec<String> = own.collect();
            taken.extend(own.iter().cloned());
            elements.push(own);
        }
        Self { module, elements }
    }

    /// The name of an element.
    pub fn element(&self, sort: SortId, element: u32) -> String {
        let names = self.elements.iter().as_slice().get(lang::ids::Id::index(sort));
        let name = names.and_then(|names| names.get(usize::try_from(element).ok()?));
        name.cloned().unwrap_or_else(|| format!("element{}", element + 1))
    }

    /// A value.
    pub fn value(&self, value: &Value) -> String {
        let mut out = String::new();
        self.write(value, &mut out);
        out
    }

    /// The name of a bound name.
    pub fn local(&self, local: LocalId) -> &str {
        &self.module.locals[local].name
    }

    /// The variables of a state and their values, a line for each: `/\ x = 1`.
    pub fn state(&self, state: &State) -> Vec<String> {
        let variables = self.module.variables.iter().zip(&**state);
        variables.map(|(symbol, value)| format!("/\\ {} = {}", symbol.name, self.value(value))).collect()
    }

    fn write(&self, value: &Value, out: &mut String) {
        self.write_with(value, None, out);
    }

    /// Writes a value, with a name in one place of it.
    fn write_with(&self, value: &Value, named: Option<(&[usize], &str)>, out: &mut String) {
        if let Some(([], name)) = named {
            out.push_str(name);
            return;
        }
        let inside = |position: usize| {
            let (place, name) = named?;
            let (first, rest) = place.split_first()?;
            (*first == position).then_some((rest, name))
        };
        match value {
            Value::Bool(true) => out.push_str("TRUE"),
            Value::Bool(false) => out.push_str("FALSE"),
            Value::Int(number) => {
                let _ = write!(out, "{number}");
            }
            Value::Str(text) => {
                out.push('"');
                for c in text.chars() {
                    match c {
                        '"' | '\\' => out.extend(['\\', c]),
                        '\n' => out.push_str("\\n"),
                        '\t' => out.push_str("\\t"),
                        c => out.push(c),
                    }
                }
                out.push('"');
            }
            Value::Element(sort, element) => out.push_str(&self.element(*sort, *element)),
            Value::Set(items) => {
                out.push('{');
                self.list(items.iter(), out);
                out.push('}');
            }
            Value::Whole(Infinite::Nat) => out.push_str("Nat"),
            Value::Whole(Infinite::Int) => out.push_str("Int"),
            Value::Whole(Infinite::Str) => out.push_str("STRING"),
            Value::Families(set) => self.families(set, out),
            Value::Function(entries) => {
                let is_sequence = entries.iter().zip(1_i64..).all(|((at, _), i)| *at == Value::Int(i));
                if is_sequence {
                    out.push_str("<<");
                    self.list(entries.iter().map(|(_, value)| value), out);
                    out.push_str(">>");
                    return;
                }
                out.push('(');
                for (position, (argument, value)) in entries.iter().enumerate() {
                    out.push_str(if position == 0 { "" } else { " @@ " });
                    self.write(argument, out);
                    out.push_str(" :> ");
                    self.write(value, out);
                }
                out.push(')');
            }
            Value::Tuple(items) => {
                out.push_str("<<");
                for (position, item) in items.iter().enumerate() {
                    out.push_str(if position == 0 { "" } else { ", " });
                    self.write_with(item, inside(position), out);
                }
                out.push_str(">>");
            }
            Value::Record(sort, shape, values) => {
                out.push('[');
                let record = &self.module.sorts.records[*sort];
                let fields = record.shapes.get(*shape).into_iter().flatten();
                for (position, (field, value)) in fields.zip(values.iter()).enumerate() {
                    out.push_str(if position == 0 { "" } else { ", " });
                    out.push_str(record.fields.get(*field).map_or("", |field| field.name.as_str()));
                    out.push_str(" |-> ");
                    self.write_with(value, inside(position), out);
                }
                out.push(']');
            }
        }
    }

    /// `{<<0, 1>>} \cup {<<a, n>> : n \in Nat}`
    fn families(&self, set: &Families, out: &mut String) {
        if !set.others().is_empty() {
            out.push('{');
            self.list(set.others().iter(), out);
            out.push_str("} \\cup ");
        }
        for (position, family) in set.families().iter().enumerate() {
            out.push_str(if position == 0 { "{" } else { " \\cup {" });
            let number = self.number();
            self.write_with(family.pattern(), Some((family.place(), number)), out);
            let least = family.least();
            let _ = match least.cmp(&0) {
                Ordering::Equal => write!(out, " : {number} \\in Nat}}"),
                Ordering::Greater => write!(out, " : {number} \\in Nat \\ 0 .. {}}}", least - 1),
                Ordering::Less => write!(out, " : {number} \\in Nat \\cup {least} .. -1}}"),
            };
        }
    }

    /// A name for numbers that nothing else in the module has.
    fn number(&self) -> &'static str {
        let is_taken = |name: &str| {
            self.module.constants.iter().any(|symbol| symbol.name == name)
                || self.module.variables.iter().any(|symbol| symbol.name == name)
                || self.module.operators.iter().any(|operator| operator.name == name)
                || self.elements.iter().flatten().any(|element| element == name)
        };
        ["n", "i", "k", "number"].into_iter().find(|name| !is_taken(name)).unwrap_or("the_number")
    }

    fn list<'v>(&self, items: impl Iterator<Item = &'v Value>, out: &mut String) {
        for (position, item) in items.enumerate() {
            out.push_str(if position == 0 { "" } else { ", " });
            self.write(item, out);
        }
    }
}
