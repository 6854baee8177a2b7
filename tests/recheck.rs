//! `--recheck`: Z3 agrees with decomposition on the specs, never disagrees where decomposition is right, and
//! finds out where it is not.

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use cli::attempt::{Solving, Unwatched};
use cli::driver::{Front, Until, front};
use cli::load::load_text;
use cli::recheck::{Opinion, Rechecked, recheck_these, wanted};
use cli::resources::StageTimes;
use solver::backend::Limits;
use tests::{examples, files, root, text, z3};
use vcgen::obligation::{Closed, Means, ObligationIdx, ProofTree};

/// Budget for modules that are only looked through for disagreements.
const SMALL: u32 = 50_000;

#[test]
fn what_is_closed_in_the_specs_is_confirmed() {
    for (name, path) in files(&root().join("specs"), "pax") {
        let front = read(&path.display().to_string(), &text(&path));
        let rechecked = recheck(&front, None);
        let (n_confirmed, n_closed) = rechecked.closed();
        assert_eq!(disagreements(&rechecked), "", "{name}");
        let at_least = if ["consensus", "voting"].contains(&name.as_str()) { 8 } else { 100 };
        assert!(n_closed > at_least, "{name}: only {n_closed} obligations are closed");
        // Not confirmed is what rests on sizes of sets, of which the solver is told some laws only.
        let n_allowed = if name == "consensus" { 2 } else { 0 };
        assert!(n_closed - n_confirmed <= n_allowed, "{name}: {n_confirmed} of {n_closed}");
    }
}

#[test]
fn nothing_disagrees_where_decomposition_is_right() {
    let mut problems = Vec::new();
    let mut counts = (0, 0);
    let pages = files(&root().join("tests/soundness"), "md");
    let of_pages = pages.into_iter().flat_map(|(name, path)| {
        let blocks = examples(&text(&path)).into_iter().enumerate();
        blocks.map(move |(number, block)| (format!("{name} {number}"), block)).collect::<Vec<_>>()
    });
    for (name, text) in of_pages {
        let front = read(&format!("{name}.pax"), &text);
        if front.decomposition.is_none() {
            continue;
        }
        let rechecked = recheck(&front, Some(SMALL));
        let (n_confirmed, n_closed) = rechecked.closed();
        counts = (counts.0 + n_confirmed, counts.1 + n_closed);
        let found = disagreements(&rechecked);
        if !found.is_empty() {
            problems.push(format!("{name}:\n{found}"));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    assert!(counts.0 * 10 >= counts.1 * 8, "{} of {}", counts.0, counts.1);
}

/// A step that breaks the invariant, and one that does not concern it.
const BROKEN: &str = r"
---- MODULE M ----
EXTENDS Integers
VARIABLES x, y, s
Init == x = 0 /\ y = 0 /\ s = {}
Up == x' = x - 1 /\ UNCHANGED <<y, s>>
Add == s' = s \cup {x - 1} /\ UNCHANGED <<x, y>>
Next == Up \/ Add
Spec == Init /\ [][Next]_<<x, y, s>>
Inv == x >= 0 /\ \A n \in s : n >= 0
THEOREM Spec => []Inv
====
";

#[test]
fn a_case_that_was_closed_without_a_reason_is_found() {
    let front = read("M.pax", BROKEN);
    assert_eq!(disagreements(&recheck(&front, None)), "");
    for means in [Means::Frame, Means::Increment, Means::Rewriting] {
        for id in ["step.Up.Inv.1", "step.Add.Inv.2.new"] {
            let mut front = read("M.pax", BROKEN);
            let tree = &mut front.decomposition.as_mut().expect("no errors").tree;
            let false_one = the_case(tree, id);
            assert!(tree.obligations[false_one].closed.is_none(), "{id} is false");
            tree.obligations[false_one].closed = Some(Closed { means, used: Vec::new() });
            assert_ne!(disagreements(&recheck(&front, None)), "", "{id}");
        }
    }
}

#[test]
fn a_case_that_was_forgotten_is_found() {
    let mut front = read("M.pax", BROKEN);
    let tree = &mut front.decomposition.as_mut().expect("no errors").tree;
    let forgotten = the_case(tree, "step.Add.Inv.2.new");
    for recheck in &mut tree.rechecks {
        recheck.cases.retain(|(case, _)| *case != forgotten);
    }
    assert_ne!(disagreements(&recheck(&front, None)), "");
}

fn the_case(tree: &ProofTree, id: &str) -> ObligationIdx {
    let mut all = tree.obligations.iter_enumerated();
    all.find(|(_, obligation)| obligation.id.ends_with(id)).expect("the case").0
}

fn read(name: &str, text: &str) -> Front {
    let loaded = load_text(name, text.to_owned(), &[root().join("specs")]).expect("readable files");
    front(name.as_ref(), loaded, StageTimes::default(), Until::Rechecks)
}

fn recheck(front: &Front, rlimit: Option<u32>) -> Rechecked {
    let decomposition = front.decomposition.as_ref().expect("no errors");
    let solving = Solving {
        n_workers: 2,
        limits: Limits { timeout: Duration::from_secs(600), ..Limits::default() },
        rlimit,
        make_backend: &|_| z3(),
        stop: &AtomicBool::new(false),
        search: None,
        dump_smt: None,
        cache: None,
        progress: &Unwatched,
    };
    let wanted = wanted(decomposition, &|_| true);
    recheck_these(decomposition, &wanted, &solving).expect("nothing is written")
}

/// What Z3 has a model of.
fn disagreements(rechecked: &Rechecked) -> String {
    let found = rechecked.wholes.iter().filter_map(|whole| match &whole.opinion {
        Opinion::Disagreement(model) => Some(format!("{}\n{model}", whole.id)),
        Opinion::Failed(error) => Some(format!("{}: {error}", whole.id)),
        Opinion::Confirmed | Opinion::ConfirmedRest | Opinion::RestsOn(_) | Opinion::NotConfirmed(_) => None,
    });
    found.collect::<Vec<_>>().join("\n")
}
