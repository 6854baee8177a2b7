//! What lowering a hypothesis yields, kept for other obligations with the very same hypothesis.
//!
//! Sound because a template is what lowering yielded, with other numbers for symbols, sorts and variables. It is
//! kept only if lowering looked at nothing that came before in the condition; and what it adds to the condition
//! (symbols, sorts, sets that are noticed) is added again, in the same order. So a condition does not depend on
//! whether templates were at hand.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use lang::ids::Id;
use lang::typed::Expr;

use super::clauses::{Clause, Vars};
use crate::vc::{Quant, Symbol, SymbolId, Term, VarId, Vc, VcSort, VcSortId};

/// What tells templates apart: the hypothesis, its label if it is a definition, and whether lengths matter.
pub(super) type Identity = (usize, String, bool);

/// The templates of a program.
#[derive(Clone, Debug, Default)]
pub(crate) struct Templates {
    /// What was met once: many a hypothesis never comes up again.
    met: BTreeSet<Identity>,
    known: BTreeMap<Identity, Arc<Template>>,
}

impl Templates {
    /// What identifies a hypothesis.
    pub(super) fn identity(formula: &Expr, label: &str, has_lengths: bool) -> Identity {
        let definition = if label.starts_with("definition:") { label.to_owned() } else { String::new() };
        (formula.address(), definition, has_lengths)
    }

    pub(super) fn find(&self, identity: &Identity) -> Option<Arc<Template>> {
        self.known.get(identity).cloned()
    }

    /// Whether it was met before.
    pub(super) fn meet(&mut self, identity: &Identity) -> bool {
        !self.met.insert(identity.clone())
    }

    pub(super) fn keep(&mut self, identity: Identity, template: Template) {
        self.known.insert(identity, Arc::new(template));
    }
}

/// A symbol or sort, when a hypothesis mentions it first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Touch {
    Sort(VcSortId),
    Symbol(SymbolId),
}

impl Touch {
    fn sort(self) -> Option<VcSort> {
        match self {
            Self::Sort(id) => Some(VcSort::Uninterpreted(id)),
            Self::Symbol(_) => None,
        }
    }
}

/// What lowering a hypothesis took from the condition.
#[derive(Clone, Debug)]
pub(super) struct Recording {
    pub(super) identity: Identity,
    pub(super) formula: Expr,
    pub(super) touched: Vec<Touch>,
    pub(super) noticed: Vec<Expr>,
    /// The number of the last variable before.
    pub(super) base: usize,
    pub(super) n_vars: usize,
}

/// A part of a hypothesis: a clause, or what became of it if nothing else of the condition matters to it.
#[derive(Clone, Debug)]
pub(super) enum Part {
    Clause(Clause),
    Whole(Term),
}

/// A hypothesis with numbers of its own: positions in the lists below, variables from 1 on.
#[derive(Debug)]
pub(crate) struct Template {
    /// Keeps the expression, whose address identifies it, alive.
    _formula: Expr,
    order: Vec<Touch>,
    sorts: Vec<String>,
    symbols: Vec<Symbol>,
    /// Symbols that making clauses introduced: how their names begin, and their sorts.
    made: Vec<(&'static str, Vec<VcSort>, VcSort)>,
    pub(super) noticed: Vec<Expr>,
    pub(super) n_vars: usize,
    parts: Vec<Part>,
}

/// Numbers of one condition for those of a template.
#[derive(Clone, Debug)]
pub(super) struct Numbers {
    sorts: Vec<Option<VcSortId>>,
    symbols: Vec<SymbolId>,
    base: usize,
}

/// Whoever adds symbols and sorts to a condition by their names.
pub(super) trait Table {
    fn sort(&mut self, name: &str) -> VcSortId;
    fn find(&self, name: &str) -> Option<SymbolId>;
    fn add(&mut self, symbol: Symbol) -> SymbolId;
    /// A symbol was mentioned.
    fn mention(&mut self, name: &str, symbol: SymbolId);
}

impl Template {
    /// Adds to a condition what lowering the hypothesis adds. `base` is the number of its last variable.
    pub(super) fn replay(&self, table: &mut impl Table, base: usize) -> Numbers {
        let mut numbers = Numbers {
            sorts: vec![None; self.sorts.len()],
            symbols: vec![SymbolId::from_index(0); self.symbols.len()],
            base,
        };
        for touch in &self.order {
            match touch {
                Touch::Sort(own) => {
                    self.sort(table, &mut numbers, *own);
                }
                Touch::Symbol(own) => {
                    let Symbol { name, args, result } = &self.symbols[own.index()];
                    let symbol = table.find(name).unwrap_or_else(|| {
                        let mut of = |sort: &VcSort| match sort {
                            VcSort::Uninterpreted(own) => {
                                VcSort::Uninterpreted(self.sort(table, &mut numbers, *own))
                            }
                            VcSort::Bool | VcSort::Int => *sort,
                        };
                        let args = args.iter().map(&mut of).collect();
                        let result = of(result);
                        table.add(Symbol { name: name.clone(), args, result })
                    });
                    table.mention(name, symbol);
                    numbers.symbols[own.index()] = symbol;
                }
            }
        }
        numbers
    }

    fn sort(&self, table: &mut impl Table, numbers: &mut Numbers, own: VcSortId) -> VcSortId {
        *numbers.sorts[own.index()].get_or_insert_with(|| table.sort(&self.sorts[own.index()]))
    }

    /// The parts of the hypothesis in a condition; symbols that making clauses introduces are numbered by `count`.
    pub(super) fn parts(&self, vc: &mut Vc, mut numbers: Numbers, count: &mut usize) -> Vec<Part> {
        for (prefix, args, result) in &self.made {
            *count += 1;
            let name = format!("{prefix}{count}");
            let args = args.iter().map(|sort| numbers.sort(*sort)).collect();
            let symbol = vc.symbols.push(Symbol { name, args, result: numbers.sort(*result) });
            numbers.symbols.push(symbol);
        }
        self.parts.iter().map(|part| numbers.part(part)).collect()
    }
}

impl Numbers {
    fn sort(&self, sort: VcSort) -> VcSort {
        match sort {
            VcSort::Uninterpreted(own) => {
                VcSort::Uninterpreted(self.sorts[own.index()].expect("variables have sorts that were met"))
            }
            VcSort::Bool | VcSort::Int => sort,
        }
    }

    fn part(&self, part: &Part) -> Part {
        part.map(
            &mut |symbol| self.symbols[symbol.index()],
            &mut |id| VarId::from_index(id.index() + self.base),
            &mut |sort| self.sort(sort),
        )
    }
}

impl Part {
    /// The formula itself, with or without its quantifier.
    pub(super) fn term(&self) -> &Term {
        match self {
            Self::Clause(clause) => &clause.body,
            Self::Whole(whole) => whole,
        }
    }

    fn map(
        &self,
        symbol: &mut dyn FnMut(SymbolId) -> SymbolId,
        var: &mut dyn FnMut(VarId) -> VarId,
        sort: &mut dyn FnMut(VcSort) -> VcSort,
    ) -> Self {
        let mut map = Map { symbol, var, sort };
        match self {
            Self::Clause(Clause { vars, body }) => {
                Self::Clause(Clause { vars: map.vars(vars), body: map.term(body) })
            }
            Self::Whole(term) => Self::Whole(map.term(term)),
        }
    }
}

/// Other numbers.
struct Map<'m> {
    symbol: &'m mut dyn FnMut(SymbolId) -> SymbolId,
    var: &'m mut dyn FnMut(VarId) -> VarId,
    sort: &'m mut dyn FnMut(VcSort) -> VcSort,
}

impl Map<'_> {
    fn vars(&mut self, vars: &[(VarId, VcSort)]) -> Vars {
        vars.iter().map(|(id, sort)| ((self.var)(*id), (self.sort)(*sort))).collect()
    }

    fn terms(&mut self, terms: &[Term]) -> Vec<Term> {
        terms.iter().map(|term| self.term(term)).collect()
    }

    fn boxed(&mut self, term: &Term) -> Box<Term> {
        Box::new(self.term(term))
    }

    fn term(&mut self, term: &Term) -> Term {
        match term {
            Term::Bool(value) => Term::Bool(*value),
            Term::Int(value) => Term::Int(*value),
            Term::Var(id) => Term::Var((self.var)(*id)),
            Term::App(symbol, args) => Term::App((self.symbol)(*symbol), self.terms(args)),
            Term::Not(a) => Term::Not(self.boxed(a)),
            Term::And(items) => Term::And(self.terms(items)),
            Term::Or(items) => Term::Or(self.terms(items)),
            Term::Distinct(items) => Term::Distinct(self.terms(items)),
            Term::Implies(a, b) => Term::Implies(self.boxed(a), self.boxed(b)),
            Term::Eq(a, b) => Term::Eq(self.boxed(a), self.boxed(b)),
            Term::Arith(op, a, b) => Term::Arith(*op, self.boxed(a), self.boxed(b)),
            Term::Lt(a, b) => Term::Lt(self.boxed(a), self.boxed(b)),
            Term::Le(a, b) => Term::Le(self.boxed(a), self.boxed(b)),
            Term::Ite(a, b, c) => Term::Ite(self.boxed(a), self.boxed(b), self.boxed(c)),
            Term::Quant(quant) => {
                let Quant { forall, vars, triggers, body, name: _ } = quant.as_ref();
                let vars = self.vars(vars);
                let triggers = triggers.iter().map(|trigger| self.terms(trigger)).collect();
                let body = self.term(body);
                Term::Quant(Box::new(Quant { forall: *forall, vars, triggers, body, name: String::new() }))
            }
        }
    }
}

/// Makes a template of what became of a hypothesis in a condition. `made` are the symbols that making clauses
/// introduced for it, with how their names begin.
pub(super) fn template(
    vc: &Vc,
    recording: Recording,
    made: &[(&'static str, SymbolId)],
    parts: &[Part],
) -> Option<(Identity, Template)> {
    let Recording { identity, formula, touched, noticed, base, n_vars } = recording;
    let mut sorts: BTreeMap<VcSortId, VcSortId> = BTreeMap::new();
    let mut names: Vec<String> = Vec::new();
    let mut sort_of = |sort: VcSort| match sort {
        VcSort::Uninterpreted(id) => VcSort::Uninterpreted(*sorts.entry(id).or_insert_with(|| {
            names.push(vc.sorts[id].clone());
            VcSortId::from_index(names.len() - 1)
        })),
        VcSort::Bool | VcSort::Int => sort,
    };
    let mut positions: BTreeMap<SymbolId, SymbolId> = BTreeMap::new();
    let mut symbols: Vec<Symbol> = Vec::new();
    let mut order = Vec::new();
    let met: BTreeSet<VcSort> = touched.iter().copied().filter_map(Touch::sort).collect();
    for touch in touched {
        order.push(match touch {
            Touch::Sort(id) => match sort_of(VcSort::Uninterpreted(id)) {
                VcSort::Uninterpreted(own) => Touch::Sort(own),
                VcSort::Bool | VcSort::Int => continue,
            },
            Touch::Symbol(id) => {
                let Symbol { name, args, result } = &vc.symbols[id];
                let args = args.iter().map(|sort| sort_of(*sort)).collect();
                symbols.push(Symbol { name: name.clone(), args, result: sort_of(*result) });
                let own = SymbolId::from_index(symbols.len() - 1);
                positions.insert(id, own);
                Touch::Symbol(own)
            }
        });
    }
    let is_met = |sort: &VcSort| !matches!(sort, VcSort::Uninterpreted(_)) || met.contains(sort);
    let are_met = |symbol: &Symbol| symbol.args.iter().chain([&symbol.result]).all(is_met);
    if !made.iter().all(|(_, id)| are_met(&vc.symbols[*id])) {
        return None;
    }
    let made = made
        .iter()
        .enumerate()
        .map(|(position, (prefix, id))| {
            positions.insert(*id, SymbolId::from_index(symbols.len() + position));
            let Symbol { args, result, .. } = &vc.symbols[*id];
            (*prefix, args.iter().map(|sort| sort_of(*sort)).collect(), sort_of(*result))
        })
        .collect();
    // All that parts mention was touched; if not, nothing is kept.
    let mut is_whole = true;
    let mut known = |own: Option<usize>| {
        is_whole &= own.is_some();
        own.unwrap_or_default()
    };
    let known = RefCell::new(&mut known);
    let parts = parts
        .iter()
        .map(|part| {
            part.map(
                &mut |id| {
                    let own = positions.get(&id).map(|own| own.index());
                    SymbolId::from_index((*known.borrow_mut())(own))
                },
                &mut |id| VarId::from_index((*known.borrow_mut())(id.index().checked_sub(base))),
                &mut |sort| {
                    (*known.borrow_mut())(is_met(&sort).then_some(0));
                    sort_of(sort)
                },
            )
        })
        .collect();
    let template = Template { _formula: formula, order, sorts: names, symbols, made, noticed, n_vars, parts };
    is_whole.then_some((identity, template))
}
