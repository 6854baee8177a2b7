//! An obligation: one thing to prove, in the user's vocabulary, with its place in the proof tree.
//!
//! The tree is the product: nodes have names that are paths of source names, stable under edits elsewhere.

use std::collections::BTreeMap;
use std::sync::Arc;

use lang::diag::Diagnostic;
use lang::ids::{IdVec, define_id};
use lang::source::Span;
use lang::typed::{Expr, LocalId};

use crate::action::Branch;
use crate::program::Program;
use crate::trail::Trail;

define_id! {
    /// An obligation of a [`ProofTree`].
    pub struct ObligationIdx;
}
define_id! {
    /// A node of a [`ProofTree`].
    pub struct NodeId;
}

/// Everything that is to be proved of a module, as a tree.
#[derive(Clone, Debug, Default)]
pub struct ProofTree {
    /// All nodes; children have greater ids than their parents.
    pub nodes: IdVec<NodeId, Node>,
    /// All obligations, in the order of the tree.
    pub obligations: IdVec<ObligationIdx, Obligation>,
    /// One entry for each fact of the module that is a theorem, in order.
    pub theorems: Vec<TheoremPlan>,
    /// Continuity lemmas: each is a node whose obligations are proved once and used by name.
    pub continuity: Vec<ContinuityLemma>,
    /// Vacuity checks: conditions that must NOT be provable.
    pub vacuity: Vec<VacuityCheck>,
    /// What rechecks decomposition, if that was asked for.
    pub rechecks: Vec<Recheck>,
    /// How each obligation that was split off something came about, if that was asked for.
    pub trails: BTreeMap<ObligationIdx, Trail>,
    /// Structured proofs and the like: what the user should know.
    pub notes: Vec<String>,
}

/// A node of the tree.
#[derive(Clone, Debug)]
pub struct Node {
    /// Its path: `Invariance.step.Phase1b.then.MsgInv1b.3.new`.
    pub path: String,
    /// What it stands for, in a few words.
    pub title: String,
    /// Its parent; `None` for the node of a theorem.
    pub parent: Option<NodeId>,
    /// Its children, in order.
    pub children: Vec<NodeId>,
    /// The obligation, if this is a leaf.
    pub obligation: Option<ObligationIdx>,
    /// The user's text that it comes from.
    pub span: Span,
}

/// How a theorem is to be proved: by the first of its alternatives whose obligations are all proved.
#[derive(Clone, Debug)]
pub struct TheoremPlan {
    /// The fact, as a position in `typed::Module::facts`.
    pub fact: usize,
    /// The theorem's name.
    pub name: String,
    /// Its node.
    pub node: NodeId,
    /// Ways to prove it, in the order in which they are tried; empty if it is assumed (`OMITTED`) or refused.
    pub alternatives: Vec<Alternative>,
    /// Why no rule applies to it, if none does: it is not proved, and nothing may rest on it.
    pub refused: Option<Diagnostic>,
    /// Whether the user wrote `OMITTED`.
    pub omitted: bool,
    /// How many hints (`BY ...`) its proof text has.
    pub hints: usize,
    /// Whether it belongs to the root module.
    pub root: bool,
    /// The theorem's name in the text.
    pub span: Span,
}

/// One way to prove a theorem.
#[derive(Clone, Debug)]
pub struct Alternative {
    /// `induction`, `implied`, `direct`, `natural induction`, ...
    pub name: String,
    /// Its node (the theorem's own if there is one alternative only).
    pub node: NodeId,
    /// Its obligations but for those of its parts.
    pub obligations: Vec<ObligationIdx>,
    /// What of it can be proved in several ways, each part by ways of its own.
    pub parts: Vec<Part>,
    /// For an induction over steps: the conjuncts of the invariant.
    pub conjuncts: Vec<Conjunct>,
}

/// A part of an alternative: proved by the first of its ways whose obligations are all proved.
#[derive(Clone, Debug)]
pub struct Part {
    /// The branch that is to simulate something.
    pub branch: String,
    /// The ways, in the order in which they are tried; at least one.
    pub ways: Vec<Way>,
}

/// One way to prove a part.
#[derive(Clone, Debug)]
pub struct Way {
    /// What the branch does there: `V!VoteFor(a = a, b = m.bal, v = m.val)`, or `unchanged`, or `any`.
    pub name: String,
    /// Its obligations.
    pub obligations: Vec<ObligationIdx>,
}

impl Alternative {
    /// An alternative without parts and conjuncts.
    pub(crate) fn of(name: &str, node: NodeId, obligations: Vec<ObligationIdx>) -> Self {
        Self { name: name.to_owned(), node, obligations, parts: Vec::new(), conjuncts: Vec::new() }
    }

    /// The obligations that prove it, with these ways for its parts, by position; a part without one has its first.
    ///
    /// # Panics
    /// If a part has no such way: without obligations for it, nothing would be proved.
    pub fn with(&self, ways: &[usize]) -> impl Iterator<Item = ObligationIdx> {
        let all_ways = ways.iter().copied().chain(std::iter::repeat(0));
        let chosen = self.parts.iter().zip(all_ways).map(|(part, way)| &part.ways[way]);
        let of_parts = chosen.flat_map(|way| way.obligations.iter().copied());
        self.obligations.iter().copied().chain(of_parts)
    }

    /// The obligations of the last way of each part, after which there is no other.
    pub fn last(&self) -> impl Iterator<Item = ObligationIdx> {
        let ways = self.parts.iter().filter_map(|part| part.ways.last());
        self.obligations.iter().copied().chain(ways.flat_map(|way| way.obligations.iter().copied()))
    }

    /// The obligations of all its ways.
    pub fn all(&self) -> impl Iterator<Item = ObligationIdx> {
        let ways = self.parts.iter().flat_map(|part| &part.ways);
        self.obligations.iter().copied().chain(ways.flat_map(|way| way.obligations.iter().copied()))
    }
}

/// A conjunct of an invariant, and what proves it.
#[derive(Clone, Debug)]
pub struct Conjunct {
    /// Its name, which is also the label of the hypothesis that it holds before a step.
    pub name: String,
    /// Its text.
    pub span: Span,
    /// Its obligations, of all branches.
    pub obligations: Vec<ObligationIdx>,
    /// Facts that have it, or a part of it, as a premise: where one of these is used, so may it be.
    pub supports: Vec<usize>,
    /// Whether it states the domain of a function, or what lies in one: rewriting then uses it everywhere, and no core tells.
    pub is_typing: bool,
}

/// A predicate that, once true, stays true across an action, found by the tool itself.
#[derive(Clone, Debug)]
pub struct ContinuityLemma {
    /// The operator.
    pub operator: String,
    /// The action branch.
    pub branch: String,
    /// The obligations that prove it.
    pub obligations: Vec<ObligationIdx>,
}

/// A condition that must not be provable.
#[derive(Clone, Debug)]
pub struct VacuityCheck {
    /// What would be contradictory.
    pub subject: VacuitySubject,
    /// The obligation whose goal is `FALSE`.
    pub obligation: ObligationIdx,
    /// Where the subject stands.
    pub span: Span,
    /// Instances of assumptions that stand among the hypotheses.
    pub instances: Vec<Instance>,
    /// The branch that the check is about, as the user wrote it.
    pub branch: Option<Branch>,
}

/// A formula `\A x \in S : P` with values for the names that it binds.
#[derive(Clone, Debug)]
pub struct Instance {
    /// The label of the hypothesis that states it.
    pub label: String,
    /// What the names stand for.
    pub values: Vec<(LocalId, Expr)>,
    /// `P` with these values.
    pub body: Expr,
}

/// What a vacuity check looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VacuitySubject {
    /// The module's assumptions, axioms and omitted theorems together.
    Assumptions,
    /// An action branch together with the invariants of a theorem.
    Action {
        /// The theorem.
        theorem: String,
        /// The branch.
        branch: String,
    },
    /// The initial predicate of a theorem.
    Initial {
        /// The theorem.
        theorem: String,
    },
}

/// One thing to prove.
#[derive(Clone, Debug)]
pub struct Obligation {
    /// Its path in the tree.
    pub id: String,
    /// Its node.
    pub node: NodeId,
    /// What kind.
    pub kind: ObligationKind,
    /// What may be assumed, in the order of relevance.
    pub hypotheses: Vec<Hypothesis>,
    /// What is to be proved.
    pub goal: Expr,
    /// What goal and hypotheses were rewritten with: what the verdict rests on, whatever a core names.
    pub rests_on: Vec<Source>,
    /// If decomposition closed it by itself: how.
    pub closed: Option<Closed>,
    /// What may be spent on it.
    pub worth: Worth,
    /// The conjunct, lemma or formula that is proved, as the user wrote it.
    pub span: Span,
    /// The action, for steps.
    pub action: Option<Span>,
    /// What it is a part of, in the module's own words; none for conditions that serve others.
    pub claim: Option<Arc<Claim>>,
}

/// What may be spent on an obligation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Worth {
    /// Little: it is a guess, after which others follow.
    Guess,
    /// Not all: another alternative follows if it fails.
    Tentative,
    /// All there is.
    #[default]
    Decisive,
}

/// What an obligation is a part of, before anything was rewritten or split: a state, or a step, in which
/// `before` and the branch are true and the goal is false refutes it.
#[derive(Clone, Debug)]
pub struct Claim {
    /// What is known of the state before, or of the only state: initial predicate, or invariants.
    pub before: Arc<[Expr]>,
    /// The branch of the action, if there is a step.
    pub branch: Option<Arc<Branch>>,
    /// What is to hold.
    pub goal: Goal,
}

/// What a claim says is to hold.
#[derive(Clone, Debug)]
pub enum Goal {
    /// A formula about the only state, or about the state after the step: read now, not primed.
    State(Expr),
    /// A formula about the step itself.
    Step(Expr),
}

impl Goal {
    /// The formula as written.
    pub fn as_written(&self) -> &Expr {
        match self {
            Self::State(formula) | Self::Step(formula) => formula,
        }
    }
}

impl Claim {
    /// What is to hold, as a formula about the state before and the one after.
    pub fn formula(&self, program: &Program) -> Expr {
        match &self.goal {
            Goal::State(formula) if self.branch.is_some() => crate::expr::prime(program, formula),
            Goal::State(formula) | Goal::Step(formula) => formula.clone(),
        }
    }
}

/// A formula that decomposition split into cases, as it was before any rewriting: it has to follow from the
/// cases that decomposition left open. That confirms the cases that it closed, and the split.
#[derive(Clone, Debug)]
pub struct Recheck {
    /// The cases, each with what it states for all values of the names that it introduced.
    pub cases: Vec<(ObligationIdx, Expr)>,
    /// The formula and what it may be proved from, but for the cases; its id is that of the node above them.
    pub whole: Obligation,
    /// The formula for all but the elements that the step adds to sets, if all that is left open is about
    /// those, and nothing else is.
    pub rest: Option<Expr>,
}

/// The tier of what is of no use in all likelihood.
const LAST: u8 = 2;

impl Recheck {
    /// What is to be proved: the formula, from the cases that are left open.
    pub fn obligation(&self, tree: &ProofTree) -> Obligation {
        self.with_cases(tree, self.whole.goal.clone(), 0)
    }

    /// The same for all but the elements that the step adds, if that says all about the cases that
    /// decomposition closed.
    pub fn rest(&self, tree: &ProofTree) -> Option<Obligation> {
        self.rest.as_ref().map(|rest| self.with_cases(tree, rest.clone(), LAST))
    }

    fn with_cases(&self, tree: &ProofTree, goal: Expr, tier: u8) -> Obligation {
        let open = self.cases.iter().filter(|(case, _)| tree.obligations[*case].closed.is_none());
        let stated = open.map(|(case, stated)| Hypothesis {
            label: format!("case:{}", tree.obligations[*case].id),
            formula: stated.clone(),
            sources: vec![Source::Obligation(*case)],
            tier,
        });
        let mut whole = Obligation { goal, ..self.whole.clone() };
        whole.hypotheses.extend(stated);
        whole
    }
}

/// Closed without the solver.
#[derive(Clone, Debug)]
pub struct Closed {
    /// By which means.
    pub means: Means,
    /// Labels of the hypotheses that were used.
    pub used: Vec<String>,
}

/// What closed an obligation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Means {
    /// The action changes nothing that the conjunct reads.
    Frame,
    /// It is about old elements of a growing set, of which the hypothesis speaks already.
    Increment,
    /// Rewriting made it true, its premises false, or it equal to a hypothesis.
    Rewriting,
    /// Z3 answered unsat.
    Z3,
}

/// What kind of thing is to be proved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ObligationKind {
    /// The initial states satisfy the conjunct.
    Initiation,
    /// The action preserves the conjunct.
    Consecution {
        /// Name of the action branch.
        branch: String,
    },
    /// The action does what the abstract specification allows, or changes nothing that it sees.
    Simulation {
        /// Name of the action branch.
        branch: String,
    },
    /// A state predicate, once true, stays true across the action.
    Continuity {
        /// The operator.
        operator: String,
        /// Name of the action branch.
        branch: String,
    },
    /// The formula follows from what is known, without induction over steps.
    Implication,
    /// Base or step of an induction over numbers or finite sets.
    Induction,
    /// A recursive call decreases a measure.
    Termination {
        /// The operator.
        operator: String,
    },
    /// Must not be provable.
    Vacuity,
}

impl ObligationKind {
    /// Title, what success means, what failure may mean, what a counterexample means: reports use these words.
    pub fn descriptions(&self) -> [String; 4] {
        match self {
            Self::Initiation => [
                "initiation".to_owned(),
                "holds in every initial state".to_owned(),
                "may fail in an initial state".to_owned(),
                "fails in an initial state".to_owned(),
            ],
            Self::Consecution { branch } => [
                format!("consecution of `{branch}`"),
                format!("`{branch}` preserves it"),
                format!("`{branch}` may break it"),
                format!("`{branch}` breaks it"),
            ],
            Self::Simulation { branch } => [
                format!("simulation of `{branch}`"),
                format!("`{branch}` does what the abstract specification allows"),
                format!("`{branch}` may do what the abstract specification does not allow"),
                format!("`{branch}` does what the abstract specification does not allow"),
            ],
            Self::Continuity { operator, branch } => [
                format!("continuity of `{operator}` across `{branch}`"),
                format!("`{operator}`, once true, stays true across `{branch}`"),
                format!("`{branch}` may make `{operator}` false"),
                format!("`{branch}` makes `{operator}` false"),
            ],
            Self::Implication => [
                "implication".to_owned(),
                "follows from what is known".to_owned(),
                "may not follow from what is known".to_owned(),
                "does not follow from what is known".to_owned(),
            ],
            Self::Induction => [
                "induction".to_owned(),
                "this case of the induction holds".to_owned(),
                "this case of the induction may fail".to_owned(),
                "what is claimed for all is false of some".to_owned(),
            ],
            Self::Termination { operator } => [
                format!("termination of `{operator}`"),
                "this call comes nearer to an end".to_owned(),
                "this call may not come nearer to an end, so that there may be no such values".to_owned(),
                "this call does not come nearer to an end".to_owned(),
            ],
            Self::Vacuity => [
                "vacuity".to_owned(),
                "the premises do not contradict each other".to_owned(),
                "the premises contradict each other, so that anything follows".to_owned(),
                "the premises do not contradict each other".to_owned(),
            ],
        }
    }
}

/// A hypothesis of an obligation.
#[derive(Clone, Debug)]
pub struct Hypothesis {
    /// Unique within the obligation; the path of what it states.
    pub label: String,
    /// What is assumed.
    pub formula: Expr,
    /// Where it comes from: all of what it rests on.
    pub sources: Vec<Source>,
    /// The first tier of hypotheses that holds it (0: always).
    pub tier: u8,
}

impl Hypothesis {
    /// A hypothesis of the obligation's own, which every stage sees and which rests on nothing.
    pub fn near(label: impl Into<String>, formula: Expr) -> Self {
        Self { label: label.into(), formula, sources: Vec::new(), tier: 0 }
    }
}

/// Where a hypothesis comes from: what a verdict that uses it rests on. A hypothesis without any source is
/// the obligation's own premise, the guard of its action, or its induction hypothesis.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// An assumption, axiom or theorem: a position in `typed::Module::facts`.
    Fact(usize),
    /// Another obligation, proved on its own (continuity lemmas; conjuncts proved earlier for the next state).
    Obligation(ObligationIdx),
    /// A theorem of an instantiated module: a position in `typed::Module::inherited`.
    Inherited(usize),
    /// A definition of the module.
    Definition(String),
}
