//! Source text and places in it: which file, and which bytes of it.

use std::sync::Arc;

use crate::ids::{IdVec, define_id};

define_id! {
    /// A source file, by its position in the [`SourceMap`].
    pub struct FileId;
}

/// A stretch of one file, in bytes, `start <= end`. Never optional: generated terms keep the span of
/// what they were generated from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The smallest span that covers both; both must lie in one file.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        debug_assert_eq!(self.file, other.file, "a span lies in one file");
        Self { file: self.file, start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

/// One file that was read.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// How messages name the file.
    pub name: String,
    /// Its text.
    pub text: Arc<str>,
}

/// All files of a run, in the order in which they were read.
#[derive(Clone, Debug, Default)]
pub struct SourceMap {
    /// The files.
    pub files: IdVec<FileId, SourceFile>,
}

impl SourceMap {
    /// Adds a file.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<Arc<str>>) -> FileId {
        self.files.push(SourceFile { name: name.into(), text: text.into() })
    }

    /// The text under a span.
    pub fn text(&self, span: Span) -> &str {
        &self.files[span.file].text[span.start as usize..span.end as usize]
    }

    /// Line and column, both counted from 1, columns in characters, of a span's first byte.
    pub fn line_col(&self, span: Span) -> (usize, usize) {
        let before = &self.files[span.file].text[..span.start as usize];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
    }
}
