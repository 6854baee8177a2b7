//! A verification condition: many-sorted first-order logic as plain data, ready for any solver.
//!
//! Invariants: symbols are applied to as many arguments as they have; a [`Term::Var`] is bound by an
//! enclosing quantifier, and no two quantifiers of one condition bind the same id; triggers mention
//! every variable of their quantifier.

use lang::ids::{IdVec, define_id};
use serde::{Deserialize, Serialize};

define_id! {
    /// An uninterpreted sort of a condition.
    pub struct VcSortId;
}
define_id! {
    /// A function symbol of a condition; constants have no arguments.
    pub struct SymbolId;
}
define_id! {
    /// A quantified variable of a condition.
    pub struct VarId;
}

/// How the names of symbols begin that only serve a proof: a model need not show them.
pub const AUXILIARY: &str = "region!";

/// One thing for a solver to refute: the hypotheses together with the negated goal.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Vc {
    /// Names of uninterpreted sorts; unique, but not necessarily fit for a solver's syntax.
    pub sorts: IdVec<VcSortId, String>,
    /// Function symbols.
    pub symbols: IdVec<SymbolId, Symbol>,
    /// What may be assumed.
    pub hypotheses: Vec<Labelled>,
    /// What is to be proved.
    pub goal: Option<Term>,
    /// Attempts, in order; the first that answers unsat proves the condition.
    pub stages: Vec<Stage>,
}

impl Vc {
    /// The condition with those of its hypotheses only whose labels are wanted. Whoever proves it proves the
    /// condition.
    #[must_use]
    pub fn restricted(&self, is_wanted: impl Fn(&str) -> bool) -> Self {
        let mut less = self.clone();
        less.hypotheses.retain(|hypothesis| is_wanted(&hypothesis.label));
        less
    }
}

/// A function symbol.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Symbol {
    /// Unique within the condition, not necessarily fit for a solver's syntax.
    pub name: String,
    /// Sorts of the arguments.
    pub args: Vec<VcSort>,
    /// Sort of the result.
    pub result: VcSort,
}

/// The sort of a term of a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum VcSort {
    /// Truth values.
    Bool,
    /// Integers.
    Int,
    /// An uninterpreted sort.
    Uninterpreted(VcSortId),
}

/// A hypothesis with the name by which a core speaks of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Labelled {
    /// Unique within the condition.
    pub label: String,
    /// The first tier of hypotheses that holds it: a stage sees all up to its own tier.
    pub tier: u8,
    /// What is assumed.
    pub formula: Term,
}

/// One attempt at a condition: which hypotheses, which budget, which tactics.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stage {
    /// Hypotheses up to this tier are asserted.
    pub tier: u8,
    /// Budget in Z3 resource units.
    pub rlimit: u32,
    /// Whether model-based quantifier instantiation is on.
    pub mbqi: bool,
}

/// A term or formula.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Term {
    /// A truth value.
    Bool(bool),
    /// An integer.
    Int(i128),
    /// A quantified variable.
    Var(VarId),
    /// A symbol applied.
    App(SymbolId, Vec<Term>),
    /// Negation.
    Not(Box<Term>),
    /// Conjunction; empty means true.
    And(Vec<Term>),
    /// Disjunction; empty means false.
    Or(Vec<Term>),
    /// Implication.
    Implies(Box<Term>, Box<Term>),
    /// Equality of two terms of one sort; on `Bool`, equivalence.
    Eq(Box<Term>, Box<Term>),
    /// Pairwise different.
    Distinct(Vec<Term>),
    /// `if c then a else b`
    Ite(Box<Term>, Box<Term>, Box<Term>),
    /// Integer arithmetic.
    Arith(ArithOp, Box<Term>, Box<Term>),
    /// `a < b`
    Lt(Box<Term>, Box<Term>),
    /// `a <= b`
    Le(Box<Term>, Box<Term>),
    /// A quantified formula.
    Quant(Box<Quant>),
}

/// Integer operations. Division and modulo are those of SMT-LIB (Euclidean); lowering relates TLA+'s to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ArithOp {
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// SMT-LIB `div`
    Div,
    /// SMT-LIB `mod`
    Mod,
}

/// A quantifier.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Quant {
    /// `true` for a universal quantifier.
    pub forall: bool,
    /// What is bound, at least one.
    pub vars: Vec<(VarId, VcSort)>,
    /// Alternative triggers, each a list of terms that must all match; none means the solver chooses.
    pub triggers: Vec<Vec<Term>>,
    /// The body.
    pub body: Term,
    /// A name for profiles, unique within the condition or empty.
    pub name: String,
}
