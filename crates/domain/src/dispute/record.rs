use time::OffsetDateTime;

use super::{Dispute, DisputeStatus};
use crate::ids::{ChargeId, DisputeId, PaymentIntentId};
use crate::money::Currency;
use crate::purchase::PurchaseId;
use crate::transition::{Cause, Transition};

/// A row of `disputes`, as a store keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisputeRecord {
    /// Stripe's id.
    pub id: DisputeId,
    /// What was paid for.
    pub purchase: PurchaseId,
    /// What it was paid with.
    pub payment_intent_id: Option<PaymentIntentId>,
    /// What the money was taken by.
    pub charge_id: Option<ChargeId>,
    /// How much is disputed, in minor units.
    pub amount_minor: i64,
    /// The currency of the amount.
    pub currency: Currency,
    /// Stripe's status.
    pub status: DisputeStatus,
    /// The second of the snapshot held; never decreases.
    pub as_of: OffsetDateTime,
    /// Counts the changes of the row, from 1.
    pub version: i64,
}

impl DisputeRecord {
    pub(super) fn transition(&self, from: Option<DisputeStatus>, cause: Cause, at: OffsetDateTime) -> Transition {
        Transition {
            object_id: self.id.to_string(),
            version: self.version,
            from: from.map(DisputeStatus::as_str),
            to: self.status.as_str(),
            cause,
            event_id: None,
            at,
        }
    }
}

/// A stored row that the rules could never have written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the stored dispute {id} is damaged: {what}")]
pub struct InvalidDispute {
    /// Which row.
    pub id: DisputeId,
    /// What does not fit together.
    pub what: &'static str,
}

impl Dispute {
    /// Takes a dispute out of a store.
    ///
    /// # Errors
    ///
    /// [`InvalidDispute`] when the fields contradict each other, so that damage is noticed where it is read.
    pub fn restore(record: DisputeRecord) -> Result<Self, InvalidDispute> {
        let damage = if record.version < 1 {
            Some("version below 1")
        } else if record.amount_minor < 0 {
            Some("an amount below 0")
        } else {
            None
        };
        match damage {
            Some(what) => Err(InvalidDispute { id: record.id, what }),
            None => Ok(Self(record)),
        }
    }
}
