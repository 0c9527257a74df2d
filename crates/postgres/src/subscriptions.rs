mod row;

use async_trait::async_trait;
use settled_domain::catalogue::Slot;
use settled_domain::ids::{CustomerId, PriceId, SubscriptionId, UserId};
use settled_domain::ports::{StoreError, SubscriptionRepo};
use settled_domain::subscription::{Subscription, SubscriptionRecord};
use sqlx::PgPool;

use self::row::SubscriptionRow;
use crate::columns::each;
use crate::error::{all_or_conflict, store_error};
use crate::unit_of_work::PgUnitOfWork;

macro_rules! select_subscriptions {
    ($clause:literal, $($argument:expr),+ $(,)?) => {
        sqlx::query_as!(
            SubscriptionRow,
            "SELECT
                 id, user_id, customer_id, slot, price_id, quantity, status, status_since, current_period_end,
                 cancel_at_period_end, cancel_at, trial_end, as_of, from_created, checked_at, version
             FROM subscriptions
             " + $clause,
            $($argument),+
        )
    };
}

#[async_trait]
impl SubscriptionRepo for PgUnitOfWork {
    async fn find_subscriptions_for_update(&mut self, ids: &[SubscriptionId]) -> Result<Vec<Subscription>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let ids = each(ids, |id| id.as_str().to_owned());
        let rows = select_subscriptions!("WHERE id = ANY($1) ORDER BY id FOR UPDATE", &ids)
            .fetch_all(&mut *self.transaction)
            .await
            .map_err(store_error)?;
        rows.into_iter().map(Subscription::try_from).collect()
    }

    async fn find_live_subscriptions_of_customers_for_update(
        &mut self,
        customers: &[CustomerId],
    ) -> Result<Vec<Subscription>, StoreError> {
        if customers.is_empty() {
            return Ok(Vec::new());
        }
        let customers = each(customers, |id| id.as_str().to_owned());
        let rows = select_subscriptions!(
            "WHERE customer_id = ANY($1) AND status NOT IN ('canceled', 'incomplete_expired')
             ORDER BY id
             FOR UPDATE",
            &customers,
        )
        .fetch_all(&mut *self.transaction)
        .await
        .map_err(store_error)?;
        rows.into_iter().map(Subscription::try_from).collect()
    }

    async fn find_live_subscription(
        &mut self,
        user_id: &UserId,
        slot: &Slot,
    ) -> Result<Option<Subscription>, StoreError> {
        let row = select_subscriptions!(
            "WHERE user_id = $1 AND slot = $2 AND status NOT IN ('canceled', 'incomplete_expired')
             ORDER BY as_of DESC, id
             LIMIT 1",
            user_id.as_str(),
            slot.as_str(),
        )
        .fetch_optional(&mut *self.transaction)
        .await
        .map_err(store_error)?;
        row.map(Subscription::try_from).transpose()
    }

    async fn has_had_subscription(&mut self, user_id: &UserId, slot: &Slot) -> Result<bool, StoreError> {
        let found = sqlx::query_scalar!(
            r#"SELECT EXISTS (SELECT FROM subscriptions WHERE user_id = $1 AND slot = $2) AS "found!""#,
            user_id.as_str(),
            slot.as_str(),
        )
        .fetch_one(&mut *self.transaction)
        .await;
        found.map_err(store_error)
    }

    async fn create_subscription_records(&mut self, subscriptions: &[Subscription]) -> Result<(), StoreError> {
        if subscriptions.is_empty() {
            return Ok(());
        }
        let rows = records(subscriptions);
        let inserted = sqlx::query!(
            r#"INSERT INTO subscriptions (
                   id, user_id, customer_id, slot, price_id, quantity, status, status_since, current_period_end,
                   cancel_at_period_end, cancel_at, trial_end, as_of, from_created, checked_at, version
               )
               SELECT *
               FROM UNNEST(
                   $1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[],
                   $8::timestamptz[], $9::timestamptz[], $10::boolean[], $11::timestamptz[], $12::timestamptz[],
                   $13::timestamptz[], $14::boolean[], $15::timestamptz[], $16::bigint[]
               ) AS new (
                   id, user_id, customer_id, slot, price_id, quantity, status, status_since, current_period_end,
                   cancel_at_period_end, cancel_at, trial_end, as_of, from_created, checked_at, version
               )
               ORDER BY id COLLATE "C"
               ON CONFLICT (id) DO NOTHING"#,
            each(&rows, |row| row.id.as_str()) as _,
            each(&rows, |row| row.user_id.as_str()) as _,
            each(&rows, |row| row.customer_id.as_str()) as _,
            each(&rows, |row| row.slot.as_str()) as _,
            each(&rows, |row| row.price_id.as_str()) as _,
            each(&rows, |row| i64::from(row.quantity)) as _,
            each(&rows, |row| row.status.as_str()) as _,
            each(&rows, |row| row.status_since) as _,
            each(&rows, |row| row.current_period_end) as _,
            each(&rows, |row| row.cancel_at_period_end) as _,
            each(&rows, |row| row.cancel_at) as _,
            each(&rows, |row| row.trial_end) as _,
            each(&rows, |row| row.as_of) as _,
            each(&rows, |row| row.from_created) as _,
            each(&rows, |row| row.checked_at) as _,
            each(&rows, |row| row.version) as _,
        )
        .execute(&mut *self.transaction)
        .await
        .map_err(store_error)?
        .rows_affected();
        all_or_conflict(inserted, subscriptions.len(), "the subscription exists already")
    }

    async fn update_subscription_statuses(&mut self, subscriptions: &[Subscription]) -> Result<(), StoreError> {
        if subscriptions.is_empty() {
            return Ok(());
        }
        let rows = records(subscriptions);
        let updated = sqlx::query!(
            "UPDATE subscriptions
             SET
                 price_id = new.price_id,
                 quantity = new.quantity,
                 status = new.status,
                 status_since = new.status_since,
                 current_period_end = new.current_period_end,
                 cancel_at_period_end = new.cancel_at_period_end,
                 cancel_at = new.cancel_at,
                 trial_end = new.trial_end,
                 as_of = new.as_of,
                 from_created = new.from_created,
                 checked_at = new.checked_at,
                 version = new.version
             FROM UNNEST(
                 $1::text[], $2::text[], $3::bigint[], $4::text[], $5::timestamptz[], $6::timestamptz[],
                 $7::boolean[], $8::timestamptz[], $9::timestamptz[], $10::timestamptz[], $11::boolean[],
                 $12::timestamptz[], $13::bigint[]
             ) AS new (
                 id, price_id, quantity, status, status_since, current_period_end, cancel_at_period_end, cancel_at,
                 trial_end, as_of, from_created, checked_at, version
             )
             WHERE subscriptions.id = new.id AND subscriptions.version < new.version",
            each(&rows, |row| row.id.as_str()) as _,
            each(&rows, |row| row.price_id.as_str()) as _,
            each(&rows, |row| i64::from(row.quantity)) as _,
            each(&rows, |row| row.status.as_str()) as _,
            each(&rows, |row| row.status_since) as _,
            each(&rows, |row| row.current_period_end) as _,
            each(&rows, |row| row.cancel_at_period_end) as _,
            each(&rows, |row| row.cancel_at) as _,
            each(&rows, |row| row.trial_end) as _,
            each(&rows, |row| row.as_of) as _,
            each(&rows, |row| row.from_created) as _,
            each(&rows, |row| row.checked_at) as _,
            each(&rows, |row| row.version) as _,
        )
        .execute(&mut *self.transaction)
        .await
        .map_err(store_error)?
        .rows_affected();
        all_or_conflict(updated, subscriptions.len(), "a subscription is gone or newer than what was to be written")
    }
}

fn records(subscriptions: &[Subscription]) -> Vec<&SubscriptionRecord> {
    each(subscriptions, Subscription::record)
}

pub(crate) async fn find_by_id(pool: &PgPool, id: &SubscriptionId) -> Result<Option<Subscription>, StoreError> {
    let row = select_subscriptions!("WHERE id = $1", id.as_str()).fetch_optional(pool).await.map_err(store_error)?;
    row.map(Subscription::try_from).transpose()
}

pub(crate) async fn list_of_user(
    pool: &PgPool,
    user_id: &UserId,
    price_id: Option<&PriceId>,
    limit: u32,
) -> Result<Vec<Subscription>, StoreError> {
    let rows = select_subscriptions!(
        "WHERE user_id = $1 AND ($2::text IS NULL OR price_id = $2)
         ORDER BY status IN ('canceled', 'incomplete_expired'), as_of DESC, id
         LIMIT $3",
        user_id.as_str(),
        price_id.map(PriceId::as_str),
        i64::from(limit),
    )
    .fetch_all(pool)
    .await
    .map_err(store_error)?;
    rows.into_iter().map(Subscription::try_from).collect()
}
