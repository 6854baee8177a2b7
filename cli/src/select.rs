//! What a run is to look at: `--only` and `--shard`.

use std::collections::BTreeSet;

use glob::{Pattern, PatternError};
use vcgen::obligation::ProofTree;

use crate::shard::Shards;

/// A selection of obligations, by globs over their ids and the names of their theorems.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    globs: Vec<Pattern>,
    /// Which shards, if not all of them.
    shards: Option<Shards>,
    /// The ids of what is in these shards, once the tree is known.
    own: BTreeSet<String>,
}

impl Selection {
    /// Everything, if there is no glob.
    pub fn new(globs: &[String]) -> Result<Self, PatternError> {
        let globs = globs.iter().map(|glob| Pattern::new(glob)).collect::<Result<_, _>>()?;
        Ok(Self { globs, ..Self::default() })
    }

    /// The same, but only what is in some shards.
    #[must_use]
    pub fn in_shards(self, shards: Option<Shards>) -> Self {
        Self { shards, ..self }
    }

    /// The same for the obligations of a tree. Before that, nothing is in any shard.
    #[must_use]
    pub fn within(&self, tree: &ProofTree) -> Self {
        let own = self.shards.as_ref().map(|shards| shards.own(tree)).unwrap_or_default();
        Self { own, ..self.clone() }
    }

    /// Whether nothing is left out.
    pub fn is_everything(&self) -> bool {
        self.globs.is_empty() && self.shards.is_none()
    }

    /// Whether some shards are left out.
    pub fn is_of_shards(&self) -> bool {
        self.shards.is_some()
    }

    /// Whether an obligation of a theorem is selected.
    pub fn selects(&self, obligation: &str, theorem: Option<&str>) -> bool {
        (self.shards.is_none() || self.own.contains(obligation)) && self.may_use(obligation, theorem)
    }

    /// Whether an obligation of a theorem may be tried where another uses it, whatever shard that is in.
    pub fn may_use(&self, obligation: &str, theorem: Option<&str>) -> bool {
        self.globs.is_empty()
            || self
                .globs
                .iter()
                .any(|glob| glob.matches(obligation) || theorem.is_some_and(|name| glob.matches(name)))
    }

    /// Whether a theorem is selected by its name.
    pub fn selects_theorem(&self, theorem: &str) -> bool {
        self.globs.is_empty() || self.globs.iter().any(|glob| glob.matches(theorem))
    }

    /// The globs as written.
    pub fn globs(&self) -> Vec<String> {
        self.globs.iter().map(|glob| glob.as_str().to_owned()).collect()
    }
}

/// The glob that matches `id` and nothing else.
pub fn glob_of(id: &str) -> String {
    Pattern::escape(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selection(globs: &[&str]) -> Selection {
        Selection::new(&globs.iter().map(|glob| (*glob).to_owned()).collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn a_star_reaches_over_dots() {
        assert!(selection(&["Inv.*.1"]).selects("Inv.step.A.1", None));
        assert!(!selection(&["Inv.*.1"]).selects("Inv.step.A.2", None));
    }

    #[test]
    fn a_name_selects_the_whole_theorem() {
        assert!(selection(&["Inv"]).selects("Inv.step.A.1", Some("Inv")));
        assert!(!selection(&["Inv"]).selects("Inv.step.A.1", Some("Other")));
    }

    #[test]
    fn the_glob_of_an_id_matches_that_id_only() {
        let glob = glob_of("Inv.f[*].1");
        assert!(selection(&[&glob]).selects("Inv.f[*].1", None));
        assert!(!selection(&[&glob]).selects("Inv.f*.1", None));
    }

    #[test]
    fn a_broken_glob_is_an_error() {
        assert!(Selection::new(&["a[".to_owned()]).is_err());
    }
}
