//! `paxprove stability`: how much the proofs of modules depend on seeds, names and orders.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::{Context, Result};
use schemars::JsonSchema;
use serde::Serialize;

use super::Output;
use crate::args::{Stability as Args, TableFormat};
use crate::attempt;
use crate::driver::{self, Run, Until};
use crate::exit::ExitStatus;
use crate::progress::{Form, Watcher};
use crate::report::text::{Style, conclusion, diagnostics};
use crate::report::{counted, exit};
use crate::select::Selection;
use crate::solvers::{Solvers, limits, n_workers};
use crate::stability::{Stability, stability};

/// So many stable conditions are listed after the unstable ones.
const N_STABLE: usize = 5;

/// Proves each file, and tries what the solver proved again and again.
pub fn run(args: &Args, style: Style, progress: Form) -> Result<Output> {
    let selection = Selection::new(&args.solving.only).context("`--only` is not a glob")?;
    let solvers = Solvers::new(Arc::new(AtomicBool::new(false)))?;
    solvers.stop_on_interrupt()?;
    solvers.warm_up(n_workers(&args.solving));
    let mut watcher = Watcher::new(progress);
    let mut modules = Vec::new();
    for file in &args.input.files {
        let front = driver::read(file, &args.input.include, Until::Obligations)?;
        let solving = attempt::Solving {
            n_workers: n_workers(&args.solving),
            limits: limits(&args.solving),
            rlimit: args.solving.rlimit,
            make_backend: &|_| solvers.backend(),
            stop: solvers.stop(),
            search: None,
            dump_smt: args.solving.dump_smt.as_deref(),
            cache: None,
            progress: &watcher,
        };
        let run = driver::prove(front, &selection, &solving)?;
        let trials = stability(&run, args.seeds, &solving);
        modules.push(Tried { status: status(&run, trials.as_deref()), run, trials });
    }
    watcher.finish();
    let status = modules.iter().map(|module| module.status).fold(ExitStatus::Proved, ExitStatus::and);
    let text = match args.format {
        TableFormat::Text => modules.iter().map(|module| text(module, style)).collect::<Vec<_>>().join("\n"),
        TableFormat::Json => json(&modules, args.seeds, status)?,
    };
    Ok(Output { text, status })
}

/// A module with its trials; none if the run was stopped.
struct Tried {
    run: Run,
    trials: Option<Vec<Stability>>,
    status: ExitStatus,
}

/// Stable only if all that was tried was proved in each trial, and the module itself is proved.
fn status(run: &Run, trials: Option<&[Stability]>) -> ExitStatus {
    let always = trials.is_some_and(|trials| trials.iter().all(|trial| trial.n_proved == trial.n_trials));
    exit(run).and(if always { ExitStatus::Proved } else { ExitStatus::Undecided })
}

fn text(module: &Tried, style: Style) -> String {
    let mut out = diagnostics(&module.run.front.sources, &module.run.front.diagnostics, style);
    let _ =
        writeln!(out, "{}: {}", module.run.front.file.display(), conclusion(&module.run, exit(&module.run)));
    let Some(trials) = &module.trials else {
        out.push_str("STOPPED: the trials were not finished\n");
        return out;
    };
    let n_unstable = trials.iter().filter(|trial| !trial.is_stable()).count();
    let n_shown = if style.detail > 1 { trials.len() } else { n_unstable + N_STABLE };
    if style.detail > 0 && !trials.is_empty() {
        let _ = writeln!(
            out,
            "{:>9}  {:>9}  {:>9}  {:>9}  {:>7}  condition",
            "proved", "min", "median", "max", "max/med"
        );
        for trial in trials.iter().take(n_shown) {
            let (min, max) = trial.range();
            let _ = writeln!(
                out,
                "{:>9}  {min:>9}  {:>9}  {max:>9}  {:>7.1}  {}{}",
                format!("{}/{}", trial.n_proved, trial.n_trials),
                trial.median(),
                trial.ratio(),
                trial.id,
                if trial.is_stable() { "" } else { "  UNSTABLE" },
            );
            if let Some(what) = &trial.steadied_by {
                let _ = writeln!(out, "{:>53}steadied by {what}", "");
            }
        }
        if trials.len() > n_shown {
            let _ = writeln!(out, "{:>53}and {} more, all stable", "", trials.len() - n_shown);
        }
    }
    let n_trials: usize = trials.iter().map(|trial| trial.n_trials).sum();
    let n_proved: usize = trials.iter().map(|trial| trial.n_proved).sum();
    let worst = trials.iter().map(Stability::ratio).fold(0.0, f64::max);
    let word = if n_unstable == 0 { "STABLE" } else { "UNSTABLE" };
    let _ = writeln!(
        out,
        "{word}: {}, {n_unstable} unstable; {n_proved} of {n_trials} trials proved; worst max/median {worst:.1}",
        counted(trials.len(), "condition"),
    );
    out
}

/// The report of `stability --format json`.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Report<'a> {
    /// Changes whenever a reader of an older report would misread a new one.
    schema_version: u32,
    /// How many seeds, and as many shuffles, each condition was tried with.
    seeds: u32,
    /// What the run ends with.
    exit_code: u8,
    modules: Vec<Module<'a>>,
}

/// What came of a file.
#[derive(Serialize, JsonSchema)]
struct Module<'a> {
    /// The file as the user named it.
    file: String,
    /// What this file comes to.
    exit_code: u8,
    /// Whether all trials were made.
    complete: bool,
    conditions: Vec<Condition<'a>>,
}

/// A condition that was tried again.
#[derive(Serialize, JsonSchema)]
struct Condition<'a> {
    id: &'a str,
    stable: bool,
    trials: usize,
    proved: usize,
    rlimit_min: u64,
    rlimit_median: u64,
    rlimit_max: u64,
    /// The largest cost by the middle one.
    ratio: f64,
    /// What makes all trials alike, if that was found.
    steadied_by: Option<&'a str>,
}

fn json(modules: &[Tried], seeds: u32, status: ExitStatus) -> Result<String> {
    let condition = |trial: &'_ Stability| -> (u64, u64, f64) {
        let (min, max) = trial.range();
        (min, max, (trial.ratio() * 100.0).round() / 100.0)
    };
    let modules = modules
        .iter()
        .map(|module| Module {
            file: module.run.front.file.display().to_string(),
            exit_code: module.status.code(),
            complete: module.trials.is_some(),
            conditions: module
                .trials
                .iter()
                .flatten()
                .map(|trial| {
                    let (rlimit_min, rlimit_max, ratio) = condition(trial);
                    Condition {
                        id: &trial.id,
                        stable: trial.is_stable(),
                        trials: trial.n_trials,
                        proved: trial.n_proved,
                        rlimit_min,
                        rlimit_median: trial.median(),
                        rlimit_max,
                        ratio,
                        steadied_by: trial.steadied_by.as_deref(),
                    }
                })
                .collect(),
        })
        .collect();
    let report = Report { schema_version: 1, seeds, exit_code: status.code(), modules };
    Ok(serde_json::to_string_pretty(&report)? + "\n")
}
