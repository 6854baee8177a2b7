//! Diagnostics as plain data. Each stage converts its own errors; only the command line renders them.

use crate::source::Span;

/// How grave a diagnostic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The run cannot go on to proofs.
    Error,
    /// The run goes on, but something deserves attention.
    Warning,
    /// For information.
    Note,
}

/// The name of a problem, kebab-case; each has a page `docs/errors/<code>.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(pub &'static str);

/// A span with what is to be said of it; the message may be empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What.
    pub message: String,
}

/// One message to the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How grave.
    pub severity: Severity,
    /// Which problem.
    pub code: Code,
    /// Complete in itself, lower case, without a full stop, the user's names in backticks.
    pub message: String,
    /// The smallest guilty text.
    pub primary: Label,
    /// Why.
    pub secondary: Vec<Label>,
    /// Facts.
    pub notes: Vec<String>,
    /// One thing to try.
    pub help: Option<String>,
}

impl Diagnostic {
    /// An error without secondary labels, notes or help.
    pub fn error(code: Code, message: impl Into<String>, span: Span, label: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            code,
            message: message.into(),
            primary: Label { span, message: label.into() },
            secondary: Vec::new(),
            notes: Vec::new(),
            help: None,
        }
    }
    /// The same as a warning.
    #[must_use]
    pub fn warning(mut self) -> Self {
        self.severity = Severity::Warning;
        self
    }
    /// Adds a place that says why.
    #[must_use]
    pub fn because(mut self, span: Span, message: impl Into<String>) -> Self {
        self.secondary.push(Label { span, message: message.into() });
        self
    }
    /// Adds a fact.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }
    /// Sets the one thing to try.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
    /// By file, position, code: the order in which diagnostics are shown.
    pub fn sort_key(&self) -> (Span, Severity, Code) {
        (self.primary.span, self.severity, self.code)
    }
}

/// What a stage returns: always a value, together with what is wrong with it.
#[derive(Clone, Debug)]
pub struct Checked<T> {
    /// The result, complete only if there is no error among the diagnostics.
    pub value: T,
    /// What was found.
    pub diagnostics: Vec<Diagnostic>,
}

impl<T> Checked<T> {
    /// Whether an error was found.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }
}
