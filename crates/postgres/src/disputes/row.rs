use settled_domain::dispute::{Dispute, DisputeRecord};
use settled_domain::ids::{ChargeId, DisputeId, PaymentIntentId};
use settled_domain::money::Currency;
use settled_domain::ports::StoreError;
use sqlx::types::Uuid;
use time::OffsetDateTime;

use crate::error::damaged;
use crate::purchase_columns::purchase;

pub(crate) struct DisputeRow {
    pub(crate) id: String,
    pub(crate) payment_id: Option<Uuid>,
    pub(crate) invoice_id: Option<String>,
    pub(crate) payment_intent_id: Option<String>,
    pub(crate) charge_id: Option<String>,
    pub(crate) amount_minor: i64,
    pub(crate) currency: String,
    pub(crate) status: String,
    pub(crate) as_of: OffsetDateTime,
    pub(crate) version: i64,
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
            as_of: row.as_of,
            version: row.version,
        };
        Self::restore(record).map_err(damaged)
    }
}
