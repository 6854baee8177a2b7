//! A worker by itself, for this crate's tests and measurements; the product's worker is a hidden subcommand.

use std::io;

fn main() -> io::Result<()> {
    solver::worker::serve(io::stdin(), io::stdout())
}
