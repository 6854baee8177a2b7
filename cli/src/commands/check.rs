//! `paxprove check`: syntax, names and sorts, without any proof.

use std::fmt::Write as _;

use anyhow::Result;
use schemars::JsonSchema;
use serde::Serialize;

use super::Output;
use crate::args::{Check, ReportFormat, Solving};
use crate::driver::{self, Run, Until};
use crate::emit;
use crate::report::short::line;
use crate::report::text::{Style, diagnostics};
use crate::report::{self, Request, counted, json, status_of_all};

/// Looks at each file.
pub fn run(args: &Check, style: Style) -> Result<Output> {
    emit::demand_different(&args.reporting.emit)?;
    let mut runs = Vec::new();
    for file in &args.input.files {
        let front = driver::read(file, &args.input.include, Until::Obligations)?;
        runs.push(Run { front, proof: None });
    }
    let include = args.input.include.clone();
    let request = Request { include, solving: Solving::default(), is_whole: false, is_check: true };
    let render = |format, style| match format {
        ReportFormat::Human => Ok(human(&runs, style)),
        ReportFormat::Short => Ok(short(&runs)),
        ReportFormat::Json => Ok(json(&runs)?),
        ReportFormat::Jsonl => Ok(jsonl(&runs, &request)?),
        ReportFormat::Github
        | ReportFormat::GithubSummary
        | ReportFormat::Sarif
        | ReportFormat::Junit
        | ReportFormat::Html => report::render(format, &runs, &request, style),
    };
    let status = status_of_all(&runs, &request);
    let plain = Style { is_coloured: false, ..style };
    let emitted = emit::emit_all(&args.reporting, |format| render(format, plain));
    Ok(Output { text: render(args.reporting.format, style)?, status: status.and(emitted) })
}

fn human(runs: &[Run], style: Style) -> String {
    let mut out = String::new();
    for Run { front, .. } in runs {
        if style.detail > 0 {
            out.push_str(&diagnostics(&front.sources, &front.diagnostics, style));
        }
        let conclusion = if front.has_errors() {
            counted(front.diagnostics.len(), "finding")
        } else {
            "no errors; nothing was proved".to_owned()
        };
        let _ = writeln!(out, "{}: {conclusion}", front.file.display());
    }
    out
}

fn short(runs: &[Run]) -> String {
    let mut out = String::new();
    for Run { front, .. } in runs {
        for diagnostic in &front.diagnostics {
            let _ = writeln!(out, "{}", line(&front.sources, diagnostic));
        }
    }
    out
}

/// The report of `check --format json`.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Report<'a> {
    /// Changes whenever a reader of an older report would misread a new one.
    schema_version: u32,
    files: Vec<File<'a>>,
}

/// What was found in a file.
#[derive(Serialize, JsonSchema)]
struct File<'a> {
    /// The file as the user named it.
    name: String,
    /// Whether it has no errors.
    well_formed: bool,
    diagnostics: Vec<json::Message<'a>>,
}

/// A line of `check --format jsonl`.
#[derive(Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub(crate) enum Line<'a> {
    /// Something that was found.
    Diagnostic {
        /// What was found.
        #[serde(flatten)]
        message: json::Message<'a>,
    },
    /// A file; it stands after what was found in it.
    File {
        /// The file as the user named it.
        name: String,
        /// Whether it has no errors.
        well_formed: bool,
    },
    /// The last line.
    Summary {
        /// Changes whenever a reader of an older report would misread a new one.
        schema_version: u32,
        /// What the files come to.
        exit_code: u8,
    },
}

fn json(runs: &[Run]) -> serde_json::Result<String> {
    let files = runs
        .iter()
        .map(|Run { front, .. }| File {
            name: front.file.display().to_string(),
            well_formed: !front.has_errors(),
            diagnostics: front.diagnostics.iter().map(|it| json::message(&front.sources, it)).collect(),
        })
        .collect();
    let mut text = serde_json::to_string_pretty(&Report { schema_version: json::SCHEMA_VERSION, files })?;
    text.push('\n');
    Ok(text)
}

fn jsonl(runs: &[Run], request: &Request) -> serde_json::Result<String> {
    let mut lines = Vec::new();
    for Run { front, .. } in runs {
        let messages = front.diagnostics.iter().map(|it| json::message(&front.sources, it));
        lines.extend(messages.map(|message| Line::Diagnostic { message }));
        lines.push(Line::File { name: front.file.display().to_string(), well_formed: !front.has_errors() });
    }
    let exit_code = status_of_all(runs, request).code();
    lines.push(Line::Summary { schema_version: json::SCHEMA_VERSION, exit_code });
    let lines: serde_json::Result<Vec<String>> = lines.iter().map(serde_json::to_string).collect();
    Ok(lines?.join("\n") + "\n")
}
