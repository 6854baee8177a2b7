//! What names mean: module-wide names in a map, bound names in a stack.
//!
//! Invariant: a name has one meaning at a place; TLA+ has no shadowing, and neither have we.

use indexmap::IndexMap;

use super::modules::Primitive;
use crate::near::near;
use crate::resolved::{DefId, Expr, LocalId};
use crate::source::Span;
use crate::typed::{ConstantId, VariableId};

/// What a name means.
#[derive(Clone, Debug)]
pub(crate) enum Meaning {
    /// A bound name or parameter.
    Local(LocalId),
    /// A name in a tuple pattern.
    Component { local: LocalId, index: usize, arity: usize },
    /// A declared constant.
    Constant { id: ConstantId, arity: usize },
    /// A state variable.
    Variable(VariableId),
    /// A definition; `captured` are its first arguments.
    Def { id: DefId, captured: Vec<Expr>, arity: usize },
    /// An operator that a standard module provides.
    Primitive { primitive: Primitive, arity: usize },
    /// A pragma operator, which only means something in `BY`.
    Pragma { strategy: bool },
    /// The name of a fact.
    Fact(usize),
    /// A name whose declaration was refused; its uses are not reported.
    Broken,
}

impl Meaning {
    /// Whether both are the same thing, reached by two ways.
    fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Constant { id: a, .. }, Self::Constant { id: b, .. }) => a == b,
            (Self::Variable(a), Self::Variable(b)) => a == b,
            (Self::Def { id: a, .. }, Self::Def { id: b, .. }) => a == b,
            (Self::Fact(a), Self::Fact(b)) => a == b,
            (Self::Primitive { primitive: a, .. }, Self::Primitive { primitive: b, .. }) => a == b,
            (Self::Pragma { .. }, Self::Pragma { .. }) | (Self::Broken, _) | (_, Self::Broken) => true,
            (
                Self::Local(_)
                | Self::Component { .. }
                | Self::Constant { .. }
                | Self::Variable(_)
                | Self::Def { .. }
                | Self::Primitive { .. }
                | Self::Pragma { .. }
                | Self::Fact(_),
                _,
            ) => false,
        }
    }
}

/// A meaning with its place and visibility.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// What.
    pub(crate) meaning: Meaning,
    /// Where it was given; `None` for what no file declares.
    pub(crate) span: Option<Span>,
    /// Whether it is invisible to modules that extend this one.
    pub(crate) local: bool,
}

/// The names visible at a place.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope {
    module: IndexMap<String, Entry>,
    bound: Vec<(String, Entry)>,
}

impl Scope {
    /// The meaning of `name`.
    pub(crate) fn get(&self, name: &str) -> Option<&Entry> {
        let bound = self.bound.iter().rev().find(|(bound, _)| bound == name).map(|(_, entry)| entry);
        bound.or_else(|| self.module.get(name))
    }

    /// Gives a module-wide meaning; `Err` has the place of another one.
    pub(crate) fn declare(&mut self, name: &str, entry: Entry) -> Result<(), Option<Span>> {
        match self.module.get_mut(name) {
            Some(old) if !old.meaning.same(&entry.meaning) => return Err(old.span),
            Some(old) => old.local &= entry.local,
            None => {
                self.module.insert(name.to_owned(), entry);
            }
        }
        Ok(())
    }

    /// Gives a meaning until [`Scope::leave`]; `Err` has the place of another one, which is hidden.
    pub(crate) fn bind(&mut self, name: &str, meaning: Meaning, span: Span) -> Result<(), Option<Span>> {
        let before = self.get(name).map(|entry| entry.span);
        self.bound.push((name.to_owned(), Entry { meaning, span: Some(span), local: true }));
        match before {
            Some(before) => Err(before),
            None => Ok(()),
        }
    }

    /// Gives an announced name its meaning.
    pub(crate) fn redeclare(&mut self, name: &str, meaning: Meaning, span: Span) {
        let bound = self.bound.iter_mut().rev().find(|(bound, _)| bound == name).map(|(_, entry)| entry);
        if let Some(entry) = bound.or_else(|| self.module.get_mut(name)) {
            entry.meaning = meaning;
            entry.span = Some(span);
        }
    }

    /// Gives a name a meaning until [`Scope::leave`], whatever it means otherwise.
    pub(crate) fn hide(&mut self, name: &str, meaning: Meaning) {
        self.bound.push((name.to_owned(), Entry { meaning, span: None, local: true }));
    }

    /// Changes entries of this module.
    pub(crate) fn each_entry(&mut self, mut change: impl FnMut(&mut Entry)) {
        self.module.values_mut().for_each(&mut change);
        self.bound.iter_mut().for_each(|(_, entry)| change(entry));
    }

    /// A mark to go back to.
    pub(crate) fn enter(&self) -> usize {
        self.bound.len()
    }

    /// Forgets what was bound since the mark.
    pub(crate) fn leave(&mut self, mark: usize) {
        self.bound.truncate(mark);
    }

    /// What a module that extends this one sees.
    pub(crate) fn exports(&self) -> impl Iterator<Item = (&String, &Entry)> {
        self.module.iter().filter(|(_, entry)| !entry.local)
    }

    /// The visible name most like `name`, if one is close.
    pub(crate) fn similar(&self, name: &str, accept: impl Fn(&Meaning) -> bool) -> Option<String> {
        let bound = self.bound.iter().map(|(name, entry)| (name, entry));
        let accepted = bound.chain(self.module.iter()).filter(|(_, entry)| accept(&entry.meaning));
        near(name, accepted.map(|(candidate, _)| candidate)).cloned()
    }
}
