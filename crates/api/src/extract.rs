//! Bodies and query strings, refused in words that name the field and never repeat a value.

use std::error::Error;
use std::fmt;

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, JsonRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Json, Query, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde::Deserializer;
use serde::de::{self, DeserializeOwned, Unexpected, Visitor};

use crate::error::ApiError;

/// How much of a name that the client chose is repeated, in characters.
const MAX_ECHO_CHARS: usize = 40;

/// A JSON body.
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        let bytes = Bytes::from_request(Request::from_parts(parts.clone(), body), state).await?;
        // serde would take the fields out of an array, too, by their order.
        if !bytes.trim_ascii_start().starts_with(b"{") {
            return Err(ApiError::Invalid("the body must be a JSON object".into()));
        }
        let request = Request::from_parts(parts, axum::body::Body::from(bytes));
        Ok(Self(Json::from_request(request, state).await?.0))
    }
}

/// The query string.
pub(crate) struct Params<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Params<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        Ok(Self(Query::from_request_parts(parts, state).await?.0))
    }
}

/// An integer as JSON has it, for which `3.0` is one, too.
pub(crate) fn whole_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    struct Whole;

    impl Visitor<'_> for Whole {
        type Value = i64;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("a whole number")
        }

        fn visit_i64<E: de::Error>(self, number: i64) -> Result<i64, E> {
            Ok(number)
        }

        fn visit_u64<E: de::Error>(self, number: u64) -> Result<i64, E> {
            i64::try_from(number).map_err(|_| E::invalid_value(Unexpected::Unsigned(number), &self))
        }

        fn visit_f64<E: de::Error>(self, number: f64) -> Result<i64, E> {
            // Its digits have a point only if it has a fraction.
            number.to_string().parse().map_err(|_| E::invalid_value(Unexpected::Float(number), &self))
        }
    }

    deserializer.deserialize_i64(Whole)
}

impl From<JsonRejection> for ApiError {
    fn from(rejection: JsonRejection) -> Self {
        match rejection {
            JsonRejection::JsonDataError(error) => {
                Self::Invalid(complaint::<serde_json::Error>(&error).unwrap_or("the body is not as described".into()))
            }
            JsonRejection::MissingJsonContentType(_) => {
                Self::UnsupportedMediaType("the body must be sent as application/json")
            }
            JsonRejection::BytesRejection(rejection) => rejection.into(),
            // The enum is open to new variants; today this one is JsonSyntaxError.
            _ => Self::Invalid("the body is not JSON".into()),
        }
    }
}

impl From<BytesRejection> for ApiError {
    fn from(rejection: BytesRejection) -> Self {
        if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
            Self::PayloadTooLarge
        } else {
            Self::Invalid("the body could not be read to its end".into())
        }
    }
}

impl From<QueryRejection> for ApiError {
    fn from(rejection: QueryRejection) -> Self {
        let complaint = complaint::<serde::de::value::Error>(&rejection);
        Self::Invalid(complaint.unwrap_or("the query string is not as described".into()))
    }
}

/// What serde disliked, without the value that it disliked.
fn complaint<E: Error + 'static>(rejection: &(dyn Error + 'static)) -> Option<String> {
    let mut cause = Some(rejection);
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<serde_path_to_error::Error<E>>() {
            return Some(describe(&error.path().to_string(), &error.inner().to_string()));
        }
        cause = error.source();
    }
    None
}

fn describe(path: &str, message: &str) -> String {
    let message = message.split(" at line ").next().unwrap_or_default();
    let named = |rest: &str| rest.split('`').nth(1).map(shorten).unwrap_or_default();
    if message.starts_with("unknown field") {
        return format!("{} is not a known field", named(message));
    }
    if message.starts_with("missing field") {
        return format!("{} is missing", named(message));
    }
    if message.starts_with("duplicate field") {
        return format!("{} is given twice", named(message));
    }
    let path = shorten(path);
    match message.split_once(", expected ") {
        Some((_, expected)) => format!("{path} must be {expected}"),
        // What is left are the messages of our own types, which repeat nothing.
        None => format!("{path} is {message}"),
    }
}

fn shorten(name: &str) -> String {
    name.chars().take(MAX_ECHO_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::describe;

    #[test]
    fn a_value_is_never_repeated_and_a_name_only_in_part() {
        let secret = r#"invalid type: string "sk_live_secret", expected i64 at line 1 column 9"#;
        assert_eq!(describe("quantity", secret), "quantity must be i64");
        let long = format!("unknown field `{}`, expected `price_id` at line 1", "x".repeat(10_000));
        assert_eq!(describe("?", &long), format!("{} is not a known field", "x".repeat(40)));
    }
}
