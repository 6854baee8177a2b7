//! What users see: the failing example of each page on an error, rendered.

use cli::verdict::Standing;
use tests::{Setup, examples, files, found_in, prove, read, rendered, root, shown, text};

#[test]
fn each_error_as_it_is_shown() {
    for (code, path) in files(&root().join("docs/errors"), "md") {
        let Some(example) = examples(&text(&path)).into_iter().next() else {
            continue;
        };
        let (front, found, _) = found_in(&code, &example);
        insta::with_settings!({ snapshot_path => "ui", prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(code, shown(&front, &found));
        });
    }
}

/// Separate mistakes are told in one run, whatever stage finds them, and none that follows from another.
#[test]
fn many_mistakes_at_once() {
    for (name, n_mistakes) in [("Kinds", 5), ("Syntax", 6)] {
        let file = root().join("tests/ui/mistakes").join(name).with_extension("pax");
        let run = prove(read(&format!("{name}.pax"), &text(&file), &[]), &Setup::default());
        assert_eq!(run.front.diagnostics.len(), n_mistakes, "{name}:\n{}", rendered(&run));
        assert!(run.front.diagnostics.iter().all(|found| found.help.is_some()), "{name}");
        insta::with_settings!({ snapshot_path => "ui", prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(format!("mistakes-{name}"), rendered(&run));
        });
    }
}

/// An axiom that a published proof has, and a lemma that is false of infinite sets.
#[test]
fn maxima_that_do_not_exist() {
    for name in ["EmptySet", "InfiniteSets"] {
        let file = root().join("tests/ui/vacuity").join(name).with_extension("pax");
        let run = prove(read(&format!("{name}.pax"), &text(&file), &[]), &Setup::default());
        let verdicts = &run.proof.as_ref().expect("it was tried").verdicts;
        assert!(verdicts.theorems.iter().all(|verdict| verdict.standing != Standing::Proved), "{name}");
        insta::with_settings!({ snapshot_path => "ui", prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(format!("vacuity-{name}"), rendered(&run));
        });
    }
}
