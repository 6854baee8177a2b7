//! What can be wrong with names, levels and forms, as data; one `From` turns it into a diagnostic.

use crate::diag::{Code, Diagnostic};
use crate::resolved::Level;
use crate::source::Span;

/// A problem found while resolving.
#[derive(Clone, Debug)]
pub(crate) enum ResolveError {
    /// `EXTENDS` names a module that was not found.
    UnknownModule { name: String, at: Span },
    /// A module extends itself.
    ModuleCycle { names: Vec<String>, at: Span },
    /// A name is declared twice in one scope.
    DuplicateName { name: String, at: Span, before: Option<Span> },
    /// A name without a meaning.
    UnknownName {
        name: String,
        at: Span,
        similar: Option<String>,
        later: Option<Span>,
        module: Option<&'static str>,
    },
    /// A symbol without a meaning.
    UnknownOperator { symbol: String, at: Span, module: Option<&'static str> },
    /// A wrong number of arguments.
    ArityMismatch { name: String, expected: usize, found: usize, at: Span, declared: Option<Span> },
    /// Legal TLA+ that is outside the fragment.
    Unsupported { what: String, at: Span, help: Option<String> },
    /// A prime inside a prime.
    DoublePrime { at: Span, inner: Span },
    /// An action or temporal formula where it has no meaning.
    WrongLevel { found: Level, allowed: Level, context: &'static str, at: Span },
    /// `BY` names something that is no fact.
    UnknownFact { name: String, at: Span, similar: Option<String> },
    /// `@` outside `EXCEPT`.
    MisplacedAt { at: Span },
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Constant => "constant",
        Level::State => "state",
        Level::Action => "action",
        Level::Temporal => "temporal",
    }
}

impl From<ResolveError> for Diagnostic {
    fn from(error: ResolveError) -> Self {
        match error {
            ResolveError::UnknownModule { name, at } => {
                Self::error(Code("unknown-module"), format!("there is no module `{name}`"), at, "not found")
                    .help(format!("put `{name}.pax` or `{name}.tla` beside this file, or check the spelling"))
            }
            ResolveError::ModuleCycle { names, at } => Self::error(
                Code("module-cycle"),
                format!("module `{}` extends itself", names.first().map_or("", String::as_str)),
                at,
                "this closes the circle",
            )
            .note(format!("the circle is {}", names.join(" -> ")))
            .help("put what both need into a third module"),
            ResolveError::DuplicateName { name, at, before } => {
                let error = Self::error(
                    Code("duplicate-name"),
                    format!("`{name}` already has a meaning here"),
                    at,
                    "declared again",
                );
                let error = match before {
                    Some(before) => error.because(before, "declared here before"),
                    None => error,
                };
                error.help("TLA+ has no shadowing: choose another name")
            }
            ResolveError::UnknownName { name, at, similar, later, module } => {
                let error = Self::error(
                    Code("unknown-name"),
                    format!("`{name}` has no meaning here"),
                    at,
                    "not declared or defined",
                );
                match (later, module, similar) {
                    (Some(later), _, _) => error
                        .because(later, "defined here, which is later")
                        .help(format!("move the definition of `{name}` above this use")),
                    (None, Some(module), _) => error.help(format!("add `EXTENDS {module}`")),
                    (None, None, Some(similar)) => error.help(format!("did you mean `{similar}`?")),
                    (None, None, None) => error,
                }
            }
            ResolveError::UnknownOperator { symbol, at, module } => {
                let error = Self::error(
                    Code("undefined-operator"),
                    format!("the operator `{symbol}` is not defined here"),
                    at,
                    "not defined",
                );
                match module {
                    Some(module) => error.help(format!("add `EXTENDS {module}`, which defines it")),
                    None => error,
                }
            }
            ResolveError::ArityMismatch { name, expected, found, at, declared } => {
                let error = Self::error(
                    Code("arity-mismatch"),
                    format!("`{name}` takes {} but has {found} here", count(expected)),
                    at,
                    format!("{} expected", count(expected)),
                )
                .help(format!(
                    "write {} here",
                    if expected == 0 { format!("`{name}` alone") } else { count(expected) }
                ));
                match declared {
                    Some(declared) => error.because(declared, "declared here"),
                    None => error,
                }
            }
            ResolveError::Unsupported { what, at, help } => {
                let error = Self::error(
                    Code("unsupported-construct"),
                    format!("{what} cannot be used here yet"),
                    at,
                    "outside the supported fragment",
                );
                error.help(help.unwrap_or_else(|| "state what the theorem needs without it".to_owned()))
            }
            ResolveError::DoublePrime { at, inner } => {
                let error = Self::error(
                    Code("double-prime"),
                    "a prime is applied to what is primed already",
                    at,
                    "this primes it again",
                )
                .help("remove one of the primes");
                if inner == at {
                    error
                } else {
                    error.because(inner, "this already speaks of the next state")
                }
            }
            ResolveError::WrongLevel { found, allowed, context, at } => Self::error(
                Code("wrong-level"),
                format!(
                    "{context} must be of {} level, but this is of {} level",
                    level(allowed),
                    level(found)
                ),
                at,
                format!("of {} level", level(found)),
            )
            .note(match found {
                Level::Constant => "a constant expression depends on no state",
                Level::State => "it depends on the value of a variable in one state",
                Level::Action => "it speaks of two states: something in it is primed",
                Level::Temporal => "it speaks of a whole behaviour",
            })
            .help(match found {
                Level::Constant | Level::State => "use something that depends on no variable",
                Level::Action => "remove the prime, or write `[A]_v` for an action `A`",
                Level::Temporal => "state it as a formula of its own, after `=>` in a theorem",
            }),
            ResolveError::UnknownFact { name, at, similar } => {
                let error = Self::error(
                    Code("unknown-fact"),
                    format!("`{name}` is not the name of a fact"),
                    at,
                    "neither an assumption nor a theorem nor a strategy",
                );
                match similar {
                    Some(similar) => error.help(format!("did you mean `{similar}`?")),
                    None => error.help("name a definition after `DEF`, and facts before it"),
                }
            }
            ResolveError::MisplacedAt { at } => {
                Self::error(Code("misplaced-at"), "`@` stands outside `EXCEPT`", at, "no old value here")
                    .help("`@` means the old value, in the right side of an `EXCEPT` update")
            }
        }
    }
}

fn count(arity: usize) -> String {
    match arity {
        0 => "no arguments".to_owned(),
        1 => "1 argument".to_owned(),
        n => format!("{n} arguments"),
    }
}
