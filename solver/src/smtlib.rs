//! A stage of a condition as SMT-LIB 2.6 text, for any solver to check.
//!
//! Invariant: a sort or symbol of the condition is printed with a leading `$`, a label with `%`, a quantifier's name
//! with `&` and a variable as `?v0`, so that nothing can be taken for a word of SMT-LIB or of a solver, and names
//! that differ stay different.

use std::collections::BTreeSet;

use lang::ids::Id;
use vcgen::vc::{ArithOp, Quant, Stage, Term, VarId, Vc, VcSort};

/// The text of what `stage` asserts: hypotheses up to its tier and the negated goal. `unsat` means proved.
///
/// What is not in the standard, such as the stage's budget and tactics, stands in comments. A condition that breaks
/// the invariants of [`Vc`] gives a text that solvers refuse, never one with another meaning.
pub fn print(vc: &Vc, stage: &Stage) -> String {
    let mut sort_names = Names::new('$');
    let mut symbol_names = Names::new('$');
    let mut labels = Names::new('%');
    let mut printer = Printer {
        sorts: vc.sorts.iter().map(|name| sort_names.fresh(name)).collect(),
        symbols: vc.symbols.iter().map(|symbol| symbol_names.fresh(&symbol.name)).collect(),
        quants: Names::new('&'),
        scope: Vec::new(),
        n_vars: 0,
        out: String::new(),
    };
    printer.header(vc, stage);
    for hypothesis in vc.hypotheses.iter().filter(|hypothesis| hypothesis.tier <= stage.tier) {
        printer.out.push_str("(assert (! ");
        printer.term(&hypothesis.formula);
        printer.out.push_str(" :named ");
        printer.out.push_str(&labels.fresh(&hypothesis.label));
        printer.out.push_str("))\n");
    }
    if let Some(goal) = &vc.goal {
        printer.out.push_str("; the negated goal\n(assert (not ");
        printer.term(goal);
        printer.out.push_str("))\n");
    }
    printer.out.push_str("(check-sat)\n");
    printer.out
}

/// Hands out names that are fit for SMT-LIB and differ from each other.
struct Names {
    mark: char,
    taken: BTreeSet<String>,
}

impl Names {
    fn new(mark: char) -> Self {
        Self { mark, taken: BTreeSet::new() }
    }

    fn fresh(&mut self, name: &str) -> String {
        let mut text = String::from(self.mark);
        for character in name.chars() {
            if matches!(character, ' '..='~') && !matches!(character, '|' | '\\') {
                text.push(character);
            } else {
                text.extend(["{", &format!("{:x}", u32::from(character)), "}"]);
            }
        }
        let mut candidate = text.clone();
        let mut n_tries = 0;
        while !self.taken.insert(candidate.clone()) {
            n_tries += 1;
            candidate = format!("{text}~{n_tries}");
        }
        let is_simple = |c: char| c.is_ascii_alphanumeric() || "~!@$%^&*_-+=<>.?/".contains(c);
        if candidate.chars().all(is_simple) { candidate } else { format!("|{candidate}|") }
    }
}

struct Printer {
    sorts: Vec<String>,
    symbols: Vec<String>,
    quants: Names,
    /// Bound variables, innermost last, with the number in their printed names.
    scope: Vec<(VarId, usize)>,
    n_vars: usize,
    out: String,
}

impl Printer {
    fn header(&mut self, vc: &Vc, stage: &Stage) {
        let Stage { tier, rlimit, mbqi } = stage;
        self.line(&format!(
            "; hypotheses up to tier {tier}; for Z3: auto_config=false smt.case_split=3 smt.mbqi={mbqi} rlimit={rlimit}"
        ));
        self.line("(set-info :smt-lib-version 2.6)");
        self.line("(set-logic ALL)");
        for index in 0..self.sorts.len() {
            let text = format!("(declare-sort {} 0)", self.sorts[index]);
            self.line(&text);
        }
        for (index, symbol) in vc.symbols.iter().enumerate() {
            let args: Vec<&str> = symbol.args.iter().map(|sort| self.sort(*sort)).collect();
            let result = self.sort(symbol.result);
            let text = format!("(declare-fun {} ({}) {result})", self.symbols[index], args.join(" "));
            self.line(&text);
        }
    }

    fn line(&mut self, text: &str) {
        self.out.push_str(text);
        self.out.push('\n');
    }

    fn sort(&self, sort: VcSort) -> &str {
        match sort {
            VcSort::Bool => "Bool",
            VcSort::Int => "Int",
            VcSort::Uninterpreted(id) => self.sorts.get(id.index()).map_or("<undeclared>", String::as_str),
        }
    }

    fn number(&mut self, number: i128) {
        if number < 0 {
            self.out.extend(["(- ", &number.unsigned_abs().to_string(), ")"]);
        } else {
            self.out.push_str(&number.to_string());
        }
    }

    fn list<'t>(&mut self, head: &str, terms: impl IntoIterator<Item = &'t Term>) {
        self.out.push('(');
        self.out.push_str(head);
        for term in terms {
            self.out.push(' ');
            self.term(term);
        }
        self.out.push(')');
    }

    /// A connective, where none and one operand need no connective.
    fn junction(&mut self, head: &str, unit: &str, operands: &[Term]) {
        match operands {
            [] => self.out.push_str(unit),
            [operand] => self.term(operand),
            _ => self.list(head, operands),
        }
    }

    fn term(&mut self, term: &Term) {
        match term {
            Term::Bool(value) => self.out.push_str(if *value { "true" } else { "false" }),
            Term::Int(value) => self.number(*value),
            Term::Var(var) => {
                let number =
                    self.scope.iter().rev().find(|(bound, _)| bound == var).map(|(_, number)| number);
                let text = number.map_or("<unbound>".to_owned(), |number| format!("?v{number}"));
                self.out.push_str(&text);
            }
            Term::App(symbol, args) => {
                let name = self.symbols.get(symbol.index()).map_or("<undeclared>", String::as_str).to_owned();
                if args.is_empty() {
                    self.out.push_str(&name);
                } else {
                    self.list(&name, args);
                }
            }
            Term::Not(operand) => self.list("not", [&**operand]),
            Term::And(operands) => self.junction("and", "true", operands),
            Term::Or(operands) => self.junction("or", "false", operands),
            Term::Implies(left, right) => self.list("=>", [&**left, &**right]),
            Term::Eq(left, right) => self.list("=", [&**left, &**right]),
            Term::Distinct(terms) if terms.len() < 2 => self.out.push_str("true"),
            Term::Distinct(terms) => self.list("distinct", terms),
            Term::Ite(condition, then, otherwise) => self.list("ite", [&**condition, &**then, &**otherwise]),
            Term::Arith(op, left, right) => {
                let head = match op {
                    ArithOp::Add => "+",
                    ArithOp::Sub => "-",
                    ArithOp::Mul => "*",
                    ArithOp::Div => "div",
                    ArithOp::Mod => "mod",
                };
                self.list(head, [&**left, &**right]);
            }
            Term::Lt(left, right) => self.list("<", [&**left, &**right]),
            Term::Le(left, right) => self.list("<=", [&**left, &**right]),
            Term::Quant(quant) => self.quantifier(quant),
        }
    }

    fn quantifier(&mut self, quant: &Quant) {
        let n_outer = self.scope.len();
        let name = (!quant.name.is_empty()).then(|| self.quants.fresh(&quant.name));
        self.out.push_str(if quant.forall { "(forall (" } else { "(exists (" });
        for (place, (var, sort)) in quant.vars.iter().enumerate() {
            let text =
                format!("{}(?v{} {})", if place == 0 { "" } else { " " }, self.n_vars, self.sort(*sort));
            self.out.push_str(&text);
            self.scope.push((*var, self.n_vars));
            self.n_vars += 1;
        }
        self.out.push_str(") ");
        let annotated = !quant.triggers.is_empty() || name.is_some();
        if annotated {
            self.out.push_str("(! ");
        }
        self.term(&quant.body);
        for trigger in &quant.triggers {
            self.out.push_str(" :pattern (");
            for (place, term) in trigger.iter().enumerate() {
                self.out.push_str(if place == 0 { "" } else { " " });
                self.term(term);
            }
            self.out.push(')');
        }
        if let Some(name) = name {
            self.out.extend([" :qid ", &name]);
        }
        if annotated {
            self.out.push(')');
        }
        self.out.push(')');
        self.scope.truncate(n_outer);
    }
}
