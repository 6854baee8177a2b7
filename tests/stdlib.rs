//! The standard modules: what they state is proved, with nothing assumed.

use cli::exit::ExitStatus;
use cli::report::exit;
use cli::verdict::Standing;
use tests::{Setup, files, prove, read, rendered, root, text};

/// The modules that state theorems.
const WITH_THEOREMS: [&str; 1] = ["FiniteSetTheorems"];

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
            assert!(!source.contains(word), "{name} assumes something");
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
