//! Bounded model checking: the states of a behaviour, step after step, as one circuit over one instance.
//!
//! ```text
//! Init ─step→ state 0 ─step→ state 1 ─step→ … ; after each: is there a model in which the claim is false?
//! ```
//!
//! Invariant: nothing here is trusted. What is found are concrete states, for the evaluator to judge; that nothing
//! is found says something of the circuit only, which leaves out what the search does not read.

use std::ops::RangeInclusive;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use eval::instance::Instance;
use eval::search::symmetry::interchangeable;
use eval::value::State;
use lang::ids::IdVec;
use lang::typed::{Expr, Module, VariableId};

use crate::builder::{Builder, Size};
use crate::circuit::Lit;
use crate::express::Want;
use crate::order::{Neighbours, neighbours};
use crate::sat::{Answer, Model, Sat, Watch};
use crate::search::{Minimising, consistent_model, distinguishing, literals_among, minimise};
use crate::value::V;

/// Conflicts for each depth: time ends a search sooner.
const CONFLICTS: u64 = u64::MAX >> 1;
/// How many elements sets have that are not listed one by one.
const SLOTS: usize = 4;
const INNER_SLOTS: usize = 2;
/// Attempts to do without something in what was found are counted, so that the result is the same in every run.
const MINIMISING: Minimising = Minimising { conflicts: 300, total: 20_000, until: None };
/// Candidates that may fail to be confirmed.
const MAX_UNCONFIRMED: usize = 12;

/// What is unrolled.
#[derive(Clone, Debug)]
pub struct Behaviours<'m> {
    /// Operators, names, constants, variables.
    pub module: &'m Module,
    /// What constants are, how many elements there are, and which integers.
    pub instance: &'m Instance,
    /// True of the first state.
    pub init: Expr,
    /// True of each step.
    pub next: Expr,
    /// One of these is to be false in the last state.
    pub claims: Vec<Expr>,
}

/// When a search ends.
#[derive(Clone, Debug)]
pub struct Bound<'a> {
    /// Violations after so many steps are looked for.
    pub depths: RangeInclusive<usize>,
    /// Then.
    pub deadline: Instant,
    /// Set from outside.
    pub stop: &'a AtomicBool,
}

/// What a search found: states, of which the last violates a claim.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// The instance, with what `CHOOSE` has to take.
    pub instance: Instance,
    /// The states; the first is an initial one.
    pub states: Vec<State>,
    /// Which claim, by its position.
    pub claim: usize,
}

/// What came of unrolling.
#[derive(Clone, Debug, PartialEq)]
pub struct Unrolled {
    /// How it ended.
    pub end: Ending,
    /// Up to so many steps, from the first depth on, were searched to the end; if any were.
    pub searched: Option<usize>,
}

/// How unrolling ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Ending {
    /// This was found, and confirmed.
    Found(Box<Run>),
    /// Nothing was found in as many steps as were asked for.
    Searched,
    /// The time was up, or it was interrupted.
    Stopped,
    /// The circuit became too large.
    TooLarge,
    /// There were candidates, but none was confirmed.
    Unconfirmed,
}

/// Looks for a behaviour that ends in a violation, the shortest first. `confirm` is asked of each candidate.
pub fn unroll(
    behaviours: &Behaviours<'_>,
    bound: &Bound<'_>,
    confirm: &mut dyn FnMut(&Run) -> bool,
) -> Unrolled {
    let watch = Watch::new(bound.stop, bound.deadline);
    let is_over = || watch.is_over();
    let mut unrolling = Unrolling::new(behaviours, bound, &is_over);
    let mut searched = None;
    for depth in 0..=*bound.depths.end() {
        unrolling.grow(behaviours, depth);
        if depth < *bound.depths.start() {
            continue;
        }
        if let Some(end) = unrolling.violation(behaviours, confirm) {
            let is_too_large = end == Ending::Stopped && !watch.is_over();
            return Unrolled { end: if is_too_large { Ending::TooLarge } else { end }, searched };
        }
        searched = Some(depth);
    }
    Unrolled { end: Ending::Searched, searched }
}

/// The circuit so far, and its states.
struct Unrolling<'a> {
    builder: Builder<'a>,
    sat: Sat<'a>,
    states: Vec<IdVec<VariableId, Option<V>>>,
    order: Vec<Neighbours>,
}

impl<'a> Unrolling<'a> {
    fn new(behaviours: &'a Behaviours<'a>, bound: &'a Bound<'a>, is_over: &'a dyn Fn() -> bool) -> Self {
        let Behaviours { module, instance, init, next, claims } = behaviours;
        let literals = literals_among(module, claims.iter().chain([init, next]).cloned().collect());
        let size = Size {
            elements: 0,
            few: 0,
            highest: *instance.integers.end(),
            slots: SLOTS,
            inner_slots: INNER_SLOTS,
        };
        let mut builder = Builder::new(module, size, &literals, is_over);
        // All that is chosen is remembered.
        builder.is_state = true;
        builder.fix(instance);
        let formulas: Vec<&Expr> = claims.iter().chain([init, next]).collect();
        let order = neighbours(&interchangeable(module, instance, &formulas));
        Self { builder, sat: Sat::new(Watch::new(bound.stop, bound.deadline)), states: Vec::new(), order }
    }

    /// One more state: the first one, or the next.
    fn grow(&mut self, behaviours: &Behaviours<'_>, depth: usize) {
        let builder = &mut self.builder;
        let required =
            if depth == 0 { builder.first(&behaviours.init) } else { builder.step(&behaviours.next) };
        builder.advance();
        builder.order_neighbours(&mut self.order);
        self.states.push(builder.now.clone());
        self.sat.require(&builder.circuit, &[required]);
    }

    /// What ends the search at the last state; nothing if no claim is false there.
    fn violation(
        &mut self,
        behaviours: &Behaviours<'_>,
        confirm: &mut dyn FnMut(&Run) -> bool,
    ) -> Option<Ending> {
        let builder = &mut self.builder;
        let claims: Vec<Lit> =
            behaviours.claims.iter().map(|claim| builder.formula(claim, Want::NO).no).collect();
        if builder.has_stopped {
            return Some(Ending::Stopped);
        }
        let mut unconfirmed = None;
        let assumed = [builder.circuit.or(claims.iter().copied())];
        for _ in 0..MAX_UNCONFIRMED {
            // Nothing that is so by its form needs the solver.
            if assumed.contains(&Lit::FALSE) {
                return unconfirmed;
            }
            let model = match consistent_model(&mut self.builder, &mut self.sat, &assumed, CONFLICTS) {
                Ok(model) => model,
                Err(Answer::Unsatisfiable) => {
                    // That is so of longer behaviours, too, and helps to search them.
                    self.sat.require(&self.builder.circuit, &[!assumed[0]]);
                    return unconfirmed;
                }
                Err(Answer::Satisfiable | Answer::Unknown) => return Some(Ending::Stopped),
            };
            let run = self.decode(behaviours, &model, &claims);
            if let Some(run) = run.filter(|run| confirm(run)) {
                return Some(Ending::Found(Box::new(
                    self.smallest(behaviours, model, &claims, run, confirm),
                )));
            }
            unconfirmed = Some(Ending::Unconfirmed);
            let others = distinguishing(&self.builder, &model);
            self.sat.require(&self.builder.circuit, &others);
        }
        unconfirmed
    }

    /// The run with less chosen in it, if that is confirmed, too.
    fn smallest(
        &mut self,
        behaviours: &Behaviours<'_>,
        model: Model,
        claims: &[Lit],
        run: Run,
        confirm: &mut dyn FnMut(&Run) -> bool,
    ) -> Run {
        let kept = [claims[run.claim]];
        let model = minimise(&mut self.builder, &mut self.sat, model, &kept, MINIMISING);
        let smaller = self.decode(behaviours, &model, claims);
        smaller.filter(|smaller| smaller.claim == run.claim && confirm(smaller)).unwrap_or(run)
    }

    fn decode(&mut self, behaviours: &Behaviours<'_>, model: &Model, claims: &[Lit]) -> Option<Run> {
        let claim = claims.iter().position(|claim| model.holds(*claim))?;
        let mut states = Vec::with_capacity(self.states.len());
        for values in self.states.clone() {
            states.push(self.builder.decode_state(model, &values)?);
        }
        let mut instance = behaviours.instance.clone();
        self.builder.decode_choices(model, &mut instance.choices);
        Some(Run { instance, states, claim })
    }
}

impl Builder<'_> {
    /// Makes the first state; returns what must hold for it to be one.
    fn first(&mut self, init: &Expr) -> Lit {
        // Read of the next state, an initial predicate is a step from nowhere.
        self.is_primed = true;
        let required = self.step(init);
        self.is_primed = false;
        required
    }

    /// Goes on to the next state.
    fn advance(&mut self) {
        let next = self.next.clone();
        let mut none = IdVec::new();
        let mut now = IdVec::new();
        for value in &next {
            now.push(value.map(|value| self.settled(value)));
            none.push(None);
        }
        self.now = now;
        self.next = none;
        self.n_versions += 1;
        self.version = self.n_versions;
        self.now_version = self.n_versions;
    }

    /// Takes sizes, integers and constants from an instance.
    fn fix(&mut self, instance: &Instance) {
        self.sizes = Some(instance.sizes.clone());
        self.integers = instance.integers.clone().collect();
        for (id, constant) in instance.constants.iter_enumerated() {
            self.fix_constant(id, constant);
        }
    }
}
