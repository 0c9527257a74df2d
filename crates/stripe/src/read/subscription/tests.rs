use serde_json::{Value, json};
use settled_domain::subscription::SubscriptionStatus;

use super::*;

/// As rendered since 2025-03-31.basil: the period is the items' own.
fn endive() -> Value {
    json!({
        "id": "sub_1", "object": "subscription", "customer": "cus_1", "status": "active",
        "billing_mode": { "type": "flexible" }, "billing_schedules": [], "cancel_at": null,
        "cancel_at_period_end": false, "trial_end": null, "latest_invoice": "in_1",
        "metadata": { "payment_id": "0198d2c0-5f5b-7c3e-9b1a-2f6f1d1c9a11", "slot": "team" },
        "items": { "object": "list", "has_more": false, "data": [
            { "id": "si_1", "quantity": 3, "current_period_start": 1_790_000_000, "current_period_end": 1_792_592_000,
              "price": { "id": "price_1", "object": "price" }, "plan": { "id": "plan_1" } },
            { "id": "si_2", "quantity": 1, "current_period_end": 1_791_000_000, "price": { "id": "price_2" } },
        ] },
    })
}

/// As rendered before basil: the period is the subscription's.
fn of_2023() -> Value {
    json!({
        "id": "sub_1", "object": "subscription", "customer": "cus_1", "status": "past_due",
        "current_period_start": 1_700_000_000, "current_period_end": 1_702_592_000, "cancel_at_period_end": true,
        "cancel_at": 1_702_592_000, "trial_end": 1_700_000_000, "discount": null, "quantity": 2, "metadata": {},
        "plan": { "id": "price_1", "object": "plan" },
        "items": { "data": [{ "id": "si_1", "price": { "id": "price_1" }, "quantity": 2 }] },
    })
}

fn read(subscription: &Value) -> Result<SubscriptionSnapshot, Unreadable> {
    read_subscription(&subscription.to_string())
}

fn with(field: &str, value: Value) -> Result<SubscriptionSnapshot, Unreadable> {
    let mut subscription = endive();
    subscription[field] = value;
    read(&subscription)
}

fn unix(at: Option<time::OffsetDateTime>) -> Option<i64> {
    at.map(time::OffsetDateTime::unix_timestamp)
}

#[test]
fn a_subscription_of_today_ends_with_its_earliest_item() {
    let read = read(&endive()).unwrap();
    assert_eq!((read.id.as_str(), read.customer_id.as_str()), ("sub_1", "cus_1"));
    assert_eq!(read.status, Some(SubscriptionStatus::Active));
    assert_eq!((read.price_id.as_str(), read.quantity), ("price_1", 3));
    assert_eq!(unix(read.current_period_end), Some(1_791_000_000));
    assert_eq!(read.slot.as_deref(), Some("team"));
    assert!(read.payment_id.is_some());
    assert_eq!((read.cancel_at_period_end, read.cancel_at, read.trial_end), (false, None, None));
}

#[test]
fn a_subscription_of_2023_ends_by_its_own_period() {
    let read = read(&of_2023()).unwrap();
    assert_eq!(unix(read.current_period_end), Some(1_702_592_000));
    assert_eq!((read.price_id.as_str(), read.quantity), ("price_1", 2));
    assert_eq!(read.status, Some(SubscriptionStatus::PastDue));
    assert!(read.cancel_at_period_end);
    assert_eq!((unix(read.cancel_at), unix(read.trial_end)), (Some(1_702_592_000), Some(1_700_000_000)));
}

#[test]
fn clover_and_dahlia_are_read_like_today() {
    let mut clover = endive();
    clover.as_object_mut().unwrap().remove("billing_schedules");
    let mut dahlia = endive();
    dahlia["frozen_fields"] = json!([]);
    assert_eq!(read(&clover), read(&endive()));
    assert_eq!(read(&dahlia), read(&endive()));
}

#[test]
fn customer_and_price_may_be_expanded_or_not() {
    let mut other = endive();
    other["customer"] = json!({ "id": "cus_1", "object": "customer", "deleted": true });
    other["items"]["data"][0]["price"] = json!("price_1");
    assert_eq!(read(&other), read(&endive()));
}

#[test]
fn the_price_of_old_subscriptions_is_called_a_plan() {
    let plan = json!({ "id": "price_old" });
    let on_item = with("items", json!({ "data": [{ "plan": plan }] })).unwrap();
    assert_eq!((on_item.price_id.as_str(), on_item.quantity), ("price_old", 1));

    let mut on_top = endive();
    on_top["items"] = json!(null);
    on_top["plan"] = plan;
    on_top["quantity"] = json!(4);
    let on_top = read(&on_top).unwrap();
    assert_eq!((on_top.price_id.as_str(), on_top.quantity, on_top.current_period_end), ("price_old", 4, None));
}

#[test]
fn every_word_that_stripe_uses_is_known_and_a_new_one_is_none() {
    for status in SubscriptionStatus::ALL {
        assert_eq!(with("status", json!(status.as_str())).unwrap().status, Some(*status));
    }
    assert_eq!(with("status", json!("hibernating")).unwrap().status, None);
    assert_eq!(with("status", json!(null)).unwrap().status, None);
}

#[test]
fn metadata_that_cannot_be_ours_is_none() {
    let read = with("metadata", json!({ "payment_id": "order-17", "slot": "a\u{0}b" })).unwrap();
    assert_eq!((read.payment_id, read.slot), (None, None));
    assert_eq!(with("metadata", json!(null)).unwrap().payment_id, None);
}

#[test]
fn a_plan_from_before_there_were_prices_is_read_by_the_name_that_its_owner_chose() {
    let read = with("items", json!({ "data": [{ "plan": { "id": "gold-monthly" } }] })).unwrap();
    assert_eq!(read.price_id.as_str(), "gold-monthly");
}

#[test]
fn without_id_customer_or_price_there_is_no_subscription() {
    for (field, value) in [
        ("id", json!("in_1")),
        ("customer", json!(null)),
        ("customer", json!("zoe")),
        ("items", json!({ "data": [] })),
        ("items", json!({ "data": [{ "price": { "id": "" } }] })),
        ("cancel_at", json!(i64::MIN)),
    ] {
        assert!(with(field, value.clone()).is_err(), "{field}: {value}");
    }
}

#[test]
fn only_an_open_invoice_can_be_paid() {
    let page = "https://invoice.stripe.com/i/1";
    let pay_url = |invoice: Value| {
        let json = json!({ "id": "sub_1", "latest_invoice": invoice });
        serde_json::from_value::<PayableSubscription>(json).unwrap().into_pay_url()
    };
    assert_eq!(pay_url(json!({ "status": "open", "hosted_invoice_url": page })).as_deref(), Some(page));
    for invoice in [
        json!(null),
        json!({ "status": "paid", "hosted_invoice_url": page }),
        json!({ "status": "draft", "hosted_invoice_url": null }),
        json!({ "status": "open", "hosted_invoice_url": null }),
        json!({ "status": "open", "hosted_invoice_url": "javascript:alert(1)" }),
    ] {
        assert_eq!(pay_url(invoice.clone()), None, "{invoice}");
    }
}
