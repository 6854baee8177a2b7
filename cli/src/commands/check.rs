//! `paxprove check`: syntax, names and sorts, without any proof.

use std::fmt::Write as _;

use anyhow::Result;
use serde::Serialize;

use super::Output;
use crate::args::{Check, Format};
use crate::driver::{self, Front, Until};
use crate::exit::ExitStatus;
use crate::report::short::line;
use crate::report::text::{Style, diagnostics};
use crate::report::{counted, json};

/// Looks at each file.
pub fn run(args: &Check, style: Style) -> Result<Output> {
    let mut fronts = Vec::new();
    for file in &args.input.files {
        fronts.push(driver::read(file, &args.input.include, Until::Obligations)?);
    }
    let status = fronts.iter().map(status).fold(ExitStatus::Proved, ExitStatus::and);
    let text = match args.format {
        Format::Human => human(&fronts, style),
        Format::Short => short(&fronts),
        Format::Json => json(&fronts)?,
    };
    Ok(Output { text, status })
}

fn status(front: &Front) -> ExitStatus {
    if front.has_errors() { ExitStatus::Usage } else { ExitStatus::Proved }
}

fn human(fronts: &[Front], style: Style) -> String {
    let mut out = String::new();
    for front in fronts {
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

fn short(fronts: &[Front]) -> String {
    let mut out = String::new();
    for front in fronts {
        for diagnostic in &front.diagnostics {
            let _ = writeln!(out, "{}", line(&front.sources, diagnostic));
        }
    }
    out
}

#[derive(Serialize)]
struct Report<'a> {
    schema_version: u32,
    files: Vec<File<'a>>,
}

#[derive(Serialize)]
struct File<'a> {
    name: String,
    well_formed: bool,
    diagnostics: Vec<json::Message<'a>>,
}

fn json(fronts: &[Front]) -> serde_json::Result<String> {
    let files = fronts
        .iter()
        .map(|front| File {
            name: front.file.display().to_string(),
            well_formed: !front.has_errors(),
            diagnostics: front.diagnostics.iter().map(|it| json::message(&front.sources, it)).collect(),
        })
        .collect();
    let mut text = serde_json::to_string_pretty(&Report { schema_version: json::SCHEMA_VERSION, files })?;
    text.push('\n');
    Ok(text)
}
