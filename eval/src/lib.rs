//! `eval`: what typed expressions mean, worked out on small concrete states.
//!
//! Written straight from the meaning of TLA+, on `lang`'s trees alone: nothing here knows how obligations are
//! made or how they are encoded for a solver. So what it confirms of a counterexample is a second opinion.
//!
//! ```text
//! module + Instance ─Evaluator→ values, truth            (evaluate)
//! theorem ─read→ Behaviour                               (behaviour)
//! Behaviour + State ─successors→ steps ─search→ traces   (search)
//! theorem + Counterexample ─replay→ confirmed or not    (replay)
//! step that refines nothing ─image→ what it looks like  (image)
//! ```
//!
//! Invariant: an answer is right for the real TLA+ meaning of the expression, in which `Nat` has no end; what
//! cannot be answered so is [`evaluate::Stuck`], never a guess. Only [`evaluate::Bounds::Bounded`] relaxes
//! this, and says where it did.
#![warn(clippy::disallowed_methods)]

pub mod behaviour;
pub mod env;
pub mod evaluate;
pub mod explain;
mod hash;
pub mod image;
pub mod instance;
pub mod replay;
pub mod search;
pub mod show;
mod substitute;
pub mod successors;
pub mod value;
