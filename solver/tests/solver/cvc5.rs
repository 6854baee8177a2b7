//! The driver of cvc5, with a shell script in its place: what it makes of answers, and of none.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use solver::cvc5::{Cvc5, Reply};

/// A program that does what a script says, with a folder of its own that goes with it.
struct Fake {
    folder: PathBuf,
    cvc5: Cvc5,
}

impl Fake {
    fn new(name: &str, script: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("paxprove-cvc5-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder for the script");
        let program = folder.join("cvc5");
        fs::write(&program, format!("#!/bin/sh\n{script}\n")).expect("the script is written");
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("the script may run");
        Self { folder, cvc5: Cvc5::new(program, Duration::from_secs(1)) }
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn reply(name: &str, script: &str) -> Reply {
    let fake = Fake::new(name, script);
    // A program that was just written may still be held open by another test that starts one.
    for _ in 0..50 {
        match fake.cvc5.ask("(check-sat)\n", &AtomicBool::new(false)) {
            Ok(reply) => return reply,
            Err(_) => std::thread::sleep(Duration::from_millis(20)),
        }
    }
    panic!("the script does not run");
}

#[test]
fn answers_are_what_they_say() {
    assert_eq!(reply("unsat", "cat >/dev/null; echo unsat"), Reply::Unsat);
    assert_eq!(reply("sat", "cat >/dev/null; echo sat"), Reply::Sat);
    assert_eq!(reply("unknown", "cat >/dev/null; echo unknown"), Reply::GaveUp("incomplete".to_owned()));
}

#[test]
fn it_is_given_the_text_and_its_limit() {
    let script = r#"read line; case "$* $line" in *--tlimit=1000*"(check-sat)"*) echo unsat;; esac"#;
    assert_eq!(reply("text", script), Reply::Unsat);
}

#[test]
fn what_makes_no_sense_is_no_answer() {
    let scripts = [
        ("rubbish", "echo 'unsat, or so'"),
        ("nothing", "true"),
        ("twice", "echo unsat; echo sat"),
        ("error", "echo unsat; exit 1"),
        ("killed", "echo unsat; kill -9 $$"),
        ("complaint", "echo '(error \"Parse Error\")'; exit 1"),
    ];
    for (name, script) in scripts {
        assert!(matches!(reply(name, script), Reply::GaveUp(_)), "{name}");
    }
}

#[test]
fn a_limit_is_a_limit() {
    let limit = Reply::GaveUp("time limit".to_owned());
    assert_eq!(reply("own", "echo 'cvc5 interrupted by timeout.' >&2; exit 1"), limit);
    let start = Instant::now();
    assert_eq!(reply("hangs", "exec sleep 60"), limit);
    assert!(start.elapsed() < Duration::from_secs(30));
}

#[test]
fn a_run_that_is_stopped_stops_it() {
    let fake = Fake::new("stopped", "exec sleep 60");
    std::thread::sleep(Duration::from_millis(50));
    let start = Instant::now();
    let reply = fake.cvc5.ask("", &AtomicBool::new(true));
    assert!(matches!(reply, Ok(Reply::Stopped) | Err(_)));
    assert!(start.elapsed() < Duration::from_secs(30));
}

#[test]
fn a_program_that_is_not_there_is_an_error() {
    let cvc5 = Cvc5::new(PathBuf::from("/nowhere/cvc5"), Duration::from_secs(1));
    assert!(cvc5.version().is_err());
    assert!(cvc5.ask("", &AtomicBool::new(false)).is_err());
}
