use std::collections::{BTreeMap, BTreeSet};

use time::OffsetDateTime;

use super::{Held, Keys, Outcome, Settlement, settle};
use crate::event::{EventSource, WebhookEvent};
use crate::ids::EventId;
use crate::installation::Installation;
use crate::ports::{Claim, ClaimedWebhook, Store, StoreError, UnitOfWork, WebhookOutcome};
use crate::refresh_request::RefreshReason;

/// Commits events in one transaction: claim them, lock and read what they are about, fold, write, commit.
///
/// Returns the outcome of each event, in the order of `events`. An event that is already committed, or that stands in the
/// slice a second time, is [`Outcome::Duplicate`] and has no effect.
///
/// # Errors
///
/// [`StoreError`]: nothing is committed (or, after a failed commit, nobody knows); running the same again is harmless.
///
/// # Cancel safety
///
/// Dropping the future rolls the transaction back, unless the commit was under way.
pub async fn settle_batch(
    store: &dyn Store,
    events: &[WebhookEvent],
    home: &Installation,
    now: OffsetDateTime,
) -> Result<Vec<Outcome>, StoreError> {
    let distinct: BTreeMap<&EventId, &WebhookEvent> = events.iter().rev().map(|event| (&event.id, event)).collect();
    let mut work = store.begin().await?;
    let Claimed { fresh, late } = claim(work.as_mut(), &distinct, now).await?;
    if fresh.is_empty() && late.is_empty() {
        work.rollback().await?;
        return Ok(vec![Outcome::Duplicate; events.len()]);
    }
    let held = read(work.as_mut(), &Keys::of(fresh.iter().copied())).await?;
    let settlement = settle(fresh, held, home, now);
    write(work.as_mut(), &settlement, &distinct).await?;
    work.commit().await?;
    for event_id in late {
        tracing::info!(%event_id, "an event was delivered after the sweep had found it");
    }
    let mut outcomes: BTreeMap<EventId, Outcome> = settlement.outcomes.into_iter().collect();
    Ok(events.iter().map(|event| outcomes.remove(&event.id).unwrap_or(Outcome::Duplicate)).collect())
}

struct Claimed<'a> {
    fresh: Vec<&'a WebhookEvent>,
    /// Delivered only after the sweep had found them.
    late: Vec<EventId>,
}

async fn claim<'a>(
    work: &mut dyn UnitOfWork,
    events: &BTreeMap<&'a EventId, &'a WebhookEvent>,
    now: OffsetDateTime,
) -> Result<Claimed<'a>, StoreError> {
    let rows: Vec<ClaimedWebhook> = events.values().map(|event| ClaimedWebhook::of(event)).collect();
    let claims = work.webhooks().mark_webhooks_processed(&rows).await?;
    let (mut fresh, mut delivered_again) = (Vec::new(), Vec::new());
    for (&event, claim) in events.values().zip(claims) {
        match (claim, event.source) {
            (Claim::Fresh, _) => fresh.push(event),
            (Claim::Duplicate, EventSource::Webhook) => delivered_again.push(event.id.clone()),
            (Claim::Duplicate, EventSource::Sweep) => {}
        }
    }
    let late = work.webhooks().note_late_webhooks(&delivered_again, now).await?;
    Ok(Claimed { fresh, late })
}

pub(super) async fn read(work: &mut dyn UnitOfWork, keys: &Keys) -> Result<Held, StoreError> {
    let customers = work.customers().find_customers(&list(&keys.customers)).await?;
    let mut subscriptions = work.subscriptions().find_subscriptions_for_update(&list(&keys.subscriptions)).await?;
    let deleted = list(&keys.deleted_customers);
    subscriptions.extend(work.subscriptions().find_live_subscriptions_of_customers_for_update(&deleted).await?);
    let (sessions, payments) = (list(&keys.sessions), list(&keys.payments));
    let payments = work.payments().find_payments_for_update(&sessions, &payments).await?;
    let intents = list(&keys.intents);
    Ok(Held {
        customers,
        subscriptions,
        payments,
        payments_of_intents: work.payments().find_payments_of_intents(&intents).await?,
        invoices: work.invoices().find_invoices_for_update(&list(&keys.invoices), &intents).await?,
        refunds: work.refunds().find_refunds_for_update(&list(&keys.refunds), &list(&keys.charges)).await?,
        disputes: work.disputes().find_disputes_for_update(&list(&keys.disputes)).await?,
    })
}

fn list<T: Clone>(keys: &BTreeSet<T>) -> Vec<T> {
    keys.iter().cloned().collect()
}

pub(super) async fn write(
    work: &mut dyn UnitOfWork,
    settlement: &Settlement,
    events: &BTreeMap<&EventId, &WebhookEvent>,
) -> Result<(), StoreError> {
    let special: Vec<WebhookOutcome> = settlement
        .outcomes
        .iter()
        .filter(|(_, outcome)| *outcome != Outcome::Processed)
        .map(|(id, outcome)| WebhookOutcome {
            id: id.clone(),
            outcome: *outcome,
            payload: match outcome {
                Outcome::Parked(_) => events.get(id).map(|event| event.payload.clone()),
                Outcome::Processed | Outcome::Duplicate | Outcome::Ignored(_) => None,
            },
        })
        .collect();
    work.webhooks().record_webhook_outcomes(&special).await?;
    work.customers().mark_customers_deleted(&settlement.deleted_customers()).await?;
    work.subscriptions().create_subscription_records(&settlement.new_subscriptions()).await?;
    work.subscriptions().update_subscription_statuses(&settlement.changed_subscriptions()).await?;
    work.payments().update_payment_statuses(&settlement.changed_payments()).await?;
    work.invoices().create_invoice_records(&settlement.new_invoices()).await?;
    work.invoices().update_invoice_statuses(&settlement.changed_invoices()).await?;
    work.refunds().create_refund_records(&settlement.new_refunds()).await?;
    work.refunds().update_refund_statuses(&settlement.changed_refunds()).await?;
    work.disputes().create_dispute_records(&settlement.new_disputes()).await?;
    work.disputes().update_dispute_statuses(&settlement.changed_disputes()).await?;
    work.refreshes().request_refreshes(&settlement.refreshes).await?;
    work.refreshes().cancel_refreshes(&settlement.answered_stubs, RefreshReason::Stub).await?;
    work.transitions().record_transitions(&settlement.transitions).await
}

/// Parks one event whose effects the database refuses for a reason that will not pass, so that Stripe does not send it
/// again for days and nothing of it is lost.
///
/// # Errors
///
/// [`StoreError`] when not even that can be committed.
pub async fn park_event(
    store: &dyn Store,
    event: &WebhookEvent,
    reason: super::ParkReason,
) -> Result<Outcome, StoreError> {
    let mut work = store.begin().await?;
    let claims = work.webhooks().mark_webhooks_processed(&[ClaimedWebhook::of(event)]).await?;
    if claims.first() != Some(&Claim::Fresh) {
        work.rollback().await?;
        return Ok(Outcome::Duplicate);
    }
    let outcome = Outcome::Parked(reason);
    let row = WebhookOutcome { id: event.id.clone(), outcome, payload: Some(event.payload.clone()) };
    work.webhooks().record_webhook_outcomes(&[row]).await?;
    work.commit().await?;
    Ok(outcome)
}
