//! `resolve`: text names become ids, sugar goes, primes move to the leaves.
//!
//! Invariant: every problem is reported once, and what is broken becomes [`ExprKind::Error`], which
//! causes no further reports.

mod desugar;
mod errors;
mod expr;
mod modules;
mod prime;
mod recursion;
mod scope;

use indexmap::{IndexMap, IndexSet};

use self::errors::ResolveError;
use self::recursion::Recursion;
use self::scope::{Entry, Meaning, Scope};
use crate::ast;
use crate::diag::{Checked, Diagnostic};
use crate::ids::{Id, IdVec};
use crate::print;
use crate::resolved::{
    Binder, Constant, Def, DefId, Expr, ExprKind, Fact, Hints, Level, LocalId, Module, Name, Proof,
};
use crate::source::Span;
use crate::typed::{FactKind, Quantifier, Strategy, Time};

/// Resolves a module together with all that it extends; `library` holds the modules to be found.
pub fn resolve(root: &ast::Module, library: &[ast::Module]) -> Checked<Module> {
    let mut errors = Vec::new();
    let modules = modules::order(root, library, &mut errors);
    let mut ctx = Ctx::new(root.name.text.clone(), errors);
    ctx.number_facts(&modules);
    let mut scopes: IndexMap<&str, Scope> = IndexMap::new();
    for module in &modules {
        let scope = ctx.inherited(module, &scopes);
        ctx.scope = scope;
        ctx.module(module, module.name.text == root.name.text);
        scopes.insert(&module.name.text, std::mem::take(&mut ctx.scope));
    }
    let mut diagnostics: Vec<Diagnostic> = ctx.errors.into_iter().map(Diagnostic::from).collect();
    diagnostics.sort_by_key(Diagnostic::sort_key);
    Checked { value: ctx.out, diagnostics }
}

/// The state of one run.
struct Ctx {
    out: Module,
    /// For each local, whether it is a parameter.
    is_param: Vec<bool>,
    scope: Scope,
    errors: Vec<ResolveError>,
    /// Broken names that have been reported.
    reported: IndexSet<String>,
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

impl Ctx {
    fn new(name: String, errors: Vec<ResolveError>) -> Self {
        Self {
            out: Module {
                name,
                constants: IdVec::new(),
                variables: IdVec::new(),
                defs: IdVec::new(),
                locals: IdVec::new(),
                facts: Vec::new(),
            },
            is_param: Vec::new(),
            scope: Scope::default(),
            errors,
            reported: IndexSet::new(),
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

    /// What a module sees of those that it extends.
    fn inherited(&mut self, module: &ast::Module, scopes: &IndexMap<&str, Scope>) -> Scope {
        let mut scope = Scope::default();
        for extended in &module.extends {
            let Some(exporter) = scopes.get(extended.text.as_str()) else { continue };
            for (name, entry) in exporter.exports() {
                if let Err(before) = scope.declare(name, entry.clone()) {
                    self.errors.push(ResolveError::DuplicateName {
                        name: name.clone(),
                        at: extended.span,
                        before,
                    });
                }
            }
        }
        scope
    }

    fn module(&mut self, module: &ast::Module, root: bool) {
        let name = module.name.text.as_str();
        for &(operator, arity, primitive) in modules::primitives(name) {
            let meaning = Meaning::Primitive { primitive, arity };
            // A fresh module scope declares nothing twice; inherited primitives are the same.
            let _ = self.scope.declare(operator, Entry { meaning, span: None, local: false });
        }
        self.defined = module.units.iter().filter_map(defined_name).collect();
        for unit in &module.units {
            self.unit(unit, name, root);
        }
        self.all_defined(&[]);
    }

    fn unit(&mut self, unit: &ast::Unit, module: &str, root: bool) {
        match &unit.kind {
            ast::UnitKind::Constants(decls) => {
                for decl in decls {
                    let name = name(&decl.name);
                    let id = self.out.constants.push(Constant { name, arity: decl.arity });
                    self.declare(&decl.name, Meaning::Constant { id, arity: decl.arity }, unit.local);
                }
            }
            ast::UnitKind::Variables(names) => {
                for declared in names {
                    let id = self.out.variables.push(name(declared));
                    self.declare(declared, Meaning::Variable(id), unit.local);
                }
            }
            ast::UnitKind::Operator(def) => {
                if modules::primitives(module).iter().any(|(operator, _, _)| *operator == def.name.text) {
                    return;
                }
                if let Some(strategy) = modules::pragmas(module) {
                    self.declare(&def.name, Meaning::Pragma { strategy }, unit.local);
                    return;
                }
                let (meaning, announced) = self.operator(def, "");
                if announced {
                    self.scope.redeclare(&def.name.text, meaning, def.name.span);
                } else {
                    self.declare(&def.name, meaning, unit.local);
                }
            }
            ast::UnitKind::Function(def) => {
                let meaning = self.function(def, "");
                self.declare(&def.name, meaning, unit.local);
            }
            ast::UnitKind::Assume(assume) => self.assume(assume, unit, root),
            ast::UnitKind::Theorem(theorem) => self.theorem(theorem, unit, root),
            ast::UnitKind::Use(_) => {}
            ast::UnitKind::Recursive(announced) => {
                for declared in announced {
                    self.announce(declared, unit.local);
                }
            }
            ast::UnitKind::Instance(_) | ast::UnitKind::InstanceDef(_) | ast::UnitKind::Module(_) => {
                self.unsupported("this declaration", unit.span, "");
            }
        }
    }

    fn declare(&mut self, name: &ast::Name, meaning: Meaning, local: bool) {
        let entry = Entry { meaning, span: Some(name.span), local };
        if let Err(before) = self.scope.declare(&name.text, entry) {
            self.errors.push(ResolveError::DuplicateName { name: name.text.clone(), at: name.span, before });
        }
    }

    /// `Op(a, b) == body`; `owner` is the name of the definition around it, with a dot, or empty. Says
    /// whether it was announced.
    fn operator(&mut self, def: &ast::OperatorDef, owner: &str) -> (Meaning, bool) {
        let announced = self.announced(&def.name, def.params.len());
        let mark = self.scope.enter();
        let full_name = format!("{owner}{}", def.name.text);
        let params = def.params.iter().map(|param| {
            if param.arity > 0 {
                self.errors.push(ResolveError::Unsupported {
                    what: format!("the operator parameter `{}`", param.name.text),
                    at: param.name.span,
                    help: Some("write one definition for each operator that is passed".to_owned()),
                });
            }
            let local = self.fresh(&param.name, true);
            let meaning = if param.arity > 0 { Meaning::Broken } else { Meaning::Local(local) };
            self.bind(&param.name, meaning);
            local
        });
        let params: Vec<LocalId> = params.collect();
        let inner = self.out.defs.len();
        self.defining.push(full_name.clone());
        let body = self.expr(&def.body);
        self.defining.pop();
        self.scope.leave(mark);
        (self.define(full_name, params, body, def.name.span, inner, announced), announced.is_some())
    }

    /// `f[x \in S] == body`, which is an operator without parameters.
    fn function(&mut self, def: &ast::FunctionDef, owner: &str) -> Meaning {
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
        for nested in inner..id.index() {
            let nested = &mut self.out.defs[DefId::from_index(nested)];
            nested.owner.get_or_insert(id);
        }
        self.complete(id, placeholder, &captured);
        let captured =
            captured.into_iter().map(|l| Expr::new(ExprKind::Local(l, Time::Now), Level::Constant, span));
        Meaning::Def { id, captured: captured.collect(), arity }
    }

    fn assume(&mut self, assume: &ast::Assume, unit: &ast::Unit, root: bool) {
        let kind = if assume.axiom { FactKind::Axiom } else { FactKind::Assumption };
        let keyword = if assume.axiom { "AXIOM" } else { "ASSUME" };
        let name = self.fact_name(assume.name.as_ref(), keyword);
        self.defining.push(name.clone());
        let statement = self.expr(&assume.body);
        self.defining.pop();
        self.at_most(&statement, Level::Constant, "an assumption");
        self.no_placeholder(&statement);
        let span = assume.name.as_ref().map_or(assume.body.span, |name| name.span);
        self.fact(Fact { name, kind, statement, proof: Proof::None, root, span }, assume.name.as_ref(), unit);
    }

    fn theorem(&mut self, theorem: &ast::Theorem, unit: &ast::Unit, root: bool) {
        let name = self.fact_name(theorem.name.as_ref(), &theorem.keyword);
        self.defining.push(name.clone());
        let (statement, place) = match &theorem.statement {
            ast::Statement::Formula(formula) => (self.expr(formula), formula.span),
            ast::Statement::AssumeProve(sequent) => (self.assume_prove(sequent), sequent.span),
        };
        self.defining.pop();
        self.no_placeholder(&statement);
        let proof = self.proof(&theorem.proof);
        let span = theorem.name.as_ref().map_or(place, |name| name.span);
        let fact = Fact { name, kind: FactKind::Theorem, statement, proof, root, span };
        self.fact(fact, theorem.name.as_ref(), unit);
    }

    fn fact(&mut self, fact: Fact, name: Option<&ast::Name>, unit: &ast::Unit) {
        let position = self.out.facts.len();
        self.out.facts.push(fact);
        if let Some(name) = name {
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
    fn assume_prove(&mut self, sequent: &ast::AssumeProve) -> Expr {
        /// One step from the inside out.
        enum Part {
            New(Vec<Binder>),
            Premise(Vec<Expr>),
        }
        if sequent.boxed {
            return self.unsupported("`[]ASSUME ... []PROVE`", sequent.span, "state it as a formula");
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
                    if !supported {
                        self.errors.push(ResolveError::Unsupported {
                            what: format!("`NEW {} {}`", level.as_deref().unwrap_or("CONSTANT"), name.text),
                            at: name.span,
                            help: Some("`NEW x` and `NEW x \\in S` can be used".to_owned()),
                        });
                    }
                    self.bind(name, if supported { Meaning::Local(local) } else { Meaning::Broken });
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

    fn proof(&mut self, proof: &ast::Proof) -> Proof {
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
                    if let ast::Cited::Expr(def) = def
                        && let ast::ExprKind::Name(def) = def.kind.as_ref()
                    {
                        self.hinted_def(def, &mut hints);
                    }
                }
                Proof::By(hints)
            }
        }
    }

    /// One item between `BY` and `DEF`.
    #[expect(clippy::wildcard_enum_match_arm, reason = "everything but names is refused alike")]
    fn hint(&mut self, hint: &ast::Expr, hints: &mut Hints) {
        let (name, args) = match hint.kind.as_ref() {
            ast::ExprKind::Name(name) => (name, &[][..]),
            ast::ExprKind::Apply { operator, args } => (operator, args.as_slice()),
            ast::ExprKind::Paren(inner) => return self.hint(inner, hints),
            ast::ExprKind::Error => return,
            _ => {
                self.errors.push(ResolveError::Unsupported {
                    what: "a formula among the facts of `BY`".to_owned(),
                    at: hint.span,
                    help: Some("state it as a lemma and cite that".to_owned()),
                });
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
    fn hinted_def(&mut self, name: &ast::Name, hints: &mut Hints) {
        match self.scope.get(&name.text).map(|entry| &entry.meaning) {
            Some(&Meaning::Def { id, .. }) => {
                let owned = |(inner, def): (DefId, &Def)| (def.owner == Some(id)).then_some(inner);
                hints.defs.push(id);
                hints.defs.extend(self.out.defs.iter_enumerated().filter_map(owned));
            }
            Some(_) => {}
            None => self.unknown(name),
        }
    }

    // ---- names ----

    fn fresh(&mut self, name: &ast::Name, param: bool) -> LocalId {
        self.is_param.push(param);
        self.out.locals.push(self::name(name))
    }

    fn copy_as_param(&mut self, local: LocalId) -> LocalId {
        self.is_param.push(true);
        let name = self.out.locals[local].clone();
        self.out.locals.push(name)
    }

    fn bind(&mut self, name: &ast::Name, meaning: Meaning) {
        if let Err(before) = self.scope.bind(&name.text, meaning, name.span) {
            self.errors.push(ResolveError::DuplicateName { name: name.text.clone(), at: name.span, before });
        }
    }

    /// Reports a name without a meaning, once.
    fn unknown(&mut self, name: &ast::Name) {
        if self.defining.iter().any(|defining| defining.rsplit('.').next() == Some(&name.text)) {
            if self.reported.insert(name.text.clone()) {
                self.errors.push(ResolveError::Unsupported {
                    what: format!("`{}`, which is not declared to be recursive,", name.text),
                    at: name.span,
                    help: Some(format!("write `RECURSIVE {0}`, or `RECURSIVE {0}(_)`, above it", name.text)),
                });
            }
            return;
        }
        if !self.reported.insert(name.text.clone()) {
            return;
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
        ast::UnitKind::Constants(_)
        | ast::UnitKind::Variables(_)
        | ast::UnitKind::Assume(_)
        | ast::UnitKind::Theorem(_)
        | ast::UnitKind::Recursive(_)
        | ast::UnitKind::Instance(_)
        | ast::UnitKind::InstanceDef(_)
        | ast::UnitKind::Module(_)
        | ast::UnitKind::Use(_) => None,
    };
    name.map(|name| (name.text.clone(), name.span))
}
