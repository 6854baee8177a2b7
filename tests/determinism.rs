//! The same answer twice: costs and cores do not depend on the run nor on how many solvers work at a time, and
//! conditions do not depend on which others were made before.

use cli::driver::Run;
use tests::{Setup, files, prove, read, root, text};
use vcgen::lower::lower;
use vcgen::obligation::Obligation;
use vcgen::vc::Vc;

#[test]
fn costs_do_not_depend_on_the_run() {
    for (name, path) in files(&root().join("tests/golden"), "pax") {
        let [first, again, alone] = [2, 2, 1].map(|n_workers| {
            let front = read(&format!("{name}.pax"), &text(&path), &[root().join("specs")]);
            costs(&prove(front, &Setup { n_workers, ..Setup::default() }))
        });
        assert!(!first.is_empty(), "{name}");
        assert_eq!(first, again, "{name}: two runs differ");
        assert_eq!(first, alone, "{name}: one solver at a time differs from two");
    }
}

#[test]
fn conditions_do_not_depend_on_those_before() {
    let specs = root().join("specs");
    let folders = [specs.clone(), root().join("tests/golden")];
    for (name, path) in folders.iter().flat_map(|folder| files(folder, "pax")) {
        let decomposition = || {
            let front = read(&format!("{name}.pax"), &text(&path), std::slice::from_ref(&specs));
            front.decomposition.expect("no errors, so obligations")
        };
        let (one, other) = (decomposition(), decomposition());
        let of = |obligations: &mut dyn Iterator<Item = &Obligation>,
                  of: &vcgen::decompose::Decomposition| {
            obligations.map(|obligation| (obligation.id.clone(), lower(&of.program, obligation))).collect()
        };
        let forward: Vec<(String, Vc)> = of(&mut one.tree.obligations.iter(), &one);
        let again: Vec<(String, Vc)> = of(&mut one.tree.obligations.iter(), &one);
        let mut backward: Vec<(String, Vc)> = of(&mut other.tree.obligations.iter().rev(), &other);
        backward.reverse();
        assert!(!forward.is_empty(), "{name}");
        for ((first, second), third) in forward.iter().zip(&again).zip(&backward) {
            assert!(first == second, "{name}: `{}` is another condition the second time", first.0);
            assert!(first == third, "{name}: `{}` depends on those before", first.0);
        }
    }
}

/// What came of each obligation, with its cost and without times.
fn costs(run: &Run) -> Vec<String> {
    let (Some(proof), Some(decomposition)) = (&run.proof, &run.front.decomposition) else {
        return Vec::new();
    };
    let attempts = proof.attempts.iter();
    attempts
        .map(|(idx, attempt)| {
            let id = &decomposition.tree.obligations[*idx].id;
            format!("{id} {} {} {:?}", attempt.rlimit, attempt.n_stages, attempt.finding)
        })
        .collect()
}
