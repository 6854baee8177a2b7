//! What no proof uses: assumptions, lemmas, and conjuncts of an invariant, read off the cores of a run in which
//! everything was proved.
//!
//! A core names hypotheses that suffice, not those that are needed; so what is told to be unused is, and what is
//! used may be dispensable all the same. Where a core does not say all that a proof rests on, more is taken to
//! be used: what states the domain of a function is used by rewriting everywhere, and a lemma whose premises are
//! conjuncts uses these.

use std::collections::{BTreeMap, BTreeSet};

use lang::ast::{self, UnitKind};
use lang::diag::{Code, Diagnostic};
use lang::typed::FactKind;
use vcgen::decompose::Decomposition;
use vcgen::obligation::{Conjunct, NodeId, ObligationIdx, ProofTree, Source};

use super::{Answer, Kind, Row, row};
use crate::attempt::Finding;
use crate::driver::{Proof, Run};
use crate::report::listed;
use crate::verdict::Standing;

/// Something that a proof may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Item {
    /// A fact of the module, by its position.
    Fact(usize),
    /// A conjunct of a theorem's invariant: the theorem's position in the tree, and the conjunct's.
    Conjunct(usize, usize),
    /// Another obligation, such as a continuity lemma.
    Obligation(ObligationIdx),
}

/// What is not used, as findings; or that nobody can tell.
pub fn rows(run: &Run) -> Vec<Row> {
    let (Some(proof), Some(decomposition)) = (&run.proof, &run.front.decomposition) else {
        return Vec::new();
    };
    if proof.verdicts.is_partial || !proof.verdicts.has_theorem {
        return Vec::new();
    }
    let theorems = decomposition.tree.theorems.iter().zip(&proof.verdicts.theorems);
    let unproved = theorems.filter(|(_, verdict)| verdict.standing != Standing::Proved);
    let (vacuous, open): (Vec<_>, Vec<_>) =
        unproved.partition(|(_, verdict)| verdict.standing == Standing::Vacuous);
    if !open.is_empty() {
        let names: Vec<String> = open.iter().map(|(plan, _)| plan.name.clone()).collect();
        let why =
            format!("only proofs tell what is used, and these theorems are not proved: {}", listed(&names));
        return vec![row(Kind::Use, "all hypotheses".to_owned(), Answer::Unsettled(why), None)];
    }
    // What is vacuous has to be repaired first, whatever it uses.
    if !vacuous.is_empty() {
        return Vec::new();
    }
    let uses = Uses::of(decomposition, proof);
    let mut rows = facts(&run.front.ast, decomposition, &uses);
    rows.extend(conjuncts(decomposition, &uses));
    rows
}

/// Whether each assumption and lemma of the root module is used.
fn facts(ast: &ast::Module, decomposition: &Decomposition, uses: &Uses<'_>) -> Vec<Row> {
    let in_use: BTreeSet<Item> = uses.by_theorem.values().flatten().copied().collect();
    let mut rows = Vec::new();
    for (fact_idx, fact) in decomposition.program.module.facts.iter().enumerate() {
        let word = match fact.kind {
            FactKind::Assumption => "assumption",
            FactKind::Axiom => "axiom",
            FactKind::Theorem if is_lemma(ast, fact.span) => "lemma",
            FactKind::Theorem => continue,
        };
        if !fact.root {
            continue;
        }
        let answer = if in_use.contains(&Item::Fact(fact_idx)) {
            Answer::Fine
        } else {
            let message = format!("{word} `{}` is used by no proof", fact.name);
            let help = match fact.kind {
                FactKind::Assumption | FactKind::Axiom => "leave it out: the theorems hold without it",
                FactKind::Theorem => {
                    "leave it out, or state it as a `THEOREM` if it is what you want to know"
                }
            };
            let finding =
                Diagnostic::error(Code("unused-hypothesis"), message, fact.span, "nothing rests on this");
            Answer::Found(Box::new(finding.warning().help(help)))
        };
        rows.push(row(Kind::Use, fact.name.clone(), answer, None));
    }
    rows
}

/// Whether the fact whose name (or statement) stands there was written `LEMMA`.
fn is_lemma(ast: &ast::Module, span: lang::source::Span) -> bool {
    ast.units.iter().any(|unit| match &unit.kind {
        UnitKind::Theorem(theorem) => {
            theorem.keyword == "LEMMA"
                && unit.span.file == span.file
                && unit.span.start <= span.start
                && span.end <= unit.span.end
        }
        UnitKind::Constants(_)
        | UnitKind::Variables(_)
        | UnitKind::Assume(_)
        | UnitKind::Operator(_)
        | UnitKind::Function(_)
        | UnitKind::Recursive(_)
        | UnitKind::Instance(_)
        | UnitKind::InstanceDef(_)
        | UnitKind::Module(_)
        | UnitKind::Use(_) => false,
    })
}

/// For each invariant that other theorems use, whether they, or conjuncts that they use, need each of its
/// conjuncts. Of an invariant that nothing uses, each conjunct is what somebody wants to know.
fn conjuncts(decomposition: &Decomposition, uses: &Uses<'_>) -> Vec<Row> {
    let mut rows = Vec::new();
    for (theorem_idx, plan) in decomposition.tree.theorems.iter().enumerate() {
        let own = uses.conjuncts(theorem_idx);
        let of_others = uses.by_theorem.iter().filter(|(user, _)| **user != theorem_idx);
        let by_others: BTreeSet<Item> = of_others.flat_map(|(_, items)| items.iter().copied()).collect();
        if !plan.root || own.len() < 2 || !by_others.contains(&Item::Fact(plan.fact)) {
            continue;
        }
        let needed = uses.needed_conjuncts(theorem_idx, &by_others);
        for (position, conjunct) in own.iter().enumerate() {
            let answer = if needed.contains(&position) {
                Answer::Fine
            } else {
                let message = format!(
                    "conjunct `{}` of `{}` is needed by no other theorem, nor by a conjunct that is",
                    conjunct.name, plan.name
                );
                let finding = Diagnostic::error(
                    Code("unneeded-conjunct"),
                    message,
                    conjunct.span,
                    "nothing else rests on this",
                );
                let help = "leave it out of the invariant, unless it is what you want to know";
                Answer::Found(Box::new(finding.warning().help(help)))
            };
            rows.push(row(Kind::Use, format!("{}.{}", plan.name, conjunct.name), answer, None));
        }
    }
    rows
}

/// Who uses what.
pub(crate) struct Uses<'a> {
    decomposition: &'a Decomposition,
    proof: &'a Proof,
    /// Which conjunct an obligation belongs to.
    owners: BTreeMap<ObligationIdx, (usize, usize)>,
    /// For each theorem, what its proofs use, through helpers.
    by_theorem: BTreeMap<usize, BTreeSet<Item>>,
}

impl<'a> Uses<'a> {
    /// What the proofs of a run use.
    pub(crate) fn of(decomposition: &'a Decomposition, proof: &'a Proof) -> Self {
        let mut uses = Self { decomposition, proof, owners: BTreeMap::new(), by_theorem: BTreeMap::new() };
        let theorems = &decomposition.tree.theorems;
        for theorem_idx in 0..theorems.len() {
            for (position, conjunct) in uses.conjuncts(theorem_idx).iter().enumerate() {
                let owned = conjunct.obligations.iter().map(|idx| (*idx, (theorem_idx, position)));
                uses.owners.extend(owned);
            }
        }
        for (theorem_idx, verdict) in proof.verdicts.theorems.iter().enumerate() {
            let items = verdict.needed.iter().flat_map(|idx| uses.by_obligation(theorem_idx, *idx)).collect();
            uses.by_theorem.insert(theorem_idx, items);
        }
        uses
    }

    /// The conjuncts of a theorem, in the alternative that proves it.
    pub(crate) fn conjuncts(&self, theorem_idx: usize) -> &'a [Conjunct] {
        let plan = &self.decomposition.tree.theorems[theorem_idx];
        let alternative = self.proof.verdicts.theorems[theorem_idx].alternative;
        alternative.map_or(&[], |alternative| plan.alternatives[alternative].conjuncts.as_slice())
    }

    /// What the proof of an obligation of a theorem uses directly.
    pub(crate) fn by_obligation(&self, theorem_idx: usize, obligation_idx: ObligationIdx) -> BTreeSet<Item> {
        let obligation = &self.decomposition.tree.obligations[obligation_idx];
        let mut items: BTreeSet<Item> = self.by_sources(&obligation.rests_on);
        let core = match self.proof.attempts.get(&obligation_idx).map(|attempt| &attempt.finding) {
            Some(Finding::Proved { core, .. }) => core.as_slice(),
            Some(Finding::PossibleCounterexample { .. } | Finding::Unknown(_) | Finding::Failed(_))
            | None => &[],
        };
        let labels: BTreeSet<&str> = core.iter().map(|label| vcgen::lower::hypothesis_of(label)).collect();
        for label in labels {
            // Of its own invariant in the state before.
            items.extend(self.position(theorem_idx, label));
            let hypothesis = obligation.hypotheses.iter().find(|hypothesis| hypothesis.label == label);
            let Some(hypothesis) = hypothesis else { continue };
            items.extend(self.by_sources(&hypothesis.sources));
            items.extend(self.of_earlier(label, &hypothesis.sources));
        }
        items
    }

    fn by_sources(&self, sources: &[Source]) -> BTreeSet<Item> {
        let mut items = BTreeSet::new();
        for source in sources {
            match source {
                Source::Fact(fact_idx) => {
                    items.insert(Item::Fact(*fact_idx));
                    items.extend(self.supporting(*fact_idx));
                }
                Source::Obligation(idx) => {
                    items.insert(match self.owners.get(idx) {
                        Some((theorem_idx, position)) => Item::Conjunct(*theorem_idx, *position),
                        None => Item::Obligation(*idx),
                    });
                }
                Source::Inherited(_) | Source::Definition(_) => {}
            }
        }
        items
    }

    /// The conjuncts that a lemma has as premises.
    fn supporting(&self, fact_idx: usize) -> impl Iterator<Item = Item> {
        let theorems = 0..self.decomposition.tree.theorems.len();
        theorems.flat_map(move |theorem_idx| {
            let conjuncts = self.conjuncts(theorem_idx).iter().enumerate();
            conjuncts
                .filter(move |(_, conjunct)| conjunct.supports.contains(&fact_idx))
                .map(move |(position, _)| Item::Conjunct(theorem_idx, position))
        })
    }

    /// The conjunct of a theorem with this name.
    fn position(&self, theorem_idx: usize, name: &str) -> Option<Item> {
        let position = self.conjuncts(theorem_idx).iter().position(|conjunct| conjunct.name == name)?;
        Some(Item::Conjunct(theorem_idx, position))
    }

    /// The conjuncts of earlier invariants that a hypothesis states: the one that its label names, or all of
    /// them where it names none.
    fn of_earlier(&self, label: &str, sources: &[Source]) -> Vec<Item> {
        let [Source::Fact(fact_idx)] = sources else { return Vec::new() };
        let theorems = &self.decomposition.tree.theorems;
        let Some(theorem_idx) = theorems.iter().position(|plan| plan.fact == *fact_idx) else {
            return Vec::new();
        };
        let prefix = format!("{}.", theorems[theorem_idx].name);
        let name = label.trim_end_matches('\'').strip_prefix(&prefix).unwrap_or_default();
        match self.position(theorem_idx, name) {
            Some(item) => vec![item],
            None => (0..self.conjuncts(theorem_idx).len())
                .map(|position| Item::Conjunct(theorem_idx, position))
                .collect(),
        }
    }

    /// The conjuncts of a theorem that `users` use, or that the proofs of these conjuncts use, and so on.
    fn needed_conjuncts(&self, theorem_idx: usize, users: &BTreeSet<Item>) -> BTreeSet<usize> {
        let conjuncts = self.conjuncts(theorem_idx);
        let typing = conjuncts.iter().enumerate().filter(|(_, conjunct)| conjunct.is_typing);
        let typing = typing.map(|(position, _)| Item::Conjunct(theorem_idx, position));
        let mut todo: Vec<Item> = users.iter().copied().chain(typing).collect();
        let mut seen: BTreeSet<Item> = BTreeSet::new();
        while let Some(item) = todo.pop() {
            if !seen.insert(item) {
                continue;
            }
            match item {
                Item::Conjunct(owner, position) if owner == theorem_idx => {
                    let own = conjuncts[position].obligations.iter();
                    todo.extend(own.flat_map(|idx| self.by_obligation(theorem_idx, *idx)));
                }
                Item::Obligation(idx) if is_below(&self.decomposition.tree, idx, theorem_idx) => {
                    todo.extend(self.by_obligation(theorem_idx, idx));
                }
                // What other theorems use is among the users already.
                Item::Conjunct(..) | Item::Obligation(_) | Item::Fact(_) => {}
            }
        }
        let needed = seen.into_iter().filter_map(|item| match item {
            Item::Conjunct(owner, position) => (owner == theorem_idx).then_some(position),
            Item::Fact(_) | Item::Obligation(_) => None,
        });
        needed.collect()
    }
}

/// Whether an obligation stands below a theorem.
fn is_below(tree: &ProofTree, obligation: ObligationIdx, theorem_idx: usize) -> bool {
    let mut node: NodeId = tree.obligations[obligation].node;
    while let Some(parent) = tree.nodes[node].parent {
        node = parent;
    }
    node == tree.theorems[theorem_idx].node
}
