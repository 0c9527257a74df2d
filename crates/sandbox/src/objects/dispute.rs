//! Disputes: a cardholder asks the bank for the money back.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Resource, plumbing};
use crate::params::Metadata;
use crate::store::State;

/// <https://docs.stripe.com/disputes/how-disputes-work>
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DisputeStatus {
    WarningNeedsResponse,
    WarningClosed,
    NeedsResponse,
    Won,
    Lost,
}

impl DisputeStatus {
    /// An inquiry holds no money back.
    pub(crate) fn is_inquiry(self) -> bool {
        matches!(self, Self::WarningNeedsResponse | Self::WarningClosed)
    }

    pub(crate) fn is_open(self) -> bool {
        matches!(self, Self::WarningNeedsResponse | Self::NeedsResponse)
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Dispute {
    pub(crate) id: String,
    pub(crate) created: i64,
    pub(crate) status: DisputeStatus,
    pub(crate) amount: i64,
    pub(crate) currency: String,
    pub(crate) charge: String,
    pub(crate) payment_intent: String,
    pub(crate) metadata: Metadata,
    /// The evidence that was given, in words.
    pub(crate) evidence: Option<String>,
}

/// Banks wait for evidence this long.
const EVIDENCE_DUE_S: i64 = 9 * 86_400;

impl Resource for Dispute {
    plumbing!("dispute", "/v1/disputes", disputes, Dispute);

    /// <https://docs.stripe.com/api/disputes/object>
    fn render(&self, state: &State) -> Value {
        let inquiry = self.status.is_inquiry();
        json!({
            "id": self.id,
            "object": "dispute",
            "amount": self.amount,
            "balance_transactions": [],
            "charge": self.charge,
            "created": self.created,
            "currency": self.currency,
            "enhanced_eligibility_types": [],
            "evidence": self.render_evidence(state),
            "evidence_details": {
                "due_by": self.created + EVIDENCE_DUE_S,
                "enhanced_eligibility": {},
                "has_evidence": self.evidence.is_some(),
                "past_due": false,
                "submission_count": u8::from(self.evidence.is_some()),
            },
            "is_charge_refundable": inquiry && self.status.is_open(),
            "livemode": false,
            "metadata": self.metadata,
            "payment_intent": self.payment_intent,
            "payment_method_details": {
                "card": {
                    "brand": "visa",
                    "case_type": if inquiry { "inquiry" } else { "chargeback" },
                    "network": "visa",
                    "network_reason_code": "10.4",
                },
                "type": "card",
            },
            "reason": "fraudulent",
            "status": self.status,
        })
    }
}

impl Dispute {
    fn render_evidence(&self, state: &State) -> Value {
        let charge = state.charges.get(&self.charge);
        let payer = charge.and_then(|charge| state.payment_methods.get(&charge.payment_method));
        json!({
            "access_activity_log": null,
            "billing_address": null,
            "cancellation_policy": null,
            "cancellation_policy_disclosure": null,
            "cancellation_rebuttal": null,
            "customer_communication": null,
            "customer_email_address": payer.and_then(|payer| payer.email.as_ref()),
            "customer_name": payer.and_then(|payer| payer.name.as_ref()),
            "customer_purchase_ip": null,
            "customer_signature": null,
            "duplicate_charge_documentation": null,
            "duplicate_charge_explanation": null,
            "duplicate_charge_id": null,
            "enhanced_evidence": {},
            "product_description": null,
            "receipt": null,
            "refund_policy": null,
            "refund_policy_disclosure": null,
            "refund_refusal_explanation": null,
            "service_date": null,
            "service_documentation": null,
            "shipping_address": null,
            "shipping_carrier": null,
            "shipping_date": null,
            "shipping_documentation": null,
            "shipping_tracking_number": null,
            "uncategorized_file": null,
            "uncategorized_text": self.evidence,
        })
    }
}
