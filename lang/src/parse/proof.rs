//! The steps of a structured proof, one after the other as written, to the tree that their levels make of them.
//!
//! Invariant: each step of the text is in the tree once, or has been reported. No proof is nested deeper than
//! [`MAX_LEVELS`].

use super::errors::{Nested, ParseError};
use crate::ast::{Proof, ProofKind, ProofStep, ProofStepKind};
use crate::source::Span;

/// How deep proofs may be nested.
pub(super) const MAX_LEVELS: u32 = 100;

/// The level of a step, as its name says it.
#[derive(Clone, Copy)]
enum Level {
    /// `<2>`
    Number(u64),
    /// `<*>`: the level at hand.
    Same,
    /// `<+>`: the next one.
    Deeper,
}

/// The steps of one level that have been read.
struct Open {
    level: u64,
    /// The name of its first step.
    first: Span,
    steps: Vec<ProofStep>,
}

impl Open {
    fn new(level: u64, step: ProofStep) -> Self {
        Self { level, first: step.name.span, steps: vec![step] }
    }

    fn is_finished(&self) -> bool {
        self.steps.last().is_some_and(|last| matches!(last.kind, ProofStepKind::Qed))
    }
}

/// Gives a theorem's proof its steps; `head` is what stands before the first of them.
pub(super) fn assemble(head: Proof, steps: Vec<ProofStep>, errors: &mut Vec<ParseError>) -> Proof {
    let Some(first) = steps.first() else {
        if announces(&head) {
            errors.push(ParseError::UnfinishedProof { at: head.span });
        }
        return head;
    };
    if !takes_steps(&head) {
        errors.push(ParseError::MisplacedStep { why: HAS_PROOF, at: first.name.span });
    }
    let mut open: Vec<Open> = Vec::new();
    for step in steps {
        place(&mut open, step, errors);
    }
    while open.len() > 1 {
        close(&mut open, errors);
    }
    match open.pop() {
        Some(outermost) => finished(outermost, errors),
        None => head,
    }
}

const HAS_PROOF: &str = "what stands before it has a proof already";
const NEEDS_NONE: &str = "the step before it needs no proof";
const AFTER_QED: &str = "the proof of this level has ended with a `QED`";
const NO_LEVEL: &str = "no step around it has this level";

/// Puts a step where its level says.
fn place(open: &mut Vec<Open>, step: ProofStep, errors: &mut Vec<ParseError>) {
    let announced =
        open.last().and_then(|innermost| innermost.steps.last()).is_none_or(|last| announces(&last.proof));
    let wanted = level(&step.name.text);
    match wanted {
        Level::Same if !announced => {
            // What ends with a QED is over, and so is all that it ends.
            while open.len() > 1 && open.last().is_some_and(Open::is_finished) {
                close(open, errors);
            }
        }
        Level::Number(number) => {
            while open.len() > 1 && open.last().is_some_and(|innermost| innermost.level > number) {
                close(open, errors);
            }
        }
        Level::Same | Level::Deeper => {}
    }
    let depth = open.len();
    let Some(innermost) = open.last_mut() else {
        let level = match wanted {
            Level::Number(number) => number,
            Level::Same | Level::Deeper => 0,
        };
        open.push(Open::new(level, step));
        return;
    };
    let inner = match wanted {
        Level::Number(number) if number > innermost.level => Some(number),
        Level::Deeper => Some(innermost.level.saturating_add(1)),
        Level::Same if announced => Some(innermost.level.saturating_add(1)),
        Level::Number(_) | Level::Same => None,
    };
    let why = match (inner, wanted) {
        (Some(_), _) => match innermost.steps.last() {
            Some(last) if !takes_steps(&last.proof) => Some(HAS_PROOF),
            Some(last) if !may_have_proof(&last.kind) => Some(NEEDS_NONE),
            Some(_) | None => None,
        },
        (None, Level::Number(number)) if number < innermost.level => Some(NO_LEVEL),
        (None, _) if innermost.is_finished() => Some(AFTER_QED),
        (None, _) => None,
    };
    if let Some(why) = why {
        errors.push(ParseError::MisplacedStep { why, at: step.name.span });
    }
    let Some(level) = inner else {
        innermost.steps.push(step);
        return;
    };
    if depth < MAX_LEVELS as usize {
        open.push(Open::new(level, step));
        return;
    }
    if !errors.iter().any(|error| matches!(error, ParseError::NestingTooDeep { .. })) {
        errors.push(ParseError::NestingTooDeep {
            what: Nested::Proof,
            at: step.name.span,
            limit: MAX_LEVELS,
        });
    }
    innermost.steps.push(step);
}

/// Ends the innermost level: it is the proof of the step before it.
fn close(open: &mut Vec<Open>, errors: &mut Vec<ParseError>) {
    let Some(innermost) = open.pop() else { return };
    let proof = finished(innermost, errors);
    if let Some(owner) = open.last_mut().and_then(|outer| outer.steps.last_mut()) {
        owner.span = owner.span.to(proof.span);
        owner.proof = proof;
    }
}

/// The proof that the steps of one level make.
fn finished(level: Open, errors: &mut Vec<ParseError>) -> Proof {
    if !level.is_finished() {
        errors.push(ParseError::UnfinishedProof { at: level.first });
    }
    let span = level.steps.last().map_or(level.first, |last| level.first.to(last.span));
    for step in &level.steps {
        if announces(&step.proof) {
            errors.push(ParseError::UnfinishedProof { at: step.proof.span });
        }
    }
    Proof { kind: ProofKind::Structured(level.steps), span }
}

/// Whether a `PROOF` stands there and its steps do not.
fn announces(proof: &Proof) -> bool {
    matches!(&proof.kind, ProofKind::Structured(steps) if steps.is_empty())
}

fn takes_steps(proof: &Proof) -> bool {
    match &proof.kind {
        ProofKind::None => true,
        ProofKind::Structured(_) => announces(proof),
        ProofKind::Obvious | ProofKind::Omitted | ProofKind::By(_) => false,
    }
}

fn may_have_proof(step: &ProofStepKind) -> bool {
    match step {
        ProofStepKind::Assert(_)
        | ProofStepKind::Suffices(_)
        | ProofStepKind::Case(_)
        | ProofStepKind::Pick { .. }
        | ProofStepKind::Qed => true,
        ProofStepKind::Have(_)
        | ProofStepKind::Take(_)
        | ProofStepKind::Witness(_)
        | ProofStepKind::Define(_)
        | ProofStepKind::Use(_) => false,
    }
}

fn level(name: &str) -> Level {
    let inside = name.strip_prefix('<').and_then(|rest| rest.split('>').next()).unwrap_or_default();
    match inside {
        "*" => Level::Same,
        "+" => Level::Deeper,
        // More digits than a number has are a level deeper than any other.
        digits => Level::Number(digits.parse().unwrap_or(u64::MAX)),
    }
}
