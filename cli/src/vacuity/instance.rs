//! Cases that make an assumption false: values for the names that it quantifies over, tried one after the other
//! by the evaluator.
//!
//! Soundness: only assumptions about no constant and no state are tried, so that a case does not depend on what
//! these are; and a case counts only if the strict evaluator says that the values are in the sets that they range
//! over and that the rest is false. What `CHOOSE` takes where TLA+ leaves it open is fixed to something: so a
//! case alone shows what goes wrong, and it is the solver that says that the assumption contradicts itself.
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "few forms are of interest, and any other is none of these"
)]

use std::collections::{BTreeMap, BTreeSet};

use eval::evaluate::{Bounds, Evaluator, Moment};
use eval::instance::{Choices, Constant, Instance};
use eval::value::Value;
use lang::ids::IdVec;
use lang::print_typed;
use lang::sort::Sort;
use lang::source::Span;
use lang::typed::{Binder, BuiltinSet, Expr, ExprKind, LocalId, Module, OperatorId, Quantifier, Time};
use vcgen::program::Program;

/// At most so many combinations of values are tried for an assumption.
const MAX_CASES: usize = 200;
/// Which integers the evaluator tries for quantifiers over infinite sets.
const INTEGERS: std::ops::RangeInclusive<i64> = -1..=4;

/// A case, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Names and what they stand for.
    pub values: Vec<(String, String)>,
    /// What the assumption says of these.
    pub claim: String,
    /// Whether that is false by itself, and not only together with other premises.
    pub is_false: bool,
}

impl std::fmt::Display for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (position, (name, value)) in self.values.iter().enumerate() {
            write!(f, "{}{name} = {value}", if position == 0 { "with " } else { ", " })?;
        }
        let separator = if self.values.is_empty() { "" } else { ": " };
        let verdict = if self.is_false { "is false" } else { "is demanded" };
        write!(f, "{separator}`{}` {verdict}", self.claim)
    }
}

/// An instance that decomposition made.
pub fn shown(program: &Program, instance: &vcgen::obligation::Instance, is_false: bool) -> Shown {
    let values = instance
        .values
        .iter()
        .map(|(local, value)| (program.local(*local).name.clone(), vcgen::print::formula(program, value)));
    Shown { values: values.collect(), claim: vcgen::print::formula(program, &instance.body), is_false }
}

/// The first case, in the order of size, that makes a fact false; nothing if none of those tried does.
pub fn false_case(module: &Module, fact_idx: usize) -> Option<Shown> {
    let statement = &module.facts[fact_idx].statement;
    if !is_about_values(module, statement) {
        return None;
    }
    let instances = [Choices::default(), arbitrary_choices(module)].map(|choices| instance(module, choices));
    let mut parts = Vec::new();
    conjuncts(module, statement, &mut parts);
    parts.iter().find_map(|part| {
        let (binders, body) = universal(part);
        instances.iter().find_map(|instance| {
            let evaluator = Evaluator::new(module, instance, Bounds::Strict);
            let mut search = Search { module, evaluator, n_left: MAX_CASES };
            search.over(&binders, &body, &mut Vec::new())
        })
    })
}

/// An instance, with anything for what is not mentioned.
fn instance(module: &Module, choices: Choices) -> Instance {
    let mut instance = Instance { sizes: IdVec::new(), constants: IdVec::new(), integers: INTEGERS, choices };
    for _ in module.sorts.uninterpreted.ids() {
        instance.sizes.push(1);
    }
    for _ in module.constants.ids() {
        instance.constants.push(Constant::Value(Value::Bool(false)));
    }
    instance
}

/// Whether a fact speaks of something that is chosen, through the operators that it applies: TLA+ may leave open
/// what that is.
pub fn chooses(module: &Module, fact_idx: usize) -> bool {
    speaks_of(module, &module.facts[fact_idx].statement, &mut BTreeSet::new(), &|node| {
        matches!(node.kind, ExprKind::Choose(..))
    })
}

/// Whether a formula is about values that everybody knows: it mentions no constant, no state, and nothing of a
/// declared sort, through the operators that it applies.
fn is_about_values(module: &Module, formula: &Expr) -> bool {
    !speaks_of(module, formula, &mut BTreeSet::new(), &|node| match &node.kind {
        ExprKind::Constant(_)
        | ExprKind::ConstantApply(..)
        | ExprKind::Variable(..)
        | ExprKind::Always(_)
        | ExprKind::Temporal(..) => true,
        _ => is_open(&node.sort),
    })
}

/// Whether a part of an expression, or of an operator that it applies, is such.
fn speaks_of(
    module: &Module,
    expr: &Expr,
    seen: &mut BTreeSet<OperatorId>,
    is_such: &dyn Fn(&Expr) -> bool,
) -> bool {
    let mut applied = Vec::new();
    let found = vcgen::expr::any(expr, &mut |node| {
        if let ExprKind::Apply(operator, _, _) = &node.kind {
            applied.push(*operator);
        }
        is_such(node)
    });
    found
        || applied.into_iter().any(|operator| {
            seen.insert(operator) && speaks_of(module, &module.operators[operator].body, seen, is_such)
        })
}

fn is_open(sort: &Sort) -> bool {
    match sort {
        Sort::Uninterpreted(_) => true,
        Sort::Set(inner) => is_open(inner),
        Sort::Function(from, to) => is_open(from) || is_open(to),
        Sort::Tuple(items) => items.iter().any(is_open),
        Sort::Bool | Sort::Int | Sort::Str | Sort::Record(_) => false,
    }
}

/// Something for each `CHOOSE` that has nothing to choose from.
fn arbitrary_choices(module: &Module) -> Choices {
    let mut of_nothing = BTreeMap::new();
    for operator in &module.operators {
        vcgen::expr::any(&operator.body, &mut |node| {
            if matches!(node.kind, ExprKind::Choose(..))
                && let Some(value) = some_value(&node.sort)
            {
                of_nothing.insert(node.sort.clone(), value);
            }
            false
        });
    }
    Choices { of_nothing, ..Choices::default() }
}

fn some_value(sort: &Sort) -> Option<Value> {
    match sort {
        Sort::Bool => Some(Value::Bool(false)),
        Sort::Int => Some(Value::Int(0)),
        Sort::Str => Some(Value::Str("".into())),
        Sort::Set(_) => Some(Value::set([])),
        Sort::Function(..) => Some(Value::function([])),
        Sort::Tuple(items) => Some(Value::Tuple(items.iter().map(some_value).collect::<Option<_>>()?)),
        Sort::Uninterpreted(_) | Sort::Record(_) => None,
    }
}

/// The conjuncts of a formula, through operators without parameters.
fn conjuncts(module: &Module, formula: &Expr, into: &mut Vec<Expr>) {
    match &formula.kind {
        ExprKind::And(items) => items.iter().for_each(|item| conjuncts(module, item, into)),
        ExprKind::Apply(operator, args, Time::Now)
            if args.is_empty() && !module.operators[*operator].recursive =>
        {
            conjuncts(module, &module.operators[*operator].body, into);
        }
        _ => into.push(formula.clone()),
    }
}

/// The leading universal quantifiers of a formula, as one, and what they quantify.
fn universal(formula: &Expr) -> (Vec<Binder>, Expr) {
    let (mut binders, mut body) = (Vec::new(), formula.clone());
    while let ExprKind::Quantifier(Quantifier::Forall, own, inner) = &body.kind {
        binders.extend(own.iter().cloned());
        let inner = inner.clone();
        body = inner;
    }
    (binders, body)
}

struct Search<'m> {
    module: &'m Module,
    evaluator: Evaluator<'m>,
    n_left: usize,
}

impl Search<'_> {
    fn over(&mut self, binders: &[Binder], body: &Expr, values: &mut Vec<(LocalId, Expr)>) -> Option<Shown> {
        let Some((binder, rest)) = binders.split_first() else {
            return self.case(body, values);
        };
        let symbol = &self.module.locals[binder.local];
        let domain = binder.domain.as_ref().map(|domain| with_values(domain, values));
        for value in candidates(&symbol.sort, domain.as_ref(), symbol.span) {
            let is_in = domain.as_ref().is_none_or(|domain| {
                let kind = ExprKind::In(value.clone(), domain.clone());
                let member = Expr::new(kind, Sort::Bool, domain.span);
                self.evaluator.formula(&member, Moment::default()) == Ok(true)
            });
            if !is_in {
                continue;
            }
            values.push((binder.local, value));
            let found = self.over(rest, body, values);
            values.pop();
            if found.is_some() || self.n_left == 0 {
                return found;
            }
        }
        None
    }

    fn case(&mut self, body: &Expr, values: &[(LocalId, Expr)]) -> Option<Shown> {
        self.n_left = self.n_left.checked_sub(1)?;
        let claim = with_values(body, values);
        if self.evaluator.formula(&claim, Moment::default()) != Ok(false) {
            return None;
        }
        let print = |expr: &Expr| print_typed::expr(self.module, expr);
        let values = values.iter();
        let values = values.map(|(local, value)| (self.module.locals[*local].name.clone(), print(value)));
        Some(Shown { values: values.collect(), claim: print(&claim), is_false: true })
    }
}

/// An expression with values for bound names; these have no names in them that could be captured.
fn with_values(expr: &Expr, values: &[(LocalId, Expr)]) -> Expr {
    if let ExprKind::Local(id) = &expr.kind
        && let Some((_, value)) = values.iter().find(|(local, _)| local == id)
    {
        return value.clone();
    }
    vcgen::expr::map_children(expr, &mut |child| with_values(child, values))
}

/// Values of a sort as expressions, the smallest first; infinite sets come last.
fn candidates(sort: &Sort, domain: Option<&Expr>, span: Span) -> Vec<Expr> {
    let new = |kind| Expr::new(kind, sort.clone(), span);
    match sort {
        Sort::Bool => [false, true].map(|value| new(ExprKind::Bool(value))).to_vec(),
        Sort::Int => [0, 1, 2, -1].map(|value| new(ExprKind::Int(value))).to_vec(),
        Sort::Str => ["", "a"].map(|text| new(ExprKind::Str(text.into()))).to_vec(),
        Sort::Set(element) => {
            let members = candidates(element, None, span);
            let sizes = 0..=members.len().min(2);
            let mut sets: Vec<Expr> = sizes.map(|n| new(ExprKind::SetEnum(members[..n].to_vec()))).collect();
            if let Some(ExprKind::Powerset(all)) = domain.map(|domain| &domain.kind) {
                sets.push(all.clone());
            }
            if **element == Sort::Int {
                let builtin = [BuiltinSet::Nat, BuiltinSet::Int];
                sets.extend(builtin.map(|set| new(ExprKind::Builtin(set))));
            }
            sets
        }
        Sort::Tuple(items) => {
            let firsts: Option<Vec<Expr>> =
                items.iter().map(|item| candidates(item, None, span).into_iter().next()).collect();
            firsts.map(|firsts| new(ExprKind::Tuple(firsts))).into_iter().collect()
        }
        Sort::Function(..) | Sort::Record(_) | Sort::Uninterpreted(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_is_told_in_one_line() {
        let values = vec![("S".to_owned(), "{}".to_owned()), ("n".to_owned(), "0".to_owned())];
        let shown = Shown { values, claim: "n \\in S".to_owned(), is_false: true };
        assert_eq!(shown.to_string(), "with S = {}, n = 0: `n \\in S` is false");
    }
}
