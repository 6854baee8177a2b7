//! How much proofs depend on luck: each condition that the solver proved is tried with other seeds, and in
//! other orders with other names.
//!
//! No verdict rests on a trial. Invariant: the same module, seeds and budgets give the same figures.

use std::collections::BTreeSet;

use solver::backend::Limits;
use solver::discharge::{Discharged, Job, Outcome};
use solver::shuffle::shuffled;
use vcgen::lower::{GOAL, hypothesis_of};
use vcgen::obligation::{Means, ObligationIdx};
use vcgen::vc::Vc;

use crate::attempt::{Finding, Solving, jobs, without};
use crate::cache::asking::answers;
use crate::driver::Run;
use crate::report::needed;

/// A condition whose dearest trial costs so many times the median is unstable, though it is always proved.
const MAX_RATIO: f64 = 5.0;
/// Of so many unstable conditions, worst first, it is looked for what steadies them.
const MAX_STEADIED: usize = 10;
/// So many hypotheses outside of the core are left out in turn.
const MAX_LEFT_OUT: usize = 8;

/// What came of the trials of one condition.
#[derive(Clone, Debug, PartialEq)]
pub struct Stability {
    /// The obligation.
    pub id: String,
    /// How many trials there were.
    pub n_trials: usize,
    /// How many of them proved it.
    pub n_proved: usize,
    /// Resource units of the trials, in ascending order.
    pub costs: Vec<u64>,
    /// What steadies it, if it is unstable and something was found.
    pub steadied_by: Option<String>,
}

impl Stability {
    /// Whether each trial proved it at much the same cost.
    pub fn is_stable(&self) -> bool {
        self.n_proved == self.n_trials && self.ratio() <= MAX_RATIO
    }

    /// The cost in the middle.
    pub fn median(&self) -> u64 {
        median(&self.costs)
    }

    /// The least and the largest cost.
    pub fn range(&self) -> (u64, u64) {
        (self.costs.first().copied().unwrap_or(0), self.costs.last().copied().unwrap_or(0))
    }

    /// How many times the median the dearest trial costs.
    pub fn ratio(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "a ratio of costs, for people")]
        let ratio = self.range().1 as f64 / self.median().max(1) as f64;
        ratio
    }

    /// Worst first: those that fail most often, then those whose costs differ most.
    fn badness(&self) -> (usize, u64) {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a small positive number"
        )]
        let ratio = (self.ratio() * 1000.0) as u64;
        (self.n_trials - self.n_proved, ratio)
    }
}

/// The cost in the middle, of costs in ascending order.
pub fn median(costs: &[u64]) -> u64 {
    costs.get(costs.len() / 2).copied().unwrap_or(0)
}

/// A condition that the solver proved, with the labels that sufficed.
#[derive(Clone, Debug)]
pub struct Proved {
    /// Whose condition it is.
    pub obligation: ObligationIdx,
    /// The condition.
    pub job: Job,
    /// The labels.
    pub core: BTreeSet<String>,
}

/// Tries the conditions of a run that the solver proved and that its theorems need; worst first. Nothing if
/// the run was stopped.
pub fn stability(run: &Run, n_seeds: u32, solving: &Solving<'_>) -> Option<Vec<Stability>> {
    let conditions = proved(run, solving);
    let all: Vec<Vc> = conditions.iter().map(|condition| condition.job.vc.clone()).collect();
    let names: Vec<&str> = conditions.iter().map(|condition| condition.job.id.as_str()).collect();
    let mut out: Vec<Stability> = trials(&names, &all, n_seeds, solving)?
        .into_iter()
        .zip(&names)
        .map(|(trials, id)| summary((*id).to_owned(), &trials))
        .collect();
    let mut order: Vec<usize> = (0..out.len()).collect();
    order.sort_by_key(|idx| std::cmp::Reverse(out[*idx].badness()));
    let unstable: Vec<usize> = order.iter().copied().filter(|idx| !out[*idx].is_stable()).collect();
    for idx in unstable.into_iter().take(MAX_STEADIED) {
        out[idx].steadied_by = steadier(&conditions[idx], n_seeds, solving)?;
    }
    Some(order.into_iter().map(|idx| out[idx].clone()).collect())
}

/// The conditions of a run that the solver proved and that its theorems need, as they were proved.
pub fn proved(run: &Run, solving: &Solving<'_>) -> Vec<Proved> {
    let (Some(decomposition), Some(proof)) = (&run.front.decomposition, &run.proof) else {
        return Vec::new();
    };
    let core_of = |idx: &ObligationIdx| match &proof.attempts.get(idx)?.finding {
        Finding::Proved { means: Means::Z3, core } => Some(core.iter().cloned().collect()),
        Finding::Proved { .. }
        | Finding::PossibleCounterexample { .. }
        | Finding::Unknown(_)
        | Finding::Failed(_) => None,
    };
    let found: Vec<(ObligationIdx, BTreeSet<String>)> =
        needed(proof).into_iter().filter_map(|idx| Some((idx, core_of(&idx)?))).collect();
    let obligations: Vec<_> =
        found.iter().map(|(idx, _)| without(&decomposition.tree, *idx, &proof.withdrawn)).collect();
    let jobs = jobs(&decomposition.program, &obligations, solving);
    let jobs = jobs.into_iter().zip(found);
    jobs.map(|(job, (obligation, core))| Proved { obligation, job, core }).collect()
}

/// What solvers say of each condition with this seed, in order. Nothing if the run was stopped.
pub fn with_seed(jobs: &mut [Job], seed: u32, solving: &Solving<'_>) -> Option<Vec<Discharged>> {
    let solving = Solving { limits: Limits { seed, ..solving.limits }, ..*solving };
    // A trial that fails is an answer to a question that somebody may put in earnest: it is not kept.
    let answered = answers("", jobs, &|_| false, &solving);
    answered.into_iter().map(|answered| answered.discharged).collect()
}

/// The results of the trials of each condition: so many with other seeds, and as many in other orders.
fn trials(
    names: &[&str],
    conditions: &[Vc],
    n_seeds: u32,
    solving: &Solving<'_>,
) -> Option<Vec<Vec<Discharged>>> {
    let mut results: Vec<Vec<Discharged>> = vec![Vec::new(); conditions.len()];
    let mut batch = |shuffle: Option<u32>, seed: u32| -> Option<()> {
        let vc = |vc: &Vc| shuffle.map_or_else(|| vc.clone(), |number| shuffled(vc, number.into()));
        let mut jobs: Vec<Job> =
            names.iter().zip(conditions).map(|(id, own)| Job::new(id, vc(own))).collect();
        for (result, found) in results.iter_mut().zip(with_seed(&mut jobs, seed, solving)?) {
            result.push(found);
        }
        Some(())
    };
    for number in 1..=n_seeds {
        batch(None, solving.limits.seed.wrapping_add(number))?;
        batch(Some(number), solving.limits.seed)?;
    }
    Some(results)
}

/// Whether a trial proved its condition.
fn is_proved(trial: &Discharged) -> bool {
    match &trial.outcome {
        Outcome::Proved { .. } => true,
        Outcome::NotProved(_) => false,
    }
}

fn summary(id: String, trials: &[Discharged]) -> Stability {
    let mut costs: Vec<u64> = trials.iter().map(|trial| trial.rlimit_total).collect();
    costs.sort_unstable();
    let n_proved = trials.iter().filter(|trial| is_proved(trial)).count();
    Stability { id, n_trials: trials.len(), n_proved, costs, steadied_by: None }
}

/// A change of a condition under which all trials are alike: the hypotheses of the usual proof alone, or all
/// stages but the last at once, or one hypothesis less. Nothing if the run was stopped.
#[expect(clippy::option_option, reason = "stopped, or looked and found nothing")]
fn steadier(condition: &Proved, n_seeds: u32, solving: &Solving<'_>) -> Option<Option<String>> {
    let Proved { obligation: _, job, core } = condition;
    let in_core = |label: &str| core.contains(label);
    let mut variants =
        vec![("the hypotheses of the usual proof alone".to_owned(), job.vc.restricted(in_core))];
    let mut whole = job.vc.clone();
    let last = whole.stages.iter().rfind(|stage| !stage.mbqi).cloned();
    if whole.stages.len() > 2
        && let Some(last) = last
    {
        whole.stages = vec![last];
        variants.push(("all hypotheses at once, in one stage".to_owned(), whole));
    }
    let outside: BTreeSet<&str> = job
        .vc
        .hypotheses
        .iter()
        .map(|hypothesis| hypothesis_of(&hypothesis.label))
        .filter(|label| *label != GOAL && !core.iter().any(|used| hypothesis_of(used) == *label))
        .collect();
    for left_out in outside.into_iter().take(MAX_LEFT_OUT) {
        let less = job.vc.restricted(|label| hypothesis_of(label) != left_out);
        variants.push((format!("leaving out `{left_out}`"), less));
    }
    for (what, vc) in variants {
        let results = trials(&[&job.id], &[vc], n_seeds, solving)?;
        if results.first().is_some_and(|results| summary(String::new(), results).is_stable()) {
            return Some(Some(what));
        }
    }
    Some(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use solver::backend::UnknownReason;
    use solver::discharge::NotProved;
    use std::time::Duration;

    fn trial(is_proved: bool, rlimit: u64) -> Discharged {
        let outcome = if is_proved {
            Outcome::Proved { core: Vec::new() }
        } else {
            Outcome::NotProved(NotProved::Unknown(UnknownReason::ResourceLimit))
        };
        Discharged {
            outcome,
            stages: Vec::new(),
            had_hint: false,
            rlimit_total: rlimit,
            time_total: Duration::ZERO,
        }
    }

    #[test]
    fn what_fails_once_or_costs_much_more_is_unstable() {
        let of = |trials: &[Discharged]| summary("x".to_owned(), trials);
        let steady = of(&[trial(true, 10), trial(true, 12), trial(true, 40)]);
        assert!(steady.is_stable());
        assert_eq!((steady.median(), steady.range()), (12, (10, 40)));
        assert!(!of(&[trial(true, 10), trial(true, 10), trial(true, 51)]).is_stable());
        let failing = of(&[trial(true, 10), trial(false, 10), trial(true, 10)]);
        assert!(!failing.is_stable());
        assert!(failing.badness() > of(&[trial(true, 1), trial(true, 1), trial(true, 900)]).badness());
    }
}
