//! `paxprove doctor`: whether the program, its solver and its solver processes work here.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use anyhow::Result;
use solver::backend::Limits;
use vcgen::vc::{Labelled, Stage, Symbol, Term, Vc, VcSort};

use super::Output;
use crate::attempt::{self, Unwatched};
use crate::driver::{self, Until};
use crate::exit::ExitStatus;
use crate::identity;
use crate::load::load_text;
use crate::report;
use crate::resources::StageTimes;
use crate::select::Selection;
use crate::solvers::Solvers;

/// A module whose proof needs the whole way, solver included.
const MODULE: &str = "---- MODULE Doctor ----
EXTENDS Integers
VARIABLE n
Init == n = 1
Next == n' = n + n
Spec == Init /\\ [][Next]_n
THEOREM Positive == Spec => [](n \\in Int /\\ n > 0)
====
";

/// Tries everything once.
pub fn run() -> Result<Output> {
    let mut text = String::new();
    let _ = writeln!(text, "paxprove {}", identity::VERSION);
    let _ = writeln!(
        text,
        "Z3 {} ({}; pinned: {})",
        identity::z3_version(),
        solver::z3::LINKED,
        solver::z3::PINNED_VERSION
    );
    let solvers = Solvers::new(Arc::new(AtomicBool::new(false)))?;
    let mut is_well = true;
    for (what, result) in [("a solver process", solve(&solvers)), ("a proof", prove(&solvers))] {
        let word = match &result {
            Ok(()) => "works".to_owned(),
            Err(problem) => format!("FAILS: {problem}"),
        };
        is_well &= result.is_ok();
        let _ = writeln!(text, "{what} {word}");
    }
    let status = if is_well { ExitStatus::Proved } else { ExitStatus::Internal };
    Ok(Output { text, status })
}

/// Whether a solver process proves `p => p` and does not prove `p`.
fn solve(solvers: &Solvers) -> Result<(), String> {
    use solver::backend::Answer;
    let mut vc = Vc::default();
    let p = vc.symbols.push(Symbol { name: "p".to_owned(), args: Vec::new(), result: VcSort::Bool });
    vc.goal = Some(Term::App(p, Vec::new()));
    let stage = Stage { tier: 0, rlimit: 100_000, mbqi: true };
    let limits = Limits { timeout: Duration::from_secs(10), ..Limits::default() };
    let mut backend = solvers.backend();
    let mut ask = |vc: &Vc| backend.check(vc, &stage, limits).map_err(|error| error.to_string());
    match ask(&vc)?.answer {
        Answer::Sat(_) => {}
        other @ (Answer::Unsat { .. } | Answer::Unknown(_)) => return Err(format!("`p` got {other:?}")),
    }
    let formula = Term::App(p, Vec::new());
    vc.hypotheses.push(Labelled { label: "p".to_owned(), tier: 0, formula });
    match ask(&vc)?.answer {
        Answer::Unsat { .. } => Ok(()),
        other @ (Answer::Sat(_) | Answer::Unknown(_)) => Err(format!("`p => p` got {other:?}")),
    }
}

/// Whether a small module is proved.
fn prove(solvers: &Solvers) -> Result<(), String> {
    let loaded = load_text("Doctor.pax", MODULE.to_owned(), &[]).map_err(|error| error.to_string())?;
    let front = driver::front(Path::new("Doctor.pax"), loaded, StageTimes::default(), Until::Obligations);
    let solving = attempt::Solving {
        n_workers: 1,
        limits: Limits::default(),
        rlimit: None,
        make_backend: &|_| solvers.backend(),
        stop: solvers.stop(),
        search: None,
        dump_smt: None,
        cache: None,
        progress: &Unwatched,
    };
    let run = driver::prove(front, &Selection::default(), &solving).map_err(|error| error.to_string())?;
    let status = report::exit(&run);
    if status == ExitStatus::Proved {
        return Ok(());
    }
    Err(format!("a trivial theorem ends with exit code {}", status.code()))
}
