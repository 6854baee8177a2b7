//! A counterexample in words: on which instance, from which state, by which action, what it changed, what is false
//! then and why, and whether any behaviour comes to such a state.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use eval::behaviour;
use eval::evaluate::{Bounds, Evaluator, Moment};
use eval::explain::{Explainer, Reason, Role};
use eval::image::{Bound, Component, Refusal, image};
use eval::replay::{Counterexample, earlier_invariants};
use eval::search::conjuncts;
use eval::show::Names;
use eval::successors::{Stepper, Steps, Transition};
use eval::value::{State, Value};
use lang::print_typed;
use lang::typed::{Expr, FactKind, LocalId, Module, Time, VariableId};
use vcgen::expr;
use vcgen::obligation::Obligation;
use vcgen::program::Program;

use super::states::{call, changed, changes, constants};
use super::{counted, itf};
use crate::evidence::Reach;

/// Longer formulas are cut.
const MAX_TEXT: usize = 120;

/// What there is to tell of a counterexample.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Told {
    /// What the constants are, a line for each.
    pub instance: Vec<String>,
    /// The state before, or the only state: variables and their values.
    pub before: Vec<Reading>,
    /// The action with its arguments, if there is a step.
    pub action: Option<String>,
    /// What the step changed, a line for each part of a variable.
    pub changed: Vec<String>,
    /// What the step looks like to the specification that it does not refine, a line for each part that changes.
    pub image: Vec<String>,
    /// What is false, and why, with the values of its parts.
    pub why: Vec<String>,
    /// What was known before the step.
    pub known: Vec<String>,
    /// Whether any behaviour comes to such a state.
    pub reach: Option<String>,
    /// The steps of a behaviour that does.
    pub behaviour: Vec<String>,
    /// The states as a trace in the ITF format.
    pub itf: serde_json::Value,
}

/// A variable with its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Its name.
    pub variable: String,
    /// Its value.
    pub value: String,
    /// Whether the claim or the action reads it, or the step changes it.
    pub matters: bool,
}

/// Tells of a counterexample to an obligation of the theorem that is the `fact`-th fact of the module.
pub fn tell(
    module: &Module,
    program: &Program,
    obligation: &Obligation,
    fact: usize,
    counterexample: &Counterexample,
    reach: Option<&Reach>,
) -> Told {
    let Counterexample { instance, before, after } = counterexample;
    let names = Names::new(module, instance);
    let mut told = Told { instance: constants(module, instance, &names), ..Told::default() };
    let relevant = relevant(program, obligation);
    if let Some(before) = before {
        let variables = module.variables.iter_enumerated().zip(before.iter());
        let reading = |((id, symbol), value): ((VariableId, &lang::typed::Symbol), _)| Reading {
            variable: symbol.name.clone(),
            value: names.value(value),
            matters: relevant.contains(&id) || after.as_ref().is_some_and(|after| after[id] != *value),
        };
        told.before = variables.map(reading).collect();
    }
    if let (Some(before), Some(after)) = (before, after) {
        told.changed = changed(module, &names, before, after);
        told.action = Some(action(module, &names, fact, counterexample).unwrap_or_else(|| "step".to_owned()));
    }
    match refinement_image(module, &names, fact, counterexample) {
        Some((image, why)) => (told.image, told.why) = (image, why),
        None => told.why = why(module, &names, obligation, fact, counterexample),
    }
    told.known = known(module, obligation, fact);
    told.reach = reach.map(|reach| reach_text(reach, &instance.integers, !told.image.is_empty()));
    if let Some(Reach::Violated(behaviour)) = reach {
        let names = Names::new(module, &behaviour.instance);
        if behaviour.is_other {
            let on = constants(module, &behaviour.instance, &names).join(", ");
            told.behaviour.push(format!("0. with {on}"));
        }
        let steps = behaviour.trace.labels.iter().enumerate();
        told.behaviour
            .extend(steps.map(|(position, label)| format!("{}. {}", position + 1, call(&names, label))));
    }
    let states: Vec<State> = before.iter().chain(after).cloned().collect();
    let labels: Vec<String> = std::iter::once(String::new()).chain(told.action.clone()).collect();
    told.itf = itf::trace(module, &names, &states, &labels);
    told
}

/// The variables that the claim or its action reads.
fn relevant(program: &Program, obligation: &Obligation) -> BTreeSet<VariableId> {
    let mut read = BTreeSet::new();
    if let Some(claim) = &obligation.claim {
        expr::reads(program, claim.goal.as_written(), Time::Now, &mut read);
        if let Some(branch) = &claim.branch {
            let changes = branch.next.iter().filter(|(variable, _)| !branch.keeps(**variable));
            for part in branch.guards.iter().chain(changes.map(|(_, value)| value)) {
                expr::reads(program, part, Time::Now, &mut read);
            }
        }
    }
    read
}

/// The action that leads from the state before to that after, with its arguments.
fn action(
    module: &Module,
    names: &Names<'_>,
    fact: usize,
    counterexample: &Counterexample,
) -> Option<String> {
    let behaviour = behaviour::specification(module, &module.facts[fact])?;
    let steps = Steps::new(module, &behaviour);
    let stepper = Stepper::new(&steps, &counterexample.instance);
    let (before, after) = (counterexample.before.as_ref()?, counterexample.after.as_ref()?);
    let mut found = None;
    let mut visit = |transition: Transition| {
        if found.is_none() && transition.state == *after {
            found = Some(steps.label(&transition));
        }
    };
    // Where the steps cannot be listed, the branch's name tells the action.
    stepper.transitions(before, &mut visit).ok()?;
    found.map(|label| call(names, &label))
}

/// What is false, and why: of the theorem's conjuncts the one that the obligation is about, if that is false.
fn why(
    module: &Module,
    names: &Names<'_>,
    obligation: &Obligation,
    fact: usize,
    counterexample: &Counterexample,
) -> Vec<String> {
    let Counterexample { instance, before, after } = counterexample;
    let theorem = &module.facts[fact];
    let evaluator = Evaluator::new(module, instance, Bounds::Strict);
    let claim = behaviour::claim(module, theorem);
    let (claimed, moment) = match &claim {
        Some(claim) => {
            let last = after.as_ref().or(before.as_ref());
            (claim.invariants.clone(), Moment { now: last, next: None })
        }
        None => (vec![theorem.statement.clone()], Moment { now: before.as_ref(), next: after.as_ref() }),
    };
    let explainer = Explainer::new(module, &evaluator, names);
    let explainer = if claim.is_some() && after.is_some() {
        explainer.compared_with(Moment { now: before.as_ref(), next: None })
    } else {
        explainer
    };
    let parts = claimed.iter().flat_map(|formula| conjuncts(module, &theorem.name, formula));
    let reasons: Vec<(String, Reason)> = parts
        .filter(|part| evaluator.formula(&part.formula, moment) == Ok(false))
        .map(|part| (part.name, explainer.explain(&part.formula, moment)))
        .collect();
    let is_about = |reason: &Reason| mentions(reason, obligation);
    let chosen = reasons.iter().find(|(_, reason)| is_about(reason)).or(reasons.first());
    let mut lines = Vec::new();
    if let Some((name, reason)) = chosen {
        write(reason, Some(name), 0, &mut lines);
    }
    lines
}

/// What a step looks like to the specification that it does not refine, and for each action of that the first
/// conjunct that is not true.
fn refinement_image(
    module: &Module,
    names: &Names<'_>,
    fact: usize,
    counterexample: &Counterexample,
) -> Option<(Vec<String>, Vec<String>)> {
    let Counterexample { instance, before, after } = counterexample;
    let theorem = &module.facts[fact];
    let refinement =
        behaviour::refinement(module, theorem).filter(|_| behaviour::claim(module, theorem).is_none())?;
    let step = Moment { now: Some(before.as_ref()?), next: Some(after.as_ref()?) };
    let evaluator = Evaluator::new(module, instance, Bounds::Strict);
    let found = image(module, &evaluator, &refinement.conclusion, step)?;
    let bound = |bound: &Bound| -> Vec<String> {
        let pair =
            |(local, value): &(LocalId, Value)| format!("{} = {}", names.local(*local), names.value(value));
        bound.iter().map(pair).collect()
    };
    let mut seen = bound(&found.parameters);
    for Component { expr, before, after } in &found.components {
        let text = cut(&print_typed::expr(module, expr));
        match (before, after) {
            (Some(before), Some(after)) if before == after => {
                seen.push(format!("{text} stays {}", names.value(before)));
            }
            (Some(before), Some(after)) => changes(names, &text, before, after, &mut seen),
            (_, _) => seen.push(format!("{text} has no value that could be told")),
        }
    }
    let explainer = Explainer::new(module, &evaluator, names);
    let mut why = Vec::new();
    for Refusal { action, arguments, number, conjunct, names: bound_names } in &found.refusals {
        let arguments = bound(arguments);
        let arguments =
            if arguments.is_empty() { String::new() } else { format!("({})", arguments.join(", ")) };
        why.push(format!("it is no step `{action}{arguments}`, of which conjunct {number} fails"));
        write(&explainer.explain_with(conjunct, bound_names, step), None, 1, &mut why);
    }
    Some((seen, why))
}

/// Whether a reason leads to the place that an obligation is about.
fn mentions(reason: &Reason, obligation: &Obligation) -> bool {
    let (inner, outer) = (obligation.span, reason.span);
    (outer.file == inner.file && inner.start <= outer.start && outer.end <= inner.end)
        || reason.parts.iter().any(|part| mentions(part, obligation))
}

/// A reason as indented lines. What only leads on, such as the body of a quantifier, has no line of its own.
fn write(reason: &Reason, name: Option<&str>, indent: usize, lines: &mut Vec<String>) {
    let role = match &reason.role {
        Role::Conjunct(number) => format!("conjunct {number}: "),
        Role::Disjunct(number) => format!("disjunct {number}: "),
        Role::Premise => "premise: ".to_owned(),
        Role::Conclusion => "conclusion: ".to_owned(),
        Role::Side => "side: ".to_owned(),
        Role::Negated => "negated: ".to_owned(),
        Role::Condition => "condition: ".to_owned(),
        Role::Claim | Role::Branch | Role::Instance => String::new(),
        Role::Definition(_) => "by definition: ".to_owned(),
    };
    let leads_on = matches!(reason.role, Role::Branch | Role::Instance | Role::Definition(_))
        && !reason.parts.is_empty()
        && reason.bound.is_empty();
    let mut below = indent;
    if !leads_on {
        let truth = match &reason.truth {
            Ok(true) => "true".to_owned(),
            Ok(false) => "false".to_owned(),
            Err(why) => format!("open, since {why}"),
        };
        let bound: Vec<String> =
            reason.bound.iter().map(|(name, value)| format!("{name} = {value}")).collect();
        let bound = if bound.is_empty() { String::new() } else { format!(" for {}", bound.join(", ")) };
        let text = name.map_or_else(|| format!("`{}`", cut(&reason.text)), |name| format!("`{name}`"));
        lines.push(format!("{}{role}{text} is {truth}{bound}", "  ".repeat(indent)));
        // What is true is the way to what is false: its values explain nothing.
        let readings = reason.readings.iter().filter(|_| reason.truth != Ok(true));
        for reading in readings.filter(|reading| reading.value.as_deref() != Some(&reading.text)) {
            let value = reading.value.as_deref().unwrap_or("not known");
            let before = reading.before.as_ref().map(|before| format!(" (before: {before})"));
            let before = before.unwrap_or_default();
            lines.push(format!("{}{} = {value}{before}", "  ".repeat(indent + 1), cut(&reading.text)));
        }
        below += 1;
    }
    for part in &reason.parts {
        write(part, None, below, lines);
    }
}

fn cut(text: &str) -> String {
    if text.chars().count() <= MAX_TEXT {
        return text.to_owned();
    }
    format!("{}...", text.chars().take(MAX_TEXT - 3).collect::<String>())
}

/// What was known of the state before: formulas as written, and the names of what is assumed.
fn known(module: &Module, obligation: &Obligation, fact: usize) -> Vec<String> {
    use vcgen::obligation::ObligationKind as Kind;
    let print = |formula: &Expr| cut(&print_typed::expr(module, formula));
    let claim = behaviour::claim(module, &module.facts[fact]);
    let mut known = Vec::new();
    match (&obligation.kind, claim) {
        (Kind::Initiation, Some(claim)) => known.extend(claim.behaviour.init.iter().map(print)),
        (Kind::Consecution { .. }, Some(claim)) => {
            known.extend(claim.invariants.iter().map(print));
            known.extend(earlier_invariants(module, fact, &claim.behaviour).iter().map(print));
        }
        (Kind::Simulation { .. }, None) => {
            let refinement = behaviour::refinement(module, &module.facts[fact]);
            let earlier = refinement.map(|found| earlier_invariants(module, fact, &found.behaviour));
            known.extend(earlier.iter().flatten().map(print));
        }
        (Kind::Implication, Some(claim)) => {
            known.extend(earlier_invariants(module, fact, &claim.behaviour).iter().map(print));
        }
        (_, _) => {}
    }
    let assumed = module.facts.iter().filter(|fact| match fact.kind {
        FactKind::Assumption | FactKind::Axiom => true,
        FactKind::Theorem => false,
    });
    known.extend(assumed.map(|fact| fact.name.clone()));
    known
}

fn reach_text(reach: &Reach, integers: &RangeInclusive<i64>, is_mapped: bool) -> String {
    let wrong =
        if is_mapped { "the protocol or the mapping is wrong" } else { "the protocol itself is wrong" };
    let range = format!("numbers being read as {}..{}", integers.start(), integers.end());
    match reach {
        Reach::Violated(behaviour) => {
            let steps = counted(behaviour.trace.labels.len(), "step");
            format!(
                "{wrong}: after {steps} from an initial state this is false{}",
                if behaviour.is_other { ", on another instance" } else { "" }
            )
        }
        Reach::Reached { n_steps } => format!(
            "{wrong}: the state before is reached in {} from an initial state",
            counted(*n_steps, "step")
        ),
        Reach::Never { n_states } => format!(
            "no behaviour of this instance comes to such a state ({}, {range}): strengthen the invariant so that it \
             excludes the state before, or look at larger instances (`paxprove simulate`)",
            counted(*n_states, "state")
        ),
        Reach::NotMet { n_states, depth } => format!(
            "no behaviour was met that comes to such a state, among {} up to {} from an initial state, {range}; \
             strengthen the invariant, unless there is one farther away",
            counted(*n_states, "state"),
            counted(*depth, "step")
        ),
        Reach::Unknown(why) => {
            format!("whether any behaviour comes to such a state could not be found out: {why}")
        }
    }
}

impl Told {
    /// The counterexample as notes; `is_whole` for all variables, else those that matter.
    pub fn notes(&self, is_whole: bool) -> Vec<String> {
        let mut lines = vec!["counterexample, confirmed by the evaluator".to_owned()];
        let mut block = |heading: String, items: &[String]| {
            if !items.is_empty() {
                lines.push(format!("  {heading}"));
                lines.extend(items.iter().map(|item| format!("    {item}")));
            }
        };
        block("with".to_owned(), &self.instance);
        let (shown, hidden): (Vec<&Reading>, Vec<&Reading>) =
            self.before.iter().partition(|reading| is_whole || reading.matters);
        let mut state: Vec<String> =
            shown.iter().map(|reading| format!("{} = {}", reading.variable, reading.value)).collect();
        if !hidden.is_empty() {
            let hidden: Vec<&str> = hidden.iter().map(|reading| reading.variable.as_str()).collect();
            state.push(format!("(`-v` shows {} too)", hidden.join(", ")));
        }
        let heading = if self.action.is_some() { "before" } else { "state" };
        block(heading.to_owned(), &state);
        if let Some(action) = &self.action {
            let nothing = ["nothing changes".to_owned()];
            let items: &[String] = if self.changed.is_empty() { &nothing } else { &self.changed };
            block(format!("step {action}"), items);
        }
        block("abstract image".to_owned(), &self.image);
        block("so that".to_owned(), &self.why);
        let mut notes = vec![lines.join("\n")];
        if !self.known.is_empty() {
            let known: Vec<String> = self.known.iter().map(|known| format!("`{known}`")).collect();
            notes.push(format!("known: {}", known.join(", ")));
        }
        notes.extend(self.reach.as_ref().map(|reach| {
            let steps = self.behaviour.iter().map(|step| format!("    {step}"));
            std::iter::once(reach.clone()).chain(steps).collect::<Vec<_>>().join("\n")
        }));
        notes
    }
}
