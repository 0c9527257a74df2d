use async_trait::async_trait;
use settled_domain::catalogue::Slot;
use settled_domain::ids::{CustomerId, SubscriptionId, UserId};
use settled_domain::ports::{StoreError, SubscriptionRepo};
use settled_domain::subscription::Subscription;

use super::super::{Work, conflict};

#[async_trait]
impl SubscriptionRepo for Work {
    async fn find_subscriptions_for_update(&mut self, ids: &[SubscriptionId]) -> Result<Vec<Subscription>, StoreError> {
        Ok(self.draft.subscriptions.values().filter(|held| ids.contains(held.id())).cloned().collect())
    }

    async fn find_live_subscriptions_of_customers_for_update(
        &mut self,
        customers: &[CustomerId],
    ) -> Result<Vec<Subscription>, StoreError> {
        let is_wanted =
            |held: &&Subscription| customers.contains(&held.record().customer_id) && !held.status().is_terminal();
        Ok(self.draft.subscriptions.values().filter(is_wanted).cloned().collect())
    }

    async fn find_live_subscription(
        &mut self,
        user_id: &UserId,
        slot: &Slot,
    ) -> Result<Option<Subscription>, StoreError> {
        let is_live = |held: &&Subscription| {
            held.record().user_id == *user_id && held.record().slot == *slot && !held.status().is_terminal()
        };
        Ok(self.draft.subscriptions.values().find(is_live).cloned())
    }

    async fn has_had_subscription(&mut self, user_id: &UserId, slot: &Slot) -> Result<bool, StoreError> {
        let is_theirs = |held: &Subscription| held.record().user_id == *user_id && held.record().slot == *slot;
        Ok(self.draft.subscriptions.values().any(is_theirs))
    }

    async fn create_subscription_records(&mut self, subscriptions: &[Subscription]) -> Result<(), StoreError> {
        for subscription in subscriptions {
            if self.draft.subscriptions.insert(subscription.id().clone(), subscription.clone()).is_some() {
                return Err(conflict("the subscription is there after all"));
            }
        }
        Ok(())
    }

    async fn update_subscription_statuses(&mut self, subscriptions: &[Subscription]) -> Result<(), StoreError> {
        for subscription in subscriptions {
            match self.draft.subscriptions.get_mut(subscription.id()) {
                Some(held) if held.version() < subscription.version() => *held = subscription.clone(),
                _ => return Err(conflict("no older subscription to replace")),
            }
        }
        Ok(())
    }
}
