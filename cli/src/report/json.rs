//! The report for programs. These structs are the schema: inner types may change without it.
//!
//! Invariant: `verified` is true only if `complete` is, and then only if every theorem is proved.

use std::time::Duration;

use indexmap::IndexMap;
use lang::diag::Diagnostic;
use lang::source::SourceMap;
use schemars::JsonSchema;
use serde::Serialize;
use vcgen::obligation::ObligationKind;

use super::findings::{findings, severity_word};
use super::{Request, status_of_all, words};
use crate::driver::Run;
use crate::exit::ExitStatus;
use crate::identity;
use crate::resources::PeakMemory;
use crate::verdict::Standing;

mod collect;

/// Changes whenever a reader of an older report would misread a new one.
pub const SCHEMA_VERSION: u32 = 1;

/// The report of all files.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Report<'a> {
    #[serde(flatten)]
    summary: Summary<'a>,
    /// One for each file.
    modules: Vec<Module<'a>>,
    peak_memory_kb: Memory,
}

/// What was asked for, and how it ended.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Summary<'a> {
    /// Changes whenever a reader of an older report would misread a new one.
    schema_version: u32,
    tool: Identity,
    solver: Identity,
    selected: Selected<'a>,
    limits: Limits,
    /// Whether nothing was left out.
    complete: bool,
    /// Whether everything was looked at, and every theorem is proved.
    verified: bool,
    /// What the verdicts come to.
    exit_code: u8,
}

/// A program.
#[derive(Serialize, JsonSchema)]
struct Identity {
    name: &'static str,
    version: String,
}

/// What was to be proved.
#[derive(Serialize, JsonSchema)]
struct Selected<'a> {
    /// Files as the user named them.
    files: Vec<String>,
    /// What `--only` says.
    only: &'a [String],
}

/// What bounds the solver.
#[derive(Serialize, JsonSchema)]
struct Limits {
    /// The largest budget of a stage in Z3's resource units, if not what lowering chose.
    rlimit: Option<u32>,
    timeout_s: u32,
    memory_mb: u32,
    seed: u32,
}

/// Peaks of memory, in kilobytes, where the system tells.
#[derive(Clone, Copy, Serialize, JsonSchema)]
pub(crate) struct Memory {
    /// Of the program.
    process: Option<u64>,
    /// Of its largest solver process that has ended.
    worker: Option<u64>,
}

/// What came of a file.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Module<'a> {
    #[serde(flatten)]
    pub(crate) head: ModuleHead<'a>,
    pub(crate) diagnostics: Vec<Message<'a>>,
    /// In the order of the text.
    pub(crate) theorems: Vec<Theorem<'a>>,
    /// All that were tried, in the order of the proof tree.
    pub(crate) obligations: Vec<Obligation<'a>>,
    /// Checks whether premises contradict each other.
    pub(crate) vacuity: Vec<Vacuity<'a>>,
    #[serde(flatten)]
    pub(crate) rest: ModuleRest<'a>,
}

/// How a file ended.
#[derive(Serialize, JsonSchema)]
pub(crate) struct ModuleHead<'a> {
    /// The file as the user named it.
    pub(crate) file: String,
    /// The module in it.
    pub(crate) name: &'a str,
    /// Whether nothing was left out.
    complete: bool,
    /// Whether everything was looked at, and every theorem is proved.
    verified: bool,
    /// What the verdicts of this file come to.
    exit_code: u8,
    /// What is wrong with the run as a whole.
    remarks: Vec<String>,
}

/// What else there is to tell of a file.
#[derive(Serialize, JsonSchema)]
pub(crate) struct ModuleRest<'a> {
    /// Modules whose theorems are used, each proved by a run of its own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    others: Vec<Other<'a>>,
    /// What came of `--recheck`.
    #[serde(skip_serializing_if = "Option::is_none")]
    recheck: Option<Recheck<'a>>,
    wall_ms: Wall,
}

/// What came of `--recheck`.
#[derive(Serialize, JsonSchema)]
struct Recheck<'a> {
    /// How many obligations decomposition closed by itself.
    closed: usize,
    /// How many of these the solver confirms.
    confirmed: usize,
    rlimit: u64,
    time_ms: f64,
    conjuncts: Vec<Rechecked<'a>>,
}

/// A conjunct as written, put to the solver.
#[derive(Serialize, JsonSchema)]
struct Rechecked<'a> {
    id: &'a str,
    #[schemars(extend("enum" = words::OPINIONS))]
    opinion: &'static str,
    detail: Option<String>,
    /// Obligations of it that decomposition closed by itself.
    closed: Vec<&'a str>,
    rlimit: u64,
    time_ms: f64,
}

/// A diagnostic.
#[derive(Serialize, JsonSchema)]
pub struct Message<'a> {
    #[schemars(extend("enum" = words::SEVERITIES))]
    severity: &'static str,
    /// `paxprove explain` has a page on it.
    code: &'a str,
    file: &'a str,
    /// From 1.
    line: usize,
    /// From 1, in characters.
    column: usize,
    text: &'a str,
    notes: &'a [String],
    /// One thing to try.
    help: Option<&'a str>,
}

/// What came of a theorem.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Theorem<'a> {
    name: &'a str,
    #[schemars(extend("enum" = words::STANDINGS))]
    verdict: &'static str,
    /// The rule that was taken.
    by: Option<&'a str>,
    /// What each branch is to the specification that is refined.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    simulates: Vec<Simulates<'a>>,
    /// How many it needs.
    obligations: usize,
    /// Names of what it rests on and that is not proved.
    blocked_on: &'a [String],
    /// Names of the facts that its proofs use directly.
    uses: Vec<&'a str>,
    hints: usize,
    /// From 1.
    line: usize,
}

/// What a branch is to the specification that is refined.
#[derive(Serialize, JsonSchema)]
struct Simulates<'a> {
    branch: &'a str,
    step: &'a str,
}

/// A module whose theorems are used.
#[derive(Serialize, JsonSchema)]
struct Other<'a> {
    module: &'a str,
    /// Its theorems that are proved.
    proved: Vec<&'a str>,
    /// How many it needs.
    obligations: usize,
    rlimit: u64,
}

/// What came of an obligation.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Obligation<'a> {
    /// A path in the proof tree; `--only` takes it.
    id: &'a str,
    #[schemars(extend("enum" = words::KINDS))]
    kind: &'static str,
    #[schemars(extend("enum" = words::VERDICTS))]
    verdict: &'static str,
    /// Why it is undecided.
    #[schemars(extend("enum" = words::or_none(words::REASONS)))]
    reason: Option<&'static str>,
    detail: Option<String>,
    /// What proves it, taken by itself.
    #[schemars(extend("enum" = words::or_none(words::MEANS)))]
    means: Option<&'static str>,
    /// Whether its theorem needs it.
    needed: bool,
    /// Z3's resource units of all stages.
    rlimit: u64,
    time_ms: f64,
    /// How many stages ran.
    stage: usize,
    /// Labels of hypotheses that suffice.
    core: &'a [String],
    counterexample: Option<Counterexample>,
}

/// States in which an obligation fails.
#[derive(Serialize, JsonSchema)]
struct Counterexample {
    /// Whether the evaluator confirmed it.
    confirmed: bool,
    /// The instance, one constant or choice a line.
    constants: Vec<String>,
    /// The action that is taken, with its arguments.
    action: Option<String>,
    /// Each variable's value in the state before.
    before: IndexMap<String, String>,
    /// What the step changes.
    changed: Vec<String>,
    /// What the step looks like to the specification that it does not refine.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    image: Vec<String>,
    /// What is false, and what makes it so, line by line.
    why: Vec<String>,
    /// What is known of the state before.
    known: Vec<String>,
    reach: Option<Reach>,
    /// The states as a trace in the ITF format.
    itf: serde_json::Value,
}

/// Whether any behaviour comes to such a state.
#[derive(Serialize, JsonSchema)]
struct Reach {
    #[schemars(extend("enum" = words::REACHES))]
    verdict: &'static str,
    steps: Option<usize>,
    states: Option<usize>,
    text: Option<String>,
    behaviour: Vec<String>,
}

/// What came of a check whether premises contradict each other.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Vacuity<'a> {
    id: &'a str,
    /// What it looks at, in words.
    subject: String,
    #[schemars(extend("enum" = words::VACUITY))]
    verdict: &'static str,
    /// Labels of premises that contradict each other.
    core: &'a [String],
    rlimit: u64,
    time_ms: f64,
}

/// Milliseconds by stage of the program.
#[derive(Serialize, JsonSchema)]
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
pub fn render(runs: &[Run], request: &Request, memory: PeakMemory) -> serde_json::Result<String> {
    with_modules(runs, request, |modules| {
        let summary = summary(runs, request, &modules);
        let report = Report { summary, modules, peak_memory_kb: memory.into() };
        Ok(serde_json::to_string_pretty(&report)? + "\n")
    })
}

/// Hands the modules of a report to whoever writes them.
pub(crate) fn with_modules<T>(
    runs: &[Run],
    request: &Request,
    write: impl FnOnce(Vec<Module<'_>>) -> T,
) -> T {
    let found: Vec<Vec<Diagnostic>> = runs.iter().map(|run| findings(run, request)).collect();
    write(runs.iter().zip(&found).map(|(run, found)| collect::module(run, found, request)).collect())
}

/// What was asked for, and how it ended.
pub(crate) fn summary<'a>(runs: &[Run], request: &'a Request, modules: &[Module<'_>]) -> Summary<'a> {
    let status = status_of_all(runs, request);
    Summary {
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
        complete: modules.iter().all(|module| module.head.complete),
        verified: status == ExitStatus::Proved && modules.iter().all(|module| module.head.verified),
        exit_code: status.code(),
    }
}

impl From<PeakMemory> for Memory {
    fn from(memory: PeakMemory) -> Self {
        Self { process: memory.process_kb, worker: memory.worker_kb }
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

/// The word for a kind of obligation.
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

/// Milliseconds, rounded to a hundredth.
pub fn millis(time: Duration) -> f64 {
    (time.as_secs_f64() * 100_000.0).round() / 100.0
}
