//! No text makes the parser panic, hang or overflow the stack.

#[path = "../../../benches/parse/shapes.rs"]
mod shapes;

use super::{codes, module};
use crate::diag::Diagnostic;
use crate::print;

/// The largest spec of the project.
const SPEC: &str = include_str!("../../../../specs/multipaxos_preemption.pax");

/// Something of everything.
pub(super) const SAMPLE: &str = r#"A comment before.
---- MODULE Sample ----
EXTENDS Naturals, FiniteSets
CONSTANTS Acceptors, Values, Quorum(_), _ ++ _
ASSUME QuorumAssumption ==
  /\ Quorum(1) \subseteq SUBSET Acceptors
  /\ \A Q1, Q2 \in Quorum(1) : Q1 \cap Q2 # {}
VARIABLES msgs, maxBal
vars == <<msgs, maxBal>>
(* nested (* comment *) *)
Messages == [type : {"1a"}, bal : Nat] \cup [type : {"2b"}, bal : Nat, val : Values \X Nat]
a \prec b == a < b \* order
f[n \in Nat, m \in Nat] == IF n = 0 THEN 1 ELSE n * f[n - 1, m]
Init == msgs = {} ∧ maxBal = [a \in Acceptors |-> -1]
Send(m) == msgs' = msgs \cup {m}
Phase1b(a) ==
  \E m \in msgs :
    /\ m.type = "1a"
    /\ m.bal > maxBal[a]
    /\ LET b == m.bal
           S == {x \in msgs : x.bal = b}
       IN /\ Send([type |-> "1b", bal |-> b])
          /\ \/ S = {}
             \/ CASE b = 1 -> TRUE [] b = 2 -> FALSE [] OTHER -> []TRUE
    /\ maxBal' = [maxBal EXCEPT ![a] = @ + m.bal, ![a].x[1] = 2]
Next == \E a \in Acceptors : Phase1b(a)
Spec == Init /\ [][Next]_vars /\ WF_vars(Next) /\ SF_<<msgs>>(<<Next>>_vars)
Pick == CHOOSE <<x, y>> \in Values \X Values : x # y
THEOREM Safe == Spec => []Init
PROOF BY QuorumAssumption, Cont(Next) DEF Init, vars
LEMMA ASSUME NEW x \in Nat, x > \hF PROVE x + 1 > 0 OBVIOUS
THEOREM Step == TRUE
<1>1. TRUE
  <2> QED OBVIOUS
<1>2. QED BY <1>1
LOCAL Last == {<<x, "s\n">> : x \in 1..3}
====
after
"#;

#[test]
fn the_sample_comes_back() {
    let parsed = module(SAMPLE);
    assert_eq!(parsed.diagnostics, vec![]);
    let printed = print::module(&parsed.value);
    let again = module(&printed);
    assert_eq!(again.diagnostics, vec![], "{printed}");
    assert_eq!(super::bare(&again.value), super::bare(&parsed.value), "{printed}");
}

#[test]
fn a_file_may_be_cut_anywhere() {
    for end in (0..=SAMPLE.len()).filter(|end| SAMPLE.is_char_boundary(*end)) {
        let found = module(&SAMPLE[..end]);
        let complete = end >= SAMPLE.find("====").unwrap() + 4;
        assert_eq!(found.diagnostics.is_empty(), complete, "cut at {end}: {:?}", found.diagnostics);
        print::module(&found.value);
    }
}

/// What is said of a text lies within it, and its tree can be printed.
fn check(text: &str) -> Vec<Diagnostic> {
    let found = module(text);
    print::module(&found.value);
    for diagnostic in &found.diagnostics {
        for label in diagnostic.secondary.iter().chain([&diagnostic.primary]) {
            let span = label.span;
            assert!(text.get(span.start as usize..span.end as usize).is_some(), "{diagnostic:?}");
        }
    }
    found.diagnostics
}

#[test]
fn a_letter_or_a_line_may_be_lost_anywhere() {
    for (start, letter) in SAMPLE.char_indices() {
        check(&format!("{}{}", &SAMPLE[..start], &SAMPLE[start + letter.len_utf8()..]));
    }
    for text in [SAMPLE, SPEC] {
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        for lost in 0..lines.len() {
            check(&[&lines[..lost], &lines[lost + 1..]].concat().concat());
        }
    }
}

#[test]
fn a_spec_may_be_cut_anywhere() {
    // A cut is read in time linear in its length; every byte of the part that has most of the constructs.
    let part = &SPEC[..SPEC.len() / 3];
    for end in (0..=part.len()).filter(|end| part.is_char_boundary(*end)) {
        check(&part[..end]);
    }
}

#[test]
fn tokens_may_change_places() {
    let mut seed = 7_u64;
    let mut below = |n: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        usize::try_from(seed % n as u64).unwrap()
    };
    for text in [SAMPLE, &SPEC[..SPEC.len() / 3]] {
        let words: Vec<&str> = text.split_inclusive([' ', '\n', '(', ')', ',']).collect();
        for _ in 0..200 {
            let mut words = words.clone();
            for _ in 0..=below(3) {
                let (from, to) = (below(words.len()), below(words.len()));
                words.swap(from, to);
            }
            check(&words.concat());
        }
    }
}

#[test]
fn every_shape_is_read() {
    for (_, shape) in shapes::SHAPES {
        check(&shapes::module(&shape(10_000)));
    }
}

#[test]
fn ten_megabytes_are_read() {
    let declarations = SPEC[SPEC.find("VARIABLE").unwrap()..SPEC.rfind("\n====").unwrap()].repeat(1000);
    let text = shapes::module(&declarations);
    assert!(text.len() > 8_000_000, "{}", text.len());
    let found = module(&text);
    assert_eq!(found.diagnostics, vec![]);
    assert!(found.value.units.len() > 10_000);
}

#[test]
fn rubbish_bytes_are_refused() {
    let bytes: Vec<u8> = (0..60_000_u32).map(|at| at.wrapping_mul(2_654_435_761).to_le_bytes()[2]).collect();
    let text = String::from_utf8_lossy(&bytes);
    assert!(!check(&text).is_empty());
    assert!(!check(&format!("---- MODULE M ----\n{text}")).is_empty());
}

#[test]
fn deep_nesting_is_refused() {
    let nested = |open: &str, close: &str| format!("A == {}1{}", open.repeat(10_000), close.repeat(10_000));
    for (open, close) in [
        ("(", ")"),
        ("{", "}"),
        ("<<", ">>"),
        ("F(", ")"),
        ("[x \\in S |-> ", "]"),
        ("[a |-> ", "]"),
        ("~", ""),
        ("- ", ""),
        ("\\A x : ", ""),
        ("IF a THEN b ELSE ", ""),
        ("LET a == 1 IN ", ""),
        ("LET a == ", " IN a"),
        ("CASE a -> ", ""),
        ("", "'"),
        ("", ".a"),
        ("", "[1]"),
        ("/\\ ", ""),
    ] {
        assert_eq!(codes(&nested(open, close)), ["nesting-too-deep"], "{open}1{close}");
    }
    let unclosed = format!("A == {}", "(".repeat(10_000));
    assert_eq!(codes(&unclosed), ["unclosed-bracket"]);
    let wide = format!("A == {}1", "S \\X ".repeat(10_000));
    assert_eq!(codes(&wide), [""; 0]);
}

#[test]
fn rubbish_is_refused() {
    let mut seed = 1_u32;
    let pool = SAMPLE.split_inclusive(' ').collect::<Vec<_>>();
    for _ in 0..300 {
        let mut text = String::from("---- MODULE M ----\n");
        for _ in 0..200 {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            if seed & 0x100 == 0 {
                text.push_str(pool[(seed >> 16) as usize % pool.len()]);
            } else {
                text.push(char::from_u32(seed >> 24).unwrap_or('x'));
            }
        }
        let found = module(&text);
        print::module(&found.value);
    }
}

#[test]
fn what_is_accepted_can_be_walked() {
    for (open, close) in
        [("(", ")"), ("[x \\in S |-> ", "]"), ("LET a == 1 IN ", ""), ("/\\ ", ""), ("", "'")]
    {
        super::round_trip(&format!("A == {}1{}", open.repeat(490), close.repeat(490)));
    }
}

#[test]
fn commas_under_let_end_nothing_around() {
    for text in [
        "A ==\n  /\\ LET RECURSIVE f(_), g(_)\n         f(x) == g(x)\n     IN f(1)\n  /\\ b",
        "A ==\n  /\\ LET I == INSTANCE N WITH x <- 1, y <- {2, 3}\n     IN I!c\n  /\\ b",
        "A == CASE a -> LET RECURSIVE f, g\n IN f [] b -> c",
        "A == \\A x \\in LET RECURSIVE f, g IN f, y \\in S : x",
        "A == [CASE a -> b -> c]",
        "A == [CASE a -> CASE b -> c [] OTHER -> d [] OTHER -> e -> f]",
        "A == CASE CASE a -> b -> c [] CASE d -> e [] OTHER -> f -> g",
        "INSTANCE N WITH x <- +(y) %% z, + <- -",
        "A == F( *(x, y), *, **(x, y), *)",
        "A == x!+[y][z]",
        "A == x!1 .1a",
        "A == <<x!= >> \\cup <<x!- >>",
        "A == <<x!= >>_y \\/ x!= !y",
        "A == 0 .1a + 0.1",
        "A == [x \\in CASE a -> S [] b -> T |-> x]",
    ] {
        super::round_trip(text);
    }
}

#[test]
fn symbols_and_steps_are_no_names() {
    for text in [
        "A(\\cdot, a) == a",
        "A(v, <*>) == v",
        "A(<1>1) == v",
        "CONSTANT <+>B",
        "<*>B == 1",
        "A == \\A <1>1 : TRUE",
        "A == F(+, + :> a)",
        "VARIABLE +",
    ] {
        assert_ne!(codes(text), [""; 0], "{text}");
    }
    for text in [
        "THEOREM T == F(+, -, \\cdot) BY <1>1, <1>2!1 DEF +, \\cdot",
        "I == INSTANCE N WITH + <- -, x <- \\o",
    ] {
        super::round_trip(text);
    }
}
