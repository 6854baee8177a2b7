//! Parts of definitions: `Op(a)!2`, `Op!label(b)`, `Op!(c)!1`.
//!
//! The definition's body is walked as written, down to the part that is meant, which is then resolved where
//! the definition stands; what its parameters and the bound names on the way stand for is substituted. Bound
//! names are turned into fresh parameters for this, so that nothing is captured.
//!
//! Positions are those of TLA+: the items of a junction list, the operands of an operator (an infix chain is
//! nested to the left), the arguments of an application, the sets of bounds, the parts of an `IF`; the body
//! of what binds names is reached by values for these. Parts that have no such position are refused.

use super::Ctx;
use super::errors::ResolveError;
use super::prime::{error, unsupported};
use super::scope::{Meaning, Values};
use crate::ast;
use crate::resolved::{Expr, Level};
use crate::source::Span;

/// Where the walk has come to.
#[derive(Clone, Copy)]
enum Place<'a> {
    /// An expression.
    Expr(&'a ast::Expr),
    /// The first operands of a chain, at least two.
    Chain { operator: &'a ast::Name, operands: &'a [ast::Expr] },
}

/// Why there is no part to be had.
enum Refusal {
    /// There is none at this step.
    Missing(Span),
    /// What the step means is not covered.
    Unsupported(&'static str, Span),
    /// It was reported.
    Reported,
}

/// A step with its arguments resolved.
struct Step<'a> {
    selector: &'a ast::Selector,
    args: Vec<Expr>,
    span: Span,
}

impl<'a> Ctx<'a> {
    /// The part of a definition, applied to arguments, that the steps lead to; `values` are what the
    /// parameters of the instance that it is in stand for.
    pub(super) fn part(
        &mut self,
        (meaning, values): (&Meaning, &Values),
        args: &'a [ast::Expr],
        steps: &'a [ast::PathStep],
        span: Span,
    ) -> Expr {
        let source =
            if let Meaning::Def { id, .. } = meaning { self.templates.source(*id).cloned() } else { None };
        let Some(source) = source else {
            let what = "a part of what is not a definition of an operator by an expression";
            return unsupported(what, span, "give the part a name of its own");
        };
        if source.params.len() != args.len() {
            return self.wrong_arity(&source.name, source.params.len(), args.len(), span, Some(source.span));
        }
        let args: Vec<Expr> = args.iter().map(|arg| self.expr(arg)).collect();
        let mut resolved = Vec::with_capacity(steps.len());
        for step in steps {
            let args = step.args.iter().map(|arg| self.expr(arg)).collect();
            resolved.push(Step { selector: &step.selector, args, span: step.span });
        }
        let mut values = values.clone();
        let found = self.where_defined(&source, |ctx| {
            for (param, arg) in source.params.iter().zip(args) {
                let local = ctx.param(&param.name);
                values.insert(local, arg);
            }
            let found = ctx.select(Place::Expr(source.body), &resolved, &mut values);
            found.map(|place| ctx.place(place))
        });
        match found {
            Ok(expr) => self.substitute(&expr, &values),
            Err(Refusal::Missing(at)) => {
                self.errors.push(ResolveError::NoSuchPart {
                    name: source.name,
                    at,
                    definition: source.body.span,
                });
                error(span)
            }
            Err(Refusal::Unsupported(what, at)) => unsupported(what, at, "give the part a name of its own"),
            Err(Refusal::Reported) => error(span),
        }
    }

    fn place(&mut self, place: Place<'a>) -> Expr {
        match place {
            Place::Expr(expr) => self.expr(expr),
            Place::Chain { operator, operands } => self.chain(operator, operands, operator.span),
        }
    }

    fn select(
        &mut self,
        place: Place<'a>,
        steps: &[Step<'a>],
        values: &mut Values,
    ) -> Result<Place<'a>, Refusal> {
        let Some((step, rest)) = steps.split_first() else { return Ok(place) };
        if let Place::Expr(expr) = place {
            if let ast::ExprKind::Error = expr.kind.as_ref() {
                return Err(Refusal::Reported);
            }
            if let ast::ExprKind::Paren(inner) = expr.kind.as_ref() {
                return self.select(Place::Expr(inner), steps, values);
            }
            if let ast::ExprKind::Label { body, .. } = expr.kind.as_ref()
                && !matches!(step.selector, ast::Selector::Name(_))
            {
                return self.select(Place::Expr(body), steps, values);
            }
        }
        let next = match step.selector {
            ast::Selector::Body => place,
            ast::Selector::Name(name) => self.labelled(place, name, step, values)?,
            ast::Selector::Operand(number) => {
                operand(place, Some(*number)).ok_or(Refusal::Missing(step.span))??
            }
            ast::Selector::First => operand(place, Some(1)).ok_or(Refusal::Missing(step.span))??,
            ast::Selector::Last => operand(place, None).ok_or(Refusal::Missing(step.span))??,
            ast::Selector::Inside => {
                return Err(Refusal::Unsupported("`!@`, a part as an operator,", step.span));
            }
            ast::Selector::Instantiate => self.instantiated(place, step, values)?,
        };
        self.select(next, rest, values)
    }

    /// The part with a label, or a definition of a `LET`.
    fn labelled(
        &mut self,
        place: Place<'a>,
        label: &ast::Name,
        step: &Step<'a>,
        values: &mut Values,
    ) -> Result<Place<'a>, Refusal> {
        let Place::Expr(root) = place else { return Err(Refusal::Missing(step.span)) };
        let mut around = Vec::new();
        match find_label(root, &label.text, &mut around, 0) {
            Some(Target::Label { params, body }) => {
                // Between the label and where the search began, names are bound; the label lists them.
                if params.len() != step.args.len() {
                    self.wrong_arity(&label.text, params.len(), step.args.len(), step.span, Some(label.span));
                    return Err(Refusal::Reported);
                }
                for unit in around
                    .iter()
                    .filter_map(|outer| if let Around::Let(unit) = outer { Some(*unit) } else { None })
                {
                    self.let_definition(unit);
                }
                for (param, arg) in params.iter().zip(&step.args) {
                    let local = self.param(param);
                    values.insert(local, arg.clone());
                }
                Ok(Place::Expr(body))
            }
            Some(Target::Definition { params, body }) => {
                if params.len() != step.args.len() || params.iter().any(|param| param.arity > 0) {
                    self.wrong_arity(&label.text, params.len(), step.args.len(), step.span, Some(label.span));
                    return Err(Refusal::Reported);
                }
                for outer in &around {
                    match outer {
                        Around::Let(unit) => self.let_definition(unit),
                        Around::Bound => {
                            let what = "a definition inside of what binds names";
                            return Err(Refusal::Unsupported(what, step.span));
                        }
                    }
                }
                for (param, arg) in params.iter().zip(&step.args) {
                    let local = self.param(&param.name);
                    values.insert(local, arg.clone());
                }
                Ok(Place::Expr(body))
            }
            None => Err(Refusal::Missing(step.span)),
        }
    }

    /// `!(a, b)`: the body of what binds names, for these values.
    #[expect(clippy::wildcard_enum_match_arm, reason = "few forms bind names")]
    fn instantiated(
        &mut self,
        place: Place<'a>,
        step: &Step<'a>,
        values: &mut Values,
    ) -> Result<Place<'a>, Refusal> {
        let Place::Expr(expr) = place else { return Err(Refusal::Missing(step.span)) };
        let (bounds, body) = match expr.kind.as_ref() {
            ast::ExprKind::Quantifier { bounds, body, .. } | ast::ExprKind::Function { bounds, body } => {
                (bounds.as_slice(), body)
            }
            ast::ExprKind::SetMap { bounds, element } => (bounds.as_slice(), element),
            ast::ExprKind::Choose { bound, body } | ast::ExprKind::SetFilter { bound, body } => {
                (std::slice::from_ref(bound), body)
            }
            _ => return Err(Refusal::Missing(step.span)),
        };
        let mut names = Vec::new();
        for bound in bounds {
            match &bound.pattern {
                ast::Pattern::Names(bound) => names.extend(bound),
                ast::Pattern::Tuple(_) => {
                    return Err(Refusal::Unsupported("a part of what binds a tuple", step.span));
                }
            }
        }
        if names.len() != step.args.len() {
            self.wrong_arity("!", names.len(), step.args.len(), step.span, Some(expr.span));
            return Err(Refusal::Reported);
        }
        for (name, arg) in names.into_iter().zip(&step.args) {
            if arg.level > Level::Constant {
                // A bound name never changes; what changes may only stand for it where nothing is primed.
                let what = "a part that puts what changes in the place of a bound name";
                return Err(Refusal::Unsupported(what, step.span));
            }
            let local = self.fresh(name, false);
            self.bind(name, Meaning::Local(local));
            values.insert(local, arg.clone());
        }
        Ok(Place::Expr(body))
    }
}

/// What a name in a path may lead to inside a body.
enum Target<'a> {
    Label { params: &'a [ast::Name], body: &'a ast::Expr },
    Definition { params: &'a [ast::Param], body: &'a ast::Expr },
}

/// What lies around it.
enum Around<'a> {
    /// A definition that it sees.
    Let(&'a ast::Unit),
    /// Bound names.
    Bound,
}

/// The label or `LET` definition of a name, not inside another label; `around` collects what it sees.
fn find_label<'a>(
    expr: &'a ast::Expr,
    name: &str,
    around: &mut Vec<Around<'a>>,
    depth: usize,
) -> Option<Target<'a>> {
    // Deeper expressions were refused when the definition was resolved.
    if depth > super::expr::MAX_DEPTH {
        return None;
    }
    if let ast::ExprKind::Label { name: label, params, body } = expr.kind.as_ref() {
        return (label.text == name).then_some(Target::Label { params, body });
    }
    let mark = around.len();
    if let ast::ExprKind::Let { definitions, body } = expr.kind.as_ref() {
        for unit in definitions {
            if let ast::UnitKind::Operator(def) = &unit.kind
                && def.name.text == name
            {
                return Some(Target::Definition { params: &def.params, body: &def.body });
            }
            around.push(Around::Let(unit));
        }
        let found = find_label(body, name, around, depth + 1);
        if found.is_none() {
            around.truncate(mark);
        }
        return found;
    }
    if binds(expr) {
        around.push(Around::Bound);
    }
    let mut found = None;
    expr.for_each_child(|child| {
        if found.is_none() {
            found = find_label(child, name, around, depth + 1);
        }
    });
    if found.is_none() {
        around.truncate(mark);
    }
    found
}

fn binds(expr: &ast::Expr) -> bool {
    matches!(
        expr.kind.as_ref(),
        ast::ExprKind::Quantifier { .. }
            | ast::ExprKind::Choose { .. }
            | ast::ExprKind::SetFilter { .. }
            | ast::ExprKind::SetMap { .. }
            | ast::ExprKind::Function { .. }
    )
}

type Operand<'a> = Option<Result<Place<'a>, Refusal>>;

/// The operand of a number counted from 1, or the last one.
fn operand<'a>(place: Place<'a>, number: Option<usize>) -> Operand<'a> {
    let expr = match place {
        Place::Chain { operator, operands } => return chain_operand(operator, operands, number),
        Place::Expr(expr) => expr,
    };
    let of = |operands: &[&'a ast::Expr]| {
        let index = number.map_or(operands.len().checked_sub(1), |number| number.checked_sub(1))?;
        operands.get(index).map(|operand| Ok(Place::Expr(operand)))
    };
    let bounds =
        |bounds: &'a [ast::Bound]| of(&bounds.iter().filter_map(|b| b.domain.as_ref()).collect::<Vec<_>>());
    match expr.kind.as_ref() {
        ast::ExprKind::Chain { operator, operands } => chain_operand(operator, operands, number),
        ast::ExprKind::Junction { items, .. }
        | ast::ExprKind::Product(items)
        | ast::ExprKind::Tuple(items)
        | ast::ExprKind::SetEnum(items) => of(&items.iter().collect::<Vec<_>>()),
        ast::ExprKind::Apply { args, .. } => of(&args.iter().collect::<Vec<_>>()),
        ast::ExprKind::Infix { left, right, .. } => of(&[left, right]),
        ast::ExprKind::Prefix { operand, .. } | ast::ExprKind::Postfix { operand, .. } => of(&[operand]),
        ast::ExprKind::If { condition, then, otherwise } => of(&[condition, then, otherwise]),
        ast::ExprKind::FunctionSet { domain, range } => of(&[domain, range]),
        ast::ExprKind::ActionBox { action, subscript, .. } => of(&[action, subscript]),
        ast::ExprKind::Fairness { subscript, action, .. } => of(&[subscript, action]),
        ast::ExprKind::Quantifier { bounds: b, .. }
        | ast::ExprKind::Function { bounds: b, .. }
        | ast::ExprKind::SetMap { bounds: b, .. } => bounds(b),
        ast::ExprKind::Choose { bound, .. } | ast::ExprKind::SetFilter { bound, .. } => {
            bounds(std::slice::from_ref(bound))
        }
        ast::ExprKind::Index { function, args } => {
            let mut all = vec![function];
            all.extend(args);
            of(&all)
        }
        ast::ExprKind::Record(fields) | ast::ExprKind::RecordSet(fields) => {
            of(&fields.iter().map(|(_, value)| value).collect::<Vec<_>>())
        }
        ast::ExprKind::Case { .. }
        | ast::ExprKind::Let { .. }
        | ast::ExprKind::Except { .. }
        | ast::ExprKind::Field { .. }
        | ast::ExprKind::Path(_)
        | ast::ExprKind::TemporalQuantifier { .. } => {
            Some(Err(Refusal::Unsupported("a part of this form by its position", expr.span)))
        }
        ast::ExprKind::Paren(_)
        | ast::ExprKind::Label { .. }
        | ast::ExprKind::Lambda { .. }
        | ast::ExprKind::Error
        | ast::ExprKind::Name(_)
        | ast::ExprKind::Number(_)
        | ast::ExprKind::Str(_)
        | ast::ExprKind::At => None,
    }
}

/// `a + b + c` is `(a + b) + c`.
fn chain_operand<'a>(
    operator: &'a ast::Name,
    operands: &'a [ast::Expr],
    number: Option<usize>,
) -> Operand<'a> {
    let (last, first) = operands.split_last()?;
    match number {
        Some(1) => Some(Ok(match first {
            [only] => Place::Expr(only),
            _ => Place::Chain { operator, operands: first },
        })),
        Some(2) | None => Some(Ok(Place::Expr(last))),
        Some(_) => None,
    }
}
