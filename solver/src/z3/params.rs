//! Z3's parameters.
//!
//! Invariant: everything that decides between answers is set here, explicitly; nothing is left to Z3's guess
//! at what kind of problem it has before it.

use vcgen::vc::Stage;
use z3::{Params, set_global_param};

use crate::backend::Limits;

/// The parameters of one check. A budget of zero resource units is no bound.
pub(super) fn params(stage: &Stage, limits: Limits) -> Params {
    let mut params = Params::new();
    params.set_bool("auto_config", false);
    params.set_bool("mbqi", stage.mbqi);
    // Splits on what is relevant to the goal; see `ARCHITECTURE.md` for what that changed.
    params.set_u32("case_split", 3);
    params.set_u32("random_seed", limits.seed);
    params.set_u32("rlimit", stage.rlimit);
    params.set_u32("timeout", u32::try_from(limits.timeout.as_millis()).unwrap_or(u32::MAX));
    params
}

/// Bounds the memory of Z3 in this whole process; zero means without bound.
pub(super) fn set_memory(memory_mb: u32) {
    set_global_param("memory_max_size", &memory_mb.to_string());
}
