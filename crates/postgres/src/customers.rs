use async_trait::async_trait;
use settled_domain::customer::Customer;
use settled_domain::ids::{CustomerId, CustomerKey, UserId};
use settled_domain::ports::{CustomerRepo, StoreError};
use sqlx::types::Uuid;
use time::OffsetDateTime;

use crate::columns::each;
use crate::error::{damaged, store_error};
use crate::unit_of_work::PgUnitOfWork;

struct CustomerRow {
    key: Uuid,
    user_id: String,
    customer_id: Option<String>,
    deleted_at: Option<OffsetDateTime>,
}

impl TryFrom<CustomerRow> for Customer {
    type Error = StoreError;

    fn try_from(row: CustomerRow) -> Result<Self, StoreError> {
        Ok(Self {
            key: CustomerKey::from_uuid(row.key),
            user_id: UserId::new(row.user_id).map_err(damaged)?,
            customer_id: row.customer_id.map(CustomerId::new).transpose().map_err(damaged)?,
            deleted_at: row.deleted_at,
        })
    }
}

#[async_trait]
impl CustomerRepo for PgUnitOfWork {
    async fn find_or_insert_customer(&mut self, user_id: &UserId, key: CustomerKey) -> Result<Customer, StoreError> {
        sqlx::query!(
            "INSERT INTO customers (key, user_id)
             VALUES ($1, $2)
             ON CONFLICT (user_id) WHERE deleted_at IS NULL DO NOTHING",
            key.as_uuid(),
            user_id.as_str(),
        )
        .execute(&mut *self.transaction)
        .await
        .map_err(store_error)?;
        sqlx::query_as!(
            CustomerRow,
            "SELECT key, user_id, customer_id, deleted_at
             FROM customers
             WHERE user_id = $1 AND deleted_at IS NULL",
            user_id.as_str(),
        )
        .fetch_one(&mut *self.transaction)
        .await
        .map_err(store_error)?
        .try_into()
    }

    async fn save_customer_id(&mut self, key: CustomerKey, id: &CustomerId) -> Result<CustomerId, StoreError> {
        let stored = sqlx::query_scalar!(
            r#"UPDATE customers
               SET customer_id = coalesce(customer_id, $1)
               WHERE key = $2
               RETURNING customer_id AS "customer_id!""#,
            id.as_str(),
            key.as_uuid(),
        )
        .fetch_optional(&mut *self.transaction)
        .await
        .map_err(store_error)?
        .ok_or_else(|| StoreError::Conflict("there is no such customer".into()))?;
        CustomerId::new(stored).map_err(damaged)
    }

    async fn find_customers(&mut self, ids: &[CustomerId]) -> Result<Vec<Customer>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let rows = sqlx::query_as!(
            CustomerRow,
            "SELECT key, user_id, customer_id, deleted_at
             FROM customers
             WHERE customer_id = ANY($1)
             ORDER BY customer_id",
            each(ids, CustomerId::as_str) as _,
        )
        .fetch_all(&mut *self.transaction)
        .await
        .map_err(store_error)?;
        rows.into_iter().map(Customer::try_from).collect()
    }

    async fn mark_customers_deleted(&mut self, customers: &[Customer]) -> Result<(), StoreError> {
        if customers.is_empty() {
            return Ok(());
        }
        sqlx::query!(
            "UPDATE customers
             SET deleted_at = least(customers.deleted_at, new.deleted_at)
             FROM UNNEST($1::uuid[], $2::timestamptz[]) AS new (key, deleted_at)
             WHERE customers.key = new.key",
            each(customers, |it| it.key.as_uuid()) as _,
            each(customers, |it| it.deleted_at) as _,
        )
        .execute(&mut *self.transaction)
        .await
        .map_err(store_error)?;
        Ok(())
    }
}
