//! What a conclusion about behaviours says of a first state and of a step, how a step looks to an abstract
//! specification, and which states refute a refinement.

use eval::behaviour;
use eval::evaluate::behaviours::View;
use eval::evaluate::{Bounds, Evaluator, Moment, Stuck, Why};
use eval::image::{Image, image};
use eval::instance::{Choices, Instance};
use eval::replay::{Counterexample, Part, Replay, Subject, replay};
use eval::value::{State, Value};
use lang::ast;
use lang::check::check_sorts;
use lang::ids::IdVec;
use lang::parse::parse;
use lang::resolve::{Lost, resolve};
use lang::source::SourceMap;
use lang::typed::{Expr, Fact, Module};

const LIBRARY: [&str; 2] =
    [include_str!("../../stdlib/Naturals.pax"), include_str!("../../stdlib/Integers.pax")];

/// The abstract specification counts up to 3, and from 1 or 2 it may go back to 0.
const TEXT: &str = r"
---- MODULE Test ----
EXTENDS Integers
---- MODULE Inner ----
VARIABLE v
Init == v = 0
Up == v < 3 /\ v' = v + 1
Reset(k) == k = v /\ v' = 0
Next == Up \/ \E k \in 1..2 : Reset(k)
Spec == Init /\ [][Next]_v
====
VARIABLES x, y
Init == x = 0 /\ y = 0
Step == x' \in 0..9 /\ y' \in 0..1
Spec == Init /\ [][Step]_<<x, y>>
I == INSTANCE Inner WITH v <- x
J(n) == INSTANCE Inner WITH v <- x + n
THEOREM Low == Spec => [](y >= 0)
THEOREM Refines == Spec => I!Spec
THEOREM Outside == \A n \in 0..1 : Spec => J(n)!Spec
THEOREM Inside == Spec => \A n \in 0..1 : J(n)!Spec
THEOREM Formula == x >= 0
====
";

struct World {
    module: Module,
    instance: Instance,
}

impl World {
    fn new() -> Self {
        let mut sources = SourceMap::default();
        let mut standard = |text: &&str| {
            let module = parse(sources.add("library", *text), text).value;
            ast::Module { standard: true, ..module }
        };
        let library: Vec<ast::Module> = LIBRARY.iter().map(&mut standard).collect();
        let parsed = parse(sources.add("test", TEXT), TEXT);
        let resolved = resolve(&parsed.value, &library, Lost::default());
        let checked = check_sorts(&resolved.value);
        let problems = [parsed.diagnostics, resolved.diagnostics, checked.diagnostics].concat();
        assert_eq!(problems, Vec::new());
        let (sizes, constants) = (IdVec::new(), IdVec::new());
        let instance = Instance { sizes, constants, integers: -1..=9, choices: Choices::default() };
        Self { module: checked.value, instance }
    }

    fn position(&self, theorem: &str) -> usize {
        self.module.facts.iter().position(|fact| fact.name == theorem).expect("a theorem")
    }

    fn fact(&self, theorem: &str) -> &Fact {
        &self.module.facts[self.position(theorem)]
    }

    fn conclusion(&self, theorem: &str) -> Expr {
        behaviour::refinement(&self.module, self.fact(theorem)).expect("a refinement").conclusion
    }

    fn seen(&self, theorem: &str, view: View, states: [(i64, i64); 2]) -> Result<bool, Stuck> {
        let [before, after] = states.map(state);
        let evaluator = Evaluator::new(&self.module, &self.instance, Bounds::Strict);
        let moment = Moment { now: Some(&before), next: Some(&after) };
        evaluator.seen(&self.conclusion(theorem), view, moment)
    }

    fn image(&self, theorem: &str, states: [(i64, i64); 2]) -> Option<Image> {
        let [before, after] = states.map(state);
        let evaluator = Evaluator::new(&self.module, &self.instance, Bounds::Strict);
        let moment = Moment { now: Some(&before), next: Some(&after) };
        image(&self.module, &evaluator, &self.conclusion(theorem), moment)
    }

    /// `confirmed`, or the part that is not as it should be.
    fn replay(
        &self,
        theorem: &str,
        subject: Subject,
        before: (i64, i64),
        after: Option<(i64, i64)>,
    ) -> String {
        let states = Counterexample {
            instance: self.instance.clone(),
            before: Some(state(before)),
            after: after.map(state),
        };
        match replay(&self.module, self.position(theorem), subject, &states) {
            Replay::Confirmed { falsified } => {
                assert_eq!(falsified.len(), 1, "{theorem}");
                "confirmed".to_owned()
            }
            Replay::Denied { part, .. } => match part {
                Part::Assumption => "assumption",
                Part::Before => "before",
                Part::Step => "step",
                Part::Claim => "claim",
            }
            .to_owned(),
            Replay::Open { stuck } => format!("open: {stuck:?}"),
        }
    }
}

/// A state with these values of `x` and `y`.
fn state((x, y): (i64, i64)) -> State {
    let mut values = IdVec::new();
    values.push(Value::Int(x));
    values.push(Value::Int(y));
    State::new(values)
}

#[test]
fn the_form_of_a_refinement() {
    let world = World::new();
    for theorem in ["Refines", "Outside", "Inside"] {
        let found = behaviour::refinement(&world.module, world.fact(theorem)).expect(theorem);
        assert_eq!((found.behaviour.init.len(), found.behaviour.next.len()), (1, 1), "{theorem}");
        assert!(behaviour::claim(&world.module, world.fact(theorem)).is_none(), "{theorem}");
    }
    assert!(behaviour::refinement(&world.module, world.fact("Formula")).is_none());
    assert!(behaviour::specification(&world.module, world.fact("Formula")).is_none());
    for theorem in ["Low", "Refines", "Outside"] {
        assert!(behaviour::specification(&world.module, world.fact(theorem)).is_some(), "{theorem}");
    }
}

#[test]
fn what_is_said_of_a_first_state() {
    let world = World::new();
    let seen = |theorem, x| world.seen(theorem, View::First, [(x, 0), (9, 9)]);
    assert_eq!(seen("Refines", 0), Ok(true));
    assert_eq!(seen("Refines", 1), Ok(false));
    for theorem in ["Outside", "Inside"] {
        assert_eq!(seen(theorem, 0), Ok(false), "{theorem}");
    }
}

#[test]
fn what_is_said_of_a_step() {
    let world = World::new();
    let seen = |theorem, before, after| world.seen(theorem, View::Step, [before, after]);
    assert_eq!(seen("Refines", (0, 0), (1, 0)), Ok(true));
    assert_eq!(seen("Refines", (2, 0), (0, 1)), Ok(true));
    // Nothing changes that the abstract specification sees.
    assert_eq!(seen("Refines", (9, 0), (9, 1)), Ok(true));
    assert_eq!(seen("Refines", (0, 0), (2, 0)), Ok(false));
    assert_eq!(seen("Refines", (3, 0), (0, 0)), Ok(false));
    for theorem in ["Outside", "Inside"] {
        assert_eq!(seen(theorem, (1, 0), (2, 0)), Ok(true), "{theorem}");
        assert_eq!(seen(theorem, (2, 0), (3, 0)), Ok(false), "{theorem}");
    }
}

#[test]
fn what_speaks_of_all_states_is_stuck() {
    let world = World::new();
    for view in [View::First, View::Step] {
        let found = world.seen("Low", view, [(0, 0), (1, 0)]);
        assert!(matches!(found, Err(Stuck { why: Why::Temporal, .. })), "{found:?}");
    }
}

#[test]
fn the_image_of_a_step() {
    let world = World::new();
    assert!(world.image("Refines", [(0, 0), (1, 0)]).is_none());
    assert!(world.image("Refines", [(5, 0), (5, 1)]).is_none());
    let found = world.image("Refines", [(2, 0), (1, 1)]).expect("no abstract step");
    assert!(found.parameters.is_empty());
    let [watched] = found.components.as_slice() else { panic!("{:?}", found.components) };
    assert_eq!((&watched.before, &watched.after), (&Some(Value::Int(2)), &Some(Value::Int(1))));
    let refusals: Vec<(&str, usize)> =
        found.refusals.iter().map(|refusal| (refusal.action.as_str(), refusal.number)).collect();
    // `Up` may happen but comes to 3; `Reset` may for 2, and comes to 0.
    assert_eq!(refusals, [("I!Up", 2), ("I!Reset", 2)]);
    let arguments: Vec<&Value> = found.refusals[1].arguments.iter().map(|(_, value)| value).collect();
    assert_eq!(arguments.first(), Some(&&Value::Int(2)));
}

#[test]
fn the_image_under_one_of_many_mappings() {
    let world = World::new();
    // With 0 it is a step from 2 to 3, with 1 one from 3 to 4, which is none.
    let found = world.image("Inside", [(2, 0), (3, 0)]).expect("no abstract step");
    let values: Vec<&Value> = found.parameters.iter().map(|(_, value)| value).collect();
    assert_eq!(values, [&Value::Int(1)]);
    assert_eq!(found.components[0].after, Some(Value::Int(4)));
}

#[test]
fn states_that_refute_a_refinement() {
    let world = World::new();
    let step = |theorem, before, after| world.replay(theorem, Subject::Simulation, before, Some(after));
    assert_eq!(step("Refines", (3, 0), (0, 0)), "confirmed");
    assert_eq!(step("Outside", (2, 0), (3, 0)), "confirmed");
    assert_eq!(step("Refines", (0, 0), (1, 0)), "claim");
    assert_eq!(step("Refines", (3, 0), (3, 1)), "claim");
    // `Low` is known before; and the step has to be one.
    assert_eq!(step("Refines", (3, -1), (0, 0)), "before");
    assert_eq!(step("Refines", (3, 0), (10, 0)), "step");
    let first = |theorem, state| world.replay(theorem, Subject::Initiation, state, None);
    assert_eq!(first("Refines", (0, 0)), "claim");
    assert_eq!(first("Refines", (1, 0)), "before");
    assert_eq!(first("Inside", (0, 0)), "confirmed");
}
