//! What only the program itself can show: arguments, streams, exit codes, solver processes.

use std::path::Path;
use std::process::{Command, Output, Stdio};

/// Two lemmas that hold and need the solver.
const SOUND: &str = "---- MODULE Example ----
EXTENDS Integers
CONSTANT N
ASSUME Large == N > 10
LEMMA Positive == N > 0
LEMMA Apart == N + 1 > 5
====
";

fn paxprove(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_paxprove"));
    command.args(args).stdin(Stdio::null()).output().expect("the program runs")
}

/// Runs the program on a module, in a folder of its own.
fn on_module(name: &str, text: &str, args: &[&str]) -> (i32, String) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&folder).expect("a folder for tests");
    let file = folder.join("Example.pax");
    std::fs::write(&file, text).expect("a module");
    let file = file.to_string_lossy();
    let args: Vec<&str> = std::iter::once(&*file).chain(args.iter().copied()).collect();
    let output = paxprove(&args);
    let code = output.status.code().expect("it ends by itself");
    (code, String::from_utf8(output.stdout).expect("a report is text"))
}

#[test]
fn success_is_told_and_only_of_the_whole() {
    let (code, text) = on_module("whole", SOUND, &[]);
    assert_eq!(code, 0, "{text}");
    assert!(text.ends_with("\nPROVED: 2 theorems\n"), "{text}");
    let (code, text) = on_module("part", SOUND, &["--only", "Apart*"]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("\nPARTIAL: "), "{text}");
}

#[test]
fn usage_errors_end_with_2() {
    for args in [&[][..], &["--no-such-option"], &["/no/such/file.pax"], &["check", "/no/such/file.pax"]] {
        assert_eq!(paxprove(args).status.code(), Some(2), "{args:?}");
    }
    assert_eq!(on_module("glob", SOUND, &["--only", "a["]).0, 2);
    assert_eq!(on_module("syntax", "---- MODULE Example ----\nA == (\n====\n", &[]).0, 2);
    assert_eq!(paxprove(&["explain", "no-such-code"]).status.code(), Some(2));
}

#[test]
fn a_selection_of_nothing_ends_with_4() {
    assert_eq!(on_module("nothing", SOUND, &["--only", "Nothing"]).0, 4);
    assert_eq!(on_module("none", "---- MODULE Example ----\nA == 1\n====\n", &[]).0, 4);
}

#[test]
fn too_small_a_budget_proves_nothing() {
    let (code, text) = on_module("budget", SOUND, &["--rlimit", "1"]);
    assert_eq!(code, 3, "{text}");
    assert!(text.contains("resource limit reached"), "{text}");
}

#[test]
fn too_little_memory_proves_nothing() {
    let (code, text) = on_module("memory", SOUND, &["--memory", "1", "--timeout", "1"]);
    assert_eq!(code, 3, "{text}");
}

#[test]
fn the_short_form_has_no_times() {
    let text = SOUND.replace("N > 0", "N > 20");
    let (code, text) = on_module("short", &text, &["--format", "short"]);
    assert_eq!(code, 3, "{text}");
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("short/Example.pax");
    let expected = format!(
        "{0}:5:19: error[not-implied]: `Positive.1` is not proved: may not follow from what is known\n\
         {0}: NOT PROVED: 1 of 2 theorems proved, 1 failed, 0 blocked, 0 assumed\n",
        file.display()
    );
    assert_eq!(text, expected);
}

#[test]
fn json_says_what_was_looked_at() {
    for (name, args, complete, verified) in
        [("json-whole", &[][..], true, true), ("json-part", &["--only", "Apart"], false, false)]
    {
        let args: Vec<&str> = ["--format", "json"].iter().chain(args).copied().collect();
        let (code, text) = on_module(name, SOUND, &args);
        assert_eq!(code, 0, "{text}");
        let report: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(report["schema_version"], 1);
        assert_eq!((&report["complete"], &report["verified"]), (&complete.into(), &verified.into()));
        assert_eq!(report["solver"]["name"], "Z3");
        assert!(report["modules"][0]["wall_ms"]["solve"].is_number());
        assert!(report["peak_memory_kb"]["process"].is_number());
    }
}

#[test]
fn conditions_are_written_where_that_is_asked_for() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("smt");
    let (code, _) = on_module("dump", SOUND, &["--dump-smt", folder.to_str().unwrap()]);
    assert_eq!(code, 0);
    let text = std::fs::read_to_string(folder.join("Apart.1.smt2")).unwrap();
    assert!(text.contains("(check-sat)"), "{text}");
}

#[test]
fn the_program_says_who_it_is() {
    let version = String::from_utf8(paxprove(&["--version"]).stdout).unwrap();
    assert!(version.contains(&format!("(Z3 {})", solver::z3::z3_version())), "{version}");
    let doctor = paxprove(&["doctor"]);
    assert_eq!(doctor.status.code(), Some(0), "{}", String::from_utf8_lossy(&doctor.stdout));
}

#[test]
fn every_stage_can_be_shown() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("stages");
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("Example.pax");
    std::fs::write(&file, SOUND).unwrap();
    for stage in ["ast", "typed", "tree", "obligations", "vc", "smt2"] {
        let output = paxprove(&["show", "--stage", stage, file.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(0), "{stage}");
        assert!(String::from_utf8(output.stdout).unwrap().contains("Apart"), "{stage}");
    }
    let list = paxprove(&["list", file.to_str().unwrap()]);
    assert!(String::from_utf8(list.stdout).unwrap().contains("Apart.1  open"));
    let table = paxprove(&["table", file.to_str().unwrap()]);
    assert_eq!(table.status.code(), Some(0));
    assert_eq!(paxprove(&["check", file.to_str().unwrap()]).status.code(), Some(0));
    assert_eq!(paxprove(&["explain", "sort-mismatch"]).status.code(), Some(0));
}

/// An interrupt ends the run early, with what is known by then and with exit code 3.
#[cfg(unix)]
#[test]
fn an_interrupt_ends_with_3() {
    use std::io::{BufRead, BufReader};
    use std::time::Duration;

    use nix::sys::signal::Signal;
    use nix::unistd::Pid;
    // Nonlinear and false: the solver is busy for longer than the test waits.
    let hard = "---- MODULE Example ----\nEXTENDS Integers\n\
                LEMMA Hard == \\A a, b, c \\in Nat : a > 0 /\\ b > 0 => a * a * a + b * b * b # c * c * c\n====\n";
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("interrupt");
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("Example.pax");
    std::fs::write(&file, hard).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_paxprove"))
        .args([file.to_str().unwrap(), "--rlimit", "4000000000", "--format", "short"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_secs(1));
    let process = Pid::from_raw(child.id().try_into().unwrap());
    nix::sys::signal::kill(process, Signal::SIGINT).unwrap();
    let lines: Vec<String> =
        BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap).collect();
    assert_eq!(child.wait().unwrap().code(), Some(3), "{lines:?}");
    assert!(lines.last().unwrap().contains("NOT PROVED"), "{lines:?}");
}
