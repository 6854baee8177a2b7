//! Holds what is called proved against small states, by the evaluator.
//!
//! Invariant: whatever is reported is false for certain: the strict evaluator says that what is known before is
//! true, that the step is one, and that what is claimed is false.
#![allow(clippy::wildcard_enum_match_arm, reason = "values of other sorts are made alike")]

use std::collections::BTreeMap;
use std::sync::Arc;

use cli::driver::Run;
use cli::verdict::{ObligationVerdict, Standing};
use eval::behaviour;
use eval::evaluate::{Bounds, Evaluator, Moment};
use eval::instance::{Instance, Sizes, instances};
use eval::replay::earlier_invariants;
use eval::show::Names;
use eval::successors::{Stepper, Steps};
use eval::value::{State, Value};
use indexmap::IndexSet;
use lang::ids::{Id, IdVec};
use lang::sort::Sort;
use lang::typed::{Expr, Module};
use vcgen::obligation::{Claim, Means, ObligationKind};

use crate::random_specs::Random;

/// What came of a module.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Obligations that are proved, by what closed them.
    pub proved: BTreeMap<&'static str, usize>,
    /// Obligations that are not.
    pub not_proved: usize,
    /// Theorems and lemmas that are proved, and that are not.
    pub theorems: [usize; 2],
    /// Claims that were looked at: all of their obligations are proved.
    pub claims: usize,
    /// Obligations of these.
    pub checked: usize,
    /// Claims that were looked at and not proved, and those of them that some state refutes.
    pub open_claims: [usize; 2],
    /// States, and pairs of states.
    pub states: usize,
    /// Pairs of a state before and one after it.
    pub steps: usize,
    /// How often a proved claim was evaluated where what is known before it is true.
    pub met: usize,
    /// Claims that were proved and never met.
    pub never_met: usize,
    /// What is proved, and false.
    pub failures: Vec<String>,
}

impl Tally {
    /// Adds another one.
    pub fn add(&mut self, other: Self) {
        for (means, n) in other.proved {
            *self.proved.entry(means).or_default() += n;
        }
        self.not_proved += other.not_proved;
        for (own, n) in self.theorems.iter_mut().zip(other.theorems) {
            *own += n;
        }
        self.claims += other.claims;
        self.checked += other.checked;
        for (own, n) in self.open_claims.iter_mut().zip(other.open_claims) {
            *own += n;
        }
        self.states += other.states;
        self.steps += other.steps;
        self.met += other.met;
        self.never_met += other.never_met;
        self.failures.extend(other.failures);
    }

    /// How many obligations were tried.
    pub fn obligations(&self) -> usize {
        self.not_proved + self.proved.values().sum::<usize>()
    }
}

/// How much is tried for a module.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// Instances.
    pub instances: usize,
    /// States for each instance, beside those that are reached.
    pub states: usize,
    /// States that are reached from the initial ones, for each instance.
    pub reached: usize,
}

/// A claim, with what its parts are in the words of the evaluator.
struct Question<'a> {
    claim: &'a Claim,
    ids: Vec<&'a str>,
    step: Option<Expr>,
    goal: Expr,
    is_proved: bool,
    is_tried: bool,
    met: usize,
    refuted: bool,
}

/// Looks for states that refute what is proved of a module.
pub fn confront(run: &Run, seed: u64, effort: Effort) -> Tally {
    let mut tally = Tally::default();
    let (Some(decomposition), Some(typed), Some(proof)) =
        (&run.front.decomposition, &run.front.typed, &run.proof)
    else {
        return tally;
    };
    let mut questions = questions(run, &mut tally);
    for verdict in &proof.verdicts.theorems {
        tally.theorems[usize::from(verdict.standing != Standing::Proved)] += 1;
    }
    let is_proved = |fact: usize| {
        let theorems = decomposition.tree.theorems.iter().zip(&proof.verdicts.theorems);
        theorems
            .filter(|(plan, _)| plan.fact == fact)
            .all(|(_, verdict)| verdict.standing == Standing::Proved)
    };
    let program = &decomposition.program;
    // The evaluator of claims knows the names that decomposition has introduced.
    let module = Module { locals: program.all_locals(), ..program.module.clone() };
    let Some(behaviour) = behaviour::of_module(typed) else { return tally };
    let steps = Steps::new(typed, &behaviour);
    // The theorems as they stand, whatever the obligations are.
    let claimed: Vec<(usize, Vec<Expr>, Vec<Expr>)> = typed
        .facts
        .iter()
        .enumerate()
        .filter(|(fact, _)| is_proved(*fact))
        .filter_map(|(fact, theorem)| {
            let claim = behaviour::claim(typed, theorem)?;
            Some((fact, claim.invariants, earlier_invariants(typed, fact, &claim.behaviour)))
        })
        .collect();
    let mut random = Random::new(seed);
    for mut instance in sampled(typed, &mut random, effort.instances) {
        instance.choices.seed = u64::try_from(random.below(4)).unwrap_or(0);
        let stepper = Stepper::new(&steps, &instance);
        let evaluator = Evaluator::new(&module, &instance, Bounds::Strict);
        let plain = Evaluator::new(typed, &instance, Bounds::Strict);
        let reached = reached(&stepper, effort.reached, &mut random);
        for state in &reached {
            let moment = Moment { now: Some(state), next: None };
            for (fact, invariants, _) in &claimed {
                for invariant in invariants {
                    if plain.formula(invariant, moment) == Ok(false) {
                        let name = &typed.facts[*fact].name;
                        let shown = Names::new(typed, &instance).state(state).join("\n  ");
                        tally.failures.push(format!(
                            "`{name}` is proved, and false in a state that is reached:\n  {shown}"
                        ));
                    }
                }
            }
        }
        let mut states: IndexSet<State> = reached;
        for _ in 0..effort.states {
            let base = if random.chance(6) { pick(&states, &mut random) } else { None };
            states.insert(random_state(typed, &instance, base.as_ref(), &mut random));
        }
        for before in &states {
            tally.states += 1;
            let now = Moment { now: Some(before), next: None };
            for question in questions.iter_mut().filter(|question| question.step.is_none()) {
                judge(question, &evaluator, now, now, &mut tally, typed, &instance);
            }
            let mut after = Vec::new();
            // A guard without a value has no steps.
            let _ = stepper.transitions(before, &mut |transition| after.push(transition.state));
            after.sort_unstable();
            after.dedup();
            // A lemma may speak of any two states, and an action may leave a variable open.
            after.extend(pick(&states, &mut random));
            for next in after.iter().take(12) {
                tally.steps += 1;
                let both = Moment { now: Some(before), next: Some(next) };
                for question in questions.iter_mut().filter(|question| question.step.is_some()) {
                    judge(question, &evaluator, now, both, &mut tally, typed, &instance);
                }
                whole(typed, &plain, &claimed, both, &behaviour, &mut tally, &instance);
            }
        }
    }
    for question in questions.iter().filter(|question| question.is_tried && !question.is_proved) {
        tally.open_claims[0] += 1;
        tally.open_claims[1] += usize::from(question.refuted);
    }
    tally.never_met = questions.iter().filter(|question| question.is_proved && question.met == 0).count();
    tally
}

/// Which of these operators are false in no state that was reached.
pub fn never_false(module: &Module, operators: &[String], seed: u64, effort: Effort) -> Vec<String> {
    let Some(behaviour) = behaviour::of_module(module) else { return Vec::new() };
    let steps = Steps::new(module, &behaviour);
    let mut random = Random::new(seed);
    let defined = module.operators.iter().filter(|definition| operators.contains(&definition.name));
    let mut left: Vec<(&str, &Expr)> =
        defined.map(|definition| (definition.name.as_str(), &definition.body)).collect();
    for instance in sampled(module, &mut random, effort.instances) {
        let stepper = Stepper::new(&steps, &instance);
        let evaluator = Evaluator::new(module, &instance, Bounds::Strict);
        for state in &reached(&stepper, effort.reached, &mut random) {
            let now = Moment { now: Some(state), next: None };
            left.retain(|(_, body)| evaluator.formula(body, now) != Ok(false));
        }
    }
    left.into_iter().map(|(name, _)| name.to_owned()).collect()
}

/// The claims of all obligations.
fn questions<'a>(run: &'a Run, tally: &mut Tally) -> Vec<Question<'a>> {
    let (Some(decomposition), Some(proof)) = (&run.front.decomposition, &run.proof) else {
        return Vec::new();
    };
    let program = &decomposition.program;
    let mut claims: BTreeMap<usize, Question<'a>> = BTreeMap::new();
    for (idx, obligation) in decomposition.tree.obligations.iter_enumerated() {
        let verdict = proof.verdicts.obligations.get(&idx);
        let is_proved = match verdict {
            // It was not tried: what it is a part of is not proved as a whole.
            None => false,
            Some(ObligationVerdict::Proved(means)) => {
                let means = match means {
                    Means::Frame => "frame",
                    Means::Increment => "increment",
                    Means::Rewriting => "rewriting",
                    Means::Z3 => "Z3",
                };
                *tally.proved.entry(means).or_default() += 1;
                true
            }
            Some(_) => {
                tally.not_proved += 1;
                false
            }
        };
        let Some(claim) = &obligation.claim else { continue };
        // A case of an induction proves nothing by itself: the formula as a whole is proved by all cases.
        let key = match obligation.kind {
            ObligationKind::Induction => claim.goal.as_written().address(),
            ObligationKind::Initiation
            | ObligationKind::Consecution { .. }
            | ObligationKind::Simulation { .. }
            | ObligationKind::Continuity { .. }
            | ObligationKind::Implication
            | ObligationKind::Termination { .. }
            | ObligationKind::Vacuity => Arc::as_ptr(claim).addr(),
        };
        let question = claims.entry(key).or_insert_with(|| {
            let step = claim.branch.as_ref().map(|branch| branch.formula(program));
            let goal = claim.formula(program);
            Question {
                claim,
                ids: Vec::new(),
                step,
                goal,
                is_proved: true,
                is_tried: false,
                met: 0,
                refuted: false,
            }
        });
        question.ids.push(&obligation.id);
        question.is_proved &= is_proved;
        question.is_tried |= verdict.is_some();
    }
    let mut questions: Vec<Question<'a>> = claims.into_values().collect();
    questions.sort_by(|left, right| left.ids.cmp(&right.ids));
    let proved = questions.iter().filter(|question| question.is_proved);
    tally.claims = proved.clone().count();
    tally.checked = proved.map(|question| question.ids.len()).sum();
    questions
}

/// Looks at a claim in a state or a step.
fn judge(
    question: &mut Question<'_>,
    evaluator: &Evaluator<'_>,
    now: Moment<'_>,
    both: Moment<'_>,
    tally: &mut Tally,
    module: &Module,
    instance: &Instance,
) {
    if !question.is_proved && question.refuted {
        return;
    }
    let holds = |formula: &Expr, moment| evaluator.formula(formula, moment) == Ok(true);
    // The step first: it decides most often.
    if !question.step.as_ref().is_none_or(|step| holds(step, both)) {
        return;
    }
    if !question.claim.before.iter().all(|formula| holds(formula, now)) {
        return;
    }
    question.met += 1;
    tally.met += usize::from(question.is_proved);
    if evaluator.formula(&question.goal, both) == Ok(false) {
        question.refuted = true;
        if question.is_proved {
            let names = Names::new(module, instance);
            let states: Vec<String> = [both.now, both.next]
                .into_iter()
                .flatten()
                .map(|state| names.state(state).join("\n  "))
                .collect();
            let ids = question.ids.join("`, `");
            tally.failures.push(format!("`{ids}` is proved, and false:\n  {}", states.join("\n  --\n  ")));
        }
    }
}

/// Whether each invariant, as its theorem states it, survives a step.
fn whole(
    module: &Module,
    evaluator: &Evaluator<'_>,
    claimed: &[(usize, Vec<Expr>, Vec<Expr>)],
    both: Moment<'_>,
    behaviour: &behaviour::Behaviour,
    tally: &mut Tally,
    instance: &Instance,
) {
    let now = Moment { now: both.now, next: None };
    let after = Moment { now: both.next, next: None };
    let is_step = behaviour.next.iter().all(|(action, _)| evaluator.formula(action, both) == Ok(true));
    if !is_step {
        return;
    }
    for (fact, invariants, earlier) in claimed {
        let fails = invariants.iter().any(|invariant| evaluator.formula(invariant, after) == Ok(false));
        let known = || {
            invariants.iter().chain(earlier).all(|invariant| evaluator.formula(invariant, now) == Ok(true))
        };
        if fails && known() {
            let names = Names::new(module, instance);
            let states: Vec<String> = [both.now, both.next]
                .into_iter()
                .flatten()
                .map(|state| names.state(state).join("\n  "))
                .collect();
            let name = &module.facts[*fact].name;
            tally
                .failures
                .push(format!("`{name}` is proved, and a step breaks it:\n  {}", states.join("\n  --\n  ")));
        }
    }
}

/// Instances with one to three elements of each sort.
fn sampled(module: &Module, random: &mut Random, n: usize) -> Vec<Instance> {
    let mut found = Vec::new();
    for number in 0..n {
        let size = u32::try_from(1 + (number + random.below(2)) % 3).unwrap_or(1);
        let sizes = Sizes::all(module, size, 0..=3);
        let candidates: Vec<Instance> =
            instances(module, &sizes).take(24).map(|found| found.instance).collect();
        found.extend(random.pick(&candidates).cloned());
    }
    found
}

/// States that are reached from initial ones.
fn reached(stepper: &Stepper<'_>, max: usize, random: &mut Random) -> IndexSet<State> {
    let mut found: IndexSet<State> = IndexSet::new();
    let Ok(initial) = stepper.initial() else { return found };
    found.extend(initial.into_iter().take(max.div_ceil(4).max(1)));
    let mut next = 0;
    while found.len() < max
        && let Some(state) = found.get_index(next).cloned()
    {
        next += 1;
        let Ok(transitions) = stepper.successors(&state) else { continue };
        // A few of them, so that some lie far from the beginning.
        for _ in 0..3 {
            found.extend(random.pick(&transitions).map(|transition| transition.state.clone()));
        }
    }
    found
}

/// A state, or one that differs from a state in one variable.
fn random_state(module: &Module, instance: &Instance, base: Option<&State>, random: &mut Random) -> State {
    let changed = random.below(module.variables.len());
    let mut state = IdVec::new();
    for (variable, symbol) in module.variables.iter_enumerated() {
        let value = match base {
            Some(base) if variable.index() != changed => base[variable].clone(),
            Some(_) | None => random_value(module, instance, &symbol.sort, random),
        };
        state.push(value);
    }
    Arc::new(state)
}

/// A value of a sort. Functions are on all elements most often, and strings tell the shapes of records apart.
fn random_value(module: &Module, instance: &Instance, sort: &Sort, random: &mut Random) -> Value {
    match sort {
        Sort::Bool => Value::Bool(random.chance(5)),
        Sort::Int => {
            let number = i64::try_from(random.below(8)).unwrap_or(0);
            Value::Int(if number < 6 { number / 2 } else { number - 7 })
        }
        Sort::Str => Value::Str(if random.chance(5) { "a".into() } else { "b".into() }),
        Sort::Uninterpreted(id) => {
            let size = usize::try_from(instance.sizes[*id]).unwrap_or(1);
            Value::Element(*id, u32::try_from(random.below(size)).unwrap_or(0))
        }
        Sort::Set(element) => {
            let n = random.below(4);
            Value::set((0..n).map(|_| random_value(module, instance, element, random)).collect::<Vec<_>>())
        }
        Sort::Function(from, to) => {
            let arguments: Vec<Value> = match &**from {
                Sort::Uninterpreted(id) => (0..instance.sizes[*id])
                    .map(|n| Value::Element(*id, n))
                    .filter(|_| !random.chance(1) || random.chance(5))
                    .collect(),
                Sort::Int => (1..=i64::try_from(random.below(4)).unwrap_or(0)).map(Value::Int).collect(),
                other => {
                    (0..random.below(3)).map(|_| random_value(module, instance, other, random)).collect()
                }
            };
            let mut entries = Vec::new();
            for argument in arguments {
                entries.push((argument, random_value(module, instance, to, random)));
            }
            Value::function(entries)
        }
        Sort::Tuple(sorts) => {
            Value::Tuple(sorts.iter().map(|sort| random_value(module, instance, sort, random)).collect())
        }
        Sort::Record(id) => {
            let record = &module.sorts.records[*id];
            let shape = random.below(record.shapes.len());
            let is_right = random.chance(9);
            let fields = record.shapes.get(shape).into_iter().flatten();
            let values = fields.map(|field| match &record.fields[*field].sort {
                Sort::Str if is_right => {
                    let has_source =
                        record.shapes[shape].iter().any(|field| record.fields[*field].name == "src");
                    Value::Str(if has_source { "a".into() } else { "b".into() })
                }
                sort => random_value(module, instance, sort, random),
            });
            Value::Record(*id, shape, values.collect())
        }
    }
}

fn pick(states: &IndexSet<State>, random: &mut Random) -> Option<State> {
    states.get_index(random.below(states.len())).cloned()
}
