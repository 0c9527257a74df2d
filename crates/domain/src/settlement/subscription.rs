use time::OffsetDateTime;

use super::{IgnoreReason, Outcome, ParkReason, Settlement};
use crate::event::WebhookEvent;
use crate::refresh_request::{RefreshObject, RefreshReason, RefreshRequest};
use crate::subscription::{News, Subscription, SubscriptionSnapshot, SubscriptionVerdict};

/// One snapshot and where it came from.
pub(super) struct Arrival<'a> {
    pub event: &'a WebhookEvent,
    pub news: News,
    pub snapshot: &'a SubscriptionSnapshot,
}

impl Settlement {
    pub(super) fn take_snapshot(&mut self, arrival: &Arrival<'_>, now: OffsetDateTime) -> Outcome {
        let Arrival { event, news, snapshot } = *arrival;
        if snapshot.status.is_none() {
            tracing::warn!(subscription_id = %snapshot.id, "a subscription has a status that this version does not know");
        }
        let Some(held) = self.subscriptions.get_mut(&snapshot.id) else {
            let Some(customer) = self.customers.get(&snapshot.customer_id) else {
                return Outcome::Ignored(IgnoreReason::NotOurs);
            };
            let user_id = customer.user_id.clone();
            let (row, transition) =
                Subscription::first(snapshot, user_id, news, event.created, event.source.cause(), now);
            self.record(transition, event);
            self.subscriptions.insert(snapshot.id.clone(), row);
            self.end_if_its_customer_is_deleted(event, &snapshot.id, now);
            return Outcome::Processed;
        };
        if held.record().customer_id != snapshot.customer_id {
            return Outcome::Parked(ParkReason::CustomerMismatch);
        }
        let object = RefreshObject::Subscription(snapshot.id.clone());
        let was_stub = held.is_stub();
        match held.apply(snapshot, news, event.created, now) {
            SubscriptionVerdict::Changed(transition) => {
                self.record(transition, event);
                self.subscriptions.mark_changed(snapshot.id.clone());
                if was_stub {
                    self.answered_stubs.push(object);
                }
            }
            SubscriptionVerdict::Confirmed => self.subscriptions.mark_changed(snapshot.id.clone()),
            SubscriptionVerdict::Ignored => {}
            SubscriptionVerdict::Doubtful => {
                self.refreshes.push(RefreshRequest::new(object, RefreshReason::Doubt, now));
            }
        }
        self.end_if_its_customer_is_deleted(event, &snapshot.id, now);
        Outcome::Processed
    }
}
