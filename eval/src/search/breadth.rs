//! Breadth-first search, on several threads.
//!
//! The states of one depth are handed out in small jobs; what comes of them is put together in the order of the
//! jobs. So the result does not depend on the number of threads or on their pace.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{PoisonError, RwLock, mpsc};
use std::thread;

use indexmap::IndexMap;
use indexmap::map::Entry;
use lang::source::Span;
use lang::typed::{Expr, ExprKind};

use super::confirm::stepping;
use super::fingerprint::{ByFingerprint, Fingerprint, fingerprint};
use super::symmetry::Symmetry;
use super::{End, Found, Limit, Limits, Predicate, Task, Trace};
use crate::evaluate::{Bounds, Evaluator, Moment, Stuck};
use crate::successors::{ActionId, Stepper, Trouble};
use crate::value::State;

/// How many states one job has at most.
const JOB: usize = 64;
/// The stack of a thread: evaluation recurses.
const STACK: usize = 64 << 20;

/// The states that were seen, each with the one that it was reached from.
pub(super) type Seen = IndexMap<Fingerprint, Option<u32>, ByFingerprint>;

/// What came of one state.
struct Expanded {
    /// The first predicate that is false.
    violated: Option<usize>,
    unsettled: Vec<(usize, Stuck)>,
    /// Next states that may be new, without duplicates.
    next: Vec<(Fingerprint, State)>,
    fired: Vec<(ActionId, u64)>,
    trouble: Option<Trouble>,
}

/// Searches all states that can be reached, and stops at the first that violates a predicate.
pub fn search(task: Task<'_>, symmetry: &Symmetry, limits: Limits<'_>, n_threads: usize) -> Found {
    let mut found = Found::before(task.steps, symmetry.permutations().len());
    let stepper = Stepper::new(task.steps, task.instance);
    let initial = match stepper.initial() {
        Ok(initial) => initial,
        Err(trouble) => {
            found.end = End::Failed { trouble, trace: Trace::default() };
            return found;
        }
    };
    let mut seen = Seen::default();
    let mut frontier: Vec<(u32, State)> = Vec::new();
    for state in initial {
        insert(&mut seen, fingerprint(&state, symmetry), None, state, &mut frontier);
    }
    found.bounded.extend(stepper.bounded_at());
    let whole = whole(task.predicates);
    let seen = RwLock::new(seen);
    let mut found_deadlock = None;
    let mut depth = 0;
    while !frontier.is_empty() {
        found.depth = depth;
        let expand = depth < limits.depth;
        let level = Level {
            task,
            symmetry,
            limits,
            whole: whole.as_ref().filter(|_| depth > 0),
            expand,
            is_first: depth == 0,
            seen: &seen,
            frontier: &frontier,
        };
        let mut next = Vec::new();
        let outcome = level.run(n_threads, &mut found, &mut next, &mut found_deadlock);
        if let Some(stop) = outcome {
            found.end = match stop {
                Stop::At(idx, why) => {
                    let seen = seen.read().unwrap_or_else(PoisonError::into_inner);
                    let trace = trace(&stepper, &seen, symmetry, idx);
                    match why {
                        Wrong::Predicate(predicate) => End::Violated { predicate, trace },
                        Wrong::Trouble(trouble) => End::Failed { trouble, trace },
                    }
                }
                Stop::Limit(limit) => End::Limited(limit),
            };
            break;
        }
        if !expand {
            found.end = End::Limited(Limit::Depth);
            break;
        }
        frontier = next;
        depth += 1;
    }
    let seen = seen.into_inner().unwrap_or_else(PoisonError::into_inner);
    found.states = seen.len();
    found.deadlock = found_deadlock.map(|idx| trace(&stepper, &seen, symmetry, idx));
    found
}

/// The conjunction of all predicates about states.
fn whole(predicates: &[Predicate]) -> Option<Expr> {
    let formulas = predicates.iter().filter(|predicate| predicate.reads_state);
    let formulas: Vec<Expr> = formulas.map(|predicate| predicate.formula.clone()).collect();
    let first = formulas.first()?.clone();
    (formulas.len() > 1).then(|| Expr::new(ExprKind::And(formulas), first.sort.clone(), first.span))
}

/// Adds a state if it is new.
pub(super) fn insert(
    seen: &mut Seen,
    fingerprint: Fingerprint,
    from: Option<u32>,
    state: State,
    frontier: &mut Vec<(u32, State)>,
) {
    // 2^32 states would not fit into memory; the limit on states is far below.
    let Ok(idx) = u32::try_from(seen.len()) else { return };
    if let Entry::Vacant(entry) = seen.entry(fingerprint) {
        entry.insert(from);
        frontier.push((idx, state));
    }
}

/// Why a search ends early.
enum Stop {
    At(u32, Wrong),
    Limit(Limit),
}

enum Wrong {
    Predicate(usize),
    Trouble(Trouble),
}

/// The states of one depth.
struct Level<'l> {
    task: Task<'l>,
    symmetry: &'l Symmetry,
    limits: Limits<'l>,
    /// All predicates about states in one.
    whole: Option<&'l Expr>,
    /// Whether next states are wanted.
    expand: bool,
    is_first: bool,
    seen: &'l RwLock<Seen>,
    frontier: &'l [(u32, State)],
}

/// What a thread sends: a job's number with what came of its states, or where the thread read sets as bounded.
enum Message {
    Job(usize, Vec<Expanded>),
    Bounded(BTreeSet<Span>),
}

impl Level<'_> {
    fn run(
        &self,
        n_threads: usize,
        found: &mut Found,
        next: &mut Vec<(u32, State)>,
        deadlock: &mut Option<u32>,
    ) -> Option<Stop> {
        let n_jobs = self.frontier.len().div_ceil(JOB);
        let n_threads = n_threads.clamp(1, n_jobs);
        let job = AtomicUsize::new(0);
        let is_over = AtomicBool::new(false);
        thread::scope(|scope| {
            let (send, receive) = mpsc::channel();
            for _ in 0..n_threads {
                let send = send.clone();
                let (job, is_over) = (&job, &is_over);
                let work = move || self.work(job, is_over, &send);
                let spawned = thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work);
                if spawned.is_err() {
                    break;
                }
            }
            drop(send);
            let mut waiting: BTreeMap<usize, Vec<Expanded>> = BTreeMap::new();
            let mut wanted = 0;
            let mut stop = None;
            for message in receive {
                match message {
                    Message::Bounded(spans) => found.bounded.extend(spans),
                    Message::Job(number, expanded) => {
                        waiting.insert(number, expanded);
                    }
                }
                while stop.is_none()
                    && let Some(expanded) = waiting.remove(&wanted)
                {
                    let range = wanted * JOB..(wanted + 1) * JOB;
                    stop = self.merge(range, expanded, found, next, deadlock);
                    wanted += 1;
                    stop = stop.or_else(|| (self.limits.stop)().map(Stop::Limit));
                    if stop.is_some() {
                        is_over.store(true, Ordering::Relaxed);
                    }
                }
            }
            // Threads that could not be started, or that ended early, leave jobs undone.
            if stop.is_none() && wanted < n_jobs { Some(Stop::Limit(Limit::Memory)) } else { stop }
        })
    }

    /// What one thread does.
    fn work(&self, job: &AtomicUsize, is_over: &AtomicBool, send: &mpsc::Sender<Message>) {
        let stepper = Stepper::new(self.task.steps, self.task.instance);
        let strict = Evaluator::new(self.task.steps.module(), self.task.instance, Bounds::Strict);
        while !is_over.load(Ordering::Relaxed) {
            let number = job.fetch_add(1, Ordering::Relaxed);
            let states = self.frontier.iter().skip(number * JOB).take(JOB);
            if number * JOB >= self.frontier.len() {
                break;
            }
            let expanded = states.map(|(_, state)| self.expand(&stepper, &strict, state)).collect();
            if send.send(Message::Job(number, expanded)).is_err() {
                break;
            }
        }
        // Nobody listens only if the search is over.
        let _ = send.send(Message::Bounded(stepper.bounded_at()));
    }

    fn expand(&self, stepper: &Stepper<'_>, strict: &Evaluator<'_>, state: &State) -> Expanded {
        let mut unsettled = Vec::new();
        let moment = Moment { now: Some(state), next: None };
        // One look at all of them shares what they have in common; they mostly hold.
        let holds = self.whole.is_some_and(|whole| stepper.evaluator().formula(whole, moment) == Ok(true));
        let violated = if holds {
            None
        } else {
            check(self.task.predicates, stepper, strict, state, self.is_first, &mut unsettled)
        };
        let mut expanded =
            Expanded { violated, unsettled, next: Vec::new(), fired: Vec::new(), trouble: None };
        if !self.expand || violated.is_some() {
            return expanded;
        }
        let mut fired: BTreeMap<ActionId, u64> = BTreeMap::new();
        let mut own: Vec<(Fingerprint, State)> = Vec::new();
        let mut found: indexmap::IndexSet<Fingerprint, ByFingerprint> = indexmap::IndexSet::default();
        let result = stepper.transitions(state, &mut |transition| {
            *fired.entry(transition.action).or_default() += 1;
            let fingerprint = fingerprint(&transition.state, self.symmetry);
            if found.insert(fingerprint) {
                own.push((fingerprint, transition.state));
            }
        });
        // What was seen before is not sent; what others find meanwhile is sorted out later.
        let seen = self.seen.read().unwrap_or_else(PoisonError::into_inner);
        own.retain(|(fingerprint, _)| !seen.contains_key(fingerprint));
        expanded.next = own;
        expanded.fired = fired.into_iter().collect();
        expanded.trouble = result.err();
        expanded
    }

    fn merge(
        &self,
        range: Range<usize>,
        expanded: Vec<Expanded>,
        found: &mut Found,
        next: &mut Vec<(u32, State)>,
        deadlock: &mut Option<u32>,
    ) -> Option<Stop> {
        let mut seen = self.seen.write().unwrap_or_else(PoisonError::into_inner);
        for ((idx, _), expanded) in self.frontier[range.start..].iter().zip(expanded) {
            for (predicate, stuck) in expanded.unsettled {
                found.unsettled.entry(predicate).or_insert(stuck);
            }
            if let Some(predicate) = expanded.violated {
                return Some(Stop::At(*idx, Wrong::Predicate(predicate)));
            }
            if self.expand && expanded.trouble.is_none() && expanded.fired.is_empty() {
                deadlock.get_or_insert(*idx);
            }
            for (action, count) in expanded.fired {
                found.fired[action] += count;
                found.transitions += count;
            }
            if let Some(trouble) = expanded.trouble {
                return Some(Stop::At(*idx, Wrong::Trouble(trouble)));
            }
            for (fingerprint, state) in expanded.next {
                insert(&mut seen, fingerprint, Some(*idx), state, next);
                if seen.len() > self.limits.states {
                    return Some(Stop::Limit(Limit::States));
                }
            }
        }
        None
    }
}

/// The first predicate that is false in a state. What is false only because an infinite set was read as finite is
/// not counted as false.
pub(super) fn check(
    predicates: &[Predicate],
    stepper: &Stepper<'_>,
    strict: &Evaluator<'_>,
    state: &State,
    is_first: bool,
    unsettled: &mut Vec<(usize, Stuck)>,
) -> Option<usize> {
    let moment = Moment { now: Some(state), next: None };
    for (position, predicate) in predicates.iter().enumerate() {
        if !is_first && !predicate.reads_state {
            continue;
        }
        match stepper.evaluator().formula(&predicate.formula, moment) {
            Ok(true) => {}
            Ok(false) => match strict.formula(&predicate.formula, moment) {
                Ok(true) => {}
                Ok(false) => return Some(position),
                Err(stuck) => unsettled.push((position, stuck)),
            },
            Err(stuck) => unsettled.push((position, stuck)),
        }
    }
    None
}

/// The way to a state, found again from the initial states. See NOTE(real-states).
pub(super) fn trace(stepper: &Stepper<'_>, seen: &Seen, symmetry: &Symmetry, idx: u32) -> Trace {
    let mut path = Vec::new();
    let mut at = Some(idx);
    while let Some((fingerprint, from)) = at.and_then(|idx| seen.get_index(idx as usize)) {
        path.push(*fingerprint);
        at = *from;
    }
    path.reverse();
    let mut trace = Trace::default();
    for wanted in path {
        if let Some(state) = trace.states.last() {
            let is_wanted = |next: &State| fingerprint(next, symmetry) == wanted;
            let Some(transition) = stepping(stepper, state, is_wanted) else { break };
            trace.labels.push(stepper.steps().label(&transition));
            trace.states.push(transition.state);
        } else {
            let initial = stepper.initial().unwrap_or_default();
            let Some(state) = initial.into_iter().find(|state| fingerprint(state, symmetry) == wanted) else {
                break;
            };
            trace.states.push(state);
        }
    }
    trace
}
