//! Tests by text: what is read, and what is printed or reported.

mod constructs;
mod declarations;
mod mistakes;
mod operators;
mod proofs;
mod robustness;

use crate::ast;
use crate::diag::Checked;
use crate::ids::Id;
use crate::print;
use crate::source::FileId;

/// Parses a whole module.
fn module(text: &str) -> Checked<ast::Module> {
    super::parse(FileId::from_index(0), text)
}

/// Parses declarations, with the module's first and last lines around them.
fn units(text: &str) -> Checked<ast::Module> {
    module(&format!("---- MODULE M ----\n{text}\n====\n"))
}

/// The codes that some declarations are refused with.
fn codes(text: &str) -> Vec<&'static str> {
    units(text).diagnostics.iter().map(|diagnostic| diagnostic.code.0).collect()
}

/// A tree without spans.
fn bare(module: &ast::Module) -> String {
    let debug = format!("{module:?}");
    let mut out = String::new();
    let mut rest = debug.as_str();
    while let Some(start) = rest.find("Span {") {
        let end = start + rest[start..].find('}').unwrap();
        out.push_str(&rest[..start]);
        rest = &rest[end + 1..];
    }
    out + rest
}

/// Parses without an error, and comes back unchanged from printing.
fn round_trip(text: &str) -> String {
    let parsed = units(text);
    assert_eq!(parsed.diagnostics, vec![], "{text}");
    let printed = print::module(&parsed.value);
    let again = module(&printed);
    assert_eq!(again.diagnostics, vec![], "printed:\n{printed}");
    assert_eq!(bare(&again.value), bare(&parsed.value), "printed:\n{printed}");
    assert_eq!(print::module(&again.value), printed);
    printed
}

/// An expression as nested prefix terms, with every grouping shown.
fn sexpr(text: &str) -> String {
    let parsed = units(&format!("A == {text}"));
    assert_eq!(parsed.diagnostics, vec![], "{text}");
    round_trip(&format!("A == {text}"));
    let ast::UnitKind::Operator(definition) = &parsed.value.units[0].kind else { panic!("not an operator") };
    show(&definition.body)
}

fn show(expr: &ast::Expr) -> String {
    use ast::ExprKind as E;
    let list = |items: &[ast::Expr]| items.iter().map(show).collect::<Vec<_>>().join(" ");
    match expr.kind.as_ref() {
        E::Infix { operator, left, right } => format!("({} {} {})", operator.text, show(left), show(right)),
        E::Prefix { operator, operand } | E::Postfix { operator, operand } => {
            format!("({} {})", operator.text, show(operand))
        }
        E::Junction { conjunction, items } => {
            format!("[{} {}]", if *conjunction { "and" } else { "or" }, list(items))
        }
        E::Paren(inside) => format!("(paren {})", show(inside)),
        E::Product(factors) => format!("(product {})", list(factors)),
        E::Apply { operator, args } => format!("({} {})", operator.text, list(args)),
        E::Index { function, args } => format!("(at {} {})", show(function), list(args)),
        E::Field { record, field } => format!("(field {} {})", show(record), field.text),
        E::If { condition, then, otherwise } => {
            format!("(if {} {} {})", show(condition), show(then), show(otherwise))
        }
        E::Case { arms, other } => {
            let arms = arms.iter().map(|(guard, value)| format!("({} {})", show(guard), show(value)));
            let other = other.iter().map(|other| format!("(other {})", show(other)));
            format!("(case {})", arms.chain(other).collect::<Vec<_>>().join(" "))
        }
        E::Quantifier { universal, body, .. } => {
            format!("({} {})", if *universal { "forall" } else { "exists" }, show(body))
        }
        E::Let { definitions, body } => format!("(let {} {})", definitions.len(), show(body)),
        E::Tuple(items) => format!("(tuple {})", list(items)),
        E::ActionBox { angle, action, subscript } => {
            format!("({} {} {})", if *angle { "angle" } else { "box" }, show(action), show(subscript))
        }
        E::Chain { operator, operands } => format!("({} {})", operator.text, list(operands)),
        E::Error
        | E::Path(_)
        | E::Lambda { .. }
        | E::Label { .. }
        | E::TemporalQuantifier { .. }
        | E::Name(_)
        | E::Number(_)
        | E::Str(_)
        | E::Choose { .. }
        | E::SetEnum(_)
        | E::SetFilter { .. }
        | E::SetMap { .. }
        | E::Function { .. }
        | E::FunctionSet { .. }
        | E::Record(_)
        | E::RecordSet(_)
        | E::Except { .. }
        | E::At
        | E::Fairness { .. } => print::expr(expr),
    }
}
