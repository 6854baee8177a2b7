//! What must hold of the parser and the printer for any text; each check panics where it does not.

use lang::ast;
use lang::diag::Diagnostic;
use lang::ids::Id;
use lang::parse::parse;
use lang::print;
use lang::source::FileId;

/// The text itself if it says `MODULE`, or the module of which it is the body: most texts should get past the
/// first line.
pub fn module(text: &str) -> String {
    if text.contains("MODULE") { text.to_owned() } else { format!("---- MODULE M ----\n{text}\n====\n") }
}

fn read(text: &str) -> (ast::Module, Vec<Diagnostic>) {
    let parsed = parse(FileId::from_index(0), text);
    (parsed.value, parsed.diagnostics)
}

/// There is a tree and it can be printed; all spans lie in the text, and on the boundaries of characters.
pub fn parses(text: &str) {
    let (module, diagnostics) = read(text);
    for diagnostic in &diagnostics {
        let others = diagnostic.secondary.iter().map(|label| label.span);
        for span in others.chain([diagnostic.primary.span]) {
            within(text, span.start as usize, span.end as usize);
        }
    }
    let (_, spans) = bare(&module);
    for (start, end) in spans {
        within(text, start, end);
    }
    print::module(&module);
}

/// Whether the text parses; if it does, printing and parsing it gives the same tree, and the same text.
pub fn comes_back(text: &str) -> bool {
    let (module, diagnostics) = read(text);
    if !diagnostics.is_empty() {
        return false;
    }
    let printed = print::module(&module);
    let (again, diagnostics) = read(&printed);
    assert!(diagnostics.is_empty(), "{text}\n--- is printed as ---\n{printed}\n--- but {diagnostics:#?}");
    let (before, after) = (bare(&module).0, bare(&again).0);
    assert!(before == after, "{text}\n--- is printed as ---\n{printed}\n--- but was\n{before}\n--- is\n{after}");
    assert_eq!(print::module(&again), printed, "{text}");
    true
}

fn within(text: &str, start: usize, end: usize) {
    assert!(text.get(start..end).is_some(), "no text at {start}..{end} of {text:?}");
}

/// A tree without its spans, and its spans.
fn bare(module: &ast::Module) -> (String, Vec<(usize, usize)>) {
    let debug = format!("{module:?}");
    let mut out = String::with_capacity(debug.len());
    let mut spans = Vec::new();
    let mut rest = debug.as_str();
    while let Some(start) = rest.find("Span {") {
        let length = rest[start..].find('}').map_or(rest.len() - start, |end| end + 1);
        out.push_str(&rest[..start]);
        spans.extend(span(&rest[start..start + length]));
        rest = &rest[start + length..];
    }
    (out + rest, spans)
}

/// The bytes of a printed span, if it is one and not a string that looks like one.
fn span(debug: &str) -> Option<(usize, usize)> {
    let field = |name: &str| {
        let rest = &debug[debug.find(name)? + name.len()..];
        rest.split([',', ' ', '}']).next()?.parse().ok()
    };
    Some((field("start: ")?, field("end: ")?))
}

/// A span as the tree prints it, so that [`bare`] and the tree cannot drift apart unseen.
#[test]
fn spans_are_found() {
    let debug = format!("{:?}", lang::source::Span { file: FileId::from_index(0), start: 3, end: 5 });
    assert_eq!(span(&debug), Some((3, 5)));
}
