//! `paxprove report`: proves, and writes one page to read the proof in.

use std::fmt::Write as _;
use std::fs;

use anyhow::{Context, Result};

use super::Output;
use super::prove::prove_all;
use crate::args::Report;
use crate::exit::ExitStatus;
use crate::report::text::{Style, conclusion};
use crate::report::{self, Request, html};

/// Proves each file, and writes the page about all of them.
pub fn run(args: &Report, style: Style) -> Result<Output> {
    let runs = prove_all(&args.input, &args.solving, style.detail > 0)?;
    let request =
        Request { include: args.input.include.clone(), solving: args.solving.clone(), is_whole: true };
    let page = html::render(&runs, &request)?;
    fs::write(&args.html, page).with_context(|| format!("cannot write `{}`", args.html.display()))?;
    let mut text = String::new();
    for run in &runs {
        let _ = writeln!(text, "{}: {}", run.front.file.display(), conclusion(run, report::exit(run)));
    }
    let _ = writeln!(text, "the report is in {}", args.html.display());
    let status = runs.iter().map(report::exit).fold(ExitStatus::Proved, ExitStatus::and);
    Ok(Output { text, status })
}
