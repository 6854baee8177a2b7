//! Reasons for truth values: a test is a formula and the lines that explain it.

use eval::evaluate::{Bounds, Evaluator, Moment};
use eval::explain::Explainer;
use eval::instance::Choices;
use eval::show::Names;

use self::support::world;

#[path = "support/world.rs"]
mod support;

fn check(formula: &str, expected: &[&str]) {
    let world = world(&[formula], Choices::default());
    let evaluator = Evaluator::new(&world.module, &world.instance, Bounds::Strict);
    let names = Names::new(&world.module, &world.instance);
    let moment = Moment { now: Some(&world.states[0]), next: Some(&world.states[1]) };
    let before = Moment { now: Some(&world.states[0]), next: Some(&world.states[0]) };
    let explainer = Explainer::new(&world.module, &evaluator, &names).compared_with(before);
    let lines = explainer.explain(&world.body(0), moment).lines();
    assert_eq!(lines, expected, "{formula}");
}

#[test]
fn a_conjunction_is_false_by_its_first_false_conjunct() {
    check(
        "n = 7 /\\ x' > 2 /\\ seq[9] = 1",
        &[
            "n = 7 /\\ 2 < x' /\\ seq[9] = 1 is false",
            "  conjunct 2: 2 < x' is false",
            "    x' = 2, before: 1",
        ],
    );
}

#[test]
fn a_quantifier_is_false_for_a_counterwitness() {
    check(
        "\\A m \\in msgs : m.type = \"2b\" => m.bal = 0",
        &[
            "\\A m \\in msgs : m.type = \"2b\" => m.bal = 0 is false, with m = [type |-> \"2b\", bal |-> 2, acc |-> a1, val |-> v1]",
            "  there: m.type = \"2b\" => m.bal = 0 is false",
            "    premise: m.type = \"2b\" is true",
            "      m.type = \"2b\"",
            "    conclusion: m.bal = 0 is false",
            "      m.bal = 2",
        ],
    );
}

#[test]
fn a_definition_is_opened() {
    check(
        "\\A a \\in A, b \\in Nat : ~Voted(a, V1, b)",
        &[
            "\\A a \\in A, b \\in Nat : ~Voted(a, V1, b) is false, with a = a1, b = 2",
            "  there: ~Voted(a, V1, b) is false",
            "    negated: Voted(a, V1, b) is true, with a = a1, v = v1, b = 2",
            "      Voted: \\E m \\in msgs : m.type = \"2b\" /\\ m.bal = b /\\ m.acc = a /\\ m.val = v is true, with m = [type |-> \"2b\", bal |-> 2, acc |-> a1, val |-> v1]",
            "        there: m.type = \"2b\" /\\ m.bal = b /\\ m.acc = a /\\ m.val = v is true",
        ],
    );
}

#[test]
fn a_set_is_no_part_for_a_stranger() {
    check(
        "seq \\in Seq(Int) /\\ {m.bal : m \\in msgs} \\in SUBSET (0 .. 1)",
        &[
            "seq \\in Seq(Int) /\\ {m.bal : m \\in msgs} \\in SUBSET (0 .. 1) is false",
            "  conjunct 2: {m.bal : m \\in msgs} \\in SUBSET (0 .. 1) is false, with element = 2",
            "    {m.bal : m \\in msgs} = {0, 2}",
            "    SUBSET (0 .. 1) = {{}, {0}, {0, 1}, {1}}",
        ],
    );
}

#[test]
fn what_has_changed() {
    check(
        "UNCHANGED <<x, n, seq>>",
        &["UNCHANGED <<x, n, seq>> is false", "  x = 2, before: 1", "  seq = <<>>, before: <<5, 1, 3>>"],
    );
}

#[test]
fn what_is_open() {
    check(
        "x = 1 /\\ seq[9] = 1",
        &[
            "x = 1 /\\ seq[9] = 1 is open, since TLA+ does not say what its value is",
            "  conjunct 2: seq[9] = 1 is open, since TLA+ does not say what its value is",
            "    seq[9] = ?",
        ],
    );
}
