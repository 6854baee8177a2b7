//! Formulas to clauses: negations inward, existentials to Skolem symbols, universals outward, one
//! quantifier for each conjunct, with a trigger.
//!
//! Sound because: Skolem symbols preserve satisfiability; SMT sorts are not empty, so that a universal may
//! be pulled over a disjunction and over a conjunction that does not mention its variable; a variable that
//! an equation among the premises fixes may be replaced by its value; an instance of a hypothesis follows
//! from it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::templates::{Identity, Numbers, Part, Recording, Template, template};
use super::terms::NAME;
use super::triggers::{self, Candidates};
use crate::vc::{Labelled, Quant, Symbol, SymbolId, Term, VarId, Vc, VcSort};

/// Quantified variables with their sorts.
pub(super) type Vars = Vec<(VarId, VcSort)>;

/// A universally quantified, quantifier-free formula.
#[derive(Clone, Debug)]
pub(super) struct Clause {
    pub(super) vars: Vars,
    pub(super) body: Term,
}

/// How the names of Skolem symbols begin.
pub(super) const SKOLEM: &str = "skolem!";

/// What follows the label of a hypothesis in that of its instances.
pub(super) const INTEGERS: &str = "(integers)";

/// How the names of quantified parts of disjunctions begin.
pub(super) const PART: &str = "part!";

/// At most this many clauses come from distributing one disjunction over conjunctions.
const MAX_PRODUCT: usize = 12;

/// A formula on its way to clauses.
pub(super) enum Stated {
    /// One that is not looked up.
    Plain(Term),
    /// One to be kept for other conditions.
    New(Term, Box<Recording>),
    /// One that was kept, with numbers of this condition.
    Known(Arc<Template>, Numbers),
}

/// Symbols that were made, with how their names begin.
type Made = Vec<(&'static str, SymbolId)>;

/// What became of a labelled formula.
struct Found {
    label: String,
    tier: u8,
    parts: Vec<Part>,
    /// If it is to be kept: what it took from the condition, and the symbols that were made for it.
    recording: Option<(Box<Recording>, Made)>,
}

/// Turns labelled formulas into labelled conjunctions of clauses. Returns what is to be kept of them, too.
///
/// Instances that may help are further hypotheses, not before `instance_tier`.
pub(super) fn clausify(
    vc: &mut Vc,
    labelled: Vec<(String, u8, Stated)>,
    instance_tier: u8,
) -> (Vec<Labelled>, Vec<(Identity, Template)>) {
    let mut skolem = Skolem { vc, count: 0, named: Vec::new(), made: Vec::new() };
    let all: Vec<Found> =
        labelled.into_iter().map(|(label, tier, stated)| skolem.found(label, tier, stated)).collect();
    let ground = triggers::ground_integers(vc, all.iter().flat_map(|found| &found.parts).map(Part::term));
    let mut counter = 0;
    let mut by_label: BTreeSet<String> = BTreeSet::new();
    let mut out = Vec::new();
    let mut templates = Vec::new();
    for Found { label, tier, parts: found, recording } in all {
        let defined = defined_symbol(vc, &label);
        // The definition of an operator is for its own applications, and must not make new ones.
        let unfolds = defined.is_some_and(|symbol| !vc.symbols[symbol].name.starts_with(NAME));
        let (mut parts, mut extra, mut kept) = (Vec::new(), Vec::new(), Vec::new());
        for part in found {
            let clause = match part {
                Part::Whole(whole) => {
                    parts.push(named(whole, &label, &mut counter));
                    continue;
                }
                Part::Clause(clause) => clause,
            };
            if recording.is_some() {
                kept.push(Part::Clause(clause.clone()));
            }
            let shifts = if unfolds { Vec::new() } else { triggers::shifted(&clause) };
            let is_shifted = !shifts.is_empty();
            extra.extend(
                shifts.into_iter().map(|clause| quantified(vc, clause, &label, defined, &mut counter)),
            );
            let instantiated = triggers::instantiate(vc, clause, &ground);
            let is_whole = !is_shifted && !instantiated.depends;
            for clause in instantiated.clauses {
                parts.push(quantified(vc, clause, &label, defined, &mut counter));
            }
            for clause in instantiated.extra {
                extra.push(quantified(vc, clause, &label, defined, &mut counter));
            }
            // Nothing else of the condition matters to what becomes of it.
            if let (true, Some(last), Some(whole)) = (is_whole, kept.last_mut(), parts.last()) {
                *last = Part::Whole(whole.clone());
            }
        }
        templates.extend(recording.and_then(|(recording, made)| template(vc, *recording, &made, &kept)));
        for (parts, tier, suffix) in [(parts, tier, ""), (extra, tier.max(instance_tier), INTEGERS)] {
            if parts.is_empty() {
                continue;
            }
            let mut label = format!("{label}{suffix}");
            while !by_label.insert(label.clone()) {
                label.push('#');
            }
            out.push(Labelled { label, tier, formula: and(parts) });
        }
    }
    (out, templates)
}

/// A quantified formula with a name.
fn named(whole: Term, label: &str, counter: &mut usize) -> Term {
    match whole {
        Term::Quant(mut quant) => {
            *counter += 1;
            quant.name = format!("{label}:{counter}");
            Term::Quant(quant)
        }
        other => other,
    }
}

/// The symbol that a definition defines: that of an opaque operator, or a name.
fn defined_symbol(vc: &Vc, label: &str) -> Option<SymbolId> {
    let name = label.strip_prefix("definition:")?;
    vc.symbols.iter_enumerated().find(|(_, symbol)| symbol.name == name).map(|(id, _)| id)
}

fn quantified(vc: &Vc, clause: Clause, label: &str, defined: Option<SymbolId>, counter: &mut usize) -> Term {
    let Clause { mut vars, body } = clause;
    if vars.is_empty() {
        return body;
    }
    let candidates = Candidates::of(vc, &body);
    vars.retain(|(id, _)| candidates.are_of(*id));
    // A clause made of several that came from one quantifier mentions its variables once for each.
    vars.sort_unstable();
    vars.dedup_by_key(|(id, _)| *id);
    if vars.is_empty() {
        return body;
    }
    let triggers = triggers::choose(vc, &vars, &body, candidates, defined);
    let quant = Quant { forall: true, vars, triggers, body, name: String::new() };
    named(Term::Quant(Box::new(quant)), label, counter)
}

/// The variables that occur in a term, in ascending order.
pub(super) fn variables_of(term: &Term) -> Vec<VarId> {
    let mut found = Vec::new();
    variables(term, &mut found);
    found.sort_unstable();
    found.dedup();
    found
}

fn variables(term: &Term, into: &mut Vec<VarId>) {
    if let Term::Var(id) = term
        && into.last() != Some(id)
    {
        into.push(*id);
    }
    each_child(term, |child| variables(child, into));
}

/// Visits each direct part; those in triggers are none.
pub(super) fn each_child<'t>(term: &'t Term, mut visit: impl FnMut(&'t Term)) {
    match term {
        Term::Bool(_) | Term::Int(_) | Term::Var(_) => {}
        Term::App(_, items) | Term::And(items) | Term::Or(items) | Term::Distinct(items) => {
            items.iter().for_each(visit);
        }
        Term::Not(a) => visit(a),
        Term::Implies(a, b) | Term::Eq(a, b) | Term::Arith(_, a, b) | Term::Lt(a, b) | Term::Le(a, b) => {
            visit(a);
            visit(b);
        }
        Term::Ite(a, b, c) => {
            visit(a);
            visit(b);
            visit(c);
        }
        Term::Quant(quant) => visit(&quant.body),
    }
}

/// Replaces variables.
pub(super) fn replace(term: &Term, map: &BTreeMap<VarId, Term>) -> Term {
    let mut replaced = term.clone();
    replace_in(&mut replaced, map);
    replaced
}

/// Replaces variables where they stand.
fn replace_in(term: &mut Term, map: &BTreeMap<VarId, Term>) {
    match term {
        Term::Var(id) => {
            if let Some(value) = map.get(id) {
                *term = value.clone();
            }
        }
        Term::Bool(_) | Term::Int(_) => {}
        Term::App(_, items) | Term::And(items) | Term::Or(items) | Term::Distinct(items) => {
            for item in items {
                replace_in(item, map);
            }
        }
        Term::Not(a) => replace_in(a, map),
        Term::Implies(a, b) | Term::Eq(a, b) | Term::Arith(_, a, b) | Term::Lt(a, b) | Term::Le(a, b) => {
            replace_in(a, map);
            replace_in(b, map);
        }
        Term::Ite(a, b, c) => [a, b, c].into_iter().for_each(|part| replace_in(part, map)),
        Term::Quant(quant) => {
            quant.triggers.iter_mut().flatten().for_each(|part| replace_in(part, map));
            replace_in(&mut quant.body, map);
        }
    }
}

/// The same term with each child replaced, those in triggers included.
pub(super) fn map_children(term: &Term, map: &mut dyn FnMut(&Term) -> Term) -> Term {
    fn all(items: &[Term], map: &mut dyn FnMut(&Term) -> Term) -> Vec<Term> {
        items.iter().map(map).collect()
    }
    match term {
        Term::Var(_) | Term::Bool(_) | Term::Int(_) => term.clone(),
        Term::App(symbol, items) => Term::App(*symbol, all(items, map)),
        Term::And(items) => Term::And(all(items, map)),
        Term::Or(items) => Term::Or(all(items, map)),
        Term::Distinct(items) => Term::Distinct(all(items, map)),
        Term::Not(a) => Term::Not(map(a).into()),
        Term::Implies(a, b) => Term::Implies(map(a).into(), map(b).into()),
        Term::Eq(a, b) => Term::Eq(map(a).into(), map(b).into()),
        Term::Arith(op, a, b) => Term::Arith(*op, map(a).into(), map(b).into()),
        Term::Lt(a, b) => Term::Lt(map(a).into(), map(b).into()),
        Term::Le(a, b) => Term::Le(map(a).into(), map(b).into()),
        Term::Ite(a, b, c) => Term::Ite(map(a).into(), map(b).into(), map(c).into()),
        Term::Quant(quant) => {
            let Quant { forall, vars, triggers, body, name } = quant.as_ref();
            let triggers = triggers.iter().map(|trigger| all(trigger, map)).collect();
            Term::Quant(Box::new(Quant {
                forall: *forall,
                vars: vars.clone(),
                triggers,
                body: map(body),
                name: name.clone(),
            }))
        }
    }
}

fn has_quantifier(term: &Term) -> bool {
    if matches!(term, Term::Quant(_)) {
        return true;
    }
    let mut found = false;
    each_child(term, |child| found = found || has_quantifier(child));
    found
}

fn is_boolean(vc: &Vc, term: &Term) -> bool {
    match term {
        Term::Bool(_)
        | Term::Not(_)
        | Term::And(_)
        | Term::Or(_)
        | Term::Implies(..)
        | Term::Eq(..)
        | Term::Distinct(_)
        | Term::Lt(..)
        | Term::Le(..)
        | Term::Quant(_) => true,
        Term::App(symbol, _) => vc.symbols[*symbol].result == VcSort::Bool,
        Term::Ite(_, then, _) => is_boolean(vc, then),
        Term::Int(_) | Term::Var(_) | Term::Arith(..) => false,
    }
}

fn literal(atom: Term, positive: bool) -> Vec<Clause> {
    let body = if positive { atom } else { Term::Not(Box::new(atom)) };
    vec![Clause { vars: Vec::new(), body }]
}

/// An atom with a conditional inside whose condition quantifies: the condition, and the atom in either case.
fn lift_condition(atom: &Term) -> Option<(Term, Term, Term)> {
    if let Term::Ite(condition, then, otherwise) = atom {
        return Some((condition.as_ref().clone(), then.as_ref().clone(), otherwise.as_ref().clone()));
    }
    let within = |child: &Term| lift_condition(child);
    let pair = |left: &Term, right: &Term, build: &dyn Fn(Term, Term) -> Term| {
        if let Some((condition, then, otherwise)) = within(left) {
            return Some((condition, build(then, right.clone()), build(otherwise, right.clone())));
        }
        within(right).map(|(condition, then, otherwise)| {
            (condition, build(left.clone(), then), build(left.clone(), otherwise))
        })
    };
    let boxed =
        |build: fn(Box<Term>, Box<Term>) -> Term| move |a: Term, b: Term| build(Box::new(a), Box::new(b));
    match atom {
        Term::App(symbol, args) => args.iter().enumerate().find_map(|(position, arg)| {
            let (condition, then, otherwise) = within(arg)?;
            let with = |value: Term| {
                let mut args = args.clone();
                args[position] = value;
                Term::App(*symbol, args)
            };
            Some((condition, with(then), with(otherwise)))
        }),
        Term::Eq(a, b) => pair(a, b, &boxed(Term::Eq)),
        Term::Lt(a, b) => pair(a, b, &boxed(Term::Lt)),
        Term::Le(a, b) => pair(a, b, &boxed(Term::Le)),
        Term::Arith(op, a, b) => pair(a, b, &|a, b| Term::Arith(*op, Box::new(a), Box::new(b))),
        Term::Bool(_)
        | Term::Int(_)
        | Term::Var(_)
        | Term::Not(_)
        | Term::And(_)
        | Term::Or(_)
        | Term::Implies(..)
        | Term::Distinct(_)
        | Term::Ite(..)
        | Term::Quant(_) => None,
    }
}

struct Skolem<'v> {
    vc: &'v mut Vc,
    count: usize,
    /// Clauses of the parts that were given names.
    named: Vec<Clause>,
    /// For the formula at hand.
    made: Made,
}

fn and(items: Vec<Term>) -> Term {
    let mut flat = Vec::new();
    for item in items {
        match item {
            Term::Bool(true) => {}
            Term::Bool(false) => return Term::Bool(false),
            Term::And(inner) => flat.extend(inner),
            other => flat.push(other),
        }
    }
    match flat.len() {
        0 => Term::Bool(true),
        1 => flat.swap_remove(0),
        _ => Term::And(flat),
    }
}

fn or(items: Vec<Term>) -> Term {
    let mut flat = Vec::new();
    for item in items {
        match item {
            Term::Bool(false) => {}
            Term::Bool(true) => return Term::Bool(true),
            Term::Or(inner) => flat.extend(inner),
            other => flat.push(other),
        }
    }
    match flat.len() {
        0 => Term::Bool(false),
        1 => flat.swap_remove(0),
        _ => Term::Or(flat),
    }
}

impl Skolem<'_> {
    fn found(&mut self, label: String, tier: u8, stated: Stated) -> Found {
        let (formula, recording) = match stated {
            Stated::Plain(formula) => (formula, None),
            Stated::New(formula, recording) => (formula, Some(recording)),
            Stated::Known(template, numbers) => {
                let parts = template.parts(self.vc, numbers, &mut self.count);
                return Found { label, tier, parts, recording: None };
            }
        };
        self.made.clear();
        let mut found = self.clauses(formula, true, &[]);
        found.append(&mut self.named);
        for clause in &mut found {
            eliminate(clause);
        }
        found.retain(|clause| clause.body != Term::Bool(true));
        let recording = recording.map(|recording| (recording, std::mem::take(&mut self.made)));
        Found { label, tier, parts: found.into_iter().map(Part::Clause).collect(), recording }
    }

    /// A new symbol, whose name begins so.
    fn symbol(&mut self, prefix: &'static str, params: &[(VarId, VcSort)], result: VcSort) -> SymbolId {
        self.count += 1;
        let args = params.iter().map(|(_, sort)| *sort).collect();
        let symbol = self.vc.symbols.push(Symbol { name: format!("{prefix}{}", self.count), args, result });
        self.made.push((prefix, symbol));
        symbol
    }

    /// The clauses of a formula (of its negation, if not `positive`) below universals `scope`.
    fn clauses(&mut self, term: Term, positive: bool, scope: &[(VarId, VcSort)]) -> Vec<Clause> {
        match term {
            Term::And(items) => {
                self.junction(items.into_iter().map(|item| (item, positive)), positive, scope)
            }
            Term::Or(items) => {
                self.junction(items.into_iter().map(|item| (item, positive)), !positive, scope)
            }
            Term::Not(inner) => self.clauses(*inner, !positive, scope),
            Term::Implies(premise, conclusion) => {
                let items = [(*premise, !positive), (*conclusion, positive)];
                self.junction(items.into_iter(), !positive, scope)
            }
            Term::Eq(left, right)
                if is_boolean(self.vc, &left)
                    && (!is_literal(&left)
                        || !is_literal(&right)
                        || has_quantifier(&left)
                        || has_quantifier(&right)) =>
            {
                // a <=> b is (a => b) /\ (b => a); its negation is (a \/ b) /\ (~a \/ ~b).
                let there = [(left.as_ref().clone(), false), (right.as_ref().clone(), positive)];
                let back = [(*left, true), (*right, !positive)];
                self.pairs([there, back], scope)
            }
            Term::Ite(condition, then, otherwise) if is_boolean(self.vc, &then) => {
                // Negated, a conditional has its branches negated.
                let when = [(condition.as_ref().clone(), false), (*then, positive)];
                let unless = [(*condition, true), (*otherwise, positive)];
                self.pairs([when, unless], scope)
            }
            Term::Quant(quant) => {
                if quant.forall == positive {
                    let inner = [scope, &quant.vars].concat();
                    let Quant { vars, body, .. } = *quant;
                    let mut found = self.clauses(body, positive, &inner);
                    for clause in &mut found {
                        clause.vars.extend(vars.iter().copied());
                    }
                    found
                } else {
                    let body = self.skolemize(*quant, scope);
                    self.clauses(body, positive, scope)
                }
            }
            Term::Bool(value) => vec![Clause { vars: Vec::new(), body: Term::Bool(value == positive) }],
            _ if has_quantifier(&term) => match lift_condition(&term) {
                Some((condition, then, otherwise)) => {
                    let lifted = Term::Ite(Box::new(condition), Box::new(then), Box::new(otherwise));
                    self.clauses(lifted, positive, scope)
                }
                None => literal(term, positive),
            },
            _ => literal(term, positive),
        }
    }

    /// A conjunction of disjunctions.
    fn pairs(&mut self, pairs: [[(Term, bool); 2]; 2], scope: &[(VarId, VcSort)]) -> Vec<Clause> {
        let mut found = Vec::new();
        for pair in pairs {
            found.extend(self.junction(pair.into_iter(), false, scope));
        }
        found
    }

    /// A conjunction gives the clauses of all items; a disjunction their product, or, if that is large, one
    /// clause of all. Each item comes with its sign.
    fn junction(
        &mut self,
        items: impl Iterator<Item = (Term, bool)>,
        conjunction: bool,
        scope: &[(VarId, VcSort)],
    ) -> Vec<Clause> {
        let each: Vec<Vec<Clause>> =
            items.map(|(item, positive)| self.clauses(item, positive, scope)).collect();
        if conjunction {
            return each.into_iter().flatten().collect();
        }
        let quantified = |clauses: &[Clause]| clauses.iter().any(|clause| !clause.vars.is_empty());
        let n_quantified = each.iter().filter(|clauses| quantified(clauses)).count();
        let mut product: Vec<(Vars, Vec<Term>)> = vec![(Vec::new(), Vec::new())];
        for mut clauses in each {
            if quantified(&clauses) && n_quantified > 1 {
                for clause in &mut clauses {
                    self.name(clause, scope);
                }
            }
            if clauses.len() > 1 && (!quantified(&clauses) || product.len() * clauses.len() > MAX_PRODUCT) {
                let vars = clauses.iter().flat_map(|clause| clause.vars.iter().copied()).collect();
                let body = and(clauses.into_iter().map(|clause| clause.body).collect());
                clauses = vec![Clause { vars, body }];
            }
            if let [only] = clauses.as_mut_slice() {
                let body = std::mem::replace(&mut only.body, Term::Bool(false));
                if let [(vars, disjuncts)] = product.as_mut_slice() {
                    vars.append(&mut only.vars);
                    disjuncts.push(body);
                } else {
                    for (vars, disjuncts) in &mut product {
                        vars.extend(only.vars.iter().copied());
                        disjuncts.push(body.clone());
                    }
                }
                continue;
            }
            let mut grown = Vec::with_capacity(product.len() * clauses.len());
            for (vars, disjuncts) in &product {
                for clause in &clauses {
                    let vars = vars.iter().chain(&clause.vars).copied().collect();
                    let disjuncts = disjuncts.iter().chain([&clause.body]).cloned().collect();
                    grown.push((vars, disjuncts));
                }
            }
            product = grown;
        }
        product.into_iter().map(|(vars, disjuncts)| Clause { vars, body: or(disjuncts) }).collect()
    }

    /// Gives a quantified part of a disjunction a name: where several disjuncts quantify, one quantifier over
    /// all of them would need a trigger that mentions the variables of all.
    fn name(&mut self, clause: &mut Clause, scope: &[(VarId, VcSort)]) {
        if clause.vars.is_empty() {
            return;
        }
        let used = variables_of(&clause.body);
        let params: Vec<(VarId, VcSort)> =
            scope.iter().copied().filter(|(id, _)| used.binary_search(id).is_ok()).collect();
        let symbol = self.symbol(PART, &params, VcSort::Bool);
        let name = Term::App(symbol, params.iter().map(|(id, _)| Term::Var(*id)).collect());
        let vars = params.into_iter().chain(clause.vars.drain(..)).collect();
        let body = or(vec![Term::Not(Box::new(name.clone())), clause.body.clone()]);
        let mut defining = Clause { vars, body };
        eliminate(&mut defining);
        self.named.push(defining);
        clause.body = name;
    }

    /// Existential variables become functions of the universals that occur with them.
    fn skolemize(&mut self, quant: Quant, scope: &[(VarId, VcSort)]) -> Term {
        let used = if scope.is_empty() { Vec::new() } else { variables_of(&quant.body) };
        let params: Vec<(VarId, VcSort)> =
            scope.iter().copied().filter(|(id, _)| used.binary_search(id).is_ok()).collect();
        let mut map = BTreeMap::new();
        for (id, sort) in &quant.vars {
            let symbol = self.symbol(SKOLEM, &params, *sort);
            let args = params.iter().map(|(id, _)| Term::Var(*id)).collect();
            map.insert(*id, Term::App(symbol, args));
        }
        let mut body = quant.body;
        replace_in(&mut body, &map);
        body
    }
}

fn is_literal(term: &Term) -> bool {
    match term {
        Term::App(..) | Term::Var(_) | Term::Bool(_) | Term::Lt(..) | Term::Le(..) => true,
        Term::Not(inner) => is_literal(inner),
        Term::Int(_)
        | Term::And(_)
        | Term::Or(_)
        | Term::Implies(..)
        | Term::Eq(..)
        | Term::Distinct(_)
        | Term::Ite(..)
        | Term::Arith(..)
        | Term::Quant(_) => false,
    }
}

/// Replaces variables that an equation among the premises fixes: `~(x = t) \/ P(x)` is `P(t)`.
fn eliminate(clause: &mut Clause) {
    loop {
        let literals = match &clause.body {
            Term::Or(items) => items.as_slice(),
            other => std::slice::from_ref(other),
        };
        let premises = literals.iter().flat_map(|literal| match literal {
            Term::Not(inner) => match inner.as_ref() {
                Term::And(items) => items.as_slice(),
                other => std::slice::from_ref(other),
            },
            _ => &[],
        });
        let own = |id: VarId| clause.vars.iter().any(|(var, _)| *var == id);
        let mut fixed = None;
        'search: for premise in premises {
            let Term::Eq(left, right) = premise else { continue };
            for (name, value) in [(left, right), (right, left)] {
                let Term::Var(id) = name.as_ref() else { continue };
                if own(*id) && !mentions_variable(value, *id) {
                    fixed = Some((*id, value.as_ref().clone()));
                    break 'search;
                }
            }
        }
        let Some((id, value)) = fixed else { return };
        replace_in(&mut clause.body, &BTreeMap::from([(id, value)]));
        clause.body = simplify(std::mem::replace(&mut clause.body, Term::Bool(true)));
        clause.vars.retain(|(var, _)| *var != id);
    }
}

/// Whether a variable occurs in a term.
pub(super) fn mentions_variable(term: &Term, id: VarId) -> bool {
    if let Term::Var(own) = term {
        return *own == id;
    }
    let mut found = false;
    each_child(term, |child| found = found || mentions_variable(child, id));
    found
}

/// Removes trivial equations after a replacement.
fn simplify(term: Term) -> Term {
    match term {
        Term::And(items) => and(items.into_iter().map(simplify).collect()),
        Term::Or(items) => or(items.into_iter().map(simplify).collect()),
        Term::Not(inner) => match simplify(*inner) {
            Term::Bool(value) => Term::Bool(!value),
            Term::Not(inner) => *inner,
            other => Term::Not(Box::new(other)),
        },
        Term::Eq(left, right) if left == right => Term::Bool(true),
        Term::Bool(_)
        | Term::Int(_)
        | Term::Var(_)
        | Term::App(..)
        | Term::Implies(..)
        | Term::Eq(..)
        | Term::Distinct(_)
        | Term::Ite(..)
        | Term::Arith(..)
        | Term::Lt(..)
        | Term::Le(..)
        | Term::Quant(_) => term,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lang::ids::Id;

    /// A condition over one sort `S` with `c: S`, `f: S -> S`, and predicates `p`, `q`, `r(_, _)` and `b`.
    struct Terms {
        vc: Vc,
        sort: VcSort,
    }

    impl Terms {
        fn new() -> Self {
            let mut vc = Vc::default();
            let sort = VcSort::Uninterpreted(vc.sorts.push("S".to_owned()));
            for (name, n_args, result) in [
                ("c", 0, sort),
                ("f", 1, sort),
                ("p", 1, VcSort::Bool),
                ("q", 1, VcSort::Bool),
                ("r", 2, VcSort::Bool),
                ("b", 0, VcSort::Bool),
            ] {
                vc.symbols.push(Symbol { name: name.to_owned(), args: vec![sort; n_args], result });
            }
            Self { vc, sort }
        }

        fn app<const N: usize>(&self, name: &str, args: [Term; N]) -> Term {
            let mut symbols = self.vc.symbols.iter_enumerated();
            let (symbol, _) = symbols.find(|(_, symbol)| symbol.name == name).unwrap();
            Term::App(symbol, Vec::from(args))
        }

        fn quant(&self, forall: bool, vars: &[usize], body: Term) -> Term {
            let vars = vars.iter().map(|var| (VarId::from_index(*var), self.sort)).collect();
            Term::Quant(Box::new(Quant { forall, vars, triggers: Vec::new(), body, name: String::new() }))
        }

        fn all<const N: usize>(&self, vars: [usize; N], body: Term) -> Term {
            self.quant(true, &vars, body)
        }

        fn some<const N: usize>(&self, vars: [usize; N], body: Term) -> Term {
            self.quant(false, &vars, body)
        }

        /// What becomes of formulas: the condition as text, without what was declared before.
        fn check(mut self, formulas: &[Term], expected: &[&str]) {
            let n_symbols = self.vc.symbols.len();
            let labelled =
                formulas.iter().map(|formula| ("h".to_owned(), 0, Stated::Plain(formula.clone()))).collect();
            self.vc.hypotheses = clausify(&mut self.vc, labelled, 1).0;
            let text = crate::print::vc(&self.vc);
            let found: Vec<&str> = text.lines().skip(1 + n_symbols).collect();
            assert_eq!(found, expected);
        }
    }

    fn var(index: usize) -> Term {
        Term::Var(VarId::from_index(index))
    }

    fn not(term: Term) -> Term {
        Term::Not(Box::new(term))
    }

    fn implies(premise: Term, conclusion: Term) -> Term {
        Term::Implies(Box::new(premise), Box::new(conclusion))
    }

    fn equal(left: Term, right: Term) -> Term {
        Term::Eq(Box::new(left), Box::new(right))
    }

    #[test]
    fn negations_move_inward() {
        let t = Terms::new();
        let both = Term::And(vec![t.app("p", [var(1)]), t.app("q", [var(1)])]);
        let formula = not(t.some([1], both));
        t.check(&[formula], &["0 h: (forall ((?1 S)) {(p ?1)} {(q ?1)} (or (not (p ?1)) (not (q ?1))))"]);
    }

    #[test]
    fn a_conjunction_below_a_universal_gives_two_clauses() {
        let t = Terms::new();
        let both = Term::And(vec![t.app("p", [var(1)]), t.app("q", [var(1)])]);
        let formula = t.all([1], both);
        t.check(
            &[formula],
            &["0 h: (and (forall ((?1 S)) {(p ?1)} (p ?1)) (forall ((?1 S)) {(q ?1)} (q ?1)))"],
        );
    }

    #[test]
    fn an_existential_depends_on_the_universals_that_it_mentions() {
        let t = Terms::new();
        let inner = t.some([3], t.app("r", [var(1), var(3)]));
        let formula = t.all([1, 2], Term::Or(vec![t.app("p", [var(2)]), inner]));
        t.check(
            &[formula],
            &["symbol skolem!1(S): S", "0 h: (forall ((?1 S) (?2 S)) (or (p ?2) (r ?1 (skolem!1 ?1))))"],
        );
    }

    #[test]
    fn an_existential_below_no_universal_is_a_constant() {
        let t = Terms::new();
        let formula = t.some([1], t.app("p", [var(1)]));
        t.check(&[formula], &["symbol skolem!1(): S", "0 h: (p skolem!1)"]);
    }

    #[test]
    fn a_universal_that_is_refuted_is_an_existential() {
        let t = Terms::new();
        let formula = not(t.all([1], t.app("p", [var(1)])));
        t.check(&[formula], &["symbol skolem!1(): S", "0 h: (not (p skolem!1))"]);
    }

    #[test]
    fn one_universal_is_pulled_out_of_a_disjunction() {
        let t = Terms::new();
        let formula = Term::Or(vec![t.app("b", []), t.all([1], t.app("p", [var(1)]))]);
        t.check(&[formula], &["0 h: (forall ((?1 S)) {(p ?1)} (or b (p ?1)))"]);
    }

    #[test]
    fn several_universals_in_a_disjunction_get_names() {
        let t = Terms::new();
        let formula = Term::Or(vec![t.all([1], t.app("p", [var(1)])), t.all([2], t.app("q", [var(2)]))]);
        t.check(
            &[formula],
            &[
                "symbol part!1(): Bool",
                "symbol part!2(): Bool",
                "0 h: (and (or part!1 part!2) (forall ((?1 S)) {(p ?1)} (or (not part!1) (p ?1))) \
                 (forall ((?2 S)) {(q ?2)} (or (not part!2) (q ?2))))",
            ],
        );
    }

    #[test]
    fn a_name_is_a_function_of_the_universals_around_it() {
        let t = Terms::new();
        let left = t.all([2], t.app("r", [var(1), var(2)]));
        let right = t.all([3], t.app("q", [var(3)]));
        let formula = t.all([1], Term::Or(vec![left, right]));
        t.check(
            &[formula],
            &[
                "symbol part!1(S): Bool",
                "symbol part!2(): Bool",
                "0 h: (and (forall ((?1 S)) (or (part!1 ?1) part!2)) \
                 (forall ((?1 S) (?2 S)) {(r ?1 ?2)} (or (not (part!1 ?1)) (r ?1 ?2))) \
                 (forall ((?3 S)) {(q ?3)} (or (not part!2) (q ?3))))",
            ],
        );
    }

    #[test]
    fn an_equivalence_is_two_implications() {
        let t = Terms::new();
        let formula = equal(t.app("b", []), t.all([1], t.app("p", [var(1)])));
        t.check(
            &[formula],
            &[
                "symbol skolem!1(): S",
                "0 h: (and (forall ((?1 S)) {(p ?1)} (or (not b) (p ?1))) (or b (not (p skolem!1))))",
            ],
        );
    }

    #[test]
    fn a_refuted_equivalence_holds_in_one_direction_only() {
        let t = Terms::new();
        let formula = not(equal(t.app("b", []), t.some([1], t.app("p", [var(1)]))));
        t.check(
            &[formula],
            &[
                "symbol skolem!1(): S",
                "0 h: (and (forall ((?1 S)) {(p ?1)} (or (not b) (not (p ?1)))) (or b (p skolem!1)))",
            ],
        );
    }

    #[test]
    fn a_conditional_is_two_implications_whatever_its_sign() {
        let t = Terms::new();
        let of = |t: &Terms| {
            let [b, p, q] = [t.app("b", []), t.app("p", [t.app("c", [])]), t.app("q", [t.app("c", [])])];
            Term::Ite(Box::new(b), Box::new(p), Box::new(q))
        };
        let (held, refuted) = (of(&t), not(of(&t)));
        t.check(
            &[held, refuted],
            &[
                "0 h: (and (or (not b) (p c)) (or b (q c)))",
                "0 h#: (and (or (not b) (not (p c))) (or b (not (q c))))",
            ],
        );
    }

    #[test]
    fn a_variable_that_a_premise_fixes_is_replaced() {
        let t = Terms::new();
        let fixed = equal(var(1), t.app("f", [var(2)]));
        let premise = Term::And(vec![fixed, t.app("p", [var(1)])]);
        let formula = t.all([1, 2], implies(premise, t.app("r", [var(1), var(2)])));
        t.check(&[formula], &["0 h: (forall ((?2 S)) {(p (f ?2))} (or (not (p (f ?2))) (r (f ?2) ?2)))"]);
    }

    #[test]
    fn a_variable_is_not_replaced_by_what_mentions_it() {
        let t = Terms::new();
        let premise = equal(var(1), t.app("f", [var(1)]));
        let formula = t.all([1], implies(premise, t.app("p", [var(1)])));
        t.check(&[formula], &["0 h: (forall ((?1 S)) {(p ?1)} (or (not (= ?1 (f ?1))) (p ?1)))"]);
    }

    #[test]
    fn what_is_true_is_left_out() {
        let t = Terms::new();
        let formula = t.all([1], implies(equal(var(1), t.app("c", [])), Term::Bool(true)));
        t.check(&[formula, Term::Bool(true)], &[]);
    }
}
