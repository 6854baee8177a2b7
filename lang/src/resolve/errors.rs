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
    /// Two modules that are extended define a name.
    TwoDefinitions { name: String, at: Span, first: Option<Span>, second: Option<Span> },
    /// A proof names a formula.
    CitedFormula { at: Span },
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
    /// `WITH` names what the module does not declare.
    UnknownSubstitution { name: String, module: String, at: Span, similar: Option<String> },
    /// Nothing stands for a constant or a variable of an instantiated module.
    MissingSubstitution { name: String, module: String, at: Span, declared: Span },
    /// An instance has no definition of this name.
    UnknownInInstance { name: String, instance: String, at: Span, similar: Option<String> },
    /// The name of an instance alone.
    InstanceMisplaced { name: String, at: Span },
    /// `LAMBDA` where no operator is expected.
    OperatorMisplaced { name: String, at: Span },
    /// Something else where an operator is expected.
    OperatorExpected { arity: usize, at: Span },
    /// A path leads into a definition to where nothing is.
    NoSuchPart { name: String, at: Span, definition: Span },
    /// `BY` names a theorem of an instantiated module.
    CitedInstance { name: String, at: Span },
    /// A theorem in a module within this one.
    InnerTheorem { module: String, at: Span },
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
            ResolveError::TwoDefinitions { name, at, first, second } => {
                let warning = Self::error(
                    Code("two-definitions"),
                    format!("`{name}` is defined twice; the first definition counts"),
                    at,
                    "this one defines it again",
                )
                .warning();
                let warning = first.into_iter().fold(warning, |w, first| w.because(first, "this one counts"));
                let warning =
                    second.into_iter().fold(warning, |w, second| w.because(second, "this does not"));
                warning.help(format!("use `LOCAL INSTANCE` for one of them, or rename `{name}`"))
            }
            ResolveError::CitedFormula { at } => Self::error(
                Code("cited-formula"),
                "a formula among the facts of `BY` is not used",
                at,
                "not the name of a fact",
            )
            .warning()
            .help("state it as a lemma and cite that"),
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
                    (None, None, None) => error.help(format!("define `{name}` above, or declare it")),
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
                    None => error.help(format!("define it above, `a {symbol} b == ...`")),
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
            ResolveError::UnknownSubstitution { name, module, at, similar } => {
                let error = Self::error(
                    Code("unknown-substitution"),
                    format!("module `{module}` declares no constant and no variable `{name}`"),
                    at,
                    "nothing to substitute for",
                );
                error.help(match similar {
                    Some(similar) => format!("did you mean `{similar}`?"),
                    None => format!("remove `{name} <- ...`"),
                })
            }
            ResolveError::MissingSubstitution { name, module, at, declared } => Self::error(
                Code("missing-substitution"),
                format!("nothing stands for `{name}` of module `{module}`"),
                at,
                format!("`{name}` has no meaning here"),
            )
            .because(declared, "declared here")
            .help(format!("add `WITH {name} <- ...`, or declare a `{name}` here")),
            ResolveError::UnknownInInstance { name, instance, at, similar } => {
                let error = Self::error(
                    Code("unknown-name"),
                    format!("`{name}` has no meaning in the instance `{instance}`"),
                    at,
                    "not defined in the module",
                );
                error.help(match similar {
                    Some(similar) => format!("did you mean `{similar}`?"),
                    None => format!("name a definition of the module after `{instance}!`"),
                })
            }
            ResolveError::InstanceMisplaced { name, at } => Self::error(
                Code("misplaced-instance"),
                format!("`{name}` is an instance, not an expression"),
                at,
                "names a module's definitions",
            )
            .help(format!("name one of its definitions: `{name}!...`")),
            ResolveError::OperatorMisplaced { name, at } => Self::error(
                Code("misplaced-operator"),
                format!("`{name}` stands where a value is expected"),
                at,
                "an operator is no value",
            )
            .help("pass it to an operator that takes an operator, or write `[x \\in S |-> e]`"),
            ResolveError::OperatorExpected { arity, at } => Self::error(
                Code("operator-expected"),
                format!("an operator that takes {} is expected here", count(arity)),
                at,
                "this is a value",
            )
            .help(format!("write `LAMBDA {} : ...`", ["x", "x, y", "x, y, z"][arity.clamp(1, 3) - 1])),
            ResolveError::NoSuchPart { name, at, definition } => Self::error(
                Code("no-such-part"),
                format!("the definition of `{name}` has no such part"),
                at,
                "leads nowhere",
            )
            .because(definition, "the definition")
            .help("give the part a label, `name :: e`, and use that"),
            ResolveError::CitedInstance { name, at } => Self::error(
                Code("cited-instance"),
                format!("`{name}` is not used: what an instantiated module claims is no fact here"),
                at,
                "only a formula with a name",
            )
            .warning()
            .help("state it as a theorem of this module"),
            ResolveError::InnerTheorem { module, at } => Self::error(
                Code("inner-theorem"),
                format!("theorems of the inner module `{module}` are not proved"),
                at,
                "passed over",
            )
            .warning()
            .help("put the module into a file of its own"),
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
