//! `paxprove explain ID FILE`: what is told of obligations of each kind, closed by each means, or not at all.

use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use cli::args::ExplanationFormat;
use cli::attempt::{Solving, Unwatched};
use cli::commands::Output;
use cli::commands::explain::told;
use cli::driver::{Until, front};
use cli::explanation::find::{NotFound, find};
use cli::load::load_text;
use cli::report::text::Style;
use cli::resources::StageTimes;
use solver::backend::Limits;
use tests::{request, root, text, z3};
use vcgen::print;
use vcgen::trail::Rule;

/// What is told of the obligation of a module that is meant by `id`; times are left out.
fn explained(file: &str, id: &str, format: ExplanationFormat, detail: u8) -> Output {
    let loaded = load_text(file, text(&root().join(file)), &[root().join("specs")]).expect("readable files");
    let front = front(Path::new(file), loaded, StageTimes::default(), Until::Trails);
    assert!(!front.has_errors(), "{file}: {:?}", front.diagnostics);
    let tree = &front.decomposition.as_ref().expect("no errors, so obligations").tree;
    let obligation_idx = find(tree, id).unwrap_or_else(|problem| panic!("{file}: {id}: {problem:?}"));
    let solving = Solving {
        n_workers: 2,
        limits: Limits { timeout: Duration::from_secs(600), ..Limits::default() },
        rlimit: None,
        make_backend: &|_| z3(),
        stop: &AtomicBool::new(false),
        search: Some(Duration::from_secs(60)),
        dump_smt: None,
        cache: None,
        progress: &Unwatched,
    };
    let style = Style { is_coloured: false, detail };
    let Output { text, status } =
        told(front, obligation_idx, &solving, &request(), format, style).expect("nothing is written");
    let timeless = |line: &str| match line.rsplit_once(", ") {
        Some((cost, time)) if line.starts_with("  cost: ") && time.ends_with(" s") => cost.to_owned(),
        _ => line.to_owned(),
    };
    let text = text.lines().map(timeless).collect::<Vec<_>>().join("\n");
    Output { text: text.replace(&format!("{}/", root().display()), ""), status }
}

const SMALL: &str = "tests/explanations/Small.pax";

/// An obligation for each kind, and for each of what may close it, with the exit code.
const EXAMPLES: [(&str, &str, &str, u8); 13] = [
    ("initiation", SMALL, "Types.init.TypeOK.1", 0),
    ("frame", SMALL, "Types.step.Rise.TypeOK.1", 0),
    ("nothing_new", SMALL, "Types.step.Forget.TypeOK.1", 0),
    ("increment", SMALL, "Bound.step.Send.Bounded.old", 0),
    ("rewriting", SMALL, "Bound.step.Send.Bounded.new", 0),
    ("z3", SMALL, "Bound.step.Rise.Bounded", 0),
    ("induction", SMALL, "Grows.induction.step.1", 0),
    ("termination", SMALL, "Sum.terminates.1.1", 0),
    ("refuted", SMALL, "Wrong.step.Send.Low.new", 1),
    ("vacuity", SMALL, "Bound.vacuity.Send", 0),
    ("implication", "specs/paxos.pax", "VotedInv.1", 0),
    ("simulation", "specs/lamport_paxos.pax", "Refinement.step.Phase2b.V!VoteFor.5", 0),
    ("continuity", "specs/lamport_paxos.pax", "Invariance.step.Phase2b.continuity.V!VotedFor", 0),
];

#[test]
fn obligations_of_each_kind_and_means() {
    for (name, file, id, code) in EXAMPLES {
        let Output { text, status } = explained(file, id, ExplanationFormat::Human, 1);
        insta::with_settings!({ snapshot_path => "explanations", prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(name, text);
        });
        assert_eq!(status.code(), code, "{name}");
    }
}

#[test]
fn more_detail_tells_all_and_cuts_nothing() {
    let Output { text, .. } = explained(SMALL, "Types.step.Send.TypeOK.1.new", ExplanationFormat::Human, 2);
    assert!(!text.contains("...") && !text.contains("`-v`"), "{text}");
    let Output { text: less, .. } =
        explained(SMALL, "Types.step.Send.TypeOK.1.new", ExplanationFormat::Human, 1);
    assert!(text.lines().count() > less.lines().count());
}

#[test]
fn programs_are_told_the_same() {
    let Output { text, .. } = explained(SMALL, "Bound.step.Send.Bounded.old", ExplanationFormat::Json, 1);
    let told: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(told["schema_version"], 1);
    assert_eq!(told["id"], "Bound.step.Send.Bounded.old");
    assert_eq!(told["verdict"], "proved");
    assert_eq!(told["closing"]["means"], "increment");
    assert_eq!(told["without"][0]["label"], "Bounded");
    assert_eq!(told["without"][0]["found"], "fails");
    let steps = told["came_about"]["steps"].as_array().expect("steps");
    assert!(steps.iter().any(|step| step["rule"] == "case old: an element that was there before the step"));
    assert_eq!(steps.last().expect("a step")["after"], "TRUE");
}

#[test]
fn a_trail_ends_in_the_goal() {
    for file in [SMALL, "specs/paxos.pax", "specs/voting.pax", "specs/lamport_paxos.pax"] {
        let loaded =
            load_text(file, text(&root().join(file)), &[root().join("specs")]).expect("readable files");
        let front = front(Path::new(file), loaded, StageTimes::default(), Until::Trails);
        let decomposition = front.decomposition.expect("no errors, so obligations");
        let mut n_ended = 0;
        for (idx, trail) in &decomposition.tree.trails {
            let obligation = &decomposition.tree.obligations[*idx];
            let mut goals = trail.moves.iter().filter(|own| !own.rule.is_equation());
            let Some(last) = goals.next_back() else { continue };
            let goal = print::formula(&decomposition.program, &obligation.goal);
            let is_last = |rules: &[Rule]| rules.contains(&last.rule);
            let end = if is_last(&[Rule::Frame]) {
                &last.after
            } else if is_last(&[Rule::Hypothesis, Rule::Contradiction]) {
                &last.before
            } else {
                // What follows are equations of parts of it.
                continue;
            };
            let ends = print::formula(&decomposition.program, end);
            assert_eq!(ends, goal, "{}", obligation.id);
            n_ended += 1;
        }
        assert!(n_ended > 0, "{file}");
    }
}

#[test]
fn what_is_meant_by_several_or_none_is_said() {
    let loaded = load_text(SMALL, text(&root().join(SMALL)), &[]).expect("readable files");
    let front = front(Path::new(SMALL), loaded, StageTimes::default(), Until::Obligations);
    let tree = front.decomposition.expect("no errors, so obligations").tree;
    assert!(matches!(find(&tree, "Bound.step.Send"), Err(NotFound::Several(_, 2..))));
    let Err(NotFound::Nothing(near)) = find(&tree, "Bound.step.Sent.Bounded") else { panic!("none") };
    assert!(!near.is_empty() && near.iter().all(|id| id.starts_with("Bound.step.Sen")), "{near:?}");
}
