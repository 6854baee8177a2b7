//! Diagrams: sets cut their sort into regions, whose sizes add up to theirs.
//!
//! What is stated of a region is true of the elements that lie in it, whatever the sets are; which sets share a
//! diagram decides only what is proved. Where not all fit, those that are made of others come first: they say how
//! these meet.

use lang::sort::Sort;
use lang::typed::{BuiltinSet, Expr, ExprKind};

use super::{MAX_COMPARED, arith, at_least, at_most};
use crate::alpha::{Key, alike, key};
use crate::lower::terms::{Lowering, Polarity, equal, implies, not};
use crate::vc::{AUXILIARY, ArithOp, Term, VcSort};

/// A diagram has at most so many sets that are not made of others: one region for each combination.
const MAX_ATOMS: usize = 5;

/// At most so many sets that did not fit into the first diagram of a sort get one of their own.
const MAX_DIAGRAMS: usize = 4;

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

impl Lowering<'_> {
    /// One diagram for the sets that fit, and one for each of the others together with the first. Where not all
    /// fit, those that are made of others come first: they say how others meet.
    pub(super) fn diagrams(&mut self, sets: &[Expr], out: &mut Vec<Term>) {
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

    pub(super) fn in_atom(&mut self, inner: &Sort, element: &[Term], atom: &Expr) -> Term {
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
}
