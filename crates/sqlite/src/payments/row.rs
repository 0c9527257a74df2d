use serde::Serialize;
use settled_domain::catalogue::Slot;
use settled_domain::ids::{CustomerId, InvoiceId, PaymentIntentId, PriceId, SessionId, SubscriptionId, UserId};
use settled_domain::money::{Currency, Money, Quantity};
use settled_domain::payment::{Payment, PaymentRecord};
use settled_domain::ports::StoreError;

use crate::error::{damaged, json};
use crate::time_column::{from_micros, to_micros};

#[derive(Serialize)]
pub(crate) struct PaymentRow {
    pub(crate) id: String,
    pub(crate) user_id: String,
    pub(crate) slot: String,
    pub(crate) price_id: String,
    pub(crate) quantity: i64,
    pub(crate) mode: String,
    pub(crate) params: String,
    pub(crate) idempotency_key: String,
    pub(crate) session_id: Option<String>,
    pub(crate) checkout_url: Option<String>,
    pub(crate) expires_at: Option<i64>,
    pub(crate) status: String,
    pub(crate) quoted_minor: i64,
    pub(crate) currency: String,
    pub(crate) total_minor: Option<i64>,
    pub(crate) customer_id: String,
    pub(crate) payment_intent_id: Option<String>,
    pub(crate) subscription_id: Option<String>,
    pub(crate) invoice_id: Option<String>,
    pub(crate) settled_at: Option<i64>,
    pub(crate) settled_by: Option<String>,
    pub(crate) as_of: i64,
    pub(crate) created_at: i64,
    pub(crate) version: i64,
}

impl TryFrom<&Payment> for PaymentRow {
    type Error = StoreError;

    fn try_from(payment: &Payment) -> Result<Self, StoreError> {
        let record = payment.record().clone();
        Ok(Self {
            id: record.id.to_string(),
            user_id: record.user_id.into(),
            slot: record.slot.to_string(),
            price_id: record.price_id.into(),
            quantity: record.quantity.get().into(),
            mode: record.mode.to_string(),
            params: json(&record.params)?,
            idempotency_key: record.idempotency_key,
            session_id: record.session_id.map(String::from),
            checkout_url: record.checkout_url,
            expires_at: record.expires_at.map(to_micros),
            status: record.status.to_string(),
            quoted_minor: record.quoted.minor_units,
            currency: record.quoted.currency.to_string(),
            total_minor: record.total_minor,
            customer_id: record.customer_id.into(),
            payment_intent_id: record.payment_intent_id.map(String::from),
            subscription_id: record.subscription_id.map(String::from),
            invoice_id: record.invoice_id.map(String::from),
            settled_at: record.settled_at.map(to_micros),
            settled_by: record.settled_by.map(|way| way.to_string()),
            as_of: to_micros(record.as_of),
            created_at: to_micros(record.created_at),
            version: record.version,
        })
    }
}

impl TryFrom<PaymentRow> for Payment {
    type Error = StoreError;

    fn try_from(row: PaymentRow) -> Result<Self, StoreError> {
        let currency = Currency::new(&row.currency).map_err(damaged)?;
        let record = PaymentRecord {
            id: row.id.parse().map_err(damaged)?,
            user_id: UserId::new(row.user_id).map_err(damaged)?,
            slot: Slot::named(Some(&row.slot)),
            price_id: PriceId::new(row.price_id).map_err(damaged)?,
            quantity: Quantity::new(row.quantity).map_err(damaged)?,
            mode: row.mode.parse().map_err(damaged)?,
            // The parser's own message would quote the text.
            params: serde_json::from_str(&row.params).map_err(|_| damaged("params of a payment cannot be read"))?,
            idempotency_key: row.idempotency_key,
            session_id: row.session_id.map(SessionId::new).transpose().map_err(damaged)?,
            checkout_url: row.checkout_url,
            expires_at: row.expires_at.map(from_micros).transpose()?,
            status: row.status.parse().map_err(damaged)?,
            quoted: Money::new(row.quoted_minor, currency),
            total_minor: row.total_minor,
            customer_id: CustomerId::new(row.customer_id).map_err(damaged)?,
            payment_intent_id: row.payment_intent_id.map(PaymentIntentId::new).transpose().map_err(damaged)?,
            subscription_id: row.subscription_id.map(SubscriptionId::new).transpose().map_err(damaged)?,
            invoice_id: row.invoice_id.map(InvoiceId::new).transpose().map_err(damaged)?,
            settled_at: row.settled_at.map(from_micros).transpose()?,
            settled_by: row.settled_by.as_deref().map(str::parse).transpose().map_err(damaged)?,
            as_of: from_micros(row.as_of)?,
            created_at: from_micros(row.created_at)?,
            version: row.version,
        };
        Self::restore(record).map_err(damaged)
    }
}
