//! The test harness: runs modules in this process, the way the command line does, with any backend.
//!
//! Each suite is a file beside this crate's `src`, with its data in the folder of its name.

pub mod browser;
pub mod claims;
pub mod confront;
pub mod edits;
pub mod random_specs;
pub mod scale;

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use clap::Parser;
use cli::args::{Cli, Prove};
use cli::attempt::{MakeBackend, Solving, Unwatched};
use cli::driver::{self, Front, Run, Until};
use cli::exit::ExitStatus;
use cli::load::load_text;
use cli::report::findings::findings;
use cli::report::text::{Style, diagnostics};
use cli::report::vacuity::Looked;
use cli::report::{Request, exit};
use cli::resources::StageTimes;
use cli::select::Selection;
use cli::vacuity;
use lang::diag::Diagnostic;
use solver::backend::{Backend, Limits};
use solver::z3::Z3;

/// How a test proves; anything but the module.
pub struct Setup<'a> {
    /// `--only`.
    pub only: &'a [&'a str],
    /// `--rlimit`.
    pub rlimit: Option<u32>,
    /// `-j`.
    pub n_workers: usize,
    /// Where backends come from.
    pub make_backend: MakeBackend<'a>,
    /// Whether the user has interrupted already.
    pub is_stopped: bool,
    /// `--search`.
    pub search: Option<Duration>,
}

impl Default for Setup<'_> {
    fn default() -> Self {
        Self {
            only: &[],
            rlimit: None,
            n_workers: 2,
            make_backend: &|_| z3(),
            is_stopped: false,
            search: None,
        }
    }
}

/// Z3 in this process.
///
/// # Panics
/// If the library is not the pinned one.
pub fn z3() -> Box<dyn Backend + Send> {
    Box::new(Z3::new().expect("the pinned Z3"))
}

/// The root of the workspace.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A module from a text; what it extends is looked for in `folders`.
///
/// # Panics
/// If a file cannot be read.
pub fn read(name: &str, text: &str, folders: &[PathBuf]) -> Front {
    let loaded = load_text(name, text.to_owned(), folders).expect("readable files");
    driver::front(Path::new(name), loaded, StageTimes::default(), Until::Obligations)
}

/// Proves a module.
///
/// # Panics
/// If `only` holds what is no glob.
pub fn prove(front: Front, setup: &Setup<'_>) -> Run {
    solving(setup, |selection, solving| driver::prove(front, selection, solving).expect("nothing is written"))
}

/// Proves a module, and looks for what makes the proofs hollow.
///
/// # Panics
/// If `only` holds what is no glob.
pub fn look(front: Front, setup: &Setup<'_>) -> Looked {
    solving(setup, |selection, solving| {
        let run = driver::prove(front, selection, solving).expect("nothing is written");
        let rows = vacuity::look(&run, selection, solving);
        Looked { run, rows }
    })
}

fn solving<T>(setup: &Setup<'_>, work: impl FnOnce(&Selection, &Solving<'_>) -> T) -> T {
    let only: Vec<String> = setup.only.iter().map(|glob| (*glob).to_owned()).collect();
    let selection = Selection::new(&only).expect("globs");
    let solving = Solving {
        n_workers: setup.n_workers,
        // Budgets decide, never the clock of a busy machine.
        limits: Limits { timeout: Duration::from_secs(600), ..Limits::default() },
        rlimit: setup.rlimit,
        make_backend: setup.make_backend,
        stop: &AtomicBool::new(setup.is_stopped),
        search: setup.search,
        dump_smt: None,
        cache: None,
        progress: &Unwatched,
    };
    work(&selection, &solving)
}

/// Codes of what only `paxprove vacuity` looks for.
pub const REMARKS: [&str; 6] = [
    "dead-alternative",
    "dead-antecedent",
    "empty-domain",
    "redundant-conjunct",
    "unneeded-conjunct",
    "unused-hypothesis",
];

/// Everything that is wrong with an example of the page on this code, and how the command that finds it ends.
pub fn found_in(code: &str, example: &str) -> (Front, Vec<Diagnostic>, ExitStatus) {
    let front = read("Example.pax", example, &[]);
    if REMARKS.contains(&code) {
        let looked = look(front, &Setup::default());
        let (found, status) = (looked.findings(), looked.exit());
        return (looked.run.front, found, status);
    }
    let run = prove(front, &Setup::default());
    let (found, status) = (all_findings(&run), exit(&run));
    (run.front, found, status)
}

/// Everything that is wrong with a run.
pub fn all_findings(run: &Run) -> Vec<Diagnostic> {
    run.front.diagnostics.iter().cloned().chain(findings(run, &request())).collect()
}

/// What a user would see of what is wrong with a run.
pub fn rendered(run: &Run) -> String {
    shown(&run.front, &all_findings(run))
}

/// What a user would see of these findings.
pub fn shown(front: &Front, findings: &[Diagnostic]) -> String {
    diagnostics(&front.sources, findings, Style { is_coloured: false, detail: 1 })
}

/// A request without options.
///
/// # Panics
/// Never: the command line is a constant.
pub fn request() -> Request {
    let Prove { input, solving, .. } = Cli::try_parse_from(["paxprove", "x"]).expect("a command line").prove;
    Request { include: input.include, solving, is_whole: false, is_check: false }
}

/// The files of a folder with this extension, sorted, with their stems.
///
/// # Panics
/// If the folder cannot be read.
pub fn files(folder: &Path, extension: &str) -> Vec<(String, PathBuf)> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    let mut files: Vec<(String, PathBuf)> = entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .map(|path| (path.file_stem().expect("a name").to_string_lossy().into_owned(), path))
        .collect();
    files.sort();
    files
}

/// The specs that are proved, those in folders with the folder in their names.
///
/// # Panics
/// If a folder cannot be read.
pub fn specs() -> Vec<(String, PathBuf)> {
    let top = root().join("specs");
    let mut found = files(&top, "pax");
    let entries = std::fs::read_dir(&top).expect("a folder").map(|entry| entry.expect("an entry").path());
    let mut folders: Vec<PathBuf> =
        entries.filter(|path| path.is_dir() && path.file_name() != Some("broken".as_ref())).collect();
    folders.sort();
    for folder in folders {
        let prefix = folder.file_name().expect("a name").to_string_lossy().into_owned();
        found
            .extend(files(&folder, "pax").into_iter().map(|(name, path)| (format!("{prefix}/{name}"), path)));
    }
    found
}

/// The text of a file.
///
/// # Panics
/// If it cannot be read.
pub fn text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The `pax` blocks of a page in Markdown.
pub fn examples(page: &str) -> Vec<String> {
    let blocks = page.split("```pax\n").skip(1);
    blocks.filter_map(|block| block.split("```").next()).map(str::to_owned).collect()
}
