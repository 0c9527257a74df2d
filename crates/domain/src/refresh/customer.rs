use time::OffsetDateTime;

use super::{RefreshError, Refreshed, cause_of, end, finish};
use crate::customer::{Customer, CustomerState};
use crate::ids::CustomerId;
use crate::ports::{StoreError, UnitOfWork};
use crate::refresh_request::{ClaimedRefresh, RefreshObject, RefreshReason, RefreshRequest};
use crate::settled::Ports;
use crate::transition::Cause;

/// Sees to the end of a deleted customer's subscriptions. Whether it was deleted is only asked when we don't know: nothing
/// undoes it.
pub(super) async fn refresh_customer(
    ports: &Ports,
    claimed: &ClaimedRefresh,
    id: &CustomerId,
) -> Result<Refreshed, RefreshError> {
    let Some(mut customer) = find(ports, id).await? else {
        tracing::debug!(customer_id = %id, "the customer is not ours");
        return finish(ports, claimed).await;
    };
    if customer.deleted_at.is_none() {
        match ports.gateway.fetch_customer(id).await? {
            Some(answer) if answer.object == CustomerState::Deleted => {
                customer.delete(answer.as_of);
            }
            Some(_) => return finish(ports, claimed).await,
            None => {
                tracing::warn!(customer_id = %id, "stripe does not know this customer");
                return finish(ports, claimed).await;
            }
        }
    }
    let mut work = ports.store.begin().await?;
    end_subscriptions(work.as_mut(), &customer, cause_of(claimed), ports.clock.now()).await?;
    end(ports, work, claimed, true).await
}

async fn find(ports: &Ports, id: &CustomerId) -> Result<Option<Customer>, StoreError> {
    let mut work = ports.store.begin().await?;
    let found = work.customers().find_customers(std::slice::from_ref(id)).await?;
    work.rollback().await?;
    Ok(found.into_iter().next())
}

async fn end_subscriptions(
    work: &mut dyn UnitOfWork,
    customer: &Customer,
    cause: Cause,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    let (Some(id), Some(second)) = (&customer.customer_id, customer.deleted_at) else { return Ok(()) };
    work.customers().mark_customers_deleted(std::slice::from_ref(customer)).await?;
    let live = work.subscriptions().find_live_subscriptions_of_customers_for_update(std::slice::from_ref(id)).await?;
    let mut ended = Vec::new();
    let mut transitions = Vec::new();
    let mut wishes = Vec::new();
    for mut row in live {
        let Some(transition) = row.end_with_customer(second, cause, now) else { continue };
        let object = RefreshObject::Subscription(row.id().clone());
        wishes.push(RefreshRequest::new(object, RefreshReason::CustomerDeleted, now));
        transitions.push(transition);
        ended.push(row);
    }
    work.subscriptions().update_subscription_statuses(&ended).await?;
    work.refreshes().request_refreshes(&wishes).await?;
    work.transitions().record_transitions(&transitions).await
}
