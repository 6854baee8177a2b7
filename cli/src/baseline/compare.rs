//! What a run says against a baseline: in two tiers, so that nothing is told that is noise.
//!
//! A condition with the same key, which covers its text and the build of the solver, has to cost the same to the unit.
//! Where the text changed, a single cost says little: medians of several seeds are compared, with room. Where the
//! solver or the encoding is another, costs are not compared at all: neither one by one nor in sum.
//!
//! Invariant: a comparison depends on the two baselines and the thresholds only, and comes in one order.

use std::collections::BTreeSet;

use serde::Serialize;

use super::matching::{Matching, Resplit, match_up};
use super::{Baseline, By, Entry};
use crate::exit::ExitStatus;

/// From where on costs are told.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Thresholds {
    /// A median that is so many times the recorded one is a warning.
    pub warn_ratio: f64,
    /// So many times, it is a regression.
    pub max_ratio: f64,
    /// The sum of the medians may be so many times the recorded one.
    pub max_total: f64,
    /// Medians below are no regression, however they grew; nor is a sum that grew by less.
    pub floor: u64,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self { warn_ratio: 3.0, max_ratio: 5.0, max_total: 1.5, floor: 50_000 }
    }
}

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// The check fails.
    Error,
    /// Somebody should look.
    Warning,
    /// It is told.
    Note,
}

/// What kind of finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The same condition has another cost.
    Inconsistent,
    /// Something has no obligation any more.
    Gone,
    /// A condition costs more.
    Dearer,
    /// All together cost more.
    Total,
    /// The clock ended too many trials.
    NoMedian,
    /// The solver or the encoding is another.
    Solver,
    /// Another rule proves a theorem.
    Rule,
    /// A conjunct is another formula.
    Edited,
    /// The cases of a conjunct are others.
    Resplit,
    /// Something else closes an obligation.
    Closed,
    /// An obligation was not recorded.
    Added,
    /// An obligation that nothing is missing without is not needed any more.
    Dropped,
}

/// Something to tell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How much it matters.
    pub level: Level,
    /// What kind.
    pub kind: Kind,
    /// What it is about: an id, or a path that ids are below; empty for the whole.
    pub subject: String,
    /// What there is to say about that.
    pub detail: String,
}

/// A cost that changed: of a condition, or of all new cases of a conjunct.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// Whose.
    pub subject: String,
    /// The recorded median.
    pub before: u64,
    /// The median now.
    pub after: u64,
    /// How many times the recorded one it is.
    pub ratio: f64,
}

/// What a run says against a baseline.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// Conditions with the same text.
    pub n_same: usize,
    /// Conditions with another text.
    pub n_changed: usize,
    /// The medians of what both have, recorded and now; none if the solver is another.
    pub total: Option<(u64, u64)>,
    /// Costs that changed, the most first.
    pub changes: Vec<Change>,
    /// What there is to tell, the worst first.
    pub findings: Vec<Finding>,
}

impl Comparison {
    /// How a check ends, as far as the comparison is concerned.
    pub fn exit(&self) -> ExitStatus {
        let of_one = |finding: &Finding| match (finding.level, finding.kind) {
            (Level::Error, Kind::NoMedian) => ExitStatus::Undecided,
            (Level::Error, _) => ExitStatus::Regressed,
            (Level::Warning | Level::Note, _) => ExitStatus::Proved,
        };
        self.findings.iter().map(of_one).fold(ExitStatus::Proved, ExitStatus::and)
    }
}

/// The conditions of a run whose medians a comparison needs: those whose text is not recorded.
pub fn wanted(old: &Baseline, new: &Baseline) -> Vec<String> {
    if !old.is_of_same_solver(new) {
        return Vec::new();
    }
    let matching = match_up(old, new);
    let same: BTreeSet<&str> = matching
        .pairs
        .iter()
        .filter(|(old, new)| old.has_same_key(new))
        .map(|(_, new)| new.id.as_str())
        .collect();
    let conditions = new.entries().filter(|entry| entry.closed.cost().is_some());
    conditions.map(|entry| entry.id.clone()).filter(|id| !same.contains(id.as_str())).collect()
}

/// Compares a run with what was recorded. The medians of what is [`wanted`] are known, if there are any.
pub fn compare(old: &Baseline, new: &Baseline, thresholds: &Thresholds) -> Comparison {
    let matching = match_up(old, new);
    let mut judge = Judge {
        has_costs: old.is_of_same_solver(new),
        thresholds,
        total: (0, 0),
        out: Comparison { n_same: 0, n_changed: 0, total: None, changes: Vec::new(), findings: Vec::new() },
    };
    if !judge.has_costs {
        let detail = format!(
            "recorded with {}, encoding {}; this is {}, encoding {}: costs are not compared",
            old.solver, old.encoding, new.solver, new.encoding
        );
        judge.tell(Level::Note, Kind::Solver, "", detail);
    }
    judge.obligations(&matching);
    for (old, new) in &matching.pairs {
        judge.pair(old, new);
    }
    for resplit in &matching.resplit {
        judge.resplit(resplit);
    }
    let mut out = judge.finish();
    out.changes.sort_by(|one, other| {
        other.ratio.total_cmp(&one.ratio).then_with(|| one.subject.cmp(&other.subject))
    });
    out.findings.sort_by_key(|finding| (finding.level, finding.kind));
    out
}

struct Judge<'a> {
    /// Whether costs can be compared.
    has_costs: bool,
    thresholds: &'a Thresholds,
    total: (u64, u64),
    out: Comparison,
}

impl Judge<'_> {
    fn tell(&mut self, level: Level, kind: Kind, subject: &str, detail: String) {
        self.out.findings.push(Finding { level, kind, subject: subject.to_owned(), detail });
    }

    /// What is there, apart from costs.
    fn obligations(&mut self, matching: &Matching<'_>) {
        for (path, n_obligations) in &matching.gone {
            let detail =
                format!("nothing of it is proved any more; {n_obligations} obligations were recorded");
            self.tell(Level::Error, Kind::Gone, path, detail);
        }
        for (theorem, before, now) in &matching.rules {
            self.tell(Level::Note, Kind::Rule, theorem, format!("proved by {before} before, by {now} now"));
        }
        for name in &matching.edited {
            self.tell(Level::Note, Kind::Edited, name, "it is another formula now".to_owned());
        }
        for entry in &matching.added {
            self.tell(Level::Note, Kind::Added, &entry.id, closed_text(entry));
        }
        for entry in &matching.dropped {
            self.tell(Level::Note, Kind::Dropped, &entry.id, "it is not needed any more".to_owned());
        }
    }

    fn pair(&mut self, old: &Entry, new: &Entry) {
        let (Some(before), Some(after)) = (old.closed.cost(), new.closed.cost()) else {
            if old.closed.word() != new.closed.word() {
                let detail = format!("closed by {} before; {} now", old.closed.word(), closed_text(new));
                self.tell(Level::Note, Kind::Closed, &new.id, detail);
            }
            self.count(median(old).unwrap_or(0), median(new));
            return;
        };
        if old.has_same_key(new) {
            self.out.n_same += 1;
            self.count(before.median.unwrap_or(0), before.median);
            if before.usual != after.usual {
                let detail = format!(
                    "the same question to the same solver costs {}, and {} were recorded: costs should be the same \
                     in every run",
                    after.usual, before.usual
                );
                self.tell(Level::Error, Kind::Inconsistent, &new.id, detail);
            }
            return;
        }
        self.out.n_changed += 1;
        self.count(before.median.unwrap_or(0), after.median);
        self.costs(&new.id, before.median.unwrap_or(0), after.median);
    }

    fn resplit(&mut self, resplit: &Resplit<'_>) {
        let Resplit { name, before, after } = resplit;
        let ids = |entries: &[&Entry]| match entries {
            [] => "nothing".to_owned(),
            _ => entries.iter().map(|entry| format!("`{}`", entry.id)).collect::<Vec<_>>().join(", "),
        };
        let detail = format!("its cases are others: {} instead of {}", ids(after), ids(before));
        self.tell(Level::Note, Kind::Resplit, name, detail);
        let before: u64 = before.iter().filter_map(|entry| median(entry)).sum();
        let after = after.iter().map(|entry| entry.closed.cost().map_or(Some(0), |cost| cost.median)).sum();
        self.count(before, after);
        self.costs(name, before, after);
    }

    fn count(&mut self, before: u64, after: Option<u64>) {
        self.total.0 = self.total.0.saturating_add(before);
        self.total.1 = self.total.1.saturating_add(after.unwrap_or(0));
    }

    /// Two medians of something whose text changed.
    fn costs(&mut self, subject: &str, before: u64, after: Option<u64>) {
        if !self.has_costs {
            return;
        }
        let Some(after) = after else {
            let detail = "most of its trials with other seeds were ended by the clock: give more `--timeout`";
            return self.tell(Level::Error, Kind::NoMedian, subject, detail.to_owned());
        };
        if before == 0 {
            // The solver had nothing to do here before: what is new is told, and counts in the sum.
            return;
        }
        let ratio = ratio(before, after);
        let Thresholds { warn_ratio, max_ratio, floor, .. } = *self.thresholds;
        let level = match after > floor {
            true if ratio > max_ratio => Some((Level::Error, max_ratio)),
            _ if ratio > warn_ratio => Some((Level::Warning, warn_ratio)),
            _ => None,
        };
        if let Some((level, limit)) = level {
            let detail =
                format!("costs {ratio:.1} times as much: {before} before, {after} now (limit {limit})");
            self.tell(level, Kind::Dearer, subject, detail);
        }
        self.out.changes.push(Change { subject: subject.to_owned(), before, after, ratio: rounded(ratio) });
    }

    fn finish(mut self) -> Comparison {
        if self.has_costs {
            let (before, after) = self.total;
            let Thresholds { max_total, floor, .. } = *self.thresholds;
            let ratio = ratio(before, after);
            if ratio > max_total && after.saturating_sub(before) > floor {
                let detail = format!(
                    "all costs together: {before} before, {after} now, {ratio:.2} times (limit {max_total})"
                );
                self.tell(Level::Error, Kind::Total, "", detail);
            }
            self.out.total = Some((before, after));
        }
        self.out
    }
}

fn median(entry: &Entry) -> Option<u64> {
    match entry.closed.cost() {
        Some(cost) => cost.median,
        None => Some(0),
    }
}

fn closed_text(entry: &Entry) -> String {
    match &entry.closed {
        By::Z3(cost) => format!("closed by z3 at {}", cost.median.unwrap_or(cost.usual)),
        By::Nothing => "not proved".to_owned(),
        By::Frame | By::Increment | By::Rewriting => format!("closed by {}", entry.closed.word()),
    }
}

fn ratio(before: u64, after: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a ratio of costs, for people")]
    let ratio = after as f64 / before.max(1) as f64;
    ratio
}

fn rounded(ratio: f64) -> f64 {
    (ratio * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::super::{About, Cost, Theorem};
    use super::*;

    /// A theorem with conditions of these names, keys, and medians, which are also their costs.
    fn baseline(conditions: &[(&str, &str, u64)]) -> Baseline {
        let entries = conditions.iter().map(|(id, key, cost)| Entry {
            id: format!("T.{id}"),
            about: Some(About { place: String::new(), formula: (*id).to_owned() }),
            closed: By::Z3(Cost { key: (*key).to_owned(), usual: *cost, median: Some(*cost) }),
        });
        let (name, by) = ("T".to_owned(), "direct".to_owned());
        let theorem = Theorem { name, by, is_helper: false, entries: entries.collect() };
        let (solver, encoding) = ("Z3".to_owned(), "e".to_owned());
        Baseline { solver, encoding, rlimit: None, theorems: vec![theorem] }
    }

    /// What is told of the change, and how a check ends.
    fn told(old: &[(&str, &str, u64)], new: &[(&str, &str, u64)]) -> (Vec<(Level, Kind)>, u8) {
        let comparison = compare(&baseline(old), &baseline(new), &Thresholds::default());
        let told = comparison.findings.iter().map(|finding| (finding.level, finding.kind)).collect();
        (told, comparison.exit().code())
    }

    #[test]
    fn the_same_condition_costs_the_same() {
        assert_eq!(told(&[("a", "k", 7)], &[("a", "k", 7)]), (vec![], 0));
        assert_eq!(told(&[("a", "k", 7)], &[("a", "k", 8)]), (vec![(Level::Error, Kind::Inconsistent)], 6));
    }

    #[test]
    fn another_text_may_cost_more_up_to_a_limit() {
        let steady = ("b", "s", 1_000_000);
        for (before, after, expected) in [
            (20_000, 60_000, None),
            (20_000, 60_001, Some(Level::Warning)),
            (20_000, 100_000, Some(Level::Warning)),
            (20_000, 100_001, Some(Level::Error)),
            // Below the floor nothing fails.
            (1_000, 50_000, Some(Level::Warning)),
            (1_000, 50_001, Some(Level::Error)),
            (60_000, 1, None),
        ] {
            let expected: Vec<(Level, Kind)> =
                expected.map(|level| (level, Kind::Dearer)).into_iter().collect();
            let (found, code) = told(&[("a", "k", before), steady], &[("a", "l", after), steady]);
            assert_eq!(found, expected, "{before} {after}");
            assert_eq!(
                code == 6,
                expected.iter().any(|(level, _)| *level == Level::Error),
                "{before} {after}"
            );
        }
    }

    #[test]
    fn many_small_increases_count_together_and_what_is_new_does_not() {
        let old: Vec<(&str, &str, u64)> = vec![("a", "k", 50_000), ("b", "l", 50_000)];
        let (found, code) = told(&old, &[("a", "m", 80_000), ("b", "n", 80_000)]);
        assert_eq!((found, code), (vec![(Level::Error, Kind::Total)], 6));
        let (found, code) = told(&old, &[old[0], old[1], ("c", "o", 900_000)]);
        assert_eq!((found, code), (vec![(Level::Note, Kind::Added)], 0));
        // What is gone makes nothing else cheaper.
        let (found, code) = told(&[("a", "k", 900_000), ("b", "l", 50_000)], &[("b", "m", 140_000)]);
        assert_eq!((found.len(), code), (2, 6), "{found:?}");
        assert!(found.contains(&(Level::Error, Kind::Total)), "{found:?}");
    }

    #[test]
    fn a_cost_that_nobody_knows_is_no_success() {
        let mut new = baseline(&[("a", "l", 7)]);
        if let By::Z3(cost) = &mut new.theorems[0].entries[0].closed {
            cost.median = None;
        }
        let comparison = compare(&baseline(&[("a", "k", 7)]), &new, &Thresholds::default());
        assert_eq!(comparison.exit(), ExitStatus::Undecided, "{comparison:?}");
    }
}
