//! The time and the ids.

use std::sync::atomic::{AtomicU64, Ordering};

use settled_domain::ports::{Clock, IdSource};
use time::OffsetDateTime;
use uuid::{Builder, Uuid};

/// The machine's clock.
pub(crate) struct WallClock;

impl Clock for WallClock {
    #[expect(clippy::disallowed_methods, reason = "this is the port that the lint points to")]
    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::now_utc().truncate_to_microsecond()
    }
}

/// Ids that are told apart by a number. Use random ones where processes share a database.
#[derive(Default)]
pub(crate) struct Counter(AtomicU64);

impl IdSource for Counter {
    fn new_uuid(&self) -> Uuid {
        let number = self.0.fetch_add(1, Ordering::Relaxed);
        let millis = WallClock.now().unix_timestamp().unsigned_abs().saturating_mul(1000);
        let mut tail = [0; 10];
        tail[2..].copy_from_slice(&number.to_be_bytes());
        Builder::from_unix_timestamp_millis(millis, &tail).into_uuid()
    }
}
