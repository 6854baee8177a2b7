//! Trees as TLA+ text: [`module`] and [`expr`].
//!
//! Invariant: for a tree that the parser made from a text without mistakes, parsing the printed text gives the same
//! tree up to spans.
//! Operators come out in canonical ASCII spelling, and junction lists aligned.

use crate::ast::{
    AssumeProve, Assumption, Bound, Citations, Cited, ExceptStep, Expr, ExprKind, Instance, Module, Name,
    Param, PathStep, Pattern, ProofKind, ProofStep, ProofStepKind, Selector, Statement, Unit, UnitKind, Use,
};

/// Deeper proofs are not indented further.
const MAX_INDENT: usize = 40;

/// A module, from `---- MODULE` to `====`.
pub fn module(module: &Module) -> String {
    let mut printer = Printer::default();
    printer.put(&format!("---- MODULE {} ----\n", module.name.text));
    if !module.extends.is_empty() {
        printer.put("EXTENDS ");
        printer.names(&module.extends);
        printer.put("\n");
    }
    for unit in &module.units {
        printer.unit(unit);
        printer.put("\n");
        printer.in_list = false;
    }
    printer.put("====\n");
    printer.out
}

/// An expression; lists in it are aligned as if its first character stood at the start of a line.
pub fn expr(expr: &Expr) -> String {
    let mut printer = Printer::default();
    printer.expr(expr);
    printer.out
}

/// Whether a name is one, and not the symbol of an operator.
fn is_word(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '_')
        && !matches!(name, "SUBSET" | "UNION" | "DOMAIN" | "UNCHANGED" | "ENABLED")
}

fn is_postfix(symbol: &str) -> bool {
    symbol == "'" || symbol.starts_with('^') && matches!(symbol, "^+" | "^*" | "^#")
}

#[derive(Default)]
struct Printer {
    out: String,
    /// In characters, from 0.
    column: usize,
    /// The first column that lies to the right of the bullets of all lists around.
    margin: usize,
    /// Where the steps of the proof at hand begin.
    indent: usize,
    /// Whether the text ends with the name of an operator, with which signs could become another token.
    after_symbol: bool,
    /// Whether the text ends within a list that its next token must leave.
    in_list: bool,
}

impl Printer {
    fn put(&mut self, text: &str) {
        let joins = |first: char| !first.is_ascii_alphanumeric() && !" \n(),]}".contains(first);
        if std::mem::take(&mut self.after_symbol) && text.starts_with(joins) {
            self.out.push(' ');
            self.column += 1;
        }
        if text.starts_with('*') && self.out.ends_with('(') {
            // `F( *(a, b))`: together they would begin a comment.
            self.out.push(' ');
            self.column += 1;
        }
        self.out.push_str(text);
        match text.rfind('\n') {
            Some(newline) => self.column = text[newline + 1..].chars().count(),
            None => self.column += text.chars().count(),
        }
    }

    fn line(&mut self, column: usize) {
        self.put("\n");
        self.put(&" ".repeat(column));
    }

    /// A token that may not be taken for a part of the last item of a list before it.
    fn leave_list(&mut self) {
        if std::mem::take(&mut self.in_list) {
            self.line(self.margin);
        }
    }

    /// A token that ends all lists within its construct.
    fn close(&mut self, text: &str) {
        self.in_list = false;
        self.put(text);
    }

    fn separated<T>(&mut self, items: &[T], mut print: impl FnMut(&mut Self, &T)) {
        for (at, item) in items.iter().enumerate() {
            if at > 0 {
                self.close(", ");
            }
            print(self, item);
        }
    }

    fn names(&mut self, names: &[Name]) {
        self.separated(names, |printer, name| printer.put(&name.text));
    }

    fn exprs(&mut self, exprs: &[Expr]) {
        self.separated(exprs, Self::expr);
    }

    // Declarations.

    fn unit(&mut self, unit: &Unit) {
        if unit.local {
            self.put("LOCAL ");
        }
        match &unit.kind {
            UnitKind::Constants(constants) => {
                self.put("CONSTANTS ");
                self.separated(constants, |printer, constant| {
                    printer.operator(&constant.name, constant.arity);
                });
            }
            UnitKind::Variables(variables) => {
                self.put("VARIABLES ");
                self.names(variables);
            }
            UnitKind::Assume(assume) => {
                self.put(if assume.axiom { "AXIOM " } else { "ASSUME " });
                self.title(assume.name.as_ref());
                self.expr(&assume.body);
            }
            UnitKind::Operator(definition) => {
                self.head(&definition.name, &definition.params);
                self.expr(&definition.body);
            }
            UnitKind::Function(definition) => {
                self.put(&definition.name.text);
                self.put("[");
                self.bounds(&definition.bounds);
                self.close("] == ");
                self.expr(&definition.body);
            }
            UnitKind::Theorem(theorem) => {
                self.put(&theorem.keyword);
                self.put(" ");
                self.title(theorem.name.as_ref());
                self.statement(&theorem.statement);
                self.in_list = false;
                self.proof(&theorem.proof.kind);
            }
            UnitKind::Recursive(operators) => {
                self.put("RECURSIVE ");
                self.separated(operators, |printer, Param { name, arity }| printer.operator(name, *arity));
            }
            UnitKind::Instance(instance) => self.instance(instance),
            UnitKind::InstanceDef(definition) => {
                self.head(&definition.name, &definition.params);
                self.instance(&definition.instance);
            }
            UnitKind::Module(inner) => {
                let text = module(inner);
                self.put(&text);
            }
            UnitKind::Use(citing) => self.citing(citing),
        }
    }

    /// Definitions, one below the other.
    fn definitions(&mut self, definitions: &[Unit]) {
        let column = self.column;
        for (at, definition) in definitions.iter().enumerate() {
            if at > 0 {
                self.in_list = false;
                self.line(column);
            }
            self.unit(definition);
        }
    }

    fn title(&mut self, name: Option<&Name>) {
        if let Some(name) = name {
            self.put(&name.text);
            self.put(" == ");
        }
    }

    /// `Op(x) ==`, `a ++ b ==`, ...
    fn head(&mut self, name: &Name, params: &[Param]) {
        let symbol = &name.text;
        match params {
            [left, right] if !is_word(symbol) => {
                self.put(&format!("{} {symbol} {}", left.name.text, right.name.text));
            }
            [operand] if is_postfix(symbol) => self.put(&format!("{} {symbol}", operand.name.text)),
            [operand] if !is_word(symbol) => self.put(&format!("{symbol} {}", operand.name.text)),
            [] => self.put(symbol),
            params => {
                self.put(symbol);
                self.put("(");
                self.separated(params, |printer, Param { name, arity }| printer.operator(name, *arity));
                self.put(")");
            }
        }
        self.put(" == ");
    }

    /// `f`, `Op(_, _)` or `_ ++ _`.
    fn operator(&mut self, name: &Name, arity: usize) {
        let symbol = &name.text;
        if !is_word(symbol) {
            match arity {
                1 if is_postfix(symbol) => self.put(&format!("_ {symbol}")),
                1 => self.put(&format!("{symbol} _")),
                _ => self.put(&format!("_ {symbol} _")),
            }
            return;
        }
        self.put(symbol);
        if arity > 0 {
            self.put("(");
            self.separated(&vec!["_"; arity], |printer, hole| printer.put(hole));
            self.put(")");
        }
    }

    fn assumption(&mut self, assumption: &Assumption) {
        match assumption {
            Assumption::Formula(formula) => self.expr(formula),
            Assumption::Sequent(sequent) => self.sequent(sequent),
            Assumption::New { level, name, arity, domain } => {
                self.put("NEW ");
                if let Some(level) = level {
                    self.put(level);
                    self.put(" ");
                }
                self.operator(name, *arity);
                if let Some(domain) = domain {
                    self.put(" \\in ");
                    self.expr(domain);
                }
            }
        }
    }

    fn proof(&mut self, proof: &ProofKind) {
        let column = self.indent + 2;
        match proof {
            ProofKind::None => {}
            ProofKind::Obvious => {
                self.line(column);
                self.put("OBVIOUS");
            }
            ProofKind::Omitted => {
                self.line(column);
                self.put("OMITTED");
            }
            ProofKind::By(citations) => {
                self.line(column);
                self.put("BY ");
                self.citations(citations);
            }
            ProofKind::Structured(steps) => {
                // `<*>` is a level deeper only behind the word.
                self.line(column);
                self.put("PROOF");
                let indent = std::mem::replace(&mut self.indent, column.min(MAX_INDENT));
                self.steps(steps);
                self.indent = indent;
            }
        }
    }

    fn citations(&mut self, citations: &Citations) {
        if citations.only {
            self.put("ONLY ");
        }
        self.separated(&citations.facts, Self::cited);
        if !citations.defs.is_empty() {
            self.close(if citations.facts.is_empty() { "DEF " } else { " DEF " });
            self.separated(&citations.defs, Self::cited);
        }
    }

    fn cited(&mut self, cited: &Cited) {
        match cited {
            Cited::Expr(expr) => self.expr(expr),
            Cited::Module(name) => {
                self.put("MODULE ");
                self.put(&name.text);
            }
        }
    }

    fn steps(&mut self, steps: &[ProofStep]) {
        for step in steps {
            self.in_list = false;
            self.line(self.indent);
            self.put(&step.name.text);
            self.put(". ");
            match &step.kind {
                ProofStepKind::Assert(statement) => self.statement(statement),
                ProofStepKind::Suffices(statement) => {
                    self.put("SUFFICES ");
                    self.statement(statement);
                }
                ProofStepKind::Case(case) => {
                    self.put("CASE ");
                    self.expr(case);
                }
                ProofStepKind::Have(formula) => {
                    self.put("HAVE ");
                    self.expr(formula);
                }
                ProofStepKind::Take(bounds) => {
                    self.put("TAKE ");
                    self.bounds(bounds);
                }
                ProofStepKind::Witness(values) => {
                    self.put("WITNESS ");
                    self.exprs(values);
                }
                ProofStepKind::Pick { bounds, body } => {
                    self.put("PICK ");
                    self.bounds(bounds);
                    self.close(" : ");
                    self.expr(body);
                }
                ProofStepKind::Define(definitions) => {
                    if let [Unit { kind: UnitKind::Instance(instance), .. }] = definitions.as_slice() {
                        self.instance(instance);
                        continue;
                    }
                    self.put("DEFINE ");
                    self.definitions(definitions);
                }
                ProofStepKind::Use(citing) => self.citing(citing),
                ProofStepKind::Qed => self.put("QED"),
            }
            self.in_list = false;
            self.proof(&step.proof.kind);
        }
    }

    fn statement(&mut self, statement: &Statement) {
        match statement {
            Statement::Formula(formula) => self.expr(formula),
            Statement::AssumeProve(sequent) => self.sequent(sequent),
        }
    }

    fn sequent(&mut self, sequent: &AssumeProve) {
        if let Some(label) = &sequent.label {
            self.put(&label.text);
            self.put(":: ");
        }
        self.put(if sequent.boxed { "[]ASSUME " } else { "ASSUME " });
        self.separated(&sequent.assumptions, Self::assumption);
        self.close(if sequent.boxed { " []PROVE " } else { " PROVE " });
        self.expr(&sequent.goal);
    }

    fn citing(&mut self, citing: &Use) {
        self.put(if citing.hide { "HIDE " } else { "USE " });
        self.citations(&citing.citations);
    }

    fn instance(&mut self, instance: &Instance) {
        self.put("INSTANCE ");
        self.put(&instance.module.text);
        if !instance.substitutions.is_empty() {
            self.put(" WITH ");
            self.separated(&instance.substitutions, |printer, (name, value)| {
                printer.put(&name.text);
                printer.put(" <- ");
                printer.expr(value);
            });
        }
    }

    // Expressions.

    fn path_step(&mut self, step: &PathStep) {
        match &step.selector {
            Selector::Name(name) => {
                self.put(&name.text);
                self.after_symbol = !is_word(&name.text);
            }
            Selector::Operand(position) => self.put(&position.to_string()),
            Selector::First => self.put("<<"),
            Selector::Last => self.put(">>"),
            Selector::Body => self.put(":"),
            Selector::Inside => self.put("@"),
            Selector::Instantiate => {}
        }
        if !step.args.is_empty() {
            self.put("(");
            self.exprs(&step.args);
            self.close(")");
        }
        // `)` of the arguments has closed what they hold.
        self.in_list = false;
    }

    fn expr(&mut self, expr: &Expr) {
        match expr.kind.as_ref() {
            // Nothing can be read back as an error; a name shows the reader where it was.
            ExprKind::Error => self.put("ERROR"),
            ExprKind::Name(name) => {
                // `(+)` and `(*` are tokens of their own.
                if self.out.ends_with('(') && !is_word(&name.text) {
                    self.put(" ");
                }
                self.put(&name.text);
            }
            ExprKind::Apply { operator, args } => {
                self.put(&operator.text);
                self.put("(");
                self.exprs(args);
                self.close(")");
            }
            ExprKind::Number(digits) => self.put(digits),
            ExprKind::Str(text) => self.string(text),
            ExprKind::Path(steps) => {
                for (at, step) in steps.iter().enumerate() {
                    if at > 0 {
                        self.put("!");
                    }
                    self.path_step(step);
                }
            }
            ExprKind::Lambda { params, body } => {
                self.put("LAMBDA ");
                self.names(params);
                self.close(" : ");
                self.expr(body);
            }
            ExprKind::Label { name, params, body } => {
                self.put(&name.text);
                if !params.is_empty() {
                    self.put("(");
                    self.names(params);
                    self.put(")");
                }
                self.put(" :: ");
                self.expr(body);
            }
            ExprKind::TemporalQuantifier { universal, names, body } => {
                self.put(if *universal { "\\AA " } else { "\\EE " });
                self.names(names);
                self.close(" : ");
                self.expr(body);
            }
            ExprKind::Chain { operator, operands } => {
                for (at, operand) in operands.iter().enumerate() {
                    if at > 0 {
                        self.leave_list();
                        self.put(&format!(" {} ", operator.text));
                    }
                    self.expr(operand);
                }
            }
            ExprKind::Infix { operator, left, right } => {
                self.expr(left);
                self.leave_list();
                // `a..b` needs no space, but no operator is harmed by one.
                self.put(&format!(" {} ", operator.text));
                self.expr(right);
            }
            ExprKind::Prefix { operator, operand } => {
                let text = operator.text.as_str();
                self.put(if text == "-." { "-" } else { text });
                // `- -x` and `[] [A]_v` must not become other tokens.
                self.put(" ");
                self.expr(operand);
            }
            ExprKind::Postfix { operator, operand } => {
                self.expr(operand);
                self.leave_list();
                self.put(&operator.text);
            }
            ExprKind::Junction { conjunction, items } => self.junction(*conjunction, items),
            ExprKind::Paren(inside) => {
                self.put("(");
                self.expr(inside);
                self.close(")");
            }
            ExprKind::Quantifier { universal, bounds, body } => {
                self.put(if *universal { "\\A " } else { "\\E " });
                self.bounds(bounds);
                self.close(" : ");
                self.expr(body);
            }
            ExprKind::Choose { bound, body } => {
                self.put("CHOOSE ");
                self.bound(bound);
                self.close(" : ");
                self.expr(body);
            }
            ExprKind::SetEnum(items) => {
                self.put("{");
                self.exprs(items);
                self.close("}");
            }
            ExprKind::SetFilter { bound, body } => {
                self.put("{");
                self.bound(bound);
                self.close(" : ");
                self.expr(body);
                self.close("}");
            }
            ExprKind::SetMap { element, bounds } => {
                self.put("{");
                self.expr(element);
                self.close(" : ");
                self.bounds(bounds);
                self.close("}");
            }
            ExprKind::Function { bounds, body } => {
                self.put("[");
                self.bounds(bounds);
                self.close(" |-> ");
                self.expr(body);
                self.close("]");
            }
            ExprKind::FunctionSet { domain, range } => {
                self.put("[");
                self.expr(domain);
                self.close(" -> ");
                self.expr(range);
                self.close("]");
            }
            ExprKind::Record(fields) => self.fields(fields, " |-> "),
            ExprKind::RecordSet(fields) => self.fields(fields, " : "),
            ExprKind::Except { base, updates } => {
                self.put("[");
                self.expr(base);
                self.close(" EXCEPT ");
                self.separated(updates, |printer, update| {
                    printer.put("!");
                    for step in &update.path {
                        printer.step(step);
                    }
                    printer.put(" = ");
                    printer.expr(&update.value);
                });
                self.close("]");
            }
            ExprKind::At => self.put("@"),
            ExprKind::Index { function, args } => {
                self.expr(function);
                self.leave_list();
                self.put("[");
                self.exprs(args);
                self.close("]");
            }
            ExprKind::Field { record, field } => {
                self.expr(record);
                self.leave_list();
                // `0.1a` would begin with the number `0.1`.
                let is_digit = |letter: char| letter.is_ascii_digit();
                let joins = self.out.ends_with(is_digit) && field.text.starts_with(is_digit);
                self.put(if joins { " ." } else { "." });
                self.put(&field.text);
            }
            ExprKind::Tuple(items) => {
                self.put("<<");
                self.exprs(items);
                self.close(">>");
            }
            ExprKind::Product(factors) => {
                for (at, factor) in factors.iter().enumerate() {
                    if at > 0 {
                        self.leave_list();
                        self.put(" \\X ");
                    }
                    self.expr(factor);
                }
            }
            ExprKind::If { condition, then, otherwise } => {
                self.put("IF ");
                self.expr(condition);
                self.close(" THEN ");
                self.expr(then);
                self.close(" ELSE ");
                self.expr(otherwise);
            }
            ExprKind::Case { arms, other } => {
                self.put("CASE ");
                for (at, (guard, value)) in arms.iter().enumerate() {
                    if at > 0 {
                        self.next_arm();
                    }
                    self.expr(guard);
                    self.close(" -> ");
                    self.expr(value);
                }
                if let Some(other) = other {
                    self.next_arm();
                    self.put("OTHER -> ");
                    self.expr(other);
                }
            }
            ExprKind::Let { definitions, body } => {
                let column = self.column;
                self.put("LET ");
                self.definitions(definitions);
                self.in_list = false;
                self.line(column);
                self.put("IN ");
                self.expr(body);
            }
            ExprKind::ActionBox { angle, action, subscript } => {
                self.put(if *angle { "<<" } else { "[" });
                self.expr(action);
                self.close(if *angle { ">>_" } else { "]_" });
                self.expr(subscript);
            }
            ExprKind::Fairness { strong, subscript, action } => {
                self.put(if *strong { "SF_" } else { "WF_" });
                self.expr(subscript);
                self.put("(");
                self.expr(action);
                self.close(")");
            }
        }
    }

    /// The `[]` between two arms; a list before it may end with a `CASE` of its own.
    fn next_arm(&mut self) {
        self.leave_list();
        self.put(" [] ");
    }

    fn junction(&mut self, conjunction: bool, items: &[Expr]) {
        let column = self.column;
        let margin = std::mem::replace(&mut self.margin, column + 1);
        for (at, item) in items.iter().enumerate() {
            if at > 0 {
                self.in_list = false;
                self.line(column);
            }
            self.put(if conjunction { "/\\ " } else { "\\/ " });
            self.expr(item);
        }
        self.margin = margin;
        self.in_list = true;
    }

    fn string(&mut self, text: &str) {
        let mut quoted = String::with_capacity(text.len() + 2);
        quoted.push('"');
        for letter in text.chars() {
            match letter {
                '"' => quoted.push_str("\\\""),
                '\\' => quoted.push_str("\\\\"),
                '\t' => quoted.push_str("\\t"),
                '\n' => quoted.push_str("\\n"),
                '\x0c' => quoted.push_str("\\f"),
                '\r' => quoted.push_str("\\r"),
                other => quoted.push(other),
            }
        }
        quoted.push('"');
        self.put(&quoted);
    }

    fn bounds(&mut self, bounds: &[Bound]) {
        self.separated(bounds, Self::bound);
    }

    fn bound(&mut self, bound: &Bound) {
        match &bound.pattern {
            Pattern::Names(names) => self.names(names),
            Pattern::Tuple(names) => {
                self.put("<<");
                self.names(names);
                self.put(">>");
            }
        }
        if let Some(domain) = &bound.domain {
            self.put(" \\in ");
            self.expr(domain);
        }
    }

    fn fields(&mut self, fields: &[(Name, Expr)], between: &str) {
        self.put("[");
        self.separated(fields, |printer, (name, value)| {
            printer.put(&name.text);
            printer.put(between);
            printer.expr(value);
        });
        self.close("]");
    }

    fn step(&mut self, step: &ExceptStep) {
        match step {
            ExceptStep::Index(args) => {
                self.put("[");
                self.exprs(args);
                self.close("]");
            }
            ExceptStep::Field(field) => {
                self.put(".");
                self.put(&field.text);
            }
        }
    }
}
