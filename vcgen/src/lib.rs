//! `vcgen`: from typed trees to obligations, and from obligations to verification conditions.
#![warn(clippy::disallowed_methods)]

pub mod obligation;
pub mod vc;
