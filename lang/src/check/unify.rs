//! Sorts that are not known yet: union-find over sort variables, each with the place that decided it.
//!
//! Record sorts are classes of shapes. Two shapes of one class are the same shape if they have the same
//! field names and no tag tells them apart: a tag is a field given by a literal string, or by a set of
//! them. The fields of shapes that are told apart keep sorts of their own.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::{IndexMap, IndexSet};

use crate::ids::{Id, IdVec, define_id};
use crate::resolved::Name;
use crate::sort::SortId;
use crate::source::Span;

define_id! {
    /// A sort that may not be known yet.
    pub(crate) struct SortVar;
}
define_id! {
    /// A class of record shapes.
    pub(crate) struct ClassId;
}

/// What is known of a sort.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Node {
    /// The same as another one.
    Link(SortVar),
    /// Nothing.
    Free,
    /// What is broken, and fits anything.
    Error,
    Bool,
    Int,
    Str,
    /// Given a name at the end.
    Uninterpreted(SortId),
    Set(SortVar),
    Function(SortVar, SortVar),
    Tuple(Vec<SortVar>),
    /// `<<a, b>>`: a tuple of these, or a sequence if they can have one sort. Never empty.
    Literal(Vec<SortVar>),
    Record(ClassId),
}

#[derive(Clone, Debug)]
struct Entry {
    node: Node,
    why: Span,
}

/// One way to be a record.
#[derive(Clone, Debug)]
pub(crate) struct Shape {
    /// The fields, as written.
    pub(crate) fields: Vec<(Name, SortVar)>,
    /// The strings that a tag field can have.
    pub(crate) tags: BTreeMap<String, BTreeSet<String>>,
}

impl Shape {
    fn has_fields_of(&self, other: &Self) -> bool {
        self.fields.len() == other.fields.len()
            && self.fields.iter().all(|(name, _)| other.fields.iter().any(|(o, _)| o.text == name.text))
    }

    /// Whether a record of this shape can have these strings in these fields.
    fn allows(&self, tags: &[(String, String)]) -> bool {
        tags.iter().all(|(field, value)| match self.tags.get(field) {
            Some(values) => values.contains(value),
            None => self.fields.iter().any(|(name, _)| name.text == *field),
        })
    }

    /// Whether no tag tells the two apart.
    fn agrees(&self, other: &Self) -> bool {
        self.has_fields_of(other)
            && self.tags.len() == other.tags.len()
            && self
                .tags
                .iter()
                .all(|(tag, values)| other.tags.get(tag).is_some_and(|o| !o.is_disjoint(values)))
    }
}

/// What a comparison of record classes has found out.
#[derive(Debug, Default)]
struct Compared {
    /// Pairs that are being compared, or have been found to be the same if these are.
    assumed: IndexSet<(ClassId, ClassId)>,
    /// Pairs that are different, whatever is assumed.
    different: IndexSet<(ClassId, ClassId)>,
}

/// Why two sorts cannot be one: the innermost parts that clash.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Clash {
    /// Different constructions.
    Different,
    /// One would contain itself.
    Infinite,
}

/// All sort variables of a run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Store {
    entries: IdVec<SortVar, Entry>,
    classes: IdVec<ClassId, Vec<Shape>>,
    /// The sort that each class was made for.
    records: IdVec<ClassId, SortVar>,
}

impl Store {
    /// A new sort.
    pub(crate) fn add(&mut self, node: Node, why: Span) -> SortVar {
        self.entries.push(Entry { node, why })
    }

    /// A new unknown sort.
    pub(crate) fn free(&mut self, why: Span) -> SortVar {
        self.add(Node::Free, why)
    }

    /// A new record sort of one shape.
    pub(crate) fn record(&mut self, shape: Shape, why: Span) -> SortVar {
        let class = self.classes.push(vec![shape]);
        let sort = self.add(Node::Record(class), why);
        self.records.push(sort);
        sort
    }

    /// The representative.
    pub(crate) fn root(&self, mut var: SortVar) -> SortVar {
        while let Node::Link(next) = self.entries[var].node {
            var = next;
        }
        var
    }

    /// What is known; never a link.
    pub(crate) fn node(&self, var: SortVar) -> &Node {
        &self.entries[self.root(var)].node
    }

    /// The place that decided the sort.
    pub(crate) fn why(&self, var: SortVar) -> Span {
        self.entries[self.root(var)].why
    }

    /// The shapes of a class.
    pub(crate) fn shapes(&self, class: ClassId) -> &[Shape] {
        &self.classes[class]
    }

    /// How many classes there are, those without shapes any more included.
    pub(crate) fn class_ids(&self) -> impl Iterator<Item = ClassId> + use<> {
        self.classes.ids()
    }

    /// The distinct sorts of the fields of this name, with a place for each, in the shapes that have
    /// these strings as their tags.
    pub(crate) fn versions(
        &self,
        class: ClassId,
        field: &str,
        tags: &[(String, String)],
    ) -> Vec<(SortVar, Span)> {
        let mut versions: Vec<(SortVar, Span)> = Vec::new();
        let shapes = self.classes[class].iter().filter(|shape| shape.allows(tags));
        for (name, var) in shapes.flat_map(|shape| &shape.fields) {
            let root = self.root(*var);
            if name.text == field && !versions.iter().any(|(known, _)| *known == root) {
                versions.push((root, name.span));
            }
        }
        versions
    }

    /// Fixes an unknown sort.
    pub(crate) fn set(&mut self, var: SortVar, node: Node) {
        let root = self.root(var);
        self.entries[root].node = node;
    }

    fn link(&mut self, from: SortVar, to: SortVar) {
        self.entries[from].node = Node::Link(to);
    }

    /// Makes two sorts one.
    pub(crate) fn unify(&mut self, a: SortVar, b: SortVar) -> Result<(), Clash> {
        let (a, b) = (self.root(a), self.root(b));
        if a == b {
            return Ok(());
        }
        match (self.entries[a].node.clone(), self.entries[b].node.clone()) {
            (Node::Error, _)
            | (_, Node::Error)
            | (Node::Bool, Node::Bool)
            | (Node::Int, Node::Int)
            | (Node::Str, Node::Str) => Ok(()),
            // The older variable stays: constants and variables come first.
            (Node::Free, Node::Free) => {
                let (old, young) = if a < b { (a, b) } else { (b, a) };
                self.link(young, old);
                Ok(())
            }
            (Node::Free, _) => self.bind(a, b),
            (_, Node::Free) => self.bind(b, a),
            (Node::Uninterpreted(x), Node::Uninterpreted(y)) if x == y => Ok(()),
            (Node::Set(x), Node::Set(y)) => self.unify(x, y),
            (Node::Function(from, to), Node::Function(other_from, other_to)) => {
                self.unify(from, other_from)?;
                self.unify(to, other_to)
            }
            (Node::Tuple(x), Node::Tuple(y)) if x.len() == y.len() => {
                x.into_iter().zip(y).try_for_each(|(x, y)| self.unify(x, y))
            }
            (Node::Literal(x), Node::Tuple(y) | Node::Literal(y)) if x.len() == y.len() => {
                self.bind(a, b)?;
                x.into_iter().zip(y).try_for_each(|(x, y)| self.unify(x, y))
            }
            (Node::Tuple(x), Node::Literal(y)) if x.len() == y.len() => {
                self.bind(b, a)?;
                x.into_iter().zip(y).try_for_each(|(x, y)| self.unify(x, y))
            }
            (Node::Literal(items), Node::Function(from, to)) => {
                self.bind(a, b)?;
                self.sequence(items, from, to)
            }
            (Node::Function(from, to), Node::Literal(items)) => {
                self.bind(b, a)?;
                self.sequence(items, from, to)
            }
            // Of different lengths: both are sequences.
            (Node::Literal(items), Node::Literal(others)) => {
                let why = self.why(a);
                let (from, to) = (self.add(Node::Int, why), self.free(why));
                let sequence = self.add(Node::Function(from, to), why);
                self.bind(a, sequence)?;
                self.bind(b, sequence)?;
                items.into_iter().chain(others).try_for_each(|item| self.unify(to, item))
            }
            (Node::Record(x), Node::Record(y)) => {
                self.link(b, a);
                self.merge(a, x, y)
            }
            (
                Node::Bool
                | Node::Int
                | Node::Str
                | Node::Uninterpreted(_)
                | Node::Set(_)
                | Node::Function(..)
                | Node::Tuple(_)
                | Node::Literal(_)
                | Node::Record(_)
                | Node::Link(_),
                _,
            ) => Err(Clash::Different),
        }
    }

    /// Makes the items of a literal the values of a function of numbers.
    fn sequence(&mut self, items: Vec<SortVar>, from: SortVar, to: SortVar) -> Result<(), Clash> {
        let number = self.add(Node::Int, self.why(from));
        self.unify(number, from)?;
        items.into_iter().try_for_each(|item| self.unify(to, item))
    }

    /// Takes every literal of which nothing has decided for a tuple; whether there was one.
    pub(crate) fn default_literals(&mut self) -> bool {
        let mut moved = false;
        for var in self.entries.ids() {
            if let Node::Literal(parts) = &mut self.entries[var].node {
                self.entries[var].node = Node::Tuple(std::mem::take(parts));
                moved = true;
            }
        }
        moved
    }

    fn bind(&mut self, free: SortVar, to: SortVar) -> Result<(), Clash> {
        if self.occurs(free, to) {
            return Err(Clash::Infinite);
        }
        self.link(free, to);
        Ok(())
    }

    /// Whether a sort contains an unknown one; records are named, so that they may contain themselves.
    fn occurs(&self, needle: SortVar, within: SortVar) -> bool {
        let within = self.root(within);
        if within == needle {
            return true;
        }
        match &self.entries[within].node {
            Node::Set(element) => self.occurs(needle, *element),
            Node::Function(from, to) => self.occurs(needle, *from) || self.occurs(needle, *to),
            Node::Tuple(parts) | Node::Literal(parts) => parts.iter().any(|part| self.occurs(needle, *part)),
            Node::Link(_)
            | Node::Free
            | Node::Error
            | Node::Bool
            | Node::Int
            | Node::Str
            | Node::Uninterpreted(_)
            | Node::Record(_) => false,
        }
    }

    /// Moves the shapes of class `from` to `into`, the class of `var`.
    fn merge(&mut self, var: SortVar, into: ClassId, from: ClassId) -> Result<(), Clash> {
        if into == from {
            return Ok(());
        }
        let mut result = Ok(());
        for shape in std::mem::take(&mut self.classes[from]) {
            // Merging fields may have moved the class on.
            let Node::Record(class) = *self.node(var) else { return Err(Clash::Different) };
            let Some(known) = self.classes[class].iter_mut().find(|known| known.agrees(&shape)) else {
                self.classes[class].push(shape);
                continue;
            };
            for (tag, values) in shape.tags {
                known.tags.entry(tag).or_default().extend(values);
            }
            let mut pairs = Vec::new();
            for (name, found) in &shape.fields {
                pairs.extend(
                    known.fields.iter().filter(|(o, _)| o.text == name.text).map(|(_, k)| (*k, *found)),
                );
            }
            for (known, found) in pairs {
                let unified = self.unify(known, found);
                result = result.and(unified);
            }
        }
        result
    }

    /// Whether two sorts could be made one without making one of the `rigid` unknown sorts another.
    pub(crate) fn compatible(&self, a: SortVar, b: SortVar, rigid: &IndexSet<SortVar>) -> bool {
        let (a, b) = (self.root(a), self.root(b));
        if a == b {
            return true;
        }
        match (&self.entries[a].node, &self.entries[b].node) {
            (Node::Error, _)
            | (_, Node::Error)
            | (Node::Bool, Node::Bool)
            | (Node::Int, Node::Int)
            | (Node::Str, Node::Str)
            | (Node::Record(_), Node::Record(_)) => true,
            (Node::Free, Node::Free) => !(rigid.contains(&a) && rigid.contains(&b)),
            (Node::Free, _) => !rigid.contains(&a),
            (_, Node::Free) => !rigid.contains(&b),
            (Node::Uninterpreted(x), Node::Uninterpreted(y)) => x == y,
            (Node::Set(x), Node::Set(y)) => self.compatible(*x, *y, rigid),
            (Node::Function(from, to), Node::Function(other_from, other_to)) => {
                self.compatible(*from, *other_from, rigid) && self.compatible(*to, *other_to, rigid)
            }
            (Node::Tuple(x), Node::Tuple(y)) => {
                x.len() == y.len() && x.iter().zip(y).all(|(x, y)| self.compatible(*x, *y, rigid))
            }
            (Node::Literal(x), Node::Tuple(y) | Node::Literal(y)) | (Node::Tuple(x), Node::Literal(y))
                if x.len() == y.len() =>
            {
                x.iter().zip(y).all(|(x, y)| self.compatible(*x, *y, rigid))
            }
            (Node::Literal(items), Node::Function(from, to))
            | (Node::Function(from, to), Node::Literal(items)) => {
                matches!(self.node(*from), Node::Int | Node::Free)
                    && items.iter().all(|item| self.compatible(*to, *item, rigid))
            }
            (Node::Literal(x), Node::Literal(y)) => {
                let first = x.iter().chain(y).next();
                first.is_none_or(|first| x.iter().chain(y).all(|y| self.compatible(*first, *y, rigid)))
            }
            (
                Node::Bool
                | Node::Int
                | Node::Str
                | Node::Uninterpreted(_)
                | Node::Set(_)
                | Node::Function(..)
                | Node::Tuple(_)
                | Node::Literal(_)
                | Node::Record(_)
                | Node::Link(_),
                _,
            ) => false,
        }
    }

    /// Collects the unknown sorts, undecided literals and record classes inside a sort, by their representatives.
    pub(crate) fn leaves(&self, var: SortVar, into: &mut IndexSet<SortVar>) {
        self.collect_leaves(var, true, into);
    }

    /// The same, but nothing inside of records.
    pub(crate) fn leaves_outside_records(&self, var: SortVar, into: &mut IndexSet<SortVar>) {
        self.collect_leaves(var, false, into);
    }

    fn collect_leaves(&self, var: SortVar, has_fields: bool, into: &mut IndexSet<SortVar>) {
        let root = self.root(var);
        match &self.entries[root].node {
            Node::Free => {
                into.insert(root);
            }
            Node::Set(element) => self.collect_leaves(*element, has_fields, into),
            Node::Function(from, to) => {
                self.collect_leaves(*from, has_fields, into);
                self.collect_leaves(*to, has_fields, into);
            }
            Node::Tuple(parts) => {
                for part in parts {
                    self.collect_leaves(*part, has_fields, into);
                }
            }
            // Undecided itself.
            Node::Literal(parts) => {
                into.insert(root);
                for part in parts {
                    self.collect_leaves(*part, has_fields, into);
                }
            }
            Node::Record(class) => {
                if into.insert(root) && has_fields {
                    for (_, field) in self.classes[*class].iter().flat_map(|shape| &shape.fields) {
                        self.collect_leaves(*field, has_fields, into);
                    }
                }
            }
            Node::Link(_) | Node::Error | Node::Bool | Node::Int | Node::Str | Node::Uninterpreted(_) => {}
        }
    }

    /// Whether something in a sort is unknown that is none of the `rigid` unknown sorts.
    pub(crate) fn is_open(&self, var: SortVar, rigid: &IndexSet<SortVar>) -> bool {
        let mut leaves = IndexSet::new();
        self.leaves(var, &mut leaves);
        let is_open = |leaf: &SortVar| matches!(self.node(*leaf), Node::Free | Node::Literal(_));
        leaves.iter().any(|leaf| is_open(leaf) && !rigid.contains(leaf))
    }

    /// The structure of a sort as a list of numbers, equal for equal sorts.
    pub(crate) fn key(&self, var: SortVar, into: &mut Vec<usize>) {
        let root = self.root(var);
        match &self.entries[root].node {
            Node::Link(_) | Node::Free | Node::Error => into.extend([0, root.index()]),
            Node::Bool => into.push(1),
            Node::Int => into.push(2),
            Node::Str => into.push(3),
            Node::Uninterpreted(id) => into.extend([4, id.index()]),
            Node::Set(element) => {
                into.push(5);
                self.key(*element, into);
            }
            Node::Function(from, to) => {
                into.push(6);
                self.key(*from, into);
                self.key(*to, into);
            }
            Node::Literal(_) => into.extend([9, root.index()]),
            Node::Tuple(parts) => {
                into.extend([7, parts.len()]);
                for part in parts {
                    self.key(*part, into);
                }
            }
            Node::Record(class) => into.extend([8, class.index()]),
        }
    }

    /// [`Store::key`] of one sort.
    pub(crate) fn key_of(&self, var: SortVar) -> Vec<usize> {
        let mut key = Vec::new();
        self.key(var, &mut key);
        key
    }

    /// Whether two sorts are the same as far as they are known; record sorts are if they have the same
    /// shapes with the same sorts in them.
    pub(crate) fn same(&self, a: SortVar, b: SortVar) -> bool {
        self.same_under(a, b, &mut Compared::default())
    }

    /// The same, where record classes that are being compared are taken to be.
    fn same_under(&self, a: SortVar, b: SortVar, compared: &mut Compared) -> bool {
        let (a, b) = (self.root(a), self.root(b));
        if a == b {
            return true;
        }
        match (&self.entries[a].node, &self.entries[b].node) {
            (Node::Set(x), Node::Set(y)) => self.same_under(*x, *y, compared),
            (Node::Function(from, to), Node::Function(other_from, other_to)) => {
                self.same_under(*from, *other_from, compared) && self.same_under(*to, *other_to, compared)
            }
            (Node::Tuple(x), Node::Tuple(y)) => {
                x.len() == y.len() && x.iter().zip(y).all(|(x, y)| self.same_under(*x, *y, compared))
            }
            (Node::Record(x), Node::Record(y)) => {
                let pair = (*x, *y);
                if x == y || compared.assumed.contains(&pair) {
                    return true;
                }
                if compared.different.contains(&pair) {
                    return false;
                }
                compared.assumed.insert(pair);
                let (x, y) = (&self.classes[*x], &self.classes[*y]);
                let same = self.covers(x, y, compared) && self.covers(y, x, compared);
                if !same {
                    compared.different.insert(pair);
                }
                same
            }
            (Node::Free | Node::Error | Node::Literal(_), _)
            | (_, Node::Free | Node::Error | Node::Literal(_)) => false,
            (x, y) => x == y,
        }
    }

    /// Whether each of the shapes is among the others, with the same sorts.
    fn covers(&self, shapes: &[Shape], others: &[Shape], compared: &mut Compared) -> bool {
        shapes.iter().all(|shape| {
            others.iter().filter(|other| other.agrees(shape)).any(|other| {
                shape.fields.iter().all(|(name, sort)| {
                    let mut named = other.fields.iter().filter(|(o, _)| o.text == name.text);
                    named.all(|(_, other)| self.same_under(*sort, *other, compared))
                })
            })
        })
    }

    /// Makes record sorts one that have the same shapes with the same sorts in them, even if they never
    /// met: what is proved of one is meant for the other too.
    pub(crate) fn join_same_records(&mut self) {
        // Sorts that are the same do not clash; if they do after all, each stays as it was.
        let before = self.clone();
        let mut by_names: IndexMap<Vec<String>, Vec<ClassId>> = IndexMap::new();
        for class in self.classes.ids() {
            let fields = self.classes[class].iter().flat_map(|shape| &shape.fields);
            let names: BTreeSet<String> = fields.map(|(name, _)| name.text.clone()).collect();
            if !names.is_empty() {
                by_names.entry(names.into_iter().collect()).or_default().push(class);
            }
        }
        for classes in by_names.values() {
            let mut distinct: Vec<SortVar> = Vec::new();
            let mut compared = Compared::default();
            for class in classes {
                let sort = self.records[*class];
                let same = |known: &&SortVar| {
                    compared.assumed.clear();
                    self.same_under(**known, sort, &mut compared)
                };
                match distinct.iter().find(same) {
                    Some(known) => {
                        if self.unify(*known, sort).is_err() {
                            *self = before;
                            return;
                        }
                    }
                    None => distinct.push(sort),
                }
            }
        }
    }
}
