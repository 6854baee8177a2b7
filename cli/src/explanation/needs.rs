//! What becomes of an obligation without each of the hypotheses that its proof uses.
//!
//! Invariant: budgets are resource units and conflicts, with time as a backstop only; and a counterexample is
//! told only if the evaluator confirmed all of it: the assumptions, what else is known, the step, and that the
//! claim is false.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::Result;
use eval::replay::Counterexample;
use lang::typed::{Expr, FactKind, Module};
use refute::{Budget, Outcome, Question, Size, refute, replay};
use solver::discharge::Job;
use vcgen::alpha::{Key, key};
use vcgen::decompose::Decomposition;
use vcgen::lower::hypothesis_of;
use vcgen::obligation::{Means, Obligation, ObligationIdx};
use vcgen::rewrite::rewrite_closed;

use crate::attempt::{Attempt, Finding, Solving, Unwatched, Withdrawn, condition, of_result, without};

/// The largest budget of a stage: so many times what the proof took, within bounds.
const TIMES: u64 = 4;
const LEAST: u64 = 100_000;
const MOST: u64 = 1_000_000;
/// How far a counterexample is sought.
const CONFLICTS: u64 = 3_000;
const N_SIZES: usize = 4;
const BACKSTOP: Duration = Duration::from_secs(20);
/// Stack of a thread that searches: formulas are deep.
const STACK_BYTES: usize = 256 << 20;

/// What becomes of an obligation without one hypothesis.
#[derive(Clone, Debug)]
pub struct Without {
    /// Its label.
    pub label: String,
    /// What was found.
    pub found: Found,
}

/// What was found.
#[derive(Clone, Debug)]
pub enum Found {
    /// The solver proves it from the others.
    StillProved,
    /// The claim fails in these states, which the evaluator confirmed.
    Fails(Box<Counterexample>),
    /// Neither was found.
    Undecided,
}

/// Tries a proved obligation again without each hypothesis that its proof used.
pub fn needs(
    decomposition: &Decomposition,
    obligation_idx: ObligationIdx,
    attempt: &Attempt,
    withdrawn: &Withdrawn,
    solving: &Solving<'_>,
) -> Result<Vec<Without>> {
    let Finding::Proved { means, core } = &attempt.finding else { return Ok(Vec::new()) };
    let obligation = &decomposition.tree.obligations[obligation_idx];
    let used: BTreeSet<&str> = core.iter().map(|label| hypothesis_of(label)).collect();
    let question = question(decomposition, obligation_idx, *means, withdrawn);
    let labels: Vec<&str> = question
        .hypotheses
        .iter()
        .map(|hypothesis| hypothesis.label.as_str())
        .filter(|label| used.contains(label))
        .collect();
    let budget = u32::try_from((attempt.rlimit * TIMES).clamp(LEAST, MOST)).unwrap_or(u32::MAX);
    let budget = solving.rlimit.map_or(budget, |rlimit| rlimit.min(budget));
    let proved = proved_without(decomposition, &question, &labels, budget, solving);
    let open: Vec<&str> =
        labels.iter().zip(&proved).filter(|(_, is_proved)| !**is_proved).map(|(label, _)| *label).collect();
    let mut refuted = refuted(decomposition, obligation, &open, solving).into_iter();
    let found = labels.iter().zip(proved).map(|(label, is_proved)| {
        let found = if is_proved {
            Found::StillProved
        } else {
            refuted.next().flatten().map_or(Found::Undecided, |found| Found::Fails(Box::new(found)))
        };
        Without { label: (*label).to_owned(), found }
    });
    Ok(found.collect())
}

/// What is put to the solver: the obligation, or, if rewriting left nothing of it, what it is a case of, as written.
fn question(
    decomposition: &Decomposition,
    obligation_idx: ObligationIdx,
    means: Means,
    withdrawn: &Withdrawn,
) -> Obligation {
    let tree = &decomposition.tree;
    let is_case = |(case, _): &(ObligationIdx, Expr)| *case == obligation_idx;
    let whole = tree.rechecks.iter().find(|recheck| recheck.cases.iter().any(is_case));
    match (means, whole) {
        (Means::Rewriting | Means::Frame | Means::Increment, Some(whole)) => whole.obligation(tree),
        (Means::Z3, _) | (Means::Rewriting | Means::Frame | Means::Increment, None) => {
            without(tree, obligation_idx, withdrawn).into_owned()
        }
    }
}

/// For each label, whether the solver proves the question without it.
fn proved_without(
    decomposition: &Decomposition,
    question: &Obligation,
    labels: &[&str],
    budget: u32,
    solving: &Solving<'_>,
) -> Vec<bool> {
    let job = |label: &&str| {
        let mut less = question.clone();
        less.hypotheses.retain(|hypothesis| hypothesis.label != **label);
        Job::new(&less.id, condition(&decomposition.program, &less, Some(budget)))
    };
    let jobs: Vec<Job> = labels.iter().map(job).collect();
    let results = Solving { progress: &Unwatched, ..*solving }.discharge(&jobs);
    let is_proved =
        |(job, result): (&Job, _)| matches!(of_result(&job.vc, result).finding, Finding::Proved { .. });
    jobs.iter().zip(results).map(is_proved).collect()
}

/// For each label of a conjunct that is known before the step, a counterexample to the claim without it, if one was
/// found.
fn refuted(
    decomposition: &Decomposition,
    obligation: &Obligation,
    labels: &[&str],
    solving: &Solving<'_>,
) -> Vec<Option<Counterexample>> {
    let nothing = || labels.iter().map(|_| None).collect();
    let (Some(claim), Some(_)) = (&obligation.claim, solving.search) else { return nothing() };
    let program = &decomposition.program;
    let module = Module { locals: program.all_locals(), ..program.module.clone() };
    let is_assumed = |kind: FactKind| match kind {
        FactKind::Assumption | FactKind::Axiom => true,
        FactKind::Theorem => false,
    };
    let facts = module.facts.iter().filter(|fact| is_assumed(fact.kind));
    let assumptions: Vec<Expr> = facts.map(|fact| fact.statement.clone()).collect();
    let rewritten: Vec<Key> = claim.before.iter().map(|known| key(&rewrite_closed(program, known))).collect();
    let question = |label: &&str| {
        let hypothesis = obligation.hypotheses.iter().find(|hypothesis| hypothesis.label == **label)?;
        let own = key(&hypothesis.formula);
        let position = rewritten.iter().position(|known| *known == own)?;
        let mut before = claim.before.to_vec();
        before.remove(position);
        let step = claim.branch.as_ref().map(|branch| branch.formula(program));
        let goal = claim.formula(program);
        Some(Question { module: &module, assumptions: assumptions.clone(), before, step, goal })
    };
    let questions: Vec<Option<Question<'_>>> = labels.iter().map(question).collect();
    let next = AtomicUsize::new(0);
    let found: Mutex<Vec<Option<Counterexample>>> = Mutex::new(nothing());
    let work = || loop {
        let position = next.fetch_add(1, Ordering::Relaxed);
        let Some(question) = questions.get(position) else { break };
        let Some(question) = question else { continue };
        let budget = Budget {
            conflicts: CONFLICTS,
            sizes: Size::schedule().into_iter().take(N_SIZES).collect(),
            ..Budget::new(BACKSTOP, solving.stop)
        };
        let mut confirm = |candidate: &Counterexample| replay(question, candidate);
        if let Outcome::Found { counterexample, .. } = refute(question, &budget, &mut confirm)
            && replay(question, &counterexample)
        {
            found.lock().unwrap_or_else(PoisonError::into_inner)[position] = Some(*counterexample);
        }
    };
    thread::scope(|scope| {
        for _ in 0..solving.n_workers.min(questions.len()) {
            let thread = thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, work);
            if thread.is_err() {
                // The threads that there are do its share.
                break;
            }
        }
    });
    found.into_inner().unwrap_or_else(PoisonError::into_inner)
}
