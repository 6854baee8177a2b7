//! Random formulas about sets, in two notations: what the strict evaluator says of both is the same, where it says
//! something of both.
//!
//! In one notation finite sets are written out and infinite ones have their names; in the other the same sets are
//! described, often so that the evaluator cannot tell what is in them. Nothing may follow from not knowing.

use eval::evaluate::{Bounds, Evaluator, Moment};
use eval::instance::Choices;

use self::support::world;

#[path = "support/world.rs"]
mod support;

/// Sets in both notations: plain first, then described.
const SETS: &[(&str, &[&str])] = &[
    (
        "({1} \\ {1})",
        &[
            "{k \\in Nat : k * k = 2}",
            "{k \\in Nat : k < 0}",
            "(2 .. 1)",
            "(Nat \\ Int)",
            "{k \\in {1} : k = 2}",
        ],
    ),
    (
        "{1}",
        &[
            "{k \\in Nat : k * k = 1}",
            "(1 .. 1)",
            "{k - k + 1 : k \\in Nat}",
            "{k \\in Int : k > 0 /\\ k < 2}",
        ],
    ),
    (
        "{1, 2}",
        &[
            "{k \\in Nat : k * k \\in {1, 4}}",
            "({1, 2} \\cup {k \\in Nat : k * k = 2})",
            "((Nat \\cap (-1 .. 2)) \\ {0})",
            "(UNION {{k, 3 - k} : k \\in {j \\in Nat : j * j = 1}})",
        ],
    ),
    (
        "{0, 2}",
        &["{k \\in Int : k * k = 2 * k}", "{k * 2 : k \\in 0..1}", "({0, 2} \\ {k \\in Nat : k * k = 9})"],
    ),
    (
        "Nat",
        &[
            "{k \\in Int : 2 * k >= 0}",
            "{k \\in Int : k >= 0}",
            "(Nat \\ {k \\in Nat : k * k = 2})",
            "(UNION {Nat})",
        ],
    ),
    ("Int", &["{k \\in Int : 0 * k = 0}", "(Int \\cup Nat)", "{k \\in Int : k > 0 \\/ k < 1}"]),
    ("(Nat \\ {0})", &["{k + 1 : k \\in Nat}", "{k \\in Nat : k * k # 0}", "{k \\in Int : k > 0}"]),
];

/// What the members of a set are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Number,
    Set,
    Pair,
    Function,
    Record,
}

/// Texts in both notations.
type Both = [String; 2];

fn with(parts: &[&Both], text: impl Fn(&[&str]) -> String) -> Both {
    [0, 1].map(|n| text(&parts.iter().map(|both| both[n].as_str()).collect::<Vec<_>>()))
}

struct Maker {
    state: u64,
    n_names: usize,
}

impl Maker {
    fn below(&mut self, n: usize) -> usize {
        self.state =
            self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.state >> 33).unwrap_or(0) % n
    }

    fn numbers(&mut self, size: u32) -> Both {
        if size == 0 || self.below(3) > 0 {
            let (plain, others) = SETS[self.below(SETS.len())];
            let other = others[self.below(others.len())];
            return [plain.to_owned(), other.replace('k', &self.fresh()).replace('j', &self.fresh())];
        }
        let a = self.numbers(size - 1);
        match self.below(5) {
            0 => with(&[&a, &self.numbers(size - 1)], |p| format!("({} \\cup {})", p[0], p[1])),
            1 => with(&[&a, &self.numbers(size - 1)], |p| format!("({} \\cap {})", p[0], p[1])),
            2 => with(&[&a, &self.numbers(size - 1)], |p| format!("({} \\ {})", p[0], p[1])),
            3 => with(&[&self.set(Kind::Set, size - 1)], |p| format!("(UNION {})", p[0])),
            _ => {
                let z = self.fresh();
                with(&[&a, &self.about(Kind::Number, &z, size - 1)], |p| {
                    format!("{{{z} \\in {} : {}}}", p[0], p[1])
                })
            }
        }
    }

    fn fresh(&mut self) -> String {
        self.n_names += 1;
        format!("v{}", self.n_names)
    }

    fn set(&mut self, kind: Kind, size: u32) -> Both {
        if size > 0 && self.below(4) == 0 {
            let a = self.set(kind, size - 1);
            let z = self.fresh();
            return match self.below(4) {
                0 => with(&[&a, &self.set(kind, size - 1)], |p| format!("({} \\cup {})", p[0], p[1])),
                1 => with(&[&a, &self.set(kind, size - 1)], |p| format!("({} \\cap {})", p[0], p[1])),
                2 => with(&[&a, &self.set(kind, size - 1)], |p| format!("({} \\ {})", p[0], p[1])),
                _ => with(&[&a, &self.about(kind, &z, size - 1)], |p| {
                    format!("{{{z} \\in {} : {}}}", p[0], p[1])
                }),
            };
        }
        let (a, b) = (self.numbers(size), self.numbers(size));
        match kind {
            Kind::Number => a,
            Kind::Set if self.below(3) == 0 => with(&[&a, &b], |p| format!("{{{}, {}}}", p[0], p[1])),
            Kind::Set => with(&[&a], |p| format!("(SUBSET {})", p[0])),
            Kind::Pair => with(&[&a, &b], |p| format!("({} \\X {})", p[0], p[1])),
            Kind::Function if self.below(4) == 0 => with(&[&a], |p| format!("Seq({})", p[0])),
            Kind::Function => with(&[&a, &b], |p| format!("[{} -> {}]", p[0], p[1])),
            Kind::Record => with(&[&a, &b], |p| format!("[a : {}, b : SUBSET {}]", p[0], p[1])),
        }
    }

    fn kind(&mut self) -> Kind {
        [Kind::Number, Kind::Set, Kind::Pair, Kind::Function, Kind::Record][self.below(5)]
    }

    /// A formula about a member of a set.
    fn about(&mut self, kind: Kind, z: &str, size: u32) -> Both {
        let same = |text: String| [text.clone(), text];
        let set = self.numbers(size.saturating_sub(1));
        let n = self.below(3);
        match (kind, self.below(3)) {
            (Kind::Number, 0) => same(format!("{z} > {n}")),
            (Kind::Number, 1) => same(format!("{z} * {z} = {n}")),
            (Kind::Number, _) => with(&[&set], |p| format!("{z} \\in {}", p[0])),
            (Kind::Set, 0) => same(format!("{n} \\in {z}")),
            (Kind::Set, 1) => same(format!("Cardinality({z}) = {n}")),
            (Kind::Set, _) => with(&[&set], |p| format!("{z} = {}", p[0])),
            (Kind::Pair | Kind::Function, 0) => same(format!("{z}[1] = {n}")),
            (Kind::Pair, 1) => same(format!("{z}[1] > {z}[2]")),
            (Kind::Pair, _) => with(&[&set], |p| format!("{z}[2] \\in {}", p[0])),
            (Kind::Function, 1) => with(&[&set], |p| format!("DOMAIN {z} = {}", p[0])),
            (Kind::Function, _) => {
                with(&[&set], |p| format!("\\A v0 \\in DOMAIN {z} : {z}[v0] \\in {}", p[0]))
            }
            (Kind::Record, 0) => same(format!("{z}.a = {n}")),
            (Kind::Record, 1) => same(format!("{z}.a \\in {z}.b")),
            (Kind::Record, _) => with(&[&set], |p| format!("{z}.b = {}", p[0])),
        }
    }

    fn formula(&mut self, size: u32) -> Both {
        let kind = self.kind();
        let a = self.set(kind, size);
        let z = self.fresh();
        match self.below(8) {
            0 => with(&[&a, &self.set(kind, size)], |p| format!("{} = {}", p[0], p[1])),
            1 => with(&[&a, &self.set(kind, size)], |p| format!("{} \\subseteq {}", p[0], p[1])),
            2 => with(&[&a], |p| format!("IsFiniteSet({})", p[0])),
            3 => {
                let n = self.below(3);
                with(&[&a], |p| format!("Cardinality({}) = {n}", p[0]))
            }
            4 => with(&[&a, &self.about(kind, &z, size)], |p| format!("\\E {z} \\in {} : {}", p[0], p[1])),
            5 => with(&[&a, &self.about(kind, &z, size)], |p| format!("\\A {z} \\in {} : {}", p[0], p[1])),
            6 => with(&[&a, &self.set(kind, size)], |p| format!("\\A {z} \\in {} : {z} \\in {}", p[0], p[1])),
            _ => with(&[&a, &self.set(kind, size)], |p| format!("{} \\in {{{}}}", p[0], p[1])),
        }
    }
}

/// Formulas that are made from this number; how many have an answer in both notations, and where these differ.
fn compare(seed: u64, n_formulas: usize, size: u32) -> (usize, Vec<String>) {
    let mut maker = Maker { state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) + 1, n_names: 0 };
    let formulas: Vec<Both> = (0..n_formulas).map(|_| maker.formula(size)).collect();
    let expressions: Vec<&str> = formulas.iter().flatten().map(String::as_str).collect();
    let world = world(&expressions, Choices::default());
    let evaluator = Evaluator::new(&world.module, &world.instance, Bounds::Strict);
    let moment = Moment { now: Some(&world.states[0]), next: Some(&world.states[1]) };
    let answer = |position: usize| evaluator.formula(&world.body(position), moment).ok();
    let (mut n_both, mut wrong) = (0, Vec::new());
    for (position, [a, b]) in formulas.iter().enumerate() {
        let (Some(plain), Some(described)) = (answer(2 * position), answer(2 * position + 1)) else {
            continue;
        };
        n_both += 1;
        if plain != described {
            wrong.push(format!("{a}\n  is {plain}, but\n{b}\n  is {described}"));
        }
    }
    (n_both, wrong)
}

#[test]
fn what_is_said_of_a_set_does_not_depend_on_how_it_is_written() {
    let (mut n_both, mut wrong) = (0, Vec::new());
    for seed in 1..=12 {
        for size in 0..=2 {
            let (n, differences) = compare(seed, 60, size);
            n_both += n;
            wrong.extend(differences);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(n_both > 1000, "{n_both}");
}
