//! `refute`: bounded search for counterexamples to induction.
//!
//! ```text
//! question ─unknowns→ symbolic states ─evaluate→ circuit ─solve→ model ─decode→ candidate ─replay→ counterexample
//! ```
//!
//! Invariant: nothing here is trusted. What it finds is a pair of concrete states that `eval` replays.
#![warn(clippy::disallowed_methods)]

mod builder;
mod choose;
mod circuit;
mod decode;
mod express;
mod families;
mod fresh;
mod functions;
mod given;
mod merge;
mod order;
mod plain;
mod question;
mod reads;
mod replay;
mod sat;
mod search;
mod sets;
mod shrink;
mod step;
mod symmetry;
mod unknowns;
mod unroll;
mod value;

pub use builder::Size;
pub use question::{Budget, Outcome, Question, Why};
pub use replay::{failing, replay};
pub use search::refute;
pub use unroll::{Behaviours, Bound, Ending, Run, Unrolled, unroll};
