use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What went wrong, as a word that clients may act on. Part of the API's contract: words are added, never changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ErrorCode {
    /// 400: a field is missing, unknown, of the wrong type or out of bounds; the detail names it.
    InvalidRequest,
    /// 400: the webhook is not from Stripe, not for us, or too old. Nothing was stored.
    InvalidSignature,
    /// 401: no token, or one that is expired, wrongly signed, or not for us.
    Unauthorized,
    /// 403: a browser sent it on behalf of another website.
    CrossOrigin,
    /// 404: there is no such route.
    NotFound,
    /// 404: there is no such payment, or it is somebody else's.
    PaymentNotFound,
    /// 405: the route has other methods; the `Allow` header names them.
    MethodNotAllowed,
    /// 409: the user has a subscription that has not ended. `pay_url` leads to its open invoice, if there is one.
    AlreadySubscribed,
    /// 409: the user has paid by a method that settles later, and that payment is on its way.
    PaymentProcessing,
    /// 409: several clicks of the same user were in each other's way.
    CheckoutBusy,
    /// 413: the body is too large.
    PayloadTooLarge,
    /// 415: the body has a type or an encoding that is not read here.
    UnsupportedMediaType,
    /// 422: the price is unknown, inactive, or cannot be sold this way.
    PriceNotAvailable,
    /// 429: the user asks too often; `Retry-After` says when to ask again.
    RateLimited,
    /// 429: the user waits for payments in too many places at once.
    TooManyWaiting,
    /// 500: our mistake.
    Internal,
    /// 502: Stripe has refused, for a reason that is ours to mend.
    StripeRefused,
    /// 503: the identity provider gives no answer, so the token cannot be checked.
    IdentityProviderUnavailable,
    /// 503: Stripe gives no usable answer. Nothing was charged.
    StripeUnavailable,
    /// 503: the database gives no answer.
    DatabaseUnavailable,
    /// 503: too much is waiting already, or the process is stopping.
    Unavailable,
    /// 503: this process is about to stop and wants no new requests.
    Draining,
    /// 504: the answer took too long. What was asked may have been done; asking again is safe.
    Timeout,
}

impl ErrorCode {
    /// The status of the answer.
    #[must_use]
    pub const fn status(self) -> StatusCode {
        match self {
            Self::InvalidRequest | Self::InvalidSignature => StatusCode::BAD_REQUEST,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::CrossOrigin => StatusCode::FORBIDDEN,
            Self::NotFound | Self::PaymentNotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::AlreadySubscribed | Self::PaymentProcessing | Self::CheckoutBusy => StatusCode::CONFLICT,
            Self::PayloadTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::PriceNotAvailable => StatusCode::UNPROCESSABLE_ENTITY,
            Self::RateLimited | Self::TooManyWaiting => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::StripeRefused => StatusCode::BAD_GATEWAY,
            Self::IdentityProviderUnavailable
            | Self::StripeUnavailable
            | Self::DatabaseUnavailable
            | Self::Unavailable
            | Self::Draining => StatusCode::SERVICE_UNAVAILABLE,
            Self::Timeout => StatusCode::GATEWAY_TIMEOUT,
        }
    }

    /// The sentence that goes with the code where there is nothing more particular to say.
    pub(crate) const fn detail(self) -> &'static str {
        match self {
            Self::InvalidRequest => "the request is not as described",
            Self::InvalidSignature => "the Stripe-Signature header does not prove that Stripe sent this body just now",
            Self::Unauthorized => "a valid token is needed, as a bearer token or in the cookie",
            Self::CrossOrigin => "browsers may not send this on behalf of another website",
            Self::NotFound => "there is nothing here",
            Self::PaymentNotFound => "you have no payment with this session",
            Self::MethodNotAllowed => "the Allow header names the methods of this route",
            Self::AlreadySubscribed => "you have a subscription that has not ended",
            Self::PaymentProcessing => "your earlier payment is still being processed",
            Self::CheckoutBusy => "another checkout of yours is under way, try again in a moment",
            Self::PayloadTooLarge => "the body is too large",
            Self::UnsupportedMediaType => "the body has a type or an encoding that is not read here",
            Self::PriceNotAvailable => "this price is not for sale",
            Self::RateLimited => "you ask too often, the Retry-After header says when to ask again",
            Self::TooManyWaiting => "you wait for payments in too many places at once",
            Self::Internal => "something broke on our side",
            Self::StripeRefused => "Stripe did not accept our request, nothing was charged",
            Self::IdentityProviderUnavailable => "tokens cannot be checked at present",
            Self::StripeUnavailable => "Stripe cannot be reached at present, nothing was charged",
            Self::DatabaseUnavailable => "the database cannot be reached at present",
            Self::Unavailable => "too much is waiting at present",
            Self::Draining => "this process is about to stop",
            Self::Timeout => "the answer took too long, asking again is safe",
        }
    }

    /// When trying again makes sense, in seconds, unless something more particular is known.
    pub(crate) const fn retry_after_s(self) -> Option<i64> {
        match self {
            Self::CheckoutBusy | Self::RateLimited => Some(1),
            Self::IdentityProviderUnavailable
            | Self::StripeUnavailable
            | Self::DatabaseUnavailable
            | Self::Unavailable
            | Self::Draining
            | Self::TooManyWaiting => Some(5),
            Self::InvalidRequest
            | Self::InvalidSignature
            | Self::Unauthorized
            | Self::CrossOrigin
            | Self::NotFound
            | Self::PaymentNotFound
            | Self::MethodNotAllowed
            | Self::AlreadySubscribed
            | Self::PaymentProcessing
            | Self::PayloadTooLarge
            | Self::UnsupportedMediaType
            | Self::PriceNotAvailable
            | Self::Internal
            | Self::StripeRefused
            | Self::Timeout => None,
        }
    }
}
