//! The mutation operators: from the definitions that theorems reach to candidates, in the order of the text.
//!
//! Each operator changes one place. What it does to the formula around, [`Effect`], is computed from the operator and
//! from the signs of the places on the way; where that is not certain, it is [`Effect::Changes`].
//! Nothing is proposed that says nothing: an invariant or initial predicate is not negated where it is asserted, a step
//! not at all, since what is then said of next values has no meaning as an action.

mod forms;
mod formulas;
mod terms;
mod walk;

use std::collections::BTreeMap;

use lang::ast::{Module, Statement, Theorem, Unit, UnitKind};
use lang::sort::Sort;
use lang::source::Span;

use self::forms::{bound_names, truth};
use self::walk::Walk;
use super::reach::{Reach, Sign, UnitId, Use, definition, implication};
use super::{Effect, Mutant, Role};

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
        if let Some((_, right)) = implication(statement) {
            walk.claim(statement, right);
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
