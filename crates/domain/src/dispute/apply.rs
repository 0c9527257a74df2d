use time::{Duration, OffsetDateTime};

use super::{Dispute, DisputeRecord, DisputeSnapshot};
use crate::mirror::{MirrorVerdict, lag_left};
use crate::purchase::PurchaseId;
use crate::refresh_request::RefreshReason;
use crate::settlement::ParkReason;
use crate::subscription::News;
use crate::transition::{Cause, Transition};

impl Dispute {
    /// The row for a dispute of which nothing was held.
    ///
    /// # Errors
    ///
    /// [`ParkReason`] when its status is not known.
    pub fn first(
        snapshot: &DisputeSnapshot,
        purchase: PurchaseId,
        as_of: OffsetDateTime,
        cause: Cause,
        now: OffsetDateTime,
    ) -> Result<(Self, Transition), ParkReason> {
        let row = DisputeRecord {
            id: snapshot.id.clone(),
            purchase,
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

    /// Takes in a snapshot out of an event of the second `as_of`: a newer second wins, `created` is never news to a row
    /// that exists, and whatever remains undecided is asked for. No status is final: a lost dispute can be appealed.
    pub fn apply(
        &mut self,
        snapshot: &DisputeSnapshot,
        news: News,
        as_of: OffsetDateTime,
        cause: Cause,
        now: OffsetDateTime,
    ) -> MirrorVerdict {
        if let Some(reason) = self.mismatch(snapshot) {
            return MirrorVerdict::Refused(reason);
        }
        if news == News::Created {
            return self.fill_in(snapshot);
        }
        if snapshot.status.is_none() {
            return MirrorVerdict::Doubtful(RefreshReason::UnknownStatus);
        }
        if as_of > self.0.as_of {
            self.overwrite(snapshot, as_of, cause, now)
        } else if self.0.says_the_same_as(snapshot) {
            self.fill_in(snapshot)
        } else {
            MirrorVerdict::Doubtful(RefreshReason::Doubt)
        }
    }

    /// Takes in Stripe's answer to a question asked for this row at the version it still has. The version rises even when
    /// nothing changed, to fence off an older answer.
    ///
    /// Returns what changed, or `None`.
    pub fn refresh(
        &mut self,
        snapshot: &DisputeSnapshot,
        as_of: OffsetDateTime,
        cause: Cause,
        now: OffsetDateTime,
    ) -> Option<Transition> {
        match self.overwrite(snapshot, as_of, cause, now) {
            MirrorVerdict::Changed(transition) => Some(transition),
            MirrorVerdict::Confirmed
            | MirrorVerdict::Known
            | MirrorVerdict::Doubtful(_)
            | MirrorVerdict::Refused(_) => None,
        }
    }

    /// How long to wait before Stripe is asked again, because the answer says something else than news that are so fresh
    /// that it may not have heard of them.
    #[must_use]
    pub fn distrusts(&self, answer: &DisputeSnapshot, as_of: OffsetDateTime) -> Option<Duration> {
        if self.0.says_the_same_as(answer) { None } else { lag_left(self.0.as_of, as_of) }
    }

    /// Why a snapshot cannot be one of this dispute.
    #[must_use]
    pub fn mismatch(&self, snapshot: &DisputeSnapshot) -> Option<ParkReason> {
        let row = &self.0;
        let differs = differ(row.payment_intent_id.as_ref(), snapshot.payment_intent_id.as_ref())
            || differ(row.charge_id.as_ref(), snapshot.charge_id.as_ref());
        differs.then_some(ParkReason::PaymentMismatch)
    }

    fn overwrite(
        &mut self,
        snapshot: &DisputeSnapshot,
        as_of: OffsetDateTime,
        cause: Cause,
        now: OffsetDateTime,
    ) -> MirrorVerdict {
        let from = self.0.status;
        let same = self.0.says_the_same_as(snapshot);
        let row = &mut self.0;
        row.status = snapshot.status.unwrap_or(from);
        row.amount_minor = snapshot.amount_minor;
        row.currency = snapshot.currency;
        row.as_of = row.as_of.max(as_of);
        row.charge_id = row.charge_id.take().or_else(|| snapshot.charge_id.clone());
        row.payment_intent_id = row.payment_intent_id.take().or_else(|| snapshot.payment_intent_id.clone());
        row.version += 1;
        if same {
            return MirrorVerdict::Confirmed;
        }
        MirrorVerdict::Changed(row.transition(Some(from), cause, now))
    }

    /// Which charge it is about does not age, and not every snapshot says all of it.
    fn fill_in(&mut self, snapshot: &DisputeSnapshot) -> MirrorVerdict {
        let row = &mut self.0;
        let before = (row.charge_id.is_some(), row.payment_intent_id.is_some());
        row.charge_id = row.charge_id.take().or_else(|| snapshot.charge_id.clone());
        row.payment_intent_id = row.payment_intent_id.take().or_else(|| snapshot.payment_intent_id.clone());
        if before == (row.charge_id.is_some(), row.payment_intent_id.is_some()) {
            return MirrorVerdict::Known;
        }
        row.version += 1;
        MirrorVerdict::Confirmed
    }
}

impl DisputeRecord {
    fn says_the_same_as(&self, snapshot: &DisputeSnapshot) -> bool {
        snapshot.status.is_none_or(|status| status == self.status)
            && self.amount_minor == snapshot.amount_minor
            && self.currency == snapshot.currency
    }
}

fn differ<T: PartialEq>(held: Option<&T>, said: Option<&T>) -> bool {
    held.zip(said).is_some_and(|(held, said)| held != said)
}
