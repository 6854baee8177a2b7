//! Several mistakes in one declaration: where the grammar stops, the smallest part of the text around becomes a
//! [`Kind::Broken`] operand, and the declaration is parsed again.
//!
//! Parts are the items of a list, what stands between the commas, colons and arrows of a bracket, the arms of
//! `IF` and `CASE`, the bodies of definitions and binders, and what stands between the operators that bind least.
//!
//! Invariant: a mistake is told only if the part around it holds nothing that was told before; if it does, the
//! mistake may be a consequence, and the part grows instead. Each attempt replaces more than the one before, and
//! there are at most [`MAX_ATTEMPTS`], each linear.
#![expect(clippy::wildcard_enum_match_arm, reason = "a pass names the tokens that concern it")]

use std::ops::Range;

use super::junction::virtual_token;
use super::token::{Kind, Token};
use crate::ast::canonical;

/// More mistakes in one declaration are not told.
pub(super) const MAX_TOLD: usize = 20;

/// How often one declaration is parsed, which includes attempts that tell nothing.
pub(super) const MAX_ATTEMPTS: usize = 3 * MAX_TOLD;

/// A part of a declaration that may be replaced.
#[derive(Clone, Debug)]
pub(super) struct Part {
    range: Range<usize>,
    /// Whether it is the head of a definition, whose place a name takes.
    is_head: bool,
}

impl Part {
    /// Whether nothing that was told is in it.
    pub(super) fn is_fresh(&self, tokens: &[Token<'_>]) -> bool {
        tokens[self.range.clone()].iter().all(|token| token.kind != Kind::Broken)
    }

    /// Puts one token in its place; whether that changes anything.
    pub(super) fn replace(self, tokens: &mut Vec<Token<'_>>) -> bool {
        let kind = if self.is_head { Kind::Name } else { Kind::Broken };
        if matches!(&tokens[self.range.clone()], [only] if only.kind == kind) {
            return false;
        }
        // An empty part has the place of what precedes it.
        let first = tokens.get(self.range.start.min(tokens.len().saturating_sub(1))).copied();
        let Some(first) = first else { return false };
        let last = self.range.end.checked_sub(1).map_or(first, |last| tokens[last]);
        let start = if self.range.is_empty() { last.end } else { first.start };
        let name = tokens[self.range.clone()].iter().find(|token| token.kind == Kind::Name).copied();
        let token = match name {
            Some(name) if self.is_head => name,
            _ => virtual_token(kind, start, Token { end: last.end, ..first }),
        };
        tokens.splice(self.range, [token]);
        true
    }
}

/// The parts around the token at `error`, the smallest first; the token that ends a part belongs to it, since it
/// is found there where the part goes wrong.
pub(super) fn parts_around(tokens: &[Token<'_>], error: usize) -> Vec<Part> {
    let root = Frame { kind: Construct::Root, open: 0, piece: 0, segment: 0, head: None };
    let mut pass = Pass { error, frames: vec![root], parts: Vec::new() };
    for (at, token) in tokens.iter().enumerate() {
        pass.token(tokens, at, *token);
    }
    while let Some(frame) = pass.frames.pop() {
        pass.finish(frame, tokens.len());
    }
    let mut parts = pass.parts;
    parts.sort_by_key(|part| part.range.len());
    parts
}

/// What has begun and not ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Construct {
    /// The declaration.
    Root,
    /// A bracket that is an operand.
    Group(Kind),
    /// A bracket that belongs to the operand before it.
    Arguments,
    List,
    Case,
    /// `IF` to `THEN`.
    If,
    /// `THEN` to `ELSE`.
    Then,
    /// `LET` to `IN`.
    Let,
    /// A binder to its `:`.
    Binder,
    /// What reaches as far as it can: behind `ELSE`, `IN` and the `:` of a binder.
    Tail,
}

impl Construct {
    /// Whether a token of its own closes it.
    fn is_closed(self) -> bool {
        matches!(self, Self::Root | Self::Group(_) | Self::Arguments | Self::List | Self::Case)
    }
}

#[derive(Clone, Copy)]
struct Frame {
    kind: Construct,
    /// Where it begins.
    open: usize,
    /// Where its present piece begins.
    piece: usize,
    /// Where the operand begins that stands behind the last of the loosest operators.
    segment: usize,
    /// Where the head of a definition begins, if the piece is one.
    head: Option<usize>,
}

struct Pass {
    error: usize,
    frames: Vec<Frame>,
    /// The parts that hold the error.
    parts: Vec<Part>,
}

impl Pass {
    fn token(&mut self, tokens: &[Token<'_>], at: usize, token: Token<'_>) {
        if token.begins_definition {
            if !self.unwind(at, |kind| kind == Construct::Let) {
                self.unwind(at, |kind| kind == Construct::Root);
            }
            self.next_piece(at, at);
            if let Some(top) = self.frames.last_mut() {
                top.head = Some(at);
            }
        }
        match token.kind {
            Kind::LeftParen => {
                let before = at.checked_sub(1).map(|before| tokens[before].kind);
                let called = matches!(before, Some(Kind::Name | Kind::Symbol | Kind::Selector | Kind::Bang));
                self.open(at, if called { Construct::Arguments } else { Construct::Group(token.kind) });
            }
            Kind::IndexOpen | Kind::FunctionDefOpen => self.open(at, Construct::Arguments),
            Kind::LeftSquare
            | Kind::LeftBrace
            | Kind::LeftAngle
            | Kind::FunctionOpen
            | Kind::RecordOpen
            | Kind::RecordSetOpen
            | Kind::FunctionSetOpen
            | Kind::ExceptOpen
            | Kind::ActionOpen
            | Kind::SetOpen
            | Kind::FilterOpen
            | Kind::MapOpen => self.open(at, Construct::Group(token.kind)),
            Kind::RightParen
            | Kind::RightSquare
            | Kind::RightSquareSub
            | Kind::RightBrace
            | Kind::RightAngle
            | Kind::RightAngleSub => {
                self.close(at, |kind| matches!(kind, Construct::Group(_) | Construct::Arguments));
            }
            Kind::AndList | Kind::OrList => self.open(at, Construct::List),
            Kind::EndList => self.close(at, |kind| kind == Construct::List),
            Kind::Case => self.open(at, Construct::Case),
            Kind::EndCase => self.close(at, |kind| kind == Construct::Case),
            Kind::Substitute => {
                if !self.unwind(at, |kind| kind == Construct::Let) {
                    self.unwind(at, Construct::is_closed);
                }
                self.next_piece(at, at + 1);
            }
            Kind::NextItem | Kind::CaseArm | Kind::MapsTo | Kind::Except | Kind::Arrow => {
                self.unwind(at, Construct::is_closed);
                self.next_piece(at, at + 1);
            }
            Kind::Comma => {
                if !self.unwind(at, |kind| matches!(kind, Construct::Binder | Construct::Let)) {
                    self.unwind(at, Construct::is_closed);
                }
                self.next_piece(at, at + 1);
            }
            Kind::Colon => {
                if self.unwind(at, |kind| kind == Construct::Binder) {
                    self.turn(at, Construct::Tail);
                } else {
                    self.unwind(at, Construct::is_closed);
                    self.next_piece(at, at + 1);
                }
            }
            Kind::If => self.open(at, Construct::If),
            Kind::Then => self.advance(at, Construct::If, Construct::Then),
            Kind::Else => self.advance(at, Construct::Then, Construct::Tail),
            Kind::Let | Kind::DefineWord => self.open(at, Construct::Let),
            Kind::LetIn => self.advance(at, Construct::Let, Construct::Tail),
            Kind::Quantifier | Kind::TemporalQuantifier | Kind::Choose | Kind::Lambda | Kind::Pick => {
                self.open(at, Construct::Binder);
            }
            Kind::Define => self.define(at),
            Kind::In => {
                // The set of a bound, which may go wrong without its names.
                let binds = |frame: &&mut Frame| {
                    matches!(
                        frame.kind,
                        Construct::Binder
                            | Construct::Group(Kind::FunctionOpen | Kind::FilterOpen | Kind::MapOpen)
                    )
                };
                if let Some(top) = self.frames.last_mut().filter(binds) {
                    top.segment = at + 1;
                }
            }
            Kind::Equal => {
                // The value of an update, which may go wrong without its path.
                if let Some(top) = self.frames.last_mut()
                    && top.kind == Construct::Group(Kind::ExceptOpen)
                    && tokens[top.piece].kind == Kind::Bang
                {
                    top.segment = at + 1;
                }
            }
            Kind::Infix if matches!(canonical(token.text), "/\\" | "\\/" | "=>" | "<=>" | "~>") => {
                if let Some(top) = self.frames.last().copied() {
                    self.emit(top.segment..at);
                }
                if let Some(top) = self.frames.last_mut() {
                    top.segment = at + 1;
                }
            }
            Kind::Prove | Kind::Proof | Kind::By | Kind::Only | Kind::Def | Kind::Obvious | Kind::Omitted => {
                while !self.unwind(at, |kind| kind == Construct::Root)
                    && let Some(frame) = self.frames.pop()
                {
                    self.finish(frame, at);
                }
                self.next_piece(at, at + 1);
            }
            _ => {}
        }
    }

    fn open(&mut self, at: usize, kind: Construct) {
        self.frames.push(Frame { kind, open: at, piece: at + 1, segment: at + 1, head: None });
    }

    /// Ends what is open-ended, and then what the token at `at` closes.
    fn close(&mut self, at: usize, wanted: impl Fn(Construct) -> bool) {
        self.unwind(at, Construct::is_closed);
        if let Some(top) = self.frames.last().copied()
            && wanted(top.kind)
        {
            self.frames.pop();
            self.finish_piece(top, at);
            if top.kind != Construct::Arguments {
                self.emit(top.open..at + 1);
            }
        }
    }

    /// Ends what is open-ended before `at` down to something wanted. If nothing is, it all ends, so that it is
    /// not searched again.
    fn unwind(&mut self, at: usize, wanted: impl Fn(Construct) -> bool) -> bool {
        let inner = self.frames.iter().rev();
        let found = inner.take_while(|frame| !frame.kind.is_closed()).any(|frame| wanted(frame.kind));
        let stop = |kind: Construct| kind.is_closed() || found && wanted(kind);
        while let Some(top) = self.frames.last().copied().filter(|top| !stop(top.kind)) {
            self.frames.pop();
            self.finish(top, at);
        }
        self.frames.last().is_some_and(|top| wanted(top.kind))
    }

    /// `THEN` after `IF`, `ELSE` after `THEN`, `IN` after `LET`.
    fn advance(&mut self, at: usize, from: Construct, to: Construct) {
        if self.unwind(at, |kind| kind == from) {
            self.turn(at, to);
        }
    }

    /// Makes the innermost construct something else from behind `at`.
    fn turn(&mut self, at: usize, kind: Construct) {
        self.next_piece(at, at + 1);
        if let Some(top) = self.frames.last_mut() {
            top.kind = kind;
            top.head = None;
        }
    }

    /// Ends the piece of the innermost construct at `end` and begins another one.
    fn next_piece(&mut self, end: usize, start: usize) {
        if let Some(top) = self.frames.last().copied() {
            self.finish_piece(top, end);
        }
        if let Some(top) = self.frames.last_mut() {
            top.piece = start;
            top.segment = start;
        }
    }

    /// The `==` of a definition: the head ends, the body begins.
    fn define(&mut self, at: usize) {
        let definition = |kind| matches!(kind, Construct::Let | Construct::Root);
        if !self.unwind(at, definition) {
            return;
        }
        if let Some(top) = self.frames.last_mut()
            && let Some(head) = top.head.take()
        {
            top.piece = at + 1;
            top.segment = at + 1;
            if (head..=at).contains(&self.error) {
                self.parts.push(Part { range: head..at, is_head: true });
            }
        }
    }

    fn finish(&mut self, frame: Frame, end: usize) {
        self.finish_piece(frame, end);
        if !frame.kind.is_closed() {
            self.emit(frame.open..end);
        }
    }

    fn finish_piece(&mut self, frame: Frame, end: usize) {
        self.emit(frame.segment..end);
        if frame.piece != frame.segment {
            self.emit(frame.piece..end);
        }
    }

    fn emit(&mut self, range: Range<usize>) {
        if range.start <= self.error && self.error <= range.end {
            self.parts.push(Part { range, is_head: false });
        }
    }
}
