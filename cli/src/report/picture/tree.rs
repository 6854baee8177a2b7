//! The proof tree as far as it was tried: theorem, alternative, branch, conjunct, obligation.
//!
//! Invariant: each obligation that was tried is a leaf of one node; what was not tried is counted.

use std::collections::{BTreeMap, BTreeSet};

use lang::source::Span;
use serde::Serialize;
use vcgen::decompose::Decomposition;
use vcgen::lower::{GOAL, hypothesis_of};
use vcgen::obligation::{Hypothesis, NodeId, ObligationIdx, ObligationKind, Source};
use vcgen::print::SharedPrinter;

use super::mark::{Mark, Marks, marks};
use super::texts::{From, TextKind, Texts, lines_under};
use crate::attempt::{Finding, without};
use crate::driver::{Proof, Run};
use crate::report::json::{kind_word, millis, standing_word};
use crate::report::{needed, verdict_words};
use crate::verdict::Standing;

/// A node of the tree.
#[derive(Clone, Debug, Serialize)]
pub struct Branch {
    /// Its path.
    pub path: String,
    /// Its path beyond that of the node above.
    pub name: String,
    /// What it stands for, in a few words.
    pub title: String,
    /// What became of it, if it is a theorem or an alternative.
    pub standing: Option<Standings>,
    /// How many obligations below have which mark.
    pub tally: BTreeMap<Mark, usize>,
    /// Resource units of all below.
    pub rlimit: u64,
    /// How many obligations below were not tried.
    pub untried: usize,
    /// The nodes below.
    pub children: Vec<Branch>,
    /// The obligation.
    pub leaf: Option<Leaf>,
}

/// What became of a theorem or of an alternative.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Standings {
    /// In a word or two.
    pub word: String,
    /// `good`, `open`, `bad`, or `idle` for what is not needed.
    pub mood: &'static str,
}

/// An obligation that was tried.
#[derive(Clone, Debug, Serialize)]
pub struct Leaf {
    /// Its id.
    pub id: String,
    /// What kind.
    pub kind: &'static str,
    /// What is to be shown, in words.
    pub title: String,
    /// What became of it.
    pub mark: Mark,
    /// What there is to say about that.
    pub detail: Option<String>,
    /// Whether its theorem needs it.
    pub is_needed: bool,
    /// Resource units.
    pub rlimit: u64,
    /// Milliseconds.
    pub time_ms: f64,
    /// How many stages ran.
    pub stage: usize,
    /// The conjunct, lemma or formula as the user wrote it: a position in the texts.
    pub source: usize,
    /// The action.
    pub action: Option<usize>,
    /// What is to be proved.
    pub goal: usize,
    /// The hypotheses that its proof names.
    pub used: Vec<usize>,
    /// The hypotheses that were at hand besides, if a solver was asked.
    pub others: Vec<usize>,
    /// What else its proof names: definitions and background facts that lowering adds.
    pub background: Vec<String>,
    /// Names of what goal and hypotheses were rewritten with.
    pub rests_on: Vec<String>,
}

/// The tree of a run, a branch for each theorem and for what belongs to none.
pub fn tree(run: &Run, texts: &mut Texts) -> Vec<Branch> {
    let (Some(proof), Some(decomposition)) = (&run.proof, &run.front.decomposition) else {
        return Vec::new();
    };
    let mut grower = Grower {
        run,
        proof,
        decomposition,
        marks: marks(&decomposition.tree, proof),
        needed: needed(proof),
        standings: standings(proof, decomposition),
        printer: SharedPrinter::new(&decomposition.program),
        texts,
    };
    let nodes = decomposition.tree.nodes.iter_enumerated();
    let roots: Vec<NodeId> = nodes.filter(|(_, node)| node.parent.is_none()).map(|(id, _)| id).collect();
    roots.into_iter().map(|root| grower.branch(root, "")).filter(|it| !it.is_idle()).collect()
}

impl Branch {
    /// Whether nothing of it was tried, and there is nothing to say about it either.
    fn is_idle(&self) -> bool {
        self.tally.is_empty() && self.standing.as_ref().is_none_or(|it| it.mood == "idle")
    }
}

/// What became of theorems and of their alternatives.
fn standings(proof: &Proof, decomposition: &Decomposition) -> BTreeMap<NodeId, Standings> {
    let mut all = BTreeMap::new();
    for (plan, verdict) in decomposition.tree.theorems.iter().zip(&proof.verdicts.theorems) {
        let is_proved = verdict.standing == Standing::Proved;
        for (position, alternative) in plan.alternatives.iter().enumerate() {
            let is_chosen = verdict.alternative == Some(position);
            let (word, mood) = match (is_chosen, is_proved) {
                (true, true) => ("proves it", "good"),
                (true, false) => ("came closest", "open"),
                (false, _) => ("not needed", "idle"),
            };
            all.insert(alternative.node, Standings { word: word.to_owned(), mood });
        }
        let mood = mood(&verdict.standing);
        all.insert(plan.node, Standings { word: standing_word(&verdict.standing).to_owned(), mood });
    }
    all
}

/// `good`, `open`, `bad`, or `idle`.
pub fn mood(standing: &Standing) -> &'static str {
    match standing {
        Standing::Proved => "good",
        Standing::Refuted(_) | Standing::Vacuous => "bad",
        Standing::Partial
        | Standing::Failed(_)
        | Standing::NoProof
        | Standing::Blocked { .. }
        | Standing::Assumed => "open",
        Standing::NotSelected => "idle",
    }
}

struct Grower<'a> {
    run: &'a Run,
    proof: &'a Proof,
    decomposition: &'a Decomposition,
    marks: Marks,
    needed: BTreeSet<ObligationIdx>,
    standings: BTreeMap<NodeId, Standings>,
    printer: SharedPrinter<'a>,
    texts: &'a mut Texts,
}

impl Grower<'_> {
    fn branch(&mut self, node_id: NodeId, above: &str) -> Branch {
        let node = &self.decomposition.tree.nodes[node_id];
        let name = node.path.strip_prefix(above).map_or(node.path.as_str(), |it| it.trim_start_matches('.'));
        let mut branch = Branch {
            path: node.path.clone(),
            name: name.to_owned(),
            title: node.title.clone(),
            standing: self.standings.get(&node_id).cloned(),
            tally: BTreeMap::new(),
            rlimit: 0,
            untried: 0,
            children: Vec::new(),
            leaf: node.obligation.and_then(|idx| self.leaf(idx)),
        };
        match &branch.leaf {
            Some(leaf) => {
                branch.tally.insert(leaf.mark, 1);
                branch.rlimit = leaf.rlimit;
            }
            None => branch.untried = node.obligation.map_or(0, |_| 1),
        }
        for child in &node.children {
            let child = self.branch(*child, &node.path);
            branch.rlimit += child.rlimit;
            branch.untried += child.untried;
            for (mark, n) in &child.tally {
                *branch.tally.entry(*mark).or_default() += n;
            }
            if !child.tally.is_empty() {
                branch.children.push(child);
            }
        }
        branch.shortened()
    }

    fn leaf(&mut self, idx: ObligationIdx) -> Option<Leaf> {
        let attempt = self.proof.attempts.get(&idx)?;
        let mark = *self.marks.get(&idx)?;
        let tree = &self.decomposition.tree;
        let obligation = without(tree, idx, &self.proof.withdrawn);
        let core: &[String] = match &attempt.finding {
            Finding::Proved { core, .. } => core,
            Finding::PossibleCounterexample { .. } | Finding::Unknown(_) | Finding::Failed(_) => &[],
        };
        let labels: Vec<&str> = core.iter().map(|label| hypothesis_of(label)).collect();
        let is_used = |hypothesis: &Hypothesis| labels.contains(&hypothesis.label.as_str());
        // What decomposition closed was put to nobody, so that other hypotheses played no part.
        let is_put = obligation.closed.is_none();
        let statement = self.printer.statement(&obligation, |hypothesis| is_put || is_used(hypothesis));
        let (mut used, mut others) = (Vec::new(), Vec::new());
        for (position, text) in &statement.hypotheses {
            let hypothesis = &obligation.hypotheses[*position];
            let from = hypothesis.sources.iter().filter_map(|source| self.from(source)).collect();
            let text = self.texts.position(TextKind::Hypothesis, &hypothesis.label, text, from);
            if is_used(hypothesis) { used.push(text) } else { others.push(text) }
        }
        let is_own = |label: &&str| obligation.hypotheses.iter().any(|known| known.label == **label);
        let background = labels.iter().filter(|label| **label != GOAL && !is_own(label));
        let [title, ..] = obligation.kind.descriptions();
        let verdict = self.proof.verdicts.obligations.get(&idx);
        let is_check = obligation.kind == ObligationKind::Vacuity;
        Some(Leaf {
            id: obligation.id.clone(),
            kind: kind_word(&obligation.kind),
            title,
            mark,
            detail: if is_check { None } else { verdict.and_then(|verdict| verdict_words(verdict).1) },
            is_needed: is_check || self.needed.contains(&idx),
            rlimit: attempt.rlimit,
            time_ms: millis(attempt.time),
            stage: attempt.n_stages,
            source: self.place(obligation.span),
            action: obligation.action.map(|span| self.place(span)),
            goal: self.texts.position(TextKind::Goal, "", &statement.goal, Vec::new()),
            used,
            others,
            background: background.map(|label| (*label).to_owned()).collect(),
            rests_on: obligation
                .rests_on
                .iter()
                .filter_map(|source| self.from(source))
                .map(|from| from.name)
                .collect(),
        })
    }

    /// What a source is called; definitions are no news.
    fn from(&self, source: &Source) -> Option<From> {
        let module = &self.decomposition.program.module;
        let (name, is_obligation) = match source {
            Source::Fact(fact_idx) => (module.facts[*fact_idx].name.clone(), false),
            Source::Obligation(idx) => (self.decomposition.tree.obligations[*idx].id.clone(), true),
            Source::Inherited(position) => (module.inherited[*position].name(), false),
            Source::Definition(_) => return None,
        };
        Some(From { name, is_obligation })
    }

    /// The lines of the module under a span.
    fn place(&mut self, span: Span) -> usize {
        let sources = &self.run.front.sources;
        let place = format!("{}:{}", sources.files[span.file].name, sources.line_col(span).0);
        self.texts.position(TextKind::Source, &place, &lines_under(sources, span), Vec::new())
    }
}

impl Branch {
    /// A node of which only one child was tried takes that child's place.
    fn shortened(mut self) -> Self {
        if self.leaf.is_some() || self.standing.is_some() || self.children.len() != 1 {
            return self;
        }
        match self.children.pop() {
            Some(only) if only.standing.is_none() => {
                Self { name: format!("{}.{}", self.name, only.name), untried: self.untried, ..only }
            }
            other => {
                self.children.extend(other);
                self
            }
        }
    }
}
