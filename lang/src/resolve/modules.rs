//! Which modules there are and in which order to read them, and what the standard ones provide.
//!
//! A standard module is an ordinary file that comes with the prover; the operators that [`primitives`] lists
//! for its name mean what the prover builds in, whatever the file says of them. Operators of a pragma module
//! mean nothing but what a `BY` says with them.
//!
//! Invariant: whoever writes a module of such a name gets what it says, and nothing that is built in.

use indexmap::IndexMap;

use super::errors::ResolveError;
use crate::ast;
use crate::typed::{Arithmetic, BuiltinSet, Comparison};

/// An operator that is built in once its module is extended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Primitive {
    /// `Nat`, `Int`
    Set(BuiltinSet),
    /// `+`, `-`, `*`, `\div`, `%`, `^`
    Arithmetic(Arithmetic),
    /// `<`, `=<`
    Compare(Comparison),
    /// `>`, `>=`: the comparison with its operands swapped.
    Swapped(Comparison),
    /// `..`
    Range,
    /// `-.`
    Negate,
    /// `IsFiniteSet`
    IsFinite,
    /// `Cardinality`
    Cardinality,
    /// `Len`
    Len,
    /// `Seq`
    SequenceSet,
    /// Known, but without a meaning for the prover yet.
    Unsupported,
}

/// Names, numbers of arguments and meanings of operators.
type Operators = &'static [(&'static str, usize, Primitive)];

const NATURALS: Operators = &[
    ("Nat", 0, Primitive::Set(BuiltinSet::Nat)),
    ("+", 2, Primitive::Arithmetic(Arithmetic::Add)),
    ("-", 2, Primitive::Arithmetic(Arithmetic::Subtract)),
    ("*", 2, Primitive::Arithmetic(Arithmetic::Multiply)),
    ("\\div", 2, Primitive::Arithmetic(Arithmetic::Divide)),
    ("%", 2, Primitive::Arithmetic(Arithmetic::Modulo)),
    ("<", 2, Primitive::Compare(Comparison::Less)),
    ("=<", 2, Primitive::Compare(Comparison::LessEqual)),
    (">", 2, Primitive::Swapped(Comparison::Less)),
    (">=", 2, Primitive::Swapped(Comparison::LessEqual)),
    ("..", 2, Primitive::Range),
    ("^", 2, Primitive::Arithmetic(Arithmetic::Power)),
];

const INTEGERS: Operators = &[("Int", 0, Primitive::Set(BuiltinSet::Int)), ("-.", 1, Primitive::Negate)];

const FINITE_SETS: Operators =
    &[("IsFiniteSet", 1, Primitive::IsFinite), ("Cardinality", 1, Primitive::Cardinality)];

const SEQUENCES: Operators = &[("Seq", 1, Primitive::SequenceSet), ("Len", 1, Primitive::Len)];

const REALS: Operators = &[
    ("Real", 0, Primitive::Unsupported),
    ("/", 2, Primitive::Unsupported),
    ("Infinity", 0, Primitive::Unsupported),
];

const STANDARD: &[(&str, Operators)] = &[
    ("Naturals", NATURALS),
    ("Integers", INTEGERS),
    ("FiniteSets", FINITE_SETS),
    ("Sequences", SEQUENCES),
    ("Reals", REALS),
];

/// Modules some of whose definitions only give a place.
const PLACES: &[&str] = &[
    "Naturals",
    "Integers",
    "Reals",
    "FiniteSets",
    "Sequences",
    "Bags",
    "BagsExt",
    "FiniteSetsExt",
    "Functions",
    "SequencesExt",
    "TLC",
    "TLCExt",
    "RealTime",
    "Randomization",
    "Json",
    "IOUtils",
    "CSV",
];

/// The built-in operators of a module: name, arity, meaning.
pub(crate) fn primitives(module: &ast::Module) -> Operators {
    let known = |(name, _): &&(&str, Operators)| module.standard && *name == module.name.text;
    STANDARD.iter().find(known).map_or(&[], |(_, operators)| operators)
}

/// Operators that the files of standard modules define; here, so that an error can tell where they are.
const DEFINED: &[(&str, &[&str])] = &[
    ("Sequences", &["Head", "Tail", "Append", "SubSeq", "SelectSeq", "\\o"]),
    ("TLC", &[":>", "@@", "Assert", "Print", "PrintT", "Permutations", "SortSeq"]),
];

/// The standard module that provides an operator.
pub(crate) fn provider(operator: &str) -> Option<&'static str> {
    let provides = |operators: Operators| operators.iter().any(|(name, _, _)| *name == operator);
    let built_in = STANDARD.iter().find(|(_, operators)| provides(operators)).map(|(name, _)| *name);
    let defined = || DEFINED.iter().find(|(_, names)| names.contains(&operator)).map(|(name, _)| *name);
    built_in.or_else(defined)
}

/// Whether a definition of a standard module only gives an operator's name and number of arguments: its
/// body is `{}`, and the prover has no meaning for it.
pub(crate) fn gives_only_a_place(module: &ast::Module, def: &ast::OperatorDef) -> bool {
    let is_empty =
        |expr: &ast::Expr| matches!(expr.kind.as_ref(), ast::ExprKind::SetEnum(items) if items.is_empty());
    module.standard && PLACES.contains(&module.name.text.as_str()) && is_empty(&def.body)
}

/// Modules of theorems: their definitions `Theorem == TRUE` stand for theorems that a proof may cite.
const THEOREMS: &[&str] = &[
    "FiniteSetTheorems",
    "FunctionTheorems",
    "NaturalsInduction",
    "SequenceTheorems",
    "SequencesExtTheorems",
    "WellFoundedInduction",
];

/// Whether an operator of a module is a pragma, and if so, whether it is a strategy.
pub(crate) fn pragma(module: &ast::Module, def: &ast::OperatorDef) -> Option<bool> {
    let is_true =
        |expr: &ast::Expr| matches!(expr.kind.as_ref(), ast::ExprKind::Name(name) if name.text == "TRUE");
    match module.name.text.as_str() {
        "Strategies" if module.standard => Some(true),
        // A copy of that module beside a spec names the same pragmas.
        "TLAPS" if module.standard || is_true(&def.body) => Some(false),
        name => {
            let theorem = THEOREMS.contains(&name) && def.params.is_empty() && is_true(&def.body);
            theorem.then_some(false)
        }
    }
}

/// The modules reachable from `root`, each after those that it extends; `root` is the last.
pub(crate) fn order<'a>(
    root: &'a ast::Module,
    library: &'a [ast::Module],
    errors: &mut Vec<ResolveError>,
) -> Vec<&'a ast::Module> {
    let mut by_name: IndexMap<&str, &ast::Module> = IndexMap::new();
    for module in library {
        by_name.entry(module.name.text.as_str()).or_insert(module);
    }
    by_name.insert(root.name.text.as_str(), root);
    let mut done: IndexMap<&str, &ast::Module> = IndexMap::new();
    // The modules being visited, each with how many of its EXTENDS have been seen to.
    let mut path: Vec<(&ast::Module, usize)> = vec![(root, 0)];
    while let Some((module, next)) = path.last_mut() {
        let module: &ast::Module = module;
        let Some(extended) = module.extends.get(*next) else {
            done.insert(module.name.text.as_str(), module);
            path.pop();
            continue;
        };
        *next += 1;
        let name = extended.text.as_str();
        if done.contains_key(name) {
            continue;
        }
        if let Some(start) = path.iter().position(|(open, _)| open.name.text == name) {
            let mut names: Vec<String> =
                path[start..].iter().map(|(open, _)| open.name.text.clone()).collect();
            names.push(name.to_owned());
            errors.push(ResolveError::ModuleCycle { names, at: extended.span });
            continue;
        }
        match by_name.get(name) {
            Some(found) => path.push((found, 0)),
            None => errors.push(ResolveError::UnknownModule { name: name.to_owned(), at: extended.span }),
        }
    }
    done.into_values().collect()
}
