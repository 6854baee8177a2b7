//! Answers that are kept between runs, and shards of a proof: what only the program itself can show.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use cli::cache::entry::{Answer, Entry};
use cli::cache::folder::Folder;
use cli::saved::Saved;

#[cfg(feature = "shared-cache")]
#[path = "cache/shared.rs"]
mod shared;

/// Three lemmas that the solver proves, one after the other.
const SOUND: &str = "---- MODULE Example ----
EXTENDS Integers
CONSTANTS M, N
ASSUME Large == N > 10 /\\ M > 20
LEMMA One == N + 1 > 5
LEMMA Two == M + 1 > 5
LEMMA Three == M + N > 25
====
";

/// A folder of its own for a test, with a module and a place for answers.
struct Place {
    folder: PathBuf,
}

/// How a run ended.
#[derive(Debug)]
struct Ended {
    code: i32,
    out: String,
    err: String,
}

impl Ended {
    fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("text");
        let code = output.status.code().expect("it ends by itself");
        Self { code, out: text(&output.stdout), err: text(&output.stderr) }
    }

    /// How many answers were kept from before, and how many come from the solver.
    fn counts(&self) -> (usize, usize) {
        let line = self.err.lines().find_map(|line| line.strip_prefix("answers: ")).expect("counts");
        let (kept, solved) = line.split_once(" from before, ").expect("counts");
        let solved = solved.split_once(" solved").expect("counts").0;
        (kept.parse().expect("a number"), solved.parse().expect("a number"))
    }
}

impl Place {
    fn new(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache").join(name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("a folder for tests");
        let place = Self { folder };
        place.module(SOUND);
        place
    }

    fn module(&self, text: &str) {
        fs::write(self.folder.join("Example.pax"), text).expect("a module");
    }

    fn answers(&self) -> Folder {
        Folder::new(&self.folder.join("answers"))
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_paxprove"));
        command
            .env_remove("PAXPROVE_CACHE")
            .env_remove("PAXPROVE_SHARED_CACHE")
            .env("PAXPROVE_CACHE_DIR", self.folder.join("answers"));
        command.current_dir(&self.folder).args(args).stdin(Stdio::null());
        command
    }

    fn run(&self, args: &[&str]) -> Ended {
        Ended::of(&self.command(args).output().expect("the program runs"))
    }

    fn prove(&self, args: &[&str]) -> Ended {
        let all: Vec<&str> = ["Example.pax", "-v", "--search", "1"].iter().chain(args).copied().collect();
        self.run(&all)
    }

    /// Forgets what modules came to as a whole, so that each answer is looked at.
    fn forget_modules(&self) {
        fs::remove_dir_all(self.answers().path().join("m")).expect("modules are remembered");
    }

    /// The files of all answers.
    fn files(&self) -> Vec<PathBuf> {
        files(&self.answers())
    }
}

/// The files of all answers in a folder, in the order of their names.
fn files(folder: &Folder) -> Vec<PathBuf> {
    let list = |folder: &Path| -> Vec<PathBuf> {
        fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect()
    };
    let mut files: Vec<PathBuf> =
        list(&folder.path().join("a")).iter().flat_map(|folder| list(folder)).collect();
    files.sort();
    files
}

/// A report without its times.
fn timeless(text: &str) -> String {
    let is_time = |word: &str| word.parse::<f64>().is_ok();
    let line = |line: &str| {
        let words: Vec<&str> = line.split([' ', ',', ']', '[']).collect();
        let timed = words.windows(2).filter(|pair| ["s", "ms"].contains(&pair[1]) && is_time(pair[0]));
        timed
            .fold(line.to_owned(), |line, pair| line.replacen(&format!("{} {}", pair[0], pair[1]), "TIME", 1))
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_warm_run_solves_nothing_and_says_the_same() {
    let place = Place::new("warm");
    let cold = place.prove(&[]);
    let (kept, solved) = cold.counts();
    assert!(cold.code == 0 && kept == 0 && solved >= 3, "{cold:?}");
    let warm = place.prove(&[]);
    assert_eq!((warm.code, warm.counts()), (0, (solved, 0)));
    assert_eq!(timeless(&warm.out), timeless(&cold.out));
}

#[test]
fn an_edit_concerns_what_it_changes() {
    let place = Place::new("edit");
    let (_, all) = place.prove(&[]).counts();
    place.module(&SOUND.replace("M + N > 25", "M + N > 26"));
    assert_eq!(place.prove(&[]).counts(), (all - 1, 1), "no lemma follows that could use it");
    place.module(&SOUND.replace("LEMMA One", "\\* Comment.\nLEMMA Uno"));
    assert_eq!(place.prove(&[]).counts(), (all, 0), "names and comments are not part of a question");
}

#[test]
fn another_seed_is_another_question() {
    let place = Place::new("seed");
    let (_, all) = place.prove(&[]).counts();
    assert_eq!(place.prove(&["--seed", "1"]).counts(), (0, all));
    assert_eq!(place.prove(&["--seed", "1"]).counts(), (all, 0));
}

#[test]
fn what_is_undecided_is_not_kept() {
    let place = Place::new("undecided");
    let n_before = place.files().len();
    let first = place.prove(&["--rlimit", "1", "--only", "One"]);
    assert_eq!(first.code, 3, "{first:?}");
    let (_, solved) = place.prove(&["--rlimit", "1", "--only", "One"]).counts();
    assert_eq!(solved, 1, "the lemma, but not the check that the assumptions hold together");
    assert_eq!(n_before, 0);
}

#[test]
fn modes_do_what_they_say() {
    let place = Place::new("modes");
    let off = place.prove(&["--cache", "off"]);
    assert!(off.code == 0 && !off.err.contains("answers:"), "{off:?}");
    let read = place.prove(&["--cache", "read"]);
    assert_eq!((read.code, read.counts().0), (0, 0));
    assert_eq!(place.files().len(), 0, "nothing was to be kept");
    let enforced = place.prove(&["--cache", "enforce"]);
    assert_eq!(enforced.code, 3, "{enforced:?}");
    assert!(enforced.out.contains("no answer was kept"), "{enforced:?}");
    assert_eq!(place.prove(&[]).code, 0);
    let n_files = place.files().len();
    let enforced = place.prove(&["--cache", "enforce"]);
    assert_eq!((enforced.code, enforced.counts().1), (0, 0));
    let verified = place.prove(&["--cache", "verify", "--cache-sample", "100"]);
    assert_eq!((verified.code, verified.counts().1), (0, 0), "{verified:?}");
    assert_eq!(place.files().len(), n_files);
    assert_eq!(place.prove(&["--cache", "sometimes"]).code, 2);
}

#[test]
fn damage_is_ignored_reported_and_repaired() {
    let place = Place::new("damage");
    place.prove(&[]);
    let files = place.files();
    fs::write(&files[0], b"").expect("a file");
    let mut text = fs::read(&files[1]).expect("a file");
    let middle = text.len() / 2;
    text[middle] ^= 4;
    fs::write(&files[1], &text).expect("a file");
    fs::copy(&files[3], &files[2]).expect("a file");
    place.forget_modules();
    let stats = place.run(&["cache", "stats"]);
    assert_eq!(stats.out.lines().filter(|line| line.starts_with("damaged: ")).count(), 3, "{stats:?}");
    let run = place.prove(&[]);
    assert_eq!((run.code, run.counts().1), (0, 3), "{run:?}");
    assert!(run.err.contains("warning: ignored what is damaged in the cache (3)"), "{run:?}");
    let run = place.prove(&[]);
    assert_eq!((run.code, run.counts().1), (0, 0), "{run:?}");
    assert!(!run.err.contains("warning"), "{run:?}");
}

#[test]
fn a_place_where_nothing_can_be_kept_costs_a_warning() {
    let place = Place::new("unwritable");
    fs::write(place.folder.join("answers"), "a file, not a folder").expect("a file");
    let run = place.prove(&[]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.err.contains("warning: answers could not be kept"), "{run:?}");
}

#[test]
fn verifying_finds_answers_that_are_not_the_solvers() {
    let place = Place::new("verify");
    place.module(&SOUND.replace("N + 1 > 5", "N + 1 > 500"));
    let run = place.prove(&["--save", "run"]);
    assert_ne!(run.code, 0, "{run:?}");
    let saved = Saved::read(&place.folder.join("run")).expect("a run");
    let mut n_forged = 0;
    for entry in saved.answers.into_iter().filter(|entry| !matches!(entry.answer, Answer::Proved { .. })) {
        place.answers().keep(&Entry { answer: Answer::Proved { core: vec![0] }, ..entry }).expect("kept");
        n_forged += 1;
    }
    assert!(n_forged > 0);
    let run = place.prove(&["--cache", "verify", "--cache-sample", "100", "--bug-dir", "bugs"]);
    assert_eq!(run.code, 70, "{run:?}");
    assert!(
        run.out.contains("the cache says that it is proved, the solver that it is not proved"),
        "{run:?}"
    );
}

#[cfg(not(feature = "shared-cache"))]
#[test]
fn a_program_without_shared_caches_says_how_to_get_one() {
    let place = Place::new("unshared");
    let run = place.prove(&["--shared-cache", "/somewhere"]);
    assert!(run.code == 2 && run.err.contains("--features shared-cache"), "{run:?}");
    assert_eq!(place.prove(&["--shared-cache", "/somewhere", "--cache", "off"]).code, 0);
}

#[test]
fn answers_are_carried_and_removed() {
    let place = Place::new("carried");
    place.prove(&[]);
    let n_answers = place.files().len();
    let exported = place.run(&["cache", "export", "archive"]);
    assert!(exported.out.starts_with(&format!("wrote {n_answers} answers")), "{exported:?}");
    let swept = place.run(&["cache", "gc", "--max-size", "0"]);
    assert_eq!((swept.code, place.files().len()), (0, 0), "{swept:?}");
    let imported = place.run(&["cache", "import", "archive"]);
    assert!(imported.out.starts_with(&format!("took over {n_answers} answers")), "{imported:?}");
    assert_eq!(place.prove(&["--cache", "enforce"]).code, 0);
    assert_eq!(place.run(&["cache", "import", "Example.pax"]).code, 2);
}

#[test]
fn cores_are_tried_first_where_something_changed() {
    let place = Place::new("hints");
    place.prove(&[]);
    place.module(&SOUND.replace("N > 10", "N > 11"));
    let run = place.prove(&["--save", "run"]);
    assert_eq!(run.code, 0, "{run:?}");
    let saved = Saved::read(&place.folder.join("run")).expect("a run");
    assert!(saved.answers.iter().any(|entry| entry.had_hint), "{saved:?}");
    assert_eq!(place.prove(&["--cache", "enforce"]).code, 0, "what a core proved is kept like all else");
}

#[test]
fn shards_put_together_are_the_whole() {
    let place = Place::new("shards");
    let whole = place.prove(&["--cache", "off"]);
    let json = place.prove(&["--cache", "off", "--format", "json"]);
    for index in 1..=4 {
        let run = place.prove(&[
            "--cache",
            "off",
            "--shard",
            &format!("{index}/4"),
            "--save",
            &format!("run{index}"),
        ]);
        assert!(run.code == 0 && run.out.contains("PARTIAL"), "{run:?}");
    }
    let all = ["merge", "run1", "run2", "run3", "run4", "--require-complete", "-v"];
    let merged = place.run(&all);
    assert_eq!((merged.code, timeless(&merged.out)), (0, timeless(&whole.out)));
    assert_eq!(merged.counts().1, 0, "nothing is solved again");
    let merged: Vec<&str> = all.into_iter().chain(["--format", "json"]).collect();
    assert_eq!(without_times(&place.run(&merged).out), without_times(&json.out));

    let part = place.run(&["merge", "run1", "run3"]);
    assert!(part.code == 0 && part.out.contains("PARTIAL"), "{part:?}");
    let missing = place.run(&["merge", "run1", "run3", "run4", "--require-complete"]);
    assert_eq!(missing.code, 3, "{missing:?}");
    assert!(missing.err.contains("missing of 4 shards: 2"), "{missing:?}");

    assert_eq!(place.run(&["merge", "run1", "run1"]).code, 2);
    assert_eq!(place.run(&["merge", "Example.pax"]).code, 2);
    place.module(&SOUND.replace("N + 1", "N + 2"));
    let changed = place.run(&["merge", "run1", "run2", "run3", "run4"]);
    assert!(changed.code == 2 && changed.err.contains("is not what these runs are about"), "{changed:?}");
}

/// A report for programs without what depends on the run.
fn without_times(text: &str) -> serde_json::Value {
    fn strip(value: &mut serde_json::Value) {
        use serde_json::Value;
        match value {
            Value::Object(fields) => {
                fields.retain(|name, _| !["time_ms", "wall_ms", "peak_memory_kb"].contains(&name.as_str()));
                fields.values_mut().for_each(strip);
            }
            Value::Array(items) => items.iter_mut().for_each(strip),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let mut value = serde_json::from_str(text).expect("JSON");
    strip(&mut value);
    value
}

#[test]
fn a_failure_in_one_shard_is_a_failure_of_the_whole() {
    let place = Place::new("failing-shard");
    place.module(&SOUND.replace("N + 1 > 5", "N + 1 > 500"));
    let whole = place.prove(&["--cache", "off"]);
    let mut codes = Vec::new();
    for index in 1..=3 {
        let run = place.prove(&[
            "--cache",
            "off",
            "--shard",
            &format!("{index}/3"),
            "--save",
            &format!("run{index}"),
        ]);
        codes.push(run.code);
    }
    codes.sort_unstable();
    assert_eq!(codes, [0, 0, whole.code]);
    let merged = place.run(&["merge", "run1", "run2", "run3", "-v"]);
    assert_eq!((merged.code, timeless(&merged.out)), (whole.code, timeless(&whole.out)));
}
