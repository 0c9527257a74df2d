use settled_domain::ports::{Clock, IdSource};
use time::OffsetDateTime;
use uuid::Uuid;

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the port that the lint points to")]
    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::now_utc().truncate_to_microsecond()
    }
}

/// New ids from the time and a generator that the system's source of randomness has seeded: UUIDs of version 7.
#[derive(Debug, Clone, Copy, Default)]
pub struct RandomIds;

impl IdSource for RandomIds {
    #[expect(clippy::disallowed_methods, reason = "this is the port that the lint points to")]
    fn new_uuid(&self) -> Uuid {
        Uuid::now_v7()
    }
}

#[cfg(test)]
mod tests {
    use time::UtcOffset;

    use super::*;

    #[test]
    fn the_time_is_utc_and_has_whole_microseconds() {
        let now = SystemClock.now();
        assert_eq!(now.offset(), UtcOffset::UTC);
        assert_eq!(now.nanosecond() % 1000, 0);
    }

    #[test]
    fn ids_are_of_version_7_and_rise() {
        let (first, second) = (RandomIds.new_uuid(), RandomIds.new_uuid());
        assert_eq!(first.get_version_num(), 7);
        assert!(first < second);
    }
}
