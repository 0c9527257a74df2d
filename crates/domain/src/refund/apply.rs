use time::OffsetDateTime;

use super::{Refund, RefundRecord, RefundSnapshot};
use crate::mirror::MirrorVerdict;
use crate::purchase::Purchase;
use crate::refresh_request::RefreshReason;
use crate::settlement::ParkReason;
use crate::transition::{Cause, Transition};

impl Refund {
    /// The row for a refund of which nothing was held.
    ///
    /// # Errors
    ///
    /// [`ParkReason`] when it cannot be a refund of this purchase, or its status is not known.
    pub fn first(
        snapshot: &RefundSnapshot,
        purchase: &Purchase,
        as_of: OffsetDateTime,
        cause: Cause,
        now: OffsetDateTime,
    ) -> Result<(Self, Transition), ParkReason> {
        if snapshot.currency != purchase.currency {
            return Err(ParkReason::CurrencyMismatch);
        }
        if purchase.total_minor.is_some_and(|total| snapshot.amount_minor > total) {
            return Err(ParkReason::AmountMismatch);
        }
        let row = RefundRecord {
            id: snapshot.id.clone(),
            purchase: purchase.id.clone(),
            payment_intent_id: snapshot.payment_intent_id.clone(),
            charge_id: snapshot.charge_id.clone(),
            amount_minor: snapshot.amount_minor,
            currency: snapshot.currency,
            status: snapshot.status.ok_or(ParkReason::UnknownStatus)?,
            as_of,
            version: 1,
        };
        let transition = row.transition(None, cause, now);
        Ok((Self(row), transition))
    }

    /// Takes in a snapshot of the second `as_of`: the highest status wins, whatever the order.
    pub fn apply(
        &mut self,
        snapshot: &RefundSnapshot,
        as_of: OffsetDateTime,
        cause: Cause,
        now: OffsetDateTime,
    ) -> MirrorVerdict {
        if let Some(reason) = self.mismatch(snapshot) {
            return MirrorVerdict::Refused(reason);
        }
        let Some(status) = snapshot.status else {
            return MirrorVerdict::Doubtful(RefreshReason::UnknownStatus);
        };
        let before = self.0.clone();
        let row = &mut self.0;
        row.status = row.status.max(status);
        row.as_of = row.as_of.max(as_of);
        row.charge_id = row.charge_id.take().or_else(|| snapshot.charge_id.clone());
        row.payment_intent_id = row.payment_intent_id.take().or_else(|| snapshot.payment_intent_id.clone());
        if *row == before {
            return MirrorVerdict::Known;
        }
        row.version += 1;
        if row.status == before.status {
            return MirrorVerdict::Confirmed;
        }
        MirrorVerdict::Changed(row.transition(Some(before.status), cause, now))
    }

    /// Takes in Stripe's answer to a question asked for this row at the version it still has: as
    /// [`apply`](Self::apply), but the version rises in any case, to fence off an older answer.
    ///
    /// Returns what changed, or `None`.
    pub fn refresh(
        &mut self,
        snapshot: &RefundSnapshot,
        as_of: OffsetDateTime,
        cause: Cause,
        now: OffsetDateTime,
    ) -> Option<Transition> {
        match self.apply(snapshot, as_of, cause, now) {
            MirrorVerdict::Changed(transition) => Some(transition),
            MirrorVerdict::Confirmed => None,
            MirrorVerdict::Known | MirrorVerdict::Doubtful(_) | MirrorVerdict::Refused(_) => {
                self.0.version += 1;
                None
            }
        }
    }

    /// Why a snapshot cannot be one of this refund.
    #[must_use]
    pub fn mismatch(&self, snapshot: &RefundSnapshot) -> Option<ParkReason> {
        let row = &self.0;
        if snapshot.currency != row.currency {
            Some(ParkReason::CurrencyMismatch)
        } else if snapshot.amount_minor != row.amount_minor {
            Some(ParkReason::AmountMismatch)
        } else if differ(row.payment_intent_id.as_ref(), snapshot.payment_intent_id.as_ref())
            || differ(row.charge_id.as_ref(), snapshot.charge_id.as_ref())
        {
            Some(ParkReason::PaymentMismatch)
        } else {
            None
        }
    }
}

fn differ<T: PartialEq>(held: Option<&T>, said: Option<&T>) -> bool {
    held.zip(said).is_some_and(|(held, said)| held != said)
}
