//! One timeline for the person who answers the customer: what was clicked, what Stripe said and when, what changed and why.

mod subject;
mod timeline;

pub use subject::Subject;
pub use timeline::{Entry, What};

use std::collections::BTreeSet;

use crate::history::PastEvent;
use crate::ids::EventId;
use crate::payment::Payment;
use crate::ports::{History, Store, StoreError};
use crate::subscription::Subscription;

/// How many rows of each kind are looked at: what a person can read.
const ROWS_MAX: u32 = 200;

/// What is known of a subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Story {
    /// The payments in it as they are now.
    pub payments: Vec<Payment>,
    /// The subscriptions in it as they are now.
    pub subscriptions: Vec<Subscription>,
    /// What happened, the oldest first.
    pub entries: Vec<Entry>,
}

/// Puts together what is known of a subject; `None` when nothing is.
///
/// # Errors
///
/// [`StoreError`] when the database does not answer.
pub async fn explain(store: &dyn Store, history: &dyn History, subject: &Subject) -> Result<Option<Story>, StoreError> {
    let mut cast = Cast::default();
    cast.find(store, history, subject).await?;
    if cast.payments.is_empty() && cast.subscriptions.is_empty() && cast.event.is_none() {
        return Ok(None);
    }
    let objects = cast.objects();
    let transitions = history.list_transitions(&objects, ROWS_MAX).await?;
    let asked_for = cast.event.iter().map(|event| event.id.clone());
    let named: BTreeSet<EventId> = transitions.iter().filter_map(|it| it.event_id.clone()).chain(asked_for).collect();
    let named: Vec<EventId> = named.into_iter().collect();
    let events = history.list_events_about(&objects, &named, ROWS_MAX).await?;
    let waiting = history.list_waiting_refreshes(&objects).await?;
    let entries = timeline::entries(&cast.payments, &events, &transitions, &waiting);
    Ok(Some(Story { payments: cast.payments, subscriptions: cast.subscriptions, entries }))
}

/// Who plays in a story.
#[derive(Default)]
struct Cast {
    payments: Vec<Payment>,
    subscriptions: Vec<Subscription>,
    event: Option<PastEvent>,
}

impl Cast {
    async fn find(&mut self, store: &dyn Store, history: &dyn History, subject: &Subject) -> Result<(), StoreError> {
        match subject {
            Subject::Payment(id) => self.payments.extend(store.find_payment(*id).await?),
            Subject::Session(id) => self.payments.extend(store.find_payment_by_session(id).await?),
            Subject::Subscription(id) => {
                self.subscriptions.extend(store.find_subscription(id).await?);
                self.payments.extend(history.find_payment_of_subscription(id).await?);
            }
            Subject::User(id) => {
                self.payments.extend(history.list_user_payments(id, ROWS_MAX).await?);
                self.subscriptions.extend(store.list_user_subscriptions(id, None, ROWS_MAX).await?);
            }
            Subject::Event(id) => self.find_event(store, history, id).await?,
        }
        self.find_subscriptions_of_payments(store).await
    }

    async fn find_event(&mut self, store: &dyn Store, history: &dyn History, id: &EventId) -> Result<(), StoreError> {
        let Some(event) = history.find_event(id).await? else { return Ok(()) };
        match event.object_id.as_deref().map(str::parse) {
            Some(Ok(Subject::Session(id))) => self.payments.extend(store.find_payment_by_session(&id).await?),
            Some(Ok(Subject::Subscription(id))) => self.subscriptions.extend(store.find_subscription(&id).await?),
            Some(Ok(Subject::Payment(_) | Subject::Event(_) | Subject::User(_)) | Err(_)) | None => {}
        }
        self.event = Some(event);
        Ok(())
    }

    async fn find_subscriptions_of_payments(&mut self, store: &dyn Store) -> Result<(), StoreError> {
        for payment in &self.payments {
            let Some(id) = &payment.record().subscription_id else { continue };
            if !self.subscriptions.iter().any(|held| held.id() == id) {
                self.subscriptions.extend(store.find_subscription(id).await?);
            }
        }
        Ok(())
    }

    /// The ids under which the past knows them.
    fn objects(&self) -> Vec<String> {
        let mut objects: BTreeSet<String> = self.event.iter().filter_map(|event| event.object_id.clone()).collect();
        for payment in &self.payments {
            let row = payment.record();
            objects.insert(row.id.to_string());
            objects.extend(row.session_id.as_ref().map(ToString::to_string));
            objects.extend(row.subscription_id.as_ref().map(ToString::to_string));
            objects.extend(row.invoice_id.as_ref().map(ToString::to_string));
        }
        objects.extend(self.subscriptions.iter().map(|held| held.id().to_string()));
        objects.into_iter().collect()
    }
}

#[cfg(test)]
mod tests;
