//! What is for sale at the first start.

use crate::objects::{Coupon, Interval, Lasts, Off, Price, Product, PromotionCode};
use crate::params::Metadata;
use crate::store::{Record, State};

struct Offer {
    product: &'static str,
    name: &'static str,
    description: &'static str,
    price: &'static str,
    unit_amount: i64,
    interval: Option<Interval>,
    /// Metadata of the price. Nothing here reads it: whoever sells the price says at its checkout how long its trial is.
    trial_days: Option<&'static str>,
    active: bool,
}

const OFFERS: [Offer; 5] = [
    Offer {
        product: "prod_basic",
        name: "Basic",
        description: "Everything one person needs, billed every month.",
        price: "price_basic_monthly",
        unit_amount: 1_900,
        interval: Some(Interval::Month),
        trial_days: None,
        active: true,
    },
    Offer {
        product: "prod_plus",
        name: "Plus",
        description: "More room than Basic, and two weeks to try it.",
        price: "price_trial_monthly",
        unit_amount: 2_900,
        interval: Some(Interval::Month),
        trial_days: Some("14"),
        active: true,
    },
    Offer {
        product: "prod_pro",
        name: "Pro",
        description: "For teams: more seats and more room, billed every month.",
        price: "price_pro_monthly",
        unit_amount: 4_900,
        interval: Some(Interval::Month),
        trial_days: None,
        active: true,
    },
    Offer {
        product: "prod_lifetime",
        name: "Lifetime",
        description: "Pay once, keep it for good.",
        price: "price_lifetime",
        unit_amount: 19_900,
        interval: None,
        trial_days: None,
        active: true,
    },
    Offer {
        product: "prod_retired",
        name: "Early bird",
        description: "No longer sold.",
        price: "price_retired",
        unit_amount: 900,
        interval: Some(Interval::Month),
        trial_days: None,
        active: false,
    },
];

/// The records that put the offers into an empty sandbox. The first offer is listed last, as
/// Stripe lists the newest first.
pub(crate) fn seed(now: i64) -> Vec<Record> {
    OFFERS.iter().flat_map(|offer| records(offer, now)).chain(coupon(now)).collect()
}

fn records(offer: &Offer, now: i64) -> [Record; 2] {
    let trial = offer.trial_days.map(|days| ("trial_days".to_owned(), days.to_owned()));
    [
        Record::Product(Product {
            id: offer.product.to_owned(),
            created: now,
            active: true,
            name: offer.name.to_owned(),
            description: Some(offer.description.to_owned()),
            default_price: Some(offer.price.to_owned()),
            metadata: Metadata::new(),
            updated: None,
        }),
        Record::Price(Price {
            id: offer.price.to_owned(),
            created: now,
            active: offer.active,
            product: offer.product.to_owned(),
            currency: "usd".to_owned(),
            unit_amount: offer.unit_amount,
            interval: offer.interval,
            interval_count: 1,
            lookup_key: None,
            nickname: None,
            metadata: trial.into_iter().collect(),
        }),
    ]
}

const COUPON: &str = "save20";
const PROMOTION_CODE: &str = "SAVE20";

/// Twenty percent off the first payment, by a code that customers can type.
fn coupon(now: i64) -> [Record; 2] {
    [
        Record::Coupon(Coupon {
            id: COUPON.to_owned(),
            created: now,
            name: Some("20 % off".to_owned()),
            off: Off::BasisPoints(2_000),
            lasts: Lasts::Once,
            max_redemptions: None,
            redeem_by: None,
            times_redeemed: 0,
            metadata: Metadata::new(),
            deleted: false,
        }),
        Record::PromotionCode(PromotionCode {
            id: "promo_save20".to_owned(),
            created: now,
            active: true,
            code: PROMOTION_CODE.to_owned(),
            coupon: COUPON.to_owned(),
            customer: None,
            expires_at: None,
            max_redemptions: None,
            times_redeemed: 0,
            metadata: Metadata::new(),
        }),
    ]
}

/// What a sandbox lacks that was first started before there was all of this.
pub(crate) fn missing(state: &State, now: i64) -> Vec<Record> {
    let offers = OFFERS.iter().filter(|offer| state.prices.get(offer.price).is_none());
    let coupon = if state.coupons.get(COUPON).is_some() { Vec::new() } else { coupon(now).to_vec() };
    offers.flat_map(|offer| records(offer, now)).chain(coupon).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_older_sandbox_is_given_what_it_lacks_and_nothing_twice() {
        let mut state = State::default();
        let older = OFFERS.iter().filter(|offer| offer.trial_days.is_none());
        for record in older.flat_map(|offer| records(offer, 0)) {
            state.apply(record);
        }
        for record in missing(&state, 1) {
            state.apply(record);
        }
        assert!(state.prices.get("price_trial_monthly").is_some());
        assert!(state.promotion_codes.newest_first().any(|code| code.code == PROMOTION_CODE));
        assert!(missing(&state, 2).is_empty());
    }
}
