//! Structured proofs: what steps say, and the trees that their levels make.

use super::{round_trip, units};
use crate::ast::{Proof, ProofKind, ProofStepKind, UnitKind};

/// The steps of the first theorem's proof, each with the steps below it.
fn tree(text: &str) -> String {
    round_trip(text);
    let parsed = units(text);
    let UnitKind::Theorem(theorem) = &parsed.value.units[0].kind else { panic!("not a theorem") };
    show(&theorem.proof)
}

fn show(proof: &Proof) -> String {
    match &proof.kind {
        ProofKind::None => String::new(),
        ProofKind::Obvious => " obvious".to_owned(),
        ProofKind::Omitted => " omitted".to_owned(),
        ProofKind::By(_) => " by".to_owned(),
        ProofKind::Structured(steps) => {
            let steps = steps.iter().map(|step| {
                let kind = match &step.kind {
                    ProofStepKind::Assert(_) => "",
                    ProofStepKind::Suffices(_) => " suffices",
                    ProofStepKind::Case(_) => " case",
                    ProofStepKind::Have(_) => " have",
                    ProofStepKind::Take(_) => " take",
                    ProofStepKind::Witness(_) => " witness",
                    ProofStepKind::Pick { .. } => " pick",
                    ProofStepKind::Define(units) => {
                        return format!("{} define {}", step.name.text, units.len());
                    }
                    ProofStepKind::Use(_) => " use",
                    ProofStepKind::Qed => " qed",
                };
                format!("{}{kind}{}", step.name.text, show(&step.proof))
            });
            format!(" [{}]", steps.collect::<Vec<_>>().join("; "))
        }
    }
}

#[test]
fn levels_make_a_tree() {
    assert_eq!(
        tree(
            "THEOREM T\n<1>1. a\n  <2>1. b BY c\n  <2>. QED OBVIOUS\n<1>2. c PROOF OMITTED\n<1> QED BY <1>1, <1>2"
        ),
        " [<1>1 [<2>1 by; <2> qed obvious]; <1>2 omitted; <1> qed by]"
    );
    assert_eq!(
        tree("THEOREM T PROOF\n<3>a. a PROOF <7> QED\n<3>b QED\nA == 1"),
        " [<3>a [<7> qed]; <3>b qed]"
    );
    assert_eq!(tree("THEOREM T\n<1> QED\n  <2>* a\n  <2>- b\n  <2> QED"), " [<1> qed [<2>*; <2>-; <2> qed]]");
}

#[test]
fn levels_may_be_implicit() {
    assert_eq!(
        tree("THEOREM T\n<*>1. a\n  <+> b\n  <*> QED\n<*> c\n<0> QED"),
        " [<*>1 [<+>; <*> qed]; <*>; <0> qed]"
    );
    assert_eq!(
        tree("THEOREM T PROOF\n<*> a\n PROOF\n <*> b\n <1> QED\n PROOF\n <+> c\n <2> QED\n<0> QED"),
        " [<*> [<*>; <1> qed [<+>; <2> qed]]; <0> qed]"
    );
}

#[test]
fn each_step() {
    assert_eq!(
        tree(
            "THEOREM T\n<1>1. ASSUME NEW x \\in S, a PROVE b\n<1> SUFFICES a\n<1> SUFFICES ASSUME a PROVE b OBVIOUS\n\
             <1>c. CASE a = b\n<1> HAVE a => b\n<1> TAKE x \\in S, <<y, z>> \\in T\n<1> TAKE x, y\n\
             <1> WITNESS a \\in S, b\n<1>p. PICK x, y \\in S : x = y BY a\n<1> PICK x : /\\ x\n /\\ x\n<1> QED"
        ),
        " [<1>1; <1> suffices; <1> suffices obvious; <1>c case; <1> have; <1> take; <1> take; <1> witness; <1>p pick by; <1> pick; <1> qed]"
    );
    assert_eq!(
        tree(
            "THEOREM T\n<1> DEFINE a == 1\n  b(x) == /\\ x\n          /\\ x\n  f[x \\in S] == x\n  I == INSTANCE M\n\
             <1> c == LET d == 1 IN d\n    e ++ f == 1\n<1>i. INSTANCE M WITH a <- b\n<1> USE a DEF b\n<1>h. HIDE DEF b, +\n\
             <1> USE ONLY MODULE M\n<1> QED BY ONLY a DEF +, V!b, MODULE M\na == 1"
        ),
        " [<1> define 4; <1> define 2; <1>i define 1; <1> use; <1>h use; <1> use; <1> qed by]"
    );
}

#[test]
fn steps_are_facts() {
    assert_eq!(
        tree(
            "THEOREM T\n<1>1. a\n<1>2. b BY <1>1, <1>1!2, Th(<1>1) DEF c\n<1>3. <1>1 = <1>2\n<1> QED\n BY <1>1,\n    <1>2"
        ),
        " [<1>1; <1>2 by; <1>3; <1> qed by]"
    );
}

#[test]
fn what_follows_a_proof_is_a_declaration() {
    let parsed = units(
        "THEOREM T\n<1> DEFINE a == 1\n<1> QED\nb == 1\nTHEOREM U\n<1>1. x BY DEF +\n<1> QED\nUSE c\nASSUME d\n\
         LEMMA V\n<1> QED OBVIOUS\nVARIABLE x\nLEMMA W\n<1> QED\nINSTANCE M\nLEMMA X\n<1> QED BY a\nRECURSIVE F(_)\nLOCAL F(x) == x",
    );
    assert_eq!(parsed.diagnostics, vec![]);
    assert_eq!(parsed.value.units.len(), 12);
}

#[test]
fn a_mistake_in_a_step_stays_there() {
    let parsed =
        units("THEOREM T == a\n<1>1. (b\n  <2>1. c\n  <2> QED BY )\n<1> DEFINE d == e e\n<1> QED\nA == 1");
    assert_eq!(parsed.diagnostics.len(), 3);
    assert_eq!(parsed.value.units.len(), 2);
    let UnitKind::Theorem(theorem) = &parsed.value.units[0].kind else { panic!() };
    assert_eq!(show(&theorem.proof), " [<1>1 [<2>1; <2> qed by]; <1> define 1; <1> qed]");
}

#[test]
fn deep_proofs_are_refused() {
    let steps =
        |levels: usize| (1..=levels).map(|level| format!("<{level}> QED")).collect::<Vec<_>>().join("\n");
    assert_eq!(super::codes(&format!("THEOREM T\n{}", steps(10_000))), ["nesting-too-deep"]);
    round_trip(&format!("THEOREM T\n{}", steps(100)));
}
