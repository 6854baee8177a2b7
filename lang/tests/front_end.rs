//! From text to typed trees: each test is a piece of a module and what the front end makes of it.
//!
//! `errors` gives `code: guilty text` for each error, `typed` the printed module; both take the body of
//! a module that extends `Integers`, `FiniteSets`, `Strategies` and `TLAPS`, or a whole module.

use std::fmt::Write as _;

use lang::ast;
use lang::check::check_sorts;
use lang::diag::{Diagnostic, Label};
use lang::parse::parse;
use lang::print_typed;
use lang::resolve::{Lost, resolve};
use lang::source::SourceMap;
use lang::typed;

const LIBRARY: &[(&str, &str)] = &[
    ("Naturals", include_str!("../../stdlib/Naturals.pax")),
    ("Integers", include_str!("../../stdlib/Integers.pax")),
    ("FiniteSets", include_str!("../../stdlib/FiniteSets.pax")),
    ("Sequences", include_str!("../../stdlib/Sequences.pax")),
    ("TLC", include_str!("../../stdlib/TLC.pax")),
    ("TLAPS", include_str!("../../stdlib/TLAPS.pax")),
    ("Strategies", include_str!("../../stdlib/Strategies.pax")),
];

struct Front {
    sources: SourceMap,
    module: typed::Module,
    diagnostics: Vec<Diagnostic>,
}

/// Runs all stages; `others` are modules that may be extended.
fn front(body: &str, others: &[&str]) -> Front {
    let mut sources = SourceMap::default();
    let mut library: Vec<ast::Module> = Vec::new();
    let known = LIBRARY.iter().map(|(_, text)| (*text, true));
    for (text, standard) in known.chain(others.iter().map(|text| (*text, false))) {
        let file = sources.add("library", text);
        let parsed = parse(file, text);
        assert_eq!(parsed.diagnostics, Vec::new(), "the library parses");
        library.push(ast::Module { standard, ..parsed.value });
    }
    let text = if body.contains("MODULE") {
        body.to_owned()
    } else {
        format!(
            "---- MODULE Test ----\nEXTENDS Integers, FiniteSets, Sequences, Strategies, TLAPS\n{body}\n====\n"
        )
    };
    let file = sources.add("test", text.as_str());
    let parsed = parse(file, &text);
    let resolved = resolve(&parsed.value, &library, Lost::default());
    let checked = check_sorts(&resolved.value);
    let mut diagnostics = parsed.diagnostics;
    diagnostics.extend(resolved.diagnostics);
    diagnostics.extend(checked.diagnostics);
    Front { sources, module: checked.value, diagnostics }
}

fn listed(front: &Front) -> Vec<String> {
    let show = |diagnostic: &Diagnostic| {
        format!("{}: {}", diagnostic.code.0, front.sources.text(diagnostic.primary.span))
    };
    front.diagnostics.iter().map(show).collect()
}

#[track_caller]
fn errors(body: &str, expected: &[&str]) {
    assert_eq!(listed(&front(body, &[])), expected);
}

#[track_caller]
fn typed(body: &str, expected: &[&str]) {
    let front = front(body, &[]);
    assert_eq!(listed(&front), Vec::<String>::new());
    let text = print_typed::module(&front.module);
    for line in expected {
        assert!(text.lines().any(|found| found.trim() == *line), "`{line}` is not a line of\n{text}");
    }
}

// ---- names ----

#[test]
fn unknown_names_are_reported_once_with_a_proposal() {
    errors(
        "CONSTANT Acceptors\nLEMMA L == \\A a \\in Acceptor : a \\in Acceptor",
        &["unknown-name: Acceptor"],
    );
    let found = front("CONSTANT Acceptors\nLEMMA L == Acceptor = {}", &[]);
    assert_eq!(found.diagnostics[0].help.as_deref(), Some("did you mean `Acceptors`?"));
}

#[test]
fn definitions_come_before_uses() {
    let found = front("A == B\nB == 1\nLEMMA L == A = 1", &[]);
    assert_eq!(listed(&found), ["unknown-name: B"]);
    assert_eq!(found.diagnostics[0].secondary.len(), 1);
}

#[test]
fn arithmetic_needs_its_module() {
    let found = front("---- MODULE M ----\nLEMMA L == 1 + 1 = 2 /\\ 2 + 2 = 4\n====", &[]);
    assert_eq!(listed(&found), ["undefined-operator: +"]);
    assert_eq!(found.diagnostics[0].help.as_deref(), Some("add `EXTENDS Naturals`, which defines it"));
}

#[test]
fn integers_bring_what_naturals_bring() {
    typed(
        "LEMMA L == -1 < 0 /\\ 7 \\div 2 = 3 /\\ 7 % 2 = 1 /\\ 2 \\in 1..3 /\\ -1 \\in Int",
        &["-1 < 0 /\\ 7 \\div 2 = 3 /\\ 7 % 2 = 1 /\\ 2 \\in 1 .. 3 /\\ -1 \\in Int"],
    );
}

#[test]
fn names_have_one_meaning() {
    errors("CONSTANT C\nVARIABLE C", &["duplicate-name: C"]);
    errors("VARIABLE x\nLEMMA L == \\A x \\in {1} : x = 1", &["duplicate-name: x"]);
    errors("LEMMA L == [a |-> 1, a |-> 2] = [a |-> 1]", &["duplicate-name: a"]);
}

#[test]
fn sibling_scopes_may_use_a_name_again() {
    typed("LEMMA L == (\\A x \\in {1} : x = 1) /\\ (\\E x \\in {TRUE} : x)", &[]);
}

#[test]
fn operators_take_their_number_of_arguments() {
    errors("Op(a, b) == a = b\nLEMMA L == Op(1)", &["arity-mismatch: Op(1)"]);
    errors("Op(a) == a\nLEMMA L == Op = 1", &["arity-mismatch: Op"]);
}

#[test]
fn infix_operators_can_be_defined() {
    typed(
        "a \\prec b == a < b\nLEMMA L == 1 \\prec 2",
        &["\\prec(a : Int, b : Int) : Bool ==", "\\prec(1, 2)"],
    );
}

// ---- modules ----

#[test]
fn a_diamond_brings_a_definition_once() {
    let base = "---- MODULE Base ----\nCONSTANT C\nLOCAL Hidden == C\nSeen == Hidden\n====";
    let left = "---- MODULE Left ----\nEXTENDS Base\nL == Seen\n====";
    let right = "---- MODULE Right ----\nEXTENDS Base\nR == Seen\n====";
    let root = "---- MODULE Root ----\nEXTENDS Left, Right\nLEMMA Same == L = R /\\ Seen = C\n====";
    let found = front(root, &[base, left, right]);
    assert_eq!(listed(&found), Vec::<String>::new());
    assert_eq!(found.module.constants.len(), 1);
}

#[test]
fn local_definitions_stay_inside() {
    let base = "---- MODULE Base ----\nCONSTANT C\nLOCAL Hidden == C\n====";
    let root = "---- MODULE Root ----\nEXTENDS Base\nLEMMA L == Hidden = C\n====";
    assert_eq!(listed(&front(root, &[base])), ["unknown-name: Hidden"]);
}

#[test]
fn of_two_definitions_the_first_counts() {
    let one = "---- MODULE One ----\nOp == 1\n====";
    let two = "---- MODULE Two ----\nOp == 1\n====";
    let root = "---- MODULE Root ----\nEXTENDS One, Two\n====";
    assert_eq!(listed(&front(root, &[one, two])), ["two-definitions: Two"]);
}

#[test]
fn modules_are_found_and_do_not_go_in_circles() {
    errors("---- MODULE M ----\nEXTENDS Nowhere\n====", &["unknown-module: Nowhere"]);
    let one = "---- MODULE One ----\nEXTENDS Root\n====";
    let root = "---- MODULE Root ----\nEXTENDS One\n====";
    assert_eq!(listed(&front(root, &[one])), ["module-cycle: Root"]);
}

#[test]
fn facts_of_extended_modules_come_first() {
    let base = "---- MODULE Base ----\nCONSTANT C\nASSUME Some == C # {}\n====";
    let root = "---- MODULE Root ----\nEXTENDS Base\nLEMMA L == C # {}\n  BY Some\n====";
    let found = front(root, &[base]);
    let names: Vec<(&str, bool)> =
        found.module.facts.iter().map(|fact| (fact.name.as_str(), fact.root)).collect();
    assert_eq!(names, [("Some", false), ("L", true)]);
}

// ---- sugar ----

#[test]
fn let_definitions_capture_what_they_use() {
    typed(
        "Max(S) == LET B == {x + 1 : x \\in S} IN CHOOSE b \\in B : TRUE\nLEMMA L == Max({1}) = 2",
        &["Max.B(S : Set(Int)) : Set(Int) ==", "CHOOSE b \\in Max.B(S) : TRUE"],
    );
}

#[test]
fn let_definitions_capture_bound_names_too() {
    typed(
        "LEMMA L == \\A x \\in {1} : LET Plus(y) == x + y IN Plus(1) = 2",
        &["L.Plus(x : Int, y : Int) : Int ==", "\\A x \\in {1} : L.Plus(x, 1) = 2"],
    );
}

#[test]
fn except_has_one_step_and_no_at() {
    typed(
        "VARIABLE f\nLEMMA L == f \\in [{1} -> [n : Int]] => f' = [f EXCEPT ![1].n = @ + 1]",
        &["f \\in [{1} -> [n : Int]] => f' = [f EXCEPT ![1] = [f[1] EXCEPT !.n = f[1].n + 1]]"],
    );
}

#[test]
fn several_updates_happen_one_after_the_other() {
    typed(
        "VARIABLE f\nLEMMA L == f' = [f EXCEPT ![1] = 0, ![2] = @ + 1]",
        &["f' = [[f EXCEPT ![1] = 0] EXCEPT ![2] = [f EXCEPT ![1] = 0][2] + 1]"],
    );
}

#[test]
fn at_needs_an_except() {
    errors("LEMMA L == @ = 1", &["misplaced-at: @"]);
}

#[test]
fn tuple_patterns_are_components() {
    typed(
        "CONSTANT R\nLEMMA L == \\A <<x, y>> \\in R : x + 1 = y",
        &["CONSTANT R : Set(<<Int, Int>>)", "\\A x_y \\in R : x_y[1] + 1 = x_y[2]"],
    );
}

#[test]
fn functions_of_several_arguments_take_tuples() {
    typed(
        "add[x \\in Nat, y \\in Nat] == x + y\nLEMMA L == add[1, 2] = 3",
        &["add : [<<Int, Int>> -> Int] ==", "[x_y \\in Nat \\X Nat |-> x_y[1] + x_y[2]]", "add[1, 2] = 3"],
    );
}

#[test]
fn literal_indices_of_tuples_are_components() {
    typed(
        "VARIABLE p\nLEMMA L == p = <<1, TRUE>> => p[2] /\\ p[1] = 1",
        &["p = <<1, TRUE>> => p[2] /\\ p[1] = 1"],
    );
    errors("LEMMA L == <<1, TRUE>>[3] = 1", &["sort-mismatch: <<1, TRUE>>[3]"]);
    errors("LEMMA L == \\A p \\in Int \\X Int : p[3] = 1", &["sort-mismatch: p[3]"]);
}

#[test]
fn a_literal_is_a_sequence_where_it_meets_one_and_else_a_tuple() {
    typed(
        "VARIABLES q, p\nLEMMA L == q = <<>> \\/ q = <<1, 2>> \\/ p = <<1, 2>>",
        &["VARIABLE q : [Int -> Int]", "VARIABLE p : <<Int, Int>>"],
    );
    typed("VARIABLE q\nLEMMA L == q \\in {<<1>>, <<1, 2>>}", &["VARIABLE q : [Int -> Int]"]);
    typed("VARIABLE q\nLEMMA L == q = <<1, 2>> /\\ Len(q) = 2", &["VARIABLE q : [Int -> Int]"]);
    typed("VARIABLE q\nLEMMA L == q = <<1, 2>> /\\ q \\in Nat \\X Nat", &["VARIABLE q : <<Int, Int>>"]);
    typed("VARIABLE q\nLEMMA L == Append(q, <<1, TRUE>>) # <<>>", &["VARIABLE q : [Int -> <<Int, Bool>>]"]);
    typed(
        "VARIABLE q\nLEMMA L == q \\in Seq(Seq(Nat)) /\\ q = <<<<1>>, <<>>>>",
        &["VARIABLE q : [Int -> [Int -> Int]]"],
    );
}

#[test]
fn an_operator_makes_sequences_of_several_sorts() {
    typed(
        "VARIABLES p, q\nNone == <<>>\nLEMMA L == p = None /\\ q = None /\\ Head(p) /\\ Head(q) = 1",
        &["VARIABLE p : [Int -> Bool]", "VARIABLE q : [Int -> Int]"],
    );
}

#[test]
fn tuples_are_no_sequences() {
    errors("LEMMA L == \\A p \\in Nat \\X Nat : Len(p) = 2", &["sort-mismatch: p"]);
    errors("LEMMA L == <<1, TRUE>> \\in Seq(Nat)", &["sort-mismatch: Seq(Nat)"]);
    errors("VARIABLE q\nLEMMA L == q \\in Seq(Nat) /\\ q = <<1, TRUE>>", &["sort-mismatch: <<1, TRUE>>"]);
}

#[test]
fn case_is_if_where_guards_exclude_each_other() {
    typed(
        "VARIABLE x\nLEMMA L == (CASE x = 1 -> 2 [] x = 2 -> 3 [] OTHER -> 4) > 0",
        &["0 < (IF x = 1 THEN 2 ELSE IF x = 2 THEN 3 ELSE 4)"],
    );
    typed(
        "VARIABLE x\nLEMMA L == (CASE x = 1 -> 2) > 0",
        &["0 < (IF x = 1 THEN 2 ELSE CHOOSE unspecified : FALSE)"],
    );
}

#[test]
fn case_leaves_open_which_of_two_arms_is_taken() {
    typed(
        "VARIABLE x\nLEMMA L == (CASE x > 1 -> 2 [] x > 2 -> 3) > 0",
        &["0 < (CHOOSE case : (1 < x /\\ case = 2) \\/ (2 < x /\\ case = 3))"],
    );
}

#[test]
fn assume_prove_is_a_formula() {
    typed(
        "CONSTANT S\nLEMMA L ==\n  ASSUME NEW x \\in S, NEW y \\in S, x = y, x # y\n  PROVE FALSE",
        &["\\A x \\in S : \\A y \\in S : x = y /\\ x # y => FALSE"],
    );
}

#[test]
fn what_is_outside_the_fragment_is_refused_where_a_theorem_needs_it() {
    errors(
        "LEMMA L == 340282366920938463463374607431768211456 > 0",
        &["unsupported-construct: 340282366920938463463374607431768211456"],
    );
    errors("VARIABLE x\nF == \\EE y : y = x\nG == F /\\ x = 1", &[]);
    errors(
        "VARIABLE x\nF == \\EE y : y = x\nG == F /\\ x = 1\nLEMMA L == x = 2 => G\nLEMMA M == G",
        &["unsupported-construct: \\EE y : y = x"],
    );
}

#[test]
fn an_error_tells_the_way_from_the_theorem() {
    let front = front("VARIABLE x\nF == \\EE y : y = x\nG == F /\\ x = 1\nLEMMA L == x = 2 => G", &[]);
    let [error] = front.diagnostics.as_slice() else { panic!("{:?}", listed(&front)) };
    assert_eq!(error.notes, ["needed by `L` through `G`, `F`"]);
    let at = |label: &Label| front.sources.text(label.span).to_owned();
    assert_eq!(error.secondary.iter().map(at).collect::<Vec<_>>(), ["G", "F"]);
}

/// The operators that a module needs, the recursive ones with a star.
fn operators(body: &str, expected: &[&str]) {
    let found = front(body, &[]);
    assert_eq!(listed(&found), Vec::<String>::new());
    let star = |recursive: bool| if recursive { "*" } else { "" };
    let operators = found.module.operators.iter();
    let operators: Vec<String> =
        operators.map(|operator| format!("{}{}", operator.name, star(operator.recursive))).collect();
    assert_eq!(operators, expected, "{body}");
}

#[test]
fn definitions_may_mention_themselves() {
    operators("f[n \\in Nat] == IF n = 0 THEN 0 ELSE f[n - 1]\nLEMMA L == f[1] = 0", &["f*"]);
    operators("f[n \\in Nat] == n\nLEMMA L == f[1] = 0", &["f"]);
    operators("RECURSIVE F(_)\nF(n) == IF n = 0 THEN 0 ELSE F(n - 1)\nLEMMA L == F(1) = 0", &["F*"]);
    operators("RECURSIVE F(_)\nF(n) == n\nLEMMA L == F(1) = 1", &["F"]);
    operators(
        "G(n) == LET f[k \\in Nat] == IF k = 0 THEN n ELSE f[k - 1] IN f[n]\nLEMMA L == G(1) = 1",
        &["G.f*", "G"],
    );
    // A local definition that mentions the one around it is put in the place of its uses.
    operators(
        "RECURSIVE F(_)\nF(n) == LET r == F(n - 1) s == n + 1 IN IF n = 0 THEN 0 ELSE r + r + s
         LEMMA L == F(1) = 1",
        &["F.s", "F*"],
    );
}

#[test]
fn a_recursive_definition_has_one_sort_within_itself_and_any_without() {
    let twice = "RECURSIVE Last(_, _)\nLast(x, n) == IF n = 0 THEN x ELSE Last(x, n - 1)\n";
    operators(&format!("{twice}LEMMA L == Last(1, 2) = 1 /\\ Last(\"a\", 2) = \"a\""), &["Last*", "Last*"]);
    errors(
        "RECURSIVE F(_, _)\nF(x, n) == IF n = 0 THEN 0 ELSE F(n = 0, n - 1) + x\nLEMMA L == F(1, 1) = 0",
        &["sort-mismatch: x", "sort-mismatch: 1"],
    );
}

#[test]
fn definitions_may_mention_each_other() {
    let parity =
        "RECURSIVE Even(_), Odd(_)\nEven(n) == n = 0 \\/ Odd(n - 1)\nOdd(n) == n # 0 /\\ Even(n - 1)\n";
    operators(&format!("{parity}LEMMA L == Even(2)"), &["Odd*", "Even"]);
    operators(&format!("{parity}LEMMA L == Odd(3)"), &["Odd*"]);
    errors(
        "RECURSIVE A(_), B(_)\nA(n) == A(n - 1) /\\ B(n - 1)\nB(n) == A(n - 1)\nLEMMA L == B(0)",
        &["unsupported-construct: A(n - 1)"],
    );
}

#[test]
fn what_is_announced_is_defined_as_announced() {
    errors("RECURSIVE F(_)\nLEMMA L == F(0) = F(0)", &["unknown-name: F(0) = F(0)"]);
    errors("RECURSIVE F(_)\nLEMMA L == TRUE", &["unknown-name: F"]);
    errors("RECURSIVE F(_)\nF(a, b) == F(a)\nLEMMA L == TRUE", &["arity-mismatch: F"]);
    errors("RECURSIVE F(_)\nF(a) == a\nF(a) == a\nLEMMA L == TRUE", &["duplicate-name: F"]);
    errors("F(a) == F(a)\nLEMMA L == F(1) = 1", &["unsupported-construct: F"]);
    errors(
        "VARIABLE x\nRECURSIVE A(_)\nA(n) == x' = n \\/ A(n - 1)\nLEMMA L == A(1) => A(2)",
        &["unsupported-construct: A"],
    );
}

#[test]
fn deep_nesting_is_refused_and_never_a_crash() {
    for depth in [60, 120, 240, 300, 3000] {
        for (open, close) in
            [("(~", ")"), ("{", "}"), ("IF TRUE THEN ", " ELSE TRUE"), ("<<", ">>"), ("[a |-> ", "]")]
        {
            let deep = format!("LEMMA L == {}TRUE{} = TRUE", open.repeat(depth), close.repeat(depth));
            front(&deep, &[]);
        }
    }
}

#[test]
fn long_chains_are_fine() {
    let sum = vec!["x"; 40].join(" + ");
    let all = vec!["x > 0"; 60].join(" /\\ ");
    typed(&format!("VARIABLE x\nLEMMA L == {all} => {sum} > 0"), &[]);
    let all = vec!["x > 0"; 10_000].join(" /\\ ");
    typed(&format!("VARIABLE x\nLEMMA L == {all}"), &[]);
    let sum = vec!["x"; 10_000].join(" + ");
    let refused = front(&format!("VARIABLE x\nLEMMA L == {sum} > 0"), &[]).diagnostics;
    assert_eq!(refused.len(), 1, "{refused:?}");
    assert!(refused[0].message.contains("nested"), "{refused:?}");
}

#[test]
fn chains_are_read_from_the_left() {
    let tree = |formula: &str| {
        let front = front(&format!("CONSTANTS a, b, c, d\nLEMMA L == {formula}"), &[]);
        assert_eq!(listed(&front), Vec::<String>::new());
        print_typed::module(&front.module)
    };
    assert_eq!(tree("a - b - c - d = 0"), tree("((a - b) - c) - d = 0"));
    assert_ne!(tree("a - b - c - d = 0"), tree("a - (b - (c - d)) = 0"));
    assert_eq!(tree("{a} \\cup {b} \\cup {c} = {d}"), tree("({a} \\cup {b}) \\cup {c} = {d}"));
}

#[test]
fn doubling_definitions_stay_within_bounds() {
    let mut text = String::from("D0(x) == <<x, x>>\n");
    for n in 1..14 {
        writeln!(text, "D{n}(x) == D{}(D{}(x))", n - 1, n - 1).unwrap();
    }
    front(&format!("{text}LEMMA L == D3(1) = D3(2)"), &[]);
    let mut text = String::from("P0(x) == x = x\n");
    for n in 1..40 {
        writeln!(text, "P{n}(x) == P{}(x) /\\ P{}(x)", n - 1, n - 1).unwrap();
    }
    typed(&format!("{text}LEMMA L == P39(1)"), &[]);
}

#[test]
fn broken_texts_are_no_crash() {
    let text = messages("LEMMA L == TypeOK => \\A m \\in msgs : m.type = \"1b\" => m.bal =< maxBal[m.from]");
    let words: Vec<&str> = text.split(' ').collect();
    for left_out in 0..words.len() {
        let rest: Vec<&str> =
            words.iter().enumerate().filter(|(i, _)| *i != left_out).map(|(_, word)| *word).collect();
        front(&rest.join(" "), &[]);
    }
}

// ---- primes and levels ----

#[test]
fn primes_move_to_the_leaves() {
    typed(
        "CONSTANT C\nVARIABLES x, y\nOp(a) == x = a\nLEMMA L == \\A a \\in C : (Op(a) /\\ y = a)' => Op(y)'",
        &["\\A a \\in C : Op(a)' /\\ y' = a => Op(y')'"],
    );
}

#[test]
fn constant_operators_are_not_primed() {
    typed("VARIABLE x\nDouble(n) == n + n\nLEMMA L == Double(x)' = 2", &["Double(x') = 2"]);
}

#[test]
fn a_prime_on_a_parameter_reaches_the_variable() {
    typed(
        "VARIABLE x\nStays(v) == v' = v\nLEMMA L == x = 1 /\\ Stays(x) => x' = 1",
        &["x = 1 /\\ x' = x => x' = 1"],
    );
    typed("VARIABLE x\nKeep(v) == UNCHANGED v\nLEMMA L == Keep(x) /\\ x = 1", &["UNCHANGED x /\\ x = 1"]);
}

#[test]
fn a_prime_on_a_parameter_that_is_constant_stays() {
    typed("CONSTANT C\nStays(v) == v' = v\nLEMMA L == C = 1 /\\ Stays(C)", &["C = 1 /\\ Stays(C)"]);
}

#[test]
fn nothing_is_primed_twice() {
    errors("VARIABLE x\nNext == x' = 1\nLEMMA L == Next'", &["double-prime: Next'"]);
    errors("VARIABLE x\nLEMMA L == (x')' = 1", &["double-prime: (x')'"]);
    errors("VARIABLE x\nStays(v) == v' = 1\nLEMMA L == Stays(x')", &["double-prime: v"]);
}

#[test]
fn levels_are_kept() {
    errors("VARIABLE x\nASSUME A == x = 1", &["wrong-level: x = 1"]);
    errors("VARIABLE x\nLEMMA L == {x, []x} = {}", &["wrong-level: []x"]);
    errors("VARIABLE x\nLEMMA L == [](x' = 1)", &["wrong-level: x' = 1"]);
}

#[test]
fn temporal_formulas_are_kept() {
    typed(
        "VARIABLE x\nNext == x' = x + 1\nSpec == x = 0 /\\ [][Next]_x /\\ WF_x(Next)\nTHEOREM T == Spec => <>(x = 3)",
        &["x = 0 /\\ [][Next]_x /\\ WF_x(Next)", "Spec => <>(x = 3)"],
    );
}

// ---- sorts ----

#[test]
fn elements_are_named_after_their_constant() {
    typed(
        "CONSTANTS Quorums, Acceptors\nASSUME A == Quorums \\subseteq SUBSET Acceptors",
        &["SORT Acceptors", "CONSTANT Quorums : Set(Set(Acceptors))", "CONSTANT Acceptors : Set(Acceptors)"],
    );
}

#[test]
fn constants_may_be_single_elements() {
    typed(
        "CONSTANTS None, Values\nASSUME A == None \\notin Values",
        &["CONSTANT None : Values", "CONSTANT Values : Set(Values)"],
    );
}

#[test]
fn constant_operators_have_sorts() {
    typed(
        "CONSTANTS C, Less(_, _)\nASSUME A == \\A x, y \\in C : Less(x, y) => x # y",
        &["\\A x \\in C, y \\in C : Less(x, y) => x # y"],
    );
}

#[test]
fn what_nothing_is_known_of_needs_no_sort() {
    typed("LEMMA L == {} = {}", &["{} = {}"]);
}

#[test]
fn operators_are_polymorphic() {
    typed(
        "Pick(S) == CHOOSE x \\in S : TRUE\nLEMMA L == Pick({1}) = 1 /\\ Pick({TRUE})",
        &["Pick(S : Set(Int)) : Int ==", "Pick(S : Set(Bool)) : Bool =="],
    );
}

#[test]
fn operators_at_one_sort_are_one_operator() {
    let found =
        front("Pick(S) == CHOOSE x \\in S : TRUE\nLEMMA L == Pick({1}) = Pick({2}) /\\ Pick({3}) = 3", &[]);
    assert_eq!(found.module.operators.len(), 1);
}

#[test]
fn only_what_facts_need_must_have_sorts() {
    typed("Broken == 1 + TRUE\nUnused(x) == x + {}\nFine == 1\nLEMMA L == TRUE", &["Fine : Int =="]);
}

#[test]
fn equality_of_truth_values_is_equivalence() {
    typed("VARIABLE x\nLEMMA L == x = TRUE", &["x <=> TRUE"]);
}

#[test]
fn mismatches_name_both_places() {
    let found = front("VARIABLE x\nInit == x = 1\nLEMMA L == Init => x = \"one\"", &[]);
    assert_eq!(listed(&found), ["sort-mismatch: \"one\""]);
    assert_eq!(found.diagnostics[0].message, "`Int` is expected, but this has the sort `Str`");
    assert_eq!(found.sources.text(found.diagnostics[0].secondary[0].span), "1");
}

#[test]
fn the_guilty_branch_is_shown() {
    errors("LEMMA L == 1 = IF TRUE THEN 2 ELSE \"three\"", &["sort-mismatch: \"three\""]);
}

#[test]
fn several_errors_are_reported_in_one_run() {
    errors("LEMMA A == 1 = TRUE\nLEMMA B == 1 = {}", &["sort-mismatch: TRUE", "sort-mismatch: {}"]);
}

#[test]
fn what_is_broken_causes_no_further_errors() {
    errors(
        "Op == Missing + 1\nLEMMA L == Op = TRUE /\\ Missing = 1 /\\ 1 \\in Missing",
        &["unknown-name: Missing"],
    );
}

#[test]
fn sorts_are_finite() {
    errors("VARIABLE x\nLEMMA L == x \\in x", &["infinite-sort: x"]);
}

// ---- records ----

/// Messages of five kinds, some with sets of records in them.
const MESSAGES: &str = r#"
CONSTANTS Acceptors, Proposers, Values, Slots
VARIABLES msgs, maxBal
Messages ==
       [type : {"1a"}, bal : Nat, from : Proposers]
  \cup [type : {"1b"}, bal : Nat, from : Acceptors, voted : SUBSET [bal : Nat, slot : Slots, val : Values]]
  \cup [type : {"2a"}, bal : Nat, from : Proposers, decrees : SUBSET [slot : Slots, val : Values]]
  \cup [type : {"2b"}, bal : Nat, from : Acceptors, decrees : SUBSET [slot : Slots, val : Values]]
  \cup [type : {"preempt"}, bal : Nat, to : Proposers]
TypeOK == msgs \subseteq Messages /\ maxBal \in [Acceptors -> Int]
Send(m) == msgs' = msgs \cup {m}
"#;

fn messages(rest: &str) -> String {
    format!("{MESSAGES}\n{rest}")
}

#[test]
fn a_record_sort_is_a_union_of_shapes() {
    typed(
        &messages("LEMMA L == TypeOK"),
        &[
            "[type : Str, bal : Int, from : Proposers]",
            "[type : Str, bal : Int, from : Proposers, decrees : Set(Record3)]",
            "[type : Str, bal : Int, from : Acceptors, decrees : Set(Record3)]",
            "[type : Str, bal : Int, to : Proposers]",
            "VARIABLE maxBal : [Acceptors -> Int]",
        ],
    );
}

#[test]
fn the_context_decides_between_versions_of_a_field() {
    typed(
        &messages("LEMMA L == TypeOK => \\A m \\in msgs : m.bal =< maxBal[m.from]"),
        &["TypeOK => (\\A m \\in msgs : m.bal =< maxBal[m.from])"],
    );
}

#[test]
fn a_tag_decides_between_versions_of_a_field() {
    typed(
        &messages(
            "Voted(a) == \\E m \\in msgs : m.type = \"2b\" /\\ m.from = a
             LEMMA L == TypeOK => \\A m \\in msgs : m.type = \"2b\" => Voted(m.from)",
        ),
        &["Voted(a : Acceptors) : Bool =="],
    );
}

#[test]
fn a_filter_decides_between_versions_of_a_field() {
    typed(
        &messages(
            "Known(a) == a = a
             LEMMA L == TypeOK => \\A m \\in {x \\in msgs : x.type = \"2a\" /\\ x.bal > 0} : Known(m.from)",
        ),
        &["Known(a : Proposers) : Bool =="],
    );
}

#[test]
fn an_open_version_is_an_error() {
    errors(
        &messages("LEMMA L == TypeOK => \\A m \\in msgs : \\E x : x = m.from"),
        &["ambiguous-field: from"],
    );
}

#[test]
fn sending_a_message_adds_no_shape() {
    let text = messages(
        "Phase1a(p) == Send([type |-> \"1a\", from |-> p, bal |-> 1])
         Phase2b(a) == \\E m \\in msgs : m.type = \"2a\" /\\
            Send([type |-> \"2b\", bal |-> m.bal, from |-> a, decrees |-> m.decrees])
         LEMMA L == TypeOK /\\ (\\E p \\in Proposers : Phase1a(p)) => (\\E a \\in Acceptors : Phase2b(a))",
    );
    let found = front(&text, &[]);
    assert_eq!(listed(&found), Vec::<String>::new());
    let shapes: Vec<usize> = found.module.sorts.records.iter().map(|record| record.shapes.len()).collect();
    assert_eq!(shapes, [5, 1, 1]);
}

#[test]
fn records_that_never_meet_but_are_alike_have_one_sort() {
    let text = messages(
        "Slotted(D) == {d.slot : d \\in D}
         LEMMA A == \\A D \\in SUBSET [slot : Slots, bal : Nat, val : Values] : Slotted(D) \\subseteq Slots
         LEMMA B == TypeOK => \\A m \\in msgs : Slotted(m.voted) \\subseteq Slots",
    );
    let found = front(&text, &[]);
    assert_eq!(listed(&found), Vec::<String>::new());
    assert_eq!(found.module.operators.iter().filter(|operator| operator.name == "Slotted").count(), 1);
}

#[test]
fn unknown_fields_are_reported() {
    errors(&messages("LEMMA L == TypeOK => \\A m \\in msgs : m.ballot = 1"), &["unknown-field: ballot"]);
    errors("LEMMA L == \\A m : m.bal = 1", &["unknown-field: bal"]);
    errors("LEMMA L == \\A n \\in Nat : n.bal = 1", &["sort-mismatch: bal"]);
}

#[test]
fn an_unknown_version_takes_the_sort_of_the_others() {
    typed(
        "VARIABLE log\nLEMMA L == log \\subseteq [k : {\"a\"}, v : SUBSET Nat]
           => log' = log \\cup {[k |-> \"b\", v |-> {}]} /\\ \\A e \\in log : e.v # {}",
        &["[k : Str, v : Set(Int)]"],
    );
}

#[test]
fn lists_of_records_may_hold_themselves() {
    typed(
        "VARIABLE tree\nLEMMA L == tree \\subseteq [up : SUBSET tree, n : Nat]",
        &["VARIABLE tree : Set(Record1)"],
    );
}

// ---- proofs ----

#[test]
fn hints_name_facts_definitions_and_strategies() {
    let found = front(
        "CONSTANT S\nASSUME Some == S # {}\nP(x) == LET Q == x \\in S IN Q\nOther == S\n
         LEMMA L == \\A x \\in S : P(x)\n  BY Some, Later, SetInduction(S), Witness(1 + 2), SMT DEF P, Other
         LEMMA Later == TRUE",
        &[],
    );
    assert_eq!(listed(&found), Vec::<String>::new());
    let typed::Proof::By(hints) = &found.module.facts[1].proof else { panic!("a BY proof") };
    assert_eq!(hints.facts, [0, 2]);
    let strategies: Vec<String> =
        hints.strategies.iter().map(|s| format!("{}({})", s.name, s.args.join(", "))).collect();
    assert_eq!(strategies, ["SetInduction(S)", "Witness(1 + 2)"]);
    let defs: Vec<&str> = hints.defs.iter().map(|id| found.module.operators[*id].name.as_str()).collect();
    assert_eq!(defs, ["P", "P.Q", "Other"]);
}

#[test]
fn hints_that_name_nothing_are_errors() {
    errors(
        "CONSTANT S\nASSUME Some == S = S\nLEMMA L == TRUE\n  BY Sone DEF Nothing",
        &["unknown-fact: Sone", "unknown-name: Nothing"],
    );
}

#[test]
fn facts_without_a_name_are_numbered() {
    let found = front("ASSUME TRUE\nASSUME TRUE\nTHEOREM TRUE", &[]);
    let names: Vec<&str> = found.module.facts.iter().map(|fact| fact.name.as_str()).collect();
    assert_eq!(names, ["ASSUME@1", "ASSUME@2", "THEOREM@1"]);
}

// ---- pages of errors ----

/// The pages of the errors that resolution and sorts can have.
const CODES: &[&str] = &[
    "ambiguous-field",
    "arity-mismatch",
    "double-prime",
    "duplicate-name",
    "infinite-sort",
    "misplaced-at",
    "module-cycle",
    "sort-mismatch",
    "unknown-fact",
    "unknown-field",
    "unknown-module",
    "unknown-name",
    "undefined-operator",
    "unsupported-construct",
    "wrong-level",
];

#[test]
fn pages_show_what_they_say() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/errors");
    for code in CODES {
        #[expect(clippy::disallowed_methods, reason = "a test may read the pages that it checks")]
        let page = std::fs::read_to_string(format!("{folder}/{code}.md")).unwrap();
        let examples: Vec<&str> =
            page.split("```pax\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
        assert_eq!(examples.len(), 2, "{code}: one failing example, one repaired");
        let failing = front(examples[0], &[]);
        let codes: Vec<&str> = failing.diagnostics.iter().map(|diagnostic| diagnostic.code.0).collect();
        assert_eq!(codes, [*code], "{code}: {:?}", listed(&failing));
        assert_eq!(listed(&front(examples[1], &[])), Vec::<String>::new(), "{code}: repaired");
    }
}

#[test]
fn a_module_that_is_not_found_is_told_once() {
    errors(
        "---- MODULE Test ----\nEXTENDS Integers, Missing\nA == Foo + Bar(1)\nV == INSTANCE Missing\nB == V!Foo\n====",
        &["unknown-module: Missing"],
    );
    errors(
        "V == INSTANCE Missing\nA == V!Foo(2)\nB == Foo",
        &["unknown-module: Missing", "unknown-name: Foo"],
    );
}

#[test]
fn modules_do_not_instantiate_themselves() {
    let other = "---- MODULE Other ----\nT == INSTANCE Test\n====";
    let found = front("---- MODULE Test ----\nVARIABLE x\nO == INSTANCE Other\n====", &[other]);
    assert_eq!(listed(&found), ["module-cycle: Test"]);
}

#[test]
fn what_stands_for_a_constant_does_not_change() {
    let inner = "---- MODULE Inner ----\nCONSTANTS c, Op(_)\nVARIABLE v\nA == v' = Op(c)\n====\n";
    let module = |rest: &str| format!("---- MODULE Test ----\nEXTENDS Integers\n{inner}{rest}\n====");
    let neg = "Neg(a) == -a\nVARIABLE x\n";
    errors(&module(&format!("{neg}I == INSTANCE Inner WITH c <- 1, Op <- Neg, v <- x + 1")), &[]);
    errors(&module(&format!("{neg}I == INSTANCE Inner WITH c <- x, Op <- Neg, v <- x")), &["wrong-level: x"]);
    errors(
        &module(&format!("{neg}I == INSTANCE Inner WITH c <- 1, Op <- LAMBDA a : a + x, v <- x")),
        &["wrong-level: LAMBDA a : a + x"],
    );
    errors(
        &module(&format!("{neg}I == INSTANCE Inner WITH c <- 1, Op <- Neg, v <- x'")),
        &["wrong-level: x"],
    );
    errors(
        &module(&format!(
            "{neg}I(p) == INSTANCE Inner WITH c <- p, Op <- Neg, v <- x\nB == I(2)!A\nC == I(x)!A"
        )),
        &["wrong-level: x"],
    );
}

#[test]
fn a_local_instance_is_not_passed_on() {
    let other = "---- MODULE Other ----\nLOCAL INSTANCE Integers\nTwo == 1 + 1\n====";
    let found = front("---- MODULE Test ----\nEXTENDS Other\nA == Two\nB == 1 + 2\n====", &[other]);
    assert_eq!(listed(&found), ["undefined-operator: +"]);
}

#[test]
fn an_operator_is_made_once_for_each_list_of_operators() {
    operators(
        "Map(F(_), S) == {F(e) : e \\in S}\nTwice(n) == 2 * n\n\
         LEMMA L == \\A x \\in Int : Map(Twice, {1}) = Map(Twice, {2}) /\\ Map(LAMBDA e : e + x, {1}) = {x}",
        &["Twice", "Map[Twice]", "L.LAMBDA", "Map[L.LAMBDA]"],
    );
}

#[test]
fn a_template_is_looked_at_even_if_nobody_uses_it() {
    errors("Map(F(_), S) == {F(e, Foo) : e \\in S}", &["arity-mismatch: F(e, Foo)"]);
    errors("Map(F(_), S) == {F(Foo) : e \\in S}", &["unknown-name: Foo"]);
}

#[test]
fn sort_errors_are_told_beside_others_and_consequences_are_not() {
    errors(
        "VARIABLE x\nA == Foo + 1\nB == x = 1 /\\ x = \"a\"\nC == A.f + 1\nLEMMA L == B /\\ C > 1",
        &["unknown-name: Foo", "sort-mismatch: \"a\""],
    );
}
