use serde::Deserialize;
use settled_domain::ids::PaymentId;

use super::is_plain;

/// What our server writes into `metadata`. Other people may write there, too, so nothing in it is trusted by itself.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Metadata {
    payment_id: Option<String>,
    slot: Option<String>,
}

impl Metadata {
    /// The payment, if the text can be one of our ids.
    pub(crate) fn payment_id(&self) -> Option<PaymentId> {
        self.payment_id.as_deref()?.parse().ok()
    }

    /// The slot, if it can be stored.
    pub(crate) fn into_slot(self) -> Option<String> {
        self.slot.filter(|slot| is_plain(slot))
    }
}
