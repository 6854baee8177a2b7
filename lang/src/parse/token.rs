//! Tokens: what the lexer finds, and what the passes between lexer and grammar make of it.
//!
//! Invariant: a token's kind is all that the grammar looks at; its text only names things.

use logos::Logos;

/// The kinds of token. Those without a pattern are made by the lexer's second look at a word, by
/// [`shape`](super::shape) (which bracket an opening bracket is) or by [`junction`](super::junction)
/// (where lists and `CASE`s begin and end).
#[derive(Logos, Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    // What the lexer skips. It does so itself: what is skipped here would be a call within a call.
    #[regex(r"[ \t\r\n\x0b\x0c]+")]
    #[token("\u{00a0}")]
    #[token("\u{feff}")]
    Space,
    #[token("\\*")]
    LineComment,

    // What the lexer looks at again.
    /// The first character of a word, a decimal number or `_`.
    #[regex(r"[0-9A-Za-z_]")]
    Word,
    #[regex(r"\\[A-Za-z]+", priority = 3)]
    Command,
    #[token("(*")]
    CommentOpen,
    #[token("\"")]
    Quote,

    // Operands.
    #[token("ℕ")]
    #[token("ℤ")]
    #[token("ℝ")]
    Name,
    #[regex(r"\\[bB][01]+", priority = 12)]
    #[regex(r"\\[oO][0-7]+", priority = 12)]
    #[regex(r"\\[hH][0-9a-fA-F]+", priority = 12)]
    Number,
    Text,
    #[token("@")]
    At,
    /// Something already reported; an operand without meaning.
    Broken,

    // Operators; which one is in the text.
    #[token("∧")]
    #[token("/\\")]
    And,
    #[token("∨")]
    #[token("\\/")]
    Or,
    #[token("-")]
    Minus,
    #[token("[]")]
    #[token("□")]
    Box,
    #[token("∈")]
    In,
    #[token("=")]
    Equal,
    #[token("!!")]
    #[token("#")]
    #[token("##")]
    #[token("$")]
    #[token("$$")]
    #[token("%")]
    #[token("%%")]
    #[token("&")]
    #[token("&&")]
    #[token("(+)")]
    #[token("(-)")]
    #[token("(.)")]
    #[token("(/)")]
    #[token("(\\X)")]
    #[token("*")]
    #[token("**")]
    #[token("+")]
    #[token("++")]
    #[token("-+->")]
    #[token("--")]
    #[token("-|")]
    #[token("..")]
    #[token("...")]
    #[token("/")]
    #[token("//")]
    #[token("/=")]
    #[token("::=")]
    #[token(":=")]
    #[token(":>")]
    #[token("<")]
    #[token("<:")]
    #[token("<=")]
    #[token("<=>")]
    #[token("=<")]
    #[token("=>")]
    #[token("=|")]
    #[token(">")]
    #[token(">=")]
    #[token("??")]
    #[token("@@")]
    #[token("\\")]
    #[token("^")]
    #[token("^^")]
    #[token("|")]
    #[token("|-")]
    #[token("|=")]
    #[token("||")]
    #[token("~>")]
    #[token("⇒")]
    #[token("≡")]
    #[token("⇔")]
    #[token("≠")]
    #[token("≤")]
    #[token("≥")]
    #[token("∉")]
    #[token("⊆")]
    #[token("⊇")]
    #[token("⊂")]
    #[token("⊃")]
    #[token("∪")]
    #[token("∩")]
    #[token("×")]
    #[token("÷")]
    #[token("∘")]
    #[token("⋅")]
    #[token("•")]
    #[token("●")]
    #[token("≔")]
    #[token("⩴")]
    #[token("‖")]
    #[token("‼")]
    #[token("⁇")]
    #[token("⋆")]
    #[token("◯")]
    #[token("⊕")]
    #[token("⊖")]
    #[token("⊗")]
    #[token("⊘")]
    #[token("⊙")]
    #[token("⊎")]
    #[token("⊓")]
    #[token("⊔")]
    #[token("⊏")]
    #[token("⊐")]
    #[token("⊑")]
    #[token("⊒")]
    #[token("≺")]
    #[token("≻")]
    #[token("⪯")]
    #[token("⪰")]
    #[token("≪")]
    #[token("≫")]
    #[token("∼")]
    #[token("≃")]
    #[token("≅")]
    #[token("≈")]
    #[token("≍")]
    #[token("≐")]
    #[token("∝")]
    #[token("≀")]
    #[token("⊢")]
    #[token("⊣")]
    #[token("⊨")]
    #[token("⫤")]
    #[token("↝")]
    #[token("⇸")]
    #[token("‥")]
    #[token("…")]
    #[token("⟹")]
    #[token("⟺")]
    Infix,
    #[token("~")]
    #[token("¬")]
    #[token("-.")]
    #[token("<>")]
    #[token("◇")]
    #[token("⋄")]
    Prefix,
    #[token("'")]
    #[token("′")]
    #[token("^+")]
    #[token("^*")]
    #[token("^#")]
    #[token("⁺")]
    Postfix,

    // Brackets as written.
    #[token("(")]
    LeftParen,
    #[token(")")]
    RightParen,
    #[token("[")]
    LeftSquare,
    #[token("]")]
    RightSquare,
    #[token("]_")]
    RightSquareSub,
    #[token("{")]
    LeftBrace,
    #[token("}")]
    RightBrace,
    #[token("<<")]
    #[token("⟨")]
    LeftAngle,
    #[token(">>")]
    #[token("⟩")]
    RightAngle,
    #[token(">>_")]
    #[token("⟩_")]
    RightAngleSub,

    // Opening brackets whose meaning is known.
    /// `[x \in S |-> e]`
    FunctionOpen,
    /// `[a |-> 1]`
    RecordOpen,
    /// `[a : S]`
    RecordSetOpen,
    /// `[S -> T]`
    FunctionSetOpen,
    /// `[f EXCEPT ...]`
    ExceptOpen,
    /// `[A]_v`
    ActionOpen,
    /// `f[x]` and `![x]`
    IndexOpen,
    /// `f[x \in S] ==`
    FunctionDefOpen,
    /// `{a, b}`
    SetOpen,
    /// `{x \in S : p}`
    FilterOpen,
    /// `{e : x \in S}`
    MapOpen,

    // Junction lists and `CASE`s.
    AndList,
    OrList,
    NextItem,
    EndList,
    CaseArm,
    EndCase,

    // Punctuation.
    #[token("==")]
    #[token("≜")]
    Define,
    #[token(",")]
    Comma,
    #[token(":")]
    Colon,
    #[token("::")]
    #[token("∷")]
    Label,
    #[token(".")]
    Dot,
    #[token("!")]
    Bang,
    Underscore,
    #[token("|->")]
    #[token("↦")]
    #[token("⟼")]
    MapsTo,
    #[token("->")]
    #[token("→")]
    #[token("⟶")]
    Arrow,
    #[token("<-")]
    #[token("←")]
    #[token("⟵")]
    Substitute,
    #[regex("-----*", priority = 20)]
    Separator,
    #[regex("=====*", priority = 20)]
    ModuleEnd,
    #[regex(r"<([0-9]+|\*|\+)>([A-Za-z0-9_]*|\*|-)\.*", priority = 20)]
    Step,
    /// `<<`, `>>`, `:` or `@` behind a `!`.
    Selector,
    /// An operator's symbol that stands for the operator itself.
    Symbol,
    /// The name of a proof step, where it stands for what the step says.
    CitedStep,

    // Words.
    #[token("∀")]
    #[token("∃")]
    Quantifier,
    TemporalQuantifier,
    Choose,
    If,
    Then,
    Else,
    Case,
    Other,
    Let,
    LetIn,
    Except,
    Lambda,
    Weak,
    Strong,
    Module,
    Extends,
    Constant,
    Variable,
    Assume,
    Theorem,
    Local,
    Instance,
    With,
    Recursive,
    New,
    Level,
    Prove,
    /// `[]ASSUME` and `[]PROVE`.
    BoxAssume,
    BoxProve,
    Proof,
    By,
    Only,
    Def,
    Obvious,
    Omitted,
    Use,
    Hide,
    Qed,
    Suffices,
    /// `CASE` as the word of a proof step.
    CaseStep,
    Have,
    Take,
    Witness,
    Pick,
    DefineWord,
}

impl Kind {
    /// What a word is, if it is reserved.
    pub(super) fn of_word(word: &str) -> Self {
        match word {
            "CHOOSE" => Self::Choose,
            "IF" => Self::If,
            "THEN" => Self::Then,
            "ELSE" => Self::Else,
            "CASE" => Self::Case,
            "OTHER" => Self::Other,
            "LET" => Self::Let,
            "IN" => Self::LetIn,
            "EXCEPT" => Self::Except,
            "LAMBDA" => Self::Lambda,
            "MODULE" => Self::Module,
            "EXTENDS" => Self::Extends,
            "CONSTANT" | "CONSTANTS" => Self::Constant,
            "VARIABLE" | "VARIABLES" => Self::Variable,
            "ASSUME" | "ASSUMPTION" | "AXIOM" => Self::Assume,
            "THEOREM" | "LEMMA" | "PROPOSITION" | "COROLLARY" => Self::Theorem,
            "LOCAL" => Self::Local,
            "INSTANCE" => Self::Instance,
            "WITH" => Self::With,
            "RECURSIVE" => Self::Recursive,
            "NEW" => Self::New,
            "STATE" | "ACTION" | "TEMPORAL" => Self::Level,
            "PROVE" => Self::Prove,
            "PROOF" => Self::Proof,
            "BY" => Self::By,
            "ONLY" => Self::Only,
            "DEF" | "DEFS" => Self::Def,
            "OBVIOUS" => Self::Obvious,
            "OMITTED" => Self::Omitted,
            "USE" => Self::Use,
            "HIDE" => Self::Hide,
            "QED" => Self::Qed,
            "TAKE" => Self::Take,
            "HAVE" => Self::Have,
            "WITNESS" => Self::Witness,
            "PICK" => Self::Pick,
            "SUFFICES" => Self::Suffices,
            "DEFINE" => Self::DefineWord,
            "SUBSET" | "UNION" | "DOMAIN" | "UNCHANGED" | "ENABLED" => Self::Prefix,
            _ => Self::Name,
        }
    }

    /// Whether it is the symbol of an operator, which stands for the operator where no operand does.
    pub(super) fn is_symbol(self) -> bool {
        matches!(
            self,
            Self::And
                | Self::Or
                | Self::Minus
                | Self::Box
                | Self::Infix
                | Self::In
                | Self::Equal
                | Self::Prefix
                | Self::Postfix
        )
    }

    /// Whether an operand begins with such a token, and nothing else does.
    pub(super) fn begins_operand(self) -> bool {
        matches!(
            self,
            Self::Name
                | Self::Number
                | Self::Text
                | Self::At
                | Self::Broken
                | Self::LeftParen
                | Self::LeftSquare
                | Self::LeftBrace
                | Self::LeftAngle
                | Self::FunctionOpen
                | Self::RecordOpen
                | Self::RecordSetOpen
                | Self::FunctionSetOpen
                | Self::ExceptOpen
                | Self::ActionOpen
                | Self::SetOpen
                | Self::FilterOpen
                | Self::MapOpen
                | Self::Quantifier
                | Self::TemporalQuantifier
                | Self::Choose
                | Self::If
                | Self::Case
                | Self::Let
                | Self::Weak
                | Self::Strong
        )
    }

    /// Whether an operand may end with such a token, so that what follows is an operator or an end.
    pub(super) fn ends_operand(self) -> bool {
        matches!(
            self,
            Self::Name
                | Self::Number
                | Self::Text
                | Self::At
                | Self::Selector
                | Self::Symbol
                | Self::CitedStep
                | Self::Broken
                | Self::Postfix
                | Self::RightParen
                | Self::RightSquare
                | Self::RightBrace
                | Self::RightAngle
                | Self::EndList
                | Self::EndCase
        )
    }
}

/// What the columns after a tab are multiples of, as for TLA+'s own parser.
pub(super) const TAB: u32 = 8;

/// A token in its place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token<'s> {
    /// What it is.
    pub(super) kind: Kind,
    /// How it is written.
    pub(super) text: &'s str,
    /// Its first byte.
    pub(super) start: u32,
    /// One past its last byte.
    pub(super) end: u32,
    /// Its line, from 0.
    pub(super) line: u32,
    /// Its column in characters, from 0; a tab goes on to the next multiple of [`TAB`].
    pub(super) column: u32,
    /// Whether the head of a definition begins here (`Op(x) ==`), wherever it stands.
    pub(super) begins_definition: bool,
    /// For a bracket, whether another one closes it or is closed by it.
    pub(super) paired: bool,
}
