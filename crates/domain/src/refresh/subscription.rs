use super::{RefreshError, Refreshed, cause_of, end, finish};
use crate::ids::SubscriptionId;
use crate::ports::{Answer, StoreError, UnitOfWork};
use crate::refresh_request::ClaimedRefresh;
use crate::settled::Ports;
use crate::subscription::{News, Subscription, SubscriptionSnapshot};

/// Asks for a subscription, also for one that we don't hold: it is ours if its customer is.
pub(super) async fn refresh_subscription(
    ports: &Ports,
    claimed: &ClaimedRefresh,
    id: &SubscriptionId,
) -> Result<Refreshed, RefreshError> {
    let seen = ports.store.find_subscription(id).await?;
    if seen.as_ref().is_some_and(|row| is_answered(row, claimed)) {
        return finish(ports, claimed).await;
    }
    let Some(answer) = ports.gateway.fetch_subscription(id).await? else {
        tracing::warn!(subscription_id = %id, "stripe does not know this subscription");
        return leave(ports, claimed, seen).await;
    };
    if seen.as_ref().is_some_and(|row| row.record().customer_id != answer.object.customer_id) {
        tracing::error!(subscription_id = %id, "stripe's answer belongs to another customer; nothing was written");
        return leave(ports, claimed, seen).await;
    }
    if let Some(wait) = seen.as_ref().and_then(|row| row.distrusts(&answer.object, answer.as_of)) {
        return Ok(Refreshed::TooFresh(wait));
    }
    let mut work = ports.store.begin().await?;
    let seen = seen.as_ref().map_or(0, Subscription::version);
    let written = take_answer(work.as_mut(), seen, &answer, claimed, ports).await?;
    end(ports, work, claimed, written).await
}

/// Leaves the row as it is, but for the note that Stripe was asked: else the sweep would ask again in every round.
async fn leave(ports: &Ports, claimed: &ClaimedRefresh, seen: Option<Subscription>) -> Result<Refreshed, RefreshError> {
    let Some(seen) = seen else { return finish(ports, claimed).await };
    let mut work = ports.store.begin().await?;
    let mut held = work.subscriptions().find_subscriptions_for_update(std::slice::from_ref(seen.id())).await?;
    let is_same = held.first().is_some_and(|row| row.version() == seen.version());
    if is_same {
        for row in &mut held {
            row.asked_in_vain(ports.clock.now());
        }
        work.subscriptions().update_subscription_statuses(&held).await?;
    }
    end(ports, work, claimed, is_same).await
}

/// A snapshot has come that makes the question needless.
fn is_answered(row: &Subscription, claimed: &ClaimedRefresh) -> bool {
    !row.is_stub() && claimed.answered_from.is_some_and(|second| row.record().as_of >= second)
}

/// Writes the answer, unless the row has changed since the question, when it was at version `seen` (0: absent).
async fn take_answer(
    work: &mut dyn UnitOfWork,
    seen: i64,
    answer: &Answer<SubscriptionSnapshot>,
    claimed: &ClaimedRefresh,
    ports: &Ports,
) -> Result<bool, StoreError> {
    let (cause, now) = (cause_of(claimed), ports.clock.now());
    let snapshot = &answer.object;
    let customers = work.customers().find_customers(std::slice::from_ref(&snapshot.customer_id)).await?;
    let customer = customers.first();
    let mut held = work.subscriptions().find_subscriptions_for_update(std::slice::from_ref(&snapshot.id)).await?;
    if held.first().map_or(0, Subscription::version) != seen {
        return Ok(false);
    }
    let is_new = held.is_empty();
    let mut transitions = Vec::new();
    match (held.first_mut(), customer) {
        (Some(row), _) => transitions.extend(row.refresh(snapshot, answer.as_of, cause, now)),
        (None, Some(customer)) => {
            let user_id = customer.user_id.clone();
            let (row, transition) = Subscription::first(snapshot, user_id, News::Updated, answer.as_of, cause, now);
            held.push(row);
            transitions.push(transition);
        }
        (None, None) => {
            tracing::debug!(subscription_id = %snapshot.id, "the subscription is not ours");
            return Ok(true);
        }
    }
    if let (Some(row), Some(second)) = (held.first_mut(), customer.and_then(|customer| customer.deleted_at)) {
        transitions.extend(row.end_with_customer(second, cause, now));
    }
    if is_new {
        work.subscriptions().create_subscription_records(&held).await?;
    } else {
        work.subscriptions().update_subscription_statuses(&held).await?;
    }
    work.transitions().record_transitions(&transitions).await?;
    Ok(true)
}
