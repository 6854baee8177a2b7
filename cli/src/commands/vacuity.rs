//! `paxprove vacuity`: proves modules, and looks for what makes the proofs hollow.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::{Context, Result};

use super::Output;
use crate::args::{Format, Vacuity};
use crate::attempt;
use crate::driver::{self, Until};
use crate::exit::ExitStatus;
use crate::progress::{Form, Watcher};
use crate::report::text::Style;
use crate::report::vacuity::{Looked, human, json, short};
use crate::select::Selection;
use crate::solvers::{Solvers, limits, n_workers};
use crate::vacuity;

/// Looks at each file and reports on all of them.
pub fn run(args: &Vacuity, style: Style, progress: Form) -> Result<Output> {
    let selection = Selection::new(&args.solving.only).context("`--only` is not a glob")?;
    let solvers = Solvers::new(Arc::new(AtomicBool::new(false)))?;
    solvers.stop_on_interrupt()?;
    solvers.warm_up(n_workers(&args.solving));
    let mut watcher = Watcher::new(progress);
    let solving = attempt::Solving {
        n_workers: n_workers(&args.solving),
        limits: limits(&args.solving),
        rlimit: args.solving.rlimit,
        make_backend: &|_| solvers.backend(),
        stop: solvers.stop(),
        // Whether what is not proved is false is for `prove` to find out.
        search: None,
        dump_smt: args.solving.dump_smt.as_deref(),
        cache: None,
        progress: &watcher,
    };
    let mut looked = Vec::new();
    for file in &args.input.files {
        let front = driver::read(file, &args.input.include, Until::Obligations)?;
        let run = driver::prove(front, &selection, &solving)?;
        let rows = vacuity::look(&run, &selection, &solving);
        looked.push(Looked { run, rows });
    }
    watcher.finish();
    let status = looked.iter().map(Looked::exit).fold(ExitStatus::Proved, ExitStatus::and);
    let text = match args.format {
        Format::Human => human(&looked, style),
        Format::Short => short(&looked),
        Format::Json => json(&looked, status)?,
    };
    Ok(Output { text, status })
}
