use serde_json::{Value, json};

use crate::world::{DECLINED, LIFETIME, PAYS, PRO, World};

#[tokio::test]
async fn a_new_session_is_open_and_says_where_to_pay() {
    let world = World::start().await;
    let session = world.session(PRO).await;
    assert_eq!(session["status"], "open");
    assert_eq!(session["payment_status"], "unpaid");
    assert_eq!(session["amount_total"], 4_900);
    assert_eq!(session["metadata"], json!({"payment_id": "p1"}));
    let id = session["id"].as_str().unwrap();
    assert_eq!(session["url"], world.url(&format!("/c/pay/{id}")));
}

#[tokio::test]
async fn paying_leads_to_the_success_url_with_the_session_in_it() {
    let world = World::start().await;
    let session = world.session(LIFETIME).await;
    let response = world.pay(&session, PAYS).await;
    assert_eq!(response.status(), 303);
    let id = session["id"].as_str().unwrap();
    assert_eq!(response.headers()["location"], format!("http://127.0.0.1:3000/success?session_id={id}"));
}

#[tokio::test]
async fn a_one_time_purchase_ends_complete_with_a_succeeded_payment_intent() {
    let world = World::start().await;
    let session = world.session(LIFETIME).await;
    world.pay(&session, PAYS).await;
    let session = reread(&world, &session, "?expand[]=payment_intent.latest_charge").await;
    assert_eq!(session["status"], "complete");
    assert_eq!(session["payment_status"], "paid");
    assert_eq!(session["url"], Value::Null);
    assert_eq!(session["customer_details"]["email"], "ada@example.com");
    let intent = &session["payment_intent"];
    assert_eq!(intent["status"], "succeeded");
    assert_eq!(intent["amount_received"], 19_900);
    assert_eq!(intent["metadata"], json!({"payment_id": "p2"}));
    assert_eq!(intent["latest_charge"]["paid"], true);
}

#[tokio::test]
async fn a_one_time_purchase_sends_stripes_events_in_their_order() {
    let world = World::start().await;
    let session = world.session(LIFETIME).await;
    world.pay(&session, PAYS).await;
    assert_eq!(
        world.event_types().await,
        ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded", "checkout.session.completed",]
    );
}

#[tokio::test]
async fn a_subscription_is_active_and_its_invoice_paid() {
    let world = World::start().await;
    let session = world.session(PRO).await;
    world.pay(&session, PAYS).await;
    let session = reread(&world, &session, "?expand[]=subscription.latest_invoice.payments").await;
    let subscription = &session["subscription"];
    assert_eq!(subscription["status"], "active");
    assert_eq!(subscription["metadata"], json!({"payment_id": "p1"}));
    assert_eq!(subscription["customer"], session["customer"]);
    let item = &subscription["items"]["data"][0];
    assert_eq!(item["price"]["id"], "price_pro_monthly");
    let days = item["current_period_end"].as_i64().unwrap() - item["current_period_start"].as_i64().unwrap();
    assert!((28 * 86_400..=31 * 86_400).contains(&days));
    assert_eq!(subscription.get("current_period_end"), None);
    let invoice = &subscription["latest_invoice"];
    assert_eq!(invoice["status"], "paid");
    assert_eq!(invoice["id"], session["invoice"]);
    assert_eq!(invoice["payments"]["data"][0]["status"], "paid");
}

#[tokio::test]
async fn a_subscription_sends_stripes_events_in_their_order() {
    let world = World::start().await;
    let session = world.session(PRO).await;
    world.pay(&session, PAYS).await;
    assert_eq!(
        world.event_types().await,
        [
            "customer.created",
            "payment_method.attached",
            "customer.subscription.created",
            "invoice.created",
            "invoice.finalized",
            "payment_intent.created",
            "charge.succeeded",
            "payment_intent.succeeded",
            "invoice.paid",
            "invoice.payment_succeeded",
            "customer.subscription.updated",
            "checkout.session.completed",
        ]
    );
}

#[tokio::test]
async fn a_subscription_is_created_incomplete_and_updated_to_active_in_one_second() {
    let world = World::start().await;
    let session = world.session(PRO).await;
    world.pay(&session, PAYS).await;
    let events = world.events().await;
    let find = |kind: &str| events.iter().find(|event| event["type"] == kind).unwrap();
    let created = find("customer.subscription.created");
    let updated = find("customer.subscription.updated");
    assert_eq!(created["data"]["object"]["status"], "incomplete");
    assert_eq!(updated["data"]["object"]["status"], "active");
    assert_eq!(updated["data"]["previous_attributes"]["status"], "incomplete");
    assert_eq!(created["created"], updated["created"]);
}

#[tokio::test]
async fn a_customer_that_was_named_is_the_one_who_subscribes() {
    let world = World::start().await;
    let customer = world.post("/v1/customers", &[("email", "bob@example.com")]).await.body;
    let id = customer["id"].as_str().unwrap();
    let params = [PRO, &[("customer", id)]].concat();
    let session = world.session(&params).await;
    assert_eq!(session["customer_details"]["email"], "bob@example.com");
    world.pay(&session, PAYS).await;
    let session = reread(&world, &session, "").await;
    assert_eq!(session["customer"], id);
    assert_eq!(world.event_types().await.iter().filter(|kind| *kind == "customer.created").count(), 1);
}

#[tokio::test]
async fn a_customer_without_an_email_gets_the_one_that_was_entered() {
    let world = World::start().await;
    let customer = world.post("/v1/customers", &[]).await.body;
    let id = customer["id"].as_str().unwrap();
    let session = world.session(&[LIFETIME, &[("customer", id)]].concat()).await;
    assert_eq!(session["customer_details"], Value::Null);
    world.pay(&session, PAYS).await;
    let customer = world.get(&format!("/v1/customers/{id}")).await.body;
    assert_eq!(customer["email"], "ada@example.com");
    assert_eq!(world.event_types().await[1], "customer.updated");
}

#[tokio::test]
async fn a_declined_card_leaves_the_session_open_and_another_card_pays_it() {
    let world = World::start().await;
    let session = world.session(LIFETIME).await;
    let response = world.pay(&session, DECLINED).await;
    assert_eq!(response.status(), 402);
    assert!(response.text().await.unwrap().contains("Your card was declined."));
    assert_eq!(reread(&world, &session, "").await["status"], "open");

    assert_eq!(world.pay(&session, PAYS).await.status(), 303);
    assert_eq!(
        world.event_types().await,
        [
            "payment_intent.created",
            "charge.failed",
            "payment_intent.payment_failed",
            "charge.succeeded",
            "payment_intent.succeeded",
            "checkout.session.completed",
        ]
    );
}

#[tokio::test]
async fn a_declined_subscription_leaves_nothing_behind() {
    let world = World::start().await;
    let session = world.session(PRO).await;
    world.pay(&session, DECLINED).await;
    assert_eq!(world.event_types().await, [""; 0]);
    let subscriptions = world.get("/v1/subscriptions?status=all").await.body;
    assert_eq!(subscriptions["data"], json!([]));
}

#[tokio::test]
async fn pressing_pay_twice_charges_once_and_leads_to_the_same_place() {
    let world = World::start().await;
    let session = world.session(LIFETIME).await;
    let (one, other) = tokio::join!(world.pay(&session, PAYS), world.pay(&session, PAYS));
    assert_eq!(one.headers()["location"], other.headers()["location"]);
    let charges = world.get("/v1/charges").await.body;
    assert_eq!(charges["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn an_expired_session_cannot_be_paid_or_expired_again() {
    let world = World::start().await;
    let session = world.session(LIFETIME).await;
    let path = format!("/v1/checkout/sessions/{}/expire", session["id"].as_str().unwrap());
    let expired = world.post(&path, &[]).await;
    assert_eq!(expired.body["status"], "expired");
    assert_eq!(expired.body["url"], Value::Null);
    assert_eq!(world.event_types().await, ["checkout.session.expired"]);
    assert_eq!(world.pay(&session, PAYS).await.status(), 410);
    assert_eq!(world.post(&path, &[]).await.status, 400);
}

async fn reread(world: &World, session: &Value, query: &str) -> Value {
    let id = session["id"].as_str().unwrap();
    let answer = world.get(&format!("/v1/checkout/sessions/{id}{query}")).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body
}
