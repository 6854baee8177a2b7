//! Rewriting keeps values: random formulas, rewritten, have the value that they had, in random small states.
//!
//! No solver takes part, so that what is wrong is rewriting, or the key that it compares by.

#[path = "rewriting/evaluate.rs"]
mod evaluate;
#[path = "rewriting/formulas.rs"]
mod formulas;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use evaluate::{State, Value, sequence};
use formulas::{Random, Writer};
use lang::ast;
use lang::check::check_sorts;
use lang::parse::parse;
use lang::resolve::resolve;
use lang::source::SourceMap;
use lang::typed::{Expr, Module, Time, VariableId};
use vcgen::alpha::{Key, key};
use vcgen::expr;
use vcgen::print;
use vcgen::program::Program;
use vcgen::rewrite::{Known, rewrite, rewrite_closed};

const LIBRARY: [&str; 4] = [
    include_str!("../../stdlib/Naturals.pax"),
    include_str!("../../stdlib/Integers.pax"),
    include_str!("../../stdlib/FiniteSets.pax"),
    include_str!("../../stdlib/Sequences.pax"),
];

/// The variables with their kinds, and a formula that gives them their sorts.
const HEADER: &str = r"VARIABLES x, y, p, q, S, T, f, g, s, t, r, m, n, M
Sorts == /\ x + y \in S \cup T /\ p \in BOOLEAN /\ q \in BOOLEAN /\ S \subseteq Int /\ T \subseteq Int
         /\ f \in [S -> T] /\ g \in [S -> T] /\ s \in Seq(S) /\ t \in Seq(S)
         /\ r \in [a : Int, on : BOOLEAN] /\ M \subseteq [k : Int] \cup [k : Int, v : Int] /\ m \in M /\ n \in M
";

/// Formulas in one module.
const N_FORMULAS: u64 = 40;
const N_MODULES: u64 = 60;
const N_STATES: u64 = 60;

/// A module with these formulas, by the names `F0`, `F1`, ...
fn program(formulas: &[String]) -> Program {
    let mut sources = SourceMap::default();
    let mut standard = |text: &&str| {
        let module = parse(sources.add("library", *text), text).value;
        ast::Module { standard: true, ..module }
    };
    let library: Vec<ast::Module> = LIBRARY.iter().map(&mut standard).collect();
    let mut text = format!("---- MODULE Test ----\nEXTENDS Integers, FiniteSets, Sequences\n{HEADER}");
    for (position, formula) in formulas.iter().enumerate() {
        let _ = writeln!(text, "F{position} == Sorts /\\ {formula}");
    }
    text.push_str("====\n");
    let parsed = parse(sources.add("test", text.as_str()), &text);
    let resolved = resolve(&parsed.value, &library, lang::resolve::Lost::default());
    let checked = check_sorts(&resolved.value);
    let problems = [parsed.diagnostics, resolved.diagnostics, checked.diagnostics].concat();
    assert_eq!(problems, Vec::new(), "{text}");
    Program::new(&checked.value)
}

/// The formulas that have sorts, without what gives them theirs: a tuple may be compared with a sequence in
/// some, which then have no meaning.
fn definitions(program: &Program) -> Vec<Expr> {
    let operators = program.module.operators.iter();
    let own = operators.filter(|operator| operator.name.starts_with('F') && !operator.recursive);
    own.map(|operator| {
        let parts = expr::conjuncts(&operator.body);
        expr::and(parts.into_iter().skip(1), operator.span)
    })
    .collect()
}

/// A random state.
fn state(module: &Module, seed: u64) -> BTreeMap<VariableId, Value> {
    let mut random = Random::new(seed);
    let mut int = |below: u64, from: i128| Value::Int(i128::from(random.below(below)) + from);
    let mut values = BTreeMap::new();
    let mut by_name: BTreeMap<&str, Value> = BTreeMap::new();
    for name in ["x", "y"] {
        by_name.insert(name, int(6, -2));
    }
    for (id, variable) in module.variables.iter_enumerated() {
        let Value::Int(n) = int(4, 0) else { unreachable!("an integer") };
        let n = usize::try_from(n).expect("a small number");
        let is_even = n % 2 == 0;
        let value = match variable.name.as_str() {
            "x" | "y" => by_name[variable.name.as_str()].clone(),
            "p" | "q" => Value::Bool(is_even),
            "S" | "T" => Value::Set((0..n).map(|_| int(4, -1)).collect()),
            "f" | "g" if n == 3 => sequence((0..2).map(|_| int(4, -1))),
            "f" | "g" => Value::Function((0..n).map(|_| (int(4, -1), int(4, -1))).collect()),
            "s" | "t" => sequence((0..n).map(|_| int(4, -1))),
            "r" => Value::Record([int(4, -1), Value::Bool(is_even)].into_iter().enumerate().collect()),
            "m" | "n" => record(is_even, &mut int),
            "M" => Value::Set((0..n).map(|at| record(at % 2 == 0, &mut int)).collect()),
            other => panic!("a variable `{other}`"),
        };
        values.insert(id, value);
    }
    values
}

/// A record of the sort with two shapes, of which the fields are `k` and `v`.
fn record(is_short: bool, int: &mut dyn FnMut(u64, i128) -> Value) -> Value {
    let n_fields = if is_short { 1 } else { 2 };
    Value::Record((0..n_fields).map(|field| (field, int(4, -1))).collect())
}

/// All states that a module's formulas are read in, each under one of three readings of what is left open.
fn states(module: &Module, seed: u64) -> Vec<State<'_>> {
    (0..N_STATES)
        .map(|number| State {
            module,
            variables: state(module, seed * N_STATES + number),
            reading: number % 3,
        })
        .collect()
}

fn formulas(seed: u64, depth: u32) -> Vec<String> {
    (0..N_FORMULAS).map(|number| Writer::new(seed * N_FORMULAS + number + 1).formula(depth)).collect()
}

/// Fails if two expressions differ in a state; says in how many they could be compared.
fn check(program: &Program, states: &[State<'_>], before: &Expr, after: &Expr) -> usize {
    let mut n_compared = 0;
    for state in states {
        if let (Some(old), Some(new)) = (state.value(before), state.value(after)) {
            n_compared += 1;
            assert_eq!(
                old,
                new,
                "{}\nbecame\n{}\nwhich differs under reading {} in {:?}",
                print::formula(program, before),
                print::formula(program, after),
                state.reading,
                state.variables,
            );
        }
    }
    n_compared
}

#[test]
fn rewriting_keeps_values() {
    let mut n_compared = 0;
    for seed in 0..N_MODULES {
        let formulas = formulas(seed, 3);
        let program = program(&formulas);
        let states = states(&program.module, seed);
        for before in definitions(&program) {
            let after = rewrite_closed(&program, &before);
            n_compared += check(&program, &states, &before, &after);
        }
    }
    let n_all = usize::try_from(N_MODULES * N_FORMULAS * N_STATES).expect("a small number");
    assert!(n_compared * 10 > n_all * 9, "only {n_compared} of {n_all} could be compared");
}

#[test]
fn rewriting_keeps_values_where_what_is_known_holds() {
    let mut n_compared = 0;
    for seed in 0..N_MODULES {
        let formulas = formulas(1000 + seed, 2);
        let program = program(&formulas);
        let states = states(&program.module, seed);
        for pair in definitions(&program).chunks_exact(2) {
            let [premise, before] = pair else { unreachable!("chunks of two") };
            let mut known = Known::default();
            known.assume(&rewrite_closed(&program, premise));
            let after = rewrite(&program, &known, before);
            let holds = |state: &State<'_>| state.value(premise) == Some(Value::Bool(true));
            let within: Vec<State<'_>> = states
                .iter()
                .filter(|state| holds(state))
                .map(|state| State { variables: state.variables.clone(), ..*state })
                .collect();
            assert!(!known.contradictory() || within.is_empty());
            n_compared += check(&program, &within, before, &after);
        }
    }
    assert!(n_compared > 10_000, "only {n_compared} could be compared");
}

#[test]
fn formulas_with_the_same_key_have_the_same_value() {
    let mut n_compared = 0;
    for seed in 0..N_MODULES {
        let formulas = formulas(2000 + seed, 1);
        let program = program(&formulas);
        let states = states(&program.module, seed);
        let mut seen: BTreeMap<Key, Expr> = BTreeMap::new();
        for own in definitions(&program) {
            if let Some(before) = seen.get(&key(&own)) {
                n_compared += check(&program, &states, before, &own);
            }
            seen.insert(key(&own), own);
        }
    }
    assert!(n_compared > 1000, "only {n_compared} could be compared");
}

#[test]
fn priming_and_substituting_keep_values() {
    for seed in 0..10 {
        let formulas = formulas(3000 + seed, 3);
        let program = program(&formulas);
        let states = states(&program.module, seed);
        for own in definitions(&program) {
            // A state has one value for a variable, whether or not it is primed.
            check(&program, &states, &own, &expr::prime(&program, &own));
            check(&program, &states, &own, &expr::substitute(&program, &own, &BTreeMap::new()));
            assert!(!expr::mentions_next(&program, &own));
            let mut read = std::collections::BTreeSet::new();
            expr::reads(&program, &own, Time::Now, &mut read);
            let is_read = |id: VariableId| {
                expr::any(
                    &own,
                    &mut |node| matches!(node.kind, lang::typed::ExprKind::Variable(found, _) if found == id),
                )
            };
            assert!(program.module.variables.ids().all(|id| read.contains(&id) == is_read(id)));
        }
    }
}

/// Formulas that need no solver, each of them true by a rule of its own.
const TRUE: [&str; 107] = [
    // Truth values.
    r"(p <=> FALSE) <=> ~p",
    r"(p => FALSE) <=> ~p",
    r"p /\ ~p => q",
    r"r.on => ~~r.on",
    r"r.on /\ ~r.on => q",
    r"((TRUE <=> p) <=> p) /\ ((p <=> TRUE) <=> p) /\ ((FALSE <=> p) <=> ~p)",
    r"~(p /\ q) => ~p \/ ~q",
    r"~(p \/ q) => ~p /\ ~q",
    r"~(p => q) => p /\ ~q",
    r"~(\A i \in S : f[i] = x) => \E i \in S : f[i] # x",
    r"~(IF p THEN q ELSE r.on) <=> (IF p THEN ~q ELSE ~r.on)",
    // Sets.
    r"({} \cup S) = S /\ (S \cup {}) = S",
    r"({} \cap S) = {} /\ (S \cap {}) = {}",
    r"({} \ S) = {} /\ (S \ {}) = S",
    r"x \in (IF p THEN {x} ELSE S \cup {x})",
    r"x \in S \ T => x \in S /\ x \notin T",
    r"x \in S \cap T => x \in S /\ x \in T",
    r"(CHOOSE i \in S \cup {} : i > x) = (CHOOSE i \in {} \cup S : i > x)",
    r"(CHOOSE i \in S \ {} : i > x) = (CHOOSE i \in S : i > x)",
    r"(CHOOSE i \in {} \ S : i > x) = (CHOOSE i \in {} : i > x)",
    r"(CHOOSE i \in S \cap {} : i > x) = (CHOOSE i \in {} \cap S : i > x)",
    r"(CHOOSE i \in S : i > x + 1 - 1) = (CHOOSE i \in S : i > x)",
    r"(CHOOSE i \in {j \in S : TRUE} : i > x) = (CHOOSE i \in S : i > x)",
    r"(CHOOSE i \in {j \in S : FALSE} : i > x) = (CHOOSE i \in {} : i > x)",
    r"x \in {b \in S : b > 1} => x \in S /\ x > 1",
    r"y \in {b + 1 : b \in {x}} => y = x + 1",
    r"S \in SUBSET S /\ S \subseteq (S \cup T)",
    r"x \in UNION {S, {x}}",
    r"<<x, y>> \in ({x} \X {y})",
    r#""a" # "b" /\ DOMAIN r = {"a", "on"}"#,
    r"\A i \in (IF p THEN {x} ELSE {x, y}) : i = x \/ i = y",
    r"\A i \in {b \in S : b > 1} : i > 1",
    r"(\A i \in S \ T : i \notin T) /\ (\A i \in S \cap T : i \in T)",
    r"\A i \in 1..(IF p THEN 1 ELSE 2) : i = 1 \/ i = 2",
    r"\A c \in ({x} \X {y}) : c[1] = x /\ c[2] = y",
    r"(\A i \in S \cup {x} : i > 1) => x > 1",
    r"\E i \in S \cup {x} : i = x",
    r"x \in S /\ y \in T => \E i \in S, j \in T : i = x /\ j = y",
    // Numbers.
    r"2 * x + x = x * 3",
    r"f[x + 1 - 1] = f[x]",
    r"x = y + 1 => y < x",
    r"x >= 0 => x + 1 > 0",
    r"x >= 0 /\ y >= 0 => x + y >= 0",
    r"x < y => x # y",
    r"~(x =< y) => y < x",
    r"~(x < y) => y =< x",
    r"x = y => <<x, y, p>> = <<y, x, p>>",
    r"x =< y /\ x # y => x < y",
    r"x \in 1..y => 1 =< y",
    r"x = (IF y =< 3 THEN 3 ELSE y) => x >= y",
    r"x \in Nat => x + 1 \in Nat",
    r"7 \div 2 = 3 /\ (-7) \div 2 = -4 /\ (-7) % 2 = 1 /\ 2 ^ 3 = 8 /\ x ^ 1 = x",
    r"x >= 0 /\ (\A i \in 1..x : f[i] = 0) /\ f[x + 1] = 0 => \A i \in 1..(x + 1) : f[i] = 0",
    r"\A i \in 1..2 : i = 1 \/ i = 2",
    // Functions and sequences.
    r"x \in S => [i \in S |-> i + 1][x] = x + 1",
    r"x \in DOMAIN f => [f EXCEPT ![x] = y][x] = y",
    r"DOMAIN (IF p THEN f ELSE g) = (IF p THEN DOMAIN f ELSE DOMAIN g)",
    r"DOMAIN [f EXCEPT ![x] = y] = DOMAIN f",
    r"DOMAIN f = S /\ (\A i \in S : f[i] = x) => f = [i \in S |-> x]",
    r"DOMAIN f = S /\ (\A i \in S : f[i] = x) => [i \in S |-> x] = f",
    r"DOMAIN f = S /\ (\A i \in S : f[i] \in T) => f \in [S -> T]",
    r"f = (IF p THEN [i \in S |-> x] ELSE [i \in S |-> y])
            <=> IF p THEN f = [i \in S |-> x] ELSE f = [i \in S |-> y]",
    r"Len(IF p THEN <<x>> ELSE <<y>>) = 1 /\ Len(<<x, y>>) = 2 /\ <<x, y>>[2] = y",
    r"s \in Seq(Int) => Len(Append(s, x)) = Len(s) + 1",
    r"x >= 0 => Len([i \in 1..x |-> y]) = x",
    r"(IF p THEN <<x>> ELSE <<y>>) \in Seq(Int) /\ [i \in 1..x |-> y] \in Seq(Int)",
    r"s \in Seq(Int) => [s EXCEPT ![1] = y] \in Seq(Int) /\ (IF p THEN s ELSE <<x>>) \in Seq(Int)",
    r"s \in Seq(Int) /\ 1 =< Len(s) => [s EXCEPT ![1] = y][1] = y",
    r"Len([s EXCEPT ![1] = y]) = Len(s)",
    r"DOMAIN s = 1..3 => Len(s) = 3",
    r"p => (IF p THEN <<x, y>> ELSE s)[2] = y",
    r"x = y /\ p => (IF p THEN <<x>> ELSE s) = (IF p THEN <<y>> ELSE t)",
    r"(\A i \in S : f[i] \in Nat) /\ x \in S => f[x] >= 0",
    r"(\A i \in S : f[i] \in Nat /\ g[i] \in Nat) /\ x \in S => g[x] >= 0",
    // Records.
    r"[a |-> x, on |-> p].a = x /\ [r EXCEPT !.a = x].a = x /\ [r EXCEPT !.a = x].on = r.on",
    r"(IF p THEN [k |-> x] ELSE [k |-> x, v |-> y]).k = x",
    r"[k |-> x] # [k |-> x, v |-> y] /\ ([k |-> x] = [k |-> y] <=> x = y)",
    r"(\A b \in M : b \in [k : Nat, v : Nat]) /\ m \in M => m.k >= 0",
    r"(\A b \in M : b.k \in Nat) /\ m \in M => m.k >= 0",
    r#"DOMAIN [k |-> x] = {"k"} /\ DOMAIN [k |-> x, v |-> y] = {"k", "v"}"#,
    r"DOMAIN [m EXCEPT !.k = x] = DOMAIN m",
    r#"DOMAIN (IF p THEN [k |-> x] ELSE [k |-> y]) = {"k"}"#,
    // Finite sets and their sizes.
    r"IsFiniteSet({x, y}) /\ IsFiniteSet(1..x) /\ ~IsFiniteSet(Nat)",
    r"IsFiniteSet(S) => IsFiniteSet({b \in S : b > x}) /\ IsFiniteSet({b + x : b \in S}) /\ IsFiniteSet(SUBSET S)",
    r"IsFiniteSet(S) => IsFiniteSet(S \cap T) /\ IsFiniteSet(T \cap S) /\ IsFiniteSet(S \ T)",
    r"IsFiniteSet(S) /\ IsFiniteSet(T) => IsFiniteSet(UNION {S, T}) /\ IsFiniteSet(S \X T) /\ IsFiniteSet([S -> T])",
    r"IsFiniteSet(S) /\ x \notin S => Cardinality({x} \cup S) = Cardinality(S) + 1",
    r"IsFiniteSet(S) /\ x \notin S => Cardinality(S \cup {x}) = Cardinality(S) + 1",
    r"IsFiniteSet(S) /\ x \in S => Cardinality(S \ {x}) = Cardinality(S) - 1",
    r"IsFiniteSet(S) /\ IsFiniteSet(T) => IsFiniteSet(S \cup T)",
    r"IsFiniteSet(S) => IsFiniteSet(IF p THEN S ELSE {x})",
    r"Cardinality(BOOLEAN) = 2 /\ Cardinality(IF p THEN {x} ELSE {y}) = 1",
    r"IsFiniteSet(S) /\ x \notin S /\ x > y => Cardinality(S \cup {i \in {x} : i > y}) = Cardinality(S) + 1",
    r"IsFiniteSet(S) /\ x \in S /\ x > y => Cardinality(S \ {i \in {x} : i > y}) = Cardinality(S) - 1",
    r"IsFiniteSet(S) /\ x \in S /\ y \in S => Cardinality(S \cup (IF p THEN {x} ELSE {y})) = Cardinality(S)",
    r"IsFiniteSet(S) /\ x \in S /\ y \in S => Cardinality((IF p THEN {x} ELSE {y}) \cup S) = Cardinality(S)",
    r"IsFiniteSet(S) /\ x \notin S /\ x > y => Cardinality({i \in S \cup {x} : i > y}) = Cardinality({i \in S : i > y}) + 1",
    r"Cardinality({i \in S \cap T : i > y}) = Cardinality({i \in S : i > y} \cap T)",
    r"IsFiniteSet(S) /\ x \in S /\ x > y => Cardinality({i \in S \ {x} : i > y}) = Cardinality({i \in S : i > y}) - 1",
    r"x > y => Cardinality({i \in (IF p THEN {x} ELSE {x, y}) : i > y}) = 1",
    r"IsFiniteSet(S) /\ x \in S /\ y \in S /\ x # y => Cardinality({i \in S : i = x \/ i = y}) = 2",
    r"Cardinality({i + 1 : i \in (IF p THEN {x} ELSE {y})}) = 1",
    r"x > y => Cardinality({i + 1 : i \in {j \in {x} : j > y}}) = 1",
    r"Cardinality({i \in S : i > x + 1 - 1}) = Cardinality({i \in S : i > x})",
    r"Cardinality({i + x + 1 - 1 : i \in S}) = Cardinality({i + x : i \in S})",
    r"Cardinality({[j \in S |-> j + 1 - 1], f}) = Cardinality({[j \in S |-> j], f})",
    r"Cardinality({i + 1 : i \in {1, 2}}) = 2
            /\ Cardinality({i \in {b \in S : b > 1} : i < 3}) = Cardinality({i \in S : i > 1 /\ i < 3})",
];

#[test]
fn rewriting_alone_decides() {
    let formulas: Vec<String> = TRUE.iter().map(|formula| format!("({formula})")).collect();
    let program = program(&formulas);
    let definitions = definitions(&program);
    assert_eq!(definitions.len(), TRUE.len());
    let missed: Vec<String> = definitions
        .iter()
        .zip(TRUE)
        .map(|(definition, text)| (rewrite_closed(&program, definition), text))
        .filter(|(rewritten, _)| !expr::is_bool(rewritten, true))
        .map(|(rewritten, text)| format!("{text}\nbecame {}", print::formula(&program, &rewritten)))
        .collect();
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}
