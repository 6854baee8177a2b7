//! Instances that satisfy a module's assumptions, for given sizes.
//!
//! Constants get their values one by one, and an assumption is looked at as soon as all constants in it have one.
//! An assumption `c = e` or `c \in e` gives `c` the value, or one of the values, of `e`, after the constants in `e`.
//!
//! Invariant: an instance that is given out makes every assumption and axiom true, as far as they can be evaluated;
//! [`Found::unsettled`] names the others.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use lang::ids::IdVec;
use lang::sort::{Sort, SortId};
use lang::typed::{ConstantId, Expr, ExprKind, FactKind, Module};

use super::candidates::Material;
use super::{Choices, Constant, Instance};
use crate::evaluate::{Bounds, Evaluator, Moment};
use crate::value::Value;

/// How large instances are.
#[derive(Clone, Debug, PartialEq)]
pub struct Sizes {
    /// How many elements the largest constant set of a sort has. Where constants that are elements have to lie
    /// outside of it, the sort has more elements.
    pub members: IdVec<SortId, u32>,
    /// The instance's integers.
    pub integers: RangeInclusive<i64>,
    /// Constants whose value is given.
    pub given: BTreeMap<ConstantId, Constant>,
}

/// An instance, and what could not be said of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The instance.
    pub instance: Instance,
    /// The assumptions, by position among the module's facts, that could not be evaluated in the strict reading;
    /// they are true, or could not be evaluated either, if infinite sets are read as the instance's integers.
    pub unsettled: Vec<usize>,
}

impl Sizes {
    /// Sizes that make a first look worth its while: three elements where sets of sets are made of them (quorums),
    /// two elsewhere.
    pub fn usual(module: &Module, integers: RangeInclusive<i64>) -> Self {
        let mut members = module.sorts.uninterpreted.iter().fold(IdVec::new(), |mut sizes, _| {
            sizes.push(2);
            sizes
        });
        for constant in &module.constants {
            if let Sort::Set(family) = &constant.sort
                && let Sort::Set(element) = &**family
                && let Sort::Uninterpreted(sort) = &**element
            {
                members[*sort] = 3;
            }
        }
        Self { members, integers, given: BTreeMap::new() }
    }

    /// The same size for every sort.
    pub fn all(module: &Module, size: u32, integers: RangeInclusive<i64>) -> Self {
        let members = module.sorts.uninterpreted.iter().fold(IdVec::new(), |mut sizes, _| {
            sizes.push(size.max(1));
            sizes
        });
        Self { members, integers, given: BTreeMap::new() }
    }
}

/// The instances of these sizes that satisfy the module's assumptions, the most natural ones first: those where of
/// each sort some constant set has all members, with as few more elements as can be; then the others.
pub fn instances<'m>(module: &'m Module, sizes: &'m Sizes) -> impl Iterator<Item = Found> + 'm {
    let extra = extra_elements(module);
    let runs: Vec<_> = [true, false]
        .into_iter()
        .flat_map(|full| extra.clone().into_iter().map(move |extra| (full, extra)))
        .collect();
    runs.into_iter().flat_map(move |(full, extra)| {
        Instances::new(module, sizes, &extra, full)
            .filter(move |found| full || !is_full(module, sizes, &found.instance))
    })
}

/// Whether of each sort that has constant sets one has all members.
fn is_full(module: &Module, sizes: &Sizes, instance: &Instance) -> bool {
    module.sorts.uninterpreted.ids().all(|sort| {
        let sets: Vec<ConstantId> = sets_of(module, sort).collect();
        sets.is_empty() || sets.iter().any(|set| is_whole(&instance.constants[*set], sizes.members[sort]))
    })
}

/// The constants that are sets of elements of a sort.
fn sets_of(module: &Module, sort: SortId) -> impl Iterator<Item = ConstantId> {
    let is_set = move |of: &Sort| matches!(of, Sort::Set(element) if **element == Sort::Uninterpreted(sort));
    module.constants.iter_enumerated().filter(move |(_, constant)| is_set(&constant.sort)).map(|(id, _)| id)
}

fn is_whole(constant: &Constant, members: u32) -> bool {
    matches!(constant, Constant::Value(Value::Set(items)) if items.len() == members as usize)
}

/// How many elements beyond the members of sets each sort may need, the fewest first: up to one for each constant
/// that is an element.
fn extra_elements(module: &Module) -> Vec<IdVec<SortId, u32>> {
    let mut all = vec![IdVec::new()];
    for sort in module.sorts.uninterpreted.ids() {
        let is_element = |sort_of: &Sort| matches!(sort_of, Sort::Uninterpreted(own) if *own == sort);
        let n_elements = module.constants.iter().filter(|constant| is_element(&constant.sort)).count();
        let max = u32::try_from(n_elements.min(3)).unwrap_or(0);
        all = all
            .iter()
            .flat_map(|before| {
                (0..=max).map(|extra| {
                    let mut sizes: IdVec<SortId, u32> = before.clone();
                    sizes.push(extra);
                    sizes
                })
            })
            .collect();
    }
    all.sort_by_key(|sizes| sizes.iter().sum::<u32>());
    all.truncate(256);
    all
}

/// A constant with what it may be.
struct Level {
    constant: ConstantId,
    candidates: std::vec::IntoIter<Constant>,
}

/// A depth-first walk over the values of all constants.
struct Instances<'m> {
    module: &'m Module,
    sizes: &'m Sizes,
    /// The instance under construction; constants without a value have any.
    draft: Instance,
    /// The constants in the order in which they get their values.
    order: Vec<ConstantId>,
    /// For each constant, an expression that it equals, or that it is an element of.
    defined: BTreeMap<ConstantId, (Expr, bool)>,
    /// For each constant, the assumptions to look at once it has a value, by position.
    checks: BTreeMap<ConstantId, Vec<usize>>,
    strings: Vec<Value>,
    levels: Vec<Level>,
    is_started: bool,
    /// Whether of each sort some constant set has all members.
    full: bool,
    /// Assumptions without constants that are false: there is no instance.
    is_impossible: bool,
}

impl<'m> Instances<'m> {
    fn new(module: &'m Module, sizes: &'m Sizes, extra: &IdVec<SortId, u32>, full: bool) -> Self {
        let mut all = IdVec::new();
        for (sort, members) in sizes.members.iter_enumerated() {
            all.push((*members + extra[sort]).max(1));
        }
        let any = Constant::Value(Value::Bool(false));
        let constants = module.constants.iter().fold(IdVec::new(), |mut constants, _| {
            constants.push(any.clone());
            constants
        });
        let draft =
            Instance { sizes: all, constants, integers: sizes.integers.clone(), choices: Choices::default() };
        let assumptions = assumptions(module);
        let mut defined = BTreeMap::new();
        for (_, statement) in &assumptions {
            definitions(module, statement, &mut defined);
        }
        let order = order(module, &sizes.given, &mut defined);
        let mut checks: BTreeMap<ConstantId, Vec<usize>> = BTreeMap::new();
        let mut is_impossible = false;
        let evaluator = Evaluator::new(module, &draft, Bounds::Bounded);
        for (position, statement) in assumptions {
            let reads = constants_in(module, statement);
            let last = order.iter().rev().find(|constant| reads.contains(constant));
            match last {
                Some(last) => checks.entry(*last).or_default().push(position),
                None => is_impossible |= evaluator.formula(statement, Moment::default()) == Ok(false),
            }
        }
        drop(evaluator);
        let strings = strings(module);
        Self {
            module,
            sizes,
            draft,
            order,
            defined,
            checks,
            strings,
            levels: Vec::new(),
            is_started: false,
            full,
            is_impossible,
        }
    }

    /// What a constant may be, now that those before it have values.
    fn candidates(&self, constant: ConstantId) -> Vec<Constant> {
        if let Some(given) = self.sizes.given.get(&constant) {
            return vec![given.clone()];
        }
        let material = Material {
            module: self.module,
            members: &self.sizes.members,
            sizes: &self.draft.sizes,
            integers: self.sizes.integers.clone(),
            strings: self.strings.clone(),
        };
        let sort = &self.module.constants[constant].sort;
        if let Some(values) = self.values_by_definition(constant) {
            return values.into_iter().map(Constant::Value).collect();
        }
        let arities = applications(self.module, constant);
        let Some(args) = arities else {
            return material.values(sort).into_iter().map(Constant::Value).collect();
        };
        operators(&material, &args, result_of(self.module, constant).as_ref().unwrap_or(sort))
    }

    fn values_by_definition(&self, constant: ConstantId) -> Option<Vec<Value>> {
        let (definition, is_equal) = self.defined.get(&constant)?;
        let evaluator = Evaluator::new(self.module, &self.draft, Bounds::Strict);
        let value = evaluator.value(definition, Moment::default()).ok()?;
        match (is_equal, value) {
            (true, value) => Some(vec![value]),
            (false, Value::Set(items)) => {
                let mut items = items.to_vec();
                // The instance's integers first, the largest before the others.
                items.sort_by_key(|item| match item {
                    Value::Int(number) if self.sizes.integers.contains(number) => {
                        (false, number.saturating_neg())
                    }
                    Value::Int(number) => (true, *number),
                    Value::Bool(_)
                    | Value::Str(_)
                    | Value::Element(..)
                    | Value::Set(_)
                    | Value::Whole(_)
                    | Value::Families(_)
                    | Value::Function(_)
                    | Value::Tuple(_)
                    | Value::Record(..) => (false, 0),
                });
                Some(items)
            }
            (false, _) => None,
        }
    }

    /// Whether the assumptions that this constant completes hold.
    fn holds(&self, constant: ConstantId) -> bool {
        if self.full
            && let Some(sort) = self.completes(constant)
            && !sets_of(self.module, sort)
                .any(|set| is_whole(&self.draft.constants[set], self.sizes.members[sort]))
        {
            return false;
        }
        let evaluator = Evaluator::new(self.module, &self.draft, Bounds::Bounded);
        let strict = Evaluator::new(self.module, &self.draft, Bounds::Strict);
        self.checks.get(&constant).into_iter().flatten().all(|position| {
            let statement = &self.module.facts[*position].statement;
            // What is false strictly is false; what is not settled strictly should not be false as bounded.
            match strict.formula(statement, Moment::default()) {
                Ok(truth) => truth,
                Err(_) => evaluator.formula(statement, Moment::default()) != Ok(false),
            }
        })
    }

    /// The sort whose last constant set this is.
    fn completes(&self, constant: ConstantId) -> Option<SortId> {
        let Sort::Set(element) = &self.module.constants[constant].sort else { return None };
        let Sort::Uninterpreted(sort) = **element else { return None };
        let sets: BTreeSet<ConstantId> = sets_of(self.module, sort).collect();
        let last = self.order.iter().rev().find(|other| sets.contains(other));
        (last == Some(&constant)).then_some(sort)
    }

    fn found(&self) -> Found {
        let instance = self.draft.clone();
        let strict = Evaluator::new(self.module, &instance, Bounds::Strict);
        let unsettled = assumptions(self.module)
            .into_iter()
            .filter(|(_, statement)| strict.formula(statement, Moment::default()) != Ok(true))
            .map(|(position, _)| position)
            .collect();
        drop(strict);
        Found { instance, unsettled }
    }
}

impl Iterator for Instances<'_> {
    type Item = Found;

    fn next(&mut self) -> Option<Found> {
        if self.is_impossible {
            return None;
        }
        if !std::mem::replace(&mut self.is_started, true) {
            let Some(first) = self.order.first().copied() else {
                self.is_impossible = true;
                return Some(self.found());
            };
            let candidates = self.candidates(first).into_iter();
            self.levels.push(Level { constant: first, candidates });
        }
        loop {
            let level = self.levels.last_mut()?;
            let constant = level.constant;
            let Some(value) = level.candidates.next() else {
                self.levels.pop();
                continue;
            };
            self.draft.constants[constant] = value;
            if !self.holds(constant) {
                continue;
            }
            match self.order.get(self.levels.len()).copied() {
                None => return Some(self.found()),
                Some(next) => {
                    let candidates = self.candidates(next).into_iter();
                    self.levels.push(Level { constant: next, candidates });
                }
            }
        }
    }
}

/// The assumptions and axioms about constants, with their positions.
fn assumptions(module: &Module) -> Vec<(usize, &Expr)> {
    let facts = module.facts.iter().enumerate();
    facts
        .filter(|(_, fact)| matches!(fact.kind, FactKind::Assumption | FactKind::Axiom))
        .map(|(position, fact)| (position, &fact.statement))
        .collect()
}

/// What conjuncts of an assumption say that a constant is, or is an element of.
#[expect(clippy::wildcard_enum_match_arm, reason = "few forms define a constant")]
fn definitions(module: &Module, formula: &Expr, into: &mut BTreeMap<ConstantId, (Expr, bool)>) {
    match &formula.kind {
        ExprKind::And(items) => items.iter().for_each(|item| definitions(module, item, into)),
        ExprKind::Apply(operator, args, _) if args.is_empty() && !module.operators[*operator].recursive => {
            definitions(module, &module.operators[*operator].body, into);
        }
        ExprKind::Equal(left, right) => {
            for (one, other) in [(left, right), (right, left)] {
                if let ExprKind::Constant(constant) = one.kind {
                    into.insert(constant, (other.clone(), true));
                }
            }
        }
        ExprKind::In(item, set) => {
            if let ExprKind::Constant(constant) = item.kind {
                into.entry(constant).or_insert((set.clone(), false));
            }
        }
        _ => {}
    }
}

/// An order in which what defines a constant comes before it. Definitions that go in circles are dropped. Sets come
/// before what may be in them, and in the order of their declaration.
fn order(
    module: &Module,
    given: &BTreeMap<ConstantId, Constant>,
    defined: &mut BTreeMap<ConstantId, (Expr, bool)>,
) -> Vec<ConstantId> {
    let mut left: Vec<ConstantId> = module.constants.ids().collect();
    let rank = |sort: &Sort| match sort {
        Sort::Set(element) if matches!(**element, Sort::Set(_)) => 2,
        Sort::Set(_) => 0,
        Sort::Uninterpreted(_) => 1,
        Sort::Bool | Sort::Int | Sort::Str | Sort::Function(..) | Sort::Tuple(_) | Sort::Record(_) => 3,
    };
    left.sort_by_key(|constant| (!given.contains_key(constant), rank(&module.constants[*constant].sort)));
    let mut order: Vec<ConstantId> = Vec::new();
    while !left.is_empty() {
        let is_ready = |constant: &ConstantId| {
            defined.get(constant).is_none_or(|(definition, _)| {
                given.contains_key(constant)
                    || constants_in(module, definition).iter().all(|needed| order.contains(needed))
            })
        };
        // Those that are free go first, in their order; those with a definition once it can be read.
        let next = left
            .iter()
            .position(|constant| !defined.contains_key(constant) || given.contains_key(constant))
            .or_else(|| left.iter().position(is_ready));
        let position = next.unwrap_or_else(|| {
            defined.remove(&left[0]);
            0
        });
        order.push(left.remove(position));
    }
    order
}

/// The constants that an expression, and what it mentions, reads.
fn constants_in(module: &Module, expr: &Expr) -> BTreeSet<ConstantId> {
    let mut found = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let mut todo = vec![expr];
    while let Some(expr) = todo.pop() {
        if let ExprKind::Constant(constant) | ExprKind::ConstantApply(constant, _) = expr.kind {
            found.insert(constant);
        }
        if let ExprKind::Apply(operator, _, _) = expr.kind
            && seen.insert(operator)
        {
            todo.push(&module.operators[operator].body);
        }
        expr.for_each_child(&mut |child| todo.push(child));
    }
    found
}

/// Every expression of a module.
fn all_expressions(module: &Module) -> impl Iterator<Item = &Expr> {
    let bodies = module.operators.iter().map(|operator| &operator.body);
    let mut todo: Vec<&Expr> = bodies.chain(module.facts.iter().map(|fact| &fact.statement)).collect();
    std::iter::from_fn(move || {
        let expr = todo.pop()?;
        expr.for_each_child(&mut |child| todo.push(child));
        Some(expr)
    })
}

/// The sorts of the arguments of a constant operator; nothing for a constant without parameters.
fn applications(module: &Module, constant: ConstantId) -> Option<Vec<Sort>> {
    all_expressions(module).find_map(|expr| {
        let ExprKind::ConstantApply(id, args) = &expr.kind else { return None };
        (*id == constant).then(|| args.iter().map(|arg| arg.sort.clone()).collect())
    })
}

/// The sort of what a constant operator gives.
fn result_of(module: &Module, constant: ConstantId) -> Option<Sort> {
    let is_applied = |expr: &&Expr| matches!(expr.kind, ExprKind::ConstantApply(id, _) if id == constant);
    all_expressions(module).find(is_applied).map(|expr| expr.sort.clone())
}

/// The strings in the text of a module, in order; at least one.
fn strings(module: &Module) -> Vec<Value> {
    let found = all_expressions(module).filter_map(|expr| {
        if let ExprKind::Str(text) = &expr.kind { Some(Value::Str(text.clone())) } else { None }
    });
    let mut found: Vec<Value> = found.collect();
    found.sort_unstable();
    found.dedup();
    if found.is_empty() {
        found.push(Value::Str("".into()));
    }
    found
}

/// What a constant operator may be: for relations on two elements of a sort the orders and equality; the constant
/// operators; then all others, if they are few.
fn operators(material: &Material<'_>, args: &[Sort], result: &Sort) -> Vec<Constant> {
    let columns: Vec<Vec<Value>> = args
        .iter()
        .map(|sort| {
            let mut values = material.values(sort);
            values.sort_unstable();
            values
        })
        .collect();
    let rows = super::candidates::product(&columns);
    let mut found = Vec::new();
    if matches!((args, result), ([one, other], Sort::Bool) if one == other) {
        let relations: [fn(&Value, &Value) -> bool; 3] = [|a, b| a <= b, |a, b| a < b, |a, b| a == b];
        for relation in relations {
            let entries = rows.iter().map(|row| (row.clone(), Value::Bool(relation(&row[0], &row[1]))));
            found.push(Constant::Operator { entries: entries.collect(), otherwise: Value::Bool(false) });
        }
    }
    let results = material.values(result);
    found.extend(
        results
            .iter()
            .map(|otherwise| Constant::Operator { entries: BTreeMap::new(), otherwise: otherwise.clone() }),
    );
    if let Some(otherwise) = results.first()
        && rows.len() <= 9
    {
        for values in super::candidates::product(&vec![results.clone(); rows.len()]) {
            let entries = rows.iter().cloned().zip(values).collect();
            found.push(Constant::Operator { entries, otherwise: otherwise.clone() });
        }
    }
    found
}
