use crate::invoice::InvoiceStatus;
use crate::ports::{Store, StoreError};
use crate::refresh_request::RefreshObject;

/// Whether nothing can follow on what we hold, so that an event that only names the object brings no news.
pub(super) async fn is_at_its_end(store: &dyn Store, object: &RefreshObject) -> Result<bool, StoreError> {
    Ok(match object {
        RefreshObject::Subscription(id) => {
            store.find_subscription(id).await?.is_some_and(|row| row.status().is_terminal())
        }
        RefreshObject::Invoice(id) => {
            let is_final = |status| matches!(status, InvoiceStatus::Paid | InvoiceStatus::Void);
            store.find_invoice(id).await?.is_some_and(|row| is_final(row.status()))
        }
        RefreshObject::Payment(_)
        | RefreshObject::Session(_)
        | RefreshObject::Refund(_)
        | RefreshObject::Dispute(_)
        | RefreshObject::ChargeRefunds(_)
        | RefreshObject::Customer(_) => false,
    })
}
