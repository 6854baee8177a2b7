//! What may be used: assumptions, earlier lemmas, earlier invariants, definitions.
//!
//! A lemma `P => Q` whose premises are all among the hypotheses at hand is used as `Q`: modus ponens, done
//! here so that the solver need not.

use std::collections::{BTreeMap, BTreeSet};

use lang::typed::{Binder, Expr, ExprKind, FactKind, Form, OperatorId, Proof, Quantifier, Time};

use super::Specification;
use super::goal::{Leaf, conjunct_keys, leaves};
use crate::action::{After, Step};
use crate::alpha::Key;
use crate::expr;
use crate::obligation::{Hypothesis, Source};
use crate::program::Program;
use crate::rewrite::{rewrite, rewrite_closed};

/// Facts that come before the theorem at hand.
#[derive(Debug, Default)]
pub(crate) struct Library {
    formulas: Vec<Formula>,
    invariants: Vec<Invariant>,
    refinements: Vec<Refinement>,
}

#[derive(Debug)]
struct Formula {
    fact: usize,
    /// Leaves of the premise, if the fact is an implication; else nothing.
    premise: Vec<Leaf>,
    /// Keys of all conjuncts of these.
    premise_keys: Vec<Key>,
    /// Whether it reads no state.
    is_constant: bool,
    /// Whether it speaks of a step.
    is_of_step: bool,
    /// What follows, not rewritten.
    conclusion: Expr,
    /// The whole, rewritten.
    whole: Expr,
    assumed: bool,
}

#[derive(Debug)]
struct Invariant {
    name: String,
    /// What it rests on: of a theorem of the module itself, just that.
    sources: Vec<Source>,
    specification: Key,
    leaves: Vec<Leaf>,
}

/// One specification implies another.
#[derive(Debug)]
struct Refinement {
    from: Key,
    to: Key,
    sources: Vec<Source>,
}

/// Hypotheses at hand, by the keys of their conjuncts, with what each rests on.
pub(crate) type AtHand = BTreeMap<Key, Vec<Source>>;

impl Library {
    /// Adds a fact about states or steps.
    pub(crate) fn add_formula(&mut self, program: &Program, index: usize) {
        let fact = &program.module.facts[index];
        let mut statement = fact.statement.clone();
        // What an instance states has a name.
        while let ExprKind::Apply(operator, args, time) = &statement.kind
            && !program.is_opaque(*operator)
        {
            statement = program.unfold(*operator, args, *time);
        }
        let (premise, conclusion) = match &statement.kind {
            ExprKind::Implies(premise, conclusion) => (leaves(program, premise), conclusion.clone()),
            _ => (Vec::new(), statement),
        };
        let assumed = match fact.kind {
            FactKind::Assumption | FactKind::Axiom => true,
            FactKind::Theorem => matches!(fact.proof, Proof::Omitted(_)),
        };
        let whole = rewrite_closed(program, &fact.statement);
        let premise_keys = premise.iter().flat_map(|leaf| conjunct_keys(&leaf.formula)).collect();
        let is_constant = is_constant(program, &whole);
        let is_of_step = expr::mentions_next(program, &whole);
        let fact = index;
        self.formulas.push(Formula {
            fact,
            premise,
            premise_keys,
            is_constant,
            is_of_step,
            conclusion,
            whole,
            assumed,
        });
    }

    /// Adds a theorem `Spec => []P`.
    pub(crate) fn add_invariant(
        &mut self,
        program: &Program,
        index: usize,
        specification: &Specification,
        invariant: &Expr,
    ) {
        let name = &program.module.facts[index].name;
        self.inherit_invariant(program, name, vec![Source::Fact(index)], &specification.key, invariant);
    }

    /// Adds what a specification keeps true, by whatever it rests on.
    pub(crate) fn inherit_invariant(
        &mut self,
        program: &Program,
        name: &str,
        sources: Vec<Source>,
        specification: &Key,
        invariant: &Expr,
    ) {
        let leaves = leaves(program, invariant);
        let (name, specification) = (name.to_owned(), specification.clone());
        self.invariants.push(Invariant { name, sources, specification, leaves });
    }

    /// Adds that one specification implies another.
    pub(crate) fn add_refinement(&mut self, from: Key, to: Key, sources: Vec<Source>) {
        self.refinements.push(Refinement { from, to, sources });
    }

    /// What it rests on that one specification implies another, if that is known.
    pub(crate) fn refinement(&self, from: &Key, to: &Key) -> Option<&[Source]> {
        let known = self.refinements.iter().find(|known| known.from == *from && known.to == *to);
        known.map(|known| known.sources.as_slice())
    }

    /// Whether an invariant of the specification is known already.
    pub(crate) fn has_invariants_of(&self, specification: &Specification) -> bool {
        self.invariants.iter().any(|known| known.specification == specification.key)
    }

    /// Whether an invariant may follow from those of the specification that are known already: its conjuncts read no
    /// variable of which nothing is known.
    pub(crate) fn may_imply(
        &self,
        program: &Program,
        specification: &Specification,
        invariant: &Expr,
    ) -> bool {
        let known = self.invariants_of(specification, 0);
        let facts = self.state_facts(program, None, &at_hand(program, &known), |_| 0);
        // A fact whose premises are not at hand says nothing yet.
        let facts = facts.iter().filter(|fact| fact.sources.len() > 1);
        let mut spoken_of = BTreeSet::new();
        for hypothesis in known.iter().chain(facts) {
            expr::reads(program, &hypothesis.formula, Time::Now, &mut spoken_of);
        }
        let mut read = BTreeSet::new();
        expr::reads(program, invariant, Time::Now, &mut read);
        !known.is_empty() && read.is_subset(&spoken_of)
    }

    /// Invariants of the specification, as hypotheses about the present state.
    pub(crate) fn invariants_of(&self, specification: &Specification, tier: u8) -> Vec<Hypothesis> {
        let mut out = Vec::new();
        for known in self.invariants.iter().filter(|known| known.specification == specification.key) {
            for leaf in &known.leaves {
                out.push(Hypothesis {
                    label: format!("{}.{}", known.name, leaf.name),
                    formula: leaf.formula.clone(),
                    sources: known.sources.clone(),
                    tier,
                });
            }
        }
        out
    }

    /// For each conjunct of an invariant that was added, in order, the facts that have it, or a part of it, as a
    /// premise.
    pub(crate) fn supports(&self, invariant: usize) -> Vec<Vec<usize>> {
        let known = self.invariants.iter().filter(|known| known.sources == [Source::Fact(invariant)]);
        let of_leaf = |leaf: &Leaf| {
            let keys = conjunct_keys(&leaf.formula);
            let is_shared = |own: &Leaf| conjunct_keys(&own.formula).iter().any(|key| keys.contains(key));
            let supported = self.formulas.iter().filter(|formula| formula.premise.iter().any(is_shared));
            supported.map(|formula| formula.fact).collect()
        };
        known.flat_map(|known| &known.leaves).map(of_leaf).collect()
    }

    /// The same invariants as they stand in the text.
    pub(crate) fn raw_invariants_of(&self, specification: &Specification) -> impl Iterator<Item = Expr> {
        let known = self.invariants.iter().filter(|known| known.specification == specification.key);
        known.flat_map(|known| &known.leaves).map(|leaf| leaf.raw.clone())
    }

    /// The same invariants as written, by their labels.
    pub(crate) fn written_invariants_of(&self, specification: &Specification) -> Vec<(String, Expr)> {
        let known = self.invariants.iter().filter(|known| known.specification == specification.key);
        known
            .flat_map(|known| {
                known.leaves.iter().map(|leaf| (format!("{}.{}", known.name, leaf.name), leaf.raw.clone()))
            })
            .collect()
    }

    /// Facts that mention no state: assumptions, and lemmas about constants.
    pub(crate) fn constant_facts(&self, program: &Program, lemmas: impl Fn(usize) -> u8) -> Vec<Hypothesis> {
        let tier = |formula: &Formula| if formula.assumed { 0 } else { lemmas(formula.fact) };
        self.formulas
            .iter()
            .filter(|formula| formula.is_constant)
            .map(|formula| hypothesis(program, formula, formula.whole.clone(), Vec::new(), tier(formula), ""))
            .collect()
    }

    /// Facts about states, with their premises discharged where they are at hand, as they stand otherwise.
    /// Facts about steps are read across the step, if there is one.
    pub(crate) fn state_facts(
        &self,
        program: &Program,
        step: Option<&Step<'_>>,
        at_hand: &AtHand,
        tier: impl Fn(usize) -> u8,
    ) -> Vec<Hypothesis> {
        // What follows from what is at hand is at hand for later facts.
        let mut at_hand = at_hand.clone();
        let mut out = Vec::new();
        for formula in self.formulas.iter().filter(|formula| !formula.is_constant) {
            let of_step = step.filter(|_| formula.is_of_step);
            let (stated, sources) = match (discharge(&formula.premise_keys, &at_hand), of_step) {
                (_, Some(step)) => (rewrite(program, step.known, &step.forward(&formula.whole)), Vec::new()),
                (Some(sources), None) if !formula.premise.is_empty() => {
                    formula.conclude(program, &sources, &mut at_hand);
                    (rewrite_closed(program, &formula.conclusion), sources)
                }
                (Some(_) | None, None) => (formula.whole.clone(), Vec::new()),
            };
            out.push(hypothesis(program, formula, stated, sources, tier(formula.fact), ""));
        }
        out
    }

    /// Facts about the next state whose premises are at hand there, but for those already `used`.
    pub(crate) fn next_state_facts(
        &self,
        step: &Step<'_>,
        at_hand_next: &mut AtHand,
        used: &mut BTreeSet<usize>,
        tier: u8,
    ) -> Vec<Hypothesis> {
        let program = step.program;
        let mut out = Vec::new();
        for formula in &self.formulas {
            if used.contains(&formula.fact) || formula.is_constant || formula.is_of_step {
                continue;
            }
            let Some(sources) = discharge(&formula.premise_keys, at_hand_next) else { continue };
            used.insert(formula.fact);
            formula.conclude(program, &sources, at_hand_next);
            let forward = step.forward(&expr::prime(program, &formula.conclusion));
            let conclusion = rewrite(program, step.known, &forward);
            if !expr::is_bool(&conclusion, true) {
                out.push(hypothesis(program, formula, conclusion, sources, tier, "'"));
            }
        }
        out
    }

    /// The facts that are assumed, for the check that they do not contradict each other.
    pub(crate) fn assumed(&self, program: &Program) -> Vec<Hypothesis> {
        self.formulas
            .iter()
            .filter(|formula| formula.assumed)
            .map(|formula| hypothesis(program, formula, formula.whole.clone(), Vec::new(), 0, ""))
            .collect()
    }
}

impl Formula {
    /// Enters what the fact concludes into a table of what is at hand, its premises being so.
    fn conclude(&self, program: &Program, sources: &[Source], into: &mut AtHand) {
        let sources: Vec<Source> =
            std::iter::once(Source::Fact(self.fact)).chain(sources.iter().cloned()).collect();
        for key in leaves(program, &self.conclusion).iter().flat_map(|leaf| conjunct_keys(&leaf.formula)) {
            into.entry(key).or_insert_with(|| sources.clone());
        }
    }
}

fn hypothesis(
    program: &Program,
    formula: &Formula,
    stated: Expr,
    mut sources: Vec<Source>,
    tier: u8,
    suffix: &str,
) -> Hypothesis {
    sources.insert(0, Source::Fact(formula.fact));
    Hypothesis {
        label: format!("{}{suffix}", program.module.facts[formula.fact].name),
        formula: stated,
        sources,
        tier,
    }
}

fn discharge(premise: &[Key], at_hand: &AtHand) -> Option<Vec<Source>> {
    let mut sources = BTreeSet::new();
    for key in premise {
        sources.extend(at_hand.get(key)?.iter().cloned());
    }
    Some(sources.into_iter().collect())
}

/// Whether an expression reads no state.
pub(crate) fn is_constant(program: &Program, formula: &Expr) -> bool {
    let mut read = BTreeSet::new();
    expr::reads(program, formula, Time::Now, &mut read);
    expr::reads(program, formula, Time::Next, &mut read);
    read.is_empty()
}

/// Enters hypotheses into a table of what is at hand, whole and by their leaves, as premises of facts are told:
/// `\A x : P => Q /\ R` says what `\A x : P => Q` says.
pub(crate) fn at_hand(program: &Program, hypotheses: &[Hypothesis]) -> AtHand {
    let mut out = AtHand::new();
    for hypothesis in hypotheses {
        let parts = leaves(program, &hypothesis.formula);
        let of_parts = parts.iter().flat_map(|leaf| conjunct_keys(&leaf.formula));
        for key in conjunct_keys(&hypothesis.formula).into_iter().chain(of_parts) {
            out.entry(key).or_insert_with(|| hypothesis.sources.clone());
        }
    }
    out
}

/// Definitions of the opaque operators that formulas mention, and of those that these mention.
///
/// Those that the goal mentions come in `goal_tier`, those that other formulas mention in the tier beside these.
pub(crate) fn definitions<'f>(
    program: &Program,
    step: Option<&Step<'_>>,
    (goal, goal_tier): (&Expr, u8),
    formulas: impl IntoIterator<Item = (&'f Expr, u8)>,
) -> Vec<Hypothesis> {
    let mut found: BTreeMap<(OperatorId, Time), u8> = BTreeMap::new();
    mentioned(goal, goal_tier, &mut found);
    // What definitions mention comes no earlier than what formulas mention as a rule.
    let mut tier = goal_tier;
    for (formula, own) in formulas {
        mentioned(formula, own, &mut found);
        tier = tier.max(own.min(super::step::tier::FACTS));
    }
    let mut out: BTreeMap<(OperatorId, Time), Hypothesis> = BTreeMap::new();
    let nearest = |found: &BTreeMap<(OperatorId, Time), u8>,
                   out: &BTreeMap<(OperatorId, Time), Hypothesis>| {
        let open = found.iter().filter(|(at, _)| !out.contains_key(*at));
        open.min_by_key(|(_, tier)| **tier).map(|(at, tier)| (*at, *tier))
    };
    while let Some(((operator, time), tier_found)) = nearest(&found, &out) {
        let definition = &program.module.operators[operator];
        let own = program.applied(operator, time);
        if definition.recursive {
            let hypothesis = recursive_definition(program, step, operator, time, tier_found);
            mentioned(&hypothesis.formula, tier.max(tier_found), &mut found);
            out.insert((operator, time), hypothesis);
            continue;
        }
        let (body, premises) = match (time, step) {
            (Time::Next, Some(step)) => match step.after(operator) {
                After::Opaque { body, premises, .. } => (body, premises),
                After::Same | After::Template(_) => {
                    let forward = step.forward(&own);
                    (rewrite(program, step.known, &forward), Vec::new())
                }
            },
            (Time::Next, None) => {
                (rewrite_closed(program, &expr::prime(program, &definition.body)), Vec::new())
            }
            (Time::Now, _) => (program.rewritten_body(operator), Vec::new()),
        };
        mentioned(&body, tier.max(tier_found), &mut found);
        let binders = definition.params.iter().map(|id| Binder { local: *id, domain: None }).collect();
        let equation = expr::implies(&expr::and(premises, definition.span), &expr::equal(&own, &body));
        let prime = if time == Time::Next { "'" } else { "" };
        let name = format!("{}{prime}", definition.name);
        out.insert(
            (operator, time),
            Hypothesis {
                label: definition_label(program, operator, time),
                formula: expr::quantifier(Quantifier::Forall, binders, equation),
                sources: vec![Source::Definition(name)],
                tier: tier_found,
            },
        );
    }
    out.into_values().filter(|hypothesis| !expr::is_bool(&hypothesis.formula, true)).collect()
}

/// The equations of a recursive operator, with what they rest on; `TRUE` if nothing is known of it.
fn recursive_definition(
    program: &Program,
    step: Option<&Step<'_>>,
    operator: OperatorId,
    time: Time,
    tier: u8,
) -> Hypothesis {
    let definition = &program.module.operators[operator];
    let read = |part: &Expr| match (time, step) {
        (Time::Now, _) => part.clone(),
        (Time::Next, None) => expr::prime(program, part),
        (Time::Next, Some(step)) => step.forward(&expr::prime(program, part)),
    };
    let rewritten = |part: &Expr| match (time, step) {
        (Time::Next, Some(step)) => rewrite(program, step.known, &read(part)),
        (Time::Next | Time::Now, _) => rewrite_closed(program, &read(part)),
    };
    let known = program.recursion(operator);
    let equations = known.iter().flat_map(|known| &known.equations).map(|equation| {
        let binders = equation.binders.iter();
        let binders = binders
            .map(|binder| Binder { local: binder.local, domain: binder.domain.as_ref().map(&rewritten) })
            .collect();
        let stated = expr::equal(&read(&equation.left), &rewritten(&equation.right));
        let guarded = expr::implies(&rewritten(&equation.guard), &stated);
        expr::quantifier(Quantifier::Forall, binders, guarded)
    });
    let prime = if time == Time::Next { "'" } else { "" };
    let mut sources = vec![Source::Definition(format!("{}{prime}", definition.name))];
    sources.extend(known.iter().flat_map(|known| known.sources.iter().cloned()));
    Hypothesis {
        label: definition_label(program, operator, time),
        formula: expr::and(equations, definition.span),
        sources,
        tier,
    }
}

/// The label of a definition: `definition:` and the symbol that it defines.
pub(crate) fn definition_label(program: &Program, operator: OperatorId, time: Time) -> String {
    let prime = if time == Time::Next { "'" } else { "" };
    let name = &program.module.operators[operator].name;
    format!("definition:{name}@{}{prime}", lang::ids::Id::index(operator))
}

fn mentioned(formula: &Expr, tier: u8, found: &mut BTreeMap<(OperatorId, Time), u8>) {
    if !formula.has(Form::Apply) {
        return;
    }
    if let ExprKind::Apply(operator, _, time) = &formula.kind {
        let entry = found.entry((*operator, *time)).or_insert(tier);
        *entry = (*entry).min(tier);
    }
    formula.for_each_child(&mut |child| mentioned(child, tier, found));
}
