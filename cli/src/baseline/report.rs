//! What came of writing a baseline, or of comparing with one, for people and for programs.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Result;
use serde::Serialize;

use super::Baseline;
use super::compare::{Change, Comparison, Finding, Kind, Level};
use crate::driver::Run;
use crate::exit::ExitStatus;
use crate::report::findings::findings;
use crate::report::text::{Style, conclusion, diagnostics};
use crate::report::{Request, counted, exit};

/// So many notes of one kind are shown, unless all are wanted.
const N_NOTES: usize = 5;

/// Changes whenever a reader of an older report would misread a new one.
const SCHEMA_VERSION: u32 = 1;

/// A module with what came of it.
#[derive(Debug)]
pub struct Checked {
    /// The file.
    pub file: PathBuf,
    /// Its run; none if there was nothing to compare it with.
    pub run: Option<Run>,
    /// What came of the comparison.
    pub outcome: Outcome,
}

/// What came of a comparison.
#[derive(Debug)]
pub enum Outcome {
    /// There is one.
    Compared {
        /// How that ends.
        status: ExitStatus,
        /// What differs.
        comparison: Comparison,
    },
    /// There is no baseline, or none that can be read.
    NoBaseline {
        /// Why not.
        problem: String,
    },
    /// There is none, since the run did not come to its end.
    Stopped {
        /// How that ends.
        status: ExitStatus,
    },
}

impl Checked {
    /// A module without a baseline.
    pub fn without(file: &Path, problem: &str) -> Self {
        let outcome = Outcome::NoBaseline { problem: problem.to_owned() };
        Self { file: file.to_owned(), run: None, outcome }
    }

    /// How that ends.
    pub fn status(&self) -> ExitStatus {
        match &self.outcome {
            Outcome::Compared { status, comparison: _ } | Outcome::Stopped { status } => *status,
            Outcome::NoBaseline { problem: _ } => ExitStatus::Usage,
        }
    }
}

/// What came of writing the baseline of a module.
pub fn written_text(
    run: &Run,
    path: &Path,
    written: Option<&Baseline>,
    request: &Request,
    style: Style,
) -> String {
    let mut out = proof_text(run, request, style);
    match written {
        Some(baseline) => {
            let costs: Vec<u64> =
                baseline.entries().filter_map(|entry| entry.closed.cost()?.median).collect();
            let _ = writeln!(
                out,
                "WRITTEN: {}: {}, {} of them conditions with medians of {} in sum",
                path.display(),
                counted(baseline.entries().count(), "obligation"),
                costs.len(),
                costs.iter().sum::<u64>(),
            );
        }
        None if exit(run) == ExitStatus::Proved => {
            let _ = writeln!(
                out,
                "NOT WRITTEN: {}: not all trials with other seeds came to an end; more `--timeout` may help",
                path.display()
            );
        }
        None => {
            let _ = writeln!(
                out,
                "NOT WRITTEN: {}: only what is fully proved can be recorded; see `paxprove {}`",
                path.display(),
                run.front.file.display()
            );
        }
    }
    out
}

/// What `prove` says of the module, in short, with what is wrong.
fn proof_text(run: &Run, request: &Request, style: Style) -> String {
    let mut out = diagnostics(&run.front.sources, &run.front.diagnostics, style);
    if style.detail > 0 {
        out.push_str(&diagnostics(&run.front.sources, &findings(run, request), style));
    }
    let _ = writeln!(out, "{}: {}", run.front.file.display(), conclusion(run, exit(run)));
    out
}

/// What came of a module, with all that changed if that is wanted.
pub fn text(module: &Checked, is_whole: bool, request: &Request, style: Style) -> String {
    let mut out = module.run.as_ref().map(|run| proof_text(run, request, style)).unwrap_or_default();
    match &module.outcome {
        Outcome::NoBaseline { problem } => {
            let _ = writeln!(out, "{}: error: {problem}\nNOT COMPARED", module.file.display());
        }
        Outcome::Stopped { status: _ } => out.push_str("NOT COMPARED: the run did not come to its end\n"),
        Outcome::Compared { status: _, comparison } => {
            if style.detail > 0 {
                let is_whole = is_whole || style.detail > 1;
                told(&mut out, &comparison.findings, if is_whole { usize::MAX } else { N_NOTES });
                if is_whole {
                    table(&mut out, &comparison.changes);
                }
            }
            let _ = writeln!(out, "{}", summary(comparison));
            if comparison.exit() == ExitStatus::Regressed && !is_whole && style.detail > 0 {
                out.push_str(
                    "if this is meant, accept it with `paxprove baseline write`, and let somebody read the difference\n",
                );
            }
        }
    }
    out
}

/// Findings, of notes of one kind no more than `n_notes`.
fn told(out: &mut String, findings: &[Finding], n_notes: usize) {
    let mut n_of_kind = 0;
    let mut last = None;
    for (position, finding) in findings.iter().enumerate() {
        let Finding { level, kind, subject, detail } = finding;
        if last != Some((*level, *kind)) {
            (last, n_of_kind) = (Some((*level, *kind)), 0);
        }
        n_of_kind += 1;
        if *level == Level::Note && n_of_kind > n_notes {
            let n_left = findings[position..]
                .iter()
                .filter(|other| (other.level, other.kind) == (*level, *kind))
                .count();
            if n_of_kind == n_notes + 1 {
                let _ = writeln!(out, "note: {}: {n_left} more", kind_text(*kind));
            }
            continue;
        }
        let word = match level {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Note => "note",
        };
        let _ = match subject.as_str() {
            "" => writeln!(out, "{word}: {detail}"),
            subject => writeln!(out, "{word}: {} `{subject}`: {detail}", kind_text(*kind)),
        };
    }
}

/// The word for a kind, before a name.
fn kind_text(kind: Kind) -> &'static str {
    match kind {
        Kind::Inconsistent => "cost of",
        Kind::Gone => "gone:",
        Kind::Dearer | Kind::Total => "dearer:",
        Kind::NoMedian => "unknown cost of",
        Kind::Solver => "solver",
        Kind::Rule => "theorem",
        Kind::Edited => "edited:",
        Kind::Resplit => "split anew:",
        Kind::Closed => "obligation",
        Kind::Added => "new:",
        Kind::Dropped => "dropped:",
    }
}

/// The costs that changed.
fn table(out: &mut String, changes: &[Change]) {
    if changes.is_empty() {
        return;
    }
    let _ = writeln!(out, "{:>10}  {:>10}  {:>7}  condition", "recorded", "now", "ratio");
    for Change { subject, before, after, ratio } in changes {
        let _ = writeln!(out, "{before:>10}  {after:>10}  {ratio:>7.2}  {subject}");
    }
}

/// The last line.
fn summary(comparison: &Comparison) -> String {
    let Comparison { n_same, n_changed, total, changes, findings: _ } = comparison;
    let status = comparison.exit();
    let word = if status == ExitStatus::Proved {
        "AS RECORDED"
    } else if status == ExitStatus::Regressed {
        "REGRESSED"
    } else {
        "NOT COMPARED IN FULL"
    };
    let mut out = format!("{word}: {} with the same text", counted(*n_same, "condition"));
    let _ = write!(out, ", {n_changed} with another");
    if let Some(worst) = changes.first() {
        let _ = write!(out, ", which costs up to {:.2} times as much", worst.ratio);
    }
    match total {
        Some((before, after)) => {
            let _ = write!(out, "; {after} units in sum, {before} recorded");
        }
        None => out.push_str("; costs are those of another solver"),
    }
    out
}

#[derive(Serialize)]
struct Report<'a> {
    schema_version: u32,
    exit_code: u8,
    modules: Vec<Module<'a>>,
}

#[derive(Serialize)]
struct Module<'a> {
    file: String,
    exit_code: u8,
    /// What `prove` ends with; none if it was not asked.
    proof_exit_code: Option<u8>,
    /// Why nothing was compared.
    problem: Option<&'a str>,
    comparison: Option<&'a Comparison>,
}

/// All modules for programs.
pub fn json(modules: &[Checked], status: ExitStatus) -> Result<String> {
    let modules = modules.iter().map(module).collect();
    let report = Report { schema_version: SCHEMA_VERSION, exit_code: status.code(), modules };
    Ok(serde_json::to_string_pretty(&report)? + "\n")
}

fn module(module: &Checked) -> Module<'_> {
    let (problem, comparison) = match &module.outcome {
        Outcome::Compared { status: _, comparison } => (None, Some(comparison)),
        Outcome::NoBaseline { problem } => (Some(problem.as_str()), None),
        Outcome::Stopped { status: _ } => (Some("the run did not come to its end"), None),
    };
    Module {
        file: module.file.display().to_string(),
        exit_code: module.status().code(),
        proof_exit_code: module.run.as_ref().map(|run| exit(run).code()),
        problem,
        comparison,
    }
}
