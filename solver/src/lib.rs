//! `solver`: from verification conditions to outcomes; the only crate that knows Z3.
//!
//! ```text
//! verification condition ─check→ answer ─discharge→ outcome
//! ```
#![warn(clippy::disallowed_methods)]

pub mod backend;
pub mod model;
pub mod smtlib;
mod wellformed;
pub mod z3;
