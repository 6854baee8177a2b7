//! `vcgen`: from typed trees to obligations, and from obligations to verification conditions.
#![warn(clippy::disallowed_methods)]

pub mod graph;
pub mod obligation;
pub mod vc;
