//! Mutants: which changes are made, what becomes of them, and that the document on the specs' survivors is right.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use cli::load::{Loaded, load, load_text};
use cli::mutate::report::{self, Outcome};
use cli::mutate::run::{Fate, Judged, Judging, Subject, judge, subject};
use cli::mutate::{Mutant, Role};
use solver::backend::{Backend, Limits};
use tests::{root, text, z3};

/// How mutants are judged here: by budgets alone.
fn judging(n_workers: usize, stop: &AtomicBool) -> Judging<'_> {
    Judging {
        n_workers,
        // Budgets decide, never the clock of a busy machine.
        limits: Limits { timeout: Duration::from_secs(600), ..Limits::default() },
        rlimit: Some(1_000_000),
        search: None,
        is_exhaustive: false,
        make_backend: &|_| z3(),
        stop,
    }
}

fn loaded(name: &str, text: &str) -> Loaded {
    load_text(name, text.to_owned(), &[root().join("specs")]).expect("readable files")
}

fn lock() -> Loaded {
    loaded("Lock.pax", &text(&root().join("tests/mutants/Lock.pax")))
}

/// A module with its mutants, proved.
fn proved(loaded: Loaded, judging: &Judging<'_>) -> Subject {
    let subject = subject(Path::new("Lock.pax"), loaded, judging).expect("nothing is written");
    assert!(subject.is_proved(), "{:?}", subject.run.front.diagnostics);
    subject
}

fn all(subject: &Subject) -> Vec<&Mutant> {
    subject.mutants.iter().collect()
}

/// The fates of all mutants, each in a line.
fn fates(subject: &Subject, judging: &Judging<'_>) -> String {
    let mutants = all(subject);
    let judged = judge(subject, &mutants, judging, &|_, _| {});
    let line = |(mutant, judged): (&&Mutant, &Option<Judged>)| {
        let Judged { fate, because } = judged.as_ref().expect("nobody stopped it");
        let counts = if mutant.is_implied() { " (implied)" } else { "" };
        format!(
            "{} [{}{counts}] {}: {} {because}",
            mutant.name,
            mutant.role.word(),
            mutant.change(),
            fate.word()
        )
        .trim_end()
        .to_owned()
    };
    mutants.iter().zip(&judged).map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn each_mutant_has_its_fate_whoever_judges_it() {
    let stop = AtomicBool::new(false);
    let subject = proved(lock(), &judging(2, &stop));
    let [together, alone] = [2, 1].map(|n_workers| fates(&subject, &judging(n_workers, &stop)));
    assert_eq!(together, alone);
    insta::with_settings!({ snapshot_path => "mutants", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("Lock", together);
    });
}

/// Counts what it is asked.
struct Counting(&'static Mutex<usize>, Box<dyn Backend + Send>);
impl Backend for Counting {
    fn check(
        &mut self,
        vc: &vcgen::vc::Vc,
        stage: &vcgen::vc::Stage,
        limits: Limits,
    ) -> Result<solver::backend::Check, solver::backend::SolverError> {
        *self.0.lock().expect("no panic") += 1;
        self.1.check(vc, stage, limits)
    }
}

#[test]
fn what_was_answered_before_is_not_asked_again() {
    let stop = AtomicBool::new(false);
    let asked: &'static Mutex<usize> = Box::leak(Box::default());
    let make_backend = |_: usize| -> Box<dyn Backend + Send> { Box::new(Counting(asked, z3())) };
    let judging = Judging { make_backend: &make_backend, ..judging(1, &stop) };
    let subject = proved(lock(), &judging);
    let n_for_spec = std::mem::take(&mut *asked.lock().expect("no panic"));
    assert!(n_for_spec > 0);
    // `Give` writes nothing that most of the invariant reads.
    let mutants: Vec<&Mutant> =
        subject.mutants.iter().filter(|mutant| mutant.name == "Give.2.drop").collect();
    let judged = judge(&subject, &mutants, &judging, &|_, _| {});
    assert_eq!(judged[0].as_ref().map(|judged| judged.fate), Some(Fate::Survives));
    let n_for_mutant = *asked.lock().expect("no panic");
    assert!(n_for_mutant * 4 < n_for_spec, "{n_for_mutant} of {n_for_spec}");
}

#[test]
fn the_first_failure_that_decides_is_enough_and_decides_rightly() {
    let stop = AtomicBool::new(false);
    let quick = judging(2, &stop);
    let exhaustive = Judging { is_exhaustive: true, ..quick };
    let subject = proved(lock(), &quick);
    let mutants = all(&subject);
    let [quick, exhaustive] = [quick, exhaustive].map(|judging| {
        let judged = judge(&subject, &mutants, &judging, &|_, _| {});
        judged.into_iter().map(|judged| judged.expect("nobody stopped it").fate).collect::<Vec<Fate>>()
    });
    for ((mutant, quick), exhaustive) in mutants.iter().zip(quick).zip(exhaustive) {
        assert_eq!(quick, exhaustive, "{}", mutant.name);
    }
}

#[test]
fn after_an_interrupt_nothing_is_said_of_the_rest() {
    let stop = AtomicBool::new(false);
    let judging = judging(1, &stop);
    let subject = proved(lock(), &judging);
    let mutants = all(&subject);
    let judged = judge(&subject, &mutants, &judging, &|place, _| stop.store(place == 1, Ordering::Relaxed));
    assert_eq!(judged.iter().filter(|judged| judged.is_some()).count(), 2);
    let outcome = Outcome { subject: &subject, mutants: mutants.into_iter().zip(judged).collect() };
    assert!(report::human(&outcome, 1).contains(" not judged"));
}

/// A module about one variable.
fn module(definitions: &str, theorem: &str) -> String {
    format!(
        "---- MODULE Example ----\nEXTENDS Integers\nCONSTANT N\nVARIABLE x\n{definitions}\n\
         Spec == Init /\\ [][Next]_x\n{theorem}\n====\n"
    )
}

fn fate_of(text: &str, name: &str) -> Fate {
    let stop = AtomicBool::new(false);
    let judging = judging(1, &stop);
    let subject = proved(loaded("Example.pax", text), &judging);
    let Some(mutant) = subject.mutants.iter().find(|mutant| mutant.name == name) else {
        let names: Vec<&str> = subject.mutants.iter().map(|mutant| mutant.name.as_str()).collect();
        panic!("no `{name}` among {names:?}");
    };
    judge(&subject, &[mutant], &judging, &|_, _| {}).remove(0).expect("nobody stopped it").fate
}

#[test]
fn a_needed_guard_is_killed_and_another_survives() {
    let text = module(
        "Init == x = 0\nNext == x < 10 /\\ x # 5 /\\ x' = x + 1",
        "THEOREM Inv == Spec => [](x \\in 0 .. 10)",
    );
    assert_eq!(fate_of(&text, "Next.1.drop"), Fate::Undecided);
    assert_eq!(fate_of(&text, "Next.2.drop"), Fate::Survives);
}

#[test]
fn an_action_that_cannot_happen_any_more_is_vacuous() {
    let text = module(
        "Init == x = 0\nNext == x >= 0 /\\ x' = x + 1",
        "THEOREM Inv == Spec => [](x \\in Int /\\ x >= 0)",
    );
    assert_eq!(fate_of(&text, "Next.1.less"), Fate::Vacuous);
}

#[test]
fn what_only_strengthens_an_action_or_weakens_the_property_does_not_count() {
    let stop = AtomicBool::new(false);
    let judging = judging(2, &stop);
    let subject = proved(lock(), &judging);
    let is_implied = |name: &str| {
        let found = subject.mutants.iter().find(|mutant| mutant.name == name);
        found.unwrap_or_else(|| panic!("no `{name}`")).is_implied()
    };
    assert!(is_implied("Give.2.greater"));
    assert!(is_implied("Next.2.drop"));
    assert!(!is_implied("Give.2.drop"));
    assert!(!is_implied("Numbered.at-most"));
    let roles: Vec<Role> =
        Role::ALL.into_iter().filter(|role| subject.mutants.iter().any(|it| it.role == *role)).collect();
    let expected =
        [Role::Assumption, Role::Initial, Role::Action, Role::Invariant, Role::Lemma, Role::Property];
    assert_eq!(roles, expected);
}

#[test]
fn a_spec_that_is_not_proved_has_no_score() {
    let stop = AtomicBool::new(false);
    let judging = judging(2, &stop);
    let text = module("Init == x = 0\nNext == x' = x + 1", "THEOREM Inv == Spec => [](x < 3)");
    let subject =
        subject(Path::new("Example.pax"), loaded("Example.pax", &text), &judging).expect("no files");
    assert!(!subject.is_proved());
}

#[test]
fn definitions_of_extended_modules_are_mutated_and_those_of_standard_ones_are_not() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("mutants");
    std::fs::create_dir_all(&folder).expect("a folder for tests");
    std::fs::write(
        folder.join("Steps.pax"),
        "---- MODULE Steps ----\nEXTENDS Integers\nNear(a) == a + 1\nFar(a) == a + 2\n====\n",
    )
    .expect("a module");
    let text = "---- MODULE Example ----\nEXTENDS Steps, Sequences\nLEMMA Up == \\A n \\in Nat : Near(n) > n\n\
                LEMMA Also == \\A n \\in Nat : Near(n) > n /\\ Len(<<n>>) = 1\n====\n";
    let file = folder.join("Example.pax");
    std::fs::write(&file, text).expect("a module");
    let stop = AtomicBool::new(false);
    let judging = judging(1, &stop);
    let subject = subject(&file, load(&file, &[]).expect("files"), &judging).expect("nothing is written");
    let definitions: Vec<&str> = subject.mutants.iter().map(|mutant| mutant.definition.as_str()).collect();
    assert!(definitions.contains(&"Near"), "{definitions:?}");
    assert!(definitions.iter().all(|name| ["Near", "Up", "Also"].contains(name)), "{definitions:?}");
}

/// The survivors that the document lists of a spec: name, line, change.
fn documented(spec: &str) -> Vec<(String, usize, String)> {
    let page = text(&root().join("docs/mutants.md"));
    let chapter = page.split("\n## ").find(|chapter| chapter.lines().next() == Some(spec));
    let rows = chapter
        .unwrap_or_else(|| panic!("no chapter on {spec}"))
        .lines()
        .filter(|line| line.starts_with("| `"));
    rows.map(|row| {
        let row = row.replace("\\|", "\u{1}");
        let cells: Vec<String> =
            row.trim_matches('|').split('|').map(|cell| cell.trim().replace('\u{1}', "|")).collect();
        let [name, line, change, why] = cells.as_slice() else {
            panic!("{spec}: not a survivor, a line, a change and a reason: {row}");
        };
        assert!(why.ends_with('.'), "{spec}: a sentence says why: {row}");
        (name.trim_matches('`').to_owned(), line.parse().expect("a line"), change.clone())
    })
    .collect()
}

fn spec(name: &str, judging: &Judging<'_>) -> Subject {
    let file = root().join(format!("specs/{name}.pax"));
    subject(&file, load(&file, &[]).expect("files"), judging).expect("nothing is written")
}

#[test]
fn the_document_tells_of_mutants_that_there_are() {
    let stop = AtomicBool::new(false);
    let judging = judging(2, &stop);
    for name in ["paxos", "multipaxos", "multipaxos_preemption"] {
        let subject = spec(name, &judging);
        assert!(subject.is_proved(), "{name}");
        let sources = &subject.run.front.sources;
        let place = |mutant: &Mutant| (mutant.name.clone(), sources.line_col(mutant.span).0, mutant.change());
        let known: Vec<_> = subject.mutants.iter().filter(|mutant| !mutant.is_implied()).map(place).collect();
        for row in documented(name) {
            assert!(known.contains(&row), "{name}: {row:?}");
        }
    }
}

/// All of them is for `cargo xtask survivors`, with the program as users have it.
#[test]
fn of_the_mutants_of_one_action_those_survive_that_the_document_lists() {
    let stop = AtomicBool::new(false);
    let judging = judging(2, &stop);
    let subject = spec("paxos", &judging);
    let is_wanted = |definition: &str| definition == "Phase1b";
    let mutants: Vec<&Mutant> = subject
        .mutants
        .iter()
        .filter(|mutant| is_wanted(&mutant.definition) && !mutant.is_implied())
        .collect();
    let judged = judge(&subject, &mutants, &judging, &|_, _| {});
    let survive: Vec<&str> = mutants
        .iter()
        .zip(&judged)
        .filter(|(_, judged)| judged.as_ref().is_some_and(|judged| judged.fate == Fate::Survives))
        .map(|(mutant, _)| mutant.name.as_str())
        .collect();
    let rows = documented("paxos");
    let listed: Vec<&str> =
        rows.iter().map(|(name, ..)| name.as_str()).filter(|name| name.starts_with("Phase1b.")).collect();
    assert_eq!(survive, listed);
}
