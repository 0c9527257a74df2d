use settled_domain::catalogue::Slot;
use settled_domain::ids::{CustomerId, PriceId, SubscriptionId, UserId};
use settled_domain::ports::StoreError;
use settled_domain::subscription::{Subscription, SubscriptionRecord};
use time::OffsetDateTime;

use crate::error::damaged;

pub(crate) struct SubscriptionRow {
    pub(crate) id: String,
    pub(crate) user_id: String,
    pub(crate) customer_id: String,
    pub(crate) slot: String,
    pub(crate) price_id: String,
    pub(crate) quantity: i64,
    pub(crate) status: String,
    pub(crate) status_since: OffsetDateTime,
    pub(crate) current_period_end: Option<OffsetDateTime>,
    pub(crate) cancel_at_period_end: bool,
    pub(crate) cancel_at: Option<OffsetDateTime>,
    pub(crate) trial_end: Option<OffsetDateTime>,
    pub(crate) as_of: OffsetDateTime,
    pub(crate) from_created: bool,
    pub(crate) checked_at: OffsetDateTime,
    pub(crate) version: i64,
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
            status_since: row.status_since,
            current_period_end: row.current_period_end,
            cancel_at_period_end: row.cancel_at_period_end,
            cancel_at: row.cancel_at,
            trial_end: row.trial_end,
            as_of: row.as_of,
            from_created: row.from_created,
            checked_at: row.checked_at,
            version: row.version,
        };
        Self::restore(record).map_err(damaged)
    }
}
