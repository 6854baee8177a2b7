//! The report for programs that read line by line: the parts of the report in `json`, one a line, in the order of the
//! tree; the last line is the summary.
//!
//! Invariant: a line is a part of `json` as it stands there, with its `type` and its `module`.

use schemars::JsonSchema;
use serde::Serialize;

use super::Request;
use super::json::{
    Memory, Message, Module, ModuleHead, ModuleRest, Obligation, Summary, Theorem, Vacuity, summary,
    with_modules,
};
use crate::driver::Run;
use crate::resources::PeakMemory;

/// A line of `--format jsonl`.
#[derive(Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub(crate) enum Line<'a> {
    /// Something that is wrong with a module.
    Diagnostic(Of<'a, &'a Message<'a>>),
    /// What came of a theorem.
    Theorem(Of<'a, &'a Theorem<'a>>),
    /// What came of an obligation.
    Obligation(Of<'a, &'a Obligation<'a>>),
    /// What came of a check whether premises contradict each other.
    Vacuity(Of<'a, &'a Vacuity<'a>>),
    /// What came of a file; it stands after its parts.
    Module(Whole<'a>),
    /// What came of all: the last line.
    Summary(Last<'a>),
}

/// A part of a module.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
pub(crate) struct Of<'a, T> {
    /// The module's name.
    module: &'a str,
    #[serde(flatten)]
    part: T,
}

/// A module without its parts.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
pub(crate) struct Whole<'a> {
    #[serde(flatten)]
    head: &'a ModuleHead<'a>,
    #[serde(flatten)]
    rest: &'a ModuleRest<'a>,
}

/// All modules.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
pub(crate) struct Last<'a> {
    #[serde(flatten)]
    summary: Summary<'a>,
    peak_memory_kb: Memory,
}

/// The report of all runs.
pub fn render(runs: &[Run], request: &Request, memory: PeakMemory) -> serde_json::Result<String> {
    with_modules(runs, request, |modules| {
        let mut out = String::new();
        let mut write = |line: &Line<'_>| {
            out.push_str(&serde_json::to_string(line)?);
            out.push('\n');
            serde_json::Result::Ok(())
        };
        for module in &modules {
            for line in lines(module) {
                write(&line)?;
            }
        }
        let summary = summary(runs, request, &modules);
        write(&Line::Summary(Last { summary, peak_memory_kb: memory.into() }))?;
        Ok(out)
    })
}

fn lines<'a>(of: &'a Module<'a>) -> Vec<Line<'a>> {
    let Module { head, diagnostics, theorems, obligations, vacuity, rest } = of;
    let module = head.name;
    let diagnostics = diagnostics.iter().map(|part| Line::Diagnostic(Of { module, part }));
    let theorems = theorems.iter().map(|part| Line::Theorem(Of { module, part }));
    let obligations = obligations.iter().map(|part| Line::Obligation(Of { module, part }));
    let vacuity = vacuity.iter().map(|part| Line::Vacuity(Of { module, part }));
    let parts = diagnostics.chain(theorems).chain(obligations).chain(vacuity);
    parts.chain([Line::Module(Whole { head, rest })]).collect()
}
