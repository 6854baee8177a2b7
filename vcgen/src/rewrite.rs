//! Rewriting: an expression becomes an equal one (equivalent under what is known) with fewer set and record
//! constructors. Every rule is an equation of TLA+'s set theory read in many-sorted logic; the file of each
//! group of rules says which.
//!
//! What is *known* are formulas that hold wherever the rewritten expression is read: premises met on the
//! way down (`P => Q` rewrites `Q` knowing `P`; `P /\ Q` rewrites `Q` knowing `P`; a bounded quantifier
//! rewrites its body knowing the membership), and what the caller supplies.

mod cardinality;
mod functions;
pub(crate) mod integers;
mod known;
mod log;
mod membership;
mod parts;
mod patterns;
mod quantifiers;
mod sequences;

use std::cell::RefCell;
use std::collections::BTreeMap;

use indexmap::IndexMap;
use lang::typed::{Arithmetic, Comparison, Expr, ExprKind};

use crate::alpha::{Alike, alike};
use crate::expr;
use crate::program::Program;
use crate::trail::Rule;
pub use known::Known;
use known::{Layers, Mark};
use log::Log;
use patterns::inclusions;

/// Rewrites an expression, knowing `known`.
pub fn rewrite(program: &Program, known: &Known, expr: &Expr) -> Expr {
    let mut rewriter = Rewriter {
        program,
        known: Layers::on(known),
        depth: 0,
        version: 0,
        versions: IndexMap::new(),
        members: IndexMap::new(),
        signs: BTreeMap::new(),
        log: program.is_recording().then(RefCell::default),
    };
    let rewritten = rewriter.rewrite(expr);
    if let Some(log) = rewriter.log {
        program.write_down(log.into_inner().moves);
    }
    rewritten
}

/// Whether a rewritten formula that holds tells rewriting of the domains of functions.
fn states_domains(formula: &Expr) -> bool {
    let of_variable = matches!(
        &formula.kind,
        ExprKind::Equal(left, _) if matches!(left.kind, ExprKind::Domain(_) | ExprKind::Len(_))
    );
    of_variable || patterns::states_domains(formula)
}

/// The domain that a rewritten formula states of a state variable.
fn stated_domain(formula: &Expr) -> Option<&Expr> {
    match &formula.kind {
        ExprKind::Equal(left, right) if matches!(left.kind, ExprKind::Domain(_)) => Some(right),
        _ => None,
    }
}

/// Which of some formulas that hold tell rewriting whether a function is applied in its domain: those that state
/// domains, and those that say what lies in such a domain.
pub fn typing(formulas: &[Expr]) -> Vec<bool> {
    let parts: Vec<Vec<Expr>> = formulas.iter().map(expr::conjuncts).collect();
    let domains: Vec<Expr> = parts.iter().flatten().filter_map(stated_domain).cloned().collect();
    let is_domain = |set: &Expr| domains.iter().any(|domain| alike(domain, set));
    let is_typing = |part: &Expr| states_domains(part) || inclusions(part).iter().any(is_domain);
    parts.iter().map(|parts| parts.iter().any(is_typing)).collect()
}

/// Rewrites with nothing known.
pub fn rewrite_closed(program: &Program, expr: &Expr) -> Expr {
    rewrite(program, &Known::default(), expr)
}

struct Rewriter<'p> {
    program: &'p Program,
    known: Layers<'p>,
    /// How many patterns are being looked at.
    depth: usize,
    /// A number for what is known at present: equal numbers, equal knowledge.
    version: usize,
    /// What each version becomes when a formula is learned.
    versions: IndexMap<(usize, Alike), usize>,
    /// Memberships that were looked into for a pattern, and whether they hold.
    members: IndexMap<(Moment, Alike), bool>,
    /// Sums that were looked into, and whether they are known not to be negative.
    signs: BTreeMap<(Moment, integers::Identity), bool>,
    /// What is done, if somebody wants to know.
    log: Option<RefCell<Log>>,
}

/// What an answer depends on beside the question: what is known, and how many patterns are being looked at.
type Moment = (usize, usize);

impl Rewriter<'_> {
    fn moment(&self) -> Moment {
        (self.version, self.depth)
    }

    fn learn(&mut self, formula: &Expr) {
        let next = self.versions.len() + 1;
        self.version = *self.versions.entry((self.version, Alike(formula.clone()))).or_insert(next);
        self.known.assume(formula);
    }

    fn mark(&self) -> (Mark, usize) {
        (self.known.mark(), self.version)
    }

    /// Forgets what was learned since.
    fn forget(&mut self, (since, version): (Mark, usize)) {
        self.known.forget(since);
        self.version = version;
    }

    /// Runs `body` while `formula` is known.
    fn under<T>(&mut self, formulas: &[Expr], body: impl FnOnce(&mut Self) -> T) -> T {
        if formulas.is_empty() {
            return body(self);
        }
        let mark = self.mark();
        for formula in formulas {
            self.learn(formula);
        }
        let result = body(self);
        self.forget(mark);
        result
    }

    fn rewrite(&mut self, expr: &Expr) -> Expr {
        if self.log.is_none() {
            return self.normal_form(expr);
        }
        self.enter();
        let rewritten = self.normal_form(expr);
        self.leave();
        rewritten
    }

    fn normal_form(&mut self, expr: &Expr) -> Expr {
        use ExprKind as K;
        match &expr.kind {
            K::Bool(_)
            | K::Int(_)
            | K::Str(_)
            | K::Local(_)
            | K::Constant(_)
            | K::Variable(..)
            | K::Builtin(_) => self.lookup(expr.clone()),
            K::And(items) => self.junction(items, expr, true),
            K::Or(items) => self.junction(items, expr, false),
            K::Not(inner) => {
                let inner = self.rewrite(inner);
                let own = || expr::formula(K::Not(inner.clone()), expr.span);
                self.framed(Rule::Negation, own, |this| this.negate(&inner))
            }
            K::Implies(premise, conclusion) => {
                let premise = self.rewrite(premise);
                if expr::is_bool(&premise, false) {
                    return expr::bool(true, expr.span);
                }
                let conclusion = self.under(std::slice::from_ref(&premise), |this| this.rewrite(conclusion));
                if expr::is_bool(&conclusion, false) {
                    let own = || expr::formula(K::Implies(premise.clone(), conclusion.clone()), expr.span);
                    return self.framed(Rule::Negation, own, |this| this.negate(&premise));
                }
                self.lookup(expr::implies(&premise, &conclusion))
            }
            K::Iff(left, right) => {
                let (left, right) = (self.rewrite(left), self.rewrite(right));
                match (&left.kind, &right.kind) {
                    (K::Bool(true), _) => right,
                    (_, K::Bool(true)) => left,
                    (K::Bool(false), _) => self.negate(&right),
                    (_, K::Bool(false)) => self.negate(&left),
                    _ if alike(&left, &right) => expr::bool(true, expr.span),
                    _ => self.lookup(expr::formula(K::Iff(left, right), expr.span)),
                }
            }
            K::If(condition, then, otherwise) => {
                let condition = self.rewrite(condition);
                if let Some(value) = self.known.value(&condition) {
                    let chosen = if value { then } else { otherwise };
                    let kind = K::If(condition, then.clone(), otherwise.clone());
                    let own = || Expr::new(kind, expr.sort.clone(), expr.span);
                    return self.becomes_by(Rule::Condition, Vec::new(), own, chosen);
                }
                let then = self.under(std::slice::from_ref(&condition), |this| this.rewrite(then));
                let negated = expr::not(&condition);
                let otherwise = self.under(&[negated], |this| this.rewrite(otherwise));
                let own = Expr::new(
                    K::If(condition, then.clone(), otherwise.clone()),
                    expr.sort.clone(),
                    expr.span,
                );
                if alike(&then, &otherwise) {
                    self.note(Rule::Same, &own, &then);
                    return then;
                }
                own
            }
            K::Quantifier(q, binders, body) => self.quantifier(*q, binders, body, expr.span),
            // Read in both states before anything that is known of one of them is used.
            K::Unchanged(_) | K::ActionBox(..) => {
                let Some(primed) = expr::with_primes(self.program, expr) else { return expr.clone() };
                self.becomes_by(Rule::Unchanged, Vec::new(), || expr.clone(), &primed)
            }
            K::Apply(operator, args, time) => {
                let args: Vec<Expr> = args.iter().map(|arg| self.rewrite(arg)).collect();
                if self.program.is_opaque(*operator) {
                    self.lookup(Expr::new(K::Apply(*operator, args, *time), expr.sort.clone(), expr.span))
                } else {
                    let unfolded = self.program.unfold(*operator, &args, *time);
                    let own = || Expr::new(K::Apply(*operator, args, *time), expr.sort.clone(), expr.span);
                    self.becomes_by(Rule::Definition(*operator), Vec::new(), own, &unfolded)
                }
            }
            K::Choose(..) | K::SetFilter(..) | K::SetMap(..) | K::Function(..) => self.binding(expr),
            K::ConstantApply(..)
            | K::Equal(..)
            | K::In(..)
            | K::SubsetEq(..)
            | K::SetEnum(_)
            | K::Union(..)
            | K::Intersect(..)
            | K::Minus(..)
            | K::Powerset(_)
            | K::BigUnion(_)
            | K::Range(..)
            | K::RecordSet(..)
            | K::FunctionSet(..)
            | K::Product(_)
            | K::Record(..)
            | K::Field(..)
            | K::FieldUpdate(..)
            | K::Tuple(_)
            | K::Component(..)
            | K::Index(..)
            | K::Except(..)
            | K::Domain(_)
            | K::IsFinite(_)
            | K::Cardinality(_)
            | K::Sequence(_)
            | K::Len(_)
            | K::SequenceSet(_)
            | K::IsSequence(_)
            | K::Arithmetic(..)
            | K::Negate(_)
            | K::Compare(..)
            | K::Always(_)
            | K::Temporal(..) => {
                let mapped = expr::map_children(expr, &mut |child| self.rewrite(child));
                self.head(&mapped)
            }
        }
    }

    /// Rewrites an expression whose children are in normal form already.
    fn head(&mut self, expr: &Expr) -> Expr {
        if self.log.is_none() {
            return self.by_form(expr);
        }
        self.framed(Rule::Form, || expr.clone(), |this| this.by_form(expr))
    }

    fn by_form(&mut self, expr: &Expr) -> Expr {
        use ExprKind as K;
        match &expr.kind {
            K::In(element, set) => self.membership(element, set, expr),
            K::SubsetEq(left, right) => self.included(left, right, expr.span),
            K::Equal(left, right) => self.equality(left, right, expr),
            K::Union(left, right) => match (&left.kind, &right.kind) {
                (K::SetEnum(items), _) if items.is_empty() => right.clone(),
                (_, K::SetEnum(items)) if items.is_empty() => left.clone(),
                _ => expr.clone(),
            },
            K::Minus(left, right) => match (&left.kind, &right.kind) {
                (K::SetEnum(items), _) | (_, K::SetEnum(items)) if items.is_empty() => left.clone(),
                _ => expr.clone(),
            },
            K::Intersect(left, right) => match (&left.kind, &right.kind) {
                (K::SetEnum(items), _) if items.is_empty() => left.clone(),
                (_, K::SetEnum(items)) if items.is_empty() => right.clone(),
                _ => expr.clone(),
            },
            K::Field(record, field) => self.field(record, *field, expr),
            K::Component(tuple, index) => match &tuple.kind {
                K::Tuple(items) => items[*index].clone(),
                _ => expr.clone(),
            },
            K::Index(function, argument) => self.application(function, argument, expr),
            K::Domain(function) => self.domain(function, expr),
            K::IsFinite(set) => self.finite(set, expr),
            K::Cardinality(set) => self.cardinality(set, expr),
            K::Len(function) => self.length(function, expr),
            K::IsSequence(function) => self.sequence(function, expr),
            K::Arithmetic(op, left, right) => arithmetic(*op, left, right, expr),
            K::Negate(inner) => match &inner.kind {
                K::Int(value) => value.checked_neg().map_or_else(
                    || expr.clone(),
                    |value| Expr::new(K::Int(value), expr.sort.clone(), expr.span),
                ),
                _ => expr.clone(),
            },
            K::Compare(op, left, right) => match (&left.kind, &right.kind) {
                (K::Int(a), K::Int(b)) => expr::bool(
                    match op {
                        Comparison::Less => a < b,
                        Comparison::LessEqual => a <= b,
                    },
                    expr.span,
                ),
                _ if alike(left, right) => expr::bool(*op == Comparison::LessEqual, expr.span),
                _ => match self.comparison(*op, left, right) {
                    Some(value) => expr::bool(value, expr.span),
                    None => self.lookup(expr.clone()),
                },
            },
            _ => expr.clone(),
        }
    }

    fn lookup(&self, expr: Expr) -> Expr {
        if expr.sort != lang::sort::Sort::Bool {
            return expr;
        }
        match self.known.value(&expr) {
            Some(value) => {
                let found = expr::bool(value, expr.span);
                if !matches!(expr.kind, ExprKind::Bool(_)) {
                    self.note(Rule::Known, &expr, &found);
                }
                found
            }
            None => expr,
        }
    }

    /// Operands are rewritten from left to right, each knowing the earlier ones (their negations, for `\/`).
    fn junction(&mut self, items: &[Expr], expr: &Expr, conjunction: bool) -> Expr {
        if !conjunction && let Some(at_most_one) = self.at_most_one(items, expr.span) {
            return self.becomes_by(Rule::AtMostOne, Vec::new(), || expr.clone(), &at_most_one);
        }
        let mark = self.mark();
        let mut out: Vec<Expr> = Vec::new();
        for item in items {
            let item = self.rewrite(item);
            if expr::is_bool(&item, !conjunction) {
                self.forget(mark);
                return item;
            }
            let learned = if conjunction { item.clone() } else { expr::not(&item) };
            self.learn(&learned);
            out.push(item);
        }
        self.forget(mark);
        let joined = if conjunction { expr::and(out, expr.span) } else { expr::or(out, expr.span) };
        self.lookup(joined)
    }

    /// Negations move inward over junctions, implications and quantifiers.
    fn negate(&mut self, expr: &Expr) -> Expr {
        use ExprKind as K;
        match &expr.kind {
            K::And(items) => {
                let items: Vec<Expr> = items.iter().map(|item| self.negate(item)).collect();
                self.lookup(expr::or(items, expr.span))
            }
            K::Or(items) => {
                let items: Vec<Expr> = items.iter().map(|item| self.negate(item)).collect();
                self.lookup(expr::and(items, expr.span))
            }
            K::Implies(premise, conclusion) => {
                let negated = self.negate(conclusion);
                self.lookup(expr::and([premise.clone(), negated], expr.span))
            }
            K::Quantifier(q, binders, body) => {
                use lang::typed::Quantifier::{Exists, Forall};
                let flipped = if *q == Forall { Exists } else { Forall };
                let body = self.negate(body);
                expr::quantifier(flipped, binders.clone(), body)
            }
            K::If(condition, then, otherwise) => {
                let (then, otherwise) = (self.negate(then), self.negate(otherwise));
                expr::formula(K::If(condition.clone(), then, otherwise), expr.span)
            }
            _ => self.lookup(expr::not(expr)),
        }
    }
}

fn arithmetic(op: Arithmetic, left: &Expr, right: &Expr, expr: &Expr) -> Expr {
    if let (Arithmetic::Power, ExprKind::Int(exponent)) = (op, &right.kind) {
        return power(left, *exponent, expr);
    }
    let (ExprKind::Int(a), ExprKind::Int(b)) = (&left.kind, &right.kind) else {
        let is_sum = matches!(op, Arithmetic::Add | Arithmetic::Subtract);
        return is_sum.then(|| integers::simplified(expr)).flatten().unwrap_or_else(|| expr.clone());
    };
    let value = match op {
        Arithmetic::Add => a.checked_add(*b),
        Arithmetic::Subtract => a.checked_sub(*b),
        Arithmetic::Multiply => a.checked_mul(*b),
        Arithmetic::Divide if *b > 0 => a.checked_div_euclid(*b),
        Arithmetic::Modulo if *b > 0 => a.checked_rem_euclid(*b),
        Arithmetic::Divide | Arithmetic::Modulo | Arithmetic::Power => None,
    };
    value.map_or_else(|| expr.clone(), |value| Expr::new(ExprKind::Int(value), expr.sort.clone(), expr.span))
}

/// `base ^ exponent`; `0 ^ 0` has no value that anybody knows, and a negative power is no integer.
fn power(base: &Expr, exponent: i128, expr: &Expr) -> Expr {
    let int = |kind| Expr::new(kind, expr.sort.clone(), expr.span);
    match (&base.kind, exponent) {
        (_, 1) => base.clone(),
        (ExprKind::Int(0), 0) => expr.clone(),
        (ExprKind::Int(_), 0) => int(ExprKind::Int(1)),
        (ExprKind::Int(value), _) => {
            let value = u32::try_from(exponent).ok().and_then(|exponent| value.checked_pow(exponent));
            value.map_or_else(|| expr.clone(), |value| int(ExprKind::Int(value)))
        }
        (_, 2) => int(ExprKind::Arithmetic(Arithmetic::Multiply, base.clone(), base.clone())),
        _ => expr.clone(),
    }
}
