use std::num::NonZeroU32;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use governor::clock::{Clock, MonotonicClock};
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};

/// Lines in a minute. A wrong signing secret is noticed by the first one.
const LINES_PER_MINUTE: NonZeroU32 = NonZeroU32::new(6).unwrap();

/// The webhooks of this process that Stripe has not signed.
pub(super) static FORGERIES: LazyLock<Forgeries> = LazyLock::new(|| Forgeries::on(MonotonicClock));

/// Keeps a flood of forged webhooks out of the log.
pub(super) struct Forgeries<C: Clock = MonotonicClock> {
    lines: RateLimiter<NotKeyed, InMemoryState, C, NoOpMiddleware<C::Instant>>,
    unlogged: AtomicU64,
}

impl<C: Clock> Forgeries<C> {
    fn on(clock: C) -> Self {
        let lines = RateLimiter::direct_with_clock(Quota::per_minute(LINES_PER_MINUTE), clock);
        Self { lines, unlogged: AtomicU64::new(0) }
    }

    /// Counts one. When it may have a line of its own: how many had none since the last line.
    pub(super) fn may_be_logged(&self) -> Option<u64> {
        if self.lines.check().is_err() {
            self.unlogged.fetch_add(1, Ordering::Relaxed);
            return None;
        }
        Some(self.unlogged.swap(0, Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use governor::clock::FakeRelativeClock;

    use super::*;

    #[test]
    fn a_flood_is_a_few_lines_in_the_log_and_a_number() {
        let clock = FakeRelativeClock::default();
        let forgeries = Forgeries::on(clock.clone());
        let lines = (0..10_000).filter_map(|_| forgeries.may_be_logged()).count();
        assert_eq!(lines, 6);
        clock.advance(Duration::from_secs(10));
        assert_eq!(forgeries.may_be_logged(), Some(9_994));
    }
}
