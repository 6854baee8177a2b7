//! Expressions to terms: see the encoding in [`super`].

mod arithmetic;
mod cardinality;
mod contents;
mod equality;
mod instances;
mod membership;
mod names;
mod sequences;
mod symbols;

use std::collections::BTreeMap;

use lang::ids::Id;
use lang::sort::Sort;
use lang::typed::{Binder, Comparison, Expr, ExprKind, LocalId, Quantifier};

use super::clauses::Stated;
use super::levels;
use super::templates::{Recording, Templates};
use crate::alpha::Key;
use crate::program::Program;
use crate::rewrite::rewrite_closed;
use crate::vc::{ArithOp, Quant, SymbolId, Term, VarId, Vc, VcSort};
use cardinality::Measured;
use instances::Description;
use symbols::Symbols;

/// How the names of described values begin.
pub(super) const NAME: &str = "name!";

/// How the names of strings begin.
const STRING: &str = "string:";

/// How the names of domains begin.
pub(super) const DOMAIN: &str = "DOMAIN";

/// At most so many named sets are compared with each other.
const MAX_EXTENSIONAL: usize = 6;

/// Whether a formula stands where it is known, where it is to be proved, or both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Polarity {
    /// Known.
    Asserted,
    /// To be proved.
    Refuted,
    /// Both.
    Both,
}

impl Polarity {
    fn flip(self) -> Self {
        match self {
            Self::Asserted => Self::Refuted,
            Self::Refuted => Self::Asserted,
            Self::Both => Self::Both,
        }
    }
}

/// The state of lowering one obligation.
pub(super) struct Lowering<'p> {
    program: &'p Program,
    pub(super) vc: Vc,
    symbols: Symbols,
    /// What bound names are at present.
    env: BTreeMap<LocalId, Vec<Term>>,
    /// Constants for rigid names.
    rigid: BTreeMap<LocalId, Vec<Term>>,
    bound: Vec<LocalId>,
    n_vars: usize,
    named: BTreeMap<(Key, Sort), usize>,
    strings: Vec<SymbolId>,
    /// Defining axioms of names, not yet labelled.
    axioms: Vec<(String, Term)>,
    /// Names of sets that depend on nothing bound, with the sorts of their elements.
    closed_sets: Vec<(Sort, Term)>,
    /// Sets under `Cardinality` and `IsFiniteSet`.
    measured: Measured,
    /// Sets that have names.
    descriptions: Vec<Description>,
    /// Whether the obligation speaks of lengths: else nothing need be said of them.
    has_lengths: bool,
}

fn not(term: Term) -> Term {
    Term::Not(Box::new(term))
}

fn implies(premise: Term, conclusion: Term) -> Term {
    Term::Implies(Box::new(premise), Box::new(conclusion))
}

fn equal(left: Term, right: Term) -> Term {
    Term::Eq(Box::new(left), Box::new(right))
}

impl<'p> Lowering<'p> {
    pub(super) fn new(program: &'p Program, has_lengths: bool) -> Self {
        Self {
            program,
            vc: Vc::default(),
            symbols: Symbols::default(),
            env: BTreeMap::new(),
            rigid: BTreeMap::new(),
            bound: Vec::new(),
            n_vars: 0,
            named: BTreeMap::new(),
            strings: Vec::new(),
            axioms: Vec::new(),
            closed_sets: Vec::new(),
            measured: Measured::default(),
            descriptions: Vec::new(),
            has_lengths,
        }
    }

    /// Sets with equal elements are equal, for the sets that have names and depend on nothing bound: so that
    /// `A = B` gives `CHOOSE x \in A : P` and `CHOOSE x \in B : P` the same value.
    pub(super) fn extensionality(&mut self) -> Option<Term> {
        let mut sets = std::mem::take(&mut self.closed_sets);
        sets.truncate(MAX_EXTENSIONAL);
        let mut parts = Vec::new();
        for (position, (sort, left)) in sets.iter().enumerate() {
            for (other, right) in &sets[position + 1..] {
                if sort == other {
                    let vars = self.fresh_vars(sort);
                    let element: Vec<Term> = vars.iter().map(|(id, _)| Term::Var(*id)).collect();
                    let in_left = self.member(sort, &element, left.clone());
                    let in_right = self.member(sort, &element, right.clone());
                    let same = Self::quant(true, vars, equal(in_left, in_right));
                    parts.push(implies(same, equal(left.clone(), right.clone())));
                }
            }
        }
        (!parts.is_empty()).then_some(Term::And(parts))
    }

    /// Moves the axioms of names that were made since the last call to the labelled formulas.
    pub(super) fn flush(&mut self, tier: u8, into: &mut Vec<(String, u8, Stated)>) {
        for (label, axiom) in self.axioms.drain(..) {
            into.push((label, tier, Stated::Plain(axiom)));
        }
    }

    /// Different strings are different.
    pub(super) fn strings_differ(&self) -> Option<Term> {
        if self.strings.len() < 2 {
            return None;
        }
        Some(Term::Distinct(self.strings.iter().map(|id| Term::App(*id, Vec::new())).collect()))
    }

    // Binding.

    fn fresh_vars(&mut self, sort: &Sort) -> Vec<(VarId, VcSort)> {
        self.vc_sorts(sort)
            .into_iter()
            .map(|sort| {
                self.n_vars += 1;
                (VarId::from_index(self.n_vars), sort)
            })
            .collect()
    }

    /// Runs `body` with locals bound to fresh variables.
    fn binding<T>(
        &mut self,
        locals: &[LocalId],
        body: impl FnOnce(&mut Self) -> T,
    ) -> (Vec<(VarId, VcSort)>, T) {
        let depth = self.bound.len();
        let mut vars = Vec::new();
        let mut saved = Vec::new();
        for local in locals {
            let own = self.fresh_vars(&self.program.sort_of(*local));
            let terms = own.iter().map(|(id, _)| Term::Var(*id)).collect();
            saved.push((*local, self.env.insert(*local, terms)));
            self.bound.push(*local);
            vars.extend(own);
        }
        let result = body(self);
        // Whoever binds names within has put back what was there before.
        for (local, terms) in saved.into_iter().rev() {
            match terms {
                Some(terms) => self.env.insert(local, terms),
                None => self.env.remove(&local),
            };
        }
        self.bound.truncate(depth);
        (vars, result)
    }

    fn quant(forall: bool, vars: Vec<(VarId, VcSort)>, body: Term) -> Term {
        if vars.is_empty() {
            return body;
        }
        Term::Quant(Box::new(Quant { forall, vars, triggers: Vec::new(), body, name: String::new() }))
    }

    fn local(&mut self, id: LocalId) -> Vec<Term> {
        if let Some(terms) = self.env.get(&id) {
            return terms.clone();
        }
        if let Some(terms) = self.rigid.get(&id) {
            self.symbols.touch_all(terms);
            return terms.clone();
        }
        let symbol = self.program.local(id);
        let name = format!("{}#{}", symbol.name, id.index());
        let terms = self.apply_symbols(&name, &[], &[], &symbol.sort);
        self.rigid.insert(id, terms.clone());
        terms
    }

    // Formulas.

    /// A hypothesis: out of what is kept, if it can be, or else lowered, and kept if it comes up again.
    pub(super) fn hypothesis(&mut self, label: &str, formula: &Expr) -> Stated {
        let templates = &self.program.templates;
        let identity = Templates::identity(formula, label, self.has_lengths);
        let known = templates.borrow().find(&identity);
        if let Some(template) = known {
            let base = self.n_vars;
            let numbers = template.replay(self, base);
            self.n_vars += template.n_vars;
            for set in &template.noticed {
                self.notice_again(set);
            }
            return Stated::Known(template, numbers);
        }
        if !templates.borrow_mut().meet(&identity) {
            return Stated::Plain(self.formula(formula, Polarity::Asserted));
        }
        let base = self.n_vars;
        self.symbols.record();
        let term = self.formula(formula, Polarity::Asserted);
        let Some((touched, noticed)) = self.symbols.recorded() else { return Stated::Plain(term) };
        let n_vars = self.n_vars - base;
        let formula = formula.clone();
        Stated::New(term, Box::new(Recording { identity, formula, touched, noticed, base, n_vars }))
    }

    pub(super) fn formula(&mut self, e: &Expr, polarity: Polarity) -> Term {
        use ExprKind as K;
        match &e.kind {
            K::Bool(value) => Term::Bool(*value),
            K::Not(inner) => not(self.formula(inner, polarity.flip())),
            K::And(items) => Term::And(items.iter().map(|item| self.formula(item, polarity)).collect()),
            K::Or(items) => Term::Or(items.iter().map(|item| self.formula(item, polarity)).collect()),
            K::Implies(premise, conclusion) => {
                implies(self.formula(premise, polarity.flip()), self.formula(conclusion, polarity))
            }
            K::Iff(left, right) => {
                equal(self.formula(left, Polarity::Both), self.formula(right, Polarity::Both))
            }
            K::If(condition, then, otherwise) => Term::Ite(
                Box::new(self.formula(condition, Polarity::Both)),
                Box::new(self.formula(then, polarity)),
                Box::new(self.formula(otherwise, polarity)),
            ),
            K::Quantifier(q, binders, body) => self.quantifier(*q, binders, body, polarity),
            K::In(element, set) => {
                let terms = self.term(element);
                self.membership(&element.sort, &terms, set, polarity)
            }
            K::Equal(left, right) => self.equality(left, right, polarity),
            K::IsFinite(set) => self.finite(set),
            K::IsSequence(function) => self.is_sequence(function),
            K::Compare(op, left, right) => {
                let (left, right) = (Box::new(self.one(left)), Box::new(self.one(right)));
                match op {
                    Comparison::Less => Term::Lt(left, right),
                    Comparison::LessEqual => Term::Le(left, right),
                }
            }
            K::SubsetEq(..) | K::Unchanged(_) | K::ActionBox(..) => {
                let rewritten = rewrite_closed(self.program, e);
                if matches!(rewritten.kind, K::SubsetEq(..) | K::Unchanged(_) | K::ActionBox(..)) {
                    self.one_of(e)
                } else {
                    self.formula(&rewritten, polarity)
                }
            }
            _ => self.one_of(e),
        }
    }

    fn one_of(&mut self, e: &Expr) -> Term {
        self.term_of(e).into_iter().next().unwrap_or(Term::Bool(true))
    }

    fn quantifier(&mut self, q: Quantifier, binders: &[Binder], body: &Expr, polarity: Polarity) -> Term {
        if let (Quantifier::Forall, [binder]) = (q, binders) {
            self.notice(binder, body);
        }
        let guard_polarity = if q == Quantifier::Forall { polarity.flip() } else { polarity };
        let locals: Vec<LocalId> = binders.iter().map(|binder| binder.local).collect();
        let (vars, (mut guards, body)) = self.binding(&locals, |this| {
            let mut guards = Vec::new();
            for binder in binders {
                if let Some(domain) = &binder.domain {
                    let element = this.local(binder.local);
                    let sort = this.program.sort_of(binder.local);
                    guards.push(this.membership(&sort, &element, domain, guard_polarity));
                }
            }
            (guards, this.formula(body, polarity))
        });
        let body = match (q, guards.is_empty()) {
            (_, true) => body,
            (Quantifier::Forall, false) => implies(Term::And(guards), body),
            (Quantifier::Exists, false) => {
                guards.push(body);
                Term::And(guards)
            }
        };
        Self::quant(q == Quantifier::Forall, vars, body)
    }

    // Terms.

    fn one(&mut self, e: &Expr) -> Term {
        self.term(e).into_iter().next().unwrap_or(Term::Bool(true))
    }

    fn ite(condition: &Term, then: Vec<Term>, otherwise: Vec<Term>) -> Vec<Term> {
        then.into_iter()
            .zip(otherwise)
            .map(|(then, otherwise)| {
                Term::Ite(Box::new(condition.clone()), Box::new(then), Box::new(otherwise))
            })
            .collect()
    }

    /// The components of an expression's value.
    fn term(&mut self, e: &Expr) -> Vec<Term> {
        if e.sort == Sort::Bool {
            return vec![self.formula(e, Polarity::Both)];
        }
        self.term_of(e)
    }

    fn term_of(&mut self, e: &Expr) -> Vec<Term> {
        use ExprKind as K;
        match &e.kind {
            K::Int(value) => vec![Term::Int(*value)],
            K::Str(text) => vec![self.string(text)],
            K::Local(id) => self.local(*id),
            K::Constant(id) => match &e.sort {
                Sort::Set(_) | Sort::Function(..) => self.name(e),
                sort => {
                    let name = self.program.module.constants[*id].name.clone();
                    self.apply_symbols(&name, &[], &[], &sort.clone())
                }
            },
            K::Variable(id, at) => match &e.sort {
                Sort::Set(_) | Sort::Function(..) => self.name(e),
                sort => {
                    let name = self.variable_name(*id, *at);
                    self.apply_symbols(&name, &[], &[], &sort.clone())
                }
            },
            K::ConstantApply(id, args) => {
                let name = self.program.module.constants[*id].name.clone();
                self.apply_operator(&name, args, &e.sort)
            }
            K::Apply(operator, args, time) => {
                let name = levels::symbol(self.program, *operator, *time);
                self.apply_operator(&name, args, &e.sort)
            }
            K::If(condition, then, otherwise) => {
                let condition = self.formula(condition, Polarity::Both);
                let (then, otherwise) = (self.term(then), self.term(otherwise));
                Self::ite(&condition, then, otherwise)
            }
            K::Field(record, field) => match &record.sort {
                Sort::Record(id) => {
                    let id = *id;
                    let record = self.term(record);
                    self.field(id, *field, &record)
                }
                _ => self.unspecified(e),
            },
            K::Component(tuple, index) => {
                let Sort::Tuple(items) = tuple.sort.clone() else { return self.unspecified(e) };
                let from: usize = items[..*index].iter().map(|item| self.width(item)).sum();
                let width = self.width(&items[*index]);
                self.term(tuple)[from..from + width].to_vec()
            }
            K::Tuple(items) => items.iter().flat_map(|item| self.term(item)).collect(),
            K::Record(id, _, values) if self.single_shape(*id).is_some() => {
                values.iter().flat_map(|value| self.term(value)).collect()
            }
            K::FieldUpdate(record, field, value) => self.field_update(record, *field, value, e),
            K::Index(function, argument) => self.application(function, argument, e),
            K::Cardinality(set) => vec![self.cardinality(set)],
            K::Len(function) => vec![self.length(function)],
            K::Arithmetic(op, left, right) => vec![self.arithmetic(*op, left, right, e)],
            K::Negate(inner) => {
                let inner = self.one(inner);
                vec![Term::Arith(ArithOp::Sub, Box::new(Term::Int(0)), Box::new(inner))]
            }
            _ => self.name(e),
        }
    }

    fn apply_operator(&mut self, name: &str, args: &[Expr], result: &Sort) -> Vec<Term> {
        let sorts: Vec<Sort> = args.iter().map(|arg| arg.sort.clone()).collect();
        let terms: Vec<Term> = args.iter().flat_map(|arg| self.term(arg)).collect();
        self.apply_symbols(name, &sorts, &terms, result)
    }

    fn field_update(&mut self, record: &Expr, field: usize, value: &Expr, e: &Expr) -> Vec<Term> {
        let Sort::Record(id) = record.sort else { return self.unspecified(e) };
        let Some(fields) = self.single_shape(id) else { return self.unspecified(e) };
        let old = self.term(record);
        fields
            .iter()
            .flat_map(|own| if *own == field { self.term(value) } else { self.field(id, *own, &old) })
            .collect()
    }

    fn application(&mut self, function: &Expr, argument: &Expr, e: &Expr) -> Vec<Term> {
        use ExprKind as K;
        let Sort::Function(from, to) = function.sort.clone() else { return self.unspecified(e) };
        let index = self.term(argument);
        match &function.kind {
            K::Except(base, at, value) => {
                let inside = self.in_domain(&from, &index, base);
                let at = self.term(at);
                let here = self.components_equal(&from, &index, &at, Polarity::Both);
                let new = self.term(value);
                let old = Expr::new(K::Index(base.clone(), argument.clone()), e.sort.clone(), e.span);
                let old = self.term(&old);
                let outside = self.unspecified(e);
                Self::ite(&inside, Self::ite(&here, new, old), outside)
            }
            K::Function(binder, body) => {
                let inside = self.in_domain(&from, &index, function);
                let value = self.with_local(binder.local, &index, |this| this.term(body));
                let outside = self.unspecified(e);
                Self::ite(&inside, value, outside)
            }
            K::Sequence(items) => {
                let inside = Self::in_literal(&index, items.len());
                let outside = self.unspecified(e);
                match self.item(&index, items) {
                    Some(value) => Self::ite(&inside, value, outside),
                    None => outside,
                }
            }
            K::If(condition, then, otherwise) => {
                let of =
                    |part: &Expr| Expr::new(K::Index(part.clone(), argument.clone()), e.sort.clone(), e.span);
                let condition = self.formula(condition, Polarity::Both);
                let (then, otherwise) = (self.term(&of(then)), self.term(&of(otherwise)));
                Self::ite(&condition, then, otherwise)
            }
            _ => self.apply_function(&from, &to, &index, function),
        }
    }
}
