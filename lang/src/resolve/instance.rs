//! `EXTENDS`, `INSTANCE` and modules within modules.
//!
//! An instance resolves the module's declarations again, in a scope where its constants and variables
//! mean what they are replaced by. Sound because that is what TLA+ defines `INSTANCE` to be, up to two
//! points. Substituted expressions are resolved where the instance stands and refer to names by id, so
//! that the module cannot capture them. And primes reach into them, since a prime is pushed to the
//! variables of an expression wherever that expression came from. `ENABLED` and what is made of it are not
//! preserved by substitution; they are refused unless variables stand for distinct variables.
//!
//! Nothing is assumed: assumptions and theorems of an instantiated module are formulas with a name.
//!
//! A module that declares neither constants nor variables has nothing to substitute: its instances share
//! its definitions.

use std::rc::Rc;

use indexmap::{IndexMap, IndexSet};

use super::Ctx;
use super::errors::ResolveError;
use super::prime::{free_locals, meaning_of, unsupported};
use super::scope::{Entry, Inner, Instance, Meaning, Role};
use crate::ast;
use crate::ids::Id;
use crate::near::near;
use crate::resolved::{Expr, ExprKind, Level, LocalId};
use crate::source::Span;
use crate::typed::Time;

/// A module that may be instantiated or extended.
#[derive(Clone, Copy, Debug)]
enum Found<'a> {
    /// It is in a file of its own.
    Top(&'a ast::Module),
    /// It stands in another one.
    Within(Inner<'a>),
}

impl<'a> Found<'a> {
    fn module(self) -> &'a ast::Module {
        match self {
            Self::Top(module) => module,
            Self::Within(inner) => inner.module,
        }
    }
}

/// A constant or a variable of a module.
#[derive(Clone, Copy, Debug)]
struct Declared<'a> {
    name: &'a ast::Name,
    arity: usize,
    variable: bool,
}

impl<'a> Ctx<'a> {
    fn find(&self, name: &str) -> Option<Found<'a>> {
        let inner = self.scope.inner(name).map(Found::Within);
        inner.or_else(|| self.library.get(name).copied().map(Found::Top))
    }

    /// Adds what a module sees of those that it extends.
    pub(super) fn inherit(&mut self, module: &'a ast::Module) {
        for extended in &module.extends {
            let Some(found) = self.find(&extended.text) else {
                // Reported by whoever ordered the modules, or here for a module within a module.
                self.missing(extended);
                self.scope.open = true;
                continue;
            };
            if self.is_being_resolved(found.module()) {
                // A circle, which was reported when the modules were ordered.
                self.scope.open = true;
                continue;
            }
            let exporter = self.resolved(found);
            let Some(exporter) = self.finished.get(&exporter).cloned() else { continue };
            self.scope.open |= exporter.open;
            for before in self.scope.inherit(found.module(), &exporter) {
                self.second_module(extended.span, before);
            }
            for (name, entry) in exporter.exports() {
                self.import(name, entry.clone(), extended.span);
            }
        }
    }

    /// Gives a name of another module its meaning here. Like other tools, it takes the first of two definitions.
    fn import(&mut self, name: &str, entry: Entry, at: Span) {
        let (second, is_defined) = (entry.span, entry.meaning.is_defined());
        let Err(first) = self.scope.declare(name, entry) else { return };
        let are_defined = is_defined && self.scope.get(name).is_some_and(|known| known.meaning.is_defined());
        let name = name.to_owned();
        self.errors.push(if are_defined {
            ResolveError::TwoDefinitions { name, at, first, second }
        } else {
            ResolveError::DuplicateName { name, at, before: first }
        });
    }

    /// Reports an inner module that has the name of another one.
    fn second_module(&mut self, at: Span, before: &ast::Module) {
        let (name, before) = (before.name.text.clone(), Some(before.name.span));
        self.errors.push(ResolveError::DuplicateName { name, at, before });
    }

    fn is_being_resolved(&self, module: &ast::Module) -> bool {
        self.open_modules.iter().any(|open| std::ptr::eq(*open, module))
    }

    /// The scope of a module that the one at hand extends, in the same role.
    fn resolved(&mut self, found: Found<'a>) -> usize {
        match (found, self.scope.role.clone()) {
            (Found::Top(module), role) => {
                if matches!(role, Role::Instance(_)) && !self.is_closed(found) {
                    if let Some(done) = self.scope.extended(module) {
                        return done;
                    }
                    let mut scope = self.new_scope(role, self.scope.prefix.clone());
                    scope.plain = self.scope.plain;
                    scope.extend_like(&self.scope);
                    return self.in_scope(scope, module);
                }
                self.owned(module)
            }
            (Found::Within(inner), role) => {
                let mut scope = self.new_scope(role, self.scope.prefix.clone());
                scope.plain = self.scope.plain;
                scope.surround(self.scope_of(inner.scope), inner.visible);
                self.in_scope(scope, inner.module)
            }
        }
    }

    /// The scope of a module resolved as itself.
    fn owned(&mut self, module: &'a ast::Module) -> usize {
        if let Some(done) = self.owned.get(module.name.text.as_str()) {
            return *done;
        }
        let scope = self.new_scope(Role::Own { facts: false }, String::new());
        let id = self.in_scope(scope, module);
        self.owned.insert(module.name.text.as_str(), id);
        id
    }

    /// Reports a module that was not found, once.
    fn missing(&mut self, name: &ast::Name) {
        let again = |error: &ResolveError| matches!(error, ResolveError::UnknownModule { name: known, .. } if *known == name.text);
        if !self.errors.iter().any(again) {
            self.errors.push(ResolveError::UnknownModule { name: name.text.clone(), at: name.span });
        }
    }

    /// What a constant or a variable that is being declared stands for in an instance, declared as that.
    pub(super) fn stands_for_something(&mut self, name: &ast::Name) -> bool {
        let Role::Instance(substitution) = &self.scope.role else { return false };
        let meaning = substitution.get(&name.text).cloned().unwrap_or(Meaning::Broken);
        self.declare(name, meaning, false);
        true
    }

    /// The constants and variables of a module and of those that it extends, apart from those that the
    /// module around it has already.
    fn declared(&self, found: Found<'a>) -> Vec<Declared<'a>> {
        let around = match found {
            Found::Top(_) => None,
            Found::Within(inner) => Some(self.scope_of(inner.scope)),
        };
        let scope = around.unwrap_or(&self.scope);
        let mut all: IndexMap<&str, Declared<'a>> = IndexMap::new();
        let mut seen: IndexSet<*const ast::Module> = IndexSet::new();
        let mut waiting = vec![found.module()];
        while let Some(module) = waiting.pop() {
            if !seen.insert(module) || around.is_some_and(|around| around.extended(module).is_some()) {
                continue;
            }
            for unit in &module.units {
                let mut add = |name: &'a ast::Name, arity, variable| {
                    all.entry(name.text.as_str()).or_insert(Declared { name, arity, variable });
                };
                match &unit.kind {
                    ast::UnitKind::Constants(decls) => {
                        for decl in decls {
                            add(&decl.name, decl.arity, false);
                        }
                    }
                    ast::UnitKind::Variables(names) => names.iter().for_each(|name| add(name, 0, true)),
                    ast::UnitKind::Assume(_)
                    | ast::UnitKind::Operator(_)
                    | ast::UnitKind::Function(_)
                    | ast::UnitKind::Theorem(_)
                    | ast::UnitKind::Recursive(_)
                    | ast::UnitKind::Instance(_)
                    | ast::UnitKind::InstanceDef(_)
                    | ast::UnitKind::Module(_)
                    | ast::UnitKind::Use(_) => {}
                }
            }
            for extended in &module.extends {
                let inner = scope.inner(&extended.text).map(|inner| inner.module);
                waiting.extend(inner.or_else(|| self.library.get(extended.text.as_str()).copied()));
            }
        }
        all.into_values().collect()
    }

    /// Whether a module declares nothing that could be substituted, and sees nothing around it.
    fn is_closed(&self, found: Found<'a>) -> bool {
        matches!(found, Found::Top(_)) && self.declared(found).is_empty()
    }

    /// `INSTANCE M WITH ...` at the top of a module.
    pub(super) fn instance(&mut self, instance: &'a ast::Instance, local: bool) {
        let prefix = self.scope.prefix.clone();
        let Some((exports, open)) = self.instantiate(instance, prefix, &mut Vec::new()) else {
            self.scope.open = true;
            return;
        };
        self.scope.open |= open;
        for (name, entry) in exports {
            self.import(&name, Entry { local, ..entry }, instance.span);
        }
    }

    /// `INSTANCE M WITH ...` in a `LET`.
    pub(super) fn bound_instance(&mut self, instance: &'a ast::Instance, owner: &str) {
        let prefix = format!("{}{owner}", self.scope.prefix);
        let Some((exports, open)) = self.instantiate(instance, prefix, &mut Vec::new()) else {
            self.scope.open = true;
            return;
        };
        self.scope.open |= open;
        for (name, entry) in exports {
            if let Some(known) = self.scope.get(&name) {
                let before = known.span;
                if !known.meaning.same(&entry.meaning) {
                    self.errors.push(ResolveError::DuplicateName { name, at: instance.span, before });
                }
                continue;
            }
            // Nothing of this name is known, so that nothing can be hidden.
            let _ = self.scope.bind(&name, entry.meaning, entry.span.unwrap_or(instance.span));
        }
    }

    /// `V(x) == INSTANCE M WITH ...`.
    pub(super) fn named_instance(&mut self, def: &'a ast::InstanceDef, owner: &str) -> Meaning {
        if let Some(param) = def.params.iter().find(|param| param.arity > 0) {
            let what = format!("the operator parameter `{}` of an instance", param.name.text);
            let refused =
                unsupported(what, param.name.span, "write one instance for each operator that is passed");
            return meaning_of(&refused);
        }
        let mark = self.scope.enter();
        let params: Vec<LocalId> = def.params.iter().map(|param| self.param(&param.name)).collect();
        let mut rigid_locals = Vec::new();
        let prefix = format!("{owner}{}!", def.name.text);
        let made = self.instantiate(&def.instance, prefix, &mut rigid_locals);
        self.scope.leave(mark);
        let Some((exports, open)) = made else { return Meaning::Broken };
        let rigid = params.iter().map(|param| rigid_locals.contains(param)).collect();
        Meaning::Instance(Rc::new(Instance { exports, params, rigid, open }))
    }

    /// What an instance makes known, and whether something in it may be missing; nothing if there is no
    /// such module. `rigid` collects the locals that may only stand for what never changes.
    fn instantiate(
        &mut self,
        instance: &'a ast::Instance,
        prefix: String,
        rigid: &mut Vec<LocalId>,
    ) -> Option<(IndexMap<String, Entry>, bool)> {
        let Some(found) = self.find(&instance.module.text) else {
            self.missing(&instance.module);
            self.resolve_lost(instance);
            return None;
        };
        let module = found.module();
        if let Some(start) = self.open_modules.iter().position(|open| std::ptr::eq(*open, module)) {
            let mut names: Vec<String> =
                self.open_modules[start..].iter().map(|open| open.name.text.clone()).collect();
            names.push(module.name.text.clone());
            self.errors.push(ResolveError::ModuleCycle { names, at: instance.module.span });
            return None;
        }
        let declared = self.declared(found);
        let substitution = self.substitution(instance, module, &declared, rigid);
        let scope = if self.is_closed(found) {
            self.owned(module)
        } else {
            // An operator's parameter may be given what changes, and then no constant stands for a constant.
            let fixed = rigid.iter().all(|local| !self.is_param[local.index()]);
            let plain = fixed && is_renaming(&declared, &substitution);
            let mut scope = self.new_scope(Role::Instance(Rc::new(substitution)), prefix);
            scope.plain = plain;
            if let Found::Within(inner) = found {
                scope.surround(self.scope_of(inner.scope), inner.visible);
            }
            self.in_scope(scope, module)
        };
        let scope = self.finished.get(&scope)?;
        // What is substituted is not the module's to give.
        let given = |name: &String| !declared.iter().any(|declared| declared.name.text == *name);
        let exports = scope.exports().filter(|(name, _)| given(name));
        Some((exports.map(|(name, entry)| (name.clone(), entry.clone())).collect(), scope.open))
    }

    /// Resolves the expressions of an instance of a module that was not found, for the mistakes in them.
    fn resolve_lost(&mut self, instance: &'a ast::Instance) {
        for (_, value) in &instance.substitutions {
            if !matches!(value.kind.as_ref(), ast::ExprKind::Lambda { .. } | ast::ExprKind::Name(_)) {
                self.expr(value);
            }
        }
    }

    /// What each constant and variable of a module stands for.
    fn substitution(
        &mut self,
        instance: &'a ast::Instance,
        module: &ast::Module,
        declared: &[Declared<'a>],
        rigid: &mut Vec<LocalId>,
    ) -> IndexMap<String, Meaning> {
        let mut substitution: IndexMap<String, Meaning> = IndexMap::new();
        let has_variables = declared.iter().any(|declared| declared.variable);
        for (name, value) in &instance.substitutions {
            let Some(of) = declared.iter().find(|declared| declared.name.text == name.text) else {
                if !self.may_declare_more(module) {
                    let names = declared.iter().map(|declared| &declared.name.text);
                    self.errors.push(ResolveError::UnknownSubstitution {
                        name: name.text.clone(),
                        module: module.name.text.clone(),
                        similar: near(&name.text, names).cloned(),
                        at: name.span,
                    });
                }
                continue;
            };
            if substitution.contains_key(&name.text) {
                self.errors.push(ResolveError::DuplicateName {
                    name: name.text.clone(),
                    at: name.span,
                    before: None,
                });
                continue;
            }
            let meaning = self.substituted(value, of, has_variables, rigid);
            substitution.insert(name.text.clone(), meaning);
        }
        for of in declared {
            if substitution.contains_key(&of.name.text) {
                continue;
            }
            let meaning = self.implied(of, module, instance.module.span, has_variables, rigid);
            substitution.insert(of.name.text.clone(), meaning);
        }
        substitution
    }

    /// Whether a module extends one that was not found.
    fn may_declare_more(&self, module: &ast::Module) -> bool {
        self.lost.any || module.extends.iter().any(|extended| self.find(&extended.text).is_none())
    }

    /// What `c <- e` gives `c`.
    fn substituted(
        &mut self,
        value: &'a ast::Expr,
        of: &Declared<'a>,
        has_variables: bool,
        rigid: &mut Vec<LocalId>,
    ) -> Meaning {
        if of.arity > 0 {
            let operator = self.operator_argument(value, of.arity);
            return self.constant_operator(operator, value.span, has_variables, rigid);
        }
        let value = self.expr(value);
        if !self.may_stand_for(&value, of, has_variables, rigid) {
            return Meaning::Broken;
        }
        if let ExprKind::Variable(id, Time::Now) = value.kind {
            return Meaning::Variable(id);
        }
        Meaning::Value(value)
    }

    /// An operator that stands for a constant operator.
    fn constant_operator(
        &mut self,
        operator: Meaning,
        at: Span,
        has_variables: bool,
        rigid: &mut Vec<LocalId>,
    ) -> Meaning {
        let Meaning::Def { id, captured, .. } = &operator else { return operator };
        let found = self.out.defs[*id].body.level;
        if has_variables && found > Level::Constant {
            let context = "what stands for a constant operator";
            self.errors.push(ResolveError::WrongLevel { found, allowed: Level::Constant, context, at });
            return Meaning::Broken;
        }
        if has_variables {
            rigid.extend(captured.iter().flat_map(|value| free_locals(value, &[])));
        }
        operator
    }

    /// What a constant or variable that is not listed stands for: what has its name here.
    fn implied(
        &mut self,
        of: &Declared<'a>,
        module: &ast::Module,
        at: Span,
        has_variables: bool,
        rigid: &mut Vec<LocalId>,
    ) -> Meaning {
        let name = &of.name.text;
        let Some(entry) = self.scope.get(name) else {
            if !self.scope.open && !self.lost.any && !self.lost.names.contains(name) {
                self.errors.push(ResolveError::MissingSubstitution {
                    name: name.clone(),
                    module: module.name.text.clone(),
                    at,
                    declared: of.name.span,
                });
            }
            return Meaning::Broken;
        };
        let meaning = entry.meaning.clone();
        if matches!(meaning, Meaning::Broken | Meaning::Unsupported(_)) {
            return meaning;
        }
        if meaning.arity() != of.arity {
            self.wrong_arity(name, meaning.arity(), of.arity, at, Some(of.name.span));
            return Meaning::Broken;
        }
        if of.arity > 0 {
            return self.constant_operator(meaning, at, has_variables, rigid);
        }
        let here = ast::Name { text: name.clone(), span: at };
        let value = self.with_args(&meaning, &here, Vec::new(), at);
        if !self.may_stand_for(&value, of, has_variables, rigid) {
            return Meaning::Broken;
        }
        meaning
    }

    /// Whether a value's level allows it to stand for a declared name, or else reports it; what it mentions of
    /// bound names must not change where a constant of a module with variables stands for it.
    fn may_stand_for(
        &mut self,
        value: &Expr,
        of: &Declared<'a>,
        has_variables: bool,
        rigid: &mut Vec<LocalId>,
    ) -> bool {
        let allowed = allowed(of, has_variables);
        if value.level > allowed {
            let context =
                if of.variable { "what stands for a variable" } else { "what stands for a constant" };
            self.at_most(value, allowed, context);
            return false;
        }
        if !of.variable && has_variables {
            rigid.extend(free_locals(value, &[]));
        }
        true
    }

    /// A module within the module at hand: to be extended and instantiated later, and looked at now, so
    /// that mistakes in it are told even if nobody uses it.
    pub(super) fn inner_module(&mut self, module: &'a ast::Module) {
        let inner = Inner { module, scope: self.scope.id, visible: self.scope.n_declared() };
        if matches!(self.scope.role, Role::Own { .. }) {
            self.trial(|ctx| {
                let mut scope = ctx.new_scope(Role::Own { facts: false }, String::new());
                scope.surround(&ctx.scope, inner.visible);
                ctx.in_scope(scope, module);
            });
        }
        if let Err(before) = self.scope.declare_inner(inner) {
            self.second_module(module.name.span, before);
        }
        let theorem = module.units.iter().find(|unit| matches!(unit.kind, ast::UnitKind::Theorem(_)));
        if let (Some(theorem), true, true) = (theorem, self.is_root(), self.has_facts()) {
            self.errors
                .push(ResolveError::InnerTheorem { module: module.name.text.clone(), at: theorem.span });
        }
    }
}

/// The highest level of what may stand for a constant or a variable. In a module without variables a
/// constant may be anything but temporal: nothing there is primed.
fn allowed(of: &Declared<'_>, has_variables: bool) -> Level {
    match (of.variable, has_variables) {
        (true, _) => Level::State,
        (false, true) => Level::Constant,
        (false, false) => Level::Action,
    }
}

/// Whether variables stand for distinct variables.
fn is_renaming(declared: &[Declared<'_>], substitution: &IndexMap<String, Meaning>) -> bool {
    let mut seen = IndexSet::new();
    declared.iter().filter(|declared| declared.variable).all(|declared| {
        match substitution.get(&declared.name.text) {
            Some(Meaning::Variable(id)) => seen.insert(*id),
            Some(_) | None => false,
        }
    })
}
