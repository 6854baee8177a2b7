//! What becomes of mutants: the spec itself is proved first, then each mutant, several at a time.
//!
//! Invariants: a mutant survives only if the whole of `prove` says that all its theorems are proved. An answer is
//! taken from the run of the spec itself only for a condition and a stage that are the same, byte for byte; answers do
//! not depend on what was solved before, so that this only spares time. A mutant that fails is given up at the first
//! obligation without which one of its theorems cannot be proved, whatever becomes of the others.

mod because;
mod parallel;
mod spec;
mod table;
mod watch;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Result;
use indexmap::IndexSet;
use lang::ast;
use lang::resolve::Lost;
use lang::source::SourceMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use solver::backend::{Backend, Limits};

use self::because::because;
use self::parallel::in_parallel;
use self::spec::{ends, sorts};
use self::table::{Recorder, Replayer, Table};
use self::watch::Watch;
use super::Mutant;
use super::operators::candidates;
use crate::attempt::{MakeBackend, Solving, Unwatched};
use crate::driver::{self, Front, Run, Until};
use crate::exit::ExitStatus;
use crate::load::Loaded;
use crate::report::exit;
use crate::resources::StageTimes;
use crate::select::Selection;

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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
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
        cache: None,
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
        cache: None,
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
