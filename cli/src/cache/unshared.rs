//! What stands in for a shared cache in a program that was built without them.
//!
//! Invariant: there is none, so nothing here is ever run but [`Shared::open`], which says so.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, bail};
use solver::canonical::Key;

use super::SharedMode;
use super::entry::Entry;

/// A shared cache, of which there is none.
#[derive(Debug)]
pub enum Shared {}

impl Shared {
    /// Says how to get one.
    pub fn open(_url: &str, _mode: SharedMode) -> Result<Self> {
        bail!(
            "this program was built without shared caches: build it with `cargo build --release --features \
             shared-cache`, or leave `--shared-cache` and `PAXPROVE_SHARED_CACHE` out"
        )
    }

    /// Whether answers may be written.
    pub fn may_write(&self) -> bool {
        match *self {}
    }

    /// What is there under these keys.
    pub fn answers(&self, _keys: &BTreeSet<Key>) -> BTreeMap<Key, Result<Entry, String>> {
        match *self {}
    }

    /// Keeps answers.
    pub fn keep(&self, _entries: &[Entry]) -> usize {
        match *self {}
    }

    /// Uses it no more.
    pub fn leave(&self) {
        match *self {}
    }

    /// What went wrong.
    pub fn trouble(&self) -> Option<String> {
        match *self {}
    }
}
