//! What a request that was carried out is answered with.

use axum::http::StatusCode;
use serde_json::Value;

use crate::errors::StripeError;

/// Unlike a refusal of the request, both kinds have changed something, and both are kept under
/// the request's idempotency key.
#[derive(Debug)]
pub(crate) enum Reply {
    Done(Value),
    /// A payment was tried and declined.
    Refused(StripeError),
}

impl From<Value> for Reply {
    fn from(value: Value) -> Self {
        Self::Done(value)
    }
}

impl Reply {
    pub(crate) fn into_parts(self) -> (StatusCode, Value) {
        match self {
            Self::Done(value) => (StatusCode::OK, value),
            Self::Refused(error) => (error.status, error.body()),
        }
    }
}
