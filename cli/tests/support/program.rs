//! The program as a test runs it, on modules in folders of their own.
#![allow(dead_code, reason = "no suite uses all of it")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Two lemmas that hold and need the solver.
pub(crate) const SOUND: &str = "---- MODULE Example ----
EXTENDS Integers
CONSTANT N
ASSUME Large == N > 10
LEMMA Positive == N > 0
LEMMA Apart == N + 1 > 5
====
";

/// A counter that stops, with a guard that it does not need.
pub(crate) const COUNTER: &str = "---- MODULE Example ----
EXTENDS Integers
VARIABLE x
Init == x = 0
Next == x < 10 /\\ x # 5 /\\ x' = x + 1
Spec == Init /\\ [][Next]_x
THEOREM Inv == Spec => [](x \\in 0 .. 10)
====
";

/// An invariant that is too weak, in a line that has characters of more than one code unit before it.
pub(crate) const WEAK: &str = "---- MODULE Example ----
EXTENDS Integers
VARIABLES n, step
Init == n = 0 /\\ step = 1
Step(d) == n' = n + step /\\ step' = d
Next == \\E d \\in Int : Step(d)
Spec == Init /\\ [][Next]_<<n, step>>
(* \u{1d54f}\u{1d54f} *) Natural == n >= 0
THEOREM Inv == Spec => []Natural
====
";

/// The program with these arguments, ready to run; it sees nothing of where the test itself runs.
pub(crate) fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_paxprove"));
    command.env("PAXPROVE_CACHE", "off");
    command.args(args).stdin(Stdio::null()).env_remove("GITHUB_STEP_SUMMARY");
    command
}

/// Runs the program.
pub(crate) fn paxprove(args: &[&str]) -> Output {
    command(args).output().expect("the program runs")
}

/// The folder of a test.
pub(crate) fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&folder).expect("a folder for tests");
    folder
}

/// A module in a folder of its own.
pub(crate) fn module(name: &str, text: &str) -> String {
    let file = folder(name).join("Example.pax");
    std::fs::write(&file, text).expect("a module");
    file.to_string_lossy().into_owned()
}

/// How the program ends, and what it prints.
pub(crate) fn run(args: &[&str]) -> (i32, String) {
    let output = paxprove(args);
    let code = output.status.code().expect("it ends by itself");
    (code, String::from_utf8(output.stdout).expect("a report is text"))
}
