//! Boolean circuits: literals, conjunctions with structural hashing, and truth that may be unknown.
//!
//! Invariants: a gate mentions only gates made before it; equal conjunctions are one gate; constants, repeated
//! and complementary inputs are folded away.

use indexmap::IndexSet;

/// A gate or its negation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Lit(u32);

impl Lit {
    /// Always true.
    pub(crate) const TRUE: Lit = Lit(0);
    /// Always false.
    pub(crate) const FALSE: Lit = Lit(1);

    /// The gate's position.
    pub(crate) fn gate(self) -> usize {
        (self.0 >> 1) as usize
    }
    /// Whether this is the negation of its gate.
    pub(crate) fn is_negated(self) -> bool {
        self.0 & 1 == 1
    }
}

impl std::ops::Not for Lit {
    type Output = Lit;
    fn not(self) -> Lit {
        Lit(self.0 ^ 1)
    }
}

/// A formula that may be known to be true, known to be false, or neither, where TLA+ leaves its value open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Truth {
    /// That it is true.
    pub(crate) yes: Lit,
    /// That it is false.
    pub(crate) no: Lit,
}

impl Truth {
    /// `TRUE`.
    pub(crate) const TRUE: Truth = Truth { yes: Lit::TRUE, no: Lit::FALSE };
    /// `FALSE`.
    pub(crate) const FALSE: Truth = Truth { yes: Lit::FALSE, no: Lit::TRUE };
    /// Neither.
    pub(crate) const UNKNOWN: Truth = Truth { yes: Lit::FALSE, no: Lit::FALSE };

    /// The formula that is true where `lit` is, and false elsewhere.
    pub(crate) fn total(lit: Lit) -> Truth {
        Truth { yes: lit, no: !lit }
    }
    /// Whether it is either true or false everywhere.
    pub(crate) fn is_total(self) -> bool {
        self.no == !self.yes
    }
    /// The constant.
    pub(crate) fn constant(value: bool) -> Truth {
        if value { Truth::TRUE } else { Truth::FALSE }
    }
}

impl std::ops::Not for Truth {
    type Output = Truth;
    fn not(self) -> Truth {
        Truth { yes: self.no, no: self.yes }
    }
}

/// What a gate is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Gate {
    /// Always true: the first gate.
    True,
    /// A free input; numbered so that no two are equal.
    Input(u32),
    /// All of these, ascending.
    And(Box<[Lit]>),
}

/// A circuit, and what must hold of its inputs.
#[derive(Debug)]
pub(crate) struct Circuit {
    gates: IndexSet<Gate>,
    n_inputs: u32,
    /// Clauses that hold: they define inputs and never contradict each other.
    pub(crate) clauses: Vec<Vec<Lit>>,
}

impl Circuit {
    /// The circuit without inputs.
    pub(crate) fn new() -> Self {
        Self { gates: IndexSet::from([Gate::True]), n_inputs: 0, clauses: Vec::new() }
    }

    /// How many gates there are.
    pub(crate) fn len(&self) -> usize {
        self.gates.len()
    }

    /// The gate at a position.
    pub(crate) fn gate(&self, position: usize) -> &Gate {
        &self.gates[position]
    }

    fn intern(&mut self, gate: Gate) -> Lit {
        let (position, _) = self.gates.insert_full(gate);
        // Memory ends long before numbers do; the search stops by its size limit earlier still.
        Lit(u32::try_from(position).unwrap_or(u32::MAX >> 1) << 1)
    }

    /// A fresh input.
    pub(crate) fn input(&mut self) -> Lit {
        self.n_inputs += 1;
        self.intern(Gate::Input(self.n_inputs))
    }

    /// Fresh inputs of which exactly one is true.
    pub(crate) fn one_of(&mut self, n: usize) -> Vec<Lit> {
        if n == 1 {
            return vec![Lit::TRUE];
        }
        let lits: Vec<Lit> = (0..n).map(|_| self.input()).collect();
        self.clauses.push(lits.clone());
        self.at_most_one(&lits);
        lits
    }

    /// That at most one of these is true.
    pub(crate) fn at_most_one(&mut self, lits: &[Lit]) {
        if lits.len() > 12 {
            // A chain: `seen` is that one of those so far is true.
            let mut seen = lits[0];
            for lit in &lits[1..] {
                self.clauses.push(vec![!seen, !*lit]);
                let next = self.input();
                self.clauses.push(vec![!seen, next]);
                self.clauses.push(vec![!*lit, next]);
                seen = next;
            }
            return;
        }
        for (at, left) in lits.iter().enumerate() {
            for right in &lits[at + 1..] {
                self.clauses.push(vec![!*left, !*right]);
            }
        }
    }

    /// All of these.
    pub(crate) fn and(&mut self, lits: impl IntoIterator<Item = Lit>) -> Lit {
        let mut inputs: Vec<Lit> = Vec::new();
        for lit in lits {
            if lit == Lit::FALSE {
                return Lit::FALSE;
            }
            if lit != Lit::TRUE {
                inputs.push(lit);
            }
        }
        inputs.sort_unstable();
        inputs.dedup();
        if inputs.windows(2).any(|pair| pair[0] == !pair[1]) {
            return Lit::FALSE;
        }
        match inputs[..] {
            [] => Lit::TRUE,
            [only] => only,
            _ => self.intern(Gate::And(inputs.into())),
        }
    }

    /// Both.
    pub(crate) fn both(&mut self, left: Lit, right: Lit) -> Lit {
        self.and([left, right])
    }

    /// One of these or more.
    pub(crate) fn or(&mut self, lits: impl IntoIterator<Item = Lit>) -> Lit {
        !self.and(lits.into_iter().map(|lit| !lit))
    }

    /// Whether both are alike.
    pub(crate) fn same(&mut self, left: Lit, right: Lit) -> Lit {
        if left == right {
            return Lit::TRUE;
        }
        if left == !right {
            return Lit::FALSE;
        }
        let yes = self.both(left, right);
        let no = self.both(!left, !right);
        self.or([yes, no])
    }

    /// All of these.
    pub(crate) fn all(&mut self, truths: &[Truth]) -> Truth {
        let yes = self.and(truths.iter().map(|truth| truth.yes));
        if truths.iter().all(|truth| truth.is_total()) {
            return Truth::total(yes);
        }
        let no = self.or(truths.iter().map(|truth| truth.no));
        Truth { yes, no }
    }

    /// One of these or more.
    pub(crate) fn any(&mut self, truths: &[Truth]) -> Truth {
        let yes = self.or(truths.iter().map(|truth| truth.yes));
        if truths.iter().all(|truth| truth.is_total()) {
            return Truth::total(yes);
        }
        let no = self.and(truths.iter().map(|truth| truth.no));
        Truth { yes, no }
    }

    /// Both.
    pub(crate) fn meet(&mut self, left: Truth, right: Truth) -> Truth {
        self.all(&[left, right])
    }

    /// Whether both are alike.
    pub(crate) fn iff(&mut self, left: Truth, right: Truth) -> Truth {
        if left.is_total() && right.is_total() {
            return Truth::total(self.same(left.yes, right.yes));
        }
        let yes = [self.both(left.yes, right.yes), self.both(left.no, right.no)];
        let no = [self.both(left.yes, right.no), self.both(left.no, right.yes)];
        Truth { yes: self.or(yes), no: self.or(no) }
    }

    /// The one whose weight holds. Weights exclude each other; if `total`, one of them holds.
    pub(crate) fn select(&mut self, cases: &[(Lit, Truth)], total: bool) -> Truth {
        if let [(_, first), rest @ ..] = cases
            && total
            && rest.iter().all(|(_, truth)| truth == first)
        {
            return *first;
        }
        let parts: Vec<Lit> = cases.iter().map(|(weight, truth)| self.both(*weight, truth.yes)).collect();
        let yes = self.or(parts);
        if total && cases.iter().all(|(_, truth)| truth.is_total()) {
            return Truth::total(yes);
        }
        let parts: Vec<Lit> = cases.iter().map(|(weight, truth)| self.both(*weight, truth.no)).collect();
        Truth { yes, no: self.or(parts) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_and_opposites_fold() {
        let mut circuit = Circuit::new();
        let (a, b) = (circuit.input(), circuit.input());
        assert_eq!(circuit.and([a, Lit::TRUE, a]), a);
        assert_eq!(circuit.and([a, b, !a]), Lit::FALSE);
        assert_eq!(circuit.or([a, !a]), Lit::TRUE);
        assert_eq!(circuit.and([a, b]), circuit.and([b, a]));
    }

    #[test]
    fn what_is_unknown_stays_so_unless_the_rest_decides() {
        let mut circuit = Circuit::new();
        assert_eq!(circuit.all(&[Truth::UNKNOWN, Truth::FALSE]), Truth::FALSE);
        assert_eq!(circuit.all(&[Truth::UNKNOWN, Truth::TRUE]), Truth::UNKNOWN);
        assert_eq!(circuit.any(&[Truth::UNKNOWN, Truth::TRUE]), Truth::TRUE);
        assert_eq!(circuit.iff(Truth::UNKNOWN, Truth::TRUE), Truth::UNKNOWN);
    }
}
