//! A search for programs. These structs are the schema: inner types may change without it.

use std::collections::BTreeMap;

use eval::instance::Constant;
use eval::search::{Confirmation, End, Limit, Trace};
use eval::show::Names;
use schemars::JsonSchema;
use serde::Serialize;

use super::Simulation;
use crate::exit::ExitStatus;
use crate::report::states::call;
use crate::report::{itf, json, words};

/// The report of `simulate --format json`.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Report<'a> {
    /// Changes whenever a reader of an older report would misread a new one.
    schema_version: u32,
    /// The file as the user named it.
    file: String,
    module: &'a str,
    instance: Instance<'a>,
    #[schemars(extend("enum" = words::ENDS))]
    end: &'static str,
    #[schemars(extend("enum" = words::or_none(words::LIMITS)))]
    limit: Option<&'static str>,
    violated: Option<Violated<'a>>,
    states: usize,
    transitions: u64,
    depth: usize,
    /// How many permutations of elements change nothing.
    permutations: usize,
    /// How often each action was fired.
    actions: BTreeMap<&'a str, u64>,
    /// Names of what was checked.
    checked: Vec<&'a str>,
    /// Names of what could not be evaluated somewhere.
    not_evaluated: Vec<&'a str>,
    /// Lines where an infinite set was read as the integers of the instance.
    bounded_at_lines: Vec<usize>,
    /// A trace to a state without a step, in the ITF format, if one was met.
    deadlock: Option<serde_json::Value>,
    /// A trace to what is violated or failed, in the ITF format.
    trace: Option<serde_json::Value>,
    /// What the run ends with.
    exit_code: u8,
    wall_ms: u128,
}

/// What was searched.
#[derive(Serialize, JsonSchema)]
struct Instance<'a> {
    constants: BTreeMap<&'a str, String>,
    /// The least and the largest integer.
    integers: [i64; 2],
    /// The seed of what `CHOOSE` takes.
    choose: u64,
    /// Names of assumptions that could not be evaluated.
    unsettled_assumptions: Vec<&'a str>,
}

/// What is violated.
#[derive(Serialize, JsonSchema)]
struct Violated<'a> {
    name: &'a str,
    line: usize,
    /// Whether the strict evaluator confirmed each step.
    confirmed: bool,
    /// The steps that lead there.
    actions: Vec<String>,
}

/// The report.
pub(super) fn render(
    simulation: &Simulation<'_>,
    names: &Names<'_>,
    status: ExitStatus,
) -> serde_json::Result<String> {
    let Simulation { module, instance, found, predicates, steps, .. } = simulation;
    let line = |span| simulation.front.sources.line_col(span).0;
    let trace = |trace: &Trace| {
        let init = std::iter::once("Init".to_owned());
        let labels: Vec<String> = init.chain(trace.labels.iter().map(|label| call(names, label))).collect();
        itf::trace(module, names, &trace.states, &labels)
    };
    let (end, limit) = match &found.end {
        End::Exhausted if simulation.args.walks.is_some() => ("walked", None),
        End::Exhausted => ("exhausted", None),
        End::Limited(limit) => ("limited", Some(limit_word(*limit))),
        End::Violated { .. } => ("violated", None),
        End::Failed { .. } => ("failed", None),
    };
    let violated = match &found.end {
        End::Violated { predicate, trace } => Some(Violated {
            name: &predicates[*predicate].name,
            line: line(predicates[*predicate].formula.span),
            confirmed: simulation.confirmation == Some(Confirmation::Confirmed),
            actions: trace.labels.iter().map(|label| call(names, label)).collect(),
        }),
        End::Exhausted | End::Limited(_) | End::Failed { .. } => None,
    };
    let constants = module.constants.iter().zip(&instance.instance.constants).map(|(symbol, constant)| {
        let text = match constant {
            Constant::Value(value) => names.value(value),
            Constant::Operator { .. } => "an operator".to_owned(),
        };
        (symbol.name.as_str(), text)
    });
    let report = Report {
        schema_version: json::SCHEMA_VERSION,
        file: simulation.front.file.display().to_string(),
        module: &module.name,
        instance: Instance {
            constants: constants.collect(),
            integers: [*instance.instance.integers.start(), *instance.instance.integers.end()],
            choose: instance.instance.choices.seed,
            unsettled_assumptions: instance
                .unsettled
                .iter()
                .map(|position| module.facts[*position].name.as_str())
                .collect(),
        },
        end,
        limit,
        violated,
        states: found.states,
        transitions: found.transitions,
        depth: found.depth,
        permutations: found.permutations,
        actions: steps
            .actions
            .iter_enumerated()
            .filter(|(id, action)| !action.is_group || found.fired[*id] > 0)
            .map(|(id, action)| (action.name.as_str(), found.fired[id]))
            .collect(),
        checked: predicates.iter().map(|predicate| predicate.name.as_str()).collect(),
        not_evaluated: found.unsettled.keys().map(|position| predicates[*position].name.as_str()).collect(),
        bounded_at_lines: {
            let lines: std::collections::BTreeSet<usize> =
                found.bounded.iter().map(|span| line(*span)).collect();
            lines.into_iter().collect()
        },
        deadlock: found.deadlock.as_ref().map(trace),
        trace: simulation.trace().map(trace),
        exit_code: status.code(),
        wall_ms: simulation.time.as_millis(),
    };
    Ok(serde_json::to_string_pretty(&report)? + "\n")
}

fn limit_word(limit: Limit) -> &'static str {
    match limit {
        Limit::States => "states",
        Limit::Depth => "depth",
        Limit::Time => "time",
        Limit::Memory => "memory",
        Limit::Interrupted => "interrupted",
    }
}
