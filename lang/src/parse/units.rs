//! Where each declaration of a module, and each step of a proof, begins and ends, so that each is parsed by
//! itself and a mistake in one spoils no other.
//!
//! Invariant: the parts follow one another and hold every token between the header and `====`, except
//! separators; a [`Kind::Step`] begins a step, and one that a proof cites is a [`Kind::CitedStep`].
#![expect(clippy::wildcard_enum_match_arm, reason = "a pass names the tokens that concern it")]

use std::ops::Range;

use super::shape::Partners;
use super::token::{Kind, Token};

/// A part of a module.
pub(super) enum Part<'s> {
    /// A declaration.
    Declaration {
        /// Its tokens, without those of the steps.
        tokens: Vec<Token<'s>>,
        /// The steps of its proof, each with its tokens.
        steps: Vec<Vec<Token<'s>>>,
    },
    /// An inner module, with its first line and its `====`: where its tokens are.
    Module(Range<usize>),
}

/// Splits a module's tokens, from behind the header to before the `====`.
pub(super) fn split<'s>(tokens: &[Token<'s>], partners: &Partners, range: Range<usize>) -> Vec<Part<'s>> {
    let mut pass = Splitter::default();
    let mut lets = 0_usize;
    let mut at = range.start;
    while at < range.end {
        let token = tokens[at];
        let before = at.checked_sub(1).filter(|_| at > range.start).map(|before| tokens[before]);
        let previous = before.map(|before| before.kind);
        match token.kind {
            Kind::ModuleEnd => break,
            Kind::Separator => {
                pass.finish();
                lets = 0;
                at = if tokens.get(at + 1).is_some_and(|next| next.kind == Kind::Module) {
                    let end = inner_end(tokens, at).min(range.end);
                    pass.parts.push(Part::Module(at..end));
                    end
                } else {
                    at + 1
                };
                continue;
            }
            Kind::Let if partners.of(at).is_some() => lets += 1,
            Kind::LetIn if partners.of(at).is_some() => lets = lets.saturating_sub(1),
            _ => {}
        }
        if token.kind == Kind::Step && pass.begins_step(token, before) {
            lets = 0;
            pass.step(token, tokens.get(at + 1).copied());
        } else {
            if pass.begins_unit(token, previous, lets == 0) {
                pass.finish();
                lets = 0;
            }
            pass.add(token);
        }
        at += 1;
    }
    pass.finish();
    pass.parts
}

/// Behind the `====` of the inner module whose first line is at `at`.
fn inner_end(tokens: &[Token<'_>], at: usize) -> usize {
    let mut depth = 0_usize;
    for (here, token) in tokens.iter().enumerate().skip(at) {
        match token.kind {
            Kind::Module if here > at && tokens[here - 1].kind == Kind::Separator => depth += 1,
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

#[derive(Default)]
struct Splitter<'s> {
    parts: Vec<Part<'s>>,
    /// The declaration at hand.
    tokens: Vec<Token<'s>>,
    /// The steps of its proof so far.
    steps: Vec<Vec<Token<'s>>>,
    /// Whether the last step defines something, as may any number of definitions.
    defining: bool,
    /// Whether a `DEF` has come since the declaration or step began: then a symbol is no operator of an
    /// expression.
    citing: bool,
    /// Whether an `ASSUME` has.
    assuming: bool,
}

impl<'s> Splitter<'s> {
    /// Whether a step's name begins a step, and is not cited.
    fn begins_step(&self, step: Token<'s>, previous: Option<Token<'s>>) -> bool {
        let Some(previous) = previous else { return false };
        let kind = previous.kind;
        let complete = kind.ends_operand()
            || matches!(kind, Kind::Obvious | Kind::Omitted | Kind::Qed | Kind::Proof)
            || kind == Kind::Step && previous.line < step.line
            || kind.is_symbol() && self.citing;
        // What is cited is a whole name, without a dot behind it.
        let nameless = !step.text.ends_with(|last: char| last.is_ascii_alphanumeric() || last == '_');
        let in_theorem = self.tokens.first().is_some_and(|first| first.kind == Kind::Theorem);
        in_theorem && (complete || nameless)
    }

    /// Whether nothing has come yet but the name of a step.
    fn at_step(&self) -> bool {
        self.steps.last().is_some_and(|step| step.len() == 1)
    }

    fn begins_unit(&self, token: Token<'s>, previous: Option<Kind>, outside_let: bool) -> bool {
        match token.kind {
            Kind::Theorem | Kind::Extends => true,
            Kind::Constant | Kind::Variable => {
                let declares = self.assuming && matches!(previous, Some(Kind::Assume | Kind::Comma));
                previous != Some(Kind::New) && !declares
            }
            Kind::Assume => {
                let states = matches!(
                    previous,
                    Some(
                        Kind::Theorem
                            | Kind::Define
                            | Kind::Assume
                            | Kind::Comma
                            | Kind::Label
                            | Kind::Suffices
                            | Kind::Box
                    )
                );
                !states && !self.at_step()
            }
            Kind::Use | Kind::Hide | Kind::Local => !self.at_step(),
            Kind::Recursive => outside_let,
            Kind::Instance => {
                outside_let && !self.at_step() && !matches!(previous, Some(Kind::Define | Kind::Local))
            }
            _ => {
                token.begins_definition
                    && outside_let
                    && !self.defining
                    && !matches!(previous, Some(Kind::Local | Kind::Theorem | Kind::Assume))
            }
        }
    }

    fn step(&mut self, token: Token<'s>, next: Option<Token<'s>>) {
        self.defining = next.is_some_and(|next| next.kind == Kind::DefineWord || next.begins_definition);
        self.citing = false;
        self.assuming = false;
        self.steps.push(vec![token]);
    }

    fn add(&mut self, token: Token<'s>) {
        self.citing |= token.kind == Kind::Def;
        self.assuming |= token.kind == Kind::Assume;
        let token = if token.kind == Kind::Step { cited(token) } else { token };
        self.steps.last_mut().unwrap_or(&mut self.tokens).push(token);
    }

    fn finish(&mut self) {
        let tokens = std::mem::take(&mut self.tokens);
        let steps = std::mem::take(&mut self.steps);
        self.defining = false;
        self.citing = false;
        self.assuming = false;
        if !tokens.is_empty() {
            self.parts.push(Part::Declaration { tokens, steps });
        }
    }
}

/// A step's name where a fact may stand, without the dots that may end a sentence behind it.
fn cited(token: Token<'_>) -> Token<'_> {
    let text = token.text.trim_end_matches('.');
    let end = token.end - super::lexer::offset(token.text.len() - text.len());
    Token { kind: Kind::CitedStep, text, end, ..token }
}
