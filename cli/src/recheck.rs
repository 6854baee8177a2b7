//! `--recheck`: what decomposition closed by itself, or split, is put to the solver as it was before any
//! rewriting.
//!
//! Invariant: a formula counts as confirmed only if the solver's answer for its own condition was unsat, and a
//! model of that condition ends the run as a disagreement between two parts of this program.

use std::borrow::Cow;
use std::time::Duration;

use anyhow::Result;
use solver::backend::{SolverError, UnknownReason};
use solver::discharge::{Discharged, Job, NotProved, Outcome, discharge};
use vcgen::decompose::Decomposition;
use vcgen::obligation::{Obligation, ObligationIdx, Recheck};

use crate::attempt::{Solving, dump, jobs};
use crate::driver::Run;
use crate::resources::timed;

/// What came of rechecking a module.
#[derive(Clone, Debug)]
pub struct Rechecked {
    /// One entry for each formula that was split into cases of which some was tried.
    pub wholes: Vec<WholeChecked>,
    /// Wall time of all of it.
    pub time: Duration,
}

/// What came of rechecking one formula.
#[derive(Clone, Debug)]
pub struct WholeChecked {
    /// The path of the node above its cases.
    pub id: String,
    /// Those of its cases that decomposition closed.
    pub closed: Vec<ObligationIdx>,
    /// What was found.
    pub opinion: Opinion,
    /// Resource units of all stages.
    pub rlimit: u64,
    /// Wall time of all stages.
    pub time: Duration,
}

/// What the solver thinks of a formula that decomposition split.
#[derive(Clone, Debug)]
pub enum Opinion {
    /// It follows, as written, from the cases that were left open.
    Confirmed,
    /// Neither that nor the contrary was found.
    NotConfirmed(UnknownReason),
    /// It does not follow: here is a model.
    Disagreement(String),
    /// The question could not be put.
    Failed(SolverError),
}

impl Rechecked {
    /// How many obligations that decomposition closed are confirmed, and how many there are.
    pub fn closed(&self) -> (usize, usize) {
        let count = |is_wanted: &dyn Fn(&WholeChecked) -> bool| {
            self.wholes.iter().filter(|whole| is_wanted(whole)).map(|whole| whole.closed.len()).sum()
        };
        (count(&WholeChecked::is_confirmed), count(&|_| true))
    }

    /// Resource units of all formulas.
    pub fn rlimit(&self) -> u64 {
        self.wholes.iter().map(|whole| whole.rlimit).sum()
    }
}

impl WholeChecked {
    /// Whether the solver agrees.
    pub fn is_confirmed(&self) -> bool {
        matches!(self.opinion, Opinion::Confirmed)
    }
}

/// Rechecks what was tried of a module; a disagreement becomes an internal error of the run.
pub fn recheck(run: &mut Run, solving: &Solving<'_>) -> Result<()> {
    let (Some(decomposition), Some(proof)) = (&run.front.decomposition, &mut run.proof) else {
        return Ok(());
    };
    let is_tried =
        |recheck: &&Recheck| recheck.cases.iter().any(|(case, _)| proof.attempts.contains_key(case));
    let wanted: Vec<&Recheck> = decomposition.tree.rechecks.iter().filter(is_tried).collect();
    let rechecked = recheck_these(decomposition, &wanted, solving)?;
    for whole in &rechecked.wholes {
        match &whole.opinion {
            Opinion::Confirmed | Opinion::NotConfirmed(_) => {}
            Opinion::Disagreement(model) => proof.verdicts.internal.push(format!(
                "`{}` does not follow from its cases, though decomposition says so:\n{model}",
                whole.id
            )),
            Opinion::Failed(error) => proof.verdicts.internal.push(format!("`{}`: {error}", whole.id)),
        }
    }
    proof.recheck = Some(rechecked);
    Ok(())
}

/// Rechecks these formulas.
pub fn recheck_these(
    decomposition: &Decomposition,
    wanted: &[&Recheck],
    solving: &Solving<'_>,
) -> Result<Rechecked> {
    let mut time = Duration::ZERO;
    let wholes = timed(&mut time, || -> Result<Vec<WholeChecked>> {
        let tree = &decomposition.tree;
        let obligations: Vec<Cow<'_, Obligation>> =
            wanted.iter().map(|recheck| Cow::Owned(recheck.obligation(tree))).collect();
        let jobs = jobs(&decomposition.program, &obligations, solving);
        if let Some(folder) = solving.dump_smt {
            dump(folder, "recheck.", &jobs)?;
        }
        solving.progress.expect(jobs.len());
        let on_done =
            |job_idx: usize, done: &Discharged| solving.progress.done(&jobs[job_idx].id, &done.outcome);
        let results =
            discharge(&jobs, solving.n_workers, solving.limits, solving.make_backend, solving.stop, &on_done);
        let checked = wanted
            .iter()
            .zip(jobs.iter().zip(results))
            .map(|(recheck, (job, result))| {
                let is_closed = |case: &ObligationIdx| tree.obligations[*case].closed.is_some();
                let closed = recheck.cases.iter().map(|(case, _)| *case).filter(is_closed).collect();
                of_result(job, closed, result)
            })
            .collect();
        Ok(checked)
    })?;
    Ok(Rechecked { wholes, time })
}

fn of_result(job: &Job, closed: Vec<ObligationIdx>, result: Option<Discharged>) -> WholeChecked {
    let id = job.id.clone();
    let Some(discharged) = result else {
        let opinion = Opinion::NotConfirmed(UnknownReason::Interrupted);
        return WholeChecked { id, closed, opinion, rlimit: 0, time: Duration::ZERO };
    };
    let opinion = match discharged.outcome {
        Outcome::Proved { .. } => Opinion::Confirmed,
        Outcome::NotProved(NotProved::Satisfiable(model)) => {
            Opinion::Disagreement(model.display(&job.vc).to_string())
        }
        Outcome::NotProved(NotProved::Unknown(reason)) => Opinion::NotConfirmed(reason),
        Outcome::NotProved(NotProved::Failed(error)) => Opinion::Failed(error),
    };
    WholeChecked { id, closed, opinion, rlimit: discharged.rlimit_total, time: discharged.time_total }
}
