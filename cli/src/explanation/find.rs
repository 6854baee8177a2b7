//! Which obligation is meant: by its id, the beginning or the end of one, or a glob.

use glob::Pattern;
use vcgen::obligation::{ObligationIdx, ProofTree};

/// How many ids are listed where there are several, or none.
const MAX_LISTED: usize = 20;

/// Why no obligation is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotFound {
    /// Several are: the first of them, and how many there are.
    Several(Vec<String>, usize),
    /// None is; these ids begin most alike.
    Nothing(Vec<String>),
}

/// The obligation that is meant. What is read more strictly comes first: an id, a whole beginning of a path, a whole
/// end of one, a glob, any beginning.
pub fn find(tree: &ProofTree, meant: &str) -> Result<ObligationIdx, NotFound> {
    let ids: Vec<&str> = tree.obligations.iter().map(|obligation| obligation.id.as_str()).collect();
    let found = matching(&ids, meant);
    match found.as_slice() {
        [only] => tree.obligations.ids().nth(*only).ok_or_else(|| NotFound::Nothing(Vec::new())),
        [] => Err(NotFound::Nothing(near(&ids, meant))),
        several => {
            let listed = several.iter().take(MAX_LISTED).map(|position| ids[*position].to_owned());
            Err(NotFound::Several(listed.collect(), several.len()))
        }
    }
}

/// The positions of the ids that are meant.
fn matching(ids: &[&str], meant: &str) -> Vec<usize> {
    let pattern = Pattern::new(meant).ok();
    let readings: [&dyn Fn(&str) -> bool; 5] = [
        &|id| id == meant,
        &|id| id.strip_prefix(meant).is_some_and(|rest| rest.starts_with('.')),
        &|id| id.strip_suffix(meant).is_some_and(|rest| rest.ends_with('.')),
        &|id| pattern.as_ref().is_some_and(|pattern| pattern.matches(id)),
        &|id| !meant.is_empty() && id.starts_with(meant),
    ];
    let all = |reads: &dyn Fn(&str) -> bool| {
        ids.iter().enumerate().filter(|(_, id)| reads(id)).map(|(position, _)| position).collect::<Vec<_>>()
    };
    readings.into_iter().map(all).find(|found| !found.is_empty()).unwrap_or_default()
}

/// The ids that have the longest beginning in common with what was meant.
fn near(ids: &[&str], meant: &str) -> Vec<String> {
    let common = |id: &str| {
        id.chars().zip(meant.chars()).take_while(|(own, other)| own.eq_ignore_ascii_case(other)).count()
    };
    let most = ids.iter().map(|id| common(id)).max().unwrap_or(0);
    let nearest = ids.iter().filter(|id| most > 0 && common(id) == most);
    nearest.take(MAX_LISTED / 4).map(|id| (*id).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDS: [&str; 5] =
        ["Inv.init.1", "Inv.step.A.1", "Inv.step.A.1.new", "Inv.step.B.f[x]", "Lemma.2.new"];

    fn found(meant: &str) -> Vec<&'static str> {
        matching(&IDS, meant).into_iter().map(|position| IDS[position]).collect()
    }

    #[test]
    fn an_id_means_itself_though_it_begins_another() {
        assert_eq!(found("Inv.step.A.1"), ["Inv.step.A.1"]);
        assert_eq!(found("Inv.step.B.f[x]"), ["Inv.step.B.f[x]"]);
    }

    #[test]
    fn beginnings_ends_and_globs_mean_what_they_match() {
        assert_eq!(found("Inv.init"), ["Inv.init.1"]);
        assert_eq!(found("A.1.new"), ["Inv.step.A.1.new"]);
        assert_eq!(found("Inv.*.new"), ["Inv.step.A.1.new"]);
        assert_eq!(found("Lem"), ["Lemma.2.new"]);
        assert_eq!(found("new"), ["Inv.step.A.1.new", "Lemma.2.new"]);
        assert_eq!(found("Other"), Vec::<&str>::new());
    }

    #[test]
    fn what_begins_most_alike_is_near() {
        assert_eq!(near(&IDS, "Inv.step.C.1"), ["Inv.step.A.1", "Inv.step.A.1.new", "Inv.step.B.f[x]"]);
        assert_eq!(near(&IDS, "zzz"), Vec::<String>::new());
    }
}
