//! Trails: how an obligation came about, step by step, from the formula as written to its goal, or to the reason
//! for which it was closed.
//!
//! A trail is written down where `decompose_with_trails` asks for it, and nowhere else. Invariants: writing it
//! down decides nothing and makes no names, so that the same obligations come out; and each move for which
//! [`Rule::is_equation`] says so is an equation that holds wherever `known` does, of a part of the formula.

use std::sync::Arc;

use lang::typed::{Expr, ExprKind, OperatorId, Quantifier, VariableId};

use crate::expr;
use crate::program::Program;

/// How an obligation came about.
#[derive(Clone, Debug)]
pub struct Trail {
    /// The formula that it is a part of, as written.
    pub written: Expr,
    /// What was done to it, in order.
    pub moves: Vec<Move>,
}

/// A step of a trail: something became something else.
#[derive(Clone, Debug)]
pub struct Move {
    /// By what.
    pub rule: Rule,
    /// What it was: the whole goal, or a part of it.
    pub before: Expr,
    /// What it became.
    pub after: Expr,
    /// What is known where both are read.
    pub known: Arc<[Expr]>,
    /// What had to be found out for it.
    pub since: Vec<Move>,
}

/// What a move rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// The formula is read in the state after the step.
    Primed,
    /// Next values are replaced by what the action says they are.
    Step,
    /// The action changes nothing that the formula reads.
    Frame,
    /// What a continuity lemma says, by the definitions of the operator before and after.
    Continuity,
    /// A name for any value, or any element of a set.
    Let,
    /// The premise of an implication is assumed.
    Assume,
    /// One conjunct of the goal, by its number.
    Conjunct(usize),
    /// The elements that were there before the step.
    Old,
    /// An element that the step adds.
    New,
    /// The elements of one part of a set, by its number.
    Part(usize),
    /// Where a condition holds.
    Then,
    /// Where it does not.
    Else,
    /// What is left is what a hypothesis says.
    Hypothesis,
    /// What is assumed contradicts itself.
    Contradiction,
    /// What the action sets a variable to.
    Value(VariableId),
    /// What an operator becomes across the step.
    Template(OperatorId),
    /// The meaning of the form that the part has.
    Form,
    /// A definition is unfolded.
    Definition(OperatorId),
    /// Its truth is known.
    Known,
    /// `UNCHANGED e` and `[A]_e` in terms of primes.
    Unchanged,
    /// The condition of a conditional is known.
    Condition,
    /// Both sides of a conditional are the same.
    Same,
    /// A negation moves inward.
    Negation,
    /// An equation says which value a bound name has.
    OnePoint,
    /// A bound name that is not used.
    Unused,
    /// An empty set or one with a single element has at most one.
    AtMostOne,
    /// A filter leaves out an added element.
    Sifted,
}

impl Rule {
    /// Whether before and after are equal wherever what is known holds, without a look at the step.
    pub fn is_equation(self) -> bool {
        match self {
            Self::Form
            | Self::Definition(_)
            | Self::Known
            | Self::Unchanged
            | Self::Condition
            | Self::Same
            | Self::Negation
            | Self::OnePoint
            | Self::Unused
            | Self::AtMostOne
            | Self::Sifted => true,
            Self::Primed
            | Self::Step
            | Self::Frame
            | Self::Continuity
            | Self::Let
            | Self::Assume
            | Self::Conjunct(_)
            | Self::Old
            | Self::New
            | Self::Part(_)
            | Self::Then
            | Self::Else
            | Self::Hypothesis
            | Self::Contradiction
            | Self::Value(_)
            | Self::Template(_) => false,
        }
    }
}

impl Move {
    /// A move with nothing that had to be found out.
    pub(crate) fn new(rule: Rule, before: &Expr, after: &Expr, known: &[Expr]) -> Self {
        let (before, after) = (before.clone(), after.clone());
        Self { rule, before, after, known: known.into(), since: Vec::new() }
    }

    /// Whether anybody sees it without being told: a projection of what is written out, or constants compared.
    pub fn is_trivial(&self) -> bool {
        let is_constant = |expr: &Expr| {
            matches!(
                expr.kind,
                ExprKind::Int(_) | ExprKind::Str(_) | ExprKind::Bool(_) | ExprKind::Builtin(_)
            )
        };
        self.rule == Rule::Form
            && match &self.before.kind {
                ExprKind::Field(of, _) => matches!(of.kind, ExprKind::Record(..)),
                ExprKind::Component(of, _) => matches!(of.kind, ExprKind::Tuple(_)),
                ExprKind::Equal(left, right) | ExprKind::In(left, right) => {
                    (is_constant(left) && is_constant(right)) || left.same_node(right)
                }
                ExprKind::Union(left, right) => [left, right].iter().any(|set| is_empty(set)),
                _ => false,
            }
    }

    /// The move in words, such as "unfold `MsgInv`".
    pub fn words(&self, program: &Program) -> String {
        let operator = |id: OperatorId| program.module.operators[id].name.as_str();
        let own = match self.rule {
            Rule::Primed => "read in the state after the step",
            Rule::Step => "with the values after the step",
            Rule::Frame => "frame: the action changes nothing that it reads",
            Rule::Continuity => "by definition, before and after the step",
            Rule::Let => match &self.before.kind {
                ExprKind::Quantifier(_, binders, _) if binders.iter().all(|own| own.domain.is_none()) => {
                    "let it be any value"
                }
                _ => "let it be any element of the set",
            },
            Rule::Assume => "assume the premise",
            Rule::Conjunct(number) => return format!("split the conjunction: conjunct {number}"),
            Rule::Old => "case old: an element that was there before the step",
            Rule::New => "case new: the element that is added",
            Rule::Part(number) => return format!("case part {number} of the set: an element of it"),
            Rule::Then => "case then: the condition holds",
            Rule::Else => "case else: the condition does not hold",
            Rule::Hypothesis => "it is what is known of the state before the step",
            Rule::Contradiction => "what is assumed contradicts itself",
            Rule::Value(id) => return format!("`{}` after the step", program.module.variables[id].name),
            Rule::Template(id) => return format!("what `{}` becomes across the step", operator(id)),
            Rule::Form => return of_form(&self.before).to_owned(),
            Rule::Definition(id) => return format!("unfold `{}`", operator(id)),
            Rule::Known if expr::is_bool(&self.after, false) => "known to be false",
            Rule::Known => "known",
            Rule::Unchanged => "what is unchanged has the same value after the step",
            Rule::Condition => "the condition is known",
            Rule::Same => "both cases are the same",
            Rule::Negation => "negation moves inward",
            Rule::OnePoint => "the equation says which value it is",
            Rule::Unused => "the bound name is not used",
            Rule::AtMostOne => "a set that is empty or has a single element has at most one",
            Rule::Sifted => "the condition leaves out the added element",
        };
        own.to_owned()
    }
}

fn is_empty(set: &Expr) -> bool {
    matches!(&set.kind, ExprKind::SetEnum(items) if items.is_empty())
}

/// The rule for an expression of this form.
fn of_form(expr: &Expr) -> &'static str {
    use ExprKind as K;
    match &expr.kind {
        K::In(element, set) => member_of(element, set),
        K::SubsetEq(..) => "a subset: each element is in the other set",
        K::Equal(left, right) => same(left, right),
        K::Quantifier(_, binders, _) => {
            let domain = binders.iter().rev().find_map(|binder| binder.domain.as_ref());
            let is_all = matches!(expr.kind, K::Quantifier(Quantifier::Forall, ..));
            domain.map_or("a quantifier", |domain| over(is_all, domain))
        }
        K::Union(..) | K::Minus(..) | K::Intersect(..) => "with the empty set",
        K::Field(of, _) => match &of.kind {
            K::Record(..) => "a field of a record",
            K::If(..) => "a field, in each case",
            _ => "a field of a record that was updated",
        },
        K::Component(..) => "a component of a tuple",
        K::Index(of, _) => match &of.kind {
            K::Function(..) => "a function at an argument in its domain",
            K::Except(..) => "an updated function: the new value there, the old one elsewhere",
            K::Sequence(_) => "an item of a sequence",
            _ => "a function at an argument, in each case",
        },
        K::Domain(of) => match &of.kind {
            K::Function(..) => "the domain of a function",
            K::Except(..) => "an update keeps the domain",
            _ => "the domain is known",
        },
        K::IsFinite(_) => "finite, by what the set is made of",
        K::Cardinality(_) => "the size of a set, by what it is made of",
        K::Len(_) => "the length of a sequence",
        K::IsSequence(_) => "what is a sequence",
        K::Arithmetic(..) | K::Negate(_) => "arithmetic",
        K::Compare(..) => "comparing numbers",
        K::Iff(..) => "an equivalence",
        K::And(_) => "each of them is true",
        K::If(..) => "a conditional",
        _ => "by its meaning",
    }
}

fn member_of(element: &Expr, set: &Expr) -> &'static str {
    use ExprKind as K;
    match &set.kind {
        K::SetEnum(_) => "a member of {a, b}: it is one of them",
        K::Union(..) => "a member of S \\cup T: in S or in T",
        K::Intersect(..) => "a member of S \\cap T: in both",
        K::Minus(..) => "a member of S \\ T: in S and not in T",
        K::SetFilter(..) => "a member of {x \\in S : P}: in S, and P holds of it",
        K::SetMap(..) => "a member of {e : x \\in S}: it is e for some x",
        K::Powerset(_) => "a member of SUBSET S: a subset of S",
        K::BigUnion(_) => "a member of UNION S: in some set of S",
        K::Range(..) => "a member of a..b: between the two",
        K::Builtin(_) => "a member of a whole sort, or of the naturals",
        K::RecordSet(..) if !matches!(element.kind, K::Record(..)) => "a member of a set of records",
        K::RecordSet(..) => "a member of a set of records: each field is in its set",
        K::Product(_) => "a member of S \\X T: each component is in its set",
        K::FunctionSet(..) => "a member of [S -> T]: the domain is S, the values are in T",
        K::SequenceSet(_) => "a member of Seq(S): a sequence, with values in S",
        K::If(..) => "a member of a conditional set, in each case",
        _ => "a member of a set that includes where it is",
    }
}

fn same(left: &Expr, right: &Expr) -> &'static str {
    use ExprKind as K;
    match (&left.kind, &right.kind) {
        (K::Record(..), K::Record(..)) => "equal records: the same fields with equal values",
        (K::Tuple(_), K::Tuple(_)) => "equal tuples: equal components",
        (K::Sequence(_), K::Sequence(_)) => "equal sequences: as long, with equal items",
        (K::If(..), _) | (_, K::If(..)) => "equality with a conditional, by cases",
        _ => match &left.sort {
            lang::sort::Sort::Set(_) => "equal sets: the same elements",
            lang::sort::Sort::Function(..) => "equal functions: the same domain and values",
            lang::sort::Sort::Int => "comparing numbers",
            _ => "equal by what they are",
        },
    }
}

fn over(is_all: bool, domain: &Expr) -> &'static str {
    use ExprKind as K;
    match (&domain.kind, is_all) {
        (K::SetEnum(items), _) if items.is_empty() => "over the empty set",
        (K::SetEnum(_), true) => "for all of {a, b}: for each of them",
        (K::SetEnum(_), false) => "for some of {a, b}: for one of them",
        (K::Union(..), true) => "for all of S \\cup T: for all of S, and for all of T",
        (K::Union(..), false) => "for some of S \\cup T: for some of S, or for some of T",
        (K::Minus(..) | K::Intersect(..), _) => "over S \\ T or S \\cap T: over S, with a condition",
        (K::SetFilter(..), _) => "over {x \\in S : P}: over S, with the condition P",
        (K::SetMap(..), _) => "over {e : x \\in S}: over S",
        (K::BigUnion(_), _) => "over UNION S: over the sets of S, and their elements",
        (K::RecordSet(..), _) => "over a set of records: over the fields",
        (K::Product(_), _) => "over S \\X T: over the components",
        (K::Range(..), _) => "over a..b: number by number",
        (K::If(..), _) => "over a conditional set, in each case",
        _ => "over the set",
    }
}
