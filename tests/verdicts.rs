//! Each way to be falsely green, and the exit code that it gets instead.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use cli::report::exit;
use cli::verdict::Standing;
use solver::backend::{Answer, Backend, SolverError, UnknownReason};
use solver::model::Model;
use solver::scripted::Scripted;
use solver::worker::{Subprocess, WorkerCommand};
use tests::{Setup, prove, read, rendered, root};

/// Two theorems, neither of which rewriting alone proves.
const MODULE: &str = "---- MODULE Example ----
EXTENDS Integers
CONSTANT N
ASSUME Large == N > 10
LEMMA Positive == N > 0
LEMMA Apart == N + 1 > 5
====
";

/// Checks the exit code of a module under a backend that answers everything but vacuity checks so.
fn check_answer(answer: &Result<Answer, SolverError>, code: u8) {
    let make = |_| -> Box<dyn Backend + Send> {
        Box::new(Scripted::default().when(|_, stage| stage.tier != u8::MAX, answer.clone()))
    };
    let run = prove(read("Example.pax", MODULE, &[]), &Setup { make_backend: &make, ..Setup::default() });
    assert_eq!(exit(&run).code(), code, "{answer:?}:\n{}", rendered(&run));
    let verdicts = run.proof.expect("it was tried").verdicts;
    assert_eq!(verdicts.is_verified(), code == 0);
}

/// Checks the exit code and the standings of a module under Z3.
fn check(text: &str, only: &[&str], code: u8, standings: &[Standing]) {
    let run = prove(read("Example.pax", text, &[]), &Setup { only, ..Setup::default() });
    assert_eq!(exit(&run).code(), code, "{text}\n{}", rendered(&run));
    let verdicts = run.proof.map(|proof| proof.verdicts);
    let found =
        verdicts.iter().flat_map(|verdicts| &verdicts.theorems).map(|verdict| verdict.standing.clone());
    assert_eq!(found.collect::<Vec<_>>(), standings, "{text}");
    let is_verified = verdicts.is_some_and(|verdicts| verdicts.is_verified());
    assert_eq!(is_verified, code == 0 && only.is_empty(), "{text}");
}

fn module(body: &str) -> String {
    format!("---- MODULE Example ----\nEXTENDS Integers\nCONSTANT N\n{body}\n====\n")
}

fn blocked(on: &str) -> Standing {
    Standing::Blocked { on: vec![on.to_owned()] }
}

#[test]
fn unsat_is_the_only_answer_that_proves() {
    check_answer(&Ok(Answer::Unsat { core: vec!["goal".to_owned()] }), 0);
    check_answer(&Ok(Answer::Sat(Model::default())), 3);
    for reason in [
        UnknownReason::ResourceLimit,
        UnknownReason::Timeout,
        UnknownReason::Memory,
        UnknownReason::Incomplete("(incomplete quantifiers)".to_owned()),
        UnknownReason::Interrupted,
        UnknownReason::SolverDied("signal: 9".to_owned()),
    ] {
        check_answer(&Ok(Answer::Unknown(reason)), 3);
    }
}

#[test]
fn a_question_that_cannot_be_put_proves_nothing() {
    let spawn = SolverError::Spawn { program: "x".to_owned(), problem: "not found".to_owned() };
    check_answer(&Err(spawn), 3);
    check_answer(&Err(SolverError::IllFormed("x".to_owned())), 70);
    check_answer(&Err(SolverError::Internal("x".to_owned())), 70);
}

#[test]
fn a_core_of_strangers_is_our_mistake() {
    check_answer(&Ok(Answer::Unsat { core: vec!["stranger".to_owned()] }), 70);
}

#[test]
fn a_worker_that_dies_proves_nothing() {
    for program in ["false", "true", "cat", "/nonexistent"] {
        let command = WorkerCommand { program: program.into(), args: Vec::new() };
        let make = |_| -> Box<dyn Backend + Send> {
            Box::new(Subprocess::new(command.clone(), Arc::new(AtomicBool::new(false))))
        };
        let run = prove(read("Example.pax", MODULE, &[]), &Setup { make_backend: &make, ..Setup::default() });
        assert_eq!(exit(&run).code(), 3, "{program}:\n{}", rendered(&run));
    }
}

#[test]
fn an_interrupted_run_proves_nothing() {
    let run = prove(read("Example.pax", MODULE, &[]), &Setup { is_stopped: true, ..Setup::default() });
    assert_eq!(exit(&run).code(), 3, "{}", rendered(&run));
}

#[test]
fn an_empty_selection_is_no_success() {
    check(MODULE, &["Nothing"], 4, &[Standing::NotSelected, Standing::NotSelected]);
}

#[test]
fn a_module_without_theorems_is_no_success() {
    check(&module("ASSUME N > 3"), &[], 4, &[]);
}

#[test]
fn a_part_is_no_whole() {
    check(MODULE, &["Positive"], 0, &[Standing::Proved, Standing::NotSelected]);
    check(MODULE, &["Positive*"], 0, &[Standing::Proved, Standing::NotSelected]);
}

#[test]
fn what_rests_on_what_was_left_out_is_proved_in_part() {
    let text = module("ASSUME A == N > 10\nLEMMA First == N > 8\nLEMMA Second == N > 6\n  BY ONLY First");
    check(&text, &["Second"], 0, &[Standing::NotSelected, Standing::Partial]);
}

#[test]
fn an_omitted_proof_is_an_assumption() {
    check(&module("LEMMA First == N > 8\n  PROOF OMITTED"), &[], 3, &[Standing::Assumed]);
}

#[test]
fn what_rests_on_an_omitted_proof_is_blocked() {
    let text = module(
        "LEMMA First == N > 8\n  PROOF OMITTED\nLEMMA Second == N > 6\nLEMMA Third == N > 4\n  BY ONLY Second",
    );
    check(&text, &[], 3, &[Standing::Assumed, blocked("First"), blocked("Second")]);
}

#[test]
fn what_rests_on_a_failed_lemma_is_blocked() {
    let text = module("LEMMA First == N > 8\nLEMMA Second == N > 6");
    check(&text, &[], 3, &[Standing::Failed(1), blocked("First")]);
}

#[test]
fn a_failed_lemma_blocks_only_what_uses_it() {
    let text = module("ASSUME A == N > 10\nLEMMA First == N > 12\nLEMMA Second == N > 6\n  BY ONLY A");
    check(&text, &[], 3, &[Standing::Failed(1), Standing::Proved]);
}

#[test]
fn contradictory_assumptions_prove_nothing() {
    let text = module("ASSUME A == N > 10\nASSUME B == N < 5\nLEMMA First == N = 7");
    check(&text, &[], 7, &[Standing::Vacuous]);
}

#[test]
fn a_circle_of_lemmas_is_refused() {
    check(&module("LEMMA First == N > 8\n  BY First"), &[], 2, &[]);
}

#[test]
fn what_does_not_parse_is_refused() {
    check("---- MODULE Example ----\nLEMMA First == 1 +\n====\n", &[], 2, &[]);
}

#[test]
fn an_error_in_an_extended_module_is_refused() {
    let folder = root().join("tests/verdicts");
    let extended = |name: &str| {
        let text =
            format!("---- MODULE Example ----\nEXTENDS Integers, {name}\nLEMMA First == 1 + 1 = 2\n====\n");
        let run = prove(read("Example.pax", &text, std::slice::from_ref(&folder)), &Setup::default());
        exit(&run).code()
    };
    assert_eq!(extended("Sound"), 0);
    assert_eq!(extended("IllSorted"), 2);
    assert_eq!(extended("Unreadable"), 2);
    assert_eq!(extended("Missing"), 2);
}

#[test]
fn a_theorem_of_an_extended_module_counts() {
    let folder = root().join("tests/verdicts");
    let text = "---- MODULE Example ----\nEXTENDS Integers, Wrong\nLEMMA First == 1 + 1 = 2\n====\n";
    let run = prove(read("Example.pax", text, &[folder]), &Setup::default());
    assert_eq!(exit(&run).code(), 3, "{}", rendered(&run));
}

#[test]
fn what_needs_a_recursion_that_may_not_end_is_blocked() {
    let ends = "f[n \\in Nat] == IF n = 0 THEN 0 ELSE f[n - 1] + 1\n";
    let does_not_end = "f[n \\in Nat] == IF n = 0 THEN 0 ELSE f[n \\div 1] + 1\n";
    let lemmas = "ASSUME Natural == N \\in Nat /\\ f[N] > 3\nLEMMA Two == f[2] = 2\nLEMMA Apart == N + 1 > 0";
    check(&module(&format!("{ends}{lemmas}")), &[], 0, &[Standing::Proved, Standing::Proved]);
    // Its equation contradicts itself, which makes neither the assumptions vacuous nor anything else true.
    let waits = blocked("f.terminates.1.3");
    check(&module(&format!("{does_not_end}{lemmas}")), &[], 3, &[waits, Standing::Proved]);
    // An operator without a measure has no equation, and what needs none is proved.
    let any = "f[n \\in Nat] == f[n] + 1\nLEMMA Same == \\A n \\in Nat : n = N => f[n] = f[N]\nLEMMA Absurd == FALSE";
    check(&module(any), &[], 3, &[Standing::Proved, Standing::Failed(1)]);
}

#[test]
fn an_assumption_about_a_recursive_function_says_nothing_of_its_end() {
    // Were it used, the recursion would seem to end, and what is assumed to be contradictory.
    let body = "f[n \\in Nat] == IF n > 0 /\\ f[n - 1] = 0 THEN f[n \\div 1] + 1 ELSE 0\n\
        ASSUME One == \\A n \\in Nat : f[n] = 1\nLEMMA Zero == f[0] = 0";
    check(&module(body), &[], 3, &[blocked("f.terminates.2.3")]);
}

#[test]
fn the_end_of_a_recursion_is_looked_at_with_what_uses_it() {
    let body =
        "f[n \\in Nat] == IF n = 0 THEN 0 ELSE f[n \\div 1] + 1\nLEMMA Two == f[2] = 2\nLEMMA Other == N = N";
    let waits = blocked("f.terminates.1.3");
    check(&module(body), &["Two"], 3, &[waits, Standing::NotSelected]);
}

/// The step of an induction is proved from the formula for a smaller number; the formula itself may be false.
#[test]
fn a_proved_induction_step_does_not_disagree_with_a_refuted_lemma() {
    let text = "---- MODULE Step ----\nEXTENDS Integers\nCONSTANT Q\n\
                LEMMA About == \\A x \\in Nat, y \\in Q : 0 # x\n====\n";
    let setup = Setup { search: Some(Duration::from_secs(60)), ..Setup::default() };
    let run = prove(read("Step.pax", text, &[]), &setup);
    let verdicts = run.proof.expect("it was tried").verdicts;
    assert_eq!(verdicts.internal, Vec::<String>::new());
    assert!(matches!(verdicts.theorems[0].standing, Standing::Refuted(_)), "{:?}", verdicts.theorems);
}

/// A solver that lies: it says of one false lemma that it is proved. The counterexample to another refutes it too.
#[test]
fn what_is_proved_and_yet_false_in_a_counterexample_is_an_internal_error() {
    let text = MODULE.replace("N > 0", "N > 20").replace("N + 1 > 5", "N + 1 > 30");
    let is_about_30 = |vc: &vcgen::vc::Vc, _: &vcgen::vc::Stage| format!("{vc:?}").contains("Int(30)");
    let make = |_| -> Box<dyn Backend + Send> {
        Box::new(Scripted::default().when(is_about_30, Ok(Answer::Unsat { core: Vec::new() })))
    };
    let search = Some(Duration::from_secs(60));
    let setup = Setup { make_backend: &make, search, ..Setup::default() };
    let run = prove(read("Example.pax", &text, &[]), &setup);
    assert_eq!(exit(&run).code(), 70, "{}", rendered(&run));
    let parent = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("bundle");
    let folder = cli::bundle::write(&parent, &run, None, "{}").expect("a writable folder");
    let problem = fs::read_to_string(folder.join("problem.txt")).expect("a description");
    assert!(problem.contains("`Apart.1`: proved, but the evaluator finds it false"), "{problem}");
    let source = fs::read_to_string(folder.join("sources/0-Example.pax")).expect("the module");
    assert_eq!(source, text);
    assert!(folder.join("conditions/Positive.1.smt2").exists());
}
