//! Sugar: bounds and tuple patterns, functions of several arguments, `EXCEPT`, `CASE`, `LET`.
//!
//! - `<<x, y>> \in S` binds one fresh local, of which `x` and `y` are the components;
//! - `[x \in S, y \in T |-> e]` is a function on `S \X T`, and `f[a, b]` is `f[<<a, b>>]`;
//! - `[f EXCEPT ![a].b = e, ...]` is one update after the other, each of one step;
//! - `CASE` is nested `IF` where no two guards can hold together, and otherwise what the TLA+ book defines,
//!   `CHOOSE v : (p /\ v = a) \/ (q /\ v = b)`: which arm is taken is then unspecified.

use super::Ctx;
use super::errors::ResolveError;
use super::prime::{error, unsupported};
use super::scope::Meaning;
use crate::ast;
use crate::ids::Id;
use crate::resolved::{Binder, Expr, ExprKind, Level, LocalId};
use crate::source::{FileId, Span};
use crate::typed::Time;

impl<'a> Ctx<'a> {
    /// Binds what a list of bounds binds; domains see none of it.
    pub(super) fn bounds(&mut self, bounds: &'a [ast::Bound]) -> Vec<Binder> {
        let domains: Vec<Option<Expr>> =
            bounds.iter().map(|bound| bound.domain.as_ref().map(|domain| self.expr(domain))).collect();
        let mut binders = Vec::new();
        for (bound, domain) in bounds.iter().zip(domains) {
            match &bound.pattern {
                ast::Pattern::Names(names) => {
                    for name in names {
                        let local = self.fresh(name, false);
                        self.bind(name, Meaning::Local(local));
                        binders.push(Binder { local, domain: domain.clone() });
                    }
                }
                ast::Pattern::Tuple(names) => {
                    let local = self.tuple_local(names);
                    for (index, name) in names.iter().enumerate() {
                        self.bind(name, Meaning::Component { local, index, arity: names.len() });
                    }
                    binders.push(Binder { local, domain });
                }
            }
        }
        binders
    }

    /// The fresh local behind a tuple pattern, named after its parts.
    fn tuple_local(&mut self, names: &[ast::Name]) -> LocalId {
        let text: Vec<&str> = names.iter().map(|name| name.text.as_str()).collect();
        let span = match (names.first(), names.last()) {
            (Some(first), Some(last)) => first.span.to(last.span),
            _ => anywhere(),
        };
        self.fresh(&ast::Name { text: text.join("_"), span }, false)
    }

    /// One bound with its body; several names are a mistake that the parser lets through.
    pub(super) fn bound_body(
        &mut self,
        bound: &'a ast::Bound,
        body: &'a ast::Expr,
        span: Span,
    ) -> (Binder, Expr) {
        let mark = self.scope.enter();
        let mut binders = self.bounds(std::slice::from_ref(bound));
        let several = binders.len() > 1;
        let mut body = self.expr(body);
        if several {
            body = unsupported("more than one name", span, "bind one name, or a tuple `<<x, y>>`");
        }
        self.scope.leave(mark);
        if binders.is_empty() {
            let local = self.tuple_local(&[]);
            binders.push(Binder { local, domain: None });
        }
        (binders.swap_remove(0), body)
    }

    /// `[x \in S, y \in T |-> e]`.
    pub(super) fn function_literal(
        &mut self,
        bounds: &'a [ast::Bound],
        body: &'a ast::Expr,
        span: Span,
    ) -> Expr {
        let single = matches!(bounds, [ast::Bound { pattern: ast::Pattern::Tuple(_), .. }])
            || matches!(bounds, [ast::Bound { pattern: ast::Pattern::Names(names), .. }] if names.len() == 1);
        if let ([bound], true) = (bounds, single) {
            let (binder, body) = self.bound_body(bound, body, span);
            return self.make(ExprKind::Function(binder, body), span);
        }
        let mut names: Vec<&ast::Name> = Vec::new();
        let mut domains = Vec::new();
        for bound in bounds {
            let Some(domain) = &bound.domain else {
                return unsupported("a function without a domain", span, "write `x \\in S`");
            };
            let domain = self.expr(domain);
            match &bound.pattern {
                ast::Pattern::Names(bound_names) => {
                    for name in bound_names {
                        names.push(name);
                        domains.push(domain.clone());
                    }
                }
                ast::Pattern::Tuple(_) => {
                    let help = "bind the tuple as one name";
                    return unsupported("a tuple pattern beside other arguments", span, help);
                }
            }
        }
        let owned: Vec<ast::Name> = names.iter().map(|name| (*name).clone()).collect();
        let local = self.tuple_local(&owned);
        let mark = self.scope.enter();
        for (index, name) in owned.iter().enumerate() {
            self.bind(name, Meaning::Component { local, index, arity: owned.len() });
        }
        let body = self.expr(body);
        self.scope.leave(mark);
        let domain = self.make(ExprKind::Product(domains), span);
        self.make(ExprKind::Function(Binder { local, domain: Some(domain) }, body), span)
    }

    /// The argument of `f[a]`, or of `f[a, b]`, which is a tuple.
    pub(super) fn argument(&mut self, args: &'a [ast::Expr]) -> Expr {
        let mut resolved: Vec<Expr> = args.iter().map(|arg| self.expr(arg)).collect();
        match (resolved.first(), resolved.last()) {
            (Some(first), Some(last)) if resolved.len() > 1 => {
                let span = first.span.to(last.span);
                self.make(ExprKind::Tuple(resolved), span)
            }
            (Some(_), _) => resolved.swap_remove(0),
            (None, _) => error(anywhere()),
        }
    }

    /// `[f EXCEPT ![a].b = e, ...]`.
    pub(super) fn except(&mut self, base: &'a ast::Expr, updates: &'a [ast::ExceptUpdate]) -> Expr {
        let mut current = self.expr(base);
        for update in updates {
            current = self.update(&current, &update.path, &update.value, update.span);
        }
        current
    }

    fn update(&mut self, old: &Expr, path: &'a [ast::ExceptStep], value: &'a ast::Expr, span: Span) -> Expr {
        let Some((step, rest)) = path.split_first() else {
            self.at.push(old.clone());
            let value = self.expr(value);
            self.at.pop();
            return value;
        };
        match step {
            ast::ExceptStep::Index(args) => {
                let argument = self.argument(args);
                let part = self.make(ExprKind::Index(old.clone(), argument.clone()), argument.span);
                let part = self.update(&part, rest, value, span);
                self.make(ExprKind::Except(old.clone(), argument, part), span)
            }
            ast::ExceptStep::Field(field) => {
                let name = super::name(field);
                let part = self.make(ExprKind::Field(old.clone(), name.clone()), field.span);
                let part = self.update(&part, rest, value, span);
                self.make(ExprKind::FieldUpdate(old.clone(), name, part), span)
            }
        }
    }

    /// `CASE p -> a [] q -> b [] OTHER -> c`.
    pub(super) fn case(
        &mut self,
        arms: &'a [(ast::Expr, ast::Expr)],
        other: Option<&'a ast::Expr>,
        span: Span,
    ) -> Expr {
        let arms: Vec<(Expr, Expr)> =
            arms.iter().map(|(guard, value)| (self.expr(guard), self.expr(value))).collect();
        let other = other.map(|other| self.expr(other));
        let exclusive = arms
            .iter()
            .enumerate()
            .all(|(i, (guard, _))| arms[..i].iter().all(|(earlier, _)| exclude(earlier, guard)));
        if !exclusive {
            return self.case_by_choice(arms, other, span);
        }
        let last = if let Some(other) = other {
            other
        } else {
            let local = self.fresh(&ast::Name { text: "unspecified".to_owned(), span }, false);
            let never = self.make(ExprKind::Bool(false), span);
            self.make(ExprKind::Choose(Binder { local, domain: None }, never), span)
        };
        arms.into_iter().rev().fold(last, |otherwise, (guard, value)| {
            let span = guard.span;
            self.make(ExprKind::If(guard, value, otherwise), span)
        })
    }

    /// `CHOOSE v : (p /\ v = a) \/ (q /\ v = b)`, with `OTHER` guarded by the negation of all guards.
    fn case_by_choice(&mut self, mut arms: Vec<(Expr, Expr)>, other: Option<Expr>, span: Span) -> Expr {
        if let Some(other) = other {
            let mut none = Vec::new();
            for (guard, _) in &arms {
                none.push(self.make(ExprKind::Not(guard.clone()), guard.span));
            }
            let guard = self.junction(true, none, other.span);
            arms.push((guard, other));
        }
        if let Some((guard, value)) = arms.iter().find(|(p, v)| p.level.max(v.level) > Level::State) {
            let at = if value.level > Level::State { value.span } else { guard.span };
            let help = "make the guards exclude each other, or use `IF`";
            return unsupported("an action in a `CASE` whose guards may hold together", at, help);
        }
        let local = self.fresh(&ast::Name { text: "case".to_owned(), span }, false);
        let mut cases = Vec::new();
        for (guard, value) in arms {
            let chosen = Expr::new(ExprKind::Local(local, Time::Now), Level::Constant, value.span);
            let at = guard.span.to(value.span);
            let equal = self.make(ExprKind::Equal(chosen, value), at);
            cases.push(self.junction(true, vec![guard, equal], at));
        }
        let body = self.junction(false, cases, span);
        self.make(ExprKind::Choose(Binder { local, domain: None }, body), span)
    }

    /// `LET defs IN body`.
    pub(super) fn let_in(&mut self, definitions: &'a [ast::Unit], body: &'a ast::Expr) -> Expr {
        let mark = self.scope.enter();
        let pending = self.placeholders();
        for unit in definitions {
            self.let_definition(unit);
        }
        self.all_defined(&pending);
        let body = self.expr(body);
        self.scope.leave(mark);
        body
    }

    /// One definition of a `LET`, bound until the scope is left.
    pub(super) fn let_definition(&mut self, unit: &'a ast::Unit) {
        let owner = self.defining.last().map(|owner| format!("{owner}.")).unwrap_or_default();
        match &unit.kind {
            ast::UnitKind::Operator(def) => {
                let (meaning, announced) = self.operator(def, &owner);
                if announced {
                    self.scope.redeclare(&def.name.text, meaning, def.name.span);
                } else {
                    self.bind(&def.name, meaning);
                }
            }
            ast::UnitKind::Function(def) => {
                let meaning = self.function(def, &owner);
                self.bind(&def.name, meaning);
            }
            ast::UnitKind::InstanceDef(def) => {
                let meaning = self.named_instance(def, &owner);
                self.bind(&def.name, meaning);
            }
            ast::UnitKind::Instance(instance) => self.bound_instance(instance, &owner),
            ast::UnitKind::Recursive(announced) => {
                for declared in announced {
                    self.announce_bound(declared);
                }
            }
            // The grammar lets nothing else into a `LET`.
            ast::UnitKind::Constants(_)
            | ast::UnitKind::Variables(_)
            | ast::UnitKind::Assume(_)
            | ast::UnitKind::Theorem(_)
            | ast::UnitKind::Module(_)
            | ast::UnitKind::Use(_) => {
                self.errors.push(ResolveError::Unsupported {
                    what: "a declaration inside `LET`".to_owned(),
                    at: unit.span,
                    help: Some("declare it at the top of the module".to_owned()),
                });
            }
        }
    }
}

/// A place for what has none, which a parser does not produce.
fn anywhere() -> Span {
    Span { file: FileId::from_index(0), start: 0, end: 0 }
}

/// Whether two guards visibly cannot hold together: one is the other's negation, or both compare the
/// same thing with different literals.
fn exclude(a: &Expr, b: &Expr) -> bool {
    if let ExprKind::Not(inner) = &a.kind
        && same(inner, b)
    {
        return true;
    }
    if let ExprKind::Not(inner) = &b.kind
        && same(inner, a)
    {
        return true;
    }
    let (ExprKind::Equal(left, first), ExprKind::Equal(right, second)) = (&a.kind, &b.kind) else {
        return false;
    };
    let different = match (&first.kind, &second.kind) {
        (ExprKind::Int(first), ExprKind::Int(second)) => first != second,
        (ExprKind::Str(first), ExprKind::Str(second)) => first != second,
        _ => false,
    };
    different && same(left, right)
}

/// Whether two expressions are visibly the same.
fn same(a: &Expr, b: &Expr) -> bool {
    match (&a.kind, &b.kind) {
        (ExprKind::Local(..), ExprKind::Local(..))
        | (ExprKind::Variable(..), ExprKind::Variable(..))
        | (ExprKind::Int(_), ExprKind::Int(_))
        | (ExprKind::Str(_), ExprKind::Str(_))
        | (ExprKind::Constant(..), ExprKind::Constant(..))
        | (ExprKind::Apply(..), ExprKind::Apply(..))
        | (ExprKind::Field(..), ExprKind::Field(..))
        | (ExprKind::Component(..), ExprKind::Component(..))
        | (ExprKind::Index(..), ExprKind::Index(..))
        | (ExprKind::Equal(..), ExprKind::Equal(..))
        | (ExprKind::In(..), ExprKind::In(..))
        | (ExprKind::Compare(..), ExprKind::Compare(..)) => {
            same_head(&a.kind, &b.kind) && same_operands(a, b)
        }
        _ => false,
    }
}

/// Whether two expressions of one form are the same apart from their operands.
fn same_head(a: &ExprKind, b: &ExprKind) -> bool {
    match (a, b) {
        (ExprKind::Local(first, time), ExprKind::Local(second, other)) => (first, time) == (second, other),
        (ExprKind::Variable(first, time), ExprKind::Variable(second, other)) => {
            (first, time) == (second, other)
        }
        (ExprKind::Apply(first, _, time), ExprKind::Apply(second, _, other)) => {
            (first, time) == (second, other)
        }
        (ExprKind::Int(first), ExprKind::Int(second)) => first == second,
        (ExprKind::Str(first), ExprKind::Str(second)) => first == second,
        (ExprKind::Constant(first, _), ExprKind::Constant(second, _)) => first == second,
        (ExprKind::Field(_, first), ExprKind::Field(_, second)) => first.text == second.text,
        (ExprKind::Component(_, first, _), ExprKind::Component(_, second, _)) => first == second,
        (ExprKind::Compare(first, ..), ExprKind::Compare(second, ..)) => first == second,
        _ => true,
    }
}

fn same_operands(a: &Expr, b: &Expr) -> bool {
    let (mut first, mut second) = (Vec::new(), Vec::new());
    a.kind.for_each_child(|child| first.push(child));
    b.kind.for_each_child(|child| second.push(child));
    first.len() == second.len() && first.into_iter().zip(second).all(|(a, b)| same(a, b))
}
