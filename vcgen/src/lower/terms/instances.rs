//! Described sets that are instances of each other: a hypothesis about all `S` and `x` speaks of
//! `S \cup {x}` under a name that is a function of `S` and `x`, the goal of `T \cup {e}` under another name.
//!
//! Sound because an instance is only stated where the one description, with values for its bound names, is
//! the other: equal descriptions are equal sets.

use std::collections::BTreeMap;

use lang::typed::{Expr, ExprKind, LocalId};

use super::{Lowering, equal};
use crate::alpha::alike;
use crate::expr;
use crate::vc::Term;

/// At most so many instances are stated.
const MAX_INSTANCES: usize = 16;

/// A described value with its name.
pub(super) struct Description {
    pub(super) described: Expr,
    /// The bound names that the name is a function of.
    pub(super) parameters: Vec<LocalId>,
    pub(super) name: String,
}

impl Lowering<'_> {
    /// States which names of closed sets are instances of names with parameters.
    pub(in super::super) fn instances(&mut self) -> Option<Term> {
        if !self.measures_sets() {
            return None;
        }
        let descriptions = std::mem::take(&mut self.descriptions);
        let mut out = Vec::new();
        for general in descriptions.iter().filter(|general| !general.parameters.is_empty()) {
            for closed in descriptions.iter().filter(|closed| closed.parameters.is_empty()) {
                if general.described.sort == closed.described.sort && out.len() < MAX_INSTANCES {
                    out.extend(self.instance(general, closed));
                }
            }
        }
        (!out.is_empty()).then_some(Term::And(out))
    }

    fn instance(&mut self, general: &Description, closed: &Description) -> Option<Term> {
        let mut values = BTreeMap::new();
        let proposed = propose(&general.described, &closed.described, &general.parameters, &mut values);
        if !proposed || values.len() < general.parameters.len() {
            return None;
        }
        let instance = expr::substitute(self.program, &general.described, &values);
        if !alike(&instance, &closed.described) {
            return None;
        }
        let sort = &closed.described.sort;
        let mut args = Vec::new();
        let mut sorts = Vec::new();
        for parameter in &general.parameters {
            let value = &values[parameter];
            sorts.push(self.program.sort_of(*parameter));
            args.extend(self.term(value));
        }
        let applied = self.apply_symbols(&general.name, &sorts, &args, sort);
        let own = self.apply_symbols(&closed.name, &[], &[], sort);
        let equations = applied.into_iter().zip(own).map(|(left, right)| equal(left, right));
        Some(Term::And(equations.collect()))
    }
}

/// Values for the parameters that may make `general` the same as `closed`; whether they do is checked later.
fn propose(
    general: &Expr,
    closed: &Expr,
    parameters: &[LocalId],
    values: &mut BTreeMap<LocalId, Expr>,
) -> bool {
    if let ExprKind::Local(id) = &general.kind
        && parameters.contains(id)
    {
        values.entry(*id).or_insert_with(|| closed.clone());
        return general.sort == closed.sort;
    }
    if std::mem::discriminant(&general.kind) != std::mem::discriminant(&closed.kind) {
        return false;
    }
    let children = |of: &Expr| {
        let mut found = Vec::new();
        of.for_each_child(&mut |child| found.push(child.clone()));
        found
    };
    let (general, closed) = (children(general), children(closed));
    general.len() == closed.len()
        && general.iter().zip(&closed).all(|(general, closed)| propose(general, closed, parameters, values))
}
