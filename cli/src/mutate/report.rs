//! What became of the mutants of a spec, for people and for programs. No times.
//!
//! Invariant: a mutant counts for the score only if its fate says something about the spec: not if its theorems follow
//! from those of the spec anyway, nor if it merely says less of what the spec is for.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use lang::source::SourceMap;
use schemars::JsonSchema;
use serde::Serialize;

use super::run::{Fate, Judged, Subject};
use super::{Effect, Mutant, Role};
use crate::report::counted;
use crate::report::json::SCHEMA_VERSION;

/// A spec with the mutants that were selected, each with what became of it, if it was judged.
pub struct Outcome<'a> {
    /// The spec.
    pub subject: &'a Subject,
    /// The mutants, in the order of the text.
    pub mutants: Vec<(&'a Mutant, Option<Judged>)>,
}

/// How many mutants met which fate.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Tally {
    /// Refuted.
    pub refuted: usize,
    /// Undecided.
    pub undecided: usize,
    /// Vacuous.
    pub vacuous: usize,
    /// Surviving.
    pub survives: usize,
}

impl Tally {
    /// How many were killed.
    pub fn killed(&self) -> usize {
        self.refuted + self.undecided + self.vacuous
    }

    /// How many there are.
    pub fn all(&self) -> usize {
        self.killed() + self.survives
    }

    /// The share that was killed, in tenths of a percent, rounded down; none of nothing.
    pub fn score(&self) -> Option<usize> {
        (self.killed() * 1000).checked_div(self.all())
    }

    fn add(&mut self, fate: Fate) {
        match fate {
            Fate::Refuted => self.refuted += 1,
            Fate::Undecided => self.undecided += 1,
            Fate::Vacuous => self.vacuous += 1,
            Fate::Survives => self.survives += 1,
            Fate::NoSpec | Fate::Disagreement => {}
        }
    }
}

impl Outcome<'_> {
    /// The mutants that count, by role.
    pub fn by_role(&self) -> BTreeMap<Role, Tally> {
        let mut tallies: BTreeMap<Role, Tally> = BTreeMap::new();
        for (mutant, judged) in &self.mutants {
            if let (false, Some(judged)) = (mutant.is_implied(), judged)
                && judged.fate.is_killed().is_some()
            {
                tallies.entry(mutant.role).or_default().add(judged.fate);
            }
        }
        tallies
    }

    /// All mutants that count.
    pub fn total(&self) -> Tally {
        let mut total = Tally::default();
        for tally in self.by_role().values() {
            total.refuted += tally.refuted;
            total.undecided += tally.undecided;
            total.vacuous += tally.vacuous;
            total.survives += tally.survives;
        }
        total
    }

    /// The mutants that do not count, because their theorems follow from those of the spec.
    pub fn implied(&self) -> Tally {
        let mut tally = Tally::default();
        for (mutant, judged) in &self.mutants {
            if let (true, Some(judged)) = (mutant.is_implied(), judged) {
                tally.add(judged.fate);
            }
        }
        tally
    }

    /// The mutants with this fate, those that count or those that do not.
    pub fn with(&self, fate: Fate, is_implied: bool) -> impl Iterator<Item = (&Mutant, &Judged)> {
        self.mutants.iter().filter_map(move |(mutant, judged)| {
            let judged = judged.as_ref()?;
            (judged.fate == fate && mutant.is_implied() == is_implied).then_some((*mutant, judged))
        })
    }

    /// How many were not judged.
    pub fn n_open(&self) -> usize {
        self.mutants.iter().filter(|(_, judged)| judged.is_none()).count()
    }

    fn n_no_spec(&self) -> usize {
        let judged = self.mutants.iter().filter_map(|(_, judged)| judged.as_ref());
        self.subject.n_no_spec + judged.filter(|judged| judged.fate == Fate::NoSpec).count()
    }

    fn sources(&self) -> &SourceMap {
        &self.subject.run.front.sources
    }
}

/// A list of mutants, judged or not.
pub fn list(outcome: &Outcome<'_>) -> String {
    let mut out = String::new();
    for (mutant, _) in &outcome.mutants {
        let _ = writeln!(out, "{}", line(outcome, mutant));
    }
    let _ = writeln!(
        out,
        "{}: {}; {} more make no spec, {} change nothing or the same as another one",
        outcome.subject.run.front.file.display(),
        counted(outcome.mutants.len(), "mutant"),
        outcome.subject.n_no_spec,
        outcome.subject.n_same
    );
    out
}

/// The report for people; with more `detail`, what was killed too.
pub fn human(outcome: &Outcome<'_>, detail: u8) -> String {
    let mut out = String::new();
    if detail > 0 {
        disagreements(&mut out, outcome);
        if detail > 1 {
            for (mutant, judged) in &outcome.mutants {
                if let Some(judged) = judged.as_ref().filter(|judged| judged.fate != Fate::Survives) {
                    let fate = judged.fate.word();
                    let _ = writeln!(out, "{}\n    {fate}: {}", line(outcome, mutant), judged.because);
                }
            }
            out.push('\n');
        }
        group(&mut out, outcome, "survivors: not needed for the theorems", false);
        if detail > 1 {
            group(&mut out, outcome, "survivors that prove nothing: their theorems follow anyway", true);
        }
        table(&mut out, outcome);
    }
    let _ = writeln!(out, "{}", conclusion(outcome));
    out
}

/// One line for each survivor that counts, and the conclusion.
pub fn short(outcome: &Outcome<'_>) -> String {
    let mut out = String::new();
    disagreements(&mut out, outcome);
    for (mutant, _) in outcome.with(Fate::Survives, false) {
        let _ = writeln!(out, "{}", line(outcome, mutant));
    }
    let _ = writeln!(out, "{}", conclusion(outcome));
    out
}

fn disagreements(out: &mut String, outcome: &Outcome<'_>) {
    for is_implied in [false, true] {
        for (mutant, judged) in outcome.with(Fate::Disagreement, is_implied) {
            let _ = writeln!(out, "internal error: two checks disagree about {}", line(outcome, mutant));
            let _ = writeln!(out, "    {}", judged.because);
        }
    }
}

fn group(out: &mut String, outcome: &Outcome<'_>, title: &str, is_implied: bool) {
    let mut survivors = outcome.with(Fate::Survives, is_implied).peekable();
    if survivors.peek().is_none() {
        return;
    }
    let _ = writeln!(out, "{title}");
    for (mutant, _) in survivors {
        let _ = writeln!(out, "  {}", line(outcome, mutant));
    }
    out.push('\n');
}

fn line(outcome: &Outcome<'_>, mutant: &Mutant) -> String {
    let place = mutant.place_text(outcome.sources());
    format!("{place}: {} ({}): {}", mutant.name, mutant.role.word(), mutant.change())
}

fn table(out: &mut String, outcome: &Outcome<'_>) {
    let heading = ["role", "mutants", "refuted", "undecided", "vacuous", "survive", "killed"];
    let mut rows: Vec<[String; 7]> = vec![heading.map(str::to_owned)];
    let row = |name: &str, tally: &Tally| {
        let counts = [tally.all(), tally.refuted, tally.undecided, tally.vacuous, tally.survives];
        let [all, refuted, undecided, vacuous, survives] = counts.map(|count| count.to_string());
        [name.to_owned(), all, refuted, undecided, vacuous, survives, percent(tally)]
    };
    let by_role = outcome.by_role();
    for role in Role::ALL {
        rows.extend(by_role.get(&role).map(|tally| row(role.word(), tally)));
    }
    rows.push(row("all that count", &outcome.total()));
    let implied = outcome.implied();
    if implied.all() > 0 {
        let mut implied_row = row("implied", &implied);
        "-".clone_into(&mut implied_row[6]);
        rows.push(implied_row);
    }
    let widths: Vec<usize> =
        (0..7).map(|column| rows.iter().map(|row| row[column].len()).max().unwrap_or(0)).collect();
    for row in rows {
        let [name, counts @ ..] = row;
        let _ = write!(out, "{name:<width$}", width = widths[0]);
        for (count, width) in counts.iter().zip(&widths[1..]) {
            let _ = write!(out, "  {count:>width$}");
        }
        out.push('\n');
    }
}

fn percent(tally: &Tally) -> String {
    tally.score().map_or_else(|| "-".to_owned(), |score| format!("{}.{} %", score / 10, score % 10))
}

/// The last line.
pub fn conclusion(outcome: &Outcome<'_>) -> String {
    let total = outcome.total();
    let open = match outcome.n_open() {
        0 => String::new(),
        n_open => format!("; {n_open} not judged"),
    };
    format!(
        "{}: {} of {} killed, {}; {} implied, {} no spec, {} the same{open}",
        outcome.subject.run.front.file.display(),
        total.killed(),
        counted(total.all(), "mutant"),
        percent(&total),
        outcome.implied().all(),
        outcome.n_no_spec(),
        outcome.subject.n_same,
    )
}

/// The report of `mutate --format json`.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Report<'a> {
    /// Changes whenever a reader of an older report would misread a new one.
    schema_version: u32,
    /// What the run ends with.
    exit_code: u8,
    files: Vec<File<'a>>,
}

/// A spec with its mutants.
#[derive(Serialize, JsonSchema)]
struct File<'a> {
    /// The file as the user named it.
    name: String,
    /// Whether the spec itself is proved.
    proved: bool,
    mutants: Vec<Entry<'a>>,
    by_role: BTreeMap<&'static str, Tally>,
    total: Tally,
    /// Those whose theorems follow from the spec's; they do not count.
    implied: Tally,
    /// How many of those that count are killed, in percent.
    score: Option<f64>,
    /// How many are no spec.
    no_spec: usize,
    /// How many are the spec itself again.
    same: usize,
    /// How many were not judged.
    not_judged: usize,
}

/// A mutant.
#[derive(Serialize, JsonSchema)]
struct Entry<'a> {
    name: &'a str,
    definition: &'a str,
    role: Role,
    effect: Effect,
    /// Whether its theorems follow from the spec's.
    implied: bool,
    file: &'a str,
    /// From 1.
    line: usize,
    /// From 1, in characters.
    column: usize,
    /// The text that is changed.
    before: &'a str,
    /// What stands there instead, if anything.
    after: Option<&'a str>,
    /// What became of it, if it was judged.
    fate: Option<Fate>,
    /// Where that was seen.
    because: Option<&'a str>,
}

/// The report for programs.
pub fn json(outcomes: &[Outcome<'_>], exit_code: u8) -> serde_json::Result<String> {
    let files = outcomes.iter().map(file).collect();
    let mut text =
        serde_json::to_string_pretty(&Report { schema_version: SCHEMA_VERSION, exit_code, files })?;
    text.push('\n');
    Ok(text)
}

fn file<'a>(outcome: &'a Outcome<'a>) -> File<'a> {
    let sources = outcome.sources();
    let total = outcome.total();
    let entries = outcome.mutants.iter().map(|(mutant, judged)| {
        let (line, column) = sources.line_col(mutant.span);
        Entry {
            name: &mutant.name,
            definition: &mutant.definition,
            role: mutant.role,
            effect: mutant.effect,
            implied: mutant.is_implied(),
            file: &sources.files[mutant.span.file].name,
            line,
            column,
            before: &mutant.before,
            after: mutant.after.as_deref(),
            fate: judged.as_ref().map(|judged| judged.fate),
            because: judged.as_ref().map(|judged| judged.because.as_str()),
        }
    });
    File {
        name: outcome.subject.run.front.file.display().to_string(),
        proved: outcome.subject.is_proved(),
        mutants: entries.collect(),
        by_role: outcome.by_role().into_iter().map(|(role, tally)| (role.word(), tally)).collect(),
        score: total.score().map(|score| f64::from(u32::try_from(score).unwrap_or(u32::MAX)) / 10.0),
        implied: outcome.implied(),
        no_spec: outcome.n_no_spec(),
        same: outcome.subject.n_same,
        not_judged: outcome.n_open(),
        total,
    }
}
