//! The signal that asks a run how far it is: `SIGUSR1`.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use signal_hook::consts::SIGUSR1;

/// A flag that is set whenever the signal arrives, which then does nothing else. Where signals cannot be watched,
/// nobody is asked.
pub fn noticed() -> Arc<AtomicBool> {
    let flag = Arc::default();
    // What is missing then is an answer to a question, no more.
    let _ = signal_hook::flag::register(SIGUSR1, Arc::clone(&flag));
    flag
}
