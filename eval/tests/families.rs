//! Sets with families against the integers that they are made of: a quantifier over the one says what a quantifier
//! over the others says, in random formulas; and variables that hold such sets.

use std::sync::Arc;

use eval::evaluate::{Bounds, Evaluator, Moment, Stuck, Why};
use eval::instance::Choices;
use eval::value::{State, Value};
use lang::ids::IdVec;

use self::support::{World, world};

#[path = "support/world.rs"]
mod support;

/// A generator of numbers that is the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }

    fn pick<'x>(&mut self, items: &[&'x str]) -> &'x str {
        items[usize::try_from(self.below(items.len() as u64)).expect("few")]
    }
}

/// A formula about families, and the same about numbers: of a pair `p<i>` in the one stand `k<i>` and `t<i>` in the
/// other, its number and what is beside it.
fn formula(random: &mut Random, depth: u64, n_bound: u64) -> (String, String) {
    // More of them, one in the other, take long.
    let is_bound = n_bound == 0 || (depth > 0 && n_bound < 2 && random.below(2) == 0);
    if is_bound {
        let quantifier = random.pick(&["\\A", "\\E"]);
        let (least, beside, extra) = (random.below(4), random.below(3), random.below(5));
        let (body, plain) = formula(random, depth.saturating_sub(1), n_bound + 1);
        let i = n_bound;
        let family =
            format!("{{<<k, {beside}>> : k \\in Nat \\ 0 .. {}}}", i64::try_from(least).expect("few") - 1);
        let numbers = format!("k{i} \\in Nat \\ 0 .. {}", i64::try_from(least).expect("few") - 1);
        // A pair that is in no family, or comes right before one.
        let other = (i64::try_from(extra).expect("few") - 1, random.below(3));
        let junction = if quantifier == "\\A" { "/\\" } else { "\\/" };
        let here =
            format!("({quantifier} p{i} \\in {family} \\cup {{<<{}, {}>>}} : {body})", other.0, other.1);
        let there = format!(
            "(({quantifier} {numbers} : LET t{i} == {beside} IN {plain}) {junction} \
             (LET k{i} == {} t{i} == {} IN {plain}))",
            other.0, other.1
        );
        return (here, there);
    }
    if depth > 0 && random.below(4) > 0 {
        let (a, b) = (formula(random, depth - 1, n_bound), formula(random, depth - 1, n_bound));
        return match random.below(4) {
            0 => (format!("({} /\\ {})", a.0, b.0), format!("({} /\\ {})", a.1, b.1)),
            1 => (format!("({} \\/ {})", a.0, b.0), format!("({} \\/ {})", a.1, b.1)),
            2 => (format!("({} => {})", a.0, b.0), format!("({} => {})", a.1, b.1)),
            _ => (format!("~{}", a.0), format!("~{}", a.1)),
        };
    }
    let mut term = |is_number: bool| {
        if n_bound == 0 || random.below(4) == 0 {
            let number = random.below(6).to_string();
            return (number.clone(), number);
        }
        let i = random.below(n_bound);
        if is_number || random.below(3) > 0 {
            let by = random.below(4);
            let sign = random.pick(&["+", "-"]);
            (format!("p{i}[1] {sign} {by}"), format!("k{i} {sign} {by}"))
        } else {
            (format!("p{i}[2]"), format!("t{i}"))
        }
    };
    let (a, b) = (term(true), term(false));
    let comparison = random.pick(&["<", "=", "=<", ">", "#"]);
    (format!("({} {comparison} {})", a.0, b.0), format!("({} {comparison} {})", a.1, b.1))
}

#[test]
fn families_are_quantified_over_like_numbers() {
    let mut random = Random(1);
    let pairs: Vec<(String, String)> = (0..400).map(|_| formula(&mut random, 3, 0)).collect();
    let texts: Vec<&str> = pairs.iter().flat_map(|(a, b)| [a.as_str(), b.as_str()]).collect();
    let world = world(&texts, Choices::default());
    let evaluator = Evaluator::new(&world.module, &world.instance, Bounds::Strict);
    let truth = |position: usize| evaluator.formula(&world.body(position), Moment::default());
    let (mut n_true, mut n_false) = (0, 0);
    for (position, (here, there)) in pairs.iter().enumerate() {
        let (a, b) = (truth(2 * position), truth(2 * position + 1));
        if let (Ok(a), Ok(b)) = (&a, &b) {
            assert_eq!(a, b, "{here}\n{there}");
            if *a { n_true += 1 } else { n_false += 1 }
        }
        let is_open = |truth: &Result<bool, Stuck>| matches!(truth, Err(Stuck { why: Why::Infinite, .. }));
        assert!(!is_open(&a) && !is_open(&b), "{here} {a:?}\n{there} {b:?}");
    }
    assert!(n_true > 50 && n_false > 50, "{n_true} true, {n_false} false");
}

/// The state with the value of an expression for `msgs`.
fn with_messages(world: &World, position: usize) -> State {
    let evaluator = Evaluator::new(&world.module, &world.instance, Bounds::Strict);
    let messages = evaluator.value(&world.body(position), Moment::default()).expect("a value");
    let mut state = IdVec::new();
    for (symbol, value) in world.module.variables.iter().zip(&*world.states[0]) {
        state.push(if symbol.name == "msgs" { messages.clone() } else { value.clone() });
    }
    Arc::new(state)
}

#[test]
fn variables_hold_families() {
    let all = "{[type |-> \"1a\", bal |-> k] : k \\in Nat}";
    let one = "{[type |-> \"2b\", bal |-> 9, acc |-> A1, val |-> V1]}";
    let texts = [
        format!("{all} \\cup {one}"),
        "\\A b \\in Nat : \\E m \\in msgs : m.type = \"1a\" /\\ m.bal = b".to_owned(),
        "\\E b \\in Nat : b > 9 /\\ Voted(A1, V1, b)".to_owned(),
        "Voted(A1, V1, 9)".to_owned(),
        "CHOOSE b \\in Nat : ~ \\E m \\in msgs : m.bal = b".to_owned(),
        "msgs \\subseteq [type : {\"1a\"}, bal : Nat] \\cup [type : {\"2b\"}, bal : Nat, acc : A, val : V]".to_owned(),
        "msgs \\subseteq [type : {\"1a\"}, bal : Nat \\ {99}] \\cup [type : {\"2b\"}, bal : Nat, acc : A, val : V]"
            .to_owned(),
        "IsFiniteSet(msgs)".to_owned(),
        format!("msgs \\ {one} = {all}"),
        "Cardinality({m \\in msgs : m.bal < 3 \\/ m.type = \"2b\"})".to_owned(),
        "\\A m \\in msgs : m.bal * m.bal # 50".to_owned(),
        "\\A m \\in msgs : m.acc = A1".to_owned(),
        "UNCHANGED msgs".to_owned(),
    ];
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let world = world(&texts, Choices::default());
    let infinite = with_messages(&world, 0);
    // One evaluator for all: what it knows of finite states must not be believed of the others, and the other way.
    let evaluator = Evaluator::new(&world.module, &world.instance, Bounds::Strict);
    let value = |position: usize, state: &State| {
        evaluator.value(&world.body(position), Moment { now: Some(state), next: Some(&infinite) })
    };
    let truth = |truth: bool| Ok(Value::Bool(truth));
    let why = |value: Result<Value, Stuck>| value.map_err(|stuck| stuck.why);
    for _ in 0..2 {
        let finite = |position| why(value(position, &world.states[0]));
        let lasting = |position| why(value(position, &infinite));
        assert_eq!((finite(1), lasting(1)), (truth(false), truth(true)));
        assert_eq!((finite(2), lasting(2)), (truth(false), truth(false)));
        assert_eq!((finite(3), lasting(3)), (truth(false), truth(true)));
        assert_eq!((finite(4), lasting(4)), (Ok(Value::Int(1)), Err(Why::Unspecified)));
        assert_eq!((finite(5), lasting(5)), (truth(true), truth(true)));
        assert_eq!((finite(6), lasting(6)), (truth(true), truth(false)));
        assert_eq!((finite(7), lasting(7)), (truth(true), truth(false)));
        assert_eq!((finite(8), lasting(8)), (truth(false), truth(true)));
        assert_eq!((finite(9), lasting(9)), (Ok(Value::Int(2)), Ok(Value::Int(4))));
        assert_eq!((finite(10), lasting(10)), (truth(true), Err(Why::Infinite)));
        assert_eq!((finite(11), lasting(11)), (Err(Why::Unspecified), Err(Why::Unspecified)));
        assert_eq!((finite(12), lasting(12)), (truth(false), truth(true)));
    }
}
