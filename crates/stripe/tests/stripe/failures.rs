use serde_json::json;
use settled_domain::ids::UserId;
use settled_domain::ports::{GatewayError, Refusal, StripeGateway};
use time::Duration;
use wiremock::ResponseTemplate;

use crate::double::{answering, answering_in_turn, api, error, ok, params, requests, session_id};

async fn create(answer: ResponseTemplate) -> (GatewayError, usize) {
    let server = answering(answer).await;
    let error = api(&server).create_checkout_session(&params(), "key-1").await.unwrap_err();
    (error, requests(&server).await.len())
}

#[tokio::test]
async fn a_revoked_key_fails_at_once() {
    for status in [401, 403] {
        let (said, attempts) = create(error(status, &json!({ "type": "invalid_request_error" }))).await;
        assert!(matches!(said, GatewayError::Unauthorized { status: it } if it == status));
        assert_eq!(attempts, 1);
    }
}

#[tokio::test]
async fn a_refusal_keeps_what_helps_to_find_its_cause() {
    let refusal = json!({
        "type": "invalid_request_error", "code": "parameter_missing", "param": "line_items[0][price]",
        "message": "zoe@example.com did something wrong",
    });
    let (said, attempts) = create(error(400, &refusal)).await;
    let GatewayError::Refused(refusal) = said else { panic!("{said:?}") };
    let expected = Refusal {
        status: 400,
        code: Some("parameter_missing".into()),
        param: Some("line_items[0][price]".into()),
        request_id: Some("req_1".into()),
    };
    assert_eq!((refusal, attempts), (expected, 1));
}

#[tokio::test]
async fn a_failure_of_stripes_spends_the_key() {
    let (said, attempts) = create(error(500, &json!({ "type": "api_error" }))).await;
    assert!(matches!(said, GatewayError::KeySpent { status: 500 }));
    assert_eq!(attempts, 1, "stripe would only repeat it");
}

#[tokio::test]
async fn a_key_that_was_used_for_something_else_is_spent() {
    let (said, attempts) = create(error(400, &json!({ "type": "idempotency_error" }))).await;
    assert!(matches!(said, GatewayError::KeySpent { status: 400 }));
    assert_eq!(attempts, 1);
}

#[tokio::test]
async fn a_failure_of_stripes_on_a_question_is_ambiguous() {
    let server = answering(error(500, &json!({ "type": "api_error" }))).await;
    let answer = api(&server).fetch_checkout_session(&session_id()).await;
    assert!(matches!(answer, Err(GatewayError::Ambiguous(_))));
    assert_eq!(requests(&server).await.len(), 3);
}

#[tokio::test]
async fn whatever_comes_from_in_between_is_ambiguous() {
    let page = "<html>bad gateway</html>";
    for (status, expected) in [(301, 1), (307, 1), (400, 1), (404, 1), (502, 3), (503, 3), (504, 3), (520, 3)] {
        let (said, attempts) = create(ResponseTemplate::new(status).set_body_string(page)).await;
        assert!(matches!(said, GatewayError::Ambiguous(_)), "{status}: {said:?}");
        assert_eq!(attempts, expected, "{status}");
    }
}

#[tokio::test]
async fn a_call_that_is_in_progress_elsewhere_is_ambiguous() {
    let (said, attempts) =
        create(error(409, &json!({ "type": "idempotency_error", "code": "idempotency_key_in_use" }))).await;
    assert!(matches!(said, GatewayError::Ambiguous(_)));
    assert_eq!(attempts, 3);
}

#[tokio::test]
async fn too_many_calls_are_said_to_be_so_with_the_wait_that_stripe_asks_for() {
    let limited = error(429, &json!({ "type": "invalid_request_error", "code": "rate_limit" }));
    let (said, attempts) = create(limited.clone()).await;
    assert!(matches!(said, GatewayError::RateLimited { retry_after: None }));
    assert_eq!(attempts, 3);

    let (said, attempts) = create(limited.insert_header("retry-after", "7")).await;
    assert_eq!(said.retry_after(), Some(Duration::seconds(7)));
    assert_eq!(attempts, 1, "longer than we wait ourselves");
}

#[tokio::test]
async fn a_customers_spent_key_is_followed_by_the_next_one() {
    let failed = error(500, &json!({ "type": "api_error" }));
    let server = answering_in_turn(vec![failed, ok(&json!({ "id": "cus_2" }))]).await;
    let key = "0198d2c0-5f5b-7c3e-9b1a-2f6f1d1c9a11".parse().unwrap();
    let customer = api(&server).find_or_create_customer(key, &UserId::new("user-1").unwrap()).await.unwrap();
    assert_eq!(customer.as_str(), "cus_2");
    let keys: Vec<_> = requests(&server).await.iter().map(|it| it.headers["idempotency-key"].clone()).collect();
    assert_eq!(keys, [format!("customer-{key}"), format!("customer-{key}-1")]);
}

#[tokio::test]
async fn a_customer_that_stripe_cannot_make_is_given_up() {
    let server = answering(error(500, &json!({ "type": "api_error" }))).await;
    let key = "0198d2c0-5f5b-7c3e-9b1a-2f6f1d1c9a11".parse().unwrap();
    let answer = api(&server).find_or_create_customer(key, &UserId::new("user-1").unwrap()).await;
    assert!(matches!(answer, Err(GatewayError::KeySpent { status: 500 })));
    assert_eq!(requests(&server).await.len(), 3);
}
