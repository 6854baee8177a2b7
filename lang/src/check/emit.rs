//! From inferred instances to typed trees: sorts are fixed, equal instances become one operator.
//!
//! Invariant: this walk visits what `Infer::infer` visited, in the same order.

use std::sync::Arc;

use indexmap::{IndexMap, IndexSet};

use super::infer::{Infer, InstanceId};
use super::unify::{ClassId, Node, SortVar};
use crate::ids::{Id, IdVec};
use crate::resolved;
use crate::resolved::{DefId, ExprKind as From};
use crate::sort::{RecordField, RecordId, RecordSort, Sort, SortId, SortTable};
use crate::source::Span;
use crate::typed;
use crate::typed::{Binder, Expr, ExprKind, LocalId, OperatorId, Symbol};

/// The typed trees under construction.
pub(crate) struct Emit<'a> {
    infer: Infer<'a>,
    sorts: SortTable,
    records: IndexMap<ClassId, RecordId>,
    /// The sort of what stayed unknown and matters to nobody.
    anything: Option<SortId>,
    operators: IdVec<OperatorId, typed::Operator>,
    locals: IdVec<LocalId, Symbol>,
    /// The typed local of each resolved one, where it is in scope.
    scope: Vec<Option<LocalId>>,
    by_sorts: IndexMap<(DefId, Vec<Sort>), OperatorId>,
    done: IndexMap<InstanceId, OperatorId>,
}

/// How far the walk over an instance has come.
struct Cursor {
    sorts: std::vec::IntoIter<SortVar>,
    calls: std::vec::IntoIter<Option<InstanceId>>,
    /// The operator that a call without an instance applies.
    itself: OperatorId,
}

impl<'a> Emit<'a> {
    /// Names the unknown sorts after constants and variables; nothing is unified from here on.
    pub(crate) fn new(infer: Infer<'a>) -> Self {
        let scope = vec![None; infer.module.locals.len()];
        let mut emit = Self {
            infer,
            sorts: SortTable::default(),
            records: IndexMap::new(),
            anything: None,
            operators: IdVec::new(),
            locals: IdVec::new(),
            scope,
            by_sorts: IndexMap::new(),
            done: IndexMap::new(),
        };
        emit.name_sorts();
        emit
    }

    fn name_sorts(&mut self) {
        let module = self.infer.module;
        let constants: Vec<(SortVar, String, Span)> = module
            .constants
            .iter()
            .zip(&self.infer.constants)
            .map(|(constant, (_, sort))| (*sort, constant.name.text.clone(), constant.name.span))
            .collect();
        // Sets first: the elements of `Acceptors` are acceptors, even if `Quorums` is declared before.
        for (sort, name, span) in &constants {
            if let Node::Set(element) = *self.infer.store.node(*sort) {
                self.name_if_free(element, name, *span);
            }
        }
        for (sort, name, span) in &constants {
            self.name_if_free(*sort, name, *span);
        }
        let arguments = module.constants.iter().zip(&self.infer.constants);
        let arguments: Vec<(SortVar, String, Span)> = arguments
            .flat_map(|(constant, (args, _))| {
                args.iter().map(|arg| (*arg, constant.name.text.clone(), constant.name.span))
            })
            .collect();
        let variables = module.variables.iter().zip(&self.infer.variables);
        let variables: Vec<(SortVar, String, Span)> =
            variables.map(|(variable, sort)| (*sort, variable.text.clone(), variable.span)).collect();
        for (sort, name, span) in constants.iter().chain(&arguments).chain(&variables) {
            let mut leaves = IndexSet::new();
            self.infer.store.leaves(*sort, &mut leaves);
            leaves.into_iter().for_each(|leaf| self.name_if_free(leaf, name, *span));
        }
    }

    fn name_if_free(&mut self, var: SortVar, name: &str, span: Span) {
        if *self.infer.store.node(var) != Node::Free {
            return;
        }
        let name = self.unused_name(name);
        let id = self.sorts.uninterpreted.push((name, span));
        self.infer.store.set(var, Node::Uninterpreted(id));
    }

    fn unused_name(&self, name: &str) -> String {
        let taken = |name: &str| self.sorts.uninterpreted.iter().any(|(taken, _)| taken == name);
        let candidates = std::iter::once(name.to_owned()).chain((2..).map(|n| format!("{name}.{n}")));
        candidates.into_iter().find(|candidate| !taken(candidate)).unwrap_or_default()
    }

    /// The final sort.
    fn sort(&mut self, var: SortVar) -> Sort {
        match self.infer.store.node(var).clone() {
            Node::Bool => Sort::Bool,
            Node::Int => Sort::Int,
            Node::Str => Sort::Str,
            Node::Uninterpreted(id) => Sort::Uninterpreted(id),
            Node::Set(element) => Sort::Set(Arc::new(self.sort(element))),
            Node::Function(from, to) => Sort::Function(Arc::new(self.sort(from)), Arc::new(self.sort(to))),
            Node::Tuple(parts) | Node::Literal(parts) => {
                Sort::Tuple(parts.into_iter().map(|part| self.sort(part)).collect())
            }
            Node::Record(class) => Sort::Record(self.record(class)),
            Node::Free | Node::Error | Node::Link(_) => {
                let id = self.anything(var);
                Sort::Uninterpreted(id)
            }
        }
    }

    /// The one sort of everything that nothing is known of; `var` is where it was met first.
    fn anything(&mut self, var: SortVar) -> SortId {
        if let Some(id) = self.anything {
            return id;
        }
        let name = self.unused_name("Any");
        let id = self.sorts.uninterpreted.push((name, self.infer.store.why(var)));
        self.anything = Some(id);
        id
    }

    fn record(&mut self, class: ClassId) -> RecordId {
        if let Some(id) = self.records.get(&class) {
            return *id;
        }
        // Entered before its fields, which may be records of this very sort.
        let id = self.sorts.records.push(RecordSort { fields: Vec::new(), shapes: Vec::new() });
        self.records.insert(class, id);
        let mut record = RecordSort { fields: Vec::new(), shapes: Vec::new() };
        for shape in self.infer.store.shapes(class).to_vec() {
            let mut positions = Vec::with_capacity(shape.fields.len());
            for (name, var) in shape.fields {
                let field = RecordField { name: name.text, sort: self.sort(var) };
                let known = record.fields.iter().position(|known| *known == field);
                positions.push(known.unwrap_or(record.fields.len()));
                if known.is_none() {
                    record.fields.push(field);
                }
            }
            positions.sort_unstable();
            if !record.shapes.contains(&positions) {
                record.shapes.push(positions);
            }
        }
        self.sorts.records[id] = record;
        id
    }

    fn field_position(&self, record: RecordId, name: &str, sort: &Sort) -> usize {
        let fields = &self.sorts.records[record].fields;
        fields.iter().position(|field| field.name == name && field.sort == *sort).unwrap_or_default()
    }

    /// The shape with these fields, and the values in the order of its fields.
    fn shaped(
        &self,
        record: RecordId,
        names: &[(resolved::Name, resolved::Expr)],
        values: Vec<Expr>,
        sorts: &[Sort],
    ) -> (usize, Vec<Expr>) {
        let positions =
            names.iter().zip(sorts).map(|((name, _), sort)| self.field_position(record, &name.text, sort));
        let mut placed: Vec<(usize, Expr)> = positions.zip(values).collect();
        placed.sort_by_key(|(position, _)| *position);
        let positions: Vec<usize> = placed.iter().map(|(position, _)| *position).collect();
        let shapes = &self.sorts.records[record].shapes;
        let shape = shapes.iter().position(|shape| *shape == positions).unwrap_or_default();
        (shape, placed.into_iter().map(|(_, value)| value).collect())
    }

    /// The operator of an instance.
    pub(crate) fn operator(&mut self, def: DefId, id: InstanceId) -> OperatorId {
        if let Some(operator) = self.done.get(&id) {
            return *operator;
        }
        let instance = self.infer.instances[id].clone();
        let mut key: Vec<Sort> = instance.params.iter().map(|param| self.sort(*param)).collect();
        let result = instance.result().map_or(Sort::Bool, |result| self.sort(result));
        key.push(result);
        if let Some(operator) = self.by_sorts.get(&(def, key.clone())) {
            self.done.insert(id, *operator);
            return *operator;
        }
        let module = self.infer.module;
        let definition = &module.defs[def];
        let params = definition.params.iter().zip(&key);
        let params = params.map(|(param, sort)| self.bind(*param, sort.clone())).collect();
        let mut body = self.body(&definition.body, id);
        if definition.recursive {
            // The first walk has emitted all that the body needs; now the operator's own id is known.
            body = self.body(&definition.body, id);
        }
        let (name, recursive, span) = (definition.name.clone(), definition.recursive, definition.span);
        let operator = self.operators.push(typed::Operator { name, params, body, recursive, span });
        self.by_sorts.insert((def, key), operator);
        self.done.insert(id, operator);
        operator
    }

    fn bind(&mut self, local: resolved::LocalId, sort: Sort) -> LocalId {
        let name = &self.infer.module.locals[local];
        let id = self.locals.push(Symbol { name: name.text.clone(), sort, span: name.span });
        self.scope[local.index()] = Some(id);
        id
    }

    /// The typed tree of what an instance walked.
    pub(crate) fn body(&mut self, body: &resolved::Expr, id: InstanceId) -> Expr {
        let instance = &self.infer.instances[id];
        let mut cursor = Cursor {
            sorts: instance.sorts.clone().into_iter(),
            calls: instance.calls.clone().into_iter(),
            itself: OperatorId::from_index(self.operators.len()),
        };
        self.expr(body, &mut cursor)
    }

    fn next_sort(&mut self, cursor: &mut Cursor) -> Sort {
        match cursor.sorts.next() {
            Some(var) => self.sort(var),
            None => Sort::Bool,
        }
    }

    fn exprs(&mut self, exprs: &[resolved::Expr], cursor: &mut Cursor) -> Vec<Expr> {
        exprs.iter().map(|expr| self.expr(expr, cursor)).collect()
    }

    fn values(&mut self, fields: &[(resolved::Name, resolved::Expr)], cursor: &mut Cursor) -> Vec<Expr> {
        fields.iter().map(|(_, value)| self.expr(value, cursor)).collect()
    }

    fn binders(&mut self, binders: &[resolved::Binder], cursor: &mut Cursor) -> Vec<Binder> {
        let domains: Vec<Option<Expr>> = binders
            .iter()
            .map(|binder| binder.domain.as_ref().map(|domain| self.expr(domain, cursor)))
            .collect();
        let bound = binders.iter().zip(domains).map(|(binder, domain)| {
            let sort = self.next_sort(cursor);
            Binder { local: self.bind(binder.local, sort), domain }
        });
        bound.collect()
    }

    fn binder(&mut self, binder: &resolved::Binder, cursor: &mut Cursor) -> Binder {
        let domain = binder.domain.as_ref().map(|domain| self.expr(domain, cursor));
        let sort = self.next_sort(cursor);
        Binder { local: self.bind(binder.local, sort), domain }
    }

    fn expr(&mut self, expr: &resolved::Expr, cursor: &mut Cursor) -> Expr {
        let sort = self.next_sort(cursor);
        let kind = match &expr.kind {
            // Emission only happens where nothing is broken.
            From::Error | From::Unsupported(_) => ExprKind::Bool(true),
            From::Bool(value) => ExprKind::Bool(*value),
            From::Int(value) => ExprKind::Int(*value),
            From::Str(text) => ExprKind::Str(Arc::clone(text)),
            From::Builtin(set) => ExprKind::Builtin(*set),
            From::Local(local, _) => match self.scope[local.index()] {
                Some(local) => ExprKind::Local(local),
                None => ExprKind::Local(self.bind(*local, sort.clone())),
            },
            From::Constant(id, args) if args.is_empty() => ExprKind::Constant(*id),
            From::Constant(id, args) => ExprKind::ConstantApply(*id, self.exprs(args, cursor)),
            From::Variable(id, time) => ExprKind::Variable(*id, *time),
            From::Apply(def, args, time) => {
                let call = cursor.calls.next();
                let args = self.exprs(args, cursor);
                match call {
                    Some(Some(call)) => ExprKind::Apply(self.operator(*def, call), args, *time),
                    Some(None) => ExprKind::Apply(cursor.itself, args, *time),
                    None => ExprKind::Bool(true),
                }
            }
            From::Not(a) => ExprKind::Not(self.expr(a, cursor)),
            From::And(items) => ExprKind::And(self.exprs(items, cursor)),
            From::Or(items) => ExprKind::Or(self.exprs(items, cursor)),
            From::Implies(a, b) => ExprKind::Implies(self.expr(a, cursor), self.expr(b, cursor)),
            From::Iff(a, b) => ExprKind::Iff(self.expr(a, cursor), self.expr(b, cursor)),
            From::Equal(a, b) => {
                let a = self.expr(a, cursor);
                let b = self.expr(b, cursor);
                if a.sort == Sort::Bool { ExprKind::Iff(a, b) } else { ExprKind::Equal(a, b) }
            }
            From::If(c, a, b) => {
                ExprKind::If(self.expr(c, cursor), self.expr(a, cursor), self.expr(b, cursor))
            }
            From::Quantifier(quantifier, binders, body) => {
                let binders = self.binders(binders, cursor);
                ExprKind::Quantifier(*quantifier, binders, self.expr(body, cursor))
            }
            From::Choose(binder, body) => {
                let binder = self.binder(binder, cursor);
                ExprKind::Choose(binder, self.expr(body, cursor))
            }
            From::In(a, b) => ExprKind::In(self.expr(a, cursor), self.expr(b, cursor)),
            From::SubsetEq(a, b) => ExprKind::SubsetEq(self.expr(a, cursor), self.expr(b, cursor)),
            From::SetEnum(items) => ExprKind::SetEnum(self.exprs(items, cursor)),
            From::SetFilter(binder, body) => {
                let binder = self.binder(binder, cursor);
                ExprKind::SetFilter(binder, self.expr(body, cursor))
            }
            From::SetMap(binders, body) => {
                let binders = self.binders(binders, cursor);
                ExprKind::SetMap(self.expr(body, cursor), binders)
            }
            From::Union(a, b) => ExprKind::Union(self.expr(a, cursor), self.expr(b, cursor)),
            From::Intersect(a, b) => ExprKind::Intersect(self.expr(a, cursor), self.expr(b, cursor)),
            From::Minus(a, b) => ExprKind::Minus(self.expr(a, cursor), self.expr(b, cursor)),
            From::Powerset(a) => ExprKind::Powerset(self.expr(a, cursor)),
            From::BigUnion(a) => ExprKind::BigUnion(self.expr(a, cursor)),
            From::Range(a, b) => ExprKind::Range(self.expr(a, cursor), self.expr(b, cursor)),
            From::RecordSet(fields) => {
                let values = self.values(fields, cursor);
                let sorts: Vec<Sort> = values.iter().map(|value| element(&value.sort)).collect();
                if let Sort::Record(record) = element(&sort) {
                    let (shape, values) = self.shaped(record, fields, values, &sorts);
                    ExprKind::RecordSet(record, shape, values)
                } else {
                    ExprKind::SetEnum(Vec::new())
                }
            }
            From::Record(fields) => {
                let values = self.values(fields, cursor);
                let sorts: Vec<Sort> = values.iter().map(|value| value.sort.clone()).collect();
                if let Sort::Record(record) = sort {
                    let (shape, values) = self.shaped(record, fields, values, &sorts);
                    ExprKind::Record(record, shape, values)
                } else {
                    ExprKind::Tuple(values)
                }
            }
            From::FunctionSet(a, b) => ExprKind::FunctionSet(self.expr(a, cursor), self.expr(b, cursor)),
            From::Product(items) => ExprKind::Product(self.exprs(items, cursor)),
            From::Field(record, name) => {
                let record = self.expr(record, cursor);
                let position = self.position(&record, name, &sort);
                ExprKind::Field(record, position)
            }
            From::FieldUpdate(record, name, value) => {
                let record = self.expr(record, cursor);
                let value = self.expr(value, cursor);
                let position = self.position(&record, name, &value.sort);
                ExprKind::FieldUpdate(record, position, value)
            }
            From::Tuple(items) => {
                let items = self.exprs(items, cursor);
                if let Sort::Function(..) = sort { ExprKind::Sequence(items) } else { ExprKind::Tuple(items) }
            }
            From::Component(tuple, index, _) => ExprKind::Component(self.expr(tuple, cursor), *index),
            From::Function(binder, body) => {
                let binder = self.binder(binder, cursor);
                ExprKind::Function(binder, self.expr(body, cursor))
            }
            From::Index(function, argument) => {
                let function = self.expr(function, cursor);
                let argument = self.expr(argument, cursor);
                match (&function.sort, &argument.kind) {
                    (Sort::Tuple(_), ExprKind::Int(index)) => {
                        let index = usize::try_from(*index - 1).unwrap_or_default();
                        ExprKind::Component(function, index)
                    }
                    _ => ExprKind::Index(function, argument),
                }
            }
            From::Except(f, x, e) => {
                ExprKind::Except(self.expr(f, cursor), self.expr(x, cursor), self.expr(e, cursor))
            }
            From::Domain(f) => ExprKind::Domain(self.expr(f, cursor)),
            From::IsFinite(set) => ExprKind::IsFinite(self.expr(set, cursor)),
            From::Cardinality(set) => ExprKind::Cardinality(self.expr(set, cursor)),
            From::Len(a) => ExprKind::Len(self.expr(a, cursor)),
            From::SequenceSet(a) => ExprKind::SequenceSet(self.expr(a, cursor)),
            From::Arithmetic(op, a, b) => {
                ExprKind::Arithmetic(*op, self.expr(a, cursor), self.expr(b, cursor))
            }
            From::Negate(a) => ExprKind::Negate(self.expr(a, cursor)),
            From::Compare(op, a, b) => ExprKind::Compare(*op, self.expr(a, cursor), self.expr(b, cursor)),
            From::Unchanged(a) => ExprKind::Unchanged(self.expr(a, cursor)),
            From::ActionBox(a, v) => ExprKind::ActionBox(self.expr(a, cursor), self.expr(v, cursor)),
            From::Always(a) => ExprKind::Always(self.expr(a, cursor)),
            From::Temporal(name, operands) => ExprKind::Temporal(name, self.exprs(operands, cursor)),
        };
        Expr::new(kind, sort, expr.span)
    }

    fn position(&self, record: &Expr, name: &resolved::Name, sort: &Sort) -> usize {
        if let Sort::Record(id) = record.sort { self.field_position(id, &name.text, sort) } else { 0 }
    }

    /// Constants, variables and the tables, with nothing defined or stated.
    pub(crate) fn finish(mut self, facts: Vec<typed::Fact>) -> typed::Module {
        let module = self.infer.module;
        let constants: Vec<(String, SortVar, Span)> = module
            .constants
            .iter()
            .zip(&self.infer.constants)
            .map(|(constant, (_, sort))| (constant.name.text.clone(), *sort, constant.name.span))
            .collect();
        let variables = module.variables.iter().zip(&self.infer.variables);
        let variables: Vec<(String, SortVar, Span)> =
            variables.map(|(variable, sort)| (variable.text.clone(), *sort, variable.span)).collect();
        let mut out = typed::Module {
            name: module.name.clone(),
            sorts: SortTable::default(),
            constants: IdVec::new(),
            variables: IdVec::new(),
            operators: IdVec::new(),
            locals: IdVec::new(),
            facts,
            inherited: Vec::new(),
        };
        for (name, sort, span) in constants {
            let sort = self.sort(sort);
            out.constants.push(Symbol { name, sort, span });
        }
        for (name, sort, span) in variables {
            let sort = self.sort(sort);
            out.variables.push(Symbol { name, sort, span });
        }
        out.sorts = self.sorts;
        out.operators = self.operators;
        out.locals = self.locals;
        out
    }

    /// The operators that a definition became.
    pub(crate) fn operators_of(&self, def: DefId) -> impl Iterator<Item = OperatorId> + '_ {
        self.by_sorts.iter().filter(move |((of, _), _)| *of == def).map(|(_, operator)| *operator)
    }
}

fn element(sort: &Sort) -> Sort {
    match sort {
        Sort::Set(element) => element.as_ref().clone(),
        Sort::Bool
        | Sort::Int
        | Sort::Str
        | Sort::Uninterpreted(_)
        | Sort::Function(..)
        | Sort::Tuple(_)
        | Sort::Record(_) => sort.clone(),
    }
}
