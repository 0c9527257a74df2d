use crate::ports::{GatewayError, StoreError};

/// Why a user gets no Checkout Session. Nothing was charged in any case.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CheckoutError {
    /// The price is unknown, inactive or cannot be quoted, or the amount is beyond all bounds.
    #[error("the price is not available")]
    PriceNotAvailable,
    /// The user has a subscription in this slot that has not ended.
    #[error("there is a subscription already")]
    AlreadySubscribed {
        /// Stripe's hosted page for its open invoice, when that one waits to be paid.
        pay_url: Option<String>,
    },
    /// The user has paid by a method that settles later; that payment is still on its way.
    #[error("a payment is still being processed")]
    PaymentProcessing,
    /// Stripe has refused to create the session, for a reason that is ours to mend and not the user's.
    #[error("stripe refused to create the session")]
    Refused(#[source] GatewayError),
    /// Stripe gives no usable answer. The payment's row is kept: clicking again, or the recovery, goes on with it.
    #[error("stripe is not available")]
    Unavailable(#[source] GatewayError),
    /// Several clicks of the same user were in each other's way; clicking again helps.
    #[error("another checkout of the same user is under way")]
    Busy,
    /// The database did not answer.
    #[error("the database failed")]
    Store(#[from] StoreError),
}
