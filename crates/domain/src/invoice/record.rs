use time::OffsetDateTime;

use super::{Invoice, InvoiceStatus};
use crate::ids::{CustomerId, InvoiceId, PaymentIntentId, SubscriptionId, UserId};
use crate::money::Currency;
use crate::transition::{Cause, Transition};

/// A row of `invoices`, as a store keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvoiceRecord {
    /// Stripe's id.
    pub id: InvoiceId,
    /// Who owes at Stripe.
    pub customer_id: CustomerId,
    /// The user of that customer.
    pub user_id: UserId,
    /// The subscription whose period it is for.
    pub subscription_id: Option<SubscriptionId>,
    /// How far it has come.
    pub status: InvoiceStatus,
    /// What is to be paid, in minor units.
    pub amount_due_minor: i64,
    /// What was paid, in minor units.
    pub amount_paid_minor: i64,
    /// The currency of the amounts.
    pub currency: Currency,
    /// What it was paid with, once we have learnt it.
    pub payment_intent_id: Option<PaymentIntentId>,
    /// When it was paid.
    pub paid_at: Option<OffsetDateTime>,
    /// When Stripe made it.
    pub created_at: OffsetDateTime,
    /// The second of the snapshot held.
    pub as_of: OffsetDateTime,
    /// Counts the changes of the row, from 1.
    pub version: i64,
}

impl InvoiceRecord {
    pub(super) fn transition(&self, from: Option<InvoiceStatus>, cause: Cause, at: OffsetDateTime) -> Transition {
        Transition {
            object_id: self.id.to_string(),
            version: self.version,
            from: from.map(InvoiceStatus::as_str),
            to: self.status.as_str(),
            cause,
            event_id: None,
            at,
        }
    }
}

/// A stored row that the rules could never have written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the stored invoice {id} is damaged: {what}")]
pub struct InvalidInvoice {
    /// Which row.
    pub id: InvoiceId,
    /// What does not fit together.
    pub what: &'static str,
}

impl Invoice {
    /// Takes an invoice out of a store.
    ///
    /// # Errors
    ///
    /// [`InvalidInvoice`] when the fields contradict each other, so that damage is noticed where it is read.
    pub fn restore(record: InvoiceRecord) -> Result<Self, InvalidInvoice> {
        if record.version < 1 {
            return Err(InvalidInvoice { id: record.id, what: "version below 1" });
        }
        Ok(Self(record))
    }
}
