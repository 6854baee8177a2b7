//! The standard modules: what they state is proved, with nothing assumed.

use cli::exit::ExitStatus;
use cli::report::exit;
use cli::verdict::Standing;
use tests::{Setup, files, prove, read, rendered, root, text};

/// The modules that state theorems.
const WITH_THEOREMS: [&str; 3] = ["CacheTree", "FiniteSetTheorems", "QuorumTheorems"];

/// Those of them that are about constants of their own, of which they assume something: whoever instantiates them
/// has to show it.
const WITH_CONSTANTS: [&str; 1] = ["CacheTree"];

/// Less than the program allows: a law that costs more is a burden on whoever extends the module.
const RLIMIT: u32 = 1_000_000;

#[test]
fn what_standard_modules_state_is_proved() {
    for (name, path) in files(&root().join("stdlib"), "pax") {
        let source = text(&path);
        let has_theorems = source.lines().any(|line| line.starts_with("THEOREM "));
        assert_eq!(has_theorems, WITH_THEOREMS.contains(&name.as_str()), "{name}");
        if !has_theorems {
            continue;
        }
        for word in ["OMITTED", "ASSUME", "AXIOM"] {
            let is_allowed = word == "ASSUME" && WITH_CONSTANTS.contains(&name.as_str());
            assert!(is_allowed || !source.contains(word), "{name} assumes something");
        }
        let file = path.to_string_lossy();
        let run = prove(read(&file, &source, &[]), &Setup { rlimit: Some(RLIMIT), ..Setup::default() });
        assert_eq!(exit(&run), ExitStatus::Proved, "{name}:\n{}", rendered(&run));
    }
}

#[test]
fn theorems_about_finite_sets_may_be_cited() {
    let module = "---- MODULE Example ----\nEXTENDS Integers, FiniteSetTheorems\nCONSTANT Acceptors\n\
        ASSUME Finite == IsFiniteSet(Acceptors)\n\
        LEMMA Fewer == \\A Q \\in SUBSET Acceptors : Cardinality(Q) =< Cardinality(Acceptors)\n  BY FS_Subset, Finite\n\
        LEMMA Less == \\A Q \\in SUBSET Acceptors : Cardinality(Q) < Cardinality(Acceptors)\n  BY FS_Subset, Finite\n====\n";
    let run = prove(
        read("Example.pax", module, &[root().join("stdlib")]),
        &Setup { rlimit: Some(RLIMIT), ..Setup::default() },
    );
    let verdicts = &run.proof.as_ref().expect("it was tried").verdicts;
    let plans = &run.front.decomposition.as_ref().expect("it was decomposed").tree.theorems;
    for (plan, verdict) in plans.iter().zip(&verdicts.theorems) {
        assert_eq!(verdict.standing == Standing::Proved, plan.name != "Less", "{}", plan.name);
    }
}

/// What protocols assume of quorums is enough for a small one, and no less would be.
#[test]
fn what_is_assumed_of_quorums_is_used() {
    let module = "---- MODULE Example ----\nEXTENDS QuorumSystems\nCONSTANTS Node, Quorums, Honest, Value\n\
        ASSUME Sets == Quorums \\subseteq SUBSET Node\n\
        ASSUME Meet == HonestlyIntersecting(Quorums, Honest)\n\
        LEMMA One == \\A vote \\in [Node -> Value] : \\A P, Q \\in Quorums, v, w \\in Value :\n\
        (\\A s \\in P \\cap Honest : vote[s] = v) /\\ (\\A s \\in Q \\cap Honest : vote[s] = w) => v = w\n\
        LEMMA Two == \\A vote \\in [Node -> Value] : \\A P, Q \\in Quorums, v, w \\in Value :\n\
        (\\A s \\in P \\cap Honest : vote[s] = v) /\\ (\\E s \\in Q \\cap Honest : vote[s] = w) => v = w\n====\n";
    let run = prove(read("Example.pax", module, &[]), &Setup { rlimit: Some(RLIMIT), ..Setup::default() });
    let verdicts = &run.proof.as_ref().expect("it was tried").verdicts;
    let plans = &run.front.decomposition.as_ref().expect("it was decomposed").tree.theorems;
    for (plan, verdict) in plans.iter().zip(&verdicts.theorems) {
        assert_eq!(verdict.standing == Standing::Proved, plan.name == "One", "{}", plan.name);
    }
}

/// Quorums that miss an assumption are refuted: no predicate is true of everything.
#[test]
fn quorums_that_need_not_meet_are_no_quorums() {
    let claims = [
        "\\A S : IsFiniteSet(S) => Intersecting(SizedQuorums(S, 2))",
        "\\A S, T : IsFiniteSet(S) /\\ IsFiniteSet(T) => Crossing(Majorities(S), Majorities(T))",
        "\\A S, x, y : IsFiniteSet(S) => Crossing(Majorities(S), Majorities(S \\cup {x, y}))",
        "\\A S, B : IsFiniteSet(S) /\\ B \\subseteq S => HonestlyIntersecting(Supermajorities(S), S \\ B)",
        "\\A S, B : IsFiniteSet(S) /\\ FewFaulty(S, B) => HonestlyIntersecting(Majorities(S), S \\ B)",
        "\\A S : IsFiniteSet(S) => \\A e, c \\in [Int -> Int] :\n\
         (\\A t \\in Int : e[t] + c[t] > Cardinality(S) /\\ 2 * e[t] > Cardinality(S)) =>\n\
         IntersectingOverTime(LAMBDA t : SizedQuorums(S, e[t]), LAMBDA t : SizedQuorums(S, c[t]))",
        "\\A S : S \\in Majorities(S)",
    ];
    for claim in claims {
        let module = format!(
            "---- MODULE Example ----\nEXTENDS QuorumSystems\nCONSTANT Node\nLEMMA Claim == {claim}\n====\n"
        );
        let setup = Setup { rlimit: Some(RLIMIT), ..Setup::default() };
        let run = prove(read("Example.pax", &module, &[]), &setup);
        assert_ne!(exit(&run), ExitStatus::Proved, "{claim}");
        assert_ne!(exit(&run), ExitStatus::Usage, "{claim}:\n{}", rendered(&run));
    }
}
