//! Texts that many obligations share, each kept once.

use indexmap::IndexSet;
use lang::source::{SourceMap, Span};
use serde::Serialize;

/// Longer stretches of a module are cut.
const MAX_LINES: usize = 8;

/// A formula or a line of the module.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Text {
    /// What it is.
    pub kind: TextKind,
    /// The label of a hypothesis, or a place: `paxos.pax:12`.
    pub name: String,
    /// The text.
    pub text: String,
    /// What a hypothesis rests on.
    pub from: Vec<From>,
}

/// What a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TextKind {
    /// What is to be proved.
    Goal,
    /// What may be assumed.
    Hypothesis,
    /// Lines of a module.
    Source,
}

/// Something that a hypothesis rests on.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct From {
    /// Its name; an obligation's id.
    pub name: String,
    /// Whether it is an obligation.
    pub is_obligation: bool,
}

/// Texts by their positions, equal ones once.
#[derive(Clone, Debug, Default)]
pub struct Texts {
    entries: IndexSet<Text>,
}

impl Texts {
    /// The position of a text.
    pub fn position(&mut self, kind: TextKind, name: &str, text: &str, from: Vec<From>) -> usize {
        let text = Text { kind, name: name.to_owned(), text: text.to_owned(), from };
        self.entries.insert_full(text).0
    }

    /// All texts, in order.
    pub fn into_entries(self) -> Vec<Text> {
        self.entries.into_iter().collect()
    }
}

/// The whole lines of a module that a span touches, without the spaces that all of them begin with.
pub fn lines_under(sources: &SourceMap, span: Span) -> String {
    let text = &sources.files[span.file].text;
    let start = text[..span.start as usize].rfind('\n').map_or(0, |newline| newline + 1);
    let end = text[span.end as usize..].find('\n').map_or(text.len(), |at| span.end as usize + at);
    let all = text[start..end].lines();
    let full = all.clone().filter(|line| !line.trim().is_empty());
    let indent = full.map(|line| line.len() - line.trim_start_matches(' ').len()).min().unwrap_or(0);
    let mut lines: Vec<&str> = all.map(|line| line.get(indent..).unwrap_or_default().trim_end()).collect();
    if lines.len() > MAX_LINES {
        lines.truncate(MAX_LINES);
        lines.push("...");
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_have_one_position() {
        let mut texts = Texts::default();
        let positions = ["a", "b", "a"].map(|text| texts.position(TextKind::Goal, "", text, Vec::new()));
        assert_eq!(positions, [0, 1, 0]);
        assert_eq!(texts.position(TextKind::Hypothesis, "", "a", Vec::new()), 2);
        assert_eq!(texts.into_entries().len(), 3);
    }

    #[test]
    fn lines_are_whole_and_unindented() {
        let mut sources = SourceMap::default();
        let file = sources.add("a.pax", "A ==\n    /\\ x\n\n      /\\ y\n");
        assert_eq!(lines_under(&sources, Span { file, start: 11, end: 23 }), "/\\ x\n\n  /\\ y");
        assert_eq!(lines_under(&sources, Span { file, start: 0, end: 1 }), "A ==");
    }
}
