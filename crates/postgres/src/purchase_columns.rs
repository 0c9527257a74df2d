use settled_domain::ids::{InvoiceId, PaymentId};
use settled_domain::ports::StoreError;
use settled_domain::purchase::PurchaseId;
use sqlx::types::Uuid;

use crate::error::damaged;

pub(crate) fn purchase(payment_id: Option<Uuid>, invoice_id: Option<String>) -> Result<PurchaseId, StoreError> {
    let invoice_id = invoice_id.map(InvoiceId::new).transpose().map_err(damaged)?;
    let purchase = PurchaseId::from_columns(payment_id.map(PaymentId::from_uuid), invoice_id);
    purchase.ok_or_else(|| damaged("not one payment or one invoice"))
}
