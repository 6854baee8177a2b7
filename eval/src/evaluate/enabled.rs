//! `ENABLED A`: whether some next state makes `A` true.
//!
//! Soundness: the question is answered by `successors::enabled`, which says what either answer rests on.

use std::rc::Rc;
use std::sync::Arc;

use lang::source::Span;
use lang::typed::{Expr, Time};

use super::lazy::Val;
use super::{Evaluator, Run, Stuck, Why, stuck};
use crate::env::Env;
use crate::successors::{Enabling, Reads};

/// How deep one `ENABLED` may stand in another one, through operators.
const MAX_ACTIONS: u32 = 8;

impl Run<'_> {
    /// `ENABLED A`, in the state that is read where it stands.
    pub(super) fn is_enabled(&mut self, action: &Expr, span: Span) -> Result<bool, Stuck> {
        let evaluator = self.evaluator;
        let n_actions = evaluator.n_actions.get();
        if n_actions >= MAX_ACTIONS {
            return stuck(Why::TooLarge, span);
        }
        let now = self.state(Time::Now).map(|state| Arc::new(state.clone()));
        let mut names = Env::default();
        for local in evaluator.free_locals(action).iter() {
            // A name without a value matters only where the action reads it.
            let val = self.env.get(lang::ids::Id::index(*local)).and_then(Clone::clone);
            if let Some(Ok(value)) = val.map(|val: Val| self.force(val, span)) {
                names = names.with(*local, value);
            }
        }
        let enabling = evaluator.enabling(action);
        evaluator.n_actions.set(n_actions + 1);
        let answer = enabling.ask(evaluator, &names, now.as_ref());
        evaluator.n_actions.set(n_actions);
        answer
    }
}

impl Evaluator<'_> {
    /// What is known of an action before any state is.
    fn enabling(&self, action: &Expr) -> Rc<Enabling> {
        if let Some((_, known)) = self.actions.borrow().get(&action.address()) {
            return Rc::clone(known);
        }
        let reads = self.reads.get_or_init(|| Reads::new(self.module));
        let enabling = Rc::new(Enabling::new(self.module, reads, action));
        self.actions.borrow_mut().insert(action.address(), (action.clone(), Rc::clone(&enabling)));
        enabling
    }
}
