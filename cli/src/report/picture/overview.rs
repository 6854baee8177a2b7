//! Figures of a run, its theorems, the dearest obligations, and what is taken for granted.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use lang::ids::Id;
use lang::source::Span;
use lang::typed::{FactKind, Inherited};
use serde::Serialize;
use vcgen::obligation::{ObligationIdx, TheoremPlan};

use super::mark::{Mark, marks};
use super::texts::lines_under;
use super::tree::{Standings, mood};
use crate::driver::Run;
use crate::elsewhere;
use crate::identity;
use crate::report::json::{millis, standing_word};
use crate::report::needed;
use crate::report::text::simulated;
use crate::size;
use crate::verdict::{Standing, VacuityVerdict};

/// How many obligations are listed as the dearest.
const N_DEAREST: usize = 12;

/// Figures of a run.
#[derive(Clone, Debug, Serialize)]
pub struct Figures {
    /// Theorems.
    pub n_theorems: usize,
    /// Theorems that are proved.
    pub n_theorems_proved: usize,
    /// Obligations that the theorems need.
    pub n_obligations: usize,
    /// How many of them have which mark.
    pub tally: BTreeMap<Mark, usize>,
    /// Resource units of these.
    pub rlimit: u64,
    /// Milliseconds of wall time of the whole run.
    pub time_ms: f64,
    /// Checks for contradictions that were made.
    pub n_checks: usize,
    /// Those of them that found one.
    pub n_contradictory: usize,
    /// Hints that the module's proofs have.
    pub n_hints: usize,
    /// Lines of proof text in the module.
    pub n_proof_lines: usize,
    /// The version of the program.
    pub tool: String,
    /// The version of the solver.
    pub solver: String,
}

/// A theorem.
#[derive(Clone, Debug, Serialize)]
pub struct Theorem {
    /// Its name.
    pub name: String,
    /// The path of its node in the tree.
    pub path: String,
    /// How it stands.
    pub standing: Standings,
    /// Its statement.
    pub text: String,
    /// Where it stands.
    pub line: usize,
    /// How it was proved, or nearly.
    pub by: Option<String>,
    /// How many obligations it needs.
    pub n_obligations: usize,
    /// Resource units of these.
    pub rlimit: u64,
    /// What its proofs use directly.
    pub uses: Vec<String>,
    /// What it waits for.
    pub blocked_on: Vec<String>,
    /// What each branch is to the specification that is refined.
    pub simulates: Vec<(String, String)>,
}

/// A dear obligation.
#[derive(Clone, Debug, Serialize)]
pub struct Dear {
    /// Its id.
    pub id: String,
    /// What became of it.
    pub mark: Mark,
    /// Resource units.
    pub rlimit: u64,
    /// Milliseconds.
    pub time_ms: f64,
    /// Its cost as a part of the dearest one's, in percent.
    pub percent: f64,
}

/// Something that is taken for granted.
#[derive(Clone, Debug, Serialize)]
pub struct Assumed {
    /// `assumption`, `axiom`, `theorem without proof`, or where it is proved.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// What it says.
    pub text: String,
    /// Where it stands.
    pub place: String,
    /// What is to be said about it.
    pub remark: Option<String>,
}

/// The figures of a run.
pub fn figures(run: &Run) -> Option<Figures> {
    let (proof, decomposition) = (run.proof.as_ref()?, run.front.decomposition.as_ref()?);
    let tree = &decomposition.tree;
    let needed = needed(proof);
    let marks = marks(tree, proof);
    let mut tally: BTreeMap<Mark, usize> = BTreeMap::new();
    for mark in needed.iter().filter_map(|idx| marks.get(idx)) {
        *tally.entry(*mark).or_default() += 1;
    }
    let vacuity = &proof.verdicts.vacuity;
    let is_proved = |standing: &Standing| *standing == Standing::Proved;
    Some(Figures {
        n_theorems: tree.theorems.len(),
        n_theorems_proved: proof.verdicts.theorems.iter().filter(|it| is_proved(&it.standing)).count(),
        n_obligations: needed.len(),
        tally,
        rlimit: needed.iter().filter_map(|idx| proof.attempts.get(idx)).map(|it| it.rlimit).sum(),
        time_ms: millis(run.front.times.total()),
        n_checks: vacuity.iter().filter(|it| !matches!(it, VacuityVerdict::NotSelected)).count(),
        n_contradictory: vacuity
            .iter()
            .filter(|it| matches!(it, VacuityVerdict::Contradictory { .. }))
            .count(),
        n_hints: tree.theorems.iter().filter(|plan| plan.root).map(|plan| plan.hints).sum(),
        n_proof_lines: size::size(&run.front).proof,
        tool: identity::VERSION.to_owned(),
        solver: identity::z3_version(),
    })
}

/// The theorems of a run.
pub fn theorems(run: &Run) -> Vec<Theorem> {
    let (Some(proof), Some(decomposition)) = (&run.proof, &run.front.decomposition) else {
        return Vec::new();
    };
    let tree = &decomposition.tree;
    let one = |(plan, verdict): (&TheoremPlan, &crate::verdict::TheoremVerdict)| {
        let statement = decomposition.program.module.facts[plan.fact].statement.span;
        let attempts = verdict.needed.iter().filter_map(|idx| proof.attempts.get(idx));
        let simulates = simulated(proof, plan, verdict).into_iter();
        Theorem {
            name: plan.name.clone(),
            path: tree.nodes[plan.node].path.clone(),
            standing: Standings {
                word: standing_word(&verdict.standing).to_owned(),
                mood: mood(&verdict.standing),
            },
            text: run.front.sources.text(statement).to_owned(),
            line: run.front.sources.line_col(plan.span).0,
            by: verdict.alternative.map(|idx| plan.alternatives[idx].name.clone()),
            n_obligations: verdict.needed.len(),
            rlimit: attempts.map(|attempt| attempt.rlimit).sum(),
            uses: verdict.uses.iter().cloned().collect(),
            blocked_on: match &verdict.standing {
                Standing::Blocked { on } => on.clone(),
                Standing::Proved
                | Standing::Partial
                | Standing::Refuted(_)
                | Standing::Failed(_)
                | Standing::NoProof
                | Standing::Assumed
                | Standing::Vacuous
                | Standing::NotSelected => Vec::new(),
            },
            simulates: simulates.map(|(branch, step)| (branch.to_owned(), step.to_owned())).collect(),
        }
    };
    tree.theorems.iter().zip(&proof.verdicts.theorems).map(one).collect()
}

/// The dearest obligations that the theorems need.
pub fn dearest(run: &Run) -> Vec<Dear> {
    let (Some(proof), Some(decomposition)) = (&run.proof, &run.front.decomposition) else {
        return Vec::new();
    };
    let tree = &decomposition.tree;
    let marks = marks(tree, proof);
    let cost = |idx: &ObligationIdx| proof.attempts.get(idx).map_or(0, |attempt| attempt.rlimit);
    let mut dearest: Vec<ObligationIdx> = needed(proof).into_iter().filter(|idx| cost(idx) > 0).collect();
    dearest.sort_by_key(|idx| (Reverse(cost(idx)), idx.index()));
    dearest.truncate(N_DEAREST);
    let most = dearest.first().map_or(1, cost);
    let one = |idx: &ObligationIdx| {
        let (attempt, mark) = (proof.attempts.get(idx)?, marks.get(idx)?);
        Some(Dear {
            id: tree.obligations[*idx].id.clone(),
            mark: *mark,
            rlimit: attempt.rlimit,
            time_ms: millis(attempt.time),
            percent: percent(attempt.rlimit, most),
        })
    };
    dearest.iter().filter_map(one).collect()
}

/// A part in percent, to a tenth.
fn percent(part: u64, whole: u64) -> f64 {
    let per_mille = part.saturating_mul(1000) / whole.max(1);
    f64::from(u32::try_from(per_mille).unwrap_or(1000)) / 10.0
}

/// What is taken for granted, or proved elsewhere.
pub fn assumed(run: &Run) -> Vec<Assumed> {
    let (Some(proof), Some(decomposition)) = (&run.proof, &run.front.decomposition) else {
        return Vec::new();
    };
    let sources = &run.front.sources;
    let module = &decomposition.program.module;
    let place = |span: Span| format!("{}:{}", sources.files[span.file].name, sources.line_col(span).0);
    let given = module.facts.iter().filter_map(|fact| {
        let kind = match fact.kind {
            FactKind::Assumption => "assumption",
            FactKind::Axiom => "axiom",
            FactKind::Theorem => return None,
        };
        Some(Assumed {
            kind: kind.to_owned(),
            name: fact.name.clone(),
            text: lines_under(sources, fact.statement.span),
            place: place(fact.span),
            remark: None,
        })
    });
    let omitted = decomposition.tree.theorems.iter().filter(|plan| plan.omitted).map(|plan| Assumed {
        kind: "theorem without proof".to_owned(),
        name: plan.name.clone(),
        text: sources.text(module.facts[plan.fact].statement.span).to_owned(),
        place: place(plan.span),
        remark: Some("its proof is OMITTED, so that nothing that rests on it counts as proved".to_owned()),
    });
    let used = elsewhere::used(decomposition, &proof.attempts).into_iter();
    let inherited = used.map(|position| {
        let theorem: &Inherited = &module.inherited[position];
        let other = proof.others.get(&theorem.module);
        let is_proved = other.is_some_and(|other| other.proved.contains(&theorem.fact));
        let cost = other.map_or_else(String::new, |other| {
            format!(" with {} obligations, rlimit {}", other.n_obligations, other.rlimit)
        });
        let proved = if is_proved { "proved" } else { "NOT proved" };
        Assumed {
            kind: format!("theorem of module {}", theorem.module),
            name: theorem.name(),
            text: lines_under(sources, theorem.span),
            place: place(theorem.span),
            remark: Some(format!("{proved} in a run of that module{cost}")),
        }
    });
    given.chain(omitted).chain(inherited).collect()
}
