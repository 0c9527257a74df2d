use std::error::Error;

use async_trait::async_trait;
use time::{Duration, OffsetDateTime};

use crate::catalogue::Quote;
use crate::checkout::CheckoutParams;
use crate::customer::CustomerState;
use crate::dispute::DisputeSnapshot;
use crate::event::WebhookEvent;
use crate::ids::{
    ChargeId, CustomerId, CustomerKey, DisputeId, InvoiceId, PaymentIntentId, PriceId, RefundId, SessionId,
    SubscriptionId, UserId,
};
use crate::installation::Installation;
use crate::invoice::InvoiceSnapshot;
use crate::listing::{Page, PageMark, Window};
use crate::payment::OpenedSession;
use crate::refund::RefundSnapshot;
use crate::session::CheckoutSession;
use crate::subscription::SubscriptionSnapshot;
use crate::sweep::{ListedKind, ListedObject};

/// Why a webhook is not accepted. The messages say nothing that helps a forger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureError {
    /// The `Stripe-Signature` header cannot be read.
    #[error("the signature header cannot be read")]
    Malformed,
    /// No signature fits any of our secrets.
    #[error("no signature matches")]
    Mismatch,
    /// It fits, but is older than the tolerance.
    #[error("the signature is too old")]
    TooOld,
    /// It fits, but lies further in the future than the tolerance: one of the clocks is wrong.
    #[error("the signature is from the future")]
    FromTheFuture,
}

/// What Stripe said when it refused a call for good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// Stripe's `error.code`.
    pub code: Option<String>,
    /// Stripe's `error.param`.
    pub param: Option<String>,
    /// Stripe's id of the request, to look it up in the Dashboard.
    pub request_id: Option<String>,
}

/// Why a call to Stripe brought no answer that can be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GatewayError {
    /// No answer, a cut answer, an unreadable one, or an idempotent call still in progress: what was asked may have been
    /// done. The same call with the same idempotency key is safe.
    #[error("stripe did not give a usable answer")]
    Ambiguous(#[source] Box<dyn Error + Send + Sync>),
    /// Stripe asks for patience (429).
    #[error("stripe asks to slow down")]
    RateLimited {
        /// How long, if Stripe says so.
        retry_after: Option<Duration>,
    },
    /// Stripe has failed (5xx) and keeps that answer under the idempotency key, or the key was used with other
    /// parameters: only a new key can lead further.
    #[error("the idempotency key is spent")]
    KeySpent {
        /// The HTTP status.
        status: u16,
    },
    /// The key is wrong, revoked or lacks a permission (401, 403). Nothing was done.
    #[error("stripe does not accept our key")]
    Unauthorized {
        /// The HTTP status.
        status: u16,
    },
    /// Stripe has refused for good (another 4xx). Nothing was done.
    #[error("stripe refused with status {}", .0.status)]
    Refused(Refusal),
}

impl GatewayError {
    /// The same call may succeed later.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        match self {
            Self::Ambiguous(_) | Self::RateLimited { .. } | Self::Unauthorized { .. } | Self::KeySpent { .. } => true,
            Self::Refused(_) => false,
        }
    }

    /// How long Stripe asks to wait, if it does.
    #[must_use]
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::RateLimited { retry_after } => *retry_after,
            Self::Ambiguous(_) | Self::KeySpent { .. } | Self::Unauthorized { .. } | Self::Refused(_) => None,
        }
    }
}

/// What Stripe answered, and when by its own clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer<T> {
    /// The object.
    pub object: T,
    /// The second of the answer's `Date` header.
    pub as_of: OffsetDateTime,
}

/// Whether a price can be sold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PriceAnswer {
    /// It can.
    Quoted(Quote),
    /// It is inactive, or its amount per unit is not one whole number (metered, tiered, fractional, chosen by the
    /// customer), or there is no such price.
    NotAvailable,
}

/// Stripe: what we ask it, and what it sends us. Calls are bounded in time and retried a few times with the same key
/// where that is safe; no caller holds a transaction open meanwhile.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait StripeGateway: Send + Sync {
    /// Checks that Stripe signed exactly these bytes with one of our secrets, less than 300 s before or after `now`, and
    /// reads the event in them. No I/O. A signed body that cannot be read is an event with
    /// [`EventContent::Unreadable`](crate::event::EventContent::Unreadable), not an error.
    ///
    /// The scheme: <https://docs.stripe.com/webhooks#verify-manually>.
    ///
    /// # Errors
    ///
    /// [`SignatureError`]
    fn verify_webhook_signature(
        &self,
        payload: &[u8],
        signature: &str,
        now: OffsetDateTime,
    ) -> Result<WebhookEvent, SignatureError>;

    /// Asks which account and mode our key belongs to.
    ///
    /// # Errors
    ///
    /// [`GatewayError`]
    async fn fetch_installation(&self) -> Result<Installation, GatewayError>;

    /// Asks what a price costs.
    ///
    /// # Errors
    ///
    /// [`GatewayError`]
    async fn quote_price(&self, id: &PriceId) -> Result<PriceAnswer, GatewayError>;

    /// The active prices that can be quoted, `limit` at most, cheapest first; the answer may be up to a minute old.
    ///
    /// # Errors
    ///
    /// [`GatewayError`]
    async fn list_quotes(&self, limit: u32) -> Result<Vec<Quote>, GatewayError>;

    /// Creates the customer of a user; the same key gives the same customer.
    ///
    /// # Errors
    ///
    /// [`GatewayError`]
    async fn find_or_create_customer(&self, key: CustomerKey, user_id: &UserId) -> Result<CustomerId, GatewayError>;

    /// Creates a Checkout Session; the same key and parameters give the same session.
    ///
    /// # Errors
    ///
    /// [`GatewayError`]
    async fn create_checkout_session(
        &self,
        params: &CheckoutParams,
        idempotency_key: &str,
    ) -> Result<OpenedSession, GatewayError>;

    /// Asks for a session, and if it is complete and unpaid also whether what was to pay it has failed; `None` when Stripe
    /// knows no such session.
    ///
    /// # Errors
    ///
    /// [`GatewayError`]
    async fn fetch_checkout_session(&self, id: &SessionId) -> Result<Option<Answer<CheckoutSession>>, GatewayError>;

    /// Makes an open session expire, so that nobody can pay it any more, and returns it. `None` when it was not open.
    ///
    /// # Errors
    ///
    /// [`GatewayError`]
    async fn expire_checkout_session(&self, id: &SessionId) -> Result<Option<Answer<CheckoutSession>>, GatewayError>;

    /// Asks for a subscription; `None` when Stripe knows no such subscription.
    ///
    /// # Errors
    ///
    /// [`GatewayError`]
    async fn fetch_subscription(
        &self,
        id: &SubscriptionId,
    ) -> Result<Option<Answer<SubscriptionSnapshot>>, GatewayError>;

    /// Asks for an invoice, and what it was paid with; `None` when Stripe knows no such invoice, or it was deleted.
    ///
    /// # Errors
    ///
    /// [`GatewayError`]
    async fn fetch_invoice(&self, id: &InvoiceId) -> Result<Option<Answer<InvoiceSnapshot>>, GatewayError>;

    /// Asks for a refund; `None` when Stripe knows no such refund.
    ///
    /// # Errors
    ///
    /// [`GatewayError`]
    async fn fetch_refund(&self, id: &RefundId) -> Result<Option<Answer<RefundSnapshot>>, GatewayError>;

    /// Asks for a dispute; `None` when Stripe knows no such dispute.
    ///
    /// # Errors
    ///
    /// [`GatewayError`]
    async fn fetch_dispute(&self, id: &DisputeId) -> Result<Option<Answer<DisputeSnapshot>>, GatewayError>;

    /// Asks for all refunds of a charge; `None` when Stripe knows no such charge.
    ///
    /// # Errors
    ///
    /// [`GatewayError`]
    async fn list_refunds_of_charge(&self, id: &ChargeId) -> Result<Option<Answer<Vec<RefundSnapshot>>>, GatewayError>;

    /// Asks whether a customer was deleted; `None` when Stripe has never known it.
    ///
    /// # Errors
    ///
    /// [`GatewayError`]
    async fn fetch_customer(&self, id: &CustomerId) -> Result<Option<Answer<CustomerState>>, GatewayError>;

    /// The Checkout Session that a `PaymentIntent` belongs to, if it belongs to one.
    ///
    /// # Errors
    ///
    /// [`GatewayError`]
    async fn find_session_of_payment_intent(
        &self,
        id: &PaymentIntentId,
    ) -> Result<Option<CheckoutSession>, GatewayError>;

    /// The `PaymentIntent` that a charge belongs to, if it belongs to one.
    ///
    /// # Errors
    ///
    /// [`GatewayError`]
    async fn find_payment_intent_of_charge(&self, id: &ChargeId) -> Result<Option<PaymentIntentId>, GatewayError>;

    /// The invoice that a `PaymentIntent` pays, if it pays one.
    ///
    /// # Errors
    ///
    /// [`GatewayError`]
    async fn find_invoice_of_payment_intent(&self, id: &PaymentIntentId) -> Result<Option<InvoiceId>, GatewayError>;

    /// A page of the events that Stripe made in this window and whose types we act on: the first one, or the one that begins
    /// at `after`. They are read as webhooks are, and carry `now` as the time when they reached us.
    ///
    /// # Errors
    ///
    /// [`GatewayError`]
    async fn list_events(
        &self,
        window: &Window,
        after: Option<PageMark>,
        now: OffsetDateTime,
    ) -> Result<Page<WebhookEvent>, GatewayError>;

    /// A page of the objects of this kind that were created in this window: the first one, or the one that begins at `after`.
    ///
    /// # Errors
    ///
    /// [`GatewayError`]
    async fn list_objects(
        &self,
        kind: ListedKind,
        window: &Window,
        after: Option<PageMark>,
    ) -> Result<Page<ListedObject>, GatewayError>;

    /// The hosted page of the subscription's latest invoice, if that one is open and waits to be paid.
    ///
    /// # Errors
    ///
    /// [`GatewayError`]
    async fn find_pay_url(&self, id: &SubscriptionId) -> Result<Option<String>, GatewayError>;
}
