//! Values of expressions that are no formulas.
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "values of other sorts than the expression's do not occur"
)]

use std::sync::Arc;

use lang::ids::Id;
use lang::sort::{RecordId, Sort};
use lang::source::Span;
use lang::typed::{Arithmetic, Binder, BuiltinSet, Expr, ExprKind};

use super::lazy::{Lazy, Val};
use super::{MAX_ELEMENTS, Run, Stuck, Why, stuck};
use crate::instance::Constant;
use crate::value::{Infinite, Value};

impl Run<'_> {
    /// The value of an expression where it is at hand.
    pub(super) fn peek(&self, e: &Expr) -> Option<&Value> {
        match &e.kind {
            ExprKind::Local(local) => match self.env.get(local.index())?.as_ref()? {
                Val::Is(value) => Some(value),
                Val::Lazy(_) | Val::Open(_) => None,
            },
            ExprKind::Variable(variable, time) => self.state(*time)?.iter().as_slice().get(variable.index()),
            ExprKind::Constant(constant) => {
                match self.instance.constants.iter().as_slice().get(constant.index())? {
                    Constant::Value(value) => Some(value),
                    Constant::Operator { .. } => None,
                }
            }
            ExprKind::Field(record, field) => match self.peek(record)? {
                Value::Record(sort, shape, values) => values.get(self.slot(*sort, *shape, *field)?),
                _ => None,
            },
            ExprKind::Component(tuple, position) => match self.peek(tuple)? {
                Value::Tuple(values) => values.get(*position),
                _ => None,
            },
            ExprKind::Index(function, argument) => match self.peek(function)? {
                Value::Function(entries) => find(entries, self.peek(argument)?),
                _ => None,
            },
            _ => None,
        }
    }

    /// Where a field's value stands in records of a shape, if they have the field at this sort.
    pub(super) fn slot(&self, sort: RecordId, shape: usize, field: usize) -> Option<usize> {
        self.module.sorts.records[sort].shapes.get(shape)?.binary_search(&field).ok()
    }

    /// The value of an expression, with sets written out.
    pub(super) fn value(&mut self, e: &Expr) -> Result<Value, Stuck> {
        match self.eval(e)? {
            Val::Is(value) => Ok(value),
            val => self.force(val, e.span),
        }
    }

    /// An integer.
    pub(super) fn int(&mut self, e: &Expr) -> Result<i64, Stuck> {
        match &e.kind {
            ExprKind::Int(number) => {
                i64::try_from(*number).map_err(|_| Stuck { why: Why::TooLarge, span: e.span })
            }
            ExprKind::Arithmetic(operator, a, b) => {
                let (a, b) = (self.int(a)?, self.int(b)?);
                arithmetic(*operator, a, b, e.span)
            }
            _ => {
                if let Some(Value::Int(number)) = self.peek(e) {
                    return Ok(*number);
                }
                match self.value(e)? {
                    Value::Int(number) => Ok(number),
                    _ => stuck(Why::Unspecified, e.span),
                }
            }
        }
    }

    fn values(&mut self, items: &[Expr]) -> Result<Arc<[Value]>, Stuck> {
        items.iter().map(|item| self.value(item)).collect()
    }

    fn evals(&mut self, items: &[Expr]) -> Result<Vec<Val>, Stuck> {
        items.iter().map(|item| self.eval(item)).collect()
    }

    /// What an expression stands for.
    pub(super) fn eval(&mut self, e: &Expr) -> Result<Val, Stuck> {
        if let Some(value) = self.peek(e) {
            return Ok(Val::Is(value.clone()));
        }
        let value = match &e.kind {
            ExprKind::Bool(_)
            | ExprKind::Not(_)
            | ExprKind::And(_)
            | ExprKind::Or(_)
            | ExprKind::Implies(..)
            | ExprKind::Iff(..)
            | ExprKind::Equal(..)
            | ExprKind::In(..)
            | ExprKind::SubsetEq(..)
            | ExprKind::Quantifier(..)
            | ExprKind::IsFinite(_)
            | ExprKind::IsSequence(_)
            | ExprKind::Compare(..)
            | ExprKind::Unchanged(_)
            | ExprKind::ActionBox(..)
            | ExprKind::Always(_)
            | ExprKind::Temporal(..) => Value::Bool(self.truth(e)?),
            ExprKind::Int(_) | ExprKind::Arithmetic(..) => Value::Int(self.int(e)?),
            ExprKind::Negate(a) => {
                let number = self.int(a)?.checked_neg();
                Value::Int(number.ok_or(Stuck { why: Why::TooLarge, span: e.span })?)
            }
            ExprKind::Str(text) => Value::Str(Arc::clone(text)),
            ExprKind::Local(local) => {
                return match self.env.get(local.index()).and_then(Clone::clone) {
                    Some(Val::Open(reason)) => Err(reason),
                    Some(val) => Ok(val),
                    None => stuck(Why::Unspecified, e.span),
                };
            }
            ExprKind::Variable(..) => return stuck(Why::NoState, e.span),
            ExprKind::Constant(_) => return stuck(Why::Unspecified, e.span),
            ExprKind::ConstantApply(constant, args) => {
                let args: Vec<Value> = args.iter().map(|arg| self.value(arg)).collect::<Result<_, _>>()?;
                match self.instance.constants.iter().as_slice().get(constant.index()) {
                    Some(Constant::Operator { entries, otherwise }) => {
                        entries.get(&args).unwrap_or(otherwise).clone()
                    }
                    Some(Constant::Value(_)) | None => return stuck(Why::Unspecified, e.span),
                }
            }
            ExprKind::Apply(operator, args, time) => {
                return self.apply((*operator, args, *time), e.span, Self::eval);
            }
            ExprKind::If(..) if e.sort == Sort::Bool => Value::Bool(self.truth(e)?),
            ExprKind::If(condition, then, otherwise) => {
                return if self.truth(condition)? { self.eval(then) } else { self.eval(otherwise) };
            }
            ExprKind::Choose(binder, body) => return self.choose(e, binder, body).map(Val::Is),
            ExprKind::SetEnum(items) => {
                let items = items.iter().map(|item| self.value(item)).collect::<Result<_, _>>()?;
                self.set_of(items, e.span)?
            }
            ExprKind::SetFilter(binder, body) => return self.filter(binder, body, e.span),
            ExprKind::SetMap(body, binders) => return self.map(body, binders, e.span),
            ExprKind::Union(a, b) => {
                let (a, b) = (self.eval(a)?, self.eval(b)?);
                return self.union(a, b, e.span);
            }
            ExprKind::Intersect(a, b) => {
                let (a, b) = (self.eval(a)?, self.eval(b)?);
                return self.intersection(a, b, e.span);
            }
            ExprKind::Minus(a, b) => {
                let (a, b) = (self.eval(a)?, self.eval(b)?);
                return self.difference(a, b, e.span);
            }
            ExprKind::Powerset(a) => return Ok(Val::lazy(Lazy::Power(self.eval(a)?))),
            ExprKind::BigUnion(a) => return self.big_union(a, e.span),
            ExprKind::Range(a, b) => return Ok(Val::lazy(Lazy::Range(self.int(a)?, self.int(b)?))),
            ExprKind::Builtin(set) => match set {
                BuiltinSet::Nat => Value::Whole(Infinite::Nat),
                BuiltinSet::Int => Value::Whole(Infinite::Int),
                BuiltinSet::String => Value::Whole(Infinite::Str),
                BuiltinSet::Boolean => Value::set([Value::Bool(false), Value::Bool(true)]),
            },
            ExprKind::RecordSet(sort, shape, sets) => {
                return Ok(Val::lazy(Lazy::Records(*sort, *shape, self.evals(sets)?)));
            }
            ExprKind::FunctionSet(a, b) => {
                return Ok(Val::lazy(Lazy::Functions(self.eval(a)?, self.eval(b)?)));
            }
            ExprKind::Product(items) => return Ok(Val::lazy(Lazy::Product(self.evals(items)?))),
            ExprKind::SequenceSet(a) => return Ok(Val::lazy(Lazy::Sequences(self.eval(a)?))),
            ExprKind::Record(sort, shape, values) => Value::Record(*sort, *shape, self.values(values)?),
            ExprKind::Field(record, field) => return self.field(e, record, *field),
            ExprKind::FieldUpdate(record, field, value) => {
                let Value::Record(sort, shape, values) = self.value(record)? else {
                    return stuck(Why::Unspecified, e.span);
                };
                match self.slot(sort, shape, *field) {
                    Some(slot) => {
                        let mut values = values.to_vec();
                        if let Some(old) = values.get_mut(slot) {
                            *old = self.value(value)?;
                        }
                        Value::Record(sort, shape, values.into())
                    }
                    None if self.has_field_of_name(sort, shape, *field) => {
                        return stuck(Why::Unspecified, e.span);
                    }
                    // What is outside of the domain stays outside of it.
                    None => Value::Record(sort, shape, values),
                }
            }
            ExprKind::Tuple(items) => Value::Tuple(self.values(items)?),
            ExprKind::Component(tuple, position) => return self.component(e, tuple, *position),
            ExprKind::Sequence(items) => {
                let items = items.iter().map(|item| self.value(item)).collect::<Result<Vec<_>, _>>()?;
                Value::sequence(items)
            }
            ExprKind::Function(binder, body) => return self.function(binder, body, e.span),
            ExprKind::Index(function, argument) => return self.index(function, argument, e.span),
            ExprKind::Except(function, argument, value) => {
                let Value::Function(entries) = self.value(function)? else {
                    return stuck(Why::TooLarge, e.span);
                };
                let argument = self.value(argument)?;
                match self.position(&entries, &argument, e.span)? {
                    Some(position) => {
                        let mut entries = entries.to_vec();
                        if let Some(entry) = entries.get_mut(position) {
                            entry.1 = self.value(value)?;
                        }
                        Value::Function(entries.into())
                    }
                    None => Value::Function(entries),
                }
            }
            ExprKind::Domain(function) => return self.domain_of(function, e.span),
            ExprKind::Cardinality(set) => {
                let val = self.eval(set)?;
                Value::Int(self.count(&val, e.span)?)
            }
            ExprKind::Len(sequence) => {
                if let Some(value) = self.peek(sequence) {
                    Value::Int(length(value).ok_or(Stuck { why: Why::Unspecified, span: e.span })?)
                } else {
                    let value = self.value(sequence)?;
                    Value::Int(length(&value).ok_or(Stuck { why: Why::Unspecified, span: e.span })?)
                }
            }
        };
        Ok(Val::Is(value))
    }

    fn field(&mut self, e: &Expr, record: &Expr, field: usize) -> Result<Val, Stuck> {
        if let ExprKind::Record(sort, shape, values) = &record.kind
            && let Some(value) = self.slot(*sort, *shape, field).and_then(|slot| values.get(slot))
        {
            return self.eval(value);
        }
        let Value::Record(sort, shape, values) = self.value(record)? else {
            return stuck(Why::Unspecified, e.span);
        };
        match self.slot(sort, shape, field).and_then(|slot| values.get(slot)) {
            Some(value) => Ok(Val::Is(value.clone())),
            None => stuck(Why::Unspecified, e.span),
        }
    }

    /// Whether records of a shape have a field of the same name, perhaps of another sort.
    fn has_field_of_name(&self, sort: RecordId, shape: usize, field: usize) -> bool {
        let record = &self.module.sorts.records[sort];
        let Some(wanted) = record.fields.get(field) else { return false };
        let fields = record.shapes.get(shape).into_iter().flatten();
        fields.filter_map(|position| record.fields.get(*position)).any(|found| found.name == wanted.name)
    }

    fn component(&mut self, e: &Expr, tuple: &Expr, position: usize) -> Result<Val, Stuck> {
        if let ExprKind::Tuple(items) = &tuple.kind
            && let Some(item) = items.get(position)
        {
            return self.eval(item);
        }
        match self.value(tuple)? {
            Value::Tuple(values) if position < values.len() => Ok(Val::Is(values[position].clone())),
            _ => stuck(Why::Unspecified, e.span),
        }
    }

    /// `f[x]`
    fn index(&mut self, function: &Expr, argument: &Expr, span: Span) -> Result<Val, Stuck> {
        let argument = self.eval(argument)?;
        if let (Some(Value::Function(entries)), Val::Is(argument)) = (self.peek(function), &argument) {
            return match self.position(entries, argument, span)? {
                Some(position) => Ok(Val::Is(entries[position].1.clone())),
                None => stuck(Why::Unspecified, span),
            };
        }
        let function = self.deferred(function)?;
        self.at(&function, argument, span)
    }

    /// The value of a function at an argument.
    pub(super) fn at(&mut self, function: &Val, argument: Val, span: Span) -> Result<Val, Stuck> {
        match function {
            Val::Is(Value::Function(entries)) => {
                let argument = self.force(argument, span)?;
                match self.position(entries, &argument, span)? {
                    Some(position) => Ok(Val::Is(entries[position].1.clone())),
                    None => stuck(Why::Unspecified, span),
                }
            }
            Val::Lazy(lazy) => match &**lazy {
                Lazy::Function(domain, closure, memo) => {
                    if let Val::Is(argument) = &argument
                        && let Some(known) = memo.borrow().get(argument)
                    {
                        return known.clone();
                    }
                    if !self.is_member(&argument, domain, span)? {
                        return stuck(Why::Unspecified, span);
                    }
                    self.step(span)?;
                    if self.n_calls >= super::MAX_CALLS {
                        return stuck(Why::TooLarge, span);
                    }
                    self.n_calls += 1;
                    let result = self.enter(closure, [argument.clone()], |this| this.eval(&closure.body));
                    self.n_calls -= 1;
                    if let Val::Is(argument) = argument {
                        memo.borrow_mut().insert(argument, result.clone());
                    }
                    result
                }
                _ => stuck(Why::Unspecified, span),
            },
            Val::Is(_) => stuck(Why::Unspecified, span),
            Val::Open(reason) => Err(reason.clone()),
        }
    }

    /// What an expression stands for, where values of a function are worked out only when they are asked for.
    pub(super) fn deferred(&mut self, e: &Expr) -> Result<Val, Stuck> {
        if let ExprKind::Function(Binder { local, domain: Some(domain) }, body) = &e.kind {
            let domain = self.eval(domain)?;
            return Ok(Val::function(domain, self.close(vec![*local], body)));
        }
        self.eval(e)
    }

    /// `[x \in S |-> e]`
    fn function(&mut self, binder: &Binder, body: &Expr, span: Span) -> Result<Val, Stuck> {
        let Some(domain) = &binder.domain else { return stuck(Why::Infinite, span) };
        let domain = self.eval(domain)?;
        let list = match self.members(&domain, span) {
            Ok(list) if list.len() <= MAX_ELEMENTS => list,
            Ok(_) | Err(Stuck { why: Why::Infinite | Why::TooLarge, .. }) => {
                return Ok(Val::function(domain, self.close(vec![binder.local], body)));
            }
            Err(reason) => return Err(reason),
        };
        let mut entries = Vec::with_capacity(list.len());
        for position in 0..list.len() {
            let Some(argument) = list.get(position) else { break };
            self.step(span)?;
            let before = self.bind(binder.local, Val::Is(argument.clone()));
            let value = self.value(body);
            self.unbind(binder.local, before);
            entries.push((argument, value?));
        }
        Ok(Val::Is(Value::function(entries)))
    }

    /// `DOMAIN f`, also of records and tuples.
    fn domain_of(&mut self, function: &Expr, span: Span) -> Result<Val, Stuck> {
        if let ExprKind::Function(Binder { domain: Some(domain), .. }, _) = &function.kind {
            return self.eval(domain);
        }
        if let ExprKind::Except(function, ..) = &function.kind {
            return self.domain_of(function, span);
        }
        Ok(match self.deferred(function)? {
            Val::Is(Value::Function(entries)) => {
                Val::Is(Value::Set(entries.iter().map(|(argument, _)| argument.clone()).collect()))
            }
            Val::Is(Value::Record(sort, shape, _)) => {
                let record = &self.module.sorts.records[sort];
                let fields = record.shapes.get(shape).into_iter().flatten();
                let names = fields.filter_map(|field| record.fields.get(*field));
                Val::Is(Value::set(names.map(|field| Value::Str(field.name.as_str().into()))))
            }
            Val::Is(Value::Tuple(items)) => {
                Val::lazy(Lazy::Range(1, i64::try_from(items.len()).unwrap_or(i64::MAX)))
            }
            Val::Lazy(lazy) => match &*lazy {
                Lazy::Function(domain, ..) => domain.clone(),
                _ => return stuck(Why::Unspecified, span),
            },
            Val::Is(_) => return stuck(Why::Unspecified, span),
            Val::Open(reason) => return Err(reason),
        })
    }

    /// The position of an argument among the entries of a function.
    fn position(
        &self,
        entries: &[(Value, Value)],
        argument: &Value,
        span: Span,
    ) -> Result<Option<usize>, Stuck> {
        match entries.binary_search_by(|entry| entry.0.cmp(argument)) {
            Ok(position) => Ok(Some(position)),
            Err(_) if self.evaluator.is_confusable => {
                for (known, _) in entries {
                    self.equal_values(known, argument, span)?;
                }
                Ok(None)
            }
            Err(_) => Ok(None),
        }
    }
}

/// The value of a function at an argument.
fn find<'v>(entries: &'v [(Value, Value)], argument: &Value) -> Option<&'v Value> {
    let position = entries.binary_search_by(|entry| entry.0.cmp(argument)).ok()?;
    entries.get(position).map(|(_, value)| value)
}

/// The length of a sequence.
pub(super) fn length(value: &Value) -> Option<i64> {
    let Value::Function(entries) = value else { return None };
    let is_sequence = entries.iter().zip(1_i64..).all(|((argument, _), i)| *argument == Value::Int(i));
    if is_sequence { i64::try_from(entries.len()).ok() } else { None }
}

/// Arithmetic; division rounds down, and is left open for divisors that are not positive, like powers with
/// exponents that are negative and the power `0 ^ 0`.
fn arithmetic(operator: Arithmetic, a: i64, b: i64, span: Span) -> Result<i64, Stuck> {
    let result = match operator {
        Arithmetic::Add => a.checked_add(b),
        Arithmetic::Subtract => a.checked_sub(b),
        Arithmetic::Multiply => a.checked_mul(b),
        Arithmetic::Divide | Arithmetic::Modulo if b <= 0 => return stuck(Why::Unspecified, span),
        Arithmetic::Divide => Some(a.div_euclid(b)),
        Arithmetic::Modulo => Some(a.rem_euclid(b)),
        Arithmetic::Power if b < 0 || (a == 0 && b == 0) => return stuck(Why::Unspecified, span),
        Arithmetic::Power => match a {
            0 | 1 => Some(a),
            -1 => Some(if b % 2 == 0 { 1 } else { -1 }),
            _ => u32::try_from(b).ok().and_then(|b| a.checked_pow(b)),
        },
    };
    result.ok_or(Stuck { why: Why::TooLarge, span })
}
