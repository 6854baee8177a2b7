//! What there is to see of a run, as data: figures, theorems, matrices, graphs, the proof tree, counterexamples.
//! Pages and drawings are made of this, and of nothing else.
//!
//! Invariants: every obligation that was tried stands in the tree once; every obligation of an invariant that was
//! tried stands in one cell of that invariant's matrix. No mark stands for "proved" but those of what closed it.

pub mod graphs;
pub mod mark;
pub mod matrix;
pub mod overview;
pub mod story;
pub mod texts;
pub mod tree;

use serde::Serialize;

use super::{Request, exit, text};
use crate::driver::Run;
use crate::exit::ExitStatus;
use graphs::Graph;
use matrix::Matrix;
use overview::{Assumed, Dear, Figures, Theorem};
use story::Story;
use texts::{Text, Texts};
use tree::Branch;

/// What there is to see of a run.
#[derive(Clone, Debug, Serialize)]
pub struct Picture {
    /// The file, as the user named it.
    pub file: String,
    /// The module.
    pub module: String,
    /// What became of the whole.
    pub conclusion: Conclusion,
    /// Figures; none if nothing was tried.
    pub figures: Option<Figures>,
    /// The theorems, in the order of the module.
    pub theorems: Vec<Theorem>,
    /// What is wrong, and what the user should know.
    pub stories: Vec<Story>,
    /// A matrix for each invariant that was proved by induction over steps, or where that was tried.
    pub matrices: Vec<Matrix>,
    /// For each of these invariants, which of its conjuncts help which.
    pub helps: Vec<Graph>,
    /// Which theorem rests on what.
    pub proof: Option<Graph>,
    /// The dearest obligations, the dearest first.
    pub dearest: Vec<Dear>,
    /// The proof tree, as far as it was tried.
    pub tree: Vec<Branch>,
    /// What is taken for granted.
    pub assumed: Vec<Assumed>,
    /// Formulas and lines of the module that the tree refers to, by their positions.
    pub texts: Vec<Text>,
}

/// What became of the whole.
#[derive(Clone, Debug, Serialize)]
pub struct Conclusion {
    /// The sentence of the text report.
    pub sentence: String,
    /// `good`, `bad` or `open`.
    pub mood: &'static str,
}

/// Looks at a run.
pub fn picture(run: &Run, request: &Request) -> Picture {
    let status = exit(run);
    let mut texts = Texts::default();
    let stories = story::stories(run, request);
    let tree = tree::tree(run, &mut texts);
    Picture {
        file: run.front.file.display().to_string(),
        module: run.front.ast.name.text.clone(),
        conclusion: Conclusion { sentence: text::conclusion(run, status), mood: mood(run, status) },
        figures: overview::figures(run),
        theorems: overview::theorems(run),
        stories,
        matrices: matrix::matrices(run),
        helps: graphs::helps(run),
        proof: graphs::proof(run),
        dearest: overview::dearest(run),
        tree,
        assumed: overview::assumed(run),
        texts: texts.into_entries(),
    }
}

/// Only what is proved as a whole is good.
fn mood(run: &Run, status: ExitStatus) -> &'static str {
    let is_verified = run.proof.as_ref().is_some_and(|proof| proof.verdicts.is_verified());
    match status {
        ExitStatus::Proved if is_verified => "good",
        ExitStatus::Proved | ExitStatus::NothingSelected | ExitStatus::Regressed | ExitStatus::Undecided => {
            "open"
        }
        ExitStatus::Vacuous | ExitStatus::Refuted | ExitStatus::Usage | ExitStatus::Internal => "bad",
    }
}
