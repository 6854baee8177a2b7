//! Z3 in this process, through its library.
//!
//! Invariants: each check has a fresh context, so nothing depends on what was checked before; no Z3 object outlives its
//! check; a panic of the bindings, which is how they report Z3's own errors, ends in an error and never in an answer. A fatal fault inside Z3 takes the process along: see [`crate::worker`].

mod encode;
mod model;
mod params;

use std::panic::catch_unwind;
use std::time::{Duration, Instant};

use vcgen::vc::{Stage, Vc};
use z3::{Config, SatResult, Solver, StatisticsValue, with_z3_config};

use crate::backend::{Answer, Backend, Check, Limits, SolverError, UnknownReason};
use crate::{panic_text, wellformed};
use encode::{Encoded, encode};

/// The version that proofs and costs are pinned to.
pub const PINNED_VERSION: &str = env!("PAXPROVE_Z3_PINNED");

/// How Z3 was linked: `prebuilt`, `vendored` or `system`.
pub const LINKED: &str = env!("PAXPROVE_Z3_WAY");

/// The version of Z3 that runs, as the library itself gives it.
pub fn z3_version() -> String {
    z3::full_version().to_owned()
}

/// Whether the Z3 that runs is the pinned one.
pub fn is_pinned_version() -> bool {
    let found = z3_version();
    found.strip_prefix(PINNED_VERSION).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', ' ']))
}

/// Z3 in this process.
///
/// A check runs on the caller's thread, and deep terms want a deep stack: [`crate::discharge`] and [`crate::worker`]
/// provide one. Memory is bounded for the whole process, so checks that run side by side share the bound.
#[derive(Debug)]
pub struct Z3 {
    /// Only [`Z3::new`] makes one, since it looks at the version.
    _version_checked: (),
}

impl Z3 {
    /// Z3, after a look at its version: unless the system's library was asked for, only the pinned one will do.
    pub fn new() -> Result<Self, SolverError> {
        if LINKED != "system" && !is_pinned_version() {
            return Err(SolverError::WrongVersion {
                expected: PINNED_VERSION.to_owned(),
                found: z3_version(),
            });
        }
        Ok(Self { _version_checked: () })
    }
}

impl Backend for Z3 {
    fn check(&mut self, vc: &Vc, stage: &Stage, limits: Limits) -> Result<Check, SolverError> {
        let start = Instant::now();
        params::set_memory(limits.memory_mb);
        // A panic must not pass through the bindings, which would not restore the thread's own context.
        let run =
            || catch_unwind(|| check_here(vc, stage, limits, start)).map_err(|payload| panic_text(&*payload));
        with_z3_config(&Config::new(), run).unwrap_or_else(|problem| Err(SolverError::Internal(problem)))
    }
}

/// Checks in the current context, which must be a fresh one.
fn check_here(vc: &Vc, stage: &Stage, limits: Limits, start: Instant) -> Result<Check, SolverError> {
    wellformed::check(vc, stage)?;
    let solver = Solver::new();
    solver.set_params(&params::params(stage, limits));
    let encoded = encode(vc, stage)?;
    encoded.assert_into(&solver);
    let before = rlimit_count(&solver);
    let result = solver.check_assumptions(&encoded.assumptions());
    let rlimit = rlimit_count(&solver).saturating_sub(before);
    let answer = match result {
        SatResult::Unsat => Answer::Unsat { core: core(vc, &encoded, &solver) },
        SatResult::Sat => {
            let found =
                solver.get_model().ok_or_else(|| SolverError::Internal("sat without a model".to_owned()))?;
            Answer::Sat(model::read(vc, &encoded, &found))
        }
        SatResult::Unknown => {
            let text = solver.get_reason_unknown().unwrap_or_default();
            Answer::Unknown(reason(&text, stage, limits, rlimit, start.elapsed()))
        }
    };
    Ok(Check { answer, rlimit, time: start.elapsed() })
}

/// The labels of the hypotheses in the core, in the condition's order.
fn core(vc: &Vc, encoded: &Encoded, solver: &Solver) -> Vec<String> {
    let used = solver.get_unsat_core();
    encoded
        .hypotheses
        .iter()
        .filter(|hypothesis| used.iter().any(|literal| literal.ast_eq(&hypothesis.literal)))
        .map(|hypothesis| vc.hypotheses[hypothesis.index].label.clone())
        .collect()
}

/// How many resource units this thread's context has used so far.
fn rlimit_count(solver: &Solver) -> u64 {
    match solver.get_statistics().value("rlimit count") {
        Some(StatisticsValue::UInt(count)) => u64::from(count),
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a count is a whole number"
        )]
        Some(StatisticsValue::Double(count)) => count as u64,
        None => 0,
    }
}

/// Z3's reason in our words.
///
/// It says `canceled` whichever limit was hit, so what was used up decides. Nobody interrupts it here, so where time and
/// units are left it was the memory.
fn reason(text: &str, stage: &Stage, limits: Limits, rlimit: u64, time: Duration) -> UnknownReason {
    let has = |part: &str| text.contains(part);
    if has("memout") || has("memory") {
        UnknownReason::Memory
    } else if !["cancel", "interrupt", "timeout", "resource"].into_iter().any(has) {
        UnknownReason::Incomplete(text.to_owned())
    } else if stage.rlimit > 0 && rlimit >= u64::from(stage.rlimit) {
        UnknownReason::ResourceLimit
    } else if has("timeout") || time >= limits.timeout {
        UnknownReason::Timeout
    } else if limits.memory_mb > 0 {
        UnknownReason::Memory
    } else {
        UnknownReason::Interrupted
    }
}
