use time::OffsetDateTime;

use super::open_session::open_session;
use super::revisit::revisit;
use super::slot::{Claim, claim_slot};
use super::{CheckoutError, customer};
use crate::catalogue::Quote;
use crate::ids::{PaymentId, PriceId, SessionId, UserId};
use crate::money::Quantity;
use crate::payment::{Payment, PaymentRecord};
use crate::ports::{GatewayError, PriceAnswer};
use crate::settled::Settled;

/// How often the state of a slot may change under a click before the click gives up.
const ROUNDS: usize = 4;

/// What a user wants to buy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// The price.
    pub price_id: PriceId,
    /// How many.
    pub quantity: Quantity,
}

impl Order {
    /// The payment is an attempt to buy exactly this.
    #[must_use]
    pub fn is_for(&self, payment: &Payment) -> bool {
        payment.record().price_id == self.price_id && payment.record().quantity == self.quantity
    }
}

/// An open Checkout Session, to which the user's browser is to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkout {
    /// Our payment.
    pub payment_id: PaymentId,
    /// Stripe's session.
    pub session_id: SessionId,
    /// Stripe's hosted page.
    pub url: String,
    /// When the session expires.
    pub expires_at: Option<OffsetDateTime>,
    /// This click made it; `false` when it was open already.
    pub is_new: bool,
}

impl Settled {
    /// Gives the user an open Checkout Session for this order: a new one, or the one that is open already.
    ///
    /// The amount comes from Stripe's catalogue. A payment row in `creating`, with the exact parameters and the
    /// idempotency key, is committed before Stripe is called, so that neither a crash nor a lost answer nor a double
    /// click can make two sessions or lose one. An open session of the same slot for another order is expired at Stripe
    /// first.
    ///
    /// # Errors
    ///
    /// [`CheckoutError`]
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any time: what was committed is found again by the next click or by the recovery.
    pub async fn create_checkout_session(&self, user_id: &UserId, order: &Order) -> Result<Checkout, CheckoutError> {
        let quote = self.quote(order).await?;
        let customer_id = customer::ensure(&self.ports, user_id).await?;
        for _ in 0..ROUNDS {
            match claim_slot(self, user_id, order, &quote, &customer_id).await? {
                Claim::Reserved(payment) => {
                    if let Some(payment) = open_session(&self.ports, payment).await? {
                        return handle(&payment, true).ok_or(CheckoutError::Busy);
                    }
                }
                Claim::LeftCreating(payment) => {
                    let ours = order.is_for(&payment);
                    if let Some(payment) = open_session(&self.ports, payment).await?
                        && ours
                    {
                        return handle(&payment, false).ok_or(CheckoutError::Busy);
                    }
                }
                Claim::Pending(payment) => {
                    if let Some(payment) = revisit(&self.ports, payment, order).await? {
                        return handle(&payment, false).ok_or(CheckoutError::Busy);
                    }
                }
                Claim::Lost => {}
            }
        }
        Err(CheckoutError::Busy)
    }

    async fn quote(&self, order: &Order) -> Result<Quote, CheckoutError> {
        if !self.policy.assortment.has(&order.price_id) {
            return Err(CheckoutError::PriceNotAvailable);
        }
        match self.ports.gateway.quote_price(&order.price_id).await {
            Ok(PriceAnswer::Quoted(quote)) => Ok(quote),
            Ok(PriceAnswer::NotAvailable) => Err(CheckoutError::PriceNotAvailable),
            Err(error) => Err(unusable(error)),
        }
    }
}

/// A refusal of a call that should not be refused is our mistake; anything else may pass.
pub(super) fn unusable(error: GatewayError) -> CheckoutError {
    if error.is_retryable() { CheckoutError::Unavailable(error) } else { CheckoutError::Refused(error) }
}

fn handle(payment: &Payment, is_new: bool) -> Option<Checkout> {
    let PaymentRecord { id, session_id, checkout_url, expires_at, .. } = payment.record();
    Some(Checkout {
        payment_id: *id,
        session_id: session_id.clone()?,
        url: checkout_url.clone()?,
        expires_at: *expires_at,
        is_new,
    })
}
