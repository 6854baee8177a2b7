//! What records and functions are made of: domains, fields, values at arguments.

use lang::ids::Id;
use lang::sort::{RecordId, Sort};
use lang::typed::{Expr, ExprKind, Time};

use super::{DOMAIN, Lowering, Polarity, equal};
use crate::vc::Term;

impl Lowering<'_> {
    /// Shapes with the same field names have the same domain, whatever the sorts of their fields.
    pub(super) fn domain_number(&self, id: RecordId, shape: usize) -> i128 {
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

    /// That a record has the field names of a shape.
    fn domain_is(&mut self, id: RecordId, shape: usize, record: &[Term]) -> Term {
        let result = self.vc_sort(&Sort::Int);
        let arg = self.vc_sort(&Sort::Record(id));
        let symbol = self.symbol(format!("domain:Record{}", id.index()), vec![arg], result);
        equal(Term::App(symbol, record.to_vec()), Term::Int(self.domain_number(id, shape)))
    }

    pub(super) fn has_domain(&mut self, id: RecordId, shape: usize, record: &[Term]) -> Term {
        let domain = self.domain_is(id, shape, record);
        if !self.shares_names(id, shape) {
            return domain;
        }
        // Another shape has these fields at other sorts: `r \in [from : Int]` must not follow from `from`
        // being a field of `r`, whatever its sort.
        let own = format!("shape:Record{}.{shape}", id.index());
        let own = self.predicate(&own, &[Sort::Record(id)], record.to_vec());
        Term::And(vec![domain, own])
    }

    /// `x \in DOMAIN r`, for a record: `x` is the name of a field of the shape that `r` has.
    pub(super) fn is_field_name(&mut self, element: &[Term], record: &Expr) -> Term {
        let (Sort::Record(id), Some(own)) = (&record.sort, element.first()) else { return Term::Bool(true) };
        let id = *id;
        let sort = &self.program.module.sorts.records[id];
        let is_named = |this: &mut Self, shape: &[usize]| {
            let names = shape.iter().map(|field| this.string(&sort.fields[*field].name));
            Term::Or(names.map(|name| equal(own.clone(), name)).collect())
        };
        if let Some(shape) = self.single_shape(id) {
            return is_named(self, shape);
        }
        let terms = self.term(record);
        let mut cases = Vec::new();
        for (number, shape) in sort.shapes.iter().enumerate() {
            if self.domain_number(id, number) == i128::try_from(number).unwrap_or_default() {
                let has_it = self.domain_is(id, number, &terms);
                cases.push(Term::And(vec![has_it, is_named(self, shape)]));
            }
        }
        Term::Or(cases)
    }

    /// Whether another shape has the same field names.
    pub(super) fn shares_names(&self, id: RecordId, shape: usize) -> bool {
        let n_shapes = self.program.module.sorts.records[id].shapes.len();
        let own = self.domain_number(id, shape);
        (0..n_shapes).any(|other| other != shape && self.domain_number(id, other) == own)
    }

    pub(super) fn field(&mut self, id: RecordId, field: usize, record: &[Term]) -> Vec<Term> {
        let sorts = &self.program.module.sorts.records[id];
        if let Some(fields) = self.single_shape(id) {
            let mut from = 0;
            for own in fields {
                let width = self.width(&sorts.fields[*own].sort);
                if *own == field {
                    return record[from..from + width].to_vec();
                }
                from += width;
            }
        }
        let of = &sorts.fields[field];
        let name = format!(".{}:{}.{field}", of.name, id.index());
        self.apply_symbols(&name, &[Sort::Record(id)], record, &of.sort)
    }

    pub(super) fn variable_name(&self, id: lang::typed::VariableId, at: Time) -> String {
        let name = &self.program.module.variables[id].name;
        if at == Time::Next { format!("{name}'") } else { name.clone() }
    }

    pub(super) fn in_domain_of(&mut self, from: &Sort, to: &Sort, argument: &[Term], function: Term) -> Term {
        let sort = Sort::Function(from.clone().into(), to.clone().into());
        let name = format!("{DOMAIN}:{}", self.sort_name(&sort));
        let mut args = argument.to_vec();
        args.push(function);
        self.predicate(&name, &[from.clone(), sort], args)
    }

    pub(super) fn apply_element(
        &mut self,
        from: &Sort,
        to: &Sort,
        argument: &[Term],
        function: Term,
    ) -> Vec<Term> {
        let sort = Sort::Function(from.clone().into(), to.clone().into());
        let name = format!("apply:{}", self.sort_name(&sort));
        let mut args = argument.to_vec();
        args.push(function);
        self.apply_symbols(&name, &[from.clone(), sort], &args, to)
    }

    /// `x \in DOMAIN f`.
    pub(super) fn in_domain(&mut self, sort: &Sort, element: &[Term], function: &Expr) -> Term {
        use ExprKind as K;
        match &function.kind {
            K::Variable(id, at) => {
                let name = format!("{DOMAIN} {}", self.variable_name(*id, *at));
                self.predicate(&name, std::slice::from_ref(sort), element.to_vec())
            }
            K::Constant(id) => {
                let name = format!("{DOMAIN} {}", self.program.module.constants[*id].name);
                self.predicate(&name, std::slice::from_ref(sort), element.to_vec())
            }
            K::Function(binder, _) => match &binder.domain {
                Some(domain) => self.membership(sort, element, domain, Polarity::Both),
                None => Term::Bool(true),
            },
            K::Except(base, _, _) => self.in_domain(sort, element, base),
            K::Sequence(items) => Self::in_literal(element, items.len()),
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
    pub(super) fn apply_function(
        &mut self,
        from: &Sort,
        to: &Sort,
        argument: &[Term],
        function: &Expr,
    ) -> Vec<Term> {
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
}
