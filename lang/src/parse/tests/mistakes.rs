//! Each code, with the smallest text that has it.

use super::{codes, module, units};
use crate::ast::{ProofKind, UnitKind};

/// The message, what is underlined, and the help of the only diagnostic.
fn only(text: &str) -> (String, String, String) {
    let whole = format!("---- MODULE M ----\n{text}\n====\n");
    let found = module(&whole).diagnostics;
    assert_eq!(found.len(), 1, "{found:?}");
    let span = found[0].primary.span;
    let guilty = whole[span.start as usize..span.end as usize].to_owned();
    (found[0].message.clone(), guilty, found[0].help.clone().unwrap_or_default())
}

#[test]
fn each_code() {
    let cases: &[(&str, &[&str])] = &[
        ("A == \"abc", &["unterminated-string"]),
        ("A == \"a\\qb\"", &["unknown-escape"]),
        ("A == a ? b", &["unknown-character"]),
        ("A == a ; ; b", &["unknown-character", "unknown-character"]),
        ("A == a é b\nB == 1", &["unknown-character"]),
        ("A == a \\subsetq b", &["unknown-operator"]),
        ("A == a b", &["unexpected-token"]),
        ("A == IF a THEN b\nB == 1", &["unexpected-end"]),
        ("A == \nB == 1", &["unexpected-end"]),
        ("A == (a\nB == 1", &["unclosed-bracket"]),
        ("A == (a]\nB == 1", &["unclosed-bracket"]),
        ("A == a)\nB == 1", &["unopened-bracket"]),
        ("A ==\n  /\\ F(\n   a\n )\n  /\\ b", &["bracket-left-of-list"]),
        ("A == a \\/ b /\\ c", &["precedence-conflict"]),
        ("A == a = b = c", &["precedence-conflict"]),
        ("A == UNCHANGED a = b", &["precedence-conflict"]),
        ("A == a => b => c", &["precedence-conflict"]),
        ("THEOREM T\n<1>1. x\nTHEOREM U", &["unfinished-proof"]),
        ("THEOREM T == a PROOF\nTHEOREM U", &["unfinished-proof"]),
        ("THEOREM T\n<1>1. x\n  <2>1. y\n<1> QED", &["unfinished-proof"]),
        ("THEOREM T\n<1>1. x\n  <2>1. y PROOF\n <2> QED\n<1> QED", &["unfinished-proof"]),
        ("THEOREM T OBVIOUS\n<1> QED", &["misplaced-step"]),
        ("THEOREM T\n<1>1. x BY a\n<2> QED\n<1> QED", &["misplaced-step"]),
        ("THEOREM T\n<1> HAVE x\n<2> QED\n<1> QED", &["misplaced-step"]),
        ("THEOREM T\n<1> QED\n<1>2. a\n<1> QED", &["misplaced-step"]),
        ("THEOREM T\n<2>1. a\n<1>2. b\n<2> QED", &["misplaced-step"]),
        ("THEOREM T\n<1>1. a b\n<1>2. c d\n<1> QED", &["unexpected-token", "unexpected-token"]),
        ("A == 1\n<1>1. a", &["unexpected-token"]),
        ("THEOREM T\n<1>1.\n<1>2. TAKE\n<1>3. a BY\n<1> DEFINE\n<1> QED BY\nA == 1", &["unexpected-end"; 5]),
        ("A == WF_x(a, b)", &["unexpected-token"]),
        ("A == LAMBDA x : x", &["unexpected-token"]),
        ("INSTANCE M WITH a = b", &["unexpected-token"]),
        ("A == V!99999999999999999999999", &["unexpected-token"]),
        ("A == L(1) :: a", &["unexpected-token"]),
        ("A == 1\nEXTENDS B", &["unexpected-token"]),
        ("VARIABLES x,\nA == 1", &["unexpected-end"]),
    ];
    for (text, expected) in cases {
        assert_eq!(codes(text), *expected, "{text}");
    }
    let whole = |text: &str| module(text).diagnostics.iter().map(|found| found.code.0).collect::<Vec<_>>();
    assert_eq!(whole(""), ["module-not-found"]);
    assert_eq!(whole("A == 1"), ["module-not-found"]);
    assert_eq!(whole("---- MODULE M ----\nA == 1"), ["missing-module-end"]);
    assert_eq!(whole("---- MODULE M ----\n====="), [""; 0]);
    assert_eq!(whole("---- MODULE M\nA == 1\n===="), ["bad-module-header"]);
    assert_eq!(whole("---- MODULE ----\nA == 1\n===="), ["bad-module-header"]);
    assert_eq!(
        whole("---- MODULE M ----\nA == 1 (* (* *)\n===="),
        ["missing-module-end", "unterminated-comment"]
    );
    assert_eq!(codes(&format!("A == {}", "1".repeat(1001))), ["number-too-long"]);
}

#[test]
fn messages_point_at_the_smallest_text() {
    assert_eq!(
        only("A == a b"),
        ("`b` cannot stand here".to_owned(), "b".to_owned(), "write an operator here".to_owned())
    );
    assert_eq!(only("A == a \\subsetq b").2, "did you mean `\\subseteq`?");
    assert_eq!(only("A == a +\nB == 1").1, "+");
    assert_eq!(only("A == NEW").0, "`NEW` cannot stand here");
    let found = units("A == x \\cup y \\cap z").diagnostics;
    assert_eq!(found[0].notes, ["either `(x \\cup y) \\cap z`", "or `x \\cup (y \\cap z)`"]);
}

#[test]
fn five_mistakes_are_five_errors() {
    let found = codes(
        "EXTENDS Naturals\nVARIABLE x y\nA == (1 + 2\nB == \"open\nC == IF a THEN b\nD == a \\/ b /\\ c\nE == 1\nF == x @ y",
    );
    assert_eq!(
        found,
        [
            "unexpected-token",
            "unclosed-bracket",
            "unterminated-string",
            "unexpected-end",
            "precedence-conflict",
            "unexpected-token"
        ]
    );
}

#[test]
fn what_is_refused_keeps_its_head() {
    let parsed = units("A(x, y) == (x\nf[x \\in S] == x +\nTHEOREM T == a b\nB == 1");
    assert_eq!(parsed.value.units.len(), 4);
    let parsed = units("THEOREM T == a\n<1>1. b c\n<1> QED BY <1>1 d\nB == 1");
    let UnitKind::Theorem(theorem) = &parsed.value.units[0].kind else { panic!() };
    assert!(matches!(&theorem.proof.kind, ProofKind::Structured(steps) if steps.len() == 2));
    assert_eq!(parsed.value.units.len(), 2);
}

/// Each mistake in a text as `code at guilty text`.
fn told(text: &str) -> Vec<String> {
    let whole = format!("---- MODULE M ----\n{text}\n====\n");
    let found = module(&whole).diagnostics;
    let show = |found: &crate::diag::Diagnostic| {
        let span = found.primary.span;
        format!("{} at {}", found.code.0, &whole[span.start as usize..span.end as usize])
    };
    found.iter().map(show).collect()
}

#[test]
fn mistakes_in_one_definition_are_told_one_by_one() {
    let cases: &[(&str, &[&str])] = &[
        // Items of lists, aligned and in a line.
        (
            "A ==\n  /\\ a b\n  /\\ c\n  /\\ \\/ d e\n     \\/ f +\n  /\\ g)\n  /\\ h",
            &[
                "unexpected-token at b",
                "unexpected-token at e",
                "unexpected-token at /\\",
                "unopened-bracket at )",
            ],
        ),
        (
            "A == a b /\\ c /\\ d e => f g",
            &["unexpected-token at b", "unexpected-token at e", "unexpected-token at g"],
        ),
        // Brackets: elements, arguments, bounds, bodies, fields, updates.
        (
            "A == {a b, c, d e} \\cup F(g h, i) \\cup <<j k>>",
            &[
                "unexpected-token at b",
                "unexpected-token at e",
                "unexpected-token at h",
                "unexpected-token at k",
            ],
        ),
        (
            "A == [x \\in S T |-> x y] = [f EXCEPT ![a] = b c, ![d] = e, !.g = h i]",
            &[
                "unexpected-token at T",
                "unexpected-token at y",
                "unexpected-token at c",
                "unexpected-token at i",
            ],
        ),
        (
            "A == [a |-> b c, d |-> e f] \\in [a : b c, d : e f]",
            &[
                "unexpected-token at c",
                "unexpected-token at f",
                "unexpected-token at c",
                "unexpected-token at f",
            ],
        ),
        (
            "A == {x \\in S T : x y} \\cup {x y : x \\in S T}",
            &[
                "unexpected-token at T",
                "unexpected-token at y",
                "unexpected-token at y",
                "unexpected-token at T",
            ],
        ),
        ("A == a[b c] + d[e f]", &["unexpected-token at c", "unexpected-token at f"]),
        // IF, CASE, LET, binders.
        (
            "A == IF a b THEN c d ELSE e f",
            &["unexpected-token at b", "unexpected-token at d", "unexpected-token at f"],
        ),
        (
            "A == CASE a b -> c d [] e -> f [] g h -> i [] OTHER -> j k",
            &[
                "unexpected-token at b",
                "unexpected-token at d",
                "unexpected-token at h",
                "unexpected-token at k",
            ],
        ),
        (
            "A == LET x == a b c\n         w(u v) == 2\n         t == c +\n     IN x +",
            &[
                "unexpected-token at c",
                "unexpected-token at v",
                "unexpected-token at IN",
                "unexpected-end at +",
            ],
        ),
        (
            "A == \\A x \\in S T, y \\in U V : x y",
            &["unexpected-token at T", "unexpected-token at V", "unexpected-token at y"],
        ),
        ("A == CHOOSE x \\in S T : x y", &["unexpected-token at T", "unexpected-token at y"]),
        // Heads.
        ("A(x y) == a b", &["unexpected-token at y", "unexpected-token at b"]),
        // Brackets that are left open end where something must end, and what follows is read.
        (
            "A ==\n  /\\ (a\n  /\\ b c\n  /\\ {d, e\n  /\\ f",
            &["unclosed-bracket at (", "unexpected-token at c", "unclosed-bracket at {"],
        ),
        (
            "A == IF (a THEN [b ELSE c d",
            &["unclosed-bracket at (", "unclosed-bracket at [", "unexpected-token at d"],
        ),
        (
            "A == LET x == (a\n         y == F(b\n     IN c d",
            &["unclosed-bracket at (", "unclosed-bracket at (", "unexpected-token at d"],
        ),
        (
            "A ==\n  /\\ F(\n   a\n  )\n  /\\ b c\n  /\\ d",
            &["bracket-left-of-list at )", "unexpected-token at c"],
        ),
        (
            "A ==\n  /\\ f[a\n  /\\ g(b\n  /\\ <<c\n  /\\ d e",
            &[
                "unclosed-bracket at [",
                "unclosed-bracket at (",
                "unclosed-bracket at <<",
                "unexpected-token at e",
            ],
        ),
        ("THEOREM T == (a BY b c DEF d", &["unclosed-bracket at (", "unexpected-token at c"]),
        // The lexer's mistakes beside the grammar's.
        (
            "A ==\n  /\\ a ? b\n  /\\ c d\n  /\\ \"e\n  /\\ f \\subsetq g\n  /\\ h i",
            &[
                "unknown-character at ?",
                "unexpected-token at d",
                "unterminated-string at \"e",
                "unknown-operator at \\subsetq",
                "unexpected-token at i",
            ],
        ),
        // What is found besides syntax is told once, before and behind what is not syntax.
        (
            "A ==\n  /\\ a = b = c\n  /\\ d e\n  /\\ f \\/ g /\\ h\n  /\\ i j",
            &[
                "precedence-conflict at =",
                "unexpected-token at e",
                "precedence-conflict at /\\",
                "unexpected-token at j",
            ],
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(told(text), *expected, "{text}");
    }
}

#[test]
fn one_mistake_has_no_consequences() {
    for (text, expected) in [
        ("A == [ (a ]", "unclosed-bracket at ("),
        ("A == F(a, (b])", "unopened-bracket at ]"),
        ("A == ((((a", "unclosed-bracket at ("),
        ("A == (a\nB == 1)", "unclosed-bracket at ("),
        ("A == IF a THEN b", "unexpected-end at b"),
        ("A ==\n  /\\ IF a THEN b\n  /\\ c", "unexpected-token at /\\"),
        ("A == IF a b c d e f THEN g ELSE h", "unexpected-token at b"),
        ("A == a THEN b ELSE c", "unexpected-token at THEN"),
        ("A == {a, , b}", "unexpected-token at ,"),
        ("A == F(a, )", "unexpected-token at )"),
        ("A == F()", "unexpected-token at )"),
        ("A == \\A x \\in : a", "unexpected-token at :"),
        ("A == \\A 1 \\in S : a", "unexpected-token at 1"),
        ("A == [1 |-> 2, a |-> 3]", "unexpected-token at 1"),
        ("A == LET IN x", "unexpected-token at IN"),
        ("A == LET x IN x", "unexpected-token at IN"),
        ("A == CASE a", "unexpected-end at a"),
        ("A == CASE a -> b [] c", "unexpected-end at c"),
        ("A == [f EXCEPT a = 1, ![2] = 3]", "unexpected-token at a"),
        ("VARIABLES x y, z", "unexpected-token at y"),
        ("CONSTANTS C(_, x), D", "unexpected-token at x"),
        ("A == \"abc", "unterminated-string at \"abc"),
        ("A == F(\"abc)\nB == 1", "unterminated-string at \"abc)"),
        ("A == [a, b]", "unexpected-token at ["),
    ] {
        assert_eq!(told(text), [expected], "{text}");
    }
}

#[test]
fn of_very_many_mistakes_some_are_told() {
    let lists = format!("A ==\n{}", "  /\\ a b\n".repeat(10_000));
    assert_eq!(told(&lists).len(), super::super::recover::MAX_TOLD);
    let line = format!("A == {}c", "a b /\\ ".repeat(10_000));
    assert_eq!(told(&line).len(), super::super::recover::MAX_TOLD);
    let conflicts = format!("A == {}c", "a = b = c, ".repeat(10_000)).replace("== ", "== {") + "}";
    assert_eq!(told(&conflicts).len(), super::super::recover::MAX_TOLD);
    let brackets = format!("A == {}e", "IF (a THEN [b ELSE ".repeat(10_000));
    assert_eq!(told(&brackets).len(), super::super::recover::MAX_TOLD);
}
