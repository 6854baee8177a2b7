//! What the grammar's actions call: they make tree nodes, and collect what is wrong besides syntax.
//!
//! Invariant: no tree is ever higher than [`MAX_HEIGHT`], so that every pass, and dropping a tree, may recurse.

use super::errors::ParseError;
use super::lexer::{offset, unescape};
use crate::ast::{self, Expr, ExprKind, Name};
use crate::source::{FileId, Span};

/// How high an expression may become. Recursion over such a tree takes a fraction of a small thread's stack.
pub(super) const MAX_HEIGHT: u32 = 500;

/// More digits than this are a mistake.
const MAX_DIGITS: usize = 1000;

/// A part of a tree with the number of nodes on its longest branch.
#[derive(Clone, Debug)]
pub(super) struct Tall<T> {
    pub(super) value: T,
    pub(super) height: u32,
}

/// An expression under construction.
pub(super) type Tree = Tall<Expr>;

impl<T> Tall<T> {
    /// Something that holds no expression.
    pub(super) fn flat(value: T) -> Self {
        Self { value, height: 0 }
    }

    pub(super) fn map<U>(self, change: impl FnOnce(T) -> U) -> Tall<U> {
        Tall { value: change(self.value), height: self.height }
    }

    /// Both, side by side.
    pub(super) fn and<U>(self, other: Tall<U>) -> Tall<(T, U)> {
        Tall { value: (self.value, other.value), height: self.height.max(other.height) }
    }

    /// A list of one.
    pub(super) fn one(self) -> Tall<Vec<T>> {
        self.map(|value| vec![value])
    }
}

impl<T> Tall<Vec<T>> {
    /// The list with one more at its end.
    pub(super) fn with(mut self, item: Tall<T>) -> Self {
        self.value.push(item.value);
        self.height = self.height.max(item.height);
        self
    }
}

impl<T> Tall<Option<T>> {
    /// Turns the parts around.
    pub(super) fn of(option: Option<Tall<T>>) -> Self {
        match option {
            Some(item) => item.map(Some),
            None => Tall::flat(None),
        }
    }
}

/// A list from its items.
pub(super) fn all<T>(items: Vec<Tall<T>>) -> Tall<Vec<T>> {
    let height = items.iter().map(|item| item.height).max().unwrap_or(0);
    Tall { value: items.into_iter().map(|item| item.value).collect(), height }
}

/// An operator symbol in its place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Symbol<'s> {
    /// As written.
    pub(super) text: &'s str,
    /// Its first byte.
    pub(super) start: u32,
    /// One past its last byte.
    pub(super) end: u32,
}

/// What one declaration's tokens say.
#[derive(Debug)]
pub(super) enum Item {
    Extends(Vec<Name>),
    Unit(ast::Unit),
    /// Something that was reported and has no tree.
    Nothing,
}

/// Makes nodes for one declaration.
pub(super) struct Builder<'s> {
    file: FileId,
    text: &'s str,
    /// What was found besides syntax errors.
    pub(super) errors: Vec<ParseError>,
}

impl<'s> Builder<'s> {
    pub(super) fn new(file: FileId, text: &'s str) -> Self {
        Self { file, text, errors: Vec::new() }
    }

    pub(super) fn span(&self, start: u32, end: u32) -> Span {
        Span { file: self.file, start, end: end.max(start) }
    }

    pub(super) fn source(&self, span: Span) -> &'s str {
        &self.text[span.start as usize..span.end as usize]
    }

    pub(super) fn name(&self, start: u32, text: &str, end: u32) -> Name {
        let text = match text {
            "ℕ" => "Nat",
            "ℤ" => "Int",
            "ℝ" => "Real",
            word if word.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '_') => word,
            other => super::canonical(other),
        };
        Name { text: text.to_owned(), span: self.span(start, end) }
    }

    pub(super) fn symbol(&self, symbol: Symbol<'_>) -> Name {
        Name { text: super::canonical(symbol.text).to_owned(), span: self.span(symbol.start, symbol.end) }
    }

    /// A node above parts of a known height; above the limit, an error in its stead.
    pub(super) fn node(&mut self, start: u32, end: u32, kind: Tall<ExprKind>) -> Tree {
        let height = kind.height + 1;
        if height > MAX_HEIGHT {
            let first = self.source(self.span(start, end)).chars().next().map_or(0, char::len_utf8);
            let at = self.span(start, start + offset(first));
            if !self.errors.iter().any(|error| matches!(error, ParseError::NestingTooDeep { .. })) {
                self.errors.push(ParseError::NestingTooDeep { at, limit: MAX_HEIGHT });
            }
            return self.leaf(start, end, ExprKind::Error);
        }
        Tall { value: Expr { kind: Box::new(kind.value), span: self.span(start, end) }, height }
    }

    /// A node without parts.
    pub(super) fn leaf(&mut self, start: u32, end: u32, kind: ExprKind) -> Tree {
        Tall { value: Expr { kind: Box::new(kind), span: self.span(start, end) }, height: 1 }
    }

    /// Something that the language has and we have not.
    pub(super) fn unsupported(
        &mut self,
        start: u32,
        end: u32,
        error: impl FnOnce(Span) -> ParseError,
    ) -> Tree {
        self.report(start, end, error);
        self.leaf(start, end, ExprKind::Error)
    }

    pub(super) fn report(&mut self, start: u32, end: u32, error: impl FnOnce(Span) -> ParseError) {
        self.errors.push(error(self.span(start, end)));
    }

    /// A number in any base, as the decimal digits of its value.
    pub(super) fn number(&mut self, start: u32, text: &str, end: u32) -> Tree {
        let (base, digits) = match text.as_bytes() {
            [b'\\', b'b' | b'B', ..] => (2, &text[2..]),
            [b'\\', b'o' | b'O', ..] => (8, &text[2..]),
            [b'\\', b'h' | b'H', ..] => (16, &text[2..]),
            _ => (10, text),
        };
        if digits.len() > MAX_DIGITS {
            return self.unsupported(start, end, |at| ParseError::NumberTooLong { at });
        }
        self.leaf(start, end, ExprKind::Number(decimal(base, digits)))
    }

    /// A string without its quotes and with its escapes resolved.
    pub(super) fn string(&mut self, start: u32, text: &str, end: u32) -> Tree {
        let inside = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text);
        let mut value = String::with_capacity(inside.len());
        let mut letters = inside.chars();
        while let Some(letter) = letters.next() {
            if letter == '\\'
                && let Some(escaped) = letters.next()
            {
                value.push(unescape(escaped).unwrap_or(escaped));
            } else {
                value.push(letter);
            }
        }
        self.leaf(start, end, ExprKind::Str(value))
    }
}

/// The decimal digits of a number that is written in another base; lowest digits come first inside.
fn decimal(base: u32, digits: &str) -> String {
    if base == 10 {
        let significant = digits.trim_start_matches('0');
        return if significant.is_empty() { "0".to_owned() } else { significant.to_owned() };
    }
    let mut value: Vec<u32> = vec![0];
    for digit in digits.chars() {
        let mut carry = digit.to_digit(base).unwrap_or(0);
        for place in &mut value {
            let sum = *place * base + carry;
            *place = sum % 10;
            carry = sum / 10;
        }
        while carry > 0 {
            value.push(carry % 10);
            carry /= 10;
        }
    }
    value.iter().rev().filter_map(|digit| char::from_digit(*digit, 10)).collect()
}
