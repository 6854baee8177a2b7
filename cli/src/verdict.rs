//! From what came of each obligation to what may be said of it, of its theorem, and of the whole.
//!
//! Invariants: a theorem counts as proved only if every obligation that one of its alternatives needs was
//! found proved, and everything that those proofs use is proved or an assumption, transitively; there is
//! no other way to [`Standing::Proved`]. Hypotheses are traced by their labels; a label that nobody made
//! is a mistake of ours and ends the run as such.

use std::cell::LazyCell;
use std::collections::{BTreeMap, BTreeSet};

use eval::replay::Counterexample;
use lang::typed::FactKind;
use solver::backend::{SolverError, UnknownReason};
use vcgen::decompose::Decomposition;
use vcgen::graph::{Claim, ProofGraph};
use vcgen::lower::GOAL;
use vcgen::obligation::{
    Alternative, Hypothesis, Means, NodeId, ObligationIdx, ObligationKind, Part, ProofTree, Source,
    TheoremPlan, VacuitySubject,
};

use crate::attempt::{Attempt, Finding};
use crate::evidence::{Evidence, Found, Open, Refutation, Search};
use crate::exit::ExitStatus;
use crate::select::Selection;

/// Labels of what lowering adds by itself begin with one of these.
const OWN_LABELS: [&str; 2] = ["definition:", "background:"];
/// What may be said of a module.
#[derive(Clone, Debug)]
pub struct Verdicts {
    /// Of each obligation that was tried.
    pub obligations: BTreeMap<ObligationIdx, ObligationVerdict>,
    /// Of each theorem, in the order of the proof tree.
    pub theorems: Vec<TheoremVerdict>,
    /// Of each vacuity check, in the order of the proof tree.
    pub vacuity: Vec<VacuityVerdict>,
    /// Mistakes of our own.
    pub internal: Vec<String>,
    /// Whether `--only` left something out.
    pub is_partial: bool,
    /// Whether selecting nothing is no mistake: there may be less to do than there are shards.
    pub may_be_empty: bool,
    /// How many theorems and checks something was selected of.
    pub n_selected: usize,
    /// Whether the module itself states a theorem.
    pub has_theorem: bool,
}

/// What may be said of an obligation.
#[derive(Clone, Debug, PartialEq)]
pub enum ObligationVerdict {
    /// It holds, and so does all that it rests on.
    Proved(Means),
    /// It holds if what it uses does, but something of that is not proved.
    Blocked {
        /// Names of what it uses directly and that is not proved or blocked itself.
        on: Vec<String>,
    },
    /// It fails: the evaluator confirmed a counterexample.
    Refuted(Box<Refutation>),
    /// The solver or the search says that it fails, and the evaluator could not confirm that.
    PossibleCounterexample(Possible),
    /// Neither was found.
    Undecided(UnknownReason),
    /// The question could not be put to the solver.
    Failed(SolverError),
}

/// A counterexample that nobody confirmed.
#[derive(Clone, Debug, PartialEq)]
pub enum Possible {
    /// The solver's model, in words.
    Model(String),
    /// States that the search found, and what of them could not be evaluated.
    States(Box<Counterexample>, Vec<Open>),
}

/// What may be said of a theorem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TheoremVerdict {
    /// What may be said.
    pub standing: Standing,
    /// The alternative that this is about, by its position; none if nothing of it was tried.
    pub alternative: Option<usize>,
    /// The way that was taken for each part of that alternative, by its position.
    pub ways: Vec<usize>,
    /// The obligations that were tried for it: those of that alternative, and the helpers that it needs.
    pub tried: Vec<ObligationIdx>,
    /// Those of them that the theorem needs: all but helpers that nothing uses.
    pub needed: BTreeSet<ObligationIdx>,
    /// Names of the facts that its proofs use directly.
    pub uses: BTreeSet<String>,
}

/// How a theorem stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It holds, and so does all that it rests on.
    Proved,
    /// What was selected of it holds, or it rests on something that was not selected.
    Partial,
    /// So many obligations of it are refuted, so that this proof of it fails.
    Refuted(usize),
    /// So many obligations of it are not proved, and none is refuted.
    Failed(usize),
    /// There is no way to prove it.
    NoProof,
    /// Its proofs use something that is not proved.
    Blocked {
        /// Names of that.
        on: Vec<String>,
    },
    /// It was taken for granted at the user's word.
    Assumed,
    /// It holds because its premises contradict each other.
    Vacuous,
    /// Nothing of it was selected.
    NotSelected,
}

/// What may be said of a vacuity check.
#[derive(Clone, Debug)]
pub enum VacuityVerdict {
    /// No contradiction was found within the budget, as it should be.
    NoneFound,
    /// The premises contradict each other.
    Contradictory {
        /// Labels of hypotheses that do so.
        core: Vec<String>,
    },
    /// The solver did not live to look, or the run was stopped.
    NotChecked(String),
    /// It was not selected.
    NotSelected,
}

/// Which alternative of each theorem is looked at.
pub type Choice = Vec<Chosen>;

/// An alternative of a theorem, and a way for each of its parts, by their positions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chosen {
    /// The alternative.
    pub alternative: usize,
    /// The ways.
    pub ways: Vec<usize>,
}

impl Chosen {
    /// An alternative with the first way of each part of which something is selected, or else the first.
    pub fn first_ways(
        tree: &ProofTree,
        selection: &Selection,
        plan: &TheoremPlan,
        alternative: usize,
    ) -> Self {
        let parts = plan.alternatives.get(alternative).into_iter().flat_map(|chosen| &chosen.parts);
        let first = |part: &Part| next_way(tree, selection, plan, part, 0).unwrap_or(0);
        Self { alternative, ways: parts.map(first).collect() }
    }
}

/// The first way of a part from this position on of which something is selected.
pub fn next_way(
    tree: &ProofTree,
    selection: &Selection,
    plan: &TheoremPlan,
    part: &Part,
    from: usize,
) -> Option<usize> {
    let is_selected = |idx: &ObligationIdx| selection.selects(&tree.obligations[*idx].id, Some(&plan.name));
    (from..part.ways.len()).find(|way| part.ways[*way].obligations.iter().any(is_selected))
}

/// The obligations of a theorem that are selected, with this alternative of it: those of the alternative,
/// and, if not all of these are selected, helpers of the theorem that the selection names. Helpers, which
/// stand in no alternative, are otherwise tried where something uses them.
pub fn selected(
    decomposition: &Decomposition,
    selection: &Selection,
    theorem_idx: usize,
    chosen: &Chosen,
) -> BTreeSet<ObligationIdx> {
    let tree = &decomposition.tree;
    let plan = &tree.theorems[theorem_idx];
    let Some(alternative) = plan.alternatives.get(chosen.alternative) else {
        return BTreeSet::new();
    };
    let id = |obligation_idx: ObligationIdx| &tree.obligations[obligation_idx].id;
    let is_selected = |idx: &ObligationIdx| selection.selects(id(*idx), Some(&plan.name));
    let mut selected: BTreeSet<ObligationIdx> = alternative.with(&chosen.ways).filter(is_selected).collect();
    if alternative.with(&chosen.ways).all(|idx| selected.contains(&idx)) {
        return selected;
    }
    let in_alternatives: BTreeSet<ObligationIdx> =
        plan.alternatives.iter().flat_map(Alternative::all).collect();
    let helpers = tree.obligations.iter_enumerated().filter(|(idx, obligation)| {
        obligation.kind != ObligationKind::Vacuity
            && !in_alternatives.contains(idx)
            && selection.selects(&obligation.id, None)
            && root(tree, obligation.node) == root(tree, plan.node)
    });
    selected.extend(helpers.map(|(idx, _)| idx));
    selected
}

/// Whether an obligation that proofs use may be tried: the selection takes it, or all of its theorem.
pub fn is_selected_with_owner(
    decomposition: &Decomposition,
    selection: &Selection,
    obligation_idx: ObligationIdx,
) -> bool {
    let tree = &decomposition.tree;
    let obligation = &tree.obligations[obligation_idx];
    if matches!(obligation.kind, ObligationKind::Termination { .. }) {
        return true;
    }
    let owner = tree.theorems.iter().find(|plan| root(tree, plan.node) == root(tree, obligation.node));
    let name = owner.map(|plan| plan.name.as_str());
    let is_helper = || {
        !owner.iter().flat_map(|plan| &plan.alternatives).any(|it| it.all().any(|idx| idx == obligation_idx))
    };
    selection.selects(&obligation.id, name) || (selection.may_use(&obligation.id, name) && is_helper())
}

/// The topmost node above a node.
pub fn root(tree: &ProofTree, mut node: NodeId) -> NodeId {
    while let Some(parent) = tree.nodes[node].parent {
        node = parent;
    }
    node
}

/// The vacuity checks that belong to a selection, by their positions: those that it names, and those of
/// theorems of which it takes something.
pub fn selected_vacuity(decomposition: &Decomposition, selection: &Selection) -> BTreeSet<usize> {
    let tree = &decomposition.tree;
    // Asked once for each theorem, however many checks it has.
    let taken: LazyCell<BTreeSet<&str>, _> = LazyCell::new(|| {
        let is_taken = |(theorem_idx, plan): &(usize, &TheoremPlan)| {
            (0..plan.alternatives.len()).any(|alternative| {
                let chosen = Chosen::first_ways(tree, selection, plan, alternative);
                !selected(decomposition, selection, *theorem_idx, &chosen).is_empty()
            })
        };
        let theorems = tree.theorems.iter().enumerate().filter(is_taken);
        theorems.map(|(_, plan)| plan.name.as_str()).collect()
    });
    let is_selected = |(_, check): &(usize, &vcgen::obligation::VacuityCheck)| {
        selection.selects(&tree.obligations[check.obligation].id, None)
            || match &check.subject {
                // Each is in a shard of its own.
                _ if selection.is_of_shards() => false,
                VacuitySubject::Assumptions => !taken.is_empty(),
                VacuitySubject::Action { theorem, .. } | VacuitySubject::Initial { theorem } => {
                    taken.contains(theorem.as_str())
                }
            }
    };
    tree.vacuity.iter().enumerate().filter(is_selected).map(|(index, _)| index).collect()
}

/// Judges a module by what came of its obligations, with the alternatives that were chosen, and the theorems of
/// instantiated modules that are not proved there.
pub fn judge(
    decomposition: &Decomposition,
    selection: &Selection,
    attempts: &BTreeMap<ObligationIdx, Attempt>,
    evidence: &Evidence,
    (choice, unproved_elsewhere): (&Choice, &BTreeSet<usize>),
) -> Verdicts {
    let mut judge = Judge {
        decomposition,
        selection,
        attempts,
        evidence,
        choice,
        unproved_elsewhere,
        graph: ProofGraph::default(),
        internal: BTreeSet::new(),
    };
    judge.link();
    judge.verdicts()
}

struct Judge<'a> {
    decomposition: &'a Decomposition,
    selection: &'a Selection,
    attempts: &'a BTreeMap<ObligationIdx, Attempt>,
    evidence: &'a Evidence,
    choice: &'a Choice,
    /// Theorems of instantiated modules that are not proved there.
    unproved_elsewhere: &'a BTreeSet<usize>,
    graph: ProofGraph,
    internal: BTreeSet<String>,
}

/// The claim that a source is; definitions claim nothing.
fn claim_of(source: &Source) -> Option<Claim> {
    match source {
        Source::Fact(fact_idx) => Some(Claim::Fact(*fact_idx)),
        Source::Obligation(used) => Some(Claim::Obligation(*used)),
        Source::Inherited(position) => Some(Claim::Inherited(*position)),
        Source::Definition(_) => None,
    }
}

impl Judge<'_> {
    /// Fills the graph: proofs use what their cores name, theorems use the obligations that they need.
    fn link(&mut self) {
        for (obligation_idx, attempt) in self.attempts {
            let Finding::Proved { core, .. } = &attempt.finding else {
                continue;
            };
            let obligation = &self.decomposition.tree.obligations[*obligation_idx];
            for used in obligation.rests_on.iter().filter_map(claim_of) {
                self.graph.add_use(Claim::Obligation(*obligation_idx), used);
            }
            for label in core {
                for used in self.claims_of(*obligation_idx, label) {
                    self.graph.add_use(Claim::Obligation(*obligation_idx), used);
                }
            }
        }
        for (theorem_idx, plan) in self.decomposition.tree.theorems.iter().enumerate() {
            for obligation_idx in self.required(theorem_idx) {
                self.graph.add_use(Claim::Fact(plan.fact), Claim::Obligation(obligation_idx));
            }
        }
    }

    /// What a hypothesis rests on, by its label.
    fn claims_of(&mut self, obligation_idx: ObligationIdx, label: &str) -> Vec<Claim> {
        let obligation = &self.decomposition.tree.obligations[obligation_idx];
        let label = vcgen::lower::hypothesis_of(label);
        // Labels are unique; if two were not, the proof would rest on what either of them does.
        let named: Vec<&Hypothesis> =
            obligation.hypotheses.iter().filter(|hypothesis| hypothesis.label == label).collect();
        if !named.is_empty() {
            return named.iter().flat_map(|hypothesis| &hypothesis.sources).filter_map(claim_of).collect();
        }
        if label != GOAL && !OWN_LABELS.iter().any(|own| label.starts_with(own)) {
            self.internal.insert(format!(
                "the proof of `{}` uses `{label}`, which is none of its hypotheses",
                obligation.id
            ));
        }
        Vec::new()
    }

    fn selected(&self, theorem_idx: usize) -> BTreeSet<ObligationIdx> {
        selected(self.decomposition, self.selection, theorem_idx, &self.choice[theorem_idx])
    }

    /// Whether nothing of the alternative at hand is left out.
    fn is_whole(&self, theorem_idx: usize) -> bool {
        let plan = &self.decomposition.tree.theorems[theorem_idx];
        let selected = self.selected(theorem_idx);
        let chosen = &self.choice[theorem_idx];
        plan.alternatives
            .get(chosen.alternative)
            .is_none_or(|alternative| alternative.with(&chosen.ways).all(|idx| selected.contains(&idx)))
    }

    /// The obligations without which the alternative at hand proves nothing. Continuity lemmas help others
    /// and count where those use them; only where single obligations were selected, each counts.
    fn required(&self, theorem_idx: usize) -> BTreeSet<ObligationIdx> {
        let mut required = self.selected(theorem_idx);
        if self.is_whole(theorem_idx) {
            required.retain(|obligation_idx| !self.is_helper(*obligation_idx));
        }
        required
    }

    fn is_helper(&self, obligation_idx: ObligationIdx) -> bool {
        match self.decomposition.tree.obligations[obligation_idx].kind {
            ObligationKind::Continuity { .. } => true,
            ObligationKind::Initiation
            | ObligationKind::Consecution { .. }
            | ObligationKind::Simulation { .. }
            | ObligationKind::Implication
            | ObligationKind::Induction
            | ObligationKind::Termination { .. }
            | ObligationKind::Vacuity => false,
        }
    }

    fn is_found_proved(&self, obligation_idx: ObligationIdx) -> bool {
        self.attempts
            .get(&obligation_idx)
            .is_some_and(|attempt| matches!(attempt.finding, Finding::Proved { .. }))
    }

    fn is_refuted(&self, obligation_idx: ObligationIdx) -> bool {
        let search = self.evidence.get(&obligation_idx);
        !self.is_found_proved(obligation_idx)
            && search.is_some_and(|search| matches!(search.found, Found::Refuted(_)))
    }

    /// What is known not to be proved: claims that failed, and theorems that have no proof at all.
    fn unproved(&self) -> BTreeSet<Claim> {
        let tree = &self.decomposition.tree;
        let failed = self.attempts.keys().filter(|obligation_idx| !self.is_found_proved(**obligation_idx));
        let mut unproved: BTreeSet<Claim> = failed.map(|failed| Claim::Obligation(*failed)).collect();
        unproved.extend(self.unproved_elsewhere.iter().map(|position| Claim::Inherited(*position)));
        let planned: BTreeSet<usize> = tree.theorems.iter().map(|plan| plan.fact).collect();
        for (fact_idx, fact) in self.decomposition.program.module.facts.iter().enumerate() {
            match fact.kind {
                FactKind::Assumption | FactKind::Axiom => {}
                FactKind::Theorem if planned.contains(&fact_idx) => {}
                FactKind::Theorem => {
                    unproved.insert(Claim::Fact(fact_idx));
                }
            }
        }
        for plan in &tree.theorems {
            let has_no_proof = plan.alternatives.iter().all(|alternative| alternative.all().next().is_none());
            if plan.omitted || has_no_proof {
                unproved.insert(Claim::Fact(plan.fact));
            }
        }
        if self.selection.is_everything() {
            // Nobody asked to leave it out, so what was not tried may not be relied on.
            unproved.extend(self.untried());
        }
        unproved
    }

    fn untried(&self) -> impl Iterator<Item = Claim> {
        let all = self.decomposition.tree.obligations.ids();
        all.filter(|obligation_idx| !self.attempts.contains_key(obligation_idx)).map(Claim::Obligation)
    }

    /// What was left out, in whole or in part, and is not in `unproved` for another reason.
    fn unchecked(&self, unproved: &BTreeSet<Claim>) -> BTreeSet<Claim> {
        let tree = &self.decomposition.tree;
        let mut unchecked: BTreeSet<Claim> = self.untried().collect();
        for (theorem_idx, plan) in tree.theorems.iter().enumerate() {
            let claim = Claim::Fact(plan.fact);
            if !unproved.contains(&claim) && !self.is_whole(theorem_idx) {
                unchecked.insert(claim);
            }
        }
        unchecked
    }

    /// Theorems whose premises contradict each other. If the assumptions do, these are all theorems: there is
    /// nothing that they are about, and which assumptions a proof names is the solver's choice among many.
    fn vacuous(&self, vacuity: &[VacuityVerdict]) -> BTreeSet<Claim> {
        let tree = &self.decomposition.tree;
        let mut vacuous = BTreeSet::new();
        for (check, verdict) in tree.vacuity.iter().zip(vacuity) {
            match verdict {
                VacuityVerdict::Contradictory { .. } => {}
                VacuityVerdict::NoneFound | VacuityVerdict::NotChecked(_) | VacuityVerdict::NotSelected => {
                    continue;
                }
            }
            let is_concerned = |plan: &&TheoremPlan| match &check.subject {
                VacuitySubject::Assumptions => true,
                VacuitySubject::Action { theorem, .. } | VacuitySubject::Initial { theorem } => {
                    plan.name == *theorem
                }
            };
            vacuous.extend(tree.theorems.iter().filter(is_concerned).map(|plan| Claim::Fact(plan.fact)));
        }
        vacuous
    }

    fn vacuity(&self) -> Vec<VacuityVerdict> {
        let selected = selected_vacuity(self.decomposition, self.selection);
        let checks = self.decomposition.tree.vacuity.iter().enumerate();
        checks
            .map(|(check_idx, check)| {
                if !selected.contains(&check_idx) {
                    return VacuityVerdict::NotSelected;
                }
                let Some(attempt) = self.attempts.get(&check.obligation) else {
                    return VacuityVerdict::NotChecked("it was not tried".to_owned());
                };
                match &attempt.finding {
                    Finding::Proved { core, .. } => VacuityVerdict::Contradictory { core: core.clone() },
                    Finding::PossibleCounterexample { .. } => VacuityVerdict::NoneFound,
                    Finding::Unknown(reason) => match reason {
                        UnknownReason::ResourceLimit
                        | UnknownReason::Timeout
                        | UnknownReason::Incomplete(_) => VacuityVerdict::NoneFound,
                        UnknownReason::Memory | UnknownReason::Interrupted | UnknownReason::SolverDied(_) => {
                            VacuityVerdict::NotChecked(reason.to_string())
                        }
                    },
                    Finding::Failed(error) => VacuityVerdict::NotChecked(error.to_string()),
                }
            })
            .collect()
    }

    fn name(&self, claim: Claim) -> String {
        match claim {
            Claim::Fact(fact_idx) => self.decomposition.program.module.facts[fact_idx].name.clone(),
            Claim::Inherited(position) => self.decomposition.program.module.inherited[position].name(),
            Claim::Obligation(obligation_idx) => {
                self.decomposition.tree.obligations[obligation_idx].id.clone()
            }
        }
    }

    fn names<'c>(&self, claims: impl IntoIterator<Item = &'c Claim>) -> Vec<String> {
        claims.into_iter().map(|claim| self.name(*claim)).collect()
    }

    fn verdicts(mut self) -> Verdicts {
        let unproved = self.unproved();
        let blocked = self.graph.blocked(&unproved);
        let unchecked = self.unchecked(&unproved);
        let partial = self.graph.blocked(&unchecked);
        let vacuity = self.vacuity();
        let vacuous_roots = self.vacuous(&vacuity);
        let vacuous = self.graph.blocked(&vacuous_roots);
        let mut obligations = BTreeMap::new();
        for (obligation_idx, attempt) in self.attempts {
            let on = blocked.get(&Claim::Obligation(*obligation_idx)).map(|on| self.names(on));
            if let Finding::Failed(error) = &attempt.finding
                && is_our_mistake(error)
            {
                let id = &self.decomposition.tree.obligations[*obligation_idx].id;
                self.internal.insert(format!("`{id}`: {error}"));
            }
            let search = self.evidence.get(obligation_idx);
            obligations.insert(*obligation_idx, obligation_verdict(attempt, search, on));
        }
        let mut theorems = Vec::new();
        for (theorem_idx, plan) in self.decomposition.tree.theorems.iter().enumerate() {
            let claim = Claim::Fact(plan.fact);
            let tried = self.selected(theorem_idx);
            let required = self.required(theorem_idx);
            let n_failed = required.iter().filter(|idx| !self.is_found_proved(**idx)).count();
            let n_refuted = required.iter().filter(|idx| self.is_refuted(**idx)).count();
            let mut on: BTreeSet<String> = BTreeSet::new();
            for obligation_idx in &required {
                if let Some(claims) = blocked.get(&Claim::Obligation(*obligation_idx)) {
                    on.extend(self.names(claims));
                }
            }
            let standing = if tried.is_empty() && !self.selection.selects_theorem(&plan.name) {
                Standing::NotSelected
            } else if plan.omitted {
                Standing::Assumed
            } else if unproved.contains(&claim) {
                Standing::NoProof
            } else if tried.is_empty() {
                Standing::NotSelected
            } else if n_refuted > 0 {
                Standing::Refuted(n_refuted)
            } else if n_failed > 0 {
                Standing::Failed(n_failed)
            } else if !on.is_empty() || blocked.contains_key(&claim) {
                Standing::Blocked { on: on.into_iter().collect() }
            } else if vacuous_roots.contains(&claim) || vacuous.contains_key(&claim) {
                Standing::Vacuous
            } else if unchecked.contains(&claim) || partial.contains_key(&claim) {
                Standing::Partial
            } else {
                Standing::Proved
            };
            let needed = self.needed(required);
            let uses = self.uses(&needed);
            theorems.push(TheoremVerdict {
                standing,
                alternative: (!tried.is_empty()).then_some(self.choice[theorem_idx].alternative),
                ways: self.choice[theorem_idx].ways.clone(),
                tried: tried.union(&needed).copied().collect(),
                needed,
                uses,
            });
        }
        let tree = &self.decomposition.tree;
        let n_selected_vacuity =
            vacuity.iter().filter(|verdict| !matches!(verdict, VacuityVerdict::NotSelected)).count();
        let n_selected_theorems = theorems
            .iter()
            .zip(&tree.theorems)
            .filter(|(verdict, plan)| {
                !verdict.tried.is_empty()
                    || (plan.alternatives.is_empty() && self.selection.selects_theorem(&plan.name))
            })
            .count();
        let is_partial = !self.selection.is_everything()
            && (n_selected_vacuity < vacuity.len()
                || (0..theorems.len()).any(|theorem_idx| {
                    theorems[theorem_idx].standing == Standing::NotSelected || !self.is_whole(theorem_idx)
                }));
        Verdicts {
            may_be_empty: self.selection.is_of_shards(),
            n_selected: n_selected_theorems + n_selected_vacuity,
            has_theorem: tree.theorems.iter().any(|plan| plan.root),
            obligations,
            theorems,
            vacuity,
            internal: self.internal.into_iter().collect(),
            is_partial,
        }
    }

    /// `required` together with the obligations that their proofs use, transitively, as far as they were tried.
    fn needed(&mut self, required: BTreeSet<ObligationIdx>) -> BTreeSet<ObligationIdx> {
        let mut needed = BTreeSet::new();
        let mut todo: Vec<ObligationIdx> = required.into_iter().collect();
        while let Some(obligation_idx) = todo.pop() {
            if !self.attempts.contains_key(&obligation_idx) || !needed.insert(obligation_idx) {
                continue;
            }
            for claim in self.used_by(obligation_idx) {
                match claim {
                    Claim::Obligation(used) => todo.push(used),
                    Claim::Fact(_) | Claim::Inherited(_) => {}
                }
            }
        }
        needed
    }

    fn uses(&mut self, needed: &BTreeSet<ObligationIdx>) -> BTreeSet<String> {
        let claims: BTreeSet<Claim> = needed.iter().flat_map(|idx| self.used_by(*idx)).collect();
        let facts = claims.into_iter().filter(|claim| match claim {
            Claim::Fact(_) | Claim::Inherited(_) => true,
            Claim::Obligation(_) => false,
        });
        facts.map(|claim| self.name(claim)).collect()
    }

    fn used_by(&mut self, obligation_idx: ObligationIdx) -> Vec<Claim> {
        let core = match self.attempts.get(&obligation_idx).map(|attempt| &attempt.finding) {
            Some(Finding::Proved { core, .. }) => core,
            Some(Finding::PossibleCounterexample { .. } | Finding::Unknown(_) | Finding::Failed(_))
            | None => {
                return Vec::new();
            }
        };
        let rests_on = &self.decomposition.tree.obligations[obligation_idx].rests_on;
        let mut used: Vec<Claim> = rests_on.iter().filter_map(claim_of).collect();
        used.extend(core.iter().flat_map(|label| self.claims_of(obligation_idx, label)));
        used
    }
}

fn obligation_verdict(
    attempt: &Attempt,
    search: Option<&Search>,
    on: Option<Vec<String>>,
) -> ObligationVerdict {
    match (&attempt.finding, on, search.map(|search| &search.found)) {
        (Finding::Proved { means, .. }, None, _) => ObligationVerdict::Proved(*means),
        (Finding::Proved { .. }, Some(on), _) => ObligationVerdict::Blocked { on },
        (_, _, Some(Found::Refuted(refutation))) => ObligationVerdict::Refuted(refutation.clone()),
        (_, _, Some(Found::Possible { counterexample, open })) => {
            let states = Possible::States(counterexample.clone(), open.clone());
            ObligationVerdict::PossibleCounterexample(states)
        }
        (Finding::PossibleCounterexample { model }, _, Some(Found::Nothing) | None) => {
            ObligationVerdict::PossibleCounterexample(Possible::Model(model.clone()))
        }
        (Finding::Unknown(reason), _, Some(Found::Nothing) | None) => {
            ObligationVerdict::Undecided(reason.clone())
        }
        (Finding::Failed(error), _, Some(Found::Nothing) | None) => ObligationVerdict::Failed(error.clone()),
    }
}

/// Whether an error of the solver says that we asked wrongly, rather than that it could not be asked.
fn is_our_mistake(error: &SolverError) -> bool {
    match error {
        SolverError::IllFormed(_) | SolverError::WrongVersion { .. } | SolverError::Internal(_) => true,
        SolverError::Spawn { .. } | SolverError::NotKept => false,
    }
}

impl Standing {
    /// What a theorem that stands so contributes to the exit code.
    pub fn exit(&self) -> ExitStatus {
        match self {
            // What was left out on request says nothing, neither good nor bad.
            Self::Proved | Self::Partial | Self::NotSelected => ExitStatus::Proved,
            Self::Failed(_) | Self::NoProof | Self::Blocked { .. } | Self::Assumed => ExitStatus::Undecided,
            Self::Refuted(_) => ExitStatus::Refuted,
            Self::Vacuous => ExitStatus::Vacuous,
        }
    }
}

impl Verdicts {
    /// How the run for this module ends.
    pub fn exit(&self) -> ExitStatus {
        let internal = if self.internal.is_empty() { ExitStatus::Proved } else { ExitStatus::Internal };
        let is_empty = (self.n_selected == 0 && !self.may_be_empty) || !self.has_theorem;
        let selection = if is_empty { ExitStatus::NothingSelected } else { ExitStatus::Proved };
        let theorems = self.theorems.iter().map(|verdict| verdict.standing.exit());
        let vacuity = self.vacuity.iter().map(|verdict| match verdict {
            VacuityVerdict::NoneFound | VacuityVerdict::NotSelected => ExitStatus::Proved,
            VacuityVerdict::Contradictory { .. } => ExitStatus::Vacuous,
            VacuityVerdict::NotChecked(_) => ExitStatus::Undecided,
        });
        theorems.chain(vacuity).fold(internal.and(selection), ExitStatus::and)
    }

    /// Whether everything was looked at: nothing was left out.
    pub fn is_complete(&self) -> bool {
        !self.is_partial && self.n_selected > 0
    }

    /// Whether every theorem of the module is proved.
    pub fn is_verified(&self) -> bool {
        self.is_complete()
            && self.exit() == ExitStatus::Proved
            && self.theorems.iter().all(|verdict| verdict.standing == Standing::Proved)
    }
}
