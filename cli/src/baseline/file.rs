//! Baselines as text, made to be read in differences: a line for each obligation, in the order of the proof tree.
//!
//! Invariants: what is written is read back as it was; a line depends on its own obligation only, so that a change of
//! one shows as one line; whatever is not exactly of this form is an error with its line, never passed over.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use thiserror::Error;

use super::{About, Baseline, By, Cost, Entry, Theorem};
use crate::cache::folder;

/// The version of the format, which changes whenever an older reader would misread a newer file.
pub const VERSION: u32 = 1;
/// How many digits of a key are written.
pub const KEY_DIGITS: usize = 16;
/// How many digits a digest of a formula has.
pub const ABOUT_DIGITS: usize = 8;

/// How the first line begins.
const MAGIC: &str = "paxprove-baseline";
/// What tells a reader of the file what it is.
const REMARKS: &str = "\
# How the theorems are proved, and what that costs: `paxprove baseline write` writes this, `check` compares.
# Each line: obligation, digest of its formula, what closed it; of z3: key of the condition, cost, median of 5 seeds.
";
/// What git writes where it could not merge.
const CONFLICT: [&str; 4] = ["<<<<<<<", "|||||||", "=======", ">>>>>>>"];

/// Why a text is no baseline.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("line {line}: {problem}")]
pub struct Malformed {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it, and what to do.
    pub problem: String,
}

/// Where the baseline of a module is, unless somebody says otherwise: beside it.
pub fn usual_path(module: &Path) -> PathBuf {
    module.with_extension("baseline")
}

/// Reads a baseline.
pub fn read(path: &Path) -> Result<Baseline> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(anyhow!(
                "there is no baseline `{}`: `paxprove baseline write` makes one",
                path.display()
            ));
        }
        Err(error) => {
            return Err(error).with_context(|| format!("cannot read the baseline `{}`", path.display()));
        }
    };
    let text = String::from_utf8(bytes)
        .map_err(|_| anyhow!("`{}` is not UTF-8 text, so it is no baseline", path.display()))?;
    parse(&text).with_context(|| format!("cannot use the baseline `{}`", path.display()))
}

/// Writes a baseline, which is there as a whole or not at all.
pub fn write(path: &Path, baseline: &Baseline) -> Result<()> {
    folder::write(path, print(baseline).as_bytes())
        .with_context(|| format!("cannot write `{}`", path.display()))
}

/// The text of a baseline, whose medians are all known.
pub fn print(baseline: &Baseline) -> String {
    let Baseline { solver, encoding, rlimit, theorems } = baseline;
    let mut out = format!("{MAGIC} {VERSION}\n{REMARKS}solver {solver}\nencoding {encoding}\n");
    if let Some(rlimit) = rlimit {
        let _ = writeln!(out, "rlimit {rlimit}");
    }
    for Theorem { name, by, is_helper, entries } in theorems {
        let _ = writeln!(out, "\n{} {name} by {by}", if *is_helper { HELPER } else { THEOREM });
        let mut place = "";
        for entry in entries {
            if let Some(about) = entry.about.as_ref().filter(|about| about.place != place) {
                place = &about.place;
                let _ = writeln!(out, " {}", if place.is_empty() { NOWHERE } else { place });
            }
            print_entry(&mut out, entry);
        }
    }
    let _ = writeln!(out, "\n{END}");
    out
}

/// How a theorem begins, and what only serves theorems.
const THEOREM: &str = "theorem";
const HELPER: &str = "helper";

/// The last line: a file that was cut short has none.
const END: &str = "end";

/// The place of what is about no step, after other places.
const NOWHERE: &str = "-";

fn print_entry(out: &mut String, entry: &Entry) {
    let Entry { id, about, closed } = entry;
    let digest = about.as_ref().map_or("-", |about| &about.formula);
    let mut line = format!("  {id:<52} {digest:<ABOUT_DIGITS$} {}", closed.word());
    if let Some(Cost { key, usual, median }) = closed.cost() {
        let _ = write!(line, " {key} {usual:>8} {:>8}", median.unwrap_or_default());
    }
    out.push_str(&line);
    out.push('\n');
}

/// A baseline from its text.
pub fn parse(text: &str) -> Result<Baseline, Malformed> {
    let numbered = text.lines().enumerate().map(|(position, line)| (position + 1, line.trim_end()));
    let mut lines = Vec::new();
    for (number, line) in numbered {
        if CONFLICT.iter().any(|marker| line.starts_with(marker)) {
            let problem = "a conflict of a merge is not resolved: take either side, then write it anew with \
                           `paxprove baseline write`";
            return Err(at(number, problem));
        }
        if !line.is_empty() && !line.starts_with('#') {
            lines.push((number, line));
        }
    }
    let (last, is_whole) = lines.pop().map_or((1, false), |(number, line)| (number, line == END));
    let mut lines = lines.into_iter().peekable();
    version(lines.next())?;
    if !is_whole {
        return Err(at(last, &format!("`{END}` does not follow: the file was cut short")));
    }
    let mut baseline =
        Baseline { solver: String::new(), encoding: String::new(), rlimit: None, theorems: Vec::new() };
    let mut field = |name: &str| {
        let is_it = |(_, line): &(usize, &str)| line.split(' ').next() == Some(name);
        lines.next_if(is_it).map(|(number, line)| (number, line[name.len()..].trim()))
    };
    let missing = |name: &str| at(1, &format!("`{name}` does not follow"));
    field("solver").ok_or_else(|| missing("solver"))?.1.clone_into(&mut baseline.solver);
    field("encoding").ok_or_else(|| missing("encoding"))?.1.clone_into(&mut baseline.encoding);
    if let Some((number, rlimit)) = field("rlimit") {
        baseline.rlimit = Some(u32::try_from(digits(number, rlimit)?).map_err(|_| at(number, "too large"))?);
    }
    let mut place = String::new();
    let mut ids = BTreeSet::new();
    for (number, line) in lines {
        if let Some(heading) = parse_heading(number, line)? {
            if baseline.theorems.iter().any(|theorem| theorem.name == heading.name) {
                return Err(at(number, &format!("`{}` is there twice", heading.name)));
            }
            baseline.theorems.push(heading);
            place.clear();
            continue;
        }
        let Some(theorem) = baseline.theorems.last_mut() else {
            return Err(at(number, "expected `theorem NAME by RULE` first"));
        };
        if let Some(entry) = line.strip_prefix("  ") {
            let entry = parse_entry(number, entry, &place)?;
            if !ids.insert(entry.id.clone()) {
                return Err(at(number, &format!("`{}` is there twice", entry.id)));
            }
            theorem.entries.push(entry);
        } else if let Some(named) = line.strip_prefix(' ') {
            place = if named == NOWHERE { String::new() } else { named.to_owned() };
        } else {
            return Err(at(number, &format!("cannot read `{line}`")));
        }
    }
    Ok(baseline)
}

fn version(first: Option<(usize, &str)>) -> Result<(), Malformed> {
    let not_one = |number| at(number, &format!("expected `{MAGIC} {VERSION}`: this is no baseline"));
    let (number, line) = first.ok_or_else(|| not_one(1))?;
    let version = line.strip_prefix(MAGIC).and_then(|rest| rest.trim().parse::<u32>().ok());
    match version.ok_or_else(|| not_one(number))? {
        VERSION => Ok(()),
        newer if newer > VERSION => {
            let problem = format!(
                "format {newer} is newer than this program, which knows {VERSION}: use a newer `paxprove`"
            );
            Err(at(number, &problem))
        }
        _ => Err(not_one(number)),
    }
}

/// A theorem without entries, if the line begins one.
fn parse_heading(number: usize, line: &str) -> Result<Option<Theorem>, Malformed> {
    let Some((word @ (THEOREM | HELPER), rest)) = line.split_once(' ') else { return Ok(None) };
    let (name, by) =
        rest.split_once(" by ").ok_or_else(|| at(number, &format!("expected `{word} NAME by RULE`")))?;
    let (name, by) = (name.to_owned(), by.to_owned());
    Ok(Some(Theorem { name, by, is_helper: word == HELPER, entries: Vec::new() }))
}

fn parse_entry(number: usize, line: &str, place: &str) -> Result<Entry, Malformed> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let [id, digest, word, costs @ ..] = words.as_slice() else {
        return Err(at(number, "expected an obligation, a digest, and what closed it"));
    };
    let about = match *digest {
        "-" => None,
        digest => {
            hexadecimal(number, digest, ABOUT_DIGITS)?;
            Some(About { place: place.to_owned(), formula: digest.to_owned() })
        }
    };
    let closed = match (*word, costs) {
        ("frame", []) => By::Frame,
        ("increment", []) => By::Increment,
        ("rewriting", []) => By::Rewriting,
        ("z3", [key, usual, median]) => {
            hexadecimal(number, key, KEY_DIGITS)?;
            let (usual, median) = (digits(number, usual)?, digits(number, median)?);
            By::Z3(Cost { key: (*key).to_owned(), usual, median: Some(median) })
        }
        ("z3", _) => return Err(at(number, "expected key, cost and median after `z3`")),
        ("frame" | "increment" | "rewriting", _) => {
            return Err(at(number, &format!("nothing is expected after `{word}`")));
        }
        _ => {
            return Err(at(
                number,
                &format!("`{word}` closes nothing: expected frame, increment, rewriting or z3"),
            ));
        }
    };
    Ok(Entry { id: (*id).to_owned(), about, closed })
}

fn hexadecimal(number: usize, text: &str, n_digits: usize) -> Result<(), Malformed> {
    let is_digit = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
    if text.len() == n_digits && text.chars().all(is_digit) {
        Ok(())
    } else {
        Err(at(number, &format!("`{text}` is not {n_digits} hexadecimal digits")))
    }
}

fn digits(number: usize, text: &str) -> Result<u64, Malformed> {
    let value = text.chars().all(|c| c.is_ascii_digit()).then(|| text.parse().ok()).flatten();
    value.ok_or_else(|| at(number, &format!("`{text}` is not a number")))
}

fn at(line: usize, problem: &str) -> Malformed {
    Malformed { line, problem: problem.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn baseline() -> Baseline {
        let about = |place: &str| Some(About { place: place.to_owned(), formula: "0123abcd".to_owned() });
        let z3 = By::Z3(Cost { key: "0123456789abcdef".to_owned(), usual: 12, median: Some(u64::MAX - 1) });
        let entry = |id: &str, about: Option<About>, closed: By| Entry { id: id.to_owned(), about, closed };
        Baseline {
            solver: "Z3 1.2 (own)".to_owned(),
            encoding: "ef01".to_owned(),
            rlimit: Some(7),
            theorems: vec![
                Theorem {
                    name: "T".to_owned(),
                    by: "set induction".to_owned(),
                    is_helper: false,
                    entries: vec![
                        entry("T.base.1", None, z3.clone()),
                        entry("T.1", about(""), By::Rewriting),
                        entry("T.init.1#2", about("init"), By::Frame),
                        entry("T.step.A.then.continuity.X", None, z3.clone()),
                        entry("T.step.A.then.1", about("A.then"), By::Increment),
                        entry("T.2", about(""), z3),
                    ],
                },
                Theorem {
                    name: "U".to_owned(),
                    by: "termination".to_owned(),
                    is_helper: true,
                    entries: Vec::new(),
                },
            ],
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        for rlimit in [None, Some(7)] {
            let own = Baseline { rlimit, ..baseline() };
            assert_eq!(parse(&print(&own)), Ok(own.clone()));
            assert_eq!(parse(&print(&own).replace('\n', "\r\n")), Ok(own));
        }
    }

    #[test]
    fn each_mistake_is_told_with_its_line() {
        let text = print(&baseline());
        for (from, to, line, part) in [
            ("paxprove-baseline 1", "paxprove-baseline 2", 1, "newer than this program"),
            ("paxprove-baseline 1", "paxprove-baseline 0", 1, "this is no baseline"),
            ("paxprove-baseline 1", "---- MODULE m ----", 1, "this is no baseline"),
            ("solver Z3", "resolver Z3", 1, "`solver` does not follow"),
            ("encoding ef01\n", "", 1, "`encoding` does not follow"),
            ("rlimit 7", "rlimit +7", 6, "`+7` is not a number"),
            ("rlimit 7", "rlimit 99999999999", 6, "too large"),
            ("theorem T by set induction", "theorem T", 8, "expected `theorem NAME by RULE`"),
            ("theorem T by set induction\n", "", 8, "expected `theorem NAME by RULE` first"),
            ("helper U", "helper T", 19, "`T` is there twice"),
            ("T.1 ", "T.2 ", 17, "`T.2` is there twice"),
            ("frame", "frame 3", 12, "nothing is expected after `frame`"),
            ("frame", "framed", 12, "`framed` closes nothing"),
            ("0123abcd increment", "0123abcg increment", 15, "is not 8 hexadecimal digits"),
            ("0123456789abcdef", "0123456789ABCDEF", 9, "is not 16 hexadecimal digits"),
            ("       12 ", " ", 9, "expected key, cost and median"),
            ("       12 ", " -12 ", 9, "`-12` is not a number"),
            (" A.then\n", "A.then\n", 14, "cannot read `A.then`"),
            ("\nhelper U", "\n<<<<<<< HEAD\nhelper U", 19, "a conflict of a merge"),
            ("\nhelper U", "\n=======\nhelper U", 19, "a conflict of a merge"),
        ] {
            let changed = text.replacen(from, to, 1);
            assert_ne!(changed, text, "{from}");
            let Malformed { line: own, problem } = parse(&changed).unwrap_err();
            assert!(problem.contains(part), "{from} -> {to}: {problem}");
            assert_eq!(own, line, "{from} -> {to}: {problem}");
        }
        assert!(parse("").is_err());
    }

    #[test]
    fn a_text_that_is_cut_short_is_noticed() {
        let text = print(&baseline());
        for end in 0..text.len() - 1 {
            assert!(parse(&text[..end]).is_err(), "{end}");
        }
    }
}
