//! Refunds.
//!
//! <https://docs.stripe.com/api/refunds>. Events, after <https://docs.stripe.com/refunds>:
//! `refund.created` and `charge.refunded`; when the bank sends the money back, `refund.updated`,
//! `charge.refund.updated` and `refund.failed`.

use serde_json::{Value, json};

use crate::customers::differences;
use crate::errors::StripeError;
use crate::ids;
use crate::objects::{Behaviour, Charge, MethodKind, Outcome, Refund, RefundStatus, Resource};
use crate::params::Params;
use crate::store::Change;

const REASONS: &[&str] = &["duplicate", "fraudulent", "requested_by_customer"];
const UNSIMULATED: &[&str] =
    &["currency", "customer", "instructions_email", "origin", "refund_application_fee", "reverse_transfer"];

/// `POST /v1/refunds`.
pub(crate) fn create(change: &mut Change<'_>, params: &mut Params) -> Result<Value, StripeError> {
    params.refuse_unsimulated(UNSIMULATED)?;
    let mut payment = read_charge(change, params)?;
    let left = payment.amount - payment.amount_refunded;
    if left == 0 {
        return Err(StripeError::invalid(format!("Charge {} has already been refunded.", payment.id))
            .with_code("charge_already_refunded"));
    }
    let amount = params.integer("amount", &(1..=i64::MAX))?.unwrap_or(left);
    if amount > left {
        return Err(StripeError::invalid(format!(
            "Refund amount ({amount}) is greater than unrefunded amount on charge ({left})"
        ))
        .with_param("amount"));
    }
    let reason = params.choice("reason", REASONS)?.map(str::to_owned);
    let metadata = params.new_metadata("metadata")?;
    std::mem::take(params).finish()?;
    change.enter_clock_of(payment.customer.as_deref());
    let method = change.state.payment_methods.get(&payment.payment_method);
    let later = change.real_now + change.state.debit_delay_s;
    let (status, turns) = match method.map(|method| method.behaviour) {
        Some(Behaviour::RefundFails) => (RefundStatus::Succeeded, Some((later, RefundStatus::Failed))),
        Some(Behaviour::RefundPends | Behaviour::Settles) => {
            (RefundStatus::Pending, Some((later, RefundStatus::Succeeded)))
        }
        _ => (RefundStatus::Succeeded, None),
    };
    let refund = Refund {
        id: ids::object_id("re_3", 23),
        created: change.now,
        status,
        amount,
        currency: payment.currency.clone(),
        charge: payment.id.clone(),
        payment_intent: payment.payment_intent.clone(),
        customer: payment.customer.clone(),
        payment_method: payment.payment_method.clone(),
        to_card: method.is_none_or(|method| method.kind == MethodKind::Card),
        reason,
        metadata,
        turns,
    };
    let before = payment.amount_refunded;
    payment.amount_refunded += amount;
    change.put(&payment);
    change.put(&refund);
    change.emit("refund.created", &refund);
    change.emit_update("charge.refunded", &payment, refunded_before(before));
    Ok(refund.render(change.state))
}

fn refunded_before(amount: i64) -> Value {
    json!({ "amount_refunded": amount, "refunded": false })
}

fn read_charge(change: &Change<'_>, params: &mut Params) -> Result<Charge, StripeError> {
    let (payment, intent) = (params.text("charge")?, params.text("payment_intent")?);
    let payment: Charge = match (payment, intent) {
        (Some(payment), None) => change.find_named(&payment, "charge")?,
        (None, Some(intent)) => {
            let intent: crate::objects::PaymentIntent = change.find_named(&intent, "payment_intent")?;
            let payment = intent.latest_charge.as_ref().and_then(|id| change.state.charges.get(id));
            payment.cloned().ok_or_else(|| {
                StripeError::invalid(format!(
                    "This PaymentIntent ({}) does not have a successful charge to refund.",
                    intent.id
                ))
            })?
        }
        (Some(_), Some(_)) => {
            return Err(StripeError::invalid("You may only specify one of these parameters: charge, payment_intent.")
                .with_param("charge"));
        }
        (None, None) => {
            return Err(StripeError::invalid(
                "One of the following params should be provided for this request: payment_intent or charge.",
            ));
        }
    };
    if payment.outcome != Outcome::Succeeded {
        return Err(StripeError::invalid(format!("Charge {} cannot be refunded: it did not succeed.", payment.id))
            .with_code("charge_not_refundable"));
    }
    let disputes = change.state.disputes.newest_first();
    let mut held = disputes.filter(|dispute| dispute.charge == payment.id && !dispute.status.is_inquiry());
    if held.any(|dispute| dispute.status != crate::objects::DisputeStatus::Won) {
        return Err(StripeError::invalid(format!(
            "Charge {} has been charged back; cannot issue a refund.",
            payment.id
        ))
        .with_code("charge_disputed"));
    }
    Ok(payment)
}

/// `POST /v1/refunds/{id}`: metadata only.
pub(crate) fn update(change: &mut Change<'_>, id: &str, params: &mut Params) -> Result<Value, StripeError> {
    let mut refund: Refund = change.find(id)?;
    let before = refund.render(change.state);
    refund.metadata = params.metadata("metadata")?.applied_to(&refund.metadata, "metadata")?;
    std::mem::take(params).finish()?;
    announce_update(change, &refund, &before);
    Ok(refund.render(change.state))
}

/// What the bank does with a refund later.
pub(crate) fn turn(change: &mut Change<'_>, id: &str) {
    let Some(mut refund) = change.state.refunds.get(id).cloned() else {
        return;
    };
    let Some((_, status)) = refund.turns.take() else {
        return;
    };
    change.enter_clock_of(refund.customer.as_deref());
    let before = refund.render(change.state);
    refund.status = status;
    if status == RefundStatus::Failed
        && let Some(mut payment) = change.state.charges.get(&refund.charge).cloned()
    {
        payment.amount_refunded -= refund.amount;
        change.put(&payment);
    }
    announce_update(change, &refund, &before);
    if status == RefundStatus::Failed {
        change.emit("refund.failed", &refund);
    }
}

/// Lets a refund that has succeeded fail, as a bank may that cannot book it.
pub(crate) fn fail(change: &mut Change<'_>, id: &str) -> Result<(), StripeError> {
    let mut refund: Refund = change.find(id)?;
    if refund.status == RefundStatus::Failed {
        return Err(StripeError::invalid("This refund has failed already."));
    }
    refund.turns = Some((change.real_now, RefundStatus::Failed));
    change.put(&refund);
    turn(change, id);
    Ok(())
}

fn announce_update(change: &mut Change<'_>, refund: &Refund, before: &Value) {
    let after = refund.render(change.state);
    change.put(refund);
    if *before != after {
        let previous = differences(before, &after);
        change.emit_update("refund.updated", refund, previous.clone());
        change.emit_update("charge.refund.updated", refund, previous);
    }
}
