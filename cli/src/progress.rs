//! Progress on standard error, where that is a terminal.

use std::io::{IsTerminal, Write};

use indicatif::{ProgressBar, ProgressStyle};
use solver::discharge::Outcome;

use crate::attempt::Progress;

/// A bar that counts conditions; invisible if nobody is there to see it.
#[derive(Debug)]
pub struct Bar {
    bar: ProgressBar,
}

impl Bar {
    /// A bar, shown only if it is wanted and standard error is a terminal.
    pub fn new(is_wanted: bool) -> Self {
        if !(is_wanted && std::io::stderr().is_terminal()) {
            return Self { bar: ProgressBar::hidden() };
        }
        let bar = ProgressBar::new(0);
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {wide_msg}") {
            bar.set_style(style);
        }
        Self { bar }
    }

    /// Removes the bar.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

impl Progress for Bar {
    fn expect(&self, n_conditions: usize) {
        self.bar.inc_length(n_conditions as u64);
    }

    fn done(&self, obligation: &str, _outcome: &Outcome) {
        self.asked(obligation);
    }

    fn asked(&self, obligation: &str) {
        self.bar.set_message(obligation.to_owned());
        self.bar.inc(1);
    }
}

/// A counter of things of a known number: a bar on a terminal, else a line now and then.
#[derive(Debug)]
pub struct Counter {
    bar: ProgressBar,
    /// Whether there are lines instead of a bar.
    has_lines: bool,
}

impl Counter {
    /// A line for every so many things.
    const LINE_EVERY: u64 = 25;

    /// A counter to `n_all`.
    pub fn new(is_wanted: bool, n_all: usize) -> Self {
        let is_terminal = std::io::stderr().is_terminal();
        if !(is_wanted && is_terminal) {
            let bar = ProgressBar::hidden();
            bar.set_length(n_all as u64);
            return Self { bar, has_lines: is_wanted };
        }
        let bar = ProgressBar::new(n_all as u64);
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {wide_msg}") {
            bar.set_style(style);
        }
        Self { bar, has_lines: false }
    }

    /// One more is done.
    pub fn done(&self, message: &str) {
        self.bar.set_message(message.to_owned());
        self.bar.inc(1);
        let (done, all) = (self.bar.position(), self.bar.length().unwrap_or(0));
        if self.has_lines && (done % Self::LINE_EVERY == 0 || done == all) {
            // Progress that nobody reads is no failure.
            let _ = writeln!(std::io::stderr(), "{done}/{all} {message}");
        }
    }

    /// Removes the bar.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
