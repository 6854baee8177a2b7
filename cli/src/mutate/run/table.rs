//! Answers that are known already.
//!
//! Invariant: an answer is given again only for a condition and a stage that are the same, byte for byte, and under the
//! same limits.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use indexmap::IndexMap;
use solver::backend::{Answer, Backend, Check, Limits, SolverError, UnknownReason};
use vcgen::vc::{Stage, Vc};

/// The answers of a run, by condition and stage.
#[derive(Clone, Debug, Default)]
pub(super) struct Table(Arc<Mutex<Answers>>);

/// The stages of each condition, which is kept as a whole, so that no two are ever taken for one.
type Answers = IndexMap<Vec<u8>, Vec<(Stage, Check)>>;

impl Table {
    fn lock(&self) -> MutexGuard<'_, Answers> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn find(&self, key: &[u8], stage: &Stage) -> Option<Check> {
        let answers = self.lock();
        let (_, check) = answers.get(key)?.iter().find(|(known, _)| known == stage)?;
        Some(check.clone())
    }
}

/// The bytes of a condition, if it has any.
fn key(vc: &Vc) -> Option<Vec<u8>> {
    postcard::to_stdvec(vc).ok()
}

/// Whether an answer would be the same in another run.
fn is_lasting(answer: &Answer) -> bool {
    match answer {
        Answer::Unsat { .. } | Answer::Sat(_) => true,
        Answer::Unknown(reason) => match reason {
            UnknownReason::ResourceLimit | UnknownReason::Incomplete(_) => true,
            UnknownReason::Timeout
            | UnknownReason::Memory
            | UnknownReason::Interrupted
            | UnknownReason::SolverDied(_) => false,
        },
    }
}

/// Keeps the answers of a backend.
pub(super) struct Recorder {
    pub(super) inner: Box<dyn Backend + Send>,
    pub(super) table: Table,
}

impl Backend for Recorder {
    fn check(&mut self, vc: &Vc, stage: &Stage, limits: Limits) -> Result<Check, SolverError> {
        let check = self.inner.check(vc, stage, limits)?;
        if let Some(key) = key(vc).filter(|_| is_lasting(&check.answer)) {
            self.table.lock().entry(key).or_default().push((stage.clone(), check.clone()));
        }
        Ok(check)
    }
}

/// Answers what was answered before, and asks a backend for the rest, until it is enough.
pub(super) struct Replayer {
    pub(super) table: Table,
    pub(super) is_enough: Arc<AtomicBool>,
    pub(super) inner: Box<dyn Backend + Send>,
}

impl Backend for Replayer {
    fn check(&mut self, vc: &Vc, stage: &Stage, limits: Limits) -> Result<Check, SolverError> {
        if self.is_enough.load(Ordering::Relaxed) {
            let answer = Answer::Unknown(UnknownReason::Interrupted);
            return Ok(Check { answer, rlimit: 0, time: Duration::ZERO });
        }
        if let Some(check) = key(vc).and_then(|key| self.table.find(&key, stage)) {
            return Ok(check);
        }
        self.inner.check(vc, stage, limits)
    }
}
