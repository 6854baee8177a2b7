//! Which definitions the theorems of a module reach, and as what: part of the initial predicate, of an action,
//! of an assumption, or of a statement.
//!
//! Names are followed as text, through every module that does not come with the program: first in the module where
//! they stand, or in that of the instance before the `!`, and else in all. Where two definitions have one name, both
//! count as reached: that makes mutants that change nothing, which are found out later.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "few forms of expressions mention names, or are steps or temporal"
)]

use std::collections::{BTreeMap, BTreeSet};

use lang::ast::{Bound, Expr, ExprKind, Instance, Module, Statement, Theorem, Unit, UnitKind};

/// Where a formula stands: if it holds more often, what contains it holds more often, less often, or neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// More often.
    Positive,
    /// Less often.
    Negative,
    /// Nobody knows.
    Both,
}

impl Sign {
    /// The sign under a negation.
    #[must_use]
    pub fn flipped(self) -> Self {
        match self {
            Self::Positive => Self::Negative,
            Self::Negative => Self::Positive,
            Self::Both => Self::Both,
        }
    }

    /// The sign of what stands in a place of sign `other` within something of this sign.
    #[must_use]
    pub fn times(self, other: Self) -> Self {
        match other {
            Self::Positive => self,
            Self::Negative => self.flipped(),
            Self::Both => Self::Both,
        }
    }

    /// The sign of what stands in two places.
    fn and(self, other: Self) -> Self {
        if self == other { self } else { Self::Both }
    }
}

/// What a definition is reached as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Use {
    /// Part of an `ASSUME` or `AXIOM`.
    Assumption,
    /// Part of the initial predicate of a specification.
    Initial,
    /// Part of its next-state relation.
    Action,
    /// Part of what the theorem with this position among the theorems of the root module says.
    Statement(usize),
}

/// A unit of a module: the module's position, 0 for the root, and the unit's.
pub type UnitId = (usize, usize);

/// What is known of the definitions of some modules.
#[derive(Debug)]
pub struct Reach<'a> {
    /// The modules, the root first.
    modules: Vec<&'a Module>,
    /// Definitions by name.
    named: BTreeMap<&'a str, Vec<UnitId>>,
    /// Definitions of which a prime or `UNCHANGED` is a part.
    steps: BTreeSet<&'a str>,
    /// Definitions of which a temporal operator is a part.
    temporal: BTreeSet<&'a str>,
    /// What each reached definition is reached as, and how it stands there.
    uses: BTreeMap<UnitId, BTreeMap<Use, Sign>>,
}

impl<'a> Reach<'a> {
    /// Follows the names from the assumptions of all modules and from the theorems of the root, which comes first.
    pub fn new(modules: Vec<&'a Module>) -> Self {
        let mut named: BTreeMap<&str, Vec<UnitId>> = BTreeMap::new();
        for (module_idx, module) in modules.iter().enumerate() {
            for (unit_idx, unit) in module.units.iter().enumerate() {
                if let Some((name, _)) = definition(unit) {
                    named.entry(name).or_default().push((module_idx, unit_idx));
                }
            }
        }
        let mut reach =
            Self { modules, named, steps: BTreeSet::new(), temporal: BTreeSet::new(), uses: BTreeMap::new() };
        reach.steps = reach.closure(is_step);
        reach.temporal = reach.closure(is_temporal);
        reach.follow_roots();
        reach
    }

    /// What a definition is reached as; nothing if it is not reached.
    pub fn uses(&self, unit: UnitId) -> Option<&BTreeMap<Use, Sign>> {
        self.uses.get(&unit)
    }

    /// Whether a prime or `UNCHANGED` is a part of an expression.
    pub fn is_step(&self, expr: &Expr) -> bool {
        any(expr, &mut |part| is_step(part) || names(part).iter().any(|name| self.steps.contains(name)))
    }

    /// Whether a temporal operator is a part of an expression.
    pub fn is_temporal(&self, expr: &Expr) -> bool {
        any(expr, &mut |part| {
            is_temporal(part) || names(part).iter().any(|name| self.temporal.contains(name))
        })
    }

    /// The names of definitions with a part that `is_wanted`, directly or through names.
    fn closure(&self, is_wanted: fn(&Expr) -> bool) -> BTreeSet<&'a str> {
        let mut found: BTreeSet<&'a str> = BTreeSet::new();
        loop {
            let n_before = found.len();
            for unit in self.modules.iter().flat_map(|module| &module.units) {
                if let Some((name, body)) = definition(unit)
                    && any(body, &mut |part| {
                        is_wanted(part) || names(part).iter().any(|it| found.contains(it))
                    })
                {
                    found.insert(name);
                }
            }
            if found.len() == n_before {
                return found;
            }
        }
    }

    fn follow_roots(&mut self) {
        let mut todo: Vec<Waiting<'a>> = Vec::new();
        let mut theorem_idx = 0;
        for (module_idx, module) in self.modules.clone().into_iter().enumerate() {
            for unit in &module.units {
                match &unit.kind {
                    UnitKind::Assume(assume) => {
                        todo.push(Waiting {
                            expr: &assume.body,
                            module_idx,
                            as_what: Use::Assumption,
                            sign: Sign::Positive,
                        });
                    }
                    UnitKind::Theorem(theorem) if module_idx == 0 => {
                        self.theorem(theorem, theorem_idx, &mut todo);
                        theorem_idx += 1;
                    }
                    UnitKind::Theorem(_)
                    | UnitKind::Constants(_)
                    | UnitKind::Variables(_)
                    | UnitKind::Operator(_)
                    | UnitKind::Function(_)
                    | UnitKind::Recursive(_)
                    | UnitKind::Instance(_)
                    | UnitKind::InstanceDef(_)
                    | UnitKind::Module(_)
                    | UnitKind::Use(_) => {}
                }
            }
        }
        while let Some(Waiting { expr, module_idx, as_what, sign }) = todo.pop() {
            let mut references = Vec::new();
            references_in(expr, sign, &mut references);
            for Reference { path, name, sign } in references {
                let (found, given) = self.find(module_idx, &path, name);
                // What stands for a constant or a variable may stand anywhere in the instance.
                todo.extend(given.into_iter().map(|(expr, module_idx)| Waiting {
                    expr,
                    module_idx,
                    as_what,
                    sign: Sign::Both,
                }));
                for unit_id in found {
                    let uses = self.uses.entry(unit_id).or_default();
                    let known = uses.get(&as_what).copied();
                    let joined = known.map_or(sign, |known| known.and(sign));
                    if known != Some(joined) {
                        uses.insert(as_what, joined);
                        todo.extend(self.body(unit_id).map(|expr| Waiting {
                            expr,
                            module_idx: unit_id.0,
                            as_what,
                            sign: joined,
                        }));
                    }
                }
            }
        }
    }

    /// The definitions that a name may mean in a module, after the names of instances before it; and what these
    /// instances put for constants and variables, with the modules where that stands.
    fn find(&self, module_idx: usize, path: &[&str], name: &str) -> (Vec<UnitId>, Vec<(&'a Expr, usize)>) {
        let mut at = Some(module_idx);
        let mut given = Vec::new();
        for step in path {
            let instance = at.and_then(|at| Some((at, self.instance(at, step)?)));
            let Some((own, instance)) = instance else {
                at = None;
                break;
            };
            given.extend(instance.substitutions.iter().map(|(_, value)| (value, own)));
            at = self.modules.iter().position(|module| module.name.text == instance.module.text);
        }
        let all = self.named.get(name).cloned().unwrap_or_default();
        let own: Vec<UnitId> =
            all.iter().filter(|(module_idx, _)| Some(*module_idx) == at).copied().collect();
        (if own.is_empty() { all } else { own }, given)
    }

    /// The named instance of this name in a module.
    fn instance(&self, module_idx: usize, name: &str) -> Option<&'a Instance> {
        self.modules[module_idx].units.iter().find_map(|unit| match &unit.kind {
            UnitKind::InstanceDef(def) if def.name.text == name => Some(&def.instance),
            _ => None,
        })
    }

    fn body(&self, (module_idx, unit_idx): UnitId) -> Option<&'a Expr> {
        definition(&self.modules[module_idx].units[unit_idx]).map(|(_, body)| body)
    }

    fn theorem(&self, theorem: &'a Theorem, theorem_idx: usize, todo: &mut Vec<Waiting<'a>>) {
        let as_what = Use::Statement(theorem_idx);
        let waiting = |expr, sign| Waiting { expr, module_idx: 0, as_what, sign };
        match &theorem.statement {
            Statement::Formula(formula) => match implication(formula) {
                Some((left, right)) if self.is_temporal(formula) => {
                    self.system(left, todo);
                    todo.push(waiting(right, Sign::Positive));
                }
                _ => todo.push(waiting(formula, Sign::Positive)),
            },
            // What a sequent assumes and claims is followed without regard to which is which.
            Statement::AssumeProve(sequent) => {
                let mut sequents = vec![sequent];
                while let Some(sequent) = sequents.pop() {
                    todo.push(waiting(&sequent.goal, Sign::Both));
                    for assumption in &sequent.assumptions {
                        match assumption {
                            lang::ast::Assumption::Formula(formula) => {
                                todo.push(waiting(formula, Sign::Both));
                            }
                            lang::ast::Assumption::Sequent(inner) => sequents.push(inner),
                            lang::ast::Assumption::New { domain, .. } => {
                                todo.extend(domain.iter().map(|domain| waiting(domain, Sign::Both)));
                            }
                        }
                    }
                }
            }
        }
    }

    /// Takes a specification apart: what is in a `[][N]_v` is an action, what is not temporal is initial, and
    /// fairness is nothing that safety rests on.
    fn system(&self, expr: &'a Expr, todo: &mut Vec<Waiting<'a>>) {
        let found = |expr, as_what, module_idx| Waiting { expr, module_idx, as_what, sign: Sign::Positive };
        let mut waiting = vec![(expr, 0)];
        let mut seen: BTreeSet<UnitId> = BTreeSet::new();
        while let Some((expr, at)) = waiting.pop() {
            match expr.kind.as_ref() {
                ExprKind::Paren(inner) | ExprKind::Label { body: inner, .. } => waiting.push((inner, at)),
                ExprKind::Prefix { operator, operand } if operator.text == "[]" => {
                    waiting.push((operand, at));
                }
                ExprKind::ActionBox { action, .. } => todo.push(found(action, Use::Action, at)),
                ExprKind::Fairness { .. } => {}
                _ if !self.is_temporal(expr) => todo.push(found(expr, Use::Initial, at)),
                ExprKind::Name(_) | ExprKind::Apply { .. } | ExprKind::Path(_) => {
                    let names = names(expr);
                    let Some((name, path)) = names.split_last() else { continue };
                    for unit_id in self.find(at, path, name).0 {
                        if seen.insert(unit_id) {
                            waiting.extend(self.body(unit_id).map(|body| (body, unit_id.0)));
                        }
                    }
                }
                _ => expr.for_each_child(|child| waiting.push((child, at))),
            }
        }
    }
}

/// The name and the body of a definition of an operator or a function.
pub fn definition(unit: &Unit) -> Option<(&str, &Expr)> {
    match &unit.kind {
        UnitKind::Operator(def) => Some((&def.name.text, &def.body)),
        UnitKind::Function(def) => Some((&def.name.text, &def.body)),
        UnitKind::Constants(_)
        | UnitKind::Variables(_)
        | UnitKind::Assume(_)
        | UnitKind::Theorem(_)
        | UnitKind::Recursive(_)
        | UnitKind::Instance(_)
        | UnitKind::InstanceDef(_)
        | UnitKind::Module(_)
        | UnitKind::Use(_) => None,
    }
}

/// The sides of an implication.
pub fn implication(expr: &Expr) -> Option<(&Expr, &Expr)> {
    match expr.kind.as_ref() {
        ExprKind::Paren(inner) => implication(inner),
        ExprKind::Infix { operator, left, right } if operator.text == "=>" => Some((left, right)),
        _ => None,
    }
}

/// Whether `wanted` holds of an expression or a part of it.
pub fn any(expr: &Expr, wanted: &mut dyn FnMut(&Expr) -> bool) -> bool {
    let mut waiting = vec![expr];
    while let Some(expr) = waiting.pop() {
        if wanted(expr) {
            return true;
        }
        expr.for_each_child(|child| waiting.push(child));
    }
    false
}

fn is_step(expr: &Expr) -> bool {
    match expr.kind.as_ref() {
        ExprKind::Postfix { operator, .. } => operator.text == "'",
        ExprKind::Prefix { operator, .. } => operator.text == "UNCHANGED",
        _ => false,
    }
}

fn is_temporal(expr: &Expr) -> bool {
    match expr.kind.as_ref() {
        ExprKind::ActionBox { .. } | ExprKind::Fairness { .. } | ExprKind::TemporalQuantifier { .. } => true,
        ExprKind::Prefix { operator, .. } => matches!(operator.text.as_str(), "[]" | "<>"),
        ExprKind::Infix { operator, .. } => matches!(operator.text.as_str(), "~>" | "-+->"),
        _ => false,
    }
}

/// The names that an expression mentions itself, not in its operands.
fn names(expr: &Expr) -> Vec<&str> {
    match expr.kind.as_ref() {
        ExprKind::Name(name)
        | ExprKind::Apply { operator: name, .. }
        | ExprKind::Chain { operator: name, .. }
        | ExprKind::Infix { operator: name, .. }
        | ExprKind::Prefix { operator: name, .. }
        | ExprKind::Postfix { operator: name, .. } => vec![&name.text],
        ExprKind::Path(steps) => steps
            .iter()
            .filter_map(|step| match &step.selector {
                lang::ast::Selector::Name(name) => Some(name.text.as_str()),
                lang::ast::Selector::Operand(_)
                | lang::ast::Selector::First
                | lang::ast::Selector::Last
                | lang::ast::Selector::Body
                | lang::ast::Selector::Inside
                | lang::ast::Selector::Instantiate => None,
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// An expression whose names are to be followed: the module where it stands, and what it is part of.
struct Waiting<'a> {
    expr: &'a Expr,
    module_idx: usize,
    as_what: Use,
    sign: Sign,
}

/// A name that is mentioned, after those of instances, and how it stands.
struct Reference<'a> {
    path: Vec<&'a str>,
    name: &'a str,
    sign: Sign,
}

/// The names that an expression mentions anywhere.
fn references_in<'a>(expr: &'a Expr, sign: Sign, into: &mut Vec<Reference<'a>>) {
    let mut waiting = vec![(expr, sign)];
    while let Some((expr, sign)) = waiting.pop() {
        let mut path = names(expr);
        into.extend(path.pop().map(|name| Reference { path, name, sign }));
        for_each_signed(expr, sign, |child, sign| waiting.push((child, sign)));
    }
}

/// Calls `visit` on the operands of a formula, each with how it stands.
fn for_each_signed<'a>(expr: &'a Expr, sign: Sign, mut visit: impl FnMut(&'a Expr, Sign)) {
    let domains = |bounds: &'a [Bound], visit: &mut dyn FnMut(&'a Expr, Sign)| {
        bounds.iter().filter_map(|bound| bound.domain.as_ref()).for_each(|domain| visit(domain, Sign::Both));
    };
    match expr.kind.as_ref() {
        ExprKind::Paren(inner) | ExprKind::Label { body: inner, .. } => visit(inner, sign),
        ExprKind::Junction { items, .. } => items.iter().for_each(|item| visit(item, sign)),
        ExprKind::Chain { operator, operands } if is_junctor(&operator.text) => {
            for operand in operands {
                visit(operand, sign);
            }
        }
        ExprKind::Infix { operator, left, right } if is_junctor(&operator.text) => {
            visit(left, sign);
            visit(right, sign);
        }
        ExprKind::Infix { operator, left, right } if operator.text == "=>" => {
            visit(left, sign.flipped());
            visit(right, sign);
        }
        ExprKind::Prefix { operator, operand } if operator.text == "~" => visit(operand, sign.flipped()),
        ExprKind::Prefix { operator, operand } if operator.text == "[]" => visit(operand, sign),
        ExprKind::Postfix { operator, operand } if operator.text == "'" => visit(operand, sign),
        ExprKind::Quantifier { bounds, body, .. } => {
            domains(bounds, &mut visit);
            visit(body, sign);
        }
        ExprKind::If { condition, then, otherwise } => {
            visit(condition, Sign::Both);
            visit(then, sign);
            visit(otherwise, sign);
        }
        ExprKind::Let { body, .. } => {
            expr.for_each_child(|child| {
                let is_body = std::ptr::eq(child, body);
                visit(child, if is_body { sign } else { Sign::Both });
            });
        }
        _ => expr.for_each_child(|child| visit(child, Sign::Both)),
    }
}

fn is_junctor(symbol: &str) -> bool {
    matches!(symbol, "/\\" | "\\/")
}
