//! `paxprove baseline`: writes down how modules are proved and at which cost, and compares with that.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use anyhow::{Result, bail};

use super::Output;
use crate::args::TableFormat;
use crate::args::baseline::{Action, Baseline as Args, Compare, Subject};
use crate::attempt::Solving;
use crate::baseline::compare::{Comparison, Thresholds, compare, wanted};
use crate::baseline::report::{Checked, Outcome, json, text, written_text};
use crate::baseline::{Baseline, add_medians, file, observe};
use crate::cache::{self, Cache};
use crate::driver::{self, Run, Until};
use crate::exit::ExitStatus;
use crate::progress::{Form, Watcher};
use crate::report::text::Style;
use crate::report::{Request, exit};
use crate::select::Selection;
use crate::solvers::{Solvers, limits, n_workers};

/// Writes, checks or shows.
pub fn run(args: &Args, style: Style, progress: Form) -> Result<Output> {
    match &args.action {
        Action::Write(args) => write(&args.subject, style, progress),
        Action::Check(args) => check(args, style, progress, ExitStatus::and),
        Action::Diff(args) => check(args, style, progress, |run, _| run),
    }
}

/// Writes a baseline for each module that is fully proved.
fn write(subject: &Subject, style: Style, progress: Form) -> Result<Output> {
    let mut status = ExitStatus::Proved;
    let mut out = String::new();
    let request = request(subject, style);
    each(subject, style, progress, &mut |path, prove| {
        let (run, solving) = prove.run(subject.rlimit)?;
        let ended = exit(&run);
        let own = if ended == ExitStatus::Proved { baseline(&run, &solving) } else { Err(ended) };
        match &own {
            Ok(baseline) => file::write(path, baseline)?,
            Err(ended) => status = status.and(*ended),
        }
        out.push_str(&written_text(&run, path, own.as_ref().ok(), &request, style));
        Ok(())
    })?;
    Ok(Output { text: out, status })
}

/// The baseline of a module that is proved, with all medians; or how the attempt ended.
fn baseline(run: &Run, solving: &Solving<'_>) -> Result<Baseline, ExitStatus> {
    let (mut baseline, jobs) = observe(run, solving).ok_or(ExitStatus::Usage)?;
    let all: Vec<String> = jobs.keys().cloned().collect();
    let is_whole = add_medians(&mut baseline, &all, &jobs, solving);
    let has_medians =
        baseline.entries().all(|entry| entry.closed.cost().is_none_or(|cost| cost.median.is_some()));
    if is_whole && has_medians { Ok(baseline) } else { Err(ExitStatus::Undecided) }
}

/// Compares each module with its baseline. How that ends, and what it means for the exit code.
fn check(
    args: &Compare,
    style: Style,
    progress: Form,
    judge: fn(ExitStatus, ExitStatus) -> ExitStatus,
) -> Result<Output> {
    let subject = &args.subject;
    let thresholds = Thresholds {
        warn_ratio: args.warn_ratio,
        max_ratio: args.max_ratio,
        max_total: args.max_total,
        floor: args.floor,
    };
    let mut modules = Vec::new();
    each(subject, style, progress, &mut |path, prove| {
        let old = match file::read(path) {
            Ok(old) => old,
            Err(problem) => {
                modules.push(Checked::without(prove.file, &format!("{problem:#}")));
                return Ok(());
            }
        };
        let (run, solving) = prove.run(subject.rlimit.or(old.rlimit))?;
        let outcome = match comparison(&run, &old, &thresholds, &solving) {
            Some(comparison) => {
                let status = judge(exit(&run), comparison.exit());
                Outcome::Compared { status, comparison }
            }
            None => Outcome::Stopped { status: exit(&run).and(ExitStatus::Undecided) },
        };
        modules.push(Checked { file: prove.file.to_owned(), run: Some(run), outcome });
        Ok(())
    })?;
    let status = modules.iter().map(Checked::status).fold(ExitStatus::Proved, ExitStatus::and);
    let is_whole = matches!(judge(ExitStatus::Proved, ExitStatus::Regressed), ExitStatus::Proved);
    let text = match args.format {
        TableFormat::Text => {
            let request = request(subject, style);
            let texts = modules.iter().map(|module| text(module, is_whole, &request, style));
            texts.collect::<Vec<_>>().join("\n")
        }
        TableFormat::Json => json(&modules, status)?,
    };
    Ok(Output { text, status })
}

/// What a run says against its baseline; nothing if it was stopped or has errors.
fn comparison(
    run: &Run,
    old: &Baseline,
    thresholds: &Thresholds,
    solving: &Solving<'_>,
) -> Option<Comparison> {
    let (mut new, jobs) = observe(run, solving)?;
    let wanted = wanted(old, &new);
    add_medians(&mut new, &wanted, &jobs, solving).then(|| compare(old, &new, thresholds))
}

/// Proves a module.
struct Prove<'a> {
    file: &'a Path,
    run: &'a dyn Fn(Option<u32>) -> Result<Run>,
    solving: &'a dyn Fn(Option<u32>) -> Solving<'a>,
}

impl<'a> Prove<'a> {
    /// With this budget.
    fn run(&self, rlimit: Option<u32>) -> Result<(Run, Solving<'a>)> {
        Ok(((self.run)(rlimit)?, (self.solving)(rlimit)))
    }
}

/// Does something with each module and the place of its baseline.
fn each(
    subject: &Subject,
    style: Style,
    progress: Form,
    work: &mut dyn FnMut(&Path, &Prove<'_>) -> Result<()>,
) -> Result<()> {
    let Subject { input, baseline, .. } = subject;
    if baseline.is_some() && input.files.len() > 1 {
        bail!("`--baseline` names one file, but there are several modules: leave it out");
    }
    let args = subject.solving();
    // What a core of another run suggests changes costs.
    let cache = cache::open(&subject.caching)?.map(Cache::without_hints);
    let solvers = Solvers::new(Arc::new(AtomicBool::new(false)))?;
    solvers.stop_on_interrupt()?;
    let mut watcher = Watcher::new(progress);
    let make_backend = |_: usize| solvers.backend();
    for file in &input.files {
        let solving = |rlimit: Option<u32>| Solving {
            n_workers: n_workers(&args),
            limits: limits(&args),
            rlimit,
            make_backend: &make_backend,
            stop: solvers.stop(),
            search: (args.search > 0).then(|| Duration::from_secs(args.search.into())),
            dump_smt: None,
            cache: cache.as_ref(),
            progress: &watcher,
        };
        let run = |rlimit: Option<u32>| {
            if !cache.as_ref().is_some_and(|cache| cache.has_seen(file)) {
                solvers.warm_up(n_workers(&args));
            }
            let front = driver::read(file, &input.include, Until::Obligations)?;
            driver::prove(front, &Selection::default(), &solving(rlimit))
        };
        let path: PathBuf = baseline.clone().unwrap_or_else(|| file::usual_path(file));
        work(&path, &Prove { file, run: &run, solving: &solving })?;
        if let Some(cache) = &cache {
            cache.note_seen(file);
        }
    }
    watcher.finish();
    if let Some(cache) = &cache {
        cache.tidy_up();
        io::stderr().write_all(cache.told(style.detail > 1).as_bytes())?;
    }
    Ok(())
}

fn request(subject: &Subject, style: Style) -> Request {
    Request {
        include: subject.input.include.clone(),
        solving: subject.solving(),
        is_whole: style.detail > 1,
        is_check: false,
    }
}
