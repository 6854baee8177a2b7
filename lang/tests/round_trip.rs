//! Random trees of every form come back from printing and parsing as they were, up to spans.
//!
//! A tree is grown from random bytes, each of which makes one choice, so that fewer and smaller bytes are a smaller
//! tree. It is one that the parser could have made: brackets stand where a text needs them.

use lang::ast::{
    Assume, AssumeProve, Assumption, Bound, Citations, Cited, ConstantDecl, ExceptStep, ExceptUpdate, Expr,
    ExprKind, FunctionDef, Instance, InstanceDef, Module, Name, OperatorDef, Param, PathStep, Pattern, Proof,
    ProofKind, ProofStep, ProofStepKind, Selector, Statement, Theorem, Unit, UnitKind, Use,
};
use lang::ids::Id;
use lang::parse::parse;
use lang::print;
use lang::source::{FileId, Span};
use proptest::collection::vec;
use proptest::prelude::{ProptestConfig, any};

/// Operators from the loosest to the tightest, so that an operand needs no brackets if it binds more tightly.
const LEVELS: &[&[&str]] = &[
    &["=>"],
    &["<=>", "~>", "-+->"],
    &["/\\", "\\/"],
    &[
        "=",
        "#",
        "\\in",
        "\\notin",
        "=<",
        ">=",
        "<",
        ">",
        "\\subseteq",
        "\\prec",
        "::=",
        ":=",
        "|-",
        "|=",
        "-|",
        "=|",
    ],
    &["@@"],
    &[":>", "<:"],
    &["\\cup", "\\cap", "\\"],
    &["..", "..."],
    &["+", "++", "\\oplus"],
    &["-", "--", "\\ominus"],
    &["*", "**", "/", "//", "&", "&&", "\\o", "\\div", "\\otimes", "\\bullet"],
    &["^", "^^"],
];

/// Operators that take each other as operands only in brackets, since their ranges are wide.
const WIDE: &[&str] =
    &["\\cdot", "##", "$", "$$", "??", "\\sqcup", "\\uplus", "!!", "\\wr", "%", "%%", "|", "||"];

const ASSOCIATIVE: &[&str] = &[
    "/\\", "\\/", "@@", "\\cup", "\\cap", "+", "++", "\\oplus", "-", "--", "\\ominus", "*", "**", "&", "&&",
    "\\o", "\\otimes", "\\bullet", "\\cdot", "##", "$", "$$", "??", "\\sqcup", "\\uplus", "%%", "|", "||",
];

const PREFIXES: &[&str] = &["~", "[]", "<>", "-.", "SUBSET", "UNION", "DOMAIN", "UNCHANGED", "ENABLED"];
const POSTFIXES: &[&str] = &["'", "^+", "^*", "^#"];
const NAMES: &[&str] = &["x", "y", "S", "F", "Nat", "v_1", "a2b", "TRUE", "_z", "1a", "W", "SFx"];

fn nowhere() -> Span {
    Span { file: FileId::from_index(0), start: 0, end: 0 }
}

/// What grows a tree from bytes.
struct Grower<'b> {
    bytes: std::slice::Iter<'b, u8>,
    /// How many forms stand around.
    depth: u32,
    /// Whether a `CASE` around would take the arms of one that is not bracketed.
    in_case: bool,
}

impl Grower<'_> {
    /// A choice among `n`; the first, once the bytes are used up.
    fn choose(&mut self, n: usize) -> usize {
        self.bytes.next().map_or(0, |byte| usize::from(*byte) % n)
    }

    fn flip(&mut self) -> bool {
        self.choose(2) == 1
    }

    fn of(&mut self, texts: &[&'static str]) -> &'static str {
        texts[self.choose(texts.len())]
    }

    fn some<T>(&mut self, least: usize, mut grow: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let n = least + self.choose(3);
        (0..n).map(|_| grow(self)).collect()
    }

    fn maybe<T>(&mut self, grow: impl FnOnce(&mut Self) -> T) -> Option<T> {
        self.flip().then(|| grow(self))
    }

    fn name(&mut self) -> Name {
        named(self.of(NAMES))
    }

    fn names(&mut self) -> Vec<Name> {
        self.some(1, Self::name)
    }

    /// Within a bracket, where a `CASE` is safe again.
    fn bracketed<T>(&mut self, grow: impl FnOnce(&mut Self) -> T) -> T {
        let around = std::mem::replace(&mut self.in_case, false);
        let grown = grow(self);
        self.in_case = around;
        grown
    }

    /// Within a `CASE`.
    fn in_case<T>(&mut self, grow: impl FnOnce(&mut Self) -> T) -> T {
        let around = std::mem::replace(&mut self.in_case, true);
        let grown = grow(self);
        self.in_case = around;
        grown
    }

    /// Any expression.
    fn expr(&mut self) -> Expr {
        self.loose(0)
    }

    /// An expression of operators of at least this level.
    fn loose(&mut self, level: usize) -> Expr {
        if self.depth >= 12 {
            return make(ExprKind::Name(self.name()));
        }
        self.depth += 1;
        let grown = match self.choose(8) {
            0 | 1 => self.closed(),
            2 => self.open(),
            3 => self.prefix(),
            4 => {
                let operator = self.of(WIDE);
                self.chain(operator, Self::suffixed)
            }
            5 => {
                let factors = self.some(2, Self::suffixed);
                make(ExprKind::Product(factors))
            }
            _ if level < LEVELS.len() => {
                let level = level + self.choose(LEVELS.len() - level);
                let operator = self.of(LEVELS[level]);
                self.chain(operator, |grower| grower.tight(level + 1))
            }
            _ => self.suffixed(),
        };
        self.depth -= 1;
        grown
    }

    /// An operand that is no open end.
    fn tight(&mut self, level: usize) -> Expr {
        if self.depth < 12 && level < LEVELS.len() && self.choose(4) == 3 {
            self.depth += 1;
            let level = level + self.choose(LEVELS.len() - level);
            let operator = self.of(LEVELS[level]);
            let (left, right) = (self.tight(level + 1), self.tight(level + 1));
            self.depth -= 1;
            return make(ExprKind::Infix { operator: named(operator), left, right });
        }
        self.suffixed()
    }

    /// `a op b`, or more of it; the last operand may be one that reaches as far as it can.
    fn chain(&mut self, operator: &str, mut operand: impl FnMut(&mut Self) -> Expr) -> Expr {
        let operator = named(operator);
        let long = ASSOCIATIVE.contains(&operator.text.as_str()) && self.flip();
        let mut operands = if long { self.some(2, &mut operand) } else { vec![operand(self)] };
        let last = if self.choose(4) == 3 { self.open() } else { operand(self) };
        if long {
            operands.push(last);
            return make(ExprKind::Chain { operator, operands });
        }
        make(ExprKind::Infix { operator, left: operands.remove(0), right: last })
    }

    fn prefix(&mut self) -> Expr {
        let operator = named(self.of(PREFIXES));
        let operand = match self.choose(4) {
            3 => self.open(),
            2 if self.depth < 12 => {
                self.depth += 1;
                let operand = self.prefix();
                self.depth -= 1;
                operand
            }
            _ => self.closed(),
        };
        make(ExprKind::Prefix { operator, operand })
    }

    /// An operand with postfix operators.
    fn suffixed(&mut self) -> Expr {
        let mut operand = self.closed();
        while self.choose(5) == 4 {
            let operator = named(self.of(POSTFIXES));
            operand = make(ExprKind::Postfix { operator, operand });
        }
        operand
    }

    /// An operand that ends by itself.
    fn closed(&mut self) -> Expr {
        if self.depth >= 12 {
            return make(ExprKind::Name(self.name()));
        }
        self.depth += 1;
        let kind = match self.choose(24) {
            0 | 1 => ExprKind::Name(self.name()),
            2 => ExprKind::Number(self.of(&["0", "1", "25", "1.5", "0.25"]).to_owned()),
            3 => ExprKind::Str(
                self.some(0, |grower| grower.of(&["a", "\"", "\\", "\n", "\t", "é", " "])).concat(),
            ),
            4 => ExprKind::At,
            5 => ExprKind::Apply { operator: self.name(), args: self.args() },
            6 => {
                let operator = named(self.of(&["+", "\\cup", "=", "\\in", "*", "'", "^+"]));
                ExprKind::Apply { operator, args: self.args() }
            }
            7 => ExprKind::Path(self.path()),
            8 => ExprKind::Paren(self.bracketed(Self::expr)),
            9 => {
                let conjunction = self.flip();
                ExprKind::Junction { conjunction, items: self.bracketed(|grower| grower.some(1, Self::expr)) }
            }
            10 => ExprKind::SetEnum(self.bracketed(|grower| grower.some(0, Self::expr))),
            11 => {
                let pattern = if self.flip() {
                    Pattern::Tuple(self.names())
                } else {
                    Pattern::Names(vec![self.name()])
                };
                let bound = Bound { pattern, domain: Some(self.bracketed(Self::expr)) };
                ExprKind::SetFilter { bound, body: self.bracketed(Self::expr) }
            }
            12 => {
                // `{x \in S : ...}` would be a filter.
                let element = self.bracketed(Self::suffixed);
                ExprKind::SetMap { element, bounds: self.bounds() }
            }
            13 => ExprKind::Function { bounds: self.bounds(), body: self.bracketed(Self::expr) },
            14 => ExprKind::FunctionSet {
                domain: self.bracketed(Self::expr),
                range: self.bracketed(Self::expr),
            },
            15 => ExprKind::Record(self.fields()),
            16 => ExprKind::RecordSet(self.fields()),
            17 => ExprKind::Except { base: self.bracketed(Self::expr), updates: self.some(1, Self::update) },
            18 => {
                let function = self.suffixed();
                ExprKind::Index { function, args: self.bracketed(|grower| grower.some(1, Self::expr)) }
            }
            19 => ExprKind::Field { record: self.suffixed(), field: self.name() },
            20 => ExprKind::Tuple(self.bracketed(|grower| grower.some(0, Self::expr))),
            21 | 22 => {
                let (angle, action) = (self.flip(), self.bracketed(Self::expr));
                ExprKind::ActionBox { angle, action, subscript: self.subscript() }
            }
            _ => {
                let (strong, subscript) = (self.flip(), self.subscript());
                ExprKind::Fairness { strong, subscript, action: self.bracketed(Self::expr) }
            }
        };
        self.depth -= 1;
        make(kind)
    }

    /// An operand that reaches as far as it can.
    fn open(&mut self) -> Expr {
        if self.depth >= 12 {
            return make(ExprKind::Name(self.name()));
        }
        self.depth += 1;
        let kind = match self.choose(8) {
            0 => {
                let (condition, then) = (self.bracketed(Self::expr), self.bracketed(Self::expr));
                ExprKind::If { condition, then, otherwise: self.expr() }
            }
            1 | 2 => {
                let universal = self.flip();
                let bounds = if self.flip() {
                    self.bounds()
                } else {
                    vec![Bound { pattern: Pattern::Names(self.names()), domain: None }]
                };
                ExprKind::Quantifier { universal, bounds, body: self.expr() }
            }
            3 => {
                let pattern = if self.flip() {
                    Pattern::Tuple(self.names())
                } else {
                    Pattern::Names(vec![self.name()])
                };
                let domain = self.maybe(|grower| grower.bracketed(Self::expr));
                ExprKind::Choose { bound: Bound { pattern, domain }, body: self.expr() }
            }
            4 => ExprKind::TemporalQuantifier {
                universal: self.flip(),
                names: self.names(),
                body: self.expr(),
            },
            5 => ExprKind::Label { name: self.name(), params: self.some(0, Self::name), body: self.expr() },
            6 if !self.in_case => {
                let arms = self.some(1, |grower| (grower.in_case(Self::expr), grower.in_case(Self::expr)));
                ExprKind::Case { arms, other: self.maybe(|grower| grower.in_case(Self::expr)) }
            }
            _ => {
                let definitions = self.bracketed(|grower| {
                    grower.some(1, |grower| {
                        let kind = grower.definition();
                        unit(kind, false)
                    })
                });
                ExprKind::Let { definitions, body: self.expr() }
            }
        };
        self.depth -= 1;
        make(kind)
    }

    /// Arguments: expressions, operators, unnamed operators.
    fn args(&mut self) -> Vec<Expr> {
        self.bracketed(|grower| {
            grower.some(1, |grower| match grower.choose(6) {
                5 => make(ExprKind::Lambda { params: grower.names(), body: grower.expr() }),
                4 => {
                    make(ExprKind::Name(named(grower.of(&["+", "-", "\\cup", "=", "\\in", "/\\", "'", "~"]))))
                }
                _ => grower.expr(),
            })
        })
    }

    fn path(&mut self) -> Vec<PathStep> {
        let args = if self.flip() { self.args() } else { Vec::new() };
        let head = PathStep { selector: Selector::Name(self.name()), args, span: nowhere() };
        let mut steps = vec![head];
        steps.extend(self.some(1, |grower| {
            let (selector, takes_args) = match grower.choose(8) {
                0 | 1 => (Selector::Name(grower.name()), true),
                2 => (Selector::Name(named(grower.of(&["+", "-", "\\in", "=", "\\cup"]))), true),
                3 => (Selector::Operand(1 + grower.choose(12)), false),
                4 => (Selector::First, false),
                5 => (Selector::Last, false),
                6 => (Selector::Inside, false),
                _ => {
                    return PathStep {
                        selector: Selector::Instantiate,
                        args: grower.args(),
                        span: nowhere(),
                    };
                }
            };
            let args = if takes_args && grower.flip() { grower.args() } else { Vec::new() };
            PathStep { selector, args, span: nowhere() }
        }));
        steps
    }

    /// `v` of `[A]_v` and `WF_v(A)`.
    fn subscript(&mut self) -> Expr {
        let kind = match self.choose(3) {
            0 => ExprKind::Name(named(self.of(&["x", "vars", "y2"]))),
            1 => ExprKind::Paren(self.bracketed(Self::expr)),
            _ => ExprKind::Tuple(self.bracketed(|grower| grower.some(1, Self::expr))),
        };
        make(kind)
    }

    fn bounds(&mut self) -> Vec<Bound> {
        self.bracketed(|grower| {
            grower.some(1, |grower| {
                let pattern = if grower.flip() {
                    Pattern::Tuple(grower.names())
                } else {
                    Pattern::Names(grower.names())
                };
                Bound { pattern, domain: Some(grower.expr()) }
            })
        })
    }

    fn fields(&mut self) -> Vec<(Name, Expr)> {
        self.bracketed(|grower| grower.some(1, |grower| (grower.name(), grower.expr())))
    }

    fn update(&mut self) -> ExceptUpdate {
        let path = self.some(1, |grower| {
            if grower.flip() {
                ExceptStep::Index(grower.bracketed(|grower| grower.some(1, Self::expr)))
            } else {
                ExceptStep::Field(grower.name())
            }
        });
        ExceptUpdate { path, value: self.bracketed(Self::expr), span: nowhere() }
    }

    fn param(&mut self) -> Param {
        match self.choose(4) {
            3 => Param { name: named(self.of(&["+", "\\cup", "-", "/\\"])), arity: 2 },
            2 => Param { name: self.name(), arity: 1 + self.choose(3) },
            _ => Param { name: self.name(), arity: 0 },
        }
    }

    /// What may stand under `LET`, too.
    fn definition(&mut self) -> UnitKind {
        let plain = |name| Param { name, arity: 0 };
        match self.choose(7) {
            0 | 1 => {
                let (name, params) = (self.name(), self.some(0, Self::param));
                UnitKind::Operator(OperatorDef { name, params, body: self.expr() })
            }
            2 => {
                let name = named(self.of(&["+", "\\cup", "\\prec", "-", "\\o", "##"]));
                let params = vec![plain(self.name()), plain(self.name())];
                UnitKind::Operator(OperatorDef { name, params, body: self.expr() })
            }
            3 => {
                let name = named(self.of(&["-.", "'", "^+"]));
                let params = vec![plain(self.name())];
                UnitKind::Operator(OperatorDef { name, params, body: self.expr() })
            }
            4 => {
                let (name, bounds) = (self.name(), self.bounds());
                UnitKind::Function(FunctionDef { name, bounds, body: self.expr() })
            }
            5 => UnitKind::Recursive(self.some(1, Self::param)),
            _ => {
                let (name, params) = (self.name(), self.some(0, Self::param));
                UnitKind::InstanceDef(InstanceDef { name, params, instance: self.instance() })
            }
        }
    }

    fn instance(&mut self) -> Instance {
        let substitutions = self.bracketed(|grower| {
            grower.some(0, |grower| {
                let name = if grower.flip() { named(grower.of(&["+", "\\cup", "="])) } else { grower.name() };
                (name, grower.expr())
            })
        });
        Instance { module: self.name(), substitutions, span: nowhere() }
    }

    fn citations(&mut self) -> Citations {
        let only = self.choose(4) == 3;
        let facts = self.some(1, Self::cited);
        let defs = self.some(0, |grower| match grower.choose(4) {
            3 => Cited::Module(grower.name()),
            2 => Cited::Expr(make(ExprKind::Name(named(grower.of(&["+", "\\cup", "="]))))),
            _ => Cited::Expr(make(ExprKind::Name(grower.name()))),
        });
        Citations { only, facts, defs }
    }

    fn cited(&mut self) -> Cited {
        match self.choose(4) {
            3 => Cited::Module(self.name()),
            2 => Cited::Expr(make(ExprKind::Name(named(self.of(&["<1>1", "<2>a"]))))),
            _ => Cited::Expr(self.expr()),
        }
    }

    fn sequent(&mut self) -> AssumeProve {
        let assumptions = self.bracketed(|grower| {
            grower.some(1, |grower| match grower.choose(4) {
                3 if grower.depth < 12 => {
                    grower.depth += 4;
                    let label = grower.maybe(Self::name);
                    let sequent = AssumeProve { label, ..grower.sequent() };
                    grower.depth -= 4;
                    Assumption::Sequent(sequent)
                }
                2 => Assumption::New {
                    level: grower.maybe(|grower| {
                        grower.of(&["CONSTANT", "VARIABLE", "STATE", "ACTION", "TEMPORAL"]).to_owned()
                    }),
                    name: grower.name(),
                    arity: 0,
                    domain: grower.maybe(Self::expr),
                },
                _ => Assumption::Formula(grower.expr()),
            })
        });
        let boxed = self.choose(4) == 3;
        AssumeProve { label: None, boxed, assumptions, goal: self.expr(), span: nowhere() }
    }

    fn statement(&mut self) -> Statement {
        if self.choose(3) == 2 {
            Statement::AssumeProve(self.sequent())
        } else {
            Statement::Formula(self.expr())
        }
    }

    fn proof(&mut self, level: usize) -> Proof {
        let kind = match self.choose(5) {
            1 => ProofKind::Obvious,
            2 => ProofKind::Omitted,
            3 => ProofKind::By(self.citations()),
            4 if level < 4 => ProofKind::Structured(self.steps(level)),
            _ => ProofKind::None,
        };
        Proof { kind, span: nowhere() }
    }

    fn steps(&mut self, level: usize) -> Vec<ProofStep> {
        let mut steps = self.some(0, |grower| {
            let (kind, provable) = match grower.choose(9) {
                0 => (ProofStepKind::Assert(grower.statement()), true),
                1 => (ProofStepKind::Suffices(grower.statement()), true),
                2 => (ProofStepKind::Case(grower.expr()), true),
                3 => (ProofStepKind::Have(grower.expr()), false),
                4 => (ProofStepKind::Take(grower.bounds()), false),
                5 => (ProofStepKind::Witness(grower.some(1, Self::expr)), false),
                6 => (ProofStepKind::Pick { bounds: grower.bounds(), body: grower.expr() }, true),
                7 => {
                    let hide = grower.flip();
                    (ProofStepKind::Use(Use { hide, citations: grower.citations() }), false)
                }
                _ => {
                    let kind = grower.definition();
                    (ProofStepKind::Define(vec![unit(kind, false)]), false)
                }
            };
            let proof = if provable {
                grower.proof(level + 1)
            } else {
                Proof { kind: ProofKind::None, span: nowhere() }
            };
            let number = grower.choose(3);
            ProofStep { name: named(&format!("<{level}>{number}")), kind, proof, span: nowhere() }
        });
        let proof = self.proof(level + 1);
        let name = named(&format!("<{level}>"));
        steps.push(ProofStep { name, kind: ProofStepKind::Qed, proof, span: nowhere() });
        steps
    }

    fn unit(&mut self, depth: u32) -> Unit {
        let (kind, may_be_local) = match self.choose(9) {
            0 | 1 => (self.definition(), true),
            2 => {
                let constants = self.some(1, |grower| {
                    let Param { name, arity } = grower.param();
                    ConstantDecl { name, arity }
                });
                (UnitKind::Constants(constants), false)
            }
            3 => (UnitKind::Variables(self.names()), false),
            4 => {
                let (name, axiom) = (self.maybe(Self::name), self.flip());
                (UnitKind::Assume(Assume { name, body: self.expr(), axiom }), false)
            }
            5 => {
                let keyword = self.of(&["THEOREM", "LEMMA", "PROPOSITION", "COROLLARY"]).to_owned();
                let (name, statement, proof) = (self.maybe(Self::name), self.statement(), self.proof(1));
                (UnitKind::Theorem(Theorem { keyword, name, statement, proof }), false)
            }
            6 => (UnitKind::Instance(self.instance()), true),
            7 => {
                let hide = self.flip();
                (UnitKind::Use(Use { hide, citations: self.citations() }), false)
            }
            _ if depth < 2 => (UnitKind::Module(self.module(depth + 1)), false),
            _ => (UnitKind::Variables(self.names()), false),
        };
        let may_be_local = may_be_local && !matches!(kind, UnitKind::Recursive(_));
        let local = may_be_local && self.choose(4) == 3;
        unit(kind, local)
    }

    fn module(&mut self, depth: u32) -> Module {
        let extends = self.some(0, Self::name);
        let mut units = self.some(1, |grower| grower.unit(depth));
        if depth == 0 {
            while self.bytes.len() > 0 {
                units.push(self.unit(0));
            }
        }
        Module { name: self.name(), extends, units, standard: false, span: nowhere() }
    }
}

fn named(text: &str) -> Name {
    Name { text: text.to_owned(), span: nowhere() }
}

fn make(kind: ExprKind) -> Expr {
    Expr { kind: Box::new(kind), span: nowhere() }
}

fn unit(kind: UnitKind, local: bool) -> Unit {
    Unit { kind, local, span: nowhere() }
}

/// A tree without its spans.
fn bare(module: &Module) -> String {
    let debug = format!("{module:?}");
    let mut out = String::with_capacity(debug.len());
    let mut rest = debug.as_str();
    while let Some(start) = rest.find("Span {") {
        let end = rest[start..].find('}').map_or(rest.len(), |end| start + end + 1);
        out.push_str(&rest[..start]);
        rest = &rest[end..];
    }
    out + rest
}

#[test]
fn random_modules_come_back() {
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    proptest::proptest!(config, |(bytes in vec(any::<u8>(), 0..400))| {
        let module = Grower { bytes: bytes.iter(), depth: 0, in_case: false }.module(0);
        let printed = print::module(&module);
        let parsed = parse(FileId::from_index(0), &printed);
        proptest::prop_assert_eq!(parsed.diagnostics, Vec::new(), "{}", printed);
        proptest::prop_assert_eq!(bare(&parsed.value), bare(&module), "{}", printed);
        proptest::prop_assert_eq!(print::module(&parsed.value), printed);
    });
}
