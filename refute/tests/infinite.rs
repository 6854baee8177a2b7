//! Claims that are false in states with infinite sets only: they are refuted, and those that exclude such states
//! are not.

#[path = "common/questions.rs"]
mod common;

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use eval::show::Names;
use eval::value::Value;
use refute::{Budget, Outcome, refute, replay};

/// The claims of a module that are refuted, with the infinite sets of the state before.
fn refuted(body: &str) -> Vec<(String, Vec<String>)> {
    let module = common::module("Claims", &format!("---- MODULE Claims ----\n{body}\n====\n"));
    let mut found = Vec::new();
    for (name, module, question) in common::questions(&module) {
        let question = question(&module);
        let stop = AtomicBool::new(false);
        let budget = Budget::new(Duration::from_secs(60), &stop);
        match refute(&question, &budget, &mut |candidate| replay(&question, candidate)) {
            Outcome::Found { counterexample, .. } => {
                assert!(replay(&question, &counterexample), "{name}: what is found is replayed");
                let names = Names::new(&module, &counterexample.instance);
                let state = counterexample.before.iter().flat_map(|state| state.iter());
                let infinite = state.filter(|value| matches!(value, Value::Families(_)));
                found.push((name, infinite.map(|value| names.value(value)).collect()));
            }
            Outcome::NotFound { .. } => {}
            Outcome::GaveUp { why, .. } => panic!("{name}: {why}"),
        }
    }
    found
}

/// Checks which claims are refuted, and in which infinite sets.
fn check(body: &str, expected: &[(&str, &[&str])]) {
    let found = refuted(body);
    let found: Vec<(&str, Vec<&str>)> =
        found.iter().map(|(name, sets)| (name.as_str(), sets.iter().map(String::as_str).collect())).collect();
    let expected: Vec<(&str, Vec<&str>)> =
        expected.iter().map(|(name, sets)| (*name, sets.to_vec())).collect();
    assert_eq!(found, expected);
}

const TICKETS: &str = "
EXTENDS Integers, FiniteSets
CONSTANT P
VARIABLES taken, mine
Init == taken = {} /\\ mine = [p \\in P |-> 0]
Fresh == CHOOSE n \\in Nat : ~ \\E t \\in taken : t.number = n
Take(p) ==
  /\\ mine' = [mine EXCEPT ![p] = Fresh]
  /\\ taken' = taken \\cup {[number |-> Fresh, by |-> p]}
Next == \\E p \\in P : Take(p)
Typing == taken \\in SUBSET [number : Nat, by : P] /\\ mine \\in [P -> Nat]
Spec == Init /\\ [][Next]_<<taken, mine>>
";

#[test]
fn what_is_fresh_may_not_be_there() {
    let body = format!("{TICKETS}THEOREM Typed == Spec => []Typing");
    let set = "{[number |-> n, by |-> p1] : n \\in Nat}";
    check(&body, &[("Typed.step.Typing.1", &[set]), ("Typed.step.Typing.2", &[set])]);
}

#[test]
fn finite_sets_have_fresh_numbers() {
    let body = format!("{TICKETS}THEOREM Typed == Spec => [](Typing /\\ IsFiniteSet(taken))");
    check(&body, &[]);
}

#[test]
fn tuples_and_several_shapes_hold_numbers() {
    let body = "
EXTENDS Integers
CONSTANTS P, Q
VARIABLES msgs, last
Init == msgs = {} /\\ last = 0
Ask(p) == msgs' = msgs \\cup {<<last, p>>} /\\ last' = CHOOSE n \\in Nat : n > last /\\ \\A m \\in msgs : m[1] # n
Typing == msgs \\in SUBSET (Nat \\X P) /\\ last \\in Nat
THEOREM Pairs == Init /\\ [][\\E p \\in P : Ask(p)]_<<msgs, last>> => []Typing";
    check(body, &[("Pairs.step.Typing.2", &["{<<n, p1>> : n \\in Nat}"])]);
    let body = "
EXTENDS Integers
CONSTANTS P, Q
VARIABLES msgs, last
Init == msgs = {} /\\ last = 0
Ask(p) ==
  /\\ msgs' = msgs \\cup {[type |-> \"ask\", bal |-> last, by |-> p]}
  /\\ last' = CHOOSE n \\in Nat : n > last /\\ ~ \\E m \\in msgs : m.type = \"ask\" /\\ m.bal = n
Typing ==
  /\\ msgs \\in SUBSET ([type : {\"ask\"}, bal : Nat, by : P] \\cup [type : {\"yes\"}, bal : Nat, by : Q])
  /\\ last \\in Nat
THEOREM Records == Init /\\ [][\\E p \\in P : Ask(p)]_<<msgs, last>> => []Typing";
    check(body, &[("Records.step.Typing.2", &["{[type |-> \"ask\", bal |-> n, by |-> p1] : n \\in Nat}"])]);
}

#[test]
fn what_an_infinite_set_cannot_break_is_not_refuted() {
    // Above the bound numbers remain, whatever is taken.
    let bounded = "taken \\in SUBSET [number : Nat, by : P] /\\ mine \\in [P -> Nat] /\\ \\E b \\in Nat : \\A t \\in taken : t.number =< b";
    check(&format!("{TICKETS}THEOREM Typed == Spec => []({bounded})"), &[]);
    // So do the odd ones, if only even ones may be taken.
    let body = "
EXTENDS Integers
CONSTANT P
VARIABLES taken
Even == {n \\in Nat : n % 2 = 0}
LEMMA Odd == taken \\in SUBSET (Even \\X P) => \\E n \\in Nat : \\A t \\in taken : t[1] # n
LEMMA All == taken \\in SUBSET (Nat \\X P) => \\E n \\in Nat : \\A t \\in taken : t[1] # n";
    check(body, &[("All", &["{<<n, p1>> : n \\in Nat}"])]);
}

#[test]
fn sets_may_be_infinite_where_nothing_says_that_they_are_not() {
    let body = "
EXTENDS Integers, FiniteSets
CONSTANT P
VARIABLES taken
Typing == taken \\in SUBSET [number : Nat, by : P]
LEMMA Few == Typing => IsFiniteSet(taken)
LEMMA Bound == Typing => \\E n \\in Nat : \\A t \\in taken : t.number =< n
LEMMA Small == Typing /\\ (\\A t \\in taken : t.number =< 3) /\\ IsFiniteSet(P) => IsFiniteSet(taken)
LEMMA Numbered == Typing => \\A t \\in taken : t.number >= 0";
    let set = "{[number |-> n, by |-> p1] : n \\in Nat}";
    check(body, &[("Few", &[set]), ("Bound", &[set])]);
}
