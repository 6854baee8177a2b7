//! The report of `paxprove vacuity`: what was found hollow, and a table of what was looked at.

use std::fmt::Write as _;

use lang::diag::Diagnostic;
use schemars::JsonSchema;
use serde::Serialize;

use super::text::{Style, diagnostics};
use super::{counted, json, short, words};
use crate::driver::Run;
use crate::exit::ExitStatus;
use crate::vacuity::{Answer, Kind, Row};

/// A module and what was found in it.
#[derive(Debug)]
pub struct Looked {
    /// The run that proved it, or tried to.
    pub run: Run,
    /// The checks.
    pub rows: Vec<Row>,
}

impl Looked {
    /// How it ends.
    pub fn exit(&self) -> ExitStatus {
        let Some(proof) = &self.run.proof else { return ExitStatus::Usage };
        let internal =
            if proof.verdicts.internal.is_empty() { ExitStatus::Proved } else { ExitStatus::Internal };
        let selected = if self.rows.is_empty() { ExitStatus::NothingSelected } else { ExitStatus::Proved };
        self.rows.iter().map(Row::exit).fold(internal.and(selected), ExitStatus::and)
    }

    /// What was found, in the order of the text.
    pub fn findings(&self) -> Vec<Diagnostic> {
        let found = self.rows.iter().filter_map(|row| match &row.answer {
            Answer::Found(finding) => Some((**finding).clone()),
            Answer::Witnessed
            | Answer::Fine
            | Answer::NoneFound
            | Answer::FoundAlready
            | Answer::Unsettled(_) => None,
        });
        let mut findings: Vec<Diagnostic> = self.run.front.diagnostics.iter().cloned().chain(found).collect();
        findings.sort_by_key(Diagnostic::sort_key);
        findings
    }

    fn internal(&self) -> impl Iterator<Item = &String> {
        self.run.proof.iter().flat_map(|proof| &proof.verdicts.internal)
    }

    /// The last line.
    fn conclusion(&self) -> String {
        let checks = counted(self.rows.len(), "check");
        let count =
            |is_wanted: fn(&Answer) -> bool| self.rows.iter().filter(|row| is_wanted(&row.answer)).count();
        let n_found = count(|answer| matches!(answer, Answer::Found(_)));
        let n_unsettled = count(|answer| matches!(answer, Answer::Unsettled(_)));
        match self.exit() {
            ExitStatus::Proved if n_found == 0 => format!("NOTHING HOLLOW FOUND: {checks}"),
            ExitStatus::Proved => format!("NOTHING VACUOUS FOUND: {checks}, {}", counted(n_found, "remark")),
            ExitStatus::NothingSelected => "NOTHING CHECKED".to_owned(),
            ExitStatus::Vacuous => format!("VACUOUS: {checks}, {}", counted(n_found, "finding")),
            ExitStatus::Undecided => {
                format!("NOT SETTLED: {n_unsettled} of {checks}, {}", counted(n_found, "finding"))
            }
            ExitStatus::Internal => "INTERNAL ERROR: believe nothing of the above".to_owned(),
            ExitStatus::Usage | ExitStatus::Refuted | ExitStatus::Regressed => "NOT CHECKED".to_owned(),
        }
    }
}

fn is_found(answer: &Answer) -> bool {
    match answer {
        Answer::Found(_) | Answer::FoundAlready => true,
        Answer::Witnessed | Answer::Fine | Answer::NoneFound | Answer::Unsettled(_) => false,
    }
}

/// The report for people.
pub fn human(looked: &[Looked], style: Style) -> String {
    let one = |looked: &Looked| {
        let mut out = String::new();
        let front = &looked.run.front;
        if style.detail > 0 {
            out.push_str(&diagnostics(&front.sources, &looked.findings(), style));
            if looked.run.proof.is_some() {
                let _ = writeln!(out, "{}: module {}\n", front.file.display(), front.ast.name.text);
                table(&mut out, &looked.rows, style);
            }
        }
        for problem in looked.internal() {
            let _ = writeln!(out, "internal error: {problem}");
        }
        let _ = writeln!(out, "{}", looked.conclusion());
        out
    };
    looked.iter().map(one).collect::<Vec<_>>().join("\n")
}

/// One line for each kind of check, and one for each check that was not settled.
fn table(out: &mut String, rows: &[Row], style: Style) {
    let width = Kind::ALL.iter().map(|kind| kind.title().chars().count()).max().unwrap_or(0);
    let _ = writeln!(out, "{:width$}  checked  found  not settled  example met", "looked for");
    for kind in Kind::ALL {
        let of_kind: Vec<&Row> = rows.iter().filter(|row| row.kind == kind).collect();
        if of_kind.is_empty() {
            continue;
        }
        let n_found = of_kind.iter().filter(|row| is_found(&row.answer)).count();
        let n_met = of_kind.iter().filter(|row| row.answer == Answer::Witnessed).count();
        let n_unsettled = of_kind.iter().filter(|row| matches!(row.answer, Answer::Unsettled(_))).count();
        let _ = writeln!(
            out,
            "{:width$}  {:>7}  {n_found:>5}  {n_unsettled:>11}  {n_met:>11}",
            kind.title(),
            of_kind.len()
        );
    }
    out.push('\n');
    for row in rows {
        match &row.answer {
            Answer::Unsettled(why) => {
                let _ = writeln!(out, "not settled: {} ({}): {why}", row.subject, row.kind.title());
            }
            Answer::Witnessed
            | Answer::Fine
            | Answer::NoneFound
            | Answer::Found(_)
            | Answer::FoundAlready
                if style.detail > 1 =>
            {
                let (word, _) = answer_words(&row.answer);
                let seconds = row.time.as_secs_f64();
                let _ = writeln!(
                    out,
                    "{} ({}): {word} [rlimit {}, {seconds:.2} s]",
                    row.subject,
                    row.kind.title(),
                    row.rlimit
                );
            }
            Answer::Witnessed
            | Answer::Fine
            | Answer::NoneFound
            | Answer::Found(_)
            | Answer::FoundAlready => {}
        }
    }
}

/// The word for an answer, and what there is to say about it.
fn answer_words(answer: &Answer) -> (&'static str, Option<&str>) {
    match answer {
        Answer::Witnessed => ("witnessed", None),
        Answer::Fine => ("fine", None),
        Answer::NoneFound => ("none-found", None),
        Answer::Found(finding) => ("found", Some(finding.message.as_str())),
        Answer::FoundAlready => ("found-already", None),
        Answer::Unsettled(why) => ("not-settled", Some(why.as_str())),
    }
}

/// One line for each finding.
pub fn short(looked: &[Looked]) -> String {
    let mut out = String::new();
    for looked in looked {
        for finding in looked.findings() {
            let _ = writeln!(out, "{}", short::line(&looked.run.front.sources, &finding));
        }
        let file = looked.run.front.file.display();
        for row in &looked.rows {
            if let Answer::Unsettled(why) = &row.answer {
                let _ = writeln!(out, "{file}: not settled: {} ({}): {why}", row.subject, row.kind.title());
            }
        }
        for problem in looked.internal() {
            let _ = writeln!(out, "{file}: internal error: {problem}");
        }
        let _ = writeln!(out, "{file}: {}", looked.conclusion());
    }
    out
}

/// The report of `vacuity --format json`.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Report<'a> {
    /// Changes whenever a reader of an older report would misread a new one.
    schema_version: u32,
    /// What the run ends with.
    exit_code: u8,
    /// One for each file.
    modules: Vec<Module<'a>>,
}

/// What was found in a file.
#[derive(Serialize, JsonSchema)]
struct Module<'a> {
    /// The file as the user named it.
    file: String,
    /// The module in it.
    name: &'a str,
    /// What this file comes to.
    exit_code: u8,
    diagnostics: Vec<json::Message<'a>>,
    /// What is wrong with the run as a whole.
    remarks: Vec<&'a String>,
    checks: Vec<Check<'a>>,
}

/// One thing that was looked at.
#[derive(Serialize, JsonSchema)]
struct Check<'a> {
    #[schemars(extend("enum" = Kind::ALL.map(Kind::word)))]
    kind: &'static str,
    /// What was looked at, in words.
    subject: &'a str,
    #[schemars(extend("enum" = words::ANSWERS))]
    answer: &'static str,
    detail: Option<&'a str>,
    rlimit: u64,
    time_ms: f64,
}

/// The report for programs.
pub fn json(looked: &[Looked], status: ExitStatus) -> serde_json::Result<String> {
    let findings: Vec<Vec<Diagnostic>> = looked.iter().map(Looked::findings).collect();
    let modules = looked.iter().zip(&findings).map(|(looked, findings)| {
        let front = &looked.run.front;
        Module {
            file: front.file.display().to_string(),
            name: &front.ast.name.text,
            exit_code: looked.exit().code(),
            diagnostics: findings.iter().map(|it| json::message(&front.sources, it)).collect(),
            remarks: looked.internal().collect(),
            checks: looked.rows.iter().map(check).collect(),
        }
    });
    let report =
        Report { schema_version: json::SCHEMA_VERSION, exit_code: status.code(), modules: modules.collect() };
    let mut text = serde_json::to_string_pretty(&report)?;
    text.push('\n');
    Ok(text)
}

fn check(row: &Row) -> Check<'_> {
    let (answer, detail) = answer_words(&row.answer);
    Check {
        kind: row.kind.word(),
        subject: &row.subject,
        answer,
        detail,
        rlimit: row.rlimit,
        time_ms: json::millis(row.time),
    }
}
