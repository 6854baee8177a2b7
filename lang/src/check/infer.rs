//! The walk that gives every expression a sort variable.
//!
//! A definition is inferred once by itself. If its sorts depend on nothing but constants and variables,
//! all its uses share that one instance; otherwise each use at new sorts walks the body again.
//! Emission walks the same way: an [`Instance`] lists sort variables in visiting order, one for each
//! expression and one for each binder, and the instances that are called.

use std::collections::BTreeMap;

use indexmap::{IndexMap, IndexSet};

use super::errors::SortError;
use super::unify::{Clash, Node, Shape, SortVar, Store};
use crate::ids::{Id, IdVec, define_id};
use crate::resolved::{Binder, DefId, Expr, ExprKind, LocalId, Module, Name};
use crate::source::Span;
use crate::typed::BuiltinSet;

/// More instances than this are taken for a mistake.
const MAX_INSTANCES: usize = 20_000;

define_id! {
    /// A definition at certain sorts, or the statement of a fact.
    pub(crate) struct InstanceId;
}

/// One walk over a body.
#[derive(Clone, Debug, Default)]
pub(crate) struct Instance {
    /// Sorts of the parameters.
    pub(crate) params: Vec<SortVar>,
    /// Sorts in visiting order.
    pub(crate) sorts: Vec<SortVar>,
    /// Called instances in visiting order; none stands for the instance itself.
    pub(crate) calls: Vec<Option<InstanceId>>,
    /// The recursive definition that is walked, and the sort of its applications in its body.
    itself: Option<(DefId, SortVar)>,
    /// Whether a sort error lies in it.
    pub(crate) broken: bool,
}

impl Instance {
    /// The sort of the body.
    pub(crate) fn result(&self) -> Option<SortVar> {
        self.sorts.first().copied()
    }
}

/// How uses of a definition get their instance.
#[derive(Clone, Copy, Debug)]
enum Scheme {
    /// All share one.
    Mono(InstanceId),
    /// Each walks the body again.
    Poly,
}

/// What can only be decided when more is known.
#[derive(Clone, Debug)]
pub(crate) enum Deferred {
    /// `record.field` has the sort `result`; `tags` are what the context says of the record's strings.
    Field { record: SortVar, field: String, tags: Vec<(String, String)>, result: SortVar, at: Span },
    /// `function[n]` with a literal: a function at a number, or the n-th component of a tuple.
    Index { function: SortVar, index: i128, result: SortVar, at: Span },
    /// `DOMAIN function` has elements of the sort `result`: arguments of a function, or names of fields.
    Domain { function: SortVar, result: SortVar, at: Span, why: Span },
}

/// That a field of a bound name is a certain string, in the part of a formula being walked.
#[derive(Clone, Debug)]
struct Tag {
    local: LocalId,
    field: String,
    value: String,
}

/// The state of inference; cloned to try something out.
#[derive(Clone)]
pub(crate) struct Infer<'a> {
    pub(crate) module: &'a Module,
    pub(crate) store: Store,
    /// Argument sorts and the result sort of each constant.
    pub(crate) constants: Vec<(Vec<SortVar>, SortVar)>,
    pub(crate) variables: Vec<SortVar>,
    pub(crate) instances: IdVec<InstanceId, Instance>,
    pub(crate) deferred: Vec<Deferred>,
    pub(crate) errors: Vec<SortError>,
    schemes: Vec<Option<Scheme>>,
    shared: IndexMap<(DefId, Vec<usize>), InstanceId>,
    locals: Vec<Option<SortVar>>,
    /// What the formulas around say of strings: `m.type = "1b"`.
    known: Vec<Tag>,
    /// The instance being walked.
    current: Instance,
    gave_up: bool,
    /// Whether parts of the module are broken, so that what is still unknown is no matter for guesses.
    pub(super) is_partial: bool,
}

impl<'a> Infer<'a> {
    pub(crate) fn new(module: &'a Module, is_partial: bool) -> Self {
        let mut store = Store::default();
        let mut constants = Vec::with_capacity(module.constants.len());
        for constant in &module.constants {
            let args = (0..constant.arity).map(|_| store.free(constant.name.span)).collect();
            constants.push((args, store.free(constant.name.span)));
        }
        let variables = module.variables.iter().map(|variable| store.free(variable.span)).collect();
        Self {
            module,
            store,
            constants,
            variables,
            instances: IdVec::new(),
            deferred: Vec::new(),
            errors: Vec::new(),
            schemes: vec![None; module.defs.len()],
            shared: IndexMap::new(),
            locals: vec![None; module.locals.len()],
            known: Vec::new(),
            current: Instance::default(),
            gave_up: false,
            is_partial,
        }
    }

    /// The instance of a definition all of whose uses share it, or at sorts of its own.
    pub(crate) fn root_instance(&mut self, def: DefId) -> InstanceId {
        match self.schemes[def.index()] {
            Some(Scheme::Mono(id)) => id,
            Some(Scheme::Poly) | None => {
                let instance = self.walk_def(def);
                self.instances.push(instance)
            }
        }
    }

    /// Walks the statement of a fact.
    pub(crate) fn fact(&mut self, statement: &Expr) -> InstanceId {
        let instance = self.walk(|infer| {
            let bool_sort = infer.store.add(Node::Bool, statement.span);
            infer.expect(statement, bool_sort);
        });
        self.instances.push(instance)
    }

    /// Infers a definition by itself; all that it mentions must have been inferred.
    pub(crate) fn define(&mut self, def: DefId) {
        if self.schemes[def.index()].is_some() {
            return;
        }
        let mark = self.deferred.len();
        let instance = self.walk_def(def);
        let scheme = if instance.broken || self.is_fixed(&instance) {
            Scheme::Mono(self.instances.push(instance))
        } else {
            self.deferred.truncate(mark);
            Scheme::Poly
        };
        self.schemes[def.index()] = Some(scheme);
    }

    fn walk_def(&mut self, def: DefId) -> Instance {
        let module = self.module;
        let definition = &module.defs[def];
        self.walk(|infer| {
            for param in &definition.params {
                let sort = infer.store.free(module.locals[*param].span);
                infer.locals[param.index()] = Some(sort);
                infer.current.params.push(sort);
            }
            if definition.recursive {
                let result = infer.store.free(definition.span);
                infer.current.itself = Some((def, result));
                infer.expect(&definition.body, result);
            } else {
                infer.infer(&definition.body);
            }
        })
    }

    fn walk(&mut self, body: impl FnOnce(&mut Self)) -> Instance {
        let outer = std::mem::take(&mut self.current);
        let errors = self.errors.len();
        body(self);
        let mut instance = std::mem::replace(&mut self.current, outer);
        instance.broken |= self.errors.len() > errors;
        instance
    }

    /// Whether the sorts of an instance depend on constants and variables alone.
    fn is_fixed(&self, instance: &Instance) -> bool {
        let mut own = IndexSet::new();
        for sort in instance.params.iter().copied().chain(instance.result()) {
            self.store.leaves(sort, &mut own);
        }
        if own.is_empty() {
            return true;
        }
        let global = self.global_leaves();
        own.iter().all(|leaf| global.contains(leaf))
    }

    /// The unknown sorts and record classes in constants and variables.
    fn global_leaves(&self) -> IndexSet<SortVar> {
        let mut leaves = self.constant_leaves(Store::leaves);
        self.variables.iter().for_each(|variable| self.store.leaves(*variable, &mut leaves));
        leaves
    }

    /// The unknown sorts and record classes in constants.
    pub(crate) fn constant_leaves(
        &self,
        leaves_of: fn(&Store, SortVar, &mut IndexSet<SortVar>),
    ) -> IndexSet<SortVar> {
        let mut leaves = IndexSet::new();
        for (args, result) in &self.constants {
            for arg in args {
                leaves_of(&self.store, *arg, &mut leaves);
            }
            leaves_of(&self.store, *result, &mut leaves);
        }
        leaves
    }

    // ---- reports ----

    pub(crate) fn report(&mut self, error: SortError) {
        if !self.errors.contains(&error) {
            self.errors.push(error);
        }
        self.current.broken = true;
    }

    /// Makes `found`, the sort of what stands at `at`, the `expected` one.
    pub(crate) fn require(&mut self, expected: SortVar, found: SortVar, at: Span) {
        // Rendered before unification, which may leave both half unified.
        let because = self.store.why(expected);
        let before = (self.store.node(expected).clone(), self.store.node(found).clone());
        if matches!(before, (Node::Free, Node::Free)) || before.0 == before.1 {
            // Cannot fail, and is the common case.
            if self.store.unify(expected, found).is_ok() {
                return;
            }
        }
        let (expected_text, found_text) = if self.may_clash(expected, found) {
            (self.render(expected), self.render(found))
        } else {
            (String::new(), String::new())
        };
        match self.store.unify(expected, found) {
            Ok(()) => {}
            Err(Clash::Different) => {
                let (expected, found) = if expected_text.is_empty() {
                    (self.render(expected), self.render(found))
                } else {
                    (expected_text, found_text)
                };
                self.report(SortError::Mismatch { expected, found, at, because });
            }
            Err(Clash::Infinite) => {
                let structured = if *self.store.node(expected) == Node::Free { found } else { expected };
                let sort = self.render(structured);
                self.report(SortError::Infinite { sort, at, because });
            }
        }
    }

    fn may_clash(&self, a: SortVar, b: SortVar) -> bool {
        !self.store.compatible(a, b, &IndexSet::new())
    }

    /// A sort for people to read.
    pub(crate) fn render(&self, var: SortVar) -> String {
        match self.store.node(var) {
            Node::Link(_) | Node::Error | Node::Free | Node::Uninterpreted(_) => self.render_unknown(var),
            Node::Bool => "Bool".to_owned(),
            Node::Int => "Int".to_owned(),
            Node::Str => "Str".to_owned(),
            Node::Set(element) => format!("Set({})", self.render(*element)),
            Node::Function(from, to) => format!("[{} -> {}]", self.render(*from), self.render(*to)),
            Node::Tuple(parts) | Node::Literal(parts) => {
                let parts: Vec<String> = parts.iter().map(|part| self.render(*part)).collect();
                format!("<<{}>>", parts.join(", "))
            }
            Node::Record(class) => {
                let mut names: IndexSet<&str> = IndexSet::new();
                for shape in self.store.shapes(*class) {
                    names.extend(shape.fields.iter().map(|(name, _)| name.text.as_str()));
                }
                let names: Vec<&str> = names.into_iter().collect();
                format!("[{}]", names.join(", "))
            }
        }
    }

    /// The name of the constant that an unknown sort will get its name from.
    fn render_unknown(&self, var: SortVar) -> String {
        let root = self.store.root(var);
        let named = self.constants.iter().zip(&self.module.constants).find(|((_, sort), _)| {
            let element = if let Node::Set(element) = self.store.node(*sort) { *element } else { *sort };
            self.store.root(element) == root
        });
        named.map_or_else(|| "_".to_owned(), |(_, constant)| constant.name.text.clone())
    }

    // ---- the walk ----

    fn reserve(&mut self, span: Span) -> usize {
        let sort = self.store.free(span);
        self.current.sorts.push(sort);
        self.current.sorts.len() - 1
    }

    /// Walks an expression that must have a certain sort.
    fn expect(&mut self, expr: &Expr, expected: SortVar) {
        // Both branches of an IF are held to the expectation, so that the guilty one is shown.
        if let ExprKind::If(condition, then, otherwise) = &expr.kind {
            self.current.sorts.push(expected);
            self.expect_bool(condition);
            self.knowing(condition, |infer| infer.expect(then, expected));
            self.expect(otherwise, expected);
        } else {
            let found = self.infer(expr);
            self.require(expected, found, expr.span);
        }
    }

    fn expect_bool(&mut self, expr: &Expr) {
        let sort = self.store.add(Node::Bool, expr.span);
        self.expect(expr, sort);
    }

    fn expect_int(&mut self, expr: &Expr, why: Span) {
        let sort = self.store.add(Node::Int, why);
        self.expect(expr, sort);
    }

    /// Walks a set, and gives the sort of its elements.
    fn elements(&mut self, set: &Expr) -> SortVar {
        let element = self.store.free(set.span);
        let sort = self.store.add(Node::Set(element), set.span);
        self.expect(set, sort);
        element
    }

    fn set_of(&mut self, element: SortVar, why: Span) -> SortVar {
        self.store.add(Node::Set(element), why)
    }

    /// A sequence is a function of numbers.
    fn sequence_of(&mut self, element: SortVar, why: Span) -> SortVar {
        let from = self.store.add(Node::Int, why);
        self.store.add(Node::Function(from, element), why)
    }

    /// Walks the domains, then gives the bound names their sorts.
    fn binders(&mut self, binders: &[Binder]) -> Vec<SortVar> {
        let mut sorts = Vec::with_capacity(binders.len());
        for binder in binders {
            let sort = match &binder.domain {
                Some(domain) => self.elements(domain),
                None => self.store.free(self.module.locals[binder.local].span),
            };
            sorts.push(sort);
        }
        for (binder, sort) in binders.iter().zip(&sorts) {
            self.inherit_tags(binder);
            self.locals[binder.local.index()] = Some(*sort);
            self.current.sorts.push(*sort);
        }
        sorts
    }

    fn local(&mut self, local: LocalId, span: Span) -> SortVar {
        // Resolution leaves no name unbound; a sort of its own keeps a mistake there harmless.
        self.locals[local.index()].unwrap_or_else(|| self.store.free(span))
    }

    /// Walks an expression and gives its sort.
    pub(crate) fn infer(&mut self, expr: &Expr) -> SortVar {
        let slot = self.reserve(expr.span);
        let sort = self.infer_kind(expr);
        self.current.sorts[slot] = sort;
        sort
    }

    fn infer_kind(&mut self, expr: &Expr) -> SortVar {
        let span = expr.span;
        match &expr.kind {
            ExprKind::Error | ExprKind::Unsupported(_) => {
                self.current.broken = true;
                self.store.add(Node::Error, span)
            }
            ExprKind::Bool(_) => self.store.add(Node::Bool, span),
            ExprKind::Int(_) => self.store.add(Node::Int, span),
            ExprKind::Str(_) => self.store.add(Node::Str, span),
            ExprKind::Builtin(set) => {
                let element = match set {
                    BuiltinSet::Nat | BuiltinSet::Int => Node::Int,
                    BuiltinSet::Boolean => Node::Bool,
                    BuiltinSet::String => Node::Str,
                };
                let element = self.store.add(element, span);
                self.set_of(element, span)
            }
            ExprKind::Local(local, _) => self.local(*local, span),
            ExprKind::Constant(id, args) => {
                let (params, result) = self.constants[id.index()].clone();
                for (arg, param) in args.iter().zip(params) {
                    self.expect(arg, param);
                }
                result
            }
            ExprKind::Variable(id, _) => self.variables[id.index()],
            ExprKind::Apply(def, args, _) => self.apply(*def, args, span),
            ExprKind::Not(a) | ExprKind::Always(a) => self.bools(&[a], span),
            // Each conjunct is only of interest where the others hold.
            ExprKind::And(items) => {
                let items: Vec<&Expr> = items.iter().collect();
                self.knowing(expr, |infer| infer.bools(&items, span))
            }
            ExprKind::Or(items) => {
                let items: Vec<&Expr> = items.iter().collect();
                self.bools(&items, span)
            }
            ExprKind::Implies(a, b) => {
                self.bools(&[a], span);
                self.knowing(a, |infer| infer.bools(&[b], span))
            }
            ExprKind::Iff(a, b) => self.bools(&[a, b], span),
            ExprKind::Equal(a, b) => {
                let sort = self.infer(a);
                self.expect(b, sort);
                self.store.add(Node::Bool, span)
            }
            ExprKind::If(condition, then, otherwise) => {
                self.expect_bool(condition);
                let sort = self.knowing(condition, |infer| infer.infer(then));
                self.expect(otherwise, sort);
                sort
            }
            ExprKind::Quantifier(_, binders, body) => {
                self.binders(binders);
                self.bools(&[body], span)
            }
            ExprKind::Choose(binder, body) => {
                let sort = self.one_binder(binder);
                self.expect_bool(body);
                sort
            }
            ExprKind::In(a, set) => {
                let sort = self.infer(a);
                let expected = self.set_of(sort, a.span);
                self.expect(set, expected);
                self.store.add(Node::Bool, span)
            }
            ExprKind::SubsetEq(a, b) => {
                let element = self.elements(a);
                let expected = self.set_of(element, a.span);
                self.expect(b, expected);
                self.store.add(Node::Bool, span)
            }
            ExprKind::SetEnum(items) => {
                let element = self.store.free(span);
                for item in items {
                    self.expect(item, element);
                }
                self.set_of(element, span)
            }
            ExprKind::SetFilter(binder, body) => {
                let element = self.one_binder(binder);
                self.expect_bool(body);
                self.set_of(element, span)
            }
            ExprKind::SetMap(binders, body) => {
                self.binders(binders);
                let element = self.infer(body);
                self.set_of(element, span)
            }
            ExprKind::Union(a, b) | ExprKind::Intersect(a, b) | ExprKind::Minus(a, b) => {
                let element = self.elements(a);
                let sort = self.set_of(element, a.span);
                self.expect(b, sort);
                sort
            }
            ExprKind::Powerset(a) => {
                let element = self.elements(a);
                let set = self.set_of(element, a.span);
                self.set_of(set, span)
            }
            ExprKind::BigUnion(a) => {
                let set = self.elements(a);
                let element = self.store.free(a.span);
                let expected = self.set_of(element, a.span);
                self.require(expected, set, a.span);
                expected
            }
            ExprKind::Range(a, b) => {
                self.expect_int(a, span);
                self.expect_int(b, span);
                let element = self.store.add(Node::Int, span);
                self.set_of(element, span)
            }
            ExprKind::RecordSet(fields) => {
                let record = self.record(fields, Self::elements, set_tags, span);
                self.set_of(record, span)
            }
            ExprKind::Record(fields) => self.record(fields, Self::infer, own_tag, span),
            ExprKind::FunctionSet(a, b) => {
                let from = self.elements(a);
                let to = self.elements(b);
                let function = self.store.add(Node::Function(from, to), span);
                self.set_of(function, span)
            }
            ExprKind::Product(items) => {
                let parts = items.iter().map(|item| self.elements(item)).collect();
                let tuple = self.store.add(Node::Tuple(parts), span);
                self.set_of(tuple, span)
            }
            ExprKind::Field(record, field) => {
                let tags = self.known_tags(record);
                let record = self.infer(record);
                let result = self.store.free(span);
                self.defer_field(record, field, tags, result);
                result
            }
            ExprKind::FieldUpdate(record, field, value) => {
                let tags = self.known_tags(record);
                let record = self.infer(record);
                let value = self.infer(value);
                self.defer_field(record, field, tags, value);
                record
            }
            ExprKind::Tuple(items) => {
                let parts: Vec<SortVar> = items.iter().map(|item| self.infer(item)).collect();
                if parts.is_empty() {
                    let element = self.store.free(span);
                    return self.sequence_of(element, span);
                }
                self.store.add(Node::Literal(parts), span)
            }
            ExprKind::Component(tuple, index, arity) => {
                let parts: Vec<SortVar> = (0..*arity).map(|_| self.store.free(span)).collect();
                let part = parts.get(*index).copied();
                let expected = self.store.add(Node::Tuple(parts), span);
                self.expect(tuple, expected);
                part.unwrap_or(expected)
            }
            ExprKind::Function(binder, body) => {
                let from = self.one_binder(binder);
                let to = self.infer(body);
                self.store.add(Node::Function(from, to), span)
            }
            ExprKind::Index(function, argument) => self.index(function, argument, span),
            ExprKind::Except(function, argument, value) => {
                let sort = self.infer(function);
                let from = self.store.free(argument.span);
                let to = self.store.free(value.span);
                let expected = self.store.add(Node::Function(from, to), function.span);
                self.require(expected, sort, function.span);
                self.expect(argument, from);
                self.expect(value, to);
                sort
            }
            ExprKind::Domain(function) => {
                let sort = self.infer(function);
                let result = self.store.free(span);
                self.deferred.push(Deferred::Domain { function: sort, result, at: function.span, why: span });
                self.set_of(result, span)
            }
            ExprKind::IsFinite(set) => {
                let element = self.store.free(span);
                let expected = self.set_of(element, span);
                self.expect(set, expected);
                self.store.add(Node::Bool, span)
            }
            ExprKind::Cardinality(set) => {
                let element = self.store.free(span);
                let expected = self.set_of(element, span);
                self.expect(set, expected);
                self.store.add(Node::Int, span)
            }
            ExprKind::Len(a) => {
                let element = self.store.free(span);
                let expected = self.sequence_of(element, span);
                self.expect(a, expected);
                self.store.add(Node::Int, span)
            }
            ExprKind::SequenceSet(a) => {
                let element = self.elements(a);
                let sequence = self.sequence_of(element, span);
                self.set_of(sequence, span)
            }
            ExprKind::Arithmetic(_, a, b) => {
                self.expect_int(a, span);
                self.expect_int(b, span);
                self.store.add(Node::Int, span)
            }
            ExprKind::Negate(a) => {
                self.expect_int(a, span);
                self.store.add(Node::Int, span)
            }
            ExprKind::Compare(_, a, b) => {
                self.expect_int(a, span);
                self.expect_int(b, span);
                self.store.add(Node::Bool, span)
            }
            ExprKind::Unchanged(a) => {
                self.infer(a);
                self.store.add(Node::Bool, span)
            }
            ExprKind::ActionBox(action, subscript) => {
                self.expect_bool(action);
                self.infer(subscript);
                self.store.add(Node::Bool, span)
            }
            ExprKind::Temporal(name, operands) => {
                let subscripted = matches!(*name, "WF" | "SF" | "<<A>>_v");
                for (position, operand) in operands.iter().enumerate() {
                    if subscripted && position > 0 {
                        self.infer(operand);
                    } else {
                        self.expect_bool(operand);
                    }
                }
                self.store.add(Node::Bool, span)
            }
        }
    }

    fn bools(&mut self, operands: &[&Expr], span: Span) -> SortVar {
        let sort = self.store.add(Node::Bool, span);
        for operand in operands {
            self.expect(operand, sort);
        }
        sort
    }

    fn one_binder(&mut self, binder: &Binder) -> SortVar {
        let sorts = self.binders(std::slice::from_ref(binder));
        sorts[0]
    }

    fn record(
        &mut self,
        fields: &[(Name, Expr)],
        mut walk: impl FnMut(&mut Self, &Expr) -> SortVar,
        tags: impl Fn(&Expr) -> Option<Vec<String>>,
        span: Span,
    ) -> SortVar {
        let mut shape = Shape { fields: Vec::with_capacity(fields.len()), tags: BTreeMap::new() };
        for (name, value) in fields {
            if let Some(values) = tags(value) {
                shape.tags.insert(name.text.clone(), values.into_iter().collect());
            }
            let sort = walk(self, value);
            shape.fields.push((name.clone(), sort));
        }
        self.store.record(shape, span)
    }

    fn defer_field(&mut self, record: SortVar, field: &Name, tags: Vec<(String, String)>, result: SortVar) {
        self.deferred.push(Deferred::Field {
            record,
            field: field.text.clone(),
            tags,
            result,
            at: field.span,
        });
    }

    /// What a filter says of its own element holds of an element of the filtered set. It is never
    /// forgotten: the name is bound to nothing else.
    fn inherit_tags(&mut self, binder: &Binder) {
        let Some(domain) = &binder.domain else { return };
        let ExprKind::SetFilter(filtered, condition) = &domain.kind else { return };
        let mark = self.known.len();
        learn(condition, &mut self.known);
        let learnt = self.known.split_off(mark);
        let about = learnt.into_iter().filter(|tag| tag.local == filtered.local);
        self.known.extend(about.map(|tag| Tag { local: binder.local, ..tag }));
    }

    /// What the context says of the strings in a record.
    fn known_tags(&self, record: &Expr) -> Vec<(String, String)> {
        let ExprKind::Local(local, _) = record.kind else { return Vec::new() };
        let about = self.known.iter().filter(|tag| tag.local == local);
        about.map(|tag| (tag.field.clone(), tag.value.clone())).collect()
    }

    /// Walks what is only of interest where `condition` holds.
    fn knowing<R>(&mut self, condition: &Expr, walk: impl FnOnce(&mut Self) -> R) -> R {
        let mark = self.known.len();
        learn(condition, &mut self.known);
        let result = walk(self);
        self.known.truncate(mark);
        result
    }

    fn index(&mut self, function: &Expr, argument: &Expr, span: Span) -> SortVar {
        let sort = self.infer(function);
        let result = self.store.free(span);
        if let ExprKind::Int(index) = argument.kind {
            self.infer(argument);
            self.deferred.push(Deferred::Index { function: sort, index, result, at: span });
            return result;
        }
        let from = self.store.free(argument.span);
        let expected = self.store.add(Node::Function(from, result), span);
        self.require(expected, sort, function.span);
        self.expect(argument, from);
        result
    }

    fn apply(&mut self, def: DefId, args: &[Expr], span: Span) -> SortVar {
        let call = self.current.calls.len();
        // The place in the list of calls comes before those of the arguments.
        self.current.calls.push(None);
        if let Some((own, result)) = self.current.itself
            && own == def
        {
            // Within its body a definition has the sorts that it is being inferred at.
            for (arg, param) in args.iter().zip(self.current.params.clone()) {
                self.expect(arg, param);
            }
            return result;
        }
        if let Some(Scheme::Mono(id)) = self.schemes[def.index()] {
            let params = self.instances[id].params.clone();
            self.current.calls[call] = Some(id);
            for (arg, param) in args.iter().zip(params) {
                self.expect(arg, param);
            }
            if self.instances[id].broken {
                self.current.broken = true;
                return self.store.add(Node::Error, span);
            }
            return self.instances[id].result().unwrap_or_else(|| self.store.free(span));
        }
        let sorts: Vec<SortVar> = args.iter().map(|arg| self.infer(arg)).collect();
        let mut key = Vec::new();
        for sort in &sorts {
            self.store.key(*sort, &mut key);
        }
        if let Some(id) = self.shared.get(&(def, key)) {
            // The key may be stale, from before its unknown sorts were unified: require it again.
            let id = *id;
            let params = self.instances[id].params.clone();
            if params.iter().zip(&sorts).all(|(param, sort)| self.store.same(*param, *sort)) {
                self.current.calls[call] = Some(id);
                return self.instances[id].result().unwrap_or_else(|| self.store.free(span));
            }
        }
        if self.instances.len() >= MAX_INSTANCES {
            if !std::mem::replace(&mut self.gave_up, true) {
                self.report(SortError::TooManyInstances { at: span });
            }
            self.current.broken = true;
            return self.store.add(Node::Error, span);
        }
        let instance = self.walk_def(def);
        for ((param, sort), arg) in instance.params.iter().zip(&sorts).zip(args) {
            self.require(*param, *sort, arg.span);
        }
        let result = instance.result().unwrap_or_else(|| self.store.free(span));
        let broken = instance.broken;
        let id = self.instances.push(instance);
        self.current.calls[call] = Some(id);
        if broken {
            self.current.broken = true;
            return self.store.add(Node::Error, span);
        }
        self.share(def, &sorts, result, id);
        result
    }

    /// Lets later uses at the same sorts have the same instance, if these decide the result's sort.
    fn share(&mut self, def: DefId, args: &[SortVar], result: SortVar, id: InstanceId) {
        let (mut in_args, mut in_result) = (IndexSet::new(), IndexSet::new());
        for arg in args {
            self.store.leaves(*arg, &mut in_args);
        }
        self.store.leaves(result, &mut in_result);
        if in_result.iter().all(|leaf| in_args.contains(leaf)) {
            let mut key = Vec::new();
            for arg in args {
                self.store.key(*arg, &mut key);
            }
            self.shared.insert((def, key), id);
        }
    }
}

/// Collects what a formula says of strings in fields of bound names.
fn learn(condition: &Expr, known: &mut Vec<Tag>) {
    if let ExprKind::And(items) = &condition.kind {
        for item in items {
            learn(item, known);
        }
    }
    let ExprKind::Equal(a, b) = &condition.kind else { return };
    let (ExprKind::Field(record, name), ExprKind::Str(text)) = (&a.kind, &b.kind) else { return };
    let ExprKind::Local(local, _) = record.kind else { return };
    known.push(Tag { local, field: name.text.clone(), value: text.to_string() });
}

/// The string that a record literal gives a field.
fn own_tag(value: &Expr) -> Option<Vec<String>> {
    if let ExprKind::Str(text) = &value.kind { Some(vec![text.to_string()]) } else { None }
}

/// The strings that a set of records gives a field.
fn set_tags(value: &Expr) -> Option<Vec<String>> {
    let ExprKind::SetEnum(items) = &value.kind else { return None };
    let tags: Vec<Vec<String>> = items.iter().filter_map(own_tag).collect();
    (!items.is_empty() && tags.len() == items.len()).then(|| tags.into_iter().flatten().collect())
}
