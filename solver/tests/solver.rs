//! Tests of the crate `solver` from outside, on small conditions made by hand.

#[path = "solver/build.rs"]
mod build;
#[cfg(unix)]
#[path = "solver/cvc5.rs"]
mod cvc5;
#[path = "solver/discharge.rs"]
mod discharge;
#[path = "solver/in_process.rs"]
mod in_process;
#[path = "solver/isolation.rs"]
mod isolation;
#[path = "solver/smtlib.rs"]
mod smtlib;
