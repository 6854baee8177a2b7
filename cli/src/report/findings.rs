//! What is wrong with a module's proofs, as diagnostics: every form of report shows these very findings.

use std::fmt::Write as _;
use std::sync::Arc;

use lang::diag::{Code, Diagnostic, Severity};
use lang::source::Span;
use vcgen::decompose::Decomposition;
use vcgen::obligation::{Claim, Obligation, ObligationIdx, ObligationKind, TheoremPlan};

use super::counterexample::{Told, tell};
use super::{Request, contradictions, fact_of, listed, needed, reason_text};
use crate::driver::{Proof, Run};
use crate::evidence::{Found, Search};
use crate::verdict::{ObligationVerdict, Possible, Standing};

/// How much of a model is shown.
const MODEL_LINES: usize = 40;

/// Something that is wrong, with what it is about and the counterexample that shows it.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The id of an obligation or of a vacuity check, the name of a theorem, or the message of a diagnostic: what
    /// stays the same where lines move.
    pub subject: String,
    /// The obligation, where it is about one.
    pub obligation: Option<ObligationIdx>,
    /// What there is to say.
    pub diagnostic: Diagnostic,
    /// The counterexample, where it is told apart.
    pub told: Option<Told>,
    /// What is to be said after the counterexample.
    pub after: Vec<String>,
}

impl Finding {
    fn of(subject: &str, obligation: Option<ObligationIdx>, diagnostic: Diagnostic) -> Self {
        Self { subject: subject.to_owned(), obligation, diagnostic, told: None, after: Vec::new() }
    }

    /// The finding with all that there is to say in its diagnostic, the counterexample being a note.
    fn whole(self, request: &Request) -> Self {
        let told = self.told.map(|told| told.notes(request.is_whole)).unwrap_or_default();
        let diagnostic = told.into_iter().chain(self.after).fold(self.diagnostic, Diagnostic::note);
        Self { diagnostic, told: None, after: Vec::new(), ..self }
    }
}

/// All that is wrong with a run: its own diagnostics, then what came of its proofs.
pub fn all(run: &Run, request: &Request) -> Vec<Finding> {
    let own = run.front.diagnostics.iter();
    let own = own.map(|diagnostic| Finding::of(&diagnostic.message, None, diagnostic.clone()));
    own.chain(details(run, request).into_iter().map(|finding| finding.whole(request))).collect()
}

/// The findings of a run beyond its own diagnostics, in the order of the proof tree.
pub fn findings(run: &Run, request: &Request) -> Vec<Diagnostic> {
    details(run, request).into_iter().map(|finding| finding.whole(request).diagnostic).collect()
}

/// The same, each with what it is about, and with the counterexamples apart.
pub fn details(run: &Run, request: &Request) -> Vec<Finding> {
    let (Some(proof), Some(decomposition)) = (&run.proof, &run.front.decomposition) else {
        return Vec::new();
    };
    let id = |obligation_idx: ObligationIdx| &decomposition.tree.obligations[obligation_idx].id;
    let checks = decomposition.tree.vacuity.iter().zip(contradictions::by_check(decomposition, proof));
    let mut findings: Vec<Finding> = checks
        .filter_map(|(check, found)| Some(Finding::of(id(check.obligation), Some(check.obligation), found?)))
        .collect();
    let needed = needed(proof);
    // A claim that was split has one counterexample.
    let mut shown: Vec<&Arc<Claim>> = Vec::new();
    for (obligation_idx, verdict) in &proof.verdicts.obligations {
        if !needed.contains(obligation_idx) {
            continue;
        }
        let obligation = &decomposition.tree.obligations[*obligation_idx];
        let reproduce = request.reproduce(&run.front.file, &obligation.id);
        let Some(diagnostic) = of_obligation(obligation, verdict) else { continue };
        let diagnostic = diagnostic.help(format!("to try it again: {reproduce}"));
        let mut finding = Finding::of(&obligation.id, Some(*obligation_idx), diagnostic);
        match &obligation.claim {
            Some(claim) if shown.iter().any(|known| Arc::ptr_eq(known, claim)) => {
                finding.after.push("the counterexample above is one of this, too".to_owned());
            }
            claim => {
                finding.told = counterexample(run, decomposition, *obligation_idx, verdict);
                if finding.told.is_some() {
                    shown.extend(claim);
                }
            }
        }
        finding.after.extend(proof.evidence.get(obligation_idx).and_then(sought));
        findings.push(finding);
    }
    for (plan, verdict) in decomposition.tree.theorems.iter().zip(&proof.verdicts.theorems) {
        findings
            .extend(of_theorem(plan, &verdict.standing).map(|found| Finding::of(&plan.name, None, found)));
    }
    findings
}

/// What is wrong with a run as a whole, where no place in the text is to blame.
pub fn remarks(proof: &Proof) -> Vec<String> {
    let mut remarks: Vec<String> =
        proof.verdicts.internal.iter().map(|problem| format!("internal error: {problem}")).collect();
    if !proof.verdicts.has_theorem {
        remarks.push("the module states no theorem, so nothing was checked".to_owned());
    } else if proof.verdicts.n_selected == 0 {
        remarks.push("the selection matches nothing, so nothing was checked".to_owned());
    }
    remarks
}

fn of_obligation(obligation: &Obligation, verdict: &ObligationVerdict) -> Option<Diagnostic> {
    let reason = match verdict {
        // What is blocked is told once, of its theorem.
        ObligationVerdict::Proved(_) | ObligationVerdict::Blocked { .. } => return None,
        ObligationVerdict::Refuted(_) => None,
        ObligationVerdict::PossibleCounterexample(Possible::Model(_)) => {
            Some("the solver has a possible counterexample, which nobody has confirmed".to_owned())
        }
        ObligationVerdict::PossibleCounterexample(Possible::States(_, open)) => {
            let what: Vec<&str> = open.iter().map(|open| open.part).collect();
            Some(format!(
                "there is a possible counterexample, but not all of it could be evaluated: {}",
                what.join(", ")
            ))
        }
        ObligationVerdict::Undecided(reason) => Some(format!("undecided: {}", reason_text(reason))),
        ObligationVerdict::Failed(error) => Some(format!("failed: {error}")),
    };
    let [title, _, failure, refutation] = obligation.kind.descriptions();
    let is_refuted = matches!(verdict, ObligationVerdict::Refuted(_));
    let message = if is_refuted {
        format!("`{}` is refuted: {refutation}", obligation.id)
    } else {
        format!("`{}` is not proved: {failure}", obligation.id)
    };
    let mut finding = Diagnostic::error(code(&obligation.kind), message, obligation.span, title);
    if let Some(reason) = reason {
        finding = finding.note(reason);
    }
    if let ObligationVerdict::PossibleCounterexample(Possible::States(_, open)) = verdict {
        for open in open {
            finding = finding.because(open.span, format!("{}: {}", open.part, open.why));
        }
    }
    if let Some(action) = obligation.action {
        finding = finding.because(action, "after this action");
    }
    if let ObligationVerdict::PossibleCounterexample(Possible::Model(model)) = verdict {
        finding = finding.note(essentials(model));
    }
    Some(finding)
}

/// Where a counterexample was sought in vain.
fn sought(search: &Search) -> Option<String> {
    match (&search.found, &search.tried) {
        (Found::Refuted(_), _) => None,
        (Found::Possible { .. } | Found::Nothing, None) => {
            Some("no counterexample was found: the search did not come to an end (`--search`)".to_owned())
        }
        (Found::Possible { .. } | Found::Nothing, Some(size)) => {
            let end = if search.is_complete { "" } else { "; the search went no further (`--search`)" };
            Some(format!("no counterexample was found with {size}{end}"))
        }
    }
}

/// What there is to tell of an obligation's counterexample, if states were found.
pub fn counterexample(
    run: &Run,
    decomposition: &Decomposition,
    obligation_idx: ObligationIdx,
    verdict: &ObligationVerdict,
) -> Option<Told> {
    let (states, reach) = match verdict {
        ObligationVerdict::Refuted(refutation) => (&refutation.counterexample, refutation.reach.as_ref()),
        ObligationVerdict::PossibleCounterexample(Possible::States(states, _)) => (&**states, None),
        ObligationVerdict::PossibleCounterexample(Possible::Model(_))
        | ObligationVerdict::Proved(_)
        | ObligationVerdict::Blocked { .. }
        | ObligationVerdict::Undecided(_)
        | ObligationVerdict::Failed(_) => return None,
    };
    let fact = fact_of(&decomposition.tree, obligation_idx)?;
    let obligation = &decomposition.tree.obligations[obligation_idx];
    let typed = run.front.typed.as_ref()?;
    Some(tell(typed, &decomposition.program, obligation, fact, states, reach))
}

/// The code for a failure of an obligation of this kind.
fn code(kind: &ObligationKind) -> Code {
    match kind {
        ObligationKind::Initiation => Code("not-initial"),
        ObligationKind::Consecution { .. } | ObligationKind::Continuity { .. } => Code("not-inductive"),
        ObligationKind::Simulation { .. } => Code("not-simulated"),
        ObligationKind::Implication | ObligationKind::Induction => Code("not-implied"),
        ObligationKind::Termination { .. } => Code("not-terminating"),
        ObligationKind::Vacuity => Code("contradiction"),
    }
}

/// The beginning of a model.
fn essentials(model: &str) -> String {
    let lines: Vec<&str> = model.lines().filter(|line| !line.starts_with(vcgen::vc::AUXILIARY)).collect();
    if lines.is_empty() {
        return "possible counterexample: whatever the values, the formula is false".to_owned();
    }
    let mut text = format!("possible counterexample:\n{}", lines[..lines.len().min(MODEL_LINES)].join("\n"));
    if lines.len() > MODEL_LINES {
        let _ = write!(text, "\n({} more lines)", lines.len() - MODEL_LINES);
    }
    text
}

fn of_theorem(plan: &TheoremPlan, standing: &Standing) -> Option<Diagnostic> {
    let error =
        |code: Code, message: String, label: &str| Some(Diagnostic::error(code, message, plan.span, label));
    match standing {
        Standing::Proved
        | Standing::Partial
        | Standing::Refuted(_)
        | Standing::Failed(_)
        | Standing::NotSelected => None,
        Standing::NoProof => plan.refused.clone().or_else(|| {
            let message = format!("there is no way to prove `{}`", plan.name);
            error(Code("no-proof-rule"), message, "no rule applies to this")
                .map(|finding| finding.help("state it as `Spec => []P`"))
        }),
        Standing::Blocked { on } => {
            let message = format!("`{}` rests on what is not proved: {}", plan.name, listed(on));
            error(Code("unproved-fact"), message, "proved only if those are")
                .map(|finding| finding.help("look at those first"))
        }
        Standing::Assumed => {
            let message = format!("`{}` is assumed, not proved: its proof is `OMITTED`", plan.name);
            error(Code("assumed"), message, "taken for granted")
                .map(|finding| finding.warning().help("remove `OMITTED` to have it proved"))
        }
        Standing::Vacuous => {
            let message = format!(
                "`{}` is vacuous: what it is about contradicts itself, so it says nothing",
                plan.name
            );
            error(Code("vacuous"), message, "anything could be proved so")
                .map(|finding| finding.help("repair the premises that contradict each other"))
        }
    }
}

/// The word for how grave a finding is.
pub fn severity_word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

/// All spans of a diagnostic, the primary one first.
pub fn spans(diagnostic: &Diagnostic) -> Vec<Span> {
    std::iter::once(diagnostic.primary.span)
        .chain(diagnostic.secondary.iter().map(|label| label.span))
        .collect()
}
