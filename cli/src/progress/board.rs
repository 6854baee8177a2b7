//! How far a run is: what waits, what runs and since when, what is done, and what took longest.
//!
//! Invariant: time is handed in, so that what is told depends on nothing else.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

use crate::report::counted;

/// How much of what waits is named.
const N_NAMED: usize = 10;

/// How far a run is.
#[derive(Clone, Debug)]
pub struct Board {
    start: Instant,
    /// What it is at, apart from conditions.
    phase: String,
    /// Conditions that nobody has begun, with how many there are of each name.
    waiting: BTreeMap<String, usize>,
    /// What runs, in the order in which it began.
    running: Vec<(String, Instant)>,
    n_expected: usize,
    n_done: usize,
    n_cached: usize,
    slowest: Option<(String, Duration)>,
}

impl Board {
    /// Nothing is known yet.
    pub fn new(start: Instant) -> Self {
        Self {
            start,
            phase: String::new(),
            waiting: BTreeMap::new(),
            running: Vec::new(),
            n_expected: 0,
            n_done: 0,
            n_cached: 0,
            slowest: None,
        }
    }

    /// These are to be done, too.
    pub fn expect(&mut self, names: &[&str]) {
        self.n_expected += names.len();
        for name in names {
            *self.waiting.entry((*name).to_owned()).or_default() += 1;
        }
    }

    /// Something else begins.
    pub fn turn_to(&mut self, what: &str) {
        what.clone_into(&mut self.phase);
        // What was stopped before it was done runs no longer.
        self.running.clear();
    }

    /// One begins.
    pub fn started(&mut self, name: &str, now: Instant) {
        self.take(name);
        self.running.push((name.to_owned(), now));
    }

    /// One is done, and took so long, or was known from before.
    pub fn done(&mut self, name: &str, time: Duration, is_cached: bool) {
        match self.running.iter().position(|(running, _)| running == name) {
            Some(place) => drop(self.running.remove(place)),
            None => self.take(name),
        }
        self.n_done += 1;
        self.n_cached += usize::from(is_cached);
        if !is_cached && self.slowest.as_ref().is_none_or(|(_, slowest)| *slowest < time) {
            self.slowest = Some((name.to_owned(), time));
        }
    }

    fn take(&mut self, name: &str) {
        if let Some(n) = self.waiting.get_mut(name) {
            *n -= 1;
            if *n == 0 {
                self.waiting.remove(name);
            }
        }
    }

    /// How many are done, and of how many.
    pub fn counts(&self) -> (usize, usize) {
        (self.n_done, self.n_expected)
    }

    /// What runs and for how long, the longest first.
    pub fn running(&self, now: Instant) -> Vec<(&str, Duration)> {
        let since = |start: Instant| now.saturating_duration_since(start);
        self.running.iter().map(|(name, start)| (name.as_str(), since(*start))).collect()
    }

    /// How long the run has taken so far.
    pub fn elapsed(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.start)
    }

    /// All in one line.
    pub fn line(&self, now: Instant) -> String {
        let mut line = format!("{} after {}", self.count(), seconds(self.elapsed(now)));
        match self.running(now).as_slice() {
            [] if self.phase.is_empty() => {}
            [] => drop(write!(line, "; {}", self.phase)),
            [(name, time), others @ ..] => {
                let _ = write!(line, "; {name} runs for {}", seconds(*time));
                if !others.is_empty() {
                    let _ = write!(line, ", and {} more", others.len());
                }
            }
        }
        line
    }

    /// What a bar shows beside and below itself.
    pub fn message(&self, now: Instant) -> String {
        let mut message = format!("{} {}", seconds(self.elapsed(now)), self.phase);
        for (name, time) in self.running(now) {
            let _ = write!(message, "\n{:>9}  {name}", seconds(time));
        }
        if let Some((name, time)) = &self.slowest {
            let _ = write!(message, "\n{:>9}  {name} took longest", seconds(*time));
        }
        message
    }

    /// All there is to tell, in several lines.
    pub fn dump(&self, now: Instant) -> String {
        let n_waiting: usize = self.waiting.values().sum();
        let mut out = format!("paxprove: {} after {}", self.count(), seconds(self.elapsed(now)));
        if !self.phase.is_empty() {
            let _ = write!(out, "; {}", self.phase);
        }
        out.push('\n');
        for (name, time) in self.running(now) {
            let _ = writeln!(out, "  runs for {:>8}  {name}", seconds(time));
        }
        if let Some((name, time)) = &self.slowest {
            let _ = writeln!(out, "  took      {:>8}  {name}, the longest so far", seconds(*time));
        }
        let _ = writeln!(out, "  {} waiting", counted(n_waiting, "condition"));
        for name in self.waiting.keys().take(N_NAMED) {
            let _ = writeln!(out, "    {name}");
        }
        if self.waiting.len() > N_NAMED {
            let _ = writeln!(out, "    and {} more", self.waiting.len() - N_NAMED);
        }
        out
    }

    fn count(&self) -> String {
        let kept =
            if self.n_cached == 0 { String::new() } else { format!(", {} known from before", self.n_cached) };
        format!("{} of {} done{kept}", self.n_done, counted(self.n_expected, "condition"))
    }
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_runs_is_told_with_its_time() {
        let start = Instant::now();
        let at = |tenths: u64| start + Duration::from_millis(100 * tenths);
        let mut board = Board::new(start);
        board.turn_to("proving a.pax");
        assert_eq!(board.line(at(3)), "0 of 0 conditions done after 0.3 s; proving a.pax");
        board.expect(&["A", "B", "C", "D", "E"]);
        board.started("A", at(10));
        board.started("B", at(12));
        board.done("A", Duration::from_millis(900), false);
        board.started("C", at(20));
        board.done("D", Duration::from_secs(9), true);
        assert_eq!(
            board.line(at(42)),
            "2 of 5 conditions done, 1 known from before after 4.2 s; B runs for 3.0 s, and 1 more"
        );
        let expected = "paxprove: 2 of 5 conditions done, 1 known from before after 4.2 s; proving a.pax\n\
                        \x20 runs for    3.0 s  B\n\
                        \x20 runs for    2.2 s  C\n\
                        \x20 took         0.9 s  A, the longest so far\n\
                        \x20 1 condition waiting\n\
                        \x20   E\n";
        assert_eq!(board.dump(at(42)), expected);
        let shown = "4.2 s proving a.pax\n    3.0 s  B\n    2.2 s  C\n    0.9 s  A took longest";
        assert_eq!(board.message(at(42)), shown);
    }

    #[test]
    fn what_waits_is_named_up_to_a_point() {
        let now = Instant::now();
        let mut board = Board::new(now);
        let names: Vec<String> = (10..25).map(|number| format!("T.{number}")).collect();
        board.expect(&names.iter().map(String::as_str).collect::<Vec<_>>());
        // The same again, as where a proof is tried in another way.
        board.expect(&["T.10"]);
        board.started("T.10", now);
        let dump = board.dump(now);
        assert!(dump.contains("15 conditions waiting\n    T.10\n"), "{dump}");
        assert!(dump.ends_with("    T.19\n    and 5 more\n"), "{dump}");
    }
}
