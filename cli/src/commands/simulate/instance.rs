//! The instance that the command line asks for.

use anyhow::{Context as _, Result, anyhow, bail};
use eval::instance::{Constant, Found, Sizes, instances};
use eval::show::Names;
use eval::value::{Infinite, Value};
use lang::ast::{Expr, ExprKind};
use lang::ids::IdVec;
use lang::sort::{Sort, SortId};
use lang::source::SourceMap;
use lang::typed::{ConstantId, Module};

use crate::args::InstanceArgs;

/// The first instance that satisfies the module's assumptions and what the command line says.
pub(super) fn instance(module: &Module, args: &InstanceArgs) -> Result<Found> {
    let mut sizes = Sizes::usual(module, args.integers.clone());
    for (name, size) in &args.size {
        let sort = sort_named(module, name)?;
        let size: u32 = size
            .parse()
            .ok()
            .filter(|size| (1..=64).contains(size))
            .with_context(|| format!("`--size {name}={size}`: a size is a number from 1 to 64"))?;
        sizes.members[sort] = size;
    }
    // The names of elements depend on which of them are constants, so that an instance is needed to read them.
    for (name, text) in &args.constant {
        let constant = constant_named(module, name)?;
        let names = element_names(module, &sizes);
        let symbol = &module.constants[constant];
        let value = parse(text)
            .and_then(|expr| read(module, &names, &expr, &symbol.sort))
            .with_context(|| format!("`--constant {name}={text}`"))?;
        sizes.given.insert(constant, Constant::Value(value));
    }
    let mut found = instances(module, &sizes).next().ok_or_else(|| {
        let given = if sizes.given.is_empty() { "" } else { ", with the constants that are given" };
        anyhow!(
            "no instance of these sizes satisfies the module's assumptions{given}; try `--size`, `--constant`"
        )
    })?;
    found.instance.choices.seed = args.choose;
    Ok(found)
}

/// The sort with this name, or of the elements of the constant with this name.
fn sort_named(module: &Module, name: &str) -> Result<SortId> {
    let mut sorts = module.sorts.uninterpreted.iter_enumerated();
    if let Some((sort, _)) = sorts.find(|(_, (own, _))| own == name) {
        return Ok(sort);
    }
    let of_constant = module.constants.iter().find(|constant| constant.name == name);
    if let Some(sort) = of_constant.and_then(|constant| elements(&constant.sort)) {
        return Ok(sort);
    }
    let known: Vec<String> = module.sorts.uninterpreted.iter().map(|(name, _)| format!("`{name}`")).collect();
    if known.is_empty() {
        bail!("`--size {name}`: the module has no sorts of elements");
    }
    bail!("`--size {name}`: there is no such sort; the module has {}", known.join(", "))
}

fn elements(sort: &Sort) -> Option<SortId> {
    match sort {
        Sort::Uninterpreted(sort) => Some(*sort),
        Sort::Set(element) => elements(element),
        Sort::Bool | Sort::Int | Sort::Str | Sort::Function(..) | Sort::Tuple(_) | Sort::Record(_) => None,
    }
}

fn constant_named(module: &Module, name: &str) -> Result<ConstantId> {
    let mut constants = module.constants.iter_enumerated();
    let found = constants.find(|(_, constant)| constant.name == name).map(|(id, _)| id);
    found.ok_or_else(|| anyhow!("`--constant {name}`: the module has no such constant"))
}

/// The names of elements, before any of them is the value of a constant. More than there are members of sets, since
/// constants may lie outside.
fn element_names(module: &Module, sizes: &Sizes) -> Elements {
    let any = Constant::Value(Value::Bool(false));
    let grown = sizes.members.iter().fold(IdVec::new(), |mut grown, size| {
        grown.push(size + 3);
        grown
    });
    let constants = module.constants.iter().fold(IdVec::new(), |mut constants, _| {
        constants.push(any.clone());
        constants
    });
    let instance = eval::instance::Instance {
        sizes: grown,
        constants,
        integers: sizes.integers.clone(),
        choices: eval::instance::Choices::default(),
    };
    let names = Names::new(module, &instance);
    let mut all = Vec::new();
    for (sort, size) in instance.sizes.iter_enumerated() {
        all.extend((0..*size).map(|element| (names.element(sort, element), Value::Element(sort, element))));
    }
    Elements { all }
}

/// Elements by name.
struct Elements {
    all: Vec<(String, Value)>,
}

/// Parses an expression.
fn parse(text: &str) -> Result<Expr> {
    let mut sources = SourceMap::default();
    let module = format!("---- MODULE Constant ----\nvalue == {text}\n====\n");
    let file = sources.add("constant", module.as_str());
    let parsed = lang::parse::parse(file, &module);
    if let Some(error) = parsed.diagnostics.first() {
        bail!("{}", error.message);
    }
    let mut bodies = parsed.value.units.iter().filter_map(|unit| match &unit.kind {
        lang::ast::UnitKind::Operator(operator) => Some(operator.body.clone()),
        lang::ast::UnitKind::Constants(_)
        | lang::ast::UnitKind::Variables(_)
        | lang::ast::UnitKind::Assume(_)
        | lang::ast::UnitKind::Function(_)
        | lang::ast::UnitKind::Theorem(_)
        | lang::ast::UnitKind::Recursive(_)
        | lang::ast::UnitKind::Instance(_)
        | lang::ast::UnitKind::InstanceDef(_)
        | lang::ast::UnitKind::Module(_)
        | lang::ast::UnitKind::Use(_) => None,
    });
    match (bodies.next(), bodies.next()) {
        (Some(body), None) => Ok(body),
        _ => bail!("this is not one expression"),
    }
}

/// The value of an expression made of numbers, names and brackets, which should be of this sort.
#[expect(clippy::wildcard_enum_match_arm, reason = "few forms write values down")]
fn read(module: &Module, names: &Elements, expr: &Expr, sort: &Sort) -> Result<Value> {
    let mismatch = || anyhow!("expected {}", lang::print_typed::sort(&module.sorts, sort));
    let one = |expr: &Expr, sort: &Sort| read(module, names, expr, sort);
    match expr.kind.as_ref() {
        ExprKind::Paren(inner) => one(inner, sort),
        ExprKind::Name(name) => match (name.text.as_str(), sort) {
            ("TRUE", Sort::Bool) => Ok(Value::Bool(true)),
            ("FALSE", Sort::Bool) => Ok(Value::Bool(false)),
            ("BOOLEAN", Sort::Set(element)) if **element == Sort::Bool => {
                Ok(Value::set([false, true].map(Value::Bool)))
            }
            ("Nat", Sort::Set(element)) if **element == Sort::Int => Ok(Value::Whole(Infinite::Nat)),
            ("Int", Sort::Set(element)) if **element == Sort::Int => Ok(Value::Whole(Infinite::Int)),
            (text, Sort::Uninterpreted(wanted)) => {
                let is_wanted = |value: &Value| matches!(value, Value::Element(sort, _) if sort == wanted);
                let found = names.all.iter().find(|(name, value)| name == text && is_wanted(value));
                let known: Vec<&str> =
                    names.all.iter().filter(|(_, value)| is_wanted(value)).map(|(name, _)| &**name).collect();
                found
                    .map(|(_, value)| value.clone())
                    .ok_or_else(|| anyhow!("there is no element `{text}`; elements are {}", known.join(", ")))
            }
            (_, _) => Err(mismatch()),
        },
        ExprKind::Number(digits) => match sort {
            Sort::Int => Ok(Value::Int(digits.parse()?)),
            _ => Err(mismatch()),
        },
        ExprKind::Str(text) if *sort == Sort::Str => Ok(Value::Str(text.as_str().into())),
        ExprKind::SetEnum(items) => match sort {
            Sort::Set(element) => {
                let items: Result<Vec<Value>> = items.iter().map(|item| one(item, element)).collect();
                Ok(Value::set(items?))
            }
            _ => Err(mismatch()),
        },
        ExprKind::Tuple(items) => match sort {
            Sort::Tuple(parts) if parts.len() == items.len() => {
                let items: Result<Vec<Value>> =
                    items.iter().zip(parts.iter()).map(|(item, part)| one(item, part)).collect();
                Ok(Value::Tuple(items?.into()))
            }
            Sort::Function(from, to) if **from == Sort::Int => {
                let items: Result<Vec<Value>> = items.iter().map(|item| one(item, to)).collect();
                Ok(Value::sequence(items?))
            }
            _ => Err(mismatch()),
        },
        ExprKind::Prefix { operator, operand } => match (operator.text.as_str(), sort) {
            ("-." | "-", Sort::Int) => match one(operand, sort)? {
                Value::Int(number) => Ok(Value::Int(number.saturating_neg())),
                _ => Err(mismatch()),
            },
            ("SUBSET", Sort::Set(element)) => match one(operand, element)? {
                Value::Set(items) if items.len() <= 12 => {
                    Ok(Value::set((0..1_usize << items.len()).map(|bits| {
                        let chosen = items.iter().enumerate().filter(|(bit, _)| bits >> bit & 1 == 1);
                        Value::set(chosen.map(|(_, item)| item.clone()))
                    })))
                }
                _ => bail!("`SUBSET` of this is too large"),
            },
            (_, _) => Err(mismatch()),
        },
        ExprKind::Infix { operator, left, right } => match (operator.text.as_str(), sort) {
            ("..", Sort::Set(element)) => match (one(left, element)?, one(right, element)?) {
                (Value::Int(low), Value::Int(high)) if high.saturating_sub(low) < 1 << 16 => {
                    Ok(Value::set((low..=high).map(Value::Int)))
                }
                _ => Err(mismatch()),
            },
            ("\\cup" | "\\union", Sort::Set(_)) => match (one(left, sort)?, one(right, sort)?) {
                (Value::Set(left), Value::Set(right)) => {
                    Ok(Value::set(left.iter().chain(right.iter()).cloned()))
                }
                _ => Err(mismatch()),
            },
            (_, _) => Err(mismatch()),
        },
        _ => bail!(
            "only numbers, strings, elements, sets, tuples, `..`, `SUBSET` and `\\cup` can be given here"
        ),
    }
}
