//! Words for what stands in a proof tree: where a hypothesis comes from, what a node is, and why the proof was split
//! there. All reports that tell of one obligation use these.

use lang::typed::FactKind;
use vcgen::decompose::Decomposition;
use vcgen::lower::hypothesis_of;
use vcgen::obligation::{Hypothesis, Node, NodeId, Obligation, ObligationKind, ProofTree, Source};

/// Where a hypothesis comes from, in a few words.
pub fn origin(decomposition: &Decomposition, obligation: &Obligation, hypothesis: &Hypothesis) -> String {
    let label = hypothesis_of(&hypothesis.label);
    let facts = &decomposition.program.module.facts;
    let after = if label.ends_with('\'') { ", in the state after the step" } else { "" };
    for source in &hypothesis.sources {
        match source {
            Source::Definition(name) => return format!("definition of `{name}`"),
            Source::Fact(fact_idx) => {
                let fact = &facts[*fact_idx];
                let word = match fact.kind {
                    FactKind::Assumption => "assumption",
                    FactKind::Axiom => "axiom",
                    FactKind::Theorem if label.trim_end_matches('\'') == fact.name => "theorem",
                    FactKind::Theorem => "conjunct of the invariant of",
                };
                return format!("{word} `{}`{after}", fact.name);
            }
            Source::Inherited(position) => {
                let name = decomposition.program.module.inherited[*position].name();
                return format!("theorem `{name}` of an instantiated module{after}");
            }
            Source::Obligation(_) => {}
        }
    }
    if let Some((operator, is_kept)) = continuity(label) {
        let (once, stays) = if is_kept { ("true", "true") } else { ("false", "false") };
        return format!("continuity lemma: `{operator}`, once {once}, stays {stays}");
    }
    if !hypothesis.sources.is_empty() {
        return "earlier conjunct, proved of the state after the step".to_owned();
    }
    own(obligation, label).to_owned()
}

/// Where a hypothesis comes from that rests on nothing.
fn own(obligation: &Obligation, label: &str) -> &'static str {
    let is_initial = obligation.kind == ObligationKind::Initiation;
    match label.split(['.', ':']).next().unwrap_or(label) {
        "premise" => "premise of the goal",
        "guard" if is_initial => "condition of the initial predicate",
        "guard" => "guard of the action",
        "parameter" => "parameter of the abstract action",
        "changed" | "changes" => "the step changes something that the abstract specification sees",
        "induction" if obligation.kind == ObligationKind::Induction => "induction hypothesis",
        "natural" if obligation.kind == ObligationKind::Induction => "what the induction is over",
        "finite" if obligation.kind == ObligationKind::Induction => "the set of the induction is finite",
        "new element" => "the element that is added is new",
        _ => "conjunct of the invariant, before the step",
    }
}

/// The operator of a continuity lemma, by its label, and whether it goes on to be true (rather than false).
fn continuity(label: &str) -> Option<(&str, bool)> {
    let kept = label.strip_prefix("continuity:").map(|rest| (rest, true));
    let (rest, is_kept) = kept.or_else(|| label.strip_prefix("persistence:").map(|rest| (rest, false)))?;
    Some((rest.split('@').next().unwrap_or(rest), is_kept))
}

/// How a theorem is proved, by the name of the alternative.
pub fn alternative(name: &str) -> &'static str {
    match name {
        "induction" => {
            "an invariant is proved by induction: it holds of initial states, and every step keeps it"
        }
        "implied" => "it is tried whether the invariant follows from earlier ones",
        "simulation" => {
            "a refinement is proved step by step: initial states are initial states of the abstract specification, \
             and every step is one of its steps"
        }
        "natural induction" | "strong induction" => "what is claimed of all naturals is proved by induction",
        "set induction" | "strong set induction" => {
            "what is claimed of all finite sets is proved by induction"
        }
        "composed" => "refinements one after the other are a refinement",
        _ => "it is proved directly, from what is known",
    }
}

/// A node of the tree in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeWords {
    /// The last part of its path.
    pub name: String,
    /// What it is.
    pub title: String,
    /// Why the proof was split there.
    pub why: &'static str,
}

/// The nodes from the theorem down to a node, in words.
pub fn path(tree: &ProofTree, node: NodeId) -> Vec<(NodeId, NodeWords)> {
    let mut up = vec![node];
    while let Some(parent) = up.last().and_then(|last| tree.nodes[*last].parent) {
        up.push(parent);
    }
    up.into_iter().rev().map(|id| (id, node_words(tree, id))).collect()
}

/// What a node is, and why the proof was split there.
pub fn node_words(tree: &ProofTree, node: NodeId) -> NodeWords {
    let own = &tree.nodes[node];
    let parent = own.parent.map(|parent| &tree.nodes[parent]);
    let above = parent.map_or("", |parent| parent.path.as_str());
    let name = own.path.strip_prefix(above).unwrap_or(&own.path).trim_start_matches('.').to_owned();
    let (title, why) = match own.title.as_str() {
        _ if parent.is_none() => root(tree, node, &name),
        "initiation" => ("initial states".to_owned(), "an invariant has to hold of every initial state"),
        "consecution" => {
            ("steps".to_owned(), "an invariant has to be kept by every step from a state that satisfies it")
        }
        "simulation" => (
            "steps".to_owned(),
            "every step has to be one of the abstract specification, or change nothing it sees",
        ),
        "action" | "initial branch" => branch(&name),
        "abstract action" => {
            ("abstract action".to_owned(), "the abstract specification says several things of each step")
        }
        "simulates" => {
            (format!("as a step `{name}`"), "the step is to be this step of the abstract specification")
        }
        "nothing changes there" => {
            ("unchanged".to_owned(), "the step changes nothing that the abstract one sees")
        }
        "follows from earlier invariants" => {
            (own.title.clone(), "what earlier invariants imply needs no induction of its own")
        }
        "without induction" => (own.title.clone(), "most lemmas need no induction"),
        "induction over the naturals" => {
            (own.title.clone(), "it is shown of 0, and of n + 1 if it holds of n")
        }
        "induction over finite sets" => {
            (own.title.clone(), "it is shown of {}, and of one element more if it holds of a set")
        }
        "strong induction over the naturals" | "strong induction over finite sets" => {
            (own.title.clone(), "it is shown of each if it holds of all smaller ones")
        }
        "each recursive call comes nearer to an end" => {
            ("termination".to_owned(), "a recursive definition has values only if its calls come to an end")
        }
        "recursive call" => (format!("recursive call {name}"), "each recursive call is looked at by itself"),
        "what an instance assumes" => {
            (own.title.clone(), "theorems of the instance hold where its assumptions do")
        }
        "vacuity" => ("vacuity".to_owned(), "premises that contradict each other would prove anything"),
        _ => segment(own, &name),
    };
    NodeWords { name, title, why }
}

/// What has no node above it.
fn root(tree: &ProofTree, node: NodeId, name: &str) -> (String, &'static str) {
    if tree.theorems.iter().any(|plan| plan.node == node) {
        return ("theorem".to_owned(), "what is to be proved");
    }
    if name == "assumptions" {
        return (name.to_owned(), "what is assumed must not contradict itself");
    }
    ("recursive definition".to_owned(), "it has to be shown that it has values")
}

fn branch(name: &str) -> (String, &'static str) {
    match name {
        "then" => ("the condition of its `IF` holds".to_owned(), "an `IF` of the action has two branches"),
        "else" => {
            ("the condition of its `IF` does not hold".to_owned(), "an `IF` of the action has two branches")
        }
        "stutter" => {
            ("stuttering step".to_owned(), "`[Next]_vars` allows steps that leave `vars` as they are")
        }
        _ => (
            format!("action `{name}`"),
            "the next-state action is a disjunction: each branch is looked at by itself",
        ),
    }
}

/// A case, or a conjunct, by its name.
fn segment(node: &Node, name: &str) -> (String, &'static str) {
    let digits = |text: &str| text.chars().all(|c| c.is_ascii_digit() || c == '#');
    match name {
        "old" => (
            "an element that was there before".to_owned(),
            "the step adds elements to a set; of those it had, the conjunct is known already",
        ),
        "then" => ("where the condition holds".to_owned(), "what it speaks of depends on a condition"),
        "else" => {
            ("where the condition does not hold".to_owned(), "what it speaks of depends on a condition")
        }
        "continuity" => (
            "continuity".to_owned(),
            "what is true of the state before is of use after the step if it stays true",
        ),
        "persistence" => (
            "persistence".to_owned(),
            "what is false in the state before is of use after the step if it stays false",
        ),
        "any" => ("any abstract step".to_owned(), "which abstract step it is is left to the solver"),
        "base" => (node.title.clone(), "an induction begins somewhere"),
        "step" => (node.title.clone(), "an induction goes on from there"),
        "composed" => (node.title.clone(), "refinements one after the other are a refinement"),
        _ if name.strip_prefix("new").is_some_and(digits) => (
            "the element that is added".to_owned(),
            "the step adds elements to a set; of each new one the conjunct has to be shown",
        ),
        _ if name.strip_prefix("part").is_some_and(digits) => {
            (format!("an element of part {} of the set", &name[4..]), "the set is made of parts")
        }
        _ if digits(name) => (format!("conjunct {name}"), "a conjunction is proved conjunct by conjunct"),
        _ => (format!("`{name}`"), "the conjuncts are those of a definition: each is proved by itself"),
    }
}
