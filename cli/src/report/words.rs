//! The words that reports for programs use where there is a fixed list of them, as their schema tells them.
//!
//! Invariant: a report never has a word that is not listed; tests hold reports against the schema.

use serde_json::{Value, json};

/// How grave a finding is.
pub(crate) const SEVERITIES: &[&str] = &["error", "warning", "note"];
/// How a theorem stands.
pub(crate) const STANDINGS: &[&str] =
    &["proved", "partial", "refuted", "failed", "no-proof", "blocked", "assumed", "vacuous", "not-selected"];
/// What an obligation says.
pub(crate) const KINDS: &[&str] = &[
    "initiation",
    "consecution",
    "simulation",
    "continuity",
    "implication",
    "induction",
    "termination",
    "vacuity",
];
/// What is said of an obligation.
pub(crate) const VERDICTS: &[&str] =
    &["proved", "blocked", "refuted", "possible-counterexample", "undecided", "failed"];
/// Why an obligation is undecided.
pub(crate) const REASONS: &[&str] =
    &["resource-limit", "timeout", "memory", "gave-up", "interrupted", "solver-died"];
/// What proved an obligation.
pub(crate) const MEANS: &[&str] = &["frame", "increment", "rewriting", "Z3"];
/// What is said of a vacuity check.
pub(crate) const VACUITY: &[&str] =
    &["no-contradiction-found", "contradictory", "not-checked", "not-selected"];
/// What the solver says of what decomposition closed.
pub(crate) const OPINIONS: &[&str] =
    &["confirmed", "confirmed-of-old", "not-confirmed", "disagreement", "failed"];
/// Whether a behaviour comes to a state.
pub(crate) const REACHES: &[&str] = &["violated", "reached", "never", "not-met", "unknown"];

/// What came of a question about what is hollow.
pub(crate) const ANSWERS: &[&str] =
    &["witnessed", "fine", "none-found", "found", "found-already", "not-settled"];
/// What a second solver says.
pub(crate) const SECONDS: &[&str] = &["agreed", "gave-up", "disagreed", "stopped"];
/// How a search of states ends.
pub(crate) const ENDS: &[&str] = &["exhausted", "walked", "limited", "violated", "failed"];
/// What ended a search before all was looked at.
pub(crate) const LIMITS: &[&str] = &["states", "depth", "time", "memory", "interrupted"];

/// One of these words, or nothing, as a list in a schema.
pub(crate) fn or_none(words: &[&str]) -> Value {
    words.iter().map(|word| json!(word)).chain([Value::Null]).collect()
}
