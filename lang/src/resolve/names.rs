//! Names without a meaning: which are reported, and which are consequences of something else that was.
//!
//! A name is not reported where its declaration may be in a module that was not found, or in a text that
//! could not be read: that was reported already.

use std::collections::BTreeSet;

use super::errors::ResolveError;
use super::prime::error;
use super::scope::Meaning;
use super::{Ctx, modules};
use crate::ast;
use crate::resolved::{Expr, LocalId};
use crate::source::Span;

/// What text that could not be read may have declared.
#[derive(Clone, Debug, Default)]
pub struct Lost {
    /// These names.
    pub names: BTreeSet<String>,
    /// Any name at all: an `EXTENDS` or an `INSTANCE` was lost.
    pub any: bool,
}

impl Ctx<'_> {
    /// A new local.
    pub(super) fn fresh(&mut self, name: &ast::Name, param: bool) -> LocalId {
        self.is_param.push(param);
        self.out.locals.push(super::name(name))
    }

    /// A new parameter that is called what a local is called.
    pub(super) fn copy_as_param(&mut self, local: LocalId) -> LocalId {
        self.is_param.push(true);
        let name = self.out.locals[local].clone();
        self.out.locals.push(name)
    }

    /// Gives a name a meaning until the scope is left.
    pub(super) fn bind(&mut self, name: &ast::Name, meaning: Meaning) {
        if let Err(before) = self.scope.bind(&name.text, meaning, name.span)
            && !self.templates.again()
        {
            self.errors.push(ResolveError::DuplicateName { name: name.text.clone(), at: name.span, before });
        }
    }

    /// Reports a name without a meaning, once, and gives what stands for it.
    pub(super) fn unknown(&mut self, name: &ast::Name, span: Span) -> Expr {
        let last = |full: &String| full.rsplit(['.', '!']).next() == Some(name.text.as_str());
        if self.defining.iter().any(last) {
            if self.reported.insert(name.text.clone()) {
                self.errors.push(ResolveError::Unsupported {
                    what: format!("`{}`, which is not declared to be recursive,", name.text),
                    at: name.span,
                    help: Some(format!("write `RECURSIVE {0}`, or `RECURSIVE {0}(_)`, above it", name.text)),
                });
            }
            return error(span);
        }
        let excused = self.scope.open || self.lost.any || self.lost.names.contains(&name.text);
        if excused || !self.reported.insert(name.text.clone()) {
            return error(span);
        }
        let module = modules::provider(&name.text);
        let is_word = name.text.chars().all(|c| c.is_alphanumeric() || c == '_');
        self.errors.push(if is_word {
            ResolveError::UnknownName {
                name: name.text.clone(),
                at: name.span,
                similar: self.scope.similar(&name.text, |meaning| !matches!(meaning, Meaning::Broken)),
                later: self.defined.get(&name.text).copied(),
                module,
            }
        } else {
            ResolveError::UnknownOperator { symbol: name.text.clone(), at: name.span, module }
        });
        error(span)
    }

    /// Reports a wrong number of arguments.
    pub(super) fn wrong_arity(
        &mut self,
        name: &str,
        expected: usize,
        found: usize,
        at: Span,
        declared: Option<Span>,
    ) -> Expr {
        self.errors.push(ResolveError::ArityMismatch {
            name: name.to_owned(),
            expected,
            found,
            at,
            declared,
        });
        error(at)
    }
}
