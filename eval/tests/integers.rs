//! Random formulas about integers, whose quantifiers have no end: what the strict evaluator says of them is held
//! against a plain reading in which numbers end late.
//!
//! The plain reading shares nothing with the evaluator. It knows a name of a number, tries it from one end of a
//! window to the other, and asks sets for members; the deeper a quantifier stands, the wider is its window, so that
//! what an outer number leaves room for is found by an inner one. Formulas are made of small numbers, so that what
//! is true in these windows is true.

use eval::evaluate::{Bounds, Evaluator, Moment};
use eval::instance::Choices;

use self::support::world;

#[path = "support/world.rs"]
mod support;

/// Numbers; a name is bound by the quantifier that stands so many levels from outside.
#[derive(Clone, Debug)]
enum Number {
    Literal(i64),
    /// `x`, which is 1.
    Variable,
    Name(usize),
    Plus(Box<Number>, Box<Number>),
    Minus(Box<Number>, Box<Number>),
    Quotient(Box<Number>, i64),
    Rest(Box<Number>, i64),
    If(Box<Formula>, Box<Number>, Box<Number>),
    /// The least of two numbers, as the instance chooses.
    Either(Box<Number>, Box<Number>),
    /// The least of a set, which is none of some infinite sets.
    Chosen(Box<Set>, usize, Box<Formula>),
    Size(Box<Set>),
    /// The value at a number of a function on a range.
    At(i64, i64, usize, Box<Number>, Box<Number>),
}

#[derive(Clone, Debug)]
enum Set {
    Naturals,
    Integers,
    Range(Number, Number),
    These(Vec<Number>),
    Filter(Box<Set>, usize, Box<Formula>),
    Images(Box<Set>, usize, Number),
    Union(Box<Set>, Box<Set>),
    Intersection(Box<Set>, Box<Set>),
    Difference(Box<Set>, Box<Set>),
}

#[derive(Clone, Debug)]
enum Formula {
    Less(Number, Number),
    Equal(Number, Number),
    In(Number, Set),
    Same(Set, Set),
    Part(Set, Set),
    Finite(Set),
    Not(Box<Formula>),
    And(Box<Formula>, Box<Formula>),
    Or(Box<Formula>, Box<Formula>),
    Implies(Box<Formula>, Box<Formula>),
    Iff(Box<Formula>, Box<Formula>),
    All(usize, Set, Box<Formula>),
    Some(usize, Set, Box<Formula>),
}

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }

    fn below(&mut self, n: u32) -> i64 {
        i64::from(u32::try_from(self.next() % u64::from(n)).unwrap_or(0))
    }

    fn one_of(&mut self, names: &[usize]) -> Option<usize> {
        let n = u64::try_from(names.len()).ok()?;
        names.get(usize::try_from(self.next().checked_rem(n)?).ok()?).copied()
    }
}

/// Makes expressions in which `names` are bound, and `size` says how large they may grow.
struct Maker {
    dice: Dice,
    n_names: usize,
}

impl Maker {
    fn fresh(&mut self, names: &[usize]) -> (usize, Vec<usize>) {
        let name = self.n_names;
        self.n_names += 1;
        (name, names.iter().copied().chain([name]).collect())
    }

    fn number(&mut self, names: &[usize], size: u32) -> Number {
        let small = |dice: &mut Dice| dice.below(6) - 2;
        if size == 0 || self.dice.below(3) == 0 {
            return match self.dice.below(6) {
                0 => Number::Literal(small(&mut self.dice)),
                1 => Number::Variable,
                _ => match self.dice.one_of(names) {
                    Some(name) => Number::Name(name),
                    None => Number::Literal(small(&mut self.dice)),
                },
            };
        }
        let size = size - 1;
        match self.dice.below(14) {
            0..=3 => {
                let other = Number::Literal(small(&mut self.dice));
                Number::Plus(Box::new(self.number(names, size)), Box::new(other))
            }
            4 => Number::Plus(Box::new(self.number(names, size)), Box::new(self.number(names, size))),
            5 | 6 => {
                let other = Number::Literal(small(&mut self.dice));
                Number::Minus(Box::new(self.number(names, size)), Box::new(other))
            }
            7 => Number::Minus(Box::new(self.number(names, size)), Box::new(self.number(names, size))),
            8 => {
                let by = self.dice.below(3) + 1;
                if self.dice.below(2) == 0 {
                    Number::Quotient(Box::new(self.number(names, size)), by)
                } else {
                    Number::Rest(Box::new(self.number(names, size)), by)
                }
            }
            9 => Number::If(
                Box::new(self.formula(names, size)),
                Box::new(self.number(names, size)),
                Box::new(self.number(names, size)),
            ),
            10 => Number::Either(Box::new(self.number(names, size)), Box::new(self.number(names, size))),
            11 => {
                let set = self.set(names, size);
                let (name, inner) = self.fresh(names);
                Number::Chosen(Box::new(set), name, Box::new(self.formula(&inner, size)))
            }
            12 => Number::Size(Box::new(self.set(names, size))),
            _ => {
                let low = small(&mut self.dice);
                let high = low + self.dice.below(4);
                let (name, inner) = self.fresh(names);
                let value = Box::new(self.number(&inner, size));
                Number::At(low, high, name, value, Box::new(self.number(names, size)))
            }
        }
    }

    fn set(&mut self, names: &[usize], size: u32) -> Set {
        if size == 0 {
            return if self.dice.below(2) == 0 { Set::Naturals } else { Set::Integers };
        }
        let size = size - 1;
        match self.dice.below(14) {
            0..=2 => Set::Naturals,
            3 => Set::Integers,
            4 | 5 => Set::Range(self.number(names, size), self.number(names, size)),
            6 => {
                let n = self.dice.below(2) + 1;
                Set::These((0..n).map(|_| self.number(names, size)).collect())
            }
            7..=9 => {
                let base = self.set(names, size);
                let (name, inner) = self.fresh(names);
                Set::Filter(Box::new(base), name, Box::new(self.formula(&inner, size)))
            }
            10 => {
                let base = self.set(names, size);
                let (name, inner) = self.fresh(names);
                Set::Images(Box::new(base), name, self.number(&inner, size))
            }
            11 => Set::Union(Box::new(self.set(names, size)), Box::new(self.set(names, size))),
            12 => Set::Intersection(Box::new(self.set(names, size)), Box::new(self.set(names, size))),
            _ => Set::Difference(Box::new(self.set(names, size)), Box::new(self.set(names, size))),
        }
    }

    fn formula(&mut self, names: &[usize], size: u32) -> Formula {
        if size == 0 {
            let (a, b) = (self.number(names, 1), self.number(names, 0));
            return if self.dice.below(3) == 0 { Formula::Equal(a, b) } else { Formula::Less(a, b) };
        }
        let size = size - 1;
        let part = |this: &mut Self| Box::new(this.formula(names, size));
        match self.dice.below(22) {
            0..=2 => Formula::Less(self.number(names, size + 1), self.number(names, size)),
            3 | 4 => Formula::Equal(self.number(names, size + 1), self.number(names, size)),
            5 | 6 => Formula::In(self.number(names, size), self.set(names, size)),
            7 => Formula::Same(self.set(names, size), self.set(names, size)),
            8 => Formula::Part(self.set(names, size), self.set(names, size)),
            9 => Formula::Finite(self.set(names, size)),
            10 => Formula::Not(part(self)),
            11 | 12 => Formula::And(part(self), part(self)),
            13 => Formula::Or(part(self), part(self)),
            14 => Formula::Implies(part(self), part(self)),
            15 => Formula::Iff(part(self), part(self)),
            n => {
                let set = self.set(names, size);
                let (name, inner) = self.fresh(names);
                let body = Box::new(self.formula(&inner, size));
                if n % 2 == 0 { Formula::All(name, set, body) } else { Formula::Some(name, set, body) }
            }
        }
    }

    /// A formula that begins with a quantifier over infinitely many numbers.
    fn quantified(&mut self, size: u32) -> Formula {
        let set = if self.dice.below(3) == 0 { self.set(&[], 2) } else { self.set(&[], 0) };
        let (name, inner) = self.fresh(&[]);
        let body = Box::new(self.formula(&inner, size));
        if self.dice.below(2) == 0 { Formula::All(name, set, body) } else { Formula::Some(name, set, body) }
    }
}

fn number_text(number: &Number) -> String {
    match number {
        Number::Literal(number) if *number < 0 => format!("(-{})", -number),
        Number::Literal(number) => number.to_string(),
        Number::Variable => "x".to_owned(),
        Number::Name(name) => format!("v{name}"),
        Number::Plus(a, b) => format!("({} + {})", number_text(a), number_text(b)),
        Number::Minus(a, b) => format!("({} - {})", number_text(a), number_text(b)),
        Number::Quotient(a, by) => format!("({} \\div {by})", number_text(a)),
        Number::Rest(a, by) => format!("({} % {by})", number_text(a)),
        Number::If(p, a, b) => {
            format!("(IF {} THEN {} ELSE {})", formula_text(p), number_text(a), number_text(b))
        }
        Number::Either(a, b) => format!("(CHOOSE w \\in {{{}, {}}} : TRUE)", number_text(a), number_text(b)),
        Number::Chosen(set, name, p) => {
            format!("(CHOOSE v{name} \\in {} : {})", set_text(set), formula_text(p))
        }
        Number::Size(set) => format!("Cardinality({})", set_text(set)),
        Number::At(low, high, name, value, at) => {
            let range = Set::Range(Number::Literal(*low), Number::Literal(*high));
            format!("[v{name} \\in {} |-> {}][{}]", set_text(&range), number_text(value), number_text(at))
        }
    }
}

fn set_text(set: &Set) -> String {
    match set {
        Set::Naturals => "Nat".to_owned(),
        Set::Integers => "Int".to_owned(),
        Set::Range(a, b) => format!("({} .. {})", number_text(a), number_text(b)),
        Set::These(items) => {
            let items: Vec<String> = items.iter().map(number_text).collect();
            format!("{{{}}}", items.join(", "))
        }
        Set::Filter(base, name, p) => format!("{{v{name} \\in {} : {}}}", set_text(base), formula_text(p)),
        Set::Images(base, name, image) => {
            format!("{{{} : v{name} \\in {}}}", number_text(image), set_text(base))
        }
        Set::Union(a, b) => format!("({} \\cup {})", set_text(a), set_text(b)),
        Set::Intersection(a, b) => format!("({} \\cap {})", set_text(a), set_text(b)),
        Set::Difference(a, b) => format!("({} \\ {})", set_text(a), set_text(b)),
    }
}

fn formula_text(formula: &Formula) -> String {
    let two = |a: &Formula, symbol: &str, b: &Formula| {
        format!("({} {symbol} {})", formula_text(a), formula_text(b))
    };
    match formula {
        Formula::Less(a, b) => format!("({} < {})", number_text(a), number_text(b)),
        Formula::Equal(a, b) => format!("({} = {})", number_text(a), number_text(b)),
        Formula::In(a, set) => format!("({} \\in {})", number_text(a), set_text(set)),
        Formula::Same(a, b) => format!("({} = {})", set_text(a), set_text(b)),
        Formula::Part(a, b) => format!("({} \\subseteq {})", set_text(a), set_text(b)),
        Formula::Finite(set) => format!("IsFiniteSet({})", set_text(set)),
        Formula::Not(a) => format!("~{}", formula_text(a)),
        Formula::And(a, b) => two(a, "/\\", b),
        Formula::Or(a, b) => two(a, "\\/", b),
        Formula::Implies(a, b) => two(a, "=>", b),
        Formula::Iff(a, b) => two(a, "<=>", b),
        Formula::All(name, set, p) => format!("(\\A v{name} \\in {} : {})", set_text(set), formula_text(p)),
        Formula::Some(name, set, p) => format!("(\\E v{name} \\in {} : {})", set_text(set), formula_text(p)),
    }
}

/// Why the plain reading has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Open {
    /// TLA+ does not say.
    Unspecified,
    /// It takes too long, or what is asked for may lie outside of the windows.
    Unknown,
}

type Answer<T> = Result<T, Open>;

/// The plain reading.
struct Plain {
    names: Vec<i64>,
    /// How many quantifiers are around.
    depth: usize,
    n_steps: u32,
}

/// How many numbers and members are asked for before it is given up.
const MAX_STEPS: u32 = 100_000;

impl Plain {
    /// The numbers that are tried here, from minus this to this.
    fn window(&self) -> i64 {
        [14, 40, 90, 180].get(self.depth).copied().unwrap_or(300)
    }

    fn step(&mut self) -> Answer<()> {
        self.n_steps += 1;
        if self.n_steps > MAX_STEPS { Err(Open::Unknown) } else { Ok(()) }
    }

    fn number(&mut self, number: &Number) -> Answer<i64> {
        self.step()?;
        Ok(match number {
            Number::Literal(number) => *number,
            Number::Variable => 1,
            Number::Name(name) => self.names[*name],
            Number::Plus(a, b) => self.number(a)? + self.number(b)?,
            Number::Minus(a, b) => self.number(a)? - self.number(b)?,
            Number::Quotient(a, by) => self.number(a)?.div_euclid(*by),
            Number::Rest(a, by) => self.number(a)?.rem_euclid(*by),
            Number::If(p, a, b) => {
                if self.formula(p)? {
                    self.number(a)?
                } else {
                    self.number(b)?
                }
            }
            Number::Either(a, b) => self.number(a)?.min(self.number(b)?),
            Number::Chosen(set, name, p) => {
                let window = self.window();
                let chosen = self.members(set, |this, _, k| {
                    this.names[*name] = k;
                    this.formula(p)
                })?;
                match (chosen.first(), chosen.last()) {
                    (Some(first), Some(last)) if *first > -window / 2 && *last < window / 2 => *first,
                    (None, _) | (_, None) => return Err(Open::Unspecified),
                    // Of infinitely many.
                    _ => chosen
                        .iter()
                        .find(|k| **k >= 0)
                        .or(chosen.last())
                        .copied()
                        .filter(|k| k.abs() < window / 2)
                        .ok_or(Open::Unknown)?,
                }
            }
            Number::Size(set) => {
                let members = self.members(set, |_, _, _| Ok(true))?;
                let window = self.window();
                if members.iter().any(|k| k.abs() >= window / 2) {
                    return Err(Open::Unknown);
                }
                i64::try_from(members.len()).map_err(|_| Open::Unknown)?
            }
            Number::At(low, high, name, value, at) => {
                let at = self.number(at)?;
                if at < *low || at > *high {
                    return Err(Open::Unspecified);
                }
                self.names[*name] = at;
                self.number(value)?
            }
        })
    }

    /// The members of a set in the window here that pass.
    fn members(
        &mut self,
        set: &Set,
        mut passes: impl FnMut(&mut Self, &Set, i64) -> Answer<bool>,
    ) -> Answer<Vec<i64>> {
        let window = self.window();
        let mut found = Vec::new();
        self.depth += 1;
        for k in -window..=window {
            let is_member = self.has(set, k).and_then(|has| Ok(has && passes(self, set, k)?));
            match is_member {
                Ok(true) => found.push(k),
                Ok(false) => {}
                Err(why) => {
                    self.depth -= 1;
                    return Err(why);
                }
            }
        }
        self.depth -= 1;
        Ok(found)
    }

    fn has(&mut self, set: &Set, k: i64) -> Answer<bool> {
        self.step()?;
        Ok(match set {
            Set::Naturals => k >= 0,
            Set::Integers => true,
            Set::Range(a, b) => self.number(a)? <= k && k <= self.number(b)?,
            Set::These(items) => {
                let mut open = None;
                for item in items {
                    match self.number(item) {
                        Ok(item) if item == k => return Ok(true),
                        Ok(_) => {}
                        Err(why) => open = Some(why),
                    }
                }
                open.map_or(Ok(false), Err)?
            }
            Set::Filter(base, name, p) => {
                let within = self.has(base, k);
                if within == Ok(false) {
                    return Ok(false);
                }
                self.names[*name] = k;
                both(within, self.formula(p))?
            }
            Set::Images(base, name, image) => {
                let window = self.window();
                self.depth += 1;
                let mut answer = Ok(false);
                for m in -window..=window {
                    let is_image = self.has(base, m).and_then(|has| {
                        self.names[*name] = m;
                        Ok(has && self.number(image)? == k)
                    });
                    answer = either(answer, is_image);
                    if answer == Ok(true) || answer == Err(Open::Unknown) {
                        break;
                    }
                }
                self.depth -= 1;
                answer?
            }
            Set::Union(a, b) => either(self.has(a, k), self.has(b, k))?,
            Set::Intersection(a, b) => both(self.has(a, k), self.has(b, k))?,
            Set::Difference(a, b) => both(self.has(a, k), self.has(b, k).map(|has| !has))?,
        })
    }

    /// Whether there is a number in the window of which this is true.
    fn some(&mut self, mut is_such: impl FnMut(&mut Self, i64) -> Answer<bool>) -> Answer<bool> {
        let window = self.window();
        self.depth += 1;
        let mut answer = Ok(false);
        for k in -window..=window {
            answer = either(answer, is_such(self, k));
            if answer == Ok(true) || answer == Err(Open::Unknown) {
                break;
            }
        }
        self.depth -= 1;
        answer
    }

    fn formula(&mut self, formula: &Formula) -> Answer<bool> {
        self.step()?;
        match formula {
            Formula::Less(a, b) => Ok(self.number(a)? < self.number(b)?),
            Formula::Equal(a, b) => Ok(self.number(a)? == self.number(b)?),
            Formula::In(a, set) => {
                match self.number(a) {
                    Ok(a) => self.has(set, a),
                    // Nothing is in the empty set, whatever it is.
                    Err(Open::Unspecified) if self.members(set, |_, _, _| Ok(true))?.is_empty() => Ok(false),
                    Err(why) => Err(why),
                }
            }
            Formula::Same(a, b) => {
                self.some(|this, k| Ok(this.has(a, k)? != this.has(b, k)?)).map(|differ| !differ)
            }
            Formula::Part(a, b) => {
                self.some(|this, k| Ok(this.has(a, k)? && !this.has(b, k)?)).map(|differ| !differ)
            }
            Formula::Finite(set) => {
                let window = self.window();
                Ok(self.members(set, |_, _, _| Ok(true))?.iter().all(|k| k.abs() < window / 2))
            }
            Formula::Not(a) => self.formula(a).map(|a| !a),
            Formula::And(a, b) => both(self.formula(a), self.formula(b)),
            Formula::Or(a, b) => either(self.formula(a), self.formula(b)),
            Formula::Implies(a, b) => either(self.formula(a).map(|a| !a), self.formula(b)),
            Formula::Iff(a, b) => Ok(self.formula(a)? == self.formula(b)?),
            Formula::All(name, set, p) => self
                .some(|this, k| {
                    let has = this.has(set, k);
                    if has == Ok(false) {
                        return has;
                    }
                    this.names[*name] = k;
                    both(has, this.formula(p).map(|p| !p))
                })
                .map(|fails| !fails),
            Formula::Some(name, set, p) => self.some(|this, k| {
                let has = this.has(set, k);
                if has == Ok(false) {
                    return has;
                }
                this.names[*name] = k;
                both(has, this.formula(p))
            }),
        }
    }
}

fn both(a: Answer<bool>, b: Answer<bool>) -> Answer<bool> {
    either(a.map(|a| !a), b.map(|b| !b)).map(|found| !found)
}

fn either(a: Answer<bool>, b: Answer<bool>) -> Answer<bool> {
    match (a, b) {
        (Ok(true), _) | (_, Ok(true)) => Ok(true),
        (Err(Open::Unknown), _) | (_, Err(Open::Unknown)) => Err(Open::Unknown),
        (Err(why), _) | (_, Err(why)) => Err(why),
        (Ok(false), Ok(false)) => Ok(false),
    }
}

/// Formulas that are made from this number; how many were answered both ways, and where the answers differ.
fn compare(seed: u64, n_formulas: usize, size: u32) -> (usize, Vec<String>) {
    let mut maker = Maker { dice: Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) + 1), n_names: 0 };
    let formulas: Vec<Formula> = (0..n_formulas).map(|_| maker.quantified(size)).collect();
    let texts: Vec<String> = formulas.iter().map(formula_text).collect();
    let expressions: Vec<&str> = texts.iter().map(String::as_str).collect();
    let world = world(&expressions, Choices::default());
    let evaluator = Evaluator::new(&world.module, &world.instance, Bounds::Strict);
    let moment = Moment { now: Some(&world.states[0]), next: Some(&world.states[1]) };
    let (mut n_compared, mut wrong) = (0, Vec::new());
    for (position, formula) in formulas.iter().enumerate() {
        let Ok(found) = evaluator.formula(&world.body(position), moment) else { continue };
        let mut plain = Plain { names: vec![0; maker.n_names], depth: 0, n_steps: 0 };
        let expected = plain.formula(formula);
        if expected == Err(Open::Unknown) {
            continue;
        }
        n_compared += 1;
        if expected != Ok(found) {
            wrong.push(format!("{}\n  is {found}, not {expected:?}", texts[position]));
        }
    }
    (n_compared, wrong)
}

#[test]
fn quantifiers_over_integers_mean_what_they_mean_where_numbers_end_late() {
    let (mut n_compared, mut wrong) = (0, Vec::new());
    for (seed, size) in [(1, 2), (2, 2), (3, 2), (4, 2), (5, 3), (6, 3)] {
        let (n, differences) = compare(seed, 150, size);
        n_compared += n;
        wrong.extend(differences);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(n_compared > 500, "{n_compared}");
}
