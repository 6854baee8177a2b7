//! Text to tokens: everything from the module's first line to its `====`.
//!
//! Invariant: spans are byte offsets into the whole file and lie on character boundaries; each mistake is
//! reported once, and stands in the stream as a [`Kind::Broken`] operand (or as the token that was meant).
#![expect(clippy::wildcard_enum_match_arm, reason = "a pass names the tokens that concern it")]

use logos::Logos;

use super::errors::ParseError;
use super::operators;
use super::token::{Kind, TAB, Token};
use crate::source::{FileId, Span};

/// What was found in a file.
pub(super) struct Lexed<'s> {
    /// Tokens from `---- MODULE` to the matching `====`, both included where present.
    pub(super) tokens: Vec<Token<'s>>,
    /// Mistakes within tokens.
    pub(super) errors: Vec<ParseError>,
}

/// Where the module begins: at the first `----` that `MODULE` follows; what precedes it is a comment.
pub(super) fn module_start(text: &str) -> Option<usize> {
    let mut from = 0;
    while let Some(found) = text[from..].find("----") {
        let start = from + found;
        let dashes = text[start..].len() - text[start..].trim_start_matches('-').len();
        let rest = text[start + dashes..].trim_start();
        if let Some(after) = rest.strip_prefix("MODULE")
            && after.starts_with(char::is_whitespace)
        {
            return Some(start);
        }
        from = start + dashes;
    }
    None
}

/// Reads the tokens of `text` from byte `start`.
pub(super) fn lex(file: FileId, text: &str, start: usize) -> Lexed<'_> {
    let mut lexer = Kind::lexer(text);
    lexer.bump(start);
    let line_start = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
    let mut reader =
        Reader { file, text, place: Place { line: 0, line_start, counted: line_start, column: 0 } };
    let mut tokens: Vec<Token<'_>> = Vec::new();
    let mut errors = Vec::new();
    let mut words = Words::default();
    let mut depth = 0_usize;
    while let Some(found) = lexer.next() {
        let range = lexer.span();
        let Ok(kind) = found else {
            // One report for a run of foreign characters.
            let again = tokens
                .last()
                .is_some_and(|last| last.kind == Kind::Broken && last.end as usize == range.start);
            if again && let Some(last) = tokens.last_mut() {
                last.end = offset(range.end);
            } else {
                errors.push(ParseError::UnknownCharacter {
                    character: text[range.clone()].chars().next().unwrap_or('?'),
                    at: reader.span(range.start, range.end),
                });
                tokens.push(reader.token(Kind::Broken, range.start, range.end));
            }
            continue;
        };
        match kind {
            Kind::Space => {}
            Kind::LineComment => {
                let rest = lexer.remainder();
                lexer.bump(rest.find('\n').unwrap_or(rest.len()));
            }
            Kind::CommentOpen => {
                let rest = lexer.remainder();
                let length = comment_length(rest).unwrap_or_else(|| {
                    errors.push(ParseError::UnterminatedComment { at: reader.span(range.start, range.end) });
                    rest.len()
                });
                lexer.bump(length);
            }
            Kind::Quote => match string_length(lexer.remainder()) {
                Ok(length) => {
                    lexer.bump(length);
                    let end = range.end + length;
                    errors.extend(bad_escapes(&reader, range.start, &text[range.start..end]));
                    tokens.push(reader.token(Kind::Text, range.start, end));
                }
                Err(length) => {
                    lexer.bump(length);
                    let end = range.end + length;
                    errors.push(ParseError::UnterminatedString { at: reader.span(range.start, end) });
                    tokens.push(reader.token(Kind::Broken, range.start, end));
                }
            },
            Kind::Word => {
                let (kind, length) = words.at(text, range.start);
                lexer.bump(length - 1);
                let range = lexer.span();
                if kind != Kind::Word {
                    tokens.push(reader.token(kind, range.start, range.end));
                    continue;
                }
                let word = lexer.slice();
                if tokens.last().is_some_and(|last| {
                    last.kind == Kind::Dot && !text[last.end as usize..range.start].contains('\n')
                }) {
                    // Any word may be a field's name.
                    tokens.push(reader.token(Kind::Name, range.start, range.end));
                    continue;
                }
                let fairness = match word.get(..3) {
                    Some("WF_") => Some(Kind::Weak),
                    Some("SF_") => Some(Kind::Strong),
                    _ => None,
                };
                let Some(fairness) = fairness else {
                    let kind = Kind::of_word(word);
                    let begins = tokens.last().is_some_and(|last| last.kind == Kind::Separator);
                    depth += usize::from(kind == Kind::Module && begins);
                    tokens.push(reader.token(kind, range.start, range.end));
                    continue;
                };
                let middle = range.start + 3;
                tokens.push(reader.token(fairness, range.start, middle));
                if middle < range.end {
                    tokens.push(reader.token(Kind::Name, middle, range.end));
                }
            }
            Kind::Command => {
                let command = lexer.slice();
                if let Some(kind) = command_kind(command) {
                    tokens.push(reader.token(kind, range.start, range.end));
                    continue;
                }
                // `S\T` is a difference; ` \subsetq` is a typing error.
                let joined =
                    text[..range.start].ends_with(|c: char| c.is_alphanumeric() || "_)]}'".contains(c));
                if joined {
                    let middle = range.start + 1;
                    tokens.push(reader.token(Kind::Infix, range.start, middle));
                    tokens.push(reader.token(Kind::of_word(&command[1..]), middle, range.end));
                } else {
                    errors.push(ParseError::UnknownOperator {
                        text: command.to_owned(),
                        similar: similar(command),
                        at: reader.span(range.start, range.end),
                    });
                    tokens.push(reader.token(Kind::Broken, range.start, range.end));
                }
            }
            Kind::ModuleEnd => {
                tokens.push(reader.token(kind, range.start, range.end));
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    break;
                }
            }
            _ => tokens.push(reader.token(kind, range.start, range.end)),
        }
    }
    Lexed { tokens, errors }
}

/// A byte offset as spans hold it; `parse` refuses longer files.
pub(super) fn offset(byte: usize) -> u32 {
    u32::try_from(byte).unwrap_or(u32::MAX)
}

/// Where counting has come to, so that columns cost no second look at a line.
struct Place {
    line: u32,
    line_start: usize,
    counted: usize,
    column: u32,
}

struct Reader<'s> {
    file: FileId,
    text: &'s str,
    place: Place,
}

impl<'s> Reader<'s> {
    fn span(&self, start: usize, end: usize) -> Span {
        Span { file: self.file, start: offset(start), end: offset(end) }
    }

    fn token(&mut self, kind: Kind, start: usize, end: usize) -> Token<'s> {
        let place = &mut self.place;
        for (at, byte) in self.text.as_bytes()[place.counted..start].iter().enumerate() {
            if *byte == b'\n' {
                place.line += 1;
                place.line_start = place.counted + at + 1;
                place.column = 0;
            } else if *byte == b'\t' {
                place.column = (place.column / TAB + 1) * TAB;
            } else if *byte & 0b1100_0000 != 0b1000_0000 {
                place.column += 1;
            }
        }
        place.counted = start;
        Token {
            kind,
            text: &self.text[start..end],
            start: offset(start),
            end: offset(end),
            line: place.line,
            column: place.column,
            begins_definition: false,
            paired: false,
        }
    }
}

/// Where runs of letters, digits and `_` end.
#[derive(Default)]
struct Words {
    /// The end of the last run that was found to hold no letter.
    letterless: usize,
}

impl Words {
    /// What the word, number or `_` at `start` is, and how long: a run with a letter is a word, one without it
    /// falls into numbers and `_`.
    fn at(&mut self, text: &str, start: usize) -> (Kind, usize) {
        let bytes = text.as_bytes();
        let run = |from: usize, is_in: fn(&u8) -> bool| {
            bytes[from..].iter().position(|byte| !is_in(byte)).unwrap_or(bytes.len() - from)
        };
        if start >= self.letterless {
            let end = start + run(start, |byte| byte.is_ascii_alphanumeric() || *byte == b'_');
            if bytes[start..end].iter().any(u8::is_ascii_alphabetic) {
                return (Kind::Word, end - start);
            }
            self.letterless = end;
        }
        let whole = run(start, u8::is_ascii_digit);
        if whole == 0 {
            return (Kind::Underscore, 1);
        }
        let dot = start + whole;
        let fraction = if bytes.get(dot) == Some(&b'.') { run(dot + 1, u8::is_ascii_digit) } else { 0 };
        (Kind::Number, if fraction == 0 { whole } else { whole + 1 + fraction })
    }
}

/// How many bytes of `rest` end the comment that was opened before it.
fn comment_length(rest: &str) -> Option<usize> {
    let bytes = rest.as_bytes();
    let mut depth = 1_usize;
    let mut at = 0;
    while at + 1 < bytes.len() {
        match (bytes[at], bytes[at + 1]) {
            (b'(', b'*') => {
                depth += 1;
                at += 2;
            }
            (b'*', b')') => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => at += 1,
        }
    }
    None
}

/// How many bytes of `rest` end the string that was opened before it; if its line ends first, how many there are.
fn string_length(rest: &str) -> Result<usize, usize> {
    let mut escaped = false;
    for (at, byte) in rest.bytes().enumerate() {
        match byte {
            b'\n' => return Err(rest[..at].trim_end().len()),
            b'"' if !escaped => return Ok(at + 1),
            _ => escaped = byte == b'\\' && !escaped,
        }
    }
    Err(rest.trim_end().len())
}

fn command_kind(command: &str) -> Option<Kind> {
    match command {
        "\\A" | "\\E" | "\\forall" | "\\exists" => Some(Kind::Quantifier),
        "\\AA" | "\\EE" => Some(Kind::TemporalQuantifier),
        "\\in" => Some(Kind::In),
        "\\land" => Some(Kind::And),
        "\\lor" => Some(Kind::Or),
        "\\lnot" | "\\neg" => Some(Kind::Prefix),
        _ => operators::COMMANDS.contains(&command).then_some(Kind::Infix),
    }
}

/// The known command that is closest to a wrong one, if any is close.
fn similar(command: &str) -> Option<&'static str> {
    let best = operators::COMMANDS
        .iter()
        .map(|known| (distance(command, known), *known))
        .min_by_key(|(distance, known)| (*distance, std::cmp::Reverse(known.len())))?;
    (best.0 <= 2 && best.1.len() > 3).then_some(best.1)
}

/// How many letters must be changed to get from one word to the other.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (line, letter) in from.chars().take(32).enumerate() {
        let mut diagonal = row[0];
        row[0] = line + 1;
        for column in 0..to.len() {
            let change = diagonal + usize::from(letter != to[column]);
            diagonal = row[column + 1];
            row[column + 1] = change.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[to.len()]
}

fn bad_escapes(reader: &Reader<'_>, start: usize, quoted: &str) -> Vec<ParseError> {
    let mut errors = Vec::new();
    let mut letters = quoted.char_indices();
    while let Some((at, letter)) = letters.next() {
        if letter == '\\'
            && let Some((next, escaped)) = letters.next()
            && unescape(escaped).is_none()
        {
            let at = reader.span(start + at, start + next + escaped.len_utf8());
            errors.push(ParseError::UnknownEscape { character: escaped, at });
        }
    }
    errors
}

/// The character that `\letter` stands for in a string.
pub(super) fn unescape(letter: char) -> Option<char> {
    match letter {
        '"' => Some('"'),
        '\\' => Some('\\'),
        't' => Some('\t'),
        'n' => Some('\n'),
        'f' => Some('\x0c'),
        'r' => Some('\r'),
        _ => None,
    }
}
