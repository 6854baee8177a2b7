//! Which obligation of a run is which of a baseline, though ids count conjuncts and cases, and texts change.
//!
//! Obligations are paired within a theorem: those of one text first, then those that are about the same formula in the
//! same place, then those with the same id. What is left over of one formula is a re-split of it.
//!
//! Invariants: each obligation is in one pair, or one re-split, or left over; a formula that a theorem had is *gone* if
//! nothing of the run is about it, and nothing that stands where it stood is about a formula that is new. No two
//! formulas that were recorded are covered by one such, so that fewer conjuncts are never taken for edited ones.

use std::collections::{BTreeMap, BTreeSet};

use super::{About, Baseline, By, Entry, Theorem};

/// What of a baseline is what of a run.
#[derive(Debug, Default)]
pub(super) struct Matching<'a> {
    /// Obligations that are recorded, and what they are now.
    pub(super) pairs: Vec<(&'a Entry, &'a Entry)>,
    /// Formulas whose cases are others now.
    pub(super) resplit: Vec<Resplit<'a>>,
    /// Formulas that stand where others stood.
    pub(super) edited: Vec<String>,
    /// Theorems that another rule proves now: their name, the rule before, the rule now.
    pub(super) rules: Vec<(&'a str, &'a str, &'a str)>,
    /// What had obligations and has none, with the number of these.
    pub(super) gone: BTreeMap<String, usize>,
    /// Obligations that nothing is missing without.
    pub(super) dropped: Vec<&'a Entry>,
    /// Obligations that were not recorded.
    pub(super) added: Vec<&'a Entry>,
}

/// A formula whose cases are others now.
#[derive(Debug)]
pub(super) struct Resplit<'a> {
    /// The path that all its obligations were below.
    pub(super) name: String,
    /// Its recorded cases that are not there any more.
    pub(super) before: Vec<&'a Entry>,
    /// Its cases that were not recorded.
    pub(super) after: Vec<&'a Entry>,
}

/// Pairs what was recorded with what there is.
pub(super) fn match_up<'a>(old: &'a Baseline, new: &'a Baseline) -> Matching<'a> {
    let mut out = Matching::default();
    let ids: BTreeSet<&str> = new.entries().map(|entry| entry.id.as_str()).collect();
    for theorem in &old.theorems {
        match new.theorems.iter().find(|own| own.name == theorem.name) {
            Some(own) => match_theorem(theorem, own, &ids, &mut out),
            None if theorem.is_helper => out.dropped.extend(&theorem.entries),
            None => {
                out.gone.insert(theorem.name.clone(), theorem.entries.len());
            }
        }
    }
    let known: BTreeSet<&str> = old.theorems.iter().map(|theorem| theorem.name.as_str()).collect();
    let new_theorems = new.theorems.iter().filter(|theorem| !known.contains(theorem.name.as_str()));
    out.added.extend(new_theorems.flat_map(|theorem| &theorem.entries));
    out
}

/// The obligations of one formula in one place.
type Groups<'a> = BTreeMap<&'a About, Vec<&'a Entry>>;

fn match_theorem<'a>(old: &'a Theorem, new: &'a Theorem, ids: &BTreeSet<&str>, out: &mut Matching<'a>) {
    if old.by != new.by {
        out.rules.push((&old.name, &old.by, &new.by));
    }
    let (old_groups, new_groups) = (groups(old), groups(new));
    let mut left = Left { old: old.entries.iter().collect(), new: new.entries.iter().collect() };
    let key = |entry: &Entry| entry.closed.cost().map(|cost| cost.key.clone());
    let has_key = |old: &Entry, new: &Entry| key(old).is_some() && key(old) == key(new);
    let has_about = |old: &Entry, new: &Entry| old.about.is_some() && old.about == new.about;
    left.pair(out, |old, new| old.id == new.id && has_key(old, new));
    left.pair(out, has_key);
    left.pair(out, |old, new| old.id == new.id && has_about(old, new));
    left.pair(out, |old, new| has_about(old, new) && tail(&old_groups, old) == tail(&new_groups, new));
    left.pair(out, |old, new| old.id == new.id);

    let heirs = heirs(&old_groups, &new_groups);
    for (about, entries) in &old_groups {
        let heir = heirs.get(about).copied();
        let name = common_path(entries);
        let before = left.take_old(|entry| entry.about.as_ref() == Some(*about));
        let Some(heir) = heir else {
            if old.by != new.by && is_said_elsewhere(about, &new_groups) {
                out.dropped.extend(before);
            } else {
                *out.gone.entry(empty_path(&name, ids)).or_default() += entries.len();
            }
            continue;
        };
        if heir != *about {
            out.edited.push(name.clone());
        }
        let after = left.take_new(|entry| entry.about.as_ref() == Some(heir));
        if !before.is_empty() || !after.is_empty() {
            out.resplit.push(Resplit { name, before, after });
        }
    }
    out.dropped.append(&mut left.old);
    out.added.append(&mut left.new);
}

/// What is not paired yet.
struct Left<'a> {
    old: Vec<&'a Entry>,
    new: Vec<&'a Entry>,
}

impl<'a> Left<'a> {
    fn pair(&mut self, out: &mut Matching<'a>, is_same: impl Fn(&Entry, &Entry) -> bool) {
        let new = &mut self.new;
        self.old.retain(|old| {
            let Some(position) = new.iter().position(|new| is_same(old, new)) else { return true };
            out.pairs.push((old, new.remove(position)));
            false
        });
    }

    fn take_old(&mut self, is_wanted: impl Fn(&Entry) -> bool) -> Vec<&'a Entry> {
        take(&mut self.old, is_wanted)
    }

    fn take_new(&mut self, is_wanted: impl Fn(&Entry) -> bool) -> Vec<&'a Entry> {
        take(&mut self.new, is_wanted)
    }
}

fn take<'a>(from: &mut Vec<&'a Entry>, is_wanted: impl Fn(&Entry) -> bool) -> Vec<&'a Entry> {
    let (taken, left) = std::mem::take(from).into_iter().partition(|entry| is_wanted(entry));
    *from = left;
    taken
}

fn groups(theorem: &Theorem) -> Groups<'_> {
    let mut groups = Groups::new();
    for entry in &theorem.entries {
        if let Some(about) = &entry.about {
            groups.entry(about).or_default().push(entry);
        }
    }
    groups
}

/// Whether the second of two formulas, by their obligations, may be what became of the first.
type IsHeir = dyn Fn(&[&Entry], &[&Entry]) -> bool;

/// For each formula that was recorded, the one that it is now: itself, or one that is new and stands in its place.
fn heirs<'a>(old: &Groups<'a>, new: &Groups<'a>) -> BTreeMap<&'a About, &'a About> {
    let mut heirs: BTreeMap<&About, &About> = BTreeMap::new();
    for about in old.keys() {
        if let Some((same, _)) = new.get_key_value(about) {
            heirs.insert(about, same);
        }
    }
    let mut free: Vec<&About> = new.keys().copied().filter(|about| !old.contains_key(about)).collect();
    let has_same_id =
        |old: &[&Entry], new: &[&Entry]| old.iter().any(|old| new.iter().any(|new| old.id == new.id));
    let is_near = |old: &[&Entry], new: &[&Entry]| {
        let (old, new) = (common_path(old), common_path(new));
        is_below(&old, &new) || is_below(&new, &old)
    };
    // The conjuncts of one definition are numbered, so that one that was edited and moved has another number.
    let has_same_parent = |old: &[&Entry], new: &[&Entry]| {
        let (old, new) = (common_path(old), common_path(new));
        old.rsplit_once('.').map(|(above, _)| above) == new.rsplit_once('.').map(|(above, _)| above)
    };
    let passes: [&IsHeir; 3] = [&has_same_id, &is_near, &has_same_parent];
    for is_heir in passes {
        for (about, entries) in old {
            if heirs.contains_key(about) {
                continue;
            }
            let found = free.iter().position(|own| own.place == about.place && is_heir(entries, &new[own]));
            if let Some(position) = found {
                heirs.insert(about, free.remove(position));
            }
        }
    }
    heirs
}

/// Whether another rule proves what this is about: the same formula in whatever place, or the theorem as a whole.
fn is_said_elsewhere(about: &About, new: &Groups<'_>) -> bool {
    new.is_empty() || new.keys().any(|own| own.formula == about.formula)
}

/// The path that all of these are below.
fn common_path(entries: &[&Entry]) -> String {
    let mut ids = entries.iter().map(|entry| entry.id.split('.').collect::<Vec<_>>());
    let first = ids.next().unwrap_or_default();
    let n_common = ids.fold(first.len(), |n_common, id| {
        first.iter().zip(&id).take(n_common).take_while(|(one, other)| one == other).count()
    });
    first[..n_common].join(".")
}

/// What the id of an obligation has after the path of its formula.
fn tail(groups: &Groups<'_>, entry: &Entry) -> Option<String> {
    let path = common_path(groups.get(entry.about.as_ref()?)?);
    entry.id.strip_prefix(&path).map(str::to_owned)
}

fn is_below(id: &str, path: &str) -> bool {
    id.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// The shortest path above this one that nothing is below any more: a theorem or an action that is gone, rather than
/// each of its conjuncts; the path itself if there is none.
fn empty_path(path: &str, ids: &BTreeSet<&str>) -> String {
    let ends = path.match_indices('.').map(|(end, _)| end).chain([path.len()]);
    let mut above = ends.map(|end| &path[..end]);
    above.find(|above| !ids.iter().any(|id| is_below(id, above))).unwrap_or(path).to_owned()
}

impl Entry {
    /// Whether it is the same condition as another.
    pub(super) fn has_same_key(&self, other: &Self) -> bool {
        match (&self.closed, &other.closed) {
            (By::Z3(own), By::Z3(other)) => own.key == other.key,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(id: &str, place: &str, formula: &str) -> Entry {
        let about =
            (!formula.is_empty()).then(|| About { place: place.to_owned(), formula: formula.to_owned() });
        Entry { id: id.to_owned(), about, closed: By::Rewriting }
    }

    /// A baseline of one theorem, from lines `id place formula`.
    fn baseline(by: &str, lines: &[&str]) -> Baseline {
        let entries = lines.iter().map(|line| {
            let words: Vec<&str> = line.split(' ').collect();
            entry(words[0], words.get(1).unwrap_or(&""), words.get(2).unwrap_or(&""))
        });
        let theorem =
            Theorem { name: "T".to_owned(), by: by.to_owned(), is_helper: false, entries: entries.collect() };
        Baseline { solver: String::new(), encoding: String::new(), rlimit: None, theorems: vec![theorem] }
    }

    fn told(old: &[&str], new: &[&str]) -> String {
        told_by(("induction", old), ("induction", new))
    }

    fn told_by((old_by, old): (&str, &[&str]), (new_by, new): (&str, &[&str])) -> String {
        let (old, new) = (baseline(old_by, old), baseline(new_by, new));
        let matching = match_up(&old, &new);
        let ids =
            |entries: &[&Entry]| entries.iter().map(|entry| entry.id.as_str()).collect::<Vec<_>>().join(",");
        let mut out = Vec::new();
        for (old, new) in matching.pairs.iter().filter(|(old, new)| old.id != new.id) {
            out.push(format!("{} is {}", old.id, new.id));
        }
        for Resplit { name, before, after } in &matching.resplit {
            out.push(format!("{name}: {} -> {}", ids(before), ids(after)));
        }
        out.extend(matching.edited.iter().map(|name| format!("edited {name}")));
        out.extend(matching.gone.iter().map(|(name, n)| format!("gone {name} {n}")));
        out.extend(matching.dropped.iter().map(|entry| format!("dropped {}", entry.id)));
        out.extend(matching.added.iter().map(|entry| format!("added {}", entry.id)));
        out.join("; ")
    }

    const TWO: [&str; 5] =
        ["T.init.I.1 init a", "T.init.I.2 init b", "T.A.I.1.old A a", "T.A.I.1.new A a", "T.A.I.2 A b"];

    #[test]
    fn conjuncts_in_another_order_are_the_same() {
        assert_eq!(told(&TWO, &TWO), "");
        let swapped =
            ["T.init.I.1 init b", "T.init.I.2 init a", "T.A.I.1 A b", "T.A.I.2.old A a", "T.A.I.2.new A a"];
        assert_eq!(
            told(&TWO, &swapped),
            "T.init.I.1 is T.init.I.2; T.init.I.2 is T.init.I.1; T.A.I.1.old is T.A.I.2.old; \
             T.A.I.1.new is T.A.I.2.new; T.A.I.2 is T.A.I.1"
        );
    }

    #[test]
    fn cases_of_one_formula_are_a_resplit() {
        let other = [
            "T.init.I.1 init a",
            "T.init.I.2 init b",
            "T.A.I.1.1 A a",
            "T.A.I.1.old A a",
            "T.A.I.1.2 A a",
            "T.A.I.2.x A b",
        ];
        assert_eq!(told(&TWO, &other), "T.A.I.2 is T.A.I.2.x; T.A.I.1: T.A.I.1.new -> T.A.I.1.1,T.A.I.1.2");
    }

    #[test]
    fn a_conjunct_that_is_gone_is_gone_whatever_the_others_are_called() {
        // The last of two: the other one has no number any more.
        assert_eq!(
            told(&TWO, &["T.init.I init a", "T.A.I.old A a", "T.A.I.new A a"]),
            "T.init.I.1 is T.init.I; T.A.I.1.old is T.A.I.old; T.A.I.1.new is T.A.I.new; \
             gone T.A.I.2 1; gone T.init.I.2 1"
        );
        // The first of two.
        assert!(told(&TWO, &["T.init.I init b", "T.A.I A b"]).contains("gone T.A.I.1 2; gone T.init.I.1 1"));
        // One of two, while the other is edited.
        assert!(told(&TWO, &["T.init.I init c", "T.A.I A c"]).contains("gone T.A.I.2 1; gone T.init.I.2 1"));
    }

    #[test]
    fn what_has_nothing_below_it_is_told_by_the_shortest_path() {
        assert_eq!(told(&TWO, &TWO[..2]), "gone T.A 3");
        assert_eq!(
            told(&TWO, &[&TWO[..2], &["T.B.I.1 B a", "T.B.I.2 B b"]].concat()),
            "gone T.A 3; added T.B.I.1; added T.B.I.2"
        );
    }

    #[test]
    fn an_edited_conjunct_is_not_gone() {
        let edited: Vec<String> = TWO.iter().map(|line| line.replace(" b", " c")).collect();
        let edited: Vec<&str> = edited.iter().map(String::as_str).collect();
        assert_eq!(told(&TWO, &edited), "edited T.A.I.2; edited T.init.I.2");
    }

    #[test]
    fn helpers_come_and_go() {
        assert_eq!(
            told(&["T.A.1 A a", "T.A.c.X"], &["T.A.1 A a", "T.A.c.Y"]),
            "dropped T.A.c.X; added T.A.c.Y"
        );
    }

    #[test]
    fn another_rule_has_to_speak_of_the_same() {
        assert_eq!(
            told_by(("induction", &["T.A.1 A a"]), ("implied", &["T.1  a"])),
            "dropped T.A.1; added T.1"
        );
        assert_eq!(
            told_by(("direct", &["T.1  a"]), ("natural induction", &["T.base"])),
            "dropped T.1; added T.base"
        );
        assert_eq!(
            told_by(("induction", &["T.A.1 A a", "T.A.2 A b"]), ("implied", &["T.1  a"])),
            "gone T.A 2; dropped T.A.1; added T.1".replace("gone T.A 2", "gone T.A 1")
        );
    }
}
