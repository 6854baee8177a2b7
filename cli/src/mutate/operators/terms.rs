//! Changes of terms: numbers, sets, functions, records.

use lang::ast::{Bound, Expr, ExprKind, Name};

use super::forms::{folded, has_number, integer, name};
use super::walk::Walk;
use crate::mutate::Effect;
use crate::mutate::reach::Sign;

impl Walk<'_> {
    /// A term: a number, a set, a function, a record.
    pub(super) fn term(&mut self, expr: &Expr) {
        match expr.kind.as_ref() {
            ExprKind::Number(digits) => self.number(expr, digits, false),
            ExprKind::Prefix { operator, operand } => match (operator.text.as_str(), operand.kind.as_ref()) {
                ("-" | "-.", ExprKind::Number(digits)) => self.number(expr, digits, true),
                ("~", _) => self.formula(expr, Sign::Both),
                _ => self.down(expr, operand, |walk| walk.term(operand)),
            },
            ExprKind::Infix { operator, left, right } => self.binary(expr, operator, left, right),
            ExprKind::Chain { operator, operands } => {
                if matches!(operator.text.as_str(), "\\cup" | "\\cap") {
                    for operand_idx in 0..operands.len() {
                        let mut rest = operands.clone();
                        rest.remove(operand_idx);
                        let kind = ExprKind::Chain { operator: operator.clone(), operands: rest };
                        self.propose_kind(
                            &format!("without-{}", operand_idx + 1),
                            expr,
                            Effect::Changes,
                            folded(kind),
                        );
                    }
                }
                for operand in operands {
                    self.down(expr, operand, |walk| walk.either(operand, Sign::Both));
                }
            }
            ExprKind::SetFilter { bound, body } => {
                let bounds = std::slice::from_ref(bound);
                if let Some(domain) = &bound.domain {
                    self.propose_kind("no-filter", expr, Effect::Changes, domain.kind.as_ref().clone());
                }
                self.domains(expr, bounds);
                self.scoped(expr, bounds, body);
            }
            ExprKind::Choose { bound, body } => {
                let bounds = std::slice::from_ref(bound);
                self.domains(expr, bounds);
                self.scoped(expr, bounds, body);
            }
            ExprKind::SetMap { element, bounds } => {
                self.domains(expr, bounds);
                self.within(bounds, |walk| walk.down(expr, element, |walk| walk.term(element)));
            }
            ExprKind::Function { bounds, body } => {
                self.domains(expr, bounds);
                self.within(bounds, |walk| walk.down(expr, body, |walk| walk.either(body, Sign::Both)));
            }
            ExprKind::SetEnum(items) => {
                if items.len() > 1 {
                    for item_idx in 0..items.len() {
                        let mut rest = items.clone();
                        rest.remove(item_idx);
                        let word = format!("without-{}", item_idx + 1);
                        self.propose_kind(&word, expr, Effect::Changes, ExprKind::SetEnum(rest));
                    }
                }
                self.operands(expr);
            }
            ExprKind::Record(fields) => self.record(expr, fields),
            ExprKind::RecordSet(fields) => {
                for (field, set) in fields {
                    self.down_to(expr, set, &field.text, |walk| walk.term(set));
                }
            }
            ExprKind::Except { base, updates } => {
                if updates.len() > 1 {
                    for update_idx in 0..updates.len() {
                        let mut rest = updates.clone();
                        rest.remove(update_idx);
                        let kind = ExprKind::Except { base: base.clone(), updates: rest };
                        self.propose_kind(
                            &format!("without-{}", update_idx + 1),
                            expr,
                            Effect::Changes,
                            kind,
                        );
                    }
                }
                for update in updates {
                    self.down(expr, &update.value, |walk| walk.either(&update.value, Sign::Both));
                }
            }
            ExprKind::Quantifier { .. } | ExprKind::Junction { .. } => self.formula(expr, Sign::Both),
            ExprKind::If { .. } | ExprKind::Case { .. } | ExprKind::Let { .. } => {
                self.branches(expr, Sign::Both, false);
            }
            ExprKind::Paren(_)
            | ExprKind::Label { .. }
            | ExprKind::Apply { .. }
            | ExprKind::Path(_)
            | ExprKind::Index { .. }
            | ExprKind::Field { .. }
            | ExprKind::Tuple(_)
            | ExprKind::Product(_)
            | ExprKind::FunctionSet { .. }
            | ExprKind::Postfix { .. }
            | ExprKind::Lambda { .. } => self.operands(expr),
            ExprKind::Error
            | ExprKind::Name(_)
            | ExprKind::Str(_)
            | ExprKind::At
            | ExprKind::TemporalQuantifier { .. }
            | ExprKind::ActionBox { .. }
            | ExprKind::Fairness { .. } => {}
        }
    }

    /// The body of what binds names, a formula.
    pub(super) fn scoped(&mut self, expr: &Expr, bounds: &[Bound], body: &Expr) {
        self.within(bounds, |walk| {
            walk.not_asserted(|walk| walk.down(expr, body, |walk| walk.formula(body, Sign::Both)));
        });
    }

    pub(super) fn operands(&mut self, expr: &Expr) {
        expr.for_each_child(|operand| {
            self.not_asserted(|walk| walk.down(expr, operand, |walk| walk.either(operand, Sign::Both)));
        });
    }

    pub(super) fn number(&mut self, expr: &Expr, digits: &str, is_negative: bool) {
        let Ok(value) = digits.parse::<i64>() else {
            return;
        };
        let value = if is_negative { -value } else { value };
        for (word, other) in [("plus-1", value.checked_add(1)), ("minus-1", value.checked_sub(1))] {
            if let Some(other) = other {
                self.propose_kind(word, expr, Effect::Changes, integer(other, expr.span));
            }
        }
    }

    pub(super) fn binary(&mut self, expr: &Expr, operator: &Name, left: &Expr, right: &Expr) {
        let with = |symbol: &str| ExprKind::Infix {
            operator: name(symbol, operator.span),
            left: left.clone(),
            right: right.clone(),
        };
        let sides = [("without-1", right), ("without-2", left)];
        match operator.text.as_str() {
            "+" => self.propose_kind("subtract", expr, Effect::Changes, with("-")),
            "-" => self.propose_kind("add", expr, Effect::Changes, with("+")),
            "\\cup" | "\\cap" => {
                let (word, other) =
                    if operator.text == "\\cup" { ("intersect", "\\cap") } else { ("unite", "\\cup") };
                self.propose_kind(word, expr, Effect::Changes, with(other));
                for (word, rest) in sides {
                    self.propose_kind(word, expr, Effect::Changes, rest.kind.as_ref().clone());
                }
            }
            "\\" => self.propose_kind("without-2", expr, Effect::Changes, left.kind.as_ref().clone()),
            ".." => {
                for (word, end) in [("low", left), ("high", right)] {
                    if !has_number(end) {
                        self.down_to(expr, end, word, |walk| walk.shifted(end));
                    }
                }
            }
            _ => {}
        }
        for (side, operand) in [("low", left), ("high", right)] {
            let visit = |walk: &mut Self| walk.not_asserted(|walk| walk.either(operand, Sign::Both));
            if operator.text == ".." {
                self.down_to(expr, operand, side, visit);
            } else {
                self.down(expr, operand, visit);
            }
        }
    }

    /// `e + 1` and `e - 1`.
    pub(super) fn shifted(&mut self, expr: &Expr) {
        for (word, symbol) in [("plus-1", "+"), ("minus-1", "-")] {
            let one = Expr { kind: Box::new(ExprKind::Number("1".to_owned())), span: expr.span };
            let kind = ExprKind::Infix { operator: name(symbol, expr.span), left: expr.clone(), right: one };
            self.propose_kind(word, expr, Effect::Changes, kind);
        }
    }

    /// Each field gets the value of each other one, and each bound name, of the same sort.
    pub(super) fn record(&mut self, expr: &Expr, fields: &[(Name, Expr)]) {
        for (field_idx, (field, value)) in fields.iter().enumerate() {
            self.down_to(expr, value, &field.text, |walk| {
                let text = lang::print::expr(value);
                let sort = walk.sorts.get(&value.span).cloned();
                // What kind of record it is, is a literal.
                if sort.is_some() && !matches!(value.kind.as_ref(), ExprKind::Str(_)) {
                    let mut others: Vec<(String, Expr)> = Vec::new();
                    for (other_idx, (other, other_value)) in fields.iter().enumerate() {
                        if other_idx != field_idx && walk.sorts.get(&other_value.span) == sort.as_ref() {
                            others.push((other.text.clone(), other_value.clone()));
                        }
                    }
                    for bound in walk.scope.iter().rev() {
                        if walk.sorts.get(&bound.span) == sort.as_ref() {
                            let kind = Box::new(ExprKind::Name(bound.clone()));
                            others.push((bound.text.clone(), Expr { kind, span: bound.span }));
                        }
                    }
                    let mut tried = vec![text];
                    for (word, other) in others {
                        let text = lang::print::expr(&other);
                        if !tried.contains(&text) {
                            tried.push(text);
                            walk.propose_kind(&format!("as-{word}"), value, Effect::Changes, *other.kind);
                        }
                    }
                }
                walk.not_asserted(|walk| walk.either(value, Sign::Both));
            });
        }
    }
}
