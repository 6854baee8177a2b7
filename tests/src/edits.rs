//! Edits of a spec that change nothing of what it says: what a person does to a text all day.
//!
//! Invariants: the columns of junction lists stay as they were, so that what is read is what was read before; the same
//! text, kind and number give the same edit.

use std::collections::BTreeSet;

use lang::ast::{Bound, Expr, ExprKind, Module, OperatorDef, Pattern, UnitKind};
use lang::source::{SourceMap, Span};

use crate::random_specs::Random;

/// What an edit does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A comment on a line of its own.
    Comment,
    /// Two empty lines.
    Blank,
    /// Two definitions that stand one after the other change places.
    Definitions,
    /// Two conjuncts of a definition about states change places.
    Conjuncts,
    /// A bound name gets another.
    Bound,
    /// A parameter of an operator gets another name.
    Parameter,
    /// Parentheses around an operand.
    Parentheses,
    /// A line is split after an operator.
    Split,
    /// Two lines are joined after an operator.
    Join,
    /// An operator in Unicode rather than ASCII, of which all in a definition.
    Unicode,
}

/// All kinds.
pub const KINDS: [Kind; 10] = [
    Kind::Conjuncts,
    Kind::Comment,
    Kind::Definitions,
    Kind::Bound,
    Kind::Blank,
    Kind::Parameter,
    Kind::Parentheses,
    Kind::Split,
    Kind::Unicode,
    Kind::Join,
];

/// A text instead of another, from one byte to another.
type Patch = (usize, usize, String);

/// An edit of this kind, chosen at random among all that there are; none if there is none.
///
/// # Panics
/// If the text does not parse.
pub fn edited(text: &str, kind: Kind, number: u64) -> Option<String> {
    let mut sources = SourceMap::default();
    let file = sources.add("Edited.pax", text.to_owned());
    let parsed = lang::parse::parse(file, text);
    assert!(parsed.diagnostics.is_empty(), "it parses");
    let mut random = Random::new(number);
    let mut all = candidates(text, &parsed.value, kind);
    while !all.is_empty() {
        let patches = all.swap_remove(random.below(all.len()));
        let edited = apply(text, patches);
        // A definition that moved may be used before it is defined; then another one is tried.
        if lang::parse::parse(file, &edited).diagnostics.is_empty() {
            return Some(edited);
        }
    }
    None
}

fn apply(text: &str, mut patches: Vec<Patch>) -> String {
    patches.sort();
    let mut out = text.to_owned();
    for (start, end, instead) in patches.into_iter().rev() {
        out.replace_range(start..end, &instead);
    }
    out
}

/// What could be done.
fn candidates(text: &str, module: &Module, kind: Kind) -> Vec<Vec<Patch>> {
    match kind {
        Kind::Comment => between_lines(text, module, "\\* A remark.\n"),
        Kind::Blank => between_lines(text, module, "\n\n"),
        Kind::Definitions => definitions(text, module),
        Kind::Conjuncts => conjuncts(text, module),
        Kind::Bound => each(module, &mut |expr| bound(text, expr)),
        Kind::Parameter => {
            operators(module).into_iter().flat_map(|operator| parameters(text, operator)).collect()
        }
        Kind::Parentheses => each(module, &mut |expr| parentheses(text, expr)),
        Kind::Split => each(module, &mut |expr| gaps(text, expr, true)),
        Kind::Join => each(module, &mut |expr| gaps(text, expr, false)),
        Kind::Unicode => {
            operators(module).into_iter().filter_map(|operator| unicode(text, operator)).collect()
        }
    }
}

fn range(span: Span) -> (usize, usize) {
    (span.start as usize, span.end as usize)
}

fn slice(text: &str, span: Span) -> &str {
    &text[span.start as usize..span.end as usize]
}

fn replace(span: Span, instead: impl Into<String>) -> Patch {
    let (start, end) = range(span);
    (start, end, instead.into())
}

fn between_lines(text: &str, module: &Module, line: &str) -> Vec<Vec<Patch>> {
    let (start, end) = range(module.span);
    let ends = text.match_indices('\n').map(|(position, _)| position + 1);
    ends.filter(|at| *at > start && *at < end).map(|at| vec![(at, at, line.to_owned())]).collect()
}

fn operators(module: &Module) -> Vec<&OperatorDef> {
    let units = module.units.iter();
    units
        .filter_map(|unit| if let UnitKind::Operator(operator) = &unit.kind { Some(operator) } else { None })
        .collect()
}

/// Neighbours of which the second does not mention the first.
fn definitions(text: &str, module: &Module) -> Vec<Vec<Patch>> {
    let neighbours = module.units.windows(2).filter_map(|pair| {
        let (UnitKind::Operator(first), UnitKind::Operator(_)) = (&pair[0].kind, &pair[1].kind) else {
            return None;
        };
        let (one, other) = (slice(text, pair[0].span), slice(text, pair[1].span));
        let is_free = !words(other).contains(first.name.text.as_str());
        is_free.then(|| vec![replace(pair[0].span, other), replace(pair[1].span, one)])
    });
    neighbours.collect()
}

/// Neighbours in a list of conjuncts on which a definition without parameters and without primes ends.
fn conjuncts(text: &str, module: &Module) -> Vec<Vec<Patch>> {
    let mut found = Vec::new();
    for operator in operators(module) {
        if !operator.params.is_empty() || slice(text, operator.body.span).contains(['\'', '_']) {
            continue;
        }
        let mut body = &operator.body;
        while let ExprKind::Quantifier { body: inner, .. }
        | ExprKind::Infix { right: inner, .. }
        | ExprKind::Paren(inner) = body.kind.as_ref()
        {
            body = inner;
        }
        if let ExprKind::Junction { conjunction: true, items } = body.kind.as_ref() {
            found.extend(items.windows(2).map(|pair| {
                let (one, other) = (slice(text, pair[0].span), slice(text, pair[1].span));
                vec![replace(pair[0].span, other), replace(pair[1].span, one)]
            }));
        }
    }
    found
}

/// What a function finds in each expression of definitions, assumptions and theorems.
fn each(module: &Module, find: &mut dyn FnMut(&Expr) -> Vec<Vec<Patch>>) -> Vec<Vec<Patch>> {
    fn walk(expr: &Expr, find: &mut dyn FnMut(&Expr) -> Vec<Vec<Patch>>, out: &mut Vec<Vec<Patch>>) {
        out.extend(find(expr));
        expr.for_each_child(|child| walk(child, find, out));
    }
    let mut out = Vec::new();
    for operator in operators(module) {
        walk(&operator.body, find, &mut out);
    }
    out
}

/// The words of a text.
fn words(text: &str) -> BTreeSet<&str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').collect()
}

/// A name of this length that the text does not have.
fn fresh(text: &str, name: &str) -> Option<String> {
    let words = words(text);
    let own = name.chars().next().filter(char::is_ascii_lowercase).map_or('A'..='Z', |_| 'a'..='z');
    let names = own.rev().map(|letter| format!("{letter}{}", &name[1..]));
    names.into_iter().find(|name| !words.contains(name.as_str()))
}

/// What an expression itself binds.
#[expect(clippy::wildcard_enum_match_arm, reason = "the others bind nothing that is renamed here")]
fn bounds_of(expr: &Expr) -> &[Bound] {
    match expr.kind.as_ref() {
        ExprKind::Quantifier { bounds, .. }
        | ExprKind::SetMap { bounds, .. }
        | ExprKind::Function { bounds, .. } => bounds,
        ExprKind::Choose { bound, .. } | ExprKind::SetFilter { bound, .. } => std::slice::from_ref(bound),
        _ => &[],
    }
}

fn bound(text: &str, expr: &Expr) -> Vec<Vec<Patch>> {
    let names = bounds_of(expr).iter().flat_map(|bound| match &bound.pattern {
        Pattern::Names(names) | Pattern::Tuple(names) => names,
    });
    names.filter_map(|name| renamed(text, &name.text, name.span, expr)).collect()
}

fn parameters(text: &str, operator: &OperatorDef) -> Vec<Vec<Patch>> {
    let names = operator.params.iter().filter(|param| param.arity == 0).map(|param| &param.name);
    names.filter_map(|name| renamed(text, &name.text, name.span, &operator.body)).collect()
}

/// Another name where it is bound, and wherever it is used in a scope; none if it is bound there twice.
fn renamed(text: &str, name: &str, binder: Span, scope: &Expr) -> Option<Vec<Patch>> {
    fn uses(expr: &Expr, name: &str, out: &mut Vec<Span>, n_bound: &mut usize) {
        if let ExprKind::Name(own) = expr.kind.as_ref() {
            out.extend((own.text == name).then_some(own.span));
            return;
        }
        if matches!(expr.kind.as_ref(), ExprKind::Let { .. } | ExprKind::Lambda { .. } | ExprKind::Path(_)) {
            // Names in there may be others.
            *n_bound += 2;
        }
        for bound in bounds_of(expr) {
            let (Pattern::Names(names) | Pattern::Tuple(names)) = &bound.pattern;
            *n_bound += names.iter().filter(|own| own.text == name).count();
        }
        expr.for_each_child(|child| uses(child, name, out, n_bound));
    }
    let (mut spans, mut n_bound) = (vec![binder], 0);
    uses(scope, name, &mut spans, &mut n_bound);
    let is_own = (scope.span.start..scope.span.end).contains(&binder.start);
    let name = fresh(text, name)?;
    let patches = spans.into_iter().map(|span| replace(span, name.clone())).collect();
    (n_bound == usize::from(is_own)).then_some(patches)
}

fn line_end(text: &str, from: usize) -> usize {
    text[from..].find('\n').map_or(text.len(), |end| from + end)
}

/// What stands on one line, with no bullet after it whose column would change.
fn may_move(text: &str, span: Span) -> bool {
    let (start, end) = range(span);
    let rest = &text[start..line_end(text, end)];
    !text[start..end].contains('\n') && !["/\\", "\\/"].iter().any(|bullet| rest.contains(bullet))
}

fn parentheses(text: &str, expr: &Expr) -> Vec<Vec<Patch>> {
    let ExprKind::Infix { left, right, .. } = expr.kind.as_ref() else { return Vec::new() };
    let operands = [left, right].into_iter().filter(|operand| may_move(text, operand.span));
    operands.map(|operand| vec![replace(operand.span, format!("({})", slice(text, operand.span)))]).collect()
}

/// Gaps between an operator and its right operand, on one line or over two: each split or joined.
fn gaps(text: &str, expr: &Expr, is_split: bool) -> Vec<Vec<Patch>> {
    let ExprKind::Infix { operator, right, .. } = expr.kind.as_ref() else { return Vec::new() };
    let (start, end) = (operator.span.end as usize, right.span.start as usize);
    let gap = &text[start..end];
    if !gap.trim().is_empty() || gap.contains('\n') == is_split || !may_move(text, right.span) {
        return Vec::new();
    }
    let line_start = text[..end].rfind('\n').map_or(0, |at| at + 1);
    let column = text[line_start..end].chars().count();
    let instead = if is_split { format!("\n{}", " ".repeat(column)) } else { " ".to_owned() };
    vec![vec![(start, end, instead)]]
}

/// Spellings of operators.
const UNICODE: [(&str, &str); 14] = [
    ("/\\", "∧"),
    ("\\/", "∨"),
    ("=>", "⇒"),
    ("\\in", "∈"),
    ("\\notin", "∉"),
    ("\\cup", "∪"),
    ("\\cap", "∩"),
    ("\\subseteq", "⊆"),
    ("#", "≠"),
    ("=<", "≤"),
    ("<=", "≤"),
    (">=", "≥"),
    ("\\A", "∀"),
    ("\\E", "∃"),
];

/// The bullet before an item of a list.
fn bullet(text: &str, item: &Expr) -> Option<(usize, usize)> {
    let end = text[..item.span.start as usize].trim_end().len();
    let start = end.checked_sub(2)?;
    text.is_char_boundary(start).then_some((start, end))
}

/// All infix operators, quantifiers and bullets of a definition, with spaces that keep the columns; none if there is none.
fn unicode(text: &str, operator: &OperatorDef) -> Option<Vec<Patch>> {
    fn walk(text: &str, expr: &Expr, out: &mut Vec<Patch>) {
        let start = expr.span.start as usize;
        let mut places = Vec::new();
        if let ExprKind::Infix { operator, .. } = expr.kind.as_ref() {
            places.push(range(operator.span));
        } else if let ExprKind::Quantifier { .. } = expr.kind.as_ref() {
            places.push((start, start + 2));
        } else if let ExprKind::Junction { items, .. } = expr.kind.as_ref() {
            places.extend(items.iter().filter_map(|item| bullet(text, item)));
        }
        for (start, end) in places {
            if let Some((ascii, symbol)) = UNICODE.iter().find(|(ascii, _)| text[start..end] == **ascii) {
                out.push((start, end, format!("{symbol}{}", " ".repeat(ascii.len() - 1))));
            }
        }
        expr.for_each_child(|child| walk(text, child, out));
    }
    let mut out = Vec::new();
    walk(text, &operator.body, &mut out);
    (!out.is_empty()).then_some(out)
}
