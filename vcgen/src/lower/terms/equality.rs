//! Equality: of elements by the solver's own equality, of contents where an equality is to be proved.

use lang::sort::{RecordId, Sort};
use lang::typed::{Expr, ExprKind};

use super::super::is_element;
use super::sequences::is_of_numbers;
use super::{Lowering, Polarity, equal, implies};
use crate::vc::Term;

impl Lowering<'_> {
    pub(super) fn equality(&mut self, left: &Expr, right: &Expr, polarity: Polarity) -> Term {
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
                let contents = Self::quant(true, vars, Term::And(vec![same_domain, implies(inside, same)]));
                if polarity == Polarity::Refuted || !is_of_numbers(from) || !self.has_lengths {
                    return contents;
                }
                Term::And(vec![contents, self.same_length(left, right)])
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
    pub(super) fn element_equality(
        &mut self,
        sort: &Sort,
        element: &[Term],
        to: &Expr,
        polarity: Polarity,
    ) -> Term {
        if let (Sort::Record(id), ExprKind::Record(_, shape, values)) = (sort, &to.kind)
            && self.single_shape(*id).is_none()
        {
            let fields = &self.program.module.sorts.records[*id].shapes[*shape];
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

    pub(super) fn components_equal(
        &mut self,
        sort: &Sort,
        left: &[Term],
        right: &[Term],
        polarity: Polarity,
    ) -> Term {
        let components = self.components(sort);
        let parts = components
            .iter()
            .zip(left.iter().zip(right))
            .map(|(component, (left, right))| self.component_equal(component, left, right, polarity))
            .collect();
        Term::And(parts)
    }

    /// Equality of elements; where it is to be proved, equal contents suffice.
    pub(super) fn component_equal(
        &mut self,
        sort: &Sort,
        left: &Term,
        right: &Term,
        polarity: Polarity,
    ) -> Term {
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
    pub(super) fn same_contents(&mut self, id: RecordId, left: &Term, right: &Term) -> Term {
        let record = &self.program.module.sorts.records[id];
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
}
