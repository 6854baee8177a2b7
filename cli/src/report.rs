//! From runs to what is shown. Each form has a file of its own; what they share is here and in [`findings`].

pub mod contradictions;
pub mod counterexample;
pub mod explanation;
pub mod findings;
pub mod github;
pub mod github_summary;
pub mod graph;
pub mod html;
pub mod itf;
pub mod json;
pub mod jsonl;
pub mod junit;
pub mod origins;
pub mod palette;
pub mod picture;
pub mod place;
pub mod sarif;
pub mod short;
pub mod states;
pub mod text;
pub mod totals;
pub mod vacuity;
pub(crate) mod words;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Result;
use solver::backend::UnknownReason;
use vcgen::obligation::{Alternative, ObligationIdx, ProofTree, TheoremPlan};

use crate::args::{ReportFormat, Solving};
use crate::driver::{Proof, Run};
use crate::exit::ExitStatus;
use crate::report::text::Style;
use crate::resources::peak_memory;
use crate::select::glob_of;
use crate::verdict::{ObligationVerdict, Possible};

/// What was asked for, as far as reports repeat it.
#[derive(Clone, Debug)]
pub struct Request {
    /// Where extended modules are looked for, beside the folder of the file.
    pub include: Vec<PathBuf>,
    /// How to solve, and what.
    pub solving: Solving,
    /// Whether counterexamples are shown with all variables.
    pub is_whole: bool,
    /// Whether files were only looked at, and nothing was to be proved.
    pub is_check: bool,
}

impl Request {
    /// The command that tries one obligation of a file again in the same way.
    pub fn reproduce(&self, file: &Path, obligation: &str) -> String {
        let mut command = format!(
            "paxprove {} --only {}",
            quoted(&file.display().to_string()),
            quoted(&glob_of(obligation))
        );
        let Solving { only: _, jobs: _, rlimit, timeout, memory, seed, search, dump_smt: _ } = &self.solving;
        for folder in &self.include {
            let _ = write!(command, " -I {}", quoted(&folder.display().to_string()));
        }
        if let Some(rlimit) = rlimit {
            let _ = write!(command, " --rlimit {rlimit}");
        }
        for (option, value, usual) in [
            ("timeout", *timeout, 60),
            ("memory", *memory, 2048),
            ("seed", *seed, 0),
            ("search", *search, 10),
        ] {
            if value != usual {
                let _ = write!(command, " --{option} {value}");
            }
        }
        command
    }
}

/// A word as a shell takes it literally.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-/@+:,".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// How a run of one module ends.
pub fn exit(run: &Run) -> ExitStatus {
    match &run.proof {
        Some(proof) => proof.verdicts.exit(),
        None => ExitStatus::Usage,
    }
}

/// A report in any form.
pub fn render(format: ReportFormat, runs: &[Run], request: &Request, style: Style) -> Result<String> {
    let text = match format {
        ReportFormat::Human => {
            runs.iter().map(|run| text::render(run, request, style)).collect::<Vec<_>>().join("\n")
        }
        ReportFormat::Short => short::render(runs, request),
        ReportFormat::Json => json::render(runs, request, peak_memory())?,
        ReportFormat::Jsonl => jsonl::render(runs, request, peak_memory())?,
        ReportFormat::Github => github::render(runs, request),
        ReportFormat::GithubSummary => github_summary::render(runs, request),
        ReportFormat::Sarif => sarif::render(runs, request)?,
        ReportFormat::Junit => junit::render(runs, request)?,
        ReportFormat::Html => html::render(runs, request)?,
    };
    Ok(text)
}

/// How a file ends, as far as was asked for.
pub fn status(run: &Run, request: &Request) -> ExitStatus {
    match (request.is_check, run.front.has_errors()) {
        (false, _) => exit(run),
        (true, false) => ExitStatus::Proved,
        (true, true) => ExitStatus::Usage,
    }
}

/// How all files together end.
pub fn status_of_all(runs: &[Run], request: &Request) -> ExitStatus {
    runs.iter().map(|run| status(run, request)).fold(ExitStatus::Proved, ExitStatus::and)
}

/// The obligations that the theorems of a module need, all together, in the order of the tree.
pub fn needed(proof: &Proof) -> BTreeSet<ObligationIdx> {
    proof.verdicts.theorems.iter().flat_map(|verdict| verdict.needed.iter().copied()).collect()
}

/// What to think of an unknown: whether a larger budget may help.
pub fn reason_text(reason: &UnknownReason) -> String {
    match reason {
        UnknownReason::ResourceLimit => "resource limit reached, more may help (`--rlimit`)".to_owned(),
        UnknownReason::Timeout => "time limit reached, more may help (`--timeout`)".to_owned(),
        UnknownReason::Memory => "memory limit reached, more may help (`--memory`)".to_owned(),
        UnknownReason::Incomplete(why) => format!("gave up, more will not help ({why})"),
        UnknownReason::Interrupted => "interrupted".to_owned(),
        UnknownReason::SolverDied(how) => format!("the solver died ({how})"),
    }
}

/// The position of the fact that an obligation is a part of the proof of, if it stands in one of its alternatives.
pub fn fact_of(tree: &ProofTree, obligation_idx: ObligationIdx) -> Option<usize> {
    let has = |plan: &&TheoremPlan| {
        plan.alternatives.iter().flat_map(Alternative::all).any(|own| own == obligation_idx)
    };
    tree.theorems.iter().find(has).map(|plan| plan.fact)
}

/// The word for a verdict, and what there is to say about it.
pub fn verdict_words(verdict: &ObligationVerdict) -> (&'static str, Option<String>) {
    match verdict {
        ObligationVerdict::Proved(_) => ("proved", None),
        ObligationVerdict::Blocked { on } => ("blocked", Some(format!("rests on {}", listed(on)))),
        ObligationVerdict::Refuted(_) => ("refuted", None),
        ObligationVerdict::PossibleCounterexample(Possible::Model(_)) => {
            ("possible-counterexample", Some("the solver's word only, not confirmed".to_owned()))
        }
        ObligationVerdict::PossibleCounterexample(Possible::States(..)) => {
            ("possible-counterexample", Some("not all of it could be evaluated".to_owned()))
        }
        ObligationVerdict::Undecided(reason) => ("undecided", Some(reason_text(reason))),
        ObligationVerdict::Failed(error) => ("failed", Some(error.to_string())),
    }
}

/// Names in backticks, with commas.
pub fn listed(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// A count with its noun.
pub fn counted(n: usize, noun: &str) -> String {
    if n == 1 { format!("{n} {noun}") } else { format!("{n} {noun}s") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::{Cli, Prove};
    use clap::Parser;

    fn request(options: &[&str]) -> Request {
        let args = ["paxprove", "a.pax"].iter().chain(options);
        let Prove { input, solving, .. } = Cli::try_parse_from(args).unwrap().prove;
        Request { include: input.include, solving, is_whole: false, is_check: false }
    }

    #[test]
    fn a_run_is_reproduced_with_its_options() {
        let id = "Inv.step.A.f[x]";
        assert_eq!(
            request(&["-j", "3"]).reproduce(Path::new("a b.pax"), id),
            "paxprove 'a b.pax' --only 'Inv.step.A.f[[]x[]]'"
        );
        assert_eq!(
            request(&["--seed", "7", "-I", "lib", "--rlimit", "9"]).reproduce(Path::new("a.pax"), "Inv.1"),
            "paxprove a.pax --only Inv.1 -I lib --rlimit 9 --seed 7"
        );
    }

    #[test]
    fn counts_agree_with_their_nouns() {
        assert_eq!(counted(1, "hint"), "1 hint");
        assert_eq!(counted(0, "hint"), "0 hints");
    }
}
