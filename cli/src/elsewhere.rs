//! Theorems of instantiated modules, which are proved in those modules: a run of its own for each.
//!
//! Invariant: a theorem is inherited only if its module's run says that it is proved, and if all that this module
//! assumes is among what the instance was found to assume; that this holds here is for obligations of the root.
//! Theorems and assumptions are the same if they stand in the same place: modules within modules may have the name
//! of another.
//!
//! NOTE(shapes): a record has the sort of all records that are used like it, so that in a module that knows one
//! shape only, no record of that sort has other fields. A theorem may rest on that; so it is inherited only where
//! records of these shapes have no others.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use lang::resolve::Lost;
use lang::sort::RecordSort;
use lang::source::Span;
use lang::typed::{self, FactKind};
use vcgen::decompose::Decomposition;
use vcgen::obligation::{ObligationIdx, Source};

use crate::attempt::{Attempt, Finding, Solving};
use crate::driver::{self, Front, Until};
use crate::load::Loaded;
use crate::resources::StageTimes;
use crate::select::Selection;
use crate::verdict::Standing;

/// What came of a module whose theorems are used.
#[derive(Clone, Debug, Default)]
pub struct Elsewhere {
    /// The theorems that are proved.
    pub proved: BTreeSet<String>,
    /// Where these stand.
    places: BTreeSet<Span>,
    /// Where what the module assumes stands.
    assumptions: BTreeSet<Span>,
    /// The shapes of its records.
    records: Vec<Shapes>,
    /// Mistakes of our own in its run: then nothing is proved by it.
    pub internal: Vec<String>,
    /// How many obligations were needed.
    pub n_obligations: usize,
    /// Resource units of these.
    pub rlimit: u64,
}

/// The shapes of one sort of records, each the names of its fields, in order. Shapes that differ in the sorts of
/// their fields only count as two.
type Shapes = Vec<Vec<String>>;

/// Modules whose theorems are used, by name.
pub type Others = BTreeMap<String, Elsewhere>;

/// Proves the modules of which the proofs so far use theorems, apart from those that were.
pub fn prove(
    front: &Front,
    decomposition: &Decomposition,
    attempts: &BTreeMap<ObligationIdx, Attempt>,
    solving: &Solving<'_>,
    others: &mut Others,
) -> Result<()> {
    let inherited = &decomposition.program.module.inherited;
    for position in used(decomposition, attempts) {
        let module = &inherited[position].module;
        if !others.contains_key(module) {
            others.insert(module.clone(), module_of(front, module, solving)?);
        }
    }
    Ok(())
}

/// The theorems of instantiated modules that proofs use, by their positions.
pub fn used(decomposition: &Decomposition, attempts: &BTreeMap<ObligationIdx, Attempt>) -> BTreeSet<usize> {
    let mut used = BTreeSet::new();
    for (obligation_idx, attempt) in attempts {
        let Finding::Proved { core, .. } = &attempt.finding else { continue };
        let obligation = &decomposition.tree.obligations[*obligation_idx];
        let in_core = obligation.hypotheses.iter().filter(|hypothesis| core.contains(&hypothesis.label));
        let sources = in_core.flat_map(|hypothesis| &hypothesis.sources).chain(&obligation.rests_on);
        used.extend(sources.filter_map(|source| match source {
            Source::Inherited(position) => Some(*position),
            Source::Fact(_) | Source::Obligation(_) | Source::Definition(_) => None,
        }));
    }
    used
}

fn module_of(front: &Front, module: &str, solving: &Solving<'_>) -> Result<Elsewhere> {
    let Some(root) = front.library.iter().find(|known| known.name.text == module) else {
        return Ok(Elsewhere::default());
    };
    let loaded = Loaded {
        sources: front.sources.clone(),
        root: root.clone(),
        library: front.library.clone(),
        diagnostics: Vec::new(),
        lost: Lost::default(),
    };
    let own = driver::front(&front.file, loaded, StageTimes::default(), Until::Obligations);
    let solving = Solving { search: None, dump_smt: None, ..*solving };
    let run = driver::prove(own, &Selection::default(), &solving)?;
    let (Some(proof), Some(typed), Some(decomposition)) =
        (&run.proof, &run.front.typed, &run.front.decomposition)
    else {
        return Ok(Elsewhere::default());
    };
    if !proof.verdicts.internal.is_empty() {
        return Ok(Elsewhere { internal: proof.verdicts.internal.clone(), ..Elsewhere::default() });
    }
    let theorems = decomposition.tree.theorems.iter().zip(&proof.verdicts.theorems);
    let proved = theorems.clone().filter(|(_, verdict)| verdict.standing == Standing::Proved);
    let needed: BTreeSet<ObligationIdx> =
        theorems.flat_map(|(_, verdict)| verdict.needed.iter().copied()).collect();
    let rlimit = needed.iter().filter_map(|idx| proof.attempts.get(idx)).map(|attempt| attempt.rlimit).sum();
    Ok(Elsewhere {
        proved: proved.clone().map(|(plan, _)| plan.name.clone()).collect(),
        places: proved.map(|(plan, _)| plan.span).collect(),
        assumptions: typed.facts.iter().filter(|fact| is_assumed(fact.kind)).map(|fact| fact.span).collect(),
        records: records(typed),
        internal: Vec::new(),
        n_obligations: needed.len(),
        rlimit,
    })
}

fn is_assumed(kind: FactKind) -> bool {
    match kind {
        FactKind::Assumption | FactKind::Axiom => true,
        FactKind::Theorem => false,
    }
}

/// The theorems of instantiated modules that are not proved there, or not known to be, by their positions.
pub fn unproved(module: &typed::Module, others: &Others) -> BTreeSet<usize> {
    let inherited = module.inherited.iter().enumerate();
    let own = records(module);
    let unproved = inherited.filter(|(_, theorem)| {
        let Some(other) = others.get(&theorem.module) else { return true };
        let of_instance = module.inherited.iter().filter(|known| known.prefix == theorem.prefix);
        let assumed: BTreeSet<Span> =
            of_instance.filter(|known| is_assumed(known.kind)).map(|known| known.span).collect();
        !other.places.contains(&theorem.span)
            || !other.assumptions.is_subset(&assumed)
            || !have_same_shapes(&other.records, &own)
    });
    unproved.map(|(position, _)| position).collect()
}

fn records(module: &typed::Module) -> Vec<Shapes> {
    let names = |record: &RecordSort, shape: &Vec<usize>| {
        let mut names: Vec<String> = shape.iter().map(|field| record.fields[*field].name.clone()).collect();
        names.sort_unstable();
        names
    };
    let shapes = |record: &RecordSort| {
        let mut shapes: Shapes = record.shapes.iter().map(|shape| names(record, shape)).collect();
        shapes.sort_unstable();
        shapes
    };
    module.sorts.records.iter().map(shapes).collect()
}

/// See [NOTE(shapes)](self): whether records of one of these shapes have no others here than there.
fn have_same_shapes(there: &[Shapes], here: &[Shapes]) -> bool {
    there.iter().all(|shapes| {
        let mut alike = here.iter().filter(|own| own.iter().any(|shape| shapes.contains(shape))).peekable();
        alike.peek().is_some() && alike.all(|own| own == shapes)
    })
}
