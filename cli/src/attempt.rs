//! Tries obligations: lowers what decomposition left open, hands it to solvers, and keeps what came of it.
//!
//! Invariant: an attempt says "proved" only if decomposition closed the obligation or the solver's
//! outcome for its condition was a proof.

use std::borrow::{Borrow, Cow};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use solver::backend::{Backend, Limits, SolverError, UnknownReason};
use solver::discharge::{Discharged, Job, NotProved, Outcome, discharge};
use vcgen::decompose::Decomposition;
use vcgen::obligation::{
    Closed, Hypothesis, Means, Obligation, ObligationIdx, ObligationKind, ProofTree, Source, Worth,
};
use vcgen::program::Program;
use vcgen::vc::Vc;

use crate::cache::Cache;
use crate::cache::asking::answers;
use crate::cache::memo::Memo;
use crate::resources::{StageTimes, timed};

/// What came of trying an obligation.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// Whether it is proved.
    pub finding: Finding,
    /// Resource units of all stages.
    pub rlimit: u64,
    /// Wall time of all stages.
    pub time: Duration,
    /// How many stages ran; the last of them settled it.
    pub n_stages: usize,
}

impl Attempt {
    /// What decomposition closed by itself.
    pub fn closed(closed: &Closed) -> Self {
        let finding = Finding::Proved { means: closed.means, core: closed.used.clone() };
        Self { finding, rlimit: 0, time: Duration::ZERO, n_stages: 0 }
    }
}

/// Whether an obligation is proved, taken by itself.
#[derive(Clone, Debug)]
pub enum Finding {
    /// It is, by these means, from the hypotheses with these labels.
    Proved {
        /// What closed it.
        means: Means,
        /// Labels of hypotheses that suffice.
        core: Vec<String>,
    },
    /// The solver has a model of the hypotheses in which the goal is false; nobody else has looked at it.
    PossibleCounterexample {
        /// The model in words.
        model: String,
    },
    /// Neither was found.
    Unknown(UnknownReason),
    /// The question could not be put.
    Failed(SolverError),
}

/// Makes a backend for a worker.
pub type MakeBackend<'a> = &'a (dyn Fn(usize) -> Box<dyn Backend + Send> + Sync);

/// How to solve.
#[derive(Clone, Copy)]
pub struct Solving<'a> {
    /// How many solvers run at a time.
    pub n_workers: usize,
    /// What bounds each check.
    pub limits: Limits,
    /// The largest budget of a stage, if not what lowering chose.
    pub rlimit: Option<u32>,
    /// Where backends come from.
    pub make_backend: MakeBackend<'a>,
    /// Set when the user wants no more.
    pub stop: &'a AtomicBool,
    /// How long a counterexample is sought to each claim that is not proved; none if not at all.
    pub search: Option<Duration>,
    /// Where conditions are written, if anywhere.
    pub dump_smt: Option<&'a Path>,
    /// Answers that were kept, if they are to be used or kept.
    pub cache: Option<&'a Cache>,
    /// Told of each batch of work, and of each condition that begins and that is done.
    pub progress: &'a (dyn Progress + Sync),
}

impl Solving<'_> {
    /// Discharges conditions, watched.
    pub fn discharge<J: Borrow<Job> + Sync>(&self, jobs: &[J]) -> Vec<Option<Discharged>> {
        let names: Vec<&str> = jobs.iter().map(|job| job.borrow().id.as_str()).collect();
        self.progress.expect(&names);
        let on_start = |job_idx: usize| self.progress.started(names[job_idx]);
        let on_done = |job_idx: usize, done: &Discharged| self.progress.done(names[job_idx], &Done::of(done));
        discharge(jobs, self.n_workers, self.limits, self.make_backend, self.stop, &on_start, &on_done)
    }
}

/// Somebody who watches the work.
pub trait Progress {
    /// The conditions of these obligations are to be solved, too.
    fn expect(&self, obligations: &[&str]);
    /// Somebody solves the condition of this obligation from now on.
    fn started(&self, _obligation: &str) {}
    /// The condition of this obligation is done.
    fn done(&self, obligation: &str, done: &Done<'_>);
    /// Another solver has been asked about this obligation, too.
    fn asked(&self, _obligation: &str) {}
    /// Something else begins that may take long.
    fn turn_to(&self, _what: &str) {}
}

/// What there is to tell at once of a condition that is done.
#[derive(Clone, Copy, Debug)]
pub struct Done<'a> {
    /// Whether it holds.
    pub outcome: &'a Outcome,
    /// Resource units of all stages.
    pub rlimit: u64,
    /// Wall time of all stages.
    pub time: Duration,
    /// Whether this was known from before.
    pub is_cached: bool,
}

impl<'a> Done<'a> {
    /// Of a condition that was just solved.
    pub fn of(discharged: &'a Discharged) -> Self {
        let Discharged { outcome, stages: _, had_hint: _, rlimit_total, time_total } = discharged;
        Self { outcome, rlimit: *rlimit_total, time: *time_total, is_cached: false }
    }

    /// Of a condition whose answer was kept from before.
    pub fn kept(discharged: &'a Discharged) -> Self {
        Self { is_cached: true, ..Self::of(discharged) }
    }
}

/// Watches nothing.
#[derive(Clone, Copy, Debug)]
pub struct Unwatched;

impl Progress for Unwatched {
    fn expect(&self, _obligations: &[&str]) {}
    fn done(&self, _obligation: &str, _done: &Done<'_>) {}
}

/// What is not offered any more.
#[derive(Clone, Debug, Default)]
pub struct Withdrawn {
    /// Obligations that failed, with the hypotheses that rest on them.
    pub obligations: BTreeSet<ObligationIdx>,
    /// Obligations whose proof rests on a recursion that was not shown to end, with that proof: they are
    /// tried without, and if that fails, they wait for it. To all others it is still offered.
    pub waiting: BTreeMap<ObligationIdx, Attempt>,
}

/// Tries all of `wanted` that has not been tried, without the hypotheses that rest on `withdrawn`
/// obligations. An error means that a condition could not be written.
pub fn attempt(
    decomposition: &Decomposition,
    wanted: &BTreeSet<ObligationIdx>,
    withdrawn: &Withdrawn,
    (solving, memo): (&Solving<'_>, Option<&Memo>),
    attempts: &mut BTreeMap<ObligationIdx, Attempt>,
    times: &mut StageTimes,
) -> Result<()> {
    let mut open = Vec::new();
    for obligation_idx in wanted {
        if attempts.contains_key(obligation_idx) {
            continue;
        }
        let obligation = &decomposition.tree.obligations[*obligation_idx];
        if let Some(closed) = &obligation.closed {
            attempts.insert(*obligation_idx, Attempt::closed(closed));
        } else {
            open.push(*obligation_idx);
        }
    }
    let tree = &decomposition.tree;
    let offered = |idx: &ObligationIdx| without(tree, *idx, withdrawn);
    if let (Some(memo), None) = (memo, solving.dump_smt) {
        let n_open = open.len();
        open.retain(|idx| match memo.recall(&tree.obligations[*idx], &offered(idx)) {
            Some(known) => {
                solving.progress.expect(&[&tree.obligations[*idx].id]);
                solving.progress.done(&tree.obligations[*idx].id, &Done::kept(&known));
                let found = of_result(&Vc::default(), Some(known));
                attempts.insert(*idx, or_waiting(tree, *idx, withdrawn, found));
                false
            }
            None => true,
        });
        solving.cache.inspect(|cache| cache.count_kept(n_open - open.len()));
    }
    let mut jobs = timed(&mut times.lower, || {
        let open: Vec<_> = open.iter().map(offered).collect();
        jobs(&decomposition.program, &open, solving)
    });
    if let Some(folder) = solving.dump_smt {
        dump(folder, "", &jobs)?;
    }
    let results = timed(&mut times.solve, || {
        let is_failure_final = |job_idx: usize| is_failure_final(&tree.obligations[open[job_idx]]);
        answers(&decomposition.program.module.name, &mut jobs, &is_failure_final, solving)
    });
    for ((obligation_idx, job), result) in open.into_iter().zip(&jobs).zip(results) {
        if let (Some(memo), Some(lasting)) = (memo, &result.lasting) {
            memo.remember(&tree.obligations[obligation_idx], &offered(&obligation_idx), lasting);
        }
        let found = of_result(&job.vc, result.discharged);
        attempts.insert(obligation_idx, or_waiting(tree, obligation_idx, withdrawn, found));
    }
    Ok(())
}

/// What was found of an obligation; or, if that is no proof, the proof of it that waits for others, if there is one.
fn or_waiting(
    tree: &ProofTree,
    obligation_idx: ObligationIdx,
    withdrawn: &Withdrawn,
    found: Attempt,
) -> Attempt {
    let waiting = withdrawn.waiting.get(&obligation_idx).filter(|_| {
        let is_check = tree.obligations[obligation_idx].kind == ObligationKind::Vacuity;
        !is_check && !matches!(found.finding, Finding::Proved { .. })
    });
    waiting.cloned().unwrap_or(found)
}

/// Whether nobody waits for a proof of the obligation: it is a guess, or must not be provable.
fn is_failure_final(obligation: &Obligation) -> bool {
    match obligation.worth {
        Worth::Guess | Worth::Tentative => true,
        Worth::Decisive => obligation.kind == ObligationKind::Vacuity,
    }
}

/// The conditions of obligations, in order, made by as many threads as there are solvers.
pub fn jobs(program: &Program, obligations: &[Cow<'_, Obligation>], solving: &Solving<'_>) -> Vec<Job> {
    let n_threads = solving.n_workers.clamp(1, obligations.len().max(1));
    thread::scope(|scope| {
        let threads: Vec<_> = obligations
            .chunks(obligations.len().div_ceil(n_threads).max(1))
            .map(|chunk| {
                let program = program.clone();
                scope.spawn(move || {
                    let job = |obligation: &Cow<'_, Obligation>| {
                        let vc = condition(&program, obligation, solving.rlimit);
                        Job::new(&obligation.id, vc)
                    };
                    chunk.iter().map(job).collect::<Vec<Job>>()
                })
            })
            .collect();
        let joined = threads.into_iter().map(|thread| match thread.join() {
            Ok(jobs) => jobs,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        joined.flatten().collect()
    })
}

/// The obligation without the hypotheses that rest on `withdrawn` obligations.
pub fn without<'a>(
    tree: &'a ProofTree,
    obligation_idx: ObligationIdx,
    withdrawn: &Withdrawn,
) -> Cow<'a, Obligation> {
    let obligation = &tree.obligations[obligation_idx];
    let may_go = |used: &ObligationIdx| {
        withdrawn.waiting.contains_key(&obligation_idx)
            || !matches!(tree.obligations[*used].kind, ObligationKind::Termination { .. })
    };
    let rests_on_withdrawn = |hypothesis: &Hypothesis| {
        hypothesis.sources.iter().any(|source| match source {
            Source::Obligation(used) => withdrawn.obligations.contains(used) && may_go(used),
            Source::Fact(_) | Source::Inherited(_) | Source::Definition(_) => false,
        })
    };
    if !obligation.hypotheses.iter().any(rests_on_withdrawn) {
        return Cow::Borrowed(obligation);
    }
    let mut less = obligation.clone();
    less.hypotheses.retain(|hypothesis| !rests_on_withdrawn(hypothesis));
    Cow::Owned(less)
}

/// The condition of an obligation, with the budgets of this run.
pub fn condition(program: &Program, obligation: &Obligation, rlimit: Option<u32>) -> Vc {
    let mut vc = vcgen::lower::lower(program, obligation);
    let largest = vc.stages.iter().map(|stage| stage.rlimit).max().unwrap_or(1).max(1);
    let cap = match (&obligation.kind, rlimit) {
        // A contradiction that matters is found early, and none is the usual case: these budgets stay small.
        (ObligationKind::Vacuity, Some(rlimit)) => Some(rlimit.min(largest)),
        (_, rlimit) => rlimit,
    };
    if let Some(cap) = cap {
        for stage in &mut vc.stages {
            let scaled = u64::from(stage.rlimit) * u64::from(cap) / u64::from(largest);
            stage.rlimit = u32::try_from(scaled).unwrap_or(u32::MAX).max(1);
        }
    }
    vc
}

/// What a solver's result means.
pub fn of_result(vc: &Vc, result: Option<Discharged>) -> Attempt {
    let Some(discharged) = result else {
        let finding = Finding::Unknown(UnknownReason::Interrupted);
        return Attempt { finding, rlimit: 0, time: Duration::ZERO, n_stages: 0 };
    };
    let finding = match discharged.outcome {
        Outcome::Proved { core } => Finding::Proved { means: Means::Z3, core },
        Outcome::NotProved(NotProved::Satisfiable(model)) => {
            Finding::PossibleCounterexample { model: model.display(vc).to_string() }
        }
        Outcome::NotProved(NotProved::Unknown(reason)) => Finding::Unknown(reason),
        Outcome::NotProved(NotProved::Failed(error)) => Finding::Failed(error),
    };
    Attempt {
        finding,
        rlimit: discharged.rlimit_total,
        time: discharged.time_total,
        n_stages: discharged.stages.len(),
    }
}

/// Writes conditions to files with the names of their obligations, after a prefix.
pub fn dump(folder: &Path, prefix: &str, jobs: &[Job]) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot create `{}`", folder.display()))?;
    for job in jobs {
        let Some(stage) = job.vc.stages.last() else {
            continue;
        };
        let path = folder.join(file_name(&format!("{prefix}{}", job.id)));
        let text = solver::smtlib::print(&job.vc, stage);
        fs::write(&path, text).with_context(|| format!("cannot write `{}`", path.display()))?;
    }
    Ok(())
}

/// A file name for an obligation: its id, where that is fit for one.
pub fn file_name(id: &str) -> PathBuf {
    let fit = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '@');
    let name: String = id.chars().map(|c| if fit(c) { c } else { '_' }).collect();
    PathBuf::from(format!("{name}.smt2"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_stay_in_their_folder() {
        assert_eq!(file_name("Inv.step.A.1"), PathBuf::from("Inv.step.A.1.smt2"));
        assert_eq!(file_name("../x/y"), PathBuf::from(".._x_y.smt2"));
    }
}
