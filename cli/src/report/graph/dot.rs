//! Graphs and matrices in the language of Graphviz.

use std::fmt::Write as _;

use super::{escaped, told};
use crate::report::picture::graphs::{Graph, NodeKind};
use crate::report::picture::matrix::Matrix;

/// A graph; edges lead from what helps to what is helped.
pub fn graph(title: &str, graph: &Graph) -> String {
    let mut out = format!("digraph {} {{\n", quoted(title));
    out.push_str("  rankdir=BT;\n  node [shape=box, fontname=\"monospace\", fontsize=11];\n");
    for (position, node) in graph.nodes.iter().enumerate() {
        let style = match node.kind {
            NodeKind::Assumption => ", shape=diamond",
            NodeKind::Inherited => ", style=dashed",
            NodeKind::Theorem => "",
            NodeKind::Conjunct => ", style=rounded",
        };
        let standing = node.standing.map(|word| format!("\n{word}")).unwrap_or_default();
        let label = quoted(&format!("{}{standing}", node.name));
        let _ = writeln!(out, "  n{position} [label={label}{style}];");
    }
    for edge in &graph.edges {
        let style = if edge.by_solver == 0 { ", style=dashed" } else { "" };
        let tooltip = quoted(&told(graph, edge));
        let _ = writeln!(out, "  n{} -> n{} [tooltip={tooltip}{style}];", edge.from, edge.to);
    }
    out.push_str("}\n");
    out
}

/// A matrix, as one node whose label is a table.
pub fn matrix(title: &str, matrix: &Matrix) -> String {
    let mut rows = String::from("<tr><td></td>");
    for column in &matrix.columns {
        let _ = write!(rows, "<td>{}</td>", escaped(column));
    }
    rows.push_str("</tr>");
    for row in &matrix.rows {
        let _ = write!(rows, "\n    <tr><td align=\"left\">{}</td>", escaped(&row.name));
        for cell in &row.cells {
            match cell {
                None => rows.push_str("<td></td>"),
                Some(cell) => {
                    let words = escaped(&format!("{}, rlimit {}", cell.mark.word(), cell.rlimit));
                    let _ = write!(rows, "<td href=\"#\" tooltip=\"{words}\">{}</td>", cell.mark.sign());
                }
            }
        }
        rows.push_str("</tr>");
    }
    let table = format!("<<table border=\"0\" cellborder=\"1\" cellspacing=\"0\">{rows}</table>>");
    format!(
        "digraph {} {{\n  matrix [shape=plain, fontname=\"monospace\", label={table}];\n}}\n",
        quoted(title)
    )
}

/// A string of the language.
fn quoted(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    format!("\"{escaped}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_closed_where_they_should_be() {
        assert_eq!(quoted("a\"b\\\nc"), "\"a\\\"b\\\\\\nc\"");
    }
}
