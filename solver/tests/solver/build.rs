//! Conditions for tests, built with few words.

use lang::ids::Id;
use solver::backend::{Check, Limits};
use vcgen::vc::{Labelled, Quant, Stage, Symbol, SymbolId, Term, VarId, Vc, VcSort, VcSortId};

/// A condition under construction.
#[derive(Default)]
pub(crate) struct Builder {
    pub(crate) vc: Vc,
    n_vars: usize,
}

impl Builder {
    pub(crate) fn sort(&mut self, name: &str) -> VcSort {
        VcSort::Uninterpreted(self.vc.sorts.push(name.to_owned()))
    }

    pub(crate) fn symbol(&mut self, name: &str, args: &[VcSort], result: VcSort) -> SymbolId {
        self.vc.symbols.push(Symbol { name: name.to_owned(), args: args.to_vec(), result })
    }

    pub(crate) fn constant(&mut self, name: &str, sort: VcSort) -> Term {
        app(self.symbol(name, &[], sort), [])
    }

    pub(crate) fn suppose(&mut self, label: &str, tier: u8, formula: Term) {
        self.vc.hypotheses.push(Labelled { label: label.to_owned(), tier, formula });
    }

    /// `\A x, y, ... : body`, with one trigger where `body` gives some terms for it.
    pub(crate) fn forall<const N: usize>(
        &mut self,
        sorts: [VcSort; N],
        body: impl FnOnce([Term; N]) -> (Term, Vec<Term>),
    ) -> Term {
        self.quantifier(true, sorts, body)
    }

    pub(crate) fn exists<const N: usize>(
        &mut self,
        sorts: [VcSort; N],
        body: impl FnOnce([Term; N]) -> (Term, Vec<Term>),
    ) -> Term {
        self.quantifier(false, sorts, body)
    }

    fn quantifier<const N: usize>(
        &mut self,
        forall: bool,
        sorts: [VcSort; N],
        body: impl FnOnce([Term; N]) -> (Term, Vec<Term>),
    ) -> Term {
        let vars = sorts.map(|sort| {
            self.n_vars += 1;
            (VarId::from_index(self.n_vars - 1), sort)
        });
        let (body, trigger) = body(vars.map(|(var, _)| Term::Var(var)));
        let triggers = if trigger.is_empty() { Vec::new() } else { vec![trigger] };
        let name = format!("quantifier {}", self.n_vars);
        Term::Quant(Box::new(Quant { forall, vars: vars.to_vec(), triggers, body, name }))
    }

    pub(crate) fn prove(mut self, goal: Term) -> Vc {
        self.vc.goal = Some(goal);
        self.vc.stages = vec![stage(u8::MAX)];
        self.vc
    }
}

pub(crate) fn app<const N: usize>(symbol: SymbolId, args: [Term; N]) -> Term {
    Term::App(symbol, args.into())
}

pub(crate) fn not(term: Term) -> Term {
    Term::Not(Box::new(term))
}

pub(crate) fn implies(left: Term, right: Term) -> Term {
    Term::Implies(Box::new(left), Box::new(right))
}

pub(crate) fn eq(left: Term, right: Term) -> Term {
    Term::Eq(Box::new(left), Box::new(right))
}

pub(crate) fn lt(left: Term, right: Term) -> Term {
    Term::Lt(Box::new(left), Box::new(right))
}

pub(crate) fn stage(tier: u8) -> Stage {
    Stage { tier, rlimit: 5_000_000, mbqi: false }
}

pub(crate) fn limits() -> Limits {
    Limits::default()
}

/// Socrates: every man is mortal; two more hypotheses are of no use. `S`, `man` and `mortal` are named by `names`.
pub(crate) fn socrates(names: [&str; 3]) -> Vc {
    let mut b = Builder::default();
    let being = b.sort(names[0]);
    let man = b.symbol(names[1], &[being], VcSort::Bool);
    let mortal = b.symbol(names[2], &[being], VcSort::Bool);
    let socrates = b.constant("socrates", being);
    let plato = b.constant("plato", being);
    let all = b.forall([being], |[x]| {
        (implies(app(man, [x.clone()]), app(mortal, [x.clone()])), vec![app(man, [x])])
    });
    b.suppose("plato differs", 0, not(eq(socrates.clone(), plato.clone())));
    b.suppose("men are mortal", 0, all);
    b.suppose("Socrates is a man", 0, app(man, [socrates.clone()]));
    b.suppose("plato is a man", 0, app(man, [plato]));
    b.prove(app(mortal, [socrates]))
}

/// Two quorums meet, everybody votes once: so two values chosen by quorums are one.
pub(crate) fn agreement() -> Vc {
    let mut b = Builder::default();
    let acceptor = b.sort("Acceptor");
    let quorum = b.sort("Quorum");
    let value = b.sort("Value");
    let member = b.symbol("member", &[acceptor, quorum], VcSort::Bool);
    let is_quorum = b.symbol("is quorum", &[quorum], VcSort::Bool);
    let voted = b.symbol("voted'", &[acceptor, value], VcSort::Bool);
    let common = b.symbol("common", &[quorum, quorum], acceptor);
    let meet = b.forall([quorum, quorum], |[p, q]| {
        let both = Term::And(vec![app(is_quorum, [p.clone()]), app(is_quorum, [q.clone()])]);
        let witness = app(common, [p.clone(), q.clone()]);
        let meets =
            Term::And(vec![app(member, [witness.clone(), p.clone()]), app(member, [witness, q.clone()])]);
        (implies(both, meets), vec![app(is_quorum, [p]), app(is_quorum, [q])])
    });
    let once = b.forall([acceptor, value, value], |[a, v, w]| {
        let both = vec![app(voted, [a.clone(), v.clone()]), app(voted, [a, w.clone()])];
        (implies(Term::And(both.clone()), eq(v, w)), both)
    });
    let (q1, q2) = (b.constant("q1", quorum), b.constant("q2", quorum));
    let (v1, v2) = (b.constant("v1", value), b.constant("v2", value));
    let chosen = |b: &mut Builder, q: &Term, v: &Term| {
        let (q, v) = (q.clone(), v.clone());
        b.forall([acceptor], |[a]| {
            let is_member = app(member, [a.clone(), q]);
            (implies(is_member.clone(), app(voted, [a, v])), vec![is_member])
        })
    };
    let (first, second) = (chosen(&mut b, &q1, &v1), chosen(&mut b, &q2, &v2));
    b.suppose("quorums meet", 0, meet);
    b.suppose("one vote", 1, once);
    b.suppose("q1 quorum", 0, app(is_quorum, [q1]));
    b.suppose("q2 quorum", 0, app(is_quorum, [q2]));
    b.suppose("q1 chose v1", 0, first);
    b.suppose("q2 chose v2", 0, second);
    b.prove(eq(v1, v2))
}

/// A claim about cubes of integers that keeps the solver busy for longer than anybody waits.
pub(crate) fn endless() -> Vc {
    let mut b = Builder::default();
    let [x, y, z] = ["x", "y", "z"].map(|name| b.constant(name, VcSort::Int));
    let times =
        |a: &Term, b: &Term| Term::Arith(vcgen::vc::ArithOp::Mul, Box::new(a.clone()), Box::new(b.clone()));
    let cube = |a: &Term| times(a, &times(a, a));
    let sum = Term::Arith(
        vcgen::vc::ArithOp::Add,
        Box::new(cube(&x)),
        Box::new(Term::Arith(vcgen::vc::ArithOp::Add, Box::new(cube(&y)), Box::new(cube(&z)))),
    );
    b.prove(not(eq(sum, Term::Int(42))))
}

/// Five posts, two apart from each other, do not stand between 0 and 7: a search with many ways to begin.
pub(crate) fn posts() -> Vc {
    let mut b = Builder::default();
    let le = |left: Term, right: Term| Term::Le(Box::new(left), Box::new(right));
    let after = |post: &Term, other: &Term| {
        let moved = Term::Arith(vcgen::vc::ArithOp::Add, Box::new(other.clone()), Box::new(Term::Int(2)));
        Term::Le(Box::new(moved), Box::new(post.clone()))
    };
    let posts: Vec<Term> = (0..5).map(|index| b.constant(&format!("post {index}"), VcSort::Int)).collect();
    for (index, post) in posts.iter().enumerate() {
        let inside = Term::And(vec![le(Term::Int(0), post.clone()), le(post.clone(), Term::Int(7))]);
        b.suppose(&format!("{index} stands inside"), 0, inside);
        for (other_idx, other) in posts[..index].iter().enumerate() {
            let apart = Term::Or(vec![after(post, other), after(other, post)]);
            b.suppose(&format!("{index} and {other_idx} stand apart"), 0, apart);
        }
    }
    b.prove(Term::Bool(false))
}

/// A quantifier whose instances feed it, twofold each time: only a budget ends it.
pub(crate) fn matching_loop() -> Vc {
    let mut b = Builder::default();
    let sort = b.sort("S");
    let left = b.symbol("left", &[sort], sort);
    let right = b.symbol("right", &[sort], sort);
    let seen = b.symbol("seen", &[sort], VcSort::Bool);
    let start = b.constant("start", sort);
    let end = b.constant("end", sort);
    let step = b.forall([sort], |[x]| {
        let after = [left, right].map(|symbol| app(seen, [app(symbol, [x.clone()])]));
        (Term::And(after.into()), vec![app(seen, [x])])
    });
    b.suppose("step", 0, step);
    b.suppose("start", 0, app(seen, [start]));
    b.prove(app(seen, [end]))
}

/// The check with its time, which no test may depend on, set to zero.
pub(crate) fn timeless(check: Check) -> Check {
    Check { time: std::time::Duration::ZERO, ..check }
}

pub(crate) fn sort_id(sort: VcSort) -> VcSortId {
    match sort {
        VcSort::Uninterpreted(id) => id,
        VcSort::Bool | VcSort::Int => panic!("not an uninterpreted sort"),
    }
}
