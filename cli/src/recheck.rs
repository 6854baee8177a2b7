//! `--recheck`: what decomposition closed by itself, or split, is put to the solver as it was before any
//! rewriting.
//!
//! Invariant: a formula counts as confirmed only if the solver's answer for its own condition was unsat, and a
//! model of that condition ends the run as a disagreement between two parts of this program.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::Result;
use solver::backend::{SolverError, UnknownReason};
use solver::discharge::{Discharged, Job, NotProved, Outcome};
use vcgen::decompose::{ACROSS, Decomposition};
use vcgen::lower::{hypothesis_of, says_all};
use vcgen::obligation::{Obligation, ObligationIdx, Recheck};

use crate::attempt::{Solving, dump, jobs};
use crate::driver::Run;
use crate::report::reason_text;
use crate::resources::timed;

/// The largest budget of a stage, unless the user says otherwise: what is confirmed is found early.
const BUDGET: u32 = 1_000_000;

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
    /// Labels of the hypotheses that suffice, if it is confirmed, or confirmed of what was there before.
    pub core: Vec<String>,
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
    /// That holds of all elements but those that the step adds to a set, and so of what decomposition closed.
    ConfirmedRest,
    /// It does, if operators become across the step what decomposition takes them to become; this claim is not
    /// confirmed.
    RestsOn(String),
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
        let is_confirmed = |whole: &WholeChecked| match whole.opinion {
            Opinion::Confirmed | Opinion::ConfirmedRest => true,
            Opinion::RestsOn(_)
            | Opinion::NotConfirmed(_)
            | Opinion::Disagreement(_)
            | Opinion::Failed(_) => false,
        };
        (count(&is_confirmed), count(&|_| true))
    }

    /// Resource units of all formulas.
    pub fn rlimit(&self) -> u64 {
        self.wholes.iter().map(|whole| whole.rlimit).sum()
    }
}

impl Opinion {
    /// The word for it, and what there is to say about it.
    pub fn words(&self) -> (&'static str, Option<String>) {
        match self {
            Self::Confirmed => ("confirmed", None),
            Self::ConfirmedRest => ("confirmed-of-old", None),
            Self::RestsOn(claim) => ("not-confirmed", Some(format!("it rests on `{claim}`"))),
            Self::NotConfirmed(reason) => ("not-confirmed", Some(reason_text(reason))),
            Self::Disagreement(model) => ("disagreement", Some(model.clone())),
            Self::Failed(error) => ("failed", Some(error.to_string())),
        }
    }
}

impl WholeChecked {
    /// Whether the solver agrees on the whole.
    pub fn is_confirmed(&self) -> bool {
        matches!(self.opinion, Opinion::Confirmed)
    }
}

/// Rechecks what was tried of a module; a disagreement becomes an internal error of the run.
pub fn recheck(run: &mut Run, solving: &Solving<'_>) -> Result<()> {
    let (Some(decomposition), Some(proof)) = (&run.front.decomposition, &mut run.proof) else {
        return Ok(());
    };
    let is_tried = |case: ObligationIdx| proof.attempts.contains_key(&case);
    let wanted = wanted(decomposition, &is_tried);
    let rechecked = recheck_these(decomposition, &wanted, solving)?;
    for whole in &rechecked.wholes {
        match &whole.opinion {
            Opinion::Confirmed | Opinion::ConfirmedRest | Opinion::RestsOn(_) | Opinion::NotConfirmed(_) => {}
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

/// The formulas of which some case is wanted that were split or of which something was closed, and what these
/// need to know of operators across steps.
pub fn wanted<'a>(
    decomposition: &'a Decomposition,
    is_wanted: &dyn Fn(ObligationIdx) -> bool,
) -> Vec<&'a Recheck> {
    let all = &decomposition.tree.rechecks;
    let is_closed = |case: ObligationIdx| decomposition.tree.obligations[case].closed.is_some();
    let has_wanted = |recheck: &Recheck| {
        recheck.cases.iter().any(|(case, _)| is_wanted(*case))
            && (recheck.cases.len() > 1 || recheck.cases.iter().any(|(case, _)| is_closed(*case)))
    };
    let mut needed: BTreeSet<String> = BTreeSet::new();
    // Claims about operators come first, and rest on earlier ones only.
    let mut wanted: Vec<&Recheck> = Vec::new();
    for recheck in all.iter().rev() {
        if has_wanted(recheck) || needed.contains(&recheck.whole.id) {
            let labels = recheck.whole.hypotheses.iter().map(|hypothesis| hypothesis.label.as_str());
            needed.extend(labels.filter_map(claim_of));
            wanted.push(recheck);
        }
    }
    wanted.reverse();
    wanted
}

/// The id of the claim that a hypothesis states, if its label is that of one.
fn claim_of(label: &str) -> Option<String> {
    hypothesis_of(label).strip_prefix(ACROSS).map(str::to_owned)
}

/// Rechecks these formulas. What is not confirmed as a whole is tried once more without the elements that the
/// step adds, where all that decomposition closed is about the others.
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
        let mut unconfirmed: BTreeSet<String> = BTreeSet::new();
        let mut wholes = Vec::new();
        for (recheck, result) in wanted.iter().zip(ask(decomposition, &obligations, "recheck.", solving)?) {
            let is_closed = |case: &ObligationIdx| tree.obligations[*case].closed.is_some();
            let closed = recheck.cases.iter().map(|(case, _)| *case).filter(is_closed).collect();
            let whole = of_result(result, &recheck.whole, closed, &unconfirmed);
            if !whole.is_confirmed() {
                unconfirmed.insert(whole.id.clone());
            }
            wholes.push(whole);
        }
        let open: Vec<usize> = (0..wholes.len())
            .filter(|idx| matches!(wholes[*idx].opinion, Opinion::NotConfirmed(_)))
            .filter(|idx| wanted[*idx].rest.is_some())
            .collect();
        let rests: Vec<Cow<'_, Obligation>> =
            open.iter().filter_map(|idx| wanted[*idx].rest(tree)).map(Cow::Owned).collect();
        for (idx, result) in open.into_iter().zip(ask(decomposition, &rests, "recheck.rest.", solving)?) {
            let whole = &mut wholes[idx];
            let rest = of_result(result, &wanted[idx].whole, Vec::new(), &unconfirmed);
            whole.rlimit += rest.rlimit;
            whole.time += rest.time;
            match rest.opinion {
                Opinion::Confirmed => {
                    whole.opinion = Opinion::ConfirmedRest;
                    whole.core = rest.core;
                }
                Opinion::Disagreement(_) | Opinion::Failed(_) => whole.opinion = rest.opinion,
                Opinion::ConfirmedRest | Opinion::RestsOn(_) | Opinion::NotConfirmed(_) => {}
            }
        }
        Ok(wholes)
    })?;
    Ok(Rechecked { wholes, time })
}

/// Puts obligations to the solver, each with its condition and what came of it.
fn ask(
    decomposition: &Decomposition,
    obligations: &[Cow<'_, Obligation>],
    prefix: &str,
    solving: &Solving<'_>,
) -> Result<Vec<(Job, Option<Discharged>)>> {
    let mut jobs = jobs(&decomposition.program, obligations, solving);
    if solving.rlimit.is_none() {
        let stages = jobs.iter_mut().flat_map(|job| &mut job.vc.stages);
        stages.for_each(|stage| stage.rlimit = stage.rlimit.min(BUDGET));
    }
    if let Some(folder) = solving.dump_smt {
        dump(folder, prefix, &jobs)?;
    }
    let results = solving.discharge(&jobs);
    Ok(jobs.into_iter().zip(results).collect())
}

fn of_result(
    (job, result): (Job, Option<Discharged>),
    obligation: &Obligation,
    closed: Vec<ObligationIdx>,
    unconfirmed: &BTreeSet<String>,
) -> WholeChecked {
    let id = job.id;
    let Some(discharged) = result else {
        let opinion = Opinion::NotConfirmed(UnknownReason::Interrupted);
        return WholeChecked { id, closed, opinion, core: Vec::new(), rlimit: 0, time: Duration::ZERO };
    };
    let mut found_core = Vec::new();
    let opinion = match discharged.outcome {
        Outcome::Proved { core } => {
            found_core.clone_from(&core);
            let used = core.iter().filter_map(|label| claim_of(label));
            used.into_iter()
                .find(|claim| unconfirmed.contains(claim))
                .map_or(Opinion::Confirmed, Opinion::RestsOn)
        }
        Outcome::NotProved(NotProved::Satisfiable(_)) if !says_all(obligation) => {
            let why = "there is a model, but of sizes, lengths, and functions outside of their domains the solver \
                       is told some laws only";
            Opinion::NotConfirmed(UnknownReason::Incomplete(why.to_owned()))
        }
        Outcome::NotProved(NotProved::Satisfiable(model)) => {
            Opinion::Disagreement(model.display(&job.vc).to_string())
        }
        Outcome::NotProved(NotProved::Unknown(reason)) => Opinion::NotConfirmed(reason),
        Outcome::NotProved(NotProved::Failed(error)) => Opinion::Failed(error),
    };
    let (rlimit, time) = (discharged.rlimit_total, discharged.time_total);
    WholeChecked { id, closed, opinion, core: found_core, rlimit, time }
}
