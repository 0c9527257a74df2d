use serde_json::json;
use settled_domain::ports::{GatewayError, PriceAnswer, StripeGateway};
use time::macros::datetime;
use wiremock::ResponseTemplate;

use crate::double::{DATE, answering, api, error, ok, params, requests, session, session_id, subscription_id};

fn missing(status: u16) -> ResponseTemplate {
    error(status, &json!({ "type": "invalid_request_error", "code": "resource_missing", "param": "id" }))
}

#[tokio::test]
async fn an_answer_is_as_old_as_its_date_says() {
    let server = answering(ok(&session("open"))).await;
    let answer = api(&server).fetch_checkout_session(&session_id()).await.unwrap().unwrap();
    assert_eq!(answer.as_of, datetime!(2026-09-22 14:13:20 UTC));
}

#[tokio::test]
async fn an_answer_without_a_readable_date_is_ambiguous() {
    // Without a header the server would add one.
    let undated = ok(&session("open")).insert_header("date", "yesterday");
    let server = answering(undated).await;
    let answer = api(&server).fetch_checkout_session(&session_id()).await;
    assert!(matches!(answer, Err(GatewayError::Ambiguous(_))));
}

#[tokio::test]
async fn what_stripe_does_not_know_is_none() {
    let server = answering(missing(404)).await;
    let api = api(&server);
    assert_eq!(api.fetch_checkout_session(&session_id()).await.unwrap(), None);
    assert_eq!(api.expire_checkout_session(&session_id()).await.unwrap(), None);
    assert_eq!(api.fetch_subscription(&subscription_id()).await.unwrap(), None);
    assert_eq!(api.find_pay_url(&subscription_id()).await.unwrap(), None);
    assert_eq!(requests(&server).await.len(), 4, "nothing is asked twice");
}

#[tokio::test]
async fn a_404_of_somebody_else_does_not_make_a_session_unknown() {
    let server = answering(ResponseTemplate::new(404).set_body_string("<html>not here</html>")).await;
    let answer = api(&server).fetch_checkout_session(&session_id()).await;
    assert!(matches!(answer, Err(GatewayError::Ambiguous(_))));
}

#[tokio::test]
async fn a_price_that_stripe_does_not_know_is_not_available() {
    for status in [400, 404] {
        let server = answering(missing(status)).await;
        let answer = api(&server).quote_price(&"price_1".parse().unwrap()).await.unwrap();
        assert_eq!(answer, PriceAnswer::NotAvailable);
    }
}

#[tokio::test]
async fn a_session_that_is_not_open_cannot_expire() {
    let refusal = error(
        400,
        &json!({ "type": "invalid_request_error", "message": "Only Checkout Sessions with a status in [\"open\"] can be expired." }),
    );
    let server = answering(refusal).await;
    assert_eq!(api(&server).expire_checkout_session(&session_id()).await.unwrap(), None);
}

#[tokio::test]
async fn an_answer_about_another_object_is_ambiguous() {
    let mut other = session("open");
    other["id"] = json!("cs_test_2");
    let server = answering(ok(&other)).await;
    let answer = api(&server).fetch_checkout_session(&session_id()).await;
    assert!(matches!(answer, Err(GatewayError::Ambiguous(_))));
}

#[tokio::test]
async fn a_success_that_cannot_be_read_is_ambiguous_and_not_sent_again() {
    for body in ["", "{}", "{\"id\":\"cs_te", "<html>", "{\"id\":\"in_1\"}"] {
        let server = answering(ResponseTemplate::new(200).insert_header("date", DATE).set_body_string(body)).await;
        let answer = api(&server).create_checkout_session(&params(), "key-1").await;
        assert!(matches!(answer, Err(GatewayError::Ambiguous(_))), "{body:?}");
        assert_eq!(requests(&server).await.len(), 1);
    }
}

#[tokio::test]
async fn a_created_session_without_a_page_is_still_a_session() {
    let server = answering(ok(&json!({ "id": "cs_test_1", "url": null, "surprise": { "new": [1, 2] } }))).await;
    let opened = api(&server).create_checkout_session(&params(), "key-1").await.unwrap();
    assert_eq!((opened.session_id, opened.url, opened.expires_at), (session_id(), None, None));
}
