//! Replay: whether two states really are a counterexample, by the module's own theorem.
//!
//! Soundness: the question is put afresh from the typed module, not taken from whoever found the states. It is
//! confirmed only if the strict evaluator says that every assumption and everything known before is true, that
//! the step is one of the specification's, and that what the theorem claims is false.

use lang::print_typed;
use lang::typed::{Expr, ExprKind, Fact, FactKind, Module};

use crate::behaviour::{self, Behaviour};
use crate::evaluate::behaviours::View;
use crate::evaluate::{Bounds, Evaluator, Moment, Stuck};
use crate::instance::Instance;
use crate::value::State;

/// States that may refute a theorem, on an instance.
#[derive(Clone, Debug, PartialEq)]
pub struct Counterexample {
    /// What sorts and constants are.
    pub instance: Instance,
    /// The state before the step, or the only state; none if the claim is about constants.
    pub before: Option<State>,
    /// The state after the step, if there is one.
    pub after: Option<State>,
}

/// What is to be refuted of a theorem.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// `Init => P`.
    Initiation,
    /// `[Next]_vars` implies what the theorem says of steps, with invariants of the same specification known before.
    Simulation,
    /// `P /\ [Next]_vars => P'`, with earlier invariants of the same specification known before.
    Consecution,
    /// The formula itself; of `Spec => []P`, that earlier invariants of the same specification imply `P`.
    Implication,
}

/// What part a formula plays in a counterexample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// An assumption, or an axiom: to be true.
    Assumption,
    /// What is known of the state before: to be true.
    Before,
    /// The step: to be true.
    Step,
    /// What is claimed: to be false.
    Claim,
}

/// What came of a replay.
#[derive(Clone, Debug)]
pub enum Replay {
    /// It is a counterexample: these of the formulas that are claimed are false.
    Confirmed {
        /// The false ones; those about the state after are written about the state before, not primed.
        falsified: Vec<Expr>,
    },
    /// It is none: the formula has not got the truth value that its part needs.
    Denied {
        /// The part.
        part: Part,
        /// The first such formula.
        formula: Expr,
    },
    /// Nothing speaks against it, but these formulas could not be evaluated.
    Open {
        /// What part each plays, and why it has no truth value.
        stuck: Vec<(Part, Stuck)>,
    },
}

/// Replays a counterexample to what `subject` says of a theorem, the `fact`-th of the module.
pub fn replay(module: &Module, fact: usize, subject: Subject, counterexample: &Counterexample) -> Replay {
    let evaluator = Evaluator::new(module, &counterexample.instance, Bounds::Strict);
    let now = Moment { now: counterexample.before.as_ref(), next: None };
    let step = Moment { now: counterexample.before.as_ref(), next: counterexample.after.as_ref() };
    let after = Moment { now: counterexample.after.as_ref(), next: None };
    let theorem = &module.facts[fact];
    let claim = behaviour::claim(module, theorem);
    let mut judge = Judge { evaluator, stuck: Vec::new(), denied: None };
    for assumption in module.facts.iter().filter(|other| is_assumed(other)) {
        judge.wants_true(Part::Assumption, &assumption.statement, Moment::default());
    }
    if let Some(refinement) = behaviour::refinement(module, theorem).filter(|_| claim.is_none()) {
        let view = if subject == Subject::Initiation { View::First } else { View::Step };
        match view {
            View::First => {
                for formula in &refinement.behaviour.init {
                    judge.wants_true(Part::Before, formula, now);
                }
            }
            View::Step => {
                for formula in &earlier_invariants(module, fact, &refinement.behaviour) {
                    judge.wants_true(Part::Before, formula, now);
                }
                judge.wants_step(&refinement.behaviour, step);
            }
        }
        let conclusion = refinement.conclusion;
        let found = judge.evaluator.seen(&conclusion, view, step);
        return judge.conclude(vec![(conclusion, found)]);
    }
    let (claimed, at) = match (claim, subject) {
        (Some(claim), Subject::Initiation) => {
            for formula in &claim.behaviour.init {
                judge.wants_true(Part::Before, formula, now);
            }
            (claim.invariants, now)
        }
        (Some(claim), Subject::Consecution) => {
            let earlier = earlier_invariants(module, fact, &claim.behaviour);
            for formula in claim.invariants.iter().chain(&earlier) {
                judge.wants_true(Part::Before, formula, now);
            }
            judge.wants_step(&claim.behaviour, step);
            (claim.invariants, after)
        }
        (Some(claim), Subject::Simulation | Subject::Implication) => {
            for formula in &earlier_invariants(module, fact, &claim.behaviour) {
                judge.wants_true(Part::Before, formula, now);
            }
            (claim.invariants, now)
        }
        (None, _) => (vec![theorem.statement.clone()], step),
    };
    let found = claimed
        .into_iter()
        .map(|formula| {
            let truth = judge.evaluator.formula(&formula, at);
            (formula, truth)
        })
        .collect();
    judge.conclude(found)
}

struct Judge<'m> {
    evaluator: Evaluator<'m>,
    stuck: Vec<(Part, Stuck)>,
    denied: Option<(Part, Expr)>,
}

impl Judge<'_> {
    fn wants_true(&mut self, part: Part, formula: &Expr, moment: Moment<'_>) {
        match self.evaluator.formula(formula, moment) {
            Ok(true) => {}
            Ok(false) => {
                self.denied.get_or_insert_with(|| (part, formula.clone()));
            }
            Err(stuck) => self.stuck.push((part, stuck)),
        }
    }

    fn wants_step(&mut self, behaviour: &Behaviour, step: Moment<'_>) {
        for (action, subscript) in &behaviour.next {
            let boxed = ExprKind::ActionBox(action.clone(), subscript.clone());
            self.wants_true(Part::Step, &Expr::new(boxed, action.sort.clone(), action.span), step);
        }
    }

    /// The answer, given whether each formula that is claimed is true.
    fn conclude(mut self, claimed: Vec<(Expr, Result<bool, Stuck>)>) -> Replay {
        if let Some((part, formula)) = self.denied {
            return Replay::Denied { part, formula };
        }
        let mut falsified = Vec::new();
        let mut stuck = Vec::new();
        let first = claimed.first().map(|(formula, _)| formula.clone());
        for (formula, truth) in claimed {
            match truth {
                Ok(true) => {}
                Ok(false) => falsified.push(formula),
                Err(why) => stuck.push((Part::Claim, why)),
            }
        }
        // One false conjunct suffices, whatever the others are.
        if falsified.is_empty() {
            self.stuck.append(&mut stuck);
        }
        match (self.stuck.is_empty(), falsified.is_empty(), first) {
            (false, _, _) => Replay::Open { stuck: self.stuck },
            (true, true, Some(formula)) => Replay::Denied { part: Part::Claim, formula },
            (true, _, _) => Replay::Confirmed { falsified },
        }
    }
}

/// Whether a fact is taken for granted by everybody.
fn is_assumed(fact: &Fact) -> bool {
    match fact.kind {
        FactKind::Assumption | FactKind::Axiom => true,
        FactKind::Theorem => false,
    }
}

/// What theorems before this one claim of the same specification. What they say is enabled is left out: there is no
/// proof rule for it, so that nothing rests on it.
pub fn earlier_invariants(module: &Module, fact: usize, of: &Behaviour) -> Vec<Expr> {
    let wanted = text(module, of);
    let earlier = module.facts[..fact].iter().filter(|earlier| !is_assumed(earlier));
    let claims = earlier.filter_map(|earlier| behaviour::claim(module, earlier));
    claims
        .filter(|claim| text(module, &claim.behaviour) == wanted)
        .flat_map(|claim| claim.invariants)
        .filter(|invariant| !behaviour::asks_what_is_enabled(module, invariant))
        .collect()
}

fn text(module: &Module, of: &Behaviour) -> (Vec<String>, Vec<(String, String)>) {
    let print = |expr: &Expr| print_typed::expr(module, expr);
    let steps = of.next.iter().map(|(action, subscript)| (print(action), print(subscript)));
    (of.init.iter().map(print).collect(), steps.collect())
}
