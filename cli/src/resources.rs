//! What a run takes: wall time by stage and peak memory.

use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};

/// Wall time of each stage of one module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StageTimes {
    /// Reading and parsing, extended modules included.
    pub parse: Duration,
    /// Resolving names.
    pub resolve: Duration,
    /// Inferring sorts.
    pub check: Duration,
    /// Splitting into obligations.
    pub decompose: Duration,
    /// Lowering to conditions.
    pub lower: Duration,
    /// Solving, vacuity checks included.
    pub solve: Duration,
    /// Seeking and replaying counterexamples.
    pub search: Duration,
    /// All stages of other modules whose theorems are used.
    pub others: Duration,
}

impl StageTimes {
    /// All stages together.
    pub fn total(&self) -> Duration {
        let own = self.parse + self.resolve + self.check + self.decompose + self.lower + self.solve;
        own + self.search + self.others
    }
}

/// Runs `work`, adding the time that it takes to `spent`.
pub fn timed<T>(spent: &mut Duration, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = work();
    *spent += start.elapsed();
    result
}

/// Peak memory, in kilobytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeakMemory {
    /// Of this process, if the system tells.
    pub process_kb: Option<u64>,
    /// Of the largest solver process that has ended, if the system tells.
    pub worker_kb: Option<u64>,
}

/// The peak of memory until now.
pub fn peak_memory() -> PeakMemory {
    PeakMemory {
        process_kb: max_rss_kb(UsageWho::RUSAGE_SELF),
        worker_kb: max_rss_kb(UsageWho::RUSAGE_CHILDREN),
    }
}

fn max_rss_kb(who: UsageWho) -> Option<u64> {
    let max_rss = u64::try_from(getrusage(who).ok()?.max_rss()).ok()?;
    Some(if cfg!(target_os = "macos") { max_rss / 1024 } else { max_rss })
}
