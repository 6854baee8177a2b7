//! A small module with constants, variables and two states, for tests of the evaluator.

use std::collections::BTreeMap;
use std::sync::Arc;

use eval::evaluate::{Bounds, Evaluator, Moment};
use eval::instance::{Choices, Constant, Instance};
use eval::value::{State, Value};
use lang::ast;
use lang::check::check_sorts;
use lang::ids::IdVec;
use lang::parse::parse;
use lang::resolve::{Lost, resolve};
use lang::sort::SortId;
use lang::source::SourceMap;
use lang::typed::{Expr, Module};

const LIBRARY: [&str; 6] = [
    include_str!("../../../stdlib/Naturals.pax"),
    include_str!("../../../stdlib/Integers.pax"),
    include_str!("../../../stdlib/FiniteSets.pax"),
    include_str!("../../../stdlib/Sequences.pax"),
    include_str!("../../../stdlib/TLC.pax"),
    include_str!("../../../stdlib/Bags.pax"),
];

/// The typed tree of a module.
pub(crate) fn module(body: &str) -> Module {
    let mut sources = SourceMap::default();
    let mut standard = |text: &&str| {
        let module = parse(sources.add("library", *text), text).value;
        ast::Module { standard: true, ..module }
    };
    let library: Vec<ast::Module> = LIBRARY.iter().map(&mut standard).collect();
    let text =
        format!("---- MODULE Test ----\nEXTENDS Integers, FiniteSets, Sequences, TLC, Bags\n{body}\n====\n");
    let parsed = parse(sources.add("test", text.as_str()), &text);
    let resolved = resolve(&parsed.value, &library, Lost::default());
    let checked = check_sorts(&resolved.value);
    let problems = [parsed.diagnostics, resolved.diagnostics, checked.diagnostics].concat();
    assert_eq!(problems, Vec::new(), "{body}");
    checked.value
}

/// What the expressions are about. The sort of acceptors has three elements, `None` is a value.
pub(crate) const DECLARATIONS: &str = r#"
CONSTANTS A, V, None, n, Twice(_), Sets
VARIABLES x, f, msgs, seq, rec
ASSUME n \in Int /\ Twice(n) \in Int /\ None \notin V /\ Sets \subseteq SUBSET A
Typing ==
  /\ x \in Int /\ f \in [A -> Int] /\ seq \in Seq(Int)
  /\ msgs \subseteq [type : {"1a"}, bal : Nat] \cup [type : {"2b"}, bal : Nat, acc : A, val : V]
  /\ rec \in [a : Int, b : SUBSET Int]
LEMMA Typing
RECURSIVE Sum(_), Loop(_)
Sum(S) == IF S = {} THEN 0 ELSE LET y == CHOOSE y \in S : TRUE IN y + Sum(S \ {y})
Loop(k) == IF k < 0 THEN 0 ELSE Loop(k + 1)
fact[k \in Nat] == IF k = 0 THEN 1 ELSE k * fact[k - 1]
Maximum(B) == CHOOSE b \in B : \A c \in B : b >= c
Second(a, b) == b
Voted(a, v, b) == \E m \in msgs : m.type = "2b" /\ m.bal = b /\ m.acc = a /\ m.val = v
Ballots == Nat
"#;

fn instance(module: &Module, choices: Choices) -> Instance {
    let sort = |name: &str| -> SortId {
        let mut sorts = module.sorts.uninterpreted.iter_enumerated();
        sorts.find(|(_, (own, _))| own == name).expect("a sort").0
    };
    let (acceptors, values) = (sort("A"), sort("V"));
    let element = |sort, n| Value::Element(sort, n);
    let mut sizes = IdVec::new();
    for id in module.sorts.uninterpreted.ids() {
        sizes.push(if id == acceptors || id == values { 3 } else { 1 });
    }
    let all = Value::set((0..3).map(|n| element(acceptors, n)));
    let pair = Value::set([element(acceptors, 0), element(acceptors, 1)]);
    let mut constants = IdVec::new();
    for symbol in &module.constants {
        constants.push(match symbol.name.as_str() {
            "A" => Constant::Value(all.clone()),
            "V" => Constant::Value(Value::set([element(values, 0), element(values, 1)])),
            "None" => Constant::Value(element(values, 2)),
            "n" => Constant::Value(Value::Int(7)),
            "Sets" => Constant::Value(Value::set([all.clone(), pair.clone()])),
            _ => Constant::Operator {
                entries: BTreeMap::from([(vec![Value::Int(7)], Value::Int(14))]),
                otherwise: Value::Int(0),
            },
        });
    }
    Instance { sizes, constants, integers: -1..=3, choices }
}

/// The value of an expression in no state, for setting up states.
fn constant(module: &Module, instance: &Instance, name: &str) -> Value {
    let operator = module.operators.iter().find(|operator| operator.name == name).expect("an operator");
    Evaluator::new(module, instance, Bounds::Strict)
        .value(&operator.body, Moment::default())
        .expect("a value")
}

pub(crate) struct World {
    pub(crate) module: Module,
    pub(crate) instance: Instance,
    pub(crate) states: [State; 2],
}

/// Two states, and the expressions as operators `E0`, `E1`, ...
pub(crate) fn world(expressions: &[&str], choices: Choices) -> World {
    use std::fmt::Write as _;
    let mut body = DECLARATIONS.to_owned();
    body.push_str(
        r#"
A1 == CHOOSE a \in A : TRUE
V1 == CHOOSE v \in V : TRUE
X0 == 1
F0 == [a \in A |-> IF a = A1 THEN -1 ELSE 2]
M0 == {[type |-> "1a", bal |-> 0], [type |-> "2b", bal |-> 2, acc |-> A1, val |-> V1]}
S0 == <<5, 1, 3>>
R0 == [a |-> 1, b |-> {2, 3}]
X1 == 2
F1 == [F0 EXCEPT ![A1] = 3]
M1 == M0 \cup {[type |-> "1a", bal |-> 3]}
S1 == <<>>
R1 == [R0 EXCEPT !.a = 9]
LEMMA x = X0 /\ f = F0 /\ msgs = M0 /\ seq = S0 /\ rec = R0 /\ x = X1 /\ f = F1 /\ msgs = M1 /\ seq = S1 /\ rec = R1
"#,
    );
    for (position, expression) in expressions.iter().enumerate() {
        let _ = writeln!(body, "E{position} == {expression}");
    }
    let module = module(&body);
    let instance = instance(&module, choices);
    let plain = Instance { choices: Choices::default(), ..instance.clone() };
    let state = |n: usize| -> State {
        let names = ["X", "F", "M", "S", "R"];
        let mut state = IdVec::new();
        for name in names {
            state.push(constant(&module, &plain, &format!("{name}{n}")));
        }
        Arc::new(state)
    };
    let states = [state(0), state(1)];
    World { module, instance, states }
}

impl World {
    pub(crate) fn body(&self, position: usize) -> Expr {
        let name = format!("E{position}");
        let operator = self.module.operators.iter().find(|operator| operator.name == name);
        operator.unwrap_or_else(|| panic!("{name} has no sort")).body.clone()
    }
}
