//! Why a formula is true or false in a state or a step, as a small tree.
//!
//! Invariant: each node says a truth value that the evaluator found, and its parts are enough to see it: the
//! false conjunct of a false conjunction, a counterwitness of a false `\A`, both sides of an equation.

use std::fmt::Write as _;

use lang::print_typed;
use lang::source::Span;
use lang::typed::{Binder, Expr, ExprKind, LocalId, Module, Quantifier, Time};

use crate::evaluate::{Evaluator, Moment, Stuck, Why};
use crate::show::Names;
use crate::value::Value;

/// Why a formula has its truth value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// What the formula is to the one around it.
    pub role: Role,
    /// The formula.
    pub text: String,
    /// Where it was written.
    pub span: Span,
    /// Whether it is true, or why that cannot be told.
    pub truth: Result<bool, Why>,
    /// Names that are bound from here on, with the values for which the formula is decided.
    pub bound: Vec<(String, String)>,
    /// What the terms in it are worth.
    pub readings: Vec<Reading>,
    /// Why.
    pub parts: Vec<Reason>,
}

/// What a formula is to the one around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role {
    /// What was asked about.
    Claim,
    /// The conjunct of this number, counted from 1.
    Conjunct(usize),
    /// The disjunct of this number, counted from 1.
    Disjunct(usize),
    /// The left side of an implication.
    Premise,
    /// The right side of an implication.
    Conclusion,
    /// One of two sides of an equivalence.
    Side,
    /// What `~` negates.
    Negated,
    /// What `IF` asks.
    Condition,
    /// What `IF` leads to.
    Branch,
    /// The body of a quantifier, for the names that are bound.
    Instance,
    /// The definition of this operator.
    Definition(String),
}

/// A term and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The term.
    pub text: String,
    /// Its value; nothing, if it has none that could be told.
    pub value: Option<String>,
    /// What it would be worth in the other state, if that differs.
    pub before: Option<String>,
}

/// How many disjuncts, or instances, are shown.
const MAX_PARTS: usize = 8;
/// How deep definitions are opened.
const MAX_DEPTH: usize = 24;

/// Explains formulas.
#[derive(Debug)]
pub struct Explainer<'e, 'm> {
    module: &'m Module,
    evaluator: &'e Evaluator<'m>,
    names: &'e Names<'m>,
    other: Option<Moment<'e>>,
}

/// Where a formula is read: the values of names, and the states.
#[derive(Clone)]
struct Place<'s> {
    locals: Vec<(LocalId, Value)>,
    moment: Moment<'s>,
    other: Option<Moment<'s>>,
    depth: usize,
}

impl<'e, 'm> Explainer<'e, 'm> {
    /// An explainer that shows values with these names.
    pub fn new(module: &'m Module, evaluator: &'e Evaluator<'m>, names: &'e Names<'m>) -> Self {
        Self { module, evaluator, names, other: None }
    }

    /// Terms are also read there, to tell what has changed: of a formula about the state after a step, in the state
    /// before; of a formula with primes, with the state before as that after, too.
    #[must_use]
    pub fn compared_with(self, other: Moment<'e>) -> Self {
        Self { other: Some(other), ..self }
    }

    /// Why a formula has its truth value.
    pub fn explain(&self, formula: &Expr, moment: Moment<'_>) -> Reason {
        self.explain_with(formula, &[], moment)
    }

    /// The same, where names have values.
    pub fn explain_with(&self, formula: &Expr, names: &[(LocalId, Value)], moment: Moment<'_>) -> Reason {
        let place = Place { locals: names.to_vec(), moment, other: self.other, depth: 0 };
        self.reason(Role::Claim, formula, &place)
    }

    fn truth(&self, e: &Expr, place: &Place<'_>) -> Result<bool, Stuck> {
        self.evaluator.formula_with(e, &place.locals, place.moment)
    }

    fn reason(&self, role: Role, e: &Expr, place: &Place<'_>) -> Reason {
        let truth = self.truth(e, place).map_err(|stuck| stuck.why);
        let mut reason = Reason {
            role,
            text: print_typed::expr(self.module, e),
            span: e.span,
            truth,
            bound: Vec::new(),
            readings: Vec::new(),
            parts: Vec::new(),
        };
        if place.depth >= MAX_DEPTH {
            return reason;
        }
        let place = &Place { depth: place.depth + 1, ..place.clone() };
        match (&e.kind, truth) {
            (ExprKind::Not(a), _) => reason.parts.push(self.reason(Role::Negated, a, place)),
            (ExprKind::And(items), truth) => {
                // What decides it: a false conjunct, one that is stuck, or all.
                self.items(items, truth, false, Role::Conjunct, place, &mut reason.parts);
            }
            (ExprKind::Or(items), truth) => {
                self.items(items, truth, true, Role::Disjunct, place, &mut reason.parts);
            }
            (ExprKind::Implies(a, b), Ok(true)) => {
                let premise = self.truth(a, place) == Ok(false);
                let (role, part) = if premise { (Role::Premise, a) } else { (Role::Conclusion, b) };
                reason.parts.push(self.reason(role, part, place));
            }
            (ExprKind::Implies(a, b), _) => {
                reason.parts.push(self.reason(Role::Premise, a, place));
                reason.parts.push(self.reason(Role::Conclusion, b, place));
            }
            (ExprKind::Iff(a, b), _) => {
                reason.parts.push(self.reason(Role::Side, a, place));
                reason.parts.push(self.reason(Role::Side, b, place));
            }
            (ExprKind::If(condition, then, otherwise), _) => {
                let branch = match self.truth(condition, place) {
                    Ok(true) => Some(then),
                    Ok(false) => Some(otherwise),
                    Err(_) => None,
                };
                reason.parts.push(self.reason(Role::Condition, condition, place));
                reason.parts.extend(branch.map(|branch| self.reason(Role::Branch, branch, place)));
            }
            (ExprKind::Quantifier(quantifier, binders, body), Ok(truth)) => {
                if truth == (*quantifier == Quantifier::Exists) {
                    self.instance(e, binders, body, place, &mut reason);
                } else {
                    let domains = binders.iter().filter_map(|binder| binder.domain.as_ref());
                    reason.readings.extend(domains.filter_map(|domain| self.reading(domain, place)));
                }
            }
            (ExprKind::Apply(operator, args, time), _) => {
                let definition = &self.module.operators[*operator];
                let mut locals = place.locals.clone();
                for (param, arg) in definition.params.iter().zip(args) {
                    match self.evaluator.value_with(arg, &place.locals, place.moment) {
                        Ok(value) => {
                            let name = self.names.local(*param).to_owned();
                            reason.bound.push((name, self.names.value(&value)));
                            locals.push((*param, value));
                        }
                        // It would not be the same without the argument.
                        Err(_) => return reason,
                    }
                }
                let inner = Place {
                    locals,
                    moment: shifted_moment(place.moment, *time),
                    other: place.other.map(|other| shifted_moment(other, *time)),
                    depth: place.depth,
                };
                let role = Role::Definition(definition.name.clone());
                reason.parts.push(self.reason(role, &definition.body, &inner));
            }
            (ExprKind::ActionBox(action, subscript), _) => {
                reason.parts.push(self.reason(Role::Disjunct(1), action, place));
                reason.readings.extend(self.reading(subscript, place));
            }
            (ExprKind::Unchanged(a), _) => self.changed(a, place, &mut reason.readings),
            (ExprKind::Equal(a, b) | ExprKind::Compare(_, a, b), _) => {
                reason.readings.extend([a, b].into_iter().filter_map(|side| self.reading(side, place)));
            }
            (ExprKind::In(a, set) | ExprKind::SubsetEq(a, set), _) => {
                reason.readings.extend([a, set].into_iter().filter_map(|side| self.reading(side, place)));
                if truth == Ok(false) {
                    reason.bound.extend(self.stranger(e, place));
                }
            }
            _ => reason.readings.extend(self.reading(e, place)),
        }
        reason
    }

    /// The items that decide a conjunction or disjunction.
    fn items(
        &self,
        items: &[Expr],
        truth: Result<bool, Why>,
        deciding: bool,
        role: fn(usize) -> Role,
        place: &Place<'_>,
        parts: &mut Vec<Reason>,
    ) {
        let chosen: Vec<(usize, &Expr)> = match truth {
            Ok(truth) if truth == deciding => {
                let mut items = items.iter().enumerate();
                items.find(|(_, item)| self.truth(item, place) == Ok(deciding)).into_iter().collect()
            }
            // All of them matter to a false disjunction; a true conjunction needs no reason.
            Ok(false) => items.iter().enumerate().take(MAX_PARTS).collect(),
            Ok(true) => Vec::new(),
            Err(_) => {
                let mut items = items.iter().enumerate();
                items.find(|(_, item)| self.truth(item, place).is_err()).into_iter().collect()
            }
        };
        parts.extend(chosen.into_iter().map(|(position, item)| self.reason(role(position + 1), item, place)));
    }

    /// The values that decide a quantifier, and why they do.
    fn instance(&self, e: &Expr, binders: &[Binder], body: &Expr, place: &Place<'_>, reason: &mut Reason) {
        let Some(values) = self.evaluator.witness(e, &place.locals, place.moment) else { return };
        let mut locals = place.locals.clone();
        for (binder, value) in binders.iter().zip(values) {
            reason.bound.push((self.names.local(binder.local).to_owned(), self.names.value(&value)));
            locals.push((binder.local, value));
        }
        let inner = Place { locals, ..place.clone() };
        reason.parts.push(self.reason(Role::Instance, body, &inner));
    }

    /// The member of the left set that is not in the right one, if there is one to be told.
    fn stranger(&self, e: &Expr, place: &Place<'_>) -> Option<(String, String)> {
        let stranger = self.evaluator.stranger(e, &place.locals, place.moment)?;
        Some(("element".to_owned(), self.names.value(&stranger)))
    }

    /// The variables that a tuple mentions and that have changed.
    fn changed(&self, e: &Expr, place: &Place<'_>, into: &mut Vec<Reading>) {
        if let ExprKind::Tuple(items) = &e.kind {
            for item in items {
                self.changed(item, place, into);
            }
            return;
        }
        let after = Moment { now: place.moment.next, next: None };
        let before = self.evaluator.value_with(e, &place.locals, place.moment).ok();
        let after = self.evaluator.value_with(e, &place.locals, after).ok();
        if before != after {
            into.push(Reading {
                text: print_typed::expr(self.module, e),
                value: after.map(|value| self.names.value(&value)),
                before: before.map(|value| self.names.value(&value)),
            });
        }
    }

    /// A term and its value; nothing for what is a value as it is written.
    #[expect(clippy::wildcard_enum_match_arm, reason = "all other terms are worth showing")]
    fn reading(&self, e: &Expr, place: &Place<'_>) -> Option<Reading> {
        match &e.kind {
            ExprKind::Bool(_) | ExprKind::Int(_) | ExprKind::Str(_) | ExprKind::Builtin(_) => return None,
            ExprKind::Negate(a) if matches!(a.kind, ExprKind::Int(_)) => return None,
            _ => {}
        }
        let value = self.evaluator.value_with(e, &place.locals, place.moment).ok();
        let before = place.other.and_then(|other| self.evaluator.value_with(e, &place.locals, other).ok());
        let before = before.filter(|before| value.as_ref().is_some_and(|value| value != before));
        Some(Reading {
            text: print_typed::expr(self.module, e),
            value: value.map(|value| self.names.value(&value)),
            before: before.map(|value| self.names.value(&value)),
        })
    }
}

fn shifted_moment(moment: Moment<'_>, time: Time) -> Moment<'_> {
    match time {
        Time::Now => moment,
        Time::Next => Moment { now: moment.next, next: None },
    }
}

impl Reason {
    /// The tree as indented lines, for tests and logs.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        self.write(0, &mut lines);
        lines
    }

    fn write(&self, indent: usize, lines: &mut Vec<String>) {
        let mut line = " ".repeat(2 * indent);
        match &self.role {
            Role::Claim => {}
            Role::Conjunct(n) => {
                let _ = write!(line, "conjunct {n}: ");
            }
            Role::Disjunct(n) => {
                let _ = write!(line, "disjunct {n}: ");
            }
            Role::Premise => line.push_str("premise: "),
            Role::Conclusion => line.push_str("conclusion: "),
            Role::Side => line.push_str("side: "),
            Role::Negated => line.push_str("negated: "),
            Role::Condition => line.push_str("condition: "),
            Role::Branch => line.push_str("branch: "),
            Role::Instance => line.push_str("there: "),
            Role::Definition(name) => {
                let _ = write!(line, "{name}: ");
            }
        }
        let truth = match self.truth {
            Ok(true) => "true".to_owned(),
            Ok(false) => "false".to_owned(),
            Err(why) => format!("open, since {why}"),
        };
        let _ = write!(line, "{} is {truth}", self.text);
        if !self.bound.is_empty() {
            let bound: Vec<String> =
                self.bound.iter().map(|(name, value)| format!("{name} = {value}")).collect();
            let _ = write!(line, ", with {}", bound.join(", "));
        }
        lines.push(line);
        for reading in &self.readings {
            let mut line = " ".repeat(2 * indent + 2);
            let value = reading.value.as_deref().unwrap_or("?");
            let _ = write!(line, "{} = {value}", reading.text);
            if let Some(before) = &reading.before {
                let _ = write!(line, ", before: {before}");
            }
            lines.push(line);
        }
        self.parts.iter().for_each(|part| part.write(indent + 1, lines));
    }
}
