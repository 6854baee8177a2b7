//! Specs with a known mistake whose header names a run: the command finds it, from an initial state on.

use std::path::Path;
use std::process::Command;

/// The commands that headers name, `\* run: paxprove ...`, as their arguments.
fn runs(text: &str) -> impl Iterator<Item = Vec<&str>> {
    let lines = text.lines().filter_map(|line| line.strip_prefix("\\* run: paxprove "));
    lines.map(|line| line.split_whitespace().collect())
}

#[test]
fn the_runs_that_headers_name_are_found() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let folder = root.join("specs/broken");
    let mut paths: Vec<_> =
        std::fs::read_dir(folder).expect("specs").map(|entry| entry.expect("a spec").path()).collect();
    paths.sort();
    let mut found = 0;
    for path in paths {
        let text = std::fs::read_to_string(&path).expect("a spec");
        for args in runs(&text) {
            let name = path.file_name().and_then(|name| name.to_str()).expect("a name");
            assert!(args[1].ends_with(name), "{name}: its header runs another spec");
            let output = Command::new(env!("CARGO_BIN_EXE_paxprove"))
                .env("PAXPROVE_CACHE", "off")
                .args(&args)
                // Far more than it takes: only the search should end it.
                .args(["--timeout", "600"])
                .current_dir(&root)
                .output()
                .expect("the program runs");
            let report = String::from_utf8(output.stdout).expect("text");
            // Violated is what the evaluator has confirmed, step by step.
            assert_eq!(output.status.code(), Some(1), "{name}:\n{report}");
            assert!(report.contains("\nVIOLATED: "), "{name}:\n{report}");
            found += 1;
        }
    }
    assert!(found >= 3, "{found}");
}
