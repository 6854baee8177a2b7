//! Forms of expressions, taken apart and put together.

#![expect(clippy::wildcard_enum_match_arm, reason = "each looks for one form")]

use lang::ast::{Bound, Expr, ExprKind, Name, Pattern};
use lang::source::Span;

pub(super) fn bound_names(bounds: &[Bound]) -> Vec<&Name> {
    bounds
        .iter()
        .flat_map(|bound| match &bound.pattern {
            Pattern::Names(names) | Pattern::Tuple(names) => names,
        })
        .collect()
}

pub(super) fn name(text: &str, span: Span) -> Name {
    Name { text: text.to_owned(), span }
}

pub(super) fn truth(value: bool, span: Span) -> Expr {
    Expr { kind: Box::new(ExprKind::Name(name(if value { "TRUE" } else { "FALSE" }, span))), span }
}

pub(super) fn is_truth(text: &str) -> bool {
    matches!(text, "TRUE" | "FALSE")
}

pub(super) fn integer(value: i64, span: Span) -> ExprKind {
    let digits = ExprKind::Number(value.unsigned_abs().to_string());
    if value < 0 {
        let operand = Expr { kind: Box::new(digits), span };
        ExprKind::Prefix { operator: name("-.", span), operand }
    } else {
        digits
    }
}

pub(super) fn negation(expr: &Expr) -> ExprKind {
    let paren = Expr { kind: Box::new(ExprKind::Paren(expr.clone())), span: expr.span };
    let operand = match expr.kind.as_ref() {
        ExprKind::Name(_) | ExprKind::Apply { .. } | ExprKind::Index { .. } | ExprKind::Field { .. } => {
            expr.clone()
        }
        _ => paren,
    };
    ExprKind::Prefix { operator: name("~", expr.span), operand }
}

/// A chain of two is no chain.
pub(super) fn folded(kind: ExprKind) -> ExprKind {
    match kind {
        ExprKind::Chain { operator, operands } => match <[Expr; 2]>::try_from(operands) {
            Ok([left, right]) => ExprKind::Infix { operator, left, right },
            Err(operands) => ExprKind::Chain { operator, operands },
        },
        other => other,
    }
}

/// What is primed, if the expression is `e'`.
pub(super) fn primed(expr: &Expr) -> Option<&Expr> {
    match expr.kind.as_ref() {
        ExprKind::Paren(inner) => primed(inner),
        ExprKind::Postfix { operator, operand } if operator.text == "'" => Some(operand),
        _ => None,
    }
}

pub(super) fn is_next_value(expr: &Expr) -> bool {
    primed(expr).is_some()
}

pub(super) fn has_number(expr: &Expr) -> bool {
    crate::mutate::reach::any(expr, &mut |part| matches!(part.kind.as_ref(), ExprKind::Number(_)))
}

/// A word for an operand: its name, or else its position.
pub(super) fn word_of(expr: &Expr, position: usize) -> String {
    match expr.kind.as_ref() {
        ExprKind::Name(name) => name.text.clone(),
        _ => (position + 1).to_string(),
    }
}
