//! A second opinion: the whole of a proof is put to cvc5, a solver that shares no code with Z3. What Z3 proved
//! goes there as its condition, what decomposition closed as the formula before any rewriting.
//!
//! Invariant: a question counts as agreed only if cvc5 said unsat of that very condition, or of fewer
//! hypotheses; that it has a model of what Z3 refuted is a disagreement, and ends the run as an internal error.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use solver::cvc5::{Cvc5, Reply};
use solver::smtlib;
use vcgen::lower::says_all;
use vcgen::obligation::{Means, Obligation};
use vcgen::vc::{Stage, Vc};

use crate::attempt::{Finding, Solving, jobs, without};
use crate::driver::Run;
use crate::recheck::Opinion;
use crate::report::json::kind_word;
use crate::report::needed;

/// The kind of what decomposition closed or split by itself.
pub const SPLIT: &str = "decomposition";

/// What cvc5 thinks of one condition.
#[derive(Clone, Debug, PartialEq)]
pub struct Certified {
    /// The obligation, or the formula that was split.
    pub id: String,
    /// What kind of obligation it is.
    pub kind: &'static str,
    /// How many obligations of the proof it stands for.
    pub n_obligations: usize,
    /// What was found.
    pub second: Second,
    /// Wall time.
    pub time: Duration,
}

/// A second opinion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Second {
    /// cvc5 found the same.
    Agreed,
    /// It found nothing, because of this.
    GaveUp(String),
    /// It has a model where there should be none.
    Disagreement,
    /// The run was stopped before.
    Stopped,
}

/// A condition with the ways in which it is put, the most promising first.
struct Question {
    id: String,
    kind: &'static str,
    n_obligations: usize,
    /// Whether a model means that somebody is wrong.
    is_decisive: bool,
    conditions: Vec<Vc>,
}

/// Where cvc5 is: as the user says, as the environment says, or on the path.
pub fn find_cvc5(wanted: Option<PathBuf>) -> PathBuf {
    let of_environment = || std::env::var_os("PAXPROVE_CVC5").map(PathBuf::from);
    wanted.or_else(of_environment).unwrap_or_else(|| PathBuf::from("cvc5"))
}

/// What the program says of its version; an error that tells how to get it, if it does not run.
pub fn version(cvc5: &Cvc5) -> Result<String> {
    cvc5.version().context(
        "cvc5 is needed for a second opinion: install it (Debian: `apt-get install cvc5`), or say where it is \
         with `--cvc5 PATH` or `PAXPROVE_CVC5`",
    )
}

/// Puts to cvc5 what the theorems of a run need, in the order of the proof tree: what Z3 proved, then what
/// decomposition did.
pub fn certify(run: &Run, cvc5: &Cvc5, solving: &Solving<'_>) -> Result<Vec<Certified>> {
    let questions = questions(run, solving);
    let names: Vec<&str> = questions.iter().map(|question| question.id.as_str()).collect();
    solving.progress.expect(&names);
    let results: Vec<Mutex<Option<Result<Certified>>>> = questions.iter().map(|_| Mutex::new(None)).collect();
    let next = AtomicUsize::new(0);
    let work = || {
        while let Some(question) = questions.get(next.fetch_add(1, Ordering::Relaxed)) {
            solving.progress.started(&question.id);
            let answered = ask(question, cvc5, solving);
            solving.progress.asked(&question.id);
            let place = questions.iter().position(|other| std::ptr::eq(other, question)).unwrap_or(0);
            *results[place].lock().unwrap_or_else(PoisonError::into_inner) = Some(answered);
        }
    };
    thread::scope(|scope| {
        for _ in 1..solving.n_workers.clamp(1, questions.len().max(1)) {
            scope.spawn(work);
        }
        work();
    });
    let answered =
        results.into_iter().filter_map(|result| result.into_inner().unwrap_or_else(PoisonError::into_inner));
    answered.collect()
}

fn ask(question: &Question, cvc5: &Cvc5, solving: &Solving<'_>) -> Result<Certified> {
    let start = Instant::now();
    let mut second = Second::GaveUp("there is nothing to ask".to_owned());
    for vc in &question.conditions {
        // Which hypotheses there are was decided when the condition was made.
        let everything = Stage { tier: u8::MAX, rlimit: 0, mbqi: false };
        second = match cvc5.ask(&smtlib::print(vc, &everything), solving.stop)? {
            Reply::Unsat => Second::Agreed,
            Reply::Sat if question.is_decisive => Second::Disagreement,
            Reply::Sat => Second::GaveUp("a model of what is told of sizes and lengths".to_owned()),
            Reply::GaveUp(reason) => Second::GaveUp(reason),
            Reply::Stopped => Second::Stopped,
        };
        match second {
            Second::Agreed | Second::Disagreement | Second::Stopped => break,
            Second::GaveUp(_) => {}
        }
    }
    Ok(Certified {
        id: question.id.clone(),
        kind: question.kind,
        n_obligations: question.n_obligations,
        second,
        time: start.elapsed(),
    })
}

fn questions(run: &Run, solving: &Solving<'_>) -> Vec<Question> {
    let (Some(decomposition), Some(proof)) = (&run.front.decomposition, &run.proof) else {
        return Vec::new();
    };
    let tree = &decomposition.tree;
    let mut obligations: Vec<Cow<'_, Obligation>> = Vec::new();
    let mut about: Vec<About<'_>> = Vec::new();
    for idx in needed(proof) {
        match proof.attempts.get(&idx).map(|attempt| &attempt.finding) {
            Some(Finding::Proved { means: Means::Z3, core }) => {
                obligations.push(without(tree, idx, &proof.withdrawn));
                let kind = kind_word(&tree.obligations[idx].kind);
                about.push(About { core, kind, n_obligations: 1, is_decisive: true });
            }
            Some(
                Finding::Proved { .. }
                | Finding::PossibleCounterexample { .. }
                | Finding::Unknown(_)
                | Finding::Failed(_),
            )
            | None => {}
        }
    }
    let wholes: BTreeMap<&str, _> = tree.rechecks.iter().map(|it| (it.whole.id.as_str(), it)).collect();
    for checked in proof.recheck.iter().flat_map(|recheck| &recheck.wholes) {
        let Some(recheck) = wholes.get(checked.id.as_str()) else { continue };
        let (obligation, is_confirmed) = match checked.opinion {
            Opinion::ConfirmedRest => (recheck.rest(tree), true),
            Opinion::Confirmed | Opinion::RestsOn(_) => (None, true),
            Opinion::NotConfirmed(_) | Opinion::Disagreement(_) | Opinion::Failed(_) => (None, false),
        };
        obligations.push(Cow::Owned(obligation.unwrap_or_else(|| recheck.obligation(tree))));
        about.push(About {
            core: &checked.core,
            kind: SPLIT,
            n_obligations: checked.closed.len(),
            is_decisive: is_confirmed || says_all(&recheck.whole),
        });
    }
    let jobs = jobs(&decomposition.program, &obligations, solving);
    jobs.into_iter()
        .zip(about)
        .map(|(job, about)| {
            let core: BTreeSet<&str> = about.core.iter().map(String::as_str).collect();
            let less = (!core.is_empty()).then(|| job.vc.restricted(|label| core.contains(label)));
            let conditions = less.into_iter().chain([job.vc]).collect();
            let About { core: _, kind, n_obligations, is_decisive } = about;
            Question { id: job.id, kind, n_obligations, is_decisive, conditions }
        })
        .collect()
}

/// What is known of a question beside its condition.
struct About<'a> {
    core: &'a [String],
    kind: &'static str,
    n_obligations: usize,
    is_decisive: bool,
}
