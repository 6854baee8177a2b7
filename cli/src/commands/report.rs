//! `paxprove report`: proves, and writes one page to read the proof in.

use std::fmt::Write as _;

use anyhow::{Context, Result};

use super::Output;
use super::prove::prove_kept;
use crate::args::Report;
use crate::cache::folder::write;
use crate::exit::ExitStatus;
use crate::progress::Form;
use crate::report::text::conclusion;
use crate::report::{self, Request, html};

/// Proves each file, and writes the page about all of them.
pub fn run(args: &Report, progress: Form) -> Result<Output> {
    let runs = prove_kept(&args.input, &args.solving, &args.caching, progress)?;
    let request = Request {
        include: args.input.include.clone(),
        solving: args.solving.clone(),
        is_whole: true,
        is_check: false,
    };
    let page = html::render(&runs, &request)?;
    write(&args.html, page.as_bytes()).with_context(|| format!("cannot write `{}`", args.html.display()))?;
    let mut text = String::new();
    for run in &runs {
        let _ = writeln!(text, "{}: {}", run.front.file.display(), conclusion(run, report::exit(run)));
    }
    let _ = writeln!(text, "the report is in {}", args.html.display());
    let status = runs.iter().map(report::exit).fold(ExitStatus::Proved, ExitStatus::and);
    Ok(Output { text, status })
}
