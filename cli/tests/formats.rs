//! Each form of report, of the same runs: what a reader of that form demands of it, and that all of them tell the same.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::Value;

#[path = "support/program.rs"]
mod program;

use program::{COUNTER, SOUND, WEAK, folder, module, run};

/// A run, as each form tells of it.
struct Case {
    name: &'static str,
    code: i32,
    told: BTreeMap<&'static str, String>,
}

const FORMS: [&str; 5] = ["json", "jsonl", "sarif", "junit", "github"];

/// Assumptions that contradict each other.
const VACUOUS: &str = "---- MODULE Example ----
EXTENDS Integers
CONSTANT N
ASSUME Large == N > 10
ASSUME Small == N < 5
LEMMA Odd == N = 7
====
";

/// Two mistakes.
const BROKEN: &str = "---- MODULE Example ----
EXTENDS Integers
A == 1 +
B == C
LEMMA L == A = B
====
";

/// Nonlinear and hard, for a budget that is too small.
const HARD: &str = "---- MODULE Example ----
EXTENDS Integers
LEMMA Hard == \\A a, b \\in Nat : a > 0 /\\ b > 0 => a * a * a + b * b * b # 2 * a * b
====
";

/// Taken for granted.
const ASSUMED: &str = "---- MODULE Example ----
EXTENDS Integers
LEMMA Zero == 0 < 1
  PROOF OMITTED
====
";

fn spec(name: &str) -> String {
    format!("{}/../specs/{name}.pax", env!("CARGO_MANIFEST_DIR"))
}

/// The runs that every form has to be able to tell of.
static CASES: LazyLock<Vec<Case>> = LazyLock::new(|| {
    let own = |name: &'static str, text: &str, args: &[&str], code| {
        told(name, &module(&format!("form-{name}"), text), args, code)
    };
    vec![
        own("proved", SOUND, &[], 0),
        own("weak", WEAK, &[], 1),
        own("vacuous", VACUOUS, &[], 7),
        own("broken", BROKEN, &[], 2),
        own("part", SOUND, &["--only", "Apart"], 0),
        own("nothing", SOUND, &["--only", "Nothing"], 4),
        own("recheck", WEAK, &["--recheck"], 1),
        own("hard", HARD, &["--rlimit", "1", "--search", "0"], 3),
        own("assumed", ASSUMED, &[], 3),
        told("inherits", &spec("lamport_paxos"), &[], 0),
    ]
});

/// Runs a case, and reads what it writes in each form.
fn told(name: &'static str, file: &str, args: &[&str], code: i32) -> Case {
    let folder = folder(&format!("told-{name}"));
    let at = |form: &str| folder.join(form);
    let emits = FORMS.map(|form| format!("--emit={form}={}", at(form).display()));
    let args: Vec<&str> =
        [file, "-q"].iter().chain(args).copied().chain(emits.iter().map(String::as_str)).collect();
    let (found, text) = run(&args);
    assert_eq!(found, code, "{name}:\n{text}");
    let told = FORMS.map(|form| (form, std::fs::read_to_string(at(form)).expect("a report")));
    Case { name, code, told: told.into() }
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

/// A schema of the program's own, which forbids what it does not know.
fn strict_schema(of: &str) -> jsonschema::Validator {
    let (code, text) = run(&["schema", of]);
    assert_eq!(code, 0);
    let mut schema = json(&text);
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    close(&mut schema);
    jsonschema::draft202012::new(&schema).expect("a schema")
}

/// Lets no object have properties that the schema does not name.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            object.values_mut().for_each(close);
            if object.get("properties").is_some_and(Value::is_object) {
                object.entry("additionalProperties").or_insert(Value::Bool(false));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn demand(schema: &jsonschema::Validator, what: &str, value: &Value) {
    let errors: Vec<String> =
        schema.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{what}: {errors:#?}\n{value:#}");
}

#[test]
fn json_is_as_its_schema_says() {
    let schema = strict_schema("json");
    for case in &*CASES {
        let report = json(&case.told["json"]);
        demand(&schema, case.name, &report);
        assert_eq!(report["exit_code"], case.code, "{}", case.name);
        let module = &report["modules"][0];
        match case.name {
            "weak" => assert!(module["obligations"][0]["id"].is_string()),
            "recheck" => assert!(module["recheck"].is_object()),
            "inherits" => assert!(module["others"][0]["proved"].is_array()),
            _ => {}
        }
        // The schema is not satisfied by anything.
        let mut wrong = report.clone();
        wrong["modules"][0]["verified"] = "yes".into();
        assert!(!schema.is_valid(&wrong));
        let mut wrong = report.clone();
        wrong["novel"] = 1.into();
        assert!(!schema.is_valid(&wrong));
        if module["theorems"][0].is_object() {
            let mut wrong = report.clone();
            wrong["modules"][0]["theorems"][0]["verdict"] = "perhaps".into();
            assert!(!schema.is_valid(&wrong));
        }
    }
}

/// The lines are the parts of the report in `json`, in their order, each as its schema says.
#[test]
fn lines_of_json_are_the_parts_of_the_whole() {
    let schema = strict_schema("jsonl");
    for case in &*CASES {
        let whole = json(&case.told["json"]);
        let module = &whole["modules"][0];
        let mut expected = Vec::new();
        for (list, of) in [
            ("diagnostics", "diagnostic"),
            ("theorems", "theorem"),
            ("obligations", "obligation"),
            ("vacuity", "vacuity"),
        ] {
            for part in module[list].as_array().expect("a list") {
                let mut part = part.clone();
                part["type"] = of.into();
                part["module"] = module["name"].clone();
                expected.push(part);
            }
        }
        let mut of_module = module.clone();
        let mut summary = whole.clone();
        let is_part =
            |key: &str| ["diagnostics", "theorems", "obligations", "vacuity", "modules"].contains(&key);
        for (line, of) in [(&mut of_module, "module"), (&mut summary, "summary")] {
            let object = line.as_object_mut().expect("an object");
            object.retain(|key, _| !is_part(key));
            object.insert("type".to_owned(), of.into());
        }
        expected.extend([of_module, summary]);
        let mut lines: Vec<Value> = case.told["jsonl"].lines().map(json).collect();
        for line in &lines {
            demand(&schema, case.name, line);
        }
        // Memory grows in between.
        for last in [&mut lines, &mut expected].into_iter().filter_map(|lines| lines.last_mut()) {
            assert!(last["peak_memory_kb"].take().is_object());
        }
        assert_eq!(lines, expected, "{}", case.name);
    }
}

#[test]
fn looking_at_files_has_schemas_too() {
    let (whole, line) = (strict_schema("check-json"), strict_schema("check-jsonl"));
    for (text, n_found, code) in [(SOUND, 0, 0), (BROKEN, 2, 2)] {
        let file = module(&format!("check-{code}"), text);
        let (found, text) = run(&["check", &file, "--format", "json"]);
        assert_eq!(found, code);
        let report = json(&text);
        demand(&whole, "check", &report);
        let (found, text) = run(&["check", &file, "--format", "jsonl"]);
        assert_eq!(found, code);
        let lines: Vec<Value> = text.lines().map(json).collect();
        for found in &lines {
            demand(&line, "check", found);
        }
        let types: Vec<&str> = lines.iter().filter_map(|line| line["type"].as_str()).collect();
        assert_eq!(types, [&vec!["diagnostic"; n_found][..], &["file", "summary"]].concat());
        assert_eq!(report["files"][0]["diagnostics"].as_array().map(Vec::len), Some(n_found));
        assert_eq!(lines.last().expect("a summary")["exit_code"], code);
        for form in ["sarif", "junit", "github", "github-summary"] {
            assert_eq!(run(&["check", &file, "--format", form]).0, code, "{form}");
        }
    }
}

#[test]
fn other_commands_have_schemas_too() {
    let kept = folder("schemas").join("mutants.jsonl");
    let _ = std::fs::remove_file(&kept);
    let kept = kept.to_string_lossy().into_owned();
    let violated = COUNTER.replace("0 .. 10", "0 .. 4");
    let runs: [(&str, &str, &[&str], i32); 9] = [
        ("vacuity", COUNTER, &["vacuity"], 0),
        ("vacuity", VACUOUS, &["vacuity"], 7),
        ("mutate", COUNTER, &["mutate", "--search", "0", "--only", "Next.*", "--out", &kept], 0),
        ("mutate", COUNTER, &["mutate", "--list"], 0),
        ("stability", SOUND, &["stability", "--seeds", "1"], 0),
        ("simulate", COUNTER, &["simulate"], 0),
        ("simulate", COUNTER, &["simulate", "--depth", "1"], 0),
        ("simulate", &violated, &["simulate"], 1),
        ("simulate", WEAK, &["simulate", "--max-states", "9"], 3),
    ];
    for (of, text, args, code) in runs {
        let file = module(&format!("schema-{of}-{code}"), text);
        let (found, report) = run(&[args, &[&file, "--format", "json"]].concat());
        assert_eq!(found, code, "{args:?}: {report}");
        demand(&strict_schema(of), of, &json(&report));
    }
    let lines = std::fs::read_to_string(&kept).expect("lines");
    let line = strict_schema("mutate-out");
    assert!(lines.lines().count() > 3, "{lines}");
    for text in lines.lines() {
        demand(&line, "mutate --out", &json(text));
    }
}

#[test]
fn certify_has_a_schema_where_there_is_a_second_solver() {
    let schema = strict_schema("certify");
    let file = module("schema-certify", SOUND);
    let (code, report) = run(&["certify", &file, "--format", "json"]);
    // Where cvc5 is not installed, the command says so and prints no report.
    if report.is_empty() {
        assert_eq!(code, 2);
    } else {
        demand(&schema, "certify", &json(&report));
    }
}

fn sarif_schema() -> jsonschema::Validator {
    // A pattern in it ends in a bracket that some readers of patterns want escaped.
    let text = include_str!("data/sarif-2.1.0-rtm.5.json").replace("{2}]?$", r"{2}\\]?$");
    jsonschema::draft4::options().should_validate_formats(true).build(&json(&text)).expect("a schema")
}

#[test]
fn sarif_is_as_the_standard_says() {
    let schema = sarif_schema();
    for case in &*CASES {
        let log = json(&case.told["sarif"]);
        demand(&schema, case.name, &log);
        let run = &log["runs"][0];
        assert_eq!(run["invocations"][0]["exitCode"], case.code, "{}", case.name);
        assert_eq!(run["invocations"][0]["executionSuccessful"], case.code != 2, "{}", case.name);
        let results = run["results"].as_array().expect("a list");
        let notes = run["invocations"][0]["toolExecutionNotifications"].as_array().expect("a list");
        // What is proved is no result; what is not proved is one.
        assert_eq!(results.is_empty() && notes.is_empty(), case.code == 0, "{}: {results:?}", case.name);
        let rules = run["tool"]["driver"]["rules"].as_array().expect("a list");
        for result in results {
            let rule = &rules[usize::try_from(result["ruleIndex"].as_u64().expect("a rule")).expect("small")];
            assert_eq!(rule["id"], result["ruleId"]);
            assert!(rule["help"]["text"].as_str().expect("help").contains("```pax"), "{rule}");
        }
        let prints: Vec<&Value> = results.iter().map(|result| &result["partialFingerprints"]).collect();
        assert!(prints.iter().enumerate().all(|(at, print)| !prints[..at].contains(print)), "{prints:?}");
    }
}

/// The first result of a module that is not proved.
fn first_result(name: &str, text: &str) -> Value {
    let (_, log) = run(&[&module(name, text), "--format", "sarif"]);
    json(&log)["runs"][0]["results"][0].clone()
}

#[test]
fn a_result_stands_at_its_place_and_is_known_again_elsewhere() {
    let result = first_result("sarif-place", WEAK);
    let region = &result["locations"][0]["physicalLocation"]["region"];
    // The comment has two characters of two code units each: 20 characters before the conjunct, 22 code units.
    let expected = serde_json::json!({ "startLine": 8, "startColumn": 23, "endLine": 8, "endColumn": 29 });
    let line = WEAK.lines().nth(7).expect("a line");
    let before = &line[..line.find("n >= 0").expect("the conjunct")];
    assert_eq!((before.chars().count(), before.encode_utf16().count()), (20, 22), "{line}");
    assert_eq!(*region, expected);
    assert_eq!(result["relatedLocations"][0]["physicalLocation"]["region"]["startLine"], 7);
    let flow = result["codeFlows"][0]["threadFlows"][0]["locations"].as_array().expect("a flow");
    assert_eq!(flow.len(), 3);
    assert!(flow[0]["state"]["step"]["text"].is_string(), "{flow:?}");
    assert!(flow[1]["location"]["message"]["text"].as_str().expect("a step").starts_with("step Step"));
    // Three lines more above, and another conjunct of the same action elsewhere.
    let moved = first_result("sarif-moved", &WEAK.replace("VARIABLES", "\n\n\nVARIABLES"));
    assert_eq!(moved["locations"][0]["physicalLocation"]["region"]["startLine"], 11);
    assert_eq!(moved["partialFingerprints"], result["partialFingerprints"]);
    let other = first_result("sarif-other", &WEAK.replace("Inv ==", "Other =="));
    assert_ne!(other["partialFingerprints"], result["partialFingerprints"]);
}

type Names = &'static [&'static str];

/// What the schema of JUnit's results that build servers use says, element by element: attributes that must be there,
/// those that may, and elements within.
const ELEMENTS: [(&str, Names, Names, Names); 8] = [
    ("testsuites", &[], &["name", "time", "tests", "failures", "errors"], &["testsuite"]),
    (
        "testsuite",
        &["name", "tests", "failures", "errors"],
        &["group", "time", "skipped", "timestamp", "hostname", "id", "package", "file"],
        &["testsuite", "properties", "testcase", "system-out", "system-err"],
    ),
    ("properties", &[], &[], &["property"]),
    ("property", &["name", "value"], &[], &[]),
    ("testcase", &["name"], &["time", "classname", "group"], &["skipped", "error", "failure"]),
    ("failure", &[], &["type", "message"], &[]),
    ("error", &[], &["type", "message"], &[]),
    ("skipped", &[], &["type", "message"], &[]),
];

fn demand_element(node: roxmltree::Node<'_, '_>) {
    let name = node.tag_name().name();
    let (_, must, may, within) =
        ELEMENTS.iter().find(|(known, ..)| *known == name).unwrap_or_else(|| panic!("<{name}>"));
    for attribute in *must {
        assert!(node.has_attribute(*attribute), "<{name}> without {attribute}");
    }
    for attribute in node.attributes() {
        let known = must.contains(&attribute.name()) || may.contains(&attribute.name());
        assert!(known, "<{name} {}>", attribute.name());
        if attribute.name() == "time" {
            assert!(attribute.value().parse::<f64>().is_ok_and(|time| time >= 0.0), "{}", attribute.value());
        }
    }
    for child in node.children().filter(roxmltree::Node::is_element) {
        assert!(within.contains(&child.tag_name().name()), "<{}> in <{name}>", child.tag_name().name());
        demand_element(child);
    }
}

#[test]
fn junit_is_as_build_servers_read_it() {
    for case in &*CASES {
        let text = &case.told["junit"];
        let document = roxmltree::Document::parse(text).expect("XML");
        let root = document.root_element();
        assert_eq!(root.tag_name().name(), "testsuites");
        demand_element(root);
        let count = |name: &str| root.descendants().filter(|node| node.has_tag_name(name)).count();
        let told = |name: &str| root.attribute(name).and_then(|n| n.parse::<usize>().ok());
        assert_eq!(told("tests"), Some(count("testcase")), "{}", case.name);
        assert_eq!(told("failures"), Some(count("failure")), "{}", case.name);
        assert_eq!(told("errors"), Some(count("error")), "{}", case.name);
        // Red exactly where the run does not end well.
        assert_eq!(count("failure") + count("error") == 0, case.code == 0, "{}:\n{text}", case.name);
        assert_eq!(count("failure") > 0, matches!(case.code, 1 | 7), "{}:\n{text}", case.name);
        let whole = json(&case.told["json"]);
        let obligations = whole["modules"][0]["obligations"].as_array().expect("a list");
        let names: BTreeMap<&str, &str> = root
            .descendants()
            .filter(|node| node.has_tag_name("testcase"))
            .filter_map(|node| Some((node.attribute("name")?, node.attribute("classname")?)))
            .collect();
        for obligation in obligations {
            let id = obligation["id"].as_str().expect("an id");
            let class = names.get(id).unwrap_or_else(|| panic!("{id} in {}", case.name));
            assert!(id.starts_with(&format!("{class}.")), "{id} of {class}");
        }
    }
}

/// A workflow command, read by the rules of the runner: what it is, its properties, its message.
fn parsed(line: &str) -> (String, BTreeMap<String, String>, String) {
    let unescaped = |text: &str, pairs: &[(&str, &str)]| {
        pairs.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
    };
    let rest = line.strip_prefix("::").expect("a command");
    let (head, data) = rest.split_once("::").expect("a message");
    let (command, properties) = head.split_once(' ').expect("properties");
    let of_data = [("%0D", "\r"), ("%0A", "\n"), ("%25", "%")];
    let of_property = [("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")];
    let pairs = properties.split(',').map(|property| {
        let (key, value) = property.split_once('=').expect("a value");
        (key.to_owned(), unescaped(value, &of_property))
    });
    (command.to_owned(), pairs.collect(), unescaped(data, &of_data))
}

#[test]
fn annotations_are_read_back() {
    for case in &*CASES {
        let text = &case.told["github"];
        assert_eq!(text.is_empty(), case.code == 0, "{}:\n{text}", case.name);
        let whole = json(&case.told["json"]);
        let found = whole["modules"][0]["diagnostics"].as_array().expect("a list");
        let mut lines = text.lines();
        for (message, line) in found.iter().zip(&mut lines) {
            let (command, properties, data) = parsed(line);
            assert_eq!(message["severity"], command.as_str());
            assert_eq!(message["file"], properties["file"].as_str());
            assert_eq!(message["line"].to_string(), properties["line"]);
            if properties["line"] == properties["endLine"] {
                assert_eq!(message["column"].to_string(), properties["col"]);
            } else {
                assert!(!properties.contains_key("col"));
            }
            assert!(properties["title"].starts_with(message["code"].as_str().expect("a code")));
            assert_eq!(message["text"], data.lines().next().expect("a line"));
            for note in message["notes"].as_array().expect("a list") {
                assert!(data.contains(note.as_str().expect("a note")), "{data}");
            }
        }
        assert_eq!(lines.count(), usize::from(case.name == "nothing"), "{text}");
    }
}

#[test]
fn names_that_would_end_a_property_do_not() {
    let folder = folder("a,b: 100%");
    let file = folder.join("Example.pax");
    std::fs::write(&file, BROKEN).expect("a module");
    let (_, text) = run(&["check", file.to_str().expect("a path"), "--format", "github"]);
    for line in text.lines() {
        assert_eq!(parsed(line).1["file"], file.to_string_lossy());
    }
    assert_eq!(text.lines().count(), 2);
}

/// What a run tells does not depend on how many solvers there are; and a run may be about several files.
#[test]
fn the_same_is_told_of_several_files_whoever_solves() {
    let files = [module("same-sound", SOUND), module("same-weak", WEAK), module("same-broken", BROKEN)];
    let told = |jobs: &str, form: &str| {
        let [first, second, third] = &files;
        let (code, text) = run(&[first, second, third, "-j", jobs, "--format", form]);
        assert_eq!(code, 2, "{text}");
        text
    };
    for form in ["short", "github", "sarif"] {
        assert_eq!(told("1", form), told("2", form), "{form}");
    }
    let untimed = |text: &str| {
        let words = text.split(' ').filter(|word| !word.starts_with("time="));
        words.collect::<Vec<_>>().join(" ")
    };
    let junit = told("1", "junit");
    assert_eq!(untimed(&junit), untimed(&told("2", "junit")));
    let document = roxmltree::Document::parse(&junit).expect("XML");
    let suites = document.root_element().children().filter(|node| node.has_tag_name("testsuite"));
    let failed: Vec<Option<&str>> = suites.map(|suite| suite.attribute("failures")).collect();
    assert_eq!(failed, [Some("0"), Some("1"), Some("0")]);
    let lines = told("1", "jsonl");
    let ends: Vec<Value> = lines
        .lines()
        .map(json)
        .filter(|line| line["type"] == "module" || line["type"] == "summary")
        .collect();
    let codes: Vec<&Value> = ends.iter().map(|line| &line["exit_code"]).collect();
    assert_eq!(codes, [0, 1, 2, 2]);
    let rows = told("1", "github-summary");
    assert_eq!(rows.lines().filter(|line| line.starts_with("| Example |")).count(), 3, "{rows}");
}
