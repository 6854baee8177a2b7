//! `paxprove prove`: proves the theorems of modules.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use anyhow::{Context, Result};

use super::Output;
use crate::args::{Caching, Format, Input, Prove, Reporting, Solving};
use crate::attempt;
use crate::bundle;
use crate::cache::{self, Cache};
use crate::driver::{self, Run, Until};
use crate::exit::ExitStatus;
use crate::progress::Bar;
use crate::recheck::recheck;
use crate::report::findings::counterexample;
use crate::report::text::Style;
use crate::report::{self, Request, json, short, text};
use crate::resources::peak_memory;
use crate::saved::{Asked, Saved};
use crate::select::Selection;
use crate::shard::{Shard, Shards};
use crate::solvers::{Solvers, limits, n_workers};

/// Proves each file and reports on all of them.
pub fn run(args: &Prove, style: Style) -> Result<Output> {
    let mut cache = cache::open(&args.caching)?;
    if args.save.is_some() {
        cache = Some(cache.unwrap_or_else(Cache::off).recording());
    }
    let how = How {
        cache: cache.as_ref(),
        shards: args.shard.and_then(Shards::one),
        is_rechecked: args.recheck,
        has_progress: has_progress(&args.reporting, style),
    };
    let runs = prove_so(&args.input, &args.solving, &how)?;
    let honest = cache.as_ref().filter(|cache| !cache.is_deceived());
    if let (Some(path), Some(cache)) = (&args.save, honest) {
        let asked = Asked::new(&runs, &args.input, &args.solving);
        let answers = cache.take_record().into_values().collect();
        Saved { asked, shard: args.shard.unwrap_or(Shard::WHOLE), answers }.write(path)?;
    }
    if let Some(cache) = &cache {
        io::stderr().write_all(cache.told(style.detail > 1).as_bytes())?;
    }
    report(&runs, &args.input, &args.solving, &args.reporting, style)
}

/// Whether progress is shown.
pub fn has_progress(reporting: &Reporting, style: Style) -> bool {
    reporting.format == Format::Human && style.detail > 0
}

/// What is shown of runs; counterexamples and what is needed to look into internal errors are written to files.
pub fn report(
    runs: &[Run],
    input: &Input,
    solving: &Solving,
    reporting: &Reporting,
    style: Style,
) -> Result<Output> {
    let request =
        Request { include: input.include.clone(), solving: solving.clone(), is_whole: style.detail > 1 };
    let status = runs.iter().map(report::exit).fold(ExitStatus::Proved, ExitStatus::and);
    for run in runs.iter().filter(|run| report::exit(run) == ExitStatus::Internal) {
        let whole = json::render(std::slice::from_ref(run), &request, status, peak_memory())?;
        let folder = bundle::write(&reporting.bug_dir, run, solving.rlimit, &whole)?;
        writeln!(
            io::stderr(),
            "internal error: `{}` holds what is needed to look into it",
            folder.display()
        )?;
    }
    if let Some(folder) = &reporting.counterexamples {
        for run in runs {
            write_counterexamples(folder, run)?;
        }
    }
    let text = match reporting.format {
        Format::Human => {
            runs.iter().map(|run| text::render(run, &request, style)).collect::<Vec<_>>().join("\n")
        }
        Format::Short => short::render(runs, &request),
        Format::Json => json::render(runs, &request, status, peak_memory())?,
    };
    Ok(Output { text, status })
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
#[derive(Clone, Debug, Default)]
pub struct How<'a> {
    /// Answers from before.
    pub cache: Option<&'a Cache>,
    /// Only these shards.
    pub shards: Option<Shards>,
    /// Whether decomposition is rechecked.
    pub is_rechecked: bool,
    /// Whether progress is shown.
    pub has_progress: bool,
}

/// Proves what is selected of each file, with solvers in processes of their own.
pub fn prove_all(input: &Input, args: &Solving, caching: &Caching, has_progress: bool) -> Result<Vec<Run>> {
    let cache = cache::open(caching)?;
    let runs = prove_so(input, args, &How { cache: cache.as_ref(), has_progress, ..How::default() })?;
    if let Some(cache) = &cache {
        io::stderr().write_all(cache.told(false).as_bytes())?;
    }
    Ok(runs)
}

/// The same in a particular way.
pub fn prove_so(input: &Input, args: &Solving, how: &How<'_>) -> Result<Vec<Run>> {
    let How { cache, shards, is_rechecked, has_progress } = how;
    let until = if *is_rechecked { Until::Rechecks } else { Until::Obligations };
    let selection = Selection::new(&args.only).context("`--only` is not a glob")?.in_shards(shards.clone());
    let solvers = Solvers::new(Arc::new(AtomicBool::new(false)))?;
    solvers.stop_on_interrupt()?;
    let bar = Bar::new(*has_progress);
    let mut runs = Vec::new();
    for file in &input.files {
        if !cache.is_some_and(|cache| cache.has_seen(file)) {
            solvers.warm_up(n_workers(args));
        }
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
            progress: &bar,
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
    bar.finish();
    Ok(runs)
}
