//! `paxprove`: parses the command line, runs it, and ends with the exit code that the outcome calls for.

use std::process::ExitCode;

use clap::Parser;
use cli::args::Cli;

/// Terms are many small pieces of memory, on several threads.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    cli::commands::run(&cli).into()
}
