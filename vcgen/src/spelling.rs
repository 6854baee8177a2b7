//! Formulas as text, with names that tell apart what is different: two names that stand free in what is shown are
//! never spelt alike, and no bound name is spelt like one around it.

use std::collections::{BTreeMap, BTreeSet};

use lang::print_typed;
use lang::typed::{Expr, LocalId, Module};

use crate::expr;
use crate::program::Program;

/// How the names of a few formulas are spelt.
#[derive(Debug)]
pub struct Spelling {
    module: Module,
    free: BTreeMap<LocalId, String>,
}

impl Spelling {
    /// The spelling for these formulas: names that stand free in one of them are the same in all.
    pub fn new<'a>(program: &Program, formulas: impl IntoIterator<Item = &'a Expr>) -> Self {
        let mut module = Module { locals: program.all_locals(), ..program.module.clone() };
        let mut free: BTreeMap<LocalId, String> = BTreeMap::new();
        let mut taken: BTreeSet<String> = BTreeSet::new();
        for local in formulas.into_iter().flat_map(expr::free_locals) {
            if free.contains_key(&local) {
                continue;
            }
            let name = distinct(&module.locals[local].name, |name| taken.contains(name));
            taken.insert(name.clone());
            module.locals[local].name.clone_from(&name);
            free.insert(local, name);
        }
        Self { module, free }
    }

    /// A formula, or another expression, on one line.
    pub fn text(&mut self, shown: &Expr) -> String {
        let mut around: Vec<String> =
            expr::free_locals(shown).iter().filter_map(|local| self.free.get(local).cloned()).collect();
        self.spell(shown, &mut around, &mut BTreeSet::new());
        print_typed::expr(&self.module, shown)
    }

    fn spell(&mut self, node: &Expr, around: &mut Vec<String>, spelt: &mut BTreeSet<LocalId>) {
        let n_around = around.len();
        for binder in node.binders() {
            if !self.free.contains_key(&binder.local) && spelt.insert(binder.local) {
                let plain = plain(&self.module.locals[binder.local].name).to_owned();
                self.module.locals[binder.local].name =
                    distinct(&plain, |name| around.iter().any(|own| own == name));
            }
            around.push(self.module.locals[binder.local].name.clone());
        }
        node.for_each_child(&mut |child| self.spell(child, around, spelt));
        around.truncate(n_around);
    }
}

/// A name without the number that told it apart.
fn plain(name: &str) -> &str {
    match name.rsplit_once('_') {
        Some((plain, number)) if !plain.is_empty() && number.parse::<u32>().is_ok() => plain,
        Some(_) | None => name,
    }
}

/// `x`, or `x_2`, `x_3`, ..., whichever is the first that is not taken.
fn distinct(name: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let numbered = (2..).map(|number| format!("{name}_{number}"));
    let mut all = std::iter::once(name.to_owned()).chain(numbered);
    all.find(|name| !is_taken(name)).unwrap_or_else(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_tell_names_apart() {
        assert_eq!(distinct("x", |name| ["x", "x_2"].contains(&name)), "x_3");
        assert_eq!(distinct("x", |_| false), "x");
        assert_eq!(plain("x_3"), "x");
        assert_eq!(plain("x_y"), "x_y");
        assert_eq!(plain("_1"), "_1");
    }
}
