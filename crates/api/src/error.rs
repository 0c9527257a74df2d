//! Everything that can go wrong between a request and its answer, and what the client is told about it.

mod code;
mod edge;
mod floods;

pub use code::ErrorCode;
pub(crate) use edge::{example, render_errors};

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use axum::response::{IntoResponse, Response};
use settled_domain::checkout::CheckoutError;
use settled_domain::ports::{FeedError, GatewayError, IntakeError, SignatureError, StoreError};
use settled_domain::waiting::WatchError;
use settled_domain::webhook::WebhookError;

use crate::token::{InvalidToken, KeysUnavailable};

/// Why a request is not answered with what it asked for.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ApiError {
    #[error("invalid request: {0}")]
    Invalid(String),
    #[error("there is not exactly one readable Stripe-Signature header")]
    SignatureHeader,
    #[error(transparent)]
    Signature(SignatureError),
    #[error("no valid token")]
    Unauthorized(#[source] Option<InvalidToken>),
    #[error("the token cannot be checked")]
    IdentityProvider(#[source] KeysUnavailable),
    #[error("the user asks too often")]
    RateLimited { wait: Duration },
    #[error("a browser sent it from another origin")]
    CrossOrigin,
    #[error("no such route")]
    NotFound,
    #[error("no such payment of this user")]
    PaymentNotFound,
    #[error("no such method")]
    MethodNotAllowed,
    #[error("the user is subscribed already")]
    AlreadySubscribed { pay_url: Option<String> },
    #[error("a payment is still being processed")]
    PaymentProcessing,
    #[error("another checkout of this user is under way")]
    CheckoutBusy,
    #[error("the body is too large")]
    PayloadTooLarge,
    #[error("unsupported media type: {0}")]
    UnsupportedMediaType(&'static str),
    #[error("the user waits too often at once")]
    TooManyWaiting,
    #[error("nobody can wait at present")]
    NoWaiting(#[source] FeedError),
    #[error("the price is not available")]
    PriceNotAvailable,
    #[error("stripe refused")]
    StripeRefused(#[source] GatewayError),
    #[error("stripe is not available")]
    StripeUnavailable(#[source] GatewayError),
    #[error("the database failed")]
    Store(#[source] StoreError),
    #[error("the webhook was not committed")]
    Intake(#[source] IntakeError),
    #[error("the database is not ready")]
    NotReady(#[source] StoreError),
    #[error("the process is about to stop")]
    Draining,
    #[error("the request took too long")]
    TimedOut,
    #[error("a handler panicked")]
    Panicked,
    #[error("something broke inside")]
    Internal(#[source] Box<dyn Error + Send + Sync>),
}

impl ApiError {
    /// What clients may act on.
    pub(crate) const fn code(&self) -> ErrorCode {
        match self {
            Self::Invalid(_) => ErrorCode::InvalidRequest,
            Self::SignatureHeader | Self::Signature(_) => ErrorCode::InvalidSignature,
            Self::Unauthorized(_) => ErrorCode::Unauthorized,
            Self::IdentityProvider(_) => ErrorCode::IdentityProviderUnavailable,
            Self::RateLimited { .. } => ErrorCode::RateLimited,
            Self::CrossOrigin => ErrorCode::CrossOrigin,
            Self::NotFound => ErrorCode::NotFound,
            Self::PaymentNotFound => ErrorCode::PaymentNotFound,
            Self::MethodNotAllowed => ErrorCode::MethodNotAllowed,
            Self::AlreadySubscribed { .. } => ErrorCode::AlreadySubscribed,
            Self::PaymentProcessing => ErrorCode::PaymentProcessing,
            Self::CheckoutBusy => ErrorCode::CheckoutBusy,
            Self::PayloadTooLarge => ErrorCode::PayloadTooLarge,
            Self::UnsupportedMediaType(_) => ErrorCode::UnsupportedMediaType,
            Self::TooManyWaiting => ErrorCode::TooManyWaiting,
            Self::PriceNotAvailable => ErrorCode::PriceNotAvailable,
            Self::StripeRefused(_) => ErrorCode::StripeRefused,
            Self::StripeUnavailable(_) => ErrorCode::StripeUnavailable,
            Self::Store(error) if !error.is_retryable() => ErrorCode::Internal,
            Self::Store(_) | Self::NotReady(_) | Self::Intake(IntakeError::Store(_)) => ErrorCode::DatabaseUnavailable,
            Self::Intake(_) | Self::NoWaiting(_) => ErrorCode::Unavailable,
            Self::Draining => ErrorCode::Draining,
            Self::TimedOut => ErrorCode::Timeout,
            Self::Panicked | Self::Internal(_) => ErrorCode::Internal,
        }
    }

    /// What the client is told beyond the code; for failures of ours always the same words.
    pub(crate) fn detail(&self) -> &str {
        match self {
            Self::Invalid(detail) => detail,
            Self::UnsupportedMediaType(detail) => detail,
            _ => self.code().detail(),
        }
    }

    /// When trying again makes sense, in seconds.
    pub(crate) fn retry_after_s(&self) -> Option<i64> {
        let wished_s = match self {
            Self::StripeUnavailable(error) => error.retry_after().map(time::Duration::whole_seconds),
            // The next whole second: at the end of this one it would still be too early.
            Self::RateLimited { wait } => i64::try_from(wait.as_secs()).ok().map(|seconds| seconds + 1),
            _ => None,
        };
        wished_s.map(|seconds| seconds.max(1)).or(self.code().retry_after_s())
    }
}

impl From<CheckoutError> for ApiError {
    fn from(error: CheckoutError) -> Self {
        match error {
            CheckoutError::PriceNotAvailable => Self::PriceNotAvailable,
            CheckoutError::AlreadySubscribed { pay_url } => Self::AlreadySubscribed { pay_url },
            CheckoutError::PaymentProcessing => Self::PaymentProcessing,
            CheckoutError::Refused(error) => Self::StripeRefused(error),
            CheckoutError::Unavailable(error) => Self::StripeUnavailable(error),
            CheckoutError::Busy => Self::CheckoutBusy,
            CheckoutError::Store(error) => Self::Store(error),
            // The enum is open to new variants; until they get a code of their own they are failures of ours.
            error => Self::Internal(Box::new(error)),
        }
    }
}

impl From<WebhookError> for ApiError {
    fn from(error: WebhookError) -> Self {
        match error {
            WebhookError::Signature(error) => Self::Signature(error),
            WebhookError::Intake(error) => Self::Intake(error),
            // As above.
            error => Self::Internal(Box::new(error)),
        }
    }
}

impl From<WatchError> for ApiError {
    fn from(error: WatchError) -> Self {
        match error {
            WatchError::Feed(error) => Self::NoWaiting(error),
            WatchError::Store(error) => Self::Store(error),
            WatchError::Gone => Self::PaymentNotFound,
            // As above.
            error => Self::Internal(Box::new(error)),
        }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// The status only: [`render_errors`] knows the request's id and writes the body.
impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = self.code().status().into_response();
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}
