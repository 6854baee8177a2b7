//! What could not be decided during the walk: which version of a field is meant, whether `f[1]` reads
//! a function or a tuple, and whether `DOMAIN f` is that of a function or of a record.
//!
//! Field accesses are settled in rounds, from the certain to the plausible: a field with one version has
//! that sort; of several versions, the only one that fits the context; versions that are equal are one.
//! When nothing moves any more, an unknown version takes the sort that all known versions agree on; what is
//! indexed by a number is taken for a function; and `<<a, b>>`, which may be a sequence, for a tuple.

use indexmap::IndexSet;

use super::errors::SortError;
use super::infer::{Deferred, Infer};
use super::unify::{ClassId, Node, SortVar, Store};
use crate::source::Span;

/// What became of a deferred question.
enum Progress {
    Settled,
    Open,
}

/// The sort of the component of this number, counted from 1.
fn part(parts: &[SortVar], index: i128) -> Option<SortVar> {
    let index = index.checked_sub(1)?;
    usize::try_from(index).ok().and_then(|index| parts.get(index).copied())
}

impl Infer<'_> {
    /// Settles all deferred questions, or reports them.
    pub(crate) fn settle(&mut self) {
        self.settle_deferred();
        // Nobody asks for a field that only says `{}` somewhere; it is what it is elsewhere all the same.
        while !self.is_partial && self.adopt_agreed_versions(&self.rigid()) {}
        self.store.default_literals();
        self.store.join_same_records();
    }

    fn settle_deferred(&mut self) {
        loop {
            let rigid = self.rigid();
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
            let stuck = self.deferred.len() == before;
            let mut guess = || {
                !self.is_partial
                    && (self.join_same_versions()
                        || self.adopt_agreed_versions(&rigid)
                        || self.default_function()
                        || self.store.default_literals())
            };
            if stuck && !guess() {
                break;
            }
        }
        for question in std::mem::take(&mut self.deferred) {
            self.report_open(&question);
        }
    }

    fn try_settle(&mut self, question: &Deferred, rigid: &IndexSet<SortVar>) -> Progress {
        match question {
            Deferred::Field { record, field, tags, result, at } => match self.store.node(*record).clone() {
                Node::Free => Progress::Open,
                Node::Error => Progress::Settled,
                Node::Record(class) => {
                    let versions = self.versions(class, field, tags);
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
                | Node::Tuple(_)
                | Node::Literal(_) => {
                    let found = self.render(*record);
                    let because = self.store.why(*record);
                    let expected = format!("a record with `{field}`");
                    self.report(SortError::Mismatch { expected, found, at: *at, because });
                    Progress::Settled
                }
            },
            Deferred::Domain { function, result, at, why } => match self.store.node(*function).clone() {
                Node::Free => Progress::Open,
                Node::Error => Progress::Settled,
                Node::Record(_) => {
                    let name = self.store.add(Node::Str, *why);
                    self.require(name, *result, *why);
                    Progress::Settled
                }
                Node::Link(_)
                | Node::Bool
                | Node::Int
                | Node::Str
                | Node::Uninterpreted(_)
                | Node::Set(_)
                | Node::Function(..)
                | Node::Tuple(_)
                | Node::Literal(_) => {
                    let to = self.store.free(*why);
                    let expected = self.store.add(Node::Function(*result, to), *why);
                    self.require(expected, *function, *at);
                    Progress::Settled
                }
            },
            Deferred::Index { function, index, result, at } => match self.store.node(*function).clone() {
                Node::Free => Progress::Open,
                Node::Error => Progress::Settled,
                // Of a literal the component is the same, however it is read in the end.
                Node::Literal(parts) if part(&parts, *index).is_some() => {
                    if let Some(part) = part(&parts, *index) {
                        self.require(*result, part, *at);
                    }
                    Progress::Settled
                }
                Node::Tuple(parts) => {
                    if let Some(part) = part(&parts, *index) {
                        self.require(*result, part, *at);
                    } else {
                        let found = self.render(*function);
                        let because = self.store.why(*function);
                        let expected = format!("a tuple of at least {index} parts");
                        self.report(SortError::Mismatch { expected, found, at: *at, because });
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
                | Node::Literal(_)
                | Node::Record(_) => {
                    let from = self.store.add(Node::Int, *at);
                    let expected = self.store.add(Node::Function(from, *result), *at);
                    self.require(expected, *function, *at);
                    Progress::Settled
                }
            },
        }
    }

    /// The versions of a field that the context leaves open: those of the tags that it speaks of, or
    /// all if there is no such record.
    fn versions(&self, class: ClassId, field: &str, tags: &[(String, String)]) -> Vec<(SortVar, Span)> {
        let narrow = self.store.versions(class, field, tags);
        if narrow.is_empty() { self.store.versions(class, field, &[]) } else { narrow }
    }

    /// Makes versions of a field one that have turned out to be the same.
    fn join_same_versions(&mut self) -> bool {
        let mut moved = false;
        for (class, name) in self.field_names() {
            let versions = self.store.versions(class, &name, &[]);
            for (position, (version, _)) in versions.iter().enumerate() {
                let earlier =
                    versions[..position].iter().find(|(other, _)| self.store.same(*other, *version));
                if let Some((earlier, _)) = earlier {
                    moved |= self.store.key_of(*earlier) != self.store.key_of(*version)
                        && self.store.unify(*earlier, *version).is_ok();
                }
            }
        }
        moved
    }

    /// Unknown sorts that are those of constants, which no guess may decide: whatever the constants are, they are
    /// of that sort. Versions of a field of records that are constants are not among them, since which of these is
    /// meant is what is to be decided.
    fn rigid(&self) -> IndexSet<SortVar> {
        let mut versions: IndexSet<SortVar> = IndexSet::new();
        for (class, name) in self.field_names() {
            let own = self.store.versions(class, &name, &[]);
            if own.len() > 1 {
                for (version, _) in own {
                    self.store.leaves(version, &mut versions);
                }
            }
        }
        let plain = self.constant_leaves(Store::leaves_outside_records);
        let mut rigid = self.constant_leaves(Store::leaves);
        rigid.retain(|leaf| plain.contains(leaf) || !versions.contains(leaf));
        rigid
    }

    /// Every field name of every record class.
    fn field_names(&self) -> Vec<(ClassId, String)> {
        let mut names: IndexSet<(ClassId, String)> = IndexSet::new();
        for class in self.store.class_ids() {
            let fields = self.store.shapes(class).iter().flat_map(|shape| &shape.fields);
            names.extend(fields.map(|(name, _)| (class, name.text.clone())));
        }
        names.into_iter().collect()
    }

    /// Where all known versions of a field are one sort, gives it to those that are not quite known.
    fn adopt_agreed_versions(&mut self, rigid: &IndexSet<SortVar>) -> bool {
        let mut moved = false;
        for (class, name) in self.field_names() {
            let versions = self.store.versions(class, &name, &[]);
            let (open, known): (Vec<SortVar>, Vec<SortVar>) = versions
                .into_iter()
                .map(|(version, _)| version)
                .partition(|version| self.store.is_open(*version, rigid));
            let Some((first, rest)) = known.split_first() else { continue };
            if open.is_empty() || !rest.iter().all(|version| self.store.same(*first, *version)) {
                continue;
            }
            for version in open {
                if !self.store.compatible(*first, version, rigid) {
                    continue;
                }
                // Record sorts may still clash in their fields, which must leave no trace.
                let mut attempt = self.store.clone();
                if attempt.unify(*first, version).is_ok() {
                    self.store = attempt;
                    moved = true;
                }
            }
        }
        moved
    }

    /// Takes what is indexed by a number, or has a domain, for a function, if nothing says that it is a tuple
    /// or a record.
    fn default_function(&mut self) -> bool {
        let is_open = |infer: &Self, function: SortVar| *infer.store.node(function) == Node::Free;
        let open = self.deferred.iter().find_map(|question| match question {
            Deferred::Index { function, result, at, .. } if is_open(self, *function) => {
                Some((*function, None, Some(*result), *at, *at))
            }
            Deferred::Domain { function, result, at, why } if is_open(self, *function) => {
                Some((*function, Some(*result), None, *at, *why))
            }
            Deferred::Index { .. } | Deferred::Field { .. } | Deferred::Domain { .. } => None,
        });
        let Some((function, from, to, at, why)) = open else { return false };
        let from = from.unwrap_or_else(|| self.store.add(Node::Int, why));
        let to = to.unwrap_or_else(|| self.store.free(why));
        let expected = self.store.add(Node::Function(from, to), why);
        self.require(expected, function, at);
        true
    }

    fn report_open(&mut self, question: &Deferred) {
        let Deferred::Field { record, field, tags, at, .. } = question else { return };
        let error = match self.store.node(*record) {
            Node::Record(class) => {
                let versions = self.versions(*class, field, tags);
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
            | Node::Tuple(_)
            | Node::Literal(_) => SortError::UnknownRecord { field: field.clone(), at: *at },
        };
        self.report(error);
    }
}
