//! What a theorem says of behaviours: `Init /\ [][Next]_vars => []P`, read from its typed statement.
#![allow(clippy::wildcard_enum_match_arm, reason = "few forms speak of behaviours")]

use std::collections::BTreeSet;

use lang::ids::Id;
use lang::typed::{Expr, ExprKind, Fact, FactKind, Module, OperatorId, Quantifier, Time};

/// A specification: the initial predicate and the steps.
#[derive(Clone, Debug)]
pub struct Behaviour {
    /// Conjuncts of the initial predicate.
    pub init: Vec<Expr>,
    /// `[Next]_vars`: all of these hold of each step.
    pub next: Vec<(Expr, Expr)>,
}

/// `Spec => []P`.
#[derive(Clone, Debug)]
pub struct Claim {
    /// The specification.
    pub behaviour: Behaviour,
    /// What is claimed to hold in every state: all of these.
    pub invariants: Vec<Expr>,
}

/// What a theorem of the form `Spec => []P` claims; nothing for other forms. Fairness is left out: what holds
/// of all behaviours holds of the fair ones.
pub fn claim(module: &Module, fact: &Fact) -> Option<Claim> {
    let statement = unfolded(module, &fact.statement);
    let ExprKind::Implies(premise, conclusion) = &statement.kind else { return None };
    let behaviour = behaviour(module, premise)?;
    let mut invariants = Vec::new();
    read_invariants(module, conclusion, &mut invariants)?;
    Some(Claim { behaviour, invariants })
}

/// The specification that a module is about: that of its last theorem about behaviours, or else its operators
/// `Spec`, or `Init` and `Next`, in this order.
pub fn of_module(module: &Module) -> Option<Behaviour> {
    let mut theorems = module.facts.iter().rev().filter(|fact| fact.root && fact.kind == FactKind::Theorem);
    let named = |name: &str| {
        module
            .operators
            .iter_enumerated()
            .find(|(_, operator)| operator.name == name && operator.params.is_empty())
    };
    let stated = theorems.find_map(|fact| specification(module, fact));
    stated.or_else(|| named("Spec").and_then(|(_, operator)| behaviour(module, &operator.body))).or_else(
        || {
            let (_, init) = named("Init")?;
            let (_, next) = named("Next")?;
            let variables = module.variables.iter_enumerated().map(|(id, symbol)| {
                Expr::new(ExprKind::Variable(id, Time::Now), symbol.sort.clone(), next.body.span)
            });
            let sorts = module.variables.iter().map(|symbol| symbol.sort.clone()).collect();
            let all = Expr::new(
                ExprKind::Tuple(variables.collect()),
                lang::sort::Sort::Tuple(sorts),
                next.body.span,
            );
            Some(Behaviour { init: vec![init.body.clone()], next: vec![(next.body.clone(), all)] })
        },
    )
}

/// `Init /\ [][Next]_vars`, whatever stands for it; nothing if the formula has another form.
pub fn behaviour(module: &Module, formula: &Expr) -> Option<Behaviour> {
    let mut found = Behaviour { init: Vec::new(), next: Vec::new() };
    read_behaviour(module, formula, &mut found)?;
    (!found.next.is_empty()).then_some(found)
}

fn read_behaviour(module: &Module, formula: &Expr, into: &mut Behaviour) -> Option<()> {
    let formula = unfolded(module, formula);
    match &formula.kind {
        ExprKind::And(items) => items.iter().try_for_each(|item| read_behaviour(module, item, into)),
        ExprKind::Always(inner) => match &inner.kind {
            ExprKind::ActionBox(action, subscript) => {
                into.next.push((action.clone(), subscript.clone()));
                Some(())
            }
            _ => None,
        },
        ExprKind::Temporal("WF" | "SF", _) => Some(()),
        _ if is_temporal(module, &formula) => None,
        _ => {
            into.init.push(formula);
            Some(())
        }
    }
}

fn read_invariants(module: &Module, formula: &Expr, into: &mut Vec<Expr>) -> Option<()> {
    let formula = unfolded(module, formula);
    match &formula.kind {
        ExprKind::And(items) => items.iter().try_for_each(|item| read_invariants(module, item, into)),
        ExprKind::Always(inner) if matches!(inner.kind, ExprKind::ActionBox(..)) => None,
        ExprKind::Always(inner) if !is_temporal(module, inner) => {
            into.push(inner.clone());
            Some(())
        }
        _ => None,
    }
}

/// `Spec => M!Spec`.
#[derive(Clone, Debug)]
pub struct Refinement {
    /// The specification.
    pub behaviour: Behaviour,
    /// What is claimed of its behaviours.
    pub conclusion: Expr,
}

/// The specification that a theorem is about: of `Spec => []P` and `Spec => M!Spec`, what `Spec` says.
pub fn specification(module: &Module, fact: &Fact) -> Option<Behaviour> {
    let claimed = claim(module, fact).map(|claim| claim.behaviour);
    claimed.or_else(|| refinement(module, fact).map(|refinement| refinement.behaviour))
}

/// What a theorem claims of first states and of steps, that is `Spec => Init /\ [][Next]_vars`, for all values of
/// names or not; nothing for other forms.
pub fn refinement(module: &Module, fact: &Fact) -> Option<Refinement> {
    let statement = unfolded(module, &fact.statement);
    match &statement.kind {
        ExprKind::Quantifier(Quantifier::Forall, binders, body) => {
            let body = unfolded(module, body);
            let ExprKind::Implies(premise, conclusion) = &body.kind else { return None };
            let all = ExprKind::Quantifier(Quantifier::Forall, binders.clone(), conclusion.clone());
            let conclusion = Expr::new(all, conclusion.sort.clone(), conclusion.span);
            Some(Refinement { behaviour: behaviour(module, premise)?, conclusion })
        }
        ExprKind::Implies(premise, conclusion) if is_temporal(module, conclusion) => {
            Some(Refinement { behaviour: behaviour(module, premise)?, conclusion: conclusion.clone() })
        }
        _ => None,
    }
}

/// The formula with operators that stand for temporal formulas replaced by their bodies at the head. Such
/// operators with parameters are left as they are.
fn unfolded(module: &Module, formula: &Expr) -> Expr {
    match &formula.kind {
        ExprKind::Apply(operator, args, Time::Now) if args.is_empty() && is_temporal(module, formula) => {
            unfolded(module, &module.operators[*operator].body)
        }
        _ => formula.clone(),
    }
}

/// Whether a formula speaks of behaviours.
pub fn is_temporal(module: &Module, formula: &Expr) -> bool {
    fn applied(module: &Module, operator: OperatorId, below: usize) -> bool {
        // A body mentions only operators of smaller id, and itself: that order ends.
        operator.index() < below && speaks(module, &module.operators[operator].body, operator.index())
    }
    fn speaks(module: &Module, expr: &Expr, below: usize) -> bool {
        match &expr.kind {
            // These speak of a state, or of a step.
            ExprKind::Temporal("ENABLED" | "<<A>>_v", _) => false,
            ExprKind::Always(_) | ExprKind::Temporal(..) => true,
            ExprKind::Apply(operator, args, _) => {
                applied(module, *operator, below) || args.iter().any(|arg| speaks(module, arg, below))
            }
            ExprKind::And(items) | ExprKind::Or(items) => {
                items.iter().any(|item| speaks(module, item, below))
            }
            ExprKind::Not(inner) | ExprKind::Quantifier(_, _, inner) => speaks(module, inner, below),
            ExprKind::Implies(left, right) | ExprKind::Iff(left, right) => {
                speaks(module, left, below) || speaks(module, right, below)
            }
            ExprKind::If(condition, then, otherwise) => {
                [condition, then, otherwise].into_iter().any(|part| speaks(module, part, below))
            }
            // Nothing else has temporal parts.
            _ => false,
        }
    }
    speaks(module, formula, module.operators.len())
}

/// Whether an expression asks what is enabled, itself or through operators.
pub fn asks_what_is_enabled(module: &Module, expr: &Expr) -> bool {
    fn asks(module: &Module, expr: &Expr, seen: &mut BTreeSet<OperatorId>) -> bool {
        let mut found = match &expr.kind {
            ExprKind::Temporal("ENABLED", _) => true,
            ExprKind::Apply(operator, _, _) => {
                seen.insert(*operator) && asks(module, &module.operators[*operator].body, seen)
            }
            _ => false,
        };
        expr.for_each_child(&mut |child| found = found || asks(module, child, seen));
        found
    }
    asks(module, expr, &mut BTreeSet::new())
}
