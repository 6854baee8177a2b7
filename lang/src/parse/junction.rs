//! Aligned lists: turns columns into brackets, so that the grammar behind needs to know nothing of layout.
//!
//! A `/\` or `\/` where an operand is expected opens a list in its column. The same symbol in that column
//! begins the next item; any other token in that column or to its left ends the list; so does whatever ends
//! the construct that the list stands in (`THEN`, `,`, a closing bracket, the next definition, ...).
//! `CASE` gets its end in the same way, which tells the `[]` of its arms from the `[]` of "always".
//!
//! An operator's symbol that stands for the operator itself (`Fold(+, s)`, `+ <- F`, `V!+`, `DEF +`) becomes a
//! [`Kind::Symbol`] here, where its neighbours are known.
//!
//! A bracket that is never closed becomes, with all that it holds, one [`Kind::Broken`] operand, so that what
//! stands around it can still be read.
//!
//! Invariant: what comes out has each bracket, [`Kind::AndList`], [`Kind::OrList`] and [`Kind::Case`] closed, in
//! order; `-` and `[]` are infix, prefix or separator by then. Each token is looked at once, and each construct
//! is opened and closed once, so that the time is linear.
#![expect(clippy::wildcard_enum_match_arm, reason = "a pass names the tokens that concern it")]

use super::errors::ParseError;
use super::token::{Kind, Token};
use crate::source::{FileId, Span};

/// A construct that has begun and not ended.
#[derive(Clone, Copy)]
enum Context {
    /// A list of `/\` (or `\/`).
    List,
    /// The bracket at `opening` in the unit and `at` in what comes out; `arguments` if it holds those of an
    /// operator. `outside` is what waits outside of it.
    Bracket { opening: usize, at: usize, arguments: bool, outside: Waiting },
    /// Something that waits for a word or a sign.
    Waits(Wait),
}

/// What waits for a word or a sign.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wait {
    /// `IF`, waiting for `THEN`.
    If,
    /// `THEN`, waiting for `ELSE`.
    Then,
    /// `CASE` or the `[]` of an arm, waiting for its `->`.
    Case,
    /// That `->`, waiting for a further arm.
    Value,
    /// `OTHER`, waiting for its `->`.
    LastArm,
    /// That `->`: the next `[]` is that of a `CASE` outside.
    LastValue,
    /// `LET`, waiting for `IN`.
    Let,
    /// A binder, waiting for its `:`.
    Binder,
}

/// How many constructs of each kind wait within one bracket.
#[derive(Clone, Copy, Default)]
struct Waiting([u32; 8]);

/// A list that has begun: its sign, its column, and its position among the contexts.
#[derive(Clone, Copy)]
struct List {
    conjunction: bool,
    column: u32,
    context: usize,
}

/// The tokens of one unit, laid out.
pub(super) struct Layout<'s> {
    /// For the grammar.
    pub(super) tokens: Vec<Token<'s>>,
    /// Brackets and columns that contradict each other.
    pub(super) errors: Vec<ParseError>,
}

/// Lays out one unit.
pub(super) fn lay_out<'s>(file: FileId, unit: &[Token<'s>]) -> Layout<'s> {
    let mut pass = Pass {
        file,
        unit,
        contexts: Vec::new(),
        lists: Vec::new(),
        brackets: Vec::new(),
        waiting: Waiting::default(),
        everywhere: Waiting::default(),
        is_citing: false,
        strays: Vec::new(),
        out: Vec::with_capacity(unit.len() + unit.len() / 4 + 8),
        errors: Vec::new(),
    };
    for at in 0..unit.len() {
        pass.token(at);
    }
    while !pass.contexts.is_empty() {
        pass.close_inner();
        pass.give_up(None);
    }
    Layout { tokens: pass.out, errors: pass.errors }
}

struct Pass<'u, 's> {
    file: FileId,
    unit: &'u [Token<'s>],
    contexts: Vec<Context>,
    /// The lists among the contexts; their columns grow inwards.
    lists: Vec<List>,
    /// The positions of the brackets among the contexts.
    brackets: Vec<usize>,
    /// What waits within the innermost bracket.
    waiting: Waiting,
    /// What waits in any bracket.
    everywhere: Waiting,
    /// Whether what comes is in the list behind a `DEF`.
    is_citing: bool,
    /// Where closing brackets that close nothing were left out.
    strays: Vec<usize>,
    out: Vec<Token<'s>>,
    errors: Vec<ParseError>,
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
                let word = virtual_token(Kind::DefineWord, token.start, Token { end: token.start, ..token });
                self.open(word, Wait::Let);
            }
            self.leave_unclosed(token, Wait::Let);
            self.close_until(&[Wait::Let]);
        }
        if token.kind.is_symbol() && self.is_operator(at, last) {
            self.push(token, Kind::Symbol);
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
            self.push(Token { text: "!!", start: token.start - 1, ..token }, Kind::Symbol);
            return;
        }
        match token.kind {
            Kind::And | Kind::Or => {
                let conjunction = token.kind == Kind::And;
                if operand_ended || last == Some(Kind::Underscore) {
                    self.push(token, Kind::Infix);
                } else {
                    let context = self.contexts.len();
                    self.contexts.push(Context::List);
                    self.lists.push(List { conjunction, column: token.column, context });
                    self.push(token, if conjunction { Kind::AndList } else { Kind::OrList });
                }
            }
            Kind::Minus if operand_ended || last == Some(Kind::Underscore) => self.push(token, Kind::Infix),
            Kind::Infix if operand_ended && self.is_bracketed_symbol(at) => {
                // `Op(+)`, where no operand follows that `(+)` could have for its right one.
                let (start, end) = (token.start, token.end);
                let inside = &token.text[1..token.text.len() - 1];
                self.push(Token { text: "(", end: start + 1, ..token }, Kind::LeftParen);
                self.push(Token { text: inside, start: start + 1, end: end - 1, ..token }, Kind::Symbol);
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
                if self.close_until(&[Wait::Case, Wait::Value]) {
                    self.turn(Wait::Case);
                }
                self.push(token, Kind::CaseArm);
            }
            Kind::Other => {
                if matches!(self.contexts.last(), Some(Context::Waits(Wait::Case))) {
                    self.turn(Wait::LastArm);
                }
                self.push(token, token.kind);
            }
            Kind::Box => self.push(token, Kind::Prefix),
            Kind::If => self.open(token, Wait::If),
            Kind::Case if last == Some(Kind::Step) => self.push(token, Kind::CaseStep),
            Kind::Case => self.open(token, Wait::Case),
            // What follows `DEFINE` is as under a `LET` that the step ends.
            Kind::Let | Kind::DefineWord => self.open(token, Wait::Let),
            Kind::Quantifier | Kind::TemporalQuantifier | Kind::Choose | Kind::Lambda | Kind::Pick => {
                self.open(token, Wait::Binder);
            }
            Kind::Then => {
                if self.end_wait(token, Wait::If) {
                    self.wait(Wait::Then);
                }
                self.push(token, token.kind);
            }
            Kind::Else => {
                self.end_wait(token, Wait::Then);
                self.push(token, token.kind);
            }
            Kind::LetIn => {
                self.end_wait(token, Wait::Let);
                self.push(token, token.kind);
            }
            Kind::Colon => {
                // The binder's own colon ends the binder; a bracket's colon leaves the bracket open.
                if self.close_until(&[Wait::Binder]) {
                    self.pop();
                } else {
                    self.close_inner();
                }
                self.push(token, token.kind);
            }
            Kind::Comma => {
                // One of a binder, or of `RECURSIVE f, g` and `WITH x <- a, y <- b` under a `LET`.
                if !self.close_until(&[Wait::Binder, Wait::Let]) {
                    self.close_inner();
                }
                self.push(token, token.kind);
            }
            Kind::Arrow => {
                // That of an arm, or that of `[S -> T]`.
                if self.close_until(&[Wait::Case, Wait::LastArm]) {
                    let last = matches!(self.contexts.last(), Some(Context::Waits(Wait::LastArm)));
                    self.turn(if last { Wait::LastValue } else { Wait::Value });
                } else {
                    self.close_inner();
                }
                self.push(token, token.kind);
            }
            Kind::Recursive => {
                self.close_until(&[Wait::Let]);
                self.push(token, token.kind);
            }
            Kind::Substitute => {
                if !self.close_until(&[Wait::Let]) {
                    self.close_inner();
                }
                self.push(token, token.kind);
            }
            Kind::MapsTo | Kind::Except => {
                self.close_inner();
                self.push(token, token.kind);
            }
            Kind::Prove | Kind::Proof | Kind::By | Kind::Only | Kind::Def | Kind::Obvious | Kind::Omitted => {
                // No bracket holds any of these.
                while !self.contexts.is_empty() {
                    self.close_inner();
                    self.give_up(Some(token));
                }
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
                    && matches!(last, Some(Kind::Name | Kind::Symbol | Kind::Selector | Kind::Bang));
                self.brackets.push(self.contexts.len());
                let outside = std::mem::take(&mut self.waiting);
                self.contexts.push(Context::Bracket { opening: at, at: self.out.len(), arguments, outside });
                self.push(token, token.kind);
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
        if self.lists.last().is_none_or(|list| list.column < token.column) {
            return false;
        }
        let ended = self.lists.iter().rev().take_while(|list| list.column >= token.column).last().copied();
        let Some(List { conjunction, column, context: first }) = ended else { return false };
        if let Some((bracket, opening)) = self.bracket()
            && bracket > first
            && pairs(self.unit[opening].kind, token.kind)
        {
            let at = self.span(token);
            let opening = self.span(self.unit[opening]);
            self.errors.push(ParseError::BracketLeftOfList { at, opening });
            return false;
        }
        let bullet = column == token.column && token.kind == if conjunction { Kind::And } else { Kind::Or };
        let keep = first + usize::from(bullet);
        while self.contexts.len() > keep {
            if let Some(Context::Bracket { .. }) = self.contexts.last() {
                self.give_up(Some(token));
            } else {
                self.pop();
            }
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
            Some(Kind::Substitute) if closed => true,
            // `WITH + <- F`
            Some(Kind::With) => next_kind == Some(Kind::Substitute),
            Some(Kind::Comma) if next_kind == Some(Kind::Substitute) => true,
            Some(Kind::Comma) if self.is_citing => true,
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

    /// Whether the symbol at `at` is one such as `(+)`, without a right operand.
    fn is_bracketed_symbol(&self, at: usize) -> bool {
        let text = self.unit[at].text;
        // There is no operator `.`.
        let bracketed = text.starts_with('(') && text != "(.)";
        let named = self.out.last().is_some_and(|last| last.kind == Kind::Name);
        let next = self.unit.get(at + 1);
        let operand = next.is_some_and(|next| !next.begins_definition && next.kind.begins_operand());
        bracketed && named && !operand
    }

    fn span(&self, token: Token<'s>) -> Span {
        Span { file: self.file, start: token.start, end: token.end }
    }

    fn push(&mut self, token: Token<'s>, kind: Kind) {
        let listed = matches!(
            kind,
            Kind::Name | Kind::CitedStep | Kind::Symbol | Kind::Module | Kind::Comma | Kind::Bang
        );
        self.is_citing = kind == Kind::Def || self.is_citing && listed;
        self.out.push(Token { kind, ..token });
    }

    fn open(&mut self, token: Token<'s>, wait: Wait) {
        self.wait(wait);
        self.push(token, token.kind);
    }

    fn wait(&mut self, wait: Wait) {
        self.contexts.push(Context::Waits(wait));
        self.waiting.0[wait as usize] += 1;
        self.everywhere.0[wait as usize] += 1;
    }

    fn unwait(&mut self, wait: Wait) {
        self.waiting.0[wait as usize] -= 1;
        self.everywhere.0[wait as usize] -= 1;
    }

    /// The innermost construct goes on, and waits for something else.
    fn turn(&mut self, wait: Wait) {
        if let Some(Context::Waits(before)) = self.contexts.pop() {
            self.unwait(before);
        }
        self.wait(wait);
    }

    /// The innermost bracket: its position among the contexts and in the unit.
    fn bracket(&self) -> Option<(usize, usize)> {
        let position = *self.brackets.last()?;
        match self.contexts[position] {
            Context::Bracket { opening, .. } => Some((position, opening)),
            Context::List | Context::Waits(_) => None,
        }
    }

    /// Ends the innermost construct; the token that ends it, if it has one, is not put here but for lists and
    /// `CASE`s.
    fn pop(&mut self) {
        let end = match self.contexts.pop() {
            Some(Context::List) => {
                self.lists.pop();
                Kind::EndList
            }
            Some(Context::Waits(wait)) => {
                self.unwait(wait);
                if !matches!(wait, Wait::Case | Wait::Value | Wait::LastArm | Wait::LastValue) {
                    return;
                }
                Kind::EndCase
            }
            Some(Context::Bracket { outside, .. }) => {
                self.brackets.pop();
                self.waiting = outside;
                return;
            }
            None => return,
        };
        if let Some(last) = self.out.last().copied() {
            self.out.push(virtual_token(end, last.end, last));
        }
    }

    /// Ends everything inside the innermost bracket.
    fn close_inner(&mut self) {
        let keep = self.brackets.last().map_or(0, |bracket| bracket + 1);
        while self.contexts.len() > keep {
            self.pop();
        }
    }

    /// Ends what stands inside the innermost construct of some kinds, if there is one in the innermost bracket.
    fn close_until(&mut self, wanted: &[Wait]) -> bool {
        if wanted.iter().all(|wait| self.waiting.0[*wait as usize] == 0) {
            return false;
        }
        while !matches!(self.contexts.last(), Some(Context::Waits(wait)) if wanted.contains(wait)) {
            self.pop();
        }
        true
    }

    /// The same, and that construct with it.
    fn end_wait(&mut self, token: Token<'s>, wanted: Wait) -> bool {
        self.leave_unclosed(token, wanted);
        let found = self.close_until(&[wanted]);
        if found {
            self.pop();
        }
        found
    }

    /// Gives up brackets that nothing closes, where what a token belongs to waits outside of them.
    fn leave_unclosed(&mut self, token: Token<'s>, wanted: Wait) {
        while self.waiting.0[wanted as usize] == 0
            && self.everywhere.0[wanted as usize] > 0
            && self.bracket().is_some_and(|(_, opening)| !self.unit[opening].paired)
        {
            self.close_inner();
            self.give_up(Some(token));
        }
    }

    fn close_bracket(&mut self, token: Token<'s>) {
        // A bracket that has its partner elsewhere is not closed by a stray one.
        while let Some((_, opening)) = self.bracket() {
            let opening = self.unit[opening];
            if pairs(opening.kind, token.kind) {
                self.close_inner();
                let at = self.innermost_start();
                self.pop();
                self.push(token, token.kind);
                if !opening.paired && matches!(opening.kind, Kind::LeftSquare | Kind::LeftBrace) {
                    // Nobody knows what it means, because of what was left open within.
                    self.collapse(at, false);
                }
                return;
            }
            if opening.paired {
                break;
            }
            self.close_inner();
            self.give_up(Some(token));
            let outer = self.bracket().map(|(_, outer)| self.unit[outer]);
            if !outer.is_some_and(|outer| pairs(outer.kind, token.kind) || !outer.paired) {
                // It closed the bracket that was given up, although it is of another kind.
                return;
            }
        }
        // The partner of a paired one stands in another declaration, where it is told.
        if !token.paired {
            self.strays.push(self.out.len());
            let at = self.span(token);
            self.errors.push(ParseError::UnopenedBracket { at, text: token.text.to_owned() });
        }
    }

    /// Where the innermost bracket stands in what comes out.
    fn innermost_start(&self) -> usize {
        match self.brackets.last().map(|bracket| self.contexts[*bracket]) {
            Some(Context::Bracket { at, .. }) => at,
            Some(Context::List | Context::Waits(_)) | None => self.out.len(),
        }
    }

    /// Reports the innermost bracket, which stands last among the contexts, as never closed.
    fn give_up(&mut self, before: Option<Token<'s>>) {
        let Some(Context::Bracket { opening, at, arguments, .. }) = self.contexts.last().copied() else {
            return;
        };
        self.pop();
        // A string without end may have swallowed the closing bracket, and a stray one may have been meant; of
        // brackets in brackets, one is told.
        let known = |token: &Token<'_>| {
            token.kind == Kind::Broken && (token.text.is_empty() || token.text.starts_with('"'))
        };
        let meant = self.strays.last().is_some_and(|stray| *stray > at);
        if !meant && !self.out[at..].iter().any(known) {
            let opening = self.unit[opening];
            self.errors.push(ParseError::UnclosedBracket {
                at: self.span(opening),
                text: opening.text.to_owned(),
                before: before.map(|token| (token.text.to_owned(), self.span(token))),
            });
        }
        self.collapse(at, arguments);
    }

    /// Makes what came out since `at`, where a bracket stands, one broken operand.
    fn collapse(&mut self, at: usize, arguments: bool) {
        let opening = self.out[at];
        let end = self.out.last().map_or(opening.end, |last| last.end);
        let index = opening.kind == Kind::LeftSquare
            && at.checked_sub(1).is_some_and(|before| self.out[before].kind.ends_operand());
        self.out.truncate(at);
        if arguments || index {
            self.push(opening, if index { Kind::IndexOpen } else { opening.kind });
        }
        self.out.push(Token { end, ..virtual_token(Kind::Broken, opening.start, opening) });
        if arguments || index {
            let closing = if index { Kind::RightSquare } else { Kind::RightParen };
            self.out.push(virtual_token(closing, end, Token { end, ..opening }));
        }
    }
}

/// A token that nobody wrote, from `start` to the end of another one.
pub(super) fn virtual_token(kind: Kind, start: u32, place: Token<'_>) -> Token<'_> {
    Token { kind, text: "", start, begins_definition: false, paired: false, ..place }
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
