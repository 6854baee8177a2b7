//! A cache in a folder: one small file for each answer, for each core that may help again, and for each module.
//!
//! Invariants: a file appears whole or not at all (it is written under another name first), so that runs beside each
//! other, or one that is killed, leave nothing half-written under its name; whatever goes wrong here costs an answer
//! that could have been reused, and nothing else.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use solver::canonical::Key;

use super::entry::{Entry, hint_of_text, hint_text};

/// The folder of this version of the format.
pub const VERSION: &str = "answers-1";
/// Files that are larger are damaged: nobody writes such.
pub const MAX_BYTES: u64 = 16 << 20;
/// How the names of files begin that are being written.
const NEW: &str = ".new-";
/// A use is noted again after this time, so that most uses write nothing.
const NOTE_AFTER: Duration = Duration::from_secs(24 * 60 * 60);
/// What is being written for longer than this was given up.
const GIVEN_UP: Duration = Duration::from_secs(60 * 60);

/// The folders of answers, of cores, and of modules as a whole.
const KINDS: [&str; 3] = ["a", "h", "m"];

/// A folder with answers.
#[derive(Clone, Debug)]
pub struct Folder {
    root: PathBuf,
}

/// What a folder holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Contents {
    /// How many answers.
    pub n_answers: usize,
    /// How many cores.
    pub n_hints: usize,
    /// How many modules as a whole.
    pub n_memos: usize,
    /// Bytes of all.
    pub n_bytes: u64,
}

/// What was removed, and what is left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Files removed.
    pub n_removed: usize,
    /// Their bytes.
    pub n_bytes: u64,
    /// What is left.
    pub left: Contents,
}

/// Something in a folder, found again by its path.
#[derive(Clone, Debug)]
struct Found {
    path: PathBuf,
    n_bytes: u64,
    used: SystemTime,
}

impl Folder {
    /// The folder of this version of the format, below `root`. It is made when something is written.
    pub fn new(root: &Path) -> Self {
        Self { root: root.join(VERSION) }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.root
    }

    /// The answer to a question, if it is there; an error if something is there that cannot be used.
    pub fn answer(&self, key: Key) -> Result<Option<Entry>, String> {
        let path = self.answer_path(key);
        let found = read(&path).and_then(|text| text.map(|text| Entry::of_text(&text, key)).transpose());
        found.map_err(|problem| format!("{}: {problem}", path.display()))
    }

    /// Keeps an answer.
    pub fn keep(&self, entry: &Entry) -> io::Result<()> {
        let text = entry.text().map_err(io::Error::other)?;
        write(&self.answer_path(entry.key), &text)
    }

    /// Removes the answers that were taken from a shared cache, of those that nobody here has solved since.
    pub fn remove_shared(&self) -> io::Result<()> {
        let mut shared = self.answers().flatten().filter(|entry| entry.is_shared);
        shared.try_for_each(|entry| fs::remove_file(self.answer_path(entry.key)))
    }

    /// Notes that an answer was used, so that it is not among the first to go.
    pub fn note_use(&self, key: Key) {
        let path = self.answer_path(key);
        let is_old = |file: &File| {
            file.metadata().and_then(|it| it.modified()).is_ok_and(|time| age(time) > NOTE_AFTER)
        };
        if let Ok(file) = File::options().append(true).open(path)
            && is_old(&file)
        {
            // At worst it is removed early, and solved again.
            let _ = file.set_modified(SystemTime::now());
        }
    }

    /// Labels of a core that sufficed for what has this name; none if nothing usable is there.
    pub fn hint(&self, name: &str) -> Vec<String> {
        let text = read(&self.named_path("h", name)).ok().flatten();
        text.and_then(|text| hint_of_text(&text).ok()).unwrap_or_default()
    }

    /// Keeps the labels of a core that sufficed for what has this name.
    pub fn keep_hint(&self, name: &str, labels: &[String]) -> io::Result<()> {
        write(&self.named_path("h", name), &hint_text(labels).map_err(io::Error::other)?)
    }

    /// The text of what is remembered under this name.
    pub fn memo(&self, name: &str) -> Result<Option<Vec<u8>>, String> {
        let path = self.named_path("m", name);
        read(&path).map_err(|problem| format!("{}: {problem}", path.display()))
    }

    /// Remembers a text under this name.
    pub fn keep_memo(&self, name: &str, text: &[u8]) -> io::Result<()> {
        write(&self.named_path("m", name), text)
    }

    /// All answers whose text is whole, one after the other, and what is not.
    pub fn answers(&self) -> impl Iterator<Item = Result<Entry, String>> {
        self.files("a").into_iter().map(|found| {
            let entry = read(&found.path).and_then(|text| Entry::of_any(&text.unwrap_or_default()));
            let entry = entry.and_then(|entry| {
                let is_own = self.answer_path(entry.key) == found.path;
                if is_own { Ok(entry) } else { Err("it is about another question".to_owned()) }
            });
            entry.map_err(|problem| format!("{}: {problem}", found.path.display()))
        })
    }

    /// What is there.
    pub fn contents(&self) -> Contents {
        let [answers, hints, memos] = KINDS.map(|kind| self.files(kind));
        let n_bytes = [&answers, &hints, &memos].into_iter().flatten().map(|found| found.n_bytes).sum();
        Contents { n_answers: answers.len(), n_hints: hints.len(), n_memos: memos.len(), n_bytes }
    }

    /// Removes what was not used for `max_age`, then what was used least recently, until no more than `max_bytes` are
    /// left; and files that somebody began to write and did not finish.
    pub fn sweep(&self, max_age: Duration, max_bytes: u64) -> io::Result<Swept> {
        let mut swept = Swept::default();
        let mut remove = |found: &Found| match fs::remove_file(&found.path) {
            Ok(()) => {
                swept.n_removed += 1;
                swept.n_bytes += found.n_bytes;
                Ok(())
            }
            // Somebody else was quicker.
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        };
        for found in self.walk().into_iter().filter(is_new) {
            if age(found.used) > GIVEN_UP {
                remove(&found)?;
            }
        }
        let mut files: Vec<Found> = KINDS.iter().flat_map(|kind| self.files(kind)).collect();
        files.sort_by(|one, other| (one.used, &one.path).cmp(&(other.used, &other.path)));
        let mut left: u64 = files.iter().map(|found| found.n_bytes).sum();
        for found in &files {
            if age(found.used) <= max_age && left <= max_bytes {
                break;
            }
            remove(found)?;
            left -= found.n_bytes;
        }
        swept.left = self.contents();
        Ok(swept)
    }

    /// Whether nobody has swept for a day. Whoever is told so is expected to.
    pub fn is_due(&self) -> bool {
        let path = self.root.join("swept");
        let is_recent =
            fs::metadata(&path).and_then(|it| it.modified()).is_ok_and(|time| age(time) <= NOTE_AFTER);
        !is_recent && write(&path, b"").is_ok()
    }

    fn answer_path(&self, key: Key) -> PathBuf {
        let name = key.to_string();
        self.root.join("a").join(&name[..2]).join(&name[2..])
    }

    /// The file of one kind for what has this name.
    fn named_path(&self, kind: &str, name: &str) -> PathBuf {
        let name = blake3::hash(name.as_bytes()).to_hex();
        self.root.join(kind).join(&name[..2]).join(&name[2..])
    }

    /// The finished files of one kind, in the order of their names.
    fn files(&self, kind: &str) -> Vec<Found> {
        let folder = self.root.join(kind);
        let mut files: Vec<Found> = self
            .walk()
            .into_iter()
            .filter(|found| found.path.starts_with(&folder) && !is_new(found))
            .collect();
        files.sort_by(|one, other| one.path.cmp(&other.path));
        files
    }

    /// All files two folders down. What cannot be listed is not there.
    fn walk(&self) -> Vec<Found> {
        let list =
            |folder: PathBuf| fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
        let kinds = KINDS.into_iter().map(|kind| self.root.join(kind));
        let paths = kinds.flat_map(list).flat_map(list);
        let found = |path: PathBuf| {
            let about = fs::metadata(&path).ok().filter(fs::Metadata::is_file)?;
            Some(Found { path, n_bytes: about.len(), used: about.modified().ok()? })
        };
        paths.filter_map(found).collect()
    }
}

fn is_new(found: &Found) -> bool {
    found.path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(NEW))
}

/// How long ago something was; nothing is in the future.
fn age(time: SystemTime) -> Duration {
    time.elapsed().unwrap_or_default()
}

/// What stands in a file; none if there is no file.
fn read(path: &Path) -> Result<Option<Vec<u8>>, String> {
    match fs::read(path) {
        Ok(text) if text.len() as u64 > MAX_BYTES => Err("it is too large".to_owned()),
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(format!("it cannot be read: {error}")),
    }
}

/// Writes a file, which is there only when it is whole.
pub fn write(path: &Path, text: &[u8]) -> io::Result<()> {
    in_place(path, |file| file.write_all(text))
}

/// Has a file written, which is there only when it is whole.
pub fn in_place(path: &Path, write: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<()> {
    let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let mut new = new_file(folder).or_else(|_| {
        fs::create_dir_all(folder)?;
        new_file(folder)
    })?;
    write(new.as_file_mut())?;
    new.persist(path).map_err(|error| error.error)?;
    Ok(())
}

fn new_file(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(NEW);
    #[cfg(unix)]
    // As other files, so that a folder can be shared: what the user's mask leaves.
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder)
}
