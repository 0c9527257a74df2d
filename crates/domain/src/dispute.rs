//! A mirror of one Stripe dispute: what a customer's bank wants back of a payment or of an invoice.

mod apply;
mod record;

pub use record::{DisputeRecord, InvalidDispute};

use crate::ids::{ChargeId, DisputeId, PaymentIntentId};
use crate::money::Currency;
use crate::text_enum::text_enum;

text_enum! {
    /// Stripe's dispute statuses: <https://docs.stripe.com/api/disputes/object#dispute_object-status>. They have no order:
    /// a lost dispute can be appealed.
    DisputeStatus ("dispute status") {
        /// An inquiry that waits for an answer; no money has been taken.
        WarningNeedsResponse = "warning_needs_response",
        /// An inquiry that was answered.
        WarningUnderReview = "warning_under_review",
        /// An inquiry that came to nothing.
        WarningClosed = "warning_closed",
        /// It waits for an answer.
        NeedsResponse = "needs_response",
        /// It was answered.
        UnderReview = "under_review",
        /// Decided for the merchant.
        Won = "won",
        /// Decided for the customer.
        Lost = "lost",
        /// It was settled before it became one.
        Prevented = "prevented",
        /// The decision can be appealed.
        AppealNeedsResponse = "appeal_needs_response",
        /// The decision was appealed.
        AppealUnderReview = "appeal_under_review",
        /// The charge was refunded instead, in old API versions.
        ChargeRefunded = "charge_refunded",
    }
}

/// A dispute as Stripe described it at one moment, reduced to what we read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisputeSnapshot {
    /// Its id.
    pub id: DisputeId,
    /// What the money was taken by.
    pub charge_id: Option<ChargeId>,
    /// What the charge belongs to.
    pub payment_intent_id: Option<PaymentIntentId>,
    /// How much is disputed, in minor units. Exchange rates can make it another amount than was paid.
    pub amount_minor: i64,
    /// The currency of the amount.
    pub currency: Currency,
    /// The status, or `None` when Stripe uses a word that we don't know.
    pub status: Option<DisputeStatus>,
}

/// A dispute and the rules of its life; the fields are read through [`record`](Self::record).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dispute(DisputeRecord);

impl Dispute {
    /// What a store keeps.
    #[must_use]
    pub const fn record(&self) -> &DisputeRecord {
        &self.0
    }

    /// Its id.
    #[must_use]
    pub const fn id(&self) -> &DisputeId {
        &self.0.id
    }

    /// Stripe's status.
    #[must_use]
    pub const fn status(&self) -> DisputeStatus {
        self.0.status
    }

    /// Counts the changes of the row, from 1.
    #[must_use]
    pub const fn version(&self) -> i64 {
        self.0.version
    }
}

#[cfg(test)]
mod tests;
