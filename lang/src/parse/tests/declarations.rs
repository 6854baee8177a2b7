//! Every kind of declaration, and modules within modules.

use super::{round_trip, units};
use crate::ast::UnitKind;

#[test]
fn each_kind() {
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
fn definitions_by_symbols() {
    for text in [
        "a \\prec b == a\na - b == a\na (+) b == b",
        "-. a == a\na ^+ == a\na ^* == a",
        "CONSTANTS _ ++ _, _ - _, _ ^+, -. _\nF(_ + _, -. _, _ ^#, G(_, _)) == 1",
        "LET a ++ b == a\n    -. c == c\nIN 1".replace("LET", "A == LET").as_str(),
    ] {
        round_trip(text);
    }
}

#[test]
fn instances() {
    for text in [
        "INSTANCE M\nLOCAL INSTANCE N WITH a <- b",
        "V == INSTANCE M\nW(x, F(_)) == INSTANCE M WITH y <- x, G <- F\nLOCAL U == INSTANCE M",
        "a \\prec b == INSTANCE M WITH c <- a\na ^+ == INSTANCE M",
        "V == INSTANCE M WITH + <- LAMBDA x, y : x, - <- -, a <- +, -. <- -., \\cup <- F, b <- -1\nA == 1",
        "V == INSTANCE M WITH a <- /\\ x\n                          /\\ y,\n  b <- \\cap\na ++ b == 1",
        "A == LET V == INSTANCE M WITH a <- b\n         W == INSTANCE N\n     IN V!x",
    ] {
        round_trip(text);
    }
    let parsed = units("V == INSTANCE M WITH a <- b\nINSTANCE N\nA == 1");
    let kinds: Vec<&UnitKind> = parsed.value.units.iter().map(|unit| &unit.kind).collect();
    assert!(matches!(kinds[..], [UnitKind::InstanceDef(_), UnitKind::Instance(_), UnitKind::Operator(_)]));
}

#[test]
fn recursion() {
    round_trip("RECURSIVE F(_), g, _ ++ _\nF(x) == F(x)\ng == g");
    round_trip(
        "A == LET RECURSIVE F(_)\n         F(x) == /\\ F(x)\n                 /\\ x\n         RECURSIVE g\n         g == 1\n     IN F(g)",
    );
}

#[test]
fn facts_between_declarations() {
    round_trip("USE A, B!C, MODULE M DEF D, MODULE N, +, V!x\nHIDE DEF D\nUSE ONLY A\nB == 1");
}

#[test]
fn modules_within_modules() {
    let text = "A == 1\n---- MODULE N ----\nEXTENDS B\nVARIABLE x\n---- MODULE O ----\n====\n----\nC == 1\n====\nD(x) == INSTANCE N\nTHEOREM TRUE BY MODULE N";
    round_trip(text);
    let parsed = units(text);
    assert_eq!(parsed.value.units.len(), 4);
    let UnitKind::Module(inner) = &parsed.value.units[1].kind else { panic!() };
    assert_eq!((inner.name.text.as_str(), inner.extends.len(), inner.units.len()), ("N", 1, 3));
}

#[test]
fn mistakes_in_an_inner_module_stay_there() {
    let parsed = units("---- MODULE N ----\nA == (\nB == 1\n====\nC == 1");
    assert_eq!(parsed.diagnostics.len(), 1);
    let UnitKind::Module(inner) = &parsed.value.units[0].kind else { panic!() };
    assert_eq!((inner.units.len(), parsed.value.units.len()), (2, 2));
    let deep = format!("{}{}", "---- MODULE N ----\n".repeat(1000), "====\n".repeat(1000));
    assert_eq!(super::codes(&deep), ["nesting-too-deep"]);
}

#[test]
fn sequents() {
    round_trip(
        "THEOREM T == ASSUME NEW x \\in S, NEW P(_), NEW _ + _, STATE s, CONSTANT c \\in T, NEW VARIABLE v PROVE a",
    );
    round_trip("THEOREM ASSUME ASSUME NEW q PROVE r, l :: ASSUME r, s PROVE t, a PROVE b");
    round_trip("THEOREM T == []ASSUME a, ASSUME b PROVE c []PROVE d");
    let deep = format!("THEOREM {} a {}", "ASSUME ".repeat(10_000), "PROVE b ".repeat(10_000));
    assert_eq!(super::codes(&deep), ["nesting-too-deep"]);
}

/// Forms that stand for one another only where their neighbours are right.
const FORMS: &str = r"---- MODULE M ----
CONSTANTS C, F(_), _ ++ _
RECURSIVE g(_)
I(x) == INSTANCE N WITH x <- y, + <- LAMBDA a, b : a, z <- +
---- MODULE O ----
VARIABLE v
====
A == I(1)!Op!(a)!2!<< /\ V!+(1, 2) = Op(+)
B == l(x) :: CASE a -> CASE b -> c [] OTHER -> d [] e -> f
THEOREM T == []ASSUME NEW x \in S, ASSUME a PROVE b []PROVE WF_f(x)(\EE y : A)
PROOF
<1>1. PICK i \in S : i.THEN = 1.5
  <2> DEFINE z == 1
             f[i \in S] == i
  <2>a. SUFFICES ASSUME a PROVE b BY <1>1!1, MODULE N DEF +, V!x
  <2> QED
<1> TAKE <<i, j>> \in S
<1> QED
  BY ONLY <1>1
USE A DEF B
====
";

#[test]
fn a_text_of_rare_forms_may_be_cut_and_lose_letters() {
    let whole = super::module(FORMS);
    assert_eq!(whole.diagnostics, vec![]);
    for (start, letter) in FORMS.char_indices() {
        let lost = format!("{}{}", &FORMS[..start], &FORMS[start + letter.len_utf8()..]);
        for text in [&FORMS[..start], &lost] {
            let parsed = super::module(text);
            let printed = crate::print::module(&parsed.value);
            if parsed.diagnostics.is_empty() {
                assert_eq!(super::bare(&super::module(&printed).value), super::bare(&parsed.value), "{text}");
            }
            for found in parsed.diagnostics {
                let span = found.primary.span;
                assert!(text.get(span.start as usize..span.end as usize).is_some(), "{found:?}");
            }
        }
    }
}
