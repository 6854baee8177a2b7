//! Each code, with the smallest text that has it.

use super::{codes, module, units};

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
        ("V == INSTANCE N WITH x <- y, z <- w", &["unsupported-instance"]),
        ("LOCAL INSTANCE N", &["unsupported-instance"]),
        ("INSTANCE N\nA == 1", &["unsupported-instance"]),
        ("A == V!Spec", &["unsupported-instance"]),
        ("A == V!F(x)!G", &["unsupported-instance"]),
        ("A == WF_R!vars(R!Next)", &["unsupported-instance", "unsupported-instance"]),
        ("a + b == R!+(a, b)", &["unsupported-instance"]),
        ("RECURSIVE f(_), g(_, _)\nf(x) == x", &["unsupported-recursive"]),
        ("A == F(LAMBDA x, y : x + y, z)", &["unsupported-lambda"]),
        ("A == \\EE x : a", &["unsupported-temporal-quantifier"]),
        ("---- MODULE N ----\nB == 1\n====\nA == 1", &["unsupported-submodule"]),
        ("USE A DEF B\nHIDE DEF B", &["unsupported-use", "unsupported-use"]),
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
}
