//! `solver`: from verification conditions to outcomes; the only crate that knows Z3.
//!
//! ```text
//! verification condition ─check→ answer ─discharge→ outcome
//! ```
#![warn(clippy::disallowed_methods)]

pub mod backend;
pub mod canonical;
pub mod cvc5;
pub mod discharge;
pub mod model;
pub mod scripted;
pub mod shuffle;
pub mod smtlib;
mod wellformed;
pub mod worker;
pub mod z3;

/// What a panic said.
fn panic_text(payload: &(dyn std::any::Any + Send)) -> String {
    payload
        .downcast_ref::<String>()
        .cloned()
        .or_else(|| payload.downcast_ref::<&str>().map(|text| (*text).to_owned()))
        .unwrap_or_else(|| "a panic without a message".to_owned())
}
