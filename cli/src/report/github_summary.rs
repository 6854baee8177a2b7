//! The summary of a job for the workflows of GitHub: a table in Markdown, a row for each module.

use std::fmt::Write as _;

use super::text::{conclusion, seconds, units};
use super::totals::Totals;
use super::{Request, status};
use crate::driver::Run;

/// The table of all runs.
pub fn render(runs: &[Run], request: &Request) -> String {
    let mut out = "### paxprove\n\n".to_owned();
    out.push_str("| Module | Verdict | Obligations | Proved by | Cost | Time | Dearest |\n");
    out.push_str("| --- | --- | ---: | --- | ---: | ---: | --- |\n");
    for run in runs {
        let cells = cells(run, request).map(|cell| escaped(&cell));
        let _ = writeln!(out, "| {} |", cells.join(" | "));
    }
    // The next step's summary stands in the same file.
    out.push('\n');
    out
}

fn cells(run: &Run, request: &Request) -> [String; 7] {
    let module = run.front.ast.name.text.clone();
    let time = seconds(run.front.times.total());
    let none = String::new;
    let verdict = if request.is_check && !run.front.has_errors() {
        "no errors; nothing was proved".to_owned()
    } else {
        conclusion(run, status(run, request))
    };
    let (Some(proof), Some(decomposition)) = (&run.proof, &run.front.decomposition) else {
        return [module, verdict, none(), none(), none(), time, none()];
    };
    let totals = Totals::of(proof);
    let n_needed = totals.needed.len();
    let dearest = totals.dearest(proof).first().map_or_else(none, |idx| {
        format!("{} [{}]", code(&decomposition.tree.obligations[*idx].id), units(proof.attempts[idx].rlimit))
    });
    let obligations = format!("{} of {n_needed} proved", totals.n_proved());
    [module, verdict, obligations, totals.means(), units(totals.rlimit), time, dearest]
}

/// A name as it is, whatever is in it.
fn code(text: &str) -> String {
    // A name has no line and no backtick.
    format!("`{}`", text.replace('`', "'"))
}

/// Text that ends no cell.
fn escaped(text: &str) -> String {
    text.replace('|', "\\|").replace(['\r', '\n'], " ")
}
