//! `paxprove show`: any stage of the way from text to solver, as text.

use std::fmt::Write as _;

use anyhow::Result;
use vcgen::decompose::Decomposition;
use vcgen::obligation::ObligationIdx;

use super::Output;
use crate::args::{Show, Stage};
use crate::attempt::condition;
use crate::driver::{self, Front, Until};
use crate::exit::ExitStatus;
use crate::report::text::{Style, diagnostics};
use crate::select::Selection;
use crate::verdict::is_selected_with_owner;

/// Shows a stage of each file.
pub fn run(args: &Show, style: Style) -> Result<Output> {
    let selection = Selection::new(&args.only)?;
    let until = match args.stage {
        Stage::Ast | Stage::Typed => Until::Typed,
        Stage::Tree | Stage::Obligations | Stage::Vc | Stage::Smt2 => Until::Obligations,
    };
    let mut text = String::new();
    let mut status = ExitStatus::Proved;
    for file in &args.input.files {
        let front = driver::read(file, &args.input.include, until)?;
        match show(&front, args.stage, &selection) {
            Some(shown) if shown.is_empty() => status = status.and(ExitStatus::NothingSelected),
            Some(shown) => text.push_str(&shown),
            None => {
                text.push_str(&diagnostics(&front.sources, &front.diagnostics, style));
                status = status.and(ExitStatus::Usage);
            }
        }
    }
    Ok(Output { text, status })
}

/// The stage as text; none if errors come before it.
fn show(front: &Front, stage: Stage, selection: &Selection) -> Option<String> {
    match stage {
        Stage::Ast => (!front.has_errors() || front.typed.is_some()).then(|| lang::print::module(&front.ast)),
        Stage::Typed => Some(lang::print_typed::module(front.typed.as_ref()?)),
        Stage::Tree => Some(vcgen::print::tree(&front.decomposition.as_ref()?.tree)),
        Stage::Obligations => {
            let decomposition = front.decomposition.as_ref()?;
            let selected = selected(decomposition, selection).into_iter();
            let obligations = selected.map(|idx| &decomposition.tree.obligations[idx]);
            Some(vcgen::print::obligations(&decomposition.program, obligations))
        }
        Stage::Vc => each(front, selection, |decomposition, idx| {
            vcgen::print::vc(&condition(&decomposition.program, &decomposition.tree.obligations[idx], None))
        }),
        Stage::Smt2 => each(front, selection, |decomposition, idx| {
            let vc = condition(&decomposition.program, &decomposition.tree.obligations[idx], None);
            vc.stages.last().map(|stage| solver::smtlib::print(&vc, stage)).unwrap_or_default()
        }),
    }
}

fn each(
    front: &Front,
    selection: &Selection,
    print: impl Fn(&Decomposition, ObligationIdx) -> String,
) -> Option<String> {
    let decomposition = front.decomposition.as_ref()?;
    let mut out = String::new();
    for obligation_idx in selected(decomposition, selection) {
        let text = print(decomposition, obligation_idx);
        let id = &decomposition.tree.obligations[obligation_idx].id;
        let _ = writeln!(out, "; {id}\n{}\n", text.trim_end());
    }
    Some(out)
}

/// The selected obligations, vacuity checks among them, in the order of the tree.
pub fn selected(decomposition: &Decomposition, selection: &Selection) -> Vec<ObligationIdx> {
    let all = decomposition.tree.obligations.ids();
    all.filter(|idx| is_selected_with_owner(decomposition, selection, *idx)).collect()
}
