//! Sequences: their lengths, and that a function is a sequence.
//!
//! Each function of numbers has a length, and is a sequence or not: for a variable or constant these are
//! symbols of their own, for an element functions of it, so that equal functions have equal ones. The axiom
//! of [`Lowering::sequence_axiom`] is the definition: `f` is a sequence if and only if `0 <= Len(f)` and
//! `DOMAIN f = 1..Len(f)`. In a model of the module `Len(f)` is the `n` with `DOMAIN f = 1..n` if there is
//! one, and for other functions whatever `CHOOSE` chooses.

use lang::sort::Sort;
use lang::typed::{Expr, ExprKind};

use super::{Lowering, Polarity, equal};
use crate::vc::Term;

fn at_most(low: Term, high: Term) -> Term {
    Term::Le(Box::new(low), Box::new(high))
}

/// `1 <= i /\ i <= n`
pub(super) fn in_range(argument: &[Term], high: Term) -> Term {
    let own = argument.first().cloned().unwrap_or(Term::Int(0));
    Term::And(vec![at_most(Term::Int(1), own.clone()), at_most(own, high)])
}

fn number(n_items: usize) -> Term {
    Term::Int(i128::try_from(n_items).unwrap_or_default())
}

/// The domain of a function literal, if it is `1..k`.
fn literal_domain(function: &Expr) -> Option<&Expr> {
    let ExprKind::Function(binder, _) = &function.kind else { return None };
    binder.domain.as_ref().filter(|domain| from_one(domain).is_some())
}

/// The `k` of `1..k`.
fn from_one(set: &Expr) -> Option<&Expr> {
    let ExprKind::Range(low, high) = &set.kind else { return None };
    matches!(low.kind, ExprKind::Int(1)).then_some(high)
}

/// Whether a sort is that of functions of numbers.
pub(super) fn is_of_numbers(from: &Sort) -> bool {
    *from == Sort::Int
}

impl Lowering<'_> {
    /// The name of a variable or constant.
    fn declared_name(&self, function: &Expr) -> Option<String> {
        match &function.kind {
            ExprKind::Variable(id, at) => Some(self.variable_name(*id, *at)),
            ExprKind::Constant(id) => Some(self.program.module.constants[*id].name.clone()),
            _ => None,
        }
    }

    /// `Len(f)`.
    pub(super) fn length(&mut self, function: &Expr) -> Term {
        use ExprKind as K;
        match &function.kind {
            K::Sequence(items) => number(items.len()),
            K::Except(base, _, _) => self.length(base),
            K::If(condition, then, otherwise) => {
                let condition = self.formula(condition, Polarity::Both);
                let (then, otherwise) = (self.length(then), self.length(otherwise));
                Term::Ite(Box::new(condition), Box::new(then), Box::new(otherwise))
            }
            _ => {
                if let Some(length) = literal_domain(function).and_then(|domain| self.range_length(domain)) {
                    return length;
                }
                if let Some(name) = self.declared_name(function) {
                    let result = self.vc_sort(&Sort::Int);
                    return Term::App(self.symbol(format!("Len {name}"), Vec::new(), result), Vec::new());
                }
                let element = self.one(function);
                self.length_of(&function.sort, element)
            }
        }
    }

    /// How many numbers there are in `1..k`.
    pub(super) fn range_length(&mut self, set: &Expr) -> Option<Term> {
        let high = self.one(from_one(set)?);
        let some = at_most(Term::Int(0), high.clone());
        Some(Term::Ite(Box::new(some), Box::new(high), Box::new(Term::Int(0))))
    }

    /// The length of an element.
    pub(super) fn length_of(&mut self, sort: &Sort, element: Term) -> Term {
        let name = format!("Len:{}", self.sort_name(sort));
        let (arg, result) = (self.vc_sort(sort), self.vc_sort(&Sort::Int));
        Term::App(self.symbol(name, vec![arg], result), vec![element])
    }

    /// `IsSequence(f)`.
    pub(super) fn is_sequence(&mut self, function: &Expr) -> Term {
        use ExprKind as K;
        match &function.kind {
            K::Sequence(_) => Term::Bool(true),
            K::Except(base, _, _) => self.is_sequence(base),
            K::If(condition, then, otherwise) => {
                let condition = self.formula(condition, Polarity::Both);
                let (then, otherwise) = (self.is_sequence(then), self.is_sequence(otherwise));
                Term::Ite(Box::new(condition), Box::new(then), Box::new(otherwise))
            }
            _ if literal_domain(function).is_some() => Term::Bool(true),
            _ => {
                if let Some(name) = self.declared_name(function) {
                    return self.declared_is_sequence(&name, function);
                }
                let element = self.one(function);
                self.is_sequence_of(&function.sort, element)
            }
        }
    }

    fn declared_is_sequence(&mut self, name: &str, function: &Expr) -> Term {
        let name = format!("sequence {name}");
        let is_new = !self.symbols.has(&name);
        let atom = self.predicate(&name, &[], Vec::new());
        if is_new {
            let Sort::Function(from, _) = &function.sort else { return Term::Bool(true) };
            let length = self.length(function);
            let vars = self.fresh_vars(from);
            let argument: Vec<Term> = vars.iter().map(|(id, _)| Term::Var(*id)).collect();
            let inside = self.in_domain(from, &argument, function);
            let contents = Self::quant(true, vars, equal(inside, in_range(&argument, length.clone())));
            self.axioms.push(Self::sequence_axiom(&name, atom.clone(), length, contents));
        }
        atom
    }

    /// Whether an element is a sequence.
    pub(super) fn is_sequence_of(&mut self, sort: &Sort, element: Term) -> Term {
        let name = format!("sequence:{}", self.sort_name(sort));
        let is_new = !self.symbols.has(&name);
        if is_new {
            let Sort::Function(from, to) = sort else { return Term::Bool(true) };
            let functions = self.fresh_vars(sort);
            let Some(own) = functions.first().map(|(id, _)| Term::Var(*id)) else { return Term::Bool(true) };
            let atom = self.predicate(&name, std::slice::from_ref(sort), vec![own.clone()]);
            let length = self.length_of(sort, own.clone());
            let vars = self.fresh_vars(from);
            let argument: Vec<Term> = vars.iter().map(|(id, _)| Term::Var(*id)).collect();
            let inside = self.in_domain_of(from, to, &argument, own);
            let contents = Self::quant(true, vars, equal(inside, in_range(&argument, length.clone())));
            let (label, axiom) = Self::sequence_axiom(&name, atom, length, contents);
            self.axioms.push((label, Self::quant(true, functions, axiom)));
        }
        self.predicate(&name, std::slice::from_ref(sort), vec![element])
    }

    /// That a function is a sequence means that its length is natural and its domain is up to it.
    fn sequence_axiom(name: &str, atom: Term, length: Term, contents: Term) -> (String, Term) {
        let natural = at_most(Term::Int(0), length);
        (format!("background:{name}"), equal(atom, Term::And(vec![natural, contents])))
    }

    /// `x \in DOMAIN <<a, b>>`.
    pub(super) fn in_literal(argument: &[Term], n_items: usize) -> Term {
        in_range(argument, number(n_items))
    }

    /// The item of a literal at an argument of its domain; nothing if it has none.
    pub(super) fn item(&mut self, argument: &[Term], items: &[Expr]) -> Option<Vec<Term>> {
        let own = argument.first()?;
        let (last, rest) = items.split_last()?;
        let mut chosen = self.term(last);
        for (position, item) in rest.iter().enumerate().rev() {
            let here = equal(own.clone(), number(position + 1));
            let value = self.term(item);
            chosen = Self::ite(&here, value, chosen);
        }
        Some(chosen)
    }

    /// That two functions agree in length, and in being sequences; where they are equal they do.
    pub(super) fn same_length(&mut self, left: &Expr, right: &Expr) -> Term {
        let lengths = equal(self.length(left), self.length(right));
        let sequences = equal(self.is_sequence(left), self.is_sequence(right));
        Term::And(vec![lengths, sequences])
    }

    /// What a name for a described function says of its length.
    pub(super) fn named_length(&mut self, own: &Term, described: &Expr) -> Option<Term> {
        use ExprKind as K;
        let tells = match &described.kind {
            K::Variable(..) | K::Constant(_) | K::Sequence(_) | K::Except(..) => true,
            _ => literal_domain(described).is_some(),
        };
        if !tells {
            return None;
        }
        let length = self.length_of(&described.sort, own.clone());
        let is_sequence = self.is_sequence_of(&described.sort, own.clone());
        let lengths = equal(length, self.length(described));
        Some(Term::And(vec![lengths, equal(is_sequence, self.is_sequence(described))]))
    }
}
