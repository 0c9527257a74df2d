//! Disputes.
//!
//! <https://docs.stripe.com/api/disputes>. Events: `charge.dispute.created`, and but for inquiries
//! `charge.dispute.funds_withdrawn`; in the end `charge.dispute.closed`, after
//! `charge.dispute.funds_reinstated` if it was won.

use serde_json::Value;

use crate::customers::differences;
use crate::errors::StripeError;
use crate::ids;
use crate::objects::{Charge, Dispute, DisputeStatus, Outcome, Resource};
use crate::params::{Metadata, Params};
use crate::store::Change;

/// These texts decide a test dispute.
/// <https://docs.stripe.com/testing#evidence>
const WINNING: &str = "winning_evidence";
const LOSING: &str = "losing_evidence";

/// Opens a dispute, or an inquiry, about all of a charge.
pub(crate) fn open(change: &mut Change<'_>, mut payment: Charge, status: DisputeStatus) {
    let dispute = Dispute {
        id: ids::object_id("du_1", 23),
        created: change.now,
        status,
        amount: payment.amount,
        currency: payment.currency.clone(),
        charge: payment.id.clone(),
        payment_intent: payment.payment_intent.clone(),
        metadata: Metadata::new(),
        evidence: None,
    };
    payment.disputed = true;
    change.put(&payment);
    change.put(&dispute);
    change.emit("charge.dispute.created", &dispute);
    if !status.is_inquiry() {
        change.emit("charge.dispute.funds_withdrawn", &dispute);
    }
}

/// Opens a dispute because somebody at the dashboard wants one.
pub(crate) fn open_on_demand(change: &mut Change<'_>, payment: &str) -> Result<(), StripeError> {
    let payment: Charge = change.find(payment)?;
    if payment.outcome != Outcome::Succeeded || payment.disputed {
        return Err(StripeError::invalid("Only a payment that succeeded can be disputed, and only once."));
    }
    change.enter_clock_of(payment.customer.as_deref());
    open(change, payment, DisputeStatus::NeedsResponse);
    Ok(())
}

/// `POST /v1/disputes/{id}`: metadata and evidence.
pub(crate) fn update(change: &mut Change<'_>, id: &str, params: &mut Params) -> Result<Value, StripeError> {
    let mut dispute: Dispute = change.find(id)?;
    let before = dispute.render(change.state);
    dispute.metadata = params.metadata("metadata")?.applied_to(&dispute.metadata, "metadata")?;
    let submits = params.boolean("submit")?.unwrap_or(true);
    if let Some(mut evidence) = params.group("evidence")? {
        if !dispute.status.is_open() {
            return Err(closed());
        }
        dispute.evidence = evidence.text("uncategorized_text")?.or(dispute.evidence);
        evidence.finish()?;
    }
    std::mem::take(params).finish()?;
    change.put(&dispute);
    let after = dispute.render(change.state);
    if before != after {
        change.emit_update("charge.dispute.updated", &dispute, differences(&before, &after));
    }
    let decided = match dispute.evidence.as_deref() {
        Some(WINNING) => Some(DisputeStatus::Won),
        Some(LOSING) => Some(DisputeStatus::Lost),
        _ => None,
    };
    if let Some(status) = decided.filter(|_| submits && dispute.status == DisputeStatus::NeedsResponse) {
        end(change, &mut dispute, status);
    }
    Ok(dispute.render(change.state))
}

/// `POST /v1/disputes/{id}/close`: gives up.
pub(crate) fn close(change: &mut Change<'_>, id: &str) -> Result<Value, StripeError> {
    let mut dispute: Dispute = change.find(id)?;
    let status = match dispute.status {
        DisputeStatus::NeedsResponse => DisputeStatus::Lost,
        DisputeStatus::WarningNeedsResponse => DisputeStatus::WarningClosed,
        _ => return Err(closed()),
    };
    end(change, &mut dispute, status);
    Ok(dispute.render(change.state))
}

fn end(change: &mut Change<'_>, dispute: &mut Dispute, status: DisputeStatus) {
    dispute.status = status;
    change.put(dispute);
    if status == DisputeStatus::Won {
        change.emit("charge.dispute.funds_reinstated", dispute);
    }
    change.emit("charge.dispute.closed", dispute);
}

fn closed() -> StripeError {
    StripeError::invalid("This dispute is already closed")
}
