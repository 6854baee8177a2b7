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
    assert_eq!(sexpr("1 \\bigcirc 2 \\bigcirc 3"), "(\\bigcirc 1 2 3)");
    assert_eq!(sexpr("SUBSET a..b"), "(.. (SUBSET a) b)");
    assert_eq!(sexpr("a -+-> b /\\ c \\cdot d"), "(-+-> a (/\\ b (\\cdot c d)))");
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
    assert_eq!(sexpr("\n\t/\\ a\n        /\\ b\n  \t/\\ c"), "[and a b c]");
    assert_eq!(sexpr("\n\t/\\ a =\n\t\tb"), "[and (= a b)]");
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
    assert_eq!(
        sexpr("CASE a -> CASE b -> c [] OTHER -> d [] e -> f □ OTHER → g"),
        "(case (a (case (b c) (other d))) (e f) (other g))"
    );
    assert_eq!(
        sexpr("\n  CASE a -> /\\ CASE b -> c\n            [] d -> e\n  [] f -> g"),
        "(case (a [and (case (b c))]) (d e) (f g))"
    );
    assert_eq!(
        sexpr("\n  CASE a -> /\\ CASE b -> c\n               [] d -> e\n  [] f -> g"),
        "(case (a [and (case (b c) (d e))]) (f g))"
    );
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
    assert_eq!(sexpr("\\forall x : \\exists y : p"), "(forall (exists p))");
}

#[test]
fn operators_stand_for_themselves() {
    for text in [
        "Fold(+, 0, LAMBDA x, y : x + y)",
        "F(-, -., ~, \\cup, /\\, \\/, =, \\in, ', ^+, SUBSET, [], <>, \\X)",
        "F(LAMBDA x : /\\ x\n             /\\ x, y)",
    ] {
        round_trip(&format!("A == {text}"));
    }
    assert_eq!(sexpr("Op(+) + Op(-) - Op(\\X)"), "(+ (Op +) (- (Op -) (Op \\X)))");
    assert_eq!(sexpr("a (+) b"), "(\\oplus a b)");
    assert_eq!(sexpr("Op((+))"), "(Op \\oplus)");
    assert_eq!(sexpr("Op( * )[1]"), "(at (Op *) 1)");
    assert_eq!(sexpr("+(1, 2) = \\o(a, b)"), "(= (+ 1 2) (\\o a b))");
    assert_eq!(sexpr("\n  /\\ <(1, 2)\n  /\\ ^+(a)"), "[and (< 1 2) (^+ a)]");
}

#[test]
fn paths() {
    for text in [
        "V!Op",
        "V(x)!Op(y) + V(x)!W(y)!Z(1)",
        "Op!1 /\\ Op!<<!>>!: /\\ Op!@!2",
        "Op!(a, b)!3 /\\ Op(2)!1!label(3)",
        "V!+(1, 2) = V!-.(1)",
        "V!!!(1, 2) = V!-(1, 2)",
        "+(1, 2)!1 = 1",
        "V!F(LAMBDA x : x, -)",
        "[f EXCEPT ![V!x] = V!y[1].z']",
        "\\A x \\in V!S : x",
        "⟨V!⟨, V!⟩⟩",
    ] {
        round_trip(&format!("A == {text}"));
    }
}

#[test]
fn labels() {
    round_trip("A == \\A x \\in S : l(x) :: \\E y : /\\ m(x, y) :: x\n /\\ n:: y");
    assert_eq!(sexpr("a = l ∷ b /\\ c"), "(= a l :: b /\\ c)");
}

#[test]
fn temporal_forms() {
    for text in [
        "\\AA x, y : \\EE z : []A",
        "[A]_x /\\ <<A>>_<<x, y>> /\\ [A]_(x) /\\ [A]_V!x /\\ [A]_V(1)!x(2) /\\ [A]_f(x) /\\ [A]_{x}",
        "[A]_[a |-> x] /\\ ⟨A⟩_x",
        "WF_<<x>>(A) /\\ SF_V!x(V!A) /\\ WF_(x)(A) /\\ WF_x(<<A>>_x) /\\ WF_[a |-> x](A) /\\ WF_{x}(A)",
        "WF_f(x)(A) /\\ SF_V(1)!f(x)(A) /\\ WF_V(1)!x(A)",
        "(A \\cdot B) -+-> C",
        "ENABLED A /\\ ENABLED <<A>>_x",
        "[]<>A => <>[]B",
    ] {
        round_trip(&format!("A == {text}"));
    }
}

#[test]
fn fields_may_have_reserved_names() {
    round_trip("A == [r.THEN EXCEPT !.NEW = r.SF_x, !.a[b].IN = @.WF_]");
    round_trip("A == [THEN |-> 1, EXTENDS |-> 2].THEN \\in [THEOREM : S, LET : T]");
}

#[test]
fn decimals() {
    assert_eq!(sexpr("1.5 + 00.250 + 1..2"), "(.. (+ 1.5 0.250 1) 2)");
}

#[test]
fn every_spelling_of_a_symbol_is_alike() {
    let pairs = [
        ("\\approx", "≈"),
        (":=", "≔"),
        ("::=", "⩴"),
        ("\\asymp", "≍"),
        ("\\bigcirc", "◯"),
        ("\\bullet", "●"),
        ("\\cap", "∩"),
        ("\\intersect", "∩"),
        ("\\cdot", "⋅"),
        ("\\circ", "∘"),
        ("\\cong", "≅"),
        ("\\union", "∪"),
        ("\\div", "÷"),
        ("\\doteq", "≐"),
        ("..", "‥"),
        ("...", "…"),
        ("!!", "‼"),
        ("??", "⁇"),
        ("||", "‖"),
        ("\\geq", "≥"),
        ("<=", "≤"),
        ("/=", "≠"),
        ("\\gg", "≫"),
        ("\\ll", "≪"),
        ("<=>", "⇔"),
        ("\\equiv", "≡"),
        ("=>", "⇒"),
        ("\\in", "∈"),
        ("\\notin", "∉"),
        ("=|", "⫤"),
        ("|=", "⊨"),
        ("|-", "⊢"),
        ("-|", "⊣"),
        ("~>", "↝"),
        ("-+->", "⇸"),
        ("/\\", "∧"),
        ("\\land", "∧"),
        ("\\/", "∨"),
        ("\\lor", "∨"),
        ("\\prec", "≺"),
        ("\\succ", "≻"),
        ("\\preceq", "⪯"),
        ("\\succeq", "⪰"),
        ("\\propto", "∝"),
        ("\\sim", "∼"),
        ("\\simeq", "≃"),
        ("\\sqcap", "⊓"),
        ("\\sqcup", "⊔"),
        ("\\sqsubset", "⊏"),
        ("\\sqsupset", "⊐"),
        ("\\sqsubseteq", "⊑"),
        ("\\sqsupseteq", "⊒"),
        ("\\subset", "⊂"),
        ("\\supset", "⊃"),
        ("\\subseteq", "⊆"),
        ("\\supseteq", "⊇"),
        ("\\star", "⋆"),
        ("\\uplus", "⊎"),
        ("\\wr", "≀"),
        ("(+)", "⊕"),
        ("(-)", "⊖"),
        ("(.)", "⊙"),
        ("(/)", "⊘"),
        ("(\\X)", "⊗"),
        ("\\times", "×"),
    ];
    for (ascii, unicode) in pairs {
        assert_eq!(sexpr(&format!("a {ascii} b")), sexpr(&format!("a {unicode} b")), "{unicode}");
    }
    for (ascii, unicode) in [("~", "¬"), ("\\lnot", "¬"), ("[]", "□"), ("<>", "◇"), ("<>", "⋄")] {
        assert_eq!(sexpr(&format!("{ascii} b")), sexpr(&format!("{unicode} b")), "{unicode}");
    }
    assert_eq!(sexpr("a' + b^+"), sexpr("a′ + b⁺"));
    let alike = [
        ("A == [x \\in S |-> <<x>>]", "A ≜ [x ∈ S ↦ ⟨x⟩]"),
        ("A == [S -> T] /\\ <<B>>_v", "A ≜ [S → T] ∧ ⟨B⟩_v"),
        ("A == CASE a -> b [] c -> l :: d", "A ≜ CASE a → b □ c → l ∷ d"),
        ("A == INSTANCE B WITH c <- Nat", "A ≜ INSTANCE B WITH c ← ℕ"),
        ("A == \\A x : \\E y : Int # Real", "A ≜ ∀ x : ∃ y : ℤ ≠ ℝ"),
    ];
    for (ascii, unicode) in alike {
        assert_eq!(round_trip(ascii), round_trip(unicode));
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
