use serde_json::{Value, json};
use settled_domain::ids::PaymentId;
use time::macros::datetime;

use super::*;

const PAYMENT: &str = "0198d2c0-5f5b-7c3e-9b1a-2f6f1d1c9a11";

fn session() -> Value {
    json!({
        "id": "cs_test_1", "object": "checkout.session", "status": "complete", "payment_status": "paid",
        "mode": "subscription", "currency": "usd", "amount_subtotal": 1900, "amount_total": 1710,
        "customer": "cus_1", "payment_intent": null, "subscription": "sub_1", "invoice": "in_1",
        "metadata": { "payment_id": PAYMENT, "slot": "default" }, "url": null, "expires_at": 1_790_086_340,
        "ui_mode": "hosted_page", "created": 1_790_000_000,
    })
}

fn read(session: &Value) -> Result<CheckoutSession, Unreadable> {
    read_session(&session.to_string())
}

fn with(field: &str, value: Value) -> Result<CheckoutSession, Unreadable> {
    let mut session = session();
    session[field] = value;
    read(&session)
}

#[test]
fn a_paid_session_is_read_with_every_field_that_we_use() {
    let expected = CheckoutSession {
        id: "cs_test_1".parse().unwrap(),
        payment_id: Some(PAYMENT.parse().unwrap()),
        status: Some(SessionStatus::Complete),
        payment_status: Some(SessionPaymentStatus::Paid),
        has_failed: false,
        currency: Some(Currency::new("usd").unwrap()),
        amount_subtotal: Some(1900),
        amount_total: Some(1710),
        customer_id: Some("cus_1".parse().unwrap()),
        payment_intent_id: None,
        subscription_id: Some("sub_1".parse().unwrap()),
        invoice_id: Some("in_1".parse().unwrap()),
        url: None,
        expires_at: Some(datetime!(2026-09-22 14:12:20 UTC)),
    };
    assert_eq!(read(&session()), Ok(expected));
}

#[test]
fn references_may_be_expanded() {
    let mut expanded = session();
    expanded["customer"] = json!({ "id": "cus_1", "object": "customer", "email": "a@example.com" });
    expanded["subscription"] = json!({ "object": "subscription", "items": { "data": [] }, "id": "sub_1" });
    expanded["invoice"] = json!({ "id": "in_1", "lines": { "data": [{ "id": "il_1" }] } });
    assert_eq!(read(&expanded), read(&session()));
}

#[test]
fn a_session_of_2023_is_read_although_it_has_other_fields() {
    let read = read(&json!({
        "id": "cs_live_1", "object": "checkout.session", "status": "open", "payment_status": "unpaid",
        "mode": "payment", "currency": "eur", "amount_subtotal": 500, "amount_total": 500, "customer": null,
        "payment_intent": "pi_1", "subscription": null, "metadata": {}, "shipping_details": null,
        "url": "https://checkout.stripe.com/c/pay/cs_live_1", "expires_at": 1_700_000_000, "invoice": null,
    }));
    let read = read.unwrap();
    assert_eq!(read.payment_intent_id, Some("pi_1".parse().unwrap()));
    assert_eq!(read.url.as_deref(), Some("https://checkout.stripe.com/c/pay/cs_live_1"));
    assert_eq!((read.status, read.customer_id, read.payment_id), (Some(SessionStatus::Open), None, None));
}

#[test]
fn a_session_needs_nothing_but_its_id() {
    let read = read(&json!({ "id": "cs_test_1" })).unwrap();
    assert_eq!((read.status, read.payment_status, read.amount_total), (None, None, None));
}

#[test]
fn every_word_that_stripe_uses_has_its_meaning_and_a_new_one_has_none() {
    let statuses = [
        ("open", Some(SessionStatus::Open)),
        ("complete", Some(SessionStatus::Complete)),
        ("expired", Some(SessionStatus::Expired)),
        ("frozen", None),
    ];
    for (word, meaning) in statuses {
        assert_eq!(with("status", json!(word)).unwrap().status, meaning);
    }
    let payment_statuses = [
        ("paid", Some(SessionPaymentStatus::Paid)),
        ("unpaid", Some(SessionPaymentStatus::Unpaid)),
        ("no_payment_required", Some(SessionPaymentStatus::NoPaymentRequired)),
        ("half_paid", None),
    ];
    for (word, meaning) in payment_statuses {
        assert_eq!(with("payment_status", json!(word)).unwrap().payment_status, meaning);
    }
}

#[test]
fn metadata_that_our_server_did_not_write_names_no_payment() {
    for metadata in [json!(null), json!({}), json!({ "payment_id": "42" }), json!({ "payment_id": "" })] {
        assert_eq!(with("metadata", metadata).unwrap().payment_id, None::<PaymentId>);
    }
}

#[test]
fn what_says_whose_it_is_and_how_much_must_be_right() {
    let wrong = [
        ("customer", json!("someone")),
        ("customer", json!(7)),
        ("subscription", json!("subscription")),
        ("currency", json!("dollars")),
        ("amount_total", json!("1900")),
        ("amount_subtotal", json!(1e40)),
        ("expires_at", json!(i64::MAX)),
    ];
    for (field, value) in wrong {
        assert!(with(field, value.clone()).is_err(), "{field}: {value}");
    }
}

#[test]
fn what_is_only_shown_may_be_strange() {
    assert_eq!(with("invoice", json!("inv_from_the_future!")).unwrap().invoice_id, None);
    assert_eq!(with("payment_intent", json!("tomorrow")).unwrap().payment_intent_id, None);
    assert_eq!(with("url", json!("javascript:alert(1)")).unwrap().url, None);
}

#[test]
fn the_error_does_not_show_what_was_read() {
    let error = with("customer", json!("zoe@example.com")).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("zoe"));
}
