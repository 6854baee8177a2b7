//! How long a module is: lines of specification and lines of proof, as published tables count them.
//!
//! Comments and blank lines count as nothing; a line that a proof shares with a statement counts as proof.

use std::collections::BTreeSet;

use lang::ast::{Module, ProofKind, UnitKind};
use lang::ids::Id;
use lang::source::Span;

use crate::driver::Front;

/// Lines of a module's own file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    /// Of specification, statements of theorems included.
    pub specification: usize,
    /// Of proof text.
    pub proof: usize,
}

/// The size of a module, extended modules left out.
pub fn size(front: &Front) -> Size {
    let Some(file) = front.sources.files.iter_enumerated().find(|(file, _)| file.index() == 0) else {
        return Size::default();
    };
    size_of(&file.1.text, &proofs(&front.ast))
}

fn proofs(module: &Module) -> Vec<Span> {
    let mut spans = Vec::new();
    for unit in &module.units {
        match &unit.kind {
            UnitKind::Theorem(theorem) => match theorem.proof.kind {
                ProofKind::None => {}
                ProofKind::Obvious | ProofKind::Omitted | ProofKind::By(_) | ProofKind::Structured(_) => {
                    spans.push(theorem.proof.span);
                }
            },
            UnitKind::Constants(_)
            | UnitKind::Variables(_)
            | UnitKind::Assume(_)
            | UnitKind::Operator(_)
            | UnitKind::Function(_)
            | UnitKind::Recursive(_)
            | UnitKind::Instance(_)
            | UnitKind::InstanceDef(_)
            | UnitKind::Use(_) => {}
            UnitKind::Module(inner) => spans.extend(proofs(inner)),
        }
    }
    spans
}

fn size_of(text: &str, proofs: &[Span]) -> Size {
    let code = without_comments(text);
    let mut proof_lines = BTreeSet::new();
    for span in proofs {
        let first = code[..span.start as usize].matches('\n').count();
        let n_lines = code[span.start as usize..span.end as usize].trim_end().matches('\n').count() + 1;
        proof_lines.extend(first..first + n_lines);
    }
    let mut size = Size::default();
    for (line_idx, line) in code.lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        if proof_lines.contains(&line_idx) {
            size.proof += 1;
        } else {
            size.specification += 1;
        }
    }
    size
}

/// The text with each character of a comment replaced by blanks of the same length, line ends kept.
fn without_comments(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut depth = 0usize;
    let mut in_string = false;
    let mut in_line_comment = false;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let is_code = depth == 0 && !in_line_comment;
        let mut n_bytes = c.len_utf8();
        let mut keep = is_code;
        if c == '\n' {
            in_line_comment = false;
            in_string = false;
            keep = true;
        } else if in_string {
            if c == '\\' {
                n_bytes +=
                    rest[n_bytes..].chars().next().filter(|next| *next != '\n').map_or(0, char::len_utf8);
            } else if c == '"' {
                in_string = false;
            }
        } else if is_code && c == '"' {
            in_string = true;
        } else if is_code && rest.starts_with("\\*") {
            in_line_comment = true;
            keep = false;
        } else if !in_line_comment && rest.starts_with("(*") {
            depth += 1;
            n_bytes = 2;
            keep = false;
        } else if depth > 0 && rest.starts_with("*)") {
            depth -= 1;
            n_bytes = 2;
        }
        if keep {
            out.push_str(&rest[..n_bytes]);
        } else {
            out.extend(std::iter::repeat_n(' ', n_bytes));
        }
        rest = &rest[n_bytes..];
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use lang::source::FileId;

    #[test]
    fn comments_and_blank_lines_count_as_nothing() {
        let text =
            "A == 1 \\* one\n\n\\* only a comment\n(* a (* nested *)\n one *)\nB == \"(* no comment\"\nC\n";
        assert_eq!(size_of(text, &[]), Size { specification: 3, proof: 0 });
    }

    #[test]
    fn comments_keep_their_length() {
        let text = "é (* ü *) \"\\\"\" \\* é\nx";
        assert_eq!(without_comments(text).len(), text.len());
    }

    #[test]
    fn proofs_are_counted_apart() {
        let text = "THEOREM T == P\nPROOF\n  BY X\n  (* why *)\nD == 1\n";
        let start = u32::try_from(text.find("PROOF").unwrap()).unwrap();
        let end = u32::try_from(text.find("  (*").unwrap()).unwrap();
        let span = Span { file: FileId::from_index(0), start, end };
        assert_eq!(size_of(text, &[span]), Size { specification: 2, proof: 2 });
    }
}
