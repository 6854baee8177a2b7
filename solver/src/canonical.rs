//! The key of a question: a hash of all that an answer may depend on, and of nothing else.
//!
//! Invariants: two conditions have one text exactly if the solver is given the same thing but for names, so sorts,
//! symbols and variables are numbered in the order in which they are met, and what is declared but not used leaves no
//! trace; each part of the text says what it is and how many parts follow, so that no two conditions share one. The
//! key also covers the stages with their budgets, the seed, the build of the solver, and the sources of its encoding.
//! Wall time and memory are not part of it: they decide only whether there is an answer to keep.

use std::collections::BTreeMap;
use std::env::consts::{ARCH, OS};
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use vcgen::vc::{ArithOp, Quant, Stage, SymbolId, Term, VarId, Vc, VcSort, VcSortId};

use crate::z3::{LINKED, z3_version};

/// Changes with the sources that put a condition into the solver's terms.
pub const ENCODING: &str = env!("PAXPROVE_ENCODING");

/// What a question is known by: 32 bytes, written as 64 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Key([u8; 32]);

impl Key {
    /// The key of a condition with its stages, for this solver with this seed.
    pub fn of(vc: &Vc, seed: u32) -> Self {
        let mut hasher = blake3::Hasher::new();
        for part in [&solver_build(), ENCODING] {
            hasher.update(&length(part.len()));
            hasher.update(part.as_bytes());
        }
        hasher.update(&seed.to_le_bytes());
        let mut text = Writer {
            vc,
            bytes: Vec::new(),
            sorts: Numbers::new(),
            symbols: Numbers::new(),
            scope: Vec::new(),
        };
        text.condition();
        text.stages();
        hasher.update(&text.bytes);
        Self(*hasher.finalize().as_bytes())
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// The solver, as exactly as it can be told: costs and answers are those of one build, for one kind of machine.
pub fn solver_build() -> String {
    format!("Z3 {} ({LINKED}, {ARCH}-{OS})", z3_version())
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&blake3::Hash::from_bytes(self.0).to_hex())
    }
}

impl From<Key> for String {
    fn from(key: Key) -> Self {
        key.to_string()
    }
}

impl FromStr for Key {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // One spelling only: a key is also the name of a file.
        let hash = blake3::Hash::from_hex(text).map_err(|error| format!("not a key: {error}"))?;
        let key = Self(*hash.as_bytes());
        if key.to_string() == text { Ok(key) } else { Err("not a key: digits are lower case".to_owned()) }
    }
}

impl TryFrom<String> for Key {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

type Numbers<I> = BTreeMap<I, u32>;

/// Writes the text. Every method writes a tag first.
struct Writer<'a> {
    vc: &'a Vc,
    bytes: Vec<u8>,
    sorts: Numbers<VcSortId>,
    symbols: Numbers<SymbolId>,
    /// Bound variables, innermost last.
    scope: Vec<VarId>,
}

impl Writer<'_> {
    fn condition(&mut self) {
        self.count(b'C', self.vc.hypotheses.len());
        for hypothesis in &self.vc.hypotheses {
            self.bytes.push(hypothesis.tier);
            self.term(&hypothesis.formula);
        }
        match &self.vc.goal {
            Some(goal) => {
                self.bytes.push(b'G');
                self.term(goal);
            }
            None => self.bytes.push(b'-'),
        }
    }

    fn stages(&mut self) {
        self.count(b'S', self.vc.stages.len());
        for Stage { tier, rlimit, mbqi } in &self.vc.stages {
            self.bytes.push(*tier);
            self.bytes.extend(rlimit.to_le_bytes());
            self.bytes.push(u8::from(*mbqi));
        }
    }

    fn count(&mut self, tag: u8, count: usize) {
        self.bytes.push(tag);
        self.bytes.extend(length(count));
    }

    fn sort(&mut self, sort: VcSort) {
        match sort {
            VcSort::Bool => self.bytes.push(b'b'),
            VcSort::Int => self.bytes.push(b'i'),
            VcSort::Uninterpreted(id) => {
                let next = number(self.sorts.len());
                let number = *self.sorts.entry(id).or_insert(next);
                self.bytes.push(b'u');
                self.bytes.extend(number.to_le_bytes());
            }
        }
    }

    fn symbol(&mut self, id: SymbolId) {
        let next = number(self.symbols.len());
        let known = *self.symbols.entry(id).or_insert(next);
        self.bytes.push(b'f');
        self.bytes.extend(known.to_le_bytes());
        if known == next {
            // Met for the first time: what it is applied to, and what it yields.
            let symbol = &self.vc.symbols[id];
            self.count(b'(', symbol.args.len());
            for sort in &symbol.args {
                self.sort(*sort);
            }
            self.sort(symbol.result);
        }
    }

    fn terms(&mut self, tag: u8, terms: &[Term]) {
        self.count(tag, terms.len());
        for term in terms {
            self.term(term);
        }
    }

    fn pair(&mut self, tag: u8, left: &Term, right: &Term) {
        self.bytes.push(tag);
        self.term(left);
        self.term(right);
    }

    fn term(&mut self, term: &Term) {
        match term {
            Term::Bool(value) => self.bytes.push(if *value { b'T' } else { b'F' }),
            Term::Int(value) => {
                self.bytes.push(b'#');
                self.bytes.extend(value.to_le_bytes());
            }
            Term::Var(id) => match self.scope.iter().rposition(|bound| bound == id) {
                Some(level) => self.count(b'v', level),
                // Bound by nobody: the solver refuses it, under whatever name.
                None => self.count(b'?', lang::ids::Id::index(*id)),
            },
            Term::App(symbol, args) => {
                self.symbol(*symbol);
                self.terms(b'a', args);
            }
            Term::Not(inner) => {
                self.bytes.push(b'!');
                self.term(inner);
            }
            Term::And(parts) => self.terms(b'&', parts),
            Term::Or(parts) => self.terms(b'|', parts),
            Term::Implies(left, right) => self.pair(b'>', left, right),
            Term::Eq(left, right) => self.pair(b'=', left, right),
            Term::Distinct(parts) => self.terms(b'd', parts),
            Term::Ite(condition, then, otherwise) => {
                self.bytes.push(b'c');
                self.term(condition);
                self.term(then);
                self.term(otherwise);
            }
            Term::Arith(op, left, right) => {
                let tag = match op {
                    ArithOp::Add => b'+',
                    ArithOp::Sub => b'-',
                    ArithOp::Mul => b'*',
                    ArithOp::Div => b'/',
                    ArithOp::Mod => b'%',
                };
                self.pair(tag, left, right);
            }
            Term::Lt(left, right) => self.pair(b'<', left, right),
            Term::Le(left, right) => self.pair(b'l', left, right),
            Term::Quant(quant) => self.quant(quant),
        }
    }

    fn quant(&mut self, quant: &Quant) {
        let Quant { forall, vars, triggers, body, name: _ } = quant;
        self.count(if *forall { b'A' } else { b'E' }, vars.len());
        let outer = self.scope.len();
        for (id, sort) in vars {
            self.sort(*sort);
            self.scope.push(*id);
        }
        self.count(b't', triggers.len());
        for trigger in triggers {
            self.terms(b'p', trigger);
        }
        self.term(body);
        self.scope.truncate(outer);
    }
}

fn length(count: usize) -> [u8; 8] {
    (count as u64).to_le_bytes()
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use lang::ids::IdVec;
    use vcgen::vc::{Labelled, Symbol};

    /// `\A x \in Int : p(x)` with names, and with a symbol that nothing uses.
    fn condition(name: &str, has_more: bool) -> Vc {
        let mut symbols = IdVec::new();
        if has_more {
            symbols.push(Symbol { name: "unused".to_owned(), args: Vec::new(), result: VcSort::Int });
        }
        let p = symbols.push(Symbol { name: name.to_owned(), args: vec![VcSort::Int], result: VcSort::Bool });
        let x: VarId = lang::ids::Id::from_index(usize::from(has_more));
        let applied = Term::App(p, vec![Term::Var(x)]);
        let body = Quant {
            forall: true,
            vars: vec![(x, VcSort::Int)],
            triggers: vec![vec![applied.clone()]],
            body: applied,
            name: format!("about {name}"),
        };
        let formula = Term::Quant(Box::new(body));
        Vc {
            symbols,
            hypotheses: vec![Labelled { label: format!("label {name}"), tier: 0, formula }],
            stages: vec![Stage { tier: 0, rlimit: 10, mbqi: false }],
            ..Vc::default()
        }
    }

    #[test]
    fn names_and_what_is_not_used_do_not_count() {
        assert_eq!(Key::of(&condition("p", false), 0), Key::of(&condition("q", true), 0));
    }

    #[test]
    fn all_else_counts() {
        let usual = condition("p", false);
        let key = Key::of(&usual, 0);
        assert_ne!(Key::of(&usual, 1), key);
        let changes: [fn(&mut Vc); 8] = [
            |vc| vc.stages[0].rlimit = 11,
            |vc| vc.stages[0].mbqi = true,
            |vc| vc.stages[0].tier = 1,
            |vc| vc.hypotheses[0].tier = 1,
            |vc| vc.goal = Some(Term::Bool(false)),
            |vc| vc.symbols[lang::ids::Id::from_index(0)].result = VcSort::Int,
            |vc| {
                let Term::Quant(quant) = &mut vc.hypotheses[0].formula else { unreachable!() };
                quant.triggers.clear();
            },
            |vc| {
                let Term::Quant(quant) = &mut vc.hypotheses[0].formula else { unreachable!() };
                quant.forall = false;
            },
        ];
        for (position, change) in changes.into_iter().enumerate() {
            let mut other = usual.clone();
            change(&mut other);
            assert_ne!(Key::of(&other, 0), key, "change {position}");
        }
    }

    #[test]
    fn a_key_is_read_back_and_has_one_spelling() {
        let key = Key::of(&condition("p", false), 0);
        assert_eq!(key.to_string().parse(), Ok(key));
        assert!(key.to_string().to_uppercase().parse::<Key>().is_err());
        assert!("12".parse::<Key>().is_err());
    }
}
