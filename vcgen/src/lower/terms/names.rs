//! Names for described values, with their defining properties, and `CHOOSE`.

use lang::sort::Sort;
use lang::typed::{Binder, Expr, ExprKind, LocalId};

use super::instances::Description;
use super::sequences::is_of_numbers;
use super::{Lowering, NAME, Polarity, equal, implies};
use crate::alpha::key_with;
use crate::expr;
use crate::rewrite::rewrite_closed;
use crate::vc::Term;

impl Lowering<'_> {
    /// The bound names that occur in an expression, which its name is a function of.
    pub(super) fn parameters(&self, e: &Expr) -> Vec<LocalId> {
        expr::free_locals(e).into_iter().filter(|id| self.bound.contains(id)).collect()
    }

    pub(super) fn name_symbols(&mut self, prefix: &str, e: &Expr) -> (Vec<Term>, Vec<LocalId>, String, bool) {
        self.symbols.depends();
        let parameters = self.parameters(e);
        let key = (key_with(e, &parameters), e.sort.clone());
        let fresh = !self.named.contains_key(&key);
        let next = self.named.len();
        let number = *self.named.entry(key).or_insert(next);
        let name = format!("{prefix}{number}");
        let sorts: Vec<Sort> = parameters.iter().map(|id| self.program.sort_of(*id)).collect();
        let args: Vec<Term> = parameters.iter().flat_map(|id| self.local(*id)).collect();
        let terms = self.apply_symbols(&name, &sorts, &args, &e.sort);
        (terms, parameters, name, fresh)
    }

    /// A value about which nothing is said, the same for the same description.
    pub(super) fn unspecified(&mut self, e: &Expr) -> Vec<Term> {
        self.name_symbols("unspecified!", e).0
    }

    /// A name for a value, with its defining property.
    pub(super) fn name(&mut self, e: &Expr) -> Vec<Term> {
        let (terms, parameters, name, fresh) = self.name_symbols(NAME, e);
        if fresh {
            // The axiom speaks of all values of the parameters; outer bindings do not concern it.
            let saved = std::mem::take(&mut self.bound);
            let (vars, body) = self.binding(&parameters, |this| this.defining(e));
            self.bound = saved;
            if let Sort::Set(_) = &e.sort {
                let (described, parameters) = (e.clone(), parameters.clone());
                self.descriptions.push(Description { described, parameters, name: name.clone() });
            }
            if let (Sort::Set(element), true, [own]) = (&e.sort, parameters.is_empty(), terms.as_slice()) {
                self.closed_sets.push((element.as_ref().clone(), own.clone()));
            }
            if let Some(body) = body {
                self.axioms.push((format!("definition:{name}"), Self::quant(true, vars, body)));
            }
        }
        terms
    }

    pub(super) fn defining(&mut self, e: &Expr) -> Option<Term> {
        use ExprKind as K;
        let own = self.name_symbols(NAME, e).0;
        match (&e.kind, &e.sort) {
            (K::Choose(binder, body), _) => Some(self.choice(&own, binder, body)),
            (K::Record(id, shape, values), _) => {
                let fields = &self.program.module.sorts.records[*id].shapes[*shape];
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
                let contents = Self::quant(true, vars, body);
                let length = if is_of_numbers(from) && self.has_lengths {
                    own.first().and_then(|own| self.named_length(own, e))
                } else {
                    None
                };
                Some(Term::And(std::iter::once(contents).chain(length).collect()))
            }
            _ => None,
        }
    }

    /// The value of a described function at an argument of its domain.
    pub(super) fn value_at(
        &mut self,
        from: &Sort,
        to: &Sort,
        argument: &[Term],
        function: &Expr,
    ) -> Option<Vec<Term>> {
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
            K::Sequence(items) => match self.item(argument, items) {
                Some(value) => Some(value),
                None => Some(self.apply_function(from, to, argument, function)),
            },
            K::Variable(..) | K::Constant(_) => Some(self.apply_function(from, to, argument, function)),
            _ => None,
        }
    }

    /// What is chosen has the property if anything has it. For sets the empty set is tried as a witness by
    /// rewriting: if it has the property, no solver need look for one.
    pub(super) fn choice(&mut self, own: &[Term], binder: &Binder, body: &Expr) -> Term {
        let sort = self.program.sort_of(binder.local);
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
