//! Arguments of `baseline`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{Caching, Input, Solving, TableFormat};

/// What to do with baselines.
#[derive(Clone, Debug, Args)]
#[command(
    after_help = "A baseline is a file for review and version control, `specs/x.baseline` for `specs/x.pax`: which \
                  obligations there are, what closes them, and at which cost.\n\
                  Exit codes of `check`: 6 a condition became much dearer, or something has no obligation any more; \
                  1, 3, 7 what `prove` ends with; 2 there is no baseline, or it cannot be read; 0 neither."
)]
pub struct Baseline {
    /// What to do.
    #[command(subcommand)]
    pub action: Action,
}

/// What to do with baselines.
#[derive(Clone, Debug, Subcommand)]
pub enum Action {
    /// Prove each module, and write down how, and at which cost
    Write(Write),
    /// Prove each module, and fail if that is much dearer than recorded, or if something is not claimed any more
    Check(Compare),
    /// Prove each module, and show all that differs from what is recorded; never fails because of that
    Diff(Compare),
}

/// Arguments of all of them.
#[derive(Clone, Debug, Args)]
pub struct Subject {
    /// Which modules.
    #[command(flatten)]
    pub input: Input,
    /// The baseline, if it is not beside the module; for one module only
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// How many solvers run at a time; all cores if not given
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub jobs: Option<u16>,
    /// The largest budget of a stage, in Z3's resource units; what is recorded if not given
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub rlimit: Option<u32>,
    /// Seconds of wall time after which a stage is stopped, whatever its budget
    #[arg(long, value_name = "S", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..))]
    pub timeout: u32,
    /// Megabytes of memory of a solver
    #[arg(long, value_name = "MB", default_value_t = 2048, value_parser = clap::value_parser!(u32).range(1..))]
    pub memory: u32,
    /// Seconds to search for a counterexample to each claim that is not proved; 0 for no search
    #[arg(long, value_name = "S", default_value_t = 10)]
    pub search: u32,
    /// With which answers from before.
    #[command(flatten)]
    pub caching: Caching,
}

impl Subject {
    /// How to solve: all of it, with the usual seed.
    pub fn solving(&self) -> Solving {
        Solving {
            only: Vec::new(),
            jobs: self.jobs,
            rlimit: self.rlimit,
            timeout: self.timeout,
            memory: self.memory,
            seed: 0,
            search: self.search,
            dump_smt: None,
        }
    }
}

/// Arguments of `baseline write`.
#[derive(Clone, Debug, Args)]
pub struct Write {
    /// Of what.
    #[command(flatten)]
    pub subject: Subject,
}

/// Arguments of `baseline check` and `baseline diff`.
#[derive(Clone, Debug, Args)]
pub struct Compare {
    /// Of what.
    #[command(flatten)]
    pub subject: Subject,
    /// Warn of a condition whose text changed if its median is more than so many times the recorded one
    #[arg(long, value_name = "X", default_value_t = 3.0, value_parser = ratio)]
    pub warn_ratio: f64,
    /// Fail if it is more than so many times the recorded one, and above the floor
    #[arg(long, value_name = "X", default_value_t = 5.0, value_parser = ratio)]
    pub max_ratio: f64,
    /// Fail if all medians together are more than so many times the recorded ones, and the difference is above the floor
    #[arg(long, value_name = "X", default_value_t = 1.5, value_parser = ratio)]
    pub max_total: f64,
    /// Costs up to so many resource units never fail
    #[arg(long, value_name = "N", default_value_t = 50_000)]
    pub floor: u64,
    /// The form of the result
    #[arg(long, value_enum, default_value_t = TableFormat::Text)]
    pub format: TableFormat,
}

/// A number of times.
fn ratio(text: &str) -> Result<f64, String> {
    let ratio: f64 = text.parse().map_err(|_| format!("`{text}` is not a number"))?;
    if ratio.is_finite() && ratio >= 1.0 { Ok(ratio) } else { Err("it is not at least 1".to_owned()) }
}
