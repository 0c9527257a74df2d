use reqwest::StatusCode;
use reqwest::header::{self, HeaderMap};
use serde::de::DeserializeOwned;
use settled_domain::ports::{Answer, GatewayError};
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{OffsetDateTime, PrimitiveDateTime};

use super::failure::NotUsable;

/// `Sun, 06 Nov 1994 08:49:37 GMT`: <https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7>.
const IMF_FIXDATE: &[BorrowedFormatItem<'_>] =
    format_description!("[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT");

/// A whole answer of Stripe's.
pub(crate) struct Reply {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Reply {
    /// The body as JSON of this kind. Where it cannot be read, what was asked may have been done all the same.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, GatewayError> {
        serde_json::from_slice(&self.body).map_err(|error| {
            // serde's message would show the value.
            NotUsable::Json { line: error.line(), column: error.column() }.into()
        })
    }

    /// The object with the second in which Stripe answered, by Stripe's clock.
    pub(crate) fn answer<T>(&self, object: T) -> Result<Answer<T>, GatewayError> {
        let as_of = self.text(header::DATE.as_str()).and_then(parse_date).ok_or(NotUsable::NoDate)?;
        Ok(Answer { object, as_of })
    }

    pub(super) fn text(&self, header: &str) -> Option<&str> {
        self.headers.get(header)?.to_str().ok()
    }

    /// `Stripe-Should-Retry`: <https://docs.stripe.com/error-low-level#status-codes>.
    pub(super) fn should_retry(&self) -> Option<bool> {
        self.text("stripe-should-retry")?.parse().ok()
    }

    /// `Retry-After`; Stripe never sends a date there.
    pub(super) fn retry_after_s(&self) -> Option<u32> {
        self.text(header::RETRY_AFTER.as_str())?.trim().parse().ok()
    }

    pub(super) fn request_id(&self) -> Option<String> {
        self.text("request-id").map(str::to_owned)
    }
}

fn parse_date(text: &str) -> Option<OffsetDateTime> {
    PrimitiveDateTime::parse(text, IMF_FIXDATE).ok().map(PrimitiveDateTime::assume_utc)
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn the_date_of_an_answer_is_read() {
        assert_eq!(parse_date("Sun, 06 Nov 1994 08:49:37 GMT"), Some(datetime!(1994-11-06 08:49:37 UTC)));
    }

    #[test]
    fn another_date_is_none() {
        for text in ["", "now", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun, 31 Feb 2026 08:49:37 GMT", "784111777"] {
            assert_eq!(parse_date(text), None, "{text:?}");
        }
    }
}
