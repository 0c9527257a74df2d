use serde_json::{Value, json};

use crate::world::{Answer, World, id};

async fn paid_with(world: &World, method: &str) -> Answer {
    let params = [("amount", "2000"), ("currency", "usd"), ("payment_method", method), ("confirm", "true")];
    world.post("/v1/payment_intents", &params).await
}

async fn charge_of(world: &World, intent: &Value) -> Value {
    world.get(&format!("/v1/charges/{}", intent["latest_charge"].as_str().unwrap())).await.body
}

#[tokio::test]
async fn a_declined_payment_is_402_and_leaves_its_trace() {
    let world = World::start().await;
    let refused = paid_with(&world, "pm_card_chargeDeclined").await;
    assert_eq!(refused.status, 402);
    let error = &refused.body["error"];
    assert_eq!(error["type"], "card_error");
    assert_eq!(error["code"], "card_declined");
    assert_eq!(error["decline_code"], "generic_decline");
    assert_eq!(error["payment_intent"]["status"], "requires_payment_method");
    assert_eq!(world.event_types().await, ["payment_intent.created", "charge.failed", "payment_intent.payment_failed"]);
}

#[tokio::test]
async fn a_declined_payment_is_replayed_under_its_key() {
    let world = World::start().await;
    let params =
        [("amount", "2000"), ("currency", "usd"), ("payment_method", "pm_card_chargeDeclined"), ("confirm", "true")];
    let first = world.post_with_key("/v1/payment_intents", "k", &params).await;
    let second = world.post_with_key("/v1/payment_intents", "k", &params).await;
    assert_eq!((first.status, &first.body), (second.status, &second.body));
    assert_eq!(second.headers["idempotent-replayed"], "true");
}

#[tokio::test]
async fn an_intent_is_confirmed_later_or_canceled() {
    let world = World::start().await;
    let params = [("amount", "2000"), ("currency", "usd")];
    let intent = world.made("/v1/payment_intents", &params).await;
    let path = format!("/v1/payment_intents/{}", id(&intent));
    assert_eq!(world.post(&format!("{path}/confirm"), &[]).await.status, 400);
    let paid = world.made(&format!("{path}/confirm"), &[("payment_method", "pm_card_visa")]).await;
    assert_eq!(paid["status"], "succeeded");
    let refused = world.post(&format!("{path}/cancel"), &[]).await;
    assert_eq!(refused.body["error"]["code"], "payment_intent_unexpected_state");
    let other = world.made("/v1/payment_intents", &params).await;
    let canceled = world.made(&format!("/v1/payment_intents/{}/cancel", id(&other)), &[]).await;
    assert_eq!(canceled["status"], "canceled");
}

#[tokio::test]
async fn payment_method_types_are_gone_for_callers_of_this_version() {
    let world = World::start().await;
    let request = world.client.post(world.url("/v1/payment_intents")).header("Stripe-Version", "2026-09-30.endive");
    let params = [("amount", "2000"), ("currency", "usd"), ("payment_method_types[]", "card")];
    let refused = world.send(request.form(&params)).await;
    assert_eq!(refused.status, 400);
    assert_eq!(refused.body["error"]["code"], "payment_method_types_no_longer_supported");
}

#[tokio::test]
async fn half_a_refund_and_the_other_half() {
    let world = World::start().await;
    let intent = paid_with(&world, "pm_card_visa").await.body;
    let params = [("payment_intent", id(&intent)), ("amount", "500".to_owned())];
    let params: Vec<_> = params.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let refund = world.made("/v1/refunds", &params).await;
    assert_eq!((&refund["amount"], &refund["status"]), (&json!(500), &json!("succeeded")));
    let charge = charge_of(&world, &intent).await;
    assert_eq!((&charge["amount_refunded"], &charge["refunded"]), (&json!(500), &json!(false)));
    let too_much = world.post("/v1/refunds", &[("charge", &id(&charge)), ("amount", "1501")]).await;
    assert_eq!(too_much.body["error"]["param"], "amount");
    world.made("/v1/refunds", &[("charge", &id(&charge))]).await;
    assert_eq!(charge_of(&world, &intent).await["refunded"], true);
    let again = world.post("/v1/refunds", &[("charge", &id(&charge))]).await;
    assert_eq!(again.body["error"]["code"], "charge_already_refunded");
    let types = world.event_types().await;
    assert_eq!(types[types.len() - 2..], ["refund.created", "charge.refunded"]);
}

#[tokio::test]
async fn a_refund_that_fails_later_gives_the_money_back_to_the_charge() {
    let world = World::start_with(|config| config.debit_delay = std::time::Duration::from_hours(1)).await;
    let intent = paid_with(&world, "pm_card_refundFail").await.body;
    let refund = world.made("/v1/refunds", &[("payment_intent", &id(&intent))]).await;
    assert_eq!(refund["status"], "succeeded");
    let origin = world.sandbox.base_url();
    let fail = world.client.post(world.url(&format!("/dashboard/refunds/{}/fail", id(&refund))));
    assert_eq!(fail.header("Origin", origin).send().await.unwrap().status(), 303);
    assert_eq!(charge_of(&world, &intent).await["amount_refunded"], 0);
    let types = world.event_types().await;
    assert_eq!(types[types.len() - 3..], ["refund.updated", "charge.refund.updated", "refund.failed"]);
}

#[tokio::test]
async fn a_dispute_is_opened_fought_and_won() {
    let world = World::start().await;
    let intent = paid_with(&world, "pm_card_createDispute").await.body;
    let disputes = world.get(&format!("/v1/disputes?payment_intent={}", id(&intent))).await.body;
    let dispute = &disputes["data"][0];
    assert_eq!(dispute["status"], "needs_response");
    assert_eq!(charge_of(&world, &intent).await["disputed"], true);
    let refused = world.post("/v1/refunds", &[("payment_intent", &id(&intent))]).await;
    assert_eq!(refused.body["error"]["code"], "charge_disputed");
    let path = format!("/v1/disputes/{}", id(dispute));
    let won = world.made(&path, &[("evidence[uncategorized_text]", "winning_evidence")]).await;
    assert_eq!(won["status"], "won");
    let types = world.event_types().await;
    assert_eq!(
        types[types.len() - 5..],
        [
            "charge.dispute.created",
            "charge.dispute.funds_withdrawn",
            "charge.dispute.updated",
            "charge.dispute.funds_reinstated",
            "charge.dispute.closed"
        ]
    );
}

#[tokio::test]
async fn an_inquiry_is_closed() {
    let world = World::start().await;
    let intent = paid_with(&world, "pm_card_createDisputeInquiry").await.body;
    let disputes = world.get(&format!("/v1/disputes?payment_intent={}", id(&intent))).await.body;
    let path = format!("/v1/disputes/{}/close", id(&disputes["data"][0]));
    assert_eq!(world.made(&path, &[]).await["status"], "warning_closed");
    assert_eq!(world.post(&path, &[]).await.status, 400);
}

#[tokio::test]
async fn a_payment_method_is_attached_once_and_detached() {
    let world = World::start().await;
    let (one, other) = (world.made("/v1/customers", &[]).await, world.made("/v1/customers", &[]).await);
    let method = world.made("/v1/payment_methods", &[("type", "card"), ("card[token]", "tok_visa")]).await;
    let path = format!("/v1/payment_methods/{}", id(&method));
    let attached = world.made(&format!("{path}/attach"), &[("customer", &id(&one))]).await;
    assert_eq!(attached["customer"], one["id"]);
    assert_eq!(world.post(&format!("{path}/attach"), &[("customer", &id(&other))]).await.status, 400);
    let list = world.get(&format!("/v1/customers/{}/payment_methods", id(&one))).await.body;
    assert_eq!(list["data"][0]["id"], method["id"]);
    assert_eq!(world.made(&format!("{path}/detach"), &[]).await["customer"], Value::Null);
}
