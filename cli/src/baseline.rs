//! Baselines: how a module is proved, and what that costs, written down beside it so that a change of either is seen.
//!
//! ```text
//! run ─observe→ baseline ─text→ file            run ─observe→ baseline ─compare, with the recorded one→ findings
//! ```
//!
//! Invariants: there is nothing in a baseline that differs between two runs of one program on one text: no times, no
//! paths; costs are those of conditions by themselves, so that a cache must give no hints. No verdict rests on one.

pub mod compare;
pub mod file;
mod matching;
pub mod report;

use std::collections::BTreeMap;

use lang::typed::{Expr, LocalId, Module};
use solver::canonical::{ENCODING, Key, solver_build};
use solver::discharge::{Discharged, Job, NotProved, Outcome};
use vcgen::decompose::Decomposition;
use vcgen::obligation::{Means, Node, NodeId, Obligation, ObligationIdx, ObligationKind, ProofTree};

use crate::attempt::Solving;
use crate::cache::entry::is_lasting;
use crate::driver::{Proof, Run};
use crate::report::needed;
use crate::stability::{median, proved, with_seed};
use crate::verdict::ObligationVerdict;

/// So many seeds are tried for a median, the usual one among them.
pub const N_SEEDS: u32 = 5;

/// How a module is proved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Baseline {
    /// The solver, as exactly as it can be told.
    pub solver: String,
    /// The sources that put a condition into its terms.
    pub encoding: String,
    /// The largest budget of a stage, if not what lowering chose.
    pub rlimit: Option<u32>,
    /// The theorems that have obligations, in the order of the proof tree, and lemmas outside of them.
    pub theorems: Vec<Theorem>,
}

/// A theorem with what its proof needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Theorem {
    /// Its name.
    pub name: String,
    /// The rule that proves it: `induction`, `implied`, ...
    pub by: String,
    /// Whether it is no theorem, but serves others: that a recursion ends.
    pub is_helper: bool,
    /// The needed obligations below its node, in the order of the tree.
    pub entries: Vec<Entry>,
}

/// An obligation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its id.
    pub id: String,
    /// What it is about: the same for all cases of one conjunct in one place, whatever they are called; none for what
    /// only serves others.
    pub about: Option<About>,
    /// What closed it.
    pub closed: By,
}

/// A claim, as far as it can be told again after an edit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct About {
    /// `init`, or the branch of the action; empty for what is about no step.
    pub place: String,
    /// A digest of the formula as written, whatever its bound names: 8 hexadecimal digits.
    pub formula: String,
}

/// What closed an obligation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum By {
    /// The action changes nothing that the conjunct reads.
    Frame,
    /// It is about old elements of a growing set.
    Increment,
    /// Rewriting.
    Rewriting,
    /// The solver, at this cost.
    Z3(Cost),
    /// Nothing: such an obligation is in no file.
    Nothing,
}

/// What a condition costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cost {
    /// The first digits of its key.
    pub key: String,
    /// Resource units with the usual seed.
    pub usual: u64,
    /// The median with [`N_SEEDS`] seeds; none if it was not asked for, or if the clock ended so many trials that there
    /// is none.
    pub median: Option<u64>,
}

impl By {
    /// The word for it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Frame => "frame",
            Self::Increment => "increment",
            Self::Rewriting => "rewriting",
            Self::Z3(_) => "z3",
            Self::Nothing => "nothing",
        }
    }

    /// The cost, if the solver closed it.
    pub fn cost(&self) -> Option<&Cost> {
        match self {
            Self::Z3(cost) => Some(cost),
            Self::Frame | Self::Increment | Self::Rewriting | Self::Nothing => None,
        }
    }
}

impl Baseline {
    /// All obligations.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.theorems.iter().flat_map(|theorem| &theorem.entries)
    }

    /// Whether costs can be compared: they are those of one solver that is asked in one way.
    pub fn is_of_same_solver(&self, other: &Self) -> bool {
        (&self.solver, &self.encoding) == (&other.solver, &other.encoding)
    }
}

/// What a run shows, with the conditions that the solver closed, by their obligations' ids. Medians are not known yet.
/// Nothing if the module has errors.
pub fn observe(run: &Run, solving: &Solving<'_>) -> Option<(Baseline, BTreeMap<String, Job>)> {
    let (Some(decomposition), Some(proof)) = (&run.front.decomposition, &run.proof) else { return None };
    let tree = &decomposition.tree;
    let seed = solving.limits.seed;
    let conditions: BTreeMap<ObligationIdx, Job> =
        proved(run, solving).into_iter().map(|proved| (proved.obligation, proved.job)).collect();
    let mut digests = Digests::new(decomposition);
    let mut theorems: Vec<Theorem> = Vec::new();
    for obligation_idx in needed(proof) {
        let obligation = &tree.obligations[obligation_idx];
        let owner = theorem_of(tree, proof, obligation.node);
        let closed = match proof.verdicts.obligations.get(&obligation_idx) {
            Some(ObligationVerdict::Proved(means)) => {
                let job = conditions.get(&obligation_idx);
                by(*means, job.map(|job| cost(job, seed, proof.attempts[&obligation_idx].rlimit)))
            }
            _ => By::Nothing,
        };
        let entry = Entry { id: obligation.id.clone(), about: digests.about(obligation), closed };
        match theorems.iter_mut().find(|theorem| theorem.name == owner.name) {
            Some(theorem) => theorem.entries.push(entry),
            None => theorems.push(Theorem { entries: vec![entry], ..owner }),
        }
    }
    let baseline =
        Baseline { solver: solver_build(), encoding: ENCODING.to_owned(), rlimit: solving.rlimit, theorems };
    let jobs = conditions.into_iter().map(|(idx, job)| (tree.obligations[idx].id.clone(), job)).collect();
    Some((baseline, jobs))
}

fn by(means: Means, cost: Option<Cost>) -> By {
    match (means, cost) {
        (Means::Frame, _) => By::Frame,
        (Means::Increment, _) => By::Increment,
        (Means::Rewriting, _) => By::Rewriting,
        (Means::Z3, Some(cost)) => By::Z3(cost),
        (Means::Z3, None) => By::Nothing,
    }
}

fn cost(job: &Job, seed: u32, usual: u64) -> Cost {
    let mut key = Key::of(&job.vc, seed).to_string();
    key.truncate(file::KEY_DIGITS);
    Cost { key, usual, median: None }
}

/// Finds the medians of the entries with these ids. Says whether the run went on to the end.
pub fn add_medians(
    baseline: &mut Baseline,
    wanted: &[String],
    jobs: &BTreeMap<String, Job>,
    solving: &Solving<'_>,
) -> bool {
    let wanted: Vec<&Job> = wanted.iter().filter_map(|id| jobs.get(id)).collect();
    let mut trials: Vec<Job> = wanted.iter().map(|job| Job::new(&job.id, job.vc.clone())).collect();
    let mut costs: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
    for number in 1..N_SEEDS {
        let seed = solving.limits.seed.wrapping_add(number);
        let Some(found) = with_seed(&mut trials, seed, solving) else { return false };
        for (job, trial) in wanted.iter().zip(&found) {
            costs.entry(&job.id).or_default().push(cost_of(trial));
        }
    }
    for entry in baseline.theorems.iter_mut().flat_map(|theorem| &mut theorem.entries) {
        if let (By::Z3(cost), Some(others)) = (&mut entry.closed, costs.get(entry.id.as_str())) {
            let mut all: Vec<u64> = others.iter().copied().chain([cost.usual]).collect();
            all.sort_unstable();
            cost.median = Some(median(&all)).filter(|median| *median < NONE);
        }
    }
    true
}

/// The cost of what has none, which is more than all others.
const NONE: u64 = u64::MAX;

/// What a trial cost. Where the clock ended it, that is not known.
fn cost_of(trial: &Discharged) -> u64 {
    match &trial.outcome {
        Outcome::Proved { .. } | Outcome::NotProved(NotProved::Satisfiable(_)) => trial.rlimit_total,
        Outcome::NotProved(NotProved::Unknown(reason)) if is_lasting(reason) => trial.rlimit_total,
        Outcome::NotProved(NotProved::Unknown(_) | NotProved::Failed(_)) => NONE,
    }
}

/// The theorem below whose node an obligation stands, without entries; or, if it is below none, what that node is.
fn theorem_of(tree: &ProofTree, proof: &Proof, mut node: NodeId) -> Theorem {
    while let Some(parent) = tree.nodes[node].parent {
        node = parent;
    }
    let mut plans = tree.theorems.iter().zip(&proof.verdicts.theorems);
    let found = plans.find(|(plan, _)| plan.node == node).and_then(|(plan, verdict)| {
        let by = plan.alternatives.get(verdict.alternative?)?.name.clone();
        Some(Theorem { name: plan.name.clone(), by, is_helper: false, entries: Vec::new() })
    });
    found.unwrap_or_else(|| {
        let Node { path, title, .. } = &tree.nodes[node];
        Theorem { name: path.clone(), by: title.clone(), is_helper: true, entries: Vec::new() }
    })
}

/// Makes digests of formulas.
struct Digests {
    /// The module with all names of locals, which are given others formula by formula.
    module: Module,
}

impl Digests {
    fn new(decomposition: &Decomposition) -> Self {
        let program = &decomposition.program;
        Self { module: Module { locals: program.all_locals(), ..program.module.clone() } }
    }

    fn about(&mut self, obligation: &Obligation) -> Option<About> {
        let place = match &obligation.kind {
            ObligationKind::Initiation => "init",
            ObligationKind::Consecution { branch } | ObligationKind::Simulation { branch } => branch,
            ObligationKind::Implication => "",
            // These serve others, or stand for a formula that is not proved case by case.
            ObligationKind::Continuity { .. }
            | ObligationKind::Induction
            | ObligationKind::Termination { .. }
            | ObligationKind::Vacuity => return None,
        };
        let claim = obligation.claim.as_ref()?;
        Some(About { place: place.to_owned(), formula: self.digest(claim.goal.as_written()) })
    }

    /// The digest of a formula, whose bound names are numbers in it.
    fn digest(&mut self, formula: &Expr) -> String {
        let mut bound = Vec::new();
        collect_bound(formula, &mut bound);
        for (position, local) in bound.into_iter().enumerate() {
            // No name that anybody can write.
            self.module.locals[local].name = format!("${position}");
        }
        let text = lang::print_typed::expr(&self.module, formula);
        let mut digest = blake3::hash(text.as_bytes()).to_hex().to_string();
        digest.truncate(file::ABOUT_DIGITS);
        digest
    }
}

/// The locals that are bound in an expression, in the order in which they are met.
fn collect_bound(expr: &Expr, out: &mut Vec<LocalId>) {
    out.extend(expr.binders().iter().map(|binder| binder.local));
    expr.for_each_child(&mut |child| collect_bound(child, out));
}
