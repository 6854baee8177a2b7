//! The mutation operators: from the definitions that theorems reach to candidates, in the order of the text.
//!
//! Each operator changes one place. What it does to the formula around, [`Effect`], is computed from the operator and
//! from the signs of the places on the way; where that is not certain, it is [`Effect::Changes`].
//! Nothing is proposed that says nothing: an invariant or initial predicate is not negated where it is asserted, a step
//! not at all, since what is then said of next values has no meaning as an action.

use std::collections::BTreeMap;

use lang::ast::{Bound, Expr, ExprKind, Module, Name, Pattern, Statement, Theorem, Unit, UnitKind};
use lang::sort::Sort;
use lang::source::Span;

use super::reach::{Reach, Sign, UnitId, Use, definition, implication};
use super::{Effect, Mutant, Place, Role};

/// The sorts of expressions and of bound names, by their spans.
pub type Sorts = BTreeMap<Span, Sort>;

/// The candidates for mutants of the root module, which comes first, and of the other modules. `ends` are the
/// positions, among the root's theorems, of those whose statements are properties.
pub fn candidates(modules: &[&Module], sorts: &Sorts, ends: &[usize]) -> Vec<Mutant> {
    let reach = Reach::new(modules.to_vec());
    let mut found = Vec::new();
    for (module_idx, module) in modules.iter().enumerate() {
        let mut theorem_idx = 0;
        for (unit_idx, unit) in module.units.iter().enumerate() {
            let this = (module_idx, unit_idx);
            match &unit.kind {
                UnitKind::Theorem(theorem) => {
                    if module_idx == 0 {
                        in_theorem(&reach, sorts, this, theorem, theorem_idx, ends, &mut found);
                    }
                    theorem_idx += 1;
                }
                UnitKind::Assume(assume) => {
                    let name = assume.name.as_ref().map_or("ASSUME", |name| &name.text);
                    let mut walk = Walk::new(&reach, sorts, this, name, Role::Assumption, Sign::Positive);
                    walk.propose("drop", &assume.body, Effect::Weakens, truth(true, assume.body.span), None);
                    walk.either(&assume.body, Sign::Positive);
                    found.append(&mut walk.found);
                }
                UnitKind::Operator(_) | UnitKind::Function(_) => {
                    in_definition(&reach, sorts, this, unit, ends, &mut found);
                }
                UnitKind::Constants(_)
                | UnitKind::Variables(_)
                | UnitKind::Recursive(_)
                | UnitKind::Instance(_)
                | UnitKind::InstanceDef(_)
                | UnitKind::Module(_)
                | UnitKind::Use(_) => {}
            }
        }
    }
    with_unique_names(found)
}

/// A lemma may be left out as a whole; of `Spec => []P`, it is `P` that is mutated, if it is written out there.
fn in_theorem(
    reach: &Reach<'_>,
    sorts: &Sorts,
    this: UnitId,
    theorem: &Theorem,
    theorem_idx: usize,
    ends: &[usize],
    found: &mut Vec<Mutant>,
) {
    let Statement::Formula(statement) = &theorem.statement else {
        return;
    };
    let name = theorem.name.as_ref().map_or(theorem.keyword.as_str(), |name| &name.text);
    let is_end = ends.contains(&theorem_idx);
    if reach.is_temporal(statement) {
        let role = if is_end { Role::Property } else { Role::Invariant };
        let mut walk = Walk::new(reach, sorts, this, name, role, Sign::Positive);
        if let Some((left, right)) = implication(statement) {
            walk.claim(statement, left, right);
        }
        found.append(&mut walk.found);
    } else if !is_end {
        let mut walk = Walk::new(reach, sorts, this, name, Role::Lemma, Sign::Positive);
        walk.propose("drop", statement, Effect::Weakens, truth(true, statement.span), None);
        found.append(&mut walk.found);
    }
}

fn in_definition(
    reach: &Reach<'_>,
    sorts: &Sorts,
    this: UnitId,
    unit: &Unit,
    ends: &[usize],
    found: &mut Vec<Mutant>,
) {
    let Some((name, body)) = definition(unit) else {
        return;
    };
    let Some(uses) = reach.uses(this) else {
        return;
    };
    // A specification as a whole is the frame for the mutants of its parts.
    if reach.is_temporal(body) {
        return;
    }
    let mut roles: Vec<Role> = uses
        .keys()
        .map(|used| match used {
            Use::Assumption => Role::Assumption,
            Use::Initial => Role::Initial,
            Use::Action => Role::Action,
            Use::Statement(theorem_idx) if ends.contains(theorem_idx) => Role::Property,
            Use::Statement(_) => Role::Invariant,
        })
        .collect();
    roles.sort_unstable();
    roles.dedup();
    let role = match roles.as_slice() {
        [role] => *role,
        // What invariants and properties share, invariants rest on.
        [Role::Invariant, Role::Property] => Role::Invariant,
        _ => Role::Common,
    };
    let mut signs = uses.values();
    let first = signs.next().copied().unwrap_or(Sign::Both);
    let sign = if signs.all(|sign| *sign == first) { first } else { Sign::Both };
    let params = match &unit.kind {
        UnitKind::Operator(def) => def.params.iter().filter(|it| it.arity == 0).map(|it| &it.name).collect(),
        UnitKind::Function(def) => bound_names(&def.bounds),
        UnitKind::Constants(_)
        | UnitKind::Variables(_)
        | UnitKind::Assume(_)
        | UnitKind::Theorem(_)
        | UnitKind::Recursive(_)
        | UnitKind::Instance(_)
        | UnitKind::InstanceDef(_)
        | UnitKind::Module(_)
        | UnitKind::Use(_) => Vec::new(),
    };
    let mut walk = Walk::new(reach, sorts, this, name, role, sign);
    walk.scope.extend(params.into_iter().cloned());
    walk.either(body, Sign::Positive);
    found.append(&mut walk.found);
}

/// Where names repeat, all but the first get a number.
fn with_unique_names(mut mutants: Vec<Mutant>) -> Vec<Mutant> {
    let mut n_seen: BTreeMap<String, usize> = BTreeMap::new();
    for mutant in &mut mutants {
        let n = n_seen.entry(mutant.name.clone()).or_default();
        *n += 1;
        if *n > 1 {
            mutant.name = format!("{}~{n}", mutant.name);
        }
    }
    mutants
}

/// A walk through one definition.
struct Walk<'a> {
    reach: &'a Reach<'a>,
    sorts: &'a Sorts,
    unit: UnitId,
    definition: &'a str,
    role: Role,
    /// How the definition as a whole stands where it is used.
    sign: Sign,
    /// The way from the definition's formula to where the walk is, by positions of operands.
    path: Vec<usize>,
    /// The same, as the names of mutants tell it.
    way: Vec<String>,
    /// The names that are bound here.
    scope: Vec<Name>,
    /// Whether what is here holds whenever the definition does.
    is_asserted: bool,
    found: Vec<Mutant>,
}

impl<'a> Walk<'a> {
    fn new(
        reach: &'a Reach<'a>,
        sorts: &'a Sorts,
        unit: UnitId,
        definition: &'a str,
        role: Role,
        sign: Sign,
    ) -> Self {
        Self {
            reach,
            sorts,
            unit,
            definition,
            role,
            sign,
            path: Vec::new(),
            way: Vec::new(),
            scope: Vec::new(),
            is_asserted: true,
            found: Vec::new(),
        }
    }

    /// Goes from an expression to its operand and back.
    fn down(&mut self, parent: &Expr, child: &Expr, visit: impl FnOnce(&mut Self)) {
        let mut position = None;
        let mut n_seen = 0;
        parent.for_each_child(|operand| {
            if std::ptr::eq(operand, child) {
                position = Some(n_seen);
            }
            n_seen += 1;
        });
        if let Some(position) = position {
            self.path.push(position);
            visit(self);
            self.path.pop();
        }
    }

    /// The same, with a word for the names of the mutants there.
    fn down_to(
        &mut self,
        parent: &Expr,
        child: &Expr,
        word: impl Into<String>,
        visit: impl FnOnce(&mut Self),
    ) {
        self.way.push(word.into());
        self.down(parent, child, visit);
        self.way.pop();
    }

    /// Proposes that `expr`, which is where the walk is, becomes `replacement`; `after` is its text, if it is
    /// not left out.
    fn propose(
        &mut self,
        operator: &str,
        expr: &Expr,
        effect: Effect,
        replacement: Expr,
        after: Option<String>,
    ) {
        let words: Vec<&str> = std::iter::once(self.definition)
            .chain(self.way.iter().map(String::as_str))
            .chain([operator])
            .collect();
        let (module, unit) = self.unit;
        self.found.push(Mutant {
            name: words.join("."),
            definition: self.definition.to_owned(),
            role: self.role,
            effect,
            span: expr.span,
            before: lang::print::expr(expr),
            after,
            place: Place { module, unit, path: self.path.clone() },
            replacement,
        });
    }

    /// Proposes another expression, which is shown as it is.
    fn propose_kind(&mut self, operator: &str, expr: &Expr, effect: Effect, kind: ExprKind) {
        let replacement = Expr { kind: Box::new(kind), span: expr.span };
        let after = lang::print::expr(&replacement);
        self.propose(operator, expr, effect, replacement, Some(after));
    }

    /// What a change that makes the formula here hold more often does to what the definition is a part of.
    fn weaker(&self, here: Sign) -> Effect {
        match self.sign.times(here) {
            _ if self.role == Role::Common => Effect::Changes,
            Sign::Positive => Effect::Weakens,
            Sign::Negative => Effect::Strengthens,
            Sign::Both => Effect::Changes,
        }
    }

    fn stronger(&self, here: Sign) -> Effect {
        self.weaker(here.flipped())
    }

    /// Whether a negation here would say something worth trying.
    fn may_negate(&self) -> bool {
        match self.role {
            Role::Assumption | Role::Action => true,
            Role::Common => !self.is_asserted,
            Role::Initial | Role::Invariant | Role::Lemma | Role::Property => {
                !(self.is_asserted && self.sign == Sign::Positive)
            }
        }
    }

    /// Visits what does not hold by itself if the definition does.
    fn not_asserted(&mut self, visit: impl FnOnce(&mut Self)) {
        let before = std::mem::replace(&mut self.is_asserted, false);
        visit(self);
        self.is_asserted = before;
    }

    /// Visits the scope of bound names.
    fn within(&mut self, bounds: &[Bound], visit: impl FnOnce(&mut Self)) {
        let n_before = self.scope.len();
        self.scope.extend(bound_names(bounds).into_iter().cloned());
        visit(self);
        self.scope.truncate(n_before);
    }

    /// Of `left => []P`, what is in `P`.
    fn claim(&mut self, statement: &Expr, _left: &Expr, right: &Expr) {
        match statement.kind.as_ref() {
            ExprKind::Paren(inner) => {
                if let Some((left, right)) = implication(inner) {
                    self.down(statement, inner, |walk| walk.claim(inner, left, right));
                }
            }
            _ => self.down(statement, right, |walk| walk.always(right)),
        }
    }

    fn always(&mut self, expr: &Expr) {
        match expr.kind.as_ref() {
            ExprKind::Paren(inner) => self.down(expr, inner, |walk| walk.always(inner)),
            ExprKind::Prefix { operator, operand } if operator.text == "[]" => {
                self.down(expr, operand, |walk| walk.either(operand, Sign::Positive));
            }
            _ => {}
        }
    }

    /// A formula or a term, as its form shows. What could be either is left alone.
    fn either(&mut self, expr: &Expr, sign: Sign) {
        match expr.kind.as_ref() {
            ExprKind::Paren(inner) | ExprKind::Label { body: inner, .. } => {
                self.down(expr, inner, |walk| walk.either(inner, sign));
            }
            ExprKind::If { .. } | ExprKind::Case { .. } | ExprKind::Let { .. } => {
                self.branches(expr, sign, false)
            }
            ExprKind::Junction { .. } | ExprKind::Quantifier { .. } => self.formula(expr, sign),
            ExprKind::Chain { operator, .. } | ExprKind::Infix { operator, .. } => {
                match operator.text.as_str() {
                    "/\\" | "\\/" | "=>" | "<=>" | "=" | "#" | "<" | ">" | "=<" | ">=" | "\\in"
                    | "\\notin" | "\\subseteq" => self.formula(expr, sign),
                    _ => self.term(expr),
                }
            }
            ExprKind::Prefix { operator, .. } => match operator.text.as_str() {
                "~" | "UNCHANGED" => self.formula(expr, sign),
                _ => self.term(expr),
            },
            _ => self.term(expr),
        }
    }

    /// A formula that stands, among those around it, with this sign.
    fn formula(&mut self, expr: &Expr, sign: Sign) {
        match expr.kind.as_ref() {
            ExprKind::Paren(inner) | ExprKind::Label { body: inner, .. } => {
                self.down(expr, inner, |walk| walk.formula(inner, sign));
            }
            ExprKind::Junction { conjunction, items } => {
                self.junction(expr, *conjunction, items.iter(), sign)
            }
            ExprKind::Chain { operator, operands } if matches!(operator.text.as_str(), "/\\" | "\\/") => {
                self.junction(expr, operator.text == "/\\", operands.iter(), sign);
            }
            ExprKind::Infix { operator, left, right } if matches!(operator.text.as_str(), "/\\" | "\\/") => {
                self.junction(expr, operator.text == "/\\", [left, right].into_iter(), sign);
            }
            ExprKind::Infix { operator, left, right } => self.infix(expr, operator, left, right, sign),
            ExprKind::Prefix { operator, operand } if operator.text == "~" => {
                if self.may_negate() {
                    let kind = operand.kind.as_ref().clone();
                    self.propose_kind("negate", expr, Effect::Changes, kind);
                }
                let flipped = sign.flipped();
                self.not_asserted(|walk| walk.down(expr, operand, |walk| walk.formula(operand, flipped)));
            }
            ExprKind::Prefix { operator, operand } if operator.text == "UNCHANGED" => {
                self.unchanged(expr, operator, operand, sign);
            }
            ExprKind::Quantifier { universal, bounds, body } => {
                if !self.reach.is_step(body) {
                    let kind = ExprKind::Quantifier {
                        universal: !universal,
                        bounds: bounds.clone(),
                        body: body.clone(),
                    };
                    self.propose_kind(
                        if *universal { "for-some" } else { "for-all" },
                        expr,
                        Effect::Changes,
                        kind,
                    );
                }
                self.domains(expr, bounds);
                self.within(bounds, |walk| walk.down(expr, body, |walk| walk.formula(body, sign)));
            }
            ExprKind::If { .. } | ExprKind::Case { .. } | ExprKind::Let { .. } => {
                self.branches(expr, sign, true)
            }
            ExprKind::Name(_)
            | ExprKind::Apply { .. }
            | ExprKind::Path(_)
            | ExprKind::Index { .. }
            | ExprKind::Field { .. } => {
                let is_constant = matches!(expr.kind.as_ref(), ExprKind::Name(it) if is_truth(&it.text));
                if self.may_negate() && !is_constant && !self.reach.is_step(expr) {
                    self.propose_kind("negate", expr, Effect::Changes, negation(expr));
                }
                self.term(expr);
            }
            _ => self.term(expr),
        }
    }

    fn junction<'e>(
        &mut self,
        expr: &Expr,
        is_conjunction: bool,
        items: impl ExactSizeIterator<Item = &'e Expr>,
        sign: Sign,
    ) {
        let is_list = items.len() > 1;
        for (item_idx, item) in items.enumerate() {
            self.down_to(expr, item, (item_idx + 1).to_string(), |walk| {
                if is_list {
                    let effect = if is_conjunction { walk.weaker(sign) } else { walk.stronger(sign) };
                    walk.propose("drop", item, effect, truth(is_conjunction, item.span), None);
                }
                if is_conjunction {
                    walk.formula(item, sign);
                } else {
                    walk.not_asserted(|walk| walk.formula(item, sign));
                }
            });
        }
    }

    fn infix(&mut self, expr: &Expr, operator: &Name, left: &Expr, right: &Expr, sign: Sign) {
        let with = |symbol: &str| ExprKind::Infix {
            operator: Name { text: symbol.to_owned(), span: operator.span },
            left: left.clone(),
            right: right.clone(),
        };
        let (weaker, stronger) = (self.weaker(sign), self.stronger(sign));
        let negated = match operator.text.as_str() {
            "=>" => {
                self.down_to(expr, left, "premise", |walk| {
                    walk.propose("drop", left, stronger, truth(true, left.span), None);
                    walk.not_asserted(|walk| walk.formula(left, sign.flipped()));
                });
                self.down(expr, right, |walk| walk.formula(right, sign));
                return;
            }
            "<=>" => {
                self.propose_kind("implies", expr, weaker, with("=>"));
                let converse = ExprKind::Infix {
                    operator: name("=>", operator.span),
                    left: right.clone(),
                    right: left.clone(),
                };
                self.propose_kind("implied", expr, weaker, converse);
                self.not_asserted(|walk| {
                    walk.down(expr, left, |walk| walk.formula(left, Sign::Both));
                    walk.down(expr, right, |walk| walk.formula(right, Sign::Both));
                });
                return;
            }
            "=" if is_next_value(left) => {
                let now = primed(left).map_or_else(|| left.clone(), Clone::clone);
                let kind = ExprKind::Infix { operator: operator.clone(), left: left.clone(), right: now };
                self.propose_kind("unchanged", expr, Effect::Changes, kind);
                self.down(expr, right, |walk| walk.either(right, Sign::Both));
                return;
            }
            "<" => {
                self.propose_kind("at-most", expr, weaker, with("=<"));
                Some(("at-least", ">="))
            }
            "=<" => {
                self.propose_kind("less", expr, stronger, with("<"));
                Some(("greater", ">"))
            }
            ">" => {
                self.propose_kind("at-least", expr, weaker, with(">="));
                Some(("at-most", "=<"))
            }
            ">=" => {
                self.propose_kind("greater", expr, stronger, with(">"));
                Some(("less", "<"))
            }
            "=" => Some(("differs", "#")),
            "#" => Some(("equals", "=")),
            "\\in" if !is_next_value(left) => Some(("not-member", "\\notin")),
            "\\notin" => Some(("member", "\\in")),
            _ => None,
        };
        if let Some((word, symbol)) = negated
            && self.may_negate()
        {
            self.propose_kind(word, expr, Effect::Changes, with(symbol));
        }
        for operand in [left, right] {
            self.down(expr, operand, |walk| walk.not_asserted(|walk| walk.either(operand, Sign::Both)));
        }
    }

    fn unchanged(&mut self, expr: &Expr, operator: &Name, operand: &Expr, sign: Sign) {
        let ExprKind::Tuple(items) = operand.kind.as_ref() else {
            return;
        };
        if items.len() < 2 {
            return;
        }
        for (item_idx, item) in items.iter().enumerate() {
            let mut rest = items.clone();
            rest.remove(item_idx);
            let rest = Expr { kind: Box::new(ExprKind::Tuple(rest)), span: operand.span };
            let word = format!("free-{}", word_of(item, item_idx));
            let effect = self.weaker(sign);
            self.propose_kind(
                &word,
                expr,
                effect,
                ExprKind::Prefix { operator: operator.clone(), operand: rest },
            );
        }
    }

    /// `IF`, `CASE` and `LET`, whose branches are formulas or terms, as they are.
    fn branches(&mut self, expr: &Expr, sign: Sign, is_formula: bool) {
        let branch = |walk: &mut Self, branch: &Expr| {
            if is_formula { walk.formula(branch, sign) } else { walk.either(branch, sign) }
        };
        match expr.kind.as_ref() {
            ExprKind::If { condition, then, otherwise } => {
                self.not_asserted(|walk| {
                    walk.down_to(expr, condition, "if", |walk| walk.condition(condition));
                    walk.down_to(expr, then, "then", |walk| branch(walk, then));
                    walk.down_to(expr, otherwise, "else", |walk| branch(walk, otherwise));
                });
            }
            ExprKind::Case { arms, other } => self.not_asserted(|walk| {
                for (arm_idx, (guard, value)) in arms.iter().enumerate() {
                    walk.down_to(expr, guard, format!("case{}", arm_idx + 1), |walk| walk.condition(guard));
                    walk.down_to(expr, value, format!("case{}", arm_idx + 1), |walk| branch(walk, value));
                }
                if let Some(value) = other {
                    walk.down_to(expr, value, "other", |walk| branch(walk, value));
                }
            }),
            ExprKind::Let { definitions, body } => {
                for unit in definitions {
                    if let Some((name, local)) = definition(unit) {
                        self.not_asserted(|walk| {
                            walk.down_to(expr, local, name, |walk| walk.either(local, Sign::Both));
                        });
                    }
                }
                self.down(expr, body, |walk| branch(walk, body));
            }
            _ => {}
        }
    }

    /// A condition: it is negated as a whole, and, where it is a list, part by part.
    fn condition(&mut self, expr: &Expr) {
        match expr.kind.as_ref() {
            ExprKind::Junction { .. } | ExprKind::Chain { .. } | ExprKind::Quantifier { .. } => {
                self.propose_kind("negate", expr, Effect::Changes, negation(expr));
            }
            _ => {}
        }
        self.formula(expr, Sign::Both);
    }

    fn domains(&mut self, expr: &Expr, bounds: &[Bound]) {
        for domain in bounds.iter().filter_map(|bound| bound.domain.as_ref()) {
            self.not_asserted(|walk| walk.down(expr, domain, |walk| walk.term(domain)));
        }
    }

    /// A term: a number, a set, a function, a record.
    fn term(&mut self, expr: &Expr) {
        match expr.kind.as_ref() {
            ExprKind::Number(digits) => self.number(expr, digits, false),
            ExprKind::Prefix { operator, operand } => match (operator.text.as_str(), operand.kind.as_ref()) {
                ("-" | "-.", ExprKind::Number(digits)) => self.number(expr, digits, true),
                ("~", _) => self.formula(expr, Sign::Both),
                _ => self.down(expr, operand, |walk| walk.term(operand)),
            },
            ExprKind::Infix { operator, left, right } => self.binary(expr, operator, left, right),
            ExprKind::Chain { operator, operands } => {
                if matches!(operator.text.as_str(), "\\cup" | "\\cap") {
                    for operand_idx in 0..operands.len() {
                        let mut rest = operands.clone();
                        rest.remove(operand_idx);
                        let kind = ExprKind::Chain { operator: operator.clone(), operands: rest };
                        self.propose_kind(
                            &format!("without-{}", operand_idx + 1),
                            expr,
                            Effect::Changes,
                            folded(kind),
                        );
                    }
                }
                for operand in operands {
                    self.down(expr, operand, |walk| walk.either(operand, Sign::Both));
                }
            }
            ExprKind::SetFilter { bound, body } => {
                let bounds = std::slice::from_ref(bound);
                if let Some(domain) = &bound.domain {
                    self.propose_kind("no-filter", expr, Effect::Changes, domain.kind.as_ref().clone());
                }
                self.domains(expr, bounds);
                self.scoped(expr, bounds, body);
            }
            ExprKind::Choose { bound, body } => {
                let bounds = std::slice::from_ref(bound);
                self.domains(expr, bounds);
                self.scoped(expr, bounds, body);
            }
            ExprKind::SetMap { element, bounds } => {
                self.domains(expr, bounds);
                self.within(bounds, |walk| walk.down(expr, element, |walk| walk.term(element)));
            }
            ExprKind::Function { bounds, body } => {
                self.domains(expr, bounds);
                self.within(bounds, |walk| walk.down(expr, body, |walk| walk.either(body, Sign::Both)));
            }
            ExprKind::SetEnum(items) => {
                if items.len() > 1 {
                    for item_idx in 0..items.len() {
                        let mut rest = items.clone();
                        rest.remove(item_idx);
                        let word = format!("without-{}", item_idx + 1);
                        self.propose_kind(&word, expr, Effect::Changes, ExprKind::SetEnum(rest));
                    }
                }
                self.operands(expr);
            }
            ExprKind::Record(fields) => self.record(expr, fields),
            ExprKind::RecordSet(fields) => {
                for (field, set) in fields {
                    self.down_to(expr, set, &field.text, |walk| walk.term(set));
                }
            }
            ExprKind::Except { base, updates } => {
                if updates.len() > 1 {
                    for update_idx in 0..updates.len() {
                        let mut rest = updates.clone();
                        rest.remove(update_idx);
                        let kind = ExprKind::Except { base: base.clone(), updates: rest };
                        self.propose_kind(
                            &format!("without-{}", update_idx + 1),
                            expr,
                            Effect::Changes,
                            kind,
                        );
                    }
                }
                for update in updates {
                    self.down(expr, &update.value, |walk| walk.either(&update.value, Sign::Both));
                }
            }
            ExprKind::Quantifier { .. } | ExprKind::Junction { .. } => self.formula(expr, Sign::Both),
            ExprKind::If { .. } | ExprKind::Case { .. } | ExprKind::Let { .. } => {
                self.branches(expr, Sign::Both, false);
            }
            ExprKind::Paren(_)
            | ExprKind::Label { .. }
            | ExprKind::Apply { .. }
            | ExprKind::Path(_)
            | ExprKind::Index { .. }
            | ExprKind::Field { .. }
            | ExprKind::Tuple(_)
            | ExprKind::Product(_)
            | ExprKind::FunctionSet { .. }
            | ExprKind::Postfix { .. }
            | ExprKind::Lambda { .. } => self.operands(expr),
            ExprKind::Error
            | ExprKind::Name(_)
            | ExprKind::Str(_)
            | ExprKind::At
            | ExprKind::TemporalQuantifier { .. }
            | ExprKind::ActionBox { .. }
            | ExprKind::Fairness { .. } => {}
        }
    }

    /// The body of what binds names, a formula.
    fn scoped(&mut self, expr: &Expr, bounds: &[Bound], body: &Expr) {
        self.within(bounds, |walk| {
            walk.not_asserted(|walk| walk.down(expr, body, |walk| walk.formula(body, Sign::Both)));
        });
    }

    fn operands(&mut self, expr: &Expr) {
        expr.for_each_child(|operand| {
            self.not_asserted(|walk| walk.down(expr, operand, |walk| walk.either(operand, Sign::Both)));
        });
    }

    fn number(&mut self, expr: &Expr, digits: &str, is_negative: bool) {
        let Ok(value) = digits.parse::<i64>() else {
            return;
        };
        let value = if is_negative { -value } else { value };
        for (word, other) in [("plus-1", value.checked_add(1)), ("minus-1", value.checked_sub(1))] {
            if let Some(other) = other {
                self.propose_kind(word, expr, Effect::Changes, integer(other, expr.span));
            }
        }
    }

    fn binary(&mut self, expr: &Expr, operator: &Name, left: &Expr, right: &Expr) {
        let with = |symbol: &str| ExprKind::Infix {
            operator: name(symbol, operator.span),
            left: left.clone(),
            right: right.clone(),
        };
        let sides = [("without-1", right), ("without-2", left)];
        match operator.text.as_str() {
            "+" => self.propose_kind("subtract", expr, Effect::Changes, with("-")),
            "-" => self.propose_kind("add", expr, Effect::Changes, with("+")),
            "\\cup" | "\\cap" => {
                let (word, other) =
                    if operator.text == "\\cup" { ("intersect", "\\cap") } else { ("unite", "\\cup") };
                self.propose_kind(word, expr, Effect::Changes, with(other));
                for (word, rest) in sides {
                    self.propose_kind(word, expr, Effect::Changes, rest.kind.as_ref().clone());
                }
            }
            "\\" => self.propose_kind("without-2", expr, Effect::Changes, left.kind.as_ref().clone()),
            ".." => {
                for (word, end) in [("low", left), ("high", right)] {
                    if !has_number(end) {
                        self.down_to(expr, end, word, |walk| walk.shifted(end));
                    }
                }
            }
            _ => {}
        }
        for (side, operand) in [("low", left), ("high", right)] {
            let visit = |walk: &mut Self| walk.not_asserted(|walk| walk.either(operand, Sign::Both));
            if operator.text == ".." {
                self.down_to(expr, operand, side, visit);
            } else {
                self.down(expr, operand, visit);
            }
        }
    }

    /// `e + 1` and `e - 1`.
    fn shifted(&mut self, expr: &Expr) {
        for (word, symbol) in [("plus-1", "+"), ("minus-1", "-")] {
            let one = Expr { kind: Box::new(ExprKind::Number("1".to_owned())), span: expr.span };
            let kind = ExprKind::Infix { operator: name(symbol, expr.span), left: expr.clone(), right: one };
            self.propose_kind(word, expr, Effect::Changes, kind);
        }
    }

    /// Each field gets the value of each other one, and each bound name, of the same sort.
    fn record(&mut self, expr: &Expr, fields: &[(Name, Expr)]) {
        for (field_idx, (field, value)) in fields.iter().enumerate() {
            self.down_to(expr, value, &field.text, |walk| {
                let text = lang::print::expr(value);
                let sort = walk.sorts.get(&value.span).cloned();
                // What kind of record it is, is a literal.
                if sort.is_some() && !matches!(value.kind.as_ref(), ExprKind::Str(_)) {
                    let mut others: Vec<(String, Expr)> = Vec::new();
                    for (other_idx, (other, other_value)) in fields.iter().enumerate() {
                        if other_idx != field_idx && walk.sorts.get(&other_value.span) == sort.as_ref() {
                            others.push((other.text.clone(), other_value.clone()));
                        }
                    }
                    for bound in walk.scope.iter().rev() {
                        if walk.sorts.get(&bound.span) == sort.as_ref() {
                            let kind = Box::new(ExprKind::Name(bound.clone()));
                            others.push((bound.text.clone(), Expr { kind, span: bound.span }));
                        }
                    }
                    let mut tried = vec![text];
                    for (word, other) in others {
                        let text = lang::print::expr(&other);
                        if !tried.contains(&text) {
                            tried.push(text);
                            walk.propose_kind(&format!("as-{word}"), value, Effect::Changes, *other.kind);
                        }
                    }
                }
                walk.not_asserted(|walk| walk.either(value, Sign::Both));
            });
        }
    }
}

fn bound_names(bounds: &[Bound]) -> Vec<&Name> {
    bounds
        .iter()
        .flat_map(|bound| match &bound.pattern {
            Pattern::Names(names) | Pattern::Tuple(names) => names,
        })
        .collect()
}

fn name(text: &str, span: Span) -> Name {
    Name { text: text.to_owned(), span }
}

fn truth(value: bool, span: Span) -> Expr {
    Expr { kind: Box::new(ExprKind::Name(name(if value { "TRUE" } else { "FALSE" }, span))), span }
}

fn is_truth(text: &str) -> bool {
    matches!(text, "TRUE" | "FALSE")
}

fn integer(value: i64, span: Span) -> ExprKind {
    let digits = ExprKind::Number(value.unsigned_abs().to_string());
    if value < 0 {
        let operand = Expr { kind: Box::new(digits), span };
        ExprKind::Prefix { operator: name("-.", span), operand }
    } else {
        digits
    }
}

fn negation(expr: &Expr) -> ExprKind {
    let paren = Expr { kind: Box::new(ExprKind::Paren(expr.clone())), span: expr.span };
    let operand = match expr.kind.as_ref() {
        ExprKind::Name(_) | ExprKind::Apply { .. } | ExprKind::Index { .. } | ExprKind::Field { .. } => {
            expr.clone()
        }
        _ => paren,
    };
    ExprKind::Prefix { operator: name("~", expr.span), operand }
}

/// A chain of two is no chain.
fn folded(kind: ExprKind) -> ExprKind {
    match kind {
        ExprKind::Chain { operator, operands } => match <[Expr; 2]>::try_from(operands) {
            Ok([left, right]) => ExprKind::Infix { operator, left, right },
            Err(operands) => ExprKind::Chain { operator, operands },
        },
        other => other,
    }
}

/// What is primed, if the expression is `e'`.
fn primed(expr: &Expr) -> Option<&Expr> {
    match expr.kind.as_ref() {
        ExprKind::Paren(inner) => primed(inner),
        ExprKind::Postfix { operator, operand } if operator.text == "'" => Some(operand),
        _ => None,
    }
}

fn is_next_value(expr: &Expr) -> bool {
    primed(expr).is_some()
}

fn has_number(expr: &Expr) -> bool {
    super::reach::any(expr, &mut |part| matches!(part.kind.as_ref(), ExprKind::Number(_)))
}

/// A word for an operand: its name, or else its position.
fn word_of(expr: &Expr, position: usize) -> String {
    match expr.kind.as_ref() {
        ExprKind::Name(name) => name.text.clone(),
        _ => (position + 1).to_string(),
    }
}
