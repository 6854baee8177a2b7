//! `paxprove prove`: proves the theorems of modules.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use anyhow::{Context, Result};

use super::Output;
use crate::args::{Caching, Input, Prove, Solving, Telling};
use crate::attempt::{self, Progress as _};
use crate::bundle;
use crate::cache::{self, Cache};
use crate::driver::{self, Run, Until};
use crate::emit;
use crate::exit::ExitStatus;
use crate::progress::{Form, Watcher};
use crate::recheck::recheck;
use crate::report::findings::counterexample;
use crate::report::text::Style;
use crate::report::{self, Request, json};
use crate::resources::peak_memory;
use crate::saved::{Asked, Saved};
use crate::select::Selection;
use crate::shard::{Shard, Shards};
use crate::solvers::{Solvers, limits, n_workers};

/// Proves each file and reports on all of them.
pub fn run(args: &Prove, style: Style, progress: Form) -> Result<Output> {
    emit::demand_different(&args.telling.reporting.emit)?;
    let mut cache = cache::open(&args.caching)?;
    if args.save.is_some() {
        cache = Some(cache.unwrap_or_else(Cache::off).recording());
    }
    let how = How {
        cache: cache.as_ref(),
        shards: args.shard.and_then(Shards::one),
        is_rechecked: args.recheck,
        progress,
    };
    let runs = prove_so(&args.input, &args.solving, &how)?;
    let mut status = ExitStatus::Proved;
    let honest = cache.as_ref().filter(|cache| !cache.is_deceived());
    if let (Some(path), Some(cache)) = (&args.save, honest) {
        let asked = Asked::new(&runs, &args.input, &args.solving);
        let answers = cache.take_record().into_values().collect();
        let saved = Saved { asked, shard: args.shard.unwrap_or(Shard::WHOLE), answers };
        status = emit::told(saved.write(path));
    }
    if let Some(cache) = &cache {
        io::stderr().write_all(cache.told(style.detail > 1).as_bytes())?;
    }
    let output = tell(&runs, &args.input, &args.solving, &args.telling, style)?;
    Ok(Output { status: output.status.and(status), ..output })
}

/// What is shown of runs; reports in other forms, counterexamples and what is needed to look into internal errors are
/// written to files. A file that cannot be written hides no verdict.
pub fn tell(
    runs: &[Run],
    input: &Input,
    solving: &Solving,
    telling: &Telling,
    style: Style,
) -> Result<Output> {
    let request = Request {
        include: input.include.clone(),
        solving: solving.clone(),
        is_whole: style.detail > 1,
        is_check: false,
    };
    let mut status = report::status_of_all(runs, &request);
    for run in runs.iter().filter(|run| report::exit(run) == ExitStatus::Internal) {
        status = status.and(emit::told(write_bundle(&telling.bug_dir, run, &request)));
    }
    for (folder, run) in
        telling.counterexamples.iter().flat_map(|folder| runs.iter().map(move |run| (folder, run)))
    {
        status = status.and(emit::told(write_counterexamples(folder, run)));
    }
    let reporting = &telling.reporting;
    let plain = Style { is_coloured: false, ..style };
    let emitted = emit::emit_all(reporting, |format| report::render(format, runs, &request, plain));
    let text = report::render(reporting.format, runs, &request, style)?;
    Ok(Output { text, status: status.and(emitted) })
}

/// Writes what is needed to look into an internal error.
fn write_bundle(bug_dir: &Path, run: &Run, request: &Request) -> Result<()> {
    let whole = json::render(std::slice::from_ref(run), request, peak_memory())?;
    let folder = bundle::write(bug_dir, run, request.solving.rlimit, &whole)?;
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

/// How to prove, beside what the solver is told.
#[derive(Clone, Debug)]
pub struct How<'a> {
    /// Answers from before.
    pub cache: Option<&'a Cache>,
    /// Only these shards.
    pub shards: Option<Shards>,
    /// Whether decomposition is rechecked.
    pub is_rechecked: bool,
    /// In which form progress is told.
    pub progress: Form,
}

/// Proves what is selected of each file, with solvers in processes of their own and without answers from before.
pub fn prove_all(input: &Input, args: &Solving, progress: Form) -> Result<Vec<Run>> {
    prove_so(input, args, &How { cache: None, shards: None, is_rechecked: false, progress })
}

/// The same, with answers from before.
pub fn prove_kept(input: &Input, args: &Solving, caching: &Caching, progress: Form) -> Result<Vec<Run>> {
    let cache = cache::open(caching)?;
    let how = How { cache: cache.as_ref(), shards: None, is_rechecked: false, progress };
    let runs = prove_so(input, args, &how)?;
    if let Some(cache) = &cache {
        io::stderr().write_all(cache.told(false).as_bytes())?;
    }
    Ok(runs)
}

/// The same in a particular way.
pub fn prove_so(input: &Input, args: &Solving, how: &How<'_>) -> Result<Vec<Run>> {
    let How { cache, shards, is_rechecked, progress } = how;
    let until = if *is_rechecked { Until::Rechecks } else { Until::Obligations };
    let selection = Selection::new(&args.only).context("`--only` is not a glob")?.in_shards(shards.clone());
    let solvers = Solvers::new(Arc::new(AtomicBool::new(false)))?;
    solvers.stop_on_interrupt()?;
    let mut watcher = Watcher::new(*progress);
    let mut runs = Vec::new();
    for file in &input.files {
        if !cache.is_some_and(|cache| cache.has_seen(file)) {
            solvers.warm_up(n_workers(args));
        }
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
            cache: *cache,
            progress: &watcher,
        };
        let mut run = driver::prove(front, &selection, &solving)?;
        if *is_rechecked {
            recheck(&mut run, &solving)?;
        }
        if let Some(cache) = cache {
            cache.note_seen(file);
        }
        runs.push(run);
    }
    if let Some(cache) = cache {
        cache.tidy_up();
    }
    watcher.finish();
    Ok(runs)
}
