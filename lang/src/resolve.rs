//! `resolve`: text names become ids, sugar goes, primes move to the leaves, instances and operators that
//! take operators become plain definitions.
//!
//! Invariant: every problem is reported once, and what is broken becomes [`ExprKind::Error`], which
//! causes no further reports. What is legal but has no meaning for the prover becomes
//! [`ExprKind::Unsupported`], which is reported only where a fact needs it.

mod desugar;
mod errors;
mod expr;
mod instance;
mod modules;
mod names;
mod path;
mod prime;
mod recursion;
mod scope;
mod select;
mod template;

use std::rc::Rc;

use indexmap::{IndexMap, IndexSet};

use self::errors::ResolveError;
pub use self::names::Lost;
use self::prime::unsupported;
use self::recursion::Recursion;
use self::scope::{Entry, Meaning, Role, Scope};
use self::template::Templates;
use crate::ast;
use crate::diag::{Checked, Diagnostic};
use crate::ids::{Id, IdVec};
use crate::print;
use crate::resolved::{
    Binder, Constant, Def, DefId, Expr, ExprKind, Fact, Hints, Inherited, Level, LocalId, Module, Name, Proof,
};
use crate::source::Span;
use crate::typed::{FactKind, Quantifier, Strategy, Time};

/// Resolves a module together with all that it extends and instantiates; `library` holds the modules to
/// be found, and `lost` the names that declarations which could not be read may have declared.
pub fn resolve(root: &ast::Module, library: &[ast::Module], lost: Lost) -> Checked<Module> {
    let mut errors = Vec::new();
    let modules = modules::order(root, library, &mut errors);
    let mut ctx = Ctx::new(root, library, lost, errors);
    ctx.number_facts(&modules);
    for module in &modules {
        ctx.own(module);
    }
    let mut diagnostics: Vec<Diagnostic> = ctx.errors.into_iter().map(Diagnostic::from).collect();
    diagnostics.sort_by_key(Diagnostic::sort_key);
    diagnostics.dedup();
    ctx.out.inherited.retain(|inherited| !ctx.parametrised.contains(&inherited.prefix));
    Checked { value: ctx.out, diagnostics }
}

/// The state of one run.
struct Ctx<'a> {
    out: Module,
    /// For each local, whether it is a parameter.
    is_param: Vec<bool>,
    scope: Scope<'a>,
    /// The scopes of modules that are interrupted by the one at hand, from the outside in.
    suspended: Vec<Scope<'a>>,
    /// The scopes of modules that are done, by their ids.
    finished: IndexMap<usize, Scope<'a>>,
    /// The next scope's id.
    next_scope: usize,
    /// All modules that are no inner ones, by their names.
    library: IndexMap<&'a str, &'a ast::Module>,
    /// The modules that have been resolved as themselves, with the ids of their scopes.
    owned: IndexMap<&'a str, usize>,
    /// The modules that are being resolved, from the outside in.
    open_modules: Vec<&'a ast::Module>,
    templates: Templates<'a>,
    errors: Vec<ResolveError>,
    /// What names of instances begin with that assume something of their parameters: nothing is inherited there.
    parametrised: IndexSet<String>,
    /// Broken names that have been reported.
    reported: IndexSet<String>,
    /// Names that may have been declared where nothing could be read.
    lost: Lost,
    /// Names of facts with their positions, those that come later included.
    fact_names: IndexMap<String, usize>,
    /// Every definition's name in the module at hand, with its place.
    defined: IndexMap<String, Span>,
    /// Names that are being defined, from the outside in.
    defining: Vec<String>,
    /// Definitions that are announced, and those that mention them.
    recursion: Recursion,
    /// What `@` means, innermost last.
    at: Vec<Expr>,
    /// How deep the expression at hand is nested.
    depth: usize,
}

impl<'a> Ctx<'a> {
    fn new(root: &'a ast::Module, library: &'a [ast::Module], lost: Lost, errors: Vec<ResolveError>) -> Self {
        let mut by_name: IndexMap<&str, &ast::Module> = IndexMap::new();
        for module in library {
            by_name.entry(module.name.text.as_str()).or_insert(module);
        }
        by_name.insert(root.name.text.as_str(), root);
        Self {
            out: Module {
                name: root.name.text.clone(),
                constants: IdVec::new(),
                variables: IdVec::new(),
                defs: IdVec::new(),
                locals: IdVec::new(),
                facts: Vec::new(),
                inherited: Vec::new(),
            },
            is_param: Vec::new(),
            scope: Scope::new(0, Role::Own { facts: false }, String::new()),
            suspended: Vec::new(),
            finished: IndexMap::new(),
            next_scope: 1,
            library: by_name,
            owned: IndexMap::new(),
            open_modules: Vec::new(),
            templates: Templates::default(),
            errors,
            parametrised: IndexSet::new(),
            reported: IndexSet::new(),
            lost,
            fact_names: IndexMap::new(),
            defined: IndexMap::new(),
            defining: Vec::new(),
            recursion: Recursion::default(),
            at: Vec::new(),
            depth: 0,
        }
    }

    /// Gives every fact its position, so that a proof may cite any of them.
    fn number_facts(&mut self, modules: &[&ast::Module]) {
        let mut position = 0;
        for unit in modules.iter().flat_map(|module| &module.units) {
            let name = match &unit.kind {
                ast::UnitKind::Assume(assume) => assume.name.as_ref(),
                ast::UnitKind::Theorem(theorem) => theorem.name.as_ref(),
                ast::UnitKind::Constants(_)
                | ast::UnitKind::Variables(_)
                | ast::UnitKind::Operator(_)
                | ast::UnitKind::Function(_)
                | ast::UnitKind::Recursive(_)
                | ast::UnitKind::Instance(_)
                | ast::UnitKind::InstanceDef(_)
                | ast::UnitKind::Module(_)
                | ast::UnitKind::Use(_) => continue,
            };
            if let Some(name) = name {
                self.fact_names.entry(name.text.clone()).or_insert(position);
            }
            position += 1;
        }
    }

    /// Resolves a module as itself, with its facts; its definitions may have been resolved before.
    fn own(&mut self, module: &'a ast::Module) {
        if let Some(done) = self.owned.get(module.name.text.as_str()).copied() {
            let Some(scope) = self.finished.get(&done) else { return };
            let mut scope = scope.with_bound(Vec::new());
            scope.role = Role::Own { facts: true };
            let outer = std::mem::replace(&mut self.scope, scope);
            for unit in &module.units {
                match &unit.kind {
                    ast::UnitKind::Assume(assume) => self.assume(assume, unit),
                    ast::UnitKind::Theorem(theorem) => self.theorem(theorem, unit),
                    ast::UnitKind::Constants(_)
                    | ast::UnitKind::Variables(_)
                    | ast::UnitKind::Operator(_)
                    | ast::UnitKind::Function(_)
                    | ast::UnitKind::Recursive(_)
                    | ast::UnitKind::Instance(_)
                    | ast::UnitKind::InstanceDef(_)
                    | ast::UnitKind::Module(_)
                    | ast::UnitKind::Use(_) => {}
                }
            }
            let scope = std::mem::replace(&mut self.scope, outer);
            self.finished.insert(done, scope);
            return;
        }
        let scope = self.new_scope(Role::Own { facts: true }, String::new());
        let id = self.in_scope(scope, module);
        self.owned.insert(module.name.text.as_str(), id);
    }

    fn new_scope(&mut self, role: Role, prefix: String) -> Scope<'a> {
        self.next_scope += 1;
        Scope::new(self.next_scope, role, prefix)
    }

    /// Resolves a module's declarations in a scope that may hold what is around it; gives the scope's id.
    fn in_scope(&mut self, scope: Scope<'a>, module: &'a ast::Module) -> usize {
        let id = scope.id;
        let outer = std::mem::replace(&mut self.scope, scope);
        self.suspended.push(outer);
        self.open_modules.push(module);
        let at = std::mem::take(&mut self.at);
        let defining = std::mem::take(&mut self.defining);
        let own_names = module.units.iter().filter_map(defined_name).collect();
        let defined = std::mem::replace(&mut self.defined, own_names);
        self.inherit(module);
        self.module(module);
        self.defined = defined;
        self.defining = defining;
        self.at = at;
        self.open_modules.pop();
        if let Some(outer) = self.suspended.pop() {
            let scope = std::mem::replace(&mut self.scope, outer);
            self.finished.insert(id, scope);
        }
        id
    }

    fn module(&mut self, module: &'a ast::Module) {
        for &(operator, arity, primitive) in modules::primitives(module) {
            let (name, module) = (Rc::from(operator), Rc::from(module.name.text.as_str()));
            let meaning = Meaning::Primitive { primitive, name, module, arity };
            // A fresh module scope declares nothing twice; inherited primitives are the same.
            let _ = self.scope.declare(operator, Entry { meaning, span: None, local: false });
        }
        let pending = self.placeholders();
        for unit in &module.units {
            self.unit(unit, module);
        }
        self.all_defined(&pending);
    }

    fn unit(&mut self, unit: &'a ast::Unit, module: &ast::Module) {
        match &unit.kind {
            ast::UnitKind::Constants(decls) => {
                for decl in decls {
                    if self.stands_for_something(&decl.name) {
                        continue;
                    }
                    let name = name(&decl.name);
                    let id = self.out.constants.push(Constant { name, arity: decl.arity });
                    self.declare(&decl.name, Meaning::Constant { id, arity: decl.arity }, unit.local);
                }
            }
            ast::UnitKind::Variables(names) => {
                for declared in names {
                    if self.stands_for_something(declared) {
                        continue;
                    }
                    let id = self.out.variables.push(name(declared));
                    self.declare(declared, Meaning::Variable(id), unit.local);
                }
            }
            ast::UnitKind::Operator(def) => {
                if modules::primitives(module).iter().any(|(operator, _, _)| *operator == def.name.text) {
                    return;
                }
                if let Some(strategy) = modules::pragma(module, def) {
                    self.declare(&def.name, Meaning::Pragma { strategy }, unit.local);
                    return;
                }
                if modules::gives_only_a_place(module, def) {
                    let name = Rc::from(def.name.text.as_str());
                    let (primitive, arity) = (modules::Primitive::Unsupported, def.params.len());
                    let module = Rc::from(module.name.text.as_str());
                    let meaning = Meaning::Primitive { primitive, name, module, arity };
                    self.declare(&def.name, meaning, unit.local);
                    return;
                }
                let prefix = self.scope.prefix.clone();
                let (meaning, announced) = self.operator(def, &prefix);
                if announced {
                    self.scope.redeclare(&def.name.text, meaning, def.name.span);
                } else {
                    self.declare(&def.name, meaning, unit.local);
                }
            }
            ast::UnitKind::Function(def) => {
                let prefix = self.scope.prefix.clone();
                let meaning = self.function(def, &prefix);
                self.declare(&def.name, meaning, unit.local);
            }
            ast::UnitKind::Assume(assume) => self.assume(assume, unit),
            ast::UnitKind::Theorem(theorem) => self.theorem(theorem, unit),
            ast::UnitKind::Instance(instance) => self.instance(instance, unit.local),
            ast::UnitKind::InstanceDef(def) => {
                let prefix = self.scope.prefix.clone();
                let meaning = self.named_instance(def, &prefix);
                self.declare(&def.name, meaning, unit.local);
            }
            ast::UnitKind::Module(inner) => self.inner_module(inner),
            ast::UnitKind::Recursive(announced) => {
                for declared in announced {
                    self.announce(declared, unit.local);
                }
            }
            ast::UnitKind::Use(_) => {}
        }
    }

    fn declare(&mut self, name: &ast::Name, meaning: Meaning, local: bool) {
        let entry = Entry { meaning, span: Some(name.span), local };
        if let Err(before) = self.scope.declare(&name.text, entry) {
            self.errors.push(ResolveError::DuplicateName { name: name.text.clone(), at: name.span, before });
        }
    }

    /// `Op(a, b) == body`; `owner` is what its full name begins with. Says whether it was announced.
    fn operator(&mut self, def: &'a ast::OperatorDef, owner: &str) -> (Meaning, bool) {
        let announced = self.announced(&def.name, def.params.len());
        let full_name = format!("{owner}{}", def.name.text);
        if def.params.iter().any(|param| param.arity > 0) {
            return (self.template(def, full_name, announced), announced.is_some());
        }
        let mark = self.scope.enter();
        let bound = self.scope.bound().clone();
        let params: Vec<LocalId> = def.params.iter().map(|param| self.param(&param.name)).collect();
        let inner = self.out.defs.len();
        self.defining.push(full_name.clone());
        let body = self.expr(&def.body);
        self.defining.pop();
        self.scope.leave(mark);
        let meaning = self.define(full_name, params, body, def.name.span, inner, announced);
        self.remember(&meaning, &def.params, &def.body, bound);
        (meaning, announced.is_some())
    }

    /// A parameter, bound.
    fn param(&mut self, name: &ast::Name) -> LocalId {
        let local = self.fresh(name, true);
        self.bind(name, Meaning::Local(local));
        local
    }

    /// `f[x \in S] == body`, which is an operator without parameters.
    fn function(&mut self, def: &'a ast::FunctionDef, owner: &str) -> Meaning {
        let full_name = format!("{owner}{}", def.name.text);
        let inner = self.out.defs.len();
        let mark = self.scope.enter();
        let placeholder = self.placeholder(&def.name);
        self.scope.hide(&def.name.text, Meaning::Def { id: placeholder, captured: Vec::new(), arity: 0 });
        self.defining.push(full_name.clone());
        let body = self.function_literal(&def.bounds, &def.body, def.name.span.to(def.body.span));
        self.defining.pop();
        self.scope.leave(mark);
        self.define(full_name, Vec::new(), body, def.name.span, inner, Some(placeholder))
    }

    /// Enters a definition; bound names that are free in its body become first parameters.
    fn define(
        &mut self,
        name: String,
        own: Vec<LocalId>,
        body: Expr,
        span: Span,
        inner: usize,
        placeholder: Option<DefId>,
    ) -> Meaning {
        let arity = own.len();
        let captured = prime::free_locals(&body, &own);
        let fresh: Vec<LocalId> = captured.iter().map(|&local| self.copy_as_param(local)).collect();
        let renaming = captured
            .iter()
            .zip(&fresh)
            .map(|(&from, &to)| (from, Expr::new(ExprKind::Local(to, Time::Now), Level::Constant, span)));
        let body = if captured.is_empty() { body } else { self.substitute(&body, &renaming.collect()) };
        let params: Vec<LocalId> = fresh.into_iter().chain(own).collect();
        let primed = self.primed_params(&body, &params);
        let id = self.out.defs.push(Def { name, owner: None, params, primed, body, recursive: false, span });
        for nested in (inner..id.index()).map(DefId::from_index) {
            if !self.templates.is_free_standing(nested) {
                self.out.defs[nested].owner.get_or_insert(id);
            }
        }
        self.complete(id, placeholder, &captured);
        let captured =
            captured.into_iter().map(|l| Expr::new(ExprKind::Local(l, Time::Now), Level::Constant, span));
        Meaning::Def { id, captured: captured.collect(), arity }
    }

    fn assume(&mut self, assume: &'a ast::Assume, unit: &ast::Unit) {
        let kind = if assume.axiom { FactKind::Axiom } else { FactKind::Assumption };
        let keyword = if assume.axiom { "AXIOM" } else { "ASSUME" };
        let inner = self.out.defs.len();
        let name = self.fact_name(assume.name.as_ref(), keyword);
        self.defining.push(name.clone());
        let statement = self.expr(&assume.body);
        self.defining.pop();
        if !self.has_facts() {
            let place = assume.body.span;
            return self.formula(kind, assume.name.as_ref(), (statement, place), inner, unit);
        }
        self.at_most(&statement, Level::Constant, "an assumption");
        self.no_placeholder(&statement);
        let span = assume.name.as_ref().map_or(assume.body.span, |name| name.span);
        let root = self.is_root();
        self.fact(Fact { name, kind, statement, proof: Proof::None, root, span }, assume.name.as_ref(), unit);
    }

    fn theorem(&mut self, theorem: &'a ast::Theorem, unit: &ast::Unit) {
        let inner = self.out.defs.len();
        let name = self.fact_name(theorem.name.as_ref(), &theorem.keyword);
        self.defining.push(name.clone());
        let (statement, place) = match &theorem.statement {
            ast::Statement::Formula(formula) => (self.expr(formula), formula.span),
            ast::Statement::AssumeProve(sequent) => (self.assume_prove(sequent), sequent.span),
        };
        self.defining.pop();
        if !self.has_facts() {
            return self.formula(FactKind::Theorem, theorem.name.as_ref(), (statement, place), inner, unit);
        }
        self.no_placeholder(&statement);
        let proof = self.proof(&theorem.proof);
        let span = theorem.name.as_ref().map_or(place, |name| name.span);
        let root = self.is_root();
        let fact = Fact { name, kind: FactKind::Theorem, statement, proof, root, span };
        self.fact(fact, theorem.name.as_ref(), unit);
    }

    /// Whether assumptions and theorems of the module at hand are facts.
    fn has_facts(&self) -> bool {
        matches!(self.scope.role, Role::Own { facts: true })
    }

    /// Whether the module at hand is the root module itself.
    fn is_root(&self) -> bool {
        self.open_modules.last().is_some_and(|module| module.name.text == self.out.name)
    }

    /// An assumption or a theorem that is no fact: its name stands for a formula, of which nothing is
    /// known.
    fn formula(
        &mut self,
        kind: FactKind,
        name: Option<&ast::Name>,
        (statement, place): (Expr, Span),
        inner: usize,
        unit: &ast::Unit,
    ) {
        let (fact, span) = match name {
            Some(name) => (name.text.clone(), name.span),
            // What an instance assumes must be known to whoever uses its theorems.
            None if kind != FactKind::Theorem && matches!(self.scope.role, Role::Instance(_)) => {
                let prefix = &self.scope.prefix;
                let n_own = self.out.inherited.iter().filter(|known| known.prefix == *prefix).count();
                (format!("ASSUME@{}", n_own + 1), place)
            }
            None => return,
        };
        let full_name = format!("{}{fact}", self.scope.prefix);
        let meaning = self.define(full_name, Vec::new(), statement, span, inner, None);
        if let (Meaning::Def { id, captured, .. }, Role::Instance(_), Some(module)) =
            (&meaning, &self.scope.role, self.open_modules.last())
        {
            let (prefix, module) = (self.scope.prefix.clone(), module.name.text.clone());
            if captured.is_empty() {
                self.out.inherited.push(Inherited { prefix, module, fact, kind, def: *id, span });
            } else if kind != FactKind::Theorem {
                self.parametrised.insert(prefix);
            }
        }
        if let Some(name) = name {
            self.declare(name, meaning, unit.local);
        }
    }

    fn fact(&mut self, fact: Fact, name: Option<&ast::Name>, unit: &ast::Unit) {
        let position = self.out.facts.len();
        self.out.facts.push(fact);
        // Resolved before without its facts, a module knows the name as that of a formula.
        if let Some(name) = name
            && self.scope.get(&name.text).is_none_or(|known| known.span != Some(name.span))
        {
            self.declare(name, Meaning::Fact(position), unit.local);
        }
    }

    fn fact_name(&self, name: Option<&ast::Name>, keyword: &str) -> String {
        if let Some(name) = name {
            return name.text.clone();
        }
        let prefix = format!("{keyword}@");
        let before = self.out.facts.iter().filter(|fact| fact.name.starts_with(&prefix)).count();
        format!("{prefix}{}", before + 1)
    }

    /// `ASSUME NEW x \in S, P PROVE Q` is `\A x \in S : P => Q`.
    fn assume_prove(&mut self, sequent: &'a ast::AssumeProve) -> Expr {
        /// One step from the inside out.
        enum Part {
            New(Vec<Binder>),
            Premise(Vec<Expr>),
        }
        if sequent.boxed {
            return unsupported("`[]ASSUME ... []PROVE`", sequent.span, "state it as a formula");
        }
        let mark = self.scope.enter();
        let mut parts: Vec<Part> = Vec::new();
        for assumption in &sequent.assumptions {
            match assumption {
                ast::Assumption::Formula(formula) => {
                    let premise = self.expr(formula);
                    match parts.last_mut() {
                        Some(Part::Premise(premises)) => premises.push(premise),
                        Some(Part::New(_)) | None => parts.push(Part::Premise(vec![premise])),
                    }
                }
                ast::Assumption::Sequent(inner) => {
                    let premise = self.assume_prove(inner);
                    match parts.last_mut() {
                        Some(Part::Premise(premises)) => premises.push(premise),
                        Some(Part::New(_)) | None => parts.push(Part::Premise(vec![premise])),
                    }
                }
                ast::Assumption::New { level, name, arity, domain } => {
                    let domain = domain.as_ref().map(|domain| self.expr(domain));
                    let local = self.fresh(name, false);
                    let supported = *arity == 0 && matches!(level.as_deref(), None | Some("CONSTANT"));
                    let meaning = if supported {
                        Meaning::Local(local)
                    } else {
                        let what = format!("`NEW {} {}`", level.as_deref().unwrap_or("CONSTANT"), name.text);
                        // Dropped as a premise, it would say nothing: it stands for a premise.
                        let premise = unsupported(what, name.span, "`NEW x` and `NEW x \\in S` can be used");
                        parts.push(Part::Premise(vec![premise]));
                        Meaning::Broken
                    };
                    self.bind(name, meaning);
                    let binder = Binder { local, domain };
                    // The domain may mention an earlier `NEW`, so each has a quantifier of its own.
                    parts.push(Part::New(vec![binder]));
                }
            }
        }
        let mut formula = self.expr(&sequent.goal);
        self.scope.leave(mark);
        for part in parts.into_iter().rev() {
            let kind = match part {
                Part::New(binders) => ExprKind::Quantifier(Quantifier::Forall, binders, formula),
                Part::Premise(premises) => {
                    ExprKind::Implies(self.junction(true, premises, sequent.span), formula)
                }
            };
            formula = self.make(kind, sequent.span);
        }
        formula
    }

    fn proof(&mut self, proof: &'a ast::Proof) -> Proof {
        match &proof.kind {
            ast::ProofKind::None | ast::ProofKind::Obvious => Proof::None,
            ast::ProofKind::Omitted => Proof::Omitted(proof.span),
            ast::ProofKind::Structured(_) => Proof::Structured(proof.span),
            ast::ProofKind::By(ast::Citations { only, facts, defs }) => {
                let mut hints = Hints {
                    only: *only,
                    facts: Vec::new(),
                    defs: Vec::new(),
                    strategies: Vec::new(),
                    span: proof.span,
                };
                for fact in facts {
                    if let ast::Cited::Expr(fact) = fact {
                        self.hint(fact, &mut hints);
                    }
                }
                for def in defs {
                    if let ast::Cited::Expr(def) = def {
                        self.hinted_def(def, &mut hints);
                    }
                }
                Proof::By(hints)
            }
        }
    }

    /// One item between `BY` and `DEF`.
    #[expect(clippy::wildcard_enum_match_arm, reason = "everything but names is refused alike")]
    fn hint(&mut self, hint: &'a ast::Expr, hints: &mut Hints) {
        let (name, args) = match hint.kind.as_ref() {
            ast::ExprKind::Name(name) => (name, &[][..]),
            ast::ExprKind::Apply { operator, args } => (operator, args.as_slice()),
            ast::ExprKind::Paren(inner) => return self.hint(inner, hints),
            ast::ExprKind::Error => return,
            ast::ExprKind::Path(_) => {
                self.errors.push(ResolveError::CitedInstance { name: print::expr(hint), at: hint.span });
                return;
            }
            _ => {
                self.errors.push(ResolveError::CitedFormula { at: hint.span });
                return;
            }
        };
        if let (Some(&position), true) = (self.fact_names.get(&name.text), args.is_empty()) {
            hints.facts.push(position);
            return;
        }
        match self.scope.get(&name.text).map(|entry| &entry.meaning) {
            Some(Meaning::Pragma { strategy: true }) => hints.strategies.push(Strategy {
                name: name.text.clone(),
                args: args.iter().map(print::expr).collect(),
                span: hint.span,
            }),
            Some(Meaning::Pragma { strategy: false } | Meaning::Broken) => {}
            Some(_) | None => {
                let is_fact =
                    |meaning: &Meaning| matches!(meaning, Meaning::Fact(_) | Meaning::Pragma { .. });
                let similar = self.scope.similar(&name.text, is_fact);
                self.errors.push(ResolveError::UnknownFact {
                    name: name.text.clone(),
                    at: name.span,
                    similar,
                });
            }
        }
    }

    /// One name after `DEF`: the definition, and the `LET` definitions inside it.
    #[expect(clippy::wildcard_enum_match_arm, reason = "only names have definitions")]
    fn hinted_def(&mut self, cited: &'a ast::Expr, hints: &mut Hints) {
        let meaning = match cited.kind.as_ref() {
            ast::ExprKind::Name(name) => {
                let Some(entry) = self.scope.get(&name.text) else {
                    self.unknown(name, name.span);
                    return;
                };
                entry.meaning.clone()
            }
            ast::ExprKind::Path(steps) => match self.path_head(steps) {
                Some(meaning) => meaning,
                None => return,
            },
            _ => return,
        };
        let defs: Vec<DefId> = match meaning {
            Meaning::Def { id, .. } => vec![id],
            Meaning::Template { template, .. } => self.templates.made_from(template).collect(),
            Meaning::Instance(instance) => {
                let meanings = instance.exports.values().map(|entry| &entry.meaning);
                let id = |meaning: &Meaning| match meaning {
                    Meaning::Def { id, .. } => Some(*id),
                    _ => None,
                };
                meanings.filter_map(id).collect()
            }
            _ => return,
        };
        for id in defs {
            let owned = |(inner, def): (DefId, &Def)| (def.owner == Some(id)).then_some(inner);
            hints.defs.push(id);
            hints.defs.extend(self.out.defs.iter_enumerated().filter_map(owned));
        }
    }
}

fn name(name: &ast::Name) -> Name {
    Name { text: name.text.clone(), span: name.span }
}

/// The name that a unit gives a meaning that may be used in expressions.
fn defined_name(unit: &ast::Unit) -> Option<(String, Span)> {
    let name = match &unit.kind {
        ast::UnitKind::Operator(def) => Some(&def.name),
        ast::UnitKind::Function(def) => Some(&def.name),
        ast::UnitKind::InstanceDef(def) => Some(&def.name),
        ast::UnitKind::Constants(_)
        | ast::UnitKind::Variables(_)
        | ast::UnitKind::Assume(_)
        | ast::UnitKind::Theorem(_)
        | ast::UnitKind::Recursive(_)
        | ast::UnitKind::Instance(_)
        | ast::UnitKind::Module(_)
        | ast::UnitKind::Use(_) => None,
    };
    name.map(|name| (name.text.clone(), name.span))
}
