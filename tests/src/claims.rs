//! Examples that say of themselves what is proved: modules whose comments make claims about their theorems.
//!
//! A line `\* proved: A, B` names theorems that are proved, `\* not proved: C` false ones, `\* undecided: D`
//! true ones that nothing proves yet, `\* vacuous: E` those whose premises contradict each other, and
//! `\* refused: code` a diagnostic that stops the module, so that nothing is proved. Every theorem of the
//! other modules is named by one of these. A block without a header is a module that extends `Integers`.

use cli::driver::Run;
use cli::verdict::Standing;

use crate::{Setup, prove, read, rendered, root};

/// Enough for any theorem here; what is false is given up sooner.
const RLIMIT: u32 = 400_000;

/// What an example claims.
pub struct Claims {
    /// Theorems that are proved.
    pub proved: Vec<String>,
    /// Theorems that are not.
    pub not_proved: Vec<String>,
    /// Codes of errors that stop the module.
    pub refused: Vec<String>,
}

/// Reads the claims in an example's comments.
pub fn claims(block: &str) -> Claims {
    let named = |marks: &[&str]| -> Vec<String> {
        let lines = block.lines().filter_map(|line| line.trim().strip_prefix("\\* "));
        lines
            .filter_map(|line| line.split_once(": "))
            .filter(|(mark, _)| marks.contains(mark))
            .flat_map(|(_, names)| names.split(", "))
            .map(|name| name.trim().to_owned())
            .collect()
    };
    Claims {
        proved: named(&["proved"]),
        not_proved: named(&["not proved", "undecided", "vacuous"]),
        refused: named(&["refused"]),
    }
}

/// The module of an example; one without a header extends `Integers`.
pub fn module(block: &str) -> String {
    if block.contains("---- MODULE") {
        return block.to_owned();
    }
    format!("---- MODULE Example ----\nEXTENDS Integers\n{block}====\n")
}

/// The block without the theorems of these names, and without their proofs.
fn without(block: &str, names: &[String]) -> String {
    let mut out = String::new();
    let mut is_dropped = false;
    for line in block.lines() {
        let goes_on = line.starts_with(' ') || line.starts_with("PROOF");
        is_dropped = (is_dropped && goes_on)
            || ["LEMMA ", "THEOREM "].iter().any(|keyword| {
                let name = line.strip_prefix(keyword).and_then(|rest| rest.split_once(" =="));
                name.is_some_and(|(name, _)| names.iter().any(|own| own == name))
            });
        if !is_dropped {
            out.push_str(line);
            out.push('\n');
        }
    }
    out
}

/// Why a module is refused.
struct Refusal {
    codes: Vec<String>,
    rendered: String,
}

/// Proves an example.
pub fn run(block: &str) -> Run {
    prove(
        read("Example.pax", &module(block), &[root().join("stdlib"), root().join("tests/soundness/modules")]),
        &Setup { rlimit: Some(RLIMIT), ..Setup::default() },
    )
}

/// Each theorem of a module with how it stands.
fn standings(block: &str) -> Result<Vec<(String, Standing)>, Refusal> {
    let run = run(block);
    if run.front.has_errors() {
        let codes = run.front.diagnostics.iter().map(|diagnostic| diagnostic.code.0.to_owned()).collect();
        return Err(Refusal { codes, rendered: rendered(&run) });
    }
    let verdicts = run.proof.iter().flat_map(|proof| proof.verdicts.theorems.iter());
    let plans = run.front.decomposition.iter().flat_map(|decomposition| &decomposition.tree.theorems);
    let refusals: Vec<String> = plans
        .clone()
        .filter_map(|plan| plan.refused.as_ref())
        .map(|refused| refused.code.0.to_owned())
        .collect();
    if !refusals.is_empty() {
        return Err(Refusal { codes: refusals, rendered: rendered(&run) });
    }
    Ok(plans.map(|plan| plan.name.clone()).zip(verdicts.map(|verdict| verdict.standing.clone())).collect())
}

/// What is wrong with a block's verdicts; nothing if all are as expected.
///
/// False theorems are tried together, so that each may use the others and must not count, and each alone,
/// so that the others do not hide that it is proved.
pub fn problems(block: &str) -> Vec<String> {
    let expected = claims(block);
    if !expected.refused.is_empty() {
        let codes = standings(block).err().map(|refusal| refusal.codes).unwrap_or_default();
        let missing = expected.refused.iter().filter(|code| !codes.contains(code));
        return missing.map(|code| format!("`{code}` is expected, but there is {codes:?}")).collect();
    }
    let mut problems = Vec::new();
    let mut compare = |block: &str| match standings(block) {
        Ok(found) => {
            for (name, standing) in &found {
                if expected.not_proved.contains(name) && *standing == Standing::Proved {
                    problems.push(format!("`{name}` must not be proved"));
                } else if !expected.not_proved.contains(name) && !expected.proved.contains(name) {
                    problems.push(format!("nothing is said of `{name}`"));
                }
            }
            found
        }
        Err(refusal) => {
            problems.push(format!("the module is refused:\n{}", refusal.rendered));
            Vec::new()
        }
    };
    let together = compare(block);
    for name in &expected.not_proved {
        let others: Vec<String> =
            expected.not_proved.iter().filter(|other| *other != name).cloned().collect();
        compare(&without(block, &others));
    }
    let only_true = compare(&without(block, &expected.not_proved));
    for name in &expected.proved {
        match only_true.iter().find(|(found, _)| found == name) {
            Some((_, Standing::Proved)) => {}
            Some((_, standing)) => problems.push(format!("`{name}`: {standing:?}")),
            None => problems.push(format!("there is no theorem `{name}`")),
        }
    }
    for name in &expected.not_proved {
        if !together.iter().any(|(found, _)| found == name) {
            problems.push(format!("there is no theorem `{name}`"));
        }
    }
    problems
}
