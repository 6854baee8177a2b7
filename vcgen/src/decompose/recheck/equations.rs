//! The equations of a trail as obligations: what rewriting replaced is equal to what it put in its place.
//!
//! As in all rechecks nothing is rewritten here, so that a wrong rule of rewriting leaves an equation that does
//! not follow.

use std::collections::BTreeMap;

use lang::ids::Id;

use super::{Across, definitions, mentioned, obligation, plain, records, tier};
use crate::expr;
use crate::obligation::{Hypothesis, NodeId, Obligation, ObligationKind};
use crate::program::Program;
use crate::trail::Move;

/// That what a move started from equals what it came to, from what was known there. None if the move is no equation.
pub fn equation(program: &Program, id: String, own: &Move) -> Option<Obligation> {
    if !own.rule.is_equation() {
        return None;
    }
    let goal = plain(program, &expr::equal(&own.before, &own.after));
    let known = own.known.iter().enumerate();
    let mut hypotheses: Vec<Hypothesis> = known
        .map(|(position, known)| Hypothesis::near(format!("known.{}", position + 1), plain(program, known)))
        .collect();
    // What is written down exists, which lowering says of no record that it need not name.
    let exists = records(program, &goal, &goal).into_iter().enumerate();
    hypotheses.extend(
        exists.map(|(position, exists)| Hypothesis::near(format!("exists.{}", position + 1), exists)),
    );
    let mut wanted = BTreeMap::new();
    mentioned(&goal, tier::NEAR, &mut wanted);
    for hypothesis in &hypotheses {
        mentioned(&hypothesis.formula, tier::FAR, &mut wanted);
    }
    hypotheses.extend(definitions(program, wanted, None, &mut Across::default()));
    let (node, span) = (NodeId::from_index(0), goal.span);
    Some(obligation(id, node, ObligationKind::Implication, hypotheses, goal, span, None))
}
