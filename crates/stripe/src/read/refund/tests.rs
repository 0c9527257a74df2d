use serde_json::{Value, json};
use settled_domain::refund::RefundStatus;

use super::*;

fn refund(fields: &Value) -> String {
    let mut refund = json!({
        "id": "re_1", "object": "refund", "amount": 500, "currency": "usd", "charge": "ch_1", "payment_intent": "pi_1",
        "status": "succeeded", "created": 1_790_000_000, "metadata": {}, "reason": null,
    });
    for (name, value) in fields.as_object().unwrap() {
        refund[name] = value.clone();
    }
    refund.to_string()
}

#[test]
fn a_refund_is_read_also_with_its_objects_expanded() {
    for fields in [json!({}), json!({ "charge": { "id": "ch_1" }, "payment_intent": { "id": "pi_1", "amount": 1 } })] {
        let read = read_refund(&refund(&fields)).unwrap();
        assert_eq!((read.id.as_str(), read.amount_minor, read.currency.as_str()), ("re_1", 500, "usd"));
        assert_eq!(read.charge_id.unwrap().as_str(), "ch_1");
        assert_eq!(read.payment_intent_id.unwrap().as_str(), "pi_1");
        assert_eq!(read.status, Some(RefundStatus::Succeeded));
    }
}

#[test]
fn a_refund_of_a_bank_payment_without_a_charge_is_read() {
    let read = read_refund(&refund(&json!({ "id": "pyr_1", "charge": null, "payment_intent": null }))).unwrap();
    assert_eq!((read.id.as_str(), read.charge_id, read.payment_intent_id), ("pyr_1", None, None));
}

#[test]
fn every_documented_refund_status_is_known_and_another_is_none() {
    for word in ["pending", "requires_action", "succeeded", "canceled", "failed"] {
        let read = read_refund(&refund(&json!({ "status": word }))).unwrap();
        assert_eq!(read.status.map(RefundStatus::as_str), Some(word));
    }
    for word in [json!("reversed"), json!(null)] {
        assert_eq!(read_refund(&refund(&json!({ "status": word }))).unwrap().status, None);
    }
}

#[test]
fn a_refund_without_what_we_need_is_refused() {
    let broken = [
        json!({ "id": "re 1" }),
        json!({ "amount": -1 }),
        json!({ "amount": 1.5 }),
        json!({ "currency": null }),
        json!({ "payment_intent": "ch_1" }),
    ];
    for fields in broken {
        assert!(read_refund(&refund(&fields)).is_err(), "{fields}");
    }
}

#[test]
fn a_charge_says_how_much_was_given_back_and_of_whom_it_was_taken() {
    let read = read_refunded_charge(
        r#"{"id":"ch_1","object":"charge","amount":1900,"amount_refunded":500,"customer":"cus_1","refunds":{"data":[]}}"#,
    )
    .unwrap();
    assert_eq!((read.id.as_str(), read.amount_refunded_minor), ("ch_1", 500));
    assert_eq!(read.customer_id.unwrap().as_str(), "cus_1");
    assert_eq!(read_refunded_charge(r#"{"id":"py_1","amount_refunded":0,"customer":null}"#).unwrap().customer_id, None);
    assert!(read_refunded_charge(r#"{"id":"ch_1"}"#).is_err());
}
