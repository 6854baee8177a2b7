//! The operator symbols of TLA+ with their precedence ranges and associativity.
//!
//! The table is that of *Specifying Systems* (table 6), but for `SUBSET`, `UNION` and `DOMAIN`: the book gives
//! them 8-8 and 9-9, where `SUBSET S \ T` would have no reading; the standard parser gives them 10-13, and so
//! do we.
//!
//! Invariant: symbols are in the spelling of [`crate::ast::canonical`]. Whether an infix symbol has a meaning
//! is not decided here: a module may define `\prec` or `++` itself.

/// How tightly an operator binds: two operators compete for an operand by comparing ranges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Precedence {
    /// The lower end.
    pub(super) low: u8,
    /// The upper end.
    pub(super) high: u8,
    /// Whether `a op b op c` is `(a op b) op c`.
    pub(super) associative: bool,
}

const fn none(low: u8, high: u8) -> Precedence {
    Precedence { low, high, associative: false }
}

const fn left(low: u8, high: u8) -> Precedence {
    Precedence { low, high, associative: true }
}

/// The infix operators that are written as commands, for the lexer and for suggestions.
pub(super) const COMMANDS: &[&str] = &[
    "\\approx",
    "\\asymp",
    "\\bigcirc",
    "\\bullet",
    "\\cap",
    "\\cdot",
    "\\circ",
    "\\cong",
    "\\cup",
    "\\div",
    "\\doteq",
    "\\equiv",
    "\\geq",
    "\\gg",
    "\\in",
    "\\intersect",
    "\\land",
    "\\leq",
    "\\ll",
    "\\lnot",
    "\\lor",
    "\\neg",
    "\\notin",
    "\\o",
    "\\odot",
    "\\ominus",
    "\\oplus",
    "\\oslash",
    "\\otimes",
    "\\prec",
    "\\preceq",
    "\\propto",
    "\\sim",
    "\\simeq",
    "\\sqcap",
    "\\sqcup",
    "\\sqsubset",
    "\\sqsubseteq",
    "\\sqsupset",
    "\\sqsupseteq",
    "\\star",
    "\\subset",
    "\\subseteq",
    "\\succ",
    "\\succeq",
    "\\supset",
    "\\supseteq",
    "\\times",
    "\\union",
    "\\uplus",
    "\\wr",
    "\\X",
    "\\A",
    "\\E",
    "\\AA",
    "\\EE",
    "\\forall",
    "\\exists",
];

/// The range of an infix symbol; a symbol that the table does not know binds like a relation.
pub(super) fn infix(symbol: &str) -> Precedence {
    match symbol {
        "=>" => none(1, 1),
        "<=>" | "~>" | "-+->" => none(2, 2),
        "/\\" | "\\/" => left(3, 3),
        "\\cdot" => left(5, 14),
        "@@" => left(6, 6),
        ":>" | "<:" => none(7, 7),
        "\\" => none(8, 8),
        "\\cup" | "\\cap" => left(8, 8),
        ".." | "..." => none(9, 9),
        "!!" => none(9, 13),
        "##" | "$" | "$$" | "??" | "\\sqcap" | "\\sqcup" | "\\uplus" => left(9, 13),
        "\\wr" => none(9, 14),
        "+" | "++" | "\\oplus" => left(10, 10),
        "%" => none(10, 11),
        "%%" | "|" | "||" => left(10, 11),
        // One product of many factors, not products of products.
        "\\X" => left(10, 13),
        "-" | "--" | "\\ominus" => left(11, 11),
        "/" | "//" | "\\div" | "\\oslash" => none(13, 13),
        "\\bigcirc" | "&" | "&&" | "*" | "**" | "\\o" | "\\bullet" | "\\odot" | "\\otimes" | "\\star" => {
            left(13, 13)
        }
        "^" | "^^" => none(14, 14),
        _ => none(5, 5),
    }
}

/// The range of a prefix symbol.
pub(super) fn prefix(symbol: &str) -> Precedence {
    match symbol {
        "~" => none(4, 4),
        "SUBSET" | "UNION" | "DOMAIN" => none(10, 13),
        "-." => none(12, 12),
        _ => none(4, 15),
    }
}

/// The range of every postfix symbol.
pub(super) const POSTFIX: Precedence = none(15, 15);
