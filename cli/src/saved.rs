//! Runs in files: what each shard of a proof was asked and answered, to be put together by `paxprove merge`.
//!
//! Invariants: runs are put together only if they are about the same texts, in the same way, by the same solver, and
//! each shard at most once; answers are found by their questions, so that the proof is built again and judged as if
//! all had been solved here.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use lang::source::SourceMap;
use serde::{Deserialize, Serialize};
use solver::canonical::{ENCODING, Key, solver_build};

use crate::args::{Input, Solving};
use crate::cache::entry::{self, Entry};
use crate::driver::Run;
use crate::identity;
use crate::load::load;
use crate::shard::{Shard, Shards};

/// A run of some modules, or of a shard of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Saved {
    /// What all shards of one proof have in common.
    pub asked: Asked,
    /// Which part it is.
    pub shard: Shard,
    /// All answers.
    pub answers: Vec<Entry>,
}

/// What was asked, and of whom.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// The program.
    pub tool: String,
    /// The solver, with its encoding.
    pub solver: String,
    /// The modules, as the user named them, each with a hash of all texts that were read for it.
    pub files: Vec<(PathBuf, String)>,
    /// Where else extended modules were looked for.
    pub include: Vec<PathBuf>,
    /// `--only`.
    pub only: Vec<String>,
    /// `--rlimit`.
    pub rlimit: Option<u32>,
    /// `--timeout`.
    pub timeout: u32,
    /// `--memory`.
    pub memory: u32,
    /// `--seed`.
    pub seed: u32,
    /// `--search`.
    pub search: u32,
}

impl Asked {
    /// What these runs were asked.
    pub fn new(runs: &[Run], input: &Input, solving: &Solving) -> Self {
        let Solving { only, jobs: _, rlimit, timeout, memory, seed, search, dump_smt: _ } = solving;
        let file = |run: &Run| (run.front.file.clone(), texts(&run.front.sources));
        Self {
            tool: identity::VERSION.to_owned(),
            solver: format!("{} {ENCODING}", solver_build()),
            files: runs.iter().map(file).collect(),
            include: input.include.clone(),
            only: only.clone(),
            rlimit: *rlimit,
            timeout: *timeout,
            memory: *memory,
            seed: *seed,
            search: *search,
        }
    }

    /// The arguments that ask the same again.
    pub fn arguments(&self, jobs: Option<u16>) -> (Input, Solving) {
        let files = self.files.iter().map(|(file, _)| file.clone()).collect();
        let solving = Solving {
            only: self.only.clone(),
            jobs,
            rlimit: self.rlimit,
            timeout: self.timeout,
            memory: self.memory,
            seed: self.seed,
            search: self.search,
            dump_smt: None,
        };
        (Input { files, include: self.include.clone() }, solving)
    }

    /// An error if the texts are no longer those that were proved.
    pub fn expect_same_texts(&self) -> Result<()> {
        for (file, hash) in &self.files {
            ensure!(
                *hash == texts(&load(file, &self.include)?.sources),
                "`{}`, or a module that it extends, is not what these runs are about: prove it again, or check out \
                 the texts that they were made from",
                file.display()
            );
        }
        Ok(())
    }
}

/// A hash of texts, without the names of their files.
pub fn texts(sources: &SourceMap) -> String {
    let mut hasher = blake3::Hasher::new();
    for file in &sources.files {
        hasher.update(&(file.text.len() as u64).to_le_bytes());
        hasher.update(file.text.as_bytes());
    }
    hasher.finalize().to_hex().to_string()
}

/// Begins such a file; the digit is the version of the format.
const RUN: &str = "paxprove-run-1";

impl Saved {
    /// Writes the run into a file.
    pub fn write(&self, path: &Path) -> Result<()> {
        let text = entry::sealed(RUN, &serde_json::to_vec(self)?);
        crate::cache::folder::write(path, &text).with_context(|| format!("cannot write `{}`", path.display()))
    }

    /// Reads a run from a file.
    pub fn read(path: &Path) -> Result<Self> {
        let text = fs::read(path).with_context(|| format!("cannot read `{}`", path.display()))?;
        let read = || -> Result<Self, String> {
            serde_json::from_slice(entry::opened(RUN, &text)?)
                .map_err(|error| format!("it makes no sense: {error}"))
        };
        read().map_err(|problem| {
            anyhow::anyhow!("`{}` is no run that `paxprove prove --save` wrote: {problem}", path.display())
        })
    }
}

/// Runs put together.
#[derive(Clone, Debug)]
pub struct Together {
    /// What all of them were asked.
    pub asked: Asked,
    /// Their shards, if some are missing.
    pub shards: Option<Shards>,
    /// All their answers.
    pub answers: BTreeMap<Key, Entry>,
}

/// Puts runs together. An error if they do not belong together.
pub fn together(runs: Vec<(PathBuf, Saved)>) -> Result<Together> {
    let Some((first_path, first)) = runs.first().cloned() else { bail!("there is no run") };
    let count = first.shard.count();
    let mut taken = BTreeSet::new();
    let mut answers: BTreeMap<Key, Entry> = BTreeMap::new();
    for (path, run) in runs {
        if let Some(what) = difference(&first.asked, &run.asked) {
            bail!("`{}` and `{}` differ in {what}", first_path.display(), path.display());
        }
        ensure!(
            run.shard.count() == count,
            "`{}` is a shard of {count}, `{}` one of {}",
            first_path.display(),
            path.display(),
            run.shard.count()
        );
        ensure!(taken.insert(run.shard.index()), "shard {} is there twice: `{}`", run.shard, path.display());
        for entry in run.answers {
            // Where shards had the same question, a proof is taken before a failure, which the clock may have made.
            let known = answers.get(&entry.key).is_some_and(|known| known.is_proved() || !entry.is_proved());
            if !known {
                answers.insert(entry.key, entry);
            }
        }
    }
    let is_whole = u32::try_from(taken.len()) == Ok(count);
    let shards = (!is_whole).then_some(Shards { count, taken });
    Ok(Together { asked: first.asked, shards, answers })
}

/// In what two runs differ, if they do.
fn difference(one: &Asked, other: &Asked) -> Option<&'static str> {
    let differ = [
        ("the program's version", one.tool != other.tool),
        ("the solver", one.solver != other.solver),
        ("their files", one.files.iter().map(|(file, _)| file).ne(other.files.iter().map(|(file, _)| file))),
        ("the texts of their files", one.files != other.files),
        ("`-I`", one.include != other.include),
        ("`--only`", one.only != other.only),
        ("`--rlimit`", one.rlimit != other.rlimit),
        ("`--seed`", one.seed != other.seed),
    ];
    differ.into_iter().find(|(_, differs)| *differs).map(|(what, _)| what)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::entry::Answer;
    use vcgen::vc::Vc;

    fn run(shard: &str, seed: u32, answers: Vec<Answer>) -> (PathBuf, Saved) {
        let asked = Asked {
            tool: "1".to_owned(),
            solver: "2".to_owned(),
            files: vec![(PathBuf::from("a.pax"), "3".to_owned())],
            include: Vec::new(),
            only: Vec::new(),
            rlimit: None,
            timeout: 60,
            memory: 0,
            seed,
            search: 10,
        };
        let key = Key::of(&Vc::default(), 0);
        let answers = answers.into_iter().map(|answer| Entry::made(key, answer)).collect();
        (PathBuf::from(shard), Saved { asked, shard: shard.parse().unwrap(), answers })
    }

    fn problem(runs: Vec<(PathBuf, Saved)>) -> String {
        together(runs).unwrap_err().to_string()
    }

    #[test]
    fn only_what_belongs_together_is_put_together() {
        let (one, two) = (run("1/2", 0, Vec::new()), run("2/2", 0, Vec::new()));
        assert_eq!(together(vec![one.clone(), two.clone()]).unwrap().shards, None);
        let missing = together(vec![two.clone()]).unwrap().shards;
        assert_eq!(missing, Some(Shards { count: 2, taken: BTreeSet::from([2]) }));
        assert_eq!(problem(Vec::new()), "there is no run");
        assert_eq!(problem(vec![one.clone(), one.clone()]), "shard 1/2 is there twice: `1/2`");
        assert_eq!(
            problem(vec![one.clone(), run("2/3", 0, Vec::new())]),
            "`1/2` is a shard of 2, `2/3` one of 3"
        );
        assert_eq!(
            problem(vec![one.clone(), run("2/2", 1, Vec::new())]),
            "`1/2` and `2/2` differ in `--seed`"
        );
        let mut other = two;
        other.1.asked.files[0].1 = "4".to_owned();
        assert_eq!(problem(vec![one, other]), "`1/2` and `2/2` differ in the texts of their files");
    }

    #[test]
    fn a_proof_comes_before_a_failure() {
        let proved = || vec![Answer::Proved { core: Vec::new() }];
        let failed = || vec![Answer::Unknown(solver::backend::UnknownReason::Timeout)];
        for (one, two) in [(proved(), failed()), (failed(), proved())] {
            let answers = together(vec![run("1/2", 0, one), run("2/2", 0, two)]).unwrap().answers;
            assert!(answers.values().all(Entry::is_proved));
        }
    }
}
