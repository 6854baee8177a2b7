//! What decomposition refuses, at its place.

use lang::diag::{Code, Diagnostic};
use lang::source::Span;

/// A theorem that has no decomposition.
#[derive(Clone, Debug)]
pub(crate) enum DecomposeError {
    /// Neither `Spec => []P` nor a formula without temporal operators.
    UnsupportedTheorem {
        /// The part that does not fit.
        at: Span,
    },
    /// An invariant next to what is said of initial states or steps.
    MixedTheorem {
        /// The invariant.
        at: Span,
    },
    /// Fairness as a conclusion.
    UnsupportedFairness {
        /// The conjunct.
        at: Span,
    },
    /// A recursive operator without a measure: nothing is known of its values.
    NoMeasure {
        /// Its name.
        operator: String,
        /// The operator.
        at: Span,
        /// A call, and why it stands in the way.
        because: (Span, &'static str),
    },
    /// A specification that is not `Init /\ [][Next]_vars`, with or without fairness.
    UnsupportedSpecification {
        /// The conjunct that does not fit.
        at: Span,
    },
}

impl From<DecomposeError> for Diagnostic {
    fn from(error: DecomposeError) -> Self {
        match error {
            DecomposeError::UnsupportedTheorem { at } => Diagnostic::error(
                Code("unsupported-theorem"),
                "this theorem has no proof rule",
                at,
                "neither an invariant nor a formula about states and steps",
            )
            .help("state it as `Spec => []P`, or as a formula without temporal operators"),
            DecomposeError::MixedTheorem { at } => Diagnostic::error(
                Code("unsupported-theorem"),
                "this theorem has no proof rule",
                at,
                "an invariant, next to what is said of initial states or steps",
            )
            .help("state the invariant as a theorem of its own, before the other"),
            DecomposeError::UnsupportedFairness { at } => Diagnostic::error(
                Code("unsupported-theorem"),
                "this theorem has no proof rule",
                at,
                "fairness, which no proof rule concludes",
            )
            .help("leave fairness out of the specification that is implied"),
            DecomposeError::NoMeasure { operator, at, because: (call, why) } => Diagnostic::error(
                Code("no-measure"),
                format!("nothing shows that `{operator}` comes to an end, so nothing is known of its values"),
                at,
                "recursive",
            )
            .warning()
            .because(call, why)
            .note(
                "tried: a number that gets smaller or larger, two numbers in turn, a set that loses elements, a sequence that gets shorter",
            )
            .help("let each call decrease a natural number, or take an element from a finite set"),
            DecomposeError::UnsupportedSpecification { at } => Diagnostic::error(
                Code("unsupported-specification"),
                "this conjunct of the specification has no proof rule",
                at,
                "neither an initial predicate, nor `[][Next]_vars`, nor fairness",
            )
            .help("write the specification as `Init /\\ [][Next]_vars`"),
        }
    }
}
