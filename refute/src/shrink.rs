//! A counterexample without what it does not use: elements that occur nowhere, and choices that are made anyway.

use eval::instance::Constant;
use eval::replay::Counterexample;
use eval::value::{Family, Value};
use lang::ids::IdVec;
use lang::sort::SortId;

/// The counterexample without what it does not use.
pub(crate) fn shrink(counterexample: &Counterexample) -> Counterexample {
    let mut smaller = counterexample.clone();
    // Without an entry the least candidate is taken.
    smaller.instance.choices.table.retain(|candidates, chosen| candidates.first() != Some(chosen));
    let mut used: IdVec<SortId, u32> = IdVec::new();
    for _ in &smaller.instance.sizes {
        used.push(1);
    }
    let states = smaller.before.iter().chain(&smaller.after);
    states.flat_map(|state| state.iter()).for_each(|value| count(value, &mut used));
    for constant in &smaller.instance.constants {
        match constant {
            Constant::Value(value) => count(value, &mut used),
            Constant::Operator { entries, otherwise } => {
                count(otherwise, &mut used);
                for (args, value) in entries {
                    args.iter().chain([value]).for_each(|value| count(value, &mut used));
                }
            }
        }
    }
    let choices = &smaller.instance.choices;
    choices.of_nothing.values().for_each(|value| count(value, &mut used));
    for (candidates, chosen) in &choices.table {
        candidates.iter().chain([chosen]).for_each(|value| count(value, &mut used));
    }
    smaller.instance.sizes = used;
    smaller
}

/// Makes room for the elements in a value.
fn count(value: &Value, used: &mut IdVec<SortId, u32>) {
    match value {
        Value::Element(sort, element) => used[*sort] = used[*sort].max(element.saturating_add(1)),
        Value::Set(items) | Value::Tuple(items) | Value::Record(_, _, items) => {
            items.iter().for_each(|item| count(item, used));
        }
        Value::Families(set) => {
            let patterns = set.families().iter().map(Family::pattern);
            set.others().iter().chain(patterns).for_each(|item| count(item, used));
        }
        Value::Function(entries) => entries.iter().for_each(|(key, value)| {
            count(key, used);
            count(value, used);
        }),
        Value::Bool(_) | Value::Int(_) | Value::Str(_) | Value::Whole(_) => {}
    }
}
