use serde_json::{Value, json};

use super::*;

fn monthly() -> Value {
    json!({
        "id": "price_1", "object": "price", "active": true, "currency": "usd", "billing_scheme": "per_unit",
        "unit_amount": 1900, "unit_amount_decimal": "1900", "custom_unit_amount": null, "transform_quantity": null,
        "type": "recurring", "tiers_mode": null,
        "recurring": { "interval": "month", "interval_count": 1, "usage_type": "licensed", "meter": null },
        "product": { "id": "prod_1", "active": true, "name": "Basic", "description": "A start", "metadata": { "slot": "team" } },
    })
}

fn quote(price: &Value) -> Option<Quote> {
    serde_json::from_value::<PriceObject>(price.clone()).unwrap().into_quote()
}

fn with(path: &str, value: Value) -> Value {
    let mut price = monthly();
    *price.pointer_mut(path).unwrap() = value;
    price
}

#[test]
fn a_monthly_price_is_a_subscription() {
    let expected = Quote {
        price_id: PriceId::new("price_1").unwrap(),
        unit: Money::new(1900, Currency::new("usd").unwrap()),
        mode: CheckoutMode::Subscription,
        recurrence: Some(Recurrence { interval: "month".into(), interval_count: 1 }),
        trial: None,
        product_name: "Basic".into(),
        product_description: Some("A start".into()),
        product_slot: Some("team".into()),
    };
    assert_eq!(quote(&monthly()), Some(expected));
}

#[test]
fn a_price_that_does_not_recur_is_a_payment() {
    let quote = quote(&with("/recurring", json!(null))).unwrap();
    assert_eq!((quote.mode, quote.recurrence), (CheckoutMode::Payment, None));
}

#[test]
fn a_price_may_be_free() {
    assert_eq!(quote(&with("/unit_amount", json!(0))).unwrap().unit.minor_units, 0);
}

#[test]
fn a_product_without_slot_or_description_is_fine() {
    let product = json!({ "id": "prod_1", "active": true, "name": "Basic", "description": null, "metadata": {} });
    let quote = quote(&with("/product", product)).unwrap();
    assert_eq!((quote.product_slot, quote.product_description), (None, None));
}

fn with_trial_days(price: &Value, product: &Value) -> Value {
    let mut object = with("/product/metadata", json!({ "trial_days": product }));
    object["metadata"] = json!({ "trial_days": price });
    object
}

#[test]
fn a_trial_is_the_prices_or_else_the_products() {
    for (price, product, days) in [
        (json!(null), json!(null), None),
        (json!("14"), json!(null), Some(14)),
        (json!(null), json!("30"), Some(30)),
        (json!("7"), json!("30"), Some(7)),
        (json!("0"), json!("30"), None),
        (json!(" 730 "), json!(null), Some(730)),
    ] {
        let quote = quote(&with_trial_days(&price, &product)).unwrap();
        assert_eq!(quote.trial.map(TrialDays::get), days, "{price} and {product}");
    }
}

#[test]
fn a_price_whose_trial_is_unclear_is_not_quoted() {
    for days in ["", "two weeks", "-1", "731", "14.5", "99999999999"] {
        assert_eq!(quote(&with_trial_days(&json!(days), &json!("14"))), None, "{days:?}");
    }
}

#[test]
fn a_price_that_does_not_recur_has_no_trial() {
    let mut price = with_trial_days(&json!("14"), &json!("soon"));
    price["recurring"] = json!(null);
    assert_eq!(quote(&price).unwrap().trial, None);
}

#[test]
fn what_cannot_be_sold_at_one_whole_amount_is_not_quoted() {
    for (why, price) in [
        ("retired", with("/active", json!(false))),
        ("retired product", with("/product/active", json!(false))),
        ("deleted product", with("/product", json!({ "id": "prod_1", "object": "product", "deleted": true }))),
        ("tiered", with("/billing_scheme", json!("tiered"))),
        ("a fraction of a cent", with("/unit_amount", json!(null))),
        ("negative", with("/unit_amount", json!(-1))),
        ("chosen by the customer", with("/custom_unit_amount", json!({ "minimum": 50 }))),
        ("sold in packages", with("/transform_quantity", json!({ "divide_by": 5, "round": "up" }))),
        ("metered", with("/recurring/usage_type", json!("metered"))),
    ] {
        assert_eq!(quote(&price), None, "{why}");
    }
}
