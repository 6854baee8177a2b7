//! The states that a behaviour may begin in, and those that may follow a state.
//!
//! An action is read as a way to find next states: `x' = e` and `x' \in S` give variables their values,
//! disjunctions and `\E` are choices, and whatever else there is must hold. The order of conjuncts does not
//! matter: a conjunct that reads `x'` waits until `x'` has a value.
//!
//! Invariant: the states that are found are exactly those that the formula allows. Where a variable gets no value,
//! the formula allows infinitely many, and that is an error ([`Trouble::NotAssigned`]), not a state. Only where
//! names range over infinite sets ([`Stepper::bounded_at`]) the states are those for the instance's integers.

mod enabled;
mod plan;
mod reads;
mod walk;

use lang::ids::IdVec;
use lang::source::Span;
use lang::typed::{Expr, ExprKind, LocalId, Module, Time, VariableId};

use crate::behaviour::Behaviour;
use crate::env::Env;
use crate::evaluate::Stuck;
use crate::value::{State, Value};

pub use plan::{Action, ActionId};
pub use walk::Stepper;

pub(crate) use enabled::Enabling;
pub(crate) use reads::Reads;

/// A behaviour, prepared for stepping through it.
#[derive(Debug)]
pub struct Steps<'m> {
    module: &'m Module,
    init: plan::Step,
    next: plan::Step,
    init_span: Span,
    next_span: Span,
    /// The named parts of the next-state action; the first is the whole.
    pub actions: IdVec<ActionId, Action>,
}

/// A step to a next state.
#[derive(Clone, Debug)]
pub struct Transition {
    /// The state after it.
    pub state: State,
    /// The innermost named part of the next-state action that allows it.
    pub action: ActionId,
    /// The names that were bound when that part was entered.
    at: Env,
    /// The values that were taken for names bound by `\E`.
    taken: Env,
}

/// How a step is shown: the action with its arguments, and what else was chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The action's name.
    pub action: String,
    /// Its parameters with their values, in order.
    pub args: Vec<(String, Value)>,
    /// Other names bound by `\E`, with the values that were taken, in order.
    pub taken: Vec<(String, Value)>,
    /// Where the action is defined.
    pub span: Span,
}

/// Why states cannot be found.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// A part has no value.
    #[error("{}", .0.why)]
    Stuck(Stuck),
    /// A variable gets no value.
    #[error("a variable gets no value")]
    NotAssigned {
        /// Which variable.
        variable: VariableId,
        /// The action, or the initial predicate.
        within: Span,
        /// What reads the variable before it has a value, if that is where the search ends.
        read_at: Option<Span>,
    },
}

impl From<Stuck> for Trouble {
    fn from(stuck: Stuck) -> Self {
        Self::Stuck(stuck)
    }
}

impl<'m> Steps<'m> {
    /// Prepares a behaviour.
    pub fn new(module: &'m Module, behaviour: &Behaviour) -> Self {
        let reads = Reads::new(module);
        let (init, next) = formulas(module, behaviour);
        let mut initial = plan::Planner::new(module, &reads, Time::Now, "Init", init.span);
        let init_plan = initial.plan(&init);
        let mut following = plan::Planner::new(module, &reads, Time::Next, "Next", next.span);
        let next_plan = following.plan(&next);
        let actions = following.actions;
        Self { module, init: init_plan, next: next_plan, init_span: init.span, next_span: next.span, actions }
    }

    /// The module.
    pub fn module(&self) -> &'m Module {
        self.module
    }

    /// How a step is shown.
    pub fn label(&self, transition: &Transition) -> Label {
        let action = &self.actions[transition.action];
        let name = |local: LocalId| self.module.locals[local].name.clone();
        let with_values = |local: &LocalId| Some((name(*local), transition.at.get(*local)?.clone()));
        let args: Vec<(String, Value)> = action.params.iter().filter_map(with_values).collect();
        let taken = transition.taken.iter().map(|(local, value)| (name(local), value.clone()));
        // What was taken for an argument is told already.
        let mut taken: Vec<(String, Value)> = taken.filter(|pair| !args.contains(pair)).collect();
        taken.reverse();
        Label { action: action.name.clone(), args, taken, span: action.span }
    }
}

/// A behaviour as two formulas: one about the first state, one about steps that change something.
pub fn formulas(module: &Module, behaviour: &Behaviour) -> (Expr, Expr) {
    let init = conjunction(&behaviour.init, behaviour);
    let next: Vec<Expr> =
        behaviour.next.iter().map(|(action, subscript)| step(module, action, subscript)).collect();
    (init, conjunction(&next, behaviour))
}

/// `[A]_v`: `A`, if what `v` stands for is the whole state, since nothing then changes in a step that leaves `v`.
fn step(module: &Module, action: &Expr, subscript: &Expr) -> Expr {
    let kept = plan::variables_of(module, subscript).unwrap_or_default();
    if module.variables.ids().all(|variable| kept.contains(&variable)) {
        return action.clone();
    }
    let kind = ExprKind::ActionBox(action.clone(), subscript.clone());
    Expr::new(kind, action.sort.clone(), action.span)
}

fn conjunction(items: &[Expr], behaviour: &Behaviour) -> Expr {
    if let [only] = items {
        return only.clone();
    }
    let span = items.first().or(behaviour.next.first().map(|(action, _)| action)).map(|item| item.span);
    let sort = lang::sort::Sort::Bool;
    let span = span.unwrap_or(Span { file: lang::ids::Id::from_index(0), start: 0, end: 0 });
    if items.is_empty() {
        return Expr::new(ExprKind::Bool(true), sort, span);
    }
    Expr::new(ExprKind::And(items.to_vec()), sort, span)
}
