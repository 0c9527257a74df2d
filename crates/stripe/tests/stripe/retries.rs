use serde_json::json;
use settled_domain::ports::{GatewayError, StripeGateway};
use wiremock::ResponseTemplate;

use crate::double::{answering, answering_in_turn, api, error, ok, params, requests, session, session_id};

fn unavailable() -> ResponseTemplate {
    ResponseTemplate::new(503)
}

#[tokio::test]
async fn every_attempt_has_the_same_key_and_the_same_body() {
    let server = answering_in_turn(vec![unavailable(), unavailable(), ok(&session("open"))]).await;
    api(&server).create_checkout_session(&params(), "key-1").await.unwrap();
    let sent = requests(&server).await;
    assert_eq!(sent.len(), 3);
    assert!(sent.iter().all(|it| it.headers["idempotency-key"] == "key-1" && it.body == sent[0].body));
    assert!(!sent[0].body.is_empty());
}

#[tokio::test]
async fn a_call_that_is_repeated_later_is_the_same_call() {
    let server = answering(ok(&session("open"))).await;
    let (first, second) = (api(&server), api(&server));
    first.create_checkout_session(&params(), "key-1").await.unwrap();
    second.create_checkout_session(&params(), "key-1").await.unwrap();
    let sent = requests(&server).await;
    assert_eq!(sent[0].body, sent[1].body);
}

#[tokio::test]
async fn what_passes_is_tried_again() {
    let in_progress = error(409, &json!({ "type": "idempotency_error", "code": "idempotency_key_in_use" }));
    let limited = error(429, &json!({ "type": "invalid_request_error", "code": "lock_timeout" }));
    for failure in [in_progress, limited.clone().insert_header("retry-after", "0"), limited, unavailable()] {
        let server = answering_in_turn(vec![failure, ok(&session("open"))]).await;
        api(&server).create_checkout_session(&params(), "key-1").await.unwrap();
        assert_eq!(requests(&server).await.len(), 2);
    }
}

#[tokio::test]
async fn whoever_asks_for_more_patience_than_we_have_is_not_asked_again() {
    for status in [409, 429, 503] {
        let server = answering(ResponseTemplate::new(status).insert_header("retry-after", "1")).await;
        api(&server).create_checkout_session(&params(), "key-1").await.unwrap_err();
        assert_eq!(requests(&server).await.len(), 1, "{status}");
    }
}

#[tokio::test]
async fn a_question_is_tried_again_after_a_500() {
    let server = answering_in_turn(vec![error(500, &json!({})), ok(&session("open"))]).await;
    assert!(api(&server).fetch_checkout_session(&session_id()).await.unwrap().is_some());
}

#[tokio::test]
async fn stripe_can_forbid_another_attempt() {
    for status in [409, 429, 503] {
        let server = answering(error(status, &json!({})).insert_header("stripe-should-retry", "false")).await;
        api(&server).create_checkout_session(&params(), "key-1").await.unwrap_err();
        assert_eq!(requests(&server).await.len(), 1, "{status}");
    }
}

#[tokio::test]
async fn stripe_can_ask_for_another_attempt() {
    let failed = error(500, &json!({ "type": "api_error" })).insert_header("stripe-should-retry", "true");
    let server = answering_in_turn(vec![failed, ok(&session("open"))]).await;
    api(&server).create_checkout_session(&params(), "key-1").await.unwrap();
    assert_eq!(requests(&server).await.len(), 2);
}

#[tokio::test]
async fn there_is_an_end_to_it() {
    let server = answering(unavailable()).await;
    let answer = api(&server).create_checkout_session(&params(), "key-1").await;
    assert!(matches!(answer, Err(GatewayError::Ambiguous(_))));
    assert_eq!(requests(&server).await.len(), 3);
}
