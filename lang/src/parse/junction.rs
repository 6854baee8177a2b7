//! Aligned lists: turns columns into brackets, so that the grammar behind needs to know nothing of layout.
//!
//! A `/\` or `\/` where an operand is expected opens a list in its column. The same symbol in that column
//! begins the next item; any other token in that column or to its left ends the list; so does whatever ends
//! the construct that the list stands in (`THEN`, `,`, a closing bracket, the next definition, ...).
//! `CASE` gets its end in the same way, which tells the `[]` of its arms from the `[]` of "always".
//!
//! An operator's symbol that stands for the operator itself (`Fold(+, s)`, `+ <- F`, `V!+`, `DEF +`) becomes a
//! name here, where its neighbours are known.
//!
//! Invariant: what comes out has each [`Kind::AndList`], [`Kind::OrList`] and [`Kind::Case`] closed, in order;
//! `-` and `[]` are infix, prefix or separator by then.
#![expect(clippy::wildcard_enum_match_arm, reason = "a pass names the tokens that concern it")]

use super::errors::ParseError;
use super::token::{Kind, Token};
use crate::source::{FileId, Span};

/// A construct that has begun and not ended.
#[derive(Clone, Copy)]
enum Context {
    /// A list of `/\` (or `\/`) at a column.
    List { conjunction: bool, column: u32 },
    /// A bracket; `arguments` if it holds those of an operator.
    Bracket { opening: usize, arguments: bool },
    /// `IF`, waiting for `THEN`.
    If,
    /// `THEN`, waiting for `ELSE`.
    Then,
    /// `CASE`, as far as its arms go.
    Case {
        /// Whether the arm at hand is that of `OTHER`, the last one.
        last: bool,
    },
    /// `LET`, waiting for `IN`.
    Let,
    /// A binder, waiting for its `:`.
    Binder,
}

/// The tokens of one unit, laid out.
pub(super) struct Layout<'s> {
    /// For the grammar.
    pub(super) tokens: Vec<Token<'s>>,
    /// Brackets and columns that contradict each other; then `tokens` are of little use.
    pub(super) error: Option<ParseError>,
}

/// Lays out one unit.
pub(super) fn lay_out<'s>(file: FileId, unit: &[Token<'s>]) -> Layout<'s> {
    let mut pass = Pass {
        file,
        unit,
        contexts: Vec::new(),
        columns: Vec::new(),
        out: Vec::with_capacity(unit.len() + 8),
        error: None,
    };
    for at in 0..unit.len() {
        pass.token(at);
        if pass.error.is_some() {
            break;
        }
    }
    while let Some(context) = pass.contexts.last().copied() {
        if let Context::Bracket { opening, .. } = context {
            pass.unclosed(opening, None);
        }
        pass.pop();
    }
    Layout { tokens: pass.out, error: pass.error }
}

struct Pass<'u, 's> {
    file: FileId,
    unit: &'u [Token<'s>],
    contexts: Vec<Context>,
    /// The columns of the lists among the contexts, which grow inwards.
    columns: Vec<u32>,
    out: Vec<Token<'s>>,
    error: Option<ParseError>,
}

impl<'s> Pass<'_, 's> {
    fn token(&mut self, at: usize) {
        let token = self.unit[at];
        if self.next_item(token) {
            return;
        }
        let last = self.out.last().map(|last| last.kind);
        let operand_ended = last.is_some_and(Kind::ends_operand);
        if token.begins_definition {
            if last == Some(Kind::Step) {
                // The word is optional.
                self.define(Token { text: "", end: token.start, ..token });
            }
            self.close_until(|context| matches!(context, Context::Let));
        }
        if token.kind.is_symbol() && self.is_operator(at, last) {
            self.push(token, Kind::Name);
            return;
        }
        if self.is_bang_before_bangs(at) {
            // `V!!!(a, b)`: the lexer has taken the first two for the operator.
            self.push(Token { text: "!", end: token.start + 1, ..token }, Kind::Bang);
            return;
        }
        if token.kind == Kind::Bang
            && at.checked_sub(1).is_some_and(|before| self.is_bang_before_bangs(before))
        {
            self.push(Token { text: "!!", start: token.start - 1, ..token }, Kind::Name);
            return;
        }
        match token.kind {
            Kind::And | Kind::Or => {
                let conjunction = token.kind == Kind::And;
                if operand_ended || last == Some(Kind::Underscore) {
                    self.push(token, Kind::Infix);
                } else {
                    self.contexts.push(Context::List { conjunction, column: token.column });
                    self.columns.push(token.column);
                    self.push(token, if conjunction { Kind::AndList } else { Kind::OrList });
                }
            }
            Kind::Minus if operand_ended || last == Some(Kind::Underscore) => self.push(token, Kind::Infix),
            Kind::Infix if operand_ended && self.is_bracketed_symbol(at) => {
                // `Op(+)`, where no operand follows that `(+)` could have for its right one.
                let (start, end) = (token.start, token.end);
                let inside = &token.text[1..token.text.len() - 1];
                self.push(Token { text: "(", end: start + 1, ..token }, Kind::LeftParen);
                self.push(Token { text: inside, start: start + 1, end: end - 1, ..token }, Kind::Name);
                self.push(Token { text: ")", start: end - 1, ..token }, Kind::RightParen);
            }
            Kind::Minus => self.push(Token { text: "-.", ..token }, Kind::Prefix),
            // `[]ASSUME`, `[]PROVE`: one word.
            Kind::Box if self.boxes(at) => {}
            Kind::Assume if at.checked_sub(1).is_some_and(|before| self.boxes(before)) => {
                self.push(Token { start: token.start - 2, ..token }, Kind::BoxAssume);
            }
            Kind::Prove if at.checked_sub(1).is_some_and(|before| self.boxes(before)) => {
                self.close_inner();
                self.push(Token { start: token.start - 2, ..token }, Kind::BoxProve);
            }
            Kind::Box if operand_ended => {
                self.close_until(|context| matches!(context, Context::Case { last: false }));
                self.push(token, Kind::CaseArm);
            }
            Kind::Other => {
                if let Some(Context::Case { last }) = self.contexts.last_mut() {
                    *last = true;
                }
                self.push(token, token.kind);
            }
            Kind::Box => self.push(token, Kind::Prefix),
            Kind::If => self.open(token, Context::If),
            Kind::Case if last == Some(Kind::Step) => self.push(token, Kind::CaseStep),
            Kind::Case => self.open(token, Context::Case { last: false }),
            Kind::DefineWord => self.define(token),
            Kind::Let => self.open(token, Context::Let),
            Kind::Quantifier | Kind::TemporalQuantifier | Kind::Choose | Kind::Lambda | Kind::Pick => {
                self.open(token, Context::Binder);
            }
            Kind::Then => {
                if self.close_until(|context| matches!(context, Context::If)) {
                    self.contexts.pop();
                    self.contexts.push(Context::Then);
                }
                self.push(token, token.kind);
            }
            Kind::Else => self.close_through(token, |context| matches!(context, Context::Then)),
            Kind::LetIn => self.close_through(token, |context| matches!(context, Context::Let)),
            Kind::Colon => {
                // The binder's own colon ends the binder; a bracket's colon leaves the bracket open.
                if self.close_until(|context| matches!(context, Context::Binder)) {
                    self.contexts.pop();
                } else {
                    self.close_inner();
                }
                self.push(token, token.kind);
            }
            Kind::Comma => {
                if !self.close_until(|context| matches!(context, Context::Binder)) {
                    self.close_inner();
                }
                self.push(token, token.kind);
            }
            Kind::Arrow => {
                if !self.close_until(|context| matches!(context, Context::Case { .. })) {
                    self.close_inner();
                }
                self.push(token, token.kind);
            }
            Kind::Recursive => {
                self.close_until(|context| matches!(context, Context::Let));
                self.push(token, token.kind);
            }
            Kind::MapsTo
            | Kind::Except
            | Kind::Substitute
            | Kind::Prove
            | Kind::Proof
            | Kind::By
            | Kind::Only
            | Kind::Def
            | Kind::Obvious
            | Kind::Omitted => {
                self.close_inner();
                self.push(token, token.kind);
            }
            Kind::LeftParen
            | Kind::LeftSquare
            | Kind::LeftBrace
            | Kind::LeftAngle
            | Kind::FunctionOpen
            | Kind::RecordOpen
            | Kind::RecordSetOpen
            | Kind::FunctionSetOpen
            | Kind::ExceptOpen
            | Kind::ActionOpen
            | Kind::IndexOpen
            | Kind::FunctionDefOpen
            | Kind::SetOpen
            | Kind::FilterOpen
            | Kind::MapOpen => {
                let arguments = token.kind == Kind::LeftParen
                    && matches!(last, Some(Kind::Name | Kind::Selector | Kind::Bang));
                self.open(token, Context::Bracket { opening: at, arguments });
            }
            Kind::RightParen
            | Kind::RightSquare
            | Kind::RightSquareSub
            | Kind::RightBrace
            | Kind::RightAngle
            | Kind::RightAngleSub => self.close_bracket(token),
            _ => self.push(token, token.kind),
        }
    }

    /// Ends the lists that a token's column ends; whether the token was the bullet of a next item.
    fn next_item(&mut self, token: Token<'s>) -> bool {
        if self.columns.last().is_none_or(|column| *column < token.column) {
            return false;
        }
        let ended = self
            .contexts
            .iter()
            .position(|context| matches!(context, Context::List { column, .. } if *column >= token.column));
        let Some(mut keep) = ended else { return false };
        let bullet = match self.contexts[keep] {
            Context::List { conjunction, column } => {
                column == token.column && token.kind == if conjunction { Kind::And } else { Kind::Or }
            }
            Context::Bracket { .. }
            | Context::If
            | Context::Then
            | Context::Case { .. }
            | Context::Let
            | Context::Binder => false,
        };
        keep += usize::from(bullet);
        while self.contexts.len() > keep {
            if let Some(Context::Bracket { opening, .. }) = self.contexts.last().copied() {
                if pairs(self.unit[opening].kind, token.kind) {
                    let at = self.span(token);
                    let opening = self.span(self.unit[opening]);
                    self.error.get_or_insert(ParseError::BracketLeftOfList { at, opening });
                } else {
                    self.unclosed(opening, Some(token));
                }
            }
            self.pop();
        }
        if bullet {
            self.push(token, Kind::NextItem);
        }
        bullet
    }

    /// Whether the symbol at `at`, which comes behind a token of kind `last`, stands for its operator.
    fn is_operator(&self, at: usize, last: Option<Kind>) -> bool {
        let next = self.unit.get(at + 1);
        let next_kind = next.map(|next| next.kind);
        let closed = next.is_none_or(|next| next.begins_definition)
            || matches!(next_kind, Some(Kind::Comma | Kind::RightParen | Kind::LetIn | Kind::Def));
        match last {
            // `V!+`, `DEF +`
            Some(Kind::Bang | Kind::Def) => true,
            // `WITH x <- +`
            Some(Kind::Substitute) => closed,
            // `WITH + <- F`
            Some(Kind::With) => next_kind == Some(Kind::Substitute),
            Some(Kind::Comma) if next_kind == Some(Kind::Substitute) => true,
            Some(Kind::Comma) if self.cites_definitions() => true,
            Some(Kind::LeftParen | Kind::Comma)
                if matches!(self.contexts.last(), Some(Context::Bracket { arguments: true, .. }))
                    && matches!(next_kind, Some(Kind::Comma | Kind::RightParen)) =>
            {
                true
            }
            // `+(a, b)`
            _ => {
                let nonfix =
                    matches!(self.unit[at].kind, Kind::Infix | Kind::In | Kind::Equal | Kind::Postfix);
                nonfix && !last.is_some_and(Kind::ends_operand) && next_kind == Some(Kind::LeftParen)
            }
        }
    }

    /// Whether `!!` stands at `at`, with a third `!` right behind it.
    fn is_bang_before_bangs(&self, at: usize) -> bool {
        let token = self.unit[at];
        let next = self.unit.get(at + 1);
        token.text == "!!" && next.is_some_and(|next| next.kind == Kind::Bang && next.start == token.end)
    }

    /// Whether the token at `at` is the `[]` of `[]ASSUME` or `[]PROVE`.
    fn boxes(&self, at: usize) -> bool {
        let token = self.unit[at];
        let next = self.unit.get(at + 1);
        token.text == "[]"
            && next.is_some_and(|next| matches!(next.text, "ASSUME" | "PROVE") && next.start == token.end)
    }

    /// Whether what comes is in the list behind a `DEF`.
    fn cites_definitions(&self) -> bool {
        let listed =
            |token: &&Token<'s>| matches!(token.kind, Kind::Name | Kind::Module | Kind::Comma | Kind::Bang);
        self.out.iter().rev().find(|token| !listed(token)).is_some_and(|token| token.kind == Kind::Def)
    }

    /// Whether the symbol at `at` is one such as `(+)`, without a right operand.
    fn is_bracketed_symbol(&self, at: usize) -> bool {
        let bracketed = self.unit[at].text.starts_with('(');
        let named = self.out.last().is_some_and(|last| last.kind == Kind::Name);
        let next = self.unit.get(at + 1);
        let operand = next.is_some_and(|next| !next.begins_definition && next.kind.begins_operand());
        bracketed && named && !operand
    }

    /// `DEFINE`: what follows is as under a `LET` that the step ends.
    fn define(&mut self, token: Token<'s>) {
        self.contexts.push(Context::Let);
        self.push(token, Kind::DefineWord);
    }

    fn span(&self, token: Token<'s>) -> Span {
        Span { file: self.file, start: token.start, end: token.end }
    }

    fn push(&mut self, token: Token<'s>, kind: Kind) {
        self.out.push(Token { kind, ..token });
    }

    fn open(&mut self, token: Token<'s>, context: Context) {
        self.contexts.push(context);
        self.push(token, token.kind);
    }

    /// Ends the innermost construct.
    fn pop(&mut self) {
        let end = match self.contexts.pop() {
            Some(Context::List { .. }) => {
                self.columns.pop();
                Kind::EndList
            }
            Some(Context::Case { .. }) => Kind::EndCase,
            Some(Context::Bracket { .. } | Context::If | Context::Then | Context::Let | Context::Binder)
            | None => return,
        };
        if let Some(last) = self.out.last().copied() {
            self.out.push(Token { kind: end, text: "", start: last.end, begins_definition: false, ..last });
        }
    }

    /// Ends everything inside the innermost bracket.
    fn close_inner(&mut self) {
        while self.contexts.last().is_some_and(|context| !matches!(context, Context::Bracket { .. })) {
            self.pop();
        }
    }

    /// Ends what stands inside the innermost construct of a kind, if there is one in the innermost bracket.
    fn close_until(&mut self, wanted: impl Fn(Context) -> bool) -> bool {
        let inner =
            self.contexts.iter().rev().take_while(|context| !matches!(context, Context::Bracket { .. }));
        let Some(depth) = inner.into_iter().position(|context| wanted(*context)) else { return false };
        for _ in 0..depth {
            self.pop();
        }
        true
    }

    /// The same, and that construct with it.
    fn close_through(&mut self, token: Token<'s>, wanted: impl Fn(Context) -> bool) {
        if self.close_until(wanted) {
            self.contexts.pop();
        }
        self.push(token, token.kind);
    }

    fn close_bracket(&mut self, token: Token<'s>) {
        self.close_inner();
        match self.contexts.last().copied() {
            Some(Context::Bracket { opening, .. }) if pairs(self.unit[opening].kind, token.kind) => {
                self.contexts.pop();
            }
            Some(Context::Bracket { opening, .. }) => self.unclosed(opening, Some(token)),
            _ => {
                let at = self.span(token);
                self.error.get_or_insert(ParseError::UnopenedBracket { at, text: token.text.to_owned() });
            }
        }
        self.push(token, token.kind);
    }

    fn unclosed(&mut self, opening: usize, before: Option<Token<'s>>) {
        let opening = self.unit[opening];
        let error = ParseError::UnclosedBracket {
            at: self.span(opening),
            text: opening.text.to_owned(),
            before: before.map(|token| (token.text.to_owned(), self.span(token))),
        };
        self.error.get_or_insert(error);
    }
}

/// Whether two brackets belong together, whatever the opening one means.
fn pairs(opening: Kind, closing: Kind) -> bool {
    match closing {
        Kind::RightParen => opening == Kind::LeftParen,
        Kind::RightBrace => {
            matches!(opening, Kind::LeftBrace | Kind::SetOpen | Kind::FilterOpen | Kind::MapOpen)
        }
        Kind::RightAngle | Kind::RightAngleSub => opening == Kind::LeftAngle,
        Kind::RightSquareSub => matches!(opening, Kind::LeftSquare | Kind::ActionOpen),
        Kind::RightSquare => matches!(
            opening,
            Kind::LeftSquare
                | Kind::FunctionOpen
                | Kind::RecordOpen
                | Kind::RecordSetOpen
                | Kind::FunctionSetOpen
                | Kind::ExceptOpen
                | Kind::IndexOpen
                | Kind::FunctionDefOpen
        ),
        _ => false,
    }
}
