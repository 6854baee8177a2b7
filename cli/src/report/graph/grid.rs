//! A matrix as a drawing.

use std::fmt::Write as _;

use super::{Drawing, escaped, nth, short, width_of};
use crate::report::picture::matrix::{COSTS, Matrix};
use crate::report::text::units;

/// The size of a cell.
const CELL: f64 = 26.0;

/// Draws a matrix with its legend.
pub fn draw(title: String, matrix: &Matrix) -> Drawing {
    let widest = |names: &mut dyn Iterator<Item = &String>| {
        names.map(|name| width_of(&short(name))).fold(0.0, f64::max)
    };
    let left = 24.0 + widest(&mut matrix.rows.iter().map(|row| &row.name));
    let top = 16.0 + widest(&mut matrix.columns.iter());
    let mut body = String::new();
    for (column, name) in matrix.columns.iter().enumerate() {
        let (x, y) = (left + CELL * nth(column) + CELL / 2.0 + 4.0, top - 8.0);
        let _ = writeln!(
            body,
            "<text transform=\"translate({x:.1} {y:.1}) rotate(-90)\">{}</text>",
            escaped(&short(name))
        );
    }
    for (position, row) in matrix.rows.iter().enumerate() {
        let y = top + CELL * nth(position);
        let _ = writeln!(
            body,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            left - 8.0,
            y + CELL / 2.0 + 4.0,
            escaped(&short(&row.name))
        );
        for (column, cell) in row.cells.iter().enumerate() {
            let Some(cell) = cell else { continue };
            let words = format!(
                "{}, {}: {}, {}",
                matrix.columns[column],
                row.name,
                cell.mark.word(),
                units(cell.rlimit)
            );
            let colour = match cell.mark.mood() {
                "good" => format!("c{}", cell.class),
                mood => mood.to_owned(),
            };
            square(&mut body, (left + CELL * nth(column), y), &colour, cell.mark.sign(), &words);
        }
    }
    let bottom = top + CELL * nth(matrix.rows.len()) + 16.0;
    let width = legend(&mut body, matrix, 16.0, bottom);
    let width = width.max(left + CELL * nth(matrix.columns.len()) + 16.0);
    Drawing { title, width, height: bottom + 3.0 * CELL, body }
}

fn square(body: &mut String, (x, y): (f64, f64), colour: &str, sign: &str, words: &str) {
    let _ = writeln!(
        body,
        "<g class=\"g-cell g-{colour}\"><title>{}</title><rect x=\"{:.1}\" y=\"{:.1}\" width=\"{size:.1}\" \
         height=\"{size:.1}\" rx=\"2\"/><text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{sign}</text></g>",
        escaped(words),
        x + 1.0,
        y + 1.0,
        x + CELL / 2.0,
        y + CELL / 2.0 + 4.0,
        size = CELL - 2.0,
    );
}

/// What colours and signs mean; the width that this takes.
fn legend(body: &mut String, matrix: &Matrix, left: f64, top: f64) -> f64 {
    let mut x = left;
    for class in 0..=COSTS.len() + 1 {
        let words = cost_words(class);
        square(body, (x, top), &format!("c{class}"), "", &words);
        let _ = writeln!(
            body,
            "<text x=\"{:.1}\" y=\"{:.1}\">{}</text>",
            x + CELL + 2.0,
            top + CELL / 2.0 + 4.0,
            escaped(&words)
        );
        x += CELL + 14.0 + width_of(&words);
    }
    let signs: Vec<String> =
        matrix.marks.iter().map(|mark| format!("{} {}", mark.sign(), mark.word())).collect();
    let signs = signs.join("   ");
    let _ = writeln!(
        body,
        "<text x=\"{left:.1}\" y=\"{:.1}\" xml:space=\"preserve\">{}</text>",
        top + 1.5 * CELL + 8.0,
        escaped(&signs)
    );
    x.max(left + width_of(&signs) + 16.0)
}

/// A class of costs in words.
pub fn cost_words(class: usize) -> String {
    let short = |units: u64| match units {
        0..1_000_000 => format!("{}k", units / 1_000),
        _ => format!("{}M", units / 1_000_000),
    };
    match class.checked_sub(1).map(|position| (COSTS.get(position), position)) {
        None => "no solver".to_owned(),
        Some((Some(end), _)) => format!("< {}", short(*end)),
        Some((None, _)) => format!("\u{2265} {}", short(COSTS[COSTS.len() - 1])),
    }
}
