//! Rules about the code itself. Each rule returns what breaks it; [`tidy`] tells all of them at once.
//!
//! The rules are also tests of this crate, so that `cargo test` finds what `cargo xtask tidy` would.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::Problem;

/// Crates that know nothing of protocols; names of a particular spec have no place in their code.
const GENERAL: [&str; 5] = ["lang", "vcgen", "solver", "eval", "refute"];
/// Names of particular specs.
const SPEC_NAMES: [&str; 10] = [
    "SafeAt", "VotedFor", "WontVote", "accVoted", "aVoted", "maxVBal", "MsgInv", "Phase1", "Phase2",
    "Acceptor",
];
/// What each crate may depend on within the workspace.
const MAY_USE: [(&str, &[&str]); 8] = [
    ("lang", &[]),
    ("vcgen", &["lang"]),
    ("solver", &["lang", "vcgen"]),
    ("eval", &["lang"]),
    ("refute", &["lang", "eval"]),
    ("cli", &["lang", "vcgen", "solver", "eval", "refute"]),
    ("tests", &["lang", "vcgen", "solver", "eval", "refute", "cli"]),
    ("xtask", &[]),
];

/// Looks at all rules.
pub(crate) fn tidy(root: &Path) -> Result<(), Problem> {
    let rules: [fn(&Path) -> Vec<Problem>; 8] = [
        headers,
        error_pages,
        dependencies,
        spec_names,
        forbidden,
        markdown,
        readme_commands,
        no_pending_snapshots,
    ];
    let problems: Vec<Problem> = rules.iter().flat_map(|rule| rule(root)).collect();
    if problems.is_empty() { Ok(()) } else { Err(problems.join("\n")) }
}

/// Each Rust file begins with `//!`.
fn headers(root: &Path) -> Vec<Problem> {
    let files = rust_files(root);
    files
        .iter()
        .filter(|(_, text)| !text.starts_with("//!"))
        .map(|(path, _)| format!("{path}: begins without `//!`"))
        .collect()
}

/// Each code of a diagnostic has a page, and each page a code.
fn error_pages(root: &Path) -> Vec<Problem> {
    let mut used = BTreeSet::new();
    for (path, text) in rust_files(root) {
        if ["lang/src/", "vcgen/src/", "cli/src/"].iter().any(|folder| path.starts_with(folder)) {
            used.extend(codes(without_tests(&text)));
        }
    }
    let pages: BTreeSet<String> = files(&root.join("docs/errors"), "md")
        .iter()
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .collect();
    let missing = used.difference(&pages).map(|code| format!("docs/errors/{code}.md: missing"));
    let unused =
        pages.difference(&used).map(|code| format!("docs/errors/{code}.md: no diagnostic has this code"));
    missing.chain(unused).collect()
}

/// The codes in a text: what stands in `Code("...")`.
fn codes(text: &str) -> BTreeSet<String> {
    text.split("Code(\"").skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect()
}

/// Crates point one way.
fn dependencies(root: &Path) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (name, may_use) in MAY_USE {
        let manifest = read(&root.join(name).join("Cargo.toml"));
        for (other, _) in MAY_USE {
            let uses = manifest.lines().any(|line| {
                line.strip_prefix(other).is_some_and(|rest| rest.starts_with('.') || rest.starts_with(" ="))
            });
            if uses && other != name && !may_use.contains(&other) {
                problems.push(format!("{name}/Cargo.toml: `{name}` must not depend on `{other}`"));
            }
        }
    }
    problems
}

/// The general crates know no particular spec.
fn spec_names(root: &Path) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (path, text) in rust_files(root) {
        let is_general = GENERAL.iter().any(|name| path.starts_with(&format!("{name}/src/")));
        if !is_general || path.contains("tests") {
            continue;
        }
        for (line_idx, line) in without_tests(&text).lines().enumerate() {
            let is_comment = line.trim_start().starts_with("//");
            if let (false, Some(name)) = (is_comment, SPEC_NAMES.iter().find(|name| line.contains(**name))) {
                problems.push(format!("{path}:{}: `{name}` is the name of a particular spec", line_idx + 1));
            }
        }
    }
    problems
}

/// Nothing unfinished, nothing ignored, no attribute that silences a lint without a reason.
fn forbidden(root: &Path) -> Vec<Problem> {
    // Written in pieces, so that this file does not break its own rule.
    let words =
        [["to", "do!("], ["unimpl", "emented!("], ["#[ig", "nore"], ["mod", ".rs"]].map(|it| it.concat());
    let mut problems = Vec::new();
    for (path, text) in rust_files(root) {
        for (line_idx, line) in text.lines().enumerate() {
            if let Some(word) = words[..3].iter().find(|word| line.contains(word.as_str())) {
                problems.push(format!("{path}:{}: `{word}` is left", line_idx + 1));
            }
        }
        if path.ends_with(&format!("/{}", words[3])) {
            problems.push(format!("{path}: a module's file stands beside its folder"));
        }
    }
    problems
}

/// Markdown has no blanks at the ends of lines.
fn markdown(root: &Path) -> Vec<Problem> {
    let mut problems = Vec::new();
    for path in files(root, "md") {
        for (line_idx, line) in read(&path).lines().enumerate() {
            if line.ends_with([' ', '\t']) {
                problems.push(format!("{}:{}: blanks at the end", shown(root, &path), line_idx + 1));
            }
        }
    }
    problems
}

/// The README's commands exist: subcommands of `paxprove`, tasks of `xtask`, files that are named.
fn readme_commands(root: &Path) -> Vec<Problem> {
    let readme = read(&root.join("README.md"));
    let args = read(&root.join("cli/src/args.rs")).to_lowercase();
    let tasks = read(&root.join("xtask/src/main.rs"));
    let mut problems = Vec::new();
    for line in readme.lines().filter_map(|line| line.strip_prefix("    ")) {
        let words: Vec<&str> = line.split_whitespace().take_while(|word| *word != "#").collect();
        let is_known = match words.as_slice() {
            ["cargo", "xtask", task, ..] => tasks.contains(&format!("[\"{task}\"")),
            ["paxprove", command, ..] if command.chars().all(|c| c.is_ascii_lowercase()) => {
                ["(", ","].iter().any(|end| args.contains(&format!("    {command}{end}")))
            }
            _ => true,
        };
        if !is_known {
            problems.push(format!("README.md: `{}` does not exist", words.join(" ")));
        }
        for word in words.iter().filter(|word| !word.contains('*')) {
            let is_spec = Path::new(word).extension().is_some_and(|it| it == "pax");
            if is_spec && !root.join(word).is_file() {
                problems.push(format!("README.md: there is no `{word}`"));
            }
        }
    }
    problems
}

/// No snapshot waits to be looked at.
fn no_pending_snapshots(root: &Path) -> Vec<Problem> {
    files(root, "new").iter().map(|path| format!("{}: a snapshot waits", shown(root, path))).collect()
}

/// The text before its unit tests.
fn without_tests(text: &str) -> &str {
    text.split("\n#[cfg(test)]\nmod tests {").next().unwrap_or(text)
}

/// All Rust files with their texts, paths relative to the root.
fn rust_files(root: &Path) -> Vec<(String, String)> {
    files(root, "rs").into_iter().map(|path| (shown(root, &path), read(&path))).collect()
}

fn shown(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).display().to_string()
}

/// All files below a folder with this extension, sorted; hidden folders and build products left out.
fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let Ok(entries) = fs::read_dir(folder) else {
        return found;
    };
    for path in entries.flatten().map(|entry| entry.path()) {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if path.is_dir() {
            if name != "target" && !name.starts_with('.') {
                found.extend(files(&path, extension));
            }
        } else if path.extension().is_some_and(|it| it == extension) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The text of a file; empty if there is none, so that rules about it fail by what it lacks.
fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_is_tidy() {
        if let Err(problems) = tidy(&crate::root()) {
            panic!("{problems}");
        }
    }

    #[test]
    fn codes_are_found() {
        let text = "error(Code(\"c-d\"), Code(\"a-b\"), \"not-one\")";
        assert_eq!(codes(text).into_iter().collect::<Vec<_>>(), ["a-b", "c-d"]);
    }

    #[test]
    fn unit_tests_are_left_out() {
        assert_eq!(without_tests("a\n#[cfg(test)]\nmod tests {\n b }"), "a");
    }
}
