//! Recursive definitions: names that may be mentioned before their definition is complete.
//!
//! While a name is only announced it has a *placeholder*, a definition that says nothing. Once the body is
//! there, the definition gets an id of its own, and every mention of the placeholder becomes one of that id,
//! with the captured names as first arguments. A definition that mentions the placeholder of another one is
//! *open*: it is put in the place of its uses, so that `LET r == f[n - 1] IN r + r` in the body of `f`, and
//! `Even` in the body of `Odd`, leave a definition that mentions nothing but itself.
//!
//! Invariant: when a module has been read, no body and no fact mentions a placeholder, or there is an error.

use indexmap::IndexMap;

use super::Ctx;
use super::errors::ResolveError;
use super::prime::{error, unsupported};
use super::scope::{Entry, Meaning};
use crate::ast;
use crate::resolved::{Def, DefId, Expr, ExprKind, Level, LocalId};
use crate::source::Span;
use crate::typed::Time;

/// An announced name.
#[derive(Clone, Debug)]
pub(super) struct Pending {
    name: String,
    span: Span,
    /// Whether its definition is being read.
    is_begun: bool,
}

/// What is not yet, or not only, a definition.
#[derive(Clone, Debug, Default)]
pub(super) struct Recursion {
    /// Placeholders.
    pending: IndexMap<DefId, Pending>,
    /// Definitions that are put in the place of their uses.
    open: IndexMap<DefId, ()>,
}

impl Ctx<'_> {
    /// A placeholder for a definition to come.
    pub(super) fn placeholder(&mut self, name: &ast::Name) -> DefId {
        let id = self.out.defs.push(Def {
            name: name.text.clone(),
            owner: None,
            params: Vec::new(),
            primed: Vec::new(),
            body: error(name.span),
            recursive: false,
            span: name.span,
        });
        self.recursion
            .pending
            .insert(id, Pending { name: name.text.clone(), span: name.span, is_begun: false });
        id
    }

    /// `RECURSIVE Op(_)` at the level of the module.
    pub(super) fn announce(&mut self, declared: &ast::Param, local: bool) {
        let id = self.placeholder(&declared.name);
        let meaning = Meaning::Def { id, captured: Vec::new(), arity: declared.arity };
        self.declare(&declared.name, meaning, local);
    }

    /// `RECURSIVE Op(_)` under `LET`.
    pub(super) fn announce_bound(&mut self, declared: &ast::Param) {
        let id = self.placeholder(&declared.name);
        let meaning = Meaning::Def { id, captured: Vec::new(), arity: declared.arity };
        self.bind(&declared.name, meaning);
    }

    /// The placeholder of an announced name, where its definition has the number of arguments announced.
    pub(super) fn announced(&mut self, name: &ast::Name, arity: usize) -> Option<DefId> {
        let entry = self.scope.get(&name.text)?;
        let declared = entry.span;
        let Meaning::Def { id, arity: expected, .. } = entry.meaning else { return None };
        let pending = self.recursion.pending.get_mut(&id)?;
        if std::mem::replace(&mut pending.is_begun, true) {
            return None;
        }
        if arity != expected {
            self.errors.push(ResolveError::ArityMismatch {
                name: name.text.clone(),
                expected,
                found: arity,
                at: name.span,
                declared,
            });
        }
        Some(id)
    }

    /// Whether a definition is a placeholder.
    pub(super) fn is_pending(&self, id: DefId) -> bool {
        self.recursion.pending.contains_key(&id)
    }

    /// Whether a definition is put in the place of its uses.
    pub(super) fn is_open(&self, id: DefId) -> bool {
        self.recursion.open.contains_key(&id)
    }

    /// An open definition in the place of its use.
    pub(super) fn opened(&mut self, id: DefId, args: Vec<Expr>, time: Time, span: Span) -> Expr {
        let def = &self.out.defs[id];
        if def.recursive {
            return unsupported(
                format!("`{}`, which mentions both itself and `{}`", def.name, self.pending_in(&def.body)),
                span,
                "define one of them without recursion of its own",
            );
        }
        let body = def.body.clone();
        let map: IndexMap<LocalId, Expr> = def.params.iter().copied().zip(args).collect();
        let body = self.substitute(&body, &map);
        match time {
            Time::Now => body,
            Time::Next => self.prime(&body, span),
        }
    }

    /// What is announced has no meaning for the prover.
    pub(super) fn refuse(&mut self, placeholder: DefId, why: Expr) {
        self.recursion.pending.shift_remove(&placeholder);
        self.out.defs[placeholder].body = why;
    }

    /// The name of a placeholder that an expression mentions.
    fn pending_in(&self, body: &Expr) -> String {
        let found = self.recursion.pending.iter().find(|(id, _)| mentions(body, **id));
        found.map_or_else(String::new, |(_, pending)| pending.name.clone())
    }

    /// A fact may not stand between an announcement and the definition that it needs.
    pub(super) fn no_placeholder(&mut self, statement: &Expr) {
        let found = self.recursion.pending.iter().find(|(id, _)| mentions(statement, **id));
        if let Some((_, pending)) = found {
            let (name, later) = (pending.name.clone(), self.defined.get(&pending.name).copied());
            self.undefined(name, statement.span, later);
        }
    }

    fn undefined(&mut self, name: String, at: Span, later: Option<Span>) {
        if self.reported.insert(name.clone()) {
            self.errors.push(ResolveError::UnknownName { name, at, similar: None, later, module: None });
        }
    }

    /// Reports what was announced since there were `before` placeholders, and never defined.
    pub(super) fn all_defined(&mut self, before: &[DefId]) {
        let left: Vec<DefId> =
            self.recursion.pending.keys().filter(|id| !before.contains(id)).copied().collect();
        for id in left {
            if let Some(pending) = self.recursion.pending.shift_remove(&id) {
                self.undefined(pending.name, pending.span, None);
            }
        }
    }

    /// The placeholders at hand.
    pub(super) fn placeholders(&self) -> Vec<DefId> {
        self.recursion.pending.keys().copied().collect()
    }

    /// The definition `id` has its body, in which it is called `placeholder` itself, and its first parameters
    /// stand for the names `captured`.
    pub(super) fn complete(&mut self, id: DefId, placeholder: Option<DefId>, captured: &[LocalId]) {
        if let Some(placeholder) = placeholder {
            self.recursion.pending.shift_remove(&placeholder);
            if mentions(&self.out.defs[id].body, placeholder) {
                self.close_itself(id, placeholder, captured.len());
            }
            self.close_others(id, placeholder, captured);
        }
        let body = &self.out.defs[id].body;
        if self.recursion.pending.keys().any(|pending| mentions(body, *pending)) {
            self.recursion.open.insert(id, ());
        }
    }

    fn close_itself(&mut self, id: DefId, placeholder: DefId, n_captured: usize) {
        let def = &self.out.defs[id];
        let span = def.span;
        let (body, params) = (def.body.clone(), def.params.clone());
        if body.level > Level::State || def.primed.contains(&true) {
            let what = format!("`{}`, a recursive action,", def.name);
            let help = "define the values recursively, and prime them where the action uses them";
            self.out.defs[id].body = unsupported(what, span, help);
            return;
        }
        let own = params[..n_captured].iter().copied().map(|param| local(param, span)).collect::<Vec<Expr>>();
        self.out.defs[id].recursive = true;
        self.out.defs[id].body = self.renamed(&body, placeholder, id, &own);
    }

    /// Open definitions that wait for this one. At the level of a module, where nothing is captured, they
    /// become ordinary definitions once they wait for nothing; under `LET` they stay in the place of their uses.
    fn close_others(&mut self, id: DefId, placeholder: DefId, captured: &[LocalId]) {
        let waiting: Vec<DefId> = self.recursion.open.keys().copied().collect();
        for open in waiting {
            let body = self.out.defs[open].body.clone();
            if !mentions(&body, placeholder) {
                continue;
            }
            let span = self.out.defs[open].span;
            let outer: Vec<Expr> = captured.iter().map(|name| local(*name, span)).collect();
            let body = self.renamed(&body, placeholder, id, &outer);
            self.out.defs[open].body = body.clone();
            if !outer.is_empty() || self.recursion.pending.keys().any(|other| mentions(&body, *other)) {
                continue;
            }
            // Bodies mention definitions of smaller id, so the definition is entered anew.
            let new = self.out.defs.push(self.out.defs[open].clone());
            if self.out.defs[open].recursive {
                let own: Vec<Expr> = Vec::new();
                self.out.defs[new].body = self.renamed(&body, open, new, &own);
            }
            self.out.defs[open].body = error(span);
            self.out.defs[open].recursive = false;
            self.recursion.open.shift_remove(&open);
            self.templates.rename(open, new);
            self.scope.each_entry(|entry: &mut Entry| {
                if let Meaning::Def { id, .. } = &mut entry.meaning
                    && *id == open
                {
                    *id = new;
                }
            });
        }
    }

    /// The expression in which applications of `from` have become applications of `to`, with more first arguments.
    #[expect(clippy::wildcard_enum_match_arm, reason = "only applications are renamed")]
    fn renamed(&mut self, expr: &Expr, from: DefId, to: DefId, first: &[Expr]) -> Expr {
        if !mentions(expr, from) {
            return expr.clone();
        }
        let kind = expr.kind.map_children(|child| self.renamed(child, from, to, first));
        let kind = match kind {
            ExprKind::Apply(id, args, time) if id == from => {
                ExprKind::Apply(to, first.iter().cloned().chain(args).collect(), time)
            }
            other => other,
        };
        self.make(kind, expr.span)
    }
}

fn local(id: LocalId, span: Span) -> Expr {
    Expr::new(ExprKind::Local(id, Time::Now), Level::Constant, span)
}

/// Whether an expression applies a definition.
fn mentions(expr: &Expr, id: DefId) -> bool {
    if matches!(expr.kind, ExprKind::Apply(own, _, _) if own == id) {
        return true;
    }
    let mut found = false;
    expr.kind.for_each_child(|child| found = found || mentions(child, id));
    found
}
