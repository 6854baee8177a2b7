//! What can be wrong with sorts, as data; one `From` turns it into a diagnostic.

use crate::diag::{Code, Diagnostic};
use crate::near::near;
use crate::source::Span;

/// A problem found while inferring sorts; sorts are already rendered, as they were known at the time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SortError {
    /// Two places disagree.
    Mismatch { expected: String, found: String, at: Span, because: Span },
    /// A sort would contain itself.
    Infinite { sort: String, at: Span, because: Span },
    /// A field has several sorts, and nothing decides between them.
    AmbiguousField { field: String, versions: Vec<(String, Span)>, at: Span },
    /// A record sort has no such field.
    UnknownField { field: String, fields: Vec<String>, at: Span },
    /// A field is read from something of which nothing is known.
    UnknownRecord { field: String, at: Span },
    /// Definitions that multiply without end in sight.
    TooManyInstances { at: Span },
}

impl SortError {
    /// Whether it says that something is not known, rather than that two things disagree.
    pub(crate) fn is_of_ignorance(&self) -> bool {
        match self {
            Self::AmbiguousField { .. } | Self::UnknownField { .. } | Self::UnknownRecord { .. } => true,
            Self::Mismatch { .. } | Self::Infinite { .. } | Self::TooManyInstances { .. } => false,
        }
    }
}

impl From<SortError> for Diagnostic {
    fn from(error: SortError) -> Self {
        match error {
            SortError::Mismatch { expected, found, at, because } => {
                let error = Self::error(
                    Code("sort-mismatch"),
                    format!("`{expected}` is expected, but this has the sort `{found}`"),
                    at,
                    format!("of sort `{found}`"),
                )
                .help(format!("make the two places agree: write something of sort `{expected}` here"));
                if because == at {
                    error
                } else {
                    error.because(because, format!("this is why `{expected}` is expected"))
                }
            }
            SortError::Infinite { sort, at, because } => {
                let error = Self::error(
                    Code("infinite-sort"),
                    format!("this would need a sort that contains itself: `{sort}`"),
                    at,
                    "no finite sort fits",
                )
                .help("keep a set or function and its elements apart: give each a name of its own");
                if because == at { error } else { error.because(because, "its other use is here") }
            }
            SortError::AmbiguousField { field, versions, at } => {
                let names: Vec<String> = versions.iter().map(|(sort, _)| format!("`{sort}`")).collect();
                let error = Self::error(
                    Code("ambiguous-field"),
                    format!("field `{field}` may be of sort {} here", names.join(" or ")),
                    at,
                    "nothing decides which",
                );
                let error = versions.into_iter().fold(error, |error, (sort, span)| {
                    error.because(span, format!("here `{field}` is of sort `{sort}`"))
                });
                error.help(format!("compare `{field}` with something of the sort that is meant"))
            }
            SortError::UnknownField { field, fields, at } => Self::error(
                Code("unknown-field"),
                format!("no record that can be here has a field `{field}`"),
                at,
                "unknown field",
            )
            .note(format!("the fields are {}", fields.join(", ")))
            .help(match near(&field, &fields) {
                Some(similar) => format!("did you mean `{similar}`?"),
                None => "read one of the fields that there are, or add this one to the records".to_owned(),
            }),
            SortError::UnknownRecord { field, at } => Self::error(
                Code("unknown-field"),
                format!("nothing says which record has this field `{field}`"),
                at,
                "of an unknown record",
            )
            .help("bound the name by the set that it ranges over"),
            SortError::TooManyInstances { at } => Self::error(
                Code("unsupported-construct"),
                "this definition is needed at too many different sorts",
                at,
                "given up here",
            )
            .help("write a definition of its own for each sort that is meant"),
        }
    }
}
