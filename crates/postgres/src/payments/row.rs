use settled_domain::catalogue::Slot;
use settled_domain::ids::{
    CustomerId, InvoiceId, PaymentId, PaymentIntentId, PriceId, SessionId, SubscriptionId, UserId,
};
use settled_domain::money::{Currency, Money, Quantity};
use settled_domain::payment::{Payment, PaymentRecord};
use settled_domain::ports::StoreError;
use sqlx::types::Uuid;
use time::OffsetDateTime;

use crate::error::damaged;

pub(crate) struct PaymentRow {
    pub(crate) id: Uuid,
    pub(crate) user_id: String,
    pub(crate) slot: String,
    pub(crate) price_id: String,
    pub(crate) quantity: i64,
    pub(crate) mode: String,
    pub(crate) params: serde_json::Value,
    pub(crate) idempotency_key: String,
    pub(crate) session_id: Option<String>,
    pub(crate) checkout_url: Option<String>,
    pub(crate) expires_at: Option<OffsetDateTime>,
    pub(crate) status: String,
    pub(crate) quoted_minor: i64,
    pub(crate) currency: String,
    pub(crate) total_minor: Option<i64>,
    pub(crate) customer_id: String,
    pub(crate) payment_intent_id: Option<String>,
    pub(crate) subscription_id: Option<String>,
    pub(crate) invoice_id: Option<String>,
    pub(crate) settled_at: Option<OffsetDateTime>,
    pub(crate) settled_by: Option<String>,
    pub(crate) as_of: OffsetDateTime,
    pub(crate) created_at: OffsetDateTime,
    pub(crate) version: i64,
}

impl TryFrom<PaymentRow> for Payment {
    type Error = StoreError;

    fn try_from(row: PaymentRow) -> Result<Self, StoreError> {
        let currency = Currency::new(&row.currency).map_err(damaged)?;
        let record = PaymentRecord {
            id: PaymentId::from_uuid(row.id),
            user_id: UserId::new(row.user_id).map_err(damaged)?,
            slot: Slot::named(Some(&row.slot)),
            price_id: PriceId::new(row.price_id).map_err(damaged)?,
            quantity: Quantity::new(row.quantity).map_err(damaged)?,
            mode: row.mode.parse().map_err(damaged)?,
            // The parser's own message would quote the text.
            params: serde_json::from_value(row.params).map_err(|_| damaged("params of a payment cannot be read"))?,
            idempotency_key: row.idempotency_key,
            session_id: row.session_id.map(SessionId::new).transpose().map_err(damaged)?,
            checkout_url: row.checkout_url,
            expires_at: row.expires_at,
            status: row.status.parse().map_err(damaged)?,
            quoted: Money::new(row.quoted_minor, currency),
            total_minor: row.total_minor,
            customer_id: CustomerId::new(row.customer_id).map_err(damaged)?,
            payment_intent_id: row.payment_intent_id.map(PaymentIntentId::new).transpose().map_err(damaged)?,
            subscription_id: row.subscription_id.map(SubscriptionId::new).transpose().map_err(damaged)?,
            invoice_id: row.invoice_id.map(InvoiceId::new).transpose().map_err(damaged)?,
            settled_at: row.settled_at,
            settled_by: row.settled_by.as_deref().map(str::parse).transpose().map_err(damaged)?,
            as_of: row.as_of,
            created_at: row.created_at,
            version: row.version,
        };
        Self::restore(record).map_err(damaged)
    }
}
