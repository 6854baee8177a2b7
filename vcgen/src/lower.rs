//! `lower`: from an obligation to a verification condition in many-sorted first-order logic.
//!
//! The encoding, and why it is sound: every many-sorted model of the module's formulas gives a model of the
//! condition, so that what has no model is contradictory in the module.
//! - A sort becomes one or more SMT sorts: tuples and records of one shape are taken apart into their
//!   components; sets, functions and records of several shapes are elements of uninterpreted sorts, about
//!   which membership, application and field symbols speak. In a model of the module these sorts hold all
//!   sets (functions, records), so any set that a formula describes may be given a name.
//! - A state variable or constant that is a set is a predicate, one that is a function a function symbol with
//!   a predicate for its domain; in the next state they are other symbols.
//! - A set, record, function or `CHOOSE` that stands where an element is needed is named by a new symbol,
//!   a function of the bound names that occur in it, with its defining property as an axiom. Equal
//!   descriptions get equal names. A description that has no axiom is an arbitrary value.
//! - Equality of sets follows from equal members, of records from equal domain and fields: it is stated
//!   where an equality is to be proved; where one is known, congruence suffices. Sets that have names and
//!   depend on nothing bound are also compared with each other, so that what is chosen from equal sets is equal.
//! - `CHOOSE x \in S : P` has its property only if some element has it.
//!
//! Quantifiers get their triggers in [`clauses`](self).

mod clauses;
mod levels;
mod templates;
mod terms;
mod triggers;

use lang::typed::{Expr, Form};

use crate::obligation::{Obligation, ObligationKind, Worth};
use crate::program::Program;
use crate::vc::{Labelled, Stage, Term, Vc};
use clauses::Stated;
pub(crate) use templates::Templates;
use terms::{Lowering, Polarity};

/// Budgets of the stages, in Z3 resource units.
pub mod budget {
    /// The nearest hypotheses only.
    pub const NEAR: u32 = 100_000;
    /// More, but not all of them.
    pub const MORE: u32 = 1_000_000;
    /// All hypotheses.
    pub const ALL: u32 = 4_000_000;
    /// All hypotheses, where another way to prove the same is left.
    pub const TENTATIVE: u32 = 1_000_000;
    /// All hypotheses, where others are left to try.
    pub const GUESS: u32 = 200_000;
    /// All hypotheses, with model-based instantiation of quantifiers.
    pub const MODELS: u32 = 500_000;
    /// A vacuity check: looked for, not insisted upon.
    pub const VACUITY: u32 = 200_000;
}

/// The label of the negated goal.
pub const GOAL: &str = "goal";

/// Lowers an obligation. The condition has the hypotheses, and the negated goal as the hypothesis [`GOAL`].
pub fn lower(program: &Program, obligation: &Obligation) -> Vc {
    program.scratch(|| condition(program, obligation))
}

fn condition(program: &Program, obligation: &Obligation) -> Vc {
    let mut lowering = Lowering::new(program, speaks_of_lengths(obligation));
    let mut labelled: Vec<(String, u8, Stated)> = Vec::new();
    let negated = lowering.formula(&obligation.goal, Polarity::Refuted);
    labelled.push((GOAL.to_owned(), 0, Stated::Plain(Term::Not(Box::new(negated)))));
    lowering.flush(0, &mut labelled);
    let mut last_tier = 0;
    for (label, tier, hypothesis) in levels::leveled(program, obligation) {
        if tier > last_tier {
            lowering.state_sizes(last_tier, &mut labelled);
            last_tier = tier;
        }
        let stated = lowering.hypothesis(&label, &hypothesis);
        labelled.push((label, tier, stated));
        lowering.flush(tier, &mut labelled);
    }
    lowering.state_sizes(last_tier, &mut labelled);
    if let Some(instances) = lowering.instances() {
        labelled.push(("background:instances".to_owned(), last_tier, Stated::Plain(instances)));
        lowering.flush(last_tier, &mut labelled);
    }
    if let Some(distinct) = lowering.strings_differ() {
        labelled.push(("background:strings".to_owned(), 0, Stated::Plain(distinct)));
    }
    if let Some(extensionality) = lowering.extensionality() {
        let last = labelled.iter().map(|(_, tier, _)| *tier).max().unwrap_or(0);
        labelled.push(("background:extensionality".to_owned(), last, Stated::Plain(extensionality)));
    }
    let mut vc = lowering.vc;
    let (hypotheses, templates) = clauses::clausify(&mut vc, labelled, instance_tier(&obligation.kind));
    vc.hypotheses = hypotheses;
    for (identity, template) in templates {
        program.templates.borrow_mut().keep(identity, template);
    }
    vc.stages = stages(obligation, &vc.hypotheses);
    vc
}

/// Whether lengths of functions matter to an obligation.
fn speaks_of_lengths(obligation: &Obligation) -> bool {
    let formulas = obligation.hypotheses.iter().map(|hypothesis| &hypothesis.formula);
    formulas.chain([&obligation.goal]).any(|formula| formula.has(Form::Length))
}

/// Whether the condition of an obligation says all that matters of what it speaks of, so that a model of it
/// means something. Of sizes and lengths only some laws are stated; and that equal functions have equal values
/// outside of their domain, too, is not stated of functions that are written out.
pub fn says_all(obligation: &Obligation) -> bool {
    use lang::typed::ExprKind as K;
    let formulas = obligation.hypotheses.iter().map(|hypothesis| &hypothesis.formula);
    let is_partial = |node: &Expr| match &node.kind {
        K::IsFinite(_) | K::Cardinality(_) => true,
        K::Index(function, _) => matches!(function.kind, K::Function(..) | K::Except(..) | K::Sequence(_)),
        _ => false,
    };
    !speaks_of_lengths(obligation)
        && !formulas.chain([&obligation.goal]).any(|formula| crate::expr::any(formula, &mut { is_partial }))
}

/// Where there is a step, instances at integers come last: the step's own terms usually do. Where there is
/// none, there is little else to start from.
fn instance_tier(kind: &ObligationKind) -> u8 {
    match kind {
        ObligationKind::Initiation
        | ObligationKind::Consecution { .. }
        | ObligationKind::Simulation { .. }
        | ObligationKind::Continuity { .. } => 3,
        ObligationKind::Implication
        | ObligationKind::Induction
        | ObligationKind::Termination { .. }
        | ObligationKind::Vacuity => 1,
    }
}

fn stages(obligation: &Obligation, hypotheses: &[Labelled]) -> Vec<Stage> {
    let stage = |tier, rlimit, mbqi| Stage { tier, rlimit, mbqi };
    if obligation.kind == ObligationKind::Vacuity {
        let mut stages = vec![stage(u8::MAX, budget::VACUITY, false)];
        // Assumptions about all values of something need not name any: there are no terms to start from.
        if obligation.hypotheses.iter().all(|hypothesis| !hypothesis.sources.is_empty()) {
            stages.push(stage(u8::MAX, budget::VACUITY, true));
        }
        return stages;
    }
    let mut tiers: Vec<u8> = hypotheses.iter().map(|hypothesis| hypothesis.tier).collect();
    tiers.sort_unstable();
    tiers.dedup();
    let last = tiers.last().copied().unwrap_or(0);
    let full = match obligation.worth {
        Worth::Guess => budget::GUESS,
        Worth::Tentative => budget::TENTATIVE,
        Worth::Decisive => budget::ALL,
    };
    let budget_of = |position: usize| match position {
        _ if position + 1 == tiers.len() => full,
        0 => budget::NEAR.min(full),
        _ => budget::MORE.min(full),
    };
    let mut stages: Vec<Stage> =
        tiers.iter().enumerate().map(|(position, tier)| stage(*tier, budget_of(position), false)).collect();
    if obligation.worth == Worth::Decisive {
        stages.push(stage(last, budget::MODELS, true));
    }
    stages
}

/// The label of the obligation's hypothesis that a label of the condition stands for.
pub fn hypothesis_of(label: &str) -> &str {
    let label = label.trim_end_matches('#');
    let label = label.strip_suffix(clauses::INTEGERS).unwrap_or(label);
    label.strip_suffix(levels::TWINS[0]).unwrap_or(label)
}

/// Whether the expression is an element by itself: a name, a field, an application.
fn is_element(expr: &Expr) -> bool {
    use lang::typed::ExprKind as K;
    match &expr.kind {
        K::Local(_)
        | K::Field(..)
        | K::Component(..)
        | K::Apply(..)
        | K::Choose(..)
        | K::ConstantApply(..) => true,
        K::Index(function, _) => !matches!(function.kind, K::Function(..) | K::Except(..)),
        K::If(_, then, otherwise) => is_element(then) && is_element(otherwise),
        _ => false,
    }
}
