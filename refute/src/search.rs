//! The search: size after size, candidate after candidate, and then the smallest.
#![allow(clippy::wildcard_enum_match_arm, reason = "few goals have premises")]

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use eval::value::Value;
use lang::sort::Sort;
use lang::typed::{Expr, ExprKind, Module, Time};

use crate::builder::{Builder, Literals, Size};
use crate::circuit::Lit;
use crate::express::Want;
use crate::families;
use crate::plain;
use crate::question::{Budget, Outcome, Question, Why};
use crate::reads::{Dependencies, children};
use crate::replay::replay;
use crate::sat::{Answer, Model, Sat, Watch};
use crate::shrink::shrink;
use eval::replay::Counterexample;

/// Conflicts of the first turn at each size, and how many times more there are in each turn after it.
const FIRST_CONFLICTS: u64 = 3_000;
const MORE_CONFLICTS: u64 = 4;
/// How many sizes come up in the first turn.
const FIRST_SIZES: usize = 4;
/// Candidates that may fail to be confirmed at one size.
const MAX_UNCONFIRMED: usize = 12;
/// Times that choices may have to be made consistent before a candidate is given up.
const MAX_INCONSISTENT: usize = 200;
/// Conflicts for each attempt to do without something.
const MINIMISING_CONFLICTS: u64 = 1_000;
/// Of the time, the share that is left for infinite sets, where these may matter: one part of so many.
const SHARE_FOR_FAMILIES: u32 = 10;
/// How many sizes are tried with infinite sets.
const SIZES_WITH_FAMILIES: usize = 3;
/// All the time for making a counterexample smaller.
const MINIMISING_TIME: Duration = Duration::from_millis(1_500);

/// What one turn at one size gave.
enum Turn {
    /// A confirmed counterexample.
    Found(Counterexample),
    /// There are no more candidates.
    Exhausted,
    /// The turn's conflicts, or all time, are used up.
    Unfinished,
}

/// Searches for a counterexample, size after size, and in turns: what is not finished after a few conflicts comes
/// up again after the other sizes, with more. `confirm` is asked of each candidate.
pub fn refute(
    question: &Question<'_>,
    budget: &Budget<'_>,
    confirm: &mut dyn FnMut(&Counterexample) -> bool,
) -> Outcome {
    let question = &normal(question);
    let with_families = families::may_matter(question);
    let start = Instant::now();
    let last = start + budget.time;
    let share = if with_families { budget.time / SHARE_FOR_FAMILIES } else { Duration::ZERO };
    let deadline = start + budget.time.saturating_sub(share);
    let literals = literals(question);
    let watch = Watch::new(budget.stop, deadline);
    let is_over = || watch.is_over();
    let mut tried: Vec<(usize, Size)> = Vec::new();
    let mut waiting: Vec<(usize, Search<'_>)> = Vec::new();
    let mut is_unconfirmed = false;
    let mut sizes = budget.sizes.iter().enumerate();
    let mut n_due = FIRST_SIZES;
    loop {
        let mut unfinished = Vec::new();
        let started = sizes.by_ref().take(n_due).map(|(position, size)| {
            (position, Search::new(question, size, &literals, &is_over, (budget, deadline), false))
        });
        // Those that were tried before come first, with more conflicts; each turn starts one size more.
        for (position, mut search) in std::mem::take(&mut waiting).into_iter().chain(started) {
            match search.turn(deadline, confirm) {
                Turn::Found(counterexample) => {
                    let size = search.builder.size.clone();
                    return Outcome::Found { counterexample: Box::new(counterexample), size };
                }
                Turn::Exhausted if search.n_unconfirmed == 0 => tried.push((position, search.builder.size)),
                Turn::Exhausted => is_unconfirmed = true,
                Turn::Unfinished if search.n_unconfirmed >= MAX_UNCONFIRMED => is_unconfirmed = true,
                Turn::Unfinished => unfinished.push((position, search)),
            }
            if is_over() {
                break;
            }
        }
        waiting = unfinished;
        n_due = 1;
        let is_spent = waiting.iter().all(|(_, search)| search.conflicts_next > budget.conflicts);
        if is_over() || (is_spent && sizes.len() == 0) {
            break;
        }
        waiting.retain(|(_, search)| search.conflicts_next <= budget.conflicts);
    }
    if question.step.is_none()
        && !reads_states(question)
        && let Some((counterexample, size)) = plain::offer(question, budget, &literals, deadline, confirm)
    {
        return Outcome::Found { counterexample: Box::new(counterexample), size };
    }
    if with_families
        && let Some((counterexample, size)) = among_infinite(question, &literals, (budget, last), confirm)
    {
        return Outcome::Found { counterexample: Box::new(counterexample), size };
    }
    tried.sort_by_key(|(position, _)| *position);
    let tried: Vec<Size> = tried.into_iter().map(|(_, size)| size).collect();
    if tried.len() == budget.sizes.len() {
        Outcome::NotFound { tried }
    } else {
        let why = if is_unconfirmed { Why::Unconfirmed } else { Why::Budget };
        Outcome::GaveUp { why, tried }
    }
}

/// Searches among states in which sets may have families. Others were searched before; that nothing is found here
/// says nothing of sizes.
fn among_infinite(
    question: &Question<'_>,
    literals: &Literals,
    (budget, deadline): (&Budget<'_>, Instant),
    confirm: &mut dyn FnMut(&Counterexample) -> bool,
) -> Option<(Counterexample, Size)> {
    let watch = Watch::new(budget.stop, deadline);
    let is_over = || watch.is_over();
    // What cannot be evaluated is not even a possible counterexample: quantifiers over infinite sets seldom can.
    let mut confirm = |candidate: &Counterexample| {
        let infinite = candidate.before.iter().chain(&candidate.after).flat_map(|state| state.iter());
        infinite.into_iter().any(|value| matches!(value, Value::Families(_)))
            && replay(question, candidate)
            && confirm(candidate)
    };
    for size in budget.sizes.iter().take(SIZES_WITH_FAMILIES) {
        let mut search = Search::new(question, size, literals, &is_over, (budget, deadline), true);
        if let Turn::Found(counterexample) = search.turn(deadline, &mut confirm) {
            return Some((counterexample, size.clone()));
        }
        if is_over() {
            break;
        }
    }
    None
}

/// The question with the premises of its goal among what is known.
fn normal<'m>(question: &Question<'m>) -> Question<'m> {
    let mut question = question.clone();
    if question.step.is_some() {
        return question;
    }
    loop {
        let next = match &question.goal.kind {
            ExprKind::Implies(premise, conclusion) => {
                question.before.push(premise.clone());
                conclusion.clone()
            }
            ExprKind::Apply(operator, args, Time::Now) if args.is_empty() => {
                question.module.operators[*operator].body.clone()
            }
            _ => return question,
        };
        question.goal = next;
    }
}

/// The search at one size.
struct Search<'a> {
    builder: Builder<'a>,
    sat: Sat<'a>,
    has_step: bool,
    has_states: bool,
    /// Candidates so far that were not confirmed.
    n_unconfirmed: usize,
    /// Conflicts of the next turn.
    conflicts_next: u64,
}

impl<'a> Search<'a> {
    fn new(
        question: &'a Question<'a>,
        size: &Size,
        literals: &Literals,
        is_over: &'a dyn Fn() -> bool,
        (budget, deadline): (&Budget<'a>, Instant),
        has_families: bool,
    ) -> Self {
        let mut builder = Builder::new(question.module, size.clone(), literals, is_over);
        builder.has_families = has_families;
        let mut sat = Sat::new(Watch::new(budget.stop, deadline));
        for lit in require(&mut builder, question) {
            sat.require(&builder.circuit, &[lit]);
        }
        let has_step = question.step.is_some();
        let has_states = has_step || reads_states(question);
        Self { builder, sat, has_step, has_states, n_unconfirmed: 0, conflicts_next: FIRST_CONFLICTS }
    }

    /// The candidate that a model is, if it is confirmed.
    fn confirmed(
        &mut self,
        model: &Model,
        confirm: &mut dyn FnMut(&Counterexample) -> bool,
    ) -> Option<Counterexample> {
        let candidate = self.builder.decode_all(model, self.has_states, self.has_step)?;
        if !self.builder.has_families {
            return confirm(&candidate).then_some(candidate);
        }
        // Quantifiers over infinite sets are decided only where `CHOOSE` takes the least.
        let shrunk = shrink(&candidate);
        let mut variants = vec![shrunk.clone()];
        if !shrunk.instance.choices.table.is_empty() {
            let mut plain = shrunk;
            plain.instance.choices.table.clear();
            variants.push(plain);
        }
        variants.into_iter().find(|candidate| confirm(candidate))
    }

    /// Searches for some conflicts, and for more the next time.
    fn turn(&mut self, deadline: Instant, confirm: &mut dyn FnMut(&Counterexample) -> bool) -> Turn {
        let conflicts = self.conflicts_next;
        self.conflicts_next = conflicts.saturating_mul(MORE_CONFLICTS);
        if self.builder.has_stopped {
            return Turn::Unfinished;
        }
        while self.n_unconfirmed < MAX_UNCONFIRMED {
            let model = match consistent_model(&mut self.builder, &mut self.sat, &[], conflicts) {
                Ok(model) => model,
                Err(Answer::Unsatisfiable) => return Turn::Exhausted,
                Err(Answer::Satisfiable | Answer::Unknown) => return Turn::Unfinished,
            };
            if let Some(candidate) = self.confirmed(&model, confirm) {
                let until = Some(deadline.min(Instant::now() + MINIMISING_TIME));
                let minimising = Minimising { conflicts: MINIMISING_CONFLICTS, total: u64::MAX, until };
                let smallest = minimise(&mut self.builder, &mut self.sat, model, &[], minimising);
                // What is shown must have been confirmed itself.
                let best = self.confirmed(&smallest, confirm).unwrap_or(candidate);
                let shrunk = shrink(&best);
                return Turn::Found(if shrunk != best && confirm(&shrunk) { shrunk } else { best });
            }
            self.n_unconfirmed += 1;
            let block = distinguishing(&self.builder, &model);
            self.sat.require(&self.builder.circuit, &block);
        }
        Turn::Unfinished
    }
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
pub(crate) fn consistent_model(
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
pub(crate) fn distinguishing(builder: &Builder<'_>, model: &Model) -> Vec<Lit> {
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

/// What may be spent on making something smaller.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Minimising {
    /// Conflicts for each attempt.
    pub(crate) conflicts: u64,
    /// Conflicts for all of them.
    pub(crate) total: u64,
    /// When to stop.
    pub(crate) until: Option<Instant>,
}

/// Does without one thing after another, while the assumptions hold: elements and messages first, then large
/// numbers.
pub(crate) fn minimise(
    builder: &mut Builder<'_>,
    sat: &mut Sat<'_>,
    mut model: Model,
    kept: &[Lit],
    minimising: Minimising,
) -> Model {
    let Minimising { conflicts, mut total, until } = minimising;
    let mut ranks = builder.ranks.clone();
    ranks.retain(|(rank, _)| *rank > 0);
    ranks.sort_by_key(|(rank, _)| std::cmp::Reverse(*rank));
    let costs: Vec<Lit> =
        builder.presence.clone().into_iter().rev().chain(ranks.into_iter().map(|(_, lit)| lit)).collect();
    let mut assumed: Vec<Lit> = kept.to_vec();
    for lit in costs {
        if !model.holds(lit) {
            assumed.push(!lit);
            continue;
        }
        if total == 0 || until.is_some_and(|until| Instant::now() >= until) {
            break;
        }
        assumed.push(!lit);
        match consistent_model(builder, sat, &assumed, conflicts.min(total)) {
            Ok(smaller) => model = smaller,
            Err(_) => {
                assumed.pop();
            }
        }
        total = total.saturating_sub(sat.spent(conflicts.min(total)));
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
    let formulas = question.assumptions.iter().chain(&question.before).chain(&question.step);
    literals_among(question.module, formulas.chain([&question.goal]).cloned().collect())
}

/// The numbers and strings that the module and these formulas write.
pub(crate) fn literals_among(module: &Module, mut work: Vec<Expr>) -> Literals {
    let mut found = Literals::default();
    work.extend(module.operators.iter().map(|operator| operator.body.clone()));
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
    // What is compared with a number fails next to it. Small numbers are tried in any case.
    let large = found.integers.iter().filter(|value| value.unsigned_abs() > 3);
    let near: Vec<i64> = large.flat_map(|value| [value - 1, value + 1]).collect();
    found.integers.extend(near);
    found.integers.sort_unstable();
    found.integers.dedup();
    found.strings.sort_unstable();
    found.strings.insert("other".into());
    found
}
