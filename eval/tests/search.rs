//! Successors, searches and traces of small modules, whose numbers of states are known.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use eval::behaviour::{self, Behaviour};
use eval::evaluate::Why;
use eval::instance::{Instance, Sizes, instances};
use eval::replay::{Counterexample, Part, Replay, Subject, earlier_invariants, replay};
use eval::search::symmetry::Symmetry;
use eval::search::{
    Confirmation, End, Found, Limit, Limits, Predicate, Reach, Task, Trace, Walks, confirm,
    default_predicates, is_reachable, search, walk,
};
use eval::show::Names;
use eval::successors::{Label, Stepper, Steps, Trouble};
use eval::value::Value;
use lang::ast;
use lang::check::check_sorts;
use lang::ids::IdVec;
use lang::parse::parse;
use lang::resolve::{Lost, resolve};
use lang::source::{SourceMap, Span};
use lang::typed::Module;

const LIBRARY: [&str; 5] = [
    include_str!("../../stdlib/Naturals.pax"),
    include_str!("../../stdlib/Integers.pax"),
    include_str!("../../stdlib/FiniteSets.pax"),
    include_str!("../../stdlib/Sequences.pax"),
    include_str!("../../stdlib/TLC.pax"),
];

/// The typed tree of a module.
fn module(text: &str) -> Module {
    let mut sources = SourceMap::default();
    let mut standard = |text: &&str| {
        let module = parse(sources.add("library", *text), text).value;
        ast::Module { standard: true, ..module }
    };
    let library: Vec<ast::Module> = LIBRARY.iter().map(&mut standard).collect();
    let parsed = parse(sources.add("test", text), text);
    let resolved = resolve(&parsed.value, &library, Lost::default());
    let checked = check_sorts(&resolved.value);
    let problems = [parsed.diagnostics, resolved.diagnostics, checked.diagnostics].concat();
    assert_eq!(problems, Vec::new(), "{text}");
    checked.value
}

/// A module with these declarations.
fn small(body: &str) -> Module {
    module(&format!("---- MODULE Test ----\nEXTENDS Integers, FiniteSets, Sequences\n{body}\n====\n"))
}

/// A module, its behaviour, and its first instance.
struct World {
    module: Module,
    behaviour: Behaviour,
    instance: Instance,
}

impl World {
    fn new(module: Module, size: impl Fn(&str) -> u32, integers: std::ops::RangeInclusive<i64>) -> Self {
        let behaviour = behaviour::of_module(&module).expect("a behaviour");
        let mut sizes = Sizes::all(&module, 2, integers);
        for (sort, (name, _)) in module.sorts.uninterpreted.iter_enumerated() {
            sizes.members[sort] = size(name);
        }
        let instance = instances(&module, &sizes).next().expect("an instance").instance;
        Self { module, behaviour, instance }
    }

    fn small(body: &str) -> Self {
        Self::new(small(body), |_| 3, 0..=3)
    }

    fn symmetry(&self) -> Symmetry {
        let predicates = default_predicates(&self.module, &self.behaviour);
        let actions = self.behaviour.next.iter().map(|(action, _)| action);
        let formulas: Vec<_> = self
            .behaviour
            .init
            .iter()
            .chain(actions)
            .chain(predicates.iter().map(|predicate| &predicate.formula))
            .collect();
        Symmetry::of(&self.module, &self.instance, &formulas)
    }

    fn search(&self, symmetry: &Symmetry, n_threads: usize) -> Found {
        let steps = Steps::new(&self.module, &self.behaviour);
        let predicates = default_predicates(&self.module, &self.behaviour);
        let task = Task { steps: &steps, instance: &self.instance, predicates: &predicates };
        search(task, symmetry, LIMITS, n_threads)
    }

    /// The next states of the only initial state, as text, with the steps to them.
    fn steps(&self) -> Result<Vec<String>, Trouble> {
        let steps = Steps::new(&self.module, &self.behaviour);
        let stepper = Stepper::new(&steps, &self.instance);
        let initial = stepper.initial()?;
        assert_eq!(initial.len(), 1, "{initial:?}");
        let names = Names::new(&self.module, &self.instance);
        let found = stepper.successors(&initial[0])?;
        Ok(found
            .iter()
            .map(|transition| {
                let state = names.state(&transition.state).join(" ");
                format!("{}: {state}", shown(&names, &steps.label(transition)))
            })
            .collect())
    }
}

fn shown(names: &Names<'_>, label: &Label) -> String {
    let mut text = label.action.clone();
    for (name, value) in label.args.iter().chain(&label.taken) {
        let _ = write!(text, " {name}={}", names.value(value));
    }
    text
}

const LIMITS: Limits<'_> = Limits { states: 1_000_000, depth: usize::MAX, stop: &|| None };

/// The steps of a module with the variables `x` and `y`, both 0 at first.
fn steps(next: &str) -> Result<Vec<String>, Trouble> {
    let text = format!(
        "VARIABLES x, y\nInit == x = 0 /\\ y = 0\n{next}\nTHEOREM Init /\\ [][Next]_<<x, y>> => [](x \\in Int /\\ y \\in Int)"
    );
    World::small(&text).steps()
}

#[test]
fn actions_are_read_as_ways_to_step() {
    let table: &[(&str, &[&str])] = &[
        // Guards, and the order of conjuncts.
        ("Next == x = 0 /\\ x' = 1 /\\ y' = 2", &["Next: /\\ x = 1 /\\ y = 2"]),
        ("Next == x = 1 /\\ x' = 1 /\\ y' = 2", &[]),
        ("Next == y' = x' + 1 /\\ x' = 1", &["Next: /\\ x = 1 /\\ y = 2"]),
        (
            "Next == x' > 1 /\\ x' \\in 0..3 /\\ y' = x'",
            &["Next: /\\ x = 2 /\\ y = 2", "Next: /\\ x = 3 /\\ y = 3"],
        ),
        ("Next == x' = 1 /\\ x' = 2 /\\ y' = 0", &[]),
        ("Next == 1 = x' /\\ x' \\in {1, 2} /\\ UNCHANGED y", &["Next: /\\ x = 1 /\\ y = 0"]),
        // What has no value matters only if nothing else is false.
        ("Next == x' = 1 \\div x /\\ x # 0 /\\ UNCHANGED y", &[]),
        // Choices.
        (
            "Next == UNCHANGED y /\\ (x' = 1 \\/ x' = 2 \\/ x' = 1)",
            &["Next: /\\ x = 1 /\\ y = 0", "Next: /\\ x = 2 /\\ y = 0"],
        ),
        (
            "A(n) == x' = n /\\ y' = y\nB == UNCHANGED <<x, y>>\nNext == (\\E n \\in {1, 2} : A(n)) \\/ B",
            &["A n=1: /\\ x = 1 /\\ y = 0", "A n=2: /\\ x = 2 /\\ y = 0", "B: /\\ x = 0 /\\ y = 0"],
        ),
        (
            "A == \\E n, m \\in {1, 2} : n < m /\\ x' = n /\\ y' = m\nNext == A",
            &["A n=1 m=2: /\\ x = 1 /\\ y = 2"],
        ),
        (
            "Next == \\E n \\in Nat : n > 1 /\\ x' = n /\\ y' = y",
            &["Next n=2: /\\ x = 2 /\\ y = 0", "Next n=3: /\\ x = 3 /\\ y = 0"],
        ),
        (
            "Next == (x' = 1 /\\ y = 0 /\\ y' = y) \\/ (y' = 7 /\\ x' = x)",
            &["Next.1: /\\ x = 1 /\\ y = 0", "Next.2: /\\ x = 0 /\\ y = 7"],
        ),
        // IF, CASE, implication, universal quantifiers.
        (
            "Next == (IF x = 0 THEN x' = 5 ELSE x' = 6) /\\ y' = IF x' = 5 THEN 1 ELSE 2",
            &["Next: /\\ x = 5 /\\ y = 1"],
        ),
        (
            "Next == CASE x = 1 -> x' = 1 /\\ y' = 1 [] x = 0 -> x' = 3 /\\ y' = 0",
            &["Next: /\\ x = 3 /\\ y = 0"],
        ),
        ("Next == (x = 0 => x' = 4) /\\ y' = 0", &["Next: /\\ x = 4 /\\ y = 0"]),
        ("Next == x' \\in 0..2 /\\ (\\A n \\in {0, 1} : x' # n) /\\ y' = 0", &["Next: /\\ x = 2 /\\ y = 0"]),
        // LET, operators around assignments, arguments that speak of the next state.
        ("Next == LET z == x + 3 IN x' = z /\\ y' = z", &["Next: /\\ x = 3 /\\ y = 3"]),
        ("Set(n) == x' = n\nNext == Set(x + 2) /\\ UNCHANGED y", &["Next: /\\ x = 2 /\\ y = 0"]),
        ("Both(a, b) == a /\\ b\nNext == Both(x' = 1, y' = x')", &["Both: /\\ x = 1 /\\ y = 1"]),
        (
            "If(p, a) == IF p THEN x' = a ELSE x' = 8\nNext == If(x # 0, 1 \\div x) /\\ y' = y",
            &["Next: /\\ x = 8 /\\ y = 0"],
        ),
        ("Same(a, b) == a = b\nNext == Same(x', 9) /\\ Same(y', x')", &["Next: /\\ x = 9 /\\ y = 9"]),
        // UNCHANGED of tuples and of names for them; tuples side by side.
        ("vars == <<x, y>>\nNext == UNCHANGED vars", &["Next: /\\ x = 0 /\\ y = 0"]),
        ("vars == <<x, y>>\nNext == vars' = <<1, 2>>", &["Next: /\\ x = 1 /\\ y = 2"]),
        ("Next == <<x', y'>> = <<y, 5>>", &["Next: /\\ x = 0 /\\ y = 5"]),
        ("Even == x % 2 = 0\nNext == x' \\in 1..2 /\\ y' = 0 /\\ Even'", &["Next: /\\ x = 2 /\\ y = 0"]),
    ];
    for (next, expected) in table {
        let found = steps(next).unwrap_or_else(|trouble| panic!("{next}\n{trouble:?}"));
        assert_eq!(found, *expected, "{next}");
    }
}

#[test]
fn a_variable_without_a_value_is_an_error_at_its_place() {
    let table = [
        ("Next == x' = 1", "y", false),
        ("A == x' = 1\nNext == A \\/ (x' = 1 /\\ y' = 1)", "y", false),
        ("Next == x' > 3 /\\ y' = 1", "x", true),
        ("Next == x' = y' /\\ y' = x'", "y", true),
        ("Next == UNCHANGED x", "y", false),
    ];
    for (next, variable, is_read) in table {
        let world = World::small(&format!(
            "VARIABLES x, y\nInit == x = 0 /\\ y = 0\n{next}\nTHEOREM Init /\\ [][Next]_<<x, y>> => [](x + y >= 0)"
        ));
        match world.steps() {
            Err(Trouble::NotAssigned { variable: found, read_at, .. }) => {
                assert_eq!(world.module.variables[found].name, variable, "{next}");
                assert_eq!(read_at.is_some(), is_read, "{next}");
            }
            other => panic!("{next}\n{other:?}"),
        }
    }
}

#[test]
fn a_subscript_that_leaves_variables_out_lets_them_change_in_any_way() {
    let world = World::small(
        "VARIABLES x, y\nInit == x = 0 /\\ y = 0\nNext == x' = 1 - x /\\ y' = y\nTHEOREM Init /\\ [][Next]_x => [](x + y >= 0)",
    );
    assert!(matches!(world.steps(), Err(Trouble::NotAssigned { .. })));
}

#[test]
fn a_step_that_is_none_of_a_box_waits_for_its_subscript() {
    // `y` gets its value last; what `[A]_y` says depends on it.
    let table: &[(&str, &[&str])] = &[
        ("Next == x' = 1 /\\ ~[x' = 3]_y /\\ y' = y", &[]),
        ("Next == x' = 1 /\\ ~[x' = 3]_y /\\ y' = 1", &["Next: /\\ x = 1 /\\ y = 1"]),
        ("Next == x' = 1 /\\ ([x' = 3]_y => x = 0) /\\ y' = y", &["Next: /\\ x = 1 /\\ y = 0"]),
        ("Next == [FALSE]_y /\\ x' = 1", &["Next: /\\ x = 1 /\\ y = 0"]),
        ("Next == <<x' = 1>>_y /\\ y' \\in 0..1", &["Next: /\\ x = 1 /\\ y = 1"]),
    ];
    for (next, expected) in table {
        let found = steps(next).unwrap_or_else(|trouble| panic!("{next}\n{trouble:?}"));
        assert_eq!(found, *expected, "{next}");
    }
}

#[test]
fn whether_an_action_is_enabled_may_be_asked_in_actions_and_of_states() {
    let table: &[(&str, &[&str])] = &[
        ("A == x' = 1 /\\ x = 0\nNext == ENABLED A /\\ x' = 2 /\\ y' = y", &["Next: /\\ x = 2 /\\ y = 0"]),
        ("A == x' = 1 /\\ x = 1\nNext == ENABLED A /\\ x' = 2 /\\ y' = y", &[]),
        (
            "A == x' = 1 /\\ x = 1\nP == ENABLED A\nNext == P' /\\ x' \\in 0..2 /\\ y' = y",
            &["Next: /\\ x = 1 /\\ y = 0"],
        ),
    ];
    for (next, expected) in table {
        let found = steps(next).unwrap_or_else(|trouble| panic!("{next}\n{trouble:?}"));
        assert_eq!(found, *expected, "{next}");
    }
    let found = |bound: u32, invariant: &str| {
        let world = World::small(&format!(
            "VARIABLE x\nInit == x = 0\nNext == x < {bound} /\\ x' = x + 1\n\
             THEOREM Init /\\ [][Next]_x => []({invariant})"
        ));
        let found = world.search(&world.symmetry(), 1);
        match found.end {
            End::Violated { predicate, trace } => {
                let predicates = default_predicates(&world.module, &world.behaviour);
                let steps = Steps::new(&world.module, &world.behaviour);
                let task = Task { steps: &steps, instance: &world.instance, predicates: &predicates };
                let confirmation = confirm(task, &world.behaviour, &trace, &predicates[predicate]);
                assert_eq!(confirmation, Confirmation::Confirmed, "{invariant}");
                Some(trace.states.len())
            }
            End::Exhausted => None,
            other @ (End::Limited(_) | End::Failed { .. }) => panic!("{invariant}: {other:?}"),
        }
    };
    assert_eq!(found(2, "ENABLED Next"), Some(3));
    assert_eq!(found(2, "ENABLED <<Next>>_x \\/ x = 2"), None);
    assert_eq!(found(2, "~ENABLED (Next /\\ x = 1)"), Some(2));
    assert_eq!(found(2, "ENABLED Next <=> x < 2"), None);
    assert_eq!(found(3, "ENABLED Next <=> x < 2"), Some(3));
}

#[test]
fn a_counterexample_to_what_is_enabled_is_replayed() {
    let world = World::small(
        "VARIABLE x\nInit == x = 0\nNext == x < 2 /\\ x' = x + 1\nInv == ENABLED Next\n\
         THEOREM Init /\\ [][Next]_x => []Inv\nTHEOREM Init /\\ [][Next]_x => [](x < 2)\nTHEOREM Init /\\ [][Next]_x => [](x < 3)",
    );
    // Nothing can be proved of what is enabled, and nothing is known of it where other claims are refuted.
    assert_eq!(earlier_invariants(&world.module, 2, &world.behaviour).len(), 1);
    let replay_of = |before: i64, after: i64| {
        let state = |x: i64| {
            let mut state = IdVec::new();
            state.push(Value::Int(x));
            Some(Arc::new(state))
        };
        let instance = world.instance.clone();
        let counterexample = Counterexample { instance, before: state(before), after: state(after) };
        replay(&world.module, 0, Subject::Consecution, &counterexample)
    };
    assert!(matches!(replay_of(1, 2), Replay::Confirmed { .. }));
    assert!(matches!(replay_of(0, 1), Replay::Denied { part: Part::Claim, .. }));
    assert!(matches!(replay_of(2, 3), Replay::Denied { part: Part::Before, .. }));
}

#[test]
fn what_has_no_value_is_told() {
    let stuck = steps("Next == x' = (1 \\div x) /\\ y' = 0");
    assert!(matches!(&stuck, Err(Trouble::Stuck(stuck)) if stuck.why == Why::Unspecified), "{stuck:?}");
}

#[test]
fn initial_states_come_from_the_initial_predicate() {
    let world = World::small(
        "VARIABLES x, f\nTypeOK == x \\in 0..2 /\\ f \\in [{1, 2} -> BOOLEAN]\nInit == TypeOK /\\ x # 1 /\\ (f[1] \\/ x = 2)\n\
         Next == UNCHANGED <<x, f>>\nTHEOREM Init /\\ [][Next]_<<x, f>> => []TypeOK",
    );
    let steps = Steps::new(&world.module, &world.behaviour);
    let stepper = Stepper::new(&steps, &world.instance);
    assert_eq!(stepper.initial().unwrap().len(), 6);
    assert_eq!(stepper.bounded_at(), BTreeSet::<Span>::new());
}

const DIE_HARD: &str = "
VARIABLES big, small
Init == big = 0 /\\ small = 0
Min(m, n) == IF m < n THEN m ELSE n
FillSmall == small' = 3 /\\ big' = big
FillBig == big' = 5 /\\ small' = small
EmptySmall == small' = 0 /\\ big' = big
EmptyBig == big' = 0 /\\ small' = small
SmallToBig == big' = Min(big + small, 5) /\\ small' = small - (big' - big)
BigToSmall == small' = Min(big + small, 3) /\\ big' = big - (small' - small)
Next == FillSmall \\/ FillBig \\/ EmptySmall \\/ EmptyBig \\/ SmallToBig \\/ BigToSmall
vars == <<big, small>>
TypeOK == big \\in 0..5 /\\ small \\in 0..3
THEOREM Typing == Init /\\ [][Next]_vars => []TypeOK
";

#[test]
fn die_hard_has_sixteen_states_and_a_shortest_solution_of_six_steps() {
    let world = World::small(DIE_HARD);
    for n_threads in [1, 2, 3] {
        let found = world.search(&Symmetry::none(), n_threads);
        assert!(matches!(found.end, End::Exhausted), "{:?}", found.end);
        assert_eq!((found.states, found.transitions, found.deadlock.is_none()), (16, 96, true));
        let steps = Steps::new(&world.module, &world.behaviour);
        assert_eq!(found.never_fired(&steps), []);
    }
    let world = World::small(&format!("{DIE_HARD}\nTHEOREM Init /\\ [][Next]_vars => [](big # 4)"));
    let found = world.search(&Symmetry::none(), 2);
    let End::Violated { predicate, trace } = found.end else { panic!("{:?}", found.end) };
    assert_eq!(trace.labels.len(), 6);
    assert_confirmed(&world, &trace, predicate);
}

/// The strict evaluator confirms a trace, and denies it if its states are out of order.
fn assert_confirmed(world: &World, trace: &Trace, predicate: usize) {
    let steps = Steps::new(&world.module, &world.behaviour);
    let predicates = default_predicates(&world.module, &world.behaviour);
    let task = Task { steps: &steps, instance: &world.instance, predicates: &predicates };
    let confirmed = confirm(task, &world.behaviour, trace, &predicates[predicate]);
    assert_eq!(confirmed, Confirmation::Confirmed);
    let mut shuffled = trace.clone();
    shuffled.states.reverse();
    let denied = confirm(task, &world.behaviour, &shuffled, &predicates[predicate]);
    assert!(matches!(denied, Confirmation::Denied(_)), "{denied:?}");
}

const TWO_PHASE: &str = r#"
CONSTANT RM
VARIABLES rmState, tmState, tmPrepared, msgs
vars == <<rmState, tmState, tmPrepared, msgs>>
Message == [type : {"Prepared"}, rm : RM] \cup [type : {"Commit", "Abort"}]
TypeOK ==
  /\ rmState \in [RM -> {"working", "prepared", "committed", "aborted"}]
  /\ tmState \in {"init", "committed", "aborted"}
  /\ tmPrepared \subseteq RM
  /\ msgs \subseteq Message
Init ==
  /\ rmState = [r \in RM |-> "working"]
  /\ tmState = "init"
  /\ tmPrepared = {}
  /\ msgs = {}
TMRcvPrepared(r) ==
  /\ tmState = "init"
  /\ [type |-> "Prepared", rm |-> r] \in msgs
  /\ tmPrepared' = tmPrepared \cup {r}
  /\ UNCHANGED <<rmState, tmState, msgs>>
TMCommit ==
  /\ tmState = "init"
  /\ tmPrepared = RM
  /\ tmState' = "committed"
  /\ msgs' = msgs \cup {[type |-> "Commit"]}
  /\ UNCHANGED <<rmState, tmPrepared>>
TMAbort ==
  /\ tmState = "init"
  /\ tmState' = "aborted"
  /\ msgs' = msgs \cup {[type |-> "Abort"]}
  /\ UNCHANGED <<rmState, tmPrepared>>
RMPrepare(r) ==
  /\ rmState[r] = "working"
  /\ rmState' = [rmState EXCEPT ![r] = "prepared"]
  /\ msgs' = msgs \cup {[type |-> "Prepared", rm |-> r]}
  /\ UNCHANGED <<tmState, tmPrepared>>
RMChooseToAbort(r) ==
  /\ rmState[r] = "working"
  /\ rmState' = [rmState EXCEPT ![r] = "aborted"]
  /\ UNCHANGED <<tmState, tmPrepared, msgs>>
RMRcvCommitMsg(r) ==
  /\ [type |-> "Commit"] \in msgs
  /\ rmState' = [rmState EXCEPT ![r] = "committed"]
  /\ UNCHANGED <<tmState, tmPrepared, msgs>>
RMRcvAbortMsg(r) ==
  /\ [type |-> "Abort"] \in msgs
  /\ rmState' = [rmState EXCEPT ![r] = "aborted"]
  /\ UNCHANGED <<tmState, tmPrepared, msgs>>
Next ==
  \/ TMCommit \/ TMAbort
  \/ \E r \in RM :
       TMRcvPrepared(r) \/ RMPrepare(r) \/ RMChooseToAbort(r) \/ RMRcvCommitMsg(r) \/ RMRcvAbortMsg(r)
Consistent == \A r1, r2 \in RM : ~ (rmState[r1] = "aborted" /\ rmState[r2] = "committed")
THEOREM Invariance == Init /\ [][Next]_vars => [](TypeOK /\ Consistent)
"#;

#[test]
fn two_phase_commit_has_the_states_that_are_known() {
    // TLC finds 288 distinct states for three resource managers, and 80 up to symmetry.
    let world = World::new(small(TWO_PHASE), |_| 3, 0..=2);
    let all = world.search(&Symmetry::none(), 2);
    assert!(matches!(all.end, End::Exhausted), "{:?}", all.end);
    assert_eq!((all.states, all.transitions), (288, 1145));
    let symmetry = world.symmetry();
    let reduced = world.search(&symmetry, 2);
    assert!(matches!(reduced.end, End::Exhausted), "{:?}", reduced.end);
    assert_eq!((reduced.permutations, reduced.states, reduced.depth), (6, 80, all.depth));
    let bounded: Vec<Span> = all.bounded.into_iter().collect();
    assert_eq!(bounded, []);
}

#[test]
fn symmetry_keeps_verdicts_and_the_length_of_traces() {
    let claim = r#"THEOREM Wrong == Init /\ [][Next]_vars => [](\A r \in RM : rmState[r] # "committed")"#;
    let world = World::new(small(&format!("{TWO_PHASE}\n{claim}")), |_| 3, 0..=2);
    let [plain, reduced] = [Symmetry::none(), world.symmetry()].map(|symmetry| world.search(&symmetry, 2));
    let (End::Violated { trace, predicate }, End::Violated { trace: other, predicate: same }) =
        (plain.end, reduced.end)
    else {
        panic!("violated in both")
    };
    assert_eq!((trace.labels.len(), predicate), (other.labels.len(), same));
    assert_confirmed(&world, &trace, predicate);
    assert_confirmed(&world, &other, predicate);
}

#[test]
fn a_choose_that_can_tell_elements_apart_ends_symmetry() {
    let text = |leader: &str| {
        format!(
            "CONSTANTS Nodes, First\nASSUME First \\in Nodes\nVARIABLES seen\nInit == seen = {{}}\nLeader == {leader}\n\
             Next == \\E n \\in Nodes : n # Leader /\\ seen' = seen \\cup {{n}}\n\
             THEOREM Init /\\ [][Next]_seen => [](seen \\subseteq Nodes)"
        )
    };
    let chosen = World::small(&text("CHOOSE n \\in Nodes : TRUE"));
    let symmetry = chosen.symmetry();
    assert_eq!((symmetry.permutations().len(), symmetry.chosen.len()), (1, 1));
    // A constant is fixed; the two others may be exchanged.
    let constant = World::small(&text("First"));
    let symmetry = constant.symmetry();
    assert_eq!((symmetry.permutations().len(), symmetry.chosen.len()), (2, 0));
    assert_eq!(constant.search(&symmetry, 1).states, 3);
    assert_eq!(constant.search(&Symmetry::none(), 1).states, 4);
    // The missing arm of a CASE chooses nothing.
    let queue = World::small(
        "CONSTANT Nodes\nVARIABLES q\nInit == q = <<>>\nNext == \\/ q # <<>> /\\ q' = Tail(q)\n        \\/ Len(q) < 2 /\\ \\E n \\in Nodes : q' = Append(q, n)\n\
         THEOREM Init /\\ [][Next]_q => [](q \\in Seq(Nodes))",
    );
    let symmetry = queue.symmetry();
    assert_eq!((symmetry.permutations().len(), symmetry.chosen.len()), (6, 0));
    assert_eq!((queue.search(&symmetry, 1).states, queue.search(&Symmetry::none(), 1).states), (4, 13));
    // A number is chosen: that cannot tell nodes apart.
    let number = World::small(
        "CONSTANT Nodes\nVARIABLES seen, n\nInit == seen = {} /\\ n = 0\nLargest(S) == CHOOSE k \\in S : \\A l \\in S : l =< k\n\
         Next == \\E x \\in Nodes : seen' = seen \\cup {x} /\\ n' = Largest({n, 1})\n\
         THEOREM Init /\\ [][Next]_<<seen, n>> => [](seen \\subseteq Nodes /\\ n \\in Int)",
    );
    assert_eq!(number.symmetry().permutations().len(), 6);
}

#[test]
fn limits_and_deadlocks_are_told() {
    let world = World::small(
        "VARIABLE x\nInit == x = 0\nNext == x < 9 /\\ x' = x + 1\nTHEOREM Init /\\ [][Next]_x => [](x < 20)",
    );
    let found = world.search(&Symmetry::none(), 2);
    assert_eq!((found.states, found.depth), (10, 9));
    assert_eq!(found.deadlock.expect("a deadlock").labels.len(), 9);
    let steps = Steps::new(&world.module, &world.behaviour);
    let predicates = default_predicates(&world.module, &world.behaviour);
    let task = Task { steps: &steps, instance: &world.instance, predicates: &predicates };
    for (limits, limit, states) in [
        (Limits { depth: 3, ..LIMITS }, Limit::Depth, 4),
        (Limits { states: 5, ..LIMITS }, Limit::States, 6),
        (Limits { stop: &|| Some(Limit::Time), ..LIMITS }, Limit::Time, 2),
    ] {
        let found = search(task, &Symmetry::none(), limits, 1);
        assert!(matches!(found.end, End::Limited(found) if found == limit), "{:?}", found.end);
        assert_eq!(found.states, states);
    }
}

#[test]
fn what_is_false_only_because_numbers_end_is_no_violation() {
    let world = World::small(
        "VARIABLE x\nInit == x = 0\nNext == x < 9 /\\ x' = x + 1\n\
         THEOREM Init /\\ [][Next]_x => [](\\E n \\in Nat : n > x)",
    );
    let found = world.search(&Symmetry::none(), 1);
    assert!(!matches!(found.end, End::Violated { .. }), "{:?}", found.end);
}

#[test]
fn random_walks_are_the_same_for_the_same_seed() {
    let world = World::small(&format!("{DIE_HARD}\nTHEOREM Init /\\ [][Next]_vars => [](big # 4)"));
    let steps = Steps::new(&world.module, &world.behaviour);
    let predicates = default_predicates(&world.module, &world.behaviour);
    let task = Task { steps: &steps, instance: &world.instance, predicates: &predicates };
    let walks = Walks { count: 1000, depth: 50, seed: 1 };
    let ends: Vec<End> = (0..2).map(|_| walk(task, walks, LIMITS).end).collect();
    let [End::Violated { trace, predicate }, End::Violated { trace: again, .. }] = ends.as_slice() else {
        panic!("{ends:?}")
    };
    assert_eq!(trace.states, again.states);
    assert!(trace.labels.len() >= 6);
    assert_confirmed(&world, trace, *predicate);
    let other = walk(task, Walks { seed: 2, ..walks }, LIMITS).end;
    assert!(matches!(other, End::Violated { trace: other, .. } if other.states != trace.states));
}

#[test]
fn reachable_states_are_found_within_their_distance() {
    let world = World::new(small(TWO_PHASE), |_| 2, 0..=2);
    let steps = Steps::new(&world.module, &world.behaviour);
    let stepper = Stepper::new(&steps, &world.instance);
    let mut state = stepper.initial().unwrap().remove(0);
    for _ in 0..3 {
        state = stepper.successors(&state).unwrap().remove(0).state;
    }
    let reach =
        |depth| is_reachable(&world.module, &world.behaviour, &world.instance, &state, depth, &|_| false);
    assert!(matches!(reach(9), Reach::Reached { steps } if steps <= 3), "{:?}", reach(9));
    assert!(matches!(reach(0), Reach::NotWithin { steps: 0, is_all: false, .. }));
    let mut unreachable = eval::value::State::clone(&state);
    let values = Arc::make_mut(&mut unreachable);
    values[lang::ids::Id::from_index(1)] = Value::Str("committed".into());
    let reach = is_reachable(&world.module, &world.behaviour, &world.instance, &unreachable, 99, &|_| false);
    assert!(matches!(reach, Reach::NotWithin { is_all: true, .. }), "{reach:?}");
    let reach = is_reachable(&world.module, &world.behaviour, &world.instance, &unreachable, 99, &|_| true);
    assert!(matches!(reach, Reach::GaveUp { .. }), "{reach:?}");
}

#[test]
fn a_step_that_is_one_only_because_numbers_end_reaches_nothing() {
    let world = World::small(
        "VARIABLE x\nInit == x = 0\nNext == ~ (\\E n \\in Nat : n > x + 5) /\\ x' = 1\nTHEOREM Init /\\ [][Next]_x => [](x \\in Nat)",
    );
    let mut state = eval::value::State::default();
    Arc::make_mut(&mut state).push(Value::Int(1));
    let reach = is_reachable(&world.module, &world.behaviour, &world.instance, &state, 9, &|_| false);
    assert!(!matches!(reach, Reach::Reached { .. }), "{reach:?}");
}

/// The constants of the first instance of a module, and how many instances there are.
fn constants(body: &str, size: u32) -> (Vec<String>, usize) {
    let module = small(body);
    let sizes = Sizes::all(&module, size, 0..=2);
    let mut all = instances(&module, &sizes).take(1000);
    let first = all.next().map(|found| {
        assert_eq!(found.unsettled, Vec::<usize>::new(), "{body}");
        let names = Names::new(&module, &found.instance);
        let constants = module.constants.iter().zip(&found.instance.constants);
        constants
            .map(|(symbol, constant)| match constant {
                eval::instance::Constant::Value(value) => format!("{} = {}", symbol.name, names.value(value)),
                eval::instance::Constant::Operator { .. } => format!("{}(...)", symbol.name),
            })
            .collect()
    });
    (first.clone().unwrap_or_default(), all.count() + usize::from(first.is_some()))
}

#[test]
fn instances_satisfy_the_assumptions() {
    let quorums = "CONSTANTS A, Q\nASSUME Q \\subseteq SUBSET A /\\ \\A x, y \\in Q : x \\cap y # {}\n";
    let first = |body: &str, size| constants(body, size).0.join(", ");
    // Majorities, not the whole set alone.
    assert_eq!(first(quorums, 3), "A = {a1, a2, a3}, Q = {{a1, a2}, {a1, a3}, {a2, a3}}");
    assert_eq!(first(quorums, 2), "A = {a1, a2}, Q = {{a1, a2}}");
    assert_eq!(
        first(quorums, 4),
        "A = {a1, a2, a3, a4}, Q = {{a1, a2, a3}, {a1, a2, a4}, {a1, a3, a4}, {a2, a3, a4}}"
    );
    // An element of its own, where it must not be a member.
    assert_eq!(first("CONSTANTS V, None\nASSUME None \\notin V", 2), "V = {v1, v2}, None = None");
    assert_eq!(first("CONSTANTS V, x\nASSUME x \\in V", 2), "V = {x, v1}, x = x");
    // Definitions, and numbers.
    let defined = "CONSTANTS A, N, M\nASSUME M = Cardinality(A) + N /\\ N \\in 5..7 /\\ A \\subseteq A\nF == \\A x \\in A : x = x\nLEMMA F";
    assert_eq!(first(defined, 3), "A = {a1, a2, a3}, N = 5, M = 8");
    assert_eq!(first("CONSTANT N\nASSUME N \\in Nat /\\ N > 0", 2), "N = 2");
    // None at all.
    assert_eq!(constants("CONSTANT N\nASSUME N > N", 2), (Vec::new(), 0));
    assert_eq!(first("CONSTANT N\nASSUME N \\in 1..4", 2), "N = 2");
    // All that there are.
    assert_eq!(constants("CONSTANT A\nF == \\A x \\in A : x = x\nLEMMA F", 2).1, 4);
}

#[test]
fn predicates_are_conjuncts_with_names() {
    let world = World::new(small(TWO_PHASE), |_| 2, 0..=2);
    let names: Vec<String> = default_predicates(&world.module, &world.behaviour)
        .into_iter()
        .map(|Predicate { name, .. }| name)
        .collect();
    assert_eq!(names, ["TypeOK.1", "TypeOK.2", "TypeOK.3", "TypeOK.4", "Consistent"]);
}
