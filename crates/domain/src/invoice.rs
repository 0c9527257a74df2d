//! A mirror of one Stripe invoice: what a customer owes, e.g. for one period of a subscription.

mod apply;
mod record;

pub use record::{InvalidInvoice, InvoiceRecord};

use time::OffsetDateTime;

use crate::ids::{CustomerId, InvoiceId, PaymentIntentId, SubscriptionId};
use crate::money::Currency;
use crate::text_enum::text_enum;

text_enum! {
    /// Stripe's invoice statuses: <https://docs.stripe.com/api/invoices/object#invoice_object-status>. The order of the
    /// variants is their rank: an invoice only moves up, so of all statuses known, the highest is the latest.
    InvoiceStatus ("invoice status") {
        /// It can still be changed.
        Draft = "draft",
        /// It waits to be paid.
        Open = "open",
        /// Nobody expects it to be paid any more; it still can be.
        Uncollectible = "uncollectible",
        /// It was a mistake. Final.
        Void = "void",
        /// It is paid, at Stripe or elsewhere. Final.
        Paid = "paid",
    }
}

/// An invoice as Stripe described it at one moment, reduced to what we read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvoiceSnapshot {
    /// Its id.
    pub id: InvoiceId,
    /// Who owes; `None` for one that is not a customer's.
    pub customer_id: Option<CustomerId>,
    /// The subscription whose period it is for, if it is for one.
    pub subscription_id: Option<SubscriptionId>,
    /// The status, or `None` when Stripe uses a word that we don't know.
    pub status: Option<InvoiceStatus>,
    /// What is to be paid, in minor units.
    pub amount_due_minor: i64,
    /// What was paid, in minor units.
    pub amount_paid_minor: i64,
    /// The currency of the amounts.
    pub currency: Currency,
    /// What it was or will be paid with; since 2025-03-31 Stripe only says so when asked.
    pub payment_intent_id: Option<PaymentIntentId>,
    /// When it was paid.
    pub paid_at: Option<OffsetDateTime>,
    /// When Stripe made it.
    pub created_at: OffsetDateTime,
    /// Somebody has tried to take the money.
    pub attempted: bool,
}

impl InvoiceSnapshot {
    /// Whether what has become of the invoice decides what becomes of its subscription.
    #[must_use]
    pub fn is_decided(&self) -> bool {
        self.attempted || self.status.is_none_or(|status| status > InvoiceStatus::Open)
    }
}

/// An invoice and the rules of its life; the fields are read through [`record`](Self::record).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invoice(InvoiceRecord);

impl Invoice {
    /// What a store keeps.
    #[must_use]
    pub const fn record(&self) -> &InvoiceRecord {
        &self.0
    }

    /// Its id.
    #[must_use]
    pub const fn id(&self) -> &InvoiceId {
        &self.0.id
    }

    /// How far it has come.
    #[must_use]
    pub const fn status(&self) -> InvoiceStatus {
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
