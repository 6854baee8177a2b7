//! `cargo xtask survivors`: whether `docs/mutants.md` tells the survivors of the specs, all of them and no other.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use crate::{Problem, cargo, say};

/// The page.
const PAGE: &str = "docs/mutants.md";

/// Builds the release program, judges the mutants of each spec on the page, and compares.
pub(crate) fn survivors(root: &Path) -> Result<(), Problem> {
    cargo(&["build", "--release", "-p", "cli"], &[])?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), Into::into);
    let program = target.join("release").join("paxprove");
    let page =
        std::fs::read_to_string(root.join(PAGE)).map_err(|error| format!("cannot read `{PAGE}`: {error}"))?;
    let mut problems = Vec::new();
    for chapter in chapters(&page) {
        say(&format!("paxprove mutate {}", chapter.file));
        let output = Command::new(&program)
            .args(["mutate", &chapter.file, "--format", "short"])
            .current_dir(root)
            .output()
            .map_err(|error| format!("cannot run `{}`: {error}", program.display()))?;
        let report = String::from_utf8_lossy(&output.stdout);
        problems.extend(differences(&chapter, &report));
        if !output.status.success() {
            problems.push(format!("{}: {}", chapter.file, output.status));
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(problems.join("\n")) }
}

/// What the page says of a spec.
#[derive(Debug, PartialEq, Eq)]
struct Chapter {
    file: String,
    /// The last line of the report, as the page has it.
    conclusion: String,
    survivors: BTreeSet<String>,
}

/// The chapters that quote the conclusion of a run.
fn chapters(page: &str) -> Vec<Chapter> {
    page.split("\n## ")
        .filter_map(|chapter| {
            let quoted = chapter.lines().find_map(|line| line.strip_prefix('`')?.strip_suffix('`'))?;
            let (file, _) = quoted.split_once(": ").filter(|(_, rest)| rest.contains(" killed, "))?;
            let survivors = chapter.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
            Some(Chapter {
                file: file.to_owned(),
                conclusion: quoted.to_owned(),
                survivors: survivors.map(str::to_owned).collect(),
            })
        })
        .collect()
}

/// Where the page and a report in the form `short` differ.
fn differences(chapter: &Chapter, report: &str) -> Vec<Problem> {
    let prefix = format!("{}:", chapter.file);
    // `file:line:column: name (role): change`
    let name =
        |line: &str| Some(line.strip_prefix(&prefix)?.split_once(": ")?.1.split_once(" (")?.0.to_owned());
    let lines = report.lines().filter(|line| !line.contains(" killed, "));
    let found: BTreeSet<String> = lines.filter_map(name).collect();
    let unlisted =
        found.difference(&chapter.survivors).map(|name| format!("`{name}` survives, and is not there"));
    let gone = chapter.survivors.difference(&found).map(|name| format!("`{name}` does not survive"));
    let conclusion = report.lines().last().unwrap_or_default();
    let other = (conclusion != chapter.conclusion).then(|| format!("it should say `{conclusion}`"));
    unlisted.chain(gone).chain(other).map(|problem| format!("{PAGE}: {}: {problem}", chapter.file)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "# Mutants\n\n## How\n\n| `drop` | x |\n\n## a\n\n`a.pax: 1 of 2 mutants killed, 50.0 %`\n\n\
                        | mutant | line |\n| --- | --- |\n| `A.1.drop` | 3 | it does | why |\n";

    #[test]
    fn a_page_is_compared_with_a_report() {
        let chapters = chapters(PAGE);
        let [chapter] = chapters.as_slice() else { panic!("{chapters:?}") };
        let report = "a.pax:3:1: A.1.drop (action): without `x`\na.pax: 1 of 2 mutants killed, 50.0 %\n";
        assert_eq!(differences(chapter, report), [""; 0]);
        let other = "a.pax:3:1: A.2.drop (action): without `x`\na.pax: 1 of 3 mutants killed, 33.3 %\n";
        assert_eq!(differences(chapter, other).len(), 3);
    }
}
