//! The report as one page that needs nothing else: no network, no fonts, and little JavaScript. What it shows is a
//! [`picture`](super::picture) of each run; the templates are in `html/`.
//!
//! Invariants: whatever comes from a module is escaped by the templates, and the page's policy allows its own script
//! only. Each obligation that was tried has an element whose id is the obligation's.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use anyhow::{Context as _, Result};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use minijinja::{AutoEscape, Environment, Value, context};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::graph::{self, arcs, escaped, grid};
use super::picture::graphs::Graph;
use super::picture::mark::Mark;
use super::picture::matrix::{COSTS, Cell, Matrix};
use super::picture::tree::Branch;
use super::picture::{Picture, picture};
use super::text::units;
use super::{Request, counted, palette};
use crate::driver::Run;

const SCRIPT: &str = include_str!("html/page.js");
const STYLE: &str = include_str!("html/page.css");
const TEMPLATES: [(&str, &str); 5] = [
    ("page.html", include_str!("html/page.html")),
    ("story.html", include_str!("html/story.html")),
    ("matrix.html", include_str!("html/matrix.html")),
    ("graphs.html", include_str!("html/graphs.html")),
    ("tree.html", include_str!("html/tree.html")),
];
/// Of a page with more obligations that a solver was asked about, these are written out by the script.
const MAX_INLINE: usize = 1_500;

/// What a page shows of a run.
#[derive(Serialize)]
struct Module {
    /// What anchors begin with: nothing, if the page has one module.
    prefix: String,
    picture: Picture,
    matrices: Vec<Grid>,
    helps: Vec<Drawn>,
    proof: Option<Drawn>,
    is_inline: bool,
}

/// A matrix with what only a page knows.
#[derive(Serialize)]
struct Grid {
    matrix: Matrix,
    rows: Vec<Vec<Option<Square>>>,
    legend: Vec<(Mark, &'static str, &'static str, &'static str)>,
}

/// A cell: where its obligations stand.
#[derive(Serialize)]
struct Square {
    anchor: String,
    leaves: String,
    n: usize,
    sign: &'static str,
    class: String,
}

/// A graph, drawn and as a table.
#[derive(Serialize)]
struct Drawn {
    subject: String,
    svg: String,
    rows: Vec<Neighbours>,
    undrawn: Vec<String>,
}

/// A node of a graph with its neighbours.
#[derive(Serialize)]
struct Neighbours {
    name: String,
    helpers: Vec<String>,
    helped: Vec<String>,
}

/// The page about all runs.
pub fn render(runs: &[Run], request: &Request) -> Result<String> {
    let pictures: Vec<Picture> = runs.iter().map(|run| picture(run, request)).collect();
    let prefixes = prefixes(&pictures);
    let modules: Vec<Module> =
        pictures.into_iter().zip(prefixes).map(|(picture, prefix)| module(picture, prefix)).collect();
    let environment = environment()?;
    let hash = BASE64_STANDARD.encode(Sha256::digest(SCRIPT));
    let costs: Vec<(usize, String)> =
        (0..=COSTS.len() + 1).map(|class| (class, grid::cost_words(class))).collect();
    let words: Vec<(String, &str, &str)> =
        Mark::ALL.iter().map(|mark| (class_of(*mark), mark.word(), mark.mood())).collect();
    let page = environment.get_template("page.html").and_then(|page| {
        page.render(context! {
            modules => Value::from_serialize(&modules),
            colours => palette::of_page(),
            style => STYLE,
            graph_style => graph::STYLE,
            script => SCRIPT,
            policy => format!(
                "default-src 'none'; script-src 'sha256-{hash}'; style-src 'unsafe-inline'; img-src data:; \
                 base-uri 'none'; form-action 'none'"
            ),
            costs => Value::from_serialize(&costs),
            words => Value::from_serialize(&words),
        })
    });
    page.context("the page cannot be made")
}

fn module(picture: Picture, prefix: String) -> Module {
    let mut leaves = BTreeMap::new();
    let mut n_solver = 0;
    for branch in &picture.tree {
        number(branch, &mut leaves, &mut n_solver);
    }
    let matrices = picture.matrices.iter().map(|matrix| of_matrix(matrix, &prefix, &leaves)).collect();
    let title = |graph: &Graph| format!("What helps what in {}", graph.subject);
    let helps = picture.helps.iter().map(|it| drawn(it, &arcs::draw(title(it), it), true)).collect();
    let proof = picture.proof.as_ref().map(|it| {
        let title = format!("What the theorems of {} rest on", it.subject);
        drawn(it, &graph::layered(title, it), false)
    });
    Module { prefix, matrices, helps, proof, is_inline: n_solver <= MAX_INLINE, picture }
}

/// What anchors of each module begin with, so that they are unique on the page.
fn prefixes(pictures: &[Picture]) -> Vec<String> {
    let mut taken: BTreeSet<String> = BTreeSet::new();
    let prefix = |(position, picture): (usize, &Picture)| {
        let plain = format!("{}:", picture.module);
        if taken.insert(plain.clone()) { plain } else { format!("{}:{}:", picture.module, position + 1) }
    };
    if pictures.len() == 1 {
        return vec![String::new()];
    }
    pictures.iter().enumerate().map(prefix).collect()
}

/// The position of each obligation among the leaves of the page, by its id.
fn number<'a>(branch: &'a Branch, leaves: &mut BTreeMap<&'a str, usize>, n_solver: &mut usize) {
    if let Some(leaf) = &branch.leaf {
        leaves.insert(&leaf.id, leaves.len());
        *n_solver += usize::from(!is_closed(leaf.mark));
    }
    for child in &branch.children {
        number(child, leaves, n_solver);
    }
}

fn of_matrix(matrix: &Matrix, prefix: &str, leaves: &BTreeMap<&str, usize>) -> Grid {
    let square = |cell: &Option<Cell>| {
        let cell = cell.as_ref()?;
        let positions = cell.obligations.iter().filter_map(|id| leaves.get(id.as_str()).copied());
        let idle = if cell.is_needed { "" } else { " idle" };
        let colour = match cell.mark.mood() {
            "good" => format!("c{}", cell.class),
            mood => mood.to_owned(),
        };
        Some(Square {
            anchor: anchor(&format!("{prefix}{}", cell.obligations.first()?)),
            leaves: ranges(positions),
            n: cell.obligations.len(),
            sign: cell.mark.sign(),
            class: format!("{colour} {}{idle}", class_of(cell.mark)),
        })
    };
    let legend = matrix.marks.iter().map(|mark| (*mark, mark.sign(), mark.word(), mark.meaning()));
    Grid {
        rows: matrix.rows.iter().map(|row| row.cells.iter().map(square).collect()).collect(),
        legend: legend.collect(),
        matrix: matrix.clone(),
    }
}

fn drawn(graph: &Graph, drawing: &graph::Drawing, has_undrawn: bool) -> Drawn {
    let names = |nodes: Vec<usize>| nodes.into_iter().map(|it| graph.nodes[it].name.clone()).collect();
    let rows = (0..graph.nodes.len()).map(|node| {
        let (helpers, helped) = graph.neighbours(node);
        let name = graph.nodes[node].name.clone();
        Neighbours { name, helpers: names(helpers), helped: names(helped) }
    });
    let weak = graph.edges.iter().filter(|edge| has_undrawn && edge.by_solver == 0).map(|edge| edge.from);
    let weak: BTreeSet<usize> = weak.collect();
    Drawn {
        subject: graph.subject.clone(),
        svg: drawing.inline(),
        rows: rows.collect(),
        undrawn: names(weak.into_iter().collect()),
    }
}

fn environment() -> Result<Environment<'static>> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_trim_blocks(true);
    environment.set_lstrip_blocks(true);
    environment.set_keep_trailing_newline(true);
    environment.add_filter("anchor", |text: &str| anchor(text));
    environment.add_filter("fragment", |text: &str| fragment(text));
    environment.add_filter("units", units);
    environment.add_filter("counted", |n: usize, noun: &str| counted(n, noun));
    environment.add_filter("seconds", |ms: f64| format!("{:.2} s", ms / 1000.0));
    environment.add_filter("ticks", |text: &str| Value::from_safe_string(ticks(text)));
    environment.add_filter("tla", |text: &str| Value::from_safe_string(tla(text)));
    environment.add_filter("ranges", |positions: Vec<usize>| ranges(positions.into_iter()));
    for (name, field) in
        [("sign", Mark::sign as fn(Mark) -> &'static str), ("word", Mark::word), ("mood", Mark::mood)]
    {
        environment.add_filter(name, move |mark: &str| mark_of(mark).map(field));
    }
    environment.add_filter("closed", |mark: &str| mark_of(mark).is_some_and(is_closed));
    for (name, source) in TEMPLATES {
        environment.add_template(name, source).with_context(|| format!("the template `{name}`"))?;
    }
    Ok(environment)
}

/// The mark with this name in the templates.
fn mark_of(name: &str) -> Option<Mark> {
    Mark::ALL.into_iter().find(|mark| class_of(*mark) == name)
}

/// The name of a mark in the templates and in classes: as it is serialized.
fn class_of(mark: Mark) -> String {
    serde_json::to_value(mark).ok().and_then(|it| it.as_str().map(str::to_owned)).unwrap_or_default()
}

/// Whether a mark says that decomposition closed the obligation, so that there is little to see.
fn is_closed(mark: Mark) -> bool {
    matches!(mark, Mark::Frame | Mark::Increment | Mark::Rewriting)
}

/// An id of the page: ids have no spaces.
fn anchor(id: &str) -> String {
    id.chars().map(|c| if c.is_whitespace() || c.is_control() { '_' } else { c }).collect()
}

/// What leads to an anchor: what is not plain is written as its bytes.
fn fragment(anchor: &str) -> String {
    let mut out = String::from("#");
    for byte in anchor.bytes() {
        if byte.is_ascii_alphanumeric() || b"._-~!:@".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// Text with its words in backticks as code, escaped.
fn ticks(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    let last = parts.len() - 1;
    let mut out = String::new();
    for (position, part) in parts.into_iter().enumerate() {
        let part = escaped(part);
        match position {
            _ if position % 2 == 0 => out.push_str(&part),
            // A tick that nothing closes is a tick.
            _ if position == last => drop(write!(out, "`{part}")),
            _ => drop(write!(out, "<code>{part}</code>")),
        }
    }
    out
}

/// A formula, escaped, whose arrows are not to be broken.
fn tla(text: &str) -> String {
    escaped(text).replace("|-&gt;", "<span class=\"nb\">|-&gt;</span>")
}

/// Positions, runs of them as `3-7`.
fn ranges(positions: impl Iterator<Item = usize>) -> String {
    let positions: BTreeSet<usize> = positions.collect();
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for position in positions {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == position => *last = position,
            _ => runs.push((position, position)),
        }
    }
    let run = |(first, last): (usize, usize)| {
        if first == last { first.to_string() } else { format!("{first}-{last}") }
    };
    runs.into_iter().map(run).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_to_anchors() {
        assert_eq!(fragment(&anchor("Inv.step.f[x] y#2")), "#Inv.step.f%5Bx%5D_y%232");
        assert_eq!(fragment("V!Inv:1"), "#V!Inv:1");
    }

    #[test]
    fn words_in_ticks_are_code() {
        assert_eq!(ticks("`a<b` is `c`"), "<code>a&lt;b</code> is <code>c</code>");
        assert_eq!(ticks("one ` alone"), "one ` alone");
    }

    #[test]
    fn runs_of_positions_are_short() {
        assert_eq!(ranges([3, 1, 2, 7, 9, 10].into_iter()), "1-3 7 9-10");
        assert_eq!(ranges(std::iter::empty()), "");
    }

    #[test]
    fn each_mark_has_a_name() {
        for mark in Mark::ALL {
            assert_eq!(mark_of(&class_of(mark)), Some(mark));
        }
    }
}
