//! The table of the language in `docs/reference.md` tells the truth: each of its rows is a section of a page
//! in `tests/constructs`, whose example is run.
//!
//! A page has a `## ` heading for each group of the grammar, and a `### ` heading for each construct, which is
//! the row's first cell; the example below it makes claims (see [`tests::claims`]). How far the prover goes
//! with the construct is read off the run: refused with a code, proved about, given sorts, or parsed. With
//! `INSTA_UPDATE=always` in the environment, which `cargo xtask bless` sets, the table is written anew.

use std::fmt::Write as _;

use cli::verdict::Standing;
use tests::claims::{claims, problems, run};
use tests::{examples, files, root, text};

const BEGIN: &str = "<!-- constructs: written by `cargo xtask bless` from tests/constructs -->\n";
const END: &str = "<!-- end of constructs -->\n";

/// A construct of the language.
struct Construct {
    group: String,
    title: String,
    /// What the section says in prose, on one line.
    remark: String,
    example: String,
}

/// The constructs of all pages, in order.
fn constructs() -> Vec<Construct> {
    let mut constructs = Vec::new();
    for (_, path) in files(&root().join("tests/constructs"), "md") {
        let page = text(&path);
        for group in page.split("\n## ").skip(1) {
            let (heading, sections) = group.split_once("\n### ").expect("constructs below a group");
            let group = heading.lines().next().unwrap_or_default();
            for section in sections.split("\n### ") {
                let (title, rest) = section.split_once('\n').expect("an example below a construct");
                let remark = rest.split("```pax").next().unwrap_or_default();
                let blocks = examples(rest);
                let [example] = blocks.as_slice() else {
                    panic!("{}: `{title}` has {} examples", path.display(), blocks.len())
                };
                constructs.push(Construct {
                    group: group.to_owned(),
                    title: title.to_owned(),
                    remark: remark.split_whitespace().collect::<Vec<_>>().join(" "),
                    example: example.clone(),
                });
            }
        }
    }
    constructs
}

/// How far the prover goes with a construct.
fn reach(construct: &Construct) -> String {
    let refused = claims(&construct.example).refused;
    if !refused.is_empty() {
        let codes: Vec<String> = refused.iter().map(|code| format!("`{code}`")).collect();
        return codes.join(", ");
    }
    let run = run(&construct.example);
    let theorems = run.proof.iter().flat_map(|proof| &proof.verdicts.theorems);
    if theorems.into_iter().any(|verdict| verdict.standing == Standing::Proved) {
        return "proved about".to_owned();
    }
    let has_facts = run.front.typed.is_some_and(|typed| !typed.facts.is_empty());
    if has_facts { "sorted".to_owned() } else { "parsed".to_owned() }
}

/// The rows of one group after the other.
fn table(constructs: &[Construct]) -> String {
    let mut table = String::new();
    let mut group = "";
    for construct in constructs {
        if construct.group != group {
            group = &construct.group;
            let _ = writeln!(table, "\n| {group} | How far | |\n| --- | --- | --- |");
        }
        let cell = |text: &str| text.replace('|', "\\|");
        let (title, remark) = (cell(&construct.title), cell(&construct.remark));
        let _ = writeln!(table, "| {title} | {} | {remark} |", reach(construct));
    }
    table.push('\n');
    table
}

#[test]
fn examples_do_what_they_claim() {
    let report: Vec<String> = constructs()
        .iter()
        .flat_map(|construct| {
            let found = problems(&construct.example);
            found.into_iter().map(|problem| format!("{}: {problem}", construct.title)).collect::<Vec<_>>()
        })
        .collect();
    assert!(report.is_empty(), "{}", report.join("\n\n"));
}

#[test]
fn the_table_is_up_to_date() {
    let path = root().join("docs/reference.md");
    let page = text(&path);
    let (before, rest) = page.split_once(BEGIN).expect("the table's begin");
    let (written, after) = rest.split_once(END).expect("the table's end");
    let table = table(&constructs());
    if std::env::var("INSTA_UPDATE").is_ok_and(|wish| wish == "always") {
        std::fs::write(&path, format!("{before}{BEGIN}{table}{END}{after}")).expect("a writable page");
    } else {
        assert_eq!(written, table, "`cargo xtask bless` writes the table of docs/reference.md anew");
    }
}
