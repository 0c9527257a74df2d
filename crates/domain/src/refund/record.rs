use time::OffsetDateTime;

use super::{Refund, RefundStatus};
use crate::ids::{ChargeId, PaymentIntentId, RefundId};
use crate::money::Currency;
use crate::purchase::PurchaseId;
use crate::transition::{Cause, Transition};

/// A row of `refunds`, as a store keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundRecord {
    /// Stripe's id.
    pub id: RefundId,
    /// What was paid for.
    pub purchase: PurchaseId,
    /// What it was paid with.
    pub payment_intent_id: Option<PaymentIntentId>,
    /// What the money was taken by.
    pub charge_id: Option<ChargeId>,
    /// How much, in minor units.
    pub amount_minor: i64,
    /// The currency of the amount.
    pub currency: Currency,
    /// How far it has come.
    pub status: RefundStatus,
    /// The newest second of which we know.
    pub as_of: OffsetDateTime,
    /// Counts the changes of the row, from 1.
    pub version: i64,
}

impl RefundRecord {
    pub(super) fn transition(&self, from: Option<RefundStatus>, cause: Cause, at: OffsetDateTime) -> Transition {
        Transition {
            object_id: self.id.to_string(),
            version: self.version,
            from: from.map(RefundStatus::as_str),
            to: self.status.as_str(),
            cause,
            event_id: None,
            at,
        }
    }
}

/// A stored row that the rules could never have written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the stored refund {id} is damaged: {what}")]
pub struct InvalidRefund {
    /// Which row.
    pub id: RefundId,
    /// What does not fit together.
    pub what: &'static str,
}

impl Refund {
    /// Takes a refund out of a store.
    ///
    /// # Errors
    ///
    /// [`InvalidRefund`] when the fields contradict each other, so that damage is noticed where it is read.
    pub fn restore(record: RefundRecord) -> Result<Self, InvalidRefund> {
        let damage = if record.version < 1 {
            Some("version below 1")
        } else if record.amount_minor < 0 {
            Some("an amount below 0")
        } else {
            None
        };
        match damage {
            Some(what) => Err(InvalidRefund { id: record.id, what }),
            None => Ok(Self(record)),
        }
    }
}
