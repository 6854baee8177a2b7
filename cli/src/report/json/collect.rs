//! From a run to the structs of the report for programs.

use lang::diag::Diagnostic;
use solver::backend::UnknownReason;
use vcgen::decompose::Decomposition;
use vcgen::obligation::{ObligationIdx, ObligationKind, VacuityCheck};
use vcgen::print;

use super::{
    Counterexample, Module, ModuleHead, ModuleRest, Obligation, Other, Reach, Recheck, Rechecked, Simulates,
    Theorem, Vacuity, Wall, kind_word, message, millis, standing_word,
};
use crate::attempt::Finding;
use crate::driver::{Proof, Run};
use crate::evidence;
use crate::report::contradictions::subject_text;
use crate::report::findings::{counterexample, remarks};
use crate::report::text::simulated;
use crate::report::{Request, needed, status, verdict_words};
use crate::resources::StageTimes;
use crate::verdict::{ObligationVerdict, Standing, VacuityVerdict};

/// What came of a file.
pub(super) fn module<'a>(run: &'a Run, found: &'a [Diagnostic], request: &Request) -> Module<'a> {
    let sources = &run.front.sources;
    let proof = run.proof.as_ref();
    Module {
        head: ModuleHead {
            file: run.front.file.display().to_string(),
            name: &run.front.ast.name.text,
            complete: proof.is_some_and(|proof| proof.verdicts.is_complete()),
            verified: proof.is_some_and(|proof| proof.verdicts.is_verified()),
            exit_code: status(run, request).code(),
            remarks: proof.map(remarks).unwrap_or_default(),
        },
        diagnostics: run
            .front
            .diagnostics
            .iter()
            .chain(found)
            .map(|diagnostic| message(sources, diagnostic))
            .collect(),
        theorems: proof.map(|proof| theorems(run, proof)).unwrap_or_default(),
        obligations: proof.map(|proof| obligations(run, proof)).unwrap_or_default(),
        vacuity: proof.map(|proof| vacuity(run, proof)).unwrap_or_default(),
        rest: ModuleRest {
            others: proof.map_or_else(Vec::new, others),
            recheck: proof.and_then(|proof| rechecked(run, proof.recheck.as_ref()?)),
            wall_ms: wall(&run.front.times),
        },
    }
}

fn others(proof: &Proof) -> Vec<Other<'_>> {
    let all = proof.others.iter().map(|(module, other)| Other {
        module,
        proved: other.proved.iter().map(String::as_str).collect(),
        obligations: other.n_obligations,
        rlimit: other.rlimit,
    });
    all.collect()
}

fn theorems<'a>(run: &'a Run, proof: &'a Proof) -> Vec<Theorem<'a>> {
    let plans = run.front.decomposition.iter().flat_map(|decomposition| &decomposition.tree.theorems);
    plans
        .zip(&proof.verdicts.theorems)
        .map(|(plan, verdict)| Theorem {
            name: &plan.name,
            verdict: standing_word(&verdict.standing),
            by: verdict.alternative.map(|idx| plan.alternatives[idx].name.as_str()),
            simulates: simulated(proof, plan, verdict)
                .into_iter()
                .map(|(branch, step)| Simulates { branch, step })
                .collect(),
            obligations: verdict.needed.len(),
            blocked_on: match &verdict.standing {
                Standing::Blocked { on } => on,
                Standing::Proved
                | Standing::Partial
                | Standing::Refuted(_)
                | Standing::Failed(_)
                | Standing::NoProof
                | Standing::Assumed
                | Standing::Vacuous
                | Standing::NotSelected => &[],
            },
            uses: verdict.uses.iter().map(String::as_str).collect(),
            hints: plan.hints,
            line: run.front.sources.line_col(plan.span).0,
        })
        .collect()
}

fn obligations<'a>(run: &'a Run, proof: &'a Proof) -> Vec<Obligation<'a>> {
    let Some(decomposition) = &run.front.decomposition else {
        return Vec::new();
    };
    let needed = needed(proof);
    let mut obligations = Vec::new();
    for (obligation_idx, attempt) in &proof.attempts {
        let obligation = &decomposition.tree.obligations[*obligation_idx];
        if matches!(obligation.kind, ObligationKind::Vacuity) {
            continue;
        }
        let verdict = &proof.verdicts.obligations[obligation_idx];
        let (word, detail) = verdict_words(verdict);
        obligations.push(Obligation {
            id: &obligation.id,
            kind: kind_word(&obligation.kind),
            verdict: word,
            reason: reason_word(verdict),
            detail,
            means: match &attempt.finding {
                Finding::Proved { means, .. } => Some(print::means(*means)),
                Finding::PossibleCounterexample { .. } | Finding::Unknown(_) | Finding::Failed(_) => None,
            },
            needed: needed.contains(obligation_idx),
            rlimit: attempt.rlimit,
            time_ms: millis(attempt.time),
            stage: attempt.n_stages,
            core: core(&attempt.finding),
            counterexample: counterexample_of(run, decomposition, *obligation_idx, verdict),
        });
    }
    obligations
}

fn counterexample_of(
    run: &Run,
    decomposition: &Decomposition,
    obligation_idx: ObligationIdx,
    verdict: &ObligationVerdict,
) -> Option<Counterexample> {
    let told = counterexample(run, decomposition, obligation_idx, verdict)?;
    let reach = match verdict {
        ObligationVerdict::Refuted(refutation) => refutation.reach.as_ref(),
        ObligationVerdict::PossibleCounterexample(_)
        | ObligationVerdict::Proved(_)
        | ObligationVerdict::Blocked { .. }
        | ObligationVerdict::Undecided(_)
        | ObligationVerdict::Failed(_) => None,
    };
    let reach = reach.map(|reach| {
        let (verdict, states, steps) = match reach {
            evidence::Reach::Violated(behaviour) => ("violated", None, Some(behaviour.trace.labels.len())),
            evidence::Reach::Reached { n_steps } => ("reached", None, Some(*n_steps)),
            evidence::Reach::Never { n_states } => ("never", Some(*n_states), None),
            evidence::Reach::NotMet { n_states, depth } => ("not-met", Some(*n_states), Some(*depth)),
            evidence::Reach::Unknown(_) => ("unknown", None, None),
        };
        Reach { verdict, steps, states, text: told.reach.clone(), behaviour: told.behaviour.clone() }
    });
    Some(Counterexample {
        confirmed: matches!(verdict, ObligationVerdict::Refuted(_)),
        constants: told.instance,
        action: told.action,
        before: told.before.into_iter().map(|reading| (reading.variable, reading.value)).collect(),
        changed: told.changed,
        image: told.image,
        why: told.why,
        known: told.known,
        reach,
        itf: told.itf,
    })
}

fn core(finding: &Finding) -> &[String] {
    match finding {
        Finding::Proved { core, .. } => core,
        Finding::PossibleCounterexample { .. } | Finding::Unknown(_) | Finding::Failed(_) => &[],
    }
}

fn reason_word(verdict: &ObligationVerdict) -> Option<&'static str> {
    match verdict {
        ObligationVerdict::Proved(_)
        | ObligationVerdict::Blocked { .. }
        | ObligationVerdict::Refuted(_)
        | ObligationVerdict::PossibleCounterexample(_)
        | ObligationVerdict::Failed(_) => None,
        ObligationVerdict::Undecided(reason) => Some(match reason {
            UnknownReason::ResourceLimit => "resource-limit",
            UnknownReason::Timeout => "timeout",
            UnknownReason::Memory => "memory",
            UnknownReason::Incomplete(_) => "gave-up",
            UnknownReason::Interrupted => "interrupted",
            UnknownReason::SolverDied(_) => "solver-died",
        }),
    }
}

fn vacuity<'a>(run: &'a Run, proof: &'a Proof) -> Vec<Vacuity<'a>> {
    let Some(decomposition) = &run.front.decomposition else {
        return Vec::new();
    };
    let one = |(check, verdict): (&'a VacuityCheck, &'a VacuityVerdict)| {
        let attempt = proof.attempts.get(&check.obligation);
        let (verdict, core): (_, &[String]) = match verdict {
            VacuityVerdict::NoneFound => ("no-contradiction-found", &[]),
            VacuityVerdict::Contradictory { core } => ("contradictory", core),
            VacuityVerdict::NotChecked(_) => ("not-checked", &[]),
            VacuityVerdict::NotSelected => ("not-selected", &[]),
        };
        Vacuity {
            id: &decomposition.tree.obligations[check.obligation].id,
            subject: subject_text(&check.subject),
            verdict,
            core,
            rlimit: attempt.map_or(0, |attempt| attempt.rlimit),
            time_ms: attempt.map_or(0.0, |attempt| millis(attempt.time)),
        }
    };
    decomposition.tree.vacuity.iter().zip(&proof.verdicts.vacuity).map(one).collect()
}

fn rechecked<'a>(run: &'a Run, rechecked: &'a crate::recheck::Rechecked) -> Option<Recheck<'a>> {
    let tree = &run.front.decomposition.as_ref()?.tree;
    let (confirmed, closed) = rechecked.closed();
    let one = |whole: &'a crate::recheck::WholeChecked| {
        let (opinion, detail) = whole.opinion.words();
        Rechecked {
            id: &whole.id,
            opinion,
            detail,
            closed: whole.closed.iter().map(|idx| tree.obligations[*idx].id.as_str()).collect(),
            rlimit: whole.rlimit,
            time_ms: millis(whole.time),
        }
    };
    Some(Recheck {
        closed,
        confirmed,
        rlimit: rechecked.rlimit(),
        time_ms: millis(rechecked.time),
        conjuncts: rechecked.wholes.iter().map(one).collect(),
    })
}

fn wall(times: &StageTimes) -> Wall {
    Wall {
        parse: millis(times.parse),
        resolve: millis(times.resolve),
        check: millis(times.check),
        decompose: millis(times.decompose),
        lower: millis(times.lower),
        solve: millis(times.solve),
        search: millis(times.search),
        others: millis(times.others),
        total: millis(times.total()),
    }
}
