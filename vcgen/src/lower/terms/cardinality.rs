//! How many elements sets have, and whether they are finite.
//!
//! `Cardinality` and `IsFiniteSet` are an uninterpreted function and predicate of sets as elements. What is
//! known of them is stated for the sets that the condition measures, by a diagram: the sets that they are
//! made of (five at most) cut their sort into regions, each of which has a size, a flag that says
//! whether it is finite, and an element if it has any, two if it has as many. A finite set has as many elements as its regions
//! together, and a set is finite if its regions are. This decides whatever follows from unions, intersections,
//! differences, inclusions and sizes of finitely many sets: that majorities meet, for one.
//!
//! Sound because every model interprets the new symbols: the size of a region is the number of its elements,
//! 1 if it is infinite, and its witnesses are among them. Diagrams of any sets may be added, so that which sets
//! get one decides only what is proved.

mod diagram;

use indexmap::IndexMap;
use lang::sort::Sort;
use lang::typed::{Binder, Comparison, Expr, ExprKind, Quantifier};

use super::super::clauses::Stated;
use super::{Lowering, Polarity, equal, implies, not};
use crate::alpha::{Key, key};
use crate::expr;
use crate::vc::{ArithOp, Term, VarId, VcSort};

/// Sets that a set is made of are measured, too, up to so many sets.
const MAX_MEASURED: usize = 16;

/// At most so many measured sets are compared with each other.
const MAX_COMPARED: usize = 4;

/// Statements about all sets are made for at most so many sets that include them.
const MAX_BOUNDS: usize = 2;

/// How a hypothesis about measured sets is labelled.
const LABEL: &str = "background:cardinality";

/// What is measured in a condition.
#[derive(Debug, Default)]
pub(super) struct Measured {
    /// Sets that depend on nothing bound, in the order in which they occur.
    closed: IndexMap<Key, Expr>,
    /// Sets that formulas speak of without naming them.
    noticed: IndexMap<Key, Expr>,
    /// Sorts of sets that depend on bound names.
    open: IndexMap<String, Sort>,
    /// How many of either were seen to.
    stated: (usize, usize),
    /// How many regions were made.
    n_regions: usize,
}

fn at_least(term: &Term, number: i128) -> Term {
    Term::Le(Box::new(Term::Int(number)), Box::new(term.clone()))
}

fn at_most(left: &Term, right: &Term) -> Term {
    Term::Le(Box::new(left.clone()), Box::new(right.clone()))
}

fn arith(op: ArithOp, left: Term, right: Term) -> Term {
    Term::Arith(op, Box::new(left), Box::new(right))
}

/// The sets whose finiteness and size say something of those of a set.
fn parts(set: &Expr) -> Vec<Expr> {
    use ExprKind as K;
    match &set.kind {
        K::SetMap(_, binders) => binders.iter().filter_map(|binder| binder.domain.clone()).collect(),
        K::SetFilter(binder, _) => binder.domain.iter().cloned().collect(),
        K::Powerset(of) | K::BigUnion(of) => vec![of.clone()],
        K::Product(sets) | K::RecordSet(_, _, sets) => sets.clone(),
        K::FunctionSet(domain, range) => vec![domain.clone(), range.clone()],
        K::Union(left, right) | K::Intersect(left, right) | K::Minus(left, right) => {
            vec![left.clone(), right.clone()]
        }
        K::If(_, then, otherwise) => vec![then.clone(), otherwise.clone()],
        _ => Vec::new(),
    }
}

impl Lowering<'_> {
    /// Notes that a set is measured.
    fn measure(&mut self, set: &Expr) {
        self.symbols.depends();
        if self.parameters(set).is_empty() {
            self.measured.closed.entry(key(set)).or_insert_with(|| set.clone());
        } else {
            let name = self.sort_name(&set.sort);
            self.measured.open.entry(name).or_insert_with(|| set.sort.clone());
        }
    }

    /// Whether the condition measures any set.
    pub(super) fn measures_sets(&self) -> bool {
        !(self.measured.closed.is_empty() && self.measured.open.is_empty())
    }

    /// Notes sets that a universal formula speaks of without naming them, since rewriting took them apart:
    /// the range in `\A x \in S : a =< x /\ x =< b`, the image in `\A x \in S : f[x] \in T` and in
    /// `\A y \in T : \E x \in S : y = f[x]`.
    pub(super) fn notice(&mut self, binder: &Binder, body: &Expr) {
        use ExprKind as K;
        let Some(domain) = &binder.domain else { return };
        let is_own = |e: &Expr| matches!(e.kind, K::Local(id) if id == binder.local);
        let (mut low, mut high) = (None, None);
        for part in expr::conjuncts(body) {
            match &part.kind {
                K::Compare(Comparison::LessEqual, bound, own) if is_own(own) => low = Some(bound.clone()),
                K::Compare(Comparison::LessEqual, own, bound) if is_own(own) => high = Some(bound.clone()),
                K::In(image, _) if !is_own(image) => self.notice_image(image, binder),
                K::Quantifier(Quantifier::Exists, binders, inner) => {
                    if let ([inner_binder], K::Equal(left, right)) = (binders.as_slice(), &inner.kind) {
                        let pairs = [(left, right), (right, left)];
                        if let Some((_, image)) = pairs.into_iter().find(|(own, _)| is_own(own)) {
                            self.notice_image(image, inner_binder);
                        }
                    }
                }
                _ => {}
            }
        }
        if let (Some(low), Some(high)) = (low, high) {
            let range = Expr::new(K::Range(low, high), domain.sort.clone(), body.span);
            self.notice_set(range);
        }
    }

    fn notice_image(&mut self, image: &Expr, binder: &Binder) {
        if expr::mentions_free(image, binder.local) {
            let sort = Sort::Set(image.sort.clone().into());
            let set = ExprKind::SetMap(image.clone(), vec![binder.clone()]);
            self.notice_set(Expr::new(set, sort, image.span));
        }
    }

    fn notice_set(&mut self, set: Expr) {
        let depends = !self.parameters(&set).is_empty();
        let is_rigid = |id: &lang::typed::LocalId| !self.env.contains_key(id);
        if !depends && expr::free_locals(&set).iter().all(is_rigid) {
            self.symbols.noticed(&set);
            self.measured.noticed.entry(key(&set)).or_insert(set);
        }
    }

    /// Notes a set that was noticed when the same hypothesis was lowered before.
    pub(super) fn notice_again(&mut self, set: &Expr) {
        self.measured.noticed.entry(key(set)).or_insert_with(|| set.clone());
    }

    /// Measures the noticed sets that may say something of those measured already.
    fn measure_noticed(&mut self) {
        let mut n_measured = 0;
        for set in self.measured.noticed.values().cloned().collect::<Vec<_>>() {
            let concerns = match &set.kind {
                ExprKind::SetMap(_, binders) => binders
                    .iter()
                    .filter_map(|binder| binder.domain.as_ref())
                    .all(|domain| self.measured.closed.contains_key(&key(domain))),
                _ => self.measured.closed.values().any(|measured| measured.sort == set.sort),
            };
            if concerns && n_measured < MAX_BOUNDS {
                n_measured += 1;
                self.measure(&set);
            }
        }
    }

    /// `IsFiniteSet(set)`.
    pub(super) fn finite(&mut self, set: &Expr) -> Term {
        self.measure(set);
        let element = self.one(set);
        self.finite_element(&set.sort, element)
    }

    /// `Cardinality(set)`.
    pub(super) fn cardinality(&mut self, set: &Expr) -> Term {
        self.measure(set);
        let element = self.one(set);
        self.cardinality_of(&set.sort, element)
    }

    fn finite_element(&mut self, sort: &Sort, element: Term) -> Term {
        let name = format!("finite:{}", self.sort_name(sort));
        self.predicate(&name, std::slice::from_ref(sort), vec![element])
    }

    fn cardinality_symbol(&self, sort: &Sort) -> String {
        format!("cardinality:{}", self.sort_name(sort))
    }

    fn cardinality_of(&mut self, sort: &Sort, element: Term) -> Term {
        let name = self.cardinality_symbol(sort);
        let sort = self.vc_sort(sort);
        let symbol = self.symbol(name, vec![sort], VcSort::Int);
        Term::App(symbol, vec![element])
    }

    /// States what is known of the sets that were measured since the last call.
    pub(in super::super) fn state_sizes(&mut self, tier: u8, into: &mut Vec<(String, u8, Stated)>) {
        let seen = (self.measured.closed.len(), self.measured.open.len());
        if seen == self.measured.stated {
            return;
        }
        self.measure_noticed();
        self.measure_parts();
        let sets: Vec<Expr> = self.measured.closed.values().cloned().collect();
        let mut stated = Vec::new();
        for set in &sets {
            stated.extend(self.made_of(set));
        }
        let mut by_sort: IndexMap<String, Vec<Expr>> = IndexMap::new();
        for set in sets {
            by_sort.entry(self.sort_name(&set.sort)).or_default().push(set);
        }
        for sets in by_sort.values() {
            self.diagrams(sets, &mut stated);
        }
        if !stated.is_empty() {
            into.push((LABEL.to_owned(), tier, Stated::Plain(Term::And(stated))));
        }
        let pairs: Vec<Term> = by_sort
            .values()
            .flat_map(|sets| sets.iter().take(MAX_COMPARED))
            .map(|set| self.two(set))
            .collect();
        if !pairs.is_empty() {
            into.push((LABEL.to_owned(), tier.max(1), Stated::Plain(Term::And(pairs))));
        }
        for sort in self.measured.open.values().cloned().collect::<Vec<_>>() {
            let name = self.sort_name(&sort);
            let bounds: Vec<Expr> =
                by_sort.get(&name).into_iter().flatten().take(MAX_BOUNDS).cloned().collect();
            let all = self.all_sets(&sort, &bounds);
            // The label says which symbol the clauses are about, so that they wait for it.
            into.push((
                format!("definition:{}", self.cardinality_symbol(&sort)),
                tier.max(1),
                Stated::Plain(all),
            ));
        }
        self.measured.stated = (self.measured.closed.len(), self.measured.open.len());
        self.flush(tier, into);
    }

    /// Measures what the measured sets are made of, where that says something of them.
    fn measure_parts(&mut self) {
        let mut next = self.measured.stated.0;
        while next < self.measured.closed.len() && self.measured.closed.len() < MAX_MEASURED {
            let Some((_, set)) = self.measured.closed.get_index(next) else { return };
            let set = set.clone();
            next += 1;
            for part in parts(&set) {
                let is_known = matches!(part.kind, ExprKind::SetEnum(_) | ExprKind::Builtin(_));
                let is_union = matches!(
                    set.kind,
                    ExprKind::Union(..) | ExprKind::Intersect(..) | ExprKind::Minus(..) | ExprKind::If(..)
                );
                // The atoms of a union are in the diagram anyway.
                if is_known || is_union && parts(&part).is_empty() {
                    continue;
                }
                self.measure(&part);
            }
        }
    }

    /// What the sets that a set is made of say of it.
    fn made_of(&mut self, set: &Expr) -> Vec<Term> {
        use ExprKind as K;
        if !matches!(
            set.kind,
            K::SetMap(..)
                | K::Powerset(_)
                | K::BigUnion(_)
                | K::Product(_)
                | K::RecordSet(..)
                | K::FunctionSet(..)
        ) {
            return Vec::new();
        }
        let element = self.one(set);
        let finite = self.finite_element(&set.sort, element.clone());
        let size = self.cardinality_of(&set.sort, element);
        let of = parts(set);
        let mut premises = Vec::new();
        let mut sizes = Vec::new();
        for part in &of {
            let element = self.one(part);
            premises.push(self.finite_element(&part.sort, element.clone()));
            sizes.push(self.cardinality_of(&part.sort, element));
        }
        let premise = Term::And(premises.clone());
        let mut out = Vec::new();
        match (&set.kind, sizes.as_slice()) {
            (K::SetMap(image, binders), _) => {
                if binders.len() != of.len() {
                    return out;
                }
                out.push(implies(premise.clone(), finite));
                if let ([binder], [of_size]) = (binders.as_slice(), sizes.as_slice()) {
                    out.push(implies(premise.clone(), at_most(&size, of_size)));
                    let injective = self.injective(image, binder);
                    out.push(implies(Term::And(vec![premise, injective]), equal(size, of_size.clone())));
                }
            }
            (K::Powerset(_), [of_size]) => {
                out.push(equal(finite, premise.clone()));
                let power = self.power(&Term::Int(2), of_size);
                out.push(implies(premise, equal(size, power)));
            }
            (K::BigUnion(sets), _) => {
                let vars = self.fresh_vars(&set.sort);
                let own: Vec<Term> = vars.iter().map(|(id, _)| Term::Var(*id)).collect();
                let Some(element) = own.first().cloned() else { return out };
                let is_member = self.membership(&set.sort, &own, sets, Polarity::Both);
                let is_finite = self.finite_element(&set.sort, element);
                let members = Self::quant(true, vars, implies(is_member, is_finite));
                out.push(implies(Term::And(vec![premise, members]), finite));
            }
            (K::Product(_), [left, right]) => {
                let product = arith(ArithOp::Mul, left.clone(), right.clone());
                out.push(implies(premise, Term::And(vec![finite, equal(size, product)])));
            }
            (K::FunctionSet(..), [from, to]) => {
                let power = self.power(to, from);
                let none = equal(from.clone(), Term::Int(0));
                let number = Term::Ite(Box::new(none), Box::new(Term::Int(1)), Box::new(power));
                out.push(implies(premise, Term::And(vec![finite, equal(size, number)])));
            }
            _ => out.push(implies(premise, finite)),
        }
        out
    }

    /// Different arguments have different images, as a premise.
    fn injective(&mut self, image: &Expr, binder: &Binder) -> Term {
        let fresh: Vec<Expr> = (0..2).map(|_| self.program.rigid(binder.local)).collect();
        let images: Vec<Expr> =
            fresh.iter().map(|one| expr::substitute_one(self.program, image, binder.local, one)).collect();
        let binders = fresh
            .iter()
            .filter_map(|one| match &one.kind {
                ExprKind::Local(local) => Some(Binder { local: *local, domain: binder.domain.clone() }),
                _ => None,
            })
            .collect();
        let same = expr::implies(&expr::equal(&images[0], &images[1]), &expr::equal(&fresh[0], &fresh[1]));
        let injective = expr::quantifier(Quantifier::Forall, binders, same);
        let injective = crate::rewrite::rewrite_closed(self.program, &injective);
        self.formula(&injective, Polarity::Refuted)
    }

    /// A finite set has two elements if and only if its size is 2 at least.
    fn two(&mut self, set: &Expr) -> Term {
        let Sort::Set(inner) = &set.sort else { return Term::Bool(true) };
        let own = self.one(set);
        let (finite, size) =
            (self.finite_element(&set.sort, own.clone()), self.cardinality_of(&set.sort, own));
        let has_two = at_least(&size, 2);
        let different = |this: &mut Self| {
            let (mut vars, left) = this.element_variable(inner);
            let (more, right) = this.element_variable(inner);
            vars.extend(more);
            let members = [this.in_atom(inner, &left, set), this.in_atom(inner, &right, set)];
            let same = this.components_equal(inner, &left, &right, Polarity::Asserted);
            (vars, members, same)
        };
        let (vars, [left, right], same) = different(self);
        let premise = Term::And(vec![finite.clone(), left, right]);
        let up = Self::quant(true, vars, implies(premise, Term::Or(vec![same, has_two.clone()])));
        let (vars, [left, right], same) = different(self);
        let witnesses = Self::quant(false, vars, Term::And(vec![left, right, not(same)]));
        Term::And(vec![up, implies(Term::And(vec![finite, has_two]), witnesses)])
    }

    /// What is true of all sets of a sort, for conditions that measure sets with bound names: no set is made
    /// that was not there, so that the solver does not go round in circles.
    fn all_sets(&mut self, sort: &Sort, bounds: &[Expr]) -> Term {
        let Sort::Set(inner) = sort else { return Term::Bool(true) };
        let mut out = Vec::new();
        // A finite set has elements if its size is not 0.
        let (vars, own) = self.set_variable(sort);
        let (element_vars, element) = self.element_variable(inner);
        let (finite, size) = (self.finite_element(sort, own.clone()), self.cardinality_of(sort, own.clone()));
        let is_member = self.member(inner, &element, own.clone());
        let has_some = at_least(&size, 1);
        let some = Self::quant(false, element_vars, is_member);
        let known = Term::And(vec![at_least(&size, 0), implies(has_some.clone(), some)]);
        out.push(Self::quant(true, vars, implies(finite, known)));
        let (mut vars, own) = self.set_variable(sort);
        let (element_vars, element) = self.element_variable(inner);
        let (finite, size) = (self.finite_element(sort, own.clone()), self.cardinality_of(sort, own.clone()));
        let is_member = self.member(inner, &element, own);
        vars.extend(element_vars);
        out.push(Self::quant(true, vars, implies(Term::And(vec![finite, is_member]), at_least(&size, 1))));
        for bound in bounds {
            let whole = self.one(bound);
            let whole_finite = self.finite_element(sort, whole.clone());
            let whole_size = self.cardinality_of(sort, whole);
            // A part of a finite set is finite and has no more elements.
            let (vars, own) = self.set_variable(sort);
            let size = self.cardinality_of(sort, own.clone());
            let finite = self.finite_element(sort, own.clone());
            let included = self.included_in(inner, &own, bound);
            let premise = Term::And(vec![whole_finite.clone(), included]);
            let less = Term::And(vec![finite, at_least(&size, 0), at_most(&size, &whole_size)]);
            out.push(Self::quant(true, vars, implies(premise, less)));
            // Two parts that are larger than the whole together have an element in common.
            let (mut vars, left) = self.set_variable(sort);
            let (more, right) = self.set_variable(sort);
            vars.extend(more);
            let (left_size, right_size) =
                (self.cardinality_of(sort, left.clone()), self.cardinality_of(sort, right.clone()));
            let together = arith(ArithOp::Add, left_size, right_size);
            let premise = Term::And(vec![
                whole_finite,
                self.included_in(inner, &left, bound),
                self.included_in(inner, &right, bound),
                Term::Lt(Box::new(whole_size), Box::new(together)),
            ]);
            let (element_vars, element) = self.element_variable(inner);
            let both =
                Term::And(vec![self.member(inner, &element, left), self.member(inner, &element, right)]);
            let common = Self::quant(false, element_vars, both);
            out.push(Self::quant(true, vars, implies(premise, common)));
        }
        Term::And(out)
    }

    fn set_variable(&mut self, sort: &Sort) -> (Vec<(VarId, VcSort)>, Term) {
        let vars = self.fresh_vars(sort);
        let own = vars.first().map_or(Term::Bool(true), |(id, _)| Term::Var(*id));
        (vars, own)
    }

    fn element_variable(&mut self, sort: &Sort) -> (Vec<(VarId, VcSort)>, Vec<Term>) {
        let vars = self.fresh_vars(sort);
        let own = vars.iter().map(|(id, _)| Term::Var(*id)).collect();
        (vars, own)
    }

    fn included_in(&mut self, inner: &Sort, set: &Term, whole: &Expr) -> Term {
        let (vars, element) = self.element_variable(inner);
        let is_member = self.member(inner, &element, set.clone());
        let in_whole = self.in_atom(inner, &element, whole);
        Self::quant(true, vars, implies(is_member, in_whole))
    }
}
