//! The one place that reads the time.

mod manual;

pub use manual::ManualClock;
use time::OffsetDateTime;

/// What a sandbox takes for the present.
#[derive(Debug, Clone, Default)]
pub(crate) enum Clock {
    /// The machine's time.
    #[default]
    System,
    /// Stands still until it is advanced.
    Manual(ManualClock),
}

impl Clock {
    /// Seconds since the Unix epoch, the resolution of every time at Stripe.
    #[expect(clippy::disallowed_methods, reason = "this is the sandbox's clock: every other module asks here")]
    pub(crate) fn now(&self) -> i64 {
        match self {
            Self::System => OffsetDateTime::now_utc().unix_timestamp(),
            Self::Manual(clock) => clock.now(),
        }
    }
}

/// `at` as the HTTP `Date` header writes it, e.g. `Tue, 24 Nov 2026 02:21:25 GMT`.
pub(crate) fn http_date(at: i64) -> String {
    let format = time::macros::format_description!(
        "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
    );
    OffsetDateTime::from_unix_timestamp(at).ok().and_then(|date| date.format(format).ok()).unwrap_or_default()
}

/// `at` as thin events write it: `2026-11-24T02:21:25Z`.
pub(crate) fn rfc3339(at: i64) -> String {
    let format = time::format_description::well_known::Rfc3339;
    OffsetDateTime::from_unix_timestamp(at).ok().and_then(|date| date.format(&format).ok()).unwrap_or_default()
}

/// `at` for people: `2026-11-24 02:21:25`.
pub(crate) fn readable(at: i64) -> String {
    let format = time::macros::format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
    OffsetDateTime::from_unix_timestamp(at).ok().and_then(|date| date.format(format).ok()).unwrap_or_default()
}

/// The year and the month (1 to 12) of a moment.
pub(crate) fn year_and_month(at: i64) -> (i32, u8) {
    OffsetDateTime::from_unix_timestamp(at).map_or((1970, 1), |date| (date.year(), u8::from(date.month())))
}

/// The same day and time `months` later, on the last day of the month where that day does not exist.
///
/// <https://docs.stripe.com/billing/subscriptions/billing-cycle>
pub(crate) fn add_months(at: i64, months: i64) -> i64 {
    let Ok(start) = OffsetDateTime::from_unix_timestamp(at) else {
        return at;
    };
    let since_year_zero = i64::from(start.year()) * 12 + i64::from(u8::from(start.month())) - 1;
    let target = since_year_zero + months;
    let (Ok(year), Ok(month)) = (i32::try_from(target.div_euclid(12)), u8::try_from(target.rem_euclid(12) + 1)) else {
        return at;
    };
    let Ok(month) = time::Month::try_from(month) else {
        return at;
    };
    let day = start.day().min(month.length(year));
    time::Date::from_calendar_date(year, month, day).map_or(at, |date| start.replace_date(date).unix_timestamp())
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_month_after_the_31st_of_january_is_the_last_of_february() {
        let start = datetime!(2026-01-31 10:00 UTC).unix_timestamp();
        assert_eq!(add_months(start, 1), datetime!(2026-02-28 10:00 UTC).unix_timestamp());
    }

    #[test]
    fn a_month_after_december_is_in_the_next_year() {
        let start = datetime!(2026-12-05 00:00 UTC).unix_timestamp();
        assert_eq!(add_months(start, 1), datetime!(2027-01-05 00:00 UTC).unix_timestamp());
    }

    #[test]
    fn dates_are_written_the_way_http_wants_them() {
        let at = datetime!(2026-11-04 02:01:05 UTC).unix_timestamp();
        assert_eq!(http_date(at), "Wed, 04 Nov 2026 02:01:05 GMT");
    }
}
