//! Expressions to terms: see the encoding in [`super`].

use std::collections::BTreeMap;

use indexmap::IndexMap;
use lang::ids::Id;
use lang::sort::{RecordId, Sort};
use lang::typed::{Arithmetic, Binder, BuiltinSet, Comparison, Expr, ExprKind, LocalId, Quantifier, Time};

use super::is_element;
use crate::alpha::{Key, key_with};
use crate::expr;
use crate::program::Program;
use crate::rewrite::rewrite_closed;
use crate::vc::{ArithOp, Quant, Symbol, SymbolId, Term, VarId, Vc, VcSort, VcSortId};

/// How the names of described values begin.
pub(super) const NAME: &str = "name!";

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
    symbols: IndexMap<String, SymbolId>,
    sorts: IndexMap<String, VcSortId>,
    /// Bound names are variables, rigid names constants.
    env: BTreeMap<LocalId, Vec<Term>>,
    bound: Vec<LocalId>,
    n_vars: usize,
    named: BTreeMap<(Key, Sort), usize>,
    strings: Vec<SymbolId>,
    /// Defining axioms of names, not yet labelled.
    axioms: Vec<(String, Term)>,
    /// Names of sets that depend on nothing bound, with the sorts of their elements.
    closed_sets: Vec<(Sort, Term)>,
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
    pub(super) fn new(program: &'p Program) -> Self {
        Self {
            program,
            vc: Vc::default(),
            symbols: IndexMap::new(),
            sorts: IndexMap::new(),
            env: BTreeMap::new(),
            bound: Vec::new(),
            n_vars: 0,
            named: BTreeMap::new(),
            strings: Vec::new(),
            axioms: Vec::new(),
            closed_sets: Vec::new(),
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
    pub(super) fn flush(&mut self, tier: u8, into: &mut Vec<(String, u8, Term)>) {
        for (label, axiom) in self.axioms.drain(..) {
            into.push((label, tier, axiom));
        }
    }

    /// Different strings are different.
    pub(super) fn strings_differ(&self) -> Option<Term> {
        if self.strings.len() < 2 {
            return None;
        }
        Some(Term::Distinct(self.strings.iter().map(|id| Term::App(*id, Vec::new())).collect()))
    }

    // Sorts.

    fn single_shape(&self, id: RecordId) -> Option<Vec<usize>> {
        let record = &self.program.module.sorts.records[id];
        match record.shapes.as_slice() {
            [only] => Some(only.clone()),
            _ => None,
        }
    }

    /// The components of a sort that have one SMT sort each.
    fn components(&self, sort: &Sort) -> Vec<Sort> {
        match sort {
            Sort::Tuple(items) => items.iter().flat_map(|item| self.components(item)).collect(),
            Sort::Record(id) => match self.single_shape(*id) {
                Some(fields) => {
                    let record = &self.program.module.sorts.records[*id];
                    fields.iter().flat_map(|field| self.components(&record.fields[*field].sort)).collect()
                }
                None => vec![sort.clone()],
            },
            Sort::Bool
            | Sort::Int
            | Sort::Str
            | Sort::Uninterpreted(_)
            | Sort::Set(_)
            | Sort::Function(..) => {
                vec![sort.clone()]
            }
        }
    }

    fn sort_name(&self, sort: &Sort) -> String {
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

    fn vc_sort(&mut self, component: &Sort) -> VcSort {
        match component {
            Sort::Bool => VcSort::Bool,
            Sort::Int => VcSort::Int,
            _ => {
                let name = self.sort_name(component);
                if let Some(id) = self.sorts.get(&name) {
                    return VcSort::Uninterpreted(*id);
                }
                let id = self.vc.sorts.push(name.clone());
                self.sorts.insert(name, id);
                VcSort::Uninterpreted(id)
            }
        }
    }

    fn vc_sorts(&mut self, sort: &Sort) -> Vec<VcSort> {
        self.components(sort).iter().map(|component| self.vc_sort(component)).collect()
    }

    // Symbols.

    fn symbol(&mut self, name: String, args: Vec<VcSort>, result: VcSort) -> SymbolId {
        if let Some(id) = self.symbols.get(&name) {
            return *id;
        }
        let id = self.vc.symbols.push(Symbol { name: name.clone(), args, result });
        self.symbols.insert(name, id);
        id
    }

    /// One application for each component of the result sort.
    fn apply_symbols(&mut self, name: &str, arg_sorts: &[Sort], args: &[Term], result: &Sort) -> Vec<Term> {
        let arg_sorts: Vec<VcSort> = arg_sorts.iter().flat_map(|sort| self.vc_sorts(sort)).collect();
        let components = self.components(result);
        let n_components = components.len();
        components
            .iter()
            .enumerate()
            .map(|(position, component)| {
                let own = if n_components == 1 { name.to_owned() } else { format!("{name}/{position}") };
                let result = self.vc_sort(component);
                let id = self.symbol(own, arg_sorts.clone(), result);
                Term::App(id, args.to_vec())
            })
            .collect()
    }

    fn predicate(&mut self, name: &str, arg_sorts: &[Sort], args: Vec<Term>) -> Term {
        let arg_sorts = arg_sorts.iter().flat_map(|sort| self.vc_sorts(sort)).collect();
        let id = self.symbol(name.to_owned(), arg_sorts, VcSort::Bool);
        Term::App(id, args)
    }

    fn member(&mut self, element_sort: &Sort, element: &[Term], set: Term) -> Term {
        let name = format!("in:{}", self.sort_name(element_sort));
        let mut args = element.to_vec();
        args.push(set);
        self.predicate(&name, &[element_sort.clone(), Sort::Set(element_sort.clone().into())], args)
    }

    fn string(&mut self, text: &str) -> Term {
        let result = self.vc_sort(&Sort::Str);
        let id = self.symbol(format!("string:{text}"), Vec::new(), result);
        if !self.strings.contains(&id) {
            self.strings.push(id);
        }
        Term::App(id, Vec::new())
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
        let saved_env = self.env.clone();
        let depth = self.bound.len();
        let mut vars = Vec::new();
        for local in locals {
            let sort = self.program.local(*local).sort;
            let own = self.fresh_vars(&sort);
            self.env.insert(*local, own.iter().map(|(id, _)| Term::Var(*id)).collect());
            self.bound.push(*local);
            vars.extend(own);
        }
        let result = body(self);
        self.env = saved_env;
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
        let symbol = self.program.local(id);
        self.apply_symbols(&format!("{}#{}", symbol.name, id.index()), &[], &[], &symbol.sort)
    }

    // Formulas.

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
            K::IsFinite(set) => {
                let name = format!("finite:{}", self.sort_name(&set.sort));
                let element = self.one(set);
                self.predicate(&name, std::slice::from_ref(&set.sort), vec![element])
            }
            K::Compare(op, left, right) => {
                let (left, right) = (Box::new(self.one(left)), Box::new(self.one(right)));
                match op {
                    Comparison::Less => Term::Lt(left, right),
                    Comparison::LessEqual => Term::Le(left, right),
                }
            }
            K::SubsetEq(..) | K::Unchanged(_) => {
                let rewritten = rewrite_closed(self.program, e);
                if matches!(rewritten.kind, K::SubsetEq(..) | K::Unchanged(_)) {
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
        let guard_polarity = if q == Quantifier::Forall { polarity.flip() } else { polarity };
        let locals: Vec<LocalId> = binders.iter().map(|binder| binder.local).collect();
        let (vars, (mut guards, body)) = self.binding(&locals, |this| {
            let mut guards = Vec::new();
            for binder in binders {
                if let Some(domain) = &binder.domain {
                    let element = this.local(binder.local);
                    let sort = this.program.local(binder.local).sort;
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

    // Membership.

    fn membership(&mut self, sort: &Sort, element: &[Term], set: &Expr, polarity: Polarity) -> Term {
        use ExprKind as K;
        match &set.kind {
            K::Variable(id, at) => {
                let name = self.variable_name(*id, *at);
                self.predicate(&name, std::slice::from_ref(sort), element.to_vec())
            }
            K::Constant(id) => {
                let name = self.program.module.constants[*id].name.clone();
                self.predicate(&name, std::slice::from_ref(sort), element.to_vec())
            }
            K::SetEnum(items) => Term::Or(
                items.iter().map(|item| self.element_equality(sort, element, item, polarity)).collect(),
            ),
            K::Union(left, right) => Term::Or(vec![
                self.membership(sort, element, left, polarity),
                self.membership(sort, element, right, polarity),
            ]),
            K::Intersect(left, right) => Term::And(vec![
                self.membership(sort, element, left, polarity),
                self.membership(sort, element, right, polarity),
            ]),
            K::Minus(left, right) => Term::And(vec![
                self.membership(sort, element, left, polarity),
                not(self.membership(sort, element, right, polarity.flip())),
            ]),
            K::SetFilter(binder, body) => {
                let mut parts = Vec::new();
                if let Some(domain) = &binder.domain {
                    parts.push(self.membership(sort, element, domain, polarity));
                }
                parts.push(self.with_local(binder.local, element, |this| this.formula(body, polarity)));
                Term::And(parts)
            }
            K::SetMap(image, binders) => {
                let locals: Vec<LocalId> = binders.iter().map(|binder| binder.local).collect();
                let (vars, body) = self.binding(&locals, |this| {
                    let mut parts = Vec::new();
                    for binder in binders {
                        if let Some(domain) = &binder.domain {
                            let own = this.local(binder.local);
                            let own_sort = this.program.local(binder.local).sort;
                            parts.push(this.membership(&own_sort, &own, domain, polarity));
                        }
                    }
                    parts.push(this.element_equality(sort, element, image, polarity));
                    Term::And(parts)
                });
                Self::quant(false, vars, body)
            }
            K::Powerset(of) => {
                let Sort::Set(inner) = sort else { return Term::Bool(true) };
                let Some(own) = element.first().cloned() else { return Term::Bool(true) };
                let vars = self.fresh_vars(inner);
                let terms: Vec<Term> = vars.iter().map(|(id, _)| Term::Var(*id)).collect();
                let premise = self.member(inner, &terms, own);
                let conclusion = self.membership(inner, &terms, of, polarity);
                Self::quant(true, vars, implies(premise, conclusion))
            }
            K::BigUnion(of) => {
                let set_sort = Sort::Set(sort.clone().into());
                let vars = self.fresh_vars(&set_sort);
                let own: Vec<Term> = vars.iter().map(|(id, _)| Term::Var(*id)).collect();
                let outer = self.membership(&set_sort, &own, of, polarity);
                let inner = own.first().cloned().map(|own| self.member(sort, element, own));
                Self::quant(false, vars, Term::And([Some(outer), inner].into_iter().flatten().collect()))
            }
            K::Range(low, high) => {
                let Some(own) = element.first().cloned() else { return Term::Bool(true) };
                let (low, high) = (self.one(low), self.one(high));
                Term::And(vec![
                    Term::Le(Box::new(low), Box::new(own.clone())),
                    Term::Le(Box::new(own), Box::new(high)),
                ])
            }
            K::Builtin(BuiltinSet::Nat) => {
                let own = element.first().cloned().unwrap_or(Term::Int(0));
                Term::Le(Box::new(Term::Int(0)), Box::new(own))
            }
            K::Builtin(BuiltinSet::Int | BuiltinSet::Boolean | BuiltinSet::String) => Term::Bool(true),
            K::RecordSet(id, shape, sets) => {
                let fields = self.program.module.sorts.records[*id].shapes[*shape].clone();
                let mut parts = Vec::new();
                if self.single_shape(*id).is_none() {
                    parts.push(self.has_domain(*id, *shape, element));
                }
                for (field, set) in fields.iter().zip(sets) {
                    let field_sort = self.program.module.sorts.records[*id].fields[*field].sort.clone();
                    let value = self.field(*id, *field, element);
                    parts.push(self.membership(&field_sort, &value, set, polarity));
                }
                Term::And(parts)
            }
            K::Product(sets) => {
                let Sort::Tuple(items) = sort else { return Term::Bool(true) };
                let mut parts = Vec::new();
                let mut from = 0;
                for (item, set) in items.iter().zip(sets) {
                    let width = self.components(item).len();
                    parts.push(self.membership(item, &element[from..from + width], set, polarity));
                    from += width;
                }
                Term::And(parts)
            }
            K::FunctionSet(domain, range) => {
                let (Sort::Function(from, to), Some(own)) = (sort, element.first().cloned()) else {
                    return Term::Bool(true);
                };
                let vars = self.fresh_vars(from);
                let argument: Vec<Term> = vars.iter().map(|(id, _)| Term::Var(*id)).collect();
                let own_domain = self.in_domain_of(from, to, &argument, own.clone());
                let in_domain = self.membership(from, &argument, domain, Polarity::Both);
                let same = equal(own_domain, in_domain.clone());
                let value = self.apply_element(from, to, &argument, own);
                let typed = implies(in_domain, self.membership(to, &value, range, polarity));
                Self::quant(true, vars, Term::And(vec![same, typed]))
            }
            K::If(condition, then, otherwise) => Term::Ite(
                Box::new(self.formula(condition, Polarity::Both)),
                Box::new(self.membership(sort, element, then, polarity)),
                Box::new(self.membership(sort, element, otherwise, polarity)),
            ),
            K::Domain(function) => self.in_domain(sort, element, function),
            K::Index(function, argument)
                if matches!(function.kind, K::Function(..) | K::Except(..) | K::If(..)) =>
            {
                self.membership_of_application(sort, element, function, argument, set, polarity)
            }
            _ => {
                let set = self.one(set);
                self.member(sort, element, set)
            }
        }
    }

    /// `x \in [f EXCEPT ![i] = S][j]`, pushed through the update.
    fn membership_of_application(
        &mut self,
        sort: &Sort,
        element: &[Term],
        function: &Expr,
        argument: &Expr,
        whole: &Expr,
        polarity: Polarity,
    ) -> Term {
        use ExprKind as K;
        let index = self.term(argument);
        match &function.kind {
            K::Except(base, at, value) => {
                let inside = self.in_domain(&argument.sort, &index, base);
                let at = self.term(at);
                let here = self.components_equal(&argument.sort, &index, &at, Polarity::Both);
                let new = self.membership(sort, element, value, polarity);
                let old = Expr::new(K::Index(base.clone(), argument.clone()), whole.sort.clone(), whole.span);
                let old = self.membership(sort, element, &old, polarity);
                let unspecified = self.unspecified(whole);
                let outside = unspecified.first().cloned().map(|set| self.member(sort, element, set));
                Term::Ite(
                    Box::new(inside),
                    Box::new(Term::Ite(Box::new(here), Box::new(new), Box::new(old))),
                    Box::new(outside.unwrap_or(Term::Bool(true))),
                )
            }
            K::Function(binder, body) => {
                let inside = self.in_domain(&argument.sort, &index, function);
                let value = self
                    .with_local(binder.local, &index, |this| this.membership(sort, element, body, polarity));
                let unspecified = self.unspecified(whole);
                let outside = unspecified.first().cloned().map(|set| self.member(sort, element, set));
                Term::Ite(Box::new(inside), Box::new(value), Box::new(outside.unwrap_or(Term::Bool(true))))
            }
            _ => {
                let set = self.term(whole).into_iter().next();
                set.map_or(Term::Bool(true), |set| self.member(sort, element, set))
            }
        }
    }

    fn with_local<T>(&mut self, local: LocalId, value: &[Term], body: impl FnOnce(&mut Self) -> T) -> T {
        let saved = self.env.insert(local, value.to_vec());
        let was_bound = self.bound.contains(&local);
        if !was_bound {
            self.bound.push(local);
        }
        let result = body(self);
        if !was_bound {
            self.bound.retain(|bound| *bound != local);
        }
        match saved {
            Some(saved) => self.env.insert(local, saved),
            None => self.env.remove(&local),
        };
        result
    }

    // Equality.

    fn equality(&mut self, left: &Expr, right: &Expr, polarity: Polarity) -> Term {
        match &left.sort {
            Sort::Set(inner) if !(is_element(left) && is_element(right)) => {
                let vars = self.fresh_vars(inner);
                let element: Vec<Term> = vars.iter().map(|(id, _)| Term::Var(*id)).collect();
                let in_left = self.membership(inner, &element, left, Polarity::Both);
                let in_right = self.membership(inner, &element, right, Polarity::Both);
                Self::quant(true, vars, equal(in_left, in_right))
            }
            Sort::Function(from, to) if !(is_element(left) && is_element(right)) => {
                let vars = self.fresh_vars(from);
                let argument: Vec<Term> = vars.iter().map(|(id, _)| Term::Var(*id)).collect();
                let inside = self.in_domain(from, &argument, left);
                let same_domain = equal(inside.clone(), self.in_domain(from, &argument, right));
                let value_left = self.apply_function(from, to, &argument, left);
                let value_right = self.apply_function(from, to, &argument, right);
                let same = self.components_equal(to, &value_left, &value_right, polarity);
                Self::quant(true, vars, Term::And(vec![same_domain, implies(inside, same)]))
            }
            sort => {
                let sort = sort.clone();
                if matches!(left.kind, ExprKind::Record(..)) {
                    let element = self.term(right);
                    return self.element_equality(&sort, &element, left, polarity);
                }
                let element = self.term(left);
                self.element_equality(&sort, &element, right, polarity)
            }
        }
    }

    /// An element equals the value of an expression; a record literal is compared field by field.
    fn element_equality(&mut self, sort: &Sort, element: &[Term], to: &Expr, polarity: Polarity) -> Term {
        if let (Sort::Record(id), ExprKind::Record(_, shape, values)) = (sort, &to.kind)
            && self.single_shape(*id).is_none()
        {
            let fields = self.program.module.sorts.records[*id].shapes[*shape].clone();
            let mut parts = vec![self.has_domain(*id, *shape, element)];
            for (field, value) in fields.iter().zip(values) {
                let own = self.field(*id, *field, element);
                parts.push(self.element_equality(&value.sort.clone(), &own, value, polarity));
            }
            return Term::And(parts);
        }
        let other = self.term(to);
        self.components_equal(sort, element, &other, polarity)
    }

    fn components_equal(&mut self, sort: &Sort, left: &[Term], right: &[Term], polarity: Polarity) -> Term {
        let components = self.components(sort);
        let parts = components
            .iter()
            .zip(left.iter().zip(right))
            .map(|(component, (left, right))| self.component_equal(component, left, right, polarity))
            .collect();
        Term::And(parts)
    }

    /// Equality of elements; where it is to be proved, equal contents suffice.
    fn component_equal(&mut self, sort: &Sort, left: &Term, right: &Term, polarity: Polarity) -> Term {
        let plain = equal(left.clone(), right.clone());
        if polarity == Polarity::Asserted {
            return plain;
        }
        let contents = match sort {
            Sort::Set(inner) => {
                let vars = self.fresh_vars(inner);
                let element: Vec<Term> = vars.iter().map(|(id, _)| Term::Var(*id)).collect();
                let in_left = self.member(inner, &element, left.clone());
                let in_right = self.member(inner, &element, right.clone());
                Self::quant(true, vars, equal(in_left, in_right))
            }
            Sort::Function(from, to) => {
                let vars = self.fresh_vars(from);
                let argument: Vec<Term> = vars.iter().map(|(id, _)| Term::Var(*id)).collect();
                let inside = self.in_domain_of(from, to, &argument, left.clone());
                let same_domain =
                    equal(inside.clone(), self.in_domain_of(from, to, &argument, right.clone()));
                let value_left = self.apply_element(from, to, &argument, left.clone());
                let value_right = self.apply_element(from, to, &argument, right.clone());
                let same = self.components_equal(to, &value_left, &value_right, Polarity::Asserted);
                Self::quant(true, vars, Term::And(vec![same_domain, implies(inside, same)]))
            }
            Sort::Record(id) => self.same_contents(*id, left, right),
            Sort::Bool | Sort::Int | Sort::Str | Sort::Uninterpreted(_) | Sort::Tuple(_) => return plain,
        };
        Term::Or(vec![plain, contents])
    }

    /// Two records of the same domain with the same value, at each sort that it might have, in each field.
    fn same_contents(&mut self, id: RecordId, left: &Term, right: &Term) -> Term {
        let record = self.program.module.sorts.records[id].clone();
        let mut cases = Vec::new();
        for shape in 0..record.shapes.len() {
            let names: Vec<&str> =
                record.shapes[shape].iter().map(|field| record.fields[*field].name.as_str()).collect();
            let mut parts = vec![
                self.has_domain(id, shape, std::slice::from_ref(left)),
                self.has_domain(id, shape, std::slice::from_ref(right)),
            ];
            for (field, of) in record.fields.iter().enumerate() {
                if names.contains(&of.name.as_str()) {
                    let value_left = self.field(id, field, std::slice::from_ref(left));
                    let value_right = self.field(id, field, std::slice::from_ref(right));
                    parts.push(self.components_equal(
                        &of.sort,
                        &value_left,
                        &value_right,
                        Polarity::Asserted,
                    ));
                }
            }
            cases.push(Term::And(parts));
        }
        Term::Or(cases)
    }

    // Records.

    /// Shapes with the same field names have the same domain, whatever the sorts of their fields.
    fn domain_number(&self, id: RecordId, shape: usize) -> i128 {
        let record = &self.program.module.sorts.records[id];
        let names = |shape: &[usize]| {
            let mut names: Vec<&str> =
                shape.iter().map(|field| record.fields[*field].name.as_str()).collect();
            names.sort_unstable();
            names
        };
        let own = names(&record.shapes[shape]);
        let first = record.shapes.iter().position(|other| names(other) == own).unwrap_or(shape);
        i128::try_from(first).unwrap_or(0)
    }

    fn has_domain(&mut self, id: RecordId, shape: usize, record: &[Term]) -> Term {
        let result = self.vc_sort(&Sort::Int);
        let arg = self.vc_sort(&Sort::Record(id));
        let symbol = self.symbol(format!("domain:Record{}", id.index()), vec![arg], result);
        let domain = equal(Term::App(symbol, record.to_vec()), Term::Int(self.domain_number(id, shape)));
        if !self.shares_names(id, shape) {
            return domain;
        }
        // Another shape has these fields at other sorts: `r \in [from : Int]` must not follow from `from`
        // being a field of `r`, whatever its sort.
        let own = format!("shape:Record{}.{shape}", id.index());
        let own = self.predicate(&own, &[Sort::Record(id)], record.to_vec());
        Term::And(vec![domain, own])
    }

    /// Whether another shape has the same field names.
    fn shares_names(&self, id: RecordId, shape: usize) -> bool {
        let n_shapes = self.program.module.sorts.records[id].shapes.len();
        let own = self.domain_number(id, shape);
        (0..n_shapes).any(|other| other != shape && self.domain_number(id, other) == own)
    }

    fn field(&mut self, id: RecordId, field: usize, record: &[Term]) -> Vec<Term> {
        let sorts = self.program.module.sorts.records[id].clone();
        if let Some(fields) = self.single_shape(id) {
            let mut from = 0;
            for own in fields {
                let width = self.components(&sorts.fields[own].sort).len();
                if own == field {
                    return record[from..from + width].to_vec();
                }
                from += width;
            }
        }
        let of = &sorts.fields[field];
        let name = format!(".{}:{}.{field}", of.name, id.index());
        self.apply_symbols(&name, &[Sort::Record(id)], record, &of.sort)
    }

    // Functions.

    fn variable_name(&self, id: lang::typed::VariableId, at: Time) -> String {
        let name = &self.program.module.variables[id].name;
        if at == Time::Next { format!("{name}'") } else { name.clone() }
    }

    fn in_domain_of(&mut self, from: &Sort, to: &Sort, argument: &[Term], function: Term) -> Term {
        let sort = Sort::Function(from.clone().into(), to.clone().into());
        let name = format!("DOMAIN:{}", self.sort_name(&sort));
        let mut args = argument.to_vec();
        args.push(function);
        self.predicate(&name, &[from.clone(), sort], args)
    }

    fn apply_element(&mut self, from: &Sort, to: &Sort, argument: &[Term], function: Term) -> Vec<Term> {
        let sort = Sort::Function(from.clone().into(), to.clone().into());
        let name = format!("apply:{}", self.sort_name(&sort));
        let mut args = argument.to_vec();
        args.push(function);
        self.apply_symbols(&name, &[from.clone(), sort], &args, to)
    }

    /// `x \in DOMAIN f`.
    fn in_domain(&mut self, sort: &Sort, element: &[Term], function: &Expr) -> Term {
        use ExprKind as K;
        match &function.kind {
            K::Variable(id, at) => {
                let name = format!("DOMAIN {}", self.variable_name(*id, *at));
                self.predicate(&name, std::slice::from_ref(sort), element.to_vec())
            }
            K::Constant(id) => {
                let name = format!("DOMAIN {}", self.program.module.constants[*id].name);
                self.predicate(&name, std::slice::from_ref(sort), element.to_vec())
            }
            K::Function(binder, _) => match &binder.domain {
                Some(domain) => self.membership(sort, element, domain, Polarity::Both),
                None => Term::Bool(true),
            },
            K::Except(base, _, _) => self.in_domain(sort, element, base),
            K::If(condition, then, otherwise) => Term::Ite(
                Box::new(self.formula(condition, Polarity::Both)),
                Box::new(self.in_domain(sort, element, then)),
                Box::new(self.in_domain(sort, element, otherwise)),
            ),
            _ => {
                let Sort::Function(from, to) = function.sort.clone() else { return Term::Bool(true) };
                let function = self.one(function);
                self.in_domain_of(&from, &to, element, function)
            }
        }
    }

    /// `f[x]` for an argument in terms.
    fn apply_function(&mut self, from: &Sort, to: &Sort, argument: &[Term], function: &Expr) -> Vec<Term> {
        use ExprKind as K;
        match &function.kind {
            K::Variable(id, at) => {
                let name = self.variable_name(*id, *at);
                self.apply_symbols(&name, std::slice::from_ref(from), argument, to)
            }
            K::Constant(id) => {
                let name = self.program.module.constants[*id].name.clone();
                self.apply_symbols(&name, std::slice::from_ref(from), argument, to)
            }
            _ => {
                let element = self.one(function);
                self.apply_element(from, to, argument, element)
            }
        }
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
                let definition = &self.program.module.operators[*operator];
                let prime = if *time == Time::Next { "'" } else { "" };
                let name = format!("{}@{}{prime}", definition.name, operator.index());
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
                let from: usize = items[..*index].iter().map(|item| self.components(item).len()).sum();
                let width = self.components(&items[*index]).len();
                self.term(tuple)[from..from + width].to_vec()
            }
            K::Tuple(items) => items.iter().flat_map(|item| self.term(item)).collect(),
            K::Record(id, _, values) if self.single_shape(*id).is_some() => {
                values.iter().flat_map(|value| self.term(value)).collect()
            }
            K::FieldUpdate(record, field, value) => self.field_update(record, *field, value, e),
            K::Index(function, argument) => self.application(function, argument, e),
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

    /// TLA+ defines `\div` and `%` for positive divisors, where they are those of SMT-LIB.
    fn arithmetic(&mut self, op: Arithmetic, left: &Expr, right: &Expr, e: &Expr) -> Term {
        let (a, b) = (self.one(left), self.one(right));
        let plain = |op, a, b| Term::Arith(op, Box::new(a), Box::new(b));
        let smt = match op {
            Arithmetic::Add => return plain(ArithOp::Add, a, b),
            Arithmetic::Subtract => return plain(ArithOp::Sub, a, b),
            Arithmetic::Multiply => return plain(ArithOp::Mul, a, b),
            Arithmetic::Divide => ArithOp::Div,
            Arithmetic::Modulo => ArithOp::Mod,
        };
        let defined = Term::Lt(Box::new(Term::Int(0)), Box::new(b.clone()));
        let unspecified = self.unspecified(e).into_iter().next().unwrap_or(Term::Int(0));
        Term::Ite(Box::new(defined), Box::new(plain(smt, a, b)), Box::new(unspecified))
    }

    // Names.

    /// The bound names that occur in an expression, which its name is a function of.
    fn parameters(&self, e: &Expr) -> Vec<LocalId> {
        expr::free_locals(e).into_iter().filter(|id| self.bound.contains(id)).collect()
    }

    fn name_symbols(&mut self, prefix: &str, e: &Expr) -> (Vec<Term>, Vec<LocalId>, String, bool) {
        let parameters = self.parameters(e);
        let key = (key_with(e, &parameters), e.sort.clone());
        let fresh = !self.named.contains_key(&key);
        let next = self.named.len();
        let number = *self.named.entry(key).or_insert(next);
        let name = format!("{prefix}{number}");
        let sorts: Vec<Sort> = parameters.iter().map(|id| self.program.local(*id).sort).collect();
        let args: Vec<Term> = parameters.iter().flat_map(|id| self.local(*id)).collect();
        let terms = self.apply_symbols(&name, &sorts, &args, &e.sort);
        (terms, parameters, name, fresh)
    }

    /// A value about which nothing is said, the same for the same description.
    fn unspecified(&mut self, e: &Expr) -> Vec<Term> {
        self.name_symbols("unspecified!", e).0
    }

    /// A name for a value, with its defining property.
    fn name(&mut self, e: &Expr) -> Vec<Term> {
        let (terms, parameters, name, fresh) = self.name_symbols(NAME, e);
        if fresh {
            // The axiom speaks of all values of the parameters; outer bindings do not concern it.
            let saved = std::mem::take(&mut self.bound);
            let (vars, body) = self.binding(&parameters, |this| this.defining(e));
            self.bound = saved;
            if let (Sort::Set(element), true, [own]) = (&e.sort, parameters.is_empty(), terms.as_slice()) {
                self.closed_sets.push((element.as_ref().clone(), own.clone()));
            }
            if let Some(body) = body {
                self.axioms.push((format!("definition:{name}"), Self::quant(true, vars, body)));
            }
        }
        terms
    }

    fn defining(&mut self, e: &Expr) -> Option<Term> {
        use ExprKind as K;
        let own = self.name_symbols(NAME, e).0;
        match (&e.kind, &e.sort) {
            (K::Choose(binder, body), _) => Some(self.choice(&own, binder, body)),
            (K::Record(id, shape, values), _) => {
                let fields = self.program.module.sorts.records[*id].shapes[*shape].clone();
                let mut parts = vec![self.has_domain(*id, *shape, &own)];
                for (field, value) in fields.iter().zip(values) {
                    let stored = self.field(*id, *field, &own);
                    let value_terms = self.term(value);
                    parts.push(self.components_equal(&value.sort, &stored, &value_terms, Polarity::Asserted));
                }
                Some(Term::And(parts))
            }
            (_, Sort::Set(inner)) => {
                let vars = self.fresh_vars(inner);
                let element: Vec<Term> = vars.iter().map(|(id, _)| Term::Var(*id)).collect();
                let member = self.member(inner, &element, own.first().cloned()?);
                let described = self.membership(inner, &element, e, Polarity::Both);
                Some(Self::quant(true, vars, equal(member, described)))
            }
            (_, Sort::Function(from, to)) => {
                let function = own.first().cloned()?;
                let vars = self.fresh_vars(from);
                let argument: Vec<Term> = vars.iter().map(|(id, _)| Term::Var(*id)).collect();
                let inside = self.in_domain_of(from, to, &argument, function.clone());
                let described = self.in_domain(from, &argument, e);
                let value = self.apply_element(from, to, &argument, function);
                let described_value = self.value_at(from, to, &argument, e)?;
                let same = self.components_equal(to, &value, &described_value, Polarity::Asserted);
                let body = Term::And(vec![equal(inside.clone(), described), implies(inside, same)]);
                Some(Self::quant(true, vars, body))
            }
            _ => None,
        }
    }

    /// The value of a described function at an argument of its domain.
    fn value_at(&mut self, from: &Sort, to: &Sort, argument: &[Term], function: &Expr) -> Option<Vec<Term>> {
        use ExprKind as K;
        match &function.kind {
            K::Function(binder, body) => {
                Some(self.with_local(binder.local, argument, |this| this.term(body)))
            }
            K::Except(base, at, value) => {
                let at = self.term(at);
                let here = self.components_equal(from, argument, &at, Polarity::Both);
                let new = self.term(value);
                let old = match &base.kind {
                    K::Function(..) | K::Except(..) => self.value_at(from, to, argument, base)?,
                    _ => self.apply_function(from, to, argument, base),
                };
                Some(Self::ite(&here, new, old))
            }
            K::Variable(..) | K::Constant(_) => Some(self.apply_function(from, to, argument, function)),
            _ => None,
        }
    }

    /// What is chosen has the property if anything has it. For sets the empty set is tried as a witness by
    /// rewriting: if it has the property, no solver need look for one.
    fn choice(&mut self, own: &[Term], binder: &Binder, body: &Expr) -> Term {
        let sort = self.program.local(binder.local).sort;
        let property = |this: &mut Self, element: &[Term], polarity| {
            let mut parts = Vec::new();
            if let Some(domain) = &binder.domain {
                parts.push(this.membership(&sort, element, domain, polarity));
            }
            parts.push(this.with_local(binder.local, element, |this| this.formula(body, polarity)));
            Term::And(parts)
        };
        let chosen = property(self, own, Polarity::Asserted);
        if let Sort::Set(_) = sort {
            let empty = Expr::new(ExprKind::SetEnum(Vec::new()), sort.clone(), body.span);
            let mut parts = vec![expr::substitute_one(self.program, body, binder.local, &empty)];
            parts.extend(binder.domain.iter().map(|domain| expr::is_in(&empty, domain)));
            let holds = rewrite_closed(self.program, &expr::and(parts, body.span));
            if expr::is_bool(&holds, true) {
                return chosen;
            }
        }
        let vars = self.fresh_vars(&sort);
        let element: Vec<Term> = vars.iter().map(|(id, _)| Term::Var(*id)).collect();
        let exists = property(self, &element, Polarity::Refuted);
        implies(Self::quant(false, vars, exists), chosen)
    }
}
