//! Expressions: names are looked up, operators get their meaning, each form its resolved counterpart.

use std::rc::Rc;
use std::sync::Arc;

use super::errors::ResolveError;
use super::modules::Primitive;
use super::prime::{error, unsupported};
use super::scope::Meaning;
use super::{Ctx, name};
use crate::ast;
use crate::resolved::{Expr, ExprKind, Level, Name};
use crate::source::Span;
use crate::typed::{BuiltinSet, Quantifier, Time};

/// Deeper nesting is refused, so that no later pass can run out of stack.
pub(super) const MAX_DEPTH: usize = 250;

impl<'a> Ctx<'a> {
    /// Resolves an expression.
    pub(super) fn expr(&mut self, expr: &'a ast::Expr) -> Expr {
        if self.depth >= MAX_DEPTH {
            return too_deep(expr.span);
        }
        self.depth += 1;
        let resolved = self.expr_inner(expr);
        self.depth -= 1;
        resolved
    }

    fn expr_inner(&mut self, expr: &'a ast::Expr) -> Expr {
        let span = expr.span;
        let kind = match expr.kind.as_ref() {
            ast::ExprKind::Error => ExprKind::Error,
            ast::ExprKind::Name(name) => return self.named(name, &[], span),
            ast::ExprKind::Apply { operator, args } => {
                let args: Vec<&ast::Expr> = args.iter().collect();
                return self.named(operator, &args, span);
            }
            ast::ExprKind::Number(digits) if digits.contains('.') => {
                return unsupported("a decimal number", span, "scale it to an integer");
            }
            ast::ExprKind::Number(digits) => match digits.parse() {
                Ok(value) => ExprKind::Int(value),
                Err(_) if digits.contains('.') => {
                    return unsupported("a number with a fraction", span, "use whole numbers");
                }
                Err(_) => return unsupported("a number this large", span, "numbers have 127 bits"),
            },
            ast::ExprKind::Str(text) => ExprKind::Str(Arc::from(text.as_str())),
            ast::ExprKind::Path(steps) => return self.path(steps, span),
            ast::ExprKind::Lambda { .. } => {
                self.errors.push(ResolveError::OperatorMisplaced { name: "LAMBDA".to_owned(), at: span });
                ExprKind::Error
            }
            ast::ExprKind::TemporalQuantifier { universal, .. } => {
                let what = if *universal { "`\\AA`" } else { "`\\EE`" };
                return unsupported(what, span, "give the hidden variable by a definition instead");
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
                if let Some(refused) = self.enabled_of_substituted(if *strong { "SF" } else { "WF" }, span) {
                    return refused;
                }
                ExprKind::Temporal(if *strong { "SF" } else { "WF" }, vec![action, subscript])
            }
        };
        self.make(kind, span)
    }

    /// `ENABLED` quantifies over the next values of variables. Where an instance has put expressions in
    /// their place there is nothing left to quantify over, and substitution would change the meaning.
    fn enabled_of_substituted(&mut self, what: &str, span: Span) -> Option<Expr> {
        (!self.scope.plain).then(|| {
            let what = format!("`{what}` in an instance that substitutes expressions for variables");
            unsupported(what, span, "state the refinement of the safety part by itself")
        })
    }

    fn fields(&mut self, fields: &'a [(ast::Name, ast::Expr)]) -> Vec<(Name, Expr)> {
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

    /// `a + b + c`, from the left.
    pub(super) fn chain(&mut self, operator: &'a ast::Name, operands: &'a [ast::Expr], span: Span) -> Expr {
        let symbol = operator.text.as_str();
        let is_junction = matches!(symbol, "/\\" | "\\/");
        // What is flat here is a tree below, which has to stay within the limit.
        if !is_junction && self.depth + operands.len() > MAX_DEPTH {
            return too_deep(span);
        }
        let items: Vec<Expr> = operands.iter().map(|operand| self.expr(operand)).collect();
        if is_junction {
            return self.junction(symbol == "/\\", items, span);
        }
        let meaning = if is_language_operator(symbol) {
            Meaning::Symbol { symbol: Rc::from(symbol), arity: 2 }
        } else if let Some(entry) = self.scope.get(symbol) {
            entry.meaning.clone()
        } else {
            return self.unknown(operator, span);
        };
        let mut items = items.into_iter();
        let Some(first) = items.next() else { return error(span) };
        items.fold(first, |left, right| {
            let at = left.span.to(right.span);
            self.with_args(&meaning, operator, vec![left, right], at)
        })
    }

    fn infix(
        &mut self,
        expr: &'a ast::Expr,
        operator: &'a ast::Name,
        left: &'a ast::Expr,
        right: &'a ast::Expr,
    ) -> Expr {
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
        if !is_language_operator(symbol) {
            return self.named(operator, &[left, right], span);
        }
        let a = self.expr(left);
        let b = self.expr(right);
        self.binary(operator, a, b, span)
    }

    /// An infix operator of the language itself.
    fn binary(&mut self, operator: &ast::Name, a: Expr, b: Expr, span: Span) -> Expr {
        let kind = match operator.text.as_str() {
            "/\\" => return self.junction(true, vec![a, b], span),
            "\\/" => return self.junction(false, vec![a, b], span),
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
            symbol => return unsupported(format!("the operator `{symbol}`"), operator.span, ""),
        };
        self.make(kind, span)
    }

    fn prefix(&mut self, operator: &'a ast::Name, operand: &'a ast::Expr, span: Span) -> Expr {
        if !is_language_prefix(&operator.text) {
            return self.named(operator, &[operand], span);
        }
        let operand = self.expr(operand);
        self.unary(&operator.text, operand, span)
    }

    /// A prefix operator of the language itself.
    fn unary(&mut self, symbol: &str, operand: Expr, span: Span) -> Expr {
        let kind = match symbol {
            "~" => ExprKind::Not(operand),
            "SUBSET" => ExprKind::Powerset(operand),
            "UNION" => ExprKind::BigUnion(operand),
            "DOMAIN" => ExprKind::Domain(operand),
            "UNCHANGED" => ExprKind::Unchanged(operand),
            "[]" => ExprKind::Always(operand),
            "<>" => ExprKind::Temporal("<>", vec![operand]),
            _ => match self.enabled_of_substituted("ENABLED", span) {
                Some(refused) => return refused,
                None => ExprKind::Temporal("ENABLED", vec![operand]),
            },
        };
        self.make(kind, span)
    }

    /// A name or symbol applied to arguments, of which there may be none.
    fn named(&mut self, operator: &'a ast::Name, args: &[&'a ast::Expr], span: Span) -> Expr {
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
        let Some(entry) = self.scope.get(&operator.text) else {
            for arg in args {
                if !may_be_operator(arg) {
                    self.expr(arg);
                }
            }
            return self.unknown(operator, span);
        };
        let declared = entry.span;
        let meaning = entry.meaning.clone();
        self.applied(&meaning, operator, args, declared, span)
    }

    /// What has this meaning, applied to arguments as written.
    pub(super) fn applied(
        &mut self,
        meaning: &Meaning,
        operator: &'a ast::Name,
        args: &[&'a ast::Expr],
        declared: Option<Span>,
        span: Span,
    ) -> Expr {
        match meaning {
            Meaning::Broken => return error(span),
            Meaning::Unsupported(why) => {
                return Expr::new(ExprKind::Unsupported(Arc::clone(why)), Level::Constant, span);
            }
            Meaning::Pragma { .. } => {
                let what = format!("the pragma operator `{}` outside `BY`", operator.text);
                return unsupported(what, operator.span, "pragma operators only guide proofs");
            }
            Meaning::Instance(_) => {
                self.errors
                    .push(ResolveError::InstanceMisplaced { name: operator.text.clone(), at: operator.span });
                return error(span);
            }
            Meaning::Local(_)
            | Meaning::Component { .. }
            | Meaning::Constant { .. }
            | Meaning::Variable(_)
            | Meaning::Value(_)
            | Meaning::Def { .. }
            | Meaning::Template { .. }
            | Meaning::Primitive { .. }
            | Meaning::Symbol { .. }
            | Meaning::Opaque { .. }
            | Meaning::Fact(_) => {}
        }
        if meaning.arity() != args.len() {
            return self.wrong_arity(&operator.text, meaning.arity(), args.len(), span, declared);
        }
        if let Meaning::Template { template, values, .. } = meaning {
            return self.specialise(*template, values, args, span);
        }
        if let Meaning::Primitive { primitive: Primitive::Unsupported, name, module, .. } = meaning {
            for arg in args.iter().filter(|arg| !may_be_operator(arg)) {
                self.expr(arg);
            }
            return unsupported(format!("`{name}` of the module `{module}`"), span, "");
        }
        let args: Vec<Expr> = args.iter().map(|arg| self.expr(arg)).collect();
        self.with_args(meaning, operator, args, span)
    }

    /// What has this meaning, applied to as many arguments as it takes.
    pub(super) fn with_args(
        &mut self,
        meaning: &Meaning,
        operator: &ast::Name,
        args: Vec<Expr>,
        span: Span,
    ) -> Expr {
        if meaning.arity() != args.len() {
            return self.wrong_arity(&operator.text, meaning.arity(), args.len(), span, None);
        }
        let kind = match meaning {
            Meaning::Broken
            | Meaning::Pragma { .. }
            | Meaning::Instance(_)
            | Meaning::Template { .. }
            | Meaning::Opaque { .. } => ExprKind::Error,
            Meaning::Unsupported(why) => ExprKind::Unsupported(Arc::clone(why)),
            Meaning::Local(id) => ExprKind::Local(*id, Time::Now),
            Meaning::Component { local, index, arity } => {
                let tuple = Expr::new(ExprKind::Local(*local, Time::Now), Level::Constant, span);
                ExprKind::Component(tuple, *index, *arity)
            }
            Meaning::Variable(id) => ExprKind::Variable(*id, Time::Now),
            Meaning::Value(value) => return value.clone(),
            Meaning::Fact(position) => return self.out.facts[*position].statement.clone(),
            Meaning::Constant { id, .. } => ExprKind::Constant(*id, args),
            Meaning::Def { id, captured, .. } => {
                let args = captured.iter().cloned().chain(args).collect();
                return self.apply(*id, args, Time::Now, span);
            }
            Meaning::Primitive { primitive, name, module, .. } => {
                return self.primitive(*primitive, (name, module), args, span);
            }
            Meaning::Symbol { symbol, .. } => {
                let mut args = args.into_iter();
                return match (args.next(), args.next()) {
                    (Some(a), Some(b)) => {
                        let operator = ast::Name { text: symbol.to_string(), span: operator.span };
                        self.binary(&operator, a, b, span)
                    }
                    (Some(a), None) => self.unary(symbol, a, span),
                    (None, _) => error(span),
                };
            }
        };
        self.make(kind, span)
    }

    fn primitive(
        &mut self,
        primitive: Primitive,
        (name, module): (&str, &str),
        args: Vec<Expr>,
        span: Span,
    ) -> Expr {
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
                Primitive::Unsupported
                | Primitive::Arithmetic(_)
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
            ) => {
                return unsupported(format!("`{name}` of the module `{module}`"), span, "");
            }
        };
        self.make(kind, span)
    }
}

/// Whether a symbol can be passed as an operator of the language itself, and how many arguments it takes.
pub(super) fn language_operator(symbol: &str, arity: usize) -> bool {
    match arity {
        1 => is_language_prefix(symbol),
        2 => is_language_operator(symbol) || matches!(symbol, "/\\" | "\\/"),
        _ => false,
    }
}

/// An expression that is refused because of its depth.
fn too_deep(at: Span) -> Expr {
    unsupported("an expression nested this deeply", at, "give a part of it a name")
}

/// Whether an argument may name an operator, so that it may have no value.
fn may_be_operator(arg: &ast::Expr) -> bool {
    matches!(
        arg.kind.as_ref(),
        ast::ExprKind::Lambda { .. } | ast::ExprKind::Name(_) | ast::ExprKind::Path(_)
    )
}

/// Whether a prefix symbol belongs to the language itself.
fn is_language_prefix(symbol: &str) -> bool {
    matches!(symbol, "~" | "SUBSET" | "UNION" | "DOMAIN" | "UNCHANGED" | "[]" | "<>" | "ENABLED")
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
            | "\\cdot"
    )
}
