//! What all obligations of one branch of an action share: what is known before the step and after it, and how a
//! formula about the step, or about the state after it, becomes obligations.
//!
//! Hypotheses of a step are what is known in the state before, the guards of the branch, earlier facts,
//! continuity lemmas, and what is known already of the state after: that has obligations of its own, on which
//! the verdict then rests.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use lang::source::Span;
use lang::typed::{Binder, Expr, ExprKind, OperatorId, Quantifier, Time};

use super::facts::{AtHand, Library, definitions};
use super::goal::{Case, Leaf, cases, conjunct_keys, opened};
use super::output::{Draft, Output};
use super::recheck::{Cases, Whole};
use crate::action::{After, Branch, Step};
use crate::alpha::alike;
use crate::expr;
use crate::obligation::{
    Claim, Closed, ContinuityLemma, Goal, Hypothesis, Means, NodeId, ObligationIdx, ObligationKind, Source,
    Worth,
};
use crate::program::Program;
use crate::rewrite::{Known, rewrite, typing};
use crate::trail::{Move, Rule};

/// Tiers of hypotheses: what a stage sees first, and what it sees when that did not suffice.
pub(crate) mod tier {
    /// The obligation's own premises, the same conjunct, continuity, definitions of what the goal mentions.
    pub(crate) const NEAR: u8 = 0;
    /// Facts and definitions; in a step, the invariants, and what holds after the step.
    pub(crate) const FACTS: u8 = 1;
    /// In an implication, the invariants.
    pub(crate) const ALL: u8 = 2;
    /// Definitions of what only facts mention: where they speak of what is not at hand, they are of little use.
    pub(crate) const REMOTE: u8 = 3;
}

/// What is known throughout a branch: what the invariant says of domains of functions, and the guards.
/// Returns the guards as hypotheses, and the labels of the conjuncts that speak of domains.
pub(super) fn prepare(
    program: &Program,
    branch: &Branch,
    invariants: &[Hypothesis],
) -> (Known, Vec<Hypothesis>, Vec<String>) {
    let mut known = Known::default();
    let (labels, parts): (Vec<&String>, Vec<Expr>) = invariants
        .iter()
        .flat_map(|own| expr::conjuncts(&own.formula).into_iter().map(move |part| (&own.label, part)))
        .unzip();
    let of_typing = typing(&parts);
    let mut typing = Vec::new();
    for ((label, part), _) in
        labels.into_iter().zip(&parts).zip(of_typing).filter(|(_, is_typing)| *is_typing)
    {
        known.assume(part);
        typing.push(label.clone());
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

/// What all branches of a theorem's steps share: what is known before any of them.
pub(super) struct Ground {
    /// What is known of the state before, as hypotheses.
    pub(super) own: Vec<Hypothesis>,
    /// The same in the module's own words.
    pub(super) before: Arc<[Expr]>,
    /// The same as written, by their labels; empty if nothing is to be rechecked.
    pub(super) written: BTreeMap<String, Expr>,
    /// What is known of constants.
    pub(super) constants: Vec<Hypothesis>,
}

/// What all obligations of one branch share.
pub(super) struct StepContext<'a> {
    pub(super) step: &'a Step<'a>,
    pub(super) guards: Vec<Hypothesis>,
    /// Premises of this proof that are no part of the branch, as written, by their labels.
    pub(super) premises: Vec<(String, Expr)>,
    pub(super) ground: &'a Ground,
    pub(super) facts: Vec<Hypothesis>,
    /// What holds after the step.
    next: Vec<Hypothesis>,
    /// Labels of the hypotheses that state domains: rewriting uses them everywhere.
    typing: Vec<String>,
    node: NodeId,
    /// The branch, if there is a state before.
    taken: Option<Arc<Branch>>,
    continuity: RefCell<BTreeMap<(OperatorId, bool), Hypothesis>>,
}

/// A formula on its way to obligations.
pub(super) struct Stated<'a> {
    /// Its name below its node.
    pub(super) name: &'a str,
    /// As written.
    pub(super) raw: &'a Expr,
    /// In which state it is to hold; a formula about the step itself is read now.
    pub(super) time: Time,
    /// In terms of the state before, not rewritten.
    pub(super) forward: Expr,
    /// The same formula in the state before, where it is known to hold there by the hypothesis of its name.
    pub(super) now: Option<&'a Expr>,
    pub(super) kind: &'a ObligationKind,
    pub(super) claim: Arc<Claim>,
    pub(super) span: Span,
    /// How `raw` became `forward`, if anybody wants to know.
    pub(super) trail: Vec<Move>,
}

impl<'a> StepContext<'a> {
    /// A step across a branch, whose obligations stand below `node`.
    pub(super) fn across(
        ground: &'a Ground,
        step: &'a Step<'a>,
        (guards, typing): (Vec<Hypothesis>, Vec<String>),
        facts: Vec<Hypothesis>,
        node: NodeId,
    ) -> Self {
        Self {
            step,
            guards,
            premises: Vec::new(),
            ground,
            facts,
            next: Vec::new(),
            typing,
            node,
            taken: Some(Arc::new(step.branch.clone())),
            continuity: RefCell::default(),
        }
    }

    /// A branch of the initial predicate, read as a step that comes from nowhere.
    pub(super) fn initial(
        ground: &'a Ground,
        step: &'a Step<'a>,
        (guards, typing): (Vec<Hypothesis>, Vec<String>),
        node: NodeId,
    ) -> Self {
        Self { taken: None, ..Self::across(ground, step, (guards, typing), Vec::new(), node) }
    }

    /// Whether there is a state before.
    fn is_inductive(&self) -> bool {
        self.taken.is_some()
    }

    /// Makes what is proved of all states available for the state after: those hypotheses of the state before
    /// that rest on something. Returns what is at hand there.
    pub(super) fn add_invariants_after(&mut self, tier: u8) -> AtHand {
        let mut at_hand_next = AtHand::new();
        let ground = self.ground;
        for earlier in ground.own.iter().filter(|hypothesis| !hypothesis.sources.is_empty()) {
            for key in conjunct_keys(&earlier.formula) {
                at_hand_next.insert(key, earlier.sources.clone());
            }
            self.add_next(&earlier.label, &earlier.formula, &earlier.sources, tier);
        }
        at_hand_next
    }

    /// Makes facts available for the state after whose premises are at hand there, but for those already `used`.
    pub(super) fn add_facts_after(
        &mut self,
        library: &Library,
        at_hand: &mut AtHand,
        used: &mut BTreeSet<usize>,
    ) {
        self.next.extend(library.next_state_facts(self.step, at_hand, used, tier::FACTS));
    }

    /// Makes a conjunct available for the next state.
    pub(super) fn add_next(&mut self, label: &str, formula: &Expr, sources: &[Source], tier: u8) {
        let program = self.step.program;
        let forward = self.step.forward(&expr::prime(program, formula));
        let after = rewrite(program, self.step.known, &forward);
        if expr::is_bool(&after, true) || alike(&after, formula) {
            return;
        }
        self.next.push(Hypothesis {
            label: format!("{label}'"),
            formula: after,
            sources: sources.to_vec(),
            tier,
        });
    }

    pub(super) fn all_hypotheses(&self) -> Vec<Hypothesis> {
        let groups = [&self.guards, &self.ground.constants, &self.ground.own, &self.facts];
        groups.into_iter().flatten().cloned().collect()
    }

    /// The obligations of one conjunct of an invariant.
    pub(super) fn leaf(
        &self,
        out: &mut Output,
        node: NodeId,
        leaf: &Leaf,
        kind: &ObligationKind,
    ) -> Vec<ObligationIdx> {
        let primed = expr::prime(self.step.program, &leaf.formula);
        let forward = self.step.forward(&primed);
        let stated = Stated {
            trail: self.trail_of(leaf, &primed, &forward),
            name: &leaf.name,
            raw: &leaf.raw,
            time: Time::Next,
            forward,
            now: self.is_inductive().then_some(&leaf.formula),
            kind,
            claim: Arc::new(Claim {
                before: self.ground.before.clone(),
                branch: self.taken.clone(),
                goal: Goal::State(leaf.raw.clone()),
            }),
            span: leaf.span,
        };
        let mut read = BTreeSet::new();
        expr::reads(self.step.program, &leaf.formula, Time::Now, &mut read);
        if self.is_inductive() && read.iter().all(|variable| self.step.branch.keeps(*variable)) {
            let closed = Closed { means: Means::Frame, used: vec![leaf.name.clone()] };
            let own = self.ground.own.iter();
            let hypotheses = own.filter(|own| own.label == leaf.name).cloned().collect();
            let draft = self.draft(&stated, hypotheses, leaf.formula.clone(), Some(closed));
            let kept = out.obligation(node, &leaf.name, "conjunct", draft);
            let moves = [Move::new(Rule::Frame, &primed, &leaf.formula, &[])];
            out.tell(self.step.program, kept, &leaf.raw, [&leaf.trail, &moves]);
            self.recheck(out, node, &stated, vec![(kept, leaf.formula.clone())]);
            return vec![kept];
        }
        self.split(out, node, &stated)
    }

    /// The obligations of a formula, one for each case.
    pub(super) fn split(&self, out: &mut Output, node: NodeId, stated: &Stated<'_>) -> Vec<ObligationIdx> {
        let found = cases(self.step.program, self.step.known, stated.now, &stated.forward);
        let mut made: Cases = Vec::new();
        if found.is_empty() {
            let closed = Closed { means: Means::Rewriting, used: Vec::new() };
            let goal = expr::bool(true, stated.span);
            let draft = self.draft(stated, Vec::new(), goal.clone(), Some(closed));
            let closed = out.obligation(node, stated.name, "conjunct", draft);
            let nothing = [Move::new(Rule::Form, &stated.forward, &goal, self.step.known.formulas())];
            out.tell(self.step.program, closed, stated.raw, [&stated.trail, &nothing]);
            made.push((closed, goal));
        }
        for case in found {
            let segments: Vec<&str> =
                std::iter::once(stated.name).chain(case.segments.iter().map(String::as_str)).collect();
            let closed = self.closed_by_rewriting(&case, stated.name);
            // Which operators go on to hold is a guess where a step need not preserve anything.
            let worth = match stated.kind {
                ObligationKind::Simulation { .. } => Worth::Guess,
                _ => Worth::Decisive,
            };
            let same = stated.now.map(|_| stated.name);
            let hypotheses = self.hypotheses(out, &case, same, (&self.guards, worth));
            let statement = case.statement();
            let draft = self.draft(stated, hypotheses, case.goal, closed);
            let own = out.obligation(node, &segments.join("."), "case", draft);
            out.tell(self.step.program, own, stated.raw, [&stated.trail, &case.trail]);
            made.push((own, statement));
        }
        let obligations = made.iter().map(|(case, _)| *case).collect();
        self.recheck(out, node, stated, made);
        obligations
    }

    /// How a conjunct became a formula in terms of the state before, if anybody wants to know.
    fn trail_of(&self, leaf: &Leaf, primed: &Expr, forward: &Expr) -> Vec<Move> {
        if !self.step.program.has_trails() {
            return Vec::new();
        }
        let mut trail = leaf.trail.clone();
        trail.push(Move::new(Rule::Primed, &leaf.formula, primed, &[]));
        trail.extend(self.step.told(primed, forward));
        trail
    }

    fn draft(
        &self,
        stated: &Stated<'_>,
        hypotheses: Vec<Hypothesis>,
        goal: Expr,
        closed: Option<Closed>,
    ) -> Draft {
        Draft {
            kind: stated.kind.clone(),
            hypotheses,
            goal,
            rests_on: self.rests_on(),
            closed,
            span: stated.span,
            action: self.is_inductive().then_some(self.step.branch.span),
            claim: Some(stated.claim.clone()),
        }
    }

    /// Lets a formula be rechecked: as written, from its cases, itself in the state before, and what rewriting
    /// knew.
    fn recheck(&self, out: &mut Output, node: NodeId, stated: &Stated<'_>, cases: Cases) {
        out.record(|| Whole {
            node,
            name: stated.name.to_owned(),
            kind: stated.kind.clone(),
            goal: stated.raw.clone(),
            time: stated.time,
            branch: Some((self.node, self.step.branch.clone())),
            templates: self.step.templates(),
            before: self.before(stated.now.map(|_| stated.name)),
            cases,
            span: stated.span,
        });
    }

    /// What holds in the state before, as written: what rewriting knew and the conjunct itself, and the rest.
    fn before(&self, same: Option<&str>) -> [Vec<(String, Expr)>; 2] {
        let is_used = |(label, _): &(String, Expr)| same == Some(label) || self.typing.contains(label);
        let (used, rest): (Vec<_>, Vec<_>) = self.ground.written.clone().into_iter().partition(is_used);
        [self.premises.iter().cloned().chain(used).collect(), rest]
    }

    /// What the domains that rewriting knows rest on.
    fn rests_on(&self) -> Vec<Source> {
        let typing = self.ground.own.iter().filter(|hypothesis| self.typing.contains(&hypothesis.label));
        let sources: BTreeSet<&Source> = typing.flat_map(|hypothesis| &hypothesis.sources).collect();
        sources.into_iter().cloned().collect()
    }

    fn closed_by_rewriting(&self, case: &Case, name: &str) -> Option<Closed> {
        let mut used = self.typing.clone();
        if case.by_hypothesis {
            used.push(name.to_owned());
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

    /// The hypotheses of a case, nearest first. Continuity lemmas are those that the case and these of its guards
    /// are about, worth so much: a lemma's own proof looks at no guards, so that it never rests on itself.
    fn hypotheses(
        &self,
        out: &mut Output,
        case: &Case,
        same: Option<&str>,
        (guards, worth): (&[Hypothesis], Worth),
    ) -> Vec<Hypothesis> {
        let mut all = case.premise_hypotheses();
        let mut wanted = BTreeSet::new();
        for premise in &case.premises {
            next_atoms(premise, false, &mut wanted);
        }
        next_atoms(&case.goal, true, &mut wanted);
        for guard in guards {
            next_atoms(&guard.formula, false, &mut wanted);
        }
        all.extend(self.guards.iter().cloned());
        all.extend(self.ground.constants.iter().cloned());
        for hypothesis in &self.ground.own {
            let near = same == Some(hypothesis.label.as_str()) || self.typing.contains(&hypothesis.label);
            let tier = if near { tier::NEAR } else { hypothesis.tier };
            all.push(Hypothesis { tier, ..hypothesis.clone() });
        }
        if !self.is_inductive() {
            wanted.clear();
        }
        for (operator, keeps) in wanted {
            all.extend(self.continuity(out, operator, keeps, worth));
        }
        let own = all.iter().chain(&self.next).map(|hypothesis| (&hypothesis.formula, tier::FACTS));
        let of_facts = self.facts.iter().map(|fact| (&fact.formula, tier::REMOTE));
        let definitions =
            definitions(self.step.program, Some(self.step), (&case.goal, tier::NEAR), own.chain(of_facts));
        all.extend([&self.facts, &self.next].into_iter().flatten().cloned());
        all.extend(definitions);
        all
    }

    /// The continuity lemma of an operator across this branch, with its own obligation, made when first
    /// wanted. `keeps`: once true, stays true; otherwise: once false, stays false.
    fn continuity(
        &self,
        out: &mut Output,
        operator: OperatorId,
        keeps: bool,
        worth: Worth,
    ) -> Option<Hypothesis> {
        if let Some(found) = self.continuity.borrow().get(&(operator, keeps)) {
            out.raise(&found.sources, worth);
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
        let claimed = expr::implies(&expr::and([premise, stated.0], definition.span), &stated.1);
        let statement = expr::quantifier(Quantifier::Forall, binders, claimed);
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
            let hypotheses = self.hypotheses(out, &case, None, (&[], worth));
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
            out.tree.obligations[idx].worth = worth;
            let definition = Move::new(Rule::Continuity, &statement, &goal, &[]);
            out.tell(self.step.program, idx, &statement, [&[definition], &case.trail]);
            made.push((idx, case.statement()));
        }
        let parts: Vec<ObligationIdx> = made.iter().map(|(case, _)| *case).collect();
        let prefix = format!("{direction}:{}@{}", definition.name, lang::ids::Id::index(operator));
        let hypothesis = Hypothesis {
            label: prefix,
            formula: statement,
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
