use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::catalogue::{Quote, Slot};
use crate::ids::{CustomerId, PaymentId, PriceId};
use crate::money::Quantity;
use crate::payment::CheckoutMode;

/// Exactly what is sent to Stripe to create a Checkout Session, kept in the payment's row: an idempotency key may only
/// be used again with the same parameters (<https://docs.stripe.com/api/idempotent_requests>).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckoutParams {
    /// `mode`: `payment` or `subscription`.
    pub mode: String,
    /// `line_items[0][price]`
    pub price_id: PriceId,
    /// `line_items[0][quantity]`
    pub quantity: u32,
    /// `customer`
    pub customer_id: CustomerId,
    /// `client_reference_id`
    pub client_reference_id: String,
    /// `success_url`, with Stripe's placeholder `{CHECKOUT_SESSION_ID}`.
    pub success_url: String,
    /// `cancel_url`
    pub cancel_url: String,
    /// `metadata` of the session, and of the subscription or `PaymentIntent` that it makes.
    pub metadata: BTreeMap<String, String>,
}

/// Where Stripe sends the customer's browser. Both come from configuration and never from a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReturnUrls {
    /// After paying; must contain Stripe's placeholder `{CHECKOUT_SESSION_ID}`.
    pub success: String,
    /// After *back*.
    pub cancel: String,
}

impl CheckoutParams {
    /// The parameters of one payment.
    #[must_use]
    pub fn new(id: PaymentId, customer_id: CustomerId, quote: &Quote, quantity: Quantity, urls: &ReturnUrls) -> Self {
        let slot: Slot = quote.slot();
        Self {
            mode: quote.mode.as_str().to_owned(),
            price_id: quote.price_id.clone(),
            quantity: quantity.get(),
            customer_id,
            client_reference_id: id.to_string(),
            success_url: urls.success.clone(),
            cancel_url: urls.cancel.clone(),
            metadata: BTreeMap::from([
                ("payment_id".to_owned(), id.to_string()),
                ("slot".to_owned(), slot.as_str().to_owned()),
            ]),
        }
    }

    /// Whether a single payment or a subscription is made.
    #[must_use]
    pub fn is_subscription(&self) -> bool {
        self.mode == CheckoutMode::Subscription.as_str()
    }
}
