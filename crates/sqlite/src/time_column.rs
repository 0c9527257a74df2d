use settled_domain::ports::StoreError;
use time::OffsetDateTime;

use crate::error::damaged;

const MICROS_PER_SECOND: i64 = 1_000_000;

pub(crate) fn to_micros(at: OffsetDateTime) -> i64 {
    at.unix_timestamp() * MICROS_PER_SECOND + i64::from(at.microsecond())
}

pub(crate) fn from_micros(micros: i64) -> Result<OffsetDateTime, StoreError> {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(micros) * 1_000).map_err(damaged)
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn microseconds_survive_before_and_after_the_epoch() {
        for at in [
            datetime!(2026-11-24 10:00:00.123_456 UTC),
            datetime!(1970-01-01 00:00:00 UTC),
            datetime!(1969-12-31 23:59:59.999_999 UTC),
            datetime!(9999-12-31 23:59:59.999_999 UTC),
        ] {
            assert_eq!(from_micros(to_micros(at)).unwrap(), at);
        }
    }

    #[test]
    fn a_number_that_is_no_time_is_damage() {
        assert!(matches!(from_micros(i64::MAX), Err(StoreError::Damaged(_))));
    }
}
