//! The report for programs. These structs are the schema: inner types may change without it.
//!
//! Invariant: `verified` is true only if `complete` is, and then only if every theorem is proved.

use std::time::Duration;

use indexmap::IndexMap;
use lang::diag::Diagnostic;
use lang::source::SourceMap;
use serde::Serialize;
use solver::backend::UnknownReason;
use vcgen::decompose::Decomposition;
use vcgen::obligation::{ObligationIdx, ObligationKind, VacuityCheck};
use vcgen::print;

use super::contradictions::subject_text;
use super::findings::{counterexample, findings, remarks, severity_word};
use super::text::simulated;
use super::{Request, exit, needed, verdict_words};
use crate::attempt::Finding;
use crate::driver::{Proof, Run};
use crate::evidence;
use crate::exit::ExitStatus;
use crate::identity;
use crate::resources::{PeakMemory, StageTimes};
use crate::verdict::{ObligationVerdict, Standing, VacuityVerdict};

/// Changes whenever a reader of an older report would misread a new one.
pub const SCHEMA_VERSION: u32 = 1;

#[derive(Serialize)]
struct Report<'a> {
    schema_version: u32,
    tool: Identity,
    solver: Identity,
    selected: Selected<'a>,
    limits: Limits,
    complete: bool,
    verified: bool,
    exit_code: u8,
    modules: Vec<Module<'a>>,
    peak_memory_kb: Memory,
}

#[derive(Serialize)]
struct Identity {
    name: &'static str,
    version: String,
}

#[derive(Serialize)]
struct Selected<'a> {
    files: Vec<String>,
    only: &'a [String],
}

#[derive(Serialize)]
struct Limits {
    rlimit: Option<u32>,
    timeout_s: u32,
    memory_mb: u32,
    seed: u32,
}

#[derive(Serialize)]
struct Memory {
    process: Option<u64>,
    worker: Option<u64>,
}

#[derive(Serialize)]
struct Module<'a> {
    file: String,
    name: &'a str,
    complete: bool,
    verified: bool,
    exit_code: u8,
    diagnostics: Vec<Message<'a>>,
    remarks: Vec<String>,
    theorems: Vec<Theorem<'a>>,
    obligations: Vec<Obligation<'a>>,
    vacuity: Vec<Vacuity<'a>>,
    /// Modules whose theorems are used, each proved by a run of its own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    others: Vec<Other<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recheck: Option<Recheck<'a>>,
    wall_ms: Wall,
}

/// What came of `--recheck`.
#[derive(Serialize)]
struct Recheck<'a> {
    closed: usize,
    confirmed: usize,
    rlimit: u64,
    time_ms: f64,
    conjuncts: Vec<Rechecked<'a>>,
}

#[derive(Serialize)]
struct Rechecked<'a> {
    id: &'a str,
    opinion: &'static str,
    detail: Option<String>,
    closed: Vec<&'a str>,
    rlimit: u64,
    time_ms: f64,
}

/// A diagnostic.
#[derive(Serialize)]
pub struct Message<'a> {
    severity: &'static str,
    code: &'a str,
    file: &'a str,
    line: usize,
    column: usize,
    text: &'a str,
    notes: &'a [String],
    help: Option<&'a str>,
}

#[derive(Serialize)]
struct Theorem<'a> {
    name: &'a str,
    verdict: &'static str,
    by: Option<&'a str>,
    /// What each branch is to the specification that is refined.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    simulates: Vec<Simulates<'a>>,
    obligations: usize,
    blocked_on: &'a [String],
    uses: Vec<&'a str>,
    hints: usize,
    line: usize,
}

#[derive(Serialize)]
struct Simulates<'a> {
    branch: &'a str,
    step: &'a str,
}

/// A module whose theorems are used.
#[derive(Serialize)]
struct Other<'a> {
    module: &'a str,
    proved: Vec<&'a str>,
    obligations: usize,
    rlimit: u64,
}

#[derive(Serialize)]
struct Obligation<'a> {
    id: &'a str,
    kind: &'static str,
    verdict: &'static str,
    reason: Option<&'static str>,
    detail: Option<String>,
    means: Option<&'static str>,
    needed: bool,
    rlimit: u64,
    time_ms: f64,
    stage: usize,
    core: &'a [String],
    counterexample: Option<Counterexample>,
}

/// States in which an obligation fails.
#[derive(Serialize)]
struct Counterexample {
    confirmed: bool,
    constants: Vec<String>,
    action: Option<String>,
    before: IndexMap<String, String>,
    changed: Vec<String>,
    /// What the step looks like to the specification that it does not refine.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    image: Vec<String>,
    why: Vec<String>,
    known: Vec<String>,
    reach: Option<Reach>,
    itf: serde_json::Value,
}

/// Whether any behaviour comes to such a state.
#[derive(Serialize)]
struct Reach {
    verdict: &'static str,
    steps: Option<usize>,
    states: Option<usize>,
    text: Option<String>,
    behaviour: Vec<String>,
}

#[derive(Serialize)]
struct Vacuity<'a> {
    id: &'a str,
    subject: String,
    verdict: &'static str,
    core: &'a [String],
    rlimit: u64,
    time_ms: f64,
}

#[derive(Serialize)]
struct Wall {
    parse: f64,
    resolve: f64,
    check: f64,
    decompose: f64,
    lower: f64,
    solve: f64,
    search: f64,
    others: f64,
    total: f64,
}

/// The report of all runs.
pub fn render(
    runs: &[Run],
    request: &Request,
    status: ExitStatus,
    memory: PeakMemory,
) -> serde_json::Result<String> {
    let found: Vec<Vec<Diagnostic>> = runs.iter().map(|run| findings(run, request)).collect();
    let modules: Vec<Module<'_>> = runs.iter().zip(&found).map(|(run, found)| module(run, found)).collect();
    let report = Report {
        schema_version: SCHEMA_VERSION,
        tool: Identity { name: "paxprove", version: identity::VERSION.to_owned() },
        solver: Identity { name: "Z3", version: identity::z3_version() },
        selected: Selected {
            files: runs.iter().map(|run| run.front.file.display().to_string()).collect(),
            only: &request.solving.only,
        },
        limits: Limits {
            rlimit: request.solving.rlimit,
            timeout_s: request.solving.timeout,
            memory_mb: request.solving.memory,
            seed: request.solving.seed,
        },
        complete: modules.iter().all(|module| module.complete),
        verified: status == ExitStatus::Proved && modules.iter().all(|module| module.verified),
        exit_code: status.code(),
        modules,
        peak_memory_kb: Memory { process: memory.process_kb, worker: memory.worker_kb },
    };
    let mut text = serde_json::to_string_pretty(&report)?;
    text.push('\n');
    Ok(text)
}

fn module<'a>(run: &'a Run, found: &'a [Diagnostic]) -> Module<'a> {
    let sources = &run.front.sources;
    let proof = run.proof.as_ref();
    Module {
        file: run.front.file.display().to_string(),
        name: &run.front.ast.name.text,
        complete: proof.is_some_and(|proof| proof.verdicts.is_complete()),
        verified: proof.is_some_and(|proof| proof.verdicts.is_verified()),
        exit_code: exit(run).code(),
        diagnostics: run
            .front
            .diagnostics
            .iter()
            .chain(found)
            .map(|diagnostic| message(sources, diagnostic))
            .collect(),
        remarks: proof.map(remarks).unwrap_or_default(),
        theorems: proof.map(|proof| theorems(run, proof)).unwrap_or_default(),
        obligations: proof.map(|proof| obligations(run, proof)).unwrap_or_default(),
        vacuity: proof.map(|proof| vacuity(run, proof)).unwrap_or_default(),
        others: proof.map_or_else(Vec::new, others),
        recheck: proof.and_then(|proof| rechecked(run, proof.recheck.as_ref()?)),
        wall_ms: wall(&run.front.times),
    }
}

/// A diagnostic, with its place.
pub fn message<'a>(sources: &'a SourceMap, diagnostic: &'a Diagnostic) -> Message<'a> {
    let (line, column) = sources.line_col(diagnostic.primary.span);
    Message {
        severity: severity_word(diagnostic.severity),
        code: diagnostic.code.0,
        file: &sources.files[diagnostic.primary.span.file].name,
        line,
        column,
        text: &diagnostic.message,
        notes: &diagnostic.notes,
        help: diagnostic.help.as_deref(),
    }
}

fn others(proof: &Proof) -> Vec<Other<'_>> {
    let all = proof.others.iter().map(|(module, other)| Other {
        module,
        proved: other.proved.iter().map(String::as_str).collect(),
        obligations: other.n_obligations,
        rlimit: other.rlimit,
    });
    all.collect()
}

fn theorems<'a>(run: &'a Run, proof: &'a Proof) -> Vec<Theorem<'a>> {
    let plans = run.front.decomposition.iter().flat_map(|decomposition| &decomposition.tree.theorems);
    plans
        .zip(&proof.verdicts.theorems)
        .map(|(plan, verdict)| Theorem {
            name: &plan.name,
            verdict: standing_word(&verdict.standing),
            by: verdict.alternative.map(|idx| plan.alternatives[idx].name.as_str()),
            simulates: simulated(proof, plan, verdict)
                .into_iter()
                .map(|(branch, step)| Simulates { branch, step })
                .collect(),
            obligations: verdict.needed.len(),
            blocked_on: match &verdict.standing {
                Standing::Blocked { on } => on,
                Standing::Proved
                | Standing::Partial
                | Standing::Refuted(_)
                | Standing::Failed(_)
                | Standing::NoProof
                | Standing::Assumed
                | Standing::Vacuous
                | Standing::NotSelected => &[],
            },
            uses: verdict.uses.iter().map(String::as_str).collect(),
            hints: plan.hints,
            line: run.front.sources.line_col(plan.span).0,
        })
        .collect()
}

/// The word for how a theorem stands.
pub fn standing_word(standing: &Standing) -> &'static str {
    match standing {
        Standing::Proved => "proved",
        Standing::Partial => "partial",
        Standing::Refuted(_) => "refuted",
        Standing::Failed(_) => "failed",
        Standing::NoProof => "no-proof",
        Standing::Blocked { .. } => "blocked",
        Standing::Assumed => "assumed",
        Standing::Vacuous => "vacuous",
        Standing::NotSelected => "not-selected",
    }
}

fn obligations<'a>(run: &'a Run, proof: &'a Proof) -> Vec<Obligation<'a>> {
    let Some(decomposition) = &run.front.decomposition else {
        return Vec::new();
    };
    let needed = needed(proof);
    let mut obligations = Vec::new();
    for (obligation_idx, attempt) in &proof.attempts {
        let obligation = &decomposition.tree.obligations[*obligation_idx];
        if matches!(obligation.kind, ObligationKind::Vacuity) {
            continue;
        }
        let verdict = &proof.verdicts.obligations[obligation_idx];
        let (word, detail) = verdict_words(verdict);
        obligations.push(Obligation {
            id: &obligation.id,
            kind: kind_word(&obligation.kind),
            verdict: word,
            reason: reason_word(verdict),
            detail,
            means: match &attempt.finding {
                Finding::Proved { means, .. } => Some(print::means(*means)),
                Finding::PossibleCounterexample { .. } | Finding::Unknown(_) | Finding::Failed(_) => None,
            },
            needed: needed.contains(obligation_idx),
            rlimit: attempt.rlimit,
            time_ms: millis(attempt.time),
            stage: attempt.n_stages,
            core: core(&attempt.finding),
            counterexample: counterexample_of(run, decomposition, *obligation_idx, verdict),
        });
    }
    obligations
}

fn counterexample_of(
    run: &Run,
    decomposition: &Decomposition,
    obligation_idx: ObligationIdx,
    verdict: &ObligationVerdict,
) -> Option<Counterexample> {
    let told = counterexample(run, decomposition, obligation_idx, verdict)?;
    let reach = match verdict {
        ObligationVerdict::Refuted(refutation) => refutation.reach.as_ref(),
        ObligationVerdict::PossibleCounterexample(_)
        | ObligationVerdict::Proved(_)
        | ObligationVerdict::Blocked { .. }
        | ObligationVerdict::Undecided(_)
        | ObligationVerdict::Failed(_) => None,
    };
    let reach = reach.map(|reach| {
        let (verdict, states, steps) = match reach {
            evidence::Reach::Violated(behaviour) => ("violated", None, Some(behaviour.trace.labels.len())),
            evidence::Reach::Reached { n_steps } => ("reached", None, Some(*n_steps)),
            evidence::Reach::Never { n_states } => ("never", Some(*n_states), None),
            evidence::Reach::NotMet { n_states, depth } => ("not-met", Some(*n_states), Some(*depth)),
            evidence::Reach::Unknown(_) => ("unknown", None, None),
        };
        Reach { verdict, steps, states, text: told.reach.clone(), behaviour: told.behaviour.clone() }
    });
    Some(Counterexample {
        confirmed: matches!(verdict, ObligationVerdict::Refuted(_)),
        constants: told.instance,
        action: told.action,
        before: told.before.into_iter().map(|reading| (reading.variable, reading.value)).collect(),
        changed: told.changed,
        image: told.image,
        why: told.why,
        known: told.known,
        reach,
        itf: told.itf,
    })
}

fn core(finding: &Finding) -> &[String] {
    match finding {
        Finding::Proved { core, .. } => core,
        Finding::PossibleCounterexample { .. } | Finding::Unknown(_) | Finding::Failed(_) => &[],
    }
}

pub(crate) fn kind_word(kind: &ObligationKind) -> &'static str {
    match kind {
        ObligationKind::Initiation => "initiation",
        ObligationKind::Consecution { .. } => "consecution",
        ObligationKind::Simulation { .. } => "simulation",
        ObligationKind::Continuity { .. } => "continuity",
        ObligationKind::Implication => "implication",
        ObligationKind::Induction => "induction",
        ObligationKind::Termination { .. } => "termination",
        ObligationKind::Vacuity => "vacuity",
    }
}

fn reason_word(verdict: &ObligationVerdict) -> Option<&'static str> {
    match verdict {
        ObligationVerdict::Proved(_)
        | ObligationVerdict::Blocked { .. }
        | ObligationVerdict::Refuted(_)
        | ObligationVerdict::PossibleCounterexample(_)
        | ObligationVerdict::Failed(_) => None,
        ObligationVerdict::Undecided(reason) => Some(match reason {
            UnknownReason::ResourceLimit => "resource-limit",
            UnknownReason::Timeout => "timeout",
            UnknownReason::Memory => "memory",
            UnknownReason::Incomplete(_) => "gave-up",
            UnknownReason::Interrupted => "interrupted",
            UnknownReason::SolverDied(_) => "solver-died",
        }),
    }
}

fn vacuity<'a>(run: &'a Run, proof: &'a Proof) -> Vec<Vacuity<'a>> {
    let Some(decomposition) = &run.front.decomposition else {
        return Vec::new();
    };
    let one = |(check, verdict): (&'a VacuityCheck, &'a VacuityVerdict)| {
        let attempt = proof.attempts.get(&check.obligation);
        let (verdict, core): (_, &[String]) = match verdict {
            VacuityVerdict::NoneFound => ("no-contradiction-found", &[]),
            VacuityVerdict::Contradictory { core } => ("contradictory", core),
            VacuityVerdict::NotChecked(_) => ("not-checked", &[]),
            VacuityVerdict::NotSelected => ("not-selected", &[]),
        };
        Vacuity {
            id: &decomposition.tree.obligations[check.obligation].id,
            subject: subject_text(&check.subject),
            verdict,
            core,
            rlimit: attempt.map_or(0, |attempt| attempt.rlimit),
            time_ms: attempt.map_or(0.0, |attempt| millis(attempt.time)),
        }
    };
    decomposition.tree.vacuity.iter().zip(&proof.verdicts.vacuity).map(one).collect()
}

fn rechecked<'a>(run: &'a Run, rechecked: &'a crate::recheck::Rechecked) -> Option<Recheck<'a>> {
    let tree = &run.front.decomposition.as_ref()?.tree;
    let (confirmed, closed) = rechecked.closed();
    let one = |whole: &'a crate::recheck::WholeChecked| {
        let (opinion, detail) = whole.opinion.words();
        Rechecked {
            id: &whole.id,
            opinion,
            detail,
            closed: whole.closed.iter().map(|idx| tree.obligations[*idx].id.as_str()).collect(),
            rlimit: whole.rlimit,
            time_ms: millis(whole.time),
        }
    };
    Some(Recheck {
        closed,
        confirmed,
        rlimit: rechecked.rlimit(),
        time_ms: millis(rechecked.time),
        conjuncts: rechecked.wholes.iter().map(one).collect(),
    })
}

fn wall(times: &StageTimes) -> Wall {
    Wall {
        parse: millis(times.parse),
        resolve: millis(times.resolve),
        check: millis(times.check),
        decompose: millis(times.decompose),
        lower: millis(times.lower),
        solve: millis(times.solve),
        search: millis(times.search),
        others: millis(times.others),
        total: millis(times.total()),
    }
}

/// Milliseconds, rounded to a hundredth.
pub fn millis(time: Duration) -> f64 {
    (time.as_secs_f64() * 100_000.0).round() / 100.0
}
