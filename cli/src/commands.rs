//! The commands. Each renders its result as text for standard output and says how it ended; only [`run`]
//! writes, and only `main` exits.

pub mod baseline;
pub mod cache;
pub mod certify;
pub mod check;
pub mod doctor;
pub mod explain;
pub mod graph;
pub mod list;
pub mod merge;
pub mod mutate;
pub mod prove;
pub mod report;
pub mod schema;
pub mod show;
pub mod simulate;
pub mod stability;
pub mod table;
pub mod vacuity;
pub mod worker;

use std::io::{self, IsTerminal, Write};

use anyhow::Result;

use crate::args::{Cli, Color, Command, Global};
use crate::exit::ExitStatus;
use crate::progress::{Form, signal};
use crate::report::text::Style;

/// What a command leaves behind: text for standard output, and how it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// The result.
    pub text: String,
    /// How it ended.
    pub status: ExitStatus,
}

/// Runs what the command line asks for. Errors are those of usage: files that cannot be read, broken globs.
pub fn run(cli: &Cli) -> ExitStatus {
    // The signal that asks a run how far it is ends none, solvers among them; some answer it.
    let _ = signal::noticed();
    let style = style(&cli.global);
    let progress = Form::of(&cli.global);
    let result = match &cli.command {
        None => prove::run(&cli.prove, style, progress),
        Some(Command::Prove(args)) => prove::run(args, style, progress),
        Some(Command::Merge(args)) => merge::run(args, style, progress),
        Some(Command::Check(args)) => check::run(args, style),
        Some(Command::List(args)) => list::run(args, style),
        Some(Command::Show(args)) => show::run(args, style),
        Some(Command::Explain(args)) => explain::run(args, style),
        Some(Command::Table(args)) => table::run(args, style, progress),
        Some(Command::Simulate(args)) => simulate::run(args, style),
        Some(Command::Report(args)) => report::run(args, progress),
        Some(Command::Graph(args)) => graph::run(args, style, progress),
        Some(Command::Vacuity(args)) => vacuity::run(args, style, progress),
        Some(Command::Mutate(args)) => mutate::run(args, style, progress),
        Some(Command::Stability(args)) => stability::run(args, style, progress),
        Some(Command::Certify(args)) => certify::run(args, style, progress),
        Some(Command::Cache(args)) => cache::run(args),
        Some(Command::Schema(args)) => schema::run(args),
        Some(Command::Baseline(args)) => baseline::run(args, style, progress),
        Some(Command::Doctor) => doctor::run(),
        Some(Command::SolveWorker) => return worker::run(),
    };
    match result.and_then(|output| write(&output.text).map(|()| output.status)) {
        Ok(status) => status,
        Err(error) => {
            // When not even standard error takes the message, the exit code still tells.
            let _ = writeln!(io::stderr(), "error: {error:#}");
            ExitStatus::Usage
        }
    }
}

fn style(global: &Global) -> Style {
    let is_coloured = match global.color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none(),
    };
    let detail = if global.quiet { 0 } else { 1 + global.verbose };
    Style { is_coloured, detail }
}

/// Writes a result. A reader that has gone away, as in `paxprove ... | head`, is no error.
fn write(text: &str) -> Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => Ok(result?),
    }
}
