//! `cargo xtask bench`: what proving the specs costs, as a Markdown table.
//!
//! Each figure is the median of several runs of the release build; resource units must agree in all runs,
//! since they do not depend on the machine. The warm figure is the wall time of a whole process that finds all
//! answers kept.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use serde_json::Value;

use crate::{Problem, cargo};

/// How often each spec is proved.
const N_RUNS: usize = 5;
/// The specs, by file name.
const SPECS: [&str; 6] =
    ["paxos", "multipaxos", "multipaxos_preemption", "consensus", "voting", "lamport_paxos"];
/// Columns that are times, by their names in the JSON report's `wall_ms`.
const STAGES: [&str; 7] = ["parse", "resolve", "check", "decompose", "lower", "solve", "total"];

/// Builds the release program, runs it, and prints the table.
pub(crate) fn bench(root: &Path) -> Result<(), Problem> {
    cargo(&["build", "--release", "-p", "cli"], &[])?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), Into::into);
    let program = target.join("release").join("paxprove");
    let kept = target.join("bench-answers");
    let mut rows = Vec::new();
    for spec in SPECS {
        let file = format!("specs/{spec}.pax");
        let reports: Vec<Value> =
            (0..N_RUNS).map(|_| report(&program, root, &file)).collect::<Result<_, _>>()?;
        let mut row = row(spec, &reports)?;
        row.push(warm(&program, root, &file, &kept)?);
        rows.push(row);
    }
    print(&table(&rows));
    Ok(())
}

fn report(program: &Path, root: &Path, file: &str) -> Result<Value, Problem> {
    let output = Command::new(program)
        .args([file, "--format", "json", "--cache", "off"])
        .current_dir(root)
        .output()
        .map_err(|error| format!("cannot run `{}`: {error}", program.display()))?;
    serde_json::from_slice(&output.stdout).map_err(|error| format!("{file}: the report is not JSON: {error}"))
}

/// The median time of a whole run that solves nothing, in ms; the first run, which may solve, is left out.
fn warm(program: &Path, root: &Path, file: &str, kept: &Path) -> Result<String, Problem> {
    let mut times = Vec::new();
    for _ in 0..=N_RUNS {
        let start = Instant::now();
        let mut command = Command::new(program);
        command.args([file, "-q", "--cache", "rw", "--cache-dir"]).arg(kept).current_dir(root);
        command.output().map_err(|error| format!("cannot run `{}`: {error}", program.display()))?;
        times.push(start.elapsed().as_secs_f64() * 1000.0);
    }
    times.remove(0);
    Ok(format!("{:.1}", median(times)))
}

/// A row: spec, verdict, obligations, resource units, times by stage in ms, peak memory in MB.
fn row(spec: &str, reports: &[Value]) -> Result<Vec<String>, Problem> {
    let first = &reports[0];
    let units = |report: &Value| -> u64 {
        let obligations = report["modules"][0]["obligations"].as_array().map_or(&[][..], Vec::as_slice);
        obligations.iter().filter_map(|obligation| obligation["rlimit"].as_u64()).sum()
    };
    if reports.iter().any(|report| units(report) != units(first)) {
        return Err(format!("{spec}: resource units differ from run to run"));
    }
    let n_obligations = first["modules"][0]["obligations"].as_array().map_or(0, Vec::len);
    let verdict = if first["verified"] == Value::Bool(true) { "proved" } else { "not proved" };
    let mut row =
        vec![spec.to_owned(), verdict.to_owned(), n_obligations.to_string(), units(first).to_string()];
    for stage in STAGES {
        let times = reports.iter().filter_map(|report| report["modules"][0]["wall_ms"][stage].as_f64());
        row.push(format!("{:.1}", median(times.collect())));
    }
    for who in ["process", "worker"] {
        let memory = reports.iter().filter_map(|report| report["peak_memory_kb"][who].as_f64());
        row.push(format!("{:.0}", median(memory.collect()) / 1024.0));
    }
    Ok(row)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

fn table(rows: &[Vec<String>]) -> String {
    let mut heading: Vec<String> = ["spec", "verdict", "obligations", "rlimit"].map(str::to_owned).to_vec();
    heading.extend(STAGES.iter().map(|stage| format!("{stage} ms")));
    heading.extend(["program MB", "worker MB", "warm ms"].map(str::to_owned));
    let rule: Vec<String> =
        (0..heading.len()).map(|column| if column < 2 { "---" } else { "---:" }.to_owned()).collect();
    let lines = [heading, rule].into_iter().chain(rows.iter().cloned());
    lines.map(|line| format!("| {} |", line.join(" | "))).collect::<Vec<_>>().join("\n")
}

#[expect(clippy::print_stdout, reason = "the table is the result of this command")]
fn print(text: &str) {
    println!("{text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_ignores_outliers() {
        assert!((median(vec![3.0, 1.0, 100.0]) - 3.0).abs() < f64::EPSILON);
        assert!(median(Vec::new()).is_nan());
    }

    #[test]
    fn costs_that_differ_are_an_error() {
        let report = |rlimit: u64| serde_json::json!({"verified": true, "modules": [{"obligations": [{"rlimit": rlimit}], "wall_ms": {}}]});
        assert!(row("x", &[report(1), report(2)]).is_err());
        assert_eq!(row("x", &[report(2), report(2)]).unwrap()[..4], ["x", "proved", "1", "2"]);
    }
}
