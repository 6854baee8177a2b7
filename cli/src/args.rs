//! The command line as types, and nothing else.

pub mod baseline;

use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::sync::OnceLock;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::cache::{Mode, SAMPLE, SharedMode, spot};
use crate::shard::Shard;
pub use reporting::{Emit, ReportFormat, Reporting, Schema, SchemaOf};

mod reporting;

/// Proves invariants of protocols written in TLA+, without proof text.
#[derive(Debug, Parser)]
#[command(
    name = "paxprove",
    version = version(),
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_help = "`paxprove FILE...` is `paxprove prove FILE...`.\n\
                  Exit codes: 0 proved; 1 refuted; 2 usage, syntax or sorts; 3 undecided, blocked or assumed; \
                  4 nothing selected; 6 dearer than recorded; 7 vacuous; 70 internal error."
)]
pub struct Cli {
    /// What to do; `prove` if it is not given.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Arguments of `prove`.
    #[command(flatten)]
    pub prove: Prove,
    /// What holds for every command.
    #[command(flatten)]
    pub global: Global,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Prove the theorems of modules
    Prove(Prove),
    /// Put together what several machines have proved, each a shard of it
    Merge(Merge),
    /// Look at syntax and sorts only
    Check(Check),
    /// List the obligations and how each is closed
    List(List),
    /// Show a stage of the way from text to solver
    Show(Show),
    /// Explain an obligation of a module, or a code of an error or warning
    Explain(Explain),
    /// Prove, and print the figures of each module beside published ones
    Table(Table),
    /// Search the states that a small instance of a module reaches, without any proof
    Simulate(Simulate),
    /// Prove, and write one page to read the proof in: matrix, proof tree, graphs, counterexamples
    Report(Report),
    /// Prove, and draw what rests on what, which conjuncts help which, or the matrix
    Graph(Graph),
    /// Look for what makes proofs hollow: contradictions, dead actions, parts that nothing needs
    Vacuity(Vacuity),
    /// Change one thing of a spec at a time, and list the changes that its theorems survive
    Mutate(Mutate),
    /// Prove each condition again with other seeds, names and orders, and list what depends on them
    Stability(Stability),
    /// Put the whole proof to a second solver, cvc5
    Certify(Certify),
    /// Look after the answers that are kept between runs
    Cache(Cache),
    /// Print the JSON schema of a report
    Schema(Schema),
    /// Write down how modules are proved and at which cost, and compare with that later
    Baseline(baseline::Baseline),
    /// Look whether the program and its solver work
    Doctor,
    /// Solve conditions that come on standard input
    #[command(hide = true)]
    SolveWorker,
}

/// What holds for every command.
#[derive(Clone, Debug, Args)]
pub struct Global {
    /// When to colour the output
    #[arg(long, value_enum, default_value_t = Color::Auto, global = true)]
    pub color: Color,
    /// Tell more: each obligation with time, cost and stage
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    pub verbose: u8,
    /// Tell less: the last line only
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// How progress is shown on standard error
    #[arg(long, value_enum, default_value_t = ProgressMode::Auto, global = true)]
    pub progress: ProgressMode,
}

/// How progress is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ProgressMode {
    /// A bar on a terminal, else lines; nothing with `-q`.
    Auto,
    /// A bar, with what runs.
    Bar,
    /// A line now and then.
    Lines,
    /// For programs: one JSON object a line.
    Json,
    /// Not at all.
    None,
}

/// When to colour the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// If it goes to a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Which modules to read.
#[derive(Clone, Debug, Args)]
pub struct Input {
    /// Modules, `.pax` or `.tla`
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Look here too for modules that are extended
    #[arg(short = 'I', long = "include", value_name = "DIR")]
    pub include: Vec<PathBuf>,
}

/// How to solve, and what.
#[derive(Clone, Debug, Args)]
pub struct Solving {
    /// Only obligations whose id, or whose theorem's name, matches; may be repeated
    #[arg(long, value_name = "GLOB")]
    pub only: Vec<String>,
    /// How many solvers run at a time; all cores if not given
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub jobs: Option<u16>,
    /// The largest budget of a stage, in Z3's resource units; the others scale with it
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub rlimit: Option<u32>,
    /// Seconds of wall time after which a stage is stopped, whatever its budget
    #[arg(long, value_name = "S", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..))]
    pub timeout: u32,
    /// Megabytes of memory of a solver
    #[arg(long, value_name = "MB", default_value_t = 2048, value_parser = clap::value_parser!(u32).range(1..))]
    pub memory: u32,
    /// Seed of the solver's random choices
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u32,
    /// Seconds to search for a counterexample to each claim that is not proved; 0 for no search
    #[arg(long, value_name = "S", default_value_t = 10)]
    pub search: u32,
    /// Write each condition into this folder, as SMT-LIB 2, with the hypotheses of its last stage
    #[arg(long, value_name = "DIR")]
    pub dump_smt: Option<PathBuf>,
}

/// Where answers are kept, and what for.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Answers from before")]
pub struct Caching {
    /// What to do with answers from before
    #[arg(long = "cache", value_name = "MODE", env = "PAXPROVE_CACHE", value_enum, default_value_t = Mode::Rw, hide_env_values = true)]
    pub mode: Mode,
    /// Keep answers below this folder, rather than in the user's folder for caches
    #[arg(long = "cache-dir", value_name = "DIR", env = "PAXPROVE_CACHE_DIR", hide_env_values = true)]
    pub folder: Option<PathBuf>,
    /// How many percent of the answers `--cache verify` solves again
    #[arg(long = "cache-sample", value_name = "P", default_value_t = SAMPLE, value_parser = clap::value_parser!(u8).range(1..=100))]
    pub sample: u8,
    /// What others keep.
    #[command(flatten)]
    pub sharing: Sharing,
}

/// Which answers are shared with others, and how.
#[derive(Clone, Debug, Args)]
pub struct Sharing {
    /// Look answers up here too: `s3://BUCKET/PREFIX`, `file:///FOLDER`, or a folder's whole path
    #[arg(
        id = "shared-cache",
        long = "shared-cache",
        value_name = "URL",
        env = "PAXPROVE_SHARED_CACHE",
        hide_env_values = true
    )]
    pub url: Option<String>,
    /// What to do with the shared cache
    #[arg(id = "shared-cache-mode", long = "shared-cache-mode", value_name = "MODE", value_enum, default_value_t = SharedMode::Read)]
    pub mode: SharedMode,
    /// How many percent of the answers of the shared cache are solved again; one at least
    #[arg(id = "shared-cache-sample", long = "shared-cache-sample", value_name = "P", default_value_t = spot::SAMPLE, value_parser = clap::value_parser!(u8).range(1..=100))]
    pub sample: u8,
}

impl Default for Solving {
    fn default() -> Self {
        Self {
            only: Vec::new(),
            jobs: None,
            rlimit: None,
            timeout: 60,
            memory: 2048,
            seed: 0,
            search: 10,
            dump_smt: None,
        }
    }
}

/// Arguments of `prove`.
#[derive(Clone, Debug, Args)]
pub struct Prove {
    /// Which modules.
    #[command(flatten)]
    pub input: Input,
    /// How.
    #[command(flatten)]
    pub solving: Solving,
    /// With which answers from before.
    #[command(flatten)]
    pub caching: Caching,
    /// What is shown, and written.
    #[command(flatten)]
    pub telling: Telling,
    /// Look only at the K-th of N parts of the proof, such as `2/4`; the parts are put together by `merge`
    #[arg(long, value_name = "K/N", conflicts_with = "recheck")]
    pub shard: Option<Shard>,
    /// Write all answers of this run into this file, for `merge`
    #[arg(long, value_name = "FILE", conflicts_with = "recheck")]
    pub save: Option<PathBuf>,
    /// Put to the solver, unrewritten, what decomposition closed by itself
    #[arg(long)]
    pub recheck: bool,
}

/// The form of a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Human,
    /// One line for each finding: `file:line:col: error[code]: message`.
    Short,
    /// For programs.
    Json,
}

/// Arguments of `cache`.
#[derive(Clone, Debug, Args)]
pub struct Cache {
    /// What to do.
    #[command(subcommand)]
    pub command: CacheCommand,
    /// The folder below which answers are kept, rather than the user's folder for caches
    #[arg(
        long = "cache-dir",
        value_name = "DIR",
        env = "PAXPROVE_CACHE_DIR",
        hide_env_values = true,
        global = true
    )]
    pub folder: Option<PathBuf>,
}

/// What to do with kept answers.
#[derive(Clone, Debug, Subcommand)]
pub enum CacheCommand {
    /// Tell where they are, how many, how large, and which are damaged
    Stats,
    /// Remove what was not used for long, then what was used least recently
    Gc {
        /// Remove what was not used for so many days
        #[arg(long, value_name = "DAYS", default_value_t = 30)]
        max_age: u32,
        /// Leave no more than so many megabytes
        #[arg(long, value_name = "MB", default_value_t = 512)]
        max_size: u32,
    },
    /// Write all answers into one file
    Export {
        /// The file
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Take over answers from a file that `export` wrote
    Import {
        /// The file
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}

/// Arguments of `merge`.
#[derive(Clone, Debug, Args)]
#[command(
    after_help = "The modules are read again, so run it where the runs were made, or in a checkout of the same \
                  texts. Nothing is solved but what no shard could know of.\n\
                  Exit codes: those of `prove`; 3 if something is missing that `--require-complete` asks for; 2 if \
                  the runs do not belong together."
)]
pub struct Merge {
    /// Runs that `prove --save` wrote
    #[arg(required = true, value_name = "RUN")]
    pub runs: Vec<PathBuf>,
    /// Fail if a shard is missing, and list its obligations
    #[arg(long)]
    pub require_complete: bool,
    /// How many solvers run at a time; all cores if not given
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub jobs: Option<u16>,
    /// What is shown, and written.
    #[command(flatten)]
    pub telling: Telling,
}

/// What is shown of a proof, and what is written beside it.
#[derive(Clone, Debug, Args)]
pub struct Telling {
    /// In which forms the result is told.
    #[command(flatten)]
    pub reporting: Reporting,
    /// Write each counterexample into this folder, as a trace in the ITF format
    #[arg(long, value_name = "DIR")]
    pub counterexamples: Option<PathBuf>,
    /// Where a folder is made that holds what is needed to look into an internal error
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub bug_dir: PathBuf,
}

/// Arguments of `check`.
#[derive(Clone, Debug, Args)]
pub struct Check {
    /// Which modules.
    #[command(flatten)]
    pub input: Input,
    /// In which forms the result is told.
    #[command(flatten)]
    pub reporting: Reporting,
}

/// Arguments of `list`.
#[derive(Clone, Debug, Args)]
pub struct List {
    /// Which modules.
    #[command(flatten)]
    pub input: Input,
    /// Only obligations whose id, or whose theorem's name, matches; may be repeated
    #[arg(long, value_name = "GLOB")]
    pub only: Vec<String>,
}

/// Arguments of `show`.
#[derive(Clone, Debug, Args)]
pub struct Show {
    /// Which modules.
    #[command(flatten)]
    pub input: Input,
    /// Which stage
    #[arg(long, value_enum)]
    pub stage: Stage,
    /// Only obligations whose id, or whose theorem's name, matches; may be repeated
    #[arg(long, value_name = "GLOB")]
    pub only: Vec<String>,
}

/// A stage that can be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Stage {
    /// The module as parsed.
    Ast,
    /// The module with sorts.
    Typed,
    /// The proof tree.
    Tree,
    /// The obligations.
    Obligations,
    /// The verification conditions.
    Vc,
    /// The verification conditions as SMT-LIB 2.
    Smt2,
}

/// Arguments of `explain`.
#[derive(Clone, Debug, Args)]
#[command(after_help = "`explain ID FILE` tells of one obligation, `explain CODE` of an error or warning.\n\
                  Exit codes: those of `prove` for that obligation.")]
pub struct Explain {
    /// With FILE an obligation's id, a beginning or end of it, or a glob; else a code, such as `sort-mismatch`; all
    /// codes are listed if it is not given
    #[arg(value_name = "ID|CODE")]
    pub what: Option<String>,
    /// The module of the obligation, `.pax` or `.tla`
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Look here too for modules that are extended
    #[arg(short = 'I', long = "include", value_name = "DIR")]
    pub include: Vec<PathBuf>,
    /// How.
    #[command(flatten)]
    pub solving: Solving,
    /// The form of the explanation of an obligation
    #[arg(long, value_enum, default_value_t = ExplanationFormat::Human)]
    pub format: ExplanationFormat,
}

/// The form of an explanation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ExplanationFormat {
    /// For people.
    Human,
    /// For programs.
    Json,
}

/// Arguments of `table`.
#[derive(Clone, Debug, Args)]
pub struct Table {
    /// Which modules.
    #[command(flatten)]
    pub input: Input,
    /// How.
    #[command(flatten)]
    pub solving: Solving,
}

/// Arguments of `report`.
#[derive(Clone, Debug, Args)]
pub struct Report {
    /// Which modules.
    #[command(flatten)]
    pub input: Input,
    /// How.
    #[command(flatten)]
    pub solving: Solving,
    /// With which answers from before.
    #[command(flatten)]
    pub caching: Caching,
    /// Write the page into this file
    #[arg(long, value_name = "OUT.html")]
    pub html: PathBuf,
}

/// Arguments of `graph`.
#[derive(Clone, Debug, Args)]
pub struct Graph {
    /// Which modules.
    #[command(flatten)]
    pub input: Input,
    /// How.
    #[command(flatten)]
    pub solving: Solving,
    /// With which answers from before.
    #[command(flatten)]
    pub caching: Caching,
    /// What to draw
    #[arg(long, value_enum, default_value_t = GraphOf::Proof)]
    pub of: GraphOf,
    /// The form of the drawing
    #[arg(long, value_enum, default_value_t = GraphFormat::Svg)]
    pub format: GraphFormat,
}

/// What can be drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum GraphOf {
    /// Which theorem rests on what.
    Proof,
    /// Which conjuncts of an invariant help which.
    Helps,
    /// What became of each conjunct across each action.
    Matrix,
}

/// The form of a drawing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum GraphFormat {
    /// A drawing that stands alone.
    Svg,
    /// For Graphviz.
    Dot,
    /// For programs.
    Json,
}

/// Arguments of `simulate`.
#[derive(Clone, Debug, Args)]
#[command(
    after_help = "Without --walks and --unroll every state is searched, the nearest first, so that a trace is a \
                  shortest one.\n\
                  Exit codes: 0 nothing is violated, and the search went as far as was asked for; 1 something is \
                  violated; 2 usage, syntax, sorts, or a variable without a next value; 3 a limit was reached, \
                  something could not be evaluated, or a solver found nothing; 4 nothing to check."
)]
pub struct Simulate {
    /// The module, `.pax` or `.tla`
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Look here too for modules that are extended
    #[arg(short = 'I', long = "include", value_name = "DIR")]
    pub include: Vec<PathBuf>,
    /// Which instance.
    #[command(flatten)]
    pub instance: InstanceArgs,
    /// Check this operator or theorem instead of all that the module claims; may be repeated
    #[arg(long, value_name = "NAME")]
    pub check: Vec<String>,
    /// Take so many random walks instead of searching every state
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub walks: Option<u64>,
    /// Go so many steps from an initial state, and no farther (walks: 100)
    #[arg(long, value_name = "D")]
    pub depth: Option<usize>,
    /// Ask a solver for a violation in up to so many steps, or in `A..K` steps, instead of searching every state
    #[arg(long, value_name = "K", value_parser = depths, conflicts_with_all = ["walks", "depth"])]
    pub unroll: Option<RangeInclusive<usize>>,
    /// Seed of the random walks
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,
    /// Give up after so many states
    #[arg(long, value_name = "N", default_value_t = 50_000_000)]
    pub max_states: usize,
    /// Give up after so many seconds
    #[arg(long, value_name = "S", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..))]
    pub timeout: u32,
    /// Give up beyond so many megabytes of memory
    #[arg(long, value_name = "MB", default_value_t = 4096, value_parser = clap::value_parser!(u32).range(1..))]
    pub memory: u32,
    /// Tell states apart that differ by the names of elements only
    #[arg(long)]
    pub no_symmetry: bool,
    /// How many threads search; all cores if not given
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub jobs: Option<u16>,
    /// The form of the result
    #[arg(long, value_enum, default_value_t = TraceFormat::Human)]
    pub format: TraceFormat,
    /// Write the trace into this file, in the ITF format
    #[arg(long, value_name = "FILE")]
    pub itf: Option<PathBuf>,
}

/// Which instance of a module.
#[derive(Clone, Debug, Args)]
pub struct InstanceArgs {
    /// How many elements a sort, or a constant set, has: `Acceptors=3`; may be repeated
    #[arg(long, value_name = "NAME=N", value_parser = setting)]
    pub size: Vec<(String, String)>,
    /// What a constant is: `Quorums={{a1, a2}, {a2, a3}}`, elements being a1, a2, ...; may be repeated
    #[arg(long, value_name = "NAME=EXPR", value_parser = setting)]
    pub constant: Vec<(String, String)>,
    /// What `Nat` and `Int` are read as where something ranges over them
    #[arg(long, value_name = "A..B", default_value = "0..2", value_parser = integers, allow_hyphen_values = true)]
    pub integers: RangeInclusive<i64>,
    /// What `CHOOSE` takes where there are several: 0 the least, other numbers something at random
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    pub choose: u64,
}

/// The form of a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TraceFormat {
    /// For people.
    Human,
    /// For programs.
    Json,
    /// The trace alone, in the ITF format.
    Itf,
}

/// `NAME=VALUE`
fn setting(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("expected NAME=VALUE")?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

/// `K` for up to so many, or `A..K`.
fn depths(text: &str) -> Result<RangeInclusive<usize>, String> {
    let (first, last) = text.split_once("..").unwrap_or(("0", text));
    match (first.trim().parse::<usize>(), last.trim().parse::<usize>()) {
        (Ok(first), Ok(last)) if first <= last => Ok(first..=last),
        _ => Err("expected a number of steps `K`, or `A..K` with A at most K".to_owned()),
    }
}

/// `A..B`
fn integers(text: &str) -> Result<RangeInclusive<i64>, String> {
    let (low, high) = text.split_once("..").ok_or("expected A..B")?;
    let number = |text: &str| text.trim().parse::<i64>().map_err(|_| format!("`{text}` is not a number"));
    let range = number(low)?..=number(high)?;
    if range.is_empty() { Err("there is no number in it".to_owned()) } else { Ok(range) }
}

/// Arguments of `vacuity`.
#[derive(Clone, Debug, Args)]
#[command(
    after_help = "Exit codes: 0 nothing vacuous (there may be warnings); 7 a contradiction, no initial \
                        state, or an action that cannot happen; 3 something could not be settled within the \
                        budget, or its theorem is not proved; 2 usage, syntax or sorts; 4 nothing selected."
)]
pub struct Vacuity {
    /// Which modules.
    #[command(flatten)]
    pub input: Input,
    /// How.
    #[command(flatten)]
    pub solving: Solving,
    /// The form of the result
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub format: Format,
}

/// Arguments of `mutate`.
#[derive(Clone, Debug, Args)]
#[command(
    after_help = "A mutant is refuted, undecided, vacuous, or survives: then what was changed is not needed for \
                  the theorems.\n\
                  Exit codes: 0 all mutants were judged, whether some survive or not; 6 the score is below \
                  `--min-score`; 3 the spec itself is not proved; 2 it has errors; 4 no mutant is selected."
)]
pub struct Mutate {
    /// Which modules.
    #[command(flatten)]
    pub input: Input,
    /// Only mutants whose name, or whose definition's name, matches; may be repeated
    #[arg(long, value_name = "GLOB")]
    pub only: Vec<String>,
    /// No more than the first N of the selected mutants of each file
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// List the mutants, and judge none
    #[arg(long)]
    pub list: bool,
    /// Try all obligations of a mutant, rather than stop at the first that fails
    #[arg(long)]
    pub exhaustive: bool,
    /// Write what becomes of each mutant to this new file, a line of JSON for each, as soon as it is known
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Take from this file what is known already, if it is there; judge the rest, and append that to it
    #[arg(long, value_name = "FILE", conflicts_with = "out")]
    pub resume: Option<PathBuf>,
    /// End with exit code 6 if less than P percent of the mutants that count are killed
    #[arg(long, value_name = "P", value_parser = clap::value_parser!(u32).range(..=100))]
    pub min_score: Option<u32>,
    /// How many mutants are judged at a time; as many as there are cores if not given
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub jobs: Option<u16>,
    /// The largest budget of a stage, in Z3's resource units; the others scale with it
    #[arg(long, value_name = "N", default_value_t = 1_000_000, value_parser = clap::value_parser!(u32).range(1..))]
    pub rlimit: u32,
    /// Seconds of wall time after which a stage is stopped, whatever its budget
    #[arg(long, value_name = "S", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..))]
    pub timeout: u32,
    /// Megabytes of memory of a solver
    #[arg(long, value_name = "MB", default_value_t = 2048, value_parser = clap::value_parser!(u32).range(1..))]
    pub memory: u32,
    /// Seed of the solver's random choices
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u32,
    /// Seconds to search for a counterexample to what is not proved of a mutant; 0 for no search
    #[arg(long, value_name = "S", default_value_t = 2)]
    pub search: u32,
    /// The form of the result
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub format: Format,
}

/// Arguments of `stability`.
#[derive(Clone, Debug, Args)]
pub struct Stability {
    /// Which modules.
    #[command(flatten)]
    pub input: Input,
    /// How.
    #[command(flatten)]
    pub solving: Solving,
    /// How many seeds, and as many shuffles of names and orders
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub seeds: u32,
    /// The form of the result
    #[arg(long, value_enum, default_value_t = TableFormat::Text)]
    pub format: TableFormat,
}

/// Arguments of `certify`.
#[derive(Clone, Debug, Args)]
pub struct Certify {
    /// Which modules.
    #[command(flatten)]
    pub input: Input,
    /// Only obligations whose id, or whose theorem's name, matches; may be repeated
    #[arg(long, value_name = "GLOB")]
    pub only: Vec<String>,
    /// How many solvers run at a time; all cores if not given
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub jobs: Option<u16>,
    /// Seconds of wall time that cvc5 has for each question
    #[arg(long, value_name = "S", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..))]
    pub timeout: u32,
    /// Where cvc5 is; else `PAXPROVE_CVC5` says it, or it is on the path
    #[arg(long, value_name = "PATH")]
    pub cvc5: Option<PathBuf>,
    /// The form of the result
    #[arg(long, value_enum, default_value_t = TableFormat::Text)]
    pub format: TableFormat,
}

/// The form of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TableFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// What `--version` prints after the program's name.
pub fn version() -> &'static str {
    static VERSION: OnceLock<String> = OnceLock::new();
    VERSION.get_or_init(|| format!("{} (Z3 {})", env!("CARGO_PKG_VERSION"), crate::identity::z3_version()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn files_alone_mean_prove() {
        let cli = Cli::try_parse_from(["paxprove", "a.pax", "--only", "X.*"]).unwrap();
        assert!(cli.command.is_none());
        assert_eq!(cli.prove.solving.only, ["X.*"]);
        assert!(Cli::try_parse_from(["paxprove"]).is_err());
        assert!(Cli::try_parse_from(["paxprove", "prove"]).is_err());
        assert!(Cli::try_parse_from(["paxprove", "doctor"]).is_ok());
    }

    #[test]
    fn nothing_said_is_the_usual() {
        let Solving { only, jobs, rlimit, timeout, memory, seed, search, dump_smt } =
            Cli::try_parse_from(["paxprove", "a.pax"]).unwrap().prove.solving;
        let usual = Solving::default();
        assert_eq!((only, jobs, rlimit, dump_smt), (usual.only, usual.jobs, usual.rlimit, usual.dump_smt));
        assert_eq!((timeout, memory), (usual.timeout, usual.memory));
        assert_eq!((seed, search), (usual.seed, usual.search));
    }
}
