//! `paxprove explain`: the page on a code of an error or warning, or all that there is to tell of one obligation.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use vcgen::obligation::{ObligationIdx, ObligationKind};

use super::Output;
use crate::args::{Explain, ExplanationFormat};
use crate::attempt::{self, Attempt, Finding, Unwatched, attempt};
use crate::driver::{self, Front, Proof, Run, Until};
use crate::exit::ExitStatus;
use crate::explanation::find::{NotFound, find};
use crate::explanation::{explain, needs::needs};
use crate::report::text::{Style, diagnostics};
use crate::report::{Request, counted, explanation};
use crate::resources::StageTimes;
use crate::select::{Selection, glob_of};
use crate::solvers::{Solvers, limits, n_workers};
use crate::stdlib;
use crate::verdict::ObligationVerdict;

/// The page on one code, the list of all codes, or one obligation of a module.
pub fn run(args: &Explain, style: Style) -> Result<Output> {
    match (&args.what, &args.file) {
        (Some(what), Some(file)) => obligation(args, what, file, style),
        (what, _) => code(what.as_deref()),
    }
}

/// The page on one code, or the list of all codes.
fn code(code: Option<&str>) -> Result<Output> {
    let all = || stdlib::error_codes().join("\n");
    let Some(code) = code else {
        return Ok(Output { text: format!("{}\n", all()), status: ExitStatus::Proved });
    };
    if Path::new(code).is_file() {
        bail!(
            "which obligation of `{code}`? `paxprove list {code}` lists them; then `paxprove explain ID {code}`"
        );
    }
    let Some(page) = stdlib::error_page(code) else {
        let text = format!(
            "there is no code `{code}` (for an obligation: `paxprove explain ID FILE`); the codes are:\n{}\n",
            all()
        );
        return Ok(Output { text, status: ExitStatus::Usage });
    };
    Ok(Output { text: page.to_owned(), status: ExitStatus::Proved })
}

/// Tells of one obligation.
fn obligation(args: &Explain, what: &str, file: &Path, style: Style) -> Result<Output> {
    if !args.solving.only.is_empty() {
        bail!("`--only` has no place here: ID says which obligation is meant");
    }
    if Path::new(what).is_file() && !file.is_file() {
        bail!("`{what}` is a file: the obligation comes first, `paxprove explain {} {what}`", file.display());
    }
    let front = driver::read(file, &args.include, Until::Trails)?;
    let Some(decomposition) = &front.decomposition else {
        let text = diagnostics(&front.sources, &front.diagnostics, style);
        return Ok(Output { text, status: ExitStatus::Usage });
    };
    let obligation_idx = match find(&decomposition.tree, what) {
        Ok(found) => found,
        Err(not_found) => {
            return Ok(Output { text: not_one(what, file, &not_found), status: ExitStatus::NothingSelected });
        }
    };
    let solvers = Solvers::new(Arc::new(AtomicBool::new(false)))?;
    solvers.stop_on_interrupt()?;
    solvers.warm_up(n_workers(&args.solving));
    let solving = attempt::Solving {
        n_workers: n_workers(&args.solving),
        limits: limits(&args.solving),
        rlimit: args.solving.rlimit,
        make_backend: &|_| solvers.backend(),
        stop: solvers.stop(),
        search: (args.solving.search > 0).then(|| Duration::from_secs(args.solving.search.into())),
        dump_smt: args.solving.dump_smt.as_deref(),
        cache: None,
        progress: &Unwatched,
    };
    let request = Request {
        include: args.include.clone(),
        solving: args.solving.clone(),
        is_whole: style.detail > 1,
        is_check: false,
    };
    told(front, obligation_idx, &solving, &request, args.format, style)
}

/// Proves an obligation, and tells of it.
pub fn told(
    front: Front,
    obligation_idx: ObligationIdx,
    solving: &attempt::Solving<'_>,
    request: &Request,
    format: ExplanationFormat,
    style: Style,
) -> Result<Output> {
    let id = front.decomposition.as_ref().map(|own| own.tree.obligations[obligation_idx].id.clone());
    let selection = Selection::new(&[glob_of(&id.unwrap_or_default())])?;
    let run = driver::prove(front, &selection, solving)?;
    let (Some(decomposition), Some(proof)) = (&run.front.decomposition, &run.proof) else {
        bail!("the module has no obligations");
    };
    let attempt = tried(&run, proof, obligation_idx, solving)?;
    let needed = needs(decomposition, obligation_idx, &attempt, &proof.withdrawn, solving)?;
    let explanation =
        explain(&run, obligation_idx, &attempt, &needed, request).context("it was decomposed")?;
    let text = match format {
        ExplanationFormat::Human => explanation::render(&explanation, style),
        ExplanationFormat::Json => serde_json::to_string_pretty(&explanation)? + "\n",
    };
    let kind = &decomposition.tree.obligations[obligation_idx].kind;
    let internal = if proof.verdicts.internal.is_empty() { ExitStatus::Proved } else { ExitStatus::Internal };
    let own = status(kind, &attempt, proof.verdicts.obligations.get(&obligation_idx));
    Ok(Output { text, status: own.and(internal) })
}

/// What came of the obligation: conditions that are no part of a theorem are tried by themselves.
fn tried(
    run: &Run,
    proof: &Proof,
    obligation_idx: ObligationIdx,
    solving: &attempt::Solving<'_>,
) -> Result<Attempt> {
    let mut attempts = proof.attempts.clone();
    if let Some(decomposition) = &run.front.decomposition {
        let wanted = BTreeSet::from([obligation_idx]);
        let mut times = StageTimes::default();
        attempt(decomposition, &wanted, &proof.withdrawn, (solving, None), &mut attempts, &mut times)?;
    }
    attempts.remove(&obligation_idx).context("it was tried")
}

fn status(kind: &ObligationKind, attempt: &Attempt, verdict: Option<&ObligationVerdict>) -> ExitStatus {
    let is_found = matches!(attempt.finding, Finding::Proved { .. });
    match (kind, verdict) {
        (ObligationKind::Vacuity, _) if is_found => ExitStatus::Vacuous,
        (ObligationKind::Vacuity, _) | (_, Some(ObligationVerdict::Proved(_))) => ExitStatus::Proved,
        (_, Some(ObligationVerdict::Refuted(_))) => ExitStatus::Refuted,
        (_, None) if is_found => ExitStatus::Proved,
        (
            _,
            None
            | Some(
                ObligationVerdict::Blocked { .. }
                | ObligationVerdict::PossibleCounterexample(_)
                | ObligationVerdict::Undecided(_)
                | ObligationVerdict::Failed(_),
            ),
        ) => ExitStatus::Undecided,
    }
}

/// Says that no single obligation is meant, and which might be.
fn not_one(what: &str, file: &Path, not_found: &NotFound) -> String {
    let file = file.display();
    let mut text = String::new();
    match not_found {
        NotFound::Several(ids, n_ids) => {
            let _ = writeln!(text, "`{what}` may be {}; name one of them:", counted(*n_ids, "obligation"));
            for id in ids {
                let _ = writeln!(text, "  {id}");
            }
            if ids.len() < *n_ids {
                let _ = writeln!(text, "  ({} more: `paxprove list {file}` lists them)", n_ids - ids.len());
            }
        }
        NotFound::Nothing(near) => {
            let _ =
                writeln!(text, "no obligation of `{file}` is `{what}`; `paxprove list {file}` lists them");
            if !near.is_empty() {
                let _ = writeln!(text, "these begin alike:");
            }
            for id in near {
                let _ = writeln!(text, "  {id}");
            }
        }
    }
    text
}
