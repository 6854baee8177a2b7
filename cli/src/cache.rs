//! Answers that were kept: what was solved once is not solved again, and what changed is tried first with what
//! sufficed before.
//!
//! Invariants: an answer is found by the [`Key`] of its question, which covers all that it may depend on; an answer
//! that cannot be read, or is not whole, is no answer; that something is undecided is never kept of what a proof
//! waits for. Where two answers to one question differ, the run ends as an internal error, and nothing that a shared
//! cache said is kept.
//!
//! NOTE(final failures): a guess that fails costs time in every run, and so does a check that looks for a
//! contradiction and finds none. Their failures are kept where asking again must fail again
//! ([`Entry::lasting`]). At worst such an entry hides a proof that a guess would have found; nothing is proved by it.

pub mod archive;
pub mod asking;
pub mod entry;
pub mod folder;
pub mod memo;
#[cfg(feature = "shared-cache")]
pub mod shared;
pub mod spot;
#[cfg(not(feature = "shared-cache"))]
pub mod unshared;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Result, bail, ensure};
use solver::canonical::Key;
use solver::discharge::{Discharged, Job, NotProved, Outcome};

use crate::args::Caching;
use crate::report::counted;
use entry::Entry;
use folder::Folder;
use memo::{Identity, Memo};
#[cfg(feature = "shared-cache")]
use shared::Shared;
use spot::{Origin, Spot};
#[cfg(not(feature = "shared-cache"))]
use unshared::Shared;

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

/// What a shared cache may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum SharedMode {
    /// Answers are looked up
    Read,
    /// Answers are looked up, and what is solved here is kept for others
    Rw,
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
    /// What others keep, too.
    shared: Option<Shared>,
    spot: Spot,
    /// How many percent of the answers are solved again in [`Mode::Verify`].
    sample: u8,
    /// Whether cores are tried first, and answers that came that way are taken: not where costs are compared.
    has_hints: bool,
    /// Answers of runs that were read from files, which come before the folder's.
    runs: BTreeMap<Key, Entry>,
    /// All answers of this run, if somebody wants them.
    record: Option<Mutex<BTreeMap<Key, Entry>>>,
    /// What was taken from the shared cache; the folder gets it when the run is over and nothing of it was wrong.
    taken: Mutex<BTreeMap<Key, Entry>>,
    n_kept: AtomicUsize,
    n_solved: AtomicUsize,
    n_confirmed: AtomicUsize,
    n_given: AtomicUsize,
    has_written: AtomicBool,
    is_deceived: AtomicBool,
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

/// An answer that is known without the solver.
#[derive(Clone, Debug)]
struct Known {
    discharged: Discharged,
    origin: Origin,
}

impl Cache {
    /// A cache below a folder.
    pub fn new(mode: Mode, root: &Path) -> Self {
        Self {
            mode,
            folder: Folder::new(root),
            shared: None,
            spot: Spot::new(spot::SAMPLE),
            sample: SAMPLE,
            has_hints: true,
            runs: BTreeMap::new(),
            record: None,
            taken: Mutex::default(),
            n_kept: AtomicUsize::new(0),
            n_solved: AtomicUsize::new(0),
            n_confirmed: AtomicUsize::new(0),
            n_given: AtomicUsize::new(0),
            has_written: AtomicBool::new(false),
            is_deceived: AtomicBool::new(false),
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

    /// The same, with another sample of what comes from a shared cache, in this run or an earlier one, in percent.
    #[must_use]
    pub fn with_spot(self, percent: u8) -> Self {
        Self { spot: Spot::new(percent), ..self }
    }

    /// The same, with answers that others keep. Where answers are kept for others, cores are not tried: nobody else
    /// could verify what depends on them.
    #[must_use]
    pub fn with_shared(self, shared: Shared) -> Self {
        let has_hints = self.has_hints && !shared.may_write();
        Self { shared: Some(shared), has_hints, ..self }
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
        if let Some(problem) = self.shared.as_ref().and_then(Shared::trouble) {
            let _ = writeln!(text, "warning: {problem}");
        }
        if has_counts {
            let (n_kept, n_solved) = self.counts();
            let _ = writeln!(text, "answers: {n_kept} from before, {n_solved} solved");
        }
        if has_counts && self.shared.is_some() {
            let [n_confirmed, n_given] =
                [&self.n_confirmed, &self.n_given].map(|it| it.load(Ordering::Relaxed));
            let taken = counted(locked(&self.taken).len(), "answer");
            let _ =
                writeln!(text, "shared cache: {taken} taken, {n_confirmed} solved again, {n_given} given");
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
        let is_news = self.has_written.load(Ordering::Relaxed) || !locked(&self.taken).is_empty();
        if self.writes() && is_news && !self.has_seen(file) {
            let noted = self.folder.keep_hint(&of_file(file), &[file.display().to_string()]);
            self.note_write(noted);
        }
    }

    /// Whether something that a shared cache said was found to be wrong, so that nothing of it is believed.
    pub fn is_deceived(&self) -> bool {
        self.is_deceived.load(Ordering::Relaxed)
    }

    /// Ends a run: keeps what came from the shared cache; and removes what is old, once a day, if something was
    /// written.
    pub fn tidy_up(&self) {
        if self.writes() && self.is_deceived() {
            self.note_write(self.folder.remove_shared());
        } else if self.writes() {
            for entry in locked(&self.taken).values() {
                self.note_write(self.folder.keep(entry));
            }
        }
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
        if let (true, Some(text)) = (self.writes() && !self.is_deceived(), memo.text()) {
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

    /// The answer to a job that is kept here.
    fn recall(&self, key: Key, job: &Job) -> Option<Known> {
        if let Some(entry) = self.runs.get(&key) {
            let discharged = entry.clone().discharged(&job.vc).ok()?;
            return Some(Known { discharged, origin: Origin::Here });
        }
        if !self.reads() {
            return None;
        }
        let found = self.folder.answer(key).and_then(|found| {
            let usable = found.filter(|entry| self.has_hints || !entry.had_hint);
            let known = |entry: Entry| {
                let origin = if entry.is_shared { Origin::SharedBefore } else { Origin::Here };
                entry.discharged(&job.vc).map(|discharged| Known { discharged, origin })
            };
            usable.map(known).transpose()
        });
        match found {
            Ok(Some(known)) => {
                if self.writes() {
                    self.folder.note_use(key);
                }
                Some(known)
            }
            Ok(None) => None,
            Err(problem) => {
                locked(&self.troubles).damaged.push(problem);
                None
            }
        }
    }

    /// Looks up in the shared cache what is not known of jobs.
    fn ask_others(
        &self,
        jobs: &[Job],
        is_failure_final: &(dyn Fn(usize) -> bool + Sync),
        known: &mut [(Key, Option<Known>)],
    ) {
        let Some(shared) = self.shared.as_ref().filter(|_| self.reads() && !self.is_deceived()) else {
            return;
        };
        let missing = known.iter().filter(|(_, known)| known.is_none()).map(|(key, _)| *key);
        let found = shared.answers(&missing.collect::<BTreeSet<Key>>());
        for (position, (key, known)) in known.iter_mut().enumerate() {
            let Some(Ok(entry)) = found.get(key).filter(|_| known.is_none()) else { continue };
            // What depends on a core from before cannot be verified, and what may not be kept should not be there.
            let entry = entry.clone().lasting(is_failure_final(position)).filter(|entry| !entry.had_hint);
            let Some(entry) = entry.map(|entry| Entry { is_shared: true, ..entry }) else { continue };
            match entry.clone().discharged(&jobs[position].vc) {
                Ok(discharged) => {
                    locked(&self.taken).insert(*key, entry);
                    *known = Some(Known { discharged, origin: Origin::SharedNow });
                }
                Err(problem) => {
                    locked(&self.troubles).damaged.push(format!("shared answer {key}: {problem}"));
                }
            }
        }
        locked(&self.troubles).damaged.extend(found.into_values().filter_map(Result::err));
    }

    /// The positions of answers that are known and solved again all the same.
    fn doubted(&self, known: &[(Key, Option<Known>)]) -> BTreeSet<usize> {
        let all = known.iter().enumerate();
        let all = all.filter_map(|(position, (key, known))| Some((position, *key, known.as_ref()?.origin)));
        let all: Vec<(usize, Key, Origin)> = all.collect();
        let sample =
            all.iter().filter(|(_, key, _)| self.is_in_sample(*key)).map(|(position, _, _)| *position);
        sample.chain(self.spot.choose(&all)).collect()
    }

    /// Keeps an answer of the solver, if it may be kept.
    fn keep(&self, entry: &Entry, hint: Option<(&str, &[String])>) {
        let mut kept = self.folder.keep(entry);
        if let (Ok(()), Some((name, labels))) = (&kept, hint) {
            kept = self.folder.keep_hint(name, labels);
        }
        self.note_write(kept);
    }

    /// Keeps answers of the solver for others.
    fn give(&self, entries: &[Entry]) {
        let writable = self.shared.as_ref().filter(|shared| shared.may_write() && !self.is_deceived());
        if let Some(shared) = writable {
            self.n_given.fetch_add(shared.keep(entries), Ordering::Relaxed);
        }
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

    /// Holds what is known against what the solver says.
    fn compare(&self, job: &Job, key: Key, known: &Known, solved: &Discharged) {
        let [is_proved, is_proved_again] =
            [&known.discharged, solved].map(|it| says(&Entry::new(key, &job.vc, it)));
        let (Some(is_proved), Some(is_proved_again)) = (is_proved, is_proved_again) else { return };
        if known.discharged.had_hint && is_proved && !has_model(solved) {
            // With another core to begin with, the solver may well give up.
            return;
        }
        let is_shared = known.origin != Origin::Here;
        if is_proved == is_proved_again {
            if is_shared {
                self.confirm(key, &Entry::new(key, &job.vc, &known.discharged));
            }
            return;
        }
        let word = |is_proved: bool| if is_proved { "it is proved" } else { "it is not proved" };
        let cache = if is_shared { "the shared cache" } else { "the cache" };
        let problem = format!(
            "`{}`: {cache} says that {}, the solver that {}",
            job.id,
            word(is_proved),
            word(is_proved_again)
        );
        locked(&self.troubles).disagreements.push(problem);
        if is_shared {
            self.is_deceived.store(true, Ordering::Relaxed);
            self.shared.iter().for_each(Shared::leave);
        }
    }

    /// Notes that the solver says what a shared cache said.
    fn confirm(&self, key: Key, own: &Entry) {
        self.n_confirmed.fetch_add(1, Ordering::Relaxed);
        match locked(&self.taken).get_mut(&key) {
            Some(taken) => taken.is_shared = false,
            None if self.writes() => self.note_write(self.folder.keep(own)),
            None => {}
        }
    }
}

/// Whether an answer says that a condition is proved; none if it says nothing, since the clock had a part in it.
fn says(entry: &Entry) -> Option<bool> {
    let is_proved = entry.is_proved();
    entry.clone().lasting(true).map(|_| is_proved)
}

fn has_model(discharged: &Discharged) -> bool {
    matches!(discharged.outcome, Outcome::NotProved(NotProved::Satisfiable(_)))
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
    let url = args.sharing.url.as_deref().filter(|url| !url.is_empty());
    let folder = args.folder.clone().or_else(usual_folder);
    let cache = match (folder, args.mode) {
        (Some(folder), mode) => {
            Cache::new(mode, &folder).with_sample(args.sample).with_spot(args.sharing.sample)
        }
        // Nobody asked for it.
        (None, Mode::Off | Mode::Rw) if url.is_none() => return Ok(None),
        (None, _) => bail!("there is no folder for answers: say which with `--cache-dir`"),
    };
    let Some(url) = url else { return Ok(Some(cache)) };
    ensure!(
        args.mode != Mode::Enforce,
        "with `--cache enforce` nothing is solved, so nothing that a shared cache says is verified: leave \
         `--shared-cache` out"
    );
    Ok(Some(cache.with_shared(Shared::open(url, args.sharing.mode)?)))
}

/// The folder of caches of this user, where the system's conventions put it; none if nobody
/// says where the user lives.
pub fn usual_folder() -> Option<PathBuf> {
    let variable = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let caches = variable("XDG_CACHE_HOME").or_else(|| Some(variable("HOME")?.join(".cache")));
    caches.map(|folder| folder.join("paxprove"))
}
