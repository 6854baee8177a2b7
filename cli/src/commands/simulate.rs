//! `paxprove simulate`: the states that a small instance of a module reaches, and whether what the module claims
//! holds in them.
//!
//! Invariant: only a trace that the strict evaluator confirmed is called a violation.

mod instance;
pub(crate) mod json;
mod text;
mod unrolled;

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow};
use eval::behaviour::{self, Behaviour};
use eval::instance::Found as FoundInstance;
use eval::search::symmetry::Symmetry;
use eval::search::{
    Confirmation, End, Found, Limit, Limits, Predicate, Task, Trace, Walks, confirm, conjuncts,
    default_predicates, search, walk,
};
use eval::show::Names;
use eval::successors::{Steps, Trouble};
use lang::typed::{Expr, Module};
use refute::{Bound, Unrolled};

use self::unrolled::Solved;
use super::Output;
use crate::args::{Simulate, TraceFormat};
use crate::driver::{self, Front, Until};
use crate::exit::ExitStatus;
use crate::report::itf;
use crate::report::states::call;
use crate::report::text::{Style, diagnostics};
use crate::resources::peak_memory;

/// How long random walks are, if nothing is said.
const WALK_DEPTH: usize = 100;

/// A search with all that there is to say about it.
struct Simulation<'a> {
    args: &'a Simulate,
    front: &'a Front,
    module: &'a Module,
    instance: &'a FoundInstance,
    steps: &'a Steps<'a>,
    predicates: &'a [Predicate],
    symmetry: &'a Symmetry,
    found: Found,
    /// How far a solver went, if one searched.
    unrolled: Option<Unrolled>,
    /// What the strict evaluator says of a violation.
    confirmation: Option<Confirmation>,
    time: Duration,
}

/// Searches, and reports.
pub fn run(args: &Simulate, style: Style) -> Result<Output> {
    let front = driver::read(&args.file, &args.include, Until::Typed)?;
    let Some(module) = &front.typed else {
        let text = diagnostics(&front.sources, &front.diagnostics, style);
        return Ok(Output { text, status: ExitStatus::Usage });
    };
    let behaviour = behaviour::of_module(module).ok_or_else(|| {
        anyhow!(
            "`{}` has no behaviour: no theorem `Spec => []P`, no `Spec`, no `Init` and `Next`",
            module.name
        )
    })?;
    let mut instance = instance::instance(module, &args.instance)?;
    let predicates = predicates(module, &behaviour, &args.check)?;
    let steps = Steps::new(module, &behaviour);
    let start = Instant::now();
    let task = Task { steps: &steps, instance: &instance.instance, predicates: &predicates };
    let symmetry = symmetry(args, task, &behaviour);
    let (found, solved) = explore(args, task, &behaviour, &symmetry, start)?;
    let time = start.elapsed();
    if let Some(choices) = solved.as_ref().and_then(|solved| solved.choices.clone()) {
        instance.instance.choices = choices;
    }
    let task = Task { steps: &steps, instance: &instance.instance, predicates: &predicates };
    let confirmation = match &found.end {
        End::Violated { predicate, trace } => Some(confirm(task, &behaviour, trace, &predicates[*predicate])),
        End::Exhausted | End::Limited(_) | End::Failed { .. } => None,
    };
    let simulation = Simulation {
        args,
        front: &front,
        module,
        instance: &instance,
        steps: &steps,
        predicates: &predicates,
        symmetry: &symmetry,
        found,
        unrolled: solved.map(|solved| solved.unrolled),
        confirmation,
        time,
    };
    simulation.output(style)
}

/// What is checked: what the module claims, or what the command line names.
fn predicates(module: &Module, behaviour: &Behaviour, names: &[String]) -> Result<Vec<Predicate>> {
    let mut all = Vec::new();
    for name in names {
        let fact = module.facts.iter().find(|fact| fact.name == *name);
        let mut operators = module.operators.iter();
        let operator = operators.find(|operator| operator.name == *name && operator.params.is_empty());
        let formulas: Vec<Expr> = match (fact, operator) {
            (Some(fact), _) => match behaviour::claim(module, fact) {
                Some(claim) => claim.invariants,
                None => vec![fact.statement.clone()],
            },
            (None, Some(operator)) => vec![operator.body.clone()],
            (None, None) => {
                return Err(anyhow!(
                    "`--check {name}`: no theorem and no operator without parameters is named so"
                ));
            }
        };
        all.extend(formulas.iter().flat_map(|formula| conjuncts(module, name, formula)));
    }
    Ok(if names.is_empty() { default_predicates(module, behaviour) } else { all })
}

fn symmetry(args: &Simulate, task: Task<'_>, behaviour: &Behaviour) -> Symmetry {
    if args.no_symmetry || args.walks.is_some() || args.unroll.is_some() {
        return Symmetry::none();
    }
    let actions = behaviour.next.iter().map(|(action, _)| action);
    let predicates = task.predicates.iter().map(|predicate| &predicate.formula);
    let formulas: Vec<&Expr> = behaviour.init.iter().chain(actions).chain(predicates).collect();
    Symmetry::of(task.steps.module(), task.instance, &formulas)
}

/// Searches as the command line says. A solver may say what `CHOOSE` has to take, and says how far it went.
fn explore(
    args: &Simulate,
    task: Task<'_>,
    behaviour: &Behaviour,
    symmetry: &Symmetry,
    start: Instant,
) -> Result<(Found, Option<Solved>)> {
    let interrupted = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&interrupted);
    ctrlc::set_handler(move || flag.store(true, Ordering::Relaxed)).context("cannot catch interrupts")?;
    if let Some(depths) = args.unroll.clone() {
        let deadline = start + Duration::from_secs(args.timeout.into());
        let bound = Bound { depths, deadline, stop: &interrupted };
        let (found, solved) = unrolled::search(task, behaviour, &bound);
        return Ok((found, Some(solved)));
    }
    let stop = || {
        if interrupted.load(Ordering::Relaxed) {
            return Some(Limit::Interrupted);
        }
        if start.elapsed() > Duration::from_secs(args.timeout.into()) {
            return Some(Limit::Time);
        }
        let memory = peak_memory().process_kb.unwrap_or(0);
        (memory > u64::from(args.memory) * 1024).then_some(Limit::Memory)
    };
    let depth = args.depth.unwrap_or(if args.walks.is_some() { WALK_DEPTH } else { usize::MAX });
    let limits = Limits { states: args.max_states, depth, stop: &stop };
    if let Some(count) = args.walks {
        return Ok((walk(task, Walks { count, depth, seed: args.seed }, limits), None));
    }
    let cores = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    Ok((search(task, symmetry, limits, args.jobs.map_or(cores, usize::from)), None))
}

impl Simulation<'_> {
    fn output(&self, style: Style) -> Result<Output> {
        let status = self.status();
        let names = Names::new(self.module, &self.instance.instance);
        if let (Some(file), Some(trace)) = (&self.args.itf, self.trace()) {
            let text = serde_json::to_string_pretty(&self.itf(&names, trace))?;
            fs::write(file, text + "\n").with_context(|| format!("cannot write `{}`", file.display()))?;
        }
        let text = match self.args.format {
            TraceFormat::Human => text::render(self, &names, status, style),
            TraceFormat::Json => json::render(self, &names, status)?,
            TraceFormat::Itf => {
                let empty = Trace::default();
                serde_json::to_string_pretty(&self.itf(&names, self.trace().unwrap_or(&empty)))? + "\n"
            }
        };
        Ok(Output { text, status })
    }

    /// The trace that there is something to say about.
    fn trace(&self) -> Option<&Trace> {
        match &self.found.end {
            End::Violated { trace, .. } | End::Failed { trace, .. } => Some(trace),
            End::Exhausted | End::Limited(_) => None,
        }
    }

    fn itf(&self, names: &Names<'_>, trace: &Trace) -> serde_json::Value {
        let init = std::iter::once("Init".to_owned());
        let labels: Vec<String> = init.chain(trace.labels.iter().map(|label| call(names, label))).collect();
        itf::trace(self.module, names, &trace.states, &labels)
    }

    fn status(&self) -> ExitStatus {
        let is_settled = self.found.unsettled.is_empty() && self.instance.unsettled.is_empty();
        match (&self.found.end, &self.confirmation) {
            (End::Violated { .. }, Some(Confirmation::Confirmed)) => ExitStatus::Refuted,
            // A step that is one only if `Nat` has an end is no mistake of the search.
            (End::Violated { .. }, Some(Confirmation::Denied(_))) if self.found.bounded.is_empty() => {
                ExitStatus::Internal
            }
            (End::Failed { trouble: Trouble::NotAssigned { .. }, .. }, _) => ExitStatus::Usage,
            (End::Limited(_), _) if self.unrolled.is_some() && self.predicates.is_empty() => {
                ExitStatus::NothingSelected
            }
            (End::Limited(Limit::Depth), _) if is_settled && self.args.depth.is_some() => self.success(),
            (End::Exhausted, _) if is_settled => self.success(),
            (
                End::Violated { .. }
                | End::Failed { trouble: Trouble::Stuck(_), .. }
                | End::Limited(_)
                | End::Exhausted,
                _,
            ) => ExitStatus::Undecided,
        }
    }

    fn success(&self) -> ExitStatus {
        if self.predicates.is_empty() { ExitStatus::NothingSelected } else { ExitStatus::Proved }
    }
}
