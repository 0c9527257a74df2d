//! The nine repositories, all implemented by the one transaction.

mod money;
mod payments;
mod refreshes;
mod subscriptions;

use async_trait::async_trait;
use settled_domain::customer::Customer;
use settled_domain::event::EventSource;
use settled_domain::ids::{CustomerId, CustomerKey, EventId, UserId};
use settled_domain::ports::{
    Claim, ClaimedWebhook, CustomerRepo, ParkedWebhook, StoreError, TransitionLog, WebhookLedger, WebhookOutcome,
};
use settled_domain::transition::Transition;
use time::OffsetDateTime;

use super::{Work, conflict};

#[async_trait]
impl WebhookLedger for Work {
    async fn is_webhook_processed(&mut self, id: &EventId) -> Result<bool, StoreError> {
        Ok(self.draft.webhooks.contains_key(id))
    }

    async fn mark_webhooks_processed(&mut self, webhooks: &[ClaimedWebhook]) -> Result<Vec<Claim>, StoreError> {
        let claim =
            |webhook: &ClaimedWebhook| match self.draft.webhooks.insert(webhook.id.clone(), (webhook.clone(), None)) {
                None => Claim::Fresh,
                Some(before) => {
                    self.draft.webhooks.insert(webhook.id.clone(), before);
                    Claim::Duplicate
                }
            };
        Ok(webhooks.iter().map(claim).collect())
    }

    async fn record_webhook_outcomes(&mut self, outcomes: &[WebhookOutcome]) -> Result<(), StoreError> {
        for outcome in outcomes {
            let row = self.draft.webhooks.get_mut(&outcome.id).ok_or_else(|| conflict("no such event"))?;
            row.1 = Some(outcome.clone());
        }
        Ok(())
    }

    async fn note_late_webhooks(&mut self, ids: &[EventId], _: OffsetDateTime) -> Result<Vec<EventId>, StoreError> {
        let mut late = Vec::new();
        for id in ids {
            if let Some((row, _)) = self.draft.webhooks.get_mut(id).filter(|(row, _)| row.source == EventSource::Sweep)
            {
                row.source = EventSource::Webhook;
                late.push(id.clone());
            }
        }
        Ok(late)
    }

    async fn find_parked_webhook_for_update(&mut self, id: &EventId) -> Result<Option<ParkedWebhook>, StoreError> {
        let parked = self.draft.webhooks.get(id).and_then(|(row, outcome)| {
            let payload = outcome.as_ref()?.payload.clone()?;
            Some(ParkedWebhook { received_at: row.received_at, source: row.source, payload })
        });
        Ok(parked)
    }

    async fn record_replay(&mut self, outcome: &WebhookOutcome, _: OffsetDateTime) -> Result<(), StoreError> {
        self.record_webhook_outcomes(std::slice::from_ref(outcome)).await
    }
}

#[async_trait]
impl CustomerRepo for Work {
    async fn find_or_insert_customer(&mut self, user_id: &UserId, key: CustomerKey) -> Result<Customer, StoreError> {
        if let Some(held) =
            self.draft.customers.values().find(|held| held.user_id == *user_id && held.deleted_at.is_none())
        {
            return Ok(held.clone());
        }
        let customer = Customer { key, user_id: user_id.clone(), customer_id: None, deleted_at: None };
        self.draft.customers.insert(key, customer.clone());
        Ok(customer)
    }

    async fn save_customer_id(&mut self, key: CustomerKey, id: &CustomerId) -> Result<CustomerId, StoreError> {
        let held = self.draft.customers.get_mut(&key).ok_or_else(|| conflict("no such customer"))?;
        Ok(held.customer_id.get_or_insert_with(|| id.clone()).clone())
    }

    async fn find_customers(&mut self, ids: &[CustomerId]) -> Result<Vec<Customer>, StoreError> {
        let is_wanted = |held: &&Customer| held.customer_id.as_ref().is_some_and(|id| ids.contains(id));
        let mut found: Vec<Customer> = self.draft.customers.values().filter(is_wanted).cloned().collect();
        found.sort_by(|a, b| a.customer_id.cmp(&b.customer_id));
        Ok(found)
    }

    async fn mark_customers_deleted(&mut self, customers: &[Customer]) -> Result<(), StoreError> {
        for customer in customers {
            let held = self.draft.customers.get_mut(&customer.key);
            if let Some((held, second)) = held.zip(customer.deleted_at) {
                held.delete(second);
            }
        }
        Ok(())
    }
}

#[async_trait]
impl TransitionLog for Work {
    async fn record_transitions(&mut self, transitions: &[Transition]) -> Result<(), StoreError> {
        for transition in transitions {
            let key = (transition.object_id.clone(), transition.version);
            if self.draft.transitions.insert(key, transition.clone()).is_some() {
                return Err(conflict("this change is recorded already"));
            }
        }
        Ok(())
    }
}
