//! Results as the XML of JUnit, which build servers read: a suite for each module, a case for each obligation and for
//! each vacuity check, and one for what else is wrong.
//!
//! Invariant: the report has a failure or an error exactly if the run does not end with 0.

use std::time::Duration;

use anyhow::{Context, Result};
use lang::diag::{Diagnostic, Severity};
use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};
use vcgen::decompose::Decomposition;
use vcgen::obligation::{ObligationIdx, ObligationKind};

use super::findings::{self, Finding, remarks};
use super::place::{Columns, place};
use super::text::conclusion;
use super::{Request, needed, status, verdict_words};
use crate::driver::{Proof, Run};
use crate::exit::ExitStatus;
use crate::verdict::{ObligationVerdict, VacuityVerdict};

/// The report of all runs.
pub fn render(runs: &[Run], request: &Request) -> Result<String> {
    let mut report = quick_junit::Report::new("paxprove");
    report.add_test_suites(runs.iter().map(|run| suite(run, request)));
    let text = report.to_string().context("cannot write the results as XML")?;
    // How many are skipped is told of each suite; the schema that build servers use does not know it of all.
    Ok(text.replacen(&format!(" skipped=\"{}\"", n_skipped(&report)), "", 1))
}

fn n_skipped(report: &quick_junit::Report) -> usize {
    let cases = report.test_suites.iter().flat_map(|suite| &suite.test_cases);
    cases.filter(|case| matches!(case.status, TestCaseStatus::Skipped { .. })).count()
}

fn suite(run: &Run, request: &Request) -> TestSuite {
    let mut suite = TestSuite::new(run.front.ast.name.text.as_str());
    suite.add_property(("file", run.front.file.display().to_string().as_str()));
    let findings = findings::all(run, request);
    if let (Some(proof), Some(decomposition)) = (&run.proof, &run.front.decomposition) {
        suite.add_test_cases(obligations(run, proof, decomposition, &findings));
        suite.add_test_cases(vacuity(run, proof, decomposition, &findings));
    }
    suite.add_test_cases(rest(run, &findings));
    let is_bad = |case: &TestCase| matches!(case.status, TestCaseStatus::NonSuccess { .. });
    let status = status(run, request);
    if status != ExitStatus::Proved && !suite.test_cases.iter().any(is_bad) {
        let text = conclusion(run, status);
        suite.add_test_case(case(
            "run",
            "verdict",
            bad(NonSuccessKind::Error, "verdict", &text),
            Duration::ZERO,
        ));
    }
    suite.set_time(run.front.times.total());
    suite
}

/// A case for each obligation that was tried.
fn obligations(
    run: &Run,
    proof: &Proof,
    decomposition: &Decomposition,
    findings: &[Finding],
) -> Vec<TestCase> {
    let needed = needed(proof);
    let mut cases = Vec::new();
    for (obligation_idx, attempt) in &proof.attempts {
        let obligation = &decomposition.tree.obligations[*obligation_idx];
        if obligation.kind == ObligationKind::Vacuity {
            continue;
        }
        let verdict = &proof.verdicts.obligations[obligation_idx];
        let (word, detail) = verdict_words(verdict);
        let status = match (verdict, needed.contains(obligation_idx)) {
            (ObligationVerdict::Proved(_), _) => TestCaseStatus::success(),
            // An alternative that did not do, or a helper that nothing uses, is no failure of the theorem.
            (_, false) => {
                let mut skipped = TestCaseStatus::skipped();
                skipped.set_message(format!("{word}, and not needed"));
                skipped
            }
            (ObligationVerdict::Refuted(_), true) => bad(NonSuccessKind::Failure, word, word),
            (
                ObligationVerdict::Blocked { .. }
                | ObligationVerdict::PossibleCounterexample(_)
                | ObligationVerdict::Undecided(_)
                | ObligationVerdict::Failed(_),
                true,
            ) => bad(NonSuccessKind::Error, word, &detail.unwrap_or_default()),
        };
        let theorem = theorem_of(proof, decomposition, *obligation_idx);
        let status = told(run, status, about(findings, *obligation_idx));
        cases.push(case(theorem, &obligation.id, status, attempt.time));
    }
    cases
}

/// A case for each vacuity check that was selected.
fn vacuity(run: &Run, proof: &Proof, decomposition: &Decomposition, findings: &[Finding]) -> Vec<TestCase> {
    let mut cases = Vec::new();
    for (check, verdict) in decomposition.tree.vacuity.iter().zip(&proof.verdicts.vacuity) {
        let status = match verdict {
            VacuityVerdict::NotSelected => continue,
            VacuityVerdict::NoneFound => TestCaseStatus::success(),
            VacuityVerdict::Contradictory { core } => {
                bad(NonSuccessKind::Failure, "contradictory", &core.join(", "))
            }
            VacuityVerdict::NotChecked(why) => bad(NonSuccessKind::Error, "not-checked", why),
        };
        let time = proof.attempts.get(&check.obligation).map_or(Duration::ZERO, |attempt| attempt.time);
        let id = &decomposition.tree.obligations[check.obligation].id;
        cases.push(case("vacuity", id, told(run, status, about(findings, check.obligation)), time));
    }
    cases
}

/// A case for each other thing that is wrong, and one for the module as it stands.
fn rest(run: &Run, findings: &[Finding]) -> Vec<TestCase> {
    let mut cases = Vec::new();
    let is_error = |finding: &&Finding| finding.diagnostic.severity == Severity::Error;
    if !run.front.has_errors() {
        cases.push(case("module", "syntax, names and sorts", TestCaseStatus::success(), Duration::ZERO));
    }
    let is_assumed = |finding: &&Finding| finding.diagnostic.code.0 == "assumed";
    let others = findings.iter().filter(|finding| finding.obligation.is_none());
    for finding in others.filter(|finding| is_error(finding) || is_assumed(finding)) {
        let code = finding.diagnostic.code.0;
        let status = bad(NonSuccessKind::Error, code, &finding.diagnostic.message);
        let group = if run.front.has_errors() { "module" } else { "theorem" };
        cases.push(case(group, &finding.subject, told(run, status, Some(finding)), Duration::ZERO));
    }
    for remark in run.proof.iter().flat_map(remarks) {
        cases.push(case("run", &remark, bad(NonSuccessKind::Error, "remark", &remark), Duration::ZERO));
    }
    cases
}

fn case(group: &str, name: &str, status: TestCaseStatus, time: Duration) -> TestCase {
    let mut case = TestCase::new(name, status);
    case.set_classname(group).set_time(time);
    case
}

fn bad(kind: NonSuccessKind, word: &str, message: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind);
    status.set_type(word).set_message(message);
    status
}

/// A status with all that its finding says, where it is not a success.
fn told(run: &Run, mut status: TestCaseStatus, finding: Option<&Finding>) -> TestCaseStatus {
    let Some(Finding { diagnostic, .. }) = finding else { return status };
    let Diagnostic { severity: _, code, message, primary, secondary: _, notes, help } = diagnostic;
    let place = place(&run.front.sources, primary.span, Columns::Characters);
    let mut lines =
        vec![format!("{}:{}:{}: {}: {message}", place.file, place.start.0, place.start.1, code.0)];
    lines.extend(notes.iter().cloned());
    lines.extend(help.iter().map(|help| format!("help: {help}")));
    if matches!(status, TestCaseStatus::NonSuccess { .. }) {
        status.set_message(message.as_str()).set_description(lines.join("\n"));
    }
    status
}

fn about(findings: &[Finding], obligation_idx: ObligationIdx) -> Option<&Finding> {
    findings.iter().find(|finding| finding.obligation == Some(obligation_idx))
}

/// The theorem that an obligation was tried for: the one that its id begins with, or else one that uses it.
fn theorem_of<'a>(proof: &Proof, decomposition: &'a Decomposition, obligation_idx: ObligationIdx) -> &'a str {
    let tree = &decomposition.tree;
    let id = &tree.obligations[obligation_idx].id;
    let is_below = |name: &str| id.strip_prefix(name).is_some_and(|rest| rest.starts_with('.'));
    let below = tree.theorems.iter().filter(|plan| is_below(&plan.name));
    let users = || {
        let theorems = tree.theorems.iter().zip(&proof.verdicts.theorems);
        let mut users = theorems.filter(|(_, verdict)| verdict.tried.contains(&obligation_idx));
        users.next().map(|(plan, _)| plan)
    };
    below.max_by_key(|plan| plan.name.len()).or_else(users).map_or("helper", |plan| plan.name.as_str())
}
