use time::OffsetDateTime;

use super::{CheckoutMode, Payment, PaymentStatus};
use crate::catalogue::Slot;
use crate::checkout::CheckoutParams;
use crate::ids::{CustomerId, InvoiceId, PaymentId, PaymentIntentId, PriceId, SessionId, SubscriptionId, UserId};
use crate::money::{Money, Quantity};
use crate::transition::SettledBy;

/// A row of `payments`, as a store keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentRecord {
    /// Our id.
    pub id: PaymentId,
    /// Who pays.
    pub user_id: UserId,
    /// What the user may have one of.
    pub slot: Slot,
    /// What is bought.
    pub price_id: PriceId,
    /// How many.
    pub quantity: Quantity,
    /// A single payment or a subscription.
    pub mode: CheckoutMode,
    /// Exactly what was or will be sent to Stripe to create the session.
    pub params: CheckoutParams,
    /// The key that goes with `params`.
    pub idempotency_key: String,
    /// The Checkout Session, once Stripe has made one.
    pub session_id: Option<SessionId>,
    /// Stripe's hosted page for the session.
    pub checkout_url: Option<String>,
    /// When Stripe expires the session.
    pub expires_at: Option<OffsetDateTime>,
    /// How far it has come.
    pub status: PaymentStatus,
    /// Unit price times quantity when the user clicked: what `amount_subtotal` must be.
    pub quoted: Money,
    /// What was charged after promotions and tax, in minor units of the same currency.
    pub total_minor: Option<i64>,
    /// The user's Stripe customer.
    pub customer_id: CustomerId,
    /// The `PaymentIntent`, in mode `payment`.
    pub payment_intent_id: Option<PaymentIntentId>,
    /// The subscription, in mode `subscription`.
    pub subscription_id: Option<SubscriptionId>,
    /// The first invoice, if there is one.
    pub invoice_id: Option<InvoiceId>,
    /// When our row became final.
    pub settled_at: Option<OffsetDateTime>,
    /// Which of the three ways in made it final. `None` when Stripe refused the session.
    pub settled_by: Option<SettledBy>,
    /// The second of the newest word from Stripe; never decreases.
    pub as_of: OffsetDateTime,
    /// When the user clicked.
    pub created_at: OffsetDateTime,
    /// Counts the changes of the row, from 1.
    pub version: i64,
}

/// A stored row that the rules could never have written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the stored payment {id} is damaged: {what}")]
pub struct InvalidPayment {
    /// Which row.
    pub id: PaymentId,
    /// What does not fit together.
    pub what: &'static str,
}

impl Payment {
    /// Takes a payment out of a store.
    ///
    /// # Errors
    ///
    /// [`InvalidPayment`] when the fields contradict each other, so that damage is noticed where it is read.
    pub fn restore(record: PaymentRecord) -> Result<Self, InvalidPayment> {
        let has_session = record.session_id.is_some();
        let damage = if record.version < 1 {
            Some("version below 1")
        } else if record.quoted.minor_units < 0 {
            Some("negative amount")
        } else if record.status.is_final() != record.settled_at.is_some() {
            Some("settled_at does not fit the status")
        } else if has_session && record.status == PaymentStatus::Creating {
            Some("a session although still creating")
        } else if !has_session && !matches!(record.status, PaymentStatus::Creating | PaymentStatus::Failed) {
            Some("no session")
        } else {
            None
        };
        match damage {
            Some(what) => Err(InvalidPayment { id: record.id, what }),
            None => Ok(Self(record)),
        }
    }
}
