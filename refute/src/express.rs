//! Symbolic evaluation: an expression ↦ a symbolic value, a formula ↦ when it is true and when it is false.
//!
//! Invariant: a formula is said to be true or false only where TLA+ says so, except that quantifiers over too
//! many values are read over some of them. Whoever asks says which of the two matters: what is asserted to be
//! true may have unknowns of its own for `\E`, what is asserted to be false for `\A`.
#![allow(clippy::wildcard_enum_match_arm, reason = "formulas and terms are handled apart")]

use std::rc::Rc;

use lang::sort::Sort;
use lang::typed::{Binder, BuiltinSet, Expr, ExprKind, OperatorId, Quantifier, Time};

use crate::builder::{Builder, Closure, Key};
use crate::circuit::{Lit, Truth};
use crate::value::{Atom, Node, V};

/// Which sides of a formula matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Want {
    /// Whether it is true.
    pub(crate) yes: bool,
    /// Whether it is false.
    pub(crate) no: bool,
}

impl Want {
    /// Either.
    pub(crate) const BOTH: Want = Want { yes: true, no: true };
    /// That it is true.
    pub(crate) const YES: Want = Want { yes: true, no: false };
    /// That it is false.
    pub(crate) const NO: Want = Want { yes: false, no: true };

    fn flipped(self) -> Want {
        Want { yes: self.no, no: self.yes }
    }
}

/// How deep recursive operators are unfolded.
const MAX_DEPTH: usize = 10;
/// Sets of composite values with more elements than this are not expanded where one unknown element will do.
const FEW: usize = 8;

impl Builder<'_> {
    fn key(&mut self, expr: &Expr, want: u8) -> Key {
        let reads: Rc<_> = self.reads(expr);
        let reads_next = reads.variables.iter().any(|(_, time)| self.is_primed || matches!(time, Time::Next));
        let version = match reads_next {
            true => self.version,
            false if reads.variables.is_empty() => 0,
            false => self.now_version,
        };
        let is_primed = self.is_primed && !reads.variables.is_empty();
        let undefined = self.undefined();
        let locals = reads.locals.iter().map(|local| self.locals.get(local).copied().unwrap_or(undefined));
        let locals = locals.collect();
        (expr.address(), is_primed, version, want, locals)
    }

    /// When a formula is true, and when it is false.
    pub(crate) fn formula(&mut self, expr: &Expr, want: Want) -> Truth {
        match &expr.kind {
            ExprKind::Bool(value) => return Truth::constant(*value),
            ExprKind::Not(inner) => return !self.formula(inner, want.flipped()),
            ExprKind::Local(local) => {
                return self.locals.get(local).map_or(Truth::UNKNOWN, |value| self.as_truth(*value));
            }
            _ => {}
        }
        if self.is_stopped() {
            return Truth::UNKNOWN;
        }
        if self.granted.contains(&expr.address()) && !self.is_primed {
            return Truth::TRUE;
        }
        let key = self.key(expr, u8::from(want.yes) + 2 * u8::from(want.no));
        if let Some(known) = self.truths_known.get(&key) {
            return *known;
        }
        let truth = self.formula_of(expr, want);
        self.truths_known.insert(key, truth);
        truth
    }

    fn formula_of(&mut self, expr: &Expr, want: Want) -> Truth {
        match &expr.kind {
            ExprKind::And(items) => self.all_of(items, want),
            ExprKind::Or(items) => {
                let mut parts = Vec::with_capacity(items.len());
                for item in items {
                    let part = self.formula(item, want);
                    if part == Truth::TRUE {
                        return part;
                    }
                    parts.push(part);
                }
                self.circuit.any(&parts)
            }
            ExprKind::Implies(premise, conclusion) => {
                let premise = self.formula(premise, want.flipped());
                if premise.no == Lit::TRUE {
                    return Truth::TRUE;
                }
                let conclusion = self.formula(conclusion, want);
                self.circuit.any(&[!premise, conclusion])
            }
            ExprKind::Iff(left, right) => {
                let left = self.formula(left, Want::BOTH);
                let right = self.formula(right, Want::BOTH);
                self.circuit.iff(left, right)
            }
            ExprKind::Equal(left, right) => {
                let left = self.value(left);
                let right = self.value(right);
                self.equal(left, right)
            }
            ExprKind::If(condition, then, otherwise) => {
                let condition = self.formula(condition, Want::BOTH);
                if condition == Truth::TRUE {
                    return self.formula(then, want);
                }
                if condition == Truth::FALSE {
                    return self.formula(otherwise, want);
                }
                let then = self.formula(then, want);
                let otherwise = self.formula(otherwise, want);
                let cases = [(condition.yes, then), (condition.no, otherwise)];
                self.circuit.select(&cases, condition.is_total())
            }
            ExprKind::Quantifier(quantifier, binders, body) => {
                let domains: Vec<V> = binders.iter().map(|binder| self.domain_of(binder)).collect();
                match quantifier {
                    Quantifier::Exists => self.exists(binders, &domains, body, false, want),
                    Quantifier::Forall => !self.exists(binders, &domains, body, true, want.flipped()),
                }
            }
            ExprKind::In(value, set) => {
                let value = self.value(value);
                let set = self.value(set);
                self.member(value, set)
            }
            ExprKind::SubsetEq(left, right) => {
                let left = self.value(left);
                let right = self.value(right);
                self.subset(left, right)
            }
            ExprKind::Compare(op, left, right) => {
                let left = self.value(left);
                let right = self.value(right);
                self.compare(*op, left, right)
            }
            ExprKind::IsFinite(set) => {
                let set = self.value(set);
                self.is_finite(set)
            }
            ExprKind::IsSequence(function) => {
                let function = self.value(function);
                self.is_sequence(function)
            }
            ExprKind::Unchanged(inner) => {
                let before = self.value(inner);
                let after = self.primed(|this| this.value(inner));
                self.equal(before, after)
            }
            ExprKind::ActionBox(action, subscript) => {
                let action = self.formula(action, want);
                let before = self.value(subscript);
                let after = self.primed(|this| this.value(subscript));
                let stutters = self.equal(before, after);
                self.circuit.any(&[action, stutters])
            }
            ExprKind::Apply(operator, args, time) => {
                self.applied(*operator, args, *time, |this, body| this.formula(body, want), Truth::UNKNOWN)
            }
            ExprKind::Always(_) | ExprKind::Temporal(..) => Truth::UNKNOWN,
            _ => {
                let value = self.term(expr);
                self.as_truth(value)
            }
        }
    }

    /// The conjunction of these.
    pub(crate) fn all_of(&mut self, items: &[Expr], want: Want) -> Truth {
        let mut parts = Vec::with_capacity(items.len());
        for item in items {
            let part = self.formula(item, want);
            if part == Truth::FALSE {
                return part;
            }
            parts.push(part);
        }
        self.circuit.all(&parts)
    }

    /// Reads variables in the next state while `body` runs.
    pub(crate) fn primed<T>(&mut self, body: impl FnOnce(&mut Self) -> T) -> T {
        let outer = std::mem::replace(&mut self.is_primed, true);
        let result = body(self);
        self.is_primed = outer;
        result
    }

    /// The body of an operator, with its parameters bound.
    fn applied<T>(
        &mut self,
        operator: OperatorId,
        args: &[Expr],
        time: Time,
        body: impl FnOnce(&mut Self, &Expr) -> T,
        too_deep: T,
    ) -> T {
        let args: Vec<V> = args.iter().map(|arg| self.value(arg)).collect();
        let definition = &self.module.operators[operator];
        if definition.recursive {
            if self.depth >= MAX_DEPTH {
                return too_deep;
            }
            self.depth += 1;
        }
        let outer: Vec<_> = definition
            .params
            .iter()
            .zip(args)
            .map(|(param, value)| (*param, self.locals.insert(*param, value)))
            .collect();
        let outer_primed = self.is_primed;
        self.is_primed |= time == Time::Next;
        let result = body(self, &definition.body);
        self.is_primed = outer_primed;
        for (param, value) in outer {
            match value {
                Some(value) => {
                    self.locals.insert(param, value);
                }
                None => {
                    self.locals.swap_remove(&param);
                }
            }
        }
        if definition.recursive {
            self.depth -= 1;
        }
        result
    }

    /// What a bound name ranges over.
    pub(crate) fn domain_of(&mut self, binder: &Binder) -> V {
        if let Some(domain) = &binder.domain {
            return self.value(domain);
        }
        let sort = self.module.locals[binder.local].sort.clone();
        self.universe(&sort)
    }

    /// Whether the elements of a set are composite, and not listed.
    pub(crate) fn is_composite(&self, set: V) -> bool {
        match self.node(set) {
            Node::Powerset(_)
            | Node::Functions(..)
            | Node::Records(..)
            | Node::Product(_)
            | Node::Sequences(_) => true,
            Node::Join(left, right) => self.is_composite(*left) || self.is_composite(*right),
            Node::Within(set, _, _) | Node::Filter(set, _) => self.is_composite(*set),
            Node::Cases(cases) => cases.iter().any(|(_, set)| self.is_composite(*set)),
            _ => false,
        }
    }

    /// `\E x \in S : body`, or if the flag is set, `\E x \in S : ~body`.
    fn exists(
        &mut self,
        binders: &[Binder],
        domains: &[V],
        body: &Expr,
        is_negated: bool,
        want: Want,
    ) -> Truth {
        let ([binder, binders @ ..], [domain, domains @ ..]) = (binders, domains) else {
            return if is_negated { !self.formula(body, want.flipped()) } else { self.formula(body, want) };
        };
        if self.is_composite(*domain) {
            let expanded = self.expand(*domain);
            let is_small = matches!(&expanded, Some((items, true)) if items.len() <= FEW);
            if !is_small {
                let mut truth = Truth::UNKNOWN;
                if want.yes {
                    let (value, inside) = self.fresh_member(*domain, 1);
                    let here = self.with(binder.local, value, |this| {
                        this.exists(binders, domains, body, is_negated, Want::YES)
                    });
                    truth.yes = self.circuit.both(inside.yes, here.yes);
                }
                if want.no
                    && let Some((items, _)) = expanded
                {
                    let found =
                        self.exists_among(&items, binder, (binders, domains), body, (is_negated, Want::NO));
                    truth.no = found.no;
                }
                return truth;
            }
        }
        match self.expand(*domain) {
            Some((items, _)) => {
                self.exists_among(&items, binder, (binders, domains), body, (is_negated, want))
            }
            None => Truth::UNKNOWN,
        }
    }

    fn exists_among(
        &mut self,
        items: &[(V, Truth)],
        binder: &Binder,
        (binders, domains): (&[Binder], &[V]),
        body: &Expr,
        (is_negated, want): (bool, Want),
    ) -> Truth {
        let mut parts = Vec::with_capacity(items.len());
        for (item, present) in items {
            let here =
                self.with(binder.local, *item, |this| this.exists(binders, domains, body, is_negated, want));
            let here = self.circuit.meet(*present, here);
            if here == Truth::TRUE {
                return here;
            }
            parts.push(here);
        }
        self.circuit.any(&parts)
    }

    /// The value of an expression.
    pub(crate) fn value(&mut self, expr: &Expr) -> V {
        match &expr.kind {
            ExprKind::Local(local) => {
                return match self.locals.get(local) {
                    Some(value) => *value,
                    None => self.undefined(),
                };
            }
            ExprKind::Variable(variable, time) => {
                if *time == Time::Next || self.is_primed {
                    return match self.next[*variable] {
                        Some(value) => value,
                        None => self.undefined(),
                    };
                }
                return match self.now[*variable] {
                    Some(value) => value,
                    None => self.undefined(),
                };
            }
            ExprKind::Constant(constant) => {
                return match self.constants[*constant] {
                    Some(value) => value,
                    None => self.undefined(),
                };
            }
            _ => {}
        }
        if self.is_stopped() {
            return self.undefined();
        }
        let key = self.key(expr, 0);
        if let Some(known) = self.values_known.get(&key) {
            return *known;
        }
        let value = self.value_of(expr);
        self.values_known.insert(key, value);
        value
    }

    fn value_of(&mut self, expr: &Expr) -> V {
        use ExprKind as K;
        match &expr.kind {
            K::Bool(_)
            | K::Not(_)
            | K::And(_)
            | K::Or(_)
            | K::Implies(..)
            | K::Iff(..)
            | K::Equal(..)
            | K::Quantifier(..)
            | K::In(..)
            | K::SubsetEq(..)
            | K::IsFinite(_)
            | K::IsSequence(_)
            | K::Compare(..)
            | K::Unchanged(_)
            | K::ActionBox(..)
            | K::Always(_)
            | K::Temporal(..) => {
                let truth = self.formula(expr, Want::BOTH);
                self.truth(truth)
            }
            K::Apply(operator, args, time) => {
                let undefined = self.undefined();
                self.applied(*operator, args, *time, Self::value, undefined)
            }
            _ => self.term(expr),
        }
    }

    fn terms(&mut self, items: &[Expr]) -> Box<[V]> {
        items.iter().map(|item| self.value(item)).collect()
    }

    /// The value of an expression that is no formula by its form.
    fn term(&mut self, expr: &Expr) -> V {
        use ExprKind as K;
        match &expr.kind {
            K::Int(value) => match i64::try_from(*value) {
                Ok(value) => self.integer(value),
                Err(_) => self.undefined(),
            },
            K::Str(text) => {
                let (position, _) = self.strings.insert_full(text.clone());
                self.atom(Atom::Str(u32::try_from(position).unwrap_or(u32::MAX)))
            }
            K::Local(_) | K::Variable(..) | K::Constant(_) => self.value(expr),
            K::ConstantApply(id, args) => {
                let args = self.terms(args);
                self.constant_apply(*id, &args, &expr.sort)
            }
            K::If(condition, then, otherwise) => {
                let condition = self.formula(condition, Want::BOTH);
                if condition == Truth::TRUE {
                    return self.value(then);
                }
                if condition == Truth::FALSE {
                    return self.value(otherwise);
                }
                let then = self.value(then);
                let otherwise = self.value(otherwise);
                self.if_then_else(condition, then, otherwise)
            }
            K::Choose(binder, body) => self.choose(binder, body, &expr.sort),
            K::SetEnum(items) => {
                let items = self.terms(items);
                self.listed(items.iter().map(|item| (*item, Truth::TRUE)).collect())
            }
            K::SetFilter(binder, body) => {
                let domain = self.domain_of(binder);
                let Node::Listed(items) = self.node(domain).clone() else {
                    return self.filtered(domain, binder, body);
                };
                let mut kept = Vec::with_capacity(items.len());
                for (item, present) in items {
                    let holds = self.with(binder.local, item, |this| this.formula(body, Want::BOTH));
                    kept.push((item, self.circuit.meet(present, holds)));
                }
                self.listed(kept)
            }
            K::SetMap(element, binders) => {
                let domains: Vec<V> = binders.iter().map(|binder| self.domain_of(binder)).collect();
                let mut items = Vec::new();
                self.map_into(element, binders, &domains, Truth::TRUE, &mut items);
                self.listed(items)
            }
            K::Union(left, right) => {
                let left = self.value(left);
                let right = self.value(right);
                self.union(left, right)
            }
            K::Intersect(left, right) => {
                let left = self.value(left);
                let right = self.value(right);
                self.within(left, right, false)
            }
            K::Minus(left, right) => {
                let left = self.value(left);
                let right = self.value(right);
                self.within(left, right, true)
            }
            K::Powerset(set) => {
                let set = self.value(set);
                self.values.intern(Node::Powerset(set))
            }
            K::BigUnion(set) => {
                let set = self.value(set);
                self.big_union(set)
            }
            K::Range(low, high) => {
                let low = self.value(low);
                let high = self.value(high);
                self.range(low, high)
            }
            K::Builtin(BuiltinSet::Nat) => self.values.intern(Node::Naturals),
            K::Builtin(BuiltinSet::Int) => self.values.intern(Node::Integers),
            K::Builtin(BuiltinSet::String) => self.values.intern(Node::Strings),
            K::Builtin(BuiltinSet::Boolean) => self.universe(&Sort::Bool),
            K::RecordSet(id, shape, sets) => {
                let sets = self.terms(sets);
                self.values.intern(Node::Records(*id, *shape, sets))
            }
            K::FunctionSet(from, to) => {
                let from = self.value(from);
                let to = self.value(to);
                self.values.intern(Node::Functions(from, to))
            }
            K::Product(sets) => {
                let sets = self.terms(sets);
                self.values.intern(Node::Product(sets))
            }
            K::SequenceSet(set) => {
                let set = self.value(set);
                self.values.intern(Node::Sequences(set))
            }
            K::Record(id, shape, items) => {
                let items = self.terms(items);
                let sort = &self.module.sorts.records[*id];
                let mut fields = vec![None; sort.fields.len()];
                for (position, value) in sort.shapes[*shape].iter().zip(items) {
                    fields[*position] = Some(value);
                }
                self.record(*id, vec![(*shape, Lit::TRUE)], true, fields)
            }
            K::Field(record, position) => {
                let record = self.value(record);
                self.field(record, *position)
            }
            K::FieldUpdate(record, position, value) => {
                let record = self.value(record);
                let value = self.value(value);
                let Node::Record(id, shapes, total, mut fields) = self.node(record).clone() else {
                    return self.undefined();
                };
                if fields[*position].is_some() {
                    fields[*position] = Some(value);
                }
                self.values.intern(Node::Record(id, shapes, total, fields))
            }
            K::Tuple(items) => {
                let items = self.terms(items);
                self.values.intern(Node::Tuple(items))
            }
            K::Component(tuple, position) => {
                let tuple = self.value(tuple);
                match self.node(tuple) {
                    Node::Tuple(items) if *position < items.len() => items[*position],
                    _ => self.undefined(),
                }
            }
            K::Function(binder, body) => {
                let domain = self.domain_of(binder);
                let Some((items, _)) = self.expand(domain) else { return self.undefined() };
                let mut entries = Vec::with_capacity(items.len());
                for (item, present) in items {
                    let value = self.with(binder.local, item, |this| this.value(body));
                    entries.push((item, present, value));
                }
                self.values.intern(Node::Function(entries.into()))
            }
            K::Index(function, argument) => {
                let function = self.value(function);
                let argument = self.value(argument);
                self.index(function, argument)
            }
            K::Except(function, argument, value) => {
                let function = self.value(function);
                let argument = self.value(argument);
                let value = self.value(value);
                self.except(function, argument, value)
            }
            K::Domain(function) => {
                let function = self.value(function);
                self.domain(function)
            }
            K::Cardinality(set) => {
                let set = self.value(set);
                self.cardinality(set)
            }
            K::Sequence(items) => {
                let items = self.terms(items);
                self.sequence(&items)
            }
            K::Len(sequence) => {
                let sequence = self.value(sequence);
                self.length(sequence)
            }
            K::Arithmetic(op, left, right) => {
                let left = self.value(left);
                let right = self.value(right);
                self.arithmetic(*op, left, right)
            }
            K::Negate(value) => {
                let value = self.value(value);
                self.negate(value)
            }
            K::Bool(_)
            | K::Apply(..)
            | K::Not(_)
            | K::And(_)
            | K::Or(_)
            | K::Implies(..)
            | K::Iff(..)
            | K::Equal(..)
            | K::Quantifier(..)
            | K::In(..)
            | K::SubsetEq(..)
            | K::IsFinite(_)
            | K::IsSequence(_)
            | K::Compare(..)
            | K::Unchanged(_)
            | K::ActionBox(..)
            | K::Always(_)
            | K::Temporal(..) => self.value_of(expr),
        }
    }

    /// `record.field`
    fn field(&mut self, record: V, position: usize) -> V {
        let Node::Record(id, shapes, total, fields) = self.node(record).clone() else {
            return self.undefined();
        };
        let Some(value) = fields.get(position).copied().flatten() else { return self.undefined() };
        let sort = &self.module.sorts.records[id];
        let has = |shape: &usize| sort.shapes[*shape].binary_search(&position).is_ok();
        if total && shapes.iter().all(|(shape, _)| has(shape)) {
            return value;
        }
        let having: Vec<Lit> =
            shapes.iter().filter(|(shape, _)| has(shape)).map(|(_, guard)| *guard).collect();
        let having = self.circuit.or(having);
        self.select(&[(having, value)], false)
    }

    fn map_into(
        &mut self,
        element: &Expr,
        binders: &[Binder],
        domains: &[V],
        present: Truth,
        into: &mut Vec<(V, Truth)>,
    ) {
        let ([binder, binders @ ..], [domain, domains @ ..]) = (binders, domains) else {
            let value = self.value(element);
            into.push((value, present));
            return;
        };
        let Some((items, _)) = self.expand(*domain) else { return };
        for (item, inside) in items {
            let both = self.circuit.meet(present, inside);
            if both.no != Lit::TRUE {
                self.with(binder.local, item, |this| this.map_into(element, binders, domains, both, into));
            }
        }
    }

    fn filtered(&mut self, domain: V, binder: &Binder, body: &Expr) -> V {
        let reads = self.reads(body);
        let captured = reads
            .locals
            .iter()
            .filter_map(|local| self.locals.get(local).map(|value| (*local, *value)))
            .collect();
        self.closures.push(Closure {
            local: binder.local,
            body: body.clone(),
            captured,
            is_primed: self.is_primed,
            moment: self.moment(),
        });
        self.values.intern(Node::Filter(domain, self.closures.len() - 1))
    }
}
