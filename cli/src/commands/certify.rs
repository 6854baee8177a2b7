//! `paxprove certify`: a second opinion on whole proofs.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use anyhow::{Context, Result};
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Serialize;
use solver::cvc5::Cvc5;

use super::Output;
use crate::args::{Certify, Solving, TableFormat};
use crate::attempt;
use crate::certify::{Certified, Second, certify, find_cvc5, version};
use crate::driver::{self, Run, Until};
use crate::exit::ExitStatus;
use crate::progress::{Form, Watcher};
use crate::recheck::recheck;
use crate::report::json::millis;
use crate::report::text::{Style, conclusion, diagnostics};
use crate::report::{counted, exit, words};
use crate::select::Selection;
use crate::solvers::{Solvers, limits, n_workers};

/// Proves each file with Z3, rechecks decomposition, and asks cvc5 about all of it.
pub fn run(args: &Certify, style: Style, progress: Form) -> Result<Output> {
    let cvc5 = Cvc5::new(find_cvc5(args.cvc5.clone()), Duration::from_secs(args.timeout.into()));
    let version = version(&cvc5)?;
    let selection = Selection::new(&args.only).context("`--only` is not a glob")?;
    let usual = Solving { only: args.only.clone(), jobs: args.jobs, search: 0, ..Solving::default() };
    let solvers = Solvers::new(Arc::new(AtomicBool::new(false)))?;
    solvers.stop_on_interrupt()?;
    let mut watcher = Watcher::new(progress);
    let mut modules = Vec::new();
    for file in &args.input.files {
        let front = driver::read(file, &args.input.include, Until::Rechecks)?;
        let solving = attempt::Solving {
            n_workers: n_workers(&usual),
            limits: limits(&usual),
            rlimit: None,
            make_backend: &|_| solvers.backend(),
            stop: solvers.stop(),
            search: None,
            dump_smt: None,
            cache: None,
            progress: &watcher,
        };
        let mut run = driver::prove(front, &selection, &solving)?;
        recheck(&mut run, &solving)?;
        let certified = certify(&run, &cvc5, &solving)?;
        modules.push(Asked { status: status(&run, &certified), run, certified });
    }
    watcher.finish();
    let status = modules.iter().map(|module| module.status).fold(ExitStatus::Proved, ExitStatus::and);
    let text = match args.format {
        TableFormat::Text => {
            let texts = modules.iter().map(|module| text(module, &version, style));
            texts.collect::<Vec<_>>().join("\n")
        }
        TableFormat::Json => json(&modules, &version, status)?,
    };
    Ok(Output { text, status })
}

/// A module with the second opinion on its proof.
struct Asked {
    run: Run,
    certified: Vec<Certified>,
    status: ExitStatus,
}

fn status(run: &Run, certified: &[Certified]) -> ExitStatus {
    let of_one = |one: &Certified| match one.second {
        Second::Agreed => ExitStatus::Proved,
        Second::GaveUp(_) | Second::Stopped => ExitStatus::Undecided,
        Second::Disagreement => ExitStatus::Internal,
    };
    certified.iter().map(of_one).fold(exit(run), ExitStatus::and)
}

/// How many questions had which answer.
#[derive(Clone, Copy, Default, Serialize, JsonSchema)]
struct Tally {
    questions: usize,
    obligations: usize,
    agreed: usize,
    gave_up: usize,
    disagreed: usize,
    time_ms: f64,
}

impl Tally {
    fn add(&mut self, one: &Certified) {
        self.questions += 1;
        self.obligations += one.n_obligations;
        self.time_ms += millis(one.time);
        match one.second {
            Second::Agreed => self.agreed += 1,
            Second::GaveUp(_) | Second::Stopped => self.gave_up += 1,
            Second::Disagreement => self.disagreed += 1,
        }
    }
}

/// The tallies by kind, and of all kinds together.
fn tallies(certified: &[Certified]) -> IndexMap<&'static str, Tally> {
    let mut tallies: IndexMap<&'static str, Tally> = IndexMap::new();
    for one in certified {
        tallies.entry(one.kind).or_default().add(one);
    }
    let mut all = Tally::default();
    for one in certified {
        all.add(one);
    }
    tallies.insert("all", all);
    tallies
}

fn text(module: &Asked, version: &str, style: Style) -> String {
    let run = &module.run;
    let mut out = diagnostics(&run.front.sources, &run.front.diagnostics, style);
    let _ = writeln!(out, "{}: Z3: {}", run.front.file.display(), conclusion(run, exit(run)));
    let tallies = tallies(&module.certified);
    if style.detail > 0 {
        let _ = writeln!(
            out,
            "{:14} {:>9} {:>11} {:>7} {:>8} {:>9} {:>8}",
            "kind", "questions", "obligations", "agreed", "gave up", "disagreed", "seconds"
        );
        for (kind, tally) in &tallies {
            let _ = writeln!(
                out,
                "{kind:14} {:>9} {:>11} {:>7} {:>8} {:>9} {:>8.2}",
                tally.questions,
                tally.obligations,
                tally.agreed,
                tally.gave_up,
                tally.disagreed,
                tally.time_ms / 1000.0
            );
        }
        for one in &module.certified {
            let line = match &one.second {
                Second::Agreed if style.detail < 2 => continue,
                Second::Agreed => "agreed".to_owned(),
                Second::GaveUp(reason) => format!("gave up: {reason}"),
                Second::Disagreement => "DISAGREES: it has a model".to_owned(),
                Second::Stopped => "stopped".to_owned(),
            };
            let _ = writeln!(out, "  {} {line} [{:.2} s]", one.id, one.time.as_secs_f64());
        }
    }
    let all = tallies.get("all").copied().unwrap_or_default();
    let word = if module.status == ExitStatus::Internal {
        "DISAGREEMENT"
    } else if all.agreed == all.questions && all.questions > 0 {
        "AGREED"
    } else {
        "NOT ALL AGREED"
    };
    let _ = writeln!(
        out,
        "{word}: {version} agrees on {} of {}, which stand for {}",
        all.agreed,
        counted(all.questions, "question"),
        counted(all.obligations, "obligation"),
    );
    out
}

/// The report of `certify --format json`.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Report<'a> {
    /// Changes whenever a reader of an older report would misread a new one.
    schema_version: u32,
    /// Its name and version.
    second_solver: &'a str,
    /// What the run ends with.
    exit_code: u8,
    modules: Vec<Module<'a>>,
}

/// What came of a file.
#[derive(Serialize, JsonSchema)]
struct Module<'a> {
    /// The file as the user named it.
    file: String,
    /// What this file comes to.
    exit_code: u8,
    kinds: IndexMap<&'static str, Tally>,
    questions: Vec<Question<'a>>,
}

/// A question to the second solver.
#[derive(Serialize, JsonSchema)]
struct Question<'a> {
    id: &'a str,
    kind: &'a str,
    obligations: usize,
    #[schemars(extend("enum" = words::SECONDS))]
    opinion: &'static str,
    reason: Option<&'a str>,
    time_ms: f64,
}

fn json(modules: &[Asked], version: &str, status: ExitStatus) -> Result<String> {
    let modules = modules
        .iter()
        .map(|module| Module {
            file: module.run.front.file.display().to_string(),
            exit_code: module.status.code(),
            kinds: tallies(&module.certified),
            questions: module.certified.iter().map(question).collect(),
        })
        .collect();
    let report = Report { schema_version: 1, second_solver: version, exit_code: status.code(), modules };
    Ok(serde_json::to_string_pretty(&report)? + "\n")
}

fn question(one: &Certified) -> Question<'_> {
    let Certified { id, kind, n_obligations, second, time } = one;
    let (opinion, reason) = match second {
        Second::Agreed => ("agreed", None),
        Second::GaveUp(reason) => ("gave-up", Some(reason.as_str())),
        Second::Disagreement => ("disagreed", None),
        Second::Stopped => ("stopped", None),
    };
    Question { id, kind, obligations: *n_obligations, opinion, reason, time_ms: millis(*time) }
}
