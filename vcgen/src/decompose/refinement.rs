//! Refinement, `Spec => M!Spec`: the initial states are initial states of the abstract specification, and each
//! step is one of its steps or changes nothing that it sees.
//!
//! `[]` distributes over conjunction and over quantifiers whose names stand for constants, so that what is to
//! be shown of each step is `[A]_v` for each `[][A]_v` of the conclusion (Abadi and Lamport, *The existence of
//! refinement mappings*, 1991, for mappings that the user gives). In a step that may be assumed to
//! satisfy all that is proved of every state, before it and after it.
//!
//! NOTE(changes): `[A]_v` is `v' # v => A`. So a step that simulates is looked at where it changes `v`: that it
//! does is a premise. Where a set has changed there is an element that is in it before and not after, or after
//! and not before: this one has a name, which often is what the abstract step does.
//!
//! Where rewriting finds that `v` does not change, nothing is left to show. Else there are *ways*: each takes
//! one alternative of `A`, names terms for its parameters (`witness`), and shows its conjuncts one by one. The
//! last way leaves both choices to the solver. Each way alone proves `[A]_v`, so that it does no harm to guess.

mod witness;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use lang::sort::Sort;
use lang::typed::{Binder, Expr, ExprKind, LocalId, Proof, Quantifier, Time};

use super::consecution::{STUTTER, initial, steps};
use super::facts::{Library, at_hand};
use super::goal::{leaves, opened};
use super::output::Output;
use super::step::{Ground, Stated, StepContext, prepare, tier};
use super::{Simulated, Specification};
use crate::action::{Branch, Step, branches};
use crate::expr;
use crate::obligation::{
    Alternative, Claim, Goal, Hypothesis, NodeId, ObligationIdx, ObligationKind, Part, Way, Worth,
};
use crate::program::Program;
use crate::rewrite::{Known, rewrite};
use witness::Choice;

/// How many choices of an alternative of the abstract action and of its parameters become ways.
const MAX_CHOICES: usize = 3;

/// The alternative that proves a refinement: `init` of every initial state, and each of `simulated` of every
/// step.
pub(crate) fn simulation(
    program: &Program,
    out: &mut Output,
    library: &Library,
    index: usize,
    node: NodeId,
    specification: &Specification,
    (init, simulated): (&Expr, &[Simulated]),
) -> Alternative {
    let fact = &program.module.facts[index];
    let leaves = leaves(program, init);
    let mut obligations = Vec::new();
    initial(program, out, library, index, node, specification, &mut |out, context, node| {
        for leaf in &leaves {
            obligations.extend(context.leaf(out, node, leaf, &ObligationKind::Initiation));
        }
    });
    let step_node = out.child(node, "step", "simulation", fact.span);
    let written = if out.wholes.is_some() {
        library.written_invariants_of(specification).into_iter().collect()
    } else {
        BTreeMap::new()
    };
    let ground = Ground {
        own: library.invariants_of(specification, tier::FACTS),
        before: library.raw_invariants_of(specification).collect(),
        written,
        constants: library.constant_facts(program, |_| tier::FACTS),
    };
    let mut parts = Vec::new();
    for (action, subscript) in &specification.next {
        for branch in &steps(program, action, subscript) {
            let branch_node = out.child(step_node, &branch.name, "action", branch.span);
            for (position, simulated) in simulated.iter().enumerate() {
                let simulation = Simulation { program, library, index, ground: &ground, branch, simulated };
                let number = (position + 1).to_string();
                let node = match position {
                    0 => branch_node,
                    _ => out.child(branch_node, &number, "abstract action", simulated.action.span),
                };
                parts.push(Part { branch: branch.name.clone(), ways: simulation.ways(out, node) });
            }
            if branch.name != STUTTER && !library.has_invariants_of(specification) {
                let (_, guards, _) = prepare(program, branch, &[]);
                super::vacuity::action(program, out, &fact.name, branch, guards, node);
            }
        }
    }
    for part in &parts {
        let Some((_, before)) = part.ways.split_last() else { continue };
        for obligation in before.iter().flat_map(|way| &way.obligations) {
            out.tree.obligations[*obligation].worth = Worth::Guess;
        }
    }
    Alternative { parts, ..Alternative::of("simulation", node, obligations) }
}

/// A branch of the specification that is to simulate an abstract action.
struct Simulation<'a> {
    program: &'a Program,
    library: &'a Library,
    /// The theorem.
    index: usize,
    ground: &'a Ground,
    branch: &'a Branch,
    simulated: &'a Simulated,
}

/// A premise of a simulation, as written.
#[derive(Clone)]
struct Premise {
    label: String,
    formula: Expr,
}

impl Simulation<'_> {
    fn ways(&self, out: &mut Output, node: NodeId) -> Vec<Way> {
        let program = self.program;
        let parameters = self.parameters();
        let (known, guards, typing) = self.prepared(&parameters);
        let components = components(program, &self.simulated.subscript);
        let step = Step::new(program, self.branch, &known);
        let is_kept: Vec<bool> = components
            .iter()
            .map(|component| {
                let mut read = BTreeSet::new();
                expr::reads(program, component, Time::Now, &mut read);
                if read.iter().all(|variable| self.branch.keeps(*variable)) {
                    return true;
                }
                let same = expr::equal(&expr::prime(program, component), component);
                expr::is_bool(&rewrite(program, &known, &step.forward(&same)), true)
            })
            .collect();
        let plain = Sight { step: &step, guards, typing, premises: &parameters };
        if is_kept.iter().all(|is_kept| *is_kept) {
            return vec![self.stutter(out, node, &components, &plain)];
        }
        let changed: Vec<&Expr> =
            components.iter().zip(&is_kept).filter(|(_, is_kept)| !**is_kept).map(|(own, _)| own).collect();
        let (change, elements) = self.changes(&changed);
        let premises: Vec<Premise> = parameters.iter().cloned().chain(change).collect();
        let (known, guards, typing) = self.prepared(&premises);
        let step = Step::new(program, self.branch, &known);
        let changing = Sight { step: &step, guards, typing, premises: &premises };
        let alternatives = self.alternatives();
        let choices = self.choices(&alternatives, &changing, &elements);
        let context = self.context(&changing, node);
        let mut ways: Vec<Way> = Vec::new();
        for choice in &choices {
            ways.push(self.simulate(out, node, choice, &context));
        }
        if ways.is_empty() {
            ways.push(self.stutter(out, node, &components, &plain));
        }
        ways.push(self.any(out, node, &alternatives, &context));
        ways
    }

    /// The alternatives of the abstract action, by name.
    fn alternatives(&self) -> Vec<Branch> {
        let mut alternatives = branches(self.program, &self.simulated.action);
        if let ([only], ExprKind::Apply(operator, _, _)) =
            (alternatives.as_mut_slice(), &self.simulated.action.kind)
        {
            self.program.module.operators[*operator].name.clone_into(&mut only.name);
        }
        alternatives
    }

    /// That the names in the abstract action, which stand for constants, lie where they do.
    fn parameters(&self) -> Vec<Premise> {
        let bounded = self.simulated.binders.iter().filter_map(|binder| {
            let name = self.program.named(binder.local);
            binder
                .domain
                .as_ref()
                .map(|domain| (self.program.local(binder.local).name.clone(), expr::is_in(&name, domain)))
        });
        bounded.map(|(name, formula)| Premise { label: format!("parameter:{name}"), formula }).collect()
    }

    /// See [NOTE(changes)](self): the premises that some of these change, and what has changed in sets.
    fn changes(&self, changed: &[&Expr]) -> (Vec<Premise>, Vec<Expr>) {
        let program = self.program;
        let span = self.simulated.subscript.span;
        let mut premises = Vec::new();
        let mut elements = Vec::new();
        let mut same = Vec::new();
        for component in changed {
            let after = expr::prime(program, component);
            let is_same = expr::equal(&after, component);
            same.push(is_same.clone());
            let Sort::Set(element) = &component.sort else { continue };
            let name = program.fresh("x", element.as_ref().clone(), component.span);
            let name = expr::local(name, element.as_ref().clone(), component.span);
            let both = expr::equal(&expr::is_in(&name, &after), &expr::is_in(&name, component));
            let differs = expr::not(&both);
            elements.push(name);
            // If it is the only one, it has changed.
            let formula = if changed.len() == 1 { differs } else { expr::or([is_same, differs], span) };
            premises.push(Premise { label: format!("changed.{}", premises.len() + 1), formula });
        }
        if premises.is_empty() || changed.len() > 1 {
            let formula = expr::not(&expr::and(same, span));
            premises.push(Premise { label: "changes".to_owned(), formula });
        }
        (premises, elements)
    }

    /// What is known in the branch with these premises; guards and premises as hypotheses; labels of what states
    /// domains.
    fn prepared(&self, premises: &[Premise]) -> (Known, Vec<Hypothesis>, Vec<String>) {
        let program = self.program;
        let (mut known, mut guards, typing) = prepare(program, self.branch, &self.ground.own);
        for premise in premises {
            let forward = Step::new(program, self.branch, &known).forward(&premise.formula);
            let rewritten = rewrite(program, &known, &forward);
            known.assume(&rewritten);
            for (position, part) in opened(program, &rewritten).into_iter().enumerate() {
                let label = match position {
                    0 => premise.label.clone(),
                    _ => format!("{}.{}", premise.label, position + 1),
                };
                guards.push(Hypothesis::near(label, part));
            }
        }
        (known, guards, typing)
    }

    /// The best choices, best first.
    fn choices(&self, alternatives: &[Branch], sight: &Sight<'_>, elements: &[Expr]) -> Vec<Choice> {
        let program = self.program;
        let hinted: Vec<&str> = match &program.module.facts[self.index].proof {
            Proof::By(hints) => {
                let witnesses = hints.strategies.iter().filter(|strategy| strategy.name == "Witness");
                witnesses.flat_map(|strategy| strategy.args.iter().map(String::as_str)).collect()
            }
            Proof::None | Proof::Omitted(_) | Proof::Structured(_) => Vec::new(),
        };
        let terms = witness::Terms::of(program, sight.step, &sight.guards, elements, &hinted);
        let mut choices: Vec<Choice> = alternatives
            .iter()
            .flat_map(|alternative| witness::choices(program, sight.step, alternative, &terms))
            .collect();
        choices.sort_by_key(Choice::rank);
        choices.truncate(MAX_CHOICES);
        choices
    }

    fn context<'s>(&'s self, sight: &'s Sight<'_>, node: NodeId) -> StepContext<'s> {
        let at_hand = at_hand(self.program, &self.ground.own);
        let facts = self.library.state_facts(self.program, Some(sight.step), &at_hand, |_| tier::FACTS);
        let hypotheses = (sight.guards.clone(), sight.typing.clone());
        let mut context = StepContext::across(self.ground, sight.step, hypotheses, facts, node);
        let premises = sight.premises.iter();
        context.premises.extend(premises.map(|premise| (premise.label.clone(), premise.formula.clone())));
        let mut at_hand_after = context.add_invariants_after(tier::FACTS);
        context.add_facts_after(self.library, &mut at_hand_after, &mut BTreeSet::new());
        context
    }

    /// What a way claims, which is the same for all ways: `[A]_v`.
    fn claim(&self) -> Arc<Claim> {
        let Simulated { binders, action, subscript } = self.simulated;
        let boxed = ExprKind::ActionBox(action.clone(), subscript.clone());
        let boxed = expr::formula(boxed, action.span);
        Arc::new(Claim {
            before: self.ground.before.clone(),
            branch: Some(Arc::new(self.branch.clone())),
            goal: Goal::Step(expr::for_all(binders, boxed)),
        })
    }

    /// The way in which nothing of the subscript changes.
    fn stutter(&self, out: &mut Output, node: NodeId, components: &[Expr], sight: &Sight<'_>) -> Way {
        let context = self.context(sight, node);
        let own = out.child(node, "unchanged", "nothing changes there", self.simulated.subscript.span);
        let claim = self.claim();
        let mut obligations = Vec::new();
        for (position, component) in components.iter().enumerate() {
            let same = expr::equal(&expr::prime(self.program, component), component);
            let number = (position + 1).to_string();
            obligations.extend(self.state(out, own, &number, &same, &claim, &context));
        }
        Way { name: "unchanged".to_owned(), obligations }
    }

    /// The way of one choice: its conjuncts one by one.
    fn simulate(&self, out: &mut Output, node: NodeId, choice: &Choice, context: &StepContext<'_>) -> Way {
        let own = out.fresh_child(node, &choice.alternative, "simulates", choice.span);
        let claim = self.claim();
        let mut obligations = Vec::new();
        for (position, conjunct) in choice.conjuncts.iter().enumerate() {
            let number = (position + 1).to_string();
            obligations.extend(self.state(out, own, &number, conjunct, &claim, context));
        }
        Way { name: choice.display(self.program), obligations }
    }

    /// The way that leaves all to the solver: one of the alternatives, for some values of its parameters.
    fn any(&self, out: &mut Output, node: NodeId, alternatives: &[Branch], context: &StepContext<'_>) -> Way {
        let exists = |alternative: &Branch| {
            let unbounded = |local: &LocalId| Binder { local: *local, domain: None };
            let binders = alternative.params.iter().map(unbounded).collect();
            let body = expr::and(witness::conjuncts(self.program, alternative), alternative.span);
            expr::quantifier(Quantifier::Exists, binders, body)
        };
        let one = expr::or(alternatives.iter().map(exists), self.simulated.action.span);
        let obligations = self.state(out, node, "any", &one, &self.claim(), context);
        Way { name: "any".to_owned(), obligations }
    }

    /// The obligations of a formula about the step.
    fn state(
        &self,
        out: &mut Output,
        node: NodeId,
        name: &str,
        formula: &Expr,
        claim: &Arc<Claim>,
        context: &StepContext<'_>,
    ) -> Vec<ObligationIdx> {
        let kind = ObligationKind::Simulation { branch: self.branch.name.clone() };
        let forward = context.step.forward(formula);
        let rewritten = self.program.recorded(|| rewrite(self.program, context.step.known, &forward));
        let (rewritten, moves) = rewritten;
        let is_closed = expr::is_bool(&rewritten, true);
        let mut trail: Vec<_> = context.step.told(formula, &forward).into_iter().collect();
        trail.extend(moves.into_iter().filter(|_| is_closed));
        let stated = Stated {
            name,
            raw: formula,
            time: Time::Now,
            // What rewriting closes is not split first.
            forward: if is_closed { rewritten } else { forward },
            now: None,
            kind: &kind,
            claim: claim.clone(),
            span: formula.span,
            trail,
        };
        context.split(out, node, &stated)
    }
}

/// A step with what is known in it.
struct Sight<'a> {
    step: &'a Step<'a>,
    guards: Vec<Hypothesis>,
    typing: Vec<String>,
    premises: &'a [Premise],
}

/// What a subscript consists of: it is unchanged if all of these are.
fn components(program: &Program, subscript: &Expr) -> Vec<Expr> {
    match &subscript.kind {
        ExprKind::Tuple(items) | ExprKind::Sequence(items) => {
            items.iter().flat_map(|item| components(program, item)).collect()
        }
        ExprKind::Apply(operator, args, Time::Now) if !program.is_opaque(*operator) => {
            let body = program.unfold(*operator, args, Time::Now);
            match body.kind {
                ExprKind::Tuple(_) | ExprKind::Sequence(_) | ExprKind::Apply(..) => {
                    components(program, &body)
                }
                _ => vec![subscript.clone()],
            }
        }
        _ => vec![subscript.clone()],
    }
}
