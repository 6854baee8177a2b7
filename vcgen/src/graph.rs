//! The proof graph: what rests on what, so that nothing counts as proved that rests on something unproved.
//!
//! Nodes are claims (facts of the module and obligations), an edge leads from a claim to one that its
//! proof uses. Invariant: each claim has one node, each use one edge; edges are added, never removed.

use std::collections::{BTreeMap, BTreeSet};

use lang::diag::{Code, Diagnostic};
use lang::source::Span;
use lang::typed::{Module, Proof};
use petgraph::Direction;
use petgraph::algo::tarjan_scc;
use petgraph::graph::{DiGraph, NodeIndex};

use crate::obligation::ObligationIdx;

/// Something that is claimed, and that a proof may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Claim {
    /// An assumption, axiom or theorem: a position in `typed::Module::facts`.
    Fact(usize),
    /// An obligation of the proof tree.
    Obligation(ObligationIdx),
    /// A theorem of an instantiated module: a position in `typed::Module::inherited`.
    Inherited(usize),
}

/// Which claims use which.
#[derive(Clone, Debug, Default)]
pub struct ProofGraph {
    graph: DiGraph<Claim, ()>,
    nodes: BTreeMap<Claim, NodeIndex>,
    /// The edges: a theorem uses thousands of obligations, too many to look through for each.
    uses: BTreeSet<(NodeIndex, NodeIndex)>,
}

impl ProofGraph {
    /// The graph of the facts that hints (`BY ...`) cite.
    pub fn of_hints(module: &Module) -> Self {
        let mut graph = Self::default();
        for (fact_idx, fact) in module.facts.iter().enumerate() {
            if let Proof::By(hints) = &fact.proof {
                for cited in &hints.facts {
                    graph.add_use(Claim::Fact(fact_idx), Claim::Fact(*cited));
                }
            }
        }
        graph
    }

    /// Records that the proof of `claim` uses `premise`.
    pub fn add_use(&mut self, claim: Claim, premise: Claim) {
        let (claim, premise) = (self.node(claim), self.node(premise));
        if self.uses.insert((claim, premise)) {
            self.graph.add_edge(claim, premise, ());
        }
    }

    /// The circles: groups of claims each of which rests on itself through the others; in order.
    pub fn circles(&self) -> Vec<Vec<Claim>> {
        let mut circles: Vec<Vec<Claim>> = tarjan_scc(&self.graph)
            .into_iter()
            .filter(|group| match group.as_slice() {
                [single] => self.graph.contains_edge(*single, *single),
                _ => true,
            })
            .map(|group| {
                let mut claims: Vec<Claim> = group.into_iter().map(|node| self.graph[node]).collect();
                claims.sort_unstable();
                claims
            })
            .collect();
        circles.sort_unstable();
        circles
    }

    /// What rests on a claim of `unproved`, through any number of uses, or on itself: each such claim
    /// with those that it uses directly and that are unproved or blocked themselves. A claim of
    /// `unproved` is an entry only if it uses another one.
    pub fn blocked(&self, unproved: &BTreeSet<Claim>) -> BTreeMap<Claim, BTreeSet<Claim>> {
        let mut bad: BTreeSet<NodeIndex> =
            unproved.iter().filter_map(|claim| self.nodes.get(claim).copied()).collect();
        bad.extend(self.circles().iter().flatten().filter_map(|claim| self.nodes.get(claim).copied()));
        let mut todo: Vec<NodeIndex> = bad.iter().copied().collect();
        while let Some(node) = todo.pop() {
            for user in self.graph.neighbors_directed(node, Direction::Incoming) {
                if bad.insert(user) {
                    todo.push(user);
                }
            }
        }
        let mut blocked = BTreeMap::new();
        for node in &bad {
            let on: BTreeSet<Claim> = self
                .graph
                .neighbors_directed(*node, Direction::Outgoing)
                .filter(|used| bad.contains(used))
                .map(|used| self.graph[used])
                .collect();
            if !on.is_empty() {
                blocked.insert(self.graph[*node], on);
            }
        }
        blocked
    }

    fn node(&mut self, claim: Claim) -> NodeIndex {
        *self.nodes.entry(claim).or_insert_with(|| self.graph.add_node(claim))
    }
}

/// An error for each circle among the facts that hints cite: such facts would prove themselves.
pub fn circular_proofs(module: &Module) -> Vec<Diagnostic> {
    let circles = ProofGraph::of_hints(module).circles();
    circles.iter().map(|circle| circular_proof(module, circle)).collect()
}

fn circular_proof(module: &Module, circle: &[Claim]) -> Diagnostic {
    let facts: Vec<(&str, Span)> = circle
        .iter()
        .filter_map(|claim| match claim {
            Claim::Fact(fact_idx) => Some(*fact_idx),
            Claim::Obligation(_) | Claim::Inherited(_) => None,
        })
        .map(|fact_idx| {
            let fact = &module.facts[fact_idx];
            let span = match &fact.proof {
                Proof::By(hints) => hints.span,
                Proof::None | Proof::Omitted(_) | Proof::Structured(_) => fact.span,
            };
            (fact.name.as_str(), span)
        })
        .collect();
    let names: Vec<String> = facts.iter().map(|(name, _)| format!("`{name}`")).collect();
    let message = match names.as_slice() {
        [single] => format!("the proof of {single} cites {single} itself"),
        _ => format!("the proofs of {} cite one another in a circle", names.join(", ")),
    };
    let (_, first) = facts[0];
    let mut diagnostic =
        Diagnostic::error(Code("circular-proof"), message, first, "this proof rests on itself")
            .help("cite only facts whose proofs do not lead back here");
    for (name, span) in &facts[1..] {
        diagnostic = diagnostic.because(*span, format!("through the proof of `{name}`"));
    }
    diagnostic
}

#[cfg(test)]
mod tests {
    use super::*;
    use lang::ids::Id;

    fn fact(index: usize) -> Claim {
        Claim::Fact(index)
    }

    fn obligation(index: usize) -> Claim {
        Claim::Obligation(ObligationIdx::from_index(index))
    }

    fn graph(uses: &[(Claim, Claim)]) -> ProofGraph {
        let mut graph = ProofGraph::default();
        for (claim, premise) in uses {
            graph.add_use(*claim, *premise);
        }
        graph
    }

    #[test]
    fn what_is_unproved_blocks_through_any_number_of_uses() {
        let graph = graph(&[
            (fact(2), obligation(0)),
            (obligation(0), fact(1)),
            (fact(1), fact(0)),
            (fact(3), fact(4)),
        ]);
        let blocked = graph.blocked(&BTreeSet::from([fact(0)]));
        let claims: Vec<Claim> = blocked.keys().copied().collect();
        assert_eq!(claims, [fact(1), fact(2), obligation(0)]);
        assert_eq!(blocked[&fact(2)], BTreeSet::from([obligation(0)]));
    }

    #[test]
    fn an_unused_failure_blocks_nothing() {
        let graph = graph(&[(fact(1), fact(0))]);
        assert!(graph.blocked(&BTreeSet::from([fact(7), fact(1)])).is_empty());
    }

    #[test]
    fn a_circle_blocks_itself_and_its_users() {
        let graph = graph(&[
            (obligation(0), obligation(1)),
            (obligation(1), obligation(0)),
            (fact(0), obligation(1)),
        ]);
        assert_eq!(graph.circles(), [vec![obligation(0), obligation(1)]]);
        let blocked = graph.blocked(&BTreeSet::new());
        assert_eq!(blocked.len(), 3);
    }

    #[test]
    fn a_claim_that_uses_itself_is_a_circle() {
        let graph = graph(&[(fact(0), fact(0)), (fact(1), fact(2))]);
        assert_eq!(graph.circles(), [vec![fact(0)]]);
    }

    #[test]
    fn a_diamond_is_no_circle() {
        let graph = graph(&[(fact(3), fact(1)), (fact(3), fact(2)), (fact(1), fact(0)), (fact(2), fact(0))]);
        assert!(graph.circles().is_empty());
    }
}
