//! A cache as one file, to be carried elsewhere: a first line with the number of answers, then each answer in two
//! lines, as it is kept.
//!
//! Invariant: what is not whole is not taken over, and that something is missing at the end is noticed.

use std::fs::File;
use std::io::{BufRead, BufReader, Write as _};
use std::path::Path;

use anyhow::{Context, Result, bail};

use super::entry::Entry;
use super::folder::{Folder, in_place};

/// Begins an archive; the digit is the version of the format.
const ARCHIVE: &str = "paxprove-answers-1";

/// What came of carrying answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Carried {
    /// How many answers were written or taken over.
    pub n_answers: usize,
    /// How many were there already.
    pub n_known: usize,
    /// What could not be used.
    pub damaged: Vec<String>,
}

/// Writes all answers of a folder into a file.
pub fn export(folder: &Folder, path: &Path) -> Result<Carried> {
    let mut carried = Carried::default();
    let mut text = Vec::new();
    for entry in folder.answers() {
        match entry {
            Ok(entry) => {
                text.extend(entry.text()?);
                text.push(b'\n');
                carried.n_answers += 1;
            }
            Err(problem) => carried.damaged.push(problem),
        }
    }
    let head = format!("{ARCHIVE} {}\n", carried.n_answers);
    in_place(path, |file| {
        file.write_all(head.as_bytes())?;
        file.write_all(&text)
    })
    .with_context(|| format!("cannot write `{}`", path.display()))?;
    Ok(carried)
}

/// Takes over all answers of a file that the folder lacks.
pub fn import(folder: &Folder, path: &Path) -> Result<Carried> {
    let readable = || format!("cannot read `{}`", path.display());
    let mut lines = BufReader::new(File::open(path).with_context(readable)?).split(b'\n');
    let head = lines.next().transpose().with_context(readable)?.unwrap_or_default();
    let Some(n_all) = number(&head) else {
        bail!("`{}` is no file that `paxprove cache export` wrote", path.display());
    };
    let mut carried = Carried::default();
    let mut n_seen = 0;
    while let (Some(first), Some(second)) = (lines.next(), lines.next()) {
        n_seen += 1;
        let text = [first.with_context(readable)?, second.with_context(readable)?].join(&b'\n');
        let entry = match Entry::of_any(&text) {
            Ok(entry) => entry,
            Err(problem) => {
                carried.damaged.push(format!("{}, answer {n_seen}: {problem}", path.display()));
                continue;
            }
        };
        // Only what lasts may be kept, whoever wrote the file.
        let Some(entry) = entry.lasting(true) else { continue };
        if matches!(folder.answer(entry.key), Ok(Some(_))) {
            carried.n_known += 1;
            continue;
        }
        folder.keep(&entry).with_context(|| format!("cannot write below `{}`", folder.path().display()))?;
        carried.n_answers += 1;
    }
    if n_seen != n_all {
        carried.damaged.push(format!("{} is cut short: {n_seen} of {n_all} answers", path.display()));
    }
    Ok(carried)
}

/// The number in the first line.
fn number(head: &[u8]) -> Option<usize> {
    std::str::from_utf8(head).ok()?.strip_prefix(ARCHIVE)?.strip_prefix(' ')?.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::cache::entry::Answer;
    use solver::canonical::Key;
    use vcgen::vc::Vc;

    fn filled(root: &Path) -> Folder {
        let folder = Folder::new(root);
        for seed in 0..5 {
            let answer = Answer::Proved { core: vec![1] };
            let key = Key::of(&Vc::default(), seed);
            folder.keep(&Entry::made(key, answer)).unwrap();
        }
        folder
    }

    #[test]
    fn an_archive_carries_all_and_says_what_is_missing() {
        let root = tempfile::tempdir().unwrap();
        let here = filled(&root.path().join("here"));
        let file = root.path().join("archive");
        assert_eq!(export(&here, &file).unwrap(), Carried { n_answers: 5, ..Carried::default() });
        let there = Folder::new(&root.path().join("there"));
        assert_eq!(import(&there, &file).unwrap(), Carried { n_answers: 5, ..Carried::default() });
        assert_eq!(import(&there, &file).unwrap(), Carried { n_known: 5, ..Carried::default() });
        let all = |folder: &Folder| folder.answers().collect::<Result<Vec<_>, _>>().unwrap();
        assert_eq!(all(&here), all(&there));

        let text = fs::read(&file).unwrap();
        fs::write(&file, &text[..text.len() / 2]).unwrap();
        let half = import(&Folder::new(&root.path().join("half")), &file).unwrap();
        assert!(half.n_answers < 5 && !half.damaged.is_empty(), "{half:?}");
        fs::write(&file, b"something else\n").unwrap();
        assert!(import(&there, &file).is_err());
    }

    #[test]
    fn damage_of_an_entry_costs_that_entry() {
        let root = tempfile::tempdir().unwrap();
        let folder = filled(root.path());
        let file = root.path().join("archive");
        export(&folder, &file).unwrap();
        let mut text = fs::read(&file).unwrap();
        let last = text.len() - 20;
        text[last] ^= 1;
        fs::write(&file, &text).unwrap();
        let there = import(&Folder::new(&root.path().join("there")), &file).unwrap();
        assert_eq!((there.n_answers, there.damaged.len()), (4, 1));
    }
}
