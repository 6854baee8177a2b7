//! Where a finding stands, in the units that a form of report wants: lines and columns from 1, of the first and of one
//! past the last character.

use lang::source::{SourceMap, Span};

/// What columns count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Columns {
    /// Unicode characters.
    Characters,
    /// Code units of UTF-16.
    Utf16,
}

/// A stretch of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place<'a> {
    /// The file, as messages name it.
    pub file: &'a str,
    /// Line and column of the first character.
    pub start: (usize, usize),
    /// Line and column of one past the last character.
    pub end: (usize, usize),
}

/// Where a span stands.
pub fn place(sources: &SourceMap, span: Span, columns: Columns) -> Place<'_> {
    let file = &sources.files[span.file];
    let at = |byte: u32| position(&file.text, byte as usize, columns);
    Place { file: &file.name, start: at(span.start), end: at(span.end) }
}

fn position(text: &str, byte: usize, columns: Columns) -> (usize, usize) {
    let before = &text[..byte];
    let line = before.rsplit('\n').next().unwrap_or(before);
    let column = match columns {
        Columns::Characters => line.chars().count(),
        Columns::Utf16 => line.encode_utf16().count(),
    };
    (before.matches('\n').count() + 1, column + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_what_was_asked_for() {
        let mut sources = SourceMap::default();
        let text = "first\n\u{1d54f} \u{2227} bad\nlast";
        let file = sources.add("a.pax", text);
        let start = u32::try_from(text.find("bad").unwrap()).unwrap();
        let span = Span { file, start, end: start + 3 };
        let found = place(&sources, span, Columns::Characters);
        assert_eq!((found.file, found.start, found.end), ("a.pax", (2, 5), (2, 8)));
        assert_eq!(found.start, sources.line_col(span));
        // The first character takes two code units.
        let found = place(&sources, span, Columns::Utf16);
        assert_eq!((found.start, found.end), ((2, 6), (2, 9)));
        let over = Span { file, start, end: start + 4 };
        assert_eq!(place(&sources, over, Columns::Utf16).end, (3, 1));
        let end = u32::try_from(text.len()).unwrap();
        assert_eq!(place(&sources, Span { file, start: end, end }, Columns::Utf16).start, (3, 5));
    }
}
