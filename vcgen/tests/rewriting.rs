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
use lang::print_typed;
use lang::resolve::resolve;
use lang::source::SourceMap;
use lang::typed::{Expr, Module, Time, VariableId};
use vcgen::alpha::{Key, key};
use vcgen::expr;
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
        let n = match int(4, 0) {
            Value::Int(n) => usize::try_from(n).expect("a small number"),
            _ => unreachable!("an integer"),
        };
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
fn check(module: &Module, states: &[State<'_>], before: &Expr, after: &Expr) -> usize {
    let mut n_compared = 0;
    for state in states {
        if let (Some(old), Some(new)) = (state.value(before), state.value(after)) {
            n_compared += 1;
            assert_eq!(
                old,
                new,
                "{}\nbecame\n{}\nwhich differs under reading {} in {:?}",
                print_typed::expr(module, before),
                print_typed::expr(module, after),
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
            n_compared += check(&program.module, &states, &before, &after);
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
            n_compared += check(&program.module, &within, before, &after);
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
                n_compared += check(&program.module, &states, before, &own);
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
            check(&program.module, &states, &own, &expr::prime(&program, &own));
            check(&program.module, &states, &own, &expr::substitute(&program, &own, &BTreeMap::new()));
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
