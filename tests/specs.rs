//! Whole protocols: each spec is proved, and each broken one fails where its header says.

use std::path::Path;

use cli::driver::{Proof, Run};
use cli::exit::ExitStatus;
use cli::report::{exit, needed};
use cli::verdict::{ObligationVerdict, Standing, VacuityVerdict};
use tests::{Setup, files, prove, read, rendered, root, text};
use vcgen::decompose::Decomposition;

/// Budget for specs that fail: what is false is not proved with more, and what is hard takes long.
const BROKEN_RLIMIT: u32 = 400_000;

#[test]
fn each_spec_is_proved() {
    for (name, path) in files(&root().join("specs"), "pax") {
        let run = run(&path, None);
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
        insta::with_settings!({ snapshot_path => "specs", prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(name, lines.join("\n"));
        });
    }
}

#[test]
fn each_broken_spec_fails_where_it_says() {
    let mut problems = Vec::new();
    for (name, path) in files(&root().join("specs/broken"), "pax") {
        let run = run(&path, Some(BROKEN_RLIMIT));
        let source = text(&path);
        let expected: Vec<&str> =
            source.lines().filter_map(|line| line.strip_prefix("\\* fails: ")).map(str::trim).collect();
        if expected.is_empty() {
            problems.push(format!("{name}: the header names no failure"));
        }
        if run.proof.is_none() {
            problems.push(format!("{name}: not even tried:\n{}", rendered(&run)));
            continue;
        }
        let status = exit(&run);
        if !matches!(status, ExitStatus::Undecided | ExitStatus::Refuted | ExitStatus::Vacuous) {
            problems.push(format!("{name}: ends with {status:?}"));
        }
        for id in expected {
            if !fails(&run, id) {
                problems.push(format!("{name}: `{id}` is not among the failures"));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

fn run(path: &Path, rlimit: Option<u32>) -> Run {
    let front = read(&path.display().to_string(), &text(path), &[]);
    prove(front, &Setup { rlimit, ..Setup::default() })
}

fn parts(run: &Run) -> (&Proof, &Decomposition) {
    let proof = run.proof.as_ref().expect("it was tried");
    (proof, run.front.decomposition.as_ref().expect("it was tried"))
}

/// Whether the obligation, or a part of it, the theorem or the vacuity check of this name fails, and with it
/// its theorem.
fn fails(run: &Run, name: &str) -> bool {
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
    if !matches!(verdict.standing, Standing::Failed(_)) {
        return false;
    }
    plan.name == name
        || verdict.needed.iter().any(|idx| {
            let id = &tree.obligations[*idx].id;
            let is_meant = id.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
            is_meant && !matches!(proof.verdicts.obligations[idx], ObligationVerdict::Proved(_))
        })
}
