//! Progress on standard error: a bar on a terminal, else a line now and then, or events for programs; and an answer to
//! whoever asks by a signal how far a run is.
//!
//! Invariant: what is shown changes nothing of the run; that nobody can read it is no failure.

pub mod board;
pub(crate) mod events;
pub mod signal;

use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::args::{Global, ProgressMode};
use crate::attempt::{Done, Progress};
use board::Board;
use events::Event;

/// How often the bar is drawn anew and the signal is looked for.
const TICK: Duration = Duration::from_millis(100);

/// In which form progress is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A bar.
    Bar,
    /// Lines now and then.
    Lines,
    /// Events as JSON.
    Json,
    /// Not at all.
    None,
}

impl Form {
    /// The form that the user chose, or that suits standard error.
    pub fn of(global: &Global) -> Self {
        match global.progress {
            ProgressMode::Auto if global.quiet => Self::None,
            ProgressMode::Auto if io::stderr().is_terminal() => Self::Bar,
            ProgressMode::Auto | ProgressMode::Lines => Self::Lines,
            ProgressMode::Bar => Self::Bar,
            ProgressMode::Json => Self::Json,
            ProgressMode::None => Self::None,
        }
    }
}

/// Watches conditions, and tells of them.
#[derive(Debug)]
pub struct Watcher {
    shown: Arc<Shown>,
    ticker: Option<Ticker>,
}

/// A thread that does something ten times a second until this is dropped.
#[derive(Debug)]
struct Ticker {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Ticker {
    /// Without a thread nothing is done, which is no failure.
    fn new(mut tick: impl FnMut() + Send + 'static) -> Self {
        let (stop, is_stopped) = mpsc::channel();
        let work = move || {
            while is_stopped.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
                tick();
            }
        };
        let thread = thread::Builder::new().name("progress".to_owned()).spawn(work);
        Self { stop: Some(stop), thread: thread.ok() }
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// What is shown, and how.
#[derive(Debug)]
struct Shown {
    board: Mutex<Board>,
    form: Form,
    bar: ProgressBar,
}

impl Watcher {
    /// Watches from now on.
    pub fn new(form: Form) -> Self {
        let bar = bar(form, 0);
        let shown = Arc::new(Shown { board: Mutex::new(Board::new(Instant::now())), form, bar });
        let asked = signal::noticed();
        let ticking = Arc::clone(&shown);
        let mut pace = Pace::default();
        let ticker = Ticker::new(move || ticking.tick(&asked, &mut pace));
        Self { shown, ticker: Some(ticker) }
    }

    /// Takes away what is still shown, and tells nothing more.
    pub fn finish(&mut self) {
        self.ticker = None;
        self.shown.bar.finish_and_clear();
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.finish();
    }
}

impl Shown {
    fn board(&self) -> MutexGuard<'_, Board> {
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn elapsed(&self, now: Instant) -> Duration {
        self.board().elapsed(now)
    }

    /// Tells what is due.
    fn tick(&self, asked: &AtomicBool, pace: &mut Pace) {
        let now = Instant::now();
        if asked.swap(false, Ordering::Relaxed) {
            let dump = self.board().dump(now);
            self.bar.suspend(|| write(&dump));
        }
        match self.form {
            Form::Bar => self.draw(&self.board()),
            // Nobody waits for the board while somebody reads slowly.
            Form::Lines if pace.is_due(self.elapsed(now)) => {
                let line = self.board().line(now);
                write(&(line + "\n"));
            }
            Form::Json if pace.is_due(self.elapsed(now)) => {
                // In order with what begins and what is done.
                let board = self.board();
                let running = board.running(now).into_iter();
                write(&running.map(|(name, time)| Event::running(name, time).line()).collect::<String>());
            }
            Form::Lines | Form::Json | Form::None => {}
        }
    }

    fn draw(&self, board: &Board) {
        let (n_done, n_expected) = board.counts();
        self.bar.set_length(n_expected as u64);
        self.bar.set_position(n_done as u64);
        self.bar.set_message(board.message(Instant::now()));
    }

    /// Tells an event, in the order of what happens.
    fn tell(&self, change: impl FnOnce(&mut Board), event: &Event<'_>) {
        let mut board = self.board();
        change(&mut board);
        match self.form {
            Form::Bar => self.draw(&board),
            Form::Json => write(&event.line()),
            Form::Lines | Form::None => {}
        }
    }
}

impl Progress for Watcher {
    fn expect(&self, obligations: &[&str]) {
        let event = Event::Expect { conditions: obligations.len() };
        self.shown.tell(|board| board.expect(obligations), &event);
    }

    fn started(&self, obligation: &str) {
        self.shown.tell(|board| board.started(obligation, Instant::now()), &Event::Start { obligation });
    }

    fn done(&self, obligation: &str, done: &Done<'_>) {
        let change = |board: &mut Board| board.done(obligation, done.time, done.is_cached);
        self.shown.tell(change, &Event::done(obligation, done));
    }

    fn asked(&self, obligation: &str) {
        // How long it took is for the report to tell.
        let change = |board: &mut Board| board.done(obligation, Duration::ZERO, false);
        self.shown.tell(change, &Event::Asked { obligation });
    }

    fn turn_to(&self, what: &str) {
        self.shown.tell(|board| board.turn_to(what), &Event::Phase { what });
    }
}

/// When a line is due: none for what takes hardly any time, then one every few seconds, and fewer the longer it takes.
#[derive(Clone, Copy, Debug, Default)]
struct Pace {
    last: Option<Duration>,
}

impl Pace {
    /// Nothing is told before.
    const FIRST: Duration = Duration::from_secs(2);
    /// The shortest and the longest time between two lines.
    const BETWEEN: (Duration, Duration) = (Duration::from_secs(5), Duration::from_secs(60));

    /// Whether it is, after so long; if so, the next is due later.
    fn is_due(&mut self, elapsed: Duration) -> bool {
        let (shortest, longest) = Self::BETWEEN;
        let next = self.last.map_or(Self::FIRST, |last| last + (last / 10).clamp(shortest, longest));
        let is_due = elapsed >= next;
        if is_due {
            self.last = Some(elapsed);
        }
        is_due
    }
}

/// A bar, if that is the form; else one that nobody sees.
fn bar(form: Form, length: usize) -> ProgressBar {
    let bar = match form {
        Form::Bar => ProgressBar::new(length as u64),
        Form::Lines | Form::Json | Form::None => ProgressBar::hidden(),
    };
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}") {
        bar.set_style(style);
    }
    bar.set_length(length as u64);
    bar
}

fn write(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// A counter of things of a known number, other than conditions.
#[derive(Debug)]
pub struct Counter {
    bar: ProgressBar,
    form: Form,
    _ticker: Ticker,
}

impl Counter {
    /// A line for every so many things.
    const LINE_EVERY: u64 = 25;

    /// A counter to `n_all`.
    pub fn new(form: Form, n_all: usize) -> Self {
        let bar = bar(form, n_all);
        let asked = signal::noticed();
        let (shown, start) = (bar.clone(), Instant::now());
        let ticker = Ticker::new(move || {
            if asked.swap(false, Ordering::Relaxed) {
                let seconds = start.elapsed().as_secs_f64();
                let line = format!("paxprove: {} of {n_all} done after {seconds:.1} s\n", shown.position());
                shown.suspend(|| write(&line));
            }
        });
        Self { bar, form, _ticker: ticker }
    }

    /// One more is done.
    pub fn done(&self, message: &str) {
        self.bar.set_message(message.to_owned());
        self.bar.inc(1);
        let (done, all) = (self.bar.position(), self.bar.length().unwrap_or(0));
        match self.form {
            Form::Lines if done % Self::LINE_EVERY == 0 || done == all => {
                write(&format!("{done}/{all} {message}\n"));
            }
            Form::Json => write(&Event::Count { done, all, what: message }.line()),
            Form::Bar | Form::Lines | Form::None => {}
        }
    }

    /// Removes the bar.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_rarely_and_more_rarely() {
        let mut pace = Pace::default();
        let due: Vec<u64> = (0..20_000)
            .filter(|tenths| pace.is_due(Duration::from_millis(100 * tenths)))
            .map(|tenths| tenths / 10)
            .collect();
        assert_eq!(due[..5], [2, 7, 12, 17, 22]);
        assert!(due.windows(2).all(|pair| (5..=60).contains(&(pair[1] - pair[0]))), "{due:?}");
        assert_eq!(due[due.len() - 1] - due[due.len() - 2], 60, "{due:?}");
    }
}
