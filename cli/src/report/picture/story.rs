//! What is wrong with a module or its proofs, each at its place in the text, with the counterexample that shows it.

use lang::diag::{Diagnostic, Label};
use lang::source::{SourceMap, Span};
use serde::Serialize;

use crate::driver::Run;
use crate::report::Request;
use crate::report::counterexample::{Reading, Told};
use crate::report::findings::{details, remarks, severity_word};
use crate::verdict::ObligationVerdict;

/// Longer stretches of a module are cut.
const MAX_LINES: usize = 12;

/// Something that is wrong, or that the user should know.
#[derive(Clone, Debug, Serialize)]
pub struct Story {
    /// `error`, `warning` or `note`.
    pub severity: &'static str,
    /// Its code; none for remarks about the whole.
    pub code: Option<&'static str>,
    /// What is wrong.
    pub message: String,
    /// The obligation that is not proved.
    pub obligation: Option<String>,
    /// The guilty text first, then why.
    pub places: Vec<Place>,
    /// Facts.
    pub notes: Vec<String>,
    /// One thing to try.
    pub help: Option<String>,
    /// The states that show it.
    pub counterexample: Option<Counterexample>,
}

/// A place in the module.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1.
    pub column: usize,
    /// What is to be said of it.
    pub message: String,
    /// The lines.
    pub lines: Vec<Line>,
}

/// A line of a module, with the part that is meant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    /// Its number.
    pub number: usize,
    /// What stands before the part.
    pub before: String,
    /// The part.
    pub marked: String,
    /// What stands after it.
    pub after: String,
}

/// States in which an obligation fails.
#[derive(Clone, Debug, Serialize)]
pub struct Counterexample {
    /// Whether the evaluator confirmed it.
    pub is_confirmed: bool,
    /// What the constants are.
    pub instance: Vec<String>,
    /// The variables before, or in the only state: name, value, and whether it matters.
    pub before: Vec<(String, String, bool)>,
    /// The action with its arguments, if there is a step.
    pub action: Option<String>,
    /// What the step changed.
    pub changed: Vec<String>,
    /// What a specification that is not refined sees of the step.
    pub image: Vec<String>,
    /// What is false, and why, each line with its depth.
    pub why: Vec<(usize, String)>,
    /// What was known before.
    pub known: Vec<String>,
    /// Whether any behaviour comes to such a state.
    pub reach: Option<String>,
    /// The steps of a behaviour that does.
    pub behaviour: Vec<String>,
}

/// What is wrong with a run, errors of the module first.
pub fn stories(run: &Run, request: &Request) -> Vec<Story> {
    let sources = &run.front.sources;
    let own = run.front.diagnostics.iter().map(|diagnostic| story(sources, diagnostic));
    let mut stories: Vec<Story> = own.collect();
    for finding in details(run, request) {
        let mut story = story(sources, &finding.diagnostic);
        story.notes.extend(finding.after);
        let tree = run.front.decomposition.as_ref().map(|decomposition| &decomposition.tree);
        let id = finding.obligation.zip(tree).map(|(idx, tree)| tree.obligations[idx].id.clone());
        story.obligation = id;
        let verdicts = run.proof.as_ref().map(|proof| &proof.verdicts.obligations);
        let verdict = finding.obligation.zip(verdicts).and_then(|(idx, verdicts)| verdicts.get(&idx));
        let is_confirmed = matches!(verdict, Some(ObligationVerdict::Refuted(_)));
        story.counterexample = finding.told.map(|told| counterexample(told, is_confirmed));
        stories.push(story);
    }
    stories.extend(run.proof.iter().flat_map(remarks).map(|remark| Story {
        severity: "error",
        code: None,
        message: remark,
        obligation: None,
        places: Vec::new(),
        notes: Vec::new(),
        help: None,
        counterexample: None,
    }));
    let notes = run.front.decomposition.iter().flat_map(|decomposition| &decomposition.tree.notes);
    stories.extend(notes.map(|note| Story {
        severity: "note",
        code: None,
        message: note.clone(),
        obligation: None,
        places: Vec::new(),
        notes: Vec::new(),
        help: None,
        counterexample: None,
    }));
    stories
}

fn story(sources: &SourceMap, diagnostic: &Diagnostic) -> Story {
    let labels = std::iter::once(&diagnostic.primary).chain(&diagnostic.secondary);
    Story {
        severity: severity_word(diagnostic.severity),
        code: Some(diagnostic.code.0),
        message: diagnostic.message.clone(),
        obligation: None,
        places: labels.map(|label| place(sources, label)).collect(),
        notes: diagnostic.notes.clone(),
        help: diagnostic.help.clone(),
        counterexample: None,
    }
}

fn place(sources: &SourceMap, label: &Label) -> Place {
    let (line, column) = sources.line_col(label.span);
    Place {
        file: sources.files[label.span.file].name.clone(),
        line,
        column,
        message: label.message.clone(),
        lines: lines(sources, label.span),
    }
}

/// The lines that a span touches.
fn lines(sources: &SourceMap, span: Span) -> Vec<Line> {
    let text = &sources.files[span.file].text;
    let (start, end) = (span.start as usize, span.end as usize);
    let (first, _) = sources.line_col(span);
    let mut at = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
    let mut lines = Vec::new();
    for line in text[at..].split_inclusive('\n') {
        if (at >= end && !lines.is_empty()) || lines.len() == MAX_LINES {
            break;
        }
        let whole = line.trim_end_matches(['\n', '\r']);
        let within = |position: usize| position.clamp(at, at + whole.len()) - at;
        let (from, to) = (within(start), within(end));
        lines.push(Line {
            number: first + lines.len(),
            before: whole[..from].to_owned(),
            marked: whole[from..to].to_owned(),
            after: whole[to..].to_owned(),
        });
        at += line.len();
    }
    if lines.is_empty() {
        // The end of a text that ends with a line.
        let empty = String::new;
        lines.push(Line { number: first, before: empty(), marked: empty(), after: empty() });
    }
    lines
}

fn counterexample(told: Told, is_confirmed: bool) -> Counterexample {
    let Told { instance, before, action, changed, image, why, known, reach, behaviour, itf: _ } = told;
    let reading = |Reading { variable, value, matters }: Reading| (variable, value, matters);
    Counterexample {
        is_confirmed,
        instance,
        before: before.into_iter().map(reading).collect(),
        action,
        changed,
        image,
        why: why.iter().map(|line| depth(line)).collect(),
        known,
        reach,
        behaviour,
    }
}

/// A line without the spaces that it begins with, two for each level.
fn depth(line: &str) -> (usize, String) {
    let rest = line.trim_start_matches(' ');
    ((line.len() - rest.len()) / 2, rest.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_cut_where_the_span_begins_and_ends() {
        let mut sources = SourceMap::default();
        let file = sources.add("a.pax", "one\n  tw\u{f6} three\nfour\n");
        let marked = |start, end| {
            let found = lines(&sources, Span { file, start, end });
            let parts = found.into_iter().map(|it| (it.number, it.before, it.marked, it.after));
            parts.collect::<Vec<_>>()
        };
        let owned = |number, before: &str, marked: &str, after: &str| {
            (number, before.to_owned(), marked.to_owned(), after.to_owned())
        };
        assert_eq!(marked(6, 10), [owned(2, "  ", "tw\u{f6}", " three")]);
        assert_eq!(marked(1, 8), [owned(1, "o", "ne", ""), owned(2, "", "  tw", "\u{f6} three")]);
        assert_eq!(marked(22, 22), [owned(4, "", "", "")]);
    }
}
