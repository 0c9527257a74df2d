//! What a charge has paid for: whose refund or dispute it is.

use crate::ids::{InvoiceId, PaymentId};
use crate::invoice::Invoice;
use crate::money::Currency;
use crate::payment::Payment;

/// A payment or an invoice of ours.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PurchaseId {
    /// A one-time payment.
    Payment(PaymentId),
    /// An invoice, which for a subscription is one period of it.
    Invoice(InvoiceId),
}

impl PurchaseId {
    /// The payment, if it is one.
    #[must_use]
    pub const fn payment_id(&self) -> Option<PaymentId> {
        match self {
            Self::Payment(id) => Some(*id),
            Self::Invoice(_) => None,
        }
    }

    /// The invoice, if it is one.
    #[must_use]
    pub const fn invoice_id(&self) -> Option<&InvoiceId> {
        match self {
            Self::Payment(_) => None,
            Self::Invoice(id) => Some(id),
        }
    }

    /// Reads back what [`payment_id`](Self::payment_id) and [`invoice_id`](Self::invoice_id) said; `None` unless exactly
    /// one is given.
    #[must_use]
    pub fn from_columns(payment_id: Option<PaymentId>, invoice_id: Option<InvoiceId>) -> Option<Self> {
        match (payment_id, invoice_id) {
            (Some(id), None) => Some(Self::Payment(id)),
            (None, Some(id)) => Some(Self::Invoice(id)),
            (Some(_), Some(_)) | (None, None) => None,
        }
    }
}

/// What was bought, as far as a refund of it can be judged by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purchase {
    /// Which payment or invoice.
    pub id: PurchaseId,
    /// The currency of its amounts.
    pub currency: Currency,
    /// What was paid, where that does not change any more.
    pub total_minor: Option<i64>,
}

impl From<&Payment> for Purchase {
    fn from(payment: &Payment) -> Self {
        let row = payment.record();
        Self { id: PurchaseId::Payment(row.id), currency: row.quoted.currency, total_minor: row.total_minor }
    }
}

impl From<&Invoice> for Purchase {
    /// How much was paid of an invoice depends on how much of its story is known, so it judges nothing.
    fn from(invoice: &Invoice) -> Self {
        let row = invoice.record();
        Self { id: PurchaseId::Invoice(row.id.clone()), currency: row.currency, total_minor: None }
    }
}
