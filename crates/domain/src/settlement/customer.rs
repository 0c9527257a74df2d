use time::{Duration, OffsetDateTime};

use super::{IgnoreReason, Outcome, Settlement};
use crate::event::WebhookEvent;
use crate::ids::{CustomerId, SubscriptionId};
use crate::refresh_request::{RefreshObject, RefreshReason, RefreshRequest};

/// How long the last news of a deleted customer's subscriptions may take.
const ENDING_PATIENCE: Duration = Duration::MINUTE;

impl Settlement {
    /// A deleted customer's subscriptions have ended. One that another transaction is storing at this moment is not seen
    /// here, so the customer is looked at once more when it must have committed.
    pub(super) fn take_deleted_customer(
        &mut self,
        event: &WebhookEvent,
        id: &CustomerId,
        now: OffsetDateTime,
    ) -> Outcome {
        let Some(customer) = self.customers.get_mut(id) else {
            return Outcome::Ignored(IgnoreReason::NotOurs);
        };
        if customer.delete(event.created) {
            self.customers.mark_changed(id.clone());
        }
        let theirs = self.subscriptions.iter().filter(|held| held.record().customer_id == *id);
        let theirs: Vec<SubscriptionId> = theirs.map(|held| held.id().clone()).collect();
        for subscription_id in theirs {
            self.end_if_its_customer_is_deleted(event, &subscription_id, now);
        }
        let object = RefreshObject::Customer(id.clone());
        self.refreshes.push(RefreshRequest::new(object, RefreshReason::CustomerDeleted, now + ENDING_PATIENCE));
        Outcome::Processed
    }

    /// Late news do not resurrect it. What its last snapshot would have said is asked for, should it not come.
    pub(super) fn end_if_its_customer_is_deleted(
        &mut self,
        event: &WebhookEvent,
        id: &SubscriptionId,
        now: OffsetDateTime,
    ) {
        let Some(held) = self.subscriptions.get_mut(id) else { return };
        let deleted_at = self.customers.get(&held.record().customer_id).and_then(|customer| customer.deleted_at);
        let Some(transition) = deleted_at.and_then(|second| held.end_with_customer(second, event.source.cause(), now))
        else {
            return;
        };
        self.subscriptions.mark_changed(id.clone());
        self.record(transition, event);
        let object = RefreshObject::Subscription(id.clone());
        self.refreshes.push(RefreshRequest::new(object, RefreshReason::CustomerDeleted, now + ENDING_PATIENCE));
    }
}
