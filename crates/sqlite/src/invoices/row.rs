use serde::Serialize;
use settled_domain::ids::{CustomerId, InvoiceId, PaymentIntentId, SubscriptionId, UserId};
use settled_domain::invoice::{Invoice, InvoiceRecord};
use settled_domain::money::Currency;
use settled_domain::ports::StoreError;

use crate::error::damaged;
use crate::time_column::{from_micros, to_micros};

#[derive(Serialize)]
pub(crate) struct InvoiceRow {
    pub(crate) id: String,
    pub(crate) customer_id: String,
    pub(crate) user_id: String,
    pub(crate) subscription_id: Option<String>,
    pub(crate) status: String,
    pub(crate) amount_due_minor: i64,
    pub(crate) amount_paid_minor: i64,
    pub(crate) currency: String,
    pub(crate) payment_intent_id: Option<String>,
    pub(crate) paid_at: Option<i64>,
    pub(crate) created_at: i64,
    pub(crate) as_of: i64,
    pub(crate) version: i64,
}

impl From<&Invoice> for InvoiceRow {
    fn from(invoice: &Invoice) -> Self {
        let record = invoice.record().clone();
        Self {
            id: record.id.into(),
            customer_id: record.customer_id.into(),
            user_id: record.user_id.into(),
            subscription_id: record.subscription_id.map(Into::into),
            status: record.status.to_string(),
            amount_due_minor: record.amount_due_minor,
            amount_paid_minor: record.amount_paid_minor,
            currency: record.currency.to_string(),
            payment_intent_id: record.payment_intent_id.map(Into::into),
            paid_at: record.paid_at.map(to_micros),
            created_at: to_micros(record.created_at),
            as_of: to_micros(record.as_of),
            version: record.version,
        }
    }
}

impl TryFrom<InvoiceRow> for Invoice {
    type Error = StoreError;

    fn try_from(row: InvoiceRow) -> Result<Self, StoreError> {
        let record = InvoiceRecord {
            id: InvoiceId::new(row.id).map_err(damaged)?,
            customer_id: CustomerId::new(row.customer_id).map_err(damaged)?,
            user_id: UserId::new(row.user_id).map_err(damaged)?,
            subscription_id: row.subscription_id.map(SubscriptionId::new).transpose().map_err(damaged)?,
            status: row.status.parse().map_err(damaged)?,
            amount_due_minor: row.amount_due_minor,
            amount_paid_minor: row.amount_paid_minor,
            currency: Currency::new(&row.currency).map_err(damaged)?,
            payment_intent_id: row.payment_intent_id.map(PaymentIntentId::new).transpose().map_err(damaged)?,
            paid_at: row.paid_at.map(from_micros).transpose()?,
            created_at: from_micros(row.created_at)?,
            as_of: from_micros(row.as_of)?,
            version: row.version,
        };
        Self::restore(record).map_err(damaged)
    }
}
