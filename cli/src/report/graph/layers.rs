//! A graph in layers: what rests on something stands above it. The layout is that of `layout-rs`.

use std::fmt::Write as _;

use layout::core::base::Orientation;
use layout::core::format::{ClipHandle, RenderBackend};
use layout::core::geometry::Point;
use layout::core::style::StyleAttr;
use layout::std_shapes::shapes::{Arrow, Element, ShapeKind};
use layout::topo::layout::VisualGraph;

use super::{Drawing, LINE, edge_path, escaped, nth, open_node, short, width_of};
use crate::report::picture::graphs::Graph;

/// Space around everything.
const MARGIN: f64 = 12.0;
/// The distance from one layer to the next, as a part of what the layout has.
const SQUEEZE: f64 = 0.8;

/// Draws a graph.
pub fn draw(title: String, graph: &Graph) -> Drawing {
    if graph.nodes.is_empty() {
        return Drawing { title, width: 2.0 * MARGIN, height: 2.0 * MARGIN, body: String::new() };
    }
    let mut visual = VisualGraph::new(Orientation::TopToBottom);
    let handles: Vec<_> = graph
        .nodes
        .iter()
        .enumerate()
        .map(|(position, node)| {
            let size = Point::new(width_of(&short(&node.name)) + 28.0, LINE + 6.0);
            let shape = ShapeKind::new_box(&position.to_string());
            visual.add_node(Element::create(shape, StyleAttr::simple(), Orientation::TopToBottom, size))
        })
        .collect();
    for (position, edge) in graph.edges.iter().enumerate().filter(|(_, edge)| edge.from != edge.to) {
        let arrow = Arrow::simple_with_properties("", position.to_string());
        visual.add_edge(arrow, handles[edge.to], handles[edge.from]);
    }
    let mut placed = Placed::default();
    visual.do_it(false, false, false, &mut placed);
    placed.drawing(title, graph)
}

/// An edge, the points of its path, and whether its head is at the end.
type Placing = (usize, Vec<(Point, Point)>, bool);

/// Where things were put.
#[derive(Default)]
struct Placed {
    /// Corner and size of each box, in the order in which they were drawn.
    boxes: Vec<(Point, Point)>,
    /// Which node each box is.
    nodes: Vec<usize>,
    /// The path of each edge.
    arrows: Vec<Placing>,
}

impl RenderBackend for Placed {
    fn draw_rect(
        &mut self,
        xy: Point,
        size: Point,
        _look: &StyleAttr,
        _properties: Option<String>,
        _clip: Option<ClipHandle>,
    ) {
        self.boxes.push((xy, size));
    }

    fn draw_line(&mut self, _start: Point, _stop: Point, _look: &StyleAttr, _properties: Option<String>) {}

    fn draw_circle(&mut self, _xy: Point, _size: Point, _look: &StyleAttr, _properties: Option<String>) {}

    fn draw_text(&mut self, _xy: Point, text: &str, _look: &StyleAttr) {
        self.nodes.extend(text.parse::<usize>());
    }

    fn draw_arrow(
        &mut self,
        path: &[(Point, Point)],
        _dashed: bool,
        head: (bool, bool),
        _look: &StyleAttr,
        properties: Option<String>,
        _text: &str,
    ) {
        let edge = properties.and_then(|edge| edge.parse().ok());
        self.arrows.extend(edge.map(|edge| (edge, path.to_vec(), head.1)));
    }

    fn create_clip(&mut self, _xy: Point, _size: Point, _rounded_px: usize) -> ClipHandle {
        0
    }
}

impl Placed {
    fn drawing(self, title: String, graph: &Graph) -> Drawing {
        let arrows = self.arrows.iter().flat_map(|(_, path, _)| path.iter().flat_map(|(a, b)| [*a, *b]));
        let corners = self.boxes.iter().flat_map(|(xy, size)| [*xy, xy.add(*size)]);
        let points: Vec<Point> = arrows.chain(corners).collect();
        let least = |of: fn(&Point) -> f64| points.iter().map(of).fold(f64::INFINITY, f64::min);
        let most = |of: fn(&Point) -> f64| points.iter().map(of).fold(f64::NEG_INFINITY, f64::max);
        let (left, top) = (least(|point| point.x), least(|point| point.y));
        let x = |value: f64| value - left + MARGIN;
        let y = |value: f64| (value - top) * SQUEEZE + MARGIN;
        let mut body = String::new();
        for (edge, path, is_head_last) in &self.arrows {
            let (line, head) = line(path, *is_head_last, &x, &y);
            body.push_str(&edge_path(graph, &graph.edges[*edge], &line, &head));
        }
        for ((corner, size), node) in self.boxes.iter().zip(&self.nodes) {
            let (width, height) = (size.x, size.y * SQUEEZE);
            let (left, top) = (x(corner.x), y(corner.y));
            let _ = writeln!(
                body,
                "{open}<rect class=\"g-box\" x=\"{left:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" \
                 height=\"{height:.1}\" rx=\"{radius}\"/><text x=\"{middle:.1}\" y=\"{base:.1}\" \
                 text-anchor=\"middle\">{label}</text></g>",
                open = open_node(graph, *node),
                radius = nth(3),
                middle = left + width / 2.0,
                base = top + height / 2.0 + 4.0,
                label = escaped(&short(&graph.nodes[*node].name)),
            );
        }
        let (width, height) = (x(most(|point| point.x)) + MARGIN, y(most(|point| point.y)) + MARGIN);
        Drawing { title, width, height, body }
    }
}

/// A path as the layout gives it (the first point with the way out of it, then each with the way into it), and the
/// head of the arrow.
fn line(
    path: &[(Point, Point)],
    is_head_last: bool,
    x: &impl Fn(f64) -> f64,
    y: &impl Fn(f64) -> f64,
) -> (String, String) {
    let at = |point: &Point| format!("{:.1} {:.1}", x(point.x), y(point.y));
    let mut line = String::new();
    for (position, (first, second)) in path.iter().enumerate() {
        let _ = match position {
            0 => write!(line, "M{}C{},", at(first), at(second)),
            1 => write!(line, "{},{}", at(first), at(second)),
            _ => write!(line, "S{},{}", at(first), at(second)),
        };
    }
    let (tip, direction) = match (path, is_head_last) {
        ([.., (_, tip)], true) => (tip, -1.0),
        ([(tip, _), ..], false) => (tip, 1.0),
        ([], _) => return (line, String::new()),
    };
    let (tip_x, tip_y) = (x(tip.x), y(tip.y));
    let base = tip_y + direction * 7.0;
    let head = format!("M{tip_x:.1} {tip_y:.1}L{:.1} {base:.1}L{:.1} {base:.1}Z", tip_x - 3.5, tip_x + 3.5);
    (line, head)
}
