//! What a text that could not be read may have declared.
//!
//! Invariant: in a file without mistakes nothing is lost. Otherwise every word outside of the declarations
//! that could be read counts as lost, apart from comments, so that no name is reported as unknown merely
//! because its declaration could not be read.

use lang::ast;
use lang::diag::Checked;
use lang::resolve::Lost;
use lang::source::{SourceMap, Span};

/// Adds what was lost of a module.
pub(super) fn collect(sources: &SourceMap, parsed: &Checked<ast::Module>, lost: &mut Lost) {
    let Some(first) = parsed.diagnostics.first() else { return };
    let file = first.primary.span.file;
    let mut read: Vec<Span> = Vec::new();
    cover(&parsed.value, &mut read);
    read.retain(|span| span.file == file);
    read.sort_unstable();
    let text = &sources.files[file].text;
    let mut from = parsed.value.name.span.end as usize;
    for span in read {
        let until = span.start as usize;
        if until > from {
            words(&text[from..until], parsed.value.extends.is_empty(), lost);
        }
        from = from.max(span.end as usize);
    }
    words(text.get(from..).unwrap_or_default(), parsed.value.extends.is_empty(), lost);
}

/// The places of what could be read.
fn cover(module: &ast::Module, read: &mut Vec<Span>) {
    for unit in &module.units {
        if let ast::UnitKind::Module(inner) = &unit.kind {
            cover(inner, read);
        } else {
            read.push(unit.span);
        }
    }
}

/// Adds the words of a text that was not read.
fn words(text: &str, no_extends: bool, lost: &mut Lost) {
    let text = without_comments(text);
    let words = text.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty());
    for word in words {
        match word {
            "EXTENDS" => lost.any |= no_extends,
            "INSTANCE" => lost.any = true,
            _ => {
                lost.names.insert(word.to_owned());
            }
        }
    }
}

fn without_comments(text: &str) -> String {
    let mut kept = String::new();
    let mut rest = text;
    let mut depth = 0_usize;
    while let Some(next) = rest.chars().next() {
        if rest.starts_with("(*") {
            depth += 1;
            rest = &rest[2..];
        } else if depth > 0 && rest.starts_with("*)") {
            depth -= 1;
            rest = &rest[2..];
        } else if depth == 0 && rest.starts_with("\\*") {
            rest = rest.find('\n').map_or("", |end| &rest[end..]);
        } else {
            if depth == 0 {
                kept.push(next);
            }
            rest = &rest[next.len_utf8()..];
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_no_declarations() {
        let mut lost = Lost::default();
        words("A == 1 \\* B\n(* C (* D *) E *) F", true, &mut lost);
        assert_eq!(lost.names.into_iter().collect::<Vec<_>>(), ["1", "A", "F"]);
        assert!(!lost.any);
    }
}
