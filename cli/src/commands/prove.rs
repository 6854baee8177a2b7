//! `paxprove prove`: proves the theorems of modules.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use anyhow::{Context, Result};

use super::Output;
use crate::args::{Input, Prove, Solving};
use crate::attempt::{self, Progress as _};
use crate::bundle;
use crate::driver::{self, Run, Until};
use crate::emit;
use crate::exit::ExitStatus;
use crate::progress::{Form, Watcher};
use crate::recheck::recheck;
use crate::report::findings::counterexample;
use crate::report::text::Style;
use crate::report::{self, Request, json};
use crate::resources::peak_memory;
use crate::select::Selection;
use crate::solvers::{Solvers, limits, n_workers};

/// Proves each file and reports on all of them.
pub fn run(args: &Prove, style: Style, progress: Form) -> Result<Output> {
    let reporting = &args.reporting;
    emit::demand_different(&reporting.emit)?;
    let runs = prove_and_recheck(&args.input, &args.solving, args.recheck, progress)?;
    let request = Request {
        include: args.input.include.clone(),
        solving: args.solving.clone(),
        is_whole: style.detail > 1,
        is_check: false,
    };
    let mut status = report::status_of_all(&runs, &request);
    for run in runs.iter().filter(|run| report::exit(run) == ExitStatus::Internal) {
        status = status.and(emit::told(write_bundle(args, run, &request)));
    }
    for (folder, run) in
        args.counterexamples.iter().flat_map(|folder| runs.iter().map(move |run| (folder, run)))
    {
        status = status.and(emit::told(write_counterexamples(folder, run)));
    }
    let plain = Style { is_coloured: false, ..style };
    let emitted = emit::emit_all(reporting, |format| report::render(format, &runs, &request, plain));
    let text = report::render(reporting.format, &runs, &request, style)?;
    Ok(Output { text, status: status.and(emitted) })
}

/// Writes what is needed to look into an internal error.
fn write_bundle(args: &Prove, run: &Run, request: &Request) -> Result<()> {
    let whole = json::render(std::slice::from_ref(run), request, peak_memory())?;
    let folder = bundle::write(&args.bug_dir, run, args.solving.rlimit, &whole)?;
    writeln!(io::stderr(), "internal error: `{}` holds what is needed to look into it", folder.display())?;
    Ok(())
}

/// Writes the counterexamples of a run as traces in the ITF format, one file for each obligation.
fn write_counterexamples(folder: &Path, run: &Run) -> Result<()> {
    let (Some(proof), Some(decomposition)) = (&run.proof, &run.front.decomposition) else { return Ok(()) };
    for (obligation_idx, verdict) in &proof.verdicts.obligations {
        let Some(told) = counterexample(run, decomposition, *obligation_idx, verdict) else { continue };
        let id = &decomposition.tree.obligations[*obligation_idx].id;
        let path = folder.join(attempt::file_name(id)).with_extension("itf.json");
        fs::create_dir_all(folder).with_context(|| format!("cannot create `{}`", folder.display()))?;
        let text = serde_json::to_string_pretty(&told.itf)? + "\n";
        fs::write(&path, text).with_context(|| format!("cannot write `{}`", path.display()))?;
    }
    Ok(())
}

/// Proves what is selected of each file, with solvers in processes of their own.
pub fn prove_all(input: &Input, args: &Solving, progress: Form) -> Result<Vec<Run>> {
    prove_and_recheck(input, args, false, progress)
}

/// The same; then, if it is wanted, decomposition is rechecked.
pub fn prove_and_recheck(
    input: &Input,
    args: &Solving,
    is_rechecked: bool,
    progress: Form,
) -> Result<Vec<Run>> {
    let until = if is_rechecked { Until::Rechecks } else { Until::Obligations };
    let selection = Selection::new(&args.only).context("`--only` is not a glob")?;
    let solvers = Solvers::new(Arc::new(AtomicBool::new(false)))?;
    solvers.stop_on_interrupt()?;
    solvers.warm_up(n_workers(args));
    let mut watcher = Watcher::new(progress);
    let mut runs = Vec::new();
    for file in &input.files {
        watcher.turn_to(&format!("proving {}", file.display()));
        let front = driver::read(file, &input.include, until)?;
        let solving = attempt::Solving {
            n_workers: n_workers(args),
            limits: limits(args),
            rlimit: args.rlimit,
            make_backend: &|_| solvers.backend(),
            stop: solvers.stop(),
            search: (args.search > 0).then(|| Duration::from_secs(args.search.into())),
            dump_smt: args.dump_smt.as_deref(),
            progress: &watcher,
        };
        let mut run = driver::prove(front, &selection, &solving)?;
        if is_rechecked {
            recheck(&mut run, &solving)?;
        }
        runs.push(run);
    }
    watcher.finish();
    Ok(runs)
}
