//! Baselines: what is much dearer or not claimed any more is told, and what anybody does to a text every day is not.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use cli::attempt::{MakeBackend, Solving, Unwatched};
use cli::baseline::compare::{Comparison, Finding, Kind, Level, Thresholds, compare, wanted};
use cli::baseline::{Baseline, add_medians, file, observe};
use cli::cache::{Cache, Mode};
use cli::driver::{self, Run};
use cli::exit::ExitStatus;
use cli::report::exit;
use cli::select::Selection;
use solver::backend::{Backend, Check, Limits, SolverError};
use solver::discharge::Job;
use tests::edits::{KINDS, Kind as Edit, edited};
use tests::{read, rendered, root, specs, text, z3};
use vcgen::vc::{Stage, Vc};

/// How a test solves: with costs that a cache of this test keeps, if it has one.
fn solving<'a>(cache: Option<&'a Cache>, make_backend: MakeBackend<'a>, stop: &'a AtomicBool) -> Solving<'a> {
    Solving {
        n_workers: 2,
        // Budgets decide, never the clock of a busy machine.
        limits: Limits { timeout: Duration::from_secs(600), ..Limits::default() },
        rlimit: None,
        make_backend,
        stop,
        search: None,
        dump_smt: None,
        cache,
        progress: &Unwatched,
    }
}

fn observed(name: &str, text: &str, solving: &Solving<'_>) -> (Run, Baseline, BTreeMap<String, Job>) {
    let front = read(&format!("{name}.pax"), text, &[root().join("specs")]);
    let run = driver::prove(front, &Selection::default(), solving).expect("nothing is written");
    let (baseline, jobs) = observe(&run, solving).unwrap_or_else(|| panic!("{name}: {}", rendered(&run)));
    (run, baseline, jobs)
}

/// The baseline of a module that is proved.
fn recorded(name: &str, text: &str, solving: &Solving<'_>) -> Baseline {
    let (run, mut baseline, jobs) = observed(name, text, solving);
    assert_eq!(exit(&run), ExitStatus::Proved, "{name}: {}", rendered(&run));
    let all: Vec<String> = jobs.keys().cloned().collect();
    assert!(add_medians(&mut baseline, &all, &jobs, solving), "nobody stops it");
    baseline
}

/// What a module says against a baseline, and how a check ends.
fn checked(old: &Baseline, name: &str, text: &str, solving: &Solving<'_>) -> (ExitStatus, Comparison) {
    let (run, mut new, jobs) = observed(name, text, solving);
    let wanted = wanted(old, &new);
    assert!(add_medians(&mut new, &wanted, &jobs, solving), "nobody stops it");
    let comparison = compare(old, &new, &Thresholds::default());
    (exit(&run).and(comparison.exit()), comparison)
}

/// The subjects of errors of a kind.
fn errors(comparison: &Comparison, kind: Kind) -> Vec<&str> {
    let findings = comparison.findings.iter();
    let is_it = |finding: &&Finding| (finding.level, finding.kind) == (Level::Error, kind);
    findings.filter(is_it).map(|finding| finding.subject.as_str()).collect()
}

/// Checks a text after some words of it were replaced.
fn after(name: &str, source: &str, changes: &[(&str, &str)]) -> (ExitStatus, Comparison) {
    let stop = AtomicBool::new(false);
    let solving = solving(None, &|_| z3(), &stop);
    let mut after = source.to_owned();
    for (from, to) in changes {
        let other = after.replacen(from, to, 1);
        assert_ne!(other, after, "{from} occurs");
        after = other;
    }
    checked(&recorded(name, source, &solving), name, &after, &solving)
}

/// Adds a unit to the cost of each check.
struct Dearer(Box<dyn Backend + Send>);

impl Backend for Dearer {
    fn check(&mut self, vc: &Vc, stage: &Stage, limits: Limits) -> Result<Check, SolverError> {
        let check = self.0.check(vc, stage, limits)?;
        Ok(Check { rlimit: check.rlimit + 1, ..check })
    }
}

#[test]
fn the_same_text_costs_the_same_to_the_unit() {
    let source = text(&root().join("tests/mutants/Lock.pax"));
    let stop = AtomicBool::new(false);
    let old = recorded("Lock", &source, &solving(None, &|_| z3(), &stop));
    let (status, same) = checked(&old, "Lock", &source, &solving(None, &|_| z3(), &stop));
    assert_eq!((status, same.findings, same.n_changed), (ExitStatus::Proved, Vec::new(), 0));
    assert!(same.n_same > 0);
    let (status, other) = checked(&old, "Lock", &source, &solving(None, &|_| Box::new(Dearer(z3())), &stop));
    assert_eq!(status, ExitStatus::Regressed);
    assert_eq!(errors(&other, Kind::Inconsistent).len(), same.n_same, "{:?}", other.findings);
}

/// A chain of links, long enough for more facts about links to show.
fn chain(facts: &str) -> String {
    let names: Vec<String> = (0..20).map(|number| format!("a{number}")).collect();
    let links: Vec<String> = names.windows(2).map(|pair| format!("Link({}, {})", pair[0], pair[1])).collect();
    format!(
        "---- MODULE Chain ----\nCONSTANTS Node, Leads\nLink(x, y) == <<x, y>> \\in Leads\n\
         ASSUME Transitive == \\A x, y, z \\in Node : Link(x, y) /\\ Link(y, z) => Link(x, z)\n{facts}\
         LEMMA Short == \\A x, y \\in Node : Link(x, y) /\\ Link(y, x) => Link(x, x)\n\
         LEMMA Long == \\A {} \\in Node : {} => Link(a0, a19)\n====\n",
        names.join(", "),
        links.join(" /\\ ")
    )
}

#[test]
fn facts_that_swamp_a_proof_are_a_regression() {
    let more =
        "ASSUME Dense == \\A x, y \\in Node : Link(x, y) => \\E z \\in Node : Link(x, z) /\\ Link(z, y)
ASSUME Four == \\A w, x, y, z \\in Node : Link(w, x) /\\ Link(x, y) /\\ Link(y, z) => Link(w, z)
ASSUME Six == \\A u, v, w, x, y, z \\in Node :
  Link(u, v) /\\ Link(v, w) /\\ Link(w, x) /\\ Link(x, y) /\\ Link(y, z) => Link(u, z)
";
    let stop = AtomicBool::new(false);
    let solving = solving(None, &|_| z3(), &stop);
    let old = recorded("Chain", &chain(""), &solving);
    let (status, comparison) = checked(&old, "Chain", &chain(more), &solving);
    assert_eq!(status, ExitStatus::Regressed, "{comparison:?}");
    assert_eq!(errors(&comparison, Kind::Dearer), ["Long.Link"], "{comparison:?}");
    assert_eq!(errors(&comparison, Kind::Total), [""], "{comparison:?}");
    assert_eq!(comparison.changes[0].subject, "Long.Link");
    assert!(comparison.changes[0].ratio > 5.0, "{comparison:?}");
    // The other way round it is only told.
    let (status, comparison) =
        checked(&recorded("Chain", &chain(more), &solving), "Chain", &chain(""), &solving);
    assert_eq!(status, ExitStatus::Proved, "{comparison:?}");
    assert!(comparison.changes.iter().all(|change| change.ratio < 1.0), "{comparison:?}");
}

#[test]
fn what_is_not_claimed_any_more_is_told() {
    let lock = text(&root().join("tests/mutants/Lock.pax"));
    // The first conjunct, after which others are called as those before them were.
    let (status, comparison) = after("Lock", &lock, &[("  /\\ owner \\in Clients \\cup {Nobody}\n", "")]);
    assert_eq!(status, ExitStatus::Regressed, "{comparison:?}");
    let gone =
        ["init", "step.Give", "step.Take", "step.stutter"].map(|path| format!("Invariance.{path}.Inv.1"));
    assert_eq!(errors(&comparison, Kind::Gone), gone, "{comparison:?}");
    // An action.
    let (status, comparison) = after("Lock", &lock, &[("Take(c) \\/ Give(c)", "Take(c)")]);
    assert_eq!(status, ExitStatus::Regressed, "{comparison:?}");
    assert!(errors(&comparison, Kind::Gone).contains(&"Invariance.step.Give"), "{comparison:?}");
    // A theorem.
    let different = &lock[lock.find("THEOREM Different").unwrap()..lock.find("====").unwrap()];
    let (status, comparison) = after("Lock", &lock, &[(different, "")]);
    assert_eq!(status, ExitStatus::Regressed, "{comparison:?}");
    assert_eq!(errors(&comparison, Kind::Gone), ["Different"], "{comparison:?}");
}

/// A counter whose invariant has two conjuncts.
const COUNTER: &str = "---- MODULE Counter ----
EXTENDS Integers
VARIABLES up, down
Init == up = 0 /\\ down = 0
Raise == up' = up + 1 /\\ UNCHANGED down
Lower == down < up /\\ down' = down + 1 /\\ UNCHANGED up
Next == Raise \\/ Lower
Spec == Init /\\ [][Next]_<<up, down>>
Inv ==
  /\\ up >= 0
  /\\ down =< up
THEOREM Invariance == Spec => []Inv
====
";

#[test]
fn the_last_of_two_conjuncts_is_missed_though_the_first_has_no_number_then() {
    for (gone, conjunct) in [("  /\\ up >= 0\n", "Inv.1"), ("  /\\ down =< up\n", "Inv.2")] {
        let (status, comparison) = after("Counter", COUNTER, &[(gone, "")]);
        assert_eq!(status, ExitStatus::Regressed, "{comparison:?}");
        let paths = ["init", "step.Lower", "step.Raise", "step.stutter"];
        let expected: Vec<String> =
            paths.iter().map(|path| format!("Invariance.{path}.{conjunct}")).collect();
        assert_eq!(errors(&comparison, Kind::Gone), expected, "{comparison:?}");
    }
}

#[test]
fn what_is_new_or_split_in_another_way_is_no_regression() {
    let cases: [&[(&str, &str)]; 7] = [
        // The conjuncts in another order.
        &[("  /\\ up >= 0\n", ""), ("  /\\ down =< up\n", "  /\\ down =< up\n  /\\ up >= 0\n")],
        // One of them edited, too.
        &[("  /\\ up >= 0\n", ""), ("  /\\ down =< up\n", "  /\\ ~ (down > up)\n  /\\ up >= 0\n")],
        // One more conjunct, one more theorem.
        &[
            ("  /\\ up >= 0\n", "  /\\ up >= 0\n  /\\ up > -1\n"),
            ("====", "THEOREM Spec => [](up > -2)\n===="),
        ],
        // A conjunct in two, and edited.
        &[("/\\ up >= 0", "/\\ up >= 0 /\\ up >= -1")],
        &[("down =< up\n", "~ (down > up)\n")],
        // A definition for a part.
        &[("Inv ==\n  /\\ up >= 0", "Natural == up >= 0\nInv ==\n  /\\ Natural")],
        // Another action.
        &[("Next == Raise", "Rest == UNCHANGED <<up, down>>\nNext == Rest \\/ Raise")],
    ];
    for changes in cases {
        let (status, comparison) = after("Counter", COUNTER, changes);
        assert_eq!(status, ExitStatus::Proved, "{changes:?}: {comparison:?}");
    }
}

#[test]
fn a_proof_that_fails_is_worse_than_a_regression() {
    let (status, _) = after("Counter", COUNTER, &[("down < up /\\ ", ""), ("  /\\ up >= 0\n", "")]);
    assert_eq!(status, ExitStatus::Undecided);
}

#[test]
fn costs_of_another_solver_are_not_compared() {
    let stop = AtomicBool::new(false);
    let solving = solving(None, &|_| z3(), &stop);
    let own = recorded("Chain", &chain(""), &solving);
    let other = Baseline { solver: "Z3 0.0 (own)".to_owned(), ..own };
    let (status, comparison) = checked(&other, "Chain", &chain(""), &solving);
    assert_eq!((status, comparison.total), (ExitStatus::Proved, None), "{comparison:?}");
    assert_eq!(comparison.changes, []);
    let kinds: Vec<Kind> = comparison.findings.iter().map(|finding| finding.kind).collect();
    assert_eq!(kinds, [Kind::Solver]);
    // What is gone is gone whoever solves.
    let less = chain("").replace("LEMMA Short", "Short").replace("Short == ", "Short == TRUE \\/ ");
    let (status, comparison) = checked(&other, "Chain", &less, &solving);
    assert_eq!(status, ExitStatus::Regressed, "{comparison:?}");
    assert_eq!(errors(&comparison, Kind::Gone), ["Short"]);
}

#[test]
fn baselines_of_all_specs_are_there_and_are_written_as_they_are_read() {
    for (name, path) in specs() {
        let written = text(&file::usual_path(&path));
        let read = file::parse(&written).unwrap_or_else(|problem| panic!("{name}: {problem}"));
        assert_eq!(file::print(&read), written, "{name}");
    }
}

/// Edits that change nothing, and what was told of them.
#[derive(Default)]
struct Tally {
    n_edits: usize,
    n_same: usize,
    n_changed: usize,
    n_warnings: usize,
    worst: f64,
    worst_total: f64,
    alarms: Vec<String>,
}

/// Makes so many edits of these specs, of each kind in turn.
fn harmless(specs: &[&str], n_edits: usize) -> Tally {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("baseline");
    let cache = Cache::new(Mode::Rw, &folder).without_hints();
    let stop = AtomicBool::new(false);
    let solving = solving(Some(&cache), &|_| z3(), &stop);
    let texts: Vec<String> =
        specs.iter().map(|name| text(&root().join(format!("specs/{name}.pax")))).collect();
    let mut baselines: Vec<Option<Baseline>> = vec![None; specs.len()];
    let mut tally = Tally::default();
    let mut number = 0;
    while tally.n_edits < n_edits {
        // Each kind for each spec in turn, whatever the number of either.
        let (spec, kind) = (number % specs.len(), KINDS[number / specs.len() % KINDS.len()]);
        let (name, source) = (specs[spec], &texts[spec]);
        let changed = edited(source, kind, number as u64);
        number += 1;
        let Some(changed) = changed else { continue };
        let baseline = baselines[spec].get_or_insert_with(|| recorded(name, source, &solving));
        let (status, comparison) = checked(baseline, name, &changed, &solving);
        tally.n_edits += 1;
        tally.n_same += comparison.n_same;
        tally.n_changed += comparison.n_changed;
        let warnings = comparison.findings.iter().filter(|finding| finding.level == Level::Warning);
        tally.n_warnings += warnings.count();
        tally.worst = comparison.changes.iter().map(|change| change.ratio).fold(tally.worst, f64::max);
        if let Some((before, after)) = comparison.total {
            #[expect(clippy::cast_precision_loss, reason = "a ratio for people")]
            let ratio = after as f64 / before as f64;
            tally.worst_total = tally.worst_total.max(ratio);
        }
        let is_only_layout = !matches!(kind, Edit::Conjuncts);
        if status != ExitStatus::Proved || (is_only_layout && comparison.n_changed > 0) {
            let told: Vec<String> = comparison
                .findings
                .iter()
                .filter(|finding| finding.level != Level::Note)
                .map(|finding| format!("{} {}", finding.subject, finding.detail))
                .collect();
            tally.alarms.push(format!(
                "{name}, {kind:?}, number {}: {status:?}, {} changed: {}",
                number - 1,
                comparison.n_changed,
                told.join("; ")
            ));
        }
    }
    cache.tidy_up();
    tally
}

#[test]
fn edits_that_change_nothing_raise_no_alarm() {
    let wanted = std::env::var("PAXPROVE_EDITS").ok().map(|n| n.parse::<usize>().expect("a number"));
    let all = ["paxos", "multipaxos", "multipaxos_preemption", "voting", "lamport_paxos", "consensus"];
    let (specs, n_edits) = wanted.map_or((&["paxos", "voting"][..], 20), |n_edits| (&all[..], n_edits));
    let tally = harmless(specs, n_edits);
    println!(
        "{} edits: {} conditions with the same text, {} with another; {} warnings; worst ratio {:.2}, of a sum {:.2}",
        tally.n_edits, tally.n_same, tally.n_changed, tally.n_warnings, tally.worst, tally.worst_total
    );
    assert!(tally.alarms.is_empty(), "{}", tally.alarms.join("\n"));
}
