//! What makes a proof hollow: premises that nothing satisfies, and parts that nothing needs.
//!
//! Contradictions ([`contradiction`]) are looked for in every run, since they make "proved" worthless. The rest
//! is for `paxprove vacuity`: probes ([`probes`]) ask the solver for what must not follow, and what is not used
//! ([`usage`]) is read off the proofs of the run.
//!
//! Invariant: nothing here makes anything proved. A finding may be missed, since the solver gives up; one that
//! is told rests on an unsat of the solver, or on what the cores of all proofs leave out.

pub mod contradiction;
pub mod instance;
pub mod probes;
pub mod solve;
pub mod usage;
pub mod witness;

use std::sync::atomic::Ordering;
use std::time::Duration;

use lang::diag::{Diagnostic, Severity};
use lang::typed::Expr;
use solver::backend::UnknownReason;
use vcgen::obligation::VacuitySubject;
use vcgen::program::Program;

use crate::attempt::{Attempt, Finding, Solving};
use crate::driver::Run;
use crate::exit::ExitStatus;
use crate::report::contradictions::{self, subject_text};
use crate::select::Selection;
use crate::verdict::VacuityVerdict;

/// What is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Assumptions that contradict each other.
    Assumptions,
    /// Specifications without an initial state.
    Initial,
    /// Actions, or branches of them, that cannot happen.
    Action,
    /// Alternatives within an action that are never taken.
    Disjunct,
    /// Premises that are never true.
    Antecedent,
    /// Quantifiers over sets that are always empty.
    Domain,
    /// Conjuncts that follow from the others.
    Redundant,
    /// Facts and conjuncts that no proof uses.
    Use,
}

impl Kind {
    /// All kinds, in the order of reports.
    pub const ALL: [Self; 8] = [
        Self::Assumptions,
        Self::Initial,
        Self::Action,
        Self::Disjunct,
        Self::Antecedent,
        Self::Domain,
        Self::Redundant,
        Self::Use,
    ];

    /// What is checked, for a table.
    pub fn title(self) -> &'static str {
        match self {
            Self::Assumptions => "contradictory assumptions",
            Self::Initial => "no initial state",
            Self::Action => "dead actions",
            Self::Disjunct => "dead alternatives in actions",
            Self::Antecedent => "dead antecedents",
            Self::Domain => "quantifiers over nothing",
            Self::Redundant => "redundant conjuncts",
            Self::Use => "unused hypotheses",
        }
    }

    /// A word for programs.
    pub fn word(self) -> &'static str {
        match self {
            Self::Assumptions => "assumptions",
            Self::Initial => "initial",
            Self::Action => "action",
            Self::Disjunct => "disjunct",
            Self::Antecedent => "antecedent",
            Self::Domain => "domain",
            Self::Redundant => "redundant",
            Self::Use => "use",
        }
    }
}

/// What came of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// An example was met: a step, on an instance, in which it is not hollow.
    Witnessed,
    /// The solver has a model in which it is not hollow, or a proof uses it.
    Fine,
    /// The solver looked at all that it could and found nothing.
    NoneFound,
    /// Something is hollow; a finding says what.
    Found(Box<Diagnostic>),
    /// It is hollow for a reason that another finding tells.
    FoundAlready,
    /// It could not be settled within the budget, or not at all.
    Unsettled(String),
}

/// A check and what came of it.
#[derive(Clone, Debug)]
pub struct Row {
    /// What was looked for.
    pub kind: Kind,
    /// In what: an id of the proof tree, or a name.
    pub subject: String,
    /// What came of it.
    pub answer: Answer,
    /// A formula about a step that, where it is true, shows that nothing is hollow here.
    pub witness: Option<Expr>,
    /// Resource units.
    pub rlimit: u64,
    /// Wall time of the solver.
    pub time: Duration,
}

impl Row {
    /// What it contributes to the exit code.
    pub fn exit(&self) -> ExitStatus {
        match &self.answer {
            Answer::Witnessed | Answer::Fine | Answer::NoneFound | Answer::FoundAlready => ExitStatus::Proved,
            Answer::Found(finding) => match finding.severity {
                Severity::Error => ExitStatus::Vacuous,
                Severity::Warning | Severity::Note => ExitStatus::Proved,
            },
            Answer::Unsettled(_) => ExitStatus::Undecided,
        }
    }
}

/// Looks at a module that was proved, or tried, for all that may be hollow in it.
pub fn look(run: &Run, selection: &Selection, solving: &Solving<'_>) -> Vec<Row> {
    let mut rows = contradictory(run);
    // From contradictory assumptions every probe would follow.
    if !rows.iter().any(|row| row.kind == Kind::Assumptions && matches!(row.answer, Answer::Found(_))) {
        rows.extend(probes::rows(run, selection, solving));
    }
    rows.extend(usage::rows(run));
    rows.sort_by_key(|row| row.kind);
    if let Some(decomposition) = &run.front.decomposition {
        witness(&decomposition.program, &mut rows, solving);
    }
    rows
}

/// Looks for examples where the solver found nothing.
fn witness(program: &Program, rows: &mut [Row], solving: &Solving<'_>) {
    let is_open = |row: &Row| match row.answer {
        Answer::NoneFound | Answer::Fine | Answer::Unsettled(_) => true,
        Answer::Witnessed | Answer::Found(_) | Answer::FoundAlready => false,
    };
    let open: Vec<usize> =
        (0..rows.len()).filter(|idx| is_open(&rows[*idx]) && rows[*idx].witness.is_some()).collect();
    let formulas: Vec<Expr> = open.iter().filter_map(|idx| rows[*idx].witness.clone()).collect();
    let is_stopped = || solving.stop.load(Ordering::Relaxed);
    let met = witness::witnessed(program, &formulas, &is_stopped);
    for (idx, met) in open.into_iter().zip(met) {
        if met {
            rows[idx].answer = Answer::Witnessed;
        }
    }
}

/// The checks that every run makes.
fn contradictory(run: &Run) -> Vec<Row> {
    let (Some(proof), Some(decomposition)) = (&run.proof, &run.front.decomposition) else {
        return Vec::new();
    };
    let tree = &decomposition.tree;
    let mut rows = Vec::new();
    for ((check, verdict), told) in
        tree.vacuity.iter().zip(&proof.verdicts.vacuity).zip(contradictions::by_check(decomposition, proof))
    {
        let attempt = proof.attempts.get(&check.obligation);
        let answer = match (verdict, told) {
            (VacuityVerdict::NotSelected, _) => continue,
            (VacuityVerdict::Contradictory { .. }, Some(finding)) => Answer::Found(Box::new(finding)),
            (VacuityVerdict::Contradictory { .. }, None) => Answer::FoundAlready,
            (VacuityVerdict::NotChecked(why), _) => Answer::Unsettled(why.clone()),
            (VacuityVerdict::NoneFound, _) => attempt.map_or(Answer::NoneFound, |it| not_found(&it.finding)),
        };
        let kind = match &check.subject {
            VacuitySubject::Assumptions => Kind::Assumptions,
            VacuitySubject::Initial { .. } => Kind::Initial,
            VacuitySubject::Action { .. } => Kind::Action,
        };
        // That there is a step shows that there are states, initial ones too, and that the assumptions hold.
        let witness = check.branch.as_ref().filter(|_| kind == Kind::Action).map_or_else(
            || vcgen::expr::bool(true, check.span),
            |branch| branch.formula(&decomposition.program),
        );
        let row = row(kind, subject_text(&check.subject), answer, attempt);
        rows.push(Row { witness: Some(witness), ..row });
    }
    rows
}

fn row(kind: Kind, subject: String, answer: Answer, attempt: Option<&Attempt>) -> Row {
    let rlimit = attempt.map_or(0, |attempt| attempt.rlimit);
    let time = attempt.map_or(Duration::ZERO, |attempt| attempt.time);
    Row { kind, subject, answer, witness: None, rlimit, time }
}

/// A conjunct's name in messages: one that has only a position is told with its theorem.
pub fn conjunct_name(theorem: &str, name: &str) -> String {
    let is_position = name.chars().all(|c| c.is_ascii_digit() || c == '.');
    if is_position { format!("{theorem}.{name}") } else { name.to_owned() }
}

/// What it means that the solver did not say unsat.
fn not_found(finding: &Finding) -> Answer {
    match finding {
        Finding::PossibleCounterexample { .. } => Answer::Fine,
        Finding::Unknown(UnknownReason::Incomplete(_)) | Finding::Proved { .. } => Answer::NoneFound,
        Finding::Unknown(reason) => Answer::Unsettled(crate::report::reason_text(reason)),
        Finding::Failed(error) => Answer::Unsettled(error.to_string()),
    }
}
