use settled_domain::ids::InvoiceId;
use settled_domain::ports::StoreError;
use settled_domain::purchase::PurchaseId;

use crate::error::damaged;

pub(crate) fn purchase(payment_id: Option<String>, invoice_id: Option<String>) -> Result<PurchaseId, StoreError> {
    let payment_id = payment_id.map(|id| id.parse()).transpose().map_err(damaged)?;
    let invoice_id = invoice_id.map(InvoiceId::new).transpose().map_err(damaged)?;
    PurchaseId::from_columns(payment_id, invoice_id).ok_or_else(|| damaged("not one payment or one invoice"))
}
