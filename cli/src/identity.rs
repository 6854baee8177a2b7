//! Who is speaking: the program and its solver, by version.

/// The version of Z3 inside.
pub fn z3_version() -> String {
    solver::z3::z3_version()
}

/// The version of the program.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
