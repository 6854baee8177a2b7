//! IR 1: a module as written. Names are text, operators are text, sugar is kept; spans are exact.
//!
//! Invariant: bound operator precedence has been applied (no flat operator chains remain), and junction
//! lists are [`ExprKind::Junction`]. Nothing else has been established.

mod walk;

use crate::source::Span;

/// A name as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// Its text.
    pub text: String,
    /// Where.
    pub span: Span,
}

/// A module.
#[derive(Clone, Debug)]
pub struct Module {
    /// Its name.
    pub name: Name,
    /// The modules it extends.
    pub extends: Vec<Name>,
    /// Its declarations, in order.
    pub units: Vec<Unit>,
    /// Whether it comes with the prover, which then knows its operators by their names. What has only the
    /// name of such a module, or stands within one, is a module like any other.
    pub standard: bool,
    /// From `---- MODULE` to `====`.
    pub span: Span,
}

/// A declaration.
#[derive(Clone, Debug)]
pub struct Unit {
    /// What is declared.
    pub kind: UnitKind,
    /// Whether it was marked `LOCAL`.
    pub local: bool,
    /// The whole declaration.
    pub span: Span,
}

/// The kinds of declaration.
#[derive(Clone, Debug)]
pub enum UnitKind {
    /// `CONSTANT C, Op(_, _)`.
    Constants(Vec<ConstantDecl>),
    /// `VARIABLES x, y`.
    Variables(Vec<Name>),
    /// `ASSUME Name == F` or `AXIOM F`.
    Assume(Assume),
    /// `Op(x, y) == e`.
    Operator(OperatorDef),
    /// `f[x \in S] == e`.
    Function(FunctionDef),
    /// `THEOREM Name == F PROOF ...`.
    Theorem(Theorem),
    /// `RECURSIVE F(_), g`: names that definitions may mention before they are defined.
    Recursive(Vec<Param>),
    /// `INSTANCE M WITH x <- e`: the definitions of `M` become those of this module.
    Instance(Instance),
    /// `V(x) == INSTANCE M WITH y <- e`: the definitions of `M` under names such as `V(x)!Op`.
    InstanceDef(InstanceDef),
    /// A module within this one.
    Module(Module),
    /// `USE` or `HIDE` between declarations.
    Use(Use),
}

/// `INSTANCE M WITH x <- e, ...`.
#[derive(Clone, Debug)]
pub struct Instance {
    /// The module.
    pub module: Name,
    /// What its constants and variables stand for: a name or an operator's symbol, and an expression or
    /// the name of an operator. What is not listed stands for what has its name where the instance is.
    pub substitutions: Vec<(Name, Expr)>,
    /// From `INSTANCE` on.
    pub span: Span,
}

/// `V(x) == INSTANCE M WITH ...`.
#[derive(Clone, Debug)]
pub struct InstanceDef {
    /// The name before the `!` of what it defines.
    pub name: Name,
    /// Its parameters.
    pub params: Vec<Param>,
    /// The instance.
    pub instance: Instance,
}

/// `USE facts DEF names` or `HIDE ...`.
#[derive(Clone, Debug)]
pub struct Use {
    /// Whether it was `HIDE`.
    pub hide: bool,
    /// What is named.
    pub citations: Citations,
}

/// What stands after `BY`, `USE` or `HIDE`.
#[derive(Clone, Debug, Default)]
pub struct Citations {
    /// `ONLY`.
    pub only: bool,
    /// Facts, or pragma operators such as `NatInduction(n)`.
    pub facts: Vec<Cited>,
    /// Definitions that may be unfolded.
    pub defs: Vec<Cited>,
}

/// One thing that a proof names.
#[derive(Clone, Debug)]
pub enum Cited {
    /// A name, a path, a step such as `<1>2`, a pragma operator with its arguments, or a formula.
    Expr(Expr),
    /// `MODULE M`: all of a module's facts or definitions.
    Module(Name),
}

/// A declared constant; `arity` is above 0 for `Op(_, _)`.
#[derive(Clone, Debug)]
pub struct ConstantDecl {
    /// Its name.
    pub name: Name,
    /// How many arguments it takes.
    pub arity: usize,
}

/// `ASSUME`, `ASSUMPTION` or `AXIOM`.
#[derive(Clone, Debug)]
pub struct Assume {
    /// Its name, if given.
    pub name: Option<Name>,
    /// What is assumed.
    pub body: Expr,
    /// Whether it was written `AXIOM`.
    pub axiom: bool,
}

/// `Op(x, F(_)) == body`; infix and postfix definitions too, `name` then being the operator's symbol.
#[derive(Clone, Debug)]
pub struct OperatorDef {
    /// Its name or symbol.
    pub name: Name,
    /// Its parameters.
    pub params: Vec<Param>,
    /// Its body.
    pub body: Expr,
}

/// A parameter; `arity` is above 0 for an operator parameter `F(_)`.
#[derive(Clone, Debug)]
pub struct Param {
    /// Its name.
    pub name: Name,
    /// How many arguments it takes.
    pub arity: usize,
}

/// `f[x \in S, y \in T] == body`.
#[derive(Clone, Debug)]
pub struct FunctionDef {
    /// Its name.
    pub name: Name,
    /// Its arguments with their sets.
    pub bounds: Vec<Bound>,
    /// Its body.
    pub body: Expr,
}

/// `THEOREM`, `LEMMA`, `PROPOSITION` or `COROLLARY`.
#[derive(Clone, Debug)]
pub struct Theorem {
    /// The keyword as written.
    pub keyword: String,
    /// Its name, if given.
    pub name: Option<Name>,
    /// What is claimed.
    pub statement: Statement,
    /// Its proof; absent proofs are [`ProofKind::None`].
    pub proof: Proof,
}

/// What a theorem claims.
#[derive(Clone, Debug)]
pub enum Statement {
    /// A formula.
    Formula(Expr),
    /// `ASSUME a, NEW x \in S, b PROVE c`.
    AssumeProve(AssumeProve),
}

/// `ASSUME ... PROVE ...`.
#[derive(Clone, Debug)]
pub struct AssumeProve {
    /// Its label, `name:: ASSUME ...`, where it stands within another one.
    pub label: Option<Name>,
    /// Whether it was written `[]ASSUME ... []PROVE`.
    pub boxed: bool,
    /// In order.
    pub assumptions: Vec<Assumption>,
    /// What is claimed.
    pub goal: Expr,
    /// The whole.
    pub span: Span,
}

/// One part of an `ASSUME`.
#[derive(Clone, Debug)]
pub enum Assumption {
    /// A formula.
    Formula(Expr),
    /// An `ASSUME ... PROVE` within an `ASSUME`.
    Sequent(AssumeProve),
    /// `NEW x \in S`, `NEW CONSTANT x`, `NEW VARIABLE x`, ...
    New {
        /// `CONSTANT`, `VARIABLE`, `STATE`, `ACTION`, `TEMPORAL`; `None` if only `NEW` was written.
        level: Option<String>,
        /// The name.
        name: Name,
        /// How many arguments it takes.
        arity: usize,
        /// `\in S`.
        domain: Option<Expr>,
    },
}

/// A proof as written.
#[derive(Clone, Debug)]
pub struct Proof {
    /// What was written.
    pub kind: ProofKind,
    /// Where; for a missing proof, the end of the statement.
    pub span: Span,
}

/// The kinds of proof text.
#[derive(Clone, Debug)]
pub enum ProofKind {
    /// Nothing was written.
    None,
    /// `OBVIOUS`.
    Obvious,
    /// `OMITTED`.
    Omitted,
    /// `BY facts DEF names`.
    By(Citations),
    /// A structured proof: its steps, the last of which is a `QED`.
    Structured(Vec<ProofStep>),
}

/// `<1>2. ... PROOF ...`.
#[derive(Clone, Debug)]
pub struct ProofStep {
    /// `<1>2`, `<1>` or `<*>`, without the dots that may follow.
    pub name: Name,
    /// What the step says.
    pub kind: ProofStepKind,
    /// Its proof; steps that need none have [`ProofKind::None`].
    pub proof: Proof,
    /// The whole step, with its proof.
    pub span: Span,
}

/// The kinds of proof step.
#[derive(Clone, Debug)]
pub enum ProofStepKind {
    /// A formula or a sequent.
    Assert(Statement),
    /// `SUFFICES F`.
    Suffices(Statement),
    /// `CASE F`.
    Case(Expr),
    /// `HAVE F`.
    Have(Expr),
    /// `TAKE x \in S`.
    Take(Vec<Bound>),
    /// `WITNESS e \in S`.
    Witness(Vec<Expr>),
    /// `PICK x \in S : F`.
    Pick {
        /// What is picked.
        bounds: Vec<Bound>,
        /// What holds of it.
        body: Expr,
    },
    /// `DEFINE Op == e`: definitions, with or without the word.
    Define(Vec<Unit>),
    /// `USE` or `HIDE`.
    Use(Use),
    /// `QED`.
    Qed,
}

/// An expression.
#[derive(Clone, Debug)]
pub struct Expr {
    /// What it is.
    pub kind: Box<ExprKind>,
    /// Where.
    pub span: Span,
}

/// The kinds of expression.
#[derive(Clone, Debug)]
pub enum ExprKind {
    /// Text that could not be parsed; already reported.
    Error,
    /// A name without arguments: `TRUE`, `FALSE`, `BOOLEAN`, `STRING`, `Nat` and `Int` too.
    Name(Name),
    /// `Op(a, b)`.
    Apply {
        /// The operator.
        operator: Name,
        /// Its arguments.
        args: Vec<Expr>,
    },
    /// A decimal, `\b`, `\o` or `\h` number, as its value's decimal digits; `1.5` keeps its point.
    Number(String),
    /// A string, escapes resolved.
    Str(String),
    /// `V(x)!Op(y)!2`: something inside an instance, or a part of a definition's body.
    Path(Vec<PathStep>),
    /// `LAMBDA x, y : e`, only as an argument.
    Lambda {
        /// Its parameters.
        params: Vec<Name>,
        /// Its body.
        body: Expr,
    },
    /// `name(x) :: e`: a part of a formula with a name for paths.
    Label {
        /// The label.
        name: Name,
        /// The bound names it takes.
        params: Vec<Name>,
        /// What is labelled.
        body: Expr,
    },
    /// `\AA x : F` or `\EE x : F`, which bind variables.
    TemporalQuantifier {
        /// `true` for `\AA`.
        universal: bool,
        /// The variables.
        names: Vec<Name>,
        /// The body.
        body: Expr,
    },
    /// `a + b + c`, three operands or more of one left-associative operator, so that a long sum or
    /// conjunction is no deep tree; the symbol in its canonical ASCII spelling.
    Chain {
        /// The symbol, where it first stands.
        operator: Name,
        /// The operands.
        operands: Vec<Expr>,
    },
    /// `a + b`, `a /\ b`, `a \in S`, ...; the symbol in its canonical ASCII spelling (see [`canonical`]).
    Infix {
        /// The symbol.
        operator: Name,
        /// Left operand.
        left: Expr,
        /// Right operand.
        right: Expr,
    },
    /// `~a`, `-a` (as `-.`), `SUBSET S`, `UNION S`, `DOMAIN f`, `UNCHANGED v`, `[]F`, `<>F`, `ENABLED A`.
    Prefix {
        /// The symbol or keyword.
        operator: Name,
        /// Its operand.
        operand: Expr,
    },
    /// `e'`, `e^+`, ...
    Postfix {
        /// The symbol.
        operator: Name,
        /// Its operand.
        operand: Expr,
    },
    /// An aligned list of `/\` or `\/` items; an item may carry no other junction of its level.
    Junction {
        /// `true` for `/\`.
        conjunction: bool,
        /// The items, at least one.
        items: Vec<Expr>,
    },
    /// `(e)`; kept so that printing is faithful.
    Paren(Expr),
    /// `\A x \in S, y : e` or `\E ...`.
    Quantifier {
        /// `true` for `\A`.
        universal: bool,
        /// What is bound.
        bounds: Vec<Bound>,
        /// The body.
        body: Expr,
    },
    /// `CHOOSE x \in S : e`.
    Choose {
        /// What is bound (one bound).
        bound: Bound,
        /// The body.
        body: Expr,
    },
    /// `{a, b}`.
    SetEnum(Vec<Expr>),
    /// `{x \in S : p}`.
    SetFilter {
        /// What is bound (with a set).
        bound: Bound,
        /// The condition.
        body: Expr,
    },
    /// `{e : x \in S, y \in T}`.
    SetMap {
        /// The elements.
        element: Expr,
        /// What is bound.
        bounds: Vec<Bound>,
    },
    /// `[x \in S |-> e]`.
    Function {
        /// What is bound.
        bounds: Vec<Bound>,
        /// The value.
        body: Expr,
    },
    /// `[S -> T]`.
    FunctionSet {
        /// The domain.
        domain: Expr,
        /// The range.
        range: Expr,
    },
    /// `[a |-> 1, b |-> 2]`.
    Record(Vec<(Name, Expr)>),
    /// `[a : S, b : T]`.
    RecordSet(Vec<(Name, Expr)>),
    /// `[f EXCEPT ![a].b = e, ...]`.
    Except {
        /// The function or record.
        base: Expr,
        /// The updates, in order.
        updates: Vec<ExceptUpdate>,
    },
    /// `@`.
    At,
    /// `f[x, y]`.
    Index {
        /// The function.
        function: Expr,
        /// The arguments, at least one.
        args: Vec<Expr>,
    },
    /// `r.field`.
    Field {
        /// The record.
        record: Expr,
        /// The field.
        field: Name,
    },
    /// `<<a, b>>`.
    Tuple(Vec<Expr>),
    /// `S \X T \X U` as one product.
    Product(Vec<Expr>),
    /// `IF c THEN a ELSE b`.
    If {
        /// The condition.
        condition: Expr,
        /// If it holds.
        then: Expr,
        /// If not.
        otherwise: Expr,
    },
    /// `CASE p -> a [] q -> b [] OTHER -> c`.
    Case {
        /// The arms.
        arms: Vec<(Expr, Expr)>,
        /// `OTHER`.
        other: Option<Expr>,
    },
    /// `LET defs IN body`.
    Let {
        /// Operator and function definitions.
        definitions: Vec<Unit>,
        /// The body.
        body: Expr,
    },
    /// `[A]_v`, or `<<A>>_v` if `angle`.
    ActionBox {
        /// `true` for `<<A>>_v`.
        angle: bool,
        /// The action.
        action: Expr,
        /// The subscript.
        subscript: Expr,
    },
    /// `WF_v(A)`, or `SF_v(A)` if `strong`.
    Fairness {
        /// `true` for `SF`.
        strong: bool,
        /// The subscript.
        subscript: Expr,
        /// The action.
        action: Expr,
    },
}

/// One step of a path: `V(x)`, or what follows a `!`.
#[derive(Clone, Debug)]
pub struct PathStep {
    /// What it selects.
    pub selector: Selector,
    /// What it is applied to.
    pub args: Vec<Expr>,
    /// Where.
    pub span: Span,
}

/// What a step of a path selects.
#[derive(Clone, Debug)]
pub enum Selector {
    /// A definition, an instance, a label or an operator's symbol.
    Name(Name),
    /// `!2`: an operand, counted from 1.
    Operand(usize),
    /// `!<<`: the first operand.
    First,
    /// `!>>`: the last operand.
    Last,
    /// `!:`: the whole body, as an operator.
    Body,
    /// `!@`: the body of what binds names.
    Inside,
    /// `!(a, b)`: values for the names that are bound here; they are the step's arguments.
    Instantiate,
}

/// `x, y \in S`, `<<x, y>> \in S`, or `x` alone.
#[derive(Clone, Debug)]
pub struct Bound {
    /// What is bound.
    pub pattern: Pattern,
    /// The set, if given.
    pub domain: Option<Expr>,
}

/// The left side of a bound.
#[derive(Clone, Debug)]
pub enum Pattern {
    /// `x, y`: each ranges over the set.
    Names(Vec<Name>),
    /// `<<x, y>>`: the components of one element.
    Tuple(Vec<Name>),
}

/// `![a][b].c = e`.
#[derive(Clone, Debug)]
pub struct ExceptUpdate {
    /// The path, at least one step.
    pub path: Vec<ExceptStep>,
    /// The new value, in which `@` is the old one.
    pub value: Expr,
    /// The whole update.
    pub span: Span,
}

/// One step of an `EXCEPT` path.
#[derive(Clone, Debug)]
pub enum ExceptStep {
    /// `[a, b]`.
    Index(Vec<Expr>),
    /// `.field`.
    Field(Name),
}

/// The canonical ASCII spelling of an infix, prefix or postfix symbol: one spelling for each meaning,
/// so that later passes compare one text. Unknown symbols are returned as they are.
pub fn canonical(symbol: &str) -> &str {
    match symbol {
        "\\land" | "∧" => "/\\",
        "\\lor" | "∨" => "\\/",
        "\\lnot" | "\\neg" | "¬" => "~",
        "⇒" | "⟹" => "=>",
        "\\equiv" | "≡" | "⇔" | "⟺" => "<=>",
        "/=" | "≠" => "#",
        "<=" | "\\leq" | "≤" => "=<",
        "\\geq" | "≥" => ">=",
        "∈" => "\\in",
        "∉" => "\\notin",
        "⊆" => "\\subseteq",
        "\\union" | "∪" => "\\cup",
        "\\intersect" | "∩" => "\\cap",
        "\\times" | "×" => "\\X",
        "\\circ" | "∘" => "\\o",
        "□" => "[]",
        "◇" | "⋄" => "<>",
        "′" => "'",
        "⁺" => "^+",
        "(+)" | "⊕" => "\\oplus",
        "(-)" | "⊖" => "\\ominus",
        "(.)" | "⊙" => "\\odot",
        "(/)" | "⊘" => "\\oslash",
        "(\\X)" | "⊗" => "\\otimes",
        "⊇" => "\\supseteq",
        "⊂" => "\\subset",
        "⊃" => "\\supset",
        "÷" => "\\div",
        "⋅" => "\\cdot",
        "●" | "•" => "\\bullet",
        "⋆" => "\\star",
        "◯" => "\\bigcirc",
        "⊎" => "\\uplus",
        "⊓" => "\\sqcap",
        "⊔" => "\\sqcup",
        "⊏" => "\\sqsubset",
        "⊐" => "\\sqsupset",
        "⊑" => "\\sqsubseteq",
        "⊒" => "\\sqsupseteq",
        "≺" => "\\prec",
        "≻" => "\\succ",
        "⪯" => "\\preceq",
        "⪰" => "\\succeq",
        "≪" => "\\ll",
        "≫" => "\\gg",
        "∼" => "\\sim",
        "≃" => "\\simeq",
        "≅" => "\\cong",
        "≈" => "\\approx",
        "≍" => "\\asymp",
        "≐" => "\\doteq",
        "∝" => "\\propto",
        "≀" => "\\wr",
        "⊢" => "|-",
        "⊣" => "-|",
        "⊨" => "|=",
        "⫤" => "=|",
        "↝" => "~>",
        "≔" => ":=",
        "⩴" => "::=",
        "‖" => "||",
        "‼" => "!!",
        "⁇" => "??",
        "⇸" => "-+->",
        "‥" => "..",
        "…" => "...",
        other => other,
    }
}
