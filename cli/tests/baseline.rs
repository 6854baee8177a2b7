//! `paxprove baseline` as a program: files, streams and exit codes.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A lemma by induction, one by Z3, and an invariant of two conjuncts.
const SOUND: &str = "---- MODULE Example ----
EXTENDS Integers
VARIABLES up, down
Init == up = 0 /\\ down = 0
Raise == up' = up + 1 /\\ UNCHANGED down
Lower == down < up /\\ down' = down + 1 /\\ UNCHANGED up
Next == Raise \\/ Lower
Spec == Init /\\ [][Next]_<<up, down>>
Inv ==
  /\\ up >= 0
  /\\ down =< up
THEOREM Invariance == Spec => []Inv
THEOREM Consistent == Spec => [](up - down >= 0)
====
";

/// The code, standard output, and standard error.
fn paxprove(args: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_paxprove"));
    let output = command
        .env("PAXPROVE_CACHE", "off")
        .args(args)
        .stdin(Stdio::null())
        .output()
        .expect("the program runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    (output.status.code().expect("it ends by itself"), text(output.stdout), text(output.stderr))
}

/// A module in a folder of its own, without a baseline.
fn module(name: &str, text: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("baseline").join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder for tests");
    let file = folder.join("Example.pax");
    std::fs::write(&file, text).expect("a module");
    file
}

fn of(action: &str, file: &Path, options: &[&str]) -> (i32, String, String) {
    let file = file.display().to_string();
    paxprove(&[&["baseline", action, &file], options].concat())
}

#[test]
fn what_is_written_is_what_a_check_finds() {
    let file = module("written", SOUND);
    let (code, text, _) = of("write", &file, &[]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("WRITTEN: ") && text.contains("Example.baseline: "), "{text}");
    let written = std::fs::read_to_string(file.with_extension("baseline")).expect("a baseline");
    assert!(written.starts_with("paxprove-baseline 1\n"), "{written}");
    assert!(written.contains("\ntheorem Consistent by implied\n"), "{written}");
    let folder = file.parent().expect("a folder").display().to_string();
    assert!(!written.contains(&folder), "no paths: {written}");
    let (code, text, _) = of("check", &file, &[]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("AS RECORDED: "), "{text}");
    // The same again: nothing in it depends on the run.
    assert_eq!(of("write", &file, &[]).0, 0);
    assert_eq!(std::fs::read_to_string(file.with_extension("baseline")).expect("a baseline"), written);
}

#[test]
fn what_is_gone_fails_a_check_and_is_shown_by_a_diff() {
    let file = module("gone", SOUND);
    assert_eq!(of("write", &file, &[]).0, 0);
    let other = SOUND.replace("THEOREM Consistent == Spec => [](up - down >= 0)\n", "");
    std::fs::write(&file, other).expect("a module");
    let (code, text, _) = of("check", &file, &[]);
    assert_eq!(code, 6, "{text}");
    assert!(text.contains("error: gone: `Consistent`"), "{text}");
    assert!(text.contains("paxprove baseline write"), "{text}");
    let (code, text, _) = of("diff", &file, &[]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("error: gone: `Consistent`"), "{text}");
    let (code, text, _) = of("check", &file, &["--format", "json"]);
    assert_eq!(code, 6, "{text}");
    let report: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(report["exit_code"], 6);
    assert_eq!(report["modules"][0]["proof_exit_code"], 0);
    assert_eq!(report["modules"][0]["comparison"]["findings"][0]["kind"], "gone");
    assert_eq!(report["modules"][0]["comparison"]["findings"][0]["level"], "error");
}

#[test]
fn only_what_is_proved_is_recorded() {
    let file = module("unproved", &SOUND.replace("down =< up\n", "down < up\n"));
    let (code, text, _) = of("write", &file, &["--search", "0"]);
    assert_eq!(code, 3, "{text}");
    assert!(text.contains("NOT WRITTEN: "), "{text}");
    assert!(!file.with_extension("baseline").exists());
    // What fails outranks what costs.
    let file = module("fails", SOUND);
    assert_eq!(of("write", &file, &[]).0, 0);
    std::fs::write(&file, SOUND.replace("down < up /\\", "")).expect("a module");
    let (code, text, _) = of("check", &file, &[]);
    assert_eq!(code, 1, "{text}");
}

#[test]
fn a_missing_or_broken_baseline_is_an_error_of_usage() {
    let file = module("broken", SOUND);
    let (code, text, _) = of("check", &file, &[]);
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("there is no baseline") && text.contains("baseline write"), "{text}");
    assert_eq!(of("write", &file, &[]).0, 0);
    let path = file.with_extension("baseline");
    let written = std::fs::read_to_string(&path).expect("a baseline");
    for (from, to, part) in [
        ("baseline 1", "baseline 7", "line 1: format 7 is newer"),
        ("\ntheorem", "\n<<<<<<< ours\ntheorem", "a conflict of a merge"),
        ("\nend\n", "\n", "was cut short"),
        ("rewriting", "magic", "`magic` closes nothing"),
    ] {
        std::fs::write(&path, written.replacen(from, to, 1)).expect("a baseline");
        let (code, text, _) = of("check", &file, &[]);
        assert_eq!(code, 2, "{text}");
        assert!(text.contains(part) && text.contains("line "), "{text}");
        assert_eq!(of("diff", &file, &[]).0, 2);
    }
    std::fs::write(&path, [0xff, b'\n']).expect("a baseline");
    assert_eq!(of("check", &file, &[]).0, 2);
}

#[test]
fn a_baseline_may_be_elsewhere_and_says_with_which_budget() {
    let file = module("elsewhere", SOUND);
    let path = file.with_file_name("other").display().to_string();
    assert_eq!(of("write", &file, &["--baseline", &path, "--rlimit", "123456"]).0, 0);
    assert!(!file.with_extension("baseline").exists());
    let (code, text, _) = of("check", &file, &["--baseline", &path]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains(" 0 with another"), "the recorded budget is taken: {text}");
    let file = file.display().to_string();
    let (code, _, error) = paxprove(&["baseline", "check", &file, &file, "--baseline", &path]);
    assert_eq!(code, 2, "{error}");
    assert!(error.contains("`--baseline` names one file"), "{error}");
}
