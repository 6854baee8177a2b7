//! Names with `!`: what is inside an instance, and parts of definitions.

use super::Ctx;
use super::errors::ResolveError;
use super::prime::{error, meaning_of, unsupported};
use super::scope::{Meaning, Values};
use crate::ast;
use crate::near::near;
use crate::resolved::{Expr, Level};
use crate::source::Span;

/// Where a path leads.
enum Target<'a> {
    /// To what has this meaning, to be applied to these arguments.
    Whole { meaning: Meaning, name: &'a ast::Name, args: &'a [ast::Expr], declared: Option<Span> },
    /// To a part of a definition applied to these arguments.
    Part { meaning: Meaning, values: Values, args: &'a [ast::Expr], steps: &'a [ast::PathStep] },
    /// Nowhere; it was reported.
    Broken,
}

impl<'a> Ctx<'a> {
    /// The value of a path.
    pub(super) fn path(&mut self, steps: &'a [ast::PathStep], span: Span) -> Expr {
        match self.target(steps, span) {
            Target::Whole { meaning, name, args, declared } => {
                let args: Vec<&ast::Expr> = args.iter().collect();
                self.applied(&meaning, name, &args, declared, span)
            }
            Target::Part { meaning, values, args, steps } => {
                self.part((&meaning, &values), args, steps, span)
            }
            Target::Broken => error(span),
        }
    }

    /// The operator that a path names without its last arguments.
    pub(super) fn path_head(&mut self, steps: &'a [ast::PathStep]) -> Option<Meaning> {
        let span = steps.first()?.span.to(steps.last()?.span);
        match self.target(steps, span) {
            Target::Whole { meaning, .. } => Some(meaning),
            Target::Part { .. } => {
                let refused = unsupported(
                    "a part of a definition as an operator",
                    span,
                    "write it as a `LAMBDA` or give it a name",
                );
                Some(meaning_of(&refused))
            }
            Target::Broken => None,
        }
    }

    fn target(&mut self, steps: &'a [ast::PathStep], span: Span) -> Target<'a> {
        let Some((first, rest)) = steps.split_first() else { return Target::Broken };
        let ast::Selector::Name(begin) = &first.selector else {
            self.errors.push(ResolveError::Unsupported {
                what: "a path that begins with no name".to_owned(),
                at: first.span,
                help: Some("begin it with the name of a definition or an instance".to_owned()),
            });
            return Target::Broken;
        };
        let mut name = begin;
        let Some(entry) = self.scope.get(&name.text) else {
            let stand_in = self.unknown(name, span);
            let meaning = meaning_of(&stand_in);
            return Target::Whole { meaning, name, args: &[], declared: None };
        };
        let (mut meaning, mut declared) = (entry.meaning.clone(), entry.span);
        let mut args = first.args.as_slice();
        let mut values = Values::new();
        for (position, step) in rest.iter().enumerate() {
            let is_whole = matches!(step.selector, ast::Selector::Body) && position + 1 == rest.len();
            if is_whole && !matches!(meaning, Meaning::Instance(_)) {
                break;
            }
            let instance = match &meaning {
                Meaning::Instance(instance) => std::rc::Rc::clone(instance),
                Meaning::Broken => return Target::Broken,
                Meaning::Unsupported(_) => return Target::Whole { meaning, name, args: &[], declared },
                Meaning::Local(_)
                | Meaning::Component { .. }
                | Meaning::Constant { .. }
                | Meaning::Variable(_)
                | Meaning::Value(_)
                | Meaning::Def { .. }
                | Meaning::Template { .. }
                | Meaning::Primitive { .. }
                | Meaning::Symbol { .. }
                | Meaning::Opaque { .. }
                | Meaning::Fact(_)
                | Meaning::Pragma { .. } => {
                    return Target::Part { meaning, values, args, steps: &rest[position..] };
                }
            };
            if instance.params.len() != args.len() {
                self.wrong_arity(&name.text, instance.params.len(), args.len(), first.span, declared);
                return Target::Broken;
            }
            for ((param, rigid), arg) in instance.params.iter().zip(&instance.rigid).zip(args) {
                let value = self.expr(arg);
                if *rigid && value.level > Level::Constant {
                    self.at_most(&value, Level::Constant, "what stands for a constant");
                    return Target::Broken;
                }
                values.insert(*param, value);
            }
            let ast::Selector::Name(inside) = &step.selector else {
                self.errors.push(ResolveError::InstanceMisplaced { name: name.text.clone(), at: span });
                return Target::Broken;
            };
            let Some(entry) = instance.exports.get(&inside.text) else {
                if !(instance.open || self.lost.any || self.lost.names.contains(&inside.text)) {
                    let names = instance.exports.keys();
                    self.errors.push(ResolveError::UnknownInInstance {
                        name: inside.text.clone(),
                        instance: name.text.clone(),
                        at: inside.span,
                        similar: near(&inside.text, names).cloned(),
                    });
                }
                return Target::Broken;
            };
            (meaning, declared) = (entry.meaning.clone(), entry.span);
            (name, args) = (inside, step.args.as_slice());
        }
        let meaning = self.with_values(&meaning, &values);
        Target::Whole { meaning, name, args, declared }
    }

    /// A meaning from an instance, with what the instance's parameters stand for.
    fn with_values(&mut self, meaning: &Meaning, values: &Values) -> Meaning {
        if values.is_empty() {
            return meaning.clone();
        }
        match meaning {
            Meaning::Def { id, captured, arity } => Meaning::Def {
                id: *id,
                captured: captured.iter().map(|value| self.substitute(value, values)).collect(),
                arity: *arity,
            },
            Meaning::Template { template, arity, values: before } => {
                let mut all: Values =
                    before.iter().map(|(local, value)| (*local, self.substitute(value, values))).collect();
                all.extend(values.iter().map(|(local, value)| (*local, value.clone())));
                Meaning::Template { template: *template, arity: *arity, values: all }
            }
            Meaning::Value(value) => Meaning::Value(self.substitute(value, values)),
            Meaning::Local(_)
            | Meaning::Component { .. }
            | Meaning::Constant { .. }
            | Meaning::Variable(_)
            | Meaning::Primitive { .. }
            | Meaning::Symbol { .. }
            | Meaning::Opaque { .. }
            | Meaning::Instance(_)
            | Meaning::Pragma { .. }
            | Meaning::Fact(_)
            | Meaning::Unsupported(_)
            | Meaning::Broken => meaning.clone(),
        }
    }
}
