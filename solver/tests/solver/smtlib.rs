//! The printed text means what the condition means: Z3 reads it back and answers the same.

use solver::smtlib;
use vcgen::vc::{ArithOp, Stage, Term, Vc, VcSort};
use z3::{Params, SatResult, Solver};

use crate::build::{Builder, agreement, app, eq, implies, lt, not, socrates, stage};

/// What Z3 says to the text, with the strategy of the in-process backend.
fn ask(vc: &Vc, stage: &Stage) -> SatResult {
    let text = smtlib::print(vc, stage);
    let solver = Solver::new();
    let mut params = Params::new();
    params.set_bool("auto_config", false);
    params.set_bool("mbqi", stage.mbqi);
    solver.set_params(&params);
    solver.from_string(text.clone());
    let n_asserted = vc.hypotheses.iter().filter(|hypothesis| hypothesis.tier <= stage.tier).count();
    assert_eq!(
        solver.get_assertions().len(),
        n_asserted + usize::from(vc.goal.is_some()),
        "refused:\n{text}"
    );
    solver.check()
}

#[test]
fn z3_reads_the_text_and_agrees() {
    let with_models = Stage { mbqi: true, ..stage(0) };
    assert_eq!(ask(&socrates(["Being", "man", "mortal"]), &stage(0)), SatResult::Unsat);
    assert_eq!(ask(&agreement(), &stage(1)), SatResult::Unsat);
    assert_eq!(ask(&agreement(), &with_models), SatResult::Sat);
}

#[test]
fn words_of_smtlib_are_no_trouble_as_names() {
    for names in [
        ["Int", "and", "not"],
        ["Array", "|", "\\"],
        ["let", "a b", "a\tb"],
        ["Σ", "∧", "∨"],
        ["S", "p|", "p\\"],
    ] {
        assert_eq!(ask(&socrates(names), &stage(0)), SatResult::Unsat, "{names:?}");
    }
}

#[test]
fn names_that_differ_stay_different() {
    let mut b = Builder::default();
    let p = b.constant("a|", VcSort::Bool);
    let q = b.constant("a{7c}", VcSort::Bool);
    b.suppose("h|", 0, p);
    b.suppose("h{7c}", 0, Term::Bool(true));
    let vc = b.prove(q);
    assert_eq!(ask(&vc, &stage(0)), SatResult::Sat);
}

#[test]
fn every_form_of_term_is_read_back() {
    let mut b = Builder::default();
    let sort = b.sort("S");
    let height = b.symbol("height", &[sort, VcSort::Int], VcSort::Int);
    let (left, right) = (b.constant("left", sort), b.constant("right", sort));
    let number = b.constant("number", VcSort::Int);
    let arith = |op, left: Term, right: Term| Term::Arith(op, Box::new(left), Box::new(right));
    let low = b.exists([sort, VcSort::Int], |[x, i]| (lt(app(height, [x, i.clone()]), i), Vec::new()));
    b.suppose("low", 0, not(low));
    b.suppose("distinct", 0, Term::Distinct(vec![left.clone(), right.clone()]));
    b.suppose("one alone", 0, Term::Distinct(vec![left.clone()]));
    b.suppose("nothing", 0, Term::And(vec![Term::And(Vec::new()), not(Term::Or(Vec::new()))]));
    b.suppose("number", 0, eq(number.clone(), Term::Int(-7)));
    let equal = Box::new(eq(left.clone(), right));
    let chosen = Term::Ite(equal, Box::new(Term::Int(0)), Box::new(number.clone()));
    let euclid = Term::And(vec![
        eq(arith(ArithOp::Div, chosen.clone(), Term::Int(2)), Term::Int(-4)),
        eq(arith(ArithOp::Mod, chosen.clone(), Term::Int(2)), Term::Int(1)),
        eq(arith(ArithOp::Mul, chosen.clone(), Term::Int(2)), Term::Int(-14)),
        eq(arith(ArithOp::Sub, chosen, Term::Int(1)), arith(ArithOp::Add, number.clone(), Term::Int(-1))),
        Term::Le(Box::new(number.clone()), Box::new(app(height, [left, number]))),
    ]);
    let vc = b.prove(implies(Term::Bool(true), Term::Or(vec![euclid])));
    assert_eq!(ask(&vc, &stage(0)), SatResult::Unsat);
}
