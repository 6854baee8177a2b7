//! `cargo xtask`: what continuous integration runs, and what keeps the code in shape.

fn main() {}
