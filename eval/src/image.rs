//! The image of a step under a refinement mapping that is no step of the abstract specification: what the
//! abstract variables are before and after, and for each abstract action the first conjunct that is false.
//!
//! Invariant: what is said of a conjunct is what the evaluator says of it; which arguments of an action are shown
//! is a choice among those that were tried: those of which most conjuncts are true.

use std::collections::{BTreeMap, BTreeSet};

use lang::typed::{Expr, ExprKind, LocalId, Module, Quantifier, Time};

use crate::evaluate::{Evaluator, Moment};
use crate::value::{Infinite, Value};

/// Names and what they stand for.
pub type Bound = Vec<(LocalId, Value)>;

/// A step of a specification, seen by an abstract one that has no such step.
#[derive(Clone, Debug)]
pub struct Image {
    /// Names that the conclusion quantifies over, with values for which it is false.
    pub parameters: Bound,
    /// What `[A]_v` watches: the components of `v`, with their values before and after, where these are known.
    pub components: Vec<Component>,
    /// Why the step is none of the abstract actions, one by one.
    pub refusals: Vec<Refusal>,
}

/// A component of what an abstract specification watches.
#[derive(Clone, Debug)]
pub struct Component {
    /// The expression.
    pub expr: Expr,
    /// Its value before the step.
    pub before: Option<Value>,
    /// Its value after it.
    pub after: Option<Value>,
}

/// Why a step is not a step of an abstract action.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// The action.
    pub action: String,
    /// Its parameters and the names that it binds, with the values of which most conjuncts are true.
    pub arguments: Bound,
    /// The position of the first conjunct that is not true, counted from 1.
    pub number: usize,
    /// That conjunct.
    pub conjunct: Expr,
    /// All names that have values there.
    pub names: Bound,
}

/// How many combinations of arguments are tried for all actions together.
const MAX_TRIED: usize = 20_000;
/// How deep definitions are opened.
const MAX_DEPTH: usize = 64;

/// The image of a step that violates a conclusion about steps, if there is one.
pub fn image(
    module: &Module,
    evaluator: &Evaluator<'_>,
    conclusion: &Expr,
    step: Moment<'_>,
) -> Option<Image> {
    let mut numbers = BTreeSet::new();
    for value in step.now.iter().chain(&step.next).flat_map(|state| state.iter()) {
        integers(value, &mut numbers);
    }
    let search = Search { module, evaluator, step, numbers };
    let (parameters, names, action, subscript) = search.violated(conclusion, Vec::new(), Vec::new(), 0)?;
    let mut components = Vec::new();
    search.components(&subscript, &names, &mut components);
    let mut found = Found { best: BTreeMap::new(), order: Vec::new(), n_tried: 0 };
    search.action(&action, &At { action: None, arguments: Vec::new(), names, depth: 0 }, &mut found);
    let refusals = found.order.iter().filter_map(|action| Some(found.best.remove(action)?.1)).collect();
    Some(Image { parameters, components, refusals })
}

struct Search<'a, 'm> {
    module: &'a Module,
    evaluator: &'a Evaluator<'m>,
    step: Moment<'a>,
    /// The numbers that are tried for names that range over infinitely many.
    numbers: BTreeSet<i64>,
}

/// Where in an action the search is.
#[derive(Clone)]
struct At {
    action: Option<String>,
    arguments: Bound,
    names: Bound,
    depth: usize,
}

struct Found {
    /// Each with how many of its conjuncts are true.
    best: BTreeMap<String, (usize, Refusal)>,
    /// Actions in the order in which they are met.
    order: Vec<String>,
    n_tried: usize,
}

impl Search<'_, '_> {
    /// A part `[A]_v` of the conclusion that is false of the step: names that were quantified over, all names with
    /// values, `A` and `v`.
    #[expect(clippy::wildcard_enum_match_arm, reason = "few formulas speak of steps")]
    fn violated(
        &self,
        formula: &Expr,
        parameters: Bound,
        names: Bound,
        depth: usize,
    ) -> Option<(Bound, Bound, Expr, Expr)> {
        if depth > MAX_DEPTH {
            return None;
        }
        match &formula.kind {
            ExprKind::And(items) => items
                .iter()
                .find_map(|item| self.violated(item, parameters.clone(), names.clone(), depth + 1)),
            ExprKind::Apply(operator, args, Time::Now) => {
                let definition = &self.module.operators[*operator];
                let names = self.with_arguments(&definition.params, args, &names)?;
                self.violated(&definition.body, parameters, names, depth + 1)
            }
            ExprKind::Quantifier(Quantifier::Forall, binders, body) => {
                let locals: Vec<LocalId> = binders.iter().map(|binder| binder.local).collect();
                let ranges = binders.iter().map(|binder| self.range(binder.domain.as_ref(), &names));
                let ranges: Vec<Vec<Value>> = ranges.collect();
                combinations(&ranges).find_map(|values| {
                    let bound = locals.iter().copied().zip(values);
                    let own: Bound = bound.collect();
                    let parameters = parameters.iter().chain(&own).cloned().collect();
                    let names = names.iter().chain(&own).cloned().collect();
                    self.violated(body, parameters, names, depth + 1)
                })
            }
            ExprKind::Always(inner) => match &inner.kind {
                ExprKind::ActionBox(action, subscript) => {
                    let truth = self.evaluator.formula_with(inner, &names, self.step);
                    (truth == Ok(false)).then(|| (parameters, names, action.clone(), subscript.clone()))
                }
                _ => None,
            },
            _ => None,
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "tuples have components, and names of tuples")]
    fn components(&self, subscript: &Expr, names: &Bound, into: &mut Vec<Component>) {
        match &subscript.kind {
            ExprKind::Tuple(items) | ExprKind::Sequence(items) => {
                for item in items {
                    self.components(item, names, into);
                }
            }
            ExprKind::Apply(operator, args, Time::Now)
                if args.is_empty()
                    && matches!(self.module.operators[*operator].body.kind, ExprKind::Tuple(_)) =>
            {
                self.components(&self.module.operators[*operator].body, names, into);
            }
            _ => {
                let at = |state| Moment { now: state, next: None };
                let value = |state| self.evaluator.value_with(subscript, names, at(state)).ok();
                let (before, after) = (value(self.step.now), value(self.step.next));
                into.push(Component { expr: subscript.clone(), before, after });
            }
        }
    }

    /// Goes through the alternatives of an action, none of which the step is.
    #[expect(clippy::wildcard_enum_match_arm, reason = "what has no alternatives is a conjunct")]
    fn action(&self, action: &Expr, at: &At, found: &mut Found) {
        if at.depth > MAX_DEPTH || found.n_tried >= MAX_TRIED {
            return;
        }
        let below = At { depth: at.depth + 1, ..at.clone() };
        match &action.kind {
            ExprKind::Or(items) => items.iter().for_each(|item| self.action(item, &below, found)),
            ExprKind::Apply(operator, args, Time::Now) => {
                let definition = &self.module.operators[*operator];
                let Some(names) = self.with_arguments(&definition.params, args, &at.names) else { return };
                let arguments = names.iter().filter(|(local, _)| definition.params.contains(local));
                let arguments = arguments.cloned().collect();
                let name = Some(definition.name.clone());
                self.action(&definition.body, &At { action: name, arguments, names, ..below }, found);
            }
            ExprKind::Quantifier(Quantifier::Exists, binders, body) => {
                let locals: Vec<LocalId> = binders.iter().map(|binder| binder.local).collect();
                let ranges = binders.iter().map(|binder| self.range(binder.domain.as_ref(), &at.names));
                let ranges: Vec<Vec<Value>> = ranges.collect();
                for values in combinations(&ranges) {
                    let own: Bound = locals.iter().copied().zip(values).collect();
                    let mut inner = below.clone();
                    inner.arguments.extend(own.iter().cloned());
                    inner.names.extend(own);
                    self.action(body, &inner, found);
                }
            }
            ExprKind::If(condition, then, otherwise) => {
                match self.evaluator.formula_with(condition, &at.names, self.step) {
                    Ok(true) => self.action(then, &below, found),
                    Ok(false) => self.action(otherwise, &below, found),
                    Err(_) => {}
                }
            }
            _ => self.refusal(action, at, found),
        }
    }

    /// The first conjunct that is not true, kept if of no other arguments more are true.
    fn refusal(&self, action: &Expr, at: &At, found: &mut Found) {
        found.n_tried += 1;
        let mut conjuncts = Vec::new();
        flatten(action, &mut conjuncts);
        let is_true =
            |conjunct: &&Expr| self.evaluator.formula_with(conjunct, &at.names, self.step) == Ok(true);
        // Of an action that has alternatives further down, these are looked at where all before them is true.
        let Some(position) = conjuncts.iter().position(|conjunct| !is_true(&conjunct)) else { return };
        let n_true = conjuncts.iter().filter(is_true).count();
        let conjunct = conjuncts.swap_remove(position);
        let name = at.action.clone().unwrap_or_else(|| "the abstract action".to_owned());
        let number = position + 1;
        if found.best.get(&name).is_some_and(|(most, _)| *most >= n_true) {
            return;
        }
        if !found.best.contains_key(&name) {
            found.order.push(name.clone());
        }
        let (arguments, names) = (at.arguments.clone(), at.names.clone());
        let refusal = Refusal { action: name.clone(), arguments, number, conjunct, names };
        found.best.insert(name, (n_true, refusal));
    }

    /// Names with the parameters of an operator among them; nothing if an argument has no value.
    fn with_arguments(&self, params: &[LocalId], args: &[Expr], names: &Bound) -> Option<Bound> {
        let mut all = names.clone();
        for (param, arg) in params.iter().zip(args) {
            all.push((*param, self.evaluator.value_with(arg, names, self.step).ok()?));
        }
        Some(all)
    }

    /// The values that are tried for a name.
    fn range(&self, domain: Option<&Expr>, names: &Bound) -> Vec<Value> {
        let Some(domain) = domain else { return Vec::new() };
        match self.evaluator.value_with(domain, names, self.step) {
            Ok(Value::Set(values)) => values.to_vec(),
            Ok(Value::Whole(Infinite::Nat)) => self.numbers.range(0..).copied().map(Value::Int).collect(),
            Ok(Value::Whole(Infinite::Int)) => self.numbers.iter().copied().map(Value::Int).collect(),
            Ok(_) | Err(_) => Vec::new(),
        }
    }
}

/// The conjuncts of a formula, those of its conjuncts included.
fn flatten(formula: &Expr, into: &mut Vec<Expr>) {
    if let ExprKind::And(items) = &formula.kind {
        for item in items {
            flatten(item, into);
        }
    } else {
        into.push(formula.clone());
    }
}

/// The integers in a value.
fn integers(value: &Value, into: &mut BTreeSet<i64>) {
    match value {
        Value::Int(number) => {
            into.insert(*number);
        }
        Value::Families(set) => set.others().iter().for_each(|item| integers(item, into)),
        Value::Bool(_) | Value::Str(_) | Value::Element(..) | Value::Whole(_) => {}
        Value::Set(items) | Value::Tuple(items) | Value::Record(_, _, items) => {
            items.iter().for_each(|item| integers(item, into));
        }
        Value::Function(entries) => {
            for (argument, value) in entries.iter() {
                integers(argument, into);
                integers(value, into);
            }
        }
    }
}

/// One value of each range, in all ways.
fn combinations(ranges: &[Vec<Value>]) -> impl Iterator<Item = Vec<Value>> + '_ {
    let n_all = ranges.iter().map(Vec::len).try_fold(1_usize, usize::checked_mul).unwrap_or(0);
    (0..n_all).map(move |position| {
        let mut rest = position;
        let pick = |range: &Vec<Value>| {
            let value = range[rest % range.len()].clone();
            rest /= range.len();
            value
        };
        ranges.iter().map(pick).collect()
    })
}
