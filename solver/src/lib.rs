//! `solver`: from verification conditions to outcomes; the only crate that knows Z3.
