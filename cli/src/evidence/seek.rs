//! Looks for counterexamples to the claims that are not proved.
//!
//! Soundness: the search is trusted in nothing. What it offers is replayed on the module as the front end left
//! it, by the theorem's own statement; only what is confirmed there is called refuted.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use eval::behaviour::{self, Behaviour, Refinement};
use eval::evaluate::{Bounds, Evaluator, Moment};
use eval::instance::{Instance, Sizes, instances};
use eval::replay::{Counterexample, Part, Replay, Subject, replay};
use eval::search::symmetry::Symmetry;
use eval::search::{
    self, Confirmation, End, Limit, Limits, Predicate, Task, confirm, conjuncts, is_reachable, search,
    violating_step,
};
use eval::successors::Steps;
use lang::typed::{Expr, FactKind, Module};
use refute::{Budget, Outcome, Question, refute};
use solver::backend::UnknownReason;
use vcgen::decompose::Decomposition;
use vcgen::obligation::{self, Alternative, ObligationIdx, ObligationKind};

use super::{Evidence, Found, Open, Reach, Refutation, Search};
use crate::verdict::{ObligationVerdict, Verdicts};

/// Stack of a thread that searches: formulas are deep.
const STACK_BYTES: usize = 256 << 20;
/// After so many claims that failed no more are looked at: the first tell what is wrong.
const MAX_CLAIMS: usize = 24;

/// How long, and among how many states, a behaviour is looked for that violates what a counterexample does.
const REACH_TIME: Duration = Duration::from_secs(3);
const MAX_REACHED: usize = 100_000;
/// The integers of the natural instance on which behaviours are looked for, too.
const NATURAL_INTEGERS: RangeInclusive<i64> = 0..=2;

/// How to search.
#[derive(Clone, Copy, Debug)]
pub struct Seeking<'a> {
    /// How long, for each claim.
    pub time: Duration,
    /// How many threads.
    pub n_workers: usize,
    /// Set when the user wants no more.
    pub stop: &'a AtomicBool,
}

/// A claim that is not proved, with the obligations that it was split into and that failed.
struct Failed<'a> {
    fact: usize,
    subject: Subject,
    claim: &'a Arc<obligation::Claim>,
    obligations: Vec<ObligationIdx>,
}

/// Seeks counterexamples to what is not proved of the theorems, claim by claim.
pub fn seek(
    typed: &Module,
    decomposition: &Decomposition,
    verdicts: &Verdicts,
    seeking: Seeking<'_>,
) -> Evidence {
    let program = &decomposition.program;
    let module = Module { locals: program.all_locals(), ..program.module.clone() };
    let assumptions: Vec<Expr> = module
        .facts
        .iter()
        .filter(|fact| match fact.kind {
            FactKind::Assumption | FactKind::Axiom => true,
            FactKind::Theorem => false,
        })
        .map(|fact| fact.statement.clone())
        .collect();
    let mut failed = failed_claims(decomposition, verdicts);
    failed.truncate(MAX_CLAIMS);
    let questions: Vec<Question<'_>> = failed
        .iter()
        .map(|failed| {
            let obligation::Claim { before, branch, goal: _ } = &**failed.claim;
            Question {
                module: &module,
                assumptions: assumptions.clone(),
                before: before.to_vec(),
                step: branch.as_ref().map(|branch| branch.formula(program)),
                goal: failed.claim.formula(program),
            }
        })
        .collect();
    let next = AtomicUsize::new(0);
    let found: Mutex<BTreeMap<usize, Search>> = Mutex::default();
    let work = || loop {
        let position = next.fetch_add(1, Ordering::Relaxed);
        let Some(question) = questions.get(position) else { break };
        let search = one(typed, question, &failed[position], seeking);
        found.lock().unwrap_or_else(PoisonError::into_inner).insert(position, search);
    };
    thread::scope(|scope| {
        for _ in 0..seeking.n_workers.min(questions.len()) {
            let thread = thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, work);
            if thread.is_err() {
                // The threads that there are do its share.
                break;
            }
        }
    });
    let found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    let each = found.into_iter().flat_map(|(position, search)| {
        failed[position].obligations.iter().map(move |obligation_idx| (*obligation_idx, search.clone()))
    });
    each.collect()
}

/// The claims of which some obligation was tried and not proved, in the order of the tree.
fn failed_claims<'a>(decomposition: &'a Decomposition, verdicts: &Verdicts) -> Vec<Failed<'a>> {
    let tree = &decomposition.tree;
    let mut failed: Vec<Failed<'a>> = Vec::new();
    let mut positions: BTreeMap<*const obligation::Claim, usize> = BTreeMap::new();
    for (plan, verdict) in tree.theorems.iter().zip(&verdicts.theorems) {
        let own: BTreeSet<ObligationIdx> = plan.alternatives.iter().flat_map(Alternative::all).collect();
        for obligation_idx in verdict.needed.intersection(&own) {
            let obligation = &tree.obligations[*obligation_idx];
            let Some(claim) = &obligation.claim else { continue };
            match verdicts.obligations.get(obligation_idx) {
                // What was interrupted has not failed: nobody waited for the answer.
                None
                | Some(
                    ObligationVerdict::Proved(_)
                    | ObligationVerdict::Blocked { .. }
                    | ObligationVerdict::Undecided(UnknownReason::Interrupted),
                ) => continue,
                Some(
                    ObligationVerdict::Refuted(_)
                    | ObligationVerdict::PossibleCounterexample(_)
                    | ObligationVerdict::Undecided(_)
                    | ObligationVerdict::Failed(_),
                ) => {}
            }
            let subject = match obligation.kind {
                ObligationKind::Initiation => Subject::Initiation,
                ObligationKind::Consecution { .. } => Subject::Consecution,
                ObligationKind::Simulation { .. } => Subject::Simulation,
                ObligationKind::Implication | ObligationKind::Induction => Subject::Implication,
                ObligationKind::Continuity { .. }
                | ObligationKind::Termination { .. }
                | ObligationKind::Vacuity => continue,
            };
            let position = *positions.entry(Arc::as_ptr(claim)).or_insert_with(|| {
                failed.push(Failed { fact: plan.fact, subject, claim, obligations: Vec::new() });
                failed.len() - 1
            });
            failed[position].obligations.push(*obligation_idx);
        }
    }
    failed
}

/// Searches for a counterexample to one claim.
fn one(typed: &Module, question: &Question<'_>, failed: &Failed<'_>, seeking: Seeking<'_>) -> Search {
    let mut possible = None;
    let mut is_confirmed =
        |candidate: &Counterexample| match replay(typed, failed.fact, failed.subject, candidate) {
            Replay::Confirmed { .. } => true,
            Replay::Denied { .. } => false,
            Replay::Open { stuck } => {
                possible.get_or_insert_with(|| (candidate.clone(), stuck));
                false
            }
        };
    let budget = Budget::new(seeking.time, seeking.stop);
    let outcome = refute(question, &budget, &mut is_confirmed);
    let (found, tried, is_complete) = match outcome {
        Outcome::Found { counterexample, .. } => {
            let found = match replay(typed, failed.fact, failed.subject, &counterexample) {
                Replay::Confirmed { falsified } => {
                    let reach = reach(typed, failed, &counterexample, &falsified, seeking);
                    Found::Refuted(Box::new(Refutation { counterexample: *counterexample, reach }))
                }
                Replay::Denied { .. } | Replay::Open { .. } => Found::Nothing,
            };
            (found, None, true)
        }
        Outcome::NotFound { mut tried } => (Found::Nothing, tried.pop(), true),
        Outcome::GaveUp { mut tried, .. } => (Found::Nothing, tried.pop(), false),
    };
    match (found, possible) {
        (Found::Nothing, Some((counterexample, stuck))) => {
            let open = stuck.into_iter().map(|(part, stuck)| Open {
                part: part_text(part),
                why: stuck.why.to_string(),
                span: stuck.span,
            });
            let counterexample = Box::new(counterexample);
            Search { found: Found::Possible { counterexample, open: open.collect() }, tried, is_complete }
        }
        (found, _) => Search { found, tried, is_complete },
    }
}

/// Whether a behaviour violates what the counterexample does: on its instance, which may be too small for any, or
/// else on a natural instance of two elements of each sort.
fn reach(
    typed: &Module,
    failed: &Failed<'_>,
    counterexample: &Counterexample,
    falsified: &[Expr],
    seeking: Seeking<'_>,
) -> Option<Reach> {
    let theorem = &typed.facts[failed.fact];
    let Some(claim) = behaviour::claim(typed, theorem) else {
        let refinement = behaviour::refinement(typed, theorem)?;
        return reach_step(typed, &refinement, counterexample, seeking);
    };
    let Counterexample { instance, before, after } = counterexample;
    let last = after.as_ref().or(before.as_ref())?;
    let evaluator = Evaluator::new(typed, instance, Bounds::Strict);
    let at = Moment { now: Some(last), next: None };
    let parts = falsified.iter().flat_map(|formula| conjuncts(typed, &theorem.name, formula));
    let predicates: Vec<Predicate> =
        parts.filter(|part| evaluator.formula(&part.formula, at) == Ok(false)).collect();
    let own = reach_on(typed, &claim.behaviour, instance, &predicates, seeking);
    if matches!(own, Reach::Violated(_)) {
        return Some(own);
    }
    match natural(typed).map(|natural| reach_on(typed, &claim.behaviour, &natural, &predicates, seeking)) {
        Some(Reach::Violated(behaviour)) => {
            Some(Reach::Violated(Box::new(super::Behaviour { is_other: true, ..*behaviour })))
        }
        Some(Reach::Reached { .. } | Reach::Never { .. } | Reach::NotMet { .. } | Reach::Unknown(_))
        | None => Some(own),
    }
}

/// Whether a behaviour of the instance comes to the state before the step, or of this or a natural instance makes
/// another step that refines nothing.
fn reach_step(
    typed: &Module,
    refinement: &Refinement,
    counterexample: &Counterexample,
    seeking: Seeking<'_>,
) -> Option<Reach> {
    let own = reach_before(typed, &refinement.behaviour, counterexample, seeking)?;
    if matches!(own, Reach::Reached { .. }) {
        return Some(own);
    }
    let instance = &counterexample.instance;
    let natural = natural(typed);
    for (instance, is_other) in
        std::iter::once((instance, false)).chain(natural.iter().map(|own| (own, true)))
    {
        if let Some(trace) = violating_step(typed, refinement, instance, &reach_limit(seeking)) {
            let instance = instance.clone();
            return Some(Reach::Violated(Box::new(super::Behaviour { instance, is_other, trace })));
        }
    }
    Some(own)
}

/// Whether a behaviour of the instance comes to the state before the step.
fn reach_before(
    typed: &Module,
    behaviour: &Behaviour,
    counterexample: &Counterexample,
    seeking: Seeking<'_>,
) -> Option<Reach> {
    counterexample.after.as_ref()?;
    let before = counterexample.before.as_ref()?;
    let (instance, is_enough) = (&counterexample.instance, reach_limit(seeking));
    Some(match is_reachable(typed, behaviour, instance, before, usize::MAX, &is_enough) {
        search::Reach::Reached { steps } => Reach::Reached { n_steps: steps },
        search::Reach::NotWithin { states, is_all: true, .. } => Reach::Never { n_states: states },
        search::Reach::NotWithin { steps, states, is_all: false }
        | search::Reach::GaveUp { steps, states, trouble: None } => {
            Reach::NotMet { n_states: states, depth: steps }
        }
        search::Reach::GaveUp { trouble: Some(trouble), .. } => Reach::Unknown(trouble.to_string()),
    })
}

/// Whether so many states, or the time from now on, are enough of a search for a behaviour.
fn reach_limit(seeking: Seeking<'_>) -> impl Fn(usize) -> bool {
    let deadline = Instant::now() + REACH_TIME;
    move |n_states| {
        n_states > MAX_REACHED || Instant::now() > deadline || seeking.stop.load(Ordering::Relaxed)
    }
}

/// An instance with two elements of each sort, if there is one.
fn natural(typed: &Module) -> Option<Instance> {
    let sizes = Sizes::all(typed, 2, NATURAL_INTEGERS);
    let natural = instances(typed, &sizes).find(|found| found.unsettled.is_empty());
    natural.map(|found| {
        let mut natural = found.instance;
        // The least choice may be the dullest.
        natural.choices.seed = 1;
        natural
    })
}

/// Whether a behaviour of this instance makes one of the predicates false.
fn reach_on(
    typed: &Module,
    behaviour: &Behaviour,
    instance: &Instance,
    predicates: &[Predicate],
    seeking: Seeking<'_>,
) -> Reach {
    let steps = Steps::new(typed, behaviour);
    let task = Task { steps: &steps, instance, predicates };
    let actions = behaviour.next.iter().map(|(action, _)| action);
    let formulas = predicates.iter().map(|predicate| &predicate.formula);
    let formulas: Vec<&Expr> = behaviour.init.iter().chain(actions).chain(formulas).collect();
    let symmetry = Symmetry::of(typed, instance, &formulas);
    let deadline = Instant::now() + REACH_TIME;
    let stop = || (Instant::now() > deadline || seeking.stop.load(Ordering::Relaxed)).then_some(Limit::Time);
    let limits = Limits { states: MAX_REACHED, depth: usize::MAX, stop: &stop };
    let found = search(task, &symmetry, limits, 1);
    let not_met = Reach::NotMet { n_states: found.states, depth: found.depth };
    match found.end {
        End::Exhausted if found.unsettled.is_empty() => Reach::Never { n_states: found.states },
        End::Exhausted | End::Limited(_) => not_met,
        End::Violated { predicate, trace } => {
            match confirm(task, behaviour, &trace, &predicates[predicate]) {
                Confirmation::Confirmed => {
                    let instance = instance.clone();
                    Reach::Violated(Box::new(super::Behaviour { instance, is_other: false, trace }))
                }
                Confirmation::Open(_) | Confirmation::Denied(_) => not_met,
            }
        }
        End::Failed { trouble, .. } => Reach::Unknown(trouble.to_string()),
    }
}

fn part_text(part: Part) -> &'static str {
    match part {
        Part::Assumption => "an assumption",
        Part::Before => "what is known before the step",
        Part::Step => "the step",
        Part::Claim => "the claim",
    }
}
