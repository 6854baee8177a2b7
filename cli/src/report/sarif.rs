//! Findings in SARIF 2.1.0, which code scanning services and editors read: a result for each thing that is wrong, and
//! none for what is proved. A rule is a code, and its page is the rule's help.
//!
//! Invariants: columns count code units of UTF-16, as the log says; a fingerprint is made of the module, the code and
//! what the finding is about, so that it stays the same where lines move.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use lang::diag::{Diagnostic, Label};
use lang::source::{SourceMap, Span};

use super::counterexample::Told;
use super::findings::{self, Finding, counterexample, remarks, severity_word};
use super::place::{Columns, place};
use super::{Request, status_of_all};
use crate::driver;
use crate::exit::ExitStatus;
use crate::{identity, stdlib};

mod log;

use log::{
    ArtifactLocation, CodeFlow, Driver, Help, Invocation, Location, Log, Message, Notification,
    PhysicalLocation, Region, Rule, Run, SarifResult, ThreadFlow, ThreadFlowLocation, Tool,
};

/// Where the schema of the format is.
const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";
/// The fingerprint: changes its number whenever it is made in another way.
const FINGERPRINT: &str = "paxproveFinding/v1";

/// The log of all runs.
pub fn render(runs: &[driver::Run], request: &Request) -> serde_json::Result<String> {
    let findings: Vec<Vec<Finding>> = runs.iter().map(|run| findings::all(run, request)).collect();
    let rules = rules();
    let mut seen = BTreeMap::new();
    let mut results = Vec::new();
    for (run, found) in runs.iter().zip(&findings) {
        for finding in found {
            results.push(result(run, finding, &rules, &mut seen));
        }
    }
    let log = Log {
        schema: SCHEMA,
        version: "2.1.0",
        runs: vec![Run {
            tool: Tool { driver: Driver { name: "paxprove", version: identity::VERSION, rules } },
            invocations: vec![invocation(runs, request)],
            results,
            column_kind: "utf16CodeUnits",
        }],
    };
    Ok(serde_json::to_string_pretty(&log)? + "\n")
}

/// All codes, in their order, with their pages.
fn rules() -> Vec<Rule<'static>> {
    let rule = |id: &'static str| {
        let page = stdlib::error_page(id)?;
        // A page begins with its title; what follows up to an empty line says what the code means.
        let mut paragraphs = page.split("\n\n").map(str::trim).filter(|paragraph| !paragraph.is_empty());
        let first = paragraphs.nth(1).unwrap_or(id).replace('\n', " ");
        let help = Help { text: page, markdown: page };
        Some(Rule { id, short_description: first.into(), help })
    };
    stdlib::error_codes().into_iter().filter_map(rule).collect()
}

fn invocation(runs: &[driver::Run], request: &Request) -> Invocation {
    let status = status_of_all(runs, request);
    let notes = runs.iter().flat_map(|run| {
        let file = run.front.file.display();
        run.proof.iter().flat_map(remarks).map(move |remark| format!("{file}: {remark}"))
    });
    let execution_successful = match status {
        ExitStatus::Proved
        | ExitStatus::NothingSelected
        | ExitStatus::Regressed
        | ExitStatus::Vacuous
        | ExitStatus::Undecided
        | ExitStatus::Refuted => true,
        // Nothing was tried, or nothing is to be believed.
        ExitStatus::Usage | ExitStatus::Internal => false,
    };
    Invocation {
        execution_successful,
        exit_code: status.code(),
        tool_execution_notifications: notes
            .map(|note| Notification { level: "error", message: note.into() })
            .collect(),
    }
}

fn result<'a>(
    run: &driver::Run,
    finding: &'a Finding,
    rules: &[Rule<'_>],
    seen: &mut BTreeMap<String, usize>,
) -> SarifResult<'a> {
    let Diagnostic { severity, code, message: _, primary, secondary, notes: _, help: _ } =
        &finding.diagnostic;
    let sources = &run.front.sources;
    let related = |(position, label): (usize, &Label)| {
        let message = (!label.message.is_empty()).then(|| label.message.clone().into());
        Location { id: Some(position + 1), message, ..location(sources, label.span) }
    };
    SarifResult {
        rule_id: code.0,
        rule_index: rules.iter().position(|rule| rule.id == code.0),
        level: severity_word(*severity),
        message: text(&finding.diagnostic).into(),
        locations: vec![location(sources, primary.span)],
        related_locations: secondary.iter().enumerate().map(related).collect(),
        partial_fingerprints: BTreeMap::from([(FINGERPRINT, fingerprint(run, finding, seen))]),
        code_flows: code_flow(run, finding).into_iter().collect(),
    }
}

/// All that a diagnostic says, as one text.
fn text(diagnostic: &Diagnostic) -> String {
    let label = (!diagnostic.primary.message.is_empty()).then(|| diagnostic.primary.message.clone());
    let parts = std::iter::once(diagnostic.message.clone()).chain(label);
    let parts = parts.chain(diagnostic.notes.iter().cloned());
    parts.chain(diagnostic.help.iter().map(|help| format!("help: {help}"))).collect::<Vec<_>>().join("\n")
}

/// What stays the same of a finding where lines move. Findings that have all of it in common are numbered.
fn fingerprint(run: &driver::Run, finding: &Finding, seen: &mut BTreeMap<String, usize>) -> String {
    let module = &run.front.ast.name.text;
    let mut fingerprint = format!("{module}/{}/{}", finding.diagnostic.code.0, finding.subject);
    let n_before = seen.entry(fingerprint.clone()).or_default();
    *n_before += 1;
    if *n_before > 1 {
        let _ = write!(fingerprint, "#{n_before}");
    }
    fingerprint
}

fn location(sources: &SourceMap, span: Span) -> Location {
    let place = place(sources, span, Columns::Utf16);
    let region = Region {
        start_line: place.start.0,
        start_column: place.start.1,
        end_line: place.end.0,
        end_column: place.end.1,
    };
    let artifact_location = ArtifactLocation { uri: uri(place.file) };
    Location { id: None, physical_location: PhysicalLocation { artifact_location, region }, message: None }
}

/// The name of a file as a reference: relative if it is relative.
fn uri(file: &str) -> String {
    let mut uri = if Path::new(file).is_absolute() { "file://".to_owned() } else { String::new() };
    for byte in file.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte));
            }
            _ => drop(write!(uri, "%{byte:02X}")),
        }
    }
    uri
}

/// A counterexample as a flow: the state before with its values, the step with what it changes, what is false then.
fn code_flow(run: &driver::Run, finding: &Finding) -> Option<CodeFlow> {
    let (proof, decomposition) = (run.proof.as_ref()?, run.front.decomposition.as_ref()?);
    let obligation_idx = finding.obligation?;
    let verdict = proof.verdicts.obligations.get(&obligation_idx)?;
    let told = counterexample(run, decomposition, obligation_idx, verdict)?;
    let obligation = &decomposition.tree.obligations[obligation_idx];
    let conjunct = finding.diagnostic.primary.span;
    let at = |span: Span, message: String, state: BTreeMap<String, Message>| ThreadFlowLocation {
        location: Location { message: Some(message.into()), ..location(&run.front.sources, span) },
        state,
    };
    let Told { instance, before, action, changed, why, .. } = told;
    let state = before.into_iter().map(|reading| (reading.variable, reading.value.into())).collect();
    let mut locations = Vec::new();
    let step = obligation.action.unwrap_or(conjunct);
    let with = if instance.is_empty() { String::new() } else { format!(" with {}", instance.join(", ")) };
    match action {
        Some(action) => {
            locations.push(at(step, format!("before{with}"), state));
            let changed = if changed.is_empty() { "nothing changes".to_owned() } else { changed.join("\n") };
            locations.push(at(step, format!("step {action}\n{changed}"), BTreeMap::new()));
        }
        None => locations.push(at(conjunct, format!("state{with}"), state)),
    }
    let why = if why.is_empty() { "this is false".to_owned() } else { why.join("\n") };
    locations.push(at(conjunct, why, BTreeMap::new()));
    let message = finding.diagnostic.message.clone().into();
    Some(CodeFlow { message, thread_flows: vec![ThreadFlow { locations }] })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_are_references() {
        assert_eq!(uri("specs/a b.pax"), "specs/a%20b.pax");
        assert_eq!(uri("/x/100%.pax"), "file:///x/100%25.pax");
        assert_eq!(uri("\u{e9}#.pax"), "%C3%A9%23.pax");
    }

    #[test]
    fn every_code_is_a_rule_that_says_something() {
        let rules = rules();
        assert_eq!(rules.len(), stdlib::error_codes().len());
        for rule in rules {
            assert_ne!(rule.short_description.text, rule.id);
            let first = &rule.short_description.text;
            assert!(!first.starts_with('#') && !first.starts_with("```"), "{}", rule.id);
        }
    }
}
