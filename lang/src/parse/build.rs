//! What the grammar's actions call: they make tree nodes, and collect what is wrong besides syntax.
//!
//! Invariant: no tree is ever higher than [`MAX_HEIGHT`], so that every pass, and dropping a tree, may recurse.

use super::errors::{Nested, ParseError};
use super::lexer::{offset, unescape};
use crate::ast::{self, AssumeProve, Assumption, Expr, ExprKind, Name, Param, PathStep, ProofStep, Selector};
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

    /// The same behind a pointer.
    pub(super) fn boxed(self) -> Tall<Box<T>> {
        self.map(Box::new)
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

impl<T> Tall<Box<T>> {
    /// What the pointer points to.
    pub(super) fn unboxed(self) -> Tall<T> {
        self.map(|value| *value)
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

/// The first step of a path; `end` is behind its arguments, if it has any.
pub(super) fn head_of_path(name: Name, args: Vec<Tree>, end: Option<u32>) -> Tall<Vec<PathStep>> {
    let span = Span { end: end.unwrap_or(name.span.end), ..name.span };
    all(args).map(|args| vec![PathStep { selector: Selector::Name(name), args, span }])
}

/// The path with arguments for its last step, which end before `end`.
pub(super) fn apply_last(path: Tall<Vec<PathStep>>, args: Vec<Tree>, end: u32) -> Tall<Vec<PathStep>> {
    path.and(all(args)).map(|(mut path, args)| {
        if let Some(last) = path.last_mut() {
            last.args.extend(args);
            last.span.end = end;
        }
        path
    })
}

/// `NEW level operator \in domain`.
pub(super) fn new(level: Option<String>, operator: Param, domain: Option<Tree>) -> Tall<Assumption> {
    let Param { name, arity } = operator;
    Tall::of(domain).map(|domain| Assumption::New { level, name, arity, domain })
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
    Unit(Box<ast::Unit>),
    /// A step of a structured proof, without the steps below it.
    Step(Box<ProofStep>),
    /// Something that was reported and has no tree.
    Nothing,
}

/// Makes nodes for one declaration.
pub(super) struct Builder<'s> {
    file: FileId,
    text: &'s str,
    /// What was found besides syntax errors.
    pub(super) errors: Vec<ParseError>,
    /// Whether they include one about depth.
    is_too_deep: bool,
}

impl<'s> Builder<'s> {
    pub(super) fn new(file: FileId, text: &'s str) -> Self {
        Self { file, text, errors: Vec::new(), is_too_deep: false }
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
        if !self.allows(start, end, height) {
            return self.leaf(start, end, ExprKind::Error);
        }
        Tall { value: Expr { kind: Box::new(kind.value), span: self.span(start, end) }, height }
    }

    /// Whether a node of this height may be; if not, that is reported.
    fn allows(&mut self, start: u32, end: u32, height: u32) -> bool {
        if height <= MAX_HEIGHT {
            return true;
        }
        let first = self.source(self.span(start, end)).chars().next().map_or(0, char::len_utf8);
        let at = self.span(start, start + offset(first));
        if !std::mem::replace(&mut self.is_too_deep, true) {
            self.errors.push(ParseError::NestingTooDeep { what: Nested::Expression, at, limit: MAX_HEIGHT });
        }
        false
    }

    /// A name as an expression.
    pub(super) fn named(&mut self, name: Name) -> Tree {
        let (start, end) = (name.span.start, name.span.end);
        self.leaf(start, end, ExprKind::Name(name))
    }

    /// A path as an expression.
    pub(super) fn path(&mut self, path: Tall<Vec<PathStep>>) -> Tree {
        let start = path.value.first().map_or(0, |step| step.span.start);
        let end = path.value.last().map_or(start, |step| step.span.end);
        self.node(start, end, path.map(ExprKind::Path))
    }

    /// A path whose last step has arguments.
    pub(super) fn applied_path(&mut self, path: Tall<Vec<PathStep>>, args: Vec<Tree>, end: u32) -> Tree {
        self.path(apply_last(path, args, end))
    }

    /// The position in `!2`.
    pub(super) fn operand(&mut self, start: u32, text: &str, end: u32) -> Selector {
        if let Ok(position) = text.parse() {
            return Selector::Operand(position);
        }
        self.report(start, end, |at| ParseError::UnexpectedToken {
            found: text.to_owned(),
            reserved: false,
            expected: vec!["the position of an operand"],
            at,
        });
        Selector::Operand(0)
    }

    /// `name(x, y) :: body`.
    pub(super) fn label(&mut self, name: Name, params: Vec<Tree>, body: Tree) -> Tree {
        let (start, end) = (name.span.start, body.value.span.end);
        let mut names = Vec::with_capacity(params.len());
        for param in params {
            let span = param.value.span;
            if let ExprKind::Name(name) = *param.value.kind {
                names.push(name);
                continue;
            }
            let found = self.source(span).split_whitespace().next().unwrap_or_default().to_owned();
            self.errors.push(ParseError::UnexpectedToken {
                found,
                reserved: false,
                expected: vec!["a name"],
                at: span,
            });
        }
        self.node(start, end, body.map(|body| ExprKind::Label { name, params: names, body }))
    }

    /// `WF_v(A)`, with what stands in the brackets.
    pub(super) fn fairness(
        &mut self,
        start: u32,
        end: u32,
        strong: bool,
        subscript: Tree,
        mut actions: Vec<Tree>,
    ) -> Tree {
        if actions.len() > 1 {
            let at = actions[1].value.span;
            let found = self.source(at).split_whitespace().next().unwrap_or_default().to_owned();
            let expected = vec!["`)`"];
            self.errors.push(ParseError::UnexpectedToken { found, reserved: false, expected, at });
        }
        let action = actions.swap_remove(0);
        let kind = subscript.and(action);
        self.node(
            start,
            end,
            kind.map(|(subscript, action)| ExprKind::Fairness { strong, subscript, action }),
        )
    }

    /// The name of a proof step, without the dots behind it.
    pub(super) fn step(&mut self, start: u32, text: &str) -> Name {
        let text = text.trim_end_matches('.');
        Name { text: text.to_owned(), span: self.span(start, start + offset(text.len())) }
    }

    /// `ASSUME ... PROVE ...`; above the limit, without its parts.
    pub(super) fn sequent(
        &mut self,
        start: u32,
        end: u32,
        assumptions: Vec<Tall<Box<Assumption>>>,
        goal: Tree,
    ) -> Tall<AssumeProve> {
        let parts = all(assumptions.into_iter().map(Tall::unboxed).collect()).and(goal);
        let height = parts.height + 1;
        let span = self.span(start, end);
        if self.allows(start, end, height) {
            let (assumptions, goal) = parts.value;
            return Tall {
                value: AssumeProve { label: None, boxed: false, assumptions, goal, span },
                height,
            };
        }
        let goal = self.leaf(start, end, ExprKind::Error);
        goal.map(|goal| AssumeProve { label: None, boxed: false, assumptions: Vec::new(), goal, span })
    }

    /// A node without parts.
    pub(super) fn leaf(&mut self, start: u32, end: u32, kind: ExprKind) -> Tree {
        Tall { value: Expr { kind: Box::new(kind), span: self.span(start, end) }, height: 1 }
    }

    pub(super) fn report(&mut self, start: u32, end: u32, error: impl FnOnce(Span) -> ParseError) {
        self.errors.push(error(self.span(start, end)));
    }

    /// A number in any base, as the decimal digits of its value; a decimal point stays.
    pub(super) fn number(&mut self, start: u32, text: &str, end: u32) -> Tree {
        let (base, digits) = match text.as_bytes() {
            [b'\\', b'b' | b'B', ..] => (2, &text[2..]),
            [b'\\', b'o' | b'O', ..] => (8, &text[2..]),
            [b'\\', b'h' | b'H', ..] => (16, &text[2..]),
            _ => (10, text),
        };
        if digits.len() > MAX_DIGITS {
            self.report(start, end, |at| ParseError::NumberTooLong { at });
            return self.leaf(start, end, ExprKind::Error);
        }
        let digits = match digits.split_once('.') {
            Some((whole, fraction)) => format!("{}.{fraction}", decimal(base, whole)),
            None => decimal(base, digits),
        };
        self.leaf(start, end, ExprKind::Number(digits))
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
