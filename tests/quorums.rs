//! Protocols that are proved for any quorums, and their instances by counting: what these have to show is proved,
//! what they inherit stands and falls with it, and quorums that are too small show nothing.

use std::collections::BTreeSet;
use std::path::Path;

use cli::driver::Run;
use cli::exit::ExitStatus;
use cli::report::exit;
use cli::verdict::ObligationVerdict;
use tests::{Setup, files, prove, read, rendered, root, text};

/// What an instance's own obligations may cost.
const RLIMIT: u32 = 1_000_000;

/// Of a scheme of reconfiguration: what it states, and what the protocol assumes of it.
const OWN: [&str; 3] = ["Reflexive*", "Overlap*", "Safe.assumptions.*"];

fn run(folder: &str, name: &str, source: &str, only: &[&str]) -> Run {
    let front = read(name, source, &[root().join("specs").join(folder)]);
    prove(front, &Setup { only, rlimit: Some(RLIMIT), ..Setup::default() })
}

fn spec(folder: &str, name: &str) -> String {
    text(&root().join("specs").join(folder).join(format!("{name}.pax")))
}

/// The names of what is shown of an instance, `A!Overlap`.
fn shown(run: &Run) -> BTreeSet<String> {
    let tree = &run.front.decomposition.as_ref().expect("it was decomposed").tree;
    let verdicts = &run.proof.as_ref().expect("it was tried").verdicts.obligations;
    let proved = verdicts.iter().filter(|(_, verdict)| matches!(verdict, ObligationVerdict::Proved(_)));
    let paths = proved.map(|(obligation, _)| tree.obligations[*obligation].id.as_str());
    let names = paths.filter_map(|id| id.strip_prefix("Safe.assumptions.")?.split('.').next());
    names.map(str::to_owned).collect()
}

#[test]
fn instances_of_adob_inherit_its_safety() {
    for name in ["adob", "benign", "byzantine", "benign_printed"] {
        let run = run("adob", name, &spec("adob", name), &[]);
        assert_eq!(exit(&run), ExitStatus::Proved, "{name}:\n{}", rendered(&run));
    }
}

#[test]
fn schemes_show_what_adore_assumes() {
    let assumed: BTreeSet<String> =
        ["A!Root", "A!First", "A!Configurations", "A!Reflexive", "A!Overlap"].map(str::to_owned).into();
    let mut n_schemes = 0;
    for (name, path) in files(&root().join("specs/adore"), "pax") {
        // What chooses no configurations is a variant of Adore, not a scheme.
        if !text(&path).contains("A == INSTANCE adore") || !text(&path).contains("R1(c, d) ==") {
            continue;
        }
        n_schemes += 1;
        let run = run("adore", &name, &text(&path), &OWN);
        assert_eq!(exit(&run), ExitStatus::Proved, "{name}:\n{}", rendered(&run));
        assert!(assumed.is_subset(&shown(&run)), "{name}: {:?}", shown(&run));
    }
    assert_eq!(n_schemes, 7);
}

#[test]
fn quorums_that_are_too_small_show_nothing() {
    let changes = [
        ("adore", "single_node", "c = d \\cup {s} \\/", "\\E t \\in Nid : c = d \\cup {s, t} \\/"),
        ("adore", "single_node", "Cardinality(c) < 2", "Cardinality(c) =< 2"),
        ("adore", "joint_consensus", "/\\ (c[2] = none \\/ Majority(S, c[2]))", ""),
        ("adore", "joint_consensus", "d[2] = none /\\ d[1] = c[2]", "d[2] = none"),
        ("adore", "primary_backup", "R1(c, d) == c[1] = d[1]", "R1(c, d) == c[1] \\in Members(d)"),
        ("adore", "primary_set", "S \\cap c[1])}", "S \\cap Members(c))}"),
        ("adore", "dynamic_quorums", "Cardinality(d[2]) < c[1] + d[1]", "Cardinality(d[2]) =< c[1] + d[1]"),
        ("adore", "dynamic_quorums", " /\\ Cardinality(c[2]) < 2 * c[1]}", "}"),
        ("adore", "unanimous", "R1(c, d) == c \\cap d # {}", "R1(c, d) == TRUE"),
        ("adore", "static", "R1(c, d) == c = d", "R1(c, d) == c \\cap d # {}"),
        ("adob", "benign", "2 * Cardinality(Q) >", "2 * Cardinality(Q) >="),
        ("adob", "benign", "l \\in Q}", "l \\notin Q}"),
        ("adob", "byzantine", "3 * Cardinality(Byzantine)", "2 * Cardinality(Byzantine)"),
        ("adob", "byzantine", "MQuorums(l) == SQuorums", "MQuorums(l) == SUBSET Nid"),
    ];
    for (folder, name, from, to) in changes {
        let source = spec(folder, name);
        assert_eq!(source.matches(from).count(), 1, "{name}: {from}");
        let run = run(folder, name, &source.replace(from, to), &OWN);
        let status = exit(&run);
        let is_open = matches!(status, ExitStatus::Undecided | ExitStatus::Refuted);
        assert!(is_open, "{name} with {to}: {status:?}\n{}", rendered(&run));
    }
}

/// What a module does not prove, no instance has.
#[test]
fn what_is_not_proved_is_inherited_by_nobody() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("unproved");
    std::fs::create_dir_all(&folder).expect("a folder");
    let adob = spec("adob", "adob").replace("\n  /\\ NotLater(Q, p.time)\n", "\n");
    std::fs::write(folder.join("adob.pax"), adob).expect("a file");
    let front = read("benign", &spec("adob", "benign"), &[folder]);
    let run = prove(front, &Setup { rlimit: Some(200_000), ..Setup::default() });
    assert_eq!(exit(&run), ExitStatus::Undecided, "{}", rendered(&run));
}
