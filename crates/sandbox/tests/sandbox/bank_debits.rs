use std::time::Duration;

use serde_json::Value;

use crate::world::{Endpoint, LIFETIME, PRO, World, id};

const SETTLES: &str = "000123456789";
const CLOSED: &str = "000111111116";

#[tokio::test]
async fn a_debit_completes_the_session_unpaid() {
    let world = World::start().await;
    let session = world.session(LIFETIME).await;
    assert_eq!(world.debit(&session, SETTLES).await.status(), 303);
    let session = world.reread(&session, "?expand[]=payment_intent.latest_charge").await;
    assert_eq!(session["status"], "complete");
    assert_eq!(session["payment_status"], "unpaid");
    assert_eq!(session["payment_intent"]["status"], "processing");
    assert_eq!(session["payment_intent"]["latest_charge"]["status"], "pending");
    assert_eq!(
        world.event_types().await,
        ["payment_intent.created", "charge.pending", "payment_intent.processing", "checkout.session.completed"]
    );
}

#[tokio::test]
async fn a_debit_settles_by_itself() {
    let mut endpoint = Endpoint::answering(200).await;
    let url = endpoint.url.clone();
    let world = World::start_with(|config| {
        config.forward_to = Some(url);
        config.debit_delay = Duration::ZERO;
    })
    .await;
    let session = world.session(LIFETIME).await;
    world.debit(&session, SETTLES).await;
    let delivered = endpoint.next_of("checkout.session.async_payment_succeeded").await;
    assert_eq!(delivered.event["data"]["object"]["payment_status"], "paid");
}

#[tokio::test]
async fn a_closed_account_fails_by_itself() {
    let mut endpoint = Endpoint::answering(200).await;
    let url = endpoint.url.clone();
    let world = World::start_with(|config| {
        config.forward_to = Some(url);
        config.debit_delay = Duration::ZERO;
    })
    .await;
    let session = world.session(LIFETIME).await;
    world.debit(&session, CLOSED).await;
    let delivered = endpoint.next_of("checkout.session.async_payment_failed").await;
    assert_eq!(delivered.event["data"]["object"]["payment_status"], "unpaid");
    let session = world.reread(&session, "?expand[]=payment_intent").await;
    assert_eq!(session["payment_intent"]["last_payment_error"]["code"], "account_closed");
}

#[tokio::test]
async fn a_debit_is_settled_and_failed_on_demand() {
    for (verb, kind) in
        [("settle", "checkout.session.async_payment_succeeded"), ("fail", "checkout.session.async_payment_failed")]
    {
        let world = World::start().await;
        let session = world.session(LIFETIME).await;
        world.debit(&session, SETTLES).await;
        let intent = intent_of(&world, &session).await;
        let path = format!("/sandbox/debits/{intent}/{verb}");
        assert_eq!(world.post(&path, &[]).await.status, 204);
        assert_eq!(world.event_types().await.last().unwrap(), kind);
        assert_eq!(world.post(&path, &[]).await.status, 400, "it ends once");
    }
}

#[tokio::test]
async fn a_subscription_by_debit_is_active_and_past_due_when_the_debit_fails() {
    let world = World::start().await;
    let session = world.session(PRO).await;
    world.debit(&session, SETTLES).await;
    let session = world.reread(&session, "?expand[]=subscription").await;
    assert_eq!(session["payment_status"], "unpaid");
    assert_eq!(session["subscription"]["status"], "active");
    let intents = world.get("/v1/payment_intents").await.body;
    world.post(&format!("/sandbox/debits/{}/fail", id(&intents["data"][0])), &[]).await;
    let types = world.event_types().await;
    assert_eq!(
        types[types.len() - 5..],
        [
            "charge.failed",
            "payment_intent.payment_failed",
            "invoice.payment_failed",
            "customer.subscription.updated",
            "checkout.session.async_payment_failed"
        ]
    );
    let subscription = world.get("/v1/subscriptions").await.body["data"][0].clone();
    assert_eq!(subscription["status"], "past_due");
}

#[tokio::test]
async fn the_payment_of_an_invoice_tells_of_a_debit_what_the_session_does_not() {
    let world = World::start().await;
    let session = world.session(PRO).await;
    world.debit(&session, SETTLES).await;
    let invoice = world.reread(&session, "").await["invoice"].as_str().unwrap().to_owned();
    let path = format!("/v1/invoices/{invoice}?expand[]=payments.data.payment.payment_intent");
    let intent = world.get(&path).await.body["payments"]["data"][0]["payment"]["payment_intent"].clone();
    assert_eq!((&intent["status"], &intent["last_payment_error"]), (&"processing".into(), &Value::Null));
    world.post(&format!("/sandbox/debits/{}/fail", id(&intent)), &[]).await;
    let intent = world.get(&path).await.body["payments"]["data"][0]["payment"]["payment_intent"].clone();
    assert_eq!(intent["status"], "requires_payment_method");
    assert!(intent["last_payment_error"].is_object(), "{intent}");
    let session = world.reread(&session, "").await;
    assert_eq!((&session["status"], &session["payment_status"]), (&"complete".into(), &"unpaid".into()));
}

#[tokio::test]
async fn wrong_account_fields_are_explained() {
    let world = World::start().await;
    let session = world.session(LIFETIME).await;
    let response = world.debit(&session, "12345").await;
    assert_eq!(response.status(), 422);
    let html = response.text().await.unwrap();
    assert!(html.contains("This sandbox takes only the test accounts named above."), "{html}");
    assert!(!html.contains("12345\""), "{html}");
}

#[tokio::test]
async fn a_debit_under_way_survives_a_restart() {
    let world = World::start().await;
    let session = world.session(LIFETIME).await;
    world.debit(&session, SETTLES).await;
    let intent = intent_of(&world, &session).await;
    let world = world.restart_with(|_| {}).await;
    assert_eq!(world.post(&format!("/sandbox/debits/{intent}/settle"), &[]).await.status, 204);
    assert_eq!(world.reread(&session, "").await["payment_status"], "paid");
}

async fn intent_of(world: &World, session: &Value) -> String {
    world.reread(session, "").await["payment_intent"].as_str().unwrap().to_owned()
}
