//! The specs with a known mistake: the search finds a counterexample to what each says fails.

#[path = "common/questions.rs"]
mod common;

use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use refute::{Budget, Outcome, refute, replay};

/// What the header of a spec says is refuted, as the questions of `common` are named.
fn fails(text: &str) -> Vec<String> {
    if text.lines().any(|line| line == "\\* verdict: undecided") {
        return Vec::new();
    }
    let headers = text.lines().filter_map(|line| line.strip_prefix("\\* fails: "));
    let names = headers.filter(|name| !name.ends_with(".vacuity")).map(|name| {
        let parts: Vec<&str> =
            name.split('.').filter(|part| !["new", "old", "then", "else"].contains(part)).collect();
        match parts[..] {
            // The action is left out: all of `Next` is searched.
            [theorem, "step", _, ref conjunct @ ..] => format!("{theorem}.step.{}", conjunct.join(".")),
            _ => parts.join("."),
        }
    });
    names.collect()
}

/// Searches all that a spec says fails; returns what was not found, and what should not have been.
fn misses(path: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(path).expect("a spec");
    let module = common::module(&path.display().to_string(), &text);
    let questions = common::questions(&module);
    let mut missed = Vec::new();
    // What steps are to an abstract specification is asked about in `tests/specs.rs`.
    let is_refinement = |name: &String| {
        let theorem = module.facts.iter().find(|fact| name.split('.').next() == Some(fact.name.as_str()));
        theorem.is_some_and(|fact| {
            eval::behaviour::refinement(&module, fact)
                .is_some_and(|_| eval::behaviour::claim(&module, fact).is_none())
        })
    };
    for name in fails(&text).into_iter().filter(|name| !is_refinement(name)) {
        let (_, module, question) =
            questions.iter().find(|(other, ..)| other.starts_with(&name)).expect("a question of that name");
        let question = question(module);
        let stop = AtomicBool::new(false);
        let budget = Budget::new(Duration::from_secs(300), &stop);
        let outcome = refute(&question, &budget, &mut |candidate| replay(&question, candidate));
        match outcome {
            Outcome::Found { counterexample, .. } => {
                assert!(replay(&question, &counterexample), "{name}: what is found is replayed");
            }
            outcome @ (Outcome::NotFound { .. } | Outcome::GaveUp { .. }) => {
                missed.push(format!("{}: {name}: {outcome:?}", path.display()));
            }
        }
    }
    missed
}

#[test]
fn every_broken_spec_is_refuted() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs/broken");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "pax"));
    paths.sort();
    assert!(paths.len() > 20);
    let missed: Vec<String> = paths.iter().flat_map(|path| misses(path)).collect();
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}
