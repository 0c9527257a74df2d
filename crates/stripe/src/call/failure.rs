use std::time::Duration;

use serde::Deserialize;
use settled_domain::ports::{GatewayError, Refusal};

use super::reply::Reply;

/// Why an attempt is not an answer, and whether another one could be.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) error: GatewayError,
    pub(super) retry: Retry,
}

/// Whether and when to try again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Retry {
    Never,
    /// After the usual wait.
    Later,
    /// After what Stripe asks for.
    After(Duration),
}

/// What makes an answer ambiguous: what was asked may have been done or not.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotUsable {
    /// No connection, no answer in time, or a cut one.
    #[error("no whole answer")]
    Transport(#[source] reqwest::Error),
    #[error("no answer in the time that all attempts have together")]
    OutOfTime,
    #[error("the answer is too long")]
    TooLong,
    #[error("status {status} of request {request_id:?}")]
    Status { status: u16, request_id: Option<String> },
    #[error("the answer cannot be read from line {line}, column {column} on")]
    Json { line: usize, column: usize },
    #[error("{0} in the answer")]
    Object(#[from] crate::read::Unreadable),
    #[error("the answer is about another object")]
    OtherObject,
    #[error("the answer has no date")]
    NoDate,
    #[error("there are too many pages")]
    TooManyPages,
    /// Somebody else's call of the same moment, whose outcome is ours, too.
    #[error("the shared call failed")]
    Shared(#[source] std::sync::Arc<GatewayError>),
}

impl From<NotUsable> for GatewayError {
    fn from(reason: NotUsable) -> Self {
        Self::Ambiguous(Box::new(reason))
    }
}

/// <https://docs.stripe.com/api/errors>
#[derive(Deserialize)]
struct ErrorBody {
    error: StripeError,
}

#[derive(Deserialize)]
struct StripeError {
    #[serde(rename = "type")]
    kind: Option<String>,
    code: Option<String>,
    param: Option<String>,
}

impl Failure {
    /// The connection failed or broke. The URL is left out of the error: it names a customer's object.
    pub(super) fn no_answer(error: reqwest::Error) -> Self {
        Self { error: NotUsable::Transport(error.without_url()).into(), retry: Retry::Later }
    }

    pub(super) fn too_long() -> Self {
        Self { error: NotUsable::TooLong.into(), retry: Retry::Never }
    }

    /// What an answer without a 2xx means: <https://docs.stripe.com/error-low-level>. `Stripe-Should-Retry` overrules our
    /// own idea of when to try again.
    pub(super) fn from_reply(reply: &Reply, is_keyed: bool) -> Self {
        let status = reply.status.as_u16();
        let asked_s = reply.retry_after_s();
        let later = asked_s.map_or(Retry::Later, |seconds| Retry::After(Duration::from_secs(seconds.into())));
        let ambiguous = || NotUsable::Status { status, request_id: reply.request_id() }.into();
        let (error, retry) = match status {
            401 | 403 => (GatewayError::Unauthorized { status }, Retry::Never),
            429 => {
                let retry_after = asked_s.map(|seconds| time::Duration::seconds(seconds.into()));
                (GatewayError::RateLimited { retry_after }, later)
            }
            // In progress elsewhere, or given up by something between us and Stripe.
            408 | 409 | 424 => (ambiguous(), later),
            400..=499 => (refused(reply).unwrap_or_else(ambiguous), Retry::Never),
            // Stripe keeps this answer under the key.
            500 if is_keyed => (GatewayError::KeySpent { status }, Retry::Never),
            500..=599 => (ambiguous(), later),
            // A redirect, or something that is not HTTP as we know it.
            _ => (ambiguous(), Retry::Never),
        };
        let retry = match (reply.should_retry(), retry) {
            (Some(false), _) => Retry::Never,
            (Some(true), Retry::Never) => Retry::Later,
            (Some(true) | None, retry) => retry,
        };
        Self { error, retry }
    }
}

/// Stripe's no. `None` when the body isn't Stripe's: then something in between has answered, and nothing is known.
fn refused(reply: &Reply) -> Option<GatewayError> {
    let status = reply.status.as_u16();
    let said = serde_json::from_slice::<ErrorBody>(&reply.body).ok()?.error;
    if said.kind.as_deref() == Some("idempotency_error") {
        return Some(GatewayError::KeySpent { status });
    }
    Some(GatewayError::Refused(Refusal { status, code: said.code, param: said.param, request_id: reply.request_id() }))
}

/// Stripe knows no object of this id.
pub(crate) fn is_unknown_object(error: &GatewayError) -> bool {
    matches!(error, GatewayError::Refused(Refusal { status: 400 | 404, code: Some(code), .. }) if code == "resource_missing")
}

/// Stripe does not expire a session that is complete or expired. It has no code of its own for this.
pub(crate) fn is_not_open(error: &GatewayError) -> bool {
    matches!(error, GatewayError::Refused(Refusal { status: 400, .. }))
}
