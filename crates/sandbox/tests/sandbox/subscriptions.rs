use serde_json::{Value, json};

use crate::world::{PAYS, PRO, World};

async fn subscribed() -> (World, String) {
    let world = World::start().await;
    let session = world.session(PRO).await;
    world.pay(&session, PAYS).await;
    let list = world.get("/v1/subscriptions").await.body;
    let id = list["data"][0]["id"].as_str().unwrap().to_owned();
    (world, id)
}

async fn newest_event(world: &World) -> Value {
    world.events().await.remove(0)
}

#[tokio::test]
async fn canceling_ends_a_subscription_once() {
    let (world, id) = subscribed().await;
    let path = format!("/v1/subscriptions/{id}");
    let canceled = world.delete(&path).await;
    assert_eq!(canceled.body["status"], "canceled");
    assert!(canceled.body["ended_at"].is_i64());
    assert_eq!(newest_event(&world).await["type"], "customer.subscription.deleted");
    assert_eq!(world.delete(&path).await.status, 404);
}

#[tokio::test]
async fn a_canceled_subscription_is_listed_only_when_asked_for() {
    let (world, id) = subscribed().await;
    world.delete(&format!("/v1/subscriptions/{id}")).await;
    let list = world.get("/v1/subscriptions").await.body;
    assert_eq!(list["data"], json!([]));
    let list = world.get("/v1/subscriptions?status=all&price=price_pro_monthly").await.body;
    assert_eq!(list["data"][0]["id"], id);
}

#[tokio::test]
async fn canceling_at_the_end_of_the_period_keeps_it_active_and_says_so() {
    let (world, id) = subscribed().await;
    let path = format!("/v1/subscriptions/{id}");
    let updated = world.post(&path, &[("cancel_at_period_end", "true")]).await.body;
    assert_eq!(updated["status"], "active");
    assert_eq!(updated["cancel_at"], updated["items"]["data"][0]["current_period_end"]);
    let event = newest_event(&world).await;
    assert_eq!(event["type"], "customer.subscription.updated");
    assert_eq!(event["data"]["previous_attributes"]["cancel_at_period_end"], false);
}

#[tokio::test]
async fn metadata_is_merged() {
    let (world, id) = subscribed().await;
    let path = format!("/v1/subscriptions/{id}");
    let updated = world.post(&path, &[("metadata[plan]", "x")]).await.body;
    assert_eq!(updated["metadata"], json!({"payment_id": "p1", "plan": "x"}));
    let event = newest_event(&world).await;
    let before = &event["data"]["previous_attributes"];
    assert_eq!(*before, json!({"metadata": {"plan": null}}));
}

#[tokio::test]
async fn an_update_that_changes_nothing_sends_nothing() {
    let (world, id) = subscribed().await;
    let before = world.events().await.len();
    let path = format!("/v1/subscriptions/{id}");
    world.post(&path, &[("cancel_at_period_end", "false")]).await;
    assert_eq!(world.events().await.len(), before);
}

#[tokio::test]
async fn a_paid_invoice_has_a_page() {
    let (world, id) = subscribed().await;
    let invoices = world.get(&format!("/v1/invoices?subscription={id}")).await.body;
    let url = invoices["data"][0]["hosted_invoice_url"].as_str().unwrap();
    let page = world.client.get(url).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("$49.00"), "{page}");
}
