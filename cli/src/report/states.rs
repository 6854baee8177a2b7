//! States, steps and instances in words, for every report that shows some.

use eval::instance::{Constant, Instance};
use eval::show::Names;
use eval::successors::Label;
use eval::value::{State, Value};
use lang::typed::Module;

/// What the constants are on an instance, a line for each; elements that are named after their constant, and what is
/// left to `CHOOSE`, included.
pub fn constants(module: &Module, instance: &Instance, names: &Names<'_>) -> Vec<String> {
    let constants = module.constants.iter().zip(&instance.constants);
    let mut lines: Vec<String> = constants
        .map(|(symbol, constant)| match constant {
            Constant::Value(value @ Value::Element(..)) if names.value(value) == symbol.name => {
                format!("{} is an element of its own", symbol.name)
            }
            Constant::Value(value) => format!("{} = {}", symbol.name, names.value(value)),
            Constant::Operator { entries, otherwise } => {
                let entries = entries.iter().map(|(args, value)| {
                    let args: Vec<String> = args.iter().map(|arg| names.value(arg)).collect();
                    format!("{}({}) = {}", symbol.name, args.join(", "), names.value(value))
                });
                let otherwise = format!("{}(...) = {} otherwise", symbol.name, names.value(otherwise));
                entries.chain([otherwise]).collect::<Vec<_>>().join(", ")
            }
        })
        .collect();
    let several = instance.choices.table.iter().filter(|(candidates, _)| candidates.len() > 1);
    lines.extend(several.map(|(candidates, taken)| {
        let candidates: Vec<String> = candidates.iter().map(|value| names.value(value)).collect();
        format!("CHOOSE takes {} from {}", names.value(taken), candidates.join(", "))
    }));
    let nothing = instance.choices.of_nothing.values();
    lines.extend(nothing.map(|value| format!("CHOOSE from nothing is {}", names.value(value))));
    lines
}

/// An action with its arguments, and what else was taken: `Vote(a = a1), m = ...`.
pub fn call(names: &Names<'_>, label: &Label) -> String {
    let pair = |(name, value): &(String, Value)| format!("{name} = {}", names.value(value));
    let args: Vec<String> = label.args.iter().map(pair).collect();
    let call =
        if args.is_empty() { label.action.clone() } else { format!("{}({})", label.action, args.join(", ")) };
    label.taken.iter().fold(call, |call, taken| format!("{call}, {}", pair(taken)))
}

/// What a step changes, a line for each part of a variable; nothing if it changes nothing.
pub fn changed(module: &Module, names: &Names<'_>, before: &State, after: &State) -> Vec<String> {
    let mut lines = Vec::new();
    for (symbol, (before, after)) in module.variables.iter().zip(before.iter().zip(after.iter())) {
        changes(names, &symbol.name, before, after, &mut lines);
    }
    lines
}

/// What changed of a value, as far down as it helps.
pub fn changes(names: &Names<'_>, path: &str, before: &Value, after: &Value, lines: &mut Vec<String>) {
    if before == after {
        return;
    }
    match (before, after) {
        (Value::Set(old), Value::Set(new)) if !old.is_empty() || new.len() < 4 => {
            members(names, path, old, new, lines);
        }
        (Value::Families(old), Value::Families(new)) if old.families() == new.families() => {
            members(names, path, old.others(), new.others(), lines);
        }
        (Value::Function(old), Value::Function(new))
            if old.len() == new.len() && old.iter().zip(new.iter()).all(|(old, new)| old.0 == new.0) =>
        {
            for ((argument, old), (_, new)) in old.iter().zip(new.iter()) {
                changes(names, &format!("{path}[{}]", names.value(argument)), old, new, lines);
            }
        }
        (Value::Function(old), Value::Function(new))
            if !(old.is_empty() || is_sequence(old) && is_sequence(new)) =>
        {
            for (argument, new) in new.iter() {
                match old.iter().find(|(own, _)| own == argument) {
                    Some((_, old)) => {
                        changes(names, &format!("{path}[{}]", names.value(argument)), old, new, lines);
                    }
                    None => lines.push(entry(names, path, '+', argument, new)),
                }
            }
            let went = old.iter().filter(|(argument, _)| !new.iter().any(|(own, _)| own == argument));
            lines.extend(went.map(|(argument, value)| entry(names, path, '-', argument, value)));
        }
        (_, _) => lines.push(format!("{path}: {} \u{2192} {}", names.value(before), names.value(after))),
    }
}

/// Whether a function may as well be a sequence.
fn is_sequence(entries: &[(Value, Value)]) -> bool {
    (1..).zip(entries).all(|(position, (argument, _))| *argument == Value::Int(position))
}

/// An argument that came or went, with its value.
fn entry(names: &Names<'_>, path: &str, sign: char, argument: &Value, value: &Value) -> String {
    format!("{path}: {sign} {} :> {}", names.value(argument), names.value(value))
}

/// The members that came and went.
fn members(names: &Names<'_>, path: &str, old: &[Value], new: &[Value], lines: &mut Vec<String>) {
    let (came, went) =
        (new.iter().filter(|item| !old.contains(item)), old.iter().filter(|item| !new.contains(item)));
    lines.extend(came.map(|item| format!("{path}: + {}", names.value(item))));
    lines.extend(went.map(|item| format!("{path}: - {}", names.value(item))));
}
