//! Asks for answers: of what is kept first, then of the solver.
//!
//! Invariant: the answers come in the order of the jobs; what is known comes before what the solver says again.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::thread;

use solver::backend::SolverError;
use solver::canonical::Key;
use solver::discharge::{Discharged, Job, Outcome};

use super::entry::Entry;
use super::spot::Origin;
use super::{Cache, Known, Mode, locked};
use crate::attempt::{Done, Solving};

/// What came of a job.
#[derive(Clone, Debug, PartialEq)]
pub struct Answered {
    /// The answer; none if the run was stopped before there was one.
    pub discharged: Option<Discharged>,
    /// Whether it was kept from before.
    pub is_kept: bool,
    /// The answer as it may be remembered of a module, if it may: those of others are looked at one by one.
    pub lasting: Option<Discharged>,
}

/// The answers to jobs of the module with this name, in order: those that were kept, and those of solvers.
/// `is_failure_final` says of which jobs a failure may be kept, too.
pub fn answers(
    module: &str,
    jobs: &mut [Job],
    is_failure_final: &(dyn Fn(usize) -> bool + Sync),
    solving: &Solving<'_>,
) -> Vec<Answered> {
    let Some(cache) = solving.cache else {
        return solved(jobs, (0..jobs.len()).collect(), solving).into_iter().map(fresh).collect();
    };
    let mut known = recall_all(cache, jobs, solving);
    if cache.mode == Mode::Enforce {
        return enforced(jobs, known, solving);
    }
    cache.ask_others(jobs, is_failure_final, &mut known);
    let doubted = cache.doubted(&known);
    add_hints(cache, module, jobs, &known);
    for (position, (job, (_, known))) in jobs.iter().zip(&known).enumerate() {
        if let Some(known) = known.as_ref().filter(|_| !doubted.contains(&position)) {
            solving.progress.expect(&[&job.id]);
            solving.progress.done(&job.id, &Done::kept(&known.discharged));
        }
    }
    let is_wanted = |position: &usize| known[*position].1.is_none() || doubted.contains(position);
    let wanted: Vec<usize> = (0..jobs.len()).filter(is_wanted).collect();
    let mut solved: BTreeMap<usize, Option<Discharged>> =
        wanted.iter().copied().zip(solved(jobs, wanted.clone(), solving)).collect();
    let keys: Vec<Key> = known.iter().map(|(key, _)| *key).collect();
    let mut all = Vec::with_capacity(jobs.len());
    for (position, (key, known)) in known.into_iter().enumerate() {
        let own = solved.remove(&position).flatten();
        if let (Some(known), Some(again)) = (&known, &own) {
            cache.compare(&jobs[position], key, known, again);
        }
        all.push(match known {
            Some(Known { discharged, origin }) => {
                let lasting = (origin == Origin::Here).then(|| discharged.clone());
                (Answered { discharged: Some(discharged), is_kept: true, lasting }, origin)
            }
            None => (fresh(own), Origin::Here),
        });
    }
    note(cache, module, jobs, &keys, &mut all, is_failure_final);
    all.into_iter().map(|(answered, _)| answered).collect()
}

/// Counts, records and keeps answers.
fn note(
    cache: &Cache,
    module: &str,
    jobs: &[Job],
    keys: &[Key],
    all: &mut [(Answered, Origin)],
    is_failure_final: &(dyn Fn(usize) -> bool + Sync),
) {
    let mut new = Vec::new();
    for (position, (answered, origin)) in all.iter_mut().enumerate() {
        let count = if answered.is_kept { &cache.n_kept } else { &cache.n_solved };
        count.fetch_add(1, Ordering::Relaxed);
        let Some(discharged) = &answered.discharged else { continue };
        let job = &jobs[position];
        let entry =
            Entry { is_shared: *origin != Origin::Here, ..Entry::new(keys[position], &job.vc, discharged) };
        if let Some(record) = &cache.record {
            locked(record).insert(entry.key, entry.clone());
        }
        if answered.is_kept || !cache.writes() {
            continue;
        }
        if let Some(entry) = entry.lasting(is_failure_final(position)) {
            answered.lasting = entry.clone().discharged(&job.vc).ok();
            let name = hint_name(module, &job.id);
            let hint = match &discharged.outcome {
                Outcome::Proved { core } => Some((name.as_str(), core.as_slice())),
                Outcome::NotProved(_) => None,
            };
            cache.keep(&entry, hint);
            new.push(entry);
        }
    }
    cache.give(&new);
}

/// The name of an obligation's core among hints.
fn hint_name(module: &str, id: &str) -> String {
    format!("{module} {id}")
}

/// Adds the cores from before to jobs of which no answer is known.
fn add_hints(cache: &Cache, module: &str, jobs: &mut [Job], known: &[(Key, Option<Known>)]) {
    if cache.has_hints && cache.reads() {
        for (job, _) in jobs.iter_mut().zip(known).filter(|(_, (_, known))| known.is_none()) {
            job.hint = cache.folder.hint(&hint_name(module, &job.id));
        }
    }
}

fn fresh(discharged: Option<Discharged>) -> Answered {
    Answered { discharged, is_kept: false, lasting: None }
}

/// The keys of jobs, and the answers that are known, by as many threads as there are solvers.
fn recall_all(cache: &Cache, jobs: &[Job], solving: &Solving<'_>) -> Vec<(Key, Option<Known>)> {
    let recall = |job: &Job| {
        let key = Key::of(&job.vc, solving.limits.seed);
        (key, cache.recall(key, job))
    };
    let n_threads = solving.n_workers.clamp(1, jobs.len().max(1));
    thread::scope(|scope| {
        let chunks = jobs.chunks(jobs.len().div_ceil(n_threads).max(1));
        let threads: Vec<_> =
            chunks.map(|chunk| scope.spawn(move || chunk.iter().map(recall).collect::<Vec<_>>())).collect();
        let joined = threads.into_iter().map(|thread| match thread.join() {
            Ok(known) => known,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        joined.flatten().collect()
    })
}

/// What solvers say of the jobs at these positions.
fn solved(jobs: &[Job], positions: Vec<usize>, solving: &Solving<'_>) -> Vec<Option<Discharged>> {
    let wanted: Vec<&Job> = positions.into_iter().map(|position| &jobs[position]).collect();
    solving.discharge(&wanted)
}

/// What is known, and nothing else: a job without an answer fails.
fn enforced(jobs: &[Job], known: Vec<(Key, Option<Known>)>, solving: &Solving<'_>) -> Vec<Answered> {
    let answer = |(job, (_, known)): (&Job, (Key, Option<Known>))| {
        let is_kept = known.is_some();
        let discharged = known.map_or_else(|| Discharged::failed(SolverError::NotKept), |it| it.discharged);
        solving.progress.expect(&[&job.id]);
        solving.progress.done(&job.id, &Done { is_cached: is_kept, ..Done::of(&discharged) });
        if let Some(cache) = solving.cache {
            cache.n_kept.fetch_add(usize::from(is_kept), Ordering::Relaxed);
        }
        let lasting = is_kept.then(|| discharged.clone());
        Answered { discharged: Some(discharged), is_kept, lasting }
    };
    jobs.iter().zip(known).map(answer).collect()
}
