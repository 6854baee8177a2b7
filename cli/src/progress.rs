//! Progress on standard error, where that is a terminal.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressStyle};

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

    fn done(&self, obligation: &str) {
        self.bar.set_message(obligation.to_owned());
        self.bar.inc(1);
    }
}
