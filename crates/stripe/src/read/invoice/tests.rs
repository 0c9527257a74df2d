use serde_json::{Value, json};
use settled_domain::invoice::InvoiceStatus;

use super::*;

fn invoice(fields: &Value) -> Value {
    let mut invoice = json!({
        "id": "in_1", "object": "invoice", "customer": "cus_1", "status": "paid", "currency": "usd", "created": 1_790_000_000,
        "amount_due": 1900, "amount_paid": 1900, "amount_remaining": 0, "attempted": true, "livemode": false,
        "status_transitions": { "finalized_at": 1_790_003_600, "paid_at": 1_790_003_601 },
        "lines": { "object": "list", "data": [{ "id": "il_1", "amount": 1900 }] },
    });
    for (name, value) in fields.as_object().unwrap() {
        invoice[name] = value.clone();
    }
    invoice
}

fn read(json: &Value) -> InvoiceSnapshot {
    read_invoice(&json.to_string()).unwrap()
}

#[test]
fn an_invoice_of_five_api_versions_is_read_to_the_same_facts() {
    let payments = |payment: Value| json!({ "object": "list", "data": [payment], "has_more": false });
    let paid_with = |intent: Value| {
        json!({ "id": "inpay_1", "status": "paid", "is_default": true,
                "payment": { "type": "payment_intent", "payment_intent": intent } })
    };
    let parent = json!({ "type": "subscription_details", "quote_details": null,
                         "subscription_details": { "metadata": {}, "subscription": "sub_1" } });
    let versions = [
        ("2023-10-16", json!({ "subscription": "sub_1", "payment_intent": "pi_1", "charge": "ch_1", "paid": true })),
        (
            "2024-06-20",
            json!({ "subscription": { "id": "sub_1" }, "payment_intent": { "id": "pi_1" }, "charge": null,
                    "subscription_details": { "metadata": {} } }),
        ),
        ("2025-03-31.basil", json!({ "parent": parent, "payments": payments(paid_with(json!("pi_1"))) })),
        ("2026-03-25.dahlia", json!({ "parent": parent, "payments": payments(paid_with(json!({ "id": "pi_1" }))) })),
        (
            "2026-10-28.endive",
            json!({ "parent": parent, "payments": payments(paid_with(json!("pi_1"))), "not_yet_invented": [1, { "a": 1e300 }] }),
        ),
    ];
    let facts = versions.map(|(version, fields)| (version, read(&invoice(&fields))));
    for (version, read) in &facts {
        assert_eq!(read, &facts[0].1, "{version}");
    }
    let read = &facts[0].1;
    assert_eq!(read.status, Some(InvoiceStatus::Paid));
    assert_eq!(read.subscription_id.as_ref().unwrap().as_str(), "sub_1");
    assert_eq!(read.payment_intent_id.as_ref().unwrap().as_str(), "pi_1");
    assert_eq!((read.amount_due_minor, read.amount_paid_minor, read.currency.as_str()), (1900, 1900, "usd"));
    assert_eq!(read.paid_at.unwrap().unix_timestamp(), 1_790_003_601);
    assert_eq!(read.created_at.unix_timestamp(), 1_790_000_000);
}

#[test]
fn an_invoice_of_nothing_recurring_and_of_nobody_is_read() {
    let read =
        read(&invoice(&json!({ "customer": null, "parent": null, "attempted": null, "status_transitions": null })));
    assert_eq!((read.customer_id, read.subscription_id, read.payment_intent_id), (None, None, None));
    assert_eq!((read.paid_at, read.attempted), (None, false));
}

#[test]
fn of_several_payments_the_one_that_paid_counts_and_else_the_default() {
    let payment = |intent: &str, status: &str, is_default: bool| json!({ "status": status, "is_default": is_default, "payment": { "payment_intent": intent } });
    let of = |data: Value| read(&invoice(&json!({ "payments": { "data": data } }))).payment_intent_id.unwrap();
    let canceled = payment("pi_1", "canceled", false);
    assert_eq!(of(json!([canceled, payment("pi_2", "open", true), payment("pi_3", "paid", false)])).as_str(), "pi_3");
    assert_eq!(of(json!([canceled, payment("pi_2", "open", true)])).as_str(), "pi_2");
    assert_eq!(of(json!([canceled])).as_str(), "pi_1");
}

#[test]
fn an_unknown_invoice_status_is_none() {
    assert_eq!(read(&invoice(&json!({ "status": "forgiven" }))).status, None);
}

#[test]
fn an_invoice_without_what_we_need_is_refused() {
    let broken = [
        json!({ "id": null }),
        json!({ "id": "sub_1" }),
        json!({ "customer": "acct_1" }),
        json!({ "currency": "us" }),
        json!({ "amount_due": "1900" }),
        json!({ "amount_paid": null }),
        json!({ "created": i64::MAX }),
        json!({ "subscription": "in_1" }),
    ];
    for fields in broken {
        assert!(read_invoice(&invoice(&fields).to_string()).is_err(), "{fields}");
    }
}
