//! Solver processes, and what ends them: this program itself, started as a worker.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use solver::backend::{Backend, Check, Limits, SolverError};
use solver::worker::{Subprocess, WorkerCommand};

use vcgen::vc::{Stage, Vc};

use crate::args::Solving;

/// Starts solver processes, and keeps those that nobody uses at the moment for whoever comes next: an
/// answer does not depend on what a process did before.
#[derive(Clone, Debug)]
pub struct Solvers {
    command: WorkerCommand,
    stop: Arc<AtomicBool>,
    idle: Arc<Mutex<Vec<Subprocess>>>,
}

/// A process on loan.
struct Lent {
    process: Option<Subprocess>,
    solvers: Solvers,
}

impl Backend for Lent {
    fn check(&mut self, vc: &Vc, stage: &Stage, limits: Limits) -> Result<Check, SolverError> {
        self.process.get_or_insert_with(|| self.solvers.process()).check(vc, stage, limits)
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(process) = self.process.take() {
            self.solvers.give_back(process);
        }
    }
}

impl Solvers {
    /// Solvers that this very program serves as; `stop` ends them.
    pub fn new(stop: Arc<AtomicBool>) -> Result<Self> {
        let program = std::env::current_exe().context("cannot find the program itself")?;
        let command = WorkerCommand { program, args: vec!["solve-worker".to_owned()] };
        Ok(Self { command, stop, idle: Arc::default() })
    }

    /// A backend with a process of its own.
    pub fn backend(&self) -> Box<dyn Backend + Send> {
        let process = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        Box::new(Lent { process, solvers: self.clone() })
    }

    /// Starts processes ahead of their first use, without waiting for them. One that cannot be started is
    /// reported when it is used.
    pub fn warm_up(&self, n_processes: usize) {
        for _ in 0..n_processes {
            let solvers = self.clone();
            thread::spawn(move || {
                let mut process = solvers.process();
                if process.warm_up().is_ok() {
                    solvers.give_back(process);
                }
            });
        }
    }

    fn give_back(&self, process: Subprocess) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(process);
    }

    fn process(&self) -> Subprocess {
        Subprocess::new(self.command.clone(), Arc::clone(&self.stop))
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
    let all = || thread::available_parallelism().map_or(1, std::num::NonZero::get);
    args.jobs.map_or_else(all, usize::from)
}
