//! The guide for continuous integration tells the truth: its files are those in the page, they can be read, its
//! commands are ones that the program takes, and its script for Slurm does what it says.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Parser as _;
use cli::args::Cli;
use saphyr::{LoadableYamlNode as _, Yaml};

const PAGE: &str = include_str!("../../docs/ci.md");
const WORKFLOW: &str = include_str!("../../docs/ci/github-actions.yml");
const SLURM: &str = include_str!("../../docs/ci/slurm.sh");

/// The commands in a text that begin with the program's name, as words. What a shell or a workflow puts in is `1`.
fn commands(text: &str) -> Vec<Vec<String>> {
    let joined = text.replace("\\\n", " ");
    let lines = joined.lines().filter(|line| !line.trim_start().starts_with(['#', '|', '-']));
    let mut found = Vec::new();
    for line in lines {
        let Some(begin) = line.find("paxprove ") else { continue };
        let is_command = line[..begin].ends_with([' ', '`']) || begin == 0;
        let is_in_text = !line.starts_with("    ") && !line[..begin].ends_with('`');
        if !is_command || is_in_text || line[..begin].contains("submits") {
            continue;
        }
        let line = line[begin..].split('`').next().unwrap_or_default();
        found.push(words(line));
    }
    found
}

/// The words of one command, up to where a shell would begin something else.
fn words(line: &str) -> Vec<String> {
    let mut line = line.to_owned();
    while let (Some(begin), Some(end)) = (line.find("${{"), line.find("}}")) {
        line.replace_range(begin..end + 2, "1");
    }
    let plain = |word: &str| {
        let mut word = word.replace(['"', '\''], "").replace("{}", "1");
        while let Some(begin) = word.find('$') {
            let name = |c: char| c.is_ascii_alphanumeric() || "_{}@:-$".contains(c);
            let end = word[begin..].find(|c: char| !name(c)).map_or(word.len(), |end| begin + end);
            word.replace_range(begin..end, "1");
        }
        word
    };
    let is_end = |word: &&str| ["|", "||", "&&", ";", ":::", "#"].contains(word);
    line.split_whitespace().take_while(|word| !is_end(word)).map(plain).collect()
}

#[test]
fn words_are_those_of_a_shell() {
    let words =
        words("paxprove prove \"$@\" --shard ${{ matrix.shard }}/4 -j \"${N:-1}\" $X/a.run '{}' || code=$?");
    assert_eq!(words, ["paxprove", "prove", "1", "--shard", "1/4", "-j", "1", "1/a.run", "1"]);
}

#[test]
fn the_program_takes_each_command() {
    let mut all = Vec::new();
    for text in [PAGE, WORKFLOW, SLURM] {
        let commands = commands(text);
        assert!(commands.len() >= 2, "{commands:?}");
        all.extend(commands);
    }
    let mut wrong: Vec<String> = Vec::new();
    for command in &all {
        if let Err(error) = Cli::try_parse_from(command) {
            wrong.push(format!("{}\n{error}", command.join(" ")));
        }
    }
    wrong.sort();
    wrong.dedup();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_page_shows_the_files() {
    for file in [WORKFLOW, SLURM] {
        assert!(PAGE.contains(file), "docs/ci.md shows an older state of:\n{file}");
    }
}

#[test]
fn the_workflow_can_be_read() {
    let documents = Yaml::load_from_str(WORKFLOW).expect("YAML");
    let jobs = &documents[0]["jobs"];
    let shards = jobs["prove"]["strategy"]["matrix"]["shard"].as_vec().expect("shards");
    assert!(WORKFLOW.contains(&format!("/{} --save", shards.len())), "as many parts as machines");
    assert_eq!(jobs["report"]["needs"].as_str(), Some("prove"));
    for job in ["prove", "report", "costs"] {
        assert!(jobs[job]["steps"].as_vec().is_some_and(|steps| !steps.is_empty()), "{job}");
    }
}

/// A folder with a module, a link to the program, and what else is written into it.
fn place(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("ci").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("bin")).expect("a folder for tests");
    let module = "---- MODULE Example ----\nEXTENDS Integers\nCONSTANTS M, N\nASSUME Large == N > 10 /\\ M > 20\n\
                  LEMMA One == N + 1 > 5\nLEMMA Two == M + 1 > 5\nLEMMA Three == M + N > 25\n====\n";
    fs::write(folder.join("Example.pax"), module).expect("a module");
    folder
}

/// Stands in for Slurm: runs each task at once, and says a number.
const SBATCH: &str = r#"#!/bin/bash
tasks=none
while :; do
    case $1 in
    --array=*) tasks=$(seq "${1#--array=1-}") ;;
    --output=*) output=${1#--output=} ;;
    --*) ;;
    *) break ;;
    esac
    shift
done
for task in $tasks; do
    SLURM_ARRAY_TASK_ID=$task SLURM_CPUS_PER_TASK=1 bash "$@" >"${output/\%a/$task}" 2>&1
    echo "$task $?" >>codes
done
echo 17
"#;

#[cfg(unix)]
#[test]
fn the_script_for_slurm_proves_in_shards() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    let folder = place("slurm");
    let sbatch = folder.join("bin/sbatch");
    fs::write(&sbatch, SBATCH).expect("a script");
    fs::set_permissions(&sbatch, fs::Permissions::from_mode(0o755)).expect("a script that can be run");
    symlink(env!("CARGO_BIN_EXE_paxprove"), folder.join("bin/paxprove")).expect("a link");
    let path = format!("{}:{}", folder.join("bin").display(), std::env::var("PATH").expect("a path"));
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/ci/slurm.sh");
    let run = |args: &[&str]| {
        let mut command = Command::new("bash");
        command.arg(&script).args(args).current_dir(&folder).env("PATH", &path).env_remove("PAXPROVE_CACHE");
        command.env_remove("PAXPROVE_SHARED_CACHE").output().expect("bash runs")
    };
    assert!(Command::new("bash").arg("-n").arg(&script).status().expect("bash runs").success());
    let submitted = run(&["submit", "3", "results", "Example.pax"]);
    assert!(submitted.status.success(), "{submitted:?}");
    assert_eq!(fs::read_to_string(folder.join("codes")).expect("codes"), "1 0\n2 0\n3 0\nnone 0\n");
    let report = fs::read_to_string(folder.join("results/merge.log")).expect("a report");
    assert!(report.contains("proved") && !report.contains("PARTIAL"), "{report}");

    // A task that died is missed.
    fs::remove_file(folder.join("results/shard-2.run")).expect("a run");
    let merged = run(&["merge", "results"]);
    assert_eq!(merged.status.code(), Some(3), "{merged:?}");
    assert_eq!(run(&["what"]).status.code(), Some(2));
}
