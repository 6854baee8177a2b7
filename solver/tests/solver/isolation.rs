//! Solving in another process: the same answers, and whatever the worker does, never a lost run or a false proof.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use solver::backend::{Answer, Backend, Check, Limits, SolverError, UnknownReason};
use solver::worker::{Subprocess, WorkerCommand};
use solver::z3::Z3;
use vcgen::vc::{Stage, Vc};

use crate::build::{agreement, endless, limits, matching_loop, socrates, stage, timeless};

pub(crate) fn worker() -> Subprocess {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_solve-worker"));
    Subprocess::new(WorkerCommand { program, args: Vec::new() }, Arc::default())
}

fn shell(script: &str) -> Subprocess {
    let args = vec!["-c".to_owned(), script.to_owned()];
    Subprocess::new(WorkerCommand { program: "sh".into(), args }, Arc::default())
}

fn simple() -> Vc {
    socrates(["Being", "man", "mortal"])
}

fn short() -> Limits {
    Limits { timeout: Duration::from_millis(100), ..limits() }
}

fn died(backend: &mut Subprocess) -> String {
    let check = backend.check(&simple(), &stage(0), limits()).expect("the question can be put");
    let Answer::Unknown(UnknownReason::SolverDied(how)) = check.answer else {
        panic!("{:?}", check.answer);
    };
    how
}

#[test]
fn a_worker_answers_as_the_library_does() {
    let mut worker = worker();
    let mut library = Z3::new().unwrap();
    for vc in [simple(), agreement(), matching_loop()] {
        for tier in [0, 1] {
            let limited = Stage { rlimit: 300_000, ..stage(tier) };
            let apart = timeless(worker.check(&vc, &limited, limits()).unwrap());
            let here = timeless(library.check(&vc, &limited, limits()).unwrap());
            assert_eq!(apart, here);
        }
    }
}

#[test]
fn a_worker_that_hangs_is_killed() {
    let start = Instant::now();
    let check = shell("sleep 100").check(&simple(), &stage(0), short()).unwrap();
    assert_eq!(check.answer, Answer::Unknown(UnknownReason::Timeout));
    assert!(start.elapsed() < Duration::from_secs(20));
}

#[test]
fn a_worker_that_does_not_read_is_killed() {
    let mut vc = simple();
    for index in 0..20_000 {
        vc.sorts.push(format!("a sort with a number and a rather long name: {index}"));
    }
    let check = shell("sleep 100").check(&vc, &stage(0), short()).unwrap();
    assert_eq!(check.answer, Answer::Unknown(UnknownReason::Timeout));
}

#[test]
fn a_worker_that_dies_is_told_of() {
    let how = died(&mut shell("kill -9 $$"));
    assert!(how.contains("signal: 9"), "{how}");
    assert!(died(&mut shell("exit 3")).contains('3'));
    assert!(died(&mut shell("printf 'pxw1\\377\\000\\000\\000cut off'")).contains('0'));
}

#[test]
fn rubbish_is_no_answer() {
    for script in [
        "echo rubbish",
        "echo no",
        "cat",
        "printf 'pxw1\\377\\377\\377\\377'",
        "printf 'pxw1\\002\\000\\000\\000ab'",
    ] {
        let how = died(&mut shell(script));
        assert!(how.contains("makes no sense"), "{script}: {how}");
    }
}

#[test]
fn the_next_check_gets_a_fresh_worker() {
    let flag = std::env::temp_dir().join(format!("paxprove-fresh-worker-{}", std::process::id()));
    let script = format!(
        "if mkdir '{}' 2>/dev/null; then kill -9 $$; else exec '{}'; fi",
        flag.display(),
        env!("CARGO_BIN_EXE_solve-worker")
    );
    let mut backend = shell(&script);
    died(&mut backend);
    let check = backend.check(&simple(), &stage(0), limits()).unwrap();
    std::fs::remove_dir(&flag).unwrap();
    assert!(matches!(check.answer, Answer::Unsat { .. }));
}

#[test]
fn a_worker_that_cannot_start_is_an_error() {
    let command = WorkerCommand { program: "/nonexistent/worker".into(), args: Vec::new() };
    let error = Subprocess::new(command, Arc::default()).check(&simple(), &stage(0), limits()).unwrap_err();
    assert!(matches!(error, SolverError::Spawn { .. }), "{error}");
}

#[test]
fn the_memory_limit_holds() {
    let mut worker = worker();
    let unbounded = Stage { rlimit: 0, ..stage(0) };
    let little = Limits { memory_mb: 64, ..limits() };
    let Check { answer, .. } = worker.check(&matching_loop(), &unbounded, little).unwrap();
    assert!(
        matches!(answer, Answer::Unknown(UnknownReason::Memory | UnknownReason::SolverDied(_))),
        "{answer:?}"
    );
    let Check { answer, .. } = worker.check(&simple(), &stage(0), little).unwrap();
    assert!(matches!(answer, Answer::Unsat { .. }));
}

#[test]
fn a_check_under_way_can_be_stopped() {
    let stop = Arc::new(AtomicBool::new(false));
    let program = PathBuf::from(env!("CARGO_BIN_EXE_solve-worker"));
    let mut backend = Subprocess::new(WorkerCommand { program, args: Vec::new() }, Arc::clone(&stop));
    let start = Instant::now();
    thread::spawn(move || {
        thread::sleep(Duration::from_millis(300));
        stop.store(true, Ordering::Relaxed);
    });
    let check = backend.check(&endless(), &Stage { rlimit: 0, ..stage(0) }, limits()).unwrap();
    assert_eq!(check.answer, Answer::Unknown(UnknownReason::Interrupted));
    assert!(start.elapsed() < Duration::from_secs(20));
}
