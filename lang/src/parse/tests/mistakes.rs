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
