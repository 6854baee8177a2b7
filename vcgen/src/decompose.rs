//! `decompose`: from a typed module to a tree of obligations, the way a careful person would split a proof:
//! by theorem, by action, by conjunct, by what the action adds to a set.
//!
//! Each chapter below is one kind of split; `goal` holds what they share.

mod consecution;
mod errors;
mod facts;
mod goal;
mod implication;
mod inheritance;
mod lemma;
mod output;
pub mod probes;
mod recheck;
mod recursion;
mod refinement;
mod step;
mod vacuity;

use std::collections::BTreeMap;

use lang::diag::{Checked, Diagnostic};
use lang::sort::Sort;
use lang::typed::{Binder, Expr, ExprKind, FactKind, Module, Proof, Quantifier, Time};

use crate::expr;
use crate::obligation::{Alternative, ProofTree, TheoremPlan, Worth};
use crate::program::Program;
use errors::DecomposeError;
pub(crate) use facts::definition_label;
use facts::{Library, is_constant};
use output::Output;
pub use recheck::{ACROSS, equation};
pub use vacuity::as_written;

/// What decomposition hands on.
#[derive(Debug)]
pub struct Decomposition {
    /// The module as the obligations speak of it.
    pub program: Program,
    /// The obligations.
    pub tree: ProofTree,
}

/// Splits the proofs of all theorems of a module into obligations.
pub fn decompose(module: &Module) -> Checked<Decomposition> {
    decompose_into(module, Output::default())
}

/// The same, with what rechecks the split.
pub fn decompose_with_rechecks(module: &Module) -> Checked<Decomposition> {
    let mut out = Output::default();
    out.wholes = Some(Vec::new());
    decompose_into(module, out)
}

/// The same, with what rechecks the split and with how each obligation came about.
pub fn decompose_with_trails(module: &Module) -> Checked<Decomposition> {
    let mut out = Output::default();
    out.wholes = Some(Vec::new());
    let mut program = Program::new(module);
    program.want_trails();
    decompose_from(program, out)
}

fn decompose_into(module: &Module, out: Output) -> Checked<Decomposition> {
    decompose_from(Program::new(module), out)
}

fn decompose_from(mut program: Program, mut out: Output) -> Checked<Decomposition> {
    let mut library = Library::default();
    let mut diagnostics: Vec<Diagnostic> = Vec::new();
    recursion::terminations(&mut program, &mut out, &mut diagnostics);
    for (index, fact) in program.module.facts.iter().enumerate() {
        match fact.kind {
            FactKind::Assumption | FactKind::Axiom => library.add_formula(&program, index),
            FactKind::Theorem => {
                let plan = theorem(&program, &mut out, &mut library, index);
                out.tree.theorems.push(plan);
            }
        }
    }
    for plan in &mut out.tree.theorems {
        for alternative in &mut plan.alternatives {
            for (conjunct, supports) in alternative.conjuncts.iter_mut().zip(library.supports(plan.fact)) {
                conjunct.supports = supports;
            }
        }
    }
    vacuity::assumptions(&program, &mut out, &library);
    if let Some(wholes) = out.wholes.take() {
        out.tree.rechecks = recheck::rechecks(&program, &out.tree, wholes);
    }
    Checked { value: Decomposition { program, tree: out.tree }, diagnostics }
}

/// The shape of a theorem's statement.
enum Claim {
    /// `Spec => []P`.
    Invariant { specification: Specification, invariant: Expr },
    /// `Spec => M!Spec`: an initial predicate, and what each step is to do.
    Refinement {
        specification: Specification,
        init: Expr,
        simulated: Vec<Simulated>,
        /// The key of what is implied, if it has no parameters.
        conclusion: Option<crate::alpha::Key>,
    },
    /// A formula about states or steps.
    Formula(Expr),
}

impl Claim {
    /// What it is a claim about, if that is a specification.
    fn specification(&self) -> Option<&Specification> {
        match self {
            Self::Invariant { specification, .. } | Self::Refinement { specification, .. } => {
                Some(specification)
            }
            Self::Formula(_) => None,
        }
    }
}

/// `Init /\ [][Next]_vars`, fairness left out: a property of all behaviours without fairness holds of those
/// with it.
pub(crate) struct Specification {
    init: Vec<Expr>,
    next: Vec<(Expr, Expr)>,
    key: crate::alpha::Key,
}

/// `\A x \in S : [][A]_v`, where `S` is a constant.
pub(crate) struct Simulated {
    /// The names, each of which occurs nowhere else.
    binders: Vec<Binder>,
    action: Expr,
    subscript: Expr,
}

fn theorem(program: &Program, out: &mut Output, library: &mut Library, index: usize) -> TheoremPlan {
    let fact = &program.module.facts[index];
    let mut plan = TheoremPlan {
        fact: index,
        name: fact.name.clone(),
        node: out.root(&fact.name, fact.span),
        alternatives: Vec::new(),
        refused: None,
        omitted: matches!(fact.proof, Proof::Omitted(_)),
        hints: 0,
        root: fact.root,
        span: fact.span,
    };
    let (node, omitted) = (plan.node, plan.omitted);
    let claim = match claim(program, &fact.statement) {
        Ok(claim) => claim,
        Err(error) => {
            plan.refused = Some(error.into());
            return plan;
        }
    };
    let hints = match &fact.proof {
        Proof::By(hints) => {
            for strategy in &hints.strategies {
                let is_heeded = match strategy.name.as_str() {
                    "NatInduction" | "SetInduction" => true,
                    "Witness" => matches!(claim, Claim::Refinement { .. }),
                    _ => false,
                };
                if !is_heeded {
                    let remark =
                        format!("`{}` after the `BY` of `{}` has no effect yet", strategy.name, fact.name);
                    out.tree.notes.push(remark);
                }
            }
            Some(hints)
        }
        Proof::None | Proof::Omitted(_) => None,
        Proof::Structured(_) => {
            out.tree
                .notes
                .push(format!("the structured proof of `{}` is skipped: it is proved afresh", fact.name));
            None
        }
    };
    if let Some(specification) = claim.specification() {
        inheritance::inherit_own(program, out, library, index, node, &specification.key);
    }
    let mut alternatives: Vec<Alternative> = Vec::new();
    match &claim {
        _ if omitted => {}
        Claim::Invariant { specification, invariant } => {
            if library.may_imply(program, specification, invariant) && hints.is_none_or(|hints| !hints.only) {
                alternatives.push(lemma::implied(
                    program,
                    out,
                    library,
                    index,
                    node,
                    specification,
                    invariant,
                ));
            }
            alternatives.push(consecution::induction(
                program,
                out,
                library,
                index,
                node,
                specification,
                invariant,
            ));
        }
        Claim::Refinement { specification, init, simulated, conclusion } => {
            let known = conclusion.as_ref().and_then(|to| library.refinement(&specification.key, to));
            alternatives.push(match known {
                Some(known) => inheritance::composed(out, node, fact.span, known),
                None => refinement::simulation(
                    program,
                    out,
                    library,
                    index,
                    node,
                    specification,
                    (init, simulated),
                ),
            });
        }
        Claim::Formula(formula) => {
            lemma::alternatives(program, out, library, index, node, formula, &mut alternatives);
        }
    }
    if let Some((_, before)) = alternatives.split_last() {
        for obligation in before.iter().flat_map(Alternative::all) {
            let worth = &mut out.tree.obligations[obligation].worth;
            *worth = (*worth).min(Worth::Tentative);
        }
    }
    match claim {
        Claim::Invariant { specification, invariant } => {
            library.add_invariant(program, index, &specification, &invariant);
        }
        Claim::Refinement { specification, conclusion: Some(conclusion), .. } => {
            inheritance::inherit(program, out, library, index, node, (&specification.key, &conclusion));
        }
        Claim::Formula(_) if fact.root || is_cited(program, index) || !is_law(program, index) => {
            library.add_formula(program, index);
        }
        // A law of an extended module, of no use to what is about other sorts, which does not cite it.
        Claim::Refinement { conclusion: None, .. } | Claim::Formula(_) => {}
    }
    plan.alternatives = alternatives;
    plan.hints = usize::from(hints.is_some());
    plan
}

/// Whether a fact is a law about all sets and elements, whatever they are: it speaks of nothing that is
/// declared, and of a sort that nothing else is of.
fn is_law(program: &Program, index: usize) -> bool {
    let mut is_open = false;
    let mentions = expr::any(&program.module.facts[index].statement, &mut |node| {
        is_open |= matches!(node.kind, ExprKind::Local(_)) && is_of_unknown(&node.sort);
        matches!(
            node.kind,
            ExprKind::Constant(_)
                | ExprKind::ConstantApply(..)
                | ExprKind::Variable(..)
                | ExprKind::Apply(..)
        )
    });
    is_open && !mentions
}

fn is_of_unknown(sort: &Sort) -> bool {
    match sort {
        Sort::Uninterpreted(_) => true,
        Sort::Set(inner) => is_of_unknown(inner),
        Sort::Function(from, to) => is_of_unknown(from) || is_of_unknown(to),
        Sort::Tuple(items) => items.iter().any(is_of_unknown),
        Sort::Bool | Sort::Int | Sort::Str | Sort::Record(_) => false,
    }
}

/// Whether a proof of the root module cites a fact.
fn is_cited(program: &Program, index: usize) -> bool {
    program.module.facts.iter().any(|fact| match &fact.proof {
        Proof::By(hints) => fact.root && hints.facts.contains(&index),
        Proof::None | Proof::Omitted(_) | Proof::Structured(_) => false,
    })
}

fn is_temporal(program: &Program, expr: &Expr) -> bool {
    expr::any(expr, &mut |node| match &node.kind {
        ExprKind::Always(_) | ExprKind::Temporal(..) => true,
        ExprKind::Apply(operator, _, _) if program.is_recursive(*operator) => false,
        ExprKind::Apply(operator, _, _) => is_temporal(program, &program.module.operators[*operator].body),
        _ => false,
    })
}

fn claim(program: &Program, statement: &Expr) -> Result<Claim, DecomposeError> {
    if !is_temporal(program, statement) {
        return Ok(Claim::Formula(statement.clone()));
    }
    let unsupported = |at: &Expr| DecomposeError::UnsupportedTheorem { at: at.span };
    let mut statement = unfold_temporal(program, statement);
    let mut binders = Vec::new();
    while let ExprKind::Quantifier(Quantifier::Forall, own, body) = &statement.kind {
        // What is implied by a specification that does not depend on the names is implied for all of them.
        let body = rigid(program, own, body, &mut binders)?;
        statement = unfold_temporal(program, &body);
    }
    let ExprKind::Implies(premise, conclusion) = &statement.kind else { return Err(unsupported(&statement)) };
    if expr::free_locals(premise).iter().any(|local| binders.iter().any(|own: &Binder| own.local == *local)) {
        return Err(unsupported(premise));
    }
    let mut specification = Specification {
        init: Vec::new(),
        next: Vec::new(),
        key: crate::alpha::key(&expand(program, premise)),
    };
    read_specification(program, premise, &mut specification)?;
    if specification.next.is_empty() {
        // Any step is allowed: nothing but what is always true would be invariant.
        return Err(DecomposeError::UnsupportedSpecification { at: premise.span });
    }
    let mut read = Conclusion::default();
    read.add(program, conclusion, &binders)?;
    let Conclusion { init, invariants, simulated } = read;
    if simulated.is_empty() && init.is_empty() {
        return Ok(Claim::Invariant { specification, invariant: expr::and(invariants, conclusion.span) });
    }
    match invariants.first() {
        None => {
            let init = expr::and(init, conclusion.span);
            let conclusion = binders.is_empty().then(|| crate::alpha::key(&expand(program, conclusion)));
            Ok(Claim::Refinement { specification, init, simulated, conclusion })
        }
        Some(invariant) => Err(DecomposeError::MixedTheorem { at: invariant.span }),
    }
}

/// What a theorem about a specification says: of initial states, of all states, of all steps.
#[derive(Default)]
struct Conclusion {
    init: Vec<Expr>,
    invariants: Vec<Expr>,
    simulated: Vec<Simulated>,
}

impl Conclusion {
    /// Adds a formula, for all values of these names.
    fn add(&mut self, program: &Program, formula: &Expr, binders: &[Binder]) -> Result<(), DecomposeError> {
        let formula = unfold_temporal(program, formula);
        let for_all = |body: &Expr| expr::for_all(binders, body.clone());
        match &formula.kind {
            ExprKind::And(items) => items.iter().try_for_each(|item| self.add(program, item, binders)),
            ExprKind::Quantifier(Quantifier::Forall, own, body) if is_temporal(program, &formula) => {
                let mut binders = binders.to_vec();
                let body = rigid(program, own, body, &mut binders)?;
                self.add(program, &body, &binders)
            }
            ExprKind::Always(inner) => match &inner.kind {
                ExprKind::ActionBox(action, subscript) => {
                    let (action, subscript) = (action.clone(), subscript.clone());
                    self.simulated.push(Simulated { binders: binders.to_vec(), action, subscript });
                    Ok(())
                }
                _ if !is_temporal(program, inner) && !expr::mentions_next(program, inner) => {
                    self.invariants.push(for_all(inner));
                    Ok(())
                }
                _ => Err(DecomposeError::UnsupportedTheorem { at: inner.span }),
            },
            ExprKind::Temporal("WF" | "SF", _) => {
                Err(DecomposeError::UnsupportedFairness { at: formula.span })
            }
            _ if is_temporal(program, &formula) || expr::mentions_next(program, &formula) => {
                Err(DecomposeError::UnsupportedTheorem { at: formula.span })
            }
            _ => {
                self.init.push(for_all(&formula));
                Ok(())
            }
        }
    }
}

/// A body with names that occur nowhere else for those that are bound, which must range over constants.
fn rigid(
    program: &Program,
    own: &[Binder],
    body: &Expr,
    binders: &mut Vec<Binder>,
) -> Result<Expr, DecomposeError> {
    let mut map = BTreeMap::new();
    for binder in own {
        // The domain of a binder does not see the other names of its quantifier.
        if let Some(domain) = binder.domain.as_ref().filter(|domain| !is_constant(program, domain)) {
            return Err(DecomposeError::UnsupportedTheorem { at: domain.span });
        }
        let local = program.fresh_like(binder.local);
        map.insert(binder.local, program.named(local));
        binders.push(Binder { local, domain: binder.domain.clone() });
    }
    Ok(expr::substitute(program, body, &map))
}

/// Unfolds an application of a temporal operator at the head.
fn unfold_temporal(program: &Program, expr: &Expr) -> Expr {
    match &expr.kind {
        ExprKind::Apply(operator, args, Time::Now) if is_temporal(program, expr) => {
            unfold_temporal(program, &program.unfold(*operator, args, Time::Now))
        }
        _ => expr.clone(),
    }
}

/// Unfolds temporal operators throughout a conjunction, so that equal specifications have equal keys.
fn expand(program: &Program, expr: &Expr) -> Expr {
    let expr = unfold_temporal(program, expr);
    match &expr.kind {
        ExprKind::And(_) => expr::map_children(&expr, &mut |child| expand(program, child)),
        _ => expr,
    }
}

fn read_specification(
    program: &Program,
    expr: &Expr,
    into: &mut Specification,
) -> Result<(), DecomposeError> {
    let expr = unfold_temporal(program, expr);
    match &expr.kind {
        ExprKind::And(items) => items.iter().try_for_each(|item| read_specification(program, item, into)),
        ExprKind::Always(inner) => match &inner.kind {
            ExprKind::ActionBox(action, subscript) => {
                into.next.push((action.clone(), subscript.clone()));
                Ok(())
            }
            _ => Err(DecomposeError::UnsupportedSpecification { at: inner.span }),
        },
        ExprKind::Temporal("WF" | "SF", _) => Ok(()),
        _ if is_temporal(program, &expr) || expr::mentions_next(program, &expr) => {
            Err(DecomposeError::UnsupportedSpecification { at: expr.span })
        }
        _ => {
            into.init.push(expr);
            Ok(())
        }
    }
}
