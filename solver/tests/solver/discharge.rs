//! What becomes of jobs: stages, outcomes, order, stopping, and that the number of workers changes nothing.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use solver::backend::{Answer, Backend, Check, Limits, SolverError, UnknownReason};
use solver::discharge::{Discharged, Job, NotProved, Outcome, Said, discharge};
use solver::model::Model;
use solver::scripted::Scripted;
use solver::z3::Z3;
use vcgen::vc::{Stage, Vc};

use crate::build::{agreement, limits, matching_loop, socrates, stage};
use crate::isolation::worker;

fn job(vc: Vc, stages: Vec<Stage>) -> Job {
    Job::new("T", Vc { stages, ..vc })
}

fn simple() -> Vc {
    socrates(["Being", "man", "mortal"])
}

fn unsat() -> Answer {
    Answer::Unsat { core: vec!["men are mortal".to_owned()] }
}

fn unknown(why: &str) -> Answer {
    Answer::Unknown(UnknownReason::Incomplete(why.to_owned()))
}

/// What becomes of one condition under a script.
fn scripted(job: Job, answers: &[Result<Answer, SolverError>]) -> Discharged {
    let make = |_| -> Box<dyn Backend + Send> { Box::new(Scripted::in_order(answers.to_vec())) };
    let mut results = discharge(&[job], 1, limits(), &make, &AtomicBool::new(false), &|_| {}, &|_, _| {});
    results.remove(0).expect("nothing stopped the run")
}

#[test]
fn the_first_unsat_ends_the_stages() {
    let stages = vec![stage(0), stage(1), stage(2)];
    let done = scripted(job(simple(), stages), &[Ok(unknown("first")), Ok(unsat()), Ok(unsat())]);
    assert_eq!(done.outcome, Outcome::Proved { core: vec!["men are mortal".to_owned()] });
    assert_eq!(done.stages.iter().map(|stage| stage.tier).collect::<Vec<_>>(), [0, 1]);
    assert_eq!(done.stages[1].said, Said::Unsat);
    assert_eq!(done.rlimit_total, 2);
}

#[test]
fn the_last_unknown_is_the_reason() {
    let done =
        scripted(job(simple(), vec![stage(0), stage(1)]), &[Ok(unknown("first")), Ok(unknown("second"))]);
    let reason = UnknownReason::Incomplete("second".to_owned());
    assert_eq!(done.outcome, Outcome::NotProved(NotProved::Unknown(reason)));
}

#[test]
fn a_model_counts_only_where_all_hypotheses_were_seen() {
    let model = Model::default();
    let answers = [Ok(Answer::Sat(model.clone())), Ok(Answer::Sat(model.clone())), Ok(unsat())];
    let done = scripted(job(agreement(), vec![stage(0), stage(1), stage(1)]), &answers);
    assert_eq!(done.outcome, Outcome::NotProved(NotProved::Satisfiable(model.clone())));
    assert_eq!(done.stages.len(), 2);
    let done = scripted(job(agreement(), vec![stage(0)]), &answers);
    assert!(matches!(done.outcome, Outcome::NotProved(NotProved::Unknown(_))));
}

#[test]
fn nothing_asked_is_nothing_proved() {
    let done = scripted(job(simple(), Vec::new()), &[Ok(unsat())]);
    assert!(matches!(done.outcome, Outcome::NotProved(NotProved::Unknown(_))));
}

#[test]
fn a_core_with_a_strange_label_is_no_proof() {
    let strange = Answer::Unsat { core: vec!["somebody else's".to_owned()] };
    let done = scripted(job(simple(), vec![stage(0)]), &[Ok(strange)]);
    assert!(matches!(done.outcome, Outcome::NotProved(NotProved::Failed(SolverError::Internal(_)))));
    // A hypothesis of a later tier is strange to an early stage.
    let early = Answer::Unsat { core: vec!["one vote".to_owned()] };
    let done = scripted(job(agreement(), vec![stage(0)]), &[Ok(early)]);
    assert!(matches!(done.outcome, Outcome::NotProved(NotProved::Failed(_))));
}

#[test]
fn an_error_ends_the_stages() {
    let error = SolverError::IllFormed("for a test".to_owned());
    let done = scripted(job(simple(), vec![stage(0), stage(1)]), &[Err(error.clone()), Ok(unsat())]);
    assert_eq!(done.outcome, Outcome::NotProved(NotProved::Failed(error)));
}

#[test]
fn scripts_answer_by_label_and_goal() {
    let vc = simple();
    let goal = vc.goal.clone().unwrap();
    let mut by_goal = Scripted::default().when_goal(goal, unsat());
    assert_eq!(by_goal.check(&vc, &stage(0), limits()).unwrap().answer, unsat());
    assert!(matches!(by_goal.check(&agreement(), &stage(0), limits()).unwrap().answer, Answer::Unknown(_)));
    let mut by_label = Scripted::default().when_labelled("one vote", unsat());
    assert!(matches!(by_label.check(&agreement(), &stage(0), limits()).unwrap().answer, Answer::Unknown(_)));
    assert_eq!(by_label.check(&agreement(), &stage(1), limits()).unwrap().answer, unsat());
}

/// Jobs of all kinds, with some stages that fail.
fn mixture() -> Vec<Job> {
    let small = Stage { rlimit: 100_000, ..stage(0) };
    let mbqi = Stage { mbqi: true, ..stage(0) };
    let mut jobs = Vec::new();
    for _ in 0..4 {
        jobs.push(job(simple(), vec![small.clone()]));
        jobs.push(job(matching_loop(), vec![small.clone(), small.clone()]));
        jobs.push(job(agreement(), vec![small.clone(), stage(1)]));
        jobs.push(job(agreement(), vec![mbqi.clone(), stage(1)]));
    }
    jobs
}

fn timeless(results: Vec<Option<Discharged>>) -> Vec<Option<Discharged>> {
    let without_time = |mut done: Discharged| {
        done.time_total = Duration::ZERO;
        for stage in &mut done.stages {
            stage.time = Duration::ZERO;
        }
        done
    };
    results.into_iter().map(|result| result.map(without_time)).collect()
}

#[test]
fn the_number_of_workers_changes_nothing() {
    let jobs = mixture();
    let in_process = |_| -> Box<dyn Backend + Send> { Box::new(Z3::new().unwrap()) };
    let apart = |_| -> Box<dyn Backend + Send> { Box::new(worker()) };
    let run = |n_workers, make: &(dyn Fn(usize) -> Box<dyn Backend + Send> + Sync)| {
        timeless(discharge(&jobs, n_workers, limits(), make, &AtomicBool::new(false), &|_| {}, &|_, _| {}))
    };
    let first = run(1, &in_process);
    assert!(first.iter().all(Option::is_some));
    let n_proved =
        first.iter().flatten().filter(|done| matches!(done.outcome, Outcome::Proved { .. })).count();
    assert_eq!(n_proved, 12);
    assert_eq!(run(2, &in_process), first);
    assert_eq!(run(1, &apart), first);
    assert_eq!(run(2, &apart), first);
}

#[test]
fn every_job_is_reported_once_when_it_begins_and_once_when_it_is_done() {
    let jobs = mixture();
    let (seen, begun) = (Mutex::new(Vec::new()), Mutex::new(Vec::new()));
    let make = |_| -> Box<dyn Backend + Send> { Box::new(Scripted::default()) };
    let on_start = |index: usize| begun.lock().unwrap().push(index);
    let on_done = |index: usize, _: &Discharged| {
        assert!(begun.lock().unwrap().contains(&index), "what is done has begun");
        seen.lock().unwrap().push(index);
    };
    discharge(&jobs, 3, limits(), &make, &AtomicBool::new(false), &on_start, &on_done);
    for told in [seen, begun] {
        let mut told = told.into_inner().unwrap();
        told.sort_unstable();
        assert_eq!(told, (0..jobs.len()).collect::<Vec<_>>());
    }
}

#[test]
fn after_a_stop_the_rest_has_no_result() {
    let jobs = mixture();
    let stop = AtomicBool::new(false);
    let n_done = AtomicUsize::new(0);
    let make = |_| -> Box<dyn Backend + Send> { Box::new(Scripted::default()) };
    let on_done = |_: usize, _: &Discharged| {
        if n_done.fetch_add(1, Ordering::Relaxed) == 2 {
            stop.store(true, Ordering::Relaxed);
        }
    };
    let results = discharge(&jobs, 1, limits(), &make, &stop, &|_| {}, &on_done);
    assert_eq!(results.len(), jobs.len());
    assert!(results[..3].iter().all(Option::is_some));
    assert!(results[3..].iter().all(Option::is_none));
}

/// Panics at conditions without a goal.
struct Fragile;

impl Backend for Fragile {
    fn check(&mut self, vc: &Vc, stage: &Stage, limits: Limits) -> Result<Check, SolverError> {
        assert!(vc.goal.is_some(), "no goal");
        Scripted::in_order([Ok(unsat())]).check(vc, stage, limits)
    }
}

#[test]
fn a_panic_fails_one_job_only() {
    let fragile = Vc { goal: None, ..simple() };
    let jobs = [job(simple(), vec![stage(0)]), job(fragile, vec![stage(0)]), job(simple(), vec![stage(0)])];
    let make = |_| -> Box<dyn Backend + Send> { Box::new(Fragile) };
    for n_workers in [1, 2] {
        let results =
            discharge(&jobs, n_workers, limits(), &make, &AtomicBool::new(false), &|_| {}, &|_, _| {});
        let outcomes: Vec<_> = results.into_iter().map(|result| result.unwrap().outcome).collect();
        assert!(matches!(outcomes[0], Outcome::Proved { .. }));
        assert!(matches!(&outcomes[1], Outcome::NotProved(NotProved::Failed(SolverError::Internal(_)))));
        assert!(matches!(outcomes[2], Outcome::Proved { .. }));
    }
}
