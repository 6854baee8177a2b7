//! Probes: questions that a module should answer with no. Does a conjunct of the invariant follow from the
//! others; do the premises under which something is said contradict what is known; is an alternative within an
//! action never taken? Like vacuity checks, these obligations must NOT be provable; unlike them, they are asked
//! only on request, and an answer of yes is a remark about the text and makes no proof worthless.
//!
//! What is known is the assumptions, the invariant's other conjuncts, and definitions; lemmas are left out, as
//! they follow from the rest.

use std::collections::{BTreeMap, BTreeSet};

use lang::source::Span;
use lang::typed::{Expr, ExprKind, FactKind, Quantifier, Time};

use super::facts::{Library, definitions};
use super::goal::{Leaf, leaves, opened};
use super::output::{Draft, Output};
use super::step::tier;
use super::{Claim, Specification, claim};
use crate::action::{Branch, branches};
use crate::alpha::{Key, key};
use crate::expr;
use crate::obligation::{Closed, Hypothesis, Means, NodeId, Obligation, ObligationKind};
use crate::program::Program;
use crate::rewrite::{Known, rewrite, rewrite_closed};

/// A question that should be answered with no.
#[derive(Clone, Debug)]
pub struct Probe {
    /// What is asked.
    pub subject: Subject,
    /// The theorem that it is about.
    pub theorem: String,
    /// The conjunct or branch that it is about.
    pub part: String,
    /// The obligation that must not be provable.
    pub obligation: Obligation,
    /// The text that would be idle.
    pub span: Span,
    /// A formula about a step, or the state before it, whose truth shows that the answer is no.
    pub witness: Option<Expr>,
    /// The question about states in the module's own words, where it is one.
    pub question: Option<Question>,
}

/// Whether the goal follows from what is known of a state, and the assumptions.
#[derive(Clone, Debug)]
pub struct Question {
    /// What is known.
    pub known: Vec<Expr>,
    /// What would follow.
    pub goal: Expr,
}

/// What a probe asks.
#[derive(Clone, Debug)]
pub enum Subject {
    /// Whether a conjunct follows from the others.
    Redundant,
    /// Whether what a formula is said under can never be true.
    Surroundings {
        /// The quantifiers and premises around it, the outermost first.
        parts: Vec<Surrounding>,
        /// All conjuncts that are said under just these.
        of: Vec<String>,
    },
    /// Whether an alternative in the condition of an action is never taken.
    Alternative,
}

/// A quantifier or a premise around a formula.
#[derive(Clone, Debug)]
pub struct Surrounding {
    /// Whether it is a quantifier, whose set would be empty; otherwise it is a premise.
    pub is_domain: bool,
    /// Its text.
    pub span: Span,
    /// The labels of the hypotheses that state it.
    pub labels: Vec<String>,
}

/// All probes of the root module's theorems, in order.
pub fn probes(program: &Program) -> Vec<Probe> {
    let mut found =
        Found { program, out: Output::default(), library: Library::default(), probes: Vec::new() };
    let mut last: BTreeMap<Key, (usize, Specification, Vec<Leaf>)> = BTreeMap::new();
    for (index, fact) in program.module.facts.iter().enumerate() {
        match fact.kind {
            FactKind::Assumption | FactKind::Axiom => {
                found.library.add_formula(program, index);
                continue;
            }
            FactKind::Theorem => {}
        }
        match claim(program, &fact.statement) {
            Ok(Claim::Invariant { specification, invariant }) => {
                let leaves = leaves(program, &invariant);
                if fact.root {
                    found.of_invariant(index, &specification, &leaves);
                }
                found.library.add_invariant(program, index, &specification, &invariant);
                if fact.root {
                    last.insert(specification.key.clone(), (index, specification, leaves));
                }
            }
            Ok(Claim::Formula(formula)) if fact.root => {
                let known = found.library.assumed(program);
                found.surroundings(index, &leaves(program, &formula), &[], |_| known.clone());
            }
            Ok(Claim::Formula(_) | Claim::Refinement { .. }) | Err(_) => {}
        }
    }
    for (index, specification, leaves) in last.into_values() {
        found.of_actions(index, &specification, &leaves);
    }
    found.probes
}

struct Found<'p> {
    program: &'p Program,
    out: Output,
    library: Library,
    probes: Vec<Probe>,
}

impl Found<'_> {
    /// The conjuncts of an invariant: whether each follows from the others, and whether what is around each can
    /// be true.
    fn of_invariant(&mut self, index: usize, specification: &Specification, leaves: &[Leaf]) {
        let assumed = self.library.assumed(self.program);
        let others = |is_left_out: &dyn Fn(&Leaf) -> bool| -> Vec<Hypothesis> {
            let own = leaves.iter().filter(|leaf| !is_left_out(leaf)).map(as_hypothesis);
            assumed.iter().cloned().chain(own).collect()
        };
        for leaf in leaves {
            let is_true = expr::is_bool(&leaf.formula, true);
            // A conjunct without others can follow from nothing but the assumptions: then it is what is wanted.
            if is_said_by_sorts(leaf) || (leaves.len() == 1 && !is_true) {
                continue;
            }
            let closed = is_true.then(|| Closed { means: Means::Rewriting, used: Vec::new() });
            let known = others(&|other| other.name == leaf.name);
            let name = format!("redundant.{}", leaf.name);
            let obligation = self.ask(index, &name, known, leaf.formula.clone(), closed, leaf.span);
            let part = leaf.name.clone();
            let raw = leaves.iter().filter(|other| other.name != leaf.name).map(|other| other.raw.clone());
            let question = Question { known: raw.collect(), goal: leaf.raw.clone() };
            self.add(index, Subject::Redundant, part, obligation, leaf.span, (None, Some(question)));
        }
        let earlier = self.library.invariants_of(specification, tier::FACTS);
        let own = leaves.iter().map(|leaf| (leaf.name.as_str(), leaf.raw.clone()));
        let before = self.library.raw_invariants_of(specification).map(|raw| ("", raw));
        let about: Vec<(&str, Expr)> = own.chain(before).collect();
        self.surroundings(index, leaves, &about, |alike| {
            let mut known = others(&|leaf| alike.contains(&leaf.name.as_str()));
            known.extend(earlier.iter().cloned());
            known
        });
    }

    /// For each leaf, whether the quantifiers and premises around it can be true, given what is said `about` the
    /// same state, but for leaves that have the same ones; `known` says that as hypotheses, told their names.
    fn surroundings(
        &mut self,
        index: usize,
        leaves: &[Leaf],
        about: &[(&str, Expr)],
        known: impl Fn(&BTreeSet<&str>) -> Vec<Hypothesis>,
    ) {
        let mut by_key: BTreeMap<Key, Vec<&Leaf>> = BTreeMap::new();
        for leaf in leaves {
            by_key.entry(key(&around(&leaf.raw))).or_default().push(leaf);
        }
        let mut groups: Vec<Vec<&Leaf>> = by_key.into_values().collect();
        groups.sort_by_key(|group| group[0].span);
        for group in groups {
            let leaf = group[0];
            let (surroundings, own) = self.opened_around(&leaf.raw);
            if own.is_empty() {
                continue;
            }
            let names: BTreeSet<&str> = group.iter().map(|leaf| leaf.name.as_str()).collect();
            let mut hypotheses = own;
            hypotheses.extend(known(&names));
            let name = format!("around.{}", leaf.name);
            let goal = expr::bool(false, leaf.span);
            let obligation = self.ask(index, &name, hypotheses, goal, None, leaf.span);
            let of = group.iter().map(|leaf| leaf.name.clone()).collect();
            let subject = Subject::Surroundings { parts: surroundings, of };
            let others = about.iter().filter(|(name, _)| !names.contains(name));
            let known = others.map(|(_, raw)| raw.clone()).collect();
            let question = Question { known, goal: around(&leaf.raw) };
            let evidence = (Some(satisfied(&leaf.raw)), Some(question));
            self.add(index, subject, leaf.name.clone(), obligation, leaf.span, evidence);
        }
    }

    /// What is around a formula, and as hypotheses, with names for what is quantified.
    fn opened_around(&self, formula: &Expr) -> (Vec<Surrounding>, Vec<Hypothesis>) {
        let mut known = Known::default();
        let mut surroundings = Vec::new();
        let mut hypotheses: Vec<Hypothesis> = Vec::new();
        let mut rest = formula.clone();
        loop {
            let (is_domain, span, stated, inner) = match &rest.kind {
                ExprKind::Quantifier(Quantifier::Forall, binders, body) => {
                    let mut map = BTreeMap::new();
                    let mut members = Vec::new();
                    let mut span = None;
                    for binder in binders {
                        let name = self.program.rigid(binder.local);
                        if let Some(domain) = &binder.domain {
                            span = Some(span.map_or(domain.span, |span: Span| span.to(domain.span)));
                            members.push(expr::is_in(&name, domain));
                        }
                        map.insert(binder.local, name);
                    }
                    let inner = expr::substitute(self.program, body, &map);
                    (true, span.unwrap_or(body.span), members, inner)
                }
                ExprKind::Implies(premise, conclusion) => {
                    (false, premise.span, vec![premise.clone()], conclusion.clone())
                }
                _ => break,
            };
            let mut labels = Vec::new();
            for formula in stated {
                let rewritten = rewrite(self.program, &known, &formula);
                known.assume(&formula);
                known.assume(&rewritten);
                for part in opened(self.program, &rewritten) {
                    let label = format!("around.{}", hypotheses.len() + 1);
                    hypotheses.push(Hypothesis::near(label.clone(), part));
                    labels.push(label);
                }
            }
            surroundings.push(Surrounding { is_domain, span, labels });
            rest = inner;
        }
        (surroundings, hypotheses)
    }

    /// The alternatives within the conditions of each branch, given all that is invariant.
    fn of_actions(&mut self, index: usize, specification: &Specification, leaves: &[Leaf]) {
        let mut known = self.library.assumed(self.program);
        known.extend(leaves.iter().map(as_hypothesis));
        let fact = &self.program.module.facts[index].name;
        let own = format!("{fact}.");
        let earlier = self.library.invariants_of(specification, tier::FACTS);
        known.extend(earlier.into_iter().filter(|hypothesis| !hypothesis.label.starts_with(&own)));
        for (action, _) in &specification.next {
            for branch in branches(self.program, action) {
                self.alternatives(index, &branch, &known);
            }
        }
    }

    fn alternatives(&mut self, index: usize, branch: &Branch, known: &[Hypothesis]) {
        let mut flat = Branch { guards: Vec::new(), ..branch.clone() };
        for guard in &branch.guards {
            flatten(self.program, guard, &mut flat);
        }
        let conditions = &flat.guards;
        let values = branch.next.iter().map(|(variable, value)| {
            let sort = self.program.module.variables[*variable].sort.clone();
            let next = Expr::new(ExprKind::Variable(*variable, Time::Next), sort, value.span);
            expr::equal(&next, value)
        });
        let values: Vec<Expr> = values.collect();
        for (position, condition) in conditions.iter().enumerate() {
            let ExprKind::Or(disjuncts) = &condition.kind else { continue };
            for (number, disjunct) in disjuncts.iter().enumerate() {
                let others = conditions.iter().enumerate().filter(|(other, _)| *other != position);
                let stated = others.map(|(_, other)| other).chain([disjunct]).chain(&values);
                let mut hypotheses: Vec<Hypothesis> = Vec::new();
                for formula in stated {
                    for part in opened(self.program, &rewrite_closed(self.program, formula)) {
                        let label = format!("condition.{}", hypotheses.len() + 1);
                        hypotheses.push(Hypothesis::near(label, part));
                    }
                }
                hypotheses.extend(known.iter().cloned());
                let name = format!("alternative.{}.{}", branch.name, number + 1);
                let goal = expr::bool(false, disjunct.span);
                let obligation = self.ask(index, &name, hypotheses, goal, None, disjunct.span);
                let mut taken = flat.clone();
                taken.guards[position] = disjunct.clone();
                let witness = Some(taken.formula(self.program));
                let part = branch.name.clone();
                self.add(index, Subject::Alternative, part, obligation, disjunct.span, (witness, None));
            }
        }
    }

    fn ask(
        &mut self,
        index: usize,
        segments: &str,
        mut hypotheses: Vec<Hypothesis>,
        goal: Expr,
        closed: Option<Closed>,
        span: Span,
    ) -> Obligation {
        let formulas = hypotheses.iter().map(|hypothesis| (&hypothesis.formula, tier::NEAR));
        let definitions = definitions(self.program, None, (&goal, tier::NEAR), formulas);
        hypotheses.extend(definitions);
        for hypothesis in &mut hypotheses {
            hypothesis.tier = tier::NEAR;
        }
        let node = self.root(index);
        let draft = Draft {
            kind: ObligationKind::Vacuity,
            hypotheses,
            goal,
            rests_on: Vec::new(),
            closed,
            span,
            action: None,
            claim: None,
        };
        let obligation = self.out.obligation(node, segments, "probe", draft);
        self.out.tree.obligations[obligation].clone()
    }

    /// The node of a theorem.
    fn root(&mut self, index: usize) -> NodeId {
        let fact = &self.program.module.facts[index];
        let nodes = &self.out.tree.nodes;
        let existing = nodes.ids().find(|id| nodes[*id].parent.is_none() && nodes[*id].path == fact.name);
        existing.unwrap_or_else(|| self.out.root(&fact.name, fact.span))
    }

    fn add(
        &mut self,
        index: usize,
        subject: Subject,
        part: String,
        obligation: Obligation,
        span: Span,
        (witness, question): (Option<Expr>, Option<Question>),
    ) {
        let theorem = self.program.module.facts[index].name.clone();
        self.probes.push(Probe { subject, theorem, part, obligation, span, witness, question });
    }
}

/// Whether a conjunct states the sort of something, which sorts say already, and which a TLA+ user has to state.
fn is_said_by_sorts(leaf: &Leaf) -> bool {
    expr::is_bool(&leaf.formula, true) && matches!(leaf.raw.kind, ExprKind::In(..) | ExprKind::SubsetEq(..))
}

fn as_hypothesis(leaf: &Leaf) -> Hypothesis {
    Hypothesis::near(leaf.name.clone(), leaf.formula.clone())
}

/// A formula with `FALSE` in the place of what its quantifiers and premises are around.
fn around(formula: &Expr) -> Expr {
    let kind = match &formula.kind {
        ExprKind::Quantifier(Quantifier::Forall, binders, body) => {
            ExprKind::Quantifier(Quantifier::Forall, binders.clone(), around(body))
        }
        ExprKind::Implies(premise, conclusion) => ExprKind::Implies(premise.clone(), around(conclusion)),
        _ => ExprKind::Bool(false),
    };
    expr::formula(kind, formula.span)
}

/// That something is as the quantifiers and premises around a formula say: `\E` for `\A`, and `/\` for `=>`.
fn satisfied(formula: &Expr) -> Expr {
    match &formula.kind {
        ExprKind::Quantifier(Quantifier::Forall, binders, body) => {
            expr::quantifier(Quantifier::Exists, binders.clone(), satisfied(body))
        }
        ExprKind::Implies(premise, conclusion) => {
            expr::and([premise.clone(), satisfied(conclusion)], formula.span)
        }
        _ => expr::bool(true, formula.span),
    }
}

/// Adds the conditions of a guard to a branch, one by one, with names for what exists.
fn flatten(program: &Program, guard: &Expr, into: &mut Branch) {
    match &guard.kind {
        ExprKind::And(items) => items.iter().for_each(|item| flatten(program, item, into)),
        ExprKind::Quantifier(Quantifier::Exists, binders, body) => {
            let mut map = BTreeMap::new();
            for binder in binders {
                let local = program.fresh_like(binder.local);
                let name = program.named(local);
                into.params.push(local);
                into.guards.extend(binder.domain.as_ref().map(|domain| expr::is_in(&name, domain)));
                map.insert(binder.local, name);
            }
            flatten(program, &expr::substitute(program, body, &map), into);
        }
        ExprKind::Apply(operator, args, time) if !program.is_opaque(*operator) => {
            flatten(program, &program.unfold(*operator, args, *time), into);
        }
        _ => into.guards.push(guard.clone()),
    }
}
