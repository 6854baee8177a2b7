//! What can be wrong with a text, as data; the one conversion to [`Diagnostic`] gives it words.

use crate::diag::{Code, Diagnostic};
use crate::source::Span;

/// A mistake in the text of a module.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ParseError {
    /// The file has no line `---- MODULE Name ----`.
    ModuleNotFound {
        /// The start of the file.
        at: Span,
    },
    /// The first line of the module is not `---- MODULE Name ----`.
    BadModuleHeader {
        /// What stands there instead.
        at: Span,
    },
    /// The module has no `====`.
    MissingModuleEnd {
        /// The last token.
        at: Span,
        /// The module.
        name: String,
    },
    /// The file has more bytes than spans can count.
    FileTooLarge {
        /// The start of the file.
        at: Span,
    },
    /// `(*` without `*)`.
    UnterminatedComment {
        /// The `(*`.
        at: Span,
    },
    /// A string without closing quote on its line.
    UnterminatedString {
        /// The string, to the end of the line.
        at: Span,
    },
    /// `\q` in a string.
    UnknownEscape {
        /// The character after the backslash.
        character: char,
        /// Both.
        at: Span,
    },
    /// A character that no token begins with.
    UnknownCharacter {
        /// The first such character.
        character: char,
        /// All that follow one another.
        at: Span,
    },
    /// `\subsetq`.
    UnknownOperator {
        /// As written.
        text: String,
        /// An operator that looks like it.
        similar: Option<&'static str>,
        /// Where.
        at: Span,
    },
    /// A number of so many digits that it can only be a mistake.
    NumberTooLong {
        /// Where.
        at: Span,
    },
    /// A token that cannot stand where it stands.
    UnexpectedToken {
        /// As written.
        found: String,
        /// Whether it is a reserved word of the language.
        reserved: bool,
        /// What could stand there.
        expected: Vec<&'static str>,
        /// Where.
        at: Span,
    },
    /// A declaration that stops too early.
    UnexpectedEnd {
        /// What could follow.
        expected: Vec<&'static str>,
        /// The declaration's last token.
        at: Span,
    },
    /// An opening bracket without its closing one.
    UnclosedBracket {
        /// The opening bracket.
        at: Span,
        /// As written.
        text: String,
        /// The token before which it had to be closed, if not the declaration's end.
        before: Option<(String, Span)>,
    },
    /// A closing bracket without its opening one.
    UnopenedBracket {
        /// The closing bracket.
        at: Span,
        /// As written.
        text: String,
    },
    /// A closing bracket to the left of the list in which its opening one stands.
    BracketLeftOfList {
        /// The closing bracket.
        at: Span,
        /// The opening bracket.
        opening: Span,
    },
    /// Two operators that neither precedence nor associativity orders.
    PrecedenceConflict {
        /// The left operator and where it is.
        left: (String, Span),
        /// The right operator and where it is.
        right: (String, Span),
        /// The text with brackets, in both ways.
        readings: [String; 2],
    },
    /// An expression, proof or module within so many others that later stages could not walk it.
    NestingTooDeep {
        /// Which of them.
        what: Nested,
        /// Where the limit was passed.
        at: Span,
        /// The limit.
        limit: u32,
    },
    /// A structured proof without the `QED` of its level.
    UnfinishedProof {
        /// The first step.
        at: Span,
    },
    /// A proof step that its level puts where no step may be.
    MisplacedStep {
        /// What is wrong with its place.
        why: &'static str,
        /// The step's name.
        at: Span,
    },
}

/// What may be nested too deeply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Nested {
    /// Expressions in expressions, or `ASSUME` in `ASSUME`.
    Expression,
    /// Proofs of steps of proofs.
    Proof,
    /// Modules in modules.
    Module,
}

impl From<ParseError> for Diagnostic {
    fn from(error: ParseError) -> Self {
        match error {
            ParseError::ModuleNotFound { at } => Self::error(
                Code("module-not-found"),
                "the file contains no module",
                at,
                "no `---- MODULE` from here on",
            )
            .help("begin the module with a line `---- MODULE Name ----` and end it with `====`"),
            ParseError::BadModuleHeader { at } => Self::error(
                Code("bad-module-header"),
                "the module's first line is incomplete",
                at,
                "expected a name, then `----`",
            )
            .help("write `---- MODULE Name ----`"),
            ParseError::MissingModuleEnd { at, name } => Self::error(
                Code("missing-module-end"),
                format!("module `{name}` has no end"),
                at,
                "the text stops here",
            )
            .help("end the module with a line `====`"),
            ParseError::FileTooLarge { at } => {
                Self::error(Code("file-too-large"), "the file is larger than 4 GiB", at, "")
                    .help("split the module")
            }
            ParseError::UnterminatedComment { at } => {
                Self::error(Code("unterminated-comment"), "a comment is not closed", at, "opened here")
                    .note("comments nest: each `(*` needs its own `*)`")
                    .help("add `*)` where the comment ends")
            }
            ParseError::UnterminatedString { at } => Self::error(
                Code("unterminated-string"),
                "a string is not closed on its line",
                at,
                "no closing quote",
            )
            .help("add the closing `\"`"),
            ParseError::UnknownEscape { character, at } => Self::error(
                Code("unknown-escape"),
                format!("`\\{character}` means nothing in a string"),
                at,
                "unknown escape",
            )
            .help("write `\\\\` for a backslash; the other escapes are `\\\"`, `\\t`, `\\n`, `\\f`, `\\r`"),
            ParseError::UnknownCharacter { character, at } => Self::error(
                Code("unknown-character"),
                format!("`{}` begins no TLA+ token", character.escape_default()),
                at,
                "not TLA+",
            )
            .help("remove it, or put it in a comment or a string"),
            ParseError::UnknownOperator { text, similar, at } => {
                let error = Self::error(
                    Code("unknown-operator"),
                    format!("there is no operator `{text}`"),
                    at,
                    "unknown operator",
                );
                match similar {
                    Some(similar) => error.help(format!("did you mean `{similar}`?")),
                    None => error.help("for a set difference, put a space after the `\\`"),
                }
            }
            ParseError::NumberTooLong { at } => {
                Self::error(Code("number-too-long"), "a number has more than 1000 digits", at, "too long")
                    .help("declare a constant and state what is assumed of it")
            }
            ParseError::UnexpectedToken { found, reserved, expected, at } => {
                let mut error = Self::error(
                    Code("unexpected-token"),
                    format!("`{found}` cannot stand here"),
                    at,
                    expectation(&expected),
                );
                if reserved {
                    error = error.note(format!("`{found}` is a reserved word of TLA+"));
                }
                error.help(suggestion(&expected))
            }
            ParseError::UnexpectedEnd { expected, at } => Self::error(
                Code("unexpected-end"),
                "the declaration is not complete",
                at,
                format!("{} after this", expectation(&expected)),
            )
            .help(suggestion(&expected)),
            ParseError::UnclosedBracket { at, text, before } => {
                let error = Self::error(
                    Code("unclosed-bracket"),
                    format!("`{text}` is not closed"),
                    at,
                    "opened here",
                )
                .help(format!("add `{}`", closing(&text)));
                match before {
                    Some((token, span)) => error.because(span, format!("needed before this `{token}`")),
                    None => error.note("the declaration ends before it is closed"),
                }
            }
            ParseError::UnopenedBracket { at, text } => Self::error(
                Code("unopened-bracket"),
                format!("`{text}` closes nothing"),
                at,
                "no opening bracket",
            )
            .help("remove it, or add the opening bracket"),
            ParseError::BracketLeftOfList { at, opening } => Self::error(
                Code("bracket-left-of-list"),
                "a bracket is closed to the left of the list in which it was opened",
                at,
                "this ends the list",
            )
            .because(opening, "opened inside an item")
            .help("move the closing bracket to the right of the list's `/\\` or `\\/`"),
            ParseError::PrecedenceConflict { left, right, readings: [first, second] } => Self::error(
                Code("precedence-conflict"),
                format!("`{}` and `{}` have no order of precedence here", left.0, right.0),
                right.1,
                "binds neither more nor less tightly",
            )
            .because(left.1, format!("than this `{}`", left.0))
            .note(format!("either `{first}`"))
            .note(format!("or `{second}`"))
            .help("put one of the two in parentheses"),
            ParseError::NestingTooDeep { what, at, limit } => Self::error(
                Code("nesting-too-deep"),
                match what {
                    Nested::Expression => format!("an expression is nested more than {limit} deep"),
                    Nested::Proof => format!("a proof is nested more than {limit} deep"),
                    Nested::Module => format!("a module is nested more than {limit} deep"),
                },
                at,
                match what {
                    Nested::Expression => "too deep from here outwards",
                    Nested::Proof | Nested::Module => "too deep from here on",
                },
            )
            .help(match what {
                Nested::Expression => "name a part of it by a definition",
                Nested::Proof => "state a part of it as a lemma",
                Nested::Module => "put the inner module into a file of its own",
            }),
            ParseError::UnfinishedProof { at } => {
                Self::error(Code("unfinished-proof"), "a structured proof has no `QED`", at, "begins here")
                    .help("end the proof with a `QED` step of the same level")
            }
            ParseError::MisplacedStep { why, at } => {
                Self::error(Code("misplaced-step"), "a proof step cannot stand here", at, why)
                    .help("give it the level of the steps that it belongs to")
            }
        }
    }
}

fn expectation(expected: &[&str]) -> String {
    match expected {
        [] => "unexpected".to_owned(),
        [one] => format!("expected {one}"),
        [some @ .., last] => format!("expected {} or {last}", some.join(", ")),
    }
}

fn suggestion(expected: &[&str]) -> String {
    match expected.first() {
        None => "remove it".to_owned(),
        Some(first) => format!("write {first} here"),
    }
}

fn closing(opening: &str) -> &'static str {
    match opening {
        "(" => ")",
        "[" => "]",
        "{" => "}",
        "⟨" => "⟩",
        _ => ">>",
    }
}
