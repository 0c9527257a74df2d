use serde_json::{Value, json};
use settled_domain::ids::{AccountId, SessionId};
use settled_domain::refresh_request::RefreshObject;
use settled_domain::session::SessionEvent;
use settled_domain::subscription::{News, SubscriptionStatus};
use time::macros::datetime;

use super::*;

const NOW: OffsetDateTime = datetime!(2026-10-01 12:00:00.75 UTC);

fn read(event: &Value) -> WebhookEvent {
    read_event(event.to_string().as_bytes(), NOW)
}

fn event(event_type: &str, object: &Value) -> Value {
    json!({
        "id": "evt_1", "object": "event", "type": event_type, "api_version": "2026-09-30.endive", "livemode": false,
        "created": 1_790_000_000, "data": { "object": object }, "pending_webhooks": 1, "request": null,
    })
}

fn with(mut event: Value, field: &str, value: Value) -> Value {
    event[field] = value;
    event
}

fn session() -> Value {
    json!({ "id": "cs_test_1", "status": "complete", "payment_status": "paid" })
}

fn subscription() -> Value {
    json!({ "id": "sub_1", "customer": "cus_1", "status": "active", "items": { "data": [{ "price": { "id": "price_1" } }] } })
}

fn is_parked_unread(event: &WebhookEvent) -> bool {
    event.content == EventContent::Unreadable(ParkReason::UnreadableEvent)
        && event.id.as_str().starts_with("evt_unreadable_")
        && event.event_type.is_empty()
        && event.object_id.is_none()
        && event.livemode.is_none()
}

#[test]
fn what_is_around_the_object_is_read() {
    let read = read(&with(event("checkout.session.completed", &session()), "account", json!("acct_1")));
    assert_eq!(read.id.as_str(), "evt_1");
    assert_eq!(read.event_type, "checkout.session.completed");
    assert_eq!(read.object_id.as_deref(), Some("cs_test_1"));
    assert_eq!(read.api_version.as_deref(), Some("2026-09-30.endive"));
    assert_eq!(read.livemode, Some(false));
    assert_eq!(read.account, Some(AccountId::new("acct_1").unwrap()));
    assert_eq!(read.created.unix_timestamp(), 1_790_000_000);
}

#[test]
fn the_four_session_events_are_told_apart() {
    let events = [
        ("checkout.session.completed", SessionEvent::Completed),
        ("checkout.session.async_payment_succeeded", SessionEvent::AsyncPaymentSucceeded),
        ("checkout.session.async_payment_failed", SessionEvent::AsyncPaymentFailed),
        ("checkout.session.expired", SessionEvent::Expired),
    ];
    for (event_type, expected) in events {
        let EventContent::CheckoutSession(said, about) = read(&event(event_type, &session())).content else {
            panic!("{event_type} is not about a session");
        };
        assert_eq!((said, about.id), (expected, SessionId::new("cs_test_1").unwrap()));
    }
}

#[test]
fn every_subscription_event_carries_the_subscription_and_only_created_is_the_first() {
    for name in [
        "created",
        "updated",
        "deleted",
        "paused",
        "resumed",
        "trial_will_end",
        "pending_update_applied",
        "pending_update_expired",
        "not_invented_yet",
    ] {
        let EventContent::Subscription(news, snapshot) =
            read(&event(&format!("customer.subscription.{name}"), &subscription())).content
        else {
            panic!("{name} is not about a subscription");
        };
        assert_eq!(news == News::Created, name == "created", "{name}");
        assert_eq!(snapshot.status, Some(SubscriptionStatus::Active));
    }
}

#[test]
fn a_type_that_we_do_not_act_on_is_kept_by_name() {
    for event_type in ["invoice_payment.paid", "checkout.session.invented", "customer.subscription", "charge.updated"] {
        let read = read(&event(event_type, &json!({ "id": "in_1" })));
        assert_eq!((read.content, read.event_type.as_str()), (EventContent::Unhandled, event_type));
        assert_eq!(read.object_id.as_deref(), Some("in_1"));
    }
}

#[test]
fn an_object_without_an_id_is_no_trouble() {
    let read = read(&event("invoice.upcoming", &json!({ "object": "invoice", "amount_due": 1900 })));
    assert_eq!((read.content, read.object_id), (EventContent::Unhandled, None));
}

#[test]
fn a_thin_event_is_known_by_its_name() {
    let read = read(&json!({
        "id": "evt_test_65R9Ijk8dKEYZcXeRWn16R9A7j1FSQ3w3TGDPLLGSM4CW0", "object": "v2.core.event",
        "type": "v1.checkout.session.completed", "livemode": false, "created": "2026-09-21T14:13:20.250Z",
        "context": "acct_1", "reason": null,
        "related_object": { "id": "cs_test_1", "type": "checkout.session", "url": "/v1/checkout/sessions/cs_test_1" },
    }));
    assert_eq!(read.content, EventContent::Named(RefreshObject::Session(SessionId::new("cs_test_1").unwrap())));
    assert_eq!(read.event_type, "v1.checkout.session.completed");
    assert_eq!(read.object_id.as_deref(), Some("cs_test_1"));
    assert_eq!(read.created, datetime!(2026-09-21 14:13:20 UTC));
    assert_eq!(read.account, Some(AccountId::new("acct_1").unwrap()));
}

#[test]
fn a_thin_event_goes_by_the_id_of_its_twin_so_that_the_two_have_one_effect() {
    let twin = |snapshot_event: Value| {
        read(&json!({
            "id": "evt_thin", "object": "v2.core.event", "type": "v1.invoice.paid", "created": "2026-09-21T14:13:20Z",
            "livemode": false, "related_object": { "id": "in_1" }, "snapshot_event": snapshot_event,
        }))
    };
    assert_eq!(twin(json!("evt_1")).id, read(&event("invoice.paid", &json!({ "id": "in_1" }))).id);
    assert_eq!(twin(json!(null)).id.as_str(), "evt_thin");
    assert!(is_parked_unread(&twin(json!("in_1"))));
}

#[test]
fn what_happens_to_money_is_read_by_the_kind_of_its_object() {
    let invoice = json!({ "id": "in_1", "customer": "cus_1", "status": "draft", "currency": "usd", "created": 1,
                          "amount_due": 1, "amount_paid": 0 });
    let refund = json!({ "id": "re_1", "amount": 1, "currency": "usd", "status": "failed" });
    let dispute = json!({ "id": "du_1", "amount": 1, "currency": "usd", "status": "lost" });
    let content = |event_type: &str, object: &Value| read(&event(event_type, object)).content;
    for (event_type, status) in [("invoice.created", InvoiceStatus::Draft), ("invoice.deleted", InvoiceStatus::Void)] {
        let EventContent::Invoice(snapshot) = content(event_type, &invoice) else { panic!("{event_type}") };
        assert_eq!(snapshot.status, Some(status));
    }
    for event_type in ["refund.created", "refund.updated", "refund.failed", "charge.refund.updated"] {
        assert!(matches!(content(event_type, &refund), EventContent::Refund(_)), "{event_type}");
    }
    assert!(matches!(content("charge.dispute.created", &dispute), EventContent::Dispute(News::Created, _)));
    for name in ["updated", "closed", "funds_withdrawn", "funds_reinstated"] {
        let event_type = format!("charge.dispute.{name}");
        assert!(matches!(content(&event_type, &dispute), EventContent::Dispute(News::Updated, _)), "{name}");
    }
    let charge = json!({ "id": "ch_1", "amount_refunded": 1 });
    assert!(matches!(content("charge.refunded", &charge), EventContent::ChargeRefunded(_)));
    let deleted = content("customer.deleted", &json!({ "id": "cus_1", "object": "customer" }));
    assert_eq!(deleted, EventContent::CustomerDeleted("cus_1".parse().unwrap()));
}

#[test]
fn a_ping_without_an_object_is_an_event() {
    let read = read(&json!({
        "id": "evt_test_1", "object": "v2.core.event", "type": "v2.core.event_destination.ping",
        "created": "2026-09-21T14:13:20Z", "livemode": false, "context": null, "related_object": null,
    }));
    assert_eq!((read.content, read.id.as_str()), (EventContent::Unhandled, "evt_test_1"));
}

#[test]
fn an_event_that_lacks_what_every_event_has_is_parked_unread() {
    let whole = event("checkout.session.completed", &session());
    for field in ["id", "type", "created", "data"] {
        let mut cut = whole.clone();
        cut.as_object_mut().unwrap().remove(field);
        assert!(is_parked_unread(&read(&cut)), "without {field}");
    }
    let strange = [
        ("id", json!("cs_1")),
        ("id", json!(1)),
        ("type", json!("checkout.\u{0}session")),
        ("type", json!("")),
        ("type", json!("x".repeat(300))),
        ("api_version", json!("2026\u{0}")),
        ("created", json!("yesterday")),
        ("created", json!(i64::MAX)),
        ("account", json!("somebody")),
        ("object", json!("list")),
        ("data", json!({})),
        ("data", json!({ "object": { "id": "cs_\u{0}" } })),
    ];
    for (field, value) in strange {
        assert!(is_parked_unread(&read(&with(whole.clone(), field, value.clone()))), "{field}: {value}");
    }
}

#[test]
fn a_body_that_is_no_json_is_parked_unread() {
    let bodies: [&[u8]; 10] = [
        b"{}",
        b"null",
        b"[]",
        b"hello",
        b"{\"id\":\"evt_1\"",
        b"\xff\xfe",
        b"{\"id\":\"evt_1\",\"id\":\"evt_2\",\"object\":\"event\",\"type\":\"a\",\"created\":1,\"data\":{\"object\":{}}}",
        b"{\"id\":\"evt_1\",\"object\":\"event\",\"type\":\"a\",\"created\":1,\"data\":{\"object\":{}},\"x\":\"\xff\"}",
        b"\xef\xbb\xbf{\"id\":\"evt_1\",\"object\":\"event\",\"type\":\"a\",\"created\":1,\"data\":{\"object\":{}}}",
        b"{\"id\":\"evt_1\",\"object\":\"event\",\"type\":\"a\",\"created\":1e400,\"data\":{\"object\":{}}}",
    ];
    for body in bodies {
        let read = read_event(body, NOW);
        assert!(is_parked_unread(&read), "{body:?}");
        assert_eq!(read.payload.as_bytes(), body);
    }
}

#[test]
fn a_body_nested_a_hundred_thousand_deep_ends_neither_the_stack_nor_the_reading() {
    let depth = 100_000;
    let nested = format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
    assert!(is_parked_unread(&read_event(nested.as_bytes(), NOW)));
    let objects = format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth));
    assert!(is_parked_unread(&read_event(objects.as_bytes(), NOW)));

    let beside = event("checkout.session.completed", &session()).to_string();
    for place in ["\"request\":null", "\"status\":\"complete\""] {
        let body = beside.replacen(place, &format!("\"deep\":{nested},{place}"), 1);
        assert_ne!(body, beside);
        let read = read_event(body.as_bytes(), NOW);
        assert!(matches!(read.content, EventContent::CheckoutSession(..)), "deep before {place}");
    }
    let as_customer = event("checkout.session.completed", &json!({ "id": "cs_test_1", "customer": "HERE" }));
    let read = read_event(as_customer.to_string().replacen("\"HERE\"", &nested, 1).as_bytes(), NOW);
    assert_eq!(read.content, EventContent::Unreadable(ParkReason::UnreadableObject));
}

#[test]
fn an_unread_body_has_the_same_id_each_time_and_the_second_of_its_arrival() {
    let first = read_event(b"hello", NOW);
    assert_eq!(first.id.as_str(), "evt_unreadable_2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
    assert_eq!(first.created, datetime!(2026-10-01 12:00:00 UTC));
    assert_eq!(read_event(b"hello", NOW).id, first.id);
    assert_ne!(read_event(b"hello ", NOW).id, first.id);
}

#[test]
fn a_handled_type_without_what_we_need_is_parked_under_its_own_id() {
    let cases = [
        ("checkout.session.completed", json!({ "id": "in_1" })),
        ("checkout.session.completed", json!({ "status": "complete" })),
        ("checkout.session.completed", json!([])),
        ("checkout.session.completed", json!({ "id": "cs_test_1", "amount_total": 1.5 })),
        ("customer.subscription.updated", json!({ "id": "sub_1", "customer": "cus_1", "items": { "data": [] } })),
        ("invoice.paid", json!({ "object": "invoice", "amount_due": 1900 })),
        ("refund.created", json!({ "id": "re_1", "amount": -1, "currency": "usd" })),
        ("charge.dispute.closed", json!({ "id": "du_1", "amount": 1 })),
        ("charge.refunded", json!({ "id": "ch_1" })),
        ("customer.deleted", json!({ "id": "acct_1" })),
        ("customer.subscription.updated", json!({ "id": "sub_1", "items": { "data": [{ "price": "price_1" }] } })),
    ];
    for (event_type, object) in cases {
        let read = read(&event(event_type, &object));
        assert_eq!(read.content, EventContent::Unreadable(ParkReason::UnreadableObject), "{object}");
        assert_eq!((read.id.as_str(), read.event_type.as_str()), ("evt_1", event_type));
    }
}
