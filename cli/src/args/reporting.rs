//! In which forms results are told, and where: the options that commands share.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// In which forms a result is told.
#[derive(Clone, Debug, Args)]
pub struct Reporting {
    /// The form of the result
    #[arg(long, value_enum, default_value_t = ReportFormat::Human)]
    pub format: ReportFormat,
    /// Write the result in this form into this file, too; may be repeated
    #[arg(long, value_name = "FORM=FILE", value_parser = emit)]
    pub emit: Vec<Emit>,
}

/// The form of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// For people.
    Human,
    /// One line for each finding: `file:line:col: error[code]: message`.
    Short,
    /// For programs.
    Json,
    /// For programs that read line by line: one JSON object a line.
    Jsonl,
    /// Annotations for the workflows of GitHub.
    Github,
    /// A summary for the workflows of GitHub: a table in Markdown.
    GithubSummary,
    /// Findings in SARIF 2.1.0, for code scanning and editors.
    Sarif,
    /// Results in the XML of JUnit, for build servers.
    Junit,
    /// A page to read the proof in.
    Html,
}

/// A file to write a report into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Emit {
    /// In which form.
    pub format: ReportFormat,
    /// Where.
    pub file: PathBuf,
}

/// `FORM=FILE`
fn emit(text: &str) -> Result<Emit, String> {
    let (form, file) = text.split_once('=').ok_or("expected FORM=FILE")?;
    let format = ReportFormat::from_str(form, false).map_err(|_| {
        let all = ReportFormat::value_variants().iter().filter_map(ValueEnum::to_possible_value);
        let all: Vec<String> = all.map(|value| value.get_name().to_owned()).collect();
        format!("there is no form `{form}`; there are {}", all.join(", "))
    })?;
    match file {
        "" => Err("the file is missing".to_owned()),
        "-" => Err(format!("`-` is not a file: use `--format {form}`")),
        file => Ok(Emit { format, file: PathBuf::from(file) }),
    }
}

/// Arguments of `schema`.
#[derive(Clone, Debug, Args)]
pub struct Schema {
    /// Of which report
    #[arg(value_enum, default_value_t = SchemaOf::Json)]
    pub of: SchemaOf,
}

/// A report that has a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SchemaOf {
    /// `prove --format json`.
    Json,
    /// A line of `prove --format jsonl`.
    Jsonl,
    /// `check --format json`.
    CheckJson,
    /// A line of `check --format jsonl`.
    CheckJsonl,
    /// `vacuity --format json`.
    Vacuity,
    /// `simulate --format json`.
    Simulate,
    /// `mutate --format json`.
    Mutate,
    /// A line of `mutate --out FILE`.
    MutateOut,
    /// `stability --format json`.
    Stability,
    /// `certify --format json`.
    Certify,
    /// A line of `--progress json`.
    Progress,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::Cli;
    use clap::Parser;

    #[test]
    fn reports_go_into_files() {
        let cli = Cli::try_parse_from(["paxprove", "a.pax", "--emit", "json=a=b.json", "--emit=sarif=c"]);
        let emit = |format, file: &str| Emit { format, file: PathBuf::from(file) };
        let expected = [emit(ReportFormat::Json, "a=b.json"), emit(ReportFormat::Sarif, "c")];
        assert_eq!(cli.unwrap().prove.telling.reporting.emit, expected);
        for (wrong, why) in [
            ("json=-", "`-` is not a file: use `--format json`"),
            ("json=", "the file is missing"),
            ("json", "expected FORM=FILE"),
            ("jason=a", "there is no form `jason`; there are human, short, json, jsonl"),
        ] {
            let error = Cli::try_parse_from(["paxprove", "a.pax", "--emit", wrong]).unwrap_err();
            assert!(error.to_string().contains(why), "{error}");
        }
    }
}
