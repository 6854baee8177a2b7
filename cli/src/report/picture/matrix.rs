//! The matrix of an invariant: its conjuncts down, initial states and actions across, and in each cell what became
//! of the obligations there, and at what cost.
//!
//! Invariant: each obligation of the theorem that is about initial states or steps and that was tried is in
//! exactly one cell. Those that belong to no conjunct, such as continuity lemmas, have rows of their own.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::{IndexMap, IndexSet};
use serde::Serialize;
use vcgen::obligation::{Conjunct, ObligationIdx, ObligationKind, ProofTree, TheoremPlan};

use super::mark::{Mark, Marks, marks};
use super::texts::lines_under;
use crate::attempt::Attempt;
use crate::driver::{Proof, Run};
use crate::report::text::branch;
use crate::verdict::TheoremVerdict;

/// The upper ends of the classes of cost, in resource units; above the last there is one more.
pub const COSTS: [u64; 7] = [3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000, 3_000_000];

/// The matrix of an invariant.
#[derive(Clone, Debug, Serialize)]
pub struct Matrix {
    /// The theorem.
    pub theorem: String,
    /// What stands above the columns: initial states, then the branches of the action.
    pub columns: Vec<String>,
    /// The rows: conjuncts, then what helps them.
    pub rows: Vec<Row>,
    /// The marks that occur.
    pub marks: BTreeSet<Mark>,
}

/// A row of a matrix.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// The conjunct, or what its obligations are about.
    pub name: String,
    /// The text of the conjunct.
    pub text: Option<String>,
    /// Whether it is no conjunct, but helps some.
    pub is_helper: bool,
    /// A cell for each column, where there is something.
    pub cells: Vec<Option<Cell>>,
}

/// What became of the obligations of one conjunct and one action.
#[derive(Clone, Debug, Serialize)]
pub struct Cell {
    /// What became of them together.
    pub mark: Mark,
    /// Resource units.
    pub rlimit: u64,
    /// Milliseconds.
    pub time_ms: f64,
    /// The class of the cost: 0 without a solver, then by [`COSTS`].
    pub class: usize,
    /// Whether the theorem needs any of them.
    pub is_needed: bool,
    /// Ids, in the order of the tree.
    pub obligations: Vec<String>,
}

/// The class of a cost.
pub fn class(rlimit: u64) -> usize {
    if rlimit == 0 { 0 } else { 1 + COSTS.iter().take_while(|end| **end <= rlimit).count() }
}

/// The matrices of a run, in the order of its theorems.
pub fn matrices(run: &Run) -> Vec<Matrix> {
    let (Some(proof), Some(decomposition)) = (&run.proof, &run.front.decomposition) else {
        return Vec::new();
    };
    let tree = &decomposition.tree;
    let marks = marks(tree, proof);
    let theorems = tree.theorems.iter().zip(&proof.verdicts.theorems);
    theorems.filter_map(|(plan, verdict)| matrix(run, proof, tree, &marks, (plan, verdict))).collect()
}

fn matrix(
    run: &Run,
    proof: &Proof,
    tree: &ProofTree,
    marks: &Marks,
    (plan, verdict): (&TheoremPlan, &TheoremVerdict),
) -> Option<Matrix> {
    let conjuncts = &plan.alternatives.get(verdict.alternative?)?.conjuncts;
    let mut owners: BTreeMap<ObligationIdx, usize> = BTreeMap::new();
    for (row, conjunct) in conjuncts.iter().enumerate() {
        owners.extend(conjunct.obligations.iter().map(|idx| (*idx, row)));
    }
    let own: Vec<ObligationIdx> = obligations(tree, proof, plan);
    if conjuncts.is_empty() || own.is_empty() {
        return None;
    }
    let columns: IndexSet<String> = own.iter().map(|idx| branch(&tree.obligations[*idx].kind)).collect();
    let mut helpers: IndexSet<String> = IndexSet::new();
    let mut filled: IndexMap<(usize, usize), Vec<ObligationIdx>> = IndexMap::new();
    for idx in own {
        let kind = &tree.obligations[idx].kind;
        let row = owners
            .get(&idx)
            .copied()
            .unwrap_or_else(|| conjuncts.len() + helpers.insert_full(helper(kind)).0);
        let column = columns.get_index_of(&branch(kind)).unwrap_or_default();
        filled.entry((row, column)).or_default().push(idx);
    }
    let cell = |obligations: &Vec<ObligationIdx>| cell(tree, proof, marks, verdict, obligations);
    let cells = |row: usize| -> Vec<Option<Cell>> {
        (0..columns.len()).map(|column| filled.get(&(row, column)).and_then(cell)).collect()
    };
    let of_conjunct = |(row, conjunct): (usize, &Conjunct)| Row {
        name: conjunct.name.clone(),
        text: Some(lines_under(&run.front.sources, conjunct.span)),
        is_helper: false,
        cells: cells(row),
    };
    let mut rows: Vec<Row> = conjuncts.iter().enumerate().map(of_conjunct).collect();
    rows.extend(helpers.iter().enumerate().map(|(position, name)| Row {
        name: name.clone(),
        text: None,
        is_helper: true,
        cells: cells(conjuncts.len() + position),
    }));
    let marks = rows.iter().flat_map(|row| row.cells.iter().flatten()).map(|cell| cell.mark).collect();
    Some(Matrix { theorem: plan.name.clone(), columns: columns.into_iter().collect(), rows, marks })
}

/// The obligations of a theorem that are about initial states or steps and that were tried.
fn obligations(tree: &ProofTree, proof: &Proof, plan: &TheoremPlan) -> Vec<ObligationIdx> {
    let is_own = |idx: &ObligationIdx| {
        let obligation = &tree.obligations[*idx];
        let is_shown = match obligation.kind {
            ObligationKind::Initiation
            | ObligationKind::Consecution { .. }
            | ObligationKind::Continuity { .. } => true,
            ObligationKind::Simulation { .. }
            | ObligationKind::Implication
            | ObligationKind::Induction
            | ObligationKind::Termination { .. }
            | ObligationKind::Vacuity => false,
        };
        is_shown && crate::verdict::root(tree, obligation.node) == plan.node
    };
    proof.attempts.keys().copied().filter(is_own).collect()
}

/// What a row is called whose obligations belong to no conjunct.
fn helper(kind: &ObligationKind) -> String {
    match kind {
        ObligationKind::Continuity { operator, .. } => format!("{operator}, continuity"),
        ObligationKind::Initiation
        | ObligationKind::Consecution { .. }
        | ObligationKind::Simulation { .. }
        | ObligationKind::Implication
        | ObligationKind::Induction
        | ObligationKind::Termination { .. }
        | ObligationKind::Vacuity => "others".to_owned(),
    }
}

fn cell(
    tree: &ProofTree,
    proof: &Proof,
    marks: &Marks,
    verdict: &TheoremVerdict,
    obligations: &[ObligationIdx],
) -> Option<Cell> {
    let attempts: Vec<&Attempt> = obligations.iter().filter_map(|idx| proof.attempts.get(idx)).collect();
    let rlimit = attempts.iter().map(|attempt| attempt.rlimit).sum();
    let needed = obligations.iter().any(|idx| verdict.needed.contains(idx));
    // Helpers that nothing needs may have failed: that is no harm to what is needed.
    let weighty = obligations.iter().filter(|idx| !needed || verdict.needed.contains(idx));
    Some(Cell {
        mark: weighty.filter_map(|idx| marks.get(idx)).max().copied()?,
        rlimit,
        time_ms: super::super::json::millis(attempts.iter().map(|attempt| attempt.time).sum()),
        class: class(rlimit),
        is_needed: needed,
        obligations: obligations.iter().map(|idx| tree.obligations[*idx].id.clone()).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn costs_have_classes() {
        let classes = [0, 1, 2_999, 3_000, 9_999, 10_000, 2_999_999, 3_000_000, u64::MAX].map(class);
        assert_eq!(classes, [0, 1, 1, 2, 2, 3, 7, 8, 8]);
    }
}
