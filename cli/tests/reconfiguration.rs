//! The trees in the book's chapter on reconfiguration are those at the end of the runs that it shows.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

const CHAPTER: &str = include_str!("../../docs/book/src/reconfiguration.md");

/// A cache tree, with the ancestors of each cache.
struct Tree<'a> {
    caches: BTreeMap<&'a str, &'a Value>,
    ancestors: BTreeMap<&'a str, Vec<&'a str>>,
}

/// The last state of the run that a command finds.
fn last_state(args: &str) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_paxprove"))
        .args(args.split_whitespace())
        .args(["--format", "itf"])
        .env("PAXPROVE_CACHE", "off")
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
        .output()
        .expect("the program runs");
    let trace: Value = serde_json::from_slice(&output.stdout).expect("a trace");
    trace["states"].as_array().and_then(|states| states.last()).expect("a state").clone()
}

fn names(set: &Value) -> Vec<&str> {
    set["#set"].as_array().expect("a set").iter().filter_map(Value::as_str).collect()
}

impl<'a> Tree<'a> {
    fn of(state: &'a Value) -> Self {
        let entries = state["cache"]["#map"].as_array().expect("a function");
        let caches = entries.iter().filter_map(|entry| Some((entry[0].as_str()?, &entry[1]))).collect();
        let mut ancestors: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for pair in state["anc"]["#set"].as_array().expect("a set") {
            let pair = &pair["#tup"];
            let (above, below) = (pair[0].as_str().expect("a name"), pair[1].as_str().expect("a name"));
            ancestors.entry(below).or_default().push(above);
        }
        Self { caches, ancestors }
    }

    fn depth(&self, cache: &str) -> usize {
        self.ancestors.get(cache).map_or(0, Vec::len)
    }

    fn children(&self, parent: &str) -> Vec<&'a str> {
        let is_child = |cache: &&str| {
            self.depth(cache) == self.depth(parent) + 1
                && self.ancestors.get(cache).is_some_and(|above| above.contains(&parent))
        };
        self.caches.keys().copied().filter(is_child).collect()
    }

    /// A cache in words; a root was made by nobody.
    fn line(&self, name: &str) -> String {
        let cache = self.caches[name];
        let kind = cache["kind"].as_str().expect("a kind");
        let time = cache["time"]["#bigint"].as_str().expect("a time");
        let by = cache["nid"].as_str().filter(|_| name != "root");
        let by = by.map_or(String::new(), |nid| format!(" by {nid}"));
        let set = |set: &Value| format!("{{{}}}", names(set).join(", "));
        let more = match kind {
            "R" => format!(" to {}", set(&cache["conf"])),
            "M" => String::new(),
            _ => format!(" with {}", set(&cache["voters"])),
        };
        format!("{name} {kind}{by} [{time}]{more}")
    }

    /// The caches below one another; where branches part, one is indented.
    fn draw(&self, name: &str, first: &str, rest: &str, into: &mut String) {
        writeln!(into, "    {first}{}", self.line(name)).expect("text");
        let children = self.children(name);
        for (position, child) in children.iter().enumerate() {
            let is_last = position + 1 == children.len();
            let (branch, trunk) = if is_last { ("└─ ", "   ") } else { ("├─ ", "│  ") };
            self.draw(child, &format!("{rest}{branch}"), &format!("{rest}{trunk}"), into);
        }
    }
}

#[test]
fn trees_are_those_of_the_runs() {
    let commands = CHAPTER.lines().filter_map(|line| line.strip_prefix("    paxprove simulate "));
    let mut drawn = 0;
    for command in commands.filter(|command| !command.ends_with("--unroll 5")) {
        let state = last_state(&format!("simulate {command}"));
        let mut text = String::new();
        Tree::of(&state).draw("root", "", "", &mut text);
        assert!(CHAPTER.contains(&text), "{command} ends with:\n{text}");
        drawn += 1;
    }
    assert_eq!(drawn, 2);
}
