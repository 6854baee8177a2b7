//! Asks the solver single questions: whether hypotheses suffice for a goal, and which of them are needed.

use std::collections::BTreeSet;

use solver::discharge::{Job, Outcome};
use vcgen::obligation::{Hypothesis, Obligation};
use vcgen::program::Program;

use crate::attempt::{Solving, Unwatched, condition};

/// How many times a set of hypotheses is tried again with one less.
const MAX_TRIES: usize = 60;

/// A set of hypotheses that suffices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sufficient {
    /// Positions among the hypotheses, ascending.
    pub positions: Vec<usize>,
    /// Whether the solver needs each of them; otherwise there was no time to find out.
    pub is_minimal: bool,
}

/// The smallest set of hypotheses that was found to suffice for the obligation's goal, by leaving out one after
/// the other, the last first; nothing if not even all of them suffice. Those that are not `removable` stay.
pub fn shrink(
    program: &Program,
    obligation: &Obligation,
    removable: &[bool],
    solving: &Solving<'_>,
) -> Option<Sufficient> {
    let all: Vec<usize> = (0..obligation.hypotheses.len()).collect();
    let mut kept = suffices(program, obligation, &all, removable, solving)?;
    let mut is_minimal = true;
    let mut end = kept.len();
    let mut n_tries = 0;
    while end > 0 {
        end -= 1;
        if !removable[kept[end]] {
            continue;
        }
        if n_tries == MAX_TRIES {
            is_minimal = false;
            break;
        }
        n_tries += 1;
        let tried = kept[end];
        let without: Vec<usize> = kept.iter().copied().filter(|position| *position != tried).collect();
        if let Some(fewer) = suffices(program, obligation, &without, removable, solving) {
            // What comes after was found to be needed, and still is.
            end = fewer.iter().filter(|position| **position < tried).count();
            kept = fewer;
        }
    }
    kept.retain(|position| removable[*position]);
    Some(Sufficient { positions: kept, is_minimal })
}

/// Whether these hypotheses suffice: those of them that the solver used, and those that are not removable.
fn suffices(
    program: &Program,
    obligation: &Obligation,
    positions: &[usize],
    removable: &[bool],
    solving: &Solving<'_>,
) -> Option<Vec<usize>> {
    let hypotheses = positions.iter().map(|position| obligation.hypotheses[*position].clone()).collect();
    let core = proved(program, &Obligation { hypotheses, ..obligation.clone() }, solving)?;
    let core: BTreeSet<&str> = core.iter().map(|label| vcgen::lower::hypothesis_of(label)).collect();
    let is_kept = |position: &usize| {
        !removable[*position] || core.contains(obligation.hypotheses[*position].label.as_str())
    };
    Some(positions.iter().copied().filter(is_kept).collect())
}

/// Whether the solver proves the obligation.
pub fn holds(program: &Program, obligation: &Obligation, solving: &Solving<'_>) -> bool {
    proved(program, obligation, solving).is_some()
}

/// The labels of a core, if the solver proves the obligation.
fn proved(program: &Program, obligation: &Obligation, solving: &Solving<'_>) -> Option<Vec<String>> {
    let vc = condition(program, obligation, solving.rlimit);
    let job = Job::new(&obligation.id, vc);
    let results = Solving { n_workers: 1, progress: &Unwatched, ..*solving }.discharge(&[job]);
    match results.into_iter().flatten().next()?.outcome {
        Outcome::Proved { core } => Some(core),
        Outcome::NotProved(_) => None,
    }
}

/// A hypothesis in parts, one for each conjunct, with labels of their own: `label` and its position.
pub fn parts(hypothesis: &Hypothesis) -> Vec<Hypothesis> {
    let conjuncts = vcgen::expr::conjuncts(&hypothesis.formula);
    if conjuncts.len() < 2 {
        return vec![hypothesis.clone()];
    }
    let numbered = conjuncts.into_iter().enumerate();
    numbered
        .map(|(position, formula)| Hypothesis {
            label: format!("{}/{}", hypothesis.label, position + 1),
            formula,
            ..hypothesis.clone()
        })
        .collect()
}
