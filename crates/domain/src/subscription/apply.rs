use time::{Duration, OffsetDateTime};

use super::{Subscription, SubscriptionRecord, SubscriptionSnapshot, SubscriptionStatus};
use crate::catalogue::Slot;
use crate::ids::UserId;
use crate::mirror::lag_left;
use crate::transition::{Cause, Transition};

/// How a snapshot reached us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    /// In the event that tells of its creation: the oldest snapshot there can be.
    Created,
    /// In any other event.
    Updated,
}

/// What a snapshot did to a subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum SubscriptionVerdict {
    /// The row changed.
    Changed(Transition),
    /// It said nothing new, but later than what we held: only `as_of` and the like rose, and with them the version.
    Confirmed,
    /// It said nothing new, or something old.
    Ignored,
    /// It differs from what we hold and nothing tells which is newer: ask Stripe.
    Doubtful,
}

impl Subscription {
    /// The row for a subscription of which nothing was held.
    #[must_use]
    pub fn first(
        snapshot: &SubscriptionSnapshot,
        user_id: UserId,
        news: News,
        as_of: OffsetDateTime,
        cause: Cause,
        now: OffsetDateTime,
    ) -> (Self, Transition) {
        let mut row = SubscriptionRecord {
            id: snapshot.id.clone(),
            user_id,
            customer_id: snapshot.customer_id.clone(),
            slot: Slot::named(snapshot.slot.as_deref()),
            price_id: snapshot.price_id.clone(),
            quantity: snapshot.quantity,
            status: SubscriptionStatus::Incomplete,
            status_since: as_of,
            current_period_end: None,
            cancel_at_period_end: false,
            cancel_at: None,
            trial_end: None,
            as_of,
            from_created: news == News::Created,
            checked_at: now,
            version: 1,
        };
        row.copy(snapshot, as_of);
        let transition = row.transition(None, cause, now);
        (Self(row), transition)
    }

    /// Takes in a snapshot out of an event of the second `as_of`.
    ///
    /// Stripe gives no version and no order, only seconds, so the rule is: a newer second wins, a terminal status is
    /// never left, `created` is never news to a row that exists, and whatever remains undecided is asked for.
    pub fn apply(
        &mut self,
        snapshot: &SubscriptionSnapshot,
        news: News,
        as_of: OffsetDateTime,
        now: OffsetDateTime,
    ) -> SubscriptionVerdict {
        let held = &self.0;
        let held_ended = held.status.is_terminal();
        let said_ended = snapshot.status.is_some_and(SubscriptionStatus::is_terminal);
        if self.is_stub() || (!held_ended && said_ended) {
            return self.overwrite(snapshot, news, as_of, now);
        }
        match (held_ended, said_ended) {
            (true, true) if as_of > held.as_of => self.overwrite(snapshot, news, as_of, now),
            (true, true) if as_of == held.as_of && news == News::Updated && !held.says_the_same_as(snapshot) => {
                SubscriptionVerdict::Doubtful
            }
            (true, _) => SubscriptionVerdict::Ignored,
            (false, _) if news == News::Created => SubscriptionVerdict::Ignored,
            (false, _) if as_of > held.as_of || (as_of == held.as_of && held.from_created) => {
                self.overwrite(snapshot, news, as_of, now)
            }
            (false, _) if held.says_the_same_as(snapshot) => SubscriptionVerdict::Ignored,
            (false, _) => SubscriptionVerdict::Doubtful,
        }
    }

    /// Takes in Stripe's answer to a question asked for this row at the version it still has: it overwrites what we
    /// hold, except that it cannot revive a subscription that has ended. The version rises even when nothing changed,
    /// to fence off an older answer.
    ///
    /// Returns what changed, or `None`.
    pub fn refresh(
        &mut self,
        snapshot: &SubscriptionSnapshot,
        as_of: OffsetDateTime,
        cause: Cause,
        now: OffsetDateTime,
    ) -> Option<Transition> {
        let from = self.0.status;
        let revives = from.is_terminal() && !snapshot.status.is_some_and(SubscriptionStatus::is_terminal);
        let same = self.0.says_the_same_as(snapshot) && !self.is_stub();
        self.0.version += 1;
        self.0.checked_at = now;
        if revives {
            return None;
        }
        self.0.copy(snapshot, as_of);
        self.0.as_of = self.0.as_of.max(as_of);
        self.0.from_created = false;
        (!same).then(|| self.0.transition(Some(from), cause, now))
    }

    /// Stripe was asked about it and gave no answer that could be taken in.
    pub fn asked_in_vain(&mut self, now: OffsetDateTime) {
        self.0.version += 1;
        self.0.checked_at = now;
    }

    /// How long to wait before Stripe is asked again, because the answer says something else than news that are so fresh
    /// that it may not have heard of them. An end is believed at once: nothing undoes it.
    #[must_use]
    pub fn distrusts(&self, answer: &SubscriptionSnapshot, as_of: OffsetDateTime) -> Option<Duration> {
        let has_ended = |status: SubscriptionStatus| status.is_terminal();
        let is_settled = has_ended(self.0.status) || answer.status.is_some_and(has_ended);
        if is_settled || self.0.says_the_same_as(answer) { None } else { lag_left(self.0.as_of, as_of) }
    }

    /// Its customer was deleted at Stripe in this second, which ends it. What else its last snapshot will say is not known
    /// yet, so `as_of` stays, and the snapshot is still news when it comes. A stub is left to the question that is out for
    /// it, and of one that Stripe has described since, Stripe knows better.
    ///
    /// Returns what changed, or `None` when it did not.
    pub fn end_with_customer(
        &mut self,
        second: OffsetDateTime,
        cause: Cause,
        now: OffsetDateTime,
    ) -> Option<Transition> {
        let from = self.0.status;
        if from.is_terminal() || self.is_stub() || self.0.as_of > second {
            return None;
        }
        self.0.status = SubscriptionStatus::Canceled;
        self.0.status_since = second;
        self.0.version += 1;
        Some(self.0.transition(Some(from), cause, now))
    }

    fn overwrite(
        &mut self,
        snapshot: &SubscriptionSnapshot,
        news: News,
        as_of: OffsetDateTime,
        now: OffsetDateTime,
    ) -> SubscriptionVerdict {
        let from = self.0.status;
        let same = self.0.says_the_same_as(snapshot) && !self.is_stub();
        self.0.copy(snapshot, as_of);
        self.0.as_of = self.0.as_of.max(as_of);
        self.0.from_created = news == News::Created;
        self.0.version += 1;
        if same {
            return SubscriptionVerdict::Confirmed;
        }
        SubscriptionVerdict::Changed(self.0.transition(Some(from), Cause::Webhook, now))
    }
}

impl SubscriptionRecord {
    fn copy(&mut self, snapshot: &SubscriptionSnapshot, as_of: OffsetDateTime) {
        // A status that we don't know keeps the last one.
        let status = snapshot.status.unwrap_or(self.status);
        if status != self.status || self.as_of == OffsetDateTime::UNIX_EPOCH {
            self.status = status;
            self.status_since = as_of;
        }
        self.price_id.clone_from(&snapshot.price_id);
        self.quantity = snapshot.quantity;
        self.current_period_end = snapshot.current_period_end;
        self.cancel_at_period_end = snapshot.cancel_at_period_end;
        self.cancel_at = snapshot.cancel_at;
        self.trial_end = snapshot.trial_end;
    }

    fn says_the_same_as(&self, snapshot: &SubscriptionSnapshot) -> bool {
        snapshot.status.is_none_or(|status| status == self.status)
            && self.price_id == snapshot.price_id
            && self.quantity == snapshot.quantity
            && self.current_period_end == snapshot.current_period_end
            && self.cancel_at_period_end == snapshot.cancel_at_period_end
            && self.cancel_at == snapshot.cancel_at
            && self.trial_end == snapshot.trial_end
    }
}
