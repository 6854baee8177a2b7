//! Which alternative of an abstract action a step takes, and with which arguments: guesses, which obligations
//! then prove.
//!
//! A parameter is matched where the abstract action has it in a place of a next value in which the step has a
//! term: `[f EXCEPT ![p] = q]` and `[f EXCEPT ![a] = m.bal]` give `a` for `p` and `m.bal` for `q`. Other terms
//! of its sort come after: those that the user names, what has changed in a set, the parameters of the step, the
//! terms that it speaks of. Rewriting tells how far each choice holds, and which is none.

use std::collections::{BTreeMap, BTreeSet};
use std::mem::discriminant;

use lang::source::Span;
use lang::typed::{Binder, Expr, ExprKind, LocalId, Quantifier, Time};

use crate::action::{Branch, Step};
use crate::alpha::{Key, key};
use crate::expr;
use crate::obligation::Hypothesis;
use crate::program::Program;
use crate::rewrite::rewrite;

/// Candidates for each parameter.
const MAX_CANDIDATES: usize = 4;
/// Choices for one alternative that rewriting looks at, and that are handed on.
const MAX_TRIED: usize = 32;
const MAX_KEPT: usize = 2;

/// One alternative of an abstract action, with arguments.
pub(super) struct Choice {
    /// The alternative's name.
    pub(super) alternative: String,
    /// What its parameters stand for; one that has no candidate is left to the solver.
    arguments: Vec<(LocalId, Option<Expr>)>,
    /// What is to be shown.
    pub(super) conjuncts: Vec<Expr>,
    /// How many of these rewriting leaves open: equations of next values first, then all. An equation that it
    /// does not close is a sign that the step does something else.
    n_open: (usize, usize),
    /// Whether a parameter is what has changed in a set.
    takes_changed: bool,
    /// The alternative's text.
    pub(super) span: Span,
}

impl Choice {
    /// The likelier a choice is, the less: what has changed in a set is told by the equations of next values
    /// first, then by the element.
    pub(super) fn rank(&self) -> impl Ord + use<> {
        let (n_equations, n_conjuncts) = self.n_open;
        (n_equations, !self.takes_changed, n_conjuncts)
    }

    /// `V!VoteFor(a = a, b = m.bal)`.
    pub(super) fn display(&self, program: &Program) -> String {
        let arguments: Vec<String> = self
            .arguments
            .iter()
            .filter_map(|(param, value)| {
                let value = crate::print::formula(program, value.as_ref()?);
                Some(format!("{} = {value}", program.local(*param).name))
            })
            .collect();
        if arguments.is_empty() {
            return self.alternative.clone();
        }
        format!("{}({})", self.alternative, arguments.join(", "))
    }
}

/// Terms that may stand for a parameter.
pub(super) struct Terms {
    /// Those that the user names.
    hinted: Vec<Expr>,
    /// What has changed in sets.
    changed: BTreeSet<Key>,
    /// All others, the likeliest first.
    others: Vec<Expr>,
    /// The names that a term may mention: others mean nothing outside of what binds them.
    scope: BTreeSet<LocalId>,
}

impl Terms {
    /// The terms of a step: `changed` is what has changed in sets, `hints` are terms as the user wrote them.
    pub(super) fn of(
        program: &Program,
        step: &Step<'_>,
        guards: &[Hypothesis],
        changed: &[Expr],
        hints: &[&str],
    ) -> Self {
        let mut scope: BTreeSet<LocalId> = step.branch.params.iter().copied().collect();
        scope.extend(guards.iter().flat_map(|guard| expr::free_locals(&guard.formula)));
        let mut others: Vec<Expr> = changed.to_vec();
        others.extend(step.branch.params.iter().map(|param| named(program, *param)));
        let values = step.branch.next.values().map(|value| rewrite(program, step.known, value));
        let values: Vec<Expr> = values.collect();
        for formula in values.iter().chain(guards.iter().map(|guard| &guard.formula)) {
            terms_in(formula, &mut others);
        }
        others.extend(scope.iter().map(|local| named(program, *local)));
        others
            .retain(|term| expr::free_locals(term).is_subset(&scope) && !expr::mentions_next(program, term));
        let mut seen: BTreeSet<Key> = BTreeSet::new();
        others.retain(|term| seen.insert(key(term)));
        let is_hinted = |term: &&Expr| {
            let text = crate::print::formula(program, term);
            hints.contains(&text.as_str())
        };
        let hinted = others.iter().filter(is_hinted).cloned().collect();
        Self { hinted, changed: changed.iter().map(key).collect(), others, scope }
    }
}

fn named(program: &Program, local: LocalId) -> Expr {
    program.named(local)
}

/// The terms in an expression that denote elements rather than say something of them, outermost first.
fn terms_in(expr: &Expr, into: &mut Vec<Expr>) {
    match &expr.kind {
        ExprKind::Local(_)
        | ExprKind::Constant(_)
        | ExprKind::Field(..)
        | ExprKind::Component(..)
        | ExprKind::Index(..)
        | ExprKind::Int(_)
        | ExprKind::Str(_)
        | ExprKind::Arithmetic(..)
        | ExprKind::Choose(..) => into.push(expr.clone()),
        _ => {}
    }
    expr.for_each_child(&mut |child| terms_in(child, into));
}

/// The conjuncts of an alternative of an action, in the order of the text.
pub(super) fn conjuncts(program: &Program, alternative: &Branch) -> Vec<Expr> {
    let equations = alternative.equations.iter().map(|(variable, value)| {
        let symbol = &program.module.variables[*variable];
        let next = ExprKind::Variable(*variable, Time::Next);
        expr::equal(&Expr::new(next, symbol.sort.clone(), value.span), value)
    });
    let mut all: Vec<Expr> = alternative.guards.iter().cloned().chain(equations).collect();
    all.sort_by_key(|conjunct| (conjunct.span.file, conjunct.span.start));
    all
}

/// The best choices of arguments for an alternative of the abstract action, best first.
pub(super) fn choices(
    program: &Program,
    step: &Step<'_>,
    alternative: &Branch,
    terms: &Terms,
) -> Vec<Choice> {
    let conjuncts = conjuncts(program, alternative);
    let matched = matched(program, step, &conjuncts, &alternative.params);
    let candidates: Vec<Vec<Option<Expr>>> = alternative
        .params
        .iter()
        .map(|param| {
            let sort = program.sort_of(*param);
            let mut seen: BTreeSet<Key> = BTreeSet::new();
            let own = matched.get(param).into_iter().flatten();
            let own = own.filter(|term| expr::free_locals(term).is_subset(&terms.scope));
            let all = terms.hinted.iter().chain(own).chain(&terms.others);
            let fit = all.filter(|term| term.sort == sort && seen.insert(key(term)));
            let found: Vec<Option<Expr>> = fit.take(MAX_CANDIDATES).cloned().map(Some).collect();
            if found.is_empty() { vec![None] } else { found }
        })
        .collect();
    let mut found: Vec<Choice> = combinations(&candidates)
        .into_iter()
        .filter_map(|arguments| choice(program, step, alternative, &conjuncts, arguments, terms))
        .collect();
    found.sort_by_key(Choice::rank);
    found.truncate(MAX_KEPT);
    found
}

/// One candidate for each parameter, the likeliest combinations first: those in which few are far down their
/// lists.
fn combinations(candidates: &[Vec<Option<Expr>>]) -> Vec<Vec<Option<Expr>>> {
    let mut ranked: Vec<(usize, Vec<Option<Expr>>)> = vec![(0, Vec::new())];
    for own in candidates {
        let mut longer = Vec::new();
        for (rank, chosen) in &ranked {
            for (position, candidate) in own.iter().enumerate() {
                let mut chosen = chosen.clone();
                chosen.push(candidate.clone());
                longer.push((rank + position, chosen));
            }
        }
        longer.sort_by_key(|(rank, _)| *rank);
        longer.truncate(MAX_TRIED);
        ranked = longer;
    }
    ranked.into_iter().map(|(_, chosen)| chosen).collect()
}

/// A choice, unless rewriting finds that a conjunct of it is false.
fn choice(
    program: &Program,
    step: &Step<'_>,
    alternative: &Branch,
    conjuncts: &[Expr],
    arguments: Vec<Option<Expr>>,
    terms: &Terms,
) -> Option<Choice> {
    let takes_changed = arguments.iter().flatten().any(|term| terms.changed.contains(&key(term)));
    let arguments: Vec<(LocalId, Option<Expr>)> = alternative.params.iter().copied().zip(arguments).collect();
    let map: BTreeMap<LocalId, Expr> =
        arguments.iter().filter_map(|(param, value)| Some((*param, value.clone()?))).collect();
    let open: Vec<LocalId> =
        arguments.iter().filter(|(_, value)| value.is_none()).map(|(param, _)| *param).collect();
    let mut stated = Vec::new();
    let mut left = Vec::new();
    for conjunct in conjuncts {
        let own = expr::substitute(program, conjunct, &map);
        let free = expr::free_locals(&own);
        if open.iter().any(|param| free.contains(param)) {
            left.push(own);
        } else {
            stated.push(own);
        }
    }
    // What is said of parameters without a candidate is said together: of some values.
    if !left.is_empty() {
        let binders = open.iter().map(|param| Binder { local: *param, domain: None }).collect();
        stated.push(expr::quantifier(Quantifier::Exists, binders, expr::and(left, alternative.span)));
    }
    let mut n_open = (0, 0);
    for conjunct in &stated {
        let forward = step.forward(conjunct);
        let rewritten = rewrite(program, step.known, &forward);
        match rewritten.kind {
            ExprKind::Bool(true) => {}
            ExprKind::Bool(false) => return None,
            _ => {
                n_open.0 += usize::from(expr::mentions_next(program, conjunct));
                n_open.1 += 1;
            }
        }
    }
    Some(Choice {
        alternative: alternative.name.clone(),
        arguments,
        conjuncts: stated,
        n_open,
        takes_changed,
        span: alternative.span,
    })
}

/// Terms of the step that stand where the abstract action has a parameter, for equations between next values.
fn matched(
    program: &Program,
    step: &Step<'_>,
    conjuncts: &[Expr],
    params: &[LocalId],
) -> BTreeMap<LocalId, Vec<Expr>> {
    let mut found: BTreeMap<LocalId, Vec<Expr>> = BTreeMap::new();
    for conjunct in conjuncts {
        let ExprKind::Equal(left, right) = &conjunct.kind else { continue };
        for (own, pattern) in [(left, right), (right, left)] {
            if !expr::mentions_next(program, own) || expr::mentions_next(program, pattern) {
                continue;
            }
            let value = step.forward(own);
            let rewritten = rewrite(program, step.known, &value);
            for value in [&value, &rewritten] {
                expr::any(pattern, &mut |part| {
                    match_part(part, value, params, &mut found);
                    false
                });
            }
        }
    }
    found
}

/// Holds one node of the pattern that has a parameter as a child against all nodes of the value like it.
fn match_part(pattern: &Expr, value: &Expr, params: &[LocalId], found: &mut BTreeMap<LocalId, Vec<Expr>>) {
    let own = children(pattern);
    let is_param = |child: &Expr| matches!(child.kind, ExprKind::Local(local) if params.contains(&local));
    if !own.iter().any(is_param) {
        return;
    }
    expr::any(value, &mut |node| {
        let parts = children(node);
        if discriminant(&node.kind) == discriminant(&pattern.kind)
            && node.sort == pattern.sort
            && parts.len() == own.len()
        {
            for (child, part) in own.iter().zip(parts) {
                if let ExprKind::Local(local) = child.kind
                    && params.contains(&local)
                    && part.sort == child.sort
                {
                    found.entry(local).or_default().push(part);
                }
            }
        }
        false
    });
}

fn children(expr: &Expr) -> Vec<Expr> {
    let mut out = Vec::new();
    expr.for_each_child(&mut |child| out.push(child.clone()));
    out
}
