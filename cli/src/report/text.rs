//! The report for people: theorem by theorem, branch by branch; what is proved in one line, what is not
//! in full.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use codespan_reporting::diagnostic as codespan;
use codespan_reporting::files::SimpleFiles;
use codespan_reporting::term;
use codespan_reporting::term::termcolor::Buffer;
use indexmap::IndexMap;
use lang::diag::{Diagnostic, Severity};
use lang::ids::Id;
use lang::source::SourceMap;
use lang::typed::{FactKind, Inherited};
use vcgen::decompose::Decomposition;
use vcgen::obligation::{Means, ObligationIdx, ObligationKind, TheoremPlan};
use vcgen::print;

use super::findings::{findings, remarks};
use super::json::standing_word;
use super::totals::{Totals, means_counts};
use super::{Request, counted, exit, listed, reason_text, verdict_words};
use crate::driver::{Proof, Run};
use crate::elsewhere;
use crate::exit::ExitStatus;
use crate::recheck::{Opinion, Rechecked};
use crate::verdict::{ObligationVerdict, Standing, TheoremVerdict, VacuityVerdict};

/// How many obligations are named as the hardest.
const N_HARDEST: usize = 3;

/// How much to tell, and with colours or without.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// Whether there are colours.
    pub is_coloured: bool,
    /// How much: 0 the conclusion, 1 as usual, 2 each obligation.
    pub detail: u8,
}

/// The report of one run.
pub fn render(run: &Run, request: &Request, style: Style) -> String {
    let mut out = String::new();
    if style.detail > 0 {
        out.push_str(&diagnostics(&run.front.sources, &run.front.diagnostics, style));
        if let (Some(proof), Some(decomposition)) = (&run.proof, &run.front.decomposition) {
            let _ = writeln!(out, "{}: module {}\n", run.front.file.display(), run.front.ast.name.text);
            for (plan, verdict) in decomposition.tree.theorems.iter().zip(&proof.verdicts.theorems) {
                theorem(&mut out, decomposition, proof, plan, verdict, style);
            }
            out.push('\n');
            out.push_str(&diagnostics(&run.front.sources, &findings(run, request), style));
            totals(&mut out, run, proof, decomposition);
        }
    }
    if let Some(rechecked) = run.proof.as_ref().and_then(|proof| proof.recheck.as_ref()) {
        recheck(&mut out, rechecked, style);
    }
    for remark in run.proof.iter().flat_map(remarks) {
        let _ = writeln!(out, "{remark}");
    }
    let _ = writeln!(out, "{}", conclusion(run, exit(run)));
    out
}

/// The last line: what became of the whole, in one sentence.
pub fn conclusion(run: &Run, status: ExitStatus) -> String {
    let Some(proof) = &run.proof else {
        let is_error = |diagnostic: &&Diagnostic| diagnostic.severity == Severity::Error;
        let n_errors = run.front.diagnostics.iter().filter(is_error).count();
        return format!("NOT CHECKED: {}", counted(n_errors, "error"));
    };
    let theorems = &proof.verdicts.theorems;
    let count = |is_wanted: fn(&Standing) -> bool| {
        theorems.iter().filter(|verdict| is_wanted(&verdict.standing)).count()
    };
    let n_proved = count(|standing| matches!(standing, Standing::Proved));
    let n_all = counted(theorems.len(), "theorem");
    let proved = format!("{n_proved} of {n_all} proved");
    match status {
        ExitStatus::Proved if proof.verdicts.is_partial => {
            let n_partial = count(|standing| matches!(standing, Standing::Partial));
            let n_left_out = count(|standing| matches!(standing, Standing::NotSelected));
            format!(
                "PARTIAL: all that was selected is proved; {proved}, {n_partial} in part, {n_left_out} left out"
            )
        }
        ExitStatus::Proved => format!("PROVED: {n_all}"),
        ExitStatus::NothingSelected => "NOTHING CHECKED".to_owned(),
        ExitStatus::Regressed => format!("REGRESSED: {proved}"),
        ExitStatus::Vacuous => format!("VACUOUS: premises contradict each other; {proved}"),
        ExitStatus::Undecided => {
            let n_assumed = count(|standing| matches!(standing, Standing::Assumed));
            let n_blocked = count(|standing| matches!(standing, Standing::Blocked { .. }));
            let n_failed = count(|standing| {
                matches!(standing, Standing::Refuted(_) | Standing::Failed(_) | Standing::NoProof)
            });
            format!("NOT PROVED: {proved}, {n_failed} failed, {n_blocked} blocked, {n_assumed} assumed")
        }
        ExitStatus::Refuted => format!("REFUTED: {proved}"),
        ExitStatus::Usage => "NOT CHECKED".to_owned(),
        ExitStatus::Internal => "INTERNAL ERROR: believe nothing of the above".to_owned(),
    }
}

fn theorem(
    out: &mut String,
    decomposition: &Decomposition,
    proof: &Proof,
    plan: &TheoremPlan,
    verdict: &TheoremVerdict,
    style: Style,
) {
    if verdict.standing == Standing::NotSelected {
        return;
    }
    let by = verdict.alternative.map(|idx| format!(", {}", plan.alternatives[idx].name)).unwrap_or_default();
    let _ = writeln!(
        out,
        "{}: {} ({}{by})",
        plan.name,
        standing_word(&verdict.standing),
        counted(verdict.needed.len(), "obligation"),
    );
    let mut branches: IndexMap<String, Vec<ObligationIdx>> = IndexMap::new();
    for obligation_idx in &verdict.tried {
        let kind = &decomposition.tree.obligations[*obligation_idx].kind;
        branches.entry(branch(kind)).or_default().push(*obligation_idx);
    }
    let width = branches.keys().map(|branch| branch.chars().count()).max().unwrap_or(0);
    let simulated = simulated(proof, plan, verdict);
    for (branch, obligations) in &branches {
        let _ = writeln!(out, "  {branch:width$}  {}", tally(proof, verdict, obligations));
        for (_, way) in simulated.iter().filter(|(own, _)| own == branch) {
            match *way {
                "unchanged" => {}
                "any" => drop(writeln!(out, "  {:width$}  is one of its steps", "")),
                step => drop(writeln!(out, "  {:width$}  is {step}", "")),
            }
        }
        if style.detail > 1 {
            for obligation_idx in obligations {
                let _ = writeln!(out, "    {}", one(decomposition, proof, verdict, *obligation_idx));
            }
        }
    }
}

/// What each branch that changes something simulates, as far as that is proved.
pub fn simulated<'a>(
    proof: &Proof,
    plan: &'a TheoremPlan,
    verdict: &TheoremVerdict,
) -> Vec<(&'a str, &'a str)> {
    let alternative = verdict.alternative.map(|idx| &plan.alternatives[idx]);
    let parts = alternative.into_iter().flat_map(|alternative| &alternative.parts).zip(&verdict.ways);
    let ways = parts.filter_map(|(part, way)| Some((part, part.ways.get(*way)?)));
    let is_proved = |idx: &ObligationIdx| {
        matches!(proof.verdicts.obligations.get(idx), Some(ObligationVerdict::Proved(_)))
    };
    ways.filter(|(_, way)| way.obligations.iter().all(is_proved))
        .map(|(part, way)| (part.branch.as_str(), way.name.as_str()))
        .collect()
}

/// The heading under which an obligation is shown.
pub fn branch(kind: &ObligationKind) -> String {
    match kind {
        ObligationKind::Initiation => "initial states".to_owned(),
        ObligationKind::Consecution { branch }
        | ObligationKind::Simulation { branch }
        | ObligationKind::Continuity { branch, .. } => branch.clone(),
        ObligationKind::Implication => "implication".to_owned(),
        ObligationKind::Induction => "induction".to_owned(),
        ObligationKind::Termination { operator } => format!("termination of {operator}"),
        ObligationKind::Vacuity => "vacuity".to_owned(),
    }
}

/// How many of these obligations are proved, by which means, and what became of the others.
fn tally(proof: &Proof, verdict: &TheoremVerdict, obligations: &[ObligationIdx]) -> String {
    let mut by_means: BTreeMap<Means, usize> = BTreeMap::new();
    let mut others: BTreeMap<&'static str, usize> = BTreeMap::new();
    for obligation_idx in obligations {
        let obligation_verdict = &proof.verdicts.obligations[obligation_idx];
        if let ObligationVerdict::Proved(means) = obligation_verdict {
            *by_means.entry(*means).or_default() += 1;
        } else if verdict.needed.contains(obligation_idx) {
            *others.entry(verdict_words(obligation_verdict).0).or_default() += 1;
        } else {
            *others.entry("not needed").or_default() += 1;
        }
    }
    let n_proved: usize = by_means.values().sum();
    let mut parts = vec![format!("{n_proved} proved ({})", means_counts(&by_means))];
    parts.extend(others.iter().map(|(word, n)| format!("{n} {word}")));
    parts.join(", ")
}

/// An obligation in one line.
fn one(
    decomposition: &Decomposition,
    proof: &Proof,
    verdict: &TheoremVerdict,
    obligation_idx: ObligationIdx,
) -> String {
    let id = &decomposition.tree.obligations[obligation_idx].id;
    let attempt = &proof.attempts[&obligation_idx];
    let obligation_verdict = &proof.verdicts.obligations[&obligation_idx];
    let (word, detail) = verdict_words(obligation_verdict);
    let means = match obligation_verdict {
        ObligationVerdict::Proved(means) => format!(" by {}", print::means(*means)),
        ObligationVerdict::Blocked { .. }
        | ObligationVerdict::Refuted(_)
        | ObligationVerdict::PossibleCounterexample(_)
        | ObligationVerdict::Undecided(_)
        | ObligationVerdict::Failed(_) => String::new(),
    };
    let cost = if attempt.n_stages == 0 {
        String::new()
    } else {
        format!(" [{}, {}, stage {}]", seconds(attempt.time), units(attempt.rlimit), attempt.n_stages)
    };
    let detail = detail.map(|detail| format!(": {detail}")).unwrap_or_default();
    let unneeded = if verdict.needed.contains(&obligation_idx) { "" } else { " (not needed)" };
    format!("{id} {word}{means}{detail}{cost}{unneeded}")
}

fn totals(out: &mut String, run: &Run, proof: &Proof, decomposition: &Decomposition) {
    let tree = &decomposition.tree;
    let totals = Totals::of(proof);
    for (place, obligation_idx) in totals.dearest(proof).iter().take(N_HARDEST).enumerate() {
        let heading = if place == 0 { "hardest:" } else { "" };
        let attempt = &proof.attempts[obligation_idx];
        let id = &tree.obligations[*obligation_idx].id;
        let _ = writeln!(out, "{heading:9}{id} [{}, {}]", units(attempt.rlimit), seconds(attempt.time));
    }
    let facts = &decomposition.program.module.facts;
    let assumed: Vec<String> = facts
        .iter()
        .filter(|fact| match fact.kind {
            FactKind::Assumption | FactKind::Axiom => true,
            FactKind::Theorem => false,
        })
        .map(|fact| fact.name.clone())
        .collect();
    let omitted: Vec<String> =
        tree.theorems.iter().filter(|plan| plan.omitted).map(|plan| plan.name.clone()).collect();
    for (heading, names) in [("assumptions", assumed), ("ASSUMED without proof", omitted)] {
        if !names.is_empty() {
            let _ = writeln!(out, "{heading}: {}", listed(&names));
        }
    }
    for (module, other) in &proof.others {
        let used = elsewhere::used(decomposition, &proof.attempts).into_iter();
        let used = used.map(|position| &decomposition.program.module.inherited[position]);
        let names: Vec<String> =
            used.filter(|theorem| theorem.module == *module).map(Inherited::name).collect();
        let needed = counted(other.n_obligations, "obligation");
        let _ = writeln!(out, "from {module}: {} [{needed}, {}]", listed(&names), units(other.rlimit));
    }
    for note in &tree.notes {
        let _ = writeln!(out, "note: {note}");
    }
    let n_checks = proof
        .verdicts
        .vacuity
        .iter()
        .filter(|verdict| !matches!(verdict, VacuityVerdict::NotSelected))
        .count();
    let n_contradictory =
        proof.verdicts.vacuity.iter().filter(|it| matches!(it, VacuityVerdict::Contradictory { .. })).count();
    let _ = writeln!(out, "{}, {n_contradictory} contradictory", counted(n_checks, "vacuity check"));
    let n_hints: usize = tree.theorems.iter().filter(|plan| plan.root).map(|plan| plan.hints).sum();
    let size = crate::size::size(&run.front);
    let _ = writeln!(out, "{}, {}", counted(n_hints, "hint"), counted(size.proof, "line") + " of proof");
    let _ = writeln!(
        out,
        "{}, {} proved ({}); {}, {}",
        counted(totals.needed.len(), "obligation"),
        totals.n_proved(),
        totals.means(),
        units(totals.rlimit),
        seconds(run.front.times.total()),
    );
}

fn recheck(out: &mut String, rechecked: &Rechecked, style: Style) {
    let (n_confirmed, n_closed) = rechecked.closed();
    let n_wholes = rechecked.wholes.iter().filter(|whole| whole.is_confirmed()).count();
    let _ = writeln!(
        out,
        "recheck: {n_confirmed} of {} closed without the solver confirmed; {n_wholes} of {} follow from their \
         cases; {}, {}",
        counted(n_closed, "obligation"),
        counted(rechecked.wholes.len(), "conjunct"),
        units(rechecked.rlimit()),
        seconds(rechecked.time),
    );
    for whole in &rechecked.wholes {
        let cost = format!("[{}, {}]", seconds(whole.time), units(whole.rlimit));
        match &whole.opinion {
            Opinion::Confirmed if style.detail > 1 => {
                let _ = writeln!(out, "  {} confirmed {cost}", whole.id);
            }
            Opinion::ConfirmedRest if style.detail > 1 => {
                let _ = writeln!(out, "  {} confirmed of what was there before the step {cost}", whole.id);
            }
            Opinion::Confirmed | Opinion::ConfirmedRest | Opinion::Disagreement(_) | Opinion::Failed(_) => {}
            Opinion::RestsOn(claim) => {
                let _ = writeln!(out, "  {} not confirmed: it rests on `{claim}` {cost}", whole.id);
            }
            Opinion::NotConfirmed(reason) => {
                let _ = writeln!(out, "  {} not confirmed: {} {cost}", whole.id, reason_text(reason));
            }
        }
    }
}

/// Resource units, readable.
pub fn units(rlimit: u64) -> String {
    match rlimit {
        0..10_000 => format!("rlimit {rlimit}"),
        10_000..10_000_000 => format!("rlimit {}k", rlimit / 1_000),
        _ => format!("rlimit {}M", rlimit / 1_000_000),
    }
}

/// Seconds, readable.
pub(super) fn seconds(time: Duration) -> String {
    format!("{:.2} s", time.as_secs_f64())
}

/// Diagnostics with the text that they speak of.
pub fn diagnostics(sources: &SourceMap, diagnostics: &[Diagnostic], style: Style) -> String {
    let mut files = SimpleFiles::new();
    for file in &sources.files {
        files.add(file.name.as_str(), &*file.text);
    }
    let mut buffer = if style.is_coloured { Buffer::ansi() } else { Buffer::no_color() };
    let config = term::Config::default();
    let mut failed = String::new();
    for diagnostic in diagnostics {
        let rendered = term::emit_to_write_style(&mut buffer, &config, &files, &to_codespan(diagnostic));
        if rendered.is_err() {
            let _ = writeln!(failed, "{}", super::short::line(sources, diagnostic));
        }
    }
    String::from_utf8_lossy(buffer.as_slice()).into_owned() + &failed
}

fn to_codespan(diagnostic: &Diagnostic) -> codespan::Diagnostic<usize> {
    let severity = match diagnostic.severity {
        Severity::Error => codespan::Severity::Error,
        Severity::Warning => codespan::Severity::Warning,
        Severity::Note => codespan::Severity::Note,
    };
    let label = |style, label: &lang::diag::Label| {
        let range = label.span.start as usize..label.span.end as usize;
        codespan::Label::new(style, label.span.file.index(), range).with_message(label.message.clone())
    };
    let mut labels = vec![label(codespan::LabelStyle::Primary, &diagnostic.primary)];
    labels.extend(diagnostic.secondary.iter().map(|it| label(codespan::LabelStyle::Secondary, it)));
    let mut notes = diagnostic.notes.clone();
    notes.extend(diagnostic.help.iter().map(|help| format!("help: {help}")));
    codespan::Diagnostic::new(severity)
        .with_code(diagnostic.code.0)
        .with_message(&diagnostic.message)
        .with_labels(labels)
        .with_notes(notes)
}
