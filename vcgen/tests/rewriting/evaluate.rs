//! What typed expressions mean, on states of small values.
//!
//! What TLA+ leaves open (a function outside its domain, a field that a record lacks, `CHOOSE` from nothing,
//! `\div` by what is not positive, the length of what is no sequence) is arbitrary but fixed: a number picks
//! one of several readings, and under each of them equal questions have equal answers.

use std::collections::{BTreeMap, BTreeSet};

use lang::sort::Sort;
use lang::typed::{
    Arithmetic, Binder, BuiltinSet, Comparison, Expr, ExprKind, LocalId, Module, Quantifier, VariableId,
};

/// A value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Value {
    Bool(bool),
    Int(i128),
    Str(String),
    Set(BTreeSet<Value>),
    Function(BTreeMap<Value, Value>),
    /// By the position of the field in the record's sort.
    Record(BTreeMap<usize, Value>),
    Tuple(Vec<Value>),
}

/// A sequence, which is a function.
pub(crate) fn sequence(items: impl IntoIterator<Item = Value>) -> Value {
    Value::Function((1..).map(Value::Int).zip(items).collect())
}

/// Where an expression is read.
pub(crate) struct State<'m> {
    pub(crate) module: &'m Module,
    pub(crate) variables: BTreeMap<VariableId, Value>,
    /// Which reading of what TLA+ leaves open.
    pub(crate) reading: u64,
}

/// Sets with more elements are not listed.
const MAX_SIZE: usize = 3000;

type Locals = BTreeMap<LocalId, Value>;

impl State<'_> {
    /// The value of a closed expression; none if it would take a set without end, or a large one.
    pub(crate) fn value(&self, expr: &Expr) -> Option<Value> {
        self.eval(expr, &Locals::new())
    }

    /// Some element of a sort, the same for the same question.
    fn open(&self, sort: &Sort, question: &dyn std::fmt::Debug) -> Option<Value> {
        let mut hash = self.reading.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0xcbf2_9ce4_8422_2325;
        for byte in format!("{question:?}").bytes() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        hash ^= hash >> 29;
        Some(match sort {
            Sort::Bool => Value::Bool(hash.is_multiple_of(2)),
            Sort::Int => Value::Int(i128::from(hash % 7) - 3),
            Sort::Set(_) => Value::Set(BTreeSet::new()),
            Sort::Function(..) => Value::Function(BTreeMap::new()),
            Sort::Str => Value::Str("open".to_owned()),
            Sort::Record(_) | Sort::Tuple(_) | Sort::Uninterpreted(_) => return None,
        })
    }

    fn int(&self, expr: &Expr, locals: &Locals) -> Option<i128> {
        if let Value::Int(value) = self.eval(expr, locals)? { Some(value) } else { None }
    }

    fn truth(&self, expr: &Expr, locals: &Locals) -> Option<bool> {
        if let Value::Bool(value) = self.eval(expr, locals)? { Some(value) } else { None }
    }

    fn set(&self, expr: &Expr, locals: &Locals) -> Option<BTreeSet<Value>> {
        if let Value::Set(value) = self.eval(expr, locals)? { Some(value) } else { None }
    }

    fn function(&self, expr: &Expr, locals: &Locals) -> Option<BTreeMap<Value, Value>> {
        if let Value::Function(value) = self.eval(expr, locals)? { Some(value) } else { None }
    }

    /// Whether a value is in a set, which may have no end.
    fn is_in(&self, value: &Value, set: &Expr, locals: &Locals) -> Option<bool> {
        use ExprKind as K;
        match (&set.kind, value) {
            (K::Builtin(BuiltinSet::Nat), Value::Int(value)) => Some(*value >= 0),
            (K::Builtin(_), _) => Some(true),
            (K::Union(a, b), _) => Some(self.is_in(value, a, locals)? || self.is_in(value, b, locals)?),
            (K::Intersect(a, b), _) => Some(self.is_in(value, a, locals)? && self.is_in(value, b, locals)?),
            (K::Minus(a, b), _) => Some(self.is_in(value, a, locals)? && !self.is_in(value, b, locals)?),
            (K::If(condition, then, otherwise), _) => {
                self.is_in(value, if self.truth(condition, locals)? { then } else { otherwise }, locals)
            }
            (K::SequenceSet(of), Value::Function(function)) => {
                Some(is_sequence(function) && self.all_in(function.values(), of, locals)?)
            }
            (K::FunctionSet(domain, range), Value::Function(function)) => Some(
                self.set(domain, locals)?.iter().eq(function.keys())
                    && self.all_in(function.values(), range, locals)?,
            ),
            (K::Powerset(of), Value::Set(items)) => self.all_in(items.iter(), of, locals),
            (K::RecordSet(id, shape, sets), Value::Record(fields)) => {
                let shape = &self.module.sorts.records[*id].shapes[*shape];
                if !shape.iter().eq(fields.keys()) {
                    return Some(false);
                }
                fields
                    .values()
                    .zip(sets)
                    .try_fold(true, |so_far, (value, set)| Some(self.is_in(value, set, locals)? && so_far))
            }
            (K::Product(sets), Value::Tuple(items)) => items
                .iter()
                .zip(sets)
                .try_fold(true, |so_far, (value, set)| Some(self.is_in(value, set, locals)? && so_far)),
            _ => Some(self.set(set, locals)?.contains(value)),
        }
    }

    fn all_in<'v>(
        &self,
        mut values: impl Iterator<Item = &'v Value>,
        set: &Expr,
        locals: &Locals,
    ) -> Option<bool> {
        values.try_fold(true, |so_far, value| Some(self.is_in(value, set, locals)? && so_far))
    }

    /// All ways to give values to bound names, in order; a binder's set does not see the other binders.
    fn bind(&self, binders: &[Binder], locals: &Locals) -> Option<Vec<Locals>> {
        let mut all = vec![locals.clone()];
        for binder in binders {
            let values = self.set(binder.domain.as_ref()?, locals)?;
            let mut grown = Vec::new();
            for before in &all {
                for value in &values {
                    let mut after = before.clone();
                    after.insert(binder.local, value.clone());
                    grown.push(after);
                }
            }
            all = grown;
            if all.len() > MAX_SIZE {
                return None;
            }
        }
        Some(all)
    }

    fn all(&self, items: &[Expr], locals: &Locals) -> Option<Vec<Value>> {
        items.iter().map(|item| self.eval(item, locals)).collect()
    }

    /// Each choice of one element of each set, as a list.
    fn product(&self, sets: &[Expr], locals: &Locals) -> Option<Vec<Vec<Value>>> {
        let mut all = vec![Vec::new()];
        for set in sets {
            let items = self.set(set, locals)?;
            all = all
                .iter()
                .flat_map(|before: &Vec<Value>| {
                    items.iter().map(move |item| before.iter().chain([item]).cloned().collect())
                })
                .collect();
            if all.len() > MAX_SIZE {
                return None;
            }
        }
        Some(all)
    }

    fn eval(&self, expr: &Expr, locals: &Locals) -> Option<Value> {
        use ExprKind as K;
        use Value as V;
        Some(match &expr.kind {
            K::Bool(value) => V::Bool(*value),
            K::Int(value) => V::Int(*value),
            K::Str(value) => V::Str(value.to_string()),
            K::Local(id) => locals.get(id)?.clone(),
            K::Variable(id, _) => self.variables.get(id)?.clone(),
            K::Apply(operator, args, _) => {
                let definition = &self.module.operators[*operator];
                let values = self.all(args, locals)?;
                self.eval(&definition.body, &definition.params.iter().copied().zip(values).collect())?
            }
            K::Not(a) => V::Bool(!self.truth(a, locals)?),
            K::And(items) => {
                V::Bool(items.iter().try_fold(true, |so_far, item| Some(so_far & self.truth(item, locals)?))?)
            }
            K::Or(items) => V::Bool(
                items.iter().try_fold(false, |so_far, item| Some(so_far | self.truth(item, locals)?))?,
            ),
            K::Implies(a, b) => V::Bool(!self.truth(a, locals)? | self.truth(b, locals)?),
            K::Iff(a, b) | K::Equal(a, b) => V::Bool(self.eval(a, locals)? == self.eval(b, locals)?),
            K::If(condition, then, otherwise) => {
                self.eval(if self.truth(condition, locals)? { then } else { otherwise }, locals)?
            }
            K::Quantifier(q, binders, body) => {
                let truths: Option<Vec<bool>> =
                    self.bind(binders, locals)?.iter().map(|inner| self.truth(body, inner)).collect();
                let truths = truths?;
                V::Bool(match q {
                    Quantifier::Forall => truths.iter().all(|truth| *truth),
                    Quantifier::Exists => truths.iter().any(|truth| *truth),
                })
            }
            K::Choose(binder, body) => {
                let found = self.filter(binder, body, locals)?;
                match found.first() {
                    Some(_) if self.reading.is_multiple_of(2) => found.first()?.clone(),
                    Some(_) => found.last()?.clone(),
                    None => self.open(&expr.sort, &"nothing")?,
                }
            }
            K::In(a, set) => V::Bool(self.is_in(&self.eval(a, locals)?, set, locals)?),
            K::SubsetEq(a, b) => V::Bool(self.all_in(self.set(a, locals)?.iter(), b, locals)?),
            K::SetEnum(items) => V::Set(self.all(items, locals)?.into_iter().collect()),
            K::SetFilter(binder, body) => V::Set(self.filter(binder, body, locals)?),
            K::SetMap(image, binders) => {
                let images: Option<_> =
                    self.bind(binders, locals)?.iter().map(|inner| self.eval(image, inner)).collect();
                V::Set(images?)
            }
            K::Union(a, b) => V::Set(&self.set(a, locals)? | &self.set(b, locals)?),
            K::Intersect(a, b) => V::Set(&self.set(a, locals)? & &self.set(b, locals)?),
            K::Minus(a, b) => V::Set(&self.set(a, locals)? - &self.set(b, locals)?),
            K::Powerset(of) => {
                let items: Vec<Value> = self.set(of, locals)?.into_iter().collect();
                if items.len() > 6 {
                    return None;
                }
                let part = |mask: usize| {
                    let items = items.iter().enumerate().filter(|(at, _)| mask >> at & 1 == 1);
                    V::Set(items.map(|(_, item)| item.clone()).collect())
                };
                V::Set((0..1 << items.len()).map(part).collect())
            }
            K::BigUnion(of) => {
                let mut all = BTreeSet::new();
                for set in self.set(of, locals)? {
                    if let V::Set(items) = set {
                        all.extend(items);
                    }
                }
                V::Set(all)
            }
            K::Range(low, high) => {
                let (low, high) = (self.int(low, locals)?, self.int(high, locals)?);
                if high - low > 200 {
                    return None;
                }
                V::Set((low..=high).map(V::Int).collect())
            }
            K::Builtin(BuiltinSet::Boolean) => V::Set([V::Bool(false), V::Bool(true)].into()),
            K::RecordSet(id, shape, sets) => {
                let shape = &self.module.sorts.records[*id].shapes[*shape];
                let records = self.product(sets, locals)?.into_iter();
                V::Set(records.map(|values| V::Record(shape.iter().copied().zip(values).collect())).collect())
            }
            K::FunctionSet(domain, range) => {
                let domain = self.set(domain, locals)?;
                let ranges = vec![range.clone(); domain.len()];
                let all = self.product(&ranges, locals)?.into_iter();
                V::Set(all.map(|values| V::Function(domain.iter().cloned().zip(values).collect())).collect())
            }
            K::Product(sets) => V::Set(self.product(sets, locals)?.into_iter().map(V::Tuple).collect()),
            K::Record(id, shape, values) => {
                let shape = &self.module.sorts.records[*id].shapes[*shape];
                V::Record(shape.iter().copied().zip(self.all(values, locals)?).collect())
            }
            K::Field(record, field) => {
                let V::Record(fields) = self.eval(record, locals)? else { return None };
                match fields.get(field) {
                    Some(value) => value.clone(),
                    None => self.open(&expr.sort, &(fields, field))?,
                }
            }
            K::FieldUpdate(record, field, value) => {
                let V::Record(mut fields) = self.eval(record, locals)? else { return None };
                let value = self.eval(value, locals)?;
                if let Some(old) = fields.get_mut(field) {
                    *old = value;
                }
                V::Record(fields)
            }
            K::Tuple(items) => V::Tuple(self.all(items, locals)?),
            K::Component(tuple, index) => {
                let V::Tuple(items) = self.eval(tuple, locals)? else { return None };
                items.get(*index)?.clone()
            }
            K::Function(binder, body) => {
                let mut function = BTreeMap::new();
                for inner in self.bind(std::slice::from_ref(binder), locals)? {
                    function.insert(inner[&binder.local].clone(), self.eval(body, &inner)?);
                }
                V::Function(function)
            }
            K::Index(function, argument) => {
                let (function, argument) = (self.function(function, locals)?, self.eval(argument, locals)?);
                match function.get(&argument) {
                    Some(value) => value.clone(),
                    None => self.open(&expr.sort, &(function, argument))?,
                }
            }
            K::Except(function, argument, value) => {
                let mut function = self.function(function, locals)?;
                let (argument, value) = (self.eval(argument, locals)?, self.eval(value, locals)?);
                if let Some(old) = function.get_mut(&argument) {
                    *old = value;
                }
                V::Function(function)
            }
            K::Domain(of) => match self.eval(of, locals)? {
                V::Function(function) => V::Set(function.into_keys().collect()),
                V::Record(fields) => {
                    let Sort::Record(id) = &of.sort else { return None };
                    let sort = &self.module.sorts.records[*id];
                    V::Set(fields.keys().map(|field| V::Str(sort.fields[*field].name.clone())).collect())
                }
                _ => return None,
            },
            K::IsFinite(set) => match &set.kind {
                K::Builtin(BuiltinSet::Nat | BuiltinSet::Int) => V::Bool(false),
                _ => self.set(set, locals).map(|_| V::Bool(true))?,
            },
            K::Cardinality(set) => V::Int(i128::try_from(self.set(set, locals)?.len()).ok()?),
            K::Sequence(items) => sequence(self.all(items, locals)?),
            K::Len(of) => {
                let function = self.function(of, locals)?;
                if is_sequence(&function) {
                    V::Int(i128::try_from(function.len()).ok()?)
                } else {
                    self.open(&Sort::Int, &("Len", function))?
                }
            }
            K::IsSequence(of) => V::Bool(is_sequence(&self.function(of, locals)?)),
            K::Arithmetic(op, a, b) => {
                let (a, b) = (self.int(a, locals)?, self.int(b, locals)?);
                V::Int(match op {
                    Arithmetic::Add => a.checked_add(b)?,
                    Arithmetic::Subtract => a.checked_sub(b)?,
                    Arithmetic::Multiply => a.checked_mul(b)?,
                    Arithmetic::Divide if b > 0 => a.div_euclid(b),
                    Arithmetic::Modulo if b > 0 => a.rem_euclid(b),
                    Arithmetic::Power if b > 0 || b == 0 && a != 0 => {
                        a.checked_pow(u32::try_from(b).ok()?)?
                    }
                    Arithmetic::Divide | Arithmetic::Modulo | Arithmetic::Power => {
                        return self.open(&Sort::Int, &(op, a, b));
                    }
                })
            }
            K::Negate(a) => V::Int(self.int(a, locals)?.checked_neg()?),
            K::Compare(op, a, b) => {
                let (a, b) = (self.int(a, locals)?, self.int(b, locals)?);
                V::Bool(match op {
                    Comparison::Less => a < b,
                    Comparison::LessEqual => a <= b,
                })
            }
            K::Builtin(BuiltinSet::Nat | BuiltinSet::Int | BuiltinSet::String)
            | K::SequenceSet(_)
            | K::Constant(_)
            | K::ConstantApply(..)
            | K::Unchanged(_)
            | K::ActionBox(..)
            | K::Always(_)
            | K::Temporal(..) => return None,
        })
    }

    fn filter(&self, binder: &Binder, body: &Expr, locals: &Locals) -> Option<BTreeSet<Value>> {
        let mut found = BTreeSet::new();
        for inner in self.bind(std::slice::from_ref(binder), locals)? {
            if self.truth(body, &inner)? {
                found.insert(inner[&binder.local].clone());
            }
        }
        Some(found)
    }
}

fn is_sequence(function: &BTreeMap<Value, Value>) -> bool {
    (1..).map(Value::Int).zip(function.keys()).all(|(number, key)| number == *key)
}
