//! All members on all cores.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::sync_channel;

use rayon::ThreadPoolBuilder;
use rayon::iter::{ParallelBridge, ParallelIterator};

/// Bytes of a thread's stack: as many as the main thread has, for which the parsers were proven.
const STACK_SIZE: usize = 8 << 20;

/// Results that wait to be taken before the work waits, too.
const WAITING: usize = 64;

/// The work on one item panicked, and that on the others went on.
#[derive(Debug, thiserror::Error)]
#[error("talos-pki failed by a mistake of its own, which is worth a bug report")]
pub struct Panicked;

/// Does `work` on each of `items` on as many threads, or as many as there are cores, and gives `each`
/// of the results to the caller's thread in the order of the items. Of the items, few more than there
/// are threads are worked on at a time.
pub fn run<I: Sync, R: Send>(
    items: &[I],
    threads: Option<usize>,
    work: impl Fn(&I) -> R + Sync,
    mut each: impl FnMut(&I, Result<R, Panicked>),
) -> Result<(), rayon::ThreadPoolBuildError> {
    let pool = ThreadPoolBuilder::new()
        .num_threads(threads.unwrap_or_default())
        .stack_size(STACK_SIZE)
        .build()?;
    let (sender, receiver) = sync_channel(WAITING);
    pool.in_place_scope(|scope| {
        scope.spawn(|_| {
            // A bridge hands items out one by one in their order; a parallel iterator would begin in
            // the middle, and half of the results would have to wait.
            let numbered = items.iter().enumerate().par_bridge();
            numbered.for_each_with(sender, |sender, (number, item)| {
                let result = catch_unwind(AssertUnwindSafe(|| work(item)));
                // What the panic says may quote what was read.
                let result = result.map_err(|_| Panicked);
                // The other end is there until all have been sent.
                let _ = sender.send((number, result));
            });
        });
        let mut early = BTreeMap::new();
        let mut next = 0;
        for (number, result) in receiver {
            early.insert(number, result);
            while let Some(result) = early.remove(&next) {
                each(&items[next], result);
                next += 1;
            }
        }
    });
    Ok(())
}
