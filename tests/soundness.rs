//! What may be proved and what must not: chapters in Markdown, whose `pax` blocks say of each of their
//! theorems whether it is proved (see [`tests::claims`]).
//!
//! A false theorem that is proved is the one error that cannot be mended later, so each rule of
//! decomposition, rewriting and lowering has a true theorem that needs it and a false one beside it.

use tests::claims::problems;
use tests::{examples, files, root, text};

fn check(chapter: &str) {
    let path = root().join("tests/soundness").join(format!("{chapter}.md"));
    let page = text(&path);
    let blocks = examples(&page);
    assert!(!blocks.is_empty(), "{} has no examples", path.display());
    let report: Vec<String> = blocks
        .iter()
        .flat_map(|block| problems(block).into_iter().map(move |problem| format!("{problem}\nin\n{block}")))
        .collect();
    assert!(report.is_empty(), "{}:\n{}", path.display(), report.join("\n"));
}

macro_rules! chapters {
    ($($name:ident),* $(,)?) => {
        $(#[test] fn $name() { check(stringify!($name)); })*
        #[test]
        fn every_chapter_is_read() {
            let named = [$(stringify!($name)),*];
            let found: Vec<String> =
                files(&root().join("tests/soundness"), "md").into_iter().map(|(stem, _)| stem).collect();
            assert_eq!(found, named, "one test for each file of tests/soundness");
        }
    };
}

chapters!(
    actions,
    arithmetic,
    binders,
    branches,
    cardinality,
    choice,
    continuity,
    equality,
    facts,
    functions,
    increments,
    inductions,
    inheritance,
    modules,
    records,
    recursion,
    refinement,
    sequences,
    sets,
    slips,
    specifications,
    temporal,
    vacuity
);
