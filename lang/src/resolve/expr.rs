//! Expressions: names are looked up, operators get their meaning, each form its resolved counterpart.

use std::sync::Arc;

use super::errors::ResolveError;
use super::modules::Primitive;
use super::prime::error;
use super::scope::Meaning;
use super::{Ctx, name};
use crate::ast;
use crate::resolved::{Expr, ExprKind, Level, Name};
use crate::source::Span;
use crate::typed::{BuiltinSet, Quantifier, Time};

/// Deeper nesting is refused, so that no later pass can run out of stack.
const MAX_DEPTH: usize = 250;

impl Ctx {
    /// Resolves an expression.
    pub(super) fn expr(&mut self, expr: &ast::Expr) -> Expr {
        if self.depth >= MAX_DEPTH {
            return self.too_deep(expr.span);
        }
        self.depth += 1;
        let resolved = self.expr_inner(expr);
        self.depth -= 1;
        resolved
    }

    fn expr_inner(&mut self, expr: &ast::Expr) -> Expr {
        let span = expr.span;
        let kind = match expr.kind.as_ref() {
            ast::ExprKind::Error => ExprKind::Error,
            ast::ExprKind::Name(name) => return self.named(name, &[], span),
            ast::ExprKind::Apply { operator, args } => {
                let args: Vec<&ast::Expr> = args.iter().collect();
                return self.named(operator, &args, span);
            }
            ast::ExprKind::Number(digits) => match digits.parse() {
                Ok(value) => ExprKind::Int(value),
                Err(_) => return self.unsupported("a number this large", span, "numbers have 127 bits"),
            },
            ast::ExprKind::Str(text) => ExprKind::Str(Arc::from(text.as_str())),
            ast::ExprKind::Path(_) => return self.unsupported("a name with `!`", span, ""),
            ast::ExprKind::Lambda { .. } => return self.unsupported("`LAMBDA`", span, ""),
            ast::ExprKind::TemporalQuantifier { .. } => {
                return self.unsupported("a temporal quantifier", span, "");
            }
            ast::ExprKind::Label { body, .. } => return self.expr(body),
            ast::ExprKind::Chain { operator, operands } => return self.chain(operator, operands, span),
            ast::ExprKind::Infix { operator, left, right } => {
                return self.infix(expr, operator, left, right);
            }
            ast::ExprKind::Prefix { operator, operand } => return self.prefix(operator, operand, span),
            ast::ExprKind::Postfix { operator, operand } => {
                if operator.text != "'" {
                    return self.named(operator, &[operand], span);
                }
                let operand = self.expr(operand);
                return self.prime(&operand, span);
            }
            ast::ExprKind::Junction { conjunction, items } => {
                let items = items.iter().map(|item| self.expr(item)).collect();
                return self.junction(*conjunction, items, span);
            }
            ast::ExprKind::Paren(inner) => return self.expr(inner),
            ast::ExprKind::Quantifier { universal, bounds, body } => {
                let quantifier = if *universal { Quantifier::Forall } else { Quantifier::Exists };
                let mark = self.scope.enter();
                let binders = self.bounds(bounds);
                let body = self.expr(body);
                self.scope.leave(mark);
                ExprKind::Quantifier(quantifier, binders, body)
            }
            ast::ExprKind::Choose { bound, body } => {
                let (binder, body) = self.bound_body(bound, body, span);
                ExprKind::Choose(binder, body)
            }
            ast::ExprKind::SetEnum(items) => {
                ExprKind::SetEnum(items.iter().map(|item| self.expr(item)).collect())
            }
            ast::ExprKind::SetFilter { bound, body } => {
                let (binder, body) = self.bound_body(bound, body, span);
                ExprKind::SetFilter(binder, body)
            }
            ast::ExprKind::SetMap { element, bounds } => {
                let mark = self.scope.enter();
                let binders = self.bounds(bounds);
                let element = self.expr(element);
                self.scope.leave(mark);
                ExprKind::SetMap(binders, element)
            }
            ast::ExprKind::Function { bounds, body } => return self.function_literal(bounds, body, span),
            ast::ExprKind::FunctionSet { domain, range } => {
                ExprKind::FunctionSet(self.expr(domain), self.expr(range))
            }
            ast::ExprKind::Record(fields) => ExprKind::Record(self.fields(fields)),
            ast::ExprKind::RecordSet(fields) => ExprKind::RecordSet(self.fields(fields)),
            ast::ExprKind::Except { base, updates } => return self.except(base, updates),
            ast::ExprKind::At => {
                if let Some(old) = self.at.last() {
                    return old.clone();
                }

                self.errors.push(ResolveError::MisplacedAt { at: span });
                ExprKind::Error
            }
            ast::ExprKind::Index { function, args } => {
                let function = self.expr(function);
                let argument = self.argument(args);
                ExprKind::Index(function, argument)
            }
            ast::ExprKind::Field { record, field } => ExprKind::Field(self.expr(record), name(field)),
            ast::ExprKind::Tuple(items) => {
                ExprKind::Tuple(items.iter().map(|item| self.expr(item)).collect())
            }
            ast::ExprKind::Product(items) => {
                ExprKind::Product(items.iter().map(|item| self.expr(item)).collect())
            }
            ast::ExprKind::If { condition, then, otherwise } => {
                ExprKind::If(self.expr(condition), self.expr(then), self.expr(otherwise))
            }
            ast::ExprKind::Case { arms, other } => return self.case(arms, other.as_ref(), span),
            ast::ExprKind::Let { definitions, body } => return self.let_in(definitions, body),
            ast::ExprKind::ActionBox { angle, action, subscript } => {
                let action = self.expr(action);
                let subscript = self.expr(subscript);
                if *angle {
                    ExprKind::Temporal("<<A>>_v", vec![action, subscript])
                } else {
                    ExprKind::ActionBox(action, subscript)
                }
            }
            ast::ExprKind::Fairness { strong, subscript, action } => {
                let subscript = self.expr(subscript);
                let action = self.expr(action);
                ExprKind::Temporal(if *strong { "SF" } else { "WF" }, vec![action, subscript])
            }
        };
        self.make(kind, span)
    }

    /// An expression that is refused because of its depth, which is told once.
    fn too_deep(&mut self, at: Span) -> Expr {
        if self.reported.insert("nesting".to_owned()) {
            self.unsupported("an expression nested this deeply", at, "give a part of it a name");
        }
        error(at)
    }

    pub(super) fn unsupported(&mut self, what: impl Into<String>, at: Span, help: &str) -> Expr {
        let help = (!help.is_empty()).then(|| help.to_owned());
        self.errors.push(ResolveError::Unsupported { what: what.into(), at, help });
        error(at)
    }

    fn fields(&mut self, fields: &[(ast::Name, ast::Expr)]) -> Vec<(Name, Expr)> {
        let mut resolved: Vec<(Name, Expr)> = Vec::with_capacity(fields.len());
        for (field, value) in fields {
            let value = self.expr(value);
            if let Some((before, _)) = resolved.iter().find(|(before, _)| before.text == field.text) {
                let before = Some(before.span);
                self.errors.push(ResolveError::DuplicateName {
                    name: field.text.clone(),
                    at: field.span,
                    before,
                });
                continue;
            }
            resolved.push((name(field), value));
        }
        resolved
    }

    /// A conjunction or disjunction, flattened.
    pub(super) fn junction(&mut self, conjunction: bool, items: Vec<Expr>, span: Span) -> Expr {
        let mut flat = Vec::with_capacity(items.len());
        for item in items {
            match (&item.kind, conjunction) {
                (ExprKind::And(inner), true) | (ExprKind::Or(inner), false) => {
                    flat.extend(inner.iter().cloned());
                }
                _ => flat.push(item),
            }
        }
        match (flat.len(), conjunction) {
            (1, _) => flat.remove(0),
            (0, _) => error(span),
            (_, true) => self.make(ExprKind::And(flat), span),
            (_, false) => self.make(ExprKind::Or(flat), span),
        }
    }

    /// `a + b + c`, from the left: `(a + b) + c`.
    fn chain(&mut self, operator: &ast::Name, operands: &[ast::Expr], span: Span) -> Expr {
        let symbol = operator.text.as_str();
        if matches!(symbol, "/\\" | "\\/") {
            let items = operands.iter().map(|operand| self.expr(operand)).collect();
            return self.junction(symbol == "/\\", items, span);
        }
        // What is flat here is a tree below, which has to stay within the limit.
        if self.depth + operands.len() > MAX_DEPTH {
            return self.too_deep(span);
        }
        let mut operands = operands.iter();
        let Some(first) = operands.next() else { return error(span) };
        let mut whole = self.expr(first);
        for operand in operands {
            let right = self.expr(operand);
            let so_far = Span { end: operand.span.end, ..span };
            whole = self.binary(operator, whole, right, so_far);
        }
        whole
    }

    fn infix(&mut self, expr: &ast::Expr, operator: &ast::Name, left: &ast::Expr, right: &ast::Expr) -> Expr {
        let span = expr.span;
        let symbol = operator.text.as_str();
        if matches!(symbol, "/\\" | "\\/") {
            let mut operands = Vec::new();
            let mut rest = left;
            operands.push(right);
            // The left spine of a long chain is walked in a loop, not by recursion.
            while let ast::ExprKind::Infix { operator, left, right } = rest.kind.as_ref() {
                if operator.text != symbol {
                    break;
                }
                operands.push(right);
                rest = left;
            }
            operands.push(rest);
            let items = operands.into_iter().rev().map(|operand| self.expr(operand)).collect();
            return self.junction(symbol == "/\\", items, span);
        }
        let left = self.expr(left);
        let right = self.expr(right);
        self.binary(operator, left, right, span)
    }

    /// An infix operator other than `/\` and `\/`, applied.
    fn binary(&mut self, operator: &ast::Name, a: Expr, b: Expr, span: Span) -> Expr {
        let symbol = operator.text.as_str();
        if !is_language_operator(symbol) {
            return self.applied(operator, vec![a, b], span);
        }
        let kind = match symbol {
            "=>" => ExprKind::Implies(a, b),
            "<=>" => ExprKind::Iff(a, b),
            "=" => ExprKind::Equal(a, b),
            "#" => {
                let equal = self.make(ExprKind::Equal(a, b), span);
                ExprKind::Not(equal)
            }
            "\\in" => ExprKind::In(a, b),
            "\\notin" => {
                let member = self.make(ExprKind::In(a, b), span);
                ExprKind::Not(member)
            }
            "\\subseteq" => ExprKind::SubsetEq(a, b),
            "\\cup" => ExprKind::Union(a, b),
            "\\cap" => ExprKind::Intersect(a, b),
            "\\" => ExprKind::Minus(a, b),
            "\\X" => ExprKind::Product(vec![a, b]),
            "~>" => ExprKind::Temporal("~>", vec![a, b]),
            _ => return self.unsupported(format!("the operator `{symbol}`"), operator.span, ""),
        };
        self.make(kind, span)
    }

    fn prefix(&mut self, operator: &ast::Name, operand: &ast::Expr, span: Span) -> Expr {
        let symbol = operator.text.as_str();
        if !matches!(symbol, "~" | "SUBSET" | "UNION" | "DOMAIN" | "UNCHANGED" | "[]" | "<>" | "ENABLED") {
            return self.named(operator, &[operand], span);
        }
        let operand = self.expr(operand);
        let kind = match symbol {
            "~" => ExprKind::Not(operand),
            "SUBSET" => ExprKind::Powerset(operand),
            "UNION" => ExprKind::BigUnion(operand),
            "DOMAIN" => ExprKind::Domain(operand),
            "UNCHANGED" => ExprKind::Unchanged(operand),
            "[]" => ExprKind::Always(operand),
            "<>" => ExprKind::Temporal("<>", vec![operand]),
            _ => ExprKind::Temporal("ENABLED", vec![operand]),
        };
        self.make(kind, span)
    }

    /// A name or symbol applied to arguments, of which there may be none.
    fn named(&mut self, operator: &ast::Name, args: &[&ast::Expr], span: Span) -> Expr {
        if args.is_empty() {
            let kind = match operator.text.as_str() {
                "TRUE" => Some(ExprKind::Bool(true)),
                "FALSE" => Some(ExprKind::Bool(false)),
                "BOOLEAN" => Some(ExprKind::Builtin(BuiltinSet::Boolean)),
                "STRING" => Some(ExprKind::Builtin(BuiltinSet::String)),
                _ => None,
            };
            if let Some(kind) = kind {
                return self.make(kind, span);
            }
        }
        let args: Vec<Expr> = args.iter().map(|arg| self.expr(arg)).collect();
        self.applied(operator, args, span)
    }

    /// A name or symbol applied to arguments that are resolved.
    fn applied(&mut self, operator: &ast::Name, args: Vec<Expr>, span: Span) -> Expr {
        let Some(entry) = self.scope.get(&operator.text) else {
            self.unknown(operator);
            return error(span);
        };
        let declared = entry.span;
        let meaning = entry.meaning.clone();
        let arity = match &meaning {
            Meaning::Broken => return error(span),
            Meaning::Local(_) | Meaning::Component { .. } | Meaning::Variable(_) | Meaning::Fact(_) => 0,
            Meaning::Constant { arity, .. }
            | Meaning::Def { arity, .. }
            | Meaning::Primitive { arity, .. } => *arity,
            Meaning::Pragma { .. } => {
                let what = format!("the pragma operator `{}` outside `BY`", operator.text);
                return self.unsupported(what, operator.span, "pragma operators only guide proofs");
            }
        };
        if arity != args.len() {
            self.errors.push(ResolveError::ArityMismatch {
                name: operator.text.clone(),
                expected: arity,
                found: args.len(),
                at: span,
                declared,
            });
            return error(span);
        }
        let kind = match meaning {
            Meaning::Broken | Meaning::Pragma { .. } => ExprKind::Error,
            Meaning::Local(id) => ExprKind::Local(id, Time::Now),
            Meaning::Component { local, index, arity } => {
                let tuple = Expr::new(ExprKind::Local(local, Time::Now), Level::Constant, span);
                ExprKind::Component(tuple, index, arity)
            }
            Meaning::Variable(id) => ExprKind::Variable(id, Time::Now),
            Meaning::Fact(position) => return self.out.facts[position].statement.clone(),
            Meaning::Constant { id, .. } => ExprKind::Constant(id, args),
            Meaning::Def { id, captured, .. } => {
                let args = captured.into_iter().chain(args).collect();
                return self.apply(id, args, Time::Now, span);
            }
            Meaning::Primitive { primitive, .. } => return self.primitive(primitive, operator, args, span),
        };
        self.make(kind, span)
    }

    fn primitive(&mut self, primitive: Primitive, operator: &ast::Name, args: Vec<Expr>, span: Span) -> Expr {
        let mut args = args.into_iter();
        let kind = match (primitive, args.next(), args.next()) {
            (Primitive::Set(set), _, _) => ExprKind::Builtin(set),
            (Primitive::Arithmetic(op), Some(a), Some(b)) => ExprKind::Arithmetic(op, a, b),
            (Primitive::Compare(op), Some(a), Some(b)) => ExprKind::Compare(op, a, b),
            (Primitive::Swapped(op), Some(a), Some(b)) => ExprKind::Compare(op, b, a),
            (Primitive::Range, Some(a), Some(b)) => ExprKind::Range(a, b),
            (Primitive::Negate, Some(a), _) => ExprKind::Negate(a),
            (Primitive::IsFinite, Some(a), _) => ExprKind::IsFinite(a),
            (Primitive::Cardinality, Some(a), _) => ExprKind::Cardinality(a),
            (Primitive::Len, Some(a), _) => ExprKind::Len(a),
            (Primitive::SequenceSet, Some(a), _) => ExprKind::SequenceSet(a),
            (
                Primitive::Arithmetic(_)
                | Primitive::Compare(_)
                | Primitive::Swapped(_)
                | Primitive::Range
                | Primitive::Negate
                | Primitive::IsFinite
                | Primitive::Cardinality
                | Primitive::Len
                | Primitive::SequenceSet,
                _,
                _,
            ) => return self.unsupported(format!("`{}`", operator.text), operator.span, ""),
        };
        self.make(kind, span)
    }
}

/// Whether an infix symbol belongs to the language itself, whatever is extended.
fn is_language_operator(symbol: &str) -> bool {
    matches!(
        symbol,
        "=>" | "<=>"
            | "="
            | "#"
            | "\\in"
            | "\\notin"
            | "\\subseteq"
            | "\\cup"
            | "\\cap"
            | "\\"
            | "\\X"
            | "~>"
            | "-+->"
    )
}
