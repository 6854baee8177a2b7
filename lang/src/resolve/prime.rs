//! Levels, primes and substitution on resolved expressions.
//!
//! `e'` primes the variables in `e`, not its bound names. A parameter that a body primes may only be
//! given an argument that no step changes; other arguments are substituted into the body instead, so
//! that the prime reaches the variables in them. Substitution renames what the body binds: nothing is
//! ever captured.

use std::sync::Arc;

use indexmap::IndexMap;

use super::Ctx;
use super::errors::ResolveError;
use super::scope::Meaning;
use crate::ids::Id;
use crate::resolved::{Binder, DefId, Expr, ExprKind, Level, LocalId, Unsupported};
use crate::source::Span;
use crate::typed::Time;

impl Ctx<'_> {
    /// Builds an expression of the right level.
    pub(super) fn make(&mut self, kind: ExprKind, span: Span) -> Expr {
        let level = self.level_of(&kind);
        let before = self.errors.len();
        self.check_operands(&kind, level);
        if self.errors.len() > before { error(span) } else { Expr::new(kind, level, span) }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "most forms have the level of their operands")]
    fn level_of(&self, kind: &ExprKind) -> Level {
        let mut level = Level::Constant;
        kind.for_each_child(|child| level = level.max(child.level));
        match kind {
            ExprKind::Variable(_, Time::Now) | ExprKind::Temporal("ENABLED", _) => Level::State,
            ExprKind::Variable(_, Time::Next) => Level::Action,
            ExprKind::Apply(id, _, time) => {
                let body = self.out.defs[*id].body.level;
                let primed = *time == Time::Next && body == Level::State;
                level.max(if primed { Level::Action } else { body })
            }
            ExprKind::Unchanged(_) | ExprKind::ActionBox(..) | ExprKind::Temporal("<<A>>_v", _) => {
                level.max(Level::Action)
            }
            ExprKind::Always(_) | ExprKind::Temporal(..) => Level::Temporal,
            _ => level,
        }
    }

    /// Reports temporal formulas inside terms, and steps where only a state is meant.
    #[expect(clippy::wildcard_enum_match_arm, reason = "most forms only refuse temporal operands")]
    fn check_operands(&mut self, kind: &ExprKind, level: Level) {
        match kind {
            ExprKind::Unchanged(inner) => self.not_primed(inner),
            ExprKind::ActionBox(action, subscript) => {
                self.at_most(action, Level::Action, "the action of `[A]_v`");
                self.not_primed(subscript);
            }
            ExprKind::Always(inner) => {
                let box_action = matches!(inner.kind, ExprKind::ActionBox(..));
                if inner.level == Level::Action && !box_action {
                    self.at_most(inner, Level::State, "the formula after `[]`, unless it is `[A]_v`,");
                }
            }
            ExprKind::Temporal("ENABLED" | "<<A>>_v", operands) => {
                for operand in operands {
                    self.at_most(operand, Level::Action, "an action");
                }
            }
            ExprKind::If(condition, _, _) => {
                self.at_most(condition, Level::Action, "the condition of an `IF`");
            }
            ExprKind::Temporal(..)
            | ExprKind::Not(_)
            | ExprKind::And(_)
            | ExprKind::Or(_)
            | ExprKind::Implies(..)
            | ExprKind::Iff(..)
            | ExprKind::Quantifier(..)
            | ExprKind::Apply(..) => {}
            _ if level == Level::Temporal => {
                let mut guilty = Vec::new();
                kind.for_each_child(|child| {
                    if child.level == Level::Temporal {
                        guilty.push(child.clone());
                    }
                });
                for child in guilty {
                    self.at_most(&child, Level::Action, "an operand of this operator");
                }
            }
            _ => {}
        }
    }

    /// Reports an expression of too high a level.
    pub(super) fn at_most(&mut self, expr: &Expr, allowed: Level, context: &'static str) {
        if expr.level > allowed {
            self.errors.push(ResolveError::WrongLevel { found: expr.level, allowed, context, at: expr.span });
        }
    }

    fn not_primed(&mut self, expr: &Expr) {
        if expr.level == Level::Action {
            let inner = first_primed(expr);
            self.errors.push(ResolveError::DoublePrime { at: expr.span, inner });
        }
        self.at_most(expr, Level::Action, "what is primed");
    }

    /// `expr'`, written at `span`.
    pub(super) fn prime(&mut self, expr: &Expr, span: Span) -> Expr {
        if expr.level == Level::Temporal {
            self.at_most(expr, Level::State, "what is primed");
            return error(span);
        }
        if expr.level == Level::Action {
            self.errors.push(ResolveError::DoublePrime { at: span, inner: first_primed(expr) });
            return error(span);
        }
        self.push_prime(expr)
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "a prime goes through most forms")]
    fn push_prime(&mut self, expr: &Expr) -> Expr {
        let kind = match &expr.kind {
            ExprKind::Variable(id, _) => ExprKind::Variable(*id, Time::Next),
            ExprKind::Local(id, _) if self.is_param[id.index()] => ExprKind::Local(*id, Time::Next),
            ExprKind::Local(..) => return expr.clone(),
            ExprKind::Temporal(..) => {
                return unsupported("a prime on `ENABLED`", expr.span, "");
            }
            ExprKind::Apply(id, args, _) => {
                if self.is_pending(*id) {
                    let what = format!("a prime on `{}` in its own definition", self.out.defs[*id].name);
                    return unsupported(what, expr.span, "");
                }
                let args: Vec<Expr> = args.iter().map(|arg| self.push_prime(arg)).collect();
                let constant = self.out.defs[*id].body.level == Level::Constant;
                let time = if constant { Time::Now } else { Time::Next };
                return self.apply(*id, args, time, expr.span);
            }
            other => other.map_children(|child| self.push_prime(child)),
        };
        self.make(kind, expr.span)
    }

    /// Applies a definition, or puts the arguments into its body where it primes one that may change.
    pub(super) fn apply(&mut self, id: DefId, args: Vec<Expr>, time: Time, span: Span) -> Expr {
        if self.is_open(id) {
            return self.opened(id, args, time, span);
        }
        let def = &self.out.defs[id];
        let inline = def.primed.iter().zip(&args).any(|(primed, arg)| *primed && arg.level > Level::Constant);
        if !inline {
            return self.make(ExprKind::Apply(id, args, time), span);
        }
        let body = def.body.clone();
        let map = def.params.iter().copied().zip(args).collect();
        match time {
            Time::Now => self.substitute(&body, &map),
            Time::Next => {
                self.errors.push(ResolveError::DoublePrime { at: span, inner: body.span });
                error(span)
            }
        }
    }

    /// `expr` with locals replaced; `Local(p, Next)` becomes the primed replacement.
    #[expect(clippy::wildcard_enum_match_arm, reason = "substitution goes through most forms")]
    pub(super) fn substitute(&mut self, expr: &Expr, map: &IndexMap<LocalId, Expr>) -> Expr {
        match &expr.kind {
            ExprKind::Local(id, time) => match (map.get(id), time) {
                (Some(replacement), Time::Now) => replacement.clone(),
                (Some(replacement), Time::Next) => self.prime(replacement, expr.span),
                (None, _) => expr.clone(),
            },
            ExprKind::Apply(id, args, time) => {
                let args = args.iter().map(|arg| self.substitute(arg, map)).collect();
                self.apply(*id, args, *time, expr.span)
            }
            kind if kind.binders().is_empty() => {
                let kind = kind.map_children(|child| self.substitute(child, map));
                self.make(kind, expr.span)
            }
            kind => {
                let mut map = map.clone();
                let mut renamed: IndexMap<LocalId, LocalId> = IndexMap::new();
                for binder in kind.binders() {
                    let param = self.is_param[binder.local.index()];
                    self.is_param.push(param);
                    let name = self.out.locals[binder.local].clone();
                    let fresh = self.out.locals.push(name);
                    renamed.insert(binder.local, fresh);
                    let local = Expr::new(ExprKind::Local(fresh, Time::Now), Level::Constant, expr.span);
                    map.insert(binder.local, local);
                }
                let kind = kind.map_children(|child| self.substitute(child, &map));
                let rename = |binder: Binder| Binder {
                    local: renamed.get(&binder.local).copied().unwrap_or(binder.local),
                    ..binder
                };
                let kind = match kind {
                    ExprKind::Quantifier(quantifier, binders, body) => {
                        ExprKind::Quantifier(quantifier, binders.into_iter().map(rename).collect(), body)
                    }
                    ExprKind::SetMap(binders, body) => {
                        ExprKind::SetMap(binders.into_iter().map(rename).collect(), body)
                    }
                    ExprKind::Choose(binder, body) => ExprKind::Choose(rename(binder), body),
                    ExprKind::SetFilter(binder, body) => ExprKind::SetFilter(rename(binder), body),
                    ExprKind::Function(binder, body) => ExprKind::Function(rename(binder), body),
                    other => other,
                };
                self.make(kind, expr.span)
            }
        }
    }

    /// For each parameter, whether the body primes it.
    pub(super) fn primed_params(&self, body: &Expr, params: &[LocalId]) -> Vec<bool> {
        let mut primed = vec![false; params.len()];
        if !params.is_empty() {
            self.mark_primed(body, false, params, &mut primed);
        }
        primed
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "most forms prime what they are told to")]
    fn mark_primed(&self, expr: &Expr, priming: bool, params: &[LocalId], primed: &mut [bool]) {
        match &expr.kind {
            ExprKind::Local(id, time) => {
                if (priming || *time == Time::Next)
                    && let Some(position) = params.iter().position(|param| param == id)
                {
                    primed[position] = true;
                }
            }
            ExprKind::Unchanged(inner) => self.mark_primed(inner, true, params, primed),
            ExprKind::ActionBox(action, subscript) => {
                self.mark_primed(action, priming, params, primed);
                self.mark_primed(subscript, true, params, primed);
            }
            // A subscript is the last operand of each of these.
            ExprKind::Temporal(_, operands) => {
                for operand in operands {
                    self.mark_primed(operand, true, params, primed);
                }
            }
            ExprKind::Apply(id, args, _) => {
                for (arg, inner) in args.iter().zip(&self.out.defs[*id].primed) {
                    self.mark_primed(arg, priming || *inner, params, primed);
                }
            }
            kind => kind.for_each_child(|child| self.mark_primed(child, priming, params, primed)),
        }
    }
}

/// The locals that are free in `body`, apart from `own`, in order of occurrence.
pub(super) fn free_locals(body: &Expr, own: &[LocalId]) -> Vec<LocalId> {
    let mut bound = own.to_vec();
    let mut free = Vec::new();
    collect_free(body, &mut bound, &mut free);
    free
}

fn collect_free(expr: &Expr, bound: &mut Vec<LocalId>, free: &mut Vec<LocalId>) {
    if let ExprKind::Local(id, _) = expr.kind
        && !bound.contains(&id)
        && !free.contains(&id)
    {
        free.push(id);
    }
    let mark = bound.len();
    // Ids are unique to their binder, so that a domain cannot mention what its binder binds.
    bound.extend(expr.kind.binders().iter().map(|binder| binder.local));
    expr.kind.for_each_child(|child| collect_free(child, bound, free));
    bound.truncate(mark);
}

/// Where the first primed thing in an action stands.
fn first_primed(expr: &Expr) -> Span {
    let mut found = None;
    expr.kind.for_each_child(|child| {
        if found.is_none() && child.level == Level::Action {
            found = Some(first_primed(child));
        }
    });
    found.unwrap_or(expr.span)
}

/// What stands for something broken.
pub(super) fn error(span: Span) -> Expr {
    Expr::new(ExprKind::Error, Level::Constant, span)
}

/// What has no meaning for the prover: an error only where a fact needs it. What its operands are does not
/// matter; they are dropped.
pub(super) fn unsupported(what: impl Into<String>, at: Span, help: &str) -> Expr {
    let help = (!help.is_empty()).then(|| help.to_owned());
    let why = Arc::new(Unsupported { what: what.into(), help });
    Expr::new(ExprKind::Unsupported(why), Level::Constant, at)
}

/// What a name means that stands for an expression which is broken or has no meaning.
pub(super) fn meaning_of(refused: &Expr) -> Meaning {
    if let ExprKind::Unsupported(why) = &refused.kind {
        Meaning::Unsupported(Arc::clone(why))
    } else {
        Meaning::Broken
    }
}
