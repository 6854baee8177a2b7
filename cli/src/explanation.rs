//! One obligation explained: where it comes from, what it says, what was done to it, what closed it, and what it
//! would be without each hypothesis. These structs are the schema of the JSON; `report::explanation` shows them to
//! people.

pub mod find;
pub mod needs;
pub mod steps;

use std::collections::BTreeMap;

use lang::diag::Diagnostic;
use lang::source::{SourceMap, Span};
use lang::typed::Expr;
use serde::Serialize;
use vcgen::decompose::Decomposition;
use vcgen::lower::{GOAL, hypothesis_of};
use vcgen::obligation::{
    Alternative, Claim, Goal, Hypothesis, Means, NodeId, Obligation, ObligationIdx, ObligationKind, Source,
};
use vcgen::print;
use vcgen::spelling::Spelling;
use vcgen::trail::{Rule, Trail};

use crate::attempt::{Attempt, Finding, condition, without};
use crate::driver::{Proof, Run};
use crate::report::counterexample::tell;
use crate::report::findings::findings;
use crate::report::{Request, fact_of, origins, verdict_words};
use crate::verdict::ObligationVerdict;
use needs::{Found, Without};
use steps::Step;

/// Changes whenever a reader of an older explanation would misread a new one.
pub const SCHEMA_VERSION: u32 = 1;

/// All there is to tell of an obligation.
#[derive(Clone, Debug, Serialize)]
pub struct Explanation {
    /// The version of this schema.
    pub schema_version: u32,
    /// Its id.
    pub id: String,
    /// The file.
    pub file: String,
    /// What kind of thing it is.
    pub kind: String,
    /// The word for its verdict.
    pub verdict: &'static str,
    /// What the verdict says.
    pub says: String,
    /// The nodes from its theorem down to it.
    pub path: Vec<Split>,
    /// What the user claims, of which it is a part.
    pub claim: Option<Written>,
    /// What it may be proved from, the most relevant first.
    pub hypotheses: Vec<Assumed>,
    /// What is to be proved.
    pub goal: String,
    /// How it came about.
    pub came_about: Option<CameAbout>,
    /// What came of it.
    pub closing: Closing,
    /// What becomes of it without each hypothesis that its proof uses.
    pub without: Vec<Needed>,
    /// What is known if it is not proved: reasons, counterexamples.
    pub notes: Vec<String>,
    /// The command that tries it alone.
    pub reproduce: String,
    /// The command that writes down what the solver is asked.
    pub dump: String,
    /// The theorem that needs it, and the alternative of it.
    pub needed_by: Option<[String; 2]>,
    /// Obligations that have it among the sources of a hypothesis.
    pub offered_to: Vec<Offer>,
}

/// A node of the proof tree.
#[derive(Clone, Debug, Serialize)]
pub struct Split {
    /// The last part of its path.
    pub name: String,
    /// What it is.
    pub title: String,
    /// File and line.
    pub place: String,
    /// The user's line.
    pub line: String,
    /// Why the proof was split there.
    pub why: &'static str,
}

/// A claim as written.
#[derive(Clone, Debug, Serialize)]
pub struct Written {
    /// What is known of the state before, or of the only state.
    pub before: Vec<String>,
    /// The branch, if there is a step: its name, and its guards and next values.
    pub step: Option<(String, Vec<String>)>,
    /// What is to hold.
    pub goal: String,
    /// Whether that is in the state after the step.
    pub is_after: bool,
}

/// A hypothesis.
#[derive(Clone, Debug, Serialize)]
pub struct Assumed {
    /// Its label.
    pub label: String,
    /// What it says.
    pub formula: String,
    /// Where it comes from.
    pub origin: String,
    /// Ids of the obligations on which it rests.
    pub rests_on: Vec<String>,
    /// The first tier of hypotheses that holds it.
    pub tier: u8,
    /// Whether the proof uses it.
    pub is_used: bool,
}

/// How an obligation came about.
#[derive(Clone, Debug, Serialize)]
pub struct CameAbout {
    /// The formula as written.
    pub written: String,
    /// What was done to it.
    pub steps: Vec<Step>,
}

/// What came of an obligation.
#[derive(Clone, Debug, Serialize)]
pub struct Closing {
    /// What closed it, if it is proved.
    pub means: Option<&'static str>,
    /// The same in a sentence.
    pub how: &'static str,
    /// The stage that ended it and how many there are; none if the solver was not asked.
    pub stage: Option<[usize; 2]>,
    /// The tier of hypotheses of that stage.
    pub tier: Option<u8>,
    /// Resource units.
    pub rlimit: u64,
    /// Wall time.
    pub time_s: f64,
    /// Labels of the hypotheses that suffice.
    pub core: Vec<String>,
    /// Whether the core has the goal: if not, the hypotheses contradict each other.
    pub uses_goal: bool,
}

/// What becomes of an obligation without a hypothesis.
#[derive(Clone, Debug, Serialize)]
pub struct Needed {
    /// Its label.
    pub label: String,
    /// `still-proved`, `undecided`, or `fails`.
    pub found: &'static str,
    /// The states in which the claim fails.
    pub states: Vec<String>,
}

/// An obligation that has another one among the sources of a hypothesis.
#[derive(Clone, Debug, Serialize)]
pub struct Offer {
    /// Its id.
    pub id: String,
    /// The label of the hypothesis.
    pub label: String,
}

/// Explains an obligation of a run, given what came of it and what it needs; none without a decomposition.
pub fn explain(
    run: &Run,
    obligation_idx: ObligationIdx,
    attempt: &Attempt,
    needed: &[Without],
    request: &Request,
) -> Option<Explanation> {
    let (Some(decomposition), Some(proof)) = (&run.front.decomposition, &run.proof) else { return None };
    let tree = &decomposition.tree;
    let obligation = &tree.obligations[obligation_idx];
    let trail = tree.trails.get(&obligation_idx);
    let mut spelling = Spelling::new(&decomposition.program, formulas(obligation, trail));
    let closing = closing(decomposition, obligation_idx, attempt, proof, request);
    let hypotheses = hypotheses(decomposition, obligation, &closing.core, &mut spelling);
    let (verdict, says) = says(obligation, attempt, proof.verdicts.obligations.get(&obligation_idx));
    let [kind, ..] = obligation.kind.descriptions();
    let reproduce = request.reproduce(&run.front.file, &obligation.id);
    let came_about = trail.map(|trail| CameAbout {
        written: spelling.text(&trail.written),
        steps: steps::steps(decomposition, obligation, trail, &mut spelling),
    });
    Some(Explanation {
        schema_version: SCHEMA_VERSION,
        id: obligation.id.clone(),
        file: run.front.file.display().to_string(),
        kind,
        verdict,
        says,
        path: path(&run.front.sources, decomposition, obligation_idx),
        claim: obligation.claim.as_ref().map(|claim| written(decomposition, claim)),
        hypotheses,
        goal: spelling.text(&obligation.goal),
        came_about,
        closing,
        without: needed.iter().map(|own| told(run, decomposition, obligation_idx, own)).collect(),
        notes: notes(run, obligation, request),
        dump: format!("{reproduce} --dump-smt DIR"),
        reproduce,
        needed_by: needed_by(decomposition, obligation_idx),
        offered_to: offered_to(decomposition, obligation_idx),
    })
}

/// All formulas of an obligation that are shown, in the order in which names are spelt.
fn formulas<'a>(obligation: &'a Obligation, trail: Option<&'a Trail>) -> Vec<&'a Expr> {
    let own = std::iter::once(&obligation.goal);
    let hypotheses = obligation.hypotheses.iter().map(|hypothesis| &hypothesis.formula);
    let mut all: Vec<&Expr> = own.chain(hypotheses).collect();
    if let Some(trail) = trail {
        all.push(&trail.written);
        all.extend(trail.moves.iter().flat_map(|own| [&own.before, &own.after]));
    }
    all
}

/// The word for the verdict, and what it says.
fn says(
    obligation: &Obligation,
    attempt: &Attempt,
    verdict: Option<&ObligationVerdict>,
) -> (&'static str, String) {
    let [_, success, failure, refutation] = obligation.kind.descriptions();
    if obligation.kind == ObligationKind::Vacuity {
        return match &attempt.finding {
            Finding::Proved { .. } => ("contradictory", failure),
            Finding::PossibleCounterexample { .. } | Finding::Unknown(_) | Finding::Failed(_) => {
                ("no contradiction found", "as it should be, within the budget".to_owned())
            }
        };
    }
    let (word, detail) = match (verdict, &attempt.finding) {
        (Some(verdict), _) => verdict_words(verdict),
        (None, Finding::Proved { .. }) => ("proved", None),
        (None, Finding::PossibleCounterexample { .. } | Finding::Unknown(_) | Finding::Failed(_)) => {
            ("undecided", None)
        }
    };
    let sentence = match word {
        "proved" | "blocked" => success,
        "refuted" => refutation,
        _ => failure,
    };
    (word, detail.map_or(sentence.clone(), |detail| format!("{sentence}: {detail}")))
}

fn path(sources: &SourceMap, decomposition: &Decomposition, obligation_idx: ObligationIdx) -> Vec<Split> {
    let tree = &decomposition.tree;
    let obligation = &tree.obligations[obligation_idx];
    let split = |(node, words): (NodeId, origins::NodeWords)| {
        let (place, line) = place(sources, tree.nodes[node].span);
        Split { name: words.name, title: words.title, place, line, why: words.why }
    };
    let mut path: Vec<Split> = origins::path(tree, obligation.node).into_iter().map(split).collect();
    if let (Some(first), Some([_, alternative])) =
        (path.first_mut(), needed_by(decomposition, obligation_idx))
    {
        first.why = origins::alternative(&alternative);
    }
    path
}

/// File and line of a span, and the line's text.
fn place(sources: &SourceMap, span: Span) -> (String, String) {
    let file = &sources.files[span.file];
    let (line, _) = sources.line_col(span);
    let text = file.text.lines().nth(line - 1).unwrap_or_default().trim();
    (format!("{}:{line}", file.name), text.to_owned())
}

/// What the user claims. Nothing is rewritten, and names are spelt as in the text.
fn written(decomposition: &Decomposition, claim: &Claim) -> Written {
    let program = &decomposition.program;
    let branch = claim.branch.as_deref();
    let (goal, is_after) = match &claim.goal {
        Goal::State(goal) => (goal, branch.is_some()),
        Goal::Step(goal) => (goal, false),
    };
    let guards = branch.into_iter().flat_map(|branch| &branch.guards);
    let values = branch.into_iter().flat_map(|branch| branch.equations.iter().map(|(_, value)| value));
    let shown = claim.before.iter().chain(guards).chain(values).chain([goal]);
    let mut spelling = Spelling::new(program, shown);
    let step = branch.map(|branch| {
        let guards = branch.guards.iter().map(|guard| spelling.text(guard)).collect::<Vec<_>>();
        let next = branch.equations.iter().map(|(variable, value)| {
            let name = &program.module.variables[*variable].name;
            if branch.keeps(*variable) {
                format!("UNCHANGED {name}")
            } else {
                format!("{name}' = {}", spelling.text(value))
            }
        });
        (branch.name.clone(), guards.into_iter().chain(next).collect())
    });
    let before = claim.before.iter().map(|known| spelling.text(known)).collect();
    Written { before, step, goal: spelling.text(goal), is_after }
}

fn hypotheses(
    decomposition: &Decomposition,
    obligation: &Obligation,
    core: &[String],
    spelling: &mut Spelling,
) -> Vec<Assumed> {
    let tree = &decomposition.tree;
    let rests_on = |hypothesis: &Hypothesis| {
        let ids = hypothesis.sources.iter().filter_map(|source| match source {
            Source::Obligation(idx) => Some(tree.obligations[*idx].id.clone()),
            Source::Fact(_) | Source::Inherited(_) | Source::Definition(_) => None,
        });
        ids.collect()
    };
    let assumed = |hypothesis: &Hypothesis| Assumed {
        label: hypothesis.label.clone(),
        formula: spelling.text(&hypothesis.formula),
        origin: origins::origin(decomposition, obligation, hypothesis),
        rests_on: rests_on(hypothesis),
        tier: hypothesis.tier,
        is_used: core.contains(&hypothesis.label),
    };
    let mut all: Vec<Assumed> = obligation.hypotheses.iter().map(assumed).collect();
    all.sort_by_key(|own| (!own.is_used, own.tier));
    all
}

fn closing(
    decomposition: &Decomposition,
    obligation_idx: ObligationIdx,
    attempt: &Attempt,
    proof: &Proof,
    request: &Request,
) -> Closing {
    let (means, found) = match &attempt.finding {
        Finding::Proved { means, core } => (Some(*means), core.as_slice()),
        Finding::PossibleCounterexample { .. } | Finding::Unknown(_) | Finding::Failed(_) => (None, &[][..]),
    };
    let mut core: Vec<String> = Vec::new();
    for label in found.iter().map(|label| hypothesis_of(label)) {
        if label != GOAL && !core.iter().any(|own| own == label) {
            core.push(label.to_owned());
        }
    }
    let asked = (attempt.n_stages > 0).then(|| {
        let own = without(&decomposition.tree, obligation_idx, &proof.withdrawn);
        let stages = condition(&decomposition.program, &own, request.solving.rlimit).stages;
        let tier = stages.get(attempt.n_stages - 1).map(|stage| stage.tier);
        ([attempt.n_stages, stages.len()], tier)
    });
    Closing {
        means: means.map(print::means),
        how: how(means, attempt, decomposition.tree.trails.get(&obligation_idx)),
        stage: asked.map(|(stage, _)| stage),
        tier: asked.and_then(|(_, tier)| tier).filter(|tier| *tier < u8::MAX),
        rlimit: attempt.rlimit,
        time_s: attempt.time.as_secs_f64(),
        core,
        uses_goal: found.iter().any(|label| hypothesis_of(label) == GOAL),
    }
}

/// What closed an obligation, in a sentence.
fn how(means: Option<Means>, attempt: &Attempt, trail: Option<&Trail>) -> &'static str {
    let last = trail.and_then(|trail| trail.moves.last()).map(|own| own.rule);
    match means {
        None if attempt.n_stages == 0 => "nothing did: the solver was not asked",
        None => "nothing did: the solver was asked, and gave no proof",
        Some(Means::Z3) => "Z3: the hypotheses and the negated goal contradict each other",
        Some(Means::Frame) if last == Some(Rule::Hypothesis) => {
            "frame: for this formula, what the action changes makes no difference: it is known already"
        }
        Some(Means::Frame) => "frame: the action changes nothing that it reads",
        Some(Means::Increment) => {
            "increment: it is about elements that were there before, of which it is known already"
        }
        Some(Means::Rewriting) if last == Some(Rule::Contradiction) => {
            "rewriting: what is assumed contradicts itself, so that this case does not arise"
        }
        Some(Means::Rewriting) => "rewriting: what is left is true",
    }
}

/// What was found without a hypothesis, in words.
fn told(
    run: &Run,
    decomposition: &Decomposition,
    obligation_idx: ObligationIdx,
    Without { label, found }: &Without,
) -> Needed {
    let (word, states) = match found {
        Found::StillProved => ("still-proved", Vec::new()),
        Found::Undecided => ("undecided", Vec::new()),
        Found::Fails(states) => {
            let typed = run.front.typed.as_ref().zip(fact_of(&decomposition.tree, obligation_idx));
            let obligation = &decomposition.tree.obligations[obligation_idx];
            let lines = typed.map(|(typed, fact)| {
                let told = tell(typed, &decomposition.program, obligation, fact, states, None);
                let before = told.before.iter().filter(|reading| reading.matters);
                let before = before.map(|reading| format!("{} = {}", reading.variable, reading.value));
                let step = told.action.iter().map(|action| format!("step {action}"));
                told.instance.iter().cloned().chain(before).chain(step).chain(told.changed.clone()).collect()
            });
            ("fails", lines.unwrap_or_default())
        }
    };
    Needed { label: label.clone(), found: word, states }
}

/// What the report says of the obligation: its findings, without the text that they point to.
fn notes(run: &Run, obligation: &Obligation, request: &Request) -> Vec<String> {
    let own = format!("`{}` is ", obligation.id);
    let is_own = |finding: &&Diagnostic| finding.message.starts_with(&own);
    let findings = findings(run, request);
    let own = findings.iter().find(is_own).map(|finding| finding.notes.clone());
    let internal = run.proof.iter().flat_map(|proof| &proof.verdicts.internal);
    let internal = internal.map(|problem| format!("internal error: {problem}"));
    own.into_iter().flatten().chain(internal).collect()
}

fn needed_by(decomposition: &Decomposition, obligation_idx: ObligationIdx) -> Option<[String; 2]> {
    let has = |alternative: &Alternative| alternative.all().any(|own| own == obligation_idx);
    decomposition.tree.theorems.iter().find_map(|plan| {
        let alternative = plan.alternatives.iter().find(|alternative| has(alternative))?;
        Some([plan.name.clone(), alternative.name.clone()])
    })
}

fn offered_to(decomposition: &Decomposition, obligation_idx: ObligationIdx) -> Vec<Offer> {
    let is_source = |source: &Source| *source == Source::Obligation(obligation_idx);
    let offers = decomposition.tree.obligations.iter().flat_map(|user| {
        let rests = user.rests_on.iter().any(is_source).then(|| "rewriting".to_owned());
        let named = user.hypotheses.iter().filter(|hypothesis| hypothesis.sources.iter().any(is_source));
        let labels = named.map(|hypothesis| hypothesis.label.clone()).chain(rests);
        labels.map(|label| Offer { id: user.id.clone(), label }).collect::<Vec<_>>()
    });
    offers.collect()
}

/// The labels of hypotheses by the keys of their conjuncts.
fn labels(obligation: &Obligation) -> BTreeMap<vcgen::alpha::Key, String> {
    let mut labels = BTreeMap::new();
    for hypothesis in &obligation.hypotheses {
        for part in vcgen::expr::conjuncts(&hypothesis.formula) {
            labels.entry(vcgen::alpha::key(&part)).or_insert_with(|| hypothesis.label.clone());
        }
    }
    labels
}
