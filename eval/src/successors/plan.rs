//! Action formulas as plans: what assigns a variable, what branches, and what is a guard.
//!
//! A plan is equivalent to its formula: `All` is a conjunction, `Any` a disjunction, and so on. Only formulas
//! that speak of the variables to be assigned are taken apart; everything else is a guard, to be evaluated as a
//! whole. The variables to be assigned are those of the next state for a next-state action, and those of the
//! present one for an initial predicate.

use std::collections::BTreeMap;
use std::sync::Arc;

use lang::ids::{IdVec, define_id};
use lang::source::Span;
use lang::typed::{Binder, Expr, ExprKind, LocalId, Module, OperatorId, Quantifier, Time, VariableId};

use super::reads::Reads;
use crate::substitute::substitute;

define_id! {
    /// A named part of the next-state action.
    pub struct ActionId;
}

/// A named part of the next-state action: an operator that is one of its disjuncts, or a disjunct without name.
#[derive(Clone, Debug)]
pub struct Action {
    /// The operator's name; a disjunct without name has that of the operator around it and its position.
    pub name: String,
    /// The operator's parameters.
    pub params: Vec<LocalId>,
    /// The operator's name in its definition, or the disjunct.
    pub span: Span,
    /// Whether it is made of other actions.
    pub is_group: bool,
}

/// An expression with the variables among those to be assigned that it reads.
#[derive(Clone, Debug)]
pub(super) struct Term {
    pub(super) expr: Expr,
    pub(super) reads: Vec<VariableId>,
}

/// A bound name with its domain.
#[derive(Clone, Debug)]
pub(super) struct Range {
    pub(super) local: LocalId,
    pub(super) domain: Option<Term>,
}

/// A formula, taken apart.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// All of these.
    All(Vec<Step>),
    /// One of these.
    Any(Vec<Step>),
    /// For some values of these names.
    Exists(Vec<Range>, Arc<Step>),
    /// For all values of these names.
    Forall(Vec<Range>, Arc<Step>),
    /// The variable is this; the formula says so.
    Assign(VariableId, Term, Expr),
    /// The variable is in this set; the formula says so.
    Member(VariableId, Term, Expr),
    /// These stay as they are.
    Keep(Vec<VariableId>),
    /// The first if the condition holds, else the second.
    If(Term, Box<Step>, Box<Step>),
    /// An operator's body, with values for its parameters.
    Call(Vec<(LocalId, Expr)>, Arc<Step>),
    /// A part of the next-state action that has a name.
    Named(ActionId, Arc<Step>),
    /// Anything else.
    Guard(Term),
}

/// How far names of actions are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Naming {
    /// In disjunctions, and in conjunctions around them: the outermost operator.
    Outer(u8),
    /// In disjunctions.
    Inner,
    /// No more.
    Done,
}

/// Makes plans.
pub(super) struct Planner<'m> {
    module: &'m Module,
    reads: &'m Reads,
    /// Which variables are to be assigned.
    target: Time,
    /// The named parts that were met.
    pub(super) actions: IdVec<ActionId, Action>,
    by_operator: BTreeMap<OperatorId, ActionId>,
    bodies: BTreeMap<(OperatorId, Naming), Arc<Step>>,
    /// The named part that is being read.
    within: ActionId,
    /// Whether a variable that is used as a truth value is taken to be one.
    takes_truths: bool,
}

impl<'m> Planner<'m> {
    /// A planner; the whole has the name `root`.
    pub(super) fn new(module: &'m Module, reads: &'m Reads, target: Time, root: &str, span: Span) -> Self {
        let mut actions = IdVec::new();
        let within =
            actions.push(Action { name: root.to_owned(), params: Vec::new(), span, is_group: false });
        Self {
            module,
            reads,
            target,
            actions,
            by_operator: BTreeMap::new(),
            bodies: BTreeMap::new(),
            within,
            takes_truths: true,
        }
    }

    /// The plan of a whole formula.
    pub(super) fn plan(&mut self, formula: &Expr) -> Step {
        self.step(formula, Naming::Outer(0))
    }

    /// The plan of a whole formula, without names, that assigns a variable only where the formula says what it is:
    /// TLA+ does not say that `b'` is `FALSE` where `~b'` is true.
    pub(super) fn plan_strictly(mut self, formula: &Expr) -> Step {
        self.takes_truths = false;
        self.step(formula, Naming::Done)
    }

    fn term(&self, expr: &Expr) -> Term {
        Term { expr: expr.clone(), reads: self.reads.of(expr, self.target).into_iter().collect() }
    }

    fn speaks(&self, expr: &Expr) -> bool {
        !self.reads.of(expr, self.target).is_empty()
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "every other form is a guard")]
    fn step(&mut self, formula: &Expr, naming: Naming) -> Step {
        use ExprKind as K;
        if !self.speaks(formula) {
            return Step::Guard(self.term(formula));
        }
        match &formula.kind {
            K::And(items) => self.all(items, naming),
            K::Or(items) => self.any(items, naming),
            K::Implies(premise, conclusion) => {
                let conclusion = Box::new(self.step(conclusion, Naming::Done));
                Step::If(self.term(premise), conclusion, Box::new(Step::All(Vec::new())))
            }
            K::If(condition, then, otherwise) => {
                let then = Box::new(self.step(then, naming));
                let otherwise = Box::new(self.step(otherwise, naming));
                Step::If(self.term(condition), then, otherwise)
            }
            K::Quantifier(Quantifier::Exists, binders, body) => {
                let ranges = self.ranges(binders);
                Step::Exists(ranges, Arc::new(self.step(body, naming)))
            }
            K::Quantifier(Quantifier::Forall, binders, body) => {
                let ranges = self.ranges(binders);
                Step::Forall(ranges, Arc::new(self.step(body, Naming::Done)))
            }
            K::Apply(operator, args, Time::Now) => self.call(formula, *operator, args, naming),
            K::Equal(left, right) | K::Iff(left, right) => self.equal(formula, left, right),
            K::In(item, set) => match self.assigned(item) {
                Some(variable) => Step::Member(variable, self.term(set), formula.clone()),
                None => Step::Guard(self.term(formula)),
            },
            K::Variable(..) => self.truth(formula, formula, true),
            K::Not(inner) => self.truth(formula, inner, false),
            K::Unchanged(inner) if self.target == Time::Next => match variables_of(self.module, inner) {
                Some(variables) => Step::Keep(variables),
                None => Step::Guard(self.term(formula)),
            },
            K::Temporal("<<A>>_v", operands) => match operands.as_slice() {
                [action, subscript] => {
                    let stutter =
                        Expr::new(K::Unchanged(subscript.clone()), formula.sort.clone(), subscript.span);
                    let changes = Expr::new(K::Not(stutter), formula.sort.clone(), subscript.span);
                    Step::All(vec![self.step(action, naming), self.step(&changes, Naming::Done)])
                }
                _ => Step::Guard(self.term(formula)),
            },
            K::ActionBox(action, subscript) => {
                let stutter =
                    Expr::new(K::Unchanged(subscript.clone()), formula.sort.clone(), subscript.span);
                Step::Any(vec![self.step(action, naming), self.step(&stutter, Naming::Done)])
            }
            _ => Step::Guard(self.term(formula)),
        }
    }

    fn ranges(&self, binders: &[Binder]) -> Vec<Range> {
        let range = |binder: &Binder| Range {
            local: binder.local,
            domain: binder.domain.as_ref().map(|domain| self.term(domain)),
        };
        binders.iter().map(range).collect()
    }

    fn all(&mut self, items: &[Expr], naming: Naming) -> Step {
        // A conjunct may have the names of the action only if it is the one that branches into operators.
        let named = match naming {
            Naming::Outer(_) => {
                let mut named = items.iter().enumerate().filter(|(_, item)| self.branches(item));
                match (named.next(), named.next()) {
                    (Some((position, _)), None) => Some(position),
                    _ => None,
                }
            }
            Naming::Inner | Naming::Done => None,
        };
        let mut steps = Vec::with_capacity(items.len());
        for (position, item) in items.iter().enumerate() {
            let own = if named == Some(position) { naming } else { Naming::Done };
            steps.push(self.step(item, own));
        }
        Step::All(steps)
    }

    /// Whether a formula is a disjunction with operators in it, as those of next-state actions are.
    #[expect(clippy::wildcard_enum_match_arm, reason = "other forms do not branch into operators")]
    fn branches(&self, formula: &Expr) -> bool {
        match &formula.kind {
            ExprKind::Or(items) => items.iter().any(|item| self.speaks(item) && self.is_call(item)),
            ExprKind::Quantifier(Quantifier::Exists, _, body) => self.branches(body) || self.is_call(body),
            _ => false,
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "other forms are no calls")]
    fn is_call(&self, formula: &Expr) -> bool {
        match &formula.kind {
            ExprKind::Apply(_, _, Time::Now) => self.speaks(formula),
            ExprKind::Or(items) => items.iter().any(|item| self.is_call(item)),
            ExprKind::Quantifier(Quantifier::Exists, _, body) => self.is_call(body),
            _ => false,
        }
    }

    fn any(&mut self, items: &[Expr], naming: Naming) -> Step {
        let mut steps = Vec::with_capacity(items.len());
        for (position, item) in items.iter().enumerate() {
            let is_named = matches!(naming, Naming::Outer(_)) && self.speaks(item) && !self.is_call(item);
            if !is_named {
                steps.push(self.step(item, naming));
                continue;
            }
            let name = format!("{}.{}", self.actions[self.within].name, position + 1);
            let action =
                self.actions.push(Action { name, params: Vec::new(), span: item.span, is_group: false });
            self.actions[self.within].is_group = true;
            let step = self.step(item, Naming::Done);
            steps.push(Step::Named(action, Arc::new(step)));
        }
        Step::Any(steps)
    }

    fn call(&mut self, formula: &Expr, id: OperatorId, args: &[Expr], naming: Naming) -> Step {
        let operator = &self.module.operators[id];
        if operator.recursive {
            return Step::Guard(self.term(formula));
        }
        // Arguments that speak of what is to be assigned are put into the body; others are evaluated.
        let pairs = operator.params.iter().copied().zip(args);
        let (speaking, plain): (Vec<_>, Vec<_>) = pairs.partition(|(_, arg)| self.speaks(arg));
        let inner = match naming {
            Naming::Outer(0) => Naming::Outer(1),
            Naming::Outer(_) | Naming::Inner => Naming::Inner,
            Naming::Done => Naming::Done,
        };
        let outer = self.within;
        let action = (naming != Naming::Done).then(|| self.named(id));
        let body = if speaking.is_empty() {
            if let Some(body) = self.bodies.get(&(id, inner)) {
                body.clone()
            } else {
                let body = Arc::new(self.step(&operator.body, inner));
                self.bodies.insert((id, inner), body.clone());
                body
            }
        } else {
            let values = speaking.into_iter().map(|(param, arg)| (param, arg.clone())).collect();
            Arc::new(self.step(&substitute(&operator.body, &values), inner))
        };
        self.within = outer;
        let body = match action {
            Some(action) => Arc::new(Step::Named(action, body)),
            None => body,
        };
        Step::Call(plain.into_iter().map(|(param, arg)| (param, arg.clone())).collect(), body)
    }

    /// The action that an operator is; what is read from now on is within it.
    fn named(&mut self, id: OperatorId) -> ActionId {
        let operator = &self.module.operators[id];
        let action = *self.by_operator.entry(id).or_insert_with(|| {
            self.actions.push(Action {
                name: operator.name.clone(),
                params: operator.params.clone(),
                span: operator.span,
                is_group: false,
            })
        });
        self.actions[self.within].is_group = true;
        self.within = action;
        action
    }

    fn equal(&mut self, formula: &Expr, left: &Expr, right: &Expr) -> Step {
        for (one, other) in [(left, right), (right, left)] {
            if let Some(variable) = self.assigned(one) {
                return Step::Assign(variable, self.term(other), formula.clone());
            }
        }
        if let (Some(lefts), Some(rights)) = (self.parts(left), self.parts(right))
            && lefts.len() == rights.len()
        {
            let steps = lefts.iter().zip(&rights).map(|(left, right)| {
                let kind = match left.sort {
                    lang::sort::Sort::Bool => ExprKind::Iff(left.clone(), right.clone()),
                    lang::sort::Sort::Int
                    | lang::sort::Sort::Str
                    | lang::sort::Sort::Uninterpreted(_)
                    | lang::sort::Sort::Set(_)
                    | lang::sort::Sort::Function(..)
                    | lang::sort::Sort::Tuple(_)
                    | lang::sort::Sort::Record(_) => ExprKind::Equal(left.clone(), right.clone()),
                };
                Expr::new(kind, formula.sort.clone(), formula.span)
            });
            let steps: Vec<Expr> = steps.collect();
            return Step::All(steps.iter().map(|step| self.step(step, Naming::Done)).collect());
        }
        Step::Guard(self.term(formula))
    }

    /// The components of a tuple that is written out, or named without parameters, now or in the next state.
    #[expect(clippy::wildcard_enum_match_arm, reason = "other forms are no tuples that are written out")]
    fn parts(&self, tuple: &Expr) -> Option<Vec<Expr>> {
        match &tuple.kind {
            ExprKind::Tuple(items) => Some(items.clone()),
            ExprKind::Apply(id, args, time) if args.is_empty() => {
                let parts = self.parts(&self.module.operators[*id].body)?;
                match time {
                    Time::Now => Some(parts),
                    Time::Next => parts.iter().map(primed).collect(),
                }
            }
            _ => None,
        }
    }

    /// `b'` and `~b'` of a Boolean variable.
    fn truth(&self, formula: &Expr, inner: &Expr, value: bool) -> Step {
        match self.assigned(inner).filter(|_| self.takes_truths) {
            Some(variable) => {
                let value = Expr::new(ExprKind::Bool(value), formula.sort.clone(), formula.span);
                Step::Assign(variable, Term { expr: value, reads: Vec::new() }, formula.clone())
            }
            None => Step::Guard(self.term(formula)),
        }
    }

    fn assigned(&self, expr: &Expr) -> Option<VariableId> {
        if let ExprKind::Variable(variable, time) = expr.kind
            && time == self.target
        {
            return Some(variable);
        }
        None
    }
}

/// A variable, or an operator, in the next state.
#[expect(clippy::wildcard_enum_match_arm, reason = "only names are primed here")]
fn primed(expr: &Expr) -> Option<Expr> {
    let kind = match &expr.kind {
        ExprKind::Variable(variable, Time::Now) => ExprKind::Variable(*variable, Time::Next),
        ExprKind::Apply(id, args, Time::Now) if args.is_empty() => {
            ExprKind::Apply(*id, Vec::new(), Time::Next)
        }
        _ => return None,
    };
    Some(Expr::new(kind, expr.sort.clone(), expr.span))
}

/// The variables that make up an expression, if it is made up of variables only.
#[expect(clippy::wildcard_enum_match_arm, reason = "other forms are not made up of variables only")]
pub(crate) fn variables_of(module: &Module, expr: &Expr) -> Option<Vec<VariableId>> {
    match &expr.kind {
        ExprKind::Variable(variable, Time::Now) => Some(vec![*variable]),
        ExprKind::Tuple(items) | ExprKind::Sequence(items) => {
            let parts: Option<Vec<Vec<VariableId>>> =
                items.iter().map(|item| variables_of(module, item)).collect();
            Some(parts?.concat())
        }
        ExprKind::Apply(id, args, Time::Now) if args.is_empty() => {
            variables_of(module, &module.operators[*id].body)
        }
        _ => None,
    }
}
