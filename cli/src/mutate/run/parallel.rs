//! Several at a time.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// Stack of a thread that takes mutants through the pipeline; only what is touched is taken from memory.
const STACK_BYTES: usize = 256 << 20;

/// Calls `work` on each item, several at a time, and returns the results in the order of the items. Once `stop` is
/// set no item is begun.
pub(super) fn in_parallel<T: Sync, R: Send>(
    n_workers: usize,
    items: &[T],
    stop: &AtomicBool,
    work: impl Fn(&T) -> Option<R> + Sync,
) -> Vec<Option<R>> {
    let results: Vec<Mutex<Option<R>>> = items.iter().map(|_| Mutex::new(None)).collect();
    let next = AtomicUsize::new(0);
    let run = || {
        while !stop.load(Ordering::Relaxed) {
            let item_idx = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(item_idx) else {
                return;
            };
            let result = work(item);
            *results[item_idx].lock().unwrap_or_else(PoisonError::into_inner) = result;
        }
    };
    thread::scope(|scope| {
        let mut n_started = 0;
        for _ in 0..n_workers.clamp(1, items.len().max(1)) {
            let thread = thread::Builder::new().stack_size(STACK_BYTES);
            n_started += usize::from(thread.spawn_scoped(scope, run).is_ok());
        }
        if n_started == 0 {
            run();
        }
    });
    results.into_iter().map(|result| result.into_inner().unwrap_or_else(PoisonError::into_inner)).collect()
}
