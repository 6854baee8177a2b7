//! Fields, applications and domains.
//!
//! A function literal or `EXCEPT` is applied only where its argument is known to lie in the domain:
//! elsewhere the value is unspecified, and the application stays as it is. `[f EXCEPT ![i] = v]` has the
//! domain of `f`, and changes nothing if `i` lies outside: for arguments in the domain, `x = i` implies
//! that `i` is in it.

use std::sync::Arc;

use lang::sort::{RecordId, Sort};
use lang::typed::{Expr, ExprKind};

use super::Rewriter;
use crate::expr;

impl Rewriter<'_> {
    pub(super) fn field(&mut self, record: &Expr, field: usize, expr: &Expr) -> Expr {
        use ExprKind as K;
        match &record.kind {
            K::Record(id, shape, values) => {
                let shape = &self.program.module.sorts.records[*id].shapes[*shape];
                match shape.iter().position(|own| *own == field) {
                    Some(position) => values[position].clone(),
                    None => expr.clone(),
                }
            }
            K::If(condition, then, otherwise) => {
                let of = |part: &Expr| Expr::new(K::Field(part.clone(), field), expr.sort.clone(), expr.span);
                let lifted = K::If(condition.clone(), of(then), of(otherwise));
                self.becomes(expr, &Expr::new(lifted, expr.sort.clone(), expr.span))
            }
            K::FieldUpdate(base, updated, value) => {
                let Sort::Record(id) = &base.sort else { return expr.clone() };
                if self.program.module.sorts.records[*id].shapes.len() != 1 {
                    return expr.clone();
                }
                if *updated == field {
                    value.clone()
                } else {
                    self.head(&Expr::new(K::Field(base.clone(), field), expr.sort.clone(), expr.span))
                }
            }
            _ => expr.clone(),
        }
    }

    pub(super) fn application(&mut self, function: &Expr, argument: &Expr, expr: &Expr) -> Expr {
        use ExprKind as K;
        match &function.kind {
            K::Function(binder, body) => {
                let Some(domain) = &binder.domain else { return expr.clone() };
                if !self.holds_in(argument, domain) {
                    return expr.clone();
                }
                let value = expr::substitute_one(self.program, body, binder.local, argument);
                self.becomes(expr, &value)
            }
            K::Except(base, index, value) => {
                let domain = Sort::Set(argument.sort.clone().into());
                let domain = Expr::new(K::Domain(base.clone()), domain, expr.span);
                let domain = self.rewrite(&domain);
                if !self.holds_in(argument, &domain) {
                    return expr.clone();
                }
                let old = Expr::new(K::Index(base.clone(), argument.clone()), expr.sort.clone(), expr.span);
                let chosen = K::If(expr::equal(argument, index), value.clone(), old);
                self.becomes(expr, &Expr::new(chosen, expr.sort.clone(), expr.span))
            }
            K::Sequence(items) => self.item(items, argument, expr),
            K::If(condition, then, otherwise) => {
                let of = |part: &Expr| {
                    Expr::new(K::Index(part.clone(), argument.clone()), expr.sort.clone(), expr.span)
                };
                let lifted = K::If(condition.clone(), of(then), of(otherwise));
                self.becomes(expr, &Expr::new(lifted, expr.sort.clone(), expr.span))
            }
            _ => self.lookup(expr.clone()),
        }
    }

    fn holds_in(&mut self, element: &Expr, set: &Expr) -> bool {
        let member = self.rewrite(&expr::is_in(element, set));
        expr::is_bool(&member, true)
    }

    /// `DOMAIN r`: the names of the fields, where the record, or its sort, has one shape.
    fn record_domain(&mut self, id: RecordId, record: &Expr, expr: &Expr) -> Expr {
        use ExprKind as K;
        let sort = &self.program.module.sorts.records[id];
        let of = |part: &Expr| Expr::new(K::Domain(part.clone()), expr.sort.clone(), expr.span);
        let shape = match (&record.kind, sort.shapes.as_slice()) {
            (K::Record(_, shape, _), _) => &sort.shapes[*shape],
            (_, [only]) => only,
            (K::FieldUpdate(base, _, _), _) => return self.head(&of(base)),
            (K::If(condition, then, otherwise), _) => {
                let lifted = K::If(condition.clone(), of(then), of(otherwise));
                return self.becomes(expr, &Expr::new(lifted, expr.sort.clone(), expr.span));
            }
            _ => return expr.clone(),
        };
        let name = |field: &usize| {
            let text = sort.fields[*field].name.as_str();
            Expr::new(K::Str(Arc::from(text)), Sort::Str, expr.span)
        };
        Expr::new(K::SetEnum(shape.iter().map(name).collect()), expr.sort.clone(), expr.span)
    }

    pub(super) fn domain(&mut self, function: &Expr, expr: &Expr) -> Expr {
        use ExprKind as K;
        if let Sort::Record(id) = &function.sort {
            return self.record_domain(*id, function, expr);
        }
        match &function.kind {
            K::Function(binder, _) => binder.domain.clone().unwrap_or_else(|| expr.clone()),
            K::Except(base, _, _) => {
                self.head(&Expr::new(K::Domain(base.clone()), expr.sort.clone(), expr.span))
            }
            K::If(condition, then, otherwise) => {
                let of = |part: &Expr| Expr::new(K::Domain(part.clone()), expr.sort.clone(), expr.span);
                let lifted = K::If(condition.clone(), of(then), of(otherwise));
                self.becomes(expr, &Expr::new(lifted, expr.sort.clone(), expr.span))
            }
            _ => match self.stated_domain(function) {
                Some(domain) => domain,
                None => self.sequence_domain(function, expr).unwrap_or_else(|| expr.clone()),
            },
        }
    }
}
