//! The search: size after size, candidate after candidate, and then the smallest.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use eval::value::Value;
use lang::sort::Sort;

use crate::builder::{Builder, Literals, Size};
use crate::circuit::Lit;
use crate::express::Want;
use crate::question::{Budget, Outcome, Question, Why};
use crate::reads::{Dependencies, children};
use crate::sat::{Answer, Model, Sat, Watch};
use eval::replay::Counterexample;

/// Candidates that may fail to be confirmed at one size.
const MAX_UNCONFIRMED: usize = 12;
/// Times that choices may have to be made consistent before a candidate is given up.
const MAX_INCONSISTENT: usize = 200;
/// Conflicts for each attempt to do without something.
const MINIMISING_CONFLICTS: u64 = 1_000;
/// All the time for making a counterexample smaller.
const MINIMISING_TIME: Duration = Duration::from_millis(1_500);

/// What one size gave.
enum Attempt {
    Found(Counterexample),
    Exhausted,
    Unconfirmed,
    Budget,
}

/// Searches for a counterexample, size after size. `confirm` is asked of each candidate.
pub fn refute(
    question: &Question<'_>,
    budget: &Budget<'_>,
    confirm: &mut dyn FnMut(&Counterexample) -> bool,
) -> Outcome {
    let deadline = Instant::now() + budget.time;
    let literals = literals(question);
    let mut tried = Vec::new();
    let mut is_unconfirmed = false;
    for size in &budget.sizes {
        match attempt(question, budget, size, &literals, deadline, confirm) {
            Attempt::Found(counterexample) => {
                return Outcome::Found { counterexample: Box::new(counterexample), size: size.clone() };
            }
            Attempt::Exhausted => tried.push(size.clone()),
            Attempt::Unconfirmed => is_unconfirmed = true,
            Attempt::Budget => {
                if Watch::new(budget.stop, deadline).is_over() {
                    return Outcome::GaveUp { why: Why::Budget, tried };
                }
            }
        }
    }
    if tried.len() == budget.sizes.len() {
        Outcome::NotFound { tried }
    } else {
        let why = if is_unconfirmed { Why::Unconfirmed } else { Why::Budget };
        Outcome::GaveUp { why, tried }
    }
}

fn attempt(
    question: &Question<'_>,
    budget: &Budget<'_>,
    size: &Size,
    literals: &Literals,
    deadline: Instant,
    confirm: &mut dyn FnMut(&Counterexample) -> bool,
) -> Attempt {
    let watch = Watch::new(budget.stop, deadline);
    let is_over = || watch.is_over();
    let mut builder = Builder::new(question.module, size.clone(), literals, &is_over);
    let required = require(&mut builder, question);
    if builder.has_stopped {
        return Attempt::Budget;
    }
    let has_step = question.step.is_some();
    let has_states = has_step || reads_states(question);
    let mut sat = Sat::new(Watch::new(budget.stop, deadline));
    for lit in required {
        sat.require(&builder.circuit, &[lit]);
    }
    let mut is_unconfirmed = false;
    for _ in 0..MAX_UNCONFIRMED {
        let model = match consistent_model(&mut builder, &mut sat, &[], budget.conflicts) {
            Ok(model) => model,
            Err(Answer::Unsatisfiable) if !is_unconfirmed => return Attempt::Exhausted,
            Err(Answer::Unsatisfiable) => return Attempt::Unconfirmed,
            Err(_) => return Attempt::Budget,
        };
        let candidate = builder.decode_all(&model, has_states, has_step);
        if let Some(candidate) = candidate
            && confirm(&candidate)
        {
            let smallest = minimise(&mut builder, &mut sat, model, deadline);
            return match builder.decode_all(&smallest, has_states, has_step) {
                Some(smaller) if smaller != candidate && confirm(&smaller) => Attempt::Found(smaller),
                _ => Attempt::Found(candidate),
            };
        }
        is_unconfirmed = true;
        let block = distinguishing(&builder, &model);
        sat.require(&builder.circuit, &block);
    }
    Attempt::Unconfirmed
}

/// What must hold for the question to be answered with a counterexample.
fn require(builder: &mut Builder<'_>, question: &Question<'_>) -> Vec<Lit> {
    let mut required = vec![builder.make_unknowns(&question.assumptions, &question.before)];
    for formula in question.assumptions.iter().chain(&question.before) {
        required.push(builder.formula(formula, Want::YES).yes);
    }
    if let Some(step) = &question.step {
        required.push(builder.step(step));
    }
    required.push(builder.formula(&question.goal, Want::NO).no);
    required
}

/// A model in which equal sets of candidates have equal choices.
fn consistent_model(
    builder: &mut Builder<'_>,
    sat: &mut Sat<'_>,
    assumed: &[Lit],
    conflicts: u64,
) -> Result<Model, Answer> {
    for _ in 0..MAX_INCONSISTENT {
        match sat.solve(&builder.circuit, assumed, conflicts) {
            Answer::Satisfiable => {}
            answer @ (Answer::Unsatisfiable | Answer::Unknown) => return Err(answer),
        }
        let model = sat.model(&builder.circuit);
        let conflicts = inconsistent(builder, &model);
        if conflicts.is_empty() {
            return Ok(model);
        }
        for (left, right) in conflicts {
            let clause = builder.make_consistent(left, right);
            sat.require(&builder.circuit, &clause);
        }
    }
    Err(Answer::Unknown)
}

/// Pairs of choices from equal sets that are not equal.
fn inconsistent(builder: &mut Builder<'_>, model: &Model) -> Vec<(usize, usize)> {
    let mut seen: BTreeMap<(Sort, Vec<Value>), (usize, Value)> = BTreeMap::new();
    let mut found = Vec::new();
    for choice in 0..builder.choices.len() {
        let Some((candidates, chosen)) = builder.decode_choice(model, choice) else { continue };
        if candidates.is_empty() {
            continue;
        }
        let sort = builder.choices[choice].sort.clone();
        match seen.get(&(sort.clone(), candidates.clone())) {
            Some((other, value)) if *value != chosen => found.push((*other, choice)),
            Some(_) => {}
            None => {
                seen.insert((sort, candidates), (choice, chosen));
            }
        }
    }
    found
}

/// A clause that is false in this state and constants, and true in others.
fn distinguishing(builder: &Builder<'_>, model: &Model) -> Vec<Lit> {
    let mut clause = Vec::new();
    for lit in &builder.presence {
        clause.push(if model.holds(*lit) { !*lit } else { *lit });
    }
    for (_, lit) in &builder.ranks {
        if model.holds(*lit) {
            clause.push(!*lit);
        }
    }
    clause
}

/// Does without one thing after another: elements and messages first, then large numbers.
fn minimise(builder: &mut Builder<'_>, sat: &mut Sat<'_>, mut model: Model, deadline: Instant) -> Model {
    let until = deadline.min(Instant::now() + MINIMISING_TIME);
    let mut ranks = builder.ranks.clone();
    ranks.retain(|(rank, _)| *rank > 0);
    ranks.sort_by_key(|(rank, _)| std::cmp::Reverse(*rank));
    let costs: Vec<Lit> =
        builder.presence.clone().into_iter().rev().chain(ranks.into_iter().map(|(_, lit)| lit)).collect();
    let mut assumed: Vec<Lit> = Vec::new();
    for lit in costs {
        if !model.holds(lit) {
            assumed.push(!lit);
            continue;
        }
        if Instant::now() >= until {
            break;
        }
        assumed.push(!lit);
        match consistent_model(builder, sat, &assumed, MINIMISING_CONFLICTS) {
            Ok(smaller) => model = smaller,
            Err(_) => {
                assumed.pop();
            }
        }
    }
    model
}

fn reads_states(question: &Question<'_>) -> bool {
    let mut dependencies = Dependencies::default();
    question
        .before
        .iter()
        .chain([&question.goal])
        .any(|formula| !dependencies.of(question.module, formula).variables.is_empty())
}

/// The numbers and strings that the module and the question write.
fn literals(question: &Question<'_>) -> Literals {
    use lang::typed::ExprKind;
    let mut found = Literals::default();
    let module = question.module;
    let mut work: Vec<lang::typed::Expr> =
        module.operators.iter().map(|operator| operator.body.clone()).collect();
    work.extend(question.assumptions.iter().chain(&question.before).chain(&question.step).cloned());
    work.push(question.goal.clone());
    while let Some(expr) = work.pop() {
        if let ExprKind::Int(value) = &expr.kind
            && let Ok(value) = i64::try_from(*value)
            && value.unsigned_abs() < 1 << 20
        {
            found.integers.push(value);
        }
        if let ExprKind::Str(text) = &expr.kind {
            found.strings.insert(text.clone());
        }
        work.extend(children(&expr).into_iter().cloned());
    }
    found.integers.sort_unstable();
    found.integers.dedup();
    // Few are worth trying: those of small size.
    found.integers.sort_by_key(|value| value.unsigned_abs());
    found.integers.truncate(6);
    found.strings.sort_unstable();
    found.strings.insert("other".into());
    found
}
