//! The same answer twice: costs and cores do not depend on the run nor on how many solvers work at a time.

use cli::driver::Run;
use tests::{Setup, files, prove, read, root, text};

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
