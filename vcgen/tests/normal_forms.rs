//! Keys of formulas and branches of actions, read from the text of small modules.
//!
//! Each test has a module's body and what is expected of an operator in it; modules extend `Integers`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use lang::ast;
use lang::check::check_sorts;
use lang::parse::parse;
use lang::print_typed;
use lang::resolve::resolve;
use lang::source::SourceMap;
use lang::typed::{Expr, Module};
use vcgen::action::{Branch, branches};
use vcgen::alpha::{Key, key, key_with};
use vcgen::program::Program;
use vcgen::rewrite::rewrite_closed;

const LIBRARY: [&str; 2] =
    [include_str!("../../stdlib/Naturals.pax"), include_str!("../../stdlib/Integers.pax")];

fn program(body: &str) -> Program {
    let mut sources = SourceMap::default();
    let mut standard = |text: &&str| {
        let module = parse(sources.add("library", *text), text).value;
        ast::Module { standard: true, ..module }
    };
    let library: Vec<ast::Module> = LIBRARY.iter().map(&mut standard).collect();
    let text = format!("---- MODULE Test ----\nEXTENDS Integers\n{body}\n====\n");
    let parsed = parse(sources.add("test", text.as_str()), &text);
    let resolved = resolve(&parsed.value, &library, lang::resolve::Lost::default());
    let checked = check_sorts(&resolved.value);
    let problems = [parsed.diagnostics, resolved.diagnostics, checked.diagnostics].concat();
    assert_eq!(problems, Vec::new(), "{body}");
    Program::new(&checked.value)
}

fn definition(program: &Program, name: &str) -> Expr {
    let mut operators = program.module.operators.iter();
    operators.find(|operator| operator.name == name).expect("the module defines it").body.clone()
}

/// The keys of formulas about sets `S` and `T`, numbers `m` and `n`, a set of numbers `N`, and a function
/// `f`, all in one module.
fn keys(formulas: &[&str]) -> Vec<Key> {
    let mut body =
        "CONSTANTS S, T, N, m, n, f\nASSUME m + n \\in N /\\ S = T /\\ f \\in [S -> N]\n".to_owned();
    for (position, formula) in formulas.iter().enumerate() {
        let _ = writeln!(body, "F{position} == {formula}");
    }
    let program = program(&body);
    (0..formulas.len()).map(|position| key(&definition(&program, &format!("F{position}")))).collect()
}

fn check_equal(left: &str, right: &str) {
    let keys = keys(&[left, right]);
    assert_eq!(keys[0], keys[1], "{left} and {right}");
}

fn check_different(formulas: &[&str]) {
    let mut seen: BTreeMap<Key, &str> = BTreeMap::new();
    for (key, formula) in keys(formulas).into_iter().zip(formulas) {
        let before = seen.insert(key, formula);
        assert_eq!(before, None, "{formula}");
    }
}

#[test]
fn keys_ignore_bound_names() {
    check_equal(r"\A x \in S : \E y \in T : x = y", r"\A a \in S : \E b \in T : a = b");
    check_equal(r"{x \in N : x < m}", r"{y \in N : y < m}");
    check_equal(r"[x \in S |-> f[x]]", r"[z \in S |-> f[z]]");
    check_equal(r"CHOOSE x \in N : x > m", r"CHOOSE c \in N : c > m");
}

#[test]
fn keys_ignore_the_order_of_operands_that_commute() {
    check_equal(r"m < n /\ n < 7", r"n < 7 /\ m < n");
    check_equal(r"m < n \/ n < 7 \/ m = 1", r"m = 1 \/ m < n \/ n < 7");
    check_equal("m = n", "n = m");
    check_equal("(m < n) <=> (n < 7)", "(n < 7) <=> (m < n)");
    check_equal(r"S \cup T", r"T \cup S");
    check_equal(r"S \cap T", r"T \cap S");
    check_equal("{m, n}", "{n, m}");
}

#[test]
fn keys_of_different_formulas_differ() {
    check_different(&[
        r"m < n => n < 7",
        r"n < 7 => m < n",
        r"m < n /\ n < 7",
        r"m < n \/ n < 7",
        r"m < n",
        r"m =< n",
        r"n < m",
        r"~(m < n)",
        r"m - n = 1",
        r"n - m = 1",
        r"m + n = 1",
        r"S \subseteq T",
        r"T \subseteq S",
        r"S \ T = T",
        r"T \ S = T",
        r"S = T",
        r"\A x \in S : x \in T",
        r"\E x \in S : x \in T",
        r"\A x \in T : x \in S",
        r"\A x \in S : \A y \in S : x \in T",
        r"\A x \in S : \A y \in S : y \in T",
        r"\A x, y \in S : x \in T",
        r"\A x, y \in N : x < y",
        r"\A x, y \in N : y < x",
        r"\A x \in S : f[x] = m",
        r"\A x \in S : f[x] = n",
        r"IF m < n THEN n < 7 ELSE n = 8",
        r"IF m < n THEN n = 8 ELSE n < 7",
        r#""a" = "b""#,
        r#""ab" = "b""#,
    ]);
}

#[test]
fn keys_tell_sorts_that_nothing_else_tells() {
    let program = program(
        "F == \\A x, y : x = y /\\ x \\in Int\nG == \\A x, y : x = y /\\ x \\in STRING\nH == F /\\ G",
    );
    let rewritten = |name| rewrite_closed(&program, &definition(&program, name));
    let (f, g) = (rewritten("F"), rewritten("G"));
    // Rewriting has taken away what told them apart.
    let module = &program.module;
    assert_eq!(print_typed::expr(module, &f), print_typed::expr(module, &g));
    assert_ne!(key(&f), key(&g));
}

#[test]
fn a_junction_is_not_confused_with_its_parts() {
    check_different(&[r"(m < n /\ n < 7) \/ m = 1", r"m < n /\ (n < 7 \/ m = 1)"]);
    check_different(&[r"m = 1 \/ m = 2", r"m = 1 \/ m = 1 \/ m = 2"]);
}

#[test]
fn parameters_count_by_position_and_other_free_names_as_themselves() {
    let program = program("P(a, b) == a < b\nQ(c, d) == c < d\nR == P(1, 2) /\\ Q(1, 2)");
    let of = |name: &str| {
        let mut operators = program.module.operators.iter();
        operators.find(|operator| operator.name == name).expect("the module defines it").clone()
    };
    let (p, q) = (of("P"), of("Q"));
    assert_ne!(key(&p.body), key(&q.body));
    assert_eq!(key_with(&p.body, &p.params), key_with(&q.body, &q.params));
    let turned: Vec<_> = q.params.iter().rev().copied().collect();
    assert_ne!(key_with(&p.body, &p.params), key_with(&q.body, &turned));
}

fn shown(program: &Program, branch: &Branch) -> String {
    let module = Module { locals: program.all_locals(), ..program.module.clone() };
    let guards: Vec<String> = branch.guards.iter().map(|guard| print_typed::expr(&module, guard)).collect();
    let next: Vec<String> = branch
        .next
        .iter()
        .map(|(variable, value)| {
            format!("{}' = {}", module.variables[*variable].name, print_typed::expr(&module, value))
        })
        .collect();
    format!("{}: [{}] {}", branch.name, guards.join("; "), next.join("; "))
}

/// The branches of `Next`, one in a line: its name, the guards in brackets, the next values.
fn check(body: &str, expected: &[&str]) {
    let program = program(&format!("CONSTANTS S, T\nVARIABLES x, y, s\n{body}"));
    let found: Vec<String> = branches(&program, &definition(&program, "Next"))
        .iter()
        .map(|branch| shown(&program, branch))
        .collect();
    assert_eq!(found, expected, "{body}");
}

#[test]
fn equations_give_next_values_and_the_rest_are_guards() {
    check(
        r"Next == x < 3 /\ x' = x + 1 /\ 0 = y' /\ UNCHANGED s /\ x = y",
        &["next: [x < 3; x = y] x' = x + 1; y' = 0; s' = s"],
    );
}

#[test]
fn a_disjunct_is_named_by_its_operator_or_its_position() {
    check(
        "Up == x' = x + 1 /\\ UNCHANGED <<y, s>>\n\
         Down == x' = x - 1 /\\ UNCHANGED <<y, s>>\n\
         Next == Up \\/ Down \\/ (x > 7 /\\ x' = 0 /\\ UNCHANGED <<y, s>>)",
        &[
            "Up: [] x' = x + 1; y' = y; s' = s",
            "Down: [] x' = x - 1; y' = y; s' = s",
            "3: [7 < x] x' = 0; y' = y; s' = s",
        ],
    );
}

#[test]
fn a_disjunct_that_comes_twice_has_a_number() {
    check("A == x' = 0 /\\ y = 0\nNext == A \\/ A", &["A: [y = 0] x' = 0", "A#2: [y = 0] x' = 0"]);
}

#[test]
fn existentials_become_parameters_with_their_membership_as_a_guard() {
    check(
        "Add(e) == e \\notin s /\\ s' = s \\cup {e}\nNext == \\E e \\in S : Add(e) \\/ s' = {}",
        &[r"Add: [e \in S; e \notin s] s' = s \cup {e}", r"2: [e \in S] s' = {}"],
    );
}

#[test]
fn conditionals_about_the_next_state_give_two_branches() {
    check(
        "Next == IF x > 0 THEN x' = x - 1 ELSE UNCHANGED x",
        &["then: [0 < x] x' = x - 1", "else: [~(0 < x)] x' = x"],
    );
    check("Next == x' = IF x > 0 THEN x - 1 ELSE x", &["next: [] x' = IF 0 < x THEN x - 1 ELSE x"]);
}

#[test]
fn what_is_no_equation_for_a_next_value_stays_a_guard() {
    check(
        r"Next == x' \in {1, 2} /\ 3 < y' /\ y' = y' + 0 /\ s' = S",
        &[r"next: [x' \in {1, 2}; 3 < y'; y' = y' + 0] s' = S"],
    );
}

#[test]
fn a_second_equation_for_a_variable_stays_a_guard() {
    check(r"Next == x' = 1 /\ x' = y", &["next: [x' = y] x' = 1"]);
    check(r"Next == x' = 1 /\ UNCHANGED x", &["next: [x' = x] x' = 1"]);
}

#[test]
fn next_values_are_solved_for_each_other() {
    check(r"Next == x' = y' + 1 /\ y' = 2", &["next: [] x' = 2 + 1; y' = 2"]);
    check(r"Next == y' = 2 /\ x' = y' + 1", &["next: [] x' = 2 + 1; y' = 2"]);
}

#[test]
fn circular_next_values_leave_a_guard() {
    check(r"Next == x' = y' + 1 /\ y' = x' - 1", &["next: [y' = (y' + 1) - 1] x' = y' + 1"]);
}

#[test]
fn a_variable_without_a_next_value_may_change() {
    let program = program("VARIABLES x, y\nNext == x' = x /\\ y < 3");
    let found = branches(&program, &definition(&program, "Next"));
    let [branch] = found.as_slice() else { panic!("one branch, not {}", found.len()) };
    let ids: Vec<_> = program.module.variables.ids().collect();
    assert!(branch.keeps(ids[0]));
    assert!(!branch.keeps(ids[1]));
    assert_eq!(branch.changed(&program).into_iter().collect::<Vec<_>>(), [ids[1]]);
}
