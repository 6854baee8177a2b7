//! Questions from the theorems of a module.
#![allow(dead_code, unreachable_pub, reason = "each test uses a part")]
#![allow(clippy::wildcard_enum_match_arm, reason = "few formulas are split")]

use std::collections::BTreeSet;
use std::path::Path;

use eval::behaviour;
use lang::ids::Id;
use lang::sort::Sort;
use lang::source::SourceMap;
use lang::typed::{Expr, ExprKind, FactKind, Module, Operator, OperatorId, Quantifier, Time};
use refute::Question;

/// Reads a module and the standard modules that it extends.
pub fn module(name: &str, text: &str) -> Module {
    let mut sources = SourceMap::default();
    let file = sources.add(name, text);
    let parsed = lang::parse::parse(file, text);
    let root = parsed.value;
    let mut wanted = root.referenced();
    let mut library = Vec::new();
    let mut seen = BTreeSet::new();
    while let Some(module) = wanted.pop() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let paths = ["stdlib", "specs"].map(|folder| root.join(format!("{folder}/{module}.pax")));
        if let (true, Some(path)) = (seen.insert(module.clone()), paths.iter().find(|path| path.is_file())) {
            let text = std::fs::read_to_string(path).expect("a module");
            let file = sources.add(module, text.as_str());
            let mut parsed = lang::parse::parse(file, &text).value;
            parsed.standard = path.starts_with(root.join("stdlib"));
            wanted.extend(parsed.referenced());
            library.push(parsed);
        }
    }
    let resolved = lang::resolve::resolve(&root, &library, lang::resolve::Lost::default());
    let checked = lang::check::check_sorts(&resolved.value);
    let errors: Vec<_> =
        parsed.diagnostics.iter().chain(&resolved.diagnostics).chain(&checked.diagnostics).collect();
    assert!(!errors.iter().any(|d| d.severity == lang::diag::Severity::Error), "{name}: {errors:?}");
    checked.value
}

/// A leaf of a goal: `MsgInv2a.1`, and what it says.
pub type Leaf = (String, Expr);

/// The conjuncts of a formula, through operators, `\A` and `=>`.
pub fn leaves(module: &Module, name: &str, formula: &Expr, into: &mut Vec<Leaf>) {
    match &formula.kind {
        ExprKind::And(items) => {
            for (position, item) in items.iter().enumerate() {
                let name = if name.is_empty() {
                    (position + 1).to_string()
                } else {
                    format!("{name}.{}", position + 1)
                };
                leaves(module, &name, item, into);
            }
        }
        ExprKind::Apply(operator, args, Time::Now) if args.is_empty() => {
            let operator = &module.operators[*operator];
            leaves(module, &operator.name, &operator.body, into);
        }
        ExprKind::Quantifier(Quantifier::Forall, binders, body) => {
            let mut inner = Vec::new();
            leaves(module, name, body, &mut inner);
            for (name, leaf) in inner {
                let kind = ExprKind::Quantifier(Quantifier::Forall, binders.clone(), leaf);
                into.push((name, Expr::new(kind, Sort::Bool, formula.span)));
            }
        }
        ExprKind::Implies(premise, conclusion) => {
            let mut inner = Vec::new();
            leaves(module, name, conclusion, &mut inner);
            for (name, leaf) in inner {
                let kind = ExprKind::Implies(premise.clone(), leaf);
                into.push((name, Expr::new(kind, Sort::Bool, formula.span)));
            }
        }
        _ => into.push((name.to_owned(), formula.clone())),
    }
}

/// The formula, read in the next state: an operator of its own, primed.
fn primed(module: &mut Module, formula: &Expr) -> Expr {
    let id: OperatorId = module.operators.push(Operator {
        name: "Goal".to_owned(),
        params: Vec::new(),
        body: formula.clone(),
        recursive: false,
        span: formula.span,
    });
    assert_eq!(id.index() + 1, module.operators.len());
    Expr::new(ExprKind::Apply(id, Vec::new(), Time::Next), Sort::Bool, formula.span)
}

/// A question by its name: the module that it is about, and what makes it.
pub type Asked = (String, Module, Box<dyn Fn(&Module) -> Question<'_>>);

/// All questions that the theorems and lemmas of a module ask, by name: `Invariance.step.MsgInv2a.1`,
/// `Invariance.init.AccInv.2`, `VotedOnce`.
pub fn questions(module: &Module) -> Vec<Asked> {
    let assumptions: Vec<Expr> = module
        .facts
        .iter()
        .filter(|fact| fact.kind != FactKind::Theorem && fact.root)
        .map(|fact| fact.statement.clone())
        .collect();
    let mut found: Vec<Asked> = Vec::new();
    let mut earlier: Vec<Expr> = Vec::new();
    for fact in module.facts.iter().filter(|fact| fact.kind == FactKind::Theorem && fact.root) {
        let Some(claim) = behaviour::claim(module, fact) else {
            if !behaviour::is_temporal(module, &fact.statement) {
                let (assumptions, goal) = (assumptions.clone(), fact.statement.clone());
                found.push((
                    fact.name.clone(),
                    module.clone(),
                    Box::new(move |module| Question {
                        module,
                        assumptions: assumptions.clone(),
                        before: Vec::new(),
                        step: None,
                        goal: goal.clone(),
                    }),
                ));
            }
            continue;
        };
        let mut goals = Vec::new();
        for invariant in &claim.invariants {
            leaves(module, "", invariant, &mut goals);
        }
        for (name, goal) in goals {
            let (init, at_first, assumed) = (claim.behaviour.init.clone(), goal.clone(), assumptions.clone());
            found.push((
                format!("{}.init.{name}", fact.name),
                module.clone(),
                Box::new(move |module| Question {
                    module,
                    assumptions: assumed.clone(),
                    before: init.clone(),
                    step: None,
                    goal: at_first.clone(),
                }),
            ));
            let mut changed = module.clone();
            let after = primed(&mut changed, &goal);
            let (step, assumed) = (claim.behaviour.next[0].0.clone(), assumptions.clone());
            let before: Vec<Expr> = claim.invariants.iter().chain(&earlier).cloned().collect();
            found.push((
                format!("{}.step.{name}", fact.name),
                changed,
                Box::new(move |module| Question {
                    module,
                    assumptions: assumed.clone(),
                    before: before.clone(),
                    step: Some(step.clone()),
                    goal: after.clone(),
                }),
            ));
            if !earlier.is_empty() {
                let (assumed, earlier) = (assumptions.clone(), earlier.clone());
                found.push((
                    format!("{}.implied.{name}", fact.name),
                    module.clone(),
                    Box::new(move |module| Question {
                        module,
                        assumptions: assumed.clone(),
                        before: earlier.clone(),
                        step: None,
                        goal: goal.clone(),
                    }),
                ));
            }
        }
        earlier.extend(claim.invariants.iter().cloned());
    }
    found
}
