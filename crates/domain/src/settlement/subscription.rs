use time::OffsetDateTime;

use super::{IgnoreReason, Outcome, ParkReason, Settlement};
use crate::ids::EventId;
use crate::refresh_request::{RefreshObject, RefreshReason, RefreshRequest};
use crate::subscription::{News, Subscription, SubscriptionSnapshot, SubscriptionVerdict};
use crate::transition::Cause;

/// One snapshot and where it came from.
pub(super) struct Arrival<'a> {
    pub event_id: &'a EventId,
    pub news: News,
    pub snapshot: &'a SubscriptionSnapshot,
    pub as_of: OffsetDateTime,
}

impl Settlement {
    pub(super) fn take_snapshot(&mut self, arrival: &Arrival<'_>, now: OffsetDateTime) -> Outcome {
        let Arrival { event_id, news, snapshot, as_of } = *arrival;
        if snapshot.status.is_none() {
            tracing::warn!(subscription_id = %snapshot.id, "a subscription has a status that this version does not know");
        }
        let Some(held) = self.subscriptions.get_mut(&snapshot.id) else {
            let Some(user_id) = self.owners.get(&snapshot.customer_id) else {
                return Outcome::Ignored(IgnoreReason::NotOurs);
            };
            let (row, mut transition) =
                Subscription::first(snapshot, user_id.clone(), news, as_of, Cause::Webhook, now);
            transition.event_id = Some(event_id.clone());
            self.insert(row, transition);
            return Outcome::Processed;
        };
        if held.record().customer_id != snapshot.customer_id {
            return Outcome::Parked(ParkReason::CustomerMismatch);
        }
        let object = RefreshObject::Subscription(snapshot.id.clone());
        let was_stub = held.is_stub();
        match held.apply(snapshot, news, as_of, now) {
            SubscriptionVerdict::Changed(mut transition) => {
                transition.event_id = Some(event_id.clone());
                self.transitions.push(transition);
                self.mark_changed(snapshot.id.clone());
                if was_stub {
                    self.answered_stubs.push(object);
                }
            }
            SubscriptionVerdict::Confirmed => self.mark_changed(snapshot.id.clone()),
            SubscriptionVerdict::Ignored => {}
            SubscriptionVerdict::Doubtful => {
                self.refreshes.push(RefreshRequest::new(object, RefreshReason::Doubt, now));
            }
        }
        Outcome::Processed
    }
}
