//! Which expressions see integers only through their order and small differences.
//!
//! Invariant: what is accepted is generic in the sense of `integers`: from integers in the same places it makes
//! values with the same integers in the same places. Whatever is not listed as generic is refused.

use std::collections::BTreeMap;

use lang::ids::IdVec;
use lang::sort::Sort;
use lang::typed::{Arithmetic, Binder, BuiltinSet, Expr, ExprKind, LocalId, Module, OperatorId, VariableId};

use super::lazy::{Closure, Lazy, Val};
use super::{Evaluator, integers};
use crate::instance::Constant;
use crate::value::{Infinite, Value};

/// What a value is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// A value, or a finite set with members that can be listed.
    Plain,
    /// A set of integers, or of values that are made of one and of nothing else that moves, to be asked for members.
    Integers,
    /// Another set to be asked for members.
    Wide,
}

/// How far integers may lie from known ones: this much, and this many times the greatest magnitude of those.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Reach {
    pub(super) plain: u64,
    pub(super) scaled: u64,
}

impl Reach {
    const MAGNITUDE: Self = Self { plain: 0, scaled: 1 };

    fn plus(self, other: Self) -> Self {
        Self {
            plain: self.plain.saturating_add(other.plain),
            scaled: self.scaled.saturating_add(other.scaled),
        }
    }
    fn max(self, other: Self) -> Self {
        Self { plain: self.plain.max(other.plain), scaled: self.scaled.max(other.scaled) }
    }
}

/// What is known of an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Facts {
    form: Form,
    /// Whether it may depend on a quantified integer.
    moves: bool,
    /// How far its integers lie from quantified or known ones; nothing, if they may be any.
    reach: Option<Reach>,
    /// How deep quantifiers over integers nest in what it takes to evaluate it, or to ask it for a member.
    rank: u32,
}

impl Facts {
    const CONSTANT: Self =
        Self { form: Form::Plain, moves: false, reach: Some(Reach { plain: 0, scaled: 0 }), rank: 0 };
    /// A quantified integer.
    const VARIABLE: Self = Self { moves: true, ..Self::CONSTANT };
    /// Something that stays the same, whatever it is.
    const UNKNOWN: Self = Self { reach: None, ..Self::CONSTANT };

    /// A formula with these parts.
    fn formula(self) -> Self {
        Self { form: Form::Plain, reach: Some(Reach::default()), ..self }
    }
}

/// What was found out about the body of a quantifier.
#[derive(Clone, Debug, Default)]
pub(super) struct Fragment {
    /// The least and greatest number that is written in it, or that it knows otherwise.
    pub(super) known: integers::Hull,
    /// Names from outside.
    pub(super) free: Vec<LocalId>,
    /// Expressions whose integers have to be known.
    pub(super) needed: Vec<Expr>,
    /// All that is ever added to a number.
    pub(super) reach: Reach,
    /// How deep quantifiers over integers nest in it.
    pub(super) rank: u32,
}

/// How many nodes are looked at for one quantifier.
const MAX_NODES: u32 = 20_000;

/// The states that variables are read in.
type States<'a> = [Option<&'a IdVec<VariableId, Value>>; 2];

/// The state of one analysis.
pub(super) struct Analysis<'a> {
    evaluator: &'a Evaluator<'a>,
    module: &'a Module,
    states: States<'a>,
    facts: BTreeMap<LocalId, Facts>,
    found: Fragment,
    nodes: u32,
    /// How many bodies of operators are open: what is in them cannot be evaluated beforehand.
    depth: u32,
}

impl<'a> Analysis<'a> {
    pub(super) fn new(evaluator: &'a Evaluator<'a>, states: States<'a>) -> Self {
        let (module, found) = (evaluator.module, Fragment::default());
        Self { evaluator, module, states, facts: BTreeMap::new(), found, nodes: 0, depth: 0 }
    }

    /// A quantifier over integers, by its binders and body; the first binder is the one that ranges over integers.
    pub(super) fn quantifier(mut self, binders: &[Binder], body: &Expr) -> Option<Fragment> {
        let (first, others) = binders.split_first()?;
        let domain = self.facts(first.domain.as_ref()?)?;
        if domain.form == Form::Wide {
            return None;
        }
        // It matters to the body like any other integer.
        self.facts.insert(first.local, Facts::VARIABLE);
        let (inner, _) = self.under(others, body)?;
        self.found.rank = domain.rank.max(inner.rank);
        Some(self.found)
    }

    /// Sets of integers, to be asked for members.
    pub(super) fn sets(mut self, sets: &[&Val]) -> Option<Fragment> {
        for set in sets {
            let facts = self.val(set)?;
            if facts.form == Form::Wide {
                return None;
            }
            self.found.rank = self.found.rank.max(facts.rank);
        }
        Some(self.found)
    }

    /// A set of members of families, and others that these are looked for in. The number is in no sequence, so that
    /// it does not matter which others have sequences.
    pub(super) fn members(mut self, set: &Val, others: &[&Val]) -> Option<Fragment> {
        let facts = self.val(set)?;
        if facts.form == Form::Wide {
            return None;
        }
        self.found.rank = facts.rank;
        for other in others {
            self.found.rank = self.found.rank.max(self.val(other)?.rank);
        }
        Some(self.found)
    }

    /// Lets a name from outside stand for what it stands for.
    pub(super) fn assume(&mut self, local: LocalId, val: &Val) -> Option<()> {
        let facts = self.val(val)?;
        self.facts.insert(local, facts);
        Some(())
    }

    fn val(&mut self, val: &Val) -> Option<Facts> {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            return None;
        }
        let lazy = match val {
            // Whoever needs it is stuck, whatever the integers are.
            Val::Open(_) => return Some(Facts::CONSTANT),
            Val::Is(value) => return self.value(value),
            Val::Lazy(lazy) => lazy,
        };
        match &**lazy {
            Lazy::Range(low, high) => {
                self.found.known.add(*low);
                self.found.known.add(*high);
                Some(Facts::CONSTANT)
            }
            Lazy::Power(base) => Some(powerset(self.val(base)?)),
            Lazy::Functions(domain, range) => function_set(self.val(domain)?, self.val(range)?),
            Lazy::Records(_, _, sets) | Lazy::Product(sets) => {
                let sets = sets.iter().map(|set| self.val(set)).collect::<Option<Vec<_>>>()?;
                Some(product(&sets))
            }
            Lazy::Sequences(base) => Some(Facts { form: Form::Wide, ..self.val(base)? }),
            Lazy::Union(a, b) => {
                let (a, b) = (self.val(a)?, self.val(b)?);
                mixed(a, b)
            }
            // The members are members of one of them, which the other is asked for. If that holds sequences, no member
            // is one that depends on a quantified integer.
            Lazy::Intersect(a, b) => {
                let (a, b) = (self.val(a)?, self.val(b)?);
                known(Facts { form: narrower(a.form, b.form), ..join(a, b) })
            }
            Lazy::Minus(a, b) => {
                let (a, b) = (self.val(a)?, self.val(b)?);
                known(Facts { form: a.form, ..join(a, b) })
            }
            Lazy::Filter(base, Closure { locals, body, captured, .. }) => {
                let base = self.val(base)?;
                let before = self.facts.clone();
                for (local, val) in captured {
                    self.assume(*local, val)?;
                }
                self.facts.insert(*locals.first()?, element(base, base.moves)?);
                // Nothing in it can be evaluated beforehand, since its names are its own.
                self.depth += 1;
                let body = self.facts(body);
                self.depth -= 1;
                self.facts = before;
                Some(filter(base, body?))
            }
            Lazy::BigUnion(_) | Lazy::Map(..) | Lazy::Function(..) => None,
        }
    }

    fn value(&mut self, value: &Value) -> Option<Facts> {
        match value {
            Value::Whole(Infinite::Nat) => {
                self.found.known.add(0);
                Some(Facts { form: Form::Integers, ..Facts::CONSTANT })
            }
            Value::Whole(Infinite::Int) => Some(Facts { form: Form::Integers, ..Facts::CONSTANT }),
            Value::Whole(Infinite::Str) => Some(Facts { form: Form::Wide, ..Facts::CONSTANT }),
            Value::Families(set) => self
                .found
                .known
                .add_families(set)
                .then_some(Facts { form: Form::Integers, ..Facts::CONSTANT }),
            Value::Bool(_)
            | Value::Int(_)
            | Value::Str(_)
            | Value::Element(..)
            | Value::Set(_)
            | Value::Function(_)
            | Value::Tuple(_)
            | Value::Record(..) => self.found.known.add_value(value).then_some(Facts::CONSTANT),
        }
    }

    /// What is known of an expression; nothing, if it is not generic.
    fn facts(&mut self, e: &Expr) -> Option<Facts> {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            return None;
        }
        let free = self.evaluator.free_locals(e);
        let moves = free.iter().any(|local| self.facts.get(local).is_some_and(|facts| facts.moves));
        let needed = self.found.needed.len();
        let found = stacker::maybe_grow(super::RED_ZONE, super::MORE_STACK, || self.kind(e, moves));
        if moves {
            let found = found?;
            // What mixes quantified integers with unknown ones is not generic.
            return (found.reach.is_some()).then_some(Facts { moves: true, ..found });
        }
        // It is the same whatever the quantified integers are.
        match found {
            Some(found) if found.reach.is_some() => {
                let rank = if found.form == Form::Plain { 0 } else { found.rank };
                Some(Facts { moves: false, rank, ..found })
            }
            _ if e.sort == Sort::Bool => Some(Facts::CONSTANT),
            _ => {
                let is_from_outside = free.iter().all(|local| !self.facts.contains_key(local));
                if self.depth == 0 && is_from_outside && found.is_none_or(|found| found.form == Form::Plain) {
                    self.found.needed.truncate(needed);
                    self.found.needed.push(e.clone());
                    self.outside(&free);
                    return Some(Facts::CONSTANT);
                }
                Some(Facts::UNKNOWN)
            }
        }
    }

    fn outside(&mut self, free: &[LocalId]) {
        for local in free {
            if !self.found.free.contains(local) {
                self.found.free.push(*local);
            }
        }
    }

    fn all<'x>(&mut self, items: impl IntoIterator<Item = &'x Expr>) -> Option<Facts> {
        let mut all = Facts::CONSTANT;
        for item in items {
            let facts = self.facts(item)?;
            if facts.form != Form::Plain {
                return None;
            }
            all = join(all, facts);
        }
        Some(all)
    }

    /// What is below binders, and what they range over, all together.
    fn under(&mut self, binders: &[Binder], body: &Expr) -> Option<(Facts, Facts)> {
        let mut n_integers = 0;
        let mut all = Facts::CONSTANT;
        let mut bound = Vec::with_capacity(binders.len());
        for binder in binders {
            let (domain, element) = match &binder.domain {
                Some(domain) => {
                    let domain = self.facts(domain)?;
                    (domain, element(domain, domain.moves)?)
                }
                // All values of the sort, in each case.
                None => (Facts::UNKNOWN, Facts::UNKNOWN),
            };
            n_integers += u32::from(domain.form == Form::Integers);
            let form = if all.form == Form::Plain { domain.form } else { Form::Wide };
            all = Facts { form, ..join(all, domain) };
            bound.push((binder.local, element));
        }
        let before: Vec<(LocalId, Option<Facts>)> =
            bound.into_iter().map(|(local, facts)| (local, self.facts.insert(local, facts))).collect();
        let inner = self.facts(body);
        for (local, before) in before.into_iter().rev() {
            match before {
                Some(before) => self.facts.insert(local, before),
                None => self.facts.remove(&local),
            };
        }
        let inner = inner?;
        let rank = all.rank.max(inner.rank).saturating_add(n_integers);
        Some((Facts { rank, moves: inner.moves || all.moves, ..inner }, all))
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "what is not listed is not generic")]
    fn kind(&mut self, e: &Expr, moves: bool) -> Option<Facts> {
        match &e.kind {
            ExprKind::Bool(_) | ExprKind::Str(_) => Some(Facts::CONSTANT),
            ExprKind::Variable(variable, _) => {
                // Which of the states is meant matters little: what holds of families holds of finite sets.
                let mut values = self.states.iter().flatten();
                let has_families = values.any(|state| matches!(state[*variable], Value::Families(_)));
                let form = if has_families { Form::Integers } else { Form::Plain };
                Some(Facts { form, ..Facts::CONSTANT })
            }
            ExprKind::Int(number) => {
                self.found.known.add(i64::try_from(*number).ok()?);
                Some(Facts::CONSTANT)
            }
            ExprKind::Builtin(set) => Some(match set {
                BuiltinSet::Nat => {
                    self.found.known.add(0);
                    Facts { form: Form::Integers, ..Facts::CONSTANT }
                }
                BuiltinSet::Int => Facts { form: Form::Integers, ..Facts::CONSTANT },
                BuiltinSet::String => Facts { form: Form::Wide, ..Facts::CONSTANT },
                BuiltinSet::Boolean => Facts::CONSTANT,
            }),
            ExprKind::Local(local) => {
                if !self.facts.contains_key(local) {
                    self.outside(&[*local]);
                }
                Some(self.facts.get(local).copied().unwrap_or(Facts::CONSTANT))
            }
            ExprKind::Constant(constant) => {
                match self
                    .evaluator
                    .instance
                    .constants
                    .iter()
                    .as_slice()
                    .get(lang::ids::Id::index(*constant))?
                {
                    Constant::Value(value) => {
                        let value = value.clone();
                        self.value(&value)
                    }
                    Constant::Operator { .. } => None,
                }
            }
            ExprKind::ConstantApply(_, args) => {
                // One of finitely many values by equality of the arguments, or the other one.
                self.all(args).map(|facts| Facts { reach: Some(Reach::default()), ..facts })
            }
            ExprKind::Apply(operator, args, _) => self.apply(*operator, args),
            ExprKind::Not(a) | ExprKind::IsFinite(a) => self.all([a]).map(Facts::formula),
            ExprKind::And(items) | ExprKind::Or(items) => self.all(items).map(Facts::formula),
            ExprKind::Implies(a, b) | ExprKind::Iff(a, b) => self.all([a, b]).map(Facts::formula),
            ExprKind::Compare(_, a, b) | ExprKind::ActionBox(a, b) => {
                known(self.all([a, b])?).map(Facts::formula)
            }
            ExprKind::Equal(a, b) => {
                let (a, b) = (self.facts(a)?, self.facts(b)?);
                let both = known(join(a, b))?;
                match (a.form, b.form) {
                    (Form::Plain, Form::Plain) => Some(both.formula()),
                    (Form::Wide, _) | (_, Form::Wide) => None,
                    // For all integers, membership in one is membership in the other.
                    (Form::Integers, _) | (_, Form::Integers) => {
                        Some(Facts { rank: both.rank.saturating_add(1), ..both.formula() })
                    }
                }
            }
            ExprKind::In(a, set) => {
                let sort = &a.sort;
                let (a, set) = (self.facts(a)?, self.facts(set)?);
                (a.form == Form::Plain).then_some(())?;
                self.may_be_compared(a, sort, set)?;
                known(join(a, set)).map(Facts::formula)
            }
            ExprKind::SubsetEq(a, b) => {
                let sort = &a.sort;
                let (a, b) = (self.facts(a)?, self.facts(b)?);
                self.may_be_compared(a, sort, b)?;
                let both = known(join(a, b))?.formula();
                match a.form {
                    Form::Plain => Some(both),
                    Form::Integers => Some(Facts { rank: both.rank.saturating_add(1), ..both }),
                    Form::Wide => None,
                }
            }
            ExprKind::If(condition, then, otherwise) => {
                let condition = self.all([condition])?;
                let (then, otherwise) = (self.facts(then)?, self.facts(otherwise)?);
                let value = mixed(then, otherwise)?;
                Some(Facts {
                    moves: condition.moves || value.moves,
                    rank: condition.rank.max(value.rank),
                    ..value
                })
            }
            ExprKind::Quantifier(_, binders, body) => {
                let (inner, _) = self.under(binders, body)?;
                Some(inner.formula())
            }
            ExprKind::Choose(binder, body) => {
                let choices = &self.evaluator.instance.choices;
                if moves && (choices.seed != 0 || !choices.table.is_empty()) {
                    return None;
                }
                let (inner, domain) = self.under(std::slice::from_ref(binder), body)?;
                (binder.domain.is_some() && domain.form == Form::Plain).then_some(())?;
                // The least candidate.
                Some(Facts { moves: inner.moves, rank: inner.rank, ..domain })
            }
            ExprKind::SetEnum(items) | ExprKind::Record(_, _, items) | ExprKind::Tuple(items) => {
                self.all(items)
            }
            ExprKind::Sequence(items) => {
                self.found.known.add(1);
                self.found.known.add(i64::try_from(items.len()).ok()?);
                self.all(items)
            }
            ExprKind::SetFilter(binder, body) => {
                let (inner, base) = self.under(std::slice::from_ref(binder), body)?;
                // Asking for a member is no quantifier.
                let over = u32::from(base.form == Form::Integers);
                Some(filter(base, Facts { rank: inner.rank.saturating_sub(over), ..inner }))
            }
            ExprKind::SetMap(body, binders) => {
                let (inner, domains) = self.under(binders, body)?;
                (inner.form == Form::Plain).then_some(())?;
                match (domains.form, inner.reach) {
                    (Form::Plain, _) => Some(inner),
                    // Families: to ask for a member is to ask whether there is such a number.
                    (Form::Integers, Some(Reach { plain: 0, scaled: 0 })) if binders.len() == 1 => {
                        Some(Facts { form: Form::Integers, ..inner })
                    }
                    (Form::Integers | Form::Wide, _) => None,
                }
            }
            ExprKind::Function(binder, body) => {
                let (inner, domain) = self.under(std::slice::from_ref(binder), body)?;
                ((domain.form, inner.form) == (Form::Plain, Form::Plain)).then(|| join(domain, inner))
            }
            ExprKind::Union(a, b) | ExprKind::Intersect(a, b) | ExprKind::Minus(a, b) => {
                let (a, b) = (self.facts(a)?, self.facts(b)?);
                let is_part = match &e.kind {
                    ExprKind::Intersect(..) => a.form == Form::Plain || b.form == Form::Plain,
                    ExprKind::Minus(..) => a.form == Form::Plain,
                    _ => false,
                };
                let both = mixed(a, b)?;
                Some(if is_part { Facts { form: Form::Plain, ..both } } else { both })
            }
            ExprKind::Powerset(a) => Some(powerset(self.facts(a)?)),
            ExprKind::BigUnion(a) | ExprKind::Field(a, _) | ExprKind::Component(a, _) => self.all([a]),
            ExprKind::Domain(a) => {
                matches!(a.sort, Sort::Function(..)).then_some(())?;
                self.all([a])
            }
            ExprKind::Range(a, b) => {
                let both = known(self.all([a, b])?)?;
                // Between known numbers there are known numbers only.
                Some(if moves { Facts { form: Form::Integers, ..both } } else { both })
            }
            ExprKind::RecordSet(_, _, sets) | ExprKind::Product(sets) => {
                let sets = sets.iter().map(|set| self.facts(set)).collect::<Option<Vec<_>>>()?;
                Some(product(&sets))
            }
            ExprKind::FunctionSet(a, b) => function_set(self.facts(a)?, self.facts(b)?),
            ExprKind::SequenceSet(a) => Some(Facts { form: Form::Wide, ..self.facts(a)? }),
            ExprKind::FieldUpdate(a, _, b) | ExprKind::Index(a, b) => self.all([a, b]),
            ExprKind::Except(a, b, c) => self.all([a, b, c]),
            ExprKind::Len(a) if !moves => {
                // The length is in the domain, or zero.
                self.found.known.add(0);
                self.all([a])
            }
            ExprKind::Arithmetic(operator @ (Arithmetic::Add | Arithmetic::Subtract), a, b) => {
                let (left, right) = (self.all([a])?, self.all([b])?);
                match (left.moves, right.moves, operator) {
                    (true, true, _) | (false, true, Arithmetic::Subtract) => None,
                    (false, true, _) => self.shifted(right, left, a),
                    (false, false, Arithmetic::Add) if matches!(a.kind, ExprKind::Int(_)) => {
                        self.shifted(right, left, a)
                    }
                    (_, false, _) => self.shifted(left, right, b),
                }
            }
            ExprKind::Negate(a) if !moves => {
                if let ExprKind::Int(number) = a.kind {
                    self.found.known.add(i64::try_from(number).ok()?.checked_neg()?);
                    return Some(Facts::CONSTANT);
                }
                let inner = self.all([a])?;
                // It differs from the number by twice its magnitude.
                let once = self.shifted(inner, inner, a)?;
                self.shifted(once, inner, a)
            }
            ExprKind::Unchanged(a) => known(self.all([a])?).map(Facts::formula),
            _ => None,
        }
    }

    /// Whether something is a sequence depends on the numbers `1..n`, which may not be known ones.
    fn may_be_compared(&self, value: Facts, sort: &Sort, set: Facts) -> Option<()> {
        let may_hold_sequences = set.form == Form::Wide && value.moves && self.has_sequences(sort, 8);
        (!may_hold_sequences).then_some(())
    }

    /// Whether values of a sort may hold sequences; `depth` ends the walk over records of records.
    fn has_sequences(&self, sort: &Sort, depth: u32) -> bool {
        let Some(depth) = depth.checked_sub(1) else { return true };
        match sort {
            Sort::Bool | Sort::Int | Sort::Str | Sort::Uninterpreted(_) => false,
            Sort::Set(element) => self.has_sequences(element, depth),
            Sort::Function(from, to) => {
                **from == Sort::Int || self.has_sequences(from, depth) || self.has_sequences(to, depth)
            }
            Sort::Tuple(sorts) => sorts.iter().any(|sort| self.has_sequences(sort, depth)),
            Sort::Record(id) => self.module.sorts.records[*id]
                .fields
                .iter()
                .any(|field| self.has_sequences(&field.sort, depth)),
        }
    }

    /// The sum of a number and one that stays the same.
    fn shifted(&mut self, number: Facts, by: Facts, written: &Expr) -> Option<Facts> {
        let by = if let ExprKind::Int(by) = written.kind {
            Reach { plain: u64::try_from(by.unsigned_abs()).ok()?, scaled: 0 }
        } else {
            by.reach?.plus(Reach::MAGNITUDE)
        };
        self.found.reach = self.found.reach.plus(by);
        Some(Facts { reach: Some(number.reach?.plus(by)), ..number })
    }

    fn apply(&mut self, operator: OperatorId, args: &[Expr]) -> Option<Facts> {
        let definition = &self.module.operators[operator];
        if definition.recursive {
            return None;
        }
        let mut vals = Vec::with_capacity(args.len());
        for (param, arg) in definition.params.iter().zip(args) {
            vals.push((*param, self.facts(arg)?));
        }
        let before: Vec<(LocalId, Option<Facts>)> =
            vals.into_iter().map(|(local, facts)| (local, self.facts.insert(local, facts))).collect();
        self.depth += 1;
        let found = self.facts(&definition.body);
        self.depth -= 1;
        for (local, before) in before.into_iter().rev() {
            match before {
                Some(before) => self.facts.insert(local, before),
                None => self.facts.remove(&local),
            };
        }
        found
    }
}

/// That there are no unknown integers in what depends on quantified ones.
fn known(facts: Facts) -> Option<Facts> {
    (!facts.moves || facts.reach.is_some()).then_some(facts)
}

/// What is made of both.
fn join(a: Facts, b: Facts) -> Facts {
    Facts {
        form: Form::Plain,
        moves: a.moves || b.moves,
        reach: a.reach.zip(b.reach).map(|(a, b)| a.max(b)),
        rank: a.rank.max(b.rank),
    }
}

/// A set made of two sets, or one of two values.
fn mixed(a: Facts, b: Facts) -> Option<Facts> {
    let form = match (a.form, b.form) {
        (Form::Plain, Form::Plain) => Form::Plain,
        (Form::Wide, _) | (_, Form::Wide) => Form::Wide,
        (Form::Integers, _) | (_, Form::Integers) => Form::Integers,
    };
    known(Facts { form, ..join(a, b) })
}

fn narrower(a: Form, b: Form) -> Form {
    match (a, b) {
        (Form::Plain, _) | (_, Form::Plain) => Form::Plain,
        (Form::Integers, _) | (_, Form::Integers) => Form::Integers,
        (Form::Wide, Form::Wide) => Form::Wide,
    }
}

/// A member of a set.
fn element(set: Facts, moves: bool) -> Option<Facts> {
    match set.form {
        Form::Plain => Some(Facts { form: Form::Plain, moves, reach: set.reach, rank: 0 }),
        Form::Integers => Some(Facts::VARIABLE),
        Form::Wide if !moves => Some(Facts::UNKNOWN),
        Form::Wide => None,
    }
}

fn powerset(base: Facts) -> Facts {
    let form = if base.form == Form::Plain { Form::Plain } else { Form::Wide };
    Facts { form, ..base }
}

fn function_set(domain: Facts, range: Facts) -> Option<Facts> {
    (domain.form == Form::Plain).then_some(())?;
    Some(Facts { form: powerset(range).form, ..join(domain, range) })
}

fn product(sets: &[Facts]) -> Facts {
    let is_plain = sets.iter().all(|set| set.form == Form::Plain);
    let joined = sets.iter().copied().fold(Facts::CONSTANT, join);
    Facts { form: if is_plain { Form::Plain } else { Form::Wide }, ..joined }
}

fn filter(base: Facts, body: Facts) -> Facts {
    Facts { moves: base.moves || body.moves, rank: base.rank.max(body.rank), ..base }
}
