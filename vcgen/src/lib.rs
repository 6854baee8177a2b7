//! `vcgen`: from typed trees to obligations, and from obligations to verification conditions.
#![warn(clippy::disallowed_methods)]
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "rewriting and lowering leave every other form of expression as it is"
)]

pub mod action;
pub mod alpha;
pub mod decompose;
pub mod expr;
pub mod graph;
pub mod lower;
pub mod obligation;
pub mod print;
pub mod program;
pub mod rewrite;
pub mod spelling;
pub mod trail;
pub mod vc;
