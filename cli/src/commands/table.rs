//! `paxprove table`: the figures of each module, as published tables give them, beside published ones.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Result;
use lang::ast::{Module, UnitKind};
use lang::ids::{Id, IdVec};
use vcgen::decompose::Decomposition;
use vcgen::lower::hypothesis_of;
use vcgen::obligation::{Node, NodeId, ObligationIdx, Source};

use super::Output;
use super::prove::prove_all;
use crate::args::Table;
use crate::attempt::{Attempt, Finding};
use crate::driver::{Proof, Run};
use crate::exit::ExitStatus;
use crate::progress::Form;
use crate::report::text::{Style, conclusion, diagnostics};
use crate::report::{exit, needed};
use crate::size::size;

/// The rows of the table.
const ROWS: [&str; 11] = [
    "size of specification (lines)",
    "size of proof (lines)",
    "max level of proof tree nodes",
    "max degree of proof tree nodes",
    "lemmas",
    "continuity lemmas",
    "uses of continuity lemmas",
    "proofs by induction on set increment",
    "proofs by contradiction",
    "obligations",
    "seconds",
];

/// Figures for comparison, by the name of a module's file: Chand, Liu, Stoller: Formal Verification of
/// Multi-Paxos for Distributed Consensus, Fig. 7 (TLAPS).
const PUBLISHED: [(&str, [u32; 11]); 3] = [
    ("paxos", [115, 423, 7, 3, 4, 1, 8, 0, 1, 239, 24]),
    ("multipaxos", [133, 1106, 11, 17, 11, 5, 27, 4, 1, 918, 128]),
    ("multipaxos_preemption", [158, 1136, 11, 17, 12, 6, 29, 4, 1, 959, 94]),
];

/// Proves each file and prints its column.
pub fn run(args: &Table, style: Style, progress: Form) -> Result<Output> {
    let runs = prove_all(&args.input, &args.solving, progress)?;
    let status = runs.iter().map(exit).fold(ExitStatus::Proved, ExitStatus::and);
    let mut text = String::new();
    let mut columns: Vec<(String, Vec<String>)> = Vec::new();
    for run in &runs {
        let (Some(proof), Some(decomposition)) = (&run.proof, &run.front.decomposition) else {
            text.push_str(&diagnostics(&run.front.sources, &run.front.diagnostics, style));
            continue;
        };
        let name = stem(&run.front.file);
        columns.push((name.clone(), figures(run, proof, decomposition)));
        if let Some((_, published)) = PUBLISHED.iter().find(|(file, _)| *file == name) {
            columns.push(("TLAPS, published".to_owned(), published.iter().map(u32::to_string).collect()));
        }
    }
    text.push_str(&render(&columns));
    for run in &runs {
        let _ = writeln!(text, "{}: {}", run.front.file.display(), conclusion(run, exit(run)));
    }
    Ok(Output { text, status })
}

fn stem(file: &Path) -> String {
    file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
}

fn figures(run: &Run, proof: &Proof, decomposition: &Decomposition) -> Vec<String> {
    let tree = &decomposition.tree;
    let size = size(&run.front);
    let set_inductions = tree.theorems.iter().zip(&proof.verdicts.theorems).filter(|(plan, verdict)| {
        verdict.alternative.is_some_and(|idx| plan.alternatives[idx].name.contains("set induction"))
    });
    let uses: Vec<usize> =
        tree.continuity.iter().map(|lemma| uses_of(&lemma.obligations, proof, decomposition)).collect();
    let counts = [
        size.specification,
        size.proof,
        levels(&tree.nodes),
        tree.nodes.iter().map(|node| node.children.len()).max().unwrap_or(0),
        n_lemmas(&run.front.ast),
        uses.iter().filter(|uses| **uses > 0).count(),
        uses.iter().sum(),
        set_inductions.count(),
    ];
    let mut figures: Vec<String> = counts.iter().map(usize::to_string).collect();
    // The solver refutes the negation of each goal; a proof by contradiction is not told from another.
    figures.push("-".to_owned());
    figures.push(needed(proof).len().to_string());
    figures.push(format!("{:.2}", run.front.times.total().as_secs_f64()));
    figures
}

/// How many proofs use the continuity lemma that these obligations prove.
fn uses_of(lemma: &[ObligationIdx], proof: &Proof, decomposition: &Decomposition) -> usize {
    let sources: Vec<Source> = lemma.iter().copied().map(Source::Obligation).collect();
    let uses = |(idx, attempt): &(&ObligationIdx, &Attempt)| match &attempt.finding {
        Finding::Proved { core, .. } => decomposition.tree.obligations[**idx]
            .hypotheses
            .iter()
            .filter(|hypothesis| hypothesis.sources == sources)
            .any(|hypothesis| core.iter().any(|label| hypothesis_of(label) == hypothesis.label)),
        Finding::PossibleCounterexample { .. } | Finding::Unknown(_) | Finding::Failed(_) => false,
    };
    proof.attempts.iter().filter(uses).count()
}

/// The number of levels of the tree below its theorems.
fn levels(nodes: &IdVec<NodeId, Node>) -> usize {
    let mut level_of: Vec<usize> = Vec::with_capacity(nodes.len());
    for node in nodes {
        let level = node.parent.and_then(|parent| level_of.get(parent.index())).map_or(0, |above| above + 1);
        level_of.push(level);
    }
    level_of.into_iter().max().unwrap_or(0)
}

fn n_lemmas(module: &Module) -> usize {
    let is_lemma = |kind: &UnitKind| match kind {
        UnitKind::Theorem(theorem) => theorem.keyword == "LEMMA",
        UnitKind::Constants(_)
        | UnitKind::Variables(_)
        | UnitKind::Assume(_)
        | UnitKind::Operator(_)
        | UnitKind::Function(_)
        | UnitKind::Recursive(_)
        | UnitKind::Instance(_)
        | UnitKind::InstanceDef(_)
        | UnitKind::Module(_)
        | UnitKind::Use(_) => false,
    };
    module.units.iter().filter(|unit| is_lemma(&unit.kind)).count()
}

/// The columns side by side, in Markdown.
fn render(columns: &[(String, Vec<String>)]) -> String {
    let mut lines = vec![vec![String::new()], vec!["---".to_owned()]];
    lines.extend(ROWS.iter().map(|row| vec![(*row).to_owned()]));
    for (heading, figures) in columns {
        lines[0].push(heading.clone());
        lines[1].push("---:".to_owned());
        for (line, figure) in lines[2..].iter_mut().zip(figures) {
            line.push(figure.clone());
        }
    }
    lines.iter().fold(String::new(), |mut out, line| {
        let _ = writeln!(out, "| {} |", line.join(" | "));
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_side_by_side() {
        let columns = [("a".to_owned(), vec!["1".to_owned(); ROWS.len()])];
        let table = render(&columns);
        assert!(
            table.starts_with("|  | a |\n| --- | ---: |\n| size of specification (lines) | 1 |\n"),
            "{table}"
        );
        assert_eq!(table.lines().count(), ROWS.len() + 2);
    }
}
