//! Sorts and symbols of a condition: each gets an entry when it is first met.

use std::borrow::Cow;
use std::cell::RefCell;

use indexmap::{IndexMap, IndexSet};
use lang::ids::Id;
use lang::sort::{RecordId, Sort};
use lang::typed::Expr;

use super::{Lowering, STRING};
use crate::lower::templates::{Table, Touch};
use crate::vc::{Symbol, SymbolId, Term, VcSort, VcSortId};

/// Sorts and symbols that were met.
#[derive(Default)]
pub(super) struct Symbols {
    by_name: IndexMap<String, SymbolId>,
    sorts: IndexMap<String, VcSortId>,
    /// The SMT sorts of sorts that were looked up.
    by_sort: IndexMap<Sort, VcSort>,
    /// What a hypothesis has taken so far, if that is wanted and depends on nothing before.
    record: RefCell<Option<Record>>,
}

/// What was touched, in order, and sets that were noticed.
#[derive(Default)]
struct Record {
    touched: IndexSet<Touch>,
    noticed: Vec<Expr>,
}

impl Symbols {
    /// Whether there is a symbol of that name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.depends();
        self.by_name.contains_key(name)
    }

    /// Begins to record what a hypothesis takes.
    pub(super) fn record(&self) {
        self.record.replace(Some(Record::default()));
    }

    /// What was recorded; nothing if it depends on what the condition had before.
    pub(super) fn recorded(&self) -> Option<(Vec<Touch>, Vec<Expr>)> {
        let Record { touched, noticed } = self.record.take()?;
        Some((touched.into_iter().collect(), noticed))
    }

    /// What is being lowered depends on what the condition has already.
    pub(super) fn depends(&self) {
        self.record.take();
    }

    /// A set was noticed.
    pub(super) fn noticed(&self, set: &Expr) {
        if let Some(record) = &mut *self.record.borrow_mut() {
            record.noticed.push(set.clone());
        }
    }

    /// Terms that are symbols applied were looked up elsewhere.
    pub(super) fn touch_all(&self, terms: &[Term]) {
        for term in terms {
            if let Term::App(symbol, _) = term {
                self.touch(Touch::Symbol(*symbol));
            }
        }
    }

    fn touch(&self, touch: Touch) {
        if let Some(record) = &mut *self.record.borrow_mut() {
            record.touched.insert(touch);
        }
    }
}

impl<'p> Lowering<'p> {
    pub(super) fn single_shape(&self, id: RecordId) -> Option<&'p [usize]> {
        match self.program.module.sorts.records[id].shapes.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }

    /// The components of a sort that have one SMT sort each.
    pub(super) fn components<'s>(&self, sort: &'s Sort) -> Cow<'s, [Sort]> {
        match sort {
            Sort::Tuple(items) => items.iter().flat_map(|item| self.components(item).into_owned()).collect(),
            Sort::Record(id) => match self.single_shape(*id) {
                Some(fields) => {
                    let record = &self.program.module.sorts.records[*id];
                    let fields = fields.iter().map(|field| &record.fields[*field].sort);
                    fields.flat_map(|field| self.components(field).into_owned()).collect()
                }
                None => Cow::Borrowed(std::slice::from_ref(sort)),
            },
            Sort::Bool
            | Sort::Int
            | Sort::Str
            | Sort::Uninterpreted(_)
            | Sort::Set(_)
            | Sort::Function(..) => Cow::Borrowed(std::slice::from_ref(sort)),
        }
    }

    /// How many components a sort has.
    pub(super) fn width(&self, sort: &Sort) -> usize {
        self.components(sort).len()
    }

    pub(super) fn sort_name(&self, sort: &Sort) -> String {
        match sort {
            Sort::Bool => "BOOLEAN".to_owned(),
            Sort::Int => "Int".to_owned(),
            Sort::Str => "STRING".to_owned(),
            Sort::Uninterpreted(id) => self.program.module.sorts.uninterpreted[*id].0.clone(),
            Sort::Set(of) => format!("Set({})", self.sort_name(of)),
            Sort::Function(from, to) => format!("[{} -> {}]", self.sort_name(from), self.sort_name(to)),
            Sort::Tuple(items) => {
                let items: Vec<String> = items.iter().map(|item| self.sort_name(item)).collect();
                format!("<<{}>>", items.join(", "))
            }
            Sort::Record(id) => format!("Record!{}", id.index()),
        }
    }

    pub(super) fn vc_sort(&mut self, component: &Sort) -> VcSort {
        match component {
            Sort::Bool => VcSort::Bool,
            Sort::Int => VcSort::Int,
            _ => {
                if let Some(known) = self.symbols.by_sort.get(component) {
                    if let VcSort::Uninterpreted(id) = known {
                        self.symbols.touch(Touch::Sort(*id));
                    }
                    return *known;
                }
                let name = self.sort_name(component);
                let id = self.sort(&name);
                self.symbols.touch(Touch::Sort(id));
                let sort = VcSort::Uninterpreted(id);
                self.symbols.by_sort.insert(component.clone(), sort);
                sort
            }
        }
    }

    pub(super) fn vc_sorts(&mut self, sort: &Sort) -> Vec<VcSort> {
        self.components(sort).iter().map(|component| self.vc_sort(component)).collect()
    }

    pub(super) fn symbol(&mut self, name: String, args: Vec<VcSort>, result: VcSort) -> SymbolId {
        let id = match self.symbols.by_name.get(&name) {
            Some(id) => *id,
            None => self.add(Symbol { name, args, result }),
        };
        self.symbols.touch(Touch::Symbol(id));
        id
    }

    /// The symbol of that name. Its sorts are looked at if there is none yet.
    fn symbol_of(&mut self, name: &str, arg_sorts: &[Sort], result: &Sort) -> SymbolId {
        if let Some(id) = self.symbols.by_name.get(name) {
            self.symbols.touch(Touch::Symbol(*id));
            return *id;
        }
        let args = arg_sorts.iter().flat_map(|sort| self.vc_sorts(sort)).collect();
        let result = self.vc_sort(result);
        self.symbol(name.to_owned(), args, result)
    }

    /// One application for each component of the result sort.
    pub(super) fn apply_symbols(
        &mut self,
        name: &str,
        arg_sorts: &[Sort],
        args: &[Term],
        result: &Sort,
    ) -> Vec<Term> {
        let components = self.components(result);
        if let [component] = components.as_ref() {
            return vec![Term::App(self.symbol_of(name, arg_sorts, component), args.to_vec())];
        }
        if components.is_empty() {
            // A value without components still has arguments, whose sorts the condition then has.
            for sort in arg_sorts {
                self.vc_sorts(sort);
            }
        }
        let numbered = components.iter().enumerate();
        numbered
            .map(|(position, component)| {
                let id = self.symbol_of(&format!("{name}/{position}"), arg_sorts, component);
                Term::App(id, args.to_vec())
            })
            .collect()
    }

    pub(super) fn predicate(&mut self, name: &str, arg_sorts: &[Sort], args: Vec<Term>) -> Term {
        Term::App(self.symbol_of(name, arg_sorts, &Sort::Bool), args)
    }

    pub(super) fn member(&mut self, element_sort: &Sort, element: &[Term], set: Term) -> Term {
        let name = format!("in:{}", self.sort_name(element_sort));
        let mut args = element.to_vec();
        args.push(set);
        self.predicate(&name, &[element_sort.clone(), Sort::Set(element_sort.clone().into())], args)
    }

    pub(super) fn string(&mut self, text: &str) -> Term {
        let result = self.vc_sort(&Sort::Str);
        let id = self.symbol(format!("{STRING}{text}"), Vec::new(), result);
        if !self.strings.contains(&id) {
            self.strings.push(id);
        }
        Term::App(id, Vec::new())
    }
}

impl Table for Lowering<'_> {
    fn sort(&mut self, name: &str) -> VcSortId {
        if let Some(id) = self.symbols.sorts.get(name) {
            return *id;
        }
        let id = self.vc.sorts.push(name.to_owned());
        self.symbols.sorts.insert(name.to_owned(), id);
        id
    }

    fn find(&self, name: &str) -> Option<SymbolId> {
        self.symbols.by_name.get(name).copied()
    }

    fn add(&mut self, symbol: Symbol) -> SymbolId {
        let name = symbol.name.clone();
        let id = self.vc.symbols.push(symbol);
        self.symbols.by_name.insert(name, id);
        id
    }

    fn mention(&mut self, name: &str, symbol: SymbolId) {
        if name.starts_with(STRING) && !self.strings.contains(&symbol) {
            self.strings.push(symbol);
        }
    }
}
