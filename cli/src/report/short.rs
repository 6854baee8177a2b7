//! One line for each finding: `file:line:col: error[code]: message`. No times, no costs.

use std::fmt::Write as _;

use lang::diag::Diagnostic;
use lang::source::SourceMap;

use super::findings::{findings, remarks, severity_word};
use super::{Request, exit, text};
use crate::driver::Run;

/// The report of all runs.
pub fn render(runs: &[Run], request: &Request) -> String {
    let mut out = String::new();
    for run in runs {
        for diagnostic in run.front.diagnostics.iter().chain(&findings(run, request)) {
            let _ = writeln!(out, "{}", line(&run.front.sources, diagnostic));
        }
        let file = run.front.file.display();
        for remark in run.proof.iter().flat_map(remarks) {
            let _ = writeln!(out, "{file}: {remark}");
        }
        let _ = writeln!(out, "{file}: {}", text::conclusion(run, exit(run)));
    }
    out
}

/// A diagnostic in one line.
pub fn line(sources: &SourceMap, diagnostic: &Diagnostic) -> String {
    let (line, column) = sources.line_col(diagnostic.primary.span);
    let file = &sources.files[diagnostic.primary.span.file].name;
    let severity = severity_word(diagnostic.severity);
    format!("{file}:{line}:{column}: {severity}[{}]: {}", diagnostic.code.0, diagnostic.message)
}
