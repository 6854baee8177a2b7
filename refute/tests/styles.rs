//! Claims in many styles, false and true: the false ones are refuted, the true ones are not.

#[path = "common/questions.rs"]
mod common;

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use refute::{Budget, Outcome, Size, refute, replay};

/// The sizes that the tests try: few, so that true claims end soon.
fn sizes() -> Vec<Size> {
    Size::schedule().into_iter().take(3).collect()
}

/// The names of the claims of a module that are refuted, and of those that are not though the search ended.
fn search(body: &str) -> (Vec<String>, Vec<String>) {
    let text = format!("---- MODULE Claims ----\n{body}\n====\n");
    let module = common::module("Claims", &text);
    let (mut refuted, mut kept) = (Vec::new(), Vec::new());
    for (name, module, question) in common::questions(&module) {
        let question = question(&module);
        let stop = AtomicBool::new(false);
        let budget = Budget { sizes: sizes(), ..Budget::new(Duration::from_secs(60), &stop) };
        match refute(&question, &budget, &mut |candidate| replay(&question, candidate)) {
            Outcome::Found { .. } => refuted.push(name),
            Outcome::NotFound { .. } => kept.push(name),
            Outcome::GaveUp { why, tried } => kept.push(format!("{name} ({why}, {} sizes)", tried.len())),
        }
    }
    (refuted, kept)
}

/// Checks that exactly the lemmas whose names begin with `No` are refuted.
fn check(body: &str) {
    let (refuted, kept) = search(body);
    let wrongly_kept: Vec<_> = kept.iter().filter(|name| name.starts_with("No")).collect();
    let wrongly_refuted: Vec<_> = refuted.iter().filter(|name| !name.starts_with("No")).collect();
    assert!(wrongly_kept.is_empty(), "not refuted: {wrongly_kept:?}");
    assert!(wrongly_refuted.is_empty(), "refuted: {wrongly_refuted:?}");
    assert!(!refuted.is_empty() && !kept.is_empty(), "claims of both kinds");
    assert!(kept.iter().all(|name| !name.contains('(')), "the search ended early: {kept:?}");
}

#[test]
fn numbers() {
    check(
        "EXTENDS Integers
         LEMMA Yes1 == \\A x, y \\in Int : x + y = y + x
         LEMMA Yes2 == \\A x \\in Nat : x * x >= x
         LEMMA No1 == \\A x \\in Int : x * x > x
         LEMMA No2 == \\A x, y \\in Nat : x - y \\in Nat
         LEMMA No3 == \\A x \\in Nat : x \\div 2 = x - x \\div 2
         LEMMA No4 == \\A x \\in Nat : x % 2 = 0
         LEMMA No5 == \\A a, b \\in Int : a..b # {}",
    );
}

#[test]
fn sets() {
    check(
        "EXTENDS Integers, FiniteSets
         CONSTANT A
         LEMMA Yes1 == \\A S, T \\in SUBSET A : S \\cap T \\subseteq S
         LEMMA Yes2 == \\A F \\in SUBSET SUBSET A : UNION F \\subseteq A
         LEMMA No1 == \\A S, T \\in SUBSET A : S \\cup T = S
         LEMMA No2 == \\A F \\in SUBSET SUBSET A : F # {} => UNION F # {}
         LEMMA No3 == \\A S \\in SUBSET A : Cardinality(S) # 2
         LEMMA No4 == \\A S \\in SUBSET (1..3) : \\A x \\in S : S \\ {x} = {}
         LEMMA No5 == \\A S \\in SUBSET (A \\X A) : \\A p \\in S : <<p[2], p[1]>> \\in S",
    );
}

#[test]
fn functions() {
    check(
        "EXTENDS Integers
         CONSTANTS A, B
         LEMMA Yes1 == \\A f \\in [A -> B] : \\A a \\in A, b \\in B : [f EXCEPT ![a] = b][a] = b
         LEMMA Yes2 == \\A f \\in [A -> B] : {f[a] : a \\in A} \\subseteq B
         LEMMA No1 == \\A f \\in [A -> B] : \\A a1, a2 \\in A : f[a1] = f[a2] => a1 = a2
         LEMMA No2 == \\A f \\in [A -> [A -> 0..2]] : \\A a1, a2 \\in A : f[a1][a2] = f[a2][a1]
         LEMMA No3 == \\A f, g \\in [A -> 0..1] : f = g
         LEMMA No4 == \\A f \\in [A -> SUBSET B] : \\A a1, a2 \\in A : f[a1] \\subseteq f[a2]",
    );
}

#[test]
fn records_and_sequences() {
    check(
        "EXTENDS Integers, Sequences
         CONSTANT A
         LEMMA Yes1 == \\A s \\in Seq(A), a \\in A : Len(Append(s, a)) = Len(s) + 1
         LEMMA No1 == \\A s \\in Seq(A), a \\in A : Append(s, a)[1] = a
         LEMMA No2 == \\A s, t \\in Seq(A) : s \\o t = t \\o s
         LEMMA No3 == \\A r \\in [val : A, num : 0..2] : r = [r EXCEPT !.num = 0]
         LEMMA No4 == \\A S \\in SUBSET [val : A, num : 0..2] : \\A r1, r2 \\in S : r1.num = r2.num => r1 = r2",
    );
}

#[test]
fn choice() {
    check(
        "EXTENDS Integers
         CONSTANT A
         Pick(S) == CHOOSE x \\in S : TRUE
         LEMMA Yes1 == \\A S \\in SUBSET A : S # {} => Pick(S) \\in S
         LEMMA Yes2 == \\A S, T \\in SUBSET A : S = T => Pick(S) = Pick(T)
         LEMMA No1 == \\A S \\in SUBSET A : Pick(S) \\in S
         LEMMA No2 == \\A S, T \\in SUBSET A : S \\subseteq T /\\ S # {} => Pick(S) = Pick(T)",
    );
}

#[test]
fn constants_and_assumptions() {
    check(
        "EXTENDS Integers
         CONSTANTS N, A, Less(_, _), a0
         ASSUME N \\in Nat /\\ N > 0
         ASSUME a0 \\in A
         ASSUME \\A x, y \\in A : Less(x, y) => ~ Less(y, x)
         LEMMA Yes1 == N # 0
         LEMMA Yes2 == \\A x \\in A : ~ Less(x, x)
         LEMMA No1 == N = 1
         LEMMA No2 == \\A x, y, z \\in A : Less(x, y) /\\ Less(y, z) => Less(x, z)
         LEMMA No3 == A = {a0}",
    );
}

#[test]
fn steps() {
    let body = |inv: &str| {
        format!(
            "EXTENDS Integers, Sequences
             VARIABLES x, queue, flags
             TypeOK == x \\in Nat /\\ queue \\in Seq(0..1) /\\ flags \\in [0..1 -> BOOLEAN]
             Init == x = 0 /\\ queue = <<>> /\\ flags = [i \\in 0..1 |-> FALSE]
             Send == /\\ \\E i \\in 0..1 : queue' = Append(queue, i)
                     /\\ UNCHANGED <<x, flags>>
             Take == /\\ queue # <<>>
                     /\\ queue' = Tail(queue)
                     /\\ flags' = [flags EXCEPT ![Head(queue)] = TRUE]
                     /\\ IF flags[0] THEN x' = x + 1 ELSE x' \\in {{x, x + 2}}
             Next == Send \\/ Take
             Inv == {inv}
             THEOREM Invariance == Init /\\ [][Next]_<<x, queue, flags>> => []Inv"
        )
    };
    let (refuted, kept) = search(&body("TypeOK"));
    assert!(refuted.is_empty(), "{refuted:?}");
    assert!(kept.iter().all(|name| !name.contains('(')), "{kept:?}");
    let (refuted, _) = search(&body("TypeOK /\\ x # 2 /\\ Len(queue) < 2"));
    assert_eq!(refuted, ["Invariance.step.Inv.2", "Invariance.step.Inv.3"]);
    let (refuted, _) = search(&body("TypeOK /\\ (~ flags[0] => x % 2 = 0)"));
    assert_eq!(refuted, Vec::<String>::new());
    let (refuted, _) = search(&body("TypeOK /\\ queue # <<>>"));
    assert_eq!(refuted, ["Invariance.init.Inv.2", "Invariance.step.Inv.2"]);
}

#[test]
fn what_an_action_leaves_open_may_change() {
    let (refuted, _) = search(
        "EXTENDS Integers
         VARIABLES x, y
         Init == x = 0 /\\ y = 0
         Next == x' = x
         Inv == x = 0 /\\ y = 0
         THEOREM Invariance == Init /\\ [][Next]_<<x, y>> => []Inv",
    );
    assert_eq!(refuted, ["Invariance.step.Inv.2"]);
}
