//! A graph in one column, its edges as arcs: to the right of the names down to later ones, to the left up to
//! earlier ones. Circles are no trouble, and a hundred nodes can still be read.

use std::fmt::Write as _;

use super::{Drawing, LINE, edge_path, escaped, nth, open_node, short, width_of};
use crate::report::picture::graphs::{Edge, Graph, NodeKind};

/// How far the longest arc reaches out at most.
const REACH: f64 = 120.0;

/// Draws a graph. Edges that stand for rewriting only are left out: rewriting uses what states domains everywhere.
pub fn draw(title: String, graph: &Graph) -> Drawing {
    let is_drawn = |edge: &&Edge| edge.by_solver > 0;
    // Conjuncts are shown whether anything helps them or not.
    let shown: Vec<usize> = (0..graph.nodes.len())
        .filter(|node| {
            let mut drawn = graph.edges.iter().filter(is_drawn);
            graph.nodes[*node].kind == NodeKind::Conjunct
                || drawn.any(|edge| edge.from == *node || edge.to == *node)
        })
        .collect();
    let place = |node: usize| shown.iter().position(|it| *it == node).unwrap_or_default();
    let length = |edge: &Edge| place(edge.from).abs_diff(place(edge.to));
    let longest = graph.edges.iter().filter(is_drawn).map(length).max().unwrap_or(1);
    let reach = REACH.min(20.0 + 12.0 * nth(longest));
    let out = |edge: &Edge| 12.0 + (reach - 12.0) * (nth(length(edge)) / nth(longest.max(1))).powf(0.75);
    let farthest = |is_down: bool| {
        let own = graph.edges.iter().filter(is_drawn).filter(|edge| (edge.from < edge.to) == is_down);
        own.map(out).fold(0.0, f64::max)
    };
    let widest = shown.iter().map(|node| width_of(&short(&graph.nodes[*node].name))).fold(0.0, f64::max);
    let left = farthest(false) + 14.0;
    let right = left + 22.0 + widest + 12.0;
    let y = |node: usize| 14.0 + LINE * nth(place(node));
    let mut body = String::new();
    for edge in graph.edges.iter().filter(is_drawn) {
        let (side, x) = if edge.from < edge.to { (1.0, right) } else { (-1.0, left) };
        // What leaves a node and what comes to it stand a little apart.
        let (from, to) = (y(edge.from) + 3.5 * side, y(edge.to) - 3.5 * side);
        let (control, tip) = (x + side * out(edge) * 4.0 / 3.0, x + side * 2.0);
        let path = format!(
            "M{x:.1} {from:.1}C{control:.1} {from:.1} {control:.1} {to:.1} {:.1} {to:.1}",
            tip + side * 4.0
        );
        let base = tip + side * 6.0;
        let head = format!("M{tip:.1} {to:.1}L{base:.1} {:.1}L{base:.1} {:.1}Z", to - 3.0, to + 3.0);
        body.push_str(&edge_path(graph, edge, &path, &head));
    }
    for node in shown.iter().copied() {
        let name = short(&graph.nodes[node].name);
        let (y, text) = (y(node), left + 22.0);
        let _ = writeln!(
            body,
            "{open}<rect class=\"g-row\" x=\"{left:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" \
             rx=\"4\"/><line class=\"g-leader\" x1=\"{from:.1}\" y1=\"{y:.1}\" x2=\"{right:.1}\" y2=\"{y:.1}\"/>\
             {sign}<text x=\"{text:.1}\" y=\"{base:.1}\">{label}</text></g>",
            open = open_node(graph, node),
            top = y - LINE / 2.0 + 1.0,
            width = right - left,
            height = LINE - 2.0,
            from = text + width_of(&name) + 6.0,
            sign = sign(graph, node, left + 11.0, y),
            base = y + 4.0,
            label = escaped(&name),
        );
    }
    Drawing { title, width: right + farthest(true) + 14.0, height: 16.0 + LINE * nth(shown.len()), body }
}

/// The shape that says what a node is.
fn sign(graph: &Graph, node: usize, x: f64, y: f64) -> String {
    match graph.nodes[node].kind {
        NodeKind::Conjunct => format!("<circle class=\"g-sign\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3.5\"/>"),
        NodeKind::Theorem | NodeKind::Inherited => format!(
            "<rect class=\"g-sign\" x=\"{:.1}\" y=\"{:.1}\" width=\"7\" height=\"7\"/>",
            x - 3.5,
            y - 3.5
        ),
        NodeKind::Assumption => {
            format!("<path class=\"g-sign\" d=\"M{x:.1} {:.1}l4.5 4.5l-4.5 4.5l-4.5 -4.5z\"/>", y - 4.5)
        }
    }
}
