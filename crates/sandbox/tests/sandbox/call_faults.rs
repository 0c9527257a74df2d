use std::time::Duration;

use serde_json::{Value, json};

use crate::world::{PRO, Params, Story, World, id};

const CUSTOMERS: &str = "/v1/customers";
const ADA: Params<'static> = &[("name", "Ada")];

/// The first call of this kind goes wrong, and no other.
fn first(call: &str, fault: &str) -> Value {
    json!({ "calls": { "listed": [{ "call": call, "nth": 1, "fault": fault }] } })
}

async fn customers(world: &World) -> usize {
    world.get(CUSTOMERS).await.body["data"].as_array().unwrap().len()
}

/// Sends the call and expects that no whole answer comes.
async fn unanswered(world: &World, key: &str) -> reqwest::Error {
    let call = world.client.post(world.url(CUSTOMERS)).header("Idempotency-Key", key).form(ADA);
    let call = call.bearer_auth(world.sandbox.secret_key()).timeout(Duration::from_secs(2));
    match call.send().await {
        Ok(answer) => answer.bytes().await.unwrap_err(),
        Err(error) => error,
    }
}

#[tokio::test]
async fn too_many_calls_are_429_with_and_without_a_time_to_come_back() {
    for (fault, wait) in [("too_many", None), ("too_many_retry_after", Some("5"))] {
        let Story { world, .. } = Story::under(first("POST /v1/customers", fault)).await;
        let refused = world.post_with_key(CUSTOMERS, "k", ADA).await;
        assert_eq!((refused.status, &refused.body["error"]["code"]), (429, &json!("rate_limit")));
        assert_eq!(refused.headers.get("retry-after").map(|wait| wait.to_str().unwrap()), wait);
        assert_eq!(world.post_with_key(CUSTOMERS, "k", ADA).await.status, 200, "it is not kept under the key");
    }
}

#[tokio::test]
async fn a_500_is_kept_under_its_key_whether_or_not_something_was_done() {
    for (fault, made) in [("failed", 0), ("failed_afterwards", 1)] {
        let Story { world, .. } = Story::under(first("POST /v1/customers", fault)).await;
        for _ in 0..2 {
            assert_eq!(world.post_with_key(CUSTOMERS, "k", ADA).await.status, 500, "{fault}");
        }
        assert_eq!(customers(&world).await, made, "{fault}");
        assert_eq!(world.post_with_key(CUSTOMERS, "another", ADA).await.status, 200, "{fault}");
    }
}

#[tokio::test]
async fn a_bad_gateway_answers_with_a_page_of_html_and_does_nothing() {
    let Story { world, .. } = Story::under(first("POST /v1/customers", "bad_gateway")).await;
    let refused = world.post_with_key(CUSTOMERS, "k", ADA).await;
    assert_eq!((refused.status, refused.body), (502, Value::Null));
    assert!(refused.headers["content-type"].to_str().unwrap().starts_with("text/html"));
    assert_eq!(customers(&world).await, 0);
}

#[tokio::test]
async fn a_cut_a_reset_and_a_silent_answer_have_done_their_work_and_the_key_finds_it() {
    for fault in ["cut", "reset", "silence"] {
        let Story { world, .. } = Story::under(first("POST /v1/customers", fault)).await;
        let error = unanswered(&world, "k").await;
        assert_eq!(error.is_timeout(), fault == "silence", "{error:?}");
        let answer = world.post_with_key(CUSTOMERS, "k", ADA).await;
        assert_eq!(answer.headers["idempotent-replayed"], "true", "{fault}");
        assert_eq!(customers(&world).await, 1, "{fault}");
    }
}

#[tokio::test]
async fn a_lagging_answer_shows_what_was_there_before_the_event_that_was_delivered() {
    let plan = json!({ "calls": {
        "listed": [{ "call": "GET /v1/subscriptions/*", "fault": "lag" }],
        "lag_up_to_s": 1_000_000
    } });
    let mut story = Story::under(plan).await;
    let session = story.buy(PRO).await;
    story.pass(10 * 86_400).await;
    let subscription = story.world.reread(&session, "").await["subscription"].as_str().unwrap().to_owned();
    let path = format!("/v1/subscriptions/{subscription}");
    assert_eq!(story.world.post(&path, &[("cancel_at_period_end", "true")]).await.body["cancel_at_period_end"], true);
    // The lag is drawn anew for each call: it shows one of the states that there were, sooner or later an old one.
    let mut shown = Vec::new();
    for _ in 0..40 {
        shown.push(story.world.get(&path).await.body["cancel_at_period_end"].clone());
    }
    assert!(shown.contains(&json!(false)), "{shown:?}");
}

#[tokio::test]
async fn a_session_that_lags_is_still_open() {
    let plan = json!({ "seed": 2, "calls": {
        "listed": [{ "call": "GET /v1/checkout/sessions/*", "fault": "lag" }], "lag_up_to_s": 1_000_000
    } });
    let story = Story::under(plan).await;
    let session = story.buy(PRO).await;
    let shown = story.world.reread(&session, "").await;
    assert_eq!((&shown["status"], &shown["payment_status"]), (&json!("open"), &json!("unpaid")));
}

#[tokio::test]
async fn who_wants_none_of_it_says_so() {
    let Story { world, .. } = Story::under(json!({ "calls": { "chance": { "bad_gateway": 1.0 } } })).await;
    assert_eq!(world.get(CUSTOMERS).await.status, 502);
    let quiet = world.client.get(world.url(CUSTOMERS)).header("Sandbox-Faults", "off");
    assert_eq!(world.send(quiet).await.status, 200);
    assert_eq!(
        id(&world.send(world.client.post(world.url(CUSTOMERS)).header("Sandbox-Faults", "off")).await.body).len(),
        18
    );
}
