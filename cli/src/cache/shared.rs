//! A cache that several people and machines share, in S3-compatible storage or in a folder: one object for each
//! answer, under the names that a folder has.
//!
//! Invariants: whatever goes wrong here costs answers that could have been reused, a warning, and no more time than
//! [`Patience`] has; after a few failures nothing more is asked. What is read is text of unknown origin: it is an
//! answer only if it is whole, about the very question, and by the very solver, and it is believed no more than
//! `spot` says.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use futures_util::stream::{self, StreamExt};
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::path::Path as Location;
use object_store::prefix::PrefixStore;
use object_store::{ObjectStore, ObjectStoreExt, RetryConfig};
use solver::canonical::Key;
use tokio::runtime::{Builder, Runtime};
use tokio::time::{Instant, timeout, timeout_at};

use super::entry::Entry;
use super::folder::{MAX_BYTES, VERSION};
use super::{SharedMode, locked};

/// How many requests are under way at a time.
const AT_A_TIME: usize = 32;
/// After so many failures nothing more is asked.
const MAX_FAILURES: usize = 3;

/// How long somebody waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// For one request.
    pub each: Duration,
    /// For all requests of a run together.
    pub all: Duration,
}

impl Patience {
    /// What a run can spare.
    pub const USUAL: Self = Self { each: Duration::from_secs(2), all: Duration::from_secs(10) };
}

/// A shared cache.
pub struct Shared {
    /// Where it is, as the user wrote it.
    url: String,
    mode: SharedMode,
    store: Option<Arc<dyn ObjectStore>>,
    /// None only while it is being dropped.
    runtime: Option<Runtime>,
    patience: Patience,
    state: Mutex<State>,
}

/// How well it goes.
#[derive(Debug, Default)]
struct State {
    n_failures: usize,
    first_failure: Option<String>,
    waited: Duration,
    is_left: bool,
}

/// A place that a user can name.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    Folder(PathBuf),
    Bucket { name: String, prefix: String },
}

impl Shared {
    /// The shared cache at this place. An error means that no place is named so; that nobody is there is none.
    pub fn open(url: &str, mode: SharedMode) -> Result<Self> {
        let place = place(url)?;
        let mut shared = Self::new(url, mode, None, Patience::USUAL)?;
        shared.store = match place {
            Place::Bucket { name, prefix } => {
                let bucket =
                    bucket(&name).with_context(|| format!("cannot use `{url}` as a shared cache"))?;
                Some(Arc::new(PrefixStore::new(bucket, prefix)))
            }
            Place::Folder(path) => match shared.folder(path) {
                Some(folder) => Some(Arc::new(folder)),
                None => None,
            },
        };
        Ok(shared)
    }

    /// A shared cache in any store.
    pub fn new(
        url: &str,
        mode: SharedMode,
        store: Option<Arc<dyn ObjectStore>>,
        patience: Patience,
    ) -> Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = Some(runtime.context("cannot prepare for requests to a shared cache")?);
        Ok(Self { url: url.to_owned(), mode, store, runtime, patience, state: Mutex::default() })
    }

    /// Whether answers may be written.
    pub fn may_write(&self) -> bool {
        self.mode == SharedMode::Rw
    }

    /// What is there under these keys: an answer, or why it is none.
    pub fn answers(&self, keys: &BTreeSet<Key>) -> BTreeMap<Key, Result<Entry, String>> {
        let mut found = BTreeMap::new();
        let Some(store) = &self.store else { return found };
        let one = |key: Key| async move {
            let text = text(store, &location(key)).await?;
            let entry = text.map(|text| text.and_then(|text| Entry::of_text(&text, key)));
            Ok(entry.map(|entry| (key, entry)))
        };
        self.each(keys.iter().copied().map(one), |answer| {
            let named = |(key, entry): (Key, Result<Entry, String>)| {
                (key, entry.map_err(|problem| format!("{}/{}: {problem}", self.url, location(key))))
            };
            found.extend(answer.map(named));
        });
        found
    }

    /// Keeps answers, and says how many.
    pub fn keep(&self, entries: &[Entry]) -> usize {
        let mut n_kept = 0;
        let Some(store) = &self.store else { return n_kept };
        let one = |entry: &Entry| {
            let (location, text) = (location(entry.key), entry.text());
            async move {
                let text = text.map_err(|error| error.to_string())?;
                let put = store.put(&location, text.into()).await;
                put.map(|_| ()).map_err(|error| error.to_string())
            }
        };
        self.each(entries.iter().map(one), |()| n_kept += 1);
        n_kept
    }

    /// Uses it no more.
    pub fn leave(&self) {
        locked(&self.state).is_left = true;
    }

    /// What went wrong, if something did.
    pub fn trouble(&self) -> Option<String> {
        let State { n_failures, first_failure, is_left, .. } = &*locked(&self.state);
        let first = first_failure.as_ref()?;
        let left = if *is_left { ", and was left alone" } else { "" };
        Some(format!("the shared cache `{}` failed ({n_failures}){left}: {first}", self.url))
    }

    /// Makes requests, many at a time, and hands on what comes of them, until all are done or patience ends.
    fn each<T, R: Future<Output = Result<T, String>>>(
        &self,
        requests: impl Iterator<Item = R>,
        mut on_done: impl FnMut(T),
    ) {
        let Some(runtime) = &self.runtime else { return };
        let rest = self.patience.all.saturating_sub(locked(&self.state).waited);
        let limited = requests.map(|request| timeout(self.patience.each, request));
        runtime.block_on(async {
            let start = Instant::now();
            let mut answers = stream::iter(limited).buffer_unordered(AT_A_TIME);
            while !locked(&self.state).is_left {
                match timeout_at(start + rest, answers.next()).await {
                    Ok(None) => break,
                    Ok(Some(Ok(Ok(answer)))) => on_done(answer),
                    Ok(Some(Ok(Err(problem)))) => self.note_failure(problem, MAX_FAILURES),
                    Ok(Some(Err(_))) => self.note_failure(no_answer(self.patience.each), MAX_FAILURES),
                    Err(_) => self.note_failure(no_answer(self.patience.all), 0),
                }
            }
            locked(&self.state).waited += start.elapsed();
        });
    }

    /// Notes a failure, and whether more than `max` of them are too many.
    fn note_failure(&self, problem: String, max: usize) {
        let mut state = locked(&self.state);
        state.n_failures += 1;
        state.first_failure.get_or_insert(problem);
        state.is_left |= state.n_failures >= max;
    }

    /// The folder, which has to be there; whoever may write makes it. A folder may be far away, too.
    fn folder(&self, path: PathBuf) -> Option<LocalFileSystem> {
        let runtime = self.runtime.as_ref()?;
        let may_write = self.may_write();
        let open = move || {
            if may_write {
                fs::create_dir_all(&path).map_err(|error| error.to_string())?;
            }
            LocalFileSystem::new_with_prefix(&path).map_err(|error| error.to_string())
        };
        let opened = runtime.block_on(async {
            let opening = tokio::task::spawn_blocking(open);
            timeout(self.patience.each, opening).await
        });
        let problem = match opened {
            Ok(Ok(Ok(folder))) => return Some(folder),
            Ok(Ok(Err(problem))) => problem,
            Ok(Err(error)) => error.to_string(),
            Err(_) => no_answer(self.patience.each),
        };
        self.note_failure(problem, 0);
        None
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { url, mode, state, .. } = self;
        f.debug_struct("Shared")
            .field("url", url)
            .field("mode", mode)
            .field("state", state)
            .finish_non_exhaustive()
    }
}

impl Drop for Shared {
    /// Waits for nobody: a request that hangs ends with the process.
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn no_answer(time: Duration) -> String {
    format!("no answer within {} s", time.as_secs_f64())
}

/// What stands under a name; none if nothing does, and an inner error if it cannot be an answer.
async fn text(
    store: &Arc<dyn ObjectStore>,
    location: &Location,
) -> Result<Option<Result<Vec<u8>, String>>, String> {
    let found = match store.get(location).await {
        Ok(found) => found,
        Err(object_store::Error::NotFound { .. }) => return Ok(None),
        Err(error) => return Err(error.to_string()),
    };
    if found.meta.size > MAX_BYTES {
        return Ok(Some(Err("it is too large".to_owned())));
    }
    let bytes = found.bytes().await.map_err(|error| error.to_string())?;
    Ok(Some(Ok(bytes.to_vec())))
}

/// Where an answer is: as in a folder, so that a shared folder can be looked after like any other.
fn location(key: Key) -> Location {
    let name = key.to_string();
    Location::from_iter([VERSION, "a", &name[..2], &name[2..]])
}

/// The place that is named so.
fn place(url: &str) -> Result<Place> {
    if let Some(rest) = url.strip_prefix("s3://") {
        let (name, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        if !name.is_empty() {
            return Ok(Place::Bucket { name: name.to_owned(), prefix: prefix.trim_matches('/').to_owned() });
        }
    }
    let path = Path::new(url.strip_prefix("file://").unwrap_or(url));
    if path.is_absolute() && !url.contains('%') {
        return Ok(Place::Folder(path.to_owned()));
    }
    bail!(
        "`{url}` is no place for a shared cache: write `s3://BUCKET/PREFIX`, `file:///FOLDER`, or a folder's whole \
         path"
    )
}

/// The bucket, with what the usual variables for AWS say: who asks, in which region, at which endpoint.
fn bucket(name: &str) -> Result<impl ObjectStore> {
    // An error means that somebody else has chosen.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let is_plain = |name: &str| std::env::var(name).is_ok_and(|endpoint| endpoint.starts_with("http://"));
    let retry = RetryConfig { max_retries: 1, retry_timeout: Patience::USUAL.each, ..RetryConfig::default() };
    let mut builder = AmazonS3Builder::from_env().with_bucket_name(name).with_retry(retry);
    if ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"].into_iter().any(is_plain) {
        builder = builder.with_allow_http(true);
    }
    Ok(builder.build()?)
}

#[cfg(test)]
mod tests {
    use object_store::memory::InMemory;
    use object_store::throttle::{ThrottleConfig, ThrottledStore};
    use vcgen::vc::Vc;

    use super::*;
    use crate::cache::entry::Answer;

    fn entry(seed: u32) -> Entry {
        Entry::made(Key::of(&Vc::default(), seed), Answer::Proved { core: vec![1] })
    }

    fn keys(n: u32) -> BTreeSet<Key> {
        (0..n).map(|seed| entry(seed).key).collect()
    }

    fn shared(store: Arc<dyn ObjectStore>, patience_ms: (u64, u64)) -> Shared {
        let patience = Patience {
            each: Duration::from_millis(patience_ms.0),
            all: Duration::from_millis(patience_ms.1),
        };
        Shared::new("memory", SharedMode::Rw, Some(store), patience).unwrap()
    }

    fn slow(wait_ms: u64) -> Arc<dyn ObjectStore> {
        let wait_get_per_call = Duration::from_millis(wait_ms);
        let config = ThrottleConfig { wait_get_per_call, ..ThrottleConfig::default() };
        Arc::new(ThrottledStore::new(InMemory::new(), config))
    }

    #[test]
    fn places_have_names() {
        let folder = |path: &str| Some(Place::Folder(PathBuf::from(path)));
        let bucket = |name: &str, prefix: &str| {
            Some(Place::Bucket { name: name.to_owned(), prefix: prefix.to_owned() })
        };
        for (url, expected) in [
            ("/a/b", folder("/a/b")),
            ("file:///a/b", folder("/a/b")),
            ("s3://bucket", bucket("bucket", "")),
            ("s3://bucket/", bucket("bucket", "")),
            ("s3://bucket/a/b/", bucket("bucket", "a/b")),
            ("", None),
            ("a/b", None),
            ("file://a/b", None),
            ("file:///a%20b", None),
            ("s3://", None),
            ("s3:///a", None),
            ("http://somewhere/a", None),
        ] {
            assert_eq!(place(url).ok(), expected, "{url}");
        }
    }

    #[test]
    fn what_is_kept_is_found_again() {
        let shared = shared(Arc::new(InMemory::new()), (10_000, 10_000));
        let entries: Vec<Entry> = (0..100).map(entry).collect();
        assert_eq!(shared.keep(&entries), 100);
        let found = shared.answers(&keys(150));
        let all: Vec<Entry> = found.into_values().collect::<Result<_, _>>().unwrap();
        assert_eq!(all.len(), 100);
        assert!(entries.iter().all(|entry| all.contains(entry)));
        assert_eq!(shared.trouble(), None);
    }

    #[test]
    fn what_is_no_answer_says_why() {
        let store: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
        let shared = shared(Arc::clone(&store), (10_000, 10_000));
        let texts = [b"nothing".to_vec(), entry(5).text().unwrap(), vec![b'a'; (16 << 20) + 1]];
        for (seed, text) in (0..).zip(texts) {
            let location = location(entry(seed).key);
            let put = store.put(&location, text.into());
            shared.runtime.as_ref().unwrap().block_on(put).unwrap();
        }
        let problems = ["it is cut short", "it is about another question", "it is too large"];
        let found = shared.answers(&keys(3));
        for (seed, problem) in (0..).zip(problems) {
            let key = entry(seed).key;
            assert_eq!(found[&key], Err(format!("memory/{}: {problem}", location(key))));
        }
        assert_eq!(shared.trouble(), None);
    }

    #[test]
    fn whoever_does_not_answer_is_left_alone() {
        let shared = shared(slow(60_000), (50, 60_000));
        let start = std::time::Instant::now();
        assert!(shared.answers(&keys(1000)).is_empty());
        assert!(shared.answers(&keys(1000)).is_empty());
        assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
        let trouble = shared.trouble().unwrap();
        assert_eq!(
            trouble,
            "the shared cache `memory` failed (3), and was left alone: no answer within 0.05 s"
        );
    }

    #[test]
    fn whoever_is_slow_is_left_alone_in_the_end() {
        let shared = shared(slow(100), (60_000, 500));
        let start = std::time::Instant::now();
        shared.answers(&keys(10_000));
        assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
        let trouble = shared.trouble().unwrap();
        assert_eq!(
            trouble,
            "the shared cache `memory` failed (1), and was left alone: no answer within 0.5 s"
        );
    }

    #[test]
    fn a_folder_that_is_not_there_is_a_failure() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("shared");
        let url = path.display().to_string();
        let reader = Shared::open(&url, SharedMode::Read).unwrap();
        assert!(reader.answers(&keys(3)).is_empty());
        assert!(reader.trouble().is_some_and(|it| it.contains("was left alone")), "{:?}", reader.trouble());
        let writer = Shared::open(&url, SharedMode::Rw).unwrap();
        assert_eq!((writer.keep(&[entry(0)]), writer.trouble()), (1, None));
        let reader = Shared::open(&format!("file://{url}"), SharedMode::Read).unwrap();
        assert_eq!(reader.answers(&keys(3)).len(), 1);
        let folder = crate::cache::folder::Folder::new(&path);
        assert_eq!(folder.answer(entry(0).key), Ok(Some(entry(0))), "it is a folder like others");
    }
}
