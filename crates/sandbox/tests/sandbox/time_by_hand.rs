use serde_json::json;

use crate::world::{LIFETIME, PRO, START, Story, kind};

const DAY: i64 = 86_400;

#[tokio::test]
async fn nothing_is_delivered_until_the_clock_is_told_to_go_on() {
    let mut story = Story::under(json!({})).await;
    story.buy(LIFETIME).await;
    assert!(story.endpoint.waiting().is_empty());
    assert_eq!(story.world.sandbox.next_due().await, Some(START));
    let delivered: Vec<_> = story.pass(0).await.iter().map(|delivered| kind(&delivered.event)).collect();
    assert_eq!(delivered, story.world.event_types().await);
    assert_eq!(delivered.last().unwrap(), "checkout.session.completed");
}

#[tokio::test]
async fn a_month_passes_in_a_moment_and_the_subscription_renews_in_it() {
    let mut story = Story::under(json!({})).await;
    story.buy(PRO).await;
    story.pass(0).await;
    let renewal = story.pass(32 * DAY).await;
    let paid = renewal.iter().find(|delivered| kind(&delivered.event) == "invoice.paid").unwrap();
    let created = paid.event["created"].as_i64().unwrap();
    assert!((START + 28 * DAY..START + 32 * DAY).contains(&created), "{created}");
    // It was posted and signed in its own second.
    let signed = paid.headers["stripe-signature"].to_str().unwrap();
    assert!(signed.starts_with(&format!("t={created},")), "{signed}");
}

#[tokio::test]
async fn what_is_not_answered_is_sent_again_for_three_days_and_no_longer() {
    let plan = json!({ "deliveries": { "retry_up_to_s": 6 * 3_600 } });
    let mut story = Story::answering(500, plan).await;
    story.world.post("/v1/customers", &[]).await;
    let attempts = story.pass(3 * DAY).await.len();
    assert!(attempts > 15, "{attempts}");
    story.pass(DAY).await;
    assert!(story.pass(30 * DAY).await.is_empty());
    assert_eq!(story.world.get("/sandbox/truth").await.body["events"][0]["delivery"], "abandoned");
}

#[tokio::test]
async fn the_same_seed_tells_the_same_story_to_the_last_id() {
    let plan = json!({ "seed": 11, "deliveries": { "chance": {
        "drop": 0.2, "duplicate": 0.3, "shuffle": 0.5, "delay": 0.2, "twin": 0.2
    } } });
    let tell = async || {
        let mut story = Story::under(plan.clone()).await;
        story.buy(PRO).await;
        story.buy(LIFETIME).await;
        let heard = story.pass(40 * DAY).await;
        heard.iter().map(|delivered| delivered.event["id"].clone()).collect::<Vec<_>>()
    };
    let first = tell().await;
    assert!(first.len() > 10);
    assert_eq!(first, tell().await);
}

#[tokio::test]
async fn a_sandbox_that_starts_again_does_not_give_the_same_ids_again() {
    let story = Story::under(json!({ "seed": 5 })).await;
    story.world.post("/v1/customers", &[]).await;
    let clock = story.clock.clone();
    let world = story.world.restart_with(|config| {
        config.clock = Some(clock);
        config.faults = Some(serde_json::from_value(json!({ "seed": 5 })).unwrap());
    });
    let world = world.await;
    world.post("/v1/customers", &[]).await;
    let customers = world.get("/v1/customers").await.body;
    assert_eq!(customers["data"].as_array().unwrap().len(), 2);
}
