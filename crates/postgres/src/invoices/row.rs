use settled_domain::ids::{CustomerId, InvoiceId, PaymentIntentId, SubscriptionId, UserId};
use settled_domain::invoice::{Invoice, InvoiceRecord};
use settled_domain::money::Currency;
use settled_domain::ports::StoreError;
use time::OffsetDateTime;

use crate::error::damaged;

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
    pub(crate) paid_at: Option<OffsetDateTime>,
    pub(crate) created_at: OffsetDateTime,
    pub(crate) as_of: OffsetDateTime,
    pub(crate) version: i64,
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
            paid_at: row.paid_at,
            created_at: row.created_at,
            as_of: row.as_of,
            version: row.version,
        };
        Self::restore(record).map_err(damaged)
    }
}
