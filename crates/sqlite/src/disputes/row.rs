use serde::Serialize;
use settled_domain::dispute::{Dispute, DisputeRecord};
use settled_domain::ids::{ChargeId, DisputeId, InvoiceId, PaymentIntentId};
use settled_domain::money::Currency;
use settled_domain::ports::StoreError;

use crate::error::damaged;
use crate::purchase_columns::purchase;
use crate::time_column::{from_micros, to_micros};

#[derive(Serialize)]
pub(crate) struct DisputeRow {
    pub(crate) id: String,
    pub(crate) payment_id: Option<String>,
    pub(crate) invoice_id: Option<String>,
    pub(crate) payment_intent_id: Option<String>,
    pub(crate) charge_id: Option<String>,
    pub(crate) amount_minor: i64,
    pub(crate) currency: String,
    pub(crate) status: String,
    pub(crate) as_of: i64,
    pub(crate) version: i64,
}

impl From<&Dispute> for DisputeRow {
    fn from(dispute: &Dispute) -> Self {
        let record = dispute.record().clone();
        Self {
            id: record.id.into(),
            payment_id: record.purchase.payment_id().map(|id| id.to_string()),
            invoice_id: record.purchase.invoice_id().cloned().map(InvoiceId::into),
            payment_intent_id: record.payment_intent_id.map(Into::into),
            charge_id: record.charge_id.map(Into::into),
            amount_minor: record.amount_minor,
            currency: record.currency.to_string(),
            status: record.status.to_string(),
            as_of: to_micros(record.as_of),
            version: record.version,
        }
    }
}

impl TryFrom<DisputeRow> for Dispute {
    type Error = StoreError;

    fn try_from(row: DisputeRow) -> Result<Self, StoreError> {
        let record = DisputeRecord {
            id: DisputeId::new(row.id).map_err(damaged)?,
            purchase: purchase(row.payment_id, row.invoice_id)?,
            payment_intent_id: row.payment_intent_id.map(PaymentIntentId::new).transpose().map_err(damaged)?,
            charge_id: row.charge_id.map(ChargeId::new).transpose().map_err(damaged)?,
            amount_minor: row.amount_minor,
            currency: Currency::new(&row.currency).map_err(damaged)?,
            status: row.status.parse().map_err(damaged)?,
            as_of: from_micros(row.as_of)?,
            version: row.version,
        };
        Self::restore(record).map_err(damaged)
    }
}
