//! `cargo xtask`: what continuous integration runs, and what keeps the code in shape.

mod bench;
mod mutants;
mod scale;
mod survivors;
mod tidy;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// What went wrong, in words.
type Problem = String;

const USAGE: &str = "cargo xtask ci     everything that continuous integration looks at
cargo xtask tidy   rules about the code itself; fast
cargo xtask bless  accept the snapshots, and how the specs are proved, as they are now
cargo xtask bench  the cost of the specs, as a Markdown table
cargo xtask scale [N...] the cost of generated modules, of some N obligations each, as a Markdown table
cargo xtask generate A C [T [L]] a module with A actions, C conjuncts, T theorems and L lemmas, as text
cargo xtask mutants [K/N] changed programs: whether a test notices each of them, or each of part K of N
cargo xtask survivors whether `docs/mutants.md` tells all surviving mutants of the specs; takes minutes
cargo xtask screenshots DIR photographs of the page of `report`, wide and narrow, light and dark; needs Chromium
cargo xtask fuzz N changed specs and small modules, N of them, through the parser and the printer
cargo xtask edits N edits of the specs that change nothing, N of them: whether a baseline raises an alarm
cargo xtask differential N random specs with N obligations, whose proofs are held against the evaluator";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let result = match args.as_slice() {
        ["ci"] => ci(),
        ["tidy"] => tidy::tidy(&root()),
        ["bless"] => bless(),
        ["bench"] => bench::bench(&root()),
        ["scale", obligations @ ..] => scale::scale(&root(), obligations),
        ["generate", sizes @ ..] => scale::generate(sizes),
        ["mutants"] => mutants::mutants(&root(), None),
        ["mutants", shard] => mutants::mutants(&root(), Some(shard)),
        ["survivors"] => survivors::survivors(&root()),
        ["screenshots", folder] => screenshots(folder),
        ["fuzz", runs] => fuzz(runs),
        ["edits", n] => edits(n),
        ["differential", n] => differential(n),
        _ => Err(USAGE.to_owned()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            say(&problem);
            ExitCode::FAILURE
        }
    }
}

/// The checks, cheapest first, so that a slip is told early.
fn ci() -> Result<(), Problem> {
    tidy::tidy(&root())?;
    cargo(&["fmt", "--all", "--check"], &[])?;
    cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"], &[])?;
    let shared = ["-p", "cli", "--features", "shared-cache"];
    cargo(&[&["clippy"], &shared[..], &["--all-targets", "--", "-D", "warnings"]].concat(), &[])?;
    let snapshots = [("INSTA_UPDATE", "no"), ("INSTA_FORCE_PASS", "0")];
    cargo(&["test", "--workspace"], &snapshots)?;
    cargo(&[&["test"], &shared[..], &["--lib", "--test", "cache", "shared"]].concat(), &snapshots)?;
    baseline("check")?;
    cargo(
        &["doc", "--workspace", "--no-deps", "--document-private-items"],
        &[("RUSTDOCFLAGS", "-D warnings")],
    )
}

/// Accepts whatever the snapshot tests produce; read the difference before you commit it.
fn bless() -> Result<(), Problem> {
    cargo(&["test", "--workspace"], &[("INSTA_UPDATE", "always"), ("INSTA_FORCE_PASS", "1")])?;
    baseline("write")
}

/// Holds the specs against how they were proved, or writes down how they are.
fn baseline(action: &str) -> Result<(), Problem> {
    let specs = proved_specs(Path::new("specs"))?;
    let specs: Vec<&str> = specs.iter().filter_map(|path| path.to_str()).collect();
    // Nothing is taken from a cache, so that costs are seen to be the same once more.
    cargo(
        &[
            &["run", "--quiet", "-p", "cli", "--", "baseline", action, "--quiet", "-I", "specs"],
            specs.as_slice(),
        ]
        .concat(),
        &[("PAXPROVE_CACHE", "off")],
    )
}

/// The specs of a folder and the folders in it, but for those that must fail, in order.
fn proved_specs(folder: &Path) -> Result<Vec<PathBuf>, Problem> {
    let entries =
        std::fs::read_dir(root().join(folder)).map_err(|error| format!("`{}`: {error}", folder.display()))?;
    let mut specs = Vec::new();
    for entry in entries.flatten() {
        let path = folder.join(entry.file_name());
        if entry.path().is_dir() && entry.file_name() != "broken" {
            specs.append(&mut proved_specs(&path)?);
        } else if path.extension().is_some_and(|it| it == "pax") {
            specs.push(path);
        }
    }
    specs.sort_unstable();
    Ok(specs)
}

/// Runs the fuzzer that needs no libFuzzer; `fuzz/` is a workspace of its own.
fn fuzz(runs: &str) -> Result<(), Problem> {
    let example = ["run", "--release", "--manifest-path", "fuzz/Cargo.toml", "--no-default-features"];
    cargo(&[&example[..], &["--example", "mutate", "--", runs]].concat(), &[])
}

/// Edits the specs in ways that change nothing of what they say.
fn edits(n: &str) -> Result<(), Problem> {
    let test = ["test", "-p", "tests", "--test", "baseline", "--", "--nocapture", "that_change_nothing"];
    cargo(&test, &[("PAXPROVE_EDITS", n)])
}

/// Takes photographs of the page of `report` into a folder.
fn screenshots(folder: &str) -> Result<(), Problem> {
    let folder = std::path::absolute(folder).map_err(|error| format!("`{folder}`: {error}"))?;
    let folder = folder.to_string_lossy();
    let test = ["test", "-p", "tests", "--test", "browser", "photographs", "--", "--nocapture"];
    cargo(&test, &[("PAXPROVE_SCREENSHOTS", &folder)])
}

/// Holds what is proved of random specs against the evaluator.
fn differential(n: &str) -> Result<(), Problem> {
    let test = ["test", "--release", "-p", "tests", "--test", "random_specs", "--", "--nocapture"];
    cargo(&test, &[("PAXPROVE_DIFFERENTIAL", n)])
}

/// Runs cargo in the root of the workspace.
fn cargo(args: &[&str], environment: &[(&str, &str)]) -> Result<(), Problem> {
    say(&format!("cargo {}", args.join(" ")));
    let program = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let status = Command::new(program)
        .args(args)
        .envs(environment.iter().copied())
        .current_dir(root())
        .status()
        .map_err(|error| format!("cannot run cargo: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("`cargo {}` failed", args.join(" "))) }
}

/// The root of the workspace that cargo runs this in: not that of the build, since checkouts may share a
/// folder for build products.
fn root() -> PathBuf {
    let folder = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    folder.as_deref().unwrap_or(Path::new(env!("CARGO_MANIFEST_DIR"))).join("..")
}

/// Tells the developer something.
#[expect(clippy::print_stderr, reason = "this program talks to a developer at a terminal")]
fn say(text: &str) {
    eprintln!("{text}");
}
