//! What symbolic evaluation works on: a circuit, the values made, the state, and the size of what is tried.

use std::rc::Rc;
use std::sync::Arc;

use indexmap::{IndexMap, IndexSet};
use lang::ids::IdVec;
use lang::sort::{Sort, SortId};
use lang::typed::{ConstantId, Expr, LocalId, Module, VariableId};

use crate::choose::Choice;
use crate::circuit::{Circuit, Lit, Truth};
use crate::families::Possible;
use crate::reads::{Dependencies, Reads};
use crate::value::{Atom, Node, V, Values};

/// How large the states are that are tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Size {
    /// How many elements an uninterpreted sort has of which a constant is a set of sets, such as quorums. A constant
    /// that is an element is one more.
    pub elements: u32,
    /// How many elements the other uninterpreted sorts have.
    pub few: u32,
    /// The highest integer that a free value may be; the lowest is -1.
    pub highest: i64,
    /// How many elements a set may have whose elements are not listed one by one.
    pub slots: usize,
    /// The same for sets inside of other values.
    pub inner_slots: usize,
}

/// How many gates are too many.
pub(crate) const MAX_GATES: usize = 6_000_000;
/// The largest number of values that a set is expanded into.
pub(crate) const MAX_EXPANSION: usize = 64;

/// Identity of an evaluation: the expression, the reading of its variables, the values of its names.
pub(crate) type Key = (usize, bool, u32, u8, Box<[V]>);

/// `p` of a set `{x \in S : p}`, with what it captures.
#[derive(Clone, Debug)]
pub(crate) struct Closure {
    pub(crate) local: LocalId,
    pub(crate) body: Expr,
    pub(crate) captured: Vec<(LocalId, V)>,
    pub(crate) is_primed: bool,
    /// The states that it speaks of.
    pub(crate) moment: Moment,
}

/// The states that formulas speak of.
#[derive(Clone, Debug)]
pub(crate) struct Moment {
    now: IdVec<VariableId, Option<V>>,
    next: IdVec<VariableId, Option<V>>,
    now_version: u32,
    version: u32,
}

/// A constant operator that is known: values at arguments, and the value at all others.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) entries: Vec<(Vec<V>, V)>,
    pub(crate) otherwise: V,
}

/// A constant operator's values so far.
pub(crate) type Table = IndexMap<(ConstantId, Vec<V>), V>;

/// Everything that symbolic evaluation works on.
#[allow(clippy::struct_excessive_bools, reason = "each says how something else is read")]
pub(crate) struct Builder<'m> {
    pub(crate) module: &'m Module,
    pub(crate) size: Size,
    /// Integers that free values may be, ascending.
    pub(crate) integers: Vec<i64>,
    pub(crate) strings: IndexSet<Arc<str>>,
    pub(crate) circuit: Circuit,
    pub(crate) values: Values,
    pub(crate) locals: IndexMap<LocalId, V>,
    pub(crate) constants: IdVec<ConstantId, Option<V>>,
    pub(crate) tables: Table,
    /// Constant operators that are known.
    pub(crate) operators: IndexMap<ConstantId, Known>,
    /// How many elements each sort has, if that is given and not for the size to say.
    pub(crate) sizes: Option<IdVec<SortId, u32>>,
    pub(crate) now: IdVec<VariableId, Option<V>>,
    pub(crate) next: IdVec<VariableId, Option<V>>,
    /// Changes whenever `next` does.
    pub(crate) version: u32,
    /// Changes whenever `now` does, once it was made.
    pub(crate) now_version: u32,
    pub(crate) n_versions: u32,
    /// Whether variables are read in the next state.
    pub(crate) is_primed: bool,
    pub(crate) closures: Vec<Closure>,
    pub(crate) truths_known: IndexMap<Key, Truth>,
    pub(crate) values_known: IndexMap<Key, V>,
    pub(crate) equal_known: IndexMap<(V, V), Truth>,
    pub(crate) member_known: IndexMap<(V, V), Truth>,
    pub(crate) dependencies: Dependencies,
    /// Formulas about the state before that the free values satisfy by how they were made.
    pub(crate) granted: IndexSet<usize>,
    pub(crate) choices: Vec<Choice>,
    pub(crate) of_nothing: IndexMap<Sort, V>,
    /// Guards of presence of what should rather be absent, most important last.
    pub(crate) presence: Vec<Lit>,
    /// Guards of the cases of free scalars, with how much the case is to be avoided.
    pub(crate) ranks: Vec<(u64, Lit)>,
    /// Whether what is made is part of the state or a constant.
    pub(crate) is_state: bool,
    /// Whether sets may have families.
    pub(crate) has_families: bool,
    /// The families that sets may have.
    pub(crate) families: Vec<Possible>,
    /// Whether numbers are expanded only into what free values may be.
    pub(crate) is_choosing: bool,
    /// Sorts whose elements have been put in order.
    pub(crate) ordered: IndexSet<SortId>,
    pub(crate) depth: usize,
    /// Expressions that were made here, whose addresses are in the tables.
    pub(crate) keep_alive: Vec<Expr>,
    /// Asked now and then: whether to stop.
    pub(crate) is_over: &'m dyn Fn() -> bool,
    pub(crate) n_steps: u64,
    pub(crate) has_stopped: bool,
}

impl<'m> Builder<'m> {
    /// Nothing is known of constants and variables yet.
    pub(crate) fn new(
        module: &'m Module,
        size: Size,
        literals: &Literals,
        is_over: &'m dyn Fn() -> bool,
    ) -> Self {
        let mut integers: Vec<i64> = (-1..=size.highest).collect();
        integers.extend(&literals.integers);
        integers.sort_unstable();
        integers.dedup();
        let mut none = IdVec::new();
        let mut now = IdVec::new();
        for _ in &module.constants {
            none.push(None);
        }
        for _ in &module.variables {
            now.push(None);
        }
        Self {
            module,
            size,
            integers,
            strings: literals.strings.clone(),
            circuit: Circuit::new(),
            values: Values::default(),
            locals: IndexMap::new(),
            constants: none,
            tables: IndexMap::new(),
            operators: IndexMap::new(),
            sizes: None,
            next: now.clone(),
            now,
            version: 0,
            now_version: 0,
            n_versions: 0,
            is_primed: false,
            closures: Vec::new(),
            truths_known: IndexMap::new(),
            values_known: IndexMap::new(),
            equal_known: IndexMap::new(),
            member_known: IndexMap::new(),
            dependencies: Dependencies::default(),
            granted: IndexSet::new(),
            choices: Vec::new(),
            of_nothing: IndexMap::new(),
            presence: Vec::new(),
            ranks: Vec::new(),
            is_state: false,
            has_families: false,
            families: Vec::new(),
            is_choosing: false,
            ordered: IndexSet::new(),
            depth: 0,
            keep_alive: Vec::new(),
            is_over,
            n_steps: 0,
            has_stopped: false,
        }
    }

    /// Whether the circuit is too large, or time is up: then nothing that is made any more matters.
    pub(crate) fn is_stopped(&mut self) -> bool {
        self.n_steps += 1;
        if !self.has_stopped
            && (self.circuit.len() > MAX_GATES
                || self.values.len() > MAX_GATES
                || (self.n_steps.is_multiple_of(256) && (self.is_over)()))
        {
            self.has_stopped = true;
        }
        self.has_stopped
    }

    /// What the value is.
    pub(crate) fn node(&self, value: V) -> &Node {
        self.values.get(value)
    }

    /// What an expression depends on.
    pub(crate) fn reads(&mut self, expr: &Expr) -> Rc<Reads> {
        self.dependencies.of(self.module, expr)
    }

    /// The elements of an uninterpreted sort.
    pub(crate) fn elements(&self, sort: SortId) -> Vec<Atom> {
        (0..self.n_elements(sort)).map(|element| Atom::Element(sort, element)).collect()
    }

    /// How many elements an uninterpreted sort has.
    pub(crate) fn n_elements(&self, sort: SortId) -> u32 {
        if let Some(sizes) = &self.sizes {
            return sizes[sort];
        }
        let element = Sort::Uninterpreted(sort);
        let families = Sort::Set(Arc::new(Sort::Set(Arc::new(element.clone()))));
        let constants = || self.module.constants.iter().map(|symbol| &symbol.sort);
        let has_families = constants().any(|sort| *sort == families);
        let named = u32::try_from(constants().filter(|sort| **sort == element).count()).unwrap_or(0);
        let n = if has_families { self.size.elements } else { self.size.few };
        n.saturating_add(named.min(3))
    }

    pub(crate) fn undefined(&mut self) -> V {
        self.values.intern(Node::Undefined)
    }

    pub(crate) fn truth(&mut self, truth: Truth) -> V {
        self.values.intern(Node::Truth(truth))
    }

    /// The truth that a value is.
    pub(crate) fn as_truth(&self, value: V) -> Truth {
        if let Node::Truth(truth) = self.node(value) { *truth } else { Truth::UNKNOWN }
    }

    pub(crate) fn atom(&mut self, atom: Atom) -> V {
        self.values.intern(Node::Scalar(Box::new([(atom, Lit::TRUE)]), true))
    }

    pub(crate) fn integer(&mut self, integer: i64) -> V {
        self.atom(Atom::Int(integer))
    }

    /// A scalar from cases in any order, with atoms perhaps repeated.
    pub(crate) fn scalar(&mut self, mut cases: Vec<(Atom, Lit)>, total: bool) -> V {
        cases.retain(|(_, guard)| *guard != Lit::FALSE);
        if let Some((atom, _)) = cases.iter().find(|(_, guard)| *guard == Lit::TRUE) {
            return self.atom(*atom);
        }
        cases.sort_unstable();
        let mut merged: Vec<(Atom, Lit)> = Vec::with_capacity(cases.len());
        for chunk in cases.chunk_by(|left, right| left.0 == right.0) {
            let guard = if let [only] = chunk {
                only.1
            } else {
                self.circuit.or(chunk.iter().map(|(_, guard)| *guard))
            };
            merged.push((chunk[0].0, guard));
        }
        if let ([only], true) = (&merged[..], total) {
            return self.atom(only.0);
        }
        self.values.intern(Node::Scalar(merged.into(), total))
    }

    /// Reads `next` as these values from here on.
    pub(crate) fn set_next(&mut self, next: IdVec<VariableId, Option<V>>) {
        if self.next != next {
            self.next = next;
            self.n_versions += 1;
            self.version = self.n_versions;
        }
    }

    /// The states that formulas speak of here.
    pub(crate) fn moment(&self) -> Moment {
        let (now, next) = (self.now.clone(), self.next.clone());
        Moment { now, next, now_version: self.now_version, version: self.version }
    }

    /// Has formulas speak of these states; returns those that they spoke of.
    pub(crate) fn enter(&mut self, moment: Moment) -> Moment {
        let Moment { now, next, now_version, version } = moment;
        Moment {
            now: std::mem::replace(&mut self.now, now),
            next: std::mem::replace(&mut self.next, next),
            now_version: std::mem::replace(&mut self.now_version, now_version),
            version: std::mem::replace(&mut self.version, version),
        }
    }

    /// Binds a name while `body` runs.
    pub(crate) fn with<T>(&mut self, local: LocalId, value: V, body: impl FnOnce(&mut Self) -> T) -> T {
        let outer = self.locals.insert(local, value);
        let result = body(self);
        match outer {
            Some(outer) => {
                self.locals.insert(local, outer);
            }
            None => {
                self.locals.swap_remove(&local);
            }
        }
        result
    }
}

/// The numbers and strings that a module writes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Literals {
    /// Those that are worth trying, ascending.
    pub(crate) integers: Vec<i64>,
    /// All of them, and one more.
    pub(crate) strings: IndexSet<Arc<str>>,
}
