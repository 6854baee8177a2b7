//! `vcgen`: from typed trees to obligations, and from obligations to verification conditions.
#![warn(clippy::disallowed_methods)]

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
pub mod vc;
