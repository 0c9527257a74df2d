use serde_json::{Value, json};

use crate::world::{LIFETIME, PRO, Story, World};

async fn truth(world: &World) -> Value {
    world.get("/sandbox/truth").await.body
}

#[tokio::test]
async fn the_truth_tells_what_a_mirror_must_hold_in_the_end() {
    let mut story = Story::under(json!({})).await;
    story.buy(PRO).await;
    let session = story.buy(LIFETIME).await;
    story.world.session(LIFETIME).await;
    let intent = story.world.reread(&session, "").await["payment_intent"].as_str().unwrap().to_owned();
    story.world.made("/v1/refunds", &[("payment_intent", &intent), ("amount", "500")]).await;
    story.pass(2 * 86_400).await;
    let truth = truth(&story.world).await;
    let outcomes: Vec<_> = truth["sessions"].as_array().unwrap().iter().map(|row| &row["outcome"]).collect();
    assert_eq!(outcomes, ["paid", "paid", "expired"]);
    assert_eq!(truth["subscriptions"][0]["status"], "active");
    assert_eq!(truth["invoices"][0]["subscription"], truth["subscriptions"][0]["id"]);
    assert_eq!((&truth["refunds"][0]["status"], &truth["refunds"][0]["amount"]), (&json!("succeeded"), &json!(500)));
    assert_eq!(truth["disputes"], json!([]));
}

#[tokio::test]
async fn a_debit_that_failed_is_a_purchase_that_failed() {
    let mut story = Story::under(json!({})).await;
    let session = story.world.session(LIFETIME).await;
    story.world.debit(&session, "000111111116").await;
    assert_eq!(truth(&story.world).await["sessions"][0]["outcome"], "processing");
    story.pass(60).await;
    assert_eq!(truth(&story.world).await["sessions"][0]["outcome"], "failed");
}

#[tokio::test]
async fn a_dispute_and_a_failed_refund_can_be_ordered() {
    let story = Story::under(json!({})).await;
    for _ in 0..2 {
        story.buy(LIFETIME).await;
    }
    let charges = story.world.get("/v1/charges").await.body["data"].clone();
    let [refunded, disputed] = [0, 1].map(|place| charges[place]["id"].as_str().unwrap());
    assert_eq!(story.world.post(&format!("/sandbox/charges/{disputed}/dispute"), &[]).await.status, 204);
    let refund = story.world.made("/v1/refunds", &[("charge", refunded)]).await;
    let refund = refund["id"].as_str().unwrap();
    assert_eq!(story.world.post(&format!("/sandbox/refunds/{refund}/fail"), &[]).await.status, 204);
    let truth = truth(&story.world).await;
    assert_eq!(truth["disputes"][0]["charge"], disputed);
    assert_eq!(truth["refunds"][0]["status"], "failed");
}

#[tokio::test]
async fn the_truth_is_for_holders_of_the_key() {
    let story = Story::under(json!({})).await;
    let stranger = story.world.client.get(story.world.url("/sandbox/truth")).send().await.unwrap();
    assert_eq!(stranger.status(), 401);
}
