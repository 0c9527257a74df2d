use super::CheckoutError;
use super::create::unusable;
use crate::ids::{CustomerId, CustomerKey, UserId};
use crate::settled::Ports;

/// The user's Stripe customer. Our row comes first and its key is the idempotency key of Stripe's call, so that a user
/// never gets two; the id is committed before any session is made, so that a webhook always finds the owner.
pub(super) async fn ensure(ports: &Ports, user_id: &UserId) -> Result<CustomerId, CheckoutError> {
    let mut work = ports.store.begin().await?;
    let key = CustomerKey::from_uuid(ports.ids.new_uuid());
    let customer = work.customers().find_or_insert_customer(user_id, key).await?;
    if let Some(customer_id) = customer.customer_id {
        work.rollback().await?;
        return Ok(customer_id);
    }
    work.commit().await?;
    let created = ports.gateway.find_or_create_customer(customer.key, user_id).await.map_err(unusable)?;
    let mut work = ports.store.begin().await?;
    let customer_id = work.customers().save_customer_id(customer.key, &created).await?;
    work.commit().await?;
    Ok(customer_id)
}
