//! Coupons, and the promotion codes that customers type to get them.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Resource, plumbing};
use crate::params::Metadata;
use crate::store::State;

/// How much less.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Off {
    /// Hundredths of a percent: 20 % is 2000.
    BasisPoints(i64),
    Amount {
        amount: i64,
        currency: String,
    },
}

/// On how many invoices of a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Lasts {
    Once,
    Forever,
    Months(i64),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Coupon {
    pub(crate) id: String,
    pub(crate) created: i64,
    pub(crate) name: Option<String>,
    pub(crate) off: Off,
    pub(crate) lasts: Lasts,
    pub(crate) max_redemptions: Option<i64>,
    pub(crate) redeem_by: Option<i64>,
    pub(crate) times_redeemed: i64,
    pub(crate) metadata: Metadata,
    pub(crate) deleted: bool,
}

impl Resource for Coupon {
    plumbing!("coupon", "/v1/coupons", coupons, Coupon, deletable);

    /// <https://docs.stripe.com/api/coupons/object>
    fn render(&self, _: &State) -> Value {
        let (amount, currency, percent) = match &self.off {
            Off::BasisPoints(points) => (None, None, Some(percent(*points))),
            Off::Amount { amount, currency } => (Some(amount), Some(currency), None),
        };
        json!({
            "id": self.id,
            "object": "coupon",
            "amount_off": amount,
            "created": self.created,
            "currency": currency,
            "duration": match self.lasts {
                Lasts::Once => "once",
                Lasts::Forever => "forever",
                Lasts::Months(_) => "repeating",
            },
            "duration_in_months": match self.lasts {
                Lasts::Months(months) => Some(months),
                Lasts::Once | Lasts::Forever => None,
            },
            "livemode": false,
            "max_redemptions": self.max_redemptions,
            "metadata": self.metadata,
            "name": self.name,
            "percent_off": percent,
            "redeem_by": self.redeem_by,
            "times_redeemed": self.times_redeemed,
            "valid": self.is_redeemable(i64::MIN),
        })
    }
}

/// A whole number where it is one, as Stripe writes it.
fn percent(basis_points: i64) -> Value {
    if basis_points % 100 == 0 {
        return json!(basis_points / 100);
    }
    let text = format!("{}.{:02}", basis_points / 100, basis_points % 100);
    text.parse::<f64>().map_or(Value::Null, |number| json!(number))
}

impl Coupon {
    /// Whether somebody may still use it. A `now` before all time asks only how often it was used.
    pub(crate) fn is_redeemable(&self, now: i64) -> bool {
        !self.deleted
            && self.max_redemptions.is_none_or(|most| self.times_redeemed < most)
            && self.redeem_by.is_none_or(|last| now <= last)
    }

    /// What it takes off `amount`.
    pub(crate) fn discount_on(&self, amount: i64) -> i64 {
        match &self.off {
            Off::BasisPoints(points) => amount.saturating_mul(*points).saturating_add(5_000) / 10_000,
            Off::Amount { amount: off, .. } => (*off).min(amount),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PromotionCode {
    pub(crate) id: String,
    pub(crate) created: i64,
    pub(crate) active: bool,
    pub(crate) code: String,
    pub(crate) coupon: String,
    pub(crate) customer: Option<String>,
    pub(crate) expires_at: Option<i64>,
    pub(crate) max_redemptions: Option<i64>,
    pub(crate) times_redeemed: i64,
    pub(crate) metadata: Metadata,
}

impl Resource for PromotionCode {
    plumbing!("promotion_code", "/v1/promotion_codes", promotion_codes, PromotionCode);

    /// <https://docs.stripe.com/api/promotion_codes/object>
    fn render(&self, _: &State) -> Value {
        json!({
            "id": self.id,
            "object": "promotion_code",
            "active": self.active,
            "code": self.code,
            "created": self.created,
            "customer": self.customer,
            "customer_account": null,
            "expires_at": self.expires_at,
            "livemode": false,
            "max_redemptions": self.max_redemptions,
            "metadata": self.metadata,
            "promotion": { "coupon": self.coupon, "type": "coupon" },
            "restrictions": {
                "first_time_transaction": false,
                "minimum_amount": null,
                "minimum_amount_currency": null,
            },
            "times_redeemed": self.times_redeemed,
        })
    }
}

impl PromotionCode {
    /// Whether this customer may still use it.
    pub(crate) fn is_redeemable(&self, customer: Option<&str>, now: i64) -> bool {
        self.active
            && self.max_redemptions.is_none_or(|most| self.times_redeemed < most)
            && self.expires_at.is_none_or(|end| now < end)
            && self.customer.as_deref().is_none_or(|only| customer == Some(only))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn coupon(off: Off) -> Coupon {
        Coupon {
            id: "c".to_owned(),
            created: 0,
            name: None,
            off,
            lasts: Lasts::Once,
            max_redemptions: Some(1),
            redeem_by: Some(10),
            times_redeemed: 0,
            metadata: Metadata::new(),
            deleted: false,
        }
    }

    #[test]
    fn a_percentage_is_rounded_to_the_nearest_unit() {
        let fifth = coupon(Off::BasisPoints(2_000));
        assert_eq!([0, 2, 3, 4_900].map(|amount| fifth.discount_on(amount)), [0, 0, 1, 980]);
    }

    #[test]
    fn nobody_gets_more_off_than_it_costs() {
        let off = Off::Amount { amount: 500, currency: "usd".to_owned() };
        assert_eq!(coupon(off).discount_on(300), 300);
    }

    #[test]
    fn a_coupon_ends_by_its_date_and_by_its_use() {
        let mut once = coupon(Off::BasisPoints(2_000));
        assert!(once.is_redeemable(10) && !once.is_redeemable(11));
        once.times_redeemed = 1;
        assert!(!once.is_redeemable(10));
    }

    #[test]
    fn a_percentage_is_shown_as_it_was_given() {
        assert_eq!([2_000, 1_250].map(percent), [json!(20), json!(12.5)]);
    }
}
