//! How many elements sets have, and whether they are finite.
//!
//! `Cardinality` and `IsFiniteSet` are an uninterpreted function and predicate of sets as elements. What is
//! known of them is stated for the sets that the condition measures, by a diagram: the sets that they are
//! made of (at most [`MAX_ATOMS`]) cut their sort into regions, each of which has a size, a flag that says
//! whether it is finite, and an element if it has any. A finite set has as many elements as its regions
//! together, and a set is finite if its regions are. This decides whatever follows from unions, intersections,
//! differences, inclusions and sizes of finitely many sets: that majorities meet, for one.
//!
//! Sound because every model interprets the new symbols: the size of a region is the number of its elements,
//! 1 if it is infinite, and its witness is one of them. Diagrams of any sets may be added, so that which sets
//! get one decides only what is proved.

use indexmap::IndexMap;
use lang::sort::Sort;
use lang::typed::{Binder, BuiltinSet, Comparison, Expr, ExprKind, Quantifier};

use super::super::clauses::Stated;
use super::{Lowering, Polarity, equal, implies, not};
use crate::alpha::{Key, alike, key};
use crate::expr;
use crate::vc::{AUXILIARY, ArithOp, Term, VarId, VcSort};

/// A diagram has at most so many sets that are not made of others: one region for each combination.
const MAX_ATOMS: usize = 5;

/// At most so many sets that did not fit into the first diagram of a sort get one of their own.
const MAX_DIAGRAMS: usize = 4;

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

/// A set by what it is made of.
enum Area {
    Empty,
    Atom(usize),
    Union(Box<Area>, Box<Area>),
    Intersect(Box<Area>, Box<Area>),
    Minus(Box<Area>, Box<Area>),
    If(Term, Box<Area>, Box<Area>),
}

/// One combination of being inside some atoms and outside the others.
struct Region {
    mask: usize,
    size: Term,
    finite: Term,
}

/// What a diagram is about: the sets that are not made of others, and all that are made of these.
#[derive(Default)]
struct Drawn {
    atoms: Vec<Expr>,
    sets: Vec<(Expr, Area)>,
}

/// Whether a set is made of others, of which a diagram shows how they meet.
fn is_made(set: &Expr) -> bool {
    use ExprKind as K;
    matches!(set.kind, K::Union(..) | K::Intersect(..) | K::Minus(..) | K::If(..))
}

fn and(items: Vec<Term>) -> Term {
    let items: Vec<Term> = items.into_iter().filter(|item| *item != Term::Bool(true)).collect();
    if items.contains(&Term::Bool(false)) { Term::Bool(false) } else { Term::And(items) }
}

fn negated(term: Term) -> Term {
    match term {
        Term::Bool(value) => Term::Bool(!value),
        Term::Not(inner) => *inner,
        other => not(other),
    }
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

/// Whether a region lies in an area.
fn lies_in(area: &Area, mask: usize) -> Term {
    let chosen = |condition: Term, then: Term, otherwise: Term| match (&condition, &then, &otherwise) {
        (Term::Bool(true), _, _) => then,
        (Term::Bool(false), _, _) => otherwise,
        (_, Term::Bool(true), Term::Bool(false)) => condition,
        (_, Term::Bool(false), Term::Bool(true)) => negated(condition),
        _ if then == otherwise => then,
        _ => Term::Ite(Box::new(condition), Box::new(then), Box::new(otherwise)),
    };
    match area {
        Area::Empty => Term::Bool(false),
        Area::Atom(position) => Term::Bool(mask >> position & 1 == 1),
        Area::Union(left, right) => chosen(lies_in(left, mask), Term::Bool(true), lies_in(right, mask)),
        Area::Intersect(left, right) => chosen(lies_in(left, mask), lies_in(right, mask), Term::Bool(false)),
        Area::Minus(left, right) => {
            chosen(lies_in(left, mask), negated(lies_in(right, mask)), Term::Bool(false))
        }
        Area::If(condition, then, otherwise) => {
            chosen(condition.clone(), lies_in(then, mask), lies_in(otherwise, mask))
        }
    }
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

    /// One diagram for the sets that fit, and one for each of the others together with the first. Where not all
    /// fit, those that are made of others come first: they say how others meet.
    fn diagrams(&mut self, sets: &[Expr], out: &mut Vec<Term>) {
        let mut drawn = self.fitting(None, sets);
        let made_first: Vec<Expr>;
        let mut sets = sets;
        if drawn.sets.len() < sets.len() {
            let (made, others): (Vec<&Expr>, Vec<&Expr>) = sets.iter().partition(|set| is_made(set));
            made_first = made.into_iter().chain(others).cloned().collect();
            sets = &made_first;
            drawn = self.fitting(None, sets);
        }
        let mut has_one: Vec<Key> = drawn.sets.iter().map(|(set, _)| key(set)).collect();
        self.diagram(&drawn.atoms, &drawn.sets, out);
        let mut n_late = 0;
        for late in sets {
            if n_late == MAX_DIAGRAMS || has_one.contains(&key(late)) {
                continue;
            }
            n_late += 1;
            let drawn = self.fitting(Some(late), sets);
            has_one.extend(drawn.sets.iter().map(|(set, _)| key(set)));
            self.diagram(&drawn.atoms, &drawn.sets, out);
        }
    }

    /// The sets that fit into one diagram, in this order, after one that has to be in it.
    fn fitting(&mut self, first: Option<&Expr>, sets: &[Expr]) -> Drawn {
        let mut drawn = Drawn::default();
        if first.is_some_and(|first| !self.fit(first, &mut drawn.atoms, &mut drawn.sets)) {
            return drawn;
        }
        for set in sets.iter().filter(|set| first.is_none_or(|first| !alike(set, first))) {
            self.fit(set, &mut drawn.atoms, &mut drawn.sets);
        }
        drawn
    }

    fn fit(&mut self, set: &Expr, atoms: &mut Vec<Expr>, fitting: &mut Vec<(Expr, Area)>) -> bool {
        let mut grown = atoms.clone();
        let area = self.area(set, &mut grown);
        let fits = grown.len() <= MAX_ATOMS;
        if fits {
            *atoms = grown;
            fitting.push((set.clone(), area));
        }
        fits
    }

    fn area(&mut self, set: &Expr, atoms: &mut Vec<Expr>) -> Area {
        use ExprKind as K;
        let mut pair = |this: &mut Self, left, right| {
            (Box::new(this.area(left, atoms)), Box::new(this.area(right, atoms)))
        };
        match &set.kind {
            K::Union(left, right) => {
                let (left, right) = pair(self, left, right);
                Area::Union(left, right)
            }
            K::Intersect(left, right) => {
                let (left, right) = pair(self, left, right);
                Area::Intersect(left, right)
            }
            K::Minus(left, right) => {
                let (left, right) = pair(self, left, right);
                Area::Minus(left, right)
            }
            K::If(condition, then, otherwise) => {
                let (then, otherwise) = pair(self, then, otherwise);
                Area::If(self.formula(condition, Polarity::Both), then, otherwise)
            }
            K::SetEnum(items) if items.len() != 1 => {
                let mut joined = Area::Empty;
                for item in items {
                    let one = Expr::new(K::SetEnum(vec![item.clone()]), set.sort.clone(), set.span);
                    joined = Area::Union(Box::new(joined), Box::new(self.area(&one, atoms)));
                }
                joined
            }
            _ => {
                let own = key(set);
                let position = atoms.iter().position(|atom| key(atom) == own).unwrap_or_else(|| {
                    atoms.push(set.clone());
                    atoms.len() - 1
                });
                Area::Atom(position)
            }
        }
    }

    fn diagram(&mut self, atoms: &[Expr], sets: &[(Expr, Area)], out: &mut Vec<Term>) {
        let Some((first, _)) = sets.first() else { return };
        let Sort::Set(inner) = first.sort.clone() else { return };
        let regions: Vec<Region> = (1..1_usize << atoms.len()).map(|mask| self.region(mask)).collect();
        for region in &regions {
            self.state_region(region, &inner, atoms, out);
        }
        for (position, atom) in atoms.iter().enumerate() {
            let inside: Vec<&Region> =
                regions.iter().filter(|region| region.mask >> position & 1 == 1).collect();
            self.state_atom(atom, &inside, out);
        }
        for (set, area) in sets {
            let element = self.one(set);
            let (mut finite, mut size) = (Vec::new(), Term::Int(0));
            for region in &regions {
                match lies_in(area, region.mask) {
                    Term::Bool(false) => {}
                    Term::Bool(true) => {
                        finite.push(region.finite.clone());
                        size = arith(ArithOp::Add, size, region.size.clone());
                    }
                    inside => {
                        finite.push(Term::Or(vec![negated(inside.clone()), region.finite.clone()]));
                        let counted =
                            Term::Ite(Box::new(inside), region.size.clone().into(), Term::Int(0).into());
                        size = arith(ArithOp::Add, size, counted);
                    }
                }
            }
            let is_finite = self.finite_element(&set.sort, element.clone());
            let number = self.cardinality_of(&set.sort, element);
            out.push(equal(is_finite.clone(), and(finite)));
            out.push(implies(is_finite, equal(number, size)));
        }
        let compared = &sets[..sets.len().min(MAX_COMPARED)];
        for (position, (set, area)) in compared.iter().enumerate() {
            for (other, other_area) in &compared[position + 1..] {
                let differ = regions.iter().map(|region| {
                    let (here, there) = (lies_in(area, region.mask), lies_in(other_area, region.mask));
                    match (here, there) {
                        (here, there) if here == there => Term::Bool(true),
                        (Term::Bool(_), Term::Bool(_)) => equal(region.size.clone(), Term::Int(0)),
                        (here, there) => {
                            Term::Or(vec![equal(here, there), equal(region.size.clone(), Term::Int(0))])
                        }
                    }
                });
                let same = and(differ.collect());
                let (left, right) = (self.one(set), self.one(other));
                out.push(implies(same, equal(left, right)));
            }
        }
    }

    fn region(&mut self, mask: usize) -> Region {
        let number = self.measured.n_regions;
        self.measured.n_regions += 1;
        let size = self.symbol(format!("{AUXILIARY}size:{number}"), Vec::new(), VcSort::Int);
        let finite = self.symbol(format!("{AUXILIARY}finite:{number}"), Vec::new(), VcSort::Bool);
        Region { mask, size: Term::App(size, Vec::new()), finite: Term::App(finite, Vec::new()) }
    }

    /// A region has elements if its size is not 0, two if its size is 2 at least or if it is infinite, and if an
    /// element lies in it, its size is not 0.
    fn state_region(&mut self, region: &Region, inner: &Sort, atoms: &[Expr], out: &mut Vec<Term>) {
        out.push(at_least(&region.size, 0));
        let has_some = at_least(&region.size, 1);
        out.push(Term::Or(vec![region.finite.clone(), has_some.clone()]));
        let number = self.measured.n_regions;
        self.measured.n_regions += 1;
        let witness = self.apply_symbols(&format!("{AUXILIARY}witness:{number}"), &[], &[], inner);
        let inside = self.inside(region.mask, inner, &witness, atoms);
        out.push(implies(has_some.clone(), inside));
        let has_two = Term::Or(vec![not(region.finite.clone()), at_least(&region.size, 2)]);
        let number = self.measured.n_regions;
        self.measured.n_regions += 1;
        let second = self.apply_symbols(&format!("{AUXILIARY}witness:{number}"), &[], &[], inner);
        let inside = self.inside(region.mask, inner, &second, atoms);
        let same = self.components_equal(inner, &witness, &second, Polarity::Refuted);
        out.push(implies(has_two, Term::And(vec![inside, not(same)])));
        let vars = self.fresh_vars(inner);
        let element: Vec<Term> = vars.iter().map(|(id, _)| Term::Var(*id)).collect();
        let inside = self.inside(region.mask, inner, &element, atoms);
        out.push(Self::quant(true, vars, implies(inside, has_some)));
    }

    fn inside(&mut self, mask: usize, inner: &Sort, element: &[Term], atoms: &[Expr]) -> Term {
        let mut literals = Vec::new();
        for (position, atom) in atoms.iter().enumerate() {
            let is_in = self.in_atom(inner, element, atom);
            literals.push(if mask >> position & 1 == 1 { is_in } else { not(is_in) });
        }
        Term::And(literals)
    }

    fn in_atom(&mut self, inner: &Sort, element: &[Term], atom: &Expr) -> Term {
        use ExprKind as K;
        match &atom.kind {
            K::SetEnum(items) => match items.as_slice() {
                [item] => self.element_equality(inner, element, item, Polarity::Asserted),
                _ => self.membership(inner, element, atom, Polarity::Both),
            },
            K::Variable(..) | K::Constant(_) | K::Range(..) | K::Builtin(_) => {
                self.membership(inner, element, atom, Polarity::Both)
            }
            _ => {
                let set = self.one(atom);
                self.member(inner, element, set)
            }
        }
    }

    /// What is known of a set that is an atom, by the regions that it has.
    fn state_atom(&mut self, atom: &Expr, inside: &[&Region], out: &mut Vec<Term>) {
        use ExprKind as K;
        let size =
            inside.iter().fold(Term::Int(0), |size, region| arith(ArithOp::Add, size, region.size.clone()));
        let all_finite = Term::And(inside.iter().map(|region| region.finite.clone()).collect());
        match &atom.kind {
            K::SetEnum(items) if items.len() == 1 => {
                out.extend([all_finite, equal(size, Term::Int(1))]);
            }
            K::Range(low, high) => {
                let (low, high) = (self.one(low), self.one(high));
                let length =
                    arith(ArithOp::Add, arith(ArithOp::Sub, high.clone(), low.clone()), Term::Int(1));
                let length =
                    Term::Ite(Box::new(at_most(&low, &high)), Box::new(length), Box::new(Term::Int(0)));
                out.extend([all_finite, equal(size, length)]);
            }
            K::Builtin(BuiltinSet::Boolean) => out.extend([all_finite, equal(size, Term::Int(2))]),
            K::Builtin(BuiltinSet::Nat | BuiltinSet::Int) => out.push(not(all_finite)),
            _ => {}
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
