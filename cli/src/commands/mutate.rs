//! `paxprove mutate`: which changes of a spec its theorems survive.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Error, Result};

use super::Output;
use crate::args::{Format, Mutate, Solving};
use crate::exit::ExitStatus;
use crate::load;
use crate::mutate::Mutant;
use crate::mutate::record::{Known, Log, key};
use crate::mutate::report::{self, Outcome};
use crate::mutate::run::{Fate, Judged, Judging, Subject, judge, subject};
use crate::progress::{Counter, Form};
use crate::report::exit;
use crate::report::text::{self, Style};
use crate::select::Selection;
use crate::solvers::{Solvers, limits, n_workers};

/// Judges the mutants of each file.
pub fn run(args: &Mutate, style: Style, progress: Form) -> Result<Output> {
    let selection = Selection::new(&args.only).context("`--only` is not a glob")?;
    let solvers = Solvers::new(Arc::new(AtomicBool::new(false)))?;
    solvers.stop_on_interrupt()?;
    let solving = solving(args);
    solvers.warm_up(n_workers(&solving));
    let judging = Judging {
        n_workers: n_workers(&solving),
        limits: limits(&solving),
        rlimit: Some(args.rlimit),
        search: (args.search > 0).then(|| Duration::from_secs(args.search.into())),
        is_exhaustive: args.exhaustive,
        make_backend: &|_| solvers.backend(),
        stop: solvers.stop(),
    };
    let mut notes = String::new();
    let (known, log) = files(args, &mut notes)?;
    let log = Mutex::new(log);
    let mut subjects: Vec<Subject> = Vec::new();
    for file in &args.input.files {
        subjects.push(subject(file, load::load(file, &args.input.include)?, &judging)?);
    }
    let mut status = ExitStatus::Proved;
    let mut outcomes = Vec::new();
    let mut text = notes;
    for subject in &subjects {
        let selected = |mutant: &&Mutant| selection.selects(&mutant.name, Some(&mutant.definition));
        let mutants: Vec<&Mutant> =
            subject.mutants.iter().filter(selected).take(args.limit.unwrap_or(usize::MAX)).collect();
        if !subject.is_proved() {
            text.push_str(&unproved(subject, args, style));
            status = status.and(exit(&subject.run)).and(ExitStatus::Undecided);
            if !args.list {
                continue;
            }
        }
        if mutants.is_empty() {
            status = status.and(ExitStatus::NothingSelected);
        }
        let judged = if args.list {
            vec![None; mutants.len()]
        } else {
            judge_all(subject, &mutants, &judging, &known, &log, progress)?
        };
        outcomes.push(Outcome { subject, mutants: mutants.into_iter().zip(judged).collect() });
    }
    if !args.list {
        status = outcomes.iter().map(|outcome| outcome_status(outcome, args)).fold(status, ExitStatus::and);
    }
    match args.format {
        Format::Json => text = report::json(&outcomes, status.code())?,
        Format::Human | Format::Short => {
            for outcome in &outcomes {
                text.push_str(&match args.format {
                    _ if args.list => report::list(outcome),
                    Format::Human => report::human(outcome, style.detail),
                    Format::Short | Format::Json => report::short(outcome),
                });
            }
        }
    }
    Ok(Output { text, status })
}

/// The options that are those of `prove`.
fn solving(args: &Mutate) -> Solving {
    Solving {
        only: Vec::new(),
        jobs: args.jobs,
        rlimit: Some(args.rlimit),
        timeout: args.timeout,
        memory: args.memory,
        seed: args.seed,
        search: args.search,
        dump_smt: None,
    }
}

/// What is known from before, and where to write what is found.
fn files(args: &Mutate, notes: &mut String) -> Result<(Known, Option<Log>)> {
    if args.list {
        return Ok((Known::default(), None));
    }
    if let Some(path) = &args.resume {
        let known = Known::read(path)?;
        for line in &known.damaged {
            let _ = writeln!(notes, "{}:{line}: not a line of a run, passed over", path.display());
        }
        let log = Log::append(path, &known)?;
        return Ok((known, Some(log)));
    }
    let log = args.out.as_ref().map(|path: &PathBuf| Log::create(path)).transpose()?;
    Ok((Known::default(), log))
}

/// What there is to say of a spec that is not proved, so that its mutants say nothing.
fn unproved(subject: &Subject, args: &Mutate, style: Style) -> String {
    let run = &subject.run;
    let mut out = String::new();
    if style.detail > 0 {
        out.push_str(&text::diagnostics(&run.front.sources, &run.front.diagnostics, style));
    }
    let conclusion = text::conclusion(run, exit(run));
    let _ = writeln!(out, "{}: {conclusion}", run.front.file.display());
    if run.proof.is_some() {
        let _ = writeln!(
            out,
            "mutants say nothing of a spec that is not proved itself, here with `--rlimit {}`",
            args.rlimit
        );
    }
    out
}

/// What became of each of `mutants`, from what is known or by judging it.
fn judge_all(
    subject: &Subject,
    mutants: &[&Mutant],
    judging: &Judging<'_>,
    known: &Known,
    log: &Mutex<Option<Log>>,
    progress: Form,
) -> Result<Vec<Option<Judged>>> {
    let sources = &subject.run.front.sources;
    let keys: Vec<String> = mutants.iter().map(|mutant| key(sources, mutant, judging)).collect();
    let mut judged: Vec<Option<Judged>> = keys.iter().map(|key| known.of(key).cloned()).collect();
    let open: Vec<usize> = (0..mutants.len()).filter(|idx| judged[*idx].is_none()).collect();
    let wanted: Vec<&Mutant> = open.iter().map(|idx| mutants[*idx]).collect();
    let counter = Counter::new(progress, wanted.len());
    let n_survivors = AtomicUsize::new(0);
    let failure: Mutex<Option<Error>> = Mutex::default();
    let on_done = |place: usize, done: &Judged| {
        let n_before = n_survivors.fetch_add(usize::from(done.fate == Fate::Survives), Ordering::Relaxed);
        let n_now = n_before + usize::from(done.fate == Fate::Survives);
        counter.done(&format!("{n_now} survive; {} {}", wanted[place].name, done.fate.word()));
        let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(Err(error)) =
            log.as_mut().map(|log| log.add(sources, wanted[place], &keys[open[place]], done))
        {
            failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
            // What cannot be kept is not worth the time.
            judging.stop.store(true, Ordering::Relaxed);
        }
    };
    let found = judge(subject, &wanted, judging, &on_done);
    counter.finish();
    if let Some(error) = failure.into_inner().unwrap_or_else(PoisonError::into_inner) {
        return Err(error);
    }
    for (idx, found) in open.into_iter().zip(found) {
        judged[idx] = found;
    }
    Ok(judged)
}

/// How a file contributes to the exit code.
fn outcome_status(outcome: &Outcome<'_>, args: &Mutate) -> ExitStatus {
    let has_disagreement = [false, true]
        .into_iter()
        .any(|is_implied| outcome.with(Fate::Disagreement, is_implied).next().is_some());
    let wanted = args.min_score.map(|percent| usize::try_from(percent).unwrap_or(usize::MAX) * 10);
    let is_below = wanted.is_some_and(|wanted| outcome.total().score().is_some_and(|score| score < wanted));
    if has_disagreement {
        ExitStatus::Internal
    } else if outcome.n_open() > 0 {
        ExitStatus::Undecided
    } else if is_below {
        ExitStatus::Regressed
    } else {
        ExitStatus::Proved
    }
}
