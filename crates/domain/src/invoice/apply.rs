use std::cmp::Ordering;

use time::{Duration, OffsetDateTime};

use super::{Invoice, InvoiceRecord, InvoiceSnapshot, InvoiceStatus};
use crate::ids::{CustomerId, UserId};
use crate::mirror::{MirrorVerdict, lag_left};
use crate::refresh_request::RefreshReason;
use crate::settlement::ParkReason;
use crate::transition::{Cause, Transition};

impl Invoice {
    /// The row for an invoice of which nothing was held; `None` when its status is not known.
    #[must_use]
    pub fn first(
        snapshot: &InvoiceSnapshot,
        owner: (CustomerId, UserId),
        as_of: OffsetDateTime,
        cause: Cause,
        now: OffsetDateTime,
    ) -> Option<(Self, Transition)> {
        let (customer_id, user_id) = owner;
        let row = InvoiceRecord {
            id: snapshot.id.clone(),
            customer_id,
            user_id,
            subscription_id: snapshot.subscription_id.clone(),
            status: snapshot.status?,
            amount_due_minor: snapshot.amount_due_minor,
            amount_paid_minor: snapshot.amount_paid_minor,
            currency: snapshot.currency,
            payment_intent_id: snapshot.payment_intent_id.clone(),
            paid_at: snapshot.paid_at,
            created_at: snapshot.created_at,
            as_of,
            version: 1,
        };
        let transition = row.transition(None, cause, now);
        Some((Self(row), transition))
    }

    /// Takes in a snapshot out of an event of the second `as_of`: the highest status wins, whatever the order, and of
    /// several snapshots in that status the newest. Two of one second that differ have to be asked about.
    pub fn apply(
        &mut self,
        snapshot: &InvoiceSnapshot,
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
        match (status, as_of).cmp(&(self.0.status, self.0.as_of)) {
            Ordering::Greater => self.overwrite(snapshot, as_of, cause, now),
            Ordering::Equal if !self.0.says_the_same_as(snapshot) => MirrorVerdict::Doubtful(RefreshReason::Doubt),
            Ordering::Equal | Ordering::Less => self.fill_in(snapshot),
        }
    }

    /// Takes in Stripe's answer to a question asked for this row at the version it still has. A status below the one held,
    /// or the same one of an earlier second, is an older state, so nothing of it is taken. The version rises in any case,
    /// to fence off an older answer.
    ///
    /// Returns what changed, or `None`.
    pub fn refresh(
        &mut self,
        snapshot: &InvoiceSnapshot,
        as_of: OffsetDateTime,
        cause: Cause,
        now: OffsetDateTime,
    ) -> Option<Transition> {
        let is_news = snapshot.status.is_some_and(|status| (status, as_of) >= (self.0.status, self.0.as_of));
        let verdict = if is_news { self.overwrite(snapshot, as_of, cause, now) } else { self.fill_in(snapshot) };
        match verdict {
            MirrorVerdict::Changed(transition) => Some(transition),
            MirrorVerdict::Confirmed => None,
            MirrorVerdict::Known | MirrorVerdict::Doubtful(_) | MirrorVerdict::Refused(_) => {
                self.0.version += 1;
                None
            }
        }
    }

    /// Stripe no longer knows it: only a draft can be deleted, and then nobody will have to pay it.
    pub fn lost(&mut self, cause: Cause, now: OffsetDateTime) -> Option<Transition> {
        let from = self.0.status;
        if from != InvoiceStatus::Draft {
            return None;
        }
        self.0.status = InvoiceStatus::Void;
        self.0.version += 1;
        Some(self.0.transition(Some(from), cause, now))
    }

    /// How long to wait before Stripe is asked again, because the answer says something else about the same status than
    /// news that are so fresh that it may not have heard of them. Between statuses the higher one decides, whenever it was
    /// said.
    #[must_use]
    pub fn distrusts(&self, answer: &InvoiceSnapshot, as_of: OffsetDateTime) -> Option<Duration> {
        let is_decided = answer.status != Some(self.0.status);
        if is_decided || self.0.says_the_same_as(answer) { None } else { lag_left(self.0.as_of, as_of) }
    }

    /// Why a snapshot cannot be one of this invoice.
    #[must_use]
    pub fn mismatch(&self, snapshot: &InvoiceSnapshot) -> Option<ParkReason> {
        if snapshot.customer_id.as_ref() != Some(&self.0.customer_id) {
            Some(ParkReason::CustomerMismatch)
        } else if snapshot.currency != self.0.currency {
            Some(ParkReason::CurrencyMismatch)
        } else {
            None
        }
    }

    fn overwrite(
        &mut self,
        snapshot: &InvoiceSnapshot,
        as_of: OffsetDateTime,
        cause: Cause,
        now: OffsetDateTime,
    ) -> MirrorVerdict {
        let from = self.0.status;
        let same = self.0.says_the_same_as(snapshot);
        let row = &mut self.0;
        row.status = snapshot.status.unwrap_or(row.status);
        row.amount_due_minor = snapshot.amount_due_minor;
        row.amount_paid_minor = snapshot.amount_paid_minor;
        row.paid_at = snapshot.paid_at;
        row.subscription_id = snapshot.subscription_id.clone().or(row.subscription_id.take());
        row.payment_intent_id = snapshot.payment_intent_id.clone().or(row.payment_intent_id.take());
        row.as_of = as_of;
        row.version += 1;
        if same {
            return MirrorVerdict::Confirmed;
        }
        MirrorVerdict::Changed(self.0.transition(Some(from), cause, now))
    }

    /// Which subscription and which `PaymentIntent` it belongs to does not age, and not every snapshot says it.
    fn fill_in(&mut self, snapshot: &InvoiceSnapshot) -> MirrorVerdict {
        let row = &mut self.0;
        let before = (row.subscription_id.is_some(), row.payment_intent_id.is_some());
        row.subscription_id = row.subscription_id.take().or_else(|| snapshot.subscription_id.clone());
        row.payment_intent_id = row.payment_intent_id.take().or_else(|| snapshot.payment_intent_id.clone());
        if before == (row.subscription_id.is_some(), row.payment_intent_id.is_some()) {
            return MirrorVerdict::Known;
        }
        row.version += 1;
        MirrorVerdict::Confirmed
    }
}

impl InvoiceRecord {
    fn says_the_same_as(&self, snapshot: &InvoiceSnapshot) -> bool {
        snapshot.status.is_none_or(|status| status == self.status)
            && self.amount_due_minor == snapshot.amount_due_minor
            && self.amount_paid_minor == snapshot.amount_paid_minor
            && self.paid_at == snapshot.paid_at
    }
}
