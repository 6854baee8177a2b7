//! The SAT solver under a circuit: gates become clauses when something asks for them, in the direction asked.
//!
//! Invariant: a gate's variable implies (or is implied by) its definition once that direction was asked for;
//! so a model of the clauses is a model of what was required.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use batsat::{Callbacks, Solver, SolverInterface, SolverOpts, lbool};

use crate::circuit::{Circuit, Gate, Lit};

/// What a solver said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// There is a model.
    Satisfiable,
    /// There is none.
    Unsatisfiable,
    /// The budget is used up.
    Unknown,
}

/// When to give up: asked often by the solver.
#[derive(Debug)]
pub(crate) struct Watch<'a> {
    stop: &'a AtomicBool,
    deadline: Instant,
    conflicts_left: Cell<i64>,
    n_asked: Cell<u32>,
    is_over: Cell<bool>,
}

impl<'a> Watch<'a> {
    /// Gives up at `deadline`, or as soon as `stop` is set.
    pub(crate) fn new(stop: &'a AtomicBool, deadline: Instant) -> Self {
        let forever = Cell::new(i64::MAX);
        Self { stop, deadline, conflicts_left: forever, n_asked: Cell::new(0), is_over: Cell::new(false) }
    }

    /// Whether time is up.
    pub(crate) fn is_over(&self) -> bool {
        self.stop.load(Ordering::Relaxed) || Instant::now() >= self.deadline
    }
}

impl Callbacks for Watch<'_> {
    fn on_new_clause(&mut self, _clause: &[batsat::Lit], kind: batsat::ClauseKind) {
        if kind == batsat::ClauseKind::Learnt {
            self.conflicts_left.set(self.conflicts_left.get() - 1);
        }
    }

    fn stop(&self) -> bool {
        self.n_asked.set(self.n_asked.get().wrapping_add(1));
        if self.n_asked.get().is_multiple_of(256) {
            self.is_over.set(self.is_over());
        }
        self.is_over.get() || self.conflicts_left.get() <= 0
    }
}

/// A solver for requirements on the gates of a circuit.
pub(crate) struct Sat<'a> {
    solver: Solver<Watch<'a>>,
    /// For each gate: its variable, and which directions of its definition the solver has.
    gates: Vec<Option<(batsat::Var, [bool; 2])>>,
    n_clauses_seen: usize,
}

impl<'a> Sat<'a> {
    /// A solver without requirements.
    pub(crate) fn new(watch: Watch<'a>) -> Self {
        Self { solver: Solver::new(SolverOpts::default(), watch), gates: Vec::new(), n_clauses_seen: 0 }
    }

    /// Requires that one of these holds.
    pub(crate) fn require(&mut self, circuit: &Circuit, clause: &[Lit]) {
        if let [only] = clause
            && !only.is_negated()
            && let Gate::And(inputs) = circuit.gate(only.gate())
        {
            for input in inputs {
                self.require(circuit, &[*input]);
            }
            return;
        }
        if clause.contains(&Lit::TRUE) {
            return;
        }
        let mut literals = Vec::with_capacity(clause.len());
        for lit in clause {
            if *lit == Lit::FALSE {
                continue;
            }
            // A disjunction in a clause is its parts.
            match circuit.gate(lit.gate()) {
                Gate::And(inputs) if lit.is_negated() && inputs.len() < 64 => {
                    literals.extend(inputs.iter().map(|input| self.literal(circuit, !*input)));
                }
                Gate::And(_) | Gate::True | Gate::Input(_) => literals.push(self.literal(circuit, *lit)),
            }
        }
        self.solver.add_clause_reuse(&mut literals);
    }

    /// The solver's literal, with the definition of its gate in the direction in which it is used.
    pub(crate) fn literal(&mut self, circuit: &Circuit, lit: Lit) -> batsat::Lit {
        let mut work = vec![lit];
        while let Some(lit) = work.pop() {
            let gate = circuit.gate(lit.gate());
            let (var, directions) = self.variable(lit.gate());
            let direction = usize::from(lit.is_negated());
            if directions[direction] {
                continue;
            }
            let mut directions = directions;
            directions[direction] = true;
            self.gates[lit.gate()] = Some((var, directions));
            let own = batsat::Lit::new(var, true);
            match gate {
                Gate::True => {
                    self.solver.add_clause_reuse(&mut vec![own]);
                }
                Gate::Input(_) => {}
                Gate::And(inputs) => {
                    let mut long = vec![own];
                    for input in inputs {
                        let needed = if lit.is_negated() { !*input } else { *input };
                        let (var, _) = self.variable(input.gate());
                        let input = batsat::Lit::new(var, !input.is_negated());
                        if lit.is_negated() {
                            long.push(!input);
                        } else {
                            self.solver.add_clause_reuse(&mut vec![!own, input]);
                        }
                        work.push(needed);
                    }
                    if lit.is_negated() {
                        self.solver.add_clause_reuse(&mut long);
                    }
                }
            }
        }
        let (var, _) = self.variable(lit.gate());
        batsat::Lit::new(var, !lit.is_negated())
    }

    fn variable(&mut self, gate: usize) -> (batsat::Var, [bool; 2]) {
        if self.gates.len() <= gate {
            self.gates.resize(gate + 1, None);
        }
        if let Some(known) = self.gates[gate] {
            return known;
        }
        let var = self.solver.new_var_default();
        self.gates[gate] = Some((var, [false; 2]));
        (var, [false; 2])
    }

    /// Looks for a model of everything required, with these assumed, within a number of conflicts.
    pub(crate) fn solve(&mut self, circuit: &Circuit, assumed: &[Lit], conflicts: u64) -> Answer {
        while let Some(clause) = circuit.clauses.get(self.n_clauses_seen) {
            self.n_clauses_seen += 1;
            self.require(circuit, clause);
        }
        if assumed.contains(&Lit::FALSE) {
            return Answer::Unsatisfiable;
        }
        let assumed: Vec<batsat::Lit> = assumed.iter().map(|lit| self.literal(circuit, *lit)).collect();
        self.solver.cb_mut().conflicts_left.set(i64::try_from(conflicts).unwrap_or(i64::MAX));
        if self.solver.cb_mut().is_over() {
            return Answer::Unknown;
        }
        match self.solver.solve_limited(&assumed) {
            answer if answer == lbool::TRUE => Answer::Satisfiable,
            answer if answer == lbool::FALSE => Answer::Unsatisfiable,
            _ => Answer::Unknown,
        }
    }

    /// How many of the conflicts that the last search was given it needed.
    pub(crate) fn spent(&mut self, given: u64) -> u64 {
        given.saturating_sub(u64::try_from(self.solver.cb_mut().conflicts_left.get()).unwrap_or(0))
    }

    /// The values of all gates in the last model.
    pub(crate) fn model(&self, circuit: &Circuit) -> Model {
        let mut values: Vec<bool> = Vec::with_capacity(circuit.len());
        for position in 0..circuit.len() {
            let value = match circuit.gate(position) {
                Gate::True => true,
                Gate::Input(_) => self
                    .gates
                    .get(position)
                    .copied()
                    .flatten()
                    .is_some_and(|(var, _)| self.solver.value_var(var) == lbool::TRUE),
                Gate::And(inputs) => inputs.iter().all(|input| values[input.gate()] != input.is_negated()),
            };
            values.push(value);
        }
        Model { values }
    }
}

/// The values of the gates that the inputs of one model give.
#[derive(Clone, Debug)]
pub(crate) struct Model {
    values: Vec<bool>,
}

impl Model {
    /// Whether a literal is true; gates made later than the model are unknown, and said to be false.
    pub(crate) fn holds(&self, lit: Lit) -> bool {
        self.values.get(lit.gate()).is_some_and(|value| *value != lit.is_negated())
    }
}
