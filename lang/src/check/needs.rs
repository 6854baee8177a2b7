//! What facts need that has no meaning for the prover.
//!
//! A definition may contain anything. What counts is what the facts of the root module reach, and what
//! their proofs cite: there each construct without a meaning is an error, told once, with the way that
//! leads to it. A fact of another module that needs such a construct is left out, which is sound because a
//! fact can only help.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::diag::{Code, Diagnostic};
use crate::ids::Id;
use crate::resolved::{DefId, Expr, ExprKind, Fact, Module, Proof, Unsupported};
use crate::source::Span;

/// What is to be done about a module's facts.
#[derive(Debug, Default)]
pub(super) struct Needs {
    /// Errors, and warnings about facts that are left out.
    pub(super) diagnostics: Vec<Diagnostic>,
    /// The facts that stay, by their positions.
    pub(super) kept: Vec<usize>,
    /// Whether something that facts reach is broken or without a meaning.
    pub(super) broken: bool,
}

/// How something was first reached: from which definition (or a fact) and at which place.
type Way = BTreeMap<DefId, (Option<DefId>, Span)>;

/// Finds what the facts of a module need.
pub(super) fn needs(module: &Module) -> Needs {
    let mut needs = Needs::default();
    let cited: BTreeSet<usize> = module.facts.iter().filter(|fact| fact.root).flat_map(cited).collect();
    let mut reported: BTreeSet<(Span, &str)> = BTreeSet::new();
    for (position, fact) in module.facts.iter().enumerate() {
        let found = search(module, &fact.statement);
        needs.broken |= found.broken || !found.constructs.is_empty();
        if fact.root || cited.contains(&position) {
            needs.kept.push(position);
            for (why, at, within) in &found.constructs {
                if reported.insert((*at, &why.what)) {
                    needs.diagnostics.push(refused(module, fact, why, *at, *within, &found.way));
                }
            }
        } else if let Some((why, at, _)) = found.constructs.first() {
            needs.diagnostics.push(left_out(fact, why, *at));
        } else {
            needs.kept.push(position);
        }
    }
    needs
}

/// The positions of facts that a fact's proof names.
fn cited(fact: &Fact) -> Vec<usize> {
    match &fact.proof {
        Proof::By(hints) => hints.facts.clone(),
        Proof::None | Proof::Omitted(_) | Proof::Structured(_) => Vec::new(),
    }
}

/// What lies behind a statement.
struct Found<'a> {
    /// Constructs without a meaning, with their places and the definitions that hold them.
    constructs: Vec<(&'a Unsupported, Span, Option<DefId>)>,
    way: Way,
    broken: bool,
}

/// Searches a statement and what it mentions, the nearest definitions first.
fn search<'a>(module: &'a Module, statement: &'a Expr) -> Found<'a> {
    let mut found = Found { constructs: Vec::new(), way: Way::new(), broken: false };
    let mut waiting: VecDeque<Option<DefId>> = VecDeque::from([None]);
    let mut seen = vec![false; module.defs.len()];
    while let Some(within) = waiting.pop_front() {
        let body = within.map_or(statement, |def| &module.defs[def].body);
        let mut exprs = vec![body];
        while let Some(expr) = exprs.pop() {
            if let ExprKind::Unsupported(why) = &expr.kind {
                found.constructs.push((why, expr.span, within));
            }
            found.broken |= matches!(expr.kind, ExprKind::Error);
            if let ExprKind::Apply(def, _, _) = expr.kind
                && !std::mem::replace(&mut seen[def.index()], true)
            {
                found.way.insert(def, (within, expr.span));
                waiting.push_back(Some(def));
            }
            let mark = exprs.len();
            expr.kind.for_each_child(|child| exprs.push(child));
            exprs[mark..].reverse();
        }
    }
    found
}

/// The error about a construct that a fact needs.
fn refused(
    module: &Module,
    fact: &Fact,
    why: &Unsupported,
    at: Span,
    within: Option<DefId>,
    way: &Way,
) -> Diagnostic {
    let error = Diagnostic::error(
        Code("unsupported-construct"),
        format!("{} cannot be used here yet", why.what),
        at,
        "outside the supported fragment",
    );
    let mut steps = Vec::new();
    let mut current = within;
    while let Some(def) = current {
        let Some((from, place)) = way.get(&def) else { break };
        steps.push((def, *place));
        current = *from;
    }
    steps.reverse();
    let names: Vec<String> = steps.iter().map(|(def, _)| format!("`{}`", module.defs[*def].name)).collect();
    let error = error.note(if names.is_empty() {
        format!("needed by `{}`", fact.name)
    } else {
        format!("needed by `{}` through {}", fact.name, names.join(", "))
    });
    let error = steps
        .iter()
        .zip(&names)
        .filter(|((_, place), _)| *place != at)
        .fold(error, |error, ((_, place), name)| error.because(*place, format!("{name} is needed here")));
    error.help(why.help.clone().unwrap_or_else(|| "state what the theorem needs without it".to_owned()))
}

/// The warning about a fact of another module that is left out.
fn left_out(fact: &Fact, why: &Unsupported, at: Span) -> Diagnostic {
    Diagnostic::error(
        Code("unsupported-construct"),
        format!("`{}` is left out: {} cannot be used here yet", fact.name, why.what),
        at,
        "outside the supported fragment",
    )
    .warning()
    .help("nothing needs to be done unless a theorem depends on it")
}
