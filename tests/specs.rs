//! Whole protocols: each spec is proved, and each broken one is refuted where its header says, by a
//! counterexample that was replayed, unless its header has another verdict.

use std::path::Path;
use std::time::Duration;

use cli::driver::{Proof, Run};
use cli::exit::ExitStatus;
use cli::report::{exit, needed};
use cli::verdict::{ObligationVerdict, Standing, VacuityVerdict};
use tests::{Setup, files, prove, read, rendered, root, specs, text};
use vcgen::decompose::Decomposition;

/// Budget for specs that fail: what is false is not proved with more, and what is hard takes long.
const BROKEN_RLIMIT: u32 = 400_000;

#[test]
fn each_spec_is_proved() {
    let specs = specs();
    assert!(specs.iter().any(|(name, _)| name.contains('/')), "specs in folders are found");
    for (name, path) in specs {
        let run = run(&path, &[], None);
        assert_eq!(exit(&run), ExitStatus::Proved, "{name}:\n{}", rendered(&run));
        let (proof, decomposition) = parts(&run);
        assert!(proof.verdicts.is_verified(), "{name}");
        let lines: Vec<String> = needed(proof)
            .into_iter()
            .map(|idx| {
                let id = &decomposition.tree.obligations[idx].id;
                let verdict = &proof.verdicts.obligations[&idx];
                let ObligationVerdict::Proved(means) = verdict else {
                    return format!("{id} {verdict:?}");
                };
                format!("{id} {}", vcgen::print::means(*means))
            })
            .collect();
        // A snapshot lies in the folder of its spec's name.
        let (folder, name) = name
            .rsplit_once('/')
            .map_or(("specs".to_owned(), name.as_str()), |(folder, name)| (format!("specs/{folder}"), name));
        insta::with_settings!({ snapshot_path => folder, prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(name, lines.join("\n"));
        });
    }
}

#[test]
fn each_broken_spec_is_refuted_where_it_says() {
    let mut problems = Vec::new();
    for (name, path) in files(&root().join("specs/broken"), "pax") {
        let source = text(&path);
        let header = |key: &str| {
            let lines = source.lines().filter_map(|line| line.strip_prefix("\\* ")?.strip_prefix(key));
            lines.map(str::trim).collect::<Vec<&str>>()
        };
        let expected = header("fails: ");
        let verdict = header("verdict: ").first().copied().unwrap_or("refuted");
        // Only what should fail is looked at: with this budget some of what is true is not proved either.
        let parts = expected.iter().flat_map(|id| [(*id).to_owned(), format!("{id}.*")]);
        let only: Vec<String> = if verdict == "vacuous" { Vec::new() } else { parts.collect() };
        let only: Vec<&str> = only.iter().map(String::as_str).collect();
        let rlimit = (verdict != "vacuous").then_some(BROKEN_RLIMIT);
        let run = run(&path, &only, rlimit);
        if expected.is_empty() {
            problems.push(format!("{name}: the header names no failure"));
        }
        if run.proof.is_none() {
            problems.push(format!("{name}: not even tried:\n{}", rendered(&run)));
            continue;
        }
        let status = exit(&run);
        let wanted = match verdict {
            "refuted" => ExitStatus::Refuted,
            "undecided" => ExitStatus::Undecided,
            "vacuous" => ExitStatus::Vacuous,
            other => panic!("{name}: `{other}` is no verdict"),
        };
        if status != wanted {
            problems.push(format!("{name}: ends with {status:?}"));
        }
        for id in expected {
            if !fails(&run, id, verdict == "refuted") {
                problems.push(format!("{name}: `{id}` is not {verdict}"));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

fn run(path: &Path, only: &[&str], rlimit: Option<u32>) -> Run {
    // What a spec extends or instantiates lies beside it, or beside the specs.
    let beside = path.parent().expect("a folder").to_owned();
    let front = read(&path.display().to_string(), &text(path), &[beside, root().join("specs")]);
    // Far more time than it takes: what ends a search is that it finds something, or has tried all sizes.
    let search = rlimit.map(|_| Duration::from_secs(120));
    prove(front, &Setup { only, rlimit, search, ..Setup::default() })
}

fn parts(run: &Run) -> (&Proof, &Decomposition) {
    let proof = run.proof.as_ref().expect("it was tried");
    (proof, run.front.decomposition.as_ref().expect("it was tried"))
}

/// Whether the obligation, or a part of it, the theorem or the vacuity check of this name fails, and with it
/// its theorem; if asked for, by a counterexample.
fn fails(run: &Run, name: &str, is_refuted: bool) -> bool {
    let (proof, decomposition) = parts(run);
    let tree = &decomposition.tree;
    if let Some(fact) = name.strip_suffix(".vacuity") {
        return proof.verdicts.vacuity.iter().any(|verdict| match verdict {
            VacuityVerdict::Contradictory { core } => core.iter().any(|label| label.starts_with(fact)),
            VacuityVerdict::NoneFound | VacuityVerdict::NotChecked(_) | VacuityVerdict::NotSelected => false,
        });
    }
    let mut theorems = tree.theorems.iter().zip(&proof.verdicts.theorems);
    let Some((plan, verdict)) = theorems.find(|(plan, _)| name.split('.').next() == Some(plan.name.as_str()))
    else {
        return false;
    };
    if !matches!(verdict.standing, Standing::Failed(_) | Standing::Refuted(_)) {
        return false;
    }
    plan.name == name && !is_refuted
        || verdict.needed.iter().any(|idx| {
            let id = &tree.obligations[*idx].id;
            let is_meant = id.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
            let verdict = &proof.verdicts.obligations[idx];
            let is_as_meant = if is_refuted {
                matches!(verdict, ObligationVerdict::Refuted(_))
            } else {
                !matches!(verdict, ObligationVerdict::Proved(_))
            };
            is_meant && is_as_meant
        })
}
