//! Drawings of what a [`picture`](super::picture) holds: as SVG, in pages and alone, as DOT, and as JSON.
//!
//! Invariant: all that comes from a module is escaped, in each of these forms.

pub mod arcs;
pub mod dot;
pub mod grid;
pub mod layers;

use std::fmt::Write as _;

use serde::Serialize;

use super::palette;
use super::picture::graphs::{Edge, Graph, NodeKind};
use super::picture::matrix::Matrix;
use crate::identity;

/// How all drawings look; a page includes it, too.
pub const STYLE: &str = include_str!("graph/graph.css");
/// The height of a line, and the width of a character of the font that labels are set in.
const LINE: f64 = 24.0;
const CHARACTER: f64 = 7.25;
/// Longer names are cut.
const MAX_NAME: usize = 40;
/// A graph with more nodes is drawn in one column.
const MAX_LAYERED: usize = 60;

/// A drawing without its frame.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawing {
    /// What it shows.
    pub title: String,
    /// Its size.
    pub width: f64,
    /// Its size.
    pub height: f64,
    /// Its elements.
    pub body: String,
}

impl Drawing {
    /// The drawing as an element of a page, which has styles and colours.
    pub fn inline(&self) -> String {
        format!(
            "<svg class=\"graph\" viewBox=\"0 0 {0:.0} {1:.0}\" width=\"{0:.0}\" height=\"{1:.0}\" role=\"group\" \
             aria-label=\"{2}\">{3}</svg>",
            self.width,
            self.height,
            escaped(&self.title),
            self.body
        )
    }
}

/// Drawings one below the other, as a file of its own.
pub fn svg(drawings: &[Drawing]) -> String {
    let (mut height, mut body) = (0.0, String::new());
    for drawing in drawings {
        let heading = escaped(&drawing.title);
        let _ =
            writeln!(body, "<text class=\"g-title\" x=\"16\" y=\"{:.0}\">{heading}</text>", height + 26.0);
        let _ = writeln!(body, "<g transform=\"translate(0 {:.0})\">{}</g>", height + 40.0, drawing.body);
        height += drawing.height + 56.0;
    }
    let widths = drawings.iter().map(|drawing| drawing.width.max(32.0 + width_of(&drawing.title) * 1.2));
    let width = widths.fold(200.0, f64::max);
    let height = height.max(40.0);
    let colours = palette::of_drawing();
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" \
         height=\"{height:.0}\" class=\"graph\">\n<style>\n{colours}{STYLE}</style>\n<rect class=\"g-paper\" \
         width=\"100%\" height=\"100%\"/>\n{body}</svg>\n"
    )
}

/// A graph, its nodes in layers if there are not too many.
pub fn layered(title: String, graph: &Graph) -> Drawing {
    if graph.nodes.len() > MAX_LAYERED { arcs::draw(title, graph) } else { layers::draw(title, graph) }
}

#[derive(Serialize)]
struct Report<'a, T> {
    schema_version: u32,
    tool: &'static str,
    version: &'static str,
    of: &'a str,
    modules: Vec<Module<'a, T>>,
}

#[derive(Serialize)]
struct Module<'a, T> {
    file: &'a str,
    name: &'a str,
    #[serde(flatten)]
    content: T,
}

/// What a drawing shows, for programs: the file, the module, and the content of each run.
pub fn json<T: Serialize>(of: &str, modules: Vec<(&str, &str, T)>) -> serde_json::Result<String> {
    let modules = modules.into_iter().map(|(file, name, content)| Module { file, name, content });
    let report = Report {
        schema_version: 1,
        tool: "paxprove",
        version: identity::VERSION,
        of,
        modules: modules.collect(),
    };
    Ok(serde_json::to_string_pretty(&report)? + "\n")
}

/// Graphs in JSON.
#[derive(Serialize)]
pub struct Graphs<'a> {
    /// The graphs.
    pub graphs: Vec<&'a Graph>,
}

/// Matrices in JSON.
#[derive(Serialize)]
pub struct Matrices<'a> {
    /// The matrices.
    pub matrices: &'a [Matrix],
}

/// What an edge says, in words.
fn told(graph: &Graph, edge: &Edge) -> String {
    let (from, to) = (&graph.nodes[edge.from].name, &graph.nodes[edge.to].name);
    let counts: Vec<String> = [(edge.by_solver, "by Z3"), (edge.by_rewriting, "by decomposition")]
        .iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, by)| format!("{n} {by}"))
        .collect();
    format!("{from} helps {to}: obligations proved with it {}", counts.join(", "))
}

/// What a node's surroundings are, in words.
fn surroundings(graph: &Graph, node: usize) -> String {
    let (helpers, helped) = graph.neighbours(node);
    let names = |nodes: &[usize]| match nodes {
        [] => "nothing".to_owned(),
        _ => nodes.iter().map(|it| graph.nodes[*it].name.as_str()).collect::<Vec<_>>().join(", "),
    };
    let standing = graph.nodes[node].standing.map(|word| format!(", {word}")).unwrap_or_default();
    let name = &graph.nodes[node].name;
    format!("{name}{standing}; helped by {}; helps {}", names(&helpers), names(&helped))
}

/// The beginning of a node's element.
fn open_node(graph: &Graph, node: usize) -> String {
    let words = escaped(&surroundings(graph, node));
    let kind = kind_class(graph.nodes[node].kind);
    let mood = graph.nodes[node].standing.map_or("", |standing| match standing {
        "proved" => "",
        "refuted" | "vacuous" => " g-bad",
        _ => " g-open",
    });
    format!(
        "<g class=\"g-node g-{kind}{mood}\" data-node=\"{node}\" tabindex=\"0\" role=\"img\" \
         aria-label=\"{words}\"><title>{words}</title>"
    )
}

/// An edge along a path.
fn edge_path(graph: &Graph, edge: &Edge, path: &str, head: &str) -> String {
    let weight = match edge.by_solver + edge.by_rewriting {
        0..=1 => 1,
        2..=4 => 2,
        _ => 3,
    };
    let class = if edge.by_solver == 0 { " g-weak" } else { "" };
    format!(
        "<g class=\"g-edge g-w{weight}{class}\" data-from=\"{}\" data-to=\"{}\"><title>{}</title><path d=\"{path}\"/>\
         <path class=\"g-head\" d=\"{head}\"/></g>\n",
        edge.from,
        edge.to,
        escaped(&told(graph, edge))
    )
}

fn kind_class(kind: NodeKind) -> &'static str {
    match kind {
        NodeKind::Assumption => "assumption",
        NodeKind::Theorem => "theorem",
        NodeKind::Inherited => "inherited",
        NodeKind::Conjunct => "conjunct",
    }
}

/// A name, cut if it is too long.
fn short(name: &str) -> String {
    if name.chars().count() <= MAX_NAME {
        return name.to_owned();
    }
    name.chars().take(MAX_NAME - 1).chain(['\u{2026}']).collect()
}

/// The width of a label, more or less.
fn width_of(label: &str) -> f64 {
    let n = u16::try_from(label.chars().count()).unwrap_or(u16::MAX);
    f64::from(n) * CHARACTER
}

/// A position in a column.
fn nth(position: usize) -> f64 {
    f64::from(u32::try_from(position).unwrap_or(u32::MAX))
}

/// Text as it may stand in an element or an attribute.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // XML has no way to say these.
            c if c.is_control() && !matches!(c, '\n' | '\t') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped() {
        assert_eq!(escaped("a<b> & \"c\" 'd'\u{0}"), "a&lt;b&gt; &amp; &quot;c&quot; &#39;d&#39;\u{fffd}");
    }

    #[test]
    fn long_names_are_cut() {
        assert_eq!(short("Inv"), "Inv");
        assert_eq!(short(&"\u{e4}".repeat(41)).chars().count(), 40);
    }
}
