//! From conditions to outcomes: runs each condition's stages, several conditions at a time.
//!
//! Invariants: [`Outcome::Proved`] is made in one place, from a backend's unsat for that very condition; outcomes come
//! in the order of the jobs and do not depend on how many workers there are, nor on what a worker did before.

use std::borrow::Borrow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use vcgen::lower::GOAL;
use vcgen::vc::{Stage, Vc};

use crate::backend::{Answer, Backend, Check, Limits, SolverError, UnknownReason};
use crate::model::Model;
use crate::panic_text;

/// Stack of a thread that handles conditions; only what is touched is ever taken from memory.
const STACK_BYTES: usize = 256 << 20;

/// One condition to discharge.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// Whose condition it is.
    pub id: String,
    /// The condition, with its stages.
    pub vc: Vc,
    /// Labels of hypotheses that sufficed for a condition like it, which are tried first, alone; empty if none are
    /// known.
    pub hint: Vec<String>,
}

impl Job {
    /// A condition of which nothing is known.
    pub fn new(id: &str, vc: Vc) -> Self {
        Self { id: id.to_owned(), vc, hint: Vec::new() }
    }
}

/// What a try with the hinted hypotheses may cost, in the solver's resource units.
const HINT_BUDGET: u32 = 100_000;

/// What came of a job, with its cost.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Discharged {
    /// Whether the condition holds.
    pub outcome: Outcome,
    /// The stages that ran, in order, after the try with the hinted hypotheses.
    pub stages: Vec<StageReport>,
    /// Whether there was such a try: then the cost depends on what was known before.
    pub had_hint: bool,
    /// Resource units of all stages.
    pub rlimit_total: u64,
    /// Wall time of all stages.
    pub time_total: Duration,
}

impl Discharged {
    /// A question that could not be put.
    pub fn failed(error: SolverError) -> Self {
        Self {
            outcome: Outcome::NotProved(NotProved::Failed(error)),
            stages: Vec::new(),
            had_hint: false,
            rlimit_total: 0,
            time_total: Duration::ZERO,
        }
    }
}

/// Whether a condition holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Outcome {
    /// It does: some stage was unsat.
    Proved {
        /// Labels of hypotheses that suffice.
        core: Vec<String>,
    },
    /// That was not shown.
    NotProved(NotProved),
}

/// Why a condition was not shown to hold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum NotProved {
    /// A model satisfies every hypothesis of the condition and not its goal.
    ///
    /// That refutes the condition as the solver reads it. Whether it refutes what the user wrote is for others to find
    /// out, in a replay that shares nothing with the encoding.
    Satisfiable(Model),
    /// Neither a proof nor such a model was found; the reason is that of the last stage.
    Unknown(UnknownReason),
    /// The question could not be put.
    Failed(SolverError),
}

/// One stage that ran.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageReport {
    /// Hypotheses up to this tier were asserted.
    pub tier: u8,
    /// Whether model-based quantifier instantiation was on.
    pub mbqi: bool,
    /// What the solver said.
    pub said: Said,
    /// Resource units used.
    pub rlimit: u64,
    /// Wall time.
    pub time: Duration,
}

/// An answer without its details.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Said {
    /// Unsatisfiable.
    Unsat,
    /// Satisfiable.
    Sat,
    /// Neither.
    Unknown(UnknownReason),
}

/// Discharges `jobs` with `n_workers` threads, each with backends of its own out of `make_backend`.
///
/// `on_start` and `on_done` are called, from any thread and in any order, with the place of each job that begins and of
/// each that is done; what is stopped begins and is not done. Once `stop` is set no further stage begins; a job that was
/// not finished by then has no result. A backend that panics fails its job only.
pub fn discharge<J: Borrow<Job> + Sync>(
    jobs: &[J],
    n_workers: usize,
    limits: Limits,
    make_backend: &(dyn Fn(usize) -> Box<dyn Backend + Send> + Sync),
    stop: &AtomicBool,
    on_start: &(dyn Fn(usize) + Sync),
    on_done: &(dyn Fn(usize, &Discharged) + Sync),
) -> Vec<Option<Discharged>> {
    let results: Vec<Mutex<Option<Discharged>>> = jobs.iter().map(|_| Mutex::new(None)).collect();
    let next = AtomicUsize::new(0);
    let work = |worker_idx: usize| {
        let mut backend = None;
        while !stop.load(Ordering::Relaxed) {
            let job_idx = next.fetch_add(1, Ordering::Relaxed);
            let Some(job) = jobs.get(job_idx) else {
                return;
            };
            on_start(job_idx);
            let attempt = catch_unwind(AssertUnwindSafe(|| {
                let backend = backend.get_or_insert_with(|| make_backend(worker_idx));
                run_stages(job.borrow(), limits, &mut **backend, stop)
            }));
            let done = attempt.unwrap_or_else(|payload| {
                backend = None;
                Some(Discharged::failed(SolverError::Internal(panic_text(&*payload))))
            });
            if let Some(done) = done {
                on_done(job_idx, &done);
                *results[job_idx].lock().unwrap_or_else(PoisonError::into_inner) = Some(done);
            }
        }
    };
    thread::scope(|scope| {
        let mut n_started = 0;
        for worker_idx in 0..n_workers.clamp(1, jobs.len().max(1)) {
            let work = &work;
            let thread = thread::Builder::new().stack_size(STACK_BYTES);
            n_started += usize::from(thread.spawn_scoped(scope, move || work(worker_idx)).is_ok());
        }
        if n_started == 0 {
            work(0);
        }
    });
    results.into_iter().map(|result| result.into_inner().unwrap_or_else(PoisonError::into_inner)).collect()
}

/// Runs the try with the hinted hypotheses and the stages of a job until one settles it; nothing when `stop` came
/// first.
fn run_stages(job: &Job, limits: Limits, backend: &mut dyn Backend, stop: &AtomicBool) -> Option<Discharged> {
    let vc = &job.vc;
    let no_stage = UnknownReason::Incomplete("the condition has no stages".to_owned());
    let mut discharged = Discharged {
        outcome: Outcome::NotProved(NotProved::Unknown(no_stage)),
        stages: Vec::new(),
        had_hint: false,
        rlimit_total: 0,
        time_total: Duration::ZERO,
    };
    if let Some((less, stage)) = hinted(job) {
        // What does not succeed here has said nothing about the condition; only its cost counts.
        discharged.had_hint = true;
        if let Ok(Check { answer, rlimit, time }) = backend.check(&less, &stage, limits) {
            discharged.rlimit_total += rlimit;
            discharged.time_total += time;
            if let (outcome @ Outcome::Proved { .. }, true) = judge(&less, &stage, answer) {
                discharged.outcome = outcome;
                return Some(discharged);
            }
        }
    }
    for stage in &vc.stages {
        if stop.load(Ordering::Relaxed) {
            return None;
        }
        let Check { answer, rlimit, time } = match backend.check(vc, stage, limits) {
            Ok(check) => check,
            Err(error) => {
                discharged.outcome = Outcome::NotProved(NotProved::Failed(error));
                return Some(discharged);
            }
        };
        let said = match &answer {
            Answer::Unsat { .. } => Said::Unsat,
            Answer::Sat(_) => Said::Sat,
            Answer::Unknown(reason) => Said::Unknown(reason.clone()),
        };
        discharged.stages.push(StageReport { tier: stage.tier, mbqi: stage.mbqi, said, rlimit, time });
        discharged.rlimit_total += rlimit;
        discharged.time_total += time;
        let (outcome, is_settled) = judge(vc, stage, answer);
        discharged.outcome = outcome;
        if is_settled {
            return Some(discharged);
        }
    }
    // What was cut short by the user is not a result.
    if stop.load(Ordering::Relaxed) { None } else { Some(discharged) }
}

/// The condition with the hinted hypotheses only, and the stage that tries it. Whoever proves it proves the condition,
/// which has all of these hypotheses and more.
fn hinted(job: &Job) -> Option<(Vc, Stage)> {
    let last = job.vc.stages.iter().filter(|stage| !stage.mbqi).max_by_key(|stage| stage.tier)?;
    let less = job.vc.restricted(|label| label == GOAL || job.hint.iter().any(|hinted| hinted == label));
    let is_less = !job.hint.is_empty() && less.hypotheses.len() < job.vc.hypotheses.len();
    is_less.then(|| (less, Stage { rlimit: last.rlimit.min(HINT_BUDGET), ..last.clone() }))
}

/// What an answer to `stage` means for `vc`, and whether that settles it.
fn judge(vc: &Vc, stage: &Stage, answer: Answer) -> (Outcome, bool) {
    match answer {
        Answer::Unsat { core } => match core.iter().find(|label| !is_asserted(vc, stage, label)) {
            None => (Outcome::Proved { core }, true),
            Some(stranger) => {
                let problem = format!("its core names `{stranger}`, which is not a hypothesis of the stage");
                (Outcome::NotProved(NotProved::Failed(SolverError::Internal(problem))), true)
            }
        },
        Answer::Sat(model) if vc.hypotheses.iter().all(|hypothesis| hypothesis.tier <= stage.tier) => {
            (Outcome::NotProved(NotProved::Satisfiable(model)), true)
        }
        Answer::Sat(_) => {
            let reason = UnknownReason::Incomplete("some hypotheses were not looked at".to_owned());
            (Outcome::NotProved(NotProved::Unknown(reason)), false)
        }
        Answer::Unknown(reason) => (Outcome::NotProved(NotProved::Unknown(reason)), false),
    }
}

fn is_asserted(vc: &Vc, stage: &Stage, label: &str) -> bool {
    vc.hypotheses.iter().any(|hypothesis| hypothesis.label == label && hypothesis.tier <= stage.tier)
}
