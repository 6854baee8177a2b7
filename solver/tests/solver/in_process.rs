//! Z3 in this process: answers, cores, models, limits, and that the same question costs the same.

use std::thread;
use std::time::Duration;

use solver::backend::{Answer, Backend, Check, Limits, SolverError, UnknownReason};
use solver::model::Value;
use solver::z3::{LINKED, PINNED_VERSION, Z3, is_pinned_version, z3_version};
use vcgen::vc::{Stage, Term, Vc, VcSort};

use crate::build::{
    Builder, agreement, app, endless, eq, implies, limits, lt, matching_loop, not, posts, socrates, sort_id,
    stage, timeless,
};

fn check(vc: &Vc, stage: &Stage) -> Check {
    check_within(vc, stage, limits())
}

fn check_within(vc: &Vc, stage: &Stage, limits: Limits) -> Check {
    let mut z3 = Z3::new().expect("the pinned version is inside");
    z3.check(vc, stage, limits).expect("the condition is well-formed")
}

#[test]
fn the_pinned_version_is_inside() {
    if LINKED == "system" {
        return;
    }
    assert_eq!(PINNED_VERSION, "4.16.0");
    assert!(is_pinned_version(), "{} is inside", z3_version());
}

#[test]
fn a_proof_names_the_hypotheses_that_it_used() {
    let check = check(&socrates(["Being", "man", "mortal"]), &stage(0));
    let core = vec!["men are mortal".to_owned(), "Socrates is a man".to_owned()];
    assert_eq!(check.answer, Answer::Unsat { core });
    assert!(check.rlimit > 0);
}

#[test]
fn a_stage_sees_hypotheses_up_to_its_tier() {
    let vc = agreement();
    assert!(matches!(check(&vc, &stage(1)).answer, Answer::Unsat { .. }));
    assert!(!matches!(check(&vc, &stage(0)).answer, Answer::Unsat { .. }));
}

#[test]
fn without_a_goal_only_a_contradiction_is_unsat() {
    let mut vc = socrates(["Being", "man", "mortal"]);
    let goal = vc.goal.take().unwrap();
    assert!(!matches!(check(&vc, &stage(0)).answer, Answer::Unsat { .. }));
    vc.hypotheses[0].formula = not(goal);
    assert!(matches!(check(&vc, &stage(0)).answer, Answer::Unsat { .. }));
}

#[test]
fn a_model_gives_elements_and_tables() {
    let mut b = Builder::default();
    let ballot = b.sort("Ballot");
    let used = b.symbol("used", &[ballot], VcSort::Bool);
    let (low, high) = (b.constant("low", ballot), b.constant("high", ballot));
    let number = b.constant("number", VcSort::Int);
    b.suppose("low is used", 0, app(used, [low.clone()]));
    b.suppose("high is not", 0, not(app(used, [high.clone()])));
    b.suppose("large", 0, eq(number.clone(), Term::Int(-i128::from(i64::MAX) * 4)));
    let vc = b.prove(lt(Term::Int(0), number));
    let Answer::Sat(model) = check(&vc, &Stage { mbqi: true, ..stage(0) }).answer else {
        panic!("a model is expected");
    };
    assert_eq!(model.sorts, vec![(sort_id(ballot), 2)]);
    let text = model.display(&vc).to_string();
    assert!(text.contains("Ballot = {Ballot!0, Ballot!1}"), "{text}");
    let id = |name: &str| vc.symbols.iter_enumerated().find(|(_, symbol)| symbol.name == name).unwrap().0;
    let at = |name: &str| model.interpretation(id(name)).unwrap().value(&[]).unwrap().clone();
    assert_eq!(model.interpretation(used).unwrap().value(&[at("low")]), Some(&Value::Bool(true)));
    assert_eq!(model.interpretation(used).unwrap().value(&[at("high")]), Some(&Value::Bool(false)));
    assert_eq!(at("number"), Value::Int(-i128::from(i64::MAX) * 4));
}

#[test]
fn ematching_alone_does_not_find_models_of_quantifiers() {
    let mut b = Builder::default();
    let sort = b.sort("S");
    let p = b.symbol("p", &[sort], VcSort::Bool);
    let c = b.constant("c", sort);
    let all = b.forall([sort], |[x]| (app(p, [x.clone()]), vec![app(p, [x])]));
    let other = b.symbol("r", &[sort], VcSort::Bool);
    b.suppose("all", 0, all);
    let vc = b.prove(app(other, [c]));
    assert!(matches!(check(&vc, &stage(0)).answer, Answer::Unknown(UnknownReason::Incomplete(_))));
    assert!(matches!(check(&vc, &Stage { mbqi: true, ..stage(0) }).answer, Answer::Sat(_)));
}

#[test]
fn the_resource_limit_holds() {
    let small = Stage { rlimit: 100_000, ..stage(0) };
    let check = check(&matching_loop(), &small);
    assert_eq!(check.answer, Answer::Unknown(UnknownReason::ResourceLimit));
    assert!(check.rlimit >= 100_000 && check.rlimit < 1_000_000, "{}", check.rlimit);
}

#[test]
fn the_time_limit_holds() {
    let unbounded = Stage { rlimit: 0, ..stage(0) };
    let limits = Limits { timeout: Duration::from_millis(200), ..limits() };
    let check = check_within(&endless(), &unbounded, limits);
    assert_eq!(check.answer, Answer::Unknown(UnknownReason::Timeout));
    assert!(check.time < Duration::from_secs(20));
}

#[test]
fn the_same_question_costs_the_same() {
    for vc in [socrates(["Being", "man", "mortal"]), agreement(), matching_loop()] {
        let limited = Stage { rlimit: 300_000, ..stage(9) };
        let first = timeless(check(&vc, &limited));
        for _ in 0..5 {
            assert_eq!(timeless(check(&vc, &limited)), first);
        }
    }
}

#[test]
fn the_seed_reaches_the_solver() {
    let limited = Stage { rlimit: 300_000, mbqi: true, ..stage(1) };
    let cost = |seed| check_within(&posts(), &limited, Limits { seed, ..limits() }).rlimit;
    let first = cost(0);
    assert!((1..10).any(|seed| cost(seed) != first), "every seed costs {first}");
}

#[test]
fn names_do_not_change_the_cost() {
    let first = check(&socrates(["Being", "man", "mortal"]), &stage(0));
    let second = check(&socrates(["A", "zzz", "aaa"]), &stage(0));
    assert_eq!(timeless(first), timeless(second));
}

#[test]
fn unused_declarations_do_not_change_the_cost() {
    let first = agreement();
    let mut second = first.clone();
    let sort = VcSort::Uninterpreted(second.sorts.push("Unused".to_owned()));
    let unused = vcgen::vc::Symbol { name: "unused".to_owned(), args: vec![sort], result: sort };
    second.symbols.push(unused);
    assert_eq!(timeless(check(&first, &stage(1))), timeless(check(&second, &stage(1))));
}

#[test]
fn an_ill_formed_condition_is_an_error() {
    let mut b = Builder::default();
    let sort = b.sort("S");
    let p = b.symbol("p", &[sort], VcSort::Bool);
    let unbound = Term::Var(lang::ids::Id::from_index(7));
    let c = b.constant("c", sort);
    for goal in [
        app(p, [unbound]),
        app(p, []),
        app(p, [Term::Int(1)]),
        eq(c.clone(), Term::Int(1)),
        Term::And(vec![c.clone()]),
        Term::App(lang::ids::Id::from_index(99), Vec::new()),
    ] {
        let mut vc = b.vc.clone();
        vc.goal = Some(goal);
        let error = Z3::new().unwrap().check(&vc, &stage(0), limits()).unwrap_err();
        assert!(matches!(error, SolverError::IllFormed(_)), "{error}");
    }
}

#[test]
fn deep_terms_are_no_trouble() {
    let deep = || {
        let mut b = Builder::default();
        let p = b.constant("p", VcSort::Bool);
        let mut goal = p.clone();
        for _ in 0..3_000 {
            goal = implies(p.clone(), goal);
        }
        let vc = b.prove(implies(p, goal));
        assert!(matches!(check(&vc, &stage(0)).answer, Answer::Unsat { .. }));
    };
    thread::Builder::new().stack_size(256 << 20).spawn(deep).unwrap().join().unwrap();
}
