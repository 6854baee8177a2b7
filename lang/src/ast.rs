//! IR 1: a module as written. Names are text, operators are text, sugar is kept; spans are exact.
//!
//! Invariant: bound operator precedence has been applied (no flat operator chains remain), and junction
//! lists are [`ExprKind::Junction`]. Nothing else has been established.

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
    By {
        /// `BY ONLY`.
        only: bool,
        /// Names of facts, or pragma operators such as `NatInduction(n)`.
        facts: Vec<Expr>,
        /// Definitions that may be unfolded.
        defs: Vec<Name>,
    },
    /// A structured proof, kept as text.
    Structured,
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
    /// A decimal, `\b`, `\o` or `\h` number, as its value's decimal digits.
    Number(String),
    /// A string, escapes resolved.
    Str(String),
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
        "⇒" => "=>",
        "\\equiv" | "≡" | "⇔" => "<=>",
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
        "\\mod" => "%",
        "□" => "[]",
        "◇" => "<>",
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
        "•" => "\\bullet",
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
        "⇸" => "-+>",
        "‥" => "..",
        "…" => "...",
        other => other,
    }
}
