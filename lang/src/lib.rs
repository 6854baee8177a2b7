//! `lang`: from text to typed trees, without I/O and without a solver.
//!
//! ```text
//! text ─parse→ ast ─resolve→ resolved ─check→ typed
//! ```
#![warn(clippy::disallowed_methods)]

pub mod ast;
pub mod check;
pub mod diag;
pub mod ids;
mod near;
pub mod parse;
pub mod print;
pub mod print_typed;
pub mod resolve;
pub mod resolved;
pub mod sort;
pub mod source;
pub mod typed;
