//! Events as other API versions write them.

use serde_json::{Value, json};

use crate::store::State;

/// The last version before 2025-03-31.basil.
const OLD_VERSION: &str = "2025-02-24.acacia";
/// What a release to come may make of a status.
const UNKNOWN_STATUS: &str = "status_of_a_later_release";

/// The event in the shape of versions before 2025-03-31.basil: periods on the subscription and not on its items; an
/// invoice names its subscription, PaymentIntent and charge itself; a charge and a PaymentIntent name their invoice.
///
/// <https://docs.stripe.com/changelog/basil>
pub(super) fn before_basil(mut event: Value, state: &State) -> Value {
    event["api_version"] = json!(OLD_VERSION);
    let object = &mut event["data"]["object"];
    match object["object"].as_str() {
        Some("subscription") => age_subscription(object),
        Some("invoice") => age_invoice(object, state),
        Some("payment_intent" | "charge") => age_payment(object, state),
        _ => {}
    }
    event
}

fn age_subscription(object: &mut Value) {
    for bound in ["current_period_start", "current_period_end"] {
        object[bound] = object["items"]["data"][0][bound].clone();
        for item in object["items"]["data"].as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
            item.remove(bound);
        }
    }
}

fn age_invoice(object: &mut Value, state: &State) {
    let invoice = object["id"].as_str().and_then(|id| state.invoices.get(id));
    let intent = invoice.and_then(|invoice| invoice.payment_intent.as_ref());
    let charge = intent.and_then(|id| state.payment_intents.get(id)).and_then(|intent| intent.latest_charge.clone());
    object["subscription"] = object["parent"]["subscription_details"]["subscription"].clone();
    object["subscription_details"] = json!({ "metadata": object["parent"]["subscription_details"]["metadata"] });
    object["payment_intent"] = json!(intent);
    object["charge"] = json!(charge);
    object["paid"] = json!(object["status"] == "paid");
    object["paid_out_of_band"] = json!(false);
    object["tax"] = Value::Null;
    if let Some(fields) = object.as_object_mut() {
        fields.remove("parent");
    }
}

fn age_payment(object: &mut Value, state: &State) {
    let id = object["payment_intent"].as_str().or(object["id"].as_str());
    let intent = id.and_then(|id| state.payment_intents.get(id));
    object["invoice"] = json!(intent.and_then(|intent| intent.invoice.as_ref()));
}

/// The event with a status that its reader cannot know; what has no status stays as it is.
pub(super) fn with_unknown_status(mut event: Value) -> Value {
    let object = &mut event["data"]["object"];
    let has_status = object["status"].is_string() && object["object"] != "checkout.session";
    if has_status {
        object["status"] = json!(UNKNOWN_STATUS);
    }
    event
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn before_basil_the_period_is_the_subscriptions_own() {
        let item = json!({ "id": "si_1", "current_period_start": 1, "current_period_end": 2 });
        let object = json!({ "object": "subscription", "items": { "data": [item] } });
        let event = before_basil(json!({ "data": { "object": object } }), &State::default());
        let object = &event["data"]["object"];
        assert_eq!(object["current_period_end"], 2);
        assert_eq!(object["items"]["data"], json!([{ "id": "si_1" }]));
    }

    #[test]
    fn before_basil_an_invoice_names_its_subscription() {
        let parent = json!({ "subscription_details": { "subscription": "sub_1", "metadata": {} } });
        let object = json!({ "object": "invoice", "id": "in_1", "status": "paid", "parent": parent });
        let event = before_basil(json!({ "data": { "object": object } }), &State::default());
        let object = &event["data"]["object"];
        assert_eq!((&object["subscription"], &object["paid"]), (&json!("sub_1"), &json!(true)));
        assert_eq!(object.get("parent"), None);
    }

    #[test]
    fn a_session_keeps_its_status() {
        let session = json!({ "data": { "object": { "object": "checkout.session", "status": "open" } } });
        assert_eq!(with_unknown_status(session.clone()), session);
        let dispute = json!({ "data": { "object": { "object": "dispute", "status": "lost" } } });
        assert_ne!(with_unknown_status(dispute.clone()), dispute);
    }
}
