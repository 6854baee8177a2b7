//! From Z3's model to plain data.
//!
//! Invariant: a table is left without a default only where it lists all arguments there are.

use std::collections::BTreeMap;

use vcgen::vc::{SymbolId, Vc, VcSort, VcSortId};
use z3::FuncDecl;
use z3::ast::{Ast, Dynamic};

use super::encode::Encoded;
use crate::model::{Interpretation, Model, Value};

/// Functions over finite sorts are listed in full up to this many entries.
const MAX_TABLE: usize = 4096;

/// Reads what `found` says about the sorts and symbols that were encoded.
pub(super) fn read(vc: &Vc, encoded: &Encoded, found: &z3::Model) -> Model {
    let mut reader = Reader { vc, found, elements: BTreeMap::new() };
    for (id, sort) in &encoded.sorts {
        let universe = found.get_sort_universe(sort).map(|universe| universe.to_vec()).unwrap_or_default();
        reader.elements.insert(*id, universe);
    }
    let symbols: Vec<(SymbolId, Interpretation)> = encoded
        .symbols
        .iter()
        .map(|(id, declaration)| (*id, reader.interpretation(*id, declaration)))
        .collect();
    let sorts = reader
        .elements
        .iter()
        .map(|(id, elements)| (*id, u32::try_from(elements.len()).unwrap_or(u32::MAX)))
        .collect();
    let mut model = Model { sorts, symbols };
    model.symbols.sort_by_key(|(id, _)| *id);
    model
}

struct Reader<'a> {
    vc: &'a Vc,
    found: &'a z3::Model,
    /// The elements of each sort, in the order of their indices.
    elements: BTreeMap<VcSortId, Vec<Dynamic>>,
}

impl Reader<'_> {
    fn interpretation(&mut self, id: SymbolId, declaration: &FuncDecl) -> Interpretation {
        let symbol = &self.vc.symbols[id];
        match self.all_arguments(&symbol.args) {
            Some(rows) => {
                let entries = rows.iter().map(|args| self.row(args, symbol.result, declaration)).collect();
                Interpretation { entries, default: None }
            }
            None => self.partial(&symbol.args, symbol.result, declaration),
        }
    }

    /// All tuples of arguments, where they are few and their sorts are not empty in the model.
    fn all_arguments(&self, sorts: &[VcSort]) -> Option<Vec<Vec<Dynamic>>> {
        let mut rows: Vec<Vec<Dynamic>> = vec![Vec::new()];
        for sort in sorts {
            let choices = match sort {
                VcSort::Bool => vec![
                    Dynamic::from_ast(&z3::ast::Bool::from_bool(false)),
                    Dynamic::from_ast(&z3::ast::Bool::from_bool(true)),
                ],
                VcSort::Int => return None,
                VcSort::Uninterpreted(id) => {
                    self.elements.get(id).filter(|elements| !elements.is_empty())?.clone()
                }
            };
            if rows.len() * choices.len() > MAX_TABLE {
                return None;
            }
            rows = rows
                .iter()
                .flat_map(|row| {
                    choices.iter().map(move |choice| [row.as_slice(), std::slice::from_ref(choice)].concat())
                })
                .collect();
        }
        Some(rows)
    }

    fn row(&mut self, args: &[Dynamic], result: VcSort, declaration: &FuncDecl) -> (Vec<Value>, Value) {
        let sorts = args.iter().map(|arg| self.known_value(arg)).collect();
        let arguments: Vec<&dyn Ast> = args.iter().map(|arg| -> &dyn Ast { arg }).collect();
        let applied = declaration.apply(&arguments);
        (sorts, self.evaluated(&applied, result))
    }

    /// The entries that Z3 lists, and its value for the rest.
    fn partial(&mut self, args: &[VcSort], result: VcSort, declaration: &FuncDecl) -> Interpretation {
        let Some(function) = self.found.get_func_interp(declaration) else {
            return Interpretation { entries: Vec::new(), default: Some(Value::Other("any".to_owned())) };
        };
        let entries = function
            .get_entries()
            .iter()
            .map(|entry| {
                let at =
                    entry.get_args().iter().zip(args).map(|(arg, sort)| self.evaluated(arg, *sort)).collect();
                (at, self.evaluated(&entry.get_value(), result))
            })
            .collect();
        let default = Some(self.evaluated(&function.get_else(), result));
        Interpretation { entries, default }
    }

    fn evaluated(&mut self, term: &Dynamic, sort: VcSort) -> Value {
        let term = self.found.eval(term, true).unwrap_or_else(|| term.clone());
        let value = match sort {
            VcSort::Bool => term.as_bool().and_then(|value| value.as_bool()).map(Value::Bool),
            VcSort::Int => integer(&term),
            VcSort::Uninterpreted(id) => self.element(id, &term),
        };
        value.unwrap_or_else(|| Value::Other(term.to_string()))
    }

    /// An element that stands in the tables already, or a truth value.
    fn known_value(&self, term: &Dynamic) -> Value {
        if let Some(value) = term.as_bool().and_then(|value| value.as_bool()) {
            return Value::Bool(value);
        }
        self.elements
            .iter()
            .find_map(|(sort, elements)| {
                position(elements, term).map(|index| Value::Element { sort: *sort, index })
            })
            .unwrap_or_else(|| Value::Other(term.to_string()))
    }

    /// The element that `term` is; one that Z3 made up for completion joins the others.
    fn element(&mut self, sort: VcSortId, term: &Dynamic) -> Option<Value> {
        let elements = self.elements.entry(sort).or_default();
        if let Some(index) = position(elements, term) {
            return Some(Value::Element { sort, index });
        }
        if !term.is_const() {
            return None;
        }
        elements.push(term.clone());
        u32::try_from(elements.len() - 1).ok().map(|index| Value::Element { sort, index })
    }
}

fn position(elements: &[Dynamic], term: &Dynamic) -> Option<u32> {
    let place = elements.iter().position(|element| element.ast_eq(term))?;
    u32::try_from(place).ok()
}

fn integer(term: &Dynamic) -> Option<Value> {
    let number = term.as_int()?;
    if let Some(value) = number.as_i64() {
        return Some(Value::Int(i128::from(value)));
    }
    // Large numbers come as text: `123` or `(- 123)`.
    let text = number.to_string();
    let digits = text.strip_prefix("(- ").and_then(|rest| rest.strip_suffix(')'));
    match digits {
        Some(digits) => digits.parse::<i128>().ok().map(|value| Value::Int(-value)),
        None => text.parse().ok().map(Value::Int),
    }
}
