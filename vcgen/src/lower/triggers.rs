//! Triggers: for each quantified clause, the terms whose occurrence makes the solver take an instance.
//!
//! A trigger is made of predicates and function applications that the clause itself mentions: predicates
//! (memberships, opaque operators) before functions, one term before two, two before three. Integer
//! variables that occur under arithmetic and comparisons only have no such term; for them instances are
//! taken here, at the integers that the condition names and at their successors.

use std::collections::{BTreeMap, BTreeSet};

use super::clauses::{Clause, PART, SKOLEM, each_child, replace, variables};
use super::terms::NAME;
use crate::vc::{ArithOp, SymbolId, Term, VarId, Vc, VcSort};

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
    /// Whether it stands in a premise.
    premise: bool,
    /// Whether it is an opaque operator or a name, applied to variables and constants only.
    flat: bool,
    size: usize,
}

/// Alternative triggers for a clause; none if no set of candidates covers the variables.
///
/// `defined` is the symbol that the clause helps to define, if it does: a clause that says what follows from
/// the symbol waits for it to occur, and so does every clause about a function or a name.
pub(super) fn choose(
    vc: &Vc,
    vars: &[(VarId, VcSort)],
    body: &Term,
    defined: Option<SymbolId>,
) -> Vec<Vec<Term>> {
    let wanted: BTreeSet<VarId> = vars.iter().map(|(id, _)| *id).collect();
    let mut candidates = Vec::new();
    collect(vc, body, &mut candidates);
    if let Some(symbol) = defined {
        let predicate = vc.symbols[symbol].result == VcSort::Bool;
        let lead: Vec<&Candidate> = candidates
            .iter()
            .filter(|candidate| (candidate.premise || !predicate) && heads(&candidate.term, symbol))
            .collect();
        if !lead.is_empty() {
            let premises: Vec<&Candidate> =
                candidates.iter().filter(|candidate| candidate.predicate && candidate.premise).collect();
            let usable = [lead, premises].concat();
            for size in 1..=3 {
                let mut found = covers(&usable, &wanted, size);
                found.retain(|trigger| trigger.iter().any(|term| mentions(term, symbol)));
                if !found.is_empty() {
                    return found;
                }
            }
        }
    }
    let premises = |candidate: &Candidate| candidate.predicate && candidate.premise;
    let flat = |candidate: &Candidate| premises(candidate) || candidate.flat;
    let predicates = |candidate: &Candidate| candidate.predicate;
    let all = |_: &Candidate| true;
    let levels: [&dyn Fn(&Candidate) -> bool; 4] = [&premises, &flat, &predicates, &all];
    for level in levels {
        let usable: Vec<&Candidate> = candidates.iter().filter(|candidate| level(candidate)).collect();
        for size in 1..=3 {
            let mut found = covers(&usable, &wanted, size);
            if !found.is_empty() {
                found.extend(converse(body, &candidates, &wanted));
                return found;
            }
        }
    }
    Vec::new()
}

/// `P(x) => Q(x)` for opaque predicates is of use in both directions: to learn `Q`, and to refute `P`.
fn converse(body: &Term, candidates: &[Candidate], wanted: &BTreeSet<VarId>) -> Option<Vec<Term>> {
    let Term::Or(disjuncts) = body else { return None };
    let premises = candidates.iter().filter(|candidate| candidate.premise && candidate.flat).count();
    let mut conclusions = disjuncts.iter().filter(|disjunct| !matches!(disjunct, Term::Not(_)));
    let (Some(conclusion), None) = (conclusions.next(), conclusions.next()) else { return None };
    let found = candidates.iter().find(|candidate| candidate.term == *conclusion)?;
    (premises == 1 && found.flat && found.vars == *wanted).then(|| vec![found.term.clone()])
}

fn heads(term: &Term, symbol: SymbolId) -> bool {
    matches!(term, Term::App(own, _) if *own == symbol)
}

fn mentions(term: &Term, symbol: SymbolId) -> bool {
    if heads(term, symbol) {
        return true;
    }
    let mut found = false;
    each_child(term, &mut |child| found = found || mentions(child, symbol));
    found
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

/// The candidates of a clause: its premises are the negated disjuncts.
fn collect(vc: &Vc, body: &Term, out: &mut Vec<Candidate>) {
    let disjuncts = match body {
        Term::Or(items) => items.as_slice(),
        single => std::slice::from_ref(single),
    };
    for disjunct in disjuncts {
        match disjunct {
            Term::Not(inner) => collect_in(vc, inner, true, out),
            other => collect_in(vc, other, false, out),
        }
    }
}

fn collect_in(vc: &Vc, term: &Term, premise: bool, out: &mut Vec<Candidate>) {
    if let Term::App(symbol, args) = term
        && !args.is_empty()
    {
        let mut vars = BTreeSet::new();
        variables(term, &mut vars);
        if !vars.is_empty() && args.iter().all(pure) && !out.iter().any(|other| other.term == *term) {
            let predicate = vc.symbols[*symbol].result == VcSort::Bool;
            let of_variables = args.iter().all(|arg| match arg {
                Term::App(_, args) => args.is_empty(),
                _ => true,
            });
            let name = &vc.symbols[*symbol].name;
            let flat = of_variables && (name.contains('@') || name.starts_with(NAME));
            // What a clause claims of its own Skolem symbols occurs only where the clause was used already.
            if (premise && predicate) || !is_made_up(vc, term) {
                out.push(Candidate { term: term.clone(), vars, predicate, premise, flat, size: size(term) });
            }
        }
    }
    each_child(term, &mut |child| collect_in(vc, child, premise, out));
}

/// Whether a term mentions symbols that making clauses introduced.
fn is_made_up(vc: &Vc, term: &Term) -> bool {
    if let Term::App(symbol, args) = term
        && !args.is_empty()
        && [SKOLEM, PART].iter().any(|prefix| vc.symbols[*symbol].name.starts_with(prefix))
    {
        return true;
    }
    let mut found = false;
    each_child(term, &mut |child| found = found || is_made_up(vc, child));
    found
}

/// Whether a term has uninterpreted symbols and variables only.
fn pure(term: &Term) -> bool {
    match term {
        Term::Var(_) | Term::Int(_) => true,
        Term::App(_, args) => args.iter().all(pure),
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

/// The integers that the condition names.
#[derive(Clone, Debug, Default)]
pub(super) struct Integers {
    /// Constants that occur.
    constants: Vec<Term>,
    /// Values of functions and fields at closed terms, whether they occur or not; the named ones first.
    reachable: Vec<Term>,
}

/// Collects the integers that the condition names.
pub(super) fn ground_integers(vc: &Vc, labelled: &[(String, u8, Vec<Clause>)]) -> Integers {
    let mut found: BTreeSet<(usize, Term, VcSort)> = BTreeSet::new();
    for (_, _, clauses) in labelled {
        for clause in clauses {
            ground(vc, &clause.body, &mut found);
        }
    }
    let closed: Vec<(VcSort, Term)> = found.into_iter().map(|(_, term, sort)| (sort, term)).collect();
    let integers = |terms: &[(VcSort, Term)]| -> Vec<Term> {
        terms
            .iter()
            .filter(|(sort, _)| *sort == VcSort::Int)
            .map(|(_, term)| term.clone())
            .take(MAX_INTEGERS)
            .collect()
    };
    let mut level: Vec<(VcSort, Term)> = closed
        .iter()
        .filter(|(_, term)| matches!(term, Term::App(_, args) if args.is_empty()))
        .cloned()
        .collect();
    let constants = integers(&level);
    let mut all = closed;
    for _ in 0..2 {
        let mut next = Vec::new();
        for (sort, term) in &level {
            for (symbol, of) in vc.symbols.iter_enumerated() {
                if of.args == [*sort] && of.result != VcSort::Bool && is_projection(&of.name) {
                    let applied = (of.result, Term::App(symbol, vec![term.clone()]));
                    if !all.contains(&applied) {
                        next.push(applied.clone());
                        all.push(applied);
                    }
                }
            }
        }
        level = next;
    }
    Integers { reachable: integers(&all), constants }
}

/// State functions and record fields, not what lowering made up.
fn is_projection(name: &str) -> bool {
    !name.contains(['!', '#', '@', ':']) || name.starts_with('.')
}

fn ground(vc: &Vc, term: &Term, found: &mut BTreeSet<(usize, Term, VcSort)>) {
    if let Term::App(symbol, _) = term
        && pure(term)
    {
        let sort = vc.symbols[*symbol].result;
        let mut vars = BTreeSet::new();
        variables(term, &mut vars);
        if vars.is_empty() && sort != VcSort::Bool {
            found.insert((size(term), term.clone(), sort));
        }
    }
    each_child(term, &mut |child| ground(vc, child, found));
}

/// What becomes of a clause with integer variables that would otherwise wait in vain.
pub(super) struct Instantiated {
    /// The clause, unless it would be of no use itself.
    pub(super) clauses: Vec<Clause>,
    /// Instances that may help.
    pub(super) extra: Vec<Clause>,
}

/// Instances for integer variables without a trigger.
///
/// An integer variable that no possible trigger mentions is replaced by each integer that the condition can
/// name and by its successor; the clause itself, without a trigger, is of no use and left out. One that only
/// conclusions mention (`SafeAt(v, b) => \A c \in 0..b-1 : N(v, c)`) is replaced by the integer constants, in
/// addition.
pub(super) fn instantiate(vc: &Vc, clause: Clause, integers: &Integers) -> Instantiated {
    let mut candidates = Vec::new();
    collect(vc, &clause.body, &mut candidates);
    let mentioned = |premises_only: bool| -> BTreeSet<VarId> {
        candidates
            .iter()
            .filter(|candidate| !premises_only || candidate.premise || !candidate.predicate)
            .flat_map(|candidate| candidate.vars.iter().copied())
            .collect()
    };
    let mut used = BTreeSet::new();
    variables(&clause.body, &mut used);
    let open = |covered: &BTreeSet<VarId>| -> Vec<VarId> {
        clause
            .vars
            .iter()
            .filter(|(id, sort)| *sort == VcSort::Int && used.contains(id) && !covered.contains(id))
            .map(|(id, _)| *id)
            .collect()
    };
    let hidden = open(&mentioned(false));
    if !hidden.is_empty() {
        let successor =
            |term: &Term| Term::Arith(ArithOp::Add, Box::new(term.clone()), Box::new(Term::Int(1)));
        let values: Vec<Term> = integers
            .reachable
            .iter()
            .flat_map(|term| [term.clone(), successor(term)])
            .chain([Term::Int(0)])
            .collect();
        return Instantiated { clauses: Vec::new(), extra: instances(&clause, &hidden, &values) };
    }
    let concluded = open(&mentioned(true));
    let extra = if concluded.is_empty() || concluded.len() == clause.vars.len() {
        Vec::new()
    } else {
        instances(&clause, &concluded, &integers.constants)
    };
    Instantiated { clauses: vec![clause], extra }
}

fn instances(clause: &Clause, open: &[VarId], values: &[Term]) -> Vec<Clause> {
    let mut maps = vec![BTreeMap::new()];
    for id in open {
        let grown: Vec<BTreeMap<VarId, Term>> = maps
            .iter()
            .flat_map(|map| {
                values.iter().map(move |value| {
                    let mut map = map.clone();
                    map.insert(*id, value.clone());
                    map
                })
            })
            .take(MAX_INSTANCES)
            .collect();
        maps = grown;
    }
    maps.iter()
        .map(|map| Clause {
            vars: clause.vars.iter().copied().filter(|(id, _)| !map.contains_key(id)).collect(),
            body: replace(&clause.body, map),
        })
        .collect()
}
