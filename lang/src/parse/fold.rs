//! Flat chains of operands and operators to trees, by the ranges of the table in `operators`.
//!
//! Invariant: an operand goes to the neighbour whose whole range lies above the other's; where ranges overlap,
//! only a chain of one associative operator has a reading, and everything else is reported.

use super::build::{Builder, MAX_HEIGHT, Symbol, Tall, Tree};
use super::errors::ParseError;
use super::operators::{self, Precedence};
use crate::ast::{Expr, ExprKind, Name, canonical};
use crate::source::Span;

/// A piece of a chain. The grammar guarantees the order: prefixes, operand, postfixes, infix, and again.
#[derive(Debug)]
pub(super) enum Piece<'s> {
    Prefix(Symbol<'s>),
    Operand(Tree),
    Postfix(Symbol<'s>),
    Infix(Symbol<'s>),
}

/// An operand with the postfix operators that follow it.
pub(super) type Suffixed<'s> = (Tree, Vec<Symbol<'s>>);

/// The chain, longer by an operand and the operator behind it.
pub(super) fn link<'s>(
    mut pieces: Vec<Piece<'s>>,
    (operand, postfixes): Suffixed<'s>,
    symbol: Symbol<'s>,
) -> Vec<Piece<'s>> {
    pieces.push(Piece::Operand(operand));
    pieces.extend(postfixes.into_iter().map(Piece::Postfix));
    pieces.push(Piece::Infix(symbol));
    pieces
}

/// An operator that waits for its right operand.
struct Waiting<'s> {
    symbol: Symbol<'s>,
    is_prefix: bool,
    precedence: Precedence,
    /// Whether it is one side of a conflict that was told: the same mistake is not told again further right.
    is_told: bool,
}

enum Order {
    /// The left operator takes the operand.
    Left,
    /// The right one does.
    Right,
    /// There is no saying.
    Conflict,
}

impl<'s> Builder<'s> {
    /// The tree of a chain that ends with an operand.
    pub(super) fn end_chain(
        &mut self,
        mut pieces: Vec<Piece<'s>>,
        (operand, postfixes): Suffixed<'s>,
    ) -> Tree {
        if pieces.is_empty() && postfixes.is_empty() {
            return operand;
        }
        pieces.push(Piece::Operand(operand));
        pieces.extend(postfixes.into_iter().map(Piece::Postfix));
        self.chain(pieces)
    }

    /// Folds a chain.
    fn chain(&mut self, pieces: Vec<Piece<'s>>) -> Tree {
        let mut operands: Vec<Tree> = Vec::new();
        let mut waiting: Vec<Waiting<'s>> = Vec::new();
        let mut pieces = pieces.into_iter().peekable();
        while let Some(piece) = pieces.next() {
            match piece {
                Piece::Operand(operand) => operands.push(operand),
                Piece::Prefix(symbol) => {
                    let precedence = operators::prefix(canonical(symbol.text));
                    waiting.push(Waiting { symbol, is_prefix: true, precedence, is_told: false });
                }
                Piece::Infix(symbol) => {
                    let precedence = operators::infix(canonical(symbol.text));
                    let right = pieces.peek().map(|next| self.piece_span(next));
                    let is_told = self.take(&mut operands, &mut waiting, symbol, precedence, right);
                    waiting.push(Waiting { symbol, is_prefix: false, precedence, is_told });
                }
                Piece::Postfix(symbol) => {
                    self.take(&mut operands, &mut waiting, symbol, operators::POSTFIX, None);
                    if let Some(operand) = operands.pop() {
                        operands.push(self.postfix(operand, symbol));
                    }
                }
            }
        }
        while !waiting.is_empty() {
            self.reduce(&mut operands, &mut waiting);
        }
        // The grammar ends each chain with an operand.
        operands.pop().unwrap_or_else(|| self.leaf(0, 0, ExprKind::Error))
    }

    /// Gives the waiting operators that bind more tightly than `symbol` their operands; whether `symbol` is now
    /// part of a conflict.
    fn take(
        &mut self,
        operands: &mut Vec<Tree>,
        waiting: &mut Vec<Waiting<'s>>,
        symbol: Symbol<'s>,
        precedence: Precedence,
        right: Option<Span>,
    ) -> bool {
        let mut is_told = false;
        while let Some(top) = waiting.last() {
            match order(top, symbol, precedence) {
                Order::Right => break,
                Order::Left => self.reduce(operands, waiting),
                Order::Conflict => {
                    if !top.is_told && !is_told {
                        let left = operands.len().checked_sub(2).map(|left| operands[left].value.span);
                        let here = self.span(symbol.start, symbol.end);
                        let middle = operands.last().map_or(here, |middle| middle.value.span);
                        let error = self.conflict(top, symbol, left, middle, right);
                        self.errors.push(error);
                    }
                    is_told = true;
                    self.reduce(operands, waiting);
                    // What has no reading has no tree either.
                    if let Some(Tall { value, .. }) = operands.pop() {
                        operands.push(self.leaf(value.span.start, value.span.end, ExprKind::Error));
                    }
                }
            }
        }
        is_told
    }

    /// `e'`.
    pub(super) fn postfix(&mut self, operand: Tree, symbol: Symbol<'s>) -> Tree {
        let start = operand.value.span.start;
        let operator = self.symbol(symbol);
        self.node(start, symbol.end, operand.map(|operand| ExprKind::Postfix { operator, operand }))
    }

    /// Gives the last waiting operator its operands.
    fn reduce(&mut self, operands: &mut Vec<Tree>, waiting: &mut Vec<Waiting<'s>>) {
        let Some(top) = waiting.pop() else { return };
        let Some(last) = operands.pop() else { return };
        let operator = self.symbol(top.symbol);
        let end = last.value.span.end;
        if top.is_prefix {
            let node =
                self.node(top.symbol.start, end, last.map(|operand| ExprKind::Prefix { operator, operand }));
            operands.push(node);
            return;
        }
        let Some(first) = operands.pop() else {
            operands.push(last);
            return;
        };
        let start = first.value.span.start;
        let node = if operator.text == "\\X" {
            self.product(start, end, first, last)
        } else if top.precedence.associative {
            self.long_chain(operator, first, last)
        } else {
            let sides = first.and(last);
            self.node(start, end, sides.map(|(left, right)| ExprKind::Infix { operator, left, right }))
        };
        operands.push(node);
    }

    /// `a + b`, or one more operand of such a chain: brackets are kept as nodes, so a bare one is this chain's.
    fn long_chain(&mut self, operator: Name, first: Tree, last: Tree) -> Tree {
        let Tall { value: Expr { mut kind, span }, height } = first;
        let (start, end) = (span.start, last.value.span.end);
        let grown = height.max(last.height + 1);
        if let ExprKind::Chain { operator: before, operands } = kind.as_mut()
            && before.text == operator.text
        {
            operands.push(last.value);
            return self.grown(start, end, kind, grown);
        }
        if matches!(kind.as_ref(), ExprKind::Infix { operator: before, .. } if before.text == operator.text)
            && let ExprKind::Infix { operator, left, right } = *kind
        {
            let operands = vec![left, right, last.value];
            return self.grown(start, end, Box::new(ExprKind::Chain { operator, operands }), grown);
        }
        let sides = Tall { value: Expr { kind, span }, height }.and(last);
        self.node(start, end, sides.map(|(left, right)| ExprKind::Infix { operator, left, right }))
    }

    /// `S \X T`, or one more factor of such a product.
    fn product(&mut self, start: u32, end: u32, first: Tree, last: Tree) -> Tree {
        let Tall { value: Expr { mut kind, span }, height } = first;
        if let ExprKind::Product(factors) = kind.as_mut() {
            factors.push(last.value);
            return self.grown(start, end, kind, height.max(last.height + 1));
        }
        let sides = Tall { value: Expr { kind, span }, height }.and(last);
        self.node(start, end, sides.map(|(left, right)| ExprKind::Product(vec![left, right])))
    }

    /// A node that has got one more part; above the limit, an error in its stead.
    fn grown(&mut self, start: u32, end: u32, kind: Box<ExprKind>, height: u32) -> Tree {
        if height > MAX_HEIGHT {
            return self.node(start, end, Tall { value: ExprKind::Error, height });
        }
        Tall { value: Expr { kind, span: self.span(start, end) }, height }
    }

    fn piece_span(&self, piece: &Piece<'s>) -> Span {
        match piece {
            Piece::Operand(tree) => tree.value.span,
            Piece::Prefix(symbol) | Piece::Postfix(symbol) | Piece::Infix(symbol) => {
                self.span(symbol.start, symbol.end)
            }
        }
    }

    fn conflict(
        &self,
        top: &Waiting<'s>,
        symbol: Symbol<'s>,
        left: Option<Span>,
        middle: Span,
        right: Option<Span>,
    ) -> ParseError {
        let show = |span: Span| {
            let text = self.source(span);
            if text.len() > 30 || text.contains('\n') { "...".to_owned() } else { text.to_owned() }
        };
        let before = match left {
            Some(left) if !top.is_prefix => format!("{} {}", show(left), top.symbol.text),
            _ => top.symbol.text.to_owned(),
        };
        let after = match right {
            Some(right) => format!(" {} {}", symbol.text, show(right)),
            None => symbol.text.to_owned(),
        };
        let middle = show(middle);
        ParseError::PrecedenceConflict {
            left: (top.symbol.text.to_owned(), self.span(top.symbol.start, top.symbol.end)),
            right: (symbol.text.to_owned(), self.span(symbol.start, symbol.end)),
            readings: [format!("({before} {middle}){after}"), format!("{before} ({middle}{after})")],
        }
    }
}

/// Which of two operators takes the operand between them.
fn order(left: &Waiting<'_>, right: Symbol<'_>, precedence: Precedence) -> Order {
    if left.precedence.low > precedence.high {
        return Order::Left;
    }
    if left.precedence.high < precedence.low {
        return Order::Right;
    }
    let same = !left.is_prefix && canonical(left.symbol.text) == canonical(right.text);
    if same && precedence.associative { Order::Left } else { Order::Conflict }
}
