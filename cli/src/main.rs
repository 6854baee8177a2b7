//! `paxprove`: the command line.

fn main() {}
