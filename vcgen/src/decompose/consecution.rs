//! Induction over steps: the initial states satisfy each conjunct, and each branch of the next-state
//! action preserves it.
//!
//! Hypotheses of a step are the invariant's conjuncts in the state before, the guards of the branch, earlier
//! facts, continuity lemmas, and the conjuncts that come earlier in the invariant in the state after: those
//! have obligations of their own for the same branch, on which the verdict then rests.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use lang::typed::{Binder, Expr, ExprKind, OperatorId, Quantifier, Time};

use super::Specification;
use super::facts::{AtHand, Library, at_hand, definitions};
use super::goal::{Case, Leaf, cases, conjunct_keys, leaves, opened};
use super::output::{Draft, Output};
use super::recheck::{Cases, Whole};
use crate::action::{After, Branch, Step, branches};
use crate::expr;
use crate::obligation::{
    Alternative, Claim, Closed, Conjunct, ContinuityLemma, Hypothesis, Means, NodeId, ObligationIdx,
    ObligationKind, Source,
};
use crate::program::Program;
use crate::rewrite::{Known, rewrite, states_domains};

/// Tiers of hypotheses: what a stage sees first, and what it sees when that did not suffice.
pub(crate) mod tier {
    /// The obligation's own premises, the same conjunct, continuity, definitions of what the goal mentions.
    pub(crate) const NEAR: u8 = 0;
    /// Facts and definitions; in a step, the invariants, and what holds after the step.
    pub(crate) const FACTS: u8 = 1;
    /// In an implication, the invariants.
    pub(crate) const ALL: u8 = 2;
}

/// The alternative that proves an invariant by induction over steps.
pub(crate) fn induction(
    program: &Program,
    out: &mut Output,
    library: &Library,
    index: usize,
    node: NodeId,
    specification: &Specification,
    invariant: &Expr,
) -> Alternative {
    let fact = &program.module.facts[index];
    let leaves = leaves(program, invariant);
    let mut conjuncts: Vec<Conjunct> = leaves
        .iter()
        .map(|leaf| Conjunct {
            name: leaf.name.clone(),
            span: leaf.span,
            obligations: Vec::new(),
            supports: Vec::new(),
            is_typing: expr::conjuncts(&leaf.formula).iter().any(states_domains),
        })
        .collect();

    let init = expr::prime(program, &expr::and(specification.init.iter().cloned(), fact.span));
    let constants = library.constant_facts(program, |_| tier::FACTS);
    let before_init: Arc<[Expr]> = specification.init.clone().into();
    let init_node = out.child(node, "init", "initiation", fact.span);
    let nothing_written = BTreeMap::new();
    for branch in branches(program, &init) {
        let (known, guards, typing) = prepare(program, &branch, &[]);
        let step = Step::new(program, &branch, &known);
        let context = StepContext {
            guards,
            own: Vec::new(),
            constants: constants.clone(),
            facts: Vec::new(),
            next: Vec::new(),
            typing,
            node: init_node,
            inductive: false,
            before: before_init.clone(),
            taken: None,
            written: &nothing_written,
            continuity: RefCell::default(),
            step: &step,
        };
        let branch_node = if branch.name == "next" {
            init_node
        } else {
            out.child(init_node, &branch.name, "initial branch", branch.span)
        };
        for (leaf, conjunct) in leaves.iter().zip(&mut conjuncts) {
            context.leaf(out, branch_node, leaf, &ObligationKind::Initiation, &mut conjunct.obligations);
        }
        super::vacuity::initial(out, &fact.name, context.all_hypotheses(), &branch, node);
    }

    let step_node = out.child(node, "step", "consecution", fact.span);
    let mut own: Vec<Hypothesis> = leaves
        .iter()
        .map(|leaf| Hypothesis {
            label: leaf.name.clone(),
            formula: leaf.formula.clone(),
            sources: Vec::new(),
            tier: tier::FACTS,
        })
        .collect();
    own.extend(library.invariants_of(program, specification, tier::FACTS));
    let own_at_hand = at_hand(&own);
    let before: Arc<[Expr]> =
        leaves.iter().map(|leaf| leaf.raw.clone()).chain(library.raw_invariants_of(specification)).collect();
    let written: BTreeMap<String, Expr> = if out.wholes.is_some() {
        let own = leaves.iter().map(|leaf| (leaf.name.clone(), leaf.raw.clone()));
        own.chain(library.written_invariants_of(program, specification)).collect()
    } else {
        BTreeMap::new()
    };
    for (action, subscript) in &specification.next {
        let mut all = branches(program, action);
        all.extend(stutter(program, subscript));
        for branch in &all {
            let branch_node = out.child(step_node, &branch.name, "action", branch.span);
            let (known, guards, typing) = prepare(program, branch, &own);
            let step = Step::new(program, branch, &known);
            let mut context = StepContext {
                guards,
                own: own.clone(),
                constants: constants.clone(),
                facts: library.state_facts(program, Some(&step), &own_at_hand, |_| tier::FACTS),
                next: Vec::new(),
                typing,
                node: branch_node,
                inductive: true,
                before: before.clone(),
                taken: Some(Arc::new(branch.clone())),
                written: &written,
                continuity: RefCell::default(),
                step: &step,
            };
            let kind = ObligationKind::Consecution { branch: branch.name.clone() };
            // An invariant proved earlier holds in the next state too.
            let mut at_hand_next: AtHand = AtHand::new();
            for earlier in own.iter().filter(|hypothesis| !hypothesis.sources.is_empty()) {
                for key in conjunct_keys(&earlier.formula) {
                    at_hand_next.insert(key, earlier.sources.clone());
                }
                context.add_next(&earlier.label, &earlier.formula, &earlier.sources);
            }
            let mut used_facts = BTreeSet::new();
            for (leaf, conjunct) in leaves.iter().zip(&mut conjuncts) {
                context.next.extend(library.next_state_facts(
                    &step,
                    &mut at_hand_next,
                    &mut used_facts,
                    tier::FACTS,
                ));
                let mut these = Vec::new();
                context.leaf(out, branch_node, leaf, &kind, &mut these);
                let sources: Vec<Source> = these.iter().copied().map(Source::Obligation).collect();
                for key in conjunct_keys(&leaf.formula) {
                    at_hand_next.insert(key, sources.clone());
                }
                context.add_next(&leaf.name, &leaf.formula, &sources);
                conjunct.obligations.extend(these);
            }
            if branch.name != STUTTER {
                super::vacuity::action(out, &fact.name, branch, context.all_hypotheses(), node);
            }
        }
    }
    let mut obligations: Vec<ObligationIdx> =
        conjuncts.iter().flat_map(|conjunct| conjunct.obligations.iter().copied()).collect();
    obligations.sort_unstable();
    Alternative { name: "induction".to_owned(), node, obligations, conjuncts }
}

const STUTTER: &str = "stutter";

/// `UNCHANGED vars`: variables that `vars` does not mention may change in any way.
fn stutter(program: &Program, subscript: &Expr) -> Vec<Branch> {
    let unchanged = expr::formula(ExprKind::Unchanged(subscript.clone()), subscript.span);
    let mut branches = branches(program, &unchanged);
    for branch in &mut branches {
        STUTTER.clone_into(&mut branch.name);
    }
    branches
}

/// What is known throughout a branch: domains of functions that the invariant states, and the guards.
/// Returns the guards as hypotheses, and the labels of the conjuncts that state domains.
fn prepare(
    program: &Program,
    branch: &Branch,
    invariants: &[Hypothesis],
) -> (Known, Vec<Hypothesis>, Vec<String>) {
    let mut known = Known::default();
    let mut typing = Vec::new();
    for hypothesis in invariants {
        for part in expr::conjuncts(&hypothesis.formula) {
            if states_domains(&part) {
                known.assume(&part);
                typing.push(hypothesis.label.clone());
            }
        }
    }
    let mut guards = Vec::new();
    for guard in &branch.guards {
        let forward = Step::new(program, branch, &known).forward(guard);
        let rewritten = rewrite(program, &known, &forward);
        known.assume(&forward);
        known.assume(&rewritten);
        for formula in opened(program, &rewritten) {
            let label = format!("guard.{}", guards.len() + 1);
            guards.push(Hypothesis::near(label, formula));
        }
    }
    (known, guards, typing)
}

/// What all obligations of one branch share.
struct StepContext<'a> {
    step: &'a Step<'a>,
    guards: Vec<Hypothesis>,
    /// The invariant's conjuncts in the state before, and earlier invariants.
    own: Vec<Hypothesis>,
    constants: Vec<Hypothesis>,
    facts: Vec<Hypothesis>,
    /// What holds after the step.
    next: Vec<Hypothesis>,
    /// Labels of the conjuncts that state domains: rewriting uses them everywhere.
    typing: Vec<String>,
    node: NodeId,
    /// Whether there is a state before.
    inductive: bool,
    /// What is known of it, in the module's own words; of the initial state, if there is none.
    before: Arc<[Expr]>,
    /// The branch, if there is a state before.
    taken: Option<Arc<Branch>>,
    /// The conjuncts in the state before and earlier invariants as written, by their labels; empty if nothing
    /// is to be rechecked.
    written: &'a BTreeMap<String, Expr>,
    continuity: RefCell<BTreeMap<(OperatorId, bool), Hypothesis>>,
}

impl StepContext<'_> {
    /// Makes a conjunct available for the next state.
    fn add_next(&mut self, label: &str, formula: &Expr, sources: &[Source]) {
        let program = self.step.program;
        let forward = self.step.forward(&expr::prime(program, formula));
        let after = rewrite(program, self.step.known, &forward);
        if expr::is_bool(&after, true) || crate::alpha::key(&after) == crate::alpha::key(formula) {
            return;
        }
        self.next.push(Hypothesis {
            label: format!("{label}'"),
            formula: after,
            sources: sources.to_vec(),
            tier: tier::FACTS,
        });
    }

    fn all_hypotheses(&self) -> Vec<Hypothesis> {
        let groups = [&self.guards, &self.constants, &self.own, &self.facts];
        groups.into_iter().flatten().cloned().collect()
    }

    /// The obligations of one conjunct.
    fn leaf(
        &self,
        out: &mut Output,
        node: NodeId,
        leaf: &Leaf,
        kind: &ObligationKind,
        obligations: &mut Vec<ObligationIdx>,
    ) {
        let inductive = self.inductive;
        let mut read = BTreeSet::new();
        expr::reads(self.step.program, &leaf.formula, Time::Now, &mut read);
        let claim = Arc::new(Claim {
            before: self.before.clone(),
            branch: self.taken.clone(),
            goal: leaf.raw.clone(),
        });
        let draft = |hypotheses: Vec<Hypothesis>, goal: Expr, closed: Option<Closed>| Draft {
            kind: kind.clone(),
            hypotheses,
            goal,
            rests_on: self.rests_on(),
            closed,
            span: leaf.span,
            action: inductive.then_some(self.step.branch.span),
            claim: Some(claim.clone()),
        };
        if inductive && read.iter().all(|variable| self.step.branch.keeps(*variable)) {
            let closed = Closed { means: Means::Frame, used: vec![leaf.name.clone()] };
            let hypotheses = self.own.iter().filter(|own| own.label == leaf.name).cloned().collect();
            let draft = draft(hypotheses, leaf.formula.clone(), Some(closed));
            let kept = out.obligation(node, &leaf.name, "conjunct", draft);
            obligations.push(kept);
            self.recheck_leaf(out, node, leaf, kind, vec![(kept, leaf.formula.clone())]);
            return;
        }
        let step = self.step;
        let forward = step.forward(&expr::prime(self.step.program, &leaf.formula));
        let now = inductive.then_some(&leaf.formula);
        let found = cases(self.step.program, self.step.known, now, &forward);
        let mut made: Cases = Vec::new();
        if found.is_empty() {
            let closed = Closed { means: Means::Rewriting, used: Vec::new() };
            let goal = expr::bool(true, leaf.span);
            let draft = draft(Vec::new(), goal.clone(), Some(closed));
            made.push((out.obligation(node, &leaf.name, "conjunct", draft), goal));
        }
        for case in found {
            let segments: Vec<String> =
                std::iter::once(leaf.name.clone()).chain(case.segments.iter().cloned()).collect();
            let closed = self.closed_by_rewriting(&case, leaf);
            let hypotheses = self.hypotheses(out, &case, Some(&leaf.name));
            let statement = case.statement();
            let draft = draft(hypotheses, case.goal, closed);
            made.push((out.obligation(node, &segments.join("."), "case", draft), statement));
        }
        obligations.extend(made.iter().map(|(case, _)| *case));
        self.recheck_leaf(out, node, leaf, kind, made);
    }

    /// Lets the conjunct be rechecked: as written, in the state after, from its cases, itself in the state
    /// before, and what rewriting knew.
    fn recheck_leaf(&self, out: &mut Output, node: NodeId, leaf: &Leaf, kind: &ObligationKind, cases: Cases) {
        out.record(|| Whole {
            node,
            name: leaf.name.clone(),
            kind: kind.clone(),
            goal: leaf.raw.clone(),
            time: Time::Next,
            branch: Some((self.node, self.step.branch.clone())),
            templates: self.step.templates(),
            before: self.before(Some(&leaf.name)),
            cases,
            span: leaf.span,
        });
    }

    /// What holds in the state before, as written: what rewriting knew and the conjunct itself, and the rest.
    fn before(&self, same: Option<&str>) -> [Vec<(String, Expr)>; 2] {
        let is_used = |(label, _): &(String, Expr)| same == Some(label) || self.typing.contains(label);
        let (used, rest) = self.written.clone().into_iter().partition(is_used);
        [used, rest]
    }

    /// What the domains that rewriting knows rest on.
    fn rests_on(&self) -> Vec<Source> {
        let typing = self.own.iter().filter(|hypothesis| self.typing.contains(&hypothesis.label));
        let sources: BTreeSet<&Source> = typing.flat_map(|hypothesis| &hypothesis.sources).collect();
        sources.into_iter().cloned().collect()
    }

    fn closed_by_rewriting(&self, case: &Case, leaf: &Leaf) -> Option<Closed> {
        let mut used = self.typing.clone();
        if case.by_hypothesis {
            used.push(leaf.name.clone());
            let means = if case.segments.iter().any(|segment| segment == "old") {
                Means::Increment
            } else {
                Means::Frame
            };
            return Some(Closed { means, used });
        }
        let holds = expr::is_bool(&case.goal, true) || case.known.contradictory();
        holds.then_some(Closed { means: Means::Rewriting, used })
    }

    /// The hypotheses of a case, nearest first.
    fn hypotheses(&self, out: &mut Output, case: &Case, same: Option<&str>) -> Vec<Hypothesis> {
        let mut all = case.premise_hypotheses();
        let mut wanted = BTreeSet::new();
        for premise in &case.premises {
            next_atoms(premise, false, &mut wanted);
        }
        next_atoms(&case.goal, true, &mut wanted);
        all.extend(self.guards.iter().cloned());
        all.extend(self.constants.iter().cloned());
        for hypothesis in &self.own {
            let near = same == Some(hypothesis.label.as_str()) || self.typing.contains(&hypothesis.label);
            let tier = if near { tier::NEAR } else { hypothesis.tier };
            all.push(Hypothesis { tier, ..hypothesis.clone() });
        }
        if !self.inductive {
            wanted.clear();
        }
        for (operator, keeps) in wanted {
            all.extend(self.continuity(out, operator, keeps));
        }
        all.extend(self.facts.iter().cloned());
        all.extend(self.next.iter().cloned());
        let formulas: Vec<&Expr> = all.iter().map(|hypothesis| &hypothesis.formula).collect();
        let definitions =
            definitions(self.step.program, Some(self.step), &case.goal, &formulas, tier::NEAR, tier::FACTS);
        all.extend(definitions);
        all
    }

    /// The continuity lemma of an operator across this branch, with its own obligation, made when first
    /// wanted. `keeps`: once true, stays true; otherwise: once false, stays false.
    fn continuity(&self, out: &mut Output, operator: OperatorId, keeps: bool) -> Option<Hypothesis> {
        if let Some(found) = self.continuity.borrow().get(&(operator, keeps)) {
            return Some(found.clone());
        }
        let step = self.step;
        let After::Opaque { body, premises, is_template } = step.after(operator) else { return None };
        // Of what only gains conjuncts, or disjuncts, its definition says all: the one does not go on to hold as a
        // rule, nor does the other go on not to.
        let is_fragile = match body.kind {
            ExprKind::And(_) => keeps,
            ExprKind::Or(_) => !keeps,
            _ => false,
        };
        if is_template && is_fragile {
            return None;
        }
        let definition = &self.step.program.module.operators[operator];
        if definition.recursive || definition.body.sort != lang::sort::Sort::Bool {
            return None;
        }
        let at = |time| self.step.program.applied(operator, time);
        let binders: Vec<Binder> =
            definition.params.iter().map(|id| Binder { local: *id, domain: None }).collect();
        let now_body = rewrite(self.step.program, self.step.known, &definition.body);
        let premise = expr::and(premises, definition.span);
        let (before, after, stated) = if keeps {
            (expr::and([at(Time::Now), now_body], definition.span), body, (at(Time::Now), at(Time::Next)))
        } else {
            (body, now_body, (at(Time::Next), at(Time::Now)))
        };
        let goal = expr::quantifier(
            Quantifier::Forall,
            binders.clone(),
            expr::implies(&expr::and([premise.clone(), before], definition.span), &after),
        );
        let direction = if keeps { "continuity" } else { "persistence" };
        let name = definition.name.replace('.', "_");
        let kind = ObligationKind::Continuity {
            operator: definition.name.clone(),
            branch: self.step.branch.name.clone(),
        };
        let mut made: Cases = Vec::new();
        for case in cases(self.step.program, self.step.known, None, &goal) {
            let holds = expr::is_bool(&case.goal, true) || case.known.contradictory();
            let closed = holds.then(|| Closed { means: Means::Rewriting, used: self.typing.clone() });
            let hypotheses = self.hypotheses(out, &case, None);
            let draft = Draft {
                kind: kind.clone(),
                hypotheses,
                goal: case.goal.clone(),
                rests_on: self.rests_on(),
                closed,
                span: definition.span,
                action: Some(self.step.branch.span),
                claim: None,
            };
            let segments: Vec<String> = [direction, &name]
                .into_iter()
                .chain(case.segments.iter().map(String::as_str))
                .map(str::to_owned)
                .collect();
            let idx = out.obligation(self.node, &segments.join("."), "continuity lemma", draft);
            made.push((idx, case.statement()));
        }
        let parts: Vec<ObligationIdx> = made.iter().map(|(case, _)| *case).collect();
        let prefix = format!("{direction}:{}@{}", definition.name, lang::ids::Id::index(operator));
        let hypothesis = Hypothesis {
            label: prefix,
            formula: expr::quantifier(
                Quantifier::Forall,
                binders,
                expr::implies(&expr::and([premise, stated.0], definition.span), &stated.1),
            ),
            sources: parts.iter().copied().map(Source::Obligation).collect(),
            tier: tier::NEAR,
        };
        out.record(|| Whole {
            node: self.node,
            name: format!("{direction}.{name}"),
            kind,
            goal: hypothesis.formula.clone(),
            time: Time::Now,
            branch: Some((self.node, step.branch.clone())),
            templates: step.templates(),
            before: self.before(None),
            cases: made,
            span: definition.span,
        });
        out.tree.continuity.push(ContinuityLemma {
            operator: definition.name.clone(),
            branch: self.step.branch.name.clone(),
            obligations: parts,
        });
        self.continuity.borrow_mut().insert((operator, keeps), hypothesis.clone());
        Some(hypothesis)
    }
}

/// Opaque operators read in the next state, with the polarity in which they stand.
fn next_atoms(formula: &Expr, positive: bool, out: &mut BTreeSet<(OperatorId, bool)>) {
    match &formula.kind {
        ExprKind::Apply(operator, _, Time::Next) => {
            out.insert((*operator, positive));
        }
        ExprKind::Not(inner) => next_atoms(inner, !positive, out),
        ExprKind::Implies(premise, conclusion) => {
            next_atoms(premise, !positive, out);
            next_atoms(conclusion, positive, out);
        }
        ExprKind::Iff(left, right) => {
            for side in [left, right] {
                next_atoms(side, positive, out);
                next_atoms(side, !positive, out);
            }
        }
        ExprKind::If(condition, then, otherwise) => {
            next_atoms(condition, positive, out);
            next_atoms(condition, !positive, out);
            next_atoms(then, positive, out);
            next_atoms(otherwise, positive, out);
        }
        _ => formula.for_each_child(&mut |child| next_atoms(child, positive, out)),
    }
}
