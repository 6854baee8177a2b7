//! `paxprove graph`: proves, and draws what rests on what.

use std::io::{self, Write as _};

use anyhow::Result;

use super::Output;
use super::prove::prove_kept;
use crate::args::{Graph, GraphFormat, GraphOf};
use crate::driver::Run;
use crate::exit::ExitStatus;
use crate::progress::Form;
use crate::report;
use crate::report::graph::{Drawing, Graphs, Matrices, arcs, dot, grid, json, layered, svg};
use crate::report::picture::graphs::{self, helps};
use crate::report::picture::matrix::{Matrix, matrices};
use crate::report::text::{Style, diagnostics};

/// Proves each file, and draws all of them.
pub fn run(args: &Graph, style: Style, progress: Form) -> Result<Output> {
    let runs = prove_kept(&args.input, &args.solving, &args.caching, progress)?;
    for run in &runs {
        io::stderr().write_all(diagnostics(&run.front.sources, &run.front.diagnostics, style).as_bytes())?;
    }
    let text = match args.of {
        GraphOf::Proof => {
            let own = |run: &Run| graphs::proof(run).into_iter().collect();
            of_graphs(&runs, args.format, ("proof", own, layered), |it| format!("What {it} rests on"))
        }
        GraphOf::Helps => of_graphs(&runs, args.format, ("helps", helps, arcs::draw), |it| {
            format!("What helps what in {it}")
        }),
        GraphOf::Matrix => of_matrices(&runs, args.format),
    }?;
    if runs.iter().all(|run| run.proof.is_some() && is_bare(args.of, run)) {
        writeln!(
            io::stderr(),
            "there is nothing to draw: no invariant was tried by induction over steps (`helps` wants one of several conjuncts)"
        )?;
    }
    let status = runs.iter().map(report::exit).fold(ExitStatus::Proved, ExitStatus::and);
    Ok(Output { text, status })
}

/// Whether nothing of a run can be drawn so.
fn is_bare(of: GraphOf, run: &Run) -> bool {
    match of {
        GraphOf::Proof => graphs::proof(run).is_none(),
        GraphOf::Helps => helps(run).is_empty(),
        GraphOf::Matrix => matrices(run).is_empty(),
    }
}

fn names(run: &Run) -> (String, &str) {
    (run.front.file.display().to_string(), &run.front.ast.name.text)
}

/// What is drawn: its name, what there is of it in a run, and how it is drawn.
type Kind = (&'static str, fn(&Run) -> Vec<graphs::Graph>, fn(String, &graphs::Graph) -> Drawing);

fn of_graphs(
    runs: &[Run],
    format: GraphFormat,
    (of, find, draw): Kind,
    title: fn(&str) -> String,
) -> Result<String> {
    let found: Vec<Vec<graphs::Graph>> = runs.iter().map(find).collect();
    let all = || found.iter().flatten();
    Ok(match format {
        GraphFormat::Svg => svg(&all().map(|it| draw(title(&it.subject), it)).collect::<Vec<_>>()),
        GraphFormat::Dot => all().map(|it| dot::graph(&title(&it.subject), it)).collect(),
        GraphFormat::Json => {
            let names: Vec<(String, &str)> = runs.iter().map(names).collect();
            let modules = names.iter().zip(&found).map(|((file, module), graphs)| {
                (file.as_str(), *module, Graphs { graphs: graphs.iter().collect() })
            });
            json(of, modules.collect())?
        }
    })
}

fn of_matrices(runs: &[Run], format: GraphFormat) -> Result<String> {
    let found: Vec<Vec<Matrix>> = runs.iter().map(matrices).collect();
    let all = || found.iter().flatten();
    Ok(match format {
        GraphFormat::Svg => svg(&all().map(|it| grid::draw(it.theorem.clone(), it)).collect::<Vec<_>>()),
        GraphFormat::Dot => all().map(|it| dot::matrix(&it.theorem, it)).collect(),
        GraphFormat::Json => {
            let names: Vec<(String, &str)> = runs.iter().map(names).collect();
            let modules = names
                .iter()
                .zip(&found)
                .map(|((file, module), matrices)| (file.as_str(), *module, Matrices { matrices }));
            json("matrix", modules.collect())?
        }
    })
}
