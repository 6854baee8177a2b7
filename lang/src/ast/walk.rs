//! Walks over trees as written, for what concerns all of a module alike.
//!
//! Invariant: every expression of a module is visited, those in proofs and in `LET` included.

use std::collections::BTreeSet;

use super::{
    AssumeProve, Assumption, Bound, Citations, Cited, ExceptStep, Expr, ExprKind, Instance, InstanceDef,
    Module, Proof, ProofKind, ProofStepKind, Statement, Unit, UnitKind,
};

impl Expr {
    /// Calls `visit` on the operands, those inside of `LET` definitions included, in the order of the text
    /// as far as that is known.
    pub fn for_each_child<'a>(&'a self, mut visit: impl FnMut(&'a Self)) {
        children(self, &mut visit, &mut |_| {});
    }

    /// The operands that [`Self::for_each_child`] visits, in the same order, to be changed.
    pub fn children_mut(&mut self) -> Vec<&mut Self> {
        let mut found = Vec::new();
        match self.kind.as_mut() {
            ExprKind::Error | ExprKind::Name(_) | ExprKind::Number(_) | ExprKind::Str(_) | ExprKind::At => {}
            ExprKind::Apply { args: items, .. }
            | ExprKind::Chain { operands: items, .. }
            | ExprKind::Junction { items, .. }
            | ExprKind::SetEnum(items)
            | ExprKind::Tuple(items)
            | ExprKind::Product(items) => found.extend(items),
            ExprKind::Path(steps) => found.extend(steps.iter_mut().flat_map(|step| &mut step.args)),
            ExprKind::Lambda { body: operand, .. }
            | ExprKind::Label { body: operand, .. }
            | ExprKind::TemporalQuantifier { body: operand, .. }
            | ExprKind::Prefix { operand, .. }
            | ExprKind::Postfix { operand, .. }
            | ExprKind::Paren(operand)
            | ExprKind::Field { record: operand, .. } => found.push(operand),
            ExprKind::Infix { left, right, .. } | ExprKind::FunctionSet { domain: left, range: right } => {
                found.extend([left, right]);
            }
            ExprKind::Quantifier { bounds, body, .. } | ExprKind::Function { bounds, body } => {
                found.extend(domains_mut(bounds));
                found.push(body);
            }
            ExprKind::SetMap { element, bounds } => {
                found.push(element);
                found.extend(domains_mut(bounds));
            }
            ExprKind::Choose { bound, body } | ExprKind::SetFilter { bound, body } => {
                found.extend(domains_mut(std::slice::from_mut(bound)));
                found.push(body);
            }
            ExprKind::Record(fields) | ExprKind::RecordSet(fields) => {
                found.extend(fields.iter_mut().map(|(_, value)| value));
            }
            ExprKind::Except { base, updates } => {
                found.push(base);
                for update in updates {
                    for step in &mut update.path {
                        match step {
                            ExceptStep::Index(args) => found.extend(args),
                            ExceptStep::Field(_) => {}
                        }
                    }
                    found.push(&mut update.value);
                }
            }
            ExprKind::Index { function, args } => {
                found.push(function);
                found.extend(args);
            }
            ExprKind::If { condition, then, otherwise } => found.extend([condition, then, otherwise]),
            ExprKind::Case { arms, other } => {
                found.extend(arms.iter_mut().flat_map(|(guard, value)| [guard, value]));
                found.extend(other);
            }
            ExprKind::Let { definitions, body } => {
                for unit in definitions {
                    local_mut(unit, &mut found);
                }
                found.push(body);
            }
            ExprKind::ActionBox { action, subscript, .. } | ExprKind::Fairness { action, subscript, .. } => {
                found.extend([action, subscript]);
            }
        }
        found
    }
}

fn domains_mut(bounds: &mut [Bound]) -> impl Iterator<Item = &mut Expr> {
    bounds.iter_mut().filter_map(|bound| bound.domain.as_mut())
}

/// The expressions of a definition in a `LET`.
fn local_mut<'a>(unit: &'a mut Unit, found: &mut Vec<&'a mut Expr>) {
    match &mut unit.kind {
        UnitKind::Operator(def) => found.push(&mut def.body),
        UnitKind::Function(def) => {
            found.extend(domains_mut(&mut def.bounds));
            found.push(&mut def.body);
        }
        UnitKind::Instance(instance) | UnitKind::InstanceDef(InstanceDef { instance, .. }) => {
            found.extend(instance.substitutions.iter_mut().map(|(_, value)| value));
        }
        UnitKind::Recursive(_)
        // No `LET` holds any of these.
        | UnitKind::Constants(_)
        | UnitKind::Variables(_)
        | UnitKind::Module(_)
        | UnitKind::Assume(_)
        | UnitKind::Theorem(_)
        | UnitKind::Use(_) => {}
    }
}

impl Module {
    /// The modules that this one extends or instantiates and that do not stand in it.
    pub fn referenced(&self) -> Vec<String> {
        let mut found = Vec::new();
        let mut inner = BTreeSet::new();
        collect(self, &mut found, &mut inner);
        let mut seen = BTreeSet::new();
        found.retain(|name| !inner.contains(name) && seen.insert(name.clone()));
        found
    }
}

fn collect(module: &Module, found: &mut Vec<String>, inner: &mut BTreeSet<String>) {
    found.extend(module.extends.iter().map(|name| name.text.clone()));
    for unit in &module.units {
        if let UnitKind::Module(within) = &unit.kind {
            inner.insert(within.name.text.clone());
            collect(within, found, inner);
        } else {
            let mut waiting: Vec<&Expr> = Vec::new();
            let mut instance = |instance: &Instance| found.push(instance.module.text.clone());
            in_unit(unit, &mut |expr| waiting.push(expr), &mut instance);
            // A loop, so that deep trees need no deep stack.
            while let Some(expr) = waiting.pop() {
                children(expr, &mut |child| waiting.push(child), &mut instance);
            }
        }
    }
}

type Visit<'v, 'a, T> = &'v mut dyn FnMut(&'a T);

/// The expressions and instances of a declaration, not those inside of these.
fn in_unit<'a>(unit: &'a Unit, visit: Visit<'_, 'a, Expr>, instance: Visit<'_, 'a, Instance>) {
    match &unit.kind {
        UnitKind::Constants(_) | UnitKind::Variables(_) | UnitKind::Recursive(_) | UnitKind::Module(_) => {}
        UnitKind::Assume(assume) => visit(&assume.body),
        UnitKind::Operator(def) => visit(&def.body),
        UnitKind::Function(def) => {
            bounds(&def.bounds, visit);
            visit(&def.body);
        }
        UnitKind::Theorem(theorem) => {
            statement(&theorem.statement, visit);
            proof(&theorem.proof, visit, instance);
        }
        UnitKind::Instance(found) => in_instance(found, visit, instance),
        UnitKind::InstanceDef(def) => in_instance(&def.instance, visit, instance),
        UnitKind::Use(used) => citations(&used.citations, visit),
    }
}

fn in_instance<'a>(found: &'a Instance, visit: Visit<'_, 'a, Expr>, instance: Visit<'_, 'a, Instance>) {
    instance(found);
    found.substitutions.iter().for_each(|(_, value)| visit(value));
}

fn bounds<'a>(bounds: &'a [Bound], visit: Visit<'_, 'a, Expr>) {
    bounds.iter().filter_map(|bound| bound.domain.as_ref()).for_each(visit);
}

fn citations<'a>(citations: &'a Citations, visit: Visit<'_, 'a, Expr>) {
    for cited in citations.facts.iter().chain(&citations.defs) {
        match cited {
            Cited::Expr(expr) => visit(expr),
            Cited::Module(_) => {}
        }
    }
}

fn statement<'a>(statement: &'a Statement, visit: Visit<'_, 'a, Expr>) {
    match statement {
        Statement::Formula(formula) => visit(formula),
        Statement::AssumeProve(claim) => sequent(claim, visit),
    }
}

fn sequent<'a>(sequent: &'a AssumeProve, visit: Visit<'_, 'a, Expr>) {
    let mut waiting = vec![sequent];
    while let Some(sequent) = waiting.pop() {
        for assumption in &sequent.assumptions {
            match assumption {
                Assumption::Formula(formula) => visit(formula),
                Assumption::Sequent(inner) => waiting.push(inner),
                Assumption::New { domain, .. } => domain.iter().for_each(&mut *visit),
            }
        }
        visit(&sequent.goal);
    }
}

fn proof<'a>(proof: &'a Proof, visit: Visit<'_, 'a, Expr>, instance: Visit<'_, 'a, Instance>) {
    let mut waiting = vec![proof];
    while let Some(proof) = waiting.pop() {
        match &proof.kind {
            ProofKind::None | ProofKind::Obvious | ProofKind::Omitted => {}
            ProofKind::By(cited) => citations(cited, visit),
            ProofKind::Structured(steps) => {
                for step in steps {
                    waiting.push(&step.proof);
                    match &step.kind {
                        ProofStepKind::Assert(claim) | ProofStepKind::Suffices(claim) => {
                            statement(claim, visit);
                        }
                        ProofStepKind::Case(expr) | ProofStepKind::Have(expr) => visit(expr),
                        ProofStepKind::Take(taken) => bounds(taken, visit),
                        ProofStepKind::Witness(exprs) => exprs.iter().for_each(&mut *visit),
                        ProofStepKind::Pick { bounds: picked, body } => {
                            bounds(picked, visit);
                            visit(body);
                        }
                        ProofStepKind::Define(units) => {
                            for unit in units {
                                in_unit(unit, visit, instance);
                            }
                        }
                        ProofStepKind::Use(used) => citations(&used.citations, visit),
                        ProofStepKind::Qed => {}
                    }
                }
            }
        }
    }
}

/// The operands of an expression, and the instances in its `LET`.
fn children<'a>(expr: &'a Expr, visit: Visit<'_, 'a, Expr>, instance: Visit<'_, 'a, Instance>) {
    match expr.kind.as_ref() {
        ExprKind::Error | ExprKind::Name(_) | ExprKind::Number(_) | ExprKind::Str(_) | ExprKind::At => {}
        ExprKind::Apply { args, .. } => args.iter().for_each(visit),
        ExprKind::Path(steps) => steps.iter().flat_map(|step| &step.args).for_each(visit),
        ExprKind::Chain { operands: items, .. }
        | ExprKind::Junction { items, .. }
        | ExprKind::SetEnum(items)
        | ExprKind::Tuple(items)
        | ExprKind::Product(items) => items.iter().for_each(visit),
        ExprKind::Lambda { body, .. }
        | ExprKind::Label { body, .. }
        | ExprKind::TemporalQuantifier { body, .. } => visit(body),
        ExprKind::Prefix { operand, .. } | ExprKind::Postfix { operand, .. } | ExprKind::Paren(operand) => {
            visit(operand);
        }
        ExprKind::Infix { left, right, .. } | ExprKind::FunctionSet { domain: left, range: right } => {
            visit(left);
            visit(right);
        }
        ExprKind::Quantifier { bounds: bound, body, .. } | ExprKind::Function { bounds: bound, body } => {
            bounds(bound, visit);
            visit(body);
        }
        ExprKind::SetMap { element, bounds: bound } => {
            visit(element);
            bounds(bound, visit);
        }
        ExprKind::Choose { bound, body } | ExprKind::SetFilter { bound, body } => {
            bounds(std::slice::from_ref(bound), visit);
            visit(body);
        }
        ExprKind::Record(fields) | ExprKind::RecordSet(fields) => {
            for (_, value) in fields {
                visit(value);
            }
        }
        ExprKind::Except { base, updates } => {
            visit(base);
            for update in updates {
                for step in &update.path {
                    match step {
                        ExceptStep::Index(args) => args.iter().for_each(&mut *visit),
                        ExceptStep::Field(_) => {}
                    }
                }
                visit(&update.value);
            }
        }
        ExprKind::Index { function, args } => {
            visit(function);
            args.iter().for_each(visit);
        }
        ExprKind::Field { record, .. } => visit(record),
        ExprKind::If { condition, then, otherwise } => {
            visit(condition);
            visit(then);
            visit(otherwise);
        }
        ExprKind::Case { arms, other } => {
            for (guard, value) in arms {
                visit(guard);
                visit(value);
            }
            other.iter().for_each(visit);
        }
        ExprKind::Let { definitions, body } => {
            for unit in definitions {
                in_unit(unit, visit, instance);
            }
            visit(body);
        }
        ExprKind::ActionBox { action, subscript, .. } | ExprKind::Fairness { action, subscript, .. } => {
            visit(action);
            visit(subscript);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceMap;

    /// One expression of each kind.
    const ALL: &str = r#"---- MODULE M ----
A == F(a, b) + 1 \in {c} \ {"s"} /\ (~x' => UNCHANGED <<y, z>>) /\ (u \/ v)
B == \A p, q \in S, r \in T : \E <<s, t>> \in T : [i \in S |-> i][j] = [f EXCEPT ![k].l = @ + 1, ![m, n] = o]
C == LET d == 1  e[g \in S] == g  h == INSTANCE N WITH w <- 2 IN {g.h : g \in S} \X {g \in S : P(g)} \X T
D == IF a THEN [b |-> 1, c |-> 2] ELSE CASE d -> [e : S, f : T] [] g -> [S -> T] [] OTHER -> CHOOSE x \in S : y
E == [][N]_v /\ WF_v(N) /\ \EE w : l(z) :: h!F(1)!<<(2) /\ G(LAMBDA y : y + 1)
===="#;

    #[test]
    fn what_can_be_changed_is_what_is_visited() {
        let file = SourceMap::default().add("M", ALL);
        let parsed = crate::parse::parse(file, ALL);
        assert!(!parsed.has_errors(), "{:?}", parsed.diagnostics);
        let mut waiting: Vec<Expr> = Vec::new();
        for unit in &parsed.value.units {
            in_unit(unit, &mut |expr| waiting.push(expr.clone()), &mut |_| {});
        }
        let mut n_visited = 0;
        while let Some(mut expr) = waiting.pop() {
            let mut visited = Vec::new();
            expr.for_each_child(|child| visited.push((child.span, crate::print::expr(child))));
            let children = expr.children_mut();
            let found: Vec<_> =
                children.iter().map(|child| (child.span, crate::print::expr(child))).collect();
            assert_eq!(visited, found);
            n_visited += found.len();
            waiting.extend(children.into_iter().map(|child| child.clone()));
        }
        assert!(n_visited > 80, "{n_visited}");
    }
}
