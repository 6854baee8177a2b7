//! What a module claims of its states: the invariants of its theorems, conjunct by conjunct, and its lemmas.

use lang::typed::{Expr, ExprKind, FactKind, Module, Time};

use super::Predicate;
use crate::behaviour::{self, Behaviour};
use crate::successors::Reads;

/// Every `P` of a theorem `Spec => []P` about this behaviour, conjunct by conjunct, and every theorem about states.
pub fn default_predicates(module: &Module, behaviour: &Behaviour) -> Vec<Predicate> {
    let reads = Reads::new(module);
    let mut found: Vec<Predicate> = Vec::new();
    for fact in module.facts.iter().filter(|fact| fact.root && fact.kind == FactKind::Theorem) {
        let predicates = if let Some(claim) = behaviour::claim(module, fact) {
            if !is_same(&claim.behaviour, behaviour) {
                continue;
            }
            claim.invariants.iter().flat_map(|invariant| conjuncts(module, &fact.name, invariant)).collect()
        } else if !behaviour::is_temporal(module, &fact.statement)
            && reads.of(&fact.statement, Time::Next).is_empty()
        {
            let reads_state = !reads.of(&fact.statement, Time::Now).is_empty();
            vec![Predicate { name: fact.name.clone(), formula: fact.statement.clone(), reads_state }]
        } else {
            Vec::new()
        };
        for predicate in predicates {
            if !found.iter().any(|known| known.formula.same_node(&predicate.formula)) {
                found.push(predicate);
            }
        }
    }
    found
}

/// Whether two behaviours were read from the same text.
fn is_same(one: &Behaviour, other: &Behaviour) -> bool {
    let spans = |behaviour: &Behaviour| {
        let init = behaviour.init.iter().map(|formula| formula.span);
        let next = behaviour.next.iter().flat_map(|(action, subscript)| [action.span, subscript.span]);
        init.chain(next).collect::<Vec<_>>()
    };
    spans(one) == spans(other)
}

/// The conjuncts of a formula, through the definitions of operators without parameters.
pub fn conjuncts(module: &Module, name: &str, formula: &Expr) -> Vec<Predicate> {
    let mut found = Vec::new();
    let reads = Reads::new(module);
    collect(module, &reads, name.to_owned(), formula, &mut found);
    found
}

fn collect(module: &Module, reads: &Reads, name: String, formula: &Expr, into: &mut Vec<Predicate>) {
    if let ExprKind::And(items) = &formula.kind {
        for (position, item) in items.iter().enumerate() {
            collect(module, reads, format!("{name}.{}", position + 1), item, into);
        }
        return;
    }
    if let ExprKind::Apply(operator, args, Time::Now) = &formula.kind
        && args.is_empty()
        && !module.operators[*operator].recursive
    {
        let operator = &module.operators[*operator];
        return collect(module, reads, operator.name.clone(), &operator.body, into);
    }
    let reads_state = !reads.of(formula, Time::Now).is_empty();
    into.push(Predicate { name, formula: formula.clone(), reads_state });
}
