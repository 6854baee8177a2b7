//! The proof tree, obligations and verification conditions as text, for people and for tests.

mod shared;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use indexmap::IndexSet;
use lang::ids::Id;
use lang::print_typed;
use lang::typed::{Expr, ExprKind, LocalId, Module};

use crate::obligation::{Closed, Means, NodeId, Obligation, ProofTree, Source};
use crate::program::Program;
use crate::vc::{ArithOp, Quant, SymbolId, Term, VarId, Vc, VcSort};

pub use shared::{SharedPrinter, Statement};

/// The tree, one node a line, indented by its level; leaves with what closed them.
pub fn tree(tree: &ProofTree) -> String {
    let mut out = String::new();
    for (node_id, node) in tree.nodes.iter_enumerated() {
        if node.parent.is_none() {
            subtree(tree, node_id, 0, &mut out);
        }
    }
    out
}

fn subtree(tree: &ProofTree, node_id: NodeId, level: usize, out: &mut String) {
    let node = &tree.nodes[node_id];
    // A child's path begins with its parent's: only the rest is news.
    let parent = node.parent.map_or("", |parent| tree.nodes[parent].path.as_str());
    let name = node.path.strip_prefix(parent).map_or(node.path.as_str(), |rest| rest.trim_start_matches('.'));
    let closed = node.obligation.map(|idx| match &tree.obligations[idx].closed {
        Some(closed) => format!("  [{}]", means(closed.means)),
        None => "  [open]".to_owned(),
    });
    let _ = writeln!(
        out,
        "{:indent$}{name}  {}{}",
        "",
        node.title,
        closed.unwrap_or_default(),
        indent = 2 * level
    );
    for child in &node.children {
        subtree(tree, *child, level + 1, out);
    }
}

/// The word for what closed an obligation.
pub fn means(means: Means) -> &'static str {
    match means {
        Means::Frame => "frame",
        Means::Increment => "increment",
        Means::Rewriting => "rewriting",
        Means::Z3 => "Z3",
    }
}

/// A formula, or another expression, on one line.
pub fn formula(program: &Program, formula: &Expr) -> String {
    print_typed::expr(&Module { locals: program.all_locals(), ..program.module.clone() }, formula)
}

/// Obligations with their hypotheses and goals, in the order given.
pub fn obligations<'a>(program: &Program, obligations: impl IntoIterator<Item = &'a Obligation>) -> String {
    let mut module = Module { locals: program.all_locals(), ..program.module.clone() };
    let mut out = String::new();
    for obligation in obligations {
        if !out.is_empty() {
            out.push('\n');
        }
        tell_apart(program, obligation, &mut module);
        one_obligation(&module, obligation, &mut out);
    }
    out
}

/// Gives each bound name of an obligation a spelling of its own: `a`, `a_2`, `a_3`, in the order in which
/// they are met, the goal first.
fn tell_apart(program: &Program, obligation: &Obligation, module: &mut Module) {
    let mut met = IndexSet::new();
    collect_locals(&obligation.goal, &mut met);
    for hypothesis in &obligation.hypotheses {
        collect_locals(&hypothesis.formula, &mut met);
    }
    let mut spellings: BTreeSet<String> = BTreeSet::new();
    for local in met {
        let name = program.local(local).name.clone();
        let numbered = (2..).map(|n| format!("{name}_{n}"));
        let spelling = std::iter::once(name.clone()).chain(numbered).find(|it| spellings.insert(it.clone()));
        module.locals[local].name = spelling.unwrap_or(name);
    }
}

fn collect_locals(it: &Expr, met: &mut IndexSet<LocalId>) {
    if let ExprKind::Local(local) = &it.kind {
        met.insert(*local);
    }
    met.extend(it.binders().iter().map(|binder| binder.local));
    it.for_each_child(&mut |child| collect_locals(child, met));
}

fn one_obligation(module: &Module, obligation: &Obligation, out: &mut String) {
    let [title, ..] = obligation.kind.descriptions();
    let _ = writeln!(out, "{}: {title}", obligation.id);
    if let Some(Closed { means: by, used }) = &obligation.closed {
        let used = if used.is_empty() { String::new() } else { format!(" from {}", used.join(", ")) };
        let _ = writeln!(out, "  closed by {}{used}", means(*by));
    }
    for hypothesis in &obligation.hypotheses {
        let formula = print_typed::expr(module, &hypothesis.formula);
        let sources: Vec<String> = hypothesis.sources.iter().map(|it| source(module, it)).collect();
        let sources = if sources.is_empty() { String::new() } else { format!("  ({})", sources.join(", ")) };
        let _ = writeln!(out, "  {} {}: {formula}{sources}", hypothesis.tier, hypothesis.label);
    }
    let _ = writeln!(out, "  |- {}", print_typed::expr(module, &obligation.goal));
}

fn source(module: &Module, source: &Source) -> String {
    match source {
        Source::Fact(fact_idx) => module.facts[*fact_idx].name.clone(),
        Source::Obligation(obligation_idx) => format!("obligation {}", obligation_idx.index()),
        Source::Inherited(position) => module.inherited[*position].name(),
        Source::Definition(name) => format!("definition of {name}"),
    }
}

/// A condition in the manner of SMT-LIB, with its labels and stages, names as they are.
pub fn vc(vc: &Vc) -> String {
    let mut out = String::new();
    for sort in &vc.sorts {
        let _ = writeln!(out, "sort {sort}");
    }
    for symbol in &vc.symbols {
        let args: Vec<String> = symbol.args.iter().map(|arg| sort(vc, *arg)).collect();
        let result = sort(vc, symbol.result);
        let _ = writeln!(out, "symbol {}({}): {result}", symbol.name, args.join(", "));
    }
    for hypothesis in &vc.hypotheses {
        let _ = writeln!(out, "{} {}: {}", hypothesis.tier, hypothesis.label, term(vc, &hypothesis.formula));
    }
    if let Some(goal) = &vc.goal {
        let _ = writeln!(out, "|- {}", term(vc, goal));
    }
    for stage in &vc.stages {
        let mbqi = if stage.mbqi { ", mbqi" } else { "" };
        let _ = writeln!(out, "stage: tier {}, rlimit {}{mbqi}", stage.tier, stage.rlimit);
    }
    out
}

fn sort(vc: &Vc, sort: VcSort) -> String {
    match sort {
        VcSort::Bool => "Bool".to_owned(),
        VcSort::Int => "Int".to_owned(),
        VcSort::Uninterpreted(id) => vc.sorts[id].clone(),
    }
}

fn term(vc: &Vc, it: &Term) -> String {
    let two = |op: &str, a: &Term, b: &Term| format!("({op} {} {})", term(vc, a), term(vc, b));
    match it {
        Term::Bool(value) => value.to_string(),
        Term::Int(value) => value.to_string(),
        Term::Var(var) => variable(*var),
        Term::App(symbol, args) => application(vc, *symbol, args),
        Term::Not(a) => format!("(not {})", term(vc, a)),
        Term::And(parts) => many(vc, "and", parts),
        Term::Or(parts) => many(vc, "or", parts),
        Term::Implies(a, b) => two("=>", a, b),
        Term::Eq(a, b) => two("=", a, b),
        Term::Distinct(parts) => many(vc, "distinct", parts),
        Term::Ite(c, a, b) => format!("(ite {} {} {})", term(vc, c), term(vc, a), term(vc, b)),
        Term::Arith(op, a, b) => {
            let op = match op {
                ArithOp::Add => "+",
                ArithOp::Sub => "-",
                ArithOp::Mul => "*",
                ArithOp::Div => "div",
                ArithOp::Mod => "mod",
            };
            two(op, a, b)
        }
        Term::Lt(a, b) => two("<", a, b),
        Term::Le(a, b) => two("<=", a, b),
        Term::Quant(quant) => quantifier(vc, quant),
    }
}

fn variable(var: VarId) -> String {
    format!("?{}", var.index())
}

fn application(vc: &Vc, symbol: SymbolId, args: &[Term]) -> String {
    let name = &vc.symbols[symbol].name;
    if args.is_empty() {
        return name.clone();
    }
    many(vc, name, args)
}

fn many(vc: &Vc, head: &str, parts: &[Term]) -> String {
    let parts: Vec<String> = parts.iter().map(|part| term(vc, part)).collect();
    format!("({head} {})", parts.join(" ")).replace(" )", ")")
}

fn quantifier(vc: &Vc, quant: &Quant) -> String {
    let keyword = if quant.forall { "forall" } else { "exists" };
    let vars: Vec<String> =
        quant.vars.iter().map(|(var, its)| format!("({} {})", variable(*var), sort(vc, *its))).collect();
    let triggers = quant.triggers.iter().fold(String::new(), |mut out, trigger| {
        let terms: Vec<String> = trigger.iter().map(|it| term(vc, it)).collect();
        let _ = write!(out, " {{{}}}", terms.join(" "));
        out
    });
    format!("({keyword} ({}){triggers} {})", vars.join(" "), term(vc, &quant.body))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vc::{Labelled, Symbol};

    #[test]
    fn a_condition_shows_labels_triggers_and_stages() {
        let mut condition = Vc::default();
        let elements = condition.sorts.push("S".to_owned());
        let its = VcSort::Uninterpreted(elements);
        let p =
            condition.symbols.push(Symbol { name: "p".to_owned(), args: vec![its], result: VcSort::Bool });
        let x = VarId::from_index(0);
        let atom = Term::App(p, vec![Term::Var(x)]);
        let quant = Quant {
            forall: true,
            vars: vec![(x, its)],
            triggers: vec![vec![atom.clone()]],
            body: Term::Or(vec![atom, Term::And(Vec::new())]),
            name: String::new(),
        };
        condition.hypotheses.push(Labelled {
            label: "h".to_owned(),
            tier: 0,
            formula: Term::Quant(Box::new(quant)),
        });
        assert_eq!(
            vc(&condition),
            "sort S\nsymbol p(S): Bool\n0 h: (forall ((?0 S)) {(p ?0)} (or (p ?0) (and)))\n"
        );
    }
}
