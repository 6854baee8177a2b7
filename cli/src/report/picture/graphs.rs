//! Graphs of what rests on what, read off the cores: which conjuncts of an invariant help which, and which theorem
//! rests on which facts.
//!
//! A core names hypotheses that suffice, not those that are needed. Continuity lemmas are not shown: what they
//! use is used by whoever uses them.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use lang::typed::FactKind;
use serde::Serialize;
use vcgen::decompose::Decomposition;
use vcgen::lower::hypothesis_of;
use vcgen::obligation::{Means, ObligationIdx, Source};

use super::texts::lines_under;
use crate::attempt::Finding;
use crate::driver::{Proof, Run};
use crate::report::json::standing_word;
use crate::vacuity::usage::{Item, Uses};

/// What rests on what.
#[derive(Clone, Debug, Serialize)]
pub struct Graph {
    /// What it is about: a theorem, or a module.
    pub subject: String,
    /// Its nodes, in the order of the module.
    pub nodes: Vec<Node>,
    /// Its edges, in the order of the nodes that they begin at.
    pub edges: Vec<Edge>,
}

/// A claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Node {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: NodeKind,
    /// How it stands, in a word; none for conjuncts.
    pub standing: Option<&'static str>,
    /// Its text.
    pub text: String,
}

/// What a node stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum NodeKind {
    /// An assumption or axiom.
    Assumption,
    /// A theorem that the module states.
    Theorem,
    /// A theorem of an instantiated module.
    Inherited,
    /// A conjunct of an invariant.
    Conjunct,
}

/// That one claim helps another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Edge {
    /// What helps: a position among the nodes.
    pub from: usize,
    /// What it helps.
    pub to: usize,
    /// How many obligations of `to` were proved with it by the solver.
    pub by_solver: usize,
    /// How many were closed with it by decomposition.
    pub by_rewriting: usize,
}

/// Which node, before it has a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Key {
    Fact(usize),
    Inherited(usize),
    Conjunct(usize),
}

/// How many obligations, by whom.
type Counts = BTreeMap<(Key, Key), (usize, usize)>;

impl Graph {
    /// The nodes that help a node, and those that it helps.
    pub fn neighbours(&self, node: usize) -> (Vec<usize>, Vec<usize>) {
        let helpers = self.edges.iter().filter(|edge| edge.to == node).map(|edge| edge.from);
        let helped = self.edges.iter().filter(|edge| edge.from == node).map(|edge| edge.to);
        (helpers.collect(), helped.collect())
    }

    fn of(subject: String, nodes: IndexMap<Key, Node>, counts: &Counts) -> Self {
        let edges = counts.iter().filter_map(|((from, to), (by_solver, by_rewriting))| {
            let (from, to) = (nodes.get_index_of(from)?, nodes.get_index_of(to)?);
            Some(Edge { from, to, by_solver: *by_solver, by_rewriting: *by_rewriting })
        });
        let mut edges: Vec<Edge> = edges.collect();
        edges.sort_by_key(|edge| (edge.from, edge.to));
        Self { subject, nodes: nodes.into_values().collect(), edges }
    }
}

/// For each invariant of several conjuncts, what helps these, and what they help.
pub fn helps(run: &Run) -> Vec<Graph> {
    let (Some(proof), Some(decomposition)) = (&run.proof, &run.front.decomposition) else {
        return Vec::new();
    };
    let uses = Uses::of(decomposition, proof);
    let theorems = 0..decomposition.tree.theorems.len();
    theorems.filter_map(|theorem_idx| of_invariant(run, proof, decomposition, &uses, theorem_idx)).collect()
}

fn of_invariant(
    run: &Run,
    proof: &Proof,
    decomposition: &Decomposition,
    uses: &Uses<'_>,
    theorem_idx: usize,
) -> Option<Graph> {
    let plan = &decomposition.tree.theorems[theorem_idx];
    let conjuncts = uses.conjuncts(theorem_idx);
    if conjuncts.len() < 2 {
        return None;
    }
    let mut counts = Counts::new();
    let key = |item: &Item| match item {
        Item::Fact(fact_idx) => Some(Key::Fact(*fact_idx)),
        Item::Conjunct(owner, position) if *owner == theorem_idx => Some(Key::Conjunct(*position)),
        Item::Conjunct(..) | Item::Obligation(_) => None,
    };
    for (position, conjunct) in conjuncts.iter().enumerate() {
        for idx in &conjunct.obligations {
            let items = through_helpers(decomposition, uses, theorem_idx, *idx);
            count(&mut counts, proof, *idx, Key::Conjunct(position), items.iter().filter_map(key));
        }
    }
    for (user_idx, user) in decomposition.tree.theorems.iter().enumerate() {
        if user_idx == theorem_idx {
            continue;
        }
        for idx in &proof.verdicts.theorems[user_idx].needed {
            let items = uses.by_obligation(user_idx, *idx);
            let items = items.iter().filter_map(key).filter(|key| matches!(key, Key::Conjunct(_)));
            count(&mut counts, proof, *idx, Key::Fact(user.fact), items);
        }
    }
    let is_user = |fact_idx: &usize| counts.keys().any(|(_, to)| *to == Key::Fact(*fact_idx));
    let (above, below): (Vec<usize>, Vec<usize>) = linked_facts(&counts).into_iter().partition(is_user);
    let fact = |fact_idx: usize| (Key::Fact(fact_idx), fact_node(run, proof, decomposition, fact_idx));
    let mut nodes: IndexMap<Key, Node> = below.into_iter().map(fact).collect();
    nodes.extend(conjuncts.iter().enumerate().map(|(position, conjunct)| {
        let node = Node {
            name: conjunct.name.clone(),
            kind: NodeKind::Conjunct,
            standing: None,
            text: lines_under(&run.front.sources, conjunct.span),
        };
        (Key::Conjunct(position), node)
    }));
    nodes.extend(above.into_iter().map(fact));
    Some(Graph::of(plan.name.clone(), nodes, &counts))
}

/// What the proof of an obligation uses, and what the helpers use that it uses.
fn through_helpers(
    decomposition: &Decomposition,
    uses: &Uses<'_>,
    theorem_idx: usize,
    obligation_idx: ObligationIdx,
) -> BTreeSet<Item> {
    let mut seen: BTreeSet<Item> = BTreeSet::new();
    let mut todo: Vec<Item> = uses.by_obligation(theorem_idx, obligation_idx).into_iter().collect();
    while let Some(item) = todo.pop() {
        if !seen.insert(item) {
            continue;
        }
        if let Item::Obligation(helper) = item {
            debug_assert!(helper != obligation_idx, "`{}`", decomposition.tree.obligations[helper].id);
            todo.extend(uses.by_obligation(theorem_idx, helper));
        }
    }
    seen
}

/// Counts an obligation of `to` for all that its proof uses, but for `to` itself.
fn count(
    counts: &mut Counts,
    proof: &Proof,
    obligation_idx: ObligationIdx,
    to: Key,
    used: impl Iterator<Item = Key>,
) {
    let Some(Finding::Proved { means, .. }) = proof.attempts.get(&obligation_idx).map(|it| &it.finding)
    else {
        return;
    };
    for from in used.filter(|from| *from != to) {
        let (by_solver, by_rewriting) = counts.entry((from, to)).or_default();
        match means {
            Means::Z3 => *by_solver += 1,
            Means::Frame | Means::Increment | Means::Rewriting => *by_rewriting += 1,
        }
    }
}

/// Which theorem rests on which facts: what the cores of its obligations name.
pub fn proof(run: &Run) -> Option<Graph> {
    let (proof, decomposition) = (run.proof.as_ref()?, run.front.decomposition.as_ref()?);
    let tree = &decomposition.tree;
    let mut counts = Counts::new();
    for (plan, verdict) in tree.theorems.iter().zip(&proof.verdicts.theorems) {
        for idx in &verdict.needed {
            count(
                &mut counts,
                proof,
                *idx,
                Key::Fact(plan.fact),
                facts(decomposition, proof, *idx).into_iter(),
            );
        }
    }
    let module = &decomposition.program.module;
    let linked = linked_facts(&counts);
    let own = module.facts.iter().enumerate();
    let own = own.filter(|(fact_idx, fact)| fact.root || linked.contains(fact_idx));
    let mut nodes: IndexMap<Key, Node> = own
        .map(|(fact_idx, _)| (Key::Fact(fact_idx), fact_node(run, proof, decomposition, fact_idx)))
        .collect();
    let inherited: BTreeSet<usize> = counts.keys().filter_map(|(from, _)| from.inherited()).collect();
    nodes.extend(
        inherited
            .into_iter()
            .map(|position| (Key::Inherited(position), inherited_node(proof, decomposition, position))),
    );
    Some(Graph::of(module.name.clone(), nodes, &counts))
}

/// The facts that the proof of an obligation names.
fn facts(decomposition: &Decomposition, proof: &Proof, obligation_idx: ObligationIdx) -> BTreeSet<Key> {
    let Some(Finding::Proved { core, .. }) = proof.attempts.get(&obligation_idx).map(|it| &it.finding) else {
        return BTreeSet::new();
    };
    let obligation = &decomposition.tree.obligations[obligation_idx];
    let labels: BTreeSet<&str> = core.iter().map(|label| hypothesis_of(label)).collect();
    let used = obligation.hypotheses.iter().filter(|it| labels.contains(it.label.as_str()));
    let sources = used.flat_map(|hypothesis| &hypothesis.sources).chain(&obligation.rests_on);
    let keys = sources.filter_map(|source| match source {
        Source::Fact(fact_idx) => Some(Key::Fact(*fact_idx)),
        Source::Inherited(position) => Some(Key::Inherited(*position)),
        Source::Obligation(_) | Source::Definition(_) => None,
    });
    keys.collect()
}

/// The facts that edges begin or end at.
fn linked_facts(counts: &Counts) -> BTreeSet<usize> {
    let keys = counts.keys().flat_map(|(from, to)| [*from, *to]);
    let facts = keys.filter_map(|key| match key {
        Key::Fact(fact_idx) => Some(fact_idx),
        Key::Inherited(_) | Key::Conjunct(_) => None,
    });
    facts.collect()
}

impl Key {
    fn inherited(self) -> Option<usize> {
        match self {
            Self::Inherited(position) => Some(position),
            Self::Fact(_) | Self::Conjunct(_) => None,
        }
    }
}

fn fact_node(run: &Run, proof: &Proof, decomposition: &Decomposition, fact_idx: usize) -> Node {
    let fact = &decomposition.program.module.facts[fact_idx];
    let mut plans = decomposition.tree.theorems.iter().zip(&proof.verdicts.theorems);
    let own = plans.find(|(plan, _)| plan.fact == fact_idx);
    Node {
        name: fact.name.clone(),
        kind: match fact.kind {
            FactKind::Assumption | FactKind::Axiom => NodeKind::Assumption,
            FactKind::Theorem => NodeKind::Theorem,
        },
        standing: own.map(|(_, verdict)| standing_word(&verdict.standing)),
        text: run.front.sources.text(fact.statement.span).to_owned(),
    }
}

fn inherited_node(proof: &Proof, decomposition: &Decomposition, position: usize) -> Node {
    let theorem = &decomposition.program.module.inherited[position];
    let other = proof.others.get(&theorem.module);
    let is_proved = other.is_some_and(|other| other.proved.contains(&theorem.fact));
    Node {
        name: theorem.name(),
        kind: NodeKind::Inherited,
        standing: Some(if is_proved { "proved" } else { "not proved there" }),
        text: format!("of module {}", theorem.module),
    }
}
