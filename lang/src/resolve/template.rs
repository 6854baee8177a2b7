//! Operators that take operators: since later stages are first-order, each is resolved once for each
//! distinct list of operators that it is given.
//!
//! Sound because `Map(F, S)` with `F` replaced by an operator `G` is what TLA+ says that `Map(G, S)` means,
//! and `G` is named here by its id: nothing that the body binds can capture a name in `G`. What `G` captures
//! where it is passed (`LAMBDA x : x + y` captures `y`) becomes parameters of the result, so that one result
//! serves all places that pass the same definition.

use std::rc::Rc;

use indexmap::{IndexMap, IndexSet};

use super::Ctx;
use super::errors::ResolveError;
use super::expr::language_operator;
use super::prime::{error, meaning_of, unsupported};
use super::scope::{Bound, Meaning, Scope, Values};
use crate::ast;
use crate::ids::Id;
use crate::resolved::{DefId, Expr, ExprKind, Level, LocalId};
use crate::source::Span;
use crate::typed::{ConstantId, Time};

/// More results than this are taken for a mistake.
const MAX_MADE: usize = 10_000;

/// A definition as written, to be resolved again.
#[derive(Clone, Debug)]
pub(super) struct Source<'a> {
    /// Its full name.
    pub(super) name: String,
    /// Where its name is.
    pub(super) span: Span,
    /// Its parameters.
    pub(super) params: &'a [ast::Param],
    /// Its body.
    pub(super) body: &'a ast::Expr,
    /// The scope of its module.
    pub(super) scope: usize,
    /// What is bound where it stands.
    pub(super) bound: Bound,
}

/// An operator that was passed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Passed {
    Def(DefId, usize),
    Constant(ConstantId),
    Primitive(Rc<str>, Rc<str>),
    Symbol(Rc<str>),
}

/// What came of a template for certain operators; `captured` are its first arguments.
#[derive(Clone, Debug)]
struct Made {
    id: DefId,
    captured: Vec<Expr>,
}

/// All templates of a run, and what has been made of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Templates<'a> {
    all: Vec<Source<'a>>,
    made: IndexMap<(usize, Vec<Passed>), Made>,
    /// Definitions that belong to no other one.
    free_standing: IndexSet<DefId>,
    /// Where definitions came from.
    sources: IndexMap<DefId, Source<'a>>,
    /// The templates that are being resolved.
    open: Vec<usize>,
    /// How many texts that were resolved before are being resolved again.
    again: usize,
}

impl<'a> Templates<'a> {
    /// Whether a definition is named by itself, not by the definition in whose body it was needed.
    pub(super) fn is_free_standing(&self, def: DefId) -> bool {
        self.free_standing.contains(&def)
    }

    /// Keeps what lies from `first` on apart from the definition that needed it.
    pub(super) fn set_free(&mut self, first: usize, end: usize) {
        self.free_standing.extend((first..end).map(DefId::from_index));
    }

    /// The definitions that have been made from a template.
    pub(super) fn made_from(&self, template: usize) -> impl Iterator<Item = DefId> + '_ {
        self.made.iter().filter(move |((from, _), _)| *from == template).map(|(_, made)| made.id)
    }

    /// Where a definition came from.
    pub(super) fn source(&self, def: DefId) -> Option<&Source<'a>> {
        self.sources.get(&def)
    }

    /// A definition has got another id.
    pub(super) fn rename(&mut self, from: DefId, to: DefId) {
        for made in self.made.values_mut().filter(|made| made.id == from) {
            made.id = to;
        }
        if let Some(source) = self.sources.get(&from).cloned() {
            self.sources.insert(to, source);
        }
        if self.free_standing.contains(&from) {
            self.free_standing.insert(to);
        }
    }

    /// Whether names have been bound at this place before, so that a clash was reported then.
    pub(super) fn again(&self) -> bool {
        self.again > 0
    }
}

impl<'a> Ctx<'a> {
    /// Remembers how a definition was written.
    pub(super) fn remember(
        &mut self,
        meaning: &Meaning,
        params: &'a [ast::Param],
        body: &'a ast::Expr,
        bound: Bound,
    ) {
        let Meaning::Def { id, .. } = *meaning else { return };
        let def = &self.out.defs[id];
        let (name, span) = (def.name.clone(), def.span);
        let source = Source { name, span, params, body, scope: self.scope.id, bound };
        self.templates.sources.insert(id, source);
    }

    /// A definition that takes operators; its body is looked at once with operators of which nothing is
    /// known, so that mistakes in it are told even if nobody uses it.
    pub(super) fn template(
        &mut self,
        def: &'a ast::OperatorDef,
        name: String,
        announced: Option<DefId>,
    ) -> Meaning {
        let source = Source {
            name,
            span: def.name.span,
            params: &def.params,
            body: &def.body,
            scope: self.scope.id,
            bound: self.scope.bound().clone(),
        };
        if let Some(placeholder) = announced {
            let what = format!("`{}`, which is recursive and takes an operator,", def.name.text);
            let help = "write a recursive definition for each operator that is passed";
            let refused = unsupported(what, def.name.span, help);
            let meaning = meaning_of(&refused);
            self.refuse(placeholder, refused.clone());
            self.scope.redeclare(&def.name.text, meaning.clone(), def.name.span);
            self.look_at(def, &source);
            return meaning;
        }
        self.look_at(def, &source);
        self.templates.all.push(source);
        let template = self.templates.all.len() - 1;
        Meaning::Template { template, arity: def.params.len(), values: Values::new() }
    }

    /// Resolves a body with operators of which nothing is known, for the mistakes in it.
    fn look_at(&mut self, def: &'a ast::OperatorDef, source: &Source<'a>) {
        self.trial(|ctx| {
            let mark = ctx.scope.enter();
            for param in &def.params {
                if param.arity > 0 {
                    ctx.bind(&param.name, Meaning::Opaque { arity: param.arity });
                } else {
                    ctx.param(&param.name);
                }
            }
            ctx.defining.push(source.name.clone());
            ctx.expr(&def.body);
            ctx.defining.pop();
            ctx.scope.leave(mark);
        });
    }

    /// Does something of which only the errors are kept.
    pub(super) fn trial(&mut self, attempt: impl FnOnce(&mut Self)) {
        let (constants, variables) = (self.out.constants.len(), self.out.variables.len());
        let (defs, locals) = (self.out.defs.len(), self.out.locals.len());
        let (templates, owned) = (self.templates.clone(), self.owned.clone());
        let recursion = self.recursion.clone();
        attempt(self);
        self.templates = templates;
        self.owned = owned;
        self.recursion = recursion;
        self.out.constants.truncate(constants);
        self.out.variables.truncate(variables);
        self.out.defs.truncate(defs);
        self.out.locals.truncate(locals);
        self.is_param.truncate(locals);
    }

    /// Does something in the scope in which a definition stands.
    pub(super) fn where_defined<T>(&mut self, source: &Source<'a>, act: impl FnOnce(&mut Self) -> T) -> T {
        let scope = self.scope_of(source.scope).with_bound(source.bound.clone());
        let outer = std::mem::replace(&mut self.scope, scope);
        let at = std::mem::take(&mut self.at);
        let defining = std::mem::replace(&mut self.defining, vec![source.name.clone()]);
        self.templates.again += 1;
        self.suspended.push(outer);
        let result = act(self);
        self.templates.again -= 1;
        self.defining = defining;
        self.at = at;
        if let Some(outer) = self.suspended.pop() {
            self.scope = outer;
        }
        result
    }

    /// The scope of a module, done or not.
    pub(super) fn scope_of(&self, id: usize) -> &Scope<'a> {
        let open = std::iter::once(&self.scope).chain(self.suspended.iter().rev());
        open.chain(self.finished.get(&id)).find(|scope| scope.id == id).unwrap_or(&self.scope)
    }

    /// A template applied to arguments, as many as it takes.
    pub(super) fn specialise(
        &mut self,
        template: usize,
        values: &Values,
        args: &[&'a ast::Expr],
        span: Span,
    ) -> Expr {
        let Some(source) = self.templates.all.get(template).cloned() else { return error(span) };
        let (mut operators, mut rest) = (Vec::new(), Vec::new());
        for (param, arg) in source.params.iter().zip(args) {
            if param.arity > 0 {
                operators.push(self.operator_argument(arg, param.arity));
            } else {
                rest.push(self.expr(arg));
            }
        }
        if self.templates.open.contains(&template) {
            let what = format!("the recursive definition of `{}`", source.name);
            return unsupported(what, span, "write a definition for each operator that is passed");
        }
        if self.templates.made.len() > MAX_MADE {
            return unsupported("an operator passed in so many ways", span, "");
        }
        let Some((id, mut all)) = self.make_from(template, &source, &operators, span) else {
            return match operators.iter().find(|operator| matches!(operator, Meaning::Unsupported(_))) {
                Some(Meaning::Unsupported(why)) => {
                    Expr::new(ExprKind::Unsupported(why.clone()), Level::Constant, span)
                }
                _ => error(span),
            };
        };
        all = all.iter().map(|arg| self.substitute(arg, values)).collect();
        for operator in operators {
            if let Meaning::Def { captured, .. } = operator {
                all.extend(captured);
            }
        }
        all.extend(rest);
        self.apply(id, all, Time::Now, span)
    }

    /// The definition that a template gives for certain operators, and its first arguments; what the
    /// operators capture comes after these.
    fn make_from(
        &mut self,
        template: usize,
        source: &Source<'a>,
        operators: &[Meaning],
        span: Span,
    ) -> Option<(DefId, Vec<Expr>)> {
        let passed: Vec<Passed> = operators.iter().map(passed).collect::<Option<_>>()?;
        let key = (template, passed);
        if let Some(Made { id, captured }) = self.templates.made.get(&key) {
            return Some((*id, captured.clone()));
        }
        let names: Vec<String> = key.1.iter().map(|passed| self.title(passed)).collect();
        let name = format!("{}[{}]", source.name, names.join(", "));
        let first = self.out.defs.len();
        self.templates.open.push(template);
        let result = Source { name: name.clone(), ..source.clone() };
        let meaning = self.where_defined(&result, |ctx| {
            let mut own: Vec<LocalId> = Vec::new();
            let mut stand_ins = Vec::new();
            for operator in operators {
                stand_ins.push(ctx.stand_in(operator, &mut own, span));
            }
            let mut stand_ins = stand_ins.into_iter();
            for param in source.params {
                if param.arity > 0 {
                    let meaning = stand_ins.next().unwrap_or(Meaning::Broken);
                    ctx.bind(&param.name, meaning);
                } else {
                    own.push(ctx.param(&param.name));
                }
            }
            let body = ctx.expr(source.body);
            ctx.define(name, own, body, source.span, first, None)
        });
        self.templates.open.pop();
        let Meaning::Def { id, captured, .. } = meaning else { return None };
        self.templates.set_free(id.index(), id.index() + 1);
        self.templates.made.insert(key, Made { id, captured: captured.clone() });
        Some((id, captured))
    }

    /// An operator with parameters, added to `own`, in place of what it captures.
    fn stand_in(&mut self, operator: &Meaning, own: &mut Vec<LocalId>, span: Span) -> Meaning {
        let Meaning::Def { id, captured, arity } = operator else { return operator.clone() };
        let mut stand_ins = Vec::with_capacity(captured.len());
        for position in 0..captured.len() {
            let local = self.copy_as_param(self.out.defs[*id].params[position]);
            own.push(local);
            stand_ins.push(Expr::new(ExprKind::Local(local, Time::Now), Level::Constant, span));
        }
        Meaning::Def { id: *id, captured: stand_ins, arity: *arity }
    }

    /// How the name of what is made mentions an operator.
    fn title(&self, passed: &Passed) -> String {
        match passed {
            Passed::Def(id, _) => self.out.defs[*id].name.clone(),
            Passed::Constant(id) => self.out.constants[*id].name.text.clone(),
            Passed::Primitive(name, _) | Passed::Symbol(name) => name.to_string(),
        }
    }

    /// An argument where an operator of `arity` arguments is expected.
    #[expect(clippy::wildcard_enum_match_arm, reason = "few expressions name an operator")]
    pub(super) fn operator_argument(&mut self, arg: &'a ast::Expr, arity: usize) -> Meaning {
        let (meaning, name) = match arg.kind.as_ref() {
            ast::ExprKind::Error => return Meaning::Broken,
            ast::ExprKind::Paren(inner) => return self.operator_argument(inner, arity),
            ast::ExprKind::Lambda { params, body } => {
                if params.len() != arity {
                    self.wrong_arity("LAMBDA", params.len(), arity, arg.span, None);
                    return Meaning::Broken;
                }
                return self.lambda(params, body, arg.span);
            }
            ast::ExprKind::Name(name) => {
                let symbol = if name.text == "-" && arity == 1 { "-." } else { name.text.as_str() };
                if language_operator(symbol, arity) {
                    return Meaning::Symbol { symbol: Rc::from(symbol), arity };
                }
                let Some(entry) = self.scope.get(symbol) else {
                    let stand_in = self.unknown(name, arg.span);
                    return meaning_of(&stand_in);
                };
                (entry.meaning.clone(), name.text.clone())
            }
            ast::ExprKind::Path(steps) => match self.path_head(steps) {
                Some(meaning) => (meaning, crate::print::expr(arg)),
                None => return Meaning::Broken,
            },
            _ => {
                self.errors.push(ResolveError::OperatorExpected { arity, at: arg.span });
                return Meaning::Broken;
            }
        };
        match meaning {
            Meaning::Broken | Meaning::Unsupported(_) => meaning,
            Meaning::Template { .. } => {
                self.errors.push(ResolveError::OperatorExpected { arity, at: arg.span });
                Meaning::Broken
            }
            meaning if meaning.arity() == arity => meaning,
            meaning => {
                self.wrong_arity(&name, meaning.arity(), arity, arg.span, None);
                Meaning::Broken
            }
        }
    }

    /// `LAMBDA x, y : e` is a definition of its own.
    fn lambda(&mut self, params: &'a [ast::Name], body: &'a ast::Expr, span: Span) -> Meaning {
        let owner = self.defining.last().map(|owner| format!("{owner}.")).unwrap_or_default();
        let name = format!("{owner}LAMBDA");
        let mark = self.scope.enter();
        let own: Vec<LocalId> = params.iter().map(|param| self.param(param)).collect();
        let inner = self.out.defs.len();
        self.defining.push(name.clone());
        let body = self.expr(body);
        self.defining.pop();
        self.scope.leave(mark);
        self.define(name, own, body, span, inner, None)
    }
}

/// What tells an operator from others; nothing for one that is broken or unknown.
fn passed(meaning: &Meaning) -> Option<Passed> {
    match meaning {
        Meaning::Def { id, captured, .. } => Some(Passed::Def(*id, captured.len())),
        Meaning::Constant { id, .. } => Some(Passed::Constant(*id)),
        Meaning::Primitive { name, module, .. } => {
            Some(Passed::Primitive(Rc::clone(name), Rc::clone(module)))
        }
        Meaning::Symbol { symbol, .. } => Some(Passed::Symbol(Rc::clone(symbol))),
        Meaning::Local(_)
        | Meaning::Component { .. }
        | Meaning::Variable(_)
        | Meaning::Value(_)
        | Meaning::Template { .. }
        | Meaning::Opaque { .. }
        | Meaning::Instance(_)
        | Meaning::Pragma { .. }
        | Meaning::Fact(_)
        | Meaning::Unsupported(_)
        | Meaning::Broken => None,
    }
}
