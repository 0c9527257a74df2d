use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

/// Between a panic and the next start: short, but no busy loop.
const PAUSE: Duration = Duration::from_secs(1);

/// Runs a loop until it ends by itself, and starts it again after a panic: a worker that has silently died would leave
/// payments undone. Dropping this future ends the loop.
pub(crate) async fn supervise<F>(task: &'static str, stop: CancellationToken, start: impl Fn() -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    loop {
        let mut running = JoinSet::new();
        running.spawn(start());
        match running.join_next().await {
            Some(Err(error)) if error.is_panic() => tracing::error!(task, "a worker panicked and is started again"),
            Some(Ok(()) | Err(_)) | None => return,
        }
        if stop.run_until_cancelled(sleep(PAUSE)).await.is_none() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_worker_that_panics_is_started_again_and_one_that_ends_is_not() {
        let starts = Arc::new(AtomicU32::new(0));
        let counter = Arc::clone(&starts);
        supervise("test", CancellationToken::new(), move || {
            let start = counter.fetch_add(1, Ordering::Relaxed);
            async move { assert!(start > 0, "the first run panics on purpose") }
        })
        .await;
        assert_eq!(starts.load(Ordering::Relaxed), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_worker_that_panics_while_stopping_is_not_started_again() {
        let stop = CancellationToken::new();
        stop.cancel();
        supervise("test", stop, || async { panic!("on purpose") }).await;
    }
}
