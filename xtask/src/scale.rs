//! `cargo xtask scale`: what large modules cost, and how that grows, as a Markdown table.
//!
//! The modules are generated. Each is read by `list` and proved once for each form of report; times are those of
//! the whole process, memory is its peak.

#[path = "../../tests/src/scale.rs"]
#[expect(unreachable_pub, reason = "the library of the tests has it, too")]
mod module;

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::{Problem, cargo};
use module::Size;

const HEADING: [&str; 10] = [
    "module",
    "obligations",
    "to the solver",
    "list s",
    "text s",
    "json s",
    "short s",
    "ms per obligation",
    "program MB",
    "worker MB",
];

/// Builds the release program, runs it on modules of some 100, 1,000 and 10,000 obligations and on some of odd
/// shapes, or on those of so many obligations, and prints the table.
pub(crate) fn scale(root: &Path, wanted: &[&str]) -> Result<(), Problem> {
    cargo(&["build", "--release", "-p", "cli"], &[])?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), Into::into);
    let program = target.join("release").join("paxprove");
    let folder = target.join("scale");
    std::fs::create_dir_all(&folder).map_err(|error| format!("cannot create a folder: {error}"))?;
    let mut rows = vec![HEADING.map(str::to_owned).to_vec()];
    rows.push(HEADING.iter().enumerate().map(|(column, _)| rule(column).to_owned()).collect());
    for (position, (title, size)) in sizes(wanted)?.into_iter().enumerate() {
        let name = format!("Scale{position}");
        let file = folder.join(format!("{name}.pax"));
        let text = module::module(&name, size);
        std::fs::write(&file, text).map_err(|error| format!("cannot write a module: {error}"))?;
        rows.push(row(&program, &file, title)?);
    }
    let lines = rows.iter().map(|row| format!("| {} |", row.join(" | ")));
    print(&lines.collect::<Vec<_>>().join("\n"));
    Ok(())
}

/// Prints the module with so many actions, conjuncts, theorems and lemmas.
pub(crate) fn generate(sizes: &[&str]) -> Result<(), Problem> {
    let numbers: Vec<usize> = sizes.iter().map(|word| number(word)).collect::<Result<_, _>>()?;
    let [actions, conjuncts, rest @ ..] = numbers.as_slice() else {
        return Err("say how many actions and conjuncts, and how many theorems and lemmas if any".to_owned());
    };
    let more = |position: usize, default: usize| rest.get(position).copied().unwrap_or(default);
    let size = Size { theorems: more(0, 1), lemmas: more(1, 0), ..Size::of(*actions, *conjuncts) };
    print(module::module("Scale", size).trim_end());
    Ok(())
}

fn rule(column: usize) -> &'static str {
    if column == 0 { "---" } else { "---:" }
}

fn number(word: &str) -> Result<usize, Problem> {
    word.parse().map_err(|_| format!("`{word}` is no number"))
}

/// The modules, with what they are called in the table.
fn sizes(wanted: &[&str]) -> Result<Vec<(String, Size)>, Problem> {
    let plain = |side: usize| (format!("{side} actions x {side} conjuncts"), Size::of(side, side));
    if !wanted.is_empty() {
        return wanted.iter().map(|word| Ok(plain(number(word)?.isqrt().max(1)))).collect();
    }
    let mut sizes: Vec<(String, Size)> = [10, 32, 100].map(plain).to_vec();
    for (n_actions, n_conjuncts) in [(10, 1_000), (1_000, 10)] {
        let title = format!("{n_actions} actions x {n_conjuncts} conjuncts");
        sizes.push((title, Size::of(n_actions, n_conjuncts)));
    }
    sizes.push(("30 theorems".to_owned(), Size { theorems: 30, ..Size::of(10, 90) }));
    sizes.push(("200 lemmas".to_owned(), Size { lemmas: 200, ..Size::of(2, 2) }));
    Ok(sizes)
}

fn row(program: &Path, file: &Path, title: String) -> Result<Vec<String>, Problem> {
    let (list, _) = run(program, &["list"], file)?;
    let (text, _) = run(program, &["prove"], file)?;
    let (json, report) = run(program, &["prove", "--format", "json"], file)?;
    let (short, _) = run(program, &["prove", "--format", "short"], file)?;
    let report: Value = serde_json::from_slice(&report)
        .map_err(|error| format!("{title}: the report is not JSON: {error}"))?;
    if report["verified"] != Value::Bool(true) {
        return Err(format!("{title}: not proved"));
    }
    let obligations = report["modules"][0]["obligations"].as_array().map_or(&[][..], Vec::as_slice);
    let is_solved = |obligation: &&Value| obligation["rlimit"].as_u64().is_some_and(|rlimit| rlimit > 0);
    let n_solved = obligations.iter().filter(is_solved).count();
    let n_obligations = u32::try_from(obligations.len()).unwrap_or(u32::MAX).max(1);
    let each = text.as_secs_f64() * 1000.0 / f64::from(n_obligations);
    let mut row = vec![title, n_obligations.to_string(), n_solved.to_string()];
    row.extend([list, text, json, short].map(|time| format!("{:.2}", time.as_secs_f64())));
    row.push(format!("{each:.2}"));
    for who in ["process", "worker"] {
        let memory = report["peak_memory_kb"][who].as_f64().unwrap_or(f64::NAN);
        row.push(format!("{:.0}", memory / 1024.0));
    }
    Ok(row)
}

/// Runs the program once: how long that took, and what it printed.
fn run(program: &Path, args: &[&str], file: &Path) -> Result<(Duration, Vec<u8>), Problem> {
    let start = Instant::now();
    let output = Command::new(program)
        .args(args)
        .arg(file)
        .output()
        .map_err(|error| format!("cannot run `{}`: {error}", program.display()))?;
    Ok((start.elapsed(), output.stdout))
}

#[expect(clippy::print_stdout, reason = "the table is the result of this command")]
fn print(text: &str) {
    println!("{text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_obligations_become_squares() {
        let found = sizes(&["100", "10000"]).unwrap();
        assert_eq!(
            found.iter().map(|(_, size)| *size).collect::<Vec<_>>(),
            [Size::of(10, 10), Size::of(100, 100)]
        );
        assert!(sizes(&["many"]).is_err());
        assert!(sizes(&[]).unwrap().len() > 3);
    }
}
