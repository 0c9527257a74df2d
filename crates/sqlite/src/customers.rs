use async_trait::async_trait;
use serde::Serialize;
use settled_domain::customer::Customer;
use settled_domain::ids::{CustomerId, CustomerKey, UserId};
use settled_domain::ports::{CustomerRepo, StoreError};

use crate::error::{damaged, json, store_error};
use crate::time_column::{from_micros, to_micros};
use crate::unit_of_work::SqliteUnitOfWork;

struct CustomerRow {
    key: String,
    user_id: String,
    customer_id: Option<String>,
    deleted_at: Option<i64>,
}

impl TryFrom<CustomerRow> for Customer {
    type Error = StoreError;

    fn try_from(row: CustomerRow) -> Result<Self, StoreError> {
        Ok(Self {
            key: row.key.parse().map_err(damaged)?,
            user_id: UserId::new(row.user_id).map_err(damaged)?,
            customer_id: row.customer_id.map(CustomerId::new).transpose().map_err(damaged)?,
            deleted_at: row.deleted_at.map(from_micros).transpose()?,
        })
    }
}

#[derive(Serialize)]
struct DeletedRow {
    key: String,
    deleted_at: Option<i64>,
}

#[async_trait]
impl CustomerRepo for SqliteUnitOfWork {
    async fn find_or_insert_customer(&mut self, user_id: &UserId, key: CustomerKey) -> Result<Customer, StoreError> {
        let (key, user_id) = (key.to_string(), user_id.as_str());
        sqlx::query!(
            "INSERT INTO customers (key, user_id)
             VALUES (?, ?)
             ON CONFLICT (user_id) WHERE deleted_at IS NULL DO NOTHING",
            key,
            user_id,
        )
        .execute(&mut *self.transaction)
        .await
        .map_err(store_error)?;
        sqlx::query_as!(
            CustomerRow,
            "SELECT key, user_id, customer_id, deleted_at
             FROM customers
             WHERE user_id = ? AND deleted_at IS NULL",
            user_id,
        )
        .fetch_one(&mut *self.transaction)
        .await
        .map_err(store_error)?
        .try_into()
    }

    async fn save_customer_id(&mut self, key: CustomerKey, id: &CustomerId) -> Result<CustomerId, StoreError> {
        let (key, id) = (key.to_string(), id.as_str());
        let stored = sqlx::query_scalar!(
            r#"UPDATE customers
               SET customer_id = coalesce(customer_id, ?)
               WHERE key = ?
               RETURNING customer_id AS "customer_id!: String""#,
            id,
            key,
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
        let ids = json(ids)?;
        let rows = sqlx::query_as!(
            CustomerRow,
            "SELECT key, user_id, customer_id, deleted_at
             FROM customers
             WHERE customer_id IN (SELECT value FROM json_each(?))
             ORDER BY customer_id",
            ids,
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
        let row = |it: &Customer| DeletedRow { key: it.key.to_string(), deleted_at: it.deleted_at.map(to_micros) };
        let rows: Vec<DeletedRow> = customers.iter().map(row).collect();
        let rows = json(&rows)?;
        sqlx::query!(
            "UPDATE customers
             SET deleted_at = min(coalesce(deleted_at, new.value ->> 'deleted_at'), new.value ->> 'deleted_at')
             FROM json_each(?) AS new
             WHERE customers.key = new.value ->> 'key' AND new.value ->> 'deleted_at' IS NOT NULL",
            rows,
        )
        .execute(&mut *self.transaction)
        .await
        .map_err(store_error)?;
        Ok(())
    }
}
