//! IR 3: every expression has a sort, every name is an id, and sugar is gone.
//!
//! Invariants, established by `check_sorts`:
//! - operators are monomorphic: an operator used at several sorts has one [`Operator`] for each;
//! - `LET` definitions are operators of their own, with what they capture as additional parameters (first);
//! - priming has been pushed to the leaves: only variables and applications carry a [`Time`];
//! - `#`, `\notin`, `>`, `>=` are negations and swapped comparisons; junctions are flat lists;
//! - `EXCEPT` has one step, with `@` replaced; tuple patterns are components of a fresh local;
//! - `\A x, y \in S` has one [`Binder`] for each name.

mod summary;
mod walk;

use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::ids::{IdVec, define_id};
use crate::sort::{RecordId, Sort, SortTable};
use crate::source::Span;
pub use summary::Form;
use summary::Summary;

define_id! {
    /// A declared constant.
    pub struct ConstantId;
}
define_id! {
    /// A state variable.
    pub struct VariableId;
}
define_id! {
    /// A defined operator at one sort.
    pub struct OperatorId;
}
define_id! {
    /// A bound name or parameter.
    pub struct LocalId;
}

/// A module, with everything it extends.
#[derive(Clone, Debug)]
pub struct Module {
    /// The root module's name.
    pub name: String,
    /// Sorts.
    pub sorts: SortTable,
    /// Constants.
    pub constants: IdVec<ConstantId, Symbol>,
    /// State variables.
    pub variables: IdVec<VariableId, Symbol>,
    /// Operators; a body mentions only operators of smaller id, and itself if it is recursive.
    pub operators: IdVec<OperatorId, Operator>,
    /// Bound names and parameters.
    pub locals: IdVec<LocalId, Symbol>,
    /// Assumptions, axioms and theorems of all modules, in order: those of extended modules first.
    pub facts: Vec<Fact>,
    /// Assumptions and theorems of instantiated modules, as formulas.
    pub inherited: Vec<Inherited>,
}

/// An assumption or a theorem of an instantiated module, without parameters: a formula about the substituted
/// expressions. Nothing is known of it before the module's own theorem is proved, and its assumptions hold here.
#[derive(Clone, Debug)]
pub struct Inherited {
    /// What names of the instance begin with: `V!`.
    pub prefix: String,
    /// The instantiated module.
    pub module: String,
    /// Its name in that module.
    pub fact: String,
    /// What kind.
    pub kind: FactKind,
    /// The formula: an operator without parameters.
    pub operator: OperatorId,
    /// Its name there.
    pub span: Span,
}

impl Inherited {
    /// Its name here: `V!Invariance`.
    pub fn name(&self) -> String {
        format!("{}{}", self.prefix, self.fact)
    }
}

/// A name with a sort.
#[derive(Clone, Debug)]
pub struct Symbol {
    /// Its name as written.
    pub name: String,
    /// Its sort.
    pub sort: Sort,
    /// Where it is declared.
    pub span: Span,
}

/// A defined operator.
#[derive(Clone, Debug)]
pub struct Operator {
    /// Its name as written; that of a `LET` definition follows its owner's: `Max.B`.
    pub name: String,
    /// Its parameters.
    pub params: Vec<LocalId>,
    /// Its body.
    pub body: Expr,
    /// Whether the body mentions the operator itself, at the same sorts; it is of constant or state level.
    pub recursive: bool,
    /// The name in its definition.
    pub span: Span,
}

/// An assumption or a theorem.
#[derive(Clone, Debug)]
pub struct Fact {
    /// Its name, or `<keyword>@<n>` for the n-th fact without a name after that keyword.
    pub name: String,
    /// What kind.
    pub kind: FactKind,
    /// The formula. `ASSUME NEW x \in S, P PROVE Q` is `\A x \in S : P => Q`.
    pub statement: Expr,
    /// Its proof text; `None` for assumptions.
    pub proof: Proof,
    /// Whether it comes from the root module.
    pub root: bool,
    /// Its name, or its statement if it has none.
    pub span: Span,
}

/// The kinds of fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FactKind {
    /// `ASSUME` or `ASSUMPTION`.
    Assumption,
    /// `AXIOM`.
    Axiom,
    /// `THEOREM`, `LEMMA`, `PROPOSITION`, `COROLLARY`.
    Theorem,
}

/// What somebody wrote as a proof.
#[derive(Clone, Debug, Default)]
pub enum Proof {
    /// Nothing, or `OBVIOUS`.
    #[default]
    None,
    /// `OMITTED`: assumed, and reported as such.
    Omitted(Span),
    /// `BY ...`.
    By(Hints),
    /// A structured proof, skipped with a note.
    Structured(Span),
}

/// The contents of a `BY`.
#[derive(Clone, Debug)]
pub struct Hints {
    /// `ONLY`.
    pub only: bool,
    /// Cited facts, as positions in [`Module::facts`].
    pub facts: Vec<usize>,
    /// Definitions that may be unfolded, at each sort.
    pub defs: Vec<OperatorId>,
    /// Pragma operators of `Strategies`.
    pub strategies: Vec<Strategy>,
    /// The whole hint.
    pub span: Span,
}

/// `NatInduction(n)`, `Witness(e)`, ...
#[derive(Clone, Debug)]
pub struct Strategy {
    /// The pragma operator's name.
    pub name: String,
    /// Its arguments as text, as written.
    pub args: Vec<String>,
    /// Where.
    pub span: Span,
}

/// When a state-dependent expression is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Time {
    /// In the state before the step.
    Now,
    /// In the state after it.
    Next,
}

/// An expression; cheap to clone.
#[derive(Clone, Debug)]
pub struct Expr(Arc<Node>);

/// The parts of an expression.
#[derive(Debug)]
pub struct Node {
    /// What it is.
    pub kind: ExprKind,
    /// Its sort.
    pub sort: Sort,
    /// Where it was written, or what it was generated from.
    pub span: Span,
    summary: Summary,
    /// See [`Expr::digest`]; 0 if nobody has asked yet.
    digest: AtomicU64,
}

impl Expr {
    /// Builds an expression.
    pub fn new(kind: ExprKind, sort: Sort, span: Span) -> Self {
        let summary = Summary::of(&kind);
        Self(Arc::new(Node { kind, sort, span, summary, digest: AtomicU64::new(0) }))
    }
    /// Whether the name may occur in it, bound or not: if not, it certainly does not.
    pub fn may_mention(&self, local: LocalId) -> bool {
        self.summary.may_mention(Summary::name(local))
    }
    /// The same for some of several names, as [`Expr::names`] gives them.
    pub fn may_mention_any(&self, names: u64) -> bool {
        self.summary.may_mention(names)
    }
    /// A set that holds these names, and maybe others.
    pub fn names(locals: impl IntoIterator<Item = LocalId>) -> u64 {
        locals.into_iter().fold(0, |names, local| names | Summary::name(local))
    }
    /// Whether a part of it, or the whole, is of that form.
    pub fn has(&self, form: Form) -> bool {
        self.summary.has(form)
    }
    /// A number that depends on the expression only, computed when it is first asked for. There is room for one.
    pub fn digest(&self, compute: impl FnOnce() -> u64) -> u64 {
        match self.0.digest.load(Ordering::Relaxed) {
            0 => {
                let digest = compute().max(1);
                self.0.digest.store(digest, Ordering::Relaxed);
                digest
            }
            digest => digest,
        }
    }
    /// Whether both are the very same node.
    pub fn same_node(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
    /// The address of the node: an identity for memo tables that live no longer than the expression.
    pub fn address(&self) -> usize {
        Arc::as_ptr(&self.0) as usize
    }
}

impl Deref for Expr {
    type Target = Node;
    fn deref(&self) -> &Node {
        &self.0
    }
}

/// A bound name.
#[derive(Clone, Debug)]
pub struct Binder {
    /// The name.
    pub local: LocalId,
    /// The set it ranges over, if given; it does not see the other binders of the same quantifier.
    pub domain: Option<Expr>,
}

/// Which quantifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Quantifier {
    /// `\A`.
    Forall,
    /// `\E`.
    Exists,
}

/// Arithmetic with two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Arithmetic {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `\div`
    Divide,
    /// `%`
    Modulo,
    /// `^`
    Power,
}

/// Comparisons; `>` and `>=` are these with operands swapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Comparison {
    /// `<`
    Less,
    /// `=<`
    LessEqual,
}

/// Sets that TLA+ provides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BuiltinSet {
    /// `Nat`
    Nat,
    /// `Int`
    Int,
    /// `BOOLEAN`
    Boolean,
    /// `STRING`
    String,
}

/// The kinds of expression.
#[derive(Clone, Debug)]
pub enum ExprKind {
    /// `TRUE`, `FALSE`
    Bool(bool),
    /// A number.
    Int(i128),
    /// A string.
    Str(Arc<str>),
    /// A bound name or parameter.
    Local(LocalId),
    /// A declared constant.
    Constant(ConstantId),
    /// A constant operator `CONSTANT F(_)` applied.
    ConstantApply(ConstantId, Vec<Expr>),
    /// A state variable, `x` or `x'`.
    Variable(VariableId, Time),
    /// A defined operator; with [`Time::Next`], `Op(args)'` (the arguments are already primed).
    Apply(OperatorId, Vec<Expr>, Time),

    /// `~a`
    Not(Expr),
    /// `a /\ b /\ ...`; two or more operands.
    And(Vec<Expr>),
    /// `a \/ b \/ ...`; two or more operands.
    Or(Vec<Expr>),
    /// `a => b`
    Implies(Expr, Expr),
    /// `a <=> b`
    Iff(Expr, Expr),
    /// `a = b`, of any sort but `Bool` (which is [`ExprKind::Iff`]).
    Equal(Expr, Expr),
    /// `IF c THEN a ELSE b`, of any sort.
    If(Expr, Expr, Expr),
    /// `\A` or `\E`; one binder or more.
    Quantifier(Quantifier, Vec<Binder>, Expr),
    /// `CHOOSE x \in S : p`
    Choose(Binder, Expr),

    /// `a \in S`
    In(Expr, Expr),
    /// `S \subseteq T`
    SubsetEq(Expr, Expr),
    /// `{a, b}`
    SetEnum(Vec<Expr>),
    /// `{x \in S : p}`; the binder has a domain.
    SetFilter(Binder, Expr),
    /// `{e : x \in S}`; the binders have domains.
    SetMap(Expr, Vec<Binder>),
    /// `S \cup T`
    Union(Expr, Expr),
    /// `S \cap T`
    Intersect(Expr, Expr),
    /// `S \ T`
    Minus(Expr, Expr),
    /// `SUBSET S`
    Powerset(Expr),
    /// `UNION S`
    BigUnion(Expr),
    /// `a..b`
    Range(Expr, Expr),
    /// `Nat`, `Int`, `BOOLEAN`, `STRING`
    Builtin(BuiltinSet),
    /// `[a : S, b : T]`: the record sort, its shape, and a set for each field of the shape, in order.
    RecordSet(RecordId, usize, Vec<Expr>),
    /// `[S -> T]`
    FunctionSet(Expr, Expr),
    /// `S \X T`
    Product(Vec<Expr>),

    /// `[a |-> 1, b |-> 2]`: the record sort, its shape, and a value for each field of the shape, in order.
    Record(RecordId, usize, Vec<Expr>),
    /// `r.f`: position in [`crate::sort::RecordSort::fields`].
    Field(Expr, usize),
    /// `[r EXCEPT !.f = e]`
    FieldUpdate(Expr, usize, Expr),
    /// `<<a, b>>`
    Tuple(Vec<Expr>),
    /// The component of a tuple, counted from 0.
    Component(Expr, usize),
    /// `[x \in S |-> e]`; the binder has a domain.
    Function(Binder, Expr),
    /// `f[x]`
    Index(Expr, Expr),
    /// `[f EXCEPT ![x] = e]`
    Except(Expr, Expr, Expr),
    /// `DOMAIN f`
    Domain(Expr),
    /// `IsFiniteSet(S)`
    IsFinite(Expr),
    /// `Cardinality(S)`
    Cardinality(Expr),

    /// `<<a, b>>` read as a sequence: the function with the domain `1..2` and these values.
    Sequence(Vec<Expr>),
    /// `Len(s)`: the number of `Nat` such that `DOMAIN s = 1..Len(s)`, if there is one.
    Len(Expr),
    /// `Seq(S)`
    SequenceSet(Expr),
    /// That a function is a sequence, whatever its values. Nothing in the language means just this;
    /// rewriting makes it out of `s \in Seq(S)`.
    IsSequence(Expr),

    /// `a + b`, ...
    Arithmetic(Arithmetic, Expr, Expr),
    /// `-a`
    Negate(Expr),
    /// `a < b`, `a =< b`
    Compare(Comparison, Expr, Expr),

    /// `UNCHANGED e`
    Unchanged(Expr),
    /// `[A]_v`
    ActionBox(Expr, Expr),
    /// `[]F`
    Always(Expr),
    /// Temporal formulas that have no proof rule yet (`<>F`, `F ~> G`, fairness): kept so that they
    /// can be ignored where that is sound, or refused at their place.
    Temporal(&'static str, Vec<Expr>),
}
