//! Progress, as whoever waits sees it: on a terminal, in a log, in another program, and when asked by a signal.
#![cfg(unix)]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use nix::pty::openpty;
use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;
use serde_json::Value;

#[path = "support/program.rs"]
mod program;

use program::{SOUND, command, module, paxprove, run};

/// Nonlinear and false: the solver is busy for longer than a test waits.
const HARD: &str = "---- MODULE Example ----
EXTENDS Integers
LEMMA Hard == \\A a, b, c \\in Nat : a > 0 /\\ b > 0 => a * a * a + b * b * b # c * c * c
LEMMA Harder == \\A a, b, c \\in Nat : a > 1 /\\ b > 1 => a * a * a + b * b * b # c * c * c
LEMMA Last == \\A a, b, c \\in Nat : a > 2 /\\ b > 2 => a * a * a + b * b * b # c * c * c
====
";

/// What makes the solver go on, with one solver and no search afterwards.
const BUSY: [&str; 6] = ["--rlimit", "4000000000", "-j", "1", "--search", "0"];

/// Starts the program on what it will not get done.
fn busy(name: &str, args: &[&str], stderr: Stdio) -> Child {
    let file = module(name, HARD);
    let args = [&[file.as_str()], &BUSY[..], args].concat();
    command(&args).stdout(Stdio::piped()).stderr(stderr).spawn().expect("the program runs")
}

fn pid(child: &Child) -> Pid {
    Pid::from_raw(child.id().try_into().expect("a small number"))
}

/// Waits so long, ends the program as a user would, and returns what it printed.
fn interrupted(child: Child, after: Duration) -> (Option<i32>, String) {
    std::thread::sleep(after);
    kill(pid(&child), Signal::SIGINT).expect("it runs");
    let output = child.wait_with_output().expect("it ends");
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

fn schema() -> jsonschema::Validator {
    let (code, text) = run(&["schema", "progress"]);
    assert_eq!(code, 0);
    jsonschema::draft202012::new(&serde_json::from_str(&text).expect("JSON")).expect("a schema")
}

#[test]
fn programs_are_told_each_event() {
    let schema = schema();
    let output = paxprove(&[&module("events", SOUND), "--progress", "json", "-j", "2", "-q"]);
    assert_eq!(output.status.code(), Some(0));
    let text = String::from_utf8(output.stderr).expect("text");
    let events: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect();
    let (mut n_expected, mut seen) = (0, BTreeMap::<&str, Vec<&str>>::new());
    for event in &events {
        assert!(schema.is_valid(event), "{event}");
        let of = |key: &str| event[key].as_str().unwrap_or_default();
        match of("event") {
            "phase" => assert!(of("what").starts_with("proving "), "{event}"),
            "expect" => n_expected += event["conditions"].as_u64().expect("a count"),
            "start" => seen.entry(of("obligation")).or_default().push("start"),
            "done" => {
                seen.entry(of("obligation")).or_default().push(of("outcome"));
                assert_eq!(event["cached"], false);
                assert!(event["ms"].as_f64().expect("a time") > 0.0);
            }
            other => panic!("{other}"),
        }
    }
    assert_eq!(n_expected, seen.len() as u64, "{text}");
    for lemma in ["Positive.1", "Apart.1"] {
        assert_eq!(seen[lemma], ["start", "proved"], "{text}");
    }
}

#[test]
fn what_takes_no_time_is_not_watched() {
    for args in [&[][..], &["--progress", "lines"], &["-q"], &["--format", "json"]] {
        let output = paxprove(&[&[module("silent", SOUND).as_str()], args].concat());
        assert_eq!(output.status.code(), Some(0));
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{args:?}");
    }
}

#[test]
fn a_log_has_a_line_now_and_then() {
    let (code, text) = interrupted(busy("lines", &[], Stdio::piped()), Duration::from_millis(5500));
    assert_eq!(code, Some(3), "{text}");
    let lines: Vec<&str> = text.lines().collect();
    // The second is due after seven seconds, which a busy machine may take to end.
    assert!((1..=2).contains(&lines.len()), "{text}");
    assert!(lines[0].starts_with("0 of 3 conditions done after "), "{text}");
    assert!(lines[0].contains("; Hard.direct.1 runs for "), "{text}");
    for silent in [&["-q"][..], &["--progress", "none"]] {
        let child = busy("no-lines", silent, Stdio::piped());
        assert_eq!(interrupted(child, Duration::from_millis(2500)), (Some(3), String::new()));
    }
}

#[test]
fn a_terminal_has_a_bar_with_what_runs() {
    let terminal = openpty(None, None).expect("a terminal");
    let child = busy("bar", &[], Stdio::from(terminal.slave));
    let reader = std::thread::spawn(move || {
        let mut master = std::fs::File::from(terminal.master);
        let (mut text, mut bytes) = (Vec::new(), [0; 4096]);
        // A terminal that nobody writes to any more ends with an error.
        while let Ok(n @ 1..) = master.read(&mut bytes) {
            text.extend_from_slice(&bytes[..n]);
        }
        String::from_utf8_lossy(&text).into_owned()
    });
    let (code, _) = interrupted(child, Duration::from_secs(2));
    assert_eq!(code, Some(3));
    let shown = reader.join().expect("text");
    assert!(shown.contains("proving "), "{shown:?}");
    assert!(shown.contains(" s  Hard.direct.1"), "{shown:?}");
    assert!(shown.contains(" 0/3 "), "{shown:?}");
}

/// Reads lines until one of them is as wanted; what was read before is returned with it.
fn lines_until(lines: &mut impl Iterator<Item = String>, is_wanted: impl Fn(&str) -> bool) -> Vec<String> {
    let start = Instant::now();
    let mut read = Vec::new();
    for line in lines {
        let is_last = is_wanted(&line);
        read.push(line);
        if is_last {
            return read;
        }
        assert!(start.elapsed() < Duration::from_secs(60), "{read:#?}");
    }
    panic!("it never comes: {read:#?}")
}

#[test]
fn whoever_asks_is_told_how_far_it_is() {
    let mut child = busy("asked", &["--progress", "json"], Stdio::piped());
    let stderr = child.stderr.take().expect("a pipe");
    let mut lines = BufReader::new(stderr).lines().map(|line| line.expect("text"));
    lines_until(&mut lines, |line| line.contains("\"start\"") && line.contains("Hard.direct.1"));
    for _ in 0..2 {
        std::thread::sleep(Duration::from_millis(300));
        kill(pid(&child), Signal::SIGUSR1).expect("it runs");
        let told = lines_until(&mut lines, |line| line.trim() == "Last.direct.1");
        let told: Vec<&String> = told.iter().filter(|line| !line.starts_with('{')).collect();
        assert!(told[0].starts_with("paxprove: ") && told[0].contains("; proving "), "{told:?}");
        assert!(told[1].starts_with("  runs for ") && told[1].ends_with(" s  Hard.direct.1"), "{told:?}");
        assert!(told.iter().any(|line| line.ends_with(" waiting")), "{told:?}");
        assert!(told.iter().any(|line| line.trim() == "Harder.direct.1"), "{told:?}");
    }
    kill(pid(&child), Signal::SIGINT).expect("it runs");
    assert_eq!(child.wait().expect("it ends").code(), Some(3));
}

/// Commands that do not solve conditions of their own are not ended by the question.
#[test]
fn other_commands_survive_the_question() {
    let file = format!("{}/../specs/paxos.pax", env!("CARGO_MANIFEST_DIR"));
    let args = ["mutate", &file, "--search", "0", "--progress", "json"];
    let mut child =
        command(&args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program runs");
    let stderr = child.stderr.take().expect("a pipe");
    let mut lines = BufReader::new(stderr).lines().map(|line| line.expect("text"));
    let first = lines_until(&mut lines, |line| line.contains("\"count\""));
    assert!(schema().is_valid(&serde_json::from_str(&first[0]).expect("JSON")), "{first:?}");
    kill(pid(&child), Signal::SIGUSR1).expect("it runs");
    let told = lines_until(&mut lines, |line| !line.starts_with('{'));
    assert!(told.last().expect("a line").starts_with("paxprove: "), "{told:?}");
    kill(pid(&child), Signal::SIGINT).expect("it runs");
    assert!(child.wait().expect("it ends").code().is_some(), "no signal ended it");
}

/// The signal may go to the solvers, too, as where a whole group is asked.
#[test]
fn asking_disturbs_nobody() {
    let file = format!("{}/../specs/lamport_paxos.pax", env!("CARGO_MANIFEST_DIR"));
    let mut command = command(&[&file, "--progress", "json", "-q"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
    let mut child = command.spawn().expect("the program runs");
    let stderr = child.stderr.take().expect("a pipe");
    let mut lines = BufReader::new(stderr).lines().map(|line| line.expect("text"));
    // By then all solvers are there.
    for _ in 0..10 {
        lines_until(&mut lines, |line| line.contains("\"done\""));
    }
    killpg(pid(&child), Signal::SIGUSR1).expect("it runs");
    lines_until(&mut lines, |line| line.starts_with("paxprove: "));
    let rest: Vec<String> = lines.collect();
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(0), "{rest:#?}");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "PROVED: 8 theorems\n");
}
