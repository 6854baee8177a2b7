//! What names mean: module-wide names in a map, bound names in a stack.
//!
//! Invariant: a name has one meaning at a place; TLA+ has no shadowing, and neither have we. Module-wide
//! names are only ever added, so that what was resolved in a scope means the same when it is resolved
//! again in that scope later, whatever has been declared in between.

use std::rc::Rc;
use std::sync::Arc;

use indexmap::IndexMap;

use super::modules::Primitive;
use crate::ast;
use crate::near::near;
use crate::resolved::{DefId, Expr, LocalId, Unsupported};
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
    /// What a constant or a variable of an instantiated module stands for.
    Value(Expr),
    /// A definition; `captured` are its first arguments.
    Def { id: DefId, captured: Vec<Expr>, arity: usize },
    /// A definition that takes operators, by its position among the templates; `values` are what its
    /// free locals stand for.
    Template { template: usize, arity: usize, values: Values },
    /// An operator that a standard module provides.
    Primitive { primitive: Primitive, name: Rc<str>, module: Rc<str>, arity: usize },
    /// An operator of the language itself, such as `\cup`, that is passed as an argument.
    Symbol { symbol: Rc<str>, arity: usize },
    /// An operator of which only the number of arguments is known.
    Opaque { arity: usize },
    /// `V(x) == INSTANCE M`.
    Instance(Rc<Instance>),
    /// A pragma operator, which only means something in `BY`.
    Pragma { strategy: bool },
    /// The name of a fact.
    Fact(usize),
    /// What has no meaning for the prover.
    Unsupported(Arc<Unsupported>),
    /// A name whose declaration was refused; its uses are not reported.
    Broken,
}

/// What locals stand for.
pub(crate) type Values = IndexMap<LocalId, Expr>;

/// A named instance.
#[derive(Clone, Debug)]
pub(crate) struct Instance {
    /// What can be named after its `!`.
    pub(crate) exports: IndexMap<String, Entry>,
    /// Its parameters, which the meanings in `exports` mention.
    pub(crate) params: Vec<LocalId>,
    /// For each parameter, whether it may only stand for what never changes.
    pub(crate) rigid: Vec<bool>,
    /// Whether something may be missing from `exports` because a module is.
    pub(crate) open: bool,
}

impl Meaning {
    /// How many arguments it takes where it may stand in an expression.
    pub(crate) fn arity(&self) -> usize {
        match self {
            Self::Constant { arity, .. }
            | Self::Def { arity, .. }
            | Self::Template { arity, .. }
            | Self::Primitive { arity, .. }
            | Self::Symbol { arity, .. }
            | Self::Opaque { arity } => *arity,
            Self::Instance(instance) => instance.params.len(),
            Self::Local(_)
            | Self::Component { .. }
            | Self::Variable(_)
            | Self::Value(_)
            | Self::Pragma { .. }
            | Self::Fact(_)
            | Self::Unsupported(_)
            | Self::Broken => 0,
        }
    }

    /// Whether it is given by a definition.
    pub(crate) fn is_defined(&self) -> bool {
        matches!(
            self,
            Self::Def { .. } | Self::Template { .. } | Self::Primitive { .. } | Self::Unsupported(_)
        )
    }

    /// Whether both are the same thing, reached by two ways.
    pub(crate) fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Constant { id: a, .. }, Self::Constant { id: b, .. }) => a == b,
            (Self::Variable(a), Self::Variable(b)) => a == b,
            (Self::Def { id: a, .. }, Self::Def { id: b, .. }) => a == b,
            (Self::Template { template: a, .. }, Self::Template { template: b, .. })
            | (Self::Fact(a), Self::Fact(b)) => a == b,
            (Self::Primitive { name: a, module: m, .. }, Self::Primitive { name: b, module: n, .. }) => {
                (a, m) == (b, n)
            }
            (Self::Symbol { symbol: a, .. }, Self::Symbol { symbol: b, .. }) => a == b,
            (Self::Instance(a), Self::Instance(b)) => Rc::ptr_eq(a, b),
            (Self::Unsupported(a), Self::Unsupported(b)) => a == b,
            (Self::Pragma { .. }, Self::Pragma { .. }) | (Self::Broken, _) | (_, Self::Broken) => true,
            (
                Self::Local(_)
                | Self::Component { .. }
                | Self::Constant { .. }
                | Self::Variable(_)
                | Self::Value(_)
                | Self::Def { .. }
                | Self::Template { .. }
                | Self::Primitive { .. }
                | Self::Symbol { .. }
                | Self::Opaque { .. }
                | Self::Instance(_)
                | Self::Pragma { .. }
                | Self::Unsupported(_)
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

/// A module within another one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Inner<'a> {
    /// It.
    pub(crate) module: &'a ast::Module,
    /// The scope in which it stands.
    pub(crate) scope: usize,
    /// How many of that scope's names were declared before it.
    pub(crate) visible: usize,
}

/// As what a module is being resolved.
#[derive(Clone, Debug)]
pub(crate) enum Role {
    /// As itself, with facts or without.
    Own { facts: bool },
    /// As an instance: what its constants and variables stand for, by their names.
    Instance(Rc<IndexMap<String, Meaning>>),
}

/// Names bound inside a module, with their meanings.
pub(crate) type Bound = Vec<(String, Entry)>;

/// The names visible at a place.
#[derive(Clone, Debug)]
pub(crate) struct Scope<'a> {
    /// Which scope of a module it is.
    pub(crate) id: usize,
    /// As what the module is being resolved.
    pub(crate) role: Role,
    /// What the names of its definitions begin with.
    pub(crate) prefix: String,
    /// Whether its variables are variables: not so in an instance that puts expressions in their place.
    pub(crate) plain: bool,
    /// Whether names may be missing because a module is, or a declaration that could not be read.
    pub(crate) open: bool,
    /// How many of the names are those of the module around it.
    around: usize,
    /// The modules that are extended here, directly or not, by their addresses, with their scopes.
    extended: Rc<IndexMap<usize, usize>>,
    module: Rc<IndexMap<String, Entry>>,
    inner: Rc<IndexMap<&'a str, Inner<'a>>>,
    bound: Bound,
}

impl<'a> Scope<'a> {
    /// A scope without names.
    pub(crate) fn new(id: usize, role: Role, prefix: String) -> Self {
        Self {
            id,
            role,
            prefix,
            plain: true,
            open: false,
            around: 0,
            extended: Rc::default(),
            module: Rc::default(),
            inner: Rc::default(),
            bound: Vec::new(),
        }
    }

    /// Adds the first `visible` names of the scope around an inner module, and the modules in it.
    pub(crate) fn surround(&mut self, outer: &Self, visible: usize) {
        self.module =
            Rc::new(outer.module.iter().take(visible).map(|(n, e)| (n.clone(), e.clone())).collect());
        self.around = visible;
        self.extended = Rc::clone(&outer.extended);
        self.inner = Rc::clone(&outer.inner);
        self.open |= outer.open;
        self.plain &= outer.plain;
    }

    /// The same scope with other bound names.
    pub(crate) fn with_bound(&self, bound: Bound) -> Self {
        Self {
            role: self.role.clone(),
            prefix: self.prefix.clone(),
            module: Rc::clone(&self.module),
            inner: Rc::clone(&self.inner),
            extended: Rc::clone(&self.extended),
            bound,
            ..*self
        }
    }

    /// The bound names.
    pub(crate) fn bound(&self) -> &Bound {
        &self.bound
    }

    /// How many module-wide names there are.
    pub(crate) fn n_declared(&self) -> usize {
        self.module.len()
    }

    /// The meaning of `name`.
    pub(crate) fn get(&self, name: &str) -> Option<&Entry> {
        let bound = self.bound.iter().rev().find(|(bound, _)| bound == name).map(|(_, entry)| entry);
        bound.or_else(|| self.module.get(name))
    }

    /// Gives a module-wide meaning; `Err` has the place of another one.
    pub(crate) fn declare(&mut self, name: &str, entry: Entry) -> Result<(), Option<Span>> {
        let module = Rc::make_mut(&mut self.module);
        match module.get_mut(name) {
            Some(old) if !old.meaning.same(&entry.meaning) => return Err(old.span),
            Some(old) => old.local &= entry.local,
            None => {
                module.insert(name.to_owned(), entry);
            }
        }
        Ok(())
    }

    /// Makes an inner module known; `Err` is another one that has its name.
    pub(crate) fn declare_inner(&mut self, inner: Inner<'a>) -> Result<(), &'a ast::Module> {
        let known = Rc::make_mut(&mut self.inner).entry(inner.module.name.text.as_str()).or_insert(inner);
        if std::ptr::eq(known.module, inner.module) { Ok(()) } else { Err(known.module) }
    }

    /// The inner module of a name.
    pub(crate) fn inner(&self, name: &str) -> Option<Inner<'a>> {
        self.inner.get(name).copied()
    }

    /// Begins with the modules that another scope extends.
    pub(crate) fn extend_like(&mut self, other: &Self) {
        self.extended = Rc::clone(&other.extended);
    }

    /// Where a module that is extended here has been resolved.
    pub(crate) fn extended(&self, module: &ast::Module) -> Option<usize> {
        self.extended.get(&address(module)).copied()
    }

    /// Makes known what comes with a module that is extended: its inner modules, and what it extends. Gives
    /// the inner modules whose names others have.
    pub(crate) fn inherit(&mut self, module: &ast::Module, from: &Self) -> Vec<&'a ast::Module> {
        let extended = Rc::make_mut(&mut self.extended);
        for (address, scope) in from.extended.iter() {
            extended.entry(*address).or_insert(*scope);
        }
        extended.insert(address(module), from.id);
        from.inner.values().filter_map(|inner| self.declare_inner(*inner).err()).collect()
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
        if let Some(entry) = bound.or_else(|| Rc::make_mut(&mut self.module).get_mut(name)) {
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
        Rc::make_mut(&mut self.module).values_mut().for_each(&mut change);
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
        self.module.iter().skip(self.around).filter(|(_, entry)| !entry.local)
    }

    /// The visible name most like `name`, if one is close.
    pub(crate) fn similar(&self, name: &str, accept: impl Fn(&Meaning) -> bool) -> Option<String> {
        let bound = self.bound.iter().map(|(name, entry)| (name, entry));
        let accepted = bound.chain(self.module.iter()).filter(|(_, entry)| accept(&entry.meaning));
        near(name, accepted.map(|(candidate, _)| candidate)).cloned()
    }
}

/// What tells modules apart, of which two may have one name.
fn address(module: &ast::Module) -> usize {
    std::ptr::from_ref(module) as usize
}
