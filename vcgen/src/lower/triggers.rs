//! Triggers: for each quantified clause, the terms whose occurrence makes the solver take an instance.
//!
//! A trigger is made of predicates and function applications that the clause itself mentions: predicates
//! (memberships, opaque operators) before functions, one term before two, two before three. Integer
//! variables that occur under arithmetic and comparisons only have no such term; for them instances are
//! taken here, at the integers that the condition names and at their successors.

mod candidates;

use std::collections::{BTreeMap, BTreeSet};

use lang::ids::Id;

use super::clauses::{Clause, PART, SKOLEM, each_child, mentions_variable, replace};
use super::terms::{DOMAIN, NAME};
use crate::vc::{AUXILIARY, ArithOp, Symbol, SymbolId, Term, VarId, Vc, VcSort};
pub(super) use candidates::Candidates;
use candidates::{Candidate, VarSet, covers};

/// At most so many alternative triggers for a clause.
const MAX_ALTERNATIVES: usize = 4;
/// At most so many integers are used for instances.
const MAX_INTEGERS: usize = 16;
/// At most so many ways to shift a variable of a clause.
const MAX_SHIFTS: usize = 2;
/// At most so many instances of one clause.
const MAX_INSTANCES: usize = 40;

/// Alternative triggers for a clause; none if no set of candidates covers the variables.
///
/// `defined` is the symbol that the clause helps to define, if it does: a clause that says what follows from
/// the symbol waits for it to occur, and so does every clause about a function or a name.
pub(super) fn choose(
    vc: &Vc,
    vars: &[(VarId, VcSort)],
    body: &Term,
    candidates: Candidates<'_>,
    defined: Option<SymbolId>,
) -> Vec<Vec<Term>> {
    let Some(wanted) = candidates.set(vars.iter().map(|(id, _)| *id)) else { return Vec::new() };
    let candidates = candidates.all;
    if let Some(symbol) = defined {
        let predicate = vc.symbols[symbol].result == VcSort::Bool;
        let lead: Vec<&Candidate<'_>> = candidates
            .iter()
            .filter(|candidate| (candidate.premise || !predicate) && heads(vc, candidate.term, symbol))
            .collect();
        if !lead.is_empty() {
            let premises: Vec<&Candidate<'_>> =
                candidates.iter().filter(|candidate| candidate.predicate && candidate.premise).collect();
            let values = candidates.iter().filter(|candidate| !candidate.predicate).collect();
            let premises = [lead, premises].concat();
            let all = [premises.clone(), values].concat();
            for usable in [premises, all] {
                for size in 1..=3 {
                    let mut found = covers(&usable, wanted, size);
                    found.retain(|trigger| trigger.iter().any(|term| mentions(term, symbol)));
                    if !found.is_empty() {
                        return found;
                    }
                }
            }
        }
    }
    if let Some(value) = typed_value(vc, body, &candidates, wanted) {
        return vec![vec![value]];
    }
    // A value of a named function is looked up whatever is known of its domain, and so is the value of what
    // it names.
    let names = defined.filter(|symbol| vc.symbols[*symbol].name.starts_with(NAME));
    let of_name = |candidate: &&Candidate<'_>| {
        !candidate.predicate
            && candidate.vars == wanted
            && names.is_some_and(|symbol| is_of(candidate.term, symbol) || is_value(candidate.term))
    };
    let values: Vec<Vec<Term>> =
        candidates.iter().filter(of_name).map(|candidate| vec![candidate.term.clone()]).collect();
    let premises = |candidate: &Candidate<'_>| candidate.predicate && candidate.premise;
    let flat = |candidate: &Candidate<'_>| premises(candidate) || candidate.flat;
    let predicates = |candidate: &Candidate<'_>| candidate.predicate;
    let all = |_: &Candidate<'_>| true;
    let levels: [&dyn Fn(&Candidate<'_>) -> bool; 4] = [&premises, &flat, &predicates, &all];
    for level in levels {
        let usable: Vec<&Candidate<'_>> = candidates.iter().filter(|candidate| level(candidate)).collect();
        for size in 1..=3 {
            let mut found = covers(&usable, wanted, size);
            if !found.is_empty() {
                found.extend(converse(vc, body, defined, &candidates, wanted));
                let inside: Vec<Vec<Term>> =
                    found.iter().filter_map(|trigger| value_inside(vc, trigger, &candidates)).collect();
                for other in values.into_iter().chain(inside) {
                    if !found.contains(&other) {
                        found.push(other);
                    }
                }
                return found;
            }
        }
    }
    Vec::new()
}

/// The value of the one function whose values a clause says where they lie, `x \in S => f[x] \in T`.
///
/// It waits for such a value. If it were told that `f[x] \in T` for every `x \in S`, each would be another element
/// of `T`, of which other clauses may make elements of `S`, without end.
fn typed_value(vc: &Vc, body: &Term, candidates: &[Candidate<'_>], wanted: VarSet) -> Option<Term> {
    let mut values = candidates.iter().filter(|candidate| !candidate.predicate);
    let (value, None) = (values.next()?, values.next()) else { return None };
    let is_guard = |candidate: &&Candidate<'_>| candidate.predicate && candidate.premise;
    let is_plain = |term: &Term| matches!(term, Term::App(_, args) if args.iter().all(|arg| matches!(arg, Term::Var(_))));
    let mut guards = candidates.iter().filter(is_guard).peekable();
    let has_plain_guards = guards.peek().is_some() && guards.all(|guard| is_plain(guard.term));
    let Term::Or(disjuncts) = body else { return None };
    let says_where = disjuncts.iter().any(|disjunct| match disjunct {
        Term::App(symbol, args) => {
            vc.symbols[*symbol].result == VcSort::Bool
                && !vc.symbols[*symbol].name.contains('@')
                && args.iter().any(|arg| may_be(arg, value.term))
        }
        _ => false,
    });
    let fits = value.vars == wanted && is_plain(value.term) && has_plain_guards && says_where;
    fits.then(|| value.term.clone())
}

/// Whether a term is another one in some case.
fn may_be(term: &Term, other: &Term) -> bool {
    match term {
        Term::Ite(_, then, otherwise) => may_be(then, other) || may_be(otherwise, other),
        _ => term == other,
    }
}

/// `P(x) => Q(x)` for opaque predicates is of use in both directions: to learn `Q`, and to refute `P`. So is
/// `P(x) => Q(x) \/ R(x)` where it helps to define `Q`.
fn converse(
    vc: &Vc,
    body: &Term,
    defined: Option<SymbolId>,
    candidates: &[Candidate<'_>],
    wanted: VarSet,
) -> Option<Vec<Term>> {
    let Term::Or(disjuncts) = body else { return None };
    let premises = candidates.iter().filter(|candidate| candidate.premise && candidate.flat).count();
    let mut conclusions = disjuncts.iter().filter(|disjunct| !matches!(disjunct, Term::Not(_)));
    let is_defined = |term: &&Term| defined.is_some_and(|symbol| heads(vc, term, symbol));
    let conclusion = match conclusions.clone().find(is_defined) {
        Some(conclusion) => conclusion,
        None => match (conclusions.next(), conclusions.next()) {
            (Some(conclusion), None) => conclusion,
            _ => return None,
        },
    };
    let found = candidates.iter().find(|candidate| candidate.term == conclusion)?;
    (premises == 1 && found.flat && found.vars == wanted).then(|| vec![found.term.clone()])
}

/// Whether a term applies a symbol to arguments; for an operator's, also whether it speaks of a member or a
/// value of what that is.
fn heads(vc: &Vc, term: &Term, symbol: SymbolId) -> bool {
    let Term::App(own, args) = term else { return false };
    let is_operator = vc.symbols[symbol].name.contains('@');
    *own == symbol || (is_operator && matches!(args.last(), Some(Term::App(of, _)) if *of == symbol))
}

/// Whether a term applies something to the symbol.
fn is_of(term: &Term, symbol: SymbolId) -> bool {
    let is_symbol = |arg: &Term| matches!(arg, Term::App(own, _) if *own == symbol);
    matches!(term, Term::App(_, args) if args.iter().any(is_symbol))
}

/// The value of a function where a trigger is that the argument lies in its domain: as a rule a function is
/// applied where it is defined, though nobody has said so yet.
fn value_inside(vc: &Vc, trigger: &[Term], candidates: &[Candidate<'_>]) -> Option<Vec<Term>> {
    let [Term::App(symbol, args)] = trigger else { return None };
    if !vc.symbols[*symbol].name.starts_with(DOMAIN) {
        return None;
    }
    let is_value = |candidate: &&Candidate<'_>| {
        !candidate.predicate && matches!(candidate.term, Term::App(_, own) if own == args)
    };
    candidates.iter().find(is_value).map(|candidate| vec![candidate.term.clone()])
}

/// Whether a term is a state function or constant function of variables.
fn is_value(term: &Term) -> bool {
    matches!(term, Term::App(_, args) if args.iter().all(|arg| matches!(arg, Term::Var(_))))
}

fn mentions(term: &Term, symbol: SymbolId) -> bool {
    if matches!(term, Term::App(own, _) if *own == symbol) {
        return true;
    }
    let mut found = false;
    each_child(term, |child| found = found || mentions(child, symbol));
    found
}

/// The integers that the condition names.
#[derive(Clone, Debug, Default)]
pub(super) struct Integers {
    /// Constants that occur.
    constants: Vec<Term>,
    /// Values of functions and fields at closed terms, whether they occur or not; the named ones first.
    reachable: Vec<Term>,
}

/// A closed term that the condition mentions, of a sort that is not `Bool`, after its size.
type Closed<'t> = (usize, &'t Term, VcSort);

/// Collects the integers that the condition names.
pub(super) fn ground_integers<'t>(vc: &Vc, formulas: impl Iterator<Item = &'t Term>) -> Integers {
    let mut ground = Ground { vc, constants: vec![false; vc.symbols.len()], found: BTreeSet::new() };
    for formula in formulas {
        ground.look(formula);
    }
    let found = ground.found;
    let closed = |term: &Term, sort| (sort, term.clone());
    let integers = |terms: &mut dyn Iterator<Item = (VcSort, Term)>| -> Vec<Term> {
        terms.filter(|(sort, _)| *sort == VcSort::Int).map(|(_, term)| term).take(MAX_INTEGERS).collect()
    };
    let is_constant = |term: &Term| matches!(term, Term::App(_, args) if args.is_empty());
    let mut level: Vec<(VcSort, Term)> = found
        .iter()
        .filter(|(_, term, _)| is_constant(term))
        .map(|(_, term, sort)| closed(term, *sort))
        .collect();
    let constants = integers(&mut level.iter().cloned());
    let mut projections: BTreeMap<VcSort, Vec<(SymbolId, VcSort)>> = BTreeMap::new();
    for (symbol, of) in vc.symbols.iter_enumerated() {
        if let [arg] = of.args.as_slice()
            && of.result != VcSort::Bool
            && is_projection(&of.name)
        {
            projections.entry(*arg).or_default().push((symbol, of.result));
        }
    }
    let known: BTreeSet<&Term> = found.iter().map(|(_, term, _)| *term).collect();
    let mut all: Vec<(VcSort, Term)> = Vec::new();
    for _ in 0..2 {
        let mut next = Vec::new();
        for (sort, term) in &level {
            for (symbol, result) in projections.get(sort).into_iter().flatten() {
                let applied = (*result, Term::App(*symbol, vec![term.clone()]));
                if !known.contains(&applied.1) && !all.contains(&applied) {
                    next.push(applied.clone());
                    all.push(applied);
                }
            }
        }
        level = next;
    }
    let reachable = found.iter().map(|(_, term, sort)| closed(term, *sort)).chain(all);
    Integers { reachable: integers(&mut { reachable }), constants }
}

/// State functions and record fields, not what lowering made up.
fn is_projection(name: &str) -> bool {
    !name.contains(['!', '#', '@', ':']) || name.starts_with('.')
}

/// A walk that finds closed terms.
struct Ground<'t, 'v> {
    vc: &'v Vc,
    /// Whether a symbol without arguments was met.
    constants: Vec<bool>,
    found: BTreeSet<Closed<'t>>,
}

impl<'t> Ground<'t, '_> {
    /// The size of the term, if it has uninterpreted symbols and numbers only.
    fn look(&mut self, term: &'t Term) -> Option<usize> {
        let is_closed = matches!(term, Term::App(..) | Term::Int(_));
        let mut size = is_closed.then_some(1);
        each_child(term, |child| {
            let part = self.look(child);
            size = size.zip(part).map(|(size, part)| size + part);
        });
        if let (Term::App(symbol, args), Some(size)) = (term, size) {
            if args.is_empty() && std::mem::replace(&mut self.constants[symbol.index()], true) {
                return Some(size);
            }
            let Symbol { name, result, .. } = &self.vc.symbols[*symbol];
            if *result != VcSort::Bool && !name.starts_with(AUXILIARY) {
                self.found.insert((size, term, *result));
            }
        }
        size
    }
}

/// What becomes of a clause with integer variables that would otherwise wait in vain.
pub(super) struct Instantiated {
    /// The clause, unless it would be of no use itself.
    pub(super) clauses: Vec<Clause>,
    /// Instances that may help.
    pub(super) extra: Vec<Clause>,
    /// Whether the integers of the condition matter.
    pub(super) depends: bool,
}

/// Instances for integer variables without a trigger.
///
/// An integer variable that no possible trigger mentions is replaced by each integer that the condition can
/// name and by its successor; the clause itself, without a trigger, is of no use and left out. One that only
/// conclusions mention (`SafeAt(v, b) => \A c \in 0..b-1 : N(v, c)`) is replaced by the integer constants, in
/// addition.
pub(super) fn instantiate(vc: &Vc, clause: Clause, integers: &Integers) -> Instantiated {
    let is_open = |(_, sort): &(VarId, VcSort)| *sort == VcSort::Int;
    let as_it_is = |clause| Instantiated { clauses: vec![clause], extra: Vec::new(), depends: false };
    if !clause.vars.iter().any(is_open) {
        return as_it_is(clause);
    }
    let candidates = Candidates::of(vc, &clause.body);
    let mentioned = |premises_only: bool| {
        let all = candidates.all.iter();
        let useful = all.filter(|found| !premises_only || found.premise || !found.predicate);
        useful.fold(VarSet::default(), |set, found| set.with(found.vars))
    };
    let open = |covered: VarSet| -> Vec<VarId> {
        let integers = clause.vars.iter().filter(|var| is_open(var)).map(|(id, _)| *id);
        let is_wanted = |id: &VarId| candidates.set([*id]).is_some_and(|own| !own.is_subset(covered));
        integers.filter(is_wanted).collect()
    };
    let hidden = open(mentioned(false));
    if !hidden.is_empty() {
        let successor =
            |term: &Term| Term::Arith(ArithOp::Add, Box::new(term.clone()), Box::new(Term::Int(1)));
        let values: Vec<Term> = integers
            .reachable
            .iter()
            .flat_map(|term| [term.clone(), successor(term)])
            .chain([Term::Int(0)])
            .collect();
        let extra = instances(&clause, &hidden, &values);
        return Instantiated { clauses: Vec::new(), extra, depends: true };
    }
    let concluded = open(mentioned(true));
    if concluded.is_empty() || concluded.len() == clause.vars.len() {
        return as_it_is(clause);
    }
    let extra = instances(&clause, &concluded, &integers.constants);
    Instantiated { clauses: vec![clause], extra, depends: true }
}

/// `P(f(i - k))` for all `i` as `P(f(i))` with `i + k` for `i`: now `f(i)` is a trigger.
///
/// An instance of the clause, and as strong, since every integer is some `i + k`.
pub(super) fn shifted(clause: &Clause) -> Vec<Clause> {
    let mut out = Vec::new();
    for (id, sort) in &clause.vars {
        if *sort != VcSort::Int {
            continue;
        }
        let mut offsets = Vec::new();
        argument_offsets(&clause.body, *id, &mut offsets);
        for (op, offset) in offsets.into_iter().take(MAX_SHIFTS) {
            let back = if op == ArithOp::Add { ArithOp::Sub } else { ArithOp::Add };
            let value = Term::Arith(back, Term::Var(*id).into(), offset.into());
            let body = cancel(&replace(&clause.body, &BTreeMap::from([(*id, value)])));
            out.push(Clause { vars: clause.vars.clone(), body });
        }
    }
    out
}

/// The `k` for which something is applied to `i + k` or `i - k`.
fn argument_offsets(term: &Term, id: VarId, into: &mut Vec<(ArithOp, Term)>) {
    let is_own = |term: &Term| matches!(term, Term::Var(own) if *own == id);
    if let Term::App(_, args) = term {
        for arg in args {
            let Term::Arith(op @ (ArithOp::Add | ArithOp::Sub), left, right) = arg else { continue };
            let offset = match (is_own(left), is_own(right)) {
                (true, false) => right,
                (false, true) if *op == ArithOp::Add => left,
                _ => continue,
            };
            let found = (*op, offset.as_ref().clone());
            if !mentions_variable(offset, id) && !into.contains(&found) {
                into.push(found);
            }
        }
    }
    each_child(term, |child| argument_offsets(child, id, into));
}

/// `(a + k) - k` and `(a - k) + k` are `a`.
fn cancel(term: &Term) -> Term {
    let is_sum = |term: &Term| matches!(term, Term::Arith(..));
    if !has(term, &is_sum) {
        return term.clone();
    }
    let mapped = super::clauses::map_children(term, &mut |child| cancel(child));
    let Term::Arith(op, left, right) = &mapped else { return mapped };
    let inverse = |op: ArithOp, of: &Term, offset: &Term| match of {
        Term::Arith(inner, a, k) if *inner == op && **k == *offset => Some(a.as_ref().clone()),
        _ => None,
    };
    let cancelled = match op {
        ArithOp::Add => inverse(ArithOp::Sub, left, right).or_else(|| inverse(ArithOp::Sub, right, left)),
        ArithOp::Sub => inverse(ArithOp::Add, left, right),
        ArithOp::Mul | ArithOp::Div | ArithOp::Mod => None,
    };
    cancelled.unwrap_or(mapped)
}

/// Whether the term, or a part of it, is of a kind.
fn has(term: &Term, kind: &dyn Fn(&Term) -> bool) -> bool {
    let mut found = kind(term);
    each_child(term, |child| found = found || has(child, kind));
    found
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vc::{Quant, Symbol};

    /// A condition over one sort `S` with `f: S -> S`, `n: S -> Int`, the number `k`, and predicates: `p`, `q`,
    /// `r(_, _)`, the opaque `op@1` and `op@2`, `at(S, Int)`, and `skolem!1: S -> S`.
    fn condition() -> (Vc, VcSort) {
        let mut vc = Vc::default();
        let sort = VcSort::Uninterpreted(vc.sorts.push("S".to_owned()));
        for (name, args, result) in [
            ("f", vec![sort], sort),
            ("n", vec![sort], VcSort::Int),
            ("c", vec![], sort),
            ("k", vec![], VcSort::Int),
            ("p", vec![sort], VcSort::Bool),
            ("q", vec![sort], VcSort::Bool),
            ("r", vec![sort, sort], VcSort::Bool),
            ("op@1", vec![sort], VcSort::Bool),
            ("op@2", vec![sort], VcSort::Bool),
            ("at", vec![sort, VcSort::Int], VcSort::Bool),
            ("skolem!1", vec![sort], sort),
        ] {
            vc.symbols.push(Symbol { name: name.to_owned(), args, result });
        }
        (vc, sort)
    }

    fn symbol(vc: &Vc, name: &str) -> SymbolId {
        vc.symbols.iter_enumerated().find(|(_, symbol)| symbol.name == name).unwrap().0
    }

    fn app<const N: usize>(vc: &Vc, name: &str, args: [Term; N]) -> Term {
        Term::App(symbol(vc, name), Vec::from(args))
    }

    fn var(index: usize) -> Term {
        Term::Var(VarId::from_index(index))
    }

    fn not(term: Term) -> Term {
        Term::Not(Box::new(term))
    }

    fn at_most(low: Term, high: Term) -> Term {
        Term::Le(Box::new(low), Box::new(high))
    }

    /// The triggers of a clause about variables of the sort, as text.
    fn check(vars: &[usize], body: impl Fn(&Vc) -> Term, defined: Option<&str>, expected: &str) {
        let (mut vc, sort) = condition();
        let body = body(&vc);
        let vars: Vec<_> = vars.iter().map(|var| (VarId::from_index(*var), sort)).collect();
        let candidates = Candidates::of(&vc, &body);
        let triggers = choose(&vc, &vars, &body, candidates, defined.map(|name| symbol(&vc, name)));
        // Shown with a body of no interest.
        let body = Term::Bool(true);
        vc.goal =
            Some(Term::Quant(Box::new(Quant { forall: true, vars, triggers, body, name: String::new() })));
        let text = crate::print::vc(&vc);
        let goal = text.lines().last().unwrap();
        let from = goal.find('{').unwrap_or(goal.len());
        assert_eq!(goal[from..].trim_end_matches(" true)"), expected);
    }

    #[test]
    fn premises_come_before_conclusions() {
        let body = |vc: &Vc| Term::Or(vec![not(app(vc, "p", [var(1)])), app(vc, "r", [var(1), var(1)])]);
        check(&[1], body, None, "{(p ?1)}");
    }

    #[test]
    fn what_says_where_a_value_lies_waits_for_the_value() {
        let value = |vc: &Vc| app(vc, "f", [var(1)]);
        let body = |vc: &Vc| Term::Or(vec![not(app(vc, "p", [var(1)])), app(vc, "q", [value(vc)])]);
        check(&[1], body, None, "{(f ?1)}");
        let chosen = |vc: &Vc| Term::Ite(app(vc, "p", [var(2)]).into(), var(2).into(), value(vc).into());
        let body = |vc: &Vc| Term::Or(vec![not(app(vc, "p", [var(1)])), app(vc, "q", [chosen(vc)])]);
        check(&[1], body, None, "{(f ?1)}");
    }

    #[test]
    fn one_term_comes_before_two() {
        let body = |vc: &Vc| {
            Term::Or(vec![
                not(app(vc, "p", [var(1)])),
                not(app(vc, "q", [var(2)])),
                not(app(vc, "r", [var(1), var(2)])),
            ])
        };
        check(&[1, 2], body, None, "{(r ?1 ?2)}");
    }

    #[test]
    fn two_terms_mention_all_variables_together() {
        let body = |vc: &Vc| Term::Or(vec![not(app(vc, "p", [var(1)])), not(app(vc, "q", [var(2)]))]);
        check(&[1, 2], body, None, "{(p ?1) (q ?2)}");
    }

    #[test]
    fn an_implication_between_opaque_predicates_is_of_use_both_ways() {
        let body = |vc: &Vc| Term::Or(vec![not(app(vc, "op@1", [var(1)])), app(vc, "op@2", [var(1)])]);
        check(&[1], body, None, "{(op@1 ?1)} {(op@2 ?1)}");
    }

    #[test]
    fn a_definition_waits_for_what_it_defines() {
        let body = |vc: &Vc| {
            let image = app(vc, "f", [var(1)]);
            Term::Or(vec![not(app(vc, "p", [var(1)])), Term::Eq(image.into(), app(vc, "c", []).into())])
        };
        check(&[1], body, None, "{(p ?1)}");
        check(&[1], body, Some("f"), "{(f ?1)}");
    }

    #[test]
    fn what_a_clause_claims_of_its_own_witness_is_no_trigger() {
        let body = |vc: &Vc| {
            Term::Or(vec![
                app(vc, "p", [app(vc, "f", [var(1)])]),
                app(vc, "q", [app(vc, "skolem!1", [var(1)])]),
            ])
        };
        check(&[1], body, None, "{(p (f ?1))}");
    }

    #[test]
    fn without_terms_for_all_variables_there_is_no_trigger() {
        let body =
            |vc: &Vc| Term::Or(vec![not(app(vc, "p", [var(1)])), Term::Eq(var(2).into(), var(1).into())]);
        check(&[1, 2], body, None, "");
    }

    fn integer_clause(vc: &Vc, sort: VcSort, with_premise: bool) -> Clause {
        let i = VarId::from_index(2);
        let conclusion = app(vc, "at", [var(1), Term::Var(i)]);
        let bound = not(at_most(Term::Var(i), Term::Int(7)));
        let mut disjuncts = vec![bound];
        if with_premise {
            disjuncts.extend([not(app(vc, "p", [var(1)])), conclusion]);
        } else {
            disjuncts.push(app(vc, "p", [var(1)]));
        }
        Clause { vars: vec![(VarId::from_index(1), sort), (i, VcSort::Int)], body: Term::Or(disjuncts) }
    }

    fn integers(vc: &Vc) -> Integers {
        let named = app(vc, "n", [app(vc, "c", [])]);
        let body = at_most(app(vc, "k", []), named);
        ground_integers(vc, std::iter::once(&body))
    }

    #[test]
    fn integers_that_a_condition_names_are_found() {
        let (vc, _) = condition();
        let found = integers(&vc);
        assert_eq!(found.constants, [app(&vc, "k", [])]);
        let of_c = app(&vc, "n", [app(&vc, "c", [])]);
        let of_its_image = app(&vc, "n", [app(&vc, "f", [app(&vc, "c", [])])]);
        assert_eq!(found.reachable, [app(&vc, "k", []), of_c, of_its_image]);
    }

    #[test]
    fn an_integer_that_nothing_mentions_is_replaced_by_named_ones_and_their_successors() {
        let (vc, sort) = condition();
        let clause = integer_clause(&vc, sort, false);
        let instantiated = instantiate(&vc, clause, &integers(&vc));
        assert!(instantiated.clauses.is_empty());
        // Three integers and their successors, and zero.
        assert_eq!(instantiated.extra.len(), 7);
        for instance in &instantiated.extra {
            assert_eq!(instance.vars, [(VarId::from_index(1), sort)]);
        }
        let zero = Term::Or(vec![not(at_most(Term::Int(0), Term::Int(7))), app(&vc, "p", [var(1)])]);
        assert_eq!(instantiated.extra[6].body, zero);
    }

    #[test]
    fn an_integer_that_only_a_conclusion_mentions_is_also_replaced_by_constants() {
        let (vc, sort) = condition();
        let clause = integer_clause(&vc, sort, true);
        let body = clause.body.clone();
        let instantiated = instantiate(&vc, clause, &integers(&vc));
        assert_eq!(instantiated.clauses.len(), 1);
        assert_eq!(instantiated.clauses[0].body, body);
        assert_eq!(instantiated.extra.len(), 1);
        let k = app(&vc, "k", []);
        let instance = replace(&body, &BTreeMap::from([(VarId::from_index(2), k)]));
        assert_eq!(instantiated.extra[0].body, instance);
    }

    #[test]
    fn clauses_without_integers_stay_as_they_are() {
        let (vc, sort) = condition();
        let clause = Clause { vars: vec![(VarId::from_index(1), sort)], body: app(&vc, "p", [var(1)]) };
        let instantiated = instantiate(&vc, clause, &integers(&vc));
        assert_eq!((instantiated.clauses.len(), instantiated.extra.len()), (1, 0));
    }
}
