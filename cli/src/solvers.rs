//! Solver processes, and what ends them: this program itself, started as a worker.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use solver::backend::{Backend, Limits};
use solver::worker::{Subprocess, WorkerCommand};

use crate::args::Solving;

/// Starts solver processes.
#[derive(Clone, Debug)]
pub struct Solvers {
    command: WorkerCommand,
    stop: Arc<AtomicBool>,
}

impl Solvers {
    /// Solvers that this very program serves as; `stop` ends them.
    pub fn new(stop: Arc<AtomicBool>) -> Result<Self> {
        let program = std::env::current_exe().context("cannot find the program itself")?;
        Ok(Self { command: WorkerCommand { program, args: vec!["solve-worker".to_owned()] }, stop })
    }

    /// A backend with a process of its own.
    pub fn backend(&self) -> Box<dyn Backend + Send> {
        Box::new(Subprocess::new(self.command.clone(), Arc::clone(&self.stop)))
    }

    /// The flag that ends them.
    pub fn stop(&self) -> &AtomicBool {
        &self.stop
    }

    /// Lets an interrupt from the user end the solvers rather than the program, so that what is known by
    /// then is reported.
    pub fn stop_on_interrupt(&self) -> Result<()> {
        let stop = Arc::clone(&self.stop);
        ctrlc::set_handler(move || stop.store(true, Ordering::Relaxed)).context("cannot watch for interrupts")
    }
}

/// What bounds each check.
pub fn limits(args: &Solving) -> Limits {
    Limits { timeout: Duration::from_secs(args.timeout.into()), seed: args.seed, memory_mb: args.memory }
}

/// How many solvers run at a time.
pub fn n_workers(args: &Solving) -> usize {
    let all = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    args.jobs.map_or_else(all, usize::from)
}
