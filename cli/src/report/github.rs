//! Annotations for the workflows of GitHub: a workflow command for each finding, at its place, and nothing for what is
//! proved. The runner reads `::error file=F,line=L,...::MESSAGE`, one command a line, with what would end a property
//! or a line written as `%25` and the like.

use std::fmt::Write as _;

use lang::diag::{Diagnostic, Severity};
use lang::source::SourceMap;

use super::findings::{self, Finding, remarks};
use super::place::{Columns, place};
use super::{Request, status};
use crate::driver::Run;
use crate::exit::ExitStatus;

/// The annotations of all runs.
pub fn render(runs: &[Run], request: &Request) -> String {
    let mut out = String::new();
    for run in runs {
        for finding in findings::all(run, request) {
            let _ = writeln!(out, "{}", annotation(&run.front.sources, &finding));
        }
        let file = data(&run.front.file.display().to_string());
        // What is proved and yet ends badly, as a selection of nothing does, has no place in the text.
        let is_bad = status(run, request) != ExitStatus::Proved;
        for remark in run.proof.iter().flat_map(remarks).filter(|_| is_bad) {
            let _ = writeln!(out, "::error title=paxprove::{file}: {}", data(&remark));
        }
    }
    out
}

/// A finding as a workflow command.
fn annotation(sources: &SourceMap, finding: &Finding) -> String {
    let Diagnostic { severity, code, message, primary, secondary: _, notes, help } = &finding.diagnostic;
    let place = place(sources, primary.span, Columns::Characters);
    let (line, end_line) = (place.start.0, place.end.0);
    let command = match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let mut out = format!("::{command} file={},line={line}", property(place.file));
    // The runner drops columns where they belong to different lines.
    if line == end_line {
        let _ = write!(out, ",col={},endLine={end_line},endColumn={}", place.start.1, place.end.1);
    } else {
        let _ = write!(out, ",endLine={end_line}");
    }
    let is_named = finding.obligation.is_some();
    let title = if is_named { format!("{}: {}", code.0, finding.subject) } else { code.0.to_owned() };
    let _ = write!(out, ",title={}", property(&title));
    let label = (!primary.message.is_empty()).then(|| primary.message.clone());
    let help = help.iter().map(|help| format!("help: {help}"));
    let parts = std::iter::once(message.clone()).chain(label).chain(notes.iter().cloned()).chain(help);
    let _ = write!(out, "::{}", data(&parts.collect::<Vec<_>>().join("\n")));
    out
}

/// A message as the runner reads it back.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property as the runner reads it back.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_end_a_command_is_escaped() {
        assert_eq!(data("100%\r\na: b, c"), "100%25%0D%0Aa: b, c");
        assert_eq!(property("100%\r\na: b, c"), "100%25%0D%0Aa%3A b%2C c");
        assert_eq!(property("%2C"), "%252C");
    }
}
