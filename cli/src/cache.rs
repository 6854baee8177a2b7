//! Answers that were kept: what was solved once is not solved again, and what changed is tried first with what
//! sufficed before.
//!
//! Invariants: an answer is found by the [`Key`] of its question, which covers all that it may depend on; an answer
//! that cannot be read, or is not whole, is no answer; that something is undecided is never kept of what a proof
//! waits for. Where two answers to one question differ, the run ends as an internal error.
//!
//! NOTE(final failures): a guess that fails costs time in every run, and so does a check that looks for a
//! contradiction and finds none. Their failures are kept where asking again must fail again
//! ([`Entry::lasting`]). At worst such an entry hides a proof that a guess would have found; nothing is proved by it.

pub mod archive;
pub mod entry;
pub mod folder;
pub mod memo;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::{Result, bail};
use solver::backend::SolverError;
use solver::canonical::Key;
use solver::discharge::{Discharged, Job, NotProved, Outcome};

use crate::args::Caching;
use crate::attempt::{Done, Solving};
use entry::{Entry, is_lasting};
use folder::Folder;
use memo::{Identity, Memo};

/// What a cache may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Mode {
    /// Nothing is looked up, nothing is kept
    Off,
    /// Answers are looked up, and none is kept
    Read,
    /// Answers are looked up and kept
    Rw,
    /// Answers are looked up, and nothing is solved: what is not there fails
    Enforce,
    /// As `rw`, and a sample of the answers that were looked up is solved again
    Verify,
}

/// How long an answer stays that nobody uses, unless somebody says otherwise.
pub const MAX_AGE: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// How large a cache grows, unless somebody says otherwise, in bytes.
pub const MAX_BYTES: u64 = 512 << 20;
/// How many percent of the answers are solved again to verify them, unless somebody says otherwise.
pub const SAMPLE: u8 = 10;

/// A cache, and what came of using it.
#[derive(Debug)]
pub struct Cache {
    mode: Mode,
    folder: Folder,
    /// How many percent of the answers are solved again in [`Mode::Verify`].
    sample: u8,
    /// Whether cores are tried first, and answers that came that way are taken: not where costs are compared.
    has_hints: bool,
    /// Answers of runs that were read from files, which come before the folder's.
    runs: BTreeMap<Key, Entry>,
    /// All answers of this run, if somebody wants them.
    record: Option<Mutex<BTreeMap<Key, Entry>>>,
    n_kept: AtomicUsize,
    n_solved: AtomicUsize,
    has_written: AtomicBool,
    troubles: Mutex<Troubles>,
}

/// What went wrong, in words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Troubles {
    /// Entries that could not be used.
    pub damaged: Vec<String>,
    /// Why nothing could be written, if something could not.
    pub unwritable: Option<String>,
    /// Answers that are not those of the solver.
    pub disagreements: Vec<String>,
}

/// What came of a job.
#[derive(Clone, Debug, PartialEq)]
pub struct Answered {
    /// The answer; none if the run was stopped before there was one.
    pub discharged: Option<Discharged>,
    /// Whether it was kept from before.
    pub is_kept: bool,
    /// The answer as it may be kept, if it may.
    pub lasting: Option<Discharged>,
}

impl Cache {
    /// A cache below a folder.
    pub fn new(mode: Mode, root: &Path) -> Self {
        Self {
            mode,
            folder: Folder::new(root),
            sample: SAMPLE,
            has_hints: true,
            runs: BTreeMap::new(),
            record: None,
            n_kept: AtomicUsize::new(0),
            n_solved: AtomicUsize::new(0),
            has_written: AtomicBool::new(false),
            troubles: Mutex::default(),
        }
    }

    /// A cache that looks nothing up and keeps nothing.
    pub fn off() -> Self {
        Self::new(Mode::Off, Path::new(""))
    }

    /// The same, with another sample to be verified, in percent.
    #[must_use]
    pub fn with_sample(self, sample: u8) -> Self {
        Self { sample, ..self }
    }

    /// The same, without cores: each condition costs what it costs by itself.
    #[must_use]
    pub fn without_hints(self) -> Self {
        Self { has_hints: false, ..self }
    }

    /// The same, with answers of runs, which are taken whatever the mode.
    #[must_use]
    pub fn with_runs(self, runs: BTreeMap<Key, Entry>) -> Self {
        Self { runs, ..self }
    }

    /// The same, and all answers of the run are kept until they are taken.
    #[must_use]
    pub fn recording(self) -> Self {
        Self { record: Some(Mutex::default()), ..self }
    }

    /// What was recorded.
    pub fn take_record(&self) -> BTreeMap<Key, Entry> {
        self.record.as_ref().map(|record| std::mem::take(&mut *locked(record))).unwrap_or_default()
    }

    /// How many answers were kept from before, and how many come from the solver.
    pub fn counts(&self) -> (usize, usize) {
        (self.n_kept.load(Ordering::Relaxed), self.n_solved.load(Ordering::Relaxed))
    }

    /// What went wrong so far.
    pub fn troubles(&self) -> Troubles {
        locked(&self.troubles).clone()
    }

    /// What there is to tell on standard error: what went wrong, and, if that is wanted, how many answers were kept.
    pub fn told(&self, has_counts: bool) -> String {
        let Troubles { damaged, unwritable, disagreements: _ } = self.troubles();
        let mut text = String::new();
        if let Some(first) = damaged.first() {
            let n = damaged.len();
            let _ = writeln!(text, "warning: ignored what is damaged in the cache ({n}), such as {first}");
        }
        if let Some(problem) = unwritable {
            let _ = writeln!(text, "warning: answers could not be kept: {problem}");
        }
        if has_counts {
            let (n_kept, n_solved) = self.counts();
            let _ = writeln!(text, "answers: {n_kept} from before, {n_solved} solved");
        }
        text
    }

    /// What answers were found not to be the solver's, once.
    pub fn take_disagreements(&self) -> Vec<String> {
        std::mem::take(&mut locked(&self.troubles).disagreements)
    }

    /// Whether what is wanted of this file was answered before, in all likelihood.
    pub fn has_seen(&self, file: &Path) -> bool {
        self.reads() && !self.folder.hint(&of_file(file)).is_empty()
    }

    /// Notes that what is wanted of this file has been answered.
    pub fn note_seen(&self, file: &Path) {
        if self.writes() && self.has_written.load(Ordering::Relaxed) && !self.has_seen(file) {
            let noted = self.folder.keep_hint(&of_file(file), &[file.display().to_string()]);
            self.note_write(noted);
        }
    }

    /// Removes what is old, once a day, if this run wrote something.
    pub fn tidy_up(&self) {
        if self.writes() && self.has_written.load(Ordering::Relaxed) && self.folder.is_due() {
            let swept = self.folder.sweep(MAX_AGE, MAX_BYTES).map(|_| ());
            self.note_write(swept);
        }
    }

    /// What is remembered of a module as a whole; none where each answer has to be looked at.
    pub fn memo(&self, identity: &Identity<'_>) -> Option<Memo> {
        let is_used = match self.mode {
            Mode::Off | Mode::Verify => false,
            Mode::Read | Mode::Rw | Mode::Enforce => self.record.is_none() && self.runs.is_empty(),
        };
        let name = identity.name();
        is_used.then(|| {
            let known = self.folder.memo(&name).and_then(|text| match text {
                Some(text) => Memo::of_text(&text, &name),
                None => Ok(BTreeMap::new()),
            });
            let known = known.unwrap_or_else(|problem| {
                locked(&self.troubles).damaged.push(problem);
                BTreeMap::new()
            });
            Memo::new(name, known)
        })
    }

    /// Keeps what is new of a module.
    pub fn keep_memo(&self, memo: &Memo) {
        if let (true, Some(text)) = (self.writes(), memo.text()) {
            let kept = text.map_err(std::io::Error::other);
            self.note_write(kept.and_then(|text| self.folder.keep_memo(memo.name(), &text)));
        }
    }

    /// Whether answers may have come with the help of a core.
    pub fn has_hints(&self) -> bool {
        self.has_hints
    }

    /// Counts answers that were kept.
    pub fn count_kept(&self, n_answers: usize) {
        self.n_kept.fetch_add(n_answers, Ordering::Relaxed);
    }

    fn reads(&self) -> bool {
        match self.mode {
            Mode::Off => false,
            Mode::Read | Mode::Rw | Mode::Enforce | Mode::Verify => true,
        }
    }

    fn writes(&self) -> bool {
        match self.mode {
            Mode::Off | Mode::Read | Mode::Enforce => false,
            Mode::Rw | Mode::Verify => true,
        }
    }

    /// The answer that is known of a job.
    fn recall(&self, key: Key, job: &Job) -> Option<Discharged> {
        if let Some(entry) = self.runs.get(&key) {
            return entry.clone().discharged(&job.vc).ok();
        }
        if !self.reads() {
            return None;
        }
        let found = self.folder.answer(key).and_then(|found| {
            let usable = found.filter(|entry| self.has_hints || !entry.had_hint);
            usable.map(|entry| entry.discharged(&job.vc)).transpose()
        });
        match found {
            Ok(Some(discharged)) => {
                if self.writes() {
                    self.folder.note_use(key);
                }
                Some(discharged)
            }
            Ok(None) => None,
            Err(problem) => {
                locked(&self.troubles).damaged.push(problem);
                None
            }
        }
    }

    /// Keeps an answer of the solver, if it may be kept.
    fn keep(&self, entry: Entry, is_failure_final: bool, hint: Option<(&str, &[String])>) {
        if !self.writes() {
            return;
        }
        let Some(entry) = entry.lasting(is_failure_final) else { return };
        let mut kept = self.folder.keep(&entry);
        if let (Ok(()), Some((name, labels))) = (&kept, hint) {
            kept = self.folder.keep_hint(name, labels);
        }
        self.note_write(kept);
    }

    fn note_write(&self, written: std::io::Result<()>) {
        match written {
            Ok(()) => self.has_written.store(true, Ordering::Relaxed),
            Err(error) => {
                let problem = || format!("{}: {error}", self.folder.path().display());
                locked(&self.troubles).unwritable.get_or_insert_with(problem);
            }
        }
    }

    /// Whether an answer is one of those that are solved again.
    fn is_in_sample(&self, key: Key) -> bool {
        self.mode == Mode::Verify && u32::from(key.bytes()[0]) * 100 < u32::from(self.sample) * 256
    }

    /// Whether the solver says what was kept; what depends on the clock says nothing.
    fn compare(&self, id: &str, kept: &Discharged, solved: &Discharged) {
        let is_proved = |it: &Discharged| match &it.outcome {
            Outcome::Proved { .. } => Some(true),
            Outcome::NotProved(NotProved::Satisfiable(_)) => Some(false),
            Outcome::NotProved(NotProved::Unknown(reason)) => is_lasting(reason).then_some(false),
            Outcome::NotProved(NotProved::Failed(_)) => None,
        };
        if let (Some(kept), Some(solved)) = (is_proved(kept), is_proved(solved))
            && kept != solved
        {
            let word = |is_proved: bool| if is_proved { "it is proved" } else { "it is not proved" };
            let problem =
                format!("`{id}`: the cache says that {}, the solver that {}", word(kept), word(solved));
            locked(&self.troubles).disagreements.push(problem);
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The name of a file among hints.
fn of_file(file: &Path) -> String {
    let whole = std::fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
    format!("file {}", whole.display())
}

/// The cache that is asked for, if any. An error means that there is no place for it.
pub fn open(args: &Caching) -> Result<Option<Cache>> {
    if args.mode == Mode::Off {
        return Ok(None);
    }
    let folder = args.folder.clone().or_else(usual_folder);
    match (folder, args.mode) {
        (Some(folder), mode) => Ok(Some(Cache::new(mode, &folder).with_sample(args.sample))),
        // Nobody asked for it.
        (None, Mode::Off | Mode::Rw) => Ok(None),
        (None, Mode::Read | Mode::Enforce | Mode::Verify) => {
            bail!("there is no folder for answers: say which with `--cache-dir`")
        }
    }
}

/// The folder of caches of this user, where the system's conventions put it; none if nobody
/// says where the user lives.
pub fn usual_folder() -> Option<PathBuf> {
    let variable = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let caches = variable("XDG_CACHE_HOME").or_else(|| Some(variable("HOME")?.join(".cache")));
    caches.map(|folder| folder.join("paxprove"))
}

/// The answers to jobs of the module with this name, in order: those that were kept, and those of solvers.
/// `is_failure_final` says of which jobs a failure may be kept, too.
pub fn answers(
    module: &str,
    jobs: &mut [Job],
    is_failure_final: &(dyn Fn(usize) -> bool + Sync),
    solving: &Solving<'_>,
) -> Vec<Answered> {
    let Some(cache) = solving.cache else {
        return solved(jobs, (0..jobs.len()).collect(), solving).into_iter().map(fresh).collect();
    };
    let known = recall_all(cache, jobs, solving);
    let is_known = |position: &usize| known[*position].1.is_some();
    let wanted: Vec<usize> =
        (0..jobs.len()).filter(|at| !is_known(at) || cache.is_in_sample(known[*at].0)).collect();
    let hint_name = |id: &str| format!("{module} {id}");
    if cache.mode == Mode::Enforce {
        return enforced(jobs, known, solving);
    }
    if cache.has_hints && cache.reads() {
        for position in wanted.iter().filter(|position| !is_known(position)) {
            jobs[*position].hint = cache.folder.hint(&hint_name(&jobs[*position].id));
        }
    }
    let unsolved = (0..jobs.len()).filter(|position| wanted.binary_search(position).is_err());
    tell_kept(unsolved.filter_map(|at| Some((&jobs[at], known[at].1.as_ref()?))), solving);
    let mut solved = wanted.iter().copied().zip(solved(jobs, wanted.clone(), solving)).peekable();
    let mut all = Vec::with_capacity(jobs.len());
    for (position, (key, known)) in known.into_iter().enumerate() {
        let job = &jobs[position];
        let own = solved.next_if(|(at, _)| *at == position).map(|(_, discharged)| discharged);
        if let (Some(known), Some(Some(again))) = (&known, &own) {
            cache.compare(&job.id, known, again);
        }
        let mut answered = match (known, own) {
            (Some(discharged), _) => {
                cache.n_kept.fetch_add(1, Ordering::Relaxed);
                Answered { lasting: Some(discharged.clone()), discharged: Some(discharged), is_kept: true }
            }
            (None, own) => {
                cache.n_solved.fetch_add(1, Ordering::Relaxed);
                fresh(own.flatten())
            }
        };
        if let Some(discharged) = &answered.discharged {
            let entry = Entry::new(key, &job.vc, discharged);
            if let Some(record) = &cache.record {
                locked(record).insert(key, entry.clone());
            }
            if !answered.is_kept {
                let lasting = entry.clone().lasting(is_failure_final(position));
                answered.lasting = lasting.and_then(|entry| entry.discharged(&job.vc).ok());
                let name = hint_name(&job.id);
                let hint = match &discharged.outcome {
                    Outcome::Proved { core } => Some((name.as_str(), core.as_slice())),
                    Outcome::NotProved(_) => None,
                };
                cache.keep(entry, is_failure_final(position), hint);
            }
        }
        all.push(answered);
    }
    all
}

fn fresh(discharged: Option<Discharged>) -> Answered {
    Answered { discharged, is_kept: false, lasting: None }
}

/// The keys of jobs, and the answers that are known, by as many threads as there are solvers.
fn recall_all(cache: &Cache, jobs: &[Job], solving: &Solving<'_>) -> Vec<(Key, Option<Discharged>)> {
    let recall = |job: &Job| {
        let key = Key::of(&job.vc, solving.limits.seed);
        (key, cache.recall(key, job))
    };
    let n_threads = solving.n_workers.clamp(1, jobs.len().max(1));
    thread::scope(|scope| {
        let chunks = jobs.chunks(jobs.len().div_ceil(n_threads).max(1));
        let threads: Vec<_> =
            chunks.map(|chunk| scope.spawn(move || chunk.iter().map(recall).collect::<Vec<_>>())).collect();
        let joined = threads.into_iter().map(|thread| match thread.join() {
            Ok(known) => known,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        joined.flatten().collect()
    })
}

/// What solvers say of the jobs at these positions.
fn solved(jobs: &[Job], positions: Vec<usize>, solving: &Solving<'_>) -> Vec<Option<Discharged>> {
    let wanted: Vec<&Job> = positions.into_iter().map(|position| &jobs[position]).collect();
    solving.discharge(&wanted)
}

/// Tells of answers that were kept.
fn tell_kept<'a>(kept: impl Iterator<Item = (&'a Job, &'a Discharged)>, solving: &Solving<'_>) {
    for (job, discharged) in kept {
        solving.progress.expect(&[&job.id]);
        solving.progress.done(&job.id, &Done::kept(discharged));
    }
}

/// What is known, and nothing else: a job without an answer fails.
fn enforced(jobs: &[Job], known: Vec<(Key, Option<Discharged>)>, solving: &Solving<'_>) -> Vec<Answered> {
    let answer = |(job, (_, known)): (&Job, (Key, Option<Discharged>))| {
        let is_kept = known.is_some();
        let discharged = known.unwrap_or_else(|| Discharged::failed(SolverError::NotKept));
        solving.progress.expect(&[&job.id]);
        solving.progress.done(&job.id, &Done { is_cached: is_kept, ..Done::of(&discharged) });
        if let Some(cache) = solving.cache {
            cache.n_kept.fetch_add(usize::from(is_kept), Ordering::Relaxed);
        }
        let lasting = is_kept.then(|| discharged.clone());
        Answered { discharged: Some(discharged), is_kept, lasting }
    };
    jobs.iter().zip(known).map(answer).collect()
}
