use serde::Deserialize;
use settled_domain::ids::{ChargeId, CustomerId, PaymentIntentId, RefundId};
use settled_domain::money::Currency;
use settled_domain::refund::{RefundSnapshot, RefundedCharge};

use super::{Expandable, Unreadable, unreadable};

/// A refund as JSON: <https://docs.stripe.com/api/refunds/object>.
#[derive(Debug, Deserialize)]
pub(crate) struct RefundObject {
    id: String,
    amount: i64,
    currency: String,
    charge: Option<Expandable>,
    payment_intent: Option<Expandable>,
    status: Option<String>,
}

/// A charge as JSON: <https://docs.stripe.com/api/charges/object>.
#[derive(Debug, Deserialize)]
struct ChargeObject {
    id: String,
    customer: Option<Expandable>,
    amount_refunded: i64,
}

/// A charge, as far as it tells what it belongs to: nothing, if it was made without a `PaymentIntent`.
#[derive(Debug, Deserialize)]
pub(crate) struct ChargeOwner {
    pub(crate) id: String,
    pub(crate) payment_intent: Option<Expandable>,
}

/// Reads a refund out of JSON.
pub(crate) fn read_refund(json: &str) -> Result<RefundSnapshot, Unreadable> {
    serde_json::from_str::<RefundObject>(json).map_err(|_| unreadable("a refund"))?.try_into()
}

/// Reads a charge of which something was given back out of JSON.
pub(crate) fn read_refunded_charge(json: &str) -> Result<RefundedCharge, Unreadable> {
    let object: ChargeObject = serde_json::from_str(json).map_err(|_| unreadable("a charge"))?;
    let customer_id = object.customer.map(|it| CustomerId::new(it.id)).transpose();
    Ok(RefundedCharge {
        id: ChargeId::new(object.id).map_err(|_| unreadable("a charge's id"))?,
        customer_id: customer_id.map_err(|_| unreadable("a charge's customer"))?,
        amount_refunded_minor: object.amount_refunded,
    })
}

impl TryFrom<RefundObject> for RefundSnapshot {
    type Error = Unreadable;

    fn try_from(object: RefundObject) -> Result<Self, Unreadable> {
        Ok(Self {
            id: RefundId::new(object.id).map_err(|_| unreadable("a refund's id"))?,
            charge_id: charge_id(object.charge)?,
            payment_intent_id: intent_id(object.payment_intent)?,
            amount_minor: amount(object.amount)?,
            currency: Currency::new(&object.currency).map_err(|_| unreadable("a refund's currency"))?,
            status: object.status.and_then(|word| word.parse().ok()),
        })
    }
}

pub(super) fn charge_id(charge: Option<Expandable>) -> Result<Option<ChargeId>, Unreadable> {
    charge.map(|it| ChargeId::new(it.id)).transpose().map_err(|_| unreadable("a charge's id"))
}

pub(super) fn intent_id(intent: Option<Expandable>) -> Result<Option<PaymentIntentId>, Unreadable> {
    intent.map(|it| PaymentIntentId::new(it.id)).transpose().map_err(|_| unreadable("a PaymentIntent's id"))
}

pub(super) fn amount(minor_units: i64) -> Result<i64, Unreadable> {
    if minor_units >= 0 { Ok(minor_units) } else { Err(unreadable("an amount")) }
}

#[cfg(test)]
mod tests;
