//! Membership in sets as they are described, without naming the set where it can be avoided.

use lang::sort::Sort;
use lang::typed::{BuiltinSet, Expr, ExprKind, LocalId};

use super::sequences::in_range;
use super::{Lowering, Polarity, equal, implies, not};
use crate::vc::Term;

impl Lowering<'_> {
    pub(super) fn membership(
        &mut self,
        sort: &Sort,
        element: &[Term],
        set: &Expr,
        polarity: Polarity,
    ) -> Term {
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
                            let own_sort = this.program.sort_of(binder.local);
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
                let fields = &self.program.module.sorts.records[*id].shapes[*shape];
                let mut parts = Vec::new();
                if self.single_shape(*id).is_none() {
                    parts.push(self.has_domain(*id, *shape, element));
                }
                for (field, set) in fields.iter().zip(sets) {
                    let field_sort = &self.program.module.sorts.records[*id].fields[*field].sort;
                    let value = self.field(*id, *field, element);
                    parts.push(self.membership(field_sort, &value, set, polarity));
                }
                Term::And(parts)
            }
            K::Product(sets) => {
                let Sort::Tuple(items) = sort else { return Term::Bool(true) };
                let mut parts = Vec::new();
                let mut from = 0;
                for (item, set) in items.iter().zip(sets) {
                    let width = self.width(item);
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
                let value = self.apply_element(from, to, &argument, own.clone());
                let typed = implies(in_domain, self.membership(to, &value, range, polarity));
                let contents = Self::quant(true, vars, Term::And(vec![same, typed]));
                if polarity == Polarity::Refuted || !self.has_lengths {
                    return contents;
                }
                match self.range_length(domain) {
                    Some(length) => {
                        let is_sequence = self.is_sequence_of(sort, own.clone());
                        let length = equal(self.length_of(sort, own), length);
                        Term::And(vec![is_sequence, length, contents])
                    }
                    None => contents,
                }
            }
            K::SequenceSet(of) => {
                let (Sort::Function(from, to), Some(own)) = (sort, element.first().cloned()) else {
                    return Term::Bool(true);
                };
                let is_sequence = self.is_sequence_of(sort, own.clone());
                let length = self.length_of(sort, own.clone());
                let vars = self.fresh_vars(from);
                let argument: Vec<Term> = vars.iter().map(|(id, _)| Term::Var(*id)).collect();
                let inside = in_range(&argument, length);
                let value = self.apply_element(from, to, &argument, own);
                let typed = implies(inside, self.membership(to, &value, of, polarity));
                Term::And(vec![is_sequence, Self::quant(true, vars, typed)])
            }
            K::If(condition, then, otherwise) => Term::Ite(
                Box::new(self.formula(condition, Polarity::Both)),
                Box::new(self.membership(sort, element, then, polarity)),
                Box::new(self.membership(sort, element, otherwise, polarity)),
            ),
            K::Domain(record) if matches!(record.sort, Sort::Record(_)) => {
                self.is_field_name(element, record)
            }
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
    pub(super) fn membership_of_application(
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

    pub(super) fn with_local<T>(
        &mut self,
        local: LocalId,
        value: &[Term],
        body: impl FnOnce(&mut Self) -> T,
    ) -> T {
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
}
