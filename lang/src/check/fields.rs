//! What could not be decided during the walk: which version of a field is meant, and whether `f[1]` reads
//! a function or a tuple.
//!
//! Field accesses are settled in rounds, from the certain to the plausible: a field with one version has
//! that sort; of several versions, the only one that fits the context; versions that are equal are one.
//! When nothing moves any more, an unknown version takes the sort that all known versions agree on.

use indexmap::IndexSet;

use super::errors::SortError;
use super::infer::{Deferred, Infer};
use super::unify::{Node, SortVar};

/// What became of a deferred question.
enum Progress {
    Settled,
    Open,
}

impl Infer<'_> {
    /// Settles all deferred questions, or reports them.
    pub(crate) fn settle(&mut self) {
        loop {
            let rigid = self.constant_leaves();
            let deferred = std::mem::take(&mut self.deferred);
            let before = deferred.len();
            for question in deferred {
                match self.try_settle(&question, &rigid) {
                    Progress::Settled => {}
                    Progress::Open => self.deferred.push(question),
                }
            }
            if self.deferred.is_empty() {
                return;
            }
            if self.deferred.len() == before && !self.adopt_agreed_versions(&rigid) && !self.default_index() {
                break;
            }
        }
        for question in std::mem::take(&mut self.deferred) {
            self.report_open(&question);
        }
    }

    fn try_settle(&mut self, question: &Deferred, rigid: &IndexSet<SortVar>) -> Progress {
        match question {
            Deferred::Field { record, field, result, at } => match self.store.node(*record).clone() {
                Node::Free => Progress::Open,
                Node::Error => Progress::Settled,
                Node::Record(class) => {
                    let versions = self.store.versions(class, field);
                    let fitting: Vec<SortVar> = versions
                        .iter()
                        .map(|(version, _)| *version)
                        .filter(|version| self.store.compatible(*version, *result, rigid))
                        .collect();
                    match (versions.as_slice(), fitting.as_slice()) {
                        ([], _) => Progress::Open,
                        ([(only, _)], _) | (_, [only]) => {
                            self.require(*result, *only, *at);
                            Progress::Settled
                        }
                        ([(first, _), ..], []) => {
                            self.require(*result, *first, *at);
                            Progress::Settled
                        }
                        (_, [first, rest @ ..]) => {
                            if !rest.iter().all(|version| self.store.same(*first, *version)) {
                                return Progress::Open;
                            }
                            self.require(*result, *first, *at);
                            Progress::Settled
                        }
                    }
                }
                Node::Link(_)
                | Node::Bool
                | Node::Int
                | Node::Str
                | Node::Uninterpreted(_)
                | Node::Set(_)
                | Node::Function(..)
                | Node::Tuple(_) => {
                    let found = self.render(*record);
                    let because = self.store.why(*record);
                    let expected = format!("a record with `{field}`");
                    self.report(SortError::Mismatch { expected, found, at: *at, because });
                    Progress::Settled
                }
            },
            Deferred::Index { function, index, result, at } => match self.store.node(*function).clone() {
                Node::Free => Progress::Open,
                Node::Error => Progress::Settled,
                Node::Tuple(parts) => {
                    let part = usize::try_from(*index - 1).ok().and_then(|index| parts.get(index).copied());
                    match part {
                        Some(part) => self.require(*result, part, *at),
                        None => {
                            let found = self.render(*function);
                            let because = self.store.why(*function);
                            let expected = format!("a tuple of at least {index} parts");
                            self.report(SortError::Mismatch { expected, found, at: *at, because });
                        }
                    }
                    Progress::Settled
                }
                Node::Link(_)
                | Node::Bool
                | Node::Int
                | Node::Str
                | Node::Uninterpreted(_)
                | Node::Set(_)
                | Node::Function(..)
                | Node::Record(_) => {
                    let from = self.store.add(Node::Int, *at);
                    let expected = self.store.add(Node::Function(from, *result), *at);
                    self.require(expected, *function, *at);
                    Progress::Settled
                }
            },
        }
    }

    /// Where all known versions of a field are one sort, gives it to the unknown versions.
    fn adopt_agreed_versions(&mut self, rigid: &IndexSet<SortVar>) -> bool {
        let mut moved = false;
        for class in self.store.class_ids() {
            let mut names: IndexSet<String> = IndexSet::new();
            for shape in self.store.shapes(class) {
                names.extend(shape.fields.iter().map(|(name, _)| name.text.clone()));
            }
            for name in names {
                let versions = self.store.versions(class, &name);
                let unknown =
                    |version: SortVar| *self.store.node(version) == Node::Free && !rigid.contains(&version);
                let (open, known): (Vec<SortVar>, Vec<SortVar>) =
                    versions.into_iter().map(|(version, _)| version).partition(|version| unknown(*version));
                let Some((first, rest)) = known.split_first() else { continue };
                if open.is_empty() || !rest.iter().all(|version| self.store.same(*first, *version)) {
                    continue;
                }
                for version in open {
                    moved |= self.store.unify(*first, version).is_ok();
                }
            }
        }
        moved
    }

    /// Takes what is indexed by a number for a function, if nothing says that it is a tuple.
    fn default_index(&mut self) -> bool {
        let open = self.deferred.iter().find_map(|question| match question {
            Deferred::Index { function, result, at, .. } if *self.store.node(*function) == Node::Free => {
                Some((*function, *result, *at))
            }
            Deferred::Index { .. } | Deferred::Field { .. } => None,
        });
        let Some((function, result, at)) = open else { return false };
        let from = self.store.add(Node::Int, at);
        let expected = self.store.add(Node::Function(from, result), at);
        self.require(expected, function, at);
        true
    }

    fn report_open(&mut self, question: &Deferred) {
        let Deferred::Field { record, field, at, .. } = question else { return };
        let error = match self.store.node(*record) {
            Node::Record(class) => {
                let versions = self.store.versions(*class, field);
                if versions.is_empty() {
                    let mut names: IndexSet<String> = IndexSet::new();
                    for shape in self.store.shapes(*class) {
                        names.extend(shape.fields.iter().map(|(name, _)| format!("`{}`", name.text)));
                    }
                    let fields = names.into_iter().collect();
                    SortError::UnknownField { field: field.clone(), fields, at: *at }
                } else {
                    let versions =
                        versions.into_iter().map(|(version, span)| (self.render(version), span)).collect();
                    SortError::AmbiguousField { field: field.clone(), versions, at: *at }
                }
            }
            Node::Link(_)
            | Node::Free
            | Node::Error
            | Node::Bool
            | Node::Int
            | Node::Str
            | Node::Uninterpreted(_)
            | Node::Set(_)
            | Node::Function(..)
            | Node::Tuple(_) => SortError::UnknownRecord { field: field.clone(), at: *at },
        };
        self.report(error);
    }
}
