//! `cli`: the command line of `paxprove`; the only crate that reads files, prints and exits.
//!
//! ```text
//! text ─parse→ ast ─resolve→ resolved ─check→ typed ─decompose→ obligations
//!      ─lower→ verification condition ─discharge→ outcome ─judge→ verdict ─report→ text
//! ```

pub mod args;
pub mod attempt;
pub mod baseline;
pub mod bundle;
pub mod cache;
pub mod certify;
pub mod commands;
pub mod driver;
pub mod elsewhere;
pub mod emit;
pub mod evidence;
pub mod exit;
pub mod explanation;
pub mod identity;
pub mod load;
pub mod mutate;
pub mod progress;
pub mod recheck;
pub mod report;
pub mod resources;
pub mod saved;
pub mod select;
pub mod shard;
pub mod size;
pub mod solvers;
pub mod stability;
pub mod stdlib;
pub mod vacuity;
pub mod verdict;
