//! Where each declaration of a module begins and ends, so that each is parsed by itself and a mistake in one
//! spoils no other.
//!
//! Invariant: the units follow one another and hold every token between the header and `====`, except
//! separators and inner modules; a structured proof is one token, [`Kind::Structured`].
#![expect(clippy::wildcard_enum_match_arm, reason = "a pass names the tokens that concern it")]

use super::errors::ParseError;
use super::shape::Partners;
use super::token::{Kind, Token};
use crate::source::{FileId, Span};

/// The declarations of a module.
pub(super) struct Units<'s> {
    pub(super) units: Vec<Vec<Token<'s>>>,
    pub(super) errors: Vec<ParseError>,
}

/// Splits a module's tokens, from behind the header to before the `====`.
pub(super) fn split<'s>(file: FileId, tokens: &[Token<'s>], partners: &Partners, first: usize) -> Units<'s> {
    let mut pass = Splitter { file, units: Vec::new(), current: Vec::new(), proof: None, errors: Vec::new() };
    let mut lets = 0_usize;
    let mut at = first;
    while at < tokens.len() {
        let token = tokens[at];
        let previous = at.checked_sub(1).filter(|_| at > first).map(|before| tokens[before].kind);
        match token.kind {
            Kind::ModuleEnd => break,
            Kind::Separator => {
                pass.finish();
                lets = 0;
                if tokens.get(at + 1).is_some_and(|next| next.kind == Kind::Module) {
                    let end = tokens.get(at + 2).map_or(token.end, |name| name.end);
                    pass.errors.push(ParseError::UnsupportedSubmodule {
                        at: Span { file, start: token.start, end },
                    });
                    at = inner_end(tokens, at);
                    continue;
                }
                at += 1;
                continue;
            }
            Kind::Let if partners.of(at).is_some() => lets += 1,
            Kind::LetIn if partners.of(at).is_some() => lets = lets.saturating_sub(1),
            _ => {}
        }
        if pass.begins_unit(token, previous, lets == 0) {
            pass.finish();
            lets = 0;
        }
        pass.add(token, previous);
        at += 1;
    }
    pass.finish();
    Units { units: pass.units, errors: pass.errors }
}

/// Behind the `====` of the inner module whose first line is at `at`.
fn inner_end(tokens: &[Token<'_>], at: usize) -> usize {
    let mut depth = 0_usize;
    for (here, token) in tokens.iter().enumerate().skip(at) {
        match token.kind {
            Kind::Module => depth += 1,
            Kind::ModuleEnd => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return here + 1;
                }
            }
            _ => {}
        }
    }
    tokens.len()
}

/// A structured proof that is being read.
struct Proof<'s> {
    /// Its first step.
    first: Token<'s>,
    /// Whether the last step that was seen was a `QED`; then the next declaration ends the proof.
    may_end: bool,
}

struct Splitter<'s> {
    file: FileId,
    units: Vec<Vec<Token<'s>>>,
    current: Vec<Token<'s>>,
    proof: Option<Proof<'s>>,
    errors: Vec<ParseError>,
}

impl<'s> Splitter<'s> {
    fn begins_unit(&self, token: Token<'s>, previous: Option<Kind>, outside_let: bool) -> bool {
        let within_proof = self.proof.as_ref().is_some_and(|proof| !proof.may_end);
        match token.kind {
            Kind::Theorem | Kind::Extends => true,
            Kind::Constant | Kind::Variable => previous != Some(Kind::New),
            Kind::Assume => {
                let in_theorem = self.current.first().is_some_and(|first| first.kind == Kind::Theorem);
                let states = previous == Some(Kind::Theorem) || in_theorem && previous == Some(Kind::Define);
                !within_proof && !states
            }
            Kind::Use | Kind::Hide | Kind::Local => !within_proof,
            Kind::Recursive => !within_proof && outside_let,
            Kind::Instance => {
                !within_proof && outside_let && !matches!(previous, Some(Kind::Define | Kind::Local))
            }
            _ => {
                token.begins_definition
                    && !within_proof
                    && outside_let
                    && !matches!(previous, Some(Kind::Local | Kind::Theorem | Kind::Assume))
            }
        }
    }

    fn add(&mut self, token: Token<'s>, previous: Option<Kind>) {
        let in_theorem = self.current.first().is_some_and(|first| first.kind == Kind::Theorem);
        let refers = matches!(
            previous,
            Some(
                Kind::By
                    | Kind::Only
                    | Kind::Comma
                    | Kind::Use
                    | Kind::Hide
                    | Kind::Infix
                    | Kind::In
                    | Kind::Equal
            )
        );
        if token.kind == Kind::Step && in_theorem && !refers {
            if let Some(proof) = &mut self.proof {
                proof.may_end = false;
            } else {
                self.proof = Some(Proof { first: token, may_end: false });
                self.current.push(Token { kind: Kind::Structured, ..token });
            }
        }
        let Some(proof) = &mut self.proof else {
            self.current.push(token);
            return;
        };
        proof.may_end |= token.kind == Kind::Qed;
        if let Some(last) = self.current.last_mut() {
            last.end = token.end;
        }
    }

    fn finish(&mut self) {
        if let Some(Proof { first, may_end: false }) = self.proof.take() {
            let at = Span { file: self.file, start: first.start, end: first.end };
            self.errors.push(ParseError::UnfinishedProof { at });
        }
        if !self.current.is_empty() {
            self.units.push(std::mem::take(&mut self.current));
        }
    }
}
