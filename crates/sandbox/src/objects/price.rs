//! Prices: how much a product costs, once or every month.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Resource, plumbing};
use crate::clock;
use crate::params::Metadata;
use crate::store::State;

/// How often a recurring price is charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Interval {
    Day,
    Week,
    Month,
    Year,
}

impl Interval {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Year => "year",
        }
    }

    /// The moment `count` intervals after `start`.
    pub(crate) fn after(self, start: i64, count: i64) -> i64 {
        match self {
            Self::Day => start.saturating_add(count.saturating_mul(DAY_S)),
            Self::Week => start.saturating_add(count.saturating_mul(7 * DAY_S)),
            Self::Month => clock::add_months(start, count),
            Self::Year => clock::add_months(start, count.saturating_mul(12)),
        }
    }
}

const DAY_S: i64 = 86_400;

fn one() -> i64 {
    1
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Price {
    pub(crate) id: String,
    pub(crate) created: i64,
    pub(crate) active: bool,
    pub(crate) product: String,
    pub(crate) currency: String,
    /// In the currency's smallest unit.
    pub(crate) unit_amount: i64,
    /// `None`: charged once.
    pub(crate) interval: Option<Interval>,
    /// Every how many intervals.
    #[serde(default = "one")]
    pub(crate) interval_count: i64,
    #[serde(default)]
    pub(crate) lookup_key: Option<String>,
    #[serde(default)]
    pub(crate) nickname: Option<String>,
    pub(crate) metadata: Metadata,
}

impl Resource for Price {
    plumbing!("price", "/v1/prices", prices, Price);

    /// <https://docs.stripe.com/api/prices/object>
    fn render(&self, _: &State) -> Value {
        let recurring = self.interval.map(|interval| {
            json!({
                "interval": interval,
                "interval_count": self.interval_count,
                "meter": null,
                "trial_period_days": null,
                "usage_type": "licensed",
            })
        });
        json!({
            "id": self.id,
            "object": "price",
            "active": self.active,
            "billing_scheme": "per_unit",
            "created": self.created,
            "currency": self.currency,
            "custom_unit_amount": null,
            "livemode": false,
            "lookup_key": self.lookup_key,
            "metadata": self.metadata,
            "nickname": self.nickname,
            "product": self.product,
            "recurring": recurring,
            "tax_behavior": "unspecified",
            "tiers_mode": null,
            "transform_quantity": null,
            "type": if self.interval.is_some() { "recurring" } else { "one_time" },
            "unit_amount": self.unit_amount,
            "unit_amount_decimal": self.unit_amount.to_string(),
        })
    }
}

impl Price {
    /// The older view of a recurring price that subscription items still carry.
    ///
    /// <https://docs.stripe.com/api/plans/object>
    pub(super) fn render_plan(&self) -> Value {
        json!({
            "id": self.id,
            "object": "plan",
            "active": self.active,
            "amount": self.unit_amount,
            "amount_decimal": self.unit_amount.to_string(),
            "billing_scheme": "per_unit",
            "created": self.created,
            "currency": self.currency,
            "interval": self.interval.unwrap_or(Interval::Month),
            "interval_count": self.interval_count,
            "livemode": false,
            "metadata": self.metadata,
            "meter": null,
            "nickname": self.nickname,
            "product": self.product,
            "tiers_mode": null,
            "transform_usage": null,
            "trial_period_days": null,
            "usage_type": "licensed",
        })
    }
}
