//! Reports in files, beside the result.

#[path = "support/program.rs"]
mod program;

use program::{SOUND, WEAK, folder, module, paxprove, run};

#[test]
fn reports_are_emitted_beside_the_result() {
    let target = folder("emitted").join("new");
    let _ = std::fs::remove_dir_all(&target);
    let file = module("emitted", WEAK);
    let at = |name: &str| target.join(name).to_string_lossy().into_owned();
    let forms = ["human", "short", "json", "jsonl", "github", "github-summary", "sarif", "junit"];
    let emits: Vec<String> = forms.iter().map(|form| format!("--emit={form}={}", at(form))).collect();
    let args: Vec<&str> =
        [file.as_str(), "--color=always"].into_iter().chain(emits.iter().map(String::as_str)).collect();
    let (code, shown) = run(&args);
    assert_eq!(code, 1);
    assert!(shown.contains("REFUTED: 0 of 1 theorem proved"), "{shown}");
    for form in ["short", "github"] {
        let written = std::fs::read_to_string(at(form)).expect("a file");
        assert_eq!(written, run(&[&file, "--format", form]).1, "{form}");
    }
    let human = std::fs::read_to_string(at("human")).expect("a file");
    assert!(human.contains("REFUTED") && !human.contains('\u{1b}'), "{human}");
    let summary = std::fs::read_to_string(at("github-summary")).expect("a file");
    let row = summary.lines().nth(4).expect("a row");
    assert!(row.starts_with("| Example | REFUTED: 0 of 1 theorem proved | "), "{summary}");
    // Nothing but the reports is left.
    assert_eq!(std::fs::read_dir(&target).expect("a folder").count(), forms.len());
}

#[test]
fn a_file_that_cannot_be_written_hides_nothing() {
    for (text, code, word) in [(SOUND, 2, "PROVED"), (WEAK, 2, "REFUTED")] {
        let file = module("unwritable", text);
        let (json, wrong) = (folder("unwritable").join("fine.json"), format!("--emit=sarif={file}/no.sarif"));
        let output = paxprove(&[&file, &wrong, &format!("--emit=json={}", json.display())]);
        assert_eq!(output.status.code(), Some(code));
        let shown = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(shown.contains(word), "{shown}");
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(told.contains(&format!("cannot write `{file}/no.sarif`")), "{told}");
        assert!(json.exists(), "the others are written all the same");
        let output = paxprove(&[&file, "--counterexamples", &format!("{file}/folder")]);
        assert!(String::from_utf8_lossy(&output.stdout).contains(word));
    }
    let file = module("twice", SOUND);
    assert_eq!(run(&[&file, "--emit=json=a", "--emit=sarif=a"]), (2, String::new()));
    assert_eq!(run(&[&file, "--emit=json=-"]).0, 2);
}

#[test]
fn the_summary_of_a_step_is_appended() {
    let summary = folder("step").join("summary.md");
    std::fs::write(&summary, "before\n").expect("a file");
    let file = module("step", SOUND);
    for _ in 0..2 {
        let mut command = program::command(&[&file, "--format", "github"]);
        let output = command.env("GITHUB_STEP_SUMMARY", &summary).output().expect("the program runs");
        assert_eq!(output.status.code(), Some(0));
        assert!(output.stdout.is_empty());
    }
    let text = std::fs::read_to_string(&summary).expect("a file");
    assert!(text.starts_with("before\n### paxprove\n"), "{text}");
    let rows: Vec<&str> = text.lines().filter(|line| line.starts_with("| Example ")).collect();
    assert_eq!(rows.len(), 2);
    assert!(rows[0].starts_with("| Example | PROVED: 2 theorems | 2 of 2 proved | 2 Z3 | rlimit "), "{text}");
    let cells = rows[0].split(" | ").count();
    assert_eq!(cells, 7, "{text}");
    // Other forms leave it alone; one that cannot be written is told.
    let mut command = program::command(&[&file]);
    command.env("GITHUB_STEP_SUMMARY", "/no/such/file").output().expect("the program runs");
    let mut command = program::command(&[&file, "--format", "github"]);
    let output = command.env("GITHUB_STEP_SUMMARY", "/no/such/file").output().expect("the program runs");
    assert_eq!(output.status.code(), Some(2));
}
