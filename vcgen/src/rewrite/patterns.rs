//! What is known of all values of a form: `\A x \in S : DOMAIN f[x] = D`, `\A x \in S : f[x] \in Seq(T)`.
//!
//! An instance is used where its form is met and the memberships of the bound names are known: it follows
//! from the formula that is known.

use std::collections::BTreeMap;

use lang::sort::Sort;
use lang::typed::{Binder, BuiltinSet, Expr, ExprKind, LocalId, Quantifier, Time};

use super::Rewriter;
use super::known::Layers;
use crate::alpha::{Alike, alike};
use crate::expr;
use crate::program::Program;

/// Inside the memberships of a pattern, patterns are used no deeper than this.
const MAX_DEPTH: usize = 3;

/// From one stated domain to the next, so many steps are followed.
const MAX_STEPS: usize = 2;

/// What is known of values of a form.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    binders: Vec<Binder>,
    subject: Expr,
    fact: Fact,
}

/// What is known of a value.
#[derive(Clone, Debug)]
pub(super) enum Fact {
    /// It is a sequence.
    Sequence,
    /// It is a function with this domain.
    Domain(Expr),
    /// It is in this set.
    In(Expr),
}

/// Collects what a formula that holds says of domains, and of membership in sets that tell of them.
pub(super) fn collect(formula: &Expr, binders: &[Binder], into: &mut Vec<Pattern>) {
    use ExprKind as K;
    let mut add = |subject: &Expr, fact: Fact| {
        let used = expr::free_locals(subject);
        if binders.iter().all(|binder| used.contains(&binder.local)) {
            into.push(Pattern { binders: binders.to_vec(), subject: subject.clone(), fact });
        }
    };
    match &formula.kind {
        K::IsSequence(function) => add(function, Fact::Sequence),
        K::Equal(left, right) => {
            if let K::Domain(function) = &left.kind
                && !matches!(function.kind, K::Variable(..))
            {
                add(function, Fact::Domain(right.clone()));
            }
        }
        K::In(element, set) => match &set.kind {
            K::SequenceSet(_) => add(element, Fact::Sequence),
            K::RecordSet(..) | K::Builtin(BuiltinSet::Nat) => add(element, Fact::In(set.clone())),
            K::Constant(_) if is_name_or_value(element) => add(element, Fact::In(set.clone())),
            _ => {}
        },
        K::And(items) => items.iter().for_each(|item| collect(item, binders, into)),
        K::Quantifier(Quantifier::Forall, own, body) => {
            let all: Vec<Binder> = binders.iter().chain(own).cloned().collect();
            collect(body, &all, into);
        }
        _ => {}
    }
}

/// Whether an expression is a bound name, or the value of a state variable at something.
fn is_name_or_value(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Local(_) => true,
        ExprKind::Index(function, _) => matches!(function.kind, ExprKind::Variable(..)),
        _ => false,
    }
}

/// The constant sets that a formula says something is in: bound names, values of state variables, members of fields
/// of records.
pub(super) fn inclusions(formula: &Expr) -> Vec<Expr> {
    let mut found = Vec::new();
    collect(formula, &[], &mut found);
    let of_field = |set: &Expr| match &set.kind {
        ExprKind::Powerset(of) => Some(of.clone()),
        _ => None,
    };
    let sets = |pattern: Pattern| match pattern.fact {
        Fact::In(set) => match &set.kind {
            ExprKind::RecordSet(_, _, sets) => sets.iter().filter_map(of_field).collect(),
            _ => vec![set],
        },
        Fact::Sequence | Fact::Domain(_) => Vec::new(),
    };
    found.into_iter().flat_map(sets).filter(|set| matches!(set.kind, ExprKind::Constant(_))).collect()
}

/// Whether a formula says of functions of some form that they are sequences, or what their domains are.
pub(super) fn states_domains(formula: &Expr) -> bool {
    let mut found = Vec::new();
    collect(formula, &[], &mut found);
    found.iter().any(|pattern| match &pattern.fact {
        Fact::Sequence | Fact::Domain(_) => true,
        Fact::In(set) => match &set.kind {
            ExprKind::RecordSet(_, _, sets) => {
                sets.iter().any(|set| matches!(set.kind, ExprKind::SequenceSet(_)))
            }
            _ => false,
        },
    })
}

impl Layers<'_> {
    /// Whether stated domains that an expression leads to lead no further after a few steps. Those that lead
    /// back do not come to an end.
    pub(super) fn comes_to_an_end(&self, program: &Program, domain: &Expr) -> bool {
        self.ends_within(program, domain, MAX_STEPS)
    }

    fn ends_within(&self, program: &Program, domain: &Expr, steps: usize) -> bool {
        !expr::any(domain, &mut |node| {
            matches!(node.sort, Sort::Function(..))
                && self
                    .possible_domains(program, node)
                    .iter()
                    .any(|next| steps == 0 || !self.ends_within(program, next, steps - 1))
        })
    }

    /// The domains that a function is stated to have, whether or not the bound names are in their sets.
    fn possible_domains(&self, program: &Program, function: &Expr) -> Vec<Expr> {
        let of_variable = match &function.kind {
            ExprKind::Variable(id, at) => self.domain(*id, *at == Time::Next).cloned(),
            _ => None,
        };
        let of_patterns = self.patterns().filter_map(|pattern| {
            let Fact::Domain(domain) = &pattern.fact else { return None };
            let mut values = BTreeMap::new();
            matches(&pattern.subject, function, &pattern.binders, &mut values)
                .then(|| expr::substitute(program, domain, &values))
        });
        of_variable.into_iter().chain(of_patterns).collect()
    }
}

impl Rewriter<'_> {
    /// What `wanted` finds in something that is known of an expression.
    pub(super) fn stated<T>(
        &mut self,
        subject: &Expr,
        wanted: &mut dyn FnMut(&Fact) -> Option<T>,
    ) -> Option<T> {
        if self.depth >= MAX_DEPTH {
            return None;
        }
        let mut found: Vec<(Pattern, BTreeMap<LocalId, Expr>)> = Vec::new();
        for pattern in self.known.patterns() {
            let mut values = BTreeMap::new();
            if matches(&pattern.subject, subject, &pattern.binders, &mut values) {
                found.push((pattern.clone(), values));
            }
        }
        for (pattern, values) in found {
            let instance = |part: &Expr| {
                if values.is_empty() { part.clone() } else { expr::substitute(self.program, part, &values) }
            };
            let fact = match &pattern.fact {
                Fact::Sequence => Fact::Sequence,
                Fact::Domain(domain) => Fact::Domain(instance(domain)),
                Fact::In(set) => Fact::In(instance(set)),
            };
            let Some(result) = wanted(&fact) else { continue };
            let members: Vec<Expr> = pattern
                .binders
                .iter()
                .filter_map(|binder| {
                    Some(expr::is_in(values.get(&binder.local)?, &instance(binder.domain.as_ref()?)))
                })
                .collect();
            self.depth += 1;
            let holds = members.iter().all(|member| self.is_member(member));
            self.depth -= 1;
            if holds {
                return Some(result);
            }
        }
        None
    }

    /// Whether a membership follows from what is known.
    fn is_member(&mut self, member: &Expr) -> bool {
        let question = (self.moment(), Alike(member.clone()));
        if let Some(answer) = self.members.get(&question) {
            return *answer;
        }
        let answer = expr::is_bool(&self.rewrite(member), true);
        self.members.insert(question, answer);
        answer
    }

    /// Whether an element is known to be in the constant set: `\A x \in S : x \in T` is known, and that it is in
    /// `S`.
    pub(super) fn is_included(&mut self, element: &Expr, constant: &Expr) -> bool {
        let same = |fact: &Fact| match fact {
            Fact::In(set) => alike(set, constant).then_some(()),
            Fact::Sequence | Fact::Domain(_) => None,
        };
        self.stated(element, &mut { same }).is_some() || self.is_in_field_within(element, constant)
    }

    /// Whether an element is known to be in a field that is a subset of the constant set: `r \in [f : SUBSET T]` is
    /// known, and that the element is in `r.f`.
    fn is_in_field_within(&mut self, element: &Expr, constant: &Expr) -> bool {
        let field_of = |formula: &Expr| match &formula.kind {
            ExprKind::In(own, set) if alike(own, element) => match &set.kind {
                ExprKind::Field(record, field) => Some((record.clone(), *field)),
                _ => None,
            },
            _ => None,
        };
        let fields: Vec<(Expr, usize)> = self.known.formulas().filter_map(field_of).collect();
        let within = |set: &Expr| matches!(&set.kind, ExprKind::Powerset(of) if alike(of, constant));
        fields.iter().any(|(record, field)| self.is_field_in(record, *field, &within))
    }

    /// Whether an integer in normal form is known to be a natural number.
    pub(super) fn is_natural(&mut self, number: &Expr) -> bool {
        let natural = |fact: &Fact| match fact {
            Fact::In(set) => matches!(set.kind, ExprKind::Builtin(BuiltinSet::Nat)).then_some(()),
            Fact::Sequence | Fact::Domain(_) => None,
        };
        if self.stated(number, &mut { natural }).is_some() {
            return true;
        }
        let ExprKind::Field(record, field) = &number.kind else { return false };
        self.is_field_in(record, *field, &|set| matches!(set.kind, ExprKind::Builtin(BuiltinSet::Nat)))
    }

    /// Whether a record is known to be in a set of records whose field is in a set of this kind.
    pub(super) fn is_field_in(&mut self, record: &Expr, field: usize, kind: &dyn Fn(&Expr) -> bool) -> bool {
        let program = self.program;
        let in_field = &mut |fact: &Fact| {
            let Fact::In(set) = fact else { return None };
            let ExprKind::RecordSet(id, shape, sets) = &set.kind else { return None };
            let fields = &program.module.sorts.records[*id].shapes[*shape];
            let position = fields.iter().position(|own| *own == field)?;
            kind(&sets[position]).then_some(())
        };
        self.stated(record, in_field).is_some()
    }
}

/// Whether a pattern becomes the expression by putting `values` for the bound names.
fn matches(pattern: &Expr, subject: &Expr, binders: &[Binder], values: &mut BTreeMap<LocalId, Expr>) -> bool {
    use ExprKind as K;
    if pattern.sort != subject.sort {
        return false;
    }
    if let K::Local(id) = &pattern.kind
        && binders.iter().any(|binder| binder.local == *id)
    {
        if let Some(value) = values.get(id) {
            return alike(value, subject);
        }
        values.insert(*id, subject.clone());
        return true;
    }
    match (&pattern.kind, &subject.kind) {
        (K::Index(f, x), K::Index(g, y)) => matches(f, g, binders, values) && matches(x, y, binders, values),
        (K::Field(r, field), K::Field(s, other)) => field == other && matches(r, s, binders, values),
        (K::Component(r, index), K::Component(s, other)) => index == other && matches(r, s, binders, values),
        (K::Tuple(items), K::Tuple(others)) if items.len() == others.len() => {
            items.iter().zip(others).all(|(item, other)| matches(item, other, binders, values))
        }
        _ => {
            let free = expr::free_locals(pattern);
            binders.iter().all(|binder| !free.contains(&binder.local)) && alike(pattern, subject)
        }
    }
}
