mod row;

use async_trait::async_trait;
use settled_domain::catalogue::Slot;
use settled_domain::ids::{CustomerId, PriceId, SubscriptionId, UserId};
use settled_domain::ports::{StoreError, SubscriptionRepo};
use settled_domain::subscription::Subscription;
use sqlx::SqlitePool;

use self::row::SubscriptionRow;
use crate::error::{all_or_conflict, json, store_error};
use crate::unit_of_work::SqliteUnitOfWork;

macro_rules! select_subscriptions {
    ($clause:literal, $($argument:expr),+ $(,)?) => {
        sqlx::query_as!(
            SubscriptionRow,
            r#"SELECT
                 id, user_id, customer_id, slot, price_id, quantity, status, status_since, current_period_end,
                 cancel_at_period_end AS "cancel_at_period_end: bool", cancel_at, trial_end, as_of,
                 from_created AS "from_created: bool", checked_at, version
             FROM subscriptions
             "# + $clause,
            $($argument),+
        )
    };
}

#[async_trait]
impl SubscriptionRepo for SqliteUnitOfWork {
    async fn find_subscriptions_for_update(&mut self, ids: &[SubscriptionId]) -> Result<Vec<Subscription>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let ids = json(ids)?;
        let rows = select_subscriptions!("WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id", ids)
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
        let customers = json(customers)?;
        let rows = select_subscriptions!(
            "WHERE customer_id IN (SELECT value FROM json_each(?)) AND status NOT IN ('canceled', 'incomplete_expired')
             ORDER BY id",
            customers,
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
        let (user_id, slot) = (user_id.as_str(), slot.as_str());
        let row = select_subscriptions!(
            "WHERE user_id = ? AND slot = ? AND status NOT IN ('canceled', 'incomplete_expired')
             ORDER BY as_of DESC, id
             LIMIT 1",
            user_id,
            slot,
        )
        .fetch_optional(&mut *self.transaction)
        .await
        .map_err(store_error)?;
        row.map(Subscription::try_from).transpose()
    }

    async fn has_had_subscription(&mut self, user_id: &UserId, slot: &Slot) -> Result<bool, StoreError> {
        let (user_id, slot) = (user_id.as_str(), slot.as_str());
        let found = sqlx::query_scalar!(
            r#"SELECT EXISTS (SELECT 1 FROM subscriptions WHERE user_id = ? AND slot = ?) AS "found!: bool""#,
            user_id,
            slot,
        )
        .fetch_one(&mut *self.transaction)
        .await;
        found.map_err(store_error)
    }

    async fn create_subscription_records(&mut self, subscriptions: &[Subscription]) -> Result<(), StoreError> {
        if subscriptions.is_empty() {
            return Ok(());
        }
        let rows: Vec<SubscriptionRow> = subscriptions.iter().map(SubscriptionRow::from).collect();
        let rows = json(&rows)?;
        let inserted = sqlx::query!(
            "INSERT INTO subscriptions (
                 id, user_id, customer_id, slot, price_id, quantity, status, status_since, current_period_end,
                 cancel_at_period_end, cancel_at, trial_end, as_of, from_created, checked_at, version
             )
             SELECT
                 value ->> 'id',
                 value ->> 'user_id',
                 value ->> 'customer_id',
                 value ->> 'slot',
                 value ->> 'price_id',
                 value ->> 'quantity',
                 value ->> 'status',
                 value ->> 'status_since',
                 value ->> 'current_period_end',
                 value ->> 'cancel_at_period_end',
                 value ->> 'cancel_at',
                 value ->> 'trial_end',
                 value ->> 'as_of',
                 value ->> 'from_created',
                 value ->> 'checked_at',
                 value ->> 'version'
             FROM json_each(?)
             WHERE true
             ON CONFLICT (id) DO NOTHING",
            rows,
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
        let rows: Vec<SubscriptionRow> = subscriptions.iter().map(SubscriptionRow::from).collect();
        let rows = json(&rows)?;
        let updated = sqlx::query!(
            "UPDATE subscriptions
             SET
                 price_id = new.value ->> 'price_id',
                 quantity = new.value ->> 'quantity',
                 status_since = new.value ->> 'status_since',
                 current_period_end = new.value ->> 'current_period_end',
                 cancel_at_period_end = new.value ->> 'cancel_at_period_end',
                 cancel_at = new.value ->> 'cancel_at',
                 trial_end = new.value ->> 'trial_end',
                 as_of = new.value ->> 'as_of',
                 from_created = new.value ->> 'from_created',
                 version = new.value ->> 'version'
             FROM json_each(?) AS new
             WHERE subscriptions.id = new.value ->> 'id' AND subscriptions.version < new.value ->> 'version'",
            rows,
        )
        .execute(&mut *self.transaction)
        .await
        .map_err(store_error)?
        .rows_affected();
        all_or_conflict(updated, subscriptions.len(), "a subscription is gone or newer than what was to be written")?;
        // SQLite writes the entry in an index again when a statement names one of its columns, although the value stays
        // as it is. A renewal leaves these as they are.
        sqlx::query!(
            "UPDATE subscriptions
             SET
                 status = new.value ->> 'status',
                 checked_at = new.value ->> 'checked_at'
             FROM json_each(?) AS new
             WHERE
                 subscriptions.id = new.value ->> 'id'
                 AND (
                     subscriptions.status <> new.value ->> 'status'
                     OR subscriptions.checked_at <> new.value ->> 'checked_at'
                 )",
            rows,
        )
        .execute(&mut *self.transaction)
        .await
        .map_err(store_error)?;
        Ok(())
    }
}

pub(crate) async fn find_by_id(pool: &SqlitePool, id: &SubscriptionId) -> Result<Option<Subscription>, StoreError> {
    let id = id.as_str();
    let row = select_subscriptions!("WHERE id = ?", id).fetch_optional(pool).await.map_err(store_error)?;
    row.map(Subscription::try_from).transpose()
}

pub(crate) async fn list_of_user(
    pool: &SqlitePool,
    user_id: &UserId,
    price_id: Option<&PriceId>,
    limit: u32,
) -> Result<Vec<Subscription>, StoreError> {
    let (user_id, price_id) = (user_id.as_str(), price_id.map(PriceId::as_str));
    let rows = select_subscriptions!(
        "WHERE user_id = ?1 AND (?2 IS NULL OR price_id = ?2)
         ORDER BY status IN ('canceled', 'incomplete_expired'), as_of DESC, id
         LIMIT ?3",
        user_id,
        price_id,
        limit,
    )
    .fetch_all(pool)
    .await
    .map_err(store_error)?;
    rows.into_iter().map(Subscription::try_from).collect()
}
