//! Every construct, precedence and layout.

use super::{module, round_trip, sexpr};
use crate::ast::UnitKind;

#[test]
fn precedence_follows_the_book() {
    assert_eq!(sexpr("a /\\ b => c \\/ d"), "(=> (/\\ a b) (\\/ c d))");
    assert_eq!(sexpr("~ a = b /\\ c"), "(/\\ (~ (= a b)) c)");
    assert_eq!(sexpr("a + b * c"), "(+ a (* b c))");
    assert_eq!(sexpr("a + b - c"), "(+ a (- b c))");
    assert_eq!(sexpr("a - b - c"), "(- a b c)");
    assert_eq!(sexpr("-a - -b"), "(- (-. a) (-. b))");
    assert_eq!(sexpr("x' = x + 1"), "(= (' x) (+ x 1))");
    assert_eq!(sexpr("a[b]' \\in S \\cup {c}"), "(\\in (' (at a b)) (\\cup S {c}))");
    assert_eq!(sexpr("a'[b].f"), "(field (at (' a) b) f)");
    assert_eq!(sexpr("DOMAIN f \\cup S"), "(\\cup (DOMAIN f) S)");
    assert_eq!(sexpr("Init /\\ [][Next]_vars"), "(/\\ Init ([] (box Next vars)))");
    assert_eq!(sexpr("Spec => []Inv"), "(=> Spec ([] Inv))");
    assert_eq!(sexpr("[]<>A ~> ~B"), "(~> ([] (<> A)) (~ B))");
    assert_eq!(sexpr("SUBSET S \\ {T}"), "(\\ (SUBSET S) {T})");
    assert_eq!(sexpr("a /\\ Here:: b /\\ c"), "(/\\ a Here :: b /\\ c)");
    assert_eq!(sexpr("1..n \\cup 2..m"), "(\\cup (.. 1 n) (.. 2 m))");
    assert_eq!(sexpr("S \\X T \\X U"), "(product S T U)");
    assert_eq!(sexpr("(S \\X T) \\X U"), "(product (paren (product S T)) U)");
    assert_eq!(sexpr("a ** b \\prec c ++ d"), "(\\prec (** a b) (++ c d))");
    assert_eq!(sexpr("a \\land b ∧ c"), "(/\\ a b c)");
    assert_eq!(sexpr("a /= b ≤ c ⇒ d".replace("≤ c ", "").as_str()), "(=> (# a b) d)");
    assert_eq!(sexpr("a = \\A x : x = b /\\ c"), "(= a (forall (/\\ (= x b) c)))");
    assert_eq!(sexpr("a \\/ ~b /\\ c".replace(" /\\ c", "").as_str()), "(\\/ a (~ b))");
}

#[test]
fn junction_lists_follow_columns() {
    assert_eq!(sexpr("/\\ a\n     /\\ b"), "[and a b]");
    assert_eq!(sexpr("/\\ a\n       /\\ b"), "[and (/\\ a b)]");
    assert_eq!(sexpr("\n  /\\ \\/ a\n     \\/ b\n  /\\ c"), "[and [or a b] c]");
    assert_eq!(sexpr("\n  /\\ a\n  /\\ b\n => c"), "(=> [and a b] c)");
    assert_eq!(sexpr("\n  /\\ a\n  /\\ b\n  => c"), "(=> [and a b] c)");
    assert_eq!(sexpr("\n  /\\ a\n  /\\ b\n /\\ c"), "(/\\ [and a b] c)");
    assert_eq!(sexpr("\n  /\\ a\n  \\/ b"), "(\\/ [and a] b)");
    assert_eq!(sexpr("\n  /\\ a => /\\ b\n          /\\ c\n  /\\ d"), "[and (=> a [and b c]) d]");
    assert_eq!(
        sexpr("\n  /\\ IF a THEN /\\ b\n               /\\ c\n          ELSE d\n  /\\ e"),
        "[and (if a [and b c] d) e]"
    );
    assert_eq!(sexpr("IF /\\ a /\\ b THEN c ELSE d"), "(if [and (/\\ a b)] c d)");
    assert_eq!(sexpr("F(/\\ a\n       /\\ b, c)"), "(F [and a b] c)");
    assert_eq!(
        sexpr(
            "\n  /\\ LET x == /\\ a\n              /\\ b\n         y == c\n     IN /\\ x\n        /\\ y\n  /\\ d"
        ),
        "[and (let 2 [and x y]) d]"
    );
    assert_eq!(
        sexpr("\n  \\/ CASE a -> /\\ b\n               /\\ c\n       [] d -> e\n  \\/ f"),
        "[or (case (a [and b c]) (d e)) f]"
    );
    assert_eq!(
        sexpr("\n  /\\ \\A x \\in S :\n       \\/ a\n       \\/ b\n  /\\ c"),
        "[and (forall [or a b]) c]"
    );
    assert_eq!(sexpr("\n  /\\ (a\n    \\/ b)\n  /\\ c"), "[and (paren (\\/ a b)) c]");
    assert_eq!(sexpr("\n\t/\\ a\n\t/\\ b"), "[and a b]");
    assert_eq!(sexpr("\n  ∧ a\n  /\\ b"), "[and a b]");
    assert_eq!(sexpr("\n  /\\ a \\* a comment\n  (* another *)\n  /\\ b"), "[and a b]");
    assert_eq!(sexpr("\n  /\\ /\\ a\n     /\\ b\n   /\\ c\n  /\\ d"), "[and (/\\ [and a b] c) d]");
    assert_eq!(sexpr("\n  /\\ a\n  /\\ b\n '"), "(' [and a b])");
}

#[test]
fn cases_and_boxes_are_told_apart() {
    assert_eq!(sexpr("CASE a -> b [] c -> d [] OTHER -> e"), "(case (a b) (c d) (other e))");
    assert_eq!(sexpr("CASE a -> []b [] c -> d"), "(case (a ([] b)) (c d))");
    assert_eq!(sexpr("CASE a -> CASE b -> c [] d -> e"), "(case (a (case (b c) (d e))))");
    assert_eq!(sexpr("CASE a -> (CASE b -> c) [] d -> e"), "(case (a (paren (case (b c)))) (d e))");
    assert_eq!(sexpr("F(CASE a -> b, c)"), "(F (case (a b)) c)");
    assert_eq!(sexpr("IF CASE a -> b THEN c ELSE d"), "(if (case (a b)) c d)");
}

#[test]
fn brackets_mean_what_they_hold() {
    for text in [
        "[x \\in S |-> x + 1]",
        "[x, y \\in S, z \\in T |-> x]",
        "[<<x, y>> \\in S |-> x]",
        "[S -> [T -> U]]",
        "[a |-> 1, b |-> [c |-> 2]]",
        "[a : S, b : [c : T]]",
        "[f EXCEPT ![a] = @ + 1, ![b].c[d, e] = 2]",
        "[f[a] EXCEPT !.x = \"1a\"]",
        "[A \\/ B]_<<x, y>>",
        "<<A>>_v",
        "<<>>",
        "<<a, <<b>>>>",
        "{}",
        "{a, b}",
        "{x \\in S : \\A y \\in T : p}",
        "{<<x, y>> \\in S : p}",
        "{<<x, y>> : x \\in S, y \\in T}",
        "{x + 1 : x \\in S}",
        "{CHOOSE x \\in S : p, c}",
        "{\\A x \\in S : p}",
        "{\\A x \\in S : p : y \\in T}",
        "WF_vars(A) /\\ SF_<<x, y>>(B) /\\ WF_(x)(C)",
        "CHOOSE x : p",
        "CHOOSE <<x, y>> \\in S : p",
        "\\E x, y : p",
        "\\A x, y \\in S, <<z, w>> \\in T : p",
        "LET f[x \\in S] == x\n       Op(a, F(_, _)) == F(a, a)\n       a ++ b == a\n       -. a == b\n IN f",
        "\"a \\\"quoted\\\" \\\\ text\\n\"",
        "Fold(+, 0, S)",
        "UNCHANGED <<x, y>>",
        "SUBSET (UNION S)",
        "ENABLED A",
        "x^+",
        "1b",
        "[S -> CASE a -> b]",
        "(+) \\cup a".replace("(+) \\cup ", "").as_str(),
        "a (+) b",
        "S \\ T",
        "~ ~ a",
        "[][A]_v",
    ] {
        round_trip(&format!("A == {text}"));
    }
    assert_eq!(sexpr("S\\T"), "(\\ S T)");
    assert_eq!(sexpr("\\hFF + \\b101 + \\o17 + 007"), "(+ 255 5 15 7)");
    assert_eq!(sexpr("\\h10000000000000000"), "18446744073709551616");
    assert_eq!(sexpr("∀ x ∈ S : x ∉ T ∪ U"), "(forall (\\notin x (\\cup T U)))");
    assert_eq!(sexpr("⟨a, b⟩′ ≡ □[N]_v"), "(<=> (' (tuple a b)) ([] (box N v)))");
    assert_eq!(sexpr("ℕ"), "Nat");
}

#[test]
fn declarations() {
    for text in [
        "EXTENDS Naturals, FiniteSets\n----\nCONSTANT C, Op(_, _), _ ++ _\n-----\nVARIABLES x, y",
        "ASSUME A\nASSUMPTION B == TRUE\nAXIOM C == FALSE",
        "LOCAL f(x) == x\nLOCAL g[x \\in S, y \\in T] == x",
        "a \\prec b == a\na ' == b".replace("a ' == b", "a ^+ == b").as_str(),
        "-. a == a",
        "THEOREM A\nLEMMA B == C\nPROPOSITION TRUE OBVIOUS\nCOROLLARY X == Y PROOF OMITTED",
        "THEOREM T == ASSUME NEW x \\in S, NEW CONSTANT y, NEW VARIABLE F(_), a, b PROVE c BY DEF d, e",
        "THEOREM T == A PROOF BY ONLY B, C(n) DEFS d\nA == 1",
        "THEOREM T == A BY B\nTHEOREM C",
        "A == x\nB == y",
        "A == LET b == 1\n c == 2 IN b\nD == 3",
        "A ==\n  /\\ a\n  /\\ b\nB(x, y) ==\n  \\/ x\n  \\/ y",
        "THEOREM T ==\n  /\\ a\n  /\\ b\nPROOF BY c",
    ] {
        round_trip(text);
    }
}

#[test]
fn text_around_a_module_is_a_comment() {
    let parsed = module(
        "It's \"free (* text\n--- MODULE ---- x\n---- MODULE M ----\nA == 1\n==== more ( \" text\n---- MODULE N ----",
    );
    assert_eq!(parsed.diagnostics, vec![]);
    assert_eq!(parsed.value.name.text, "M");
    assert_eq!(parsed.value.units.len(), 1);
}

#[test]
fn comments_nest() {
    round_trip("A == (* a (* nested *) comment \\* here *) 1 \\* and (* this\nB == 2");
}

#[test]
fn spans_are_exact() {
    let text = "---- MODULE M ----\nÄ == 1\nA == b + c'\n====";
    let parsed = module(&text.replace('Ä', "X"));
    let UnitKind::Operator(definition) = &parsed.value.units[1].kind else { panic!() };
    let span = definition.body.span;
    assert_eq!(&text.replace('Ä', "X")[span.start as usize..span.end as usize], "b + c'");
}
