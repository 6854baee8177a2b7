//! Whatever happens to the folder with the answers, or to a run that uses it, no verdict changes and nothing crashes.
//!
//! A few trials run always; `PAXPROVE_TRIALS=1000 cargo test -p cli --test harm -- --nocapture` runs more.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

/// Invariants that hold, one that does not, and lemmas: some twenty conditions, with a verdict of each kind.
const MODULE: &str = "---- MODULE Example ----
EXTENDS Integers, FiniteSets
CONSTANTS Node, Limit
ASSUME Bound == Limit \\in Nat /\\ Limit > 0
VARIABLES count, seen, log
Init == count = [n \\in Node |-> 0] /\\ seen = {} /\\ log = 0
Add(n) == count[n] < Limit /\\ count' = [count EXCEPT ![n] = @ + 1] /\\ seen' = seen \\cup {n} /\\ log' = log + 1
Drop(n) == n \\in seen /\\ count' = [count EXCEPT ![n] = 0] /\\ seen' = seen \\ {n} /\\ UNCHANGED log
Next == \\E n \\in Node : Add(n) \\/ Drop(n)
Spec == Init /\\ [][Next]_<<count, seen, log>>
TypeOK == count \\in [Node -> Nat] /\\ seen \\subseteq Node /\\ log \\in Nat
Bounded == \\A n \\in Node : count[n] <= Limit
Seen == \\A n \\in Node : n \\notin seen => count[n] = 0
Wrong == \\A n \\in Node : count[n] < Limit
THEOREM Types == Spec => []TypeOK
THEOREM Bounds == Spec => [](TypeOK /\\ Bounded /\\ Seen)
THEOREM Strict == Spec => [](TypeOK /\\ Wrong)
LEMMA Sum == \\A a, b \\in Nat : a + b >= a
====
";

/// What may happen.
#[derive(Clone, Copy, Debug)]
enum Harm {
    Killed,
    TwoAtOnce,
    Truncated,
    Flipped,
    Swapped,
    SweptMeanwhile,
    FullDisk,
}

const HARMS: [Harm; 7] = [
    Harm::Killed,
    Harm::TwoAtOnce,
    Harm::Truncated,
    Harm::Flipped,
    Harm::Swapped,
    Harm::SweptMeanwhile,
    Harm::FullDisk,
];

/// Numbers that look random, the same in each run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).expect("31 bits") % bound.max(1)
    }
}

fn start(folder: &Path, answers: &Path, mode: &str) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_paxprove"));
    command.env("PAXPROVE_CACHE", mode).env("PAXPROVE_CACHE_DIR", answers).current_dir(folder);
    command.args(["Example.pax", "--format", "json", "--search", "1", "--bug-dir", "bugs"]);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs")
}

/// How a run ended, and what it says of each theorem and obligation.
fn verdicts(run: Child) -> Vec<String> {
    let output = run.wait_with_output().expect("it ends");
    let mut said = vec![format!("exit code {:?}", output.status.code())];
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("a report");
    for (list, name) in [("theorems", "name"), ("obligations", "id"), ("vacuity", "id")] {
        for item in report["modules"][0][list].as_array().expect("a list") {
            said.push(format!("{} {} {}", item[name], item["verdict"], item["means"]));
        }
    }
    said
}

/// The files of all answers and cores.
fn files(folder: &Path) -> Vec<PathBuf> {
    let list =
        |folder: PathBuf| fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut files: Vec<PathBuf> = list(folder.join("answers-1")).flat_map(list).flat_map(list).collect();
    files.sort();
    files
}

fn harm(harm: Harm, folder: &Path, answers: &Path, random: &mut Random) {
    let some = |random: &mut Random| {
        let all = files(answers);
        let n_some = 1 + random.below(all.len());
        (0..n_some).map(|_| all[random.below(all.len())].clone()).collect::<Vec<_>>()
    };
    match harm {
        Harm::Killed => {
            let mut run = start(folder, answers, "rw");
            thread::sleep(Duration::from_millis(random.below(150) as u64));
            run.kill().expect("it is killed");
            run.wait().expect("it ends");
        }
        Harm::TwoAtOnce => {
            let runs =
                [start(folder, answers, "rw"), start(folder, answers, "rw"), start(folder, answers, "rw")];
            let [first, second, third] = runs.map(verdicts);
            assert!(first == second && second == third);
        }
        Harm::Truncated => {
            for file in some(random) {
                let text = fs::read(&file).expect("a file");
                fs::write(&file, &text[..random.below(text.len())]).expect("a file");
            }
        }
        Harm::Flipped => {
            for file in some(random) {
                let mut text = fs::read(&file).expect("a file");
                if text.is_empty() {
                    continue;
                }
                let position = random.below(text.len());
                text[position] ^= 1 << random.below(8);
                fs::write(&file, &text).expect("a file");
            }
        }
        Harm::Swapped => {
            for file in some(random) {
                let other = some(random).remove(0);
                fs::copy(other, file).expect("a file");
            }
        }
        Harm::SweptMeanwhile => {
            let run = start(folder, answers, "rw");
            thread::sleep(Duration::from_millis(random.below(60) as u64));
            let mut command = Command::new(env!("CARGO_BIN_EXE_paxprove"));
            command.env("PAXPROVE_CACHE_DIR", answers).args(["cache", "gc", "--max-size", "0"]);
            assert!(command.output().expect("the program runs").status.success());
            verdicts(run);
        }
        Harm::FullDisk => {}
    }
}

/// A file system that is full after so many kilobytes; nothing where none can be had.
struct Small {
    folder: PathBuf,
}

impl Small {
    fn new(folder: PathBuf, kilobytes: usize) -> Option<Self> {
        fs::create_dir_all(&folder).expect("a folder");
        let size = format!("size={kilobytes}k");
        let mut command = Command::new("mount");
        command.args(["-t", "tmpfs", "-o", &size, "none"]).arg(&folder).stderr(Stdio::null());
        let is_there = command.status().is_ok_and(|status| status.success());
        is_there.then_some(Self { folder })
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.folder).status();
    }
}

#[test]
fn no_harm_changes_a_verdict() {
    let n_trials = std::env::var("PAXPROVE_TRIALS").ok().and_then(|text| text.parse().ok()).unwrap_or(21);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("harm");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder for tests");
    fs::write(folder.join("Example.pax"), MODULE).expect("a module");
    let expected = verdicts(start(&folder, &folder.join("none"), "off"));
    assert!(expected.iter().any(|line| line.contains("refuted")), "{expected:#?}");
    assert!(expected.iter().filter(|line| line.contains("\"proved\" \"Z3\"")).count() >= 5, "{expected:#?}");

    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut n_skipped = 0;
    for trial in 0..n_trials {
        let kind = HARMS[trial % HARMS.len()];
        let small =
            matches!(kind, Harm::FullDisk).then(|| Small::new(folder.join("small"), 4 + random.below(60)));
        if let Some(None) = small {
            n_skipped += 1;
            continue;
        }
        let small = small.flatten();
        let answers = small.as_ref().map_or_else(|| folder.join("answers"), |small| small.folder.clone());
        if files(&answers).is_empty() {
            assert_eq!(verdicts(start(&folder, &answers, "rw")), expected, "trial {trial}, {kind:?}: cold");
        }
        harm(kind, &folder, &answers, &mut random);
        assert_eq!(verdicts(start(&folder, &answers, "rw")), expected, "trial {trial}, {kind:?}");
        // Some start from nothing, so that writing is interrupted, too.
        if small.is_none() && random.below(3) == 0 {
            fs::remove_dir_all(&answers).expect("the folder is there");
        }
    }
    println!("{n_trials} trials, {n_skipped} skipped for want of a file system of a small size");
}
