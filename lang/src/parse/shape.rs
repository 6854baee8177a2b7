//! What one look at the whole token stream tells: which bracket closes which, what each opening bracket
//! means, which `LET` has its `IN`, and where definitions begin.
//!
//! With that known, the grammar needs one token of lookahead. All of it is one pass with a stack.
#![expect(clippy::wildcard_enum_match_arm, reason = "a pass names the tokens that concern it")]

use super::token::{Kind, Token};

/// What opened is not yet closed.
struct Open {
    at: usize,
    /// Binders (`\A`, `CHOOSE`, ...) whose `:` has not come.
    binders: u32,
    /// The first token that tells what the bracket means: `:` in braces, `|->`, `EXCEPT` or `->` in squares.
    telling: Option<Kind>,
}

/// For each token, the position of the token that it closes or that closes it; itself if there is none.
pub(super) struct Partners(Vec<usize>);

impl Partners {
    /// The token that closes the one at `at`, or that it closes.
    pub(super) fn of(&self, at: usize) -> Option<usize> {
        (self.0[at] != at).then_some(self.0[at])
    }
}

/// Rewrites opening brackets to what they mean, marks the heads of definitions, and pairs `LET` with `IN`.
pub(super) fn shape(tokens: &mut [Token<'_>]) -> Partners {
    let mut partners: Vec<usize> = (0..tokens.len()).collect();
    let mut open: Vec<Open> = Vec::new();
    let mut lets: Vec<usize> = Vec::new();
    for at in 0..tokens.len() {
        let previous = at.checked_sub(1).map(|before| tokens[before].kind);
        if names_field(tokens, at) {
            tokens[at].kind = Kind::Name;
        }
        match tokens[at].kind {
            Kind::LeftAngle | Kind::RightAngle | Kind::Colon | Kind::At if previous == Some(Kind::Bang) => {
                tokens[at].kind = Kind::Selector;
            }
            Kind::LeftParen | Kind::LeftSquare | Kind::LeftBrace | Kind::LeftAngle => {
                open.push(Open { at, binders: 0, telling: None });
            }
            Kind::RightParen
            | Kind::RightSquare
            | Kind::RightSquareSub
            | Kind::RightBrace
            | Kind::RightAngle
            | Kind::RightAngleSub => {
                let closes = open.last().is_some_and(|last| pairs(tokens[last.at].kind, tokens[at].kind));
                if closes && let Some(last) = open.pop() {
                    partners[last.at] = at;
                    partners[at] = last.at;
                    tokens[last.at].paired = true;
                    tokens[at].paired = true;
                    tokens[last.at].kind = meaning(tokens, &last, at);
                }
            }
            Kind::Quantifier | Kind::TemporalQuantifier | Kind::Choose | Kind::Lambda | Kind::Pick => {
                if let Some(last) = open.last_mut() {
                    last.binders += 1;
                }
            }
            Kind::Colon => {
                if let Some(last) = open.last_mut() {
                    if last.binders > 0 {
                        last.binders -= 1;
                    } else if tokens[last.at].kind == Kind::LeftBrace {
                        last.telling = Some(Kind::Colon);
                    }
                }
            }
            Kind::MapsTo | Kind::Except | Kind::Arrow => {
                if let Some(last) = open.last_mut()
                    && tokens[last.at].kind == Kind::LeftSquare
                {
                    // An arrow may be one of a `CASE`; the others tell for sure.
                    if last.telling.is_none_or(|told| told == Kind::Arrow) {
                        last.telling = Some(tokens[at].kind);
                    }
                }
            }
            Kind::Let => lets.push(at),
            Kind::LetIn => {
                if let Some(opener) = lets.pop() {
                    partners[opener] = at;
                    partners[at] = opener;
                }
            }
            Kind::Define => {
                if let Some(head) = definition_head(tokens, &partners, at) {
                    tokens[head].begins_definition = true;
                    if tokens.get(head + 1).is_some_and(|next| next.kind == Kind::IndexOpen) {
                        tokens[head + 1].kind = Kind::FunctionDefOpen;
                    }
                }
            }
            // A declaration ends whatever was left open by mistake.
            Kind::Theorem | Kind::Extends | Kind::Separator => {
                open.clear();
                lets.clear();
            }
            Kind::Constant | Kind::Variable if previous != Some(Kind::New) => {
                open.clear();
                lets.clear();
            }
            _ => {}
        }
    }
    Partners(partners)
}

/// Whether a reserved word is the name of a field: `[THEN |-> 1]`, `[a : S, THEN : T]`.
fn names_field(tokens: &[Token<'_>], at: usize) -> bool {
    let is_word = tokens[at].text.starts_with(|first: char| first.is_ascii_uppercase());
    let next = tokens.get(at + 1).map(|next| next.kind);
    let begins = || {
        let previous = at.checked_sub(1).map(|before| tokens[before].kind);
        matches!(previous, Some(Kind::LeftSquare | Kind::Comma))
    };
    is_word
        && tokens[at].kind != Kind::Name
        && (next == Some(Kind::MapsTo) || next == Some(Kind::Colon) && begins())
}

fn pairs(opening: Kind, closing: Kind) -> bool {
    match opening {
        Kind::LeftParen => closing == Kind::RightParen,
        Kind::LeftSquare => matches!(closing, Kind::RightSquare | Kind::RightSquareSub),
        Kind::LeftBrace => closing == Kind::RightBrace,
        Kind::LeftAngle => matches!(closing, Kind::RightAngle | Kind::RightAngleSub),
        _ => false,
    }
}

/// What the bracket `open`, closed at `close`, means.
fn meaning(tokens: &[Token<'_>], open: &Open, close: usize) -> Kind {
    let kind = tokens[open.at].kind;
    let first = tokens[open.at + 1].kind;
    let second = tokens[(open.at + 2).min(close)].kind;
    match kind {
        Kind::LeftSquare => {
            let previous = open.at.checked_sub(1).map(|before| tokens[before].kind);
            // `V!+[x]`
            let in_path = open.at.checked_sub(2).is_some_and(|before| tokens[before].kind == Kind::Bang);
            let ends = |kind: Kind| kind.ends_operand() || kind == Kind::Bang || in_path && kind.is_symbol();
            if tokens[close].kind == Kind::RightSquareSub {
                Kind::ActionOpen
            } else if previous.is_some_and(ends) {
                Kind::IndexOpen
            } else if first == Kind::Name && second == Kind::MapsTo {
                Kind::RecordOpen
            } else if first == Kind::Name && second == Kind::Colon {
                Kind::RecordSetOpen
            } else {
                match open.telling {
                    Some(Kind::Except) => Kind::ExceptOpen,
                    Some(Kind::MapsTo) => Kind::FunctionOpen,
                    Some(Kind::Arrow) => Kind::FunctionSetOpen,
                    _ => kind,
                }
            }
        }
        Kind::LeftBrace if open.telling.is_none() => Kind::SetOpen,
        Kind::LeftBrace => {
            if first == Kind::Name && second == Kind::In
                || first == Kind::LeftAngle && tuple_bound(tokens, open.at + 1)
            {
                Kind::FilterOpen
            } else {
                Kind::MapOpen
            }
        }
        _ => kind,
    }
}

/// Whether `<<x, y>> \in` begins at `at`.
fn tuple_bound(tokens: &[Token<'_>], at: usize) -> bool {
    let inside =
        tokens[at + 1..].iter().take_while(|token| matches!(token.kind, Kind::Name | Kind::Comma)).count();
    let after = tokens.get(at + 1 + inside..at + 3 + inside).unwrap_or(&[]);
    matches!(after, [first, second] if first.kind == Kind::RightAngle && second.kind == Kind::In)
}

/// Where the head that ends before the `==` at `define` begins.
fn definition_head(tokens: &[Token<'_>], partners: &[usize], define: usize) -> Option<usize> {
    let last = define.checked_sub(1)?;
    let is_name = |at: usize| tokens.get(at).is_some_and(|token| token.kind == Kind::Name);
    match tokens[last].kind {
        Kind::RightParen | Kind::RightSquare => {
            let opening = partners[last];
            let head = opening.checked_sub(1)?;
            (opening != last && is_name(head)).then_some(head)
        }
        Kind::Postfix => last.checked_sub(1).filter(|head| is_name(*head)),
        Kind::Name => {
            let Some(symbol) = last.checked_sub(1) else { return Some(last) };
            let one_line = |at: usize| tokens[at].line == tokens[define].line;
            match tokens[symbol].kind {
                Kind::Prefix if tokens[symbol].text == "-." => Some(symbol),
                // Nobody may define `~ a`, but that is not said here.
                Kind::Prefix | Kind::Box
                    if symbol
                        .checked_sub(1)
                        .is_none_or(|before| tokens[before].line < tokens[symbol].line) =>
                {
                    Some(symbol)
                }
                // `a ++ b ==`; on one line, so that `x \cup` without a right side spoils no other definition.
                Kind::Infix | Kind::Minus => {
                    let head = symbol.checked_sub(1).filter(|head| is_name(*head) && one_line(*head));
                    Some(head.unwrap_or(last))
                }
                _ => Some(last),
            }
        }
        _ => None,
    }
}
