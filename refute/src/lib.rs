//! `refute`: bounded search for counterexamples to induction.
//!
//! Invariant: nothing here is trusted. What it finds is a pair of concrete states that `eval` replays.
#![warn(clippy::disallowed_methods)]
