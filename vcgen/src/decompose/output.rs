//! The tree under construction.

use std::collections::BTreeMap;
use std::sync::Arc;

use lang::source::Span;
use lang::typed::Expr;

use super::recheck::Whole;
use crate::obligation::{
    Claim, Closed, Hypothesis, Node, NodeId, Obligation, ObligationIdx, ObligationKind, ProofTree, Source,
    Worth,
};
use crate::program::Program;
use crate::trail::{Move, Trail};

/// Collects nodes and obligations. Paths are unique.
#[derive(Default)]
pub(crate) struct Output {
    pub(crate) tree: ProofTree,
    /// What rechecks the tree, if that is wanted.
    pub(crate) wholes: Option<Vec<Whole>>,
    paths: BTreeMap<String, usize>,
}

/// An obligation that has not got its place yet.
pub(crate) struct Draft {
    pub(crate) kind: ObligationKind,
    pub(crate) hypotheses: Vec<Hypothesis>,
    pub(crate) goal: Expr,
    pub(crate) rests_on: Vec<Source>,
    pub(crate) closed: Option<Closed>,
    pub(crate) span: Span,
    pub(crate) action: Option<Span>,
    pub(crate) claim: Option<Arc<Claim>>,
}

impl Output {
    /// Records what was split into cases, if that is wanted.
    pub(crate) fn record(&mut self, whole: impl FnOnce() -> Whole) {
        if let Some(wholes) = &mut self.wholes {
            wholes.push(whole());
        }
    }

    /// Tells how an obligation came about, if anybody wants to know: from what was written, by these moves.
    pub(crate) fn tell(
        &mut self,
        program: &Program,
        obligation: ObligationIdx,
        written: &Expr,
        moves: [&[Move]; 2],
    ) {
        if program.has_trails() {
            let trail = Trail { written: written.clone(), moves: moves.concat() };
            self.tree.trails.insert(obligation, trail);
        }
    }

    /// Lets at least so much be spent on the obligations among these sources.
    pub(crate) fn raise(&mut self, sources: &[Source], worth: Worth) {
        for source in sources {
            if let Source::Obligation(idx) = source {
                let known = &mut self.tree.obligations[*idx].worth;
                *known = (*known).max(worth);
            }
        }
    }

    /// A node without a parent.
    pub(crate) fn root(&mut self, name: &str, span: Span) -> NodeId {
        self.add(None, name.to_owned(), name, span)
    }

    /// The child of that name, made if there is none; dots in the name make nodes in between.
    pub(crate) fn child(&mut self, parent: NodeId, segment: &str, title: &str, span: Span) -> NodeId {
        let mut node = parent;
        for part in segment.split('.') {
            let path = format!("{}.{part}", self.tree.nodes[node].path);
            let existing = self.tree.nodes[node].children.iter().copied().find(|child| {
                self.tree.nodes[*child].path == path && self.tree.nodes[*child].obligation.is_none()
            });
            node = existing.unwrap_or_else(|| self.add(Some(node), path, title, span));
        }
        node
    }

    /// A new child, whose name gets a number if there is one of that name already.
    pub(crate) fn fresh_child(&mut self, parent: NodeId, segment: &str, title: &str, span: Span) -> NodeId {
        let path = format!("{}.{segment}", self.tree.nodes[parent].path);
        self.add(Some(parent), path, title, span)
    }

    fn add(&mut self, parent: Option<NodeId>, path: String, title: &str, span: Span) -> NodeId {
        let count = self.paths.entry(path.clone()).or_default();
        *count += 1;
        let path = if *count > 1 { format!("{path}#{count}") } else { path };
        let node = self.tree.nodes.push(Node {
            path,
            title: title.to_owned(),
            parent,
            children: Vec::new(),
            obligation: None,
            span,
        });
        if let Some(parent) = parent {
            self.tree.nodes[parent].children.push(node);
        }
        node
    }

    /// Adds an obligation below a node.
    pub(crate) fn obligation(
        &mut self,
        parent: NodeId,
        segments: &str,
        title: &str,
        draft: Draft,
    ) -> ObligationIdx {
        let (above, last) = match segments.rsplit_once('.') {
            Some((above, last)) => (self.child(parent, above, title, draft.span), last),
            None => (parent, segments),
        };
        let path = format!("{}.{last}", self.tree.nodes[above].path);
        let node = self.add(Some(above), path, title, draft.span);
        let id = self.tree.nodes[node].path.clone();
        let Draft { kind, hypotheses, goal, rests_on, closed, span, action, claim } = draft;
        let index = self.tree.obligations.push(Obligation {
            id,
            node,
            kind,
            hypotheses,
            goal,
            rests_on,
            closed,
            worth: Worth::Decisive,
            span,
            action,
            claim,
        });
        self.tree.nodes[node].obligation = Some(index);
        index
    }
}
