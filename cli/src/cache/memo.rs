//! What a whole module came to: the answers to its obligations by their names, so that a text that has not changed at
//! all is not even lowered again.
//!
//! Invariants: a memo is found by a hash of everything between the texts and the conditions: all texts that were read,
//! the options that conditions depend on, the solver, and the sources of the program's own stages; an obligation that
//! was tried without some of its hypotheses has another name. It holds what a cache may keep, and nothing else.

use std::collections::BTreeMap;
use std::sync::Mutex;

use serde::{Deserialize, Serialize};
use solver::canonical::{ENCODING, solver_build};
use solver::discharge::Discharged;
use vcgen::obligation::Obligation;

use super::entry::{opened, sealed};
use super::locked;

/// Changes with the sources of the stages that lead from a text to conditions.
pub const STAGES: &str = env!("PAXPROVE_STAGES");

/// Begins the text of a memo; the digit is the version of the format.
const MEMO: &str = "paxprove-module-1";

/// The answers of a module, and those that are new.
#[derive(Debug)]
pub struct Memo {
    name: String,
    known: BTreeMap<String, Discharged>,
    new: Mutex<BTreeMap<String, Discharged>>,
}

/// What the answers of a module depend on.
#[derive(Clone, Debug)]
pub struct Identity<'a> {
    /// A hash of all texts.
    pub texts: &'a str,
    /// Which of the modules in them.
    pub module: &'a str,
    /// The largest budget of a stage, if not what lowering chose.
    pub rlimit: Option<u32>,
    /// The solver's seed.
    pub seed: u32,
    /// Whether answers may have come with the help of a core.
    pub has_hints: bool,
}

impl Identity<'_> {
    /// The name of the memo.
    pub fn name(&self) -> String {
        let Self { texts, module, rlimit, seed, has_hints } = self;
        let solver = solver_build();
        format!("module {texts} {module} {rlimit:?} {seed} {has_hints} {solver} {ENCODING} {STAGES}")
    }
}

impl Memo {
    /// A memo with what is known already.
    pub fn new(name: String, known: BTreeMap<String, Discharged>) -> Self {
        Self { name, known, new: Mutex::default() }
    }

    /// What it is found by.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The answer to an obligation, as it was offered to the solver.
    pub fn recall(&self, whole: &Obligation, offered: &Obligation) -> Option<Discharged> {
        self.known.get(&name_of(whole, offered)).cloned()
    }

    /// Remembers an answer that may be kept.
    pub fn remember(&self, whole: &Obligation, offered: &Obligation, answer: &Discharged) {
        locked(&self.new).insert(name_of(whole, offered), answer.clone());
    }

    /// The text of all that is known by now; none if nothing is new.
    pub fn text(&self) -> Option<serde_json::Result<Vec<u8>>> {
        let new = locked(&self.new);
        if new.is_empty() {
            return None;
        }
        let mut all = self.known.clone();
        all.extend(new.iter().map(|(name, answer)| (name.clone(), answer.clone())));
        let contents = Contents { name: self.name.clone(), answers: all };
        Some(serde_json::to_vec(&contents).map(|body| sealed(MEMO, &body)))
    }

    /// The answers in a text, which must be about the module of this name.
    pub fn of_text(text: &[u8], name: &str) -> Result<BTreeMap<String, Discharged>, String> {
        let contents: Contents = serde_json::from_slice(opened(MEMO, text)?)
            .map_err(|error| format!("it makes no sense: {error}"))?;
        if contents.name == name {
            Ok(contents.answers)
        } else {
            Err("it is about another module".to_owned())
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Contents {
    name: String,
    answers: BTreeMap<String, Discharged>,
}

/// The name of an obligation with the hypotheses that were offered.
fn name_of(whole: &Obligation, offered: &Obligation) -> String {
    if whole.hypotheses.len() == offered.hypotheses.len() {
        return whole.id.clone();
    }
    let labels: Vec<&str> = offered.hypotheses.iter().map(|hypothesis| hypothesis.label.as_str()).collect();
    format!("{} from {}", whole.id, labels.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use solver::backend::SolverError;

    fn identity() -> Identity<'static> {
        Identity { texts: "t", module: "M", rlimit: None, seed: 0, has_hints: true }
    }

    #[test]
    fn another_text_option_or_seed_is_another_memo() {
        let others = [
            Identity { texts: "u", ..identity() },
            Identity { module: "N", ..identity() },
            Identity { rlimit: Some(1), ..identity() },
            Identity { seed: 1, ..identity() },
            Identity { has_hints: false, ..identity() },
        ];
        for other in others {
            assert_ne!(other.name(), identity().name(), "{other:?}");
        }
    }

    #[test]
    fn a_memo_is_read_back_whole_and_by_its_own_name_only() {
        let memo = Memo::new("name".to_owned(), BTreeMap::new());
        assert!(memo.text().is_none(), "nothing is new");
        let answer = Discharged::failed(SolverError::NotKept);
        locked(&memo.new).insert("T.1".to_owned(), answer.clone());
        let text = memo.text().unwrap().unwrap();
        assert_eq!(Memo::of_text(&text, "name"), Ok(BTreeMap::from([("T.1".to_owned(), answer)])));
        assert!(Memo::of_text(&text, "other").is_err());
        for position in 0..text.len() {
            let mut changed = text.clone();
            changed[position] ^= 1;
            assert!(Memo::of_text(&changed, "name").is_err(), "byte {position}");
        }
    }
}
