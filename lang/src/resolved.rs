//! IR 2: names are ids and sugar is gone; sorts are not known yet.
//!
//! Invariants, established by `resolve`:
//! - a body mentions only definitions of smaller id, itself if it is [`Def::recursive`], and the bound names
//!   in scope;
//! - `LET` definitions are definitions of their own, with what they capture as first parameters;
//! - priming has been pushed to the leaves; [`ExprKind::Local`] carries [`Time::Next`] only where it is a
//!   parameter, and then every application passes an argument that no step changes;
//! - `EXCEPT` has one step, with `@` replaced; tuple patterns are components of a fresh local;
//! - every expression knows its level.

use std::ops::Deref;
use std::sync::Arc;

use crate::ids::{IdVec, define_id};
use crate::source::Span;
use crate::typed::{
    Arithmetic, BuiltinSet, Comparison, ConstantId, FactKind, Quantifier, Strategy, Time, VariableId,
};

define_id! {
    /// A definition, at whatever sorts it is used.
    pub struct DefId;
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
    /// Declared constants.
    pub constants: IdVec<ConstantId, Constant>,
    /// State variables.
    pub variables: IdVec<VariableId, Name>,
    /// Definitions.
    pub defs: IdVec<DefId, Def>,
    /// Bound names and parameters.
    pub locals: IdVec<LocalId, Name>,
    /// Assumptions and theorems of all modules, those of extended modules first.
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
    /// The formula.
    pub def: DefId,
    /// Its name there.
    pub span: Span,
}

/// A name as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// Its text.
    pub text: String,
    /// Where.
    pub span: Span,
}

/// A declared constant.
#[derive(Clone, Debug)]
pub struct Constant {
    /// Its name.
    pub name: Name,
    /// How many arguments it takes.
    pub arity: usize,
}

/// A definition.
#[derive(Clone, Debug)]
pub struct Def {
    /// Its name; that of a `LET` definition follows its owner's: `Max.B`.
    pub name: String,
    /// The definition around it, for a `LET` definition inside another one.
    pub owner: Option<DefId>,
    /// Its parameters, captured names first.
    pub params: Vec<LocalId>,
    /// For each parameter, whether the body primes it.
    pub primed: Vec<bool>,
    /// Its body.
    pub body: Expr,
    /// Whether the body mentions the definition itself.
    pub recursive: bool,
    /// The name in its definition.
    pub span: Span,
}

/// An assumption or a theorem.
#[derive(Clone, Debug)]
pub struct Fact {
    /// Its name, or `<keyword>@<n>` for the n-th fact without one.
    pub name: String,
    /// What kind.
    pub kind: FactKind,
    /// The formula.
    pub statement: Expr,
    /// Its proof text.
    pub proof: Proof,
    /// Whether it comes from the root module.
    pub root: bool,
    /// Its name, or its statement if it has none.
    pub span: Span,
}

/// What somebody wrote as a proof.
#[derive(Clone, Debug)]
pub enum Proof {
    /// Nothing, or `OBVIOUS`.
    None,
    /// `OMITTED`.
    Omitted(Span),
    /// `BY ...`.
    By(Hints),
    /// A structured proof.
    Structured(Span),
}

/// The contents of a `BY`.
#[derive(Clone, Debug)]
pub struct Hints {
    /// `ONLY`.
    pub only: bool,
    /// Cited facts, as positions in [`Module::facts`].
    pub facts: Vec<usize>,
    /// Definitions that may be unfolded, with the `LET` definitions inside them.
    pub defs: Vec<DefId>,
    /// Pragma operators.
    pub strategies: Vec<Strategy>,
    /// The whole hint.
    pub span: Span,
}

/// What an expression depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Nothing that changes.
    Constant,
    /// One state.
    State,
    /// A step.
    Action,
    /// A behaviour.
    Temporal,
}

/// An expression; cheap to clone.
#[derive(Clone, Debug)]
pub struct Expr(Arc<Node>);

/// The parts of an expression.
#[derive(Debug)]
pub struct Node {
    /// What it is.
    pub kind: ExprKind,
    /// What it depends on, parameters counted as constant.
    pub level: Level,
    /// Where it was written, or what it was generated from.
    pub span: Span,
}

impl Expr {
    /// Builds an expression.
    pub fn new(kind: ExprKind, level: Level, span: Span) -> Self {
        Self(Arc::new(Node { kind, level, span }))
    }
}

impl Deref for Expr {
    type Target = Node;
    fn deref(&self) -> &Node {
        &self.0
    }
}

/// Why something has no meaning for the prover.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unsupported {
    /// What it is, as the subject of a sentence.
    pub what: String,
    /// One thing to try.
    pub help: Option<String>,
}

/// A bound name.
#[derive(Clone, Debug)]
pub struct Binder {
    /// The name.
    pub local: LocalId,
    /// The set it ranges over; it does not see the other binders of the same construct.
    pub domain: Option<Expr>,
}

/// The kinds of expression; as in [`crate::typed::ExprKind`] where nothing is said.
#[derive(Clone, Debug)]
pub enum ExprKind {
    /// What could not be resolved; already reported.
    Error,
    /// Legal TLA+ without a meaning for the prover, its operands dropped; reported only where a fact
    /// needs it.
    Unsupported(Arc<Unsupported>),
    /// `TRUE`, `FALSE`
    Bool(bool),
    /// A number.
    Int(i128),
    /// A string.
    Str(Arc<str>),
    /// `Nat`, `Int`, `BOOLEAN`, `STRING`
    Builtin(BuiltinSet),
    /// A bound name or parameter.
    Local(LocalId, Time),
    /// A declared constant, with arguments if it takes any.
    Constant(ConstantId, Vec<Expr>),
    /// A state variable.
    Variable(VariableId, Time),
    /// A definition; with [`Time::Next`] its body is primed, and so are the arguments.
    Apply(DefId, Vec<Expr>, Time),
    /// `~a`
    Not(Expr),
    /// `a /\ b`, flat.
    And(Vec<Expr>),
    /// `a \/ b`, flat.
    Or(Vec<Expr>),
    /// `a => b`
    Implies(Expr, Expr),
    /// `a <=> b`
    Iff(Expr, Expr),
    /// `a = b`
    Equal(Expr, Expr),
    /// `IF c THEN a ELSE b`
    If(Expr, Expr, Expr),
    /// `\A`, `\E`
    Quantifier(Quantifier, Vec<Binder>, Expr),
    /// `CHOOSE x \in S : p`
    Choose(Binder, Expr),
    /// `a \in S`
    In(Expr, Expr),
    /// `S \subseteq T`
    SubsetEq(Expr, Expr),
    /// `{a, b}`
    SetEnum(Vec<Expr>),
    /// `{x \in S : p}`
    SetFilter(Binder, Expr),
    /// `{e : x \in S}`
    SetMap(Vec<Binder>, Expr),
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
    /// `[a : S, b : T]`, as written.
    RecordSet(Vec<(Name, Expr)>),
    /// `[S -> T]`
    FunctionSet(Expr, Expr),
    /// `S \X T`
    Product(Vec<Expr>),
    /// `[a |-> 1, b |-> 2]`, as written.
    Record(Vec<(Name, Expr)>),
    /// `r.f`
    Field(Expr, Name),
    /// `[r EXCEPT !.f = e]`
    FieldUpdate(Expr, Name, Expr),
    /// `<<a, b>>`, a tuple or a sequence.
    Tuple(Vec<Expr>),
    /// The component of a tuple, counted from 0, and how many components there are.
    Component(Expr, usize, usize),
    /// `[x \in S |-> e]`
    Function(Binder, Expr),
    /// `f[x]`; a component of a tuple if `f` turns out to be one and `x` is a number.
    Index(Expr, Expr),
    /// `[f EXCEPT ![x] = e]`
    Except(Expr, Expr, Expr),
    /// `DOMAIN f`
    Domain(Expr),
    /// `IsFiniteSet(S)`
    IsFinite(Expr),
    /// `Cardinality(S)`
    Cardinality(Expr),
    /// `Len(s)`
    Len(Expr),
    /// `Seq(S)`
    SequenceSet(Expr),
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
    /// `<>F`, `F ~> G`, `ENABLED A`, `<<A>>_v`, fairness.
    Temporal(&'static str, Vec<Expr>),
}

impl ExprKind {
    /// Calls `visit` on the operands, in the order in which every pass visits them: the domains of
    /// binders before bodies, otherwise as written.
    pub fn for_each_child<'a>(&'a self, mut visit: impl FnMut(&'a Expr)) {
        match self {
            Self::Error
            | Self::Unsupported(_)
            | Self::Bool(_)
            | Self::Int(_)
            | Self::Str(_)
            | Self::Builtin(_)
            | Self::Local(..)
            | Self::Variable(..) => {}
            Self::Constant(_, args) | Self::Apply(_, args, _) => args.iter().for_each(visit),
            Self::And(items)
            | Self::Or(items)
            | Self::SetEnum(items)
            | Self::Product(items)
            | Self::Tuple(items)
            | Self::Temporal(_, items) => items.iter().for_each(visit),
            Self::Not(a)
            | Self::Powerset(a)
            | Self::BigUnion(a)
            | Self::Field(a, _)
            | Self::Component(a, _, _)
            | Self::Domain(a)
            | Self::IsFinite(a)
            | Self::Cardinality(a)
            | Self::Len(a)
            | Self::SequenceSet(a)
            | Self::Negate(a)
            | Self::Unchanged(a)
            | Self::Always(a) => visit(a),
            Self::Implies(a, b)
            | Self::Iff(a, b)
            | Self::Equal(a, b)
            | Self::In(a, b)
            | Self::SubsetEq(a, b)
            | Self::Union(a, b)
            | Self::Intersect(a, b)
            | Self::Minus(a, b)
            | Self::Range(a, b)
            | Self::FunctionSet(a, b)
            | Self::FieldUpdate(a, _, b)
            | Self::Index(a, b)
            | Self::Arithmetic(_, a, b)
            | Self::Compare(_, a, b)
            | Self::ActionBox(a, b) => {
                visit(a);
                visit(b);
            }
            Self::If(a, b, c) | Self::Except(a, b, c) => {
                visit(a);
                visit(b);
                visit(c);
            }
            Self::Quantifier(_, binders, body) | Self::SetMap(binders, body) => {
                binders.iter().filter_map(|binder| binder.domain.as_ref()).for_each(&mut visit);
                visit(body);
            }
            Self::Choose(binder, body) | Self::SetFilter(binder, body) | Self::Function(binder, body) => {
                binder.domain.iter().for_each(&mut visit);
                visit(body);
            }
            Self::RecordSet(fields) | Self::Record(fields) => {
                for (_, value) in fields {
                    visit(value);
                }
            }
        }
    }

    /// The same construct with each operand replaced by what `map` makes of it, in visiting order.
    #[must_use]
    pub fn map_children(&self, mut map: impl FnMut(&Expr) -> Expr) -> Self {
        let binder = |binder: &Binder, map: &mut dyn FnMut(&Expr) -> Expr| Binder {
            local: binder.local,
            domain: binder.domain.as_ref().map(map),
        };
        let m = &mut map;
        match self {
            Self::Error
            | Self::Unsupported(_)
            | Self::Bool(_)
            | Self::Int(_)
            | Self::Str(_)
            | Self::Builtin(_)
            | Self::Local(..)
            | Self::Variable(..) => self.clone(),
            Self::Constant(id, args) => Self::Constant(*id, args.iter().map(m).collect()),
            Self::Apply(id, args, time) => Self::Apply(*id, args.iter().map(m).collect(), *time),
            Self::And(items) => Self::And(items.iter().map(m).collect()),
            Self::Or(items) => Self::Or(items.iter().map(m).collect()),
            Self::SetEnum(items) => Self::SetEnum(items.iter().map(m).collect()),
            Self::Product(items) => Self::Product(items.iter().map(m).collect()),
            Self::Tuple(items) => Self::Tuple(items.iter().map(m).collect()),
            Self::Temporal(name, items) => Self::Temporal(name, items.iter().map(m).collect()),
            Self::Not(a) => Self::Not(m(a)),
            Self::Powerset(a) => Self::Powerset(m(a)),
            Self::BigUnion(a) => Self::BigUnion(m(a)),
            Self::Field(a, name) => Self::Field(m(a), name.clone()),
            Self::Component(a, index, arity) => Self::Component(m(a), *index, *arity),
            Self::Domain(a) => Self::Domain(m(a)),
            Self::IsFinite(a) => Self::IsFinite(m(a)),
            Self::Cardinality(a) => Self::Cardinality(m(a)),
            Self::Len(a) => Self::Len(m(a)),
            Self::SequenceSet(a) => Self::SequenceSet(m(a)),
            Self::Negate(a) => Self::Negate(m(a)),
            Self::Unchanged(a) => Self::Unchanged(m(a)),
            Self::Always(a) => Self::Always(m(a)),
            Self::Implies(a, b) => Self::Implies(m(a), m(b)),
            Self::Iff(a, b) => Self::Iff(m(a), m(b)),
            Self::Equal(a, b) => Self::Equal(m(a), m(b)),
            Self::In(a, b) => Self::In(m(a), m(b)),
            Self::SubsetEq(a, b) => Self::SubsetEq(m(a), m(b)),
            Self::Union(a, b) => Self::Union(m(a), m(b)),
            Self::Intersect(a, b) => Self::Intersect(m(a), m(b)),
            Self::Minus(a, b) => Self::Minus(m(a), m(b)),
            Self::Range(a, b) => Self::Range(m(a), m(b)),
            Self::FunctionSet(a, b) => Self::FunctionSet(m(a), m(b)),
            Self::FieldUpdate(a, name, b) => Self::FieldUpdate(m(a), name.clone(), m(b)),
            Self::Index(a, b) => Self::Index(m(a), m(b)),
            Self::Arithmetic(op, a, b) => Self::Arithmetic(*op, m(a), m(b)),
            Self::Compare(op, a, b) => Self::Compare(*op, m(a), m(b)),
            Self::ActionBox(a, b) => Self::ActionBox(m(a), m(b)),
            Self::If(a, b, c) => Self::If(m(a), m(b), m(c)),
            Self::Except(a, b, c) => Self::Except(m(a), m(b), m(c)),
            Self::Quantifier(quantifier, binders, body) => {
                let binders = binders.iter().map(|b| binder(b, m)).collect();
                Self::Quantifier(*quantifier, binders, m(body))
            }
            Self::SetMap(binders, body) => {
                let binders = binders.iter().map(|b| binder(b, m)).collect();
                Self::SetMap(binders, m(body))
            }
            Self::Choose(b, body) => Self::Choose(binder(b, m), m(body)),
            Self::SetFilter(b, body) => Self::SetFilter(binder(b, m), m(body)),
            Self::Function(b, body) => Self::Function(binder(b, m), m(body)),
            Self::RecordSet(fields) => {
                Self::RecordSet(fields.iter().map(|(name, value)| (name.clone(), m(value))).collect())
            }
            Self::Record(fields) => {
                Self::Record(fields.iter().map(|(name, value)| (name.clone(), m(value))).collect())
            }
        }
    }

    /// The names that this very construct binds.
    pub fn binders(&self) -> &[Binder] {
        match self {
            Self::Quantifier(_, binders, _) | Self::SetMap(binders, _) => binders,
            Self::Choose(binder, _) | Self::SetFilter(binder, _) | Self::Function(binder, _) => {
                std::slice::from_ref(binder)
            }
            Self::Error
            | Self::Unsupported(_)
            | Self::Bool(_)
            | Self::Int(_)
            | Self::Str(_)
            | Self::Builtin(_)
            | Self::Local(..)
            | Self::Constant(..)
            | Self::Variable(..)
            | Self::Apply(..)
            | Self::Not(_)
            | Self::And(_)
            | Self::Or(_)
            | Self::Implies(..)
            | Self::Iff(..)
            | Self::Equal(..)
            | Self::If(..)
            | Self::In(..)
            | Self::SubsetEq(..)
            | Self::SetEnum(_)
            | Self::Union(..)
            | Self::Intersect(..)
            | Self::Minus(..)
            | Self::Powerset(_)
            | Self::BigUnion(_)
            | Self::Range(..)
            | Self::RecordSet(_)
            | Self::FunctionSet(..)
            | Self::Product(_)
            | Self::Record(_)
            | Self::Field(..)
            | Self::FieldUpdate(..)
            | Self::Tuple(_)
            | Self::Component(..)
            | Self::Index(..)
            | Self::Except(..)
            | Self::Domain(_)
            | Self::IsFinite(_)
            | Self::Cardinality(_)
            | Self::Len(_)
            | Self::SequenceSet(_)
            | Self::Arithmetic(..)
            | Self::Negate(_)
            | Self::Compare(..)
            | Self::Unchanged(_)
            | Self::ActionBox(..)
            | Self::Always(_)
            | Self::Temporal(..) => &[],
        }
    }
}
