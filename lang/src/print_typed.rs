//! Typed trees as readable TLA+: for reports, and to look at what the front end understood.
//!
//! Invariant: the text has enough parentheses to be read in one way only, and few more. `x'` is a
//! variable in the next state; `Op(a)'` is an operator in the next state, its arguments printed as they
//! stand in the tree.

use std::fmt::Write as _;

use crate::ids::Id;
use crate::sort::{Sort, SortTable};
use crate::typed::{
    Arithmetic, Binder, BuiltinSet, Comparison, Expr, ExprKind, FactKind, Module, Quantifier, Time,
};

/// How tightly an expression holds together: what is looser than its surroundings gets parentheses.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Strength {
    /// Quantifiers, `IF`, `CHOOSE`: reach as far right as they can.
    Open,
    /// `=>`, `<=>`, `~>`
    Implication,
    /// `/\`, `\/`
    Junction,
    /// `~`, `[]`
    Negation,
    /// `=`, `\in`, `<`
    Relation,
    /// `\cup`, `..`, `+`
    Sum,
    /// `*`, `\X`
    Product,
    /// `SUBSET S`, `DOMAIN f`
    Prefix,
    /// Applications, names, brackets.
    Atom,
}

/// An expression on one line.
pub fn expr(module: &Module, e: &Expr) -> String {
    let mut out = String::new();
    write(module, e, Strength::Open, &mut out);
    out
}

/// A sort in the notation of sort errors.
pub fn sort(sorts: &SortTable, s: &Sort) -> String {
    match s {
        Sort::Bool => "Bool".to_owned(),
        Sort::Int => "Int".to_owned(),
        Sort::Str => "Str".to_owned(),
        Sort::Uninterpreted(id) => sorts.uninterpreted[*id].0.clone(),
        Sort::Set(element) => format!("Set({})", sort(sorts, element)),
        Sort::Function(from, to) => format!("[{} -> {}]", sort(sorts, from), sort(sorts, to)),
        Sort::Tuple(parts) => {
            let parts: Vec<String> = parts.iter().map(|part| sort(sorts, part)).collect();
            format!("<<{}>>", parts.join(", "))
        }
        Sort::Record(id) => format!("Record{}", id.index() + 1),
    }
}

/// Every constant, variable, operator and fact with its sort.
pub fn module(module: &Module) -> String {
    let mut out = format!("MODULE {}\n", module.name);
    for (name, _) in &module.sorts.uninterpreted {
        let _ = writeln!(out, "SORT {name}");
    }
    for (id, record) in module.sorts.records.iter_enumerated() {
        let _ = writeln!(out, "{} ==", sort(&module.sorts, &Sort::Record(id)));
        for shape in &record.shapes {
            let fields = shape.iter().filter_map(|position| record.fields.get(*position));
            let fields: Vec<String> = fields
                .map(|field| format!("{} : {}", field.name, sort(&module.sorts, &field.sort)))
                .collect();
            let _ = writeln!(out, "  [{}]", fields.join(", "));
        }
    }
    for constant in &module.constants {
        let _ = writeln!(out, "CONSTANT {} : {}", constant.name, sort(&module.sorts, &constant.sort));
    }
    for variable in &module.variables {
        let _ = writeln!(out, "VARIABLE {} : {}", variable.name, sort(&module.sorts, &variable.sort));
    }
    for operator in &module.operators {
        let params = operator.params.iter().map(|param| {
            let param = &module.locals[*param];
            format!("{} : {}", param.name, sort(&module.sorts, &param.sort))
        });
        let params: Vec<String> = params.collect();
        let params = if params.is_empty() { String::new() } else { format!("({})", params.join(", ")) };
        let result = sort(&module.sorts, &operator.body.sort);
        let _ = writeln!(out, "{}{params} : {result} ==", operator.name);
        let _ = writeln!(out, "  {}", expr(module, &operator.body));
    }
    for fact in &module.facts {
        let keyword = match fact.kind {
            FactKind::Assumption => "ASSUME",
            FactKind::Axiom => "AXIOM",
            FactKind::Theorem => "THEOREM",
        };
        let _ = writeln!(out, "{keyword} {} ==\n  {}", fact.name, expr(module, &fact.statement));
    }
    out
}

fn write(module: &Module, e: &Expr, around: Strength, out: &mut String) {
    let strength = strength(&e.kind);
    // A junction inside a junction is of the other kind, which TLA+ wants in parentheses.
    let parens =
        strength < around || (strength == around && !matches!(strength, Strength::Open | Strength::Atom));
    if parens {
        out.push('(');
    }
    write_kind(module, e, out);
    if parens {
        out.push(')');
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "names and brackets are all alike here")]
fn strength(kind: &ExprKind) -> Strength {
    match kind {
        ExprKind::Quantifier(..) | ExprKind::Choose(..) | ExprKind::If(..) => Strength::Open,
        ExprKind::Implies(..) | ExprKind::Iff(..) | ExprKind::Temporal("~>", _) => Strength::Implication,
        ExprKind::And(_) | ExprKind::Or(_) => Strength::Junction,
        ExprKind::Not(inner) => match inner.kind {
            ExprKind::Equal(..) | ExprKind::In(..) => Strength::Relation,
            _ => Strength::Negation,
        },
        ExprKind::Always(_) | ExprKind::Temporal("<>" | "ENABLED", _) | ExprKind::Unchanged(_) => {
            Strength::Negation
        }
        ExprKind::Equal(..) | ExprKind::In(..) | ExprKind::SubsetEq(..) | ExprKind::Compare(..) => {
            Strength::Relation
        }
        ExprKind::Union(..)
        | ExprKind::Intersect(..)
        | ExprKind::Minus(..)
        | ExprKind::Range(..)
        | ExprKind::Arithmetic(Arithmetic::Add | Arithmetic::Subtract, ..) => Strength::Sum,
        ExprKind::Arithmetic(..) | ExprKind::Product(_) | ExprKind::Negate(_) => Strength::Product,
        ExprKind::Powerset(_) | ExprKind::BigUnion(_) | ExprKind::Domain(_) => Strength::Prefix,
        _ => Strength::Atom,
    }
}

fn list(module: &Module, items: &[Expr], out: &mut String) {
    separated(module, items, ", ", Strength::Open, out);
}

fn separated(module: &Module, items: &[Expr], separator: &str, around: Strength, out: &mut String) {
    for (position, item) in items.iter().enumerate() {
        if position > 0 {
            out.push_str(separator);
        }
        write(module, item, around, out);
    }
}

fn infix(module: &Module, a: &Expr, operator: &str, b: &Expr, around: Strength, out: &mut String) {
    write(module, a, around, out);
    let _ = write!(out, " {operator} ");
    write(module, b, around, out);
}

fn binder(module: &Module, binder: &Binder, out: &mut String) {
    out.push_str(&module.locals[binder.local].name);
    if let Some(domain) = &binder.domain {
        out.push_str(" \\in ");
        write(module, domain, Strength::Relation, out);
    }
}

fn binders(module: &Module, all: &[Binder], out: &mut String) {
    for (position, one) in all.iter().enumerate() {
        if position > 0 {
            out.push_str(", ");
        }
        binder(module, one, out);
    }
}

fn applied(module: &Module, name: &str, args: &[Expr], out: &mut String) {
    out.push_str(name);
    if !args.is_empty() {
        out.push('(');
        list(module, args, out);
        out.push(')');
    }
}

fn fields(module: &Module, e: &Expr, shape: usize, values: &[Expr], arrow: &str, out: &mut String) {
    let sort = if let Sort::Set(element) = &e.sort { element.as_ref() } else { &e.sort };
    let record = if let Sort::Record(id) = sort { Some(&module.sorts.records[*id]) } else { None };
    let names = record.and_then(|record| {
        let positions = record.shapes.get(shape)?;
        Some(
            positions
                .iter()
                .filter_map(|position| record.fields.get(*position))
                .map(|field| field.name.as_str()),
        )
    });
    out.push('[');
    for (position, (name, value)) in names.into_iter().flatten().zip(values).enumerate() {
        if position > 0 {
            out.push_str(", ");
        }
        let _ = write!(out, "{name} {arrow} ");
        write(module, value, Strength::Open, out);
    }
    out.push(']');
}

fn field_name<'a>(module: &'a Module, record: &Expr, position: usize) -> &'a str {
    let Sort::Record(id) = record.sort else { return "?" };
    module.sorts.records[id].fields.get(position).map_or("?", |field| field.name.as_str())
}

#[expect(clippy::wildcard_enum_match_arm, reason = "only some operands are written in a way of their own")]
fn write_kind(module: &Module, e: &Expr, out: &mut String) {
    match &e.kind {
        ExprKind::Bool(true) => out.push_str("TRUE"),
        ExprKind::Bool(false) => out.push_str("FALSE"),
        ExprKind::Int(value) => {
            let _ = write!(out, "{value}");
        }
        ExprKind::Str(text) => {
            let _ = write!(out, "\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
        }
        ExprKind::Local(id) => out.push_str(&module.locals[*id].name),
        ExprKind::Constant(id) => out.push_str(&module.constants[*id].name),
        ExprKind::ConstantApply(id, args) => applied(module, &module.constants[*id].name, args, out),
        ExprKind::Variable(id, time) => {
            out.push_str(&module.variables[*id].name);
            prime(*time, out);
        }
        ExprKind::Apply(id, args, time) => {
            applied(module, &module.operators[*id].name, args, out);
            prime(*time, out);
        }
        ExprKind::Not(inner) => match &inner.kind {
            ExprKind::Equal(a, b) => infix(module, a, "#", b, Strength::Relation, out),
            ExprKind::In(a, b) => infix(module, a, "\\notin", b, Strength::Relation, out),
            _ => {
                out.push('~');
                write(module, inner, Strength::Prefix, out);
            }
        },
        ExprKind::And(items) => separated(module, items, " /\\ ", Strength::Junction, out),
        ExprKind::Or(items) => separated(module, items, " \\/ ", Strength::Junction, out),
        ExprKind::Implies(a, b) => infix(module, a, "=>", b, Strength::Implication, out),
        ExprKind::Iff(a, b) => infix(module, a, "<=>", b, Strength::Implication, out),
        ExprKind::Equal(a, b) => infix(module, a, "=", b, Strength::Relation, out),
        ExprKind::If(c, a, b) => {
            out.push_str("IF ");
            write(module, c, Strength::Open, out);
            out.push_str(" THEN ");
            write(module, a, Strength::Open, out);
            out.push_str(" ELSE ");
            write(module, b, Strength::Open, out);
        }
        ExprKind::Quantifier(quantifier, all, body) => {
            out.push_str(match quantifier {
                Quantifier::Forall => "\\A ",
                Quantifier::Exists => "\\E ",
            });
            binders(module, all, out);
            out.push_str(" : ");
            write(module, body, Strength::Open, out);
        }
        ExprKind::Choose(one, body) => {
            out.push_str("CHOOSE ");
            binder(module, one, out);
            out.push_str(" : ");
            write(module, body, Strength::Open, out);
        }
        ExprKind::In(a, b) => infix(module, a, "\\in", b, Strength::Relation, out),
        ExprKind::SubsetEq(a, b) => infix(module, a, "\\subseteq", b, Strength::Relation, out),
        ExprKind::SetEnum(items) => {
            out.push('{');
            list(module, items, out);
            out.push('}');
        }
        ExprKind::SetFilter(one, body) => {
            out.push('{');
            binder(module, one, out);
            out.push_str(" : ");
            write(module, body, Strength::Open, out);
            out.push('}');
        }
        ExprKind::SetMap(element, all) => {
            out.push('{');
            write(module, element, Strength::Implication, out);
            out.push_str(" : ");
            binders(module, all, out);
            out.push('}');
        }
        ExprKind::Union(a, b) => infix(module, a, "\\cup", b, Strength::Sum, out),
        ExprKind::Intersect(a, b) => infix(module, a, "\\cap", b, Strength::Sum, out),
        ExprKind::Minus(a, b) => infix(module, a, "\\", b, Strength::Sum, out),
        ExprKind::Powerset(a) => prefix(module, "SUBSET ", a, Strength::Prefix, out),
        ExprKind::BigUnion(a) => prefix(module, "UNION ", a, Strength::Prefix, out),
        ExprKind::Range(a, b) => infix(module, a, "..", b, Strength::Sum, out),
        ExprKind::Builtin(set) => out.push_str(match set {
            BuiltinSet::Nat => "Nat",
            BuiltinSet::Int => "Int",
            BuiltinSet::Boolean => "BOOLEAN",
            BuiltinSet::String => "STRING",
        }),
        ExprKind::RecordSet(_, shape, values) => fields(module, e, *shape, values, ":", out),
        ExprKind::FunctionSet(a, b) => {
            out.push('[');
            infix(module, a, "->", b, Strength::Implication, out);
            out.push(']');
        }
        ExprKind::Product(items) => separated(module, items, " \\X ", Strength::Product, out),
        ExprKind::Record(_, shape, values) => fields(module, e, *shape, values, "|->", out),
        ExprKind::Field(record, position) => {
            write(module, record, Strength::Atom, out);
            out.push('.');
            out.push_str(field_name(module, record, *position));
        }
        ExprKind::FieldUpdate(record, position, value) => {
            out.push('[');
            write(module, record, Strength::Atom, out);
            let _ = write!(out, " EXCEPT !.{} = ", field_name(module, record, *position));
            write(module, value, Strength::Open, out);
            out.push(']');
        }
        ExprKind::Tuple(items) | ExprKind::Sequence(items) => {
            out.push_str("<<");
            list(module, items, out);
            out.push_str(">>");
        }
        ExprKind::Component(tuple, position) => {
            write(module, tuple, Strength::Atom, out);
            let _ = write!(out, "[{}]", position + 1);
        }
        ExprKind::Function(one, body) => {
            out.push('[');
            binder(module, one, out);
            out.push_str(" |-> ");
            write(module, body, Strength::Open, out);
            out.push(']');
        }
        ExprKind::Index(function, argument) => {
            write(module, function, Strength::Atom, out);
            out.push('[');
            match &argument.kind {
                ExprKind::Tuple(items) => list(module, items, out),
                _ => write(module, argument, Strength::Open, out),
            }
            out.push(']');
        }
        ExprKind::Except(function, argument, value) => {
            out.push('[');
            write(module, function, Strength::Atom, out);
            out.push_str(" EXCEPT ![");
            write(module, argument, Strength::Open, out);
            out.push_str("] = ");
            write(module, value, Strength::Open, out);
            out.push(']');
        }
        ExprKind::IsFinite(a) => applied(module, "IsFiniteSet", std::slice::from_ref(a), out),
        ExprKind::Cardinality(a) => applied(module, "Cardinality", std::slice::from_ref(a), out),
        ExprKind::Len(a) => applied(module, "Len", std::slice::from_ref(a), out),
        ExprKind::SequenceSet(a) => applied(module, "Seq", std::slice::from_ref(a), out),
        ExprKind::IsSequence(a) => applied(module, "IsSequence", std::slice::from_ref(a), out),
        ExprKind::Domain(a) => prefix(module, "DOMAIN ", a, Strength::Prefix, out),
        ExprKind::Arithmetic(operator, a, b) => {
            let (symbol, around) = match operator {
                Arithmetic::Add => ("+", Strength::Sum),
                Arithmetic::Subtract => ("-", Strength::Sum),
                Arithmetic::Multiply => ("*", Strength::Product),
                Arithmetic::Divide => ("\\div", Strength::Product),
                Arithmetic::Modulo => ("%", Strength::Product),
                Arithmetic::Power => ("^", Strength::Atom),
            };
            infix(module, a, symbol, b, around, out);
        }
        ExprKind::Negate(a) => prefix(module, "-", a, Strength::Prefix, out),
        ExprKind::Compare(operator, a, b) => {
            let symbol = match operator {
                Comparison::Less => "<",
                Comparison::LessEqual => "=<",
            };
            infix(module, a, symbol, b, Strength::Relation, out);
        }
        ExprKind::Unchanged(a) => prefix(module, "UNCHANGED ", a, Strength::Prefix, out),
        ExprKind::ActionBox(action, subscript) => {
            out.push('[');
            write(module, action, Strength::Open, out);
            out.push_str("]_");
            write(module, subscript, Strength::Atom, out);
        }
        ExprKind::Always(a) => prefix(module, "[]", a, Strength::Prefix, out),
        ExprKind::Temporal(name, operands) => temporal(module, name, operands, out),
    }
}

fn prime(time: Time, out: &mut String) {
    match time {
        Time::Now => {}
        Time::Next => out.push('\''),
    }
}

fn prefix(module: &Module, symbol: &str, operand: &Expr, around: Strength, out: &mut String) {
    out.push_str(symbol);
    write(module, operand, around, out);
}

fn temporal(module: &Module, name: &str, operands: &[Expr], out: &mut String) {
    match (name, operands) {
        ("~>", [a, b]) => infix(module, a, "~>", b, Strength::Implication, out),
        ("<>", [a]) => prefix(module, "<>", a, Strength::Prefix, out),
        ("ENABLED", [a]) => prefix(module, "ENABLED ", a, Strength::Prefix, out),
        ("WF" | "SF", [action, subscript]) => {
            let _ = write!(out, "{name}_");
            write(module, subscript, Strength::Atom, out);
            out.push('(');
            write(module, action, Strength::Open, out);
            out.push(')');
        }
        ("<<A>>_v", [action, subscript]) => {
            out.push_str("<<");
            write(module, action, Strength::Open, out);
            out.push_str(">>_");
            write(module, subscript, Strength::Atom, out);
        }
        _ => applied(module, name, operands, out),
    }
}
