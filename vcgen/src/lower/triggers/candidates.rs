//! Terms that may be triggers, and the sets of them that mention all variables of a clause.
//!
//! Invariant: candidates stand in the order in which a clause mentions them, each once; a term comes before
//! its parts.

use super::{MAX_ALTERNATIVES, PART, SKOLEM};
use crate::lower::clauses::each_child;
use crate::lower::terms::NAME;
use crate::vc::{SymbolId, Term, VarId, Vc, VcSort};

/// After so many covers no more are sought.
const MAX_COVERS: usize = 64;

/// A set of variables of one clause, by their positions among those that it mentions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct VarSet(u128);

impl VarSet {
    const MAX: usize = 128;

    pub(super) fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) fn is_subset(self, of: Self) -> bool {
        self.0 & !of.0 == 0
    }
}

/// A term that may be part of a trigger.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate<'t> {
    pub(super) term: &'t Term,
    pub(super) vars: VarSet,
    pub(super) predicate: bool,
    /// Whether it stands in a premise.
    pub(super) premise: bool,
    /// Whether it is an opaque operator or a name, applied to variables and constants only.
    pub(super) flat: bool,
    size: usize,
}

/// The candidates of a clause.
pub(crate) struct Candidates<'t> {
    pub(super) all: Vec<Candidate<'t>>,
    /// The variables that the clause mentions.
    ids: Vec<VarId>,
}

impl<'t> Candidates<'t> {
    /// The candidates of a clause: its premises are the negated disjuncts.
    pub(crate) fn of(vc: &Vc, body: &'t Term) -> Self {
        let mut search = Search { vc, found: Vec::new(), ids: Vec::new() };
        let disjuncts = match body {
            Term::Or(items) => items.as_slice(),
            single => std::slice::from_ref(single),
        };
        for disjunct in disjuncts {
            match disjunct {
                Term::Not(inner) => search.look(inner, true),
                other => search.look(other, false),
            };
        }
        Self { all: search.found.into_iter().flatten().collect(), ids: search.ids }
    }

    /// Whether the clause mentions a variable.
    pub(crate) fn are_of(&self, id: VarId) -> bool {
        self.ids.contains(&id)
    }

    /// Those of these variables that the clause mentions; none at all if it mentions too many for any term to be
    /// of use.
    pub(super) fn set(&self, ids: impl IntoIterator<Item = VarId>) -> Option<VarSet> {
        if self.ids.len() > VarSet::MAX {
            return None;
        }
        let positions = ids.into_iter().filter_map(|id| self.ids.iter().position(|own| *own == id));
        Some(VarSet(positions.fold(0, |set, position| set | (1 << position))))
    }
}

/// What a walk through a clause has found.
struct Search<'t, 'v> {
    vc: &'v Vc,
    /// A place for each application, empty if that is no candidate.
    found: Vec<Option<Candidate<'t>>>,
    ids: Vec<VarId>,
}

/// What matters of a term.
#[derive(Clone, Copy)]
struct Facts {
    size: usize,
    vars: VarSet,
    /// Whether it has uninterpreted symbols and variables only.
    pure: bool,
    /// Whether it mentions symbols that making clauses introduced.
    made_up: bool,
}

impl<'t> Search<'t, '_> {
    fn look(&mut self, term: &'t Term, premise: bool) -> Facts {
        let place = self.found.len();
        let is_application = matches!(term, Term::App(_, args) if !args.is_empty());
        if is_application {
            self.found.push(None);
        }
        let pure = matches!(term, Term::Var(_) | Term::Int(_) | Term::App(..));
        let mut facts = Facts { size: 1, vars: VarSet::default(), pure, made_up: false };
        if let Term::Var(id) = term {
            facts.vars = self.bit(*id);
        }
        each_child(term, |child| {
            let part = self.look(child, premise);
            facts.size += part.size;
            facts.vars = facts.vars.with(part.vars);
            facts.pure &= part.pure;
            facts.made_up |= part.made_up;
        });
        if let (Term::App(symbol, args), true) = (term, is_application) {
            let name = &self.vc.symbols[*symbol].name;
            facts.made_up |= [SKOLEM, PART].iter().any(|prefix| name.starts_with(prefix));
            self.found[place] = self.candidate((*symbol, args), term, facts, premise);
        }
        facts
    }

    fn candidate(
        &self,
        (symbol, args): (SymbolId, &[Term]),
        term: &'t Term,
        facts: Facts,
        premise: bool,
    ) -> Option<Candidate<'t>> {
        let Facts { size, vars, pure, made_up } = facts;
        if !pure || vars == VarSet::default() {
            return None;
        }
        let symbol = &self.vc.symbols[symbol];
        let predicate = symbol.result == VcSort::Bool;
        // What a clause claims of its own Skolem symbols occurs only where the clause was used already.
        if made_up && !(premise && predicate) {
            return None;
        }
        let is_same = |other: &Candidate<'_>| other.size == size && other.vars == vars && other.term == term;
        if self.found.iter().flatten().any(is_same) {
            return None;
        }
        let of_variables = args.iter().all(|arg| match arg {
            Term::App(_, args) => args.is_empty(),
            _ => true,
        });
        let flat = of_variables && (symbol.name.contains('@') || symbol.name.starts_with(NAME));
        Some(Candidate { term, vars, predicate, premise, flat, size })
    }

    fn bit(&mut self, id: VarId) -> VarSet {
        let position = self.ids.iter().position(|own| *own == id).unwrap_or_else(|| {
            self.ids.push(id);
            self.ids.len() - 1
        });
        // Too many are noticed when all have been met.
        VarSet(u32::try_from(position).ok().and_then(|position| 1_u128.checked_shl(position)).unwrap_or(0))
    }
}

/// Minimal sets of exactly `size` candidates that mention every wanted variable, best first.
pub(super) fn covers(candidates: &[&Candidate<'_>], wanted: VarSet, size: usize) -> Vec<Vec<Term>> {
    let mut found: Vec<(usize, usize, Vec<&Candidate<'_>>)> = Vec::new();
    search(candidates, wanted, size, &mut Vec::new(), &mut found);
    found.sort_by_key(|(premises, size, _)| (*premises, *size));
    let best = found.into_iter().take(MAX_ALTERNATIVES);
    best.map(|(_, _, chosen)| chosen.into_iter().map(|candidate| candidate.term.clone()).collect()).collect()
}

fn search<'c, 't>(
    candidates: &[&'c Candidate<'t>],
    wanted: VarSet,
    size: usize,
    chosen: &mut Vec<&'c Candidate<'t>>,
    found: &mut Vec<(usize, usize, Vec<&'c Candidate<'t>>)>,
) {
    if size == 0 {
        let without = |skipped: usize| {
            let rest = chosen.iter().enumerate().filter(|(position, _)| *position != skipped);
            rest.fold(VarSet::default(), |covered, (_, candidate)| covered.with(candidate.vars))
        };
        let is_minimal = || (0..chosen.len()).all(|skipped| !wanted.is_subset(without(skipped)));
        if wanted.is_subset(without(chosen.len())) && is_minimal() {
            let not_premises = chosen.iter().filter(|candidate| !candidate.premise).count();
            let total = chosen.iter().map(|candidate| candidate.size).sum();
            found.push((not_premises, total, chosen.clone()));
        }
        return;
    }
    if found.len() > MAX_COVERS {
        return;
    }
    for (position, candidate) in candidates.iter().enumerate() {
        chosen.push(candidate);
        search(&candidates[position + 1..], wanted, size - 1, chosen, found);
        chosen.pop();
    }
}
