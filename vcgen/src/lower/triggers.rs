//! Triggers: for each quantified clause, the terms whose occurrence makes the solver take an instance.
//!
//! A trigger is made of predicates and function applications that the clause itself mentions: predicates
//! (memberships, opaque operators) before functions, one term before two, two before three. Integer
//! variables that occur under arithmetic and comparisons only have no such term; for them instances are
//! taken here, at the integers that the condition names and at their successors.

use std::collections::{BTreeMap, BTreeSet};

use super::clauses::{Clause, each_child, replace, variables};
use crate::vc::{ArithOp, Term, VarId, Vc, VcSort};

/// At most so many alternative triggers for a clause.
const MAX_ALTERNATIVES: usize = 4;
/// At most so many integers are used for instances.
const MAX_INTEGERS: usize = 16;
/// At most so many instances of one clause.
const MAX_INSTANCES: usize = 40;

struct Candidate {
    term: Term,
    vars: BTreeSet<VarId>,
    predicate: bool,
    /// Whether a predicate stands as a premise (negated) in the clause.
    premise: bool,
    size: usize,
}

/// Alternative triggers for a clause; none if no set of candidates covers the variables.
pub(super) fn choose(vc: &Vc, vars: &[(VarId, VcSort)], body: &Term) -> Vec<Vec<Term>> {
    let wanted: BTreeSet<VarId> = vars.iter().map(|(id, _)| *id).collect();
    let mut candidates = Vec::new();
    collect(vc, body, false, &mut candidates);
    for predicates_only in [true, false] {
        let usable: Vec<&Candidate> =
            candidates.iter().filter(|candidate| candidate.predicate || !predicates_only).collect();
        for size in 1..=3 {
            let found = covers(&usable, &wanted, size);
            if !found.is_empty() {
                return found;
            }
        }
    }
    Vec::new()
}

/// Minimal sets of exactly `size` candidates that mention every wanted variable, best first.
fn covers(candidates: &[&Candidate], wanted: &BTreeSet<VarId>, size: usize) -> Vec<Vec<Term>> {
    let mut found: Vec<(usize, usize, Vec<Term>)> = Vec::new();
    let mut chosen: Vec<&Candidate> = Vec::new();
    search(candidates, wanted, size, &mut chosen, &mut found);
    found.sort_by_key(|(premises, size, _)| (*premises, *size));
    found.into_iter().take(MAX_ALTERNATIVES).map(|(_, _, terms)| terms).collect()
}

fn search<'c>(
    candidates: &[&'c Candidate],
    wanted: &BTreeSet<VarId>,
    size: usize,
    chosen: &mut Vec<&'c Candidate>,
    found: &mut Vec<(usize, usize, Vec<Term>)>,
) {
    if size == 0 {
        let covered: BTreeSet<VarId> = chosen.iter().flat_map(|c| c.vars.iter().copied()).collect();
        let minimal = chosen.iter().enumerate().all(|(skipped, _)| {
            let rest: BTreeSet<VarId> = chosen
                .iter()
                .enumerate()
                .filter(|(position, _)| *position != skipped)
                .flat_map(|(_, c)| c.vars.iter().copied())
                .collect();
            !wanted.is_subset(&rest)
        });
        if wanted.is_subset(&covered) && minimal {
            let not_premises = chosen.iter().filter(|c| !c.premise).count();
            let total = chosen.iter().map(|c| c.size).sum();
            found.push((not_premises, total, chosen.iter().map(|c| c.term.clone()).collect()));
        }
        return;
    }
    if found.len() > 64 {
        return;
    }
    for (position, candidate) in candidates.iter().enumerate() {
        chosen.push(candidate);
        search(&candidates[position + 1..], wanted, size - 1, chosen, found);
        chosen.pop();
    }
}

fn collect(vc: &Vc, term: &Term, negated: bool, out: &mut Vec<Candidate>) {
    if let Term::App(symbol, args) = term
        && !args.is_empty()
    {
        let mut vars = BTreeSet::new();
        variables(term, &mut vars);
        if !vars.is_empty() && args.iter().all(pure) && !out.iter().any(|other| other.term == *term) {
            let predicate = vc.symbols[*symbol].result == VcSort::Bool;
            out.push(Candidate { term: term.clone(), vars, predicate, premise: negated, size: size(term) });
        }
    }
    let negated = match term {
        Term::Not(_) => !negated,
        _ => negated,
    };
    if let Term::Implies(premise, conclusion) = term {
        collect(vc, premise, !negated, out);
        collect(vc, conclusion, negated, out);
        return;
    }
    each_child(term, &mut |child| collect(vc, child, negated, out));
}

/// Whether a term has uninterpreted symbols and variables only.
fn pure(term: &Term) -> bool {
    match term {
        Term::Var(_) => true,
        Term::App(_, args) => args.iter().all(pure),
        Term::Int(_) => true,
        Term::Bool(_)
        | Term::Not(_)
        | Term::And(_)
        | Term::Or(_)
        | Term::Implies(..)
        | Term::Eq(..)
        | Term::Distinct(_)
        | Term::Ite(..)
        | Term::Arith(..)
        | Term::Lt(..)
        | Term::Le(..)
        | Term::Quant(_) => false,
    }
}

fn size(term: &Term) -> usize {
    let mut total = 1;
    each_child(term, &mut |child| total += size(child));
    total
}

/// The integers that the condition names: constants and closed applications, smallest first.
pub(super) fn ground_integers(vc: &Vc, labelled: &[(String, u8, Vec<Clause>)]) -> Vec<Term> {
    let mut found: BTreeMap<(usize, String), Term> = BTreeMap::new();
    for (_, _, clauses) in labelled {
        for clause in clauses {
            ground(vc, &clause.body, &mut found);
        }
    }
    found.into_values().take(MAX_INTEGERS).collect()
}

fn ground(vc: &Vc, term: &Term, found: &mut BTreeMap<(usize, String), Term>) {
    if let Term::App(symbol, _) = term
        && vc.symbols[*symbol].result == VcSort::Int
        && pure(term)
    {
        let mut vars = BTreeSet::new();
        variables(term, &mut vars);
        if vars.is_empty() {
            found.entry((size(term), format!("{term:?}"))).or_insert_with(|| term.clone());
        }
    }
    each_child(term, &mut |child| ground(vc, child, found));
}

/// A clause, or, where an integer variable has no trigger, the clause with instances for that variable.
pub(super) fn instantiate(vc: &Vc, clause: Clause, integers: &[Term]) -> Vec<Clause> {
    let mut candidates = Vec::new();
    collect(vc, &clause.body, false, &mut candidates);
    let covered: BTreeSet<VarId> = candidates.iter().flat_map(|candidate| candidate.vars.iter().copied()).collect();
    let mut used = BTreeSet::new();
    variables(&clause.body, &mut used);
    let open: Vec<VarId> = clause
        .vars
        .iter()
        .filter(|(id, sort)| *sort == VcSort::Int && used.contains(id) && !covered.contains(id))
        .map(|(id, _)| *id)
        .collect();
    if open.is_empty() || integers.is_empty() {
        return vec![clause];
    }
    let successor = |term: &Term| Term::Arith(ArithOp::Add, Box::new(term.clone()), Box::new(Term::Int(1)));
    let values: Vec<Term> = integers.iter().flat_map(|term| [term.clone(), successor(term)]).collect();
    let mut instances = vec![BTreeMap::new()];
    for id in open {
        let grown: Vec<BTreeMap<VarId, Term>> = instances
            .iter()
            .flat_map(|map| {
                values.iter().map(move |value| {
                    let mut map = map.clone();
                    map.insert(id, value.clone());
                    map
                })
            })
            .take(MAX_INSTANCES)
            .collect();
        instances = grown;
    }
    let mut out: Vec<Clause> = instances
        .iter()
        .map(|map| Clause {
            vars: clause.vars.iter().copied().filter(|(id, _)| !map.contains_key(id)).collect(),
            body: replace(&clause.body, map),
        })
        .collect();
    out.push(clause);
    out
}
