//! Each pair of operators: the reading that the ranges of the standard table give it, or a conflict.

use super::{codes, sexpr};

/// Prefix, infix or postfix.
#[derive(Clone, Copy, PartialEq)]
enum Fix {
    Prefix,
    Infix,
    Postfix,
}

/// Spellings of one operator, the canonical one first; its range; whether it associates to the left.
type Row = (Fix, &'static [&'static str], u8, u8, bool);

/// The operators as the summary of the language lists them, with the ranges of the standard parser.
const TABLE: &[Row] = &[
    (Fix::Prefix, &["~", "\\lnot", "\\neg", "¬"], 4, 4, false),
    (Fix::Prefix, &["ENABLED"], 4, 15, false),
    (Fix::Prefix, &["UNCHANGED"], 4, 15, false),
    (Fix::Prefix, &["[]", "□"], 4, 15, false),
    (Fix::Prefix, &["<>", "◇"], 4, 15, false),
    (Fix::Prefix, &["SUBSET"], 10, 13, false),
    (Fix::Prefix, &["UNION"], 10, 13, false),
    (Fix::Prefix, &["DOMAIN"], 10, 13, false),
    (Fix::Prefix, &["-.", "-"], 12, 12, false),
    (Fix::Infix, &["=>", "⇒"], 1, 1, false),
    (Fix::Infix, &["-+->", "⇸"], 2, 2, false),
    (Fix::Infix, &["<=>", "\\equiv", "≡", "⇔"], 2, 2, false),
    (Fix::Infix, &["~>", "↝"], 2, 2, false),
    (Fix::Infix, &["\\/", "\\lor", "∨"], 3, 3, true),
    (Fix::Infix, &["/\\", "\\land", "∧"], 3, 3, true),
    (Fix::Infix, &["#", "/=", "≠"], 5, 5, false),
    (Fix::Infix, &["-|", "⊣"], 5, 5, false),
    (Fix::Infix, &["::=", "⩴"], 5, 5, false),
    (Fix::Infix, &[":=", "≔"], 5, 5, false),
    (Fix::Infix, &["<"], 5, 5, false),
    (Fix::Infix, &["="], 5, 5, false),
    (Fix::Infix, &["=|", "⫤"], 5, 5, false),
    (Fix::Infix, &[">"], 5, 5, false),
    (Fix::Infix, &["\\approx", "≈"], 5, 5, false),
    (Fix::Infix, &["\\asymp", "≍"], 5, 5, false),
    (Fix::Infix, &["\\cong", "≅"], 5, 5, false),
    (Fix::Infix, &["\\doteq", "≐"], 5, 5, false),
    (Fix::Infix, &[">=", "\\geq", "≥"], 5, 5, false),
    (Fix::Infix, &["\\gg", "≫"], 5, 5, false),
    (Fix::Infix, &["\\in", "∈"], 5, 5, false),
    (Fix::Infix, &["\\notin", "∉"], 5, 5, false),
    (Fix::Infix, &["=<", "<=", "\\leq", "≤"], 5, 5, false),
    (Fix::Infix, &["\\ll", "≪"], 5, 5, false),
    (Fix::Infix, &["\\prec", "≺"], 5, 5, false),
    (Fix::Infix, &["\\preceq", "⪯"], 5, 5, false),
    (Fix::Infix, &["\\propto", "∝"], 5, 5, false),
    (Fix::Infix, &["\\sim", "∼"], 5, 5, false),
    (Fix::Infix, &["\\simeq", "≃"], 5, 5, false),
    (Fix::Infix, &["\\sqsubset", "⊏"], 5, 5, false),
    (Fix::Infix, &["\\sqsubseteq", "⊑"], 5, 5, false),
    (Fix::Infix, &["\\sqsupset", "⊐"], 5, 5, false),
    (Fix::Infix, &["\\sqsupseteq", "⊒"], 5, 5, false),
    (Fix::Infix, &["\\subset", "⊂"], 5, 5, false),
    (Fix::Infix, &["\\subseteq", "⊆"], 5, 5, false),
    (Fix::Infix, &["\\succ", "≻"], 5, 5, false),
    (Fix::Infix, &["\\succeq", "⪰"], 5, 5, false),
    (Fix::Infix, &["\\supset", "⊃"], 5, 5, false),
    (Fix::Infix, &["\\supseteq", "⊇"], 5, 5, false),
    (Fix::Infix, &["|-", "⊢"], 5, 5, false),
    (Fix::Infix, &["|=", "⊨"], 5, 5, false),
    (Fix::Infix, &["\\cdot", "⋅"], 5, 14, true),
    (Fix::Infix, &["@@"], 6, 6, true),
    (Fix::Infix, &[":>"], 7, 7, false),
    (Fix::Infix, &["<:"], 7, 7, false),
    (Fix::Infix, &["\\"], 8, 8, false),
    (Fix::Infix, &["\\cap", "\\intersect", "∩"], 8, 8, true),
    (Fix::Infix, &["\\cup", "\\union", "∪"], 8, 8, true),
    (Fix::Infix, &["..", "‥"], 9, 9, false),
    (Fix::Infix, &["...", "…"], 9, 9, false),
    (Fix::Infix, &["!!", "‼"], 9, 13, false),
    (Fix::Infix, &["##"], 9, 13, true),
    (Fix::Infix, &["$"], 9, 13, true),
    (Fix::Infix, &["$$"], 9, 13, true),
    (Fix::Infix, &["??", "⁇"], 9, 13, true),
    (Fix::Infix, &["\\sqcap", "⊓"], 9, 13, true),
    (Fix::Infix, &["\\sqcup", "⊔"], 9, 13, true),
    (Fix::Infix, &["\\uplus", "⊎"], 9, 13, true),
    (Fix::Infix, &["\\wr", "≀"], 9, 14, false),
    (Fix::Infix, &["\\oplus", "(+)", "⊕"], 10, 10, true),
    (Fix::Infix, &["+"], 10, 10, true),
    (Fix::Infix, &["++"], 10, 10, true),
    (Fix::Infix, &["%"], 10, 11, false),
    (Fix::Infix, &["%%"], 10, 11, true),
    (Fix::Infix, &["|"], 10, 11, true),
    (Fix::Infix, &["||", "‖"], 10, 11, true),
    (Fix::Infix, &["\\X", "\\times", "×"], 10, 13, true),
    (Fix::Infix, &["\\ominus", "(-)", "⊖"], 11, 11, true),
    (Fix::Infix, &["-"], 11, 11, true),
    (Fix::Infix, &["--"], 11, 11, true),
    (Fix::Infix, &["&"], 13, 13, true),
    (Fix::Infix, &["&&"], 13, 13, true),
    (Fix::Infix, &["\\odot", "(.)", "⊙"], 13, 13, true),
    (Fix::Infix, &["\\oslash", "(/)", "⊘"], 13, 13, false),
    (Fix::Infix, &["\\otimes", "(\\X)", "⊗"], 13, 13, true),
    (Fix::Infix, &["*"], 13, 13, true),
    (Fix::Infix, &["**"], 13, 13, true),
    (Fix::Infix, &["/"], 13, 13, false),
    (Fix::Infix, &["//"], 13, 13, false),
    (Fix::Infix, &["\\bigcirc", "◯"], 13, 13, true),
    (Fix::Infix, &["\\bullet", "●"], 13, 13, true),
    (Fix::Infix, &["\\div", "÷"], 13, 13, false),
    (Fix::Infix, &["\\o", "\\circ", "∘"], 13, 13, true),
    (Fix::Infix, &["\\star", "⋆"], 13, 13, true),
    (Fix::Infix, &["^"], 14, 14, false),
    (Fix::Infix, &["^^"], 14, 14, false),
    (Fix::Postfix, &["^+", "⁺"], 15, 15, false),
    (Fix::Postfix, &["^*"], 15, 15, false),
    (Fix::Postfix, &["^#"], 15, 15, false),
    (Fix::Postfix, &["'"], 15, 15, false),
];

/// `a \X b` is a product rather than an infix expression.
fn infix(symbol: &str, left: &str, right: &str) -> String {
    let head = if symbol == "\\X" { "product" } else { symbol };
    format!("({head} {left} {right})")
}

/// What two operators around or beside one operand are: their text and its reading, if it has one.
fn pair(first: Row, second: Row) -> Option<(String, Option<String>)> {
    let (left_fix, left_spellings, low, high, associates) = first;
    let (right_fix, right_spellings, other_low, other_high, _) = second;
    let (f, g) = (left_spellings[0], right_spellings[0]);
    // Whose operand the middle one is, by the ranges alone.
    let same = f == g && left_fix == right_fix;
    let left_first = low > other_high || same && associates;
    let right_first = high < other_low;
    let choose = |left: String, right: String| match (left_first, right_first) {
        (true, _) => Some(left),
        (false, true) => Some(right),
        (false, false) => None,
    };
    // `-` before an operand is the prefix operator, and only there.
    let f_text = if f == "-." { "-" } else { f };
    let g_text = if g == "-." { "-" } else { g };
    let text_and_reading = match (left_fix, right_fix) {
        (Fix::Prefix, Fix::Prefix) => (format!("{f_text} {g_text} a"), Some(format!("({f} ({g} a))"))),
        (Fix::Prefix, Fix::Infix) => {
            let left = infix(g, &format!("({f} a)"), "b");
            let right = format!("({f} {})", infix(g, "a", "b"));
            (format!("{f_text} a {g_text} b"), choose(left, right))
        }
        (Fix::Prefix, Fix::Postfix) => {
            let reading = choose(format!("({g} ({f} a))"), format!("({f} ({g} a))"));
            (format!("{f_text} a {g_text}"), reading)
        }
        (Fix::Infix, Fix::Prefix) => {
            (format!("a {f_text} {g_text} b"), Some(infix(f, "a", &format!("({g} b)"))))
        }
        (Fix::Infix, Fix::Infix) => {
            let left = infix(g, &infix(f, "a", "b"), "c");
            let flat = format!("{} c)", infix(f, "a", "b").trim_end_matches(')'));
            let right = infix(f, "a", &infix(g, "b", "c"));
            (format!("a {f_text} b {g_text} c"), choose(if same { flat } else { left }, right))
        }
        (Fix::Infix, Fix::Postfix) => (
            format!("a {f_text} b{g_text}"),
            choose(format!("({g} {})", infix(f, "a", "b")), infix(f, "a", &format!("({g} b)"))),
        ),
        (Fix::Postfix, Fix::Infix) => {
            (format!("a{f_text} {g_text} b"), Some(infix(g, &format!("({f} a)"), "b")))
        }
        (Fix::Postfix, Fix::Postfix) => (format!("a{f_text} {g_text}"), Some(format!("({g} ({f} a))"))),
        (Fix::Postfix, Fix::Prefix) => return None,
    };
    Some(text_and_reading)
}

#[test]
fn each_pair_of_operators_has_the_reading_of_the_table() {
    let mut conflicts = 0;
    for first in TABLE {
        for second in TABLE {
            let Some((text, reading)) = pair(*first, *second) else { continue };
            if let Some(reading) = reading {
                assert_eq!(sexpr(&text), reading, "{text}");
            } else {
                conflicts += 1;
                assert_eq!(codes(&format!("A == {text}")), ["precedence-conflict"], "{text}");
            }
        }
    }
    assert!(conflicts > 1000, "{conflicts}");
}

#[test]
fn spellings_of_an_operator_are_one_operator() {
    for (fix, spellings, ..) in TABLE {
        let read = |symbol: &str| {
            sexpr(&match fix {
                Fix::Prefix => format!("{symbol} a"),
                Fix::Infix => format!("a {symbol} b"),
                Fix::Postfix => format!("a{symbol}"),
            })
        };
        // `-.` names the prefix `-`, and is not written before an operand.
        let spellings: Vec<&str> = spellings.iter().copied().filter(|symbol| *symbol != "-.").collect();
        for symbol in &spellings {
            assert_eq!(read(symbol), read(spellings[0]), "{symbol}");
        }
    }
}

#[test]
fn long_chains_are_flat() {
    assert_eq!(sexpr("a \\cup b \\union c ∪ d"), "(\\cup a b c d)");
    assert_eq!(sexpr("a + b * c * d + e"), "(+ a (* b c d) e)");
    assert_eq!(sexpr("(a + b) + c + d"), "(+ (paren (+ a b)) c d)");
    assert_eq!(sexpr("a - b - c - d"), "(- a b c d)");
    for operator in ["/\\", "\\/", "+", "\\cup", "\\X", "-", "*", "\\o"] {
        let text = format!("A == {}z", format!("x {operator} ").repeat(10_000));
        assert_eq!(codes(&text), [""; 0], "{operator}");
    }
}

#[test]
fn a_conflict_is_told_once() {
    for text in ["a = b = c = d = e", "a /\\ b \\/ c /\\ d \\/ e", "a => b => c => d"] {
        assert_eq!(codes(&format!("A == {text}")), ["precedence-conflict"], "{text}");
    }
    let two = "a = b = c /\\ d < e < f";
    assert_eq!(codes(&format!("A == {two}")), ["precedence-conflict", "precedence-conflict"]);
    let long = format!("A == a{}", " = b".repeat(10_000));
    assert_eq!(codes(&long), ["precedence-conflict"]);
}
