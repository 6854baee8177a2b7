//! Symmetry: which permutations of elements turn behaviours into behaviours.
//!
//! The elements of an uninterpreted sort differ by nothing but the constants and what `CHOOSE` takes. So a
//! permutation that leaves every constant as it is turns a behaviour into a behaviour, and keeps the truth of
//! every predicate, unless a `CHOOSE` can tell elements apart. What `CHOOSE` takes depends on the set of
//! candidates alone; if their sort does not contain a permuted sort, neither the candidates nor what is taken
//! from them changes. So the elements of sorts that the values of a `CHOOSE` are made of are left alone.
//!
//! Invariant: the permutations form a group, and the first is the identity.

use std::collections::BTreeSet;
use std::sync::Arc;

use lang::ids::{Id, IdVec};
use lang::sort::{Sort, SortId};
use lang::typed::{Expr, ExprKind, Module, OperatorId};

use crate::instance::{Constant, Instance};
use crate::value::Value;

/// More permutations than these cost more than they save.
const MAX_PERMUTATIONS: usize = 5040;

/// A permutation of the elements of each sort.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Permutation {
    images: IdVec<SortId, Vec<u32>>,
}

impl Permutation {
    /// Where an element goes.
    pub(crate) fn apply(&self, sort: SortId, element: u32) -> u32 {
        let images = if sort.index() < self.images.len() { self.images[sort].as_slice() } else { &[] };
        images.get(element as usize).copied().unwrap_or(element)
    }

    /// What a value becomes.
    pub fn of(&self, value: &Value) -> Value {
        let all = |items: &Arc<[Value]>| items.iter().map(|item| self.of(item)).collect();
        match value {
            Value::Bool(_) | Value::Int(_) | Value::Str(_) | Value::Whole(_) => value.clone(),
            Value::Families(set) => Value::of_families(
                set.others().iter().map(|item| self.of(item)),
                set.families().iter().map(|family| family.map(|pattern| self.of(pattern))),
            ),
            Value::Element(sort, element) => Value::Element(*sort, self.apply(*sort, *element)),
            Value::Set(items) => Value::set(items.iter().map(|item| self.of(item))),
            Value::Function(entries) => {
                Value::function(entries.iter().map(|(argument, value)| (self.of(argument), self.of(value))))
            }
            Value::Tuple(items) => Value::Tuple(all(items)),
            Value::Record(sort, shape, items) => Value::Record(*sort, *shape, all(items)),
        }
    }

    fn fixes(&self, constant: &Constant) -> bool {
        match constant {
            Constant::Value(value) => self.of(value) == *value,
            Constant::Operator { entries, otherwise } => {
                let moved = entries.iter().map(|(args, value)| {
                    (args.iter().map(|arg| self.of(arg)).collect::<Vec<Value>>(), self.of(value))
                });
                self.of(otherwise) == *otherwise
                    && moved.collect::<std::collections::BTreeMap<_, _>>() == *entries
            }
        }
    }
}

/// A group of permutations.
#[derive(Clone, Debug)]
pub struct Symmetry {
    permutations: Vec<Permutation>,
    /// The sorts whose elements are permuted.
    pub permuted: Vec<SortId>,
    /// The sorts whose elements are left alone because of a `CHOOSE`.
    pub chosen: Vec<SortId>,
}

impl Symmetry {
    /// The identity alone.
    pub fn none() -> Self {
        Self { permutations: vec![Permutation::default()], permuted: Vec::new(), chosen: Vec::new() }
    }

    /// The symmetry of an instance, as far as these formulas keep it.
    pub fn of(module: &Module, instance: &Instance, formulas: &[&Expr]) -> Self {
        let chosen = chosen_sorts(module, instance, formulas);
        let mut permuted: Vec<SortId> =
            instance.sizes.ids().filter(|sort| instance.sizes[*sort] > 1 && !chosen.contains(sort)).collect();
        // The sorts with the fewest elements are the last to be given up.
        permuted.sort_by_key(|sort| instance.sizes[*sort]);
        while group_size(instance, &permuted) > MAX_PERMUTATIONS {
            permuted.pop();
        }
        let identity: IdVec<SortId, Vec<u32>> =
            instance.sizes.iter().fold(IdVec::new(), |mut images, size| {
                images.push((0..*size).collect());
                images
            });
        let mut permutations = vec![Permutation { images: identity }];
        for sort in &permuted {
            let orders = orders(instance.sizes[*sort]);
            permutations = permutations
                .iter()
                .flat_map(|permutation| {
                    orders.iter().map(|order| {
                        let mut permutation = permutation.clone();
                        permutation.images[*sort].clone_from(order);
                        permutation
                    })
                })
                .collect();
        }
        // Those that fix the constants are a subgroup.
        permutations
            .retain(|permutation| instance.constants.iter().all(|constant| permutation.fixes(constant)));
        let moves = |sort: &SortId| {
            let order = permutations.iter().map(|permutation| &permutation.images[*sort]);
            order.into_iter().any(|images| !images.iter().copied().eq(0..instance.sizes[*sort]))
        };
        permuted.retain(moves);
        permuted.sort_unstable();
        Self { permutations, permuted, chosen: chosen.into_iter().collect() }
    }

    /// The permutations.
    pub fn permutations(&self) -> &[Permutation] {
        &self.permutations
    }
}

/// For each sort, its elements in groups: any permutation within the groups turns behaviours into behaviours, as far
/// as these formulas keep them. There are as many as there are, unlike in a [`Symmetry`].
pub fn interchangeable(
    module: &Module,
    instance: &Instance,
    formulas: &[&Expr],
) -> Vec<(SortId, Vec<Vec<u32>>)> {
    let chosen = chosen_sorts(module, instance, formulas);
    let identity = |sort: &SortId| (0..instance.sizes[*sort]).collect::<Vec<u32>>();
    let sorts: Vec<SortId> = instance.sizes.ids().filter(|sort| !chosen.contains(sort)).collect();
    let mut found = Vec::new();
    for sort in sorts {
        let is_swapped = |left: u32, right: u32| {
            let mut images: IdVec<SortId, Vec<u32>> =
                instance.sizes.ids().map(|sort| identity(&sort)).collect();
            images[sort].swap(left as usize, right as usize);
            let swap = Permutation { images };
            instance.constants.iter().all(|constant| swap.fixes(constant))
        };
        let mut groups: Vec<Vec<u32>> = Vec::new();
        for element in identity(&sort) {
            match groups.iter_mut().find(|group| is_swapped(group[0], element)) {
                Some(group) => group.push(element),
                None => groups.push(vec![element]),
            }
        }
        found.push((sort, groups));
    }
    found
}

fn group_size(instance: &Instance, sorts: &[SortId]) -> usize {
    let factorial = |n: u32| (1..=n as usize).fold(1_usize, usize::saturating_mul);
    sorts.iter().fold(1, |size, sort| size.saturating_mul(factorial(instance.sizes[*sort])))
}

/// All orders of `0..n`, the ascending one first.
fn orders(n: u32) -> Vec<Vec<u32>> {
    let mut orders: Vec<Vec<u32>> = vec![Vec::new()];
    for _ in 0..n {
        let longer = |order: &Vec<u32>| {
            let order = order.clone();
            let free = (0..n).filter(move |next| !order.contains(next));
            free.collect::<Vec<u32>>()
        };
        orders = orders
            .iter()
            .flat_map(|order| {
                longer(order).into_iter().map(|next| order.iter().copied().chain([next]).collect())
            })
            .collect();
    }
    orders
}

/// The sorts of elements that values of a `CHOOSE` in these formulas, or in what they mention, are made of. A
/// `CHOOSE` from nothing, which stands for the missing arm of a `CASE`, has no value unless the instance gives it one.
fn chosen_sorts(module: &Module, instance: &Instance, formulas: &[&Expr]) -> BTreeSet<SortId> {
    let mut found = BTreeSet::new();
    let mut seen: BTreeSet<OperatorId> = BTreeSet::new();
    let mut todo: Vec<&Expr> = formulas.to_vec();
    while let Some(expr) = todo.pop() {
        if let ExprKind::Choose(binder, body) = &expr.kind
            && (!matches!(body.kind, ExprKind::Bool(false))
                || instance.choices.of_nothing.contains_key(&expr.sort))
        {
            elements(module, &module.locals[binder.local].sort, &mut found);
        }
        if let ExprKind::Apply(operator, _, _) = &expr.kind
            && seen.insert(*operator)
        {
            todo.push(&module.operators[*operator].body);
        }
        expr.for_each_child(&mut |child| todo.push(child));
    }
    found
}

fn elements(module: &Module, sort: &Sort, into: &mut BTreeSet<SortId>) {
    match sort {
        Sort::Bool | Sort::Int | Sort::Str => {}
        Sort::Uninterpreted(sort) => {
            into.insert(*sort);
        }
        Sort::Set(element) => elements(module, element, into),
        Sort::Function(from, to) => [from, to].into_iter().for_each(|part| elements(module, part, into)),
        Sort::Tuple(parts) => parts.iter().for_each(|part| elements(module, part, into)),
        Sort::Record(record) => {
            module.sorts.records[*record].fields.iter().for_each(|field| elements(module, &field.sort, into));
        }
    }
}
