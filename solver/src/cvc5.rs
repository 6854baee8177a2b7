//! cvc5, a solver that shares no code with Z3, as a program that is given SMT-LIB text.
//!
//! Invariants: only the line `unsat` is unsat, and only from a process that ended by itself without an error;
//! whatever else comes, or does not come in time, is a reason for having no answer. No process outlives the
//! question that it was started for.

use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use thiserror::Error;

/// How much longer than its own limit the program may take before it is killed.
const GRACE: Duration = Duration::from_millis(500);
/// How often a running program is looked at.
const POLL: Duration = Duration::from_millis(3);
/// How much of an answer that makes no sense is shown.
const SHOWN: usize = 120;

/// The program, and how it is to be run.
#[derive(Clone, Debug)]
pub struct Cvc5 {
    /// The program.
    pub program: PathBuf,
    /// Wall time of a question.
    pub timeout: Duration,
    /// Options beside the limits.
    pub options: Vec<String>,
}

/// What the program said of a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// The hypotheses contradict the negated goal: the condition holds.
    Unsat,
    /// They do not.
    Sat,
    /// Neither was found, because of this.
    GaveUp(String),
    /// The run was stopped.
    Stopped,
}

/// The program could not be run.
#[derive(Debug, Error)]
#[error("cannot run `{program}`: {problem}")]
pub struct CannotRun {
    program: String,
    problem: std::io::Error,
}

impl Cvc5 {
    /// The program with the options that suit conditions: triggers as they stand in the text, then more
    /// instances where these are used up.
    pub fn new(program: PathBuf, timeout: Duration) -> Self {
        Self { program, timeout, options: vec!["--full-saturate-quant".to_owned()] }
    }

    /// The first line of what the program says of its version.
    pub fn version(&self) -> Result<String, CannotRun> {
        let output =
            Command::new(&self.program).arg("--version").output().map_err(|error| self.cannot_run(error))?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let line = text.lines().next().unwrap_or_default().trim();
        Ok(line.strip_prefix("This is ").unwrap_or(line).to_owned())
    }

    fn cannot_run(&self, problem: std::io::Error) -> CannotRun {
        CannotRun { program: self.program.display().to_string(), problem }
    }

    /// Asks about the text of a condition. Once `stop` is set, the program is killed.
    pub fn ask(&self, text: &str, stop: &AtomicBool) -> Result<Reply, CannotRun> {
        let start = Instant::now();
        let mut child = Command::new(&self.program)
            .args(["--lang=smt2.6", "--no-interactive"])
            .arg(format!("--tlimit={}", self.timeout.as_millis()))
            .args(&self.options)
            .arg("-")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| self.cannot_run(error))?;
        let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        thread::scope(|scope| {
            scope.spawn(move || {
                // A program that does not listen to the end says something else than `unsat`, or nothing.
                let _ = stdin.map(|mut stdin| stdin.write_all(text.as_bytes()));
            });
            let said = scope.spawn(move || read_all(stdout));
            let complained = scope.spawn(move || read_all(stderr));
            let end = wait(&mut child, start + self.timeout + GRACE, stop);
            let said = said.join().unwrap_or_default();
            let complained = complained.join().unwrap_or_default();
            Ok(match end {
                End::Stopped => Reply::Stopped,
                End::Late => Reply::GaveUp("time limit".to_owned()),
                End::Lost(error) => Reply::GaveUp(format!("it got lost: {error}")),
                End::Ended { is_success } => judge(&said, &complained, is_success),
            })
        })
    }
}

/// How a process came to its end.
enum End {
    Ended { is_success: bool },
    Late,
    Stopped,
    Lost(std::io::Error),
}

fn wait(child: &mut Child, deadline: Instant, stop: &AtomicBool) -> End {
    let end = loop {
        match child.try_wait() {
            Ok(Some(status)) => return End::Ended { is_success: status.success() },
            Ok(None) if stop.load(Ordering::Relaxed) => break End::Stopped,
            Ok(None) if Instant::now() >= deadline => break End::Late,
            Ok(None) => thread::sleep(POLL),
            Err(error) => break End::Lost(error),
        }
    };
    // One that has ended in between needs no killing.
    let _ = child.kill();
    let _ = child.wait();
    end
}

fn read_all(from: Option<impl Read>) -> String {
    let mut bytes = Vec::new();
    if let Some(mut from) = from {
        // What was read before an error is judged like any other answer.
        let _ = from.read_to_end(&mut bytes);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn judge(said: &str, complained: &str, is_success: bool) -> Reply {
    let everything = || {
        let text: Vec<&str> = said.split_whitespace().chain(complained.split_whitespace()).collect();
        text.join(" ").chars().take(SHOWN).collect::<String>()
    };
    if complained.contains("interrupted by timeout") || said.contains("interrupted by timeout") {
        return Reply::GaveUp("time limit".to_owned());
    }
    match (said.trim(), is_success) {
        ("unsat", true) => Reply::Unsat,
        ("sat", true) => Reply::Sat,
        ("unknown", true) => Reply::GaveUp("incomplete".to_owned()),
        ("timeout", _) => Reply::GaveUp("time limit".to_owned()),
        (_, true) => Reply::GaveUp(format!("its answer makes no sense: {}", everything())),
        (_, false) => Reply::GaveUp(format!("it failed: {}", everything())),
    }
}
