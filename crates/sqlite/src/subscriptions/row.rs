use serde::Serialize;
use settled_domain::catalogue::Slot;
use settled_domain::ids::{CustomerId, PriceId, SubscriptionId, UserId};
use settled_domain::ports::StoreError;
use settled_domain::subscription::{Subscription, SubscriptionRecord};

use crate::error::damaged;
use crate::time_column::{from_micros, to_micros};

#[derive(Serialize)]
pub(crate) struct SubscriptionRow {
    pub(crate) id: String,
    pub(crate) user_id: String,
    pub(crate) customer_id: String,
    pub(crate) slot: String,
    pub(crate) price_id: String,
    pub(crate) quantity: i64,
    pub(crate) status: String,
    pub(crate) status_since: i64,
    pub(crate) current_period_end: Option<i64>,
    pub(crate) cancel_at_period_end: bool,
    pub(crate) cancel_at: Option<i64>,
    pub(crate) trial_end: Option<i64>,
    pub(crate) as_of: i64,
    pub(crate) from_created: bool,
    pub(crate) checked_at: i64,
    pub(crate) version: i64,
}

impl From<&Subscription> for SubscriptionRow {
    fn from(subscription: &Subscription) -> Self {
        let record = subscription.record().clone();
        Self {
            id: record.id.into(),
            user_id: record.user_id.into(),
            customer_id: record.customer_id.into(),
            slot: record.slot.to_string(),
            price_id: record.price_id.into(),
            quantity: record.quantity.into(),
            status: record.status.to_string(),
            status_since: to_micros(record.status_since),
            current_period_end: record.current_period_end.map(to_micros),
            cancel_at_period_end: record.cancel_at_period_end,
            cancel_at: record.cancel_at.map(to_micros),
            trial_end: record.trial_end.map(to_micros),
            as_of: to_micros(record.as_of),
            from_created: record.from_created,
            checked_at: to_micros(record.checked_at),
            version: record.version,
        }
    }
}

impl TryFrom<SubscriptionRow> for Subscription {
    type Error = StoreError;

    fn try_from(row: SubscriptionRow) -> Result<Self, StoreError> {
        let record = SubscriptionRecord {
            id: SubscriptionId::new(row.id).map_err(damaged)?,
            user_id: UserId::new(row.user_id).map_err(damaged)?,
            customer_id: CustomerId::new(row.customer_id).map_err(damaged)?,
            slot: Slot::named(Some(&row.slot)),
            price_id: PriceId::new(row.price_id).map_err(damaged)?,
            quantity: row.quantity.try_into().map_err(damaged)?,
            status: row.status.parse().map_err(damaged)?,
            status_since: from_micros(row.status_since)?,
            current_period_end: row.current_period_end.map(from_micros).transpose()?,
            cancel_at_period_end: row.cancel_at_period_end,
            cancel_at: row.cancel_at.map(from_micros).transpose()?,
            trial_end: row.trial_end.map(from_micros).transpose()?,
            as_of: from_micros(row.as_of)?,
            from_created: row.from_created,
            checked_at: from_micros(row.checked_at)?,
            version: row.version,
        };
        Self::restore(record).map_err(damaged)
    }
}
