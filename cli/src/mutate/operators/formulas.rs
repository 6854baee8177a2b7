//! Changes of formulas: guards, assignments, connectives, quantifiers, comparisons.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "an operator has few forms of expressions; `Walk::term` names all"
)]

use lang::ast::{Bound, Expr, ExprKind, Name};

use super::forms::{is_next_value, is_truth, name, negation, primed, truth, word_of};
use super::walk::Walk;
use crate::mutate::Effect;
use crate::mutate::reach::{Sign, definition, implication};

impl Walk<'_> {
    /// Of `left => []P`, what is in `P`.
    pub(super) fn claim(&mut self, statement: &Expr, right: &Expr) {
        match statement.kind.as_ref() {
            ExprKind::Paren(inner) => {
                if let Some((_, right)) = implication(inner) {
                    self.down(statement, inner, |walk| walk.claim(inner, right));
                }
            }
            _ => self.down(statement, right, |walk| walk.always(right)),
        }
    }

    pub(super) fn always(&mut self, expr: &Expr) {
        match expr.kind.as_ref() {
            ExprKind::Paren(inner) => self.down(expr, inner, |walk| walk.always(inner)),
            ExprKind::Prefix { operator, operand } if operator.text == "[]" => {
                self.down(expr, operand, |walk| walk.either(operand, Sign::Positive));
            }
            _ => {}
        }
    }

    /// A formula or a term, as its form shows. What could be either is left alone.
    pub(super) fn either(&mut self, expr: &Expr, sign: Sign) {
        match expr.kind.as_ref() {
            ExprKind::Paren(inner) | ExprKind::Label { body: inner, .. } => {
                self.down(expr, inner, |walk| walk.either(inner, sign));
            }
            ExprKind::If { .. } | ExprKind::Case { .. } | ExprKind::Let { .. } => {
                self.branches(expr, sign, false);
            }
            ExprKind::Junction { .. } | ExprKind::Quantifier { .. } => self.formula(expr, sign),
            ExprKind::Chain { operator, .. } | ExprKind::Infix { operator, .. } => {
                match operator.text.as_str() {
                    "/\\" | "\\/" | "=>" | "<=>" | "=" | "#" | "<" | ">" | "=<" | ">=" | "\\in"
                    | "\\notin" | "\\subseteq" => self.formula(expr, sign),
                    _ => self.term(expr),
                }
            }
            ExprKind::Prefix { operator, .. } => match operator.text.as_str() {
                "~" | "UNCHANGED" => self.formula(expr, sign),
                _ => self.term(expr),
            },
            _ => self.term(expr),
        }
    }

    /// A formula that stands, among those around it, with this sign.
    pub(super) fn formula(&mut self, expr: &Expr, sign: Sign) {
        match expr.kind.as_ref() {
            ExprKind::Paren(inner) | ExprKind::Label { body: inner, .. } => {
                self.down(expr, inner, |walk| walk.formula(inner, sign));
            }
            ExprKind::Junction { conjunction, items } => {
                self.junction(expr, *conjunction, items.iter(), sign);
            }
            ExprKind::Chain { operator, operands } if matches!(operator.text.as_str(), "/\\" | "\\/") => {
                self.junction(expr, operator.text == "/\\", operands.iter(), sign);
            }
            ExprKind::Infix { operator, left, right } if matches!(operator.text.as_str(), "/\\" | "\\/") => {
                self.junction(expr, operator.text == "/\\", [left, right].into_iter(), sign);
            }
            ExprKind::Infix { operator, left, right } => self.infix(expr, operator, left, right, sign),
            ExprKind::Prefix { operator, operand } if operator.text == "~" => {
                if self.may_negate() {
                    let kind = operand.kind.as_ref().clone();
                    self.propose_kind("negate", expr, Effect::Changes, kind);
                }
                let flipped = sign.flipped();
                self.not_asserted(|walk| walk.down(expr, operand, |walk| walk.formula(operand, flipped)));
            }
            ExprKind::Prefix { operator, operand } if operator.text == "UNCHANGED" => {
                self.unchanged(expr, operator, operand, sign);
            }
            ExprKind::Quantifier { universal, bounds, body } => {
                if !self.reach.is_step(body) {
                    let kind = ExprKind::Quantifier {
                        universal: !universal,
                        bounds: bounds.clone(),
                        body: body.clone(),
                    };
                    self.propose_kind(
                        if *universal { "for-some" } else { "for-all" },
                        expr,
                        Effect::Changes,
                        kind,
                    );
                }
                self.domains(expr, bounds);
                self.within(bounds, |walk| walk.down(expr, body, |walk| walk.formula(body, sign)));
            }
            ExprKind::If { .. } | ExprKind::Case { .. } | ExprKind::Let { .. } => {
                self.branches(expr, sign, true);
            }
            ExprKind::Name(_)
            | ExprKind::Apply { .. }
            | ExprKind::Path(_)
            | ExprKind::Index { .. }
            | ExprKind::Field { .. } => {
                let is_constant = matches!(expr.kind.as_ref(), ExprKind::Name(it) if is_truth(&it.text));
                if self.may_negate() && !is_constant && !self.reach.is_step(expr) {
                    self.propose_kind("negate", expr, Effect::Changes, negation(expr));
                }
                self.term(expr);
            }
            _ => self.term(expr),
        }
    }

    pub(super) fn junction<'e>(
        &mut self,
        expr: &Expr,
        is_conjunction: bool,
        items: impl ExactSizeIterator<Item = &'e Expr>,
        sign: Sign,
    ) {
        let is_list = items.len() > 1;
        for (item_idx, item) in items.enumerate() {
            self.down_to(expr, item, (item_idx + 1).to_string(), |walk| {
                if is_list {
                    let effect = if is_conjunction { walk.weaker(sign) } else { walk.stronger(sign) };
                    walk.propose("drop", item, effect, truth(is_conjunction, item.span), None);
                }
                if is_conjunction {
                    walk.formula(item, sign);
                } else {
                    walk.not_asserted(|walk| walk.formula(item, sign));
                }
            });
        }
    }

    pub(super) fn infix(&mut self, expr: &Expr, operator: &Name, left: &Expr, right: &Expr, sign: Sign) {
        let with = |symbol: &str| ExprKind::Infix {
            operator: Name { text: symbol.to_owned(), span: operator.span },
            left: left.clone(),
            right: right.clone(),
        };
        let (weaker, stronger) = (self.weaker(sign), self.stronger(sign));
        let negated = match operator.text.as_str() {
            "=>" => {
                self.down_to(expr, left, "premise", |walk| {
                    walk.propose("drop", left, stronger, truth(true, left.span), None);
                    walk.not_asserted(|walk| walk.formula(left, sign.flipped()));
                });
                self.down(expr, right, |walk| walk.formula(right, sign));
                return;
            }
            "<=>" => {
                self.propose_kind("implies", expr, weaker, with("=>"));
                let converse = ExprKind::Infix {
                    operator: name("=>", operator.span),
                    left: right.clone(),
                    right: left.clone(),
                };
                self.propose_kind("implied", expr, weaker, converse);
                self.not_asserted(|walk| {
                    walk.down(expr, left, |walk| walk.formula(left, Sign::Both));
                    walk.down(expr, right, |walk| walk.formula(right, Sign::Both));
                });
                return;
            }
            "=" if is_next_value(left) => {
                let now = primed(left).map_or_else(|| left.clone(), Clone::clone);
                let kind = ExprKind::Infix { operator: operator.clone(), left: left.clone(), right: now };
                self.propose_kind("unchanged", expr, Effect::Changes, kind);
                self.down(expr, right, |walk| walk.either(right, Sign::Both));
                return;
            }
            "<" => {
                self.propose_kind("at-most", expr, weaker, with("=<"));
                Some(("at-least", ">="))
            }
            "=<" => {
                self.propose_kind("less", expr, stronger, with("<"));
                Some(("greater", ">"))
            }
            ">" => {
                self.propose_kind("at-least", expr, weaker, with(">="));
                Some(("at-most", "=<"))
            }
            ">=" => {
                self.propose_kind("greater", expr, stronger, with(">"));
                Some(("less", "<"))
            }
            "=" => Some(("differs", "#")),
            "#" => Some(("equals", "=")),
            "\\in" if !is_next_value(left) => Some(("not-member", "\\notin")),
            "\\notin" => Some(("member", "\\in")),
            _ => None,
        };
        if let Some((word, symbol)) = negated
            && self.may_negate()
        {
            self.propose_kind(word, expr, Effect::Changes, with(symbol));
        }
        for operand in [left, right] {
            self.down(expr, operand, |walk| walk.not_asserted(|walk| walk.either(operand, Sign::Both)));
        }
    }

    pub(super) fn unchanged(&mut self, expr: &Expr, operator: &Name, operand: &Expr, sign: Sign) {
        let ExprKind::Tuple(items) = operand.kind.as_ref() else {
            return;
        };
        if items.len() < 2 {
            return;
        }
        for (item_idx, item) in items.iter().enumerate() {
            let mut rest = items.clone();
            rest.remove(item_idx);
            let rest = Expr { kind: Box::new(ExprKind::Tuple(rest)), span: operand.span };
            let word = format!("free-{}", word_of(item, item_idx));
            let effect = self.weaker(sign);
            self.propose_kind(
                &word,
                expr,
                effect,
                ExprKind::Prefix { operator: operator.clone(), operand: rest },
            );
        }
    }

    /// `IF`, `CASE` and `LET`, whose branches are formulas or terms, as they are.
    pub(super) fn branches(&mut self, expr: &Expr, sign: Sign, is_formula: bool) {
        let branch = |walk: &mut Self, branch: &Expr| {
            if is_formula { walk.formula(branch, sign) } else { walk.either(branch, sign) }
        };
        match expr.kind.as_ref() {
            ExprKind::If { condition, then, otherwise } => {
                self.not_asserted(|walk| {
                    walk.down_to(expr, condition, "if", |walk| walk.condition(condition));
                    walk.down_to(expr, then, "then", |walk| branch(walk, then));
                    walk.down_to(expr, otherwise, "else", |walk| branch(walk, otherwise));
                });
            }
            ExprKind::Case { arms, other } => self.not_asserted(|walk| {
                for (arm_idx, (guard, value)) in arms.iter().enumerate() {
                    walk.down_to(expr, guard, format!("case{}", arm_idx + 1), |walk| walk.condition(guard));
                    walk.down_to(expr, value, format!("case{}", arm_idx + 1), |walk| branch(walk, value));
                }
                if let Some(value) = other {
                    walk.down_to(expr, value, "other", |walk| branch(walk, value));
                }
            }),
            ExprKind::Let { definitions, body } => {
                for unit in definitions {
                    if let Some((name, local)) = definition(unit) {
                        self.not_asserted(|walk| {
                            walk.down_to(expr, local, name, |walk| walk.either(local, Sign::Both));
                        });
                    }
                }
                self.down(expr, body, |walk| branch(walk, body));
            }
            _ => {}
        }
    }

    /// A condition: it is negated as a whole, and, where it is a list, part by part.
    pub(super) fn condition(&mut self, expr: &Expr) {
        match expr.kind.as_ref() {
            ExprKind::Junction { .. } | ExprKind::Chain { .. } | ExprKind::Quantifier { .. } => {
                self.propose_kind("negate", expr, Effect::Changes, negation(expr));
            }
            _ => {}
        }
        self.formula(expr, Sign::Both);
    }

    pub(super) fn domains(&mut self, expr: &Expr, bounds: &[Bound]) {
        for domain in bounds.iter().filter_map(|bound| bound.domain.as_ref()) {
            self.not_asserted(|walk| walk.down(expr, domain, |walk| walk.term(domain)));
        }
    }
}
