//! The pipeline, read as one page: parse → resolve → check → decompose → lower → discharge → judge.
//!
//! Invariant: nothing is decomposed that has an error, and nothing is judged that was not decomposed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::Duration;

use anyhow::Result;
use lang::ast;
use lang::diag::{Checked, Code, Diagnostic, Severity};
use lang::source::SourceMap;
use lang::typed::{self, FactKind};
use lang::{check, resolve, resolved};
use vcgen::decompose::{self, Decomposition};
use vcgen::graph;
use vcgen::obligation::{ObligationIdx, ObligationKind, Part, ProofTree, Source, TheoremPlan};

use crate::attempt::{Attempt, Finding, Solving, Withdrawn, attempt};
use crate::cache::Cache;
use crate::cache::memo::Identity;
use crate::elsewhere::{self, Others};
use crate::evidence::Evidence;
use crate::evidence::cross::disagreements;
use crate::evidence::seek::{Seeking, seek};
use crate::exit::ExitStatus;
use crate::load::{self, Loaded};
use crate::recheck::Rechecked;
use crate::resources::{StageTimes, timed};
use crate::saved::texts;
use crate::select::Selection;
use crate::vacuity::contradiction::{self, Contradiction};
use crate::verdict::{self, Choice, Chosen, Standing, Verdicts};

/// A module up to its obligations, as far as it went without errors.
#[derive(Debug)]
pub struct Front {
    /// Whose file this is, as the user named it.
    pub file: PathBuf,
    /// All texts that were read.
    pub sources: SourceMap,
    /// The module as parsed.
    pub ast: ast::Module,
    /// The modules that it refers to, directly or not.
    pub library: Vec<ast::Module>,
    /// The module with sorts, if nothing before was wrong.
    pub typed: Option<typed::Module>,
    /// Its obligations, if nothing at all was wrong.
    pub decomposition: Option<Decomposition>,
    /// What was found, in the order in which it is shown.
    pub diagnostics: Vec<Diagnostic>,
    /// How long each stage took.
    pub times: StageTimes,
}

impl Front {
    /// Whether something was wrong.
    pub fn has_errors(&self) -> bool {
        has_errors(&self.diagnostics)
    }
}

/// A module with what came of its obligations.
#[derive(Debug)]
pub struct Run {
    /// The module.
    pub front: Front,
    /// What came of it; none if it has errors.
    pub proof: Option<Proof>,
}

/// What came of a module's obligations.
#[derive(Debug)]
pub struct Proof {
    /// What was tried, and what came of it.
    pub attempts: BTreeMap<ObligationIdx, Attempt>,
    /// What may be said.
    pub verdicts: Verdicts,
    /// What was found of obligations that are not proved.
    pub evidence: Evidence,
    /// Vacuity checks that found something, explained.
    pub contradictions: BTreeMap<ObligationIdx, Contradiction>,
    /// What was not offered to the last attempts.
    pub withdrawn: Withdrawn,
    /// What came of the modules whose theorems are used.
    pub others: Others,
    /// What came of rechecking decomposition, if that was asked for.
    pub recheck: Option<Rechecked>,
}

/// How far to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// To sorts.
    Typed,
    /// To obligations.
    Obligations,
    /// To obligations and what rechecks them.
    Rechecks,
    /// To that, and how each obligation came about.
    Trails,
}

/// Reads a module from a file and takes it as far as `until`. An error means that a file cannot be read.
pub fn read(file: &Path, include: &[PathBuf], until: Until) -> Result<Front> {
    let mut times = StageTimes::default();
    let loaded = timed(&mut times.parse, || load::load(file, include))?;
    Ok(front(file, loaded, times, until))
}

/// Takes a module that was parsed as far as `until`.
pub fn front(file: &Path, loaded: Loaded, mut times: StageTimes, until: Until) -> Front {
    let Loaded { sources, root, library, mut diagnostics, lost } = loaded;
    let mut decomposition = None;
    // Each stage goes on with what is whole, so that one run tells all that is wrong.
    let resolved = timed(&mut times.resolve, || resolve::resolve(&root, &library, lost));
    diagnostics.extend(resolved.diagnostics);
    let checked = timed(&mut times.check, || check::check_sorts(&resolved.value));
    diagnostics.extend(checked.diagnostics);
    if !has_errors(&diagnostics) {
        diagnostics.extend(without_meaning(&resolved.value, &checked.value));
        diagnostics.extend(graph::circular_proofs(&checked.value));
    }
    let typed = (!has_errors(&diagnostics)).then_some(checked.value);
    let decompose = match until {
        Until::Typed => None,
        Until::Obligations => Some(decompose::decompose as fn(&typed::Module) -> Checked<Decomposition>),
        Until::Rechecks => Some(decompose::decompose_with_rechecks as _),
        Until::Trails => Some(decompose::decompose_with_trails as _),
    };
    if let (Some(typed), Some(decompose)) = (&typed, decompose) {
        let decomposed = timed(&mut times.decompose, || decompose(typed));
        diagnostics.extend(decomposed.diagnostics);
        decomposition = (!has_errors(&diagnostics)).then_some(decomposed.value);
    }
    diagnostics.sort_by_key(Diagnostic::sort_key);
    diagnostics.dedup();
    Front { file: file.to_owned(), sources, ast: root, library, typed, decomposition, diagnostics, times }
}

/// Proves what is selected of a module. An error means that a condition could not be written to a file.
pub fn prove(mut front: Front, selection: &Selection, solving: &Solving<'_>) -> Result<Run> {
    let Some(decomposition) = &front.decomposition else {
        return Ok(Run { front, proof: None });
    };
    let selection = &selection.within(&decomposition.tree);
    let mut attempts = BTreeMap::new();
    let mut choice = first_choice(decomposition, selection);
    let mut wanted: BTreeSet<ObligationIdx> = verdict::selected_vacuity(decomposition, selection)
        .into_iter()
        .map(|check_idx| decomposition.tree.vacuity[check_idx].obligation)
        .collect();
    let memo = solving.cache.and_then(|cache| {
        cache.memo(&Identity {
            texts: &texts(&front.sources),
            module: &decomposition.program.module.name,
            rlimit: solving.rlimit,
            seed: solving.limits.seed,
            has_hints: cache.has_hints(),
        })
    });
    let mut withdrawn = Withdrawn::default();
    let mut others = Others::new();
    let (mut verdicts, mut unproved);
    loop {
        for (theorem_idx, chosen) in choice.iter().enumerate() {
            wanted.extend(verdict::selected(decomposition, selection, theorem_idx, chosen));
        }
        attempt(
            decomposition,
            &wanted,
            &withdrawn,
            (solving, memo.as_ref()),
            &mut attempts,
            &mut front.times,
        )?;
        let mut time = Duration::ZERO;
        timed(&mut time, || elsewhere::prove(&front, decomposition, &attempts, solving, &mut others))?;
        front.times.others += time;
        unproved = elsewhere::unproved(&decomposition.program.module, &others);
        verdicts =
            verdict::judge(decomposition, selection, &attempts, &Evidence::new(), (&choice, &unproved));
        if solving.stop.load(Ordering::Relaxed) {
            break;
        }
        wanted = used_untried(decomposition, selection, &attempts);
        wanted.extend(withdraw_failed(decomposition, &mut attempts, &mut withdrawn));
        if wanted.is_empty() && !next_choice(decomposition, selection, &attempts, &verdicts, &mut choice) {
            break;
        }
    }
    if let (Some(cache), Some(memo)) = (solving.cache, &memo) {
        cache.keep_memo(memo);
    }
    let contradictions = match &front.typed {
        Some(typed) => contradiction::explain(decomposition, typed, &mut attempts, solving),
        None => BTreeMap::new(),
    };
    let choice = best_choice(decomposition, selection, &attempts, &verdicts, choice);
    let mut evidence = Evidence::new();
    verdicts = verdict::judge(decomposition, selection, &attempts, &evidence, (&choice, &unproved));
    if let (Some(time), Some(typed)) = (solving.search, &front.typed) {
        if verdicts.exit() != ExitStatus::Proved {
            solving.progress.turn_to("looking for counterexamples");
        }
        let seeking = Seeking { time, n_workers: solving.n_workers, stop: solving.stop };
        evidence = timed(&mut front.times.search, || seek(typed, decomposition, &verdicts, seeking));
        verdicts = verdict::judge(decomposition, selection, &attempts, &evidence, (&choice, &unproved));
        verdicts.internal.extend(disagreements(decomposition, &verdicts, &evidence));
    }
    verdicts.internal.extend(without_plan(decomposition));
    verdicts.internal.extend(solving.cache.map(Cache::take_disagreements).unwrap_or_default());
    let elsewhere =
        others.iter().flat_map(|(module, other)| other.internal.iter().map(move |it| (module, it)));
    verdicts.internal.extend(elsewhere.map(|(module, problem)| format!("in `{module}`: {problem}")));
    let proof = Proof { attempts, verdicts, evidence, contradictions, withdrawn, others, recheck: None };
    Ok(Run { front, proof: Some(proof) })
}

/// Facts of the root module that got lost without an error, which none ever should.
fn without_meaning(resolved: &resolved::Module, typed: &typed::Module) -> Vec<Diagnostic> {
    let roots = resolved.facts.iter().filter(|fact| fact.root);
    if roots.clone().count() == typed.facts.iter().filter(|fact| fact.root).count() {
        return Vec::new();
    }
    let lost = |fact: &resolved::Fact| {
        let message = format!("`{}` could not be given a meaning", fact.name);
        Diagnostic::error(Code("unsupported-construct"), message, fact.span, "not understood")
            .help("split the definitions that it needs into smaller ones")
    };
    roots.map(lost).collect()
}

fn has_errors(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
}

/// The alternatives of a theorem of which something is selected.
fn choices(decomposition: &Decomposition, selection: &Selection, theorem_idx: usize) -> Vec<usize> {
    let plan = &decomposition.tree.theorems[theorem_idx];
    let is_selected = |idx: &usize| {
        let chosen = Chosen::first_ways(&decomposition.tree, selection, plan, *idx);
        !verdict::selected(decomposition, selection, theorem_idx, &chosen).is_empty()
    };
    (0..plan.alternatives.len()).filter(is_selected).collect()
}

fn first_choice(decomposition: &Decomposition, selection: &Selection) -> Choice {
    (0..decomposition.tree.theorems.len())
        .map(|theorem_idx| {
            let first = choices(decomposition, selection, theorem_idx).first().copied().unwrap_or(0);
            Chosen::first_ways(
                &decomposition.tree,
                selection,
                &decomposition.tree.theorems[theorem_idx],
                first,
            )
        })
        .collect()
}

/// Moves theorems whose alternative did not do on: parts that failed to their next way, if there is one, or else
/// the theorem to its next alternative. Those that failed go first, before those that wait for others. Says
/// whether any moved.
fn next_choice(
    decomposition: &Decomposition,
    selection: &Selection,
    attempts: &BTreeMap<ObligationIdx, Attempt>,
    verdicts: &Verdicts,
    choice: &mut Choice,
) -> bool {
    let is_failed = |standing: &Standing| matches!(standing, Standing::Failed(_) | Standing::Refuted(_));
    let is_blocked = |standing: &Standing| matches!(standing, Standing::Blocked { .. });
    for is_due in [is_failed as fn(&Standing) -> bool, is_blocked] {
        let mut has_moved = false;
        for (theorem_idx, verdict) in verdicts.theorems.iter().enumerate() {
            if !is_due(&verdict.standing) {
                continue;
            }
            let plan = &decomposition.tree.theorems[theorem_idx];
            let current = &mut choice[theorem_idx];
            if next_ways(&decomposition.tree, selection, plan, attempts, current) {
                has_moved = true;
                continue;
            }
            let mut others = choices(decomposition, selection, theorem_idx).into_iter();
            if let Some(next) = others.find(|idx| *idx > current.alternative) {
                *current = Chosen::first_ways(&decomposition.tree, selection, plan, next);
                has_moved = true;
            }
        }
        if has_moved {
            return true;
        }
    }
    false
}

/// Moves each part of an alternative that failed to its next way, if it has one. Says whether any moved.
fn next_ways(
    tree: &ProofTree,
    selection: &Selection,
    plan: &TheoremPlan,
    attempts: &BTreeMap<ObligationIdx, Attempt>,
    chosen: &mut Chosen,
) -> bool {
    let Some(alternative) = plan.alternatives.get(chosen.alternative) else { return false };
    let mut has_moved = false;
    for (part, way) in alternative.parts.iter().zip(&mut chosen.ways) {
        let tried = part.ways[*way].obligations.iter().filter(|idx| attempts.contains_key(idx));
        if n_failures(attempts, tried) == 0 {
            continue;
        }
        if let Some(next) = verdict::next_way(tree, selection, plan, part, *way + 1) {
            *way = next;
            has_moved = true;
        }
    }
    has_moved
}

/// How many of these obligations were not found proved.
fn n_failures<'a>(
    attempts: &BTreeMap<ObligationIdx, Attempt>,
    obligations: impl Iterator<Item = &'a ObligationIdx>,
) -> usize {
    let is_proved = |idx: &&ObligationIdx| {
        attempts.get(idx).is_some_and(|attempt| matches!(attempt.finding, Finding::Proved { .. }))
    };
    obligations.filter(|idx| !is_proved(idx)).count()
}

/// For each theorem that is not proved, the alternative that came closest.
fn best_choice(
    decomposition: &Decomposition,
    selection: &Selection,
    attempts: &BTreeMap<ObligationIdx, Attempt>,
    verdicts: &Verdicts,
    mut choice: Choice,
) -> Choice {
    for (theorem_idx, verdict) in verdicts.theorems.iter().enumerate() {
        match verdict.standing {
            Standing::Refuted(_) | Standing::Failed(_) | Standing::Blocked { .. } => {}
            Standing::Proved
            | Standing::Partial
            | Standing::NoProof
            | Standing::Assumed
            | Standing::Vacuous
            | Standing::NotSelected => continue,
        }
        let plan = &decomposition.tree.theorems[theorem_idx];
        let last = choice[theorem_idx].clone();
        let tried = choices(decomposition, selection, theorem_idx).into_iter();
        let tried = tried.filter(|alternative_idx| *alternative_idx <= last.alternative);
        let closest = tried.map(|alternative| {
            let parts = &plan.alternatives[alternative].parts;
            let best_way = |(position, part): (usize, &Part)| {
                let is_tried = |way: &usize| {
                    let is_past = alternative < last.alternative || *way <= last.ways[position];
                    is_past
                        && verdict::next_way(&decomposition.tree, selection, plan, part, *way) == Some(*way)
                };
                let tried = (0..part.ways.len()).filter(is_tried);
                tried.min_by_key(|way| n_failures(attempts, part.ways[*way].obligations.iter())).unwrap_or(0)
            };
            Chosen { alternative, ways: parts.iter().enumerate().map(best_way).collect() }
        });
        let n_failures_of = |chosen: &Chosen| {
            n_failures(attempts, verdict::selected(decomposition, selection, theorem_idx, chosen).iter())
        };
        if let Some(best) = closest.min_by_key(n_failures_of) {
            choice[theorem_idx] = best;
        }
    }
    choice
}

/// Obligations that proofs use, that are selected, and that nobody has tried.
fn used_untried(
    decomposition: &Decomposition,
    selection: &Selection,
    attempts: &BTreeMap<ObligationIdx, Attempt>,
) -> BTreeSet<ObligationIdx> {
    attempts
        .iter()
        .flat_map(|(user, attempt)| {
            let mut used = used_obligations(decomposition, *user, attempt);
            if matches!(attempt.finding, Finding::Proved { .. }) {
                used.extend(obligations_of(&decomposition.tree.obligations[*user].rests_on));
            }
            used
        })
        .filter(|used| {
            !attempts.contains_key(used) && verdict::is_selected_with_owner(decomposition, selection, *used)
        })
        .collect()
}

/// Withdraws obligations that failed from those that used them, and returns the users, which may be proved
/// without them. What decomposition closed has no other way and stays as it is; what needs a recursion that
/// was not shown to end is tried without once, and else waits for it.
fn withdraw_failed(
    decomposition: &Decomposition,
    attempts: &mut BTreeMap<ObligationIdx, Attempt>,
    withdrawn: &mut Withdrawn,
) -> BTreeSet<ObligationIdx> {
    let is_open = |idx: ObligationIdx| decomposition.tree.obligations[idx].closed.is_none();
    let is_termination = |idx: &ObligationIdx| {
        matches!(decomposition.tree.obligations[*idx].kind, ObligationKind::Termination { .. })
    };
    let has_failed = |idx: &ObligationIdx| {
        attempts.get(idx).is_some_and(|attempt| !matches!(attempt.finding, Finding::Proved { .. }))
    };
    let mut users = BTreeSet::new();
    let mut failed = Vec::new();
    for (user, attempt) in &*attempts {
        let used = used_obligations(decomposition, *user, attempt);
        let used_failed = used.into_iter().filter(has_failed);
        let (unended, others): (Vec<ObligationIdx>, Vec<ObligationIdx>) =
            used_failed.partition(is_termination);
        let goes = if others.is_empty() {
            !unended.is_empty() && !withdrawn.waiting.contains_key(user)
        } else {
            // Helpers go first: with what is left, there may be a proof that waits for nothing else.
            withdrawn.waiting.remove(user);
            true
        };
        if !goes || !is_open(*user) {
            continue;
        }
        users.insert(*user);
        if others.is_empty() {
            withdrawn.waiting.insert(*user, attempt.clone());
            failed.extend(unended);
        }
        failed.extend(others);
    }
    withdrawn.obligations.extend(failed);
    attempts.retain(|idx, _| !users.contains(idx));
    users
}

/// The obligations that a proof uses directly, and might do without.
fn used_obligations(
    decomposition: &Decomposition,
    obligation_idx: ObligationIdx,
    attempt: &Attempt,
) -> BTreeSet<ObligationIdx> {
    let core = match &attempt.finding {
        Finding::Proved { core, .. } => core.iter().collect(),
        Finding::PossibleCounterexample { .. } | Finding::Unknown(_) | Finding::Failed(_) => BTreeSet::new(),
    };
    let hypotheses = &decomposition.tree.obligations[obligation_idx].hypotheses;
    let in_core = hypotheses.iter().filter(|hypothesis| core.contains(&hypothesis.label));
    obligations_of(in_core.flat_map(|hypothesis| &hypothesis.sources)).collect()
}

/// The obligations among sources.
fn obligations_of<'a>(sources: impl IntoIterator<Item = &'a Source>) -> impl Iterator<Item = ObligationIdx> {
    sources.into_iter().filter_map(|source| match source {
        Source::Obligation(used) => Some(*used),
        Source::Fact(_) | Source::Inherited(_) | Source::Definition(_) => None,
    })
}

/// Theorems that decomposition passed over in silence, which it never should.
fn without_plan(decomposition: &Decomposition) -> Vec<String> {
    let planned: BTreeSet<usize> = decomposition.tree.theorems.iter().map(|plan| plan.fact).collect();
    let facts = decomposition.program.module.facts.iter().enumerate();
    facts
        .filter(|(fact_idx, fact)| match fact.kind {
            FactKind::Theorem => !planned.contains(fact_idx),
            FactKind::Assumption | FactKind::Axiom => false,
        })
        .map(|(_, fact)| format!("`{}` was passed over", fact.name))
        .collect()
}
