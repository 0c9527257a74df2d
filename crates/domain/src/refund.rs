//! A mirror of one Stripe refund: what was given back of a payment or of an invoice.

mod apply;
mod record;

pub use record::{InvalidRefund, RefundRecord};

use crate::ids::{ChargeId, CustomerId, PaymentIntentId, RefundId};
use crate::money::Currency;
use crate::text_enum::text_enum;

text_enum! {
    /// Stripe's refund statuses: <https://docs.stripe.com/api/refunds/object#refund_object-status>. The order of the
    /// variants is their rank: of all statuses known, the highest is the latest. A refund that has succeeded can still
    /// fail, e.g. when the customer's bank sends the money back: <https://docs.stripe.com/refunds#failed-refunds>.
    RefundStatus ("refund status") {
        /// Under way.
        Pending = "pending",
        /// The customer has to say where to.
        RequiresAction = "requires_action",
        /// The money has been sent.
        Succeeded = "succeeded",
        /// It was called off.
        Canceled = "canceled",
        /// It did not arrive. The money is with the merchant again.
        Failed = "failed",
    }
}

impl RefundStatus {
    /// Whether the money has left the merchant, or is about to. Stripe counts it in the same way in a charge's
    /// `amount_refunded`.
    #[must_use]
    pub const fn counts(self) -> bool {
        match self {
            Self::Pending | Self::RequiresAction | Self::Succeeded => true,
            Self::Canceled | Self::Failed => false,
        }
    }
}

/// A refund as Stripe described it at one moment, reduced to what we read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundSnapshot {
    /// Its id.
    pub id: RefundId,
    /// What the money was taken by.
    pub charge_id: Option<ChargeId>,
    /// What the charge belongs to.
    pub payment_intent_id: Option<PaymentIntentId>,
    /// How much, in minor units.
    pub amount_minor: i64,
    /// The currency of the amount.
    pub currency: Currency,
    /// The status, or `None` when Stripe says none, or uses a word that we don't know.
    pub status: Option<RefundStatus>,
}

/// What Stripe says about all refunds of a charge together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundedCharge {
    /// The charge.
    pub id: ChargeId,
    /// Who paid; `None` for a guest.
    pub customer_id: Option<CustomerId>,
    /// The sum of its refunds, in minor units, but for those that came to nothing.
    pub amount_refunded_minor: i64,
}

/// A refund and the rules of its life; the fields are read through [`record`](Self::record).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refund(RefundRecord);

impl Refund {
    /// What a store keeps.
    #[must_use]
    pub const fn record(&self) -> &RefundRecord {
        &self.0
    }

    /// Its id.
    #[must_use]
    pub const fn id(&self) -> &RefundId {
        &self.0.id
    }

    /// How far it has come.
    #[must_use]
    pub const fn status(&self) -> RefundStatus {
        self.0.status
    }

    /// Counts the changes of the row, from 1.
    #[must_use]
    pub const fn version(&self) -> i64 {
        self.0.version
    }
}

/// How much these refunds give back together, in minor units. What failed or was canceled no longer counts, so the sum
/// can become smaller.
#[must_use]
pub fn refunded_minor<'a>(refunds: impl IntoIterator<Item = &'a Refund>) -> i64 {
    let counted = refunds.into_iter().filter(|refund| refund.status().counts());
    counted.fold(0, |sum, refund| sum.saturating_add(refund.0.amount_minor))
}

#[cfg(test)]
mod tests;
