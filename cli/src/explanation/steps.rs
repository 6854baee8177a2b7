//! The moves of a trail as steps that a reader can follow: in words, and with the formulas before and after.

use std::collections::BTreeMap;

use serde::Serialize;
use vcgen::alpha::{Key, key};
use vcgen::decompose::Decomposition;
use vcgen::expr;
use vcgen::obligation::Obligation;
use vcgen::spelling::Spelling;
use vcgen::trail::{Move, Rule, Trail};

/// One step.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Step {
    /// By which rule, in words.
    pub rule: String,
    /// What it was: the whole goal, or the part of it that changes.
    pub before: String,
    /// What it became.
    pub after: String,
    /// Whether both are equal wherever they stand; else it is the goal that became another.
    pub is_equation: bool,
    /// Whether it goes without saying.
    pub is_trivial: bool,
    /// What had to be found out for it.
    pub since: Vec<Step>,
}

/// The steps of a trail, each told once.
pub(super) fn steps(
    decomposition: &Decomposition,
    obligation: &Obligation,
    trail: &Trail,
    spelling: &mut Spelling,
) -> Vec<Step> {
    let mut teller = Teller { decomposition, obligation, labels: super::labels(obligation), spelling };
    let mut told: Vec<Step> = Vec::new();
    for own in &trail.moves {
        let step = teller.step(own);
        let is_told = step.is_equation && told.iter().any(|known| same(known, &step));
        if !is_told && step.before != step.after {
            told.push(step);
        }
    }
    told
}

fn same(left: &Step, right: &Step) -> bool {
    left.rule == right.rule && left.before == right.before && left.after == right.after
}

struct Teller<'a> {
    decomposition: &'a Decomposition,
    obligation: &'a Obligation,
    labels: BTreeMap<Key, String>,
    spelling: &'a mut Spelling,
}

impl Teller<'_> {
    fn step(&mut self, own: &Move) -> Step {
        let words = own.words(&self.decomposition.program);
        let rule = match own.rule {
            Rule::Known => match self.known(own) {
                Some(label) => format!("{words}: `{label}`"),
                None => format!("{words} from what stands around it"),
            },
            Rule::Hypothesis => {
                let used = self.obligation.closed.as_ref().and_then(|closed| closed.used.last());
                used.map_or(words.clone(), |label| format!("{words}: `{label}`"))
            }
            Rule::Primed
            | Rule::Step
            | Rule::Frame
            | Rule::Continuity
            | Rule::Let
            | Rule::Assume
            | Rule::Conjunct(_)
            | Rule::Old
            | Rule::New
            | Rule::Part(_)
            | Rule::Then
            | Rule::Else
            | Rule::Contradiction
            | Rule::Value(_)
            | Rule::Template(_)
            | Rule::Form
            | Rule::Definition(_)
            | Rule::Unchanged
            | Rule::Condition
            | Rule::Same
            | Rule::Negation
            | Rule::OnePoint
            | Rule::Unused
            | Rule::AtMostOne
            | Rule::Sifted => words,
        };
        Step {
            rule,
            before: self.spelling.text(&own.before),
            after: self.spelling.text(&own.after),
            is_equation: own.rule.is_equation(),
            is_trivial: own.is_trivial(),
            since: own.since.iter().map(|since| self.step(since)).collect(),
        }
    }

    /// The hypothesis that says what is known.
    fn known(&self, own: &Move) -> Option<&String> {
        let said = if expr::is_bool(&own.after, false) { expr::not(&own.before) } else { own.before.clone() };
        self.labels.get(&key(&said))
    }
}
