//! The book tells the truth: each command in it is run, and prints the lines that stand below it, in order.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A command of the book with the lines that it should print.
struct Example {
    args: Vec<String>,
    lines: Vec<String>,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// An indented line that begins with the program's name is a command; the next block of text is what it
/// prints. A line that ends in `…` is the beginning of one.
fn examples(chapter: &str) -> Vec<Example> {
    let mut found: Vec<Example> = Vec::new();
    let mut is_inside = false;
    for line in chapter.lines() {
        if line.starts_with("```") {
            is_inside = !is_inside;
        } else if is_inside {
            let example = found.last_mut().expect("a command stands above its output");
            example.lines.push(line.to_owned());
        } else if let Some(args) = line.strip_prefix("    paxprove ") {
            let args = args.split_whitespace().map(|arg| arg.trim_matches('\'').to_owned()).collect();
            found.push(Example { args, lines: Vec::new() });
        }
    }
    found
}

#[test]
fn commands_print_what_decomposing_shows() {
    runs(include_str!("../../docs/book/src/decomposing.md"));
}

#[test]
fn commands_print_what_counterexamples_show() {
    runs(include_str!("../../docs/book/src/counterexamples.md"));
}

#[test]
fn commands_print_what_refinement_shows() {
    runs(include_str!("../../docs/book/src/refinement.md"));
}

#[test]
fn commands_print_what_pictures_show() {
    runs(include_str!("../../docs/book/src/picture.md"));
}

#[test]
fn commands_print_what_reconfiguration_shows() {
    runs(include_str!("../../docs/book/src/reconfiguration.md"));
}

fn runs(chapter: &str) {
    let examples = examples(chapter);
    assert!(!examples.is_empty());
    let mut reports: BTreeMap<Vec<String>, String> = BTreeMap::new();
    for Example { args, lines } in examples {
        let printed = reports.entry(args.clone()).or_insert_with(|| printed(&args));
        let mut rest = printed.lines();
        for line in &lines {
            let is_shown = |own: &str| match line.strip_suffix('…') {
                Some(beginning) => own.starts_with(beginning),
                None => own.trim_end() == line,
            };
            assert!(rest.any(is_shown), "{args:?} does not print:\n{line}\n\n{printed}");
        }
    }
}

fn printed(args: &[String]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_paxprove"))
        .env("PAXPROVE_CACHE", "off")
        .args(args)
        .current_dir(root())
        .output()
        .expect("the program runs");
    String::from_utf8(output.stdout).expect("the program prints text")
}
