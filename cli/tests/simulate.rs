//! `paxprove simulate` from outside: what it prints, and how it ends.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Clients ask for a lock, and a server grants it; `GUARD` keeps it from granting it twice.
const LOCK: &str = r"---- MODULE Lock ----
EXTENDS Integers
CONSTANTS Clients, Nobody
ASSUME Nobody \notin Clients
VARIABLES asked, holder, grants
vars == <<asked, holder, grants>>
Init == asked = {} /\ holder = [c \in Clients |-> FALSE] /\ grants = 0
Ask(c) == c \notin asked /\ asked' = asked \cup {c} /\ UNCHANGED <<holder, grants>>
Grant(c) ==
  /\ c \in asked
  /\ GUARD
  /\ holder' = [holder EXCEPT ![c] = TRUE]
  /\ asked' = asked \ {c}
  /\ grants' = grants + 1
Never == grants < 0 /\ UNCHANGED vars
Next == (\E c \in Clients : Ask(c) \/ Grant(c)) \/ Never
Spec == Init /\ [][Next]_vars
TypeOK == holder \in [Clients -> BOOLEAN] /\ asked \subseteq Clients
Exclusive == \A c, d \in Clients : holder[c] /\ holder[d] => c = d
THEOREM Safe == Spec => [](TypeOK /\ Exclusive)
====
";

fn guarded() -> String {
    LOCK.replace("GUARD", r"\A d \in Clients : ~ holder[d]")
}

fn wrong() -> String {
    LOCK.replace("GUARD", "TRUE")
}

/// A module in a folder of its own.
fn file(name: &str, text: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("simulate").join(name);
    std::fs::create_dir_all(&folder).expect("a folder for tests");
    let file = folder.join("Lock.pax");
    std::fs::write(&file, text).expect("a module");
    file
}

/// Searches a module; the exit code, and standard output and error, without times.
fn simulate(name: &str, text: &str, args: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_paxprove"))
        .env("PAXPROVE_CACHE", "off")
        .arg("simulate")
        .arg(file(name, text))
        .args(args)
        .stdin(Stdio::null())
        .output()
        .expect("the program runs");
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).expect("text"));
    (output.status.code().expect("an exit code"), text.concat())
}

#[test]
fn a_search_to_the_end_names_what_it_saw() {
    let (code, text) = simulate("exhausted", &guarded(), &["--size", "Clients=3"]);
    assert_eq!(code, 0, "{text}");
    for line in [
        "  Clients = {c1, c2, c3}",
        "  Nobody is an element of its own",
        "symmetry: 6 permutations of Clients",
        "never a step: Never",
        "checked: 3 predicates",
    ] {
        assert!(text.lines().any(|own| own == line), "{line}\n{text}");
    }
    assert!(text.contains("\nNOTHING VIOLATED in any of "), "{text}");
    let (code, plain) = simulate("exhausted", &guarded(), &["--size", "Clients=3", "--no-symmetry"]);
    assert_eq!(code, 0, "{plain}");
    // Nobody holds it, and any clients ask; or one holds it, and any clients ask.
    assert!(plain.contains("NOTHING VIOLATED in any of 32 states"), "{plain}");
    assert!(text.contains("NOTHING VIOLATED in any of 10 states"), "{text}");
}

#[test]
fn a_violation_is_a_protocol_of_steps() {
    let (code, text) = simulate("violated", &wrong(), &[]);
    assert_eq!(code, 1, "{text}");
    let expected = r"0. Init
     /\ asked = {}
     /\ holder = (c1 :> FALSE @@ c2 :> FALSE)
     /\ grants = 0
1. Ask(c = c1)
     asked: + c1
2. Grant(c = c1)
     asked: - c1
     holder[c1]: FALSE → TRUE
     grants: 0 → 1
3. Ask(c = c2)
     asked: + c2
4. Grant(c = c2)
     asked: - c2
     holder[c2]: FALSE → TRUE
     grants: 1 → 2

error[violated]: `Exclusive` does not hold after 4 steps
";
    assert!(text.contains(expected), "{text}");
    assert!(text.ends_with("\nVIOLATED: Exclusive\n"), "{text}");
    // Without symmetry, and by random walks, the verdict is the same.
    assert_eq!(simulate("violated", &wrong(), &["--no-symmetry", "-j", "1"]).0, 1);
    assert_eq!(simulate("violated", &wrong(), &["--walks", "200", "--depth", "20"]).0, 1);
    // What is not checked is not violated.
    assert_eq!(simulate("violated", &wrong(), &["--check", "TypeOK", "--depth", "6"]).0, 0);
}

#[test]
fn a_solver_finds_a_shortest_trace() {
    let (code, text) = simulate("solved", &wrong(), &["--unroll", "9"]);
    assert_eq!(code, 1, "{text}");
    // Three clients do as well as two; that the elements come in order leaves one way to name them.
    assert!(text.contains("error[violated]: `Exclusive` does not hold after 4 steps"), "{text}");
    assert!(text.contains("\n3. Ask(c = c") && text.contains("\n4. Grant(c = c"), "{text}");
    assert!(text.ends_with("\nVIOLATED: Exclusive\n"), "{text}");
    let (_, again) = simulate("solved", &wrong(), &["--unroll", "9"]);
    let without_time = |text: &str| text.lines().filter(|line| !line.ends_with(" s")).collect::<String>();
    assert_eq!(without_time(&text), without_time(&again));
    // At a depth of its own it need not be a shortest.
    let (code, text) = simulate("solved", &wrong(), &["--unroll", "6..6"]);
    assert!(code == 1 && text.contains("does not hold after 6 steps"), "{code} {text}");
    let (code, text) = simulate("solved", &wrong(), &["--unroll", "9", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert!(code == 1 && report["violated"]["confirmed"] == true, "{text}");
    assert_eq!(report["violated"]["actions"].as_array().map(Vec::len), Some(4));
}

/// A set of functions that is kept while what it was made of changes, pairs, and an operator that is a constant.
const KEPT: &str = r"---- MODULE Lock ----
EXTENDS Integers
CONSTANTS Clients, F(_)
ASSUME (\A c \in Clients : F(c) \in {1, 2}) /\ \E c, d \in Clients : F(c) # F(d)
VARIABLES flag, kept, pairs, n
Init == flag = FALSE /\ kept = {} /\ pairs = {} /\ n = 0
Keep == kept' = {f \in [Clients -> BOOLEAN] : \A c \in Clients : f[c] = flag} /\ UNCHANGED <<flag, pairs, n>>
Flip == flag' = ~flag /\ UNCHANGED <<kept, pairs, n>>
Pair(c) == pairs' = pairs \cup {<<c, n>>} /\ n' = n + F(c) /\ UNCHANGED <<flag, kept>>
Next == Keep \/ Flip \/ \E c \in Clients : Pair(c)
Spec == Init /\ [][Next]_<<flag, kept, pairs, n>>
Same == flag => \A f \in kept : \A c \in Clients : f[c]
Apart == \A c, d \in Clients : ~(c # d /\ <<c, 0>> \in pairs /\ <<d, F(c)>> \in pairs /\ <<c, F(c) + F(d)>> \in pairs)
Never == \A c \in Clients : <<c, 9>> \notin pairs
THEOREM Spec => [](Same /\ Apart /\ Never)
====
";

#[test]
fn a_solver_reads_values_as_a_search_does() {
    for (claim, steps) in [("Same", 2), ("Apart", 3)] {
        let message = format!("does not hold after {steps} steps");
        for search in [&["--depth", "4"][..], &["--unroll", "4"]] {
            let (code, text) = simulate("kept", KEPT, &[&["--check", claim], search].concat());
            assert!(code == 1 && text.contains(&message), "{claim} {search:?} {code} {text}");
        }
    }
    let (code, text) = simulate("kept", KEPT, &["--check", "Never", "--unroll", "4"]);
    assert!(
        code == 3 && text.contains("\nPARTIAL: no violation was found in up to 4 steps; "),
        "{code} {text}"
    );
}

#[test]
fn that_a_solver_finds_nothing_is_partial() {
    let (code, text) = simulate("solved", &wrong(), &["--unroll", "3"]);
    assert!(
        code == 3 && text.contains("\nPARTIAL: no violation was found in up to 3 steps; "),
        "{code} {text}"
    );
    let (code, text) = simulate("solved", &wrong(), &["--unroll", "2..3"]);
    assert!(
        code == 3 && text.contains("\nPARTIAL: no violation was found after 2 to 3 steps; "),
        "{code} {text}"
    );
    let (code, text) = simulate("solved-guarded", &guarded(), &["--unroll", "8"]);
    assert!(
        code == 3 && text.contains("\nPARTIAL: no violation was found in up to 8 steps; "),
        "{code} {text}"
    );
    let silent = guarded().replace("THEOREM Safe == Spec => [](TypeOK /\\ Exclusive)", "");
    let (code, text) = simulate("solved-silent", &silent, &["--unroll", "2"]);
    assert!(code == 4 && text.contains("NOTHING CHECKED"), "{code} {text}");
    for wrong in ["3..2", "many", "-1"] {
        let (code, text) = simulate("solved", &guarded(), &["--unroll", wrong]);
        assert!(code == 2, "{code} {text}");
    }
}

#[test]
fn what_the_evaluator_denies_is_no_violation() {
    // The solver reads `Int` as a few numbers, all of which are less than 9, and proposes 7, which violates the
    // claim. The evaluator knows that not all integers are less than 9.
    let open = r"---- MODULE Lock ----
EXTENDS Integers
VARIABLE x
Init == x = 0
Next == x' = IF \A n \in Int : n < 9 THEN 7 ELSE 0
Spec == Init /\ [][Next]_x
THEOREM Small == Spec => [](x < 5)
====
";
    let (code, text) = simulate("denied", open, &["--unroll", "3", "--integers", "0..2"]);
    assert!(code == 3 && text.contains("could not be confirmed"), "{code} {text}");
}

#[test]
fn limits_make_a_search_partial() {
    let (code, text) = simulate("depth", &guarded(), &["--depth", "2"]);
    assert!(code == 0 && text.contains("\nPARTIAL: "), "{code} {text}");
    let (code, text) = simulate("states", &guarded(), &["--max-states", "3"]);
    assert!(code == 3 && text.contains("\nPARTIAL: "), "{code} {text}");
    let (code, text) = simulate("walks", &guarded(), &["--walks", "5", "--depth", "7"]);
    assert!(code == 0 && text.contains("\nNOTHING VIOLATED in "), "{code} {text}");
}

#[test]
fn mistakes_are_told_at_their_place() {
    let forgotten = guarded().replace("/\\ grants' = grants + 1\n", "\n");
    let (code, text) = simulate("forgotten", &forgotten, &[]);
    assert!(code == 2 && text.contains("error[not-assigned]: `grants` gets no value"), "{code} {text}");
    assert!(text.contains("Grant(c) =="), "{text}");
    let outside = guarded().replace("/\\ grants' = grants + 1", "/\\ grants' = <<7>>[grants]");
    let (code, text) = simulate("outside", &outside, &[]);
    assert!(code == 3 && text.contains("error[not-evaluated]"), "{code} {text}");
    assert_eq!(simulate("syntax", "---- MODULE Lock ----\nA == (\n====\n", &[]).0, 2);
    let (code, text) = simulate("none", "---- MODULE Lock ----\nA == 1\n====\n", &[]);
    assert!(code == 2 && text.contains("has no behaviour"), "{code} {text}");
    let silent = guarded().replace("THEOREM Safe == Spec => [](TypeOK /\\ Exclusive)", "");
    let (code, text) = simulate("silent", &silent, &[]);
    assert!(code == 4 && text.contains("NOTHING CHECKED"), "{code} {text}");
}

#[test]
fn the_instance_is_what_the_command_line_says() {
    let (code, text) =
        simulate("given", &guarded(), &["--size", "Clients=4", "--constant", "Clients={c1, c3}"]);
    assert!(code == 0 && text.contains("  Clients = {c1, c3}\n"), "{code} {text}");
    for (args, message) in [
        (&["--size", "Servers=2"][..], "there is no such sort"),
        (&["--size", "Clients=0"], "a size is a number from 1 to 64"),
        (&["--constant", "Server=1"], "no such constant"),
        (&["--constant", "Clients={x}"], "there is no element `x`"),
        (&["--constant", "Clients=1 +"], "--constant Clients=1 +"),
        (&["--constant", "Nobody=c1", "--constant", "Clients={c1}"], "satisfies the module's assumptions"),
        (&["--integers", "2..0"], "there is no number in it"),
        (&["--check", "Nothing"], "no operator"),
    ] {
        let (code, text) = simulate("usage", &guarded(), args);
        assert!(code == 2 && text.contains(message), "{args:?} {code} {text}");
    }
}

#[test]
fn traces_are_written_in_the_itf_format() {
    let path = file("itf", &wrong()).with_extension("itf.json");
    let (code, text) =
        simulate("itf", &wrong(), &["--format", "itf", "--itf", path.to_str().expect("a path")]);
    assert_eq!(code, 1, "{text}");
    assert_eq!(std::fs::read_to_string(&path).expect("a trace"), text);
    let parsed = itf::trace_from_str::<itf::Value>(&text).expect("the ITF format");
    assert_eq!((parsed.states.len(), parsed.vars.len()), (5, 3));
    let json: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(
        json["states"][3],
        serde_json::json!({
            "#meta": { "index": 3, "action": "Ask(c = c2)" },
            "asked": { "#set": ["c2"] },
            "holder": { "#map": [["c1", true], ["c2", false]] },
            "grants": { "#bigint": "1" },
        })
    );
}

#[test]
fn json_tells_the_same() {
    let (code, text) = simulate("json", &wrong(), &["--format", "json"]);
    assert_eq!(code, 1, "{text}");
    let report: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!((&report["end"], &report["exit_code"]), (&"violated".into(), &1.into()));
    assert_eq!(report["violated"]["name"], "Exclusive");
    assert_eq!(report["violated"]["confirmed"], true);
    assert_eq!(report["violated"]["actions"][3], "Grant(c = c2)");
    assert_eq!(report["instance"]["constants"]["Clients"], "{c1, c2}");
    assert_eq!(report["trace"]["states"].as_array().map(Vec::len), Some(5));
    let (code, text) = simulate("json-whole", &guarded(), &["--format", "json"]);
    assert_eq!(code, 0, "{text}");
    let report: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!((&report["end"], &report["actions"]["Never"]), (&"exhausted".into(), &0.into()));
    assert!(report["trace"].is_null());
}
