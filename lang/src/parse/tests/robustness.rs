//! No text makes the parser panic, hang or overflow the stack.

use super::{codes, module};
use crate::print;

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

#[test]
fn a_token_may_be_lost_anywhere() {
    for (start, letter) in SAMPLE.char_indices() {
        let text = format!("{}{}", &SAMPLE[..start], &SAMPLE[start + letter.len_utf8()..]);
        for found in module(&text).diagnostics {
            let span = found.primary.span;
            assert!(text.get(span.start as usize..span.end as usize).is_some(), "{found:?}");
        }
    }
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
