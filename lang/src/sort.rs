//! Sorts: the types of first-order terms.

use std::sync::Arc;

use crate::ids::{IdVec, define_id};
use crate::source::Span;

define_id! {
    /// An uninterpreted sort of the module, such as that of the elements of `CONSTANT Acceptors`.
    pub struct SortId;
}
define_id! {
    /// A record sort of the module.
    pub struct RecordId;
}

/// The sort of a term.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sort {
    /// Truth values.
    Bool,
    /// Integers.
    Int,
    /// Strings.
    Str,
    /// Elements about which nothing is known.
    Uninterpreted(SortId),
    /// Sets of elements of one sort.
    Set(Arc<Sort>),
    /// Functions; `DOMAIN` is part of the value.
    Function(Arc<Sort>, Arc<Sort>),
    /// Tuples of a fixed length.
    Tuple(Arc<[Sort]>),
    /// Records, possibly of several shapes.
    Record(RecordId),
}

/// A record sort: the union of the shapes that were seen to flow together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordSort {
    /// All fields of all shapes. One name may occur with several sorts (`from` of acceptors and of
    /// proposers); each occurrence is a field of its own.
    pub fields: Vec<RecordField>,
    /// Each shape is the set of its fields, as ascending positions in `fields`; no two shapes are equal.
    pub shapes: Vec<Vec<usize>>,
}

/// A field of a record sort.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordField {
    /// Its name as written.
    pub name: String,
    /// Its sort.
    pub sort: Sort,
}

/// The sorts that a module introduces.
#[derive(Clone, Debug, Default)]
pub struct SortTable {
    /// Names of uninterpreted sorts (that of the constant they came from) and where they came from.
    pub uninterpreted: IdVec<SortId, (String, Span)>,
    /// Record sorts.
    pub records: IdVec<RecordId, RecordSort>,
}
