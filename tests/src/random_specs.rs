//! Random specs: modules with sets of elements, functions, records, numbers and sequences as variables, actions
//! that change them, invariants, and lemmas.
//!
//! Invariant: what is generated has sorts, and is the same for the same seed. Invariants are such that a fair share
//! of them is kept by a fair share of the actions: most speak of each element of one variable.

use std::fmt::Write as _;

/// A small generator of numbers; the same numbers for the same seed.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// A generator for a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        let n = u64::try_from(n.max(1)).unwrap_or(u64::MAX);
        usize::try_from((self.0 >> 11) % n).unwrap_or_default()
    }

    /// One of these.
    pub fn pick<'t, T>(&mut self, items: &'t [T]) -> Option<&'t T> {
        items.get(self.below(items.len()))
    }

    /// Whether something with a chance of `n` in ten comes about.
    pub fn chance(&mut self, n: usize) -> bool {
        self.below(10) < n
    }
}

/// The sorts of expressions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ty {
    Int,
    Node,
    Val,
    Nodes,
    Vals,
    Ints,
    /// Functions from nodes to numbers, values, and sets of values.
    ToInt,
    ToVal,
    ToVals,
    Seq,
    Msgs,
    /// A message of type `a`, which has `src` and `num`, and one of type `b`, which has `num` and `val`.
    A,
    B,
}

/// A variable: its name, its sort, what it is a member of, and what it may be at first.
struct Variable {
    name: &'static str,
    ty: Ty,
    typing: &'static str,
    initial: &'static [&'static str],
}

const VARIABLES: [Variable; 9] = [
    Variable { name: "c", ty: Ty::Int, typing: "c \\in Nat", initial: &["c = 0", "c \\in 0..1", "c = 1"] },
    Variable {
        name: "s",
        ty: Ty::Nodes,
        typing: "s \\subseteq N",
        initial: &["s = {}", "s = N", "s \\in SUBSET N"],
    },
    Variable { name: "w", ty: Ty::Vals, typing: "w \\in SUBSET V", initial: &["w = {}", "w = V"] },
    Variable { name: "t", ty: Ty::Ints, typing: "t \\subseteq Nat", initial: &["t = {}", "t = {0}"] },
    Variable {
        name: "f",
        ty: Ty::ToInt,
        typing: "f \\in [N -> Nat]",
        initial: &["f = [n \\in N |-> 0]", "f \\in [N -> 0..1]"],
    },
    Variable { name: "g", ty: Ty::ToVal, typing: "g \\in [N -> V]", initial: &["g \\in [N -> V]"] },
    Variable {
        name: "h",
        ty: Ty::ToVals,
        typing: "h \\in [N -> SUBSET V]",
        initial: &["h = [n \\in N |-> {}]", "h = [n \\in N |-> V]"],
    },
    Variable { name: "q", ty: Ty::Seq, typing: "q \\in Seq(V)", initial: &["q = <<>>"] },
    Variable { name: "msgs", ty: Ty::Msgs, typing: "msgs \\subseteq Message", initial: &["msgs = {}"] },
];

/// A name in scope.
type Name = (String, Ty);

struct Generator {
    random: Random,
    next: usize,
    /// Operators on a node.
    operators: Vec<String>,
}

/// A module, in which theorems and lemmas may be false.
#[derive(Clone, Debug)]
pub struct Spec {
    head: String,
    /// Conjuncts of the invariant.
    pub conjuncts: Vec<String>,
    tail: String,
}

impl Spec {
    /// The module, with these conjuncts of the invariant.
    pub fn text(&self, conjuncts: &[String]) -> String {
        let conjuncts = if conjuncts.is_empty() { "TRUE".to_owned() } else { conjuncts.join("\n  /\\ ") };
        format!("{}Inv ==\n  /\\ {conjuncts}\n{}", self.head, self.tail)
    }

    /// The module with an operator for each conjunct, and the names of these.
    pub fn operators(&self) -> (String, Vec<String>) {
        let names: Vec<String> =
            (1..=self.conjuncts.len()).map(|number| format!("Conjunct{number}")).collect();
        let mut head = self.head.clone();
        for (name, conjunct) in names.iter().zip(&self.conjuncts) {
            let _ = writeln!(head, "{name} == {conjunct}");
        }
        (Self { head, ..self.clone() }.text(&[]), names)
    }
}

/// The module of a seed.
pub fn spec(seed: u64) -> Spec {
    let mut random = Random::new(seed);
    let n_variables = 2 + random.below(2);
    let mut chosen: Vec<&Variable> = Vec::new();
    while chosen.len() < n_variables {
        if let Some(variable) = random.pick(&VARIABLES)
            && !chosen.iter().any(|known| known.name == variable.name)
        {
            chosen.push(variable);
        }
    }
    let mut generator = Generator { random, next: 0, operators: Vec::new() };
    generator.module(&chosen)
}

impl Generator {
    fn module(&mut self, variables: &[&Variable]) -> Spec {
        let scope: Vec<Name> = variables
            .iter()
            .map(|variable| (variable.name.to_owned(), variable.ty))
            .chain([("k".to_owned(), Ty::Int)])
            .collect();
        let names: Vec<&str> = variables.iter().map(|variable| variable.name).collect();
        let mut text = "---- MODULE Example ----\nEXTENDS Integers, FiniteSets, Sequences\n".to_owned();
        text.push_str("CONSTANTS N, V, Q, k\n");
        text.push_str("ASSUME Numbers == k \\in 0..2\n");
        text.push_str("ASSUME Quorums == Q \\subseteq SUBSET N /\\ \\A A, B \\in Q : A \\cap B # {}\n");
        text.push_str("ASSUME Values == V \\subseteq V\n");
        text.push_str(
            "Message == [type : {\"a\"}, src : N, num : Nat] \\cup [type : {\"b\"}, num : Nat, val : V]\n",
        );
        let _ = writeln!(text, "VARIABLES {}\nvars == <<{}>>", names.join(", "), names.join(", "));
        for number in 1..=self.random.below(3) {
            let name = format!("P{number}");
            let x = self.fresh();
            let inner = with(&scope, &x, Ty::Node);
            let body = self.formula(2, &inner);
            let _ = writeln!(text, "{name}({x}) == {body}");
            self.operators.push(name);
        }
        let typing: Vec<String> = variables.iter().map(|variable| variable.typing.to_owned()).collect();
        let _ = writeln!(text, "TypeOK ==\n  /\\ {}", typing.join("\n  /\\ "));
        let initial: Vec<&str> =
            variables.iter().filter_map(|variable| self.random.pick(variable.initial).copied()).collect();
        let _ = writeln!(text, "Init ==\n  /\\ {}", initial.join("\n  /\\ "));
        let mut actions = Vec::new();
        for number in 1..=2 + self.random.below(2) {
            let name = format!("A{number}");
            let action = self.action(variables, &scope);
            let _ = writeln!(text, "{name} ==\n{action}");
            actions.push(name);
        }
        let _ = writeln!(text, "Next == {}\nSpec == Init /\\ [][Next]_vars", actions.join(" \\/ "));
        let conjuncts: Vec<String> = (0..5 + self.random.below(3)).map(|_| self.invariant(&scope)).collect();
        let head = std::mem::take(&mut text);
        let lemma = self.lemma(&scope);
        let _ = writeln!(text, "LEMMA About == {lemma}");
        let separate = self.random.chance(6);
        if separate {
            text.push_str("THEOREM Typing == Spec => []TypeOK\nTHEOREM Main == Spec => []Inv\n");
        } else {
            text.push_str("THEOREM Main == Spec => [](TypeOK /\\ Inv)\n");
        }
        let consequence = self.formula(2, &scope);
        let _ = writeln!(text, "THEOREM Follows == Spec => []({consequence})");
        text.push_str("====\n");
        Spec { head, conjuncts, tail: text }
    }

    fn fresh(&mut self) -> String {
        self.next += 1;
        format!("x{}", self.next)
    }

    /// A name in scope of this sort, the innermost more often than others.
    fn name(&mut self, ty: Ty, scope: &[Name]) -> Option<String> {
        let fitting: Vec<&Name> = scope.iter().filter(|(_, own)| *own == ty).collect();
        let last = fitting.last()?;
        if self.random.chance(5) {
            return Some(last.0.clone());
        }
        self.random.pick(&fitting).map(|(name, _)| name.clone())
    }

    fn int(&mut self, depth: usize, scope: &[Name]) -> String {
        for _ in 0..6 {
            let candidate = match self.random.below(if depth == 0 { 7 } else { 11 }) {
                0 => Some(self.random.below(3).to_string()),
                1..=3 => self.name(Ty::Int, scope),
                4 | 5 => {
                    let ty = if self.random.chance(5) { Ty::A } else { Ty::B };
                    self.name(ty, scope).map(|name| format!("{name}.num"))
                }
                6 => self
                    .name(Ty::ToInt, scope)
                    .and_then(|f| Some(format!("{f}[{}]", self.element(Ty::Node, 0, scope)?))),
                7 => Some(format!("({} + 1)", self.int(depth - 1, scope))),
                8 => self.name(Ty::Seq, scope).map(|q| format!("Len({q})")),
                9 => self.random.chance(3).then(|| format!("Cardinality({})", self.nodes(depth - 1, scope))),
                _ => {
                    let condition = self.atom(depth - 1, scope);
                    let (a, b) = (self.int(0, scope), self.int(0, scope));
                    Some(format!("(IF {condition} THEN {a} ELSE {b})"))
                }
            };
            if let Some(found) = candidate {
                return found;
            }
        }
        self.random.below(2).to_string()
    }

    /// A node or a value, if one can be told.
    fn element(&mut self, ty: Ty, depth: usize, scope: &[Name]) -> Option<String> {
        for _ in 0..6 {
            let found = match (self.random.below(if depth == 0 { 6 } else { 8 }), ty) {
                (0..=2, _) => self.name(ty, scope),
                (3, Ty::Node) => self.name(Ty::A, scope).map(|name| format!("{name}.src")),
                (3, _) => self.name(Ty::B, scope).map(|name| format!("{name}.val")),
                (4 | 5, Ty::Val) => {
                    let g = self.name(Ty::ToVal, scope);
                    let node = self.name(Ty::Node, scope);
                    g.zip(node).map(|(g, node)| format!("{g}[{node}]"))
                }
                (6, Ty::Val) => self.name(Ty::Seq, scope).map(|q| format!("{q}[{}]", self.int(0, scope))),
                (7, Ty::Node) => self.random.chance(4).then(|| {
                    let x = self.fresh();
                    let set = self.nodes(0, scope);
                    let body = self.atom(depth - 1, &with(scope, &x, Ty::Node));
                    format!("(CHOOSE {x} \\in {set} : {body})")
                }),
                _ => None,
            };
            if found.is_some() {
                return found;
            }
        }
        None
    }

    fn nodes(&mut self, depth: usize, scope: &[Name]) -> String {
        let name = self.name(Ty::Nodes, scope).unwrap_or_else(|| "N".to_owned());
        match self.random.below(if depth == 0 { 4 } else { 10 }) {
            0..=2 => name,
            3 => "N".to_owned(),
            4 => format!("({name} \\cup {})", self.nodes(depth - 1, scope)),
            5 => format!("({name} \\ {})", self.nodes(depth - 1, scope)),
            6 => match self.element(Ty::Node, 0, scope) {
                Some(node) => format!("({name} \\cup {{{node}}})"),
                None => name,
            },
            7 => match self.name(Ty::Msgs, scope) {
                Some(msgs) => {
                    let (m, own) = (self.fresh(), self.fresh());
                    format!("{{{m}.src : {m} \\in {{{own} \\in {msgs} : {own}.type = \"a\"}}}}")
                }
                None => name,
            },
            _ => {
                let x = self.fresh();
                let body = self.atom(depth - 1, &with(scope, &x, Ty::Node));
                format!("{{{x} \\in {name} : {body}}}")
            }
        }
    }

    fn vals(&mut self, depth: usize, scope: &[Name]) -> String {
        let name = self.name(Ty::Vals, scope).unwrap_or_else(|| "V".to_owned());
        match self.random.below(if depth == 0 { 4 } else { 8 }) {
            0 | 1 => name,
            2 => "V".to_owned(),
            3 => match (self.name(Ty::ToVals, scope), self.name(Ty::Node, scope)) {
                (Some(h), Some(node)) => format!("{h}[{node}]"),
                _ => name,
            },
            4 => format!("({name} \\cup {})", self.vals(depth - 1, scope)),
            5 => match self.element(Ty::Val, 0, scope) {
                Some(value) => format!("({name} \\cup {{{value}}})"),
                None => name,
            },
            6 => match self.name(Ty::ToVal, scope) {
                Some(g) => {
                    let x = self.fresh();
                    format!("{{{g}[{x}] : {x} \\in {}}}", self.nodes(0, scope))
                }
                None => name,
            },
            _ => {
                let x = self.fresh();
                let body = self.atom(depth - 1, &with(scope, &x, Ty::Val));
                format!("{{{x} \\in {name} : {body}}}")
            }
        }
    }

    fn ints(&mut self, depth: usize, scope: &[Name]) -> String {
        match (self.name(Ty::Ints, scope), self.random.below(4)) {
            (Some(name), 0..=2) => name,
            _ => format!("({}..{})", self.int(0, scope), self.int(depth.min(1), scope)),
        }
    }

    /// A formula without quantifiers, or nearly.
    fn atom(&mut self, depth: usize, scope: &[Name]) -> String {
        for _ in 0..8 {
            let found = match self.random.below(12) {
                0..=2 => {
                    let sign = self.random.pick(&["<", "=<", "=", "#", ">=", ">"]).copied().unwrap_or("=");
                    Some(format!("{} {sign} {}", self.int(1, scope), self.int(1, scope)))
                }
                3 => self.element(Ty::Node, 1, scope).map(|node| {
                    let sign = if self.random.chance(6) { "\\in" } else { "\\notin" };
                    format!("{node} {sign} {}", self.nodes(depth.min(1), scope))
                }),
                4 => self.element(Ty::Val, 1, scope).map(|value| {
                    let sign = if self.random.chance(6) { "\\in" } else { "\\notin" };
                    format!("{value} {sign} {}", self.vals(depth.min(1), scope))
                }),
                5 => {
                    let ty = if self.random.chance(5) { Ty::Node } else { Ty::Val };
                    let sign = if self.random.chance(6) { "=" } else { "#" };
                    let a = self.element(ty, 1, scope);
                    let b = self.element(ty, 0, scope);
                    a.zip(b).map(|(a, b)| format!("{a} {sign} {b}"))
                }
                6 => Some(format!("{} \\in {}", self.int(0, scope), self.ints(depth, scope))),
                7 => Some(format!("{} \\subseteq {}", self.nodes(depth, scope), self.nodes(0, scope))),
                8 => Some(format!("{} \\subseteq {}", self.vals(depth, scope), self.vals(0, scope))),
                9 => {
                    let operator = self.random.pick(&self.operators.clone()).cloned();
                    operator
                        .zip(self.name(Ty::Node, scope))
                        .map(|(operator, node)| format!("{operator}({node})"))
                }
                10 => self.name(Ty::Msgs, scope).and_then(|msgs| {
                    let (num, node) = (self.int(0, scope), self.element(Ty::Node, 0, scope)?);
                    Some(format!("[type |-> \"a\", src |-> {node}, num |-> {num}] \\in {msgs}"))
                }),
                _ => Some(format!("{} = {}", self.nodes(depth, scope), self.nodes(0, scope))),
            };
            if let Some(found) = found {
                return found;
            }
        }
        "k >= 0".to_owned()
    }

    /// A formula that quantifies over one thing.
    fn quantified(&mut self, depth: usize, scope: &[Name]) -> String {
        let sign = if self.random.chance(7) { "\\A" } else { "\\E" };
        let x = self.fresh();
        let has = |ty: Ty| scope.iter().find(|(_, own)| *own == ty).map(|(name, _)| name.clone());
        let (guard, ty, set) = match self.random.below(9) {
            0 | 1 if has(Ty::Msgs).is_some() => {
                let msgs = has(Ty::Msgs).unwrap_or_default();
                (Some(format!("{x}.type = \"a\"")), Ty::A, msgs)
            }
            2 | 3 if has(Ty::Msgs).is_some() => {
                let msgs = has(Ty::Msgs).unwrap_or_default();
                (Some(format!("{x}.type = \"b\"")), Ty::B, msgs)
            }
            4 if has(Ty::Seq).is_some() => {
                let q = has(Ty::Seq).unwrap_or_default();
                let inner = with(scope, &x, Ty::Int);
                let item = format!("{q}[{x}]");
                let body = self.body(depth, &with(&inner, &item, Ty::Val));
                return format!("({sign} {x} \\in 1..Len({q}) : {body})");
            }
            5 if has(Ty::Ints).is_some() => (None, Ty::Int, has(Ty::Ints).unwrap_or_default()),
            6 => (None, Ty::Val, self.vals(0, scope)),
            7 => (None, Ty::Nodes, "Q".to_owned()),
            8 if self.random.chance(5) => (None, Ty::Int, "Nat".to_owned()),
            _ => (None, Ty::Node, self.nodes(0, scope)),
        };
        let body = self.body(depth, &with(scope, &x, ty));
        let body = match (guard, sign) {
            (Some(guard), "\\A") => format!("{guard} => {body}"),
            (Some(guard), _) => format!("{guard} /\\ {body}"),
            (None, _) => body,
        };
        format!("({sign} {x} \\in {set} : {body})")
    }

    fn body(&mut self, depth: usize, scope: &[Name]) -> String {
        match self.random.below(6) {
            0 | 1 if depth > 0 => self.quantified(depth - 1, scope),
            2 => format!("({} => {})", self.atom(1, scope), self.atom(1, scope)),
            3 => format!("({} \\/ {})", self.atom(1, scope), self.atom(1, scope)),
            _ => format!("({})", self.atom(1, scope)),
        }
    }

    fn formula(&mut self, depth: usize, scope: &[Name]) -> String {
        match self.random.below(8) {
            0 if depth > 0 => {
                format!("({} => {})", self.formula(depth - 1, scope), self.formula(depth - 1, scope))
            }
            1 if depth > 0 => {
                format!("({} \\/ {})", self.formula(depth - 1, scope), self.formula(depth - 1, scope))
            }
            2 if depth > 0 => {
                format!("({} /\\ {})", self.formula(depth - 1, scope), self.formula(depth - 1, scope))
            }
            3 => format!("({})", self.atom(1, scope)),
            _ => self.quantified(depth.min(1), scope),
        }
    }

    /// A conjunct of the invariant. Some are of kinds that actions tend to keep.
    fn invariant(&mut self, scope: &[Name]) -> String {
        if self.random.chance(3) {
            return self.formula(2, scope);
        }
        let premise = self.random.chance(3).then(|| format!("{} => ", self.atom(0, scope)));
        let quantified = self.quantified(1, scope);
        match premise {
            Some(premise) => format!("({premise}{quantified})"),
            None => quantified,
        }
    }

    fn lemma(&mut self, scope: &[Name]) -> String {
        match self.random.below(4) {
            0 => format!("Inv => {}", self.formula(2, scope)),
            1 => format!("TypeOK /\\ {} => {}", self.formula(1, scope), self.formula(1, scope)),
            2 => {
                let x = self.fresh();
                let inner = with(&[("k".to_owned(), Ty::Int)], &x, Ty::Nodes);
                format!("\\A {x} \\in SUBSET N : {}", self.formula(2, &inner))
            }
            _ => {
                let (x, y) = (self.fresh(), self.fresh());
                let inner = with(&with(&[("k".to_owned(), Ty::Int)], &x, Ty::Int), &y, Ty::Nodes);
                format!("\\A {x} \\in Nat, {y} \\in Q : {}", self.formula(2, &inner))
            }
        }
    }

    fn action(&mut self, variables: &[&Variable], scope: &[Name]) -> String {
        let x = self.fresh();
        let msgs = scope.iter().any(|(_, ty)| *ty == Ty::Msgs);
        let (head, inner) = match self.random.below(if msgs { 6 } else { 4 }) {
            0 | 1 => (format!("\\E {x} \\in N :"), with(scope, &x, Ty::Node)),
            2 => {
                let y = self.fresh();
                let inner = with(&with(scope, &x, Ty::Node), &y, Ty::Val);
                (format!("\\E {x} \\in N, {y} \\in V :"), inner)
            }
            3 => {
                let y = self.fresh();
                let inner = with(&with(scope, &x, Ty::Nodes), &y, Ty::Val);
                (format!("\\E {x} \\in Q, {y} \\in V :"), inner)
            }
            4 => (format!("\\E {x} \\in msgs : {x}.type = \"a\" /\\"), with(scope, &x, Ty::A)),
            _ => (format!("\\E {x} \\in msgs : {x}.type = \"b\" /\\"), with(scope, &x, Ty::B)),
        };
        let mut lines = Vec::new();
        for _ in 0..=self.random.below(2) {
            let guard = if self.random.chance(6) { self.atom(1, &inner) } else { self.quantified(0, &inner) };
            lines.push(guard);
        }
        let mut kept = Vec::new();
        for variable in variables {
            if self.random.chance(4) {
                kept.push(variable.name);
            } else {
                let value = self.next_value(variable, &inner);
                lines.push(format!("{}' = {value}", variable.name));
            }
        }
        if !kept.is_empty() {
            lines.push(format!("UNCHANGED <<{}>>", kept.join(", ")));
        }
        let lines: Vec<String> = lines.into_iter().map(|line| format!("    /\\ {line}")).collect();
        format!("  {head}\n{}", lines.join("\n"))
    }

    fn next_value(&mut self, variable: &Variable, scope: &[Name]) -> String {
        let own = variable.name;
        let node = self.element(Ty::Node, 0, scope);
        let value = self.element(Ty::Val, 0, scope);
        match variable.ty {
            Ty::Int => match self.random.below(3) {
                0 => format!("{own} + 1"),
                1 => format!("IF {} THEN {} ELSE {own}", self.atom(0, scope), self.int(0, scope)),
                _ => self.int(1, scope),
            },
            Ty::Nodes => match (node, self.random.below(5)) {
                (Some(node), 0 | 1) => format!("{own} \\cup {{{node}}}"),
                (Some(node), 2) => format!("{own} \\ {{{node}}}"),
                _ => self.nodes(1, scope),
            },
            Ty::Vals => match (value, self.random.below(4)) {
                (Some(value), 0 | 1) => format!("{own} \\cup {{{value}}}"),
                (Some(value), 2) => format!("{own} \\ {{{value}}}"),
                _ => self.vals(1, scope),
            },
            Ty::Ints => match self.random.below(4) {
                0 | 1 => format!("{own} \\cup {{{}}}", self.int(1, scope)),
                2 => {
                    let x = self.fresh();
                    format!("{{{x} \\in {own} : {}}}", self.atom(0, &with(scope, &x, Ty::Int)))
                }
                _ => format!("{own} \\ {{{}}}", self.int(0, scope)),
            },
            Ty::ToInt => match (node, self.random.below(4)) {
                (Some(node), 0 | 1) => format!("[{own} EXCEPT ![{node}] = {}]", self.int(1, scope)),
                (Some(node), 2) => format!("[{own} EXCEPT ![{node}] = @ + 1]"),
                _ => {
                    let x = self.fresh();
                    format!("[{x} \\in N |-> {}]", self.int(1, &with(scope, &x, Ty::Node)))
                }
            },
            Ty::ToVal => match (node, value) {
                (Some(node), Some(value)) => format!("[{own} EXCEPT ![{node}] = {value}]"),
                (_, Some(value)) => {
                    let x = self.fresh();
                    let condition = self.atom(0, &with(scope, &x, Ty::Node));
                    format!("[{x} \\in N |-> IF {condition} THEN {value} ELSE {own}[{x}]]")
                }
                _ => own.to_owned(),
            },
            Ty::ToVals => match (node, value) {
                (Some(node), Some(value)) if self.random.chance(6) => {
                    format!("[{own} EXCEPT ![{node}] = @ \\cup {{{value}}}]")
                }
                (Some(node), _) => format!("[{own} EXCEPT ![{node}] = {}]", self.vals(1, scope)),
                _ => {
                    let x = self.fresh();
                    format!("[{x} \\in N |-> {}]", self.vals(1, &with(scope, &x, Ty::Node)))
                }
            },
            Ty::Seq => match (value, self.random.below(5)) {
                (Some(value), 0..=2) => format!("Append({own}, {value})"),
                (_, 3) => format!("SubSeq({own}, 1, {})", self.int(0, scope)),
                _ => format!("IF {own} = <<>> THEN {own} ELSE Tail({own})"),
            },
            Ty::Msgs => match (node, value, self.random.below(5)) {
                (Some(node), _, 0 | 1) => {
                    let num = self.int(1, scope);
                    format!("{own} \\cup {{[type |-> \"a\", src |-> {node}, num |-> {num}]}}")
                }
                (_, Some(value), 0..=3) => {
                    let num = self.int(1, scope);
                    format!("{own} \\cup {{[type |-> \"b\", num |-> {num}, val |-> {value}]}}")
                }
                _ => {
                    let x = self.fresh();
                    format!("{{{x} \\in {own} : {x}.num =< {}}}", self.int(0, scope))
                }
            },
            Ty::Node | Ty::Val | Ty::A | Ty::B => own.to_owned(),
        }
    }
}

/// The scope with one more name.
fn with(scope: &[Name], name: &str, ty: Ty) -> Vec<Name> {
    scope.iter().cloned().chain([(name.to_owned(), ty)]).collect()
}
