//! `check_sorts`: every expression gets a sort, every operator one version for each sorts it is used at.
//!
//! Only what facts need must have sorts. Definitions without parameters that no fact needs are given
//! sorts where that is possible, and left out where it is not.

mod emit;
mod errors;
mod fields;
mod infer;
mod needs;
mod unify;

use self::emit::Emit;
use self::infer::{Infer, InstanceId};
use crate::diag::{Checked, Diagnostic};
use crate::ids::{Id, IdVec};
use crate::resolved;
use crate::resolved::{DefId, Expr, ExprKind};
use crate::typed;

/// Infers the sorts of a module. What is broken has any sort; facts of other modules that need what has no
/// meaning are left out.
pub fn check_sorts(module: &resolved::Module) -> Checked<typed::Module> {
    let needs::Needs { mut diagnostics, kept, broken } = needs::needs(module);
    let kept_facts = || kept.iter().map(|position| &module.facts[*position]);
    let mut infer = Infer::new(module, broken);
    let mut reached = vec![false; module.defs.len()];
    for fact in kept_facts() {
        reach(&fact.statement, &mut reached);
    }
    close(module, &mut reached);
    define_all(&mut infer, &reached);
    let facts: Vec<InstanceId> = kept_facts().map(|fact| infer.fact(&fact.statement)).collect();
    infer.settle();
    if !infer.errors.is_empty() || infer.instances.iter().any(|instance| instance.broken) {
        // Where a part is missing, what nothing decides might have been decided by it.
        let errors = infer.errors.drain(..).filter(|error| !(broken && error.is_of_ignorance()));
        diagnostics.extend(errors.map(Diagnostic::from));
        diagnostics.sort_by_key(Diagnostic::sort_key);
        return Checked { value: Emit::new(infer).finish(Vec::new()), diagnostics };
    }
    let (infer, extra) = add_unneeded(infer, &mut reached);
    let mut emit = Emit::new(infer);
    let statements: Vec<typed::Expr> =
        kept_facts().zip(facts).map(|(fact, id)| emit.body(&fact.statement, id)).collect();
    for (def, id) in extra {
        emit.operator(def, id);
    }
    let facts = kept_facts().zip(statements).map(|(fact, statement)| typed::Fact {
        name: fact.name.clone(),
        kind: fact.kind,
        statement,
        proof: proof(&fact.proof, &kept, &emit),
        root: fact.root,
        span: fact.span,
    });
    let facts = facts.collect();
    let inherited =
        module.inherited.iter().filter_map(|inherited| self::inherited(inherited, &emit)).collect();
    Checked { value: typed::Module { inherited, ..emit.finish(facts) }, diagnostics }
}

/// What is inherited, if it has sorts.
fn inherited(inherited: &resolved::Inherited, emit: &Emit<'_>) -> Option<typed::Inherited> {
    let resolved::Inherited { prefix, module, fact, kind, def, span } = inherited;
    let operator = emit.operators_of(*def).next()?;
    let (prefix, module, fact) = (prefix.clone(), module.clone(), fact.clone());
    Some(typed::Inherited { prefix, module, fact, kind: *kind, operator, span: *span })
}

/// Marks the definitions that an expression mentions.
fn reach(expr: &Expr, reached: &mut [bool]) {
    if let ExprKind::Apply(def, _, _) = expr.kind {
        reached[def.index()] = true;
    }
    expr.kind.for_each_child(|child| reach(child, reached));
}

/// Marks what marked definitions mention; bodies mention earlier definitions only.
fn close(module: &resolved::Module, reached: &mut [bool]) {
    for (def, definition) in module.defs.iter_enumerated().rev() {
        if reached[def.index()] {
            reach(&definition.body, reached);
        }
    }
}

fn define_all(infer: &mut Infer<'_>, reached: &[bool]) {
    for (index, reached) in reached.iter().enumerate() {
        if *reached {
            infer.define(DefId::from_index(index));
        }
    }
}

/// Adds the definitions without parameters that no fact needs, as far as they have sorts: all at once,
/// or else one by one.
fn add_unneeded<'a>(infer: Infer<'a>, reached: &mut Vec<bool>) -> (Infer<'a>, Vec<(DefId, InstanceId)>) {
    let defs: &IdVec<DefId, resolved::Def> = &infer.module.defs;
    let unneeded: Vec<DefId> = defs
        .iter_enumerated()
        .filter(|(def, definition)| {
            let says_something = !matches!(definition.body.kind, ExprKind::Error);
            definition.params.is_empty() && says_something && !reached[def.index()]
        })
        .map(|(def, _)| def)
        .collect();
    if let Some((attempt, added, marks)) = attempt(&infer, &unneeded, reached) {
        *reached = marks;
        return (attempt, added);
    }
    let mut infer = infer;
    let mut all = Vec::new();
    for def in unneeded {
        if let Some((next, added, marks)) = attempt(&infer, &[def], reached) {
            infer = next;
            *reached = marks;
            all.extend(added);
        }
    }
    (infer, all)
}

type Attempt<'a> = (Infer<'a>, Vec<(DefId, InstanceId)>, Vec<bool>);

fn attempt<'a>(infer: &Infer<'a>, defs: &[DefId], reached: &[bool]) -> Option<Attempt<'a>> {
    let mut infer = infer.clone();
    let mut reached = reached.to_vec();
    for def in defs {
        reached[def.index()] = true;
    }
    close(infer.module, &mut reached);
    define_all(&mut infer, &reached);
    let added = defs.iter().map(|def| (*def, infer.root_instance(*def))).collect();
    infer.settle();
    let broken = !infer.errors.is_empty() || infer.instances.iter().any(|instance| instance.broken);
    (!broken).then_some((infer, added, reached))
}

/// A proof whose citations are positions among the facts that are kept; what it cites is kept.
fn proof(proof: &resolved::Proof, kept: &[usize], emit: &Emit<'_>) -> typed::Proof {
    match proof {
        resolved::Proof::None => typed::Proof::None,
        resolved::Proof::Omitted(span) => typed::Proof::Omitted(*span),
        resolved::Proof::Structured(span) => typed::Proof::Structured(*span),
        resolved::Proof::By(hints) => typed::Proof::By(typed::Hints {
            only: hints.only,
            facts: hints.facts.iter().filter_map(|cited| kept.binary_search(cited).ok()).collect(),
            defs: hints.defs.iter().flat_map(|def| emit.operators_of(*def)).collect(),
            strategies: hints.strategies.clone(),
            span: hints.span,
        }),
    }
}
