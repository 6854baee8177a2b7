//! Random formulas and transition systems over small integers, and what an evaluator of its own says of them:
//! nothing may be proved that fails for some values.
//!
//! Values that TLA+ leaves open (a function outside of its domain, `CHOOSE` without a witness, `\div` by
//! what is not positive, the length of what is no sequence) are arbitrary but fixed: each formula is evaluated under several choices of them,
//! and a theorem has to hold under all.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use cli::verdict::Standing;
use eval::evaluate::{Bounds, Evaluator, Moment};
use eval::instance::{Choices, Constant, Instance};
use eval::value::Value;
use lang::ids::IdVec;
use lang::typed::Module;
use tests::{Setup, prove, read};

const N_FORMULAS: u64 = 120;
const N_SIZES: u64 = 100;
const N_SYSTEMS: u64 = 120;
/// The same about sequences.
const N_FORMULAS_ABOUT_SEQUENCES: u64 = 100;
const N_SYSTEMS_WITH_SEQUENCES: u64 = 80;
/// Formulas that both evaluators are asked about, and how often.
const N_COMPARED: u64 = 400;
const N_WORLDS: usize = 20;
const RLIMIT: u32 = 60_000;
/// Valuations tried for each formula and each choice of open values.
const N_VALUATIONS: usize = 150;

type Set = BTreeSet<i64>;
type Function = BTreeMap<i64, i64>;

/// Integer expressions.
#[derive(Clone)]
enum Int {
    Lit(i64),
    Name(usize),
    Add(Box<Int>, Box<Int>),
    Div(Box<Int>, Box<Int>),
    If(Box<Bool>, Box<Int>, Box<Int>),
    Apply(Box<Fun>, Box<Int>),
    Len(Box<Fun>),
    Head(Box<Fun>),
    Choose(usize, Box<Sets>, Box<Bool>),
    Size(Box<Sets>),
}

/// Sets of integers.
#[derive(Clone)]
enum Sets {
    Enum(Vec<Int>),
    Range(Box<Int>, Box<Int>),
    Name(usize),
    Union(Box<Sets>, Box<Sets>),
    Intersect(Box<Sets>, Box<Sets>),
    Minus(Box<Sets>, Box<Sets>),
    Filter(usize, Box<Sets>, Box<Bool>),
    Map(usize, Box<Int>, Box<Sets>),
    Domain(Box<Fun>),
    If(Box<Bool>, Box<Sets>, Box<Sets>),
}

/// Functions from integers to integers.
#[derive(Clone)]
enum Fun {
    Name(usize),
    Literal(usize, Box<Sets>, Box<Int>),
    Except(Box<Fun>, Box<Int>, Box<Int>),
    If(Box<Bool>, Box<Fun>, Box<Fun>),
    Sequence(Vec<Int>),
    Append(Box<Fun>, Box<Int>),
    Tail(Box<Fun>),
    Join(Box<Fun>, Box<Fun>),
    Part(Box<Fun>, Box<Int>, Box<Int>),
    Put(Box<Int>, Box<Int>, Box<Fun>),
}

/// Formulas.
#[derive(Clone)]
enum Bool {
    Less(Int, Int),
    Equal(Int, Int),
    In(Int, Sets),
    Subset(Sets, Sets),
    Same(Sets, Sets),
    SameFun(Fun, Fun),
    InSeq(Fun, Sets),
    Not(Box<Bool>),
    And(Box<Bool>, Box<Bool>),
    Or(Box<Bool>, Box<Bool>),
    Implies(Box<Bool>, Box<Bool>),
    Iff(Box<Bool>, Box<Bool>),
    If(Box<Bool>, Box<Bool>, Box<Bool>),
    Forall(usize, Sets, Box<Bool>),
    Exists(usize, Sets, Box<Bool>),
}

impl fmt::Display for Int {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lit(value) => write!(f, "{value}"),
            Self::Name(id) => write!(f, "{}", int_name(*id)),
            Self::Add(a, b) => write!(f, "({a} + {b})"),
            Self::Div(a, b) => write!(f, "({a} \\div {b})"),
            Self::If(c, a, b) => write!(f, "(IF {c} THEN {a} ELSE {b})"),
            Self::Apply(g, a) => write!(f, "{g}[{a}]"),
            Self::Len(g) => write!(f, "Len({g})"),
            Self::Head(g) => write!(f, "Head({g})"),
            Self::Choose(id, s, p) => write!(f, "(CHOOSE {} \\in {s} : {p})", int_name(*id)),
            Self::Size(s) => write!(f, "Cardinality({s})"),
        }
    }
}

impl fmt::Display for Sets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Enum(items) => {
                let items: Vec<String> = items.iter().map(ToString::to_string).collect();
                write!(f, "{{{}}}", items.join(", "))
            }
            Self::Range(a, b) => write!(f, "({a} .. {b})"),
            Self::Name(id) => write!(f, "{}", ["s", "t"][*id]),
            Self::Union(a, b) => write!(f, "({a} \\cup {b})"),
            Self::Intersect(a, b) => write!(f, "({a} \\cap {b})"),
            Self::Minus(a, b) => write!(f, "({a} \\ {b})"),
            Self::Filter(id, s, p) => write!(f, "{{{} \\in {s} : {p}}}", int_name(*id)),
            Self::Map(id, e, s) => write!(f, "{{{e} : {} \\in {s}}}", int_name(*id)),
            Self::Domain(g) => write!(f, "(DOMAIN {g})"),
            Self::If(c, a, b) => write!(f, "(IF {c} THEN {a} ELSE {b})"),
        }
    }
}

impl fmt::Display for Fun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(id) => write!(f, "{}", ["f", "q"][*id]),
            Self::Literal(id, s, e) => write!(f, "[{} \\in {s} |-> {e}]", int_name(*id)),
            Self::Except(g, a, b) => write!(f, "[{g} EXCEPT ![{a}] = {b}]"),
            Self::If(c, a, b) => write!(f, "(IF {c} THEN {a} ELSE {b})"),
            Self::Sequence(items) => {
                let items: Vec<String> = items.iter().map(ToString::to_string).collect();
                write!(f, "<<{}>>", items.join(", "))
            }
            Self::Append(g, a) => write!(f, "Append({g}, {a})"),
            Self::Tail(g) => write!(f, "Tail({g})"),
            Self::Join(g, h) => write!(f, "({g} \\o {h})"),
            Self::Part(g, a, b) => write!(f, "SubSeq({g}, {a}, {b})"),
            Self::Put(a, b, g) => write!(f, "(({a} :> {b}) @@ {g})"),
        }
    }
}

impl fmt::Display for Bool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Less(a, b) => write!(f, "{a} < {b}"),
            Self::Equal(a, b) => write!(f, "{a} = {b}"),
            Self::In(a, s) => write!(f, "{a} \\in {s}"),
            Self::Subset(a, b) => write!(f, "{a} \\subseteq {b}"),
            Self::Same(a, b) => write!(f, "{a} = {b}"),
            Self::SameFun(a, b) => write!(f, "{a} = {b}"),
            Self::InSeq(a, s) => write!(f, "{a} \\in Seq({s})"),
            Self::Not(a) => write!(f, "~({a})"),
            Self::And(a, b) => write!(f, "(({a}) /\\ ({b}))"),
            Self::Or(a, b) => write!(f, "(({a}) \\/ ({b}))"),
            Self::Implies(a, b) => write!(f, "(({a}) => ({b}))"),
            Self::Iff(a, b) => write!(f, "(({a}) <=> ({b}))"),
            Self::If(c, a, b) => write!(f, "(IF {c} THEN {a} ELSE {b})"),
            Self::Forall(id, s, p) => write!(f, "(\\A {} \\in {s} : {p})", int_name(*id)),
            Self::Exists(id, s, p) => write!(f, "(\\E {} \\in {s} : {p})", int_name(*id)),
        }
    }
}

/// Two names that are free, the others bound.
fn int_name(id: usize) -> String {
    match id {
        0 => "a".to_owned(),
        1 => "b".to_owned(),
        _ => format!("x{id}"),
    }
}

/// A small generator of numbers; the same numbers in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % n
    }
    fn small(&mut self) -> i64 {
        i64::try_from(self.below(3)).expect("small")
    }
}

/// Generates expressions in which the names below `scope` are in scope.
struct Generator {
    random: Random,
    next: usize,
    /// Whether it makes sequences.
    sequences: bool,
    /// Whether some numbers are those of elements of sets.
    sizes: bool,
}

impl Generator {
    fn bind(&mut self) -> usize {
        self.next += 1;
        self.next
    }
    fn name(&mut self, scope: &[usize]) -> usize {
        scope[usize::try_from(self.random.below(scope.len() as u64)).expect("small")]
    }
    fn inner(scope: &[usize], id: usize) -> Vec<usize> {
        // The innermost twice, so that it is used.
        scope.iter().copied().chain([id, id]).collect()
    }
    fn int(&mut self, depth: u32, scope: &[usize]) -> Int {
        if self.sizes && depth > 0 && self.random.below(2) == 0 {
            return Int::Size(self.set(depth - 1, scope).into());
        }
        let choice = if depth == 0 { self.random.below(4) } else { self.random.below(13) };
        match choice {
            0 => Int::Lit(self.random.small()),
            1..=4 => Int::Name(self.name(scope)),
            5 | 6 => Int::Add(self.int(depth - 1, scope).into(), self.int(depth - 1, scope).into()),
            7 => Int::Div(self.int(depth - 1, scope).into(), self.int(depth - 1, scope).into()),
            8 => Int::If(
                self.formula(depth - 1, scope).into(),
                self.int(depth - 1, scope).into(),
                self.int(depth - 1, scope).into(),
            ),
            9 => {
                let id = self.bind();
                let set = self.set(depth - 1, scope);
                Int::Choose(id, set.into(), self.formula(depth - 1, &Self::inner(scope, id)).into())
            }
            10 if self.sequences => Int::Len(self.function(depth - 1, scope).into()),
            11 if self.sequences => Int::Head(self.function(depth - 1, scope).into()),
            _ => Int::Apply(self.function(depth - 1, scope).into(), self.int(depth - 1, scope).into()),
        }
    }
    fn set(&mut self, depth: u32, scope: &[usize]) -> Sets {
        let choice = if depth == 0 { self.random.below(5) } else { self.random.below(14) };
        match choice {
            0 | 1 => Sets::Name(0),
            2 => Sets::Name(1),
            3 => {
                let n = self.random.below(3);
                Sets::Enum((0..n).map(|_| self.int(0, scope)).collect())
            }
            4 | 5 => Sets::Range(self.int(0, scope).into(), self.int(0, scope).into()),
            6 => Sets::Union(self.set(depth - 1, scope).into(), self.set(depth - 1, scope).into()),
            7 => Sets::Intersect(self.set(depth - 1, scope).into(), self.set(depth - 1, scope).into()),
            8 => Sets::Minus(self.set(depth - 1, scope).into(), self.set(depth - 1, scope).into()),
            9 | 10 => {
                let id = self.bind();
                let set = self.set(depth - 1, scope);
                Sets::Filter(id, set.into(), self.formula(depth - 1, &Self::inner(scope, id)).into())
            }
            11 => {
                let id = self.bind();
                let set = self.set(depth - 1, scope);
                Sets::Map(id, self.int(depth - 1, &Self::inner(scope, id)).into(), set.into())
            }
            12 => Sets::Domain(self.function(depth - 1, scope).into()),
            _ => Sets::If(
                self.formula(depth - 1, scope).into(),
                self.set(depth - 1, scope).into(),
                self.set(depth - 1, scope).into(),
            ),
        }
    }
    fn function(&mut self, depth: u32, scope: &[usize]) -> Fun {
        if self.sequences && self.random.below(3) > 0 {
            return self.sequence(depth, scope);
        }
        let choice = if depth == 0 { 0 } else { self.random.below(6) };
        match choice {
            0 | 1 => Fun::Name(0),
            2 => {
                let id = self.bind();
                let set = self.set(depth - 1, scope);
                Fun::Literal(id, set.into(), self.int(depth - 1, &Self::inner(scope, id)).into())
            }
            3 | 4 => Fun::Except(
                self.function(depth - 1, scope).into(),
                self.int(depth - 1, scope).into(),
                self.int(depth - 1, scope).into(),
            ),
            _ => Fun::If(
                self.formula(depth - 1, scope).into(),
                self.function(depth - 1, scope).into(),
                self.function(depth - 1, scope).into(),
            ),
        }
    }
    /// A function that is a sequence more often than not.
    fn sequence(&mut self, depth: u32, scope: &[usize]) -> Fun {
        let choice = if depth == 0 { self.random.below(3) } else { self.random.below(10) };
        match choice {
            0 | 1 => Fun::Name(1),
            2 => {
                let n = self.random.below(3);
                Fun::Sequence((0..n).map(|_| self.int(0, scope)).collect())
            }
            3 | 4 => Fun::Append(self.function(depth - 1, scope).into(), self.int(depth - 1, scope).into()),
            5 => Fun::Tail(self.function(depth - 1, scope).into()),
            6 => Fun::Join(self.function(depth - 1, scope).into(), self.function(depth - 1, scope).into()),
            7 => Fun::Part(
                self.function(depth - 1, scope).into(),
                self.int(0, scope).into(),
                self.int(0, scope).into(),
            ),
            8 => {
                let id = self.bind();
                let range = Sets::Range(Int::Lit(1).into(), self.int(0, scope).into());
                let body = self.int(depth - 1, &Self::inner(scope, id));
                Fun::Literal(id, range.into(), body.into())
            }
            _ => Fun::Put(
                self.int(0, scope).into(),
                self.int(0, scope).into(),
                self.function(depth - 1, scope).into(),
            ),
        }
    }
    fn formula(&mut self, depth: u32, scope: &[usize]) -> Bool {
        let choice = if depth == 0 { self.random.below(3) } else { self.random.below(17) };
        match choice {
            0 => Bool::Less(self.int(depth, scope), self.int(depth, scope)),
            1 => Bool::Equal(self.int(depth, scope), self.int(depth, scope)),
            2 | 3 => Bool::In(self.int(depth, scope), self.set(depth, scope)),
            4 => Bool::Subset(self.set(depth - 1, scope), self.set(depth - 1, scope)),
            5 if self.sequences => Bool::InSeq(self.function(depth - 1, scope), self.set(depth - 1, scope)),
            5 => Bool::Same(self.set(depth - 1, scope), self.set(depth - 1, scope)),
            6 => Bool::SameFun(self.function(depth - 1, scope), self.function(depth - 1, scope)),
            7 => Bool::Not(self.formula(depth - 1, scope).into()),
            8 => Bool::And(self.formula(depth - 1, scope).into(), self.formula(depth - 1, scope).into()),
            9 => Bool::Or(self.formula(depth - 1, scope).into(), self.formula(depth - 1, scope).into()),
            10 => Bool::Implies(self.formula(depth - 1, scope).into(), self.formula(depth - 1, scope).into()),
            11 => Bool::Iff(self.formula(depth - 1, scope).into(), self.formula(depth - 1, scope).into()),
            12 => Bool::If(
                self.formula(depth - 1, scope).into(),
                self.formula(depth - 1, scope).into(),
                self.formula(depth - 1, scope).into(),
            ),
            choice => {
                let id = self.bind();
                let set = self.set(depth - 1, scope);
                let body = self.formula(depth - 1, &Self::inner(scope, id)).into();
                if choice % 2 == 0 { Bool::Forall(id, set, body) } else { Bool::Exists(id, set, body) }
            }
        }
    }
}

/// Values of the free names, and what is chosen for what TLA+ leaves open.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct World {
    ints: BTreeMap<usize, i64>,
    sets: [Set; 2],
    functions: [Function; 2],
    open: i64,
}

impl World {
    /// An arbitrary value that depends on what it is asked for.
    fn open(&self, asked: i64) -> i64 {
        (self.open * 7 + asked * (self.open % 2)).rem_euclid(4)
    }
    fn with<T>(&mut self, id: usize, value: i64, body: impl FnOnce(&mut Self) -> T) -> T {
        self.ints.insert(id, value);
        body(self)
    }
    fn int(&mut self, e: &Int) -> i64 {
        match e {
            Int::Lit(value) => *value,
            Int::Name(id) => self.ints[id],
            Int::Add(a, b) => self.int(a) + self.int(b),
            Int::Div(a, b) => {
                let (a, b) = (self.int(a), self.int(b));
                if b > 0 { a.div_euclid(b) } else { self.open(a + 3 * b) }
            }
            Int::If(c, a, b) => {
                if self.formula(c) {
                    self.int(a)
                } else {
                    self.int(b)
                }
            }
            Int::Apply(g, a) => {
                let (g, a) = (self.function(g), self.int(a));
                self.value(&g, a)
            }
            Int::Len(g) => {
                let g = self.function(g);
                self.len(&g)
            }
            Int::Head(g) => self.int(&Int::Apply(g.clone(), Int::Lit(1).into())),
            Int::Choose(id, s, p) => {
                let set = self.set(s);
                let mut found = set.into_iter().filter(|x| self.with(*id, *x, |this| this.formula(p)));
                let first = found.next();
                let last = found.last().or(first);
                (if self.open % 2 == 0 { first } else { last }).unwrap_or(self.open)
            }
            Int::Size(s) => i64::try_from(self.set(s).len()).expect("small"),
        }
    }
    fn set(&mut self, e: &Sets) -> Set {
        match e {
            Sets::Enum(items) => items.iter().map(|item| self.int(item)).collect(),
            Sets::Range(a, b) => (self.int(a)..=self.int(b)).collect(),
            Sets::Name(id) => self.sets[*id].clone(),
            Sets::Union(a, b) => &self.set(a) | &self.set(b),
            Sets::Intersect(a, b) => &self.set(a) & &self.set(b),
            Sets::Minus(a, b) => &self.set(a) - &self.set(b),
            Sets::Filter(id, s, p) => {
                self.set(s).into_iter().filter(|x| self.with(*id, *x, |this| this.formula(p))).collect()
            }
            Sets::Map(id, e, s) => {
                self.set(s).into_iter().map(|x| self.with(*id, x, |this| this.int(e))).collect()
            }
            Sets::Domain(g) => self.function(g).into_keys().collect(),
            Sets::If(c, a, b) => {
                if self.formula(c) {
                    self.set(a)
                } else {
                    self.set(b)
                }
            }
        }
    }
    fn function(&mut self, e: &Fun) -> Function {
        match e {
            Fun::Name(id) => self.functions[*id].clone(),
            Fun::Literal(id, s, e) => {
                self.set(s).into_iter().map(|x| (x, self.with(*id, x, |this| this.int(e)))).collect()
            }
            Fun::Except(g, a, b) => {
                let (mut g, a, b) = (self.function(g), self.int(a), self.int(b));
                if let Some(value) = g.get_mut(&a) {
                    *value = b;
                }
                g
            }
            Fun::If(c, a, b) => {
                if self.formula(c) {
                    self.function(a)
                } else {
                    self.function(b)
                }
            }
            Fun::Sequence(items) => (1..).zip(items).map(|(i, item)| (i, self.int(item))).collect(),
            Fun::Append(g, a) => {
                let (g, a) = (self.function(g), self.int(a));
                let n = self.len(&g) + 1;
                (1..=n).map(|i| (i, if i == n { a } else { self.value(&g, i) })).collect()
            }
            Fun::Tail(g) => {
                let g = self.function(g);
                if g.is_empty() {
                    // A `CASE` that says nothing of this: some function.
                    return (0..self.open % 2).map(|i| (i, 1)).collect();
                }
                (1..self.len(&g)).map(|i| (i, self.value(&g, i + 1))).collect()
            }
            Fun::Join(g, h) => {
                let (first, second) = (self.function(g), self.function(h));
                let split = self.len(&first);
                let value = |at| {
                    if at <= split { self.value(&first, at) } else { self.value(&second, at - split) }
                };
                (1..=split + self.len(&second)).map(|at| (at, value(at))).collect()
            }
            Fun::Part(g, a, b) => {
                let (g, a, b) = (self.function(g), self.int(a), self.int(b));
                (1..=1 + b - a).map(|i| (i, self.value(&g, i + a - 1))).collect()
            }
            Fun::Put(a, b, g) => {
                let (a, b, mut g) = (self.int(a), self.int(b), self.function(g));
                g.insert(a, b);
                g
            }
        }
    }
    /// The value at an argument, which need not be in the domain.
    fn value(&self, g: &Function, a: i64) -> i64 {
        g.get(&a).copied().unwrap_or_else(|| self.open(a + g.values().sum::<i64>()))
    }
    /// The length of a sequence; of another function some number.
    fn len(&self, g: &Function) -> i64 {
        let n = i64::try_from(g.len()).expect("small");
        if g.keys().copied().eq(1..=n) { n } else { self.open(g.values().sum::<i64>()) - 1 }
    }
    fn formula(&mut self, e: &Bool) -> bool {
        match e {
            Bool::Less(a, b) => self.int(a) < self.int(b),
            Bool::Equal(a, b) => self.int(a) == self.int(b),
            Bool::In(a, s) => {
                let a = self.int(a);
                self.set(s).contains(&a)
            }
            Bool::Subset(a, b) => self.set(a).is_subset(&self.set(b)),
            Bool::Same(a, b) => self.set(a) == self.set(b),
            Bool::SameFun(a, b) => self.function(a) == self.function(b),
            Bool::InSeq(a, s) => {
                let (a, s) = (self.function(a), self.set(s));
                let n = i64::try_from(a.len()).expect("small");
                a.keys().copied().eq(1..=n) && a.values().all(|value| s.contains(value))
            }
            Bool::Not(a) => !self.formula(a),
            Bool::And(a, b) => self.formula(a) && self.formula(b),
            Bool::Or(a, b) => self.formula(a) || self.formula(b),
            Bool::Implies(a, b) => !self.formula(a) || self.formula(b),
            Bool::Iff(a, b) => self.formula(a) == self.formula(b),
            Bool::If(c, a, b) => {
                if self.formula(c) {
                    self.formula(a)
                } else {
                    self.formula(b)
                }
            }
            Bool::Forall(id, s, p) => {
                self.set(s).into_iter().all(|x| self.with(*id, x, |this| this.formula(p)))
            }
            Bool::Exists(id, s, p) => {
                self.set(s).into_iter().any(|x| self.with(*id, x, |this| this.formula(p)))
            }
        }
    }
}

fn random_world(random: &mut Random, open: i64) -> World {
    let set = |random: &mut Random| -> Set { (0..3).filter(|_| random.below(2) == 0).collect() };
    let sets = [set(random), set(random)];
    let ints = BTreeMap::from([(0, random.small()), (1, random.small())]);
    let function = (0..3).map(|x| (x, random.small())).collect();
    World { ints, sets, functions: [function, Function::new()], open }
}

/// The same with a sequence, of up to three numbers.
fn random_world_with_sequence(random: &mut Random, open: i64) -> World {
    let mut world = random_world(random, open);
    world.functions[1] =
        (1..=i64::try_from(random.below(4)).expect("small")).map(|i| (i, random.small())).collect();
    world
}

fn is_proved(text: &str) -> bool {
    let run = prove(
        read("Example.pax", text, &[]),
        &Setup { rlimit: Some(RLIMIT), n_workers: 1, ..Setup::default() },
    );
    assert!(!run.front.has_errors(), "{text}\n{:?}", run.front.diagnostics);
    let verdicts = run.proof.expect("it was tried").verdicts;
    assert!(verdicts.internal.is_empty(), "{text}\n{:?}", verdicts.internal);
    verdicts.theorems.iter().all(|verdict| verdict.standing == Standing::Proved)
}

#[test]
fn formulas() {
    check_formulas(N_FORMULAS, false);
}

#[test]
fn cardinalities() {
    check_formulas(N_SIZES, true);
}

fn check_formulas(n_formulas: u64, sizes: bool) {
    let mut n_proved = 0;
    for seed in 1..=n_formulas {
        let random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let mut generator = Generator { random, next: 1, sequences: false, sizes };
        let formula = generator.formula(3, &[0, 1]);
        let mut seen = [false; 2];
        for open in 0..4 {
            for _ in 0..N_VALUATIONS {
                let mut world = random_world(&mut generator.random, open);
                seen[usize::from(world.formula(&formula))] = true;
            }
        }
        for (sign, refuted) in [("", seen[0]), ("~", seen[1])] {
            let text = format!(
                "---- MODULE Example ----\nEXTENDS Integers, FiniteSets\nCONSTANTS a, b, s, t, f\n\
                 ASSUME Types == a \\in 0 .. 2 /\\ b \\in 0 .. 2 /\\ s \\subseteq 0 .. 2 /\\ t \\subseteq 0 .. 2\n\
                 ASSUME Function == f \\in [0 .. 2 -> 0 .. 2]\nLEMMA Goal == {sign}({formula})\n====\n"
            );
            let proved = is_proved(&text);
            assert!(!(proved && refuted), "seed {seed}: proved, but false\n{text}");
            n_proved += usize::from(proved);
        }
    }
    assert!(n_proved * 10 > usize::try_from(n_formulas).expect("small"), "only {n_proved} are proved");
}

/// The evaluator of this file and that of `eval` agree, wherever the latter has an answer.
#[test]
fn evaluators_agree() {
    let (mut n_told, mut n_asked) = (0, 0);
    for seed in 1..=N_COMPARED {
        let random = Random(seed.wrapping_mul(0x2545_f491_4f6c_dd1d));
        let sequences = seed % 2 == 0;
        let mut generator = Generator { random, next: 1, sequences, sizes: seed % 5 == 0 };
        let formula = generator.formula(3, &[0, 1]);
        let text = format!(
            "---- MODULE Example ----\nEXTENDS Integers, FiniteSets, Sequences, TLC\nCONSTANTS a, b, s, t, f, q\n\
             ASSUME Types == a \\in 0 .. 2 /\\ b \\in 0 .. 2 /\\ s \\subseteq 0 .. 2 /\\ t \\subseteq 0 .. 2\n\
             ASSUME Function == f \\in [0 .. 2 -> 0 .. 2] /\\ q \\in Seq(0 .. 2)\nLEMMA Goal == {formula}\n====\n"
        );
        let front = read("Example.pax", &text, &[]);
        let module = front.typed.expect("sorts");
        let goal = module.facts.iter().find(|fact| fact.name == "Goal").expect("the lemma");
        for _ in 0..N_WORLDS {
            // Of the worlds whose number is even the least candidate is chosen, as an instance without choices does.
            let mut world = random_world_with_sequence(&mut generator.random, 2);
            let instance = instance(&module, &world);
            let evaluator = Evaluator::new(&module, &instance, Bounds::Strict);
            n_asked += 1;
            if let Ok(truth) = evaluator.formula(&goal.statement, Moment::default()) {
                n_told += 1;
                assert_eq!(truth, world.formula(&formula), "seed {seed}\n{text}\n{:?}", instance.constants);
            }
        }
    }
    assert!(n_told * 2 > n_asked, "{n_told} of {n_asked} were told");
}

/// The instance that is like a world.
fn instance(module: &Module, world: &World) -> Instance {
    let set = |set: &Set| Value::set(set.iter().copied().map(Value::Int));
    let function = |function: &Function| {
        Value::function(function.iter().map(|(argument, value)| (Value::Int(*argument), Value::Int(*value))))
    };
    let mut constants = IdVec::new();
    for symbol in &module.constants {
        constants.push(Constant::Value(match symbol.name.as_str() {
            "a" => Value::Int(world.ints[&0]),
            "b" => Value::Int(world.ints[&1]),
            "s" => set(&world.sets[0]),
            "t" => set(&world.sets[1]),
            "f" => function(&world.functions[0]),
            _ => function(&world.functions[1]),
        }));
    }
    let sizes = module.sorts.uninterpreted.iter().fold(IdVec::new(), |mut sizes, _| {
        sizes.push(1);
        sizes
    });
    Instance { sizes, constants, integers: -1..=4, choices: Choices::default() }
}

/// `\E x \in set : guard /\ a' = ... /\ s' = ... /\ f' = ...`
struct Action {
    param: usize,
    over: Sets,
    guard: Bool,
    int: Int,
    set: Sets,
    functions: [Fun; 2],
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { param, over, guard, int, set, functions: [function, sequence] } = self;
        let param = int_name(*param);
        write!(
            f,
            "\\E {param} \\in {over} : {guard} /\\ a' = {int} /\\ s' = {set} /\\ f' = {function} /\\ UNCHANGED <<b, t>>"
        )?;
        // Systems without sequences do not declare the variable.
        if matches!(sequence, Fun::Name(_)) { Ok(()) } else { write!(f, " /\\ q' = {sequence}") }
    }
}

fn action(generator: &mut Generator) -> Action {
    let param = generator.bind();
    let over = generator.set(1, &[0, 1]);
    let scope = [0, 1, param, param];
    let keeps = generator.random.below(4);
    let one = |id: usize| Sets::Enum(vec![Int::Name(id)]);
    Action {
        param,
        over,
        guard: generator.formula(1, &scope),
        int: if keeps.is_multiple_of(2) { Int::Name(0) } else { generator.int(1, &scope) },
        set: match generator.random.below(4) {
            0 => Sets::Name(0),
            1 => Sets::Union(Sets::Name(0).into(), one(param).into()),
            2 => Sets::Minus(Sets::Name(0).into(), one(param).into()),
            _ => generator.set(2, &scope),
        },
        functions: [
            if keeps < 2 { Fun::Name(0) } else { generator.function(2, &scope) },
            if generator.sequences { sequence_step(generator, &scope) } else { Fun::Name(1) },
        ],
    }
}

/// The next value of a sequence.
fn sequence_step(generator: &mut Generator, scope: &[usize]) -> Fun {
    let own = || Fun::Name(1).into();
    match generator.random.below(6) {
        0 | 1 => Fun::Append(own(), generator.int(1, scope).into()),
        2 => Fun::Tail(own()),
        3 => Fun::Part(own(), Int::Lit(1).into(), generator.int(1, scope).into()),
        4 => Fun::Except(own(), generator.int(0, scope).into(), generator.int(1, scope).into()),
        _ => Fun::Append(generator.sequence(2, scope).into(), generator.int(0, scope).into()),
    }
}

/// Whether some state that can be reached in a few steps falsifies the formula.
fn reaches_violation(start: &World, actions: &[Action], invariant: &Bool) -> bool {
    let mut seen = BTreeSet::from([start.clone()]);
    let mut level = vec![start.clone()];
    for _ in 0..4 {
        let mut next = Vec::new();
        for state in level {
            if !state.clone().formula(invariant) {
                return true;
            }
            for action in actions {
                let range = state.clone().set(&action.over);
                for value in range {
                    let mut now = state.clone();
                    now.ints.insert(action.param, value);
                    if !now.formula(&action.guard) {
                        continue;
                    }
                    let mut after = state.clone();
                    after.ints = BTreeMap::from([(0, now.int(&action.int)), (1, state.ints[&1])]);
                    after.sets[0] = now.set(&action.set);
                    after.functions = [0, 1].map(|id| now.function(&action.functions[id]));
                    let small = after.functions.iter().all(|function| function.len() < 20);
                    if seen.len() < 300 && small && after.sets[0].len() < 20 && seen.insert(after.clone()) {
                        next.push(after);
                    }
                }
            }
        }
        level = next;
    }
    level.into_iter().any(|mut state| !state.formula(invariant))
}

#[test]
fn systems() {
    let mut n_proved = 0;
    for seed in 1..=N_SYSTEMS {
        let random = Random(seed.wrapping_mul(0xd134_2543_de82_ef95));
        let mut generator = Generator { random, next: 1, sequences: false, sizes: seed % 4 == 0 };
        let actions = [action(&mut generator), action(&mut generator)];
        let id = generator.bind();
        let each = generator.formula(1, &[0, 1, id, id, id]);
        let all = Bool::Forall(id, Sets::Name(0), each.into());
        let invariant = match generator.random.below(3) {
            0 => all,
            1 => Bool::Or(all.into(), generator.formula(2, &[0, 1]).into()),
            _ => Bool::And(all.into(), generator.formula(1, &[0, 1]).into()),
        };
        let violated = (0..4).any(|open| {
            (0..N_VALUATIONS / 10).any(|_| {
                let start = random_world(&mut generator.random, open);
                start.clone().formula(&invariant) && reaches_violation(&start, &actions, &invariant)
            })
        });
        let [first, second] = &actions;
        let text = format!(
            "---- MODULE Example ----\nEXTENDS Integers, FiniteSets\nVARIABLES a, b, s, t, f\n\
             Inv == {invariant}\n\
             Init == a \\in 0 .. 2 /\\ b \\in 0 .. 2 /\\ s \\subseteq 0 .. 2 /\\ t \\subseteq 0 .. 2\n\
             \x20 /\\ f \\in [0 .. 2 -> 0 .. 2] /\\ Inv\n\
             First == {first}\nSecond == {second}\n\
             THEOREM Goal == Init /\\ [][First \\/ Second]_<<a, b, s, t, f>> => []Inv\n====\n"
        );
        let proved = is_proved(&text);
        assert!(!(proved && violated), "seed {seed}: proved, but false\n{text}");
        n_proved += usize::from(proved && !violated);
    }
    assert!(n_proved * 30 > usize::try_from(N_SYSTEMS).expect("small"), "only {n_proved} are proved");
}

#[test]
fn formulas_about_sequences() {
    let mut n_proved = 0;
    for seed in 1..=N_FORMULAS_ABOUT_SEQUENCES {
        let random = Random(seed.wrapping_mul(0xa076_1d64_78bd_642f));
        let mut generator = Generator { random, next: 1, sequences: true, sizes: false };
        let formula = generator.formula(3, &[0, 1]);
        let mut seen = [false; 2];
        for open in 0..4 {
            for _ in 0..N_VALUATIONS {
                let mut world = random_world_with_sequence(&mut generator.random, open);
                seen[usize::from(world.formula(&formula))] = true;
            }
        }
        for (sign, refuted) in [("", seen[0]), ("~", seen[1])] {
            let text = format!(
                "---- MODULE Example ----\nEXTENDS Integers, Sequences, TLC\nCONSTANTS a, b, s, t, f, q\n\
                 ASSUME Types == a \\in 0 .. 2 /\\ b \\in 0 .. 2 /\\ s \\subseteq 0 .. 2 /\\ t \\subseteq 0 .. 2\n\
                 ASSUME Function == f \\in [0 .. 2 -> 0 .. 2] /\\ q \\in Seq(0 .. 2)\n\
                 LEMMA Goal == {sign}({formula})\n====\n"
            );
            let proved = is_proved(&text);
            assert!(!(proved && refuted), "seed {seed}: proved, but false\n{text}");
            n_proved += usize::from(proved);
        }
    }
    assert!(n_proved * 10 > usize::try_from(N_FORMULAS_ABOUT_SEQUENCES).expect("small"), "only {n_proved}");
}

#[test]
fn systems_with_sequences() {
    let mut n_proved = 0;
    for seed in 1..=N_SYSTEMS_WITH_SEQUENCES {
        let random = Random(seed.wrapping_mul(0xe703_7ed1_a0b4_28db));
        let mut generator = Generator { random, next: 1, sequences: true, sizes: false };
        let actions = [action(&mut generator), action(&mut generator)];
        let id = generator.bind();
        let each = generator.formula(1, &[0, 1, id, id, id]);
        let length = Int::Len(Fun::Name(1).into());
        let all = Bool::Forall(id, Sets::Range(Int::Lit(1).into(), length.into()), each.into());
        let item = generator.bind();
        let of = Sets::Filter(item, Sets::Name(1).into(), generator.formula(1, &[0, 1, item]).into());
        let typed = Bool::InSeq(Fun::Name(1), of);
        let invariant = match generator.random.below(4) {
            0 => all,
            1 => Bool::Or(all.into(), generator.formula(2, &[0, 1]).into()),
            2 => typed,
            _ => Bool::And(all.into(), generator.formula(1, &[0, 1]).into()),
        };
        let violated = (0..4).any(|open| {
            (0..N_VALUATIONS / 10).any(|_| {
                let start = random_world_with_sequence(&mut generator.random, open);
                start.clone().formula(&invariant) && reaches_violation(&start, &actions, &invariant)
            })
        });
        let [first, second] = &actions;
        let text = format!(
            "---- MODULE Example ----\nEXTENDS Integers, Sequences, TLC\nVARIABLES a, b, s, t, f, q\n\
             Inv == {invariant}\n\
             Init == a \\in 0 .. 2 /\\ b \\in 0 .. 2 /\\ s \\subseteq 0 .. 2 /\\ t \\subseteq 0 .. 2\n\
             \x20 /\\ f \\in [0 .. 2 -> 0 .. 2] /\\ q \\in Seq(0 .. 2) /\\ Inv\n\
             First == {first}\nSecond == {second}\n\
             THEOREM Goal == Init /\\ [][First \\/ Second]_<<a, b, s, t, f, q>> => []Inv\n====\n"
        );
        let proved = is_proved(&text);
        assert!(!(proved && violated), "seed {seed}: proved, but false\n{text}");
        n_proved += usize::from(proved && !violated);
    }
    assert!(n_proved * 30 > usize::try_from(N_SYSTEMS_WITH_SEQUENCES).expect("small"), "only {n_proved}");
}
