//! What becomes of mutants: the spec itself is proved first, then each mutant, several at a time.
//!
//! Invariants: a mutant survives only if the whole of `prove` says that all its theorems are proved. An answer is
//! taken from the run of the spec itself only for a condition and a stage that are the same, byte for byte; answers do
//! not depend on what was solved before, so that this only spares time. A mutant that fails is given up at the first
//! obligation without which one of its theorems cannot be proved, whatever becomes of the others.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::Result;
use indexmap::{IndexMap, IndexSet};
use lang::ast;
use lang::resolve::Lost;
use lang::source::SourceMap;
use lang::typed::{self, ExprKind};
use serde::{Deserialize, Serialize};
use solver::backend::{Answer, Backend, Check, Limits, SolverError, UnknownReason};
use solver::discharge::Outcome;
use vcgen::decompose::Decomposition;
use vcgen::obligation::{ObligationKind, ProofTree, VacuitySubject};
use vcgen::vc::{Stage, Vc};

use super::Mutant;
use super::operators::{Sorts, candidates};
use crate::attempt::{MakeBackend, Progress, Solving, Unwatched};
use crate::driver::{self, Front, Proof, Run, Until};
use crate::exit::ExitStatus;
use crate::load::Loaded;
use crate::report::{exit, needed};
use crate::resources::StageTimes;
use crate::select::Selection;
use crate::verdict::{ObligationVerdict, Standing, VacuityVerdict};

/// Stack of a thread that takes mutants through the pipeline; only what is touched is taken from memory.
const STACK_BYTES: usize = 256 << 20;

/// How mutants are judged.
#[derive(Clone, Copy)]
pub struct Judging<'a> {
    /// How many at a time.
    pub n_workers: usize,
    /// What bounds each check.
    pub limits: Limits,
    /// The largest budget of a stage, if not what lowering chose.
    pub rlimit: Option<u32>,
    /// How long a counterexample is sought to what is not proved; none if not at all.
    pub search: Option<Duration>,
    /// Whether all obligations of a mutant are tried.
    pub is_exhaustive: bool,
    /// Where backends come from.
    pub make_backend: MakeBackend<'a>,
    /// Set when the user wants no more.
    pub stop: &'a AtomicBool,
}

/// What became of a mutant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// Every theorem is still proved.
    Survives,
    /// Some theorem is not proved within the budget, and not refuted either.
    Undecided,
    /// A counterexample was confirmed.
    Refuted,
    /// The theorems hold because some premises contradict each other, or an action can never happen.
    Vacuous,
    /// It is no spec that anything could be proved of: the change has no meaning where it was made.
    NoSpec,
    /// Two of our own checks disagree, or a theorem that follows from the spec's was refuted.
    Disagreement,
}

impl Fate {
    /// All of them, in the order of reports.
    pub const ALL: [Self; 6] =
        [Self::Refuted, Self::Undecided, Self::Vacuous, Self::Survives, Self::NoSpec, Self::Disagreement];

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Survives => "survives",
            Self::Undecided => "undecided",
            Self::Refuted => "refuted",
            Self::Vacuous => "vacuous",
            Self::NoSpec => "no-spec",
            Self::Disagreement => "disagreement",
        }
    }

    /// Whether somebody noticed the change; none if that is not a question.
    pub fn is_killed(self) -> Option<bool> {
        match self {
            Self::Survives => Some(false),
            Self::Undecided | Self::Refuted | Self::Vacuous => Some(true),
            Self::NoSpec | Self::Disagreement => None,
        }
    }
}

/// What became of a mutant, and where that was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judged {
    /// What became of it.
    pub fate: Fate,
    /// The obligation, the premises, or the message that shows it; empty for what survives.
    pub because: String,
}

/// A spec with what became of it, and with its mutants.
pub struct Subject {
    /// The spec, proved.
    pub run: Run,
    /// Its mutants, in the order of the text.
    pub mutants: Vec<Mutant>,
    /// How many changes make no spec: names or sorts do not fit.
    pub n_no_spec: usize,
    /// How many changes change nothing, or the same as another one.
    pub n_same: usize,
    material: Material,
}

/// What mutants are made and judged with.
struct Material {
    file: PathBuf,
    table: Table,
    sources: SourceMap,
    /// The root, then the modules that it refers to.
    modules: Vec<ast::Module>,
}

impl Subject {
    /// Whether the spec itself is proved; of another one, nothing can be learned from mutants.
    pub fn is_proved(&self) -> bool {
        exit(&self.run) == ExitStatus::Proved
            && self.run.proof.as_ref().is_some_and(|proof| proof.verdicts.is_verified())
    }
}

/// Proves a spec and finds its mutants.
pub fn subject(file: &Path, loaded: Loaded, judging: &Judging<'_>) -> Result<Subject> {
    let table = Table::default();
    let material = Material {
        file: file.to_owned(),
        table: table.clone(),
        sources: loaded.sources.clone(),
        modules: std::iter::once(&loaded.root).chain(&loaded.library).cloned().collect(),
    };
    let front = driver::front(file, loaded, StageTimes::default(), Until::Obligations);
    let record = |worker_idx: usize| -> Box<dyn Backend + Send> {
        Box::new(Recorder { inner: (judging.make_backend)(worker_idx), table: table.clone() })
    };
    let solving = Solving {
        n_workers: judging.n_workers,
        limits: judging.limits,
        rlimit: judging.rlimit,
        make_backend: &record,
        stop: judging.stop,
        search: None,
        dump_smt: None,
        progress: &Unwatched,
    };
    let run = driver::prove(front, &Selection::default(), &solving)?;
    let mut subject = Subject { run, mutants: Vec::new(), n_no_spec: 0, n_same: 0, material };
    find_mutants(&mut subject, judging);
    Ok(subject)
}

/// Keeps, of the candidates, those that are specs, and of those that are the same spec the first.
fn find_mutants(subject: &mut Subject, judging: &Judging<'_>) {
    let Some(typed) = &subject.run.front.typed else {
        return;
    };
    let modules: Vec<&ast::Module> =
        subject.material.modules.iter().filter(|module| !module.standard).collect();
    let candidates = candidates(&modules, &sorts(typed), &ends(&subject.run));
    let material = &subject.material;
    let texts = in_parallel(judging.n_workers, &candidates, judging.stop, |mutant| {
        let front = mutated(material, mutant, Until::Typed);
        Some(front.typed.map(|typed| lang::print_typed::module(&typed)))
    });
    let mut seen = IndexSet::from([lang::print_typed::module(typed)]);
    for (mutant, text) in candidates.into_iter().zip(texts) {
        match text.flatten() {
            None => subject.n_no_spec += 1,
            Some(text) => {
                if seen.insert(text) {
                    subject.mutants.push(mutant);
                } else {
                    subject.n_same += 1;
                }
            }
        }
    }
}

/// The front end of a mutant, as far as `until`.
fn mutated(material: &Material, mutant: &Mutant, until: Until) -> Front {
    // Positions count the modules that do not come with the program.
    let own: Vec<usize> =
        (0..material.modules.len()).filter(|idx| !material.modules[*idx].standard).collect();
    let modules: Vec<&ast::Module> = own.iter().map(|idx| &material.modules[*idx]).collect();
    let (position, changed) = mutant.apply(&modules);
    let mut all = material.modules.clone();
    all[own[position]] = changed;
    let root = all.remove(0);
    let loaded = Loaded {
        sources: material.sources.clone(),
        root,
        library: all,
        diagnostics: Vec::new(),
        lost: Lost::default(),
    };
    driver::front(&material.file, loaded, StageTimes::default(), until)
}

/// Judges mutants; `on_done` is told of each as soon as it is, from any thread. One that was not judged because the
/// user wanted no more has no result.
pub fn judge(
    subject: &Subject,
    mutants: &[&Mutant],
    judging: &Judging<'_>,
    on_done: &(dyn Fn(usize, &Judged) + Sync),
) -> Vec<Option<Judged>> {
    let places: Vec<usize> = (0..mutants.len()).collect();
    let material = &subject.material;
    in_parallel(judging.n_workers, &places, judging.stop, |place| {
        let judged = judge_one(material, mutants[*place], judging)?;
        on_done(*place, &judged);
        Some(judged)
    })
}

fn judge_one(material: &Material, mutant: &Mutant, judging: &Judging<'_>) -> Option<Judged> {
    let front = mutated(material, mutant, Until::Obligations);
    let Some(decomposition) = &front.decomposition else {
        let because = front.diagnostics.first().map(|it| it.message.clone()).unwrap_or_default();
        return Some(Judged { fate: Fate::NoSpec, because });
    };
    let watch = Watch::new(decomposition, judging.is_exhaustive);
    let make_backend = |worker_idx: usize| -> Box<dyn Backend + Send> {
        Box::new(Replayer {
            table: material.table.clone(),
            is_enough: Arc::clone(&watch.is_enough),
            inner: (judging.make_backend)(worker_idx),
        })
    };
    let solving = Solving {
        n_workers: 1,
        limits: judging.limits,
        rlimit: judging.rlimit,
        make_backend: &make_backend,
        stop: judging.stop,
        search: judging.search,
        dump_smt: None,
        progress: &watch,
    };
    let run = match driver::prove(front, &Selection::default(), &solving) {
        Ok(run) => run,
        Err(error) => return Some(Judged { fate: Fate::NoSpec, because: format!("{error:#}") }),
    };
    if judging.stop.load(Ordering::Relaxed) {
        return None;
    }
    let fate = match exit(&run) {
        ExitStatus::Proved if run.proof.as_ref().is_some_and(|proof| proof.verdicts.is_verified()) => {
            Fate::Survives
        }
        // It has the theorems of the spec, so something is selected, and nobody compares costs.
        ExitStatus::Proved | ExitStatus::Undecided | ExitStatus::NothingSelected | ExitStatus::Regressed => {
            Fate::Undecided
        }
        ExitStatus::Refuted if mutant.is_implied() => Fate::Disagreement,
        ExitStatus::Refuted => Fate::Refuted,
        ExitStatus::Vacuous => Fate::Vacuous,
        ExitStatus::Usage => Fate::NoSpec,
        ExitStatus::Internal => Fate::Disagreement,
    };
    Some(Judged { fate, because: because(&run, fate, watch.failed()) })
}

/// What shows the fate of a mutant.
fn because(run: &Run, fate: Fate, first_failed: Option<String>) -> String {
    let (Some(proof), Some(decomposition)) = (&run.proof, &run.front.decomposition) else {
        return String::new();
    };
    match fate {
        Fate::Survives | Fate::NoSpec => String::new(),
        Fate::Disagreement if !proof.verdicts.internal.is_empty() => proof.verdicts.internal.join("; "),
        Fate::Vacuous => contradictory(proof, &decomposition.tree),
        Fate::Refuted | Fate::Disagreement => {
            refuted(proof, &decomposition.tree).or(first_failed).unwrap_or_default()
        }
        Fate::Undecided => first_failed.or_else(|| unproved(proof, &decomposition.tree)).unwrap_or_default(),
    }
}

fn refuted(proof: &Proof, tree: &ProofTree) -> Option<String> {
    let is_refuted = |verdict: &ObligationVerdict| matches!(verdict, ObligationVerdict::Refuted(_));
    let (idx, _) = proof.verdicts.obligations.iter().find(|(_, verdict)| is_refuted(verdict))?;
    Some(tree.obligations[*idx].id.clone())
}

/// The first thing that is not proved: an obligation that is needed, a theorem, or a vacuity check.
fn unproved(proof: &Proof, tree: &ProofTree) -> Option<String> {
    let needed = needed(proof);
    let is_open = |verdict: &ObligationVerdict| match verdict {
        ObligationVerdict::Proved(_) | ObligationVerdict::Blocked { .. } => false,
        ObligationVerdict::Refuted(_)
        | ObligationVerdict::PossibleCounterexample(_)
        | ObligationVerdict::Undecided(_)
        | ObligationVerdict::Failed(_) => true,
    };
    let mut obligations = proof.verdicts.obligations.iter();
    let open = obligations.find(|(idx, verdict)| needed.contains(idx) && is_open(verdict));
    let obligation = open.map(|(idx, _)| tree.obligations[*idx].id.clone());
    let theorem = || {
        let mut theorems = tree.theorems.iter().zip(&proof.verdicts.theorems);
        theorems.find(|(_, verdict)| verdict.standing != Standing::Proved).map(|(plan, _)| plan.name.clone())
    };
    let check = || {
        let mut checks = tree.vacuity.iter().zip(&proof.verdicts.vacuity);
        let is_unchecked = |verdict: &VacuityVerdict| matches!(verdict, VacuityVerdict::NotChecked(_));
        checks
            .find(|(_, verdict)| is_unchecked(verdict))
            .map(|(check, _)| tree.obligations[check.obligation].id.clone())
    };
    obligation.or_else(theorem).or_else(check)
}

/// What the vacuity checks found.
fn contradictory(proof: &Proof, tree: &ProofTree) -> String {
    let found = tree.vacuity.iter().zip(&proof.verdicts.vacuity).filter_map(|(check, verdict)| {
        let VacuityVerdict::Contradictory { .. } = verdict else {
            return None;
        };
        Some(match &check.subject {
            VacuitySubject::Assumptions => "the assumptions contradict each other".to_owned(),
            VacuitySubject::Action { branch, .. } => format!("`{branch}` can never happen"),
            VacuitySubject::Initial { .. } => "there is no initial state".to_owned(),
        })
    });
    let found: BTreeSet<String> = found.collect();
    found.into_iter().collect::<Vec<_>>().join("; ")
}

/// The theorems of the root, by their positions, whose statements nothing rests on and that are not their own
/// induction: what the spec is for.
fn ends(run: &Run) -> Vec<usize> {
    let (Some(proof), Some(decomposition)) = (&run.proof, &run.front.decomposition) else {
        return Vec::new();
    };
    let plans = &decomposition.tree.theorems;
    let verdicts = &proof.verdicts.theorems;
    let is_used = |name: &str| verdicts.iter().any(|verdict| verdict.uses.contains(name));
    let roots = plans.iter().zip(verdicts).filter(|(plan, _)| plan.root).enumerate();
    let ends = roots.filter(|(_, (plan, verdict))| {
        let is_induction = verdict.alternative.is_some_and(|idx| {
            plan.alternatives[idx].obligations.iter().any(|obligation_idx| {
                match &decomposition.tree.obligations[*obligation_idx].kind {
                    ObligationKind::Initiation | ObligationKind::Consecution { .. } => true,
                    ObligationKind::Continuity { .. }
                    | ObligationKind::Implication
                    | ObligationKind::Induction
                    | ObligationKind::Termination { .. }
                    | ObligationKind::Vacuity => false,
                }
            })
        });
        !is_used(&plan.name) && !is_induction
    });
    ends.map(|(theorem_idx, _)| theorem_idx).collect()
}

/// The sorts of all expressions and names of a module, by their spans. Where one span has several sorts, as an
/// operator does that is used at several, it has none here.
fn sorts(module: &typed::Module) -> Sorts {
    let mut found: IndexMap<lang::source::Span, Option<lang::sort::Sort>> = IndexMap::new();
    let mut add = |span: lang::source::Span, sort: &lang::sort::Sort| {
        let known = found.entry(span).or_insert_with(|| Some(sort.clone()));
        if known.as_ref() != Some(sort) {
            *known = None;
        }
    };
    let bodies = module.operators.iter().map(|operator| &operator.body);
    let mut waiting: Vec<typed::Expr> =
        bodies.chain(module.facts.iter().map(|fact| &fact.statement)).cloned().collect();
    while let Some(expr) = waiting.pop() {
        // What sugar leaves behind has the span of what it came from, and sorts of its own.
        if !matches!(expr.kind, ExprKind::Not(_)) {
            add(expr.span, &expr.sort);
        }
        vcgen::expr::each_child(&expr, &mut |child| waiting.push(child.clone()));
    }
    for local in module.locals.iter() {
        add(local.span, &local.sort);
    }
    found.into_iter().filter_map(|(span, sort)| Some((span, sort?))).collect()
}

/// Calls `work` on each item, several at a time, and returns the results in the order of the items. Once `stop` is
/// set no item is begun.
fn in_parallel<T: Sync, R: Send>(
    n_workers: usize,
    items: &[T],
    stop: &AtomicBool,
    work: impl Fn(&T) -> Option<R> + Sync,
) -> Vec<Option<R>> {
    let results: Vec<Mutex<Option<R>>> = items.iter().map(|_| Mutex::new(None)).collect();
    let next = AtomicUsize::new(0);
    let run = || {
        while !stop.load(Ordering::Relaxed) {
            let item_idx = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(item_idx) else {
                return;
            };
            let result = work(item);
            *results[item_idx].lock().unwrap_or_else(PoisonError::into_inner) = result;
        }
    };
    thread::scope(|scope| {
        let mut n_started = 0;
        for _ in 0..n_workers.clamp(1, items.len().max(1)) {
            let thread = thread::Builder::new().stack_size(STACK_BYTES);
            n_started += usize::from(thread.spawn_scoped(scope, run).is_ok());
        }
        if n_started == 0 {
            run();
        }
    });
    results.into_iter().map(|result| result.into_inner().unwrap_or_else(PoisonError::into_inner)).collect()
}

/// The answers of a run, by condition and stage.
#[derive(Clone, Debug, Default)]
struct Table(Arc<Mutex<Answers>>);

/// The stages of each condition, which is kept as a whole, so that no two are ever taken for one.
type Answers = IndexMap<Vec<u8>, Vec<(Stage, Check)>>;

impl Table {
    fn lock(&self) -> MutexGuard<'_, Answers> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn find(&self, key: &[u8], stage: &Stage) -> Option<Check> {
        let answers = self.lock();
        let (_, check) = answers.get(key)?.iter().find(|(known, _)| known == stage)?;
        Some(check.clone())
    }
}

/// The bytes of a condition, if it has any.
fn key(vc: &Vc) -> Option<Vec<u8>> {
    postcard::to_stdvec(vc).ok()
}

/// Whether an answer would be the same in another run.
fn is_lasting(answer: &Answer) -> bool {
    match answer {
        Answer::Unsat { .. } | Answer::Sat(_) => true,
        Answer::Unknown(reason) => match reason {
            UnknownReason::ResourceLimit | UnknownReason::Incomplete(_) => true,
            UnknownReason::Timeout
            | UnknownReason::Memory
            | UnknownReason::Interrupted
            | UnknownReason::SolverDied(_) => false,
        },
    }
}

/// Keeps the answers of a backend.
struct Recorder {
    inner: Box<dyn Backend + Send>,
    table: Table,
}

impl Backend for Recorder {
    fn check(&mut self, vc: &Vc, stage: &Stage, limits: Limits) -> Result<Check, SolverError> {
        let check = self.inner.check(vc, stage, limits)?;
        if let Some(key) = key(vc).filter(|_| is_lasting(&check.answer)) {
            self.table.lock().entry(key).or_default().push((stage.clone(), check.clone()));
        }
        Ok(check)
    }
}

/// Answers what was answered before, and asks a backend for the rest, until it is enough.
struct Replayer {
    table: Table,
    is_enough: Arc<AtomicBool>,
    inner: Box<dyn Backend + Send>,
}

impl Backend for Replayer {
    fn check(&mut self, vc: &Vc, stage: &Stage, limits: Limits) -> Result<Check, SolverError> {
        if self.is_enough.load(Ordering::Relaxed) {
            let answer = Answer::Unknown(UnknownReason::Interrupted);
            return Ok(Check { answer, rlimit: 0, time: Duration::ZERO });
        }
        if let Some(check) = key(vc).and_then(|key| self.table.find(&key, stage)) {
            return Ok(check);
        }
        self.inner.check(vc, stage, limits)
    }
}

/// Watches for the first obligation that fails and that its theorem cannot do without.
struct Watch {
    /// Obligations of the last alternatives of theorems.
    decisive: BTreeSet<String>,
    /// Obligations that were tried. What is tried again may fail then and be proved all the same, by what was found
    /// the first time.
    tried: Mutex<BTreeSet<String>>,
    failed: Mutex<Option<String>>,
    is_enough: Arc<AtomicBool>,
    is_exhaustive: bool,
}

impl Watch {
    fn new(decomposition: &Decomposition, is_exhaustive: bool) -> Self {
        let tree = &decomposition.tree;
        let last = tree.theorems.iter().filter_map(|plan| plan.alternatives.last());
        let obligations =
            last.flat_map(|alternative| &alternative.obligations).map(|idx| &tree.obligations[*idx]);
        let decisive = obligations.filter(|obligation| match obligation.kind {
            ObligationKind::Initiation
            | ObligationKind::Consecution { .. }
            | ObligationKind::Implication
            | ObligationKind::Induction => true,
            // A helper that fails is withdrawn, and what waits for a recursion may be proved in another way.
            ObligationKind::Continuity { .. }
            | ObligationKind::Termination { .. }
            | ObligationKind::Vacuity => false,
        });
        Self {
            decisive: decisive.map(|obligation| obligation.id.clone()).collect(),
            tried: Mutex::default(),
            failed: Mutex::default(),
            is_enough: Arc::default(),
            is_exhaustive,
        }
    }

    fn failed(&self) -> Option<String> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Progress for Watch {
    fn expect(&self, _n_conditions: usize) {}

    fn done(&self, obligation: &str, outcome: &Outcome) {
        let is_first =
            self.tried.lock().unwrap_or_else(PoisonError::into_inner).insert(obligation.to_owned());
        let is_failure = match outcome {
            Outcome::Proved { .. } => false,
            Outcome::NotProved(_) => is_first && self.decisive.contains(obligation),
        };
        if is_failure {
            self.failed
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .get_or_insert_with(|| obligation.to_owned());
            if !self.is_exhaustive {
                self.is_enough.store(true, Ordering::Relaxed);
            }
        }
    }
}
