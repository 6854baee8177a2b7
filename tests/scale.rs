//! How the cost of a module grows: linearly in its obligations, counted in what is kept and what is looked at.
//!
//! Times are for `cargo xtask scale`, which anyone may repeat; counts are the same on any machine.

use cli::report::exit;
use tests::scale::{Size, module};
use tests::{Setup, prove, read};

/// What a module costs.
#[derive(Debug)]
struct Cost {
    n_obligations: usize,
    /// Hypotheses of all obligations.
    n_hypotheses: usize,
    /// Obligations that decomposition left to the solver.
    n_open: usize,
    /// Resource units of the solver.
    rlimit: u64,
    /// Nodes of the proof tree.
    n_nodes: usize,
}

/// One of the counts.
type Count = fn(&Cost) -> u64;

fn cost(size: Size) -> Cost {
    let front = read("Scale.pax", &module("Scale", size), &[]);
    assert!(!front.has_errors(), "{:?}", front.diagnostics);
    let run = prove(front, &Setup::default());
    assert_eq!(exit(&run).code(), 0, "{size:?}");
    let tree = &run.front.decomposition.as_ref().expect("no errors, so obligations").tree;
    let attempts = &run.proof.as_ref().expect("no errors, so a proof").attempts;
    Cost {
        n_obligations: tree.obligations.len(),
        n_hypotheses: tree.obligations.iter().map(|obligation| obligation.hypotheses.len()).sum(),
        n_open: tree.obligations.iter().filter(|obligation| obligation.closed.is_none()).count(),
        rlimit: attempts.values().map(|attempt| attempt.rlimit).sum(),
        n_nodes: tree.nodes.len(),
    }
}

#[test]
fn the_cost_of_actions_and_conjuncts_grows_with_the_obligations() {
    let (small, large) = (cost(Size::of(10, 10)), cost(Size::of(32, 32)));
    assert!(small.n_obligations >= 100 && large.n_obligations >= 1_000, "{small:?}, {large:?}");
    for (what, of) in [
        ("hypotheses", (|cost| cost.n_hypotheses as u64) as Count),
        ("open obligations", |cost| cost.n_open as u64),
        ("resource units", |cost| cost.rlimit),
        ("nodes", |cost| cost.n_nodes as u64),
    ] {
        // For each obligation, a module ten times as large may not cost half as much again.
        let before = of(&small) * large.n_obligations as u64;
        let after = of(&large) * small.n_obligations as u64;
        assert!(2 * after <= 3 * before, "{what} for each obligation: {small:?}, {large:?}");
    }
}

#[test]
fn modules_of_odd_shapes_are_proved() {
    for size in [
        Size::of(1, 60),
        Size::of(60, 1),
        Size { theorems: 8, ..Size::of(4, 24) },
        Size { lemmas: 20, ..Size::of(2, 2) },
    ] {
        let cost = cost(size);
        assert!(cost.n_obligations >= size.actions * size.conjuncts, "{size:?}: {cost:?}");
    }
}
