//! What is kept of an answer, and its text.
//!
//! Invariants: an entry says whose answer it is, and a checksum covers all that it says, so that whatever else was
//! written, half-written or changed is noticed; a core is kept as positions among the hypotheses, since the key of a
//! condition does not depend on their names.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use solver::backend::{SolverError, UnknownReason};
use solver::canonical::{ENCODING, Key, solver_build};
use solver::discharge::{Discharged, NotProved, Outcome, Said, StageReport};
use solver::model::Model;
use vcgen::vc::Vc;

/// An answer to the question with its key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The question.
    pub key: Key,
    /// Whose answer it is. The key covers it too; here it can be read.
    pub by: Author,
    /// Whether it was taken from a shared cache, and nobody here has solved the condition since.
    pub is_shared: bool,
    /// Whether the condition holds.
    pub answer: Answer,
    /// The stages that ran.
    pub stages: Vec<StageReport>,
    /// Whether a core from before was tried first, so that the cost is not that of the condition alone.
    pub had_hint: bool,
    /// Resource units.
    pub rlimit: u64,
    /// Wall time when it was solved, in microseconds.
    pub time_us: u64,
}

/// A solver, and the way in which conditions are put to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Author {
    /// The solver's build.
    pub solver: String,
    /// A hash of the sources that put a condition into the solver's terms.
    pub encoding: String,
}

impl Author {
    /// The solver of this program.
    pub fn own() -> Self {
        Self { solver: solver_build(), encoding: ENCODING.to_owned() }
    }
}

/// Whether a condition holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Answer {
    /// It does, from the hypotheses at these positions.
    Proved {
        /// Positions among the hypotheses, ascending.
        core: Vec<usize>,
    },
    /// There is a model of the hypotheses and the negated goal; it may have been left out.
    Satisfiable(Model),
    /// Neither was found.
    Unknown(UnknownReason),
    /// The question could not be put.
    Failed(SolverError),
}

impl Entry {
    /// The entry of what came of a condition.
    pub fn new(key: Key, vc: &Vc, discharged: &Discharged) -> Self {
        let answer = match &discharged.outcome {
            Outcome::Proved { core } => {
                let is_used = |label: &String| core.contains(label);
                let used = vc.hypotheses.iter().enumerate().filter(|(_, own)| is_used(&own.label));
                Answer::Proved { core: used.map(|(position, _)| position).collect() }
            }
            Outcome::NotProved(NotProved::Satisfiable(model)) => Answer::Satisfiable(model.clone()),
            Outcome::NotProved(NotProved::Unknown(reason)) => Answer::Unknown(reason.clone()),
            Outcome::NotProved(NotProved::Failed(error)) => Answer::Failed(error.clone()),
        };
        Self {
            key,
            by: Author::own(),
            is_shared: false,
            answer,
            stages: discharged.stages.clone(),
            had_hint: discharged.had_hint,
            rlimit: discharged.rlimit_total,
            time_us: u64::try_from(discharged.time_total.as_micros()).unwrap_or(u64::MAX),
        }
    }

    /// An entry that cost nothing.
    #[cfg(test)]
    pub(crate) fn made(key: Key, answer: Answer) -> Self {
        let by = Author::own();
        let (stages, had_hint, is_shared) = (Vec::new(), false, false);
        Self { key, by, is_shared, answer, stages, had_hint, rlimit: 1, time_us: 1 }
    }

    /// What came of the condition, which has this entry's key; an error if that cannot be.
    pub fn discharged(self, vc: &Vc) -> Result<Discharged, String> {
        let outcome = match self.answer {
            Answer::Proved { core } => {
                let label = |position: usize| vc.hypotheses.get(position).map(|own| own.label.clone());
                let core: Option<Vec<String>> = core.into_iter().map(label).collect();
                Outcome::Proved { core: core.ok_or("its core is not of this condition")? }
            }
            Answer::Satisfiable(model) => Outcome::NotProved(NotProved::Satisfiable(model)),
            Answer::Unknown(reason) => Outcome::NotProved(NotProved::Unknown(reason)),
            Answer::Failed(error) => Outcome::NotProved(NotProved::Failed(error)),
        };
        Ok(Discharged {
            outcome,
            stages: self.stages,
            had_hint: self.had_hint,
            rlimit_total: self.rlimit,
            time_total: Duration::from_micros(self.time_us),
        })
    }

    /// The entry as a cache keeps it; nothing if it may not be kept. A proof may. That nothing was found may only be
    /// kept of a question whose failure decides nothing that somebody waits for (`is_failure_final`), and only if
    /// asking again must fail again: the clock, the memory, and the user are not such reasons.
    #[must_use]
    pub fn lasting(self, is_failure_final: bool) -> Option<Self> {
        match self.answer {
            Answer::Proved { .. } => Some(self),
            Answer::Satisfiable(_) if is_failure_final => {
                Some(Self { answer: Answer::Satisfiable(Model::default()), ..self })
            }
            Answer::Unknown(ref reason) if is_failure_final && is_lasting(reason) => {
                let is_exhausted = |stage: &StageReport| match &stage.said {
                    Said::Unknown(reason) => is_lasting(reason),
                    Said::Sat | Said::Unsat => true,
                };
                self.stages.iter().all(is_exhausted).then_some(self)
            }
            Answer::Satisfiable(_) | Answer::Unknown(_) | Answer::Failed(_) => None,
        }
    }

    /// Whether the condition holds.
    pub fn is_proved(&self) -> bool {
        matches!(self.answer, Answer::Proved { .. })
    }

    /// The entry as text.
    pub fn text(&self) -> serde_json::Result<Vec<u8>> {
        Ok(sealed(ANSWER, &serde_json::to_vec(self)?))
    }

    /// An entry from its text, which must be this solver's answer to this question.
    pub fn of_text(text: &[u8], key: Key) -> Result<Self, String> {
        let entry = Self::of_any(text)?;
        if entry.key != key {
            return Err("it is about another question".to_owned());
        }
        if entry.by != Author::own() {
            return Err("it is the answer of another solver".to_owned());
        }
        Ok(entry)
    }

    /// An entry from its text, whatever it is about.
    pub fn of_any(text: &[u8]) -> Result<Self, String> {
        serde_json::from_slice(opened(ANSWER, text)?).map_err(|error| format!("it makes no sense: {error}"))
    }
}

/// Whether asking again, with the same budget, comes to the same.
pub fn is_lasting(reason: &UnknownReason) -> bool {
    match reason {
        UnknownReason::ResourceLimit | UnknownReason::Incomplete(_) => true,
        UnknownReason::Timeout
        | UnknownReason::Memory
        | UnknownReason::Interrupted
        | UnknownReason::SolverDied(_) => false,
    }
}

/// Begins an answer; the digit is the version of the format.
const ANSWER: &str = "paxprove-answer-1";

/// Begins the labels of a core.
const HINT: &str = "paxprove-hint-1";

/// The labels of a core, as text.
pub fn hint_text(labels: &[String]) -> serde_json::Result<Vec<u8>> {
    Ok(sealed(HINT, &serde_json::to_vec(labels)?))
}

/// The labels of a core, from their text.
pub fn hint_of_text(text: &[u8]) -> Result<Vec<String>, String> {
    serde_json::from_slice(opened(HINT, text)?).map_err(|error| format!("it makes no sense: {error}"))
}

/// A text with a first line that says what it is, and that it is whole.
pub fn sealed(kind: &str, body: &[u8]) -> Vec<u8> {
    let mut text = format!("{kind} {}\n", blake3::hash(body).to_hex()).into_bytes();
    text.extend_from_slice(body);
    text
}

/// What stands below the first line, if that is right.
pub fn opened<'a>(kind: &str, text: &'a [u8]) -> Result<&'a [u8], String> {
    let end = text.iter().position(|byte| *byte == b'\n').ok_or("it is cut short")?;
    let (head, body) = (&text[..end], &text[end + 1..]);
    let sum = head.strip_prefix(kind.as_bytes()).and_then(|rest| rest.strip_prefix(b" "));
    let sum = sum.ok_or("it does not begin as it should")?;
    if sum == blake3::hash(body).to_hex().as_bytes() {
        Ok(body)
    } else {
        Err("its checksum is wrong".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(answer: Answer) -> Entry {
        let key = Key::of(&Vc::default(), 0);
        let said = Said::Unknown(UnknownReason::ResourceLimit);
        let stage = StageReport { tier: 0, mbqi: false, said, rlimit: 7, time: Duration::from_micros(8) };
        Entry { stages: vec![stage], rlimit: 7, time_us: 8, ..Entry::made(key, answer) }
    }

    #[test]
    fn an_entry_is_read_back() {
        for answer in [
            Answer::Proved { core: vec![0, 3] },
            Answer::Satisfiable(Model::default()),
            Answer::Unknown(UnknownReason::Incomplete("why".to_owned())),
            Answer::Failed(SolverError::Internal("how".to_owned())),
        ] {
            let entry = entry(answer);
            assert_eq!(Entry::of_text(&entry.text().unwrap(), entry.key), Ok(entry));
        }
    }

    #[test]
    fn no_change_of_a_text_goes_unnoticed() {
        let entry = entry(Answer::Proved { core: vec![0, 3] });
        let text = entry.text().unwrap();
        for position in 0..text.len() {
            assert!(Entry::of_text(&text[..position], entry.key).is_err(), "cut at {position}");
            for bit in 0..8 {
                let mut changed = text.clone();
                changed[position] ^= 1 << bit;
                assert!(Entry::of_text(&changed, entry.key).is_err(), "bit {bit} of {position}");
            }
        }
        let more: Vec<u8> = text.iter().copied().chain(*b" ").collect();
        assert!(Entry::of_text(&more, entry.key).is_err());
        assert!(Entry::of_text(&text, Key::of(&Vc::default(), 1)).is_err());
        let by = Author { solver: "another".to_owned(), ..Author::own() };
        let foreign = Entry { by, ..entry.clone() }.text().unwrap();
        assert_eq!(Entry::of_text(&foreign, entry.key), Err("it is the answer of another solver".to_owned()));
        assert!(hint_of_text(&text).is_err());
    }

    #[test]
    fn only_what_must_come_out_the_same_again_lasts() {
        let proved = entry(Answer::Proved { core: Vec::new() });
        assert_eq!(proved.clone().lasting(false), Some(proved));
        let exhausted = entry(Answer::Unknown(UnknownReason::ResourceLimit));
        assert_eq!(exhausted.clone().lasting(false), None);
        assert_eq!(exhausted.clone().lasting(true), Some(exhausted.clone()));
        for reason in [
            UnknownReason::Timeout,
            UnknownReason::Memory,
            UnknownReason::Interrupted,
            UnknownReason::SolverDied("how".to_owned()),
        ] {
            assert_eq!(entry(Answer::Unknown(reason.clone())).lasting(true), None);
            let mut earlier = exhausted.clone();
            earlier.stages[0].said = Said::Unknown(reason);
            assert_eq!(earlier.lasting(true), None, "a stage before the last ended by chance");
        }
        assert_eq!(entry(Answer::Failed(SolverError::Internal("how".to_owned()))).lasting(true), None);
    }
}
