//! A condition in another order and with other names: the same question to a logician, another one to a solver.
//!
//! What is proved of a shuffled condition is used to measure how much a proof depends on luck, and for nothing
//! else: no verdict rests on it. Invariant: the same seed gives the same condition.

use lang::ids::{Id, IdVec};
use vcgen::vc::{Quant, Symbol, SymbolId, Term, Vc, VcSort, VcSortId};

/// The condition with its sorts, symbols and hypotheses in an order that depends on the seed, and with symbols
/// and sorts renamed. Labels, stages and what each hypothesis says stay as they are.
#[must_use]
pub fn shuffled(vc: &Vc, seed: u64) -> Vc {
    let mut random = Random(seed);
    let sorts = Permutation::new(vc.sorts.len(), &mut random);
    let symbols = Permutation::new(vc.symbols.len(), &mut random);
    let sort = |old: VcSort| match old {
        VcSort::Bool | VcSort::Int => old,
        VcSort::Uninterpreted(id) => VcSort::Uninterpreted(VcSortId::from_index(sorts.new_place(id.index()))),
    };
    let map = Map { sort: &sort, symbols: &symbols };
    let mut out = vc.clone();
    out.sorts = IdVec::new();
    for place in 0..vc.sorts.len() {
        out.sorts.push(format!("{}{place}", random.word()));
    }
    out.symbols = IdVec::new();
    for (place, old) in symbols.old.iter().enumerate() {
        let symbol = &vc.symbols[SymbolId::from_index(*old)];
        out.symbols.push(Symbol {
            name: format!("{}{place}", random.word()),
            args: symbol.args.iter().map(|arg| sort(*arg)).collect(),
            result: sort(symbol.result),
        });
    }
    let hypotheses = Permutation::new(vc.hypotheses.len(), &mut random);
    out.hypotheses = hypotheses.old.iter().map(|old| vc.hypotheses[*old].clone()).collect();
    for hypothesis in &mut out.hypotheses {
        hypothesis.formula = map.term(&hypothesis.formula);
    }
    out.goal = vc.goal.as_ref().map(|goal| map.term(goal));
    out
}

/// What stands at each new place, and the new place of each.
struct Permutation {
    old: Vec<usize>,
    new: Vec<usize>,
}

impl Permutation {
    fn new(n: usize, random: &mut Random) -> Self {
        let mut old: Vec<usize> = (0..n).collect();
        for place in (1..n).rev() {
            old.swap(place, random.below(place + 1));
        }
        let mut new = vec![0; n];
        for (place, was) in old.iter().enumerate() {
            new[*was] = place;
        }
        Self { old, new }
    }

    /// Where something stands now; what is no place at all stays, for others to complain of.
    fn new_place(&self, old: usize) -> usize {
        self.new.get(old).copied().unwrap_or(old)
    }
}

struct Map<'a> {
    sort: &'a dyn Fn(VcSort) -> VcSort,
    symbols: &'a Permutation,
}

impl Map<'_> {
    fn all(&self, terms: &[Term]) -> Vec<Term> {
        terms.iter().map(|term| self.term(term)).collect()
    }

    fn term(&self, term: &Term) -> Term {
        match term {
            Term::Bool(_) | Term::Int(_) | Term::Var(_) => term.clone(),
            Term::App(symbol, args) => {
                Term::App(SymbolId::from_index(self.symbols.new_place(symbol.index())), self.all(args))
            }
            Term::Not(inner) => Term::Not(Box::new(self.term(inner))),
            Term::And(items) => Term::And(self.all(items)),
            Term::Or(items) => Term::Or(self.all(items)),
            Term::Implies(a, b) => Term::Implies(Box::new(self.term(a)), Box::new(self.term(b))),
            Term::Eq(a, b) => Term::Eq(Box::new(self.term(a)), Box::new(self.term(b))),
            Term::Distinct(items) => Term::Distinct(self.all(items)),
            Term::Ite(a, b, c) => {
                Term::Ite(Box::new(self.term(a)), Box::new(self.term(b)), Box::new(self.term(c)))
            }
            Term::Arith(op, a, b) => Term::Arith(*op, Box::new(self.term(a)), Box::new(self.term(b))),
            Term::Lt(a, b) => Term::Lt(Box::new(self.term(a)), Box::new(self.term(b))),
            Term::Le(a, b) => Term::Le(Box::new(self.term(a)), Box::new(self.term(b))),
            Term::Quant(quant) => {
                let Quant { forall, vars, triggers, body, name } = &**quant;
                Term::Quant(Box::new(Quant {
                    forall: *forall,
                    vars: vars.iter().map(|(var, sort)| (*var, (self.sort)(*sort))).collect(),
                    triggers: triggers.iter().map(|trigger| self.all(trigger)).collect(),
                    body: self.term(body),
                    name: name.clone(),
                }))
            }
        }
    }
}

/// Numbers that look random: `SplitMix64`.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Less than `n`, which is not zero.
    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % (n as u64)).unwrap_or(0)
    }

    /// A few letters.
    fn word(&mut self) -> String {
        let letters = b"abcdefghijklmnopqrstuvwxyz";
        (0..4).map(|_| char::from(letters[self.below(letters.len())])).chain(['!']).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::{Answer, Backend, Limits};
    use crate::z3::Z3;
    use vcgen::vc::{Labelled, Stage};

    /// `p(a)`, `a = b` and, if it is to be a proof, `~p(b)`.
    fn condition(is_proof: bool) -> Vc {
        let mut vc = Vc::default();
        let sort = VcSort::Uninterpreted(vc.sorts.push("S".to_owned()));
        let mut symbol = |name: &str, args: Vec<VcSort>, result| {
            vc.symbols.push(Symbol { name: name.to_owned(), args, result })
        };
        let a = Term::App(symbol("a", Vec::new(), sort), Vec::new());
        let b = Term::App(symbol("b", Vec::new(), sort), Vec::new());
        let p = symbol("p", vec![sort], VcSort::Bool);
        let holds = |of: &Term| Term::App(p, vec![of.clone()]);
        let last = if is_proof { Term::Not(Box::new(holds(&b))) } else { holds(&b) };
        let formulas = [holds(&a), Term::Eq(Box::new(a.clone()), Box::new(b.clone())), last];
        for (number, formula) in formulas.into_iter().enumerate() {
            vc.hypotheses.push(Labelled { label: format!("h{number}"), tier: 0, formula });
        }
        vc.stages = vec![Stage { tier: 0, rlimit: 0, mbqi: true }];
        vc
    }

    #[test]
    fn a_shuffled_condition_has_the_same_answer() {
        for seed in 0..10 {
            for is_proof in [true, false] {
                let vc = shuffled(&condition(is_proof), seed);
                let mut z3 = Z3::new().unwrap();
                let answer = z3.check(&vc, &vc.stages[0], Limits::default()).unwrap().answer;
                assert_eq!(matches!(answer, Answer::Unsat { .. }), is_proof, "seed {seed}");
            }
        }
    }

    #[test]
    fn a_seed_decides_the_order_and_the_names() {
        let vc = condition(true);
        assert_eq!(shuffled(&vc, 1), shuffled(&vc, 1));
        assert_ne!(shuffled(&vc, 1), shuffled(&vc, 2));
        let names: std::collections::BTreeSet<String> =
            shuffled(&vc, 3).symbols.iter().map(|symbol| symbol.name.clone()).collect();
        assert_eq!(names.len(), vc.symbols.len());
    }
}
