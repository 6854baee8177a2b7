//! `paxprove list`: the obligations of modules, and how each is closed, without solving any.

use std::fmt::Write as _;

use anyhow::Result;
use vcgen::print;

use super::Output;
use crate::args::List;
use crate::driver::{self, Until};
use crate::exit::ExitStatus;
use crate::report::text::{Style, diagnostics};
use crate::select::Selection;

/// Lists each file's obligations in the order of its proof tree, vacuity checks last.
pub fn run(args: &List, style: Style) -> Result<Output> {
    let selection = Selection::new(&args.only)?;
    let mut text = String::new();
    let mut status = ExitStatus::Proved;
    let mut n_listed = 0;
    for file in &args.input.files {
        let front = driver::read(file, &args.input.include, Until::Obligations)?;
        text.push_str(&diagnostics(&front.sources, &front.diagnostics, style));
        let Some(decomposition) = &front.decomposition else {
            status = status.and(ExitStatus::Usage);
            continue;
        };
        for obligation_idx in super::show::selected(decomposition, &selection) {
            let obligation = &decomposition.tree.obligations[obligation_idx];
            let [title, ..] = obligation.kind.descriptions();
            let means = obligation.closed.as_ref().map_or("open", |closed| print::means(closed.means));
            let _ = writeln!(text, "{}  {means}  {title}", obligation.id);
            n_listed += 1;
        }
    }
    if n_listed == 0 {
        status = status.and(ExitStatus::NothingSelected);
    }
    Ok(Output { text, status })
}
