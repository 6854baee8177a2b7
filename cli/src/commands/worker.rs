//! `paxprove solve-worker`: what solver processes run. Conditions come in on standard input.

use std::io;

use crate::exit::ExitStatus;

/// Serves until standard input ends.
pub fn run() -> ExitStatus {
    match solver::worker::serve(io::stdin().lock(), io::stdout()) {
        Ok(()) => ExitStatus::Proved,
        Err(_) => ExitStatus::Internal,
    }
}
