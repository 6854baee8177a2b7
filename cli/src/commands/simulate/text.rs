//! A search for people: the instance, the trace step by step, what is violated, and the figures.

use std::fmt::Write as _;
use std::ops::RangeInclusive;

use eval::search::{Confirmation, End, Limit, Trace};
use eval::show::Names;
use eval::successors::Trouble;
use lang::diag::{Code, Diagnostic};
use lang::ids::Id;
use lang::source::Span;
use refute::{Ending, Unrolled};

use super::Simulation;
use crate::exit::ExitStatus;
use crate::report::counted;
use crate::report::states::{call, changed, constants};
use crate::report::text::{Style, diagnostics};

/// The whole report.
pub(super) fn render(
    simulation: &Simulation<'_>,
    names: &Names<'_>,
    status: ExitStatus,
    style: Style,
) -> String {
    let mut out = String::new();
    if style.detail > 0 {
        instance(&mut out, simulation, names);
        if let Some(trace) = simulation.trace() {
            behaviour(&mut out, simulation, names, trace);
        }
        let found = findings(simulation);
        out.push_str(&diagnostics(&simulation.front.sources, &found, style));
        figures(&mut out, simulation);
        if let Some(deadlock) = &simulation.found.deadlock {
            let steps = counted(deadlock.labels.len(), "step");
            let _ = writeln!(out, "a state without steps is reached in {steps}");
            if style.detail > 1 {
                behaviour(&mut out, simulation, names, deadlock);
            }
        }
    }
    let _ = writeln!(out, "{}", conclusion(simulation, status));
    out
}

fn instance(out: &mut String, simulation: &Simulation<'_>, names: &Names<'_>) {
    let Simulation { module, instance, args, .. } = simulation;
    let _ = writeln!(out, "{}: module {}", simulation.front.file.display(), module.name);
    for line in constants(module, &instance.instance, names) {
        let _ = writeln!(out, "  {line}");
    }
    if args.instance.choose != 0 {
        let _ = writeln!(out, "  CHOOSE takes what seed {} says", args.instance.choose);
    }
    for position in &instance.unsettled {
        let name = &module.facts[*position].name;
        let _ = writeln!(out, "  whether `{name}` holds of this instance could not be evaluated");
    }
    out.push('\n');
}

/// A trace as a protocol: each step with what it changes.
fn behaviour(out: &mut String, simulation: &Simulation<'_>, names: &Names<'_>, trace: &Trace) {
    let Some(first) = trace.states.first() else { return };
    let _ = writeln!(out, "0. Init");
    for line in names.state(first) {
        let _ = writeln!(out, "     {line}");
    }
    for (position, (label, pair)) in trace.labels.iter().zip(trace.states.windows(2)).enumerate() {
        let _ = writeln!(out, "{}. {}", position + 1, call(names, label));
        let changed = changed(simulation.module, names, &pair[0], &pair[1]);
        for line in &changed {
            let _ = writeln!(out, "     {line}");
        }
        if changed.is_empty() {
            let _ = writeln!(out, "     nothing changes");
        }
    }
    out.push('\n');
}

fn findings(simulation: &Simulation<'_>) -> Vec<Diagnostic> {
    let Simulation { found, predicates, .. } = simulation;
    let mut findings = Vec::new();
    match &found.end {
        End::Violated { predicate, trace } => {
            let predicate = &predicates[*predicate];
            let after = counted(trace.labels.len(), "step");
            let is_confirmed = simulation.confirmation == Some(Confirmation::Confirmed);
            let may = if is_confirmed { "does" } else { "may" };
            let message = format!("`{}` {may} not hold after {after}", predicate.name);
            let label = "false in the last state";
            let mut finding = Diagnostic::error(Code("violated"), message, predicate.formula.span, label);
            match &simulation.confirmation {
                Some(Confirmation::Open(stuck)) => {
                    finding =
                        finding.because(stuck.span, format!("{}, so that it is not certain", stuck.why));
                }
                Some(Confirmation::Denied(span)) => {
                    finding = finding.because(*span, "the trace is none if this is read as TLA+ reads it");
                }
                Some(Confirmation::Confirmed) | None => {}
            }
            findings.push(finding.help("look at the last steps of the trace: one of them should not be possible, or the claim is too strong"));
        }
        End::Failed { trouble, .. } => findings.push(failed(simulation, trouble)),
        End::Exhausted | End::Limited(_) => {}
    }
    for (position, stuck) in &found.unsettled {
        let name = &predicates[*position].name;
        let message = format!("`{name}` could not be evaluated in some state");
        findings.push(
            Diagnostic::error(Code("not-evaluated"), message, stuck.span, stuck.why.to_string())
                .warning()
                .help("take other `--integers`, or check another form of it with `--check`"),
        );
    }
    findings
}

fn failed(simulation: &Simulation<'_>, trouble: &Trouble) -> Diagnostic {
    match trouble {
        Trouble::Stuck(stuck) => Diagnostic::error(
            Code("not-evaluated"),
            "the next states could not be found",
            stuck.span,
            stuck.why.to_string(),
        )
        .help("put a guard before it, or take a smaller instance"),
        Trouble::NotAssigned { variable, within, read_at } => {
            let name = &simulation.module.variables[*variable].name;
            let message = format!("`{name}` gets no value, so that any would do");
            let label = format!("says nothing that gives `{name}` a value");
            let error = Diagnostic::error(Code("not-assigned"), message, *within, label);
            let error = match read_at {
                Some(span) => error.because(*span, "read here before it has a value"),
                None => error,
            };
            error.help(format!("say what becomes of it, as in `{name}' = ...` or `UNCHANGED {name}`"))
        }
    }
}

fn figures(out: &mut String, simulation: &Simulation<'_>) {
    let Simulation { found, steps, module, predicates, symmetry, args, .. } = simulation;
    if simulation.unrolled.is_some() {
        let _ = writeln!(out, "{:.1} s", simulation.time.as_secs_f64());
        let _ = writeln!(out, "checked: {}", counted(predicates.len(), "predicate"));
        return;
    }
    let seconds = simulation.time.as_secs_f64();
    let kind = if args.walks.is_some() {
        "states visited"
    } else if found.permutations > 1 {
        "states up to symmetry"
    } else {
        "states"
    };
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    let rate = found.states as f64 / seconds.max(0.001);
    let _ = writeln!(
        out,
        "{} {kind}, {}, depth {}; {seconds:.1} s, {rate:.0} states a second",
        found.states,
        counted(usize::try_from(found.transitions).unwrap_or(usize::MAX), "transition"),
        found.depth,
    );
    if found.permutations > 1 {
        let sorts = symmetry.permuted.iter().map(|sort| module.sorts.uninterpreted[*sort].0.clone());
        let sorts: Vec<String> = sorts.collect();
        let _ = writeln!(out, "symmetry: {} permutations of {}", found.permutations, sorts.join(", "));
    }
    if !symmetry.chosen.is_empty() && args.walks.is_none() && !args.no_symmetry {
        let sorts = symmetry.chosen.iter().map(|sort| module.sorts.uninterpreted[*sort].0.clone());
        let sorts: Vec<String> = sorts.collect();
        let _ = writeln!(out, "no symmetry of {}: a CHOOSE may tell their elements apart", sorts.join(", "));
    }
    let fired = steps.actions.iter_enumerated().filter(|(id, _)| found.fired[*id] > 0);
    let fired: Vec<String> =
        fired.map(|(id, action)| format!("{} {}", action.name, found.fired[id])).collect();
    if !fired.is_empty() {
        let _ = writeln!(out, "actions: {}", fired.join(", "));
    }
    if found.transitions > 0 {
        for id in found.never_fired(steps) {
            if id.index() > 0 || steps.actions.len() == 1 {
                let _ = writeln!(out, "never a step: {}", steps.actions[id].name);
            }
        }
    }
    bounded(out, simulation);
    let _ = writeln!(out, "checked: {}", counted(predicates.len(), "predicate"));
}

/// Where infinite sets were read as finite.
fn bounded(out: &mut String, simulation: &Simulation<'_>) {
    let sources = &simulation.front.sources;
    let mut places: Vec<(String, Span)> = Vec::new();
    for span in &simulation.found.bounded {
        let text = sources.text(*span).split_whitespace().collect::<Vec<_>>().join(" ");
        let text = if text.chars().count() > 40 {
            format!("{}...", text.chars().take(37).collect::<String>())
        } else {
            text
        };
        places.push((text, *span));
    }
    let mut texts: Vec<&str> = places.iter().map(|(text, _)| text.as_str()).collect();
    texts.sort_unstable();
    texts.dedup();
    let range = &simulation.instance.instance.integers;
    for text in texts {
        let lines = places.iter().filter(|(own, _)| own == text);
        let mut lines: Vec<String> = lines.map(|(_, span)| sources.line_col(*span).0.to_string()).collect();
        lines.dedup();
        let noun = if lines.len() == 1 { "line" } else { "lines" };
        let _ = writeln!(
            out,
            "`{text}` was read as {}..{} at {noun} {}",
            range.start(),
            range.end(),
            lines.join(", ")
        );
    }
}

/// The last line.
fn conclusion(simulation: &Simulation<'_>, status: ExitStatus) -> String {
    let Simulation { found, predicates, .. } = simulation;
    let seen = counted(found.states, "state");
    let limit = |limit: &Limit| match limit {
        Limit::States => "so many states were asked for (`--max-states`)",
        Limit::Depth => "so many steps were asked for (`--depth`)",
        Limit::Time => "the time was up (`--timeout`)",
        Limit::Memory => "the memory was used up (`--memory`)",
        Limit::Interrupted => "it was interrupted",
    };
    match (&found.end, status) {
        (_, ExitStatus::Internal) => "INTERNAL ERROR: the trace is none, by the strict evaluator".to_owned(),
        (End::Violated { predicate, .. }, ExitStatus::Refuted) => {
            format!("VIOLATED: {}", predicates[*predicate].name)
        }
        (End::Violated { predicate, .. }, _) => {
            format!("NOT CONFIRMED: {} may be violated", predicates[*predicate].name)
        }
        (End::Failed { .. }, _) => "NOT SEARCHED: see above".to_owned(),
        (_, ExitStatus::NothingSelected) => format!("NOTHING CHECKED in {seen}"),
        (End::Limited(_), _)
            if let (Some(unrolled), Some(depths)) = (&simulation.unrolled, &simulation.args.unroll) =>
        {
            nothing_found(unrolled, depths)
        }
        (End::Limited(why), _) => {
            format!("PARTIAL: nothing is violated in {seen}; there are more, but {}", limit(why))
        }
        (End::Exhausted, ExitStatus::Undecided) => {
            format!("PARTIAL: not everything could be evaluated in {seen}")
        }
        (End::Exhausted, _) if simulation.args.walks.is_some() => {
            format!("NOTHING VIOLATED in {seen} of random walks")
        }
        (End::Exhausted, _) => format!("NOTHING VIOLATED in any of {seen} of this instance"),
    }
}

/// That a solver found nothing, which proves nothing: what it cannot read it leaves out.
fn nothing_found(unrolled: &Unrolled, depths: &RangeInclusive<usize>) -> String {
    let searched = match (unrolled.searched, depths.start()) {
        (Some(depth), 0) => format!("in up to {}", counted(depth, "step")),
        (Some(depth), first) => format!("after {first} to {}", counted(depth, "step")),
        (None, _) => "in what was searched, which is not all of any depth".to_owned(),
    };
    let why = match unrolled.end {
        Ending::Found(_) | Ending::Searched => {
            "others were not searched (`--unroll`, `--size`, `--integers`)"
        }
        Ending::Stopped => "for more there was no time (`--timeout`), or it was interrupted",
        Ending::TooLarge => "more is too large for the solver",
        Ending::Unconfirmed => "what looked like one afterwards could not be confirmed",
    };
    format!("PARTIAL: no violation was found {searched}; {why}")
}
