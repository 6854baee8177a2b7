//! What became of mutants, in a file: one line of JSON for each, written as soon as it is known, so that a run that
//! was stopped goes on where it was.
//!
//! Invariant: a line counts only for the same texts, the same change, the same options and the same versions, all of
//! which are in its key. A line that cannot be read is told, and its mutant is judged again.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::path::Path;

use anyhow::{Context, Result};
use indexmap::IndexMap;
use lang::source::SourceMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Mutant;
use super::run::{Fate, Judged, Judging};
use crate::identity;

/// A line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Line {
    /// Everything that the answer depends on, hashed.
    key: String,
    /// The mutant's name.
    mutant: String,
    /// Where it is: `file:line:column`.
    place: String,
    /// What is changed, in words.
    change: String,
    /// What became of it.
    fate: Fate,
    /// Where that was seen.
    because: String,
}

/// What a file holds.
#[derive(Debug, Default)]
pub struct Known {
    judged: IndexMap<String, Judged>,
    /// The numbers of lines that could not be read.
    pub damaged: Vec<usize>,
    ends_in_line: bool,
}

impl Known {
    /// Reads a file; one that does not exist holds nothing.
    pub fn read(path: &Path) -> Result<Self> {
        let mut bytes = Vec::new();
        match File::open(path) {
            Ok(mut file) => file.read_to_end(&mut bytes),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(0),
            Err(error) => Err(error),
        }
        .with_context(|| format!("cannot read `{}`", path.display()))?;
        Ok(Self::parse(&bytes))
    }

    /// Reads lines. Of two about one mutant the later counts.
    fn parse(bytes: &[u8]) -> Self {
        let mut known =
            Self { ends_in_line: !bytes.is_empty() && !bytes.ends_with(b"\n"), ..Self::default() };
        for (line_idx, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
            if line.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            match serde_json::from_slice::<Line>(line) {
                Ok(Line { key, mutant: _, place: _, change: _, fate, because }) => {
                    known.judged.insert(key, Judged { fate, because });
                }
                Err(_) => known.damaged.push(line_idx + 1),
            }
        }
        known
    }

    /// What is known of a mutant.
    pub fn of(&self, key: &str) -> Option<&Judged> {
        self.judged.get(key)
    }
}

/// A file to which lines are added.
#[derive(Debug)]
pub struct Log {
    file: File,
}

impl Log {
    /// A file that does not exist yet.
    pub fn create(path: &Path) -> Result<Self> {
        let file = OpenOptions::new().write(true).create_new(true).open(path);
        let file = file.with_context(|| {
            format!("cannot create `{}`; to go on with a file that exists, use `--resume`", path.display())
        })?;
        Ok(Self { file })
    }

    /// A file that `known` was read from, or that does not exist yet.
    pub fn append(path: &Path, known: &Known) -> Result<Self> {
        let file = OpenOptions::new().append(true).create(true).open(path);
        let mut file = file.with_context(|| format!("cannot write `{}`", path.display()))?;
        if known.ends_in_line {
            // What was cut off stays a line of its own.
            file.write_all(b"\n").with_context(|| format!("cannot write `{}`", path.display()))?;
        }
        Ok(Self { file })
    }

    /// Adds a line, in one piece.
    pub fn add(&mut self, sources: &SourceMap, mutant: &Mutant, key: &str, judged: &Judged) -> Result<()> {
        let line = Line {
            key: key.to_owned(),
            mutant: mutant.name.clone(),
            place: mutant.place_text(sources),
            change: mutant.change(),
            fate: judged.fate,
            because: judged.because.clone(),
        };
        let mut text = serde_json::to_string(&line)?;
        text.push('\n');
        self.file.write_all(text.as_bytes()).context("cannot write what became of a mutant")
    }
}

/// The key of a mutant: a hash of all that its fate depends on.
pub fn key(sources: &SourceMap, mutant: &Mutant, judging: &Judging<'_>) -> String {
    let mut hash = Fnv::default();
    hash.add(identity::VERSION);
    hash.add(&identity::z3_version());
    let Judging { n_workers: _, limits, rlimit, search, is_exhaustive, make_backend: _, stop: _ } = judging;
    hash.add(&format!("{limits:?} {rlimit:?} {search:?} {is_exhaustive}"));
    for file in &sources.files {
        hash.add(&file.text);
    }
    hash.add(&mutant.name);
    hash.add(&mutant.identity());
    format!("{:032x}", hash.state)
}

/// The hash function FNV-1a, of 128 bits: the same on every machine and with every compiler.
struct Fnv {
    state: u128,
}

impl Default for Fnv {
    fn default() -> Self {
        Self { state: 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d }
    }
}

impl Fnv {
    /// Adds a text with its length, so that two texts are not taken for one.
    fn add(&mut self, text: &str) {
        for byte in (text.len() as u64).to_le_bytes().into_iter().chain(text.bytes()) {
            self.state =
                (self.state ^ u128::from(byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str =
        r#"{"key":"1","mutant":"A.1.drop","place":"a.pax:1:1","change":"c","fate":"survives","because":""}"#;

    #[test]
    fn damaged_lines_are_told_and_do_not_count() {
        let text = format!("{LINE}\n{{\"key\":\"2\",\n\n{}", LINE.replace("\"1\"", "\"3\""));
        let known = Known::parse(text.as_bytes());
        assert_eq!(known.damaged, [2]);
        assert!(known.ends_in_line);
        assert_eq!(known.of("1").map(|judged| judged.fate), Some(Fate::Survives));
        assert_eq!(known.of("2"), None);
        assert!(known.of("3").is_some());
    }

    #[test]
    fn an_unknown_fate_is_damage() {
        assert_eq!(Known::parse(LINE.replace("survives", "flourishes").as_bytes()).damaged, [1]);
    }

    #[test]
    fn the_hash_is_the_published_one() {
        let mut hash = Fnv::default();
        for byte in b"a" {
            hash.state =
                (hash.state ^ u128::from(*byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b);
        }
        assert_eq!(format!("{:032x}", hash.state), "d228cb696f1a8caf78912b704e4a8964");
    }
}
