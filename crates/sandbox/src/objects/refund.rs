//! Refunds: money on its way back.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Resource, plumbing};
use crate::params::Metadata;
use crate::store::State;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RefundStatus {
    Pending,
    Succeeded,
    Failed,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Refund {
    pub(crate) id: String,
    pub(crate) created: i64,
    pub(crate) status: RefundStatus,
    pub(crate) amount: i64,
    pub(crate) currency: String,
    pub(crate) charge: String,
    pub(crate) payment_intent: String,
    pub(crate) customer: Option<String>,
    pub(crate) payment_method: String,
    /// Paid with a card; bank accounts have no card network's reference.
    pub(crate) to_card: bool,
    pub(crate) reason: Option<String>,
    pub(crate) metadata: Metadata,
    /// What it turns into later, and when, in real time.
    pub(crate) turns: Option<(i64, RefundStatus)>,
}

impl Resource for Refund {
    plumbing!("refund", "/v1/refunds", refunds, Refund);

    /// <https://docs.stripe.com/api/refunds/object>
    fn render(&self, _: &State) -> Value {
        let mut fields = json!({
            "id": self.id,
            "object": "refund",
            "amount": self.amount,
            "balance_transaction": null,
            "charge": self.charge,
            "created": self.created,
            "currency": self.currency,
            "customer": self.customer,
            "customer_account": null,
            "metadata": self.metadata,
            "payment_intent": self.payment_intent,
            "payment_method": self.payment_method,
            "reason": self.reason,
            "receipt_number": null,
            "source_transfer_reversal": null,
            "status": self.status,
            "transfer_reversal": null,
        });
        if self.to_card {
            fields["destination_details"] = json!({
                "card": {
                    "reference_status": "pending",
                    "reference_type": "acquirer_reference_number",
                    "type": "refund",
                },
                "type": "card",
            });
        }
        match self.status {
            RefundStatus::Pending => fields["pending_reason"] = json!("processing"),
            RefundStatus::Failed => fields["failure_reason"] = json!("expired_or_canceled_card"),
            RefundStatus::Succeeded => {}
        }
        fields
    }
}
