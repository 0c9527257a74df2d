//! What comes by the thousand in a bad minute, and would bury every other line of the log.

use std::num::NonZeroU32;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use governor::clock::{Clock, MonotonicClock};
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use settled_domain::ports::IntakeError;

use super::ApiError;

/// Lines in a minute for each flood. A wrong signing secret is noticed by the first one.
const LINES_PER_MINUTE: NonZeroU32 = NonZeroU32::new(6).unwrap();

/// Webhooks that Stripe has not signed: anybody can send these, as many as they like.
static FORGED: LazyLock<Flood> = LazyLock::new(|| Flood::on(MonotonicClock));
/// Webhooks that find the queue full, which happens when there is the least time for writing lines.
static TOO_MANY: LazyLock<Flood> = LazyLock::new(|| Flood::on(MonotonicClock));

/// Keeps one of them down to a few lines.
pub(super) struct Flood<C: Clock = MonotonicClock> {
    lines: RateLimiter<NotKeyed, InMemoryState, C, NoOpMiddleware<C::Instant>>,
    unlogged: AtomicU64,
}

impl Flood {
    /// The flood that an error is part of.
    pub(super) fn of(error: &ApiError) -> Option<&'static Self> {
        match error {
            ApiError::SignatureHeader | ApiError::Signature(_) => Some(&FORGED),
            ApiError::Intake(IntakeError::Full) => Some(&TOO_MANY),
            _ => None,
        }
    }
}

impl<C: Clock> Flood<C> {
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
        let flood = Flood::on(clock.clone());
        let lines = (0..10_000).filter_map(|_| flood.may_be_logged()).count();
        assert_eq!(lines, 6);
        clock.advance(Duration::from_secs(10));
        assert_eq!(flood.may_be_logged(), Some(9_994));
    }
}
