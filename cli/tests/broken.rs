//! Specs with a known mistake whose header names a run: the command finds it, from an initial state on.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn specs() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(root().join("specs/broken")).expect("specs");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("a spec").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "pax"));
    paths.sort();
    paths
}

fn paxprove(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_paxprove"));
    command.env("PAXPROVE_CACHE", "off").args(args).current_dir(root());
    command.output().expect("the program runs")
}

/// The commands that headers name, `\* run: paxprove ...`, as their arguments.
fn runs(text: &str) -> impl Iterator<Item = Vec<&str>> {
    let lines = text.lines().filter_map(|line| line.strip_prefix("\\* run: paxprove "));
    lines.map(|line| line.split_whitespace().collect())
}

#[test]
fn the_runs_that_headers_name_are_found() {
    let mut found = 0;
    for path in specs() {
        let text = std::fs::read_to_string(&path).expect("a spec");
        for mut args in runs(&text) {
            let name = path.file_name().and_then(|name| name.to_str()).expect("a name");
            assert!(args[1].ends_with(name), "{name}: its header runs another spec");
            // Far more than it takes: only the search should end it.
            args.extend(["--timeout", "600"]);
            let output = paxprove(&args);
            let report = String::from_utf8(output.stdout).expect("text");
            // Violated is what the evaluator has confirmed, step by step.
            assert_eq!(output.status.code(), Some(1), "{name}:\n{report}");
            assert!(report.contains("\nVIOLATED: "), "{name}:\n{report}");
            found += 1;
        }
    }
    assert!(found >= 3, "{found}");
}

/// After how many steps a search finds a violation.
fn steps(path: &Path, search: &[&str]) -> Option<usize> {
    let path = path.display().to_string();
    let mut args = vec!["simulate", &path, "-I", "specs", "--integers", "0..1"];
    args.extend(search);
    let report = String::from_utf8(paxprove(&args).stdout).expect("text");
    let (_, rest) = report.split_once("` does not hold after ")?;
    rest.split_whitespace().next()?.parse().ok()
}

#[test]
fn a_solver_finds_what_a_search_finds_and_no_later() {
    const DEPTH: usize = 7;
    let mut compared = 0;
    for path in specs() {
        if let Some(expected) = steps(&path, &["--max-states", "20000", "--depth", "7"]) {
            assert!(expected <= DEPTH);
            assert_eq!(steps(&path, &["--unroll", "7"]), Some(expected), "{}", path.display());
            compared += 1;
        }
    }
    assert!(compared >= 9, "{compared}");
}
