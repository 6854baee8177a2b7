//! A fuzzer without libFuzzer: the same inputs in every run, made by changing known ones.
//!
//! `mutate RUNS [SEED]` reads `corpus/` beside this crate; a text that parses joins the texts that are changed,
//! so that changes add up. Inputs that fail a check are written to `artifacts/`, and the shortest is shown.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// An input that takes longer is a failure.
const TOO_LONG: Duration = Duration::from_secs(5);
/// Longer texts are not changed further.
const MAX_LENGTH: usize = 4000;
/// How many failures are kept.
const MAX_FAILURES: usize = 200;
/// How many texts are kept.
const MAX_POOL: usize = 4000;

/// What may be put anywhere.
const TOKENS: &[&str] = &[
    "/\\", "\\/", "=>", "<=>", "~>", "~", "=", "#", "\\in", "\\notin", "\\subseteq", "\\cup", "\\cap", "\\", "..", "+",
    "-", "-.", "*", "^", "%", "\\X", "'", "^+", "^*", "^#", "[]", "<>", "SUBSET", "UNION", "DOMAIN", "UNCHANGED",
    "ENABLED", "(", ")", "[", "]", "]_", "{", "}", "<<", ">>", ">>_", "|->", "->", "<-", ",", ":", "::", ".", "!", "@",
    "_", "==", "x", "y", "F", "F(", "S", "1", "0", "1.5", "\\b101", "\"s\"", "\"", "\\A", "\\E", "\\AA", "\\EE",
    "CHOOSE", "IF", "THEN", "ELSE", "CASE", "OTHER", "LET", "IN", "EXCEPT", "LAMBDA", "WF_", "SF_", "WF_x(", "MODULE",
    "EXTENDS", "CONSTANT", "CONSTANTS", "VARIABLE", "ASSUME", "AXIOM", "THEOREM", "LEMMA", "LOCAL", "INSTANCE", "WITH",
    "RECURSIVE", "NEW", "STATE", "ACTION", "PROVE", "[]ASSUME", "[]PROVE", "PROOF", "BY", "ONLY", "DEF", "OBVIOUS",
    "OMITTED", "USE", "HIDE", "QED", "SUFFICES", "HAVE", "TAKE", "WITNESS", "PICK", "DEFINE", "<1>", "<1>1", "<1>1.",
    "<2>a", "<*>", "<+>", "----", "====", "---- MODULE N ----\n", "(*", "*)", "\\*", "\n", "\n  ", "\n    ", "\t", "∧",
    "∨", "∈", "⟨", "⟩", "□", "◇", "≜", "é", "\u{feff}", "(+)", "!!", "\\o", "\\circ", "-+->", "\\cdot", ":>", "@@",
    "x' ", "x[", ".f", "![x] =", "TRUE",
];

struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() >> 11).map_or(0, |random| random % n.max(1))
    }

    fn of<'a>(&mut self, texts: &[&'a str]) -> &'a str {
        texts[self.below(texts.len())]
    }
}

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1).map(|arg| arg.parse::<u64>());
    let (Some(Ok(runs)), Ok(seed)) = (args.next(), args.next().unwrap_or(Ok(1))) else {
        eprintln!("mutate RUNS [SEED]");
        return ExitCode::FAILURE;
    };
    let mut pool = corpus(&Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus"));
    if pool.is_empty() {
        eprintln!("the corpus is empty");
        return ExitCode::FAILURE;
    }
    let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    std::panic::set_hook(Box::new(|_| {}));
    let mut failures: Vec<Failure> = Vec::new();
    let (mut n_parsed, mut n_failed) = (0_u64, 0_u64);
    let start = Instant::now();
    for run in 0..runs {
        let text = mutant(&mut random, &pool);
        let begin = Instant::now();
        let checked = catch_unwind(AssertUnwindSafe(|| {
            fuzz::parses(&text);
            fuzz::comes_back(&text)
        }));
        let why = match checked {
            Ok(_) if begin.elapsed() > TOO_LONG => "takes too long".to_owned(),
            Ok(parsed) => {
                n_parsed += u64::from(parsed);
                if parsed && text.len() <= MAX_LENGTH {
                    keep(&mut random, &mut pool, text);
                }
                continue;
            }
            Err(panic) => panic.downcast_ref::<String>().cloned().unwrap_or_else(|| "panics".to_owned()),
        };
        n_failed += 1;
        if failures.len() < MAX_FAILURES {
            failures.push(Failure { run, text, why });
        }
    }
    let seconds = start.elapsed().as_secs_f64();
    println!("{runs} inputs from seed {seed} in {seconds:.0} s: {n_parsed} parsed and came back, {n_failed} failed");
    failures.sort_by_key(|failure| failure.text.len());
    for failure in &failures {
        write(seed, failure);
    }
    let Some(Failure { text, why, .. }) = failures.first() else { return ExitCode::SUCCESS };
    println!("{text}\n{why}");
    ExitCode::FAILURE
}

/// An input that fails a check.
struct Failure {
    run: u64,
    text: String,
    why: String,
}

fn write(seed: u64, failure: &Failure) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("artifacts");
    let file = folder.join(format!("{seed}-{}", failure.run));
    let written = std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(&file, &failure.text));
    println!("{}: {} bytes {}", file.display(), failure.text.len(), written.map_or("not written", |()| "written"));
}

/// Adds a text to those that are changed.
fn keep(random: &mut Random, pool: &mut Vec<String>, text: String) {
    if pool.len() < MAX_POOL {
        pool.push(text);
    } else {
        let place = random.below(pool.len());
        pool[place] = text;
    }
}

/// The texts in a folder and the folders in it, in a fixed order.
fn corpus(folder: &Path) -> Vec<String> {
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    paths.sort();
    let mut texts = Vec::new();
    for path in paths {
        if path.is_dir() {
            texts.extend(corpus(&path));
        } else if let Ok(text) = std::fs::read_to_string(&path) {
            texts.push(fuzz::module(&text));
        }
    }
    texts
}

/// One of the texts, changed in one place or in a few.
fn mutant(random: &mut Random, pool: &[String]) -> String {
    let first = pool[random.below(pool.len())].clone();
    let mut pieces = pieces(&first);
    for _ in 0..=random.below(4) {
        if pieces.is_empty() {
            break;
        }
        let at = random.below(pieces.len());
        let other = &pool[random.below(pool.len())];
        match random.below(8) {
            0 => drop(pieces.remove(at)),
            1 => pieces.insert(at, pieces[at].clone()),
            2 => {
                let with = random.below(pieces.len());
                pieces.swap(at, with);
            }
            3 | 4 => pieces[at] = random.of(TOKENS).to_owned(),
            5 => pieces.insert(at, format!(" {} ", random.of(TOKENS))),
            6 => {
                // A stretch of another text in the place of a stretch of this one.
                let others = self::pieces(other);
                let from = random.below(others.len());
                let until = (from + 1 + random.below(12)).min(others.len());
                let end = (at + random.below(6)).min(pieces.len());
                pieces.splice(at..end, others[from..until].iter().cloned());
            }
            _ => {
                let text = pieces[at].clone();
                let cut = random.below(text.len() + 1);
                if text.is_char_boundary(cut) {
                    pieces[at] = text[..cut].to_owned();
                }
            }
        }
    }
    pieces.concat()
}

/// A text as words, signs and spaces.
fn pieces(text: &str) -> Vec<String> {
    let class = |letter: char| match letter {
        ' ' | '\t' | '\n' => 0,
        _ if letter.is_alphanumeric() || letter == '_' => 1,
        '(' | ')' | '{' | '}' | '[' | ']' | ',' => 2,
        _ => 3,
    };
    let mut pieces: Vec<String> = Vec::new();
    let mut before = None;
    for letter in text.chars() {
        let class = class(letter);
        match pieces.last_mut() {
            Some(last) if before == Some(class) && class != 2 => last.push(letter),
            _ => pieces.push(letter.to_string()),
        }
        before = Some(class);
    }
    pieces
}
