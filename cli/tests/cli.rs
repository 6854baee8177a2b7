//! What only the program itself can show: arguments, streams, exit codes, solver processes.

use std::path::Path;
use std::process::{Command, Stdio};

#[path = "support/program.rs"]
mod program;

use program::{COUNTER, SOUND, module, paxprove};

/// Runs the program on a module.
fn on_module(name: &str, text: &str, args: &[&str]) -> (i32, String) {
    let file = module(name, text);
    program::run(&std::iter::once(file.as_str()).chain(args.iter().copied()).collect::<Vec<_>>())
}

#[test]
fn success_is_told_and_only_of_the_whole() {
    let (code, text) = on_module("whole", SOUND, &[]);
    assert_eq!(code, 0, "{text}");
    assert!(text.ends_with("\nPROVED: 2 theorems\n"), "{text}");
    let (code, text) = on_module("part", SOUND, &["--only", "Apart*"]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("\nPARTIAL: "), "{text}");
}

#[test]
fn usage_errors_end_with_2() {
    for args in [&[][..], &["--no-such-option"], &["/no/such/file.pax"], &["check", "/no/such/file.pax"]] {
        assert_eq!(paxprove(args).status.code(), Some(2), "{args:?}");
    }
    assert_eq!(on_module("glob", SOUND, &["--only", "a["]).0, 2);
    assert_eq!(on_module("syntax", "---- MODULE Example ----\nA == (\n====\n", &[]).0, 2);
    assert_eq!(paxprove(&["explain", "no-such-code"]).status.code(), Some(2));
    assert_eq!(paxprove(&["explain", "Inv.1", "/no/such/file.pax"]).status.code(), Some(2));
    assert_eq!(paxprove(&["explain", "Inv.1", "a.pax", "--only", "x"]).status.code(), Some(2));
    assert_eq!(
        paxprove(&["explain", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")]).status.code(),
        Some(2)
    );
}

#[test]
fn a_selection_of_nothing_ends_with_4() {
    assert_eq!(on_module("nothing", SOUND, &["--only", "Nothing"]).0, 4);
    assert_eq!(on_module("none", "---- MODULE Example ----\nA == 1\n====\n", &[]).0, 4);
}

#[test]
fn too_small_a_budget_proves_nothing() {
    let (code, text) = on_module("budget", SOUND, &["--rlimit", "1"]);
    assert_eq!(code, 3, "{text}");
    assert!(text.contains("resource limit reached"), "{text}");
}

#[test]
fn too_little_memory_proves_nothing() {
    let (code, text) = on_module("memory", SOUND, &["--memory", "1", "--timeout", "1"]);
    assert_eq!(code, 3, "{text}");
}

#[test]
fn the_short_form_has_no_times() {
    let text = SOUND.replace("N > 0", "N > 20");
    let (code, text) = on_module("short", &text, &["--format", "short"]);
    assert_eq!(code, 1, "{text}");
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("short/Example.pax");
    let expected = format!(
        "{0}:5:19: error[not-implied]: `Positive.1` is refuted: does not follow from what is known\n\
         {0}: REFUTED: 1 of 2 theorems proved\n",
        file.display()
    );
    assert_eq!(text, expected);
}

#[test]
fn json_says_what_was_looked_at() {
    for (name, args, complete, verified) in
        [("json-whole", &[][..], true, true), ("json-part", &["--only", "Apart"], false, false)]
    {
        let args: Vec<&str> = ["--format", "json"].iter().chain(args).copied().collect();
        let (code, text) = on_module(name, SOUND, &args);
        assert_eq!(code, 0, "{text}");
        let report: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(report["schema_version"], 1);
        assert_eq!((&report["complete"], &report["verified"]), (&complete.into(), &verified.into()));
        assert_eq!(report["solver"]["name"], "Z3");
        assert!(report["modules"][0]["wall_ms"]["solve"].is_number());
        assert!(report["peak_memory_kb"]["process"].is_number());
    }
}

#[test]
fn a_report_is_one_page() {
    let page = Path::new(env!("CARGO_TARGET_TMPDIR")).join("report.html");
    let refuted = SOUND.replace("N > 0", "N > 20");
    for (name, text, code, verdict) in
        [("page", SOUND, 0, "PROVED: 2 theorems"), ("page-refuted", &refuted, 1, "REFUTED: 1 of 2")]
    {
        let (file, page) = (module(name, text), page.to_str().unwrap());
        let output = paxprove(&["report", &file, "--html", page]);
        assert_eq!(output.status.code(), Some(code));
        let told = String::from_utf8(output.stdout).unwrap();
        assert!(told.contains(verdict) && told.ends_with(&format!("the report is in {page}\n")), "{told}");
        let written = std::fs::read_to_string(page).unwrap();
        assert!(written.starts_with("<!DOCTYPE html>") && written.ends_with("</html>\n"), "{written}");
        assert!(written.contains(verdict) && written.contains("id=\"Apart.1\""));
    }
    let file = module("page-lost", SOUND);
    assert_eq!(paxprove(&["report", &file]).status.code(), Some(2), "without a file to write to");
    let below_a_file = format!("{file}/a.html");
    assert_eq!(paxprove(&["report", &file, "--html", &below_a_file]).status.code(), Some(2));
}

#[test]
fn drawings_have_three_forms() {
    let file = module("drawings", SOUND);
    for of in ["proof", "helps", "matrix"] {
        for format in ["svg", "dot", "json"] {
            let output = paxprove(&["graph", &file, "--of", of, "--format", format]);
            assert_eq!(output.status.code(), Some(0));
            let text = String::from_utf8(output.stdout).unwrap();
            match format {
                "svg" => assert!(text.starts_with("<svg xmlns=") && text.ends_with("</svg>\n"), "{text}"),
                "json" => {
                    let report: serde_json::Value = serde_json::from_str(&text).unwrap();
                    assert_eq!((&report["schema_version"], &report["of"]), (&1.into(), &of.into()));
                    assert_eq!(report["modules"][0]["name"], "Example");
                }
                _ => assert_eq!(text.contains("digraph"), of == "proof", "{text}"),
            }
        }
    }
}

#[test]
fn conditions_are_written_where_that_is_asked_for() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("smt");
    let (code, _) = on_module("dump", SOUND, &["--dump-smt", folder.to_str().unwrap()]);
    assert_eq!(code, 0);
    let text = std::fs::read_to_string(folder.join("Apart.1.smt2")).unwrap();
    assert!(text.contains("(check-sat)"), "{text}");
}

#[test]
fn the_program_says_who_it_is() {
    let version = String::from_utf8(paxprove(&["--version"]).stdout).unwrap();
    assert!(version.contains(&format!("(Z3 {})", solver::z3::z3_version())), "{version}");
    let doctor = paxprove(&["doctor"]);
    assert_eq!(doctor.status.code(), Some(0), "{}", String::from_utf8_lossy(&doctor.stdout));
}

#[test]
fn every_stage_can_be_shown() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("stages");
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("Example.pax");
    std::fs::write(&file, SOUND).unwrap();
    for stage in ["ast", "typed", "tree", "obligations", "vc", "smt2"] {
        let output = paxprove(&["show", "--stage", stage, file.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(0), "{stage}");
        assert!(String::from_utf8(output.stdout).unwrap().contains("Apart"), "{stage}");
    }
    let list = paxprove(&["list", file.to_str().unwrap()]);
    assert!(String::from_utf8(list.stdout).unwrap().contains("Apart.1  open"));
    let table = paxprove(&["table", file.to_str().unwrap()]);
    assert_eq!(table.status.code(), Some(0));
    assert_eq!(paxprove(&["check", file.to_str().unwrap()]).status.code(), Some(0));
    assert_eq!(paxprove(&["explain", "sort-mismatch"]).status.code(), Some(0));
    let file = file.to_str().unwrap();
    let explained = paxprove(&["explain", "Apart.1", file]);
    assert_eq!(explained.status.code(), Some(0));
    assert!(String::from_utf8(explained.stdout).unwrap().starts_with("Apart.1: implication\nproved: "));
    assert_eq!(paxprove(&["explain", "Nothing.like.it", file]).status.code(), Some(4));
}

/// An interrupt ends the run early, with what is known by then and with exit code 3.
#[cfg(unix)]
#[test]
fn an_interrupt_ends_with_3() {
    use std::io::{BufRead, BufReader};
    use std::time::Duration;

    use nix::sys::signal::Signal;
    use nix::unistd::Pid;
    // Nonlinear and false: the solver is busy for longer than the test waits.
    let hard = "---- MODULE Example ----\nEXTENDS Integers\n\
                LEMMA Hard == \\A a, b, c \\in Nat : a > 0 /\\ b > 0 => a * a * a + b * b * b # c * c * c\n====\n";
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("interrupt");
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("Example.pax");
    std::fs::write(&file, hard).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_paxprove"))
        .env("PAXPROVE_CACHE", "off")
        .args([file.to_str().unwrap(), "--rlimit", "4000000000", "--format", "short"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_secs(1));
    let process = Pid::from_raw(child.id().try_into().unwrap());
    nix::sys::signal::kill(process, Signal::SIGINT).unwrap();
    let lines: Vec<String> =
        BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap).collect();
    assert_eq!(child.wait().unwrap().code(), Some(3), "{lines:?}");
    assert!(lines.last().unwrap().contains("NOT PROVED"), "{lines:?}");
}

#[test]
fn mutants_are_judged_once_and_kept() {
    let file = module("mutants", COUNTER);
    let kept = Path::new(&file).with_file_name("kept.jsonl");
    // What an earlier run of the test left.
    let _ = std::fs::remove_file(&kept);
    let path = kept.to_string_lossy().into_owned();
    let mutate = |options: &[&str]| {
        let output = paxprove(&[&["mutate", &file, "--search", "0"], options].concat());
        let text = String::from_utf8(output.stdout).expect("a report is text");
        (output.status.code().expect("it ends by itself"), text)
    };
    let (code, first) = mutate(&["--resume", &path]);
    assert_eq!(code, 0, "{first}");
    assert!(first.contains("Example.pax:5:19: Next.2.drop (action): without `x # 5`\n"), "{first}");
    assert!(!first.contains("Next.1.drop"), "{first}");
    let lines = std::fs::read_to_string(&kept).expect("what was kept");
    assert_eq!(lines.lines().count(), mutate(&["--list"]).1.lines().count() - 1);
    assert_eq!(mutate(&["--resume", &path]), (0, first.clone()));
    assert_eq!(std::fs::read_to_string(&kept).expect("what was kept"), lines, "nothing was judged again");
    // A line that was cut off is told, and its mutant judged again.
    std::fs::write(&kept, &lines[..lines.len() - 20]).expect("a file");
    let (code, text) = mutate(&["--resume", &path]);
    assert_eq!(code, 0);
    assert_eq!(text, format!("{path}:{}: not a line of a run, passed over\n{first}", lines.lines().count()));
    let mended = std::fs::read_to_string(&kept).expect("what was kept");
    assert_eq!(mended.lines().count(), lines.lines().count() + 1);
    assert_eq!(mutate(&["--out", &path]).0, 2, "what is there is not written over");
    assert_eq!(mutate(&["--min-score", "100"]).0, 6);
    assert_eq!(mutate(&["--only", "Next.1.drop", "--min-score", "100"]).0, 0);
    assert_eq!(mutate(&["--only", "Nothing"]).0, 4);
    let (code, text) = mutate(&["--only", "Init.*", "--format", "json"]);
    assert_eq!(code, 0);
    assert!(text.contains("\"fate\": \"undecided\""), "{text}");
}

#[test]
fn a_spec_that_is_not_proved_has_no_mutants() {
    let text = COUNTER.replace("0 .. 10", "0 .. 9");
    let output = paxprove(&["mutate", &module("unproved", &text), "--search", "0"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stdout).contains("mutants say nothing of a spec"));
}

/// A number that nobody has taken, though all may be.
const TICKETS: &str = "---- MODULE Example ----
EXTENDS Integers
CONSTANT P
VARIABLES taken, mine
Init == taken = {} /\\ mine = [p \\in P |-> 0]
Fresh == CHOOSE n \\in Nat : ~ \\E t \\in taken : t[1] = n
Take(p) == mine' = [mine EXCEPT ![p] = Fresh] /\\ taken' = taken \\cup {<<mine[p], p>>}
Next == \\E p \\in P : Take(p)
Typing == taken \\in SUBSET (Nat \\X P) /\\ mine \\in [P -> Nat]
THEOREM Typed == Init /\\ [][Next]_<<taken, mine>> => []Typing
====
";

#[test]
fn an_infinite_state_is_shown_as_it_is_written() {
    let set = "{<<n, p1>> : n \\in Nat}";
    let (code, text) = on_module("infinite", TICKETS, &[]);
    assert_eq!(code, 1, "{text}");
    assert!(text.contains(&format!("taken = {set}\n")), "{text}");
    assert!(text.contains("mine[p1]: 0 \u{2192} -1\n"), "{text}");
    let (code, text) = on_module("infinite", TICKETS, &["--format", "json"]);
    assert_eq!(code, 1, "{text}");
    let report: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let obligations = report["modules"][0]["obligations"].as_array().expect("a list");
    let found: Vec<_> =
        obligations.iter().map(|one| &one["counterexample"]).filter(|one| !one.is_null()).collect();
    assert_eq!(found.len(), 1, "{text}");
    assert_eq!(found[0]["confirmed"], true);
    let states = &found[0]["itf"]["states"];
    for state in [&states[0], &states[1]] {
        assert_eq!(state["taken"], serde_json::json!({ "#unserializable": set }), "{text}");
    }
}
